//! What a bank must hold against a tranche: Basel's three approaches and that of the United States.
//!
//! | Approach | Function | Looks at |
//! |---|---|---|
//! | SEC-IRBA | [`sec_irba`] | the pool's capital by the bank's own models |
//! | SEC-ERBA | [`sec_erba`] | the tranche's rating |
//! | SEC-SA | [`sec_sa`], [`sec_sa_resecuritization`] | the pool's standardized capital and delinquencies |
//! | SSFA (US) | [`us_ssfa`], [`us_ssfa_resecuritization`] | the same, with other constants and no ratings |
//!
//! All but SEC-ERBA rest on one formula, [`formula::supervisory_risk_weight`]. Risk weights are fractions: 12.5 is
//! 1,250%, at which capital of 8% is the whole exposure. Each [`RiskWeight`] says which rule set it.
//!
//! Not here: the choice between approaches (Basel's hierarchy is a fact about the bank), the cap on a bank's
//! capital for all its holdings of one deal, pools of mixed approaches, and short-term ratings.
//!
//! Sources: Basel framework CRE40 to CRE44; Regulation (EU) 575/2013, articles 257 to 269; 12 CFR 217.43.

pub mod formula;

mod internal;
mod ratings;
mod standardized;
#[cfg(test)]
mod tests;

pub use internal::{IrbPool, PoolKind, effective_number, sec_irba, supervisory_p};
pub use ratings::sec_erba;
pub use standardized::{Pool, sec_sa, sec_sa_resecuritization, us_ssfa, us_ssfa_resecuritization};

use crate::Error;

/// Whether anything ranks ahead of a tranche in the claim on the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seniority {
    /// Backed by a first claim on the whole pool.
    Senior,
    /// Ranks behind another tranche.
    NonSenior,
}

/// Whether a deal meets the criteria for lower weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Treatment {
    /// It does not, or nobody has shown that it does.
    #[default]
    Standard,
    /// Simple, transparent and comparable (in Europe STS).
    Stc,
}

/// A slice of a pool's losses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tranche {
    attachment: f64,
    detachment: f64,
    seniority: Seniority,
}

impl Tranche {
    /// The tranche that bears losses from `attachment` to `detachment`, both fractions of the pool.
    ///
    /// # Errors
    /// [`Error::Argument`] unless 0 <= attachment < detachment <= 1.
    ///
    /// ```
    /// use leasefall::valuation::capital::{Seniority, Tranche};
    /// let mezzanine = Tranche::new(0.10, 0.20, Seniority::NonSenior)?;
    /// assert_eq!(mezzanine.thickness(), 0.10);
    /// assert!(Tranche::new(0.20, 0.20, Seniority::Senior).is_err());
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    pub fn new(attachment: f64, detachment: f64, seniority: Seniority) -> Result<Tranche, Error> {
        let attachment = fraction("attachment", attachment)?;
        if !(detachment > attachment && detachment <= 1.0) {
            return Err(Error::Argument {
                argument: "detachment",
                found: detachment,
                expected: "a fraction above the attachment, at most 1",
            });
        }
        Ok(Tranche { attachment, detachment, seniority })
    }

    /// Losses of the pool, as a fraction, from which the tranche suffers: `A`.
    pub fn attachment(self) -> f64 {
        self.attachment
    }

    /// Losses of the pool at which nothing of the tranche is left: `D`.
    pub fn detachment(self) -> f64 {
        self.detachment
    }

    /// Its rank.
    pub fn seniority(self) -> Seniority {
        self.seniority
    }

    /// `D - A`.
    pub fn thickness(self) -> f64 {
        self.detachment - self.attachment
    }
}

/// A tranche's risk weight and the rule that set it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskWeight {
    /// The weight as a fraction of the exposure: 0.15 to 12.5 under the approaches' floors.
    pub risk_weight: f64,
    /// What the formula or the table gave before floors and caps.
    pub unbounded: f64,
    /// Why `risk_weight` is what it is.
    pub bound: Bound,
}

/// The rule that set a risk weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bound {
    /// The whole tranche lies below the pool's capital: 1,250%.
    BelowPoolCapital,
    /// The tranche straddles the pool's capital: part at 1,250%, part by the formula.
    StraddlesPoolCapital,
    /// The whole tranche lies above the pool's capital: the formula.
    AbovePoolCapital,
    /// The table of ratings, interpolated for maturity and reduced for thickness.
    RatingTable,
    /// The rating is below the table: 1,250%.
    RatingTooLow,
    /// A tranche that is not senior weighs no less than a senior one of its rating and maturity.
    SeniorOfSameRating,
    /// The approach's floor.
    Floor,
    /// A senior tranche weighs no more than the pool's assets do on average, floor or not.
    LookThrough,
}

impl RiskWeight {
    /// The capital for a unit of exposure at a ratio of 8%: 1 at a risk weight of 1,250%.
    ///
    /// ```
    /// use leasefall::valuation::capital::{Pool, Seniority, Tranche, Treatment, sec_sa};
    /// let equity = Tranche::new(0.0, 0.05, Seniority::NonSenior)?;
    /// let weight = sec_sa(equity, Pool::new(0.08, 0.0)?, Treatment::Standard, None)?;
    /// assert_eq!(weight.capital(), 1.0);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    pub fn capital(self) -> f64 {
        self.risk_weight / FULL
    }

    /// Raised to a floor.
    fn at_least(self, floor: f64, bound: Bound) -> RiskWeight {
        if self.risk_weight < floor { RiskWeight { risk_weight: floor, bound, ..self } } else { self }
    }

    /// Capped for senior tranches, last of all: where the cap is below the floor the cap holds (CRE40).
    fn looked_through(self, tranche: Tranche, average: Option<f64>) -> Result<RiskWeight, Error> {
        let Some(average) = average else {
            return Ok(self);
        };
        if !(0.0..=FULL).contains(&average) {
            return Err(Error::Argument {
                argument: "look_through",
                found: average,
                expected: "an average risk weight from 0 to 12.5, as a fraction",
            });
        }
        let caps = tranche.seniority == Seniority::Senior && self.risk_weight > average;
        Ok(if caps { RiskWeight { risk_weight: average, bound: Bound::LookThrough, ..self } } else { self })
    }
}

/// 1,250%: the reciprocal of the capital ratio of 8%.
const FULL: f64 = 12.5;

/// 15%, or for senior tranches of STC deals 10% (Regulation (EU) 575/2013, articles 259 to 264).
fn floor(tranche: Tranche, treatment: Treatment) -> f64 {
    match (tranche.seniority, treatment) {
        (Seniority::Senior, Treatment::Stc) => 0.10,
        _ => 0.15,
    }
}

/// The maturity of a tranche for SEC-IRBA and SEC-ERBA, in years, from its legal final maturity:
/// `1 + (M_L - 1) x 80%`, from one year to five (CRE40.22 and 40.23).
///
/// # Errors
/// [`Error::Argument`] unless the years to legal final maturity are finite and above 0.
///
/// ```
/// use leasefall::valuation::capital::tranche_maturity_years;
/// assert_eq!(tranche_maturity_years(3.5)?, 3.0);
/// assert_eq!(tranche_maturity_years(25.0)?, 5.0);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn tranche_maturity_years(legal_final_years: f64) -> Result<f64, Error> {
    Ok((1.0 + (positive("legal_final_years", legal_final_years)? - 1.0) * 0.8).clamp(1.0, 5.0))
}

fn fraction(argument: &'static str, value: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::Argument { argument, found: value, expected: "a fraction from 0 to 1" })
    }
}

fn positive(argument: &'static str, value: f64) -> Result<f64, Error> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(Error::Argument { argument, found: value, expected: "a finite number above 0" })
    }
}
