//! One state of the world, as flat arrays.

use super::compute::ComputeOutlook;
use super::performance::LinePath;
use crate::pool::Pool;
use crate::time::Date;
use std::sync::Arc;

/// One state of the world over a number of months, for one pool.
///
/// Everything is an index into the pool (market, site, tenant, lease) and a month counted from the
/// pool's first collected month, which is 0. Paths are model values; they become cash where they meet an
/// amount, with one rounding. A generator of random scenarios overwrites the same arrays path after path.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Months covered.
    pub months: usize,
    /// Consumer price index by month, from twelve months before month 0 (`months + 12` values), so that
    /// the rise to month `m` is `cpi[m + 12] / cpi[m] - 1`.
    pub cpi: Vec<f64>,
    /// Market rent over market rent at the cut-off date: `market * months + month`.
    pub market_rent: Vec<f64>,
    /// Power price over power price at the cut-off date, by month.
    pub power_price: Vec<f64>,
    /// Multiplies operating cost, property tax and ground rent, on top of each site's own inflation.
    pub costs: Vec<f64>,
    /// Added to every site's cap rate, by month.
    pub cap_rate_shift: Vec<f64>,
    /// Multiplies a site's value: `site * months + month`.
    pub appraisal: Vec<f64>,
    /// Price of compute in dollars per H100-hour, by month: at least `months` values, more where the deal owns
    /// chips whose worth depends on what comes after. Empty where the deal has no chips.
    pub compute_price: Vec<f64>,
    /// Power per rack that the newest halls must supply, in kW, by month. Empty where the deal has no chips.
    pub rack_density_kw: Vec<f64>,
    /// What generations are expected and what they do to halls; `None` where the deal has no chips.
    pub compute: Option<Arc<ComputeOutlook>>,
    /// Months from a rejection until the estate pays, of defaults that do not say.
    pub recovery_lag_months: u32,
    /// What becomes of space that a tenant leaves, where nothing else is said.
    pub reletting: Option<Reletting>,
    /// What befalls each tenant or guarantor.
    pub defaults: Vec<Option<Obligation>>,
    /// What each lease does when a term ends.
    pub rollovers: Vec<Rollover>,
    /// The date from which a site is sold, and the cost of the sale as a share of the price.
    pub sales: Vec<Option<(Date, f64)>>,
    /// Months from the rejection of the last lease of a site until it is sold, and the cost of the sale.
    pub sales_after_rejection: Vec<Option<(u32, f64)>>,
    /// The date from which a new lender repays the notes, and the most it lends over asset value.
    pub refinancing: Option<(Date, f64)>,
    /// Events that the waterfall sees by name, and when.
    pub events: Vec<(String, Date)>,
    /// A tenant renews while renewal rent is at most market rent x (1 + this).
    pub switching_cost: f64,
    /// Whether a living tenant without options stays at market rent.
    pub stay_without_option: bool,
    /// Months of a new lease, and of a stay at market rent.
    pub relet_term_months: u32,
    /// Rise a year of a new lease's rent.
    pub relet_escalator: f64,
    /// Share of market rent that value credits to space not let.
    pub vacancy_credit: f64,
    /// What each representative line does.
    pub lines: Vec<LinePath>,
    /// Share of net operating income that does not come in, taken from rent.
    pub net_cash_flow_haircut: f64,
}

/// An obligor's default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Obligation {
    /// The first month whose rent is not paid. Rent is due at the start of a month and a loan's payment at
    /// the end: the first that is missed is the one due at the end of the month before, in which the
    /// obligor fails.
    pub month: u32,
    /// Whether it gives up its leases, loans and guarantees; if not, it pays on.
    pub rejected: bool,
    /// Share of the landlord's claim that the estate pays, nothing unless stated; and of a loan's balance,
    /// the loan's own rate unless stated.
    pub recovery_rate: Option<f64>,
    /// Months until the estate pays the landlord. A loan has a lag of its own.
    pub recovery_lag_months: u32,
    /// What becomes of the space.
    pub reletting: Option<Reletting>,
}

/// How space is let again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reletting {
    /// Months without rent.
    pub downtime_months: u32,
    /// Cost in months of the new rent.
    pub cost_months: f64,
    /// Refit capital cost per kW, in major units.
    pub refit_per_kw: f64,
    /// New rent over market rent.
    pub rent_share: f64,
}

/// Whether a tenant stays when a term ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renewal {
    /// By comparing rents.
    #[default]
    ByRent,
    /// Options are exercised.
    Always,
    /// By comparing rents before this month, not at all from it on.
    NotFrom(u32),
    /// Options are exercised before this month, not from it on.
    Until(u32),
}

/// Whether a tenant uses its right to terminate early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Departure {
    /// It does not.
    #[default]
    AtExpiration,
    /// It does, where it has the right.
    Early,
}

/// What a lease does when a term ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rollover {
    /// Whether the tenant stays.
    pub renewal: Renewal,
    /// Whether it leaves early.
    pub departure: Departure,
    /// What becomes of the space when it leaves; `None`: it stays empty.
    pub reletting: Option<Reletting>,
}

impl Scenario {
    /// Nothing happens over `months` months: no growth, no default, leases renew by rent.
    pub fn calm(pool: &Pool, months: usize) -> Scenario {
        let reletting =
            Reletting { downtime_months: 12, cost_months: 3.0, refit_per_kw: 0.0, rent_share: 1.0 };
        let rollover = Rollover {
            renewal: Renewal::default(),
            departure: Departure::default(),
            reletting: Some(reletting),
        };
        Scenario {
            months,
            cpi: vec![1.0; months + 12],
            market_rent: vec![1.0; months * pool.markets().len()],
            power_price: vec![1.0; months],
            costs: vec![1.0; months],
            cap_rate_shift: vec![0.0; months],
            appraisal: vec![1.0; months * pool.sites().len()],
            compute_price: Vec::new(),
            rack_density_kw: Vec::new(),
            compute: None,
            recovery_lag_months: 12,
            reletting: Some(reletting),
            defaults: vec![None; pool.tenants().len()],
            rollovers: vec![rollover; pool.leases().len()],
            sales: vec![None; pool.sites().len()],
            sales_after_rejection: vec![None; pool.sites().len()],
            refinancing: None,
            events: Vec::new(),
            switching_cost: 0.1,
            stay_without_option: true,
            relet_term_months: 60,
            relet_escalator: 0.02,
            vacancy_credit: 0.5,
            lines: pool
                .rep_lines()
                .iter()
                .map(|line| LinePath::calm(pool, line, months, line.index.as_deref()))
                .collect(),
            net_cash_flow_haircut: 0.0,
        }
    }

    /// Market rent in a month of a hall with this power per rack, over that of one that fits; 1 where the deal has no
    /// chips or the hall's density is not known.
    #[inline]
    pub(crate) fn hall_rent_share(&self, kw_per_rack: Option<f64>, month: usize) -> f64 {
        match (&self.compute, kw_per_rack) {
            (Some(compute), Some(density)) => {
                let last = self.rack_density_kw.len().saturating_sub(1);
                compute.halls().rent_share(density, self.rack_density_kw[month.min(last)])
            }
            _ => 1.0,
        }
    }

    /// The density of a hall after it is let again in a month, and the cost per kW of that in major units.
    pub(crate) fn refitted(&self, kw_per_rack: Option<f64>, month: usize) -> (Option<f64>, f64) {
        match (&self.compute, kw_per_rack) {
            (Some(compute), Some(density)) => {
                let last = self.rack_density_kw.len().saturating_sub(1);
                let (density, cost) =
                    compute.halls().refitted(density, self.rack_density_kw[month.min(last)]);
                (Some(density), cost)
            }
            _ => (kw_per_rack, 0.0),
        }
    }

    /// Whether the arrays have the lengths that this pool asks for.
    pub(crate) fn fits(&self, pool: &Pool) -> bool {
        let n = self.months;
        self.cpi.len() == n + 12
            && self.market_rent.len() == n * pool.markets().len()
            && self.power_price.len() == n
            && self.costs.len() == n
            && self.cap_rate_shift.len() == n
            && self.appraisal.len() == n * pool.sites().len()
            && self.defaults.len() == pool.tenants().len()
            && self.rollovers.len() == pool.leases().len()
            && self.sales.len() == pool.sites().len()
            && self.sales_after_rejection.len() == pool.sites().len()
            && self.lines.len() == pool.rep_lines().len()
            && self.lines.iter().all(|line| line.is_of(n))
            && (self.compute.is_none() || (self.compute_price.len() >= n && self.rack_density_kw.len() >= n))
    }
}
