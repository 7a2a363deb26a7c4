//! Moody's idealized tables: the default rate and the expected loss that a rating stands for.

use super::Rating;
use crate::Error;

/// The ten-year default rate that Moody's lets a rating stand for, in ten-thousandths: its rating factor,
/// of which the weighted average over a pool is the WARF. `Ca` and below: 10,000.
///
/// Source (read): Moody's rating factors, as CDO indentures print them.
///
/// ```
/// use leasefall::credit::{Rating, idealized};
/// assert_eq!(idealized::rating_factor(Rating::Baa3), 610);
/// ```
pub const fn rating_factor(rating: Rating) -> u32 {
    if (rating as usize) < TABULATED { RATING_FACTORS[rating as usize] } else { 10_000 }
}

/// The idealized ten-year default probability: the [`rating_factor`] over 10,000.
pub fn default_probability_10_years(rating: Rating) -> f64 {
    f64::from(rating_factor(rating)) / 10_000.0
}

/// The cumulative expected loss that Moody's lets a rating stand for over a horizon, as a fraction of the
/// balance.
///
/// Linear in time between the whole years of the table, and from zero within the first; beyond ten years, the
/// table's last, that of ten. The table ends at Caa3: `Ca` is 55% at every horizon, the loss of certain default
/// at the recovery of 45% that the ten-year column has throughout, and below it everything is lost.
///
/// Source (memory; the ten-year column is 55% of the ten-year default rates, which are read): "The Lognormal
/// Method Applied to ABS Analysis", Moody's, 27 July 2000, and later methodologies.
///
/// # Errors
/// [`Error::Argument`] unless the horizon is finite and above zero.
///
/// ```
/// use leasefall::credit::{Rating, idealized};
/// // Baa2: 0.869% over five years, 1.0835% over six.
/// let loss = idealized::expected_loss(Rating::Baa2, 5.5)?;
/// assert!((loss - (0.00869 + 0.010835) / 2.0).abs() < 1e-15);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn expected_loss(rating: Rating, horizon_years: f64) -> Result<f64, Error> {
    if !(horizon_years > 0.0 && horizon_years.is_finite()) {
        return Err(Error::Argument {
            argument: "horizon_years",
            found: horizon_years,
            expected: "a finite number above 0",
        });
    }
    let Some(row) = EXPECTED_LOSS_PERCENT.get(rating as usize) else {
        return Ok(if rating == Rating::Ca { LOSS_GIVEN_DEFAULT } else { 1.0 });
    };
    let capped = horizon_years.min(10.0);
    // The first column stands for one year, so column `whole` - 1 is the loss over `whole` years.
    let whole = capped.floor() as usize;
    let at = |years: usize| years.checked_sub(1).map_or(0.0, |column| row[column.min(9)]);
    let (before, after) = (at(whole), at(whole + 1));
    Ok((before + (capped - whole as f64) * (after - before)) / 100.0)
}

/// What the ten-year column loses of each default.
const LOSS_GIVEN_DEFAULT: f64 = 0.55;

/// Ratings with a row: Aaa to Caa3.
const TABULATED: usize = 19;

/// Ten-year default rate x 10,000, Aaa to Caa3.
const RATING_FACTORS: [u32; TABULATED] =
    [1, 10, 20, 40, 70, 120, 180, 260, 360, 610, 940, 1350, 1766, 2220, 2720, 3490, 4770, 6500, 8070];

/// Cumulative expected loss in percent over 1 to 10 years, Aaa to Caa3.
#[rustfmt::skip]
const EXPECTED_LOSS_PERCENT: [[f64; 10]; TABULATED] = [
    [0.000028, 0.000110, 0.000385, 0.000990, 0.001600, 0.002200, 0.002860, 0.003630, 0.004510, 0.005500],
    [0.000314, 0.001650, 0.005500, 0.011550, 0.017050, 0.023100, 0.029700, 0.036850, 0.045100, 0.055000],
    [0.000748, 0.004400, 0.014300, 0.025850, 0.037400, 0.048950, 0.061050, 0.074250, 0.090200, 0.110000],
    [0.001661, 0.010450, 0.032450, 0.055550, 0.078100, 0.100650, 0.124850, 0.149600, 0.179850, 0.220000],
    [0.003196, 0.020350, 0.064350, 0.103950, 0.143550, 0.181500, 0.223300, 0.264000, 0.315150, 0.385000],
    [0.005979, 0.038500, 0.122100, 0.189750, 0.256850, 0.320650, 0.390500, 0.455950, 0.540100, 0.660000],
    [0.021368, 0.082500, 0.198000, 0.297000, 0.401500, 0.500500, 0.610500, 0.715000, 0.836000, 0.990000],
    [0.049500, 0.154000, 0.308000, 0.456500, 0.605000, 0.753500, 0.918500, 1.083500, 1.248500, 1.430000],
    [0.093500, 0.258500, 0.456500, 0.660000, 0.869000, 1.083500, 1.325500, 1.567500, 1.782000, 1.980000],
    [0.231000, 0.577500, 0.940500, 1.309000, 1.677500, 2.035000, 2.381500, 2.733500, 3.063500, 3.355000],
    [0.478500, 1.111000, 1.721500, 2.310000, 2.904000, 3.437500, 3.883000, 4.339500, 4.779500, 5.170000],
    [0.858000, 1.908500, 2.849000, 3.740000, 4.625500, 5.373500, 5.885000, 6.413000, 6.957500, 7.425000],
    [1.545500, 3.030500, 4.328500, 5.384500, 6.523000, 7.419500, 8.041000, 8.640500, 9.190500, 9.713000],
    [2.574000, 4.609000, 6.369000, 7.617500, 8.866000, 9.839500, 10.521500, 11.126500, 11.682000, 12.210000],
    [3.938000, 6.418500, 8.552500, 9.971500, 11.390500, 12.457500, 13.205500, 13.832500, 14.421000, 14.960000],
    [6.391000, 9.135500, 11.566500, 13.222000, 14.877500, 16.060000, 17.050000, 17.919000, 18.579000, 19.195000],
    [9.5599, 12.7788, 15.7512, 17.8638, 19.9726, 21.4317, 22.7620, 24.0118, 25.1192, 26.2350],
    [14.3000, 17.8750, 21.4500, 24.1340, 26.8125, 28.6000, 30.3875, 32.1750, 33.9625, 35.7500],
    [28.0446, 31.3548, 34.3475, 36.4331, 38.4017, 39.6611, 40.8817, 42.0669, 43.2196, 44.3850],
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `rating,rating_factor,1,..,10`, loss in percent.
    const PUBLISHED: &str = include_str!("../../fixtures/published/moodys_idealized.csv");

    #[test]
    fn the_tables_are_those_published() {
        let mut rows = 0;
        for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let rating: Rating = cells[0].parse().unwrap();
            assert_eq!(rating_factor(rating), cells[1].parse::<u32>().unwrap(), "{line}");
            for (year, cell) in (1..).zip(cells[2..].iter().filter(|cell| !cell.is_empty())) {
                let percent: f64 = cell.parse().unwrap();
                let loss = expected_loss(rating, f64::from(year)).unwrap();
                assert!((loss - percent / 100.0).abs() < 1e-15, "{line}, year {year}");
            }
            rows += 1;
        }
        assert_eq!(rows, 20);
    }

    /// The two tables, from different sources, tell one story: 45% is recovered.
    #[test]
    fn ten_year_loss_is_55_percent_of_the_default_rate() {
        for rating in &Rating::ALL[..TABULATED] {
            let loss = expected_loss(*rating, 10.0).unwrap();
            assert!((loss - 0.55 * default_probability_10_years(*rating)).abs() < 1e-12, "{rating}");
        }
    }

    #[test]
    fn time_runs_linearly_and_stops_at_ten_years() {
        let loss = |years| expected_loss(Rating::A2, years).unwrap();
        assert!((loss(0.5) - 0.5 * loss(1.0)).abs() < 1e-18);
        assert!((loss(9.25) - (0.75 * 0.005401 + 0.25 * 0.0066)).abs() < 1e-15);
        assert_eq!((loss(10.0), loss(30.0)), (0.0066, 0.0066));
        assert_eq!(expected_loss(Rating::Ca, 3.0), Ok(0.55));
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(expected_loss(Rating::A2, wrong), Err(Error::Argument { .. })), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn loss_rises_with_time_and_down_the_scale(early in 0.01_f64..12.0, more in 0.0_f64..5.0) {
            for pair in Rating::ALL.windows(2) {
                let loss = |rating, years| expected_loss(rating, years).unwrap();
                prop_assert!(loss(pair[0], early) <= loss(pair[0], early + more));
                prop_assert!(loss(pair[0], early) < loss(pair[1], early) || pair[1] == Rating::D);
            }
        }
    }
}
