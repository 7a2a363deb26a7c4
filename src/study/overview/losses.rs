//! The loss of all notes together as a histogram.

use crate::study::simulation::{DistributionPoint, Estimate, SimulationEstimates};
use libm::sqrt;

/// Widths of a bucket, of which the least is taken that makes few enough.
const WIDTHS: [f64; 6] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
/// Buckets at most.
const MOST: f64 = 25.0;

/// How the loss of all notes together is spread over paths.
#[derive(Clone, Debug, PartialEq)]
pub struct LossHistogram {
    /// Paths.
    pub paths: u64,
    /// The probability of no loss at all.
    pub none: Estimate,
    /// The mean, a share of the notes' balance.
    pub expected: Estimate,
    /// What is lost if anything is, bucket by bucket.
    pub buckets: Vec<LossBucket>,
}

/// One bucket of losses, from above its lower bound up to its upper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossBucket {
    /// Lower bound, a share of the notes' balance.
    pub from: f64,
    /// Upper bound.
    pub to: f64,
    /// Its probability, with the error of a share of independent paths: `sqrt(p (1 - p) / n)`.
    pub probability: Estimate,
}

impl LossHistogram {
    /// The histogram of a simulation of independent paths, in buckets of a round width.
    pub fn new(found: &SimulationEstimates) -> LossHistogram {
        let (n, points) = (found.paths as f64, &found.loss_distribution);
        let share = |value: f64| Estimate { value, std_error: sqrt((value * (1.0 - value)).max(0.0) / n) };
        let largest = points.last().map_or(0.0, |point| point.value);
        let width = WIDTHS.into_iter().find(|width| largest / width <= MOST).unwrap_or(0.1);
        let within = |place: usize| {
            let held = |point: &&DistributionPoint| point.value > 0.0 && bucket(point.value, width) == place;
            points.iter().filter(held).map(|point| point.probability).sum::<f64>()
        };
        let none = points.iter().filter(|point| point.value <= 0.0).map(|point| point.probability).sum();
        let count = if largest > 0.0 { bucket(largest, width) + 1 } else { 0 };
        let bucket = |place: usize| LossBucket {
            from: place as f64 * width,
            to: (place + 1) as f64 * width,
            probability: share(within(place)),
        };
        LossHistogram {
            paths: found.paths,
            none: share(none),
            expected: found.expected_loss,
            buckets: (0..count).map(bucket).collect(),
        }
    }
}

fn bucket(loss: f64, width: f64) -> usize {
    // A loss on the bound of two belongs to the lower one.
    ((loss / width - 1e-9).max(0.0)) as usize
}
