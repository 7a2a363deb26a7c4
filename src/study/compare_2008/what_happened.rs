//! (d) The forecasts of 2008 to 2010 run through the stack, what followed, and the mirror for chips.

use super::arithmetic::Slices;
use super::deals::{Assets, ComparedDeal, Era, Fixtures};
use super::life::cadence_for_life;
use super::losses::class_losses;
use super::published::{AbxPrice, LossForecast, RatingOutcome};
use crate::error::Error;
use crate::folder::{BASE, Folder};
use crate::scenario::{BankruptcyOutcome, Event, RelettingTerms, Script};
use crate::time::{Date, add_months};
use crate::valuation::NoteValuation;
use rust_decimal::Decimal;
use serde::Serialize;

/// Chip lives in years: what is believed, then less.
const LIVES: [usize; 5] = [6, 5, 4, 3, 2];
/// Months from the cut-off date until the lessee of chips fails.
const LESSEE_FAILS_AFTER: i32 = 24;

/// What happened to the deals of 2006, and what would to those on chips.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhatHappened {
    /// Each forecast run through each deal of 2006.
    pub forecasts: Vec<ForecastLine>,
    /// What the classes' ratings became.
    pub outcomes: Vec<RatingOutcome>,
    /// What the market paid for notes like them.
    pub abx: Vec<AbxPrice>,
    /// What each class loses as chips live less than believed.
    pub chip_lives: Vec<ChipLifeLine>,
}

/// A class under one forecast.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ForecastLine {
    /// The folder's name.
    pub deal: String,
    /// The class.
    pub note: String,
    /// Its rating at issue.
    pub rating: Option<String>,
    /// When the forecast was made.
    pub date: Date,
    /// By whom.
    pub agency: String,
    /// The middle of the forecast, a share of the pool.
    pub pool_loss: f64,
    /// Principal never paid in the run, a share of the class.
    pub loss: f64,
    /// By straight arithmetic.
    pub arithmetic: f64,
}

/// What a shorter life of chips works through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LifeLink {
    /// Market rents of buildings move by a quarter of what the price of compute departs from its path.
    RentsByAQuarter,
    /// They move one for one.
    RentsOneForOne,
    /// The lessee of the chips fails after two years and they are sold or let by the hour.
    LesseeFails,
}

/// A class as chips live less than believed. Nobody refinances; rents have a life of six years in them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChipLifeLine {
    /// The folder's name.
    pub deal: String,
    /// The class.
    pub note: String,
    /// Its rating at issue.
    pub rating: Option<String>,
    /// What the shorter life works through.
    pub link: LifeLink,
    /// From what is believed on.
    pub lives: Vec<BelievedLife>,
}

/// A class at one life of chips.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BelievedLife {
    /// Economic life of the newest chip on sale at the cut-off date, years.
    pub years: usize,
    /// Principal never paid, a share of the class.
    pub loss: f64,
    /// Clean price per 100 at the base scenario's spread; `None` if it has none.
    pub price: Option<f64>,
}

impl WhatHappened {
    /// Runs forecasts through the deals of 2006, and shorter lives through those on chips.
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub fn new(fixtures: &Fixtures) -> Result<WhatHappened, Error> {
        let (mut forecasts, mut chip_lives) = (Vec::new(), Vec::new());
        for deal in fixtures.deals() {
            match deal.era {
                Era::Subprime => forecasts.extend(forecast_lines(deal, fixtures.forecasts())?),
                Era::DataCenter => {
                    for link in links(&deal.folder) {
                        chip_lives.extend(life_lines(deal, link)?);
                    }
                }
            }
        }
        Ok(WhatHappened {
            forecasts,
            outcomes: fixtures.outcomes().to_vec(),
            abx: fixtures.abx().to_vec(),
            chip_lives,
        })
    }
}

fn forecast_lines(deal: &ComparedDeal, forecasts: &[LossForecast]) -> Result<Vec<ForecastLine>, Error> {
    let slices = Slices::new(&deal.folder)?;
    let mut lines = Vec::new();
    for forecast in forecasts {
        let losses = class_losses(&deal.folder, &deal.folder.run(&forecast.scenario)?);
        let pool_loss = 0.5 * (forecast.low + forecast.high);
        let arithmetic = slices.losses(pool_loss);
        for (index, note) in deal.folder.deal().notes.iter().enumerate() {
            lines.push(ForecastLine {
                deal: deal.id.clone(),
                note: note.id.clone(),
                rating: note.rating.clone(),
                date: forecast.date,
                agency: forecast.agency.clone(),
                pool_loss,
                loss: losses[index],
                arithmetic: arithmetic[index],
            });
        }
    }
    Ok(lines)
}

/// The ways in which chips reach a deal's notes.
fn links(folder: &Folder) -> Vec<LifeLink> {
    let chips = |folder: &Folder| folder.pool().chips().is_some();
    match (Assets::of(folder), folder.collateral()) {
        (Assets::ChipLeases, _) => vec![LifeLink::LesseeFails],
        (Assets::Leases, _) if chips(folder) => vec![LifeLink::RentsByAQuarter, LifeLink::RentsOneForOne],
        (Assets::Notes, Some(collateral)) => {
            let mut all: Vec<LifeLink> =
                collateral.deals().iter().flat_map(|deal| links(deal.folder())).collect();
            let mut seen = Vec::new();
            all.retain(|link| {
                !seen.contains(link) && {
                    seen.push(*link);
                    true
                }
            });
            all
        }
        _ => Vec::new(),
    }
}

fn life_lines(deal: &ComparedDeal, link: LifeLink) -> Result<Vec<ChipLifeLine>, Error> {
    let (folder, notes) = (&deal.folder, &deal.folder.deal().notes);
    let spreads: Vec<_> = folder.value(BASE)?.notes.iter().map(NoteValuation::z_spread).collect();
    let mut lines: Vec<ChipLifeLine> = notes
        .iter()
        .map(|note| ChipLifeLine {
            deal: deal.id.clone(),
            note: note.id.clone(),
            rating: note.rating.clone(),
            link,
            lives: Vec::new(),
        })
        .collect();
    for years in LIVES {
        let run = folder.run_as(BASE, &|folder, _| living(folder, link, years))?;
        let (losses, prices) = (class_losses(folder, &run), folder.prices(&run, &spreads)?);
        for (line, (loss, price)) in lines.iter_mut().zip(losses.into_iter().zip(prices)) {
            line.lives.push(BelievedLife { years, loss, price });
        }
    }
    Ok(lines)
}

/// A deal's script, not refinanced, with chips that live so many years where six are believed.
fn living(folder: &Folder, link: LifeLink, years: usize) -> Result<Script, Error> {
    if folder.collateral().is_some() {
        return Ok(folder.script(BASE)?.value);
    }
    let mut script = folder.script(&folder.break_even_scenario()?)?.value;
    script.refinancing = None;
    if folder.pool().chips().is_none() {
        return Ok(script);
    }
    let mut terms = script.compute.take().unwrap_or_default();
    let speed = |years: usize| cadence_for_life(folder, &terms, 12 * years);
    if let (Some(believed), Some(speed)) = (speed(LIVES[0])?, speed(years)?) {
        (terms.expected_cadence_speed, terms.cadence_speed) = (believed, speed);
    }
    match link {
        LifeLink::RentsByAQuarter => terms.market_rent_elasticity = Decimal::new(25, 2),
        LifeLink::RentsOneForOne => terms.market_rent_elasticity = Decimal::ONE,
        LifeLink::LesseeFails => {
            let at = add_months(folder.pool().first_month().first_day(), LESSEE_FAILS_AFTER);
            for lease in folder.pool().chip_leases() {
                script.events.push(Event::TenantDefault {
                    tenant: lease.tenant.clone(),
                    at,
                    outcome: BankruptcyOutcome::Rejected,
                    recovery_rate: None,
                    reletting: RelettingTerms::default(),
                });
            }
        }
    }
    script.compute = Some(terms);
    Ok(script)
}

/// A share as per cent, as short as it is to one decimal.
pub(super) fn percent(share: f64) -> Decimal {
    Decimal::from_f64_retain(100.0 * share).unwrap_or_default().round_dp(1).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_as_printed() {
        assert_eq!(
            [0.384, 0.16, 0.0, 0.1775].map(|share| percent(share).to_string()),
            ["38.4", "16", "0", "17.8"]
        );
    }
}
