//! A pool of names that may default.

use super::conditional::{Class, Engine, Name};
use super::distribution::LossDistribution;
use super::factor::FactorLaw;
use super::plan::Plan;
use super::unit::{WholeUnits, loss_unit};
use crate::credit::{Copula, DefaultCurve, Latent, Loadings, Measure, Recovery};
use crate::error::Error;

/// One name of a pool: a bond, a loan or a swap on an obligor.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceEntity {
    /// The claim.
    pub notional: f64,
    /// What is recovered of it.
    pub recovery: Recovery,
    /// When it defaults.
    pub curve: DefaultCurve,
    /// How it depends on the common factors.
    pub loadings: Loadings,
}

/// Names of any notional, recovery, curve and loadings under one copula, with exact loss distributions.
///
/// Losses are counted in [loss units](ReferencePool::loss_unit); a loss that is no whole number of units is
/// split between the two nearest in the proportion that keeps its mean, so that expected losses are exact
/// and only the spread of the loss is touched, by less than a unit.
#[derive(Clone, Debug)]
pub struct ReferencePool {
    copula: Copula,
    factor: FactorLaw,
    measure: Measure,
    notional: f64,
    unit: f64,
    kinds: Vec<Kind>,
    names: Vec<Name>,
    /// Notional of each name, in the order of `names`.
    notionals: Vec<f64>,
    plan: Plan,
}

/// Names that differ by notional alone.
#[derive(Clone, Debug)]
struct Kind {
    curve: DefaultCurve,
    recovery: Recovery,
    latent: Latent,
}

impl ReferencePool {
    /// A pool under one copula. All curves must speak under one measure.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no name, a notional is not above 0, a recovery lies outside 0 to 1 or
    /// degrees of freedom are out of range; [`Error::Measure`] if measures differ; [`Error::Solve`] if a
    /// double-t latent cannot be tabulated.
    pub fn new(copula: Copula, entities: &[ReferenceEntity]) -> Result<ReferencePool, Error> {
        let Some(first) = entities.first() else {
            return Err(Error::Argument { argument: "entities", found: 0.0, expected: "at least one name" });
        };
        let measure = first.curve.measure();
        let mut kinds: Vec<Kind> = Vec::new();
        let mut placed: Vec<(usize, f64)> = Vec::with_capacity(entities.len());
        for entity in entities {
            entity.check(measure)?;
            placed.push((kind_of(&mut kinds, copula, entity)?, entity.notional));
        }
        // Names of a kind stand together, so that the recursion computes their probability once.
        placed.sort_by_key(|&(kind, _)| kind);
        let amounts =
            placed.iter().flat_map(|&(kind, notional)| kinds[kind].losses().map(move |loss| loss * notional));
        let unit = loss_unit(amounts.collect::<Vec<f64>>().into_iter());
        let loadings: Vec<&Loadings> =
            placed.iter().map(|&(kind, _)| kinds[kind].latent.loadings()).collect();
        let plan = Plan::new(&loadings, 0);
        let notional = placed.iter().map(|&(_, notional)| notional).sum();
        let names = names_in(unit, &kinds, &placed);
        let notionals = placed.into_iter().map(|(_, notional)| notional).collect();
        let factor = FactorLaw::new(copula)?;
        Ok(ReferencePool { copula, factor, measure, notional, unit, kinds, names, notionals, plan })
    }

    /// The same pool counted in another unit: a finer one is nearer where losses are no whole numbers of it,
    /// and takes longer in proportion.
    ///
    /// # Errors
    /// [`Error::Argument`] if the unit is not above 0 or cuts the notional into more than a million.
    pub fn with_loss_unit(mut self, unit: f64) -> Result<ReferencePool, Error> {
        if !(unit > 0.0 && self.notional / unit <= 1e6) {
            let expected = "an amount above 0 that cuts the notional into at most a million units";
            return Err(Error::Argument { argument: "unit", found: unit, expected });
        }
        let placed: Vec<(usize, f64)> =
            self.names.iter().map(|name| name.class).zip(self.notionals.iter().copied()).collect();
        self.names = names_in(unit, &self.kinds, &placed);
        self.unit = unit;
        Ok(self)
    }

    /// The amount in which losses are counted: the greatest common measure of all possible losses where one
    /// not finer than a two-thousandth of the largest exists, else a two-hundredth of the largest.
    pub fn loss_unit(&self) -> f64 {
        self.unit
    }

    /// The sum of the notionals.
    pub fn notional(&self) -> f64 {
        self.notional
    }

    /// The number of names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Never: a pool has at least one name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The measure of the default curves, and so of every result.
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The copula.
    pub fn copula(&self) -> Copula {
        self.copula
    }

    /// The expected loss by a date, an amount: `sum notional x (1 - recovery) x PD`. No copula enters.
    pub fn expected_loss(&self, years: f64) -> f64 {
        let of = |(name, notional): (&Name, &f64)| {
            let kind = &self.kinds[name.class];
            notional * (1.0 - kind.recovery.mean()) * kind.curve.default_probability(years)
        };
        self.names.iter().zip(&self.notionals).map(of).sum()
    }

    /// The whole distribution of the loss by a date.
    ///
    /// # Errors
    /// [`Error::Solve`] if an integral does not settle.
    pub fn loss_distribution(&self, years: f64) -> Result<LossDistribution, Error> {
        let probabilities = self.units_distribution(years, self.most_units())?;
        Ok(LossDistribution {
            measure: self.measure,
            notional: self.notional,
            unit: self.unit,
            probabilities,
        })
    }

    /// The probabilities of 0, 1, 2, ... defaults by a date.
    ///
    /// # Errors
    /// [`Error::Solve`] if an integral does not settle.
    pub fn default_counts(&self, years: f64) -> Result<Vec<f64>, Error> {
        let one = WholeUnits { units: 1, above: 0.0 };
        let names: Vec<Name> =
            self.names.iter().map(|name| Name { class: name.class, losses: vec![one] }).collect();
        // Only the upper threshold of a random recovery counts: defaulted or not.
        let of_default = |kind: &Kind| vec![kind.latent.barrier(kind.curve.default_probability(years))];
        let engine = self.engine(&names, self.kinds.iter().map(|kind| (kind, of_default(kind))));
        Ok(engine.distribution(&self.plan, names.len())?)
    }

    /// The probabilities of losing 0 to `cap` units by a date.
    pub(super) fn units_distribution(&self, years: f64, cap: usize) -> Result<Vec<f64>, Error> {
        Ok(self.engine_at(years).distribution(&self.plan, cap)?)
    }

    /// The engine of a date.
    pub(super) fn engine_at(&self, years: f64) -> Engine<'_> {
        let classes = self.kinds.iter().map(|kind| (kind, kind.barriers(years)));
        self.engine(&self.names, classes)
    }

    fn engine<'a>(
        &self,
        names: &'a [Name],
        classes: impl Iterator<Item = (&'a Kind, Vec<f64>)>,
    ) -> Engine<'a> {
        let class = |(kind, barriers): (&'a Kind, Vec<f64>)| Class { latent: &kind.latent, barriers };
        Engine { copula: self.copula, factor: self.factor, classes: classes.map(class).collect(), names }
    }

    /// The plan of integration with the first factors known.
    pub(super) fn plan_given(&self, known: usize) -> Plan {
        let loadings: Vec<&Loadings> =
            self.names.iter().map(|name| self.kinds[name.class].latent.loadings()).collect();
        Plan::new(&loadings, known)
    }

    /// The largest loss, in units.
    pub(super) fn most_units(&self) -> usize {
        let most = |name: &Name| name.losses.iter().map(|loss| loss.most()).max().unwrap_or(0);
        self.names.iter().map(most).sum()
    }

    /// The law of each factor.
    pub(super) fn factor(&self) -> FactorLaw {
        self.factor
    }

    /// The mean recovery of all names.
    ///
    /// # Errors
    /// [`Error::Argument`] with the first that differs from that of the first name.
    pub(super) fn common_recovery(&self) -> Result<f64, Error> {
        let first = self.kinds[0].recovery.mean();
        let others = self.kinds.iter().map(|kind| kind.recovery.mean());
        match others.into_iter().find(|mean| (mean - first).abs() > 1e-12) {
            None => Ok(first),
            Some(found) => {
                let expected = "the mean recovery of the first name";
                Err(Error::Argument { argument: "recovery", found, expected })
            }
        }
    }
}

impl ReferenceEntity {
    fn check(&self, measure: Measure) -> Result<(), Error> {
        measure.check(self.curve.measure())?;
        self.recovery.check()?;
        if self.notional > 0.0 && self.notional.is_finite() {
            return Ok(());
        }
        Err(Error::Argument {
            argument: "notional",
            found: self.notional,
            expected: "a finite amount above 0",
        })
    }
}

impl Kind {
    /// The losses of a claim of 1, one for each recovery.
    fn losses(&self) -> impl Iterator<Item = f64> + use<> {
        let losses: Vec<f64> = match &self.recovery {
            Recovery::Fixed(recovery) => vec![1.0 - recovery],
            Recovery::Random(random) => random.thresholds(1.0).map(|(recovery, _)| 1.0 - recovery).collect(),
        };
        losses.into_iter()
    }

    /// The barrier of each recovery at a date.
    fn barriers(&self, years: f64) -> Vec<f64> {
        let q = self.curve.default_probability(years);
        match &self.recovery {
            Recovery::Fixed(_) => vec![self.latent.barrier(q)],
            Recovery::Random(random) => {
                random.thresholds(q).map(|(_, upper)| self.latent.barrier(upper)).collect()
            }
        }
    }
}

/// The index of the entity's kind, a new one if there is none like it.
fn kind_of(kinds: &mut Vec<Kind>, copula: Copula, entity: &ReferenceEntity) -> Result<usize, Error> {
    let same_latent = |kind: &Kind| *kind.latent.loadings() == entity.loadings;
    let same =
        |kind: &Kind| kind.curve == entity.curve && kind.recovery == entity.recovery && same_latent(kind);
    if let Some(index) = kinds.iter().position(same) {
        return Ok(index);
    }
    // A double-t latent holds a table that is dear to make.
    let latent = match kinds.iter().find(|kind| same_latent(kind)) {
        Some(kind) => kind.latent.clone(),
        None => copula.latent(&entity.loadings)?,
    };
    kinds.push(Kind { curve: entity.curve.clone(), recovery: entity.recovery.clone(), latent });
    Ok(kinds.len() - 1)
}

fn names_in(unit: f64, kinds: &[Kind], placed: &[(usize, f64)]) -> Vec<Name> {
    let name = |&(class, notional): &(usize, f64)| {
        let losses = kinds[class].losses().map(|loss| WholeUnits::new(loss * notional, unit)).collect();
        Name { class, losses }
    };
    placed.iter().map(name).collect()
}
