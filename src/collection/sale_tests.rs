//! Sites sold after their tenants fail, small enough to follow on paper. One site of 10,000 kW, market rent 100 a kW.

use super::tests::{DEFAULT, at, pool, run};
use super::*;
use proptest::prelude::*;

const HEADER: &str = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
const SALE: &str = "[[sales]]\nmonths_after_rejection = 18\n";

/// The tenant fails in January 2028 and nobody follows it.
fn left_empty() -> String {
    let (before, _) = DEFAULT.split_once("reletting").unwrap();
    format!("{before}reletting = {{ relet = false }}\n")
}

fn scripted(default: &str) -> String {
    format!("{SALE}{default}")
}

#[test]
fn a_site_is_sold_some_time_after_its_lease_is_rejected() {
    let pool = pool(&format!("{HEADER}\nL,t,s,1000,100,2023-01-01,2034-12-31"));
    let (sold, kept) = (run(&pool, &scripted(&left_empty()), 36), run(&pool, &left_empty(), 36));
    // Let, it earned 100,000 + half of 100 on 9,000 kW empty - 99,000 borne = 451,000 a month when it was appraised at 100m.
    // Empty, 500,000 - 110,000 = 390,000: 86,474,501.11, of which a fiftieth is cost.
    assert_eq!(at(&sold, measure::ASSET_VALUE, "2029-06"), "86474501.11");
    assert_eq!(at(&sold, source::SALE_PROCEEDS, "2029-07"), "84745011.09");
    assert_eq!(at(&sold, measure::ASSET_VALUE, "2029-07"), "0.00");
    for month in ["2028-01", "2029-01", "2029-06"] {
        for name in [source::RENT, source::RECOVERIES, measure::EXPENSES] {
            assert_eq!(at(&sold, name, month), at(&kept, name, month), "{name} {month}");
        }
    }
    // Its costs end with the month of the sale; the estate has paid in January 2029.
    assert_eq!(at(&sold, measure::EXPENSES, "2029-07"), "110000.00");
    assert_eq!(at(&sold, measure::EXPENSES, "2029-08"), "0.00");
    assert_eq!(at(&sold, source::RECOVERIES, "2029-01"), at(&kept, source::RECOVERIES, "2029-01"));
}

#[test]
fn one_let_again_is_sold_with_its_new_lease() {
    let pool = pool(&format!("{HEADER}\nL,t,s,1000,100,2023-01-01,2034-12-31"));
    let sold = run(&pool, &scripted(DEFAULT), 36);
    // Let again at 80,000 from July 2028, 81,600 a year later: 81,600 + 450,000 - 99,000 = 432,600 of 451,000, less 2%.
    assert_eq!(at(&sold, source::RENT, "2029-07"), "81600.00");
    assert_eq!(at(&sold, source::SALE_PROCEEDS, "2029-07"), "94001773.84");
    assert_eq!(at(&sold, source::RENT, "2029-08"), "0.00");
}

#[test]
fn a_site_with_a_lease_that_stands_is_kept() {
    let both = pool(&format!(
        "{HEADER}\nL,t,s,1000,100,2023-01-01,2034-12-31\nM,g,s,1000,100,2023-01-01,2034-12-31"
    ));
    assert_eq!(run(&both, &scripted(DEFAULT), 36), run(&both, DEFAULT, 36));
    // The last of the two to fail sets the clock.
    let later = DEFAULT.replace("\"t\"", "\"g\"").replace("2028-01-01", "2028-04-01");
    let sold = run(&both, &scripted(&format!("{DEFAULT}{later}")), 36);
    assert_eq!(at(&sold, source::SALE_PROCEEDS, "2029-07"), "0.00");
    assert_ne!(at(&sold, source::SALE_PROCEEDS, "2029-10"), "0.00");
}

#[test]
fn a_guarantor_s_failure_sets_the_clock() {
    let backed = pool(&format!("{HEADER}\nL,backed,s,1000,100,2023-01-01,2034-12-31"));
    let tenant = DEFAULT.replace("\"t\"", "\"backed\"");
    assert_eq!(run(&backed, &scripted(&tenant), 36), run(&backed, &tenant, 36));
    let guarantor = DEFAULT.replace("\"t\"", "\"g\"").replace("2028-01-01", "2028-06-01");
    let sold = run(&backed, &scripted(&format!("{tenant}{guarantor}")), 36);
    assert_ne!(at(&sold, source::SALE_PROCEEDS, "2029-12"), "0.00");
}

#[test]
fn leases_that_end_otherwise_sell_nothing() {
    // Expired and let again before the tenant fails; assumed in bankruptcy; ended early.
    let expired = pool(&format!("{HEADER}\nL,t,s,1000,100,2023-01-01,2027-06-30"));
    let left = format!("[[events]]\nkind = \"non_renewal\"\n{DEFAULT}");
    assert_eq!(run(&expired, &scripted(&left), 36), run(&expired, &left, 36));
    let stands = pool(&format!("{HEADER}\nL,t,s,1000,100,2023-01-01,2034-12-31"));
    let assumed = DEFAULT.replace("recovery_rate = 0.4", "outcome = \"assumed\"");
    assert_eq!(run(&stands, &scripted(&assumed), 36), run(&stands, &assumed, 36));
    let early = pool(&format!(
        "{HEADER},early_termination_date,termination_fee_months\nL,t,s,1000,100,2023-01-01,2031-12-31,2027-03-15,6"
    ));
    let ended = format!("[[events]]\nkind = \"early_termination\"\n{DEFAULT}");
    assert_eq!(run(&early, &scripted(&ended), 36), run(&early, &ended, 36));
    // A guarantor performs to the end, and fails after it.
    let backed = pool(&format!("{HEADER}\nL,backed,s,1000,100,2023-01-01,2028-12-31"));
    let tenant = DEFAULT.replace("\"t\"", "\"backed\"");
    let guarantor = DEFAULT.replace("\"t\"", "\"g\"").replace("2028-01-01", "2029-02-01");
    let performed = format!("{tenant}{guarantor}");
    let sale = "[[sales]]\nmonths_after_rejection = 3\n";
    assert_eq!(run(&backed, &format!("{sale}{performed}"), 36), run(&backed, &performed, 36));
    // One who stayed on at the market and then failed has given its space up.
    let stayed = run(&expired, &scripted(DEFAULT), 36);
    assert_ne!(at(&stayed, source::SALE_PROCEEDS, "2029-07"), "0.00");
}

#[test]
fn the_first_of_two_sales_is_the_sale() {
    let pool = pool(&format!("{HEADER}\nL,t,s,1000,100,2023-01-01,2034-12-31"));
    for (date, month) in [("2028-06-25", "2028-05"), ("2030-01-25", "2029-07")] {
        let script = format!("{SALE}[[sales]]\nat = \"{date}\"\n{DEFAULT}");
        let sold = run(&pool, &script, 40);
        let when = |month: &str| at(&sold, source::SALE_PROCEEDS, month);
        assert_ne!(when(month), "0.00");
        let column = sold.layout().column(source::SALE_PROCEEDS).unwrap();
        let sales = (0..sold.periods()).filter(|&period| !sold.row(period)[column].is_zero()).count();
        assert_eq!(sales, 1);
    }
}

proptest! {
    /// A sale that a rejection calls is the sale of that date, to the cent.
    #[test]
    fn a_rejection_s_sale_is_that_of_its_date(default in 1_u32..24, after in 0_u32..24, backed in any::<bool>()) {
        let tenant = if backed { "g" } else { "t" };
        let pool = pool(&format!("{HEADER}\nL,{tenant},s,1000,100,2023-01-01,2034-12-31"));
        let date = |months: u32| format!("{}-{:02}-01", 2027 + months / 12, months % 12 + 1);
        let event = DEFAULT.replace("\"t\"", &format!("\"{tenant}\"")).replace("2028-01-01", &date(default));
        let called = run(&pool, &format!("[[sales]]\nmonths_after_rejection = {after}\n{event}"), 60);
        // Collected in a month, paid on the 25th of the next.
        let at = date(default + after + 1);
        let dated = run(&pool, &format!("[[sales]]\nat = \"{at}\"\n{event}"), 60);
        prop_assert_eq!(called, dated);
    }
}
