//! What subprime deals of 2006 have: overcollateralization built and released, step-down, triggers, losses
//! written down, a cap on coupons.

use super::{account, arriving, deal, note, paid, run, text};

/// A pool of 1,000.00 under A 800.00 and B 150.00: 50.00 of overcollateralization, to be built to 80.00.
/// From April on, once A owns no more than 60% of the pool, the target is 16% of the pool, at least 40.00, and
/// A and B are paid down to 60% and 84% of it; not while more than 30.00 has been lost. `rent` stands for
/// interest, `recoveries` for principal of every kind.
const STEP_DOWN: &str = r#"
    opening_measures = { pool_balance = "1000.00" }
    [deposits]
    recoveries = "principal"
    [[notes]]
    id = "A"
    original_balance = "800.00"
    coupon = "0.12"
    day_count = "30/360"
    legal_final = "2026-09-25"
    [[notes]]
    id = "B"
    original_balance = "150.00"
    coupon = "0.12"
    day_count = "30/360"
    legal_final = "2026-09-25"
    [[accounts]]
    id = "collection"
    [[accounts]]
    id = "principal"
    [[triggers]]
    id = "month_3"
    test = { kind = "on_or_after", date = "2026-04-25" }
    [[triggers]]
    id = "under_enhanced"
    [triggers.test]
    kind = "ratio"
    numerator = "pool_balance - balance(A) + account(principal)"
    denominator = "pool_balance"
    below = "0.4"
    [[triggers]]
    id = "stepped_down"
    test = { kind = "all", of = ["month_3", "not under_enhanced"] }
    cure = { kind = "never" }
    [[triggers]]
    id = "losses"
    test = { kind = "ratio", numerator = "total(realized_loss)", denominator = "30.00", above = "1" }
    [[triggers]]
    id = "released"
    test = { kind = "all", of = ["stepped_down", "not losses"] }
    [[amounts]]
    id = "target"
    formula = "if(released, max(0.16 * pool_balance, 40), 80)"
    [[amounts]]
    id = "release"
    formula = "min(account(principal), max(0, pool_balance - balance() + account(principal) - amount(target)))"
    [[phases]]
    id = "normal"
    steps = [
        { id = "interest", pay = "interest", notes = ["A", "B"] },
        { id = "release", pay = "deposit", account = "collection", from = ["principal"], amount = "amount(release)" },
        { id = "extra", pay = "deposit", account = "principal", amount = "max(0, balance() - account(principal) - pool_balance + amount(target))" },
        { id = "all", pay = "principal", notes = ["A", "B"], from = ["principal"], when = ["not released"] },
        { id = "step_a", pay = "principal", notes = ["A"], from = ["principal"], when = ["released"], amount = "balance(A) - min(0.6 * pool_balance, pool_balance - 40)" },
        { id = "step_b", pay = "principal", notes = ["B"], from = ["principal"], when = ["released"], amount = "balance(A, B) - min(0.84 * pool_balance, pool_balance - 40)" },
        { id = "lost", pay = "write_down", notes = ["B"], amount = "balance() - pool_balance" },
        { id = "x", pay = "payee", payee = "x", from = ["collection", "principal"] },
    ]
"#;

#[test]
fn overcollateralization_is_built_steps_down_is_released_and_is_held_by_a_trigger() {
    let deal = deal(STEP_DOWN);
    let dates = [
        "rent 25.00, recoveries 100.00, pool_balance 900.00",
        "rent 20.00, recoveries 150.00, pool_balance 740.00, realized_loss 10.00",
        "rent 30.00, recoveries 140.00, pool_balance 600.00",
        "rent 12.00, recoveries 100.00, pool_balance 500.00",
        "rent 10.00, recoveries 100.00, pool_balance 400.00",
        "rent 8.00, recoveries 45.00, pool_balance 330.00, realized_loss 25.00",
        "rent 3.00, recoveries 10.00, pool_balance 220.00, realized_loss 100.00",
        "rent 5.00, recoveries 220.00",
    ];
    let out = run(&deal, &arriving(&deal, &dates));
    // 1. Interest 8.00 and 1.50; the 15.50 left are all extra principal, for after 100.00 of principal 850.00
    //    of notes stand against 900.00: 30.00 short of 80.00. A is paid 115.50.
    assert_eq!(note(&out, 1, "A"), "800.00 8.00 8.00 0.00 115.50 684.50");
    assert_eq!(paid(&out, 1, "x"), "0.00");
    // 2. 6.84 (6.845, half-even) and 1.50; 11.66 left bear the loss of 10.00 and add 1.66: 65.50 becomes 67.16.
    assert_eq!(note(&out, 2, "A"), "684.50 6.84 6.84 0.00 161.66 522.84");
    // 3. April, but A is to be 522.84 - 140.00 of 600.00, 63.8%: no step-down. 12.84 reach the target; of
    //    30.00 - 5.23 - 1.50 - 12.84 class X has 10.43.
    assert_eq!(note(&out, 3, "A"), "522.84 5.23 5.23 0.00 152.84 370.00");
    assert_eq!((paid(&out, 3, "x"), out.active(2)), ("10.43".into(), vec!["month_3", "under_enhanced"]));
    // 4. 270.00 of 500.00 is 54%: stepped down. The target is 16% of 500.00, 80.00 still. A goes to 60%, 300.00,
    //    and B, for the first time, to 84%: 420.00 - 300.00. X has 12.00 - 3.70 - 1.50.
    assert_eq!(out.active(3), ["month_3", "released", "stepped_down"]);
    assert_eq!(note(&out, 4, "A"), "370.00 3.70 3.70 0.00 70.00 300.00");
    assert_eq!(note(&out, 4, "B"), "150.00 1.50 1.50 0.00 30.00 120.00");
    assert_eq!(paid(&out, 4, "x"), "17.23");
    // 5. The target is 64.00: of 100.00 of principal 16.00 are released to X, with 5.80 of spread.
    assert_eq!(note(&out, 5, "A"), "300.00 3.00 3.00 0.00 60.00 240.00");
    assert_eq!(note(&out, 5, "B"), "120.00 1.20 1.20 0.00 24.00 96.00");
    assert_eq!(paid(&out, 5, "x"), "39.03");
    // 6. 35.00 lost in all: the trigger. The target is 80.00 again, and A has all principal: 45.00 and the
    //    spread of 4.64.
    assert_eq!(out.active(5), ["losses", "month_3", "stepped_down"]);
    assert_eq!(note(&out, 6, "A"), "240.00 2.40 2.40 0.00 49.64 190.36");
    assert_eq!(note(&out, 6, "B"), "96.00 0.96 0.96 0.00 0.00 96.00");
    // 7. Spread 0.14, principal 10.00: A 180.22. 276.22 of notes on 220.00: B is written down by 56.22.
    assert_eq!(note(&out, 7, "A"), "190.36 1.90 1.90 0.00 10.14 180.22");
    assert_eq!(text(out.note(6, "B").written_down), "56.22");
    assert_eq!(note(&out, 7, "B"), "96.00 0.96 0.96 0.00 0.00 39.78");
    // 8. The pool pays its last 220.00. 5.00 - 1.80 - 0.40 = 2.80 is moved to principal, which nobody is left to
    //    be paid from: X.
    assert_eq!(note(&out, 8, "A"), "180.22 1.80 1.80 0.00 180.22 0.00");
    assert_eq!(note(&out, 8, "B"), "39.78 0.40 0.40 0.00 39.78 0.00");
    assert_eq!((paid(&out, 8, "x"), account(&out, 8, "principal")), ("41.83".into(), "0.00".into()));
}

#[test]
fn interest_above_the_available_funds_cap_is_carried_over() {
    let deal = deal(
        r#"
        opening_measures = { pool_balance = "1250.00" }
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        available_funds_cap = { interest = "collections(rent)", balance = "open(pool_balance)" }
        legal_final = "2026-04-25"
        [[accounts]]
        id = "collection"
        [[phases]]
        id = "normal"
        steps = [
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "carryover", pay = "post_ard_interest", notes = ["A"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        "#,
    );
    let dates = ["rent 9.00, pool_balance 1000.00", "rent 30.00", "rent 8.50"];
    let out = run(&deal, &arriving(&deal, &dates));
    // The coupon earns 10.00; 1,250.00 of loans pay 9.00, so that 1,000.00 are worth 7.20 of it. Of the 2.80
    // above that the 1.80 left pay a part.
    assert_eq!(note(&out, 1, "A"), "1000.00 7.20 7.20 0.00 0.00 1000.00");
    assert_eq!(text(out.note(0, "A").post_ard_interest_paid), "1.80");
    assert_eq!(text(out.note(0, "A").post_ard_interest_unpaid), "1.00");
    // 1,000.00 x 30.00 / 1,000.00 caps nothing. The 1.00 carried has earned 1%.
    assert_eq!(note(&out, 2, "A"), "1000.00 10.00 10.00 0.00 0.00 1000.00");
    assert_eq!(text(out.note(1, "A").post_ard_interest_paid), "1.01");
    assert_eq!(paid(&out, 2, "issuer"), "18.99");
    // No balance earns: no cap. What is short is a shortfall, not a carryover.
    assert_eq!(note(&out, 3, "A"), "1000.00 10.00 8.50 1.50 0.00 1000.00");
    assert_eq!(text(out.note(2, "A").post_ard_interest_unpaid), "0.00");
}
