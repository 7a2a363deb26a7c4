//! Deals small enough to follow on paper. Every figure stands in the comment beside it; both waterfalls
//! must come to it.
//!
//! All pay monthly on the 25th from 2026-02-25 and count 30/360, so a coupon of 12% is 1% a date.

use crate::outcome::Outcome;
use crate::{fast, naive};
use leasefall::collection::{Collections, Layout, Refinancing};
use leasefall::deal::Deal;
use leasefall::{Currency, Money};
use rust_decimal::Decimal;

/// The deal of these sections, closed on 2026-01-25.
fn deal(sections: &str) -> Deal {
    deal_closed("2026-01-25", "2026-02-25", sections)
}

fn deal_closed(closing: &str, first: &str, sections: &str) -> Deal {
    let head = format!(
        r#"
        name = "On paper"
        currency = "USD"
        cut_off_date = "2025-12-31"
        closing_date = "{closing}"
        payments = {{ frequency = "monthly", first_date = "{first}" }}
        "#
    );
    toml::from_str(&(head + sections)).expect("a deal")
}

/// What arrives: on each date, amounts by source or measure, as `rent 15.00, noi 12.00`.
fn arriving(deal: &Deal, dates: &[&str]) -> Collections {
    let periods = naive::schedule(deal).len();
    assert_eq!(periods, dates.len(), "a line of collections for each payment date");
    let mut collections = Collections::empty(Currency::USD, Layout::leases(), periods);
    for (period, line) in dates.iter().enumerate() {
        for entry in line.split(", ").filter(|entry| !entry.is_empty()) {
            let (name, amount) = entry.split_once(' ').expect("a name and an amount");
            let column = collections.layout().column(name).expect("a source or a measure");
            collections.row_mut(period)[column] = money(amount);
        }
    }
    collections
}

fn money(text: &str) -> Money {
    let amount: Decimal = text.parse().expect("an amount");
    Currency::USD.money(amount).expect("whole cents")
}

/// Runs both waterfalls, which must agree in everything and conserve cash.
fn run(deal: &Deal, collections: &Collections) -> Outcome {
    let slow = naive::run(deal, &naive::schedule(deal), collections);
    let fast = fast::run(deal, collections).expect("a valid deal");
    assert_eq!(slow, fast);
    assert_eq!(fast.sources, fast.uses);
    fast
}

fn text(cents: i128) -> String {
    Decimal::from_i128_with_scale(cents, 2).to_string()
}

/// A note on a date, counted from 1: balance before, interest accrued, interest paid, interest still due,
/// principal paid, balance after.
fn note(outcome: &Outcome, date: usize, id: &str) -> String {
    let row = outcome.note(date - 1, id);
    let figures = [
        row.balance_open,
        row.interest_accrued,
        row.interest_paid,
        row.interest_shortfall,
        row.principal_paid,
        row.balance_close,
    ];
    figures.map(text).join(" ")
}

/// What a payee outside the notes has received up to and on a date, counted from 1.
fn paid(outcome: &Outcome, date: usize, payee: &str) -> String {
    text(outcome.payee(date - 1, payee))
}

fn account(outcome: &Outcome, date: usize, id: &str) -> String {
    text(outcome.account(date - 1, id))
}

#[test]
fn sequential_with_shortfall() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[notes]]
        id = "B"
        original_balance = "500.00"
        coupon = "0.24"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[accounts]]
        id = "collection"
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A", "B"] },
            { id = "principal", pay = "principal", notes = ["A", "B"] },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 15.00", "rent 40.00", "rent 1000.00"]));
    // 15.00 in. A is due 1% of 1,000.00 = 10.00 and is paid. B is due 2% of 500.00 = 10.00, gets 5.00.
    assert_eq!(note(&out, 1, "A"), "1000.00 10.00 10.00 0.00 0.00 1000.00");
    assert_eq!(note(&out, 1, "B"), "500.00 10.00 5.00 5.00 0.00 500.00");
    // 40.00 in. B accrues 10.00, and 2% of the 5.00 carried = 0.10: with the 5.00 it is due 15.10.
    // A 10.00, B 15.10, and the 14.90 left repays A to 985.10.
    assert_eq!(note(&out, 2, "A"), "1000.00 10.00 10.00 0.00 14.90 985.10");
    assert_eq!(note(&out, 2, "B"), "500.00 10.10 15.10 0.00 0.00 500.00");
    // 1,000.00 in. A accrues 1% of 985.10 = 9.851, so 9.85; B 10.00. The 980.15 left repays A to 4.95.
    assert_eq!(note(&out, 3, "A"), "985.10 9.85 9.85 0.00 980.15 4.95");
    assert_eq!(note(&out, 3, "B"), "500.00 10.00 10.00 0.00 0.00 500.00");
    // The legal final has come: the balances are what was due and not paid.
    assert_eq!(text(out.note(2, "A").principal_shortfall), "4.95");
    assert_eq!(text(out.note(2, "B").principal_shortfall), "500.00");
}

#[test]
fn pro_rata_with_odd_cents() {
    let class = |id: &str, coupon: &str| {
        format!(
            r#"
            [[notes]]
            id = "{id}"
            original_balance = "100.00"
            coupon = "{coupon}"
            day_count = "30/360"
            interest_on_shortfall = false
            legal_final = "2026-04-25"
            "#
        )
    };
    let rest = r#"
        [[accounts]]
        id = "collection"
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A", "B", "C"], allocation = "pro_rata" },
            { id = "principal", pay = "principal", notes = ["A", "B", "C"], allocation = "pro_rata" },
        ]
        "#;
    let deal = deal(&[&class("A", "0.12"), &class("B", "0.06"), &class("C", "0.03"), rest].concat());
    let out = run(&deal, &arriving(&deal, &["rent 1.00", "rent 102.50", "rent 1.22"]));
    // 1.00 for dues of 1.00, 0.50 and 0.25: exact shares 57.14, 28.57 and 14.29 cents. Floors 57, 28, 14
    // leave a cent, which goes to the largest remainder, that of B.
    assert_eq!(note(&out, 1, "A"), "100.00 1.00 0.57 0.43 0.00 100.00");
    assert_eq!(note(&out, 1, "B"), "100.00 0.50 0.29 0.21 0.00 100.00");
    assert_eq!(note(&out, 1, "C"), "100.00 0.25 0.14 0.11 0.00 100.00");
    // Dues 1.43, 0.71 and 0.36 are 2.50; the other 100.00 repays three equal balances: 33.33 each leaves
    // a cent on a tie, which goes to the earliest.
    assert_eq!(note(&out, 2, "A"), "100.00 1.00 1.43 0.00 33.34 66.66");
    assert_eq!(note(&out, 2, "B"), "100.00 0.50 0.71 0.00 33.33 66.67");
    assert_eq!(note(&out, 2, "C"), "100.00 0.25 0.36 0.00 33.33 66.67");
    // Interest 0.6666, 0.33335 and 0.166675: 0.67, 0.33 and 0.17, together 1.17. Of the 5 cents left the
    // shares are 1.6665, 1.66675 and 1.66675: a cent each, and the other two to B and C.
    assert_eq!(note(&out, 3, "A"), "66.66 0.67 0.67 0.00 0.01 66.65");
    assert_eq!(note(&out, 3, "B"), "66.67 0.33 0.33 0.00 0.02 66.65");
    assert_eq!(note(&out, 3, "C"), "66.67 0.17 0.17 0.00 0.02 66.65");
}

#[test]
fn anticipated_repayment_date_with_turbo_and_deferred_extra_interest() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        anticipated_repayment_date = "2026-03-25"
        post_ard_rate = "0.06"
        legal_final = "2026-06-25"
        [[accounts]]
        id = "collection"
        [[triggers]]
        id = "past_ard"
        test = { kind = "after_ard", notes = ["A"] }
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "turbo", pay = "principal", notes = ["A"], when = ["past_ard"] },
            { id = "extra", pay = "post_ard_interest", notes = ["A"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let rents = ["rent 50.00", "rent 50.00", "rent 510.00", "rent 505.00", "rent 20.00"];
    let out = run(&deal, &arriving(&deal, &rents));
    // 10.00 of interest; 40.00 to the issuer, on the anticipated repayment date itself too.
    assert_eq!(note(&out, 2, "A"), "1000.00 10.00 10.00 0.00 0.00 1000.00");
    assert_eq!(paid(&out, 2, "issuer"), "80.00");
    assert_eq!(out.active(1), [""; 0]);
    // The period that starts on that date accrues 0.5% of 1,000.00 = 5.00 extra, which waits behind the
    // principal: 510.00 is 10.00 of interest and 500.00 of principal.
    assert_eq!(note(&out, 3, "A"), "1000.00 10.00 10.00 0.00 500.00 500.00");
    assert_eq!(text(out.note(2, "A").post_ard_interest_unpaid), "5.00");
    assert_eq!(out.active(2), ["past_ard"]);
    // Interest 5.00, principal 500.00, nothing left. Extra: 0.5% of 500.00 = 2.50, and 1.5% of the 5.00
    // carried = 7.5 cents, half-even 8: 5.00 + 2.50 + 0.08 = 7.58.
    assert_eq!(note(&out, 4, "A"), "500.00 5.00 5.00 0.00 500.00 0.00");
    assert_eq!(text(out.note(3, "A").post_ard_interest_unpaid), "7.58");
    // The claim alone accrues: 1.5% of 7.58 = 0.1137, so 0.11. 7.69 is paid; 12.31 goes to the issuer.
    assert_eq!(text(out.note(4, "A").post_ard_interest_paid), "7.69");
    assert_eq!(text(out.note(4, "A").post_ard_interest_unpaid), "0.00");
    assert_eq!(paid(&out, 5, "issuer"), "92.31");
    assert_eq!(out.active(4), [""; 0]);
}

#[test]
fn cash_trap_and_cure() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-06-25"
        [[accounts]]
        id = "collection"
        [[accounts]]
        id = "cash_trap"
        [[triggers]]
        id = "low"
        test = { kind = "dscr", below = "1.50", average_months = 1 }
        cure = { kind = "passing", payment_dates = 2, level = "1.60" }
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "trap", pay = "deposit", account = "cash_trap", when = ["low"] },
            { id = "release", pay = "deposit", account = "collection", from = ["cash_trap"], when = ["not low"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let income = |amount: &str| format!("rent {amount}, noi {amount}");
    let dates = ["20.00", "14.00", "15.50", "16.00", "17.00"].map(income);
    let out = run(&deal, &arriving(&deal, &dates.each_ref().map(String::as_str)));
    // Debt service is 120.00 a year. 20.00 x 12 / 120.00 = 2.00: 10.00 to the issuer.
    assert_eq!((account(&out, 1, "cash_trap"), paid(&out, 1, "issuer")), ("0.00".into(), "10.00".into()));
    // 1.40, below 1.50: the 4.00 left is trapped.
    assert_eq!((account(&out, 2, "cash_trap"), out.active(1)), ("4.00".into(), vec!["low"]));
    // 1.55 would not breach, but does not cure, which takes 1.60: 5.50 more.
    assert_eq!((account(&out, 3, "cash_trap"), out.active(2)), ("9.50".into(), vec!["low"]));
    // 1.60 passes a first time: 6.00 more.
    assert_eq!((account(&out, 4, "cash_trap"), out.active(3)), ("15.50".into(), vec!["low"]));
    // 1.70 passes a second time: cured. 15.50 comes back, and 22.50 goes to the issuer, in all 32.50.
    assert_eq!((account(&out, 5, "cash_trap"), out.active(4)), ("0.00".into(), vec![]));
    assert_eq!(paid(&out, 5, "issuer"), "32.50");
}

#[test]
fn pay_in_kind_while_coverage_is_low() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[notes]]
        id = "B"
        original_balance = "100.00"
        coupon = "0.24"
        day_count = "30/360"
        legal_final = "2026-04-25"
        pay_in_kind = ["low"]
        [[accounts]]
        id = "collection"
        [[triggers]]
        id = "low"
        test = { kind = "ic", notes = ["A"], below = "1.5" }
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A", "B"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let dates = ["rent 12.00, noi 12.00", "rent 12.00, noi 12.00", "rent 20.00, noi 20.00"];
    let out = run(&deal, &arriving(&deal, &dates));
    // 12.00 is less than 1.5 x 10.00: B's 2% of 100.00 = 2.00 is added to its balance. 2.00 is left over.
    assert_eq!(note(&out, 1, "B"), "100.00 2.00 0.00 0.00 0.00 102.00");
    assert_eq!(paid(&out, 1, "issuer"), "2.00");
    // 2% of 102.00 = 2.04.
    assert_eq!(note(&out, 2, "B"), "102.00 2.04 0.00 0.00 0.00 104.04");
    assert_eq!(text(out.note(1, "B").capitalized), "2.04");
    // 20.00 is enough: 2% of 104.04 = 2.0808, so 2.08, in cash. 20.00 - 10.00 - 2.08 = 7.92.
    assert_eq!(note(&out, 3, "B"), "104.04 2.08 2.08 0.00 0.00 104.04");
    assert_eq!(paid(&out, 3, "issuer"), "11.92");
}

#[test]
fn fee_cap_and_overflow() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-03-25"
        [[accounts]]
        id = "collection"
        [[fees]]
        id = "trustee"
        amount = "100.00"
        cap = "60.00"
        [[phases]]
        id = "normal"
        steps = [
            { id = "fees", pay = "fees", fees = ["trustee"] },
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "overflow", pay = "fees_above_cap", fees = ["trustee"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 80.00", "rent 150.00"]));
    // 60.00 within the cap, 10.00 of interest, and the 10.00 left toward the 40.00 above the cap.
    assert_eq!(note(&out, 1, "A"), "1000.00 10.00 10.00 0.00 0.00 1000.00");
    assert_eq!(paid(&out, 1, "trustee"), "70.00");
    // 30.00 + 100.00 is due: 60.00 within the cap, 10.00 of interest, 70.00 above it; 10.00 is left.
    assert_eq!((paid(&out, 2, "trustee"), paid(&out, 2, "issuer")), ("200.00".into(), "10.00".into()));
}

#[test]
fn fee_cap_of_a_calendar_year() {
    let deal = deal_closed(
        "2026-10-25",
        "2026-11-25",
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0"
        day_count = "30/360"
        legal_final = "2027-01-25"
        [[accounts]]
        id = "collection"
        [[fees]]
        id = "counsel"
        amount = "60.00"
        cap = "100.00"
        cap_period = "calendar_year"
        [[phases]]
        id = "normal"
        steps = [
            { id = "fees", pay = "fees", fees = ["counsel"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 500.00"; 3]));
    // November 60.00; December 40.00 to the cap, 20.00 waits; January, a new cap: 20.00 + 60.00.
    assert_eq!([1, 2, 3].map(|date| paid(&out, date, "counsel")), ["60.00", "100.00", "180.00"]);
    assert_eq!([1, 2, 3].map(|date| paid(&out, date, "issuer")), ["440.00", "900.00", "1320.00"]);
}

#[test]
fn variable_funding_with_draws_and_commitment_fee() {
    let deal = deal(
        r#"
        [[notes]]
        id = "V"
        kind = "variable_funding"
        original_balance = "400.00"
        commitment = "1000.00"
        draw_account = "build"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-06-25"
        [[notes.draws]]
        date = "2026-02-10"
        amount = "300.00"
        [[notes.draws]]
        date = "2026-03-20"
        amount = "500.00"
        [[notes.draws]]
        date = "2026-05-25"
        amount = "100.00"
        [[accounts]]
        id = "collection"
        [[accounts]]
        id = "build"
        [[fees]]
        id = "commitment"
        rate = "0.006"
        of = "undrawn(V)"
        [[schedules]]
        id = "repay"
        entries = [{ date = "2026-04-25", amount = "250.00" }]
        [[phases]]
        id = "normal"
        steps = [
            { id = "fees", pay = "fees", fees = ["commitment"] },
            { id = "interest", pay = "interest", notes = ["V"] },
            { id = "build", pay = "payee", payee = "builder", from = ["build"] },
            { id = "repay", pay = "principal", notes = ["V"], amount = "schedule(repay)" },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let rents = ["rent 5.00", "rent 8.00", "rent 270.00", "rent 8.00", "rent 0.00"];
    let out = run(&deal, &arriving(&deal, &rents));
    // Interest on 400.00 = 4.00; then 300.00 is drawn for the builder. The fee is 0.05% a month of the
    // 300.00 still undrawn = 0.15. 5.00 - 0.15 - 4.00 = 0.85.
    assert_eq!(note(&out, 1, "V"), "400.00 4.00 4.00 0.00 0.00 700.00");
    assert_eq!(text(out.note(0, "V").draws), "300.00");
    assert_eq!(["builder", "commitment", "issuer"].map(|p| paid(&out, 1, p)), ["300.00", "0.15", "0.85"]);
    // Interest on 700.00 = 7.00. Of the 500.00 asked for, 300.00 is left: fully drawn, no fee. 1.00 left.
    assert_eq!(note(&out, 2, "V"), "700.00 7.00 7.00 0.00 0.00 1000.00");
    assert_eq!(["builder", "commitment", "issuer"].map(|p| paid(&out, 2, p)), ["600.00", "0.15", "1.85"]);
    // Interest on 1,000.00 = 10.00, and 250.00 repaid as scheduled. The fee looks before that: none.
    assert_eq!(note(&out, 3, "V"), "1000.00 10.00 10.00 0.00 250.00 750.00");
    assert_eq!(["builder", "commitment", "issuer"].map(|p| paid(&out, 3, p)), ["600.00", "0.15", "11.85"]);
    // What was repaid can be drawn again: 100.00 on the payment date itself. Interest on 750.00 = 7.50;
    // the fee on 150.00 is 7.5 cents, half-even 8. 8.00 - 0.08 - 7.50 = 0.42.
    assert_eq!(note(&out, 4, "V"), "750.00 7.50 7.50 0.00 0.00 850.00");
    assert_eq!(["builder", "commitment", "issuer"].map(|p| paid(&out, 4, p)), ["700.00", "0.23", "12.27"]);
    // No cash: interest on 850.00 = 8.50 is short.
    assert_eq!(note(&out, 5, "V"), "850.00 8.50 0.00 8.50 0.00 850.00");
}

#[test]
fn overcollateralization_restored_from_excess_spread() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "850.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[notes]]
        id = "B"
        original_balance = "50.00"
        coupon = "0.24"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[accounts]]
        id = "collection"
        [[amounts]]
        id = "oc_gap"
        formula = "max(0, balance() - 0.9 * pool_balance)"
        [[triggers]]
        id = "oc_low"
        test = { kind = "oc", below = "1.11", collateral = "pool_balance" }
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A", "B"] },
            { id = "oc", pay = "principal", notes = ["A", "B"], amount = "amount(oc_gap)", when = ["oc_low"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let dates = [
        "rent 12.00, pool_balance 990.00",
        "rent 20.00, pool_balance 985.00",
        "rent 20.00, pool_balance 985.00",
    ];
    let out = run(&deal, &arriving(&deal, &dates));
    // 990 / 900 = 1.10: low. The gap is 900.00 - 891.00 = 9.00. After interest of 8.50 and 1.00, 2.50 is
    // there and repays A.
    assert_eq!(note(&out, 1, "A"), "850.00 8.50 8.50 0.00 2.50 847.50");
    assert_eq!(out.active(0), ["oc_low"]);
    // 985 / 897.50 = 1.097. Interest 8.475, half-even 8.48, and 1.00; the gap is 897.50 - 886.50 = 11.00,
    // and 10.52 is there.
    assert_eq!(note(&out, 2, "A"), "847.50 8.48 8.48 0.00 10.52 836.98");
    // 985 / 886.98 = 1.1105: cured, so the gap of 0.48 stays. Interest 8.3698 = 8.37 and 1.00; 10.63 is
    // released.
    assert_eq!(note(&out, 3, "A"), "836.98 8.37 8.37 0.00 0.00 836.98");
    assert_eq!(out.active(2), [""; 0]);
    assert_eq!(paid(&out, 3, "issuer"), "10.63");
}

#[test]
fn losses_written_down_from_the_bottom_and_up_on_recovery() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "900.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[notes]]
        id = "B"
        original_balance = "100.00"
        coupon = "0.24"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[accounts]]
        id = "collection"
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A", "B"] },
            { id = "loss", pay = "write_down", notes = ["B", "A"], amount = "realized_loss" },
            { id = "recovery", pay = "write_up", notes = ["A", "B"], amount = "collections(recoveries)" },
            { id = "principal", pay = "principal", notes = ["A", "B"] },
        ]
        "#,
    );
    let out = run(
        &deal,
        &arriving(&deal, &["rent 20.00, realized_loss 130.00", "recoveries 50.00", "recoveries 200.00"]),
    );
    // Interest 9.00 and 2.00. The loss takes all of B and 30.00 of A. The 9.00 left repays A to 861.00.
    assert_eq!(note(&out, 1, "A"), "900.00 9.00 9.00 0.00 9.00 861.00");
    assert_eq!(note(&out, 1, "B"), "100.00 2.00 2.00 0.00 0.00 0.00");
    assert_eq!(["A", "B"].map(|id| text(out.note(0, id).written_down)), ["30.00", "100.00"]);
    // Interest on 861.00 = 8.61; B has no balance to bear any. 50.00 restores A's 30.00 and 20.00 of B;
    // the 41.39 left of the same cash repays A: 861.00 + 30.00 - 41.39 = 849.61.
    assert_eq!(note(&out, 2, "A"), "861.00 8.61 8.61 0.00 41.39 849.61");
    assert_eq!(note(&out, 2, "B"), "0.00 0.00 0.00 0.00 0.00 20.00");
    assert_eq!(["A", "B"].map(|id| text(out.note(1, id).written_up)), ["30.00", "20.00"]);
    // Interest 8.4961 = 8.50 and 2% of 20.00 = 0.40. Only 80.00 is left to restore. 200.00 - 8.90 = 191.10
    // repays A to 658.51.
    assert_eq!(note(&out, 3, "A"), "849.61 8.50 8.50 0.00 191.10 658.51");
    assert_eq!(note(&out, 3, "B"), "20.00 0.40 0.40 0.00 0.00 100.00");
    assert_eq!(text(out.note(2, "B").written_up), "80.00");
}

#[test]
fn clean_up_call_below_a_tenth() {
    let deal = deal(
        r#"
        [clean_up_call]
        below = "0.10"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-05-25"
        [[accounts]]
        id = "collection"
        [[accounts]]
        id = "reserve"
        opening_balance = "30.00"
        [[fees]]
        id = "trustee"
        amount = "5.00"
        [[phases]]
        id = "normal"
        steps = [
            { id = "fees", pay = "fees", fees = ["trustee"] },
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "principal", pay = "principal", notes = ["A"] },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 915.00", "rent 16.00", "rent 20.00", "rent 100.00"]));
    // Fee 5.00, interest 10.00, principal 900.00.
    assert_eq!(note(&out, 1, "A"), "1000.00 10.00 10.00 0.00 900.00 100.00");
    // 100.00 is a tenth, not below it: fee 5.00, interest 1.00, principal 10.00.
    assert_eq!(note(&out, 2, "A"), "100.00 1.00 1.00 0.00 10.00 90.00");
    // 90.00 is below. Due: 5.00 + 0.90 + 90.00 = 95.90; there: 20.00 and the reserve's 30.00. The caller
    // pays 45.90 and all is paid; the rent of the fourth date is no longer the deal's.
    assert_eq!(note(&out, 3, "A"), "90.00 0.90 0.90 0.00 90.00 0.00");
    assert_eq!((out.periods.len(), out.periods[2].phase.as_str()), (3, "redemption"));
    assert_eq!((account(&out, 3, "reserve"), paid(&out, 3, "trustee")), ("0.00".into(), "15.00".into()));
    // 30.00 + 915.00 + 16.00 + 20.00 + 45.90.
    assert_eq!(text(out.sources), "1026.90");
}

#[test]
fn refinancing_refused_by_a_cent_and_granted() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-06-25"
        make_whole = { until = "2026-05-25", reinvestment_rate = "0" }
        [[accounts]]
        id = "collection"
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let mut collections = arriving(&deal, &["rent 15.00"; 5]);
    // On the second date: interest 10.00, balance 1,000.00, and the premium. Two dates are left to the end
    // of protection, 1% on each, undiscounted: 2% of 1,000.00 = 20.00. 1,030.00 less the 15.00 there is
    // 1,015.00.
    collections.set_refinancing(Some(Refinancing { period: 1, limit: money("1014.99") }));
    let refused = run(&deal, &collections);
    assert_eq!(refused.periods.len(), 5);
    assert_eq!(note(&refused, 2, "A"), "1000.00 10.00 10.00 0.00 0.00 1000.00");
    assert_eq!(paid(&refused, 5, "issuer"), "25.00");

    collections.set_refinancing(Some(Refinancing { period: 1, limit: money("1015.00") }));
    let granted = run(&deal, &collections);
    assert_eq!(granted.periods.len(), 2);
    assert_eq!(note(&granted, 2, "A"), "1000.00 10.00 10.00 0.00 1000.00 0.00");
    assert_eq!(text(granted.note(1, "A").make_whole_paid), "20.00");
    assert_eq!((paid(&granted, 2, "issuer"), text(granted.sources)), ("5.00".into(), "1045.00".into()));
}

#[test]
fn make_whole_on_part_of_the_balance_lapses_where_cash_ends() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-06-25"
        make_whole = { until = "2026-05-20", reinvestment_rate = "0.06" }
        [[accounts]]
        id = "collection"
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "prepay", pay = "principal", notes = ["A"], amount = "300.00" },
            { id = "premium", pay = "make_whole", notes = ["A"] },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 10.00", "rent 312.00", "rent 400.00", "", ""]));
    // On the second date two dates are left, the second being the first on or after 20 May. With
    // v = 1 / 1.005 the interest forgone less what it can earn elsewhere is (1% - 0.5%) x (v + v^2) =
    // 0.005 x 1.98509937873 = 0.0099254969. On 300.00 that is 2.98, but after 10.00 and 300.00 only 2.00
    // is there.
    assert_eq!(note(&out, 2, "A"), "1000.00 10.00 10.00 0.00 300.00 700.00");
    assert_eq!(text(out.note(1, "A").make_whole_paid), "2.00");
    // On the third one date is left: 0.005 x 0.99502487562 = 0.0049751244, on 300.00 1.4925..., so 1.49.
    // The 0.98 of before is gone. 400.00 - 7.00 - 300.00 - 1.49 stays.
    assert_eq!(note(&out, 3, "A"), "700.00 7.00 7.00 0.00 300.00 400.00");
    assert_eq!(text(out.note(2, "A").make_whole_paid), "1.49");
    assert_eq!(account(&out, 3, "collection"), "91.51");
}

#[test]
fn legal_finals_scheduled_principal_and_a_reserve_with_earnings() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "300.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-04-25"
        amortization = { kind = "level", from = "2026-02-25" }
        [[accounts]]
        id = "collection"
        [[accounts]]
        id = "reserve"
        opening_balance = "6.00"
        target = "2 * interest_accrued(A)"
        earnings_rate = "0.12"
        earnings_day_count = "30/360"
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A"], from = ["collection", "reserve"] },
            { id = "scheduled", pay = "scheduled_principal", notes = ["A"] },
            { id = "reserve", pay = "deposit", account = "reserve" },
            { id = "release", pay = "deposit", account = "collection", from = ["reserve"], amount = "excess(reserve)" },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 100.00", "", "rent 210.00"]));
    // The annuity is 300.00 x 1% / (1 - 1.01^-3) = 102.0066...: exact balances 300, 200.9934, 100.9967, 0,
    // so the parts are 99.01, 99.99 and 101.00.
    // First: interest 3.00, then 97.00 of the 99.01. The reserve earned 0.06, which is above its target
    // of 2 x 3.00 and goes to the issuer.
    assert_eq!(note(&out, 1, "A"), "300.00 3.00 3.00 0.00 97.00 203.00");
    assert_eq!(text(out.note(0, "A").principal_shortfall), "2.01");
    assert_eq!((account(&out, 1, "reserve"), paid(&out, 1, "issuer")), ("6.00".into(), "0.06".into()));
    // Second, no rent: interest 2.03 out of the reserve's 6.06, which leaves 4.03 of a target of 4.06.
    // Principal due: 2.01 + 99.99 = 102.00, and nothing is paid.
    assert_eq!(note(&out, 2, "A"), "203.00 2.03 2.03 0.00 0.00 203.00");
    assert_eq!(text(out.note(1, "A").principal_shortfall), "102.00");
    assert_eq!((account(&out, 2, "reserve"), paid(&out, 2, "issuer")), ("4.03".into(), "0.06".into()));
    // Third, the legal final: interest 2.03 and all of 203.00; 4.97 is left. The reserve has 4.07 after
    // 0.04 of earnings: 0.01 above its target goes, so 4.98 to the issuer.
    assert_eq!(note(&out, 3, "A"), "203.00 2.03 2.03 0.00 203.00 0.00");
    assert_eq!((account(&out, 3, "reserve"), paid(&out, 3, "issuer")), ("4.06".into(), "5.04".into()));
}
