//! From what a risk model says of representative lines to classes of them that are drawn alike.

use super::lines::{LineClass, LineModel};
use super::resolve::{Resolver, Shift};
use crate::credit::{Copula, Loading, Loadings};
use crate::pool::expected_id;
use crate::scenario::LinePath;
use rust_decimal::Decimal;

/// Lines that move, and the scripted paths of all, shifted where a sensitivity asks for it.
pub(super) struct ResolvedLines {
    pub classes: Vec<LineClass>,
    pub scripted: Vec<LinePath>,
}

impl Resolver<'_> {
    pub(super) fn lines(&mut self, copula: Copula) -> ResolvedLines {
        let mut scripted = self.base.lines.clone();
        if !self.risk.lines.is_empty() && self.pool.rep_lines().is_empty() {
            self.fail("lines", "lines", "none, as the deal has no rep_lines.csv");
            return ResolvedLines { classes: Vec::new(), scripted };
        }
        let entries = self.line_entries();
        let mut classes: Vec<LineClass> = Vec::new();
        for entry in 0..self.risk.lines.len() {
            let Some(loadings) = self.line_loadings(entry) else { continue };
            // Lines of one entry that are scripted alike are drawn once.
            let mut alike: Vec<Vec<usize>> = Vec::new();
            for line in (0..entries.len()).filter(|&line| entries[line] == Some(entry)) {
                let same = |class: &&mut Vec<usize>| like(&scripted[class[0]], &scripted[line]);
                match alike.iter_mut().find(same) {
                    Some(class) => class.push(line),
                    None => alike.push(vec![line]),
                }
            }
            for lines in alike {
                let Some(model) = self.line_model(entry, &loadings, copula) else { continue };
                let class = LineClass::new(model, lines, &mut scripted);
                if class.moves() {
                    classes.push(class);
                }
            }
        }
        ResolvedLines { classes, scripted }
    }

    /// For each line the entry that names it, or the one that names none.
    fn line_entries(&mut self) -> Vec<Option<usize>> {
        let lines = self.pool.rep_lines();
        let mut entries: Vec<Option<usize>> = vec![None; lines.len()];
        let mut rest = None;
        for (entry, terms) in self.risk.lines.iter().enumerate() {
            let path = format!("lines[{entry}]");
            if terms.lines.is_empty() && terms.groups.is_empty() && rest.replace(entry).is_some() {
                self.fail(&path, "neither lines nor groups, again", "one entry at most for all other lines");
            }
            for (i, id) in terms.lines.iter().enumerate() {
                if !lines.iter().any(|line| line.line_id == *id) {
                    let expected = expected_id("line", lines.iter().map(|line| line.line_id.as_str()));
                    self.fail(&format!("{path}.lines[{i}]"), format!("`{id}`"), &expected);
                }
            }
            for (i, group) in terms.groups.iter().enumerate() {
                if !lines.iter().any(|line| line.group.as_ref() == Some(group)) {
                    let expected = "a group of rep_lines.csv";
                    self.fail(&format!("{path}.groups[{i}]"), format!("`{group}`"), expected);
                }
            }
            for (line, found) in lines.iter().zip(&mut entries) {
                let named = terms.lines.contains(&line.line_id)
                    || line.group.as_ref().is_some_and(|group| terms.groups.contains(group));
                if named && found.replace(entry).is_some() {
                    self.fail(&path, format!("`{}` again", line.line_id), "each line once");
                }
            }
        }
        entries.into_iter().map(|entry| entry.or(rest)).collect()
    }

    fn line_loadings(&mut self, entry: usize) -> Option<Box<[f64]>> {
        let path = format!("lines[{entry}]");
        let before = self.problem_count();
        let loadings = self.loadings(&path, &self.risk.lines[entry].loadings);
        let (high, terms) = (Decimal::new(99, 2), &self.risk.lines[entry]);
        self.within(&format!("{path}.severity_loading"), terms.severity_loading, Decimal::ZERO, high);
        self.within(&format!("{path}.prepayment_loading"), terms.prepayment_loading, Decimal::ZERO, high);
        (self.problem_count() == before).then_some(loadings)
    }

    fn line_model(&mut self, entry: usize, loadings: &[f64], copula: Copula) -> Option<LineModel> {
        let terms = &self.risk.lines[entry];
        let each: Result<Vec<Loading>, _> = loadings.iter().map(|&loading| Loading::new(loading)).collect();
        let latent = each.and_then(|each| Loadings::new(&each)).and_then(|all| copula.latent(&all));
        let latent = match latent {
            Ok(latent) => latent,
            Err(error) => {
                self.fail(
                    &format!("lines[{entry}].loadings"),
                    error,
                    "loadings whose squares sum to at most 1",
                );
                return None;
            }
        };
        let model = super::resolve::model;
        Some(LineModel {
            latent,
            loadings: loadings.into(),
            severity_loading: model(terms.severity_loading),
            prepayment_loading: model(terms.prepayment_loading),
            hazard_multiple: if let Shift::Hazard(multiple) = self.shift { multiple } else { 1.0 },
            recovery_shift: if let Shift::Recovery(shift) = self.shift { shift } else { 0.0 },
        })
    }
}

/// Whether two lines are scripted alike in all that is drawn.
fn like(one: &LinePath, other: &LinePath) -> bool {
    one.prepayment == other.prepayment
        && one.default == other.default
        && one.default_of_cut_off == other.default_of_cut_off
        && one.severity == other.severity
        && one.delinquent == other.delinquent
}
