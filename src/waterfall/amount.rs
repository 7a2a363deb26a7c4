//! Formulas compiled to a flat list of operations on integers, exact until one rounding at the end.

use super::state::{NoteState, State};
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::divide_rounded;

/// A formula over indices.
#[derive(Clone, Debug)]
pub(crate) enum Amount {
    /// Always the same.
    Constant(Money),
    /// One quantity, unscaled: the common case.
    Plain(Quantity),
    /// Anything else: the value is that of `ops` over `scale`.
    Computed { ops: Box<[Op]>, scale: i128, rounding: Rounding },
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

impl Amount {
    /// The value in minor units, rounded as the deal says.
    #[inline(always)]
    pub(crate) fn value(&self, state: &State) -> Result<Money, Error> {
        match self {
            Amount::Constant(money) => Ok(*money),
            Amount::Plain(quantity) => Ok(quantity.value(state)),
            Amount::Computed { ops, scale, rounding } => compute(ops, state)
                .and_then(|value| divide_rounded(value, *scale, *rounding))
                .map(Money::from_minor)
                .ok_or(Error::Overflow { place: "a formula", period: state.period + 1 }),
        }
    }

    /// The same formula, its end rounded in another way.
    pub(crate) fn rounded_by(self, rounding: Rounding) -> Amount {
        match self {
            Amount::Computed { ops, scale, .. } => Amount::Computed { ops, scale, rounding },
            whole => whole,
        }
    }

    /// The value, a negative one as nothing: what a payment, a fee or a target is.
    #[inline(always)]
    pub(crate) fn positive(&self, state: &State) -> Result<Money, Error> {
        Ok(self.value(state)?.max(Money::ZERO))
    }
}

fn compute(ops: &[Op], state: &State) -> Option<i128> {
    let mut stack = [0_i128; STACK];
    let mut top = 0;
    for op in ops {
        match op {
            Op::Constant(value) => {
                stack[top] = *value;
                top += 1;
            }
            Op::Quantity(quantity) => {
                stack[top] = i128::from(quantity.value(state).minor());
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
                    Op::Choose(trigger) if state.is_active(*trigger) => lower,
                    _ => upper,
                };
            }
        }
    }
    Some(stack[0])
}

impl Quantity {
    #[inline]
    pub(crate) fn value(&self, state: &State) -> Money {
        let add = |indices: &[u16], value: &dyn Fn(usize) -> Money| {
            let sum: i64 =
                indices.iter().fold(0, |sum, &i| value(usize::from(i)).minor().saturating_add(sum));
            Money::from_minor(sum)
        };
        match self {
            Quantity::Columns(columns) => add(columns, &|c| state.row[c]),
            Quantity::Open(column) => state.row_before[usize::from(*column)],
            Quantity::Total(slot) => state.totals[usize::from(*slot)],
            Quantity::Notes(field, notes) => add(notes, &|n| field.of(&state.notes[n])),
            Quantity::Schedule(schedule) => state.schedules[usize::from(*schedule)],
            Quantity::Accounts(accounts) => add(accounts, &|a| state.account(a)),
            Quantity::Target(account) => state.targets[usize::from(*account)],
            Quantity::Excess(account) => {
                let account = usize::from(*account);
                (state.account(account) - state.targets[account]).max(Money::ZERO)
            }
            Quantity::Fees(fees) => add(fees, &|f| state.fees[f].due),
            Quantity::Fixed(amount) => state.amounts[usize::from(*amount)],
            Quantity::Paid(steps) => add(steps, &|s| state.paid[s]),
        }
    }
}

impl NoteField {
    #[inline]
    fn of(self, note: &NoteState) -> Money {
        match self {
            NoteField::Balance => note.balance(),
            NoteField::BalanceOpen => note.row.balance_open,
            NoteField::Original => note.original,
            NoteField::Undrawn => (note.commitment - note.balance()).max(Money::ZERO),
            NoteField::InterestAccrued => note.row.interest_accrued,
            NoteField::InterestDue => note.row.interest_shortfall,
            NoteField::ScheduledPrincipal => note.scheduled_due(),
            NoteField::PostArdInterest => note.row.post_ard_interest_unpaid,
            NoteField::WrittenDown => note.written_down,
            NoteField::PrincipalPaid => note.row.principal_paid,
        }
    }
}
