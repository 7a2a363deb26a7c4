//! How the latent variables of obligors hang together.

use super::latent::Latent;
use crate::error::Error;

/// The weight of one common factor in an obligor's latent variable, from -1 to 1.
///
/// Not a correlation: two obligors of loading `a` on one factor have latents of correlation `a^2`. A type of
/// its own, because a printed "0.20" has been read both ways.
///
/// ```
/// use leasefall::credit::{Correlation, Loading};
/// assert!((Loading::new(0.2)?.correlation().value() - 0.04).abs() < 1e-16);
/// assert!((Correlation::new(0.04)?.loading()?.value() - 0.2).abs() < 1e-16);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Loading(f64);

impl Loading {
    /// No dependence on the factor.
    pub const ZERO: Loading = Loading(0.0);

    /// # Errors
    /// [`Error::Argument`] outside -1 to 1.
    pub fn new(loading: f64) -> Result<Loading, Error> {
        if (-1.0..=1.0).contains(&loading) {
            return Ok(Loading(loading));
        }
        let expected = "a factor loading from -1 to 1";
        Err(Error::Argument { argument: "loading", found: loading, expected })
    }

    /// The number.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// The correlation of two latents with this loading each on one factor: its square.
    pub fn correlation(self) -> Correlation {
        Correlation(self.0 * self.0)
    }
}

/// The correlation of two latent variables, from -1 to 1: an asset correlation. Not a [`Loading`].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Correlation(f64);

impl Correlation {
    /// # Errors
    /// [`Error::Argument`] outside -1 to 1.
    pub fn new(correlation: f64) -> Result<Correlation, Error> {
        if (-1.0..=1.0).contains(&correlation) {
            return Ok(Correlation(correlation));
        }
        let expected = "a correlation from -1 to 1";
        Err(Error::Argument { argument: "correlation", found: correlation, expected })
    }

    /// The number.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// The loading that, on one factor for both, gives this correlation: its square root.
    ///
    /// # Errors
    /// [`Error::Argument`] for a negative correlation, which no common loading gives.
    pub fn loading(self) -> Result<Loading, Error> {
        if self.0 >= 0.0 {
            return Ok(Loading(self.0.sqrt()));
        }
        let expected = "a correlation from 0 to 1, as equal loadings give";
        Err(Error::Argument { argument: "correlation", found: self.0, expected })
    }
}

/// The loadings of one obligor on the common factors, in the order of the factors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loadings {
    each: Vec<Loading>,
    own_weight: f64,
}

impl Loadings {
    /// Squares sum to at most 1; what is left is the obligor's own.
    ///
    /// # Errors
    /// [`Error::Argument`] if the sum of squares passes 1.
    pub fn new(each: &[Loading]) -> Result<Loadings, Error> {
        let squares: f64 = each.iter().map(|loading| loading.0 * loading.0).sum();
        // Room for the rounding of squares that sum to 1 on paper.
        if squares > 1.0 + 1e-12 {
            let expected = "loadings whose squares sum to at most 1";
            return Err(Error::Argument { argument: "loadings", found: squares, expected });
        }
        let own = 1.0 - squares;
        let own_weight = if own < 1e-14 { 0.0 } else { own.sqrt() };
        Ok(Loadings { each: each.to_vec(), own_weight })
    }

    /// One factor.
    pub fn one(loading: Loading) -> Loadings {
        let own_weight = ((1.0 - loading.0) * (1.0 + loading.0)).sqrt();
        Loadings { each: vec![loading], own_weight }
    }

    /// No common factor: independent of everyone.
    pub fn none() -> Loadings {
        Loadings { each: Vec::new(), own_weight: 1.0 }
    }

    /// Two factors, one between pools and one within a pool, as Hull and White (*Journal of Derivatives* 18,
    /// 2010) split the correlation of obligors: of the correlation within a pool the share
    /// `between_share` holds across pools too. 0 makes pools independent, 1 makes them one.
    ///
    /// ```
    /// use leasefall::credit::{Correlation, Loadings};
    /// // Correlation .2, a quarter of it across pools: sqrt(.05) between, sqrt(.15) within.
    /// let loadings = Loadings::between_and_within(Correlation::new(0.2)?, 0.25)?;
    /// assert!((loadings.as_slice()[0].value() - 0.05_f64.sqrt()).abs() < 1e-15);
    /// assert!((loadings.as_slice()[1].value() - 0.15_f64.sqrt()).abs() < 1e-15);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if the correlation is negative or the share lies outside 0 to 1.
    pub fn between_and_within(correlation: Correlation, between_share: f64) -> Result<Loadings, Error> {
        if !(0.0..=1.0).contains(&between_share) {
            let expected = "a share from 0 to 1";
            return Err(Error::Argument { argument: "between_share", found: between_share, expected });
        }
        let whole = correlation.loading()?.0;
        let between = Loading(whole * between_share.sqrt());
        let within = Loading(whole * (1.0 - between_share).sqrt());
        let own_weight = (1.0 - correlation.0).sqrt();
        Ok(Loadings { each: vec![between, within], own_weight })
    }

    /// In the order of the factors; factors past the end have none.
    pub fn as_slice(&self) -> &[Loading] {
        &self.each
    }

    /// The weight of the obligor's own part: `sqrt(1 - sum a^2)`.
    pub fn own_weight(&self) -> f64 {
        self.own_weight
    }

    /// The correlation of two obligors' latents: `sum a_k b_k`.
    pub fn correlation_with(&self, other: &Loadings) -> Correlation {
        let sum: f64 = self.each.iter().zip(&other.each).map(|(a, b)| a.0 * b.0).sum();
        Correlation(sum.clamp(-1.0, 1.0))
    }
}

/// The joint distribution of the factors and of the obligors' own parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Copula {
    /// Factors and own parts are standard normal.
    Gaussian,
    /// The Gaussian latents times one common `sqrt(dof / chi2(dof))`: extremes come together even where
    /// correlation is 0.
    StudentT {
        /// Degrees of freedom, above 0.
        dof: f64,
    },
    /// Factors and own parts are Student, scaled to unit variance; a latent has the distribution of their
    /// weighted sum. Hull and White, *Journal of Derivatives* 12 (2004).
    DoubleT {
        /// Degrees of freedom of the common factors, above 2; infinite for normal ones.
        dof_common: f64,
        /// Degrees of freedom of the own parts, above 2; infinite for normal ones.
        dof_own: f64,
    },
}

impl Copula {
    /// The latent variable of an obligor with these loadings: its distribution, barriers and conditional
    /// probabilities. Make it once for each set of loadings; for double-t it holds a table.
    ///
    /// # Errors
    /// [`Error::Argument`] if degrees of freedom are outside their range; [`Error::Solve`] if the double-t
    /// sum cannot be tabulated.
    pub fn latent(&self, loadings: &Loadings) -> Result<Latent, Error> {
        Latent::new(*self, loadings)
    }

    /// # Errors
    /// [`Error::Argument`] if degrees of freedom are outside their range.
    pub fn check(&self) -> Result<(), Error> {
        let above = |argument, dof: f64, floor: f64, expected| {
            if dof >= floor { Ok(()) } else { Err(Error::Argument { argument, found: dof, expected }) }
        };
        match *self {
            Copula::Gaussian => Ok(()),
            Copula::StudentT { dof } => above("dof", dof, 0.1, "degrees of freedom of at least 0.1"),
            Copula::DoubleT { dof_common, dof_own } => {
                let expected = "degrees of freedom of at least 2.01, so that the variance can be scaled to 1";
                above("dof_common", dof_common, 2.01, expected)?;
                above("dof_own", dof_own, 2.01, expected)
            }
        }
    }

    /// What a Student variate of `dof` degrees of freedom is multiplied by to have unit variance:
    /// `sqrt((v - 2) / v)`; 1 for a normal one.
    pub fn unit_variance_scale(dof: f64) -> f64 {
        if dof.is_infinite() { 1.0 } else { ((dof - 2.0) / dof).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loadings_and_correlations_convert_by_the_square() {
        let loading = Loading::new(-0.5).unwrap();
        assert_eq!(loading.correlation().value(), 0.25);
        assert!(Correlation::new(-0.1).unwrap().loading().is_err());
        for nonsense in [-1.01, 1.01, f64::NAN, f64::INFINITY] {
            assert!(Loading::new(nonsense).is_err() && Correlation::new(nonsense).is_err());
        }
    }

    #[test]
    fn squares_and_the_own_part_make_one() {
        let of = |values: &[f64]| {
            let each: Vec<Loading> = values.iter().map(|&value| Loading::new(value).unwrap()).collect();
            Loadings::new(&each)
        };
        assert!((of(&[0.6, 0.0]).unwrap().own_weight() - 0.8).abs() < 1e-15);
        assert_eq!(of(&[0.6, 0.8]).unwrap().own_weight(), 0.0);
        assert!(of(&[0.8, 0.8]).is_err());
        let pair = of(&[0.5, -0.5]).unwrap().correlation_with(&of(&[0.4, 0.2]).unwrap());
        assert!((pair.value() - 0.1).abs() < 1e-15);
        let factors = Loadings::between_and_within(Correlation::new(0.3).unwrap(), 0.4).unwrap();
        assert!((factors.correlation_with(&factors).value() - 0.3).abs() < 1e-15);
    }

    #[test]
    fn degrees_of_freedom_are_checked() {
        let double = |dof_common, dof_own| Copula::DoubleT { dof_common, dof_own };
        assert!(double(3.0, f64::INFINITY).check().is_ok());
        for copula in [double(2.0, 5.0), double(5.0, f64::NAN), Copula::StudentT { dof: 0.0 }] {
            assert!(copula.check().is_err() && copula.latent(&Loadings::none()).is_err());
        }
    }
}
