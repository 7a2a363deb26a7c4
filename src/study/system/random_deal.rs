//! A deal whose paths are drawn beside the network.

use super::by_year::Cascade;
use super::contagion::DealWorld;
use super::losses::Losses;
use super::open::{System, located};
use super::outcome::Outcome;
use super::run::NoteResult;
use crate::error::{Error, Problem, Problems};
use crate::scenario::{AI_DEMAND, Draws, Generator, Risk, Scenario, World};
use crate::tape::FileFormat;
use crate::valuation::pricing_curve;
use std::collections::BTreeMap;

/// A deal whose paths are drawn.
#[derive(Clone)]
pub(super) struct RandomDeal<'s> {
    world: DealWorld<'s>,
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
    pub fn new(
        system: &System,
        world: DealWorld<'s>,
        seed: u64,
        place: u64,
    ) -> Result<RandomDeal<'s>, Error> {
        let folder = &world.base.folder;
        let told = |error| located(world.name, error);
        let scripted = folder.resolve(&world.script.value, &world.script).map_err(told)?;
        let generator = match folder.risk().map_err(told)? {
            None => None,
            Some(risk) => {
                // A model without the factor shares nothing.
                let shared = risk.value.factors.iter().position(|factor| factor == AI_DEMAND);
                if shared.is_some_and(|factor| factor > 0) {
                    let found =
                        format!("`{}` first", risk.value.factors.first().map_or("nothing", String::as_str));
                    let expected = format!("`{AI_DEMAND}` first, the factor that deals share");
                    let file = format!("{}/{}", world.name, Risk::NAME);
                    let problem = Problem { file, ..risk.problem("factors", found, expected) };
                    return Err(Error::Input(Problems::from(vec![problem])));
                }
                let discount = pricing_curve(folder.deal()).map_err(told)?;
                let draws = Draws { seed, ..Draws::default() };
                let generator = risk
                    .value
                    .resolve(folder.pool(), scripted.clone(), &discount, draws, &risk)
                    .map_err(told)?;
                // An odd constant apart: what is a deal's own is no other's.
                let own = seed.wrapping_add((place + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
                let generator = generator.with_own_seed(own);
                let drawn = generator.world();
                Some((generator, drawn))
            }
        };
        let parties = system.network.tenants_of(world.name);
        let tenants = parties.filter_map(|(_, tenant)| folder.pool().tenant_index(tenant)).collect();
        Ok(RandomDeal { world, generator, scripted, tenants, worlds: BTreeMap::new() })
    }

    /// The deal and each of its classes.
    pub fn classes(&self) -> impl Iterator<Item = (String, String)> + use<'_, 's> {
        let notes = &self.world.base.folder.deal().notes;
        notes.iter().map(|note| (self.world.name.to_owned(), note.id.clone()))
    }

    /// Draws the deal's path, and tells the normal of AI demand.
    pub fn draw(&mut self, path: u64) -> Option<f64> {
        let months = self.world.base.folder.months();
        let (generator, drawn) = self.generator.as_mut()?;
        generator.draw(path, months, drawn);
        generator.ai_demand().and_then(|factor| drawn.factors().get(factor)).copied()
    }

    /// The notes on the path drawn, with what the network brings.
    pub fn notes(
        &mut self,
        system: &System,
        outcome: &Outcome,
        cascade: &Cascade,
        notes: &mut Vec<NoteResult>,
    ) -> Result<(), Error> {
        let base = self.world.base;
        if self.worlds.len() >= MOST_WORLDS {
            self.worlds.clear();
        }
        if !self.worlds.contains_key(&cascade.defaulted) {
            let recovery = outcome.defaults.landlord_recovery.value;
            let after = system.after_defaults(&self.world, recovery, cascade);
            let scenario = base.folder.resolve(&after, &self.world.script);
            let scenario = scenario.map_err(|error| located(self.world.name, error))?;
            self.worlds.insert(cascade.defaulted.clone(), scenario);
        }
        let after = self.worlds.get(&cascade.defaulted).unwrap_or(&self.scripted);
        let run = match &mut self.generator {
            None => base.folder.run_in(after)?,
            Some((_, drawn)) => {
                for &tenant in &self.tenants {
                    drawn.scenario.defaults[tenant] = after.defaults[tenant];
                }
                drawn.scenario.events.clone_from(&after.events);
                drawn.scenario.refinancing = after.refinancing;
                base.folder.run_in(&drawn.scenario)?
            }
        };
        let prices = base.folder.prices(&run, &base.spreads)?;
        for (index, note) in base.folder.deal().notes.iter().enumerate() {
            notes.push(NoteResult {
                deal: self.world.name.to_owned(),
                class: note.id.clone(),
                base_price: base.prices[index],
                // On a path all is one fall: the ways are told apart in the outcome itself.
                losses: Losses { direct: base.fall(index, prices[index]), ..Losses::default() },
            });
        }
        Ok(())
    }
}
