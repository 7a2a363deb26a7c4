//! A figure that says where it comes from.

use serde::{Deserialize, Serialize};

/// A value with its mark and source, for files whose every figure must say both.
///
/// ```
/// use leasefall::asset::{Figure, Mark};
/// let watts = Figure { value: 700, mark: Mark::Published, source: "data sheet".into() };
/// assert_eq!(watts.value, 700);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Figure<T> {
    /// The figure itself.
    pub value: T,
    /// Published, reconstructed or assumed.
    pub mark: Mark,
    /// The source of a published figure, the aim of a reconstructed one, the reason of an assumed one.
    pub source: String,
}

/// How much a figure can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Printed by a public source.
    Published,
    /// Made so that published totals come out.
    Reconstructed,
    /// Chosen by us.
    Assumed,
}
