//! Which files a deal's figures rest on.

use super::{Folder, SCENARIOS};
use crate::error::Error;

impl Folder {
    /// The names of the files in the folder from which a scenario is run, in order of the alphabet, the
    /// scenario's own last: every `.toml` and `.csv` file of the folder but printed statements, which nothing is
    /// computed from.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the folder cannot be listed.
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
