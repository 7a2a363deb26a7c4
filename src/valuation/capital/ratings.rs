//! SEC-ERBA: the tranche's rating.

use super::{Bound, FULL, RiskWeight, Seniority, Tranche, Treatment, floor, positive};
use crate::Error;
use crate::credit::Rating;

/// Basel's approach by external ratings.
///
/// The table's weights are for one year and five; between them they are linear in the tranche's maturity
/// ([`super::tranche_maturity_years`]), taken as one year if less and five if more. For a tranche that is not senior
/// the weight is multiplied by `1 - min(D - A, 50%)` and is then no less than that of a senior tranche of its rating
/// and maturity. The floor is 15%, or 10% for the senior tranche of an STC deal. CCC+, CCC and CCC- share a row;
/// anything lower weighs 1,250%. `look_through` as in [`super::sec_sa`]. A securitization of securitizations must not
/// use it.
///
/// Source: CRE42; Regulation (EU) 575/2013, articles 263 and 264.
///
/// # Errors
/// [`Error::Argument`] unless the maturity is finite and above 0 and the look-through weight from 0 to 12.5.
///
/// ```
/// use leasefall::credit::Rating;
/// use leasefall::valuation::capital::{Seniority, Tranche, Treatment, sec_erba};
/// // The example of the Central Bank of the UAE: BB+, from 5% to 30%, two years.
/// let tranche = Tranche::new(0.05, 0.30, Seniority::NonSenior)?;
/// let weight = sec_erba(tranche, Rating::Ba1, 2.0, Treatment::Standard, None)?;
/// // 470%, and a quarter of the way to 580%: 497.5%; times 1 - 25%.
/// assert!((weight.risk_weight - 0.75 * 4.975).abs() < 1e-12);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn sec_erba(
    tranche: Tranche,
    rating: Rating,
    maturity_years: f64,
    treatment: Treatment,
    look_through: Option<f64>,
) -> Result<RiskWeight, Error> {
    let maturity = positive("maturity_years", maturity_years)?.clamp(1.0, 5.0);
    let table = match treatment {
        Treatment::Standard => &STANDARD,
        Treatment::Stc => &STC,
    };
    let weight = match row(rating).map(|row| table[row]) {
        None => RiskWeight { risk_weight: FULL, unbounded: FULL, bound: Bound::RatingTooLow },
        Some([senior_1, senior_5, junior_1, junior_5]) => {
            let share = (maturity - 1.0) / 4.0;
            let senior = senior_1 + share * (senior_5 - senior_1);
            let junior = junior_1 + share * (junior_5 - junior_1);
            let weight = match tranche.seniority() {
                Seniority::Senior => senior,
                Seniority::NonSenior => junior * (1.0 - tranche.thickness().min(0.5)),
            };
            RiskWeight { risk_weight: weight, unbounded: weight, bound: Bound::RatingTable }
                .at_least(senior, Bound::SeniorOfSameRating)
        }
    };
    weight.at_least(floor(tranche, treatment), Bound::Floor).looked_through(tranche, look_through)
}

/// The row of a rating, which the tables have down to CCC-.
fn row(rating: Rating) -> Option<usize> {
    match rating {
        Rating::Caa1 | Rating::Caa2 | Rating::Caa3 => Some(ROWS - 1),
        Rating::Ca | Rating::C | Rating::D => None,
        _ => Some(rating as usize),
    }
}

/// AAA to B-, and CCC.
const ROWS: usize = 17;

/// Senior at one year and at five, not senior at one year and at five.
#[rustfmt::skip]
const STANDARD: [[f64; 4]; ROWS] = [
    [0.15, 0.20, 0.15, 0.70],
    [0.15, 0.30, 0.15, 0.90],
    [0.25, 0.40, 0.30, 1.20],
    [0.30, 0.45, 0.40, 1.40],
    [0.40, 0.50, 0.60, 1.60],
    [0.50, 0.65, 0.80, 1.80],
    [0.60, 0.70, 1.20, 2.10],
    [0.75, 0.90, 1.70, 2.60],
    [0.90, 1.05, 2.20, 3.10],
    [1.20, 1.40, 3.30, 4.20],
    [1.40, 1.60, 4.70, 5.80],
    [1.60, 1.80, 6.20, 7.60],
    [2.00, 2.25, 7.50, 8.60],
    [2.50, 2.80, 9.00, 9.50],
    [3.10, 3.40, 10.50, 10.50],
    [3.80, 4.20, 11.30, 11.30],
    [4.60, 5.05, 12.50, 12.50],
];

/// The same for STC deals.
#[rustfmt::skip]
const STC: [[f64; 4]; ROWS] = [
    [0.10, 0.10, 0.15, 0.40],
    [0.10, 0.15, 0.15, 0.55],
    [0.15, 0.20, 0.15, 0.70],
    [0.15, 0.25, 0.25, 0.80],
    [0.20, 0.30, 0.35, 0.95],
    [0.30, 0.40, 0.60, 1.35],
    [0.35, 0.40, 0.95, 1.70],
    [0.45, 0.55, 1.50, 2.25],
    [0.55, 0.65, 1.80, 2.55],
    [0.70, 0.85, 2.70, 3.45],
    [1.20, 1.35, 4.05, 5.00],
    [1.35, 1.55, 5.35, 6.55],
    [1.70, 1.95, 6.45, 7.40],
    [2.25, 2.50, 8.10, 8.55],
    [2.80, 3.05, 9.45, 9.45],
    [3.40, 3.80, 10.15, 10.15],
    [4.15, 4.55, 12.50, 12.50],
];
