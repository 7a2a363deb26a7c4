//! An index path given outright: realised fixings, or a scenario's assumption.

use super::CurveProblem;
use crate::rate::Rate;
use crate::time::Date;

/// A step function of dates: each rate holds from its date until the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardCurve {
    /// In order of date; never empty.
    steps: Vec<(Date, Rate)>,
}

impl ForwardCurve {
    /// From steps in order of date.
    ///
    /// # Errors
    /// A [`CurveProblem`] if there is no step or dates do not rise.
    pub fn new(steps: Vec<(Date, Rate)>) -> Result<ForwardCurve, CurveProblem> {
        if steps.is_empty() {
            return Err(CurveProblem::new("points", "none", "at least one point"));
        }
        for (index, pair) in steps.windows(2).enumerate() {
            if pair[1].0 <= pair[0].0 {
                let expected = "a date after that of the point before";
                return Err(CurveProblem::at_point(index + 1, "date", pair[1].0, expected));
            }
        }
        Ok(ForwardCurve { steps })
    }

    /// The rate that holds on a date, exactly as given. Before the first step its rate, after the last
    /// step that one's.
    ///
    /// ```
    /// use leasefall::{Date, Rate, curve::ForwardCurve};
    /// use rust_decimal::Decimal;
    /// let day = |month| Date::from_ymd_opt(2026, month, 1).unwrap();
    /// let percent = |n| Rate::new(Decimal::new(n, 2));
    /// let path = ForwardCurve::new(vec![(day(1), percent(4)), (day(7), percent(3))])?;
    /// assert_eq!([day(1), day(6), day(7), day(12)].map(|d| path.rate_on(d)), [4, 4, 3, 3].map(percent));
    /// # Ok::<(), leasefall::curve::CurveProblem>(())
    /// ```
    pub fn rate_on(&self, date: Date) -> Rate {
        let after = self.steps.partition_point(|&(from, _)| from <= date);
        self.steps[after.saturating_sub(1)].1
    }

    /// The path with every rate moved up by `shift` a year, rounded as an index is ([`Rate::from_model`]).
    pub fn shifted(&self, shift: f64) -> ForwardCurve {
        let moved = |rate: Rate| Rate::from_model(rate.to_f64() + shift).unwrap_or(rate);
        ForwardCurve { steps: self.steps.iter().map(|&(date, rate)| (date, moved(rate))).collect() }
    }

    /// The steps, in order of date.
    pub fn steps(&self) -> &[(Date, Rate)] {
        &self.steps
    }
}
