//! From a risk model, which names things, to a generator, which indexes them.

use super::Generator;
use super::sampling::Sampling;
use crate::credit::Copula;
use crate::curve::DiscountCurve;
use crate::error::{Error, Problems};
use crate::pool::{Locate, Pool, expected_id};
use crate::scenario::Scenario;
use crate::scenario::risk::{AI_DEMAND, CopulaTerms, LoadingTerms, Risk};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// How random draws are made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Draws {
    /// Everything random follows from it.
    pub seed: u64,
    /// `Some(r)`: factors from `r` independently scrambled Sobol' sequences.
    pub sobol_replicates: Option<usize>,
    /// Importance sampling: moves the first factor by so many standard deviations.
    pub tilt: f64,
    /// What is moved in the model; the same draws are made.
    pub shift: Shift,
}

/// One thing moved in a risk model, for sensitivities by common random numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Shift {
    /// Nothing.
    #[default]
    None,
    /// Every hazard rate times this.
    Hazard(f64),
    /// Added to the asset correlation of like obligors: loadings times `sqrt((sum a^2 + shift) / sum a^2)`.
    /// Obligors without loadings keep none.
    Correlation(f64),
    /// The asset correlation of like obligors, whatever it was: loadings times `sqrt(level / sum a^2)`, so that what of
    /// it is shared with other pools keeps its part. Obligors without loadings keep none.
    CorrelationTo(f64),
    /// Added to every recovery rate, within 0 and 1: of claims on tenants, and of loans. Loans of one obligor then
    /// recover at their mean by balance.
    Recovery(f64),
    /// Every volatility of market rents times this.
    RentVolatility(f64),
    /// Chip generations after the cut-off date come so many times as fast: the scenario's `cadence_speed` times
    /// this. What the scenario alone is worth stays, and with it the spread at which paths are discounted.
    Cadence(f64),
}

impl Risk {
    /// A generator of random states of the world around a scripted one. `discount` discounts the swaps
    /// whose spreads give default probabilities.
    ///
    /// # Errors
    /// [`Error::Input`] with every problem: ids that lead nowhere, obligors named twice, loadings whose
    /// squares pass one, probabilities out of order, a default curve of the other measure; [`Error::Argument`]
    /// if the draws are out of bounds.
    pub fn resolve(
        &self,
        pool: &Pool,
        base: Scenario,
        discount: &DiscountCurve,
        draws: Draws,
        places: &dyn Locate,
    ) -> Result<Generator, Error> {
        let mut resolver = Resolver {
            risk: self,
            pool,
            base: &base,
            discount,
            shift: draws.shift,
            places,
            problems: Problems::new(),
        };
        resolver.factors();
        resolver.coverage_terms();
        let copula = resolver.copula();
        let defaults = resolver.defaults(copula);
        let lines = resolver.lines(copula);
        let rents = resolver.rents();
        let compute = resolver.compute().map(Box::new);
        let Resolver { problems, .. } = resolver;
        let ai_demand = self.factors.iter().position(|id| id == AI_DEMAND);
        problems.or(())?;
        let sampling = Sampling::new(self.factors.len(), draws.sobol_replicates, draws.tilt, draws.seed)?;
        let (measure, factors) = (self.measure, self.factors.len());
        let base = Scenario { lines: lines.scripted, ..base };
        Ok(Generator {
            base,
            measure,
            own_seed: draws.seed,
            draws,
            sampling,
            factors,
            ai_demand,
            copula,
            defaults,
            lines: lines.classes,
            rents,
            compute,
        })
    }
}

pub(super) struct Resolver<'a> {
    pub(super) risk: &'a Risk,
    pub(super) pool: &'a Pool,
    pub(super) base: &'a Scenario,
    pub(super) discount: &'a DiscountCurve,
    pub(super) shift: Shift,
    places: &'a dyn Locate,
    pub(super) problems: Problems,
}

impl Resolver<'_> {
    pub(super) fn fail(&mut self, path: &str, found: impl ToString, expected: &str) {
        self.problems.push(self.places.problem(path, found.to_string(), expected.to_owned()));
    }

    pub(super) fn problem_count(&self) -> usize {
        self.problems.as_slice().len()
    }

    pub(super) fn within(&mut self, path: &str, value: Decimal, low: Decimal, high: Decimal) -> f64 {
        if value < low || value > high {
            self.fail(path, value, &format!("{low} to {high}"));
        }
        model(value)
    }

    fn factors(&mut self) {
        for (i, id) in self.risk.factors.iter().enumerate() {
            if self.risk.factors[..i].contains(id) {
                self.fail(&format!("factors[{i}]"), format!("`{id}` again"), "each factor once");
            }
        }
    }

    fn copula(&mut self) -> Copula {
        let (two, most) = (Decimal::new(201, 2), Decimal::ONE_THOUSAND);
        match self.risk.copula {
            CopulaTerms::Gaussian => Copula::Gaussian,
            CopulaTerms::StudentT { degrees_of_freedom: dof } => {
                Copula::StudentT { dof: self.within("copula.degrees_of_freedom", dof, Decimal::ONE, most) }
            }
            CopulaTerms::DoubleT { factor_degrees_of_freedom: factor, residual_degrees_of_freedom: own } => {
                Copula::DoubleT {
                    dof_common: self.within("copula.factor_degrees_of_freedom", factor, two, most),
                    dof_own: self.within("copula.residual_degrees_of_freedom", own, two, most),
                }
            }
        }
    }

    pub(super) fn loadings(&mut self, path: &str, terms: &[LoadingTerms]) -> Box<[f64]> {
        let mut loadings = vec![0.0; self.risk.factors.len()];
        for (i, term) in terms.iter().enumerate() {
            let at = format!("{path}.loadings[{i}]");
            let loading =
                self.within(&format!("{at}.loading"), term.loading, Decimal::NEGATIVE_ONE, Decimal::ONE);
            match self.risk.factors.iter().position(|id| *id == term.factor) {
                Some(factor) => loadings[factor] += loading,
                None => {
                    let expected = expected_id("factor", self.risk.factors.iter().map(String::as_str));
                    self.fail(&format!("{at}.factor"), format!("`{}`", term.factor), &expected);
                }
            }
        }
        let squares: f64 = loadings.iter().map(|a| a * a).sum();
        if squares > 1.0 + 1e-12 {
            self.fail(&format!("{path}.loadings"), squares, "loadings whose squares sum to at most 1");
        }
        let moved = match self.shift {
            Shift::Correlation(shift) => squares + shift,
            Shift::CorrelationTo(level) => level,
            _ => squares,
        };
        if moved != squares && squares > 0.0 {
            let moved = moved.clamp(0.0, 1.0);
            loadings.iter_mut().for_each(|loading| *loading *= libm::sqrt(moved / squares));
        }
        loadings.into()
    }
}

pub(super) fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}
