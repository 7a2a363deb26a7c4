//! The natural logarithm without a branch.

use super::exp::LN_2;
use super::horner;

/// Bits of the square root of one half, rounded up to the upper word.
const ROOT_HALF: u64 = 0x3fe6_a09e << 32;
const ONE: u64 = 1.0_f64.to_bits();
const MANTISSA: u64 = (1 << 52) - 1;
/// 2^52, whose low bits hold a whole number.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// `(ln((1 + s) / (1 - s)) - 2 s) / s` by powers of `s^2`, those of `s^2, s^6, s^10, s^14` and those of `s^4, s^8,
/// s^12`: fdlibm's minimax coefficients, good to 2^-58.45.
const ODD: [f64; 4] = [
    6.666_666_666_666_735e-1,
    2.857_142_874_366_239e-1,
    1.818_357_216_161_805e-1,
    1.479_819_860_511_658_6e-1,
];
// Coefficients keep the digits of their source.
#[allow(clippy::excessive_precision)]
const EVEN: [f64; 3] = [3.999_999_999_940_941_8e-1, 2.222_219_843_214_978_4e-1, 1.531_383_769_920_937_3e-1];

/// `k ln 2 + ln(1 + f)` with `1 + f` from `sqrt(1/2)` to `sqrt 2`, by the method of fdlibm's `e_log.c` (Sun
/// Microsystems, 1993): within one unit in the last place, and the bits of `libm::log`.
///
/// For normal numbers above 0. Of others the result means nothing, but is finite.
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    let moved = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    // The exponent as the low bits of 2^52: a conversion that vectors have.
    let k = f64::from_bits(WHOLE.to_bits() | moved >> 52) - (WHOLE + 1_023.0);
    let f = f64::from_bits((moved & MANTISSA).wrapping_add(ROOT_HALF)) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let rest = z * horner(&ODD, w) + w * horner(&EVEN, w);
    s * (half_square + rest) + k * LN_2.1 - half_square + f + k * LN_2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_powers_of_two_are_exact() {
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(2.0), std::f64::consts::LN_2);
        assert_eq!(ln(0.5), -std::f64::consts::LN_2);
        assert_eq!(ln(f64::MIN_POSITIVE), libm::log(f64::MIN_POSITIVE));
        assert_eq!(ln(f64::MAX), libm::log(f64::MAX));
    }

    proptest! {
        /// A second implementation, which branches.
        #[test]
        fn another_library_agrees_to_the_bit(
            x in (f64::MIN_POSITIVE.to_bits()..f64::INFINITY.to_bits()).prop_map(f64::from_bits),
            near_one in 0.5_f64..2.0,
        ) {
            for x in [x, near_one] {
                prop_assert_eq!(ln(x).to_bits(), libm::log(x).to_bits(), "{}", x);
            }
        }

        #[test]
        fn it_is_finite_for_every_number(x in any::<f64>()) {
            prop_assert!(ln(x).is_finite());
        }
    }
}
