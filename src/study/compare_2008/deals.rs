//! The deals that are compared, and where they stand.

use super::published::{AbxPrice, LossForecast, Published, RatingOutcome};
use crate::error::{Error, Problem, Problems};
use crate::folder::Folder;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The subprime deals that today's are compared with: a deal on mortgages and one on such deals' notes.
const OF_2006: [&str; 2] = ["gsamp-2006-nc2", "mezz-abs-cdo-2006"];
/// The data-center deals of the fixtures.
const OF_TODAY: [&str; 6] = [
    "flexential-2021-1",
    "aligned-2021-1",
    "compass-red-oak",
    "beignet-2049",
    "valor-compute-2026",
    "dc-mezz-cdo-2026",
];

/// Which of the two worlds a deal is of, by what it stands on in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Era {
    /// Mortgages: loans and lines of loans.
    Subprime,
    /// Leases of data centers or of chips.
    DataCenter,
}

/// What a deal's own collateral is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Assets {
    /// Loans, one by one or as representative lines.
    Loans,
    /// Leases of buildings.
    Leases,
    /// Leases of chips.
    ChipLeases,
    /// Notes of other deals.
    Notes,
}

impl Assets {
    /// What a folder's own collateral is.
    pub fn of(folder: &Folder) -> Assets {
        if folder.collateral().is_some() {
            return Assets::Notes;
        }
        let pool = folder.pool();
        match (pool.chip_leases().is_empty(), pool.leases().is_empty()) {
            (false, _) => Assets::ChipLeases,
            (true, false) => Assets::Leases,
            (true, true) => Assets::Loans,
        }
    }
}

/// A deal of the comparison.
#[derive(Clone, Debug)]
pub struct ComparedDeal {
    /// The folder's name.
    pub id: String,
    /// What it stands on in the end.
    pub era: Era,
    /// Its own collateral.
    pub assets: Assets,
    /// The deal.
    pub folder: Folder,
}

impl ComparedDeal {
    /// Opens a deal's folder.
    ///
    /// # Errors
    /// As [`Folder::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<ComparedDeal, Error> {
        let path = path.as_ref();
        let folder = Folder::open(path)?;
        let name = path.canonicalize().ok().and_then(|path| path.file_name().map(|name| name.to_owned()));
        let id = name.map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        Ok(ComparedDeal { id, era: era(&folder), assets: Assets::of(&folder), folder })
    }
}

/// Leases anywhere below make a deal one of data centers.
fn era(folder: &Folder) -> Era {
    match (folder.collateral(), Assets::of(folder)) {
        (Some(notes), _) if notes.deals().iter().any(|deal| era(deal.folder()) == Era::DataCenter) => {
            Era::DataCenter
        }
        (_, Assets::Leases | Assets::ChipLeases) => Era::DataCenter,
        _ => Era::Subprime,
    }
}

/// The deals of a comparison and what was published of 2008.
#[derive(Clone, Debug)]
pub struct Fixtures {
    pub(super) root: PathBuf,
    deals: Vec<ComparedDeal>,
    published: Published,
}

impl Fixtures {
    /// Opens the fixtures: `deals/` and `published/` of a folder. Deals in `own` take the place of the data-center
    /// deals.
    ///
    /// # Errors
    /// [`Error::Input`] if the folder is not there, or with all that is wrong in a deal's files.
    pub fn open(root: impl AsRef<Path>, own: &[PathBuf]) -> Result<Fixtures, Error> {
        let root = root.as_ref();
        if !root.join("deals").join(OF_2006[0]).is_dir() {
            return Err(missing(root));
        }
        let within = |names: &[&str]| -> Vec<PathBuf> {
            names.iter().map(|name| root.join("deals").join(name)).collect()
        };
        let today = if own.is_empty() { within(&OF_TODAY) } else { own.to_vec() };
        let paths = within(&OF_2006).into_iter().chain(today);
        let deals = paths.map(|path| ComparedDeal::open(&path).map_err(|error| located(&path, error)));
        Ok(Fixtures {
            root: root.to_path_buf(),
            deals: deals.collect::<Result<_, _>>()?,
            published: Published::open(&root.join("published"))?,
        })
    }

    /// The deals, those of 2006 first.
    pub fn deals(&self) -> &[ComparedDeal] {
        &self.deals
    }

    /// What rating agencies forecast that the pools of 2006 would lose.
    pub fn forecasts(&self) -> &[LossForecast] {
        &self.published.forecasts
    }

    /// Prices of the ABX.HE indices.
    pub fn abx(&self) -> &[AbxPrice] {
        &self.published.abx
    }

    /// What the ratings of the subprime deal's classes became.
    pub fn outcomes(&self) -> &[RatingOutcome] {
        &self.published.outcomes
    }
}

/// That there is nothing to compare with.
fn missing(root: &Path) -> Error {
    Error::Input(Problems::from(vec![Problem {
        file: root.join("deals").join(OF_2006[0]).display().to_string(),
        line: 0,
        field: String::new(),
        found: "no such folder".to_owned(),
        expected: "the project's fixtures: run from its folder, or say where they are with --fixtures"
            .to_owned(),
    }]))
}

/// An error of a deal, told under its folder.
fn located(path: &Path, error: Error) -> Error {
    let Error::Input(problems) = error else { return error };
    let name = |problem: &Problem| Problem {
        file: path.join(&problem.file).display().to_string(),
        ..problem.clone()
    };
    Error::Input(problems.as_slice().iter().map(name).collect::<Vec<_>>().into())
}
