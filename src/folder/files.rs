//! Which files a deal's figures rest on.

use super::scenario_files::SCENARIOS;
use super::{Collateral, Folder};
use crate::error::Error;
use std::collections::BTreeSet;

impl Folder {
    /// The names of the files in the folder from which a scenario is run, in order of the alphabet, the
    /// scenario's own last: every `.toml` and `.csv` file of the folder but printed statements, which nothing is
    /// computed from. Files of the deals whose notes are the collateral follow, under their folders' names as
    /// `collateral.csv` has them.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if a folder cannot be listed.
    pub fn files(&self, scenario: &str) -> Result<Vec<String>, Error> {
        let entries = std::fs::read_dir(&self.path).map_err(|error| Error::Unreadable {
            path: self.path.display().to_string(),
            kind: error.kind(),
        })?;
        let is_input = |name: &String| {
            (name.ends_with(".toml") || name.ends_with(".csv")) && !name.starts_with(['.', '~'])
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> =
            names.filter(|name| is_input(name) && !name.starts_with("statement.")).collect();
        names.sort();
        let own = format!("{SCENARIOS}/{scenario}.toml");
        if self.path.join(&own).is_file() {
            names.push(own);
        }
        for inner in self.collateral.iter().flat_map(Collateral::deals) {
            let held = inner.folder().files(&inner.scenario(scenario)?)?;
            names.extend(held.iter().map(|name| format!("{}/{name}", inner.path())));
        }
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        Ok(names)
    }

    /// The bytes of one of the folder's files.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if it cannot be read.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.path.join(name);
        std::fs::read(&path)
            .map_err(|error| Error::Unreadable { path: path.display().to_string(), kind: error.kind() })
    }
}
