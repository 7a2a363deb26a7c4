//! TOML documents: read once, checked whole, lines kept for the checks that come later.

use super::node::{self, Damage, Node};
use super::part;
use super::schema::Checker;
use super::sink::Sink;
use super::text::{DOCUMENT_LIMIT, content, read_text};
use crate::error::{Error, Problem, Problems};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// A kind of TOML file: its type, its usual name and its JSON Schema.
///
/// ```
/// use leasefall::tape::{FileFormat, read_document};
/// use rust_decimal::Decimal;
///
/// #[derive(serde::Deserialize)]
/// struct Note { coupon: Decimal }
///
/// impl FileFormat for Note {
///     const NAME: &'static str = "note.toml";
///     const SCHEMA: &'static str = r#"{"type": "object", "required": ["coupon"],
///         "properties": {"coupon": {"type": ["string", "number"]}}}"#;
/// }
///
/// let note = read_document::<Note>("note.toml", "coupon = 0.0658").unwrap();
/// assert_eq!(note.value.coupon, Decimal::new(658, 4)); // exactly
///
/// let problems = read_document::<Note>("note.toml", "copon = 0.0658").err().unwrap();
/// let expected = "note.toml:1: copon: found the unknown field `copon`, expected `coupon`";
/// assert_eq!(problems.to_string(), expected);
/// ```
pub trait FileFormat: DeserializeOwned {
    /// The file's name in a deal's folder: `deal.toml`.
    const NAME: &'static str;
    /// The JSON Schema (2020-12) of the type, as derived: the text of a file under `docs/schema`.
    const SCHEMA: &'static str;
}

/// A document's value, and where in the file each part of it stands.
#[derive(Clone, Debug)]
pub struct Document<T> {
    /// What the file says.
    pub value: T,
    name: String,
    root: Node,
}

impl<T> Document<T> {
    /// The file's name, as problems give it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line, from 1, of the value at a path such as `notes[2].coupon` (counted from 0), or of the
    /// nearest table or list that would hold it; 0 if that is the whole file.
    pub fn line(&self, path: &str) -> usize {
        self.root.nearest(path).line
    }

    /// A problem with the value at a path, for checks of what it means: ids that lead nowhere, dates out
    /// of order.
    pub fn problem(&self, path: &str, found: impl Into<String>, expected: impl Into<String>) -> Problem {
        Problem {
            file: self.name.clone(),
            line: self.line(path),
            field: path.to_owned(),
            found: found.into(),
            expected: expected.into(),
        }
    }
}

/// A document from its text. `name` is what problems call the file.
///
/// # Errors
/// Every problem of the text: syntax, unknown and missing fields, values of the wrong type or out of
/// bounds, numbers that cannot be kept exactly. Where the syntax is broken, fields that seem to be missing
/// are not reported, for they may stand in what could not be read.
pub fn read_document<T: FileFormat>(name: &str, text: &str) -> Result<Document<T>, Problems> {
    let (root, json) = checked(name, text, T::SCHEMA)?;
    let unfit = |error: serde::de::value::Error| whole(name, error.to_string(), "values that go together");
    let value = part::read(&json).map_err(unfit)?;
    Ok(Document { value, name: name.to_owned(), root })
}

/// What a text says once it has passed a schema, and where.
fn checked(name: &str, text: &str, schema: &str) -> Result<(Node, Value), Problems> {
    let text = content(name, text, DOCUMENT_LIMIT).map_err(|problem| Problems::from(vec![problem]))?;
    let schema = serde_json::from_str(schema)
        .map_err(|error| whole(name, format!("a schema that is not JSON ({error})"), "a schema"))?;
    let mut sink = Sink::new(name);
    let (root, damage) = node::parse(text, &mut sink);
    let mut json = Value::Null;
    // Without its header, a field belongs to the wrong table: then only the syntax is certain.
    if damage < Damage::Headers {
        (json, sink) = Checker::new(name, &schema, damage != Damage::None, sink).document(&root);
    }
    if sink.is_empty() { Ok((root, json)) } else { Err(sink.into_problems()) }
}

/// A problem with a file as a whole.
fn whole(name: &str, found: String, expected: &str) -> Problems {
    let (file, expected) = (name.to_owned(), expected.to_owned());
    Problems::from(vec![Problem { file, line: 0, field: String::new(), found, expected }])
}

/// The document of a kind in a folder, under its usual name.
///
/// # Errors
/// [`Error::Unreadable`] if the file cannot be read, [`Error::Input`] with all that is wrong in it.
pub fn open_document<T: FileFormat>(folder: &Path) -> Result<Document<T>, Error> {
    let text = read_text(&folder.join(T::NAME), T::NAME, DOCUMENT_LIMIT)?;
    Ok(read_document(T::NAME, &text)?)
}
