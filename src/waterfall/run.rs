//! The payment dates of a program, one after the other. `docs/deal.md` tells the order of events.

use super::ledger::Party;
use super::program::{FeeAccrual, NoteClaim, NoteTerms, Program};
use super::result::{NoteRow, Run};
use super::state::{NoteState, State};
use super::step::{self, premium};
use super::trace::{Explain, Explanation, Silent, Trace};
use super::trigger;
use crate::collection::Collections;
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::Ratio;

impl Program {
    /// Runs the deal on collections of its own layout.
    ///
    /// Collections for fewer payment dates than the deal has are taken to be nothing afterwards.
    ///
    /// # Errors
    /// [`Error::Argument`] if the collections have another layout or a source pays a negative amount;
    /// [`Error::Overflow`] if an amount passes 64 bits.
    pub fn run(&self, collections: &Collections) -> Result<Run, Error> {
        let mut run = Run::for_program(self);
        self.run_into(collections, &mut run)?;
        Ok(run)
    }

    /// [`Program::run`] into a result that is used again: no memory is allocated after the first time.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn run_into(&self, collections: &Collections, run: &mut Run) -> Result<(), Error> {
        self.run_traced(collections, run, &mut Silent)
    }

    /// [`Program::run`], with every step of every payment date explained.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn explain(&self, collections: &Collections) -> Result<(Run, Vec<Explanation>), Error> {
        let mut run = Run::for_program(self);
        let mut trace = Explain::new(self);
        self.run_traced(collections, &mut run, &mut trace)?;
        Ok((run, trace.lines))
    }

    fn run_traced<T: Trace>(
        &self,
        collections: &Collections,
        run: &mut Run,
        trace: &mut T,
    ) -> Result<(), Error> {
        if collections.layout() != &self.layout {
            let found = collections.layout().width() as f64;
            let expected = "collections of the layout that the program was compiled for";
            return Err(Error::Argument { argument: "columns of the collections", found, expected });
        }
        let mut state = std::mem::take(&mut run.state);
        state.reset(self);
        run.reset(self, collections);
        let outcome = self.payment_dates(collections, &mut state, run, trace);
        run.state = state;
        outcome
    }

    fn payment_dates<T: Trace>(
        &self,
        collections: &Collections,
        state: &mut State,
        run: &mut Run,
        trace: &mut T,
    ) -> Result<(), Error> {
        self.open_accounts(state)?;
        for period in 0..self.schedule.len() {
            let redeemed = self.payment_date(period, collections, &run.events, state, trace)?;
            run.record(period, redeemed, state);
            if redeemed.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn open_accounts(&self, state: &mut State) -> Result<(), Error> {
        for (index, account) in self.accounts.iter().enumerate() {
            state.ledger.receive(self.parties.opening, self.parties.account(index), account.opening, 0)?;
        }
        Ok(())
    }

    /// One payment date. Says which phase was run, or that the notes were redeemed.
    fn payment_date<T: Trace>(
        &self,
        period: usize,
        collections: &Collections,
        events: &[Option<usize>],
        state: &mut State,
        trace: &mut T,
    ) -> Result<Option<()>, Error> {
        self.cash_in(period, collections, state, trace)?;
        self.accrue(state, trace)?;
        trigger::evaluate(self, collections, events, state)?;
        if self.pays_in_kind {
            self.pay_in_kind(state)?;
        }
        self.expenses_and_fees(state)?;
        if self.redeem(collections, state, trace)? {
            return Ok(Some(()));
        }
        for index in 0..self.accounts.len() {
            if let Some(target) = &self.accounts[index].target {
                state.targets[index] = target.positive(state)?;
            }
        }
        for (index, amount) in self.amounts.iter().enumerate() {
            state.amounts[index] = amount.value(state)?;
        }
        if let Some((index, phase)) =
            self.phases.iter().enumerate().find(|(_, phase)| phase.when.hold(state.active))
        {
            state.phase = index;
            trace.period(period, &phase.name);
            for (index, step) in phase.steps.iter().enumerate() {
                step::execute(self, step, index, state, trace)?;
            }
        }
        Ok(None)
    }

    /// 1. Earnings, collections and draws arrive.
    fn cash_in<T: Trace>(
        &self,
        period: usize,
        collections: &Collections,
        state: &mut State,
        trace: &mut T,
    ) -> Result<(), Error> {
        state.period = period;
        if period > 0 {
            std::mem::swap(&mut state.row, &mut state.row_before);
        }
        if period < collections.periods() {
            state.row.copy_from_slice(collections.row(period));
        } else {
            state.row.fill(Money::ZERO);
        }
        for (total, &column) in state.totals.iter_mut().zip(&self.totals) {
            *total = Money::from_minor(total.minor().saturating_add(state.row[usize::from(column)].minor()));
        }
        for (amount, schedule) in state.schedules.iter_mut().zip(&self.schedules) {
            *amount = schedule[period];
        }
        trace.period(period, "cash in");
        for (index, account) in self.accounts.iter().enumerate() {
            if let Some(&earned) = account.earnings.get(period) {
                let account = self.parties.account(index);
                let amount = claim(earned, state.ledger.balance(account), self.rounding, "earnings", period)?;
                self.receive(self.parties.earnings, account, amount, state, trace)?;
            }
        }
        for (source, &account) in self.deposits.iter().enumerate() {
            let amount = state.row[source];
            if amount.is_zero() {
                continue;
            }
            if amount < Money::ZERO {
                let found = amount.minor() as f64;
                return Err(Error::Argument { argument: "collections", found, expected: "no negative cash" });
            }
            self.receive(self.parties.source(source), account, amount, state, trace)?;
        }
        Ok(())
    }

    /// New cash, by name of its source.
    #[inline]
    fn receive<T: Trace>(
        &self,
        source: Party,
        account: Party,
        amount: Money,
        state: &mut State,
        trace: &mut T,
    ) -> Result<(), Error> {
        state.ledger.receive(source, account, amount, state.period)?;
        trace.step(&self.parties.names[source.index()], amount);
        trace.moved(source, account, amount);
        trace.paid(account, amount, amount, true);
        Ok(())
    }

    /// 2 and 3. Interest and scheduled principal fall due; draws are made.
    fn accrue<T: Trace>(&self, state: &mut State, trace: &mut T) -> Result<(), Error> {
        let period = state.period;
        for (terms, note) in self.notes.iter().zip(&mut state.notes) {
            terms.accrue(period, note)?;
        }
        if self.draws {
            for (index, terms) in self.notes.iter().enumerate() {
                let drawn = state.notes[index].row.drawn;
                if !drawn.is_zero() {
                    self.receive(self.parties.draws, terms.draw_account, drawn, state, trace)?;
                }
            }
        }
        Ok(())
    }

    /// 5. Interest of notes that pay in kind is capitalised.
    fn pay_in_kind(&self, state: &mut State) -> Result<(), Error> {
        for (terms, note) in self.notes.iter().zip(&mut state.notes) {
            if terms.pay_in_kind.is_some_and(|when| when.hold(state.active)) {
                let row = &mut note.row;
                let interest = row.interest_accrued;
                row.interest_capitalized = interest;
                row.interest_due -= interest;
                row.interest_shortfall -= interest;
                row.balance_close = bounded(row.balance_close + interest, "a balance", state.period)?;
                if state.period >= terms.legal_final {
                    note.scheduled_due = note.balance();
                }
            }
        }
        Ok(())
    }

    /// 6. Expenses and fees fall due.
    fn expenses_and_fees(&self, state: &mut State) -> Result<(), Error> {
        let period = state.period;
        if let Some(column) = self.columns.expenses {
            let due = state.row[usize::from(column)].max(Money::ZERO);
            let due = due.checked_add(state.expenses_due);
            let due = due.ok_or_else(|| Error::Overflow { place: "expenses", period: period + 1 })?;
            state.expenses_due = bounded(due, "expenses", period)?;
        }
        for (index, fee) in self.fees.iter().enumerate() {
            let accrued = match &fee.accrual {
                FeeAccrual::Amount(amount) => amount.positive(state)?,
                FeeAccrual::Rate { of, by_period } => {
                    let basis = of.positive(state)?;
                    claim(by_period[period], basis, fee.rounding, "a fee", period)?.max(Money::ZERO)
                }
            };
            let accrued = bounded(accrued, "a fee", period)?;
            let due = bounded(state.fees[index].due + accrued, "a fee", period)?;
            let cap_left = match &fee.cap {
                None => Money::from_minor(i64::MAX),
                Some(cap) if fee.cap_refills.get(period).copied().unwrap_or(true) => cap.positive(state)?,
                Some(_) => state.fees[index].cap_left,
            };
            state.fees[index].due = due;
            state.fees[index].cap_left = cap_left;
        }
        Ok(())
    }

    /// 7. A refinancing granted by the scenario, or a clean-up call: pays everything, or does nothing.
    fn redeem<T: Trace>(
        &self,
        collections: &Collections,
        state: &mut State,
        trace: &mut T,
    ) -> Result<bool, Error> {
        let period = state.period;
        let granted = collections.refinancing().filter(|r| r.period == period).map(|r| r.limit);
        if granted.is_none() && self.clean_up_call.is_none() {
            return Ok(false);
        }
        let outstanding: i128 = state.notes.iter().map(|note| i128::from(note.balance().minor())).sum();
        let called = self.clean_up_call.is_some_and(|share| {
            let original: i128 = state.notes.iter().map(|n| i128::from(n.original.minor())).sum();
            outstanding > 0
                && outstanding * i128::from(share.denominator()) < original * i128::from(share.numerator())
        });
        let limit = match (granted, called) {
            (_, true) => Money::from_minor(i64::MAX),
            (Some(limit), false) => limit,
            (None, false) => return Ok(false),
        };
        let mut owed = state.expenses_due;
        let overflow = || Error::Overflow { place: "a redemption", period: period + 1 };
        let mut owe = |amount: Money| -> Result<(), Error> {
            owed = owed.checked_add(amount).ok_or_else(overflow)?;
            Ok(())
        };
        for fee in &state.fees {
            owe(fee.due)?;
        }
        for (index, note) in state.notes.iter().enumerate() {
            let row = &note.row;
            for amount in [row.interest_shortfall, row.post_ard_interest_unpaid, note.balance()] {
                owe(amount)?;
            }
            owe(premium(self, index, note.balance(), period)?)?;
        }
        let missing = (owed - state.ledger.cash()).max(Money::ZERO);
        if missing > limit {
            return Ok(false);
        }
        self.pay_off(missing, state, trace)?;
        Ok(true)
    }

    /// Everything owed is paid from the accounts in file order, and what is left goes to the issuer.
    fn pay_off<T: Trace>(&self, missing: Money, state: &mut State, trace: &mut T) -> Result<(), Error> {
        let period = state.period;
        trace.period(period, "redemption");
        let collection = self.parties.account(self.collection);
        self.receive(self.parties.redemption, collection, missing, state, trace)?;
        let expenses = std::mem::take(&mut state.expenses_due);
        trace.step("expenses", expenses);
        self.pay_from_all(self.parties.expenses, expenses, state, trace);
        trace.step("fees", Money::ZERO);
        for (index, fee) in self.fees.iter().enumerate() {
            let due = std::mem::take(&mut state.fees[index].due);
            self.pay_from_all(fee.payee, due, state, trace);
        }
        trace.step("notes", Money::ZERO);
        for index in 0..self.notes.len() {
            let note = state.notes[index];
            let claims = [
                (NoteClaim::Interest, note.row.interest_shortfall),
                (NoteClaim::PostArdInterest, note.row.post_ard_interest_unpaid),
                (NoteClaim::Principal, note.balance()),
                (NoteClaim::MakeWhole, premium(self, index, note.balance(), period)?),
            ];
            for (claim, amount) in claims {
                self.pay_from_all(self.parties.note(index), amount, state, trace);
                state.notes[index].receive(claim, amount);
            }
        }
        trace.step("surplus", Money::ZERO);
        let surplus = state.ledger.cash();
        self.pay_from_all(self.parties.issuer, surplus, state, trace);
        Ok(())
    }

    fn pay_from_all<T: Trace>(&self, to: Party, amount: Money, state: &mut State, trace: &mut T) {
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

impl NoteTerms {
    /// Interest on an amount, rounded once: for the class, or for each of its pieces.
    #[inline]
    fn interest(&self, rate: Ratio, amount: Money, period: usize) -> Result<Money, Error> {
        let interest = claim(rate, amount, self.rounding, "interest", period)?;
        if self.pieces == 1 {
            return Ok(interest);
        }
        let place = "interest";
        match interest.minor().checked_mul(self.pieces) {
            Some(all) => bounded(Money::from_minor(all), place, period),
            None => Err(Error::Overflow { place, period: period + 1 }),
        }
    }

    /// A note at the start of a payment date.
    #[inline]
    fn accrue(&self, period: usize, note: &mut NoteState) -> Result<(), Error> {
        let rate = &self.rates[period];
        let last = &note.row;
        let (balance, carried, extra) =
            (last.balance_close, last.interest_shortfall, last.post_ard_interest_unpaid);
        // An unchanged balance at an unchanged rate earns what it earned last time.
        let on_balance = if rate.as_before && balance == last.balance_open {
            note.interest_on_balance
        } else {
            self.interest(rate.interest, balance, period)?
        };
        let mut interest = on_balance;
        if self.interest_on_shortfall && !carried.is_zero() {
            interest += self.interest(rate.interest, carried, period)?;
        }
        let mut post_ard = Money::ZERO;
        if let Some(rate) = &rate.post_ard {
            post_ard = self.interest(rate.on_balance, balance, period)?;
            if self.interest_on_shortfall && !extra.is_zero() {
                post_ard += self.interest(rate.on_unpaid, extra, period)?;
            }
        }
        let drawn = match self.draws.get(period) {
            Some(&draw) => draw.min((self.commitment - balance).max(Money::ZERO)),
            None => Money::ZERO,
        };
        let scheduled = if period >= self.legal_final {
            balance + drawn
        } else {
            note.scheduled_due() + self.scheduled.get(period).copied().unwrap_or(Money::ZERO)
        };
        *note = NoteState {
            row: NoteRow {
                balance_open: balance,
                drawn,
                interest_accrued: interest,
                interest_due: carried + interest,
                interest_shortfall: carried + interest,
                post_ard_interest_unpaid: extra + post_ard,
                balance_close: balance + drawn,
                ..NoteRow::default()
            },
            interest_on_balance: on_balance,
            scheduled_due: scheduled.min(balance + drawn),
            original: note.original,
            commitment: note.commitment,
            written_down: note.written_down,
            ..NoteState::default()
        };
        Ok(())
    }
}

impl Run {
    fn record(&mut self, period: usize, redeemed: Option<()>, state: &State) {
        let first = period * state.notes.len();
        for (row, note) in self.rows[first..].iter_mut().zip(&state.notes) {
            *row = note.row;
            row.principal_shortfall = note.scheduled_due();
        }
        let parties = state.ledger.balances();
        self.ledger[period * parties.len()..(period + 1) * parties.len()].copy_from_slice(parties);
        self.active[period] = state.active;
        self.phase[period] = if redeemed.is_some() { Run::REDEEMED } else { state.phase };
        self.periods = period + 1;
    }
}

/// `amount x ratio`, bounded so that sums of a few claims stay far inside 64 bits.
#[inline]
fn claim(
    ratio: Ratio,
    amount: Money,
    rounding: Rounding,
    place: &'static str,
    period: usize,
) -> Result<Money, Error> {
    match ratio.of(amount, rounding) {
        Some(product) => bounded(product, place, period),
        None => Err(Error::Overflow { place, period: period + 1 }),
    }
}

/// The amount, unless a few of its kind could pass 64 bits.
#[inline]
fn bounded(amount: Money, place: &'static str, period: usize) -> Result<Money, Error> {
    if amount.minor() > i64::MAX / 8 {
        return Err(Error::Overflow { place, period: period + 1 });
    }
    Ok(amount)
}
