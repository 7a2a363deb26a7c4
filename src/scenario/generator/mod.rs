//! Random states of the world: a scripted scenario, and chance around it.
//!
//! A [`Generator`] draws the same [`Scenario`] object that scripts describe, overwriting one in place. A
//! draw depends on the seed, the path's number and what it is for, on nothing else: paths come out the same
//! in any order, on any thread, in any batch.

mod compute;
mod defaults;
mod law;
mod lines;
mod place;
mod rents;
mod resolve;
mod resolve_lines;
mod resolve_obligors;
mod resolve_processes;
mod sampling;

pub(crate) use place::{Place, SharedFactors, own_factors, pool_seed};
pub use resolve::{Draws, Shift};

use super::state::Scenario;
use crate::credit::{Copula, DefaultCurve, Loadings, Measure};
use crate::math::normal::inverse_cdf_in_place;
use crate::math::random::Stream;
use compute::ComputeProcess;
use defaults::Defaults;
use lines::LineClass;
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

/// Loadings of a group of obligors, and each member's tenant and default curve.
pub(crate) type ObligorGroup<'a> = (&'a Loadings, Vec<(usize, &'a DefaultCurve)>);

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
    /// Representative lines that the factors move.
    lines: Vec<LineClass>,
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
    /// All normals of a path's processes, drawn at once.
    normals: Vec<f64>,
    /// What multiplies market rents where nothing does.
    unmoved: Vec<f64>,
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

    /// Groups of obligors that share a latent variable, each with its loadings and its members: the tenant and its
    /// default curve; `None` if intensities follow the path, so that no curve says when a tenant defaults.
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
            normals: vec![0.0; self.pieces(self.base.months).iter().sum()],
            unmoved: if self.rents.is_empty() { Vec::new() } else { vec![1.0; self.base.months] },
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
            self.processes(seeds, path, months.min(self.base.months), world);
        }
        if !self.lines.is_empty() {
            let mixing = self.defaults.mixing(seeds, path);
            for class in &self.lines {
                class.draw(&self.defaults.law, &world.factors, mixing, months, &mut world.scenario.lines);
            }
        }
        let World { scenario, factors, defaults, .. } = &mut *world;
        let Scenario { compute_price, defaults: struck, .. } = scenario;
        self.defaults.draw(seeds, path, factors, defaults, compute_price, struck);
    }

    /// How many normals the processes take over so many months: yearly changes of AI demand, each market's own, gaps
    /// between generations, monthly shocks of the price of compute.
    fn pieces(&self, months: usize) -> [usize; 4] {
        let markets = self.rents.len() * rents::steps(months);
        let [gaps, shocks] = match &self.compute {
            Some(process) => process.normals(process.reach(self.priced(months), &self.base)),
            None => [0, 0],
        };
        [rents::steps(self.base.months), markets, gaps, shocks]
    }

    /// Months of the price of compute that a path of so many takes: defaults that follow coverage need all.
    fn priced(&self, months: usize) -> usize {
        if self.defaults.follow_coverage { self.base.months } else { months }
    }

    /// Draws market rents and the price of compute over the first `months` months.
    fn processes(&self, seeds: Seeds, path: u64, months: usize, world: &mut World) {
        let World { scenario, factors, normals, unmoved, compute, .. } = world;
        let pieces = self.pieces(months);
        let normals = &mut normals[..pieces.iter().sum()];
        let [demand, own, gaps, shocks] = split(normals, pieces);
        // There is one price of compute, as there is one AI demand.
        let shared = |purpose| Stream::new(seeds.demand, path, purpose);
        shared(purpose::DEMAND).fill_uniform(demand);
        let years = rents::steps(months);
        for (process, own) in self.rents.iter().zip(own.chunks_exact_mut(years.max(1))) {
            let purpose = purpose::MARKET + process.market as u32;
            Stream::new(seeds.own, path, purpose).fill_uniform(own);
        }
        shared(purpose::GENERATIONS).fill_uniform(gaps);
        shared(purpose::SCARCITY).fill_uniform(shocks);
        inverse_cdf_in_place(normals);

        let [demand, own, gaps, shocks] = split(normals, pieces);
        rents::demand(self.ai_demand.map(|factor| factors[factor]), demand);
        let mut link = &unmoved[..];
        if let (Some(process), Some(scratch)) = (&self.compute, compute) {
            let reach = process.reach(self.priced(months), scenario);
            process.draw(reach, demand, gaps, shocks, scratch, scenario);
            if process.moves_rents() {
                link = &scratch.link;
                self.move_scripted(link, months, &mut scenario.market_rent);
            }
        }
        rents::levels(&self.rents, demand, years, own);
        let scripted = &self.base.market_rent;
        rents::fill(&self.rents, own, months, self.base.months, scripted, link, &mut scenario.market_rent);
    }

    /// Rents of markets without a process of their own: the scripted ones, times what multiplies them in the month.
    fn move_scripted(&self, link: &[f64], months: usize, rents: &mut [f64]) {
        let all = self.base.months.max(1);
        let scripted = self.base.market_rent.chunks(all);
        for (market, (rents, scripted)) in rents.chunks_mut(all).zip(scripted).enumerate() {
            if self.rents.iter().all(|process| process.market != market) {
                for ((rent, scripted), link) in rents.iter_mut().zip(scripted).zip(link).take(months) {
                    *rent = scripted * link;
                }
            }
        }
    }
}

/// Pieces of a slice, one after the other; empty where it ends early.
fn split(mut values: &mut [f64], lengths: [usize; 4]) -> [&mut [f64]; 4] {
    lengths.map(|length| {
        let all = std::mem::take(&mut values);
        let (piece, rest) = all.split_at_mut(length.min(all.len()));
        values = rest;
        piece
    })
}
