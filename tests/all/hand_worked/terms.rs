//! Terms of deals that report: rounding, pieces, shares by opening balance, openings.

use super::{account, arriving, deal, deal_closed, note, paid, run};

/// Interest of 33.335 is 33.34 half-up, 33.33 down and, by the deal, 33.34 half-even (33.335 lies between
/// an odd and an even cent). The fee of 0.125 is 0.13 by its own rounding, 0.12 by the deal's.
#[test]
fn rounding_is_the_note_s_the_fee_s_or_the_deal_s() {
    let deal = deal(
        r#"
        notes = [
            { id = "A", original_balance = "3333.50", coupon = "0.12", day_count = "30/360", legal_final = "2026-02-25", rounding = "half_up" },
            { id = "B", original_balance = "3333.50", coupon = "0.12", day_count = "30/360", legal_final = "2026-02-25", rounding = "down" },
            { id = "C", original_balance = "3333.50", coupon = "0.12", day_count = "30/360", legal_final = "2026-02-25" },
        ]
        accounts = [{ id = "collection" }]
        fees = [
            { id = "up", rate = "0.12", of = "12.50", rounding = "half_up" },
            { id = "even", rate = "0.12", of = "12.50" },
        ]
        phases = [{ id = "normal", steps = [
            { id = "fees", pay = "fees", fees = ["up", "even"] },
            { id = "interest", pay = "interest", notes = ["A", "B", "C"] },
        ] }]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 1000.00"]));
    assert_eq!((paid(&out, 1, "up"), paid(&out, 1, "even")), ("0.13".into(), "0.12".into()));
    assert!(note(&out, 1, "A").starts_with("3333.50 33.34 33.34"));
    assert!(note(&out, 1, "B").starts_with("3333.50 33.33 33.33"));
    assert!(note(&out, 1, "C").starts_with("3333.50 33.34 33.34"));
}

/// A third of 100.00 is 33.33 at the end of a formula half-even, and 33.34 where the deal rounds up at
/// 33.335. On the way: half_up(0.125) is 0.13, down(0.129) is 0.12, down(99.99, 25.00) is 75.00, and
/// half_even(0.125) is 0.12; in all 75.37.
#[test]
fn formulas_round_as_the_deal_says_and_on_the_way() {
    let sections = |rounding: &str| {
        format!(
            r#"
            rounding = "{rounding}"
            notes = [{{ id = "A", original_balance = "1000.00", coupon = "0", day_count = "30/360", legal_final = "2026-02-25" }}]
            accounts = [{{ id = "collection" }}]
            phases = [{{ id = "normal", steps = [
                {{ id = "half", pay = "payee", payee = "x", amount = "collections() / 2" }},
                {{ id = "on_the_way", pay = "payee", payee = "y", amount = "half_up(noi / 8) + down(0.129 * noi) + down(99.99 * noi, 25.00) + half_even(noi / 8)" }},
            ] }}]
            "#
        )
    };
    for (rounding, half) in [("half_even", "100.02"), ("half_up", "100.03"), ("down", "100.02")] {
        let deal = deal(&sections(rounding));
        let out = run(&deal, &arriving(&deal, &["rent 200.05, noi 1.00"]));
        assert_eq!((paid(&out, 1, "x"), paid(&out, 1, "y")), (half.into(), "75.37".into()), "{rounding}");
    }
}

/// Pieces of 7.00, 100 of them: one earns 0.07, all 7.00; after 350.00 of principal one piece is 3.50 and
/// earns 0.035: 0.04 half-up, 4.00 for all, where the class as a whole would earn 3.50.
#[test]
fn interest_is_rounded_for_a_piece() {
    let deal = deal(
        r#"
        notes = [{ id = "A", original_balance = "700.00", coupon = "0.12", day_count = "30/360", legal_final = "2026-03-25", denomination = "7.00", rounding = "half_up" }]
        accounts = [{ id = "collection" }]
        phases = [{ id = "normal", steps = [
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "principal", pay = "principal", notes = ["A"], amount = "350.00" },
        ] }]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 357.00", "rent 400.00"]));
    assert_eq!(note(&out, 1, "A"), "700.00 7.00 7.00 0.00 350.00 350.00");
    assert_eq!(note(&out, 2, "A"), "350.00 4.00 4.00 0.00 350.00 0.00");
}

/// By opening balances 600 : 300 : 100. A has had 580.00, so of its share of 60.00 it gets the 20.00 that
/// are left; B and C share the other 80.00 as 300 : 100.
#[test]
fn what_one_note_does_not_need_the_others_share() {
    let deal = deal(
        r#"
        notes = [
            { id = "A", original_balance = "600.00", coupon = "0", day_count = "30/360", legal_final = "2026-02-25" },
            { id = "B", original_balance = "300.00", coupon = "0", day_count = "30/360", legal_final = "2026-02-25" },
            { id = "C", original_balance = "100.00", coupon = "0", day_count = "30/360", legal_final = "2026-02-25" },
        ]
        accounts = [{ id = "collection" }]
        phases = [{ id = "normal", steps = [
            { id = "first", pay = "principal", notes = ["A"], amount = "580.00" },
            { id = "rest", pay = "principal", notes = ["A", "B", "C"], allocation = "pro_rata_opening" },
        ] }]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 680.00"]));
    assert_eq!(note(&out, 1, "A"), "600.00 0.00 0.00 0.00 600.00 0.00");
    assert_eq!(note(&out, 1, "B"), "300.00 0.00 0.00 0.00 60.00 240.00");
    assert_eq!(note(&out, 1, "C"), "100.00 0.00 0.00 0.00 20.00 80.00");
}

/// After March: 500.00 left, 5.00 of interest unpaid, a fee of 2.00 unpaid, 40.00 in the reserve, the
/// trigger active, losses of 90.00 so far. April: interest 5.00 + 0.05 on the unpaid + 5.00 carried; the
/// loss of 10.00 makes 100.00 in all, which is what the trigger still needs to be active.
#[test]
fn a_seasoned_deal_goes_on_from_its_opening() {
    let deal = deal_closed(
        "2026-01-25",
        "2026-02-25",
        r#"
        notes = [{ id = "A", original_balance = "1000.00", coupon = "0.12", day_count = "30/360", legal_final = "2026-05-25" }]
        fees = [{ id = "agent", amount = "1.00" }]
        [[accounts]]
        id = "collection"
        [[accounts]]
        id = "reserve"
        opening_balance = "7.00"
        [[triggers]]
        id = "losses"
        test = { kind = "ratio", numerator = "total(realized_loss)", denominator = "200.00", above = "0.5" }
        cure = { kind = "passing", payment_dates = 2 }
        [[phases]]
        id = "normal"
        steps = [
            { id = "fees", pay = "fees", fees = ["agent"] },
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "principal", pay = "principal", notes = ["A"], when = ["losses"] },
            { id = "residual", pay = "payee", payee = "issuer" },
        ]
        [opening]
        date = "2026-03-25"
        notes = [{ id = "A", balance = "500.00", interest_shortfall = "5.00" }]
        accounts = { reserve = "40.00" }
        fees = { agent = "2.00" }
        active = ["losses"]
        totals = { realized_loss = "90.00" }
        "#,
    );
    let collections = {
        let mut all = leasefall::collection::Collections::empty(
            leasefall::Currency::USD,
            leasefall::collection::Layout::leases(),
            2,
        );
        let column = |name| leasefall::collection::Layout::leases().column(name).unwrap();
        for (period, rent, loss) in [(0, "113.05", "10.00"), (1, "50.00", "0.00")] {
            all.row_mut(period)[column("rent")] = super::money(rent);
            all.row_mut(period)[column("realized_loss")] = super::money(loss);
        }
        all
    };
    let out = run(&deal, &collections);
    // 113.05 - 3.00 of fees - 10.05 of interest leaves 100.00 of principal: one date passed does not cure.
    assert_eq!(note(&out, 1, "A"), "500.00 5.05 10.05 0.00 100.00 400.00");
    assert_eq!((paid(&out, 1, "agent"), account(&out, 1, "reserve")), ("3.00".into(), "40.00".into()));
    assert_eq!(out.active(0), vec!["losses"]);
    // Passed twice, cured: 50.00 - 1.00 - 4.00 goes to the issuer.
    assert_eq!(note(&out, 2, "A"), "400.00 4.00 4.00 0.00 0.00 400.00");
    assert_eq!((paid(&out, 2, "issuer"), out.active(1)), ("45.00".into(), vec![]));
}

/// Closing on the 25th and dated the 10th: 45 days of 30/360 before the first date, 30 before the second.
#[test]
fn interest_runs_from_the_dated_date() {
    let deal = deal(
        r#"
        notes = [{ id = "A", original_balance = "1000.00", coupon = "0.12", day_count = "30/360", accrues_from = "2026-01-10", legal_final = "2026-03-25" }]
        accounts = [{ id = "collection" }]
        phases = [{ id = "normal", steps = [{ id = "interest", pay = "interest", notes = ["A"] }] }]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 20.00", "rent 20.00"]));
    assert_eq!(note(&out, 1, "A"), "1000.00 15.00 15.00 0.00 0.00 1000.00");
    assert_eq!(note(&out, 2, "A"), "1000.00 10.00 10.00 0.00 0.00 1000.00");
}
