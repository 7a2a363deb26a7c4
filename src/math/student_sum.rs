//! Sums of independent Student variates, each with its own scale and degrees of freedom.

use super::normal;
use super::quadrature::integrate;
use super::root::brent;
use super::student::Student;
use crate::error::{Error, SolveError};

const QUANTITY: &str = "distribution of a sum of Student variates";

/// Probabilities below this are read off the tail's power law.
const DEEPEST: f64 = 1e-30;

/// The distribution of `sum_k scale_k T_k` with independent Student `T_k`.
///
/// Convolved numerically once and tabulated: the logarithm of the lower tail as Chebyshev pieces over
/// `s = asinh(x / scale)`, to a relative error of about 1e-10. After that a value costs one `asinh`, one
/// `exp` and a dozen multiplications, and allocates nothing. Normal parts are summed in closed form, and a
/// sum with one part left is that part.
///
/// ```
/// use leasefall::math::student_sum::StudentSum;
/// // Two normal parts: 0.6 and 0.8 make a standard normal.
/// let sum = StudentSum::new(&[(0.6, f64::INFINITY), (0.8, f64::INFINITY)])?;
/// assert!((sum.cdf(-1.0) - 0.15865525393145707).abs() < 1e-15);
/// // Cauchy variates add their scales: P(0.3 T + 0.7 T' <= 1) = P(T <= 1) = 3/4.
/// let cauchy = StudentSum::new(&[(0.3, 1.0), (0.7, 1.0)])?;
/// assert!((cauchy.cdf(1.0) - 0.75).abs() < 1e-10);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StudentSum {
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Nothing random: 0.
    Zero,
    /// One part.
    Single {
        scale: f64,
        student: Student,
    },
    Tabulated(Table),
}

impl StudentSum {
    /// From pairs of scale (of either sign; the distribution is symmetric) and degrees of freedom.
    ///
    /// # Errors
    /// [`Error::Argument`] if a scale is not finite or degrees of freedom are below 0.01;
    /// [`SolveError::NoConvergence`] if the convolution does not settle.
    pub fn new(parts: &[(f64, f64)]) -> Result<StudentSum, Error> {
        let mut normal_variance = 0.0;
        let mut heavy = Vec::new();
        for &(scale, dof) in parts {
            if !scale.is_finite() {
                return Err(Error::Argument { argument: "scale", found: scale, expected: "a finite number" });
            }
            let student = Student::new(dof)?;
            if dof.is_infinite() {
                normal_variance += scale * scale;
            } else if scale != 0.0 {
                heavy.push((scale.abs(), student));
            }
        }
        if normal_variance > 0.0 {
            heavy.push((normal_variance.sqrt(), Student::new(f64::INFINITY)?));
        }
        let mut parts = heavy.into_iter();
        let Some((scale, student)) = parts.next() else {
            return Ok(StudentSum { shape: Shape::Zero });
        };
        let first = StudentSum { shape: Shape::Single { scale, student } };
        parts.try_fold(first, |sum, (scale, student)| sum.plus(scale, student))
    }

    /// The probability of at most `x`. NaN gives NaN. For the upper tail take `cdf(-x)`.
    #[inline]
    pub fn cdf(&self, x: f64) -> f64 {
        match &self.shape {
            Shape::Zero => f64::from(u8::from(x >= 0.0)),
            Shape::Single { scale, student } => student.cdf(x / scale),
            Shape::Tabulated(table) if x > 0.0 => 1.0 - table.lower_tail(-x),
            Shape::Tabulated(table) => table.lower_tail(x),
        }
    }

    /// The `x` for which `cdf(x) = p`: minus infinity for 0, infinity for 1, NaN outside 0 to 1.
    pub fn inverse_cdf(&self, p: f64) -> f64 {
        match &self.shape {
            _ if !(p > 0.0 && p < 1.0) => normal::inverse_cdf(p),
            Shape::Zero => 0.0,
            Shape::Single { scale, student } => scale * student.inverse_cdf(p),
            Shape::Tabulated(table) if p > 0.5 => -table.inverse_lower_tail(1.0 - p),
            Shape::Tabulated(table) => table.inverse_lower_tail(p),
        }
    }

    /// The sum with one more part.
    fn plus(self, scale: f64, student: Student) -> Result<StudentSum, Error> {
        let convolution = Convolution { sum: &self, sum_scale: self.scale(), scale, student };
        let table = Table::new(self.scale().hypot(scale), |x| convolution.lower_tail(x))?;
        Ok(StudentSum { shape: Shape::Tabulated(table) })
    }

    /// The width of the middle of the distribution.
    fn scale(&self) -> f64 {
        match &self.shape {
            Shape::Zero => 0.0,
            Shape::Single { scale, .. } => *scale,
            Shape::Tabulated(table) => table.scale,
        }
    }
}

/// One sum and one more part.
struct Convolution<'a> {
    sum: &'a StudentSum,
    sum_scale: f64,
    scale: f64,
    student: Student,
}

impl Convolution<'_> {
    /// `P(S + T <= x) = integral of f_T(t) F_S(x - t) dt`, for `x` up to 0.
    ///
    /// The integrand has two places of interest: where `t` is near 0 (its density's middle) and where it is
    /// near `x` (there `F_S` turns). Each half of the line is integrated in the variable
    /// `t = centre + width sinh(s)` of its own place.
    fn lower_tail(&self, x: f64) -> Result<f64, SolveError> {
        let above = self.half(x, 0.0, self.scale, 1.0);
        let below = self.half(x, x, self.sum_scale, -1.0);
        // Relative to the whole: one half may be nothing beside the other. The Kronrod sums are better than
        // their distance from Gauss's by three digits and more.
        let tolerance = 1e-8 * (above.rough + below.rough);
        Ok(self.integral(x, &above, tolerance)? + self.integral(x, &below, tolerance)?)
    }

    /// The half of the line above (`direction` 1) or below (-1) the middle between the two places.
    fn half(&self, x: f64, centre: f64, width: f64, direction: f64) -> Half {
        const STEPS: u32 = 80;
        let inner = libm::asinh((0.5 * x - centre) / width);
        // Beyond x the density falls as t^-(v+1): 80 / v in s is a factor of 1e35.
        let reach = libm::asinh(x.abs() / width) + 80.0 / self.student.dof() + 5.0;
        let step = (direction * reach - inner) / f64::from(STEPS);
        let mut half = Half { centre, width, inner, outer: inner, rough: 0.0 };
        let at = |k: u32| inner + (f64::from(k) + 0.5) * step;
        let values: Vec<f64> = (0..STEPS).map(|k| self.integrand(x, &half, at(k))).collect();
        half.rough = values.iter().sum::<f64>() * step.abs();
        // What lies past the last value that counts is not visited.
        let last = values.iter().rposition(|&value| value * reach > 1e-18 * half.rough).unwrap_or(0);
        half.outer = inner + (last as f64 + 2.0) * step;
        half
    }

    /// `f_T(t) F_S(x - t) dt/ds` at `t = centre + width sinh(s)`.
    fn integrand(&self, x: f64, half: &Half, s: f64) -> f64 {
        let t = half.centre + half.width * libm::sinh(s);
        let density = self.student.pdf(t / self.scale) / self.scale;
        density * self.sum.cdf(x - t) * half.width * libm::cosh(s)
    }

    fn integral(&self, x: f64, half: &Half, tolerance: f64) -> Result<f64, SolveError> {
        if half.rough == 0.0 {
            return Ok(0.0);
        }
        let (low, high) = (half.inner.min(half.outer), half.inner.max(half.outer));
        let edges: Vec<f64> = (0..=4).map(|k| low + (high - low) * f64::from(k) / 4.0).collect();
        let sums = integrate(QUANTITY, 1, &edges, tolerance, |s, values| {
            values[0] = self.integrand(x, half, s);
            Ok(())
        })?;
        Ok(sums[0])
    }
}

/// Half of the line, from `inner` to `outer` in `s`, and a first estimate of its integral.
struct Half {
    centre: f64,
    width: f64,
    inner: f64,
    outer: f64,
    rough: f64,
}

/// Coefficients of a piece: a polynomial of degree 15.
const TERMS: usize = 16;

/// The logarithm of a lower tail over `s = asinh(x / scale)`, from 0 down.
#[derive(Clone, Debug, PartialEq)]
struct Table {
    scale: f64,
    /// In falling order of `s`; the first begins at 0.
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
struct Piece {
    low: f64,
    high: f64,
    chebyshev: [f64; TERMS],
}

impl Table {
    fn new(scale: f64, lower_tail: impl Fn(f64) -> Result<f64, SolveError>) -> Result<Table, SolveError> {
        let log_tail = |s: f64| lower_tail(scale * libm::sinh(s)).map(libm::log);
        let mut pieces = Vec::new();
        let (mut high, mut width) = (0.0_f64, 1.0);
        // asinh of 1e30 is 70: more than any tail needs.
        while high > -70.0 {
            let piece = Piece::new(high - width, high, &log_tail)?;
            if piece.is_resolved() || width < 1e-3 {
                high = piece.low;
                let done = piece.value(high) < libm::log(DEEPEST);
                pieces.push(piece);
                if done {
                    break;
                }
                width *= 1.5;
            } else {
                width *= 0.5;
            }
        }
        Ok(Table { scale, pieces })
    }

    /// `P(X <= x)` for `x` up to 0.
    #[inline]
    fn lower_tail(&self, x: f64) -> f64 {
        let s = libm::asinh(x / self.scale);
        libm::exp(self.log_tail(s))
    }

    #[inline]
    fn log_tail(&self, s: f64) -> f64 {
        let index = self.pieces.partition_point(|piece| piece.low > s);
        match self.pieces.get(index) {
            Some(piece) => piece.value(s),
            None => self.beyond(s),
        }
    }

    /// Past the table the logarithm is a line in `s`: a power law.
    fn beyond(&self, s: f64) -> f64 {
        let Some(last) = self.pieces.last() else { return f64::NAN };
        let run = 1e-3 * (last.high - last.low);
        let at_low = last.value(last.low);
        let slope = (last.value(last.low + run) - at_low) / run;
        // Minus infinity times a slope is minus infinity; nothing else can overflow.
        if s.is_nan() { f64::NAN } else { at_low + slope.max(0.0) * (s - last.low) }
    }

    fn inverse_lower_tail(&self, p: f64) -> f64 {
        let target = libm::log(p);
        let index = self.pieces.partition_point(|piece| piece.value(piece.low) > target);
        let Some(piece) = self.pieces.get(index) else {
            return self.inverse_beyond(target);
        };
        // At the seams the pieces differ in the last places: what is not bracketed is the seam.
        let nearest = if target >= piece.value(piece.high) { piece.high } else { piece.low };
        let s =
            brent("quantile", |s| piece.value(s), piece.low, piece.high, target, 1e-15).unwrap_or(nearest);
        self.scale * libm::sinh(s)
    }

    fn inverse_beyond(&self, target: f64) -> f64 {
        let Some(last) = self.pieces.last() else { return f64::NAN };
        let at_low = last.value(last.low);
        let slope = at_low - self.beyond(last.low - 1.0);
        self.scale * libm::sinh(last.low + (target - at_low) / slope)
    }
}

impl Piece {
    /// Interpolates at the Chebyshev points of the first kind.
    fn new(low: f64, high: f64, f: &impl Fn(f64) -> Result<f64, SolveError>) -> Result<Piece, SolveError> {
        let angle = |k: usize| std::f64::consts::PI * (k as f64 + 0.5) / TERMS as f64;
        let mut values = [0.0; TERMS];
        for (k, value) in values.iter_mut().enumerate() {
            *value = f(0.5 * (low + high) + 0.5 * (high - low) * libm::cos(angle(k)))?;
        }
        let coefficient = |j: usize| {
            let sum: f64 = (0..TERMS).map(|k| values[k] * libm::cos(j as f64 * angle(k))).sum();
            sum * if j == 0 { 1.0 } else { 2.0 } / TERMS as f64
        };
        Ok(Piece { low, high, chebyshev: std::array::from_fn(coefficient) })
    }

    /// Whether the last coefficients have died away.
    fn is_resolved(&self) -> bool {
        self.chebyshev[TERMS - 3..].iter().all(|coefficient| coefficient.abs() < 1e-11)
    }

    /// Clenshaw's recurrence.
    #[inline]
    fn value(&self, s: f64) -> f64 {
        let x = (2.0 * s - self.low - self.high) / (self.high - self.low);
        let (mut ahead, mut far) = (0.0, 0.0);
        for coefficient in self.chebyshev[1..].iter().rev() {
            (ahead, far) = (2.0 * x * ahead - far + coefficient, ahead);
        }
        x * ahead - far + self.chebyshev[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Cauchy variates add their scales: an exact sum of heavy tails.
    #[test]
    fn cauchy_scales_add() {
        let sum = StudentSum::new(&[(0.2, 1.0), (-0.5, 1.0), (0.9, 1.0)]).unwrap();
        let whole = Student::new(1.0).unwrap();
        for x in [-1e12, -1e6, -300.0, -7.0, -1.0, -0.01, 0.0, 0.3, 20.0] {
            let exact = whole.cdf(x / 1.6);
            assert!((sum.cdf(x) / exact - 1.0).abs() < 1e-9, "{x}: {} {exact}", sum.cdf(x));
        }
        for p in [1e-25, 1e-9, 1e-3, 0.2, 0.5, 0.77] {
            let exact = 1.6 * whole.inverse_cdf(p);
            assert!((sum.inverse_cdf(p) - exact).abs() < 1e-9 * exact.abs().max(1.0), "{p}");
        }
    }

    /// Walker and Saw (1978): the sum of two t variates of 3 degrees of freedom has the characteristic
    /// function `((1 + a|u|)(1 + b|u|))` x `exp(-(a + b)|u|)` with `a, b = sqrt 3 x scale`; its inversion
    /// gives the cdf in closed form.
    #[test]
    fn two_parts_of_three_degrees_of_freedom_match_the_closed_form() {
        let (p, q) = (0.3_f64, 0.9_f64);
        let sum = StudentSum::new(&[(p, 3.0), (q, 3.0)]).unwrap();
        let (a, b) = (3.0_f64.sqrt() * p, 3.0_f64.sqrt() * q);
        let c = a + b;
        for x in [-200.0_f64, -15.0, -3.0, -1.0, -0.2, 0.5, 4.0] {
            // 1/2 + 1/pi integral of sin(ux)/u (1 + c u + a b u^2) exp(-c u) du, term by term.
            let square = c * c + x * x;
            let terms = (x / c).atan() + c * x / square + a * b * 2.0 * c * x / (square * square);
            let exact = 0.5 + terms / std::f64::consts::PI;
            assert!((sum.cdf(x) - exact).abs() < 1e-11, "{x}: {} {exact}", sum.cdf(x));
        }
    }

    #[test]
    fn parts_that_vanish_leave_the_others() {
        let normal = StudentSum::new(&[(0.6, f64::INFINITY), (0.8, f64::INFINITY), (0.0, 3.0)]).unwrap();
        assert!((normal.cdf(-2.0) / normal::cdf(-2.0) - 1.0).abs() < 1e-14);
        let single = StudentSum::new(&[(-2.0, 5.0)]).unwrap();
        assert_eq!(single.cdf(-3.0), Student::new(5.0).unwrap().cdf(-1.5));
        let nothing = StudentSum::new(&[]).unwrap();
        assert_eq!((nothing.cdf(-1e-9), nothing.cdf(0.0), nothing.inverse_cdf(0.3)), (0.0, 1.0, 0.0));
    }

    /// A light part beside a heavy one, and the other way round, down to where the power law takes over.
    #[test]
    fn mixed_tails_match_a_direct_integral() {
        for (heavy_scale, dof, light) in [(0.1_f64, 4.0, 0.99_f64), (0.9, 2.5, 0.3), (0.01, 3.0, 1.0)] {
            let sum = StudentSum::new(&[(heavy_scale, dof), (light, f64::INFINITY)]).unwrap();
            let student = Student::new(dof).unwrap();
            for x in [-60.0_f64, -6.0, -2.0, -0.5] {
                // By conditioning on the normal part instead, in its own variable.
                let f = |z: f64, values: &mut [f64]| {
                    values[0] = normal::pdf(z) * student.cdf((x - light * z) / heavy_scale);
                    Ok(())
                };
                let edges: Vec<f64> = (-38..=38).map(f64::from).collect();
                let exact = integrate("direct", 1, &edges, 1e-15, f).unwrap()[0];
                assert!((sum.cdf(x) / exact - 1.0).abs() < 1e-8, "{dof} {x}: {:e} {exact:e}", sum.cdf(x));
            }
        }
    }

    #[test]
    fn ends_and_nonsense() {
        let sum = StudentSum::new(&[(0.5, 3.0), (0.8, 4.0)]).unwrap();
        assert_eq!(sum.cdf(f64::NEG_INFINITY), 0.0);
        assert_eq!(sum.cdf(f64::INFINITY), 1.0);
        assert!((sum.cdf(0.0) - 0.5).abs() < 1e-12);
        assert!(sum.cdf(f64::NAN).is_nan() && sum.inverse_cdf(1.5).is_nan());
        assert_eq!(sum.inverse_cdf(0.0), f64::NEG_INFINITY);
        assert!(StudentSum::new(&[(f64::NAN, 3.0)]).is_err() && StudentSum::new(&[(1.0, 0.0)]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn the_inverse_undoes_the_cdf(a in 0.05_f64..1.0, b in 0.05_f64..1.0, dof in 2.2_f64..40.0) {
            let sum = StudentSum::new(&[(a, dof), (b, 5.0)]).unwrap();
            for exponent in [-28.0, -12.0, -4.0, -1.0, -0.302] {
                let p = libm::pow(10.0, exponent);
                prop_assert!((sum.cdf(sum.inverse_cdf(p)) / p - 1.0).abs() < 1e-9, "{}", exponent);
            }
        }
    }
}
