//! SEC-SA and the United States' SSFA: the pool's standardized capital and its delinquencies.

use super::formula::weigh;
use super::{Bound, FULL, RiskWeight, Tranche, Treatment, floor, fraction};
use crate::Error;

/// The underlying pool, as the standardized approaches see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pool {
    capital: f64,
    delinquent: f64,
}

impl Pool {
    /// A pool by its capital per unit under the standardized approach (`K_SA`; in the United States `K_G`; 0.08 at
    /// an average risk weight of 100%) and the share of it that is 90 days past due, bankrupt, foreclosed or in
    /// default (`W`).
    ///
    /// # Errors
    /// [`Error::Argument`] unless both are fractions from 0 to 1.
    pub fn new(capital: f64, delinquent: f64) -> Result<Pool, Error> {
        Ok(Pool { capital: fraction("capital", capital)?, delinquent: fraction("delinquent", delinquent)? })
    }

    /// `K_A = (1 - W) K + 0.5 W`: capital with half of what is delinquent (CRE41; 12 CFR 217.43).
    ///
    /// ```
    /// use leasefall::valuation::capital::Pool;
    /// let k_a = Pool::new(0.08, 0.10)?.k_a();
    /// assert!((k_a - (0.9 * 0.08 + 0.05)).abs() < 1e-15);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    pub fn k_a(self) -> f64 {
        (1.0 - self.delinquent) * self.capital + 0.5 * self.delinquent
    }

    /// The average risk weight of the assets, `12.5 K`: what caps a senior tranche when looked through.
    pub fn average_risk_weight(self) -> f64 {
        FULL * self.capital
    }
}

/// Basel's standardized approach: `p` is 1, or 0.5 for an STC deal, whatever the tranche's rank; the floor is 15%,
/// or 10% for the senior tranche of an STC deal.
///
/// `look_through` is the average risk weight of the pool ([`Pool::average_risk_weight`]), to cap a senior tranche
/// by it; `None` where the bank does not know the assets at all times, or does not use the cap.
///
/// Source: CRE41; Regulation (EU) 575/2013, articles 261 and 262; the cap CRE40 and article 267.
///
/// # Errors
/// [`Error::Argument`] unless the look-through weight is from 0 to 12.5.
///
/// ```
/// use leasefall::valuation::capital::{Bound, Pool, Seniority, Tranche, Treatment, sec_sa};
/// let pool = Pool::new(0.08, 0.0)?;
/// let mezzanine = Tranche::new(0.10, 0.20, Seniority::NonSenior)?;
/// let weight = sec_sa(mezzanine, pool, Treatment::Standard, None)?;
/// // K_SSFA = 0.08 (e^-0.25 - e^-1.5) / 0.10 = 44.4537%.
/// assert!((weight.risk_weight - 5.556706).abs() < 5e-7);
///
/// let senior = Tranche::new(0.60, 1.0, Seniority::Senior)?;
/// assert_eq!(sec_sa(senior, pool, Treatment::Standard, None)?.bound, Bound::Floor);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn sec_sa(
    tranche: Tranche,
    pool: Pool,
    treatment: Treatment,
    look_through: Option<f64>,
) -> Result<RiskWeight, Error> {
    let p = match treatment {
        Treatment::Standard => 1.0,
        Treatment::Stc => 0.5,
    };
    weigh(tranche, pool.k_a(), p)
        .at_least(floor(tranche, treatment), Bound::Floor)
        .looked_through(tranche, look_through)
}

/// Basel's standardized approach to a securitization of securitizations: `p` is 1.5, the floor 100%, and no
/// look-through. The pool's capital is that of the tranches in it, by these same rules, and no share of tranches
/// counts as delinquent.
///
/// Source: CRE41; Regulation (EU) 575/2013, article 269.
pub fn sec_sa_resecuritization(tranche: Tranche, pool: Pool) -> RiskWeight {
    weigh(tranche, pool.k_a(), 1.5).at_least(1.0, Bound::Floor)
}

/// The simplified supervisory formula approach of the United States: `p` is 0.5, the floor 20%, and there is no
/// look-through cap.
///
/// Source: 12 CFR 217.43 (likewise 3.43 and 324.43).
///
/// ```
/// use leasefall::valuation::capital::{Pool, Seniority, Tranche, us_ssfa};
/// let mezzanine = Tranche::new(0.10, 0.20, Seniority::NonSenior)?;
/// let weight = us_ssfa(mezzanine, Pool::new(0.08, 0.0)?);
/// // K_SSFA = 0.04 (e^-0.5 - e^-3) / 0.10 = 22.2697%.
/// assert!((weight.risk_weight - 2.783718).abs() < 5e-7);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn us_ssfa(tranche: Tranche, pool: Pool) -> RiskWeight {
    weigh(tranche, pool.k_a(), 0.5).at_least(US_FLOOR, Bound::Floor)
}

/// The SSFA for a securitization of securitizations: `p` is 1.5, the floor 20%.
pub fn us_ssfa_resecuritization(tranche: Tranche, pool: Pool) -> RiskWeight {
    weigh(tranche, pool.k_a(), 1.5).at_least(US_FLOOR, Bound::Floor)
}

const US_FLOOR: f64 = 0.20;
