//! What a folder's files say, read and put beside each other, all problems kept.

use super::collateral::{Chain, Collateral};
use crate::asset::{
    ChipLease, ChipsFile, Lease, Loan, NoteHolding, RepLine, SitesFile, TenantsFile, check_chips,
};
use crate::collection::{Layout, Observed, Periods, ReportNames, ReportedLine, Reports};
use crate::curve::{Curve, ForwardCurve};
use crate::deal::Deal;
use crate::error::{Error, Problem, Problems, reason};
use crate::pool::{Assets, InMemory, Locate, Pool, first_collected_month};
use crate::tape::{Document, FileFormat, RowFormat, Table, open_document, open_table};
use crate::time::{Date, Month, PaymentSchedule};
use crate::waterfall::Program;
use std::collections::BTreeMap;
use std::path::Path;

/// The files of a tape.
const TAPE: [&str; 6] =
    [SitesFile::NAME, TenantsFile::NAME, Lease::NAME, Loan::NAME, RepLine::NAME, ChipLease::NAME];

/// What could be read of a folder without its scenarios.
pub(super) struct Parts {
    pub deal: Option<Document<Deal>>,
    pub program: Option<Program>,
    pub has_tape: bool,
    pub pool: Option<Pool>,
    pub reports: Option<Reports>,
    /// None where the collateral is no notes, or they could not be read.
    pub collateral: Option<Collateral>,
}

impl Parts {
    pub fn read(path: &Path, chain: &Chain<'_>, problems: &mut Problems) -> Result<Parts, Error> {
        if let Err(error) = std::fs::read_dir(path) {
            return Err(Error::Unreadable { path: path.display().to_string(), kind: error.kind() });
        }
        let has_reports = path.join(ReportedLine::NAME).exists();
        // A folder with neither lacks its tape: most deals are projected.
        let has_notes = path.join(NoteHolding::NAME).exists();
        let has_tape = has_notes || !has_reports || TAPE.iter().any(|file| path.join(file).exists());
        let tape = has_tape.then(|| Contents::of(path));
        if has_notes {
            refuse_beside_notes(path, problems);
        }
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
        let nothing = |deal: &Deal| Assets { indices: indices(deal), ..Assets::default() };
        let empty = |deal: &Deal| Pool::new(deal.currency, deal.cut_off_date, nothing(deal), &InMemory);
        let pool = match (tape, &deal) {
            (None, Some(deal)) => kept(Deal::NAME, empty(&deal.value), problems),
            // Notes of other deals are held, not leases or loans.
            (Some(Contents { notes: true, .. }), Some(deal)) => {
                kept(Deal::NAME, empty(&deal.value), problems)
            }
            (None | Some(Contents { notes: true, .. }), None) => None,
            (Some(Contents { chips: true, .. }), deal) => chip_pool(path, deal.as_ref(), problems),
            (Some(contents), deal) => {
                let places = Places::read(path, contents, problems);
                let chips = chips(path, problems);
                let pool = deal
                    .as_ref()
                    .zip(places)
                    .and_then(|(deal, places)| kept("", pool(&deal.value, places), problems));
                match (pool, chips) {
                    (Some(pool), Some(chips)) => {
                        kept("", pool.with_chips(chips.value.clone(), &chips), problems)
                    }
                    (pool, _) => pool,
                }
            }
        };
        let collateral = match (&deal, &program) {
            (Some(deal), Some(program)) if has_notes => {
                Collateral::read(path, &deal.value, program, chain, problems)
            }
            _ => None,
        };
        Ok(Parts { deal, program, has_tape, pool, reports, collateral })
    }
}

/// Notes of other deals are a deal's whole collateral.
fn refuse_beside_notes(path: &Path, problems: &mut Problems) {
    for file in TAPE.into_iter().chain([ReportedLine::NAME]).filter(|file| path.join(file).exists()) {
        problems.push(Problem {
            file: file.to_owned(),
            line: 0,
            field: String::new(),
            found: format!("a file beside {}", NoteHolding::NAME),
            expected: "notes of other deals as the whole collateral, or none".to_owned(),
        });
    }
}

/// What the folder says of chips; most say nothing.
fn chips(path: &Path, problems: &mut Problems) -> Option<Document<ChipsFile>> {
    if !path.join(ChipsFile::NAME).exists() {
        return None;
    }
    let read = || Ok(check_chips(open_document::<ChipsFile>(path)?)?);
    kept(ChipsFile::NAME, read(), problems)
}

/// The pool of a deal that owns chips and leases them, which has no other assets.
fn chip_pool(path: &Path, deal: Option<&Document<Deal>>, problems: &mut Problems) -> Option<Pool> {
    let beside = [SitesFile::NAME, Lease::NAME, Loan::NAME, RepLine::NAME];
    for file in beside.into_iter().filter(|file| path.join(file).exists()) {
        let found = format!("a file beside {}", ChipLease::NAME);
        let expected = "leases of chips as the whole collateral, or none".to_owned();
        problems.push(Problem { file: file.to_owned(), line: 0, field: String::new(), found, expected });
    }
    let tenants = kept(TenantsFile::NAME, open_document::<TenantsFile>(path), problems);
    let read = || Ok(check_chips(open_document::<ChipsFile>(path)?)?);
    let chips = kept(ChipsFile::NAME, read(), problems);
    let leases = kept(ChipLease::NAME, open_table::<ChipLease>(path), problems);
    let places = ChipPlaces { tenants: tenants?, chips: chips?, leases: leases? };
    if places.leases.rows.is_empty() {
        problems.push(places.leases.problem(0, "", "no lease", "at least one row"));
        return None;
    }
    let (deal, chips) = (&deal?.value, places.chips.value.clone());
    let (tenants, rows) = (places.tenants.value.clone(), places.leases.rows.clone());
    let pool = Pool::of_chips(deal.currency, deal.cut_off_date, tenants, chips, rows, &places);
    kept("", pool, problems)
}

/// Where the records of a deal that owns chips stand in their files.
struct ChipPlaces {
    tenants: Document<TenantsFile>,
    chips: Document<ChipsFile>,
    leases: Table<ChipLease>,
}

impl Locate for ChipPlaces {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        if let Some((row, field)) = path.strip_prefix("chip_leases[").and_then(|rest| rest.split_once(']')) {
            let row = row.parse().unwrap_or(usize::MAX);
            return self.leases.problem(row, field.trim_start_matches('.'), found, expected);
        }
        match path.starts_with("tenants") {
            true => self.tenants.problem(path, found, expected),
            false => self.chips.problem(path, found, expected),
        }
    }
}

/// What kinds of assets a folder has files of.
#[derive(Clone, Copy)]
struct Contents {
    /// Of chips: then nothing else.
    chips: bool,
    leases: bool,
    loans: bool,
    rep_lines: bool,
    /// Of other deals.
    notes: bool,
}

impl Contents {
    /// Leases are expected unless there are loans or representative lines, and then if one of their two files
    /// is there.
    fn of(path: &Path) -> Contents {
        let has = |name: &str| path.join(name).exists();
        if has(NoteHolding::NAME) {
            return Contents { chips: false, leases: false, loans: false, rep_lines: false, notes: true };
        }
        if has(ChipLease::NAME) {
            return Contents { chips: true, leases: false, loans: false, rep_lines: false, notes: false };
        }
        let (loans, rep_lines) = (has(Loan::NAME), has(RepLine::NAME));
        let leases = !(loans || rep_lines) || has(Lease::NAME) || has(SitesFile::NAME);
        Contents { chips: false, leases, loans, rep_lines, notes: false }
    }

    /// The layout of the pool that these files make once they are right, for a deal is checked beside them.
    fn layout(self) -> Layout {
        if self.notes {
            return Layout::notes();
        }
        if self.chips {
            return Layout::chips();
        }
        let layout = match (self.leases, self.loans || self.rep_lines) {
            (_, false) => Layout::leases(),
            (false, true) => Layout::loans(),
            (true, true) => Layout::leases_and_loans(),
        };
        if self.rep_lines { layout.with_rep_lines() } else { layout }
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
pub(super) fn periods(
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
pub(super) fn no_tape() -> Error {
    Error::Input(Problems::from(vec![Problem {
        file: Lease::NAME.to_owned(),
        line: 0,
        field: String::new(),
        found: "no tape, only reports that end with notes outstanding".to_owned(),
        expected: "sites.toml, tenants.toml and leases.csv to project the rest from".to_owned(),
    }]))
}

pub(super) fn sorted(problems: Problems) -> Problems {
    problems.none_or(()).err().unwrap_or_default()
}

/// The value, or nothing with its problems kept for later.
pub(super) fn kept<T>(file: &str, read: Result<T, Error>, problems: &mut Problems) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(error) => {
            keep(file, error, problems);
            None
        }
    }
}

fn keep(file: &str, error: Error, problems: &mut Problems) {
    let found = match error {
        Error::Input(found) => return problems.extend(found),
        Error::Unreadable { kind, .. } => reason(kind),
        other => other.to_string(),
    };
    let (file, expected) = (file.to_owned(), "a file that can be read".to_owned());
    problems.push(Problem { file, line: 0, field: String::new(), found, expected });
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
        tenants: places.tenants.as_ref().map_or_else(TenantsFile::default, |file| file.value.clone()),
        leases: places.leases.as_ref().map_or_else(Vec::new, |leases| leases.rows.clone()),
        loans: places.loans.as_ref().map_or_else(Vec::new, |loans| loans.rows.clone()),
        rep_lines: places.rep_lines.as_ref().map_or_else(Vec::new, |lines| lines.rows.clone()),
        indices: indices(deal),
    };
    let mut empty = Problems::new();
    if let Some(leases) = places.leases.as_ref().filter(|leases| leases.rows.is_empty()) {
        empty.push(leases.problem(0, "", "no lease", "at least one row"));
    }
    if let Some(loans) = places.loans.as_ref().filter(|loans| loans.rows.is_empty()) {
        empty.push(loans.problem(0, "", "no loan", "at least one row"));
    }
    if let Some(lines) = places.rep_lines.as_ref().filter(|lines| lines.rows.is_empty()) {
        empty.push(lines.problem(0, "", "no line", "at least one row"));
    }
    empty.or(())?;
    Pool::new(deal.currency, deal.cut_off_date, assets, &places)
}

/// The deal's forward curves by id. What is wrong with a curve is said by the compilation of the deal.
fn indices(deal: &Deal) -> BTreeMap<String, ForwardCurve> {
    let built = deal.curves.iter().filter_map(|terms| match terms.build(deal.closing_date) {
        Ok(Curve::Forward(curve)) => Some((terms.id.clone(), curve)),
        _ => None,
    });
    built.collect()
}

/// Where the records of the assets stand in their files.
struct Places {
    sites: Option<Document<SitesFile>>,
    /// Not needed by representative lines alone.
    tenants: Option<Document<TenantsFile>>,
    leases: Option<Table<Lease>>,
    loans: Option<Table<Loan>>,
    rep_lines: Option<Table<RepLine>>,
}

impl Places {
    /// `None` if a file that is needed is not there or not well formed.
    fn read(path: &Path, contents: Contents, problems: &mut Problems) -> Option<Places> {
        let sites =
            contents.leases.then(|| kept(SitesFile::NAME, open_document::<SitesFile>(path), problems));
        let owed = contents.leases || contents.loans || path.join(TenantsFile::NAME).exists();
        let tenants = owed.then(|| kept(TenantsFile::NAME, open_document::<TenantsFile>(path), problems));
        let leases = contents.leases.then(|| kept(Lease::NAME, open_table::<Lease>(path), problems));
        let loans = contents.loans.then(|| kept(Loan::NAME, open_table::<Loan>(path), problems));
        let rep_lines =
            contents.rep_lines.then(|| kept(RepLine::NAME, open_table::<RepLine>(path), problems));
        // Of the two levels, the outer says whether a file is needed, the inner whether it could be read.
        let (sites, leases, loans) = (whole(sites)?, whole(leases)?, whole(loans)?);
        Some(Places { sites, tenants: whole(tenants)?, leases, loans, rep_lines: whole(rep_lines)? })
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
        if let (Some((row, field)), Some(lines)) = (row("rep_lines["), &self.rep_lines) {
            return lines.problem(row, field, found, expected);
        }
        match (&self.sites, &self.tenants) {
            (Some(sites), _) if !path.starts_with("tenants") => sites.problem(path, found, expected),
            (_, Some(tenants)) => tenants.problem(path, found, expected),
            _ => InMemory.problem(path, found, expected),
        }
    }
}
