//! A fleet of chips, and how many of them still work.

use super::chip::model;
use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Chips of one generation put in service together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The fleet's own name.
    pub id: String,
    /// The [`Generation`](super::Generation) of its chips.
    pub generation: String,
    /// Chips in service at the start.
    pub count: u32,
    /// The day on which they went or go into service.
    pub in_service: Date,
    /// The [`Site`](super::Site) in which they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The [`Hall`](super::Hall) of that site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hall: Option<String>,
    /// Chips that fail for good in a year, per working chip (an intensity); 0.04 unless stated.
    #[serde(default = "default_failure_rate")]
    pub failure_rate: Decimal,
    /// What becomes of a chip that fails.
    #[serde(default)]
    pub replacement: Replacement,
}

/// Permanent failures of 2.5 to 6% a year are reported; 4% is the central estimate (see `docs/model.md`).
fn default_failure_rate() -> Decimal {
    Decimal::new(4, 2)
}

/// What becomes of a chip that fails for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Replacement {
    /// Nothing: the fleet shrinks.
    #[default]
    None,
    /// The maker replaces it for so many months from the start of service; then nothing.
    Warranty {
        /// Months of warranty.
        months: u32,
    },
    /// It is replaced from spares bought with the fleet, until they are used up.
    Spares {
        /// Spares per chip in service: 0.05 is one for every twenty.
        share: Decimal,
    },
}

/// [`Replacement`] and the failure rate as numbers: how many chips of a fleet work at an age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survival {
    /// Failures a year per working chip.
    pub failure_rate: f64,
    /// Years from the start of service in which failures are made good for nothing.
    pub warranty_years: f64,
    /// Spares per chip at the start.
    pub spares: f64,
}

impl Survival {
    /// Chips that fail at this rate and are not replaced.
    pub fn unreplaced(failure_rate: f64) -> Survival {
        Survival { failure_rate, warranty_years: 0.0, spares: 0.0 }
    }

    /// Expected share of the fleet at work at an age in years: `min(1, (1 + s) e^(-f max(0, t - w)))` with
    /// failure rate `f`, spares `s` and warranty `w`. Never above 1 and never rising.
    ///
    /// ```
    /// use leasefall::asset::Survival;
    /// let chips = Survival::unreplaced(0.04);
    /// assert!((chips.working_share(5.0) - (-0.2_f64).exp()).abs() < 1e-15);
    /// let with_spares = Survival { spares: 0.05, ..chips };
    /// assert_eq!(with_spares.working_share(1.0), 1.0); // 1.05 e^-0.04 = 1.0088
    /// ```
    #[inline]
    pub fn working_share(&self, age_years: f64) -> f64 {
        let exposed_years = (age_years - self.warranty_years).max(0.0);
        ((1.0 + self.spares) * libm::exp(-self.failure_rate * exposed_years)).min(1.0)
    }
}

impl Fleet {
    /// The fleet's failures and replacement rule as numbers.
    pub fn survival(&self) -> Survival {
        let unreplaced = Survival::unreplaced(model(self.failure_rate));
        match self.replacement {
            Replacement::None => unreplaced,
            Replacement::Warranty { months } => {
                Survival { warranty_years: f64::from(months) / 12.0, ..unreplaced }
            }
            Replacement::Spares { share } => Survival { spares: model(share), ..unreplaced },
        }
    }

    /// Field, what stands there and what should, where a figure is out of bounds.
    pub(super) fn out_of_bounds(&self) -> impl Iterator<Item = (&'static str, String, &'static str)> {
        let count = (self.count == 0).then(|| ("count", "0".to_owned(), "at least one chip"));
        let rate = (!(Decimal::ZERO..=Decimal::TEN).contains(&self.failure_rate))
            .then(|| ("failure_rate", self.failure_rate.to_string(), "a number from 0 to 10"));
        let spares = match self.replacement {
            Replacement::Spares { share } if !(Decimal::ZERO..=Decimal::ONE).contains(&share) => {
                Some(("replacement.share", share.to_string(), "a number from 0 to 1"))
            }
            _ => None,
        };
        count.into_iter().chain(rate).chain(spares)
    }
}
