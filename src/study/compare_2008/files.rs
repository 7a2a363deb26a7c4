//! Which files a comparison rests on.

use super::deals::Fixtures;
use super::published::FILES;
use crate::error::Error;
use crate::tape::{TABLE_LIMIT, read_text};
use std::collections::BTreeSet;

impl Fixtures {
    /// The files that are read, each by its name and its bytes: what was published, and of every deal those of all its
    /// scenarios, under its folder's name; a deal below that is compared too is there once.
    ///
    /// # Errors
    /// As [`Folder::files`](crate::folder::Folder::files) and [`Folder::bytes`](crate::folder::Folder::bytes).
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut found = Vec::new();
        for name in FILES {
            let text = read_text(&self.root.join("published").join(name), name, TABLE_LIMIT)?;
            found.push((format!("published/{name}"), text.into_bytes()));
        }
        let mut seen = BTreeSet::new();
        for deal in self.deals() {
            let mut names = BTreeSet::new();
            for scenario in deal.folder.scenario_names()? {
                names.extend(deal.folder.files(&scenario)?);
            }
            for name in names {
                // A neighbour's file is the neighbour's.
                let shown = match name.strip_prefix("../") {
                    Some(neighbour) => neighbour.to_owned(),
                    None => format!("{}/{name}", deal.id),
                };
                if seen.insert(shown.clone()) {
                    found.push((shown, deal.folder.bytes(&name)?));
                }
            }
        }
        Ok(found)
    }
}
