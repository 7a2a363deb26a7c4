//! Discount factors from par yields.

use super::CurveProblem;
use super::discount::check_time;
use crate::math::root::bracket_then_brent;

/// The longest maturity taken: beyond it a mistyped unit is likelier than a bond.
const LONGEST_YEARS: f64 = 100.0;

/// Pairs of years and logarithm of the discount factor, one for each pair of years and par yield, so that
/// every bond prices to par when factors are log-linear in between.
pub(super) fn log_discounts(points: &[(f64, f64)]) -> Result<Vec<(f64, f64)>, CurveProblem> {
    // What a coupon of 1 each half year is worth, for the half years passed, is all that a later bond
    // needs of the curve before its last stretch.
    let (mut annuity, mut half_years) = (0.0, 0.0);
    let (mut time, mut log_discount) = (0.0, 0.0);
    let mut nodes = Vec::with_capacity(points.len());
    for (index, &(maturity, par_yield)) in points.iter().enumerate() {
        check_time(index, time, maturity)?;
        check_maturity(index, maturity)?;
        let stretch = Stretch { time, log_discount, annuity, half_years, maturity };
        let forward = if maturity <= 0.5 {
            stretch.forward_of_bill(par_yield)
        } else {
            stretch.forward_at_par(par_yield)
        };
        let Some(forward) = forward else {
            let expected = "a yield at which a positive discount factor prices the bond to par";
            return Err(CurveProblem::at_point(index, "value", par_yield, expected));
        };
        annuity = stretch.annuity_at(forward);
        half_years = (2.0 * maturity).floor().max(half_years);
        log_discount -= forward * (maturity - time);
        time = maturity;
        nodes.push((time, log_discount));
    }
    Ok(nodes)
}

fn check_maturity(index: usize, maturity: f64) -> Result<(), CurveProblem> {
    let whole = (2.0 * maturity).fract() == 0.0;
    if maturity <= LONGEST_YEARS && (maturity <= 0.5 || whole) {
        return Ok(());
    }
    let expected = "at most half a year, or a whole number of half years up to 100 years";
    Err(CurveProblem::at_point(index, "years", maturity, expected))
}

/// The stretch of the curve from its last known node to a maturity.
struct Stretch {
    time: f64,
    log_discount: f64,
    /// Value of a unit paid each half year up to `half_years`.
    annuity: f64,
    half_years: f64,
    maturity: f64,
}

impl Stretch {
    /// The continuously compounded forward rate of the stretch under a bill: `P = 1 / (1 + y t)`.
    /// `None` if the yield loses everything.
    fn forward_of_bill(&self, bill_yield: f64) -> Option<f64> {
        let forward =
            (self.log_discount + libm::log1p(bill_yield * self.maturity)) / (self.maturity - self.time);
        forward.is_finite().then_some(forward)
    }

    /// The continuously compounded forward rate of the stretch that prices the bond to par:
    /// `1 = y/2 (P(1/2) + P(1) + ... + P(T)) + P(T)`.
    fn forward_at_par(&self, par_yield: f64) -> Option<f64> {
        let price = |forward: f64| {
            let redemption = self.log_discount - forward * (self.maturity - self.time);
            0.5 * par_yield * self.annuity_at(forward) + libm::exp(redemption)
        };
        // From doubling 14 times a year to losing as much: any yield that has a solution has it here.
        bracket_then_brent(
            "forward_rate",
            price,
            (par_yield - 0.01, par_yield + 0.01),
            -10.0..=10.0,
            1.0,
            1e-17,
        )
        .ok()
    }

    /// The annuity up to the maturity, if the forward rate of the stretch is this.
    fn annuity_at(&self, forward: f64) -> f64 {
        let mut annuity = self.annuity;
        let mut half_year = self.half_years + 1.0;
        while 0.5 * half_year <= self.maturity {
            annuity += libm::exp(self.log_discount - forward * (0.5 * half_year - self.time));
            half_year += 1.0;
        }
        annuity
    }
}
