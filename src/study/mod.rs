//! Questions asked of the whole machine.

#[cfg(feature = "studies")]
mod break_even;
#[cfg(feature = "studies")]
pub mod compare_2008;
#[cfg(feature = "studies")]
mod crossing;
#[cfg(feature = "studies")]
mod guarantee;
#[cfg(feature = "studies")]
pub mod overview;
#[cfg(feature = "studies")]
mod printed;
#[cfg(feature = "studies")]
mod reconcile;
#[cfg(feature = "studies")]
mod resecuritization;
#[cfg(feature = "chance")]
pub mod simulation;
#[cfg(feature = "studies")]
mod statement;
#[cfg(feature = "studies")]
mod stress;
#[cfg(feature = "studies")]
pub mod system;

#[cfg(feature = "studies")]
pub use break_even::{Limit, Stressor, limits};
#[cfg(feature = "studies")]
pub use crossing::{Crossing, CrossingPoint, Turn, crossing};
#[cfg(feature = "studies")]
pub use guarantee::{GuaranteeExit, guarantee_exits};
#[cfg(feature = "studies")]
pub use reconcile::{Accrued, Hint, Parting, ReconciledLine, Reconciliation, Verdict, reconcile};
#[cfg(feature = "studies")]
pub use resecuritization::{
    Fragility, LossRow, Resecuritization, ResecuritizationLosses, fragility, loss_table,
};
#[cfg(feature = "studies")]
pub use statement::{Statement, StatementFile, StatementLine};
#[cfg(feature = "studies")]
pub use stress::{Breach, BreakEven, Outcome, Stress, stress};
