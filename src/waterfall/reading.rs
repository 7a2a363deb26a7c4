//! What triggers that compare a ratio with a level saw on every payment date.

use super::program::{Level, Program, TestTerms};
use super::result::Run;
use crate::collection::Collections;
use crate::error::Error;

/// One trigger on one payment date: the ratio that it tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestReading {
    /// The payment date, counted from 0.
    pub period: usize,
    /// The trigger, in the deal's order.
    pub trigger: usize,
    /// The numerator: of a DSCR, net operating income a year.
    pub numerator: i128,
    /// The denominator: of a DSCR, debt service a year.
    pub denominator: i128,
}

impl TestReading {
    /// Numerator over denominator; `None` over nothing, as a coverage is when no note is left.
    ///
    /// ```
    /// use leasefall::waterfall::TestReading;
    /// let reading = |denominator| TestReading { period: 0, trigger: 0, numerator: 27, denominator };
    /// assert_eq!(reading(20).value(), Some(1.35));
    /// assert_eq!(reading(0).value(), None);
    /// ```
    pub fn value(&self) -> Option<f64> {
        (self.denominator != 0).then(|| self.numerator as f64 / self.denominator as f64)
    }
}

/// The level against which a trigger compares its ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TriggerLevel {
    /// Whether it is breached below the level; if not, above it.
    pub below: bool,
    /// Where the breach begins.
    pub breach: f64,
    /// What counts as passing while a breach lasts.
    pub cure: f64,
}

impl Program {
    /// [`Program::run`], and every ratio that its triggers tested, by date and trigger.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn tested(&self, collections: &Collections) -> Result<(Run, Vec<TestReading>), Error> {
        let (run, trace) = self.heard(collections)?;
        Ok((run, trace.readings))
    }

    /// The level of a trigger that compares a ratio; `None` of another kind, or if there is no such trigger.
    pub fn trigger_level(&self, trigger: usize) -> Option<TriggerLevel> {
        let (TestTerms::Dscr { level, .. } | TestTerms::Ratio { level, .. }) =
            &self.triggers.get(trigger)?.test
        else {
            return None;
        };
        let Level { below, breach, cure } = *level;
        Some(TriggerLevel { below, breach: breach.to_f64(), cure: cure.to_f64() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::{Layout, measure, source};
    use crate::deal::Deal;
    use crate::money::Money;

    #[test]
    fn coverage_by_hand() {
        let deal: Deal = toml::from_str(
            r#"
            name = "On paper"
            currency = "USD"
            cut_off_date = "2025-12-31"
            closing_date = "2026-01-25"
            payments = { frequency = "monthly", first_date = "2026-02-25" }
            notes = [{ id = "A", original_balance = "1200.00", coupon = "0.10", day_count = "30/360", legal_final = "2026-04-25" }]
            accounts = [{ id = "collection" }]
            triggers = [
                { id = "trap", test = { kind = "dscr", below = "1.35", average_months = 2 }, cure = { kind = "passing", level = "1.5" } },
                { id = "late", test = { kind = "on_or_after", date = "2026-04-25" } },
            ]
            phases = [{ id = "normal", steps = [{ id = "interest", pay = "interest", notes = ["A"] }] }]
            "#,
        )
        .unwrap();
        let program = Program::compile(&deal, &Layout::leases()).unwrap();
        let mut collections = Collections::empty(deal.currency, Layout::leases(), 3);
        let column = |name| Layout::leases().column(name).unwrap();
        for (period, noi) in [2_000, 1_000, 500].into_iter().enumerate() {
            collections.row_mut(period)[column(measure::NOI)] = Money::from_minor(noi);
            collections.row_mut(period)[column(source::RENT)] = Money::from_minor(noi);
        }
        // Debt service 120.00 a year. Income a year: 240.00; the mean of 20.00 and 10.00 times 12, 180.00;
        // the mean of 10.00 and 5.00 times 12, 90.00.
        let (run, readings) = program.tested(&collections).unwrap();
        let values: Vec<f64> = readings.iter().map(|reading| reading.value().unwrap()).collect();
        assert_eq!(values, [2.0, 1.5, 0.75]);
        assert!(readings.iter().all(|reading| reading.trigger == 0));
        assert_eq!((run.trigger_active(1, 0), run.trigger_active(2, 0)), (false, true));
        let level = program.trigger_level(0).unwrap();
        assert_eq!((level.below, level.breach, level.cure), (true, 1.35, 1.5));
        assert_eq!((program.trigger_level(1), program.trigger_level(2)), (None, None));
    }
}
