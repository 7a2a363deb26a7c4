//! Questions asked of the whole machine.

pub mod simulation;
mod stress;

pub use stress::{Breach, BreakEven, Outcome, Stress, stress};
