//! A ratio made ready to be taken of many amounts: exact, without a division.

use super::lanes::Lanes;
use crate::error::Error;
use crate::money::Rounding;
use crate::ratio::Ratio;

/// A ratio and the rounding of its products, with what the short way of computing them needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Multiplier {
    ratio: Ratio,
    rounding: Rounding,
    /// The ratio as a double.
    per_unit: f64,
    /// The short way is exact for amounts from nothing up to this, one less than a power of two; -1 if
    /// for none.
    short: i64,
}

/// Claims stay below a bit less than 2^60, so that sums of a few stay far inside 64 bits.
pub(crate) const CLAIM: i64 = i64::MAX / 8;

/// Adding it to a double below 2^51 leaves the nearest whole number in the low bits.
const WHOLE: f64 = 4_503_599_627_370_496.0; // 2^52

impl Multiplier {
    pub(crate) fn new(ratio: Ratio, rounding: Rounding) -> Multiplier {
        let per_unit = ratio.to_f64();
        let mut short = (1_i64 << 52) - 1;
        while short as f64 * per_unit >= (1_i64 << 49) as f64 {
            short >>= 1;
        }
        if ratio.numerator() < 0 || ratio.denominator() >= 1 << 60 {
            short = -1;
        }
        Multiplier { ratio, rounding, per_unit, short }
    }

    pub(crate) fn ratio(&self) -> Ratio {
        self.ratio
    }

    /// `amount x ratio` on every path, as [`Ratio::of`] computes it; an error if a product passes 64 bits.
    #[inline(always)]
    pub(crate) fn of<const L: usize>(
        &self,
        amounts: Lanes<L>,
        place: &'static str,
        period: usize,
    ) -> Result<Lanes<L>, Error> {
        if self.short < 0 || amounts.beyond(self.short) {
            return self.long_way(amounts, i64::MAX, place, period);
        }
        Ok(self.short_way(amounts))
    }

    /// [`Multiplier::of`], bounded so that sums of a few claims stay far inside 64 bits.
    #[inline(always)]
    pub(crate) fn claim<const L: usize>(
        &self,
        amounts: Lanes<L>,
        place: &'static str,
        period: usize,
    ) -> Result<Lanes<L>, Error> {
        if self.short < 0 || amounts.beyond(self.short) {
            return self.long_way(amounts, CLAIM, place, period);
        }
        Ok(self.short_way(amounts))
    }

    /// The product as a double is off by less than half (four roundings of 2^-53 on less than 2^49), so the
    /// whole number nearest to it is off by less than one: the remainder says which way, exactly.
    #[inline(always)]
    fn short_way<const L: usize>(&self, amounts: Lanes<L>) -> Lanes<L> {
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

    #[cold]
    #[inline(never)]
    fn long_way<const L: usize>(
        &self,
        amounts: Lanes<L>,
        bound: i64,
        place: &'static str,
        period: usize,
    ) -> Result<Lanes<L>, Error> {
        let mut products = Lanes::ZERO;
        for lane in 0..L {
            let product = self.ratio.of(amounts.lane(lane), self.rounding);
            let product = product.filter(|product| product.minor() <= bound);
            products.set(lane, product.ok_or(Error::Overflow { place, period: period + 1 })?);
        }
        Ok(products)
    }
}

/// An error if an amount is such that a few of its kind could pass 64 bits. None is negative.
#[inline(always)]
pub(crate) fn bounded<const L: usize>(
    amounts: Lanes<L>,
    place: &'static str,
    period: usize,
) -> Result<Lanes<L>, Error> {
    if amounts.beyond(CLAIM) {
        return Err(Error::Overflow { place, period: period + 1 });
    }
    Ok(amounts)
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
            amounts in proptest::array::uniform4(sizes()),
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
        }
    }

    #[test]
    fn usual_interest_goes_the_short_way() {
        // 5% a year over 31 of 360 days, up to 45 trillion dollars.
        let month = Multiplier::new(Ratio::new(5 * 31, 36_000).unwrap(), Rounding::HalfEven);
        assert_eq!(month.short, (1 << 52) - 1);
        // 100,000.00 x 5% x 31 / 360 = 430.5555...
        let interest = month.of(Lanes::from_minor([10_000_000, 0]), "a test", 0).unwrap();
        assert_eq!(interest.minor(), &[43_056, 0]);
    }
}
