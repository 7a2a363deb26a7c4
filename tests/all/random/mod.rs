//! Random deals that are valid by construction, and random collections for them.
//!
//! Strategies draw small plain values; [`build::build`] turns them into a deal, reading every reference modulo
//! what there is to refer to. So whatever proptest cuts away while shrinking, the deal stays valid.

mod build;
mod formulas;
mod rules;
mod spec;

use build::{EVENT, build};
use leasefall::collection::Collections;
use leasefall::deal::Deal;
use proptest::prelude::*;
use std::fmt;

/// A deal and what it collects.
#[derive(Clone)]
pub struct Case {
    pub deal: Deal,
    pub collections: Collections,
}

/// As a person would write it down: the deal file, and what is not zero in the collections.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", toml::to_string(&self.deal).unwrap_or_else(|error| error.to_string()))?;
        let layout = self.collections.layout();
        for period in 0..self.collections.periods() {
            let names = layout.sources().iter().chain(layout.measures());
            let cells = names.zip(self.collections.row(period)).filter(|(_, cell)| !cell.is_zero());
            let cells: Vec<String> = cells.map(|(name, cell)| format!("{name} {}", cell.minor())).collect();
            writeln!(f, "# period {period}: {}", cells.join(", "))?;
        }
        write!(
            f,
            "# {:?}, {EVENT}: {:?}",
            self.collections.refinancing(),
            self.collections.event_period(EVENT)
        )
    }
}

/// Any deal.
pub fn cases() -> impl Strategy<Value = Case> {
    spec::spec().prop_map(|spec| build(&spec))
}

/// Deals of at most some hundred millions: what markets see, and far from any bound of a number type.
pub fn modest_cases() -> impl Strategy<Value = Case> {
    spec::spec().prop_map(|mut spec| {
        spec.terms.modest = true;
        build(&spec)
    })
}

/// How many cases a property is tried on: `LEASEFALL_CASES`, or 1,000.
pub fn config() -> ProptestConfig {
    let cases = std::env::var("LEASEFALL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    ProptestConfig { cases, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() }
}
