//! Scarcity: the mean-reverting part of the logarithm of the price of compute.

use crate::error::Error;

/// An Ornstein-Uhlenbeck process `dx = k (level - x) dt + volatility dW`, time in years.
///
/// `x` is the logarithm of price over the frontier: 0 where compute costs what the newest chip must earn,
/// above in a shortage. All moments are exact, so the step may have any length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scarcity {
    /// Speed `k` a year at which a gap closes: `ln 2 / k` years halve it.
    pub mean_reversion: f64,
    /// Where it returns to.
    pub level: f64,
    /// Volatility per square root of a year.
    pub volatility: f64,
}

/// What happens to scarcity over one step: `x' = level + (x - level) x decay + deviation x z`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScarcityStep {
    /// Share of the gap to the level that is left.
    pub decay: f64,
    /// Standard deviation of the step.
    pub deviation: f64,
}

impl Default for Scarcity {
    /// Returns to the frontier itself, at the speed and volatility of published H100 rents 2023 to 2026, rounded;
    /// their own level does not differ from 0 by more than its error. See `docs/obsolescence.md`.
    fn default() -> Self {
        Scarcity { mean_reversion: 4.0, level: 0.0, volatility: 0.85 }
    }
}

impl Scarcity {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`Error::Argument`] unless all are finite and reversion and volatility at least 0.
    pub fn check(&self) -> Result<(), Error> {
        super::cost::not_negative("mean_reversion", self.mean_reversion)?;
        super::cost::not_negative("volatility", self.volatility)?;
        Error::unless(self.level.is_finite(), "level", self.level, "finite")
    }

    /// Expected scarcity: `level + (start - level) e^(-k t)`.
    #[inline]
    pub fn mean(&self, start: f64, years: f64) -> f64 {
        self.level + (start - self.level) * libm::exp(-self.mean_reversion * years)
    }

    /// Variance of scarcity from a known start: `volatility^2 (1 - e^(-2 k t)) / (2 k)`, and
    /// `volatility^2 t` without reversion.
    #[inline]
    pub fn variance(&self, years: f64) -> f64 {
        let twice = 2.0 * self.mean_reversion;
        // -expm1 keeps the digits where k t is small.
        let span = if twice == 0.0 { years } else { -libm::expm1(-twice * years) / twice };
        self.volatility * self.volatility * span
    }

    /// Expectation of `exp(scarcity)`: the lognormal mean `exp(mean + variance / 2)`.
    ///
    /// ```
    /// use leasefall::scenario::compute::Scarcity;
    /// // Far ahead the start is forgotten: exp(level + volatility^2 / (4 k)).
    /// let scarcity = Scarcity { mean_reversion: 2.0, level: 0.1, volatility: 0.4 };
    /// assert!((scarcity.expected_factor(1.5, 50.0) - 0.12_f64.exp()).abs() < 1e-12);
    /// ```
    pub fn expected_factor(&self, start: f64, years: f64) -> f64 {
        libm::exp(self.mean(start, years) + 0.5 * self.variance(years))
    }

    /// Years in which a gap to the level halves, `ln 2 / k`; infinite without reversion.
    pub fn half_life_years(&self) -> f64 {
        std::f64::consts::LN_2 / self.mean_reversion
    }

    /// The exact step over so many years.
    pub fn step(&self, years: f64) -> ScarcityStep {
        ScarcityStep {
            decay: libm::exp(-self.mean_reversion * years),
            deviation: self.variance(years).sqrt(),
        }
    }
}

/// A standard normal shock of which the AI-demand factor explains a part: `a f + sqrt(1 - a^2) e` with
/// loading `a` (its correlation with the factor, since both are standard), factor `f` and own shock `e`.
///
/// ```
/// use leasefall::scenario::compute::correlated_normal;
/// assert!((correlated_normal(1.0, 1.0, 0.6) - 1.4).abs() < 1e-15);
/// assert_eq!(correlated_normal(0.3, -2.0, 1.0), 0.3);
/// ```
#[inline]
pub fn correlated_normal(demand: f64, own: f64, demand_loading: f64) -> f64 {
    let own_share = (1.0 - demand_loading * demand_loading).max(0.0).sqrt();
    demand_loading * demand + own_share * own
}
