//! Control variates, discount spreads and sensitivities: errors that cover, figures that other ways give too.

use super::{folder, paths, seeded};
use leasefall::folder::Folder;
use leasefall::scenario::Draws;
use leasefall::study::simulation::{
    Block, DiscountSpreads, Estimate, SHIFTS, SimulationEstimates, SpreadSource, StatedSpread, sensitivities,
};
use std::sync::OnceLock;

/// A hundred loans, three notes, one factor.
fn loans() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| Folder::open("fixtures/deals/baseline-wf").unwrap())
}

fn controlled(folder: &Folder, draws: Draws, range: std::ops::Range<u64>) -> Block {
    folder.simulation("base", draws).unwrap().with_control_variates().unwrap().block(range).unwrap()
}

fn plain(folder: &Folder, draws: Draws, range: std::ops::Range<u64>) -> SimulationEstimates {
    folder.simulation("base", draws).unwrap().block(range).unwrap().estimates().unwrap()
}

/// Figures of another program over two million paths: of each note the price and the probability of a loss.
#[test]
fn corrected_prices_are_those_of_the_numpy_model() {
    let published = super::baseline::published();
    for draws in [
        seeded(31),
        Draws { tilt: -1.5, ..seeded(32) },
        Draws { sobol_replicates: Some(16), ..seeded(33) },
        Draws { sobol_replicates: Some(16), tilt: -1.0, ..seeded(34) },
    ] {
        let n = paths(16_384);
        let found = controlled(loans(), draws, 0..n).estimates().unwrap();
        let without = plain(loans(), draws, 0..n);
        for ((found, without), (price, price_error, _)) in
            found.notes.iter().zip(&without.notes).zip(&published)
        {
            let error = found.price.std_error.hypot(*price_error);
            let away = (found.price.value - price).abs();
            assert!(away < 3.5 * error, "{draws:?}: {:?}, published {price} +-{price_error}", found.price);
            // Every error shrinks, that of the mezzanine's loss to less than half. (Sixteen replicates know their own
            // spread too badly to tell.)
            if draws.sobol_replicates.is_none() {
                assert!(found.price.std_error < without.price.std_error, "{draws:?}");
                assert!(found.expected_loss.std_error < without.expected_loss.std_error, "{draws:?}");
            }
        }
        if draws.sobol_replicates.is_some() {
            continue;
        }
        let (with, without) = (found.notes[1].expected_loss, without.notes[1].expected_loss);
        assert!(with.std_error < 0.5 * without.std_error, "{draws:?}: {with:?} {without:?}");
    }
}

/// Four hundred independent runs of a thousand paths.
fn runs() -> &'static [Block] {
    static RUNS: OnceLock<Vec<Block>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let simulation = loans().simulation("base", seeded(0)).unwrap().with_control_variates().unwrap();
        (0..400).map(|run| simulation.block(run * 1_000..(run + 1) * 1_000).unwrap()).collect()
    })
}

/// Of 400 runs, between 92 and 98% of the 95% intervals hold the figure of all paths together, known twenty times better
/// than any one run's: corrected figures, though each run learns its coefficients from its own paths, and tails and
/// ratios. (Half a dozen losses in a run, as the senior note has one, make no interval of two errors.)
#[test]
fn intervals_cover_what_they_promise() {
    let mut whole = runs()[0].clone();
    runs()[1..].iter().for_each(|run| whole.merge(run).unwrap());
    let whole = whole.estimates().unwrap();
    let found: Vec<SimulationEstimates> = runs().iter().map(|run| run.estimates().unwrap()).collect();
    type Figure = fn(&SimulationEstimates) -> Estimate;
    let figures: [(&str, Figure); 8] = [
        ("expected loss of B", |run| run.notes[1].expected_loss),
        ("price of B", |run| run.notes[1].price),
        ("price of C", |run| run.notes[2].price),
        ("probability of a loss of C", |run| run.notes[2].default_probability),
        ("expected loss of C", |run| run.notes[2].expected_loss),
        ("expected shortfall of C at 95%", |run| run.notes[2].value_at_risk[0].expected_shortfall),
        ("life of C", |run| run.notes[2].wal_years.unwrap()),
        ("loss of C given one", |run| run.notes[2].loss_given_loss.unwrap()),
    ];
    let mut wrong = Vec::new();
    for (what, figure) in figures {
        let exact = figure(&whole).value;
        let covers =
            |run: &&SimulationEstimates| (figure(run).value - exact).abs() <= 1.96 * figure(run).std_error;
        let covered = found.iter().filter(covers).count();
        if !(368..=392).contains(&covered) {
            wrong.push(format!("{what}: {covered} of 400"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Blocks with control variates merge into exactly the whole, and not with blocks without.
#[test]
fn controls_merge_byte_for_byte() {
    let whole = controlled(loans(), seeded(5), 0..300);
    let mut first = controlled(loans(), seeded(5), 100..300);
    let rest = controlled(loans(), seeded(5), 0..100);
    first.merge(&Block::from_json("rest", &rest.json()).unwrap()).unwrap();
    assert_eq!(first.json(), whole.json());
    let other = loans().simulation("base", seeded(5)).unwrap().block(300..310).unwrap();
    assert!(first.merge(&other).is_err());
    // A file that lacks a sum is no block.
    let cut = whole.json().replace("\"hits\":[", "\"hits\":[1,");
    assert!(Block::from_json("cut", &cut).is_err());
}

/// The mean over the paths of a pool of unlike tenants with three factors is moved by less than its own error, and a
/// deal on notes of other deals has no controls.
#[test]
fn controls_move_no_expectation() {
    let n = paths(8_000);
    let (with, without) =
        (controlled(folder(), seeded(3), 0..n).estimates().unwrap(), plain(folder(), seeded(3), 0..n));
    for (with, without) in with.notes.iter().zip(&without.notes) {
        let moved = (with.expected_loss.value - without.expected_loss.value).abs();
        assert!(moved < 2.0 * without.expected_loss.std_error && moved > 0.0);
        assert!(with.expected_loss.std_error <= without.expected_loss.std_error);
    }
    let squared = Folder::open("fixtures/deals/cjs-cdo-squared").unwrap();
    let error = squared.simulation("base", seeded(1)).unwrap().with_control_variates().unwrap_err();
    assert!(error.to_string().contains("notes of other deals"), "{error}");
}

/// A stated spread discounts at it: without chance, the price is the audited run's at that spread.
#[test]
fn stated_spreads_discount() {
    let spread = |note: Option<&str>, spread_bp| StatedSpread { note: note.map(str::to_owned), spread_bp };
    let spreads =
        DiscountSpreads { stated: vec![spread(None, 150.0), spread(Some("B"), 325.0)], shift_bp: 0.0 };
    let block = folder().simulation_at("base", seeded(1), &spreads).unwrap().block(0..200).unwrap();
    let notes = &block.header().notes;
    let of = |id: &str| notes.iter().find(|note| note.id == id).unwrap();
    assert!((of("B").discount_spread_bp - 325.0).abs() < 1e-9);
    assert!(
        notes.iter().filter(|note| note.id != "B").all(|note| (note.discount_spread_bp - 150.0).abs() < 1e-9)
    );
    assert!(notes.iter().all(|note| note.discount_spread_source == SpreadSource::Stated));
    // Historical probabilities and quotes: the scenario's own, unless stated; risk-neutral ones: the curve.
    let source = |folder: &Folder| {
        folder.simulation("base", seeded(1)).unwrap().block(0..1).unwrap().header().notes[0]
            .discount_spread_source
    };
    assert_eq!((source(folder()), source(loans())), (SpreadSource::Scenario, SpreadSource::Curve));
    let strange = DiscountSpreads { stated: vec![spread(Some("Z"), 1.0)], shift_bp: 0.0 };
    let error = folder().simulation_at("base", seeded(1), &strange).unwrap_err().to_string();
    assert!(error.contains("no note `Z`") && error.contains("A-1"), "{error}");
    assert!(folder().simulation_at("base", seeded(1), &DiscountSpreads::all(1e6)).is_err());
}

/// One basis point of spread takes duration x price from a note, and no loss moves. By hand for the senior note of the
/// loans: its cash, averaged over paths, comes after `wal` years or a little earlier, interest included, so that the
/// duration lies between two thirds of the average life and the average life itself.
#[test]
fn a_basis_point_costs_a_duration() {
    let n = paths(2_000);
    let study = sensitivities(loans(), "base", seeded(2), &DiscountSpreads::default(), 0..n).unwrap();
    let found = plain(loans(), seeded(2), 0..n);
    let of = |name: &str| &study.iter().find(|moved| moved.name == name).unwrap().notes;
    let (spread, senior) = (of("discount spread + 1 bp")[0], &found.notes[0]);
    let duration = -spread.price.value / senior.price.value * 1e4;
    let wal = senior.wal_years.unwrap().value;
    assert!(duration > 0.66 * wal && duration < wal, "{duration} {wal}");
    assert_eq!(spread.expected_loss.value, 0.0);
    assert!(spread.price.std_error > 0.0 && spread.price.std_error < 0.1 * spread.price.value.abs());
    // Loans state their own recovery, 40%: ten points less is a sixth more loss given default, and more on notes.
    let losses = of("recovery rates - 0.10").iter().map(|note| note.expected_loss);
    assert!(losses.skip(1).all(|moved| moved.value > 3.0 * moved.std_error));
}

/// Chips that come faster are worth less, and so are the notes that stand on them.
#[test]
fn faster_generations_cost_the_notes_on_chips() {
    let folder = Folder::open("fixtures/deals/valor-compute-2026").unwrap();
    let study = sensitivities(&folder, "base", seeded(4), &DiscountSpreads::default(), 0..320).unwrap();
    assert_eq!(study.len(), SHIFTS.len());
    let faster = study.iter().find(|moved| moved.name.starts_with("chip generations")).unwrap();
    let losses: f64 = faster.notes.iter().map(|note| note.expected_loss.value).sum();
    assert!(losses > 0.0, "{faster:?}");
    assert!(faster.notes.iter().all(|note| note.expected_loss.value >= 0.0 && note.price.value <= 1e-9));
}

/// First losses by year add to the probability of any, average lives to one, and each note's points lie in order.
#[test]
fn distributions_add_up() {
    let block = folder().simulation("base", seeded(8)).unwrap().block(0..paths(2_000)).unwrap();
    let found = block.estimates().unwrap();
    for (note, header) in found.notes.iter().zip(&block.header().notes) {
        let lives: f64 = note.wal_distribution.iter().map(|point| point.probability).sum();
        assert!((lives - 1.0).abs() < 1e-9);
        let mean: f64 = note.wal_distribution.iter().map(|point| point.probability * point.value).sum();
        assert!((mean - note.wal_years.unwrap().value).abs() < 1e-6);
        let first: f64 = note.first_loss_by_year.iter().map(|year| year.value).sum();
        let least = note.default_probability.value.max(note.interest_shortfall_probability.value);
        let most = note.default_probability.value + note.interest_shortfall_probability.value;
        assert!(first >= least - 1e-9 && first <= most + 1e-9, "{first} {least} {most}");
        let bernoulli = |p: f64| (p * (1.0 - p) / (found.paths - 1) as f64).sqrt();
        for year in &note.first_loss_by_year {
            assert!((year.std_error - bernoulli(year.value)).abs() < 1e-9);
        }
        assert!(header.attachment < header.detachment && header.detachment <= 1.0);
        for quantile in &note.value_at_risk {
            assert!(
                quantile.value_at_risk.std_error.is_finite()
                    && quantile.expected_shortfall.std_error.is_finite()
            );
        }
    }
    assert_eq!(block.header().notes.last().unwrap().attachment, 0.0);
}
