//! A trustee's printed lines, as a CSV table or a TOML document.

use crate::deal::Formula;
use crate::error::{Error, Problem};
use crate::tape::{
    Column, DOCUMENT_LIMIT, FileFormat, Row, RowFormat, TABLE_LIMIT, read_document, read_table, read_text,
};
use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One printed figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatementLine {
    /// The payment date, as scheduled or as paid.
    pub payment_date: Date,
    /// What is printed: a quantity of the run, or arithmetic on several, as `interest_paid(A-1)`.
    pub line: Formula,
    /// The figure.
    pub printed: Decimal,
    /// How far the figure may be off by the sheet's own rounding.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub rounding: Decimal,
    /// For people: the line's label, why it is rounded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl RowFormat for StatementLine {
    const NAME: &'static str = "statement.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("payment_date"),
        Column::required("line"),
        Column::required("printed"),
        Column::optional("rounding"),
        Column::optional("note"),
    ];

    fn from_row(row: &mut Row<'_>) -> Self {
        StatementLine {
            payment_date: row.required("payment_date"),
            line: Formula::new(row.required::<String>("line")),
            printed: row.required("printed"),
            rounding: row.optional_in("rounding", Decimal::ZERO..).unwrap_or_default(),
            note: row.optional("note").unwrap_or_default(),
        }
    }
}

/// The document form: `[[lines]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatementFile {
    /// The figures, in the order of the sheet.
    pub lines: Vec<StatementLine>,
}

impl FileFormat for StatementFile {
    const NAME: &'static str = "statement.toml";
    const SCHEMA: &'static str = include_str!("../../docs/schema/statement.json");
}

/// A statement as read: its lines, and where each stands in the file.
///
/// ```
/// use leasefall::study::Statement;
/// let csv = "payment_date,line,printed\n2005-03-21,interest_paid(A-1),634312.50\n";
/// let toml = "[[lines]]\npayment_date = 2005-03-21\nline = \"interest_paid(A-1)\"\nprinted = 634312.50\n";
/// let (table, document) = (Statement::read("s.csv", csv)?, Statement::read("s.toml", toml)?);
/// assert_eq!(table.lines(), document.lines());
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    name: String,
    lines: Vec<StatementLine>,
    places: Vec<usize>,
}

impl Statement {
    /// A statement from a file: a TOML document if its name ends so, else a CSV table.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such file; [`Error::Input`] with all that is wrong in it.
    pub fn open(path: impl AsRef<Path>) -> Result<Statement, Error> {
        let path = path.as_ref();
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let limit = if is_document(&name) { DOCUMENT_LIMIT } else { TABLE_LIMIT };
        Statement::read(&name, &read_text(path, &name, limit)?)
    }

    /// A statement from its text. `name` is what problems call the file; one that ends in `.toml` is a
    /// document.
    ///
    /// # Errors
    /// [`Error::Input`] with all that is wrong in it.
    pub fn read(name: &str, text: &str) -> Result<Statement, Error> {
        if is_document(name) {
            let document = read_document::<StatementFile>(name, text)?;
            let places =
                (0..document.value.lines.len()).map(|k| document.line(&format!("lines[{k}]"))).collect();
            return Ok(Statement { name: name.to_owned(), lines: document.value.lines, places });
        }
        let table = read_table::<StatementLine>(name, text)?;
        let places = (0..table.rows.len()).map(|row| table.line(row)).collect();
        Ok(Statement { name: name.to_owned(), lines: table.rows, places })
    }

    /// The file's name, as problems give it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The printed figures, in the order of the file.
    pub fn lines(&self) -> &[StatementLine] {
        &self.lines
    }

    /// A problem with a line counted from 0.
    pub(super) fn problem(&self, line: usize, field: &str, found: String, expected: String) -> Problem {
        let place = self.places.get(line).copied().unwrap_or(0);
        Problem { file: self.name.clone(), line: place, field: field.to_owned(), found, expected }
    }
}

fn is_document(name: &str) -> bool {
    name.ends_with(".toml")
}
