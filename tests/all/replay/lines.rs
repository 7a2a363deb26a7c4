//! What the files of a replay may say, and what is refused with its line.

use super::{Scratch, fixture_path};
use leasefall::folder::Folder;
use leasefall::study::{Statement, reconcile};
use leasefall::{Error, Money};

const DEAL: &str = r#"name = "Lines"
currency = "USD"
cut_off_date = 2025-12-31
closing_date = 2026-01-15
payments = { frequency = "monthly", first_date = 2026-02-15, business_day = "following", calendar = "us_bank" }
reported = { sources = ["cash"], measures = ["pool"] }
notes = [{ id = "A", original_balance = 1_000_000, coupon = 0.12, day_count = "30/360", legal_final = 2028-02-15 }]
accounts = [{ id = "collection" }]
phases = [{ id = "normal", steps = [
    { id = "interest", pay = "interest", notes = ["A"] },
    { id = "principal", pay = "principal", notes = ["A"] },
] }]
"#;

fn reported(lines: &str) -> Scratch {
    let collections = format!("payment_date,item,value\n{lines}");
    Scratch::new(&[("deal.toml", DEAL), ("collections.csv", &collections)])
}

#[test]
fn every_mistake_of_the_reports_is_named_at_once() {
    let lines = "2026-02-15,cash,1.00\n\
                 2026-02-16,cash,1.00\n\
                 2026-02-17,cash,2.00\n\
                 2026-02-17,pol,1.00\n\
                 2026-02-17,pool,1.005\n\
                 2026-04-15,cash,-1.00\n\
                 2026-04-15,fixing(libor),0.05\n\
                 2026-04-15,days(B),30\n\
                 2026-04-15,days(A),30.5\n";
    let mistakes = reported(lines).mistakes();
    let expected = [
        "collections.csv: payment_date: found no line for 2026-03-16, expected at least one for each payment date up to the last report",
        "collections.csv:3: payment_date: found 2026-02-16, expected a payment date, such as 2026-03-16 (2026-03-15)",
        "collections.csv:4: item: found `cash` of 2026-02-17 again, expected each item once a payment date",
        "collections.csv:5: item: found `pol`, expected one of cash, pool, fixing(CURVE) or days(NOTE)",
        "collections.csv:6: value: found 1.005, expected an amount of at most 2 decimals and ten trillion in size",
        "collections.csv:7: value: found -1.00, expected an amount not below zero, of at most 2 decimals and ten trillion in size",
        "collections.csv:8: item: found `libor`, expected the id of a curve; the deal has none",
        "collections.csv:9: item: found `B`, expected the id of a note: A",
        "collections.csv:10: value: found 30.5, expected a whole number of days, up to 36600",
    ];
    assert_eq!(mistakes.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn names_are_words_for_one_thing() {
    let named = |names: &str| {
        let deal = DEAL.replace(r#"{ sources = ["cash"], measures = ["pool"] }"#, names);
        Scratch::new(&[
            ("deal.toml", &deal),
            ("collections.csv", "payment_date,item,value\n2026-02-15,cash,1\n"),
        ])
        .mistakes()
    };
    let word = "expected a word of letters, digits and underscores that formulas do not use";
    assert_eq!(
        named(r#"{ sources = ["cash", "max"], measures = ["a b", "cash"] }"#),
        format!(
            "deal.toml:6: reported.measures[0]: found `a b`, {word}\n\
             deal.toml:6: reported.measures[1]: found `cash` again, expected each name once\n\
             deal.toml:6: reported.sources[1]: found `max`, {word}"
        )
    );
}

#[test]
fn openings_are_checked() {
    let opened = |opening: &str| {
        let deal = format!("{DEAL}[opening]\n{opening}\n");
        Scratch::new(&[
            ("deal.toml", &deal),
            ("collections.csv", "payment_date,item,value\n2026-03-15,cash,1\n"),
        ])
        .mistakes()
    };
    assert_eq!(opened("date = 2026-02-17\nnotes = [{ id = \"A\", balance = 5 }]"), "");
    assert_eq!(
        opened("date = 2026-02-18"),
        "deal.toml:14: opening.date: found 2026-02-18, expected a payment date of the deal before its last"
    );
    let mistakes = opened(
        "date = 2026-02-15\nnotes = [{ id = \"A\", balance = 5, principal_shortfall = 6 }, { id = \"B\", balance = -1 }]\n\
         accounts = { trap = 1 }\nfees = { agent = 1 }\nactive = [\"low\"]\ntotals = { loss = 1 }",
    );
    for field in [
        "opening.notes[0].principal_shortfall",
        "opening.notes[1].id",
        "opening.notes[1].balance",
        "opening.accounts.trap",
        "opening.fees.agent",
        "opening.active[0]",
        "opening.totals.loss",
    ] {
        assert!(mistakes.contains(&format!(": {field}: ")), "{field} in\n{mistakes}");
    }
}

#[test]
fn every_mistake_of_a_statement_is_named_at_once() {
    let folder = reported("2026-02-15,cash,20000.00\n");
    folder.write(
        "s.csv",
        "payment_date,line,printed\n\
         2026-02-18,interest_paid(A),1\n\
         2026-02-15,interest_paid(B),1\n\
         2026-02-15,interest_paid(A,1\n",
    );
    let open = Folder::open(folder.path()).unwrap();
    folder.write(
        "t.csv",
        "payment_date,line,printed\n\
         2026-02-18,interest_paid(A),1\n\
         2026-02-15,interest_paid(B),1\n\
         2026-02-15,interest(A),1\n\
         2026-02-15,interest_paid(A) * pool,1\n\
         2026-02-15,account(reserve),1\n",
    );
    let error = reconcile(&open, &Statement::open(folder.path().join("t.csv")).unwrap()).unwrap_err();
    let text = error.to_string();
    let starts = [
        "t.csv:2: payment_date: found 2026-02-18, expected a payment date of the run, 2026-02-17 to 2026-02-17",
        "t.csv:3: line: found `B`, expected the id of a note: A",
        "t.csv:4: line: found `interest`, expected one of balance_open, ",
        "t.csv:5: line: found `interest_paid(A) * pool` with `*` at character 18, expected a constant on one side of `*`",
        "t.csv:6: line: found `reserve`, expected the id of an account: collection",
    ];
    assert_eq!(text.lines().count(), starts.len(), "{text}");
    for (line, start) in text.lines().zip(starts) {
        assert!(line.starts_with(start), "{line}\n{start}");
    }
    let missing = Statement::open(folder.path().join("none.csv")).unwrap_err();
    assert!(matches!(missing, Error::Unreadable { .. }));
}

/// Interest for the days of the report, whatever the calendar says: 1,000,000.00 x 12% x 33 / 360.
#[test]
fn reported_days_count() {
    let folder = reported("2026-02-17,cash,20000.00\n2026-02-17,days(A),33\n");
    let open = Folder::open(folder.path()).unwrap();
    assert_eq!(open.run("base").unwrap().row(0, 0).interest_paid, Money::from_minor(1_100_000));
}

#[test]
fn a_folder_of_reports_is_not_priced_while_notes_are_outstanding() {
    let open = Folder::open(fixture_path("valt-2005-a")).unwrap();
    let error = open.value("base").unwrap_err().to_string();
    assert!(error.starts_with("leases.csv: found no tape"), "{error}");
    assert!(open.scenario("base").is_err() && open.run("stress").is_err());
}
