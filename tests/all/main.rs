//! One binary of integration tests, one file per concern.

mod agrees;
mod check;
mod cli;
mod fast;
mod hand_worked;
mod naive;
mod outcome;
mod random;
mod schema;
