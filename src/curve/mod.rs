//! Curves: discount factors and forward rates from market quotes, and index paths given outright.
//!
//! Time on a curve is years of 365 days from its reference date (act/365f). A [`DiscountCurve`] is
//! log-linear in the discount factor: the continuously compounded forward rate is constant between nodes,
//! and beyond the last node, and before the reference date, it stays that of the nearest stretch.
//!
//! ```
//! use leasefall::{Date, DiscountCurve};
//! use leasefall::curve::Compounding;
//!
//! let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
//! // Treasury par yields: half a year at 4%, one year at 5%.
//! let curve = DiscountCurve::from_par_yields(today, &[(0.5, 0.04), (1.0, 0.05)])?;
//! // 1 = 0.025 P(0.5) + 1.025 P(1), with P(0.5) = 1 / 1.02.
//! assert!((curve.at_years(1.0) - (1.0 - 0.025 / 1.02) / 1.025).abs() < 1e-14);
//! // The same money lent for a year, quoted with semiannual compounding.
//! assert!((curve.zero_rate(1.0, Compounding::Semiannual) - 0.050_126).abs() < 1e-6);
//! # Ok::<(), leasefall::curve::CurveProblem>(())
//! ```

mod bootstrap;
mod compounding;
mod discount;
mod forward;
mod terms;

pub use compounding::Compounding;
pub use discount::DiscountCurve;
pub use forward::ForwardCurve;
pub use terms::{CurveKind, CurvePoint, CurveTerms};

use crate::error::Problem;
use crate::rate::Rate;
use crate::time::{Date, DayCount};
use std::fmt;
use thiserror::Error;

/// A curve of either kind, as a deal's floating rates refer to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// Discount factors, from which forward rates follow.
    Discount(DiscountCurve),
    /// An index path given outright.
    Forward(ForwardCurve),
}

impl Curve {
    /// The index rate of an accrual period: the simple forward rate over it, rounded as
    /// [`Rate::from_model`] does, or the rate that the path gives for its first day.
    ///
    /// `None` if the forward rate is not a number that a rate can be.
    pub fn index_rate(&self, start: Date, end: Date, day_count: DayCount) -> Option<Rate> {
        match self {
            Curve::Discount(curve) => Rate::from_model(curve.forward_rate(start, end, day_count)),
            Curve::Forward(path) => Some(path.rate_on(start)),
        }
    }

    /// The curve moved up by `shift` a year: a discount curve by a continuously compounded rate
    /// ([`DiscountCurve::shifted`]), an index path by the rate itself.
    pub fn shifted(&self, shift: f64) -> Curve {
        match self {
            Curve::Discount(curve) => Curve::Discount(curve.shifted(shift)),
            Curve::Forward(path) => Curve::Forward(path.shifted(shift)),
        }
    }

    /// The discount curve; `None` for an index path, which discounts nothing.
    pub fn as_discount(&self) -> Option<&DiscountCurve> {
        match self {
            Curve::Discount(curve) => Some(curve),
            Curve::Forward(_) => None,
        }
    }
}

/// The first thing wrong in the points of a curve. Whoever wrote them acts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: found {found}, expected {expected}")]
pub struct CurveProblem {
    /// Where: `points[3].value`, the first point being 0.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: &'static str,
}

impl CurveProblem {
    /// The same problem in its place in a file: `path` is that of the curve, as in `curves[0]`.
    ///
    /// ```
    /// use leasefall::curve::CurveProblem;
    /// let field = "points[3].value".to_string();
    /// let problem = CurveProblem { field, found: "0".to_string(), expected: "above 0" };
    /// let placed = problem.in_file("deal.toml", 41, "curves[0]");
    /// assert_eq!(placed.to_string(), "deal.toml:41: curves[0].points[3].value: found 0, expected above 0");
    /// ```
    pub fn in_file(self, file: &str, line: usize, path: &str) -> Problem {
        let field = if path.is_empty() { self.field } else { format!("{path}.{}", self.field) };
        Problem { file: file.to_owned(), line, field, found: self.found, expected: self.expected.to_owned() }
    }

    fn new(field: impl Into<String>, found: impl fmt::Display, expected: &'static str) -> CurveProblem {
        CurveProblem { field: field.into(), found: found.to_string(), expected }
    }

    fn at_point(index: usize, part: &str, found: impl fmt::Display, expected: &'static str) -> CurveProblem {
        CurveProblem::new(format!("points[{index}].{part}"), found, expected)
    }
}
