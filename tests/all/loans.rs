//! Loans through the waterfall: a synthetic deal against the floating-point model that it restates.

use crate::random::config;
use leasefall::asset::{Loan, Tenant, TenantsFile};
use leasefall::collection::{Collections, Layout, Periods, Projection, Workspace, measure, source};
use leasefall::folder::{BASE, Folder};
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::{Obligation, Scenario};
use leasefall::time::Frequency;
use leasefall::waterfall::Run;
use leasefall::{Currency, Date, Money};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::sync::LazyLock;

const NAMES: usize = 100;
const QUARTERS: usize = 40;

/// Cash of the classes A, B and C, of equity, and of the servicer, by quarter, in dollars.
type Cash = Vec<[f64; 5]>;

static BASELINE: LazyLock<(Folder, Periods)> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/deals/baseline-wf");
    let folder = Folder::open(path).unwrap();
    let dates: Vec<Date> = folder.program().schedule().periods().iter().map(|p| p.accrual_end).collect();
    let periods = Periods::new(folder.deal().cut_off_date, &dates).unwrap();
    (folder, periods)
});

/// Names, each with the quarter (from 0) in which it defaults: a quarter of the pool, most of it early, so
/// that interest pays cures of all three classes, class C defers interest, and its last principal is short.
const DEFAULTS: [(usize, usize); 20] = [
    (0, 0),
    (9, 3),
    (19, 3),
    (29, 5),
    (39, 7),
    (45, 7),
    (49, 8),
    (59, 8),
    (8, 9),
    (18, 10),
    (28, 12),
    (38, 12),
    (48, 13),
    (69, 14),
    (79, 16),
    (89, 17),
    (99, 21),
    (68, 24),
    (78, 28),
    (88, 39),
];

/// The model in floating point, as the numpy program computes a path: amounts in units of the pool's 100.
fn model(defaults: &[(usize, usize)]) -> Cash {
    let balance = |name: usize| 0.5 + (name % 10) as f64 / 9.0;
    let (rate, fee, coupons, triggers) = (0.0175, 0.00125, [0.01125, 0.015, 0.02], [1.25, 1.12, 1.04]);
    let growth = |k: usize| f64::powi(1.0 + rate, k as i32);
    // Balance at the start of quarter k of a level-pay loan of 1.
    let profile = |k: usize| (growth(QUARTERS) - growth(k)) / (growth(QUARTERS) - 1.0);
    let (mut notes, mut short) = ([70.0, 15.0, 8.0_f64], [0.0_f64; 3]);
    let (mut alive, mut pool_before) = (100.0, 100.0);
    let mut cash = Vec::new();
    for k in 0..QUARTERS {
        let mut paid = [0.0; 5];
        let dead: f64 =
            defaults.iter().filter(|default| default.1 == k).map(|&(name, _)| balance(name)).sum();
        alive -= dead;
        let mut interest = alive * profile(k) * rate;
        let mut principal = alive * (profile(k) - profile(k + 1)) + 0.4 * dead * profile(k);
        let pool = alive * profile(k + 1);
        paid[4] = f64::min(interest, fee * pool_before);
        interest -= paid[4];
        for class in 0..3 {
            let due = notes[class] * coupons[class] + short[class];
            let pay = f64::min(due, interest);
            (interest, short[class]) = (interest - pay, due - pay);
            paid[class] += pay;
            let outstanding: f64 = notes[..=class].iter().sum();
            let mut cure = (outstanding - pool / triggers[class]).max(0.0).min(interest);
            for senior in 0..=class {
                let pay = f64::min(cure, notes[senior]);
                (notes[senior], interest, cure) = (notes[senior] - pay, interest - pay, cure - pay);
                paid[senior] += pay;
            }
        }
        for class in 0..3 {
            let pay = f64::min(principal, notes[class]);
            (notes[class], principal) = (notes[class] - pay, principal - pay);
            paid[class] += pay;
        }
        paid[3] = interest + principal;
        pool_before = pool;
        cash.push(paid.map(|amount| amount * 1e6));
    }
    cash
}

/// The deal's cash for the same path, from its files.
fn engine(defaults: &[(usize, usize)]) -> Cash {
    let (folder, periods) = &*BASELINE;
    let mut scenario = Scenario::calm(folder.pool(), periods.months());
    for &(name, quarter) in defaults {
        // In the middle month of the quarter: the month after it is the first whose start is not paid.
        let month = 3 * quarter as u32 + 2;
        let (recovery_rate, recovery_lag_months, reletting) = (None, 0, None);
        let default = Obligation { month, rejected: true, recovery_rate, recovery_lag_months, reletting };
        scenario.defaults[name] = Some(default);
    }
    let collections =
        Projection::new(folder.pool(), periods).unwrap().collect(&scenario, &mut Workspace::default());
    let run = folder.program().run(&collections.unwrap()).unwrap();
    assert_eq!(run.conservation(folder.program()).difference, Money::ZERO);
    cash(folder, &run)
}

fn cash(folder: &Folder, run: &Run) -> Cash {
    let program = folder.program();
    let dollars = |amount: Money| amount.to_model(Currency::USD);
    let row = |period: usize| {
        let payee = |name: &str| {
            let mut ledger = run.ledger_of(program, period);
            ledger
                .find(|(kind, party, _)| (*kind, *party) == ("payee", name))
                .map_or(0.0, |line| dollars(line.2))
        };
        let note = |index| dollars(run.row(period, index).cash());
        [note(0), note(1), note(2), payee("equity"), payee("servicer")]
    };
    (0..run.periods()).map(row).collect()
}

/// Present values at 4% continuous, quarter k (from 1) at k / 4 years.
fn values(cash: &Cash) -> [f64; 5] {
    let mut values = [0.0; 5];
    for (k, row) in (1..).zip(cash) {
        for (value, paid) in values.iter_mut().zip(row) {
            *value += paid * (-0.01 * f64::from(k)).exp();
        }
    }
    values
}

#[track_caller]
fn close(found: [f64; 5], expected: [f64; 5], relative: f64) {
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found / expected - 1.0).abs() <= relative, "{found} for {expected}");
    }
}

// Printed by the numpy program's own arithmetic (double precision): without defaults by the program itself with
// every hazard at zero, with DEFAULTS by its waterfall fed with these names and quarters.
const NO_DEFAULTS: [f64; 5] = [
    71_290_787.57207581,
    17_107_704.22528784,
    10_459_743.108365422,
    13_392_289.436985679,
    2_469_930.341072522,
];
const WITH_DEFAULTS: [f64; 5] = [
    71_179_771.62684508,
    17_161_808.12376907,
    9_375_335.164438764,
    1_857_222.8614573039,
    2_151_741.1201388943,
];

#[test]
fn the_model_here_is_the_numpy_programs() {
    close(values(&model(&[])), NO_DEFAULTS, 1e-12);
    close(values(&model(&DEFAULTS)), WITH_DEFAULTS, 1e-12);
}

#[test]
fn the_deal_pays_what_the_model_pays() {
    close(values(&engine(&[])), NO_DEFAULTS, 1e-6);
    close(values(&engine(&DEFAULTS)), WITH_DEFAULTS, 1e-6);
}

/// The deal's own prices discount from closing at act/365, a few days off k / 4; so does the expectation, from
/// the numpy program's cash at those times: the dates move these values by at most 1e-4 of themselves.
#[test]
fn the_deals_prices_are_those_values() {
    let (folder, _) = &*BASELINE;
    let expected = [71_290_612.8392731, 17_106_204.245639574, 10_459_101.79811314];
    let value = folder.value(BASE).unwrap();
    for ((note, expected), at_quarters) in value.notes.iter().zip(expected).zip(NO_DEFAULTS) {
        let price = note.measures.as_ref().unwrap().dirty_price;
        let found = price / 100.0 * note.original_balance.to_model(Currency::USD);
        assert!((found / expected - 1.0).abs() <= 1e-6, "{}: {found}", note.id);
        assert!((found / at_quarters - 1.0).abs() <= 1e-4, "{}: {found}", note.id);
    }
}

/// A pool that any deal on loans may have, in one obligor a loan.
fn pools() -> impl Strategy<Value = Pool> {
    let loan = (1..900_000_000_i64, 0..2_000_i64, 0..3_u8, 1..60_u32, 0..10_001_i64, 0..30_u32);
    prop::collection::vec(loan, 1..12).prop_map(|loans| {
        let build =
            |(i, (balance, rate, frequency, payments, recovery, lag)): (usize, (_, _, u8, _, _, _))| {
                let frequency =
                    [Frequency::Monthly, Frequency::Quarterly, Frequency::Semiannual][usize::from(frequency)];
                let (balance, rate) = (Decimal::new(balance, 2), Decimal::new(rate, 4));
                let mut loan =
                    Loan::new(format!("L{i}"), format!("o{i}"), balance, rate, frequency, payments);
                (loan.recovery_rate, loan.recovery_lag_months) = (Some(Decimal::new(recovery, 4)), Some(lag));
                loan
            };
        let tenants = (0..loans.len()).map(|i| Tenant::new(format!("o{i}"))).collect();
        let loans = loans.into_iter().enumerate().map(build).collect();
        let assets = Assets { tenants: TenantsFile { tenants }, loans, ..Assets::default() };
        Pool::new(Currency::USD, BASELINE.0.deal().cut_off_date, assets, &InMemory).unwrap()
    })
}

fn total(collections: &Collections, names: &[&str]) -> Money {
    let columns = names.iter().map(|name| collections.layout().column(name).unwrap());
    columns.flat_map(|c| (0..collections.periods()).map(move |period| collections.row(period)[c])).sum()
}

proptest! {
    #![proptest_config(config())]

    /// Half-cents of a hundred loans' payments and interest are below 1.00 a quarter and pass through minima and
    /// differences alone, so 40 quarters of them stay below 100 dollars of a pool of 100,000,000.
    #[test]
    fn any_defaults_pay_what_the_model_pays(
        drawn in prop::collection::btree_map(0..NAMES, 0..QUARTERS, 0..60),
    ) {
        let defaults: Vec<(usize, usize)> = drawn.into_iter().collect();
        let (found, expected) = (engine(&defaults), model(&defaults));
        for column in 0..5 {
            let sum = |cash: &Cash| cash.iter().map(|row| row[column]).sum::<f64>();
            prop_assert!((sum(&found) - sum(&expected)).abs() < 100.0, "{}: {} for {}", column, sum(&found), sum(&expected));
        }
        for (found, expected) in values(&found).into_iter().zip(values(&expected)) {
            prop_assert!((found - expected).abs() < 100.0, "{} for {}", found, expected);
        }
    }

    /// Law 1 from the loans' balances to the payees.
    #[test]
    fn every_cent_of_random_loans_passes_the_waterfall(
        pool in pools(), months in prop::collection::vec(prop::option::of(0..130_u32), 12),
    ) {
        let (folder, periods) = &*BASELINE;
        prop_assert_eq!(folder.program().layout(), &Layout::of(&pool));
        let mut scenario = Scenario::calm(&pool, periods.months());
        for (default, month) in scenario.defaults.iter_mut().zip(months) {
            *default = month.map(|month| Obligation {
                month, rejected: true, recovery_rate: None, recovery_lag_months: 0, reletting: None,
            });
        }
        let projection = Projection::new(&pool, periods).unwrap();
        let collections = projection.collect(&scenario, &mut Workspace::default()).unwrap();
        let run = folder.program().run(&collections).unwrap();
        let conservation = run.conservation(folder.program());
        prop_assert_eq!(conservation.difference, Money::ZERO);
        let cash = total(&collections, &[source::INTEREST, source::PRINCIPAL, source::RECOVERIES]);
        prop_assert_eq!(conservation.sources, cash);
        let gone = total(&collections, &[source::PRINCIPAL, source::RECOVERIES, measure::REALIZED_LOSS]);
        let column = collections.layout().column(measure::POOL_BALANCE).unwrap();
        let closing = collections.row(periods.len() - 1)[column];
        let opening: Money = pool.loans().iter().map(|loan| Currency::USD.money(loan.balance).unwrap()).sum();
        prop_assert_eq!(gone + closing, opening);
    }
}
