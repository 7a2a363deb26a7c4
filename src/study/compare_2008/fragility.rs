//! (c) What a class loses of its rating when one figure of the model is wrong.

use super::deals::{ComparedDeal, Era};
use super::life::{cadence_for_life, chip_life_months};
use super::{Figure, Settings};
use crate::credit::{Correlation, Rating};
use crate::error::Error;
use crate::folder::{BASE, Folder};
use crate::scenario::{Draws, Script, Shift};
use crate::study::resecuritization::Resecuritization;
use crate::study::simulation::DiscountSpreads;
use crate::study::simulation::{Estimate, SimulationEstimates};
use crate::valuation::exact::TrancheLoss;
use crate::valuation::rating::implied_by_expected_loss;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeSet;

/// Points by which recoveries were believed too high: severities of 2006 pools were believed near 40% and came near
/// 60% (`severity` of `gsamp-2006-nc2`, base and forecasts).
const RECOVERY_POINTS: f64 = 0.20;
/// Deals on notes run this part of the paths: each path of theirs is one of every deal below.
const NESTED_PART: u64 = 5;

/// What was believed wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// Default intensities are twice as high; of an exact engine, probabilities.
    DefaultsDouble,
    /// Obligors of one pool have an asset correlation of .20; what pools share keeps its part of it.
    CorrelationTwenty,
    /// They have one of .80, against .20.
    CorrelationEighty,
    /// A fifth of every claim less is recovered.
    RecoveryTwentyPointsLower,
    /// Chips live a year less, and market rents move by a quarter of what the price of compute departs from its path.
    ChipLifeYearShorter,
    /// The same where rents move one for one.
    ChipLifeYearShorterOneForOne,
}

impl Wrong {
    /// All, in the order of a table.
    pub const ALL: [Wrong; 6] = [
        Wrong::DefaultsDouble,
        Wrong::CorrelationTwenty,
        Wrong::CorrelationEighty,
        Wrong::RecoveryTwentyPointsLower,
        Wrong::ChipLifeYearShorter,
        Wrong::ChipLifeYearShorterOneForOne,
    ];

    fn shift(self) -> Shift {
        match self {
            Wrong::DefaultsDouble => Shift::Hazard(2.0),
            Wrong::CorrelationTwenty => Shift::CorrelationTo(0.20),
            Wrong::CorrelationEighty => Shift::CorrelationTo(0.80),
            Wrong::RecoveryTwentyPointsLower => Shift::Recovery(-RECOVERY_POINTS),
            Wrong::ChipLifeYearShorter | Wrong::ChipLifeYearShorterOneForOne => Shift::None,
        }
    }

    /// How market rents follow the price of compute, where chips live a year less.
    fn elasticity(self) -> Option<Decimal> {
        match self {
            Wrong::ChipLifeYearShorter => Some(Decimal::new(25, 2)),
            Wrong::ChipLifeYearShorterOneForOne => Some(Decimal::ONE),
            _ => None,
        }
    }

    /// Whether it can be wrong of a deal: nobody to correlate with, no chips, no rents that follow them.
    fn concerns(self, folder: &Folder) -> Result<bool, Error> {
        Ok(match self {
            Wrong::CorrelationTwenty | Wrong::CorrelationEighty => has_many(folder)?,
            Wrong::ChipLifeYearShorter => has_chips(folder),
            Wrong::ChipLifeYearShorterOneForOne => has_chips(folder) && has_leases(folder),
            Wrong::DefaultsDouble | Wrong::RecoveryTwentyPointsLower => true,
        })
    }
}

/// How figures are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// By integrals, without error of sampling.
    Exact,
    /// By paths, the same random numbers for every case.
    MonteCarlo,
}

/// A class and how it stands in each case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FragileClass {
    /// The folder's name, or the paper.
    pub deal: String,
    /// What the deal stands on in the end; `None` of a paper.
    pub era: Option<Era>,
    /// The class.
    pub note: String,
    /// Its rating at issue.
    pub rating: Option<String>,
    /// How its figures are found.
    pub engine: Engine,
    /// Paths, of a Monte Carlo.
    pub paths: Option<u64>,
    /// Years over which a loss implies a rating: the average life in the base.
    pub horizon_years: f64,
    /// As modelled.
    pub base: Moved,
    /// When a figure is wrong.
    pub moves: Vec<FragilityMove>,
}

/// A class in one case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// Probability that any principal is never paid.
    pub default_probability: Figure,
    /// Expected principal never paid, a share of the class.
    pub expected_loss: Figure,
    /// The rating that the expected loss implies, by Moody's idealized table.
    pub implied: Rating,
    /// The best rating within 1.96 standard errors.
    pub best: Rating,
    /// The worst; where no path loses, of three losses in so many paths (the rule of three).
    pub worst: Rating,
}

/// A class after a figure moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FragilityMove {
    /// What moved.
    pub wrong: Wrong,
    /// Against which other case notches are counted; `None`: the base.
    pub against: Option<Wrong>,
    /// After.
    pub after: Moved,
    /// Notches lost; negative if won.
    pub notches_lost: i32,
}

impl FragileClass {
    /// The move of a kind.
    pub fn moved(&self, wrong: Wrong) -> Option<&FragilityMove> {
        self.moves.iter().find(|moved| moved.wrong == wrong)
    }
}

/// Every class of every deal with a risk model, and the published CDO and CDO squared.
pub(super) fn all(deals: &[ComparedDeal], settings: Settings) -> Result<Vec<FragileClass>, Error> {
    let mut found = published()?;
    for deal in deals {
        if has_risk(&deal.folder)? {
            found.extend(simulated(deal, settings)?);
        }
    }
    Ok(found)
}

/// Whether paths can be drawn: every pool below has a risk model, and nothing is reported.
fn has_risk(folder: &Folder) -> Result<bool, Error> {
    match folder.collateral() {
        Some(collateral) => {
            for deal in collateral.deals() {
                if !has_risk(deal.folder())? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        None => Ok(folder.risk()?.is_some() && folder.reports().is_none()),
    }
}

fn simulated(deal: &ComparedDeal, settings: Settings) -> Result<Vec<FragileClass>, Error> {
    let folder = &deal.folder;
    let paths = match folder.collateral() {
        Some(_) => settings.paths.div_ceil(NESTED_PART),
        None => settings.paths,
    };
    let mut all = vec![None];
    for wrong in Wrong::ALL {
        if wrong.concerns(folder)? {
            all.push(Some(wrong));
        }
    }
    let mut found = side_by_side(&all, |wrong| estimates(folder, wrong, settings.seed, paths))?;
    let Some((None, base)) = found.first().cloned() else { return Ok(Vec::new()) };
    let cases: Vec<(Wrong, SimulationEstimates)> =
        found.drain(1..).filter_map(|(wrong, after)| Some((wrong?, after))).collect();
    let class = |(index, note): (usize, &crate::deal::Note)| {
        let horizon = base.notes[index].wal_years.map_or(1.0, |life| life.value).max(0.1);
        let at = |found: &SimulationEstimates| {
            let note = &found.notes[index];
            Moved::estimated(&note.default_probability, &note.expected_loss, found.paths, horizon)
        };
        let before = at(&base)?;
        let known =
            cases.iter().map(|(wrong, found)| Ok((*wrong, at(found)?))).collect::<Result<Vec<_>, Error>>()?;
        Ok(FragileClass {
            deal: deal.id.clone(),
            era: Some(deal.era),
            note: note.id.clone(),
            rating: note.rating.clone(),
            engine: Engine::MonteCarlo,
            paths: Some(paths),
            horizon_years: horizon,
            base: before,
            moves: moves(before, &known),
        })
    };
    folder.deal().notes.iter().enumerate().map(class).collect()
}

/// A deal's figures in one case, or in the base.
fn estimates(
    folder: &Folder,
    wrong: Option<Wrong>,
    seed: u64,
    paths: u64,
) -> Result<Option<SimulationEstimates>, Error> {
    let draws = Draws { seed, shift: wrong.map_or(Shift::None, Wrong::shift), ..Draws::default() };
    let script_of = |folder: &Folder, scenario: &str| match wrong.and_then(Wrong::elasticity) {
        Some(elasticity) => a_year_less(folder, scenario, elasticity),
        None => Ok(folder.script(scenario)?.value),
    };
    Ok(folder
        .simulation_as(BASE, draws, &DiscountSpreads::default(), &script_of)?
        .run(0..paths, |_| true)?
        .estimates())
}

/// What a deal's cases come to, those without an answer left out: on all threads at hand.
fn side_by_side(
    cases: &[Option<Wrong>],
    run: impl Fn(Option<Wrong>) -> Result<Option<SimulationEstimates>, Error> + Sync,
) -> Result<Vec<(Option<Wrong>, SimulationEstimates)>, Error> {
    let one = |&wrong: &Option<Wrong>| Ok(run(wrong)?.map(|found| (wrong, found)));
    #[cfg(feature = "parallel")]
    let found: Result<Vec<_>, Error> = {
        use rayon::prelude::*;
        cases.par_iter().map(one).collect()
    };
    #[cfg(not(feature = "parallel"))]
    let found: Result<Vec<_>, Error> = cases.iter().map(one).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Notches from the base, and of a correlation of .80 from .20 where that is a case.
fn moves(base: Moved, cases: &[(Wrong, Moved)]) -> Vec<FragilityMove> {
    let case = |wrong| cases.iter().find(|(known, _)| *known == wrong).map(|(_, moved)| *moved);
    let from = |wrong| match wrong {
        Wrong::CorrelationEighty => {
            case(Wrong::CorrelationTwenty).map(|moved| (Some(Wrong::CorrelationTwenty), moved))
        }
        _ => None,
    };
    let moved = |&(wrong, after): &(Wrong, Moved)| {
        let (against, before) = from(wrong).unwrap_or((None, base));
        FragilityMove { wrong, against, after, notches_lost: before.implied.notches_between(after.implied) }
    };
    cases.iter().map(moved).collect()
}

impl Moved {
    fn estimated(probability: &Estimate, loss: &Estimate, paths: u64, years: f64) -> Result<Moved, Error> {
        let rating = |loss: f64| implied_by_expected_loss(loss.clamp(0.0, 1.0), years);
        let error = if loss.std_error.is_finite() { loss.std_error } else { 0.0 };
        let most =
            if probability.value > 0.0 { loss.value + 1.96 * error } else { 3.0 / paths.max(1) as f64 };
        Ok(Moved {
            default_probability: Figure { value: probability.value, std_error: Some(probability.std_error) },
            expected_loss: Figure { value: loss.value, std_error: Some(loss.std_error) },
            implied: rating(loss.value)?,
            best: rating(loss.value - 1.96 * error)?,
            worst: rating(most)?,
        })
    }

    fn exact(loss: &TrancheLoss, years: f64) -> Result<Moved, Error> {
        let implied = implied_by_expected_loss(loss.expected_loss.clamp(0.0, 1.0), years)?;
        Ok(Moved {
            default_probability: Figure::exact(loss.probability_of_loss),
            expected_loss: Figure::exact(loss.expected_loss),
            implied,
            best: implied,
            worst: implied,
        })
    }
}

/// The CDO and CDO squared of Coval, Jurek and Stafford, by the exact engine.
fn published() -> Result<Vec<FragileClass>, Error> {
    let base = Resecuritization::coval_jurek_stafford(Correlation::new(0.20)?);
    let moved = [
        (
            Wrong::DefaultsDouble,
            Resecuritization { default_probability: 2.0 * base.default_probability, ..base.clone() },
        ),
        (Wrong::CorrelationEighty, Resecuritization { correlation: Correlation::new(0.80)?, ..base.clone() }),
        (
            Wrong::RecoveryTwentyPointsLower,
            Resecuritization { recovery_rate: base.recovery_rate - RECOVERY_POINTS, ..base.clone() },
        ),
    ];
    let years = base.years;
    let before = base.losses()?;
    let after = moved
        .into_iter()
        .map(|(wrong, study)| Ok((wrong, study.losses()?)))
        .collect::<Result<Vec<_>, Error>>()?;
    let mut found = Vec::new();
    for (deal, of) in
        [("CDO of Coval, Jurek and Stafford", 0_usize), ("CDO squared of Coval, Jurek and Stafford", 1)]
    {
        for (index, note) in ["junior", "mezzanine", "senior"].into_iter().enumerate().rev() {
            let at = |losses: &crate::study::ResecuritizationLosses| {
                let tranche = if of == 0 { &losses.pool[index] } else { &losses.cdo[index] };
                Moved::exact(tranche, years)
            };
            let base = at(&before)?;
            let cases = after
                .iter()
                .map(|(wrong, losses)| Ok((*wrong, at(losses)?)))
                .collect::<Result<Vec<_>, Error>>()?;
            found.push(FragileClass {
                deal: deal.to_owned(),
                era: None,
                note: note.to_owned(),
                rating: None,
                engine: Engine::Exact,
                paths: None,
                horizon_years: years,
                base,
                moves: moves(base, &cases),
            });
        }
    }
    Ok(found)
}

/// Whether chips are anywhere below.
fn has_chips(folder: &Folder) -> bool {
    match folder.collateral() {
        Some(collateral) => collateral.deals().iter().any(|deal| has_chips(deal.folder())),
        None => folder.pool().chips().is_some(),
    }
}

/// Whether leases of buildings are anywhere below.
fn has_leases(folder: &Folder) -> bool {
    match folder.collateral() {
        Some(collateral) => collateral.deals().iter().any(|deal| has_leases(deal.folder())),
        None => !folder.pool().leases().is_empty(),
    }
}

/// Whether there is more than one obligor that defaults by chance. A firm and its guarantor, or any firms of one `group`,
/// have one latent variable and so nobody to correlate with.
fn has_many(folder: &Folder) -> Result<bool, Error> {
    let pool = folder.pool();
    if folder.collateral().is_some() || !pool.rep_lines().is_empty() {
        return Ok(true);
    }
    let Some(risk) = folder.risk()? else { return Ok(false) };
    let obligors = &risk.value.obligors;
    let latents: BTreeSet<&str> = pool
        .tenants()
        .iter()
        .filter_map(|tenant| {
            let named = obligors.iter().find(|terms| terms.tenants.contains(&tenant.id));
            let terms = named.or_else(|| obligors.iter().find(|terms| terms.tenants.is_empty()))?;
            Some(terms.group.as_deref().unwrap_or(&tenant.id))
        })
        .collect();
    Ok(latents.len() > 1)
}

/// A deal's script with chips that live a year less than it has them live.
fn a_year_less(folder: &Folder, scenario: &str, elasticity: Decimal) -> Result<Script, Error> {
    let mut script = folder.script(scenario)?.value;
    if folder.collateral().is_some() || folder.pool().chips().is_none() {
        return Ok(script);
    }
    let mut terms = script.compute.take().unwrap_or_default();
    let life = chip_life_months(folder, &terms)?;
    if let Some(speed) =
        life.map_or(Ok(None), |life| cadence_for_life(folder, &terms, life.saturating_sub(12)))?
    {
        // Rents have the believed life in them.
        terms.expected_cadence_speed = terms.cadence_speed;
        terms.cadence_speed = speed;
        terms.market_rent_elasticity = elasticity;
    }
    script.compute = Some(terms);
    Ok(script)
}
