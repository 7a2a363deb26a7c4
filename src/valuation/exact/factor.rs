//! Integrals over a common factor and over the Student mixing variable.

use crate::credit::Copula;
use crate::error::{Error, SolveError};
use crate::math::quadrature::integrate;
use crate::math::student::Student;
use std::f64::consts::PI;

/// Difference of the two rules on a panel, in probability, at which it is taken. The result is better by
/// orders of magnitude: see the tests of `conditional`.
const TOLERANCE: f64 = 1e-9;

const QUANTITY: &str = "loss distribution";

/// The law of one common factor.
#[derive(Clone, Copy, Debug)]
pub(super) enum FactorLaw {
    Normal,
    /// `m = scale sqrt(v) sinh(s)`, in which a power-law tail becomes exponential.
    Student {
        student: Student,
        scale: f64,
        reach: f64,
    },
}

impl FactorLaw {
    pub(super) fn new(copula: Copula) -> Result<FactorLaw, Error> {
        match copula {
            Copula::DoubleT { dof_common, .. } if dof_common.is_finite() => {
                let student = Student::new(dof_common)?;
                // Beyond lies less than the last place of a probability.
                let reach = libm::asinh(-student.inverse_cdf(1e-17) / dof_common.sqrt());
                Ok(FactorLaw::Student { student, scale: Copula::unit_variance_scale(dof_common), reach })
            }
            _ => Ok(FactorLaw::Normal),
        }
    }

    /// The expectation of several functions of the factor. `jumps` are the places where they may jump.
    pub(super) fn expectation(
        &self,
        functions: usize,
        jumps: &[f64],
        mut f: impl FnMut(f64, &mut [f64]) -> Result<(), SolveError>,
    ) -> Result<Vec<f64>, SolveError> {
        // 8.5 standard deviations: beyond lies 2e-17.
        let reach = if let FactorLaw::Student { reach, .. } = self { *reach } else { 8.5 };
        let mut edges: Vec<f64> = (-2..=2).map(|k| 0.5 * f64::from(k) * reach).collect();
        edges.extend(jumps.iter().map(|&m| self.place(m)).filter(|s| s.abs() < reach));
        edges.sort_by(f64::total_cmp);
        integrate(QUANTITY, functions, &edges, TOLERANCE, |s, values| {
            let (m, density) = self.at(s);
            f(m, values)?;
            values.iter_mut().for_each(|value| *value *= density);
            Ok(())
        })
    }

    /// The factor at `s`, and its density there with respect to `s`.
    fn at(&self, s: f64) -> (f64, f64) {
        match self {
            FactorLaw::Normal => (s, crate::math::normal::pdf(s)),
            FactorLaw::Student { student, scale, .. } => {
                let root = student.dof().sqrt();
                let t = root * libm::sinh(s);
                (scale * t, student.pdf(t) * root * libm::cosh(s))
            }
        }
    }

    fn place(&self, m: f64) -> f64 {
        match self {
            FactorLaw::Normal => m,
            FactorLaw::Student { student, scale, .. } => libm::asinh(m / (scale * student.dof().sqrt())),
        }
    }
}

/// The expectation of several functions of the common multiplier of all latents: `sqrt(v / W)` with `W`
/// chi-squared of `v` degrees of freedom for the Student copula, 1 for the others.
pub(super) fn mixed(
    copula: Copula,
    functions: usize,
    mut f: impl FnMut(f64, &mut [f64]) -> Result<(), SolveError>,
) -> Result<Vec<f64>, SolveError> {
    let dof = match copula {
        Copula::StudentT { dof } if dof.is_finite() => dof,
        _ => {
            let mut values = vec![0.0; functions];
            f(1.0, &mut values)?;
            return Ok(values);
        }
    };
    // With W = v e^s and x = v/2 the density of s is x^x e^-x / G(x) exp(x (s + 1 - e^s)).
    let x = 0.5 * dof;
    let log_peak = log_stirling(x);
    let (low, high) = (reach(x, -1.0), reach(x, 1.0));
    let edges = [low, 0.5 * low, 0.0, 0.5 * high, high];
    integrate(QUANTITY, functions, &edges, TOLERANCE, |s, values| {
        f(libm::exp(-0.5 * s), values)?;
        let density = libm::exp(log_peak + x * (s - libm::expm1(s)));
        values.iter_mut().for_each(|value| *value *= density);
        Ok(())
    })
}

/// `ln(x^x e^-x / G(x))`, by Stirling's series where the terms would cancel.
fn log_stirling(x: f64) -> f64 {
    if x < 20.0 {
        return x * libm::log(x) - x - libm::lgamma(x);
    }
    let square = x * x;
    let series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1_260.0 * square)) / square) / x;
    0.5 * libm::log(x / (2.0 * PI)) - series
}

/// Where `exp(x (s + 1 - e^s))` has fallen to `exp(-40)`, on one side.
fn reach(x: f64, side: f64) -> f64 {
    let mut s = side * (80.0 / x).sqrt().min(1.0);
    while x * (libm::expm1(s) - s) < 40.0 {
        s *= 1.1;
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_mean_0_variance_1_and_mass_1() {
        let double = |dof_common| Copula::DoubleT { dof_common, dof_own: 5.0 };
        for copula in [Copula::Gaussian, double(f64::INFINITY), double(4.5), double(30.0)] {
            let factor = FactorLaw::new(copula).unwrap();
            let moments = factor.expectation(3, &[], |m, values| {
                values.copy_from_slice(&[1.0, m, m * m]);
                Ok(())
            });
            let moments = moments.unwrap();
            assert!((moments[0] - 1.0).abs() < 1e-14, "{copula:?} {moments:?}");
            assert!(moments[1].abs() < 1e-12);
            // The variance of a heavy tail is cut where its mass is nothing.
            assert!((moments[2] - 1.0).abs() < 1e-8, "{copula:?} {moments:?}");
        }
    }

    /// Mass 1 and `E[W / v] = 1`.
    #[test]
    fn the_mixing_variable_is_chi_squared() {
        for dof in [0.2, 1.0, 2.5, 7.0, 39.0, 41.0, 1e3, 1e7] {
            let moments = mixed(Copula::StudentT { dof }, 2, |mixing, values| {
                values.copy_from_slice(&[1.0, 1.0 / (mixing * mixing)]);
                Ok(())
            });
            let moments = moments.unwrap();
            assert!((moments[0] - 1.0).abs() < 1e-12, "{dof} {moments:?}");
            assert!((moments[1] - 1.0).abs() < 1e-11, "{dof} {moments:?}");
        }
    }
}
