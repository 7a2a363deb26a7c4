//! The latent variable of one obligor.

use super::dependence::{Copula, Loadings};
use crate::error::Error;
use crate::math::student::Student;
use crate::math::student_sum::StudentSum;

/// The latent variable `X = mixing x (a_1 M_1 + ... + a_K M_K + b Z)` of an obligor: its distribution `F`,
/// and its default probability once the factors are known.
///
/// The mixing variable is `sqrt(dof / chi2(dof))` for [`Copula::StudentT`], common to all obligors, and 1
/// otherwise. Nothing here allocates after construction.
///
/// ```
/// use leasefall::credit::{Copula, Loading, Loadings};
/// let latent = Copula::Gaussian.latent(&Loadings::one(Loading::new(0.6)?))?;
/// let barrier = latent.barrier(0.05);
/// assert!((latent.uniform(barrier) - 0.05).abs() < 1e-15);
/// // A factor at -2: N((barrier + 1.2) / 0.8) = N(-0.556), about 29%.
/// let given = latent.probability_given(barrier, latent.systematic(&[-2.0]), 1.0);
/// assert!((given - 0.289).abs() < 1e-3);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Latent {
    loadings: Loadings,
    marginal: Marginal,
    own: Student,
    own_scale: f64,
}

/// The distribution of the whole.
#[derive(Clone, Debug, PartialEq)]
enum Marginal {
    Student(Student),
    Sum(StudentSum),
}

impl Latent {
    pub(super) fn new(copula: Copula, loadings: &Loadings) -> Result<Latent, Error> {
        copula.check()?;
        let normal = Student::new(f64::INFINITY)?;
        let (marginal, own, own_scale) = match copula {
            Copula::Gaussian => (Marginal::Student(normal), normal, 1.0),
            Copula::StudentT { dof } => (Marginal::Student(Student::new(dof)?), normal, 1.0),
            Copula::DoubleT { dof_common, dof_own } => {
                let (common_scale, own_scale) =
                    (Copula::unit_variance_scale(dof_common), Copula::unit_variance_scale(dof_own));
                let common = loadings.as_slice().iter().map(|a| (a.value() * common_scale, dof_common));
                let own = std::iter::once((loadings.own_weight() * own_scale, dof_own));
                let parts: Vec<(f64, f64)> = common.chain(own).collect();
                (Marginal::Sum(StudentSum::new(&parts)?), Student::new(dof_own)?, own_scale)
            }
        };
        Ok(Latent { loadings: loadings.clone(), marginal, own, own_scale })
    }

    /// The loadings.
    pub fn loadings(&self) -> &Loadings {
        &self.loadings
    }

    /// `F(x)`, the probability of at most `x`: uniform if `x` is a draw of the latent. With
    /// [`DefaultCurve::time_of`](super::DefaultCurve::time_of) the default time.
    #[inline]
    pub fn uniform(&self, latent: f64) -> f64 {
        match &self.marginal {
            Marginal::Student(student) => student.cdf(latent),
            Marginal::Sum(sum) => sum.cdf(latent),
        }
    }

    /// The value that the latent stays at or below with this probability: `F^-1(p)`. An obligor whose
    /// latent lies at or below the barrier of its default probability has defaulted.
    pub fn barrier(&self, probability: f64) -> f64 {
        match &self.marginal {
            Marginal::Student(student) => student.inverse_cdf(probability),
            Marginal::Sum(sum) => sum.inverse_cdf(probability),
        }
    }

    /// Whether `F` is the normal distribution: the Gaussian copula's.
    pub(crate) fn is_normal(&self) -> bool {
        matches!(&self.marginal, Marginal::Student(student) if student.dof().is_infinite())
    }

    /// The part that the factors explain: `sum a_k M_k`. Factors have unit variance (normal, or Student
    /// times [`Copula::unit_variance_scale`]); missing ones count as 0.
    #[inline]
    pub fn systematic(&self, factors: &[f64]) -> f64 {
        self.loadings.as_slice().iter().zip(factors).map(|(loading, factor)| loading.value() * factor).sum()
    }

    /// The latent from its parts: `mixing x (systematic + b own)`, `own` of unit variance.
    #[inline]
    pub fn value(&self, systematic: f64, own: f64, mixing: f64) -> f64 {
        mixing * (systematic + self.loadings.own_weight() * own)
    }

    /// The probability that the latent is at most `barrier` given the factors:
    /// `F_Z((barrier / mixing - systematic) / b)`; without an own part 0 or 1.
    #[inline]
    pub fn probability_given(&self, barrier: f64, systematic: f64, mixing: f64) -> f64 {
        let distance = barrier / mixing - systematic;
        let own_weight = self.loadings.own_weight();
        if own_weight == 0.0 {
            return if distance >= 0.0 { 1.0 } else { 0.0 };
        }
        self.own.cdf(distance / (own_weight * self.own_scale))
    }
}

#[cfg(test)]
mod tests {
    use super::super::dependence::Loading;
    use super::*;
    use crate::math::normal;
    use proptest::prelude::*;

    fn loadings(values: &[f64]) -> Loadings {
        let each: Vec<Loading> = values.iter().map(|&value| Loading::new(value).unwrap()).collect();
        Loadings::new(&each).unwrap()
    }

    #[test]
    fn normal_parts_of_a_double_t_are_gaussian() {
        let normal_parts = Copula::DoubleT { dof_common: f64::INFINITY, dof_own: f64::INFINITY };
        let double = normal_parts.latent(&loadings(&[0.5, 0.3])).unwrap();
        let gaussian = Copula::Gaussian.latent(&loadings(&[0.5, 0.3])).unwrap();
        for p in [1e-6, 0.01, 0.4, 0.9] {
            assert!((double.barrier(p) - gaussian.barrier(p)).abs() < 1e-12);
            assert!((double.uniform(double.barrier(p)) - p).abs() < 1e-14);
        }
    }

    /// One factor and no own part: the latent is the factor.
    #[test]
    fn without_an_own_part_the_factors_decide() {
        let latent = Copula::DoubleT { dof_common: 4.0, dof_own: 5.0 }.latent(&loadings(&[1.0])).unwrap();
        let scale = 0.5_f64.sqrt();
        assert_eq!(latent.uniform(-2.0), Student::new(4.0).unwrap().cdf(-2.0 / scale));
        assert_eq!(latent.probability_given(-2.0, -2.1, 1.0), 1.0);
        assert_eq!(latent.probability_given(-2.0, -1.9, 1.0), 0.0);
        assert_eq!(latent.value(-1.5, 7.0, 1.0), -1.5);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn barriers_undo_uniforms(
            a in -0.95_f64..0.95,
            dof in 2.1_f64..30.0,
            p in 1e-9_f64..0.999,
        ) {
            let copulas = [
                Copula::Gaussian,
                Copula::StudentT { dof },
                Copula::DoubleT { dof_common: dof, dof_own: 4.0 },
            ];
            for copula in copulas {
                let latent = copula.latent(&loadings(&[a])).unwrap();
                let back = latent.uniform(latent.barrier(p));
                prop_assert!((back / p - 1.0).abs() < 1e-10, "{:?} {}", copula, back);
            }
        }

        #[test]
        fn a_lower_factor_means_a_likelier_default(m in -4.0_f64..4.0, a in 0.01_f64..0.99) {
            let latent = Copula::Gaussian.latent(&loadings(&[a])).unwrap();
            let given = |factor| latent.probability_given(-1.5, latent.systematic(&[factor]), 1.0);
            prop_assert!(given(m) >= given(m + 0.1));
            let exact = normal::cdf((-1.5 - a * m) / (1.0 - a * a).sqrt());
            prop_assert!((given(m) - exact).abs() < 1e-14);
        }
    }
}
