//! Generations not yet announced: how often they come and how much better each is.

use super::cost::LongRunCost;
use super::frontier::Arrival;
use crate::error::Error;
use crate::math::exp::exp_in_place;

/// The rhythm of future generations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cadence {
    /// Mean months between two generations.
    pub months: f64,
    /// Standard deviation of the logarithm of a gap; 0 for a strict rhythm.
    pub gap_log_deviation: f64,
    /// Work per dollar of price over the generation before: 2 halves the capital cost of work.
    pub work_per_dollar: f64,
    /// Work per watt over the generation before.
    pub work_per_watt: f64,
}

impl Default for Cadence {
    /// Every 24 months, work per dollar x 1.95 (Epoch's doubling in 2.07 years) and per watt x 1.7.
    fn default() -> Self {
        Cadence { months: 24.0, gap_log_deviation: 0.0, work_per_dollar: 1.95, work_per_watt: 1.7 }
    }
}

impl Cadence {
    /// The next `count` generations after one that arrived at `month` with this cost, on their mean dates.
    ///
    /// ```
    /// use leasefall::scenario::compute::{Cadence, LongRunCost};
    /// let cadence = Cadence { months: 12.0, gap_log_deviation: 0.0, work_per_dollar: 2.0, work_per_watt: 1.0 };
    /// let last = LongRunCost { capital: 0.8, power: 0.1, opex: 0.1 };
    /// let next = cadence.successors(-3.0, &last, 2)?;
    /// assert_eq!((next[0].month, next[1].month), (9.0, 21.0));
    /// assert!((next[1].log_cost.exp() - 0.4).abs() < 1e-12); // 0.8 / 4 + 0.2
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] unless months and factors are finite and above 0, the deviation finite and at
    /// least 0, and the cost and every successor's above 0.
    pub fn successors(&self, month: f64, last: &LongRunCost, count: usize) -> Result<Vec<Arrival>, Error> {
        self.check()?;
        let mut cost = *last;
        let mut arrivals = Vec::new();
        for _ in 0..count {
            cost = cost.improved(self.work_per_dollar, self.work_per_watt);
            let total = cost.total();
            Error::unless(total.is_finite() && total > 0.0, "cost", total, "finite and above 0")?;
            arrivals.push(Arrival { month: 0.0, log_cost: libm::log(total) });
        }
        self.redraw(month, &[], &mut arrivals);
        Ok(arrivals)
    }

    /// Draws new dates for the arrivals after one at `month`; their costs stay. Gap `i` is
    /// `months x exp(s z_i - s^2 / 2)`, so that its mean is `months` and order is kept; a normal that is
    /// missing counts as 0 without the correction: the mean date. Allocates nothing. With a deviation of 0
    /// the dates are those of [`Cadence::successors`], bit for bit.
    pub fn redraw(&self, month: f64, normals: &[f64], arrivals: &mut [Arrival]) {
        let s = self.gap_log_deviation;
        let normals = if s != 0.0 { normals } else { &[] };
        let (mut date, mut gaps) = (month, [0.0; 16]);
        for (at, arrivals) in (0..).step_by(gaps.len()).zip(arrivals.chunks_mut(gaps.len())) {
            let normals = normals.get(at..).unwrap_or_default();
            let (gaps, _) = gaps.split_at_mut(normals.len().min(arrivals.len()));
            gaps.iter_mut().zip(normals).for_each(|(gap, z)| *gap = s * z - 0.5 * s * s);
            exp_in_place(gaps);
            let factors = gaps.iter().copied().chain(std::iter::repeat(1.0));
            for (arrival, factor) in arrivals.iter_mut().zip(factors) {
                date += self.months * factor;
                arrival.month = date;
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        let expected = "finite and above 0";
        let positive =
            |argument, found: f64| Error::unless(found.is_finite() && found > 0.0, argument, found, expected);
        positive("months", self.months)?;
        positive("work_per_dollar", self.work_per_dollar)?;
        positive("work_per_watt", self.work_per_watt)?;
        super::cost::not_negative("gap_log_deviation", self.gap_log_deviation)
    }
}
