//! Collections, the waterfall on four notes, and the whole line from collections to valuation.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use leasefall::asset::{EscalatorKind, Lease, Market, Site, SitesFile, Tenant, TenantsFile};
use leasefall::collection::{Collections, Layout, Periods, Projection, Workspace};
use leasefall::deal::Deal;
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::{Scenario, Script};
use leasefall::time::add_months;
use leasefall::valuation::value_deal;
use leasefall::waterfall::{Lanes, Observe, Paths, PaymentDate, Program, Run, Whole};
use leasefall::{Currency, Date, Money};
use rust_decimal::Decimal;
use std::hint::black_box;
use std::ops::ControlFlow;

/// Four sequential notes with a fee, a reserve and a turbo after the anticipated repayment date.
const DEAL: &str = include_str!("four_notes.toml");

fn deal() -> Deal {
    toml::from_str(DEAL).expect("the deal of this bench reads")
}

/// Rent of 1.2 times the notes' interest in each period.
fn steady(program: &Program) -> Collections {
    let mut collections = Collections::empty(Currency::USD, Layout::leases(), program.schedule().len());
    for period in 0..collections.periods() {
        collections.row_mut(period)[0] = Money::from_minor(100_000_000 + 1_234_567 * (period as i64 % 7));
    }
    collections
}

fn waterfall(c: &mut Criterion) {
    let program = Program::compile(&deal(), &Layout::leases()).expect("the deal of this bench compiles");
    let collections = steady(&program);
    let mut run = Run::for_program(&program);
    program.run_into(&collections, &mut run).expect("it runs");
    assert_eq!(run.conservation(&program).difference, Money::ZERO);
    let mut group = c.benchmark_group("waterfall");
    group.throughput(Throughput::Elements(program.schedule().len() as u64));
    group.bench_function("4 notes x 120 periods", |b| {
        b.iter(|| program.run_into(black_box(&collections), &mut run).is_ok())
    });
    paths::<8, i64>(&mut group, &program);
    paths::<8, f64>(&mut group, &program);
    paths::<16, f64>(&mut group, &program);
    group.finish();
}

/// What the notes are paid, in all: as little as an observer can do.
struct Paid<const L: usize, N: Whole>(Lanes<L, N>);

impl<const L: usize, N: Whole> Observe<L, N> for Paid<L, N> {
    fn payment_date(&mut self, date: &PaymentDate<'_, L, N>) -> ControlFlow<()> {
        for note in 0..4 {
            self.0 += date.note(note).cash();
        }
        ControlFlow::Continue(())
    }
}

/// Paths side by side, each with a rent of its own, in integers or in doubles.
fn paths<const L: usize, N: Whole>(group: &mut BenchmarkGroup<'_, WallTime>, program: &Program) {
    let mut paths = [(); L].map(|()| steady(program));
    for (lane, path) in paths.iter_mut().enumerate() {
        for period in 0..path.periods() {
            path.row_mut(period)[0] += Money::from_minor(3_000_000 * lane as i64);
        }
    }
    let paths = paths.each_ref();
    let mut workspace = Paths::<L, N>::default();
    group.throughput(Throughput::Elements((L * program.schedule().len()) as u64));
    let counts = std::any::type_name::<N>();
    group.bench_function(format!("4 notes x 120 periods x {L} paths in step, {counts}"), |b| {
        b.iter(|| {
            let mut paid = Paid(Lanes::default());
            program.run_paths(black_box(&paths), &mut workspace, &mut paid).map(|()| paid.0)
        })
    });
}

/// Ten sites, a tenant per ten leases; terms of two to eleven years, half with options.
fn pool(leases: i64) -> Pool {
    let cut_off = Date::from_ymd_opt(2025, 12, 31).expect("a bench input");
    let start = Date::from_ymd_opt(2015, 1, 1).expect("a bench input");
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
        ..Assets::default()
    };
    Pool::new(Currency::USD, cut_off, assets, &InMemory).expect("a bench input")
}

fn collections(c: &mut Criterion) {
    let program = Program::compile(&deal(), &Layout::leases()).expect("the deal of this bench compiles");
    let periods = periods(&program);
    let mut group = c.benchmark_group("collections");
    for leases in [1_000, 10_000] {
        let pool = pool(leases);
        let scenario = base(&pool, &periods);
        let projection = Projection::new(&pool, &periods).expect("one cut-off date");
        let mut workspace = Workspace::default();
        let mut into = projection.collect(&scenario, &mut workspace).expect("it collects");
        group.throughput(Throughput::Elements(leases as u64 * 120));
        group.bench_function(format!("{leases} leases x 120 months, prepare"), |b| {
            b.iter(|| Projection::new(black_box(&pool), &periods).is_ok())
        });
        group.bench_function(format!("{leases} leases x 120 months, one scenario"), |b| {
            b.iter(|| projection.collect_into(black_box(&scenario), &mut workspace, &mut into).is_ok())
        });
    }
    group.finish();
}

fn periods(program: &Program) -> Periods {
    let dates: Vec<Date> = program.schedule().periods().iter().map(|p| p.accrual_end).collect();
    Periods::new(Date::from_ymd_opt(2025, 12, 31).expect("a date"), &dates).expect("dates in order")
}

fn base(pool: &Pool, periods: &Periods) -> Scenario {
    Script::default().resolve(pool, periods.months(), None, &InMemory).expect("the base case is whole")
}

fn whole_line(c: &mut Criterion) {
    let deal = deal();
    let program = Program::compile(&deal, &Layout::leases()).expect("the deal of this bench compiles");
    let periods = periods(&program);
    let mut group = c.benchmark_group("collections to valuation");
    for leases in [1_000, 10_000] {
        let pool = pool(leases);
        let scenario = base(&pool, &periods);
        let once = || {
            let projection = Projection::new(&pool, &periods)?;
            let collections = projection.collect(&scenario, &mut Workspace::default())?;
            let run = program.run(&collections)?;
            value_deal(&deal, &program, &run, |_| unreachable!("no note floats"))
        };
        let value = once().expect("it runs");
        assert!(value.notes.iter().all(|note| note.measures.is_ok()));
        assert_eq!(value.conservation.difference, Money::ZERO);
        group
            .bench_function(format!("{leases} leases x 120 months x 4 notes"), |b| b.iter(|| once().is_ok()));
    }
    group.finish();
}

criterion_group!(benches, collections, waterfall, whole_line);
criterion_main!(benches);
