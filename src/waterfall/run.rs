//! The payment dates of a program, one after the other. `docs/deal.md` tells the order of events.

use super::lanes::{Lanes, Mask};
use super::ledger::Party;
use super::multiplier::bounded;
use super::paths::{Observe, PaymentDate};
use super::program::{FeeAccrual, Program};
use super::result::{Recorder, Run};
use super::state::State;
use super::step;
use super::trace::{Explain, Explanation, Silent, Trace};
use super::trigger;
use super::whole::Whole;
use crate::collection::Collections;
use crate::error::Error;
use crate::money::Money;

/// Runs paths in step, in vectors as wide as the processor has.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
pub(super) fn in_step<const L: usize, N: Whole>(
    program: &Program,
    collections: &[&Collections; L],
    state: &mut State<L, N>,
    observer: &mut dyn Observe<L, N>,
) -> Result<(), Error> {
    program.observed(collections, state, observer, &mut Silent)
}

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
        let mut state = run.start(self);
        let outcome = in_step(self, &[collections], &mut state, &mut Recorder(run));
        run.state = state;
        outcome
    }

    /// [`Program::run`], with every step of every payment date explained.
    ///
    /// # Errors
    /// As [`Program::run`].
    pub fn explain(&self, collections: &Collections) -> Result<(Run, Vec<Explanation>), Error> {
        let (run, trace) = self.heard(collections)?;
        Ok((run, trace.lines))
    }

    /// One path, recorded, and all that a listener hears of it.
    pub(super) fn heard(&self, collections: &Collections) -> Result<(Run, Explain<'_>), Error> {
        let (mut run, mut trace) = (Run::for_program(self), Explain::new(self));
        let mut state = run.start(self);
        self.observed(&[collections], &mut state, &mut Recorder(&mut run), &mut trace)?;
        run.state = state;
        Ok((run, trace))
    }

    /// Every payment date, each told to the observer, until nothing is left to run or it has seen enough.
    #[inline(always)]
    pub(crate) fn observed<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        collections: &[&Collections; L],
        state: &mut State<L, N>,
        observer: &mut dyn Observe<L, N>,
        trace: &mut T,
    ) -> Result<(), Error> {
        for path in collections {
            if path.layout() != &self.layout {
                let found = path.layout().width() as f64;
                let expected = "collections of the layout that the program was compiled for";
                return Err(Error::Argument { argument: "columns of the collections", found, expected });
            }
        }
        if self.terms > N::TERMS || self.largest > N::AMOUNT {
            return Err(Error::Overflow { place: "an amount of the deal", period: 0 });
        }
        state.reset(self, collections);
        for (index, account) in self.accounts.iter().enumerate() {
            let opening = Lanes::splat(account.opening);
            state.ledger.receive(self.parties.opening, self.parties.account(index), opening, 0)?;
        }
        let cells = collections.map(Collections::cells);
        for period in 0..self.schedule.len() {
            let redeemed = self.payment_date(period, collections, &cells, state, trace)?;
            for note in &mut state.notes {
                note.row.principal_shortfall = note.scheduled_due();
            }
            let date = PaymentDate { program: self, state, redeemed };
            if observer.payment_date(&date).is_break() {
                break;
            }
            if redeemed {
                state.alive = state.alive & !state.redeemed;
                if state.alive.none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// One payment date. Says whether notes were redeemed on any path.
    #[inline(always)]
    fn payment_date<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        period: usize,
        collections: &[&Collections; L],
        cells: &[&[Money]; L],
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<bool, Error> {
        self.cash_in(period, cells, state, trace)?;
        self.accrue(state, trace)?;
        if !self.triggers.is_empty() {
            trigger::evaluate(self, collections, state, trace)?;
        }
        if self.caps_interest {
            self.cap_interest(state)?;
        }
        if self.pays_in_kind {
            self.pay_in_kind(state)?;
        }
        self.expenses_and_fees(state)?;
        let living = state.living();
        let redeemed = self.redeem(collections, state, trace)?;
        let left = if redeemed { living & !state.redeemed } else { living };
        if !redeemed || !left.none() {
            self.fix_amounts(left, state)?;
            self.phases(left, state, trace)?;
        }
        Ok(redeemed)
    }

    /// 1. Earnings, collections and draws arrive.
    #[inline(always)]
    fn cash_in<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        period: usize,
        cells: &[&[Money]; L],
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<(), Error> {
        state.period = period;
        self.read(cells, state)?;
        trace.period(period, "cash in");
        for (index, account) in self.accounts.iter().enumerate() {
            if let Some(earned) = account.earnings.get(period) {
                let account = self.parties.account(index);
                let mut amount = Lanes::ZERO;
                earned.put_claim(state.ledger.balance(account), &mut amount, "earnings", period)?;
                self.receive(self.parties.earnings, account, amount, state, trace)?;
            }
        }
        for (source, &account) in self.deposits.iter().enumerate() {
            let amount = self.column(cells, source, state);
            column_fits(&amount, period)?;
            if amount.is_zero() {
                continue;
            }
            if amount.any_negative() {
                return Err(negative_cash(&amount));
            }
            self.receive(self.parties.source(source), account, amount, state, trace)?;
        }
        Ok(())
    }

    /// A column on every path; of one that has ended, and past the end of its collections, nothing.
    #[inline(always)]
    fn column<const L: usize, N: Whole>(
        &self,
        cells: &[&[Money]; L],
        column: usize,
        state: &State<L, N>,
    ) -> Lanes<L, N> {
        let at = state.period * self.nothing.len() + column;
        let mut minor = [0; L];
        for (minor, cells) in minor.iter_mut().zip(cells) {
            *minor = cells.get(at).map_or(0, |cell| cell.minor());
        }
        N::lanes(minor).only(state.living())
    }

    /// The columns that formulas and expenses refer to, running totals, and schedules.
    #[inline(always)]
    fn read<const L: usize, N: Whole>(
        &self,
        cells: &[&[Money]; L],
        state: &mut State<L, N>,
    ) -> Result<(), Error> {
        if state.period > 0 {
            std::mem::swap(&mut state.row, &mut state.row_before);
        }
        for &index in &self.read {
            let amount = self.column(cells, usize::from(index), state);
            column_fits(&amount, state.period)?;
            state.row[usize::from(index)] = amount;
        }
        for (total, &column) in state.totals.iter_mut().zip(&self.totals) {
            *total = total.saturating_add(state.row[usize::from(column)]);
            if total.far_beyond(N::AMOUNT) {
                return Err(Error::Overflow { place: "a running total", period: state.period + 1 });
            }
        }
        for (amount, schedule) in state.schedules.iter_mut().zip(&self.schedules) {
            *amount = schedule[state.period];
        }
        Ok(())
    }

    /// New cash, by name of its source.
    #[inline(always)]
    pub(crate) fn receive<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        source: Party,
        account: Party,
        amount: Lanes<L, N>,
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<(), Error> {
        state.ledger.receive(source, account, amount, state.period)?;
        trace.step(&self.parties.names[source.index()]);
        trace.moved(source, account, amount);
        trace.paid(account, amount, amount, true);
        Ok(())
    }

    /// 2 and 3. Interest and scheduled principal fall due; draws are made.
    #[inline(always)]
    fn accrue<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<(), Error> {
        let (period, living) = (state.period, state.living());
        for (terms, note) in self.notes.iter().zip(&mut state.notes) {
            terms.accrue(period, living, note)?;
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
    fn pay_in_kind<const L: usize, N: Whole>(&self, state: &mut State<L, N>) -> Result<(), Error> {
        for (index, terms) in self.notes.iter().enumerate() {
            let Some(when) = terms.pay_in_kind else { continue };
            let on = state.hold(when) & state.living();
            let note = &mut state.notes[index];
            let row = &mut note.row;
            let interest = row.interest_accrued.only(on);
            row.interest_capitalized = interest;
            row.interest_due -= interest;
            row.interest_shortfall -= interest;
            row.balance_close += interest;
            bounded(&row.balance_close, "a balance", state.period)?;
            if state.period >= terms.legal_final {
                note.scheduled_due = note.balance();
            }
        }
        Ok(())
    }

    /// 6. Expenses and fees fall due.
    #[inline(always)]
    fn expenses_and_fees<const L: usize, N: Whole>(&self, state: &mut State<L, N>) -> Result<(), Error> {
        let (period, living) = (state.period, state.living());
        if let Some(column) = self.columns.expenses {
            let due = state.row[usize::from(column)].positive().saturating_add(state.expenses_due);
            bounded(&due, "expenses", period)?;
            state.expenses_due = due;
        }
        for (index, fee) in self.fees.iter().enumerate() {
            let mut accrued = Lanes::ZERO;
            match &fee.accrual {
                FeeAccrual::Amount(amount) => amount.put_positive(state, &living, &mut accrued)?,
                FeeAccrual::Rate { of, by_period } => {
                    of.put_positive(state, &living, &mut accrued)?;
                    by_period[period].put_claim(accrued, &mut accrued, "a fee", period)?;
                    accrued = accrued.positive();
                }
            }
            let state_of = &mut state.fees[index];
            // A sum past 64 bits is negative, which is refused.
            let due = state_of.due.add_to_check(accrued);
            bounded(&due, "a fee", period)?;
            state_of.due = due;
            if let Some(cap) = &fee.cap
                && fee.cap_refills.get(period).copied().unwrap_or(true)
            {
                let mut left = Lanes::ZERO;
                cap.put_positive(state, &living, &mut left)?;
                state.fees[index].cap_left = Some(left);
            }
        }
        Ok(())
    }

    /// 8. Targets, then amounts.
    #[inline(always)]
    fn fix_amounts<const L: usize, N: Whole>(
        &self,
        on: Mask<L>,
        state: &mut State<L, N>,
    ) -> Result<(), Error> {
        for (index, account) in self.accounts.iter().enumerate() {
            if let Some(target) = &account.target {
                let mut value = Lanes::ZERO;
                target.put_positive(state, &on, &mut value)?;
                state.targets[index] = value;
            }
        }
        for (index, amount) in self.amounts.iter().enumerate() {
            let mut value = Lanes::ZERO;
            amount.put(state, &on, &mut value)?;
            state.amounts[index] = value;
        }
        Ok(())
    }

    /// 9. Each path runs the first phase that holds on it.
    #[inline(always)]
    fn phases<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        mut left: Mask<L>,
        state: &mut State<L, N>,
        trace: &mut T,
    ) -> Result<(), Error> {
        for (index, phase) in self.phases.iter().enumerate() {
            let on = if phase.when.is_empty() { left } else { state.hold(phase.when) & left };
            if !phase.when.is_empty() && on.none() {
                continue;
            }
            if self.phases.len() > 1 {
                for (lane, run) in state.phase.iter_mut().enumerate() {
                    *run = if on.holds(lane) { index } else { *run };
                }
            }
            trace.period(state.period, &phase.name);
            for (index, step) in phase.steps.iter().enumerate() {
                step::execute(self, step, index, &on, state, trace)?;
            }
            if L == 1 || phase.when.is_empty() {
                break;
            }
            left = left & !on;
            if left.none() {
                break;
            }
        }
        Ok(())
    }
}

#[cold]
#[inline(never)]
fn negative_cash<const L: usize, N: Whole>(amounts: &Lanes<L, N>) -> Error {
    let negative = amounts.units().iter().find(|&&amount| amount < N::ZERO);
    let found = negative.map_or(0, |amount| amount.minor()) as f64;
    Error::Argument { argument: "collections", found, expected: "no negative cash" }
}

/// An error if a column holds more than fits.
#[inline(always)]
fn column_fits<const L: usize, N: Whole>(amounts: &Lanes<L, N>, period: usize) -> Result<(), Error> {
    if amounts.far_beyond(N::AMOUNT) {
        return Err(Error::Overflow { place: "collections", period: period + 1 });
    }
    Ok(())
}
