//! How the pool's rent and power spread over tenants and time.

use super::Pool;
use crate::asset::{ChipLease, TenantKind};
use crate::error::Error;
use crate::money::Money;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Measures of the pool at its cut-off date, over all leases of the tape, of space or of chips, signed ones included.
///
/// Rent is base rent at the rates of the tape, whatever is free or ramped. Shares are fractions. Leases of chips have no kW.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concentration {
    /// kW let.
    pub leased_kw: Decimal,
    /// kW of all phases of all sites.
    pub capacity_kw: Decimal,
    /// `leased_kw / capacity_kw`, 0 without capacity.
    pub leased_share: f64,
    /// Twelve months' base rent.
    pub annualized_base_rent: Money,
    /// Annualised base rent over leased kW and twelve, in major units; 0 for an empty pool.
    pub rent_per_kw_month: f64,
    /// Years from cut-off to expiration (days / 365.25) without options, weighted by rent.
    pub remaining_term_years: f64,
    /// The largest tenant's part of the rent.
    pub top_tenant_rent_share: f64,
    /// The five largest tenants' part of the rent.
    pub top_five_rent_share: f64,
    /// The largest tenant's part of leased kW.
    pub top_tenant_kw_share: f64,
    /// The five largest tenants' part of leased kW.
    pub top_five_kw_share: f64,
    /// Herfindahl-Hirschman index of rent: the sum of squared shares, 1 for a single tenant.
    pub hhi: f64,
}

impl Pool {
    /// The pool's concentrations. Tenants of kind `granular` count in totals, never among the largest.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the rent passes what an amount can hold.
    pub fn concentration(&self) -> Result<Concentration, Error> {
        let overflow = Error::Overflow { place: "concentration", period: 0 };
        let months = Decimal::from(12);
        let mut rent_of = vec![Decimal::ZERO; self.tenants().len()];
        let mut kw_of = vec![Decimal::ZERO; self.tenants().len()];
        let (mut rent, mut kw, mut weighted) = (Decimal::ZERO, Decimal::ZERO, 0.0);
        for (lease, terms) in self.leases().iter().zip(&self.lease_terms) {
            let year = lease.kw.checked_mul(lease.rent_usd_per_kw_month).and_then(|m| m.checked_mul(months));
            let year = year.ok_or(overflow.clone())?;
            let days = (lease.expiration - self.cut_off_date()).num_days();
            weighted += days as f64 / 365.25 * model(year);
            rent = rent.checked_add(year).ok_or(overflow.clone())?;
            kw += lease.kw;
            rent_of[terms.tenant] += year;
            kw_of[terms.tenant] += lease.kw;
        }
        for (lease, terms) in self.chip_leases().iter().zip(&self.chip_terms) {
            let per_chip = |rent: Decimal| rent.checked_mul(self.chips_let(lease)?.into());
            let month = lease.rent_usd_per_month.or_else(|| lease.rent_usd_per_chip_month.and_then(per_chip));
            let year = month.and_then(|month| month.checked_mul(months)).ok_or(overflow.clone())?;
            let days = (lease.expiration - self.cut_off_date()).num_days();
            weighted += days as f64 / 365.25 * model(year);
            rent = rent.checked_add(year).ok_or(overflow.clone())?;
            rent_of[terms.tenant] += year;
        }
        let phases = self.sites().iter().flat_map(|site| &site.phases);
        let capacity_kw = phases.map(|phase| phase.kw).sum();
        let named = |amounts: &[Decimal]| {
            let kinds = self.tenants().iter().map(|tenant| tenant.kind);
            let named = amounts.iter().zip(kinds).filter(|&(_, kind)| kind != TenantKind::Granular);
            let mut named: Vec<f64> = named.map(|(&amount, _)| model(amount)).collect();
            named.sort_by(|a, b| b.total_cmp(a));
            named
        };
        let (rents, kws) = (named(&rent_of), named(&kw_of));
        let top = |sorted: &[f64], count: usize, total: Decimal| {
            share(sorted.iter().take(count).sum::<f64>(), model(total))
        };
        let cents = rent.checked_mul(Decimal::from(self.currency().minor_per_major()));
        Ok(Concentration {
            leased_kw: kw,
            capacity_kw,
            leased_share: share(model(kw), model(capacity_kw)),
            annualized_base_rent: cents
                .and_then(|c| c.round().to_i64())
                .map(Money::from_minor)
                .ok_or(overflow)?,
            rent_per_kw_month: share(model(rent), 12.0 * model(kw)),
            remaining_term_years: share(weighted, model(rent)),
            top_tenant_rent_share: top(&rents, 1, rent),
            top_five_rent_share: top(&rents, 5, rent),
            top_tenant_kw_share: top(&kws, 1, kw),
            top_five_kw_share: top(&kws, 5, kw),
            hhi: rents.iter().map(|&r| share(r, model(rent)).powi(2)).sum(),
        })
    }

    /// Chips of the fleet that a lease lets.
    fn chips_let(&self, lease: &ChipLease) -> Option<u32> {
        self.chips()?.fleets.iter().find(|fleet| fleet.id == lease.fleet).map(|fleet| fleet.count)
    }
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

/// `part / whole`, 0 of nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
