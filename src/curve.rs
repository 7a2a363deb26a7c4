//! Discount and forward curves.

use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A curve, as a file states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CurveTerms {
    /// Its id.
    pub id: String,
    /// Points.
    pub points: Vec<CurvePoint>,
}

/// A point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CurvePoint {
    /// Date.
    pub date: Date,
    /// Value.
    pub value: Decimal,
}
