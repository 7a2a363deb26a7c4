//! (b) Loss of every class as the pool loses 0 to 60%.

use super::arithmetic::Slices;
use super::deals::{Assets, ComparedDeal, Era};
use crate::collection::{Collections, measure};
use crate::error::Error;
use crate::folder::{BASE, Folder};
use crate::scenario::{DefaultUnit, Script};
use crate::study::stress::shortfall;
use crate::waterfall::Run;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// Points between two losses of the grid, in hundredths of the pool.
const STEP: u32 = 5;
/// Points of arithmetic in one step of the grid: no run stands behind them, and a thin class is gone within a step.
const FINER: u32 = 20;
/// The last loss of the grid, in hundredths of the pool.
const MOST: u32 = 60;

/// What every class of a deal loses as its pool loses more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DealLosses {
    /// The folder's name.
    pub deal: String,
    /// What it stands on in the end.
    pub era: Era,
    /// The classes, in the deal's order.
    pub notes: Vec<String>,
    /// How a loss of the pool is imposed in the run.
    pub imposed: Imposed,
    /// The scenario that is scaled; of a deal on notes, of the first deal below.
    pub scenario: String,
    /// From 0 to 60%.
    pub points: Vec<LossPoint>,
    /// The same by arithmetic alone, at every quarter of a per cent.
    pub arithmetic: Vec<ArithmeticPoint>,
}

/// Losses by straight arithmetic at one loss of the pool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArithmeticPoint {
    /// What every pool at the bottom loses.
    pub pool_loss: f64,
    /// What each class loses, a share of itself.
    pub losses: Vec<f64>,
}

/// How a loss of the pool is imposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Imposed {
    /// The lifetime loss of a timing of losses; severities and prepayments stay.
    LossTiming,
    /// That share of each period's net operating income does not come in, hence of value neither; nobody refinances.
    IncomeHaircut,
    /// As in the deals below, all alike.
    Below,
    /// Not at all: loans without a timing of losses.
    Nothing,
}

/// Losses at one loss of the pool, shares of each class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LossPoint {
    /// What every pool at the bottom loses: of its balance, or of its value.
    pub pool_loss: f64,
    /// By straight arithmetic: written down from the bottom, no excess spread, no prepayment.
    pub arithmetic: Vec<f64>,
    /// Principal never paid by the waterfall, run; `None` where nothing can be imposed.
    pub run: Option<Vec<f64>>,
    /// What the pool has lost in the run: less than what was imposed where too little is left to default; `None` where
    /// no loss of a pool is measured.
    pub run_pool_loss: Option<f64>,
}

impl DealLosses {
    /// The table of a deal.
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub fn new(deal: &ComparedDeal) -> Result<DealLosses, Error> {
        let folder = &deal.folder;
        let slices = Slices::new(folder)?;
        let (imposed, scenario) = stressed(folder)?;
        let mut points = Vec::new();
        for percent in (0..=MOST).step_by(STEP as usize) {
            let loss = Decimal::new(i64::from(percent), 2);
            let pool_loss = loss.to_f64().unwrap_or(0.0);
            let script_of = |folder: &Folder, _: &str| scaled(folder, loss);
            let (mut run, mut run_pool_loss) = (None, None);
            if imposed != Imposed::Nothing {
                run = Some(class_losses(folder, &folder.run_as(BASE, &script_of)?));
                if imposed == Imposed::LossTiming {
                    run_pool_loss = realized(folder, &folder.collections_as(BASE, &script_of)?);
                }
            }
            points.push(LossPoint { pool_loss, arithmetic: slices.losses(pool_loss), run, run_pool_loss });
        }
        let arithmetic = (0..=MOST * FINER / STEP).map(|place| {
            let pool_loss = f64::from(place * STEP) / f64::from(100 * FINER);
            ArithmeticPoint { pool_loss, losses: slices.losses(pool_loss) }
        });
        Ok(DealLosses {
            arithmetic: arithmetic.collect(),
            deal: deal.id.clone(),
            era: deal.era,
            notes: folder.deal().notes.iter().map(|note| note.id.clone()).collect(),
            imposed,
            scenario,
            points,
        })
    }
}

/// Losses that the pool realizes, over the balance that the deal states at its cut-off date or the tape has.
fn realized(folder: &Folder, collections: &Collections) -> Option<f64> {
    let column = collections.layout().column(measure::REALIZED_LOSS)?;
    let lost: i64 = (0..collections.periods()).map(|period| collections.row(period)[column].minor()).sum();
    let lines = folder.pool().rep_lines().iter().map(|line| line.balance);
    let balance: Decimal = lines.chain(folder.pool().loans().iter().map(|loan| loan.balance)).sum();
    let balance = folder.deal().currency.money(balance)?;
    (!balance.is_zero()).then(|| lost as f64 / balance.minor() as f64)
}

/// How a loss is imposed on a deal, and the scenario that is scaled.
fn stressed(folder: &Folder) -> Result<(Imposed, String), Error> {
    if let Some(below) = folder.collateral().and_then(|collateral| collateral.deals().first()) {
        let (imposed, scenario) = stressed(below.folder())?;
        let own = if imposed == Imposed::Nothing { imposed } else { Imposed::Below };
        return Ok((own, scenario));
    }
    if Assets::of(folder) != Assets::Loans {
        return Ok((Imposed::IncomeHaircut, folder.break_even_scenario()?));
    }
    Ok(match timed(folder)? {
        Some(scenario) => (Imposed::LossTiming, scenario),
        None => (Imposed::Nothing, BASE.to_owned()),
    })
}

/// The scenario with the greatest lifetime loss by a timing, of those without events.
fn timed(folder: &Folder) -> Result<Option<String>, Error> {
    let mut found: Option<(Decimal, String)> = None;
    for name in folder.scenario_names()? {
        let script = folder.script(&name)?.value;
        let lifetime = |script: &Script| {
            let timings = script.performance.iter().filter_map(|terms| terms.default.as_ref());
            timings
                .filter(|speed| speed.unit == DefaultUnit::LossTiming)
                .filter_map(|speed| speed.lifetime_loss)
                .max()
        };
        let Some(loss) = lifetime(&script).filter(|_| script.events.is_empty()) else { continue };
        if found.as_ref().is_none_or(|(most, _)| loss > *most) {
            found = Some((loss, name));
        }
    }
    Ok(found.map(|(_, name)| name))
}

/// A deal's script with its pool losing this share.
fn scaled(folder: &Folder, pool_loss: Decimal) -> Result<Script, Error> {
    let (imposed, scenario) = stressed(folder)?;
    let mut script = folder.script(&scenario)?.value;
    match imposed {
        Imposed::LossTiming => {
            for speed in script.performance.iter_mut().filter_map(|terms| terms.default.as_mut()) {
                if speed.unit == DefaultUnit::LossTiming {
                    (speed.lifetime_loss, speed.multiple) = (Some(pool_loss), None);
                }
            }
        }
        Imposed::IncomeHaircut => {
            script.assumptions.net_cash_flow_haircut = pool_loss;
            script.refinancing = None;
        }
        Imposed::Below | Imposed::Nothing => {}
    }
    Ok(script)
}

/// Principal that each class is never paid, as a share of its balance at the start, later draws and capitalised
/// interest.
pub(super) fn class_losses(folder: &Folder, run: &Run) -> Vec<f64> {
    let loss = |note: usize| {
        let added: crate::Money = run.note(note).map(|row| row.drawn + row.interest_capitalized).sum();
        let size = (folder.program().opening_balance(note) + added).minor() as f64;
        shortfall(run, note).principal.minor() as f64 / size.max(1.0)
    };
    (0..folder.deal().notes.len()).map(loss).collect()
}
