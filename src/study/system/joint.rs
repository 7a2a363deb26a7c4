//! Joint tails: how often notes and holders fail together, over random paths.

use super::by_year::{Cascade, Means};
use super::commitments::PartyKind;
use super::outcome::Outcome;
use super::run::{DealBase, Losses, NoteResult, System, terms};
use crate::error::{Error, Problem, Problems};
use crate::money::{Money, Rounding};
use crate::ratio::Ratio;
use crate::scenario::{AI_DEMAND, Draws, Generator, Risk, Scenario, Script, World};
use crate::tape::FileFormat;
use crate::valuation::pricing_curve;
use libm::exp;
use std::collections::BTreeMap;
use std::ops::Range;

/// What varies in the system with AI demand, beside what each deal's risk model says. Choices, not estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
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

impl System {
    /// Runs an outcome over random paths.
    ///
    /// One factor, AI demand, is common: its normal of a path is the same in every deal, and it moves what
    /// laboratories and neoclouds raise and earn and the price of shares, each as `exp(s z - s^2 / 2)` with mean 1.
    /// Everything else that a deal's `risk.toml` draws is the deal's own, for each deal has a seed of its own for
    /// it. A tenant that is a party of the network defaults by the network alone: its draw from the copula is
    /// set aside. A deal without a risk model is as scripted; a deal on notes of others is left out.
    ///
    /// A path is a function of the seed and its number; counts of ranges merge into those of the whole.
    ///
    /// # Errors
    /// As [`System::run`] and [`Risk::resolve`]; [`Error::Input`] if a risk model has AI demand and not as its
    /// first factor.
    pub fn joint_tails(&self, name: &str, chance: Chance, paths: Range<u64>) -> Result<JointTails, Error> {
        let outcome = self.outcome(name)?.value;
        let mut deals = Vec::new();
        // Deals on notes of others have no pool to draw; their own simulation follows them down.
        let own = self.deals.iter().filter(|(_, base)| base.folder.collateral().is_none());
        for (place, (deal, base)) in own.enumerate() {
            deals.push(RandomDeal::new(self, deal, base, &outcome, name, chance.seed, place as u64)?);
        }
        let notes: Vec<(String, String)> = deals
            .iter()
            .flat_map(|deal| {
                deal.base.folder.deal().notes.iter().map(|note| (deal.name.to_owned(), note.id.clone()))
            })
            .collect();
        let groups: Vec<String> = self.holders.groups().iter().map(|group| group.id.clone()).collect();
        let mut tails = JointTails {
            paths: 0,
            note_failures: vec![0; notes.len()],
            group_failures: vec![0; groups.len()],
            both: vec![0; notes.len() * groups.len()],
            notes,
            groups,
        };
        let means = self.shocked(&outcome);
        for path in paths {
            self.count(&outcome, chance, &means, &mut deals, path, &mut tails)?;
        }
        Ok(tails)
    }

    fn count(
        &self,
        outcome: &Outcome,
        chance: Chance,
        means: &Means,
        deals: &mut [RandomDeal<'_>],
        path: u64,
        tails: &mut JointTails,
    ) -> Result<(), Error> {
        let mut demand = None;
        for deal in deals.iter_mut() {
            demand = deal.draw(path).or(demand);
        }
        // Without any risk model nothing is random.
        let demand = demand.unwrap_or(0.0);
        let moved = self.moved_by_demand(means, demand, chance.means_volatility);
        let cascade = self.network.cascade(&moved, terms(outcome))?;
        let mut notes = Vec::with_capacity(tails.notes.len());
        for deal in deals.iter_mut() {
            deal.notes(self, outcome, &cascade, &mut notes)?;
        }
        // exp(s z - s^2 / 2)
        let s = chance.equity_volatility;
        let shares = exp(s * demand - 0.5 * s * s);
        let falls: Vec<f64> = self
            .holders
            .assets()
            .iter()
            .enumerate()
            .map(|(asset, of)| {
                let first = self.asset_losses(asset, outcome, &notes, &cascade).first().min(1.0);
                if of.kind == super::holders::AssetKind::Equity {
                    1.0 - (1.0 - first) * shares
                } else {
                    first
                }
            })
            .collect();
        let sale = self.holders.fire_sale(&falls)?;
        tails.paths += 1;
        let failed: Vec<bool> = notes.iter().map(|note| note.losses.first() >= chance.note_loss).collect();
        for (group, of) in sale.groups.iter().enumerate() {
            if of.equity >= 0.0 {
                continue;
            }
            tails.group_failures[group] += 1;
            for (note, _) in failed.iter().enumerate().filter(|(_, failed)| **failed) {
                tails.both[note * sale.groups.len() + group] += 1;
            }
        }
        tails.note_failures.iter_mut().zip(failed).for_each(|(count, failed)| *count += u64::from(failed));
        Ok(())
    }

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

/// A deal whose paths are drawn.
struct RandomDeal<'s> {
    name: &'s str,
    base: &'s DealBase,
    script: Script,
    households: bool,
    generator: Option<(Generator, World)>,
    scripted: Scenario,
    /// The tenants that are parties of the network, by index of the pool.
    tenants: Vec<usize>,
    /// What a set of defaults in the network means for the deal: few sets come up.
    worlds: BTreeMap<Vec<Option<usize>>, Scenario>,
}

/// Sets of defaults that are remembered at most.
const MOST_WORLDS: usize = 256;

impl<'s> RandomDeal<'s> {
    fn new(
        system: &'s System,
        name: &'s str,
        base: &'s DealBase,
        outcome: &Outcome,
        file: &str,
        seed: u64,
        place: u64,
    ) -> Result<RandomDeal<'s>, Error> {
        let terms = outcome.deals.iter().find(|terms| terms.deal == name);
        let script = system.script(base, terms)?;
        system.refuse_two_defaults(name, &script, file)?;
        let scripted = base.folder.scripted(&script)?;
        let generator = match base.folder.risk()? {
            None => None,
            Some(risk) => {
                // A model without the factor shares nothing.
                let shared = risk.value.factors.iter().position(|factor| factor == AI_DEMAND);
                if shared.is_some_and(|factor| factor > 0) {
                    let found =
                        format!("`{}` first", risk.value.factors.first().map_or("nothing", String::as_str));
                    return Err(Error::Input(Problems::from(vec![Problem {
                        file: format!("{name}/{}", Risk::NAME),
                        ..risk.problem(
                            "factors",
                            found,
                            format!("`{AI_DEMAND}` first, the factor that deals share"),
                        )
                    }])));
                }
                let (pool, discount) = (base.folder.pool(), pricing_curve(base.folder.deal())?);
                let draws = Draws { seed, ..Draws::default() };
                let generator = risk.value.resolve(pool, scripted.clone(), &discount, draws, &risk)?;
                // An odd constant apart: what is a deal's own is no other's.
                let own = seed.wrapping_add((place + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
                let generator = generator.with_own_seed(own);
                let world = generator.world();
                Some((generator, world))
            }
        };
        let pool = base.folder.pool();
        let tenants =
            system.network.tenants_of(name).filter_map(|(_, tenant)| pool.tenant_index(tenant)).collect();
        let households = terms.is_some_and(|terms| terms.households);
        Ok(RandomDeal {
            name,
            base,
            script,
            households,
            generator,
            scripted,
            tenants,
            worlds: BTreeMap::new(),
        })
    }

    /// Draws the deal's path, and tells the normal of AI demand.
    fn draw(&mut self, path: u64) -> Option<f64> {
        let months = self.base.folder.months();
        let (generator, world) = self.generator.as_mut()?;
        generator.draw(path, months, world);
        generator.ai_demand().and_then(|factor| world.factors().get(factor)).copied()
    }

    fn notes(
        &mut self,
        system: &System,
        outcome: &Outcome,
        cascade: &Cascade,
        notes: &mut Vec<NoteResult>,
    ) -> Result<(), Error> {
        if self.worlds.len() >= MOST_WORLDS {
            self.worlds.clear();
        }
        if !self.worlds.contains_key(&cascade.defaulted) {
            let after = system.after_defaults(self.name, self.script.clone(), outcome, cascade, self.base);
            self.worlds.insert(cascade.defaulted.clone(), self.base.folder.scripted(&after)?);
        }
        let after = self.worlds.get(&cascade.defaulted).unwrap_or(&self.scripted);
        let run = match &mut self.generator {
            None => self.base.folder.run_in(after)?,
            Some((_, world)) => {
                for &tenant in &self.tenants {
                    world.scenario.defaults[tenant] = after.defaults[tenant];
                }
                world.scenario.events.clone_from(&after.events);
                world.scenario.refinancing = after.refinancing;
                self.base.folder.run_in(&world.scenario)?
            }
        };
        let prices = self.base.folder.prices(&run, &self.base.spreads)?;
        for (index, note) in self.base.folder.deal().notes.iter().enumerate() {
            let lost = self.base.fall(index, prices[index]);
            let losses = match self.households {
                true => Losses { households: lost, ..Losses::default() },
                false => Losses { direct: lost, ..Losses::default() },
            };
            let (deal, class) = (self.name.to_owned(), note.id.clone());
            notes.push(NoteResult { deal, class, base_price: self.base.prices[index], losses });
        }
        Ok(())
    }
}
