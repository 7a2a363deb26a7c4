//! Residual value guarantees that are called: what is guaranteed, what the premises are worth, what is paid.

use super::{Periods, Projection, Workspace};
use crate::error::Error;
use crate::money::Money;
use crate::pool::Pool;
use crate::scenario::Scenario;
use crate::time::Month;

/// A residual value guarantee that a tenant owes as it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuaranteeCall {
    /// The lease, by its place in [`Pool::leases`].
    pub lease: usize,
    /// The month from whose start the tenant is gone.
    pub month: Month,
    /// The payment period that distributes what is paid, counted from 0.
    pub period: usize,
    /// What the premises are guaranteed to be worth.
    pub guaranteed: Money,
    /// What they are worth once the tenant has left: the site's value x lease kW / site kW.
    pub property_value: Money,
    /// The most that is paid; `None` if there is no limit.
    pub cap: Option<Money>,
    /// `min(cap, max(0, guaranteed - property value))`.
    pub paid: Money,
}

/// The guarantees that are called in a scenario before the last payment date, in the order of the tape. A lease that is
/// rejected in bankruptcy calls none.
///
/// # Errors
/// As [`Projection::new`] and [`Projection::collect`].
pub fn guarantee_calls(
    pool: &Pool,
    scenario: &Scenario,
    periods: &Periods,
) -> Result<Vec<GuaranteeCall>, Error> {
    let mut workspace = Workspace::default();
    Projection::new(pool, periods)?.collect(scenario, &mut workspace)?;
    let calls = workspace.leases.tally.claims.iter().map(|claim| {
        let value =
            workspace.leases.values.get(claim.site * periods.len() + claim.period).copied().unwrap_or(0.0);
        let (property_value, paid) = claim.settle(value);
        GuaranteeCall {
            lease: claim.lease,
            month: pool.first_month() + claim.month as i32,
            period: claim.period,
            guaranteed: Money::from_minor(claim.guaranteed),
            property_value: Money::from_minor(property_value),
            cap: (claim.cap < i64::MAX).then_some(Money::from_minor(claim.cap)),
            paid: Money::from_minor(paid),
        }
    });
    Ok(calls.collect())
}
