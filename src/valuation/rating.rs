//! The rating that a note's loss or default probability would earn by a published table.
//!
//! A table's figure for a rating is the most that the rating stands for: the implied rating is the best whose figure
//! is at least the one given. A model of the pool and a table of figures make no agency's opinion, which also weighs
//! law, servicing and structure.

use crate::Error;
use crate::credit::{Rating, historical, idealized};

/// The best rating whose idealized expected loss over the horizon is at least `expected_loss`, a fraction of the
/// note's balance at issue: Moody's way of rating structured finance.
///
/// The table is [`idealized::expected_loss`]: linear in time between whole years, and beyond ten years the column of
/// ten, so that a loss which takes longer to come is judged as if it came within ten. A loss exactly at the figure has
/// the rating; no loss at all is Aaa; more than the 55% of `Ca` is `C`.
///
/// # Errors
/// [`Error::Argument`] unless the loss is a fraction from 0 to 1 and the horizon finite and above 0.
///
/// ```
/// use leasefall::credit::Rating;
/// use leasefall::valuation::rating::implied_by_expected_loss;
/// // Over five years Baa1 stands for 0.605%, Baa2 for 0.869%.
/// assert_eq!(implied_by_expected_loss(0.00605, 5.0)?, Rating::Baa1);
/// assert_eq!(implied_by_expected_loss(0.00606, 5.0)?, Rating::Baa2);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn implied_by_expected_loss(expected_loss: f64, horizon_years: f64) -> Result<Rating, Error> {
    let loss = fraction("expected_loss", expected_loss)?;
    best(loss, |rating| idealized::expected_loss(rating, horizon_years))
}

/// The best rating whose idealized ten-year default rate (Moody's, the one behind the WARF) is at least
/// `default_probability`, the probability over ten years of any loss of interest or principal.
///
/// # Errors
/// [`Error::Argument`] unless the probability is a fraction from 0 to 1.
///
/// ```
/// use leasefall::credit::Rating;
/// use leasefall::valuation::rating::implied_by_idealized_default;
/// assert_eq!(implied_by_idealized_default(0.0612)?, Rating::Ba1); // Baa3 6.10%, Ba1 9.40%
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn implied_by_idealized_default(default_probability: f64) -> Result<Rating, Error> {
    let probability = fraction("default_probability", default_probability)?;
    best(probability, |rating| Ok(idealized::default_probability_10_years(rating)))
}

/// The best rating whose corporates have defaulted at least as often within the horizon as `default_probability`
/// says: by S&P's table, [`historical::default_probability`].
///
/// History is not smooth: over three to seven years AAA has defaulted more often than AA. A rating counts only if no
/// worse one has a lower rate, so that AAA is never earned by a probability too high for AA. The table does not tell
/// apart CCC and what lies below it; more than its rate is `D`.
///
/// # Errors
/// [`Error::Argument`] unless the probability is a fraction from 0 to 1 and the horizon finite and above 0.
///
/// ```
/// use leasefall::credit::Rating;
/// use leasefall::valuation::rating::implied_by_historical_default;
/// assert_eq!(implied_by_historical_default(0.0158, 5.0)?, Rating::Baa2); // BBB: 1.58% over five years
/// assert_eq!(implied_by_historical_default(0.0033, 5.0)?, Rating::Aa3); // AAA 0.35%, but AA 0.31%
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn implied_by_historical_default(default_probability: f64, horizon_years: f64) -> Result<Rating, Error> {
    let probability = fraction("default_probability", default_probability)?;
    if horizon_years == 0.0 {
        return Err(Error::Argument {
            argument: "horizon_years",
            found: horizon_years,
            expected: "a finite number above 0",
        });
    }
    best(probability, |rating| historical::default_probability(rating, horizon_years))
}

/// From the worst rating up, as long as the table's figure covers the one given.
fn best(figure: f64, table: impl Fn(Rating) -> Result<f64, Error>) -> Result<Rating, Error> {
    let mut implied = Rating::D;
    for rating in Rating::ALL.into_iter().rev() {
        if table(rating)? < figure * (1.0 - ROUNDING) {
            break;
        }
        implied = rating;
    }
    Ok(implied)
}

/// What arithmetic may add to a figure that was read from the same table.
const ROUNDING: f64 = 1e-12;

fn fraction(argument: &'static str, value: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::Argument { argument, found: value, expected: "a fraction from 0 to 1" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each figure has its rating, and a hair more the next.
    #[test]
    fn boundaries_belong_to_the_better_rating() {
        for pair in Rating::ALL[..20].windows(2) {
            for years in [0.4, 1.0, 3.7, 5.0, 10.0, 23.0] {
                let figure = idealized::expected_loss(pair[0], years).unwrap();
                assert_eq!(implied_by_expected_loss(figure, years), Ok(pair[0]), "{years}");
                assert_eq!(implied_by_expected_loss(figure * (1.0 + 1e-9), years), Ok(pair[1]), "{years}");
            }
            let figure = idealized::default_probability_10_years(pair[0]);
            assert_eq!(implied_by_idealized_default(figure), Ok(pair[0]));
            assert_eq!(implied_by_idealized_default(figure * (1.0 + 1e-9)), Ok(pair[1]));
        }
    }

    #[test]
    fn ends_of_the_scale() {
        assert_eq!(implied_by_expected_loss(0.0, 5.0), Ok(Rating::Aaa));
        assert_eq!(implied_by_expected_loss(0.55, 5.0), Ok(Rating::Ca));
        assert_eq!(implied_by_expected_loss(0.56, 5.0), Ok(Rating::C));
        assert_eq!(implied_by_expected_loss(0.0066, 10.0), implied_by_expected_loss(0.0066, 30.0));
        assert_eq!(implied_by_idealized_default(1.0), Ok(Rating::Ca));
        // No AAA has defaulted within a year; AA+ inherits the zero, AA is 0.02%.
        assert_eq!(implied_by_historical_default(0.0, 1.0), Ok(Rating::Aaa));
        assert_eq!(implied_by_historical_default(0.0001, 1.0), Ok(Rating::Aa2));
        assert_eq!(implied_by_historical_default(0.9, 10.0), Ok(Rating::D));
    }

    #[test]
    fn arguments_are_checked() {
        for wrong in [-1e-9, 1.1, f64::NAN, f64::INFINITY] {
            assert!(implied_by_expected_loss(wrong, 5.0).is_err(), "{wrong}");
            assert!(implied_by_idealized_default(wrong).is_err(), "{wrong}");
            assert!(implied_by_historical_default(wrong, 5.0).is_err(), "{wrong}");
        }
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(implied_by_expected_loss(0.1, wrong).is_err(), "{wrong}");
            assert!(implied_by_historical_default(0.1, wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn more_loss_is_no_better_rating(loss in 0.0_f64..0.9, more in 0.0_f64..0.1, years in 0.1_f64..30.0) {
            for implied in [implied_by_expected_loss, implied_by_historical_default] {
                prop_assert!(implied(loss, years).unwrap() <= implied(loss + more, years).unwrap());
            }
        }
    }
}
