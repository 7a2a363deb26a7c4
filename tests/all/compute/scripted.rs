//! The price of compute and rack density that scenario files describe.

use super::{catalogue, day, pool, scenario, script, two_generations};
use crate::check::Temporary;
use leasefall::asset::Survival;
use leasefall::collection::ChipValuation;
use leasefall::pool::InMemory;
use leasefall::scenario::compute::{
    Cadence, ComputePrice, CostTerms, Frontier, OperatingTerms, Scarcity, long_run_cost,
};
use proptest::prelude::*;
use std::fs;

const BASE: &str = "description = \"base\"";

/// The default terms are the calibrated model: the frontier at a moment, by its other form, without scarcity.
#[test]
fn the_base_is_the_calibrated_path() {
    let (chips, origin) = (catalogue(), day("2026-01-01"));
    let base = scenario(&pool(Some(chips.clone())), BASE);
    assert_eq!((base.compute_price.len(), base.rack_density_kw.len()), (120, 120));
    let (frontier, mut arrivals) =
        Frontier::of_generations(&chips.generations, origin, &CostTerms::default()).unwrap();
    let last = chips.generations.iter().max_by_key(|generation| generation.release.value).unwrap();
    let from = Frontier::months_from(origin, last.release.value);
    let cost = long_run_cost(&last.rates(), &CostTerms::default()).unwrap();
    arrivals.extend(Cadence::default().successors(from, &cost, 6).unwrap());
    for (month, price) in base.compute_price.iter().enumerate() {
        let expected = frontier.log_cost_at(&arrivals, month as f64).exp();
        assert!((price / expected - 1.0).abs() < 1e-12, "month {month}: {price} {expected}");
    }
}

/// 40 kW a rack until January 2027, then evenly in logarithms to 160 in two years: 80 after one.
#[test]
fn density_follows_adoption() {
    let text = "[compute]\ncadence_months = 1200";
    let density = scenario(&pool(Some(two_generations())), text).rack_density_kw;
    assert!((density[0] - 40.0).abs() < 1e-9 && (density[11] - 40.0).abs() < 1e-9);
    // The release is 365 days into the path, 11.99 months of 30.4375 days; month 24 is 12.01 later.
    let share = (24.0 - 365.0 / 30.4375) / 24.0;
    assert!((density[24] / (40.0 * 4.0_f64.powf(share)) - 1.0).abs() < 1e-12);
    assert!((density[40] - 160.0).abs() < 1e-9 && (density[119] - 160.0).abs() < 1e-9);
    // The next generation, a third denser, 36 months after it.
    let text = "[compute]\ncadence_months = 36\nadoption_months = 0\nrack_density_growth = 1.5";
    let density = scenario(&pool(Some(two_generations())), text).rack_density_kw;
    assert!((density[47] - 160.0).abs() < 1e-9 && (density[48] - 240.0).abs() < 1e-9);
}

/// Twice the speed: what is due in a year comes in half of one. A plateau: it does not come.
#[test]
fn generations_come_sooner_or_not_at_all() {
    let pool = pool(Some(two_generations()));
    let arrivals = |text: &str| scenario(&pool, text).compute.unwrap().arrivals().to_vec();
    let (usual, fast) = (arrivals(BASE), arrivals("[compute]\ncadence_speed = 2"));
    for (usual, fast) in usual.iter().zip(&fast) {
        assert!((usual.month - 2.0 * fast.month).abs() < 1e-12 && usual.log_cost == fast.log_cost);
    }
    let flat = scenario(&pool, "[compute]\nplateau_from = 2027-01-01").compute_price;
    assert!(flat.iter().all(|price| *price == flat[0]), "the second generation was due that day");
    let one = scenario(&pool, "[compute]\nplateau_from = 2027-02-01").compute_price;
    assert!(one[0] > one[119] && one[60] == one[119], "one generation, and no more");
}

/// A cut lasts, a shortage fades at the speed of reversion: after a quarter of ln 2 years, half its logarithm.
#[test]
fn events_move_the_price() {
    let pool = pool(Some(catalogue()));
    let base = scenario(&pool, BASE).compute_price;
    let cut = "[[events]]\nkind = \"compute_price\"\nat = 2026-07-01\nchange = -0.5\ngrowth = 0.1";
    let cut = scenario(&pool, cut).compute_price;
    let scarce = "[[events]]\nkind = \"scarcity\"\nat = 2026-07-01\nchange = 1.0";
    let scarce = scenario(&pool, scarce).compute_price;
    for month in 0..120 {
        let since = (month as f64 - 6.0) / 12.0;
        let after = |there: f64| if month < 6 { 1.0 } else { there };
        let of = |path: &[f64]| path[month] / base[month];
        assert!((of(&cut) - after(0.5 * 1.1_f64.powf(since))).abs() < 1e-12, "month {month}");
        let half = std::f64::consts::LN_2 * (-4.0 * since).exp();
        assert!((of(&scarce) - after(half.exp())).abs() < 1e-12, "month {month}");
    }
    // A start away from the level is the same process: 0.5 x e^-4t.
    let text = "[compute]\nscarcity_start = 0.5\nscarcity_level = 0.1";
    let start = scenario(&pool, text).compute_price;
    let mean = Scarcity { mean_reversion: 4.0, level: 0.1, volatility: 0.0 };
    for (month, price) in start.iter().enumerate() {
        let expected = mean.mean(0.5, month as f64 / 12.0);
        assert!(((price / base[month]).ln() - expected).abs() < 1e-12, "month {month}");
    }
}

/// Market rents stand still whatever chips do, unless the scenario links them; then by their elasticity.
#[test]
fn rents_follow_chips_only_when_told() {
    let (chips, without) = (pool(Some(catalogue())), pool(None));
    let fast = "[compute]\ncadence_speed = 3\nscarcity_start = -0.5";
    assert_eq!(scenario(&chips, fast).market_rent, scenario(&without, BASE).market_rent);
    let linked = |text: &str| scenario(&chips, &format!("[compute]\nmarket_rent_elasticity = 0.5\n{text}"));
    assert_eq!(linked("").market_rent, scenario(&without, BASE).market_rent, "as expected, so no change");
    let cut = linked("[[events]]\nkind = \"compute_price\"\nat = 2027-01-01\nchange = -0.36");
    let expected = |month: usize| if month < 12 { 1.0 } else { 0.8 }; // 0.64^0.5
    assert!((0..120).all(|month| (cut.market_rent[month] - expected(month)).abs() < 1e-12));
}

#[test]
fn what_makes_no_sense_is_told() {
    let found = |pool: &leasefall::pool::Pool, text: &str| {
        let problems = script(text).resolve(pool, 120, None, &InMemory).unwrap_err().to_string();
        problems.lines().map(|line| line.split(": found").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let event = "[[events]]\nkind = \"scarcity\"\nat = 2026-07-01\nchange = -1";
    let none = found(&pool(None), &format!("compute = {{}}\n{event}"));
    assert_eq!(none.len(), 2, "{none:?}");
    assert!(none[0].ends_with("compute") && none[1].ends_with("events[0].kind"), "{none:?}");
    let text = format!("[compute]\nutilisation = 0\ncadence_speed = 21\nhalls.rent_discount = 2\n{event}");
    let bad = found(&pool(Some(catalogue())), &text);
    let fields =
        ["compute.cadence_speed", "compute.halls.rent_discount", "compute.utilisation", "events[0].change"];
    assert!(bad.iter().zip(fields).all(|(line, field)| line.ends_with(field)) && bad.len() == 4, "{bad:?}");
}

/// A folder's `chips.toml` is read, checked with the rest, and may be left out.
#[test]
fn a_folder_may_have_chips() {
    let folder = Temporary::new("chips");
    let open = || leasefall::folder::Folder::open(folder.path()).unwrap();
    assert!(open().pool().chips().is_none());
    let catalogue = format!("{}/fixtures/market/chips.toml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(catalogue).unwrap();
    folder.write("chips.toml", &text);
    assert!(folder.places().is_empty(), "{:?}", folder.problems());
    assert_eq!(open().scenario("base").unwrap().compute_price.len(), open().months());
    let fleet = "\n[[fleets]]\nid = \"f\"\ngeneration = \"h100\"\ncount = 8\nin_service = 2024-01-01\nsite = \"nowhere\"\n";
    folder.write("chips.toml", text.clone() + fleet);
    let line = text.lines().count() + 7;
    assert_eq!(folder.places(), [format!("chips.toml:{line}: fleets[0].site")].into());
    folder.write("chips.toml", text + &fleet.replace("site = \"nowhere\"", ""));
    assert!(
        open().scenario("base").unwrap().compute_price.len() > open().months(),
        "chips outlive the notes"
    );
}

proptest! {
    #![proptest_config(crate::random::config())]

    /// A faster cadence never raises the price of compute nor lowers the density needed, in any month.
    #[test]
    fn a_faster_cadence_never_helps(
        speed in 50..4_000_i64, faster in 0..4_000_i64, cadence in 6..60_i64, elasticity in 0..20_i64,
        plateau in prop::option::of(2026..2036_i32),
    ) {
        let pool = pool(Some(two_generations()));
        let plateau = plateau.map_or(String::new(), |year| format!("plateau_from = {year}-06-01"));
        let at = |speed: i64| scenario(&pool, &format!(
            "[compute]\ncadence_speed = {}\ncadence_months = {cadence}\nmarket_rent_elasticity = {}\n{plateau}",
            speed as f64 / 1e3, elasticity as f64 / 10.0,
        ));
        let (slow, fast) = (at(speed), at(speed + faster));
        let chip = two_generations().generations[0].rates();
        let (terms, survival) = (OperatingTerms::default(), Survival::unreplaced(0.04));
        let valuation = ChipValuation::new(&chip, &terms, survival, 0.12, 0, 120).unwrap();
        let mut values = [[0.0; 120]; 2];
        valuation.values(&fast.compute_price, &[], &mut values[0]).unwrap();
        valuation.values(&slow.compute_price, &[], &mut values[1]).unwrap();
        for (month, (after, before)) in values[0].iter().zip(&values[1]).enumerate() {
            prop_assert!(*after <= before + 1e-6, "a chip's value, month {}", month);
            // Sums of steps in another order differ by roundings.
            prop_assert!(fast.compute_price[month] <= slow.compute_price[month] * (1.0 + 1e-11));
            prop_assert!(fast.rack_density_kw[month] >= slow.rack_density_kw[month] * (1.0 - 1e-11));
            prop_assert!(fast.market_rent[month] <= slow.market_rent[month] * (1.0 + 1e-10));
        }
    }

    /// Another catalogue month by month: price is the law of the outlook, whatever the scarcity.
    #[test]
    fn the_law_is_the_path(start in -2.0..2.0_f64, speed in 1..20_i64) {
        let pool = pool(Some(catalogue()));
        let start = (start * 100.0).round() / 100.0;
        let text = format!("[compute]\ncadence_speed = {speed}\nscarcity_start = {start}");
        let scenario = scenario(&pool, &text);
        let outlook = scenario.compute.clone().unwrap();
        let law: &ComputePrice = outlook.price();
        let mut path = vec![0.0; 120];
        law.scripted(&mut path).unwrap();
        prop_assert_eq!(&path, &scenario.compute_price);
    }
}
