//! The price of compute against second methods: closed forms, regressions, another formula of the frontier.

use super::*;
use crate::asset::ChipRates;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    let cases = std::env::var("LEASEFALL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Standard normals from a linear congruential generator (Knuth's MMIX constants).
fn normals(mut state: u64) -> impl Iterator<Item = f64> {
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        crate::math::normal::inverse_cdf(((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64)
    })
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    prop::collection::vec((-60.0..200.0_f64, -4.0..1.0_f64), 0..12).prop_map(|pairs| {
        let mut arrivals: Vec<Arrival> =
            pairs.into_iter().map(|(month, log_cost)| Arrival { month, log_cost }).collect();
        arrivals.sort_by(|one, other| one.month.total_cmp(&other.month));
        arrivals
    })
}

/// `log c_0 - integral over levels of the largest share adopted among generations at or below the level`,
/// summed over the gaps between the costs.
fn layered(frontier: &Frontier, arrivals: &[Arrival], month: f64) -> f64 {
    let share = |a: &Arrival| match month - a.month {
        since if since < 0.0 => 0.0,
        since if since >= frontier.adoption_months => 1.0,
        since => since / frontier.adoption_months,
    };
    let mut edges: Vec<f64> = arrivals.iter().map(|a| a.log_cost).collect();
    edges.push(frontier.incumbent_log_cost);
    edges.retain(|&edge| edge <= frontier.incumbent_log_cost);
    edges.sort_by(f64::total_cmp);
    let layers = edges.windows(2).map(|edge| {
        let adopted = arrivals.iter().filter(|a| a.log_cost <= edge[0]).map(share).fold(0.0, f64::max);
        adopted * (edge[1] - edge[0])
    });
    frontier.incumbent_log_cost - layers.sum::<f64>()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn three_formulas_of_the_frontier_agree(arrivals in arrivals(), adoption_months in 0.0..40.0_f64) {
        let frontier = Frontier { incumbent_log_cost: 1.0, adoption_months };
        let mut path = [0.0; 120];
        frontier.fill(&arrivals, &mut path).unwrap();
        for (month, level) in path.into_iter().enumerate() {
            let at = month as f64;
            prop_assert!((level - frontier.log_cost_at(&arrivals, at)).abs() < 1e-12);
            prop_assert!((level - layered(&frontier, &arrivals, at)).abs() < 1e-12);
        }
        // It never rises, and ends at the cheapest of those adopted.
        prop_assert!(path.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
    }

    #[test]
    fn without_volatility_a_draw_is_the_script(
        arrivals in arrivals(), k in 0.0..9.0_f64, level in -1.0..1.0_f64, start in -1.0..2.0_f64, seed: u64,
    ) {
        let mut frontier = [0.0; 90];
        Frontier { incumbent_log_cost: 1.0, adoption_months: 24.0 }.fill(&arrivals, &mut frontier).unwrap();
        let scarcity = Scarcity { mean_reversion: k, level, volatility: 0.0 };
        let law = ComputePrice::new(&frontier, &scarcity, start).unwrap();
        let (mut script, mut draw, mut expected) = ([0.0; 90], [0.0; 90], [0.0; 90]);
        law.scripted(&mut script).unwrap();
        law.expected(&mut expected).unwrap();
        law.draw(&normals(seed).take(90).collect::<Vec<_>>(), &mut draw).unwrap();
        prop_assert_eq!(script, draw);
        prop_assert_eq!(script, expected);
    }

    /// Four steps at once are four steps, wherever the path ends and however many normals there are.
    #[test]
    fn a_draw_is_the_recursion_month_by_month(
        months in 0_usize..40, part in 0_usize..8, shocks in 0_usize..40, k in 0.0..9.0_f64,
        volatility in 0.0..2.0_f64, seed: u64,
    ) {
        let scarcity = Scarcity { mean_reversion: k, level: 0.1, volatility };
        let frontier: Vec<f64> = (0..months).map(|month| -0.02 * month as f64).collect();
        let law = ComputePrice::new(&frontier, &scarcity, 0.5).unwrap();
        let normals: Vec<f64> = normals(seed).take(shocks).collect();
        let mut drawn = vec![0.0; months];
        law.draw(&normals, &mut drawn).unwrap();
        let step = scarcity.step(1.0 / 12.0);
        let mut shock = 0.0;
        for (month, price) in drawn.into_iter().enumerate() {
            let expected = frontier[month] + scarcity.mean(0.5, month as f64 / 12.0) + shock;
            prop_assert!((price.ln() - expected).abs() < 1e-13, "{month}: {price} {expected}");
            shock = shock * step.decay + step.deviation * normals.get(month).copied().unwrap_or(0.0);
        }
        // Fewer months are the first of them.
        let mut all = vec![0.0; months];
        law.logs_on(&frontier, &normals, &mut all);
        let mut first = vec![0.0; months * part / 8];
        law.logs_on(&frontier, &normals, &mut first);
        prop_assert_eq!(&first[..], &all[..first.len()]);
    }

    /// On other dates than those that they were made of, some beyond all months, and of paths of unlike lengths.
    #[test]
    fn both_frontiers_in_one_pass_are_each_alone(
        arrivals in arrivals(), dates in arrivals(), adoption_months in prop_oneof![Just(0.0), 0.0..40.0_f64],
        densities in prop::collection::vec(-5.0..-2.0_f64, 12), never in 0_usize..14,
        months in 0_usize..80, shift in prop::collection::vec(-0.5..0.5_f64, 80),
    ) {
        let cost = Frontier { incumbent_log_cost: 0.9, adoption_months };
        let density = Frontier { incumbent_log_cost: -2.5, adoption_months };
        let with = |logs: &mut dyn Iterator<Item = f64>| -> Vec<Arrival> {
            let dates = dates.iter().zip(logs).enumerate();
            let month = |place: usize, month: f64| if place < never { month } else { f64::MAX };
            dates.map(|(place, (at, log_cost))| Arrival { month: month(place, at.month), log_cost }).collect()
        };
        let costs = with(&mut arrivals.iter().map(|arrival| arrival.log_cost));
        let dense = with(&mut arrivals.iter().zip(&densities).map(|(_, &log)| log));
        let at_first: Vec<Arrival> =
            dense.iter().map(|arrival| Arrival { month: 0.0, log_cost: arrival.log_cost }).collect();
        let arrivals = &arrivals[..costs.len()];
        let mut both = dated::DatedFrontiers::new(cost, density, arrivals, &at_first, months);
        let (mut found, mut found_density) = (vec![1.0; months], vec![1.0; months]);
        // Twice: what one fill leaves behind is not in the next.
        for dates in [arrivals, &costs] {
            both.fill(dates, &shift, &mut found, &mut found_density);
        }
        let (mut alone, mut alone_density) = (vec![0.0; months], vec![0.0; months]);
        cost.fill(&costs, &mut alone).unwrap();
        density.fill(&dense, &mut alone_density).unwrap();
        alone.iter_mut().zip(&shift).for_each(|(level, shift)| *level += shift);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
        prop_assert_eq!(bits(&found), bits(&alone));
        let density: Vec<f64> = alone_density.iter().map(|level| -level).collect();
        prop_assert_eq!(bits(&found_density), bits(&density));
    }

    #[test]
    fn two_steps_are_one(
        k in 0.0..20.0_f64, volatility in 0.0..2.0_f64, start in -2.0..2.0_f64, a in 0.0..3.0_f64, b in 0.0..3.0_f64,
    ) {
        let process = Scarcity { mean_reversion: k, level: 0.3, volatility };
        let (first, second, whole) = (process.step(a), process.step(b), process.step(a + b));
        prop_assert!((first.decay * second.decay - whole.decay).abs() < 1e-13);
        let variance = (first.deviation * second.decay).powi(2) + second.deviation.powi(2);
        prop_assert!((variance - whole.deviation.powi(2)).abs() < 1e-12);
        prop_assert!((process.mean(process.mean(start, a), b) - process.mean(start, a + b)).abs() < 1e-12);
    }

    #[test]
    fn redrawn_dates_keep_order_and_a_strict_rhythm_its_bits(seed: u64, s in 0.0..1.5_f64) {
        let cost = LongRunCost { capital: 1.0, power: 0.1, opex: 0.2 };
        let strict = Cadence::default();
        let planned = strict.successors(3.0, &cost, 20).unwrap();
        let draws: Vec<f64> = normals(seed).take(20).collect();
        let mut redrawn = planned.clone();
        strict.redraw(3.0, &draws, &mut redrawn);
        prop_assert_eq!(&planned, &redrawn);
        Cadence { gap_log_deviation: s, ..strict }.redraw(3.0, &draws, &mut redrawn);
        prop_assert!(redrawn.windows(2).all(|pair| pair[1].month > pair[0].month));
    }

    /// The formula of a gap, one arrival after the other; normals may be fewer than arrivals.
    #[test]
    fn redrawn_gaps_are_lognormal(seed: u64, s in 0.01..1.5_f64, arrivals in 0_usize..60, drawn in 0_usize..60) {
        let cost = LongRunCost { capital: 1.0, power: 0.1, opex: 0.2 };
        let cadence = Cadence { gap_log_deviation: s, ..Cadence::default() };
        let draws: Vec<f64> = normals(seed).take(drawn).collect();
        let mut redrawn = cadence.successors(-3.0, &cost, arrivals).unwrap();
        cadence.redraw(-3.0, &draws, &mut redrawn);
        let mut date = -3.0;
        for (index, arrival) in redrawn.iter().enumerate() {
            date += cadence.months * draws.get(index).map_or(1.0, |z| (s * z - s * s / 2.0).exp());
            prop_assert!((arrival.month - date).abs() < 1e-12 * date.abs().max(1.0), "{index}: {date}");
        }
    }

    /// A chip whose capital charge falls as expected pays back its price at the required return.
    #[test]
    fn long_run_cost_breaks_even(
        work in 0.05..8.0_f64, kw in 0.1..5.0_f64, price in 1e3..3e5_f64, required_return in 0.0..0.4_f64,
        rent_drift in -0.6..0.3_f64, recovery in 1_u32..10,
    ) {
        let chip = ChipRates { h100_equivalents: work, kw, system_price_usd: price };
        let recovery_years = f64::from(recovery);
        let operating = OperatingTerms::default();
        let terms = CostTerms { required_return, recovery_years, rent_drift, operating };
        let cost = long_run_cost(&chip, &terms).unwrap();
        let sold = HOURS_PER_MONTH * work * operating.utilisation;
        let running = kw * (operating.load_factor * operating.pue * 0.07 * HOURS_PER_MONTH + 150.0);
        prop_assert!((sold * (cost.power + cost.opex) / running - 1.0).abs() < 1e-12);
        let paid = (1..=12 * recovery).map(|month| {
            let years = f64::from(month) / 12.0;
            sold * cost.capital * (rent_drift * (years - 1.0 / 12.0)).exp() / (1.0 + required_return).powf(years)
        });
        prop_assert!((paid.sum::<f64>() / price - 1.0).abs() < 1e-9);
        let level = long_run_cost(&chip, &CostTerms { rent_drift: 0.0, ..terms }).unwrap();
        prop_assert!(rent_drift > 0.0 || cost.capital >= level.capital * (1.0 - 1e-12));
    }
}

/// Half of the price is over after a month of adoption in two: hand arithmetic.
#[test]
fn a_dearer_arrival_moves_nothing_and_a_cheaper_one_steps_from_the_running_minimum() {
    let frontier = Frontier { incumbent_log_cost: 2.0, adoption_months: 2.0 };
    let arrival = |month, log_cost| Arrival { month, log_cost };
    let mut path = [0.0; 6];
    frontier.fill(&[arrival(0.0, 1.0), arrival(1.0, 1.5), arrival(3.0, 0.0)], &mut path).unwrap();
    assert_eq!(path, [2.0, 1.5, 1.0, 1.0, 0.5, 0.0]);
    let at_once = Frontier { adoption_months: 0.0, ..frontier };
    at_once.fill(&[arrival(2.0, 1.0)], &mut path).unwrap();
    assert_eq!(path, [2.0, 2.0, 1.0, 1.0, 1.0, 1.0]);
    assert!(frontier.fill(&[arrival(3.0, 1.0), arrival(1.0, 0.0)], &mut path).is_err());
    assert!(frontier.fill(&[arrival(f64::NAN, 1.0)], &mut path).is_err());
}

/// The law of the draws is the closed form: mean, and coverage of the band, within four standard errors.
#[test]
fn draws_have_the_mean_and_the_quantiles_of_the_closed_form() {
    const MONTHS: usize = 25;
    const PATHS: usize = 20_000;
    let scarcity = Scarcity { mean_reversion: 3.0, level: 0.2, volatility: 0.6 };
    let law = ComputePrice::new(&[0.1; MONTHS], &scarcity, 1.0).unwrap();
    let (mut low, mut high, mut expected) = ([0.0; MONTHS], [0.0; MONTHS], [0.0; MONTHS]);
    law.quantile(0.05, &mut low).unwrap();
    law.quantile(0.95, &mut high).unwrap();
    law.expected(&mut expected).unwrap();
    let mut source = normals(7);
    let (mut sum, mut squares, mut inside) = ([0.0; MONTHS], [0.0; MONTHS], [0_u32; MONTHS]);
    let (mut shocks, mut path) = ([0.0; MONTHS], [0.0; MONTHS]);
    for _ in 0..PATHS {
        shocks.fill_with(|| source.next().unwrap());
        law.draw(&shocks, &mut path).unwrap();
        for (month, price) in path.into_iter().enumerate() {
            sum[month] += price;
            squares[month] += price * price;
            inside[month] += u32::from((low[month]..=high[month]).contains(&price));
        }
    }
    let count = PATHS as f64;
    for month in 1..MONTHS {
        let mean = sum[month] / count;
        let error = ((squares[month] / count - mean * mean) / count).sqrt();
        assert!((mean - expected[month]).abs() < 4.0 * error, "month {month}: {mean} {}", expected[month]);
        let covered = f64::from(inside[month]) / count;
        assert!((covered - 0.9).abs() < 4.0 * (0.09 / count).sqrt(), "month {month}: {covered}");
    }
}

/// Seen at equal intervals the process is a first-order autoregression, whose likelihood ordinary least squares
/// maximises: `x' = c + phi x + e`, `k = -ln phi / d`, `level = c / (1 - phi)`,
/// `volatility^2 = 2 k s^2 / (1 - phi^2)`; and `se(k) = s / (sqrt(Sxx) phi d)`.
#[test]
fn equal_intervals_give_the_regression() {
    let truth = Scarcity { mean_reversion: 2.5, level: 0.3, volatility: 0.7 };
    let gap = 1.0 / 12.0;
    let step = truth.step(gap);
    let mut x = 1.0;
    let seen: Vec<Observation> = normals(11)
        .take(240)
        .enumerate()
        .map(|(index, z)| {
            let seen = Observation { years: index as f64 * gap, scarcity: x };
            x = truth.level + (x - truth.level) * step.decay + step.deviation * z;
            seen
        })
        .collect();
    let count = (seen.len() - 1) as f64;
    let before = seen.iter().map(|s| s.scarcity).take(seen.len() - 1);
    let pairs: Vec<(f64, f64)> = before.zip(seen.iter().skip(1).map(|s| s.scarcity)).collect();
    let mean = |part: fn(&(f64, f64)) -> f64| pairs.iter().map(part).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|p| p.0), mean(|p| p.1));
    let sxx: f64 = pairs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let sxy: f64 = pairs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let phi = sxy / sxx;
    let constant = mean_y - phi * mean_x;
    let residual = pairs.iter().map(|(x, y)| (y - constant - phi * x).powi(2)).sum::<f64>() / count;
    let k = -phi.ln() / gap;
    let found = calibrate_scarcity(&seen, 0.01..=100.0).unwrap();
    assert!((found.scarcity.mean_reversion / k - 1.0).abs() < 1e-6, "{found:?}, {k}");
    assert!((found.scarcity.level - constant / (1.0 - phi)).abs() < 1e-6);
    let volatility = (2.0 * k * residual / (1.0 - phi * phi)).sqrt();
    assert!((found.scarcity.volatility - volatility).abs() < 1e-6);
    let errors = found.standard_errors.unwrap();
    let error = (residual / sxx).sqrt() / (phi * gap);
    assert!((errors.mean_reversion / error - 1.0).abs() < 1e-4, "{errors:?}, {error}");
    // Twenty years of months put the truth within three standard errors.
    assert!((found.scarcity.level - truth.level).abs() < 3.0 * errors.level);
    assert!((found.scarcity.volatility - truth.volatility).abs() < 3.0 * errors.volatility);
}

#[test]
fn a_calibration_says_what_it_cannot_find() {
    let seen = |values: &[f64]| -> Vec<Observation> {
        let timed = values.iter().enumerate();
        timed.map(|(i, &scarcity)| Observation { years: i as f64, scarcity }).collect()
    };
    // A series that flips sign each year reverts as fast as may be: the data do not say how fast.
    let flips = calibrate_scarcity(&seen(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]), 0.01..=50.0).unwrap();
    assert!(flips.at_bound && flips.standard_errors.is_none());
    assert!(calibrate_scarcity(&seen(&[1.0, 0.5, 0.2]), 0.01..=50.0).is_err());
    assert!(calibrate_scarcity(&seen(&[1.0; 6]), 0.01..=50.0).is_err(), "no volatility at all");
    assert!(calibrate_scarcity(&seen(&[1.0, f64::NAN, 1.0, 1.0]), 0.01..=50.0).is_err());
    let mut backwards = seen(&[1.0, 0.4, 0.6, 0.2]);
    backwards.swap(1, 2);
    assert!(calibrate_scarcity(&backwards, 0.01..=50.0).is_err());
}
