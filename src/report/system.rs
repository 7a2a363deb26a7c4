//! `leasefall system`: each note and each holder in every outcome, side by side.

use super::{Align, Report, Table, records};
use crate::error::Error;
use crate::study::system::{
    Backlog, CommitmentKind, End, JointTails, Lever, Losses, Promises, Ring, Rings, Status, System,
    SystemResult,
};
use serde::Serialize;

/// The system around the deals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemReport {
    /// A line per note, group of holders and outcome.
    pub lines: Vec<SystemLine>,
    /// A line per party that cannot pay, and outcome.
    pub defaults: Vec<DefaultLine>,
    /// How sales ended, by outcome.
    pub sales: Vec<SaleLine>,
    /// Rings of binding promises.
    pub rings: Vec<RingLine>,
    /// Whether these are all the rings there are.
    pub rings_complete: bool,
    /// Backlogs and what they rest on.
    pub backlogs: Vec<BacklogLine>,
    /// One assumption moved at a time.
    pub sensitivities: Vec<SystemSensitivityLine>,
    /// How often notes and holders fail together, over random paths.
    pub joint: Vec<JointLine>,
    /// The network, for drawing.
    pub network: NetworkPicture,
}

/// A note or a group of holders in an outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemLine {
    /// The outcome.
    pub outcome: String,
    /// `note` or `holder`.
    pub kind: &'static str,
    /// The deal of a note; empty for holders.
    pub deal: String,
    /// The class, or the group.
    pub name: String,
    /// What shares are of: price per 100 in the base scenario, or equity in dollars at the start.
    pub base: Option<f64>,
    /// Lost before anybody sold, as a share of it.
    pub first: f64,
    /// Lost in all.
    pub total: f64,
    /// Of this, from what the outcome says itself.
    pub direct: f64,
    /// From parties that could not pay.
    pub ring: f64,
    /// From households.
    pub households: f64,
    /// From others' sales.
    pub price_impact: f64,
}

/// A party that cannot pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DefaultLine {
    /// The outcome.
    pub outcome: String,
    /// The party.
    pub party: String,
    /// The year.
    pub year: usize,
    /// What it left unpaid that year.
    pub shortfall: String,
}

/// How sales ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SaleLine {
    /// The outcome.
    pub outcome: String,
    /// Rounds of sales.
    pub rounds: usize,
    /// Dollars sold.
    pub sold: f64,
    /// `at_rest`, `sold_out` or `too_many_rounds`.
    pub end: &'static str,
}

/// A ring.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RingLine {
    /// The parties, each paying the next and the last the first, with the kinds of promises between.
    pub ring: String,
    /// What can go all the way round.
    pub flow: String,
}

/// A backlog.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BacklogLine {
    /// The firm.
    pub party: String,
    /// Owed to it over the years of the network.
    pub backlog: String,
    /// The share that customers cannot pay from means of their own.
    pub unfunded: f64,
    /// The share that rests on promises of others to the customers.
    pub on_promises: f64,
    /// The customer that owes most.
    pub largest: String,
    /// Its share.
    pub largest_share: f64,
    /// Sum of squared shares of customers.
    pub concentration: f64,
}

/// An assumption moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemSensitivityLine {
    /// The outcome.
    pub outcome: String,
    /// What is moved.
    pub assumption: &'static str,
    /// Parties that cannot pay.
    pub defaults: usize,
    /// Dollars promised in the network and not paid, or ended with a default.
    pub unpaid: f64,
    /// Mean loss of the notes, in shares of their prices.
    pub notes: f64,
    /// Dollars lost by all holders.
    pub holders: f64,
    /// Of this, through others' sales.
    pub price_impact: f64,
}

/// A note and a group of holders over random paths.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JointLine {
    /// The outcome around which paths vary.
    pub outcome: String,
    /// The deal.
    pub deal: String,
    /// The class.
    pub class: String,
    /// The group of holders.
    pub holder: String,
    /// Paths.
    pub paths: u64,
    /// Share of paths on which the note fails.
    pub note_fails: f64,
    /// Share of paths on which the holder's equity is below zero.
    pub holder_fails: f64,
    /// Share of paths on which both do.
    pub both: f64,
    /// Standard error of that share.
    pub both_error: f64,
}

/// The network as nodes and arrows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NetworkPicture {
    /// The parties.
    pub nodes: Vec<PictureNode>,
    /// The promises that have an amount.
    pub arrows: Vec<PictureArrow>,
}

/// A party in the picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureNode {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For each outcome, the year in which it cannot pay.
    pub defaulted: Vec<Option<usize>>,
}

/// A promise in the picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureArrow {
    /// Who is to pay, as an index of nodes.
    pub from: usize,
    /// Who is to be paid.
    pub to: usize,
    /// What kind of promise it is.
    pub kind: CommitmentKind,
    /// How far it binds.
    pub status: Status,
    /// Dollars over the years of the network.
    pub amount: f64,
}

/// The assumptions that are moved one at a time, and their names.
const LEVERS: [(&str, &[Lever]); 16] = [
    ("as stated", &[]),
    ("letters of intent count", &[Lever::LettersOfIntent(true)]),
    ("default leaves half of a party's means", &[Lever::DefaultLeaves(0.5)]),
    ("losses on default halved", &[Lever::LossOnDefault(0.5)]),
    ("losses on default times 1.5, at most all", &[Lever::LossOnDefault(1.5)]),
    ("shocks to parties halved", &[Lever::Shocks(0.5)]),
    ("no shocks to parties", &[Lever::Shocks(0.0)]),
    ("price impact halved", &[Lever::PriceImpact(0.5)]),
    ("price impact doubled", &[Lever::PriceImpact(2.0)]),
    ("no price impact", &[Lever::PriceImpact(0.0)]),
    ("holders' debt down by a tenth", &[Lever::Debt(0.9)]),
    ("changes of asset prices halved", &[Lever::AssetChanges(0.5)]),
    ("refinancing open", &[Lever::RefinancingOpen]),
    ("deals as in their base scenarios", &[Lever::DealsAsBase]),
    ("rise of unemployment halved", &[Lever::Unemployment(0.5)]),
    ("rise of unemployment doubled", &[Lever::Unemployment(2.0)]),
];

impl SystemReport {
    /// Every outcome of a system; with each assumption moved by itself if asked.
    ///
    /// # Errors
    /// As [`System::run`].
    pub fn new(system: &System, sensitivities: bool) -> Result<SystemReport, Error> {
        let names = system.outcome_names()?;
        let results = names.iter().map(|name| system.run(name, &[])).collect::<Result<Vec<_>, _>>()?;
        let mut moved = Vec::new();
        for name in names.iter().filter(|_| sensitivities) {
            for (assumption, levers) in LEVERS {
                moved.push(sensitivity(assumption, &system.run(name, levers)?));
            }
        }
        let found: Rings = system.network().rings(Promises::Binding);
        let backlogs = system.network().backlogs(Promises::Binding);
        Ok(SystemReport {
            lines: results.iter().flat_map(lines).collect(),
            defaults: results.iter().flat_map(|result| defaults(system, result)).collect(),
            sales: results.iter().map(sales).collect(),
            rings: found.rings.iter().map(|ring| ring_line(system, ring)).collect(),
            rings_complete: found.complete,
            backlogs: backlogs.iter().map(|backlog| backlog_line(system, backlog)).collect(),
            sensitivities: moved,
            joint: Vec::new(),
            network: picture(system, &results),
        })
    }

    /// The same with joint tails around an outcome.
    #[must_use]
    pub fn with_joint_tails(mut self, outcome: &str, tails: &JointTails) -> SystemReport {
        let share = |count: u64| count as f64 / tails.paths.max(1) as f64;
        for (note, (deal, class)) in tails.notes.iter().enumerate() {
            for (group, holder) in tails.groups.iter().enumerate() {
                let both = share(tails.both[note * tails.groups.len() + group]);
                self.joint.push(JointLine {
                    outcome: outcome.to_owned(),
                    deal: deal.clone(),
                    class: class.clone(),
                    holder: holder.clone(),
                    paths: tails.paths,
                    note_fails: share(tails.note_failures[note]),
                    holder_fails: share(tails.group_failures[group]),
                    both,
                    // sqrt(p (1 - p) / n), of independent paths.
                    both_error: (both * (1.0 - both) / tails.paths.max(1) as f64).sqrt(),
                });
            }
        }
        self
    }
}

fn lines(result: &SystemResult) -> Vec<SystemLine> {
    let line = |kind, deal: &str, name: &str, base: Option<f64>, losses: Losses, of: f64| SystemLine {
        outcome: result.outcome.clone(),
        kind,
        deal: deal.to_owned(),
        name: name.to_owned(),
        base,
        first: losses.first() / of,
        total: losses.total() / of,
        direct: losses.direct / of,
        ring: losses.ring / of,
        households: losses.households / of,
        price_impact: losses.price_impact / of,
    };
    let notes = result
        .notes
        .iter()
        .filter(|note| note.base_price.is_some())
        .map(|note| line("note", &note.deal, &note.class, note.base_price, note.losses, 1.0));
    let groups = result
        .groups
        .iter()
        .filter(|group| group.equity > 0.0)
        .map(|group| line("holder", "", &group.id, Some(group.equity), group.losses, group.equity));
    notes.chain(groups).collect()
}

fn defaults(system: &System, result: &SystemResult) -> Vec<DefaultLine> {
    let network = system.network();
    let line = |(party, year): (usize, &Option<usize>)| {
        let year = (*year)?;
        let shortfall = result.cascade.years[year][party].shortfall;
        Some(DefaultLine {
            outcome: result.outcome.clone(),
            party: network.parties()[party].id.clone(),
            year: usize::from(network.first_year()) + year,
            shortfall: super::decimal(crate::Currency::USD, shortfall),
        })
    };
    result.cascade.defaulted.iter().enumerate().filter_map(line).collect()
}

fn sales(result: &SystemResult) -> SaleLine {
    SaleLine {
        outcome: result.outcome.clone(),
        rounds: result.sale.rounds.len(),
        sold: result.sale.rounds.iter().sum(),
        end: match result.sale.end {
            End::AtRest => "at_rest",
            End::SoldOut => "sold_out",
            End::TooManyRounds => "too_many_rounds",
        },
    }
}

fn ring_line(system: &System, ring: &Ring) -> RingLine {
    let network = system.network();
    let mut words = String::new();
    for (party, commitments) in ring.parties.iter().zip(&ring.commitments) {
        let mut kinds: Vec<String> =
            commitments.iter().map(|&index| word(network.commitments()[index].kind)).collect();
        kinds.dedup();
        words.push_str(&format!("{} -{}-> ", network.parties()[*party].id, kinds.join("+")));
    }
    words.push_str(&network.parties()[ring.parties[0]].id);
    RingLine { ring: words, flow: super::decimal(crate::Currency::USD, ring.flow) }
}

fn word(kind: CommitmentKind) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn backlog_line(system: &System, backlog: &Backlog) -> BacklogLine {
    let parties = system.network().parties();
    let amount = backlog.amount.to_model(crate::Currency::USD);
    BacklogLine {
        party: parties[backlog.party].id.clone(),
        backlog: super::decimal(crate::Currency::USD, backlog.amount),
        unfunded: backlog.unfunded / amount,
        on_promises: backlog.on_promises / amount,
        largest: backlog.largest.map_or(String::new(), |(party, _)| parties[party].id.clone()),
        largest_share: backlog.largest.map_or(0.0, |(_, share)| share),
        concentration: backlog.concentration,
    }
}

fn sensitivity(assumption: &'static str, result: &SystemResult) -> SystemSensitivityLine {
    let notes: Vec<f64> = result
        .notes
        .iter()
        .filter(|note| note.base_price.is_some())
        .map(|note| note.losses.total())
        .collect();
    SystemSensitivityLine {
        outcome: result.outcome.clone(),
        assumption,
        defaults: result.cascade.defaulted.iter().flatten().count(),
        unpaid: result.cascade.lost.iter().map(|lost| lost.to_model(crate::Currency::USD)).sum(),
        notes: notes.iter().sum::<f64>() / notes.len().max(1) as f64,
        holders: result.groups.iter().map(|group| group.losses.total()).sum(),
        price_impact: result.groups.iter().map(|group| group.losses.price_impact).sum(),
    }
}

fn picture(system: &System, results: &[SystemResult]) -> NetworkPicture {
    let network = system.network();
    let first = usize::from(network.first_year());
    let node = |(index, party): (usize, &crate::study::system::Party)| PictureNode {
        id: party.id.clone(),
        name: party.name.clone().unwrap_or_else(|| party.id.clone()),
        defaulted: results.iter().map(|result| Some(first + result.cascade.defaulted[index]?)).collect(),
    };
    let arrow = |(index, promise): (usize, &crate::study::system::Commitment)| {
        Some(PictureArrow {
            from: network.party_index(&promise.from)?,
            to: network.party_index(&promise.to)?,
            kind: promise.kind,
            status: promise.status,
            amount: Some(network.due(index).to_model(crate::Currency::USD)).filter(|amount| *amount > 0.0)?,
        })
    };
    NetworkPicture {
        nodes: network.parties().iter().enumerate().map(node).collect(),
        arrows: network.commitments().iter().enumerate().filter_map(arrow).collect(),
    }
}

impl Report for SystemReport {
    fn csv(&self) -> String {
        [
            records(&self.lines),
            records(&self.defaults),
            records(&self.sales),
            records(&self.rings),
            records(&self.backlogs),
            records(&self.sensitivities),
            records(&self.joint),
        ]
        .into_iter()
        .filter(|list| !list.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
    }

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.losses(), self.failures(), self.network()];
        if !self.sensitivities.is_empty() {
            tables.push(self.moved());
        }
        if !self.joint.is_empty() {
            tables.push(self.together());
        }
        tables
    }
}

/// Per cent with a sign that says loss, without a negative zero.
fn lost(share: f64) -> String {
    let text = format!("{:.2}%", share * 100.0);
    if text == "-0.00%" { "0.00%".to_owned() } else { text }
}

fn billions(amount: f64) -> String {
    let text = format!("{:.1}", amount / 1e9);
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

impl SystemReport {
    /// The one table: notes and holders down, outcomes beside each other.
    fn losses(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("note or holder", Left),
            ("base", Right),
            ("first round", Right),
            ("final", Right),
            ("itself", Right),
            ("ring", Right),
            ("households", Right),
            ("price impact", Right),
        ];
        let mut table = Table::new("Lost by each note and each holder", &columns);
        for line in &self.lines {
            let (name, base) = match line.kind {
                "note" => (format!("{} {}", line.deal, line.name), super::figure(line.base, 3)),
                _ => (line.name.clone(), line.base.map_or("-".to_owned(), billions)),
            };
            let parts = [line.first, line.total, line.direct, line.ring, line.households, line.price_impact];
            let mut row = vec![line.outcome.clone(), name, base];
            row.extend(parts.map(lost));
            table.row(row);
        }
        table.note("Notes: of the price per 100 in their base scenario at closing. Holders: of equity, in billions of dollars; negative: a gain.");
        table
    }

    fn failures(&self) -> Table {
        use Align::{Left, Right};
        let mut table = Table::new(
            "Parties that cannot pay",
            &[("outcome", Left), ("party", Left), ("year", Right), ("unpaid", Right)],
        );
        for line in &self.defaults {
            let shortfall = super::shown(crate::Currency::USD, &line.shortfall);
            table.row([line.outcome.clone(), line.party.clone(), line.year.to_string(), shortfall]);
        }
        for sale in &self.sales {
            table.note(format!(
                "{}: {} rounds of sales, {} billion dollars, {}.",
                sale.outcome,
                sale.rounds,
                billions(sale.sold),
                sale.end.replace('_', " ")
            ));
        }
        table
    }

    fn network(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("backlog of", Left),
            ("dollars", Right),
            ("unfunded", Right),
            ("on promises", Right),
            ("largest customer", Left),
            ("its share", Right),
            ("concentration", Right),
        ];
        let mut table = Table::new("Binding backlogs and what they rest on", &columns);
        for line in &self.backlogs {
            table.row([
                line.party.clone(),
                super::shown(crate::Currency::USD, &line.backlog),
                lost(line.unfunded),
                lost(line.on_promises),
                line.largest.clone(),
                lost(line.largest_share),
                format!("{:.3}", line.concentration),
            ]);
        }
        for ring in &self.rings {
            table.note(format!("Ring: {}: {}.", ring.ring, super::shown(crate::Currency::USD, &ring.flow)));
        }
        table
    }

    fn together(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("note", Left),
            ("holder", Left),
            ("note fails", Right),
            ("holder fails", Right),
            ("both", Right),
            ("error", Right),
        ];
        let mut table = Table::new("Failing together, over random paths", &columns);
        for line in self.joint.iter().filter(|line| line.note_fails > 0.0 && line.holder_fails > 0.0) {
            table.row([
                line.outcome.clone(),
                format!("{} {}", line.deal, line.class),
                line.holder.clone(),
                lost(line.note_fails),
                lost(line.holder_fails),
                lost(line.both),
                lost(line.both_error),
            ]);
        }
        table.note("Shown where both ever fail; the JSON has all.");
        table
    }

    fn moved(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("assumption", Left),
            ("defaults", Right),
            ("unpaid, bn", Right),
            ("notes lose", Right),
            ("holders lose, bn", Right),
            ("by price impact, bn", Right),
        ];
        let mut table = Table::new("One assumption moved at a time", &columns);
        for line in &self.sensitivities {
            table.row([
                line.outcome.clone(),
                line.assumption.to_owned(),
                line.defaults.to_string(),
                billions(line.unpaid),
                lost(line.notes),
                billions(line.holders),
                billions(line.price_impact),
            ]);
        }
        table
    }
}
