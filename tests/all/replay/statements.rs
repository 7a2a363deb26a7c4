//! Every line that the real statements print ties to the cent, and so does every example of the page.

use super::{Scratch, fixture_path, reconciled};
use leasefall::Money;
use leasefall::folder::Folder;
use leasefall::study::Verdict;
use std::collections::BTreeMap;

/// Fixture, file, lines, and how many of them tie only within the sheet's own rounding.
const STATEMENTS: [(&str, &str, usize, usize); 14] = [
    // Volkswagen Auto Loan Enhanced Trust 2005-1: the 48 checks of its eight months from closing are four
    // interests, their total and the current class's balance a month.
    ("valet-2005-1", "statement.csv", 48, 0),
    ("valet-2005-1", "balances.csv", 90, 0),
    ("valet-2005-1-2007-02", "statement.csv", 4, 0),
    ("valet-2005-1-2007-02", "balances.csv", 6, 0),
    ("valet-2005-1-2008-08", "statement.csv", 1, 0),
    ("valet-2005-1-2008-08", "balances.csv", 3, 0),
    // Volkswagen Auto Lease Trust 2005-A: 30 checks of 2005 and 43 of 2006 make 73. Three printed totals
    // of 2005 are a cent below their parts: the sheet rounds the sum of unrounded interest.
    ("valt-2005-a", "statement.csv", 30, 3),
    ("valt-2005-a", "balances.csv", 55, 0),
    ("valt-2005-a-2006", "statement.csv", 43, 0),
    ("valt-2005-a-2006", "balances.csv", 90, 0),
    ("triad-format-2006", "statement.csv", 21, 0),
    ("valet-2023-2", "statement.csv", 10, 0),
    ("airplanes-2004-12", "statement.csv", 9, 0),
    ("airplanes-2005-04", "statement.csv", 5, 0),
];

#[test]
fn every_printed_line_ties() {
    for (fixture, file, lines, rounding) in STATEMENTS {
        let found = reconciled(&fixture_path(fixture), file);
        let off: Vec<_> = found.lines.iter().filter(|line| line.verdict == Verdict::Off).collect();
        assert!(off.is_empty() && found.ties(), "{fixture}/{file}: {off:#?}");
        assert_eq!(found.lines.len(), lines, "{fixture}/{file}");
        assert_eq!(found.count(Verdict::Rounding), rounding, "{fixture}/{file}");
    }
}

#[test]
fn every_fixture_is_checked_and_conserves_cash() {
    let mut checked: Vec<String> = STATEMENTS.iter().map(|(fixture, ..)| (*fixture).to_owned()).collect();
    checked.dedup();
    checked.sort();
    let folders = std::fs::read_dir(fixture_path("")).unwrap();
    let mut found: Vec<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, checked);
    for fixture in found {
        assert!(Folder::check(fixture_path(&fixture)).unwrap().is_empty(), "{fixture}");
        let folder = Folder::open(fixture_path(&fixture)).unwrap();
        let run = folder.run("base").unwrap();
        assert_eq!(run.conservation(folder.program()).difference, Money::ZERO, "{fixture}");
        // A run of reports ends with them.
        assert_eq!(run.periods(), folder.reports().unwrap().collections().periods(), "{fixture}");
    }
}

/// The sheet's total of March 2005 is a cent below its parts, and is shown so.
#[test]
fn a_sheet_s_own_rounding_is_shown() {
    let found = reconciled(&fixture_path("valt-2005-a"), "statement.csv");
    let within: Vec<_> = found.lines.iter().filter(|line| line.verdict == Verdict::Rounding).collect();
    let march = within.iter().find(|line| line.payment_date.to_string() == "2005-04-20").unwrap();
    let figures = [march.printed, march.computed, march.difference].map(|figure| figure.to_string());
    assert_eq!(figures, ["4206586.95", "4206586.96", "0.01"]);
    assert_eq!(march.line, "interest_paid()");
    // Without the allowance it is off.
    let strict = Scratch::of("valt-2005-a");
    let text = std::fs::read_to_string(strict.path().join("statement.csv")).unwrap();
    strict.write("statement.csv", &text.replace(",0.01,", ",,"));
    let found = strict.reconciled("statement.csv");
    assert_eq!((found.count(Verdict::Off), found.count(Verdict::Rounding)), (3, 0));
}

/// The figures of the page are worked by hand in its text.
#[test]
fn every_example_of_the_page_ties() {
    let page = std::fs::read_to_string("docs/replay.md").unwrap();
    let mut examples: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for block in page.split("\n```").skip(1) {
        let Some((head, body)) = block.split_once('\n') else { continue };
        for (fence, file) in [
            ("toml deal ", "deal.toml"),
            ("csv collections ", "collections.csv"),
            ("csv statement ", "statement.csv"),
        ] {
            if let Some(name) = head.strip_prefix(fence) {
                examples.entry(name).or_default().insert(file, body);
            }
        }
    }
    assert!(examples.len() >= 8, "{:?}", examples.keys());
    for (name, files) in examples {
        let files: Vec<(&str, &str)> = files.into_iter().collect();
        assert_eq!(files.len(), 3, "{name}");
        let found = Scratch::new(&files).reconciled("statement.csv");
        assert!(found.ties() && !found.lines.is_empty(), "{name}: {found:#?}");
    }
}
