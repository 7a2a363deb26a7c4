//! States of the world: scripted ones, read from `scenarios/<name>.toml`.
//!
//! A [`Script`] is what people write. Resolved against a pool it becomes one state of the world as flat
//! arrays by index and month, the same object that a random generator draws.

mod script;

pub use script::{
    Assumptions, BankruptcyOutcome, Event, Growth, RefinancingTerms, RelettingTerms, SaleTerms, Script,
    Select,
};
