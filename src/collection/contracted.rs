//! What the leases of the tape owe, beside what their space would rent for.

use super::Periods;
use super::chip_value::Margin;
use super::term::{Rent, Rents, Term, cents};
use crate::asset::FailuresBorneBy;
use crate::money::Money;
use crate::pool::{ChipTerms, Pool};
use crate::scenario::Scenario;

/// Rent in force at the end of a collection period under the leases' terms on the tape, a month's worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContractedRent {
    /// What the leases say.
    pub contracted: Money,
    /// What the same space would rent for, let again in its hall as it is; what the same chips would earn by the
    /// hour, less power and operating cost.
    pub market: Money,
}

/// [`ContractedRent`] by period, whoever pays or defaults: the tape against the market of a scenario.
///
/// A lease counts while its term on the tape runs; options and new leases do not. Amounts beyond what 64 bits hold
/// count as the most they do.
pub fn contracted_rents(pool: &Pool, scenario: &Scenario, periods: &Periods) -> Vec<ContractedRent> {
    let mut found = vec![ContractedRent::default(); periods.len()];
    for terms in &pool.lease_terms {
        let rents = Rents { terms, cpi: &scenario.cpi };
        let (site, term) = (
            &pool.site_terms[terms.site],
            Term { from: terms.rent.first, end: terms.rent.end, rent: Rent::Tape },
        );
        for (period, found) in found.iter_mut().enumerate() {
            let month = periods.last_month(period);
            let mut owed = None;
            rents.roll(&term, month as u32, month as u32 + 1, &mut |_, _, amount| owed = Some(amount));
            let Some(owed) = owed else { continue };
            let index =
                scenario.market_rent.get(site.market * scenario.months + month).copied().unwrap_or(1.0);
            let fits = scenario.hall_rent_share(site.hall_density_kw, month);
            found.add(owed, cents(site.market_rent_per_kw * terms.kw * index * fits));
        }
    }
    if let Some(outlook) = &scenario.compute {
        for lease in &pool.chip_terms {
            let margin = Margin::new(&lease.rates, &outlook.operating());
            chip_rents(pool, scenario, periods, lease, &margin, &mut found);
        }
    }
    found
}

/// Adds the rent of one lease of chips. Its tenant bears power and operating cost, so what the market pays by the hour
/// counts less these; chips that would not pay them stand still.
fn chip_rents(
    pool: &Pool,
    scenario: &Scenario,
    periods: &Periods,
    lease: &ChipTerms,
    margin: &Margin,
    found: &mut [ContractedRent],
) {
    let minor = pool.currency().minor_per_major() as f64;
    for (period, found) in found.iter_mut().enumerate() {
        let month = periods.last_month(period);
        let place = (month as u32).checked_sub(lease.first).map(|place| place as usize);
        let Some(&owed) = place.and_then(|place| lease.rents.get(place)) else { continue };
        let Some(&price) = scenario.compute_price.get(month) else { continue };
        let working = match lease.failures {
            FailuresBorneBy::Owner => lease.unaided_share(month as u32),
            FailuresBorneBy::Tenant => 1.0,
        };
        let power = scenario.power_price.get(month).copied().unwrap_or(1.0);
        let earned = (margin.revenue_usd(price) - margin.running_usd(power)).max(0.0);
        found.add(owed, cents(minor * lease.chips * working * earned));
    }
}

impl ContractedRent {
    fn add(&mut self, contracted: i64, market: i64) {
        self.contracted = Money::from_minor(self.contracted.minor().saturating_add(contracted));
        self.market = Money::from_minor(self.market.minor().saturating_add(market));
    }
}
