//! Redemption, premiums, legal final.

use super::{account, arriving, deal, money, note, paid, run, text};
use leasefall::collection::Refinancing;

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

    // The call stands even if a refinancing of that date would be too small.
    let mut small = arriving(&deal, &["rent 915.00", "rent 16.00", "rent 20.00", "rent 100.00"]);
    small.set_refinancing(Some(Refinancing { period: 2, limit: money("45.89") }));
    assert_eq!(run(&deal, &small), out);
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

#[test]
fn make_whole_on_what_is_prepaid_and_once() {
    let deal = deal(
        r#"
        [[notes]]
        id = "A"
        original_balance = "1000.00"
        coupon = "0.12"
        day_count = "30/360"
        legal_final = "2026-06-25"
        amortization = { kind = "percent", per_year = "1.2", from = "2026-03-25" }
        make_whole = { until = "2026-05-25", reinvestment_rate = "0" }
        [[accounts]]
        id = "collection"
        [[fees]]
        id = "servicer"
        rate = "0.006"
        of = "50.00"
        [[phases]]
        id = "normal"
        steps = [
            { id = "fees", pay = "fees", fees = ["servicer"] },
            { id = "interest", pay = "interest", notes = ["A"] },
            { id = "scheduled", pay = "scheduled_principal", notes = ["A"] },
            { id = "prepay", pay = "principal", notes = ["A"], amount = "301.50" },
            { id = "premium", pay = "make_whole", notes = ["A"] },
            { id = "again", pay = "make_whole", notes = ["A"] },
        ]
        "#,
    );
    let out = run(&deal, &arriving(&deal, &["rent 400.00", "rent 500.00", "", "", ""]));
    // The fee is 0.05% of 50.00: 2.5 cents, half-even 2. Three dates are left, 1% on each: 3% of 301.50 is
    // 9.045, half-even 9.04. The second premium step finds it paid: 400.00 - 0.02 - 10.00 - 301.50 - 9.04.
    assert_eq!(paid(&out, 1, "servicer"), "0.02");
    assert_eq!(note(&out, 1, "A"), "1000.00 10.00 10.00 0.00 301.50 698.50");
    assert_eq!(text(out.note(0, "A").make_whole_paid), "9.04");
    assert_eq!(account(&out, 1, "collection"), "79.44");
    // Interest 1% of 698.50 = 6.985, half-even 6.98. A tenth of 1,000.00 falls due, from this date on, and
    // bears no premium: 2% of the other 301.50 is 6.03.
    assert_eq!(note(&out, 2, "A"), "698.50 6.98 6.98 0.00 401.50 297.00");
    assert_eq!(text(out.note(1, "A").make_whole_paid), "6.03");
}
