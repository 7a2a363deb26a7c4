//! The frontiers of cost and of density when generations arrive on other dates.

use super::frontier::{Arrival, Fall, Frontier, MONTHS_AT_ONCE, take_off};

/// Two frontiers of the same arrivals, that of costs and that of densities, everything but the dates computed once.
///
/// Arrivals keep their order and their costs when their dates move, so what each takes off the frontier is known; and
/// both frontiers take it up in the same months.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DatedFrontiers {
    costs: Frontier,
    densities: Frontier,
    falls: Vec<[Fall; 2]>,
    /// What each month takes off both; room reused from fill to fill.
    steps: Vec<[f64; 2]>,
}

impl DatedFrontiers {
    /// Of arrivals and of the same ones with density in place of cost, over so many months. What [`Frontier::fill`]
    /// refuses of either must have been refused; both take as long to be adopted.
    pub fn new(
        costs: Frontier,
        densities: Frontier,
        arrivals: &[Arrival],
        dense: &[Arrival],
        months: usize,
    ) -> DatedFrontiers {
        debug_assert_eq!(costs.adoption_months, densities.adoption_months);
        let mut lowest = [costs.incumbent_log_cost, densities.incumbent_log_cost];
        let falls = arrivals.iter().zip(dense).map(|(arrival, density)| {
            let [cost, dense] = &mut lowest;
            [costs.fall_to(arrival.log_cost, cost), densities.fall_to(density.log_cost, dense)]
        });
        DatedFrontiers { costs, densities, falls: falls.collect(), steps: vec![[0.0; 2]; months] }
    }

    /// [`Frontier::fill`] of both with the arrivals' dates, to the same bits; to the logarithm of cost `shift` is added,
    /// and that of density has its sign changed, which makes it one of kW per rack.
    pub fn fill(&mut self, dates: &[Arrival], shift: &[f64], log_cost: &mut [f64], log_density: &mut [f64]) {
        fill(self, dates, shift, log_cost, log_density);
    }
}

#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn fill(
    frontiers: &mut DatedFrontiers,
    dates: &[Arrival],
    shift: &[f64],
    log_cost: &mut [f64],
    log_density: &mut [f64],
) {
    let DatedFrontiers { costs, densities, falls, steps } = frontiers;
    steps.fill([0.0; 2]);
    for (&falls, arrival) in falls.iter().zip(dates) {
        // One that is neither cheaper nor denser than all before takes nothing off.
        if falls.iter().any(|fall| fall.whole > 0.0)
            && let Some(take_up) = costs.take_up(arrival.month, steps.len())
        {
            take_up.add(falls, steps);
        }
    }
    let mut levels = [costs.incumbent_log_cost, densities.incumbent_log_cost];
    // One outlook gave all their lengths: no month of a path before is left standing.
    debug_assert!(log_cost.len() == steps.len() && log_density.len() == steps.len());
    let months = steps.len().min(shift.len()).min(log_cost.len()).min(log_density.len());
    let (steps, last) = steps[..months].as_chunks_mut::<MONTHS_AT_ONCE>();
    let (shifts, shift) = shift[..months].as_chunks::<MONTHS_AT_ONCE>();
    let (costs, cost) = log_cost[..months].as_chunks_mut::<MONTHS_AT_ONCE>();
    let (densities, density) = log_density[..months].as_chunks_mut::<MONTHS_AT_ONCE>();
    for ((steps, shift), (cost, density)) in steps.iter_mut().zip(shifts).zip(costs.iter_mut().zip(densities))
    {
        take_off(&mut levels, steps);
        write(steps, shift, cost, density);
    }
    take_off(&mut levels, last);
    write(last, shift, cost, density);
}

#[inline(always)]
fn write(levels: &[[f64; 2]], shift: &[f64], log_cost: &mut [f64], log_density: &mut [f64]) {
    let out = log_cost.iter_mut().zip(log_density);
    for ((&[cost, density], shift), (log_cost, log_density)) in levels.iter().zip(shift).zip(out) {
        *log_cost = cost + shift;
        *log_density = -density;
    }
}
