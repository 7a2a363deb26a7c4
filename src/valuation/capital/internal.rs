//! SEC-IRBA: the pool's capital by the bank's own models.

use super::formula::weigh;
use super::{Bound, RiskWeight, Seniority, Tranche, Treatment, floor, fraction, positive};
use crate::Error;

/// What the exposures of a pool are, for the table of supervisory parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolKind {
    /// Corporate, bank and sovereign claims, specialized lending: anything but retail.
    Wholesale,
    /// Retail.
    Retail,
}

/// The underlying pool, as the internal ratings see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IrbPool {
    kind: PoolKind,
    k_irb: f64,
    effective_number: f64,
    lgd: f64,
}

impl IrbPool {
    /// A pool by its capital per unit with expected loss (`K_IRB`), the effective number of its exposures
    /// ([`effective_number`]) and their average loss given default.
    ///
    /// # Errors
    /// [`Error::Argument`] unless capital and loss given default are fractions from 0 to 1 and the number is finite
    /// and at least 1.
    pub fn new(kind: PoolKind, k_irb: f64, effective_number: f64, lgd: f64) -> Result<IrbPool, Error> {
        if !(effective_number >= 1.0 && effective_number.is_finite()) {
            return Err(Error::Argument {
                argument: "effective_number",
                found: effective_number,
                expected: "a finite number, at least 1",
            });
        }
        Ok(IrbPool { kind, k_irb: fraction("k_irb", k_irb)?, effective_number, lgd: fraction("lgd", lgd)? })
    }
}

/// The effective number of exposures: `N = (sum EAD)^2 / sum EAD^2`, those to one obligor counted as one (CRE44; Regulation (EU)
/// 575/2013, article 259).
///
/// # Errors
/// [`Error::Argument`] unless every exposure is finite and not negative and one is above zero.
///
/// ```
/// use leasefall::valuation::capital::effective_number;
/// assert_eq!(effective_number(&[10.0, 10.0, 10.0, 10.0])?, 4.0);
/// assert_eq!(effective_number(&[60.0, 30.0])?, 1.8); // 8,100 / 4,500
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn effective_number(exposures: &[f64]) -> Result<f64, Error> {
    if let Some(&wrong) = exposures.iter().find(|&&exposure| !(exposure >= 0.0 && exposure.is_finite())) {
        return Err(Error::Argument {
            argument: "exposures",
            found: wrong,
            expected: "finite amounts, not negative",
        });
    }
    // Shares of the largest: neither the sum nor the squares pass the range of a double.
    let largest = positive("the largest of exposures", exposures.iter().copied().fold(0.0, f64::max))?;
    let shares = exposures.iter().map(|exposure| exposure / largest);
    let (sum, squares) = shares.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
    Ok(sum * sum / squares)
}

/// SEC-IRBA's `p = max(0.3, A + B/N + C K_IRB + D LGD + E M_T)`, half the sum for an STC deal.
///
/// `maturity_years` is the tranche's ([`super::tranche_maturity_years`]), taken as one year if less and five if
/// more. A pool of wholesale exposures is granular from `N = 25`.
///
/// Source: CRE44; Regulation (EU) 575/2013, articles 259 and 260.
///
/// # Errors
/// [`Error::Argument`] unless the maturity is finite and above 0.
///
/// ```
/// use leasefall::valuation::capital::{IrbPool, PoolKind, Seniority, Treatment, supervisory_p};
/// let pool = IrbPool::new(PoolKind::Wholesale, 0.06, 40.0, 0.45)?;
/// let p = supervisory_p(pool, Seniority::NonSenior, 4.0, Treatment::Standard)?;
/// // 0.16 + 2.87 / 40 - 1.03 x 0.06 + 0.21 x 0.45 + 0.07 x 4
/// assert!((p - 0.54445).abs() < 1e-12);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn supervisory_p(
    pool: IrbPool,
    seniority: Seniority,
    maturity_years: f64,
    treatment: Treatment,
) -> Result<f64, Error> {
    let maturity = positive("maturity_years", maturity_years)?.clamp(1.0, 5.0);
    let [a, b, c, d, e] = match (pool.kind, seniority, pool.effective_number >= 25.0) {
        (PoolKind::Wholesale, Seniority::Senior, true) => [0.0, 3.56, -1.85, 0.55, 0.07],
        (PoolKind::Wholesale, Seniority::Senior, false) => [0.11, 2.61, -2.91, 0.68, 0.07],
        (PoolKind::Wholesale, Seniority::NonSenior, true) => [0.16, 2.87, -1.03, 0.21, 0.07],
        (PoolKind::Wholesale, Seniority::NonSenior, false) => [0.22, 2.35, -2.46, 0.48, 0.07],
        (PoolKind::Retail, Seniority::Senior, _) => [0.0, 0.0, -7.48, 0.71, 0.24],
        (PoolKind::Retail, Seniority::NonSenior, _) => [0.0, 0.0, -5.78, 0.55, 0.27],
    };
    let sum = a + b / pool.effective_number + c * pool.k_irb + d * pool.lgd + e * maturity;
    let scaled = match treatment {
        Treatment::Standard => sum,
        Treatment::Stc => 0.5 * sum,
    };
    Ok(scaled.max(0.3))
}

/// Basel's approach by internal ratings: the formula at `K_IRB` with [`supervisory_p`]; the floor is 15%, or 10% for
/// the senior tranche of an STC deal. `look_through` as in [`super::sec_sa`]. A securitization of securitizations
/// must not use it.
///
/// Source: CRE44; Regulation (EU) 575/2013, articles 259 and 260.
///
/// # Errors
/// [`Error::Argument`] unless the maturity is finite and above 0 and the look-through weight from 0 to 12.5.
pub fn sec_irba(
    tranche: Tranche,
    pool: IrbPool,
    maturity_years: f64,
    treatment: Treatment,
    look_through: Option<f64>,
) -> Result<RiskWeight, Error> {
    let p = supervisory_p(pool, tranche.seniority(), maturity_years, treatment)?;
    weigh(tranche, pool.k_irb, p)
        .at_least(floor(tranche, treatment), Bound::Floor)
        .looked_through(tranche, look_through)
}
