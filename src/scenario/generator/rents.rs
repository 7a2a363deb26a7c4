//! Market rents along a random path.

use crate::math::random::Stream;
use libm::{exp, sqrt};

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

    /// Fills `path`, the market's rent index by month, from the scripted one and the yearly changes of AI
    /// demand. Draws what is the market's own from `stream` into `own`, which has a place for each year.
    pub fn fill(
        &self,
        scripted: &[f64],
        demand: &[f64],
        stream: &mut Stream,
        own: &mut [f64],
        path: &mut [f64],
    ) {
        let own = &mut own[..steps(path.len())];
        stream.fill_normal(own);
        let (mut x, mut level) = (0.0, 1.0);
        let years = demand.iter().zip(own.iter()).zip(&self.half_variance);
        let months = scripted.chunks(MONTHS_A_STEP).zip(path.chunks_mut(MONTHS_A_STEP));
        for (((&demand, own), &half_variance), (scripted, path)) in years.zip(months) {
            x = self.phi * x + self.step * (self.demand * demand + self.own * own);
            let next = exp(x - half_variance);
            let slope = (next - level) / MONTHS_A_STEP as f64;
            for (month, (value, &scripted)) in path.iter_mut().zip(scripted).enumerate() {
                *value = scripted * (level + slope * month as f64);
            }
            level = next;
        }
    }
}

/// Yearly steps that cover so many months.
pub(super) fn steps(months: usize) -> usize {
    months.div_ceil(MONTHS_A_STEP)
}

/// The yearly changes of a Brownian motion whose value at the horizon is `sqrt(n) x factor`: independent
/// normals, moved together until they add up.
///
/// The factor is the one that defaults depend on. Where it is standard normal, so is each change, and
/// they are independent: AI demand is one path, of which defaults see the end.
pub(super) fn demand(factor: Option<f64>, stream: &mut Stream, changes: &mut [f64]) {
    stream.fill_normal(changes);
    let Some(factor) = factor else { return };
    let n = changes.len() as f64;
    let shift = factor / sqrt(n) - changes.iter().sum::<f64>() / n;
    changes.iter_mut().for_each(|change| *change += shift);
}
