//! Law 7 and its kin on random pools: dependence moves losses between tranches and nothing else.

use super::{correlated, hull_white, pool_of};
use crate::random::config;
use leasefall::credit::{Copula, DefaultCurve, Loading, Loadings, Measure, RandomRecovery, Recovery};
use leasefall::valuation::exact::{ReferenceEntity, ReferencePool, Tranche};
use proptest::prelude::*;

/// Few, each of many integrals; scaled with `LEASEFALL_CASES`.
fn some() -> ProptestConfig {
    let all = config();
    ProptestConfig { cases: (all.cases / 80).max(1), max_shrink_iters: 200, ..all }
}

fn copula() -> impl Strategy<Value = Copula> {
    prop_oneof![
        Just(Copula::Gaussian),
        (1.0_f64..30.0).prop_map(|dof| Copula::StudentT { dof }),
        (2.1_f64..30.0, 2.1_f64..30.0)
            .prop_map(|(dof_common, dof_own)| Copula::DoubleT { dof_common, dof_own }),
    ]
}

fn recovery() -> impl Strategy<Value = Recovery> {
    let grid = |top: f64, share: f64| {
        RandomRecovery::new(&[(top, share), (0.5 * top, 0.7 - 0.5 * share), (0.0, 0.3 - 0.5 * share)])
            .unwrap()
    };
    prop_oneof![
        (0.0_f64..0.9).prop_map(Recovery::Fixed),
        (0.1_f64..0.9, 0.1_f64..0.5).prop_map(move |(top, share)| Recovery::Random(grid(top, share))),
    ]
}

/// Names of any size, recovery and default probability, whose loadings are one of two sets (each set of a
/// double-t copula is a table to make).
fn names(second: f64) -> impl Strategy<Value = Vec<ReferenceEntity>> {
    let loadings = prop::collection::vec((-0.6_f64..0.9, 0.0..=second), 2);
    let one = (1.0_f64..10.0, recovery(), 1e-4_f64..0.3, 0_usize..2);
    (loadings, prop::collection::vec(one, 1..6)).prop_map(|(loadings, names)| {
        let entity = |(notional, recovery, hazard, set): (f64, Recovery, f64, usize)| {
            let (a, b) = loadings[set];
            ReferenceEntity {
                notional,
                recovery,
                curve: DefaultCurve::flat(Measure::Historical, hazard).unwrap(),
                loadings: Loadings::new(&[Loading::new(a).unwrap(), Loading::new(b).unwrap()]).unwrap(),
            }
        };
        names.into_iter().map(entity).collect()
    })
}

/// A copula and names, of two factors: but for the Student copula of one, which makes two integrals too.
fn world() -> impl Strategy<Value = (Copula, Vec<ReferenceEntity>)> {
    copula().prop_flat_map(|copula| {
        let second = if matches!(copula, Copula::StudentT { .. }) { 0.0 } else { 0.4 };
        (Just(copula), names(second))
    })
}

proptest! {
    #![proptest_config(some())]

    /// Expected loss and expected number of defaults are sums over names, whatever ties them together.
    #[test]
    fn dependence_moves_no_expectation((copula, names) in world(), years in 0.5_f64..10.0) {
        let pool = ReferencePool::new(copula, &names).unwrap().with_loss_unit(0.37).unwrap();
        let losses = pool.loss_distribution(years).unwrap();
        let sum: f64 = losses.probabilities().iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
        let by_hand: f64 = names
            .iter()
            .map(|name| name.notional * (1.0 - name.recovery.mean()) * name.curve.default_probability(years))
            .sum();
        prop_assert!((losses.expected_loss() - by_hand).abs() < 1e-9 * pool.notional());
        let counts = pool.default_counts(years).unwrap();
        let defaults: f64 = counts.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        let expected: f64 = names.iter().map(|name| name.curve.default_probability(years)).sum();
        prop_assert!((defaults - expected).abs() < 1e-9, "{} {}", defaults, expected);
    }

    /// Each name alone defaults as its curve says.
    #[test]
    fn marginals_are_the_curves((copula, names) in world(), years in 0.5_f64..10.0) {
        for name in names.into_iter().take(2) {
            let p = name.curve.default_probability(years);
            let pool = ReferencePool::new(copula, &[name]).unwrap();
            let counts = pool.default_counts(years).unwrap();
            prop_assert!((counts[1] - p).abs() < 1e-9, "{} {}", counts[1], p);
            prop_assert!((counts[0] - (1.0 - p)).abs() < 1e-9);
        }
    }

    /// Tranches that cover the pool lose what the pool loses; and the short way to a tranche's loss is that
    /// of the whole distribution.
    #[test]
    fn tranches_sum_to_the_pool(names in names(0.4), low in 0.01_f64..0.3, high in 0.31_f64..0.9) {
        let pool = ReferencePool::new(Copula::Gaussian, &names).unwrap().with_loss_unit(0.37).unwrap();
        let tranches = Tranche::stack(&[low, high]).unwrap();
        let losses = pool.tranche_losses(&tranches, 5.0).unwrap();
        let whole = pool.loss_distribution(5.0).unwrap();
        let mut sum = 0.0;
        for (tranche, loss) in tranches.iter().zip(&losses) {
            sum += loss.expected_loss * tranche.width();
            let other = whole.tranche_loss(tranche);
            prop_assert!((other.expected_loss - loss.expected_loss).abs() < 1e-9);
            prop_assert!((other.probability_of_loss - loss.probability_of_loss).abs() < 1e-9);
        }
        prop_assert!((sum * pool.notional() - whole.expected_loss()).abs() < 1e-9 * pool.notional());
    }

    /// The order of names does not matter.
    #[test]
    fn order_does_not_matter(names in names(0.4)) {
        let mut turned = names.clone();
        turned.reverse();
        let of = |names: &[ReferenceEntity]| {
            let pool = ReferencePool::new(Copula::Gaussian, names).unwrap().with_loss_unit(0.5).unwrap();
            pool.loss_distribution(3.0).unwrap()
        };
        let (a, b) = (of(&names), of(&turned));
        for (p, q) in a.probabilities().iter().zip(b.probabilities()) {
            prop_assert!((p - q).abs() < 1e-9);
        }
    }

    /// More correlation makes equity safer and the most senior tranche riskier; and hurts or helps nobody
    /// else's sum.
    #[test]
    fn equity_gains_from_correlation(low in 0.0_f64..0.9, step in 0.01_f64..0.1) {
        let tranches = Tranche::stack(&[0.03, 0.30]).unwrap();
        let of = |correlation| {
            let pool = pool_of(Copula::Gaussian, 50, hull_white(correlated(correlation)));
            pool.tranche_losses(&tranches, 5.0).unwrap()
        };
        let (loose, tight) = (of(low), of(low + step));
        prop_assert!(tight[0].expected_loss < loose[0].expected_loss);
        prop_assert!(tight[2].expected_loss >= loose[2].expected_loss);
        prop_assert!(tight[0].probability_of_loss < loose[0].probability_of_loss);
    }

    /// Losses grow with time, tranche by tranche.
    #[test]
    fn losses_grow_with_time((copula, names) in world(), years in 0.2_f64..8.0) {
        let pool = ReferencePool::new(copula, &names).unwrap().with_loss_unit(0.37).unwrap();
        let tranches = Tranche::stack(&[0.1, 0.4]).unwrap();
        let early = pool.tranche_losses(&tranches, years).unwrap();
        let late = pool.tranche_losses(&tranches, years + 0.25).unwrap();
        for (early, late) in early.iter().zip(&late) {
            prop_assert!(late.expected_loss >= early.expected_loss - 1e-10);
            prop_assert!(late.probability_of_loss >= early.probability_of_loss - 1e-10);
        }
    }
}
