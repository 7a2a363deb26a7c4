//! Questions asked of the whole machine.

mod stress;

pub use stress::{Breach, BreakEven, Outcome, Stress, stress};
