//! What a term contract says of prices to come: fixed rents on drifting ones, forwards from reserved terms.

use crate::error::Error;
use crate::math::root::brent;

/// The fixed rent of a lease of `term_years` on space or chips whose spot rent drifts at `drift` a year:
/// the level rent worth as much as the spot rents,
///
/// ```text
/// R = r / (1 - e^(-r T))  x  S (1 - e^(-(r - g) T)) / (r - g)
/// ```
///
/// with spot rent `S`, rate `r` and drift `g`, both continuously compounded (Grenadier 1995, "Valuing Lease
/// Contracts: A Real-Options Approach", without volatility). `r = 0` and `r = g` are their limits.
///
/// ```
/// use leasefall::scenario::fixed_rent;
/// // Rents that fall by a quarter a year: a ten-year lease costs 40% of today's spot rent.
/// assert!((fixed_rent(100.0, 0.05, -0.25, 10.0)? - 40.2493).abs() < 5e-5);
/// assert_eq!(fixed_rent(100.0, 0.0, 0.0, 10.0)?, 100.0);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless spot, rate and drift are finite and the term finite and above 0, or if the rent is
/// beyond the range of a double.
pub fn fixed_rent(spot_rent: f64, rate: f64, drift: f64, term_years: f64) -> Result<f64, Error> {
    Error::unless(spot_rent.is_finite(), "spot_rent", spot_rent, "finite")?;
    Error::unless(rate.is_finite(), "rate", rate, "finite")?;
    Error::unless(drift.is_finite(), "drift", drift, "finite")?;
    let holds = term_years.is_finite() && term_years > 0.0;
    Error::unless(holds, "term_years", term_years, "finite and above 0")?;
    let rent = spot_rent * annuity(rate - drift, term_years) / annuity(rate, term_years);
    Error::unless(rent.is_finite(), "fixed_rent", rent, "within the range of a double")?;
    Ok(rent)
}

/// Worth of 1 a year for so many years at a continuous rate, `(1 - e^(-x T)) / x`, and `T` at 0.
fn annuity(rate: f64, years: f64) -> f64 {
    if rate == 0.0 { years } else { -libm::expm1(-rate * years) / rate }
}

/// The yearly ratio of forward rents that a long reservation implies beside a short one: the `x` with
/// `1 + x + ... + x^(n-1) = n P_n / P_1`, so that `n` one-year reservations in a row cost what one of `n` years
/// does (without discounting, as quoted prices are compared).
///
/// ```
/// use leasefall::scenario::reserved_forward_ratio;
/// // H100: 7.20 an hour for one year, 5.40 for three. Forwards 7.20, 5.22, 3.78.
/// let x = reserved_forward_ratio(7.20, 5.40, 3)?;
/// assert!((7.20 * x - 5.22).abs() < 0.005 && (7.20 * x * x - 3.78).abs() < 0.005);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless prices are finite and above 0, the long one at least `1/n` of the short one (else
/// the later years would cost less than nothing) and `n` from 2 to 100; [`Error::Solve`] if no ratio up to
/// 1,000 fits.
pub fn reserved_forward_ratio(one_year_price: f64, long_price: f64, years: u32) -> Result<f64, Error> {
    let positive = |argument, found: f64| {
        Error::unless(found.is_finite() && found > 0.0, argument, found, "finite and above 0")
    };
    positive("one_year_price", one_year_price)?;
    positive("long_price", long_price)?;
    Error::unless((2..=100).contains(&years), "years", f64::from(years), "from 2 to 100")?;
    let target = f64::from(years) * long_price / one_year_price;
    Error::unless(target >= 1.0, "long_price", long_price, "at least the one-year price over the years")?;
    // Horner: 1 + x (1 + x (...)).
    let sum = |x: f64| (1..years).fold(1.0, |sum, _| 1.0 + x * sum);
    Ok(brent("forward_ratio", sum, 0.0, 1_000.0, target, 1e-14)?)
}

/// The forward rent of each year of a long reservation beside the price of one year: `P_1 x^k` for year `k` from 0, with
/// `x` from [`reserved_forward_ratio`]. They average to the long reservation's price.
///
/// ```
/// use leasefall::scenario::reserved_forwards;
/// // H100: 7.20 an hour for one year, 5.40 for three.
/// let forwards = reserved_forwards(7.20, 5.40, 3)?;
/// let printed: Vec<String> = forwards.iter().map(|rent| format!("{rent:.2}")).collect();
/// assert_eq!(printed, ["7.20", "5.22", "3.78"]);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// As [`reserved_forward_ratio`].
pub fn reserved_forwards(one_year_price: f64, long_price: f64, years: u32) -> Result<Vec<f64>, Error> {
    let ratio = reserved_forward_ratio(one_year_price, long_price, years)?;
    let next = |rent: &f64| Some(rent * ratio);
    Ok(std::iter::successors(Some(one_year_price), next).take(years as usize).collect())
}

/// The average rent of the years between two reservations that start together:
/// `(m P_m - n P_n) / (m - n)`.
///
/// ```
/// use leasefall::scenario::average_forward_rent;
/// // (3 x 5.40 - 7.20) / 2
/// assert!((average_forward_rent((1.0, 7.20), (3.0, 5.40))? - 4.50).abs() < 1e-12);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless all figures are finite and the second term is longer than the first.
pub fn average_forward_rent(short: (f64, f64), long: (f64, f64)) -> Result<f64, Error> {
    for (argument, found) in
        [("short.0", short.0), ("short.1", short.1), ("long.0", long.0), ("long.1", long.1)]
    {
        Error::unless(found.is_finite(), argument, found, "finite")?;
    }
    Error::unless(long.0 > short.0, "long.0", long.0, "longer than the short term")?;
    Ok((long.0 * long.1 - short.0 * short.1) / (long.0 - short.0))
}
