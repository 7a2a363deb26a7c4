//! Exact engines of credit: published tables, laws, and second methods.

mod laws;
mod methods;
mod published;

use leasefall::credit::{Copula, Correlation, DefaultCurve, Loading, Loadings, Measure, Recovery};
use leasefall::curve::Compounding;
use leasefall::valuation::exact::{ReferenceEntity, ReferencePool};
use leasefall::{Date, DiscountCurve};

/// One factor, by asset correlation.
fn correlated(correlation: f64) -> Loadings {
    Loadings::one(Correlation::new(correlation).unwrap().loading().unwrap())
}

/// Factors by loading.
fn loaded(loadings: &[f64]) -> Loadings {
    let each: Vec<Loading> = loadings.iter().map(|&loading| Loading::new(loading).unwrap()).collect();
    Loadings::new(&each).unwrap()
}

/// A name of notional 1 that defaults within five years with a probability.
fn name(probability: f64, recovery: f64, loadings: Loadings) -> ReferenceEntity {
    ReferenceEntity {
        notional: 1.0,
        recovery: Recovery::Fixed(recovery),
        curve: DefaultCurve::from_probabilities(Measure::Historical, &[(5.0, probability)]).unwrap(),
        loadings,
    }
}

fn pool_of(copula: Copula, count: usize, entity: ReferenceEntity) -> ReferencePool {
    ReferencePool::new(copula, &vec![entity; count]).unwrap()
}

/// The names of Hull and White, Gibson and the test of Krekel's model.
fn hull_white(loadings: Loadings) -> ReferenceEntity {
    ReferenceEntity {
        notional: 1.0,
        recovery: Recovery::Fixed(0.4),
        curve: DefaultCurve::flat(Measure::RiskNeutral, 0.01).unwrap(),
        loadings,
    }
}

fn five_percent() -> DiscountCurve {
    let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
    DiscountCurve::flat(today, 0.05, Compounding::Continuous).unwrap()
}
