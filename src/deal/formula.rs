//! Amounts written as arithmetic on named quantities: `max(0, balance(A, B) - 0.865 * pool_balance)`.
//!
//! A formula is data, as a cell of a spreadsheet is: sums, differences, multiples by constants, `min`,
//! `max` and a choice by trigger. It has no variables, loops or side effects. Its value is money, computed
//! exactly and rounded once.

use crate::money::Rounding;
use rust_decimal::Decimal;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The text of a formula, as the deal file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Formula(String);

impl Formula {
    /// From its text. Nothing is checked until [`Formula::parse`].
    pub fn new(text: impl Into<String>) -> Formula {
        Formula(text.into())
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The expression that the text states.
    ///
    /// # Errors
    /// What was found and what was expected, and where in the text.
    ///
    /// ```
    /// use leasefall::deal::Formula;
    /// assert!(Formula::new("0.02 * original_balance(A, B)").parse().is_ok());
    /// let error = Formula::new("balance(A) * balance(B)").parse().unwrap_err();
    /// assert_eq!(error.expected, "a constant on one side of `*`");
    /// ```
    pub fn parse(&self) -> Result<Expression, FormulaError> {
        let mut parser = Parser { text: &self.0, at: 0, depth: 0 };
        let expression = parser.sum()?;
        match parser.peek() {
            None => Ok(expression),
            Some(_) => Err(parser.error("an operator or the end")),
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Formula, D::Error> {
        struct TextOrNumber;
        impl Visitor<'_> for TextOrNumber {
            type Value = Formula;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a formula or an amount")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Formula, E> {
                if text.len() > 4_096 {
                    return Err(E::custom("a formula of at most 4096 characters"));
                }
                Ok(Formula(text.to_owned()))
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Formula, E> {
                Ok(Formula(number.to_string()))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Formula, E> {
                Ok(Formula(number.to_string()))
            }
            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Formula, E> {
                Err(E::custom("an exact decimal"))
            }
        }
        deserializer.deserialize_any(TextOrNumber).map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Formula {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Formula".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Money: a number, or arithmetic on named quantities, such as `max(0, balance(A) - 0.9 * pool_balance)`.",
            "type": ["string", "number"],
            "format": "formula"
        })
    }
}

/// A parsed formula. Constants are already folded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expression {
    /// A constant: an amount in major units, or a multiplier.
    Number(Decimal),
    /// A quantity of the deal: `balance(A, B)`, `noi`.
    Quantity {
        /// Its name.
        name: String,
        /// What it is of: note, account, fee, step, source ids.
        of: Vec<String>,
        /// Whether parentheses were written.
        called: bool,
    },
    /// The sum.
    Sum(Vec<Expression>),
    /// A multiple by a constant.
    Times(Decimal, Box<Expression>),
    /// A quotient by a constant that is not zero.
    Over(Box<Expression>, Decimal),
    /// The least.
    Min(Vec<Expression>),
    /// The greatest.
    Max(Vec<Expression>),
    /// Rounded on the way: to the minor unit, or to a multiple of an amount.
    Rounded {
        /// What is rounded.
        inner: Box<Expression>,
        /// How.
        rounding: Rounding,
        /// The multiple, in major units; the minor unit if not said.
        to: Option<Decimal>,
    },
    /// The first while the trigger is active, else the second.
    If(String, Box<Expression>, Box<Expression>),
}

/// Where and why a text is no formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaError {
    /// Characters before the place.
    pub at: usize,
    /// What stands there.
    pub found: String,
    /// What could stand there.
    pub expected: String,
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {} at character {}, expected {}", self.found, self.at + 1, self.expected)
    }
}

/// Deeper nesting than any deal needs; it bounds the stack.
const DEPTH_LIMIT: usize = 32;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn error(&mut self, expected: impl Into<String>) -> FormulaError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(c) => format!("`{c}`"),
        };
        FormulaError { at: self.text[..self.at].chars().count(), found, expected: expected.into() }
    }

    /// sum := product (('+' | '-') product)*
    fn sum(&mut self) -> Result<Expression, FormulaError> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(self.error("at most 32 levels of nesting"));
        }
        let mut terms = vec![self.product()?];
        loop {
            if self.take('+') {
                terms.push(self.product()?);
            } else if self.take('-') {
                let term = self.product()?;
                terms.push(self.times(Decimal::NEGATIVE_ONE, term)?);
            } else {
                break;
            }
        }
        self.depth -= 1;
        self.fold(terms, Expression::Sum, Decimal::checked_add)
    }

    /// product := unary (('*' | '/') unary)*
    fn product(&mut self) -> Result<Expression, FormulaError> {
        let mut left = self.unary()?;
        loop {
            if self.take('*') {
                let sign = self.at - 1;
                let right = self.unary()?;
                left = match (left, right) {
                    (Expression::Number(n), other) | (other, Expression::Number(n)) => {
                        self.times(n, other)?
                    }
                    // A quotient of constants multiplies without being rounded: 1 / 3 * noi is noi / 3.
                    (Expression::Over(n, d), other) | (other, Expression::Over(n, d))
                        if matches!(*n, Expression::Number(_)) =>
                    {
                        let Expression::Number(n) = *n else { return Err(self.error("a constant")) };
                        Expression::Over(Box::new(self.times(n, other)?), d)
                    }
                    _ => {
                        self.at = sign;
                        return Err(self.error("a constant on one side of `*`"));
                    }
                };
            } else if self.take('/') {
                let start = self.at;
                let Expression::Number(divisor) = self.unary()? else {
                    self.at = start;
                    return Err(self.error("a constant after `/`"));
                };
                if divisor.is_zero() {
                    self.at = start;
                    return Err(self.error("a divisor that is not zero"));
                }
                // A constant quotient stays a quotient of one, so that 1/3 is exact.
                left = Expression::Over(Box::new(left), divisor);
            } else {
                return Ok(left);
            }
        }
    }

    fn unary(&mut self) -> Result<Expression, FormulaError> {
        if self.take('-') {
            let inner = self.atom()?;
            return self.times(Decimal::NEGATIVE_ONE, inner);
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<Expression, FormulaError> {
        match self.peek() {
            Some('(') => {
                self.take('(');
                let inner = self.sum()?;
                if !self.take(')') {
                    return Err(self.error("`)`"));
                }
                Ok(inner)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_ascii_alphabetic() => {
                let name = self.word().to_owned();
                self.call(name)
            }
            _ => Err(self.error("a number, a quantity or `(`")),
        }
    }

    fn number(&mut self) -> Result<Expression, FormulaError> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(rest.len());
        match Decimal::from_str_exact(&rest[..length].replace('_', "")) {
            Ok(number) if number.scale() <= 12 => {
                self.at += length;
                Ok(Expression::Number(number))
            }
            _ => Err(self.error("a decimal number of at most 12 decimals")),
        }
    }

    fn word(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn call(&mut self, name: String) -> Result<Expression, FormulaError> {
        match name.as_str() {
            "min" => {
                let terms = self.expressions()?;
                self.fold(terms, Expression::Min, |a, b| Some(a.min(b)))
            }
            "max" => {
                let terms = self.expressions()?;
                self.fold(terms, Expression::Max, |a, b| Some(a.max(b)))
            }
            "if" => self.choice(),
            "half_even" => self.rounded(Rounding::HalfEven),
            "half_up" => self.rounded(Rounding::HalfUp),
            "down" => self.rounded(Rounding::Down),
            _ if self.take('(') => Ok(Expression::Quantity { name, of: self.identifiers()?, called: true }),
            _ => Ok(Expression::Quantity { name, of: Vec::new(), called: false }),
        }
    }

    /// `( sum, sum, ... )`
    fn expressions(&mut self) -> Result<Vec<Expression>, FormulaError> {
        if !self.take('(') {
            return Err(self.error("`(`"));
        }
        let mut all = vec![self.sum()?];
        while self.take(',') {
            all.push(self.sum()?);
        }
        if self.take(')') { Ok(all) } else { Err(self.error("`,` or `)`")) }
    }

    /// `( sum )` or `( sum, multiple )`
    fn rounded(&mut self, rounding: Rounding) -> Result<Expression, FormulaError> {
        let mut terms = self.expressions()?;
        let to = match terms.get(1) {
            None => None,
            Some(Expression::Number(multiple)) if terms.len() == 2 && *multiple > Decimal::ZERO => {
                Some(*multiple)
            }
            Some(_) => return Err(self.error("one term, and perhaps an amount above zero to round to")),
        };
        let inner = Box::new(terms.swap_remove(0));
        Ok(Expression::Rounded { inner, rounding, to })
    }

    /// `( trigger, sum, sum )`
    fn choice(&mut self) -> Result<Expression, FormulaError> {
        if !self.take('(') {
            return Err(self.error("`(`"));
        }
        let trigger = self.identifier()?;
        let mut branch = || {
            if self.take(',') { self.sum() } else { Err(self.error("`,`")) }
        };
        let (then, otherwise) = (branch()?, branch()?);
        if !self.take(')') {
            return Err(self.error("`)`"));
        }
        Ok(Expression::If(trigger, Box::new(then), Box::new(otherwise)))
    }

    /// `id, id, ... )`, the opening parenthesis taken.
    fn identifiers(&mut self) -> Result<Vec<String>, FormulaError> {
        let mut all = Vec::new();
        if self.take(')') {
            return Ok(all);
        }
        loop {
            all.push(self.identifier()?);
            if self.take(')') {
                return Ok(all);
            }
            if !self.take(',') {
                return Err(self.error("`,` or `)`"));
            }
        }
    }

    fn identifier(&mut self) -> Result<String, FormulaError> {
        self.peek();
        let rest = &self.text[self.at..];
        let length = rest.find([',', ')', '(', ' ']).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.error("an id"));
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }

    fn times(&mut self, factor: Decimal, inner: Expression) -> Result<Expression, FormulaError> {
        match inner {
            Expression::Number(n) => match factor.checked_mul(n) {
                Some(product) => Ok(Expression::Number(product)),
                None => Err(self.error("a smaller constant")),
            },
            other => Ok(Expression::Times(factor, Box::new(other))),
        }
    }

    fn fold(
        &mut self,
        mut terms: Vec<Expression>,
        make: fn(Vec<Expression>) -> Expression,
        combine: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Result<Expression, FormulaError> {
        if terms.len() == 1
            && let Some(only) = terms.pop()
        {
            return Ok(only);
        }
        let constants: Option<Vec<Decimal>> =
            terms.iter().map(|term| if let Expression::Number(n) = term { Some(*n) } else { None }).collect();
        let Some(constants) = constants else { return Ok(make(terms)) };
        let folded = constants.into_iter().map(Some).reduce(|a, b| combine(a?, b?)).flatten();
        folded.map(Expression::Number).ok_or_else(|| self.error("smaller constants"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Expression, FormulaError> {
        Formula::new(text).parse()
    }

    #[test]
    fn constants_fold_and_precedence_is_school_arithmetic() {
        assert_eq!(parse("1 + 2 * 3 - 4"), Ok(Expression::Number(Decimal::from(3))));
        assert_eq!(parse("min(5, max(2, 3))"), Ok(Expression::Number(Decimal::from(3))));
        assert_eq!(parse("10_000.50"), Ok(Expression::Number(Decimal::new(1_000_050, 2))));
    }

    #[test]
    fn ids_may_hold_dashes_and_a_minus_between_calls_is_a_minus() {
        let Ok(Expression::Sum(terms)) = parse("balance(A-2,B) - noi") else { panic!("a sum") };
        let quantity =
            Expression::Quantity { name: "balance".into(), of: vec!["A-2".into(), "B".into()], called: true };
        assert_eq!(terms[0], quantity);
        assert!(matches!(&terms[1], Expression::Times(d, _) if *d == Decimal::NEGATIVE_ONE));
    }

    #[test]
    fn a_bad_text_says_where() {
        let error = parse("max(0, balance(A)").unwrap_err();
        assert_eq!((error.at, error.found.as_str()), (17, "the end"));
        assert!(parse("noi / 0").is_err() && parse("").is_err() && parse("noi noi").is_err());
        assert!(parse(&"(".repeat(10_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
        #[test]
        fn no_near_formula_panics(text in "[-+*/(),.0-9a-c_ ]{0,40}|(min|max|if|balance)\\(.{0,20}") {
            let _ = parse(&text);
        }
    }
}
