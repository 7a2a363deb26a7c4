//! Folders of loans: which files are needed, and where their mistakes stand.

use super::folder::Temporary;
use leasefall::collection::Layout;
use leasefall::folder::Folder;

const LOANS: &str = "\
# two loans
loan_id,obligor,balance,rate,payment_frequency,payments_remaining
A1,bank,1000000,0.06,monthly,120
A2,cloud,250000.50,0.055,quarterly,40
";

const DEAL: &str = r#"
name = "Loans"
currency = "USD"
cut_off_date = 2026-12-31
closing_date = 2026-12-31
payments = { frequency = "monthly", first_date = 2027-02-25 }
[[notes]]
id = "A"
original_balance = 1_000_000
coupon = 0.05
day_count = "30/360"
legal_final = 2037-01-25
[[accounts]]
id = "collection"
[[phases]]
id = "normal"
[[phases.steps]]
id = "interest"
pay = "interest"
notes = ["A"]
[[phases.steps]]
id = "principal"
pay = "principal"
notes = ["A"]
amount = "collections(principal, recoveries) + realized_loss"
[[phases.steps]]
id = "residual"
pay = "payee"
payee = "issuer"
"#;

/// A sound folder of loans alone.
fn folder() -> Temporary {
    let folder = Temporary::new("loans");
    for file in ["sites.toml", "leases.csv", "scenarios/stress.toml"] {
        folder.remove(file);
    }
    folder.write("deal.toml", DEAL);
    folder.write("loans.csv", LOANS);
    folder
}

#[test]
fn loans_need_neither_sites_nor_leases() {
    let folder = folder();
    assert_eq!(folder.problems(), []);
    let opened = Folder::open(folder.path()).unwrap();
    assert_eq!(opened.program().layout(), &Layout::loans());
    let run = opened.run("base").unwrap();
    assert!(run.conservation(opened.program()).difference.is_zero());
}

#[test]
fn leases_beside_loans_need_both_of_their_files() {
    let folder = folder();
    folder.write("leases.csv", super::folder::LEASES);
    let places: Vec<String> = folder.places().into_iter().collect();
    assert_eq!(places, ["sites.toml:0: "]);
    folder.write("sites.toml", super::folder::SITES);
    assert_eq!(folder.problems(), []);
    let opened = Folder::open(folder.path()).unwrap();
    assert_eq!(opened.program().layout(), &Layout::leases_and_loans());
    assert!(opened.run("base").unwrap().conservation(opened.program()).difference.is_zero());
    folder.remove("leases.csv");
    assert_eq!(folder.places().into_iter().collect::<Vec<_>>(), ["leases.csv:0: "]);
}

#[test]
fn mistakes_of_loans_have_lines() {
    let folder = folder();
    folder.write("loans.csv", LOANS.replace("A2,cloud", "A1,nobody").replace("0.055", "5.5"));
    // A deal on loans alone has no rent to name.
    folder.write("deal.toml", DEAL.replace("collections(principal", "collections(rent"));
    let places: Vec<String> = folder.places().into_iter().collect();
    let expected = ["loans.csv:4: loan_id", "loans.csv:4: obligor", "loans.csv:4: rate"];
    assert_eq!(places[1..], expected, "{places:?}");
    assert!(places[0].starts_with("deal.toml:25: "), "{places:?}");
    folder.write("loans.csv", LOANS.lines().take(2).collect::<Vec<_>>().join("\n"));
    assert!(folder.problems().iter().any(|problem| problem.found == "no loan"));
}
