//! How a figure of the world is spread over paths, month by month.

use crate::collection::Periods;
use crate::error::Error;
use crate::folder::Folder;
use crate::scenario::{Draws, Scenario};
use crate::time::Date;
use libm::sqrt;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Paths whose values are kept: quantiles need them all at once.
const PATHS: u64 = 4_000;
/// Months between two points.
const STEP: usize = 6;
/// The levels that are shown.
const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// A figure of the world by date: as scripted, and its spread over paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Fan {
    /// What it is: `Market rent`.
    pub name: String,
    /// Its unit: `USD per kW and month`.
    pub unit: String,
    /// The levels of the quantiles.
    pub levels: [f64; 5],
    /// The paths behind them; 0 if there are none.
    pub paths: u64,
    /// By date.
    pub points: Vec<FanPoint>,
}

/// One date of a [`Fan`].
#[derive(Clone, Debug, PartialEq)]
pub struct FanPoint {
    /// The first day of the month.
    pub date: Date,
    /// In the scripted scenario.
    pub scripted: f64,
    /// The quantiles; `None` without paths.
    pub quantiles: Option<[Quantile; 5]>,
}

/// A quantile and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The value.
    pub value: f64,
    /// Half the distance between the values one standard deviation of the rank below and above it:
    /// `sqrt(n p (1 - p))` ranks.
    pub std_error: f64,
}

impl Fan {
    /// The fan of a figure of the scenario by month, over the months of `periods`.
    ///
    /// `figure` gives the value in a month, counted from 0. Without a risk model, or without paths, it is the
    /// scripted line alone.
    ///
    /// # Errors
    /// As [`Folder::scenario`] and [`Folder::generator`].
    pub fn new(
        folder: &Folder,
        scenario: &str,
        paths: Option<(Draws, u64)>,
        names: (&str, String),
        figure: impl Fn(&Scenario, usize) -> f64,
    ) -> Result<Option<Fan>, Error> {
        let Some(periods) = folder.periods() else { return Ok(None) };
        let months: Vec<usize> = (0..shown_months(folder, periods)).step_by(STEP).collect();
        let base = folder.scenario(scenario)?;
        let mut samples = vec![Vec::new(); months.len()];
        let paths = match (folder.risk()?, paths) {
            (Some(_), Some((draws, paths))) => {
                let generator = folder.generator(scenario, draws)?;
                let mut world = generator.world();
                let paths = paths.min(PATHS);
                for path in 0..paths {
                    generator.draw(path, base.months, &mut world);
                    for (sample, &month) in samples.iter_mut().zip(&months) {
                        sample.push(figure(&world.scenario, month));
                    }
                }
                paths
            }
            _ => 0,
        };
        let first = periods.first_month();
        let point = |(&month, sample): (&usize, &mut Vec<f64>)| FanPoint {
            date: crate::time::add_months(first.first_day(), month as i32),
            scripted: figure(&base, month),
            quantiles: quantiles(sample),
        };
        let points = months.iter().zip(&mut samples).map(point).collect();
        let (name, unit) = names;
        Ok(Some(Fan { name: name.to_owned(), unit, levels: LEVELS, paths, points }))
    }
}

/// Months worth showing: up to the last legal final the world is not of interest once notes are repaid; thirty
/// years at most.
fn shown_months(folder: &Folder, periods: &Periods) -> usize {
    let repayment = folder.anticipated_repayment_date().map(|date| {
        let start = periods.first_month().first_day();
        // Five years beyond the date on which repayment is expected.
        (crate::time::months_between(start, date).max(0) as usize) + 61
    });
    periods.months().min(repayment.unwrap_or(361)).min(361)
}

/// The average market rent of the pool's space: `sum over sites of kW x rent of the site's market / sum of kW`.
///
/// # Errors
/// As [`Fan::new`].
pub fn market_rent(
    folder: &Folder,
    scenario: &str,
    paths: Option<(Draws, u64)>,
) -> Result<Option<Fan>, Error> {
    let pool = folder.pool();
    let mut rents = vec![0.0; pool.markets().len()];
    let mut space = 0.0;
    for site in pool.sites() {
        let Some(market) = pool.market_index(&site.market) else { continue };
        let rent = site.market_rent_usd_per_kw_month;
        let rent = rent.unwrap_or(pool.markets()[market].market_rent_usd_per_kw_month);
        let kw: Decimal = site.phases.iter().map(|phase| phase.kw).sum();
        if let (Some(rent), Some(kw)) = (rent.to_f64(), kw.to_f64()) {
            rents[market] += kw * rent;
            space += kw;
        }
    }
    if space <= 0.0 {
        return Ok(None);
    }
    rents.iter_mut().for_each(|rent| *rent /= space);
    let unit = format!("{} per kW and month", pool.currency());
    Fan::new(folder, scenario, paths, ("Market rent", unit), |world, month| {
        let index = |market: usize| world.market_rent[market * world.months + month];
        rents.iter().enumerate().map(|(market, rent)| rent * index(market)).sum()
    })
}

/// The price of compute, where the deal has chips in its files: as scripted, and its spread where `risk.toml` draws
/// it.
///
/// # Errors
/// As [`Fan::new`].
pub fn compute_price(
    folder: &Folder,
    scenario: &str,
    paths: Option<(Draws, u64)>,
) -> Result<Option<Fan>, Error> {
    if folder.periods().is_none() || folder.pool().chips().is_none() {
        return Ok(None);
    }
    let drawn = folder.risk()?.is_some_and(|risk| risk.value.compute.is_some());
    let names = ("Price of compute", "USD per H100-hour".to_owned());
    Fan::new(folder, scenario, paths.filter(|_| drawn), names, |world, month| {
        world.compute_price.get(month).copied().unwrap_or(0.0)
    })
}

/// The quantiles of a sample, the smallest value that the level's share does not exceed.
fn quantiles(sample: &mut [f64]) -> Option<[Quantile; 5]> {
    if sample.is_empty() {
        return None;
    }
    sample.sort_unstable_by(f64::total_cmp);
    let n = sample.len() as f64;
    let at = |rank: f64| sample[(rank.max(1.0) as usize).min(sample.len()) - 1];
    Some(LEVELS.map(|level| {
        let (rank, spread) = ((n * level).ceil(), sqrt(n * level * (1.0 - level)));
        let (below, above) = (at((rank - spread).floor()), at((rank + spread).ceil()));
        Quantile { value: at(rank), std_error: 0.5 * (above - below) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_one_to_four_hundred() {
        let mut sample: Vec<f64> = (1..=400).rev().map(f64::from).collect();
        let found = quantiles(&mut sample).unwrap();
        assert_eq!(found.map(|quantile| quantile.value), [20.0, 100.0, 200.0, 300.0, 380.0]);
        // The median's rank has a standard deviation of sqrt(400 / 4) = 10, on values one apart.
        assert_eq!(found[2].std_error, 10.0);
        assert_eq!(quantiles(&mut []), None);
    }
}
