//! Loans as collateral: worked by hand, and laws over random pools and scenarios.

use super::column::{LeaseColumns, LoanColumns};
use super::*;
use crate::asset::*;
use crate::pool::{Assets, InMemory};
use crate::scenario::{Obligation, Scenario, Script};
use crate::tape::{read_document, read_table};
use crate::time::{Date, Frequency, Month, add_months};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn obligors(count: usize) -> TenantsFile {
    TenantsFile { tenants: (0..count).map(|i| Tenant::new(format!("o{i}"))).collect() }
}

fn pool(loans: Vec<Loan>) -> Pool {
    let assets = Assets { tenants: obligors(4), loans, ..Assets::default() };
    Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap()
}

/// Two loans: 1,200.00 at 12%, three monthly payments of 408.03, 40% recovered at once; 1,000.00 at 8%,
/// two quarterly payments of interest, 12.5% recovered two months later.
const TWO: &str = "\
loan_id,obligor,balance,rate,amortization,payment_frequency,payments_remaining,recovery_rate,recovery_lag_months
L1,o0,1200,0.12,,monthly,3,0.4,
L2,o1,1000,0.08,interest_only,quarterly,2,0.125,2
";

fn two() -> Pool {
    pool(read_table::<Loan>("loans.csv", TWO).unwrap().rows)
}

/// Payment dates on the 15th, `apart` months apart: the first distributes what `apart` months collect.
fn periods(months: u32, apart: u32) -> Periods {
    let dates: Vec<Date> =
        (1..=months / apart).map(|k| add_months(day("2026-01-15"), (k * apart) as i32)).collect();
    Periods::new(day("2025-12-31"), &dates).unwrap()
}

/// Interest, principal, recoveries, pool balance and realised loss of each period, in cents.
fn rows(pool: &Pool, scenario: &Scenario, periods: &Periods) -> Vec<[i64; 5]> {
    let collections = collect(pool, scenario, periods).unwrap();
    let columns = LoanColumns::of(collections.layout()).unwrap();
    let row = |period| {
        let row = collections.row(period);
        let of = |column: usize| row[column].minor();
        [
            of(columns.interest),
            of(columns.principal),
            of(columns.recoveries),
            of(columns.pool_balance),
            of(columns.realized_loss),
        ]
    };
    (0..collections.periods()).map(row).collect()
}

fn scripted(pool: &Pool, periods: &Periods, script: &str) -> Scenario {
    let script = read_document::<Script>("s.toml", &format!("description = \"s\"\n{script}")).unwrap();
    script.value.resolve(pool, periods.months(), None, &script).unwrap()
}

fn default(obligor: usize, at: &str, more: &str) -> String {
    format!("[[events]]\nkind = \"tenant_default\"\ntenant = \"o{obligor}\"\nat = \"{at}\"\n{more}\n")
}

#[test]
fn two_loans_as_scheduled() {
    let (pool, months) = (two(), periods(6, 1));
    assert_eq!(Layout::of(&pool), Layout::loans());
    // L1: interest 12.00, 8.04, 4.04, principal 396.03, 399.99, 403.98 (see `asset::amortization`).
    // L2: interest 1,000 x 0.08 / 4 = 20.00 in the third and the sixth month, and then the balance.
    let scheduled = [
        [1_200, 39_603, 0, 180_397, 0],
        [804, 39_999, 0, 140_398, 0],
        [404 + 2_000, 40_398, 0, 100_000, 0],
        [0, 0, 0, 100_000, 0],
        [0, 0, 0, 100_000, 0],
        [2_000, 100_000, 0, 0, 0],
    ];
    assert_eq!(rows(&pool, &Scenario::calm(&pool, 6), &months), scheduled);
    // Quarterly payment dates distribute three months each.
    let quarters = [[4_408, 120_000, 0, 100_000, 0], [2_000, 100_000, 0, 0, 0]];
    assert_eq!(rows(&pool, &Scenario::calm(&pool, 6), &periods(6, 3)), quarters);
    // What falls due after the last payment date is not collected, and stays in the balance.
    assert_eq!(rows(&pool, &Scenario::calm(&pool, 5), &periods(5, 1)), scheduled[..5]);
    // A payment date on which nothing has been collected yet sees the balance at the cut-off date.
    let dates = [day("2026-01-15"), day("2026-02-15")];
    let early = Periods::new(day("2025-12-31"), &dates).unwrap();
    let seen = rows(&pool, &Scenario::calm(&pool, 1), &early);
    assert_eq!(seen, [[0, 0, 0, 220_000, 0], scheduled[0]]);
}

#[test]
fn a_default_ends_payments_and_recovers_a_share_of_the_balance() {
    let (pool, months) = (two(), periods(6, 1));
    // L1's obligor fails in February: its second payment is missed with 803.97 outstanding, of which 40%,
    // 321.588, comes at once.
    let scenario = scripted(&pool, &months, &default(0, "2026-02-10", ""));
    let rows_l1 = rows(&pool, &scenario, &months);
    assert_eq!(rows_l1[0], [1_200, 39_603, 0, 180_397, 0]);
    assert_eq!(rows_l1[1], [0, 0, 32_159, 100_000, 48_238]);
    assert_eq!(rows_l1[2], [2_000, 0, 0, 100_000, 0]);
    // The default states a rate of its own: 803.97 x 0.25 = 200.9925.
    let stated = scripted(&pool, &months, &default(0, "2026-02-10", "recovery_rate = 0.25"));
    assert_eq!(rows(&pool, &stated, &months)[1], [0, 0, 20_099, 100_000, 60_298]);
    // It pays on where it keeps its contracts.
    let assumed = scripted(&pool, &months, &default(0, "2026-02-10", "outcome = \"assumed\""));
    assert_eq!(rows(&pool, &assumed, &months), rows(&pool, &Scenario::calm(&pool, 6), &months));
}

#[test]
fn a_payment_is_made_if_its_day_comes_before_the_default() {
    let (pool, months) = (two(), periods(6, 1));
    // L1 pays on 31 January, 28 February and 31 March: how many payments are made by a default on a day.
    for (at, made) in [
        ("2025-06-01", 0),
        ("2026-01-15", 0),
        ("2026-01-31", 0),
        // Acts from February on, the month that begins as the payment falls due: it is missed.
        ("2026-02-01", 0),
        ("2026-02-02", 1),
        ("2026-03-01", 1),
        ("2026-03-02", 2),
        ("2026-04-02", 3),
    ] {
        let scenario = scripted(&pool, &months, &default(0, at, ""));
        let paid = rows(&pool, &scenario, &months).iter().filter(|row| row[1] > 0 && row[1] < 50_000).count();
        assert_eq!(paid, made, "{at}");
    }
}

#[test]
fn a_late_recovery_is_a_loss_only_if_no_payment_date_distributes_it() {
    let (pool, months) = (two(), periods(6, 1));
    // L2 misses its first payment, at the end of March; 125.00 of 1,000.00 comes at the end of May.
    let scenario = scripted(&pool, &months, &default(1, "2026-03-20", ""));
    let found = rows(&pool, &scenario, &months);
    assert_eq!(found[1], [804, 39_999, 0, 140_398, 0]);
    assert_eq!(found[2], [404, 40_398, 0, 0, 87_500]);
    assert_eq!(found[4], [0, 0, 12_500, 0, 0]);
    // Its second, at the end of June: what comes in August is past the last payment date.
    let scenario = scripted(&pool, &months, &default(1, "2026-04-20", ""));
    let found = rows(&pool, &scenario, &months);
    assert_eq!(found[2][0], 2_404);
    assert_eq!(found[5], [0, 0, 0, 0, 100_000]);
}

#[test]
fn a_new_lender_lends_against_the_balance_that_pays() {
    let (pool, months) = (two(), periods(6, 1));
    let script = default(0, "2026-02-10", "") + "[refinancing]\nat = \"2026-03-01\"\nmax_ltv = 0.8\n";
    let collections = collect(&pool, &scripted(&pool, &months, &script), &months).unwrap();
    // On 15 March, of L2's 1,000.00.
    let limit = Money::from_minor(80_000);
    assert_eq!(collections.refinancing(), Some(Refinancing { period: 1, limit }));
}

#[test]
fn every_mistake_in_a_loan_is_found() {
    let tape = "\
loan_id,obligor,balance,rate,payment_frequency,payments_remaining,recovery_rate,recovery_lag_months
L1,nobody,0,1.5,monthly,0,2,5000
L1,o1,100.001,0.05,annual,101,,
L3,o1,-5,-0.01,quarterly,400,-1,
";
    let loans = read_table::<Loan>("loans.csv", tape).unwrap().rows;
    let mut assets = Assets { tenants: obligors(2), loans, ..Assets::default() };
    assets.loans[2].recovery_rate = Some(Decimal::new(1, 11));
    let found = Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap_err().to_string();
    let mut expected = [
        "loans[0].obligor: found `nobody`, expected the id of a tenant: o0, o1",
        "loans[0].balance: found 0, expected above 0",
        "loans[0].rate: found 1.5, expected 0 to 1",
        "loans[0].recovery_rate: found 2, expected 0 to 1",
        "loans[0].recovery_lag_months: found 5000, expected 0 to 1200",
        "loans[0].payments_remaining: found 0, expected 1 to 1200",
        "loans[1].loan_id: found `L1` again, expected an id that appears once",
        "loans[1].balance: found 100.001, expected an amount of at most 2 decimals, below ten trillion",
        "loans[1].payments_remaining: found 101, expected 1 to 100",
        "loans[2].balance: found -5, expected 0 or more",
        "loans[2].rate: found -0.01, expected 0 to 1",
        "loans[2].recovery_rate: found 0.00000000001, expected a number with at most 10 decimals",
    ]
    .map(|problem| format!("loans.csv: {problem}"));
    let mut found: Vec<&str> = found.lines().collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    let words = "loan_id,obligor,balance,rate,amortization,payment_frequency,payments_remaining\n\
                 L1,o1,100,0.05,ballon,weekly,10\n";
    let problems = read_table::<Loan>("loans.csv", words).unwrap_err().to_string();
    assert!(problems.contains("amortization: found `ballon`, expected one of `level_pay`"), "{problems}");
    assert!(problems.contains("payment_frequency: found `weekly`, expected one of `monthly`"), "{problems}");
}

#[test]
fn more_than_64_bits_of_loans_is_an_error() {
    let giant = |i| {
        Loan::new(
            format!("L{i}"),
            "o0",
            Decimal::from(10_000_000_000_000_i64),
            Decimal::ONE,
            Frequency::Monthly,
            1_200,
        )
    };
    let pool = pool((0..10_000).map(giant).collect());
    let months = periods(6, 1);
    let found = Projection::new(&pool, &months).map(|_| ()).unwrap_err();
    assert_eq!(found, Error::Overflow { place: "loan amounts", period: 0 });
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("LEASEFALL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

prop_compose! {
    fn loan()(
        (obligor, balance, rate) in (0..4_u8, 1..10_000_000_000_i64, 0..3_000_i64),
        (kind, frequency, payments) in (0..3_u8, 0..4_u8, 1..80_u32),
        (recovery, lag) in (0..10_001_i64, prop::option::of(0..40_u32)),
    ) -> Loan {
        let frequency =
            [Frequency::Monthly, Frequency::Quarterly, Frequency::Semiannual, Frequency::Annual][usize::from(frequency)];
        let (balance, rate) = (Decimal::new(balance, 2), Decimal::new(rate, 4));
        let mut loan = Loan::new("L", format!("o{obligor}"), balance, rate, frequency, payments);
        loan.amortization =
            [LoanAmortization::LevelPay, LoanAmortization::EqualPrincipal, LoanAmortization::InterestOnly]
                [usize::from(kind)];
        loan.recovery_rate = Some(Decimal::new(recovery, 4));
        loan.recovery_lag_months = lag;
        loan
    }
}

prop_compose! {
    /// Of each obligor, the month from which it does not pay, whether it gives up, and a stated rate.
    fn defaults()(
        all in prop::array::uniform4(prop::option::of((0..140_u32, any::<bool>(), prop::option::of(0.0..1.0_f64)))),
    ) -> Vec<Option<Obligation>> {
        let obligation = |(month, rejected, recovery_rate)| {
            Obligation { month, rejected, recovery_rate, recovery_lag_months: 12, reletting: None }
        };
        all.into_iter().map(|default| default.map(obligation)).collect()
    }
}

fn numbered(loans: Vec<Loan>) -> Vec<Loan> {
    let number = |(i, loan): (usize, Loan)| Loan { loan_id: format!("L{i}"), ..loan };
    loans.into_iter().enumerate().map(number).collect()
}

fn struck(pool: &Pool, months: usize, defaults: &[Option<Obligation>]) -> Scenario {
    Scenario { defaults: defaults.to_vec(), ..Scenario::calm(pool, months) }
}

proptest! {
    #![proptest_config(cases())]

    /// Law 1 for the assets: period by period, what left the balance was paid, recovered, lost or is to come.
    #[test]
    fn every_cent_of_balance_is_repaid_recovered_lost_or_outstanding(
        loans in prop::collection::vec(loan(), 1..9), defaults in defaults(), apart in 1..7_u32,
    ) {
        let (pool, periods) = (pool(numbered(loans)), periods(120, apart));
        let found = rows(&pool, &struck(&pool, periods.months(), &defaults), &periods);
        let opening: i64 = pool.loan_terms.iter().map(|terms| terms.balance).sum();
        let total = |column: usize| found.iter().map(|row| row[column]).sum::<i64>();
        let closing = found.last().unwrap()[3];
        prop_assert_eq!(total(1) + total(2) + total(4) + closing, opening);
        let mut balance = opening;
        for row in &found {
            prop_assert!(row.iter().all(|&amount| amount >= 0), "{:?}", row);
            // Recoveries may come later than the balance leaves.
            prop_assert!(row[3] <= balance - row[1] - row[4]);
            balance = row[3];
        }
    }

    /// A second way to the same cash: payment by payment, without sums.
    #[test]
    fn cash_is_that_of_each_loan_walked_alone(
        loans in prop::collection::vec(loan(), 1..9), defaults in defaults(), apart in 1..7_u32,
    ) {
        let (pool, periods) = (pool(numbered(loans)), periods(120, apart));
        let scenario = struck(&pool, periods.months(), &defaults);
        let mut walked = vec![[0_i64; 2]; periods.len()];
        let mut paying = vec![0_i64; periods.len()];
        for loan in pool.loans() {
            let obligor = pool.tenant_index(&loan.obligor).unwrap();
            // The last day of the month in which the obligor fails; a payment on it is missed.
            let failed = defaults[obligor].filter(|default| default.rejected).map(|default| {
                (pool.first_month() + default.month as i32).first_day().pred_opt().unwrap()
            });
            let mut balance = currency(loan.balance);
            let mut due = Month::of(pool.cut_off_date());
            let mut changes = vec![(pool.cut_off_date(), balance)];
            for payment in loan.payments(Currency::USD).unwrap() {
                due += loan.payment_frequency.months();
                if failed.is_some_and(|failed| due.last_day() >= failed) {
                    changes.push((due.last_day(), 0));
                    break;
                }
                let period = periods.on_or_after(due.last_day());
                if let Some(cash) = period.and_then(|period| walked.get_mut(period)) {
                    cash[0] += payment.interest.minor();
                    cash[1] += payment.principal.minor();
                }
                balance -= payment.principal.minor();
                changes.push((due.last_day(), balance));
            }
            for (period, paying) in paying.iter_mut().enumerate() {
                let date = periods.payment_dates()[period];
                *paying += changes.iter().rev().find(|(day, _)| *day <= date).unwrap().1;
            }
        }
        let found = rows(&pool, &scenario, &periods);
        for (period, row) in found.iter().enumerate() {
            prop_assert_eq!([row[0], row[1]], walked[period], "period {}", period);
            prop_assert_eq!(row[3], paying[period], "period {}", period);
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (loans, shuffled) in prop::collection::vec(loan(), 1..9)
            .prop_flat_map(|loans| { let loans = numbered(loans); (Just(loans.clone()), Just(loans).prop_shuffle()) }),
        defaults in defaults(),
    ) {
        let (one, other, periods) = (pool(loans), pool(shuffled), periods(120, 3));
        let scenario = struck(&one, periods.months(), &defaults);
        prop_assert_eq!(rows(&one, &scenario, &periods), rows(&other, &scenario, &periods));
    }

    #[test]
    fn a_loan_split_in_halves_pays_the_same_within_rounding(loan in loan(), defaults in defaults()) {
        let periods = periods(240, 1);
        let half = Decimal::TWO;
        let mut loan = loan;
        loan.balance = (loan.balance / half).round_dp(2).max(Decimal::new(1, 2)) * half;
        let halves = vec![Loan { balance: loan.balance / half, ..loan.clone() }; 2];
        let (whole, halves) = (pool(numbered(vec![loan.clone()])), pool(numbered(halves)));
        let scenario = struck(&whole, periods.months(), &defaults);
        // Payment and interest are each rounded by half a cent in the whole and in each half: 1.5 cents a
        // payment of each, which a level-pay loan compounds until its last payment.
        let count = f64::from(loan.payments_remaining);
        let period_rate = model(loan.rate) / f64::from(loan.payment_frequency.per_year());
        let compounded =
            if period_rate > 0.0 { ((1.0 + period_rate).powf(count) - 1.0) / period_rate } else { count };
        let close = 3.0 * compounded + 3.0;
        for (a, b) in rows(&whole, &scenario, &periods).iter().zip(rows(&halves, &scenario, &periods)) {
            for (a, b) in a.iter().zip(b) {
                prop_assert!((a - b).abs() as f64 <= close, "{} {} {}", a, b, close);
            }
        }
    }

    #[test]
    fn a_pool_of_both_is_the_sum_of_both(
        loans in prop::collection::vec(loan(), 1..6), defaults in defaults(), leases in 1..5_u8,
    ) {
        let sites = "[[markets]]\nid = \"m\"\nmarket_rent_usd_per_kw_month = 100\n\
                     [[sites]]\nid = \"s\"\nmarket = \"m\"\ncap_rate = 0.07\nopex_usd_per_kw_month = 10\n\
                     phases = [{ kw = 1000, commencement = \"2020-01-01\" }]\n";
        let sites = read_document::<SitesFile>("sites.toml", sites).unwrap().value;
        let lease = |i: u8| {
            let end = add_months(day("2026-12-31"), i32::from(i) * 14);
            let (id, tenant) = (format!("L{i}"), format!("o{}", i % 4));
            Lease::new(id, tenant, "s", Decimal::from(200), Decimal::from(90 + i), day("2020-01-01"), end)
        };
        let build = |sites: &SitesFile, leases: Vec<Lease>, loans: Vec<Loan>| {
            let assets = Assets { sites: sites.clone(), tenants: obligors(4), leases, loans, ..Assets::default() };
            Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap()
        };
        let (leases, loans): (Vec<Lease>, _) = ((0..leases).map(lease).collect(), numbered(loans));
        let only_leases = build(&sites, leases.clone(), Vec::new());
        let only_loans = build(&SitesFile::default(), Vec::new(), loans.clone());
        let both = build(&sites, leases, loans);
        prop_assert_eq!(Layout::of(&both), Layout::leases_and_loans());
        let periods = periods(120, 3);
        let collected = |pool: &Pool| {
            collect(pool, &struck(pool, periods.months(), &defaults), &periods).unwrap()
        };
        let (parts, sum) = ([collected(&only_leases), collected(&only_loans)], collected(&both));
        for name in sum.layout().sources().iter().chain(sum.layout().measures()) {
            let value = |collections: &Collections, period: usize| {
                collections.layout().column(name).map_or(0, |column| collections.row(period)[column].minor())
            };
            for period in 0..periods.len() {
                let [a, b] = [value(&parts[0], period), value(&parts[1], period)];
                prop_assert_eq!(value(&sum, period), a + b, "{} {}", name, period);
            }
        }
    }

    /// Scratch and collections that another scenario left behind change nothing.
    #[test]
    fn reuse_leaves_no_trace(
        loans in prop::collection::vec(loan(), 1..9), one in defaults(), other in defaults(),
    ) {
        let (pool, periods) = (pool(numbered(loans)), periods(120, 3));
        let projection = Projection::new(&pool, &periods).unwrap();
        let mut workspace = Workspace::default();
        let mut into = projection.collect(&struck(&pool, periods.months(), &other), &mut workspace).unwrap();
        let scenario = struck(&pool, periods.months(), &one);
        projection.collect_into(&scenario, &mut workspace, &mut into).unwrap();
        prop_assert_eq!(into, collect(&pool, &scenario, &periods).unwrap());
    }
}

fn currency(amount: Decimal) -> i64 {
    Currency::USD.money(amount).unwrap().minor()
}

fn model(rate: Decimal) -> f64 {
    rust_decimal::prelude::ToPrimitive::to_f64(&rate).unwrap()
}

#[test]
fn layouts_know_their_columns() {
    assert!(LeaseColumns::of(&Layout::leases()).is_some() && LoanColumns::of(&Layout::leases()).is_none());
    assert!(LeaseColumns::of(&Layout::loans()).is_none() && LoanColumns::of(&Layout::loans()).is_some());
    let both = Layout::leases_and_loans();
    assert!(LeaseColumns::of(&both).is_some() && LoanColumns::of(&both).is_some());
    // A deal on leases alone sees the columns that it always saw.
    assert_eq!(both.sources()[..7], Layout::leases().sources()[..]);
    assert_eq!(both.measures(), Layout::leases().measures());
}
