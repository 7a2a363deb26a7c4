//! The spread over the deal's curve at which paths are discounted.

use crate::credit::Measure;
use crate::deal::Deal;
use crate::error::{Error, Problem, Problems};
use crate::valuation::{NoteValuation, ZSpread};
use serde::{Deserialize, Serialize};

/// How far a stated spread may lie from nothing, in basis points.
const MOST_BP: f64 = 10_000.0;

/// At which spreads over the curve paths are discounted: the customary ones unless stated.
///
/// Customary are, under historical probabilities, the spread at which the scenario alone is worth the note's
/// quote (what the market pays for risk is in it, expected losses come on top); under risk-neutral ones none,
/// for default is then priced by its probability.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiscountSpreads {
    /// Spreads in place of the customary ones; later ones stand over earlier ones.
    pub stated: Vec<StatedSpread>,
    /// Added to every note's spread, in basis points.
    pub shift_bp: f64,
}

/// A spread over the curve, in basis points a year, continuously compounded.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedSpread {
    /// The note; `None`: every note.
    pub note: Option<String>,
    /// The spread.
    pub spread_bp: f64,
}

/// Where a note's discount spread comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpreadSource {
    /// At it the scripted scenario alone is worth the note's quote.
    Scenario,
    /// No spread: the probabilities are risk-neutral, or no spread gives the quote in the scripted scenario.
    Curve,
    /// Stated by whoever asked.
    Stated,
}

impl DiscountSpreads {
    /// Every note at the curve and this spread, in basis points, continuously compounded.
    pub fn all(spread_bp: f64) -> DiscountSpreads {
        DiscountSpreads { stated: vec![StatedSpread { note: None, spread_bp }], shift_bp: 0.0 }
    }

    /// The same, moved by so many basis points.
    pub fn moved(&self, shift_bp: f64) -> DiscountSpreads {
        DiscountSpreads { stated: self.stated.clone(), shift_bp: self.shift_bp + shift_bp }
    }

    /// Each note's spread and where it comes from. `quoted` values the scripted scenario, if that is needed.
    ///
    /// # Errors
    /// [`Error::Input`] if a spread is stated for a note that the deal does not have; [`Error::Argument`] if one
    /// is not from -10,000 to 10,000 basis points; whatever `quoted` returns.
    pub(crate) fn of(
        &self,
        deal: &Deal,
        measure: Measure,
        quoted: impl FnOnce() -> Result<Vec<NoteValuation>, Error>,
    ) -> Result<Vec<(ZSpread, SpreadSource)>, Error> {
        self.check(deal)?;
        let of_note = |id: &str| {
            let names = |stated: &&StatedSpread| stated.note.as_deref().is_none_or(|note| note == id);
            self.stated.iter().rev().find(names).map(|stated| ZSpread::continuous(1e-4 * stated.spread_bp))
        };
        let mut found: Vec<Option<(ZSpread, SpreadSource)>> =
            deal.notes.iter().map(|note| Some((of_note(&note.id)?, SpreadSource::Stated))).collect();
        if measure == Measure::Historical && found.contains(&None) {
            for (found, value) in found.iter_mut().zip(quoted()?) {
                let solved = value.measures.as_ref().is_ok_and(|measures| measures.spreads.is_ok());
                let source = if solved { SpreadSource::Scenario } else { SpreadSource::Curve };
                found.get_or_insert((value.z_spread(), source));
            }
        }
        let moved = |found: Option<(ZSpread, SpreadSource)>| {
            let (spread, source) = found.unwrap_or((ZSpread::NONE, SpreadSource::Curve));
            (ZSpread { rate: spread.rate + 1e-4 * self.shift_bp, ..spread }, source)
        };
        Ok(found.into_iter().map(moved).collect())
    }

    fn check(&self, deal: &Deal) -> Result<(), Error> {
        let expected = "from -10000 to 10000 basis points";
        for spread_bp in self.stated.iter().map(|stated| stated.spread_bp).chain([self.shift_bp]) {
            Error::unless(spread_bp.abs() <= MOST_BP, "spread", spread_bp, expected)?;
        }
        let known: Vec<&str> = deal.notes.iter().map(|note| note.id.as_str()).collect();
        let strange = self.stated.iter().filter_map(|stated| stated.note.as_deref());
        let problem = |note: &str| Problem {
            file: "--spread".to_owned(),
            line: 0,
            field: String::new(),
            found: format!("no note `{note}`"),
            expected: format!("one of {}", known.join(", ")),
        };
        let problems: Vec<Problem> = strange.filter(|note| !known.contains(note)).map(problem).collect();
        Problems::from(problems).or(())
    }
}
