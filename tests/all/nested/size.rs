//! Deals beyond what doubles hold exactly: their paths run one by one in integers, and lose the same shares.

use super::Place;
use leasefall::folder::Folder;
use leasefall::scenario::Draws;

/// Expected losses and probabilities of loss of a pool's notes and of a deal on its mezzanine, amounts so many times as
/// large.
fn losses(times: u64) -> Vec<(f64, f64)> {
    let place = Place::new();
    let risk = "measure = \"historical\"\nfactors = [\"pool\"]\n[[obligors]]\n\
        default = { kind = \"cumulative\", points = [{ years = 5, probability = 0.05 }] }\n\
        loadings = [{ factor = \"pool\", loading = 0.5 }]\n";
    place.pool("abs", 25, [200_000, 30_000, 20_000].map(|amount| amount * times), risk);
    let loans = std::fs::read_to_string(place.path("abs").join("loans.csv")).unwrap();
    place.write("abs/loans.csv", &loans.replace(",10000,", &format!(",{},", 10_000 * times)));
    let held = format!("../abs,mezzanine,{},8\n", 30_000 * times);
    place.holder("cdo", [160_000, 50_000, 30_000].map(|amount| amount * times), &held, None);
    let of = |deal: &str| {
        let folder = Folder::open(place.path(deal)).unwrap();
        let simulation = folder.simulation("base", Draws::default()).unwrap();
        let found = simulation.block(0..200).unwrap().estimates().unwrap();
        found.notes.into_iter().map(|note| (note.expected_loss.value, note.default_probability.value))
    };
    of("abs").chain(of("cdo")).collect()
}

/// 25 loans of 10,000 are held in doubles, of 100 billion each (2.5 trillion dollars) they are not.
#[test]
fn size_changes_no_share() {
    let (usual, huge) = (losses(1), losses(10_000_000));
    assert!(usual.iter().all(|(loss, probability)| *loss > 0.0 && *probability < 1.0), "{usual:?}");
    for (usual, huge) in usual.iter().zip(&huge) {
        assert!((usual.0 - huge.0).abs() < 1e-12 && usual.1 == huge.1, "{usual:?} {huge:?}");
    }
}
