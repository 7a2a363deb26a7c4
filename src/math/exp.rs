//! The exponential of many numbers at once.

use super::horner;
use std::f64::consts::LOG2_E;

/// The largest argument whose exponential is a finite double; larger ones count as it.
const HIGHEST: f64 = 709.0;
/// The smallest argument whose exponential is a normal double; smaller ones count as it.
const LOWEST: f64 = -708.0;
/// ln 2 in two parts, the first with 33 bits, so that a whole multiple of it is exact.
pub(super) const LN_2: (f64, f64) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);
/// 1.5 x 2^52: a number added to it is rounded to whole.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// `r (e^r + 1) / (e^r - 1)` by even powers of `r` from 2 on, less the constant term 2: fdlibm's minimax coefficients,
/// good to 2^-59 on `|r| <= ln 2 / 2`.
const EVEN: [f64; 5] = [
    1.666_666_666_666_660_2e-1,
    -2.777_777_777_701_559_3e-3,
    6.613_756_321_437_934e-5,
    -1.653_390_220_546_525_2e-6,
    4.138_136_797_057_238_5e-8,
];

/// Replaces each number by its exponential, within one unit in the last place.
///
/// Plain arithmetic without a branch: the compiler works on several numbers at a time, and the bits are the
/// same on every platform. Arguments below -708 and above 709 give the exponential of those; NaN stays NaN.
///
/// ```
/// let mut values = [0.0, 1.0, -2.0];
/// leasefall::math::exp::exp_in_place(&mut values);
/// assert_eq!(values[0], 1.0);
/// assert!((values[1] - std::f64::consts::E).abs() < 1e-15);
/// assert!((values[2] - 0.135_335_283_236_612_7).abs() < 1e-16);
/// ```
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
pub fn exp_in_place(values: &mut [f64]) {
    for value in values {
        *value = exp(*value);
    }
}

/// `2^k e^r` with whole `k` and `|r| <= ln 2 / 2`, by the method of fdlibm's `e_exp.c` (Sun Microsystems, 1993).
#[inline(always)]
fn exp(x: f64) -> f64 {
    let x = x.clamp(LOWEST, HIGHEST);
    let shifted = x * LOG2_E + WHOLE;
    let k = shifted - WHOLE;
    // r = high - low, kept in two parts: the rounding of their difference is made good in the last line but one.
    let (high, low) = (x - k * LN_2.0, k * LN_2.1);
    let r = high - low;
    let square = r * r;
    let c = r - square * horner(&EVEN, square);
    // e^r = 1 + r + r c / (2 - c)
    let series = 1.0 + (r * c / (2.0 - c) - low + high);
    // The low bits of the shifted number are k; moved to the exponent and added to that of 1 they make 2^k.
    let power = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0_f64.to_bits()));
    series * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ends_are_finite_and_nan_is_kept() {
        let mut values = [f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, f64::NAN, -0.0];
        exp_in_place(&mut values);
        assert!(values[..4].iter().all(|value| value.is_finite() && *value > 0.0), "{values:?}");
        assert_eq!((values[0], values[1]), (values[2], values[3]));
        assert!(values[4].is_nan());
        assert_eq!(values[5], 1.0);
    }

    proptest! {
        /// A second implementation of the method: libm's, which branches. The two part only where a multiple of ln 2 / 2 is
        /// rounded to the other side.
        #[test]
        fn another_library_agrees(x in LOWEST..HIGHEST, small in -3.0..3.0_f64) {
            for x in [x, small] {
                let exact = libm::exp(x);
                prop_assert!((exp(x) / exact - 1.0).abs() < 2.3e-16, "{x}: {} {exact}", exp(x));
            }
        }

        /// With and without wide vectors: the same bits, wherever the number stands in the slice.
        #[test]
        fn many_at_once_are_the_same(values in proptest::collection::vec(any::<f64>(), 0..40)) {
            let mut all = values.clone();
            exp_in_place(&mut all);
            for (x, all) in values.into_iter().zip(all) {
                prop_assert!(all.to_bits() == exp(x).to_bits() || all.is_nan() && x.is_nan(), "{x}");
            }
        }

        #[test]
        fn it_rises(x in LOWEST..HIGHEST, by in 1e-9..10.0_f64) {
            prop_assert!(exp(x + by) > exp(x) || x + by > HIGHEST);
        }
    }
}
