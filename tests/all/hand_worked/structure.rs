//! Cash trap, pay in kind, overcollateralization, losses.

use super::{account, arriving, deal, note, paid, run, text};

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

/// A list with a trigger and its opposite never holds, whatever the trigger does.
#[test]
fn conditions_that_contradict_each_other_never_hold() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0"
        day_count = "30/360"
        legal_final = "2026-04-25"
        [[accounts]]
        id = "collection"
        [[triggers]]
        id = "late"
        test = { kind = "on_or_after", date = "2026-03-25" }
        [[triggers]]
        id = "both"
        test = { kind = "all", of = ["late", "not late"] }
        [[phases]]
        id = "normal"
        steps = [
            { id = "never", pay = "payee", payee = "nobody", when = ["late", "not late"] },
            { id = "either", pay = "payee", payee = "somebody", when = ["both"] },
            { id = "always", pay = "principal", notes = ["A"] },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 10.00"; 3]));
    // All 30.00 repays the note.
    assert_eq!(note(&out, 3, "A"), "980.00 0.00 0.00 0.00 10.00 970.00");
    assert_eq!([1, 2, 3].map(|date| paid(&out, date, "nobody")), ["0.00"; 3]);
    assert_eq!(out.active(2), ["late"]);
}

/// What a reserve lacks is no negative excess, and interest capitalized past the commitment no negative
/// undrawn amount: both count as nothing in a sum.
#[test]
fn excess_and_undrawn_stop_at_nothing() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        kind = "variable_funding"
        commitment = "100.00"
        original_balance = "100.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-04-25"
        pay_in_kind = []
        [[accounts]]
        id = "collection"
        [[accounts]]
        id = "reserve"
        target = "50.00"
        [[phases]]
        id = "normal"
        steps = [
            { id = "lender", pay = "payee", payee = "lender", amount = "undrawn(A) + 5" },
            { id = "keeper", pay = "payee", payee = "keeper", amount = "excess(reserve) + 2" },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 10.00"; 3]));
    // 1% of 100.00 is capitalized: the balance of 101.00 is 1.00 past the commitment, the reserve 50.00
    // short of its target.
    assert_eq!(note(&out, 1, "A"), "100.00 1.00 0.00 0.00 0.00 101.00");
    assert_eq!((paid(&out, 1, "lender"), paid(&out, 1, "keeper")), ("5.00".into(), "2.00".into()));
}
