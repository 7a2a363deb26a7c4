//! One binary of integration tests, one file per concern.

mod agrees;
mod allocations;
mod check;
mod chip_leases;
mod clearing;
mod cli;
mod compute;
mod docs;
mod exact;
mod fast;
mod fixtures;
mod hand_worked;
mod lanes;
mod laws;
mod loans;
mod naive;
mod nested;
mod obsolescence;
mod outcome;
mod random;
mod replay;
mod report;
mod schema;
mod simulation;
mod system;
mod valuation;
