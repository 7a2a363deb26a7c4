//! What a note owes when a payment date begins.

use super::lanes::{Lanes, Mask};
use super::multiplier::bounded;
use super::program::NoteTerms;
use super::state::NoteState;
use crate::error::Error;
use crate::money::Money;

impl NoteTerms {
    /// Interest and scheduled principal fall due on a note; what it draws is added to its balance.
    #[inline(always)]
    pub(crate) fn accrue<const L: usize>(
        &self,
        period: usize,
        living: Mask<L>,
        note: &mut NoteState<L>,
    ) -> Result<(), Error> {
        let row = &mut note.row;
        let (balance, carried, extra) =
            (row.balance_close, row.interest_shortfall, row.post_ard_interest_unpaid);
        let rate = &self.rates[period];
        // An unchanged balance at an unchanged rate earns what it earned last time.
        if !(rate.as_before && balance == row.balance_open) {
            note.interest_on_balance = rate.interest.claim(balance, "interest", period)?;
        }
        let mut interest = note.interest_on_balance;
        if self.interest_on_shortfall && !carried.is_zero() {
            interest += rate.interest.claim(carried, "interest", period)?;
            bounded(carried + interest, "interest", period)?;
        }
        let mut post_ard = extra;
        if let Some(Some(rate)) = self.post_ard.get(period) {
            post_ard += rate.on_balance.claim(balance, "interest", period)?;
            if self.interest_on_shortfall && !extra.is_zero() {
                post_ard += rate.on_unpaid.claim(extra, "interest", period)?;
                bounded(post_ard, "interest", period)?;
            }
        }
        let drawn = match self.draws.get(period) {
            Some(&draw) => {
                let room = (Lanes::splat(self.commitment) - balance).positive();
                Lanes::splat(draw).min(room).only(living)
            }
            None => Lanes::ZERO,
        };
        let owed = balance + drawn;
        note.scheduled_due = if period >= self.legal_final {
            owed
        } else {
            let scheduled = self.scheduled.get(period).copied().unwrap_or(Money::ZERO);
            (note.scheduled_due.min(balance) + Lanes::splat(scheduled)).min(owed)
        };
        row.balance_open = balance;
        row.drawn = drawn;
        row.interest_accrued = interest;
        row.interest_capitalized = Lanes::ZERO;
        row.interest_due = carried + interest;
        row.interest_paid = Lanes::ZERO;
        row.interest_shortfall = row.interest_due;
        row.post_ard_interest_paid = Lanes::ZERO;
        row.post_ard_interest_unpaid = post_ard;
        row.principal_paid = Lanes::ZERO;
        row.make_whole_paid = Lanes::ZERO;
        row.written_down = Lanes::ZERO;
        row.written_up = Lanes::ZERO;
        row.balance_close = owed;
        note.prepaid = Lanes::ZERO;
        Ok(())
    }
}
