//! Interest, principal, fees and draws.

use super::{arriving, deal, deal_closed, note, paid, run, text};

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
