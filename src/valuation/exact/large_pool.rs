//! A pool of infinitely many small names alike: closed forms.

use super::tranche::{Tranche, TrancheLoss};
use crate::credit::Correlation;
use crate::error::Error;
use crate::math::{bivariate, normal};

/// Infinitely many names of one default probability and one asset correlation under the Gaussian copula:
/// the loss depends on the factor alone. Vasicek, *Loan portfolio value*, Risk (2002).
///
/// Losses are fractions of the notional. With default probability `p`, correlation `rho` and loss given
/// default `lgd`, the loss is `lgd x N((N^-1(p) - sqrt(rho) M) / sqrt(1 - rho))`.
///
/// ```
/// use leasefall::credit::Correlation;
/// use leasefall::valuation::exact::LargePool;
/// let pool = LargePool::new(0.05, Correlation::new(0.2)?, 1.0)?;
/// // One year in a thousand loses 38.44% or more.
/// assert!((pool.quantile(0.999)? - 0.384422).abs() < 1e-6);
/// assert!((pool.cdf(0.384422) - 0.999).abs() < 1e-6);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LargePool {
    default_probability: f64,
    correlation: f64,
    loss_given_default: f64,
    /// `N^-1(p)`.
    barrier: f64,
}

impl LargePool {
    /// From a default probability, the asset correlation of any two names and the loss given default.
    ///
    /// # Errors
    /// [`Error::Argument`] if a fraction lies outside 0 to 1 or the correlation is negative.
    pub fn new(
        default_probability: f64,
        correlation: Correlation,
        loss_given_default: f64,
    ) -> Result<LargePool, Error> {
        let fraction = |argument, found: f64| {
            let expected = "a fraction from 0 to 1";
            if (0.0..=1.0).contains(&found) {
                Ok(())
            } else {
                Err(Error::Argument { argument, found, expected })
            }
        };
        fraction("default_probability", default_probability)?;
        fraction("loss_given_default", loss_given_default)?;
        correlation.loading()?;
        let barrier = normal::inverse_cdf(default_probability);
        Ok(LargePool { default_probability, correlation: correlation.value(), loss_given_default, barrier })
    }

    /// `lgd x p`.
    pub fn expected_loss(&self) -> f64 {
        self.loss_given_default * self.default_probability
    }

    /// The variance of the loss: `lgd^2 (N2(N^-1(p), N^-1(p), rho) - p^2)`.
    pub fn variance(&self) -> f64 {
        let both = bivariate::cdf(self.barrier, self.barrier, self.correlation);
        let square = self.default_probability * self.default_probability;
        self.loss_given_default * self.loss_given_default * (both - square).max(0.0)
    }

    /// The probability of a loss of at most `loss`:
    /// `N((sqrt(1 - rho) N^-1(x) - N^-1(p)) / sqrt(rho))` with `x = loss / lgd`.
    pub fn cdf(&self, loss: f64) -> f64 {
        1.0 - self.probability_above(loss)
    }

    /// The probability of a larger loss than this, the upper tail of [`LargePool::cdf`] without cancellation.
    pub fn probability_above(&self, loss: f64) -> f64 {
        if loss.is_nan() {
            return f64::NAN;
        }
        if loss >= self.loss_given_default {
            return 0.0;
        }
        if loss < 0.0 {
            return 1.0;
        }
        let defaulted = loss / self.loss_given_default;
        if self.correlation == 0.0 {
            return if defaulted < self.default_probability { 1.0 } else { 0.0 };
        }
        // Everything or nothing defaults.
        if self.correlation == 1.0 || self.barrier.is_infinite() {
            return self.default_probability;
        }
        let own = (1.0 - self.correlation).sqrt() * normal::inverse_cdf(defaulted);
        normal::cdf((self.barrier - own) / self.correlation.sqrt())
    }

    /// The loss not passed with probability `level`:
    /// `lgd N((N^-1(p) + sqrt(rho) N^-1(level)) / sqrt(1 - rho))`.
    ///
    /// # Errors
    /// [`Error::Argument`] if the level lies outside 0 to 1.
    pub fn quantile(&self, level: f64) -> Result<f64, Error> {
        if !(0.0..=1.0).contains(&level) {
            return Err(Error::Argument { argument: "level", found: level, expected: "a level from 0 to 1" });
        }
        let defaulted = if self.correlation == 0.0 || self.barrier.is_infinite() {
            self.default_probability
        } else if self.correlation == 1.0 {
            if level > 1.0 - self.default_probability { 1.0 } else { 0.0 }
        } else {
            let factor = self.correlation.sqrt() * normal::inverse_cdf(level);
            normal::cdf((self.barrier + factor) / (1.0 - self.correlation).sqrt())
        };
        Ok(self.loss_given_default * defaulted)
    }

    /// The expected loss beyond a point, `E[(L - loss)+]`:
    /// `lgd N2(N^-1(p), -N^-1(K), -sqrt(1 - rho))` with `K = loss / lgd`.
    pub fn expected_excess(&self, loss: f64) -> f64 {
        if loss.is_nan() {
            return f64::NAN;
        }
        if loss <= 0.0 {
            return self.expected_loss() - loss;
        }
        if loss >= self.loss_given_default {
            return 0.0;
        }
        let point = normal::inverse_cdf(loss / self.loss_given_default);
        self.loss_given_default * bivariate::cdf(self.barrier, -point, -(1.0 - self.correlation).sqrt())
    }

    /// What a tranche loses: `(E[(L - a)+] - E[(L - d)+]) / (d - a)`, and how likely that is anything.
    pub fn tranche_loss(&self, tranche: &Tranche) -> TrancheLoss {
        let (attachment, detachment) = (tranche.attachment(), tranche.detachment());
        let lost = self.expected_excess(attachment) - self.expected_excess(detachment);
        TrancheLoss {
            expected_loss: lost.max(0.0) / tranche.width(),
            probability_of_loss: self.probability_above(attachment),
        }
    }
}
