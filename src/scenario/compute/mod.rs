//! The price of compute: what an hour of an H100's work costs, month by month.
//!
//! ```text
//! price = frontier x exp(scarcity)
//! ```
//!
//! The [`Frontier`] is the long-run cost ([`long_run_cost`]) of the cheapest generation of chips, stepped down
//! by each arrival as it is adopted. [`Scarcity`] is an Ornstein-Uhlenbeck process: the V in the
//! rental price of H100s is no slope. [`ComputePrice`] puts the two together: a scripted path, its expectation and
//! quantiles in closed form, and draws from standard normals that the caller supplies. Nothing here allocates
//! while a path is drawn, and without volatility a draw is the scripted path, bit for bit.
//!
//! The unit is dollars per H100-hour: an hour of the work of one H100 SXM (see
//! [`Generation::h100_equivalents`](crate::asset::Generation::h100_equivalents)). It is what the market
//! quotes, so observed rents are prices in this unit as they stand.

/// Months beyond the last payment date over which chips that the deal owns may still be worth something: a chip
/// bought at the end of the catalogue dies after 102 (`docs/obsolescence.md`).
pub(crate) const CHIP_TAIL_MONTHS: usize = 180;

mod cadence;
mod calibrate;
mod cost;
mod dated;
mod frontier;
mod halls;
mod outlook;
mod path;
mod scarcity;
mod terms;
#[cfg(test)]
mod tests;

pub use cadence::Cadence;
pub use calibrate::{Calibration, Observation, StandardErrors, calibrate_scarcity};
pub(crate) use cost::check_rates;
pub use cost::{CostTerms, HOURS_PER_MONTH, LongRunCost, OperatingTerms, long_run_cost};
pub use frontier::{Arrival, Frontier};
pub use halls::{HallFit, Refit};
pub use outlook::ComputeOutlook;
pub(crate) use outlook::DrawnArrivals;
pub use path::ComputePrice;
pub use scarcity::{Scarcity, ScarcityStep, correlated_normal};
pub use terms::{ComputeTerms, CoverageDefaultTerms, HallTerms};
