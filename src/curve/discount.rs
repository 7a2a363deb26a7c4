//! The discount curve.

use super::{Compounding, CurveProblem, bootstrap};
use crate::time::{Date, DayCount};

/// Discount factors from a reference date on, log-linear between nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscountCurve {
    reference_date: Date,
    /// In order of time; never empty.
    segments: Vec<Segment>,
}

/// A stretch of constant forward rate that ends at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Segment {
    start: f64,
    end: f64,
    log_discount_at_start: f64,
    /// Continuously compounded.
    forward: f64,
}

impl DiscountCurve {
    /// One rate for all times. A simple rate fixes the factor of one year, so that it counts as annual.
    ///
    /// ```
    /// use leasefall::{Date, DiscountCurve, curve::Compounding};
    /// let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
    /// let curve = DiscountCurve::flat(today, 0.05, Compounding::Annual)?;
    /// assert!((curve.at_years(2.0) - 1.0 / (1.05 * 1.05)).abs() < 1e-15);
    /// # Ok::<(), leasefall::curve::CurveProblem>(())
    /// ```
    ///
    /// # Errors
    /// A [`CurveProblem`] if the rate is no number or loses everything within a compounding period.
    pub fn flat(reference_date: Date, rate: f64, compounding: Compounding) -> Result<Self, CurveProblem> {
        let forward = compounding.to_continuous(rate, 1.0);
        if !forward.is_finite() {
            return Err(CurveProblem::at_point(0, "value", rate, RATE));
        }
        let segment = Segment { start: 0.0, end: 1.0, log_discount_at_start: 0.0, forward };
        Ok(DiscountCurve { reference_date, segments: vec![segment] })
    }

    /// From zero rates: pairs of years and rate.
    ///
    /// # Errors
    /// A [`CurveProblem`] if there is no point, times do not rise from above 0, or a rate is no number or
    /// loses everything within a compounding period.
    pub fn from_zero_rates(
        reference_date: Date,
        points: &[(f64, f64)],
        compounding: Compounding,
    ) -> Result<Self, CurveProblem> {
        Self::from_log_discounts(reference_date, points, RATE, |t, rate| {
            -compounding.to_continuous(rate, t) * t
        })
    }

    /// From discount factors: pairs of years and the price today of one unit paid then.
    ///
    /// # Errors
    /// A [`CurveProblem`] if there is no point, times do not rise from above 0, or a factor is not above 0.
    pub fn from_discount_factors(reference_date: Date, points: &[(f64, f64)]) -> Result<Self, CurveProblem> {
        const FACTOR: &str = "a discount factor above 0";
        Self::from_log_discounts(reference_date, points, FACTOR, |_, factor| libm::log(factor))
    }

    /// From par yields of United States Treasuries: pairs of years and bond-equivalent yield.
    ///
    /// Up to half a year the yield is that of a bill, `P = 1 / (1 + y t)`; beyond, of a bond at par with
    /// coupons every half year, so that maturities are whole half years. Discount factors between two
    /// maturities are log-linear, and each bond prices to par on the finished curve.
    ///
    /// # Errors
    /// A [`CurveProblem`] if there is no point, times do not rise from above 0, a maturity beyond half a
    /// year is not a whole number of half years or lies beyond 100 years, or no positive discount factor
    /// prices a bond to par.
    pub fn from_par_yields(reference_date: Date, points: &[(f64, f64)]) -> Result<Self, CurveProblem> {
        let log_discounts = bootstrap::log_discounts(points)?;
        Self::from_log_discounts(reference_date, &log_discounts, RATE, |_, log_discount| log_discount)
    }

    fn from_log_discounts(
        reference_date: Date,
        points: &[(f64, f64)],
        expected: &'static str,
        log_discount: impl Fn(f64, f64) -> f64,
    ) -> Result<Self, CurveProblem> {
        let mut segments = Vec::with_capacity(points.len());
        let (mut start, mut log_discount_at_start) = (0.0, 0.0);
        for (index, &(end, value)) in points.iter().enumerate() {
            check_time(index, start, end)?;
            let log_discount_at_end = log_discount(end, value);
            let forward = (log_discount_at_start - log_discount_at_end) / (end - start);
            if !forward.is_finite() {
                return Err(CurveProblem::at_point(index, "value", value, expected));
            }
            segments.push(Segment { start, end, log_discount_at_start, forward });
            (start, log_discount_at_start) = (end, log_discount_at_end);
        }
        if segments.is_empty() {
            return Err(CurveProblem::new("points", "none", "at least one point"));
        }
        Ok(DiscountCurve { reference_date, segments })
    }

    /// The date whose discount factor is 1.
    pub fn reference_date(&self) -> Date {
        self.reference_date
    }

    /// Years of 365 days from the reference date; negative before it.
    pub fn years_to(&self, date: Date) -> f64 {
        date.signed_duration_since(self.reference_date).num_days() as f64 / 365.0
    }

    /// The value on the reference date of one unit paid on `date`.
    pub fn discount_factor(&self, date: Date) -> f64 {
        self.at_years(self.years_to(date))
    }

    /// The value on the reference date of one unit paid `t` years after it.
    pub fn at_years(&self, t: f64) -> f64 {
        libm::exp(self.log_discount(t))
    }

    /// The rate that, so quoted, discounts a payment in `t` years as the curve does. At 0 its limit.
    pub fn zero_rate(&self, t: f64, compounding: Compounding) -> f64 {
        compounding.from_continuous(self.continuous_zero_rate(t), t)
    }

    /// The simple forward rate from `start` to `end`: `(P(start) / P(end) - 1) / year fraction`.
    ///
    /// Where the day count sees no time between the dates, the continuously compounded forward rate of
    /// the start: the rate of a period that shrinks to nothing.
    ///
    /// ```
    /// use leasefall::{Date, DayCount, DiscountCurve};
    /// let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
    /// // One year of 365 days at a factor of 0.96: 1/0.96 - 1 on act/365f.
    /// let curve = DiscountCurve::from_discount_factors(day(2026, 11, 20), &[(1.0, 0.96)])?;
    /// let rate = curve.forward_rate(day(2026, 11, 20), day(2027, 11, 20), DayCount::Act365Fixed);
    /// assert!((rate - (1.0 / 0.96 - 1.0)).abs() < 1e-15);
    /// # Ok::<(), leasefall::curve::CurveProblem>(())
    /// ```
    pub fn forward_rate(&self, start: Date, end: Date, day_count: DayCount) -> f64 {
        let (from, to) = (self.years_to(start), self.years_to(end));
        let fraction = day_count.year_fraction(start, end).to_f64();
        if fraction == 0.0 {
            return self.segment(from).forward;
        }
        libm::expm1(self.log_discount(from) - self.log_discount(to)) / fraction
    }

    /// The curve with every continuously compounded rate raised by `spread_continuous`: discount factors
    /// are multiplied by `exp(-s t)`.
    pub fn shifted(&self, spread_continuous: f64) -> DiscountCurve {
        let shift = |segment: &Segment| Segment {
            log_discount_at_start: segment.log_discount_at_start - spread_continuous * segment.start,
            forward: segment.forward + spread_continuous,
            ..*segment
        };
        DiscountCurve {
            reference_date: self.reference_date,
            segments: self.segments.iter().map(shift).collect(),
        }
    }

    /// The discount factor of `t` years with the zero rate, quoted by `compounding`, raised by `spread`:
    /// the factor of a Z-spread. With continuous compounding the same as [`DiscountCurve::shifted`].
    ///
    /// ```
    /// use leasefall::{Date, DiscountCurve, curve::Compounding};
    /// let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
    /// let curve = DiscountCurve::flat(today, 0.04, Compounding::Semiannual)?;
    /// let factor = curve.at_years_with_spread(5.0, 0.02, Compounding::Semiannual);
    /// assert!((factor - 1.03_f64.powi(-10)).abs() < 1e-15);
    /// # Ok::<(), leasefall::curve::CurveProblem>(())
    /// ```
    pub fn at_years_with_spread(&self, t: f64, spread: f64, compounding: Compounding) -> f64 {
        let rate = self.zero_rate(t, compounding) + spread;
        libm::exp(-compounding.to_continuous(rate, t) * t)
    }

    fn continuous_zero_rate(&self, t: f64) -> f64 {
        if t == 0.0 { self.segments[0].forward } else { -self.log_discount(t) / t }
    }

    fn log_discount(&self, t: f64) -> f64 {
        let segment = self.segment(t);
        segment.log_discount_at_start - segment.forward * (t - segment.start)
    }

    /// The segment that holds `t`; outside the nodes the nearest.
    fn segment(&self, t: f64) -> &Segment {
        let index = self.segments.partition_point(|segment| segment.end < t);
        &self.segments[index.min(self.segments.len() - 1)]
    }
}

const RATE: &str = "a rate that leaves a positive discount factor";

/// Times rise from above the one before, which is 0 before the first point.
pub(super) fn check_time(index: usize, before: f64, time: f64) -> Result<(), CurveProblem> {
    let expected = if index == 0 { "a time above 0" } else { "a time above that of the point before" };
    // The comparison is written so that NaN fails it.
    if time > before && time.is_finite() {
        Ok(())
    } else {
        Err(CurveProblem::at_point(index, "years", time, expected))
    }
}

#[cfg(test)]
#[path = "discount_tests.rs"]
mod tests;
