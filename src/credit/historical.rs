//! How often rated corporates have defaulted: physical probabilities by rating and horizon.

use super::Rating;
use crate::Error;

/// The horizons of S&P's table, in years.
pub const YEARS: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0];

/// The cumulative default probabilities of a rating at [`YEARS`], as fractions.
///
/// S&P prints letter grades. The notches between them are geometric, a third of the way a notch (half the way
/// for AA+, which alone lies between AAA and AA); the row CCC/C stands at CCC and for everything below it short
/// of default. As printed: AAA exceeds AA from the third year to the seventh, and in its first year no AAA has
/// ever defaulted, which a geometric mean hands on to AA+.
///
/// Source (read): S&P, average cumulative default rates of corporates, global, 1981-2019.
///
/// ```
/// use leasefall::credit::{Rating, historical};
/// // A is 0.47% over five years, BBB 1.58%: A- a third of the way, 0.47 x (1.58 / 0.47)^(1/3).
/// let five_years = historical::cumulative(Rating::A3)[4];
/// assert!((five_years - 0.0047 * (1.58_f64 / 0.47).cbrt()).abs() < 1e-15);
/// ```
pub fn cumulative(rating: Rating) -> [f64; 8] {
    if rating == Rating::D {
        return [1.0; 8];
    }
    let notch = (rating as usize).min(LETTERS[LETTERS.len() - 1].0 as usize);
    let upper = LETTERS.iter().rposition(|letter| letter.0 as usize <= notch).unwrap_or(0);
    let (above, percent) = LETTERS[upper];
    let Some((below, percent_below)) = LETTERS.get(upper + 1) else {
        return percent.map(|value| value / 100.0);
    };
    let steps = above.notches_between(*below) as f64;
    let weight = (notch - above as usize) as f64 / steps;
    let mut cumulative = [0.0; 8];
    for (at, value) in cumulative.iter_mut().enumerate() {
        *value = geometric(percent[at], percent_below[at], weight) / 100.0;
    }
    cumulative
}

/// The probability that a corporate of this rating defaults within a horizon.
///
/// Between the years of the table the hazard is constant (the logarithm of survival is linear), within the first
/// year that of the first; beyond fifteen years the hazard of years ten to fifteen goes on. `D` has defaulted: 1.
///
/// # Errors
/// [`Error::Argument`] unless the horizon is finite and not negative.
///
/// ```
/// use leasefall::credit::{Rating, historical};
/// // BBB survives five years with 0.9842 and seven with 0.9767: six with their geometric mean.
/// let six = historical::default_probability(Rating::Baa2, 6.0)?;
/// assert!((six - (1.0 - (0.9842_f64 * 0.9767).sqrt())).abs() < 1e-15);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn default_probability(rating: Rating, horizon_years: f64) -> Result<f64, Error> {
    if !(horizon_years >= 0.0 && horizon_years.is_finite()) {
        return Err(Error::Argument {
            argument: "horizon_years",
            found: horizon_years,
            expected: "a finite number, not negative",
        });
    }
    if rating == Rating::D {
        return Ok(1.0);
    }
    let cumulative = cumulative(rating);
    // Cumulative hazard -ln(1 - PD) at a year of the table, 0 at closing.
    let hazard = |count: usize| match count.checked_sub(1) {
        None => (0.0, 0.0),
        Some(at) => (YEARS[at], -libm::log1p(-cumulative[at])),
    };
    let passed = YEARS.iter().filter(|&&year| year <= horizon_years).count();
    let interval = passed.min(YEARS.len() - 1);
    let ((from, at_from), (to, at_to)) = (hazard(interval), hazard(interval + 1));
    let total = at_from + (horizon_years - from) / (to - from) * (at_to - at_from);
    Ok(-libm::expm1(-total))
}

/// `a^(1-w) b^w`.
fn geometric(a: f64, b: f64, weight: f64) -> f64 {
    if weight == 0.0 || a == 0.0 {
        return a;
    }
    a * libm::pow(b / a, weight)
}

/// Letter grades and their rates in percent at [`YEARS`].
#[rustfmt::skip]
const LETTERS: [(Rating, [f64; 8]); 7] = [
    (Rating::Aaa,  [0.0, 0.03, 0.13, 0.24, 0.35, 0.51, 0.70, 0.91]),
    (Rating::Aa2,  [0.02, 0.06, 0.12, 0.21, 0.31, 0.50, 0.72, 1.02]),
    (Rating::A2,   [0.05, 0.14, 0.23, 0.35, 0.47, 0.79, 1.24, 1.89]),
    (Rating::Baa2, [0.16, 0.45, 0.78, 1.17, 1.58, 2.33, 3.32, 4.69]),
    (Rating::Ba2,  [0.61, 1.92, 3.48, 5.05, 6.52, 9.01, 11.78, 14.67]),
    (Rating::B2,   [3.33, 7.71, 11.55, 14.58, 16.93, 20.36, 23.74, 27.12]),
    (Rating::Caa2, [27.08, 36.64, 41.41, 44.10, 46.19, 48.26, 50.38, 52.59]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `rating,1,2,3,4,5,7,10,15` in percent.
    const PUBLISHED: &str = include_str!("../../fixtures/published/sp_corporate_defaults.csv");

    #[test]
    fn the_table_is_the_published_one() {
        let mut rows = 0;
        for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let rating: Rating = cells[0].parse().unwrap();
            for (cell, years) in cells[1..].iter().zip(YEARS) {
                let fraction = cell.parse::<f64>().unwrap() / 100.0;
                assert!((default_probability(rating, years).unwrap() - fraction).abs() < 1e-15, "{line}");
            }
            rows += 1;
        }
        assert_eq!(rows, 7);
    }

    /// By hand, over ten years: AA- cubed is AA squared times A, and A+ cubed is AA times A squared.
    #[test]
    fn notches_are_geometric_between_letters() {
        let ten_years = |rating| 100.0 * cumulative(rating)[6];
        assert!((ten_years(Rating::Aa3).powi(3) - 0.72 * 0.72 * 1.24).abs() < 1e-12);
        assert!((ten_years(Rating::A1).powi(3) - 0.72 * 1.24 * 1.24).abs() < 1e-12);
        assert!((ten_years(Rating::Aa1) - (0.70_f64 * 0.72).sqrt()).abs() < 1e-12);
        for low in [Rating::Caa3, Rating::Ca, Rating::C] {
            assert_eq!(cumulative(low), cumulative(Rating::Caa2));
        }
    }

    #[test]
    fn the_last_hazard_goes_on_and_the_first_reaches_back() {
        let survival = |years| 1.0 - default_probability(Rating::B2, years).unwrap();
        assert_eq!(survival(0.0), 1.0);
        assert!((survival(0.5) - (1.0_f64 - 0.0333).sqrt()).abs() < 1e-15);
        assert!((survival(20.0) - 0.7288 * (0.7288 / 0.7626)).abs() < 1e-12);
        assert_eq!(default_probability(Rating::D, 0.0), Ok(1.0));
        for wrong in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(default_probability(Rating::B2, wrong).is_err());
        }
    }

    proptest! {
        #[test]
        fn probabilities_rise_with_time(early in 0.0_f64..40.0, more in 0.0_f64..10.0) {
            for rating in Rating::ALL {
                let (a, b) = (default_probability(rating, early), default_probability(rating, early + more));
                let (a, b) = (a.unwrap(), b.unwrap());
                prop_assert!((0.0..=1.0).contains(&a) && a <= b + 1e-16, "{rating}: {a} {b}");
            }
        }

        /// From AA down no printed rate is above that of a lower grade; AAA is (see `cumulative`).
        #[test]
        fn probabilities_rise_down_the_scale_from_aa(years in 0.01_f64..40.0) {
            for pair in Rating::ALL[2..].windows(2) {
                let probability = |rating| default_probability(rating, years).unwrap();
                prop_assert!(probability(pair[0]) <= probability(pair[1]));
            }
        }
    }
}
