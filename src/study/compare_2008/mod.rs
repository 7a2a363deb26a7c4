//! 2008 and today on one engine: structures, losses, fragility, what happened, and a verdict that follows from them.
//!
//! The page `docs/compare_2008.md` shows the tables and says what each figure is.

mod arithmetic;
mod deals;
mod files;
mod fragility;
mod life;
mod losses;
mod published;
mod structures;
mod verdict;
mod what_happened;

pub use deals::{Assets, ComparedDeal, Era, Fixtures};
pub use fragility::{Engine, FragileClass, FragilityMove, Moved, Wrong};
pub(in crate::study) use life::chip_life_months;
pub use losses::{ArithmeticPoint, DealLosses, Imposed, LossPoint};
pub use published::{AbxPrice, LossForecast, RatingOutcome};
pub use structures::{Arrival, ClassLine, DealStructure, LossArrival, Obligors};
pub use verdict::{Finding, Sentence};
pub use what_happened::{BelievedLife, ChipLifeLine, ForecastLine, LifeLink, WhatHappened};

use crate::error::Error;
use serde::Serialize;

/// A model figure, with its standard error where paths were drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Its standard error; `None` of an exact one.
    pub std_error: Option<f64>,
}

impl Figure {
    /// A figure without an error.
    pub fn exact(value: f64) -> Figure {
        Figure { value, std_error: None }
    }
}

/// How a comparison is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Paths of each Monte Carlo; deals on notes run a fifth of them.
    pub paths: u64,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { paths: 1_000, seed: 1 }
    }
}

/// The whole comparison. Shares and probabilities are fractions, prices per 100, amounts in major units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// How it was drawn.
    pub settings: Settings,
    /// (a) Structures side by side, one entry a deal.
    pub structures: Vec<DealStructure>,
    /// (b) Loss of every class as the pool loses 0 to 60%, one entry a deal.
    pub losses: Vec<DealLosses>,
    /// (c) What each class loses of its rating when a figure of the model is wrong.
    pub fragility: Vec<FragileClass>,
    /// (d) Forecasts of 2008 to 2010 with what followed, and the mirror for chips.
    pub what_happened: WhatHappened,
    /// (e) Where the likeness holds and where it breaks.
    pub verdict: Vec<Sentence>,
}

/// Compares the deals of the fixtures' folder, or others in place of its data-center deals, with 2008's.
///
/// # Errors
/// As [`Folder::run`](crate::folder::Folder::run) and [`Folder::simulation`](crate::folder::Folder::simulation).
pub fn compare_2008(fixtures: &Fixtures, settings: Settings) -> Result<Comparison, Error> {
    let deals = fixtures.deals();
    let structures: Vec<DealStructure> = deals.iter().map(DealStructure::new).collect::<Result<_, _>>()?;
    let losses: Vec<DealLosses> = deals.iter().map(DealLosses::new).collect::<Result<_, _>>()?;
    let fragility = fragility::all(deals, settings)?;
    let what_happened = WhatHappened::new(fixtures)?;
    let verdict = verdict::sentences(&structures, &losses, &fragility, &what_happened);
    Ok(Comparison { settings, structures, losses, fragility, what_happened, verdict })
}
