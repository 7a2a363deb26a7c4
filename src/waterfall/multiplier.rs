//! A ratio made ready to be taken of many amounts: exact, without a division.

use super::lanes::Lanes;
use super::whole::{Arithmetic, Whole};
use crate::error::Error;
use crate::money::Rounding;
use crate::ratio::Ratio;

/// A ratio and the rounding of its products, with what the short ways of computing them need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Multiplier {
    ratio: Ratio,
    rounding: Rounding,
    /// The ratio as a double.
    per_unit: f64,
    /// The short way in integers is exact for amounts from nothing up to this, one less than a power of two;
    /// -1 if for none.
    pub(crate) short: i64,
    /// The same of the short way in doubles, for amounts from nothing up to this; -1 if for none.
    pub(crate) short_double: i64,
    /// The same where products lose bits, which are computed apart.
    wide_double: i64,
}

/// Adding it to a double below 2^51 leaves the nearest whole number in the low bits.
const WHOLE: f64 = 4_503_599_627_370_496.0; // 2^52

impl Multiplier {
    pub(crate) fn new(ratio: Ratio, rounding: Rounding) -> Multiplier {
        let per_unit = ratio.to_f64();
        let below = |bits: u32| {
            let mut short = (1_i64 << 52) - 1;
            while short as f64 * per_unit >= (1_i64 << bits) as f64 {
                short >>= 1;
            }
            short
        };
        let (numerator, denominator) = (ratio.numerator(), ratio.denominator());
        let short = if numerator < 0 || denominator >= 1 << 60 { -1 } else { below(49) };
        let doubles = (0..1 << 53).contains(&numerator) && denominator < 1 << 50;
        // amount x numerator and quotient x denominator stay below 2^53, the one by itself, the other because
        // it differs by less than twice the denominator.
        let exact_double = ((1_i64 << 53) - 2 * denominator.min(1 << 50)) / numerator.max(1);
        Multiplier {
            ratio,
            rounding,
            per_unit,
            short,
            short_double: if doubles { below(45).min(exact_double) } else { -1 },
            wide_double: if doubles { below(45) } else { -1 },
        }
    }

    pub(crate) fn ratio(&self) -> Ratio {
        self.ratio
    }

    /// Whether [`Arithmetic::products`] may be asked for these amounts.
    #[inline(always)]
    pub(crate) fn is_short<const L: usize, N: Whole>(&self, amounts: &Lanes<L, N>) -> bool {
        N::short(self) >= 0 && !amounts.beyond(N::short(self))
    }

    /// `amount x ratio` on every path, as [`Ratio::of`] computes it; an error if a product is out of bounds.
    #[inline(always)]
    pub(crate) fn of<const L: usize, N: Whole>(
        &self,
        amounts: Lanes<L, N>,
        place: &'static str,
        period: usize,
    ) -> Result<Lanes<L, N>, Error> {
        let mut products = Lanes::ZERO;
        self.put(amounts, N::AMOUNT, &mut products, place, period)?;
        Ok(products)
    }

    /// [`Multiplier::of`] into a place, bounded so that sums of a few claims are exact.
    #[inline(always)]
    pub(crate) fn put_claim<const L: usize, N: Whole>(
        &self,
        amounts: Lanes<L, N>,
        into: &mut Lanes<L, N>,
        place: &'static str,
        period: usize,
    ) -> Result<(), Error> {
        self.put(amounts, N::CLAIM, into, place, period)
    }

    /// Results go into a place rather than into a [`Result`], which would keep them out of registers.
    #[inline(always)]
    pub(crate) fn put<const L: usize, N: Whole>(
        &self,
        amounts: Lanes<L, N>,
        bound: i64,
        into: &mut Lanes<L, N>,
        place: &'static str,
        period: usize,
    ) -> Result<(), Error> {
        if self.is_short(&amounts) {
            *into = N::products(self, amounts);
            return Ok(());
        }
        self.put_long_way(amounts, bound, into, place, period)
    }

    /// The product as a double is off by less than half (four roundings of 2^-53 on less than 2^49), so the
    /// whole number nearest to it is off by less than one: the remainder says which way, exactly.
    #[inline(always)]
    pub(crate) fn integers<const L: usize>(&self, amounts: Lanes<L, i64>) -> Lanes<L, i64> {
        let (numerator, denominator) = (self.ratio.numerator(), self.ratio.denominator());
        // Rounds up if 2 x remainder + tie > threshold: a tie goes up from an odd quotient, always, or never.
        let (odd, always, threshold) = match self.rounding {
            Rounding::HalfEven => (1, 0, denominator),
            Rounding::HalfUp => (0, 1, denominator),
            Rounding::Down => (0, 0, i64::MAX),
        };
        amounts.map(|amount| {
            // A whole number below 2^52 is the low bits of itself plus 2^52.
            let whole = f64::from_bits(amount as u64 | WHOLE.to_bits()) - WHOLE;
            let nearest = (whole * self.per_unit + WHOLE).to_bits() as i64 - WHOLE.to_bits() as i64;
            // In (-denominator, denominator), whatever the products lose beyond 64 bits.
            let remainder = amount.wrapping_mul(numerator).wrapping_sub(nearest.wrapping_mul(denominator));
            let below = ((remainder as u64) >> 63) as i64;
            let (floor, rest) = (nearest - below, remainder + (denominator & -below));
            let twice = 2 * rest + (floor & odd | always);
            floor + ((threshold - twice) as u64 >> 63) as i64
        })
    }

    /// The same in doubles: the nearest whole number, and the exact remainder. Where it is less than half the
    /// denominator, as it nearly always is, the nearest is the answer but for rounding down.
    #[inline(always)]
    pub(crate) fn doubles<const L: usize>(&self, amounts: Lanes<L, f64>) -> Lanes<L, f64> {
        let (numerator, denominator) = (self.ratio.numerator() as f64, self.ratio.denominator() as f64);
        let nearest = amounts.map(|amount| (amount * self.per_unit + WHOLE) - WHOLE);
        let remainder = |amount, nearest| amount * numerator - nearest * denominator;
        self.rounded(nearest, amounts.with(nearest, remainder))
    }

    /// The same of amounts so large that products lose bits; `None` if they are too large even for that.
    pub(crate) fn wide_doubles<const L: usize>(&self, amounts: Lanes<L, f64>) -> Option<Lanes<L, f64>> {
        if self.wide_double < 0 || amounts.beyond(self.wide_double) {
            return None;
        }
        let (numerator, denominator) = (self.ratio.numerator() as f64, self.ratio.denominator() as f64);
        let nearest = amounts.map(|amount| (amount * self.per_unit + WHOLE) - WHOLE);
        let remainder = |amount, nearest| difference_of_products(amount, numerator, nearest, denominator);
        Some(self.rounded(nearest, amounts.with(nearest, remainder)))
    }

    /// From the nearest whole numbers, off by less than one, and the remainders that they leave.
    #[inline(always)]
    fn rounded<const L: usize>(&self, nearest: Lanes<L, f64>, remainders: Lanes<L, f64>) -> Lanes<L, f64> {
        if self.rounding == Rounding::Down {
            return nearest
                .with(remainders, |nearest, rest| if rest < 0.0 { nearest - 1.0 } else { nearest });
        }
        let half = 0.5 * self.ratio.denominator() as f64;
        // The sign of what a remainder lacks to half the denominator.
        if remainders.any(|rest| !(rest.abs() - half).to_bits() >> 63) {
            self.mended(nearest, remainders)
        } else {
            nearest
        }
    }

    /// Quotients of which a remainder is a tie, or says that it is off by one.
    #[cold]
    #[inline(never)]
    fn mended<const L: usize>(&self, nearest: Lanes<L, f64>, remainders: Lanes<L, f64>) -> Lanes<L, f64> {
        let denominator = self.ratio.denominator() as f64;
        nearest.with(remainders, |nearest, rest| {
            let odd = self.rounding == Rounding::HalfEven && nearest as i64 & 1 == 1;
            let always = self.rounding == Rounding::HalfUp;
            if 2.0 * rest > denominator || (2.0 * rest == denominator && (odd || always)) {
                nearest + 1.0
            } else if 2.0 * rest < -denominator || (2.0 * rest == -denominator && odd) {
                nearest - 1.0
            } else {
                nearest
            }
        })
    }

    /// Products of amounts too large for the short way.
    #[cold]
    #[inline(never)]
    fn put_long_way<const L: usize, N: Whole>(
        &self,
        amounts: Lanes<L, N>,
        bound: i64,
        into: &mut Lanes<L, N>,
        place: &'static str,
        period: usize,
    ) -> Result<(), Error> {
        if let Some(products) = N::wide_products(self, amounts) {
            *into = products;
            return Ok(());
        }
        for lane in 0..L {
            let product = self.ratio.of(amounts.lane(lane), self.rounding);
            let product = product.filter(|product| product.minor().far_outside(bound) == 0);
            into.set(lane, product.ok_or(Error::Overflow { place, period: period + 1 })?);
        }
        Ok(())
    }
}

/// `a x b - c x d` of whole numbers, exact where it is below 2^50 and each product below 2^99.
///
/// A product is its double and what that lost, itself a whole number (Dekker 1971). The doubles of two products
/// so near each other differ by a whole number that a double holds, and so do the losses, at most 2^45 each.
#[inline(always)]
fn difference_of_products(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let ((above, lost_above), (below, lost_below)) = (exact_product(a, b), exact_product(c, d));
    (above - below) + (lost_above - lost_below)
}

/// A product as a double and the rest.
#[inline(always)]
fn exact_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    (product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

/// A double as the sum of two of 26 bits (Veltkamp 1968).
#[inline(always)]
fn halves(a: f64) -> (f64, f64) {
    const SPLIT: f64 = 134_217_729.0; // 2^27 + 1
    let scaled = SPLIT * a;
    let high = scaled - (scaled - a);
    (high, a - high)
}

/// An error if an amount is such that a few of its kind might not add up exactly. None is negative.
#[inline(always)]
pub(crate) fn bounded<const L: usize, N: Whole>(
    amounts: &Lanes<L, N>,
    place: &'static str,
    period: usize,
) -> Result<(), Error> {
    if amounts.beyond(N::CLAIM) {
        return Err(Error::Overflow { place, period: period + 1 });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use proptest::prelude::*;

    fn roundings() -> impl Strategy<Value = Rounding> {
        prop_oneof![Just(Rounding::HalfEven), Just(Rounding::HalfUp), Just(Rounding::Down)]
    }

    /// Small, middling, at the limits of the short way, and any.
    fn sizes() -> impl Strategy<Value = i64> {
        prop_oneof![
            0_i64..1_000,
            any::<u32>().prop_map(i64::from),
            (0_u32..63, -2_i64..3).prop_map(|(bits, off)| ((1_i64 << bits) + off).max(0)),
            0_i64..=i64::MAX,
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_short_way_gives_the_same_cents(
            amounts in proptest::array::uniform4(prop_oneof![9 => sizes(), 1 => sizes().prop_map(|size| -size)]),
            numerator in prop_oneof![4 => sizes(), 1 => any::<i64>()],
            denominator in sizes(),
            rounding in roundings(),
        ) {
            let ratio = Ratio::new(numerator.into(), denominator.max(1).into()).unwrap();
            let multiplier = Multiplier::new(ratio, rounding);
            let each = amounts.map(|amount| ratio.of(Money::from_minor(amount), rounding));
            // One by one, so that an amount of the short way is not computed the long way for its neighbour.
            for (amount, expected) in amounts.into_iter().zip(each) {
                let found = multiplier.of(Lanes::from_minor([amount]), "a test", 0).ok();
                prop_assert_eq!(found.map(|lanes| lanes.lane(0)), expected);
            }
            // In doubles, whatever they hold.
            for (amount, expected) in amounts.into_iter().zip(each) {
                if amount.far_outside(f64::AMOUNT) == 0 {
                    let found = multiplier.of(Lanes::from_units([amount as f64]), "a test", 0).ok();
                    let expected = expected.filter(|product| product.minor().far_outside(f64::AMOUNT) == 0);
                    prop_assert_eq!(found.map(|lanes| lanes.lane(0)), expected);
                }
            }
            let together = multiplier.of(Lanes::from_minor(amounts), "a test", 0).ok();
            let expected: Option<Vec<i64>> = each.iter().map(|m| m.map(|m| m.minor())).collect();
            prop_assert_eq!(together.map(|lanes| lanes.minor().to_vec()), expected);
        }

        /// Amounts at which the product is a tie or a unit of the remainder beside one.
        #[test]
        fn ties_are_ties(
            whole in 0_i64..1 << 40, half in 1_i64..1 << 20, off in -1_i64..2, rounding in roundings(),
        ) {
            // (2 x whole + 1) x half over 2 x half is whole and a half.
            let amount = ((2 * whole + 1) * half + off).max(0);
            let ratio = Ratio::new(1, i128::from(2 * half)).unwrap();
            let found = Multiplier::new(ratio, rounding).of(Lanes::from_minor([amount]), "a test", 0).unwrap();
            prop_assert_eq!(Some(found.lane(0)), ratio.of(Money::from_minor(amount), rounding));
            if amount <= f64::AMOUNT {
                let found = Multiplier::new(ratio, rounding).of(Lanes::from_units([amount as f64]), "a test", 0);
                let expected = ratio.of(Money::from_minor(amount), rounding);
                prop_assert_eq!(found.ok().map(|found| found.lane(0)), expected);
            }
        }
    }

    #[test]
    fn usual_interest_goes_the_short_way() {
        // 5% a year over 31 of 360 days, up to 45 trillion dollars.
        let month = Multiplier::new(Ratio::new(5 * 31, 36_000).unwrap(), Rounding::HalfEven);
        assert_eq!(month.short, (1 << 52) - 1);
        // 100,000.00 x 5% x 31 / 360 = 430.5555...
        // 31 / 7,200: amount x 31 is below 2^53 up to 2.9 trillion dollars.
        assert_eq!(month.short_double, ((1_i64 << 53) - 14_400) / 31);
        assert_eq!(month.wide_double, (1 << 52) - 1);
        let interest = month.of(Lanes::from_minor([10_000_000, 0]), "a test", 0).unwrap();
        assert_eq!(interest.minor(), &[43_056, 0]);
    }
}
