//! Notes pooled and cut again: what straight arithmetic says of the losses, and how little it takes to be wrong.
//!
//! The page `docs/resecuritization.md` tells the two studies and their figures.

use crate::credit::{Copula, Correlation, DefaultCurve, Loadings, Measure, Rating, Recovery};
use crate::error::Error;
use crate::valuation::exact::{InnerPool, ReferenceEntity, ReferencePool, SquaredPool, Tranche, TrancheLoss};
use crate::valuation::rating::implied_by_expected_loss;

/// What every tranche loses at one loss of the pools, each a fraction of its own size.
#[derive(Clone, Debug, PartialEq)]
pub struct LossRow {
    /// Loss of each pool, a fraction of its notional.
    pub pool_loss: f64,
    /// Losses of the pools' tranches, lowest first.
    pub pool: Vec<f64>,
    /// Losses of the tranches of what is pooled again, lowest first.
    pub cdo: Vec<f64>,
}

/// What tranches, and tranches of the tranche `held`, lose where all pools lose alike: Hull's arithmetic.
///
/// A tranche loses `min(max(L - attachment, 0), width) / width` of itself; the loss of the one that is held
/// is the loss `L` of the pool of the second cut.
///
/// ```
/// use leasefall::study::loss_table;
/// use leasefall::valuation::exact::Tranche;
/// // 75 / 20 / 5, and the mezzanines cut 75 / 20 / 5 again (Hull): of mortgages that lose 13% the mezzanine loses
/// // (13 - 5) / 20 = 40%, and of it the senior (40 - 25) / 75 = 20%.
/// let cuts = Tranche::stack(&[0.05, 0.25])?;
/// let row = &loss_table(&cuts, 1, &cuts, &[0.13])?[0];
/// assert!((row.pool[1] - 0.40).abs() < 1e-12);
/// assert!((row.cdo[2] - 0.20).abs() < 1e-12);
/// assert_eq!((row.cdo[0], row.cdo[1]), (1.0, 1.0));
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] if there is no such tranche to hold, or a loss is no fraction from 0 to 1.
pub fn loss_table(
    pool: &[Tranche],
    held: usize,
    cdo: &[Tranche],
    pool_losses: &[f64],
) -> Result<Vec<LossRow>, Error> {
    Error::unless(held < pool.len(), "tranche held", held as f64, "one of the pool's tranches")?;
    let losses = |tranches: &[Tranche], loss: f64| -> Vec<f64> {
        tranches.iter().map(|tranche| tranche.loss_of(loss) / tranche.width()).collect()
    };
    let row = |&pool_loss: &f64| {
        Error::unless((0.0..=1.0).contains(&pool_loss), "pool loss", pool_loss, "a fraction from 0 to 1")?;
        let pool = losses(pool, pool_loss);
        let cdo = losses(cdo, pool[held]);
        Ok(LossRow { pool_loss, pool, cdo })
    };
    pool_losses.iter().map(row).collect()
}

/// Pools of alike names, one tranche of each pooled and cut again. A factor for all pools and one for each.
///
/// ```
/// use leasefall::credit::Correlation;
/// use leasefall::study::Resecuritization;
/// // Coval, Jurek and Stafford: 40 independent pools of 100 bonds, asset correlation .20 within each.
/// let losses = Resecuritization::coval_jurek_stafford(Correlation::new(0.20)?).losses()?;
/// assert!((losses.pool[1].probability_of_loss - 0.093729).abs() < 5e-7);
/// assert!((losses.cdo[1].probability_of_loss - 0.262898).abs() < 5e-7);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Resecuritization {
    /// Names in a pool, of equal notional.
    pub names: usize,
    /// Each name's probability of default by the horizon.
    pub default_probability: f64,
    /// The horizon.
    pub years: f64,
    /// Share recovered of a name in default.
    pub recovery_rate: f64,
    /// Asset correlation of two names of one pool.
    pub correlation: Correlation,
    /// The part of it that holds between names of two pools: 0 for independent pools, 1 for one world.
    pub between_share: f64,
    /// The pools' tranches, lowest first.
    pub tranches: Vec<Tranche>,
    /// The tranche that is pooled, counted from 0.
    pub held: usize,
    /// Pools.
    pub pools: usize,
    /// The tranches of what is pooled, lowest first.
    pub cdo: Vec<Tranche>,
}

/// Losses of the tranches of both cuts, lowest first.
#[derive(Clone, Debug, PartialEq)]
pub struct ResecuritizationLosses {
    /// Of one pool.
    pub pool: Vec<TrancheLoss>,
    /// Of the tranches pooled.
    pub cdo: Vec<TrancheLoss>,
}

impl Resecuritization {
    /// The simulated CDO and CDO squared of Coval, Jurek and Stafford (*Journal of Economic Perspectives* 23,
    /// 2009) at an asset correlation: 40 pools of 100 bonds, five-year default probability 5%, half recovered, cut
    /// at 6 and 12%, the mezzanines cut there again; pools independent. The paper's "20%" is a loading, a
    /// correlation of 0.04.
    pub fn coval_jurek_stafford(correlation: Correlation) -> Resecuritization {
        // Cuts that rise from above 0 to below 1.
        let tranches = Tranche::stack(&[0.06, 0.12]).unwrap_or_default();
        Resecuritization {
            names: 100,
            default_probability: 0.05,
            years: 5.0,
            recovery_rate: 0.5,
            correlation,
            between_share: 0.0,
            tranches: tranches.clone(),
            held: 1,
            pools: 40,
            cdo: tranches,
        }
    }

    /// Expected losses and probabilities of loss by the horizon, by the exact engine.
    ///
    /// # Errors
    /// [`Error::Argument`] if a figure is out of bounds or there is no such tranche to hold; [`Error::Solve`] if an
    /// integral does not settle.
    pub fn losses(&self) -> Result<ResecuritizationLosses, Error> {
        let (held, expected) = (self.held as f64, "one of the pool's tranches");
        Error::unless(self.held < self.tranches.len(), "tranche held", held, expected)?;
        let curve =
            DefaultCurve::from_probabilities(Measure::Historical, &[(self.years, self.default_probability)])?;
        let name = ReferenceEntity {
            notional: 1.0,
            recovery: Recovery::Fixed(self.recovery_rate),
            curve,
            loadings: Loadings::between_and_within(self.correlation, self.between_share)?,
        };
        let pool = ReferencePool::new(Copula::Gaussian, &vec![name; self.names])?;
        let losses = pool.tranche_losses(&self.tranches, self.years)?;
        let held = InnerPool { pool, tranche: self.tranches[self.held], count: self.pools };
        let pooled = SquaredPool::new(&[held], 1)?.loss_distribution(self.years)?;
        let cdo = self.cdo.iter().map(|tranche| pooled.tranche_loss(tranche)).collect();
        Ok(ResecuritizationLosses { pool: losses, cdo })
    }
}

/// One tranche before and after a figure of the model moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fragility {
    /// Before.
    pub before: TrancheLoss,
    /// After.
    pub after: TrancheLoss,
    /// The rating that the expected loss implies over the horizon, before.
    pub rating_before: Rating,
    /// The same, after.
    pub rating_after: Rating,
}

impl Fragility {
    /// Notches lost; negative if won.
    pub fn notches_lost(&self) -> i32 {
        self.rating_before.notches_between(self.rating_after)
    }
}

/// Each tranche before and after, with the ratings that Moody's idealized expected losses imply.
///
/// # Errors
/// [`Error::Argument`] unless the losses are fractions and the horizon is above 0.
pub fn fragility(before: &[TrancheLoss], after: &[TrancheLoss], years: f64) -> Result<Vec<Fragility>, Error> {
    let rating = |loss: &TrancheLoss| implied_by_expected_loss(loss.expected_loss.clamp(0.0, 1.0), years);
    let pair = |(before, after): (&TrancheLoss, &TrancheLoss)| {
        let (rating_before, rating_after) = (rating(before)?, rating(after)?);
        Ok(Fragility { before: *before, after: *after, rating_before, rating_after })
    };
    before.iter().zip(after).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(correlation: f64) -> Resecuritization {
        Resecuritization::coval_jurek_stafford(Correlation::new(correlation).unwrap())
    }

    /// A tranche's loss is its part of the pool's: widths add it up again, in both cuts.
    #[test]
    fn tranches_lose_what_their_pool_loses() {
        let study = at(0.2);
        let whole = |tranches: &[Tranche], losses: &[TrancheLoss]| -> f64 {
            tranches.iter().zip(losses).map(|(tranche, loss)| tranche.width() * loss.expected_loss).sum()
        };
        let losses = study.losses().unwrap();
        assert!((whole(&study.tranches, &losses.pool) - 0.025).abs() < 1e-9);
        let held = losses.pool[1].expected_loss;
        assert!((whole(&study.cdo, &losses.cdo) - held).abs() < 1e-9);
        // Also where pools lean on one world, which moves no expectation of a pool.
        let shared = Resecuritization { between_share: 0.5, ..study.clone() }.losses().unwrap();
        assert!((shared.pool[1].expected_loss - held).abs() < 1e-9);
        assert!((whole(&study.cdo, &shared.cdo) - held).abs() < 1e-9);
        assert!(shared.cdo[2].expected_loss > 10.0 * losses.cdo[2].expected_loss);
    }

    /// One world and names without number: every pool loses alike, so that arithmetic holds state by state.
    #[test]
    fn alike_pools_follow_the_arithmetic() {
        let cuts = Tranche::stack(&[0.05, 0.25]).unwrap();
        let rows = loss_table(&cuts, 1, &cuts, &[0.0, 0.05, 0.10, 0.13, 0.25, 0.60]).unwrap();
        let near = |found: &[f64], exact: [f64; 3]| {
            found.iter().zip(exact).all(|(found, exact)| (found - exact).abs() < 1e-12)
        };
        for (row, cdo) in rows.iter().zip([
            [0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0],
            [1.0, 1.0, 0.0],
            [1.0, 1.0, 0.2],
            [1.0, 1.0, 1.0],
            [1.0, 1.0, 1.0],
        ]) {
            assert!(near(&row.cdo, cdo), "{row:?}");
        }
        // (60 - 25) / 75 of the pool's own senior.
        assert!(near(&rows[5].pool, [1.0, 1.0, 35.0 / 75.0]));
        assert!(loss_table(&cuts, 3, &cuts, &[0.1]).is_err() && loss_table(&cuts, 1, &cuts, &[1.1]).is_err());
    }

    /// What cut once loses a few notches loses more cut twice.
    #[test]
    fn what_is_cut_twice_is_more_fragile() {
        let base = at(0.04);
        let before = base.losses().unwrap();
        let doubled = Resecuritization { default_probability: 0.10, ..base.clone() }.losses().unwrap();
        let once = fragility(&before.pool, &doubled.pool, 5.0).unwrap();
        let twice = fragility(&before.cdo, &doubled.cdo, 5.0).unwrap();
        assert!(twice[1].notches_lost() > once[1].notches_lost(), "{once:?} {twice:?}");
        assert_eq!(twice[1].rating_before, Rating::Aaa);
        assert!(fragility(&before.pool, &doubled.pool, 0.0).is_err());
    }
}
