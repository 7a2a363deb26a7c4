//! Random states of the world: a scripted scenario, and chance around it.
//!
//! A [`Generator`] draws the same [`Scenario`] object that scripts describe, overwriting one in place. A
//! draw depends on the seed, the path's number and what it is for, on nothing else: paths come out the same
//! in any order, on any thread, in any batch.

mod compute;
mod defaults;
mod law;
mod place;
mod rents;
mod resolve;
mod sampling;

pub(crate) use place::{Place, SharedFactors, own_factors, pool_seed};
pub use resolve::{Draws, Shift};

use super::state::Scenario;
use crate::credit::{Copula, DefaultCurve, Loadings, Measure};
use crate::math::random::Stream;
use compute::ComputeProcess;
use defaults::Defaults;
use rents::RentProcess;
use sampling::Sampling;

/// What a stream of random numbers is for. Part of what a draw depends on: never renumbered.
mod purpose {
    pub const FACTORS: u32 = 1;
    pub const MIXING: u32 = 2;
    pub const RESIDUALS: u32 = 3;
    pub const DEMAND: u32 = 4;
    pub const SCRAMBLING: u32 = 5;
    /// Seeds of the pools that a deal on notes stands on.
    pub const POOLS: u32 = 6;
    pub const SCARCITY: u32 = 7;
    pub const GENERATIONS: u32 = 8;
    /// The first market's; the others follow.
    pub const MARKET: u32 = 1 << 16;
}

/// The seeds of what a pool draws once its factors are known: one and the same where it stands alone.
#[derive(Clone, Copy, Debug)]
struct Seeds {
    own: u64,
    mixing: u64,
    demand: u64,
}

/// Obligors that share a latent variable: its loadings, and each tenant with its default curve.
pub(crate) type ObligorGroup<'g> = (&'g Loadings, Vec<(usize, &'g DefaultCurve)>);

/// Draws scenarios around a scripted one, for one pool.
#[derive(Clone, Debug)]
pub struct Generator {
    base: Scenario,
    measure: Measure,
    draws: Draws,
    /// The seed of what no other pool shares: factors but AI demand, residuals, mixing, each market's own.
    own_seed: u64,
    sampling: Sampling,
    factors: usize,
    /// The factor that is AI demand.
    ai_demand: Option<usize>,
    copula: Copula,
    defaults: Defaults,
    rents: Vec<RentProcess>,
    compute: Option<Box<ComputeProcess>>,
}

/// One path's state of the world, and scratch that is reused from path to path.
#[derive(Clone, Debug)]
pub struct World {
    /// The state of the world.
    pub scenario: Scenario,
    /// The systematic factors, as standard normals.
    factors: Vec<f64>,
    /// Yearly changes of AI demand.
    demand: Vec<f64>,
    /// Yearly changes of one market's own.
    own: Vec<f64>,
    defaults: defaults::Scratch,
    compute: Option<Box<compute::Scratch>>,
}

impl World {
    /// The systematic factors of the path as standard normals, in the order of the risk model.
    pub fn factors(&self) -> &[f64] {
        &self.factors
    }
}

impl Generator {
    /// The same AI demand on every path as another pool's of one seed, and draws of its own for all else.
    #[cfg(feature = "studies")]
    pub(crate) fn with_own_seed(self, own_seed: u64) -> Generator {
        Generator { own_seed, ..self }
    }

    /// Which default probabilities these are.
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// How many random draws there are, and how they are made.
    pub fn draws(&self) -> Draws {
        self.draws
    }

    /// Independent replicates that paths are dealt to, by path number modulo this.
    pub fn replicates(&self) -> usize {
        self.sampling.replicates()
    }

    /// The scripted scenario around which paths vary.
    pub fn base(&self) -> &Scenario {
        &self.base
    }

    /// The factor that is AI demand, if there is one.
    pub(crate) fn ai_demand(&self) -> Option<usize> {
        self.ai_demand
    }

    /// How latent variables depend on each other.
    pub(crate) fn copula(&self) -> Copula {
        self.copula
    }

    /// Groups of obligors that share a latent variable; `None` if intensities follow the path, so that no curve says when a tenant defaults.
    pub(crate) fn obligor_groups(&self) -> Option<Vec<ObligorGroup<'_>>> {
        let Defaults { classes, groups, follow_coverage, .. } = &self.defaults;
        let mut found = Vec::with_capacity(groups.len());
        for class in classes {
            for group in &groups[class.groups.clone()] {
                let members = group.members.iter().map(|member| (member.tenant, &member.curve));
                found.push((class.latent.loadings(), members.collect()));
            }
        }
        (!follow_coverage).then_some(found)
    }

    /// Room for one path. No later draw allocates.
    pub fn world(&self) -> World {
        World {
            scenario: self.base.clone(),
            factors: vec![0.0; self.factors],
            demand: vec![0.0; rents::steps(self.base.months)],
            own: vec![0.0; rents::steps(self.base.months)],
            defaults: self.defaults.scratch(),
            compute: self.compute.as_ref().map(|process| Box::new(process.scratch())),
        }
    }

    /// Draws path number `path` into `world`, market rents for the first `months` months only, and returns
    /// how much the path counts: 1, or its likelihood ratio under importance sampling.
    pub fn draw(&self, path: u64, months: usize, world: &mut World) -> f64 {
        let seed = self.draws.seed;
        let weight = self.sampling.draw(seed, path, &mut world.factors);
        if self.own_seed != seed {
            let mut own = Stream::new(self.own_seed, path, purpose::FACTORS);
            for (factor, value) in world.factors.iter_mut().enumerate() {
                let drawn = own.normal();
                if Some(factor) != self.ai_demand {
                    *value = drawn;
                }
            }
        }
        self.follow(Seeds { own: self.own_seed, mixing: self.own_seed, demand: seed }, path, months, world);
        weight
    }

    /// Draws all that follows once the factors of a path are known.
    fn follow(&self, seeds: Seeds, path: u64, months: usize, world: &mut World) {
        if !self.rents.is_empty() || self.compute.is_some() {
            let factor = self.ai_demand.map(|factor| world.factors[factor]);
            let mut stream = Stream::new(seeds.demand, path, purpose::DEMAND);
            rents::demand(factor, &mut stream, &mut world.demand);
            self.market_rents(seeds.own, path, months, world);
            // There is one price of compute, as there is one AI demand.
            self.compute(seeds.demand, path, months, world);
        }
        let World { scenario, factors, defaults, .. } = &mut *world;
        let Scenario { compute_price, defaults: struck, .. } = scenario;
        self.defaults.draw(seeds, path, factors, defaults, compute_price, struck);
    }

    fn compute(&self, seed: u64, path: u64, months: usize, world: &mut World) {
        let (Some(process), Some(scratch)) = (&self.compute, &mut world.compute) else { return };
        // Defaults that follow coverage need all of the price's path.
        let priced = if self.defaults.follow_coverage { self.base.months } else { months };
        process.draw(seed, path, priced, &world.demand, scratch, &mut world.scenario);
        if process.moves_rents() {
            let own = |market: &usize| self.rents.iter().all(|process| process.market != *market);
            let markets = self.base.market_rent.len() / self.base.months.max(1);
            for market in (0..markets).filter(own) {
                let range =
                    market * self.base.months..market * self.base.months + months.min(self.base.months);
                world.scenario.market_rent[range.clone()].copy_from_slice(&self.base.market_rent[range]);
            }
            process.move_rents(scratch, months, self.base.months, &mut world.scenario.market_rent);
        }
    }

    fn market_rents(&self, seed: u64, path: u64, months: usize, world: &mut World) {
        let all = self.base.months;
        for process in &self.rents {
            let mut stream = Stream::new(seed, path, purpose::MARKET + process.market as u32);
            let range = process.market * all..process.market * all + months.min(all);
            let scripted = &self.base.market_rent[range.clone()];
            let rents = &mut world.scenario.market_rent[range];
            process.fill(scripted, &world.demand, &mut stream, &mut world.own, rents);
        }
    }
}
