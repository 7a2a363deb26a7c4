//! What was run on which files, and where the deal's figures come from.

use super::super::page::{Block, Section};
use super::super::{Align, Table};
use crate::deal::{Deal, Mark};

/// What a reader needs to make the page again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunRecord {
    /// The scenario.
    pub scenario: String,
    /// What is varied by chance, and which probabilities: what the risk model says of itself.
    pub risk: Option<String>,
    /// Paths and the seed; none if there was no chance.
    pub draws: Option<(u64, u64)>,
    /// The files that were read.
    pub files: Vec<InputFile>,
}

/// A file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputFile {
    /// Its name in the deal's folder.
    pub name: String,
    /// How long it is.
    pub bytes: usize,
    /// The SHA-256 of its bytes, as hexadecimal digits.
    pub sha256: String,
}

/// The crate that computed everything.
const PROGRAM: &str = concat!("leasefall ", env!("CARGO_PKG_VERSION"));

impl RunRecord {
    pub(super) fn foot(&self) -> String {
        let draws = self.draws.map_or(String::new(), |(paths, seed)| format!(", {paths} paths, seed {seed}"));
        format!(
            "{PROGRAM}, scenario {}{draws}. Cash is exact in the scenario; whether the world follows it, nobody \
             knows. Not investment advice.",
            self.scenario
        )
    }

    pub(super) fn section(&self, deal: &Deal) -> Section {
        let mut section = Section::new("Assumptions and provenance");
        section.text(
            "The same files, version and seed give this page again, byte for byte. Every assumption of the model \
             with its reason is told in docs/model.md of the crate.",
        );
        section.blocks.push(Block::Table(self.run(deal)));
        section.blocks.push(Block::Table(files_table(&self.files)));
        if !deal.provenance.is_empty() {
            section.blocks.push(Block::Folded(figures(deal)));
        }
        section
    }

    fn run(&self, deal: &Deal) -> Table {
        let mut table = Table::new("The run", &[("what", Align::Left), ("value", Align::Left)]);
        let mut row = |what: &str, value: String| table.row([what.to_owned(), value]);
        row("program", PROGRAM.to_owned());
        row("scenario", self.scenario.clone());
        row("cut-off date", deal.cut_off_date.to_string());
        row("closing date", deal.closing_date.to_string());
        row("figures as of", deal.start_date().to_string());
        row("curve that prices", deal.pricing_curve.clone().unwrap_or_else(|| "none".to_owned()));
        match self.draws {
            Some((paths, seed)) => {
                row("paths", paths.to_string());
                row("seed", seed.to_string());
            }
            None => row("paths", "none: the scenario alone".to_owned()),
        }
        if let Some(risk) = &self.risk {
            row("risk model", risk.clone());
        }
        table
    }
}

/// The files that were read.
pub(in crate::report) fn files_table(files: &[InputFile]) -> Table {
    let columns = [("file", Align::Left), ("bytes", Align::Right), ("SHA-256", Align::Left)];
    let mut table = Table::new("Input files", &columns);
    for file in files {
        table.row([file.name.clone(), file.bytes.to_string(), file.sha256.clone()]);
    }
    table
}

/// Where the deal's figures come from.
fn figures(deal: &Deal) -> Table {
    let columns = [("figure", Align::Left), ("mark", Align::Left), ("source", Align::Left)];
    let mut table = Table::new("Where the deal's figures come from", &columns);
    for entry in &deal.provenance {
        let mark = match entry.mark {
            Mark::Published => "published",
            Mark::Reconstructed => "reconstructed",
            Mark::Assumed => "assumed",
        };
        table.row([entry.figure.clone(), mark.to_owned(), entry.source.clone()]);
    }
    table
}
