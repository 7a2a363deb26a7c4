//! Leases of chips: a small one worked by hand, and what must hold of every one.

mod borrowing_base;
mod deals;
mod hand;
mod mistakes;
mod properties;

use leasefall::asset::{ChipLease, ChipsFile, Tenant, TenantsFile, read_chips};
use leasefall::collection::{Collections, Periods, collect};
use leasefall::pool::{InMemory, Pool};
use leasefall::scenario::{Scenario, Script};
use leasefall::tape::read_document;
use leasefall::{Currency, Date};
use rust_decimal::Decimal;

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// One generation for ever: an H100's work an hour on 1 kW, 21,900 dollars. With [`FLAT`] compute costs 0.50 of capital
/// (21,900 / 60 months / 730 h), 0.10 of power and 0.10 of opex: 0.70 an hour, and a chip earns 511 a month, less 146.
pub fn one_generation(fleets: &str) -> ChipsFile {
    let figure = |name: &str, value: &str| {
        format!("{name} = {{ value = {value}, mark = \"assumed\", source = \"test\" }}\n")
    };
    let text = "[[generations]]\nid = \"only\"\n".to_owned()
        + &figure("release", "2025-12-01")
        + &figure("dense_16bit_tflops", "989")
        + &figure("chip_watts", "700")
        + &figure("system_overhead_watts", "300")
        + &figure("system_price_usd", "21900")
        + &figure("rack_density_kw", "40")
        + fleets;
    read_chips("chips.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Compute at 0.70 for ever.
pub const FLAT: &str = r#"
[compute]
utilisation = 1
load_factor = 1
pue = 1
power_price_usd_per_kwh = 0.10
opex_usd_per_kw_month = 73
required_return = 0
recovery_years = 5
rent_drift = 0
plateau_from = 2026-02-01
"#;

pub fn fleet(id: &str, count: u32, more: &str) -> String {
    format!(
        "[[fleets]]\nid = \"{id}\"\ngeneration = \"only\"\ncount = {count}\nin_service = 2025-12-31\nfailure_rate = 0\n{more}\n"
    )
}

/// 100 chips for 50,000 a month through 2026, then sold: discount a fifth, depth 1,000 chips, value undiscounted.
pub fn lease(id: &str, fleet: &str) -> ChipLease {
    let number = Decimal::from;
    let mut lease = ChipLease::new(
        id,
        "cloud",
        fleet,
        number(2_190_000),
        number(50_000),
        day("2026-01-01"),
        day("2026-12-31"),
    );
    lease.value_discount_rate = Some(Decimal::ZERO);
    lease.contract_discount_rate = Some(Decimal::ZERO);
    lease.sale_depth_chips = Some(number(1_000));
    lease.book_life_years = Some(number(5));
    lease
}

pub fn pool(leases: Vec<ChipLease>, chips: ChipsFile) -> Pool {
    let tenants = TenantsFile { tenants: vec![Tenant::new("cloud"), Tenant::new("parent")] };
    Pool::of_chips(Currency::USD, day("2025-12-31"), tenants, chips, leases, &InMemory)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Payment dates in the middle of each of 24 months, collecting January 2026 to December 2027.
pub fn periods() -> Periods {
    let dates: Vec<Date> = (1..25).map(|n| leasefall::time::add_months(day("2026-01-15"), n)).collect();
    Periods::new(day("2025-12-31"), &dates).unwrap()
}

pub fn script(text: &str) -> Script {
    read_document("base.toml", text).unwrap_or_else(|problems| panic!("{problems}")).value
}

pub fn scenario(pool: &Pool, text: &str) -> Scenario {
    script(text).resolve(pool, 24, None, &InMemory).unwrap_or_else(|error| panic!("{error}"))
}

pub fn cash(pool: &Pool, text: &str) -> Collections {
    collect(pool, &scenario(pool, text), &periods()).unwrap()
}

/// A column's amounts in cents, by period.
pub fn column(collections: &Collections, name: &str) -> Vec<i64> {
    let column = collections.layout().column(name).unwrap();
    (0..collections.periods()).map(|period| collections.row(period)[column].minor()).collect()
}

pub fn total(collections: &Collections, name: &str) -> i64 {
    column(collections, name).iter().sum()
}
