//! leasefall
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod asset;
pub mod collection;
pub mod curve;
pub mod deal;
pub mod error;
pub mod folder;
pub mod math;
pub mod money;
pub mod pool;
pub mod rate;
pub mod ratio;
pub mod report;
pub mod scenario;
pub mod study;
pub mod tape;
pub mod time;
pub mod valuation;
pub mod waterfall;

pub use curve::DiscountCurve;
pub use error::{Error, Problem, Problems, SolveError};
pub use money::{Currency, Money, Rounding};
pub use rate::{Factor, Rate};
pub use ratio::Ratio;
pub use time::{Date, DayCount};
