//! What a scenario expects of compute: which generations come when, and what follows month by month.

use super::dated::DatedFrontiers;
use super::terms::{ComputeTerms, model};
use super::{
    Arrival, Cadence, ComputePrice, Frontier, HallFit, OperatingTerms, Refit, Scarcity, long_run_cost,
};
use crate::asset::Generation;
use crate::error::Error;
use crate::math::exp::exp_in_place;
use crate::time::Date;

/// The law of the price of compute and of rack density in a scenario, everything that no draw changes computed
/// once. The scripted paths are those of [`ComputeOutlook::price_into`] and
/// [`ComputeOutlook::rack_density_into`] without chance; random ones move arrivals and add shocks.
#[derive(Clone, Debug, PartialEq)]
pub struct ComputeOutlook {
    frontier: Frontier,
    /// The arrivals that set the price, catalogue first, in order of time.
    arrivals: Vec<Arrival>,
    /// The same arrivals, their cost in place of density: the logarithm of kW per rack with its sign changed, so
    /// that the frontier of costs, which only falls, is one of densities, which only rise.
    densities: Vec<Arrival>,
    density_frontier: Frontier,
    rhythm: Rhythm,
    /// Added to the logarithm of price by the scenario's events.
    shift: Vec<f64>,
    price: ComputePrice,
    scarcity: Scarcity,
    scarcity_start: f64,
    operating: OperatingTerms,
    halls: HallFit,
    market_rent_elasticity: f64,
}

/// Arrivals whose dates are drawn, path after path, and what they do to the frontiers whatever their dates.
#[derive(Clone, Debug)]
pub(crate) struct DrawnArrivals {
    arrivals: Vec<Arrival>,
    frontiers: DatedFrontiers,
}

/// When generations arrive.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rhythm {
    cadence: Cadence,
    speed: f64,
    /// How many arrivals the catalogue dates; the later ones follow the cadence.
    dated: usize,
    /// Month of the catalogue's last, before it is sped up.
    last_dated: f64,
    /// Of the arrivals after the start, those from this month on do not take place.
    plateau: f64,
}

impl Rhythm {
    /// Months after the start pass faster; what has arrived has.
    fn hurried(&self, month: f64) -> f64 {
        if month <= 0.0 {
            return month;
        }
        let month = month / self.speed;
        if month < self.plateau { month } else { f64::MAX }
    }
}

impl ComputeOutlook {
    /// The outlook over `months` months from `origin` of a catalogue under a scenario's terms. `shift`, by month
    /// or empty, is added to the logarithm of price.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no generation or a figure is outside its meaning.
    pub fn new(
        generations: &[Generation],
        origin: Date,
        months: usize,
        terms: &ComputeTerms,
        shift: &[f64],
    ) -> Result<ComputeOutlook, Error> {
        let (cost, cadence) = (terms.cost(), terms.cadence());
        let (mut frontier, mut arrivals) = Frontier::of_generations(generations, origin, &cost)?;
        frontier.adoption_months = model(terms.adoption_months);
        let mut by_release: Vec<&Generation> = generations.iter().collect();
        by_release.sort_by_key(|generation| generation.release.value);
        let density = |generation: &Generation| -libm::log(model(generation.rack_density_kw.value));
        let mut densities: Vec<Arrival> = Vec::with_capacity(arrivals.len());
        for (arrival, generation) in arrivals.iter().zip(&by_release[1..]) {
            densities.push(Arrival { log_cost: density(generation), ..*arrival });
        }
        let last = by_release[by_release.len() - 1];
        let last_dated = Frontier::months_from(origin, last.release.value);
        let speed = model(terms.cadence_speed);
        let plateau = terms.plateau_from.map_or(f64::MAX, |date| Frontier::months_from(origin, date));
        let rhythm = Rhythm { cadence, speed, dated: arrivals.len(), last_dated, plateau };
        let future = future_generations(months, &rhythm);
        arrivals.extend(cadence.successors(last_dated, &long_run_cost(&last.rates(), &cost)?, future)?);
        let growth = libm::log(model(terms.rack_density_growth));
        for n in 1..=future {
            densities.push(Arrival { month: 0.0, log_cost: density(last) - growth * n as f64 });
        }
        let density_frontier = Frontier { incumbent_log_cost: density(by_release[0]), ..frontier };
        let shift = if shift.is_empty() { vec![0.0; months] } else { shift.to_vec() };
        let mut outlook = ComputeOutlook {
            frontier,
            arrivals,
            densities,
            density_frontier,
            rhythm,
            price: ComputePrice::new(&shift, &terms.scarcity(), model(terms.scarcity_start))?,
            shift,
            scarcity: terms.scarcity(),
            scarcity_start: model(terms.scarcity_start),
            operating: terms.operating(),
            halls: halls(terms),
            market_rent_elasticity: model(terms.market_rent_elasticity),
        };
        outlook.hurry();
        let mut frontier = vec![0.0; months];
        outlook.log_frontier_into(&mut frontier)?;
        outlook.price = ComputePrice::new(&frontier, &outlook.scarcity, outlook.scarcity_start)?;
        Ok(outlook)
    }

    /// Moves the arrivals from the months of catalogue and cadence to those of the scenario.
    fn hurry(&mut self) {
        let rhythm = self.rhythm;
        for (arrival, density) in self.arrivals.iter_mut().zip(&mut self.densities) {
            arrival.month = rhythm.hurried(arrival.month);
            density.month = arrival.month;
        }
    }

    /// Room for arrivals that are drawn.
    pub(crate) fn drawn(&self) -> DrawnArrivals {
        let (costs, densities) = (&self.arrivals, &self.densities);
        let frontiers =
            DatedFrontiers::new(self.frontier, self.density_frontier, costs, densities, self.months());
        DrawnArrivals { arrivals: costs.clone(), frontiers }
    }

    /// How many generations after the catalogue there are dates to draw for.
    pub(crate) fn undated(&self) -> usize {
        self.arrivals.len() - self.rhythm.dated
    }

    /// Draws when the generations after the catalogue arrive, and what follows for the logarithm of long-run cost and
    /// for rack density by month. Allocates nothing. With a deviation of 0 both are the scripted ones, bit for bit.
    pub(crate) fn redraw(
        &self,
        gap_log_deviation: f64,
        normals: &[f64],
        drawn: &mut DrawnArrivals,
        log_frontier: &mut [f64],
        rack_density: &mut [f64],
    ) {
        let rhythm = self.rhythm;
        let undated = &mut drawn.arrivals[rhythm.dated..];
        let cadence = Cadence { gap_log_deviation, ..rhythm.cadence };
        cadence.redraw(rhythm.last_dated, normals, undated);
        for arrival in undated {
            arrival.month = rhythm.hurried(arrival.month);
        }
        drawn.frontiers.fill(&drawn.arrivals, &self.shift, log_frontier, rack_density);
        exp_in_place(rack_density);
    }

    /// Months covered.
    pub fn months(&self) -> usize {
        self.shift.len()
    }

    /// The arrivals after the first generation, in order of time; those that a plateau prevents come never, at
    /// the largest number there is.
    pub fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    /// The scenario's price of compute: its law without volatility.
    pub fn price(&self) -> &ComputePrice {
        &self.price
    }

    /// The process of scarcity, without volatility.
    pub fn scarcity(&self) -> Scarcity {
        self.scarcity
    }

    /// What it takes to run chips.
    pub fn operating(&self) -> OperatingTerms {
        self.operating
    }

    /// What halls lose that are not dense enough.
    pub fn halls(&self) -> HallFit {
        self.halls
    }

    /// Per cent of market rent for each per cent of the price of compute.
    pub fn market_rent_elasticity(&self) -> f64 {
        self.market_rent_elasticity
    }

    /// The scripted price of compute in dollars per H100-hour by month.
    ///
    /// # Errors
    /// [`Error::Argument`] unless `out` has as many months as the outlook.
    pub fn price_into(&self, out: &mut [f64]) -> Result<(), Error> {
        self.price.scripted(out)
    }

    /// Power per rack that the newest halls must supply, in kW, by month: steps up in logarithms with each
    /// generation denser than all before, as it is adopted.
    ///
    /// # Errors
    /// As [`ComputeOutlook::price_into`].
    pub fn rack_density_into(&self, out: &mut [f64]) -> Result<(), Error> {
        self.density_frontier.fill(&self.densities, out)?;
        out.iter_mut().for_each(|level| *level = -*level);
        exp_in_place(out);
        Ok(())
    }

    /// Logarithm of the long-run cost of compute, with what the scenario's events add.
    fn log_frontier_into(&self, out: &mut [f64]) -> Result<(), Error> {
        self.frontier.fill(&self.arrivals, out)?;
        out.iter_mut().zip(&self.shift).for_each(|(level, shift)| *level += shift);
        Ok(())
    }
}

/// Generations after the catalogue that may arrive within so many months: those due by then, and half as many
/// and four more, for gaps that are drawn may be shorter.
fn future_generations(months: usize, rhythm: &Rhythm) -> usize {
    let horizon = (months as f64 * rhythm.speed).min(rhythm.plateau * rhythm.speed);
    let due = ((horizon - rhythm.last_dated) / rhythm.cadence.months).ceil().max(0.0) as usize;
    due + due / 2 + 4
}

fn halls(terms: &ComputeTerms) -> HallFit {
    let refit = terms.halls.refit_to_kw_per_rack.map(|to| Refit {
        to_kw_per_rack: model(to),
        usd_per_kw_per_rack_kw: model(terms.halls.refit_usd_per_kw_per_rack_kw),
    });
    HallFit { rent_discount: model(terms.halls.rent_discount), refit }
}
