//! Questions asked of the whole machine.

mod break_even;
mod crossing;
mod printed;
mod reconcile;
pub mod simulation;
mod statement;
mod stress;

pub use break_even::{Limit, Stressor, limits};
pub use crossing::{Crossing, CrossingPoint, crossing};
pub use reconcile::{Accrued, Hint, Parting, ReconciledLine, Reconciliation, Verdict, reconcile};
pub use statement::{Statement, StatementFile, StatementLine};
pub use stress::{Breach, BreakEven, Outcome, Stress, stress};
