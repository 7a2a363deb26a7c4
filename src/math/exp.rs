//! The exponential of many numbers at once.

use std::f64::consts::LOG2_E;

/// The largest argument whose exponential is a finite double; larger ones count as it.
const HIGHEST: f64 = 709.0;
/// The smallest argument whose exponential is a normal double; smaller ones count as it.
const LOWEST: f64 = -708.0;
/// ln 2 in two parts, the first with 33 bits, so that a whole multiple of it is exact (fdlibm).
const LN_2: (f64, f64) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);
/// 1.5 x 2^52: a number added to it is rounded to whole.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// `1 / n!` from n = 13 down to 0: on `|r| <= ln 2 / 2` the rest of the series is below 5e-18.
const SERIES: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// Replaces each number by its exponential, within two units in the last place.
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
pub fn exp_in_place(values: &mut [f64]) {
    for value in values {
        *value = exp(*value);
    }
}

/// `2^k e^r` with whole `k` and `|r| <= ln 2 / 2`.
#[inline]
fn exp(x: f64) -> f64 {
    let x = x.clamp(LOWEST, HIGHEST);
    let shifted = x * LOG2_E + WHOLE;
    let k = shifted - WHOLE;
    let r = (x - k * LN_2.0) - k * LN_2.1;
    let series = SERIES.iter().fold(0.0, |sum, coefficient| sum * r + coefficient);
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
        /// A second method: libm, good to one unit in the last place.
        #[test]
        fn another_library_agrees(x in LOWEST..HIGHEST, small in -3.0..3.0_f64) {
            for x in [x, small] {
                let exact = libm::exp(x);
                prop_assert!((exp(x) / exact - 1.0).abs() < 5e-16, "{x}: {} {exact}", exp(x));
            }
        }

        #[test]
        fn it_rises(x in LOWEST..HIGHEST, by in 1e-9..10.0_f64) {
            prop_assert!(exp(x + by) > exp(x) || x + by > HIGHEST);
        }
    }
}
