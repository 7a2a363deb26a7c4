//! How the systematic factors of a path are sampled.

use super::purpose;
use crate::math::random::Stream;
use libm::exp;

/// How paths are sampled. All draw from the same model; they differ in how fast errors shrink.
#[derive(Clone, Debug)]
pub(super) struct Sampling {
    /// Added to the first factor, in standard deviations; paths are weighted back.
    tilt: f64,
}

impl Sampling {
    pub fn new(_factors: usize, _replicates: Option<usize>, tilt: f64, _seed: u64) -> Sampling {
        Sampling { tilt }
    }

    /// Independent replicates that paths are dealt to, by path number modulo this; 1 when every path is
    /// independent of the others.
    pub fn replicates(&self) -> usize {
        1
    }

    /// Draws the factors of a path as standard normals, and returns the path's likelihood ratio: 1 without
    /// importance sampling.
    pub fn draw(&self, seed: u64, path: u64, factors: &mut [f64]) -> f64 {
        let mut stream = Stream::new(seed, path, purpose::FACTORS);
        factors.iter_mut().for_each(|factor| *factor = stream.normal());
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
