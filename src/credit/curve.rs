//! Default probabilities over time.

use super::convention::PaymentConvention;
use crate::curve::DiscountCurve;
use crate::error::{Error, SolveError};
use crate::math::root::bracket_then_brent;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Under which probabilities a default curve speaks.
///
/// Historical probabilities say how often obligors default; risk-neutral ones what the market charges for
/// it, several times as much for good names. They answer different questions and are never mixed: whatever
/// combines curves takes one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Frequencies of default, as rating agencies publish them.
    Historical,
    /// Probabilities implied by spreads.
    RiskNeutral,
}

impl Measure {
    /// `Ok` if the other is the same.
    ///
    /// # Errors
    /// [`Error::Measure`] if not.
    pub fn check(self, other: Measure) -> Result<(), Error> {
        if self == other { Ok(()) } else { Err(Error::Measure { expected: self, found: other }) }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Measure::Historical => "historical",
            Measure::RiskNeutral => "risk-neutral",
        })
    }
}

/// The probability of default by each time: a hazard rate, constant between nodes and, after the last, that
/// of the last stretch.
///
/// ```
/// use leasefall::credit::{DefaultCurve, Measure};
/// // 2% by the first year and 5% by the third; in between the hazard is constant:
/// // S(2) = sqrt(0.98 x 0.95).
/// let curve = DefaultCurve::from_probabilities(Measure::Historical, &[(1.0, 0.02), (3.0, 0.05)])?;
/// assert!((curve.default_probability(3.0) - 0.05).abs() < 1e-15);
/// assert!((curve.survival(2.0) - (0.98_f64 * 0.95).sqrt()).abs() < 1e-15);
/// assert!((curve.time_of(0.05) - 3.0).abs() < 1e-12);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DefaultCurve {
    measure: Measure,
    /// In order of time; never empty.
    stretches: Vec<Stretch>,
}

/// A stretch of constant hazard that ends at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    start_years: f64,
    end_years: f64,
    /// `-ln S` at the start and at the end.
    cumulative_at_start: f64,
    cumulative_at_end: f64,
    hazard: f64,
}

const PROBABILITY: &str = "a probability below 1, not below that of the point before";
const TIME: &str = "a time above that of the point before, the first above 0";
const HAZARD: &str = "a finite hazard rate, not negative";

impl DefaultCurve {
    /// One hazard rate a year for all times: `S(t) = exp(-h t)`.
    ///
    /// # Errors
    /// [`Error::Argument`] if the rate is negative or not finite.
    pub fn flat(measure: Measure, hazard: f64) -> Result<DefaultCurve, Error> {
        DefaultCurve::from_hazards(measure, &[(1.0, hazard)])
    }

    /// From pairs of the year at which a stretch ends and its hazard rate.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no point, times do not rise from above 0, or a rate is negative or not
    /// finite.
    pub fn from_hazards(measure: Measure, points: &[(f64, f64)]) -> Result<DefaultCurve, Error> {
        let mut builder = Builder::new(measure);
        for &(years, hazard) in points {
            if !(hazard >= 0.0 && hazard.is_finite()) {
                return Err(Error::Argument { argument: "hazard", found: hazard, expected: HAZARD });
            }
            let cumulative = builder.cumulative + hazard * (years - builder.years);
            builder.push(years, cumulative)?;
        }
        builder.finish()
    }

    /// From pairs of years and cumulative probability of default, as rating tables print them.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no point, times do not rise from above 0, or probabilities fall or
    /// reach 1 (no hazard rate gives certainty).
    pub fn from_probabilities(measure: Measure, points: &[(f64, f64)]) -> Result<DefaultCurve, Error> {
        let mut builder = Builder::new(measure);
        for &(years, probability) in points {
            // S(t) = exp(-H(t)).
            let cumulative = -libm::log1p(-probability);
            if !(cumulative >= builder.cumulative && cumulative.is_finite()) {
                let argument = "default_probability";
                return Err(Error::Argument { argument, found: probability, expected: PROBABILITY });
            }
            builder.push(years, cumulative)?;
        }
        builder.finish()
    }

    /// Risk-neutral, from pairs of maturity in years and par spread of a credit default swap, shortest first.
    ///
    /// Each swap is worth nothing on the finished curve: premium and loss `1 - recovery` are paid as
    /// `convention` says on the schedule that it makes of the maturity, and discounted on `discount`. With
    /// [`PaymentConvention::MID_PERIOD_ACCRUED`], quarterly, that is the market's standard model with the
    /// default in the middle of its period.
    ///
    /// ```
    /// use leasefall::credit::{DefaultCurve, PaymentConvention};
    /// use leasefall::{Date, DiscountCurve, curve::Compounding};
    /// let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
    /// let discount = DiscountCurve::flat(today, 0.05, Compounding::Continuous)?;
    /// let terms = PaymentConvention::MID_PERIOD_ACCRUED;
    /// let curve = DefaultCurve::from_spreads(&[(5.0, 0.0060)], 0.4, &discount, &terms)?;
    /// // The credit triangle: hazard = spread / (1 - recovery), nearly.
    /// assert!((curve.hazard(2.0) - 0.01).abs() < 1e-4);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no point, times do not rise from above 0, a spread is negative or the
    /// recovery is not from 0 to below 1; [`SolveError::NotBracketed`] if no hazard rate of the last stretch
    /// gives a spread.
    pub fn from_spreads(
        points: &[(f64, f64)],
        recovery: f64,
        discount: &DiscountCurve,
        convention: &PaymentConvention,
    ) -> Result<DefaultCurve, Error> {
        if !(0.0..1.0).contains(&recovery) {
            let expected = "a fraction from 0 to below 1";
            return Err(Error::Argument { argument: "recovery", found: recovery, expected });
        }
        let mut builder = Builder::new(Measure::RiskNeutral);
        for &(years, spread) in points {
            if !(spread >= 0.0 && spread.is_finite()) {
                let expected = "a finite spread, not negative";
                return Err(Error::Argument { argument: "spread", found: spread, expected });
            }
            builder.check(years)?;
            let swap = Swap { years, spread, loss: 1.0 - recovery };
            let hazard = builder.hazard_of(&swap, discount, convention)?;
            builder.push(years, builder.cumulative + hazard * (years - builder.years))?;
        }
        builder.finish()
    }

    /// The measure of its probabilities.
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The probability of default by `years`: `1 - S`. 0 up to time 0.
    pub fn default_probability(&self, years: f64) -> f64 {
        -libm::expm1(-self.cumulative_hazard(years))
    }

    /// The probability of no default by `years`: `S = exp(-H)`.
    pub fn survival(&self, years: f64) -> f64 {
        libm::exp(-self.cumulative_hazard(years))
    }

    /// The integral of the hazard rate from 0 to `years`.
    pub fn cumulative_hazard(&self, years: f64) -> f64 {
        if years <= 0.0 {
            return 0.0;
        }
        let stretch = self.stretch(years);
        stretch.cumulative_at_start + stretch.hazard * (years - stretch.start_years)
    }

    /// The hazard rate a year at `years`; at a node that of the stretch that ends there.
    pub fn hazard(&self, years: f64) -> f64 {
        self.stretch(years).hazard
    }

    /// The time in years by which default has this probability: the default time of an obligor whose latent
    /// variable has the cumulative probability `probability`. Infinite if the curve never gets there, 0 for
    /// a probability of 0 or less, infinite for 1 or more. Allocates nothing.
    #[inline]
    pub fn time_of(&self, probability: f64) -> f64 {
        if probability <= 0.0 {
            return 0.0;
        }
        if probability >= 1.0 {
            return f64::INFINITY;
        }
        let cumulative = -libm::log1p(-probability);
        let index = self.stretches.partition_point(|stretch| stretch.cumulative_at_end < cumulative);
        let stretch = &self.stretches[index.min(self.stretches.len() - 1)];
        // A stretch without hazard is only reached as the last, and never left.
        if stretch.hazard == 0.0 && cumulative > stretch.cumulative_at_start {
            return f64::INFINITY;
        }
        stretch.start_years + (cumulative - stretch.cumulative_at_start) / stretch.hazard
    }

    /// The curve with every hazard rate multiplied: survival to the power `multiple`. For small
    /// probabilities the same as multiplying them.
    ///
    /// # Errors
    /// [`Error::Argument`] if the multiple is negative or not finite.
    pub fn with_hazard_multiple(&self, multiple: f64) -> Result<DefaultCurve, Error> {
        if !(multiple >= 0.0 && multiple.is_finite()) {
            let expected = "a finite multiple, not negative";
            return Err(Error::Argument { argument: "multiple", found: multiple, expected });
        }
        let scaled = |stretch: &Stretch| (stretch.end_years, stretch.hazard * multiple);
        let points: Vec<(f64, f64)> = self.stretches.iter().map(scaled).collect();
        DefaultCurve::from_hazards(self.measure, &points)
    }

    /// Between two rating grades: at every node of either curve the probability is the geometric mean
    /// `p^(1-w) q^w`, so that `weight` 0 is this curve and 1 the other. Notches interpolate so because
    /// default rates rise by a factor, not by a step, from grade to grade.
    ///
    /// ```
    /// use leasefall::credit::{DefaultCurve, Measure};
    /// let of = |p| DefaultCurve::from_probabilities(Measure::Historical, &[(5.0, p)]);
    /// // Half way from 1% to 4% is 2%.
    /// let middle = of(0.01)?.between(&of(0.04)?, 0.5)?;
    /// assert!((middle.default_probability(5.0) - 0.02).abs() < 1e-15);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Measure`] if the curves' measures differ; [`Error::Argument`] if the weight lies outside 0 to
    /// 1.
    pub fn between(&self, other: &DefaultCurve, weight: f64) -> Result<DefaultCurve, Error> {
        self.measure.check(other.measure)?;
        if !(0.0..=1.0).contains(&weight) {
            let expected = "a weight from 0 to 1";
            return Err(Error::Argument { argument: "weight", found: weight, expected });
        }
        let nodes = self.stretches.iter().chain(&other.stretches).map(|stretch| stretch.end_years);
        let mut years: Vec<f64> = nodes.collect();
        years.sort_by(f64::total_cmp);
        years.dedup();
        let mean = |t: f64| {
            let (p, q) = (self.default_probability(t), other.default_probability(t));
            libm::pow(p, 1.0 - weight) * libm::pow(q, weight)
        };
        let mut points: Vec<(f64, f64)> = years.into_iter().map(|t| (t, mean(t))).collect();
        // Rounding must not make a probability fall.
        for index in 1..points.len() {
            points[index].1 = points[index].1.max(points[index - 1].1);
        }
        DefaultCurve::from_probabilities(self.measure, &points)
    }

    fn stretch(&self, years: f64) -> &Stretch {
        let index = self.stretches.partition_point(|stretch| stretch.end_years < years);
        &self.stretches[index.min(self.stretches.len() - 1)]
    }
}

/// A credit default swap to be priced to nothing.
struct Swap {
    years: f64,
    spread: f64,
    loss: f64,
}

/// A curve up to its last node so far.
struct Builder {
    measure: Measure,
    years: f64,
    cumulative: f64,
    stretches: Vec<Stretch>,
}

impl Builder {
    fn new(measure: Measure) -> Builder {
        Builder { measure, years: 0.0, cumulative: 0.0, stretches: Vec::new() }
    }

    fn check(&self, years: f64) -> Result<(), Error> {
        // The comparison is written so that NaN fails it.
        if years > self.years && years.is_finite() {
            Ok(())
        } else {
            Err(Error::Argument { argument: "years", found: years, expected: TIME })
        }
    }

    fn push(&mut self, years: f64, cumulative: f64) -> Result<(), Error> {
        self.check(years)?;
        let hazard = (cumulative - self.cumulative) / (years - self.years);
        if !hazard.is_finite() {
            return Err(Error::Argument { argument: "hazard", found: hazard, expected: HAZARD });
        }
        self.stretches.push(Stretch {
            start_years: self.years,
            end_years: years,
            cumulative_at_start: self.cumulative,
            cumulative_at_end: cumulative,
            hazard,
        });
        (self.years, self.cumulative) = (years, cumulative);
        Ok(())
    }

    fn finish(self) -> Result<DefaultCurve, Error> {
        if self.stretches.is_empty() {
            return Err(Error::Argument { argument: "points", found: 0.0, expected: "at least one point" });
        }
        Ok(DefaultCurve { measure: self.measure, stretches: self.stretches })
    }

    /// The hazard rate from the last node to the swap's maturity at which the swap is worth nothing:
    /// protection = spread x premium legs.
    fn hazard_of(
        &self,
        swap: &Swap,
        discount: &DiscountCurve,
        convention: &PaymentConvention,
    ) -> Result<f64, Error> {
        let known = DefaultCurve { measure: self.measure, stretches: self.stretches.clone() };
        let cumulative = |t: f64, hazard: f64| {
            if t <= self.years {
                known.cumulative_hazard(t)
            } else {
                self.cumulative + hazard * (t - self.years)
            }
        };
        let value = |hazard: f64| {
            let defaulted = |t: f64| -libm::expm1(-cumulative(t, hazard));
            let legs = convention.legs(swap.years, discount, |t| (swap.loss * defaulted(t), defaulted(t)));
            legs.map_or(f64::NAN, |legs| legs.protection - swap.spread * legs.premium_per_unit)
        };
        convention.check(swap.years)?;
        let guess = swap.spread / swap.loss;
        // 500 a year is default within a day.
        let found = bracket_then_brent("hazard", value, (0.5 * guess, 1.5 * guess), 0.0..=500.0, 0.0, 1e-16);
        found.map_err(|error: SolveError| error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Compounding;
    use crate::time::Date;
    use proptest::prelude::*;

    fn discount() -> DiscountCurve {
        let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
        DiscountCurve::flat(today, 0.05, Compounding::Continuous).unwrap()
    }

    /// With losses at period end on the balance of the period's start, an annual swap of spread `s` is worth
    /// nothing at `q (1 - R) = s` for the conditional default probability `q` of each year.
    #[test]
    fn a_flat_spread_gives_the_hand_calculated_hazard() {
        let terms = PaymentConvention { payments_per_year: 1, ..PaymentConvention::PERIOD_START };
        let curve =
            DefaultCurve::from_spreads(&[(1.0, 0.012), (4.0, 0.012)], 0.4, &discount(), &terms).unwrap();
        for years in [1.0, 2.0, 3.0, 4.0] {
            assert!((curve.survival(years) - 0.98_f64.powf(years)).abs() < 1e-13, "{years}");
        }
        assert_eq!(curve.measure(), Measure::RiskNeutral);
    }

    #[test]
    fn spreads_that_no_hazard_gives_are_refused() {
        let terms = PaymentConvention::MID_PERIOD_ACCRUED;
        // A steep fall: nothing paid after year 1 can be worth so little.
        let inverted = DefaultCurve::from_spreads(&[(1.0, 0.30), (5.0, 0.001)], 0.4, &discount(), &terms);
        assert!(matches!(inverted, Err(Error::Solve(SolveError::NotBracketed { .. }))), "{inverted:?}");
        for (points, recovery) in
            [(&[][..], 0.4), (&[(1.0, -0.01)], 0.4), (&[(0.0, 0.01)], 0.4), (&[(1.0, 0.01)], 1.0)]
        {
            assert!(DefaultCurve::from_spreads(points, recovery, &discount(), &terms).is_err());
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let of = |points: &[(f64, f64)]| DefaultCurve::from_probabilities(Measure::Historical, points);
        for points in [
            &[][..],
            &[(1.0, 1.0)],
            &[(1.0, f64::NAN)],
            &[(1.0, -0.1)],
            &[(2.0, 0.1), (1.0, 0.2)],
            &[(1.0, 0.2), (2.0, 0.1)],
            &[(f64::INFINITY, 0.1)],
        ] {
            assert!(of(points).is_err(), "{points:?}");
        }
        assert!(DefaultCurve::flat(Measure::Historical, -0.01).is_err());
        assert!(DefaultCurve::flat(Measure::Historical, f64::INFINITY).is_err());
    }

    #[test]
    fn measures_do_not_mix() {
        let historical = DefaultCurve::flat(Measure::Historical, 0.01).unwrap();
        let market = DefaultCurve::flat(Measure::RiskNeutral, 0.02).unwrap();
        let error = historical.between(&market, 0.5).unwrap_err();
        assert_eq!(error, Error::Measure { expected: Measure::Historical, found: Measure::RiskNeutral });
        assert!(error.to_string().contains("risk-neutral"), "{error}");
    }

    #[test]
    fn curves_without_default_never_default() {
        let safe = DefaultCurve::flat(Measure::Historical, 0.0).unwrap();
        assert_eq!((safe.default_probability(100.0), safe.time_of(1e-9)), (0.0, f64::INFINITY));
        assert_eq!(safe.time_of(0.0), 0.0);
        // A pause: nobody defaults between years 1 and 2.
        let pause = [(1.0, 0.1), (2.0, 0.1), (3.0, 0.2)];
        let paused = DefaultCurve::from_probabilities(Measure::Historical, &pause).unwrap();
        assert!((paused.time_of(0.1) - 1.0).abs() < 1e-12);
        assert!(paused.time_of(0.1 + 1e-9) > 2.0);
    }

    proptest! {
        #[test]
        fn time_undoes_probability(
            steps in prop::collection::vec((0.1_f64..5.0, 0.0_f64..0.3), 1..8),
            years in 0.001_f64..30.0,
        ) {
            let mut end = 0.0;
            let points: Vec<(f64, f64)> = steps
                .iter()
                .map(|&(length, hazard)| {
                    end += length;
                    (end, hazard + 0.001)
                })
                .collect();
            let curve = DefaultCurve::from_hazards(Measure::Historical, &points).unwrap();
            let p = curve.default_probability(years);
            prop_assert!((curve.time_of(p) - years).abs() < 1e-9 * (1.0 + years) / (1.0 - p));
            prop_assert!((curve.survival(years) + p - 1.0).abs() < 1e-15);
            // Probabilities read at the nodes give the curve back.
            let nodes: Vec<(f64, f64)> =
                points.iter().map(|&(t, _)| (t, curve.default_probability(t))).collect();
            let again = DefaultCurve::from_probabilities(Measure::Historical, &nodes).unwrap();
            prop_assert!((again.default_probability(years) - p).abs() < 1e-12);
        }

        /// Every swap of the strip prices to nothing on the finished curve.
        #[test]
        fn the_bootstrap_prices_its_swaps(
            spreads in prop::collection::vec(0.002_f64..0.05, 1..5),
            recovery in 0.0_f64..0.7,
        ) {
            // Each spread at least that of the one before: then a hazard exists.
            let mut sorted = spreads;
            sorted.sort_by(f64::total_cmp);
            let points: Vec<(f64, f64)> =
                sorted.iter().enumerate().map(|(k, &s)| (1.0 + 2.0 * k as f64, s)).collect();
            let terms = PaymentConvention::MID_PERIOD_ACCRUED;
            let curve = DefaultCurve::from_spreads(&points, recovery, &discount(), &terms).unwrap();
            for (years, spread) in points {
                let of = |t| {
                    let p = curve.default_probability(t);
                    ((1.0 - recovery) * p, p)
                };
                let legs = terms.legs(years, &discount(), of).unwrap();
                prop_assert!((legs.spread().unwrap() - spread).abs() < 1e-12);
            }
        }
    }
}
