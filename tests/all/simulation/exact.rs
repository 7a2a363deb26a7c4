//! The Monte Carlo of default times against the exact engines: forty unlike names, four tranches, five models.

use super::{draw, folder, generator, paths, seeded};
use leasefall::credit::{Copula, DefaultCurve, Loading, Loadings, Measure, RandomRecovery, Recovery};
use leasefall::scenario::Draws;
use leasefall::valuation::exact::{ReferenceEntity, ReferencePool, Tranche};

/// Names of the pool: hazard and loadings by the number of the tenant modulo three.
const KINDS: [(f64, f64, f64); 3] = [(0.01, 0.5, 0.2), (0.03, 0.4, -0.3), (0.06, 0.7, 0.0)];
const CUTS: [f64; 5] = [0.0, 0.05, 0.12, 0.25, 1.0];
const RECOVERIES: [(f64, f64); 3] = [(0.6, 0.4), (0.3, 0.4), (0.0, 0.2)];

struct Model {
    text: &'static str,
    copula: Copula,
    /// Multiplies every loading.
    strength: f64,
    random_recovery: bool,
}

const MODELS: [Model; 6] = [
    Model {
        text: r#"{ kind = "gaussian" }"#,
        copula: Copula::Gaussian,
        strength: 1.0,
        random_recovery: false,
    },
    Model {
        text: r#"{ kind = "gaussian" }"#,
        copula: Copula::Gaussian,
        strength: 0.3,
        random_recovery: false,
    },
    Model {
        text: r#"{ kind = "gaussian" }"#,
        copula: Copula::Gaussian,
        strength: 1.0,
        random_recovery: true,
    },
    Model {
        text: r#"{ kind = "student_t", degrees_of_freedom = 4 }"#,
        copula: Copula::StudentT { dof: 4.0 },
        strength: 0.5,
        random_recovery: false,
    },
    Model {
        text: r#"{ kind = "double_t", factor_degrees_of_freedom = 5, residual_degrees_of_freedom = 4 }"#,
        copula: Copula::DoubleT { dof_common: 5.0, dof_own: 4.0 },
        strength: 1.0,
        random_recovery: false,
    },
    Model {
        text: r#"{ kind = "double_t", factor_degrees_of_freedom = 5, residual_degrees_of_freedom = 4 }"#,
        copula: Copula::DoubleT { dof_common: 5.0, dof_own: 4.0 },
        strength: 0.6,
        random_recovery: true,
    },
];

impl Model {
    fn file(&self) -> String {
        let mut text = format!(
            "measure = \"historical\"\ncopula = {}\nfactors = [\"ai_demand\", \"sector\"]\n",
            self.text
        );
        for (kind, (hazard, first, second)) in KINDS.into_iter().enumerate() {
            let tenants: Vec<String> =
                (1..=40).filter(|i| i % 3 == kind).map(|i| format!("\"tenant_{i:02}\"")).collect();
            let (first, second) = (first * self.strength, second * self.strength);
            text += &format!(
                "[[obligors]]\ntenants = [{}]\ndefault = {{ kind = \"hazard\", hazard = {hazard} }}\n\
                 loadings = [{{ factor = \"ai_demand\", loading = {first:.4} }}, {{ factor = \"sector\", loading = {second:.4} }}]\n",
                tenants.join(", ")
            );
            if self.random_recovery {
                let points: Vec<String> = RECOVERIES
                    .iter()
                    .map(|(rate, probability)| format!("{{ rate = {rate}, probability = {probability} }}"))
                    .collect();
                text += &format!("random_recovery = [{}]\n", points.join(", "));
            } else {
                text += "recovery_rate = 0.4\n";
            }
        }
        text
    }

    /// Exact tranche losses by the horizon, as shares of the pool.
    fn exact(&self, years: f64) -> Vec<(f64, f64)> {
        let entity = |tenant: usize| {
            let (hazard, first, second) = KINDS[tenant % 3];
            let each = [first * self.strength, second * self.strength].map(|a| Loading::new(a).unwrap());
            let recovery = if self.random_recovery {
                Recovery::Random(RandomRecovery::new(&RECOVERIES).unwrap())
            } else {
                Recovery::Fixed(0.4)
            };
            ReferenceEntity {
                notional: 1.0 / 40.0,
                recovery,
                curve: DefaultCurve::flat(Measure::Historical, hazard).unwrap(),
                loadings: Loadings::new(&each).unwrap(),
            }
        };
        let entities: Vec<ReferenceEntity> = (1..=40).map(entity).collect();
        let pool = ReferencePool::new(self.copula, &entities).unwrap();
        let tranches = Tranche::stack(&CUTS[1..4]).unwrap();
        let losses = pool.tranche_losses(&tranches, years).unwrap();
        let widths = CUTS.windows(2).map(|pair| pair[1] - pair[0]);
        losses
            .iter()
            .zip(widths)
            .map(|(loss, width)| (loss.expected_loss * width, loss.probability_of_loss))
            .collect()
    }
}

/// Mean and standard error of each figure over paths.
fn simulated(model: &Model, draws: Draws, n: u64) -> Vec<(f64, f64)> {
    let generator = generator(&model.file(), draws);
    let mut world = generator.world();
    let mut sums = vec![(0.0, 0.0); 2 * (CUTS.len() - 1)];
    for path in 0..n {
        let weight = draw(&generator, path, &mut world);
        let lost = |default: &leasefall::scenario::Obligation| (1.0 - default.recovery_rate.unwrap()) / 40.0;
        let loss: f64 = world.scenario.defaults.iter().flatten().map(lost).sum();
        for (tranche, pair) in CUTS.windows(2).enumerate() {
            let taken = (loss - pair[0]).clamp(0.0, pair[1] - pair[0]);
            // A loss of exactly the attachment, up to rounding of the sum, is none.
            let hit = f64::from(u8::from(loss > pair[0] + 1e-12));
            for (sum, x) in sums[2 * tranche..].iter_mut().zip([weight * taken, weight * hit]) {
                *sum = (sum.0 + x, sum.1 + x * x);
            }
        }
    }
    let n = n as f64;
    sums.into_iter().map(|(sum, squares)| (sum / n, ((squares / n - (sum / n).powi(2)) / n).sqrt())).collect()
}

/// Forty-eight figures: expected loss and probability of loss of four tranches under six models, within 3.5
/// standard errors. Over the whole life, so that the month of a default does not matter.
#[test]
fn tranche_losses_are_the_exact_ones() {
    let years = folder().scenario("base").unwrap().months as f64 / 12.0;
    let mut compared = 0;
    for (seed, model) in MODELS.iter().enumerate() {
        let found = simulated(model, seeded(seed as u64 + 1), paths(8_000));
        for (tranche, (loss, probability)) in model.exact(years).into_iter().enumerate() {
            let found = &found[2 * tranche..];
            // Where nearly all paths agree they know too little of their own error.
            let bernoulli = (probability * (1.0 - probability) / paths(8_000) as f64).sqrt();
            let errors = [found[0].1, found[1].1.max(bernoulli)];
            for ((&(mean, _), error), exact) in found.iter().zip(errors).zip([loss, probability]) {
                let far = (mean - exact).abs() > 3.5 * error + 1e-9;
                assert!(!far, "{} tranche {tranche}: {mean} +-{error}, exactly {exact}", model.text);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 48);
}

/// Of 400 seeds, between 92 and 98% of the 95% intervals hold the exact loss of a mezzanine tranche.
#[test]
fn intervals_cover_what_they_promise() {
    let model = &MODELS[0];
    let years = folder().scenario("base").unwrap().months as f64 / 12.0;
    let (exact, _) = model.exact(years)[2];
    let covered = (0..400).filter(|&seed| {
        let (mean, error) = simulated(model, seeded(1_000 + seed), 500)[4];
        (mean - exact).abs() <= 1.96 * error
    });
    let covered = covered.count();
    assert!((368..=392).contains(&covered), "{covered} of 400");
}

/// Importance sampling and scrambled factors estimate the same figures.
#[test]
fn variance_reduction_moves_no_expectation() {
    let model = &MODELS[0];
    let years = folder().scenario("base").unwrap().months as f64 / 12.0;
    let (exact, _) = model.exact(years)[3];
    let n = paths(8_000);
    let (mean, error) = simulated(model, Draws { tilt: -0.8, ..seeded(5) }, n)[6];
    assert!((mean - exact).abs() < 3.5 * error, "tilted {mean} +-{error}, {exact}");
    // Sixteen replicates of 512 points; their means are independent.
    let replicates = 16;
    let means: Vec<f64> = (0..replicates)
        .map(|seed| {
            let draws = Draws { sobol_replicates: Some(2), ..seeded(seed) };
            simulated(model, draws, 512)[6].0
        })
        .collect();
    let mean = means.iter().sum::<f64>() / replicates as f64;
    let spread = means.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    let error = (spread / (replicates * (replicates - 1)) as f64).sqrt();
    assert!((mean - exact).abs() < 3.5 * error, "scrambled {mean} +-{error}, {exact}");
}
