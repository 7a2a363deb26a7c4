//! Default times: marginals that no dependence moves, dependence that is what the loadings say.

use super::{draw, generator, paths, seeded};
use leasefall::scenario::World;

const COPULAS: [&str; 3] = [
    r#"{ kind = "gaussian" }"#,
    r#"{ kind = "student_t", degrees_of_freedom = 4 }"#,
    r#"{ kind = "double_t", factor_degrees_of_freedom = 5, residual_degrees_of_freedom = 4 }"#,
];

/// All forty tenants with a hazard of 3% and one loading.
fn model(copula: &str, loading: &str) -> String {
    format!(
        r#"
        measure = "historical"
        copula = {copula}
        factors = ["ai_demand", "other"]
        [[obligors]]
        default = {{ kind = "hazard", hazard = 0.03 }}
        loadings = [{{ factor = "ai_demand", loading = {loading} }}, {{ factor = "other", loading = 0.2 }}]
        "#
    )
}

/// Defaults in the first `months` months of a path.
fn count(world: &World, months: u32) -> usize {
    world.scenario.defaults.iter().flatten().filter(|default| default.month <= months).count()
}

/// Law 7: how many default on average by a date depends on neither loading nor copula. With 40 tenants and
/// `p = 1 - exp(-0.03 x 5)`, the mean of n paths is 40 p; its error is measured on the paths themselves.
#[test]
fn marginal_default_probabilities_stand_whatever_the_dependence() {
    let n = paths(6_000);
    let expected = 40.0 * -f64::exp_m1(-0.15);
    for copula in COPULAS {
        for (seed, loading) in [(1, "0.0"), (2, "0.3"), (3, "0.9")] {
            let generator = generator(&model(copula, loading), seeded(seed));
            let mut world = generator.world();
            let counts: Vec<f64> = (0..n)
                .map(|path| {
                    draw(&generator, path, &mut world);
                    count(&world, 60) as f64
                })
                .collect();
            let mean = counts.iter().sum::<f64>() / n as f64;
            let variance = counts.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1) as f64;
            let error = (variance / n as f64).sqrt();
            assert!(
                (mean - expected).abs() < 3.5 * error,
                "{copula} {loading}: {mean} +-{error}, {expected}"
            );
        }
    }
}

/// Two defaults by five years under a Gaussian copula of asset correlation 0.3^2 + 0.2^2 = 0.13:
/// `P(both) = N2(b, b, 0.13)`, by Plackett's integral `N(b)^2 + integral_0^0.13 phi2(b, b; r) dr`.
#[test]
fn joint_default_probability_is_that_of_the_loadings() {
    let p = -f64::exp_m1(-0.15);
    let b = leasefall::math::normal::inverse_cdf(p);
    let density = |r: f64| (-b * b / (1.0 + r)).exp() / (2.0 * std::f64::consts::PI * (1.0 - r * r).sqrt());
    let steps = 1_000;
    let h = 0.13 / f64::from(steps);
    let integral: f64 = (0..steps).map(|i| density((f64::from(i) + 0.5) * h) * h).sum();
    let both = p * p + integral;

    let generator = generator(&model(COPULAS[0], "0.3"), seeded(11));
    let mut world = generator.world();
    let n = paths(10_000);
    // Pairs of one path: k (k - 1) / 2 of 780.
    let shares: Vec<f64> = (0..n)
        .map(|path| {
            draw(&generator, path, &mut world);
            let k = count(&world, 60) as f64;
            k * (k - 1.0) / (40.0 * 39.0)
        })
        .collect();
    let mean = shares.iter().sum::<f64>() / n as f64;
    let variance = shares.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1) as f64;
    let error = (variance / n as f64).sqrt();
    assert!((mean - both).abs() < 3.5 * error, "{mean} +-{error}, {both}");
}

/// Members of a group have one latent: those of one curve fall on one day, and each keeps its own curve.
#[test]
fn a_group_falls_together() {
    let text = r#"
        measure = "historical"
        factors = ["ai_demand"]
        [[obligors]]
        tenants = ["tenant_01", "tenant_02"]
        group = "parent"
        default = { kind = "hazard", hazard = 0.05 }
        loadings = [{ factor = "ai_demand", loading = 0.4 }]
        [[obligors]]
        tenants = ["tenant_03"]
        group = "parent"
        default = { kind = "hazard", hazard = 0.10 }
        loadings = [{ factor = "ai_demand", loading = 0.4 }]
    "#;
    let generator = generator(text, seeded(5));
    let mut world = generator.world();
    let mut struck = 0;
    for path in 0..500 {
        draw(&generator, path, &mut world);
        let month = |tenant: usize| world.scenario.defaults[tenant].map(|default| default.month);
        assert_eq!(month(0), month(1));
        if let Some(first) = month(0) {
            // Twice the hazard: half the time, to the month.
            let weaker = month(2).expect("the weaker member falls first");
            assert!((i64::from(first) - 2 * i64::from(weaker)).abs() <= 2, "{first} {weaker}");
            struck += 1;
        }
        assert!(world.scenario.defaults[3..].iter().all(Option::is_none));
    }
    assert!(struck > 200);
}

/// A path that strikes nobody leaves nothing of the path before.
#[test]
fn paths_do_not_remember_each_other() {
    let generator = generator(&model(COPULAS[0], "0.5"), seeded(9));
    let (mut reused, n) = (generator.world(), paths(300));
    for path in (0..n).rev() {
        draw(&generator, path, &mut reused);
        let mut fresh = generator.world();
        draw(&generator, path, &mut fresh);
        assert_eq!(reused.scenario, fresh.scenario);
    }
}

/// A historical model refuses a curve implied by spreads, and says where.
#[test]
fn measures_do_not_mix() {
    let text = r#"
        measure = "historical"
        factors = ["f", "f"]
        [[obligors]]
        tenants = ["tenant_01", "nobody"]
        default = { kind = "spread", points = [{ years = 5, spread_bp = 100 }], recovery_rate = 0.4 }
        loadings = [{ factor = "f", loading = 0.9 }, { factor = "g", loading = 0.9 }]
    "#;
    let folder = super::folder();
    let risk = super::risk(text);
    let discount = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    let base = folder.scenario("base").unwrap();
    let found = risk.value.resolve(folder.pool(), base, &discount, seeded(1), &risk).unwrap_err().to_string();
    for part in [
        "risk.toml:6: obligors[0].default: found a curve of the other measure, expected a historical curve",
        "risk.toml:5: obligors[0].tenants[1]: found `nobody`",
        "obligors[0].loadings[1].factor: found `g`",
        "factors[1]: found `f` again, expected each factor once",
    ] {
        assert!(found.contains(part), "{found}");
    }
}

/// Draws out of bounds are refused, not bent.
#[test]
fn draws_have_bounds() {
    use leasefall::Error;
    use leasefall::scenario::Draws;
    let folder = super::folder();
    for draws in [
        Draws { tilt: f64::NAN, ..seeded(1) },
        Draws { tilt: 11.0, ..seeded(1) },
        Draws { sobol_replicates: Some(1), ..seeded(1) },
        Draws { sobol_replicates: Some(2_000), ..seeded(1) },
    ] {
        assert!(matches!(folder.generator("base", draws), Err(Error::Argument { .. })), "{draws:?}");
    }
}

/// A default that the script states stands, unless chance strikes before it; then what chance says stands.
#[test]
fn a_scripted_default_stands_unless_chance_is_earlier() {
    let folder = super::folder();
    let mut base = folder.scenario("base").unwrap();
    let scripted = leasefall::scenario::Obligation {
        month: 100,
        rejected: false,
        recovery_rate: Some(0.9),
        recovery_lag_months: 3,
        reletting: None,
    };
    base.defaults[0] = Some(scripted);
    let risk = super::risk(&model(COPULAS[0], "0.3"));
    let discount = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    let generator = risk.value.resolve(folder.pool(), base, &discount, seeded(1), &risk).unwrap();
    let mut world = generator.world();
    let (mut earlier, mut stands) = (0, 0);
    for path in 0..400 {
        draw(&generator, path, &mut world);
        let default = world.scenario.defaults[0].expect("the script's at the latest");
        if default == scripted {
            stands += 1;
        } else {
            assert!(default.month < 100 && default.rejected, "{default:?}");
            earlier += 1;
        }
    }
    assert!(earlier > 50 && stands > 50, "{earlier} {stands}");
}
