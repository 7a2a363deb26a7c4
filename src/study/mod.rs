//! Questions asked of the whole machine.

mod stress;

pub use stress::{BreakEven, Outcome, Stress, stress};
