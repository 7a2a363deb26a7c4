use super::*;
use proptest::prelude::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn today() -> Date {
    day("2026-11-20")
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-14, "{found}, expected {expected}");
}

/// The shape of a Treasury curve: bills, then notes and bonds with gaps of many coupons.
const PAR_YIELDS: [(f64, f64); 12] = [
    (0.125, 0.0395),
    (0.25, 0.0388),
    (0.5, 0.0379),
    (1.0, 0.0366),
    (2.0, 0.0355),
    (3.0, 0.0356),
    (5.0, 0.0370),
    (7.0, 0.0389),
    (10.0, 0.0412),
    (20.0, 0.0470),
    (30.0, 0.0473),
    (40.0, 0.0470),
];

#[test]
fn flat_curves_are_the_textbook_formulas() {
    let at = |rate, compounding, t| DiscountCurve::flat(today(), rate, compounding).unwrap().at_years(t);
    close(at(0.05, Compounding::Continuous, 2.0), 0.904_837_418_035_959_6);
    close(at(0.05, Compounding::Annual, 2.0), 1.0 / 1.1025);
    close(at(0.05, Compounding::Semiannual, 1.0), 1.0 / 1.050_625);
    close(at(0.06, Compounding::Monthly, 1.0), 1.0 / 1.061_677_811_864_499_6);
    close(at(0.05, Compounding::Simple, 1.0), 1.0 / 1.05);
    let curve = DiscountCurve::flat(today(), 0.05, Compounding::Continuous).unwrap();
    close(curve.discount_factor(day("2028-11-19")), 0.904_837_418_035_959_6);
    assert_eq!(curve.discount_factor(today()), 1.0);
}

#[test]
fn factors_between_nodes_are_geometric_means_and_forwards_stay_flat_beyond() {
    let curve = DiscountCurve::from_discount_factors(today(), &[(1.0, 0.96), (3.0, 0.90)]).unwrap();
    close(curve.at_years(1.0), 0.96);
    close(curve.at_years(3.0), 0.90);
    close(curve.at_years(2.0), (0.96_f64 * 0.90).sqrt());
    close(curve.at_years(0.5), 0.96_f64.sqrt());
    // Two more years at the last forward rate lose as much as the last two did.
    close(curve.at_years(5.0), 0.90 * 0.90 / 0.96);
    close(curve.at_years(-1.0), 1.0 / 0.96);
}

#[test]
fn zero_rates_come_back_as_quoted() {
    let points = [(0.5, 0.030), (2.0, 0.035), (10.0, 0.042)];
    for compounding in
        [Compounding::Continuous, Compounding::Annual, Compounding::Quarterly, Compounding::Simple]
    {
        let curve = DiscountCurve::from_zero_rates(today(), &points, compounding).unwrap();
        for (t, rate) in points {
            close(curve.zero_rate(t, compounding), rate);
        }
        assert!(curve.zero_rate(0.0, compounding).is_finite());
    }
}

#[test]
fn par_bonds_price_to_par() {
    let curve = DiscountCurve::from_par_yields(today(), &PAR_YIELDS).unwrap();
    for (maturity, par_yield) in PAR_YIELDS {
        let price = if maturity <= 0.5 {
            curve.at_years(maturity) * (1.0 + par_yield * maturity)
        } else {
            let coupons = (1..=(2.0 * maturity) as u32).map(|half| curve.at_years(0.5 * f64::from(half)));
            coupons.sum::<f64>() * par_yield / 2.0 + curve.at_years(maturity)
        };
        assert!((price - 1.0).abs() < 1e-12, "{maturity} years: {price}");
    }
}

#[test]
fn one_bond_alone_is_a_flat_curve() {
    // A bond at par yields its coupon, so that a curve of one bond is flat at it, semiannually.
    let curve = DiscountCurve::from_par_yields(today(), &[(10.0, 0.05)]).unwrap();
    for t in [0.5, 3.0, 10.0, 30.0] {
        assert!((curve.zero_rate(t, Compounding::Semiannual) - 0.05).abs() < 1e-13);
    }
}

#[test]
fn yields_without_a_positive_factor_are_refused() {
    let refused = |points: &[(f64, f64)]| DiscountCurve::from_par_yields(today(), points).unwrap_err().field;
    // The first year's coupons alone are worth more than par.
    assert_eq!(refused(&[(1.0, 0.02), (30.0, 2.0)]), "points[1].value");
    assert_eq!(refused(&[(0.5, -2.0)]), "points[0].value");
    assert_eq!(refused(&[(1.0, f64::NAN)]), "points[0].value");
    assert_eq!(refused(&[(1.0, 0.02), (2.25, 0.02)]), "points[1].years");
    assert_eq!(refused(&[(1.0, 0.02), (150.0, 0.02)]), "points[1].years");
    assert_eq!(refused(&[]), "points");
}

#[test]
fn forward_rates_multiply_up_to_the_discount_factor() {
    let curve = DiscountCurve::from_par_yields(today(), &PAR_YIELDS).unwrap();
    let (mut start, mut growth) = (today(), 1.0);
    for _ in 0..360 {
        let end = crate::time::add_months(start, 1);
        let fraction = DayCount::Act360.year_fraction(start, end).to_f64();
        growth *= 1.0 + curve.forward_rate(start, end, DayCount::Act360) * fraction;
        start = end;
    }
    assert!((growth * curve.discount_factor(start) - 1.0).abs() < 1e-12);
    // From the 30th to the 31st 30/360 counts no day; the rate is that of the instant, not a division by 0.
    let rate = curve.forward_rate(day("2027-01-30"), day("2027-01-31"), DayCount::Thirty360);
    assert!((0.03..0.05).contains(&rate), "{rate}");
}

#[test]
fn a_shift_moves_every_continuous_rate() {
    let curve = DiscountCurve::from_par_yields(today(), &PAR_YIELDS).unwrap();
    let shifted = curve.shifted(0.0125);
    for t in [0.0, 0.1, 0.5, 1.7, 9.0, 33.0, 70.0] {
        let rise =
            shifted.zero_rate(t, Compounding::Continuous) - curve.zero_rate(t, Compounding::Continuous);
        close(rise, 0.0125);
        let spread = curve.at_years_with_spread(t, 0.0125, Compounding::Continuous);
        close(spread, shifted.at_years(t));
    }
}

proptest! {
    #[test]
    fn bonds_price_to_par_whatever_the_curve(
        yields in prop::collection::vec(-0.005_f64..0.15, 5), gaps in prop::collection::vec(1_u32..12, 5),
    ) {
        let mut half_years = 0;
        let maturity = |gap: &u32| {
            half_years += gap;
            0.5 * f64::from(half_years)
        };
        let points: Vec<(f64, f64)> = gaps.iter().map(maturity).zip(yields).collect();
        // Steep curves may have no positive factor; then they are refused.
        if let Ok(curve) = DiscountCurve::from_par_yields(today(), &points) {
            for &(maturity, par_yield) in &points {
                let coupons = (1..=(2.0 * maturity) as u32).map(|half| curve.at_years(0.5 * f64::from(half)));
                let price = coupons.sum::<f64>() * par_yield / 2.0 + curve.at_years(maturity);
                prop_assert!((price - 1.0).abs() < 1e-12, "{} years: {}", maturity, price);
            }
        }
    }
}
