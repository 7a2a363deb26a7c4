//! One step of a phase: claims are found, cash is moved, claims are reduced.

use super::ledger::{Ledger, Party};
use super::program::{NoteClaim, PayTerms, Program, StepTerms};
use super::state::{NoteState, State};
use super::trace::Trace;
use crate::error::Error;
use crate::money::{Money, Rounding, split_into};

/// A claim: who is owed, and by which rule.
#[derive(Clone, Copy)]
enum Claim {
    Expenses,
    Fee { fee: usize, above_cap: bool },
    Note { note: usize, claim: NoteClaim },
}

/// Runs step `index` of a phase.
#[inline]
pub(crate) fn execute<T: Trace>(
    program: &Program,
    step: &StepTerms,
    index: usize,
    state: &mut State,
    trace: &mut T,
) -> Result<(), Error> {
    state.paid[index] = Money::ZERO;
    if !step.when.hold(state.active) {
        return Ok(());
    }
    let limit = match &step.limit {
        Some(amount) => amount.positive(state)?,
        None => Money::from_minor(i64::MAX),
    };
    let cash: Money = step.from.iter().map(|&account| state.ledger.balance(account)).sum();
    let most = limit.min(cash);
    trace.step(&step.name, most);
    state.paid[index] = match &step.pay {
        PayTerms::Expenses => {
            pay_in_turn(program, &step.from, [Claim::Expenses].into_iter(), most, state, trace)
        }
        PayTerms::Fees { fees, above_cap, pro_rata } => {
            let claims = fees.iter().map(|&fee| Claim::Fee { fee: usize::from(fee), above_cap: *above_cap });
            pay(program, &step.from, claims, *pro_rata, most, state, trace)
        }
        PayTerms::Notes { claim, notes, pro_rata, by_opening } => {
            if *claim == NoteClaim::MakeWhole {
                find_premiums(program, notes, state)?;
            }
            let claims = notes.iter().map(|&note| Claim::Note { note: usize::from(note), claim: *claim });
            if *by_opening {
                pay_by_opening(program, &step.from, notes, claims, most, state, trace)
            } else if *pro_rata {
                pay_together(program, &step.from, claims, most, state, trace)
            } else {
                let (first, states) = (program.parties.first_note, &mut state.notes[..]);
                let notes = NotesInTurn { first, from: &step.from, notes, claim: *claim };
                notes.pay(most, states, &mut state.ledger, trace)
            }
        }
        PayTerms::Deposit { account, to_target } => {
            let wanted = if *to_target {
                let target = state.targets[account.index()];
                (target - state.ledger.balance(*account)).max(Money::ZERO)
            } else {
                limit
            };
            let amount = wanted.min(most);
            move_cash(&step.from, *account, amount, &mut state.ledger, trace);
            trace.paid(*account, wanted, amount, true);
            amount
        }
        PayTerms::Payee(payee) => {
            move_cash(&step.from, *payee, most, &mut state.ledger, trace);
            trace.paid(*payee, limit, most, true);
            most
        }
        PayTerms::WriteDown { notes, pro_rata } => {
            adjust(program, notes, *pro_rata, limit, state, trace, |note| note.balance(), write_down)
        }
        PayTerms::WriteUp { notes, pro_rata } => {
            adjust(program, notes, *pro_rata, limit, state, trace, |note| note.written_down, write_up)
        }
    };
    Ok(())
}

#[inline(always)]
fn pay<T: Trace>(
    program: &Program,
    from: &[Party],
    claims: impl Iterator<Item = Claim> + Clone,
    pro_rata: bool,
    most: Money,
    state: &mut State,
    trace: &mut T,
) -> Money {
    if pro_rata {
        pay_together(program, from, claims, most, state, trace)
    } else {
        pay_in_turn(program, from, claims, most, state, trace)
    }
}

/// Each claim in full before the next.
#[inline(always)]
fn pay_in_turn<T: Trace>(
    program: &Program,
    from: &[Party],
    claims: impl Iterator<Item = Claim>,
    most: Money,
    state: &mut State,
    trace: &mut T,
) -> Money {
    let mut left = most;
    for claim in claims {
        if left.is_zero() && !T::HEARS_NOTHING_PAID {
            break;
        }
        let due = claim.due(state);
        let amount = due.min(left);
        claim.settle(program, from, due, amount, state, trace);
        left -= amount;
    }
    most - left
}

/// All claims in proportion.
fn pay_together<T: Trace>(
    program: &Program,
    from: &[Party],
    claims: impl Iterator<Item = Claim> + Clone,
    most: Money,
    state: &mut State,
    trace: &mut T,
) -> Money {
    state.claims.clear();
    for claim in claims.clone() {
        let due = claim.due(state);
        state.claims.push(due.minor());
    }
    let total = split_claims(state, most);
    for (index, claim) in claims.enumerate() {
        let due = Money::from_minor(state.claims[index]);
        let amount = Money::from_minor(state.parts[index]);
        claim.settle(program, from, due, amount, state, trace);
    }
    total
}

/// All notes in proportion to their balances after the last payment date, none more than is due to it.
fn pay_by_opening<T: Trace>(
    program: &Program,
    from: &[Party],
    notes: &[u16],
    claims: impl Iterator<Item = Claim> + Clone,
    most: Money,
    state: &mut State,
    trace: &mut T,
) -> Money {
    state.claims.clear();
    for claim in claims.clone() {
        let due = claim.due(state);
        state.claims.push(due.minor());
    }
    for (weight, &note) in state.weights.iter_mut().zip(notes) {
        *weight = state.notes[usize::from(note)].row.balance_open.minor();
    }
    let count = notes.len();
    let total = split_within(most.minor(), &state.claims, &mut state.weights[..count], &mut state.parts);
    for (index, claim) in claims.enumerate() {
        let due = Money::from_minor(state.claims[index]);
        let amount = Money::from_minor(state.parts[index]);
        claim.settle(program, from, due, amount, state, trace);
    }
    Money::from_minor(total)
}

/// Splits at most `most` over `dues` in proportion to `weights`. Whose share passes its due gets the due
/// and leaves the rest to the others; where no weight is left, the others share by what is due.
fn split_within(most: i64, dues: &[i64], weights: &mut [i64], parts: &mut [i64]) -> i64 {
    let claimed = dues.iter().fold(0_i64, |sum, &due| sum.saturating_add(due));
    let total = most.min(claimed);
    let mut left = total;
    // A weight below zero marks a note that has its due; a split takes it as none.
    const SETTLED: i64 = -1;
    loop {
        if weights.iter().all(|&weight| weight <= 0) {
            for (weight, &due) in weights.iter_mut().zip(dues).filter(|(weight, _)| **weight != SETTLED) {
                *weight = due;
            }
        }
        let sum: i128 = weights.iter().map(|&weight| i128::from(weight.max(0))).sum();
        let (share_of, mut settled) = (left, false);
        for (weight, &due) in weights.iter_mut().zip(dues).filter(|(weight, _)| **weight != SETTLED) {
            if i128::from(share_of) * i128::from(*weight) > i128::from(due) * sum {
                *weight = SETTLED;
                left -= due;
                settled = true;
            }
        }
        if !settled {
            break;
        }
    }
    split_into(left, weights, &mut parts[..weights.len()]);
    for ((part, &weight), &due) in parts.iter_mut().zip(&*weights).zip(dues) {
        if weight == SETTLED {
            *part = due;
        }
    }
    total
}

/// Splits `most`, or what is claimed if that is less, over `state.claims` into `state.parts`.
fn split_claims(state: &mut State, most: Money) -> Money {
    let claimed = state.claims.iter().fold(0_i64, |sum, &claim| sum.saturating_add(claim));
    let total = most.minor().min(claimed);
    let count = state.claims.len();
    split_into(total, &state.claims, &mut state.parts[..count]);
    Money::from_minor(total)
}

impl Claim {
    #[inline(always)]
    fn due(self, state: &State) -> Money {
        match self {
            Claim::Expenses => state.expenses_due,
            Claim::Fee { fee, above_cap } => {
                let fee = state.fees[fee];
                let within = fee.due.min(fee.cap_left);
                if above_cap { fee.due - within } else { within }
            }
            Claim::Note { note, claim } => state.notes[note].due(claim),
        }
    }

    #[inline(always)]
    fn payee(self, program: &Program) -> Party {
        match self {
            Claim::Expenses => program.parties.expenses,
            Claim::Fee { fee, .. } => program.fees[fee].payee,
            Claim::Note { note, .. } => program.parties.note(note),
        }
    }

    /// Moves the cash and takes it off what is due.
    #[inline(always)]
    fn settle<T: Trace>(
        self,
        program: &Program,
        from: &[Party],
        due: Money,
        amount: Money,
        state: &mut State,
        trace: &mut T,
    ) {
        if amount.is_zero() && !T::HEARS_NOTHING_PAID {
            return;
        }
        let payee = self.payee(program);
        move_cash(from, payee, amount, &mut state.ledger, trace);
        trace.paid(payee, due, amount, !matches!(self, Claim::Note { claim: NoteClaim::Principal, .. }));
        match self {
            Claim::Expenses => state.expenses_due -= amount,
            Claim::Fee { fee, above_cap } => {
                let fee = &mut state.fees[fee];
                fee.due -= amount;
                if !above_cap {
                    fee.cap_left -= amount;
                }
            }
            Claim::Note { note, claim } => state.notes[note].receive(claim, amount),
        }
    }
}

/// Notes paid one after the other: the busiest of all steps. It borrows no more of the state than it
/// writes, so that nothing is looked up twice.
struct NotesInTurn<'a> {
    first: Party,
    from: &'a [Party],
    notes: &'a [u16],
    claim: NoteClaim,
}

impl NotesInTurn<'_> {
    fn pay<T: Trace>(
        &self,
        most: Money,
        states: &mut [NoteState],
        ledger: &mut Ledger,
        trace: &mut T,
    ) -> Money {
        let mut left = most;
        for &index in self.notes {
            if left.is_zero() && !T::HEARS_NOTHING_PAID {
                break;
            }
            let note = &mut states[usize::from(index)];
            let due = note.due(self.claim);
            let amount = due.min(left);
            let payee = Party(self.first.0 + index);
            move_cash(self.from, payee, amount, ledger, trace);
            trace.paid(payee, due, amount, self.claim != NoteClaim::Principal);
            note.receive(self.claim, amount);
            left -= amount;
        }
        most - left
    }
}

impl NoteState {
    /// What a step of a kind may pay now. Principal beyond the schedule may be paid and is not owed: less
    /// of it leaves nothing short.
    #[inline(always)]
    fn due(&self, claim: NoteClaim) -> Money {
        match claim {
            NoteClaim::Interest => self.row.interest_shortfall,
            NoteClaim::PostArdInterest => self.row.post_ard_interest_unpaid,
            NoteClaim::ScheduledPrincipal => self.scheduled_due(),
            NoteClaim::Principal => self.balance(),
            NoteClaim::MakeWhole => self.make_whole_due,
        }
    }

    #[inline(always)]
    pub(crate) fn receive(&mut self, claim: NoteClaim, amount: Money) {
        let row = &mut self.row;
        match claim {
            NoteClaim::Interest => {
                row.interest_shortfall -= amount;
                row.interest_paid += amount;
            }
            NoteClaim::PostArdInterest => {
                row.post_ard_interest_unpaid -= amount;
                row.post_ard_interest_paid += amount;
            }
            NoteClaim::ScheduledPrincipal | NoteClaim::Principal => {
                row.balance_close -= amount;
                row.principal_paid += amount;
                self.scheduled_due = (self.scheduled_due - amount).max(Money::ZERO);
                if claim == NoteClaim::Principal {
                    self.prepaid += amount;
                }
            }
            NoteClaim::MakeWhole => row.make_whole_paid += amount,
        }
    }
}

/// Finds what earlier `principal` steps of the date owe in premiums and no step has paid.
fn find_premiums(program: &Program, notes: &[u16], state: &mut State) -> Result<(), Error> {
    let period = state.period;
    for &note in notes {
        let index = usize::from(note);
        let note = &mut state.notes[index];
        let owed = premium(program, index, note.prepaid, period)?;
        note.make_whole_due = (owed - note.row.make_whole_paid).max(Money::ZERO);
    }
    Ok(())
}

/// The make-whole premium on principal prepaid in a period.
pub(crate) fn premium(program: &Program, note: usize, prepaid: Money, period: usize) -> Result<Money, Error> {
    match program.notes[note].make_whole.get(period) {
        Some(factor) => factor
            .of(prepaid, Rounding::HalfEven)
            .ok_or_else(|| Error::Overflow { place: "a make-whole premium", period: period + 1 }),
        None => Ok(Money::ZERO),
    }
}

/// Takes an amount out of several accounts in order. They hold at least that much.
#[inline(always)]
fn move_cash<T: Trace>(from: &[Party], to: Party, amount: Money, ledger: &mut Ledger, trace: &mut T) {
    let mut left = amount;
    for &account in from {
        let part = left.min(ledger.balance(account));
        if !part.is_zero() {
            ledger.transfer(account, to, part);
            trace.moved(account, to, part);
            left -= part;
        }
    }
    debug_assert!(left.is_zero(), "a step pays no more than its accounts hold");
}

fn write_down(note: &mut NoteState, amount: Money) {
    note.row.balance_close -= amount;
    note.row.written_down += amount;
    note.written_down += amount;
}

fn write_up(note: &mut NoteState, amount: Money) {
    note.row.balance_close += amount;
    note.row.written_up += amount;
    note.written_down -= amount;
}

/// Changes balances without cash, each note by no more than `bound` of it.
#[expect(clippy::too_many_arguments, reason = "one place for two steps that differ by two functions")]
fn adjust<T: Trace>(
    program: &Program,
    notes: &[u16],
    pro_rata: bool,
    limit: Money,
    state: &mut State,
    trace: &mut T,
    bound: fn(&NoteState) -> Money,
    change: fn(&mut NoteState, Money),
) -> Money {
    state.claims.clear();
    state.claims.extend(notes.iter().map(|&note| bound(&state.notes[usize::from(note)]).minor()));
    let total = if pro_rata {
        split_claims(state, limit)
    } else {
        let mut left = limit.minor();
        for (part, &claim) in state.parts.iter_mut().zip(&state.claims) {
            *part = claim.min(left);
            left -= *part;
        }
        Money::from_minor(limit.minor() - left)
    };
    for (index, &note) in notes.iter().enumerate() {
        let (note, amount) = (usize::from(note), Money::from_minor(state.parts[index]));
        change(&mut state.notes[note], amount);
        trace.adjusted(program.parties.note(note), Money::from_minor(state.claims[index]), amount);
    }
    total
}
