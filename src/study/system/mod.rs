//! The system around the deals.

mod apportion;
mod clearing;

pub use clearing::{Claim, Claims, Cleared, Clearing, Recovery, Vector};
