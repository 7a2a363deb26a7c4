//! Day counts: the fraction of a year between two dates, exactly.

use super::Date;
use crate::ratio::Ratio;
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// How interest counts days. Written in files as the market writes it: `30/360`, `act/360`.
///
/// Sections are those of the 2006 ISDA Definitions. Every count is antisymmetric: from a later to an
/// earlier date it is the negative of the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum DayCount {
    /// `30/360`, "bond basis" (4.16(f)), also NASD: a start on the 31st counts as the 30th, and an end on
    /// the 31st counts as the 30th only after a start on the 30th or 31st. February has no rule of its
    /// own, so 28 February to 31 August is 183 days.
    #[serde(rename = "30/360")]
    Thirty360,
    /// `30E/360`, "Eurobond basis" (4.16(g)): the 31st counts as the 30th at either end.
    #[serde(rename = "30E/360")]
    ThirtyE360,
    /// `act/360` (4.16(e)): actual days over 360.
    #[serde(rename = "act/360")]
    Act360,
    /// `act/365f` (4.16(d)): actual days over 365, leap year or not.
    #[serde(rename = "act/365f")]
    Act365Fixed,
    /// `act/act_isda` (4.16(b)): days in leap years over 366 plus days in other years over 365.
    #[serde(rename = "act/act_isda")]
    ActActIsda,
}

impl DayCount {
    /// Every convention.
    pub const ALL: [DayCount; 5] = [
        DayCount::Thirty360,
        DayCount::ThirtyE360,
        DayCount::Act360,
        DayCount::Act365Fixed,
        DayCount::ActActIsda,
    ];

    /// The name in files: `30/360`.
    pub const fn name(self) -> &'static str {
        match self {
            DayCount::Thirty360 => "30/360",
            DayCount::ThirtyE360 => "30E/360",
            DayCount::Act360 => "act/360",
            DayCount::Act365Fixed => "act/365f",
            DayCount::ActActIsda => "act/act_isda",
        }
    }

    /// The days from `start` to `end` as the convention counts them, the start included and the end not.
    ///
    /// ```
    /// use leasefall::{Date, DayCount};
    /// let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
    /// let (january, march) = (day(2026, 1, 31), day(2026, 3, 1));
    /// assert_eq!(DayCount::Act360.days(january, march), 29);
    /// assert_eq!(DayCount::Thirty360.days(january, march), 31); // from the "30th" of January
    /// ```
    pub fn days(self, start: Date, end: Date) -> i64 {
        match self {
            DayCount::Thirty360 | DayCount::ThirtyE360 if end < start => -self.days(end, start),
            DayCount::Thirty360 => {
                let first = start.day().min(30);
                let last = if first == 30 { end.day().min(30) } else { end.day() };
                thirty_day_months(start, first, end, last)
            }
            DayCount::ThirtyE360 => thirty_day_months(start, start.day().min(30), end, end.day().min(30)),
            DayCount::Act360 | DayCount::Act365Fixed | DayCount::ActActIsda => {
                end.signed_duration_since(start).num_days()
            }
        }
    }

    /// The exact fraction of a year from `start` to `end`; negative when `end` comes first.
    ///
    /// ```
    /// use leasefall::{Date, DayCount};
    /// let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
    /// // 61 days of 2003 over 365, and 121 days of 2004 over 366.
    /// let fraction = DayCount::ActActIsda.year_fraction(day(2003, 11, 1), day(2004, 5, 1));
    /// assert_eq!((fraction.numerator(), fraction.denominator()), (66_491, 133_590));
    /// ```
    pub fn year_fraction(self, start: Date, end: Date) -> Ratio {
        match self {
            DayCount::Thirty360 | DayCount::ThirtyE360 | DayCount::Act360 => {
                fraction(self.days(start, end), 360)
            }
            DayCount::Act365Fixed => fraction(self.days(start, end), 365),
            // a/365 + b/366 = position of the end - position of the start, where a position is the year
            // plus the part of the year gone by: whole years between count 1 each, leap or not.
            DayCount::ActActIsda => fraction(year_position(end) - year_position(start), YEAR_UNITS),
        }
    }
}

/// `360 (Y2 - Y1) + 30 (M2 - M1) + (D2 - D1)`, 2006 ISDA Definitions 4.16(f) and (g).
fn thirty_day_months(start: Date, first_day: u32, end: Date, last_day: u32) -> i64 {
    360 * (i64::from(end.year()) - i64::from(start.year()))
        + 30 * (i64::from(end.month()) - i64::from(start.month()))
        + (i64::from(last_day) - i64::from(first_day))
}

/// Units of a year in which a day of any year is a whole number: 365 x 366.
const YEAR_UNITS: i64 = 365 * 366;

/// The year plus the part of it gone by, in [`YEAR_UNITS`].
fn year_position(date: Date) -> i64 {
    let day_units = if date.leap_year() { 365 } else { 366 };
    i64::from(date.year()) * YEAR_UNITS + i64::from(date.ordinal0()) * day_units
}

fn fraction(numerator: i64, denominator: i64) -> Ratio {
    Ratio::new(i128::from(numerator), i128::from(denominator))
        .expect("64-bit terms over a positive denominator")
}

impl fmt::Display for DayCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no day count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("unknown day count, expected one of 30/360, 30E/360, act/360, act/365f, act/act_isda")]
pub struct UnknownDayCount;

impl FromStr for DayCount {
    type Err = UnknownDayCount;

    fn from_str(text: &str) -> Result<DayCount, UnknownDayCount> {
        DayCount::ALL.into_iter().find(|convention| convention.name() == text).ok_or(UnknownDayCount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PUBLISHED: &str = include_str!("../../fixtures/published/day_counts.csv");

    #[test]
    fn counts_match_the_published_tables() {
        let mut rows = 0;
        for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let convention: DayCount = cells[0].parse().unwrap();
            let (start, end): (Date, Date) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
            assert_eq!(convention.days(start, end), cells[3].parse::<i64>().unwrap(), "{line}");
            if !cells[4].is_empty() {
                let published: f64 = cells[4].parse().unwrap();
                let fraction = convention.year_fraction(start, end).to_f64();
                // The source prints ten good digits and compares at 1e-10.
                assert!((fraction - published).abs() < 1e-11, "{line}: {fraction}");
            }
            rows += 1;
        }
        assert_eq!(rows, 71);
    }

    #[test]
    fn act_act_is_exact_over_whole_years() {
        let day = |y| Date::from_ymd_opt(y, 6, 1).unwrap();
        // Two common years, with a leap year between: each year counts one.
        assert_eq!(DayCount::ActActIsda.year_fraction(day(2023), day(2025)), Ratio::new(2, 1).unwrap());
    }

    #[test]
    fn names_round_trip_and_unknown_names_are_refused() {
        for convention in DayCount::ALL {
            let json = serde_json::to_string(&convention).unwrap();
            assert_eq!(json, format!("\"{convention}\""));
            assert_eq!(serde_json::from_str::<DayCount>(&json).unwrap(), convention);
        }
        assert_eq!("30/365".parse::<DayCount>(), Err(UnknownDayCount));
    }

    prop_compose! {
        fn any_date()(days in -200_000_000_i32..200_000_000) -> Date {
            let span = chrono::TimeDelta::days(i64::from(days));
            Date::default().checked_add_signed(span).unwrap_or(if days < 0 { Date::MIN } else { Date::MAX })
        }
    }

    proptest! {
        #[test]
        fn any_two_dates_have_an_antisymmetric_count(a in any_date(), b in any_date()) {
            for convention in DayCount::ALL {
                prop_assert_eq!(convention.days(a, b), -convention.days(b, a));
                let (there, back) = (convention.year_fraction(a, b), convention.year_fraction(b, a));
                prop_assert_eq!(there.numerator(), -back.numerator());
                prop_assert_eq!(there.numerator().signum(), convention.days(a, b).signum());
            }
        }

        /// The definition itself: days one by one, each over the length of its own year.
        #[test]
        fn act_act_counts_each_day_in_its_own_year(first in 0_i32..40_000, length in 0_i64..1_500) {
            let start = Date::from_num_days_from_ce_opt(700_000 + first).unwrap();
            let days = || start.iter_days().take(length as usize);
            let leap = days().filter(|day| day.leap_year()).count() as i128;
            let common = length as i128 - leap;
            let expected = Ratio::new(common * 366 + leap * 365, 365 * 366).unwrap();
            let end = start + chrono::TimeDelta::days(length);
            prop_assert_eq!(DayCount::ActActIsda.year_fraction(start, end), expected);
        }
    }
}
