//! Scarcity's parameters from observed prices, by maximum likelihood, with standard errors.

use super::scarcity::Scarcity;
use crate::error::{Error, SolveError};
use std::f64::consts::TAU;
use std::ops::RangeInclusive;

/// Places of the mean reversion at which the likelihood is first looked at, evenly in logarithms.
const GRID: usize = 400;

/// A price seen at a time, net of the frontier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// When, in years from any origin.
    pub years: f64,
    /// Logarithm of the price over the frontier's cost then.
    pub scarcity: f64,
}

/// The parameters under which the observations are likeliest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// The estimates.
    pub scarcity: Scarcity,
    /// The logarithm of the likelihood there, the first observation taken as given.
    pub log_likelihood: f64,
    /// Steps between observations: what the estimates stand on.
    pub transitions: usize,
    /// Whether the mean reversion stopped at an end of the range searched: then the data do not identify it.
    pub at_bound: bool,
    /// From the observed information; `None` where it is not positive definite, as at a bound.
    pub standard_errors: Option<StandardErrors>,
}

/// Standard errors of a [`Calibration`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StandardErrors {
    /// Of the mean reversion.
    pub mean_reversion: f64,
    /// Of the level.
    pub level: f64,
    /// Of the volatility.
    pub volatility: f64,
    /// Of the half-life, by the delta method: `ln 2 / k^2 x se(k)`.
    pub half_life_years: f64,
}

/// Maximum likelihood for an Ornstein-Uhlenbeck process seen at any times, the first observation given.
///
/// Over a gap `d`, `x' ~ N(level + (x - level) e^(-k d), s^2 v)` with `v = (1 - e^(-2 k d)) / (2 k)`. For
/// fixed `k` level and volatility have closed forms (weighted least squares); `k` is searched in the range
/// given. Standard errors are those of the observed information. With few observations the mean reversion is
/// biased upwards and its error is large: read both.
///
/// ```
/// use leasefall::scenario::compute::{Observation, calibrate_scarcity};
/// let seen = [1.2, 0.5, 0.3, 0.1, 0.4, 0.0, 0.2].into_iter().enumerate();
/// let seen: Vec<_> = seen.map(|(i, scarcity)| Observation { years: i as f64 / 4.0, scarcity }).collect();
/// let found = calibrate_scarcity(&seen, 0.01..=100.0)?;
/// assert_eq!(found.transitions, 6);
/// assert!(found.scarcity.level > 0.0 && found.scarcity.level < 0.5);
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] for fewer than four observations, figures that are not finite, times that do not rise,
/// or a range that is not above 0; [`SolveError::NotFinite`] if the observations show no volatility at all.
pub fn calibrate_scarcity(
    observations: &[Observation],
    mean_reversion: RangeInclusive<f64>,
) -> Result<Calibration, Error> {
    check(observations, &mean_reversion)?;
    let (low, high) = (libm::log(*mean_reversion.start()), libm::log(*mean_reversion.end()));
    let at = |log_k: f64| profile(observations, libm::exp(log_k)).1;
    let place = |index: usize| low + (high - low) * index as f64 / GRID as f64;
    let best = (0..=GRID).max_by(|&one, &other| at(place(one)).total_cmp(&at(place(other)))).unwrap_or(0);
    let log_k = match best {
        0 => low,
        GRID => high,
        _ => golden_maximum(at, place(best - 1), place(best + 1)),
    };
    let (scarcity, log_likelihood) = profile(observations, libm::exp(log_k));
    if scarcity.volatility <= 0.0 || !log_likelihood.is_finite() {
        return Err(Error::Solve(SolveError::NotFinite { quantity: "log_likelihood" }));
    }
    let at_bound = best == 0 || best == GRID;
    let standard_errors = if at_bound { None } else { standard_errors(observations, &scarcity) };
    let transitions = observations.len() - 1;
    Ok(Calibration { scarcity, log_likelihood, transitions, at_bound, standard_errors })
}

fn check(observations: &[Observation], range: &RangeInclusive<f64>) -> Result<(), Error> {
    let count = observations.len();
    Error::unless(count >= 4, "observations", count as f64, "at least four")?;
    for seen in observations {
        Error::unless(seen.years.is_finite(), "years", seen.years, "finite")?;
        Error::unless(seen.scarcity.is_finite(), "scarcity", seen.scarcity, "finite")?;
    }
    for pair in observations.windows(2) {
        Error::unless(pair[1].years > pair[0].years, "years", pair[1].years, "later than the one before")?;
    }
    let (low, high) = (*range.start(), *range.end());
    Error::unless(low > 0.0 && low.is_finite(), "mean_reversion.start", low, "finite and above 0")?;
    Error::unless(high > low && high.is_finite(), "mean_reversion.end", high, "finite and above the start")
}

/// Level and volatility that are likeliest for a mean reversion, and the log-likelihood there.
fn profile(observations: &[Observation], mean_reversion: f64) -> (Scarcity, f64) {
    let unit = Scarcity { mean_reversion, level: 0.0, volatility: 1.0 };
    let (mut above, mut below) = (0.0, 0.0);
    for (seen, next, gap) in steps(observations) {
        // x' - x e^(-kd) = level (1 - e^(-kd)) + noise of variance s^2 v: least squares with weights 1 / v.
        let weight = 1.0 / unit.variance(gap);
        let pull = -libm::expm1(-mean_reversion * gap);
        above += weight * pull * (next - unit.mean(seen, gap));
        below += weight * pull * pull;
    }
    let level = above / below;
    let around = Scarcity { level, ..unit };
    let squares = steps(observations).map(|(seen, next, gap)| {
        let residual = next - around.mean(seen, gap);
        residual * residual / unit.variance(gap)
    });
    let count = (observations.len() - 1) as f64;
    let volatility = (squares.sum::<f64>() / count).sqrt();
    let scarcity = Scarcity { volatility, ..around };
    (scarcity, log_likelihood(observations, &scarcity))
}

/// Seen, next, and the years between, for each step.
fn steps(observations: &[Observation]) -> impl Iterator<Item = (f64, f64, f64)> {
    observations.windows(2).map(|pair| (pair[0].scarcity, pair[1].scarcity, pair[1].years - pair[0].years))
}

/// Sum of the log densities of the steps.
fn log_likelihood(observations: &[Observation], scarcity: &Scarcity) -> f64 {
    let densities = steps(observations).map(|(seen, next, gap)| {
        let variance = scarcity.variance(gap);
        let residual = next - scarcity.mean(seen, gap);
        -0.5 * (libm::log(TAU * variance) + residual * residual / variance)
    });
    densities.sum()
}

/// Square roots of the diagonal of the inverse of minus the second derivatives of the log-likelihood.
fn standard_errors(observations: &[Observation], at: &Scarcity) -> Option<StandardErrors> {
    let place = [at.mean_reversion, at.level, at.volatility];
    // Central differences: the error of rounding and that of the step are both near 1e-8 of the curvature.
    let width = [1e-4 * place[0], 1e-4 * place[2], 1e-4 * place[2]];
    let value = |moves: [(usize, f64); 2]| {
        let mut p = place;
        for (index, by) in moves {
            p[index] += by * width[index];
        }
        log_likelihood(observations, &Scarcity { mean_reversion: p[0], level: p[1], volatility: p[2] })
    };
    let mut information = [[0.0; 3]; 3];
    for (i, row) in information.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            let bends =
                value([(i, 1.0), (j, 1.0)]) - value([(i, 1.0), (j, -1.0)]) - value([(i, -1.0), (j, 1.0)])
                    + value([(i, -1.0), (j, -1.0)]);
            *cell = -bends / (4.0 * width[i] * width[j]);
        }
    }
    let [k, level, volatility] = inverse_diagonal(&information)?.map(f64::sqrt);
    let half_life_years = std::f64::consts::LN_2 / (place[0] * place[0]) * k;
    Some(StandardErrors { mean_reversion: k, level, volatility, half_life_years })
}

/// The diagonal of the inverse of a symmetric matrix, by cofactors; `None` unless positive definite.
fn inverse_diagonal(m: &[[f64; 3]; 3]) -> Option<[f64; 3]> {
    let minor = |i: usize, j: usize| m[i][i] * m[j][j] - m[i][j] * m[j][i];
    let determinant = m[0][0] * minor(1, 2) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    let definite = m[0][0] > 0.0 && minor(0, 1) > 0.0 && determinant > 0.0;
    definite.then(|| [minor(1, 2), minor(0, 2), minor(0, 1)].map(|cofactor| cofactor / determinant))
}

/// The place of a maximum between two places, by golden sections.
fn golden_maximum(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    // (sqrt 5 - 1) / 2
    const SECTION: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - SECTION * (high - low), low + SECTION * (high - low));
    let (mut at_left, mut at_right) = (f(left), f(right));
    // Each step leaves 0.618 of the bracket: 60 leave 3e-13 of it.
    for _ in 0..60 {
        if at_left < at_right {
            (low, left, at_left) = (left, right, at_right);
            right = low + SECTION * (high - low);
            at_right = f(right);
        } else {
            (high, right, at_right) = (right, left, at_left);
            left = high - SECTION * (high - low);
            at_left = f(left);
        }
    }
    0.5 * (low + high)
}
