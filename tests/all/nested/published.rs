//! Coval, Jurek and Stafford's CDO and CDO squared by Monte Carlo of the deals themselves, against the exact
//! figures.

use super::Place;
use crate::simulation::paths;
use leasefall::folder::Folder;
use leasefall::scenario::Draws;
use std::collections::BTreeMap;
use std::path::Path;

/// The computed figures of the table.
fn table() -> BTreeMap<String, f64> {
    let path = "fixtures/published/coval-jurek-stafford-2009.csv";
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let rows = reader.records().map(Result::unwrap).filter(|row| &row[3] == "computed");
    rows.map(|row| (row[0].to_owned(), row[1].parse().unwrap())).collect()
}

/// Expected loss and probability of loss of each class within 3.5 standard errors of the exact ones.
fn agrees(deal: &Path, case: &str, seed: u64, n: u64) {
    let exact = table();
    let folder = Folder::open(deal).unwrap();
    let draws = Draws { seed, ..Draws::default() };
    let block = folder.simulation("base", draws).unwrap().run(0..n, |_| true).unwrap();
    let found = block.estimates().unwrap();
    for (note, name) in ["senior", "mezzanine", "junior"].into_iter().enumerate() {
        let [probability, payoff] =
            ["probability", "payoff"].map(|figure| exact[&format!("{case}.{name}.{figure}")]);
        // Where hardly a path has a loss the paths know too little of their error; a loss then costs at most
        // what all losses cost on average.
        let bernoulli = (probability * (1.0 - probability) / n as f64).sqrt();
        let hit = found.notes[note].default_probability;
        let away = (hit.value - probability).abs();
        // The table has six digits; below ten paths with a loss chance is no normal, and the bound is a count's.
        let expected = probability * n as f64;
        let error = hit.std_error.max(bernoulli);
        if expected >= 10.0 {
            assert!(away < 3.5 * error + 5e-7, "{case} {name}: {hit:?}, {probability}");
        } else {
            let hits = hit.value * n as f64;
            assert!(hits <= expected + 3.5 * expected.max(1.0).sqrt() + 1.0, "{case} {name}: {hits} hits");
        }
        let loss = found.notes[note].expected_loss;
        let away = (loss.value - (1.0 - payoff)).abs();
        if expected >= 10.0 {
            assert!(away < 3.5 * loss.std_error + 5e-7, "{case} {name}: {loss:?}, {}", 1.0 - payoff);
        }
    }
}

#[test]
fn cdo_by_loading() {
    agrees(Path::new("fixtures/deals/cjs-cdo"), "cdo.loading", 11, paths(40_000));
}

#[test]
fn cdo_squared_by_loading() {
    agrees(Path::new("fixtures/deals/cjs-cdo-squared"), "cdo2.loading", 12, paths(4_000));
}

/// By asset correlation 0.20: a loading of its root.
fn by_correlation() -> Place {
    let place = Place::new();
    place.copy("cjs-cdo", "cjs-cdo", "risk.toml", "loading = 0.20", "loading = 0.4472135955");
    place.copy("cjs-cdo-squared", "squared", "collateral.csv", "40", "40 ");
    place
}

#[test]
fn cdo_by_correlation() {
    agrees(&by_correlation().path("cjs-cdo"), "cdo.correlation", 13, paths(20_000));
}

#[test]
fn cdo_squared_by_correlation() {
    agrees(&by_correlation().path("squared"), "cdo2.correlation", 14, paths(4_000));
}
