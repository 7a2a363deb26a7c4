//! The quantities that a statement prints, read off a run, and the step that determines each.

use crate::collection::Collections;
use crate::deal::{Expression, Formula, Pay, Phase, Step};
use crate::folder::Folder;
use crate::money::Money;
use crate::time::Date;
use crate::waterfall::{Explanation, NoteRow, Run};
use rust_decimal::{Decimal, RoundingStrategy};

/// A run, as a statement would print it.
pub(super) struct Printed<'a> {
    pub(super) folder: &'a Folder,
    pub(super) run: &'a Run,
    explained: &'a [Explanation],
    collections: &'a Collections,
}

/// A figure of the run, and where it is determined.
pub(super) struct Figure {
    pub(super) value: Decimal,
    pub(super) place: Place,
}

/// Where on a payment date a figure is determined.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Where in the order of the payment date.
    pub(super) order: usize,
    /// The step, or the stage before the steps.
    pub(super) name: String,
    /// The notes that it is about.
    pub(super) notes: Vec<usize>,
    /// Whether it is about their interest.
    pub(super) is_interest: bool,
}

/// What no step of the deal pays.
const NOWHERE: usize = 0;
/// What the date begins with.
const BROUGHT_FORWARD: usize = 1;
/// What the report says.
const REPORTED: usize = 2;
const CASH_IN: usize = 3;
const INTEREST_ACCRUES: usize = 4;
/// The first step of the phase; the others follow.
const STEPS: usize = 5;

/// What was found and what was expected.
type Fault = (String, String);

type Field = fn(&NoteRow) -> Money;

/// The fields of a note's row, by name, and the stage or the kinds of step that determine each.
const FIELDS: [(&str, Field, &[Pay]); 15] = [
    ("balance_open", |row| row.balance_open, &[]),
    ("drawn", |row| row.drawn, &[]),
    ("interest_accrued", |row| row.interest_accrued, &[]),
    ("interest_capitalized", |row| row.interest_capitalized, &[]),
    ("interest_due", |row| row.interest_due, &[]),
    ("interest_paid", |row| row.interest_paid, &[Pay::Interest]),
    ("interest_shortfall", |row| row.interest_shortfall, &[Pay::Interest]),
    ("post_ard_interest_paid", |row| row.post_ard_interest_paid, &[Pay::PostArdInterest]),
    ("post_ard_interest_unpaid", |row| row.post_ard_interest_unpaid, &[Pay::PostArdInterest]),
    ("principal_paid", |row| row.principal_paid, &[Pay::Principal, Pay::ScheduledPrincipal]),
    ("principal_shortfall", |row| row.principal_shortfall, &[Pay::ScheduledPrincipal, Pay::Principal]),
    ("make_whole_paid", |row| row.make_whole_paid, &[Pay::MakeWhole]),
    ("written_down", |row| row.written_down, &[Pay::WriteDown]),
    ("written_up", |row| row.written_up, &[Pay::WriteUp]),
    ("balance_close", |row| row.balance_close, BALANCE),
];

const BALANCE: &[Pay] = &[Pay::Principal, Pay::ScheduledPrincipal, Pay::WriteDown, Pay::WriteUp];

/// Quantities that are not fields of a note.
const OTHERS: [&str; 11] = [
    "original_balance",
    "factor",
    "days",
    "coupon",
    "account",
    "account_open",
    "paid",
    "payee",
    "source",
    "collections",
    "open",
];

impl<'a> Printed<'a> {
    pub(super) fn new(
        folder: &'a Folder,
        run: &'a Run,
        explained: &'a [Explanation],
        collections: &'a Collections,
    ) -> Printed<'a> {
        Printed { folder, run, explained, collections }
    }

    /// The payment date of the run, counted from 0.
    pub(super) fn period_on(&self, date: Date) -> Option<usize> {
        let period = self.folder.program().schedule().period_on(date);
        period.filter(|&period| period < self.run.periods())
    }

    pub(super) fn payment_date(&self, period: usize) -> Date {
        self.folder.program().schedule().periods()[period].payment_date
    }

    /// From when to when the run goes.
    pub(super) fn span(&self) -> String {
        match self.run.periods() {
            0 => "which has none".to_owned(),
            count => format!("{} to {}", self.payment_date(0), self.payment_date(count - 1)),
        }
    }

    /// The days that a note's interest runs for: reported, or by the calendar.
    pub(super) fn days(&self, note: usize, period: usize) -> u32 {
        let nominal = self.folder.program().schedule().periods()[period].accrual_end;
        let terms = &self.folder.deal().notes[note];
        let observed = self.folder.reports().map(|reports| reports.observed());
        let (start, end) = self.folder.program().accrual(note, period);
        observed
            .and_then(|observed| observed.days(&terms.id, nominal))
            .unwrap_or_else(|| terms.day_count.days(start, end).max(0) as u32)
    }

    /// What a step or a stage did on a payment date.
    pub(super) fn trace(&self, period: usize, place: &Place) -> Vec<Explanation> {
        let phase = self.run.phase(self.folder.program(), period);
        let there = |line: &&Explanation| {
            let same = match place.order {
                CASH_IN => line.phase == "cash in",
                order if order >= STEPS => line.phase == phase && line.step == place.name,
                _ => false,
            };
            line.period == period && same
        };
        self.explained.iter().filter(there).cloned().collect()
    }

    /// The value of a printed line.
    pub(super) fn figure(&self, line: &Formula, period: usize) -> Result<Figure, Fault> {
        let expression = line.parse().map_err(|error| {
            (format!("`{line}` with {} at character {}", error.found, error.at + 1), error.expected)
        })?;
        let mut places = Vec::new();
        let value = self.value(&expression, period, &mut places)?;
        // What is given cannot part; what follows from it does. A total is known with its last part.
        let given = |place: &Place| (BROUGHT_FORWARD..=REPORTED).contains(&place.order);
        let last = places.iter().max_by_key(|place| (!given(place), place.order)).cloned();
        let mut place = last.unwrap_or_else(|| stage(BROUGHT_FORWARD, "brought forward"));
        for other in places.iter().filter(|other| other.order == place.order) {
            let more: Vec<usize> =
                other.notes.iter().filter(|note| !place.notes.contains(note)).copied().collect();
            place.notes.extend(more);
        }
        Ok(Figure { value, place })
    }

    fn value(
        &self,
        expression: &Expression,
        period: usize,
        places: &mut Vec<Place>,
    ) -> Result<Decimal, Fault> {
        let too_large = || ("a figure too large to compute with".to_owned(), "smaller constants".to_owned());
        let mut all = |terms: &[Expression]| -> Result<Vec<Decimal>, Fault> {
            terms.iter().map(|term| self.value(term, period, places)).collect()
        };
        match expression {
            Expression::Number(number) => Ok(*number),
            Expression::Quantity { name, of, called } => {
                let (value, place) = self.quantity(name, of, *called, period)?;
                places.push(place);
                Ok(value)
            }
            Expression::Sum(terms) => {
                all(terms)?.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add).ok_or_else(too_large)
            }
            Expression::Times(factor, inner) => {
                self.value(inner, period, places)?.checked_mul(*factor).ok_or_else(too_large)
            }
            Expression::Over(inner, divisor) => {
                self.value(inner, period, places)?.checked_div(*divisor).ok_or_else(too_large)
            }
            Expression::Min(terms) => all(terms)?.into_iter().min().ok_or_else(too_large),
            Expression::Max(terms) => all(terms)?.into_iter().max().ok_or_else(too_large),
            Expression::Rounded { inner, rounding, to } => {
                let unit = to.unwrap_or(Decimal::new(1, self.folder.deal().currency.digits()));
                let strategy = match rounding {
                    crate::Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
                    crate::Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
                    crate::Rounding::Down => RoundingStrategy::ToZero,
                };
                let units = self.value(inner, period, places)?.checked_div(unit).ok_or_else(too_large)?;
                units.round_dp_with_strategy(0, strategy).checked_mul(unit).ok_or_else(too_large)
            }
            Expression::If(trigger, then, otherwise) => {
                let triggers = self.folder.program().triggers();
                let Some(index) = triggers.iter().position(|known| known == trigger) else {
                    return Err((format!("`{trigger}`"), one_of("trigger", triggers)));
                };
                let branch = if self.run.trigger_active(period, index) { then } else { otherwise };
                self.value(branch, period, places)
            }
        }
    }

    fn quantity(
        &self,
        name: &str,
        of: &[String],
        called: bool,
        period: usize,
    ) -> Result<(Decimal, Place), Fault> {
        if !called {
            return Ok((self.measure(name, period)?, stage(REPORTED, "reported")));
        }
        if let Some(&(_, field, pays)) = FIELDS.iter().find(|(known, ..)| *known == name) {
            let notes = self.notes(of)?;
            let sum: Money = notes.iter().map(|&note| field(self.run.row(period, note))).sum();
            return Ok((self.major(sum), self.place_of_field(name, pays, notes, period)));
        }
        match name {
            "original_balance" => {
                let program = self.folder.program();
                let sum: Money = self.notes(of)?.into_iter().map(|note| program.original_balance(note)).sum();
                Ok((self.major(sum), stage(BROUGHT_FORWARD, "brought forward")))
            }
            "factor" => {
                let notes = self.notes(of)?;
                let program = self.folder.program();
                let close: Money = notes.iter().map(|&note| self.run.row(period, note).balance_close).sum();
                let original: Money = notes.iter().map(|&note| program.original_balance(note)).sum();
                let factor = self.major(close).checked_div(self.major(original)).unwrap_or_default();
                Ok((factor, self.place_of_field(name, BALANCE, notes, period)))
            }
            "days" => {
                let note = self.note(only(name, of)?)?;
                let days = Decimal::from(self.days(note, period));
                Ok((days, self.place_of_field("interest_accrued", &[], vec![note], period)))
            }
            "coupon" => {
                let note = self.note(only(name, of)?)?;
                let coupon = self.folder.program().coupon(note, period);
                let (over, under) = (Decimal::from(coupon.numerator()), Decimal::from(coupon.denominator()));
                let place = self.place_of_field("interest_accrued", &[], vec![note], period);
                Ok((over.checked_div(under).unwrap_or_default(), place))
            }
            "account" | "account_open" => self.account(name, of, period),
            "paid" => self.paid(only(name, of)?, period),
            "payee" => self.payee(only(name, of)?, period),
            "source" => self.source(only(name, of)?, period),
            "collections" => {
                let layout = self.collections.layout();
                let mut sum = Money::ZERO;
                for id in if of.is_empty() { layout.sources() } else { of } {
                    let column = layout.sources().iter().position(|source| source == id);
                    let column =
                        column.ok_or_else(|| (format!("`{id}`"), one_of("source", layout.sources())))?;
                    sum += self.collected(period, column);
                }
                Ok((self.major(sum), stage(CASH_IN, "cash in")))
            }
            "open" => {
                let measure = only(name, of)?;
                let value = match period.checked_sub(1) {
                    Some(before) => self.measure(measure, before)?,
                    None => {
                        self.measure(measure, 0)?;
                        let opening = &self.folder.deal().opening_measures;
                        opening.get(measure).copied().unwrap_or_default()
                    }
                };
                Ok((value, stage(REPORTED, "reported")))
            }
            _ => {
                let known: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).chain(OTHERS).collect();
                Err((format!("`{name}`"), format!("one of {}, or a measure", known.join(", "))))
            }
        }
    }

    fn major(&self, amount: Money) -> Decimal {
        self.folder.deal().currency.decimal(amount)
    }

    fn note(&self, id: &str) -> Result<usize, Fault> {
        let notes = self.folder.program().notes();
        notes.iter().position(|known| known == id).ok_or_else(|| (format!("`{id}`"), one_of("note", notes)))
    }

    /// These notes; all, if none is named.
    fn notes(&self, ids: &[String]) -> Result<Vec<usize>, Fault> {
        match ids {
            [] => Ok((0..self.folder.deal().notes.len()).collect()),
            ids => ids.iter().map(|id| self.note(id)).collect(),
        }
    }

    fn measure(&self, name: &str, period: usize) -> Result<Decimal, Fault> {
        let layout = self.collections.layout();
        let first = layout.sources().len();
        match layout.measures().iter().position(|known| known == name) {
            Some(measure) => Ok(self.major(self.collected(period, first + measure))),
            None => Err((format!("`{name}`"), one_of("measure", layout.measures()))),
        }
    }

    /// A cell of the collections; nothing where they have ended.
    fn collected(&self, period: usize, column: usize) -> Money {
        match period < self.collections.periods() {
            true => self.collections.row(period)[column],
            false => Money::ZERO,
        }
    }

    fn account(&self, name: &str, of: &[String], period: usize) -> Result<(Decimal, Place), Fault> {
        let (deal, program) = (self.folder.deal(), self.folder.program());
        let id = only(name, of)?;
        let accounts = program.accounts();
        let Some(index) = accounts.iter().position(|known| known == id) else {
            return Err((format!("`{id}`"), one_of("account", accounts)));
        };
        if name == "account_open" {
            let held = match period.checked_sub(1) {
                Some(before) => self.major(self.run.account_close(program, before, index)),
                None => {
                    let opening = deal.opening.as_ref().and_then(|opening| opening.accounts.get(id));
                    *opening.unwrap_or(&deal.accounts[index].opening_balance)
                }
            };
            return Ok((held, stage(BROUGHT_FORWARD, "brought forward")));
        }
        let held = self.major(self.run.account_close(program, period, index));
        let deposits = |step: &Step| step.account.as_deref() == Some(id);
        let pays = |step: &Step| match step.from.is_empty() {
            true => id == "collection",
            false => step.from.iter().any(|from| from == id),
        };
        let steps = self.steps(period);
        let step = steps.iter().position(deposits).or_else(|| steps.iter().position(pays));
        Ok((held, self.place(period, step)))
    }

    fn paid(&self, step: &str, period: usize) -> Result<(Decimal, Place), Fault> {
        let phase = self.run.phase(self.folder.program(), period);
        let lines = self.explained.iter();
        let lines = lines.filter(|line| line.period == period && line.phase == phase && line.step == step);
        let paid: Money = lines.map(|line| line.paid).sum();
        let index = self.steps(period).iter().position(|known| known.id == step);
        let known = self.folder.deal().phases.iter().any(|phase| phase.steps.iter().any(|s| s.id == step));
        let place = match index {
            Some(_) => self.place(period, index),
            None if known => stage(NOWHERE, &format!("step `{step}` is not of the phase {phase}")),
            None => stage(NOWHERE, &format!("no step `{step}` in the deal")),
        };
        Ok((self.major(paid), place))
    }

    fn payee(&self, payee: &str, period: usize) -> Result<(Decimal, Place), Fault> {
        let (deal, program) = (self.folder.deal(), self.folder.program());
        let ledger = || self.run.ledger_of(program, period);
        let received = ledger().filter(|(kind, name, _)| *kind == "payee" && *name == payee);
        let received: Vec<Money> = received.map(|(_, _, amount)| amount).collect();
        let fees: Vec<&str> = deal
            .fees
            .iter()
            .filter(|fee| fee.payee.as_deref().unwrap_or(&fee.id) == payee)
            .map(|fee| fee.id.as_str())
            .collect();
        let pays = |step: &Step| {
            step.payee.as_deref() == Some(payee)
                || step.fees.iter().any(|fee| fees.contains(&fee.as_str()))
                || step.notes.iter().any(|note| note == payee)
                || (step.pay == Pay::Expenses && payee == "expenses")
        };
        let place = match self.steps(period).iter().position(pays) {
            Some(step) => self.place(period, Some(step)),
            None => stage(NOWHERE, &format!("no step pays `{payee}`")),
        };
        Ok((self.major(received.into_iter().sum()), place))
    }

    fn source(&self, source: &str, period: usize) -> Result<(Decimal, Place), Fault> {
        let ledger = || self.run.ledger_of(self.folder.program(), period);
        let paid_in = ledger().find(|(kind, name, _)| *kind == "source" && *name == source);
        match paid_in {
            Some((_, _, amount)) => Ok((self.major(amount), stage(CASH_IN, "cash in"))),
            None => {
                let known: Vec<String> = ledger()
                    .filter(|(kind, ..)| *kind == "source")
                    .map(|(_, name, _)| name.to_owned())
                    .collect();
                Err((format!("`{source}`"), one_of("source", &known)))
            }
        }
    }

    /// The steps of the phase that was run.
    fn steps(&self, period: usize) -> &'a [Step] {
        let id = self.run.phase(self.folder.program(), period);
        let phase: Option<&Phase> = self.folder.deal().phases.iter().find(|phase| phase.id == id);
        phase.map_or(&[], |phase| &phase.steps)
    }

    fn place(&self, period: usize, step: Option<usize>) -> Place {
        match step.and_then(|index| Some((index, self.steps(period).get(index)?))) {
            Some((index, step)) => stage(STEPS + index, &step.id),
            None => stage(BROUGHT_FORWARD, "brought forward"),
        }
    }

    /// The stage or the step that determines a field of some notes: of each the first, of all the last of them.
    fn place_of_field(&self, name: &str, pays: &[Pay], notes: Vec<usize>, period: usize) -> Place {
        let deal = self.folder.deal();
        let first = |&note: &usize| {
            let pays_it = |step: &Step| pays.contains(&step.pay) && step.notes.contains(&deal.notes[note].id);
            self.steps(period).iter().position(pays_it)
        };
        let mut place = match name {
            "interest_accrued" | "interest_capitalized" | "interest_due" => {
                stage(INTEREST_ACCRUES, "interest accrues")
            }
            "drawn" => stage(CASH_IN, "cash in"),
            _ => self.place(period, notes.iter().filter_map(first).max()),
        };
        place.is_interest = name.starts_with("interest");
        place.notes = notes;
        place
    }
}

fn stage(order: usize, name: &str) -> Place {
    Place { order, name: name.to_owned(), notes: Vec::new(), is_interest: false }
}

fn only<'i>(name: &str, of: &'i [String]) -> Result<&'i str, Fault> {
    match of {
        [id] => Ok(id),
        _ => Err((format!("`{name}` of {} ids", of.len()), "one id".to_owned())),
    }
}

fn one_of(kind: &str, known: &[String]) -> String {
    let article = if kind.starts_with('a') { "an" } else { "a" };
    match known {
        [] => format!("the id of {article} {kind}; there is none"),
        _ => format!("the id of {article} {kind}: {}", known.join(", ")),
    }
}
