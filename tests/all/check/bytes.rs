//! Cut and mutilated files: nothing panics, and what is accepted can be run.

use super::folder::{FILES, Temporary};
use leasefall::Error;
use leasefall::folder::Folder;
use proptest::prelude::*;
use std::path::Path;

/// A folder cut short is noticed, unless the cut leaves whole lines.
#[test]
fn cut_files() {
    let folder = Temporary::new("deal");
    let mut place = 12_345_usize;
    for (file, text) in FILES {
        for _ in 0..cases(60) {
            // Knuth's generator: the same cuts on every machine.
            place = place.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let cut = (place >> 33) % text.len();
            folder.write(file, &text.as_bytes()[..cut]);
            if survives(folder.path()) {
                let (before, after) = text.split_at(cut);
                let line = before.rsplit('\n').next().unwrap_or_default();
                // Of a cut figure, what is left is a figure; where no required field follows, none is missed.
                let figure = file.starts_with("scenarios") && line.ends_with(|c: char| c.is_ascii_digit());
                let whole = line.is_empty() || after.starts_with(['\n', ',']) || line.contains('#');
                assert!(whole || figure, "{file} cut after `{line}` is accepted");
            }
        }
        folder.write(file, text);
    }
}

/// How many cases of a costly property: so many, scaled with `LEASEFALL_CASES` (1,000 by default).
fn cases(usual: usize) -> usize {
    let wanted = std::env::var("LEASEFALL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    (usual * wanted / 1_000).max(1)
}

/// Whether the folder is accepted. If it is, everything can be asked of it without a panic; if it is not,
/// something is said about it, and of an existing file and line.
fn survives(path: &Path) -> bool {
    let problems = Folder::check(path).unwrap();
    for problem in problems.as_slice() {
        let text = std::fs::read(path.join(&problem.file)).unwrap_or_default();
        let lines = 1 + text.iter().filter(|&&byte| byte == b'\n').count();
        assert!(problem.line <= lines, "{problem}");
        assert!(!problem.found.is_empty() && !problem.expected.is_empty(), "{problem}");
    }
    let folder = match Folder::open(path) {
        Ok(folder) => folder,
        Err(Error::Input(found)) => {
            assert!(!found.is_empty() && !problems.is_empty());
            return false;
        }
        Err(other) => panic!("{other}"),
    };
    if !problems.is_empty() {
        return false;
    }
    for scenario in folder.scenario_names().unwrap() {
        match folder.value(&scenario) {
            Ok(valuation) => assert_eq!(valuation.conservation.difference, leasefall::Money::ZERO),
            // Figures may be absurd, or the deal without a curve to price on.
            Err(Error::Overflow { .. } | Error::Input(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    true
}

/// What is put into a text.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "-", "0", "9", "e9", ".", "nan", "inf", "\"", "\"\"\"", "[", "]]", "{", "}", ",", "#", "\n",
    "\r", "\0", "=", "9999999999999", "1e14", "-1", "0.0000000001", "1900-01-01", "2199-12-31", "(",
    ")", "*", "not ", "é", "\u{feff}",
];

/// One change of a text's bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Insert(usize, &'static str),
    Remove(usize, usize),
    Repeat(usize, usize),
    /// Puts a figure of the text's own in place of another.
    Swap(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => (any::<usize>(), proptest::sample::select(WORDS)).prop_map(|(at, word)| Change::Insert(at, word)),
        1 => (any::<usize>(), 1..20_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        1 => (any::<usize>(), 1..60_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        4 => (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Change::Swap(a, b)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for change in changes {
        let length = bytes.len().max(1);
        match *change {
            Change::Set(at, byte) => bytes[at % length] = byte,
            Change::Insert(at, word) => drop(bytes.splice(at % length..at % length, word.bytes())),
            Change::Remove(at, count) => drop(bytes.drain(at % length..(at % length + count).min(length))),
            Change::Repeat(at, count) => {
                let (at, end) = (at % length, (at % length + count).min(length));
                let part = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, part));
            }
            Change::Swap(a, b) => {
                let words = words(&bytes);
                if let (Some(a), Some(b)) =
                    (words.get(a % words.len().max(1)), words.get(b % words.len().max(1)))
                {
                    let word = bytes[b.clone()].to_vec();
                    drop(bytes.splice(a.clone(), word));
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Runs of letters, digits and what figures and dates are written with.
fn words(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let mut words = Vec::new();
    let mut start = None;
    for (at, &byte) in bytes.iter().chain(b" ").enumerate() {
        match start {
            None if inside(byte) => start = Some(at),
            Some(from) if !inside(byte) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(400) as u32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_bytes_panics(
        changes in proptest::collection::vec((0..FILES.len(), proptest::collection::vec(change(), 1..4)), 1..3),
    ) {
        let folder = Temporary::new("deal");
        for (file, changes) in changes {
            let (file, text) = FILES[file];
            folder.write(file, changed(text, &changes));
        }
        survives(folder.path());
    }
}
