//! `leasefall compare-2008 --out`: today's deals beside those of 2006, on one page.

mod fragility;
mod happened;
mod losses;
mod structures;

use super::deal_page::{InputFile, files_table};
use super::page::{Block, Page, Section};
use super::{Align, Compare2008Report, Table, compare_2008};
use crate::study::compare_2008::Comparison;

/// What is shown of a comparison with 2008.
#[derive(Clone, Debug)]
pub struct Compare2008Page<'a> {
    /// The comparison and its tables.
    pub report: &'a Compare2008Report,
    /// The files that were read.
    pub files: &'a [InputFile],
}

/// The crate that computed everything.
const PROGRAM: &str = concat!("leasefall ", env!("CARGO_PKG_VERSION"));

impl Compare2008Page<'_> {
    /// The page.
    pub fn page(&self) -> Page {
        let comparison = self.report.comparison();
        Page {
            title: "Data-center deals and 2008".to_owned(),
            summary: vec![
                "Deals on leases of data centers and of chips beside the subprime deals of 2006, run through one engine: \
                 how they are cut, what they lose, what one wrong figure takes, what happened and what would."
                    .to_owned(),
            ],
            facts: facts(comparison),
            sections: vec![
                self.verdict(),
                structures_section(comparison),
                losses_section(comparison),
                fragility_section(comparison),
                self.happened(),
                self.provenance(),
            ],
            foot: format!(
                "{PROGRAM}, {} paths, seed {}. Most terms of the deals are rebuilt from what is public; each deal's folder \
                 says which. Not investment advice.",
                comparison.settings.paths, comparison.settings.seed
            ),
        }
    }

    fn verdict(&self) -> Section {
        let mut section = Section::new("Where the likeness holds and where it breaks");
        section.text("Each sentence follows from its numbers: another number, another sentence.");
        let verdicts = [
            (Some(true), "Like 2006"),
            (Some(false), "Unlike 2006"),
            (None, "Too few paths to say: ask for more with --paths"),
        ];
        for (holds, lead) in verdicts {
            let mut table = Table::new(lead, &[("what was found", Align::Left)]);
            let sentences = &self.report.comparison().verdict;
            for sentence in sentences.iter().filter(|sentence| sentence.likeness_holds == holds) {
                table.row([sentence.text.clone()]);
            }
            if !table.rows().is_empty() {
                section.blocks.push(Block::Table(table));
            }
        }
        section
    }

    fn happened(&self) -> Section {
        let happened = &self.report.comparison().what_happened;
        let mut section = Section::new("What happened, and what would");
        section.text(
            "Forecasts of the loss of 2006's pools, as rating agencies published them, run through the deals; beside \
             them what the ratings became and what the market paid. The mirror: chips that were believed to live six \
             years live less.",
        );
        section.blocks.extend(happened::forecasts(happened).into_iter().map(Block::Chart));
        section.blocks.extend(happened::abx(self.report).map(Block::Chart));
        section.blocks.push(Block::Table(self.report.outcome_table()));
        section.blocks.extend(happened::lives(happened).into_iter().map(Block::Chart));
        section.blocks.push(Block::Folded(compare_2008::life_table(&happened.chip_lives)));
        section
    }

    fn provenance(&self) -> Section {
        let settings = self.report.comparison().settings;
        let mut section = Section::new("Assumptions and provenance");
        section.text(
            "The same files, version and seed give this page again, byte for byte. What is assumed, and why, is told in \
             docs/compare_2008.md and docs/model.md of the crate; where each figure of a deal comes from, in its folder.",
        );
        let mut table = Table::new("The run", &[("what", Align::Left), ("value", Align::Left)]);
        for (what, value) in [
            ("program", PROGRAM.to_owned()),
            ("paths", settings.paths.to_string()),
            ("seed", settings.seed.to_string()),
        ] {
            table.row([what.to_owned(), value]);
        }
        section.blocks.push(Block::Table(table));
        section.blocks.push(Block::Table(files_table(self.files)));
        section
    }
}

fn facts(comparison: &Comparison) -> Vec<(String, String)> {
    let count =
        |verdict| comparison.verdict.iter().filter(|sentence| sentence.likeness_holds == verdict).count();
    let all = comparison.verdict.len();
    let points = match count(None) {
        0 => format!("{} of {all} points", count(Some(true))),
        open => format!("{} of {all} points, {open} open", count(Some(true))),
    };
    [
        ("Deals", comparison.structures.len().to_string()),
        ("The likeness holds in", points),
        ("Paths", comparison.settings.paths.to_string()),
        ("Seed", comparison.settings.seed.to_string()),
    ]
    .map(|(name, figure)| (name.to_owned(), figure))
    .into()
}

fn structures_section(comparison: &Comparison) -> Section {
    let mut section = Section::new("Structures side by side");
    section.blocks.push(Block::Chart(structures::classes(&comparison.structures)));
    section.blocks.push(Block::Chart(structures::obligors(&comparison.structures)));
    section.blocks.push(Block::Table(compare_2008::structure_table(&comparison.structures)));
    section.blocks.push(Block::Folded(compare_2008::class_table(&comparison.structures)));
    section
}

fn losses_section(comparison: &Comparison) -> Section {
    let mut section = Section::new("Losses of every class as the pool loses");
    section.text(
        "Above, straight arithmetic: what the pool loses is written down from the bottom. Below, the deal run through its \
         waterfall with that loss imposed; under each chart's table it says how.",
    );
    section.blocks.extend(comparison.losses.iter().map(|losses| Block::Chart(losses::chart(losses))));
    section
}

fn fragility_section(comparison: &Comparison) -> Section {
    let mut section = Section::new("Fragility: what one wrong figure takes");
    match fragility::charts(&comparison.fragility) {
        charts if charts.is_empty() => section.text("No class loses a notch in any case."),
        charts => section.blocks.extend(charts.into_iter().map(Block::Chart)),
    }
    section.blocks.push(Block::Table(compare_2008::fragility_table(&comparison.fragility)));
    section
}
