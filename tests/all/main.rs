//! Everything that is tested through the public interface, one file per concern.

mod agrees;
mod fast;
mod hand_worked;
mod naive;
mod outcome;
mod random;
