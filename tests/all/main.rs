//! Everything that is tested through the public interface, one file per concern.

mod hand_worked;
mod naive;
mod outcome;
