//! Blocks of paths: the same bytes however they are cut, and the same figures as the slow way.

use super::{draw, folder, paths, seeded};
use leasefall::collection::collect;
use leasefall::deal::Deal;
use leasefall::scenario::Draws;
use leasefall::study::simulation::{Block, DiscountSpreads, Move, SHIFTS, Simulation, sensitivities};
use leasefall::tape::read_document;
use leasefall::valuation::{ZSpread, note_flows, present_value, pricing_curve};
use leasefall::waterfall::Program;
use proptest::prelude::*;

/// Law 8: any cut of a range into blocks, merged in any order, gives the bytes of the whole.
#[test]
fn shards_merge_into_exactly_the_whole() {
    let simulation = folder().simulation("base", seeded(42)).unwrap();
    let whole = simulation.block(0..400).unwrap();
    let waves = simulation.run(0..400, |_| true).unwrap();
    assert_eq!(whole.json(), waves.json());
    proptest!(ProptestConfig::with_cases(12), |(
        mut cuts in prop::collection::vec(0_u64..400, 1..5),
        order in any::<u64>(),
    )| {
        cuts.extend([0, 400]);
        cuts.sort_unstable();
        let mut blocks: Vec<Block> =
            cuts.windows(2).map(|pair| simulation.block(pair[0]..pair[1]).unwrap()).collect();
        let start = (order % blocks.len() as u64) as usize;
        blocks.rotate_left(start);
        let mut merged = blocks.pop().unwrap();
        for block in &blocks {
            // Through the file, as shards travel.
            merged.merge(&Block::from_json("block", &block.json()).unwrap()).unwrap();
        }
        prop_assert_eq!(merged.json(), whole.json());
    });
}

#[test]
fn threads_leave_no_trace() {
    let simulation = folder().simulation("base", seeded(1)).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| simulation.run(0..5_000, |_| true).unwrap().json())
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
}

#[test]
fn blocks_of_other_simulations_do_not_merge() {
    let block = |seed, paths| folder().simulation("base", seeded(seed)).unwrap().block(paths).unwrap();
    let mut first = block(1, 0..16);
    assert!(first.merge(&block(2, 16..32)).is_err());
    assert!(first.merge(&block(1, 8..24)).is_err(), "a path twice");
    first.merge(&block(1, 16..24)).unwrap();
    assert_eq!(first.ranges(), [(0, 24)]);
    for broken in ["", "{}", "[1, 2]", &first.json().replace("\"version\":3", "\"version\":9")] {
        assert!(Block::from_json("block", broken).is_err());
    }
    let cut = &first.json()[..500];
    let problem = Block::from_json("block", cut).unwrap_err().to_string();
    assert!(problem.starts_with("block:1: found"), "{problem}");
}

/// Path by path: one scenario, its collections, one audited run, its flows discounted by the library's own
/// pricing. The means over paths are those of the simulation.
#[test]
fn the_fast_way_gives_the_figures_of_the_slow_way() {
    let folder = folder();
    let spreads: Vec<ZSpread> =
        folder.value("base").unwrap().notes.iter().map(|note| note.z_spread()).collect();
    both_ways(folder.deal(), folder.program(), &spreads);
}

/// The same of a deal that also draws on a note and writes another down, partly back up.
#[test]
fn draws_and_write_downs_count_on_both_ways() {
    let text = std::fs::read_to_string("fixtures/deals/forty-tenants/deal.toml").unwrap();
    let text = text
        .replace(
            "id = \"C\"\n",
            "id = \"C\"\nkind = \"variable_funding\"\ncommitment = 200_000_000\n\
             draws = [{ date = 2026-06-25, amount = 12_000_000 }]\n",
        )
        .replace(
            "[[phases.steps]]\nid = \"fees\"",
            "[[phases.steps]]\nid = \"loss\"\npay = \"write_down\"\nnotes = [\"D\"]\namount = \"schedule(loss)\"\n\n\
             [[phases.steps]]\nid = \"gain\"\npay = \"write_up\"\nnotes = [\"D\"]\namount = \"schedule(gain)\"\n\n\
             [[phases.steps]]\nid = \"fees\"",
        )
        + "\n[[schedules]]\nid = \"loss\"\nentries = [{ date = 2027-01-25, amount = 9_000_000 }]\n\
           [[schedules]]\nid = \"gain\"\nentries = [{ date = 2028-01-25, amount = 4_000_000 }]\n";
    let deal = read_document::<Deal>("deal.toml", &text).unwrap().value;
    let program = Program::compile(&deal, folder().program().layout()).unwrap();
    let spreads = vec![ZSpread::continuous(0.02); deal.notes.len()];
    let losses = both_ways(&deal, &program, &spreads);
    // 5,000,000 of 115,000,000 stay written down on every path.
    assert!(losses[4] >= 5.0 / 115.0, "{}", losses[4]);
}

/// Compares both ways over paths of the fixture's pool; expected losses by note.
fn both_ways(deal: &Deal, program: &Program, spreads: &[ZSpread]) -> Vec<f64> {
    let folder = folder();
    let (draws, n) = (seeded(6), paths(300));
    let generator = folder.generator("base", draws).unwrap();
    let periods = folder.periods().unwrap();
    let simulation =
        Simulation::new(deal, program, folder.pool(), periods, generator.clone(), "base", spreads).unwrap();
    let estimates = simulation.block(0..n).unwrap().estimates().unwrap();
    let curve = pricing_curve(deal).unwrap();
    let mut world = generator.world();
    let notes = deal.notes.len();
    // Price, loss, interest missed, anticipated repayment missed.
    let mut slow = vec![[0.0; 4]; notes];
    for path in 0..n {
        draw(&generator, path, &mut world);
        let collections = collect(folder.pool(), &world.scenario, periods).unwrap();
        let run = program.run(&collections).unwrap();
        assert_eq!(run.conservation(program).difference, leasefall::Money::ZERO);
        for (note, sums) in slow.iter_mut().enumerate() {
            let original = program.original_balance(note).minor() as f64;
            let flows = note_flows(deal, program, &run, note).unwrap();
            let value = present_value(&flows, deal.closing_date, &curve, spreads[note]).unwrap();
            let written: i64 = run.note(note).map(|row| (row.written_down - row.written_up).minor()).sum();
            let left = run.row(run.periods() - 1, note).balance_close.minor();
            // January 2031 is the sixtieth payment date.
            let missed = run.periods() > 60 && run.row(59, note).balance_close.minor() > 0;
            let late = run.note(note).any(|row| row.interest_shortfall.minor() > 0);
            let figures = [
                100.0 * value / (original / 100.0),
                (left + written) as f64 / original,
                f64::from(u8::from(late)),
                f64::from(u8::from(missed)),
            ];
            sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure / n as f64);
        }
    }
    for (note, (found, slow)) in estimates.notes.iter().zip(&slow).enumerate() {
        assert!((found.price.value - slow[0]).abs() < 1e-7, "{note}: {} {}", found.price.value, slow[0]);
        assert!((found.expected_loss.value - slow[1]).abs() < 1e-9, "{note}");
        assert!((found.interest_shortfall_probability.value - slow[2]).abs() < 1e-9, "{note}");
        let missed = found.ard_missed_probability.expect("a repayment date").value;
        assert!((missed - slow[3]).abs() < 1e-9, "{note}");
    }
    assert!(slow[notes - 1].iter().all(|&figure| figure > 0.0), "the fixture is risky enough to tell");
    slow.into_iter().map(|figures| figures[1]).collect()
}

/// Importance sampling changes errors, not expectations: both estimates agree within their errors, and the
/// mean weight is one.
#[test]
fn a_tilt_moves_no_expectation() {
    let n = paths(3_000);
    let estimates = |draws: Draws| {
        folder().simulation("base", draws).unwrap().run(0..n, |_| true).unwrap().estimates().unwrap()
    };
    let plain = estimates(seeded(21));
    let tilted = estimates(Draws { tilt: -1.0, ..seeded(22) });
    for (plain, tilted) in plain.notes.iter().zip(&tilted.notes) {
        for (a, b) in [
            (plain.price, tilted.price),
            (plain.expected_loss, tilted.expected_loss),
            (plain.ard_missed_probability.unwrap(), tilted.ard_missed_probability.unwrap()),
        ] {
            let error = a.std_error.hypot(b.std_error);
            assert!((a.value - b.value).abs() <= 3.5 * error + 1e-12, "{a:?} {b:?}");
        }
    }
}

/// A sensitivity is the figure of the moved model less that of the model, on the same paths.
#[test]
fn sensitivities_are_differences_of_two_runs() {
    let spreads = DiscountSpreads::default();
    let study = sensitivities(folder(), "base", seeded(2), &spreads, 0..640).unwrap();
    // All but that of chips, of which there are none.
    assert_eq!(study.len(), SHIFTS.len() - 1);
    let before = folder().simulation("base", seeded(2)).unwrap().block(0..640).unwrap().estimates().unwrap();
    for moved in &study {
        let (_, by) = SHIFTS.into_iter().find(|(name, _)| *name == moved.name).unwrap();
        let after = match by {
            Move::Model(shift) => folder().simulation("base", Draws { shift, ..seeded(2) }),
            Move::SpreadBp(bp) => folder().simulation_at("base", seeded(2), &spreads.moved(bp)),
        };
        let after = after.unwrap().block(0..640).unwrap().estimates().unwrap();
        for ((found, before), after) in moved.notes.iter().zip(&before.notes).zip(&after.notes) {
            assert!((found.price.value - (after.price.value - before.price.value)).abs() < 1e-9);
            let losses = after.expected_loss.value - before.expected_loss.value;
            assert!((found.expected_loss.value - losses).abs() < 1e-9);
            assert!(found.price.std_error.is_finite());
        }
    }
    // Some move is felt.
    assert!(study.iter().flat_map(|moved| &moved.notes).any(|note| note.expected_loss.value != 0.0));
}
