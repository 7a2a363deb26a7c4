//! Several paths in step: an amount of money on each, and which of them something holds on.

use super::whole::Whole;
use crate::money::Money;
use std::ops::{Add, AddAssign, BitAnd, BitOr, Not, Sub, SubAssign};

/// An amount of money on each of `L` paths that run side by side, in minor units: integers, or whole
/// numbers in doubles ([`Whole`]).
///
/// ```
/// use leasefall::Money;
/// use leasefall::waterfall::Lanes;
/// let amounts = Lanes::from_minor([1_00, 2_50]);
/// assert_eq!(amounts.lane(1), Money::from_minor(2_50));
/// assert_eq!((amounts + amounts).minor(), &[2_00, 5_00]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lanes<const L: usize, N: Whole = i64> {
    units: [N; L],
    /// Takes no room; what is moved in vectors lies on whole lines of cache.
    aligned: [N::Alignment; 0],
}

impl<const L: usize> Lanes<L, i64> {
    /// From counts of minor units, path by path.
    pub const fn from_minor(minor_units: [i64; L]) -> Self {
        Lanes::from_units(minor_units)
    }

    /// The counts of minor units, path by path.
    pub const fn minor(&self) -> &[i64; L] {
        &self.units
    }
}

impl<const L: usize, N: Whole> Lanes<L, N> {
    /// Nothing on every path.
    pub const ZERO: Self = Lanes::from_units([N::ZERO; L]);

    /// No bound on any path.
    pub(crate) const UNBOUNDED: Self = Lanes::from_units([N::UNBOUNDED; L]);

    /// Minor units, path by path.
    #[inline(always)]
    pub const fn units(&self) -> &[N; L] {
        &self.units
    }

    /// The amount on one path, counted from 0.
    ///
    /// # Panics
    /// If there is no such path, as indexing does.
    #[inline]
    pub fn lane(&self, lane: usize) -> Money {
        Money::from_minor(self.units[lane].minor())
    }

    /// Whether it is nothing on every path.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.same(&Lanes::ZERO)
    }

    /// The same on every path.
    #[inline(always)]
    pub(crate) fn splat(amount: Money) -> Self {
        Lanes::from_units([N::from_minor(amount.minor()); L])
    }

    #[inline(always)]
    pub(crate) const fn from_units(units: [N; L]) -> Self {
        Lanes { units, aligned: [] }
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, lane: usize, amount: Money) {
        self.units[lane] = N::from_minor(amount.minor());
    }

    #[inline(always)]
    pub(crate) fn map(mut self, of: impl Fn(N) -> N) -> Self {
        for mine in &mut self.units {
            *mine = of(*mine);
        }
        self
    }

    #[inline(always)]
    pub(crate) fn with(mut self, other: Self, of: impl Fn(N, N) -> N) -> Self {
        for (mine, its) in self.units.iter_mut().zip(&other.units) {
            *mine = of(*mine, *its);
        }
        self
    }

    /// Whether it is equal on every path, found without a branch for each.
    #[inline(always)]
    pub(crate) fn same(&self, other: &Self) -> bool {
        let pairs = self.units.iter().zip(&other.units);
        pairs.fold(0, |bits, (mine, its)| bits | mine.difference(*its)) == 0
    }

    /// Whether an amount is negative or above a bound that is one less than a power of two.
    #[inline(always)]
    pub(crate) fn beyond(&self, bound: i64) -> bool {
        self.any(|amount| amount.outside(bound))
    }

    /// Whether an amount is beyond a bound that is one less than a power of two, either way.
    #[inline(always)]
    pub(crate) fn far_beyond(&self, bound: i64) -> bool {
        self.any(|amount| amount.far_outside(bound))
    }

    #[inline(always)]
    pub(crate) fn any_negative(&self) -> bool {
        self.any(|amount| u64::from(amount < N::ZERO))
    }

    /// Whether a bit is set for any path.
    #[inline(always)]
    pub(crate) fn any(&self, bits: impl Fn(N) -> u64) -> bool {
        let mut any = 0;
        for &amount in &self.units {
            any |= bits(amount);
        }
        any != 0
    }

    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        self.with(other, |mine, its| if mine < its { mine } else { its })
    }

    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        self.with(other, |mine, its| if mine > its { mine } else { its })
    }

    /// Negative amounts as nothing.
    #[inline(always)]
    pub(crate) fn positive(self) -> Self {
        self.map(|amount| if amount > N::ZERO { amount } else { N::ZERO })
    }

    #[inline(always)]
    pub(crate) fn saturating_add(self, other: Self) -> Self {
        self.with(other, N::saturating_plus)
    }

    /// A sum that may not fit: then it is wrong, and of amounts that are not negative [`Lanes::beyond`] every bound.
    #[inline(always)]
    pub(crate) fn add_to_check(self, other: Self) -> Self {
        self.with(other, N::plus_to_check)
    }

    /// The amounts on the paths of a mask, nothing on the others.
    #[inline(always)]
    pub(crate) fn only(mut self, on: Mask<L>) -> Self {
        for (mine, bits) in self.units.iter_mut().zip(&on.0) {
            *mine = mine.masked(*bits);
        }
        self
    }

    /// These amounts on the paths of a mask, the `others` elsewhere.
    #[inline(always)]
    pub(crate) fn or_else(self, on: Mask<L>, others: Self) -> Self {
        self.only(on) + others.only(!on)
    }

    /// The paths on which it exceeds the other.
    #[inline(always)]
    pub(crate) fn exceeds(self, other: Self) -> Mask<L> {
        let mut mask = Mask::NONE;
        for (bits, (mine, its)) in mask.0.iter_mut().zip(self.units.iter().zip(&other.units)) {
            *bits = -i64::from(mine > its);
        }
        mask
    }

    /// The paths on which it is not nothing.
    #[inline(always)]
    pub(crate) fn some(self) -> Mask<L> {
        let mut mask = Mask::NONE;
        for (bits, mine) in mask.0.iter_mut().zip(&self.units) {
            *bits = -i64::from(*mine != N::ZERO);
        }
        mask
    }
}

impl<const L: usize, N: Whole> Default for Lanes<L, N> {
    fn default() -> Self {
        Lanes::ZERO
    }
}

impl<const L: usize, N: Whole> Add for Lanes<L, N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, |mine, its| mine + its)
    }
}

impl<const L: usize, N: Whole> Sub for Lanes<L, N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, |mine, its| mine - its)
    }
}

impl<const L: usize, N: Whole> AddAssign for Lanes<L, N> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        for (mine, its) in self.units.iter_mut().zip(&other.units) {
            *mine += *its;
        }
    }
}

impl<const L: usize, N: Whole> SubAssign for Lanes<L, N> {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        for (mine, its) in self.units.iter_mut().zip(&other.units) {
            *mine -= *its;
        }
    }
}

/// The paths on which something holds: all bits or none, so that it selects amounts by `&`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask<const L: usize>([i64; L]);

impl<const L: usize> Mask<L> {
    pub(crate) const ALL: Self = Mask([-1; L]);
    pub(crate) const NONE: Self = Mask([0; L]);

    #[inline(always)]
    pub(crate) fn from_fn(holds: impl Fn(usize) -> bool) -> Self {
        let mut mask = [0; L];
        for (lane, bits) in mask.iter_mut().enumerate() {
            *bits = -i64::from(holds(lane));
        }
        Mask(mask)
    }

    /// On every path or on none.
    #[inline(always)]
    pub(crate) fn every(holds: bool) -> Self {
        Mask([-i64::from(holds); L])
    }

    #[inline(always)]
    pub(crate) fn holds(&self, lane: usize) -> bool {
        self.0[lane] != 0
    }

    #[inline(always)]
    pub(crate) fn none(&self) -> bool {
        self.0.iter().fold(0, |bits, mask| bits | mask) == 0
    }
}

impl<const L: usize> BitAnd for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        let mut both = self;
        for (mine, its) in both.0.iter_mut().zip(&other.0) {
            *mine &= its;
        }
        both
    }
}

impl<const L: usize> BitOr for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        let mut both = self;
        for (mine, its) in both.0.iter_mut().zip(&other.0) {
            *mine |= its;
        }
        both
    }
}

impl<const L: usize> Not for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        let mut others = self;
        for bits in &mut others.0 {
            *bits = !*bits;
        }
        others
    }
}
