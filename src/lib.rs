//! Securitizations of data-center leases, priced: a lease tape becomes tranche cash flows and a price, and
//! every cent is accounted for.
//!
//! # The line
//!
//! Data flows one way. Each stage is an immutable value made by one function from the stage before:
//!
//! | stage | module | what it holds |
//! |---|---|---|
//! | tape | [`tape`] | files as received, every bad cell reported |
//! | assets | [`asset`] | sites, leases, tenants, chips: what is owned and owed |
//! | pool | [`pool`] | the collateral, checked across leases |
//! | scenario | [`scenario`] | one state of the world, scripted or drawn |
//! | credit | [`credit`] | ratings, default probabilities, dependence, recovery |
//! | collections | [`collection`] | dated cash by source, projected or reported |
//! | deal | [`deal`] | the liabilities as data: notes, accounts, fees, triggers, ordered steps |
//! | waterfall | [`waterfall`] | the deal compiled, run, explained |
//! | valuation | [`valuation`] | price, yield, spread, life, durations |
//! | study | [`study`] | questions asked of the whole machine |
//! | report | [`report`] | tables, JSON, CSV, pages with charts |
//!
//! [`folder::Folder`] reads a deal's files and puts the line together. The kernel below it: [`money`],
//! [`ratio`], [`rate`], [`time`], [`curve`], [`math`], [`error`].
//!
//! # From tape to tranche price
//!
//! Two leases, two notes, no files:
//!
//! ```
//! use leasefall::asset::{Lease, Market, Site, SitesFile, Tenant, TenantsFile};
//! use leasefall::collection::{Layout, Periods, collect};
//! use leasefall::deal::Deal;
//! use leasefall::pool::{Assets, InMemory, Pool};
//! use leasefall::scenario::Script;
//! use leasefall::tape::read_document;
//! use leasefall::valuation::value_deal;
//! use leasefall::waterfall::Program;
//! use leasefall::{Currency, Date, Error, Money};
//! use rust_decimal::Decimal;
//!
//! let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
//! let kw = |n: u32| Decimal::from(n);
//!
//! // 1,000 kW at 100 a kW-month: 100,000.00 of rent a month.
//! let market = Market {
//!     id: "metro".into(),
//!     name: None,
//!     market_rent_usd_per_kw_month: kw(100),
//!     market_rent_growth: Decimal::ZERO,
//! };
//! let site = Site::new("s1", "metro", kw(1_000), day(2020, 1, 1), Decimal::new(8, 2));
//! let lease = |id, tenant, size| {
//!     Lease::new(id, tenant, "s1", kw(size), kw(100), day(2020, 1, 1), day(2039, 12, 31))
//! };
//! let assets = Assets {
//!     sites: SitesFile { markets: vec![market], sites: vec![site] },
//!     tenants: TenantsFile { tenants: vec![Tenant::new("cloud"), Tenant::new("lab")] },
//!     leases: vec![lease("L1", "cloud", 600), lease("L2", "lab", 400)],
//!     ..Assets::default()
//! };
//! let cut_off = day(2025, 12, 31);
//! let pool = Pool::new(Currency::USD, cut_off, assets, &InMemory)?;
//!
//! // The notes: 6% senior, 9% junior, all cash to principal in order.
//! let deal = read_document::<Deal>("deal.toml", r#"
//!     name = "Two notes"
//!     currency = "USD"
//!     cut_off_date = 2025-12-31
//!     closing_date = 2026-01-25
//!     pricing_curve = "swap"
//!     payments = { frequency = "monthly", first_date = 2026-02-25 }
//!     notes = [
//!         { id = "A", original_balance = 8_000_000, coupon = 0.06, day_count = "30/360", legal_final = 2046-01-25 },
//!         { id = "B", original_balance = 1_000_000, coupon = 0.09, day_count = "30/360", legal_final = 2046-01-25 },
//!     ]
//!     accounts = [{ id = "collection" }]
//!     phases = [{ id = "normal", steps = [
//!         { id = "interest", pay = "interest", notes = ["A", "B"] },
//!         { id = "principal", pay = "principal", notes = ["A", "B"] },
//!         { id = "residual", pay = "payee", payee = "issuer" },
//!     ] }]
//!     curves = [{ id = "swap", kind = "flat", compounding = "continuous", points = [{ value = 0.04 }] }]
//! "#)?.value;
//!
//! let program = Program::compile(&deal, &Layout::leases())?;
//! let dates: Vec<Date> = program.schedule().periods().iter().map(|p| p.accrual_end).collect();
//! let periods = Periods::new(cut_off, &dates)?;
//! let scenario = Script::default().resolve(&pool, periods.months(), None, &InMemory)?;
//! let collections = collect(&pool, &scenario, &periods)?;
//! let run = program.run(&collections)?;
//!
//! // The first date pays January's rent: A's interest 8,000,000 x 6% / 12 = 40,000.00, B's 7,500.00,
//! // and the other 52,500.00 as principal of A.
//! let first = run.row(0, 0);
//! assert_eq!(first.interest_paid, Money::from_minor(40_000_00));
//! assert_eq!(first.principal_paid, Money::from_minor(52_500_00));
//! assert_eq!(run.conservation(&program).difference, Money::ZERO);
//!
//! // Bought at par, a note yields its coupon.
//! let value = value_deal(&deal, &program, &run, |_| unreachable!("no coupon floats"))?;
//! let senior = value.notes[0].measures.as_ref().unwrap();
//! assert!((senior.yields.as_ref().unwrap().yield_rate - 0.06).abs() < 1e-6);
//! # Ok::<(), Error>(())
//! ```
//!
//! # What holds
//!
//! Cash is exact: whole minor units, interest computed in integers and rounded once, splits by largest
//! remainder, one ledger primitive. Model values (discount factors, yields) are `f64`;
//! [`Money::to_model`] is the one door between the two. No input panics; every error says what was found
//! and what was expected.
//!
//! # Limits
//!
//! Chips ([`scenario::compute`]) reach building leases through market rents, halls and tenants, where a scenario
//! says so; chip leases and prepayment are not here. One currency a deal, at most 1,200 payment dates, at
//! most 64 triggers. `docs/model.md` and `docs/monte_carlo.md` list every assumption.
//!
//! # Features
//!
//! `cli` (default): the program `leasefall`. `parallel` (default): Monte Carlo paths on all threads.
//! `simd` (default): random draws in vectors of 256 or 512 bits where the processor has them, to the same bits.
//! `schema`: JSON Schema of the file types. `report` (in `cli`): results as tables, JSON and pages. `studies`
//! (in `report`): what [`study`] holds beside the simulation. Without defaults: from tape to price and Monte
//! Carlo, no clock, no threads, no files outside [`tape`] and [`folder`].
#![warn(missing_docs)]
#![forbid(unsafe_code)]
// Small parts that only chance calls stand with what they belong to.
#![cfg_attr(not(feature = "chance"), allow(dead_code, unused_imports))]

pub mod asset;
pub mod collection;
pub mod credit;
pub mod curve;
pub mod deal;
pub mod error;
pub mod folder;
pub mod math;
pub mod money;
pub mod pool;
pub mod rate;
pub mod ratio;
#[cfg(feature = "report")]
pub mod report;
pub mod scenario;
pub mod study;
pub mod tape;
pub mod time;
pub mod valuation;
pub mod waterfall;

// The README's example is run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The pages under `docs`, for reading beside the reference.
pub mod docs {
    #[doc = include_str!("../docs/architecture.md")]
    pub mod architecture {}
    #[doc = include_str!("../docs/deal.md")]
    pub mod deal {}
    #[doc = include_str!("../docs/tape.md")]
    pub mod tape {}
    #[doc = include_str!("../docs/replay.md")]
    pub mod replay {}
    #[doc = include_str!("../docs/model.md")]
    pub mod model {}
    #[doc = include_str!("../docs/monte_carlo.md")]
    pub mod monte_carlo {}
    #[doc = include_str!("../docs/resecuritization.md")]
    pub mod resecuritization {}
    #[doc = include_str!("../docs/report.md")]
    pub mod report {}
    #[doc = include_str!("../docs/obsolescence.md")]
    pub mod obsolescence {}
    #[doc = include_str!("../docs/subprime.md")]
    pub mod subprime {}
    #[doc = include_str!("../docs/compare_2008.md")]
    pub mod compare_2008 {}
    #[doc = include_str!("../docs/system.md")]
    pub mod system {}
    #[doc = include_str!("../docs/performance.md")]
    pub mod performance {}
    #[doc = include_str!("../docs/glossary.md")]
    pub mod glossary {}
    #[doc = include_str!("../docs/cookbook.md")]
    pub mod cookbook {}
}

pub use curve::DiscountCurve;
pub use error::{Error, Problem, Problems, SolveError};
pub use money::{Currency, Money, Rounding};
pub use rate::{Factor, Rate};
pub use ratio::Ratio;
pub use time::{Date, DayCount};
