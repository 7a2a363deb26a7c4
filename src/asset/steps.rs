//! Small step functions written in one cell: `0:0.5;12:1`.

use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The share of the rent due by month from commencement: `0:0.5;12:1` is half in the first year, then
/// all. Before the first entry, and after the last, the nearest entry holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ramp(Vec<(u32, Decimal)>);

/// Amounts that hold from their dates on: `2029-06-30:28000000000;2045-06-30:0`. Before the first date
/// the first amount holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatedAmounts(Vec<(Date, Decimal)>);

/// The text is not a list of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidSteps {
    /// Not a ramp.
    #[error("expected `month:share` entries joined by `;`, months rising, shares 0 to 1, as in 0:0.5;12:1")]
    Ramp,
    /// Not dated amounts.
    #[error(
        "expected `date:amount` entries joined by `;`, dates rising, none negative, as in 2029-06-30:1000000"
    )]
    DatedAmounts,
}

impl Ramp {
    /// From steps in order.
    ///
    /// # Errors
    /// [`InvalidSteps::Ramp`] if there is none, the months do not rise, pass 1,200, or a share is outside 0 to 1.
    pub fn new(steps: Vec<(u32, Decimal)>) -> Result<Ramp, InvalidSteps> {
        let rising = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let within = steps.iter().all(|&(m, s)| m <= 1_200 && s >= Decimal::ZERO && s <= Decimal::ONE);
        if steps.is_empty() || !rising || !within {
            return Err(InvalidSteps::Ramp);
        }
        Ok(Ramp(steps))
    }

    /// The steps: month from commencement, share from then on.
    pub fn steps(&self) -> &[(u32, Decimal)] {
        &self.0
    }

    /// The share in a month counted from commencement, the first being 0.
    pub fn share(&self, month: u32) -> Decimal {
        nearest(&self.0, month)
    }
}

impl DatedAmounts {
    /// From steps in order.
    ///
    /// # Errors
    /// [`InvalidSteps::DatedAmounts`] if there is none, the dates do not rise or an amount is negative.
    pub fn new(steps: Vec<(Date, Decimal)>) -> Result<DatedAmounts, InvalidSteps> {
        let rising = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if steps.is_empty() || !rising || steps.iter().any(|(_, amount)| amount.is_sign_negative()) {
            return Err(InvalidSteps::DatedAmounts);
        }
        Ok(DatedAmounts(steps))
    }

    /// The steps: date, amount from then on.
    pub fn steps(&self) -> &[(Date, Decimal)] {
        &self.0
    }

    /// The amount on a date.
    pub fn on(&self, date: Date) -> Decimal {
        nearest(&self.0, date)
    }
}

/// The value of the last step at or before `key`, else of the first.
fn nearest<K: PartialOrd + Copy>(steps: &[(K, Decimal)], key: K) -> Decimal {
    let after = steps.partition_point(|&(k, _)| k <= key);
    steps.get(after.saturating_sub(1)).map_or(Decimal::ZERO, |&(_, value)| value)
}

fn parse<K: FromStr>(text: &str) -> Option<Vec<(K, Decimal)>> {
    text.split(';')
        .map(|entry| {
            let (key, value) = entry.split_once(':')?;
            Some((key.trim().parse().ok()?, Decimal::from_str_exact(value.trim()).ok()?))
        })
        .collect()
}

impl FromStr for Ramp {
    type Err = InvalidSteps;
    fn from_str(text: &str) -> Result<Ramp, InvalidSteps> {
        parse(text).ok_or(InvalidSteps::Ramp).and_then(Ramp::new)
    }
}

impl FromStr for DatedAmounts {
    type Err = InvalidSteps;
    fn from_str(text: &str) -> Result<DatedAmounts, InvalidSteps> {
        parse(text).ok_or(InvalidSteps::DatedAmounts).and_then(DatedAmounts::new)
    }
}

impl TryFrom<String> for Ramp {
    type Error = InvalidSteps;
    fn try_from(text: String) -> Result<Ramp, InvalidSteps> {
        text.parse()
    }
}

impl TryFrom<String> for DatedAmounts {
    type Error = InvalidSteps;
    fn try_from(text: String) -> Result<DatedAmounts, InvalidSteps> {
        text.parse()
    }
}

impl From<Ramp> for String {
    fn from(ramp: Ramp) -> String {
        ramp.to_string()
    }
}

impl From<DatedAmounts> for String {
    fn from(amounts: DatedAmounts) -> String {
        amounts.to_string()
    }
}

fn write_steps<K: fmt::Display>(f: &mut fmt::Formatter<'_>, steps: &[(K, Decimal)]) -> fmt::Result {
    for (index, (key, value)) in steps.iter().enumerate() {
        let join = if index > 0 { ";" } else { "" };
        write!(f, "{join}{key}:{value}")?;
    }
    Ok(())
}

impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_steps(f, &self.0)
    }
}

impl fmt::Display for DatedAmounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_steps(f, &self.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Ramp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ramp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "month:share;month:share, as in 0:0.5;12:1", "type": "string" })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for DatedAmounts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DatedAmounts".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "date:amount;date:amount, as in 2029-06-30:28000000000", "type": "string"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_states_steps() {
        let ramp: Ramp = "0:0.5; 12:1".parse().unwrap();
        let shares: Vec<String> = [0, 11, 12, 99].iter().map(|&m| ramp.share(m).to_string()).collect();
        assert_eq!(shares, ["0.5", "0.5", "1", "1"]);
        assert_eq!(ramp.to_string(), "0:0.5;12:1");
        for text in ["", "0", "0:2", "5:1;5:1", "1:0.5;0:1", "0:-1", "0:x", "0:1;", "2000:1"] {
            assert_eq!(text.parse::<Ramp>(), Err(InvalidSteps::Ramp), "{text}");
        }
        let rvg: DatedAmounts = "2029-06-30:100;2045-06-30:0".parse().unwrap();
        let on = |y| rvg.on(Date::from_ymd_opt(y, 6, 30).unwrap()).to_string();
        assert_eq!([on(2020), on(2029), on(2044), on(2045)], ["100", "100", "100", "0"]);
        for text in ["", "2029-06-31:1", "2029-06-30:-1", "2029-06-30:1;2028-06-30:1"] {
            assert_eq!(text.parse::<DatedAmounts>(), Err(InvalidSteps::DatedAmounts), "{text}");
        }
    }
}
