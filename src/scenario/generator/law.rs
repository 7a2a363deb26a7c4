//! The laws of factors, own parts and mixing variable, to draw from.

use crate::credit::Copula;
use crate::error::Error;
use crate::math::normal;
use crate::math::random::Stream;
use crate::math::student::Student;
use libm::{log, sqrt};

/// How the parts of a copula's latent variables are made of normals and uniforms.
#[derive(Clone, Debug)]
pub(super) enum Law {
    /// Normal factors and own parts.
    Normal,
    /// The same, over a common root of chi-square over its degrees of freedom.
    Mixed { dof: f64 },
    /// Student factors and own parts of unit variance.
    Student { factor: Part, own: Part },
}

/// A Student variate scaled to unit variance; `None`: normal.
#[derive(Clone, Debug)]
pub(super) struct Part(Option<(Student, f64)>);

impl Part {
    fn new(dof: f64) -> Result<Part, Error> {
        if dof.is_infinite() {
            return Ok(Part(None));
        }
        Ok(Part(Some((Student::new(dof)?, Copula::unit_variance_scale(dof)))))
    }

    fn at(&self, uniform: f64) -> f64 {
        match &self.0 {
            Some((student, scale)) => scale * student.inverse_cdf(uniform),
            None => normal::inverse_cdf(uniform),
        }
    }
}

impl Law {
    pub fn new(copula: Copula) -> Result<Law, Error> {
        copula.check()?;
        Ok(match copula {
            Copula::Gaussian => Law::Normal,
            Copula::StudentT { dof } => Law::Mixed { dof },
            Copula::DoubleT { dof_common, dof_own } => {
                Law::Student { factor: Part::new(dof_common)?, own: Part::new(dof_own)? }
            }
        })
    }

    /// A factor from a standard normal.
    #[inline]
    pub fn factor(&self, normal: f64) -> f64 {
        match self {
            Law::Student { factor, .. } if factor.0.is_some() => factor.at(normal::cdf(normal)),
            _ => normal,
        }
    }

    /// Own parts from uniforms, in their place.
    pub fn own_in_place(&self, uniforms: &mut [f64]) {
        match self {
            Law::Student { own, .. } if own.0.is_some() => {
                uniforms.iter_mut().for_each(|uniform| *uniform = own.at(*uniform));
            }
            _ => normal::inverse_cdf_in_place(uniforms),
        }
    }

    /// The mixing variable `sqrt(dof / chi2(dof))`.
    #[inline]
    pub fn mixing(&self, stream: &mut Stream) -> f64 {
        match *self {
            // chi2(v) is twice a gamma of shape v / 2.
            Law::Mixed { dof } => sqrt(0.5 * dof / gamma(0.5 * dof, stream)),
            _ => 1.0,
        }
    }
}

/// A gamma variate of unit scale, by Marsaglia and Tsang, *ACM Transactions on Mathematical Software* 26
/// (2000): exact, about one try each. Shapes below 1 are drawn one higher and taken down by `u^(1/shape)`.
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        let higher = gamma(shape + 1.0, stream);
        return higher * libm::pow(stream.uniform(), 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / sqrt(9.0 * d);
    loop {
        let x = stream.normal();
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if log(stream.uniform()) < 0.5 * x * x + d - d * v + d * log(v) {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gamma's mean and variance are its shape.
    #[test]
    fn gamma_variates_have_the_moments_of_their_shape() {
        for shape in [0.4, 1.0, 2.5, 20.0] {
            let n = 40_000_u64;
            let draws: Vec<f64> = (0..n).map(|path| gamma(shape, &mut Stream::new(3, path, 0))).collect();
            let mean = draws.iter().sum::<f64>() / n as f64;
            let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
            let error = (shape / n as f64).sqrt();
            assert!((mean - shape).abs() < 4.0 * error, "{shape}: {mean}");
            // The variance of the sample variance is (2 shape^2 + 6 shape) / n.
            let error = ((2.0 * shape * shape + 6.0 * shape) / n as f64).sqrt();
            assert!((variance - shape).abs() < 4.0 * error, "{shape}: {variance}");
        }
    }

    /// A mixed normal is Student: 5% of draws lie below its 5% quantile.
    #[test]
    fn mixed_normals_are_student() {
        let law = Law::new(Copula::StudentT { dof: 5.0 }).unwrap();
        let line = Student::new(5.0).unwrap().inverse_cdf(0.05);
        let n = 40_000_u64;
        let below = (0..n).filter(|&path| {
            let normal = Stream::new(8, path, 1).normal();
            normal * law.mixing(&mut Stream::new(8, path, 2)) <= line
        });
        let share = below.count() as f64 / n as f64;
        assert!((share - 0.05).abs() < 4.0 * (0.05 * 0.95 / n as f64).sqrt(), "{share}");
    }
}
