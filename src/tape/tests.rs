//! Documents: a small deal-like type whose committed schema is the derived one, and files broken in every way.

use super::{Document, FileFormat, read_document};
use crate::{Problems, Rate};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Deal {
    id: String,
    closing_date: NaiveDate,
    currency: crate::Currency,
    payment_months: u32,
    #[serde(default)]
    recovery: Option<f64>,
    #[serde(default)]
    notes: Vec<Note>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    caps: BTreeMap<String, Decimal>,
    #[serde(default)]
    bracket: Option<(Decimal, Decimal)>,
    #[serde(default)]
    clean_up: Option<Amount>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Note {
    id: String,
    coupon: Rate,
    #[serde(default)]
    spread: Option<Decimal>,
    #[serde(default)]
    interest: Interest,
    #[serde(default)]
    final_maturity: Option<NaiveDate>,
}

/// How interest is paid.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Interest {
    /// In cash.
    #[default]
    Cash,
    /// In kind.
    Pik,
}

#[derive(Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// Pays a fee.
    PayFee { payee: String, cap: Option<Decimal> },
    /// Pays principal.
    PayPrincipal { notes: Vec<String>, pro_rata: bool },
}

#[derive(Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Amount {
    Never,
    Fixed(Decimal),
    Share { of: String, percent: Decimal },
}

impl FileFormat for Deal {
    const NAME: &'static str = "deal.toml";
    const SCHEMA: &'static str = include_str!("tests.schema.json");
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_is_the_derived_one() {
    let derived = serde_json::to_string_pretty(&schemars::schema_for!(Deal)).unwrap();
    assert_eq!(derived.trim(), Deal::SCHEMA.trim(), "{derived}");
}

const VALID: &str = r#"
id = "example"            # comments stay comments
closing_date = 2021-06-15
currency = "USD"
payment_months = 1
recovery = 0.4
bracket = [0.1, "0.25"]
clean_up = { share = { of = "notes", percent = 10 } }

[[notes]]
id = "A-2"
coupon = 0.0658
final_maturity = "2051-06-15"

[[notes]]
id = "B"
coupon = "0.1"
spread = 1_25e-4
interest = "pik"

[caps]
trustee = 25_000
servicer = 0x10

[[steps]]
kind = "pay_fee"
payee = "trustee"
cap = 100000.50

[[steps]]
kind = "pay_principal"
notes = ["A-2", "B"]
pro_rata = false
"#;

fn read(text: &str) -> Result<Document<Deal>, Problems> {
    read_document("deal.toml", text)
}

fn said(text: &str) -> Vec<String> {
    let problems = read(text).map(|document| document.value).expect_err("a problem");
    problems.as_slice().iter().map(ToString::to_string).collect()
}

/// The valid document with one text in place of another, which must stand in it.
fn with(old: &str, new: &str) -> String {
    assert!(VALID.contains(old), "{old}");
    VALID.replacen(old, new, 1)
}

#[test]
fn a_document_says_exactly_what_is_written() {
    let document = read(VALID).unwrap();
    let deal = &document.value;
    assert_eq!(deal.notes[0].coupon.fraction().to_string(), "0.0658");
    assert_eq!(deal.notes[1].spread.unwrap().to_string(), "0.0125");
    assert_eq!(deal.notes[1].interest, Interest::Pik);
    assert_eq!(deal.caps["trustee"], Decimal::from(25_000));
    assert_eq!(deal.caps["servicer"], Decimal::from(16));
    assert_eq!(deal.bracket, Some((Decimal::new(1, 1), Decimal::new(25, 2))));
    assert_eq!(deal.clean_up, Some(Amount::Share { of: "notes".into(), percent: Decimal::TEN }));
    assert_eq!(deal.recovery, Some(0.4));
    assert_eq!(
        deal.steps[0],
        Step::PayFee { payee: "trustee".into(), cap: Some(Decimal::new(10_000_050, 2)) }
    );
    assert_eq!(deal.notes[0].final_maturity, NaiveDate::from_ymd_opt(2051, 6, 15));
}

#[test]
fn later_checks_name_lines() {
    let document = read(VALID).unwrap();
    for (path, line) in [
        ("id", 2),
        ("notes[1].coupon", 17),
        ("notes[1].no_such", 15),
        ("notes[7].coupon", 10),
        ("steps[1].notes[1]", 32),
        ("clean_up.share.of", 8),
        ("nowhere", 0),
    ] {
        assert_eq!(document.line(path), line, "{path}");
    }
    let problem = document.problem("steps[1].notes[1]", "`B`", "the id of a note").to_string();
    assert_eq!(problem, "deal.toml:32: steps[1].notes[1]: found `B`, expected the id of a note");
}

#[test]
fn windows_files_read_the_same() {
    let windows = format!("\u{feff}{}", VALID.replace('\n', "\r\n"));
    let document = read(&windows).unwrap();
    assert_eq!(document.value, read(VALID).unwrap().value);
    assert_eq!(document.line("notes[1].coupon"), 17);
}

#[test]
fn each_mistake_is_named() {
    for (old, new, problem) in [
        (
            "payment_months = 1",
            "payment_months = 1.0",
            "5: payment_months: found the number `1.0`, expected a whole number",
        ),
        (
            "payment_months = 1",
            "payment_months = -1",
            "5: payment_months: found the number `-1`, expected a whole number from 0 to 4294967295",
        ),
        (
            "payment_months = 1",
            "payment_months = 99999999999999999999999999999999999999999999",
            "5: payment_months: found the number `99999999999999999999999999999999999999999999`, expected a whole \
             number from 0 to 4294967295",
        ),
        ("id = \"example\"", "id = 3.5", "2: id: found the number `3.5`, expected text"),
        (
            "\"USD\"",
            "\"USB\"",
            "4: currency: found the text `USB`, expected one of `USD`, `EUR`, `GBP`, `CAD`, `JPY` (closest `USD`)",
        ),
        (
            "2021-06-15",
            "2021-06-31",
            "3: found invalid date in `closing_date = 2021-06-31`, expected day between 01 and 30",
        ),
        (
            "2021-06-15",
            "\"15/06/2021\"",
            "3: closing_date: found the text `15/06/2021`, expected a date as YYYY-MM-DD",
        ),
        (
            "2021-06-15",
            "20210615",
            "3: closing_date: found the number `20210615`, expected a date as YYYY-MM-DD",
        ),
        ("0.0658", "nan", "12: notes[0].coupon: found the number `nan`, expected a finite number"),
        ("0.4", "-inf", "6: recovery: found the number `-inf`, expected a finite number"),
        (
            "0.0658",
            "\"6.58%\"",
            "12: notes[0].coupon: found the text `6.58%`, expected a fraction (0.05 for 5%)",
        ),
        ("0.0658", "true", "12: notes[0].coupon: found `true`, expected a number"),
        (
            "0.0658",
            "0.06580000000000001",
            "12: notes[0].coupon: found the number `0.06580000000000001`, expected a number with at most 10 decimals",
        ),
        (
            "\"pik\"",
            "\"pick\"",
            "19: notes[1].interest: found the text `pick`, expected one of `cash`, `pik` (closest `pik`)",
        ),
        (
            "coupon = \"0.1\"",
            "copon = \"0.1\"",
            "17: notes[1].copon: found the unknown field `copon`, expected one of `coupon`, `final_maturity`, `id`, `interest`, `spread` (closest `coupon`)",
        ),
        ("coupon = \"0.1\"", "", "15: notes[1].coupon: found nothing, expected a number"),
        (
            "\"pay_fee\"",
            "\"pay_fees\"",
            "26: steps[0].kind: found the text `pay_fees`, expected one of `pay_fee`, `pay_principal` (closest `pay_fee`)",
        ),
        (
            "kind = \"pay_fee\"",
            "",
            "25: steps[0].kind: found nothing, expected one of `pay_fee`, `pay_principal`",
        ),
        (
            "pro_rata = false",
            "pro_rata = 0",
            "33: steps[1].pro_rata: found the number `0`, expected `true` or `false`",
        ),
        (
            "pro_rata = false",
            "payee = \"x\"\npro_rata = false",
            "33: steps[1].payee: found the unknown field `payee`, expected one of `kind`, `notes`, `pro_rata`",
        ),
        ("\"A-2\", \"B\"", "\"A-2\", 7", "32: steps[1].notes[1]: found the number `7`, expected text"),
        ("[0.1, \"0.25\"]", "[0.1]", "7: bracket: found a list of 1, expected a list of 2"),
        (
            "{ share = { of = \"notes\", percent = 10 } }",
            "\"nevr\"",
            "8: clean_up: found the text `nevr`, expected `never`",
        ),
        (
            "{ share = { of = \"notes\", percent = 10 } }",
            "5",
            "8: clean_up: found the number `5`, expected `never` or a table",
        ),
        ("percent = 10 ", "", "8: clean_up.share.percent: found nothing, expected a number"),
        (
            "percent = 10 ",
            "percent = 1e400 ",
            "8: clean_up.share.percent: found the number `1e400`, expected a number of at most 10^15 in size",
        ),
        (
            "[caps]",
            "[cups]",
            "21: cups: found the unknown field `cups`, expected one of `bracket`, `caps`, `clean_up`, `closing_date`, `currency`, `id`, `notes`, `payment_months`, `recovery`, `steps` (closest `caps`)",
        ),
        ("25_000", "{ a = 1 }", "22: caps.trustee: found a table, expected a number"),
        (
            "id = \"B\"",
            "id = \"B\"\nid = \"C\"",
            "17: found duplicate key in `id = \"C\"`, expected each key once in its table",
        ),
        (
            "\"example\" ",
            "\"example ",
            "2: found invalid basic string in `id = \"example            # comments stay comments`, expected `\"`",
        ),
    ] {
        let found = said(&with(old, new));
        assert_eq!(found, [format!("deal.toml:{problem}")], "{new}");
    }
}

/// One mistake of each sort on its own line: none hides another.
#[test]
fn all_mistakes_of_a_file_are_reported_at_once() {
    let text = r#"
id = 7
closing_date = "soon"
currency = "USX"
payment_months = "one"
colour = "blue"
notes = [
    { id = "A", coupon = 0.05 },
    { coupon = inf },
    { id = "C", coupon = 0.05, interest = "none", spread = 1e-30 },
    "D",
]
steps = [
    { kind = "pay_rent" },
    { kind = "pay_principal", notes = "A", pro_rata = 1 },
    { payee = "x" },
]
caps = { a = [], b = "x" }
"#;
    let lines: Vec<usize> = read(text).err().unwrap().as_slice().iter().map(|p| p.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 9, 9, 10, 10, 11, 14, 15, 15, 16, 18, 18]);
}

#[test]
fn broken_syntax_is_reported_with_the_rest() {
    let text = "id = = 3\nclosing_date = 2021-06-15\ncurrency = USD\nid = 4\npayment_months = true\n";
    let lines: Vec<usize> = read(text).err().unwrap().as_slice().iter().map(|p| p.line).collect();
    assert_eq!(lines.iter().filter(|&&line| line == 5).count(), 1, "the wrong type is seen");
    assert!(lines.contains(&1) && lines.contains(&3), "{lines:?}");
    // The field of line 3 is not also called missing.
    assert!(said(text).iter().all(|problem| !problem.contains("found nothing")));
}

#[test]
fn a_flood_of_problems_is_counted() {
    let text: String = (0..30_000).map(|i| format!("x{i} = {i}\n")).collect();
    let problems = said(&text);
    assert_eq!(problems.len(), 1001);
    assert!(problems[1000].contains("29004 more problems"), "{}", problems[1000]);
    let junk = said(&"= \n".repeat(100_000));
    assert!(junk.len() <= 1001 && junk[junk.len() - 1].contains("more problems"));
}

#[test]
fn empty_large_and_binary_texts() {
    assert_eq!(said(" \n\n"), ["deal.toml: found an empty file, expected content"]);
    assert_eq!(said("# only a comment").len(), 4);
    let large = "#".repeat(super::DOCUMENT_LIMIT + 1);
    assert_eq!(said(&large), ["deal.toml: found 4194305 bytes, expected at most 4194304 bytes"]);
    assert!(!said("\0\u{1}\u{7f}").is_empty());
}

#[test]
fn deep_nesting_is_refused_without_overflow() {
    let inline_tables = format!("{}1{}", "{ a.a.a.a.a.a.a.a.a.a = ".repeat(79), " }".repeat(79));
    for text in [
        format!("caps = {}{}", "[".repeat(1_000_000), "]".repeat(1_000_000)),
        format!("caps = {}1{}", "{ a = ".repeat(100_000), "}".repeat(100_000)),
        format!("caps = {}{}", "[".repeat(70), "]".repeat(70)),
        format!("{}a = 1", "a.".repeat(1_000_000)),
        format!("[{}a]\nb = 1", "a.".repeat(70)),
        format!("[{0}a]\n{0}a = {1}\n{0}a = {1}", "a.".repeat(78), inline_tables),
        "[[a]]\n[[a.a]]\n".repeat(1000),
    ] {
        assert!(!said(&text).is_empty());
    }
}

#[test]
fn an_unusable_schema_is_a_problem_too() {
    #[derive(Debug, Deserialize)]
    struct Odd {}
    impl FileFormat for Odd {
        const NAME: &'static str = "odd.toml";
        const SCHEMA: &'static str = "{";
    }
    let problems = read_document::<Odd>("odd.toml", "a = 1").err().unwrap();
    assert!(problems.to_string().starts_with("odd.toml: found a schema that is not JSON"));
}

/// A random edit of a text: cut, insert, delete or repeat at a character boundary.
pub(super) fn mutated(text: &str) -> impl Strategy<Value = String> + use<> {
    let characters: Vec<char> = text.chars().collect();
    let edit = (0..characters.len(), 0..4_u8, "[\\[\\]{}=.,\"'#\\\\ \n0-9a-zé_+-]{1,4}");
    prop::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut text = characters.clone();
        for (at, how, new) in edits {
            let at = at.min(text.len());
            match how {
                0 => text.truncate(at),
                1 => drop(text.splice(at..at, new.chars())),
                2 => drop(text.drain(at..(at + new.len()).min(text.len()))),
                _ => drop(text.splice(at..(at + 1).min(text.len()), new.chars())),
            }
        }
        text.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_edit_of_a_valid_file_panics(text in mutated(VALID)) {
        if let Err(problems) = read(&text) {
            let lines = text.lines().count() + 1;
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.as_slice().iter().all(|problem| problem.line <= lines));
        }
    }

    #[test]
    fn every_number_is_read_as_written(mantissa in -10_i64.pow(15)..10_i64.pow(15), scale in 1_u32..=10) {
        let number = Decimal::new(mantissa, scale).to_string();
        let bare = read(&with("coupon = 0.0658", &format!("coupon = {number}"))).unwrap();
        prop_assert_eq!(bare.value.notes[0].coupon.fraction().to_string(), number.clone());
        let quoted = read(&with("coupon = 0.0658", &format!("coupon = \"{number}\""))).unwrap();
        prop_assert_eq!(quoted.value.notes[0].coupon.fraction().to_string(), number);
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Tranche {
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    id: String,
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 30)))]
    years: u8,
    #[serde(flatten)]
    interest: Index,
    size: Size,
}

#[derive(Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Index {
    Fixed { coupon: Decimal },
    Floating { spread: Decimal, curve: String },
}

#[derive(Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Size {
    Amount(Decimal),
    Share { of: String },
}

impl FileFormat for Tranche {
    const NAME: &'static str = "tranche.toml";
    const SCHEMA: &'static str = r##"{
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tranche", "type": "object",
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "size": {"$ref": "#/$defs/Size"},
            "years": {"type": "integer", "format": "uint8", "maximum": 30, "minimum": 1}},
        "oneOf": [
            {"type": "object", "required": ["kind", "coupon"], "properties": {
                "coupon": {"type": ["string", "number"], "pattern": "^-?\\d+(\\.\\d+)?([eE]\\d+)?$"},
                "kind": {"type": "string", "const": "fixed"}}},
            {"type": "object", "required": ["kind", "spread", "curve"], "properties": {
                "curve": {"type": "string"},
                "kind": {"type": "string", "const": "floating"},
                "spread": {"type": ["string", "number"], "pattern": "^-?\\d+(\\.\\d+)?([eE]\\d+)?$"}}}],
        "required": ["id", "years", "size"],
        "$defs": {"Size": {"anyOf": [
            {"type": ["string", "number"], "pattern": "^-?\\d+(\\.\\d+)?([eE]\\d+)?$"},
            {"type": "object", "properties": {"of": {"type": "string"}}, "required": ["of"]}]}}
    }"##;
}

#[test]
fn tags_may_be_flattened_and_alternatives_untagged() {
    #[cfg(feature = "schema")]
    {
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let derived = serde_json::to_string(&schemars::schema_for!(Tranche)).unwrap();
        assert_eq!(json(&derived), json(Tranche::SCHEMA), "{derived}");
    }
    let read = |text: &str| {
        let document = read_document::<Tranche>("t", &text.replace("; ", "\n"));
        document.map(|document| document.value).map_err(|problems| problems.to_string())
    };
    let tranche = read("id = 'A'; years = 5; kind = 'fixed'; coupon = 0.05; size = 1.50").unwrap();
    assert_eq!(tranche.interest, Index::Fixed { coupon: Decimal::new(5, 2) });
    assert_eq!(tranche.size, Size::Amount(Decimal::new(150, 2)));
    let tranche =
        read("id = 'A'; years = 5; kind = 'floating'; spread = 0.01; curve = 'sofr'; size.of = 'pool'");
    assert_eq!(tranche.unwrap().size, Size::Share { of: "pool".to_owned() });
    for (text, problem) in [
        (
            "id = ''; years = 5; kind = 'fixed'; coupon = 0.05; size = 1",
            "t:1: id: found the text ``, expected text of at least 1 characters",
        ),
        (
            "id = 'A'; years = 31; kind = 'fixed'; coupon = 0.05; size = 1",
            "t:2: years: found the number `31`, expected a number of at most 30",
        ),
        (
            "id = 'A'; years = 5; kind = 'fixed'; coupon = 0.05; size = 0.12345678901",
            "t:5: size: found the number `0.12345678901`, expected a number with at most 10 decimals",
        ),
        (
            "id = 'A'; years = 5; kind = 'fixed'; coupon = 0.05; size = true",
            "t:5: size: found `true`, expected a number or a table",
        ),
        (
            "id = 'A'; years = 5; kind = 'fixed'; coupon = 0.05; curve = 'sofr'; size = 1",
            "t:5: curve: found the unknown field `curve`, expected one of `id`, `size`, `years`, `coupon`, `kind`",
        ),
        (
            "id = 'A'; years = 5; kind = 'float'; spread = 0.05; size = 1",
            "t:3: kind: found the text `float`, expected one of `fixed`, `floating`",
        ),
    ] {
        assert_eq!(read(text), Err(problem.to_owned()));
    }
}
