//! One binary of integration tests, one file per concern.

mod agrees;
mod allocations;
mod check;
mod cli;
mod docs;
mod exact;
mod fast;
mod fixtures;
mod hand_worked;
mod lanes;
mod laws;
mod loans;
mod naive;
mod obsolescence;
mod outcome;
mod random;
mod rep_lines;
mod replay;
mod schema;
mod simulation;
mod subprime;
mod valuation;
