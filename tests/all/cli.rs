//! The command line, as scripts see it: exit codes, both streams, and what JSON and CSV hold.

use crate::check::Temporary;
use assert_cmd::Command;
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Output, Stdio};

const FLEXENTIAL: &str = "fixtures/deals/flexential-2021-1";

fn leasefall(arguments: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("leasefall")).args(arguments).output().unwrap()
}

/// Standard output of a run that must succeed and say nothing else.
fn printed(arguments: &[&str]) -> String {
    let output = leasefall(arguments);
    let diagnostics = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), diagnostics.as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Standard error of a run that must fail and print nothing.
fn complaint(arguments: &[&str], code: i32) -> String {
    let output = leasefall(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "{arguments:?}");
    assert!(!said.trim().is_empty() && !said.contains("panicked"), "{arguments:?}: {said}");
    said
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(arguments)).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Money is a string of digits with the currency's decimals.
fn money(value: &Value) -> Decimal {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no string"));
    let amount: Decimal = text.parse().unwrap();
    assert_eq!((amount.scale(), amount.to_string().as_str()), (2, text));
    amount
}

#[test]
fn reconcile_says_what_ties_and_where_it_parts() {
    let folder = "fixtures/replay/valet-2023-2";
    let statement = "fixtures/replay/valet-2023-2/statement.csv";
    let ties = json(&["reconcile", folder, "--statement", statement, "--format", "json"]);
    assert_eq!((&ties["equal"], &ties["rounding"], &ties["off"]), (&10.into(), &0.into(), &0.into()));
    assert!(ties["first_parting"].is_null());
    let line = &ties["lines"][3];
    assert_eq!((&line["line"], &line["verdict"]), (&"paid(servicing_fee)".into(), &"equal".into()));
    assert_eq!(
        (money(&line["printed"]), money(&line["computed"])),
        (money(&line["computed"]), money(&line["printed"]))
    );

    let place = Temporary::new("planted");
    let text = std::fs::read_to_string(statement).unwrap();
    place.write("s.csv", text.replace("390722.44", "390722.45"));
    let file = place.path().join("s.csv");
    let arguments = |format| ["reconcile", folder, "--statement", self::text(&file), "--format", format];
    let output = leasefall(&arguments("json"));
    assert_eq!(output.status.code(), Some(1));
    let off: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&off["equal"], &off["off"]), (&9.into(), &1.into()));
    let parting = &off["first_parting"];
    assert_eq!((&parting["step"], &parting["period"]), (&"servicing_fee".into(), &1.into()));
    assert_eq!(parting["lines"], serde_json::json!(["paid(servicing_fee)"]));
    assert_eq!(
        (&parting["trace"][0]["to"], &parting["trace"][0]["paid"]),
        (&"servicer".into(), &"390722.44".into())
    );
    let table = leasefall(&arguments("table"));
    assert_eq!(table.status.code(), Some(1));
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("9 of 10 lines tie") && table.contains("at: servicing_fee."), "{table}");
    let csv = String::from_utf8(leasefall(&arguments("csv")).stdout).unwrap();
    assert_eq!(csv.lines().count(), 11);
    assert!(csv.contains("paid(servicing_fee),390722.45,390722.44,-0.01,off,servicing_fee"), "{csv}");

    let said = complaint(&["reconcile", folder, "--statement", "none.csv"], 1);
    assert!(said.contains("none.csv"), "{said}");
    complaint(&["reconcile", folder], 2);
}

#[test]
fn price_as_json_has_the_keys_that_programs_read() {
    let price = json(&["price", FLEXENTIAL, "--format", "json"]);
    for (key, value) in [("deal", "Flexential 2021-1"), ("scenario", "base"), ("as_of", "2021-11-30")] {
        assert_eq!(price[key], value);
    }
    let notes = price["notes"].as_array().unwrap();
    let ids: Vec<&str> = notes.iter().map(|note| note["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["A-1", "A-2", "2021-2-A-2", "B", "2021-2-B", "C"]);
    for note in notes {
        for key in ["coupon", "price", "yield", "z_spread_bp", "wal_years", "modified_duration"] {
            // A note that is not drawn at closing has no figure per 100 of balance; then it says why.
            let missing = note[key].is_null() && note["missing"].is_string() && note["id"] == "A-1";
            assert!(note[key].is_f64() || missing, "{key} of {}: {}", note["id"], note[key]);
        }
        for key in ["original_balance", "principal_paid", "principal_shortfall", "interest_shortfall"] {
            assert!(money(&note[key]) >= Decimal::ZERO, "{key}");
        }
    }
    assert_eq!(notes[1]["original_balance"], "1225000000.00");
    assert_eq!(notes[1]["coupon"], 0.0325);
    assert_eq!(notes[1]["principal_paid"], "1225000000.00");
    let cash = &price["conservation"];
    assert_eq!(cash["difference"], "0.00");
    assert_eq!(money(&cash["sources"]), money(&cash["uses"]));
    assert!(money(&cash["sources"]) > Decimal::ZERO);
}

#[test]
fn every_report_comes_in_every_format() {
    let folder = Temporary::new("deal");
    let deal = text(folder.path());
    let commands: [(&str, &[&str]); 5] = [
        ("price", &[]),
        ("cashflows", &[]),
        ("cashflows", &["--explain", "1"]),
        ("check", &[]),
        ("stress", &[]),
    ];
    for (name, options) in commands {
        let run = |format: &[&str]| printed(&[&[name, deal][..], options, format].concat());
        let plain = run(&[]);
        assert_eq!(plain, run(&["--format", "table"]));
        assert!(plain.ends_with('\n'));
        let json = run(&["--format", "json"]);
        assert!(json.ends_with("}\n") && serde_json::from_str::<Value>(&json).is_ok());
        assert_eq!(json, run(&["--format", "json"]), "not the same twice");
        for table in run(&["--format", "csv"]).split("\n\n") {
            let mut reader = csv::Reader::from_reader(table.as_bytes());
            let width = reader.headers().unwrap().len();
            let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            assert!(width > 1 && rows.iter().all(|row| row.len() == width), "{name}");
            assert!(!rows.is_empty() || name == "check", "{name}");
        }
    }
}

/// On every payment date, what sources paid in less what payees received is what the accounts gained.
#[test]
fn the_ledger_adds_up_to_the_cent() {
    let folder = Temporary::new("deal");
    let tiny = text(folder.path());
    for (deal, scenario) in
        [(tiny, "base"), (tiny, "stress"), (FLEXENTIAL, "base"), (FLEXENTIAL, "tenant_default")]
    {
        let report = json(&["cashflows", deal, "--scenario", scenario, "--format", "json"]);
        // Sources, payees and accounts of each date.
        let mut dates: BTreeMap<u64, [Decimal; 3]> = BTreeMap::new();
        for line in report["ledger"].as_array().unwrap() {
            let sums = dates.entry(line["period"].as_u64().unwrap()).or_default();
            let kind = ["source", "payee", "account"].iter().position(|kind| line["kind"] == *kind).unwrap();
            sums[kind] += money(&line["amount"]);
            assert!(kind != 2 || money(&line["amount"]) >= Decimal::ZERO);
        }
        assert!(!dates.is_empty() && dates.keys().copied().eq(1..=dates.len() as u64));
        let [mut held, mut sources, mut uses] = [Decimal::ZERO; 3];
        for (date, [paid_in, paid_out, after]) in dates {
            assert_eq!(paid_in - paid_out, after - held, "{deal}, {scenario}, payment date {date}");
            (held, sources, uses) = (after, sources + paid_in, uses + paid_out);
        }
        assert_eq!(sources, money(&report["conservation"]["sources"]));
        assert_eq!(uses + held, money(&report["conservation"]["uses"]));
        assert_eq!(report["conservation"]["difference"], "0.00");
        notes_add_up(&report);
    }
}

/// Each note's balance moves by what its line says, and the ledger paid it what its line says.
fn notes_add_up(report: &Value) {
    let mut paid: BTreeMap<(&str, u64), Decimal> = BTreeMap::new();
    for line in report["ledger"].as_array().unwrap().iter().filter(|line| line["kind"] == "payee") {
        let party = (line["name"].as_str().unwrap(), line["period"].as_u64().unwrap());
        *paid.entry(party).or_default() += money(&line["amount"]);
    }
    let mut closes: BTreeMap<&str, Decimal> = BTreeMap::new();
    for line in report["notes"].as_array().unwrap() {
        let of = |key: &str| money(&line[key]);
        let (note, period) = (line["note"].as_str().unwrap(), line["period"].as_u64().unwrap());
        let up = of("drawn") + of("interest_capitalized") + of("written_up");
        let down = of("principal_paid") + of("written_down");
        assert_eq!(of("balance_open") + up - down, of("balance_close"), "{note}, payment date {period}");
        assert_eq!(of("interest_due"), of("interest_paid") + of("interest_shortfall"));
        let interest = of("interest_paid") + of("post_ard_interest_paid") + of("make_whole_paid");
        assert_eq!(interest + of("principal_paid"), paid[&(note, period)], "{note}, payment date {period}");
        if let Some(before) = closes.insert(note, of("balance_close")) {
            assert_eq!(before, of("balance_open"));
        }
    }
}

#[test]
fn a_payment_date_is_explained() {
    let folder = Temporary::new("deal");
    let deal = text(folder.path());
    let report = json(&["cashflows", deal, "--explain", "1", "--format", "json"]);
    assert_eq!((&report["period"], &report["payment_date"]), (&Value::from(1), &Value::from("2026-04-27")));
    assert_eq!(report["phase"], "normal");
    let steps = report["steps"].as_array().unwrap();
    let interest = steps.iter().find(|step| step["step"] == "interest" && step["to"] == "A").unwrap();
    // 8,000,000 x 5% x 100/360, from 15 January to 25 April.
    for (key, value) in [("claim", "111111.11"), ("paid", "111111.11"), ("short", "0.00")] {
        assert_eq!(interest[key], value);
    }
    assert_eq!(interest["from"][0], serde_json::json!(["collection", "111111.11"]));
    for step in steps {
        let from: Decimal = step["from"].as_array().unwrap().iter().map(|part| money(&part[1])).sum();
        assert_eq!(from, money(&step["paid"]), "{step}");
    }
    let only = json(&["cashflows", deal, "--explain", "1", "--payee", "B", "--format", "json"]);
    let only = only["steps"].as_array().unwrap();
    assert!(!only.is_empty() && only.iter().all(|step| step["to"] == "B"));
    // Dates and payees that are not there.
    for date in ["0", "999"] {
        let said = complaint(&["cashflows", deal, "--explain", date], 1);
        assert!(said.contains("expected a payment date of the run"), "{said}");
    }
    let said = complaint(&["cashflows", deal, "--explain", "1", "--payee", "A-3"], 1);
    assert!(said.contains("`A-3`") && said.contains("A, B"), "{said}");
}

#[test]
fn schemas_are_the_committed_ones() {
    for file in ["deal", "sites", "tenants", "scenario", "risk", "chips", "commitments", "holders", "outcome"]
    {
        let schema = printed(&["schema", "--file", file]);
        assert_eq!(schema, std::fs::read_to_string(format!("docs/schema/{file}.json")).unwrap());
        assert!(serde_json::from_str::<Value>(&schema).unwrap()["$schema"].is_string());
    }
    assert_eq!(printed(&["schema"]), printed(&["schema", "--file", "deal"]));
}

#[test]
fn check_lists_every_problem_and_fails() {
    let folder = Temporary::new("deal");
    let deal = text(folder.path());
    assert!(printed(&["check", deal]).starts_with("Nothing is wrong."));
    assert_eq!(json(&["check", deal, "--format", "json"])["ok"], true);
    folder.write("sites.toml", "markets = []\nsite = []\n");
    folder.write("leases.csv", "lease_id\nL1\n");
    let output = leasefall(&["check", deal, "--format", "json"]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    let problems = report["problems"].as_array().unwrap();
    let files: Vec<&str> = problems.iter().map(|problem| problem["file"].as_str().unwrap()).collect();
    assert!(files.contains(&"sites.toml") && files.contains(&"leases.csv"), "{files:?}");
    for problem in problems {
        assert!(problem["line"].is_u64() && problem["found"].is_string() && problem["expected"].is_string());
    }
    // The other commands say the same on standard error.
    let said = complaint(&["price", deal], 1);
    assert_eq!(said.lines().count(), problems.len());
    assert!(said.contains("sites.toml:2: site: found the unknown field `site`"), "{said}");
    for command in ["cashflows", "stress"] {
        assert_eq!(complaint(&[command, deal, "--format", "json"], 1), said);
    }
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["prize", FLEXENTIAL][..],
        &["price"],
        &["price", FLEXENTIAL, "--format", "yaml"],
        &["price", FLEXENTIAL, "--scenari", "base"],
        &["price", FLEXENTIAL, FLEXENTIAL],
        &["cashflows", FLEXENTIAL, "--explain", "-1"],
        &["cashflows", FLEXENTIAL, "--explain", "first"],
        &["cashflows", FLEXENTIAL, "--payee", "A-2"],
        &["schema", "--file", "leases"],
        &[],
    ] {
        complaint(arguments, 2);
    }
    for arguments in [&["--help"][..], &["price", "--help"], &["--version"]] {
        assert!(printed(arguments).contains("leasefall"));
    }
}

#[test]
fn a_scenario_that_is_not_there() {
    for name in ["bse", "", "../deal", "a/b", ".hidden", "base.toml", "caf\u{e9}"] {
        for command in ["price", "cashflows", "stress"] {
            let said = complaint(&[command, FLEXENTIAL, "--scenario", name], 1);
            assert!(
                said.contains(&format!("`{name}`")) && said.contains("base, agency_haircuts_21"),
                "{said}"
            );
        }
    }
}

#[test]
fn paths_of_all_kinds() {
    let strange = Temporary::new("R\u{f6}k & S\u{f6}hne, \u{65e5}\u{672c} 2026-1 'x'");
    printed(&["price", text(strange.path())]);
    printed(&["check", &format!("{}/", text(strange.path()))]);
    let file = strange.path().join("deal.toml");
    let absent = strange.path().join("absent");
    for command in ["price", "cashflows", "check", "stress"] {
        let said = complaint(&[command, text(&file)], 1);
        assert!(said.contains("not a folder"), "{said}");
        let said = complaint(&[command, text(&absent)], 1);
        assert!(said.contains("no such file or folder"), "{said}");
    }
    // A folder that holds no deal: every file that is missing is named.
    let said = complaint(&["price", text(&strange.path().join("scenarios"))], 1);
    for name in ["deal.toml", "sites.toml", "tenants.toml", "leases.csv"] {
        assert!(said.contains(&format!("{name}: found no such file")), "{said}");
    }
}

/// As in `leasefall cashflows DEAL | head -1`.
#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("leasefall"))
        .args(["cashflows", FLEXENTIAL])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

/// Figures past all bounds are an error, not an answer.
#[test]
fn absurd_figures_are_said_to_be_so() {
    let folder = Temporary::new("deal");
    let deal = std::fs::read_to_string(folder.path().join("deal.toml")).unwrap();
    let deal = deal.replace("8_000_000.00", "9_999_999_999_999.99").replace("coupon = 0.05", "coupon = 1");
    folder.write("deal.toml", deal.replace("2036-01-25", "2125-01-25"));
    let said = complaint(&["price", text(folder.path())], 1);
    assert!(said.contains("64 bits"), "{said}");
}

/// `price --paths` adds what paths say to each note's line; shards merge into the bytes of the whole.
#[test]
fn paths_add_to_the_price_and_shards_merge() {
    let deal = "fixtures/deals/baseline-wf";
    let price =
        json(&["price", deal, "--paths", "256", "--seed", "9", "--sensitivities", "--format", "json"]);
    for note in price["notes"].as_array().unwrap() {
        for key in [
            "price",
            "expected_loss",
            "expected_loss_std_error",
            "default_probability",
            "default_probability_std_error",
            "interest_shortfall_probability",
            "value_at_risk_99",
            "expected_shortfall_99",
            "expected_wal_years",
        ] {
            assert!(note[key].is_number(), "{key}: {}", note[key]);
        }
        assert!(note["implied_rating"].is_string() && note["id"].is_string());
        // No repayment is anticipated in this deal.
        assert!(note["ard_missed_probability"].is_null());
    }
    assert_eq!((&price["simulation"]["paths"], &price["simulation"]["seed"]), (&256.into(), &9.into()));
    assert_eq!(price["simulation"]["measure"], "risk_neutral");
    // Six moves less that of chips.
    assert_eq!(price["sensitivities"].as_array().unwrap().len(), 5 * 3);

    let folder = Temporary::new("blocks");
    let file = |name: &str| folder.path().join(name);
    let (whole, first, second, merged) = (file("whole"), file("first"), file("second"), file("merged"));
    for (range, out) in [("256", &whole), ("0..100", &first), ("100..256", &second)] {
        printed(&["simulate", deal, "--paths", range, "--seed", "9", "--out", text(out)]);
    }
    let merge = ["merge", text(&second), text(&first), "--out", text(&merged), "--format", "json"];
    let report = json(&merge);
    assert_eq!(std::fs::read(&merged).unwrap(), std::fs::read(&whole).unwrap());
    assert_eq!(report["notes"][0]["expected_loss"], price["notes"][0]["expected_loss"]);
    assert!(complaint(&["merge", text(&first), text(&whole)], 1).contains("no other block holds"));
    assert!(complaint(&["price", deal, "--paths", "0"], 2).contains("no path"));
    // A copy without a risk model.
    let copied = folder.path().join("still");
    std::fs::create_dir(&copied).unwrap();
    for name in ["deal.toml", "tenants.toml", "loans.csv"] {
        std::fs::copy(std::path::Path::new("fixtures/deals/baseline-wf").join(name), copied.join(name))
            .unwrap();
    }
    assert!(complaint(&["price", text(&copied), "--paths", "9"], 1).contains("risk.toml"));
}

/// A note on which nothing is outstanding at closing has no price, neither as scripted nor along paths; the others have both.
#[test]
fn an_undrawn_note_has_no_price() {
    let deal = "fixtures/deals/flexential-2021-1";
    let arguments = ["price", deal, "--scenario", "no_refinancing", "--paths", "2", "--format", "json"];
    for note in json(&arguments)["notes"].as_array().unwrap() {
        for key in ["price", "expected_price"] {
            assert_eq!(note[key].is_null(), note["id"] == "A-1", "{} {key}: {}", note["id"], note[key]);
        }
    }
}

/// Beignet's guarantees in numbers: JSON has every exit with amounts as text.
#[test]
fn guarantees_are_told_by_exit() {
    let arguments = ["stress", "fixtures/deals/beignet-2049", "--scenario", "base", "--format", "json"];
    let report = json(&arguments);
    let exits = report["guarantees"].as_array().unwrap();
    assert_eq!(exits.len(), 4);
    assert_eq!(exits[0]["guaranteed"], "24549300000.00");
    assert_eq!(exits[0]["leases"], 9);
}
