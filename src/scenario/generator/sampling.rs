//! How the systematic factors of a path are sampled.

use super::purpose;
use crate::error::Error;
use crate::math::normal::inverse_cdf;
use crate::math::random::Stream;
use crate::math::sobol::{Scramble, Sobol};
use libm::exp;

/// How paths are sampled. All draw from the same model; they differ in how fast errors shrink.
#[derive(Clone, Debug)]
pub(super) struct Sampling {
    /// For each replicate an independently scrambled Sobol' sequence of the factors; none: independent paths.
    replicates: Vec<Sobol>,
    /// Added to the first factor, in standard deviations; paths are weighted back.
    tilt: f64,
}

impl Sampling {
    /// # Errors
    /// [`Error::Argument`] if there are more factors than the sequence has dimensions, replicates are not from
    /// 2 to 1024, or the tilt is not from -5 to 5: beyond, likelihood ratios pass
    /// what a block's sums can hold.
    pub fn new(factors: usize, replicates: Option<usize>, tilt: f64, seed: u64) -> Result<Sampling, Error> {
        if !(-5.0..=5.0).contains(&tilt) {
            let expected = "from -5 to 5 standard deviations";
            return Err(Error::Argument { argument: "tilt", found: tilt, expected });
        }
        if let Some(found) = replicates.filter(|replicates| !(2..=1_024).contains(replicates)) {
            let expected = "from 2 to 1024: errors come from the spread of replicates";
            return Err(Error::Argument { argument: "sobol_replicates", found: found as f64, expected });
        }
        let scrambled = |replicate: u64| {
            let seed = Stream::new(seed, replicate, purpose::SCRAMBLING).u64();
            Sobol::new(factors.max(1), Scramble::Owen { seed })
        };
        let replicates = replicates.map_or(0, |replicates| replicates as u64);
        Ok(Sampling { replicates: (0..replicates).map(scrambled).collect::<Result<_, _>>()?, tilt })
    }

    /// Independent replicates that paths are dealt to, by path number modulo this; 1 when every path is
    /// independent of the others.
    pub fn replicates(&self) -> usize {
        self.replicates.len().max(1)
    }

    /// Draws the factors of a path as standard normals, and returns the path's likelihood ratio: 1 without
    /// importance sampling.
    pub fn draw(&self, seed: u64, path: u64, factors: &mut [f64]) -> f64 {
        let replicates = self.replicates.len() as u64;
        match path.checked_rem(replicates).and_then(|replicate| self.replicates.get(replicate as usize)) {
            Some(sequence) => {
                sequence.point_into((path / replicates) as u32, factors);
                factors.iter_mut().for_each(|factor| *factor = inverse_cdf(*factor));
            }
            None => {
                let mut stream = Stream::new(seed, path, purpose::FACTORS);
                factors.iter_mut().for_each(|factor| *factor = stream.normal());
            }
        }
        self.tilt(factors)
    }

    /// Moves the first factor and returns the likelihood ratio:
    /// `phi(m) / phi(m - tilt) = exp(tilt^2 / 2 - tilt m)` at the moved value `m`.
    fn tilt(&self, factors: &mut [f64]) -> f64 {
        match factors.first_mut() {
            Some(first) if self.tilt != 0.0 => {
                *first += self.tilt;
                exp(0.5 * self.tilt * self.tilt - self.tilt * *first)
            }
            _ => 1.0,
        }
    }
}
