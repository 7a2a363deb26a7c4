//! Chips: published values, the catalogue, the H100's rental path, and what must hold of any chip's value.

use crate::random::config;
use leasefall::Date;
use leasefall::asset::{
    self, ChipRates, ChipsFile, Replacement, Survival, read_chips, straight_line_book_value,
    understated_depreciation,
};
use leasefall::collection::{ChipValuation, Liquidation, book_less_economic};
use leasefall::scenario::compute::{
    Arrival, Cadence, Calibration, ComputePrice, CostTerms, Frontier, LongRunCost, Observation,
    OperatingTerms, Scarcity, calibrate_scarcity, long_run_cost,
};
use leasefall::scenario::{average_forward_rent, fixed_rent, reserved_forward_ratio, reserved_forwards};
use proptest::prelude::*;
use std::fs;

fn rows(path: &str) -> Vec<csv::StringRecord> {
    let file = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(file).unwrap();
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn published_values_are_hit() {
    let rows = rows("fixtures/published/obsolescence.csv");
    assert!(rows.len() >= 80);
    for row in &rows {
        let number = |column: usize| row[column].parse::<f64>().unwrap_or(f64::NAN);
        let [a, b, c, d] = [1, 2, 3, 4].map(number);
        let found = match &row[0] {
            "fixed_rent" => fixed_rent(a, b, c, d).unwrap(),
            "reserved_forward" => reserved_forwards(a, b, c as u32).unwrap()[d as usize],
            "average_forward" => average_forward_rent((a, b), (c, d)).unwrap(),
            "yearly_value_loss" => asset::yearly_value_loss(a).unwrap(),
            "straight_line_charge" => asset::straight_line_charge(a, b).unwrap(),
            "straight_line_book" => straight_line_book_value(a, b, c).unwrap(),
            "bea_pc_value" => asset::bea_pc_value(a).unwrap(),
            "geometric" => asset::geometric_book_value(a, b, c).unwrap(),
            unknown => panic!("{unknown}"),
        };
        assert!((found - number(5)).abs() <= number(6), "{row:?}: {found}");
    }
}

/// The limits of the fixed rent, and another way to it: the level rent worth what the falling ones are, by
/// Simpson's rule.
#[test]
fn fixed_rents_have_their_limits() {
    assert_eq!(fixed_rent(100.0, 0.0, 0.0, 7.0).unwrap(), 100.0);
    assert!((fixed_rent(100.0, 0.05, 0.0, 7.0).unwrap() - 100.0).abs() < 1e-12);
    for (rate, drift) in [(0.05, 0.05), (0.0, -0.25), (0.05, -0.25), (0.02, 0.03), (0.05, 0.05 + 1e-9)] {
        let term = 10.0;
        let worth = |growth: f64| {
            let steps = 1_000;
            let width = term / f64::from(steps);
            let weight = |i| if i == 0 || i == steps { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
            let values = (0..=steps).map(|i| weight(i) * (growth * width * f64::from(i)).exp());
            values.sum::<f64>() * width / 3.0
        };
        let level = 100.0 * worth(drift - rate) / worth(-rate);
        let found = fixed_rent(100.0, rate, drift, term).unwrap();
        assert!((found / level - 1.0).abs() < 1e-10, "{rate} {drift}: {found} {level}");
    }
    // One year at r = g: r S / (1 - e^-r).
    let same = fixed_rent(100.0, 0.05, 0.05, 1.0).unwrap();
    assert!((same - 5.0 / (1.0 - (-0.05_f64).exp())).abs() < 1e-10);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(fixed_rent(100.0, 0.05, 0.0, bad).is_err());
    }
    assert!(reserved_forward_ratio(7.2, 2.3, 3).is_err(), "three years for less than one");
}

fn catalogue() -> ChipsFile {
    let path = format!("{}/fixtures/market/chips.toml", env!("CARGO_MANIFEST_DIR"));
    read_chips("chips.toml", &fs::read_to_string(path).unwrap()).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn the_catalogue_is_sound_and_its_unit_is_the_h100() {
    let chips = catalogue();
    let work = |id: &str| chips.generations.iter().find(|g| g.id == id).unwrap().h100_equivalents();
    assert_eq!(work("h100"), 1.0);
    assert!((work("v100") - 125.0 / 989.0).abs() < 1e-12);
    assert!((work("gb200") - 2.527).abs() < 5e-4); // sqrt(2500/989 x 5000/1979)
    let level = CostTerms { rent_drift: 0.0, ..CostTerms::default() };
    let h100 = chips.generations.iter().find(|g| g.id == "h100").unwrap().rates();
    // The rule of thumb of the rental market, at one price for life: below 1.65 an H100 never earns its cost,
    // above 2.85 it beats equities.
    let break_even = long_run_cost(&h100, &level).unwrap().total();
    assert!((1.65..2.85).contains(&break_even), "{break_even}");
    let costs: Vec<f64> = ["v100", "a100", "h100", "gb200", "rubin"]
        .iter()
        .map(|id| {
            let generation = chips.generations.iter().find(|g| g.id == *id).unwrap();
            long_run_cost(&generation.rates(), &CostTerms::default()).unwrap().total()
        })
        .collect();
    assert!(costs.windows(2).all(|pair| pair[1] < pair[0]), "each architecture is cheaper: {costs:?}");
    println!("long-run cost {costs:?}, H100 at one price for life {break_even}");
    let text = "[[generations]]\nid = \"x\"";
    assert!(
        read_chips("chips.toml", text).unwrap_err().as_slice().len() >= 5,
        "every missing figure is told"
    );
}

#[test]
fn a_wrong_catalogue_is_told_by_line() {
    let path = format!("{}/fixtures/market/chips.toml", env!("CARGO_MANIFEST_DIR"));
    let good = fs::read_to_string(path).unwrap();
    let fleets = r#"
[[fleets]]
id = "hall 1"
generation = "h300"
count = 0
in_service = 2023-01-01
[[fleets]]
id = "hall 1"
generation = "h100"
count = 8
in_service = 2020-01-01
failure_rate = -0.1
replacement = { kind = "spares", share = 2 }
"#;
    let problems = read_chips("chips.toml", &(good.clone() + fleets)).unwrap_err();
    let fields: Vec<&str> = problems.as_slice().iter().map(|problem| problem.field.as_str()).collect();
    let expected = [
        "fleets[0].generation",
        "fleets[0].count",
        "fleets[1].id",
        "fleets[1].in_service",
        "fleets[1].failure_rate",
        "fleets[1].replacement.share",
    ];
    for field in expected {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    assert_eq!(fields.len(), expected.len());
    assert!(problems.as_slice().iter().all(|problem| problem.line > 0));
    let sound =
        good + "\n[[fleets]]\nid = \"f\"\ngeneration = \"h100\"\ncount = 8\nin_service = 2023-01-01\n";
    let mut fleet = read_chips("chips.toml", &sound).unwrap().fleets.remove(0);
    let chips = Survival::unreplaced(0.04);
    assert_eq!(fleet.survival(), chips);
    // Under warranty to month 36, then four per cent a year; or one spare for ten chips.
    fleet.replacement = Replacement::Warranty { months: 36 };
    assert_eq!(fleet.survival().working_share(3.0), 1.0);
    assert!((fleet.survival().working_share(5.0) - (-0.08_f64).exp()).abs() < 1e-15);
    fleet.replacement = Replacement::Spares { share: "0.1".parse().unwrap() };
    assert_eq!(fleet.survival().working_share(2.0), 1.0); // 1.1 e^-0.08 = 1.0154
    assert!((fleet.survival().working_share(5.0) - 1.1 * (-0.2_f64).exp()).abs() < 1e-15);
}

/// A published rent, and what the model calls scarcity at its date.
struct Rent {
    date: Date,
    usd: f64,
    fitted: bool,
    years: f64,
    scarcity: f64,
}

/// The H100's rents from the first on, net of a frontier adopted in so many months.
fn rents(adoption_months: f64) -> Vec<Rent> {
    let origin = day("2023-07-01");
    let generations = catalogue().generations;
    let (frontier, arrivals) = Frontier::of_generations(&generations, origin, &CostTerms::default()).unwrap();
    let frontier = Frontier { adoption_months, ..frontier };
    let rows = rows("fixtures/market/h100_rental.csv");
    let rents = rows.iter().map(|row| {
        let (date, usd) = (day(&row[0]), row[1].parse::<f64>().unwrap());
        let month = Frontier::months_from(origin, date);
        let scarcity = usd.ln() - frontier.log_cost_at(&arrivals, month);
        Rent { date, usd, fitted: &row[2] == "fit", years: month / 12.0, scarcity }
    });
    rents.collect()
}

fn fit(rents: &[Rent]) -> Calibration {
    let fitted = rents.iter().filter(|rent| rent.fitted);
    let seen: Vec<Observation> =
        fitted.map(|rent| Observation { years: rent.years, scarcity: rent.scarcity }).collect();
    calibrate_scarcity(&seen, 0.05..=100.0).unwrap()
}

/// Standard deviations of a rent's scarcity from its expectation, seen from an earlier one.
fn deviations(scarcity: &Scarcity, from: &Rent, to: &Rent) -> f64 {
    let years = to.years - from.years;
    (to.scarcity - scarcity.mean(from.scarcity, years)) / scarcity.variance(years).sqrt()
}

/// The published path lies inside the 90% band drawn from its first point with the calibrated parameters, in
/// sample. Of the two rents that were not fitted, the neoclouds' median of 2024 lies inside and the retail median
/// of May 2026 a hair outside: a price list of another market, lifted by a change in who is listed, says its
/// source.
#[test]
fn the_published_h100_path_is_inside_the_band() {
    const NINETY_PERCENT: f64 = 1.644_853_626_951_472_2;
    let rents = rents(Frontier::ADOPTION_MONTHS);
    let found = fit(&rents);
    println!("{found:#?}");
    for rent in &rents[1..] {
        let z = deviations(&found.scarcity, &rents[0], rent);
        let by_default = deviations(&Scarcity::default(), &rents[0], rent);
        println!("{} {} scarcity {:.3} z {z:.3} {by_default:.3}", rent.date, rent.usd, rent.scarcity);
        if rent.fitted {
            assert!(z.abs() < NINETY_PERCENT, "{}: {} is {z} deviations off", rent.date, rent.usd);
        }
    }
    let unfitted: Vec<f64> =
        rents.iter().filter(|r| !r.fitted).map(|r| deviations(&found.scarcity, &rents[0], r)).collect();
    assert!(
        unfitted.len() == 2 && unfitted[0].abs() < NINETY_PERCENT && unfitted[1].abs() < 1.70,
        "{unfitted:?}"
    );
    // The defaults are this calibration as far as it can tell: the level is 0 within its error, the others are
    // rounded.
    let (default, errors) = (Scarcity::default(), found.standard_errors.unwrap());
    assert!((default.level - found.scarcity.level).abs() < errors.level);
    assert!((default.mean_reversion - found.scarcity.mean_reversion).abs() < 0.1 * errors.mean_reversion);
    assert!((default.volatility - found.scarcity.volatility).abs() < 0.1 * errors.volatility);
}

/// Not a forecast that fits because it was fitted: leave each fitted rent out, calibrate on the others, and look
/// for it in the 90% band from the one before it. Two of six may be missed.
#[test]
fn most_rents_are_inside_the_band_of_the_others() {
    let rents: Vec<Rent> = rents(Frontier::ADOPTION_MONTHS).into_iter().filter(|rent| rent.fitted).collect();
    let inside = (1..rents.len()).filter(|&left_out| {
        let others: Vec<Observation> = (0..rents.len())
            .filter(|&index| index != left_out)
            .map(|index| Observation { years: rents[index].years, scarcity: rents[index].scarcity })
            .collect();
        let found = calibrate_scarcity(&others, 0.05..=100.0).unwrap();
        let z = deviations(&found.scarcity, &rents[left_out - 1], &rents[left_out]);
        println!("{} {:?} at bound {} z {z:.2}", rents[left_out].date, found.scarcity, found.at_bound);
        z.abs() < 1.645
    });
    let inside = inside.count();
    assert!(inside >= 4, "{inside} of {}", rents.len() - 1);
}

/// Burry's charge of 176 billion over 2026 to 2028. His spending base is not published, so what can be checked is
/// the arithmetic, and which share of forecast spending his figure would make short-lived.
#[test]
fn depreciation_understated_by_the_largest_buyers() {
    // Flat spending of 60 a year for long: at a life of 6 the charge is 60, at 3 it is 60 too.
    let steady: Vec<(i32, f64)> = (2010..=2028).map(|year| (year, 60.0)).collect();
    assert!(understated_depreciation(&steady, 6.0, 3.0, 2026..=2028).unwrap().abs() < 1e-9);
    // A single vintage is written off either way in the end.
    let once = [(2026, 90.0)];
    assert!(understated_depreciation(&once, 6.0, 3.0, 2026..=2040).unwrap().abs() < 1e-12);
    assert!((understated_depreciation(&once, 6.0, 3.0, 2026..=2028).unwrap() - 2.5 * 15.0).abs() < 1e-12);
    // Five buyers: 261 (Morgan Stanley), 482 (twelve months to autumn 2025), 805 and 1,116 (Morgan Stanley) billion,
    // 2028 as 2027.
    let five = [(2024, 261.0), (2025, 482.0), (2026, 805.0), (2027, 1_116.0), (2028, 1_116.0)];
    let all = understated_depreciation(&five, 6.0, 3.0, 2026..=2028).unwrap();
    // By vintage, charge at 3 less at 6 within 2026-28: 2024 bears 1.5 / 3 - 3 / 6 = 0 of 261; 2025 2.5 / 3 - 3 / 6
    // = 1/3 of 482; 2026 2.5 / 6 of 805; 2027 and 2028 1.5 / 6 and .5 / 6 of 1,116.
    let by_hand = 482.0 / 3.0 + 805.0 * 2.5 / 6.0 + 1_116.0 * 2.0 / 6.0;
    assert!((all - by_hand).abs() < 1e-9, "{all} {by_hand}");
    let share = 176.0 / all;
    assert!((0.1..0.5).contains(&share), "176 billion is {share} of spending written off twice as slowly");
}

#[test]
fn a_deep_market_takes_all_and_a_shallow_one_half_of_its_depth() {
    let deep = Liquidation { discount: 0.2, depth_chips: None };
    assert_eq!(deep.proceeds(100.0, 10.0).unwrap(), 800.0);
    let shallow = Liquidation { discount: 0.0, depth_chips: Some(100.0) };
    // Sum over chips of the falling price, by the chip: 100 x sum of (1 - (i - 1/2) / 100).
    let by_chip: f64 = (1..=40).map(|i| 100.0 * (1.0 - (f64::from(i) - 0.5) / 100.0)).sum();
    assert!((shallow.proceeds(100.0, 40.0).unwrap() - by_chip).abs() < 1e-9);
    assert!(shallow.proceeds(-1.0, 1.0).is_err());
    assert!(Liquidation { depth_chips: Some(0.0), ..shallow }.proceeds(1.0, 1.0).is_err());
}

/// An H100 bought in October 2022 on the default terms: books of 6, 5, 4 and 3 years beside its value, which ends
/// in the month in which the price of compute first fails to pay for power and running.
#[test]
fn a_longer_accounting_life_overstates_more() {
    let chips = catalogue();
    let origin = day("2022-10-01");
    let terms = CostTerms::default();
    let (frontier, mut arrivals) = Frontier::of_generations(&chips.generations, origin, &terms).unwrap();
    let last = chips.generations.iter().find(|g| g.id == "rubin_ultra").unwrap();
    let last_cost = long_run_cost(&last.rates(), &terms).unwrap();
    let last_month = Frontier::months_from(origin, last.release.value);
    arrivals.extend(Cadence::default().successors(last_month, &last_cost, 10).unwrap());
    let mut log_frontier = [0.0; 240];
    frontier.fill(&arrivals, &mut log_frontier).unwrap();
    let law = ComputePrice::new(&log_frontier, &Scarcity::default(), Scarcity::default().level).unwrap();
    let (mut price, mut value) = ([0.0; 240], [0.0; 240]);
    law.scripted(&mut price).unwrap();
    let h100 = chips.generations.iter().find(|g| g.id == "h100").unwrap().rates();
    let valuation = ChipValuation::new(
        &h100,
        &terms.operating,
        Survival::unreplaced(0.04),
        terms.required_return,
        0,
        240,
    )
    .unwrap();
    let death = valuation.values(&price, &[], &mut value).unwrap().unwrap();
    println!("value {:?}, economic death in month {death}", [0, 12, 24, 36, 48, 60, 72].map(|m| value[m]));
    assert!(
        price[death - 1] >= valuation.shut_down_price(1.0) && price[death] < valuation.shut_down_price(1.0)
    );
    let gaps = book_less_economic(h100.system_price_usd, &value[..85], &[6.0, 5.0, 4.0, 3.0]).unwrap();
    for gap in &gaps {
        println!("{} years: {:?}", gap.life_years, gap.gap_by_year);
        let book = straight_line_book_value(h100.system_price_usd, gap.life_years, 2.0).unwrap();
        assert_eq!(gap.gap_by_year[2], book - value[24]);
    }
    // A longer accounting life overstates more, at every age.
    for (longer, shorter) in gaps.iter().zip(&gaps[1..]) {
        assert!(longer.gap_by_year.iter().zip(&shorter.gap_by_year).all(|(one, other)| one >= other));
        assert!(longer.widest().1 >= shorter.widest().1);
    }
}

const MONTHS: usize = 120;

/// A chip, how it is run, how it fails, and a path of scarcity.
#[derive(Clone, Debug)]
struct Any {
    chip: ChipRates,
    operating: OperatingTerms,
    survival: Survival,
    rate: f64,
    age: i32,
    arrivals: Vec<Arrival>,
    adoption_months: f64,
    scarcity: Vec<f64>,
}

impl Any {
    fn valuation(&self) -> ChipValuation {
        ChipValuation::new(&self.chip, &self.operating, self.survival, self.rate, self.age, MONTHS).unwrap()
    }

    fn prices(&self, arrivals: &[Arrival], scarcer: f64) -> Vec<f64> {
        let mut path = vec![0.0; MONTHS];
        let frontier = Frontier { incumbent_log_cost: 0.7, adoption_months: self.adoption_months };
        frontier.fill(arrivals, &mut path).unwrap();
        path.iter().zip(&self.scarcity).map(|(level, x)| (level + x + scarcer).exp()).collect()
    }

    fn values(&self, prices: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; MONTHS];
        self.valuation().values(prices, &[], &mut out).unwrap();
        out
    }
}

fn sorted(mut arrivals: Vec<Arrival>) -> Vec<Arrival> {
    arrivals.sort_by(|one, other| one.month.total_cmp(&other.month));
    arrivals
}

fn any() -> impl Strategy<Value = Any> {
    let chip = (0.1..4.0_f64, 0.2..4.0_f64, 1e3..1e5_f64);
    let operating = (0.3..1.0_f64, 0.3..1.0_f64, 1.0..2.0_f64, 0.0..0.3_f64, 0.0..500.0_f64);
    let survival = (0.0..0.5_f64, 0.0..4.0_f64, 0.0..0.2_f64);
    let arrivals = prop::collection::vec((-30.0..130.0_f64, -3.0..1.0_f64), 0..8);
    let scarcity = prop::collection::vec(-1.0..1.5_f64, MONTHS);
    let rest = (0.0..0.3_f64, -20..60_i32, 0.0..36.0_f64);
    (chip, operating, survival, arrivals, scarcity, rest).prop_map(|(c, o, s, arrivals, scarcity, rest)| {
        let arrivals = arrivals.into_iter().map(|(month, log_cost)| Arrival { month, log_cost }).collect();
        Any {
            chip: ChipRates { h100_equivalents: c.0, kw: c.1, system_price_usd: c.2 },
            operating: OperatingTerms {
                utilisation: o.0,
                load_factor: o.1,
                pue: o.2,
                power_price_usd_per_kwh: o.3,
                opex_usd_per_kw_month: o.4,
            },
            survival: Survival { failure_rate: s.0, warranty_years: s.1, spares: s.2 },
            rate: rest.0,
            age: rest.1,
            adoption_months: rest.2,
            arrivals: sorted(arrivals),
            scarcity,
        }
    })
}

/// At most, but for rounding.
fn at_most(less: &[f64], more: &[f64]) -> bool {
    less.iter().zip(more).all(|(less, more)| *less <= more + 1e-9 * (1.0 + more.abs()))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn earlier_generations_never_raise_any_chips_value(
        case in any(), sooner in prop::collection::vec(0.0..40.0_f64, 8),
    ) {
        let earlier = case.arrivals.iter().zip(&sooner);
        let earlier = sorted(earlier.map(|(a, by)| Arrival { month: a.month - by, ..*a }).collect());
        let (late, soon) = (case.prices(&case.arrivals, 0.0), case.prices(&earlier, 0.0));
        prop_assert!(at_most(&soon, &late));
        prop_assert!(at_most(&case.values(&soon), &case.values(&late)));
    }

    #[test]
    fn a_faster_cadence_never_raises_any_chips_value(
        case in any(), months in 6.0..48.0_f64, faster in 0.2..1.0_f64, deviation in 0.0..0.8_f64,
        draws in prop::collection::vec(-3.0..3.0_f64, 12),
    ) {
        let cost = LongRunCost { capital: 1.2, power: 0.2, opex: 0.4 };
        let path = |months| {
            let cadence = Cadence { months, gap_log_deviation: deviation, ..Cadence::default() };
            let mut arrivals = cadence.successors(0.0, &cost, 12).unwrap();
            cadence.redraw(0.0, &draws, &mut arrivals);
            case.prices(&arrivals, 0.0)
        };
        let (slow, fast) = (path(months), path(months * faster));
        prop_assert!(at_most(&fast, &slow));
        prop_assert!(at_most(&case.values(&fast), &case.values(&slow)));
    }

    #[test]
    fn more_scarcity_never_lowers_value(case in any(), scarcer in 0.0..2.0_f64) {
        let (less, more) = (case.prices(&case.arrivals, 0.0), case.prices(&case.arrivals, scarcer));
        prop_assert!(at_most(&case.values(&less), &case.values(&more)));
    }

    #[test]
    fn failures_and_dearer_power_never_raise_value(
        case in any(), failures in 0.0..0.5_f64, power in 0.0..0.3_f64,
    ) {
        let prices = case.prices(&case.arrivals, 0.0);
        let value = case.values(&prices);
        let mut frail = case.clone();
        frail.survival.failure_rate += failures;
        prop_assert!(at_most(&frail.values(&prices), &value));
        let mut dear = case.clone();
        dear.operating.power_price_usd_per_kwh += power;
        prop_assert!(at_most(&dear.values(&prices), &value));
        // The same rise, told as a path.
        if case.operating.power_price_usd_per_kwh > 0.01 {
            let index = dear.operating.power_price_usd_per_kwh / case.operating.power_price_usd_per_kwh;
            let mut by_path = vec![0.0; MONTHS];
            case.valuation().values(&prices, &[index; MONTHS], &mut by_path).unwrap();
            let by_terms = dear.values(&prices);
            prop_assert!(at_most(&by_path, &by_terms) && at_most(&by_terms, &by_path));
        }
    }

    /// The recursion against every stop date tried, and what follows from death.
    #[test]
    fn the_best_stop_date_is_found(case in any()) {
        let prices = case.prices(&case.arrivals, 0.0);
        let valuation = case.valuation();
        let mut value = vec![0.0; MONTHS];
        let death = valuation.values(&prices, &[], &mut value).unwrap();
        let stops = (0..=MONTHS).map(|stop| valuation.committed_value(&prices, &[], stop).unwrap());
        let best = stops.fold(0.0, f64::max);
        prop_assert!((value[0] - best).abs() <= 1e-9 * (1.0 + best));
        let option = valuation.shut_down_option(&prices, &[], &mut value).unwrap();
        prop_assert!(option >= -1e-9 * (1.0 + best));
        if let Some(death) = death {
            prop_assert!(value[death..].iter().all(|value| *value == 0.0));
            prop_assert!(value[..death].iter().all(|value| *value > 0.0));
            // Nothing is lost by stopping then.
            let stopped = valuation.committed_value(&prices, &[], death).unwrap();
            prop_assert!((stopped - value[0]).abs() <= 1e-9 * (1.0 + best));
        }
    }

    #[test]
    fn selling_more_chips_never_brings_less(
        value in 0.0..1e5_f64, chips in 0.0..1e6_f64, more in 0.0..1e6_f64, depth in 1.0..1e6_f64,
        discount in 0.0..1.0_f64,
    ) {
        let sale = Liquidation { discount, depth_chips: Some(depth) };
        let (few, many) = (sale.proceeds(value, chips).unwrap(), sale.proceeds(value, chips + more).unwrap());
        prop_assert!(many >= few * (1.0 - 1e-12));
        prop_assert!(few <= value * (1.0 - discount) * chips * (1.0 + 1e-12));
    }

    #[test]
    fn no_numbers_make_it_panic(a in any_f64(), b in any_f64(), c in any_f64(), d in any_f64(), n: u32) {
        let _ = fixed_rent(a, b, c, d);
        let _ = reserved_forward_ratio(a, b, n);
        let _ = asset::bea_pc_value(a);
        let _ = asset::geometric_book_value(a, b, c);
        let _ = understated_depreciation(&[(n as i32, a)], b, c, i32::MIN..=i32::MAX);
        let chip = ChipRates { h100_equivalents: a, kw: b, system_price_usd: c };
        let _ = long_run_cost(&chip, &CostTerms { required_return: d, ..CostTerms::default() });
        let survival = Survival { failure_rate: a, warranty_years: b, spares: c };
        let chip = ChipRates { h100_equivalents: 1.0, kw: 1.0, system_price_usd: 1.0 };
        if let Ok(valuation) = ChipValuation::new(&chip, &OperatingTerms::default(), survival, d, n as i32, 3) {
            let mut out = [0.0; 3];
            if valuation.values(&[a, b, c], &[], &mut out).is_ok() {
                prop_assert!(out.iter().all(|value| value.is_finite()));
            }
        }
        let mut path = [0.0; 5];
        let frontier = Frontier { incumbent_log_cost: a, adoption_months: b };
        if frontier.fill(&[Arrival { month: c, log_cost: d }], &mut path).is_ok() {
            prop_assert!(path.iter().all(|level| level.is_finite()));
        }
    }
}

fn any_f64() -> impl Strategy<Value = f64> {
    prop_oneof![proptest::num::f64::ANY, -10.0..10.0_f64, Just(0.0), Just(f64::MAX)]
}
