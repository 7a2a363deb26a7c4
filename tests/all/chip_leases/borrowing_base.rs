//! A delayed-draw loan on chips: at most the lesser of contracted cash over a coverage and depreciated cost.

use super::{FLAT, cash, column, day, fleet, lease, one_generation, pool};
use crate::outcome::Outcome;
use crate::{fast, naive};
use leasefall::asset::ChipLease;
use leasefall::collection::{Collections, measure};
use leasefall::deal::Deal;
use leasefall::pool::Pool;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Monthly on the 15th, 1% a month on 30/360, drawn once more in April as the second fleet is delivered.
fn deal(original: u32, draw: u32) -> Deal {
    let text = format!(
        r#"
        name = "Delayed draw"
        currency = "USD"
        cut_off_date = "2025-12-31"
        closing_date = "2026-01-15"
        payments = {{ frequency = "monthly", first_date = "2026-02-15" }}
        opening_measures = {{ contracted_value = 910_000, book_value = 480_000 }}
        notes = [{{ id = "loan", kind = "variable_funding", original_balance = {original}, commitment = 2_000_000,
            draws = [{{ date = "2026-04-15", amount = {draw} }}], draw_account = "purchase", coupon = 0.12,
            day_count = "30/360", interest_on_shortfall = false, legal_final = "2028-01-15" }}]
        accounts = [{{ id = "collection" }}, {{ id = "purchase" }}, {{ id = "prepayment" }}]
        deposits = {{ sale_proceeds = "prepayment", recoveries = "prepayment" }}
        triggers = [{{ id = "deficiency", test = {{ kind = "ratio", numerator = "balance_open(loan)",
            denominator = "min(open(contracted_value) / 1.25, open(book_value))", above = 1 }} }}]
        [[phases]]
        id = "all"
        steps = [
            {{ id = "chips", pay = "payee", payee = "vendor", from = ["purchase"] }},
            {{ id = "expenses", pay = "expenses", from = ["collection", "prepayment"] }},
            {{ id = "interest", pay = "interest", notes = ["loan"], from = ["collection", "prepayment"] }},
            {{ id = "base", pay = "principal", notes = ["loan"], from = ["collection", "prepayment"],
                amount = "balance(loan) - min(contracted_value / 1.25, book_value)" }},
            {{ id = "prepayment", pay = "principal", notes = ["loan"], from = ["prepayment"] }},
            {{ id = "sweep", pay = "principal", notes = ["loan"], when = ["deficiency"] }},
            {{ id = "borrower", pay = "payee", payee = "borrower", from = ["collection", "prepayment"] }},
        ]
        "#
    );
    toml::from_str(&text).unwrap()
}

/// A fleet of 480,000 in service now, written off over four years, 10,000 a month, and let for 50,000 a month through 2026;
/// and its like, delivered in April and let for 30,000 for a year.
fn fleets(rents: [u32; 2]) -> Pool {
    let second = fleet("g", 100, "").replace("2025-12-31", "2026-04-01");
    let own = |id: &str, fleet: &str, rent: u32, from: &str, to: &str| ChipLease {
        cost_usd: Decimal::from(480_000),
        rent_usd_per_month: Some(Decimal::from(rent)),
        commencement: day(from),
        expiration: day(to),
        book_life_years: Some(Decimal::from(4)),
        ..lease(id, fleet)
    };
    let first = own("L", "f", rents[0], "2026-01-01", "2026-12-31");
    let second_lease = own("M", "g", rents[1], "2026-04-01", "2027-03-31");
    pool(vec![first, second_lease], one_generation(&(fleet("f", 100, "") + &second)))
}

/// Runs both waterfalls, which must agree.
fn run(deal: &Deal, collections: &Collections) -> Outcome {
    let slow = naive::run(deal, &naive::schedule(deal), collections);
    let fast = fast::run(deal, collections).expect("a valid deal");
    assert_eq!(slow, fast);
    assert_eq!(fast.sources, fast.uses);
    fast
}

/// Interest paid, principal paid and the balance after it, on a date counted from 1, in cents.
fn loan(outcome: &Outcome, date: usize) -> (i128, i128, i128) {
    let row = outcome.note(date - 1, "loan");
    (row.interest_paid, row.principal_paid, row.balance_close)
}

/// The base at each month's end, in thousands: contracted / 1.25, and the books, in which a fleet counts once delivered.
///
/// ```text
///            contracted            / 1.25   books        base
/// January    550 + 360 = 910       728      470          470
/// February   500 + 360 = 860       688      460          460
/// March      450 + 360 = 810       648      450 + 480    648    drawn 250
/// April      400 + 330 = 730       584      440 + 470    584
/// May        350 + 300 = 650       520      430 + 460    520
/// June       300 + 270 = 570       456      420 + 450    456
/// ```
#[test]
fn the_loan_is_drawn_paid_down_and_swept() {
    let collections = cash(&fleets([50_000, 30_000]), FLAT);
    assert_eq!(
        column(&collections, measure::CONTRACTED_VALUE)[..4],
        [91_000_000, 86_000_000, 81_000_000, 73_000_000]
    );
    assert_eq!(
        column(&collections, measure::BOOK_VALUE)[..4],
        [47_000_000, 46_000_000, 93_000_000, 91_000_000]
    );
    let found = run(&deal(450_000, 250_000), &collections);
    // Below the base: interest alone, and the rest of 50,000 is the borrower's.
    assert_eq!(loan(&found, 1), (450_000, 0, 45_000_000));
    assert_eq!(loan(&found, 2), (450_000, 0, 45_000_000));
    assert_eq!(found.payee(1, "borrower"), 2 * 4_550_000);
    // 450 + 250 is 52 above the base of 648, and 45.5 of rent is left: 6.5 are missing.
    assert_eq!(loan(&found, 3), (450_000, 4_550_000, 65_450_000));
    assert_eq!(found.payee(2, "vendor"), 25_000_000);
    // 80 less 6.545 of interest; 70.5 to the base of 584, and the rest is swept as the loan stood above its base.
    assert_eq!(loan(&found, 4), (654_500, 7_050_000 + 295_500, 58_104_500));
    assert!(found.periods[3].active.contains("deficiency"));
    assert_eq!(found.payee(3, "borrower"), 2 * 4_550_000, "nothing since February");
    // 5.810 45 of interest, 61.045 to the base of 520; the sweep is over and 13.144 55 is the borrower's.
    assert_eq!(loan(&found, 5), (581_045, 6_104_500, 52_000_000));
    assert_eq!(found.payee(4, "borrower"), 2 * 4_550_000 + 1_314_455);
    assert_eq!(loan(&found, 6), (520_000, 6_400_000, 45_600_000));
    // The last rent is that of March 2027.
    assert_eq!(loan(&found, 15).2, 0);
}

/// The tenant stops in July: nothing is contracted, so all that comes repays the loan. The first fleet is sold in
/// October for 71,175 a chip less a fifth and a twentieth, which pays four months' interest and the loan of 456,000.
#[test]
fn a_default_leaves_no_base() {
    let default = "[[events]]\nkind = \"tenant_default\"\ntenant = \"cloud\"\nat = 2026-07-01\n";
    let collections = cash(&fleets([50_000, 30_000]), &(default.to_owned() + FLAT));
    let found = run(&deal(450_000, 250_000), &collections);
    assert_eq!(loan(&found, 6), (520_000, 6_400_000, 45_600_000));
    for date in 7..10 {
        assert_eq!(loan(&found, date), (0, 0, 45_600_000));
    }
    assert_eq!(loan(&found, 10), (4 * 456_000, 45_600_000, 0));
}

proptest! {
    #![proptest_config(crate::random::config())]

    /// After each payment the loan is at most its borrowing base, or cash did not suffice: then nothing is left and
    /// nothing went to the borrower.
    #[test]
    fn the_loan_keeps_to_its_base(
        original in 0..1_500_000_u32, draw in 1..500_000_u32, rents in [0..80_000_u32, 0..80_000_u32],
        default in proptest::option::of(1..23_i32), change in -99..100_i64,
    ) {
        let mut text = FLAT.to_owned()
            + &format!("[[events]]\nkind = \"compute_price\"\nat = 2026-03-01\nchange = {}\n", Decimal::new(change, 2));
        if let Some(month) = default {
            let at = leasefall::time::add_months(day("2026-01-01"), month);
            text += &format!("[[events]]\nkind = \"tenant_default\"\ntenant = \"cloud\"\nat = {at}\nrecovery_rate = 0.3\n");
        }
        let collections = cash(&fleets(rents), &text);
        let found = run(&deal(original, draw), &collections);
        let contracted = column(&collections, measure::CONTRACTED_VALUE);
        let books = column(&collections, measure::BOOK_VALUE);
        let mut before = 0;
        for (period, row) in found.periods.iter().enumerate() {
            let balance = row.notes["loan"].balance_close;
            let to_borrower = found.payee(period, "borrower");
            // Twice five times the base: 2 x 5 x min(contracted x 4 / 5, books); the pay-down is rounded to the cent.
            let base = (i128::from(contracted[period]) * 8).min(i128::from(books[period]) * 10);
            if balance * 10 > base + 5 {
                prop_assert_eq!(to_borrower, before, "{}", period);
                prop_assert!(row.accounts.values().all(|&held| held == 0));
            }
            before = to_borrower;
        }
    }
}
