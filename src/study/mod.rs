//! Questions asked of the whole machine.

mod break_even;
pub mod compare_2008;
mod crossing;
pub mod overview;
mod printed;
mod reconcile;
mod resecuritization;
pub mod simulation;
mod statement;
mod stress;
pub mod system;

pub use break_even::{Limit, Stressor, limits};
pub use crossing::{Crossing, CrossingPoint, Turn, crossing};
pub use reconcile::{Accrued, Hint, Parting, ReconciledLine, Reconciliation, Verdict, reconcile};
pub use resecuritization::{
    Fragility, LossRow, Resecuritization, ResecuritizationLosses, fragility, loss_table,
};
pub use statement::{Statement, StatementFile, StatementLine};
pub use stress::{Breach, BreakEven, Outcome, Stress, stress};
