//! Evaluation of triggers on a determination date.

use super::lanes::{Lanes, Mask};
use super::program::{Level, Program, TestTerms};
use super::state::State;
use super::trace::Trace;
use super::whole::Whole;
use crate::collection::Collections;
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::{Ratio, divide_rounded};

/// Sets the state's active bits, in file order: later triggers may look at earlier ones. Those of a path
/// that has ended stay.
#[inline(always)]
pub(crate) fn evaluate<const L: usize, N: Whole, T: Trace<L, N>>(
    program: &Program,
    collections: &[&Collections; L],
    state: &mut State<L, N>,
    trace: &mut T,
) -> Result<(), Error> {
    let living = state.living();
    let mut last = LastCoverage::default();
    for (index, trigger) in program.triggers.iter().enumerate() {
        let bit = 1_u64 << index;
        let lasting = state.active(index as u16);
        let mut heard = |numerator, denominator| trace.tested(state.period, index, numerator, denominator);
        let heard = T::HEARS_TESTS.then_some(&mut heard as Heard<L>);
        let breached = trigger.test.breached(program, collections, state, lasting, &mut last, heard)?;
        if breached.none() && state.active.iter().all(|active| active & bit == 0) {
            continue;
        }
        for lane in (0..L).filter(|&lane| living.holds(lane)) {
            let was_active = state.active[lane] & bit != 0;
            let passed = &mut state.passed[index][lane];
            let active = match (was_active, breached.holds(lane), trigger.cure_after) {
                (_, true, _) => {
                    *passed = 0;
                    true
                }
                (false, false, _) => false,
                (true, false, None) => true,
                (true, false, Some(needed)) => {
                    *passed += 1;
                    *passed < needed
                }
            };
            state.active[lane] = if active { state.active[lane] | bit } else { state.active[lane] & !bit };
        }
    }
    Ok(())
}

/// Who hears numerators and denominators.
type Heard<'h, const L: usize> = &'h mut dyn FnMut([i128; L], [i128; L]);

/// The coverage found last on this date. Tests of it come in pairs that differ in their level.
struct LastCoverage<'p, const L: usize> {
    income_of: Option<(u16, usize)>,
    income: [i128; L],
    service_of: Option<(&'p [u16], Option<Ratio>)>,
    service: [i128; L],
}

impl<const L: usize> Default for LastCoverage<'_, L> {
    fn default() -> Self {
        LastCoverage { income_of: None, income: [0; L], service_of: None, service: [0; L] }
    }
}

impl TestTerms {
    /// The paths on which the test fails; while a breach is `lasting`, on which it fails at the cure level.
    #[inline(always)]
    fn breached<'p, const L: usize, N: Whole>(
        &'p self,
        program: &Program,
        collections: &[&Collections; L],
        state: &State<L, N>,
        lasting: Mask<L>,
        last: &mut LastCoverage<'p, L>,
        heard: Option<Heard<'_, L>>,
    ) -> Result<Mask<L>, Error> {
        let living = state.living();
        let outstanding = |note: u16| state.notes[usize::from(note)].balance().some();
        let some_outstanding = |notes: &mut dyn Iterator<Item = u16>| {
            notes.fold(Mask::NONE, |some, note| some | outstanding(note))
        };
        Ok(match self {
            TestTerms::Ratio { numerator, denominator, level } => {
                let (mut above, mut below) = (Lanes::ZERO, Lanes::ZERO);
                numerator.put(state, &living, &mut above)?;
                denominator.put(state, &living, &mut below)?;
                if let Some(heard) = heard {
                    heard(wide_lanes(&above), wide_lanes(&below));
                }
                Mask::from_fn(|lane| {
                    let (above, below) = (above.units()[lane].minor(), below.units()[lane].minor());
                    level.breached_by(above, below, lasting.holds(lane))
                })
            }
            TestTerms::Dscr { notes, noi, periods, constant, level } => {
                let counted = (*periods).min(state.period + 1);
                let (year, dates) = (i128::from(program.payments_a_year), counted as i128);
                if last.income_of != Some((*noi, *periods)) {
                    last.income = net_income(program, collections, usize::from(*noi), state.period, counted);
                    last.income_of = Some((*noi, *periods));
                }
                if last.service_of != Some((notes, *constant)) {
                    last.service = match constant {
                        Some(constant) => constant_service(notes, *constant, state)?,
                        None => debt_service(program, notes, state)?,
                    };
                    last.service_of = Some((notes, *constant));
                }
                let (income, service) = (&last.income, &last.service);
                if let Some(heard) = heard {
                    heard(income.map(|income| income * year), service.map(|due| due * dates));
                }
                Mask::from_fn(|lane| {
                    level.breached(income[lane] * year, service[lane] * dates, lasting.holds(lane))
                })
            }
            TestTerms::From(period) => Mask::every(state.period >= *period),
            TestTerms::NoteFrom(notes) => some_outstanding(
                &mut notes.iter().filter(|(_, from)| state.period >= *from).map(|&(note, _)| note),
            ),
            TestTerms::PaidInFull(notes) => !some_outstanding(&mut notes.iter().copied()),
            TestTerms::InterestShortfall(notes) => notes.iter().fold(Mask::NONE, |some, &note| {
                let row = &state.notes[usize::from(note)].row;
                some | row.interest_due.exceeds(row.interest_accrued)
            }),
            TestTerms::Event(event) => {
                let happens = &state.events[usize::from(*event)];
                Mask::from_fn(|lane| state.period >= happens[lane])
            }
            TestTerms::All(conditions) => state.hold(*conditions),
            TestTerms::Any(conditions) => Mask::from_fn(|lane| conditions.any_hold(state.active[lane])),
        })
    }
}

impl Level {
    /// `numerator` over `denominator` against the level, by cross-multiplication.
    #[inline(always)]
    fn breached(self, numerator: i128, denominator: i128, lasting: bool) -> bool {
        if let (Ok(numerator), Ok(denominator)) = (i64::try_from(numerator), i64::try_from(denominator)) {
            return self.breached_by(numerator, denominator, lasting);
        }
        let level = if lasting { self.cure } else { self.breach };
        // Saturation needs amounts near 64 bits against levels near 64 bits, and keeps the order.
        let left = numerator.saturating_mul(i128::from(level.denominator()));
        let right = denominator.saturating_mul(i128::from(level.numerator()));
        if self.below { left < right } else { left > right }
    }

    /// [`Level::breached`] by amounts of 64 bits, whose products are exact.
    #[inline(always)]
    fn breached_by(self, numerator: i64, denominator: i64, lasting: bool) -> bool {
        let level = if lasting { self.cure } else { self.breach };
        let left = i128::from(numerator) * i128::from(level.denominator());
        let right = i128::from(denominator) * i128::from(level.numerator());
        if self.below { left < right } else { left > right }
    }
}

/// Net income of the last so many collection periods; of those past the end of the collections, nothing.
#[inline(always)]
fn net_income<const L: usize>(
    program: &Program,
    collections: &[&Collections; L],
    noi: usize,
    period: usize,
    counted: usize,
) -> [i128; L] {
    let width = program.nothing.len();
    let places = (period + 1 - counted..=period).map(|period| period * width + noi);
    collections.map(|path| {
        let cells = path.cells();
        places.clone().map(|place| cells.get(place).map_or(0, |&income| wide(income))).sum()
    })
}

/// Coupons a year on the balances and this date's scheduled principal, times payments a year.
#[inline(always)]
fn debt_service<const L: usize, N: Whole>(
    program: &Program,
    notes: &[u16],
    state: &State<L, N>,
) -> Result<[i128; L], Error> {
    let mut service = [0; L];
    for &note in notes {
        let terms = &program.notes[usize::from(note)];
        let balance = state.notes[usize::from(note)].balance();
        let coupons = terms.annual[state.period].of(balance, PLACE, state.period)?;
        for (service, coupons) in service.iter_mut().zip(coupons.units()) {
            *service += i128::from(coupons.minor());
        }
        let Some(&scheduled) = terms.scheduled.get(state.period) else { continue };
        let scheduled = Lanes::splat(scheduled).min(balance);
        for (service, scheduled) in service.iter_mut().zip(scheduled.units()) {
            *service += i128::from(scheduled.minor()) * i128::from(program.payments_a_year);
        }
    }
    Ok(service)
}

/// A constant of all balances.
fn constant_service<const L: usize, N: Whole>(
    notes: &[u16],
    constant: Ratio,
    state: &State<L, N>,
) -> Result<[i128; L], Error> {
    let (numerator, denominator) = (i128::from(constant.numerator()), i128::from(constant.denominator()));
    let mut service = [0; L];
    for (lane, service) in service.iter_mut().enumerate() {
        let balance: i128 =
            notes.iter().map(|&note| wide(state.notes[usize::from(note)].balance().lane(lane))).sum();
        let rounded = divide_rounded(balance * numerator, denominator, Rounding::HalfEven);
        let overflow = || Error::Overflow { place: PLACE, period: state.period + 1 };
        *service = rounded.map(i128::from).ok_or_else(overflow)?;
    }
    Ok(service)
}

const PLACE: &str = "debt service";

fn wide_lanes<const L: usize, N: Whole>(amounts: &Lanes<L, N>) -> [i128; L] {
    amounts.units().map(|amount| i128::from(amount.minor()))
}

fn wide(money: Money) -> i128 {
    i128::from(money.minor())
}
