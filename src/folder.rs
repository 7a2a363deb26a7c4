//! A deal's folder: every file read, checked against each other, all problems at once.
//!
//! The folder is where the line of stages is put together. It holds what its files say and what follows
//! from them without a scenario: the pool and the compiled waterfall.

use crate::asset::{ChipsFile, Lease, Loan, SitesFile, TenantsFile};
use crate::collection::{Collections, Layout, Periods, collect};
use crate::credit::Measure;
use crate::curve::{Compounding, DiscountCurve};
use crate::deal::Deal;
use crate::error::{Error, Problem, Problems, reason};
use crate::pool::{Assets, Locate, Pool};
use crate::scenario::{Draws, Generator, Risk, Scenario, Script};
use crate::study::simulation::Simulation;
use crate::tape::{
    DOCUMENT_LIMIT, Document, FileFormat, RowFormat, Table, open_document, open_table, read_document,
    read_text,
};
use crate::time::Date;
use crate::valuation::{DealValuation, NoteValuation, ZSpread, pricing_curve, value_deal};
use crate::waterfall::{Explanation, Program, Run};
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
    pool: Pool,
    program: Program,
    periods: Periods,
}

impl Folder {
    /// Reads `deal.toml`, `tenants.toml`, and `sites.toml` with `leases.csv`, or `loans.csv`, or all three,
    /// and puts them together.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such folder; else [`Error::Input`] with every problem of every
    /// file: what is missing or not well formed, and, among the files that are, what does not go together.
    pub fn open(path: impl AsRef<Path>) -> Result<Folder, Error> {
        let path = path.as_ref().to_path_buf();
        let mut problems = Problems::new();
        match Parts::read(&path, &mut problems)? {
            Parts { deal: Some(deal), program: Some(program), pool: Some(pool) } if problems.is_empty() => {
                let periods = periods(&deal.value, &program)?;
                Ok(Folder { path, deal: deal.value, pool, program, periods })
            }
            _ => Err(Error::Input(sorted(problems))),
        }
    }

    /// Everything wrong with the folder's files, its scenarios included: their form in any case, the names
    /// in them if there is a sound tape to look them up in.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such folder.
    pub fn check(path: impl AsRef<Path>) -> Result<Problems, Error> {
        let path = path.as_ref();
        let mut problems = Problems::new();
        let parts = Parts::read(path, &mut problems)?;
        let names = kept(SCENARIOS, scenario_names(path), &mut problems).unwrap_or_default();
        for name in names {
            let file = format!("{SCENARIOS}/{name}.toml");
            let script = kept(&file, script(path, &name), &mut problems);
            if let (Some(script), Some(deal), Some(pool)) = (script, &parts.deal, &parts.pool) {
                // Names and bounds do not depend on how long the scenario is.
                let resolved = script.value.resolve(pool, 1, earliest_repayment(&deal.value), &script);
                kept(&file, resolved, &mut problems);
            }
        }
        let risk = kept(Risk::NAME, risk(path), &mut problems).flatten();
        if let (Some(risk), Some(pool)) = (risk, &parts.pool) {
            // Any curve serves to see whether spreads are sound; the deal may have none.
            if let Ok(discount) = DiscountCurve::flat(pool.cut_off_date(), 0.0, Compounding::Continuous) {
                let calm = Scenario::calm(pool, 12);
                kept(
                    Risk::NAME,
                    risk.value.resolve(pool, calm, &discount, Draws::default(), &risk),
                    &mut problems,
                );
            }
        }
        if let (Some(deal), Some(program)) = (&parts.deal, &parts.program) {
            kept(Deal::NAME, periods(&deal.value, program), &mut problems);
        }
        Ok(sorted(problems))
    }

    /// The deal's terms.
    pub fn deal(&self) -> &Deal {
        &self.deal
    }

    /// The collateral.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The compiled waterfall.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The names of the folder's scenarios, in order of the alphabet, `base` first.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the folder of scenarios is there and cannot be listed.
    pub fn scenario_names(&self) -> Result<Vec<String>, Error> {
        scenario_names(&self.path)
    }

    /// What a scenario's file says. A folder without `scenarios/base.toml` has the empty one as its base.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such file; [`Error::Input`] with all that is wrong in it.
    pub fn script(&self, name: &str) -> Result<Document<Script>, Error> {
        script(&self.path, name)
    }

    /// The state of the world that a scenario's file describes.
    ///
    /// # Errors
    /// As [`Folder::script`], and [`Error::Input`] with every name in it that leads nowhere.
    pub fn scenario(&self, name: &str) -> Result<Scenario, Error> {
        let script = self.script(name)?;
        script.value.resolve(&self.pool, self.months(), self.anticipated_repayment_date(), &script)
    }

    /// What the pool pays in a scenario, by payment date.
    ///
    /// # Errors
    /// As [`Folder::scenario`] and [`collect`].
    pub fn collections(&self, scenario: &str) -> Result<Collections, Error> {
        collect(&self.pool, &self.scenario(scenario)?, &self.periods)
    }

    /// The waterfall, run on what the pool pays in a scenario.
    ///
    /// # Errors
    /// As [`Folder::collections`] and [`Program::run`].
    pub fn run(&self, scenario: &str) -> Result<Run, Error> {
        self.program.run(&self.collections(scenario)?)
    }

    /// [`Folder::run`] with every step of every payment date explained.
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub fn explain(&self, scenario: &str) -> Result<(Run, Vec<Explanation>), Error> {
        self.program.explain(&self.collections(scenario)?)
    }

    /// Every note, measured on what a scenario pays it.
    ///
    /// # Errors
    /// As [`Folder::run`] and [`value_deal`].
    pub fn value(&self, scenario: &str) -> Result<DealValuation, Error> {
        let collections = self.collections(scenario)?;
        let run = self.program.run(&collections)?;
        value_deal(&self.deal, &self.program, &run, |shift| {
            let program = Program::compile_shifted(&self.deal, &Layout::of(&self.pool), shift)?;
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

    /// Random states of the world around a scenario, by the folder's risk model.
    ///
    /// # Errors
    /// [`Error::Input`] if the folder has no `risk.toml`, or with all that is wrong in it; as
    /// [`Folder::scenario`].
    pub fn generator(&self, scenario: &str, draws: Draws) -> Result<Generator, Error> {
        let Some(risk) = self.risk()? else {
            let (found, expected) = ("no such file".to_owned(), "a risk model to draw paths from".to_owned());
            let problem =
                Problem { file: Risk::NAME.to_owned(), line: 0, field: String::new(), found, expected };
            return Err(Error::Input(Problems::from(vec![problem])));
        };
        let discount = pricing_curve(&self.deal)?;
        risk.value.resolve(&self.pool, self.scenario(scenario)?, &discount, draws, &risk)
    }

    /// A Monte Carlo of the whole deal around a scenario.
    ///
    /// Under historical probabilities each note is discounted at the curve and the spread at which the
    /// scenario alone is worth its quoted price; under risk-neutral ones at the curve itself, for defaults
    /// are then priced by their probability.
    ///
    /// # Errors
    /// As [`Folder::generator`], [`Folder::value`] and [`Simulation::new`].
    pub fn simulation(&self, scenario: &str, draws: Draws) -> Result<Simulation<'_>, Error> {
        let generator = self.generator(scenario, draws)?;
        let spreads = match generator.measure() {
            Measure::RiskNeutral => vec![ZSpread::NONE; self.deal.notes.len()],
            Measure::Historical => self.value(scenario)?.notes.iter().map(NoteValuation::z_spread).collect(),
        };
        let (deal, program, pool) = (&self.deal, &self.program, &self.pool);
        Simulation::new(deal, program, pool, &self.periods, generator, scenario, &spreads)
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

    /// Which months each payment date distributes.
    pub fn periods(&self) -> &Periods {
        &self.periods
    }

    /// Months that the payment dates distribute.
    pub fn months(&self) -> usize {
        self.periods.months()
    }
}

/// Where a folder's scenarios are.
const SCENARIOS: &str = "scenarios";

/// What could be read of a folder without its scenarios.
struct Parts {
    deal: Option<Document<Deal>>,
    program: Option<Program>,
    pool: Option<Pool>,
}

impl Parts {
    fn read(path: &Path, problems: &mut Problems) -> Result<Parts, Error> {
        if let Err(error) = std::fs::read_dir(path) {
            return Err(Error::Unreadable { path: path.display().to_string(), kind: error.kind() });
        }
        let deal = kept(Deal::NAME, open_document::<Deal>(path), problems);
        let contents = Contents::of(path);
        let program = deal.as_ref().and_then(|deal| compile(deal, &contents.layout(), problems));
        let places = Places::read(path, contents, problems);
        let pool = match (&deal, places) {
            (Some(deal), Some(places)) => kept("", pool(&deal.value, places), problems),
            _ => None,
        };
        Ok(Parts { deal, program, pool })
    }
}

/// What kinds of assets a folder has files of.
#[derive(Clone, Copy)]
struct Contents {
    leases: bool,
    loans: bool,
}

impl Contents {
    /// Leases are expected unless there are loans, and then if one of their two files is there.
    fn of(path: &Path) -> Contents {
        let has = |name: &str| path.join(name).exists();
        let loans = has(Loan::NAME);
        Contents { leases: !loans || has(Lease::NAME) || has(SitesFile::NAME), loans }
    }

    /// The layout of the pool that these files make once they are right, for a deal is checked beside them.
    fn layout(self) -> Layout {
        match (self.leases, self.loans) {
            (_, false) => Layout::leases(),
            (false, true) => Layout::loans(),
            (true, true) => Layout::leases_and_loans(),
        }
    }
}

/// Which months each payment date distributes. Nominal dates: a holiday does not move cash from one
/// collection period to another.
fn periods(deal: &Deal, program: &Program) -> Result<Periods, Error> {
    let dates: Vec<Date> = program.schedule().periods().iter().map(|period| period.accrual_end).collect();
    Periods::new(deal.cut_off_date, &dates)
}

fn scenario_names(path: &Path) -> Result<Vec<String>, Error> {
    let folder = path.join(SCENARIOS);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![BASE.to_owned()]),
        Err(error) => {
            return Err(Error::Unreadable { path: folder.display().to_string(), kind: error.kind() });
        }
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| name != BASE)
        .collect();
    names.sort();
    names.insert(0, BASE.to_owned());
    Ok(names)
}

fn script(folder: &Path, name: &str) -> Result<Document<Script>, Error> {
    let file = format!("{SCENARIOS}/{name}.toml");
    let path = folder.join(&file);
    if name == BASE && !path.exists() {
        return Ok(read_document(&file, "description = \"base\"")?);
    }
    let plain = !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
    if !plain || !path.exists() {
        let known = scenario_names(folder)?.join(", ");
        return Err(Error::Input(Problems::from(vec![Problem {
            file: SCENARIOS.to_owned(),
            line: 0,
            field: String::new(),
            found: format!("no scenario `{name}`"),
            expected: format!("one of {known}"),
        }])));
    }
    Ok(read_document(&file, &read_text(&path, &file, DOCUMENT_LIMIT)?)?)
}

fn risk(folder: &Path) -> Result<Option<Document<Risk>>, Error> {
    if !folder.join(Risk::NAME).exists() {
        return Ok(None);
    }
    open_document::<Risk>(folder).map(Some)
}

fn earliest_repayment(deal: &Deal) -> Option<Date> {
    deal.notes.iter().filter_map(|note| note.anticipated_repayment_date).min()
}

fn sorted(problems: Problems) -> Problems {
    problems.none_or(()).err().unwrap_or_default()
}

/// The value, or nothing with its problems kept for later.
fn kept<T>(file: &str, read: Result<T, Error>, problems: &mut Problems) -> Option<T> {
    match read {
        Ok(value) => return Some(value),
        Err(Error::Input(found)) => problems.extend(found),
        Err(other) => {
            let found = match other {
                Error::Unreadable { kind, .. } => reason(kind),
                other => other.to_string(),
            };
            let (file, expected) = (file.to_owned(), "a file that can be read".to_owned());
            problems.push(Problem { file, line: 0, field: String::new(), found, expected });
        }
    }
    None
}

fn compile(deal: &Document<Deal>, layout: &Layout, problems: &mut Problems) -> Option<Program> {
    match Program::compile(&deal.value, layout) {
        Ok(program) => Some(program),
        Err(found) => {
            // Compilation knows paths; the document knows lines.
            for problem in found.as_slice() {
                let line = deal.line(&problem.field);
                problems.push(Problem { line, ..problem.clone() });
            }
            None
        }
    }
}

fn pool(deal: &Deal, places: Places) -> Result<Pool, Error> {
    let assets = Assets {
        sites: places.sites.as_ref().map_or_else(SitesFile::default, |sites| sites.value.clone()),
        tenants: places.tenants.value.clone(),
        leases: places.leases.as_ref().map_or_else(Vec::new, |leases| leases.rows.clone()),
        loans: places.loans.as_ref().map_or_else(Vec::new, |loans| loans.rows.clone()),
    };
    let mut empty = Problems::new();
    if let Some(leases) = places.leases.as_ref().filter(|leases| leases.rows.is_empty()) {
        empty.push(leases.problem(0, "", "no lease", "at least one row"));
    }
    if let Some(loans) = places.loans.as_ref().filter(|loans| loans.rows.is_empty()) {
        empty.push(loans.problem(0, "", "no loan", "at least one row"));
    }
    empty.or(())?;
    Pool::new(deal.currency, deal.cut_off_date, assets, &places)
}

/// Where the records of the assets stand in their files.
struct Places {
    sites: Option<Document<SitesFile>>,
    tenants: Document<TenantsFile>,
    leases: Option<Table<Lease>>,
    loans: Option<Table<Loan>>,
}

impl Places {
    /// `None` if a file that is needed is not there or not well formed.
    fn read(path: &Path, contents: Contents, problems: &mut Problems) -> Option<Places> {
        let sites =
            contents.leases.then(|| kept(SitesFile::NAME, open_document::<SitesFile>(path), problems));
        let tenants = kept(TenantsFile::NAME, open_document::<TenantsFile>(path), problems);
        let leases = contents.leases.then(|| kept(Lease::NAME, open_table::<Lease>(path), problems));
        let loans = contents.loans.then(|| kept(Loan::NAME, open_table::<Loan>(path), problems));
        // Of the two levels, the outer says whether a file is needed, the inner whether it could be read.
        let (sites, leases, loans) = (whole(sites)?, whole(leases)?, whole(loans)?);
        Some(Places { sites, tenants: tenants?, leases, loans })
    }
}

/// Nothing if a file is needed and could not be read.
fn whole<T>(file: Option<Option<T>>) -> Option<Option<T>> {
    match file {
        Some(read) => read.map(Some),
        None => Some(None),
    }
}

impl Locate for Places {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        let row = |list: &str| {
            let (row, field) = path.strip_prefix(list)?.split_once(']')?;
            Some((row.parse().unwrap_or(usize::MAX), field.trim_start_matches('.')))
        };
        if let (Some((row, field)), Some(leases)) = (row("leases["), &self.leases) {
            return leases.problem(row, field, found, expected);
        }
        if let (Some((row, field)), Some(loans)) = (row("loans["), &self.loans) {
            return loans.problem(row, field, found, expected);
        }
        match &self.sites {
            Some(sites) if !path.starts_with("tenants") => sites.problem(path, found, expected),
            _ => self.tenants.problem(path, found, expected),
        }
    }
}

impl Locate for Document<Risk> {
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
