//! Records with their ids resolved to indices and their figures to the units of the projection.

use super::{Assets, Locate};
use crate::asset::{EscalatorKind, Lease, Loan, RenewalRent, RentTerms, Site, SitesFile, Tenure, rent_steps};
use crate::error::{Error, Problems};
use crate::money::{Currency, Money};
use crate::ratio::Ratio;
use crate::time::{Date, Month};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::HashMap;

/// A site as the projection sees it. Amounts are minor units in `f64`: they enter cash along a model path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SiteTerms {
    pub market: usize,
    /// kW ready, by first whole month, running totals.
    pub ready_kw: Vec<(u32, f64)>,
    pub total_kw: f64,
    pub pue: f64,
    pub opex_per_kw_month: f64,
    pub tax_per_month: f64,
    pub ground_rent_per_month: f64,
    pub power_per_kwh: f64,
    pub cost_inflation: f64,
    pub cap_rate: f64,
    pub market_rent_per_kw: f64,
    pub appraised_value: Option<f64>,
    /// Power per rack that its halls supply, in kW.
    pub hall_density_kw: Option<f64>,
}

/// A lease as the projection sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LeaseTerms {
    pub tenant: usize,
    pub site: usize,
    pub guarantor: Option<usize>,
    pub rent: RentTerms,
    pub kw: f64,
    pub space_mw: i64,
    pub load_mw: i64,
    pub opex_share: f64,
    pub power_share: f64,
    /// Growth of the rent on an anniversary, for rents that no longer follow the tape.
    pub escalator: Escalator,
    pub options: u32,
    pub option_months: u32,
    pub notice_months: u32,
    pub renewal_rent: RenewalRent,
    pub renewal_factor: f64,
    pub early: Option<EarlyTermination>,
    pub guaranteed_value: Option<GuaranteedValue>,
    /// Deposit and letter of credit.
    pub security: i64,
    /// From when a valuation counts the lease: at once if its space is free, else from its first month.
    pub signed_from: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Escalator {
    Fixed(f64),
    Cpi { floor: f64, cap: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EarlyTermination {
    /// The month of the last day.
    pub month: u32,
    /// Days of that month after the last day, over its days.
    pub unused: (u32, u32),
    pub fee: i64,
    pub fee_months: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GuaranteedValue {
    /// Amount from each month on; before the first, the first.
    pub amounts: Vec<(u32, i64)>,
    pub cap: i64,
}

impl GuaranteedValue {
    pub fn at(&self, month: u32) -> i64 {
        let after = self.amounts.partition_point(|&(from, _)| from <= month);
        self.amounts.get(after.saturating_sub(1)).map_or(0, |&(_, amount)| amount)
    }
}

/// A loan as the projection sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoanTerms {
    /// The obligor, an index among the tenants.
    pub obligor: usize,
    /// Balance at the cut-off date.
    pub balance: i64,
    /// Months from one payment to the next, and from the cut-off date to the first.
    pub months_apart: u32,
    pub recovery_rate: Ratio,
    pub recovery_lag_months: u32,
}

/// Resolves loans that passed the checks.
pub(super) fn loan_terms(currency: Currency, assets: &Assets) -> Vec<LoanTerms> {
    let tenants = tenant_indices(assets);
    let terms = |loan: &Loan| LoanTerms {
        obligor: tenants.get(loan.obligor.as_str()).copied().unwrap_or(0),
        balance: currency.money(loan.balance).map_or(0, Money::minor),
        months_apart: loan.payment_frequency.months() as u32,
        recovery_rate: loan.recovery_rate.and_then(Ratio::from_decimal).unwrap_or(Ratio::ZERO),
        recovery_lag_months: loan.recovery_lag_months.unwrap_or(0),
    };
    assets.loans.iter().map(terms).collect()
}

fn tenant_indices(assets: &Assets) -> HashMap<&str, usize> {
    assets.tenants.tenants.iter().enumerate().map(|(i, tenant)| (tenant.id.as_str(), i)).collect()
}

/// Resolves records that passed the checks.
pub(super) fn resolve(
    currency: Currency,
    cut_off: Date,
    first_month: Month,
    assets: &Assets,
    places: &dyn Locate,
) -> Result<(Vec<SiteTerms>, Vec<LeaseTerms>), Error> {
    let minor = currency.minor_per_major() as f64;
    let sites = site_terms(&assets.sites, first_month, minor);
    let tenants = tenant_indices(assets);
    let site_index: HashMap<&str, usize> =
        assets.sites.sites.iter().enumerate().map(|(i, site)| (site.id.as_str(), i)).collect();
    let month_of = |date: Date| (Month::of(date) - first_month).max(0) as u32;
    let cents = |amount: Option<Decimal>| amount.and_then(|a| currency.money(a)).map(Money::minor);
    let signed_from = signed_from(assets, first_month, &site_index);
    let mut problems = Problems::new();
    let mut leases = Vec::with_capacity(assets.leases.len());
    for (i, lease) in assets.leases.iter().enumerate() {
        let Some(rent) = rent_steps(lease, cut_off, first_month, currency) else {
            problems.push(places.problem(
                &format!("leases[{i}].rent_usd_per_kw_month"),
                lease.rent_usd_per_kw_month.to_string(),
                "a monthly rent that stays within ten trillion through all terms".to_owned(),
            ));
            continue;
        };
        let tenant = tenants.get(lease.tenant.as_str()).copied().unwrap_or(0);
        let own = lease.guarantor.as_deref();
        let inherited = assets.tenants.tenants.get(tenant).and_then(|t| t.guarantor.as_deref());
        let escalator = match lease.escalator {
            EscalatorKind::None => Escalator::Fixed(0.0),
            EscalatorKind::Fixed => Escalator::Fixed(model(lease.escalator_rate)),
            EscalatorKind::Cpi => Escalator::Cpi {
                floor: model(lease.cpi_floor),
                cap: lease.cpi_cap.map_or(f64::INFINITY, |cap| model(Some(cap))),
            },
        };
        let early = lease.early_termination_date.map(|date| EarlyTermination {
            month: month_of(date),
            unused: ((Month::of(date).last_day() - date).num_days() as u32, Month::of(date).days()),
            fee: cents(lease.termination_fee).unwrap_or(0),
            fee_months: model(lease.termination_fee_months),
        });
        let amounts: Vec<(u32, i64)> = match &lease.rvg_schedule {
            Some(schedule) => schedule
                .steps()
                .iter()
                .map(|&(date, amount)| (month_of(date), cents(Some(amount)).unwrap_or(0)))
                .collect(),
            None => lease.rvg_amount.iter().map(|&a| (0, cents(Some(a)).unwrap_or(0))).collect(),
        };
        let guaranteed_value = (!amounts.is_empty())
            .then(|| GuaranteedValue { amounts, cap: cents(lease.rvg_cap).unwrap_or(i64::MAX) });
        let space = lease.kw * Decimal::from(1_000_000);
        leases.push(LeaseTerms {
            tenant,
            site: site_index.get(lease.site.as_str()).copied().unwrap_or(0),
            guarantor: own.or(inherited).and_then(|id| tenants.get(id).copied()),
            rent,
            kw: model(Some(lease.kw)),
            space_mw: space.round().to_i64().unwrap_or(0),
            load_mw: (space * lease.load()).round().to_i64().unwrap_or(0),
            opex_share: model(Some(lease.opex_share())),
            power_share: model(Some(lease.power_share())),
            escalator,
            options: lease.renewal_options.unwrap_or(0),
            option_months: lease.renewal_months.unwrap_or(0),
            notice_months: lease.renewal_notice_months.unwrap_or(0),
            renewal_rent: lease.renewal_rent,
            renewal_factor: lease.renewal_rent_factor.map_or(1.0, |f| model(Some(f))),
            early,
            guaranteed_value,
            security: cents(lease.security_deposit).unwrap_or(0) + cents(lease.letter_of_credit).unwrap_or(0),
            signed_from: signed_from[i],
        });
    }
    problems.or((sites, leases))
}

/// A valuation counts a signed lease before it begins, unless its space is still let to another: then
/// the same kW would count twice. Earlier commencements come first, whatever the order of the tape.
fn signed_from(assets: &Assets, first_month: Month, site_index: &HashMap<&str, usize>) -> Vec<u32> {
    let index = |lease: &Lease| site_index.get(lease.site.as_str()).copied().unwrap_or(0);
    let capacity = |site: &Site| site.phases.iter().map(|phase| phase.kw).sum::<Decimal>();
    let mut spare: Vec<Decimal> = assets.sites.sites.iter().map(capacity).collect();
    let first_day = first_month.first_day();
    let mut order: Vec<usize> = (0..assets.leases.len()).collect();
    order.sort_by_key(|&i| {
        let lease = &assets.leases[i];
        (lease.commencement.max(first_day), lease.kw, &lease.lease_id)
    });
    let mut from = vec![0; assets.leases.len()];
    for i in order {
        let lease = &assets.leases[i];
        let Some(spare) = spare.get_mut(index(lease)) else { continue };
        if lease.commencement <= first_day || lease.kw <= *spare {
            *spare -= lease.kw;
        } else {
            from[i] = (Month::of(lease.commencement) - first_month).max(0) as u32;
        }
    }
    from
}

fn site_terms(file: &SitesFile, first_month: Month, minor: f64) -> Vec<SiteTerms> {
    let terms = |site: &Site| {
        let market = file.markets.iter().position(|market| market.id == site.market).unwrap_or(0);
        let market_rent = site
            .market_rent_usd_per_kw_month
            .or(file.markets.get(market).map(|m| m.market_rent_usd_per_kw_month));
        let mut phases: Vec<(u32, f64)> = site
            .phases
            .iter()
            .map(|phase| {
                let whole = super::first_collected_month(phase.commencement);
                ((whole - first_month).max(0) as u32, model(Some(phase.kw)))
            })
            .collect();
        phases.sort_by_key(|&(month, _)| month);
        let mut total = 0.0;
        for (_, kw) in &mut phases {
            total += *kw;
            *kw = total;
        }
        SiteTerms {
            market,
            ready_kw: phases,
            total_kw: total,
            pue: model(Some(site.pue)),
            opex_per_kw_month: minor * model(Some(site.opex_usd_per_kw_month)),
            tax_per_month: minor * model(Some(site.property_tax_per_year)) / 12.0,
            ground_rent_per_month: minor * model(Some(site.ground_rent_per_year)) / 12.0,
            power_per_kwh: minor * model(Some(site.power_price_usd_per_kwh)),
            cost_inflation: model(Some(site.cost_inflation)),
            cap_rate: model(Some(site.cap_rate)),
            market_rent_per_kw: minor * model(market_rent),
            hall_density_kw: site.hall_density_kw_per_rack.map(|density| model(Some(density))),
            appraised_value: match (site.appraised_value, site.tenure) {
                (Some(value), _) => Some(minor * model(Some(value))),
                (None, Tenure::Leasehold) => Some(0.0),
                (None, Tenure::Owned) => None,
            },
        }
    };
    file.sites.iter().map(terms).collect()
}

fn model(value: Option<Decimal>) -> f64 {
    value.and_then(|v| v.to_f64()).unwrap_or(0.0)
}
