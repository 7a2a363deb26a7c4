//! The distribution of a loss.

use super::tranche::{Tranche, TrancheLoss};
use crate::credit::Measure;
use crate::error::Error;

/// The distribution of a pool's loss at a date, in whole units.
///
/// ```
/// use leasefall::credit::{Copula, DefaultCurve, Loadings, Measure, Recovery};
/// use leasefall::valuation::exact::{ReferenceEntity, ReferencePool, Tranche};
/// // Two bonds of 1, each defaulting with 10%, independent, nothing recovered: Coval, Jurek and Stafford.
/// let bond = ReferenceEntity {
///     notional: 1.0,
///     recovery: Recovery::Fixed(0.0),
///     curve: DefaultCurve::from_probabilities(Measure::Historical, &[(5.0, 0.10)])?,
///     loadings: Loadings::none(),
/// };
/// let pool = ReferencePool::new(Copula::Gaussian, &[bond.clone(), bond])?;
/// let losses = pool.loss_distribution(5.0)?;
/// let expected = [0.81, 0.18, 0.01];
/// assert!(losses.probabilities().iter().zip(expected).all(|(p, q)| (p - q).abs() < 1e-12));
/// // The junior half defaults with 19%, the senior with 1%.
/// assert!((losses.tranche_loss(&Tranche::new(0.0, 0.5)?).probability_of_loss - 0.19).abs() < 1e-12);
/// assert!((losses.tranche_loss(&Tranche::new(0.5, 1.0)?).probability_of_loss - 0.01).abs() < 1e-12);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LossDistribution {
    pub(super) measure: Measure,
    pub(super) notional: f64,
    pub(super) unit: f64,
    pub(super) probabilities: Vec<f64>,
}

impl LossDistribution {
    /// The measure of the probabilities.
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The pool's notional: the loss when everything is lost, and the base of tranches.
    pub fn notional(&self) -> f64 {
        self.notional
    }

    /// The amount of one unit of loss.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// The probability of losing 0, 1, 2, ... units.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The expected loss, an amount.
    pub fn expected_loss(&self) -> f64 {
        self.unit * self.probabilities.iter().enumerate().map(|(j, p)| j as f64 * p).sum::<f64>()
    }

    /// The standard deviation of the loss, an amount.
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.expected_loss() / self.unit;
        let variance: f64 = self
            .probabilities
            .iter()
            .enumerate()
            .map(|(j, p)| (j as f64 - mean) * (j as f64 - mean) * p)
            .sum();
        self.unit * variance.sqrt()
    }

    /// The least loss that is not passed with probability `level` or more: value at risk, an amount.
    ///
    /// # Errors
    /// [`Error::Argument`] if the level lies outside 0 to 1.
    pub fn quantile(&self, level: f64) -> Result<f64, Error> {
        if !(0.0..=1.0).contains(&level) {
            return Err(Error::Argument { argument: "level", found: level, expected: "a level from 0 to 1" });
        }
        let mut reached = 0.0;
        let passes = |p: &f64| {
            reached += p;
            // The sum of all falls short of 1 by rounding alone.
            reached >= level - 1e-14
        };
        let units = self.probabilities.iter().position(passes).unwrap_or(self.probabilities.len() - 1);
        Ok(self.unit * units as f64)
    }

    /// What a tranche loses.
    pub fn tranche_loss(&self, tranche: &Tranche) -> TrancheLoss {
        let scale = self.notional / self.unit;
        let (low, high) = tranche.in_units(scale);
        // From the top, so that small losses of senior tranches do not cancel.
        let (mut lost, mut probability) = (0.0, 0.0);
        for (units, p) in self.probabilities.iter().enumerate().rev() {
            let beyond = units as f64 - low;
            if beyond <= Tranche::ROUNDING {
                break;
            }
            lost += beyond.min(high - low) * p;
            probability += p;
        }
        let expected_loss = lost / (tranche.width() * scale);
        TrancheLoss { expected_loss, probability_of_loss: probability.min(1.0) }
    }
}
