//! Random states of the world come out in the same bits whatever vectors the processor has.
//!
//! Why a constant is to be trusted here, which is captured from the crate itself: it says nothing of whether scenarios are
//! right (other tests do), only that two builds which share no machine code of these loops agree. It was taken from a build
//! without the feature `simd`, whose loops take one or two numbers at a time, and holds in a build with it on a processor
//! with vectors of 256 bits (the constant before it also on one with 512). Draws are integers, plain arithmetic and `libm`; nothing of the platform's own is
//! called, so the constant is that of other processors too. Where a scenario is changed on purpose it changes, in both.

use leasefall::asset::{Market, Site, SitesFile, Tenant, TenantsFile, read_chips};
use leasefall::curve::{Compounding, DiscountCurve};
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::{Draws, Generator, Risk, Scenario, Script};
use leasefall::tape::read_document;
use leasefall::{Currency, Date};
use rust_decimal::Decimal;

const CATALOGUE: &str = include_str!("../../fixtures/market/chips.toml");

/// All that chance moves but lines: 10 markets, each of its own volatility, but one that follows compute alone; 30 tenants of
/// two classes; generations; rents linked to compute. 353 months are no whole number of years, nor of vectors.
const MONTHS: usize = 353;

fn generator() -> Generator {
    let day = |y| Date::from_ymd_opt(y, 1, 1).expect("a date");
    let market = |i: usize| Market {
        id: format!("m{i}"),
        name: None,
        market_rent_usd_per_kw_month: Decimal::from(120 + 5 * i),
        market_rent_growth: Decimal::new(i as i64, 3),
    };
    let site = |i: usize| {
        Site::new(format!("s{i}"), format!("m{i}"), Decimal::from(1_000), day(2020), Decimal::new(6, 2))
    };
    let assets = Assets {
        sites: SitesFile { markets: (0..10).map(market).collect(), sites: (0..10).map(site).collect() },
        tenants: TenantsFile { tenants: (0..30).map(|i| Tenant::new(format!("t{i}"))).collect() },
        ..Assets::default()
    };
    let cut_off = Date::from_ymd_opt(2025, 12, 31).expect("a date");
    let pool = Pool::new(Currency::USD, cut_off, assets, &InMemory).expect("a pool");
    let catalogue = read_chips("chips.toml", CATALOGUE).expect("a catalogue");
    let pool = pool.with_chips(catalogue, &InMemory).expect("a pool");
    let script = "[compute]\nmarket_rent_elasticity = 0.37\nhalls = { rent_discount = 0.4 }";
    let script = read_document::<Script>("base.toml", script).expect("a script").value;
    let base = script.resolve(&pool, MONTHS, None, &InMemory).expect("a scenario");
    let mut text = String::from(
        "measure = \"historical\"\nfactors = [\"ai_demand\", \"economy\"]\n\
         compute = { volatility = 0.85, ai_demand_correlation = 0.5, cadence_volatility = 0.3 }\n\
         [[obligors]]\ntenants = [\"t3\", \"t7\", \"t11\"]\ndefault = { kind = \"hazard\", hazard = 0.05 }\n\
         loadings = [{ factor = \"ai_demand\", loading = 0.6 }]\n\
         [[obligors]]\ndefault = { kind = \"hazard\", hazard = 0.02 }\n\
         loadings = [{ factor = \"ai_demand\", loading = 0.3 }, { factor = \"economy\", loading = 0.4 }]\n",
    );
    for market in 0..9 {
        text += &format!(
            "[[market_rents]]\nmarkets = [\"m{market}\"]\nvolatility = 0.1{market}\nmean_reversion = 0.0{market}\n\
             ai_demand_correlation = 0.5\n"
        );
    }
    let risk = read_document::<Risk>("risk.toml", &text).expect("a risk model").value;
    let discount = DiscountCurve::flat(cut_off, 0.04, Compounding::Continuous).expect("a curve");
    risk.resolve(&pool, base, &discount, Draws { seed: 2026, ..Draws::default() }, &InMemory)
        .expect("a generator")
}

/// FNV-1a over the bits of every number that a path may overwrite, and of its defaults.
fn hash(scenario: &Scenario, weight: f64, mut hash: u64) -> u64 {
    let mut add = |bits: u64| {
        for byte in bits.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    let Scenario { cpi, market_rent, power_price, costs, cap_rate_shift, appraisal, compute_price, .. } =
        scenario;
    let series = [cpi, market_rent, power_price, costs, cap_rate_shift, appraisal, compute_price];
    for values in series.into_iter().chain([&scenario.rack_density_kw]) {
        add(values.len() as u64);
        values.iter().for_each(|value| add(value.to_bits()));
    }
    for default in &scenario.defaults {
        let month = default.map_or(u64::MAX, |default| u64::from(default.month));
        add(month);
        add(default.and_then(|default| default.recovery_rate).map_or(0, f64::to_bits));
    }
    add(weight.to_bits());
    hash
}

#[test]
fn a_scenario_is_the_same_bits_in_vectors_of_any_width() {
    let generator = generator();
    let mut world = generator.world();
    let (mut found, mut struck) = (0xcbf2_9ce4_8422_2325, 0);
    for path in [0, 1, 2, 41, 1_000_003, u64::from(u32::MAX) + 7] {
        let weight = generator.draw(path, MONTHS, &mut world);
        found = hash(&world.scenario, weight, found);
        struck += world.scenario.defaults.iter().flatten().count();
    }
    // That there is something to compare: tenants fail, rents and densities differ from the script's.
    assert!(struck > 30, "{struck}");
    assert_ne!(world.scenario.market_rent, generator.base().market_rent);
    assert_ne!(world.scenario.rack_density_kw, generator.base().rack_density_kw);
    // A shorter draw leaves what lies beyond it.
    let weight = generator.draw(5, 101, &mut world);
    found = hash(&world.scenario, weight, found);
    assert_eq!(found, 0x2359_e955_33e2_ca0f, "{found:#018x}");
}
