//! The price of compute and the arrival of generations along a random path.

use super::rents::MONTHS_A_STEP;
use crate::error::Error;
use crate::math::exp::exp_in_place;
use crate::scenario::Scenario;
use crate::scenario::compute::{ComputeOutlook, ComputePrice, DrawnArrivals, Scarcity};
use libm::sqrt;
use std::sync::Arc;

/// The price of compute around its scripted path: an Ornstein-Uhlenbeck process in logarithms with exact monthly
/// steps, and generations whose gaps are lognormal.
///
/// Of twelve monthly shocks `e`, independent normals, the sum `S = sum e / sqrt 12` is replaced by
/// `rho dW + sqrt(1 - rho^2) S` with the year's change `dW` of AI demand, the one that market rents take; what the
/// months deviate from their mean stays. Sum and deviations of normals are independent, so the shocks stay independent
/// normals, and their joint law with `dW` is that of two Brownian motions of correlation `rho`.
#[derive(Clone, Debug)]
pub(super) struct ComputeProcess {
    outlook: Arc<ComputeOutlook>,
    law: ComputePrice,
    /// Logarithm of the scripted price by month.
    scripted: Vec<f64>,
    demand: f64,
    own: f64,
    gap_log_deviation: f64,
}

/// Reused from path to path.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    drawn: DrawnArrivals,
    log_frontier: Vec<f64>,
    /// What multiplies market rents, by month: (price / scripted price) to the elasticity.
    pub link: Vec<f64>,
}

impl ComputeProcess {
    pub fn new(
        outlook: Arc<ComputeOutlook>,
        shocks: &Scarcity,
        correlation: f64,
        gap_log_deviation: f64,
    ) -> Result<ComputeProcess, Error> {
        let law = outlook.price().clone().shocked(shocks)?;
        let mut scripted = vec![0.0; law.months()];
        law.logs_on(law.log_frontier(), &[], &mut scripted);
        let own = sqrt((1.0 - correlation * correlation).max(0.0));
        Ok(ComputeProcess { outlook, law, scripted, demand: correlation, own, gap_log_deviation })
    }

    pub fn scratch(&self) -> Scratch {
        let months = self.law.months();
        Scratch {
            drawn: self.outlook.drawn(),
            log_frontier: self.law.log_frontier().to_vec(),
            link: vec![1.0; months],
        }
    }

    /// Whether market rents follow the price of compute.
    pub fn moves_rents(&self) -> bool {
        self.outlook.market_rent_elasticity() > 0.0
    }

    /// How many normals a draw of so many months takes: gaps between generations, and monthly shocks in whole years.
    pub fn normals(&self, months: usize) -> [usize; 2] {
        let gaps = if self.gap_log_deviation > 0.0 { self.outlook.undated() } else { 0 };
        [gaps, months.next_multiple_of(MONTHS_A_STEP)]
    }

    /// Months that a draw of the first `months` months goes through: all where the path reaches beyond the scenario, for
    /// chips are worth what comes then.
    pub fn reach(&self, months: usize, scenario: &Scenario) -> usize {
        let all = scenario.compute_price.len();
        if all > scenario.months { all } else { months.min(all) }
    }

    /// Draws the price of compute, and rack density where generations come at random, for the first `months` months.
    /// `shocks` are the months' normals, and are given their part of AI demand.
    pub fn draw(
        &self,
        months: usize,
        demand: &[f64],
        gaps: &[f64],
        shocks: &mut [f64],
        scratch: &mut Scratch,
        scenario: &mut Scenario,
    ) {
        if self.gap_log_deviation > 0.0 {
            let Scratch { drawn, log_frontier, .. } = &mut *scratch;
            let density = &mut scenario.rack_density_kw;
            self.outlook.redraw(self.gap_log_deviation, gaps, drawn, log_frontier, density);
        }
        if self.demand != 0.0 {
            correlate(self.demand, self.own, demand, shocks);
        }
        let price = &mut scenario.compute_price[..months];
        self.law.logs_on(&scratch.log_frontier, shocks, price);
        if self.moves_rents() {
            let link = &mut scratch.link[..months];
            rent_link(self.outlook.market_rent_elasticity(), price, &self.scripted, link);
        }
        exp_in_place(price);
    }
}

/// Gives each year's sum of shocks its part of AI demand.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn correlate(with_demand: f64, own: f64, demand: &[f64], shocks: &mut [f64]) {
    let root = sqrt(MONTHS_A_STEP as f64);
    let (years, _) = shocks.as_chunks_mut::<MONTHS_A_STEP>();
    for (year, demand) in years.iter_mut().zip(demand) {
        let sum = year.iter().sum::<f64>() / root;
        let move_by = (with_demand * demand + own * sum - sum) / root;
        year.iter_mut().for_each(|shock| *shock += move_by);
    }
}

/// What multiplies market rents, from the logarithms of the drawn price of compute and of the scripted one.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn rent_link(elasticity: f64, drawn: &[f64], scripted: &[f64], link: &mut [f64]) {
    for ((link, drawn), scripted) in link.iter_mut().zip(drawn).zip(scripted) {
        *link = elasticity * (drawn - scripted);
    }
    exp_in_place(link);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Of each whole year: its sum is correlated as asked, what months deviate from their mean stays.
        #[test]
        fn a_years_shocks_take_their_part_of_demand(
            rho in -1.0..1.0_f64, demand in prop::collection::vec(-4.0..4.0_f64, 0..6),
            shocks in prop::collection::vec(-4.0..4.0_f64, 0..80),
        ) {
            let own = (1.0 - rho * rho).sqrt();
            let mut moved = shocks.clone();
            correlate(rho, own, &demand, &mut moved);
            let years = (shocks.len() / 12).min(demand.len());
            prop_assert_eq!(&moved[12 * years..], &shocks[12 * years..]);
            for (year, demand) in demand.iter().enumerate().take(years) {
                let (moved, shocks) = (&moved[12 * year..][..12], &shocks[12 * year..][..12]);
                let (sum, before) = (moved.iter().sum::<f64>(), shocks.iter().sum::<f64>());
                let scaled = 12.0_f64.sqrt();
                prop_assert!((sum / scaled - (rho * demand + own * before / scaled)).abs() < 1e-12);
                for (moved, shock) in moved.iter().zip(shocks) {
                    prop_assert!((moved - sum / 12.0 - (shock - before / 12.0)).abs() < 1e-12);
                }
            }
        }

        /// Per cent of rent for each per cent of the price.
        #[test]
        fn rents_follow_by_the_elasticity(
            elasticity in 0.0..2.0_f64, prices in prop::collection::vec((0.01..10.0_f64, 0.01..10.0_f64), 0..40),
        ) {
            let (drawn, scripted): (Vec<f64>, Vec<f64>) =
                prices.iter().map(|(drawn, scripted)| (drawn.ln(), scripted.ln())).unzip();
            let mut link = vec![0.0; prices.len()];
            rent_link(elasticity, &drawn, &scripted, &mut link);
            for ((drawn, scripted), link) in prices.iter().zip(&link) {
                prop_assert!((link / (drawn / scripted).powf(elasticity) - 1.0).abs() < 1e-12);
            }
        }
    }
}
