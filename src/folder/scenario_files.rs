//! The files of a folder that say what may happen: scenarios, and the risk model.

use super::BASE;
use crate::error::{Error, Problem, Problems};
use crate::scenario::{Risk, Script};
use crate::tape::{DOCUMENT_LIMIT, Document, FileFormat, open_document, read_document, read_text};
use std::path::Path;

/// Where a folder's scenarios are.
pub(super) const SCENARIOS: &str = "scenarios";

/// The scenarios of a folder, the base first.
pub(super) fn scenario_names(path: &Path) -> Result<Vec<String>, Error> {
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

/// A scenario by name; the base is as scripted where it has no file.
pub(super) fn script(folder: &Path, name: &str) -> Result<Document<Script>, Error> {
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

/// The risk model of a folder, if it has one.
pub(super) fn risk(folder: &Path) -> Result<Option<Document<Risk>>, Error> {
    if !folder.join(Risk::NAME).exists() {
        return Ok(None);
    }
    open_document::<Risk>(folder).map(Some)
}
