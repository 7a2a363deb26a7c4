//! The standard normal distribution.
//!
//! Built on `libm` and plain arithmetic, so that results are the same bits on every platform.

// Coefficients keep the digits of their source.
#![allow(clippy::excessive_precision)]

use super::horner;
use super::ln::ln;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The probability that a standard normal variable is at most `z`: `erfc(-z / sqrt 2) / 2`.
///
/// The relative error is below 1e-14 down to `z = -8` and the lower tail never cancels; for the upper tail
/// take `cdf(-z)`. NaN gives NaN.
///
/// ```
/// use leasefall::math::normal;
/// assert_eq!(normal::cdf(0.0), 0.5);
/// assert!((normal::cdf(-1.0) - 0.15865525393145705).abs() < 1e-15);
/// ```
#[inline]
pub fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The density at `z`: `exp(-z^2 / 2) / sqrt(2 pi)`.
///
/// ```
/// use leasefall::math::normal;
/// assert!((normal::pdf(0.0) - 0.3989422804014327).abs() < 1e-16);
/// ```
#[inline]
pub fn pdf(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt()
}

/// The `z` for which `cdf(z) = p`: Wichura's algorithm AS 241 (PPND16), *Applied Statistics* 37 (1988).
///
/// Good to a few units in the last place in the lower tail too; for the upper tail take `-inverse_cdf(1 - p)`
/// with `1 - p` as first known, since `p` near 1 has lost it. 0 gives minus infinity, 1 plus infinity,
/// anything outside 0 to 1 NaN.
///
/// ```
/// use leasefall::math::normal;
/// assert!((normal::inverse_cdf(0.975) - 1.959963984540054).abs() < 1e-15);
/// assert_eq!(normal::inverse_cdf(0.0), f64::NEG_INFINITY);
/// assert!(normal::inverse_cdf(1.5).is_nan());
/// ```
#[inline]
pub fn inverse_cdf(p: f64) -> f64 {
    let q = p - 0.5;
    if is_central(q) { central(q) } else { tail(p, q) }
}

/// [`inverse_cdf`] of each value, to the same bits, in less than half the time.
///
/// ```
/// use leasefall::math::normal;
/// let mut values = [0.5, 0.001];
/// normal::inverse_cdf_in_place(&mut values);
/// assert_eq!(values, [0.0, normal::inverse_cdf(0.001)]);
/// ```
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
pub fn inverse_cdf_in_place(values: &mut [f64]) {
    for chunk in values.chunks_mut(CHUNK) {
        inverse_cdf_of_chunk(chunk);
    }
}

/// Values whose tails are gathered at a time: a bit each in a word.
const CHUNK: usize = 64;

/// At most [`CHUNK`] values: every value through the central formula, right or not; the tails, 15% of uniform ones,
/// gathered and through the formula of tails; those back to their places. No loop over all values branches, so that
/// the compiler takes several at a time.
#[inline(always)]
fn inverse_cdf_of_chunk(chunk: &mut [f64]) {
    let mut is_tail = 0_u64;
    for (place, &p) in (0..).zip(&*chunk) {
        is_tail |= u64::from(!is_central(p - 0.5)) << place;
    }
    let (mut tails, mut count) = ([0.5; CHUNK], 0);
    for place in ones(is_tail) {
        tails[count] = chunk[place];
        count += 1;
    }
    for p in &mut *chunk {
        *p = central(*p - 0.5);
    }
    let mut results = [0.0; CHUNK];
    // Whole vectors of four: what stands behind the last tail is computed and not read.
    let taken = count.next_multiple_of(4).min(CHUNK);
    for (result, &p) in results[..taken].iter_mut().zip(&tails[..taken]) {
        *result = middle(p);
    }
    for (place, (&p, &result)) in ones(is_tail).zip(tails.iter().zip(&results)) {
        chunk[place] = if result.is_nan() { tail(p, p - 0.5) } else { result };
    }
}

/// Places of the ones in a word, lowest first.
#[inline(always)]
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (word != 0).then_some(word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        place
    })
}

/// How far from one half the central formula reaches.
#[inline(always)]
fn is_central(q: f64) -> bool {
    q.abs() <= 0.425
}

#[inline(always)]
fn central(q: f64) -> f64 {
    let r = 0.180625 - q * q;
    q * horner(&CENTRAL.0, r) / horner(&CENTRAL.1, r)
}

#[inline]
fn tail(p: f64, q: f64) -> f64 {
    let near = middle(p);
    if !near.is_nan() {
        return near;
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 || tail.is_nan() {
        return if tail == 0.0 { f64::INFINITY.copysign(q) } else { f64::NAN };
    }
    let r = (-libm::log(tail)).sqrt() - 5.0;
    (horner(&FAR.0, r) / horner(&FAR.1, r)).copysign(q)
}

/// The formula for tails down to `exp(-25)`, the quantile at 6.66 standard deviations; NaN beyond, and for what is no
/// probability.
#[inline(always)]
fn middle(p: f64) -> f64 {
    let q = p - 0.5;
    let tail = if q < 0.0 { p } else { 1.0 - p };
    // A tail that is not above 0, or too small to be a normal number, has a "logarithm" above 0 or below -25.
    let root = (-ln(tail)).sqrt();
    let r = root - 1.6;
    let z = (horner(&MIDDLE.0, r) / horner(&MIDDLE.1, r)).copysign(q);
    if root <= 5.0 { z } else { f64::NAN }
}

/// Numerator and denominator.
type Rational = ([f64; 8], [f64; 8]);

/// For `p` within 0.425 of one half.
const CENTRAL: Rational = (
    [
        3.3871328727963666080e0,
        1.3314166789178437745e+2,
        1.9715909503065514427e+3,
        1.3731693765509461125e+4,
        4.5921953931549871457e+4,
        6.7265770927008700853e+4,
        3.3430575583588128105e+4,
        2.5090809287301226727e+3,
    ],
    [
        1.0,
        4.2313330701600911252e+1,
        6.8718700749205790830e+2,
        5.3941960214247511077e+3,
        2.1213794301586595867e+4,
        3.9307895800092710610e+4,
        2.8729085735721942674e+4,
        5.2264952788528545610e+3,
    ],
);

/// For tails down to `exp(-25)`.
const MIDDLE: Rational = (
    [
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ],
    [
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ],
);

/// For tails beyond.
const FAR: Rational = (
    [
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ],
    [
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Forty-digit values, rounded.
    #[test]
    fn cdf_and_pdf_match_values_of_high_precision() {
        let known = [
            (-8.0, 6.2209605742717841e-16, 5.0522710835368923e-15),
            (-5.0, 2.8665157187919391e-7, 1.4867195147342977e-6),
            (-3.0, 0.0013498980316300945, 0.0044318484119380072),
            (-1.0, 0.15865525393145705, 0.24197072451914335),
            (0.3, 0.61791142218895263, 0.38138781546052409),
            (1.0, 0.84134474606854295, 0.24197072451914335),
            (2.5, 0.99379033467422386, 0.017528300493568537),
        ];
        for (z, probability, density) in known {
            assert!((cdf(z) / probability - 1.0).abs() < 1e-14, "cdf {z}");
            assert!((pdf(z) / density - 1.0).abs() < 1e-14, "pdf {z}");
        }
    }

    #[test]
    fn inverse_matches_values_of_high_precision() {
        let known = [
            (1e-300, -37.047096299361199),
            (1e-100, -21.273453560965324),
            (1e-20, -9.2623400897984076),
            (1e-12, -7.0344838253011319),
            (1e-10, -6.3613409024040562),
            (1e-4, -3.7190164854556806),
            (0.02425, -1.9729610513118849),
            (0.1, -1.2815515655446004),
            (0.4, -0.25334710313579974),
            (0.975, 1.9599639845400539),
            (0.999, 3.0902323061678133),
        ];
        for (p, z) in known {
            assert!((inverse_cdf(p) / z - 1.0).abs() < 1e-15, "{p}: {}", inverse_cdf(p));
        }
    }

    #[test]
    fn the_inverse_is_total() {
        assert_eq!(inverse_cdf(0.5), 0.0);
        assert_eq!(inverse_cdf(1.0), f64::INFINITY);
        assert_eq!(inverse_cdf(-0.0), f64::NEG_INFINITY);
        for p in [-1e-300, 1.0 + f64::EPSILON, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            assert!(inverse_cdf(p).is_nan(), "{p}");
        }
    }

    proptest! {
        /// A second method: statrs, whose cdf is good to 1e-10 and whose inverse to the last places.
        #[test]
        fn another_library_agrees(z in -6.0_f64..6.0, p in 1e-12_f64..1.0) {
            use statrs::distribution::{ContinuousCDF, Normal};
            let normal = Normal::standard();
            prop_assert!((normal.cdf(z) / cdf(z) - 1.0).abs() < 1e-9);
            prop_assert!((normal.inverse_cdf(p) - inverse_cdf(p)).abs() < 1e-9 * (1.0 + inverse_cdf(p).abs()));
        }

        #[test]
        fn the_inverse_undoes_the_cdf(exponent in -300.0_f64..-0.302) {
            let p = libm::pow(10.0, exponent);
            prop_assert!((cdf(inverse_cdf(p)) / p - 1.0).abs() < 1e-12);
        }

        #[test]
        fn the_inverse_never_panics(p in any::<f64>()) {
            prop_assert!(inverse_cdf(p).is_nan() != (0.0..=1.0).contains(&p));
        }

        #[test]
        fn many_at_once_are_the_same(
            values in proptest::collection::vec(
                prop_oneof![8 => 0.0_f64..1.0, 1 => any::<f64>(), 1 => (0.0_f64..750.0).prop_map(|x| libm::exp(-x))],
                0..300,
            ),
        ) {
            let mut all = values.clone();
            inverse_cdf_in_place(&mut all);
            for (p, z) in values.into_iter().zip(all) {
                prop_assert_eq!(z.to_bits(), inverse_cdf(p).to_bits());
            }
        }
    }
}
