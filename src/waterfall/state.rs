//! What changes from payment date to payment date. Allocated once, reused for every run.

use super::lanes::{Lanes, Mask};
use super::ledger::{Ledger, Party};
use super::paths::NoteRows;
use super::program::{Conditions, Program};
use super::whole::Whole;
use crate::collection::Collections;
use crate::money::Money;

/// Everything that a payment date reads and writes, on each of `L` paths.
#[derive(Clone, Debug)]
pub(crate) struct State<const L: usize, N: Whole = i64> {
    pub(crate) period: usize,
    /// The phase that is run.
    pub(crate) phase: [usize; L],
    /// The paths that have not been redeemed on an earlier date. On the others every amount is nothing.
    pub(crate) alive: Mask<L>,
    /// The paths whose notes are redeemed on this date; looked at where any are.
    pub(crate) redeemed: Mask<L>,
    /// This period's collections and the last one's: the sources, and the measures that the program reads.
    pub(crate) row: Vec<Lanes<L, N>>,
    pub(crate) row_before: Vec<Lanes<L, N>>,
    pub(crate) notes: Vec<NoteState<L, N>>,
    pub(crate) fees: Vec<FeeState<L, N>>,
    /// Operating costs due, with what is unpaid from before.
    pub(crate) expenses_due: Lanes<L, N>,
    pub(crate) targets: Vec<Lanes<L, N>>,
    pub(crate) amounts: Vec<Lanes<L, N>>,
    /// The schedules' amounts are the deal's own, the same on every path.
    pub(crate) schedules: Vec<Money>,
    pub(crate) totals: Vec<Lanes<L, N>>,
    /// What each step of the phase has paid.
    pub(crate) paid: Vec<Lanes<L, N>>,
    /// For each trigger, the payment dates in a row on which it has been passed while active.
    pub(crate) passed: Vec<[u32; L]>,
    /// A bit for each active trigger.
    pub(crate) active: [u64; L],
    /// The period in which each of the program's events happens; past every period if it does not.
    pub(crate) events: Vec<[usize; L]>,
    pub(crate) ledger: Ledger<L, N>,
    /// Claims and parts of a pro-rata step; and on one path weights, parts, and what is due.
    pub(crate) claims: Vec<Lanes<L, N>>,
    pub(crate) parts: Vec<Lanes<L, N>>,
    pub(crate) one_path: [Vec<i64>; 3],
}

/// A note on one payment date: the row that will be recorded, and what the machine needs beside it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NoteState<const L: usize, N: Whole> {
    /// `interest_shortfall` and `post_ard_interest_unpaid` are what is still due now, `balance_close` is the
    /// balance now; `principal_shortfall` is found at the end of the date.
    pub(crate) row: NoteRows<L, N>,
    pub(crate) original: Money,
    pub(crate) commitment: Money,
    /// The part of the interest accrued that the balance earned.
    pub(crate) interest_on_balance: Lanes<L, N>,
    /// Scheduled principal still due; capped by the balance where it is read.
    pub(crate) scheduled_due: Lanes<L, N>,
    /// Principal paid by `principal` steps: what a make-whole premium is owed on.
    pub(crate) prepaid: Lanes<L, N>,
    /// The premium that the step at hand finds unpaid.
    pub(crate) make_whole_due: Lanes<L, N>,
    /// Written down and not restored, over life.
    pub(crate) written_down: Lanes<L, N>,
}

impl<const L: usize, N: Whole> NoteState<L, N> {
    #[inline(always)]
    pub(crate) fn balance(&self) -> Lanes<L, N> {
        self.row.balance_close
    }

    #[inline(always)]
    pub(crate) fn scheduled_due(&self) -> Lanes<L, N> {
        if self.scheduled_due.is_zero() {
            return Lanes::ZERO;
        }
        self.scheduled_due.min(self.row.balance_close)
    }
}

/// A fee on one payment date.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FeeState<const L: usize, N: Whole> {
    /// Due and not yet paid, carried included.
    pub(crate) due: Lanes<L, N>,
    /// What is left of the cap; `None` where there is none.
    pub(crate) cap_left: Option<Lanes<L, N>>,
}

impl<const L: usize, N: Whole> Default for State<L, N> {
    fn default() -> Self {
        State {
            period: 0,
            phase: [0; L],
            alive: Mask::NONE,
            redeemed: Mask::NONE,
            row: Vec::new(),
            row_before: Vec::new(),
            notes: Vec::new(),
            fees: Vec::new(),
            expenses_due: Lanes::ZERO,
            targets: Vec::new(),
            amounts: Vec::new(),
            schedules: Vec::new(),
            totals: Vec::new(),
            paid: Vec::new(),
            passed: Vec::new(),
            active: [0; L],
            events: Vec::new(),
            ledger: Ledger::default(),
            claims: Vec::new(),
            parts: Vec::new(),
            one_path: [Vec::new(), Vec::new(), Vec::new()],
        }
    }
}

impl<const L: usize, N: Whole> State<L, N> {
    /// Makes the state that of the closing date, or of the last report of a seasoned deal.
    pub(crate) fn reset(&mut self, program: &Program, collections: &[&Collections; L]) {
        let accounts = program.accounts.len();
        self.period = 0;
        self.phase = [0; L];
        self.alive = Mask::ALL;
        self.redeemed = Mask::NONE;
        refill(&mut self.row, program.layout.width());
        self.row_before.clear();
        self.row_before.extend(program.measures_at_cut_off.iter().copied().map(Lanes::splat));
        self.notes.clear();
        self.notes.extend(program.notes.iter().zip(&program.start.notes).map(|(note, start)| NoteState {
            original: note.original,
            commitment: note.commitment,
            row: NoteRows {
                balance_close: Lanes::splat(start.balance),
                interest_shortfall: Lanes::splat(start.interest_shortfall),
                post_ard_interest_unpaid: Lanes::splat(start.post_ard_interest_unpaid),
                ..NoteRows::default()
            },
            scheduled_due: Lanes::splat(start.principal_shortfall),
            written_down: Lanes::splat(start.written_down),
            ..NoteState::default()
        }));
        self.fees.clear();
        let due = program.start.fees.iter();
        self.fees.extend(due.map(|&due| FeeState { due: Lanes::splat(due), ..FeeState::default() }));
        self.expenses_due = Lanes::splat(program.start.expenses);
        refill(&mut self.targets, accounts);
        refill(&mut self.amounts, program.amounts.len());
        self.schedules.clear();
        self.schedules.resize(program.schedules.len(), Money::ZERO);
        self.totals.clear();
        self.totals.extend(program.start.totals.iter().copied().map(Lanes::splat));
        refill(&mut self.paid, program.phases.iter().map(|phase| phase.steps.len()).max().unwrap_or(0));
        self.passed.clear();
        self.passed.resize(program.triggers.len(), [0; L]);
        self.active = [program.start.active; L];
        self.events.clear();
        self.events.extend(program.names.events.iter().map(|event| {
            std::array::from_fn(|lane| collections[lane].event_period(event).unwrap_or(usize::MAX))
        }));
        self.ledger.reset(accounts, program.parties.len());
        let widest = program.notes.len().max(program.fees.len());
        refill(&mut self.claims, widest);
        refill(&mut self.parts, widest);
        for scratch in &mut self.one_path {
            scratch.clear();
            scratch.resize(widest, 0);
        }
    }

    /// The paths that amounts arise on. A run of one path ends with it, so that it is all of them.
    #[inline(always)]
    pub(crate) fn living(&self) -> Mask<L> {
        if L == 1 { Mask::ALL } else { self.alive }
    }

    /// The paths on which conditions hold.
    #[inline(always)]
    pub(crate) fn hold(&self, when: Conditions) -> Mask<L> {
        Mask::from_fn(|lane| when.hold(self.active[lane]))
    }

    #[inline(always)]
    pub(crate) fn active(&self, trigger: u16) -> Mask<L> {
        Mask::from_fn(|lane| self.active[lane] >> trigger & 1 == 1)
    }

    #[inline(always)]
    pub(crate) fn account(&self, account: usize) -> Lanes<L, N> {
        self.ledger.balance(Party(account as u16))
    }
}

fn refill<const L: usize, N: Whole>(amounts: &mut Vec<Lanes<L, N>>, length: usize) {
    amounts.clear();
    amounts.resize(length, Lanes::ZERO);
}
