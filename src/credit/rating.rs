//! The long-term rating scale, in the spelling of S&P, Fitch and KBRA or in that of Moody's.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A notch of the long-term scale, best first: a better rating is the lesser.
///
/// The variants have Moody's names, which are also identifiers; [`fmt::Display`] writes S&P's spelling, and
/// both are read. Two points where the scales differ: `Ca` stands beside S&P's `CC`, and Moody's has no `D`, so
/// that its `C`, mostly in default, is read as [`Rating::C`].
///
/// ```
/// use leasefall::credit::Rating;
/// let senior: Rating = "A-".parse()?;
/// let junior: Rating = "Baa2".parse()?;
/// assert!(senior < junior);
/// assert_eq!(senior.notches_between(junior), 2); // A- to BBB+ to BBB
/// assert_eq!(junior.to_string(), "BBB");
/// assert_eq!(junior.moodys(), "Baa2");
/// # Ok::<(), leasefall::credit::UnknownRating>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rating {
    /// AAA.
    Aaa,
    /// AA+.
    Aa1,
    /// AA.
    Aa2,
    /// AA-.
    Aa3,
    /// A+.
    A1,
    /// A.
    A2,
    /// A-.
    A3,
    /// BBB+.
    Baa1,
    /// BBB.
    Baa2,
    /// BBB-, the lowest investment grade.
    Baa3,
    /// BB+.
    Ba1,
    /// BB.
    Ba2,
    /// BB-.
    Ba3,
    /// B+.
    B1,
    /// B.
    B2,
    /// B-.
    B3,
    /// CCC+.
    Caa1,
    /// CCC.
    Caa2,
    /// CCC-.
    Caa3,
    /// CC.
    Ca,
    /// C, of either agency.
    C,
    /// In default. S&P and Fitch only.
    D,
}

impl Rating {
    /// The whole scale, best first.
    pub const ALL: [Rating; 22] = [
        Rating::Aaa,
        Rating::Aa1,
        Rating::Aa2,
        Rating::Aa3,
        Rating::A1,
        Rating::A2,
        Rating::A3,
        Rating::Baa1,
        Rating::Baa2,
        Rating::Baa3,
        Rating::Ba1,
        Rating::Ba2,
        Rating::Ba3,
        Rating::B1,
        Rating::B2,
        Rating::B3,
        Rating::Caa1,
        Rating::Caa2,
        Rating::Caa3,
        Rating::Ca,
        Rating::C,
        Rating::D,
    ];

    /// S&P's spelling: `AA+`.
    pub const fn sp(self) -> &'static str {
        SPELLINGS[self as usize].0
    }

    /// Moody's spelling: `Aa1`. Of [`Rating::D`], which Moody's does not have, its lowest: `C`.
    pub const fn moodys(self) -> &'static str {
        SPELLINGS[self as usize].1
    }

    /// Steps down the scale from this rating to another: positive if the other is the lower.
    pub const fn notches_between(self, other: Rating) -> i32 {
        other as i32 - self as i32
    }

    /// BBB- or better.
    pub const fn is_investment_grade(self) -> bool {
        self as u8 <= Rating::Baa3 as u8
    }
}

/// S&P's and Moody's, in the order of the scale.
const SPELLINGS: [(&str, &str); 22] = [
    ("AAA", "Aaa"),
    ("AA+", "Aa1"),
    ("AA", "Aa2"),
    ("AA-", "Aa3"),
    ("A+", "A1"),
    ("A", "A2"),
    ("A-", "A3"),
    ("BBB+", "Baa1"),
    ("BBB", "Baa2"),
    ("BBB-", "Baa3"),
    ("BB+", "Ba1"),
    ("BB", "Ba2"),
    ("BB-", "Ba3"),
    ("B+", "B1"),
    ("B", "B2"),
    ("B-", "B3"),
    ("CCC+", "Caa1"),
    ("CCC", "Caa2"),
    ("CCC-", "Caa3"),
    ("CC", "Ca"),
    ("C", "C"),
    ("D", "C"),
];

impl fmt::Display for Rating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.sp())
    }
}

/// The text names no notch of the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("unknown rating, expected a notch of the long-term scale as in BBB+ or Baa1")]
pub struct UnknownRating;

impl FromStr for Rating {
    type Err = UnknownRating;

    fn from_str(text: &str) -> Result<Rating, UnknownRating> {
        let named = |rating: &Rating| rating.sp() == text || rating.moodys() == text;
        // `C` is found before `D`, whose spelling by Moody's it is too.
        Rating::ALL.into_iter().find(named).ok_or(UnknownRating)
    }
}

impl TryFrom<String> for Rating {
    type Error = UnknownRating;
    fn try_from(text: String) -> Result<Rating, UnknownRating> {
        text.parse()
    }
}

impl From<Rating> for String {
    fn from(rating: Rating) -> String {
        rating.sp().to_owned()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Rating {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rating".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut names: Vec<&str> = Rating::ALL.iter().map(|rating| rating.sp()).collect();
        names.extend(Rating::ALL.iter().map(|rating| rating.moodys()).filter(|&name| name != "C"));
        schemars::json_schema!({
            "description": "A notch of the long-term scale, as S&P or as Moody's writes it: BBB+ or Baa1.",
            "type": "string",
            "enum": names,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_spellings_are_read_and_the_order_is_that_of_the_scale() {
        for (index, rating) in Rating::ALL.into_iter().enumerate() {
            assert_eq!(rating as usize, index);
            assert_eq!(rating.sp().parse(), Ok(rating));
            let of_moodys = if rating == Rating::D { Rating::C } else { rating };
            assert_eq!(rating.moodys().parse(), Ok(of_moodys));
        }
        assert!(Rating::ALL.is_sorted());
        assert_eq!(Rating::Aaa.notches_between(Rating::Baa3), 9);
        assert_eq!(Rating::B2.notches_between(Rating::Ba3), -2);
        assert!(Rating::Baa3.is_investment_grade() && !Rating::Ba1.is_investment_grade());
    }

    #[test]
    fn files_hold_either_spelling_and_write_one() {
        for text in ["\"Aa3\"", "\"AA-\""] {
            let rating: Rating = serde_json::from_str(text).unwrap();
            assert_eq!(rating, Rating::Aa3);
            assert_eq!(serde_json::to_string(&rating).unwrap(), "\"AA-\"");
        }
        for wrong in ["\"aa-\"", "\"AA -\"", "\"NR\"", "\"Aa4\"", "\"\"", "3"] {
            assert!(serde_json::from_str::<Rating>(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(feature = "schema")]
    #[test]
    fn the_schema_lists_every_spelling_once() {
        let schema = schemars::schema_for!(Rating);
        let names = schema.as_value()["enum"].as_array().unwrap().clone();
        assert_eq!(names.len(), 22 + 20);
        for (index, name) in names.iter().enumerate() {
            assert!(name.as_str().unwrap().parse::<Rating>().is_ok(), "{name}");
            assert!(!names[..index].contains(name), "{name} twice");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,6}") {
            if let Ok(rating) = text.parse::<Rating>() {
                prop_assert!(rating.sp() == text || rating.moodys() == text);
            }
        }
    }
}
