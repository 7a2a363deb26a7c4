//! The synthetic case of a hundred loans against an independent Monte Carlo of the same model.

use super::{paths, seeded};
use leasefall::folder::Folder;
use leasefall::scenario::Draws;

const PUBLISHED: &str = include_str!("../../../fixtures/published/baseline_wf.csv");
/// Paths behind the published figures.
const PUBLISHED_PATHS: f64 = 2e6;

/// Price with its error, and probability of a principal loss, by note.
pub fn published() -> Vec<(f64, f64, f64)> {
    let rows = PUBLISHED.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|line| {
        let cells: Vec<f64> = line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect();
        (cells[0], cells[1], cells[2])
    })
    .collect()
}

#[test]
fn prices_are_those_of_the_numpy_model() {
    let folder = Folder::open("fixtures/deals/baseline-wf").unwrap();
    let draws = [
        (seeded(1), paths(30_000)),
        (Draws { sobol_replicates: Some(16), ..seeded(2) }, paths(16_384)),
        (Draws { tilt: -1.0, ..seeded(3) }, paths(30_000)),
    ];
    for (draws, n) in draws {
        let block = folder.simulation("base", draws).unwrap().run(0..n, |_| true).unwrap();
        let estimates = block.estimates().unwrap();
        assert_eq!(estimates.notes.len(), 3);
        for (found, (price, price_error, probability)) in estimates.notes.iter().zip(published()) {
            let error = found.price.std_error.hypot(price_error);
            let away = (found.price.value - price).abs();
            assert!(away < 3.5 * error, "{draws:?}: {:?}, published {price}", found.price);
            let published_error = (probability * (1.0 - probability) / PUBLISHED_PATHS).sqrt();
            let error = found.default_probability.std_error.hypot(published_error);
            let away = (found.default_probability.value - probability).abs();
            assert!(
                away < 3.5 * error,
                "{draws:?}: {:?}, published {probability}",
                found.default_probability
            );
        }
    }
}
