//! Tenants that pay rent from what their chips earn.

use super::{assets, day, script, two_generations};
use leasefall::Currency;
use leasefall::asset::ComputeRevenue;
use leasefall::curve::{Compounding, DiscountCurve};
use leasefall::pool::{InMemory, Pool};
use leasefall::scenario::{Coverage, Draws, Generator, Risk, Scenario};
use leasefall::tape::read_document;
use rust_decimal::Decimal;

/// The lab earns with one H100 a kW and pays `other` a kW-month before its rent of 100.
fn pool(other: u32) -> Pool {
    let mut assets = assets();
    assets.tenants.tenants[1].compute_revenue = Some(ComputeRevenue {
        h100_equivalents_per_kw: Decimal::ONE,
        utilisation: Decimal::new(8, 1),
        other_costs_usd_per_kw_month: Decimal::from(other),
    });
    let pool = Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap();
    pool.with_chips(two_generations(), &InMemory).unwrap()
}

fn scenario(pool: &Pool, text: &str) -> Scenario {
    script(text).resolve(pool, 120, None, &InMemory).unwrap()
}

/// Nothing new arrives: the price of compute stands still.
const STILL: &str = "[compute]\nplateau_from = 2026-02-01\n";

/// 584 hours a month at the price, less other costs, over 100 of rent.
#[test]
fn coverage_is_earnings_over_rent() {
    let pool = pool(700);
    let price = scenario(&pool, STILL).compute_price[0];
    let coverage = Coverage::of_tenant(&pool, 1).unwrap();
    assert!((coverage.at(price) - (584.0 * price - 700.0) / 100.0).abs() < 1e-12);
    assert_eq!(Coverage::of_tenant(&pool, 0), None, "the cloud does not say");
}

/// A price cut by 90% in July 2026 leaves less than rent: after six months below the floor, with the rent of January
/// 2027, the lab defaults; not if the scenario does not ask, nor if an event strikes it sooner.
#[test]
fn a_scenario_may_ask_for_defaults() {
    let pool = pool(0);
    let cut = "[[events]]\nkind = \"compute_price\"\nat = 2026-07-01\nchange = -0.95\n";
    let ask = format!("{STILL}coverage_default = {{ floor = 1, months = 6, recovery_rate = 0.4 }}\n{cut}");
    let found = scenario(&pool, &ask);
    assert!(Coverage::of_tenant(&pool, 1).unwrap().at(found.compute_price[6]) < 1.0);
    let default = found.defaults[1].unwrap();
    assert_eq!((default.month, default.recovery_rate, default.rejected), (12, Some(0.4), true));
    assert_eq!(found.defaults[0], None);
    assert_eq!(scenario(&pool, &format!("{STILL}{cut}")).defaults, [None, None]);
    let sooner = "[[events]]\nkind = \"tenant_default\"\ntenant = \"lab\"\nat = 2026-03-01\n";
    assert_eq!(scenario(&pool, &format!("{ask}{sooner}")).defaults[1].unwrap().month, 2);
    let later = sooner.replace("2026-03", "2028-03");
    assert_eq!(scenario(&pool, &format!("{ask}{later}")).defaults[1].unwrap().month, 12);
}

fn generator(pool: &Pool, script: &str, terms: &str) -> Generator {
    let text = format!(
        "measure = \"historical\"\n[[obligors]]\ndefault = {{ kind = \"hazard\", hazard = 0.02 }}\n{terms}"
    );
    let risk = read_document::<Risk>("risk.toml", &text).unwrap().value;
    let discount = DiscountCurve::flat(day("2025-12-31"), 0.03, Compounding::Continuous).unwrap();
    let draws = Draws { seed: 11, ..Draws::default() };
    risk.resolve(pool, scenario(pool, script), &discount, draws, &InMemory).unwrap()
}

/// The month in which each tenant defaults on each path; 1,000 if it does not.
fn months(generator: &Generator, paths: u64) -> Vec<[u32; 2]> {
    let mut world = generator.world();
    let of = |world: &leasefall::scenario::World| {
        [0, 1].map(|tenant: usize| world.scenario.defaults[tenant].map_or(1_000, |default| default.month))
    };
    (0..paths)
        .map(|path| {
            generator.draw(path, 120, &mut world);
            of(&world)
        })
        .collect()
}

/// At a constant coverage of half the threshold and an elasticity of 2 the intensity is four times the curve's: the
/// default times are those of a flat hazard of 0.08, path by path; who does not say what it earns is left alone.
#[test]
fn intensity_is_that_of_the_coverage() {
    let pool = pool(0);
    let price = scenario(&pool, STILL).compute_price[0];
    let threshold = 2.0 * 584.0 * price / 100.0;
    let terms = |elasticity: u32, most: u32| {
        format!("[coverage]\nthreshold = {threshold:.10}\nelasticity = {elasticity}\nmost = {most}\n")
    };
    let plain = months(&generator(&pool, STILL, ""), 3_000);
    assert_eq!(months(&generator(&pool, STILL, &terms(0, 10)), 3_000), plain, "an elasticity of 0 is off");
    let raised = months(&generator(&pool, STILL, &terms(2, 10)), 3_000);
    let capped = months(&generator(&pool, STILL, &terms(2, 4)), 3_000);
    let four = {
        let text = "measure = \"historical\"\n[[obligors]]\ndefault = { kind = \"hazard\", hazard = 0.08 }\n";
        let risk = read_document::<Risk>("risk.toml", text).unwrap().value;
        let discount = DiscountCurve::flat(day("2025-12-31"), 0.03, Compounding::Continuous).unwrap();
        let draws = Draws { seed: 11, ..Draws::default() };
        let base = scenario(&pool, STILL);
        months(&risk.resolve(&pool, base, &discount, draws, &InMemory).unwrap(), 3_000)
    };
    for (path, months) in raised.iter().enumerate() {
        assert_eq!(months[0], plain[path][0]);
        // Rounding of the multiple may move a default over the end of a month.
        assert!(months[1].abs_diff(four[path][1]) <= 1 || months[1].min(four[path][1]) >= 120, "path {path}");
        assert_eq!(months[1], capped[path][1]);
    }
    let hits = raised.iter().filter(|months| months[1] < 1_000).count();
    assert!(hits > plain.iter().filter(|months| months[1] < 1_000).count());
}

/// A lower price of compute never makes a tenant default later, on any path, with chance or without.
#[test]
fn cheaper_compute_never_helps_a_tenant() {
    let pool = pool(300);
    let terms = "[coverage]\nthreshold = 6\nelasticity = 1.5\nmost = 20\n[compute]\nvolatility = 0.8\n";
    let dear = months(&generator(&pool, STILL, terms), 2_000);
    let cut = "[[events]]\nkind = \"compute_price\"\nat = 2028-01-01\nchange = -0.4\n";
    let cheap = months(&generator(&pool, &format!("{STILL}{cut}"), terms), 2_000);
    assert!(cheap.iter().zip(&dear).all(|(cheap, dear)| cheap[1] <= dear[1] && cheap[0] == dear[0]));
    assert!(cheap.iter().zip(&dear).any(|(cheap, dear)| cheap[1] < dear[1]));
    // A shorter draw knows the same defaults.
    let generator = generator(&pool, STILL, terms);
    let (mut short, mut long) = (generator.world(), generator.world());
    for path in 0..200 {
        generator.draw(path, 24, &mut short);
        generator.draw(path, 120, &mut long);
        assert_eq!(short.scenario.defaults, long.scenario.defaults);
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    let with = pool(0);
    let text = "measure = \"historical\"\n[coverage]\nthreshold = 0\nelasticity = -1\nmost = 0.5\n";
    let risk = read_document::<Risk>("risk.toml", text).unwrap().value;
    let discount = DiscountCurve::flat(day("2025-12-31"), 0.03, Compounding::Continuous).unwrap();
    let told = |pool: &Pool, base: Scenario| {
        let error = risk.resolve(pool, base, &discount, Draws::default(), &InMemory).unwrap_err().to_string();
        error.lines().count()
    };
    assert_eq!(told(&with, scenario(&with, STILL)), 3);
    let without = super::pool(None);
    assert_eq!(told(&without, scenario(&without, "description = \"\"")), 4);
    let bad = format!("{STILL}coverage_default = {{ floor = 1000, months = 0, recovery_rate = 2 }}");
    let error = script(&bad).resolve(&with, 120, None, &InMemory).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 3, "{error}");
}
