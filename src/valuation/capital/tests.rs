//! Risk weights against the rules' tables, hand and closed-form figures; shape over all pools.

use super::formula::supervisory_risk_weight;
use super::*;
use crate::credit::Rating;
use proptest::prelude::*;

const PUBLISHED: &str = include_str!("../../../fixtures/published/sec_erba.csv");

fn junior(attachment: f64, detachment: f64) -> Tranche {
    Tranche::new(attachment, detachment, Seniority::NonSenior).unwrap()
}

fn senior(attachment: f64, detachment: f64) -> Tranche {
    Tranche::new(attachment, detachment, Seniority::Senior).unwrap()
}

/// Computed apart from the crate from the formula in the rules' own form, K 8%, W 0, in percent to four decimals.
#[test]
fn formula_matches_figures_computed_apart() {
    let known = [
        (0.10, 0.20, 0.5, 278.3718),
        (0.10, 0.20, 1.0, 555.6706),
        (0.0, 1.0, 0.5, 150.0),
        (0.0, 1.0, 1.0, 199.9990),
    ];
    for (attachment, detachment, p, percent) in known {
        let weight = supervisory_risk_weight(junior(attachment, detachment), 0.08, p).unwrap();
        assert!((100.0 * weight.risk_weight - percent).abs() < 5.1e-5, "{attachment} {detachment} {p}");
    }
}

/// Known traps: `p` by rank instead of by product, and `K_A = K + W (1 - K)`.
#[test]
fn p_is_of_the_product_and_k_a_counts_half_of_delinquencies() {
    let pool = Pool::new(0.08, 0.0).unwrap();
    for (low, high) in [(0.10, 0.20), (0.12, 0.30)] {
        let weight = |tranche| sec_sa(tranche, pool, Treatment::Standard, None).unwrap().unbounded;
        assert_eq!(weight(senior(low, high)), weight(junior(low, high)));
    }
    // 20% delinquent: 0.8 x 8% + 10% = 16.4%, not 26.4%.
    let late = Pool::new(0.08, 0.20).unwrap();
    assert!((late.k_a() - 0.164).abs() < 1e-15);
    let weight = us_ssfa(junior(0.16, 0.164), late);
    assert_eq!((weight.risk_weight, weight.bound), (12.5, Bound::BelowPoolCapital));
}

/// A tranche from 5% to 10% of a pool of 8%: 3% of it at 1,250%, the rest by the formula, by hand.
#[test]
fn a_straddling_tranche_is_the_weighted_mix() {
    // p 1: K over 8-10% = 0.08 (1 - e^-0.25) / 0.02 = 88.4797%. (0.03 + 0.02 x 0.884797) / 0.05 = 95.3919%.
    let weight = supervisory_risk_weight(junior(0.05, 0.10), 0.08, 1.0).unwrap();
    let above = 0.08 * (1.0 - (-0.25_f64).exp());
    assert!((weight.capital() - (0.03 + above) / 0.05).abs() < 1e-14);
    assert_eq!(weight.bound, Bound::StraddlesPoolCapital);
}

#[test]
fn floors_and_caps_say_that_they_bound() {
    let pool = Pool::new(0.04, 0.0).unwrap();
    let top = senior(0.5, 1.0);
    let bound = |weight: RiskWeight| (weight.risk_weight, weight.bound);
    let sa = |treatment, cap| bound(sec_sa(top, pool, treatment, cap).unwrap());
    assert_eq!(sa(Treatment::Standard, None), (0.15, Bound::Floor));
    assert_eq!(sa(Treatment::Stc, None), (0.10, Bound::Floor));
    assert_eq!(bound(sec_sa(junior(0.5, 0.9), pool, Treatment::Stc, None).unwrap()), (0.15, Bound::Floor));
    assert_eq!(bound(us_ssfa(top, pool)), (0.20, Bound::Floor));
    assert_eq!(bound(us_ssfa_resecuritization(top, pool)), (0.20, Bound::Floor));
    assert_eq!(bound(sec_sa_resecuritization(top, pool)), (1.0, Bound::Floor));
    // A pool of 50% on average caps its senior tranche, not others; one of 12% does so below the floor.
    let fat = sec_sa(senior(0.02, 1.0), pool, Treatment::Standard, Some(pool.average_risk_weight())).unwrap();
    assert_eq!(bound(fat), (0.5, Bound::LookThrough));
    assert!(fat.unbounded > 0.5);
    let not = sec_sa(junior(0.02, 1.0), pool, Treatment::Standard, Some(0.5)).unwrap();
    assert_eq!(not.bound, Bound::StraddlesPoolCapital);
    assert_eq!(sa(Treatment::Standard, Some(0.12)), (0.12, Bound::LookThrough));
}

/// SEC-IRBA's `p` by hand for each row of the table, N 10 or 100, K 5%, LGD 40%, five years.
#[test]
fn supervisory_parameters_match_the_table() {
    use PoolKind::{Retail, Wholesale};
    use Seniority::{NonSenior, Senior};
    let known = [
        (Wholesale, Senior, 100.0, 0.0 + 0.0356 - 0.0925 + 0.22 + 0.35),
        (Wholesale, Senior, 10.0, 0.11 + 0.261 - 0.1455 + 0.272 + 0.35),
        (Wholesale, NonSenior, 100.0, 0.16 + 0.0287 - 0.0515 + 0.084 + 0.35),
        (Wholesale, NonSenior, 10.0, 0.22 + 0.235 - 0.123 + 0.192 + 0.35),
        (Retail, Senior, 100.0, -0.374 + 0.284 + 1.2),
        (Retail, NonSenior, 100.0, -0.289 + 0.22 + 1.35),
    ];
    for (kind, seniority, number, sum) in known {
        let pool = IrbPool::new(kind, 0.05, number, 0.4).unwrap();
        let p = |years, treatment| supervisory_p(pool, seniority, years, treatment).unwrap();
        assert!((p(5.0, Treatment::Standard) - sum).abs() < 1e-12, "{kind:?} {seniority:?} {number}");
        assert!((p(9.0, Treatment::Stc) - (0.5 * sum).max(0.3)).abs() < 1e-12);
        assert_eq!(p(0.25, Treatment::Standard), p(1.0, Treatment::Standard));
    }
    // Granular from 25: 3.56 / 25 - 0.0925 + 0.22 + 0.07, and at 20: 0.11 + 2.61 / 20 - 0.1455 + 0.272 + 0.07.
    let senior_p = |number| {
        let pool = IrbPool::new(Wholesale, 0.05, number, 0.4).unwrap();
        supervisory_p(pool, Senior, 1.0, Treatment::Standard).unwrap()
    };
    assert!((senior_p(25.0) - 0.3399).abs() < 1e-12);
    assert!((senior_p(20.0) - 0.437).abs() < 1e-12);
    // The floor: 3.56 / 1,000 - 0.0925 + 0.22 + 0.07 is 0.20106.
    assert_eq!(senior_p(1_000.0), 0.3);
}

#[test]
fn internal_ratings_are_the_formula_at_k_irb() {
    let pool = IrbPool::new(PoolKind::Wholesale, 0.06, 40.0, 0.45).unwrap();
    let tranche = junior(0.05, 0.15);
    let weight = sec_irba(tranche, pool, 4.0, Treatment::Standard, None).unwrap();
    let formula = supervisory_risk_weight(tranche, 0.06, 0.54445).unwrap();
    assert!((weight.risk_weight - formula.risk_weight).abs() < 1e-12);
    let top = sec_irba(senior(0.4, 1.0), pool, 4.0, Treatment::Stc, None).unwrap();
    assert_eq!((top.risk_weight, top.bound), (0.10, Bound::Floor));
}

/// Every entry of the rules' tables, at one year and at five; a thin tranche is not reduced.
#[test]
fn ratings_match_the_published_tables() {
    let mut rows = 0;
    for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let treatment = if cells[0] == "stc" { Treatment::Stc } else { Treatment::Standard };
        let rating: Rating = cells[1].parse().unwrap();
        let thin = 1e-9;
        let tranches = [senior(0.3, 1.0), junior(0.3, 0.3 + thin)];
        for (cell, (tranche, years)) in
            cells[2..].iter().zip(tranches.into_iter().flat_map(|tranche| [(tranche, 1.0), (tranche, 5.0)]))
        {
            let published = cell.parse::<f64>().unwrap() / 100.0;
            let weight = sec_erba(tranche, rating, years, treatment, None).unwrap().risk_weight;
            assert!((weight - published).abs() < 13.0 * thin, "{line}: {weight}");
        }
        rows += 1;
    }
    assert_eq!(rows, 34);
}

/// The guidance of the Central Bank of the UAE works one example (read): BB+, 5% to 30%, two years: 373%.
#[test]
fn ratings_match_a_regulators_example() {
    let weight = sec_erba(junior(0.05, 0.30), Rating::Ba1, 2.0, Treatment::Standard, None).unwrap();
    assert!((100.0 * weight.risk_weight - 373.0).abs() < 0.5);
    assert_eq!(weight.bound, Bound::RatingTable);
}

#[test]
fn ratings_have_bounds() {
    let erba = |tranche, rating, years| {
        let weight = sec_erba(tranche, rating, years, Treatment::Standard, None).unwrap();
        (weight.risk_weight, weight.bound)
    };
    // B-, 1,130% at half: 565% is above a senior's 380%. AA at one year: 15% is below a senior's 25%.
    assert_eq!(erba(junior(0.2, 0.9), Rating::B3, 1.0), (5.65, Bound::RatingTable));
    assert_eq!(erba(junior(0.2, 0.9), Rating::Aa2, 1.0), (0.25, Bound::SeniorOfSameRating));
    assert_eq!(erba(junior(0.1, 0.2), Rating::Caa3, 3.0), (0.9 * 12.5, Bound::RatingTable));
    assert_eq!(erba(senior(0.1, 1.0), Rating::Ca, 3.0), (12.5, Bound::RatingTooLow));
    assert_eq!(erba(senior(0.1, 1.0), Rating::Aaa, 0.5), erba(senior(0.1, 1.0), Rating::Aaa, 1.0));
    assert_eq!(erba(senior(0.1, 1.0), Rating::Aaa, 30.0), (0.20, Bound::RatingTable));
    let capped = sec_erba(senior(0.1, 1.0), Rating::Ba3, 5.0, Treatment::Standard, Some(1.0)).unwrap();
    assert_eq!((capped.risk_weight, capped.bound), (1.0, Bound::LookThrough));
}

#[test]
fn arguments_are_checked() {
    let bad = [f64::NAN, -0.01, 1.01, f64::INFINITY];
    for value in bad {
        assert!(Tranche::new(value, 1.0, Seniority::Senior).is_err(), "{value}");
        assert!(Tranche::new(0.0, value, Seniority::Senior).is_err(), "{value}");
        assert!(Pool::new(value, 0.0).is_err() && Pool::new(0.08, value).is_err(), "{value}");
        assert!(IrbPool::new(PoolKind::Retail, value, 10.0, 0.5).is_err(), "{value}");
        assert!(IrbPool::new(PoolKind::Retail, 0.05, 10.0, value).is_err(), "{value}");
    }
    let top = senior(0.5, 1.0);
    let pool = Pool::new(0.08, 0.0).unwrap();
    for value in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
        assert!(supervisory_risk_weight(top, 0.08, value).is_err(), "{value}");
        assert!(sec_erba(top, Rating::A1, value, Treatment::Standard, None).is_err(), "{value}");
        assert!(tranche_maturity_years(value).is_err(), "{value}");
        assert!(effective_number(&[value]).is_err(), "{value}");
        assert!(IrbPool::new(PoolKind::Retail, 0.05, value, 0.5).is_err(), "{value}");
    }
    assert!(effective_number(&[]).is_err());
    assert!((effective_number(&[1e300; 7]).unwrap() - 7.0).abs() < 1e-12);
    for value in [f64::NAN, -0.1, 12.6] {
        assert!(sec_sa(top, pool, Treatment::Standard, Some(value)).is_err(), "{value}");
    }
    // A pool without capital: nothing above it weighs anything before the floor.
    let empty = Pool::new(0.0, 0.0).unwrap();
    assert_eq!(us_ssfa(junior(0.0, 0.1), empty).unbounded, 0.0);
}

proptest! {
    /// The stack identity: cut as one likes, the tranches hold `K_A (1 + p (1 - e^(-(1 - K_A) / (p K_A))))` together.
    #[test]
    fn any_cut_of_the_stack_holds_the_same_capital(
        mut cuts in proptest::collection::vec(0.001_f64..0.999, 0..8),
        k_a in 0.001_f64..1.0,
        p in 0.05_f64..2.0,
    ) {
        cuts.extend([0.0, 1.0]);
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        let capital: f64 = cuts
            .windows(2)
            .map(|cut| {
                let tranche = junior(cut[0], cut[1]);
                tranche.thickness() * supervisory_risk_weight(tranche, k_a, p).unwrap().capital()
            })
            .sum();
        let closed = k_a * (1.0 + p * (1.0 - (-(1.0 - k_a) / (p * k_a)).exp()));
        prop_assert!((capital - closed).abs() < 1e-12, "{capital} {closed}");
    }

    /// Further from the first loss, whether moved whole or thinned from below, weighs no more.
    #[test]
    fn weight_falls_with_attachment(
        attachment in 0.0_f64..0.9,
        width in 0.001_f64..0.1,
        move_up in 0.0_f64..1.0,
        k_a in 0.0_f64..0.6,
        p in 0.05_f64..2.0,
    ) {
        let weight = |low: f64, high: f64| supervisory_risk_weight(junior(low, high), k_a, p).unwrap().risk_weight;
        let here = weight(attachment, attachment + width);
        let up = move_up * (1.0 - width - attachment);
        prop_assert!(weight(attachment + up, attachment + up + width) <= here + 1e-9);
        prop_assert!(weight(attachment + 0.5 * width, attachment + width) <= here + 1e-9);
        prop_assert!((0.0..=12.5).contains(&here));
    }

    /// Continuous where the regions meet: a step of 1e-9 in attachment or detachment across `K_A` moves little.
    #[test]
    fn weight_is_continuous_across_the_pools_capital(
        k_a in 0.01_f64..0.5,
        width in 0.01_f64..0.4,
        p in 0.05_f64..2.0,
    ) {
        let step = 1e-9;
        let weight = |low: f64, high: f64| supervisory_risk_weight(junior(low, high), k_a, p).unwrap();
        let (below, above) = (weight(k_a - step, k_a + width), weight(k_a + step, k_a + width));
        prop_assert_eq!((below.bound, above.bound), (Bound::StraddlesPoolCapital, Bound::AbovePoolCapital));
        // The slope in attachment is at most 12.5 / width on either side.
        prop_assert!((below.risk_weight - above.risk_weight).abs() < 3.0 * step * 12.5 / width);
        let low = (k_a - width).max(0.0);
        let (under, over) = (weight(low, k_a - step), weight(low, k_a + step));
        prop_assert_eq!((under.bound, over.bound), (Bound::BelowPoolCapital, Bound::StraddlesPoolCapital));
        prop_assert!((under.risk_weight - over.risk_weight).abs() < 3.0 * step * 12.5 / (k_a - low));
    }

    /// Worse ratings, longer lives and thinner tranches weigh no less, and no approach leaves its range.
    #[test]
    fn ratings_weigh_monotonically(
        years in 0.5_f64..6.0,
        longer in 0.0_f64..3.0,
        width in 0.001_f64..0.7,
        stc in any::<bool>(),
        is_senior in any::<bool>(),
    ) {
        let treatment = if stc { Treatment::Stc } else { Treatment::Standard };
        let make = if is_senior { senior } else { junior };
        let weight = |rating, years, width| {
            sec_erba(make(0.2, 0.2 + width), rating, years, treatment, None).unwrap().risk_weight
        };
        for pair in Rating::ALL.windows(2) {
            let here = weight(pair[0], years, width);
            prop_assert!(here <= weight(pair[1], years, width));
            prop_assert!(here <= weight(pair[0], years + longer, width));
            prop_assert!(here <= weight(pair[0], years, 0.5 * width));
            prop_assert!((0.10..=12.5).contains(&here));
        }
    }
}
