//! Calendar months, in which leases owe rent, and arithmetic on them.

use super::Date;
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;
use thiserror::Error;

/// A calendar month: November 2026, written `2026-11`.
///
/// Months order by time and differ by whole numbers of months. Sums saturate at the first and the last
/// month that a [`Date`] can name.
///
/// ```
/// use leasefall::time::Month;
/// let november: Month = "2026-11".parse().unwrap();
/// assert_eq!((november + 3).to_string(), "2027-02");
/// assert_eq!((november + 3) - november, 3);
/// assert_eq!((november + 3).days(), 28);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    /// `12 x year + month - 1`, always the month of some [`Date`].
    index: i32,
}

impl Month {
    /// The month of a year, `month` from 1 to 12; `None` outside that or outside the range of [`Date`].
    pub fn new(year: i32, month: u32) -> Option<Month> {
        Date::from_ymd_opt(year, month, 1).map(Month::of)
    }

    /// The month in which a date falls.
    pub fn of(date: Date) -> Month {
        Month { index: 12 * date.year() + date.month0() as i32 }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.index.div_euclid(12)
    }

    /// The month of the year, 1 to 12.
    pub fn month(self) -> u32 {
        self.index.rem_euclid(12) as u32 + 1
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        // The index is that of a date and the range of dates begins and ends with whole months, so the
        // fallback is never taken; it keeps this function total.
        Date::from_ymd_opt(self.year(), self.month(), 1).unwrap_or(Date::MAX)
    }

    /// The last day.
    pub fn last_day(self) -> Date {
        self.day(31)
    }

    /// The day of that number, or the last day of a month too short to have it; 0 counts as 1.
    ///
    /// ```
    /// use leasefall::time::Month;
    /// let february = Month::new(2028, 2).unwrap();
    /// assert_eq!(february.day(31).to_string(), "2028-02-29");
    /// ```
    pub fn day(self, number: u32) -> Date {
        let first = self.first_day();
        first.with_day(number.clamp(1, self.days())).unwrap_or(first)
    }

    /// The number of days, 28 to 31.
    pub fn days(self) -> u32 {
        match self.month() {
            2 if self.first_day().leap_year() => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    fn plus(self, months: i32) -> Month {
        let (first, last) = (Month::of(Date::MIN).index, Month::of(Date::MAX).index);
        Month { index: self.index.saturating_add(months).clamp(first, last) }
    }
}

impl Add<i32> for Month {
    type Output = Month;
    fn add(self, months: i32) -> Month {
        self.plus(months)
    }
}

impl AddAssign<i32> for Month {
    fn add_assign(&mut self, months: i32) {
        *self = *self + months;
    }
}

impl Sub<i32> for Month {
    type Output = Month;
    fn sub(self, months: i32) -> Month {
        self.plus(months.saturating_neg())
    }
}

impl Sub<Month> for Month {
    type Output = i32;
    fn sub(self, other: Month) -> i32 {
        self.index - other.index
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year() {
            year @ 0..=9999 => write!(f, "{year:04}-{:02}", self.month()),
            // As dates do: the sign tells a longer year from digits run together.
            year => write!(f, "{year:+05}-{:02}", self.month()),
        }
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a month written `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a month, expected a year and a month as in 2026-11")]
pub struct InvalidMonth;

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Month, InvalidMonth> {
        let (year, month) = text.rsplit_once('-').ok_or(InvalidMonth)?;
        let unsigned = year.strip_prefix(['+', '-']);
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let long_enough = if unsigned.is_some() { year.len() >= 5 } else { year.len() == 4 };
        if month.len() != 2 || !digits(month) || !digits(unsigned.unwrap_or(year)) || !long_enough {
            return Err(InvalidMonth);
        }
        let number = (year.parse().map_err(|_| InvalidMonth)?, month.parse().map_err(|_| InvalidMonth)?);
        Month::new(number.0, number.1).ok_or(InvalidMonth)
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidMonth;
    fn try_from(text: String) -> Result<Month, InvalidMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Month {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Month".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A calendar month: November 2026 is 2026-11.",
            "type": "string",
            "pattern": r"^\d{4}-(0[1-9]|1[0-2])$",
        })
    }
}

/// The date `n` calendar months later (earlier if negative) with the same day number, or the last day of
/// a month too short to have it. Saturates at the ends of the range of [`Date`].
///
/// ```
/// use leasefall::{Date, time::add_months};
/// let january = Date::from_ymd_opt(2027, 1, 31).unwrap();
/// assert_eq!(add_months(january, 1).to_string(), "2027-02-28");
/// assert_eq!(add_months(january, 2).to_string(), "2027-03-31");
/// ```
pub fn add_months(date: Date, n: i32) -> Date {
    (Month::of(date) + n).day(date.day())
}

/// Calendar months from the month of `a` to the month of `b`, whatever the days: 31 January to 1 March
/// is 2.
pub fn months_between(a: Date, b: Date) -> i32 {
    Month::of(b) - Month::of(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn month_ends_follow_the_calendar() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        assert_eq!(month("2024-02").last_day().to_string(), "2024-02-29");
        assert_eq!(month("2100-02").days(), 28);
        assert_eq!(month("2026-12") + 1, month("2027-01"));
        assert_eq!(month("2026-01") - 1, month("2025-12"));
        assert_eq!(month("2026-11").first_day().to_string(), "2026-11-01");
    }

    #[test]
    fn text_that_is_no_month_is_refused() {
        for text in [
            "",
            "-",
            "2026",
            "2026-13",
            "2026-00",
            "2026-1",
            "26-01",
            "2026-+1",
            "x2026-01",
            "12026-01",
            "+-2026-01",
            "999999-01",
        ] {
            assert_eq!(text.parse::<Month>(), Err(InvalidMonth), "{text}");
        }
    }

    #[test]
    fn sums_saturate_at_the_range_of_dates() {
        for (date, n) in [(Date::MAX, 1), (Date::MAX, i32::MAX)] {
            assert_eq!(add_months(date, n), Date::MAX);
        }
        for (date, n) in [(Date::MIN, -1), (Date::MIN, i32::MIN)] {
            assert_eq!(add_months(date, n), Date::MIN);
        }
        assert_eq!((Month::of(Date::MAX) - i32::MIN).last_day(), Date::MAX);
    }

    proptest! {
        #[test]
        fn months_agree_with_dates(
            index in -3_000_000_i32..3_000_000, n in any::<i32>(), day in any::<u32>(),
        ) {
            let month = Month { index };
            prop_assert_eq!(month.to_string().parse(), Ok(month));
            prop_assert_eq!(Month::of(month.last_day()), month);
            prop_assert_eq!(month.last_day().succ_opt().map(Month::of), Some(month + 1));
            prop_assert_eq!(Month::of((month + n).day(day)), month + n);
        }
    }
}
