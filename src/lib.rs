//! leasefall
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod collection;
pub mod curve;
pub mod deal;
pub mod error;
pub mod math;
pub mod money;
pub mod rate;
pub mod ratio;
pub mod time;
pub mod valuation;
pub mod waterfall;

pub use curve::DiscountCurve;
pub use error::{Error, Problem, Problems, SolveError};
pub use money::{Currency, Money, Rounding};
pub use rate::{Factor, Rate};
pub use ratio::Ratio;
pub use time::{Date, DayCount};
