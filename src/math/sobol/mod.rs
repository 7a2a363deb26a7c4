//! Sobol's sequence: points that fill the unit cube more evenly than chance, by index and in any order.
//!
//! Averages over its points converge nearly as `1/n` for smooth functions, against `1/sqrt(n)` for random points.
//! Take `2^k` points, from a multiple of `2^k`, to have what the sequence promises. Scrambled by
//! [`Scramble::Owen`] or shifted by [`Scramble::Shift`] the estimate is random, and the spread over several seeds is
//! its error.

mod directions;
#[cfg(test)]
mod tests;

use super::random::Stream;
use crate::Error;
use directions::JOE_KUO_6;

/// What is done to the points so that they become random without losing their evenness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scramble {
    /// Nothing. Point 0 is the origin, and every seed is the same.
    #[default]
    None,
    /// One random number a dimension, added bit by bit without carry: each point is uniform, and dyadic intervals
    /// keep their counts.
    Shift {
        /// Which of the shifts.
        seed: u64,
    },
    /// Owen's nested uniform scrambling, by a hash in which a bit depends on those above it only: as the shift, and
    /// for smooth functions the error falls faster, to nearly `n^-1.5`.
    ///
    /// Source: Laine and Karras, "Stratified sampling for stochastic transparency" (2011); Burley, "Practical
    /// hash-based Owen scrambling", JCGT 9 (2020); the multipliers are Vegdahl's.
    Owen {
        /// Which of the scramblings.
        seed: u64,
    },
}

/// Sobol's sequence in a number of dimensions, with the directions of Joe and Kuo, in the order of Antonov and
/// Saleev (Gray code).
///
/// ```
/// use leasefall::math::sobol::{Scramble, Sobol};
/// let plain = Sobol::new(2, Scramble::None)?;
/// // The points of the paper: (0, 0), (1/2, 1/2), (3/4, 1/4), (1/4, 3/4), (3/8, 3/8), ...
/// assert_eq!(plain.bits(4, 0), 3 << 29);
///
/// // Scrambled points are uniform numbers strictly between 0 and 1.
/// let scrambled = Sobol::new(2, Scramble::Owen { seed: 1 })?;
/// let mut point = [0.0; 2];
/// scrambled.point_into(4, &mut point);
/// assert!(point.iter().all(|&u| u > 0.0 && u < 1.0));
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sobol {
    dimensions: Vec<Dimension>,
    scramble: Scramble,
}

#[derive(Clone, Debug)]
struct Dimension {
    /// Direction numbers, that of the lowest bit of the Gray code first.
    directions: [u32; 32],
    /// What the scramble draws for this dimension.
    key: u32,
}

impl Sobol {
    /// The most dimensions there are directions for.
    pub const MAX_DIMENSIONS: usize = JOE_KUO_6.len() + 1;

    /// The sequence in so many dimensions.
    ///
    /// # Errors
    /// [`Error::Argument`] unless `dimensions` is from 1 to [`Sobol::MAX_DIMENSIONS`].
    pub fn new(dimensions: usize, scramble: Scramble) -> Result<Sobol, Error> {
        if !(1..=Sobol::MAX_DIMENSIONS).contains(&dimensions) {
            return Err(Error::Argument {
                argument: "dimensions",
                found: dimensions as f64,
                expected: "a whole number from 1 to 128",
            });
        }
        let dimension = |at: usize| Dimension {
            directions: at.checked_sub(1).map_or_else(van_der_corput, |row| directions_of(JOE_KUO_6[row])),
            key: match scramble {
                Scramble::None => 0,
                Scramble::Shift { seed } | Scramble::Owen { seed } => {
                    // The upper half: a dimension is a path of its own.
                    (Stream::new(seed, at as u64, SCRAMBLE).u64() >> 32) as u32
                }
            },
        };
        Ok(Sobol { dimensions: (0..dimensions).map(dimension).collect(), scramble })
    }

    /// How many coordinates a point has.
    pub fn dimensions(&self) -> usize {
        self.dimensions.len()
    }

    /// One coordinate of a point, times 2^32. Zero in a dimension that the sequence does not have.
    pub fn bits(&self, index: u32, dimension: usize) -> u32 {
        self.dimensions.get(dimension).map_or(0, |dimension| self.scrambled(dimension, gray(index)))
    }

    /// Writes the coordinates of a point, each strictly between 0 and 1: the middle of its cell of width 2^-32.
    /// What the slice has beyond the sequence's dimensions is left as it is.
    pub fn point_into(&self, index: u32, point: &mut [f64]) {
        const UNIT: f64 = 1.0 / (1_u64 << 32) as f64;
        let code = gray(index);
        for (coordinate, dimension) in point.iter_mut().zip(&self.dimensions) {
            *coordinate = (f64::from(self.scrambled(dimension, code)) + 0.5) * UNIT;
        }
    }

    #[inline]
    fn scrambled(&self, dimension: &Dimension, mut code: u32) -> u32 {
        let mut bits = 0;
        while code != 0 {
            bits ^= dimension.directions[code.trailing_zeros() as usize];
            code &= code - 1;
        }
        match self.scramble {
            Scramble::None => bits,
            Scramble::Shift { .. } => bits ^ dimension.key,
            Scramble::Owen { .. } => nested(bits, dimension.key),
        }
    }
}

/// The purpose of the streams that scrambling draws from.
const SCRAMBLE: u32 = 0x534F_424C;

const fn gray(index: u32) -> u32 {
    index ^ (index >> 1)
}

/// The first dimension: bits of the index, mirrored.
fn van_der_corput() -> [u32; 32] {
    std::array::from_fn(|bit| 1 << (31 - bit))
}

/// Direction numbers from the initial ones by the recurrence of the polynomial: Joe and Kuo's equation
/// `m_k = 2 a_1 m_{k-1} ^ 2^2 a_2 m_{k-2} ^ ... ^ 2^s m_{k-s} ^ m_{k-s}`, held as `m_k 2^(32-k)`.
fn directions_of((coefficients, initial): (u32, &[u32])) -> [u32; 32] {
    let degree = initial.len();
    let mut directions = [0; 32];
    for (at, m) in initial.iter().enumerate() {
        directions[at] = m << (31 - at);
    }
    for at in degree..32 {
        let oldest: u32 = directions[at - degree];
        directions[at] = oldest ^ (oldest >> degree);
        for back in 1..degree {
            if coefficients >> (degree - 1 - back) & 1 == 1 {
                directions[at] ^= directions[at - back];
            }
        }
    }
    directions
}

/// Laine and Karras's permutation on mirrored bits: sums and even multiples carry upward only, so that after
/// mirroring back a bit is flipped or not by a hash of the bits above it.
fn nested(bits: u32, key: u32) -> u32 {
    let mut x = bits.reverse_bits();
    x ^= x.wrapping_mul(0x3D20_ADEA);
    x = x.wrapping_add(key);
    x = x.wrapping_mul((key >> 16) | 1);
    x ^= x.wrapping_mul(0x0552_6C56);
    x ^= x.wrapping_mul(0x53A2_2864);
    x.reverse_bits()
}
