//! Integrals: Gauss-Legendre and Gauss-Hermite rules, and adaptive Gauss-Kronrod for vectors of functions.

// Nodes keep the digits of their source.
#![allow(clippy::excessive_precision)]

use crate::error::SolveError;
use std::f64::consts::PI;

/// Nodes and weights on -1 to 1, in rising order: the sum of `weight * f(node)` is the integral of `f`
/// for polynomials up to degree `2 n - 1`. Empty for `n = 0`.
///
/// Newton's method on the Legendre polynomial from Tricomi's first guesses.
///
/// ```
/// use leasefall::math::quadrature::gauss_legendre;
/// // The integral of x^4 over -1..1 is 2/5, exact with 3 points.
/// let sum: f64 = gauss_legendre(3).iter().map(|(x, w)| w * x.powi(4)).sum();
/// assert!((sum - 0.4).abs() < 1e-15);
/// ```
pub fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let mut rule = vec![(0.0, 0.0); n];
    for index in 0..n.div_ceil(2) {
        let mut x = libm::cos(PI * (index as f64 + 0.75) / (n as f64 + 0.5));
        let mut slope = 1.0;
        for _ in 0..100 {
            let (value, derivative) = legendre(n, x);
            slope = derivative;
            let step = value / slope;
            x -= step;
            if step.abs() <= 1e-16 {
                slope = legendre(n, x).1;
                break;
            }
        }
        let weight = 2.0 / ((1.0 - x * x) * slope * slope);
        rule[n - 1 - index] = (x, weight);
        rule[index] = (-x, weight);
    }
    rule
}

/// The Legendre polynomial of degree `n` and its derivative:
/// `j P_j = (2 j - 1) x P_{j-1} - (j - 1) P_{j-2}`, `P_n' = n (x P_n - P_{n-1}) / (x^2 - 1)`.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut value, mut before) = (1.0, 0.0);
    for j in 1..=n {
        let j = j as f64;
        (value, before) = (((2.0 * j - 1.0) * x * value - (j - 1.0) * before) / j, value);
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

/// Nodes and weights for the standard normal distribution, in rising order: the sum of
/// `weight * f(node)` is the expectation of `f(Z)` for polynomials up to degree `2 n - 1`. Empty for
/// `n = 0`; at most 500 nodes are given, beyond which the outer weights are nothing.
///
/// The nodes are the roots of the orthonormal Hermite functions, found between those of the degree below
/// (they interlace), so that no first guess can go astray.
///
/// ```
/// use leasefall::math::quadrature::gauss_hermite;
/// // The fourth moment of a standard normal variable is 3.
/// let moment: f64 = gauss_hermite(5).iter().map(|(x, w)| w * x.powi(4)).sum();
/// assert!((moment - 3.0).abs() < 1e-13);
/// ```
pub fn gauss_hermite(n: usize) -> Vec<(f64, f64)> {
    let n = n.min(500);
    let mut roots: Vec<f64> = Vec::new();
    for degree in 1..=n {
        // All roots lie within 2 sqrt(n).
        let bound = 2.0 * (degree as f64).sqrt() + 1.0;
        let edges: Vec<f64> = std::iter::once(-bound).chain(roots).chain(std::iter::once(bound)).collect();
        roots = edges.windows(2).map(|pair| hermite_root(degree, pair[0], pair[1])).collect();
    }
    let weight = |x: f64| {
        // w = 1 / (n h_{n-1}(x)^2) for orthonormal polynomials; the functions carry exp(-x^2/4) along.
        let below = hermite(n, x).1;
        libm::exp(-0.5 * x * x) / (n as f64 * below * below)
    };
    roots.iter().map(|&x| (x, weight(x))).collect()
}

/// The root between two points where the function has opposite signs: bisection, then Newton.
fn hermite_root(degree: usize, mut low: f64, mut high: f64) -> f64 {
    let sign_at_low = hermite(degree, low).0.is_sign_positive();
    for _ in 0..12 {
        let middle = 0.5 * (low + high);
        let positive = hermite(degree, middle).0.is_sign_positive();
        if positive == sign_at_low { low = middle } else { high = middle }
    }
    let mut x = 0.5 * (low + high);
    for _ in 0..8 {
        let (value, below) = hermite(degree, x);
        // h_n' = sqrt(n) h_{n-1} for the polynomials; the exponential factor cancels in the quotient.
        let step = value / ((degree as f64).sqrt() * below);
        x = (x - step).clamp(low, high);
        if step.abs() < 1e-16 * (1.0 + x.abs()) {
            break;
        }
    }
    if degree % 2 == 1 && x.abs() < 1e-12 { 0.0 } else { x }
}

/// Orthonormal Hermite polynomials of degrees `n` and `n - 1`, each times `exp(-x^2/4)` so that nothing
/// overflows: `sqrt(j) h_j = x h_{j-1} - sqrt(j-1) h_{j-2}`.
fn hermite(n: usize, x: f64) -> (f64, f64) {
    let (mut value, mut before) = (libm::exp(-0.25 * x * x), 0.0);
    for j in 1..=n {
        let j = j as f64;
        (value, before) = ((x * value - (j - 1.0).sqrt() * before) / j.sqrt(), value);
    }
    (value, before)
}

/// Panels after which an integral is given up.
const MAX_PANELS: u32 = 20_000;

/// The integrals of several functions at once from the first of the rising `edges` to the last.
///
/// `f(x, values)` writes the functions' values at `x`. Each panel between two edges is halved until the
/// Kronrod rule of 21 points and the Gauss rule of 10 inside it agree to `tolerance` for every function
/// (QUADPACK's pair, Piessens et al., 1983). For smooth functions the error of the Kronrod sum that is
/// returned lies orders of magnitude below. Places where the functions jump should be edges.
///
/// ```
/// use leasefall::math::quadrature::integrate;
/// // sin and cos over 0..pi: 2 and 0.
/// let f = |x: f64, values: &mut [f64]| {
///     values[0] = x.sin();
///     values[1] = x.cos();
///     Ok(())
/// };
/// let sums = integrate("integral", 2, &[0.0, std::f64::consts::PI], 1e-10, f)?;
/// assert!((sums[0] - 2.0).abs() < 1e-14 && sums[1].abs() < 1e-14);
/// # Ok::<(), leasefall::SolveError>(())
/// ```
///
/// # Errors
/// [`SolveError::NoConvergence`] if the panels run out, [`SolveError::NotFinite`] if a value is no number,
/// both naming `quantity`; and whatever `f` returns.
pub fn integrate(
    quantity: &'static str,
    functions: usize,
    edges: &[f64],
    tolerance: f64,
    mut f: impl FnMut(f64, &mut [f64]) -> Result<(), SolveError>,
) -> Result<Vec<f64>, SolveError> {
    let mut total = vec![0.0; functions];
    let mut panel = Panel::new(functions);
    let mut waiting: Vec<(f64, f64)> =
        edges.windows(2).rev().map(|pair| (pair[0], pair[1])).filter(|(low, high)| low < high).collect();
    let mut panels = 0;
    while let Some((low, high)) = waiting.pop() {
        panels += 1;
        let error = panel.evaluate(low, high, &mut f)?;
        if error.is_nan() {
            return Err(SolveError::NotFinite { quantity });
        }
        let middle = 0.5 * (low + high);
        if error > tolerance && low < middle && middle < high {
            if panels >= MAX_PANELS {
                return Err(SolveError::NoConvergence { quantity, iterations: panels, error });
            }
            waiting.push((middle, high));
            waiting.push((low, middle));
        } else {
            for (sum, part) in total.iter_mut().zip(&panel.kronrod) {
                *sum += part;
            }
        }
    }
    Ok(total)
}

/// The two sums over one panel, and room for the functions' values.
struct Panel {
    kronrod: Vec<f64>,
    gauss: Vec<f64>,
    values: Vec<f64>,
}

impl Panel {
    fn new(functions: usize) -> Panel {
        Panel { kronrod: vec![0.0; functions], gauss: vec![0.0; functions], values: vec![0.0; functions] }
    }

    /// Both sums; returns the largest difference between them.
    fn evaluate(
        &mut self,
        low: f64,
        high: f64,
        f: &mut impl FnMut(f64, &mut [f64]) -> Result<(), SolveError>,
    ) -> Result<f64, SolveError> {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        self.kronrod.fill(0.0);
        self.gauss.fill(0.0);
        for &(node, kronrod, gauss) in &KRONROD {
            for sign in if node == 0.0 { &[1.0][..] } else { &[-1.0, 1.0] } {
                f(middle + sign * half * node, &mut self.values)?;
                for (sum, value) in self.kronrod.iter_mut().zip(&self.values) {
                    *sum += half * kronrod * value;
                }
                if gauss > 0.0 {
                    for (sum, value) in self.gauss.iter_mut().zip(&self.values) {
                        *sum += half * gauss * value;
                    }
                }
            }
        }
        // A maximum that does not swallow NaN.
        let gaps = self.kronrod.iter().zip(&self.gauss).map(|(k, g)| (k - g).abs());
        Ok(gaps.fold(0.0, |most: f64, gap| if gap > most || gap.is_nan() { gap } else { most }))
    }
}

/// Node, Kronrod weight, Gauss weight or 0.
const KRONROD: [(f64, f64, f64); 11] = [
    (0.995657163025808080735527280689003, 0.011694638867371874278064396062192, 0.0),
    (
        0.973906528517171720077964012084452,
        0.032558162307964727478818972459390,
        0.066671344308688137593568809893332,
    ),
    (0.930157491355708226001207180059508, 0.054755896574351996031381300244580, 0.0),
    (
        0.865063366688984510732096688423493,
        0.075039674810919952767043140916190,
        0.149451349150580593145863396957697,
    ),
    (0.780817726586416897063717578345042, 0.093125454583697605535065465083366, 0.0),
    (
        0.679409568299024406234327365114874,
        0.109387158802297641899210590325805,
        0.219086362515982043995534934228163,
    ),
    (0.562757134668604683339000099272694, 0.123491976262065851077958109585166, 0.0),
    (
        0.433395394129247190799265943165784,
        0.134709217311473325928054001771707,
        0.269266719309996355091226921569469,
    ),
    (0.294392862701460198131126603103866, 0.142775938577060080797094273138717, 0.0),
    (
        0.148874338981631210884826001129720,
        0.147739104901338491374841515972068,
        0.295524224714752870173815619188769,
    ),
    (0.0, 0.149445554002916905664936468389821, 0.0),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Polynomials of the degree a rule promises, and no more.
    #[test]
    fn legendre_is_exact_to_its_degree() {
        for n in [1_usize, 2, 5, 10, 20, 64] {
            let rule = gauss_legendre(n);
            assert_eq!(rule.len(), n);
            for degree in [0, n.div_ceil(2) / 2 * 2, 2 * n - 2] {
                let sum: f64 = rule.iter().map(|(x, w)| w * x.powi(degree as i32)).sum();
                assert!((sum - 2.0 / (degree as f64 + 1.0)).abs() < 1e-14, "{n} {degree}");
            }
            let above: f64 = rule.iter().map(|(x, w)| w * x.powi(2 * n as i32)).sum();
            assert!(n > 10 || (above - 2.0 / (2.0 * n as f64 + 1.0)).abs() > 1e-8, "{n}");
        }
        assert!(gauss_legendre(0).is_empty());
    }

    /// Even moments of the normal distribution are 1, 1, 3, 15, 105, ...; `E exp(tZ) = exp(t^2/2)`.
    #[test]
    fn hermite_has_the_moments_of_the_normal() {
        for n in [1_usize, 2, 3, 8, 31, 64, 200] {
            let rule = gauss_hermite(n);
            assert_eq!(rule.len(), n);
            let mut moment = 1.0;
            for half in 0..n.min(8) {
                let sum: f64 = rule.iter().map(|(x, w)| w * x.powi(2 * half as i32)).sum();
                assert!((sum / moment - 1.0).abs() < 1e-12, "{n} {half} {sum}");
                moment *= 2.0 * half as f64 + 1.0;
            }
            assert!(rule.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
        let sum: f64 = gauss_hermite(40).iter().map(|(x, w)| w * libm::exp(1.5 * x)).sum();
        assert!((sum / libm::exp(1.125) - 1.0).abs() < 1e-13);
    }

    /// 21-point Kronrod is exact to degree 32 (2 x 10 + 1 + 11), 10-point Gauss to 19.
    #[test]
    fn the_kronrod_pair_is_exact_to_its_degrees() {
        for degree in [0, 2, 18, 20, 30] {
            let sum = |weight: fn(&(f64, f64, f64)) -> f64| -> f64 {
                KRONROD
                    .iter()
                    .map(|row| {
                        let both = if row.0 == 0.0 { 1.0 } else { 2.0 };
                        both * weight(row) * row.0.powi(degree)
                    })
                    .sum()
            };
            let exact = 2.0 / (f64::from(degree) + 1.0);
            assert!((sum(|row| row.1) - exact).abs() < 1e-15, "{degree}");
            assert_eq!((sum(|row| row.2) - exact).abs() < 1e-15, degree < 20, "{degree}");
        }
    }

    #[test]
    fn jumps_at_edges_are_exact_and_elsewhere_found() {
        let step = |x: f64, values: &mut [f64]| {
            values[0] = if x < 0.3 { 1.0 } else { 2.0 };
            Ok(())
        };
        let at_edge = integrate("area", 1, &[0.0, 0.3, 1.0], 1e-12, step).unwrap();
        assert!((at_edge[0] - 1.7).abs() < 1e-15);
        let inside = integrate("area", 1, &[0.0, 1.0], 1e-9, step).unwrap();
        assert!((inside[0] - 1.7).abs() < 1e-8);
        assert_eq!(integrate("area", 1, &[1.0], 1e-9, step).unwrap(), [0.0]);
    }

    #[test]
    fn what_cannot_be_integrated_is_refused() {
        let nan = integrate("area", 1, &[0.0, 1.0], 1e-9, |_, values| {
            values[0] = f64::NAN;
            Ok(())
        });
        assert_eq!(nan, Err(SolveError::NotFinite { quantity: "area" }));
        let rough = integrate("area", 1, &[0.0, 1.0], 0.0, |x, values| {
            values[0] = libm::sin(1e9 * x);
            Ok(())
        });
        assert!(matches!(rough, Err(SolveError::NoConvergence { .. })));
    }

    proptest! {
        /// A bump of any width: the integral of a normal density.
        #[test]
        fn narrow_bumps_beside_a_smooth_slope_are_resolved(place in -0.9_f64..0.9, width in 0.001_f64..1.0) {
            let f = |x: f64, values: &mut [f64]| {
                values[0] = crate::math::normal::cdf((x - place) / width);
                Ok(())
            };
            let sum = integrate("area", 1, &[-1.0, 1.0], 1e-11, f).unwrap()[0];
            // The integral of N(u) is u N(u) + n(u).
            let primitive = |x: f64| {
                let u = (x - place) / width;
                width * (u * crate::math::normal::cdf(u) + crate::math::normal::pdf(u))
            };
            prop_assert!((sum - (primitive(1.0) - primitive(-1.0))).abs() < 1e-13);
        }
    }
}
