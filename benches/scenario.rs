//! One random state of the world: defaults, market rents, the price of compute, dates of generations.

use criterion::{Criterion, criterion_group, criterion_main};
use leasefall::asset::{Market, Site, SitesFile, Tenant, TenantsFile, read_chips};
use leasefall::curve::{Compounding, DiscountCurve};
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::{Draws, Generator, Risk, Script};
use leasefall::tape::read_document;
use leasefall::{Currency, Date};
use rust_decimal::Decimal;
use std::hint::black_box;

const CATALOGUE: &str = include_str!("../fixtures/market/chips.toml");
const MONTHS: usize = 360;
const MARKETS: usize = 10;
const TENANTS: usize = 15;
/// Those of the catalogue, and those that may arrive within the months.
const GENERATIONS: usize = 35;

/// Sixty markets, tenants and generations over 360 months.
fn generator(compute: &str, script: &str) -> Generator {
    let day = |y| Date::from_ymd_opt(y, 1, 1).expect("a date");
    let market = |i: usize| Market {
        id: format!("m{i}"),
        name: None,
        market_rent_usd_per_kw_month: Decimal::from(120),
        market_rent_growth: Decimal::new(2, 2),
    };
    let site = |i: usize| {
        Site::new(format!("s{i}"), format!("m{i}"), Decimal::from(1_000), day(2020), Decimal::new(6, 2))
    };
    let assets = Assets {
        sites: SitesFile {
            markets: (0..MARKETS).map(market).collect(),
            sites: (0..MARKETS).map(site).collect(),
        },
        tenants: TenantsFile { tenants: (0..TENANTS).map(|i| Tenant::new(format!("t{i}"))).collect() },
        ..Assets::default()
    };
    let cut_off = Date::from_ymd_opt(2025, 12, 31).expect("a date");
    let pool = Pool::new(Currency::USD, cut_off, assets, &InMemory).expect("a pool");
    let pool = pool
        .with_chips(read_chips("chips.toml", CATALOGUE).expect("a catalogue"), &InMemory)
        .expect("a pool");
    let script = read_document::<Script>("base.toml", script).expect("a script").value;
    let base = script.resolve(&pool, MONTHS, None, &InMemory).expect("a scenario");
    let outlook = base.compute.as_ref().expect("a price of compute");
    assert_eq!(outlook.arrivals().len() + 1, GENERATIONS);
    let text = format!(
        "measure = \"historical\"\nfactors = [\"ai_demand\"]\n{compute}\n[[obligors]]\n\
         default = {{ kind = \"hazard\", hazard = 0.01 }}\nloadings = [{{ factor = \"ai_demand\", loading = 0.5 }}]\n\
         [[market_rents]]\nvolatility = 0.15\nmean_reversion = 0.1\nai_demand_correlation = 0.5\n"
    );
    let text = text.replace("[compute]", "compute =");
    let risk = read_document::<Risk>("risk.toml", &text).expect("a risk model").value;
    let discount = DiscountCurve::flat(cut_off, 0.04, Compounding::Continuous).expect("a curve");
    risk.resolve(&pool, base, &discount, Draws::default(), &InMemory).expect("a generator")
}

fn scenarios(c: &mut Criterion) {
    let mut group = c.benchmark_group("scenario of 360 months");
    let plain = "description = \"base\"";
    let linked = "[compute]\nmarket_rent_elasticity = 0.5\nhalls = { rent_discount = 0.4 }";
    let shocks = "[compute] { volatility = 0.85, ai_demand_correlation = 0.5 }";
    let all = "[compute] { volatility = 0.85, ai_demand_correlation = 0.5, cadence_volatility = 0.3 }";
    let cases = [
        ("markets and defaults", "", plain),
        ("and the price of compute", shocks, plain),
        ("and dates of generations", all, plain),
        ("and market rents that follow", all, linked),
    ];
    for (name, compute, script) in cases {
        let generator = generator(compute, script);
        let mut world = generator.world();
        let mut path = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                path += 1;
                generator.draw(black_box(path), MONTHS, &mut world)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, scenarios);
criterion_main!(benches);
