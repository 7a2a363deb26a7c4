//! One step of a phase: claims are found, cash is moved, claims are reduced.

use super::lanes::{Lanes, Mask};
use super::ledger::{Ledger, Party};
use super::multiplier::{Multiplier, bounded};
use super::program::{NoteClaim, PayTerms, Program, StepTerms};
use super::state::{NoteState, State};
use super::trace::Trace;
use super::whole::Whole;
use crate::error::Error;
use crate::money::{Money, split_into};

/// A claim: who is owed, and by which rule.
#[derive(Clone, Copy)]
enum Claim {
    Expenses,
    Fee { fee: usize, above_cap: bool },
    Note { note: usize, claim: NoteClaim },
}

/// Runs step `index` of a phase on the paths of a mask. On the others it may pay at most nothing.
#[inline(always)]
pub(crate) fn execute<const L: usize, N: Whole, T: Trace<L, N>>(
    program: &Program,
    step: &StepTerms,
    index: usize,
    on: &Mask<L>,
    state: &mut State<L, N>,
    trace: &mut T,
) -> Result<(), Error> {
    let narrowed;
    let on = match step.when.is_empty() {
        true => on,
        false => {
            narrowed = state.hold(step.when) & *on;
            if narrowed.none() {
                state.paid[index] = Lanes::ZERO;
                return Ok(());
            }
            &narrowed
        }
    };
    // One path is wholly in a step or not.
    let on = if L == 1 { &Mask::ALL } else { on };
    let cash = match *step.from {
        [account] => state.ledger.balance(account),
        _ => step.from.iter().fold(Lanes::ZERO, |sum, &account| sum + state.ledger.balance(account)),
    };
    let (limit, most) = match &step.limit {
        Some(amount) => {
            let mut limit = Lanes::ZERO;
            amount.put_positive(state, on, &mut limit)?;
            (limit, limit.min(cash))
        }
        None => (Lanes::UNBOUNDED, cash.only(*on)),
    };
    if !T::HEARS_NOTHING_PAID && step.pay.moves_cash() && most.is_zero() {
        state.paid[index] = Lanes::ZERO;
        return Ok(());
    }
    trace.step(&step.name);
    let paid = match &step.pay {
        PayTerms::Expenses => {
            pay_in_turn(program, &step.from, [Claim::Expenses].into_iter(), most, state, trace)
        }
        PayTerms::Fees { fees, above_cap, pro_rata } => {
            let claims = fees.iter().map(|&fee| Claim::Fee { fee: usize::from(fee), above_cap: *above_cap });
            if *pro_rata {
                pay_together(program, &step.from, claims, most, state, trace)
            } else {
                pay_in_turn(program, &step.from, claims, most, state, trace)
            }
        }
        PayTerms::Notes { claim, notes, pro_rata, by_opening } => {
            if *claim == NoteClaim::MakeWhole {
                find_premiums(program, notes, *on, state)?;
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
                (target - state.ledger.balance(*account)).positive()
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
            let notes = NoteChange { notes, pro_rata: *pro_rata, limit };
            notes.make(program, state, trace, |note| note.balance(), write_down)?
        }
        PayTerms::WriteUp { notes, pro_rata } => {
            let notes = NoteChange { notes, pro_rata: *pro_rata, limit };
            notes.make(program, state, trace, |note| note.written_down, write_up)?
        }
    };
    if program.reads_paid {
        state.paid[index] = paid;
    }
    Ok(())
}

/// Each claim in full before the next.
#[inline(always)]
fn pay_in_turn<const L: usize, N: Whole, T: Trace<L, N>>(
    program: &Program,
    from: &[Party],
    claims: impl Iterator<Item = Claim>,
    most: Lanes<L, N>,
    state: &mut State<L, N>,
    trace: &mut T,
) -> Lanes<L, N> {
    let mut left = most;
    for claim in claims {
        if !T::HEARS_NOTHING_PAID && left.is_zero() {
            break;
        }
        let due = claim.due(state);
        let amount = due.min(left);
        claim.settle(program, from, due, amount, state, trace);
        left -= amount;
    }
    most - left
}

/// Lists what claims are due.
fn find_claims<const L: usize, N: Whole>(claims: impl Iterator<Item = Claim>, state: &mut State<L, N>) {
    state.claims.clear();
    for claim in claims {
        let due = claim.due(state);
        state.claims.push(due);
    }
}

/// Pays each claim listed its part.
fn settle_parts<const L: usize, N: Whole, T: Trace<L, N>>(
    program: &Program,
    from: &[Party],
    claims: impl Iterator<Item = Claim>,
    state: &mut State<L, N>,
    trace: &mut T,
) {
    for (index, claim) in claims.enumerate() {
        let (due, amount) = (state.claims[index], state.parts[index]);
        claim.settle(program, from, due, amount, state, trace);
    }
}

/// All claims in proportion.
fn pay_together<const L: usize, N: Whole, T: Trace<L, N>>(
    program: &Program,
    from: &[Party],
    claims: impl Iterator<Item = Claim> + Clone,
    most: Lanes<L, N>,
    state: &mut State<L, N>,
    trace: &mut T,
) -> Lanes<L, N> {
    find_claims(claims.clone(), state);
    let total = split_claims(state, most);
    settle_parts(program, from, claims, state, trace);
    total
}

/// All notes in proportion to their balances after the last payment date, none more than is due to it.
fn pay_by_opening<const L: usize, N: Whole, T: Trace<L, N>>(
    program: &Program,
    from: &[Party],
    notes: &[u16],
    claims: impl Iterator<Item = Claim> + Clone,
    most: Lanes<L, N>,
    state: &mut State<L, N>,
    trace: &mut T,
) -> Lanes<L, N> {
    find_claims(claims.clone(), state);
    let (count, mut total) = (notes.len(), Lanes::ZERO);
    for lane in 0..L {
        let [weights, parts, dues] = &mut state.one_path;
        for (place, &note) in notes.iter().enumerate() {
            weights[place] = state.notes[usize::from(note)].row.balance_open.lane(lane).minor();
            dues[place] = state.claims[place].lane(lane).minor();
        }
        let (weights, parts) = (&mut weights[..count], &mut parts[..count]);
        total.set(
            lane,
            Money::from_minor(split_within(most.lane(lane).minor(), &dues[..count], weights, parts)),
        );
        for (part, &minor) in state.parts.iter_mut().zip(&*parts) {
            part.set(lane, Money::from_minor(minor));
        }
    }
    settle_parts(program, from, claims, state, trace);
    total
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
fn split_claims<const L: usize, N: Whole>(state: &mut State<L, N>, most: Lanes<L, N>) -> Lanes<L, N> {
    let claimed = state.claims.iter().fold(Lanes::ZERO, |sum: Lanes<L, N>, &claim| sum.saturating_add(claim));
    let total = most.min(claimed);
    let count = state.claims.len();
    // What covers every claim splits into the claims.
    state.parts[..count].copy_from_slice(&state.claims);
    let short = claimed.exceeds(most);
    for lane in (0..L).filter(|&lane| short.holds(lane)) {
        let [weights, parts, _] = &mut state.one_path;
        for (weight, claim) in weights.iter_mut().zip(&state.claims) {
            *weight = claim.lane(lane).minor();
        }
        split_into(total.lane(lane).minor(), &weights[..count], &mut parts[..count]);
        for (part, &minor) in state.parts.iter_mut().zip(&parts[..count]) {
            part.set(lane, Money::from_minor(minor));
        }
    }
    total
}

impl Claim {
    #[inline(always)]
    fn due<const L: usize, N: Whole>(self, state: &State<L, N>) -> Lanes<L, N> {
        match self {
            Claim::Expenses => state.expenses_due,
            Claim::Fee { fee, above_cap } => {
                let fee = &state.fees[fee];
                match (fee.cap_left, above_cap) {
                    (None, false) => fee.due,
                    (None, true) => Lanes::ZERO,
                    (Some(cap_left), false) => fee.due.min(cap_left),
                    (Some(cap_left), true) => fee.due - fee.due.min(cap_left),
                }
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
    fn settle<const L: usize, N: Whole, T: Trace<L, N>>(
        self,
        program: &Program,
        from: &[Party],
        due: Lanes<L, N>,
        amount: Lanes<L, N>,
        state: &mut State<L, N>,
        trace: &mut T,
    ) {
        if !T::HEARS_NOTHING_PAID && amount.is_zero() {
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
                if let Some(cap_left) = &mut fee.cap_left
                    && !above_cap
                {
                    *cap_left -= amount;
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
    #[inline(always)]
    fn pay<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        most: Lanes<L, N>,
        states: &mut [NoteState<L, N>],
        ledger: &mut Ledger<L, N>,
        trace: &mut T,
    ) -> Lanes<L, N> {
        // The two that every deal has are compiled apart, so that the loop does not ask which it is.
        match self.claim {
            NoteClaim::Interest => self.pay_claim(NoteClaim::Interest, most, states, ledger, trace),
            NoteClaim::Principal => self.pay_claim(NoteClaim::Principal, most, states, ledger, trace),
            other => self.pay_claim(other, most, states, ledger, trace),
        }
    }

    #[inline(always)]
    fn pay_claim<const L: usize, N: Whole, T: Trace<L, N>>(
        &self,
        claim: NoteClaim,
        most: Lanes<L, N>,
        states: &mut [NoteState<L, N>],
        ledger: &mut Ledger<L, N>,
        trace: &mut T,
    ) -> Lanes<L, N> {
        let mut left = most;
        for &index in self.notes {
            let note = &mut states[usize::from(index)];
            let due = note.due(claim);
            let amount = due.min(left);
            if !T::HEARS_NOTHING_PAID && amount.is_zero() {
                continue;
            }
            let payee = Party(self.first.0 + index);
            move_cash(self.from, payee, amount, ledger, trace);
            trace.paid(payee, due, amount, claim != NoteClaim::Principal);
            note.receive(claim, amount);
            left -= amount;
        }
        most - left
    }
}

impl<const L: usize, N: Whole> NoteState<L, N> {
    /// What a step of a kind may pay now. Principal beyond the schedule may be paid and is not owed: less
    /// of it leaves nothing short.
    #[inline(always)]
    fn due(&self, claim: NoteClaim) -> Lanes<L, N> {
        match claim {
            NoteClaim::Interest => self.row.interest_shortfall,
            NoteClaim::PostArdInterest => self.row.post_ard_interest_unpaid,
            NoteClaim::ScheduledPrincipal => self.scheduled_due(),
            NoteClaim::Principal => self.balance(),
            NoteClaim::MakeWhole => self.make_whole_due,
        }
    }

    #[inline(always)]
    pub(crate) fn receive(&mut self, claim: NoteClaim, amount: Lanes<L, N>) {
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
                if !self.scheduled_due.is_zero() {
                    self.scheduled_due = (self.scheduled_due - amount).positive();
                }
                if claim == NoteClaim::Principal {
                    self.prepaid += amount;
                }
            }
            NoteClaim::MakeWhole => row.make_whole_paid += amount,
        }
    }
}

/// Finds what earlier `principal` steps of the date owe in premiums and no step has paid.
fn find_premiums<const L: usize, N: Whole>(
    program: &Program,
    notes: &[u16],
    on: Mask<L>,
    state: &mut State<L, N>,
) -> Result<(), Error> {
    let period = state.period;
    for &note in notes {
        let index = usize::from(note);
        let note = &mut state.notes[index];
        let owed = premium(program, index, note.prepaid.only(on), period)?;
        note.make_whole_due = (owed - note.row.make_whole_paid).positive();
    }
    Ok(())
}

/// The make-whole premium on principal prepaid in a period.
pub(crate) fn premium<const L: usize, N: Whole>(
    program: &Program,
    note: usize,
    prepaid: Lanes<L, N>,
    period: usize,
) -> Result<Lanes<L, N>, Error> {
    let factor: Option<&Multiplier> = program.notes[note].make_whole.get(period);
    factor.map_or(Ok(Lanes::ZERO), |factor| factor.of(prepaid, "a make-whole premium", period))
}

/// Takes an amount out of several accounts in order. They hold at least that much.
#[inline(always)]
fn move_cash<const L: usize, N: Whole, T: Trace<L, N>>(
    from: &[Party],
    to: Party,
    amount: Lanes<L, N>,
    ledger: &mut Ledger<L, N>,
    trace: &mut T,
) {
    if let [account] = *from {
        if !T::HEARS_NOTHING_PAID || !amount.is_zero() {
            ledger.transfer(account, to, amount);
            trace.moved(account, to, amount);
        }
        return;
    }
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

fn write_down<const L: usize, N: Whole>(note: &mut NoteState<L, N>, amount: Lanes<L, N>) {
    note.row.balance_close -= amount;
    note.row.written_down += amount;
    note.written_down += amount;
}

fn write_up<const L: usize, N: Whole>(note: &mut NoteState<L, N>, amount: Lanes<L, N>) {
    note.row.balance_close += amount;
    note.row.written_up += amount;
    note.written_down -= amount;
}

/// Balances changed without cash, by at most a limit in all.
struct NoteChange<'a, const L: usize, N: Whole> {
    notes: &'a [u16],
    pro_rata: bool,
    limit: Lanes<L, N>,
}

impl<const L: usize, N: Whole> NoteChange<'_, L, N> {
    /// Changes each note by no more than `bound` of it.
    fn make<T: Trace<L, N>>(
        &self,
        program: &Program,
        state: &mut State<L, N>,
        trace: &mut T,
        bound: impl Fn(&NoteState<L, N>) -> Lanes<L, N>,
        change: impl Fn(&mut NoteState<L, N>, Lanes<L, N>),
    ) -> Result<Lanes<L, N>, Error> {
        state.claims.clear();
        state.claims.extend(self.notes.iter().map(|&note| bound(&state.notes[usize::from(note)])));
        let total = if self.pro_rata {
            split_claims(state, self.limit)
        } else {
            let mut left = self.limit;
            for (part, &claim) in state.parts.iter_mut().zip(&state.claims) {
                *part = claim.min(left);
                left -= *part;
            }
            self.limit - left
        };
        for (index, &note) in self.notes.iter().enumerate() {
            let (note, amount) = (usize::from(note), state.parts[index]);
            change(&mut state.notes[note], amount);
            trace.adjusted(program.parties.note(note), state.claims[index], amount);
            // What is written down over life may exceed any balance, if interest is capitalised in between.
            bounded(&state.notes[note].written_down, "a write-down", state.period)?;
        }
        // As is what all notes' balances come to.
        match total.beyond(N::AMOUNT) {
            true => Err(Error::Overflow { place: "a write-down", period: state.period + 1 }),
            false => Ok(total),
        }
    }
}
