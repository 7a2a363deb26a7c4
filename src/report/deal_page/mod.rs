//! `leasefall report`: a deal on one page.

mod cash;
mod crossing;
mod losses;
mod provenance;
mod structure;
mod world;

pub(super) use provenance::files_table;
pub use provenance::{InputFile, RunRecord};

use super::page::{Block, Page, Section};
use super::svg::Ink;
use super::{PriceReport, Report, SimulationReport, grouped};
use crate::deal::Deal;
use crate::error::Error;
use crate::money::{Currency, Money};
use crate::study::Crossing;
use crate::study::overview::{Fan, LossCurve, LossHistogram, Overview};

/// What is shown of a deal.
#[derive(Clone, Debug)]
pub struct DealPage<'a> {
    /// The deal.
    pub deal: &'a Deal,
    /// What the scenario's file says of it.
    pub scenario_description: &'a str,
    /// Structure, cash and tests in the scenario.
    pub overview: &'a Overview,
    /// What the notes are worth, or why they are not valued.
    pub price: Result<&'a PriceReport, &'a Error>,
    /// What the notes lose as collections fall short; none where nothing is projected.
    pub loss_curve: Option<&'a LossCurve>,
    /// What paths say; none without paths.
    pub simulation: Option<(&'a SimulationReport, &'a LossHistogram)>,
    /// Figures of the world by date.
    pub fans: &'a [Fan],
    /// Contracts against the market, and notes against what secures them; none where nothing is let.
    pub crossing: Option<&'a Crossing>,
    /// What was run on which files.
    pub record: &'a RunRecord,
}

impl DealPage<'_> {
    /// The page.
    pub fn page(&self) -> Page {
        let deal = self.deal;
        let scenario = format!("Scenario {}: {}", self.record.scenario, self.scenario_description);
        let summary = [deal.description.clone(), scenario].into_iter().filter(|line| !line.is_empty());
        let mut sections = vec![self.structure_section(), self.cash_section()];
        sections.extend(self.losses_section());
        sections.extend(self.world_section());
        sections.push(self.record.section(deal));
        Page {
            title: deal.name.clone(),
            summary: summary.collect(),
            facts: self.facts(),
            sections,
            foot: self.record.foot(),
        }
    }

    fn facts(&self) -> Vec<(String, String)> {
        let (deal, structure) = (self.deal, &self.overview.structure);
        let fact = |name: &str, figure: String| (name.to_owned(), figure);
        let mut facts = vec![
            fact("As of", deal.start_date().to_string()),
            fact("Notes", format!("{} {}", deal.currency, rounded(deal.currency, structure.notes))),
        ];
        if let Some(collateral) = structure.collateral {
            let amount = format!("{} {}", deal.currency, rounded(deal.currency, collateral));
            facts.push(fact("Collateral and cash", amount));
            facts.push(fact("Notes over collateral", format!("{:.1}%", 100.0 * (1.0 - structure.equity()))));
        }
        if let Some(cost) = self.overview.chip_cost.filter(|cost| !cost.is_zero()) {
            let amount = format!("{} {}", deal.currency, rounded(deal.currency, cost));
            let share = 100.0 * structure.notes.minor() as f64 / cost.minor() as f64;
            facts.push(fact("Cost of the chips", amount));
            facts.push(fact("Notes over cost", format!("{share:.1}%")));
        }
        if let Ok(price) = self.price {
            let redeemed =
                price.redeemed.map_or("not before legal final".to_owned(), |date| date.to_string());
            facts.push(fact("Redeemed by refinancing or call", redeemed));
        }
        if let Some((simulation, histogram)) = self.simulation {
            facts.push(fact("Paths", simulation.paths.to_string()));
            let loss = with_error(100.0 * histogram.expected.value, 100.0 * histogram.expected.std_error, 3);
            facts.push(fact("Expected loss of all notes", format!("{loss}%")));
        }
        facts
    }

    fn structure_section(&self) -> Section {
        let mut section = Section::new("Capital structure and value");
        section.blocks.push(Block::Chart(structure::chart(self.deal.currency, &self.overview.structure)));
        match self.price {
            Ok(price) => section.blocks.extend(price.tables().into_iter().map(Block::Table)),
            Err(reason) => section.text(format!("The notes are not valued: {reason}")),
        }
        section
    }

    fn cash_section(&self) -> Section {
        let mut section = Section::new("Cash, balances and coverage");
        let mut charts = cash::charts(self.deal, self.overview);
        let dates = &self.overview.dates;
        charts.extend(
            self.overview.coverage.iter().map(|path| world::coverage(path, dates, self.overview.owed_dates)),
        );
        section.blocks.extend(charts.into_iter().map(Block::Chart));
        section
    }

    fn losses_section(&self) -> Option<Section> {
        let mut section = Section::new("Losses");
        let structure = &self.overview.structure;
        if let Some(curve) = self.loss_curve {
            section.blocks.push(Block::Chart(losses::curve(structure, curve)));
        }
        if let Some((simulation, histogram)) = self.simulation {
            if histogram.buckets.is_empty() {
                section.text(format!("None of {} paths loses principal of any note.", simulation.paths));
            } else {
                section.blocks.push(Block::Chart(losses::histogram(structure, histogram)));
            }
            section.blocks.extend(simulation.tables().into_iter().map(Block::Table));
        }
        (!section.blocks.is_empty()).then_some(section)
    }

    fn world_section(&self) -> Option<Section> {
        let mut section = Section::new("State of the world");
        if let Some(found) = self.crossing.filter(|found| !found.points.is_empty()) {
            crossing::sentences(found).into_iter().for_each(|sentence| section.text(sentence));
            section.blocks.push(Block::Chart(crossing::chart(self.deal.currency, found)));
        }
        section.blocks.extend(self.fans.iter().map(|fan| Block::Chart(world::fan(fan))));
        (!section.blocks.is_empty()).then_some(section)
    }
}

/// The colour of a note by its place in the deal's order.
fn ink(place: usize, of: usize) -> Ink {
    Ink::Place(place, of)
}

/// Money in whole units of the currency.
fn rounded(currency: Currency, amount: Money) -> String {
    let text = grouped(currency, amount);
    text.split_once('.').map_or(text.clone(), |(whole, _)| whole.to_owned())
}

/// A figure with one standard error after it, if there is one.
fn with_error(value: f64, std_error: f64, decimals: usize) -> String {
    match std_error.is_finite() {
        true => format!("{value:.decimals$} \u{b1}{std_error:.decimals$}"),
        false => format!("{value:.decimals$}"),
    }
}
