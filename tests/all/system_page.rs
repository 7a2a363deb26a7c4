//! The tables of docs/system.md are what the command gives. `LEASEFALL_BLESS=1` writes them anew: read the difference.

use leasefall::report::{SystemLine, SystemReport};
use leasefall::study::system::System;
use std::fs;

const PAGE: &str = "docs/system.md";

fn percent(share: f64) -> String {
    let text = format!("{:.1}%", 100.0 * share);
    if text == "-0.0%" { "0.0%".to_owned() } else { text }
}

fn billions(amount: f64) -> String {
    let text = format!("{:.0}", amount / 1e9);
    if text == "-0" { "0".to_owned() } else { text }
}

/// First, final and the ways that show in a tenth of a per cent.
fn cells(line: &SystemLine) -> String {
    let ways = [
        ("itself", line.direct),
        ("ring", line.ring),
        ("households", line.households),
        ("price impact", line.price_impact),
    ];
    let shown: Vec<String> = ways
        .iter()
        .map(|(way, share)| (way, percent(*share)))
        .filter(|(_, text)| text != "0.0%")
        .map(|(way, text)| format!("{way} {text}"))
        .collect();
    let ways = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
    format!("{} | {} | {ways}", percent(line.first), percent(line.total))
}

fn losses(report: &SystemReport) -> String {
    let of =
        |outcome: &str| report.lines.iter().filter(move |line| line.outcome == outcome).collect::<Vec<_>>();
    let mut text = String::from(
        "| note or holder | `ai_fails` first | final | of which | `ai_succeeds` first | final | of which |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (fails, succeeds) in of("ai_fails").into_iter().zip(of("ai_succeeds")) {
        let name = format!("{} {}", fails.deal, fails.name);
        text += &format!("| {} | {} | {} |\n", name.trim(), cells(fails), cells(succeeds));
    }
    text
}

fn sensitivities(report: &SystemReport) -> String {
    let of = |outcome: &str| {
        report.sensitivities.iter().filter(move |line| line.outcome == outcome).collect::<Vec<_>>()
    };
    let mut text = String::from(
        "| assumption | `ai_fails`: defaults | unpaid, bn | notes lose | holders lose, bn | price impact, bn \
         | `ai_succeeds`: notes lose | holders lose, bn | households, bn | price impact, bn |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (fails, succeeds) in of("ai_fails").into_iter().zip(of("ai_succeeds")) {
        let (unpaid, lost, sold) =
            (billions(fails.unpaid), billions(fails.holders), billions(fails.price_impact));
        text += &format!(
            "| {} | {} | {unpaid} | {} | {lost} | {sold} | {} | {} | {} | {} |\n",
            fails.assumption,
            fails.defaults,
            percent(fails.notes),
            percent(succeeds.notes),
            billions(succeeds.holders),
            billions(succeeds.households),
            billions(succeeds.price_impact),
        );
    }
    text
}

#[test]
fn the_tables_of_the_page_are_what_the_command_gives() {
    let report = SystemReport::new(&System::open("fixtures/system").unwrap(), true).unwrap();
    let mut page = fs::read_to_string(PAGE).unwrap();
    let bless = std::env::var_os("LEASEFALL_BLESS").is_some();
    for table in [losses(&report), sensitivities(&report)] {
        let (head, _) = table.split_once('\n').unwrap();
        let start = page.find(head).unwrap_or_else(|| panic!("no table that starts {head}"));
        let end = start + page[start..].find("\n\n").unwrap() + 1;
        if bless {
            page.replace_range(start..end, &table);
        } else {
            for (shown, given) in page[start..end].lines().zip(table.lines()) {
                assert_eq!(shown, given);
            }
            assert_eq!(page[start..end].len(), table.len());
        }
    }
    if bless {
        fs::write(PAGE, page).unwrap();
    }
}
