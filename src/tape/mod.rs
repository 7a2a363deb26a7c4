//! The tape: files as received become typed values, and every bad cell is reported.
//!
//! Two kinds of file: a TOML [`Document`] (a deal, a scenario) is checked against the JSON Schema of its
//! type, and a CSV [`Table`] (leases, tenants) is read cell by cell. Both promise the same:
//!
//! - A number means exactly what is written. Decimals never pass through `f64`; a number that could not
//!   be kept exactly, or that has more than ten decimals or exceeds 10^15 in size, is a problem.
//! - All problems of a file are reported at once, each a [`Problem`](crate::Problem) with file, line,
//!   field, what was found and what was expected. From the thousandth on they are only counted.
//! - Nothing panics, whatever the bytes; files beyond [`DOCUMENT_LIMIT`] or [`TABLE_LIMIT`] are not read.
//!
//! This stage knows nothing of leases or notes. A new kind of document implements [`FileFormat`], a new
//! kind of table [`RowFormat`].

mod cell;
mod document;
mod node;
mod number;
mod part;
mod row;
mod schema;
mod shape;
mod sink;
mod table;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
mod text;
mod wording;

pub use cell::Cell;
pub use document::{Document, FileFormat, open_document, read_document};
pub use number::{exact_date, exact_decimal};
pub use row::{Column, Row};
pub use table::{RowFormat, Table, open_table, read_table};
pub use text::{DOCUMENT_LIMIT, TABLE_LIMIT, read_text};
