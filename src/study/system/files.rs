//! Which files a system's figures rest on.

use super::open::System;
use crate::error::Error;
use crate::folder::BASE;
use std::collections::BTreeSet;
use std::path::PathBuf;

impl System {
    /// The files from which the outcomes are run, each by its name and where it is: those of the folder, and those of
    /// each deal in its base scenario and in those that outcomes name, under the deal's name.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if a folder cannot be listed, and as [`System::outcome`].
    pub fn files(&self) -> Result<Vec<(String, PathBuf)>, Error> {
        let mut found: Vec<(String, PathBuf)> =
            self.own_files()?.into_iter().map(|name| (name.clone(), self.path.join(name))).collect();
        let outcomes =
            self.outcome_names()?.iter().map(|name| self.outcome(name)).collect::<Result<Vec<_>, _>>()?;
        let root = self.path.join(self.holders.deals());
        for (deal, base) in &self.deals {
            let mut scenarios = BTreeSet::from([BASE.to_owned()]);
            let named = outcomes.iter().flat_map(|outcome| &outcome.value.deals);
            scenarios
                .extend(named.filter(|terms| terms.deal == *deal).filter_map(|terms| terms.scenario.clone()));
            let mut names = BTreeSet::new();
            for scenario in scenarios {
                names.extend(base.folder.files(&scenario)?);
            }
            found.extend(
                names.into_iter().map(|name| (format!("{deal}/{name}"), root.join(deal).join(&name))),
            );
        }
        Ok(found)
    }

    fn own_files(&self) -> Result<Vec<String>, Error> {
        let unreadable = |error: std::io::Error| Error::Unreadable {
            path: self.path.display().to_string(),
            kind: error.kind(),
        };
        let entries = std::fs::read_dir(&self.path).map_err(unreadable)?;
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.retain(|name| name.ends_with(".toml"));
        names.sort();
        Ok(names)
    }
}
