//! The network, the holders and the deals of one place, read and put together.

use super::commitments::CommitmentsFile;
use super::contagion::deal_of;
use super::holders::{Holders, HoldersFile};
use super::jobs::lose_jobs;
use super::network::Network;
use super::outcome::Outcome;
use crate::error::{Error, Problem, Problems};
use crate::folder::{BASE, Folder};
use crate::scenario::Script;
use crate::tape::{DOCUMENT_LIMIT, Document, FileFormat, read_document, read_text};
use crate::valuation::{NoteValuation, ZSpread};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The network, the holders and the deals of one place.
#[derive(Clone, Debug)]
pub struct System {
    pub(super) path: PathBuf,
    /// The files of commitments and of holders.
    pub(super) files: [String; 2],
    pub(super) network: Network,
    pub(super) holders: Holders,
    pub(super) deals: BTreeMap<String, DealBase>,
}

/// A deal and its base.
#[derive(Clone, Debug)]
pub(super) struct DealBase {
    pub folder: Folder,
    pub spreads: Vec<ZSpread>,
    pub prices: Vec<Option<f64>>,
}

impl DealBase {
    fn open(path: &Path) -> Result<DealBase, Error> {
        let folder = Folder::open(path)?;
        let value = folder.value(BASE)?;
        let spreads: Vec<ZSpread> = value.notes.iter().map(NoteValuation::z_spread).collect();
        let prices = folder.prices(&folder.run(BASE)?, &spreads)?;
        Ok(DealBase { folder, spreads, prices })
    }

    /// Prices of the notes as a script says; of a deal on notes of others, as its deals' scenario of that name does,
    /// their default vectors multiplied.
    pub fn prices_in(
        &self,
        deal: &str,
        script: &Document<Script>,
        scenario: &str,
        default_multiple: Option<Decimal>,
    ) -> Result<Vec<Option<f64>>, Error> {
        let run = match (self.folder.collateral(), default_multiple) {
            (Some(_), None) => self.folder.run(scenario)?,
            (Some(_), Some(multiple)) => self.folder.run_as(scenario, &|folder, scenario| {
                let mut script = folder.script(scenario)?.value;
                lose_jobs(&mut script, multiple);
                Ok(script)
            })?,
            (None, _) => {
                if let Some(id) = script.value.curves.keys().next() {
                    let expected = "none: a system prices notes on their deals' own curves";
                    let problem = script.problem(&format!("curves.{id}"), "a curve that stands in", expected);
                    return Err(located(deal, Error::Input(Problems::from(vec![problem]))));
                }
                let scenario = self.folder.resolve(&script.value, script);
                self.folder.run_in(&scenario.map_err(|error| located(deal, error))?)?
            }
        };
        self.folder.prices(&run, &self.spreads)
    }

    /// What a note has lost of its base price, as a share of it.
    pub fn fall(&self, note: usize, price: Option<f64>) -> f64 {
        match (self.prices[note], price) {
            (Some(base), Some(price)) if base > 0.0 => 1.0 - price / base,
            _ => 0.0,
        }
    }
}

impl System {
    /// Reads a folder: one file whose name starts with `commitments`, one with `holders`, and beside them
    /// outcomes. The deals are those that any of them names.
    ///
    /// # Errors
    /// [`Error::Unreadable`], or [`Error::Input`] with what the folder lacks, all that is wrong in the first file
    /// that has something wrong, or every deal, class and tenant that is named and not there.
    pub fn open(path: impl AsRef<Path>) -> Result<System, Error> {
        let path = path.as_ref().to_path_buf();
        let files = parts(&path)?;
        let network = Network::open(path.join(&files[0]))?;
        let holders = Holders::open(path.join(&files[1]))?;
        let mut system = System { path, files, network, holders, deals: BTreeMap::new() };
        system.open_deals()?;
        system.check_names()?;
        Ok(system)
    }

    fn open_deals(&mut self) -> Result<(), Error> {
        let root = self.path.join(self.holders.deals());
        let mut names: BTreeSet<String> =
            self.holders.assets().iter().filter_map(|asset| asset.deal.clone()).collect();
        let roles = self.network.parties().iter().flat_map(|party| &party.roles);
        names.extend(roles.map(|role| deal_of(role).to_owned()));
        for name in self.outcome_names()? {
            names.extend(self.read_outcome(&name)?.value.deals.into_iter().map(|deal| deal.deal));
        }
        for name in names {
            let folder = root.join(&name);
            // A name is that of a folder beside the others, and leads nowhere else.
            let plain = !name.is_empty() && !name.contains(['/', '\\']) && !name.starts_with('.');
            if plain && folder.is_dir() {
                let deal = DealBase::open(&folder).map_err(|error| located(&name, error))?;
                self.deals.insert(name, deal);
            }
        }
        Ok(())
    }

    /// Deals and classes that holders hold, deals and tenants that parties are.
    fn check_names(&self) -> Result<(), Error> {
        let mut problems = Problems::new();
        let [commitments, holders] = &self.files;
        let text = |file: &String| read_text(&self.path.join(file), file, DOCUMENT_LIMIT);
        let document = read_document::<HoldersFile>(holders, &text(holders)?)?;
        for (k, asset) in document.value.assets.iter().enumerate() {
            let (Some(deal), Some(class)) = (&asset.deal, &asset.class) else { continue };
            match self.deals.get(deal) {
                None => problems.push(self.absent(&document, &format!("assets[{k}].deal"), deal)),
                Some(base) if base.folder.deal().notes.iter().all(|note| note.id != *class) => {
                    let classes: Vec<&str> =
                        base.folder.deal().notes.iter().map(|note| note.id.as_str()).collect();
                    let expected = format!("a class of {deal}: {}", classes.join(", "));
                    problems.push(document.problem(
                        &format!("assets[{k}].class"),
                        format!("`{class}`"),
                        expected,
                    ));
                }
                Some(_) => {}
            }
        }
        let document = read_document::<CommitmentsFile>(commitments, &text(commitments)?)?;
        for (k, party) in document.value.parties.iter().enumerate() {
            for (j, role) in party.roles.iter().enumerate() {
                let (deal, path) = (deal_of(role), format!("parties[{k}].roles[{j}]"));
                match (self.deals.get(deal), role) {
                    (None, _) => problems.push(self.absent(&document, &format!("{path}.deal"), deal)),
                    (Some(base), super::Role::Tenant { tenant, .. })
                        if base.folder.pool().tenant_index(tenant).is_none() =>
                    {
                        let (found, expected) = (format!("`{tenant}`"), format!("a tenant of {deal}"));
                        problems.push(document.problem(&format!("{path}.tenant"), found, expected));
                    }
                    (Some(_), _) => {}
                }
            }
        }
        problems.or(())
    }

    /// A deal that is named and not there.
    pub(super) fn absent<T>(&self, document: &Document<T>, path: &str, deal: &str) -> Problem {
        let expected = format!("the folder of a deal in {}", self.path.join(self.holders.deals()).display());
        document.problem(path, format!("`{deal}`"), expected)
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The holders.
    pub fn holders(&self) -> &Holders {
        &self.holders
    }

    /// The names of the files of commitments and of holders.
    pub fn part_names(&self) -> [&str; 2] {
        self.files.each_ref().map(String::as_str)
    }

    /// The names of the outcomes, `base` first.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the folder cannot be listed.
    pub fn outcome_names(&self) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = toml_files(&self.path)?
            .iter()
            .filter(|name| is_outcome(name))
            .filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned()))
            .collect();
        names.sort_by_key(|name| name != BASE);
        Ok(names)
    }

    /// What an outcome's file says, names not looked up.
    pub(super) fn read_outcome(&self, name: &str) -> Result<Document<Outcome>, Error> {
        let known = self.outcome_names()?;
        if !known.iter().any(|known| known == name) {
            let found = format!("no outcome `{name}`");
            return Err(problems(vec![problem("--outcome", found, format!("one of {}", known.join(", ")))]));
        }
        let file = format!("{name}.toml");
        Ok(read_document::<Outcome>(&file, &read_text(&self.path.join(&file), &file, DOCUMENT_LIMIT)?)?)
    }
}

/// What starts the names of a system's two files, and what each holds.
const PARTS: [(&str, &str, &str); 2] = [
    ("commitments", "commitments", "parties and what each has promised another"),
    ("holders", "holders", "what is held, by whom, and by which rule it is sold"),
];

fn is_outcome(name: &str) -> bool {
    PARTS.iter().all(|(start, ..)| !name.starts_with(start))
}

/// The files of commitments and of holders in a folder, or what it lacks to be that of a system.
fn parts(path: &Path) -> Result<[String; 2], Error> {
    let files = toml_files(path)?;
    let mut lacks = Vec::new();
    let found = PARTS.map(|(start, schema, holds)| {
        let mut fitting = files.iter().filter(|name| name.starts_with(start));
        match (fitting.next(), fitting.next()) {
            (Some(file), None) => file.clone(),
            (Some(first), Some(second)) => {
                let found = format!("{first} and {second}");
                lacks.push(problem(
                    &format!("{start}*.toml"),
                    found,
                    "one file whose name starts so".to_owned(),
                ));
                String::new()
            }
            (None, _) => {
                let expected = format!("{holds} (leasefall schema --file {schema})");
                lacks.push(problem(&format!("{start}*.toml"), "no such file".to_owned(), expected));
                String::new()
            }
        }
    });
    // What is no outcome, if the folder is one of another kind.
    let deal = files.iter().any(|name| name == crate::deal::Deal::NAME);
    if deal || !files.iter().any(|name| is_outcome(name)) {
        let expected =
            "a state of the world that drives all of it (leasefall schema --file outcome)".to_owned();
        lacks.push(problem("base.toml", "no outcome".to_owned(), expected));
    }
    if lacks.is_empty() {
        return Ok(found);
    }
    let kind = if deal { "the folder of a deal" } else { "a folder that lacks files of a system" };
    let expected =
        "the folder of a system, with a file of commitments, one of holders, and outcomes".to_owned();
    // In this order: what it is, then what is missing.
    lacks.insert(0, problem(&path.display().to_string(), kind.to_owned(), expected));
    Err(problems(lacks))
}

fn toml_files(path: &Path) -> Result<Vec<String>, Error> {
    let unreadable =
        |error: std::io::Error| Error::Unreadable { path: path.display().to_string(), kind: error.kind() };
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    Ok(names)
}

/// An error of a deal, told under its folder.
pub(super) fn located(deal: &str, error: Error) -> Error {
    let Error::Input(found) = error else { return error };
    let told = |problem: &Problem| Problem { file: format!("{deal}/{}", problem.file), ..problem.clone() };
    problems(found.as_slice().iter().map(told).collect())
}

fn problem(file: &str, found: String, expected: String) -> Problem {
    Problem { file: file.to_owned(), line: 0, field: String::new(), found, expected }
}

fn problems(list: Vec<Problem>) -> Error {
    Error::Input(Problems::from(list))
}
