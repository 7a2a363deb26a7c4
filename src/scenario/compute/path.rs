//! Paths of the price of compute: scripted, expected, quantiles, drawn.

use super::scarcity::{Scarcity, ScarcityStep};
use crate::error::Error;
use crate::math::exp::exp_in_place;
use crate::math::normal;

/// Years of a month.
const MONTH: f64 = 1.0 / 12.0;

/// The law of the price of compute over a number of months, everything that no draw changes computed once.
///
/// Month 0 is known: its scarcity is the start. Month `m` is `m / 12` years later.
///
/// ```
/// use leasefall::scenario::compute::{ComputePrice, Scarcity};
/// let scarcity = Scarcity { mean_reversion: 4.0, level: 0.0, volatility: 0.5 };
/// let law = ComputePrice::new(&[0.0; 3], &scarcity, 0.5_f64.ln())?; // frontier 1.00, price 0.50
/// let mut path = [0.0; 3];
/// law.scripted(&mut path)?;
/// assert!((path[0] - 0.5).abs() < 1e-15 && path[1] > path[0]); // back towards the frontier
/// let mut drawn = [0.0; 3];
/// law.draw(&[0.0, 1.0], &mut drawn)?; // one shock, in the second month
/// assert_eq!(drawn[1], path[1]);
/// assert!(drawn[2] > path[2]);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ComputePrice {
    /// Log frontier cost by month.
    log_frontier: Vec<f64>,
    /// Expected scarcity by month.
    scarcity_mean: Vec<f64>,
    /// Variance of scarcity by month.
    scarcity_variance: Vec<f64>,
    step: ScarcityStep,
}

impl ComputePrice {
    /// The law from a frontier by month (as [`Frontier::fill`](super::Frontier::fill) writes it), the
    /// process and today's scarcity.
    ///
    /// # Errors
    /// [`Error::Argument`] if a figure is not finite, or as [`Scarcity::check`].
    pub fn new(log_frontier: &[f64], scarcity: &Scarcity, start: f64) -> Result<ComputePrice, Error> {
        scarcity.check()?;
        Error::unless(start.is_finite(), "start", start, "finite")?;
        if let Some(&found) = log_frontier.iter().find(|level| !level.is_finite()) {
            return Err(Error::Argument { argument: "log_frontier", found, expected: "finite" });
        }
        let years = |month: usize| month as f64 * MONTH;
        let months = 0..log_frontier.len();
        Ok(ComputePrice {
            log_frontier: log_frontier.to_vec(),
            scarcity_mean: months.clone().map(|m| scarcity.mean(start, years(m))).collect(),
            scarcity_variance: months.map(|m| scarcity.variance(years(m))).collect(),
            step: scarcity.step(MONTH),
        })
    }

    /// Months covered.
    pub fn months(&self) -> usize {
        self.log_frontier.len()
    }

    /// The path without shocks: frontier times `exp` of expected scarcity. It is the median of the draws.
    ///
    /// # Errors
    /// [`Error::Argument`] if `out` has another length than the law.
    pub fn scripted(&self, out: &mut [f64]) -> Result<(), Error> {
        self.draw(&[], out)
    }

    /// The expectation of the price in each month, in closed form.
    ///
    /// # Errors
    /// As [`ComputePrice::scripted`].
    pub fn expected(&self, out: &mut [f64]) -> Result<(), Error> {
        // E[F e^x] = F exp(mean + variance / 2)
        self.fill(out, |variance| 0.5 * variance)
    }

    /// The price that each month stays below with this probability, month by month (no path need lie below
    /// it throughout).
    ///
    /// # Errors
    /// [`Error::Argument`] unless the probability is between 0 and 1, or as [`ComputePrice::scripted`].
    pub fn quantile(&self, probability: f64, out: &mut [f64]) -> Result<(), Error> {
        let holds = probability > 0.0 && probability < 1.0;
        Error::unless(holds, "probability", probability, "between 0 and 1")?;
        let z = normal::inverse_cdf(probability);
        self.fill(out, |variance| z * variance.sqrt())
    }

    /// One path from standard normals: `normals[m]` moves the price from month `m` to `m + 1`, and one that is
    /// missing counts as 0. Allocates nothing. Without volatility it is the scripted path, bit for bit.
    ///
    /// # Errors
    /// As [`ComputePrice::scripted`].
    pub fn draw(&self, normals: &[f64], out: &mut [f64]) -> Result<(), Error> {
        self.draw_on(&self.log_frontier, normals, out)
    }

    /// [`ComputePrice::draw`] on another frontier: one whose generations arrived at random.
    ///
    /// # Errors
    /// As [`ComputePrice::scripted`], also for the frontier's length.
    pub fn draw_on(&self, log_frontier: &[f64], normals: &[f64], out: &mut [f64]) -> Result<(), Error> {
        self.same_length(log_frontier.len())?;
        self.same_length(out.len())?;
        self.logs_on(log_frontier, normals, out);
        exp_in_place(out);
        Ok(())
    }

    /// The same law with other shocks around the same expectation of scarcity.
    pub(crate) fn shocked(mut self, shocks: &Scarcity) -> Result<ComputePrice, Error> {
        shocks.check()?;
        let years = |month: usize| month as f64 * MONTH;
        self.scarcity_variance = (0..self.months()).map(|month| shocks.variance(years(month))).collect();
        self.step = shocks.step(MONTH);
        Ok(self)
    }

    /// Logarithms of a path on a frontier, as far as `out` and the frontier go.
    pub(crate) fn logs_on(&self, log_frontier: &[f64], normals: &[f64], out: &mut [f64]) {
        logs(self.step, log_frontier, &self.scarcity_mean, normals, out);
    }

    /// The logarithm of the long-run cost, by month.
    pub(crate) fn log_frontier(&self) -> &[f64] {
        &self.log_frontier
    }

    fn fill(&self, out: &mut [f64], shift: impl Fn(f64) -> f64) -> Result<(), Error> {
        self.same_length(out.len())?;
        let law = self.log_frontier.iter().zip(&self.scarcity_mean).zip(&self.scarcity_variance);
        for (price, ((frontier, mean), &variance)) in out.iter_mut().zip(law) {
            *price = frontier + mean + shift(variance);
        }
        exp_in_place(out);
        Ok(())
    }

    fn same_length(&self, found: usize) -> Result<(), Error> {
        let expected = "as many months as the law";
        Error::unless(found == self.months(), "months", found as f64, expected)
    }
}

/// Logarithms of frontier and expected scarcity, and the distance `y` of scarcity from its expectation.
///
/// `y` is itself such a process about 0. Four exact steps at once, so that no month waits for the one before, with decay
/// `d` and deviation `s` of one step:
///
/// ```text
/// y(m) = d^4 y(m - 4) + s z(m - 1) + s d z(m - 2) + s d^2 z(m - 3) + s d^3 z(m - 4)
/// ```
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn logs(step: ScarcityStep, frontier: &[f64], mean: &[f64], normals: &[f64], out: &mut [f64]) {
    let ScarcityStep { decay, deviation: one } = step;
    let (two, three) = (one * decay, one * decay * decay);
    let four = three * decay;
    let fourth = (decay * decay) * (decay * decay);
    let next = |y: &mut [f64; 4], z: &[f64; 7]| {
        for month in 0..4 {
            let recent = one * z[month + 3] + two * z[month + 2];
            let older = three * z[month + 1] + four * z[month];
            y[month] = fourth * y[month] + (recent + older);
        }
    };
    let months = out.len().min(frontier.len()).min(mean.len());
    let (quads, rest) = out[..months].as_chunks_mut::<4>();
    let ((frontiers, frontier), (means, mean)) =
        (frontier[..months].as_chunks::<4>(), mean[..months].as_chunks::<4>());
    let (mut y, mut padded) = ([0.0; 4], [0.0; 7]);
    for (quad, (out, (frontier, mean))) in quads.iter_mut().zip(frontiers.iter().zip(means)).enumerate() {
        next(&mut y, shocks_of(normals, quad, &mut padded));
        for month in 0..4 {
            out[month] = frontier[month] + mean[month] + y[month];
        }
    }
    next(&mut y, shocks_of(normals, quads.len(), &mut padded));
    for (((price, frontier), mean), y) in rest.iter_mut().zip(frontier).zip(mean).zip(&y) {
        *price = frontier + mean + y;
    }
}

/// The normals that four months from `4 x quad` on hang on, those of the four months before and three of their own: where
/// all are there, as they stand, and else in `padded`, nothing for those missing.
#[inline(always)]
fn shocks_of<'z>(normals: &'z [f64], quad: usize, padded: &'z mut [f64; 7]) -> &'z [f64; 7] {
    let from = (4 * quad).checked_sub(4);
    if let Some(there) = from.and_then(|from| normals.get(from..)?.first_chunk()) {
        return there;
    }
    for (place, z) in padded.iter_mut().enumerate() {
        *z = (4 * quad + place).checked_sub(4).and_then(|month| normals.get(month)).copied().unwrap_or(0.0);
    }
    padded
}
