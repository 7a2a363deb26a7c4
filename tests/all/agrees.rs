//! The crate's waterfall and the naive one agree, to the cent, on everything.

use crate::outcome::{Outcome, Period};
use crate::random::{Case, cases, config};
use crate::{fast, naive};
use leasefall::Error;
use proptest::prelude::*;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn on_random_deals(case in cases()) {
        compare(&case)?;
    }
}

fn compare(case: &Case) -> Result<(), TestCaseError> {
    let slow = naive::run(&case.deal, &naive::schedule(&case.deal), &case.collections);
    let fast = match fast::run(&case.deal, &case.collections) {
        Err(Error::Overflow { .. }) if largest(&slow) > i128::from(i64::MAX) / 1_000 => return Err(reject()),
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
        Ok(fast) => fast,
    };
    for (date, (slow, fast)) in slow.periods.iter().zip(&fast.periods).enumerate() {
        let differ = |what: &str, slow: &dyn std::fmt::Debug, fast: &dyn std::fmt::Debug| {
            TestCaseError::fail(format!("date {date}: {what}\nnaive {slow:?}\nfast  {fast:?}"))
        };
        for (id, row) in &slow.notes {
            if *row != fast.notes[id] {
                return Err(differ(id, row, &fast.notes[id]));
            }
        }
        if (&slow.accounts, &slow.active, &slow.phase) != (&fast.accounts, &fast.active, &fast.phase) {
            let rest =
                |period: &Period| format!("{:?} {:?} {}", period.accounts, period.active, period.phase);
            return Err(differ("accounts, triggers or phase", &rest(slow), &rest(fast)));
        }
        if slow.payees != fast.payees {
            return Err(differ("payees", &slow.payees, &fast.payees));
        }
    }
    prop_assert_eq!(slow.periods.len(), fast.periods.len());
    prop_assert_eq!((slow.sources, slow.uses), (fast.sources, fast.uses));
    Ok(())
}

fn reject() -> TestCaseError {
    TestCaseError::reject("an amount passes 64 bits")
}

fn largest(outcome: &Outcome) -> i128 {
    let closes = outcome.periods.iter().flat_map(|period| period.notes.values().map(|row| row.balance_close));
    closes.chain([outcome.sources]).max().unwrap_or(0)
}
