//! The frontiers of cost and of density when generations arrive on other dates.

use super::frontier::{Arrival, Fall, Frontier};

/// Two frontiers of the same arrivals, that of costs and that of densities, everything but the dates computed once.
///
/// Arrivals keep their order and their costs when their dates move, so what each takes off the frontier is known; and
/// both frontiers take it up in the same months.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DatedFrontiers {
    costs: Frontier,
    densities: Frontier,
    falls: Vec<[Fall; 2]>,
}

impl DatedFrontiers {
    /// Of arrivals and of the same ones with density in place of cost. What [`Frontier::fill`] refuses of either must have
    /// been refused; both take as long to be adopted.
    pub fn new(
        costs: Frontier,
        densities: Frontier,
        arrivals: &[Arrival],
        dense: &[Arrival],
    ) -> DatedFrontiers {
        debug_assert_eq!(costs.adoption_months, densities.adoption_months);
        let mut lowest = [costs.incumbent_log_cost, densities.incumbent_log_cost];
        let falls = arrivals.iter().zip(dense).map(|(arrival, density)| {
            let [cost, dense] = &mut lowest;
            [costs.fall_to(arrival.log_cost, cost), densities.fall_to(density.log_cost, dense)]
        });
        DatedFrontiers { costs, densities, falls: falls.collect() }
    }

    /// [`Frontier::fill`] of both with the arrivals' dates, to the same bits; to the logarithm of cost `shift` is added,
    /// and that of density has its sign changed, which makes it one of kW per rack.
    pub fn fill(&self, dates: &[Arrival], shift: &[f64], log_cost: &mut [f64], log_density: &mut [f64]) {
        log_cost.fill(0.0);
        log_density.fill(0.0);
        let months = log_cost.len().max(log_density.len());
        for ([cost, density], arrival) in self.falls.iter().zip(dates) {
            if let Some(take_up) = self.costs.take_up(arrival.month, months) {
                take_up.add(*cost, log_cost);
                take_up.add(*density, log_density);
            }
        }
        let (mut cost, mut density) = (self.costs.incumbent_log_cost, self.densities.incumbent_log_cost);
        let mut next_cost = |step: &mut f64, shift: f64| {
            cost -= *step;
            *step = cost + shift;
        };
        let mut next_density = |step: &mut f64| {
            density -= *step;
            *step = -density;
        };
        // Two sums that do not wait for one another; what else there is to do is done while both wait.
        let common = log_cost.len().min(log_density.len()).min(shift.len());
        let (log_cost, costs) = log_cost.split_at_mut(common);
        let (log_density, densities) = log_density.split_at_mut(common);
        let (shift, shifts) = shift.split_at(common);
        for ((log_cost, log_density), &shift) in log_cost.iter_mut().zip(log_density).zip(shift) {
            next_cost(log_cost, shift);
            next_density(log_density);
        }
        costs.iter_mut().zip(shifts).for_each(|(step, &shift)| next_cost(step, shift));
        densities.iter_mut().for_each(next_density);
    }
}
