//! Several paths in step: an amount of money on each, and which of them something holds on.

use crate::money::Money;
use std::ops::{Add, AddAssign, BitAnd, BitOr, Not, Sub, SubAssign};

/// An amount of money on each of `L` paths that run side by side, in minor units.
///
/// ```
/// use leasefall::Money;
/// use leasefall::waterfall::Lanes;
/// let amounts = Lanes::from_minor([1_00, 2_50]);
/// assert_eq!(amounts.lane(1), Money::from_minor(2_50));
/// assert_eq!((amounts + amounts).minor(), &[2_00, 5_00]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes<const L: usize>([i64; L]);

impl<const L: usize> Lanes<L> {
    /// Nothing on every path.
    pub const ZERO: Self = Lanes([0; L]);

    /// From counts of minor units, path by path.
    pub const fn from_minor(minor_units: [i64; L]) -> Self {
        Lanes(minor_units)
    }

    /// The counts of minor units, path by path.
    pub const fn minor(&self) -> &[i64; L] {
        &self.0
    }

    /// The amount on one path, counted from 0.
    ///
    /// # Panics
    /// If there is no such path, as indexing does.
    #[inline]
    pub fn lane(&self, lane: usize) -> Money {
        Money::from_minor(self.0[lane])
    }

    /// Whether it is nothing on every path.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.union() == 0
    }

    /// The same on every path.
    #[inline(always)]
    pub(crate) fn splat(amount: Money) -> Self {
        Lanes([amount.minor(); L])
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, lane: usize, amount: Money) {
        self.0[lane] = amount.minor();
    }

    #[inline(always)]
    pub(crate) fn map(mut self, of: impl Fn(i64) -> i64) -> Self {
        for mine in &mut self.0 {
            *mine = of(*mine);
        }
        self
    }

    #[inline(always)]
    pub(crate) fn with(mut self, other: Self, of: impl Fn(i64, i64) -> i64) -> Self {
        for (mine, its) in self.0.iter_mut().zip(&other.0) {
            *mine = of(*mine, *its);
        }
        self
    }

    /// Whether it is equal on every path, found without a branch for each.
    #[inline(always)]
    pub(crate) fn same(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        pairs.fold(0, |bits, (mine, its)| bits | (mine ^ its)) == 0
    }

    /// All bits set on some path. Amounts that are not negative are all below a power of two exactly if
    /// this is; a negative one makes it negative.
    #[inline(always)]
    pub(crate) fn union(&self) -> i64 {
        self.0.iter().fold(0, |bits, amount| bits | amount)
    }

    /// Whether an amount is negative or has a bit beyond those of `mask`, one less than a power of two.
    #[inline(always)]
    pub(crate) fn beyond(&self, mask: i64) -> bool {
        self.union() as u64 > mask as u64
    }

    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        self.with(other, i64::min)
    }

    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        self.with(other, i64::max)
    }

    /// Negative amounts as nothing.
    #[inline(always)]
    pub(crate) fn positive(self) -> Self {
        self.map(|amount| amount.max(0))
    }

    #[inline(always)]
    pub(crate) fn saturating_add(self, other: Self) -> Self {
        self.with(other, i64::saturating_add)
    }

    /// The amounts on the paths of a mask, nothing on the others.
    #[inline(always)]
    pub(crate) fn only(self, on: Mask<L>) -> Self {
        self.with(Lanes(on.0), |amount, bits| amount & bits)
    }

    /// These amounts on the paths of a mask, the `others` elsewhere.
    #[inline(always)]
    pub(crate) fn or_else(self, on: Mask<L>, others: Self) -> Self {
        self.only(on).with(others.only(!on), |mine, its| mine | its)
    }

    /// The paths on which it exceeds the other.
    #[inline(always)]
    pub(crate) fn exceeds(self, other: Self) -> Mask<L> {
        Mask(self.with(other, |mine, its| -i64::from(mine > its)).0)
    }

    /// The paths on which it is not nothing.
    #[inline(always)]
    pub(crate) fn some(self) -> Mask<L> {
        Mask(self.map(|amount| -i64::from(amount != 0)).0)
    }
}

impl<const L: usize> Default for Lanes<L> {
    fn default() -> Self {
        Lanes::ZERO
    }
}

impl<const L: usize> Add for Lanes<L> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, |mine, its| mine + its)
    }
}

impl<const L: usize> Sub for Lanes<L> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, |mine, its| mine - its)
    }
}

impl<const L: usize> AddAssign for Lanes<L> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        for (mine, its) in self.0.iter_mut().zip(&other.0) {
            *mine += its;
        }
    }
}

impl<const L: usize> SubAssign for Lanes<L> {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        for (mine, its) in self.0.iter_mut().zip(&other.0) {
            *mine -= its;
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
        Mask(Lanes(self.0).only(other).0)
    }
}

impl<const L: usize> BitOr for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Mask(Lanes(self.0).with(Lanes(other.0), |mine, its| mine | its).0)
    }
}

impl<const L: usize> Not for Mask<L> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Mask(Lanes(self.0).map(|bits| !bits).0)
    }
}
