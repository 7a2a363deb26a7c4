//! Questions asked of the whole machine.

mod printed;
mod reconcile;
pub mod simulation;
mod statement;
mod stress;
pub mod system;

pub use reconcile::{Accrued, Hint, Parting, ReconciledLine, Reconciliation, Verdict, reconcile};
pub use statement::{Statement, StatementFile, StatementLine};
pub use stress::{Breach, BreakEven, Outcome, Stress, stress};
