//! Swaps on the nth default of a pool.

use super::pool::ReferencePool;
use crate::credit::PaymentConvention;
use crate::curve::DiscountCurve;
use crate::error::Error;

impl ReferencePool {
    /// The spreads of swaps on the first, second, ... last default of the pool, each on a notional of 1:
    /// premium until the nth default, then a payment of 1 less the recovery. Hull and White, *Journal of
    /// Derivatives* 12 (2004).
    ///
    /// ```
    /// use leasefall::credit::{
    ///     Copula, DefaultCurve, Loadings, Measure, PaymentConvention, PremiumOn, Recovery,
    /// };
    /// use leasefall::valuation::exact::{ReferenceEntity, ReferencePool};
    /// use leasefall::{Date, DiscountCurve, curve::Compounding};
    /// // Two independent names that default with 10% within the one year, nothing recovered, losses and
    /// // premium (on the opening balance) at its end: 19% for the first, 1% for the second.
    /// let name = ReferenceEntity {
    ///     notional: 1.0,
    ///     recovery: Recovery::Fixed(0.0),
    ///     curve: DefaultCurve::from_probabilities(Measure::RiskNeutral, &[(1.0, 0.1)])?,
    ///     loadings: Loadings::none(),
    /// };
    /// let pool = ReferencePool::new(Copula::Gaussian, &[name.clone(), name])?;
    /// let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
    /// let discount = DiscountCurve::flat(today, 0.05, Compounding::Continuous)?;
    /// let terms = PaymentConvention { payments_per_year: 1, ..PaymentConvention::PERIOD_START };
    /// let spreads = pool.nth_to_default_spreads(1.0, &discount, &terms)?;
    /// assert!((spreads[0] - 0.19).abs() < 1e-12 && (spreads[1] - 0.01).abs() < 1e-12);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if the names' mean recoveries differ (which of them defaults nth would matter) or
    /// the maturity makes no schedule; [`Error::Solve`] if an integral does not settle.
    pub fn nth_to_default_spreads(
        &self,
        maturity_years: f64,
        discount: &DiscountCurve,
        convention: &PaymentConvention,
    ) -> Result<Vec<f64>, Error> {
        let recovery = self.common_recovery()?;
        let ends = convention.period_ends(maturity_years)?;
        let by_date: Vec<Vec<f64>> = ends
            .into_iter()
            .map(|years| Ok(reached(&self.default_counts(years)?)))
            .collect::<Result<_, Error>>()?;
        let spread = |n: usize| {
            let mut triggered = by_date.iter().map(|reached| reached[n]);
            let legs = convention.legs(maturity_years, discount, |_| {
                let probability = triggered.next().unwrap_or(f64::NAN);
                ((1.0 - recovery) * probability, probability)
            })?;
            Ok(legs.spread()?)
        };
        (1..=self.len()).map(spread).collect()
    }
}

/// The probability of at least 0, 1, 2, ... defaults, summed from the top so that small ones keep their
/// digits.
fn reached(counts: &[f64]) -> Vec<f64> {
    let mut reached = counts.to_vec();
    for n in (0..reached.len().saturating_sub(1)).rev() {
        reached[n] += reached[n + 1];
    }
    reached
}
