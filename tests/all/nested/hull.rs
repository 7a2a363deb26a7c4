//! Hull's arithmetic: mortgages cut 75 / 20 / 5, the mezzanines pooled and cut 75 / 20 / 5, all pools lose
//! alike (Hull, *Options, Futures and Other Derivatives*, chapter on securitization).

use super::Place;
use leasefall::Money;
use leasefall::folder::Folder;
use leasefall::scenario::Draws;

/// A hundred loans of 10,000.00: 750,000 / 200,000 / 50,000; forty mezzanines: 6,000,000 / 1,600,000 / 400,000.
fn hull(place: &Place, risk: &str, shared: Option<&str>) {
    place.pool("abs", 100, [750_000, 200_000, 50_000], risk);
    for lost in [4, 5, 10, 13, 25] {
        let event = |i: usize| {
            format!(
                "[[events]]\nkind = \"tenant_default\"\ntenant = \"t{i}\"\nat = 2027-01-01\noutcome = \"rejected\"\n"
            )
        };
        let text: String = (0..lost).map(event).collect();
        place.write(&format!("abs/scenarios/lost_{lost}.toml"), &text);
    }
    place.holder("cdo", [6_000_000, 1_600_000, 400_000], "../abs,mezzanine,200000,40\n", shared);
}

const QUIET: &str = "measure = \"historical\"\n";

#[test]
fn seventy_five_twenty_five_to_the_cent() {
    let place = Place::new();
    hull(&place, QUIET, None);
    let folder = Folder::open(place.path("cdo")).unwrap();
    // By per cent lost: mezzanine of the ABS, then equity, mezzanine and senior of the CDO, in cents lost.
    for (lost, abs, cdo) in [
        (4, 0, [0, 0, 0]),
        (5, 0, [0, 0, 0]),
        // 25% of the mezzanines: 2,000,000 of 8,000,000, equity and mezzanine all, the senior nothing.
        (10, 50_000_00, [400_000_00, 1_600_000_00, 0]),
        // 40%: 3,200,000, of which 1,200,000, a fifth of it, is the senior's.
        (13, 80_000_00, [400_000_00, 1_600_000_00, 1_200_000_00]),
        // All of it.
        (25, 200_000_00, [400_000_00, 1_600_000_00, 6_000_000_00]),
    ] {
        let scenario = format!("lost_{lost}");
        assert!(folder.scenario_names().unwrap().contains(&scenario));
        let inner = folder.collateral().unwrap().deals()[0].folder().run(&scenario).unwrap();
        assert_eq!(inner.row(0, 1).balance_close, Money::from_minor(abs), "{lost}");
        let run = folder.run(&scenario).unwrap();
        let found = [2, 1, 0].map(|note| run.row(0, note).balance_close.minor());
        assert_eq!(found, cdo, "{lost}");
        let collections = folder.collections(&scenario).unwrap();
        // Interest, principal, balance and loss of forty mezzanines.
        let row = [0, 40 * (200_000_00 - abs), 0, 40 * abs].map(Money::from_minor);
        assert_eq!(collections.row(0), row, "{lost}");
        assert_eq!(run.conservation(folder.program()).difference, Money::ZERO);
    }
}

/// Every obligor leans on one shared factor and nothing else, obligor `i` defaulting with a probability of
/// (2 i + 1) / 200: all pools lose the same whole per cent, each from 0 to 100 as likely as the next, and
/// the CDO's notes lose what arithmetic says of it.
#[test]
fn pools_that_share_everything_lose_alike() {
    let place = Place::new();
    let mut risk = "measure = \"historical\"\nfactors = [\"economy\"]\n".to_owned();
    for i in 0..100 {
        risk += &format!(
            "[[obligors]]\ntenants = [\"t{i}\"]\nloadings = [{{ factor = \"economy\", loading = 1 }}]\n\
             default = {{ kind = \"cumulative\", points = [{{ years = 5, probability = {} }}] }}\n",
            f64::from(2 * i + 1) / 200.0
        );
    }
    hull(&place, &risk, Some("measure = \"historical\"\nfactors = [\"economy\"]\n"));
    let folder = Folder::open(place.path("cdo")).unwrap();
    // A scrambled sequence of the one factor: 64 replicates of 16 points.
    let draws = Draws { seed: 4, sobol_replicates: Some(64), ..Draws::default() };
    let block = folder.simulation("base", draws).unwrap().run(0..1_024, |_| true).unwrap();
    let found = block.estimates().unwrap();
    // Losses of whole per cents k, those of 0 and 100 half as likely: P(k lost) = 1/100, 1/200 at the ends.
    let mezzanine = |k: i32| (f64::from(k - 5) / 20.0).clamp(0.0, 1.0);
    let weight = |k: i32| if k == 0 || k == 100 { 0.005 } else { 0.01 };
    for (note, (from, to)) in [(0, (0.25, 1.0)), (1, (0.05, 0.25)), (2, (0.0, 0.05))] {
        let loss = |k| ((mezzanine(k) - from) / (to - from)).clamp(0.0, 1.0);
        let exact: f64 = (0..=100).map(|k| weight(k) * loss(k)).sum();
        let hit: f64 = (0..=100).map(|k| if loss(k) > 0.0 { weight(k) } else { 0.0 }).sum();
        for (figure, exact) in
            [(found.notes[note].expected_loss, exact), (found.notes[note].default_probability, hit)]
        {
            let away = (figure.value - exact).abs();
            assert!(away < 3.5 * figure.std_error, "{note}: {figure:?}, {exact}");
            assert!(figure.std_error < 0.01);
        }
    }
}
