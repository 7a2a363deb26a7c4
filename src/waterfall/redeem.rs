//! Redemption: everything owed is paid at once, and the deal has ended.

use super::lanes::{Lanes, Mask};
use super::ledger::Party;
use super::program::{NoteClaim, Program};
use super::state::State;
use super::step::premium;
use super::trace::Trace;
use super::whole::Whole;
use crate::collection::Collections;
use crate::error::Error;
use crate::money::Money;

impl Program {
    /// Step 7: a refinancing granted by the scenario, or a clean-up call, pays everything, or does nothing.
    /// Says whether it did on any path; the state knows on which.
    #[inline(always)]
    pub(crate) fn redeem<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        collections: &[&Collections; L],
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<bool, Error> {
        let period = state.period;
        let granted = |path: &Collections| path.refinancing().is_some_and(|offer| offer.period == period);
        if self.clean_up_call.is_none() && !collections.iter().any(|path| granted(path)) {
            return Ok(false);
        }
        self.redeem_some(collections, state, trace)
    }

    #[inline(never)]
    fn redeem_some<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        collections: &[&Collections; L],
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<bool, Error> {
        let (mut missing, mut redeemed) = (Lanes::ZERO, [false; L]);
        for (lane, path) in collections.iter().enumerate() {
            let granted = path.refinancing().filter(|offer| offer.period == state.period);
            let limit = match (granted, self.called(state, lane)) {
                _ if !state.alive.holds(lane) => continue,
                (_, true) => Money::from_minor(i64::MAX),
                (Some(offer), false) => offer.limit,
                (None, false) => continue,
            };
            let lacking = (self.owed(state, lane)? - state.ledger.cash().lane(lane)).max(Money::ZERO);
            if lacking <= limit {
                missing.set(lane, lacking);
                redeemed[lane] = true;
            }
        }
        let redeemed = Mask::from_fn(|lane| redeemed[lane]);
        state.redeemed = redeemed;
        if redeemed.none() {
            return Ok(false);
        }
        self.pay_off(missing, redeemed, state, trace)?;
        Ok(true)
    }

    /// Whether the clean-up call applies.
    fn called<const L: usize, N: Whole>(&self, state: &State<L, N>, lane: usize) -> bool {
        let Some(share) = self.clean_up_call else { return false };
        let notes = state.notes.iter();
        let outstanding: i128 = notes.clone().map(|note| i128::from(note.balance().lane(lane).minor())).sum();
        let original: i128 = notes.map(|note| i128::from(note.original.minor())).sum();
        outstanding > 0
            && outstanding * i128::from(share.denominator()) < original * i128::from(share.numerator())
    }

    /// Everything owed to anybody on one path.
    fn owed<const L: usize, N: Whole>(&self, state: &State<L, N>, lane: usize) -> Result<Money, Error> {
        let period = state.period;
        let overflow = || Error::Overflow { place: "a redemption", period: period + 1 };
        let mut owed = state.expenses_due.lane(lane);
        let mut owe = |amount: Money| -> Result<(), Error> {
            owed = owed.checked_add(amount).ok_or_else(overflow)?;
            Ok(())
        };
        for fee in &state.fees {
            owe(fee.due.lane(lane))?;
        }
        for (index, note) in state.notes.iter().enumerate() {
            let row = &note.row;
            for amount in [row.interest_shortfall, row.post_ard_interest_unpaid, note.balance()] {
                owe(amount.lane(lane))?;
            }
            let balance = Lanes::<1, N>::splat(note.balance().lane(lane));
            owe(premium(self, index, balance, period)?.lane(0))?;
        }
        Ok(owed)
    }

    /// Everything owed is paid from the accounts in file order, and what is left goes to the issuer.
    fn pay_off<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        missing: Lanes<L, N>,
        on: Mask<L>,
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<(), Error> {
        let period = state.period;
        trace.period(period, "redemption");
        let collection = self.parties.account(self.collection);
        self.receive(self.parties.redemption, collection, missing, state, trace)?;
        let expenses = state.expenses_due.only(on);
        state.expenses_due -= expenses;
        trace.step("expenses");
        self.pay_from_all(self.parties.expenses, expenses, state, trace);
        trace.step("fees");
        for (index, fee) in self.fees.iter().enumerate() {
            let due = state.fees[index].due.only(on);
            state.fees[index].due -= due;
            self.pay_from_all(fee.payee, due, state, trace);
        }
        trace.step("notes");
        for index in 0..self.notes.len() {
            let note = &state.notes[index];
            let balance = note.balance().only(on);
            let claims = [
                (NoteClaim::Interest, note.row.interest_shortfall.only(on)),
                (NoteClaim::PostArdInterest, note.row.post_ard_interest_unpaid.only(on)),
                (NoteClaim::Principal, balance),
                (NoteClaim::MakeWhole, premium(self, index, balance, period)?),
            ];
            for (claim, amount) in claims {
                self.pay_from_all(self.parties.note(index), amount, state, trace);
                state.notes[index].receive(claim, amount);
            }
        }
        trace.step("surplus");
        let surplus = state.ledger.cash().only(on);
        self.pay_from_all(self.parties.issuer, surplus, state, trace);
        Ok(())
    }

    fn pay_from_all<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        to: Party,
        amount: Lanes<L, N>,
        state: &mut State<L, N>,
        trace: &mut T,
    ) {
        let mut left = amount;
        for index in 0..self.accounts.len() {
            let account = self.parties.account(index);
            let part = left.min(state.ledger.balance(account));
            if !part.is_zero() {
                state.ledger.transfer(account, to, part);
                trace.moved(account, to, part);
                left -= part;
            }
        }
        trace.paid(to, amount, amount, true);
    }
}
