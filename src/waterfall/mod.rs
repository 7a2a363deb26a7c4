//! The waterfall: a deal is compiled once and run on collections, every cent accounted for.
//!
//! [`Program::compile`] resolves a [`Deal`](crate::deal::Deal) into a flat program over indices;
//! [`Program::run`] takes it through every payment date. The ledger is double-entry with one primitive,
//! a transfer, so that cash is conserved by construction. `docs/deal.md` tells what each step does.

mod amount;
mod compile;
mod ledger;
mod program;
mod result;
mod run;
mod state;
mod step;
mod trace;
mod trigger;

pub use program::Program;
pub use result::{Conservation, NoteRow, Run};
pub use trace::Explanation;
