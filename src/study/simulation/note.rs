//! From the waterfall's payments to what a path meant for each note.

use super::discounting::SpreadSource;
use super::path::NoteOutcome;
use crate::curve::DiscountCurve;
use crate::deal::Deal;
use crate::valuation::ZSpread;
use crate::waterfall::{NoteRows, Observe, PaymentDate, Program};
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
pub(super) struct Watch<'t, const L: usize> {
    terms: &'t [NoteTerms],
    tallies: Vec<NoteTally<L>>,
    outcomes: Vec<NoteOutcome>,
    /// Payment dates to be seen.
    periods: usize,
    /// Whether every note of a path is settled, after the last date seen.
    settled: [bool; L],
}

/// One note along `L` paths.
#[derive(Clone, Copy, Debug)]
struct NoteTally<const L: usize> {
    present_value: [f64; L],
    principal: [f64; L],
    principal_years: [f64; L],
    lost: [i64; L],
    balance: [i64; L],
    interest_missed: [bool; L],
    ard_missed: [bool; L],
    first_loss: [Option<u32>; L],
}

impl<const L: usize> NoteTally<L> {
    const NOTHING: Self = NoteTally {
        present_value: [0.0; L],
        principal: [0.0; L],
        principal_years: [0.0; L],
        lost: [0; L],
        balance: [0; L],
        interest_missed: [false; L],
        ard_missed: [false; L],
        first_loss: [None; L],
    };

    /// Adds one payment date.
    #[inline(always)]
    fn payment(&mut self, terms: &NoteTerms, period: usize, rows: &NoteRows<L>) {
        let (factor, years) = (terms.factors[period], terms.years[period]);
        let cash = rows.cash() - rows.drawn;
        for (value, &cash) in self.present_value.iter_mut().zip(cash.minor()) {
            *value += cash as f64 * factor;
        }
        if !rows.principal_paid.is_zero() {
            for (lane, &principal) in rows.principal_paid.minor().iter().enumerate() {
                self.principal[lane] += principal as f64;
                self.principal_years[lane] += principal as f64 * years;
            }
        }
        self.balance = *rows.balance_close.minor();
        if terms.ard == Some(period) {
            self.ard_missed = self.balance.map(|balance| balance > 0);
        }
        let quiet = rows.interest_shortfall.is_zero()
            && rows.principal_shortfall.is_zero()
            && rows.written_down.is_zero()
            && rows.written_up.is_zero();
        if !quiet {
            self.trouble(period, rows);
        }
    }

    /// Adds what few payment dates know: missed interest, write-downs, principal overdue.
    #[cold]
    fn trouble(&mut self, period: usize, rows: &NoteRows<L>) {
        for lane in 0..L {
            let row = rows.lane(lane);
            self.lost[lane] += row.written_down.minor() - row.written_up.minor();
            let missed = !row.interest_shortfall.is_zero();
            self.interest_missed[lane] |= missed;
            let loss = missed || !row.written_down.is_zero() || !row.principal_shortfall.is_zero();
            if loss && self.first_loss[lane].is_none() {
                self.first_loss[lane] = Some(period as u32);
            }
        }
    }

    #[inline]
    fn outcome(&self, lane: usize, terms: &NoteTerms) -> NoteOutcome {
        let principal = self.principal[lane];
        NoteOutcome {
            present_value: self.present_value[lane] / terms.size,
            loss: (self.balance[lane] + self.lost[lane]) as f64 / terms.size,
            interest_missed: self.interest_missed[lane],
            ard_missed: self.ard_missed[lane],
            life: (principal > 0.0).then(|| self.principal_years[lane] / principal),
            first_loss: self.first_loss[lane].map(|period| period as usize),
        }
    }
}

impl<'t, const L: usize> Watch<'t, L> {
    pub fn new(terms: &'t [NoteTerms]) -> Watch<'t, L> {
        Watch {
            terms,
            tallies: vec![NoteTally::NOTHING; terms.len()],
            outcomes: vec![NoteOutcome::default(); terms.len()],
            periods: 0,
            settled: [false; L],
        }
    }

    /// Begins `L` other paths, to be seen for so many payment dates.
    pub fn start(&mut self, periods: usize) {
        self.tallies.fill(NoteTally::NOTHING);
        self.periods = periods;
        self.settled = [false; L];
    }

    /// Whether nothing more could have happened to any note of a path.
    pub fn is_settled(&self, lane: usize) -> bool {
        self.settled[lane]
    }

    /// Principal that a path never pays, of all notes together over their balance at the start.
    pub fn loss(&self, lane: usize) -> f64 {
        let lost = self.tallies.iter().map(|tally| tally.balance[lane] + tally.lost[lane]).sum::<i64>();
        let all: f64 = self.terms.iter().map(|terms| terms.opening).sum();
        lost as f64 / all.max(1.0)
    }

    /// What a path meant for each note.
    pub fn outcomes(&mut self, lane: usize) -> &[NoteOutcome] {
        for ((outcome, tally), terms) in self.outcomes.iter_mut().zip(&self.tallies).zip(self.terms) {
            *outcome = tally.outcome(lane, terms);
        }
        &self.outcomes
    }
}

impl<const L: usize> Observe<L> for Watch<'_, L> {
    fn payment_date(&mut self, date: &PaymentDate<'_, L>) -> ControlFlow<()> {
        let period = date.period();
        for (note, (tally, terms)) in self.tallies.iter_mut().zip(self.terms).enumerate() {
            tally.payment(terms, period, date.note(note));
        }
        if period + 1 < self.periods && !date.notes_settled() {
            return ControlFlow::Continue(());
        }
        self.settled = std::array::from_fn(|lane| date.is_settled(lane));
        ControlFlow::Break(())
    }
}
