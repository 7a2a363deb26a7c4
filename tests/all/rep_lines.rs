//! Representative lines: cash by speeds, on paper and in proportion.

use crate::random::config;
use leasefall::asset::RepLine;
use leasefall::collection::{Collections, Periods, collect, measure, source};
use leasefall::curve::ForwardCurve;
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::Script;
use leasefall::{Currency, Date, Error, Money, Rate};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::fmt::Write;

fn day(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd_opt(year, month, day).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn pool(lines: Vec<RepLine>) -> Pool {
    let libor = ForwardCurve::new(vec![
        (day(2006, 1, 1), Rate::new(decimal("0.05"))),
        (day(2006, 8, 1), Rate::new(decimal("0.03"))),
    ]);
    let indices = [("libor".to_owned(), libor.unwrap())].into();
    let assets = Assets { rep_lines: lines, indices, ..Assets::default() };
    Pool::new(Currency::USD, day(2006, 6, 1), assets, &InMemory).unwrap()
}

/// Monthly payment dates on the 25th from July 2006 on: June is the first collected month.
fn periods(count: u32) -> Periods {
    let dates: Vec<Date> =
        (0..count).map(|i| day(2006 + (6 + i as i32) / 12, (6 + i) % 12 + 1, 25)).collect();
    Periods::new(day(2006, 6, 1), &dates).unwrap()
}

fn collected(lines: Vec<RepLine>, script: &str, months: u32) -> Collections {
    let (pool, periods) = (pool(lines), periods(months));
    let script: Script = toml::from_str(script).unwrap();
    let scenario = script.resolve(&pool, periods.months(), None, &InMemory).unwrap();
    collect(&pool, &scenario, &periods).unwrap()
}

/// Interest, scheduled principal, prepayments, recoveries, loss, balance, delinquent balance; in cents.
fn cents(collections: &Collections) -> Vec<[i64; 7]> {
    let names = [
        source::INTEREST,
        source::PRINCIPAL,
        source::PREPAYMENTS,
        source::RECOVERIES,
        measure::REALIZED_LOSS,
        measure::POOL_BALANCE,
        measure::DELINQUENT_BALANCE,
    ];
    let columns = names.map(|name| collections.layout().column(name).unwrap());
    (0..collections.periods()).map(|p| columns.map(|c| collections.row(p)[c].minor())).collect()
}

/// 1,200.00 at 1% a month over three months: the shares repaid are 0.01 / (1.01^3 - 1) = 0.3300221,
/// 0.01 / (1.01^2 - 1) = 1 / 2.01, and all.
fn three_months() -> RepLine {
    RepLine::new("L", 1_200.into(), decimal("0.12"), 3)
}

#[test]
fn without_speeds_a_line_is_a_level_pay_loan() {
    // The payments of the level-pay loan of docs/tape.md: 396.03, 399.99, 403.98.
    let expected = [
        [1_200, 39_603, 0, 0, 0, 80_397, 0],
        [804, 39_999, 0, 0, 0, 40_398, 0],
        [404, 40_398, 0, 0, 0, 0, 0],
        [0; 7],
    ];
    assert_eq!(cents(&collected(vec![three_months()], "", 4)), expected);
}

/// The same payments over two months only: the last one repays what the others have left, 803.97.
#[test]
fn a_balloon_is_paid_with_the_last_payment() {
    let balloon =
        RepLine { amortization_months: Some(3), ..RepLine::new("L", 1_200.into(), decimal("0.12"), 2) };
    let expected = [[1_200, 39_603, 0, 0, 0, 80_397, 0], [804, 80_397, 0, 0, 0, 0, 0], [0; 7]];
    assert_eq!(cents(&collected(vec![balloon], "", 3)), expected);
}

const SPEEDS: &str = r#"
    [[performance]]
    prepayment = { unit = "smm", points = [{ month = 1, value = "0.2" }] }
    default = { unit = "mdr", points = [{ month = 1, value = "0.1" }] }
    severity = [{ month = 1, value = "0.4" }]
    delinquent = [{ month = 1, value = "0.05" }]
    recovery_lag_months = 1
"#;

#[test]
fn defaults_then_schedule_then_prepayments_then_liquidations() {
    let expected = [
        // Defaults 120.00 of 1,200.00. The servicer advances the interest of all: 12.00. Scheduled 1,080.00 x
        // 0.3300221 = 356.42, of the 723.58 left a fifth, 144.72. 578.86 pay on, 120.00 are in foreclosure
        // and with 5% of the others, 28.94, delinquent.
        [1_200, 35_642, 14_472, 0, 0, 69_886, 14_894],
        // Defaults 57.89; interest on 578.86 + 120.00; scheduled 520.97 / 2.01 = 259.19; a fifth of 261.78 is
        // 52.36. Of the 120.00 60% comes back.
        [699, 25_919, 5_236, 7_200, 4_800, 26_731, 6_836],
        // Defaults 20.94; interest on 209.42 + 57.89; the last payment repays 188.48; 57.89 are liquidated.
        [267, 18_848, 0, 3_473, 2_316, 2_094, 2_094],
        // Interest advanced on 20.94, which are liquidated.
        [21, 0, 0, 1_256, 838, 0, 0],
        [0; 7],
    ];
    assert_eq!(cents(&collected(vec![three_months()], SPEEDS, 5)), expected);
}

#[test]
fn without_advances_delinquent_and_defaulted_loans_pay_nothing() {
    let script = format!("{SPEEDS}    advances = false\n");
    let first = cents(&collected(vec![three_months()], &script, 5))[..2].to_vec();
    // Interest on 95% of 1,080.00, 1,026.00: 10.26; scheduled 356.4239 x 0.95 = 338.60; prepaid a fifth of
    // 741.40, 148.28. Then 593.12 pay: 59.31 default, 95% of 533.81 are 507.12: 5.07, and 533.81 / 2.01 x 0.95
    // = 252.30.
    assert_eq!(first[0], [1_026, 33_860, 14_828, 0, 0, 71_312, 14_966]);
    assert_eq!((first[1][0], first[1][1]), (507, 25_230));
}

#[test]
fn a_timing_of_losses_loses_its_share_of_the_cut_off_balance() {
    // 10% of 1,000.00 in equal parts over four months: 25.00 a month, which at a severity of 50% takes
    // defaults of 50.00.
    let mut line = RepLine::new("L", 1_000.into(), Decimal::ZERO, 360);
    line.interest_only_months = Some(360);
    let script = r#"
        [[performance]]
        severity = [{ month = 1, value = "0.5" }]
        [performance.default]
        unit = "loss_timing"
        lifetime_loss = "0.1"
        points = [{ month = 2, value = "0.5" }, { month = 4, value = 1 }]
    "#;
    let rows = cents(&collected(vec![line], script, 6));
    let losses: Vec<[i64; 3]> = rows.iter().map(|row| [row[3], row[4], row[5]]).collect();
    let fall = |left: i64| [2_500, 2_500, left];
    assert_eq!(
        losses,
        [fall(95_000), fall(90_000), fall(85_000), fall(80_000), [0, 0, 80_000], [0, 0, 80_000]]
    );
}

#[test]
fn falling_house_prices_make_defaults_more_and_recoveries_less() {
    // At a level of 0.8 with elasticities of 1, defaults are 10% / 0.8 = 12.5% of 1,200.00, and recoveries
    // 60% x 0.8 = 48% of them.
    let script = r#"
        [[house_prices]]
        date = "2006-06-01"
        level = "0.8"
        [[performance]]
        default = { unit = "mdr", points = [{ month = 1, value = "0.1" }] }
        severity = [{ month = 1, value = "0.4" }]
        default_elasticity = 1
        recovery_elasticity = 1
    "#;
    let first = cents(&collected(vec![three_months()], script, 1))[0];
    assert_eq!((first[3], first[4]), (7_200, 7_800));
}

#[test]
fn an_adjustable_line_is_reset_within_its_caps_and_repays_at_its_new_rate() {
    // A month before July the index is 5%: 5% + 6% = 11%, within 2% of 7%: 9%. A month later, in July, still
    // 5%: 11%, within 1% of 9%: 10%. In August, for September, 3%: 9%.
    let mut arm = RepLine::new("arm", 1_000.into(), decimal("0.07"), 360);
    (arm.index, arm.margin) = (Some("libor".into()), Some(decimal("0.06")));
    (arm.fixed_months, arm.age_months, arm.reset_months) = (Some(24), Some(23), Some(1));
    (arm.initial_cap, arm.periodic_cap) = (Some(decimal("0.02")), Some(decimal("0.01")));
    (arm.interest_only_months, arm.amortization_months) = (Some(25), Some(360));
    let rows = cents(&collected(vec![arm], "", 4));
    // 1,000.00 x 7%, 9%, 10% over 12, principal from the third month on: 1,000 x (0.1 / 12) / ((1 + 0.1 /
    // 12)^358 - 1) = 0.4504: 45 cents.
    let interest: Vec<i64> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(interest, [583, 750, 833, 750]);
    assert_eq!((rows[1][1], rows[2][1]), (0, 45));
}

#[test]
fn what_does_not_go_together_is_said() {
    let mut line = RepLine::new("L", 100.into(), decimal("0.07"), 360);
    (line.margin, line.index) = (Some(decimal("0.06")), None);
    let mut other = RepLine::new("L", Decimal::ZERO, decimal("7"), 0);
    other.index = Some("prime".into());
    let assets = Assets { rep_lines: vec![line, other], ..Assets::default() };
    let Err(Error::Input(problems)) = Pool::new(Currency::USD, day(2006, 6, 1), assets, &InMemory) else {
        panic!("no problem")
    };
    let mut fields: Vec<&str> = problems.as_slice().iter().map(|problem| problem.field.as_str()).collect();
    fields.sort_unstable();
    let expected = ["rep_lines[0].margin", "rep_lines[1].balance", "rep_lines[1].index"];
    assert_eq!(fields[..3], expected);
    assert_eq!(fields[3..], ["rep_lines[1].line_id", "rep_lines[1].rate", "rep_lines[1].remaining_months"]);

    let script: Script = toml::from_str(
        r#"
        curves = { libor = "sofr" }
        [[performance]]
        groups = ["none"]
        default = { unit = "loss_timing", points = [{ month = 2, value = 1 }, { month = 1, value = 2 }] }
        "#,
    )
    .unwrap();
    let Err(Error::Input(problems)) = script.resolve(&pool(vec![three_months()]), 12, None, &InMemory) else {
        panic!("no problem")
    };
    let fields: Vec<&str> = problems.as_slice().iter().map(|problem| problem.field.as_str()).collect();
    for field in [
        "curves.libor",
        "performance[0].groups[0]",
        "performance[0].default.points[1].month",
        "performance[0].default.points[1].value",
        "performance[0].default.lifetime_loss",
        "performance[0].default.unit",
    ] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
}

/// Any speeds, as a scenario.
pub(crate) fn speeds() -> impl Strategy<Value = String> {
    let vector = || prop::collection::vec(0..=10_000_u32, 1..6);
    let units =
        (prop::sample::select(vec!["cpr", "smm", "psa"]), prop::sample::select(vec!["cdr", "mdr", "sda"]));
    (
        units,
        vector(),
        vector(),
        vector(),
        vector(),
        0..30_u32,
        any::<bool>(),
        prop::option::of(0..=10_000_u32),
    )
        .prop_map(|((prepayment, default), a, b, severity, delinquent, lag, advances, lifetime)| {
            let points = |values: &[u32], scale: f64| {
                let mut text = String::from("[");
                for (i, value) in values.iter().enumerate() {
                    let value = f64::from(*value) / 1e4 * scale;
                    let _ = write!(text, "{{ month = {}, value = \"{value:.6}\" }},", 1 + 7 * i * i);
                }
                text + "]"
            };
            let mut script = format!(
                "[[performance]]\nrecovery_lag_months = {lag}\nadvances = {advances}\n\
                 prepayment = {{ unit = \"{prepayment}\", points = {} }}\n\
                 severity = {}\ndelinquent = {}\n",
                points(&a, 0.5),
                points(&severity.iter().map(|s| *s.max(&1)).collect::<Vec<_>>(), 1.0),
                points(&delinquent, 1.0),
            );
            let _ = match lifetime {
                None => {
                    writeln!(script, "default = {{ unit = \"{default}\", points = {} }}", points(&b, 0.2))
                }
                Some(loss) => writeln!(
                    script,
                    "default = {{ unit = \"loss_timing\", lifetime_loss = \"{:.4}\", \
                     points = [{{ month = 60, value = 1 }}] }}",
                    f64::from(loss) / 1e4
                ),
            };
            script
        })
}

proptest! {
    #![proptest_config(config())]

    /// In every period, to the cent: opening balance = principal + prepayments + recoveries + loss + closing.
    #[test]
    fn every_cent_of_a_line_is_paid_lost_or_left(
        script in speeds(),
        lines in prop::collection::vec((1..100_000_000_000_i64, 0..2_000_u32, 1..130_u32, 0..40_u32), 1..4),
    ) {
        let build = |(i, (balance, rate, remaining, interest_only)): (usize, (i64, u32, u32, u32))| {
            let (balance, rate) = (Decimal::new(balance, 2), Decimal::new(rate.into(), 4));
            let mut line = RepLine::new(format!("L{i}"), balance, rate, remaining);
            line.interest_only_months = Some(interest_only);
            line
        };
        let lines: Vec<RepLine> = lines.into_iter().enumerate().map(build).collect();
        let opening: Decimal = lines.iter().map(|line| line.balance).sum();
        let collections = collected(lines, &script, 120);
        let mut open = Currency::USD.money(opening).map(Money::minor).unwrap();
        for row in cents(&collections) {
            prop_assert!(row.iter().all(|&amount| amount >= 0), "{:?}", row);
            prop_assert_eq!(open, row[1..6].iter().sum::<i64>());
            prop_assert!(row[6] <= row[5]);
            open = row[5];
        }
    }
}
