//! CSV tables: a header row, then one typed row a line.

use super::row::{Column, Row};
use super::sink::Sink;
use super::text::{TABLE_LIMIT, content, read_text};
use super::wording::{closest, one_of, one_of_near, quoted};
use crate::error::{Error, Problem, Problems};
use std::path::Path;

/// A kind of CSV file: its usual name, its columns and how a row is read.
///
/// ```
/// use leasefall::tape::{Column, Row, RowFormat, read_table};
/// use rust_decimal::Decimal;
///
/// struct Hall { id: String, kw: Decimal, leased: bool }
///
/// impl RowFormat for Hall {
///     const NAME: &'static str = "halls.csv";
///     const COLUMNS: &'static [Column] =
///         &[Column::required("id"), Column::required("kw"), Column::optional("leased")];
///
///     fn from_row(row: &mut Row<'_>) -> Self {
///         let (id, kw) = (row.required("id"), row.positive("kw"));
///         Hall { id, kw, leased: row.optional("leased").unwrap_or(true) }
///     }
/// }
///
/// let halls = read_table::<Hall>("halls.csv", "kw, id\n1500, DAL-1\n750.5, DAL-2\n").unwrap();
/// assert_eq!((halls.rows[1].id.as_str(), halls.line(1)), ("DAL-2", 3));
///
/// let problems = read_table::<Hall>("halls.csv", "id, kw\nDAL-1, 0\n, 1\n").err().unwrap();
/// assert_eq!(problems.to_string(), "halls.csv:2: kw: found `0`, expected a number above 0\n\
///                                   halls.csv:3: id: found nothing, expected text");
/// ```
pub trait RowFormat: Sized {
    /// The file's name in a deal's folder: `leases.csv`.
    const NAME: &'static str;
    /// The columns that a file may have, in any order.
    const COLUMNS: &'static [Column];

    /// Reads a row. Bad cells are noted by the row, which then yields defaults: see [`Row`].
    fn from_row(row: &mut Row<'_>) -> Self;
}

/// The rows of a table, and the line on which each stands.
#[derive(Clone, Debug)]
pub struct Table<T> {
    /// The rows, in the order of the file.
    pub rows: Vec<T>,
    lines: Vec<usize>,
    name: String,
}

impl<T> Table<T> {
    /// The file's name, as problems give it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line, from 1, of a row counted from 0; 0 (the whole file) if there is no such row.
    pub fn line(&self, row: usize) -> usize {
        self.lines.get(row).copied().unwrap_or(0)
    }

    /// A problem with a field of a row, for checks across rows and files: ids that lead nowhere, overlaps.
    pub fn problem(
        &self,
        row: usize,
        field: &str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Problem {
        Problem {
            file: self.name.clone(),
            line: self.line(row),
            field: field.to_owned(),
            found: found.into(),
            expected: expected.into(),
        }
    }
}

/// A table from its text. `name` is what problems call the file.
///
/// Commas separate cells, quotes may surround them, spaces around them do not count, and a line that
/// starts with `#` is a comment. A cell stands on one line.
///
/// # Errors
/// Every problem of the text: missing, unknown and repeated columns, rows with too few or too many cells,
/// bad cells, quotes that are not closed.
pub fn read_table<T: RowFormat>(name: &str, text: &str) -> Result<Table<T>, Problems> {
    let text = content(name, text, TABLE_LIMIT).map_err(|problem| Problems::from(vec![problem]))?;
    let mut sink = Sink::new(name);
    let mut records = Records::new(text);
    let mut record = csv::StringRecord::new();
    let Some(line) = records.next(&mut record, &mut sink) else {
        sink.push(0, "", || ("no header row".to_owned(), "one with the names of the columns".to_owned()));
        return Err(sink.into_problems());
    };
    let Some(positions) = header_positions(T::COLUMNS, &record, line, &mut sink) else {
        return Err(sink.into_problems());
    };
    let mut table = Table { rows: Vec::new(), lines: Vec::new(), name: name.to_owned() };
    let width = record.len();
    while let Some(line) = records.next(&mut record, &mut sink) {
        if record.len() != width {
            let cells = |count: usize| format!("{count} {}", if count == 1 { "cell" } else { "cells" });
            sink.push(line, "", || (cells(record.len()), format!("{}, as in the header", cells(width))));
            continue;
        }
        let mut row = Row::new(T::COLUMNS, &positions, &record, line, &mut sink);
        let value = T::from_row(&mut row);
        if sink.is_empty() {
            table.rows.push(value);
            table.lines.push(line);
        }
    }
    if sink.is_empty() { Ok(table) } else { Err(sink.into_problems()) }
}

/// The table of a kind in a folder, under its usual name.
///
/// # Errors
/// [`Error::Unreadable`] if the file cannot be read, [`Error::Input`] with all that is wrong in it.
pub fn open_table<T: RowFormat>(folder: &Path) -> Result<Table<T>, Error> {
    let text = read_text(&folder.join(T::NAME), T::NAME, TABLE_LIMIT)?;
    Ok(read_table(T::NAME, &text)?)
}

/// Where each column of the format stands in the file; `None` if this is no header at all.
fn header_positions(
    columns: &[Column],
    record: &csv::StringRecord,
    line: usize,
    sink: &mut Sink,
) -> Option<Vec<Option<usize>>> {
    let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
    if !record.iter().any(|heading| known.contains(&heading.trim())) {
        let expected = || format!("a header row with the columns {}", one_of(known.iter().copied()));
        sink.push(line, "", || ("no known column".to_owned(), expected()));
        return None;
    }
    let mut positions = vec![None; known.len()];
    let mut misspelt = Vec::new();
    for (position, heading) in record.iter().map(str::trim).enumerate() {
        match known.iter().position(|&name| name == heading) {
            Some(index) if positions[index].is_none() => positions[index] = Some(position),
            Some(_) => sink.push(line, heading, || {
                (format!("the column {} again", quoted(heading)), "each column once".to_owned())
            }),
            None => sink.push(line, heading, || {
                misspelt.extend(closest(heading, &known));
                (format!("the unknown column {}", quoted(heading)), one_of_near(&known, heading))
            }),
        }
    }
    for (column, position) in columns.iter().zip(&positions) {
        // A misspelt heading is one mistake, not two.
        if column.required && position.is_none() && !misspelt.contains(&column.name) {
            sink.push(line, column.name, || {
                ("no such column".to_owned(), format!("the column {}", quoted(column.name)))
            });
        }
    }
    Some(positions)
}

/// The records of a CSV text with their lines.
struct Records<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    /// A byte offset and its line.
    offset: usize,
    line: usize,
}

impl<'t> Records<'t> {
    fn new(text: &'t str) -> Records<'t> {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).comment(Some(b'#'));
        Records { text, reader: builder.from_reader(text.as_bytes()), offset: 0, line: 1 }
    }

    /// Reads the next sound record and returns its line; `None` at the end.
    fn next(&mut self, record: &mut csv::StringRecord, sink: &mut Sink) -> Option<usize> {
        loop {
            let start = self.reader.position().byte() as usize;
            match self.reader.read_record(record) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    sink.push(self.line, "", || (error.to_string(), "a row of a CSV table".to_owned()));
                    return None;
                }
            }
            let end = (self.reader.position().byte() as usize).min(self.text.len());
            let start = self.first_byte(start).min(end);
            let line = self.line_of(start);
            let raw = &self.text[start..end];
            let at_end = end == self.text.len();
            if at_end && ends_in_quotes(raw) {
                sink.push(line, "", || (quoted(raw), "a closing quote before the file ends".to_owned()));
            } else if breaks(record.as_slice()) > 0 {
                sink.push(line, "", || (quoted(raw), "cells on one line: is a quote not closed?".to_owned()));
            } else if record.len() > 1 && record.iter().all(|cell| cell.trim().is_empty()) {
                sink.push(line, "", || ("only empty cells".to_owned(), "a row, or no line".to_owned()));
            } else if record.len() > 1 || !record.as_slice().trim().is_empty() {
                return Some(line);
            }
        }
    }

    /// The first byte of the record that is read from `start`: blank lines and comments do not count.
    fn first_byte(&self, start: usize) -> usize {
        let mut at = start;
        while let Some(rest) = self.text.get(at..) {
            match rest.as_bytes() {
                [b'\n' | b'\r', ..] => at += 1,
                [b'#', ..] => at += rest.find('\n').map_or(rest.len(), |length| length + 1),
                _ => break,
            }
        }
        at
    }

    fn line_of(&mut self, offset: usize) -> usize {
        let passed = &self.text.as_bytes()[self.offset..offset.max(self.offset)];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.offset = offset.max(self.offset);
        self.line
    }
}

/// Line breaks in a text. (Counting all is faster than finding the first.)
fn breaks(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n' || byte == b'\r').count()
}

/// Whether a quoted cell of this record is still open at its end.
fn ends_in_quotes(raw: &str) -> bool {
    let mut bytes = raw.bytes().peekable();
    let mut cell_starts = true;
    while let Some(byte) = bytes.next() {
        if byte == b'"' && cell_starts {
            // Inside quotes, two quotes are one.
            loop {
                match (bytes.next(), bytes.peek()) {
                    (None, _) => return true,
                    (Some(b'"'), Some(b'"')) => drop(bytes.next()),
                    (Some(b'"'), _) => break,
                    _ => {}
                }
            }
        }
        cell_starts = byte == b',';
    }
    false
}
