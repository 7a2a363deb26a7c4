//! From a run of the waterfall to what it meant for each note.

use super::path::NoteOutcome;
use crate::curve::DiscountCurve;
use crate::deal::Deal;
use crate::valuation::ZSpread;
use crate::waterfall::{NoteRow, Program};

/// What does not change from path to path: a note's size, and the weight of its payments by period.
#[derive(Clone, Debug)]
pub(super) struct NoteTerms {
    /// Balance at closing (of an undrawn note, its commitment), in minor units.
    pub size: f64,
    /// Discount factor from closing, spread included, by payment period.
    pub factors: Vec<f64>,
    /// Years from closing, by payment period.
    pub years: Vec<f64>,
    /// The payment period on which repayment is anticipated.
    pub ard: Option<usize>,
}

/// One note along one path, payment date after payment date.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NoteTally {
    present_value: f64,
    principal: f64,
    principal_years: f64,
    lost: i64,
    balance: i64,
    interest_missed: bool,
    ard_missed: bool,
    first_loss: Option<usize>,
}

impl NoteTerms {
    /// The terms of every note, discounted at a curve and a spread for each.
    pub fn all(deal: &Deal, program: &Program, curve: &DiscountCurve, spreads: &[ZSpread]) -> Vec<NoteTerms> {
        let periods = program.schedule().periods();
        let note = |(index, (note, spread)): (usize, (&crate::deal::Note, &ZSpread))| {
            let years: Vec<f64> = periods.iter().map(|p| curve.years_to(p.payment_date)).collect();
            let factor = |&t: &f64| curve.at_years_with_spread(t, spread.rate, spread.compounding);
            let original = program.original_balance(index).minor();
            let size = if original > 0 { original } else { program.commitment(index).minor() };
            NoteTerms {
                size: (size as f64).max(1.0),
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

impl NoteTally {
    /// Adds one payment date.
    #[inline]
    pub fn payment(&mut self, terms: &NoteTerms, period: usize, row: &NoteRow) {
        let principal = row.principal_paid.minor();
        let cash = row.cash().minor() - row.drawn.minor();
        self.present_value += cash as f64 * terms.factors[period];
        self.principal += principal as f64;
        self.principal_years += principal as f64 * terms.years[period];
        self.lost += row.written_down.minor() - row.written_up.minor();
        self.balance = row.balance_close.minor();
        let missed = !row.interest_shortfall.is_zero();
        self.interest_missed |= missed;
        self.ard_missed |= terms.ard == Some(period) && self.balance > 0;
        let loss = missed || !row.written_down.is_zero() || !row.principal_shortfall.is_zero();
        if loss && self.first_loss.is_none() {
            self.first_loss = Some(period);
        }
    }

    /// What the path meant, once its last payment date has been added.
    #[inline]
    pub fn outcome(&self, terms: &NoteTerms) -> NoteOutcome {
        NoteOutcome {
            present_value: self.present_value / terms.size,
            loss: (self.balance + self.lost) as f64 / terms.size,
            interest_missed: self.interest_missed,
            ard_missed: self.ard_missed,
            life: (self.principal > 0.0).then(|| self.principal_years / self.principal),
            first_loss: self.first_loss,
            control: 0.0,
        }
    }
}
