//! What changes from payment date to payment date. Allocated once, reused for every run.

use super::ledger::{Ledger, Party};
use super::program::Program;
use super::result::NoteRow;
use crate::money::Money;

/// Everything that a payment date reads and writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) period: usize,
    /// The phase that is run.
    pub(crate) phase: usize,
    /// This period's collections and the last one's.
    pub(crate) row: Vec<Money>,
    pub(crate) row_before: Vec<Money>,
    pub(crate) notes: Vec<NoteState>,
    pub(crate) fees: Vec<FeeState>,
    /// Operating costs due, with what is unpaid from before.
    pub(crate) expenses_due: Money,
    pub(crate) targets: Vec<Money>,
    pub(crate) amounts: Vec<Money>,
    pub(crate) schedules: Vec<Money>,
    pub(crate) totals: Vec<Money>,
    /// What each step of the phase has paid.
    pub(crate) paid: Vec<Money>,
    pub(crate) triggers: Vec<TriggerState>,
    /// A bit for each active trigger.
    pub(crate) active: u64,
    pub(crate) ledger: Ledger,
    /// Claims and parts of a pro-rata step.
    pub(crate) claims: Vec<i64>,
    pub(crate) parts: Vec<i64>,
    /// What a step by opening balances shares by.
    pub(crate) weights: Vec<i64>,
}

/// A note on one payment date: the row that will be recorded, and what the machine needs beside it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NoteState {
    /// `interest_shortfall` and `post_ard_interest_unpaid` are what is still due now, `balance_close` is the
    /// balance now.
    pub(crate) row: NoteRow,
    pub(crate) original: Money,
    pub(crate) commitment: Money,
    /// The part of the interest accrued that the balance earned.
    pub(crate) interest_on_balance: Money,
    /// Scheduled principal still due; capped by the balance where it is read.
    pub(crate) scheduled_due: Money,
    /// Principal paid by `principal` steps: what a make-whole premium is owed on.
    pub(crate) prepaid: Money,
    /// The premium that the step at hand finds unpaid.
    pub(crate) make_whole_due: Money,
    /// Written down and not restored, over life.
    pub(crate) written_down: Money,
}

impl NoteState {
    #[inline]
    pub(crate) fn balance(&self) -> Money {
        self.row.balance_close
    }

    #[inline]
    pub(crate) fn scheduled_due(&self) -> Money {
        self.scheduled_due.min(self.row.balance_close)
    }
}

/// A fee on one payment date.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FeeState {
    /// Due and not yet paid, carried included.
    pub(crate) due: Money,
    /// What is left of the cap; the largest amount where there is none.
    pub(crate) cap_left: Money,
}

/// A trigger's memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TriggerState {
    /// Payment dates in a row on which an active trigger has been passed.
    pub(crate) passed: u32,
}

impl State {
    /// Makes the state that of the closing date, or of the last report of a seasoned deal.
    pub(crate) fn reset(&mut self, program: &Program) {
        let accounts = program.accounts.len();
        self.period = 0;
        refill(&mut self.row, program.layout.width());
        self.row_before.clear();
        self.row_before.extend_from_slice(&program.measures_at_cut_off);
        self.notes.clear();
        self.notes.extend(program.notes.iter().zip(&program.start.notes).map(|(note, start)| NoteState {
            original: note.original,
            commitment: note.commitment,
            row: NoteRow {
                balance_close: start.balance,
                interest_shortfall: start.interest_shortfall,
                post_ard_interest_unpaid: start.post_ard_interest_unpaid,
                ..NoteRow::default()
            },
            scheduled_due: start.principal_shortfall,
            written_down: start.written_down,
            ..NoteState::default()
        }));
        self.fees.clear();
        let due = program.start.fees.iter();
        self.fees.extend(due.map(|&due| FeeState { due, ..FeeState::default() }));
        self.expenses_due = program.start.expenses;
        refill(&mut self.targets, accounts);
        refill(&mut self.amounts, program.amounts.len());
        refill(&mut self.schedules, program.schedules.len());
        self.totals.clear();
        self.totals.extend_from_slice(&program.start.totals);
        refill(&mut self.paid, program.phases.iter().map(|phase| phase.steps.len()).max().unwrap_or(0));
        self.triggers.clear();
        self.triggers.resize(program.triggers.len(), TriggerState::default());
        self.active = program.start.active;
        self.ledger.reset(accounts, program.parties.len());
        let widest = program.notes.len().max(program.fees.len());
        self.claims.clear();
        self.claims.reserve(widest);
        self.parts.clear();
        self.parts.resize(widest, 0);
        self.weights.clear();
        self.weights.resize(widest, 0);
    }

    #[inline]
    pub(crate) fn is_active(&self, trigger: u16) -> bool {
        self.active >> trigger & 1 == 1
    }

    #[inline]
    pub(crate) fn account(&self, account: usize) -> Money {
        self.ledger.balance(Party(account as u16))
    }
}

fn refill(amounts: &mut Vec<Money>, length: usize) {
    amounts.clear();
    amounts.resize(length, Money::ZERO);
}
