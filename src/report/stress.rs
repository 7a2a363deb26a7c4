//! `leasefall stress`: scenarios side by side, and how much less cash each note can bear.

use super::{Align, Report, Table, figure, percent, records, shown};
use crate::money::{Currency, Money};
use crate::study::Stress;
use crate::time::Date;
use serde::Serialize;

/// Scenarios side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StressReport {
    /// The deal's name.
    pub deal: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// A line per scenario and note.
    pub lines: Vec<StressLine>,
    /// The triggers that were active, by scenario.
    pub triggers: Vec<BreachLine>,
    /// How much less cash each note can bear.
    pub break_evens: Vec<BreakEvenLine>,
}

/// One note in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StressLine {
    /// The scenario's name.
    pub scenario: String,
    /// The class.
    pub note: String,
    /// Value per 100 of balance at the base scenario's spread.
    pub value: Option<f64>,
    /// Weighted average life of principal, in years.
    pub wal_years: Option<f64>,
    /// Principal never paid.
    pub principal_shortfall: String,
    /// Interest due and unpaid at the end.
    pub interest_shortfall: String,
}

/// A trigger that was active in a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BreachLine {
    /// The scenario's name.
    pub scenario: String,
    /// The trigger.
    pub trigger: String,
    /// The first payment date on which it was active.
    pub first: Date,
    /// Payment dates on which it was active.
    pub payment_dates: usize,
}

/// How much less cash a note can bear.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BreakEvenLine {
    /// The class.
    pub note: String,
    /// The scenario whose cash is cut.
    pub scenario: String,
    /// The greatest share of all collections that can be missing with interest and principal paid in full
    /// by the end; `null` if they are not even with all of it.
    pub collections_cut: Option<f64>,
}

impl StressReport {
    /// The report of a stress study.
    pub fn new(deal: impl Into<String>, currency: Currency, stress: &Stress) -> StressReport {
        let money = |amount: Money| super::decimal(currency, amount);
        let lines = stress.outcomes.iter().map(|outcome| StressLine {
            scenario: outcome.scenario.clone(),
            note: outcome.note.clone(),
            value: outcome.value,
            wal_years: outcome.wal_years,
            principal_shortfall: money(outcome.principal_shortfall),
            interest_shortfall: money(outcome.interest_shortfall),
        });
        let triggers = stress.breaches.iter().map(|breach| BreachLine {
            scenario: breach.scenario.clone(),
            trigger: breach.trigger.clone(),
            first: breach.first,
            payment_dates: breach.payment_dates,
        });
        let break_evens = stress.break_evens.iter().map(|found| BreakEvenLine {
            note: found.note.clone(),
            scenario: found.scenario.clone(),
            collections_cut: found.collections_cut,
        });
        StressReport {
            deal: deal.into(),
            currency,
            lines: lines.collect(),
            triggers: triggers.collect(),
            break_evens: break_evens.collect(),
        }
    }
}

impl Report for StressReport {
    fn csv(&self) -> String {
        [records(&self.lines), records(&self.triggers), records(&self.break_evens)]
            .into_iter()
            .filter(|list| !list.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn tables(&self) -> Vec<Table> {
        use Align::{Left, Right};
        let columns = [
            ("scenario", Left),
            ("class", Left),
            ("value", Right),
            ("WAL years", Right),
            ("principal short", Right),
            ("interest short", Right),
        ];
        let mut outcomes =
            Table::new(format!("{}: scenarios side by side, {}", self.deal, self.currency), &columns);
        let shown = |text: &String| shown(self.currency, text);
        for line in &self.lines {
            outcomes.row([
                line.scenario.clone(),
                line.note.clone(),
                figure(line.value, 3),
                figure(line.wal_years, 2),
                shown(&line.principal_shortfall),
                shown(&line.interest_shortfall),
            ]);
        }
        outcomes.note("Value: per 100 of balance at closing, at the note's spread in the base scenario.");
        let columns =
            [("scenario", Left), ("trigger", Left), ("first active", Left), ("payment dates", Right)];
        let mut triggers = Table::new("Triggers: when they were active", &columns);
        for line in &self.triggers {
            triggers.row([
                line.scenario.clone(),
                line.trigger.clone(),
                line.first.to_string(),
                line.payment_dates.to_string(),
            ]);
        }
        let columns = [("class", Left), ("scenario", Left), ("collections cut", Right)];
        let mut cuts = Table::new("Break-even: the cut of all collections that each note bears", &columns);
        for line in &self.break_evens {
            cuts.row([line.note.clone(), line.scenario.clone(), percent(line.collections_cut, 2)]);
        }
        cuts.note("Interest and principal are paid in full by the last payment date up to this cut. A dash: not even uncut.");
        vec![outcomes, triggers, cuts]
    }
}
