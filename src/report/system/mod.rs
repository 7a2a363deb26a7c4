//! `leasefall system`: each note and each holder in every outcome, side by side.

mod lines;
mod picture;
mod sensitivity;
mod stated;
mod tables;

pub use picture::{NetworkPicture, PictureArrow, PictureNode};
pub use sensitivity::{AssumptionLine, SystemSensitivityLine};

use super::{Report, Table, records};
use crate::error::Error;
use crate::study::system::{Chance, JointTails, Promises, Rings, System};
use lines::{backlog_line, defaults, lines, parties, ring_line, sales};
use picture::picture;
use sensitivity::{LEVERS, assumptions, sensitivity};
use serde::Serialize;

/// The system around the deals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemReport {
    /// A line per note, group of holders and outcome.
    pub lines: Vec<SystemLine>,
    /// A line per party in default, and outcome.
    pub defaults: Vec<DefaultLine>,
    /// A line per party to which failures of others cost something, and outcome.
    pub parties: Vec<PartyLine>,
    /// How sales ended, by outcome.
    pub sales: Vec<SaleLine>,
    /// Rings of binding promises.
    pub rings: Vec<RingLine>,
    /// Whether these are all the rings there are.
    pub rings_complete: bool,
    /// Backlogs and what they rest on.
    pub backlogs: Vec<BacklogLine>,
    /// Every figure that the outcomes, the commitments and the holders state, with its mark.
    pub assumptions: Vec<AssumptionLine>,
    /// One assumption moved at a time.
    pub sensitivities: Vec<SystemSensitivityLine>,
    /// What varies on random paths, chosen; none if no paths were asked for.
    pub chance: Option<Chance>,
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

/// A party in default.
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
    /// `network` if it could not pay, `scenario` if a deal's scenario says that it fails.
    pub cause: &'static str,
}

/// What failures of others cost a party.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartyLine {
    /// The outcome.
    pub outcome: String,
    /// The party.
    pub party: String,
    /// What it cost, in dollars.
    pub cost: f64,
    /// What its shares were worth; none if the file does not say.
    pub equity: Option<f64>,
    /// Dollars that are more than its equity: its creditors'.
    pub beyond: f64,
    /// What its shares lose, as a fraction.
    pub share_loss: f64,
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
            parties: results.iter().flat_map(parties).collect(),
            sales: results.iter().map(sales).collect(),
            rings: found.rings.iter().map(|ring| ring_line(system, ring)).collect(),
            rings_complete: found.complete,
            backlogs: backlogs.iter().map(|backlog| backlog_line(system, backlog)).collect(),
            assumptions: assumptions(system, &names)?,
            sensitivities: moved,
            chance: None,
            joint: Vec::new(),
            network: picture(system, &results),
        })
    }

    /// The same with joint tails around an outcome.
    #[must_use]
    pub fn with_joint_tails(mut self, outcome: &str, chance: Chance, tails: &JointTails) -> SystemReport {
        self.chance = Some(chance);
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

impl Report for SystemReport {
    fn csv(&self) -> String {
        [
            records(&self.lines),
            records(&self.defaults),
            records(&self.parties),
            records(&self.sales),
            records(&self.rings),
            records(&self.backlogs),
            records(&self.assumptions),
            records(&self.sensitivities),
            records(&self.joint),
        ]
        .into_iter()
        .filter(|list| !list.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
    }

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.losses(), self.failures(), self.shares(), self.network()];
        if !self.sensitivities.is_empty() {
            tables.extend([self.assumed(), self.moved()]);
        }
        if !self.joint.is_empty() {
            tables.push(self.together());
        }
        tables
    }
}
