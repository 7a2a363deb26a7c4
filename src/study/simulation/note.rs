//! From the waterfall's payments to what a path meant for each note.

use super::discounting::SpreadSource;
use super::path::NoteOutcome;
use super::worker::LANES;
use crate::collection::Collections;
use crate::curve::DiscountCurve;
use crate::deal::Deal;
use crate::error::Error;
use crate::valuation::ZSpread;
use crate::waterfall::{Lanes, NoteRows, Observe, Paths, PaymentDate, Program, Whole};
use std::ops::ControlFlow;

/// What does not change from path to path: a note's size, and the weight of its payments by period.
#[derive(Clone, Debug)]
pub(super) struct NoteTerms {
    /// Balance at closing, or where a seasoned deal opens (of an undrawn note, its commitment), in minor units.
    pub size: f64,
    /// Balance where the run starts, in minor units: the note's part of all notes.
    pub opening: f64,
    /// Discount factor from closing, spread included, by payment period.
    pub factors: Vec<f64>,
    /// Years from closing, by payment period.
    pub years: Vec<f64>,
    /// The payment period on which repayment is anticipated.
    pub ard: Option<usize>,
}

impl NoteTerms {
    /// The terms of every note, discounted at a curve and a spread for each.
    pub fn all(
        deal: &Deal,
        program: &Program,
        curve: &DiscountCurve,
        spreads: &[(ZSpread, SpreadSource)],
    ) -> Vec<NoteTerms> {
        let periods = program.schedule().periods();
        let note = |(index, (note, (spread, _))): (usize, (&crate::deal::Note, &(ZSpread, SpreadSource)))| {
            let start = curve.years_to(deal.start_date());
            let years: Vec<f64> = periods.iter().map(|p| curve.years_to(p.payment_date) - start).collect();
            let at = |t: f64| curve.at_years_with_spread(start + t, spread.rate, spread.compounding);
            let factor = |&t: &f64| at(t) / at(0.0);
            let opening = program.opening_balance(index).minor();
            let size = if opening > 0 { opening } else { program.commitment(index).minor() };
            NoteTerms {
                size: (size as f64).max(1.0),
                opening: opening as f64,
                factors: years.iter().map(factor).collect(),
                years,
                ard: note
                    .anticipated_repayment_date
                    .and_then(|ard| periods.iter().position(|p| p.accrual_end >= ard)),
            }
        };
        deal.notes.iter().zip(spreads).enumerate().map(note).collect()
    }
}

/// Adds up what the notes are paid on `L` paths.
#[derive(Clone, Debug)]
pub(super) struct Watch<'t, const L: usize, N: Whole = i64> {
    terms: &'t [NoteTerms],
    tallies: Vec<NoteTally<L, N>>,
    outcomes: Vec<NoteOutcome>,
    /// Payment dates to be seen.
    periods: usize,
    /// Whether every note of a path is settled, after the last date seen.
    settled: [bool; L],
}

/// One note along `L` paths.
#[derive(Clone, Copy, Debug)]
struct NoteTally<const L: usize, N: Whole> {
    present_value: [f64; L],
    principal: [f64; L],
    principal_years: [f64; L],
    /// Written down and not restored.
    lost: Lanes<L, N>,
    balance: Lanes<L, N>,
    /// Interest that was due and unpaid, the most of any date.
    missed: Lanes<L, N>,
    /// What was outstanding on the anticipated repayment date.
    after_ard: Lanes<L, N>,
    /// The period in which interest or principal was first missed or written down; infinite if never.
    first_loss: [f64; L],
}

impl<const L: usize, N: Whole> NoteTally<L, N> {
    const NOTHING: Self = NoteTally {
        present_value: [0.0; L],
        principal: [0.0; L],
        principal_years: [0.0; L],
        lost: Lanes::ZERO,
        balance: Lanes::ZERO,
        missed: Lanes::ZERO,
        after_ard: Lanes::ZERO,
        first_loss: [f64::INFINITY; L],
    };

    /// Adds one payment date.
    #[inline(always)]
    fn payment(&mut self, terms: &NoteTerms, period: usize, rows: &NoteRows<L, N>) {
        let (factor, years) = (terms.factors[period], terms.years[period]);
        let cash = rows.cash() - rows.drawn;
        for (value, cash) in self.present_value.iter_mut().zip(cash.units()) {
            *value += cash.to_model() * factor;
        }
        if !rows.principal_paid.is_zero() {
            for (lane, principal) in rows.principal_paid.units().iter().enumerate() {
                self.principal[lane] += principal.to_model();
                self.principal_years[lane] += principal.to_model() * years;
            }
        }
        self.balance = rows.balance_close;
        if terms.ard == Some(period) {
            self.after_ard = self.balance;
        }
        let trouble = rows.interest_shortfall.max(rows.principal_shortfall).max(rows.written_down);
        if trouble.max(rows.written_up).is_zero() {
            return;
        }
        self.lost += rows.written_down - rows.written_up;
        self.missed = self.missed.max(rows.interest_shortfall);
        for (first, &trouble) in self.first_loss.iter_mut().zip(trouble.units()) {
            let now = if trouble > N::ZERO { period as f64 } else { f64::INFINITY };
            *first = first.min(now);
        }
    }

    #[inline]
    fn outcome(&self, lane: usize, terms: &NoteTerms) -> NoteOutcome {
        let principal = self.principal[lane];
        NoteOutcome {
            present_value: self.present_value[lane] / terms.size,
            loss: (self.balance.lane(lane).minor() + self.lost.lane(lane).minor()) as f64 / terms.size,
            interest_missed: !self.missed.lane(lane).is_zero(),
            ard_missed: !self.after_ard.lane(lane).is_zero(),
            life: (principal > 0.0).then(|| self.principal_years[lane] / principal),
            first_loss: (self.first_loss[lane].is_finite()).then_some(self.first_loss[lane] as usize),
        }
    }
}

/// Adds a payment date to every note's tally, in vectors as wide as the processor has.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn tally<const L: usize, N: Whole>(
    terms: &[NoteTerms],
    tallies: &mut [NoteTally<L, N>],
    date: &PaymentDate<'_, L, N>,
) {
    for (note, (tally, terms)) in tallies.iter_mut().zip(terms).enumerate() {
        tally.payment(terms, date.period(), date.note(note));
    }
}

/// Who watches paths in step, which run in doubles, and paths one by one, which run in integers.
pub(super) struct Watchers<'t> {
    paths: Paths<LANES, f64>,
    watch: Watch<'t, LANES, f64>,
    one_path: Paths<1>,
    watch_one: Watch<'t, 1>,
}

impl<'t> Watchers<'t> {
    pub fn new(terms: &'t [NoteTerms]) -> Watchers<'t> {
        let (watch, watch_one) = (Watch::new(terms), Watch::new(terms));
        Watchers { paths: Paths::default(), watch, one_path: Paths::default(), watch_one }
    }

    /// Runs paths in step. If it says no, an amount of one of them is too large for that, or wrong: they are then to
    /// be run one by one.
    pub fn run(&mut self, program: &Program, collections: &[&Collections; LANES]) -> bool {
        self.watch.start(collections[0].periods());
        program.run_paths(collections, &mut self.paths, &mut self.watch).is_ok()
    }

    /// One of the paths that ran in step: whether it is settled, all notes' loss, and each note's outcome.
    pub fn path(&mut self, lane: usize) -> (bool, f64, &[NoteOutcome]) {
        self.watch.path(lane)
    }

    /// Runs one path by itself.
    pub fn alone(
        &mut self,
        program: &Program,
        collections: &Collections,
    ) -> Result<(bool, f64, &[NoteOutcome]), Error> {
        self.watch_one.start(collections.periods());
        program.run_paths(&[collections], &mut self.one_path, &mut self.watch_one)?;
        Ok(self.watch_one.path(0))
    }
}

impl<'t, const L: usize, N: Whole> Watch<'t, L, N> {
    fn new(terms: &'t [NoteTerms]) -> Watch<'t, L, N> {
        Watch {
            terms,
            tallies: vec![NoteTally::NOTHING; terms.len()],
            outcomes: vec![NoteOutcome::default(); terms.len()],
            periods: 0,
            settled: [false; L],
        }
    }

    /// Begins `L` other paths, to be seen for so many payment dates.
    fn start(&mut self, periods: usize) {
        self.tallies.fill(NoteTally::NOTHING);
        self.periods = periods;
        self.settled = [false; L];
    }

    /// Whether nothing more could have happened to any note of a path; principal that it never pays, of all notes
    /// together over their balance at the start; and what it meant for each note.
    fn path(&mut self, lane: usize) -> (bool, f64, &[NoteOutcome]) {
        let (settled, loss) = (self.settled[lane], self.loss(lane));
        (settled, loss, self.outcomes(lane))
    }

    fn loss(&self, lane: usize) -> f64 {
        let lost = self
            .tallies
            .iter()
            .map(|tally| tally.balance.lane(lane).minor() + tally.lost.lane(lane).minor())
            .sum::<i64>();
        let all: f64 = self.terms.iter().map(|terms| terms.opening).sum();
        lost as f64 / all.max(1.0)
    }

    fn outcomes(&mut self, lane: usize) -> &[NoteOutcome] {
        for ((outcome, tally), terms) in self.outcomes.iter_mut().zip(&self.tallies).zip(self.terms) {
            *outcome = tally.outcome(lane, terms);
        }
        &self.outcomes
    }
}

impl<const L: usize, N: Whole> Observe<L, N> for Watch<'_, L, N> {
    fn payment_date(&mut self, date: &PaymentDate<'_, L, N>) -> ControlFlow<()> {
        let period = date.period();
        tally(self.terms, &mut self.tallies, date);
        if period + 1 < self.periods && !date.notes_settled() {
            return ControlFlow::Continue(());
        }
        self.settled = std::array::from_fn(|lane| date.is_settled(lane));
        ControlFlow::Break(())
    }
}
