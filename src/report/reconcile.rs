//! `leasefall reconcile`: computed against printed, and the first step where the two part.

use super::{Align, ExplainLine, Report, Table, decimal, records, shown};
use crate::deal::Deal;
use crate::money::Currency;
use crate::study::{Hint, Parting, ReconciledLine, Reconciliation, Verdict};
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// A statement against a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReconcileReport {
    /// The deal's name.
    pub deal: String,
    /// The statement's file.
    pub statement: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// Lines that tie to the last digit.
    pub equal: usize,
    /// Lines that tie within the sheet's own rounding.
    pub rounding: usize,
    /// Lines that are off.
    pub off: usize,
    /// The first step where computed and printed part; `null` if everything ties.
    pub first_parting: Option<PartingLine>,
    /// Every printed line, in the statement's order.
    pub lines: Vec<ReconcileLine>,
}

/// One printed line. Figures are decimal strings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReconcileLine {
    /// The payment date, counted from 1.
    pub period: usize,
    /// The payment date, adjusted.
    pub payment_date: Date,
    /// What is printed.
    pub line: String,
    /// The figure on the sheet.
    pub printed: String,
    /// The figure of the run.
    pub computed: String,
    /// Computed less printed.
    pub difference: String,
    /// `equal`, `rounding` or `off`.
    pub verdict: &'static str,
    /// The step that determines the figure.
    pub step: String,
    /// What would explain a difference; empty where nothing is known.
    pub hint: String,
    /// What the statement says beside the figure.
    pub note: String,
}

/// The first step where a run and its statement part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartingLine {
    /// The payment date, counted from 1.
    pub period: usize,
    /// The payment date, adjusted.
    pub payment_date: Date,
    /// The step.
    pub step: String,
    /// The lines that are off there.
    pub lines: Vec<String>,
    /// What the step did.
    pub trace: Vec<ExplainLine>,
    /// How the interest came about of the notes whose lines are off there.
    pub accruals: Vec<AccrualLine>,
}

/// How a note's interest of one payment date came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccrualLine {
    /// The note.
    pub note: String,
    /// The balance that it accrued on.
    pub balance: String,
    /// The rate a year, as a fraction.
    pub coupon: f64,
    /// How days count.
    pub day_count: &'static str,
    /// The first day.
    pub start: Date,
    /// The day that it ends on, not counted.
    pub end: Date,
    /// Days counted.
    pub days: u32,
    /// The interest.
    pub interest: String,
}

impl ReconcileReport {
    /// The report of a reconciliation.
    pub fn new(deal: &Deal, statement: impl Into<String>, found: &Reconciliation) -> ReconcileReport {
        ReconcileReport {
            deal: deal.name.clone(),
            statement: statement.into(),
            currency: deal.currency,
            equal: found.count(Verdict::Equal),
            rounding: found.count(Verdict::Rounding),
            off: found.count(Verdict::Off),
            first_parting: found.parting.as_ref().map(|parting| parting_line(deal, parting, &found.lines)),
            lines: found.lines.iter().map(line).collect(),
        }
    }
}

fn line(line: &ReconciledLine) -> ReconcileLine {
    ReconcileLine {
        period: line.period + 1,
        payment_date: line.payment_date,
        line: line.line.clone(),
        printed: line.printed.to_string(),
        computed: line.computed.to_string(),
        difference: line.difference.to_string(),
        verdict: match line.verdict {
            Verdict::Equal => "equal",
            Verdict::Rounding => "rounding",
            Verdict::Off => "off",
        },
        step: line.step.clone(),
        hint: match &line.hint {
            None => String::new(),
            Some(Hint::Days { printed, computed }) => {
                format!("printed is interest for {printed} days, computed for {computed}")
            }
            Some(Hint::Line(other)) => format!("printed is what is computed for {other}"),
        },
        note: line.note.clone(),
    }
}

fn parting_line(deal: &Deal, parting: &Parting, lines: &[ReconciledLine]) -> PartingLine {
    let money = |amount| decimal(deal.currency, amount);
    PartingLine {
        period: parting.period + 1,
        payment_date: parting.payment_date,
        step: parting.step.clone(),
        lines: parting.lines.iter().map(|&index| lines[index].line.clone()).collect(),
        trace: parting.trace.iter().map(|line| ExplainLine::new(deal.currency, line)).collect(),
        accruals: parting
            .accruals
            .iter()
            .map(|accrued| AccrualLine {
                note: accrued.note.clone(),
                balance: money(accrued.balance),
                coupon: accrued.coupon.to_f64(),
                day_count: accrued.day_count.name(),
                start: accrued.start,
                end: accrued.end,
                days: accrued.days,
                interest: money(accrued.interest),
            })
            .collect(),
    }
}

impl Report for ReconcileReport {
    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.line_table()];
        if let Some(parting) = &self.first_parting {
            tables.push(self.trace_table(parting));
            if !parting.accruals.is_empty() {
                tables.push(self.accrual_table(parting));
            }
        }
        tables
    }

    fn csv(&self) -> String {
        records(&self.lines)
    }
}

impl ReconcileReport {
    fn line_table(&self) -> Table {
        use Align::{Left, Right};
        let all = self.lines.len();
        let rounding = match self.rounding {
            0 => String::new(),
            count => format!(", {count} of them within the sheet's own rounding"),
        };
        let title = format!(
            "{} against {}, {}: {} of {all} lines tie{rounding}",
            self.deal,
            self.statement,
            self.currency,
            all - self.off
        );
        let columns = [
            ("date", Left),
            ("line", Left),
            ("printed", Right),
            ("computed", Right),
            ("difference", Right),
            ("verdict", Left),
            ("step", Left),
        ];
        let mut table = Table::new(title, &columns);
        for line in &self.lines {
            table.row([
                line.payment_date.to_string(),
                line.line.clone(),
                self.figure(&line.printed),
                self.figure(&line.computed),
                self.figure(&line.difference),
                line.verdict.to_owned(),
                line.step.clone(),
            ]);
        }
        for line in self.lines.iter().filter(|line| line.verdict != "equal") {
            let why = match (line.hint.as_str(), line.note.as_str()) {
                ("", "") => continue,
                ("", note) => note,
                (hint, _) => hint,
            };
            table.note(format!("{} {}: {why}.", line.payment_date, line.line));
        }
        if let Some(parting) = &self.first_parting {
            table.note(format!(
                "They first part on {} (payment date {}) at: {}.",
                parting.payment_date, parting.period, parting.step
            ));
        }
        table
    }

    fn trace_table(&self, parting: &PartingLine) -> Table {
        use Align::{Left, Right};
        let title = format!("What happened at: {}, {}", parting.step, parting.payment_date);
        let columns = [("to", Left), ("claim", Right), ("paid", Right), ("short", Right), ("from", Left)];
        let mut table = Table::new(title, &columns);
        for line in &parting.trace {
            let from: Vec<String> = line
                .from
                .iter()
                .map(|(account, amount)| format!("{account} {}", self.figure(amount)))
                .collect();
            table.row([
                line.to.clone(),
                line.claim.as_ref().map_or_else(|| "no bound".to_owned(), |claim| self.figure(claim)),
                self.figure(&line.paid),
                self.figure(&line.short),
                from.join(" + "),
            ]);
        }
        if parting.trace.is_empty() {
            table.note("No cash moved there.");
        }
        table
    }

    fn accrual_table(&self, parting: &PartingLine) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("note", Left),
            ("balance", Right),
            ("coupon", Right),
            ("day count", Left),
            ("from", Left),
            ("to", Left),
            ("days", Right),
            ("interest", Right),
        ];
        let mut table = Table::new(format!("How interest came about, {}", parting.payment_date), &columns);
        for line in &parting.accruals {
            let percent = Decimal::try_from(line.coupon * 100.0).unwrap_or_default().round_dp(8).normalize();
            table.row([
                line.note.clone(),
                self.figure(&line.balance),
                format!("{percent}%"),
                line.day_count.to_owned(),
                line.start.to_string(),
                line.end.to_string(),
                line.days.to_string(),
                self.figure(&line.interest),
            ]);
        }
        table
    }

    /// Amounts are grouped by thousands; factors and rates are left as they are.
    fn figure(&self, text: &str) -> String {
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let large = text.parse::<Decimal>().ok().and_then(|value| value.to_i64()).is_some();
        if large && decimals <= self.currency.digits() as usize {
            shown(self.currency, text)
        } else {
            text.to_owned()
        }
    }
}
