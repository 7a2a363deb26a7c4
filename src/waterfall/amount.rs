//! Formulas compiled to a flat list of operations on integers, exact until one rounding at the end.

use super::lanes::{Lanes, Mask};
use super::linear::Linear;
use super::multiplier::Multiplier;
use super::state::{NoteState, State};
use super::whole::{Arithmetic, Whole};
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::{Ratio, divide_rounded};

/// A formula over indices.
#[derive(Clone, Debug)]
pub(crate) enum Amount {
    /// Always the same.
    Constant(Money),
    /// One quantity, unscaled: the common case.
    Plain(Quantity),
    /// Anything else.
    Computed(Computed),
}

/// Operations whose result is the value times `scale`.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    /// The operations as a sum, if they are one.
    linear: Option<Linear>,
    ops: Box<[Op]>,
    scale: i128,
    rounding: Rounding,
    /// `1 / scale`, where that fits 64 bits.
    share: Option<Multiplier>,
    /// Quantities of at most this size, one less than a power of two, leave every operation within 62 bits;
    /// -1 if none does or the stack is deep.
    narrow: i64,
    /// The same within 52 bits.
    narrow_double: i64,
}

/// A named quantity, resolved.
#[derive(Clone, Debug)]
pub(crate) enum Quantity {
    /// The sum of columns of this period's collections.
    Columns(Box<[u16]>),
    /// A column of the last period's row, or its value at the cut-off date.
    Open(u16),
    /// A running total, by slot.
    Total(u16),
    /// A field summed over notes.
    Notes(NoteField, Box<[u16]>),
    /// A schedule's amount on this date.
    Schedule(u16),
    /// Balances of accounts.
    Accounts(Box<[u16]>),
    /// An account's target.
    Target(u16),
    /// What an account holds beyond its target.
    Excess(u16),
    /// Fees due.
    Fees(Box<[u16]>),
    /// A fixed amount.
    Fixed(u16),
    /// What steps of the phase have paid.
    Paid(Box<[u16]>),
}

/// What of a note.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoteField {
    Balance,
    BalanceOpen,
    Original,
    Undrawn,
    InterestAccrued,
    InterestDue,
    ScheduledPrincipal,
    PostArdInterest,
    WrittenDown,
    PrincipalPaid,
}

/// One operation on a stack of wide integers.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Constant(i128),
    Quantity(Quantity),
    Multiply(i128),
    /// To a multiple of whole minor units; the value is that of the stack's top over `scale`, the result
    /// over one.
    Round {
        scale: i128,
        multiple: i128,
        rounding: Rounding,
    },
    Add,
    Min,
    Max,
    /// Of the two values on top keeps the lower one if the trigger is active, else the upper one.
    Choose(u16),
}

/// The deepest stack that a formula may need; compilation refuses deeper ones.
pub(crate) const STACK: usize = 40;

/// The deepest stack of a formula that is computed on all paths at once.
const NARROW_STACK: usize = 8;

impl Amount {
    /// Puts the value in minor units, rounded as the deal says, into a place on some paths; nothing on the others.
    #[inline(always)]
    pub(crate) fn put<const L: usize, N: Whole>(
        &self,
        state: &State<L, N>,
        on: &Mask<L>,
        into: &mut Lanes<L, N>,
    ) -> Result<(), Error> {
        match self {
            Amount::Constant(money) => *into = Lanes::splat(*money).only(*on),
            // One path is wholly in a step or not.
            Amount::Plain(quantity) if L == 1 => *into = quantity.value(state),
            _ => put_in_vectors(self, state, on, into)?,
        }
        Ok(())
    }

    #[inline(always)]
    fn put_value<const L: usize, N: Whole>(
        &self,
        state: &State<L, N>,
        on: &Mask<L>,
        into: &mut Lanes<L, N>,
    ) -> Result<(), Error> {
        match self {
            Amount::Constant(money) => *into = Lanes::splat(*money).only(*on),
            Amount::Plain(quantity) => *into = quantity.value(state).only(*on),
            Amount::Computed(computed) => computed.put(state, on, into)?,
        }
        Ok(())
    }

    /// The same formula, its end rounded in another way.
    pub(crate) fn rounded_by(self, rounding: Rounding) -> Amount {
        match self {
            Amount::Computed(computed) => Amount::Computed(computed.rounded_by(rounding)),
            whole => whole,
        }
    }

    /// Puts the value, a negative one as nothing: what a payment, a fee or a target is.
    #[inline(always)]
    pub(crate) fn put_positive<const L: usize, N: Whole>(
        &self,
        state: &State<L, N>,
        on: &Mask<L>,
        into: &mut Lanes<L, N>,
    ) -> Result<(), Error> {
        self.put(state, on, into)?;
        *into = into.positive();
        Ok(())
    }
}

impl Amount {
    /// What it refers to.
    pub(crate) fn quantities(&self) -> impl Iterator<Item = &Quantity> {
        let (plain, ops) = match self {
            Amount::Constant(_) => (None, &[][..]),
            Amount::Plain(quantity) => (Some(quantity), &[][..]),
            Amount::Computed(computed) => (None, &computed.ops[..]),
        };
        let in_ops = ops.iter().filter_map(|op| match op {
            Op::Quantity(quantity) => Some(quantity),
            _ => None,
        });
        plain.into_iter().chain(in_ops)
    }
}

impl Quantity {
    /// The columns of the collections' rows that it reads.
    pub(crate) fn columns(&self) -> &[u16] {
        match self {
            Quantity::Columns(columns) => columns,
            Quantity::Open(column) => std::slice::from_ref(column),
            // Read through a running total of the column.
            Quantity::Total(_)
            | Quantity::Notes(..)
            | Quantity::Schedule(_)
            | Quantity::Accounts(_)
            | Quantity::Target(_)
            | Quantity::Excess(_)
            | Quantity::Fees(_)
            | Quantity::Fixed(_)
            | Quantity::Paid(_) => &[],
        }
    }
}

/// [`Amount::put`] in vectors as wide as the processor has.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
#[inline(never)]
fn put_in_vectors<const L: usize, N: Whole>(
    amount: &Amount,
    state: &State<L, N>,
    on: &Mask<L>,
    into: &mut Lanes<L, N>,
) -> Result<(), Error> {
    amount.put_value(state, on, into)
}

fn share_of(scale: i128, rounding: Rounding) -> Option<Multiplier> {
    Ratio::new(1, scale).map(|share| Multiplier::new(share, rounding))
}

impl Computed {
    pub(crate) fn new(ops: Vec<Op>, scale: i128, rounding: Rounding) -> Computed {
        let narrow = |most: u32| {
            let room = (1..=most).rev().find(|&bits| {
                narrow_bits(&ops, bits).is_some_and(|(depth, widest)| depth <= NARROW_STACK && widest <= most)
            });
            room.map_or(-1, |bits| (1_i64 << bits) - 1)
        };
        let (narrow, narrow_double) = (narrow(i64::FORMULA_BITS), narrow(f64::FORMULA_BITS));
        let (linear, share) = (Linear::new(&ops), share_of(scale, rounding));
        Computed { linear, ops: ops.into_boxed_slice(), scale, rounding, share, narrow, narrow_double }
    }

    pub(crate) fn rounded_by(self, rounding: Rounding) -> Computed {
        Computed { rounding, share: share_of(self.scale, rounding), ..self }
    }

    /// All paths at once while no quantity is too large for that, else path by path with room.
    #[inline(always)]
    fn put<const L: usize, N: Whole>(
        &self,
        state: &State<L, N>,
        on: &Mask<L>,
        into: &mut Lanes<L, N>,
    ) -> Result<(), Error> {
        let mut value = Lanes::ZERO;
        let exact = match &self.linear {
            Some(linear) => linear.put(state, &mut value),
            None => self.put_narrow(state, &mut value),
        };
        if exact && self.scale == 1 && !value.far_beyond(N::AMOUNT) {
            *into = value.only(*on);
            return Ok(());
        }
        match &self.share {
            Some(share) if exact => {
                share.put(value, N::AMOUNT, into, "a formula", state.period)?;
                *into = into.only(*on);
                Ok(())
            }
            _ => self.put_one_by_one(exact.then_some(value), state, on, into),
        }
    }

    #[cold]
    #[inline(never)]
    fn put_one_by_one<const L: usize, N: Whole>(
        &self,
        exact: Option<Lanes<L, N>>,
        state: &State<L, N>,
        on: &Mask<L>,
        into: &mut Lanes<L, N>,
    ) -> Result<(), Error> {
        *into = Lanes::ZERO;
        for lane in (0..L).filter(|&lane| on.holds(lane)) {
            let exact = match &exact {
                Some(exact) => Some(i128::from(exact.lane(lane).minor())),
                None => self.wide_value(state, lane),
            };
            let value = exact.and_then(|value| divide_rounded(value, self.scale, self.rounding));
            let value = value.filter(|value| value.far_outside(N::AMOUNT) == 0);
            let overflow = || Error::Overflow { place: "a formula", period: state.period + 1 };
            into.set(lane, value.map(Money::from_minor).ok_or_else(overflow)?);
        }
        Ok(())
    }

    /// Every path, each operation once; says no if a quantity is too large for the rest to be exact.
    #[inline(always)]
    fn put_narrow<const L: usize, N: Whole>(&self, state: &State<L, N>, into: &mut Lanes<L, N>) -> bool {
        let narrow = if N::FORMULA_BITS < i64::FORMULA_BITS { self.narrow_double } else { self.narrow };
        if narrow < 0 {
            return false;
        }
        let mut stack = [Lanes::<L, N>::ZERO; NARROW_STACK];
        let mut top = 0;
        for op in &self.ops {
            match op {
                Op::Constant(value) => {
                    stack[top] = Lanes::from_units([N::from_wide(*value); L]);
                    top += 1;
                }
                Op::Quantity(quantity) => {
                    let value = quantity.value(state);
                    if value.far_beyond(narrow) {
                        return false;
                    }
                    stack[top] = value;
                    top += 1;
                }
                Op::Multiply(factor) => {
                    let factor = N::from_wide(*factor);
                    stack[top - 1] = stack[top - 1].map(|value| value.times(factor));
                }
                Op::Round { .. } => return false,
                Op::Add | Op::Min | Op::Max | Op::Choose(_) => {
                    let (lower, upper) = (stack[top - 2], stack[top - 1]);
                    top -= 1;
                    stack[top - 1] = match op {
                        Op::Add => lower + upper,
                        Op::Min => lower.min(upper),
                        Op::Max => lower.max(upper),
                        Op::Choose(trigger) => lower.or_else(state.active(*trigger), upper),
                        _ => upper,
                    };
                }
            }
        }
        *into = stack[0];
        true
    }

    /// One path, with room and checks; `None` past 128 bits.
    #[cold]
    fn wide_value<const L: usize, N: Whole>(&self, state: &State<L, N>, lane: usize) -> Option<i128> {
        let mut stack = [0_i128; STACK];
        let mut top = 0;
        for op in &self.ops {
            match op {
                Op::Constant(value) => {
                    stack[top] = *value;
                    top += 1;
                }
                Op::Quantity(quantity) => {
                    stack[top] = i128::from(quantity.value(state).lane(lane).minor());
                    top += 1;
                }
                Op::Multiply(factor) => stack[top - 1] = stack[top - 1].checked_mul(*factor)?,
                Op::Round { scale, multiple, rounding } => {
                    let multiples = divide_rounded(stack[top - 1], scale.checked_mul(*multiple)?, *rounding)?;
                    stack[top - 1] = i128::from(multiples) * multiple;
                }
                Op::Add | Op::Min | Op::Max | Op::Choose(_) => {
                    let (lower, upper) = (stack[top - 2], stack[top - 1]);
                    top -= 1;
                    stack[top - 1] = match op {
                        Op::Add => lower.checked_add(upper)?,
                        Op::Min => lower.min(upper),
                        Op::Max => lower.max(upper),
                        Op::Choose(trigger) if state.active(*trigger).holds(lane) => lower,
                        _ => upper,
                    };
                }
            }
        }
        Some(stack[0])
    }
}

/// How deep the stack grows, and the bits of the largest value that stands on it, if quantities have so many
/// bits; `None` past 64.
fn narrow_bits(ops: &[Op], quantity: u32) -> Option<(usize, u32)> {
    let bits_of = |value: i128| i128::BITS - value.unsigned_abs().leading_zeros();
    let (mut stack, mut deepest, mut widest): (Vec<u32>, _, _) = (Vec::new(), 0, 0);
    for op in ops {
        let bits = match op {
            Op::Constant(value) => bits_of(*value),
            Op::Quantity(_) => quantity,
            Op::Multiply(factor) => stack.pop()? + bits_of(*factor),
            // A sum has one bit more than the larger term; the others choose.
            Op::Add => stack.pop()?.max(stack.pop()?) + 1,
            Op::Min | Op::Max | Op::Choose(_) => stack.pop()?.max(stack.pop()?),
            // A division: left to the wide way.
            Op::Round { .. } => return None,
        };
        if bits > 63 {
            return None;
        }
        stack.push(bits);
        (deepest, widest) = (deepest.max(stack.len()), widest.max(bits));
    }
    Some((deepest, widest))
}

/// What indices stand for, added up. Saturation needs measures near 64 bits: what comes in is bounded far below. A
/// macro, for a closure would be compiled apart, for narrow vectors.
macro_rules! sum {
    ($indices:expr, |$index:ident| $value:expr) => {{
        let mut sum = Lanes::ZERO;
        for index in &$indices[..] {
            let $index = usize::from(*index);
            sum = sum.saturating_add($value);
        }
        sum
    }};
}

impl Quantity {
    #[inline(always)]
    pub(crate) fn value<const L: usize, N: Whole>(&self, state: &State<L, N>) -> Lanes<L, N> {
        match self {
            Quantity::Columns(columns) => sum!(columns, |c| state.row[c]),
            Quantity::Open(column) => state.row_before[usize::from(*column)],
            Quantity::Total(slot) => state.totals[usize::from(*slot)],
            Quantity::Notes(field, notes) => sum!(notes, |n| field.of(&state.notes[n])),
            Quantity::Schedule(schedule) => Lanes::splat(state.schedules[usize::from(*schedule)]),
            Quantity::Accounts(accounts) => sum!(accounts, |a| state.account(a)),
            Quantity::Target(account) => state.targets[usize::from(*account)],
            Quantity::Excess(account) => {
                let account = usize::from(*account);
                (state.account(account) - state.targets[account]).positive()
            }
            Quantity::Fees(fees) => sum!(fees, |f| state.fees[f].due),
            Quantity::Fixed(amount) => state.amounts[usize::from(*amount)],
            Quantity::Paid(steps) => sum!(steps, |s| state.paid[s]),
        }
    }
}

impl NoteField {
    #[inline(always)]
    fn of<const L: usize, N: Whole>(self, note: &NoteState<L, N>) -> Lanes<L, N> {
        match self {
            NoteField::Balance => note.balance(),
            NoteField::BalanceOpen => note.row.balance_open,
            NoteField::Original => Lanes::splat(note.original),
            NoteField::Undrawn => (Lanes::splat(note.commitment) - note.balance()).positive(),
            NoteField::InterestAccrued => note.row.interest_accrued,
            NoteField::InterestDue => note.row.interest_shortfall,
            NoteField::ScheduledPrincipal => note.scheduled_due(),
            NoteField::PostArdInterest => note.row.post_ard_interest_unpaid,
            NoteField::WrittenDown => note.written_down,
            NoteField::PrincipalPaid => note.row.principal_paid,
        }
    }
}
