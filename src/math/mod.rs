//! Numerical methods, without a word of finance: exponentials, the normal and Student distributions in one and
//! two dimensions and in sums, integrals, roots of equations, streams of random numbers, Sobol's sequence.

#[cfg(feature = "chance")]
pub mod bivariate;
pub mod exp;
mod ln;
pub mod normal;
#[cfg(feature = "chance")]
pub mod quadrature;
#[cfg(feature = "chance")]
pub mod random;
pub mod root;
#[cfg(feature = "chance")]
pub mod sobol;
pub mod student;
#[cfg(feature = "chance")]
pub mod student_sum;

/// Horner's rule, the constant term first.
#[inline(always)]
fn horner<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let Some((highest, lower)) = coefficients.split_last() else { return 0.0 };
    lower.iter().rev().fold(*highest, |sum, coefficient| sum * x + coefficient)
}
