//! `leasefall system --out`: the network, its money and who loses, on one page.

mod flows;
mod losses;
mod network;
mod provenance;

use super::SystemReport;
use super::deal_page::InputFile;
use super::page::{Block, Page, Section};
use crate::error::Error;
use crate::study::system::{Outcome, System, SystemResult};

/// What is shown of a system.
#[derive(Clone, Debug)]
pub struct SystemPage<'a> {
    /// The system.
    pub system: &'a System,
    /// Every outcome, run.
    pub results: &'a [SystemResult],
    /// The same as tables, with what was asked for beside.
    pub report: &'a SystemReport,
    /// The files that were read.
    pub files: &'a [InputFile],
    /// Paths and seed of joint tails; none if there was no chance.
    pub draws: Option<(u64, u64)>,
}

impl SystemPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// As [`System::outcome`].
    pub fn page(&self) -> Result<Page, Error> {
        let outcomes = self
            .results
            .iter()
            .map(|result| Ok((result.outcome.clone(), self.system.outcome(&result.outcome)?.value)))
            .collect::<Result<Vec<(String, Outcome)>, Error>>()?;
        let told = |(name, outcome): &(String, Outcome)| match outcome.description.trim_end_matches('.') {
            "" => name.clone(),
            description => format!("{name}: {description}"),
        };
        let sections =
            vec![self.promises(), self.money(), self.holders(), self.notes(), self.choices(&outcomes)];
        Ok(Page {
            title: "The system around the deals".to_owned(),
            summary: vec![
                self.system.network().description().to_owned(),
                format!("Outcomes. {}.", outcomes.iter().map(told).collect::<Vec<_>>().join(". ")),
            ],
            facts: self.facts(),
            sections,
            foot: provenance::foot(self.draws),
        })
    }

    fn facts(&self) -> Vec<(String, String)> {
        let network = self.system.network();
        let fact = |name: &str, figure: String| (name.to_owned(), figure);
        let mut facts = vec![
            fact("Years", format!("{} to {}", network.first_year(), network.last_year())),
            fact("Parties", network.parties().len().to_string()),
            fact("Promises", network.commitments().len().to_string()),
            fact("Rings of binding promises", self.report.rings.len().to_string()),
        ];
        for result in self.results {
            let count = result.cascade.defaulted.iter().flatten().count();
            facts.push(fact(&format!("Cannot pay in {}", result.outcome), count.to_string()));
        }
        facts
    }

    fn promises(&self) -> Section {
        let mut section = Section::new("Who has promised what to whom");
        network::sentences(self).into_iter().for_each(|sentence| section.text(sentence));
        section.blocks.push(Block::Chart(network::chart(self)));
        section.blocks.push(Block::Table(self.report.network()));
        section
    }

    fn money(&self) -> Section {
        let mut section = Section::new("Money that flows and money that does not");
        for result in self.results {
            match flows::chart(self.system, result) {
                Some(chart) => section.blocks.push(Block::Chart(chart)),
                None => section.text(format!("In {} every promise that counts is paid.", result.outcome)),
            }
        }
        section.blocks.push(Block::Folded(flows::table(self.system, self.results)));
        section.blocks.push(Block::Table(self.report.failures()));
        section
    }

    fn holders(&self) -> Section {
        let mut section = Section::new("What the holders lose");
        section.text(
            "First round: lost before anybody sells. Final: with what sales do to prices. The parts are the ways in \
             which losses came, and add up: what the outcome says itself, parties that cannot pay (the ring), \
             households, and others' sales (price impact).",
        );
        for result in self.results {
            match losses::holders(self.system, result) {
                Some(chart) => section.blocks.push(Block::Chart(chart)),
                None => section.text(format!("In {} no holder loses anything.", result.outcome)),
            }
        }
        if !self.report.parties.is_empty() {
            section.blocks.push(Block::Folded(self.report.shares()));
        }
        section
    }

    fn notes(&self) -> Section {
        let mut section = Section::new("What the notes lose");
        for result in self.results {
            match losses::notes(result) {
                Some(chart) => section.blocks.push(Block::Chart(chart)),
                None => section.text(format!("In {} no note loses anything.", result.outcome)),
            }
        }
        section.blocks.push(Block::Table(self.report.losses()));
        section
    }

    fn choices(&self, outcomes: &[(String, Outcome)]) -> Section {
        let mut section = Section::new("Assumptions and provenance");
        section.text(
            "The same files, version and seed give this page again, byte for byte. What each party has from outside \
             the network, when promises are paid, price impacts and every figure of an outcome are chosen; the tables \
             say so figure by figure, and docs/system.md of the crate says why.",
        );
        if !self.report.sensitivities.is_empty() {
            section.blocks.push(Block::Table(self.report.moved()));
        }
        if !self.report.joint.is_empty() {
            section.blocks.push(Block::Table(self.report.together()));
        }
        section.blocks.extend(provenance::tables(self, outcomes).into_iter().map(Block::Folded));
        section.blocks.push(Block::Table(provenance::run(self)));
        section.blocks.push(Block::Table(super::deal_page::files_table(self.files)));
        section
    }
}

/// A word of a file as people read it: `ai_lab` is an AI lab.
fn words(word: &str) -> String {
    match word {
        "ai_lab" => "AI lab".to_owned(),
        "spv" => "vehicle".to_owned(),
        "private_credit" => "lender".to_owned(),
        _ => word.replace('_', " "),
    }
}

/// The word that a file has for a value.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(words)).unwrap_or_default()
}
