//! Exact cash: whole minor units of one currency.
//!
//! A [`Money`] is a count of minor units (cents, pence, yen). It carries no currency tag: a deal has
//! exactly one [`Currency`], checked where files are read, and a tag on every amount of the hot loop
//! could only ever hold that one value.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;

/// An amount of cash in whole minor units of the deal's currency. It may be negative.
///
/// Sums of amounts that passed [`Money::LIMIT`] cannot overflow: the tape refuses single amounts above
/// it, and totals are checked once where they are formed ([`Money::checked_add`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);
    /// The largest single amount that a file may state: 10^15 minor units (ten trillion dollars).
    pub const LIMIT: Money = Money(1_000_000_000_000_000);

    /// From a count of minor units: `Money::from_minor(12_345)` is 123.45 dollars.
    pub const fn from_minor(minor_units: i64) -> Self {
        Money(minor_units)
    }

    /// The count of minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// `self + other`, or `None` past 64 bits.
    pub const fn checked_add(self, other: Money) -> Option<Money> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Money(sum)),
            None => None,
        }
    }

    /// `self - other`, or `None` past 64 bits.
    pub const fn checked_sub(self, other: Money) -> Option<Money> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Money(difference)),
            None => None,
        }
    }

    /// Whether this is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The amount as a model value in major units (dollars): the one door from cash to `f64`.
    pub fn to_model(self, currency: Currency) -> f64 {
        self.0 as f64 / currency.minor_per_major() as f64
    }

    /// Splits the amount in proportion to `weights` by largest remainder: the parts sum to the whole,
    /// each part is within one minor unit of its exact share, ties go to the earlier part.
    ///
    /// Negative weights count as zero. If no weight is positive, the first part takes everything (an
    /// empty list gives an empty list).
    ///
    /// ```
    /// use leasefall::Money;
    /// let thirds = Money::from_minor(10_000).split(&[1, 1, 1]);
    /// assert_eq!(thirds.iter().map(|m| m.minor()).collect::<Vec<_>>(), [3_334, 3_333, 3_333]);
    /// ```
    pub fn split(self, weights: &[i64]) -> Vec<Money> {
        let mut parts = vec![0; weights.len()];
        split_into(self.0, weights, &mut parts);
        parts.into_iter().map(Money).collect()
    }
}

/// [`Money::split`] on raw minor units into a slice of the caller's, without allocation.
pub(crate) fn split_into(total: i64, weights: &[i64], parts: &mut [i64]) {
    debug_assert_eq!(weights.len(), parts.len());
    let sum: i128 = weights.iter().map(|&w| i128::from(w.max(0))).sum();
    if sum == 0 {
        parts.fill(0);
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return;
    }
    let (sign, magnitude) = (total.signum(), i128::from(total).abs());
    // Floor shares first; at most `len - 1` units are then left over.
    let mut left = magnitude;
    for (part, &weight) in parts.iter_mut().zip(weights) {
        let share = magnitude * i128::from(weight.max(0)) / sum;
        left -= share;
        *part = share as i64;
    }
    // One unit each to the largest remainders. Few notes and few units: a repeated scan needs no scratch.
    let remainder = |index: usize| magnitude * i128::from(weights[index].max(0)) % sum;
    let (mut bound, mut after) = (sum, 0);
    while left > 0 {
        // The next remainder in the order (largest first, earlier part first on ties).
        let mut best: Option<(i128, usize)> = None;
        for index in 0..parts.len() {
            let r = remainder(index);
            let eligible = r < bound || (r == bound && index >= after);
            if eligible && best.is_none_or(|(b, _)| r > b) {
                best = Some((r, index));
            }
        }
        let Some((r, index)) = best else { break };
        parts[index] += 1;
        left -= 1;
        (bound, after) = (r, index + 1);
    }
    for part in parts {
        *part *= sign;
    }
}

impl std::ops::Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl std::ops::Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl std::ops::Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        self.0 -= other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        Money(amounts.map(|m| m.0).sum())
    }
}

/// How a fraction of a minor unit is rounded. Deals say which; half-even is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, ties to the even unit.
    #[default]
    HalfEven,
    /// To the nearest, ties away from zero.
    HalfUp,
    /// Toward zero.
    Down,
}

/// An ISO 4217 currency, known by its code and the digits of its minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Currency {
    /// United States dollar, cents.
    USD,
    /// Euro, cents.
    EUR,
    /// Pound sterling, pence.
    GBP,
    /// Canadian dollar, cents.
    CAD,
    /// Japanese yen, no minor unit.
    JPY,
}

impl Currency {
    /// The number of decimal digits of the minor unit: 2 for dollars, 0 for yen.
    pub const fn digits(self) -> u32 {
        match self {
            Currency::JPY => 0,
            _ => 2,
        }
    }

    /// Minor units in one major unit: 100 for dollars.
    pub const fn minor_per_major(self) -> i64 {
        10_i64.pow(self.digits())
    }

    /// The amount that a decimal states, exactly.
    ///
    /// `None` if it has a fraction of a minor unit or lies beyond [`Money::LIMIT`] in size.
    ///
    /// ```
    /// use leasefall::{Currency, Money};
    /// use rust_decimal::Decimal;
    /// assert_eq!(Currency::USD.money(Decimal::new(1234, 1)), Some(Money::from_minor(12_340)));
    /// assert_eq!(Currency::USD.money(Decimal::new(12345, 3)), None); // 12.345 dollars
    /// ```
    pub fn money(self, amount: Decimal) -> Option<Money> {
        let minor = amount.checked_mul(Decimal::from(self.minor_per_major()))?.normalize();
        if minor.scale() != 0 || minor.abs() > Decimal::from(Money::LIMIT.0) {
            return None;
        }
        i64::try_from(minor.mantissa()).ok().map(Money)
    }

    /// The amount as a decimal of major units with all its digits: 123.40, not 123.4.
    pub fn decimal(self, amount: Money) -> Decimal {
        Decimal::new(amount.0, self.digits())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_split_sums_to_the_whole_and_stays_within_a_unit(
            total in -1_000_000_000_000_i64..1_000_000_000_000,
            weights in prop::collection::vec(0_i64..1_000_000_000_000, 1..9),
        ) {
            let parts = Money::from_minor(total).split(&weights);
            prop_assert_eq!(parts.iter().copied().sum::<Money>().minor(), total);
            let sum: i128 = weights.iter().map(|&w| i128::from(w)).sum();
            if sum > 0 {
                for (part, &w) in parts.iter().zip(&weights) {
                    let distance = i128::from(part.minor()) * sum - i128::from(total) * i128::from(w);
                    prop_assert!(distance.abs() < sum);
                }
            }
        }
    }

    #[test]
    fn leftover_units_go_to_the_largest_remainders() {
        // 10 over 1:2:4 is 1.43, 2.86, 5.71: floors 1, 2, 5; the two left go to .86 and .71.
        let parts = Money::from_minor(10).split(&[1, 2, 4]);
        assert_eq!(parts, [1, 3, 6].map(Money::from_minor));
        assert_eq!(Money::from_minor(-10).split(&[1, 2, 4]), [-1, -3, -6].map(Money::from_minor));
        assert_eq!(Money::from_minor(7).split(&[0, 0]), [7, 0].map(Money::from_minor));
    }
}
