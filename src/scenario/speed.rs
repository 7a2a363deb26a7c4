//! Speeds: what share of a pool's loans prepays or defaults in a month, in the market's units.
//!
//! Conventions are those of the Standard Formulas of the Bond Market Association (now SIFMA), chapter SF,
//! and its Standard Default Assumption (1993).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The unit of a prepayment speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PrepaymentUnit {
    /// Conditional prepayment rate: a share a year.
    Cpr,
    /// Single monthly mortality: a share a month.
    Smm,
    /// Multiples of the PSA curve: 1 is 100% PSA, 0.2% CPR a month of age up to 6% from month 30 on.
    Psa,
}

/// The unit of a default speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DefaultUnit {
    /// Conditional default rate: a share a year.
    Cdr,
    /// Monthly default rate: a share a month.
    Mdr,
    /// Multiples of the standard default assumption: 1 is 100% SDA, 0.02% CDR a month of age up to 0.6% at
    /// month 30, flat to month 60, falling by 0.0095% a month to 0.03% at month 120 and flat from there.
    Sda,
    /// Losses by a timing curve: values are cumulative shares, 0 to 1, of the `lifetime_loss`.
    LossTiming,
}

/// The share of a month of a share a year: `1 - (1 - annual)^(1/12)`, SIFMA SF-4.
///
/// ```
/// // 6% CPR is 0.5143% SMM.
/// assert!((leasefall::scenario::monthly_mortality(0.06) - 0.005_143).abs() < 5e-7);
/// assert_eq!(leasefall::scenario::monthly_mortality(1.0), 1.0);
/// ```
pub fn monthly_mortality(annual: f64) -> f64 {
    1.0 - libm::pow(1.0 - annual.clamp(0.0, 1.0), 1.0 / 12.0)
}

impl PrepaymentUnit {
    /// The single monthly mortality of a value of this unit for loans in month `age` of their life (from 1).
    ///
    /// ```
    /// use leasefall::scenario::{PrepaymentUnit, monthly_mortality};
    /// // 150% PSA in month 10: 1.5 x 0.2% x 10 = 3% CPR; from month 30 on 9%.
    /// assert_eq!(PrepaymentUnit::Psa.smm(1.5, 10), monthly_mortality(0.03));
    /// assert_eq!(PrepaymentUnit::Psa.smm(1.5, 31), monthly_mortality(0.09));
    /// ```
    pub fn smm(self, value: f64, age: u32) -> f64 {
        match self {
            PrepaymentUnit::Cpr => monthly_mortality(value),
            PrepaymentUnit::Smm => value.clamp(0.0, 1.0),
            PrepaymentUnit::Psa => monthly_mortality(value * 0.06 * f64::from(age.min(30)) / 30.0),
        }
    }
}

impl DefaultUnit {
    /// The monthly default rate of a value of this unit for loans in month `age` of their life (from 1); of
    /// [`DefaultUnit::LossTiming`], which is no rate, 0.
    ///
    /// ```
    /// use leasefall::scenario::{DefaultUnit, monthly_mortality};
    /// let cdr = |age, rate: f64| (DefaultUnit::Sda.mdr(1.0, age) - monthly_mortality(rate)).abs() < 1e-15;
    /// assert!(cdr(15, 0.003) && cdr(45, 0.006) && cdr(90, 0.003_15) && cdr(200, 0.000_3));
    /// ```
    pub fn mdr(self, value: f64, age: u32) -> f64 {
        match self {
            DefaultUnit::Cdr => monthly_mortality(value),
            DefaultUnit::Mdr => value.clamp(0.0, 1.0),
            DefaultUnit::Sda => {
                // Percent a year, by age: rise, plateau, fall, tail.
                let percent = match age {
                    0..=30 => 0.02 * f64::from(age),
                    31..=60 => 0.6,
                    61..=120 => 0.6 - 0.0095 * f64::from(age - 60),
                    _ => 0.03,
                };
                monthly_mortality(value * percent / 100.0)
            }
            DefaultUnit::LossTiming => 0.0,
        }
    }
}

/// A point of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VectorPoint {
    /// The month, from 1: of the loans' age, or after the cut-off date, as the vector counts.
    pub month: u32,
    /// The value in that month. Between two points it runs straight, before the first and after the last it
    /// stays.
    pub value: Decimal,
}

/// What a vector's months are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CountedFrom {
    /// The cut-off date: month 1 is the first collected.
    #[default]
    CutOff,
    /// The loans' origination, each line's own.
    Origination,
}

/// The value of a vector in a month; `start` before its first point, if given.
pub(super) fn value_at(points: &[(u32, f64)], month: u32) -> f64 {
    let after = points.partition_point(|&(at, _)| at <= month);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (None, None) => 0.0,
        (Some((_, value)), None) => value,
        (None, Some(&(_, value))) => value,
        (Some((from, low)), Some(&(to, high))) => {
            low + (high - low) * f64::from(month - from) / f64::from(to - from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_straight_between_points_and_flat_outside() {
        let points = [(3, 0.1), (5, 0.3), (6, 0.0)];
        let values: Vec<f64> = (1..8).map(|month| value_at(&points, month)).collect();
        for (found, expected) in values.into_iter().zip([0.1, 0.1, 0.1, 0.2, 0.3, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert_eq!(value_at(&[], 4), 0.0);
    }

    #[test]
    fn twelve_months_of_mortality_make_the_year() {
        for annual in [0.0, 0.02, 0.3, 0.99] {
            let survives = (1.0 - monthly_mortality(annual)).powi(12);
            assert!((survives - (1.0 - annual)).abs() < 1e-14);
        }
    }
}
