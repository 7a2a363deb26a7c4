//! A document against the JSON Schema of its type: every mismatch is found, numbers stay as written.
//!
//! The subset is what derived schemas use: `type` (also lists), `properties`, `required`,
//! `additionalProperties`, `items`, `prefixItems`, `minItems`, `maxItems`, `enum`, `const`, `oneOf`,
//! `anyOf`, `allOf`, `$ref`, `format` (`date` and the integer widths), `minLength` and numeric bounds.
//! A table with listed properties is closed unless `additionalProperties` opens it.

use super::node::{Content, Entry, Node, segment};
use super::number::{exact_date, exact_decimal};
use super::shape::{Kind, Shape, literal, named};
use super::wording::{PROBLEMS_KEPT, closest, one_of, one_of_near, quoted};
use crate::error::Problem;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// Checks a document and rebuilds it as JSON on the way: decimals as exact text, dates as ISO text.
pub(super) struct Checker<'a> {
    file: &'a str,
    schema: &'a Value,
    path: String,
    /// Whether the syntax was broken: then what is missing may only have been unreadable.
    broken: bool,
    pub problems: Vec<Problem>,
    /// Problems not kept.
    pub uncounted: usize,
}

impl<'a> Checker<'a> {
    pub fn new(file: &'a str, schema: &'a Value, broken: bool) -> Checker<'a> {
        Checker { file, schema, path: String::new(), broken, problems: Vec::new(), uncounted: 0 }
    }

    /// The whole document.
    pub fn document(&mut self, root: &Node) -> Value {
        self.value(root, self.schema)
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
        let before = self.problems.len();
        let mut attempts = Vec::new();
        for schema in of_kind {
            let value = self.value(node, schema);
            let problems = self.problems.split_off(before);
            if problems.is_empty() {
                return value;
            }
            attempts.push(problems);
        }
        match attempts.pop() {
            Some(only) if attempts.is_empty() => self.problems.extend(only),
            _ => self.problem(node.line, node.describe(), shape.describe()),
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
            self.problem(node.line, node.describe(), expected);
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
            Err(unknown) => {
                let entry = entries.iter().find(|entry| entry.key == unknown.tag);
                self.within(&step(&unknown.tag), |checker| match entry.map(|e| (e, &e.node.content)) {
                    Some((entry, Content::Text(text))) => {
                        let expected = one_of_near(&unknown.known, text);
                        checker.problem(entry.node.line, entry.node.describe(), expected);
                    }
                    Some((entry, _)) => {
                        checker.problem(entry.node.line, entry.node.describe(), one_of(unknown.known));
                    }
                    None => checker.problem(node.line, "nothing".to_owned(), one_of(unknown.known)),
                });
                return Value::Null;
            }
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
                None => {
                    misspelt.extend(closest(&entry.key, &known));
                    let found = format!("the unknown field {}", quoted(&entry.key));
                    checker.problem(entry.line, found, one_of_near(&known, &entry.key));
                }
            });
        }
        for &name in &fields.required {
            // A misspelt field is one mistake, not two.
            if !self.broken && !object.contains_key(name) && !misspelt.contains(&name) {
                let schema = named(&fields.properties, name).unwrap_or(&Value::Bool(true));
                let expected = Shape::new(self.schema, schema).describe();
                self.within(&step(name), |checker| {
                    checker.problem(node.line, "nothing".to_owned(), expected);
                });
            }
        }
        Value::Object(object)
    }

    fn within<T>(&mut self, step: &str, inner: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.path.len();
        self.path.push_str(if outer == 0 { step.trim_start_matches('.') } else { step });
        let result = inner(self);
        self.path.truncate(outer);
        result
    }

    fn mismatch(&mut self, node: &Node, expected: String) -> Value {
        self.problem(node.line, node.describe(), expected);
        Value::Null
    }

    fn problem(&mut self, line: usize, found: String, expected: String) {
        if self.problems.len() == PROBLEMS_KEPT {
            self.uncounted += 1;
            return;
        }
        let (file, field) = (self.file.to_owned(), self.path.clone());
        self.problems.push(Problem { file, line, field, found, expected });
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
