//! Student's t distribution.

// Coefficients keep the digits of their source.
#![allow(clippy::excessive_precision)]

use super::normal;
use crate::error::Error;
use std::f64::consts::{LN_2, PI};

/// Above this many degrees of freedom the cdf is Hill's expansion about the normal, whose error is below
/// the last places there.
const MANY: f64 = 2_000.0;

/// Student's t distribution with some degrees of freedom; infinitely many make it normal.
///
/// ```
/// use leasefall::math::student::Student;
/// // One degree of freedom is Cauchy's: 1/2 + atan(t) / pi.
/// let cauchy = Student::new(1.0)?;
/// assert!((cauchy.cdf(1.0) - 0.75).abs() < 1e-15);
/// assert!((cauchy.inverse_cdf(0.25) + 1.0).abs() < 1e-14);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Student {
    dof: f64,
    /// Density at 0: `G((v+1)/2) / (G(v/2) sqrt(v pi))`.
    peak: f64,
}

impl Student {
    /// With `dof` degrees of freedom, not necessarily whole; `f64::INFINITY` is the normal distribution.
    ///
    /// # Errors
    /// [`Error::Argument`] unless `dof` is at least 0.01, below which the inverse leaves the range of
    /// doubles for everyday probabilities.
    pub fn new(dof: f64) -> Result<Student, Error> {
        if !(0.01..=f64::INFINITY).contains(&dof) {
            let expected = "degrees of freedom of at least 0.01, or infinitely many";
            return Err(Error::Argument { argument: "dof", found: dof, expected });
        }
        let peak =
            if dof.is_infinite() { normal::pdf(0.0) } else { gamma_ratio(0.5 * dof) / (dof * PI).sqrt() };
        Ok(Student { dof, peak })
    }

    /// Degrees of freedom.
    pub fn dof(&self) -> f64 {
        self.dof
    }

    /// The variance, `v / (v - 2)`; infinite up to 2 degrees of freedom.
    pub fn variance(&self) -> f64 {
        if self.dof.is_infinite() {
            1.0
        } else if self.dof <= 2.0 {
            f64::INFINITY
        } else {
            self.dof / (self.dof - 2.0)
        }
    }

    /// The density at `t`: `G((v+1)/2) / (G(v/2) sqrt(v pi)) (1 + t^2/v)^(-(v+1)/2)`.
    #[inline]
    pub fn pdf(&self, t: f64) -> f64 {
        if self.dof.is_infinite() {
            return normal::pdf(t);
        }
        self.peak * libm::exp(-0.5 * (self.dof + 1.0) * log1p_square(t, self.dof))
    }

    /// The probability of at most `t`. NaN gives NaN.
    ///
    /// Relative error below 1e-13 in the lower tail; for the upper tail take `cdf(-t)`. A continued
    /// fraction of the incomplete beta function (Numerical Recipes, 6.4), on the side where it converges
    /// fast, so that nothing cancels near 0 or far out.
    pub fn cdf(&self, t: f64) -> f64 {
        if self.dof.is_infinite() {
            return normal::cdf(t);
        }
        if t.is_nan() {
            return f64::NAN;
        }
        if t > 0.0 {
            return 1.0 - self.lower_tail(t);
        }
        self.lower_tail(-t)
    }

    /// The `t` for which `cdf(t) = p`: minus infinity for 0, infinity for 1, NaN outside 0 to 1.
    ///
    /// Newton's method in the logarithm of the probability over `s = asinh(t / sqrt v)`. There the density
    /// is log-concave, so is the cdf: its tangents and its power law lie above it, their roots below its
    /// own, and Newton's steps rise to the root from either.
    pub fn inverse_cdf(&self, p: f64) -> f64 {
        if self.dof.is_infinite() || !(p > 0.0 && p < 1.0) {
            return normal::inverse_cdf(p);
        }
        if p > 0.5 {
            return -self.inverse_cdf(1.0 - p);
        }
        if p == 0.5 {
            return 0.0;
        }
        let (target, root) = (libm::log(p), self.dof.sqrt());
        // The tangent at 0, where F = 1/2 and dF/ds = peak sqrt(v); and F = peak v^((v-1)/2) |t|^-v far out,
        // with |t| = sqrt(v) e^|s| / 2 at most.
        let tangent = (target + LN_2) / (2.0 * self.peak * root);
        let power_law = (target - libm::log(self.peak * root / self.dof)) / self.dof - LN_2;
        let mut s = tangent.max(power_law).min(0.0);
        for _ in 0..100 {
            let t = root * libm::sinh(s);
            let probability = self.lower_tail(-t);
            // d ln F / ds = f(t) / F(t) x dt/ds.
            let slope = self.pdf(t) / probability * root * libm::cosh(s);
            let step = (target - libm::log(probability)) / slope;
            if !step.is_finite() {
                break;
            }
            s = (s + step).min(0.0);
            // The steps square: the next would be nothing.
            if step.abs() <= 1e-12 * s.abs() {
                break;
            }
        }
        root * libm::sinh(s)
    }

    /// `P(T <= -t) = I_x(v/2, 1/2) / 2` with `x = v / (v + t^2)`, for `t` from 0 on.
    fn lower_tail(&self, t: f64) -> f64 {
        let dof = self.dof;
        if dof > MANY {
            return normal::cdf(-hill(t, dof));
        }
        if t > 1e150 {
            // The power law itself, f(t) t / v = peak v^((v-1)/2) t^-v.
            let log_front = libm::log(self.peak) + 0.5 * (dof - 1.0) * libm::log(dof);
            return libm::exp(log_front - dof * libm::log(t));
        }
        let a = 0.5 * dof;
        let (x, y) = (dof / (dof + t * t), t * t / (dof + t * t));
        // x^a y^(1/2) / B(a, 1/2), with 1 / B(a, 1/2) = peak sqrt(v).
        let front = self.peak * dof.sqrt() * libm::exp(-a * log1p_square(t, dof)) * y.sqrt();
        if x < (a + 1.0) / (a + 2.5) {
            0.5 * front * continued_fraction(a, 0.5, x) / a
        } else {
            0.5 - front * continued_fraction(0.5, a, y)
        }
    }
}

/// `ln(1 + t^2/v)`, also where the square passes the largest double.
fn log1p_square(t: f64, dof: f64) -> f64 {
    let square = t * t / dof;
    if square.is_finite() { libm::log1p(square) } else { 2.0 * libm::log(t.abs()) - libm::log(dof) }
}

/// The normal deviate of the same tail: Hill, *Communications of the ACM* 13 (1970), algorithm 395.
fn hill(t: f64, dof: f64) -> f64 {
    let a = dof - 0.5;
    let b = 48.0 * a * a;
    let w = a * log1p_square(t, dof);
    let z = w.sqrt();
    if z > 40.0 {
        return z;
    }
    let second = (((4.0 * w + 33.0) * w + 240.0) * w + 855.0) / (10.0 * b * (b + 0.8 * w * w + 100.0));
    z * (1.0 + (w + 3.0) / b - second)
}

/// `G(x + 1/2) / G(x)`: the asymptotic series from 50 on, the recurrence below.
fn gamma_ratio(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 7] = [
        1.0,
        -1.0 / 8.0,
        1.0 / 128.0,
        5.0 / 1_024.0,
        -21.0 / 32_768.0,
        -399.0 / 262_144.0,
        869.0 / 4_194_304.0,
    ];
    let (mut shifted, mut factor) = (x, 1.0);
    while shifted < 50.0 {
        factor *= shifted / (shifted + 0.5);
        shifted += 1.0;
    }
    let series = COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum / shifted + coefficient);
    factor * shifted.sqrt() * series
}

/// The continued fraction of the incomplete beta function by Lentz's method:
/// `I_x(a, b) = x^a (1-x)^b / (a B(a, b)) x fraction`.
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..2_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 3e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Twenty-digit values by the incomplete beta function of arbitrary precision (mpmath), rounded.
    const KNOWN: [(f64, f64, f64); 64] = [
        (0.5, -0.0001, 0.49997303237007542),
        (0.5, -0.5, 0.37865903646471832),
        (0.5, -2.0, 0.22275744509156562),
        (0.5, -6.0, 0.13065468873499942),
        (0.5, -30.0, 0.058546841490053445),
        (0.5, -1000.0, 0.010141454540857095),
        (1.0, -0.0001, 0.49996816901148772),
        (1.0, -0.5, 0.35241638234956673),
        (1.0, -2.0, 0.14758361765043327),
        (1.0, -6.0, 0.05256845671125343),
        (1.0, -30.0, 0.010606402405535423),
        (1.0, -1000.0, 0.00031830978008055894),
        (2.1, -0.0001, 0.49996445201421138),
        (2.1, -0.5, 0.33228751622179306),
        (2.1, -2.0, 0.088699607582922241),
        (2.1, -6.0, 0.011866586940366873),
        (2.1, -30.0, 0.00042196587887399159),
        (2.1, -1000.0, 2.6793835517795254e-7),
        (3.0, -0.0001, 0.49996324474038689),
        (3.0, -0.5, 0.3257239824240755),
        (3.0, -2.0, 0.069662984279421588),
        (3.0, -6.0, 0.0046363574461423337),
        (3.0, -30.0, 4.0676402135819797e-5),
        (3.0, -1000.0, 1.1026538212882963e-9),
        (5.0, -0.0001, 0.49996203933109367),
        (5.0, -0.5, 0.3191494358204645),
        (5.0, -2.0, 0.050969739414929178),
        (5.0, -6.0, 0.00092306914479700721),
        (5.0, -30.0, 3.859324310248026e-7),
        (5.0, -1000.0, 9.4900655659898573e-15),
        (7.3, -0.0001, 0.49996144484181817),
        (7.3, -0.5, 0.31589676340222077),
        (7.3, -2.0, 0.041970519667051605),
        (7.3, -6.0, 0.00023087223893739317),
        (7.3, -30.0, 3.2444026595639792e-9),
        (7.3, -1000.0, 2.5441292552734172e-20),
        (30.0, -0.0001, 0.49996043678157873),
        (30.0, -0.5, 0.31036150244256364),
        (30.0, -2.0, 0.027312522481491552),
        (30.0, -6.0, 6.9713843836023714e-7),
        (30.0, -30.0, 3.125895815304444e-24),
        (30.0, -1000.0, 1.0360017415558665e-69),
        (300.0, -0.0001, 0.49996013900330672),
        (300.0, -0.5, 0.30872081127711259),
        (300.0, -2.0, 0.023200760491574545),
        (300.0, -6.0, 2.8382195461795768e-9),
        (9999.0, -0.0001, 0.49996010676946933),
        (9999.0, -0.5, 0.30854304021175677),
        (9999.0, -2.0, 0.022763631680755053),
        (9999.0, -6.0, 1.0208127094257989e-9),
        (20000.0, -0.0001, 0.49996010627070108),
        (20000.0, -0.5, 0.30854028921507789),
        (20000.0, -2.0, 0.022756880979249971),
        (20000.0, -6.0, 1.0035728205613174e-9),
        (1000000.0, -0.0001, 0.4999601057819999),
        (1000000.0, -0.5, 0.30853759373618569),
        (1000000.0, -2.0, 0.022750266925659604),
        (1000000.0, -6.0, 9.8692490617721733e-10),
        (1999.0, -0.5, 0.30856505545872303),
        (1999.0, -2.0, 0.022817670433079101),
        (1999.0, -6.0, 1.1682186854693462e-9),
        (2001.0, -0.5, 0.30856502795786981),
        (2001.0, -2.0, 0.022817602912384031),
        (2001.0, -6.0, 1.1680236933237603e-9),
    ];

    #[test]
    fn cdf_and_inverse_match_values_of_high_precision() {
        for (dof, t, probability) in KNOWN {
            let student = Student::new(dof).unwrap();
            let found = student.cdf(t);
            assert!((found / probability - 1.0).abs() < 1e-13, "{dof} {t}: {found:e} {probability:e}");
            let back = student.inverse_cdf(probability);
            // Near the middle the last place of a probability is worth 1e-16 of t, not 1e-16 of t's size.
            assert!((back - t).abs() < 1e-12 * t.abs() + 1e-15, "{dof} {probability}: {back} {t}");
        }
    }

    /// Closed forms for 1, 2 and 4 degrees of freedom (Hill, Shaw).
    #[test]
    fn closed_forms_agree() {
        let of = |dof| Student::new(dof).unwrap();
        for t in [1e-6_f64, 0.01, 0.3, 1.0, 2.5, 8.0, 40.0] {
            assert!((of(1.0).cdf(t) - (0.5 + t.atan() / PI)).abs() < 1e-15);
            assert!((of(2.0).cdf(t) - (0.5 + 0.5 * t / (2.0 + t * t).sqrt())).abs() < 1e-15);
            let sine = t / (4.0 + t * t).sqrt();
            assert!((of(4.0).cdf(t) - (0.5 + 0.75 * (sine - sine.powi(3) / 3.0))).abs() < 1e-15);
            assert_eq!(of(f64::INFINITY).cdf(t), normal::cdf(t));
        }
        // p of 2 degrees of freedom: (2p - 1) / sqrt(2 p (1 - p)).
        for p in [1e-12_f64, 1e-3, 0.2, 0.4, 0.9] {
            let exact = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            assert!((of(2.0).inverse_cdf(p) / exact - 1.0).abs() < 1e-13, "{p}");
        }
    }

    #[test]
    fn nothing_panics_at_the_ends() {
        for dof in [0.01, 0.5, 1.0, 3.0, 1e4, 1e5, f64::INFINITY] {
            let student = Student::new(dof).unwrap();
            assert_eq!(student.cdf(f64::NEG_INFINITY), 0.0, "{dof}");
            assert_eq!(student.cdf(f64::INFINITY), 1.0, "{dof}");
            assert_eq!(student.cdf(0.0), 0.5);
            assert!(student.cdf(f64::NAN).is_nan() && student.inverse_cdf(-0.1).is_nan());
            assert_eq!(student.inverse_cdf(0.0), f64::NEG_INFINITY);
            assert_eq!(student.inverse_cdf(1.0), f64::INFINITY);
        }
        for dof in [0.0, -1.0, f64::NAN] {
            assert!(Student::new(dof).is_err());
        }
    }

    proptest! {
        #[test]
        fn the_inverse_undoes_the_cdf(dof in 0.5_f64..200.0, exponent in -30.0_f64..-0.31) {
            let student = Student::new(dof).unwrap();
            let p = libm::pow(10.0, exponent);
            let back = student.cdf(student.inverse_cdf(p));
            prop_assert!((back / p - 1.0).abs() < 1e-12, "{} {}", back, p);
        }

        /// A second method: statrs, by its own incomplete beta function.
        #[test]
        fn another_library_agrees(dof in 0.5_f64..100.0, t in -20.0_f64..20.0) {
            use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};
            let theirs = StudentsT::new(0.0, 1.0, dof).unwrap();
            let ours = Student::new(dof).unwrap();
            prop_assert!((theirs.cdf(t) - ours.cdf(t)).abs() < 1e-10);
            prop_assert!((theirs.pdf(t) - ours.pdf(t)).abs() < 1e-12);
        }
    }
}
