//! One schema seen as a shape: its references followed, its alternatives told apart.

use super::node::{Content, Entry};
use super::wording::one_of;
use rust_decimal::Decimal;
use serde_json::Value;

/// References and combinations followed inside one another: more is a cycle.
const HOPS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Text,
    Integer,
    Number,
    Bool,
    List,
    Table,
}

impl Kind {
    /// The kind of a value; a date is written as a text.
    pub fn of(content: &Content) -> Kind {
        match content {
            Content::Text(_) | Content::Date(_) => Kind::Text,
            Content::Integer(_) => Kind::Integer,
            Content::Float(_) => Kind::Number,
            Content::Bool(_) => Kind::Bool,
            Content::List(_) => Kind::List,
            Content::Table(_) => Kind::Table,
        }
    }

    const ALL: [(Kind, &'static str, &'static str); 6] = [
        (Kind::Text, "string", "text"),
        (Kind::Integer, "integer", "a whole number"),
        (Kind::Number, "number", "a number"),
        (Kind::Bool, "boolean", "`true` or `false`"),
        (Kind::List, "array", "a list"),
        (Kind::Table, "object", "a table"),
    ];
}

/// A schema with all that holds at the same place: what its `$ref` and `allOf` lead to.
#[derive(Clone)]
pub(super) struct Shape<'s> {
    root: &'s Value,
    parts: Vec<&'s Value>,
}

/// The fields that a table may have.
#[derive(Default)]
pub(super) struct Fields<'s> {
    pub properties: Vec<(&'s str, &'s Value)>,
    pub required: Vec<&'s str>,
    /// What any other field must be; `None` if there may be no other.
    pub others: Option<&'s Value>,
}

/// A table whose tag names none of the kinds known.
pub(super) struct UnknownTag<'s> {
    pub tag: String,
    pub known: Vec<&'s str>,
}

/// The schema listed under a name.
pub(super) fn named<'s>(properties: &[(&'s str, &'s Value)], name: &str) -> Option<&'s Value> {
    properties.iter().find(|&&(known, _)| known == name).map(|&(_, schema)| schema)
}

/// A literal as one would write it.
pub(super) fn literal(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl<'s> Shape<'s> {
    /// A schema inside the document `root`.
    pub fn new(root: &'s Value, schema: &'s Value) -> Shape<'s> {
        let mut shape = Shape { root, parts: Vec::new() };
        shape.collect(schema, HOPS);
        shape
    }

    fn collect(&mut self, schema: &'s Value, hops: usize) {
        self.parts.push(schema);
        if hops == 0 {
            return;
        }
        let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        if let Some(target) = pointer.and_then(|pointer| self.root.pointer(pointer)) {
            self.collect(target, hops - 1);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.collect(part, hops - 1);
        }
    }

    /// A keyword's value, wherever it stands.
    pub fn find(&self, keyword: &str) -> Option<&'s Value> {
        self.parts.iter().find_map(|part| part.get(keyword))
    }

    /// The schemas of `oneOf` or `anyOf`, without the one that stands for absence.
    pub fn alternatives(&self) -> Vec<&'s Value> {
        let lists = self.parts.iter().flat_map(|part| [&part["oneOf"], &part["anyOf"]]);
        let all = lists.filter_map(Value::as_array).flatten();
        all.filter(|schema| schema["type"] != "null").collect()
    }

    pub fn has_alternatives(&self) -> bool {
        !self.alternatives().is_empty()
    }

    fn shapes(&self) -> Vec<Shape<'s>> {
        self.alternatives().into_iter().map(|schema| Shape::new(self.root, schema)).collect()
    }

    /// The types named here, not those of alternatives.
    fn types(&self) -> Vec<&'s str> {
        match self.find("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a value of this kind may stand here at all.
    pub fn admits(&self, kind: Kind) -> bool {
        self.admits_within(kind, HOPS)
    }

    fn admits_within(&self, kind: Kind, hops: usize) -> bool {
        let name = Kind::ALL.iter().find(|known| known.0 == kind).map_or("", |known| known.1);
        let types = self.types();
        types.contains(&name)
            || (kind == Kind::Table && self.find("properties").is_some())
            || (hops > 0 && self.shapes().iter().any(|shape| shape.admits_within(kind, hops - 1)))
    }

    /// [`Shape::admits`], where a whole number is also a number, and either may be a decimal.
    pub fn may_be(&self, kind: Kind) -> bool {
        self.is_anything()
            || self.admits(kind)
            || (kind == Kind::Integer && self.admits(Kind::Number))
            || (matches!(kind, Kind::Integer | Kind::Number) && self.is_decimal())
    }

    /// The only alternative of this kind, or the shape itself.
    pub fn of_kind(&self, kind: Kind) -> Shape<'s> {
        let fitting = self.shapes().into_iter().find(|shape| shape.admits(kind));
        fitting.map_or_else(|| self.clone(), |shape| shape.of_kind(kind))
    }

    /// Whether the schema says nothing of what may stand here.
    pub fn is_anything(&self) -> bool {
        self.types().is_empty() && self.find("properties").is_none() && self.alternatives().is_empty()
    }

    /// Whether this is an exact decimal: a number or a text that reads as one.
    pub fn is_decimal(&self) -> bool {
        let types = self.types();
        !self.is_formula()
            && types.contains(&"string")
            && (types.contains(&"number")
                || self
                    .find("pattern")
                    .and_then(Value::as_str)
                    .is_some_and(|p| p.starts_with(r"^-?\d+(\.\d+)?")))
    }

    /// Whether this is arithmetic on named quantities, a lone number included: kept as text.
    pub fn is_formula(&self) -> bool {
        self.find("format").is_some_and(|format| format == "formula")
    }

    pub fn is_date(&self) -> bool {
        self.find("format").is_some_and(|format| format == "date")
    }

    /// The literals that may stand here, if nothing else may.
    pub fn literals(&self) -> Option<Vec<&'s Value>> {
        if let Some(only) = self.find("const") {
            return Some(vec![only]);
        }
        if let Some(several) = self.find("enum").and_then(Value::as_array) {
            return Some(several.iter().filter(|value| !value.is_null()).collect());
        }
        let shapes = self.shapes();
        let each: Option<Vec<Vec<&Value>>> = shapes.iter().map(Shape::literals).collect();
        each.map(|lists| lists.concat()).filter(|all| !all.is_empty())
    }

    /// The range of the integer's width.
    pub fn integer_range(&self) -> (i128, i128) {
        match self.find("format").and_then(Value::as_str) {
            Some("int8") => (i8::MIN.into(), i8::MAX.into()),
            Some("int16") => (i16::MIN.into(), i16::MAX.into()),
            Some("int32") => (i32::MIN.into(), i32::MAX.into()),
            Some("uint8") => (0, u8::MAX.into()),
            Some("uint16") => (0, u16::MAX.into()),
            Some("uint32") => (0, u32::MAX.into()),
            Some("uint64" | "uint") => (0, u64::MAX.into()),
            _ => (i64::MIN.into(), i64::MAX.into()),
        }
    }

    /// `Err` with what is expected if the number is outside the stated bounds.
    pub fn within_bounds(&self, number: Decimal) -> Result<(), String> {
        let bound = |key: &str| {
            let text = self.find(key)?.to_string();
            text.parse().or_else(|_| Decimal::from_scientific(&text)).ok().map(|value| (value, text))
        };
        let wrong = |outside: bool, words: &str, text: String| match outside {
            true => Err(format!("a number {words} {}", text.trim_end_matches(".0"))),
            false => Ok(()),
        };
        if let Some((low, text)) = bound("minimum") {
            wrong(number < low, "of at least", text)?;
        }
        if let Some((low, text)) = bound("exclusiveMinimum") {
            wrong(number <= low, "above", text)?;
        }
        if let Some((high, text)) = bound("maximum") {
            wrong(number > high, "of at most", text)?;
        }
        if let Some((high, text)) = bound("exclusiveMaximum") {
            wrong(number >= high, "below", text)?;
        }
        Ok(())
    }

    /// What may stand here, for a problem's `expected`.
    pub fn describe(&self) -> String {
        if let Some(values) = self.literals() {
            let names: Vec<String> = values.into_iter().map(literal).collect();
            return one_of(names.iter().map(String::as_str));
        }
        if self.is_decimal() {
            return "a number".to_owned();
        }
        if self.is_date() {
            return "a date as YYYY-MM-DD".to_owned();
        }
        let mut alternatives: Vec<String> = self.shapes().iter().map(Shape::describe).collect();
        if !alternatives.is_empty() {
            alternatives.dedup();
            return alternatives.join(" or ");
        }
        let kinds = Kind::ALL.iter().filter(|(kind, ..)| self.admits(*kind)).map(|&(.., words)| words);
        let kinds: Vec<&str> = kinds.collect();
        if kinds.is_empty() { "a value".to_owned() } else { kinds.join(" or ") }
    }

    /// The fields that a table with these entries may have: alternatives are chosen by their tag, or by
    /// the fields present.
    pub fn fields(&self, entries: &[Entry]) -> Result<Fields<'s>, UnknownTag<'s>> {
        let mut fields = Fields::default();
        self.gather(entries, &mut fields, HOPS)?;
        if fields.properties.is_empty() && fields.others.is_none() {
            fields.others = Some(&Value::Bool(true));
        }
        // `false` is the schema that nothing satisfies.
        fields.others = fields.others.filter(|schema| **schema != Value::Bool(false));
        Ok(fields)
    }

    fn gather(&self, entries: &[Entry], into: &mut Fields<'s>, hops: usize) -> Result<(), UnknownTag<'s>> {
        for part in &self.parts {
            let properties = part["properties"].as_object().into_iter().flatten();
            into.properties.extend(properties.map(|(name, schema)| (name.as_str(), schema)));
            let required = part["required"].as_array().into_iter().flatten();
            into.required.extend(required.filter_map(Value::as_str));
            into.others = into.others.or(part.get("additionalProperties"));
        }
        let tables: Vec<_> = self.shapes().into_iter().filter(|shape| shape.admits(Kind::Table)).collect();
        match (tables.as_slice(), hops) {
            ([], _) | (_, 0) => Ok(()),
            ([only], _) => only.gather(entries, into, hops - 1),
            (several, _) => choose(several, entries)?.gather(entries, into, hops - 1),
        }
    }

    fn property(&self, name: &str) -> Option<Shape<'s>> {
        let schema = self.parts.iter().find_map(|part| part["properties"].get(name))?;
        Some(Shape::new(self.root, schema))
    }

    fn property_names(&self) -> impl Iterator<Item = &'s str> {
        self.parts.iter().filter_map(|part| part["properties"].as_object()).flatten().map(|(n, _)| n.as_str())
    }

    /// The single text that a property must be, if there is one.
    fn tag(&self, name: &str) -> Option<&'s str> {
        match self.property(name)?.literals()?.as_slice() {
            [Value::String(tag)] => Some(tag),
            _ => None,
        }
    }
}

/// The alternative that a table means.
fn choose<'t, 's>(tables: &'t [Shape<'s>], entries: &[Entry]) -> Result<&'t Shape<'s>, UnknownTag<'s>> {
    // A field that is one fixed text in each: `kind`.
    let tag = tables[0].property_names().find(|name| tables.iter().all(|table| table.tag(name).is_some()));
    if let Some(tag) = tag {
        let found = entries.iter().find(|entry| entry.key == tag).map(|entry| &entry.node.content);
        let chosen = tables.iter().find(|table| {
            matches!((found, table.tag(tag)), (Some(Content::Text(text)), Some(known)) if text == known)
        });
        let known = tables.iter().filter_map(|table| table.tag(tag)).collect();
        return chosen.ok_or(UnknownTag { tag: tag.to_owned(), known });
    }
    // Else the alternative with the most of the fields present; ties go to the one that misses least.
    let score = |table: &Shape<'s>| {
        let present = |name: &str| entries.iter().any(|entry| entry.key == name);
        let known = table.property_names().filter(|name| present(name)).count();
        let required = table.find("required").and_then(Value::as_array).into_iter().flatten();
        let missing = required.filter_map(Value::as_str).filter(|name| !present(name)).count();
        (known, std::cmp::Reverse(missing))
    };
    let best = tables.iter().rev().max_by_key(|table| score(table));
    Ok(best.unwrap_or(&tables[0]))
}
