//! Market rents: the scripted path on average, AI demand's part in it, nothing without volatility.

use super::{draw, folder, generator, paths, seeded};

fn model(volatility: &str, correlation: &str, loading: &str) -> String {
    format!(
        r#"
        measure = "historical"
        factors = ["ai_demand"]
        [[obligors]]
        default = {{ kind = "hazard", hazard = 0.02 }}
        loadings = [{{ factor = "ai_demand", loading = {loading} }}]
        [[market_rents]]
        volatility = {volatility}
        mean_reversion = 0.1
        ai_demand_correlation = {correlation}
        "#
    )
}

/// Law 10: without volatility and without defaults, a path is the scripted base, cent for cent.
#[test]
fn no_volatility_is_the_scripted_base() {
    let text = r#"
        measure = "historical"
        factors = ["ai_demand"]
        [[obligors]]
        default = { kind = "hazard", hazard = 0 }
        loadings = [{ factor = "ai_demand", loading = 0.5 }]
        [[market_rents]]
        volatility = 0
        ai_demand_correlation = 0.7
    "#;
    let generator = generator(text, seeded(4));
    let mut world = generator.world();
    for path in 0..50 {
        assert_eq!(draw(&generator, path, &mut world), 1.0);
        assert_eq!(world.scenario, folder().scenario("base").unwrap());
    }
}

/// The mean of each month's rent over paths is the scripted rent, at yearly steps within 3.5 errors.
#[test]
fn expected_rent_is_the_scripted_rent() {
    let generator = generator(&model("0.2", "0.5", "0.3"), seeded(7));
    // As many as show a tenth of the variance missing from the mean.
    let (mut world, n) = (generator.world(), paths(40_000));
    let months = generator.base().months;
    let places: Vec<usize> = [12, 60, 120, 300].into_iter().flat_map(|m| [m, months + m]).collect();
    let mut sums = vec![(0.0, 0.0); places.len()];
    for path in 0..n {
        draw(&generator, path, &mut world);
        for (sum, &place) in sums.iter_mut().zip(&places) {
            let ratio = world.scenario.market_rent[place] / generator.base().market_rent[place];
            *sum = (sum.0 + ratio, sum.1 + ratio * ratio);
        }
    }
    for ((sum, squares), place) in sums.into_iter().zip(places) {
        let mean = sum / n as f64;
        let error = ((squares / n as f64 - mean * mean) / n as f64).sqrt();
        assert!((mean - 1.0).abs() < 3.5 * error, "month {place}: {mean} +-{error}");
        // Log variance s^2 = vol^2 (1 - exp(-2 k t)) / (2 k); the ratio's is exp(s^2) - 1.
        let years = ((place % months) / 12) as f64;
        let variance = 0.04 * -f64::exp_m1(-0.2 * years) / 0.2;
        let found = squares / n as f64 - mean * mean;
        assert!((found / variance.exp_m1() - 1.0).abs() < 0.25, "month {place}: {found}");
    }
}

/// Wrong-way risk: with a link to AI demand rents are lower on paths with many defaults; without it they are
/// not.
#[test]
fn ai_demand_links_rents_to_defaults() {
    let covariance = |correlation: &str| {
        let generator = generator(&model("0.2", correlation, "0.7"), seeded(3));
        let (mut world, n) = (generator.world(), paths(4_000));
        let (mut products, mut rents, mut counts) = (Vec::new(), 0.0, 0.0);
        for path in 0..n {
            draw(&generator, path, &mut world);
            let rent = world.scenario.market_rent[120] / generator.base().market_rent[120];
            let count = world.scenario.defaults.iter().flatten().count() as f64;
            products.push((rent, count));
            rents += rent / n as f64;
            counts += count / n as f64;
        }
        let each: Vec<f64> = products.iter().map(|(rent, count)| (rent - rents) * (count - counts)).collect();
        let mean = each.iter().sum::<f64>() / n as f64;
        let variance = each.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
        (mean, (variance / n as f64).sqrt())
    };
    let (linked, error) = covariance("0.8");
    assert!(linked < -5.0 * error, "{linked} +-{error}");
    let (free, error) = covariance("0");
    assert!(free.abs() < 3.5 * error, "{free} +-{error}");
}
