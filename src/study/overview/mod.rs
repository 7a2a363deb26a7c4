//! All that a report of one deal shows: its structure, its cash in one scenario, its tests, its losses.

mod coverage;
mod cut;
mod fan;
mod losses;

pub use coverage::{CoveragePath, CoverageTest};
pub use cut::{CutPoint, LossCurve, loss_curve};
pub use fan::{Fan, FanPoint, Quantile, compute_price, market_rent};
pub use losses::{LossBucket, LossHistogram};

use crate::collection::{Collections, measure};
use crate::error::Error;
use crate::folder::Folder;
use crate::money::Money;
use crate::time::Date;
use crate::valuation::CapitalStructure;
use crate::waterfall::Run;
use chrono::Datelike;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A deal in one scenario, as a report shows it.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Who stands above whom.
    pub structure: CapitalStructure,
    /// What the chips cost that are leased out, where any are: the collateral counts what they will earn.
    pub chip_cost: Option<Money>,
    /// The waterfall, run.
    pub run: Run,
    /// The payment dates that were run.
    pub dates: Vec<Date>,
    /// Payment dates up to the last on which any note is owed a balance or paid.
    pub owed_dates: usize,
    /// By payment date, the value of the assets and the balance of the loans; `None` where neither is measured.
    pub collateral: Vec<Option<Money>>,
    /// By calendar year, the principal that each note was paid.
    pub principal_by_year: BTreeMap<i32, Vec<Money>>,
    /// The ratios that triggers test, by payment date.
    pub coverage: Vec<CoveragePath>,
}

impl Overview {
    /// Runs the deal in a scenario.
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub fn new(folder: &Folder, scenario: &str) -> Result<Overview, Error> {
        let (deal, program) = (folder.deal(), folder.program());
        let collections = folder.collections(scenario)?;
        let (run, readings) = program.tested(&collections)?;
        let periods = program.schedule().periods();
        let dates: Vec<Date> = periods[..run.periods()].iter().map(|period| period.payment_date).collect();
        let mut principal_by_year = BTreeMap::new();
        for (period, date) in dates.iter().enumerate() {
            let year = principal_by_year.entry(date.year()).or_insert(vec![Money::ZERO; deal.notes.len()]);
            for (note, sum) in year.iter_mut().enumerate() {
                *sum += run.row(period, note).principal_paid;
            }
        }
        let owed = |period: &usize| {
            let rows = (0..deal.notes.len()).map(|note| run.row(*period, note));
            rows.into_iter().any(|row| !row.balance_open.is_zero() || !row.cash().is_zero())
        };
        Ok(Overview {
            owed_dates: (0..dates.len()).rev().find(owed).map_or(dates.len(), |last| last + 1),
            structure: capital_structure(folder, &collections),
            chip_cost: chip_cost(folder),
            collateral: (0..dates.len()).map(|period| collateral(&collections, period)).collect(),
            coverage: coverage::paths(deal, program, &run, &readings),
            principal_by_year,
            dates,
            run,
        })
    }
}

/// The cost of all chips on lease.
fn chip_cost(folder: &Folder) -> Option<Money> {
    let leases = folder.pool().chip_leases();
    let cost: Decimal = leases.iter().map(|lease| lease.cost_usd).sum();
    if leases.is_empty() { None } else { folder.deal().currency.money(cost) }
}

/// A deal's capital structure. Where no site is built yet, cash that is to build what is appraised as complete is not
/// counted beside it.
pub(crate) fn capital_structure(folder: &Folder, collections: &Collections) -> CapitalStructure {
    let (pool, mut deal) = (folder.pool(), folder.deal().clone());
    let phases = || pool.sites().iter().flat_map(|site| &site.phases);
    let to_build = phases().all(|phase| phase.commencement > pool.first_month().first_day());
    if to_build && phases().next().is_some() {
        deal.accounts.iter_mut().for_each(|account| account.opening_balance = Decimal::ZERO);
    }
    CapitalStructure::new(&deal, folder.program(), collections)
}

/// Assets and loans after a payment date's collection period.
fn collateral(collections: &Collections, period: usize) -> Option<Money> {
    if period >= collections.periods() {
        return None;
    }
    let row = collections.row(period);
    let columns = [measure::ASSET_VALUE, measure::POOL_BALANCE].map(|name| collections.layout().column(name));
    let measured: Vec<Money> = columns.into_iter().flatten().map(|column| row[column]).collect();
    (!measured.is_empty()).then(|| measured.into_iter().sum())
}
