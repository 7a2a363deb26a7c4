//! Chips in scenarios: what a deal's `chips.toml` and a scenario's `[compute]` do to prices, rents and halls.

mod coverage;
mod halls;
mod scripted;
mod studies;

pub use halls::periods;

use leasefall::asset::{ChipsFile, Lease, Market, Site, SitesFile, Tenant, TenantsFile, read_chips};
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::{Scenario, Script};
use leasefall::tape::read_document;
use leasefall::{Currency, Date};
use rust_decimal::Decimal;

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// The catalogue of the fixtures.
pub fn catalogue() -> ChipsFile {
    let path = format!("{}/fixtures/market/chips.toml", env!("CARGO_MANIFEST_DIR"));
    read_chips("chips.toml", &std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Two generations a year and a half apart from January 2026: 40 and 160 kW a rack.
pub fn two_generations() -> ChipsFile {
    let generation = |id: &str, release: &str, price: u32, density: u32| {
        let figure = |name: &str, value: &str| {
            format!("{name} = {{ value = {value}, mark = \"assumed\", source = \"test\" }}\n")
        };
        format!("[[generations]]\nid = \"{id}\"\n")
            + &figure("release", release)
            + &figure("dense_16bit_tflops", "989")
            + &figure("chip_watts", "700")
            + &figure("system_overhead_watts", "300")
            + &figure("system_price_usd", &price.to_string())
            + &figure("rack_density_kw", &density.to_string())
    };
    let text = generation("old", "2020-01-01", 40_000, 40) + &generation("new", "2027-01-01", 20_000, 160);
    read_chips("chips.toml", &text).unwrap()
}

/// Two leases of 600 and 400 kW in one hall of 40 kW a rack, at 100 a kW-month in a market of 100; the first
/// ends in December 2028, the second in 2035.
pub fn assets() -> Assets {
    let number = Decimal::from;
    let market = Market {
        id: "metro".into(),
        name: None,
        market_rent_usd_per_kw_month: number(100),
        market_rent_growth: Decimal::ZERO,
    };
    let mut site = Site::new("s1", "metro", number(1_000), day("2020-01-01"), Decimal::new(8, 2));
    site.hall_density_kw_per_rack = Some(number(40));
    let lease = |id: &str, tenant: &str, kw: u32, end: &str| {
        Lease::new(id, tenant, "s1", number(kw), number(100), day("2020-01-01"), day(end))
    };
    Assets {
        sites: SitesFile { markets: vec![market], sites: vec![site] },
        tenants: TenantsFile { tenants: vec![Tenant::new("cloud"), Tenant::new("lab")] },
        leases: vec![lease("L1", "cloud", 600, "2028-12-31"), lease("L2", "lab", 400, "2035-12-31")],
        ..Assets::default()
    }
}

/// [`assets`] at the end of 2025, beside a catalogue.
pub fn pool(chips: Option<ChipsFile>) -> Pool {
    let pool = Pool::new(Currency::USD, day("2025-12-31"), assets(), &InMemory).unwrap();
    match chips {
        Some(chips) => pool.with_chips(chips, &InMemory).unwrap(),
        None => pool,
    }
}

pub fn script(text: &str) -> Script {
    read_document("base.toml", text).unwrap_or_else(|problems| panic!("{problems}")).value
}

/// What a scenario file makes of a pool over ten years.
pub fn scenario(pool: &Pool, text: &str) -> Scenario {
    script(text).resolve(pool, 120, None, &InMemory).unwrap()
}
