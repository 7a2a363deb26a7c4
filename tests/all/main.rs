//! One binary of integration tests, one file per concern.

mod agrees;
mod check;
mod cli;
mod docs;
mod fast;
mod fixtures;
mod hand_worked;
mod laws;
mod naive;
mod outcome;
mod random;
mod replay;
mod schema;
mod valuation;
