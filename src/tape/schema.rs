//! A document against the JSON Schema of its type: every mismatch is found, numbers stay as written.
//!
//! The subset is what derived schemas use: `type` (also lists), `properties`, `required`,
//! `additionalProperties`, `items`, `prefixItems`, `minItems`, `maxItems`, `enum`, `const`, `oneOf`,
//! `anyOf`, `allOf`, `$ref`, `format` (`date` and the integer widths), `minLength` and numeric bounds.
//! A table with listed properties is closed unless `additionalProperties` opens it.

use super::node::{Content, Entry, Node, segment};
use super::number::{exact_date, exact_decimal};
use super::shape::{Kind, Shape, UnknownTag, literal, named};
use super::sink::Sink;
use super::wording::{closest, one_of, one_of_near, quoted};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Checks a document and rebuilds it as JSON on the way: decimals as exact text, dates as ISO text.
pub(super) struct Checker<'a> {
    file: &'a str,
    schema: &'a Value,
    path: String,
    /// Whether the syntax was broken: then what is missing may only have been unreadable.
    broken: bool,
    /// Lines whose syntax is broken: what else is wrong there is a consequence.
    unreadable: HashSet<usize>,
    sink: Sink,
}

impl<'a> Checker<'a> {
    /// Continues a sink that holds the problems of syntax.
    pub fn new(file: &'a str, schema: &'a Value, broken: bool, sink: Sink) -> Checker<'a> {
        let unreadable = sink.lines().collect();
        Checker { file, schema, path: String::new(), broken, unreadable, sink }
    }

    /// The whole document.
    pub fn document(mut self, root: &Node) -> (Value, Sink) {
        let value = self.value(root, self.schema);
        (value, self.sink)
    }

    fn value(&mut self, node: &Node, schema: &'a Value) -> Value {
        let shape = Shape::new(self.schema, schema);
        match &node.content {
            Content::Table(entries) if shape.admits(Kind::Table) => {
                return self.table(node, entries, &shape);
            }
            Content::List(items) if shape.admits(Kind::List) => return self.list(node, items, &shape),
            _ => {}
        }
        if let Some(values) = shape.literals() {
            return self.literal(node, &values);
        }
        if shape.has_alternatives() {
            return self.first_that_fits(node, &shape);
        }
        match scalar(node, &shape) {
            Ok(value) => value,
            Err(expected) => self.mismatch(node, expected),
        }
    }

    fn literal(&mut self, node: &Node, values: &[&'a Value]) -> Value {
        let found = plain(node);
        if values.contains(&&found) {
            return found;
        }
        let names: Vec<String> = values.iter().map(|value| literal(value)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let expected = match &node.content {
            Content::Text(text) => one_of_near(&names, text),
            _ => one_of(names),
        };
        self.mismatch(node, expected)
    }

    /// Alternatives without a tag: the first without problems, else what the whole expects.
    fn first_that_fits(&mut self, node: &Node, shape: &Shape<'a>) -> Value {
        let kind = Kind::of(&node.content);
        let alternatives = shape.alternatives();
        let of_kind = || alternatives.iter().filter(|a| Shape::new(self.schema, a).may_be(kind));
        let literals: Option<Vec<_>> = of_kind().map(|a| Shape::new(self.schema, a).literals()).collect();
        if let Some(literals) = literals.map(|lists| lists.concat()).filter(|all| !all.is_empty()) {
            return self.literal(node, &literals);
        }
        let of_kind: Vec<_> = of_kind().copied().collect();
        let outer = std::mem::replace(&mut self.sink, Sink::new(self.file));
        let mut attempts = Vec::new();
        for schema in of_kind {
            let value = self.value(node, schema);
            let attempt = std::mem::replace(&mut self.sink, Sink::new(self.file));
            if attempt.is_empty() {
                self.sink = outer;
                return value;
            }
            attempts.push(attempt);
        }
        self.sink = outer;
        match attempts.pop() {
            Some(only) if attempts.is_empty() => self.sink.absorb(only),
            _ => self.problem(node.line, || (node.describe(), shape.describe())),
        }
        Value::Null
    }

    fn list(&mut self, node: &Node, items: &[Node], shape: &Shape<'a>) -> Value {
        let shape = shape.of_kind(Kind::List);
        let count = |key| shape.find(key).and_then(Value::as_u64);
        let (least, most) = (count("minItems").unwrap_or(0), count("maxItems").unwrap_or(u64::MAX));
        if !(least..=most).contains(&(items.len() as u64)) {
            let expected = match (least, most) {
                (least, u64::MAX) => format!("a list of at least {least}"),
                (least, most) if least == most => format!("a list of {least}"),
                (least, most) => format!("a list of {least} to {most}"),
            };
            self.problem(node.line, || (node.describe(), expected));
        }
        let first = shape.find("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let rest = shape.find("items").unwrap_or(&Value::Bool(true));
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let value = self.within(&format!("[{index}]"), |checker| {
                checker.value(item, first.get(index).unwrap_or(rest))
            });
            values.push(value);
        }
        Value::Array(values)
    }

    fn table(&mut self, node: &Node, entries: &[Entry], shape: &Shape<'a>) -> Value {
        let fields = match shape.fields(entries) {
            Ok(fields) => fields,
            Err(unknown) => return self.unknown_tag(node, entries, &unknown),
        };
        let known: Vec<&str> = fields.properties.iter().map(|&(name, _)| name).collect();
        let (mut object, mut misspelt) = (Map::new(), Vec::new());
        for entry in entries {
            let schema = named(&fields.properties, &entry.key).or(fields.others);
            self.within(&step(&entry.key), |checker| match schema {
                Some(schema) => {
                    let value = checker.value(&entry.node, schema);
                    object.insert(entry.key.clone(), value);
                }
                None => checker.problem(entry.line, || {
                    misspelt.extend(closest(&entry.key, &known));
                    let found = format!("the unknown field {}", quoted(&entry.key));
                    (found, one_of_near(&known, &entry.key))
                }),
            });
        }
        for &name in &fields.required {
            // A misspelt field is one mistake, not two.
            if !self.broken && !object.contains_key(name) && !misspelt.contains(&name) {
                let schema = named(&fields.properties, name).unwrap_or(&Value::Bool(true));
                let expected = Shape::new(self.schema, schema).describe();
                self.within(&step(name), |checker| {
                    checker.problem(node.line, || ("nothing".to_owned(), expected));
                });
            }
        }
        Value::Object(object)
    }

    fn unknown_tag(&mut self, node: &Node, entries: &[Entry], unknown: &UnknownTag<'_>) -> Value {
        let entry = entries.iter().find(|entry| entry.key == unknown.tag);
        let known = || one_of(unknown.known.iter().copied());
        self.within(&step(&unknown.tag), |checker| match entry.map(|entry| &entry.node) {
            Some(tag) => checker.problem(tag.line, || match &tag.content {
                Content::Text(text) => (tag.describe(), one_of_near(&unknown.known, text)),
                _ => (tag.describe(), known()),
            }),
            None if checker.broken => {}
            None => checker.problem(node.line, || ("nothing".to_owned(), known())),
        });
        Value::Null
    }

    fn within<T>(&mut self, step: &str, inner: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.path.len();
        self.path.push_str(if outer == 0 { step.trim_start_matches('.') } else { step });
        let result = inner(self);
        self.path.truncate(outer);
        result
    }

    fn mismatch(&mut self, node: &Node, expected: String) -> Value {
        self.problem(node.line, || (node.describe(), expected));
        Value::Null
    }

    fn problem(&mut self, line: usize, words: impl FnOnce() -> (String, String)) {
        if !self.unreadable.contains(&line) {
            self.sink.push(line, &self.path, words);
        }
    }
}

fn step(key: &str) -> String {
    format!(".{}", segment(key))
}

/// A text, number, date or truth value as the schema wants it; else what it wants.
fn scalar(node: &Node, shape: &Shape<'_>) -> Result<Value, String> {
    let expected = || shape.describe();
    match &node.content {
        Content::Text(text) | Content::Integer(text) | Content::Float(text) if shape.is_decimal() => {
            let number = exact_decimal(text)?;
            shape.within_bounds(number)?;
            Ok(Value::String(number.to_string()))
        }
        Content::Integer(text) | Content::Float(text) if shape.is_formula() => {
            Ok(Value::String(exact_decimal(text)?.to_string()))
        }
        Content::Text(text) if shape.is_date() => Ok(Value::String(exact_date(text)?.to_string())),
        Content::Date(text) if shape.is_date() => Ok(Value::String(exact_date(text)?.to_string())),
        Content::Text(text) if shape.admits(Kind::Text) => {
            let least = shape.find("minLength").and_then(Value::as_u64).unwrap_or(0);
            if (text.chars().count() as u64) < least {
                return Err(format!("text of at least {least} characters"));
            }
            Ok(Value::String(text.clone()))
        }
        Content::Integer(text) if shape.admits(Kind::Integer) => {
            let (low, high) = shape.integer_range();
            let range = || format!("a whole number from {low} to {high}");
            let number = text.parse::<i128>().map_err(|_| range())?;
            if !(low..=high).contains(&number) {
                return Err(range());
            }
            shape.within_bounds(Decimal::from(number))?;
            integer(number).ok_or_else(range)
        }
        Content::Integer(text) | Content::Float(text) if shape.admits(Kind::Number) => {
            if let Ok(number) = exact_decimal(text) {
                shape.within_bounds(number)?;
            }
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.and_then(serde_json::Number::from_f64);
            number.map(Value::Number).ok_or_else(|| "a finite number".to_owned())
        }
        Content::Bool(value) if shape.admits(Kind::Bool) => Ok(Value::Bool(*value)),
        _ if shape.is_anything() => Ok(plain(node)),
        _ => Err(expected()),
    }
}

fn integer(number: i128) -> Option<Value> {
    i64::try_from(number).map(Value::from).or_else(|_| u64::try_from(number).map(Value::from)).ok()
}

/// A value of which the schema says nothing: whole numbers as such, other numbers as exact text.
fn plain(node: &Node) -> Value {
    match &node.content {
        Content::Integer(text) => {
            text.parse().ok().and_then(integer).unwrap_or_else(|| Value::String(text.clone()))
        }
        Content::Text(text) | Content::Float(text) | Content::Date(text) => Value::String(text.clone()),
        Content::Bool(value) => Value::Bool(*value),
        Content::List(items) => Value::Array(items.iter().map(plain).collect()),
        Content::Table(entries) => {
            Value::Object(entries.iter().map(|e| (e.key.clone(), plain(&e.node))).collect())
        }
    }
}
