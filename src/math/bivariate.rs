//! The bivariate standard normal distribution.

// Nodes keep the digits of their source.
#![allow(clippy::excessive_precision)]

use super::normal;
use std::f64::consts::TAU;

/// The probability that two standard normal variables of correlation `rho` are at most `x` and `y`.
///
/// Genz's algorithm BVND (*Statistics and Computing* 14, 2004), a refinement of Drezner and Wesolowsky
/// (1990): a Gauss-Legendre rule in the arcsine of the correlation, with the singular part taken out
/// analytically near `|rho| = 1`. Absolute error below 5e-16. NaN if an argument is NaN or the correlation
/// lies outside -1 to 1.
///
/// ```
/// use leasefall::math::bivariate;
/// // Sheppard: both below their means with probability 1/4 + asin(rho) / (2 pi); asin(1/2) = pi / 6.
/// assert!((bivariate::cdf(0.0, 0.0, 0.5) - 1.0 / 3.0).abs() < 1e-15);
/// ```
pub fn cdf(x: f64, y: f64, rho: f64) -> f64 {
    if x.is_nan() || y.is_nan() || !(-1.0..=1.0).contains(&rho) {
        return f64::NAN;
    }
    // P(X <= x, Y <= y) = P(X > -x, Y > -y), by symmetry: Genz's form.
    let (h, k) = (-x, -y);
    if h == f64::INFINITY || k == f64::INFINITY {
        return 0.0;
    }
    if h == f64::NEG_INFINITY {
        return normal::cdf(-k);
    }
    if k == f64::NEG_INFINITY {
        return normal::cdf(-h);
    }
    let probability = if rho.abs() < 0.925 { moderate(h, k, rho) } else { strong(h, k, rho) };
    probability.clamp(0.0, 1.0)
}

/// The integral over the arcsine of the correlation:
/// `N(-h) N(-k) + 1/(2 pi) integral from 0 to asin(rho) of exp(-(h^2 + k^2 - 2 h k sin t) / (2 cos^2 t))`.
fn moderate(h: f64, k: f64, rho: f64) -> f64 {
    let product = normal::cdf(-h) * normal::cdf(-k);
    let (hk, half_squares) = (h * k, 0.5 * (h * h + k * k));
    let half_angle = 0.5 * libm::asin(rho);
    let integral = each_node(rho.abs(), |x| {
        let sine = libm::sin(half_angle * x);
        libm::exp((sine * hk - half_squares) / (1.0 - sine * sine))
    });
    product + integral * half_angle / TAU
}

/// Genz's expansion about `|rho| = 1`.
fn strong(h: f64, k: f64, rho: f64) -> f64 {
    let (k, hk) = if rho < 0.0 { (-k, -h * k) } else { (k, h * k) };
    let mut correction = 0.0;
    if rho.abs() < 1.0 {
        let variance = (1.0 - rho) * (1.0 + rho);
        let mut a = variance.sqrt();
        let gap_squared = (h - k) * (h - k);
        let (c, d) = ((4.0 - hk) / 8.0, (12.0 - hk) / 80.0);
        let exponent = -0.5 * (gap_squared / variance + hk);
        if exponent > -100.0 {
            let series = 1.0 - c * (gap_squared - variance) * (1.0 - d * gap_squared) / 3.0;
            correction = a * libm::exp(exponent) * (series + c * d * variance * variance);
        }
        if hk > -100.0 {
            let gap = gap_squared.sqrt();
            let tail = TAU.sqrt() * normal::cdf(-gap / a);
            let series = 1.0 - c * gap_squared * (1.0 - d * gap_squared) / 3.0;
            correction -= libm::exp(-0.5 * hk) * tail * gap * series;
        }
        a *= 0.5;
        let integral = each_node(1.0, |x| {
            let square = (a * x) * (a * x);
            let exponent = -0.5 * (gap_squared / square + hk);
            if exponent <= -100.0 {
                return 0.0;
            }
            let root = (1.0 - square).sqrt();
            let series = 1.0 + c * square * (1.0 + 5.0 * d * square);
            let exact = libm::exp(-0.5 * hk * square / ((1.0 + root) * (1.0 + root))) / root;
            libm::exp(exponent) * (series - exact)
        });
        correction = (a * integral - correction) / TAU;
    }
    if rho > 0.0 {
        return correction + normal::cdf(-h.max(k));
    }
    if h >= k {
        return -correction;
    }
    // The limit is the probability of the strip between h and k, from the side without cancellation.
    let strip = if h < 0.0 { normal::cdf(k) - normal::cdf(h) } else { normal::cdf(-h) - normal::cdf(-k) };
    strip - correction
}

/// The Gauss-Legendre sum over nodes moved from -1..1 to 0..2, with more of them as the correlation grows.
fn each_node(correlation: f64, f: impl Fn(f64) -> f64) -> f64 {
    let rule: &[(f64, f64)] = match correlation {
        r if r < 0.3 => &SIX,
        r if r < 0.75 => &TWELVE,
        _ => &TWENTY,
    };
    rule.iter().map(|&(node, weight)| weight * (f(1.0 - node) + f(1.0 + node))).sum()
}

/// Positive nodes and weights of Gauss-Legendre rules of 6, 12 and 20 points.
const SIX: [(f64, f64); 3] = [
    (0.9324695142031520278, 0.171324492379170345),
    (0.6612093864662645137, 0.3607615730481386076),
    (0.2386191860831969086, 0.4679139345726910474),
];

const TWELVE: [(f64, f64); 6] = [
    (0.9815606342467192507, 0.04717533638651182719),
    (0.9041172563704748567, 0.106939325995318431),
    (0.769902674194304687, 0.1600783285433462263),
    (0.5873179542866174473, 0.2031674267230659217),
    (0.3678314989981801938, 0.2334925365383548088),
    (0.1252334085114689155, 0.249147045813402785),
];

const TWENTY: [(f64, f64); 10] = [
    (0.9931285991850949248, 0.01761400713915211831),
    (0.9639719272779137913, 0.04060142980038694133),
    (0.9122344282513259059, 0.06267204833410906357),
    (0.8391169718222188234, 0.08327674157670474872),
    (0.7463319064601507926, 0.101930119817240435),
    (0.6360536807265150255, 0.1181945319615184173),
    (0.510867001950827098, 0.1316886384491766269),
    (0.3737060887154195607, 0.1420961093183820513),
    (0.2277858511416450781, 0.1491729864726037468),
    (0.07652652113349733375, 0.1527533871307258507),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::quadrature::gauss_legendre;
    use proptest::prelude::*;

    /// A second method: the density of X times the conditional distribution of Y, panel by panel.
    fn by_conditioning(x: f64, y: f64, rho: f64) -> f64 {
        let rule = gauss_legendre(40);
        let (low, panels) = (-9.0_f64, 400);
        let width = (x - low).max(0.0) / f64::from(panels);
        let spread = ((1.0 - rho) * (1.0 + rho)).sqrt();
        let panel = |index: i32| -> f64 {
            let middle = low + (f64::from(index) + 0.5) * width;
            let at = |node: f64| {
                let u = middle + 0.5 * width * node;
                normal::pdf(u) * normal::cdf((y - rho * u) / spread)
            };
            rule.iter().map(|&(node, weight)| weight * at(node)).sum::<f64>() * 0.5 * width
        };
        (0..panels).map(panel).sum()
    }

    #[test]
    fn perfect_and_no_correlation_are_closed_forms() {
        for (x, y) in [(-1.3, 0.4), (0.7, 0.2), (-2.0, -2.5), (1.0, -0.5)] {
            assert!((cdf(x, y, 0.0) - normal::cdf(x) * normal::cdf(y)).abs() < 1e-16);
            assert_eq!(cdf(x, y, 1.0), normal::cdf(f64::min(x, y)));
            let strip = (normal::cdf(x) - normal::cdf(-y)).max(0.0);
            assert!((cdf(x, y, -1.0) - strip).abs() < 1e-16);
        }
        assert_eq!(cdf(f64::INFINITY, -1.0, 0.9), normal::cdf(-1.0));
        assert_eq!(cdf(f64::NEG_INFINITY, 5.0, 0.9), 0.0);
        assert!(cdf(0.0, 0.0, 1.1).is_nan() && cdf(f64::NAN, 0.0, 0.1).is_nan());
    }

    proptest! {
        /// Sheppard (1899): `P(X <= 0, Y <= 0) = 1/4 + asin(rho) / (2 pi)`.
        #[test]
        fn the_origin_is_sheppards(rho in -1.0_f64..=1.0) {
            prop_assert!((cdf(0.0, 0.0, rho) - (0.25 + rho.asin() / TAU)).abs() < 1e-15);
        }

        #[test]
        fn complements_add_up(x in -6.0_f64..6.0, y in -6.0_f64..6.0, rho in -1.0_f64..=1.0) {
            let sum = cdf(x, y, rho) + cdf(x, -y, -rho);
            prop_assert!((sum - normal::cdf(x)).abs() < 1e-15);
            prop_assert!((cdf(x, y, rho) - cdf(y, x, rho)).abs() < 1e-15);
        }

        #[test]
        fn conditioning_agrees(x in -6.0_f64..6.0, y in -6.0_f64..6.0, rho in -0.9999_f64..0.9999) {
            prop_assert!((cdf(x, y, rho) - by_conditioning(x, y, rho)).abs() < 2e-15);
        }
    }
}
