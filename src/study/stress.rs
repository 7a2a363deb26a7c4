//! Scenarios side by side, and how much less cash each note can bear.

use super::break_even::{Limit, limits, scenarios_of_chips};
use super::crossing::{Crossing, crossing};
use super::guarantee::{GuaranteeExit, guarantee_exits};
use crate::collection::Collections;
use crate::error::Error;
use crate::folder::{BASE, Folder};
use crate::money::{Money, Rounding};
use crate::ratio::Ratio;
use crate::time::Date;
use crate::valuation::{Conventions, ZSpread, clean_price, note_flows, pricing_curve, wal_years};
use crate::waterfall::{Program, Run};

/// Scenarios side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Stress {
    /// One outcome per scenario and note.
    pub outcomes: Vec<Outcome>,
    /// The triggers that were active, by scenario.
    pub breaches: Vec<Breach>,
    /// What each note bears.
    pub break_evens: Vec<BreakEven>,
    /// How far rents may fall, tenants leave and chips hurry before each note loses a cent.
    pub limits: Vec<Limit>,
    /// Contracted and market rent, notes and collateral, by scenario.
    pub crossings: Vec<Crossing>,
    /// What residual value guarantees pay if tenants leave, by scenario and end of term.
    pub guarantees: Vec<GuaranteeExit>,
}

/// One note in one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The scenario.
    pub scenario: String,
    /// The note.
    pub note: String,
    /// Clean price per 100 at the spread that the note has in the base scenario; `None` if it has none.
    pub value: Option<f64>,
    /// Weighted average life in years; `None` if no principal is paid.
    pub wal_years: Option<f64>,
    /// Principal never paid.
    pub principal_shortfall: Money,
    /// Interest unpaid at the end.
    pub interest_shortfall: Money,
}

/// A trigger that was active in a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The scenario.
    pub scenario: String,
    /// The trigger.
    pub trigger: String,
    /// The first payment date on which it was active.
    pub first: Date,
    /// Payment dates on which it was active.
    pub payment_dates: usize,
}

/// The cut of all collections that a note bears in a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakEven {
    /// The note.
    pub note: String,
    /// The scenario.
    pub scenario: String,
    /// The greatest cut, as a share to the basis point, at which the note is paid interest and principal
    /// in full by the last payment date; `None` if it is not even uncut. Every smaller cut that the
    /// bisection tried was borne; triggers could make payment fail at one that it did not try.
    pub collections_cut: Option<f64>,
}

/// Runs the named scenarios, and cuts the cash of `cut_scenario` until each note breaks.
///
/// # Errors
/// As [`Folder::run`]; [`Error::Input`] if the deal has no pricing curve.
pub fn stress(folder: &Folder, scenarios: &[String], cut_scenario: &str) -> Result<Stress, Error> {
    let deal = folder.deal();
    let curve = pricing_curve(deal)?;
    let base = folder.value(BASE)?;
    let (mut outcomes, mut breaches) = (Vec::new(), Vec::new());
    for name in scenarios {
        let run = folder.run(name)?;
        breaches.extend(breaches_of(folder, name, &run));
        for (index, note) in deal.notes.iter().enumerate() {
            let flows = note_flows(deal, folder.program(), &run, index)?;
            let spread = base.notes[index]
                .measures
                .as_ref()
                .ok()
                .and_then(|m| Some(m.spreads.as_ref().ok()?.z_spread));
            let price = |spread: ZSpread| clean_price(&flows, deal.start_date(), &curve, spread).ok();
            let shortfall = shortfall(&run, index);
            outcomes.push(Outcome {
                scenario: name.clone(),
                note: note.id.clone(),
                value: spread.and_then(price),
                wal_years: wal_years(&flows, deal.start_date(), Conventions::default().wal_day_count),
                principal_shortfall: shortfall.principal,
                interest_shortfall: shortfall.interest,
            });
        }
    }
    let (program, collections) = (folder.program_in(cut_scenario)?, folder.collections(cut_scenario)?);
    // What is reported has been collected.
    let reported = folder.reports().map_or(0, |reports| reports.collections().periods());
    let mut break_evens = Vec::new();
    for (index, note) in deal.notes.iter().enumerate() {
        let collections_cut = greatest_cut(&program, &collections, reported, index)?;
        break_evens.push(BreakEven {
            note: note.id.clone(),
            scenario: cut_scenario.to_owned(),
            collections_cut,
        });
    }
    let mut bounds = limits(folder, cut_scenario)?;
    for name in scenarios_of_chips(folder, cut_scenario, scenarios)? {
        // Where no note is paid even unchanged there is nothing to turn up.
        let more = limits(folder, &name)?;
        if more.iter().any(|limit| limit.borne.is_some()) {
            bounds.extend(more);
        }
    }
    let (mut crossings, mut guarantees) = (Vec::new(), Vec::new());
    for name in scenarios {
        crossings.extend(crossing(folder, name)?);
        guarantees.extend(guarantee_exits(folder, name)?);
    }
    Ok(Stress { outcomes, breaches, break_evens, limits: bounds, crossings, guarantees })
}

fn breaches_of(folder: &Folder, scenario: &str, run: &Run) -> Vec<Breach> {
    let periods = folder.program().schedule().periods();
    let breach = |(index, trigger): (usize, &String)| {
        let active = || (0..run.periods()).filter(|&period| run.trigger_active(period, index));
        Some(Breach {
            scenario: scenario.to_owned(),
            trigger: trigger.clone(),
            first: periods[active().next()?].payment_date,
            payment_dates: active().count(),
        })
    };
    folder.program().triggers().iter().enumerate().filter_map(breach).collect()
}

/// What a note is still owed after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shortfall {
    pub principal: Money,
    pub interest: Money,
}

impl Shortfall {
    pub fn is_zero(self) -> bool {
        self.principal.is_zero() && self.interest.is_zero()
    }
}

pub(super) fn shortfall(run: &Run, note: usize) -> Shortfall {
    let lost: Money = run.note(note).map(|row| row.written_down - row.written_up).sum();
    match run.note(note).last() {
        Some(last) => Shortfall { principal: last.balance_close + lost, interest: last.interest_shortfall },
        None => Shortfall { principal: Money::ZERO, interest: Money::ZERO },
    }
}

/// Bisection on whole basis points, so that the answer is one that was run.
fn greatest_cut(
    program: &Program,
    collections: &Collections,
    reported: usize,
    note: usize,
) -> Result<Option<f64>, Error> {
    let mut run = Run::for_program(program);
    let mut paid = |cut: i64| -> Result<bool, Error> {
        program.run_into(&cut_by(collections, reported, cut)?, &mut run)?;
        Ok(shortfall(&run, note).is_zero())
    };
    if !paid(0)? {
        return Ok(None);
    }
    let (mut borne, mut broken) = (0, 10_001);
    while broken - borne > 1 {
        let middle = (borne + broken) / 2;
        if paid(middle)? { borne = middle } else { broken = middle }
    }
    Ok(Some(borne as f64 / 1e4))
}

/// All cash from a period on less a share in basis points; measures as they are, income from rent as well cut.
pub(super) fn cut_by(
    collections: &Collections,
    from: usize,
    basis_points: i64,
) -> Result<Collections, Error> {
    let mut cut = collections.clone();
    let sources = collections.layout().sources().len();
    let left = Ratio::new(i128::from(10_000 - basis_points), 10_000).unwrap_or(Ratio::ZERO);
    for period in from..cut.periods() {
        for cash in &mut cut.row_mut(period)[..sources] {
            let overflow = Error::Overflow { place: "a cut of collections", period: period + 1 };
            *cash = left.of(*cash, Rounding::HalfEven).ok_or(overflow)?;
        }
    }
    Ok(cut)
}
