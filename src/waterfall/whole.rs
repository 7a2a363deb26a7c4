//! What lanes count whole minor units in: integers of 64 bits, or doubles that hold whole numbers.

use super::lanes::Lanes;
use super::multiplier::Multiplier;
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// A number that counts whole minor units: `i64`, or an `f64` that is always whole and small enough to be
/// exact. The waterfall is one program over either.
///
/// Whole numbers below 2^53 are exact as doubles, and so are their sums, differences and minima; and every
/// x86-64 processor takes two of them at a time, which it does not of integers of 64 bits. In doubles an
/// amount ends at 2^46 minor units (703 billion dollars), so that sums of 64 of them are exact; what
/// could pass that is refused with [`Error::Overflow`](crate::Error::Overflow) where it arises, and can be run in integers.
pub trait Whole: Arithmetic {}

impl Whole for i64 {}
impl Whole for f64 {}

/// What the waterfall asks of a [`Whole`]. Nobody else can name it.
pub trait Arithmetic:
    Copy
    + Debug
    + Default
    + PartialEq
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + AddAssign
    + SubAssign
    + 'static
{
    /// What several of them lie at a multiple of.
    type Alignment: Copy + Debug + PartialEq;
    /// Nothing.
    const ZERO: Self;
    /// No bound: above every amount, and exact when one is taken off it.
    const UNBOUNDED: Self;
    /// The most that may come in over the life of a run, and so the most that a party of the ledger may hold;
    /// this bound and those below are one less than a power of two.
    const CASH: i64;
    /// The most that may be owed at a time.
    const CLAIM: i64;
    /// The most that anything else may come to, either way.
    const AMOUNT: i64;
    /// The most things of a kind (notes, columns, steps) whose amounts may have to be added up.
    const TERMS: usize;

    /// From a count of minor units that is within bounds.
    fn from_minor(minor: i64) -> Self;

    /// The count of minor units.
    fn minor(self) -> i64;

    /// The count of minor units as a model value.
    fn to_model(self) -> f64;

    /// The number where `mask` has all bits, nothing where it has none.
    fn masked(self, mask: i64) -> Self;

    /// Bits of which one is set exactly if this is not the other. Nothing with a sign counts as something,
    /// which costs time and changes no amount.
    fn difference(self, other: Self) -> u64;

    /// Bits of which one is set exactly if it is not a count from nothing up to a bound. As words they are put
    /// together in vectors, as truths they would be packed first.
    fn outside(self, bound: i64) -> u64;

    /// Bits of which one is set exactly if it is beyond a bound either way.
    fn far_outside(self, bound: i64) -> u64;

    /// Its size, at most as much as fits.
    fn size(self) -> Self;

    /// The sum, at most as much as fits.
    fn saturating_plus(self, other: Self) -> Self;

    /// The difference, at most as much as fits.
    fn saturating_minus(self, other: Self) -> Self;

    /// The sum; where it does not fit it is negative, or beyond every bound.
    fn plus_to_check(self, other: Self) -> Self;

    /// The product; a wrong one where it does not fit.
    fn times(self, factor: Self) -> Self;

    /// Bits of the largest number that a formula may come to on its way.
    const FORMULA_BITS: u32;

    /// A number of a formula, of at most [`Arithmetic::FORMULA_BITS`].
    fn from_wide(number: i128) -> Self;

    /// Counts of minor units on some paths; of one beyond [`Arithmetic::AMOUNT`] a number that is, too.
    fn lanes<const L: usize>(minor: [i64; L]) -> Lanes<L, Self>
    where
        Self: Whole;

    /// The amounts times a ratio, which are small enough for the short way.
    fn products<const L: usize>(ratio: &Multiplier, amounts: Lanes<L, Self>) -> Lanes<L, Self>
    where
        Self: Whole;

    /// The same of amounts larger than that; `None` where it is to be done one by one.
    fn wide_products<const L: usize>(ratio: &Multiplier, amounts: Lanes<L, Self>) -> Option<Lanes<L, Self>>
    where
        Self: Whole;

    /// The largest amount for which [`Arithmetic::products`] may be asked; -1 if none.
    fn short(ratio: &Multiplier) -> i64;
}

impl Arithmetic for i64 {
    type Alignment = i64;
    const ZERO: i64 = 0;
    const UNBOUNDED: i64 = i64::MAX;
    const CASH: i64 = i64::MAX / 4;
    // A bit less than 2^60, so that sums of a few stay far inside 64 bits.
    const CLAIM: i64 = i64::MAX / 8;
    const AMOUNT: i64 = i64::MAX;
    const TERMS: usize = usize::MAX;

    #[inline(always)]
    fn from_minor(minor: i64) -> i64 {
        minor
    }

    #[inline(always)]
    fn minor(self) -> i64 {
        self
    }

    #[inline(always)]
    fn to_model(self) -> f64 {
        self as f64
    }

    #[inline(always)]
    fn masked(self, mask: i64) -> i64 {
        self & mask
    }

    #[inline(always)]
    fn difference(self, other: i64) -> u64 {
        (self ^ other) as u64
    }

    #[inline(always)]
    fn outside(self, bound: i64) -> u64 {
        self as u64 & !(bound as u64)
    }

    #[inline(always)]
    fn far_outside(self, bound: i64) -> u64 {
        // The bits of a negative amount's complement: those of its size, less one.
        (self ^ (self >> 63)).outside(bound)
    }

    #[inline(always)]
    fn size(self) -> i64 {
        self.saturating_abs()
    }

    #[inline(always)]
    fn saturating_plus(self, other: i64) -> i64 {
        self.saturating_add(other)
    }

    #[inline(always)]
    fn saturating_minus(self, other: i64) -> i64 {
        self.saturating_sub(other)
    }

    #[inline(always)]
    fn plus_to_check(self, other: i64) -> i64 {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn times(self, factor: i64) -> i64 {
        self.wrapping_mul(factor)
    }

    const FORMULA_BITS: u32 = 62;

    #[inline(always)]
    fn from_wide(number: i128) -> i64 {
        number as i64
    }

    #[inline(always)]
    fn lanes<const L: usize>(minor: [i64; L]) -> Lanes<L, i64> {
        Lanes::from_minor(minor)
    }

    #[inline(always)]
    fn products<const L: usize>(ratio: &Multiplier, amounts: Lanes<L, i64>) -> Lanes<L, i64> {
        ratio.integers(amounts)
    }

    #[inline(always)]
    fn wide_products<const L: usize>(_: &Multiplier, _: Lanes<L, i64>) -> Option<Lanes<L, i64>> {
        None
    }

    #[inline(always)]
    fn short(ratio: &Multiplier) -> i64 {
        ratio.short
    }
}

/// The bit of a double's sign.
const SIGN: u64 = 1 << 63;

/// Amounts in doubles end here.
const DOUBLE: i64 = (1 << 46) - 1;

/// A line of cache.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Line;

impl Arithmetic for f64 {
    type Alignment = Line;
    const ZERO: f64 = 0.0;
    // 2^52
    const UNBOUNDED: f64 = 4_503_599_627_370_496.0;
    const CASH: i64 = DOUBLE;
    const CLAIM: i64 = DOUBLE;
    const AMOUNT: i64 = DOUBLE;
    const TERMS: usize = 64;

    #[inline(always)]
    fn from_minor(minor: i64) -> f64 {
        minor as f64
    }

    #[inline(always)]
    fn minor(self) -> i64 {
        self as i64
    }

    #[inline(always)]
    fn to_model(self) -> f64 {
        self
    }

    #[inline(always)]
    fn masked(self, mask: i64) -> f64 {
        f64::from_bits(self.to_bits() & mask as u64)
    }

    #[inline(always)]
    fn difference(self, other: f64) -> u64 {
        self.to_bits() ^ other.to_bits()
    }

    #[inline(always)]
    fn outside(self, bound: i64) -> u64 {
        (self.to_bits() | (bound as f64 - self).to_bits()) & SIGN
    }

    #[inline(always)]
    fn far_outside(self, bound: i64) -> u64 {
        (bound as f64 - self.abs()).to_bits() & SIGN
    }

    #[inline(always)]
    fn size(self) -> f64 {
        self.abs()
    }

    #[inline(always)]
    fn saturating_plus(self, other: f64) -> f64 {
        self + other
    }

    #[inline(always)]
    fn saturating_minus(self, other: f64) -> f64 {
        self - other
    }

    #[inline(always)]
    fn plus_to_check(self, other: f64) -> f64 {
        self + other
    }

    #[inline(always)]
    fn times(self, factor: f64) -> f64 {
        self * factor
    }

    const FORMULA_BITS: u32 = 52;

    #[inline(always)]
    fn from_wide(number: i128) -> f64 {
        number as i64 as f64
    }

    #[inline(always)]
    fn lanes<const L: usize>(minor: [i64; L]) -> Lanes<L, f64> {
        // Adding to the bits of 2^52 + 2^51 adds to the number, up to 2^51 either way. Beyond, the bits are those
        // of a number farther away or of none, in the order of their bits.
        const MIDDLE: f64 = 6_755_399_441_055_744.0;
        let mut units = [0.0; L];
        for (unit, minor) in units.iter_mut().zip(minor) {
            *unit = f64::from_bits((MIDDLE.to_bits() as i64).wrapping_add(minor) as u64) - MIDDLE;
        }
        Lanes::from_units(units)
    }

    #[inline(always)]
    fn products<const L: usize>(ratio: &Multiplier, amounts: Lanes<L, f64>) -> Lanes<L, f64> {
        ratio.doubles(amounts)
    }

    #[inline(always)]
    fn wide_products<const L: usize>(ratio: &Multiplier, amounts: Lanes<L, f64>) -> Option<Lanes<L, f64>> {
        ratio.wide_doubles(amounts)
    }

    #[inline(always)]
    fn short(ratio: &Multiplier) -> i64 {
        ratio.short_double
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bounds are one less than a power of two; amounts lie around them, on either side of nothing.
    fn around() -> impl Strategy<Value = (i64, i64)> {
        (1_u32..46, -2_i64..3, any::<bool>(), 0_i64..1 << 46).prop_map(|(bits, off, near, any)| {
            let bound = (1_i64 << bits) - 1;
            (if near { bound + off } else { any }, bound)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn integers_and_doubles_know_their_bounds((size, bound) in around(), negative in any::<bool>()) {
            let amount = if negative { -size } else { size };
            let double = amount as f64;
            let (inside, near) = ((0..=bound).contains(&amount), (-bound..=bound).contains(&amount));
            prop_assert_eq!([amount.outside(bound) == 0, double.outside(bound) == 0], [inside; 2]);
            // The bits of a negative integer's complement are those of its size less one: one more is let by.
            let near_integer = near || amount == -bound - 1;
            prop_assert_eq!([amount.far_outside(bound) == 0, double.far_outside(bound) == 0], [near_integer, near]);
            prop_assert_eq!([amount.masked(0), double.masked(0) as i64], [0; 2]);
            prop_assert_eq!([amount.masked(-1), double.masked(-1) as i64], [amount; 2]);
        }
    }
}
