//! What the leases of the tape owe, beside what their space would rent for.

use super::Periods;
use super::term::{Rent, Rents, Term, cents};
use crate::money::Money;
use crate::pool::Pool;
use crate::scenario::Scenario;

/// Rent in force at the end of a collection period under the leases' terms on the tape, a month's worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContractedRent {
    /// What the leases say.
    pub contracted: Money,
    /// What the same space would rent for, let again in its hall as it is.
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
            let market = cents(site.market_rent_per_kw * terms.kw * index * fits);
            found.contracted = Money::from_minor(found.contracted.minor().saturating_add(owed));
            found.market = Money::from_minor(found.market.minor().saturating_add(market));
        }
    }
    found
}
