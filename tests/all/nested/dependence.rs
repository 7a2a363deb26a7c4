//! Dependence within and between pools, against the exact engine of pools of tranches; and the laws of
//! simulation for deals within deals.

use super::Place;
use crate::simulation::paths;
use leasefall::credit::{Copula, Correlation, DefaultCurve, Loadings, Measure, Recovery};
use leasefall::folder::Folder;
use leasefall::scenario::Draws;
use leasefall::valuation::exact::{InnerPool, ReferenceEntity, ReferencePool, SquaredPool, Tranche};

const PROBABILITY: f64 = 0.05;
const CORRELATION: f64 = 0.25;

/// Eight pools of 25 loans; a share of the correlation is between pools, the rest within each.
fn family(place: &Place, between_share: f64, copula: &str) -> Folder {
    let between = (CORRELATION * between_share).sqrt();
    let within = (CORRELATION * (1.0 - between_share)).sqrt();
    let risk = format!(
        "measure = \"historical\"\ncopula = {copula}\nfactors = [\"pool\", \"economy\"]\n[[obligors]]\n\
         default = {{ kind = \"cumulative\", points = [{{ years = 5, probability = {PROBABILITY} }}] }}\n\
         loadings = [{{ factor = \"economy\", loading = {between:.10} }}, {{ factor = \"pool\", loading = {within:.10} }}]\n"
    );
    place.pool("abs", 25, [200_000, 30_000, 20_000], &risk);
    let shared = "measure = \"historical\"\nfactors = [\"economy\"]\n";
    place.holder("cdo", [160_000, 50_000, 30_000], "../abs,mezzanine,30000,8\n", Some(shared));
    Folder::open(place.path("cdo")).unwrap()
}

/// Expected loss and probability of loss of senior, mezzanine and equity by the exact engine.
fn exact(between_share: f64, copula: Copula) -> [(f64, f64); 3] {
    let correlation = Correlation::new(CORRELATION).unwrap();
    let name = ReferenceEntity {
        notional: 1.0,
        recovery: Recovery::Fixed(0.0),
        curve: DefaultCurve::from_probabilities(Measure::Historical, &[(5.0, PROBABILITY)]).unwrap(),
        loadings: Loadings::between_and_within(correlation, between_share).unwrap(),
    };
    let pool = ReferencePool::new(copula, &vec![name; 25]).unwrap();
    let held = InnerPool { pool, tranche: Tranche::new(0.08, 0.20).unwrap(), count: 8 };
    let losses = SquaredPool::new(&[held], 1).unwrap().loss_distribution(5.0).unwrap();
    let cuts = [(80.0 / 240.0, 1.0), (30.0 / 240.0, 80.0 / 240.0), (0.0, 30.0 / 240.0)];
    cuts.map(|(from, to)| {
        let loss = losses.tranche_loss(&Tranche::new(from, to).unwrap());
        (loss.expected_loss, loss.probability_of_loss)
    })
}

/// Between nothing and everything the senior of the CDO loses ten times as much: each share of it within 3.5
/// standard errors of the exact engine, for a normal and a Student copula.
#[test]
fn between_and_within_are_separate() {
    let student = (r#"{ kind = "student_t", degrees_of_freedom = 4 }"#, Copula::StudentT { dof: 4.0 });
    let mut senior = Vec::new();
    for (text, copula, share) in [
        (r#"{ kind = "gaussian" }"#, Copula::Gaussian, 0.0),
        (r#"{ kind = "gaussian" }"#, Copula::Gaussian, 0.4),
        (r#"{ kind = "gaussian" }"#, Copula::Gaussian, 1.0),
        (student.0, student.1, 0.4),
    ] {
        let place = Place::new();
        let folder = family(&place, share, text);
        let draws = Draws { seed: 21, ..Draws::default() };
        let n = paths(20_000);
        let found = folder.simulation("base", draws).unwrap().run(0..n, |_| true).unwrap();
        let found = found.estimates().unwrap();
        for (note, (loss, hit)) in exact(share, copula).into_iter().enumerate() {
            let figures = &found.notes[note];
            for (figure, exact) in [(figures.expected_loss, loss), (figures.default_probability, hit)] {
                let away = (figure.value - exact).abs();
                assert!(away < 3.5 * figure.std_error, "{text} {share} {note}: {figure:?}, exactly {exact}");
            }
        }
        senior.push(exact(share, copula)[0].0);
    }
    assert!(senior[2] > 10.0 * senior[0], "{senior:?}");
}

/// Importance sampling and sequences act on what the pools share.
#[test]
fn variance_reduction_moves_no_expectation() {
    let place = Place::new();
    let folder = family(&place, 0.6, r#"{ kind = "gaussian" }"#);
    let exact = exact(0.6, Copula::Gaussian);
    let plain = Draws { seed: 5, ..Draws::default() };
    let estimates = |draws: Draws| {
        let simulation = folder.simulation("base", draws).unwrap();
        simulation.run(0..paths(8_192), |_| true).unwrap().estimates().unwrap()
    };
    let mut errors = Vec::new();
    for draws in [plain, Draws { tilt: -1.2, ..plain }, Draws { sobol_replicates: Some(16), ..plain }] {
        let found = estimates(draws);
        for (note, (loss, hit)) in exact.iter().enumerate() {
            let figures = &found.notes[note];
            for (figure, exact) in [(figures.expected_loss, loss), (figures.default_probability, hit)] {
                let away = (figure.value - exact).abs();
                assert!(away < 3.5 * figure.std_error, "{draws:?} {note}: {figure:?}, exactly {exact}");
            }
        }
        errors.push(found.notes[0].expected_loss.std_error);
    }
    assert!(errors[1] < 0.7 * errors[0], "{errors:?}");
}

/// Without a shared factor there is nothing to tilt, and it is said.
#[test]
fn what_pools_do_not_share_cannot_be_tilted() {
    let folder = Folder::open("fixtures/deals/cjs-cdo-squared").unwrap();
    let plain = Draws::default();
    for draws in [Draws { tilt: -1.0, ..plain }, Draws { sobol_replicates: Some(16), ..plain }] {
        let error = folder.simulation("base", draws).unwrap_err().to_string();
        assert!(error.contains("the pools share no factor"), "{error}");
    }
}

/// Law 8: any cut of a range merges to the same bytes, on one thread or several.
#[test]
fn shards_merge_to_the_byte() {
    let place = Place::new();
    let folder = family(&place, 0.4, r#"{ kind = "gaussian" }"#);
    let draws = Draws { seed: 8, ..Draws::default() };
    let simulation = folder.simulation("base", draws).unwrap();
    let whole = simulation.block(0..3_000).unwrap();
    let mut merged = simulation.block(1_077..3_000).unwrap();
    merged.merge(&simulation.block(0..5).unwrap()).unwrap();
    merged.merge(&simulation.block(5..1_077).unwrap()).unwrap();
    assert_eq!(merged.json(), whole.json());
    assert_eq!(simulation.run(0..3_000, |_| true).unwrap().json(), whole.json());
    // Another deal below is another simulation.
    let other = Place::new();
    let folder = family(&other, 0.5, r#"{ kind = "gaussian" }"#);
    let other = folder.simulation("base", draws).unwrap().block(3_000..3_010).unwrap();
    assert!(merged.merge(&other).is_err());
}

/// Law 10, one level up: without chance every path is the scripted scenario.
#[test]
fn without_chance_a_path_is_the_script() {
    let place = Place::new();
    place.pool("abs", 10, [50_000, 30_000, 20_000], "measure = \"historical\"\n");
    let event =
        "[[events]]\nkind = \"tenant_default\"\ntenant = \"t3\"\nat = 2027-01-01\noutcome = \"rejected\"\n";
    place.write("abs/scenarios/base.toml", event);
    place.holder("cdo", [14_000, 6_000, 10_000], "../abs,equity,7500,4\n", None);
    let folder = Folder::open(place.path("cdo")).unwrap();
    // 10,000 of 100,000 lost, half of the equity: 15,000 of 30,000 held, 10,000 the equity's and 5,000 the
    // mezzanine's.
    let run = folder.run("base").unwrap();
    assert_eq!([0, 1, 2].map(|note| run.row(0, note).balance_close.minor()), [0, 5_000_00, 10_000_00]);
    let simulation = folder.simulation("base", Draws::default()).unwrap();
    let found = simulation.block(0..20).unwrap().estimates().unwrap();
    let losses: Vec<f64> = found.notes.iter().map(|note| note.expected_loss.value).collect();
    assert!((losses[1] - 5.0 / 6.0).abs() < 1e-9 && losses[0] == 0.0 && losses[2] == 1.0, "{losses:?}");
    assert!(found.notes.iter().all(|note| note.expected_loss.std_error < 1e-9));
}

/// A pool held directly and through another deal is one pool: what it pays moves together. Its copies are
/// others, and move apart.
#[test]
fn one_folder_is_one_deal_however_it_is_reached() {
    let lost = |rows: &str| {
        let place = Place::new();
        let risk = "measure = \"historical\"\n[[obligors]]\n\
            default = { kind = \"cumulative\", points = [{ years = 5, probability = 0.5 }] }\n";
        place.pool("abs", 1, [5_000, 3_000, 2_000], risk);
        place.holder("cdo", [1_000, 500, 500], "../abs,equity,1000,1\n../abs,mezzanine,1000,1\n", None);
        place.holder("top", [1_000, 500, 500], rows, None);
        let folder = Folder::open(place.path("top")).unwrap();
        let simulation = folder.simulation("base", Draws::default()).unwrap();
        let found = simulation.run(0..2_000, |_| true).unwrap().estimates().unwrap();
        // All of the collateral is lost, or none, or some: the senior half loses all only with the whole.
        let senior = &found.notes[0];
        (senior.default_probability.value, senior.expected_loss.value)
    };
    // One loan that defaults with a half: everything is lost at once, or nothing.
    let (hit, loss) = lost("../abs,senior,1000,1\n../cdo,senior,1000,1\n");
    assert!((hit - 0.5).abs() < 0.05 && hit == loss, "{hit} {loss}");
    // Two loans: the senior half is hit when both default.
    let (hit, _) = lost("../cdo,senior,1000,2\n");
    assert!((hit - 0.25).abs() < 0.04, "{hit}");
}
