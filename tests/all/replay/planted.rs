//! Errors planted in real statements and deals: each is found, and named at the step where it first shows.

use super::Scratch;
use leasefall::study::{Hint, Reconciliation, Verdict};

/// The first parting: date, step, and the lines that are off there.
fn first(found: &Reconciliation) -> (String, &str, Vec<&str>) {
    let parting = found.parting.as_ref().expect("something is off");
    let lines = parting.lines.iter().map(|&index| found.lines[index].line.as_str()).collect();
    (parting.payment_date.to_string(), parting.step.as_str(), lines)
}

fn off(found: &Reconciliation) -> usize {
    found.count(Verdict::Off)
}

#[test]
fn a_cent_on_one_class() {
    let planted = Scratch::of("valet-2005-1");
    planted.edit(
        "statement.csv",
        "2006-02-21,interest_paid(A-1),827825.48",
        "2006-02-21,interest_paid(A-1),827825.49",
    );
    let found = planted.reconciled("statement.csv");
    assert_eq!(off(&found), 1);
    assert_eq!(first(&found), ("2006-02-21".to_owned(), "interest", vec!["interest_paid(A-1)"]));
    let parting = found.parting.as_ref().unwrap();
    assert_eq!(found.lines[parting.lines[0]].difference.to_string(), "-0.01");
    // 213,288,672.52 x 4.3664% x 32 / 360 = 827,825.48
    let accrued = &parting.accruals[0];
    assert_eq!((accrued.balance.minor(), accrued.days), (21_328_867_252, 32));
    assert_eq!(accrued.interest.minor(), 82_782_548);
    let paid: Vec<(&str, i64)> = parting.trace.iter().map(|l| (l.to.as_str(), l.paid.minor())).collect();
    assert_eq!(paid[0], ("A-1", 82_782_548));
    assert_eq!(paid.len(), 4);
}

#[test]
fn a_swapped_class() {
    let planted = Scratch::of("valet-2005-1");
    planted.edit(
        "statement.csv",
        "2005-12-20,interest_paid(A-2),1286560.00",
        "2005-12-20,interest_paid(A-2),1972000.00",
    );
    planted.edit(
        "statement.csv",
        "2005-12-20,interest_paid(A-3),1972000.00",
        "2005-12-20,interest_paid(A-3),1286560.00",
    );
    let found = planted.reconciled("statement.csv");
    assert_eq!(off(&found), 2);
    let lines = vec!["interest_paid(A-2)", "interest_paid(A-3)"];
    assert_eq!(first(&found), ("2005-12-20".to_owned(), "interest", lines));
    let hint = &found.lines.iter().find(|line| line.verdict == Verdict::Off).unwrap().hint;
    assert_eq!(*hint, Some(Hint::Line("interest_paid(A-3)".to_owned())));
}

/// The deal pays principal to A-2 before A-1.
#[test]
fn a_swapped_class_in_the_deal() {
    let planted = Scratch::of("valt-2005-a");
    planted.edit(
        "deal.toml",
        r#"notes = ["A-1", "A-2", "A-3", "A-4", "certificates"]"#,
        r#"notes = ["A-2", "A-1", "A-3", "A-4", "certificates"]"#,
    );
    let found = planted.reconciled("statement.csv");
    assert_eq!(first(&found), ("2005-03-21".to_owned(), "regular_principal", vec!["balance_close(A-1)"]));
    let trace = &found.parting.as_ref().unwrap().trace;
    assert_eq!((trace[0].to.as_str(), trace[0].paid.minor()), ("A-2", 7_424_477_711));
}

#[test]
fn a_wrong_day_count() {
    let planted = Scratch::of("valet-2005-1");
    planted.edit("deal.toml", r#"day_count = "act/360""#, r#"day_count = "30/360""#);
    let found = planted.reconciled("statement.csv");
    // The first period has 34 days either way; the second has 31, and 30 of 30/360.
    let lines = vec!["interest_paid(A-1)", "interest_paid()"];
    assert_eq!(first(&found), ("2006-01-20".to_owned(), "interest", lines));
    let line = found.lines.iter().find(|line| line.verdict == Verdict::Off).unwrap();
    assert_eq!(line.hint, Some(Hint::Days { printed: 31, computed: 30 }));
}

/// The fee is left out of the deal: the first line that is off is the fee's own, by whatever it is named.
#[test]
fn a_missing_fee() {
    let without = |statement_line: &str| {
        let planted = Scratch::of("valet-2023-2");
        let step = "[[phases.steps]]\nid = \"servicing_fee\"\npay = \"fees\"\nfees = [\"servicing_fee\"]\n";
        planted.edit("deal.toml", step, "");
        planted.edit(
            "deal.toml",
            "[[fees]]\nid = \"servicing_fee\"\npayee = \"servicer\"\namount = \"0.01 / 12 * open(net_pool_balance)\"\n",
            "",
        );
        planted.edit("statement.csv", "paid(servicing_fee)", statement_line);
        planted.reconciled("statement.csv")
    };
    let found = without("paid(servicing_fee)");
    assert_eq!(off(&found), 2);
    let (_, step, lines) = first(&found);
    assert_eq!((step, lines), ("no step `servicing_fee` in the deal", vec!["paid(servicing_fee)"]));
    // The seller has the fee: 1,928,338.87 + 390,722.44.
    assert_eq!(found.lines[9].computed.to_string(), "2319061.31");
    let found = without("payee(fee_agent)");
    assert_eq!(first(&found).1, "no step pays `fee_agent`");
    // Without a line of its own, it shows where the cash went.
    let found = without("paid(advance_reimbursement) - 0.00 + 390722.44");
    assert_eq!((off(&found), first(&found).1), (1, "remaining_to_seller"));
}

/// A wrong balance at the start shows in the interest of the first date, and goes on from there.
#[test]
fn a_wrong_opening_balance() {
    let planted = Scratch::of("valt-2005-a-2006");
    planted.edit("deal.toml", "335_660_250.37", "335_660_350.37");
    let found = planted.reconciled("statement.csv");
    // 100.00 x 3.52% / 12 = 0.29
    assert_eq!(first(&found), ("2006-02-21".to_owned(), "interest", vec!["interest_paid(A-2)"]));
    assert_eq!(found.lines[found.parting.as_ref().unwrap().lines[0]].difference.to_string(), "0.29");
    // The balance itself is printed too: there it shows before any step.
    let balances = planted.reconciled("balances.csv");
    assert_eq!(first(&balances), ("2006-02-21".to_owned(), "brought forward", vec!["balance_open(A-2)"]));
}
