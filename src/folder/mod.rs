//! A deal's folder: every file read, checked against each other, all problems at once.
//!
//! The folder is where the line of stages is put together. It holds what its files say and what follows
//! from them without a scenario: the pool and the compiled waterfall.

#[cfg(feature = "chance")]
mod chance;
mod collateral;
mod files;
mod parts;
mod scenario_files;
mod scripted;
#[cfg(feature = "studies")]
mod worlds;

pub use collateral::{Collateral, InnerDeal};

use crate::asset::{ChipsFile, SitesFile, TenantsFile};
use crate::collection::{Collections, Periods, Reports, collect};
use crate::deal::Deal;
use crate::error::{Error, Problem, Problems};
use crate::pool::{Locate, Pool};
use crate::scenario::{Risk, Scenario, Script};
use crate::tape::{Document, FileFormat, read_document};
use crate::time::Date;
use crate::valuation::{DealValuation, value_deal};
use crate::waterfall::{Explanation, Program, Run};
use collateral::Chain;
pub(crate) use collateral::{NoteEvents, check_risk};
use parts::{Parts, kept, no_tape, periods, sorted};
use scenario_files::{SCENARIOS, risk, scenario_names, script};
pub(crate) use scripted::ScriptOf;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The name of the scenario that is run when none is named.
pub const BASE: &str = "base";

/// The customary name of the scenario in which the notes are not refinanced.
const NO_REFINANCING: &str = "no_refinancing";

/// A deal as its folder states it, checked.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    deal: Deal,
    /// Without a lease where reports are all there is.
    pool: Pool,
    has_tape: bool,
    reports: Option<Reports>,
    /// Notes of other deals, if they are the collateral.
    collateral: Option<Collateral>,
    program: Program,
    /// The payment dates after the last report; none if there is no such date, or no pool.
    periods: Option<Periods>,
}

impl Folder {
    /// Reads `deal.toml`, the tape (`tenants.toml`, and `sites.toml` with `leases.csv`, or `loans.csv`, or all
    /// three), `chips.toml` where there is one, and the reports (`collections.csv`) and puts them together. A folder has
    /// a tape, reports, or both: then the payment dates after the last report are projected. Or it has
    /// `collateral.csv` and its collateral is notes of other deals, whose folders are opened too.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such folder; else [`Error::Input`] with every problem of every
    /// file: what is missing or not well formed, and, among the files that are, what does not go together.
    pub fn open(path: impl AsRef<Path>) -> Result<Folder, Error> {
        Folder::open_in(path.as_ref(), &Chain::default())
    }

    /// Opens a folder that a chain of deals leads to, each holding notes of the next.
    fn open_in(path: &Path, chain: &Chain<'_>) -> Result<Folder, Error> {
        let path = path.to_path_buf();
        let mut problems = Problems::new();
        match Parts::read(&path, chain, &mut problems)? {
            Parts {
                deal: Some(deal),
                program: Some(program),
                has_tape,
                pool: Some(pool),
                reports,
                collateral,
            } if problems.is_empty() => {
                let periods = match has_tape {
                    true => periods(&deal, &program, reports.as_ref())?,
                    false => None,
                };
                Ok(Folder { path, deal: deal.value, pool, has_tape, reports, collateral, program, periods })
            }
            _ => Err(Error::Input(sorted(problems))),
        }
    }

    /// Everything wrong with the folder's files, its scenarios included: their form in any case, the names
    /// in them if there is a sound tape to look them up in.
    /// Without the feature `chance` a risk model is looked at for its form alone.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such folder.
    pub fn check(path: impl AsRef<Path>) -> Result<Problems, Error> {
        let path = path.as_ref();
        let mut problems = Problems::new();
        let parts = Parts::read(path, &Chain::default(), &mut problems)?;
        let names = kept(SCENARIOS, scenario_names(path), &mut problems).unwrap_or_default();
        let scripted = if parts.has_tape { names } else { Vec::new() };
        for name in scripted {
            let file = format!("{SCENARIOS}/{name}.toml");
            let script = kept(&file, script(path, &name), &mut problems);
            if let (Some(script), Some(deal), Some(pool)) = (script, &parts.deal, &parts.pool) {
                // Names and bounds do not depend on how long the scenario is.
                let resolved = script.value.resolve(pool, 1, earliest_repayment(&deal.value), &script);
                kept(&file, resolved, &mut problems);
            }
        }
        for inner in parts.collateral.iter().flat_map(Collateral::deals) {
            inner.check(&mut problems)?;
        }
        let risk = kept(Risk::NAME, risk(path), &mut problems).flatten();
        if let (Some(risk), Some(_)) = (&risk, &parts.collateral) {
            collateral::check_risk(risk, &mut problems);
        }
        #[cfg(feature = "chance")]
        if let (Some(risk), Some(pool)) = (&risk, &parts.pool) {
            chance::check_against(pool, risk, &mut problems);
        }
        if let (Some(deal), Some(program), true) = (&parts.deal, &parts.program, parts.has_tape) {
            kept(Deal::NAME, periods(deal, program, parts.reports.as_ref()), &mut problems);
        }
        Ok(sorted(problems))
    }

    /// The deal's terms.
    pub fn deal(&self) -> &Deal {
        &self.deal
    }

    /// The collateral: without a lease if the folder has reports and no tape.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The notes of other deals that are the collateral; none if it is leases or loans.
    pub fn collateral(&self) -> Option<&Collateral> {
        self.collateral.as_ref()
    }

    /// What is reported; none if all collections are projected.
    pub fn reports(&self) -> Option<&Reports> {
        self.reports.as_ref()
    }

    /// The compiled waterfall.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The names of the folder's scenarios, in order of the alphabet, `base` first. Where the collateral is
    /// notes of other deals, those of their scenarios too.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the folder of scenarios is there and cannot be listed.
    pub fn scenario_names(&self) -> Result<Vec<String>, Error> {
        let own = scenario_names(&self.path)?;
        self.collateral.as_ref().map_or(Ok(own.clone()), |collateral| collateral.scenario_names(own))
    }

    /// What a scenario's file says. A folder without `scenarios/base.toml` has the empty one as its base.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such file; [`Error::Input`] with all that is wrong in it.
    pub fn script(&self, name: &str) -> Result<Document<Script>, Error> {
        let file = format!("{SCENARIOS}/{name}.toml");
        if self.collateral.is_some()
            && !self.path.join(&file).exists()
            && self.scenario_names()?.iter().any(|known| known == name)
        {
            return Ok(read_document(&file, "description = \"as the deals whose notes are held\"")?);
        }
        script(&self.path, name)
    }

    /// The state of the world that a scenario's file describes.
    ///
    /// # Errors
    /// As [`Folder::script`], and [`Error::Input`] with every name in it that leads nowhere, or if the folder
    /// has no tape that a scenario could act on.
    pub fn scenario(&self, name: &str) -> Result<Scenario, Error> {
        let script = self.script(name)?;
        self.resolve(&script.value, &script)
    }

    /// The state of the world that a script describes, in a file of the folder or not.
    ///
    /// # Errors
    /// As [`Folder::scenario`], told by `places`.
    pub fn resolve(&self, script: &Script, places: &dyn Locate) -> Result<Scenario, Error> {
        if !self.has_tape {
            return Err(no_tape());
        }
        script.resolve(&self.pool, self.months(), self.anticipated_repayment_date(), places)
    }

    /// What is reported, and after it what the pool pays in a state of the world, by payment date.
    ///
    /// # Errors
    /// As [`collect`]; [`Error::Input`] if the folder has no tape.
    pub fn collections_in(&self, scenario: &Scenario) -> Result<Collections, Error> {
        match (&self.reports, &self.periods) {
            (Some(reports), Some(periods)) => {
                Ok(reports.followed_by(&collect(&self.pool, scenario, periods)?))
            }
            (Some(reports), None) => Ok(reports.collections().clone()),
            (None, Some(periods)) => {
                let projected = collect(&self.pool, scenario, periods)?;
                match projected.layout() == self.program.layout() {
                    true => Ok(projected),
                    false => Ok(projected.in_layout(self.program.layout().clone())),
                }
            }
            (None, None) => Err(no_tape()),
        }
    }

    /// The deal with the curves that stand in for others in a scenario.
    fn deal_in(&self, scenario: &str) -> Result<Cow<'_, Deal>, Error> {
        let script = self.script(scenario)?;
        self.deal_with(&script.value.curves, &script)
    }

    /// The waterfall with the curves of a scenario.
    pub(crate) fn program_in(&self, scenario: &str) -> Result<Cow<'_, Program>, Error> {
        let script = self.script(scenario)?;
        self.program_with(&script.value.curves, &script)
    }

    /// What is reported, and after it what the pool pays in a scenario, by payment date.
    ///
    /// # Errors
    /// As [`Folder::scenario`] and [`collect`].
    pub fn collections(&self, scenario: &str) -> Result<Collections, Error> {
        if let Some(collateral) = &self.collateral {
            let events = self.note_events(scenario)?;
            let mut into = events.empty(self);
            collateral.collect(scenario, &mut into)?;
            events.grant(&mut into);
            return Ok(into);
        }
        match (&self.reports, &self.periods) {
            (Some(reports), None) => {
                self.script(scenario)?;
                Ok(reports.collections().clone())
            }
            (_, Some(_)) => self.collections_in(&self.scenario(scenario)?),
            (None, None) => Err(no_tape()),
        }
    }

    /// What a scenario of this folder's own says of a deal on notes: dated events and a refinancing.
    pub(crate) fn note_events(&self, scenario: &str) -> Result<NoteEvents, Error> {
        Ok(NoteEvents::new(&self.scenario(scenario)?, self.periods.as_ref()))
    }

    /// The waterfall, run on what the pool pays in a scenario.
    ///
    /// # Errors
    /// As [`Folder::collections`] and [`Program::run`].
    pub fn run(&self, scenario: &str) -> Result<Run, Error> {
        self.program_in(scenario)?.run(&self.collections(scenario)?)
    }

    /// [`Folder::run`] with every step of every payment date explained.
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub fn explain(&self, scenario: &str) -> Result<(Run, Vec<Explanation>), Error> {
        self.program_in(scenario)?.explain(&self.collections(scenario)?)
    }

    /// Every note, measured on what a scenario pays it.
    ///
    /// # Errors
    /// As [`Folder::run`] and [`value_deal`]; [`Error::Input`] if reports end with notes outstanding and there
    /// is no tape to project the rest from.
    pub fn value(&self, scenario: &str) -> Result<DealValuation, Error> {
        let collections = self.collections(scenario)?;
        let (deal, compiled) = (self.deal_in(scenario)?, self.program_in(scenario)?);
        let run = compiled.run(&collections)?;
        let outstanding = |note| run.note(note).last().is_none_or(|row| !row.balance_close.is_zero());
        if !self.has_tape && (0..self.deal.notes.len()).any(outstanding) {
            return Err(no_tape());
        }
        value_deal(&deal, &compiled, &run, |shift| {
            let observed = self.reports.as_ref().map(Reports::observed).cloned().unwrap_or_default();
            let layout = self.program.layout();
            let program = Program::compile_observed(&deal, layout, shift, &observed)?;
            let run = program.run(&collections)?;
            Ok((program, run))
        })
    }

    /// What `risk.toml` says; a folder without one has a world without chance.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the file is there and cannot be read; [`Error::Input`] with all that is wrong
    /// in it.
    pub fn risk(&self) -> Result<Option<Document<Risk>>, Error> {
        risk(&self.path)
    }

    /// The earliest anticipated repayment date of the notes.
    pub fn anticipated_repayment_date(&self) -> Option<Date> {
        earliest_repayment(&self.deal)
    }

    /// The scenario whose cash is cut for break-evens: `no_refinancing`, or else the first without a
    /// refinancing, in which notes live on their collections alone; the base if every one has one.
    ///
    /// # Errors
    /// As [`Folder::scenario`].
    pub fn break_even_scenario(&self) -> Result<String, Error> {
        let mut names = self.scenario_names()?;
        names.sort_by_key(|name| name != NO_REFINANCING);
        for name in names {
            if self.collections(&name)?.refinancing().is_none() {
                return Ok(name);
            }
        }
        Ok(BASE.to_owned())
    }

    /// Which months each projected payment date distributes; `None` if all are reported.
    pub fn periods(&self) -> Option<&Periods> {
        self.periods.as_ref()
    }

    /// Months that are projected.
    pub fn months(&self) -> usize {
        self.periods.as_ref().map_or(0, Periods::months)
    }
}

fn earliest_repayment(deal: &Deal) -> Option<Date> {
    deal.notes.iter().filter_map(|note| note.anticipated_repayment_date).min()
}

impl Locate for Document<Risk> {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        Document::problem(self, path, found, expected)
    }
}

impl Locate for Document<ChipsFile> {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        Document::problem(self, path, found, expected)
    }
}

impl Locate for Document<Script> {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        Document::problem(self, path, found, expected)
    }
}

/// The files that have a JSON Schema, those of a deal's folder and `chips.toml`, and each one's schema.
pub fn schemas() -> [(&'static str, &'static str); 6] {
    [
        ("deal", Deal::SCHEMA),
        ("sites", SitesFile::SCHEMA),
        ("tenants", TenantsFile::SCHEMA),
        ("scenario", Script::SCHEMA),
        ("risk", Risk::SCHEMA),
        ("chips", ChipsFile::SCHEMA),
    ]
}
