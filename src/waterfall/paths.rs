//! Several paths in step, as their user sees them: a workspace, an observer, and what it may look at.

use super::lanes::Lanes;
use super::program::Program;
use super::result::NoteRow;
use super::state::State;
use super::whole::Whole;
use crate::collection::Collections;
use crate::error::Error;
use std::ops::ControlFlow;

/// Is told of every payment date of [`Program::run_paths`].
///
/// A path that was redeemed on an earlier date has ended: it is still in its lane, every amount of a date is
/// nothing there, and [`PaymentDate::alive`] says so. The run ends with the last date, with the last path,
/// or when the observer has seen enough.
pub trait Observe<const L: usize, N: Whole = i64> {
    /// A payment date is over. [`ControlFlow::Break`] ends the run.
    fn payment_date(&mut self, date: &PaymentDate<'_, L, N>) -> ControlFlow<()>;
}

/// What a run of `L` paths works in. Used again, it allocates no memory.
#[derive(Clone, Debug, Default)]
pub struct Paths<const L: usize, N: Whole = i64> {
    pub(crate) state: State<L, N>,
}

/// What an [`Observe`]r may look at: all `L` paths after a payment date.
#[derive(Clone, Copy, Debug)]
pub struct PaymentDate<'a, const L: usize, N: Whole = i64> {
    pub(crate) program: &'a Program,
    pub(crate) state: &'a State<L, N>,
    /// Whether notes are redeemed on any path.
    pub(crate) redeemed: bool,
}

/// One note on one payment date, on each of `L` paths. The fields are those of [`NoteRow`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct NoteRows<const L: usize, N: Whole = i64> {
    /// Balance after the last payment date.
    pub balance_open: Lanes<L, N>,
    /// Drawn on this date (variable funding).
    pub drawn: Lanes<L, N>,
    /// Interest accrued for this date, on balance and on unpaid interest.
    pub interest_accrued: Lanes<L, N>,
    /// The part of it that was added to the balance (paid in kind).
    pub interest_capitalized: Lanes<L, N>,
    /// Interest due on this date: accrued and not capitalised, and carried over.
    pub interest_due: Lanes<L, N>,
    /// Interest paid.
    pub interest_paid: Lanes<L, N>,
    /// Interest due and not paid: carried to the next date.
    pub interest_shortfall: Lanes<L, N>,
    /// Extra interest after the anticipated repayment date, paid.
    pub post_ard_interest_paid: Lanes<L, N>,
    /// Extra interest owed and not yet paid.
    pub post_ard_interest_unpaid: Lanes<L, N>,
    /// Principal paid.
    pub principal_paid: Lanes<L, N>,
    /// Scheduled principal due and not paid.
    pub principal_shortfall: Lanes<L, N>,
    /// Make-whole premium paid.
    pub make_whole_paid: Lanes<L, N>,
    /// Loss written down on this date.
    pub written_down: Lanes<L, N>,
    /// Write-down restored on this date.
    pub written_up: Lanes<L, N>,
    /// Balance after this date.
    pub balance_close: Lanes<L, N>,
}

impl<const L: usize, N: Whole> NoteRows<L, N> {
    /// All cash that the note received on this date.
    #[inline(always)]
    pub fn cash(&self) -> Lanes<L, N> {
        self.interest_paid + self.post_ard_interest_paid + self.principal_paid + self.make_whole_paid
    }

    /// The note on one path, counted from 0.
    ///
    /// # Panics
    /// If there is no such path.
    #[inline(always)]
    pub fn lane(&self, lane: usize) -> NoteRow {
        NoteRow {
            balance_open: self.balance_open.lane(lane),
            drawn: self.drawn.lane(lane),
            interest_accrued: self.interest_accrued.lane(lane),
            interest_capitalized: self.interest_capitalized.lane(lane),
            interest_due: self.interest_due.lane(lane),
            interest_paid: self.interest_paid.lane(lane),
            interest_shortfall: self.interest_shortfall.lane(lane),
            post_ard_interest_paid: self.post_ard_interest_paid.lane(lane),
            post_ard_interest_unpaid: self.post_ard_interest_unpaid.lane(lane),
            principal_paid: self.principal_paid.lane(lane),
            principal_shortfall: self.principal_shortfall.lane(lane),
            make_whole_paid: self.make_whole_paid.lane(lane),
            written_down: self.written_down.lane(lane),
            written_up: self.written_up.lane(lane),
            balance_close: self.balance_close.lane(lane),
        }
    }
}

impl Program {
    /// Runs the deal on `L` paths side by side: the waterfall of [`Program::run`], the same cents on each
    /// path, every instruction once for all of them. Sixteen paths cost a fraction of sixteen runs.
    ///
    /// ```
    /// use leasefall::collection::{Collections, Layout};
    /// use leasefall::deal::Deal;
    /// use leasefall::tape::read_document;
    /// use leasefall::waterfall::{Lanes, Observe, Paths, PaymentDate, Program};
    /// use leasefall::{Currency, Error, Money};
    /// use std::ops::ControlFlow;
    ///
    /// /// What the first note is paid over life.
    /// struct Paid(Lanes<2>);
    ///
    /// impl Observe<2> for Paid {
    ///     fn payment_date(&mut self, date: &PaymentDate<'_, 2>) -> ControlFlow<()> {
    ///         self.0 += date.note(0).cash();
    ///         if date.notes_settled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    ///     }
    /// }
    ///
    /// let deal = read_document::<Deal>("deal.toml", r#"
    ///     name = "One note"
    ///     currency = "USD"
    ///     cut_off_date = 2025-12-31
    ///     closing_date = 2026-01-25
    ///     payments = { frequency = "monthly", first_date = 2026-02-25 }
    ///     notes = [
    ///         { id = "A", original_balance = 1_000, coupon = 0.12, day_count = "30/360", legal_final = 2026-03-25 },
    ///     ]
    ///     accounts = [{ id = "collection" }]
    ///     phases = [{ id = "normal", steps = [
    ///         { id = "interest", pay = "interest", notes = ["A"] },
    ///         { id = "principal", pay = "principal", notes = ["A"] },
    ///     ] }]
    /// "#)?.value;
    /// let layout = Layout::new(["rent"], []);
    /// let program = Program::compile(&deal, &layout)?;
    ///
    /// // On the first path 510.00 comes in on both dates, on the second only on the first.
    /// let mut good = Collections::empty(Currency::USD, layout, 2);
    /// good.row_mut(0)[0] = Money::from_minor(510_00);
    /// let mut bad = good.clone();
    /// good.row_mut(1)[0] = Money::from_minor(510_00);
    /// bad.row_mut(1)[0] = Money::ZERO;
    ///
    /// let mut paid = Paid(Lanes::ZERO);
    /// program.run_paths(&[&good, &bad], &mut Paths::default(), &mut paid)?;
    /// // Interest of 10.00 and 500.00 of principal, then 5.00 and the other 500.00.
    /// assert_eq!(paid.0.minor(), &[510_00 + 505_00, 510_00]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Sixteen is a good number of paths in doubles: one path's step waits for the last one, those of several do not wait
    /// for each other.
    ///
    /// # Errors
    /// As [`Program::run`], if any path that has not ended meets one; the other paths' results are then
    /// incomplete. Run them one by one to learn which it is.
    pub fn run_paths<const L: usize, N: Whole, O: Observe<L, N>>(
        &self,
        collections: &[&Collections; L],
        paths: &mut Paths<L, N>,
        observer: &mut O,
    ) -> Result<(), Error> {
        super::run::in_step(self, collections, &mut paths.state, observer)
    }
}

impl<'a, const L: usize, N: Whole> PaymentDate<'a, L, N> {
    /// The payment date, counted from 0.
    pub fn period(&self) -> usize {
        self.state.period
    }

    /// A note, counted from 0 in the deal's order.
    ///
    /// # Panics
    /// If there is no such note.
    #[inline(always)]
    pub fn note(&self, note: usize) -> &'a NoteRows<L, N> {
        &self.state.notes[note].row
    }

    /// Whether a path took part in this date: it had not been redeemed on an earlier one.
    ///
    /// # Panics
    /// If there is no such path; so do all that ask for one.
    pub fn alive(&self, lane: usize) -> bool {
        self.state.alive.holds(lane)
    }

    /// Whether a path's notes were redeemed, by refinancing or call, on this date, its last.
    pub fn redeemed(&self, lane: usize) -> bool {
        self.redeemed && self.state.redeemed.holds(lane)
    }

    /// The id of the phase that was run; `redemption` where the notes were redeemed.
    pub fn phase(&self, lane: usize) -> &'a str {
        match self.redeemed(lane) {
            true => "redemption",
            false => &self.program.phases[self.state.phase[lane]].name,
        }
    }

    /// Whether a trigger is active, both counted from 0.
    pub fn trigger_active(&self, lane: usize, trigger: usize) -> bool {
        self.state.active[lane] >> trigger & 1 == 1
    }

    /// The active triggers of each path, a bit each; of a path that has ended those of its last date.
    pub fn active_triggers(&self) -> &'a [u64; L] {
        &self.state.active
    }

    /// What an account holds, counted from 0 in the deal's order.
    ///
    /// # Panics
    /// If there is no such account.
    pub fn account_close(&self, account: usize) -> &'a Lanes<L, N> {
        &self.state.ledger.balances()[..self.program.accounts.len()][account]
    }

    /// What a payee has received so far, by its place in [`Program::payees`].
    ///
    /// # Panics
    /// If there is no such payee.
    pub fn received(&self, payee: usize) -> &'a Lanes<L, N> {
        &self.state.ledger.balances()[self.program.parties.first_payee()..][payee]
    }

    /// Whether nothing can happen to the notes of one path any more: as [`PaymentDate::notes_settled`].
    pub fn is_settled(&self, lane: usize) -> bool {
        self.state.notes.iter().zip(&self.program.notes).all(|(note, terms)| {
            let row = &note.row;
            let owed =
                [row.balance_close, row.interest_shortfall, row.post_ard_interest_unpaid, note.written_down];
            owed.iter().all(|amount| amount.lane(lane).is_zero())
                && (!self.alive(lane)
                    || terms.draws.iter().skip(self.state.period + 1).all(|draw| draw.is_zero()))
        })
    }

    /// Whether nothing can happen to the notes any more on any path: none has a balance, unpaid interest, a
    /// loss that could be restored, or draws to come.
    pub fn notes_settled(&self) -> bool {
        self.state.notes.iter().zip(&self.program.notes).all(|(note, terms)| {
            let row = &note.row;
            let owed = row.balance_close + row.interest_shortfall + row.post_ard_interest_unpaid;
            let to_come = terms.draws.iter().skip(self.state.period + 1);
            (owed + note.written_down).is_zero() && to_come.fold(0, |all, draw| all | draw.minor()) == 0
        })
    }
}
