//! A figure with where it comes from.

use super::commitments::Mark;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// A figure, where it comes from and how sure it is: `{ value = -0.45, source = "...", mark = "assumption" }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The figure.
    pub value: Decimal,
    /// Where it comes from.
    pub source: String,
    /// How sure it is.
    pub mark: Mark,
}

impl Figure {
    /// A figure that is a choice, and why.
    ///
    /// ```
    /// use leasefall::study::system::{Figure, Mark};
    /// let figure = Figure::assumed(5.into(), "a round number");
    /// assert_eq!((figure.value, figure.mark), (5.into(), Mark::Assumption));
    /// ```
    pub fn assumed(value: Decimal, source: &str) -> Figure {
        Figure { value, source: source.to_owned(), mark: Mark::Assumption }
    }

    /// The figure as a model value.
    pub(super) fn model(&self) -> f64 {
        self.value.to_f64().unwrap_or(f64::NAN)
    }
}
