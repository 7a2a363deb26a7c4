//! Tables: exact cells, right lines, every fault at once, nothing that panics.

use super::tests::mutated;
use super::{Column, Row, RowFormat, Table, read_table};
use crate::Problems;
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Structure {
    Nnn,
    Gross,
}

#[derive(Debug, PartialEq)]
struct Lease {
    id: String,
    kw: Decimal,
    pue: Option<Decimal>,
    start: NaiveDate,
    months: u32,
    structure: Structure,
    renews: Option<bool>,
    offset: Option<i64>,
}

impl RowFormat for Lease {
    const NAME: &'static str = "leases.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("id"),
        Column::required("kw"),
        Column::optional("pue"),
        Column::required("start"),
        Column::required("months"),
        Column::required("structure"),
        Column::optional("renews"),
        Column::optional("offset"),
    ];

    fn from_row(row: &mut Row<'_>) -> Self {
        let lease = Lease {
            id: row.required("id"),
            kw: row.positive("kw"),
            pue: row.optional_in("pue", Decimal::ONE..=Decimal::from(3)),
            start: row.required("start"),
            months: row.required_in("months", 1..601),
            structure: row.one_of("structure", &[("nnn", Structure::Nnn), ("gross", Structure::Gross)]),
            renews: row.optional("renews"),
            offset: row.optional("offset"),
        };
        if row.is_clean() && lease.structure == Structure::Gross && lease.pue.is_none() {
            row.reject("pue", "a power usage effectiveness where the rent is gross");
        }
        lease
    }
}

const VALID: &str = "\
# Leases as received; a comment.
id,kw,pue,start,months,structure,renews

L-1,1500,1.35,2020-01-01,120,nnn,true
\"L-2, second\",  750.250 ,,2021-07-01,60,nnn,
# another comment, with a \"quote
L-3,0.0000000001,2,2022-02-28,1,gross,FALSE
";

fn read(text: &str) -> Result<Table<Lease>, Problems> {
    read_table("leases.csv", text)
}

fn said(text: &str) -> Vec<String> {
    let problems = read(text).map(|table| table.rows).expect_err("a problem");
    problems.as_slice().iter().map(ToString::to_string).collect()
}

fn with(old: &str, new: &str) -> String {
    assert!(VALID.contains(old), "{old}");
    VALID.replacen(old, new, 1)
}

#[test]
fn cells_say_exactly_what_is_written() {
    let table = read(VALID).unwrap();
    assert_eq!(table.rows[1].id, "L-2, second");
    assert_eq!(table.rows[1].kw.to_string(), "750.250");
    assert_eq!(table.rows[2].kw, Decimal::new(1, 10));
    assert_eq!(
        (table.rows[0].renews, table.rows[1].renews, table.rows[2].renews),
        (Some(true), None, Some(false))
    );
    assert_eq!([table.line(0), table.line(1), table.line(2), table.line(3)], [4, 5, 7, 0]);
    let problem = table.problem(2, "kw", "`0.0000000001`", "at most the site's kilowatts").to_string();
    assert_eq!(problem, "leases.csv:7: kw: found `0.0000000001`, expected at most the site's kilowatts");
}

#[test]
fn windows_files_read_the_same() {
    let windows = read(&format!("\u{feff}{}", VALID.replace('\n', "\r\n"))).unwrap();
    let unix = read(VALID).unwrap();
    assert_eq!((&windows.rows, windows.lines()), (&unix.rows, unix.lines()));
    assert_eq!(read(VALID.trim_end()).unwrap().rows, unix.rows);
}

impl<T> Table<T> {
    fn lines(&self) -> Vec<usize> {
        (0..self.rows.len()).map(|row| self.line(row)).collect()
    }
}

#[test]
fn each_mistake_is_named() {
    for (old, new, problem) in [
        (
            "1500",
            "\"1,500\"",
            "4: kw: found `1,500`, expected a number without thousands separators, with a point before its decimals",
        ),
        ("1500", "NaN", "4: kw: found `NaN`, expected a finite number"),
        ("1500", "0", "4: kw: found `0`, expected a number above 0"),
        ("1500", "", "4: kw: found nothing, expected a number"),
        (
            "1500",
            "1500.00000000001",
            "4: kw: found `1500.00000000001`, expected a number with at most 10 decimals",
        ),
        ("1500", "1e16", "4: kw: found `1e16`, expected a number of at most 10^15 in size"),
        ("1.35", "0.9", "4: pue: found `0.9`, expected a number from 1 to 3"),
        (
            "2020-01-01",
            "2020-02-30",
            "4: start: found `2020-02-30`, expected a day of the calendar, as YYYY-MM-DD",
        ),
        ("2020-01-01", "01/02/2020", "4: start: found `01/02/2020`, expected a date as YYYY-MM-DD"),
        (",120,", ",601,", "4: months: found `601`, expected a whole number of at least 1 and below 601"),
        (",120,", ",10.5,", "4: months: found `10.5`, expected a whole number of zero or more"),
        (",nnn,true", ",nn,true", "4: structure: found `nn`, expected one of `nnn`, `gross` (closest `nnn`)"),
        (",nnn,true", ",,true", "4: structure: found nothing, expected one of `nnn`, `gross`"),
        (",nnn,true", ",nnn,yes", "4: renews: found `yes`, expected `true` or `false`"),
        (",nnn,true", ",nnn", "4: found 6 cells, expected 7 cells, as in the header"),
        (
            ",2,2022",
            ",,2022",
            "7: pue: found nothing, expected a power usage effectiveness where the rent is gross",
        ),
        (
            "id,kw",
            "id,kww",
            "2: kww: found the unknown column `kww`, expected one of `id`, `kw`, `pue`, `start`, `months`, `structure`, `renews`, `offset` (closest `kw`)",
        ),
        ("id,kw,pue", "id,kw,kw", "2: kw: found the column `kw` again, expected each column once"),
        (
            "id,kw,pue",
            "id,kw,colour",
            "2: colour: found the unknown column `colour`, expected one of `id`, `kw`, `pue`, `start`, `months`, `structure`, `renews`, `offset`",
        ),
        ("L-1,", " \"L-1\",", "4: id: found `\"L-1\"`, expected a quote only around the whole cell"),
        (
            "\"L-2, second\"",
            "\"L-2\n second\"",
            "5: found `\"L-2\\n second\",  750.250 ,,2021-07-01,60,nnn,\\n`, expected cells on one line: is a quote not closed?",
        ),
        (
            "L-3,",
            "\"L-3,",
            "7: found `\"L-3,0.0000000001,2,2022-02-28,1,gross,FALSE\\n`, expected a closing quote before the file ends",
        ),
        ("L-3,", ",,,,,,\nL-3,", "7: found only empty cells, expected a row, or no line"),
    ] {
        let found = said(&with(old, new));
        let expected = [format!("leases.csv:{problem}")];
        // Without its column, a gross lease has no `pue`.
        let relevant =
            &found[..if new.contains("colour") || new.contains("kw,kw") { 1 } else { found.len() }];
        assert_eq!(relevant, expected, "{new}");
    }
}

#[test]
fn columns_stand_in_any_order_and_optional_ones_may_be_absent() {
    let table = read("structure,months,kw,id,start\nnnn,12,5,A,2020-01-01\n").unwrap();
    assert_eq!((table.rows[0].months, table.rows[0].pue), (12, None));
    assert_eq!(said("id,kw,start,months\nA,1,2020-01-01,1\n").len(), 1);
    assert!(read("id,kw,start,months,structure\n").unwrap().rows.is_empty());
    let headless = said("A,1,2020-01-01,1,nnn\nB,1,2020-01-01,1,nnn\n");
    assert_eq!(headless.len(), 1);
    assert!(
        headless[0].starts_with("leases.csv:1: found no known column, expected a header row"),
        "{headless:?}"
    );
}

#[test]
fn all_mistakes_of_a_file_are_reported_at_once() {
    let text = "id,kw,start,months,structure,mnths,colour\n\
                ,-1,soon,0,net,,\n\
                A,1\n\
                B,1,2020-01-01,12,nnn,,\n\
                C,$1,2020-13-01,12.0,nnn,,\n\
                \"D,1,2020-01-01,12,nnn,,\n";
    let lines: Vec<usize> = read(text).err().unwrap().as_slice().iter().map(|p| p.line).collect();
    assert_eq!(lines, [1, 1, 2, 2, 2, 2, 2, 3, 5, 5, 5, 6]);
}

#[test]
fn a_flood_of_problems_is_counted() {
    let rows: String = (0..30_000).map(|_| "A,0,2020-01-01,0,nnn\n").collect();
    let problems = said(&format!("id,kw,start,months,structure\n{rows}"));
    assert_eq!(problems.len(), 1001);
    assert_eq!(problems[1000], "leases.csv:502: …: found 59000 more problems from here on, expected none");
}

#[test]
fn empty_and_binary_texts() {
    assert_eq!(said(""), ["leases.csv: found an empty file, expected content"]);
    let headless = ["leases.csv: found no header row, expected one with the names of the columns"];
    assert_eq!(said("# only\n# comments\n"), headless);
    assert_eq!(said("#"), headless);
    assert!(!said("\0,\u{1}\n").is_empty());
    assert!(!said(&",".repeat(1_000_000)).is_empty());
    assert!(!said(&"\"".repeat(1_000_001)).is_empty());
}

/// `cargo test --release -- --ignored --nocapture ten_thousand` prints the time.
#[test]
#[ignore = "a measurement"]
fn ten_thousand_rows_take_milliseconds() {
    struct Wide;
    const NAMES: [&str; 25] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
        "u", "v", "w", "x", "y",
    ];
    impl RowFormat for Wide {
        const NAME: &'static str = "wide.csv";
        const COLUMNS: &'static [Column] = &{
            let mut columns = [Column::required("a"); 25];
            let mut index = 0;
            while index < 25 {
                columns[index] = Column::required(NAMES[index]);
                index += 1;
            }
            columns
        };
        fn from_row(row: &mut Row<'_>) -> Self {
            let _: String = row.required("a");
            let _: NaiveDate = row.required("b");
            for name in &NAMES[2..] {
                let _ = row.positive(name);
            }
            Wide
        }
    }
    let cells: Vec<String> = (2..25).map(|column| format!("{}.{column:04}", column * 1234)).collect();
    let row = |index: usize| format!("lease-{index},2024-01-31,{}\n", cells.join(","));
    let text = format!("{}\n{}", NAMES.join(","), (0..10_000).map(row).collect::<String>());
    for _ in 0..5 {
        let start = std::time::Instant::now();
        assert_eq!(read_table::<Wide>("wide.csv", &text).unwrap().rows.len(), 10_000);
        println!("10,000 rows of 25 cells: {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in "[\",\n\r# a1]{0,80}") {
        let _ = read(&String::from_utf8_lossy(&bytes));
        let _ = read(&format!("id,kw,start,months,structure\n{cut}"));
    }

    #[test]
    fn no_edit_of_a_valid_file_panics(text in mutated(VALID)) {
        match read(&text) {
            Ok(table) => prop_assert!(table.lines().windows(2).all(|pair| pair[0] < pair[1])),
            Err(problems) => {
                let lines = text.lines().count() + 1;
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.as_slice().iter().all(|problem| problem.line <= lines));
            }
        }
    }

    #[test]
    fn every_number_is_read_as_written(mantissa in 1..10_i64.pow(15), scale in 0_u32..=10) {
        let number = Decimal::new(mantissa, scale).to_string();
        let table = read(&with("1500", &number)).unwrap();
        prop_assert_eq!(table.rows[0].kw.to_string(), number);
    }

    /// The line of a bad row is where it stands, whatever stands before it.
    #[test]
    fn lines_are_right(before in prop::collection::vec(0..4_usize, 0..20), windows: bool) {
        let fillers = ["\n", "# comment, \"open\n", "A,1,2020-01-01,1,nnn\n", "   \n"];
        let filler: String = before.iter().map(|&kind| fillers[kind]).collect();
        let mut text = format!("{filler}id,kw,start,months,structure\n{filler}B,0,2020-01-01,1,nnn\n");
        if before.contains(&2) {
            text = text.split_off(filler.len());
        }
        let line = text.lines().count();
        let text = if windows { text.replace('\n', "\r\n") } else { text };
        let problems = read(&text).err().unwrap();
        prop_assert_eq!(problems.as_slice().iter().map(|p| p.line).collect::<Vec<_>>(), vec![line]);
    }
}
