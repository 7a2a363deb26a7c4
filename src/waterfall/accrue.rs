//! What a note owes when a payment date begins.

use super::lanes::{Lanes, Mask};
use super::multiplier::{Multiplier, bounded};
use super::program::{NoteTerms, Program};
use super::state::{NoteState, State};
use super::whole::Whole;
use crate::error::Error;
use crate::money::Money;

impl NoteTerms {
    /// Interest and scheduled principal fall due on a note; what it draws is added to its balance.
    #[inline(always)]
    pub(crate) fn accrue<const L: usize, N: Whole>(
        &self,
        period: usize,
        living: Mask<L>,
        note: &mut NoteState<L, N>,
    ) -> Result<(), Error> {
        let row = &mut note.row;
        let rate = &self.rates[period];
        // An unchanged balance at an unchanged rate earns what it earned last time.
        if !(rate.as_before && row.balance_close.same(&row.balance_open)) {
            self.put_interest(&rate.interest, row.balance_close, period, &mut note.interest_on_balance)?;
        }
        row.balance_open = row.balance_close;
        row.interest_accrued = note.interest_on_balance;
        row.interest_due = note.interest_on_balance;
        if !row.interest_shortfall.is_zero() {
            if self.interest_on_shortfall {
                let mut on_shortfall = Lanes::ZERO;
                self.put_interest(&rate.interest, row.interest_shortfall, period, &mut on_shortfall)?;
                row.interest_accrued += on_shortfall;
            }
            row.interest_due = row.interest_shortfall + row.interest_accrued;
            bounded(&row.interest_due, "interest", period)?;
        }
        row.interest_shortfall = row.interest_due;
        if let Some(Some(rate)) = self.post_ard.get(period) {
            let extra = row.post_ard_interest_unpaid;
            let mut accrued = Lanes::ZERO;
            self.put_interest(&rate.on_balance, row.balance_open, period, &mut accrued)?;
            row.post_ard_interest_unpaid += accrued;
            if self.interest_on_shortfall && !extra.is_zero() {
                self.put_interest(&rate.on_unpaid, extra, period, &mut accrued)?;
                row.post_ard_interest_unpaid += accrued;
            }
            bounded(&row.post_ard_interest_unpaid, "interest", period)?;
        }
        row.drawn = Lanes::ZERO;
        if let Some(&draw) = self.draws.get(period) {
            let room = (Lanes::splat(self.commitment) - row.balance_open).positive();
            row.drawn = Lanes::splat(draw).min(room).only(living);
            row.balance_close += row.drawn;
        }
        row.interest_capitalized = Lanes::ZERO;
        row.interest_paid = Lanes::ZERO;
        row.post_ard_interest_paid = Lanes::ZERO;
        row.principal_paid = Lanes::ZERO;
        row.make_whole_paid = Lanes::ZERO;
        row.written_down = Lanes::ZERO;
        row.written_up = Lanes::ZERO;
        note.prepaid = Lanes::ZERO;
        self.schedule(period, note);
        Ok(())
    }

    /// Interest on an amount, rounded once: for the class, or for each of its pieces.
    #[inline(always)]
    fn put_interest<const L: usize, N: Whole>(
        &self,
        rate: &Multiplier,
        amounts: Lanes<L, N>,
        period: usize,
        into: &mut Lanes<L, N>,
    ) -> Result<(), Error> {
        rate.put_claim(amounts, into, "interest", period)?;
        if self.pieces > 1 {
            if into.units().iter().any(|piece| piece.minor() > N::CLAIM / self.pieces) {
                return Err(Error::Overflow { place: "interest", period: period + 1 });
            }
            *into = into.map(|piece| N::from_minor(piece.minor() * self.pieces));
        }
        Ok(())
    }

    /// This date's scheduled principal falls due, on top of what is unpaid of earlier dates'.
    #[inline(always)]
    fn schedule<const L: usize, N: Whole>(&self, period: usize, note: &mut NoteState<L, N>) {
        let row = &note.row;
        if period >= self.legal_final {
            note.scheduled_due = row.balance_close;
            return;
        }
        let part = self.scheduled.get(period).copied().unwrap_or(Money::ZERO);
        if !part.is_zero() || !note.scheduled_due.is_zero() {
            let due = note.scheduled_due.min(row.balance_open) + Lanes::splat(part);
            note.scheduled_due = due.min(row.balance_close);
        }
    }
}

impl Program {
    /// Interest above a note's available funds cap is owed apart, as extra interest.
    pub(crate) fn cap_interest<const L: usize, N: Whole>(
        &self,
        state: &mut State<L, N>,
    ) -> Result<(), Error> {
        let (period, living) = (state.period, state.living());
        for (index, terms) in self.notes.iter().enumerate() {
            let Some(cap) = &terms.funds_cap else { continue };
            let (mut funds, mut earning) = (Lanes::ZERO, Lanes::ZERO);
            cap.interest.put_positive(state, &living, &mut funds)?;
            cap.balance.put_positive(state, &living, &mut earning)?;
            let note = &mut state.notes[index];
            let excess = excess(note.interest_on_balance, note.row.balance_open, funds, earning);
            let carried = note.row.post_ard_interest_unpaid;
            let mut owed = carried + excess;
            if terms.interest_on_shortfall && !carried.is_zero() {
                let mut on_carried = Lanes::ZERO;
                terms.put_interest(&terms.rates[period].interest, carried, period, &mut on_carried)?;
                owed += on_carried;
            }
            bounded(&owed, "interest", period)?;
            let row = &mut note.row;
            row.post_ard_interest_unpaid = owed;
            row.interest_accrued -= excess;
            row.interest_due -= excess;
            row.interest_shortfall -= excess;
        }
        Ok(())
    }
}

/// Interest above the cap: `interest - balance x funds / earning`, the cap rounded half-even; nothing where
/// no balance earns.
fn excess<const L: usize, N: Whole>(
    interest: Lanes<L, N>,
    balance: Lanes<L, N>,
    funds: Lanes<L, N>,
    earning: Lanes<L, N>,
) -> Lanes<L, N> {
    let mut excess = Lanes::ZERO;
    for lane in 0..L {
        let [interest, balance, funds, earning] =
            [interest, balance, funds, earning].map(|amounts| i128::from(amounts.units()[lane].minor()));
        if earning <= 0 {
            continue;
        }
        // Two amounts of 64 bits: their product fits 128.
        let (whole, rest) = ((balance * funds) / earning, (balance * funds) % earning);
        let up = 2 * rest > earning || (2 * rest == earning && whole % 2 == 1);
        let above = (interest - whole - i128::from(up)).max(0);
        excess.set(lane, Money::from_minor(i64::try_from(above).unwrap_or(0)));
    }
    excess
}
