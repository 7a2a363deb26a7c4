//! How equipment loses value with age: accounting rules and published age profiles.
//!
//! Pure arithmetic on model values. What a chip is worth to whoever owns it is another question, answered
//! by [`ChipValuation`](crate::collection::ChipValuation).

use crate::error::Error;
use std::ops::RangeInclusive;

/// Declining-balance rate a year of computing and peripheral equipment, service life 7 years (US Bureau of
/// Economic Analysis, depreciation rates of the fixed assets accounts).
pub const BEA_COMPUTING_RATE: f64 = 0.3119;

/// Declining-balance rate a year of electrical transmission and distribution equipment (same source).
pub const BEA_ELECTRICAL_RATE: f64 = 0.0500;

/// Value of a personal computer relative to new at ages 0 to 10 years (BEA's age-price profile).
pub const BEA_PC_VALUE: [f64; 11] =
    [1.0, 0.992, 0.951, 0.869, 0.695, 0.532, 0.351, 0.200, 0.115, 0.070, 0.039];

/// Straight-line charge a year: `cost / life`, in the unit of `cost`.
///
/// ```
/// use leasefall::asset::straight_line_charge;
/// // A $40,000 chip: $13,333 a year over 3 years, $6,667 over 6.
/// assert!((straight_line_charge(40_000.0, 3.0)? - 13_333.33).abs() < 0.01);
/// assert!((straight_line_charge(40_000.0, 6.0)? - 6_666.67).abs() < 0.01);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless cost is finite and at least 0 and the life finite and above 0.
pub fn straight_line_charge(cost: f64, life_years: f64) -> Result<f64, Error> {
    check_cost(cost)?;
    check_life("life_years", life_years)?;
    Ok(cost / life_years)
}

/// Straight-line book value at an age: `cost x max(0, 1 - age / life)`, without salvage.
///
/// ```
/// use leasefall::asset::straight_line_book_value;
/// assert_eq!(straight_line_book_value(40_000.0, 5.0, 2.0)?, 24_000.0);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// As [`straight_line_charge`], and unless the age is at least 0.
pub fn straight_line_book_value(cost: f64, life_years: f64, age_years: f64) -> Result<f64, Error> {
    check_cost(cost)?;
    check_life("life_years", life_years)?;
    check_age(age_years)?;
    Ok(cost * (1.0 - age_years / life_years).max(0.0))
}

/// Value after geometric depreciation: `cost x (1 - rate)^age`.
///
/// ```
/// use leasefall::asset::{BEA_COMPUTING_RATE, geometric_book_value};
/// assert!((geometric_book_value(100.0, BEA_COMPUTING_RATE, 2.0)? - 47.348_161).abs() < 1e-9); // .6881^2
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless cost is finite and at least 0, the rate from 0 to 1 and the age at least 0.
pub fn geometric_book_value(cost: f64, rate: f64, age_years: f64) -> Result<f64, Error> {
    check_cost(cost)?;
    Error::unless((0.0..=1.0).contains(&rate), "rate", rate, "from 0 to 1")?;
    check_age(age_years)?;
    Ok(cost * libm::pow(1.0 - rate, age_years))
}

/// Value of a personal computer relative to new at any age: BEA's profile, straight between its years;
/// after the tenth year it falls on by the last year's ratio, .039 / .070.
///
/// ```
/// use leasefall::asset::bea_pc_value;
/// assert_eq!(bea_pc_value(5.0)?, 0.532);
/// assert!((bea_pc_value(5.5)? - 0.4415).abs() < 1e-15); // halfway to .351
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless the age is finite and at least 0.
pub fn bea_pc_value(age_years: f64) -> Result<f64, Error> {
    check_age(age_years)?;
    let last = BEA_PC_VALUE.len() - 1;
    if age_years >= last as f64 {
        let ratio = BEA_PC_VALUE[last] / BEA_PC_VALUE[last - 1];
        return Ok(BEA_PC_VALUE[last] * libm::pow(ratio, age_years - last as f64));
    }
    let year = age_years as usize;
    let (younger, older) = (BEA_PC_VALUE[year], BEA_PC_VALUE[year + 1]);
    Ok(younger + (older - younger) * (age_years - year as f64))
}

/// Share of its value that fixed performance loses a year when performance per dollar doubles every
/// `doubling_years`: `1 - 2^(-1/T)`.
///
/// ```
/// use leasefall::asset::yearly_value_loss;
/// // Epoch (2022), all GPUs: doubling every 2.46 years.
/// assert!((yearly_value_loss(2.46)? - 0.2456).abs() < 5e-5);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless the time is finite and above 0.
pub fn yearly_value_loss(doubling_years: f64) -> Result<f64, Error> {
    check_life("doubling_years", doubling_years)?;
    // -expm1(-ln 2 / T) keeps the digits of a small loss.
    Ok(-libm::expm1(-std::f64::consts::LN_2 / doubling_years))
}

/// Depreciation that a balance sheet leaves out over some calendar years because it writes its equipment
/// off over `reported_life_years` where it lasts `economic_life_years`; negative if it is cautious.
///
/// Each `(year, spending)` of `vintages` goes into service evenly through its year and is written off
/// straight-line, as if all at mid-year: of a vintage `v` with life `L`, calendar year `y` bears
/// `spending / L` times the overlap of `[v + 1/2, v + 1/2 + L]` with `[y, y + 1]`.
///
/// ```
/// use leasefall::asset::understated_depreciation;
/// // 120 spent in 2026: half a year's charge in 2026 and a whole one in 2027, at 120 / 3 against 120 / 6.
/// let understated = understated_depreciation(&[(2026, 120.0)], 6.0, 3.0, 2026..=2027)?;
/// assert!((understated - 1.5 * (40.0 - 20.0)).abs() < 1e-12);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless each spending is finite and at least 0 and the lives finite and above 0.
pub fn understated_depreciation(
    vintages: &[(i32, f64)],
    reported_life_years: f64,
    economic_life_years: f64,
    years: RangeInclusive<i32>,
) -> Result<f64, Error> {
    check_life("reported_life_years", reported_life_years)?;
    check_life("economic_life_years", economic_life_years)?;
    let (from, to) = (f64::from(*years.start()), f64::from(*years.end()) + 1.0);
    let mut understated = 0.0;
    for &(year, spending) in vintages {
        check_cost(spending)?;
        let in_service = f64::from(year) + 0.5;
        let charged = |life: f64| ((in_service + life).min(to) - in_service.max(from)).max(0.0) / life;
        understated += spending * (charged(economic_life_years) - charged(reported_life_years));
    }
    Ok(understated)
}

fn check_cost(cost: f64) -> Result<(), Error> {
    Error::unless(cost.is_finite() && cost >= 0.0, "cost", cost, "finite and at least 0")
}

fn check_life(argument: &'static str, years: f64) -> Result<(), Error> {
    Error::unless(years.is_finite() && years > 0.0, argument, years, "finite and above 0")
}

fn check_age(age_years: f64) -> Result<(), Error> {
    let holds = age_years.is_finite() && age_years >= 0.0;
    Error::unless(holds, "age_years", age_years, "finite and at least 0")
}
