//! The waterfall: a deal is compiled once and run on collections, every cent accounted for.
//!
//! [`Program::compile`] resolves a [`Deal`](crate::deal::Deal) into a flat program over indices;
//! [`Program::run`] takes it through every payment date. The ledger is double-entry with one primitive,
//! a transfer, so that cash is conserved by construction. [`Program::run_paths`] takes several paths through
//! the same waterfall side by side, for simulations. `docs/deal.md` tells what each step does.

mod accrue;
mod amount;
mod compile;
mod lanes;
mod ledger;
mod linear;
mod multiplier;
mod paths;
mod program;
mod reading;
mod receipts;
mod redeem;
mod result;
mod run;
mod state;
mod step;
mod trace;
mod trigger;
mod whole;

pub use lanes::Lanes;
pub use paths::{NoteRows, Observe, Paths, PaymentDate};
pub use program::Program;
pub use reading::{TestReading, TriggerLevel};
pub use receipts::{Holdings, Receipts};
pub use result::{Conservation, NoteRow, Run};
pub use trace::Explanation;
pub use whole::Whole;
