//! The page's figures against the other commands', and the study behind it against the laws.

use super::page::{parsed, table};
use super::{deals, leasefall, page};
use leasefall::folder::Folder;
use leasefall::scenario::Draws;
use leasefall::study::overview::{LossHistogram, Overview, loss_curve};
use rust_decimal::Decimal;
use serde_json::Value;
use std::path::Path;

fn json(arguments: &[&str]) -> Value {
    let output = leasefall().args(arguments).args(["--format", "json"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Money of a table or of JSON.
fn money(text: &str) -> Decimal {
    text.replace(',', "").parse().unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

#[test]
fn cash_is_that_of_the_cashflows_to_the_cent() {
    for (deal, scenario) in [
        ("fixtures/deals/flexential-2021-1", "base"),
        ("fixtures/deals/flexential-2021-1", "tenant_default"),
        ("fixtures/deals/baseline-wf", "base"),
        ("fixtures/deals/beignet-2049", "base"),
    ] {
        let cash = json(&["cashflows", deal, "--scenario", scenario]);
        let html = page(Path::new(deal), &["--scenario", scenario]);
        let document = parsed(&html);
        let (paid_head, paid) = table(&document, "Paid by payment date");
        let (balance_head, balances) = table(&document, "Balances after each payment date");
        let mut lines = 0;
        for line in cash["notes"].as_array().unwrap() {
            let of = |key: &str| money(line[key].as_str().unwrap());
            let (note, period) = (line["note"].as_str().unwrap(), line["period"].as_u64().unwrap() as usize);
            let cell = |head: &[String], row: &[String], name: &str| {
                money(&row[head.iter().position(|column| column == name).unwrap()])
            };
            let row = &paid[period - 1];
            assert_eq!(row[0], line["payment_date"].as_str().unwrap());
            let interest = of("interest_paid") + of("post_ard_interest_paid") + of("make_whole_paid");
            assert_eq!(cell(&paid_head, row, &format!("{note} interest")), interest);
            assert_eq!(cell(&paid_head, row, &format!("{note} principal")), of("principal_paid"));
            // The first row is before the first payment date.
            assert_eq!(cell(&balance_head, &balances[period], note), of("balance_close"));
            assert_eq!(cell(&balance_head, &balances[period - 1], note), of("balance_open"));
            lines += 1;
        }
        assert_eq!(lines, paid.len() * (paid_head.len() - 1) / 2, "{deal}");
        let (years, by_year) = table(&document, "Principal paid by calendar year");
        let total: Decimal = by_year.iter().map(|row| money(row.last().unwrap())).sum();
        let all: Decimal = cash["notes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| money(line["principal_paid"].as_str().unwrap()))
            .sum();
        assert_eq!((total, years.last().unwrap().as_str()), (all, "all notes"));
    }
}

#[test]
fn prices_are_those_of_price() {
    let deal = "fixtures/deals/forty-tenants";
    let arguments = ["--paths", "500", "--seed", "3"];
    let price = json(&[&["price", deal], &arguments[..]].concat());
    let html = page(Path::new(deal), &arguments);
    let document = parsed(&html);
    let (head, rows) = table(&document, "Forty tenants (synthetic), scenario base");
    let (chance_head, chance) = table(&document, "Forty tenants (synthetic): 500 paths");
    let place = |head: &[String], name: &str| head.iter().position(|column| column == name).unwrap();
    for ((note, row), chance) in price["notes"].as_array().unwrap().iter().zip(&rows).zip(&chance) {
        let number = |key: &str| note[key].as_f64().unwrap();
        assert_eq!(row[place(&head, "price")], format!("{:.4}", number("price")));
        assert_eq!(row[place(&head, "yield")], format!("{:.3}%", 100.0 * number("yield")));
        assert_eq!(money(&row[place(&head, "balance")]), money(note["original_balance"].as_str().unwrap()));
        let (loss, error) = (number("expected_loss"), number("expected_loss_std_error"));
        let shown = format!("{:.3} +-{:.3}%", 100.0 * loss, 100.0 * error);
        assert_eq!(chance[place(&chance_head, "expected loss")], shown);
    }
}

#[test]
fn files_are_told_by_their_sha_256() {
    let deal = Path::new("fixtures/deals/forty-tenants");
    let html = page(deal, &[]);
    let (_, rows) = table(&parsed(&html), "Input files");
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let all = ["deal.toml", "leases.csv", "risk.toml", "sites.toml", "tenants.toml", "scenarios/base.toml"];
    assert_eq!(names, all);
    for row in &rows {
        assert_eq!(row[1], std::fs::metadata(deal.join(&row[0])).unwrap().len().to_string());
        assert!(row[2].len() == 64 && row[2].bytes().all(|byte| byte.is_ascii_hexdigit()));
        // A second method, where the system has one.
        if let Ok(output) = std::process::Command::new("sha256sum").arg(deal.join(&row[0])).output() {
            assert!(String::from_utf8(output.stdout).unwrap().starts_with(&row[2]), "{row:?}");
        }
    }
}

/// Law 6: what all notes lose together is what each loses.
#[test]
fn the_loss_of_all_notes_is_the_sum_of_each() {
    for name in ["forty-tenants", "baseline-wf", "compass-red-oak"] {
        let folder = Folder::open(format!("fixtures/deals/{name}")).unwrap();
        let block = folder.simulation("base", Draws::default()).unwrap().block(0..2_000).unwrap();
        let found = block.estimates().unwrap();
        let balances: Vec<f64> = (0..folder.deal().notes.len())
            .map(|note| folder.program().opening_balance(note).minor() as f64)
            .collect();
        let all: f64 = balances.iter().sum();
        let parts: f64 =
            found.notes.iter().zip(&balances).map(|(note, size)| note.expected_loss.value * size / all).sum();
        // Each path's figure is rounded to 2^-32.
        assert!(
            (found.expected_loss.value - parts).abs() < 1e-9,
            "{name}: {} {parts}",
            found.expected_loss.value
        );
        let histogram = LossHistogram::new(&found);
        let buckets: f64 = histogram.buckets.iter().map(|bucket| bucket.probability.value).sum();
        assert!((histogram.none.value + buckets - 1.0).abs() < 1e-9, "{name}");
        assert!(name != "forty-tenants" || buckets > 0.005, "{name}: nothing is lost");
        // A mean lies between those of the buckets' bounds.
        let bound = |at: fn(&leasefall::study::overview::LossBucket) -> f64| -> f64 {
            histogram.buckets.iter().map(|bucket| bucket.probability.value * at(bucket)).sum()
        };
        let mean = found.expected_loss.value;
        assert!(bound(|b| b.from) <= mean + 1e-9 && mean <= bound(|b| b.to) + 1e-9, "{name}");
        // Whoever loses with certainty less than the first note loses least often.
        let worst = found.notes.iter().map(|note| note.default_probability.value).fold(0.0, f64::max);
        assert!(buckets >= worst - 1e-9, "{name}: some note loses on {worst}, all together on {buckets}");
    }
}

/// The ratios shown are those that the waterfall acted on.
#[test]
fn a_ratio_below_its_level_is_a_breach() {
    let (mut compared, mut breached) = (0, 0);
    for (path, _) in deals() {
        let folder = Folder::open(&path).unwrap();
        for scenario in folder.scenario_names().unwrap() {
            let overview = Overview::new(&folder, &scenario).unwrap();
            let names = folder.program().triggers();
            for path in &overview.coverage {
                for (trigger, level) in &path.levels {
                    let index = names.iter().position(|name| name == trigger).unwrap();
                    let mut before = false;
                    for (period, value) in path.values.iter().enumerate() {
                        let active = overview.run.trigger_active(period, index);
                        if let Some(value) = *value {
                            let (worse, passes) = match level.below {
                                true => (value < level.breach * (1.0 - 1e-12), value > level.breach),
                                false => (value > level.breach * (1.0 + 1e-12), value < level.breach),
                            };
                            assert!(!worse || active, "{trigger} {period}: {value}");
                            assert!(!passes || before || !active, "{trigger} {period}: {value}");
                            compared += 1;
                            breached += usize::from(worse);
                        }
                        before = active;
                    }
                }
            }
        }
    }
    assert!(compared > 5_000 && breached > 50, "{compared} compared, {breached} breached");
}

/// No cut loses what the run without refinancing loses; to lose everything costs the notes nearly all.
#[test]
fn the_loss_curve_begins_and_ends_where_it_must() {
    let folder = Folder::open("fixtures/deals/flexential-2021-1").unwrap();
    let curve = loss_curve(&folder, "no_refinancing").unwrap().unwrap();
    assert_eq!(curve.points.len(), 101);
    let value = folder.value("no_refinancing").unwrap();
    for (note, loss) in value.notes.iter().zip(&curve.points[0].losses) {
        assert_eq!((note.principal_shortfall.is_zero(), *loss), (true, 0.0));
    }
    let last = &curve.points[100];
    assert!(last.cut == 1.0 && last.loss > 0.95 && last.loss <= 1.0, "{last:?}");
    assert!(last.losses.iter().all(|loss| (0.0..=1.0).contains(loss)), "{last:?}");
    let reports = Folder::open("fixtures/replay/valet-2005-1").unwrap();
    assert_eq!(loss_curve(&reports, "base").unwrap(), None);
}

/// A campus yet to be built is appraised as complete, 8 x 3,194 and 3,236 million: 27,294 million of notes on 28,788, the
/// cash that builds it not counted beside it.
#[test]
fn what_is_to_be_built_counts_once() {
    let html = page(Path::new("fixtures/deals/beignet-2049"), &[]);
    assert!(html.contains("<dt>Collateral and cash</dt><dd>USD 28,788,000,000</dd>"));
    assert!(html.contains("<dt>Notes over collateral</dt><dd>94.8%</dd>"));
}

/// Chips of 5.4bn are worth what they will earn; 3.5bn of notes are 64.8% of what they cost.
#[test]
fn chips_are_shown_at_cost_beside_their_value() {
    let html = page(Path::new("fixtures/deals/valor-compute-2026"), &[]);
    assert!(html.contains("<dt>Cost of the chips</dt><dd>USD 5,400,000,000</dd>"));
    assert!(html.contains("<dt>Notes over cost</dt><dd>64.8%</dd>"));
    assert!(!page(Path::new("fixtures/deals/beignet-2049"), &[]).contains("Cost of the chips"));
}
