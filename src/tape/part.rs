//! A checked document to a value of its type.
//!
//! `serde_json` can do this too. Its deserializers take lists and tables for every struct and own what they
//! read, so that each type of a file is compiled several times over: a third of the time in which this crate
//! builds. What has passed the schema is a table where a table is due, and nothing else is offered here.

use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::{Value, map};
use std::slice;

/// The value that a checked document says.
///
/// # Errors
/// What the type's own conversions refuse.
pub(super) fn read<T: DeserializeOwned>(document: &Value) -> Result<T, Error> {
    T::deserialize(Part(document))
}

#[derive(Clone, Copy)]
struct Part<'de>(&'de Value);

impl<'de> Part<'de> {
    fn table<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = self.entries(&visitor)?;
        visitor.visit_map(entries)
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = self.items(&visitor)?;
        visitor.visit_seq(items)
    }

    fn scalar<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., Some(number)) => visitor.visit_f64(number),
                _ => Err(self.unfit(&visitor)),
            },
            _ => Err(self.unfit(&visitor)),
        }
    }

    // What follows is compiled once, not for each type.

    fn entries(self, expected: &dyn Expected) -> Result<Entries<'de>, Error> {
        match self.0 {
            Value::Object(entries) => Ok(Entries { entries: entries.iter(), value: &Value::Null }),
            _ => Err(self.unfit(expected)),
        }
    }

    fn items(self, expected: &dyn Expected) -> Result<Items<'de>, Error> {
        match self.0 {
            Value::Array(items) => Ok(Items(items.iter())),
            _ => Err(self.unfit(expected)),
        }
    }

    fn unfit(self, expected: &dyn Expected) -> Error {
        Error::invalid_type(self.found(), expected)
    }

    fn found(self) -> Unexpected<'de> {
        match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(_) => Unexpected::Other("a number"),
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        }
    }
}

impl<'de> Deserializer<'de> for Part<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.table(visitor),
            _ => self.scalar(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.table(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.table(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Object(entries) => match entries.iter().next() {
                Some((name, content)) if entries.len() == 1 => {
                    visitor.visit_enum(Variant { name, content: Some(content) })
                }
                _ => Err(Error::invalid_length(entries.len(), &"a table of one variant")),
            },
            _ => Err(self.unfit(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    // The rest are scalars. One that asks for a unit is answered by what stands here.
    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct tuple_struct identifier
    }
}

/// The entries of a table, and the value of the key last read.
struct Entries<'de> {
    entries: map::Iter<'de>,
    value: &'de Value,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    // Once for each type, not for each field of it.
    #[inline(never)]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(Part(self.value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// The items of a list.
struct Items<'de>(slice::Iter<'de, Value>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    #[inline(never)]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(Part(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A variant by its name, alone or with what stands under it.
struct Variant<'de> {
    name: &'de str,
    content: Option<&'de Value>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Variant<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Variant<'de>), Error> {
        Ok((seed.deserialize(BorrowedStrDeserializer::new(self.name))?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(self) -> Result<Part<'de>, Error> {
        self.content.map(Part).ok_or_else(|| Error::custom("a variant without its content"))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(Error::custom("content where a variant has none")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Error> {
        self.content()?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content()?.table(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Length(f64);

    #[derive(Debug, Deserialize, PartialEq)]
    enum Shape {
        Point,
        Disc(Length),
        Line(i8, i8),
        Box { width: u64, height: Option<u64> },
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(tag = "kind")]
    enum Tagged {
        Shapes { shapes: Vec<Shape> },
        Names { names: BTreeMap<String, bool> },
    }

    // The second method: serde_json's own deserializer.
    fn both<T: for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(value: Value) -> Option<T> {
        let (ours, its) = (read::<T>(&value).ok(), serde_json::from_value::<T>(value).ok());
        assert_eq!(ours, its);
        ours
    }

    #[test]
    fn values_are_those_that_serde_json_reads() {
        let shapes =
            json!(["Point", {"Disc": 1.5}, {"Line": [-1, 2]}, {"Box": {"width": 3, "height": null}}]);
        assert_eq!(both::<Vec<Shape>>(shapes.clone()).map(|shapes| shapes.len()), Some(4));
        assert!(both::<Tagged>(json!({"kind": "Shapes", "shapes": shapes})).is_some());
        assert!(both::<Tagged>(json!({"names": {"a": true}, "kind": "Names"})).is_some());
        assert_eq!(both::<(u8, String, Option<bool>)>(json!([1, "two", null])).unwrap().1, "two");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for wrong in [
            json!("Disc"),
            json!({"Point": 1, "Disc": 2}),
            json!({}),
            json!({"Line": [1, 200]}),
            json!({"Box": {}}),
            json!(["Point"]),
            json!(7),
        ] {
            assert_eq!(both::<Shape>(wrong), None);
        }
        assert_eq!(both::<Vec<u8>>(json!({"a": 1})), None);
        assert_eq!(both::<BTreeMap<String, u8>>(json!([1])), None);
        assert_eq!(both::<String>(json!(1)), None);
    }
}
