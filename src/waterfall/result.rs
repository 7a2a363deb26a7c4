//! What a run leaves behind: a row per note and payment date, and the ledger after each date.

use super::paths::{Observe, PaymentDate};
use super::program::Program;
use super::state::State;
use crate::money::Money;
use std::ops::ControlFlow;

/// One note on one payment date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteRow {
    /// Balance after the last payment date.
    pub balance_open: Money,
    /// Drawn on this date (variable funding).
    pub drawn: Money,
    /// Interest accrued for this date, on balance and on unpaid interest.
    pub interest_accrued: Money,
    /// The part of it that was added to the balance (paid in kind).
    pub interest_capitalized: Money,
    /// Interest due on this date: accrued and not capitalised, and carried over.
    pub interest_due: Money,
    /// Interest paid.
    pub interest_paid: Money,
    /// Interest due and not paid: carried to the next date.
    pub interest_shortfall: Money,
    /// Extra interest after the anticipated repayment date, paid.
    pub post_ard_interest_paid: Money,
    /// Extra interest owed and not yet paid.
    pub post_ard_interest_unpaid: Money,
    /// Principal paid.
    pub principal_paid: Money,
    /// Scheduled principal due and not paid.
    pub principal_shortfall: Money,
    /// Make-whole premium paid.
    pub make_whole_paid: Money,
    /// Loss written down on this date.
    pub written_down: Money,
    /// Write-down restored on this date.
    pub written_up: Money,
    /// Balance after this date.
    pub balance_close: Money,
}

impl NoteRow {
    /// All cash that the note received on this date.
    pub fn cash(&self) -> Money {
        self.interest_paid + self.post_ard_interest_paid + self.principal_paid + self.make_whole_paid
    }
}

/// The outcome of a run, payment date by payment date.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub(crate) notes: usize,
    pub(crate) periods: usize,
    pub(crate) rows: Vec<NoteRow>,
    /// Balances of all parties after each date.
    pub(crate) ledger: Vec<Money>,
    pub(crate) active: Vec<u64>,
    pub(crate) phase: Vec<usize>,
    pub(crate) state: State<1>,
}

/// Cash in against cash out, over life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conservation {
    /// What came in: opening balances, collections, draws, earnings, what redeemed the notes.
    pub sources: Money,
    /// What went out to payees, and what the accounts hold at the end.
    pub uses: Money,
    /// The one less the other: nothing.
    pub difference: Money,
}

impl Run {
    pub(crate) const REDEEMED: usize = usize::MAX;

    /// An empty result with room for a program's.
    pub fn for_program(program: &Program) -> Run {
        let (notes, periods) = (program.notes.len(), program.schedule.len());
        Run {
            notes,
            periods: 0,
            rows: vec![NoteRow::default(); notes * periods],
            ledger: vec![Money::ZERO; program.parties.len() * periods],
            active: vec![0; periods],
            phase: vec![0; periods],
            state: State::default(),
        }
    }

    /// Makes ready for a run, which works in the state that it lends.
    pub(crate) fn start(&mut self, program: &Program) -> State<1> {
        let (notes, periods) = (program.notes.len(), program.schedule.len());
        self.notes = notes;
        self.periods = 0;
        self.rows.resize(notes * periods, NoteRow::default());
        self.ledger.resize(program.parties.len() * periods, Money::ZERO);
        self.active.resize(periods, 0);
        self.phase.resize(periods, 0);
        std::mem::take(&mut self.state)
    }

    /// Payment dates that were run: all, or those up to a redemption.
    pub fn periods(&self) -> usize {
        self.periods
    }

    /// A note on a payment date, both counted from 0.
    ///
    /// # Panics
    /// If there is no such note or it was not run that long, as indexing does.
    pub fn row(&self, period: usize, note: usize) -> &NoteRow {
        assert!(note < self.notes && period < self.periods);
        &self.rows[period * self.notes + note]
    }

    /// A note's rows, payment date by payment date.
    ///
    /// # Panics
    /// If there is no such note.
    pub fn note(&self, note: usize) -> impl ExactSizeIterator<Item = &NoteRow> + Clone {
        assert!(note < self.notes);
        (0..self.periods).map(move |period| &self.rows[period * self.notes + note])
    }

    /// Whether the notes were redeemed, by refinancing or call, on the last date that was run.
    pub fn redeemed(&self) -> bool {
        self.periods > 0 && self.phase[self.periods - 1] == Run::REDEEMED
    }

    /// Whether a trigger was active on a payment date, both counted from 0.
    pub fn trigger_active(&self, period: usize, trigger: usize) -> bool {
        self.active[period] >> trigger & 1 == 1
    }

    /// The id of the phase that was run on a payment date; `redemption` where the notes were redeemed.
    pub fn phase<'a>(&self, program: &'a Program, period: usize) -> &'a str {
        program.phases.get(self.phase[period]).map_or("redemption", |phase| &phase.name)
    }

    /// What an account held after a payment date.
    pub fn account_close(&self, program: &Program, period: usize, account: usize) -> Money {
        self.parties(program, period)[account]
    }

    /// What each source paid in up to and on a payment date: name and amount.
    pub fn sources<'a>(
        &'a self,
        program: &'a Program,
        period: usize,
    ) -> impl Iterator<Item = (&'a str, Money)> {
        let range = program.parties.accounts..program.parties.first_payee();
        range.map(move |i| (program.parties.names[i].as_str(), -self.parties(program, period)[i]))
    }

    /// What each payee received up to and on a payment date: name and amount. The notes come first.
    pub fn payees<'a>(
        &'a self,
        program: &'a Program,
        period: usize,
    ) -> impl Iterator<Item = (&'a str, Money)> {
        let range = program.parties.first_payee()..program.parties.len();
        range.map(move |i| (program.parties.names[i].as_str(), self.parties(program, period)[i]))
    }

    /// Every party on one payment date: its kind (`source`, `account`, `payee`), its name, and what a source
    /// paid in or a payee received on the date, or an account holds after it.
    pub fn ledger_of<'a>(
        &'a self,
        program: &'a Program,
        period: usize,
    ) -> impl Iterator<Item = (&'static str, &'a str, Money)> {
        let parties = &program.parties;
        let now = self.parties(program, period);
        let before = period.checked_sub(1).map(|period| self.parties(program, period));
        (0..parties.len()).map(move |i| {
            let moved = now[i] - before.map_or(Money::ZERO, |before| before[i]);
            let name = parties.names[i].as_str();
            if i < parties.accounts {
                ("account", name, now[i])
            } else if i < parties.first_payee() {
                ("source", name, -moved)
            } else {
                ("payee", name, moved)
            }
        })
    }

    /// Cash in against cash out, over all payment dates that were run.
    pub fn conservation(&self, program: &Program) -> Conservation {
        let Some(last) = self.periods.checked_sub(1) else {
            return Conservation { sources: Money::ZERO, uses: Money::ZERO, difference: Money::ZERO };
        };
        let sources = self.sources(program, last).map(|(_, amount)| amount).sum();
        let paid: Money = self.payees(program, last).map(|(_, amount)| amount).sum();
        let held: Money = self.parties(program, last)[..program.parties.accounts].iter().copied().sum();
        Conservation { sources, uses: paid + held, difference: sources - paid - held }
    }

    fn parties(&self, program: &Program, period: usize) -> &[Money] {
        let width = program.parties.len();
        &self.ledger[period * width..(period + 1) * width]
    }
}

/// The observer that writes everything into a run.
pub(crate) struct Recorder<'a>(pub(crate) &'a mut Run);

impl Observe<1> for Recorder<'_> {
    #[inline(always)]
    fn payment_date(&mut self, date: &PaymentDate<'_, 1>) -> ControlFlow<()> {
        let (period, state, run) = (date.period(), date.state, &mut *self.0);
        let rows = &mut run.rows[period * run.notes..(period + 1) * run.notes];
        for (row, note) in rows.iter_mut().zip(&state.notes) {
            *row = note.row.lane(0);
        }
        let parties = state.ledger.balances();
        let ledger = &mut run.ledger[period * parties.len()..(period + 1) * parties.len()];
        for (amount, party) in ledger.iter_mut().zip(parties) {
            *amount = party.lane(0);
        }
        run.active[period] = state.active[0];
        run.phase[period] = if date.redeemed(0) { Run::REDEEMED } else { state.phase[0] };
        run.periods = period + 1;
        ControlFlow::Continue(())
    }
}
