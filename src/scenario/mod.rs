//! States of the world: scripted ones, read from `scenarios/<name>.toml`.
//!
//! A [`Script`] is what people write. [`Script::resolve`] turns it into a [`Scenario`]: one state of the
//! world as flat arrays by index and month, the same object that a random generator draws.

pub mod compute;
mod coverage;
#[cfg(feature = "chance")]
mod generator;
mod performance;
mod resolve;
mod risk;
mod script;
mod speed;
mod state;
mod term_structure;

pub use coverage::{Coverage, CoverageHazard};
#[cfg(feature = "chance")]
pub use generator::{Draws, Generator, Shift, World};
#[cfg(feature = "chance")]
pub(crate) use generator::{ObligorGroup, Place, SharedFactors, own_factors, pool_seed};
pub use performance::{DefaultVectorTerms, HousePrice, LinePath, PerformanceTerms, PrepaymentTerms};
pub use risk::{
    AI_DEMAND, ComputeRiskTerms, CopulaTerms, CoverageTerms, CumulativePoint, DefaultTerms, LineRiskTerms,
    LoadingTerms, MarketRentTerms, ObligorTerms, RecoveryPoint, Risk, SpreadPoint,
};
pub use script::{
    Assumptions, BankruptcyOutcome, Event, Growth, RefinancingTerms, RelettingTerms, SaleTerms, Script,
    Select,
};
pub use speed::{CountedFrom, DefaultUnit, PrepaymentUnit, VectorPoint, monthly_mortality};
pub use state::{Departure, Obligation, Reletting, Renewal, Rollover, Scenario};
pub use term_structure::{average_forward_rent, fixed_rent, reserved_forward_ratio, reserved_forwards};
