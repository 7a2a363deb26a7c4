//! Scales: from figures to pixels, with round ticks.

use crate::time::{Date, Month};
use chrono::Datelike;

/// Width of a digit or letter at the charts' font size, in pixels, in a wide font: room is reserved by it.
const LETTER: f64 = 7.2;
/// Width of a wide sign.
const WIDE: f64 = 11.5;
/// Least room between two labels.
const GAP: f64 = 10.0;

/// Room that a text takes, in pixels.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().map(|letter| if matches!(letter, '%' | 'm' | 'w' | 'M' | 'W') { WIDE } else { LETTER }).sum()
}

/// A straight map of figures to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    pub from: f64,
    pub to: f64,
}

impl Scale {
    pub fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }
}

/// Round steps about so many to the range, from the first at or below `low` to the first at or above `high`.
///
/// Steps are 1, 2, 2.5 or 5 times a power of ten.
pub(super) fn ticks(low: f64, high: f64, about: usize) -> Vec<f64> {
    by(round_step(low, high, about), low, high)
}

/// [`ticks`] at whole figures only.
pub(super) fn whole_ticks(low: f64, high: f64, about: usize) -> Vec<f64> {
    let step = round_step(low, high, about).max(1.0);
    by(if step == 2.5 { 5.0 } else { step }, low, high)
}

fn span(low: f64, high: f64) -> f64 {
    if high > low { high - low } else { low.abs().max(1.0) }
}

fn round_step(low: f64, high: f64, about: usize) -> f64 {
    let rough = span(low, high) / about.max(1) as f64;
    let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|step| step * power >= rough * 0.999);
    step.unwrap_or(10.0) * power
}

fn by(step: f64, low: f64, high: f64) -> Vec<f64> {
    let span = span(low, high);
    let first = libm::floor(low / step + 1e-9);
    let last = libm::ceil((low + span) / step - 1e-9).max(first + 1.0);
    // A range of about so many steps has few of them, whatever was asked for.
    let count = ((last - first) as usize).min(1_000);
    (0..=count).map(|i| (first + i as f64) * step).collect()
}

/// Ticks as text, all with the decimals that the step needs.
pub(super) fn tick_labels(ticks: &[f64], suffix: &str) -> Vec<String> {
    let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let whole = |decimals: i32| {
        let scaled = step * libm::pow(10.0, f64::from(decimals));
        (scaled - scaled.round()).abs() < 1e-6
    };
    let decimals = (0..6).find(|&decimals| whole(decimals)).unwrap_or(6) as usize;
    let label = |&value: &f64| {
        let value = if value == 0.0 { 0.0 } else { value };
        format!("{value:.decimals$}{suffix}")
    };
    ticks.iter().map(label).collect()
}

/// A date as years: 1 July 2027 is 2027 and 181 of 365.
///
/// ```
/// use leasefall::{Date, report::svg::years};
/// assert_eq!(years(Date::from_ymd_opt(2027, 7, 1).unwrap()), 2027.0 + 181.0 / 365.0);
/// ```
pub fn years(date: Date) -> f64 {
    let days = if date.leap_year() { 366.0 } else { 365.0 };
    f64::from(date.year()) + f64::from(date.ordinal0()) / days
}

/// First days of months between two dates in years, as close as labels leave room for: place and label.
pub(super) fn date_ticks(scale: &Scale) -> Vec<(f64, String)> {
    let month_of = |years: f64| (years.clamp(1.0, 9_999.0) * 12.0) as i32;
    let (first, last) = (month_of(scale.low), month_of(scale.high));
    for step in [1, 2, 3, 6, 12, 24, 60, 120, 240, 600] {
        let label = |month: i32| {
            let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
            if step < 12 { format!("{year}-{month:02}") } else { year.to_string() }
        };
        let place = |month: i32| {
            let date = Month::new(month.div_euclid(12), month.rem_euclid(12) as u32 + 1)?.first_day();
            Some((years(date), label(month)))
        };
        let start = (first + step - 1).div_euclid(step) * step;
        let all = (start..=last).step_by(step as usize).filter_map(place);
        let found: Vec<(f64, String)> = all.filter(|(at, _)| (scale.low..=scale.high).contains(at)).collect();
        let room = found.windows(2).map(|pair| scale.at(pair[1].0) - scale.at(pair[0].0));
        let wide = found.iter().map(|(_, label)| text_width(label)).fold(0.0, f64::max);
        if room.fold(f64::INFINITY, f64::min) >= wide + GAP {
            return found;
        }
    }
    Vec::new()
}

/// Leaves out every second label until those that are left have room.
pub(super) fn thinned(ticks: &[f64], labels: &[String], scale: &Scale) -> Vec<(f64, String)> {
    let mut kept: Vec<(f64, String)> = ticks.iter().copied().zip(labels.iter().cloned()).collect();
    let wide = labels.iter().map(|label| text_width(label)).fold(0.0, f64::max);
    while kept.len() > 2 && kept.windows(2).any(|pair| scale.at(pair[1].0) - scale.at(pair[0].0) < wide + GAP)
    {
        kept = kept.into_iter().step_by(2).collect();
    }
    kept
}

/// The unit in which amounts of a size are read: `USD m`.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneyUnit {
    /// Its name.
    pub name: String,
    /// Major units of the currency in it.
    pub size: f64,
}

impl MoneyUnit {
    /// The unit for amounts up to `largest` major units of a currency: billions from ten of them on, else
    /// millions, thousands or the currency itself.
    ///
    /// ```
    /// use leasefall::{Currency, report::svg::MoneyUnit};
    /// let unit = MoneyUnit::of(Currency::USD, 27_294_000_000.0);
    /// assert_eq!((unit.name.as_str(), unit.size), ("USD bn", 1e9));
    /// assert_eq!(MoneyUnit::of(Currency::USD, 1.225e9).name, "USD m");
    /// ```
    pub fn of(currency: crate::Currency, largest: f64) -> MoneyUnit {
        let (suffix, size) = match largest {
            x if x >= 1e10 => (" bn", 1e9),
            x if x >= 1e6 => (" m", 1e6),
            x if x >= 1e4 => (" thousand", 1e3),
            _ => ("", 1.0),
        };
        MoneyUnit { name: format!("{currency}{suffix}"), size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_of_counts_are_whole() {
        assert_eq!(whole_ticks(0.0, 10.0, 4), [0.0, 5.0, 10.0]);
        assert_eq!(whole_ticks(-1.0, 2.0, 8), [-1.0, 0.0, 1.0, 2.0]);
        assert_eq!(whole_ticks(0.0, 0.0, 8), [0.0, 1.0]);
        assert_eq!(whole_ticks(0.0, 100.0, 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
    }

    #[test]
    fn round_ticks() {
        assert_eq!(ticks(0.0, 10.0, 5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(0.0, 1.27, 4), [0.0, 0.5, 1.0, 1.5]);
        assert_eq!(ticks(3.0, 3.0, 3).len(), 4);
        assert_eq!(tick_labels(&[0.0, 2.5, 5.0], "%"), ["0.0%", "2.5%", "5.0%"]);
        assert_eq!(tick_labels(&ticks(0.0, 10.0, 5), "")[1], "2");
    }

    #[test]
    fn dates_by_month_or_year() {
        let scale = |low, high| Scale { low, high, from: 0.0, to: 300.0 };
        let labels = |low, high| -> Vec<String> {
            date_ticks(&scale(low, high)).into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(labels(2026.0, 2031.0), ["2026", "2027", "2028", "2029", "2030", "2031"]);
        assert_eq!(labels(2006.6, 2007.1), ["2006-09", "2006-11", "2007-01"]);
        assert_eq!(years(Date::from_ymd_opt(2028, 7, 1).unwrap()), 2028.0 + 182.0 / 366.0);
    }

    proptest! {
        #[test]
        fn ticks_cover_any_range(low in -1e12_f64..1e12, span in 0.0_f64..1e12, about in 1_usize..12) {
            let found = ticks(low, low + span, about);
            prop_assert!((2..=40).contains(&found.len()), "{found:?}");
            let slack = 1e-6 * (low.abs() + span);
            prop_assert!(found[0] <= low + slack && found[found.len() - 1] >= low + span - slack);
            prop_assert!(found.windows(2).all(|pair| pair[1] > pair[0]));
        }
    }
}
