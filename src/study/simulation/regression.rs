//! Figures corrected by control variates: linear regression, its coefficients from the paths themselves.
//!
//! With means `y` of the figure and `c` of the controls, exact means `mu` and `d = c - mu`,
//!
//! ```text
//! figure = y - b'd,  b = S_cc^-1 s_cy,
//! error^2 = (s_yy - b's_cy) / (n - p - 1) x (1 / n + d' S_cc^-1 d)
//! ```
//!
//! where `S`, `s` are sums of squares and products about the means of `n` paths and `p` the number of controls
//! (Lavenberg and Welch, *Management Science* 27, 1981). Exact for normal figures; otherwise the figure has a bias
//! of the order of `1 / n`, below its error of the order of `1 / sqrt n`.

use super::block::{Block, Sums};
use super::control_sums::{ControlSums, Known};
use super::estimate::{Estimate, error_of_mean};
use super::moments::Moments;
use libm::sqrt;

/// Paths on which a control must be expected not to be zero for it to be used: a coefficient learnt from fewer is
/// noise, and its error understated. Expected, for a choice by what happened on the paths would bias the figures.
const LEAST_HITS: f64 = 100.0;
/// What of a control's variance the ones before it must leave unexplained.
const LEAST_OWN_VARIANCE: f64 = 1e-8;

/// The regression on the controls of a block that are of use, solved for any figure.
#[derive(Clone, Debug)]
pub(super) struct Regression {
    paths: f64,
    /// The controls used.
    used: Vec<usize>,
    /// Means of those over all paths less the exact ones.
    differences: Vec<f64>,
    means: Vec<f64>,
    /// Lower triangle of the Cholesky factor of sums of products about the means, row by row.
    factor: Vec<Vec<f64>>,
    /// `d' S_cc^-1 d`.
    leverage: f64,
}

impl Regression {
    /// `None` if no control is of use. Under importance sampling, whose chances are others, paths are counted.
    pub fn new(all: &Sums, known: &[Known], tilted: bool) -> Option<Regression> {
        let (sums, paths) = (all.controls.as_ref()?, all.paths as f64);
        let mean = |control: usize| sums.values[control].mean(all.paths);
        let about = |one: usize, other: usize| sums.product_of(one, other) - paths * mean(one) * mean(other);
        let (mut used, mut factor): (Vec<usize>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
        for (control, Known { chance, .. }) in known.iter().enumerate() {
            let spread = about(control, control);
            let hits = if tilted { sums.hits[control] as f64 } else { chance * paths };
            // As many paths as controls leave nothing to judge them by.
            if hits < LEAST_HITS || 10.0 * (used.len() + 2) as f64 > paths || spread <= 0.0 {
                continue;
            }
            let mut row: Vec<f64> = used.iter().map(|&other| about(control, other)).collect();
            forward(&factor, &mut row);
            let own = spread - row.iter().map(|x| x * x).sum::<f64>();
            if own > LEAST_OWN_VARIANCE * spread {
                row.push(sqrt(own));
                factor.push(row);
                used.push(control);
            }
        }
        let means: Vec<f64> = used.iter().map(|&control| mean(control)).collect();
        let differences: Vec<f64> =
            used.iter().zip(&means).map(|(&control, mean)| mean - known[control].mean).collect();
        let mut half = differences.clone();
        forward(&factor, &mut half);
        let leverage = half.iter().map(|x| x * x).sum();
        (!used.is_empty()).then_some(Regression { paths, used, differences, means, factor, leverage })
    }

    /// A figure by its place, corrected, with its error.
    pub fn corrected(
        &self,
        block: &Block,
        all: &Sums,
        place: usize,
        figure: fn(&Sums, usize) -> &Moments,
    ) -> Estimate {
        let moments = figure(all, place);
        let mean = moments.mean(all.paths);
        let coefficients = self.coefficients(all.controls.as_ref(), place, mean);
        let correction =
            |means: &[f64]| -> f64 { coefficients.solved.iter().zip(means).map(|(b, d)| b * d).sum() };
        let value = mean - correction(&self.differences);
        if block.replicates.len() == 1 {
            let squares = moments.second_moment() - self.paths * mean * mean;
            let left =
                (squares - coefficients.explained).max(0.0) / (self.paths - self.used.len() as f64 - 1.0);
            return Estimate { value, std_error: sqrt(left * (1.0 / self.paths + self.leverage)) };
        }
        // The coefficients are those of all paths; replicates are independent but for them.
        let of_replicate = |sums: &Sums| {
            let own = sums.controls.as_ref().map_or(0.0, |controls| {
                let means = self.used.iter().zip(&self.means).zip(&self.differences);
                let differences: Vec<f64> = means
                    .map(|((&control, mean), d)| controls.values[control].mean(sums.paths) - mean + d)
                    .collect();
                correction(&differences)
            });
            figure(sums, place).mean(sums.paths) - own
        };
        let means: Vec<f64> =
            block.replicates.iter().filter(|sums| sums.paths > 0).map(of_replicate).collect();
        Estimate { value, std_error: error_of_mean(&means) }
    }

    fn coefficients(&self, sums: Option<&ControlSums>, place: usize, mean: f64) -> Coefficients {
        let Some(sums) = sums else { return Coefficients::default() };
        let with =
            |(&control, own): (&usize, &f64)| sums.product_with(place, control) - self.paths * mean * own;
        let mut solved: Vec<f64> = self.used.iter().zip(&self.means).map(with).collect();
        forward(&self.factor, &mut solved);
        let explained = solved.iter().map(|x| x * x).sum();
        backward(&self.factor, &mut solved);
        Coefficients { solved, explained }
    }
}

/// `b`, and what of the figure's sum of squares it explains, `b's_cy`.
#[derive(Default)]
struct Coefficients {
    solved: Vec<f64>,
    explained: f64,
}

/// Solves `L x = y` in place.
fn forward(factor: &[Vec<f64>], y: &mut [f64]) {
    for (i, row) in factor.iter().enumerate().take(y.len()) {
        let known: f64 = row[..i].iter().zip(&*y).map(|(l, x)| l * x).sum();
        y[i] = (y[i] - known) / row[i];
    }
}

/// Solves `L' x = y` in place.
fn backward(factor: &[Vec<f64>], y: &mut [f64]) {
    for i in (0..y.len()).rev() {
        let known: f64 = (i + 1..y.len()).map(|j| factor[j][i] * y[j]).sum();
        y[i] = (y[i] - known) / factor[i][i];
    }
}
