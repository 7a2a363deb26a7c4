//! How far one thing may go before a note loses its first cent.

use super::compare_2008::chip_life_months;
use super::stress::shortfall;
use crate::error::Error;
use crate::folder::Folder;
use crate::pool::InMemory;
use crate::scenario::compute::ComputeTerms;
use crate::scenario::{Event, Script, Select};
use crate::waterfall::{Program, Run};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::HashMap;

/// What is turned up, one thing at a time, in an otherwise unchanged scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stressor {
    /// Market rent in all markets falls by this share in the first collected month, for good.
    MarketRentFall,
    /// Leases with this share of the pool's kW are not renewed at any end of term, the largest leases first.
    NonRenewal,
    /// `cadence_speed`: generations of chips come so many times as fast. Where the scenario links nothing of
    /// buildings to chips, market rents follow the price of compute one for one.
    CadenceSpeed,
    /// The price of compute falls by this share in the first collected month, for good.
    ComputePriceFall,
}

/// How far a [`Stressor`] may go before a note is not paid in full.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The note.
    pub note: String,
    /// The scenario that is changed.
    pub scenario: String,
    /// What is turned up.
    pub stressor: Stressor,
    /// The farthest point tried at which interest and principal are paid in full; `None` if they are not even
    /// unchanged.
    pub borne: Option<f64>,
    /// The nearest point beyond at which a cent is lost; `None` if the note bears all that was tried.
    pub broken: Option<f64>,
    /// The farthest point tried.
    pub tried_to: f64,
    /// For [`Stressor::CadenceSpeed`] the economic life in months, at `borne`, of the newest chip on sale at the
    /// cut-off date, bought then; `None` if it outlives thirty years.
    pub chip_life_months: Option<usize>,
}

/// Steps into which each range is cut: basis points of a share, hundredths of a multiple.
const RENT_STEPS: u32 = 9_999;
/// As far as a scenario may make compute cheaper at once.
const PRICE_STEPS: u32 = 9_900;
const SPEED_STEPS: u32 = 1_900;
/// Points tried before the first that fails is looked for between two of them.
const SCANNED: u32 = 16;

/// Every note's limits in a scenario, in the order of notes and [`Stressor`]s. Rents and renewals are those of space;
/// cadence is left out where the deal knows of no chips, the price of compute where it has not let any itself; a deal
/// without a tape has no limits.
///
/// Each stressor is tried at sixteen points of its range; between the last that the note bears and the first that it
/// does not, bisection finds two neighbours, of which both have been run. A note that fails and recovers within
/// a sixteenth of the range is not found out.
///
/// # Errors
/// As [`Folder::run`].
pub fn limits(folder: &Folder, scenario: &str) -> Result<Vec<Limit>, Error> {
    let script = folder.script(scenario)?.value;
    let pool = folder.pool();
    let (lets_space, lets_chips) = (!pool.leases().is_empty(), !pool.chip_leases().is_empty());
    if folder.periods().is_none() || !(lets_space || lets_chips) {
        return Ok(Vec::new());
    }
    let program = folder.program_in(scenario)?;
    let mut found = Vec::new();
    let stressors = [
        (Stressor::MarketRentFall, lets_space),
        (Stressor::NonRenewal, lets_space),
        (Stressor::CadenceSpeed, pool.chips().is_some()),
        (Stressor::ComputePriceFall, lets_chips),
    ];
    for (stressor, _) in stressors.into_iter().filter(|(_, applies)| *applies) {
        let mut family = Family::new(folder, &program, &script, stressor);
        for note in 0..folder.deal().notes.len() {
            found.push(family.limit(scenario, note)?);
        }
    }
    let rank = |limit: &Limit| folder.deal().notes.iter().position(|note| note.id == limit.note);
    found.sort_by_key(rank);
    Ok(found)
}

/// The scenarios beside `first` in which notes on chips are paid from the chips themselves, for a tenant fails: what
/// compute fetches says nothing while the lease is kept.
pub(super) fn scenarios_of_chips(folder: &Folder, first: &str, all: &[String]) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for name in all.iter().filter(|name| *name != first && !folder.pool().chip_leases().is_empty()) {
        let fails = |event: &Event| matches!(event, Event::TenantDefault { .. });
        if folder.script(name)?.value.events.iter().any(fails) {
            found.push(name.clone());
        }
    }
    Ok(found)
}

/// A scenario with one thing turned up step by step; each step is run once for all notes.
struct Family<'a> {
    folder: &'a Folder,
    /// With the scenario's curves.
    program: &'a Program,
    script: &'a Script,
    stressor: Stressor,
    steps: u32,
    /// Leases by falling kW.
    largest_first: Vec<(String, f64)>,
    run: Run,
    /// For each step that was run, which notes are paid in full.
    paid: HashMap<u32, Vec<bool>>,
}

impl<'a> Family<'a> {
    fn new(folder: &'a Folder, program: &'a Program, script: &'a Script, stressor: Stressor) -> Family<'a> {
        let terms = folder.pool().leases().iter().zip(&folder.pool().lease_terms);
        let mut largest_first: Vec<(String, f64)> =
            terms.map(|(lease, terms)| (lease.lease_id.clone(), terms.kw)).collect();
        largest_first.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let steps = match stressor {
            Stressor::MarketRentFall => RENT_STEPS,
            Stressor::ComputePriceFall => PRICE_STEPS,
            Stressor::NonRenewal => largest_first.len() as u32,
            Stressor::CadenceSpeed => SPEED_STEPS,
        };
        let (run, paid) = (Run::for_program(program), HashMap::new());
        Family { folder, program, script, stressor, steps, largest_first, run, paid }
    }

    fn limit(&mut self, scenario: &str, note: usize) -> Result<Limit, Error> {
        let (borne, broken) = self.edge(note)?;
        let chip_life_months = match (self.stressor, borne) {
            (Stressor::CadenceSpeed, Some(step)) => self.chip_life(step)?,
            _ => None,
        };
        Ok(Limit {
            note: self.folder.deal().notes[note].id.clone(),
            scenario: scenario.to_owned(),
            stressor: self.stressor,
            borne: borne.map(|step| self.point(step)),
            broken: broken.map(|step| self.point(step)),
            tried_to: self.point(self.steps),
            chip_life_months,
        })
    }

    /// The last step that the note bears before the first that it does not.
    fn edge(&mut self, note: usize) -> Result<(Option<u32>, Option<u32>), Error> {
        if !self.bears(0, note)? {
            return Ok((None, Some(0)));
        }
        let mut borne = 0;
        for point in 1..=SCANNED {
            let step = (u64::from(self.steps) * u64::from(point) / u64::from(SCANNED)) as u32;
            if self.bears(step, note)? {
                borne = step;
                continue;
            }
            let mut broken = step;
            while broken - borne > 1 {
                let middle = borne + (broken - borne) / 2;
                if self.bears(middle, note)? { borne = middle } else { broken = middle }
            }
            return Ok((Some(borne), Some(broken)));
        }
        Ok((Some(self.steps), None))
    }

    fn bears(&mut self, step: u32, note: usize) -> Result<bool, Error> {
        if let Some(paid) = self.paid.get(&step) {
            return Ok(paid[note]);
        }
        let scenario = self.folder.resolve(&self.at(step), &InMemory)?;
        self.program.run_into(&self.folder.collections_in(&scenario)?, &mut self.run)?;
        let notes = 0..self.folder.deal().notes.len();
        let paid: Vec<bool> = notes.map(|note| shortfall(&self.run, note).is_zero()).collect();
        let bears = paid[note];
        self.paid.insert(step, paid);
        Ok(bears)
    }

    /// The stressor at a step, in its own unit.
    fn point(&self, step: u32) -> f64 {
        match self.stressor {
            Stressor::MarketRentFall | Stressor::ComputePriceFall => f64::from(step) / 1e4,
            Stressor::NonRenewal => {
                let kw = |leases: &[(String, f64)]| leases.iter().map(|lease| lease.1).sum::<f64>();
                kw(&self.largest_first[..step as usize]) / kw(&self.largest_first)
            }
            Stressor::CadenceSpeed => self.speed(step).to_f64().unwrap_or(1.0),
        }
    }

    /// The scenario's own speed and more, up to the most that a scenario may state.
    fn speed(&self, step: u32) -> Decimal {
        let own = self.script.compute.as_ref().map_or(Decimal::ONE, |terms| terms.cadence_speed);
        (own + Decimal::new(i64::from(step), 2)).min(Decimal::new(20, 0))
    }

    /// The script with the stressor at a step.
    fn at(&self, step: u32) -> Script {
        let mut script = self.script.clone();
        let (at, change) = (self.folder.pool().first_month().first_day(), -Decimal::new(i64::from(step), 4));
        match self.stressor {
            Stressor::MarketRentFall => {
                script.events.push(Event::MarketRent { at, markets: Vec::new(), change, growth: None });
            }
            Stressor::ComputePriceFall => {
                script.events.push(Event::ComputePrice { at, change, growth: None });
            }
            Stressor::NonRenewal if step > 0 => {
                let leases = self.largest_first[..step as usize].iter().map(|lease| lease.0.clone());
                let select = Select { leases: leases.collect(), ..Select::default() };
                script.events.push(Event::NonRenewal { select, from: None });
            }
            Stressor::NonRenewal => {}
            Stressor::CadenceSpeed => {
                let speed = self.speed(step);
                let terms = script.compute.get_or_insert_with(ComputeTerms::default);
                let unlinked = terms.market_rent_elasticity.is_zero() && terms.halls.rent_discount.is_zero();
                if unlinked && !self.folder.pool().leases().is_empty() {
                    terms.market_rent_elasticity = Decimal::ONE;
                }
                terms.cadence_speed = speed;
            }
        }
        script
    }

    /// What a step means in the life of a chip.
    fn chip_life(&self, step: u32) -> Result<Option<usize>, Error> {
        chip_life_months(self.folder, &self.at(step).compute.unwrap_or_default())
    }
}
