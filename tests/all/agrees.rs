//! The crate's waterfall and the naive one agree, to the cent, on everything.

use crate::outcome::{Outcome, Period};
use crate::random::{Case, cases, config};
use crate::{fast, naive};
use leasefall::Error;
use leasefall::deal::{Allocation, Deal};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

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
        Err(Error::Overflow { .. }) if largest(case, &slow) > i128::from(i64::MAX) / 1_000_000 => {
            return Err(reject());
        }
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

/// The largest amount in sight; formulas and fees may add up many multiples of such.
fn largest(case: &Case, outcome: &Outcome) -> i128 {
    let collections = &case.collections;
    let cells = (0..collections.periods()).flat_map(|period| collections.row(period));
    let cells = cells.map(|cell| i128::from(cell.minor()).abs());
    let rows = outcome.periods.iter().flat_map(|period| period.notes.values());
    let owed =
        rows.map(|row| row.balance_close.max(row.interest_shortfall).max(row.post_ard_interest_unpaid));
    owed.chain(cells).chain([outcome.sources]).max().unwrap_or(0)
}

/// Whether a step of the deal shares by opening balances.
fn shares_by_opening(deal: &Deal) -> bool {
    let mut steps = deal.phases.iter().flat_map(|phase| &phase.steps);
    steps.any(|step| step.allocation == Allocation::ProRataOpening)
}

/// Agreement says little about what never happens: the random deals must do everything a deal can do.
#[test]
fn random_deals_do_everything() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..1_000 {
        let case = cases().new_tree(&mut runner).expect("a case").current();
        let run = naive::run(&case.deal, &naive::schedule(&case.deal), &case.collections);
        let rows = || run.periods.iter().flat_map(|period| period.notes.values());
        let paid = |fee: &str| run.periods.last().is_some_and(|period| period.payees.contains_key(fee));
        let happened = [
            ("interest paid", rows().any(|row| row.interest_paid > 0)),
            ("interest short", rows().any(|row| row.interest_shortfall > 0)),
            ("principal paid", rows().any(|row| row.principal_paid > 0)),
            ("principal short", rows().any(|row| row.principal_shortfall > 0)),
            ("extra interest paid", rows().any(|row| row.post_ard_interest_paid > 0)),
            ("extra interest short", rows().any(|row| row.post_ard_interest_unpaid > 0)),
            ("premium paid", rows().any(|row| row.make_whole_paid > 0)),
            ("drawn", rows().any(|row| row.draws > 0)),
            ("capitalized", rows().any(|row| row.capitalized > 0)),
            ("written down", rows().any(|row| row.written_down > 0)),
            ("written up", rows().any(|row| row.written_up > 0)),
            ("expenses paid", paid("expenses")),
            ("a fee paid", paid("f0")),
            ("redeemed", run.periods.iter().any(|period| period.phase == "redemption")),
            ("opened late", case.deal.opening.is_some()),
            ("shared by opening balance", shares_by_opening(&case.deal)),
            ("second phase", run.periods.iter().any(|period| period.phase == "p1")),
            ("a trigger cured", run.periods.windows(2).any(|two| !two[0].active.is_subset(&two[1].active))),
        ];
        for (what, yes) in happened {
            *seen.entry(what).or_default() += u32::from(yes);
        }
    }
    println!("{seen:?}");
    assert!(seen.values().all(|times| *times >= 10), "{seen:?}");
}
