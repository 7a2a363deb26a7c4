//! Computed against printed: a trustee's statement, line by line, and the first step where the two part.

use super::printed::{Place, Printed};
use super::statement::Statement;
use crate::error::{Error, Problems};
use crate::folder::{BASE, Folder};
use crate::money::Money;
use crate::ratio::Ratio;
use crate::time::{Date, DayCount};
use crate::waterfall::{Explanation, NoteRow};
use rust_decimal::{Decimal, RoundingStrategy};

/// A statement against a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciliation {
    /// Every printed line, in the order of the statement.
    pub lines: Vec<ReconciledLine>,
    /// The first step where computed and printed part; none if everything ties.
    pub parting: Option<Parting>,
}

/// One printed line against the run.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconciledLine {
    /// The payment date of the run, counted from 0.
    pub period: usize,
    /// The day on which it is paid.
    pub payment_date: Date,
    /// What is printed, as the statement writes it.
    pub line: String,
    /// The figure on the sheet.
    pub printed: Decimal,
    /// The figure of the run, to as many decimals as are printed, and no fewer than the currency has.
    pub computed: Decimal,
    /// Computed less printed.
    pub difference: Decimal,
    /// Whether they tie.
    pub verdict: Verdict,
    /// The step that determines the figure: one of the deal, or a stage before the steps.
    pub step: String,
    /// What would explain a difference.
    pub hint: Option<Hint>,
    /// What the statement says beside the figure.
    pub note: String,
}

/// Whether a printed line ties to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// To the last digit.
    Equal,
    /// Off, by no more than the statement allows for the sheet's own rounding.
    Rounding,
    /// Off.
    Off,
}

/// What would explain a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Interest for so many days is what is printed; the run counts so many.
    Days {
        /// Days that tie.
        printed: u32,
        /// Days of the run.
        computed: u32,
    },
    /// The figure printed is the one computed for another line of the date.
    Line(String),
}

/// The first step where a run and its statement part.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// The payment date, counted from 0.
    pub period: usize,
    /// The day on which it is paid.
    pub payment_date: Date,
    /// The step.
    pub step: String,
    /// The lines that are off there, by place in [`Reconciliation::lines`].
    pub lines: Vec<usize>,
    /// What the step did.
    pub trace: Vec<Explanation>,
    /// How the interest came about of the notes whose lines are off there.
    pub accruals: Vec<Accrued>,
}

/// How a note's interest of one payment date came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Accrued {
    /// The note.
    pub note: String,
    /// The balance that it accrued on.
    pub balance: Money,
    /// The rate a year.
    pub coupon: Ratio,
    /// How days count.
    pub day_count: DayCount,
    /// The first day.
    pub start: Date,
    /// The day that it ends on, not counted.
    pub end: Date,
    /// Days counted.
    pub days: u32,
    /// The interest, that on unpaid interest included.
    pub interest: Money,
}

impl Reconciliation {
    /// Lines with a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.lines.iter().filter(|line| line.verdict == verdict).count()
    }

    /// Whether nothing is off.
    pub fn ties(&self) -> bool {
        self.parting.is_none()
    }
}

/// Runs a deal on its reports (and, after them, on its base scenario) and compares each printed line.
///
/// # Errors
/// As [`Folder::run`]; [`Error::Input`] with every line whose date is no payment date of the run or whose
/// quantity is none. A step or a payee that the deal does not have is no error: nothing was paid there, and
/// that is where the two part.
pub fn reconcile(folder: &Folder, statement: &Statement) -> Result<Reconciliation, Error> {
    let (run, explained) = folder.explain(BASE)?;
    let collections = folder.collections(BASE)?;
    let sheet = Printed::new(folder, &run, &explained, &collections);
    let mut problems = Problems::new();
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (index, printed) in statement.lines().iter().enumerate() {
        let Some(period) = sheet.period_on(printed.payment_date) else {
            let expected = format!("a payment date of the run, {}", sheet.span());
            let found = printed.payment_date.to_string();
            problems.push(statement.problem(index, "payment_date", found, expected));
            continue;
        };
        let figure = match sheet.figure(&printed.line, period) {
            Ok(figure) => figure,
            Err((found, expected)) => {
                problems.push(statement.problem(index, "line", found, expected));
                continue;
            }
        };
        let decimals = printed.printed.scale().max(folder.deal().currency.digits());
        let computed = figure.value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        let difference = computed - printed.printed;
        let verdict = match difference.abs() {
            none if none.is_zero() => Verdict::Equal,
            some if some <= printed.rounding => Verdict::Rounding,
            _ => Verdict::Off,
        };
        lines.push(ReconciledLine {
            period,
            payment_date: sheet.payment_date(period),
            line: printed.line.text().to_owned(),
            printed: printed.printed,
            computed,
            difference,
            verdict,
            step: figure.place.name.clone(),
            hint: None,
            note: printed.note.clone(),
        });
        places.push(figure.place);
    }
    let mut reconciliation = problems.or(Reconciliation { lines, parting: None })?;
    hint(&mut reconciliation, &sheet, &places);
    reconciliation.parting = parting(&reconciliation, &sheet, &places);
    Ok(reconciliation)
}

/// What would explain each line that is off.
fn hint(reconciliation: &mut Reconciliation, sheet: &Printed<'_>, places: &[Place]) {
    let lines = &reconciliation.lines;
    let hint = |(index, line): (usize, &ReconciledLine)| {
        if line.verdict != Verdict::Off {
            return None;
        }
        let swapped = || {
            let same = |other: &&ReconciledLine| {
                other.period == line.period
                    && other.verdict == Verdict::Off
                    && other.computed == line.printed
                    && !line.printed.is_zero()
            };
            lines.iter().find(same).map(|other| Hint::Line(other.line.clone()))
        };
        let days = || match places[index].notes.as_slice() {
            [note] if places[index].is_interest => sheet.days_of(*note, line.period, line.printed),
            _ => None,
        };
        swapped().or_else(days)
    };
    let hints: Vec<Option<Hint>> = lines.iter().enumerate().map(hint).collect();
    for (line, hint) in reconciliation.lines.iter_mut().zip(hints) {
        line.hint = hint;
    }
}

/// The first payment date with a line that is off, and on it the first step.
fn parting(reconciliation: &Reconciliation, sheet: &Printed<'_>, places: &[Place]) -> Option<Parting> {
    let off = || {
        let lines = reconciliation.lines.iter().enumerate();
        lines.filter(|(_, line)| line.verdict == Verdict::Off)
    };
    let (first, line) = off().min_by_key(|(index, line)| (line.period, places[*index].order))?;
    let place = &places[first];
    let there = |(index, other): &(usize, &ReconciledLine)| {
        other.period == line.period && places[*index].order == place.order && other.step == line.step
    };
    let lines: Vec<usize> = off().filter(there).map(|(index, _)| index).collect();
    let mut notes: Vec<usize> = Vec::new();
    for index in lines.iter().filter(|index| places[**index].is_interest) {
        for &note in &places[*index].notes {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    Some(Parting {
        period: line.period,
        payment_date: line.payment_date,
        step: line.step.clone(),
        trace: sheet.trace(line.period, place),
        accruals: notes.into_iter().map(|note| sheet.accrued(note, line.period)).collect(),
        lines,
    })
}

impl Printed<'_> {
    /// How a note's interest came about.
    fn accrued(&self, note: usize, period: usize) -> Accrued {
        let row: &NoteRow = self.run.row(period, note);
        let (start, end) = self.folder.program().accrual(note, period);
        Accrued {
            note: self.folder.deal().notes[note].id.clone(),
            balance: row.balance_open,
            coupon: self.folder.program().coupon(note, period),
            day_count: self.folder.deal().notes[note].day_count,
            start,
            end,
            days: self.days(note, period),
            interest: row.interest_accrued,
        }
    }

    /// The days for which interest on the balance alone is what is printed.
    fn days_of(&self, note: usize, period: usize, printed: Decimal) -> Option<Hint> {
        let (deal, row) = (self.folder.deal(), self.run.row(period, note));
        let terms = &deal.notes[note];
        let year = match terms.day_count {
            DayCount::Thirty360 | DayCount::ThirtyE360 | DayCount::Act360 => 360,
            DayCount::Act365Fixed => 365,
            DayCount::ActActIsda => return None,
        };
        let (printed, coupon) = (deal.currency.money(printed)?, self.folder.program().coupon(note, period));
        let rounding = terms.rounding.unwrap_or(deal.rounding);
        let interest = |days: u32| {
            let share = Ratio::new(i128::from(days), year)?.checked_mul(coupon)?;
            share.of(row.balance_open, rounding)
        };
        let plain = row.interest_due == row.interest_accrued && terms.denomination.is_none();
        let found = (1..=400).find(|&days| plain && interest(days) == Some(printed))?;
        let computed = self.days(note, period);
        (found != computed).then_some(Hint::Days { printed: found, computed })
    }
}
