//! What must hold of every pool of chip leases.

use super::{FLAT, cash, day, lease, one_generation, periods, pool, total};
use crate::compute;
use leasefall::asset::{ChipLease, ChipsFile, FailuresBorneBy, Remarketing, read_chips};
use leasefall::collection::{Collections, Layout, collect, measure, source};
use leasefall::pool::{InMemory, Pool};
use leasefall::scenario::Scenario;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// The catalogue of the fixtures, and two fleets of its GB200s.
fn catalogue(halves: bool) -> ChipsFile {
    let path = format!("{}/fixtures/market/chips.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let fleet = |id: &str, count: u32| {
        format!(
            "[[fleets]]\nid = \"{id}\"\ngeneration = \"gb200\"\ncount = {count}\nin_service = 2025-12-31\n"
        )
    };
    let count = if halves { 500 } else { 1_000 };
    read_chips("chips.toml", &(text + &fleet("f", count) + &fleet("g", count))).unwrap()
}

#[derive(Clone, Debug)]
struct Case {
    relet: bool,
    owner: bool,
    months: u32,
    deposit: u32,
    default: Option<(u32, u32)>,
    speed: u32,
    faster: u32,
    price_change: i64,
}

fn case() -> impl Strategy<Value = Case> {
    let default = proptest::option::of((1_u32..23, 0_u32..=100));
    (any::<bool>(), any::<bool>(), 3_u32..30, 0_u32..200_000, default, 50_u32..300, 1_u32..500, -95_i64..200)
        .prop_map(|(relet, owner, months, deposit, default, speed, faster, price_change)| Case {
            relet,
            owner,
            months,
            deposit,
            default,
            speed,
            faster,
            price_change,
        })
}

impl Case {
    fn lease(&self, id: &str, fleet: &str, share: u32) -> ChipLease {
        let mut lease = lease(id, fleet);
        lease.cost_usd = Decimal::from(40_000_000 / share);
        lease.rent_usd_per_month = Some(Decimal::from(1_000_000 / share));
        lease.expiration =
            leasefall::time::add_months(day("2026-01-01"), self.months as i32).pred_opt().unwrap();
        lease.remarketing = if self.relet { Remarketing::Relet } else { Remarketing::Sell };
        lease.failures = if self.owner { FailuresBorneBy::Owner } else { FailuresBorneBy::Tenant };
        lease.security_deposit_usd = Some(Decimal::from(self.deposit * 2 / share));
        lease.value_discount_rate = None;
        lease.sale_depth_chips = Some(Decimal::from(10_000));
        lease
    }

    fn script(&self, speed: u32) -> String {
        let speed = Decimal::new(speed.into(), 2);
        let change = Decimal::new(self.price_change, 2);
        let mut text = format!(
            "[compute]\ncadence_speed = {speed}\n[[events]]\nkind = \"compute_price\"\nat = 2026-08-01\nchange = {change}\n"
        );
        if let Some((month, recovery)) = self.default {
            let at = leasefall::time::add_months(day("2026-01-01"), month as i32);
            let rate = Decimal::new(recovery.into(), 2);
            text += &format!(
                "[[events]]\nkind = \"tenant_default\"\ntenant = \"cloud\"\nat = {at}\nrecovery_rate = {rate}\n"
            );
        }
        text
    }

    /// Cents by which claims of a whole and of two halves may differ. An amount x is off by at most 1/2 rounded as a whole
    /// and by 1 as two halves: whole cents apart, by at most 1. A claim is a share of rents lost less what chips bring, and
    /// is itself rounded, by 1/2 and by 1; what is held against the rents is cut at their sum.
    fn claim_roundings(&self) -> i64 {
        let Some((default, recovery)) = self.default.filter(|&(month, _)| month < self.months) else {
            return 0;
        };
        // Rents are whole cents, in halves too, unless they shrink with the chips.
        let rents = if self.owner { i64::from(self.months - default) } else { 0 };
        // Chips are let three months later, rent and cost of each month being rounded, to the end of the term; or sold at once.
        let let_months = i64::from(self.months.min(24)) - i64::from(default + 3);
        let brought = if self.relet { 2 * let_months.max(0) } else { 1 };
        rents.max((f64::from(recovery) / 100.0 * (rents + brought) as f64 + 1.5) as i64)
    }

    fn pool(&self) -> Pool {
        pool(vec![self.lease("L", "f", 1)], catalogue(false))
    }
}

proptest! {
    #![proptest_config(crate::random::config())]

    /// Faster generations never raise a chip's value or what the pool collects, whoever pays; all else equal.
    #[test]
    fn a_faster_cadence_never_helps(case in case()) {
        let pool = case.pool();
        let slow = cash(&pool, &case.script(case.speed));
        let fast = cash(&pool, &case.script(case.speed + case.faster));
        // To the cent: a claim falls by no more than a share of what the chips bring more, so their sum rounds monotonely.
        prop_assert!(fast.total_cash().unwrap() <= slow.total_cash().unwrap());
        for name in [measure::CHIP_VALUE, measure::ASSET_VALUE] {
            let (slow, fast) = (super::column(&slow, name), super::column(&fast, name));
            prop_assert!(fast.iter().zip(&slow).all(|(fast, slow)| fast <= slow), "{name}");
        }
        // What the books and the contract say depends on neither.
        prop_assert_eq!(super::column(&slow, measure::CONTRACTED_VALUE), super::column(&fast, measure::CONTRACTED_VALUE));
    }

    /// No source pays a negative amount, and net income is what its parts are; rent that is lost, paid by nobody and
    /// paid are all the rent contracted.
    #[test]
    fn cash_adds_up(case in case()) {
        let pool = case.pool();
        let found = cash(&pool, &case.script(case.speed));
        prop_assert!(found.total_cash().is_ok());
        for period in 0..found.periods() {
            let of = |name: &str| found.row(period)[found.layout().column(name).unwrap()].minor();
            prop_assert_eq!(of(measure::NOI), of(source::RENT) + of(source::GUARANTOR_PAYMENTS) - of(measure::EXPENSES));
            prop_assert!(of(measure::CHIP_VALUE) >= 0 && of(measure::EXPENSES) >= 0);
            prop_assert_eq!(of(measure::CHIP_VALUE), of(measure::ASSET_VALUE));
        }
        if !case.owner && !case.relet {
            let paid = case.months.min(24).min(case.default.map_or(24, |(month, _)| month));
            prop_assert_eq!(total(&found, source::RENT), i64::from(paid) * 100_000_000);
        }
    }

    /// A fleet let in two halves brings what it brings as one, within a cent for each amount that is rounded, market depth
    /// included: one amount a month of every source but claims, which are sums of several.
    #[test]
    fn halves_make_the_whole(case in case()) {
        let whole = cash(&case.pool(), &case.script(case.speed));
        let leases = vec![case.lease("L", "f", 2), case.lease("M", "g", 2)];
        let halves = cash(&pool(leases, catalogue(true)), &case.script(case.speed));
        for name in Layout::chips().sources() {
            let bound = if name == source::RECOVERIES { case.claim_roundings() } else { 1 };
            for (whole, half) in super::column(&whole, name).iter().zip(super::column(&halves, name)) {
                prop_assert!((whole - half).abs() <= bound, "{name}: {whole} {half}");
            }
        }
    }
}

/// One scenario drives both: a generation that comes sooner takes value from chips at once, and from a building that its
/// tenants' contracts fill nothing.
#[test]
fn buildings_do_not_age_on_a_chips_clock_and_chips_do() {
    let fast = "[compute]\ncadence_speed = 3\n";
    let buildings = compute::pool(Some(compute::catalogue()));
    let value = |scenario: &Scenario| {
        let found = collect(&buildings, scenario, &periods()).unwrap();
        super::column(&found, measure::ASSET_VALUE)
    };
    let (slow_building, fast_building) =
        (value(&compute::scenario(&buildings, "[compute]\n")), value(&compute::scenario(&buildings, fast)));
    assert_eq!(slow_building, fast_building, "a building's value follows its rents");
    assert_eq!(slow_building[0], slow_building[23], "and these are contracted");
    let chips = pool(vec![lease("L", "f")], catalogue(false));
    let (slow, fast) = (cash(&chips, "[compute]\n"), cash(&chips, fast));
    let value = |found: &Collections| super::column(found, measure::CHIP_VALUE);
    for month in 0..12 {
        assert!(value(&fast)[month] < value(&slow)[month]);
        assert!(value(&slow)[month + 1] < value(&slow)[month], "older chips are worth less");
    }
    assert_eq!(total(&fast, source::RENT), total(&slow, source::RENT), "the lease is not");
}

/// Without new generations a chip still wears out; without failures and at no discount it loses a month of margin a month.
#[test]
fn a_month_costs_a_months_margin() {
    let pool = pool(vec![lease("L", "f")], one_generation(&super::fleet("f", 100, "")));
    let value = super::column(&cash(&pool, FLAT), measure::CHIP_VALUE);
    assert!((0..11).all(|month| value[month] - value[month + 1] == 36_500 * 100));
}

#[test]
fn a_scenario_for_another_pool_is_refused() {
    let pool = pool(vec![lease("L", "f")], catalogue(false));
    let short = super::script(super::FLAT).resolve(&pool, 12, None, &InMemory).unwrap();
    assert!(collect(&pool, &short, &periods()).is_err());
}
