//! The frontier: long-run cost of compute as generations arrive and are adopted.

use super::cost::{CostTerms, long_run_cost};
use crate::asset::Generation;
use crate::error::Error;
use crate::time::Date;

/// Days of a twelfth of a year: how far apart two dates are in months is their days over this.
const DAYS_PER_MONTH: f64 = 365.25 / 12.0;

/// A generation that arrives and what work costs on it in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// When it arrives, in months from month 0 of the path; before it, if negative.
    pub month: f64,
    /// Natural logarithm of its long-run cost in dollars per H100-hour.
    pub log_cost: f64,
}

/// What compute cost before the arrivals, and how long an arrival takes to set the price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frontier {
    /// Natural logarithm of the long-run cost of the generation that set the price before the arrivals.
    pub incumbent_log_cost: f64,
    /// Months from a generation's arrival until it alone sets the price; 0 for at once.
    pub adoption_months: f64,
}

impl Frontier {
    /// 24 months: the time between two architectures, so each is adopted when the next arrives.
    pub const ADOPTION_MONTHS: f64 = 24.0;

    /// The frontier and arrivals of a catalogue, months counted from `origin`. The earliest generation is the
    /// incumbent; the arrivals are in order of time.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no generation, or as [`long_run_cost`].
    pub fn of_generations(
        generations: &[Generation],
        origin: Date,
        terms: &CostTerms,
    ) -> Result<(Frontier, Vec<Arrival>), Error> {
        let mut arrivals = Vec::with_capacity(generations.len());
        for generation in generations {
            let cost = long_run_cost(&generation.rates(), terms)?.total();
            Error::unless(cost > 0.0, "long_run_cost", cost, "above 0")?;
            let month = Frontier::months_from(origin, generation.release.value);
            arrivals.push(Arrival { month, log_cost: libm::log(cost) });
        }
        // Of two on one day the cheaper counts either way.
        arrivals.sort_by(|one, other| one.month.total_cmp(&other.month));
        Error::unless(!arrivals.is_empty(), "generations", 0.0, "at least one")?;
        let incumbent_log_cost = arrivals.remove(0).log_cost;
        Ok((Frontier { incumbent_log_cost, adoption_months: Frontier::ADOPTION_MONTHS }, arrivals))
    }

    /// Months from one date to another on the scale of [`Arrival::month`].
    pub fn months_from(origin: Date, date: Date) -> f64 {
        (date - origin).num_days() as f64 / DAYS_PER_MONTH
    }

    /// Log cost at one moment: with arrivals `g` in order of time, costs `c_g`, and running minimum
    /// `m_g = min(m_{g-1}, c_g)`,
    ///
    /// ```text
    /// log F(t) = log c_0 - sum over g of  min(1, max(0, (t - t_g) / A)) x log(m_{g-1} / m_g)
    /// ```
    ///
    /// Once adopted, the cheapest generation sets the price; a dearer one never raises it. An arrival that comes
    /// earlier lowers `F` or leaves it, at every `t`, for `log F` is also
    /// `log c_0 - integral over levels l below log c_0 of max{share adopted of g : log c_g <= l} dl`.
    pub fn log_cost_at(&self, arrivals: &[Arrival], month: f64) -> f64 {
        let mut level = self.incumbent_log_cost;
        let mut lowest = self.incumbent_log_cost;
        for arrival in arrivals {
            let drop = lowest - arrival.log_cost;
            if drop > 0.0 {
                level -= drop * self.share(month - arrival.month);
                lowest = arrival.log_cost;
            }
        }
        level
    }

    /// [`Frontier::log_cost_at`] for every whole month from 0, written over `out`; allocates nothing and costs
    /// `out.len()` steps and `adoption_months` for each arrival.
    ///
    /// ```
    /// use leasefall::scenario::compute::{Arrival, Frontier};
    /// // From 2 dollars to 1 in four months, from month 1 on: a straight line in logarithms.
    /// let frontier = Frontier { incumbent_log_cost: 2.0_f64.ln(), adoption_months: 4.0 };
    /// let mut path = [0.0; 6];
    /// frontier.fill(&[Arrival { month: 1.0, log_cost: 0.0 }], &mut path)?;
    /// let dollars = path.map(f64::exp);
    /// assert!((dollars[1] - 2.0).abs() < 1e-12 && (dollars[3] - 2.0_f64.sqrt()).abs() < 1e-12);
    /// assert!((dollars[5] - 1.0).abs() < 1e-12);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if arrivals are out of order, or a figure is not finite or the adoption negative.
    pub fn fill(&self, arrivals: &[Arrival], out: &mut [f64]) -> Result<(), Error> {
        self.steps(arrivals, out)?;
        let mut level = [self.incumbent_log_cost];
        let (steps, _) = out.as_chunks_mut();
        for steps in steps.chunks_mut(MONTHS_AT_ONCE) {
            take_off(&mut level, steps);
        }
        Error::unless(level[0].is_finite(), "log_cost", level[0], "within the range of a double")
    }

    /// Steps from month to month, written over `steps`.
    fn steps(&self, arrivals: &[Arrival], steps: &mut [f64]) -> Result<(), Error> {
        let holds = self.adoption_months.is_finite() && self.adoption_months >= 0.0;
        Error::unless(holds, "adoption_months", self.adoption_months, "finite and at least 0")?;
        let holds = self.incumbent_log_cost.is_finite();
        Error::unless(holds, "incumbent_log_cost", self.incumbent_log_cost, "finite")?;
        steps.fill(0.0);
        let months = steps.len();
        let (steps, _) = steps.as_chunks_mut();
        let mut lowest = self.incumbent_log_cost;
        let mut latest = f64::NEG_INFINITY;
        for arrival in arrivals {
            let holds = arrival.month.is_finite() && arrival.month >= latest;
            Error::unless(holds, "arrival.month", arrival.month, "finite, and in order of time")?;
            Error::unless(arrival.log_cost.is_finite(), "arrival.log_cost", arrival.log_cost, "finite")?;
            latest = arrival.month;
            let fall = self.fall_to(arrival.log_cost, &mut lowest);
            if fall.whole > 0.0
                && let Some(take_up) = self.take_up(arrival.month, months)
            {
                take_up.add([fall], steps);
            }
        }
        Ok(())
    }

    /// What an arrival of this cost takes off the frontier, the cheapest before it given and made the cheapest with it.
    #[inline(always)]
    pub(super) fn fall_to(&self, log_cost: f64, lowest: &mut f64) -> Fall {
        let whole = *lowest - log_cost;
        if whole > 0.0 {
            *lowest = log_cost;
            Fall { whole, even: whole / self.adoption_months }
        } else {
            Fall { whole: 0.0, even: 0.0 }
        }
    }

    /// How an arrival is taken up in so many months; none if it comes later.
    #[inline(always)]
    pub(super) fn take_up(&self, arrival: f64, months: usize) -> Option<TakeUp> {
        let (first, last) = (whole_month(arrival), whole_month(arrival + self.adoption_months));
        (first < months).then(|| TakeUp {
            first,
            last,
            first_share: self.share(first as f64 - arrival),
            last_share: if last > first { 1.0 - self.share((last - 1) as f64 - arrival) } else { 0.0 },
        })
    }

    /// Share of an arrival's step that has been taken so long after it.
    #[inline]
    fn share(&self, months_since: f64) -> f64 {
        if months_since >= self.adoption_months {
            // Also where adoption takes no time and the generation arrives now.
            if months_since >= 0.0 { 1.0 } else { 0.0 }
        } else if months_since <= 0.0 {
            0.0
        } else {
            months_since / self.adoption_months
        }
    }
}

/// Months whose steps are added up before they are taken off the level reached, so that one subtraction in as many waits
/// for the one before.
pub(super) const MONTHS_AT_ONCE: usize = 4;

/// Makes of the steps of at most [`MONTHS_AT_ONCE`] months the levels that frontiers side by side have after each.
#[inline(always)]
pub(super) fn take_off<const FRONTIERS: usize>(
    levels: &mut [f64; FRONTIERS],
    steps: &mut [[f64; FRONTIERS]],
) {
    let before = *levels;
    let mut taken = [0.0; FRONTIERS];
    for steps in steps {
        for frontier in 0..FRONTIERS {
            taken[frontier] += steps[frontier];
            levels[frontier] = before[frontier] - taken[frontier];
        }
        *steps = *levels;
    }
}

/// By how much an arrival lowers a frontier's logarithm: in all, and in each month of even adoption.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fall {
    pub whole: f64,
    pub even: f64,
}

/// The months in which an arrival is taken up, whatever it takes off. The first step is from nothing, the last to all;
/// between them adoption goes on evenly.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakeUp {
    first: usize,
    last: usize,
    first_share: f64,
    last_share: f64,
}

impl TakeUp {
    /// Adds to the monthly steps of frontiers that stand side by side what an arrival takes off each.
    #[inline(always)]
    pub fn add<const FRONTIERS: usize>(&self, falls: [Fall; FRONTIERS], steps: &mut [[f64; FRONTIERS]]) {
        let Some((first, rest)) = steps.get_mut(self.first..).and_then(<[_]>::split_first_mut) else {
            return;
        };
        let lower = |step: &mut [f64; FRONTIERS], by: [f64; FRONTIERS]| {
            step.iter_mut().zip(by).for_each(|(step, by)| *step += by);
        };
        lower(first, falls.map(|fall| fall.whole * self.first_share));
        if self.last > self.first {
            let (even, after) = rest.split_at_mut((self.last - self.first - 1).min(rest.len()));
            let monthly = falls.map(|fall| fall.even);
            even.iter_mut().for_each(|step| lower(step, monthly));
            if let Some(step) = after.first_mut() {
                lower(step, falls.map(|fall| fall.whole * self.last_share));
            }
        }
    }
}

/// The first whole month at or after a moment, 0 for one before: an arrival before month 0 starts there, one beyond the
/// path touches nothing.
#[inline]
fn whole_month(moment: f64) -> usize {
    // Casts saturate; one to 32 bits is a single instruction.
    let floor = moment as i32;
    let ceiling = floor.saturating_add(i32::from(moment > f64::from(floor)));
    ceiling.max(0) as usize
}
