//! Formulas that are a sum of quantities times whole numbers: taken in one pass, without a stack.

use super::amount::{Op, Quantity};
use super::lanes::Lanes;
use super::state::State;
use super::whole::{Arithmetic, Whole};

/// `constant + sum of factor x quantity`, and not below nothing if that is asked.
///
/// Most formulas of real deals are of this kind: a share of a balance, a target less what is held, the balance
/// that a coverage test allows.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    constant: i128,
    terms: Box<[(i128, Quantity)]>,
    /// Whether a negative sum counts as nothing.
    floored: bool,
    /// Quantities of at most this size, one less than a power of two, leave every sum within 62 bits; -1 if none
    /// does.
    narrow: i64,
    /// The same within 52 bits.
    narrow_double: i64,
}

/// What an operation leaves on the stack: a sum.
struct Sum {
    constant: i128,
    terms: Vec<(i128, Quantity)>,
}

impl Linear {
    /// The operations as a sum; `None` if they are none.
    pub(crate) fn new(ops: &[Op]) -> Option<Linear> {
        let (mut stack, mut floored) = (Vec::<Sum>::new(), false);
        for (place, op) in ops.iter().enumerate() {
            match op {
                Op::Constant(constant) => stack.push(Sum { constant: *constant, terms: Vec::new() }),
                Op::Quantity(quantity) => stack.push(Sum { constant: 0, terms: vec![(1, quantity.clone())] }),
                Op::Multiply(factor) => stack.last_mut()?.multiply(*factor)?,
                Op::Add => {
                    let upper = stack.pop()?;
                    stack.last_mut()?.add(upper)?;
                }
                // Only as the last operation of all.
                Op::Max if place + 1 == ops.len() => {
                    let (upper, lower) = (stack.pop()?, stack.pop()?);
                    let (sum, floor) = if upper.terms.is_empty() { (lower, upper) } else { (upper, lower) };
                    if !floor.terms.is_empty() || floor.constant != 0 {
                        return None;
                    }
                    floored = true;
                    stack.push(sum);
                }
                Op::Max | Op::Min | Op::Choose(_) | Op::Round { .. } => return None,
            }
        }
        let Sum { constant, terms } = stack.pop()?;
        let mut linear = Linear { constant, terms: terms.into(), floored, narrow: -1, narrow_double: -1 };
        (linear.narrow, linear.narrow_double) =
            (linear.room(i64::FORMULA_BITS), linear.room(f64::FORMULA_BITS));
        Some(linear)
    }

    /// The largest quantities, one less than a power of two, of which no sum needs more than so many bits.
    fn room(&self, most: u32) -> i64 {
        let factors =
            self.terms.iter().fold(0_u128, |sum, (factor, _)| sum.saturating_add(factor.unsigned_abs()));
        let fits = |bits: &u32| {
            let sum = factors.saturating_mul(1 << bits).saturating_add(self.constant.unsigned_abs());
            sum < 1 << most
        };
        (0..most).rev().find(fits).map_or(-1, |bits| (1 << bits) - 1)
    }

    /// Puts the sum on every path, exact, into a place; says no if a quantity is too large for that.
    #[inline(always)]
    pub(crate) fn put<const L: usize, N: Whole>(&self, state: &State<L, N>, into: &mut Lanes<L, N>) -> bool {
        let narrow = if N::FORMULA_BITS < i64::FORMULA_BITS { self.narrow_double } else { self.narrow };
        if narrow < 0 {
            return false;
        }
        let mut sum = Lanes::from_units([N::from_wide(self.constant); L]);
        let mut largest = Lanes::ZERO;
        for (factor, quantity) in &self.terms {
            let (factor, value) = (N::from_wide(*factor), quantity.value(state));
            largest = largest.max(value.map(N::size));
            // Wrong where a quantity is too large, which is found below.
            sum = sum.add_to_check(value.map(|value| value.times(factor)));
        }
        *into = if self.floored { sum.positive() } else { sum };
        !largest.beyond(narrow)
    }
}

impl Sum {
    fn multiply(&mut self, by: i128) -> Option<()> {
        self.constant = self.constant.checked_mul(by)?;
        for (factor, _) in &mut self.terms {
            *factor = factor.checked_mul(by)?;
        }
        Some(())
    }

    fn add(&mut self, other: Sum) -> Option<()> {
        self.constant = self.constant.checked_add(other.constant)?;
        self.terms.extend(other.terms);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(note: u16) -> Op {
        Op::Quantity(Quantity::Notes(super::super::amount::NoteField::Balance, [note].into()))
    }

    #[test]
    fn a_coverage_test_is_a_sum() {
        // max(5 x balance - 4 x column, 0): a quantity of b bits needs b and the bits of 9 to be below 2^52.
        let column = Op::Quantity(Quantity::Columns([0].into()));
        let ops = [balance(0), Op::Multiply(5), column, Op::Multiply(-4), Op::Add, Op::Constant(0), Op::Max];
        let sum = Linear::new(&ops).unwrap();
        assert!(sum.floored);
        assert_eq!(sum.terms.iter().map(|(factor, _)| *factor).collect::<Vec<_>>(), [5, -4]);
        assert_eq!((sum.narrow_double, sum.narrow), ((1 << 48) - 1, (1 << 58) - 1));
    }

    #[test]
    fn what_chooses_is_none() {
        // A floor that is not nothing, and a floor below more.
        assert!(Linear::new(&[balance(0), Op::Constant(7), Op::Max]).is_none());
        let under = [balance(0), Op::Constant(0), Op::Max, Op::Constant(1), Op::Add];
        assert!(Linear::new(&under).is_none());
        assert!(Linear::new(&[balance(0), balance(1), Op::Min]).is_none());
    }
}
