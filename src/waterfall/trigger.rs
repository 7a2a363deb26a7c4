//! Evaluation of triggers on a determination date.

use super::program::{Level, Program, TestTerms};
use super::state::State;
use crate::collection::Collections;
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::{Ratio, divide_rounded};

/// Sets the state's active bits, in file order: later triggers may look at earlier ones.
#[inline]
pub(crate) fn evaluate(
    program: &Program,
    collections: &Collections,
    events: &[Option<usize>],
    state: &mut State,
) -> Result<(), Error> {
    for (index, trigger) in program.triggers.iter().enumerate() {
        let bit = 1_u64 << index;
        let was_active = state.active & bit != 0;
        let breached = trigger.test.breached(program, collections, events, state, was_active)?;
        let active = match (was_active, breached, trigger.cure_after) {
            (_, true, _) => {
                state.triggers[index].passed = 0;
                true
            }
            (false, false, _) => false,
            (true, false, None) => true,
            (true, false, Some(needed)) => {
                state.triggers[index].passed += 1;
                state.triggers[index].passed < needed
            }
        };
        state.active = if active { state.active | bit } else { state.active & !bit };
    }
    Ok(())
}

impl TestTerms {
    /// Whether the test fails; while a breach lasts, whether it fails at the cure level.
    #[inline]
    fn breached(
        &self,
        program: &Program,
        collections: &Collections,
        events: &[Option<usize>],
        state: &State,
        lasting: bool,
    ) -> Result<bool, Error> {
        let outstanding = |note: u16| !state.notes[usize::from(note)].balance().is_zero();
        Ok(match self {
            TestTerms::Ratio { numerator, denominator, level } => {
                level.breached(wide(numerator.value(state)?), wide(denominator.value(state)?), 1, 1, lasting)
            }
            TestTerms::Dscr { notes, noi, periods, constant, level } => {
                let first = (state.period + 1).saturating_sub(*periods);
                let income: i128 =
                    (first..=state.period).map(|p| wide(collections.row(p)[usize::from(*noi)])).sum();
                let counted = (state.period + 1 - first) as i128;
                let year = i128::from(program.payments_a_year);
                let service = match constant {
                    Some(constant) => constant_service(notes, *constant, state)?,
                    None => debt_service(program, notes, state)?,
                };
                level.breached(income, service, year, counted, lasting)
            }
            TestTerms::From(period) => state.period >= *period,
            TestTerms::NoteFrom(notes) => {
                notes.iter().any(|&(note, period)| state.period >= period && outstanding(note))
            }
            TestTerms::PaidInFull(notes) => !notes.iter().any(|&note| outstanding(note)),
            TestTerms::InterestShortfall(notes) => notes.iter().any(|&note| {
                let row = &state.notes[usize::from(note)].row;
                row.interest_due > row.interest_accrued
            }),
            TestTerms::Event(event) => events[usize::from(*event)].is_some_and(|p| state.period >= p),
            TestTerms::All(conditions) => conditions.hold(state.active),
            TestTerms::Any(conditions) => conditions.any_hold(state.active),
        })
    }
}

impl Level {
    /// `numerator x scale / count` over `denominator` against the level, by cross-multiplication.
    #[inline]
    fn breached(self, numerator: i128, denominator: i128, scale: i128, count: i128, lasting: bool) -> bool {
        let level = if lasting { self.cure } else { self.breach };
        // Saturation needs amounts near 64 bits against levels near 64 bits, and keeps the order.
        let left = (numerator * scale).saturating_mul(i128::from(level.denominator()));
        let right = (denominator * count).saturating_mul(i128::from(level.numerator()));
        if self.below { left < right } else { left > right }
    }
}

/// Coupons a year on the balances and this date's scheduled principal, times payments a year.
fn debt_service(program: &Program, notes: &[u16], state: &State) -> Result<i128, Error> {
    let mut service = 0;
    for &note in notes {
        let terms = &program.notes[usize::from(note)];
        let balance = state.notes[usize::from(note)].balance();
        let coupon = of(terms.rates[state.period].annual, wide(balance), state)?;
        let scheduled = terms.scheduled.get(state.period).copied().unwrap_or(Money::ZERO).min(balance);
        service += coupon + wide(scheduled) * i128::from(program.payments_a_year);
    }
    Ok(service)
}

fn constant_service(notes: &[u16], constant: Ratio, state: &State) -> Result<i128, Error> {
    let balance = notes.iter().map(|&note| wide(state.notes[usize::from(note)].balance())).sum();
    of(constant, balance, state)
}

fn of(ratio: Ratio, amount: i128, state: &State) -> Result<i128, Error> {
    divide_rounded(
        amount * i128::from(ratio.numerator()),
        i128::from(ratio.denominator()),
        Rounding::HalfEven,
    )
    .map(i128::from)
    .ok_or(Error::Overflow { place: "debt service", period: state.period + 1 })
}

fn wide(money: Money) -> i128 {
    i128::from(money.minor())
}
