//! Pools of tranches of pools: CDO squared.

use super::conditional::{Engine, convolve};
use super::distribution::LossDistribution;
use super::factor::mixed;
use super::plan::Plan;
use super::pool::ReferencePool;
use super::tranche::{Tranche, TrancheLoss, TranchePrice, price};
use super::unit::{WholeUnits, loss_unit};
use crate::credit::PaymentConvention;
use crate::curve::DiscountCurve;
use crate::error::{Error, SolveError};

/// A tranche of a pool that is collateral, so many times over.
#[derive(Clone, Debug)]
pub struct InnerPool {
    /// The pool.
    pub pool: ReferencePool,
    /// The tranche of it that is held.
    pub tranche: Tranche,
    /// How many such pools there are: alike, of different names.
    pub count: usize,
}

/// A pool whose assets are tranches of other pools.
///
/// The first factors of every name are shared by all pools; the others are each pool's own, even where
/// pools are alike. Without shared factors the pools are independent; with no others they lean on the same
/// world. Hull and White (*Journal of Derivatives* 18, 2010) split a correlation between the two:
/// [`Loadings::between_and_within`](crate::credit::Loadings::between_and_within). A Student copula's mixing
/// variable is common to all. No name is in two pools.
///
/// ```
/// use leasefall::credit::{Copula, DefaultCurve, Loadings, Measure, Recovery};
/// use leasefall::valuation::exact::{InnerPool, ReferenceEntity, ReferencePool, SquaredPool, Tranche};
/// // Two pools of two independent bonds each; the juniors, which default with 19%, make a new pool. Its
/// // senior half defaults when both do: 3.61% (Coval, Jurek and Stafford).
/// let bond = ReferenceEntity {
///     notional: 1.0,
///     recovery: Recovery::Fixed(0.0),
///     curve: DefaultCurve::from_probabilities(Measure::Historical, &[(5.0, 0.10)])?,
///     loadings: Loadings::none(),
/// };
/// let pool = ReferencePool::new(Copula::Gaussian, &[bond.clone(), bond])?;
/// let juniors = InnerPool { pool, tranche: Tranche::new(0.0, 0.5)?, count: 2 };
/// let squared = SquaredPool::new(&[juniors], 0)?;
/// let senior = squared.loss_distribution(5.0)?.tranche_loss(&Tranche::new(0.5, 1.0)?);
/// assert!((senior.probability_of_loss - 0.0361).abs() < 1e-12);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SquaredPool {
    inner: Vec<Inner>,
    shared_factors: usize,
    notional: f64,
    unit: f64,
}

/// An inner pool, and how losses of its tranche are counted.
#[derive(Clone, Debug)]
struct Inner {
    held: InnerPool,
    /// Within the pool, the shared factors known.
    plan: Plan,
    /// The tranche's loss, in units of the whole, at each loss of the pool in its own units; the last entry
    /// is that of every larger loss.
    losses: Vec<WholeUnits>,
}

impl SquaredPool {
    /// A pool of tranches, the first `shared_factors` factors being common to all pools.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no pool or their copulas differ; [`Error::Measure`] if their measures
    /// do.
    pub fn new(pools: &[InnerPool], shared_factors: usize) -> Result<SquaredPool, Error> {
        let held = pools.iter().map(|inner| inner.count).sum::<usize>();
        let Some(first) = pools.first().filter(|_| held > 0) else {
            return Err(Error::Argument { argument: "pools", found: 0.0, expected: "at least one pool" });
        };
        for (index, inner) in pools.iter().enumerate() {
            first.pool.measure().check(inner.pool.measure())?;
            if inner.pool.copula() != first.pool.copula() {
                let expected = "no pool of another copula than the first";
                return Err(Error::Argument { argument: "pools", found: index as f64, expected });
            }
        }
        let amounts: Vec<f64> = pools.iter().flat_map(tranche_amounts).collect();
        let unit = loss_unit(amounts.into_iter());
        let inner = pools.iter().map(|pool| Inner::new(pool, shared_factors, unit)).collect();
        let notional = pools.iter().map(|inner| inner.count as f64 * held_notional(inner)).sum();
        Ok(SquaredPool { inner, shared_factors, notional, unit })
    }

    /// The sum of the notionals of the tranches held.
    pub fn notional(&self) -> f64 {
        self.notional
    }

    /// The distribution of the loss of all tranches together by a date.
    ///
    /// # Errors
    /// [`Error::Solve`] if an integral does not settle.
    pub fn loss_distribution(&self, years: f64) -> Result<LossDistribution, Error> {
        let first = &self.inner[0].held.pool;
        let engines: Vec<Engine<'_>> =
            self.inner.iter().map(|inner| inner.held.pool.engine_at(years)).collect();
        let most: usize = self.inner.iter().map(|inner| inner.most() * inner.held.count).sum();
        let probabilities = mixed(first.copula(), most + 1, |mixing, out| {
            let known = engines.iter().map(|engine| vec![0.0; engine.classes.len()]).collect();
            self.given(&engines, 0, known, mixing, out)
        })?;
        Ok(LossDistribution {
            measure: first.measure(),
            notional: self.notional,
            unit: self.unit,
            probabilities,
        })
    }

    /// Each tranche's legs and loss to a maturity, tranches of the pool of tranches.
    ///
    /// # Errors
    /// [`Error::Argument`] if the maturity makes no schedule; [`Error::Solve`] if an integral does not settle.
    pub fn price_tranches(
        &self,
        tranches: &[Tranche],
        maturity_years: f64,
        discount: &DiscountCurve,
        convention: &PaymentConvention,
    ) -> Result<Vec<TranchePrice>, Error> {
        let measure = self.inner[0].held.pool.measure();
        price(tranches, measure, maturity_years, discount, convention, |years| {
            let losses = self.loss_distribution(years)?;
            Ok(tranches.iter().map(|tranche| losses.tranche_loss(tranche)).collect::<Vec<TrancheLoss>>())
        })
    }

    /// The distribution given the shared factors before `next`, of which `known` is what they add to each
    /// class of each pool.
    fn given(
        &self,
        engines: &[Engine<'_>],
        next: usize,
        known: Vec<Vec<f64>>,
        mixing: f64,
        out: &mut [f64],
    ) -> Result<(), SolveError> {
        if next == self.shared_factors {
            return self.given_shared(engines, &known, mixing, out);
        }
        let factor = self.inner[0].held.pool.factor();
        let sums = factor.expectation(out.len(), &[], |m, values| {
            let moved = |(engine, known): (&Engine<'_>, &Vec<f64>)| -> Vec<f64> {
                engine.classes.iter().zip(known).map(|(class, sum)| sum + class.loading(next) * m).collect()
            };
            let known = engines.iter().zip(&known).map(moved).collect();
            self.given(engines, next + 1, known, mixing, values)
        })?;
        out.copy_from_slice(&sums);
        Ok(())
    }

    /// With all shared factors known the pools are independent.
    fn given_shared(
        &self,
        engines: &[Engine<'_>],
        known: &[Vec<f64>],
        mixing: f64,
        out: &mut [f64],
    ) -> Result<(), SolveError> {
        out.fill(0.0);
        out[0] = 1.0;
        for ((inner, engine), known) in self.inner.iter().zip(engines).zip(known) {
            let mut pool = vec![0.0; inner.losses.len() - 1];
            engine.given(&inner.plan, known, mixing, &mut pool)?;
            let tranche = inner.tranche_distribution(&pool);
            for _ in 0..inner.held.count {
                convolve(out, &tranche);
            }
        }
        Ok(())
    }
}

impl Inner {
    fn new(held: &InnerPool, shared_factors: usize, unit: f64) -> Inner {
        let losses = tranche_amounts(held).map(|amount| WholeUnits::new(amount, unit)).collect();
        Inner { held: held.clone(), plan: held.pool.plan_given(shared_factors), losses }
    }

    /// The most that the tranche can lose.
    fn most(&self) -> usize {
        self.losses.iter().map(|loss| loss.most()).max().unwrap_or(0)
    }

    /// The distribution of the tranche's loss from the lower part of the pool's.
    fn tranche_distribution(&self, pool: &[f64]) -> Vec<f64> {
        let beyond = (1.0 - pool.iter().sum::<f64>()).max(0.0);
        let mut tranche = vec![0.0; self.most() + 1];
        for (loss, probability) in self.losses.iter().zip(pool.iter().chain(std::iter::once(&beyond))) {
            tranche[loss.units] += probability * (1.0 - loss.above);
            if loss.above > 0.0 {
                tranche[loss.units + 1] += probability * loss.above;
            }
        }
        tranche
    }
}

fn held_notional(inner: &InnerPool) -> f64 {
    inner.tranche.width() * inner.pool.notional()
}

/// What the tranche loses when its pool loses 0, 1, 2, ... units, up to the first loss that takes all of it
/// or the largest.
fn tranche_amounts(inner: &InnerPool) -> impl Iterator<Item = f64> + use<> {
    let (pool, tranche) = (inner.pool.notional(), inner.tranche);
    let share = inner.pool.loss_unit() / pool;
    // Rounding must not add an entry.
    let taken = (tranche.detachment() / share - 1e-9).ceil() as usize;
    let last = taken.min(inner.pool.most_units()).max(1);
    (0..=last).map(move |units| pool * tranche.loss_of(units as f64 * share))
}
