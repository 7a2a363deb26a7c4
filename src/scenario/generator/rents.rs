//! Market rents along a random path.

use crate::math::exp::exp_in_place;
use libm::{exp, sqrt};
use std::hint::black_box;

/// Steps of the random walk: a year.
pub(super) const MONTHS_A_STEP: usize = 12;

/// Market rent of one market around its scripted path: an Ornstein-Uhlenbeck process `X` in logarithms,
/// exact at yearly steps, linear between them.
///
/// ```text
/// X(y + 1) = phi X(y) + s e(y),  phi = exp(-k),  s^2 = vol^2 (1 - phi^2) / (2 k)   (vol^2 if k = 0)
/// e = rho dW + sqrt(1 - rho^2) d,  dW the year's change of AI demand, d the market's own
/// rent(y) = scripted(y) x exp(X(y) - var X(y) / 2)
/// ```
///
/// so that the expected rent is the scripted one.
#[derive(Clone, Debug)]
pub(super) struct RentProcess {
    pub market: usize,
    phi: f64,
    step: f64,
    demand: f64,
    own: f64,
    /// Half the variance of `X` after each step.
    half_variance: Vec<f64>,
}

impl RentProcess {
    pub fn new(market: usize, volatility: f64, mean_reversion: f64, correlation: f64, months: usize) -> Self {
        let phi = exp(-mean_reversion);
        let variance = if mean_reversion > 0.0 {
            volatility * volatility * (1.0 - phi * phi) / (2.0 * mean_reversion)
        } else {
            volatility * volatility
        };
        let mut half_variance = Vec::with_capacity(steps(months));
        let mut total = 0.0;
        for _ in 0..steps(months) {
            total = phi * phi * total + variance;
            half_variance.push(0.5 * total);
        }
        let own = sqrt((1.0 - correlation * correlation).max(0.0));
        RentProcess { market, phi, step: sqrt(variance), demand: correlation, own, half_variance }
    }

    /// Makes of the market's own normals, a place for each year, the shocks of `X`: `s e(y)`.
    #[inline(always)]
    fn shocks(&self, demand: &[f64], own: &mut [f64]) {
        for (own, demand) in own.iter_mut().zip(demand) {
            *own = self.step * (self.demand * demand + self.own * *own);
        }
    }
}

/// Makes of the markets' own normals, market after market with `years` places each, the levels that rents reach at
/// each year's end over the scripted ones: `exp(X - var X / 2)`.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
pub(super) fn levels(processes: &[RentProcess], demand: &[f64], years: usize, own: &mut [f64]) {
    let years = years.max(1);
    for (process, own) in processes.iter().zip(own.chunks_exact_mut(years)) {
        process.shocks(demand, own);
    }
    // A step waits for the one before: markets side by side wait as long as one.
    for (processes, own) in processes.chunks(SIDE_BY_SIDE).zip(own.chunks_mut(SIDE_BY_SIDE * years)) {
        walk(processes, years, own);
    }
    for (process, own) in processes.iter().zip(own.chunks_exact_mut(years)) {
        own.iter_mut().zip(&process.half_variance).for_each(|(x, half_variance)| *x -= half_variance);
    }
    exp_in_place(own);
}

/// Markets whose walks are taken together.
const SIDE_BY_SIDE: usize = 5;

/// `X(y + 1) = phi X(y) + shock(y)` in place of the shocks, for at most [`SIDE_BY_SIDE`] markets that stand one after the
/// other.
#[inline(always)]
fn walk(processes: &[RentProcess], years: usize, shocks: &mut [f64]) {
    let mut x = [0.0; SIDE_BY_SIDE];
    let phi: [f64; SIDE_BY_SIDE] = std::array::from_fn(|market| processes.get(market).map_or(0.0, |p| p.phi));
    let mut markets = shocks.chunks_exact_mut(years);
    let mut markets: [&mut [f64]; SIDE_BY_SIDE] = std::array::from_fn(|_| markets.next().unwrap_or_default());
    for year in 0..years {
        for ((market, x), phi) in markets.iter_mut().zip(&mut x).zip(phi) {
            if let Some(shock) = market.get_mut(year) {
                *x = phi * *x + *shock;
                *shock = *x;
            }
        }
    }
}

/// The first `drawn` of the `months` months of each market with a process: the scripted rent, times the level between
/// the ends of two years on a straight line, times what all rents are multiplied by in the month.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
pub(super) fn fill(
    processes: &[RentProcess],
    levels: &[f64],
    drawn: usize,
    months: usize,
    scripted: &[f64],
    link: &[f64],
    rents: &mut [f64],
) {
    let years = steps(drawn);
    let Some((links, link)) = link.get(..drawn).map(<[f64]>::as_chunks::<MONTHS_A_STEP>) else { return };
    for (process, levels) in processes.iter().zip(levels.chunks_exact(years.max(1))) {
        let at = process.market * months;
        let (Some(scripted), Some(rents)) = (scripted.get(at..at + drawn), rents.get_mut(at..at + drawn))
        else {
            return;
        };
        let ((whole, rents), (scripts, scripted)) =
            (rents.as_chunks_mut::<MONTHS_A_STEP>(), scripted.as_chunks::<MONTHS_A_STEP>());
        let mut from = 1.0;
        for (((rents, scripted), link), &to) in whole.iter_mut().zip(scripts).zip(links).zip(levels) {
            // Unseen, so that the compiler takes neighbouring months together, not the same month of several years.
            let slope = black_box((to - from) / MONTHS_A_STEP as f64);
            for month in 0..MONTHS_A_STEP {
                rents[month] = scripted[month] * (from + slope * month as f64) * link[month];
            }
            from = to;
        }
        if let Some(to) = levels.get(whole.len()) {
            let slope = (to - from) / MONTHS_A_STEP as f64;
            for (month, (rent, (scripted, link))) in
                rents.iter_mut().zip(scripted.iter().zip(link)).enumerate()
            {
                *rent = scripted * (from + slope * month as f64) * link;
            }
        }
    }
}

/// Yearly steps that cover so many months.
pub(super) fn steps(months: usize) -> usize {
    months.div_ceil(MONTHS_A_STEP)
}

/// Makes of independent normals the yearly changes of a Brownian motion whose value at the horizon is
/// `sqrt(n) x factor`: moved together until they add up.
///
/// The factor is the one that defaults depend on. Where it is standard normal, so is each change, and
/// they are independent: AI demand is one path, of which defaults see the end.
pub(super) fn demand(factor: Option<f64>, changes: &mut [f64]) {
    let Some(factor) = factor else { return };
    let n = changes.len() as f64;
    let shift = factor / sqrt(n) - changes.iter().sum::<f64>() / n;
    changes.iter_mut().for_each(|change| *change += shift);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The formulas of [`RentProcess`], one market and one month after the other.
    fn one_by_one(process: &RentProcess, demand: &[f64], own: &[f64], month: usize) -> f64 {
        let level = |year: usize| {
            let mut x = 0.0;
            for (demand, own) in demand.iter().zip(own).take(year) {
                x = process.phi * x + process.step * (process.demand * demand + process.own * own);
            }
            if year == 0 { 1.0 } else { exp(x - process.half_variance[year - 1]) }
        };
        let (from, to) = (level(month / MONTHS_A_STEP), level(month / MONTHS_A_STEP + 1));
        from + (to - from) / MONTHS_A_STEP as f64 * (month % MONTHS_A_STEP) as f64
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Markets of a pool, some without a process: those with one follow their formula in the months drawn, and
        /// nothing else is touched.
        #[test]
        fn markets_side_by_side_are_markets_one_by_one(
            terms in proptest::collection::vec((any::<bool>(), 0.0..0.5_f64, 0.0..1.0_f64, -1.0..1.0_f64), 1..12),
            (months, drawn) in (1_usize..60).prop_flat_map(|months| (Just(months), 1..=months)),
            normals in proptest::collection::vec(-4.0..4.0_f64, 13 * 5),
            growth in 0.99..1.01_f64,
        ) {
            let processes: Vec<RentProcess> = (0..).zip(&terms)
                .filter(|(_, terms)| terms.0)
                .map(|(market, &(_, volatility, pull, correlation))| {
                    RentProcess::new(market, volatility, pull, correlation, months)
                })
                .collect();
            let (demand, normals) = normals.split_at(5);
            let years = steps(drawn);
            let normals = &normals[..processes.len() * years];
            let scripted: Vec<f64> = (0..terms.len() * months).map(|i| 100.0 + i as f64).collect();
            let link: Vec<f64> = (0..months).map(|month| growth.powi(month as i32)).collect();
            let mut rents = vec![-1.0; scripted.len()];
            let mut own = normals.to_vec();
            levels(&processes, demand, years, &mut own);
            fill(&processes, &own, drawn, months, &scripted, &link, &mut rents);
            for (market, rents) in rents.chunks(months).enumerate() {
                let row = processes.iter().position(|process| process.market == market);
                for (month, &rent) in rents.iter().enumerate() {
                    let expected = match row {
                        Some(row) if month < drawn => {
                            let own = &normals[row * years..][..years];
                            let level = one_by_one(&processes[row], demand, own, month);
                            scripted[market * months + month] * level * link[month]
                        }
                        _ => -1.0,
                    };
                    prop_assert!((rent - expected).abs() <= 1e-12 * expected.abs(), "{market} {month}");
                }
            }
        }
    }
}
