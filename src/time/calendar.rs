//! Holidays: on which days payments can be made.

use super::Date;
use chrono::{Datelike, Weekday};
use serde::{Deserialize, Serialize};

/// A holiday calendar. Rules, not lists, so that a schedule may run past any published list.
///
/// The United States calendars follow 5 U.S.C. 6103 as it stands since 1978, with the birthday of Martin
/// Luther King, Jr. from 1986 and Juneteenth from 2022, the first years in which banks observed them.
/// Closures for a single day (a storm, a funeral) are not in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Calendar {
    /// Every day is a business day.
    #[default]
    None,
    /// Closed on Saturdays and Sundays only.
    Weekends,
    /// The Federal Reserve Banks: a holiday on a Sunday is observed on Monday, one on a Saturday is not
    /// moved (Federal Reserve Board, K.8). This is the "Business Day" of most indentures.
    UsBank,
    /// United States federal offices and settlement: as [`Calendar::UsBank`], and a holiday on a Saturday
    /// is observed on Friday.
    UsSettlement,
    /// The Eurosystem's TARGET: New Year, Good Friday, Easter Monday, 1 May, 25 and 26 December; in the
    /// first years also 31 December (1998, 1999, 2001), and before 2000 only New Year and Christmas.
    Target,
}

impl Calendar {
    /// Whether payments can be made on the date.
    ///
    /// ```
    /// use leasefall::{Date, time::Calendar};
    /// // Independence Day of 2026 is a Saturday: banks open on the Friday, federal offices do not.
    /// let friday = Date::from_ymd_opt(2026, 7, 3).unwrap();
    /// assert!(Calendar::UsBank.is_business_day(friday));
    /// assert!(!Calendar::UsSettlement.is_business_day(friday));
    /// ```
    pub fn is_business_day(self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        match self {
            Calendar::None => true,
            Calendar::Weekends => !weekend,
            Calendar::UsBank => !weekend && !us_bank_holiday(date),
            Calendar::UsSettlement => !weekend && !us_bank_holiday(date) && !us_friday_holiday(date),
            Calendar::Target => !weekend && !target_holiday(date),
        }
    }
}

/// Holidays on a weekday, those of a Sunday observed on Monday.
fn us_bank_holiday(date: Date) -> bool {
    let moved_from_sunday =
        date.weekday() == Weekday::Mon && date.pred_opt().is_some_and(us_holiday_of_fixed_date);
    us_holiday_of_fixed_date(date) || us_holiday_of_fixed_weekday(date) || moved_from_sunday
}

/// A Friday on which the holiday of the Saturday is observed.
fn us_friday_holiday(date: Date) -> bool {
    date.weekday() == Weekday::Fri && date.succ_opt().is_some_and(us_holiday_of_fixed_date)
}

/// New Year, Juneteenth, Independence, Veterans and Christmas days, wherever in the week they fall.
fn us_holiday_of_fixed_date(date: Date) -> bool {
    match (date.month(), date.day()) {
        (1, 1) | (7, 4) | (11, 11) | (12, 25) => true,
        // Law of 17 June 2021, two days before: the banking system observes it from 2022.
        (6, 19) => date.year() >= 2022,
        _ => false,
    }
}

/// The holidays that the law puts on a weekday; the n-th of a weekday falls on days 7n-6 to 7n.
fn us_holiday_of_fixed_weekday(date: Date) -> bool {
    match (date.month(), date.weekday(), date.day()) {
        // Birthday of Martin Luther King, Jr.: law of 2 November 1983, first observed in 1986.
        (1, Weekday::Mon, 15..=21) => date.year() >= 1986,
        // Washington's birthday, Memorial Day, Labor Day, Columbus Day, Thanksgiving.
        (2, Weekday::Mon, 15..=21)
        | (5, Weekday::Mon, 25..=31)
        | (9, Weekday::Mon, 1..=7)
        | (10, Weekday::Mon, 8..=14)
        | (11, Weekday::Thu, 22..=28) => true,
        _ => false,
    }
}

fn target_holiday(date: Date) -> bool {
    let year = date.year();
    match (date.month(), date.day()) {
        (1, 1) | (12, 25) => true,
        (12, 31) => matches!(year, 1998 | 1999 | 2001),
        (5, 1) | (12, 26) => year >= 2000,
        // Good Friday and Easter Monday.
        (3 | 4, _) => {
            let after_easter = easter(year).map(|sunday| date.signed_duration_since(sunday).num_days());
            year >= 2000 && matches!(after_easter, Some(-2 | 1))
        }
        _ => false,
    }
}

/// Easter Sunday of the Gregorian calendar: the "anonymous" algorithm, Meeus, *Astronomical Algorithms*,
/// chapter 8.
fn easter(year: i32) -> Option<Date> {
    let (golden, century, rest) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let lunar = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - leap_centuries - lunar + 15).rem_euclid(30);
    let weekday = (32 + 2 * century_rest + 2 * (rest / 4) - epact - rest % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    Date::from_ymd_opt(year, (days / 31) as u32, (days % 31 + 1) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    const PUBLISHED: &str = include_str!("../../fixtures/published/holidays.csv");

    /// Both ways: each listed day is closed, and no other weekday of a listed year is.
    #[test]
    fn closed_days_match_the_published_lists() {
        let mut lists: BTreeMap<&str, BTreeSet<Date>> = BTreeMap::new();
        for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let (calendar, date) = line.split_once(',').unwrap();
            lists.entry(calendar).or_default().insert(date.parse().unwrap());
        }
        assert_eq!(lists.len(), 3);
        for (name, published) in lists {
            let calendar: Calendar = serde_json::from_str(&format!("\"{name}\"")).unwrap();
            let years: BTreeSet<i32> = published.iter().map(|date| date.year()).collect();
            let closed: BTreeSet<Date> = years
                .iter()
                .flat_map(|&year| {
                    Date::from_ymd_opt(year, 1, 1).unwrap().iter_days().take_while(move |d| d.year() == year)
                })
                .filter(|&date| Calendar::Weekends.is_business_day(date) && !calendar.is_business_day(date))
                .collect();
            assert_eq!(closed, published, "{name}");
        }
    }

    /// A federal year has ten holidays (eleven from 2022) and none is lost or doubled by moving it.
    #[test]
    fn every_year_to_2200_has_the_holidays_of_the_law() {
        for year in 1990..=2200 {
            // New Year's is left out: it may be observed on the last day of the year before.
            let days = Date::from_ymd_opt(year, 1, 2).unwrap().iter_days().take_while(|d| d.year() == year);
            let closed = days.filter(|&date| {
                let next_new_year = date.month() == 12 && date.day() == 31;
                let moved_new_year = date.month() == 1 && date.day() == 2;
                Calendar::Weekends.is_business_day(date)
                    && !Calendar::UsSettlement.is_business_day(date)
                    && !next_new_year
                    && !moved_new_year
            });
            assert_eq!(closed.count(), if year >= 2022 { 10 } else { 9 }, "{year}");
        }
    }

    #[test]
    fn easter_falls_on_the_known_sundays() {
        for text in
            ["1818-03-22", "1943-04-25", "2000-04-23", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"]
        {
            let known: Date = text.parse().unwrap();
            assert_eq!(easter(known.year()), Some(known));
        }
    }

    #[test]
    fn the_ends_of_the_range_of_dates_are_days_like_others() {
        for calendar in
            [Calendar::None, Calendar::Weekends, Calendar::UsBank, Calendar::UsSettlement, Calendar::Target]
        {
            for date in [Date::MIN, Date::MAX] {
                assert!(calendar.is_business_day(date) || calendar != Calendar::None);
            }
        }
    }
}
