//! TOML text to a tree that knows its lines and keeps numbers as they are written.

use super::sink::Sink;
use super::wording::quoted;
use toml::de::{DeTable, DeValue};

/// Tables and lists inside one another, at most.
const DEPTH: usize = 64;

/// One value of a document.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Where it starts, from 1; 0 for the document itself.
    pub line: usize,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Text(String),
    /// Decimal digits with an optional minus, whatever the radix in the file.
    Integer(String),
    /// As written, without underscores and plus sign.
    Float(String),
    Bool(bool),
    /// ISO 8601: a date, a time, or both.
    Date(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub line: usize,
    pub node: Node,
}

impl Node {
    /// The value at a path such as `notes[2].coupon`, or the nearest that contains it.
    pub fn nearest(&self, path: &str) -> &Node {
        let (mut node, mut rest) = (self, path);
        loop {
            let inner = match &node.content {
                Content::Table(entries) => entries.iter().find_map(|entry| {
                    let after = rest.strip_prefix(segment(&entry.key).as_str())?;
                    let ends = after.is_empty() || after.starts_with(['.', '[']);
                    ends.then_some((&entry.node, after))
                }),
                Content::List(items) => rest.strip_prefix('[').and_then(|index| {
                    let (index, after) = index.split_once(']')?;
                    Some((items.get(index.parse::<usize>().ok()?)?, after))
                }),
                _ => None,
            };
            match inner {
                Some((found, after)) => (node, rest) = (found, after.strip_prefix('.').unwrap_or(after)),
                None => return node,
            }
        }
    }

    /// What stands here, for a problem's `found`.
    pub fn describe(&self) -> String {
        match &self.content {
            Content::Text(text) => format!("the text {}", quoted(text)),
            Content::Integer(number) | Content::Float(number) => format!("the number {}", quoted(number)),
            Content::Bool(value) => quoted(if *value { "true" } else { "false" }),
            Content::Date(date) => format!("the date {}", quoted(date)),
            Content::List(items) => format!("a list of {}", items.len()),
            Content::Table(_) => "a table".to_owned(),
        }
    }
}

/// A key as it stands in a path: quoted where it would read as more than one step.
pub(super) fn segment(key: &str) -> String {
    if key.is_empty() || key.contains(['.', '[', ']', '"']) { format!("{key:?}") } else { key.to_owned() }
}

/// What broken syntax did to the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Damage {
    /// Nothing.
    None,
    /// Values may be missing.
    Values,
    /// A table header was lost: values may stand in the wrong table.
    Headers,
}

/// Reads as much of a TOML text as its syntax allows.
pub(super) fn parse(text: &str, sink: &mut Sink) -> (Node, Damage) {
    let lines = Lines::new(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        report(text, &lines, error, sink);
    }
    let damage = errors.iter().map(|error| damage(text, &lines, error)).max().unwrap_or(Damage::None);
    let entries = Builder { lines, sink }.table(root.into_inner(), 0);
    (Node { line: 0, content: Content::Table(entries) }, damage)
}

fn damage(text: &str, lines: &Lines, error: &toml::de::Error) -> Damage {
    let line = error.span().map_or("", |span| lines.text(text, lines.at(span.start)));
    match (error.message() == DUPLICATE_KEY, line.trim_start().starts_with('[')) {
        (true, _) => Damage::None,
        (false, true) => Damage::Headers,
        (false, false) => Damage::Values,
    }
}

const DUPLICATE_KEY: &str = "duplicate key";

fn report(text: &str, lines: &Lines, error: &toml::de::Error, sink: &mut Sink) {
    let line = error.span().map_or(lines.count(), |span| lines.at(span.start));
    sink.push(line, "", || {
        let excerpt = quoted(lines.text(text, line).trim());
        let (what, expected) = match error.message().split_once(", expected ") {
            Some((what, expected)) => (what, expected),
            None if error.message() == DUPLICATE_KEY => (DUPLICATE_KEY, "each key once in its table"),
            None => (error.message(), "valid TOML"),
        };
        let found = if what.is_empty() { excerpt } else { format!("{what} in {excerpt}") };
        (found, expected.to_owned())
    });
}

struct Builder<'s> {
    lines: Lines,
    sink: &'s mut Sink,
}

impl Builder<'_> {
    fn table(&mut self, table: DeTable<'_>, depth: usize) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            let line = self.lines.at(key.span().start);
            let node = self.node(value, depth + 1);
            entries.push(Entry { key: key.into_inner().into_owned(), line, node });
        }
        entries
    }

    fn node(&mut self, value: toml::Spanned<DeValue<'_>>, depth: usize) -> Node {
        let line = self.lines.at(value.span().start);
        let nested = matches!(value.get_ref(), DeValue::Array(_) | DeValue::Table(_));
        if nested && depth > DEPTH {
            dismantle(value.into_inner());
            self.sink.push(line, "", || {
                (format!("more than {DEPTH} tables or lists inside one another"), "fewer".to_owned())
            });
            return Node { line, content: Content::List(Vec::new()) };
        }
        let content = match value.into_inner() {
            DeValue::String(text) => Content::Text(text.into_owned()),
            DeValue::Integer(integer) => Content::Integer(decimal_digits(integer.as_str(), integer.radix())),
            DeValue::Float(float) => Content::Float(plain(float.as_str())),
            DeValue::Boolean(value) => Content::Bool(value),
            DeValue::Datetime(date) => Content::Date(date.to_string()),
            DeValue::Array(items) => {
                Content::List(items.into_iter().map(|item| self.node(item, depth + 1)).collect())
            }
            DeValue::Table(table) => Content::Table(self.table(table, depth)),
        };
        Node { line, content }
    }
}

/// Drops a deep tree without recursion.
fn dismantle(value: DeValue<'_>) {
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            DeValue::Array(items) => left.extend(items.into_iter().map(toml::Spanned::into_inner)),
            DeValue::Table(table) => left.extend(table.into_iter().map(|(_, value)| value.into_inner())),
            _ => {}
        }
    }
}

fn plain(number: &str) -> String {
    number.trim_start_matches('+').replace('_', "")
}

fn decimal_digits(number: &str, radix: u32) -> String {
    let number = plain(number);
    match radix {
        10 => number,
        _ => i128::from_str_radix(&number, radix).map_or(number, |value| value.to_string()),
    }
}

/// Byte offsets to line numbers.
struct Lines {
    ends: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Lines {
        Lines {
            ends: text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at).collect(),
        }
    }

    fn count(&self) -> usize {
        self.ends.len() + 1
    }

    /// The text of a line.
    fn text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let start = if line < 2 { 0 } else { self.ends[line - 2] + 1 };
        &text[start..self.ends.get(line - 1).copied().unwrap_or(text.len())]
    }

    /// The line, from 1, of a byte offset.
    fn at(&self, offset: usize) -> usize {
        1 + self.ends.partition_point(|&end| end < offset)
    }
}
