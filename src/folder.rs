//! A deal's folder: every file read, checked against each other, all problems at once.
//!
//! The folder is where the line of stages is put together. It holds what its files say and what follows
//! from them without a scenario: the pool and the compiled waterfall.

use crate::asset::{ChipsFile, Lease, Loan, SitesFile, TenantsFile};
use crate::collection::{
    Collections, Layout, Observed, Periods, ReportNames, ReportedLine, Reports, collect,
};
use crate::credit::Measure;
use crate::curve::{Compounding, DiscountCurve};
use crate::deal::Deal;
use crate::error::{Error, Problem, Problems, reason};
use crate::pool::{Assets, InMemory, Locate, Pool, first_collected_month};
use crate::scenario::{Draws, Generator, Risk, Scenario, Script};
use crate::study::simulation::Simulation;
use crate::tape::{
    DOCUMENT_LIMIT, Document, FileFormat, RowFormat, Table, open_document, open_table, read_document,
    read_text,
};
use crate::time::{Date, Month, PaymentSchedule};
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
    /// Without a lease where reports are all there is.
    pool: Pool,
    has_tape: bool,
    reports: Option<Reports>,
    program: Program,
    /// The payment dates after the last report; none if there is no such date, or no pool.
    periods: Option<Periods>,
}

impl Folder {
    /// Reads `deal.toml`, the tape (`tenants.toml`, and `sites.toml` with `leases.csv`, or `loans.csv`, or all
    /// three) and the reports (`collections.csv`) and puts them together. A folder has a tape, reports, or
    /// both: then the payment dates after the last report are projected.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if there is no such folder; else [`Error::Input`] with every problem of every
    /// file: what is missing or not well formed, and, among the files that are, what does not go together.
    pub fn open(path: impl AsRef<Path>) -> Result<Folder, Error> {
        let path = path.as_ref().to_path_buf();
        let mut problems = Problems::new();
        match Parts::read(&path, &mut problems)? {
            Parts { deal: Some(deal), program: Some(program), has_tape, pool: Some(pool), reports }
                if problems.is_empty() =>
            {
                let periods = match has_tape {
                    true => periods(&deal, &program, reports.as_ref())?,
                    false => None,
                };
                Ok(Folder { path, deal: deal.value, pool, has_tape, reports, program, periods })
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

    /// What is reported; none if all collections are projected.
    pub fn reports(&self) -> Option<&Reports> {
        self.reports.as_ref()
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
    /// As [`Folder::script`], and [`Error::Input`] with every name in it that leads nowhere, or if the folder
    /// has no tape that a scenario could act on.
    pub fn scenario(&self, name: &str) -> Result<Scenario, Error> {
        let script = self.script(name)?;
        if !self.has_tape {
            return Err(no_tape());
        }
        script.value.resolve(&self.pool, self.months(), self.anticipated_repayment_date(), &script)
    }

    /// What is reported, and after it what the pool pays in a scenario, by payment date.
    ///
    /// # Errors
    /// As [`Folder::scenario`] and [`collect`].
    pub fn collections(&self, scenario: &str) -> Result<Collections, Error> {
        match (&self.reports, &self.periods) {
            (Some(reports), Some(periods)) => {
                Ok(reports.followed_by(&collect(&self.pool, &self.scenario(scenario)?, periods)?))
            }
            (Some(reports), None) => {
                self.script(scenario)?;
                Ok(reports.collections().clone())
            }
            (None, Some(periods)) => {
                let projected = collect(&self.pool, &self.scenario(scenario)?, periods)?;
                match projected.layout() == self.program.layout() {
                    true => Ok(projected),
                    false => Ok(projected.in_layout(self.program.layout().clone())),
                }
            }
            (None, None) => Err(no_tape()),
        }
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
    /// As [`Folder::run`] and [`value_deal`]; [`Error::Input`] if reports end with notes outstanding and there
    /// is no tape to project the rest from.
    pub fn value(&self, scenario: &str) -> Result<DealValuation, Error> {
        let collections = self.collections(scenario)?;
        let run = self.program.run(&collections)?;
        let outstanding = |note| run.note(note).last().is_none_or(|row| !row.balance_close.is_zero());
        if !self.has_tape && (0..self.deal.notes.len()).any(outstanding) {
            return Err(no_tape());
        }
        value_deal(&self.deal, &self.program, &run, |shift| {
            let observed = self.reports.as_ref().map(Reports::observed).cloned().unwrap_or_default();
            let layout = self.program.layout();
            let program = Program::compile_observed(&self.deal, layout, shift, &observed)?;
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
        let Some(periods) = self.periods.as_ref().filter(|_| self.reports.is_none()) else {
            let expected =
                "no reports: paths are drawn from the tape alone (state the last report as an opening)";
            let (file, found) = (ReportedLine::NAME.to_owned(), "reported collections".to_owned());
            let problem =
                Problem { file, line: 0, field: String::new(), found, expected: expected.to_owned() };
            return Err(Error::Input(Problems::from(vec![problem])));
        };
        let generator = self.generator(scenario, draws)?;
        let spreads = match generator.measure() {
            Measure::RiskNeutral => vec![ZSpread::NONE; self.deal.notes.len()],
            Measure::Historical => self.value(scenario)?.notes.iter().map(NoteValuation::z_spread).collect(),
        };
        let (deal, program, pool) = (&self.deal, &self.program, &self.pool);
        Simulation::new(deal, program, pool, periods, generator, scenario, &spreads)
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

/// Where a folder's scenarios are.
const SCENARIOS: &str = "scenarios";

/// The files of a tape.
const TAPE: [&str; 4] = [SitesFile::NAME, TenantsFile::NAME, Lease::NAME, Loan::NAME];

/// What could be read of a folder without its scenarios.
struct Parts {
    deal: Option<Document<Deal>>,
    program: Option<Program>,
    has_tape: bool,
    pool: Option<Pool>,
    reports: Option<Reports>,
}

impl Parts {
    fn read(path: &Path, problems: &mut Problems) -> Result<Parts, Error> {
        if let Err(error) = std::fs::read_dir(path) {
            return Err(Error::Unreadable { path: path.display().to_string(), kind: error.kind() });
        }
        let has_reports = path.join(ReportedLine::NAME).exists();
        // A folder with neither lacks its tape: most deals are projected.
        let has_tape = !has_reports || TAPE.iter().any(|file| path.join(file).exists());
        let tape = has_tape.then(|| Contents::of(path));
        let deal = kept(Deal::NAME, open_document::<Deal>(path), problems);
        let mut lines = None;
        if has_reports {
            lines = kept(ReportedLine::NAME, open_table::<ReportedLine>(path), problems);
        }
        // What is wrong with the payment dates is said where they stand, by the compilation of the deal.
        let reports = deal.as_ref().zip(lines).and_then(|(deal, lines)| {
            let schedule = run_schedule(&deal.value)?;
            kept("", reports(&lines, &deal.value, &schedule, tape), problems)
        });
        let observed = match &reports {
            Some(reports) => reports.observed().clone(),
            // How far reports that cannot be read reach is not known.
            None => Observed::up_to(has_reports.then_some(Date::MAX)),
        };
        let program = deal.as_ref().and_then(|deal| compile(deal, tape, &observed, problems));
        // Reports alone tell of no lease.
        let nothing = Assets::default();
        let empty = |deal: &Deal| Pool::new(deal.currency, deal.cut_off_date, nothing, &InMemory);
        let pool = match (tape, &deal) {
            (None, Some(deal)) => kept(Deal::NAME, empty(&deal.value), problems),
            (None, None) => None,
            (Some(contents), deal) => {
                let places = Places::read(path, contents, problems);
                deal.as_ref()
                    .zip(places)
                    .and_then(|(deal, places)| kept("", pool(&deal.value, places), problems))
            }
        };
        Ok(Parts { deal, program, has_tape, pool, reports })
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

/// What the columns of a deal's collections are: those of the tape's pool, of a lease pool where
/// there is none and nothing else is said, and the names that the deal reports under.
fn layout(deal: &Deal, tape: Option<Contents>) -> Layout {
    let own = match &deal.reported {
        Some(_) if tape.is_none() => Layout::new::<&str>([], []),
        _ => tape.map_or_else(Layout::leases, Contents::layout),
    };
    match &deal.reported {
        Some(reported) => own.with(&reported.sources, &reported.measures),
        None => own,
    }
}

/// The reports of a folder, on the deal's payment dates after its opening.
fn reports(
    lines: &Table<ReportedLine>,
    deal: &Deal,
    schedule: &PaymentSchedule,
    tape: Option<Contents>,
) -> Result<Reports, Error> {
    let layout = layout(deal, tape);
    let notes: Vec<&str> = deal.notes.iter().map(|note| note.id.as_str()).collect();
    let curves: Vec<&str> = deal.curves.iter().map(|curve| curve.id.as_str()).collect();
    let names = ReportNames { layout: &layout, notes: &notes, curves: &curves };
    let mut reports = Reports::read(lines, deal.currency, schedule, names)?;
    reports.set_ends(tape.is_none());
    Ok(reports)
}

/// The payment dates after the deal's opening.
fn run_schedule(deal: &Deal) -> Option<PaymentSchedule> {
    let schedule = deal.payment_schedule().ok()?;
    let first = match &deal.opening {
        Some(opening) => schedule.period_on(opening.date)? + 1,
        None => 0,
    };
    schedule.part(first..schedule.len())
}

/// Which months each projected payment date distributes; none if all are reported. Nominal dates: a
/// holiday does not move cash from one collection period to another.
fn periods(
    deal: &Document<Deal>,
    program: &Program,
    reports: Option<&Reports>,
) -> Result<Option<Periods>, Error> {
    let reported = reports.map_or(0, |reports| reports.collections().periods());
    let dates: Vec<Date> = program.schedule().periods().iter().map(|period| period.accrual_end).collect();
    let Some(projected) = dates.get(reported..).filter(|dates| !dates.is_empty()) else { return Ok(None) };
    let cut_off = deal.value.cut_off_date;
    // The last payment date of history distributes the months before its own; the tape goes on with that one.
    let opening = deal.value.opening.as_ref().map(|_| program.schedule().periods()[0].accrual_start);
    let before = reported.checked_sub(1).map(|last| dates[last]).or(opening);
    if let Some(last) = before.filter(|&last| first_collected_month(cut_off) != Month::of(last)) {
        let expected = format!(
            "{}, so that projection starts where the payment date {last} ends",
            Month::of(last).first_day().pred_opt().unwrap_or(last)
        );
        let problem = deal.problem("cut_off_date", cut_off.to_string(), expected);
        return Err(Error::Input(Problems::from(vec![problem])));
    }
    Periods::new(cut_off, projected).map(Some)
}

/// That there is nothing to project from.
fn no_tape() -> Error {
    Error::Input(Problems::from(vec![Problem {
        file: Lease::NAME.to_owned(),
        line: 0,
        field: String::new(),
        found: "no tape, only reports that end with notes outstanding".to_owned(),
        expected: "sites.toml, tenants.toml and leases.csv to project the rest from".to_owned(),
    }]))
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

fn compile(
    deal: &Document<Deal>,
    tape: Option<Contents>,
    observed: &Observed,
    problems: &mut Problems,
) -> Option<Program> {
    match Program::compile_observed(&deal.value, &layout(&deal.value, tape), 0.0, observed) {
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
