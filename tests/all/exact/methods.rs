//! Second methods: the same quantities by other ways than recursion and Gauss-Kronrod.

use super::{correlated, five_percent, hull_white, loaded, name, pool_of};
use leasefall::credit::{Copula, Correlation, DefaultCurve, Loadings, Measure, PaymentConvention, Recovery};
use leasefall::math::quadrature::gauss_hermite;
use leasefall::math::student::Student;
use leasefall::math::{bivariate, normal};
use leasefall::valuation::exact::{
    InnerPool, LargePool, ReferenceEntity, ReferencePool, SquaredPool, Tranche,
};
use leasefall::{Error, SolveError};

/// The probability of `k` of `n`, by logarithms of factorials.
fn binomial(n: u32, k: u32, p: f64) -> f64 {
    let choose: f64 = (1..=k).map(|j| (f64::from(n - k + j) / f64::from(j)).ln()).sum();
    (choose + f64::from(k) * p.ln() + f64::from(n - k) * (-p).ln_1p()).exp()
}

/// A pool of like names is a mixture of binomial distributions: by the trapezoidal rule over the factor.
#[test]
fn like_names_are_a_mixture_of_binomials() {
    for (correlation, probability) in [(0.05_f64, 0.02), (0.3, 0.05), (0.8, 0.2), (0.97, 0.1)] {
        let counts = pool_of(Copula::Gaussian, 40, name(probability, 0.0, correlated(correlation)));
        let counts = counts.default_counts(5.0).unwrap();
        let barrier = normal::inverse_cdf(probability);
        let step = 0.002;
        for (k, &found) in counts.iter().enumerate() {
            let at = |index: i32| {
                let m = f64::from(index) * step;
                let p = normal::cdf((barrier - correlation.sqrt() * m) / (1.0 - correlation).sqrt());
                let p = p.clamp(1e-300, 1.0 - 1e-16);
                normal::pdf(m) * binomial(40, k as u32, p) * step
            };
            let exact: f64 = (-4500..=4500).map(at).sum();
            assert!((found - exact).abs() < 1e-12, "{correlation} {k}: {found} {exact}");
        }
    }
}

/// Names alike are added at once, by binomial probabilities; names that only look different, one by one.
#[test]
fn names_alike_are_names_one_by_one() {
    let alike = name(0.07, 0.4, correlated(0.3));
    let nodes: Vec<(f64, f64)> = vec![(2.0, alike.curve.default_probability(2.0)), (5.0, 0.07)];
    let curve = DefaultCurve::from_probabilities(Measure::Historical, &nodes).unwrap();
    let looks_different = ReferenceEntity { curve, ..alike.clone() };
    let at_once = pool_of(Copula::Gaussian, 12, alike.clone()).loss_distribution(5.0).unwrap();
    let pairs = [vec![alike; 6], vec![looks_different; 6]].concat();
    let one_by_one = ReferencePool::new(Copula::Gaussian, &pairs).unwrap().loss_distribution(5.0).unwrap();
    for (p, q) in at_once.probabilities().iter().zip(one_by_one.probabilities()) {
        assert!((p - q).abs() < 1e-14, "{p} {q}");
    }
}

/// Two names default together with `N2(c1, c2, sum a_k b_k)`, over any number of factors.
#[test]
fn pairs_default_together_as_the_bivariate_normal_says() {
    for (a, b) in [
        (loaded(&[0.5]), loaded(&[0.7])),
        (loaded(&[0.5, 0.4]), loaded(&[0.3, -0.6])),
        (loaded(&[0.3, 0.2, 0.5]), loaded(&[0.1, 0.4, 0.6])),
        (loaded(&[1.0]), loaded(&[0.4])),
        (loaded(&[0.6, 0.8]), loaded(&[0.8, 0.6])),
        (loaded(&[0.999]), loaded(&[0.9999])),
        (loaded(&[0.7]), loaded(&[0.0, 0.7])),
    ] {
        let correlation = a.correlation_with(&b).value();
        let pair = [name(0.03, 0.0, a), name(0.2, 0.0, b)];
        let counts = ReferencePool::new(Copula::Gaussian, &pair).unwrap().default_counts(5.0).unwrap();
        let (low, high) = (normal::inverse_cdf(0.03), normal::inverse_cdf(0.2));
        let exact = bivariate::cdf(low, high, correlation);
        assert!((counts[2] - exact).abs() < 1e-10, "{correlation}: {} {exact}", counts[2]);
    }
}

/// Under the Student copula the same, given the chi-squared variable: by the trapezoidal rule over its
/// logarithm.
#[test]
fn pairs_under_the_student_copula_mix_bivariate_normals() {
    for (dof, loading) in [(3.0, 0.5), (7.5, 0.0), (1.0, 0.8)] {
        let pair = [name(0.03, 0.0, loaded(&[loading])), name(0.2, 0.0, loaded(&[loading]))];
        let counts =
            ReferencePool::new(Copula::StudentT { dof }, &pair).unwrap().default_counts(5.0).unwrap();
        let student = Student::new(dof).unwrap();
        let (low, high) = (student.inverse_cdf(0.03), student.inverse_cdf(0.2));
        let (mut joint, mut mass) = (0.0, 0.0);
        for index in -10_000..=600 {
            let s = f64::from(index) * 0.01;
            let weight = (0.5 * dof * (s - s.exp())).exp();
            let shrink = (0.5 * s).exp();
            mass += weight;
            joint += weight * bivariate::cdf(low * shrink, high * shrink, loading * loading);
        }
        let exact = joint / mass;
        assert!((counts[2] - exact).abs() < 1e-10, "{dof}: {} {exact}", counts[2]);
        // Even without correlation extremes come together.
        assert!(loading > 0.0 || counts[2] > 1.05 * 0.03 * 0.2);
    }
}

/// Many degrees of freedom are the Gaussian copula.
#[test]
fn student_copulas_end_in_the_gaussian() {
    let counts = |copula| pool_of(copula, 20, name(0.05, 0.0, correlated(0.3))).default_counts(5.0).unwrap();
    let gaussian = counts(Copula::Gaussian);
    for copula in [
        Copula::StudentT { dof: f64::INFINITY },
        Copula::DoubleT { dof_common: f64::INFINITY, dof_own: f64::INFINITY },
    ] {
        for (p, q) in counts(copula).iter().zip(&gaussian) {
            assert!((p - q).abs() < 1e-12);
        }
    }
    for copula in [Copula::StudentT { dof: 1e6 }, Copula::DoubleT { dof_common: 1e6, dof_own: 1e6 }] {
        for (p, q) in counts(copula).iter().zip(&gaussian) {
            assert!((p - q).abs() < 1e-5, "{copula:?} {p} {q}");
        }
    }
}

/// Names without a part of their own default together, in the order of their probabilities.
#[test]
fn names_of_loading_one_default_in_order() {
    let names: Vec<ReferenceEntity> = [0.02, 0.05, 0.11].map(|p| name(p, 0.0, loaded(&[1.0]))).to_vec();
    for copula in
        [Copula::Gaussian, Copula::StudentT { dof: 4.0 }, Copula::DoubleT { dof_common: 3.0, dof_own: 3.0 }]
    {
        let counts = ReferencePool::new(copula, &names).unwrap().default_counts(5.0).unwrap();
        for (found, expected) in counts.iter().zip([0.89, 0.06, 0.03, 0.02]) {
            assert!((found - expected).abs() < 1e-10, "{copula:?} {counts:?}");
        }
    }
}

/// Sectors below a market factor, integrated one by one, are what a product rule over all factors gives.
#[test]
fn sectors_are_what_a_product_rule_gives() {
    let names: Vec<ReferenceEntity> = [
        name(0.03, 0.0, loaded(&[0.4, 0.3])),
        name(0.05, 0.0, loaded(&[0.4, 0.3])),
        name(0.10, 0.0, loaded(&[0.3, 0.0, 0.5])),
        name(0.08, 0.0, loaded(&[0.5, 0.0, 0.4])),
        name(0.02, 0.0, Loadings::none()),
    ]
    .to_vec();
    let counts = ReferencePool::new(Copula::Gaussian, &names).unwrap().default_counts(5.0).unwrap();
    let rule = gauss_hermite(48);
    let mut exact = [0.0; 6];
    for &(m, u) in &rule {
        for &(x, v) in &rule {
            for &(y, w) in &rule {
                let mut given = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
                for entity in &names {
                    let a: Vec<f64> = entity.loadings.as_slice().iter().map(|a| a.value()).collect();
                    let moved: f64 = a.iter().zip([m, x, y]).map(|(a, factor)| a * factor).sum();
                    let barrier = normal::inverse_cdf(entity.curve.default_probability(5.0));
                    let p = normal::cdf((barrier - moved) / entity.loadings.own_weight());
                    for k in (0..6).rev() {
                        given[k] = given[k] * (1.0 - p) + if k > 0 { given[k - 1] * p } else { 0.0 };
                    }
                }
                exact.iter_mut().zip(given).for_each(|(sum, p)| *sum += u * v * w * p);
            }
        }
    }
    for (found, expected) in counts.iter().zip(exact) {
        assert!((found - expected).abs() < 1e-9, "{counts:?} {exact:?}");
    }
}

/// More and more names come to Vasicek's closed form, the gap halving as the names double.
#[test]
fn many_names_come_to_the_large_pool() {
    let tranche = Tranche::new(0.06, 0.15).unwrap();
    let limit = LargePool::new(0.05, Correlation::new(0.2).unwrap(), 0.5).unwrap().tranche_loss(&tranche);
    let gap = |count| {
        let pool = pool_of(Copula::Gaussian, count, name(0.05, 0.5, correlated(0.2)));
        (pool.tranche_losses(&[tranche], 5.0).unwrap()[0].expected_loss - limit.expected_loss).abs()
    };
    let (coarse, fine) = (gap(200), gap(400));
    assert!(fine < 0.002 && (coarse / fine - 2.0).abs() < 0.2, "{coarse} {fine}");
}

/// The closed forms by integrating the large pool's loss over its factor.
#[test]
fn large_pool_formulas_are_integrals_over_the_factor() {
    let rule = gauss_hermite(200);
    for (p, correlation, lgd) in [(0.05_f64, 0.2_f64, 1.0), (0.01, 0.4, 0.6), (0.3, 0.05, 0.45)] {
        let pool = LargePool::new(p, Correlation::new(correlation).unwrap(), lgd).unwrap();
        let loss = |m: f64| {
            let given = (normal::inverse_cdf(p) - correlation.sqrt() * m) / (1.0 - correlation).sqrt();
            lgd * normal::cdf(given)
        };
        let mean: f64 = rule.iter().map(|(m, w)| w * loss(*m)).sum();
        let square: f64 = rule.iter().map(|(m, w)| w * loss(*m) * loss(*m)).sum();
        assert!((mean - pool.expected_loss()).abs() < 1e-12);
        assert!((square - mean * mean - pool.variance()).abs() < 1e-12);
        // E[(L - K)+] is the integral of 1 - F from K up.
        let (k, steps) = (0.3 * lgd, 20_000);
        let width = (lgd - k) / f64::from(steps);
        let tail: f64 =
            (0..steps).map(|j| pool.probability_above(k + (f64::from(j) + 0.5) * width)).sum::<f64>() * width;
        assert!((tail - pool.expected_excess(k)).abs() < 1e-8, "{tail} {}", pool.expected_excess(k));
        for level in [0.01, 0.5, 0.999] {
            assert!((pool.cdf(pool.quantile(level).unwrap()) - level).abs() < 1e-12);
        }
    }
}

#[test]
fn large_pools_at_the_ends_of_correlation() {
    let of = |rho| LargePool::new(0.05, Correlation::new(rho).unwrap(), 0.6).unwrap();
    let (apart, together) = (of(0.0), of(1.0));
    assert_eq!((apart.quantile(0.999).unwrap(), apart.cdf(0.02), apart.cdf(0.04)), (0.03, 0.0, 1.0));
    assert_eq!((together.quantile(0.94).unwrap(), together.quantile(0.96).unwrap()), (0.0, 0.6));
    let tranche = Tranche::new(0.01, 0.05).unwrap();
    // Apart, the loss is 3% for certain: half of the tranche. Together, all of it with 5%.
    assert!((apart.tranche_loss(&tranche).expected_loss - 0.5).abs() < 1e-12);
    assert!((together.tranche_loss(&tranche).expected_loss - 0.05).abs() < 1e-12);
    assert!((apart.variance(), together.variance()).0.abs() < 1e-16);
    assert!((together.variance() - 0.36 * 0.05 * 0.95).abs() < 1e-12);
    assert!(LargePool::new(0.05, Correlation::new(-0.1).unwrap(), 0.6).is_err());
}

/// Losses without a common measure: a finer unit is nearer, and the pool's own is near enough.
#[test]
fn loss_units_converge() {
    let names: Vec<ReferenceEntity> = (0..30)
        .map(|k: i32| {
            let mut name = name(0.02 + 0.002 * f64::from(k), 0.4, correlated(0.25));
            name.notional = 1.0 + f64::from(k * k % 17).sqrt();
            name
        })
        .collect();
    let pool = ReferencePool::new(Copula::Gaussian, &names).unwrap();
    let tranche = Tranche::new(0.05, 0.12).unwrap();
    let at = |unit: f64| {
        let pool = pool.clone().with_loss_unit(unit).unwrap();
        pool.tranche_losses(&[tranche], 5.0).unwrap()[0].expected_loss
    };
    let best = at(pool.loss_unit() / 4.0);
    let own = pool.tranche_losses(&[tranche], 5.0).unwrap()[0].expected_loss;
    assert!((own - best).abs() < 1e-6, "{own} {best}");
    assert!((at(0.2) - best).abs() > (own - best).abs());
}

/// Between no shared factor and nothing but: the two limits of a pool of pools.
#[test]
fn shared_factors_run_from_independent_pools_to_one_world() {
    let correlation = Correlation::new(0.25).unwrap();
    let tranche = Tranche::new(0.05, 0.20).unwrap();
    let squared = |loadings: Loadings, shared| {
        let pool = pool_of(Copula::Gaussian, 20, name(0.08, 0.5, loadings));
        let pool = SquaredPool::new(&[InnerPool { pool, tranche, count: 5 }], shared).unwrap();
        pool.loss_distribution(5.0).unwrap()
    };
    let split = |share| squared(Loadings::between_and_within(correlation, share).unwrap(), 1);
    let (independent, one_world) = (squared(correlated(0.25), 0), squared(correlated(0.25), 1));
    for (limit, found) in [(&independent, split(0.0)), (&one_world, split(1.0))] {
        for (p, q) in limit.probabilities().iter().zip(found.probabilities()) {
            assert!((p - q).abs() < 1e-9);
        }
    }
    let middle = split(0.5);
    // The more is shared, the less do the tranches diversify; the expected loss stays.
    let deviations = [&independent, &middle, &one_world].map(|losses| losses.standard_deviation());
    assert!(deviations[0] < deviations[1] && deviations[1] < deviations[2], "{deviations:?}");
    assert!((middle.expected_loss() - independent.expected_loss()).abs() < 1e-9);
    assert!((one_world.expected_loss() - independent.expected_loss()).abs() < 1e-9);
}

/// With all factors shared, given the factor the tranches are independent: by a Hermite rule.
#[test]
fn one_world_is_a_mixture_of_independent_tranches() {
    let pool = pool_of(Copula::Gaussian, 10, name(0.1, 0.0, correlated(0.2)));
    let tranche = Tranche::new(0.1, 0.3).unwrap();
    let squared = SquaredPool::new(&[InnerPool { pool, tranche, count: 2 }], 1).unwrap();
    let losses = squared.loss_distribution(5.0).unwrap();
    // The tranche loses one unit with 2 defaults, both with 3 or more.
    let mut exact = [0.0; 5];
    for (m, weight) in gauss_hermite(120) {
        let p = normal::cdf((normal::inverse_cdf(0.1) - 0.2_f64.sqrt() * m) / 0.8_f64.sqrt());
        let one = binomial(10, 2, p);
        let none = binomial(10, 0, p) + binomial(10, 1, p);
        let both = 1.0 - one - none;
        let given =
            [none * none, 2.0 * none * one, one * one + 2.0 * none * both, 2.0 * one * both, both * both];
        exact.iter_mut().zip(given).for_each(|(sum, p)| *sum += weight * p);
    }
    for (found, expected) in losses.probabilities().iter().zip(exact) {
        assert!((found - expected).abs() < 1e-10, "{:?} {exact:?}", losses.probabilities());
    }
}

/// Pools of pools price as the legs of their tranches' losses.
#[test]
fn squared_tranches_have_spreads() {
    let pool = pool_of(Copula::Gaussian, 20, hull_white(correlated(0.3)));
    let inner = InnerPool { pool, tranche: Tranche::new(0.03, 0.10).unwrap(), count: 4 };
    let squared = SquaredPool::new(std::slice::from_ref(&inner), 1).unwrap();
    let whole = Tranche::new(0.0, 1.0).unwrap();
    let terms = PaymentConvention { payments_per_year: 1, ..PaymentConvention::PERIOD_END };
    let price = squared.price_tranches(&[whole], 3.0, &five_percent(), &terms).unwrap()[0];
    // All of a pool of tranches is the tranche.
    let alone = inner.pool.price_tranches(&[inner.tranche], 3.0, &five_percent(), &terms).unwrap()[0];
    assert!((price.spread().unwrap() - alone.spread().unwrap()).abs() < 1e-9);
    assert_eq!(price.measure, Measure::RiskNeutral);
}

/// A single name priced as a whole pool is a credit default swap on its expected loss.
#[test]
fn the_whole_pool_earns_the_credit_triangle() {
    let pool = pool_of(Copula::Gaussian, 10, hull_white(correlated(0.3)));
    let whole = Tranche::new(0.0, 1.0).unwrap();
    let terms = PaymentConvention::MID_PERIOD_ACCRUED;
    let found = pool.price_tranches(&[whole], 5.0, &five_percent(), &terms).unwrap()[0].spread().unwrap();
    let legs = terms.legs(5.0, &five_percent(), |t| {
        let lost = 0.6 * -(-0.01 * t).exp_m1();
        (lost, lost)
    });
    assert!((found - legs.unwrap().spread().unwrap()).abs() < 1e-12);
}

#[test]
fn nonsense_is_refused() {
    let good = name(0.05, 0.4, correlated(0.3));
    let of = |entities: &[ReferenceEntity]| ReferencePool::new(Copula::Gaussian, entities);
    assert!(of(&[]).is_err());
    for notional in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(of(&[ReferenceEntity { notional, ..good.clone() }]).is_err());
    }
    assert!(of(&[ReferenceEntity { recovery: Recovery::Fixed(1.1), ..good.clone() }]).is_err());
    let market = DefaultCurve::flat(Measure::RiskNeutral, 0.01).unwrap();
    let mixed = of(&[good.clone(), ReferenceEntity { curve: market, ..good.clone() }]).unwrap_err();
    assert_eq!(mixed, Error::Measure { expected: Measure::Historical, found: Measure::RiskNeutral });
    let pool = of(std::slice::from_ref(&good)).unwrap();
    assert!(pool.clone().with_loss_unit(0.0).is_err() && pool.clone().with_loss_unit(1e-9).is_err());
    assert!(SquaredPool::new(&[], 0).is_err());
    for (low, high) in [(0.5, 0.5), (0.6, 0.5), (-0.1, 0.5), (0.0, 1.1), (f64::NAN, 1.0)] {
        assert!(Tranche::new(low, high).is_err());
    }
    // Nothing can be lost: no premium is needed; nothing is left: none is paid.
    let safe = of(&[ReferenceEntity { recovery: Recovery::Fixed(1.0), ..good.clone() }]).unwrap();
    let whole = Tranche::new(0.0, 1.0).unwrap();
    let price = safe.price_tranches(&[whole], 5.0, &five_percent(), &PaymentConvention::PERIOD_END).unwrap();
    assert_eq!(price[0].spread().unwrap(), 0.0);
    let differ = of(&[good.clone(), ReferenceEntity { recovery: Recovery::Fixed(0.1), ..good }]).unwrap();
    assert!(differ.nth_to_default_spreads(5.0, &five_percent(), &PaymentConvention::PERIOD_END).is_err());
    let gone = leasefall::credit::PremiumLegs { protection: 1.0, premium_per_unit: 0.0 };
    assert_eq!(gone.spread(), Err(SolveError::NotFinite { quantity: "spread" }));
}
