//! The price of compute along random paths: the scripted path without volatility, its closed-form law with it.

use super::{draw, paths, risk, seeded};
use leasefall::asset::{ChipsFile, read_chips};
use leasefall::collection::collect;
use leasefall::folder::Folder;
use leasefall::pool::{InMemory, Pool};
use leasefall::scenario::compute::Scarcity;
use leasefall::scenario::{Draws, Generator, Scenario, Script, World};
use leasefall::tape::read_document;
use std::sync::OnceLock;

fn catalogue() -> ChipsFile {
    let path = format!("{}/fixtures/market/chips.toml", env!("CARGO_MANIFEST_DIR"));
    read_chips("chips.toml", &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A deal whose halls say how dense they are, with a catalogue beside it.
fn deal() -> &'static (Folder, Pool) {
    static DEAL: OnceLock<(Folder, Pool)> = OnceLock::new();
    DEAL.get_or_init(|| {
        let folder = Folder::open("fixtures/deals/aligned-2021-1").unwrap();
        let pool = folder.pool().clone().with_chips(catalogue(), &InMemory).unwrap();
        (folder, pool)
    })
}

const LINKED: &str = r#"
    [compute]
    cadence_speed = 1.5
    market_rent_elasticity = 0.7
    halls = { rent_discount = 0.4, refit_to_kw_per_rack = 100, refit_usd_per_kw_per_rack_kw = 20 }
    [[events]]
    kind = "scarcity"
    at = 2024-01-01
    change = 0.8
"#;
const PLAIN: &str = "description = \"base\"";

fn base(text: &str) -> Scenario {
    let (folder, pool) = deal();
    let script = read_document::<Script>("base.toml", text).unwrap();
    script.value.resolve(pool, folder.months(), None, &script).unwrap()
}

fn generator(script: &str, compute: &str, draws: Draws) -> Generator {
    let (folder, pool) = deal();
    let text = format!(
        r#"
        measure = "historical"
        factors = ["ai_demand"]
        [[obligors]]
        default = {{ kind = "hazard", hazard = 0.02 }}
        loadings = [{{ factor = "ai_demand", loading = 0.5 }}]
        [[market_rents]]
        volatility = 0.1
        ai_demand_correlation = 0.5
        {compute}
        "#
    );
    let discount = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    let risk = risk(&text);
    risk.value.resolve(pool, base(script), &discount, draws, &risk).unwrap()
}

/// All that can be drawn: defaults, rents that follow compute, scarcity, dates of generations.
pub fn everything(draws: Draws) -> Generator {
    let compute = "[compute]\nvolatility = 0.85\nai_demand_correlation = 0.5\ncadence_volatility = 0.3";
    generator(LINKED, compute, draws)
}

/// Law 10: without volatility a path is the scripted base, to the last bit, and so are collections and notes.
#[test]
fn no_volatility_is_the_scripted_base() {
    let (folder, pool) = deal();
    let text = r#"
        measure = "historical"
        factors = ["ai_demand"]
        [[obligors]]
        default = { kind = "hazard", hazard = 0 }
        [[market_rents]]
        volatility = 0
        [compute]
        volatility = 0
        ai_demand_correlation = 0.6
    "#;
    let discount = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    for script in [PLAIN, LINKED] {
        let risk = risk(text);
        let generator = risk.value.resolve(pool, base(script), &discount, seeded(4), &risk).unwrap();
        let expected = base(script);
        let cash = |scenario: &Scenario| collect(pool, scenario, folder.periods().unwrap()).unwrap();
        let run = |scenario: &Scenario| folder.program().run(&cash(scenario)).unwrap();
        let mut world = generator.world();
        for path in 0..20 {
            draw(&generator, path, &mut world);
            assert_eq!(world.scenario, expected);
        }
        let (drawn, scripted) = (run(&world.scenario), run(&expected));
        for note in 0..folder.deal().notes.len() {
            assert!(drawn.note(note).eq(scripted.note(note)));
        }
    }
    // Dates of generations drawn with next to no deviation: the same to the rounding of a date.
    let near = generator(LINKED, "[compute]\nvolatility = 0\ncadence_volatility = 1e-9", seeded(2));
    let mut world = near.world();
    draw(&near, 0, &mut world);
    for (drawn, scripted) in world.scenario.compute_price.iter().zip(&base(LINKED).compute_price) {
        assert!((drawn / scripted - 1.0).abs() < 1e-7);
    }
}

/// Each month's logarithm is normal about the scripted path: mean, variance and the 90% band in closed form.
#[test]
fn prices_have_their_law() {
    // The pull is the scenario's unless the model of risk states one.
    for (own, mean_reversion) in [("", 4.0), ("mean_reversion = 1.5", 1.5)] {
        let compute = format!("[compute]\nvolatility = 0.85\nai_demand_correlation = 0.5\n{own}");
        let generator = generator(LINKED, &compute, seeded(7));
        has_law(&generator, &Scarcity { mean_reversion, level: 0.0, volatility: 0.85 });
    }
}

fn has_law(generator: &Generator, law: &Scarcity) {
    let (mut world, n) = (generator.world(), paths(6_000));
    for month in [1_usize, 3, 12, 13, 60, 200] {
        let deviation = law.variance(month as f64 / 12.0).sqrt();
        let (mut sum, mut squares, mut inside) = (0.0, 0.0, 0.0);
        for path in 0..n {
            draw(generator, path, &mut world);
            let z = (world.scenario.compute_price[month] / generator.base().compute_price[month]).ln()
                / deviation;
            sum += z;
            squares += z * z;
            inside += f64::from(u8::from(z.abs() < 1.644_853_627));
        }
        let n = n as f64;
        assert!((sum / n).abs() < 4.0 / n.sqrt(), "month {month}: mean {}", sum / n);
        assert!(
            (squares / n - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
            "month {month}: variance {}",
            squares / n
        );
        assert!((inside / n - 0.9).abs() < 4.0 * (0.09 / n).sqrt(), "month {month}: {}", inside / n);
    }
}

/// Covariance of the shock with the factor that defaults share. With monthly shocks `d z`, decay `q` and `n` years,
/// `cov(y(m), factor) = rho d sum q^j / sqrt(12 n)`: each month is one part in `12 n` of the Brownian motion.
#[test]
fn scarcity_moves_with_the_factor_of_defaults() {
    let generator = generator(PLAIN, "[compute]\nvolatility = 0.85\nai_demand_correlation = 0.8", seeded(3));
    let step = Scarcity { mean_reversion: 4.0, level: 0.0, volatility: 0.85 }.step(1.0 / 12.0);
    let years = generator.base().months.div_ceil(12) as f64;
    let (mut world, n) = (generator.world(), paths(8_000));
    for month in [12_usize, 120] {
        let sum: f64 = (0..month).map(|j| step.decay.powi(j as i32)).sum();
        let expected = 0.8 * step.deviation * sum / (12.0 * years).sqrt();
        let products: Vec<f64> = (0..n)
            .map(|path| {
                draw(&generator, path, &mut world);
                let shock =
                    (world.scenario.compute_price[month] / generator.base().compute_price[month]).ln();
                shock * world.factors()[0]
            })
            .collect();
        let mean = products.iter().sum::<f64>() / n as f64;
        let variance = products.iter().map(|p| (p - mean) * (p - mean)).sum::<f64>() / n as f64;
        let error = (variance / n as f64).sqrt();
        assert!((mean - expected).abs() < 4.0 * error, "month {month}: {mean} {expected} +-{error}");
    }
}

/// Chance about chips moves nothing else: defaults and market rents are those without it.
#[test]
fn other_draws_stay_as_they_are() {
    let compute = "[compute]\nvolatility = 0.85\nai_demand_correlation = 0.8\ncadence_volatility = 0.4";
    let (with, without) = (generator(PLAIN, compute, seeded(9)), generator(PLAIN, "", seeded(9)));
    let linked = generator("[compute]\nmarket_rent_elasticity = 0.5", compute, seeded(9));
    let (mut a, mut b, mut c): (World, World, World) = (with.world(), without.world(), linked.world());
    for path in 0..50 {
        draw(&with, path, &mut a);
        draw(&without, path, &mut b);
        draw(&linked, path, &mut c);
        assert_eq!(
            (&a.scenario.defaults, &a.scenario.market_rent),
            (&b.scenario.defaults, &b.scenario.market_rent)
        );
        assert_eq!(a.scenario.compute_price, c.scenario.compute_price);
        // (price / scripted)^0.5 on top of the market's own path; the scripted price moves no rent here.
        let months = with.base().months;
        for (place, rent) in c.scenario.market_rent.iter().enumerate() {
            let ratio = c.scenario.compute_price[place % months] / with.base().compute_price[place % months];
            assert!((rent / (b.scenario.market_rent[place] * ratio.sqrt()) - 1.0).abs() < 1e-12);
        }
        if path % 7 == 0 {
            // A shorter draw is the beginning of the longer one, also where rents were moved before.
            let whole = c.scenario.clone();
            linked.draw(path, 31, &mut c);
            assert_eq!(c.scenario.compute_price[..31], whole.compute_price[..31]);
            assert_eq!(c.scenario.market_rent[..31], whole.market_rent[..31]);
        }
    }
}

/// Gaps keep their mean; no date of the catalogue moves, and no month is denser than the path allows.
#[test]
fn generations_come_at_random() {
    let generator = generator(PLAIN, "[compute]\nvolatility = 0\ncadence_volatility = 0.5", seeded(5));
    let (mut world, n) = (generator.world(), paths(2_000));
    let base = generator.base();
    // The catalogue's last is of October 2027; nothing is drawn before its successor could be adopted.
    let known = 80;
    let (mut logs, mut spread) = (0.0, 0.0_f64);
    let month = 200;
    for path in 0..n {
        draw(&generator, path, &mut world);
        for month in 0..known {
            assert!(world.scenario.compute_price[month] <= base.compute_price[month] * (1.0 + 1e-12));
        }
        assert!(world.scenario.rack_density_kw.windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - 1e-12)));
        let log = (world.scenario.compute_price[month] / base.compute_price[month]).ln();
        logs += log;
        spread = spread.max(log.abs());
    }
    // Some five generations of -0.6 each are adopted by then, give or take one.
    assert!(spread > 0.3 && (logs / n as f64).abs() < 0.15, "{spread} {}", logs / n as f64);
}

#[test]
fn what_makes_no_sense_is_told() {
    let (folder, pool) = deal();
    let discount = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    let found = |pool: &Pool, base: Scenario, text: &str| {
        let risk = risk(&format!("measure = \"historical\"\n[compute]\n{text}"));
        let error = risk.value.resolve(pool, base, &discount, seeded(1), &risk).unwrap_err();
        error.to_string().lines().count()
    };
    let bad = "volatility = 6\nmean_reversion = -1\nai_demand_correlation = 2\ncadence_volatility = 3";
    assert_eq!(found(pool, base(PLAIN), bad), 4);
    let without = super::folder();
    let calm = Scenario::calm(without.pool(), without.months());
    assert_eq!(found(without.pool(), calm, "volatility = 0.5"), 1);
}
