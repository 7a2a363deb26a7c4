//! How often what a tenant earns with its chips covers its rent.

use super::Scenario;
use crate::pool::Pool;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A tenant's earnings with chips and its rent, per kW that it leases and month, in major units.
///
/// ```text
/// coverage = (730 x H100-equivalents per kW x utilisation x price of compute - other costs) / rent
/// ```
///
/// Rent is what its leases say at the cut-off date, averaged over their kW.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Earned for each dollar per H100-hour of the price of compute.
    pub revenue_per_price: f64,
    /// What is paid before rent: power, staff, and the price of the chips.
    pub other_costs_usd_per_kw_month: f64,
    /// The rent.
    pub rent_usd_per_kw_month: f64,
}

impl Coverage {
    /// Of a tenant that says what it earns and leases something.
    pub fn of_tenant(pool: &Pool, tenant: usize) -> Option<Coverage> {
        let terms = pool.tenants().get(tenant)?.compute_revenue.as_ref()?;
        let leases = pool.lease_terms.iter().filter(|lease| lease.tenant == tenant);
        let (rent, kw) = leases.fold((0.0, 0.0), |(rent, kw), lease| (rent + lease.rent.base, kw + lease.kw));
        let rent = rent / pool.currency().minor_per_major() as f64 / kw;
        (rent.is_finite() && rent > 0.0).then(|| Coverage {
            revenue_per_price: super::compute::HOURS_PER_MONTH
                * model(terms.h100_equivalents_per_kw)
                * model(terms.utilisation),
            other_costs_usd_per_kw_month: model(terms.other_costs_usd_per_kw_month),
            rent_usd_per_kw_month: rent,
        })
    }

    /// Coverage at a price of compute in dollars per H100-hour.
    ///
    /// ```
    /// use leasefall::scenario::Coverage;
    /// let coverage = Coverage {
    ///     revenue_per_price: 584.0, // one H100 a kW, let for 80% of 730 hours
    ///     other_costs_usd_per_kw_month: 884.0,
    ///     rent_usd_per_kw_month: 142.0,
    /// };
    /// assert_eq!(coverage.at(2.0), 2.0); // (1,168 - 884) / 142
    /// ```
    #[inline]
    pub fn at(&self, compute_price: f64) -> f64 {
        (self.revenue_per_price * compute_price - self.other_costs_usd_per_kw_month)
            / self.rent_usd_per_kw_month
    }

    /// The month after the first run of so many months in which coverage is below a floor.
    pub fn first_failure(&self, scenario: &Scenario, floor: f64, months: u32) -> Option<u32> {
        let mut below = 0;
        for (month, &price) in scenario.compute_price.iter().take(scenario.months).enumerate() {
            below = if self.at(price) < floor { below + 1 } else { 0 };
            if below >= months.max(1) {
                return Some(month as u32 + 1);
            }
        }
        None
    }
}

/// How much likelier a tenant defaults as its coverage falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoverageHazard {
    /// At this coverage and above, the default intensity is that of the tenant's own curve.
    pub threshold: f64,
    /// Below, it is multiplied by (threshold / coverage) to this power.
    pub elasticity: f64,
    /// The most by which it is multiplied, also where coverage is nothing.
    pub most: f64,
}

impl CoverageHazard {
    /// What multiplies the default intensity at a coverage; from 1 to `most`, never rising with coverage.
    ///
    /// ```
    /// use leasefall::scenario::CoverageHazard;
    /// let hazard = CoverageHazard { threshold: 1.5, elasticity: 2.0, most: 10.0 };
    /// assert_eq!([2.0, 1.5, 0.75, 0.1, -1.0].map(|c| hazard.multiple(c)), [1.0, 1.0, 4.0, 10.0, 10.0]);
    /// ```
    #[inline]
    pub fn multiple(&self, coverage: f64) -> f64 {
        if coverage >= self.threshold {
            1.0
        } else if coverage <= 0.0 {
            self.most
        } else {
            libm::pow(self.threshold / coverage, self.elasticity).clamp(1.0, self.most)
        }
    }
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}
