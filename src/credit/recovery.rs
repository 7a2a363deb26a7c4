//! What is recovered of a defaulted claim.

use crate::error::Error;

/// The part of a defaulted notional that is paid back.
#[derive(Clone, Debug, PartialEq)]
pub enum Recovery {
    /// A known fraction.
    Fixed(f64),
    /// A random one that is worst when defaults cluster.
    Random(RandomRecovery),
}

impl Recovery {
    /// The expected fraction.
    pub fn mean(&self) -> f64 {
        match self {
            Recovery::Fixed(recovery) => *recovery,
            Recovery::Random(random) => random.mean(),
        }
    }

    /// # Errors
    /// [`Error::Argument`] if a fixed fraction lies outside 0 to 1.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Recovery::Fixed(recovery) => check_fraction("recovery", *recovery),
            Recovery::Random(_) => Ok(()),
        }
    }
}

/// Recovery tied to the latent variable of the defaulter: the deeper the latent lies below the barrier, the
/// less is recovered. Krekel, *Pricing distressed CDOs with base correlation and stochastic recovery* (2008).
///
/// With recoveries `r_1 > ... > r_J` of probabilities `p_j`, an obligor of default probability `Q` and latent
/// `Y` defaults with `r_j` if `C_j < Y <= C_{j-1}`, where `C_j = F^-1(Q (1 - p_1 - ... - p_j))`: the default
/// probability and the mean recovery stay what they were, while losses lump together in bad states.
///
/// Over time the thresholds move with `Q`, so that of an obligor already in default a little less is
/// recovered at a later date; at each single date everything holds exactly.
///
/// ```
/// use leasefall::credit::RandomRecovery;
/// let random = RandomRecovery::new(&[(0.6, 0.4), (0.4, 0.3), (0.2, 0.2), (0.0, 0.1)])?;
/// // .6 x .4 + .4 x .3 + .2 x .2 = .4.
/// assert!((random.mean() - 0.4).abs() < 1e-15);
/// // The mildest 40% of defaults recover 60%, the worst 10% nothing.
/// assert_eq!((random.given(0.95), random.given(0.05)), (0.6, 0.0));
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomRecovery {
    levels: Vec<Level>,
}

/// One recovery of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Level {
    recovery: f64,
    /// The share of defaults that recover less.
    worse: f64,
    probability: f64,
}

impl RandomRecovery {
    /// From pairs of recovery and probability, recoveries falling.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no pair, recoveries do not fall or lie outside 0 to 1, a probability
    /// is not above 0, or they do not sum to 1 within 1e-9.
    pub fn new(grid: &[(f64, f64)]) -> Result<RandomRecovery, Error> {
        let total: f64 = grid.iter().map(|&(_, probability)| probability).sum();
        if total.is_nan() || (total - 1.0).abs() > 1e-9 {
            let expected = "probabilities that sum to 1";
            return Err(Error::Argument { argument: "probability", found: total, expected });
        }
        let mut levels: Vec<Level> = Vec::with_capacity(grid.len());
        let mut worse: f64 = 1.0;
        for (index, &(recovery, weight)) in grid.iter().enumerate() {
            check_fraction("recovery", recovery)?;
            if levels.last().is_some_and(|before| before.recovery <= recovery) {
                let expected = "a recovery below the one before";
                return Err(Error::Argument { argument: "recovery", found: recovery, expected });
            }
            if weight.is_nan() || weight <= 0.0 {
                let expected = "a probability above 0";
                return Err(Error::Argument { argument: "probability", found: weight, expected });
            }
            // The last takes what rounding left, so that exactly nothing is worse than the worst.
            let probability = if index + 1 == grid.len() { worse } else { weight / total };
            worse = (worse - probability).max(0.0);
            levels.push(Level { recovery, worse, probability });
        }
        Ok(RandomRecovery { levels })
    }

    /// The expected recovery of a default: `sum r_j p_j`.
    pub fn mean(&self) -> f64 {
        self.levels.iter().map(|level| level.recovery * level.probability).sum()
    }

    /// The recovery of a default whose latent has the probability `rank x Q`, `rank` from 0 (the deepest
    /// default) to 1 (just over the barrier). Allocates nothing.
    #[inline]
    pub fn given(&self, rank: f64) -> f64 {
        let index = self.levels.partition_point(|level| level.worse >= rank);
        self.levels[index.min(self.levels.len() - 1)].recovery
    }

    /// The recoveries, falling, each with the default probability that marks its upper threshold: an obligor
    /// of default probability `q` that recovers `r_j` or less has the probability `q (1 - p_1 - ... -
    /// p_{j-1})`.
    pub fn thresholds(&self, q: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        let upper = std::iter::once(1.0).chain(self.levels.iter().map(|level| level.worse));
        self.levels.iter().zip(upper).map(move |(level, share)| (level.recovery, q * share))
    }
}

fn check_fraction(argument: &'static str, found: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&found) {
        Ok(())
    } else {
        Err(Error::Argument { argument, found, expected: "a fraction from 0 to 1" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_krekels() {
        let random = RandomRecovery::new(&[(0.6, 0.4), (0.4, 0.3), (0.0, 0.3)]).unwrap();
        let found: Vec<(f64, f64)> = random.thresholds(0.05).collect();
        for ((recovery, q), expected) in found.into_iter().zip([(0.6, 0.05), (0.4, 0.03), (0.0, 0.015)]) {
            assert!(recovery == expected.0 && (q - expected.1).abs() < 1e-15);
        }
    }

    /// Ranks spread evenly recover the mean.
    #[test]
    fn the_average_over_ranks_is_the_mean() {
        let random = RandomRecovery::new(&[(0.7, 0.25), (0.4, 0.5), (0.1, 0.25)]).unwrap();
        let ranks = 10_000;
        let sum: f64 = (0..ranks).map(|k| random.given((f64::from(k) + 0.5) / f64::from(ranks))).sum();
        assert!((sum / f64::from(ranks) - random.mean()).abs() < 1e-12);
        assert_eq!((random.given(1.0), random.given(0.0)), (0.7, 0.1));
    }

    #[test]
    fn nonsense_is_refused() {
        for grid in [
            &[][..],
            &[(0.4, 0.5)],
            &[(0.4, 0.5), (0.4, 0.5)],
            &[(0.2, 0.5), (0.4, 0.5)],
            &[(1.2, 1.0)],
            &[(0.4, 1.5), (0.2, -0.5)],
            &[(0.4, f64::NAN)],
        ] {
            assert!(RandomRecovery::new(grid).is_err(), "{grid:?}");
        }
        assert!(Recovery::Fixed(1.5).check().is_err());
    }
}
