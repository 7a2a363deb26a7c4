//! What an outcome's file says, checked against the system it is of.

use super::holders::AssetKind;
use super::jobs::has_defaults;
use super::open::System;
use super::outcome::Outcome;
use crate::error::{Error, Problems};
use crate::folder::BASE;
use crate::tape::Document;
use rust_decimal::Decimal;

impl System {
    /// What an outcome's file says.
    ///
    /// # Errors
    /// [`Error::Unreadable`], or [`Error::Input`] with all that is wrong in it, names that lead nowhere included.
    pub fn outcome(&self, name: &str) -> Result<Document<Outcome>, Error> {
        let document = self.read_outcome(name)?;
        let mut problems = Problems::new();
        let mut note = |path: String, found: String, expected: String| {
            problems.push(document.problem(&path, found, expected));
        };
        let outcome = &document.value;
        for stated in outcome.figures() {
            let (value, (least, most)) = (stated.figure.value, bounds(&stated.place));
            if !(Decimal::from(least)..=Decimal::from(most)).contains(&value) {
                let expected = format!("from {least} to {most}");
                note(format!("{}.value", stated.place), value.to_string(), expected);
            }
        }
        for (k, shock) in outcome.shocks.iter().enumerate() {
            let unknown = |(_, id): &(usize, &String)| self.network.party_index(id).is_none();
            for (j, id) in shock.parties.iter().enumerate().filter(unknown) {
                note(format!("shocks[{k}].parties[{j}]"), format!("`{id}`"), "the id of a party".to_owned());
            }
        }
        for (k, change) in outcome.assets.iter().enumerate() {
            let asset = self.holders.asset_index(&change.asset).map(|index| &self.holders.assets()[index]);
            let found = format!("`{}`", change.asset);
            if asset.is_none_or(|asset| asset.kind == AssetKind::Note) {
                let known = self.holders.assets().iter().filter(|asset| asset.kind != AssetKind::Note);
                let known: Vec<&str> = known.map(|asset| asset.id.as_str()).collect();
                let known = if known.is_empty() { "there is none".to_owned() } else { known.join(", ") };
                note(format!("assets[{k}].asset"), found, format!("an asset that is no note: {known}"));
            } else if outcome.assets[..k].iter().any(|other| other.asset == change.asset) {
                note(format!("assets[{k}].asset"), format!("{found} again"), "each asset once".to_owned());
            }
        }
        for (k, terms) in outcome.deals.iter().enumerate() {
            let path = format!("deals[{k}].deal");
            match self.deals.get(&terms.deal) {
                None if terms.where_present => {}
                None => {
                    let problem = self.absent(&document, &path, &terms.deal);
                    note(path.clone(), problem.found, problem.expected);
                }
                Some(base) => {
                    let known = base.folder.scenario_names()?;
                    let asked = terms.scenario.as_deref().unwrap_or(BASE);
                    if !known.iter().any(|known| known == asked) {
                        let expected = format!("a scenario of {}: {}", terms.deal, known.join(", "));
                        note(format!("deals[{k}].scenario"), format!("`{asked}`"), expected);
                    } else if terms.households && !has_defaults(&base.folder, asked)? {
                        let found = format!("no default vector in `{asked}` of {}", terms.deal);
                        let expected = "a `performance.default` for unemployment to multiply".to_owned();
                        note(format!("deals[{k}].households"), found, expected);
                    }
                    if terms.households && outcome.unemployment.is_none() {
                        let found = "no rise of unemployment".to_owned();
                        note(format!("deals[{k}].households"), found, "a table `unemployment`".to_owned());
                    }
                }
            }
            if outcome.deals[..k].iter().any(|other| other.deal == terms.deal) {
                note(path, format!("`{}` again", terms.deal), "each deal once".to_owned());
            }
        }
        problems.or(document)
    }
}

/// From where to where a figure may be, by its place.
fn bounds(path: &str) -> (i64, i64) {
    match path.rsplit('.').next() {
        // What grows a thousandfold is a mistake in units.
        Some("funding" | "operating") => (0, 1_000),
        Some("change") => (-1, 1_000),
        Some("rise_points") => (0, 100),
        // Shares of one.
        _ => (0, 1),
    }
}
