//! An exact fraction that multiplies money: a year fraction, a period's interest, a fee.

use crate::money::{Money, Rounding};
use rust_decimal::Decimal;

/// An exact fraction `numerator / denominator`, the denominator positive, in lowest terms.
///
/// Interest of a period is `balance x Ratio`, computed in integers and rounded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i64,
    denominator: i64,
}

impl Ratio {
    /// Zero.
    pub const ZERO: Ratio = Ratio { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// The fraction in lowest terms; `None` if the denominator is zero or the reduced terms pass 64 bits.
    ///
    /// ```
    /// use leasefall::Ratio;
    /// let half = Ratio::new(180, 360).unwrap();
    /// assert_eq!((half.numerator(), half.denominator()), (1, 2));
    /// ```
    pub fn new(numerator: i128, denominator: i128) -> Option<Ratio> {
        if denominator == 0 {
            return None;
        }
        let divisor =
            gcd(numerator.unsigned_abs(), denominator.unsigned_abs()) as i128 * denominator.signum();
        Some(Ratio {
            numerator: i64::try_from(numerator / divisor).ok()?,
            denominator: i64::try_from(denominator / divisor).ok()?,
        })
    }

    /// The decimal as an exact fraction; `None` past 64 bits.
    pub fn from_decimal(value: Decimal) -> Option<Ratio> {
        let value = value.normalize();
        Ratio::new(value.mantissa(), 10_i128.checked_pow(value.scale())?)
    }

    /// The numerator.
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    /// The denominator, positive.
    pub const fn denominator(self) -> i64 {
        self.denominator
    }

    /// The product of two fractions; `None` past 64 bits in lowest terms.
    pub fn checked_mul(self, other: Ratio) -> Option<Ratio> {
        Ratio::new(
            i128::from(self.numerator) * i128::from(other.numerator),
            i128::from(self.denominator) * i128::from(other.denominator),
        )
    }

    /// The sum of two fractions; `None` past 64 bits in lowest terms.
    pub fn checked_add(self, other: Ratio) -> Option<Ratio> {
        let left = i128::from(self.numerator) * i128::from(other.denominator);
        let right = i128::from(other.numerator) * i128::from(self.denominator);
        Ratio::new(left + right, i128::from(self.denominator) * i128::from(other.denominator))
    }

    /// The fraction as a model value.
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// `amount x self`, exact in integers, rounded once; `None` past 64 bits.
    ///
    /// ```
    /// use leasefall::{Money, Ratio, Rounding};
    /// // 30 days of 3.25% on 1,225,000,000.00, 30/360: 3,317,708.33
    /// let month = Ratio::new(325 * 30, 10_000 * 360).unwrap();
    /// let interest = month.of(Money::from_minor(122_500_000_000), Rounding::HalfEven);
    /// assert_eq!(interest, Some(Money::from_minor(331_770_833)));
    /// ```
    #[inline]
    pub fn of(self, amount: Money, rounding: Rounding) -> Option<Money> {
        let product = i128::from(amount.minor()) * i128::from(self.numerator);
        divide_rounded(product, i128::from(self.denominator), rounding).map(Money::from_minor)
    }
}

/// `numerator / denominator` rounded to a whole number; the denominator must be positive. `None` past 64 bits.
#[inline]
pub(crate) fn divide_rounded(numerator: i128, denominator: i128, rounding: Rounding) -> Option<i64> {
    debug_assert!(denominator > 0);
    // A 128-bit division costs several times a 64-bit one, and nearly every product fits 64 bits.
    let (quotient, remainder) = match (i64::try_from(numerator), i64::try_from(denominator)) {
        (Ok(n), Ok(d)) => (i128::from(n / d), i128::from(n % d)),
        _ => wide_division(numerator, denominator),
    };
    let twice = 2 * remainder.abs();
    let away = match rounding {
        Rounding::Down => false,
        Rounding::HalfUp => twice >= denominator,
        Rounding::HalfEven => twice > denominator || (twice == denominator && quotient & 1 == 1),
    };
    i64::try_from(if away { quotient + numerator.signum() } else { quotient }).ok()
}

/// Quotient and remainder (truncating) of a wide product: a floating-point guess, mended exactly.
#[inline]
fn wide_division(numerator: i128, denominator: i128) -> (i128, i128) {
    let magnitude = numerator.abs();
    let guess = (magnitude as f64 / denominator as f64) as i128;
    let mut remainder = magnitude.wrapping_sub(guess.wrapping_mul(denominator));
    let mut quotient = guess;
    // Below 2^52 the guess is off by at most one or two; far beyond, long division is shorter.
    if guess < 1 << 50 {
        while remainder < 0 {
            (quotient, remainder) = (quotient - 1, remainder + denominator);
        }
        while remainder >= denominator {
            (quotient, remainder) = (quotient + 1, remainder - denominator);
        }
    } else {
        (quotient, remainder) = (magnitude / denominator, magnitude % denominator);
    }
    if numerator < 0 { (-quotient, -remainder) } else { (quotient, remainder) }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounding_agrees_with_long_division(
            amount in any::<i64>(), numerator in any::<i64>(), denominator in 1_i64..i64::MAX,
        ) {
            let product = i128::from(amount) * i128::from(numerator);
            let d = i128::from(denominator);
            let floor = product.div_euclid(d);
            let rest = product.rem_euclid(d);
            let nearest_even = floor + i128::from(2 * rest > d || (2 * rest == d && floor & 1 != 0));
            prop_assert_eq!(divide_rounded(product, d, Rounding::HalfEven), i64::try_from(nearest_even).ok());
            let down = if product < 0 && rest != 0 { floor + 1 } else { floor };
            prop_assert_eq!(divide_rounded(product, d, Rounding::Down), i64::try_from(down).ok());
        }
    }

    #[test]
    fn ties_follow_the_deal() {
        let half = Ratio::new(1, 2).unwrap();
        let of = |units, rounding| half.of(Money::from_minor(units), rounding).unwrap().minor();
        assert_eq!(
            [of(1, Rounding::HalfEven), of(3, Rounding::HalfEven), of(-1, Rounding::HalfEven)],
            [0, 2, 0]
        );
        assert_eq!([of(1, Rounding::HalfUp), of(3, Rounding::HalfUp), of(-1, Rounding::HalfUp)], [1, 2, -1]);
        assert_eq!([of(1, Rounding::Down), of(-3, Rounding::Down)], [0, -1]);
    }
}
