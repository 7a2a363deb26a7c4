//! The pages of `system` and `compare-2008`: sound, the same bytes again, their figures those of the commands' JSON.

use super::page::{check, has_class, named, parsed, table, text};
use super::{leasefall, temporary};
use leasefall::study::system::{Network, Promises, System};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The page that a command writes.
pub fn written(arguments: &[&str]) -> String {
    let out = temporary("study").join("page.html");
    leasefall().args(arguments).arg("--out").arg(&out).assert().success().stdout("");
    let html = std::fs::read_to_string(&out).unwrap();
    std::fs::remove_dir_all(out.parent().unwrap()).unwrap();
    html
}

fn json(arguments: &[&str]) -> Value {
    let output = leasefall().args(arguments).args(["--format", "json"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The page of the system with all that can be asked for, made once for all tests.
pub fn system() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| written(&["system", "--sensitivities", "--paths", "24"]))
}

#[test]
fn the_system_has_a_sound_page() {
    check("system", system());
    let few = ["system", "--paths", "2", "--threads"];
    assert_eq!(written(&[&few[..], &["1"]].concat()), written(&[&few[..], &["3"]].concat()));
    let document = parsed(system());
    for caption in ["One assumption moved at a time", "What the outcomes assume", "Input files"] {
        assert!(!table(&document, caption).1.is_empty(), "{caption}");
    }
    // On so few paths none may fail together.
    assert_eq!(table(&document, "Failing together").0[0], "outcome");
}

/// Every promise is an arrow, letters of intent are dashed, and the arrows of rings lie on a band; every party is named.
#[test]
fn the_network_is_drawn_whole() {
    let html = written(&["system"]);
    let document = parsed(&html);
    let network = Network::open("fixtures/system/commitments-2026.toml").unwrap();
    let rings = network.rings(Promises::Binding).rings;
    let marked: BTreeSet<usize> = rings.into_iter().flat_map(|ring| ring.commitments).flatten().collect();
    assert!(!marked.is_empty());
    let figure = named(document.root(), "figure")
        .find(|figure| named(*figure, "h3").any(|h| text(h) == "The network of commitments"))
        .unwrap();
    let of_status = |word: &str| {
        let status = |promise: &&leasefall::study::system::Commitment| {
            serde_json::to_value(promise.status).unwrap().as_str() == Some(word)
        };
        network.commitments().iter().filter(status).count()
    };
    for svg in named(figure, "svg").filter(|svg| has_class(svg, "plot")) {
        let arcs: Vec<_> = named(svg, "path").filter(|path| has_class(path, "arc")).collect();
        assert_eq!(arcs.len(), network.commitments().len() + marked.len());
        let dashed = arcs.iter().filter(|arc| has_class(arc, "d1")).count();
        assert_eq!(dashed, of_status("letter_of_intent"));
        let dotted = arcs.iter().filter(|arc| has_class(arc, "d2")).count();
        assert_eq!(dotted, of_status("proposed") + of_status("lapsed"));
        assert_eq!(named(svg, "circle").count(), network.parties().len());
        let names: String = named(svg, "text").map(text).collect();
        for name in ["OpenAI", "Oracle", "Nvidia", "CoreWeave", "SoftBank"] {
            assert!(names.contains(name), "{name}");
        }
        // Widths are in proportion: 300 billion against 250.
        let mut widths: Vec<f64> = arcs
            .iter()
            .filter(|arc| !has_class(arc, "k-soft"))
            .map(|arc| arc.attribute("stroke-width").unwrap().parse().unwrap())
            .collect();
        widths.sort_by(|a, b| b.total_cmp(a));
        assert!((widths[1] / widths[0] - 250.0 / 300.0).abs() < 0.02, "{widths:?}");
    }
    let (_, rows) = table(&document, "Promises");
    assert_eq!(rows.len(), network.commitments().len());
}

/// The losses drawn are those that the command prints, and what is not paid adds up on both sides.
#[test]
fn the_systems_figures_are_the_commands() {
    let html = written(&["system"]);
    let document = parsed(&html);
    let printed = json(&["system"]);
    let mut compared = 0;
    for outcome in ["ai_fails", "ai_succeeds"] {
        let (head, rows) = table(&document, &format!("Holders in {outcome}"));
        let lines: Vec<&Value> = printed["lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["outcome"] == outcome && line["kind"] == "holder")
            .collect();
        assert_eq!(rows.len(), lines.len());
        for (row, line) in rows.iter().zip(lines) {
            for (column, key) in [
                ("first round", "first"),
                ("final", "total"),
                ("ring", "ring"),
                ("price impact", "price_impact"),
            ] {
                let place = head.iter().position(|name| name == column).unwrap();
                let shown = format!("{:.2}%", 100.0 * line[key].as_f64().unwrap());
                assert_eq!(row[place], if shown == "-0.00%" { "0.00%".to_owned() } else { shown });
                compared += 1;
            }
        }
    }
    assert!(compared >= 40, "{compared}");
    let system = System::open("fixtures/system").unwrap();
    let flows = system.network().flows(&system.run("ai_fails", &[]).unwrap());
    let sum = |of: fn(&leasefall::study::system::PartyFlow) -> leasefall::Money| -> leasefall::Money {
        flows.iter().map(of).sum()
    };
    assert_eq!(sum(|flow| flow.paid), sum(|flow| flow.received));
    assert_eq!(sum(|flow| flow.unpaid), sum(|flow| flow.missed));
    assert!(sum(|flow| flow.unpaid) > leasefall::Money::ZERO);
}

/// The page of a comparison with one deal, made once for all tests.
pub fn comparison() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| written(&["compare-2008", "fixtures/deals/aligned-2021-1", "--paths", "10"]))
}

#[test]
fn a_comparison_has_a_sound_page() {
    let html = comparison();
    check("compare-2008", html);
    let document = parsed(html);
    // Every deal is a row of each picture of structures, and slices are those of a whole.
    let (_, rows) = table(&document, "Share of the collateral by category");
    let deals: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(deals, ["gsamp-2006-nc2", "mezz-abs-cdo-2006", "aligned-2021-1"]);
    for row in &rows {
        let sum: f64 = row[1..].iter().map(|cell| cell.trim_end_matches('%').parse::<f64>().unwrap()).sum();
        // Seven shares, each rounded to a hundredth.
        assert!((sum - 100.0).abs() <= 7.0 * 0.005 + 1e-9, "{row:?}");
    }
    // GSAMP as published: class A is 79.35% of the pool, M-7 to M-9 are 3.45%.
    assert_eq!((rows[0][7].as_str(), rows[0][4].as_str()), ("79.35%", "3.45%"));
    for deal in deals {
        assert!(named(document.root(), "h3").any(|heading| text(heading) == deal), "{deal}");
    }
    let said = ["Like 2006", "Unlike 2006"]
        .map(|caption| named(document.root(), "caption").filter(|found| text(*found) == caption).count());
    assert!(said.iter().sum::<usize>() >= 1 && said.iter().all(|count| *count <= 1), "{said:?}");
    // The price of 57.29 that AAA of 06-2 fetched is drawn and in its table.
    assert!(table(&document, "(d) What followed: ABX.HE").1.iter().flatten().any(|cell| cell == "57.29"));
}
