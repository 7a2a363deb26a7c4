//! What may stand in one cell of a table.

use super::number::{exact_date, exact_decimal};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A type that one cell's text can be.
///
/// `Default` gives the value that a [`Row`](super::Row) hands out for a bad cell. It is never seen: a table
/// with a bad cell is not returned.
///
/// ```
/// use leasefall::tape::Cell;
///
/// #[derive(Default)]
/// struct Megawatts(f64);
///
/// impl Cell for Megawatts {
///     const EXPECTED: &'static str = "megawatts, as 12.5 MW";
///     fn parse(text: &str) -> Result<Self, &'static str> {
///         let number = text.strip_suffix(" MW").and_then(|number| number.parse().ok());
///         number.map(Megawatts).ok_or(Self::EXPECTED)
///     }
/// }
/// ```
pub trait Cell: Sized + Default {
    /// What is expected, in words: "a number", "a date as YYYY-MM-DD".
    const EXPECTED: &'static str;

    /// The value of a cell's text, which is trimmed and not empty.
    ///
    /// # Errors
    /// What was expected instead, in words.
    fn parse(text: &str) -> Result<Self, &'static str>;
}

impl Cell for String {
    const EXPECTED: &'static str = "text";
    fn parse(text: &str) -> Result<Self, &'static str> {
        Ok(text.to_owned())
    }
}

/// As [`exact_decimal`].
impl Cell for Decimal {
    const EXPECTED: &'static str = "a number";
    fn parse(text: &str) -> Result<Self, &'static str> {
        exact_decimal(text)
    }
}

/// As [`exact_date`].
impl Cell for NaiveDate {
    const EXPECTED: &'static str = "a date as YYYY-MM-DD";
    fn parse(text: &str) -> Result<Self, &'static str> {
        exact_date(text)
    }
}

impl Cell for u32 {
    const EXPECTED: &'static str = "a whole number";
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().or(Err("a whole number of zero or more"))
    }
}

impl Cell for i64 {
    const EXPECTED: &'static str = "a whole number";
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().or(Err(Self::EXPECTED))
    }
}

/// In small or capital letters: spreadsheets write `TRUE`.
impl Cell for bool {
    const EXPECTED: &'static str = "`true` or `false`";
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(Self::EXPECTED),
        }
    }
}
