//! The price of compute and the arrival of generations along a random path.

use super::purpose;
use super::rents::MONTHS_A_STEP;
use crate::error::Error;
use crate::math::exp::exp_in_place;
use crate::math::random::Stream;
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
    /// Monthly shocks, whole years of them.
    normals: Vec<f64>,
    gaps: Vec<f64>,
    drawn: DrawnArrivals,
    log_frontier: Vec<f64>,
    /// What multiplies market rents, by month.
    link: Vec<f64>,
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
            normals: vec![0.0; months.next_multiple_of(MONTHS_A_STEP)],
            gaps: vec![0.0; self.outlook.undated()],
            drawn: self.outlook.drawn(),
            log_frontier: self.law.log_frontier().to_vec(),
            link: if self.moves_rents() { vec![1.0; months] } else { Vec::new() },
        }
    }

    /// Whether market rents follow the price of compute.
    pub fn moves_rents(&self) -> bool {
        self.outlook.market_rent_elasticity() > 0.0
    }

    /// Draws the price of compute, and rack density where generations come at random, for the first `months` months;
    /// for all where the path reaches beyond the scenario, for chips are worth what comes then.
    pub fn draw(
        &self,
        seed: u64,
        path: u64,
        months: usize,
        demand: &[f64],
        scratch: &mut Scratch,
        scenario: &mut Scenario,
    ) {
        let all = scenario.compute_price.len();
        let months = if all > scenario.months { all } else { months.min(all) };
        if self.gap_log_deviation > 0.0 {
            Stream::new(seed, path, purpose::GENERATIONS).fill_normal(&mut scratch.gaps);
            let Scratch { gaps, drawn, log_frontier, .. } = &mut *scratch;
            let density = &mut scenario.rack_density_kw;
            // The arrivals are finite and in order, as those of the outlook are: there is nothing to refuse.
            let redrawn = self.outlook.redraw(self.gap_log_deviation, gaps, drawn, log_frontier, density);
            debug_assert!(redrawn.is_ok(), "{redrawn:?}");
        }
        let normals = &mut scratch.normals[..months.next_multiple_of(MONTHS_A_STEP)];
        Stream::new(seed, path, purpose::SCARCITY).fill_normal(normals);
        if self.demand != 0.0 {
            self.correlate(demand, normals);
        }
        let price = &mut scenario.compute_price[..months];
        self.law.logs_on(&scratch.log_frontier, normals, price);
        if self.moves_rents() {
            let (elasticity, link) = (self.outlook.market_rent_elasticity(), &mut scratch.link[..months]);
            for ((link, level), scripted) in link.iter_mut().zip(price.iter()).zip(&self.scripted) {
                *link = elasticity * (level - scripted);
            }
            exp_in_place(link);
        }
        exp_in_place(price);
    }

    /// Gives each year's sum of shocks its part of AI demand.
    fn correlate(&self, demand: &[f64], normals: &mut [f64]) {
        let root = sqrt(MONTHS_A_STEP as f64);
        for (year, demand) in normals.chunks_exact_mut(MONTHS_A_STEP).zip(demand) {
            let sum = year.iter().sum::<f64>() / root;
            let move_by = (self.demand * demand + self.own * sum - sum) / root;
            year.iter_mut().for_each(|shock| *shock += move_by);
        }
    }

    /// Multiplies every market's rents by (price / scripted price) to the elasticity, in the first `drawn` of `months`
    /// months.
    pub fn move_rents(&self, scratch: &Scratch, drawn: usize, months: usize, market_rent: &mut [f64]) {
        let link = &scratch.link[..drawn.min(scratch.link.len())];
        for rents in market_rent.chunks_mut(months.max(1)) {
            for (rent, link) in rents.iter_mut().zip(link) {
                *rent *= link;
            }
        }
    }
}
