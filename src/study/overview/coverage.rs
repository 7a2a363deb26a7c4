//! The ratios that triggers test, with their levels.

use crate::deal::{Deal, Test, Trigger};
use crate::waterfall::{Program, Run, TestReading, TriggerLevel};
use rust_decimal::Decimal;

/// What is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverageTest {
    /// Debt service coverage.
    Dscr,
    /// Loan to value.
    Ltv,
    /// Overcollateralization.
    Oc,
    /// Interest coverage.
    Ic,
    /// The share of rent that the largest tenants pay.
    Concentration,
    /// A ratio of the deal's own.
    Ratio,
}

/// One ratio over time, and the triggers that compare it.
#[derive(Clone, Debug, PartialEq)]
pub struct CoveragePath {
    /// What it is.
    pub test: CoverageTest,
    /// The notes that count; empty if all do.
    pub notes: Vec<String>,
    /// By payment date; `None` where its denominator is nothing.
    pub values: Vec<Option<f64>>,
    /// The triggers that look at it, by name, with their levels.
    pub levels: Vec<(String, TriggerLevel)>,
}

/// The ratios of a run, each once however many triggers compare it.
pub(super) fn paths(
    deal: &Deal,
    program: &Program,
    run: &Run,
    readings: &[TestReading],
) -> Vec<CoveragePath> {
    let mut found: Vec<(Test, CoveragePath)> = Vec::new();
    for (index, trigger) in deal.triggers.iter().enumerate() {
        let (Some((test, measured, notes)), Some(level)) = (measured(trigger), program.trigger_level(index))
        else {
            continue;
        };
        let level = (trigger.id.clone(), level);
        if let Some((_, path)) = found.iter_mut().find(|(known, _)| *known == measured) {
            path.levels.push(level);
            continue;
        }
        let mut values = vec![None; run.periods()];
        for reading in readings.iter().filter(|reading| reading.trigger == index) {
            if let Some(value) = values.get_mut(reading.period) {
                *value = reading.value();
            }
        }
        found.push((measured, CoveragePath { test, notes, values, levels: vec![level] }));
    }
    found.into_iter().map(|(_, path)| path).collect()
}

/// What a trigger measures, its level left out, and on which notes; `None` if it compares no ratio.
fn measured(trigger: &Trigger) -> Option<(CoverageTest, Test, Vec<String>)> {
    let mut bare = trigger.test.clone();
    let (test, notes) = match &mut bare {
        Test::Dscr { notes, below, .. } => {
            *below = Decimal::ZERO;
            (CoverageTest::Dscr, notes.clone())
        }
        Test::Ltv { notes, above } => {
            *above = Decimal::ZERO;
            (CoverageTest::Ltv, notes.clone())
        }
        Test::Oc { notes, below, .. } => {
            *below = Decimal::ZERO;
            (CoverageTest::Oc, notes.clone())
        }
        Test::Ic { notes, below, .. } => {
            *below = Decimal::ZERO;
            (CoverageTest::Ic, notes.clone())
        }
        Test::Ratio { below, above, .. } => {
            (*below, *above) = (None, None);
            (CoverageTest::Ratio, Vec::new())
        }
        Test::Concentration { above, .. } => {
            *above = Decimal::ZERO;
            (CoverageTest::Concentration, Vec::new())
        }
        _ => return None,
    };
    Some((test, bare, notes))
}
