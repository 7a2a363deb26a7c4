//! Joint tails: how often notes and holders fail together, over random paths.

use super::by_year::Means;
use super::commitments::PartyKind;
use super::holders::AssetKind;
use super::losses::FirstLosses;
use super::open::System;
use super::outcome::Outcome;
use super::random_deal::RandomDeal;
use super::run::{share_terms, terms};
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::Ratio;
use libm::exp;
use std::ops::Range;

/// What varies in the system with AI demand, beside what each deal's risk model says. Choices, not estimates.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Chance {
    /// Everything random follows from it.
    pub seed: u64,
    /// Standard deviation of the logarithm of what laboratories and neoclouds raise and earn.
    pub means_volatility: f64,
    /// Standard deviation of the logarithm of the price of shares.
    pub equity_volatility: f64,
    /// The loss, as a share of its base price, at which a note has failed.
    pub note_loss: f64,
}

impl Default for Chance {
    fn default() -> Chance {
        Chance { seed: 1, means_volatility: 0.4, equity_volatility: 0.25, note_loss: 0.05 }
    }
}

/// Counts over paths; nothing is kept of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointTails {
    /// Paths run.
    pub paths: u64,
    /// The notes: deal and class.
    pub notes: Vec<(String, String)>,
    /// The groups of holders.
    pub groups: Vec<String>,
    /// Paths on which each note failed.
    pub note_failures: Vec<u64>,
    /// Paths on which each group's equity fell below zero.
    pub group_failures: Vec<u64>,
    /// `note * groups + group`: paths on which both did.
    pub both: Vec<u64>,
}

impl JointTails {
    /// Adds the counts of other paths of the same system.
    pub fn merge(&mut self, other: &JointTails) {
        self.paths += other.paths;
        let add =
            |to: &mut Vec<u64>, from: &[u64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        add(&mut self.note_failures, &other.note_failures);
        add(&mut self.group_failures, &other.group_failures);
        add(&mut self.both, &other.both);
    }
}

/// Paths between two questions whether to go on.
const WAVE: u64 = 128;

/// Paths that a thread takes at a time.
#[cfg(feature = "parallel")]
const PIECE: u64 = 4;

impl System {
    /// Runs an outcome over random paths, on all threads at hand.
    ///
    /// One factor, AI demand, is common: its normal of a path is the same in every deal, and it moves what
    /// laboratories and neoclouds raise and earn and the price of shares, each as `exp(s z - s^2 / 2)` with mean 1.
    /// Everything else that a deal's `risk.toml` draws is the deal's own, for each deal has a seed of its own for
    /// it. A tenant that is a party of the network defaults by the network alone, or where the scenario says so: its
    /// draw from the copula is set aside. A deal without a risk model is as scripted; a deal on notes of others is
    /// left out.
    ///
    /// A path is a function of the seed and its number, and counts are whole numbers: those of ranges merge into
    /// those of the whole, and threads change nothing. Only counts are kept of a path.
    ///
    /// # Errors
    /// As [`System::run`] and [`crate::scenario::Risk::resolve`]; [`Error::Input`] if a risk model has AI demand and
    /// not as its first factor.
    pub fn joint_tails(&self, name: &str, chance: Chance, paths: Range<u64>) -> Result<JointTails, Error> {
        self.joint_tails_while(name, chance, paths, |_| true)
    }

    /// [`System::joint_tails`] as long as `go_on` says so. It is asked now and then with what has been done so far: a
    /// stretch of paths from the first on, whatever the threads.
    ///
    /// # Errors
    /// As [`System::joint_tails`].
    pub fn joint_tails_while(
        &self,
        name: &str,
        chance: Chance,
        paths: Range<u64>,
        mut go_on: impl FnMut(&JointTails) -> bool,
    ) -> Result<JointTails, Error> {
        let outcome = self.outcome(name)?.value;
        let walker = Walker::new(self, &outcome, chance)?;
        let mut done = walker.nothing.clone();
        let mut from = paths.start;
        while from < paths.end {
            let to = from.saturating_add(WAVE).min(paths.end);
            done.merge(&walker.wave(from..to)?);
            from = to;
            if !go_on(&done) {
                break;
            }
        }
        Ok(done)
    }
}

/// Walks paths; each thread has one.
#[derive(Clone)]
struct Walker<'s> {
    system: &'s System,
    outcome: &'s Outcome,
    chance: Chance,
    means: Means,
    deals: Vec<RandomDeal<'s>>,
    /// The counts of no path.
    nothing: JointTails,
}

impl<'s> Walker<'s> {
    fn new(system: &'s System, outcome: &'s Outcome, chance: Chance) -> Result<Walker<'s>, Error> {
        let worlds = system.worlds(outcome, &[])?;
        let means = Means { fails: system.scripted_failures(&worlds), ..system.shocked(outcome) };
        // Deals on notes of others have no pool to draw; their own simulation follows them down.
        let own = worlds.into_iter().filter(|world| world.base.folder.collateral().is_none());
        let deals = own
            .enumerate()
            .map(|(place, world)| RandomDeal::new(system, world, chance.seed, place as u64))
            .collect::<Result<Vec<_>, _>>()?;
        let notes: Vec<(String, String)> = deals.iter().flat_map(RandomDeal::classes).collect();
        let groups: Vec<String> = system.holders.groups().iter().map(|group| group.id.clone()).collect();
        let nothing = JointTails {
            paths: 0,
            note_failures: vec![0; notes.len()],
            group_failures: vec![0; groups.len()],
            both: vec![0; notes.len() * groups.len()],
            notes,
            groups,
        };
        Ok(Walker { system, outcome, chance, means, deals, nothing })
    }

    fn walk(&mut self, paths: Range<u64>) -> Result<JointTails, Error> {
        let mut tails = self.nothing.clone();
        for path in paths {
            self.count(path, &mut tails)?;
        }
        Ok(tails)
    }

    #[cfg(feature = "parallel")]
    fn wave(&self, paths: Range<u64>) -> Result<JointTails, Error> {
        use rayon::prelude::*;
        let end = paths.end;
        let piece = |from: u64| from..from.saturating_add(PIECE).min(end);
        let pieces: Vec<Range<u64>> = paths.step_by(PIECE as usize).map(piece).collect();
        let walked = pieces.into_par_iter().map_init(|| self.clone(), |walker, piece| walker.walk(piece));
        let merged = |left: Result<JointTails, Error>, right: Result<JointTails, Error>| {
            let mut left = left?;
            left.merge(&right?);
            Ok(left)
        };
        walked.reduce(|| Ok(self.nothing.clone()), merged)
    }

    #[cfg(not(feature = "parallel"))]
    fn wave(&self, paths: Range<u64>) -> Result<JointTails, Error> {
        self.clone().walk(paths)
    }

    fn count(&mut self, path: u64, tails: &mut JointTails) -> Result<(), Error> {
        let Walker { system, outcome, chance, means, deals, .. } = self;
        let mut demand = None;
        for deal in deals.iter_mut() {
            demand = deal.draw(path).or(demand);
        }
        // Without any risk model nothing is random.
        let demand = demand.unwrap_or(0.0);
        let moved = system.moved_by_demand(means, demand, chance.means_volatility);
        let cascade = system.network.cascade(&moved, terms(outcome))?;
        let mut notes = Vec::with_capacity(tails.notes.len());
        for deal in deals.iter_mut() {
            deal.notes(system, outcome, &cascade, &mut notes)?;
        }
        let parties = system.network.equity_losses(&cascade, share_terms(outcome));
        let (network, defaulted) = (&system.network, cascade.defaulted.as_slice());
        let losses = FirstLosses { network, outcome, parties: &parties, defaulted, notes: &notes };
        // exp(s z - s^2 / 2)
        let s = chance.equity_volatility;
        let shares = exp(s * demand - 0.5 * s * s);
        let fall = |asset: &super::AssetTerms| {
            let first = losses.of(asset).first().min(1.0);
            if asset.kind == AssetKind::Equity { 1.0 - (1.0 - first) * shares } else { first }
        };
        let falls: Vec<f64> = system.holders.assets().iter().map(fall).collect();
        let sale = system.holders.fire_sale(&falls)?;
        tails.paths += 1;
        let failed: Vec<bool> = notes.iter().map(|note| note.losses.first() >= chance.note_loss).collect();
        for (group, _) in sale.groups.iter().enumerate().filter(|(_, of)| of.equity < 0.0) {
            tails.group_failures[group] += 1;
            for (note, _) in failed.iter().enumerate().filter(|(_, failed)| **failed) {
                tails.both[note * sale.groups.len() + group] += 1;
            }
        }
        tails.note_failures.iter_mut().zip(failed).for_each(|(count, failed)| *count += u64::from(failed));
        Ok(())
    }
}

impl System {
    fn moved_by_demand(&self, means: &Means, demand: f64, volatility: f64) -> Means {
        let factor = exp(volatility * demand - 0.5 * volatility * volatility);
        let factor = Ratio::new((factor * 1e9) as i128, 1_000_000_000).unwrap_or(Ratio::ONE);
        let (mut moved, years) = (means.clone(), self.network.years());
        let exposed =
            [PartyKind::AiLab, PartyKind::Neocloud].into_iter().flat_map(|kind| self.network.of_kind(kind));
        for place in exposed.flat_map(|party| party * years..(party + 1) * years) {
            for amount in [&mut moved.funding[place], &mut moved.operating[place]] {
                if *amount > Money::ZERO {
                    *amount = factor.of(*amount, Rounding::HalfEven).unwrap_or(*amount);
                }
            }
        }
        moved
    }
}
