//! Notes of other deals as collateral: `collateral.csv` read, its deals opened, and what they bring.

use super::parts::kept;
use super::{BASE, Folder};
use crate::asset::NoteHolding;
use crate::collection::{Collections, Periods, Refinancing, measure};
use crate::deal::{Deal, NoteKind};
use crate::error::{Error, Problem, Problems, reason};
use crate::money::Money;
use crate::pool::expected_id;
use crate::scenario::{Risk, Scenario};
use crate::tape::{Document, RowFormat, Table, open_table};
use crate::time::Date;
use crate::waterfall::{Holdings, Paths, Program, Receipts};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Deals within deals: a note of a loan pool is 1 deep, a CDO squared 3.
const DEEPEST: usize = 8;
/// Deals that one deal stands on, copies counted.
const MOST_DEALS: u64 = 100_000;

/// The notes of other deals that are a deal's collateral.
#[derive(Clone, Debug)]
pub struct Collateral {
    deals: Vec<InnerDeal>,
}

/// A deal of which notes are held.
#[derive(Clone, Debug)]
pub struct InnerDeal {
    path: String,
    folder: Arc<Folder>,
    copies: u32,
    scenario: Option<String>,
    holdings: Holdings,
    notes: Vec<(usize, Money)>,
}

impl InnerDeal {
    /// Its folder, as the file names it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The deal.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// How many such deals there are: alike, of different obligors.
    pub fn copies(&self) -> u32 {
        self.copies
    }

    /// The notes held, counted from 0 in the deal's order, and the original balance held of each in one copy.
    pub fn notes(&self) -> &[(usize, Money)] {
        &self.notes
    }

    /// The notes held, with the holder's payment dates on which each of theirs is distributed.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// The scenario that the deal runs when its holder is asked for one: its own if the file says so, else
    /// that of the same name if it has it, else its base.
    ///
    /// # Errors
    /// As [`Folder::scenario_names`].
    pub fn scenario(&self, asked: &str) -> Result<String, Error> {
        if let Some(own) = &self.scenario {
            return Ok(own.clone());
        }
        let known = self.folder.scenario_names()?.iter().any(|name| name == asked);
        Ok(if known { asked } else { BASE }.to_owned())
    }
}

impl InnerDeal {
    /// What is wrong with its folder that opening it does not find: its scenarios.
    pub(super) fn check(&self, problems: &mut Problems) -> Result<(), Error> {
        problems.extend(located(&self.path, &Folder::check(&self.folder.path)?));
        Ok(())
    }

    /// An error of this deal, told under its own folder.
    pub(crate) fn locate(&self, error: Error) -> Error {
        match error {
            Error::Input(problems) => Error::Input(located(&self.path, &problems)),
            other => other,
        }
    }
}

/// Problems of a deal's files as its holder sees them.
fn located(path: &str, problems: &Problems) -> Problems {
    let located = |problem: &Problem| Problem { file: format!("{path}/{}", problem.file), ..problem.clone() };
    problems.as_slice().iter().map(located).collect::<Vec<_>>().into()
}

/// A deal on notes has no obligors and no markets of its own: its `risk.toml` says what the deals share.
pub(crate) fn check_risk(risk: &Document<Risk>, problems: &mut Problems) {
    let expected = "none: the deals whose notes are held have them";
    if !risk.value.obligors.is_empty() {
        problems.push(risk.problem("obligors", "obligors".to_owned(), expected.to_owned()));
    }
    if !risk.value.lines.is_empty() {
        problems.push(risk.problem("lines", "lines".to_owned(), expected.to_owned()));
    }
    if !risk.value.market_rents.is_empty() {
        problems.push(risk.problem("market_rents", "market rents".to_owned(), expected.to_owned()));
    }
}

/// What a scenario says of a deal on notes itself.
#[derive(Clone, Debug)]
pub(crate) struct NoteEvents {
    /// By name, from which payment date on.
    events: Vec<(String, usize)>,
    /// The payment date, and what a new lender lends over the balance of the notes held.
    refinancing: Option<(usize, f64)>,
}

impl NoteEvents {
    pub(super) fn new(scenario: &Scenario, periods: Option<&Periods>) -> NoteEvents {
        let on = |date: Date| periods.and_then(|periods| periods.on_or_after(date));
        NoteEvents {
            events: scenario
                .events
                .iter()
                .filter_map(|(name, date)| Some((name.clone(), on(*date)?)))
                .collect(),
            refinancing: scenario.refinancing.and_then(|(date, ltv)| Some((on(date)?, ltv))),
        }
    }

    /// Collections of a folder's shape, with the events in them and nothing else.
    pub(crate) fn empty(&self, folder: &Folder) -> Collections {
        let (currency, program) = (folder.deal.currency, &folder.program);
        let mut empty = Collections::empty(currency, program.layout().clone(), program.schedule().len());
        for (name, period) in &self.events {
            empty.set_event(name.clone(), *period);
        }
        empty
    }

    /// Grants the refinancing, once the notes' balance is known.
    pub(crate) fn grant(&self, into: &mut Collections) {
        let Some((period, ltv)) = self.refinancing else { return };
        let balance = into.layout().column(measure::POOL_BALANCE).map(|column| into.row(period)[column]);
        let limit = balance.map_or(0.0, |balance| balance.minor() as f64 * ltv).round_ties_even();
        into.set_refinancing(Some(Refinancing { period, limit: Money::from_minor(limit as i64) }));
    }
}

impl Collateral {
    /// The deals of which notes are held, in the order of the file.
    pub fn deals(&self) -> &[InnerDeal] {
        &self.deals
    }

    /// The deals that stand below, copies and their own counted.
    fn count(&self) -> u64 {
        let below = |deal: &InnerDeal| {
            let own = deal.folder.collateral().map_or(0, Collateral::count);
            own.saturating_add(1).saturating_mul(u64::from(deal.copies))
        };
        self.deals.iter().map(below).fold(0, u64::saturating_add)
    }

    /// The names of all scenarios that the deals have, beside the holder's own.
    pub(super) fn scenario_names(&self, own: Vec<String>) -> Result<Vec<String>, Error> {
        let mut names: BTreeSet<String> = own.into_iter().collect();
        for deal in &self.deals {
            names.extend(deal.folder.scenario_names()?);
        }
        names.remove(BASE);
        Ok(std::iter::once(BASE.to_owned()).chain(names).collect())
    }

    /// What the notes bring in a scenario: each deal run through its own waterfall, the held share of what
    /// its notes are paid collected on the holder's dates.
    pub(super) fn collect(&self, scenario: &str, into: &mut Collections) -> Result<(), Error> {
        for deal in &self.deals {
            let scenario = deal.scenario(scenario)?;
            let collections = deal.folder.collections(&scenario)?;
            let mut receipts = Receipts::<1>::new(&deal.holdings);
            deal.folder.program_in(&scenario)?.run_paths(
                &[&collections],
                &mut Paths::default(),
                &mut receipts,
            )?;
            receipts.add_to(0, deal.copies, into)?;
        }
        Ok(())
    }

    /// Reads the file and opens the deals that it names.
    pub(super) fn read(
        path: &Path,
        deal: &Deal,
        program: &Program,
        chain: &Chain<'_>,
        problems: &mut Problems,
    ) -> Option<Collateral> {
        let table = kept(NoteHolding::NAME, open_table::<NoteHolding>(path), problems)?;
        if table.rows.is_empty() {
            problems.push(table.problem(0, "", "no note", "at least one row"));
        }
        let dates: Vec<Date> = program.schedule().periods().iter().map(|period| period.accrual_end).collect();
        let reader = Reader { path, deal, dates: &dates, chain, table: &table };
        let mut deals = Vec::new();
        for (row, holding) in table.rows.iter().enumerate() {
            // The rows of one deal are read with its first.
            if table.rows[..row].iter().all(|earlier| earlier.deal != holding.deal) {
                deals.extend(reader.deal(row, problems));
            }
        }
        let collateral = Collateral { deals };
        let count = collateral.count();
        if count > MOST_DEALS {
            let expected = format!("at most {MOST_DEALS}, copies counted");
            problems.push(table.problem(0, "", format!("{count} deals in all"), expected));
        }
        Some(collateral)
    }
}

/// The folders that lead to the one being opened, each holding notes of the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain<'c> {
    last: Option<&'c Link<'c>>,
}

#[derive(Debug)]
struct Link<'c> {
    folder: PathBuf,
    before: Chain<'c>,
}

impl<'c> Chain<'c> {
    /// The folders from the first on.
    fn folders(&self) -> Vec<&'c Path> {
        let mut folders = Vec::new();
        let mut at = *self;
        while let Some(link) = at.last {
            folders.push(link.folder.as_path());
            at = link.before;
        }
        folders.reverse();
        folders
    }
}

/// Reads the rows of one file.
struct Reader<'r> {
    path: &'r Path,
    deal: &'r Deal,
    dates: &'r [Date],
    chain: &'r Chain<'r>,
    table: &'r Table<NoteHolding>,
}

impl Reader<'_> {
    /// The deal that a row is the first to name, with all rows that name it.
    fn deal(&self, row: usize, problems: &mut Problems) -> Option<InnerDeal> {
        let first = &self.table.rows[row];
        let folder = self.open(row, problems)?;
        if folder.deal.currency != self.deal.currency {
            let found = format!("a deal in {:?}", folder.deal.currency);
            let expected = format!("one in {:?}, as this one", self.deal.currency);
            problems.push(self.table.problem(row, "deal", found, expected));
            return None;
        }
        let mut notes = Vec::new();
        let rows = self.table.rows.iter().enumerate().filter(|(_, other)| other.deal == first.deal);
        for (index, holding) in rows {
            if holding.copies != first.copies || holding.scenario != first.scenario {
                let expected = "the copies and the scenario of the deal's first row";
                problems.push(self.table.problem(
                    index,
                    "deal",
                    "other copies or another scenario",
                    expected,
                ));
            }
            if let Some(note) = self.note(index, &folder, problems) {
                if notes.iter().any(|&(known, _)| known == note.0) {
                    let found = format!("`{}` again", holding.note_id);
                    problems.push(self.table.problem(index, "note_id", found, "each note of a deal once"));
                }
                notes.push(note);
            }
        }
        if let Some(name) = &first.scenario {
            let known = kept("", folder.scenario_names(), problems).unwrap_or_default();
            if !known.contains(name) {
                let expected = format!("one of {}", known.join(", "));
                problems.push(self.table.problem(row, "scenario", format!("no scenario `{name}`"), expected));
            }
        }
        let holdings = Holdings::new(&folder.program, &notes, self.deal.cut_off_date, self.dates);
        Some(InnerDeal {
            path: first.deal.clone(),
            copies: first.copies.unwrap_or(1),
            scenario: first.scenario.clone(),
            holdings: kept(NoteHolding::NAME, holdings, problems)?,
            folder,
            notes,
        })
    }

    /// The note that a row names, and the amount held of it.
    fn note(&self, row: usize, folder: &Folder, problems: &mut Problems) -> Option<(usize, Money)> {
        let (table, holding) = (self.table, &self.table.rows[row]);
        let notes = &folder.deal.notes;
        let Some(index) = notes.iter().position(|note| note.id == holding.note_id) else {
            let expected = expected_id("note", notes.iter().map(|note| note.id.as_str()));
            problems.push(table.problem(row, "note_id", format!("`{}`", holding.note_id), expected));
            return None;
        };
        if notes[index].kind == NoteKind::VariableFunding {
            let expected = "a term note: a holder has no cash to be drawn";
            problems.push(table.problem(row, "note_id", "a variable funding note", expected));
            return None;
        }
        let original = folder.program.original_balance(index);
        match self.deal.currency.money(holding.amount).filter(|&amount| amount <= original) {
            Some(amount) => Some((index, amount)),
            None => {
                let most = self.deal.currency.decimal(original);
                let expected = format!("whole minor units, at most the note's original balance, {most}");
                problems.push(table.problem(row, "amount", holding.amount.to_string(), expected));
                None
            }
        }
    }

    /// Opens the folder that a row names; what is wrong in it is reported under its own files.
    fn open(&self, row: usize, problems: &mut Problems) -> Option<Arc<Folder>> {
        let named = &self.table.rows[row].deal;
        let path = self.path.join(named);
        let mut fail = |found: String, expected: &str| {
            problems.push(self.table.problem(row, "deal", found, expected));
            None
        };
        let unreadable = |error: std::io::Error| format!("{named}: {}", reason(error.kind()));
        let expected = "the folder of a deal, relative to this one";
        let (own, inner) = match (self.path.canonicalize(), path.canonicalize()) {
            (Ok(own), Ok(inner)) => (own, inner),
            (Err(error), _) | (_, Err(error)) => return fail(unreadable(error), expected),
        };
        let link = Link { folder: own, before: *self.chain };
        let chain = Chain { last: Some(&link) };
        let folders = chain.folders();
        if let Some(start) = folders.iter().position(|&folder| folder == inner) {
            let name = |folder: &&Path| {
                let name = folder.file_name().map_or_else(Default::default, |name| name.to_string_lossy());
                format!("{name}/{}", NoteHolding::NAME)
            };
            let around: Vec<String> = folders[start..].iter().chain([&inner.as_path()]).map(name).collect();
            return fail(
                format!("a circle: {}", around.join(" -> ")),
                "deals that do not hold notes of themselves",
            );
        }
        if folders.len() >= DEEPEST {
            return fail(format!("deals {} deep", folders.len() + 1), "at most 8 deals within each other");
        }
        match Folder::open_in(&path, &chain) {
            Ok(folder) => Some(Arc::new(folder)),
            Err(Error::Input(found)) => {
                problems.extend(located(named, &found));
                None
            }
            Err(error) => fail(error.to_string(), expected),
        }
    }
}
