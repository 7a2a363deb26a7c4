//! Collections of 1,000 and 10,000 leases over 120 months, one scenario at a time.

use criterion::{Criterion, criterion_group, criterion_main};
use leasefall::asset::{EscalatorKind, Lease, Market, Site, SitesFile, Tenant, TenantsFile};
use leasefall::collection::{Periods, Projection, Workspace};
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::Script;
use leasefall::time::{Month, add_months};
use leasefall::{Currency, Date};
use rust_decimal::Decimal;
use std::hint::black_box;

/// Ten sites, a tenant per ten leases; terms of two to eleven years, half with options.
fn pool(leases: i64) -> Pool {
    let cut_off = Date::from_ymd_opt(2026, 10, 31).unwrap();
    let start = Date::from_ymd_opt(2015, 1, 1).unwrap();
    let market = Market {
        id: "m".to_owned(),
        name: None,
        market_rent_usd_per_kw_month: Decimal::from(120),
        market_rent_growth: Decimal::new(3, 2),
    };
    let site = |i: i64| {
        let mut site =
            Site::new(format!("s{i}"), "m", Decimal::from(1_000 * leases), start, Decimal::new(7, 2));
        site.opex_usd_per_kw_month = Decimal::from(17);
        site.power_price_usd_per_kwh = Decimal::new(68, 3);
        site
    };
    let lease = |i: i64| {
        let commencement = add_months(start, (i % 100) as i32);
        let expiration = add_months(cut_off, 24 + (i * 7 % 108) as i32);
        let (tenant, site) = (format!("t{}", i / 10), format!("s{}", i % 10));
        let kw = Decimal::from(200 + i % 700);
        let rent = Decimal::from(90 + i % 50);
        let mut lease = Lease::new(format!("L{i}"), tenant, site, kw, rent, commencement, expiration);
        lease.escalator = EscalatorKind::Fixed;
        lease.escalator_rate = Some(Decimal::new(25, 3));
        lease.renewal_options = (i % 2 == 0).then_some(2);
        lease.renewal_months = (i % 2 == 0).then_some(60);
        lease
    };
    let assets = Assets {
        sites: SitesFile { markets: vec![market], sites: (0..10).map(site).collect() },
        tenants: TenantsFile { tenants: (0..=leases / 10).map(|i| Tenant::new(format!("t{i}"))).collect() },
        leases: (0..leases).map(lease).collect(),
    };
    Pool::new(Currency::USD, cut_off, assets, &InMemory).unwrap()
}

fn collections(criterion: &mut Criterion) {
    for leases in [1_000, 10_000] {
        let pool = pool(leases);
        let first: Month = pool.first_month();
        let dates: Vec<Date> = (1..=120).map(|m| (first + m).day(25)).collect();
        let periods = Periods::new(pool.cut_off_date(), &dates).unwrap();
        let scenario = Script::default().resolve(&pool, 120, None, &InMemory).unwrap();
        let projection = Projection::new(&pool, &periods).unwrap();
        let mut workspace = Workspace::default();
        let mut into = projection.collect(&scenario, &mut workspace).unwrap();
        criterion.bench_function(&format!("prepare {leases} leases"), |bench| {
            bench.iter(|| Projection::new(black_box(&pool), &periods).unwrap());
        });
        criterion.bench_function(&format!("collect {leases} leases x 120 months"), |bench| {
            bench.iter(|| projection.collect_into(black_box(&scenario), &mut workspace, &mut into).unwrap());
        });
    }
}

criterion_group!(benches, collections);
criterion_main!(benches);
