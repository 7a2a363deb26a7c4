//! One row of a table, read cell by cell.

use super::cell::Cell;
use super::sink::Sink;
use super::wording::{one_of, one_of_near, quoted};
use rust_decimal::Decimal;
use std::fmt::Display;
use std::ops::{Bound, RangeBounds};

/// A column that a table may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// Whether every file must have it. (Whether a cell may be empty is up to the row.)
    pub required: bool,
}

impl Column {
    /// A column that every file has.
    pub const fn required(name: &'static str) -> Column {
        Column { name, required: true }
    }

    /// A column that a file may leave out.
    pub const fn optional(name: &'static str) -> Column {
        Column { name, required: false }
    }
}

/// One row while it is read: each call takes a cell, and notes a problem if the cell is bad.
///
/// A bad cell yields the type's default, so that one bad cell does not hide the next; a table with a
/// problem is never returned, so the default is never seen. Checks across cells ask [`Row::is_clean`] first.
///
/// Reading the cells in the order of the format's columns is fastest.
pub struct Row<'r> {
    columns: &'static [Column],
    /// Where each column of the format stands in the file.
    positions: &'r [Option<usize>],
    record: &'r csv::StringRecord,
    line: usize,
    sink: &'r mut Sink,
    /// The column after the last one read.
    next: usize,
    clean: bool,
}

/// What stands under a heading.
enum Found<'r> {
    Text(&'r str),
    /// The cell is empty, or the file leaves out an optional column.
    Nothing,
    /// A fault that is already reported.
    Reported,
}

impl<'r> Row<'r> {
    pub(super) fn new(
        columns: &'static [Column],
        positions: &'r [Option<usize>],
        record: &'r csv::StringRecord,
        line: usize,
        sink: &'r mut Sink,
    ) -> Row<'r> {
        Row { columns, positions, record, line, sink, next: 0, clean: true }
    }
    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Whether no cell read so far was bad.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// A cell that must hold a value.
    pub fn required<T: Cell>(&mut self, column: &str) -> T {
        self.parsed(column, true, T::EXPECTED, T::parse).unwrap_or_default()
    }

    /// A cell that may be empty.
    pub fn optional<T: Cell>(&mut self, column: &str) -> Option<T> {
        self.parsed(column, false, T::EXPECTED, T::parse)
    }

    /// A cell that must hold a value within bounds: `row.required_in("pue", Decimal::ONE..=three)`.
    pub fn required_in<T>(&mut self, column: &str, bounds: impl RangeBounds<T>) -> T
    where
        T: Cell + PartialOrd + Display,
    {
        let value = self.parsed(column, true, T::EXPECTED, T::parse);
        value.map(|value| self.bounded(column, value, &bounds)).unwrap_or_default()
    }

    /// A cell that may be empty, else holds a value within bounds.
    pub fn optional_in<T>(&mut self, column: &str, bounds: impl RangeBounds<T>) -> Option<T>
    where
        T: Cell + PartialOrd + Display,
    {
        let value = self.optional(column)?;
        Some(self.bounded(column, value, &bounds))
    }

    /// A number above zero.
    pub fn positive(&mut self, column: &str) -> Decimal {
        self.required_in(column, (Bound::Excluded(Decimal::ZERO), Bound::Unbounded))
    }

    /// A number that is zero or more.
    pub fn not_negative(&mut self, column: &str) -> Decimal {
        self.required_in(column, Decimal::ZERO..)
    }

    /// A cell that must hold one of these words: `row.one_of("structure", &[("nnn", Structure::Nnn), ..])`.
    pub fn one_of<T: Copy, const N: usize>(&mut self, column: &str, words: &[(&str, T); N]) -> T {
        const { assert!(N > 0, "a cell must have something to be one of") }
        self.word(column, true, words).unwrap_or(words[0].1)
    }

    /// A cell that may be empty, else holds one of these words.
    pub fn optional_one_of<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        self.word(column, false, words)
    }

    /// Notes that a cell is not what it should be, for checks beyond its type.
    pub fn reject(&mut self, column: &str, expected: impl Into<String>) {
        match self.find(column) {
            Found::Text(text) => self.problem(column, || (quoted(text), expected.into())),
            Found::Nothing => self.problem(column, || ("nothing".to_owned(), expected.into())),
            Found::Reported => {}
        }
    }

    fn word<T: Copy>(&mut self, column: &str, required: bool, words: &[(&str, T)]) -> Option<T> {
        let known = || words.iter().map(|&(word, _)| word);
        let text = match self.find(column) {
            Found::Text(text) => text,
            Found::Nothing if required => {
                self.problem(column, || ("nothing".to_owned(), one_of(known())));
                return None;
            }
            Found::Nothing | Found::Reported => return None,
        };
        let found = words.iter().find(|&&(word, _)| word == text).map(|&(_, value)| value);
        if found.is_none() {
            self.problem(column, || (quoted(text), one_of_near(&known().collect::<Vec<_>>(), text)));
        }
        found
    }

    fn parsed<T>(
        &mut self,
        column: &str,
        required: bool,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        match self.find(column) {
            Found::Text(text) => match parse(text) {
                Ok(value) => return Some(value),
                Err(expected) => self.problem(column, || (quoted(text), expected.to_owned())),
            },
            Found::Nothing if required => {
                self.problem(column, || ("nothing".to_owned(), expected.to_owned()));
            }
            Found::Nothing | Found::Reported => {}
        }
        None
    }

    fn bounded<T>(&mut self, column: &str, value: T, bounds: &impl RangeBounds<T>) -> T
    where
        T: Cell + PartialOrd + Display,
    {
        if !bounds.contains(&value) {
            self.reject(column, format!("{}{}", T::EXPECTED, range(bounds)));
        }
        value
    }

    /// The text under a heading, trimmed.
    fn find(&mut self, column: &str) -> Found<'r> {
        let count = self.columns.len();
        let mut indices = (self.next..count).chain(0..self.next.min(count));
        let index = indices.find(|&index| self.columns[index].name == column);
        let Some(index) = index else {
            self.problem(column, || ("no such column in the format".to_owned(), "one that is".to_owned()));
            return Found::Reported;
        };
        self.next = index + 1;
        let Some(position) = self.positions[index] else {
            // That a required column is absent is reported at the header, once.
            let required = self.columns[index].required;
            self.clean &= !required;
            return if required { Found::Reported } else { Found::Nothing };
        };
        match self.record.get(position).map_or("", str::trim) {
            "" => Found::Nothing,
            text if text.starts_with('"') => {
                self.problem(column, || (quoted(text), "a quote only around the whole cell".to_owned()));
                Found::Reported
            }
            text => Found::Text(text),
        }
    }

    fn problem(&mut self, column: &str, words: impl FnOnce() -> (String, String)) {
        self.clean = false;
        self.sink.push(self.line, column, words);
    }
}

/// " from 1 to 3", " above 0".
fn range<T: Display>(bounds: &impl RangeBounds<T>) -> String {
    match (bounds.start_bound(), bounds.end_bound()) {
        (Bound::Included(low), Bound::Included(high)) => format!(" from {low} to {high}"),
        (low, high) => {
            let low = match low {
                Bound::Included(low) => format!(" of at least {low}"),
                Bound::Excluded(low) => format!(" above {low}"),
                Bound::Unbounded => String::new(),
            };
            let high = match high {
                Bound::Included(high) => format!(" of at most {high}"),
                Bound::Excluded(high) => format!(" below {high}"),
                Bound::Unbounded => String::new(),
            };
            if low.is_empty() || high.is_empty() { low + &high } else { format!("{low} and{high}") }
        }
    }
}
