//! What a decimal in a file means: a rate a year, a spread, a factor.

use crate::ratio::Ratio;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A rate a year, as a fraction: `0.0658` is 6.58%. Exactly what the file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Rate(Decimal);

impl Rate {
    /// No rate.
    pub const ZERO: Rate = Rate(Decimal::ZERO);

    /// From a fraction a year: `Rate::new(dec!(0.0658))` is 6.58%.
    pub const fn new(fraction: Decimal) -> Rate {
        Rate(fraction)
    }

    /// The fraction a year.
    pub const fn fraction(self) -> Decimal {
        self.0
    }

    /// A forward rate from the model world, rounded as floating-rate notes round their index: to the
    /// nearest one hundred-thousandth of one per cent (seven decimals of a fraction).
    ///
    /// `None` if the value is not finite.
    pub fn from_model(value: f64) -> Option<Rate> {
        let scaled = (value * 1e7).round_ties_even();
        (scaled.abs() < 1e17).then(|| Rate(Decimal::new(scaled as i64, 7).normalize()))
    }

    /// As a model value.
    pub fn to_f64(self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }

    /// Interest of one period on a unit of balance, exact: rate x year fraction.
    pub fn over(self, year_fraction: Ratio) -> Option<Ratio> {
        Ratio::from_decimal(self.0)?.checked_mul(year_fraction)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }
}

/// A pure multiplier: `0.8` keeps four fifths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Factor(Decimal);

impl Factor {
    /// Changes nothing.
    pub const ONE: Factor = Factor(Decimal::ONE);
    /// Leaves nothing.
    pub const ZERO: Factor = Factor(Decimal::ZERO);

    /// From a decimal multiplier.
    pub const fn new(multiplier: Decimal) -> Factor {
        Factor(multiplier)
    }

    /// The multiplier.
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// As a model value.
    pub fn to_f64(self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }
}
