//! One pool among several: draws of its own, and factors that it shares with the others.

use super::sampling::Sampling;
use super::{Draws, Generator, World, purpose};
use crate::error::Error;
use crate::math::random::Stream;

/// Where a pool stands among others: from which streams it draws, and which factors it is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    /// The seed of all that is the pool's own.
    pub seed: u64,
    /// The seed of a copula's mixing variable, which all pools share.
    pub mixing: u64,
    /// The seed of the path on which AI demand reaches its factor: the pool's own, or that of the deal
    /// whose factor it is.
    pub demand: u64,
    /// The pool's factors that are given: its place among the pool's, its place among those known.
    pub given: &'p [(usize, usize)],
    /// The factors that are known on this path, as standard normals.
    pub known: &'p [f64],
}

impl Generator {
    /// [`Generator::draw`] for a pool among others. A factor that is given takes the place of the one
    /// drawn, and nothing else moves.
    pub(crate) fn draw_at(&self, path: u64, months: usize, place: &Place<'_>, world: &mut World) {
        own_factors(place.seed, path, &mut world.factors);
        for &(own, known) in place.given {
            world.factors[own] = place.known[known];
        }
        let seeds = super::Seeds { own: place.seed, mixing: place.mixing, demand: place.demand };
        self.follow(seeds, path, months, world);
    }
}

/// Factors of a path, drawn from a seed's own stream.
pub(crate) fn own_factors(seed: u64, path: u64, factors: &mut [f64]) {
    let mut stream = Stream::new(seed, path, purpose::FACTORS);
    factors.iter_mut().for_each(|factor| *factor = stream.normal());
}

/// The seed of a pool that stands at a place below another deal, or below a copy of one.
pub(crate) fn pool_seed(above: u64, place: u64) -> u64 {
    Stream::new(above, place, purpose::POOLS).u64()
}

/// Factors that several pools share, sampled as those of one pool are.
#[derive(Clone, Debug)]
pub(crate) struct SharedFactors {
    sampling: Sampling,
    draws: Draws,
}

impl SharedFactors {
    /// # Errors
    /// [`Error::Argument`] if the draws are out of bounds, or there is no shared factor that importance
    /// sampling could move or a sequence could draw.
    pub fn new(factors: usize, draws: Draws) -> Result<SharedFactors, Error> {
        let some = factors > 0;
        let expected = "0, for the pools share no factor that it could move";
        Error::unless(some || draws.tilt == 0.0, "tilt", draws.tilt, expected)?;
        let expected = "none, for the pools share no factor that a sequence could draw";
        let found = draws.sobol_replicates.unwrap_or(0) as f64;
        Error::unless(some || draws.sobol_replicates.is_none(), "sobol_replicates", found, expected)?;
        let sampling = Sampling::new(factors, draws.sobol_replicates, draws.tilt, draws.seed)?;
        Ok(SharedFactors { sampling, draws })
    }

    pub fn draws(&self) -> Draws {
        self.draws
    }

    pub fn replicates(&self) -> usize {
        self.sampling.replicates()
    }

    /// Draws the factors of a path and returns how much the path counts.
    pub fn draw(&self, path: u64, factors: &mut [f64]) -> f64 {
        self.sampling.draw(self.draws.seed, path, factors)
    }
}
