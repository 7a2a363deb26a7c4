//! How a figure of one note is spread over paths: counts in bins, with their sums.

use super::estimate::Estimate;
use super::moments::{ExactSum, Squares};
use libm::sqrt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Weight and sum of a figure by bin, bins of one width from zero on. Bin 0 holds exactly zero.
///
/// A bin keeps the mean of what fell into it, so quantiles are as fine as the paths in a bin are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    bins: Vec<Bin>,
}

/// What fell into one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Bin {
    weight: ExactSum,
    sum: ExactSum,
    /// Squares of weights: for errors.
    squares: Squares,
}

impl Bin {
    fn mean(&self) -> f64 {
        self.sum.value() / self.weight.value()
    }
}

/// One bin of a distribution, for reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistributionPoint {
    /// Mean of the figure in the bin.
    pub value: f64,
    /// Probability of the bin.
    pub probability: f64,
}

impl Distribution {
    /// No paths yet; `bins` of them above zero.
    pub(super) fn new(bins: usize) -> Distribution {
        Distribution { bins: vec![Bin::default(); bins + 1] }
    }

    /// Adds one path's figure, `width` being that of a bin.
    #[inline]
    pub(super) fn add(&mut self, value: f64, weight: f64, width: f64) {
        let place = if value > 0.0 { 1 + (value / width) as usize } else { 0 };
        let place = place.min(self.bins.len() - 1);
        let bin = &mut self.bins[place];
        bin.weight.add(weight);
        bin.squares.add(weight, weight);
        if place > 0 {
            bin.sum.add(weight * value);
        }
    }

    /// Adds another block's bins.
    pub(super) fn merge(&mut self, other: &Distribution) {
        // Bins of one kind are as many in every block; a file that says otherwise does not merge.
        for (bin, other) in self.bins.iter_mut().zip(&other.bins) {
            bin.weight.merge(&other.weight);
            bin.sum.merge(&other.sum);
            bin.squares.merge(&other.squares);
        }
    }

    fn total(&self) -> f64 {
        self.bins.iter().map(|bin| bin.weight.value()).sum()
    }

    /// The bins that anything fell into, smallest figure first; probabilities sum to one.
    pub fn points(&self) -> Vec<DistributionPoint> {
        let total = self.total();
        let point =
            |bin: &Bin| DistributionPoint { value: bin.mean(), probability: bin.weight.value() / total };
        self.held().map(point).collect()
    }

    fn held(&self) -> impl Iterator<Item = &Bin> {
        self.bins.iter().filter(|bin| bin.weight != ExactSum::default())
    }

    /// [`Distribution::quantile`] with its error: half of how far the quantile moves when the level does by one
    /// standard error of the probability below it (Woodruff, *JASA* 47, 1952),
    ///
    /// ```text
    /// error(F)^2 = sum w^2 (1{x <= q} - F)^2 / (sum w)^2
    /// ```
    ///
    /// as if paths were independent: points of a scrambled sequence are better than that.
    pub fn quantile_estimate(&self, level: f64) -> Option<Estimate> {
        let value = self.quantile(level)?;
        let (below, above) = self.held().fold((0.0, 0.0), |(below, above), bin| {
            let squares = bin.squares.value();
            if bin.mean() <= value { (below + squares, above) } else { (below, above + squares) }
        });
        let error = sqrt(below * (1.0 - level) * (1.0 - level) + above * level * level) / self.total();
        let (low, high) = (self.quantile(level - error)?, self.quantile((level + error).min(1.0))?);
        Some(Estimate { value, std_error: 0.5 * (high - low) })
    }

    /// [`Distribution::tail_mean`] with its error, that of the mean of `(x - q)+ / (1 - level)`; as if paths were
    /// independent.
    pub fn tail_mean_estimate(&self, level: f64) -> Option<Estimate> {
        let (value, quantile) = (self.tail_mean(level)?, self.quantile(level)?);
        let (tail, total) = ((1.0 - level).max(f64::MIN_POSITIVE), self.total());
        let excess = |bin: &Bin| (bin.mean() - quantile).max(0.0);
        let mean = self.held().map(|bin| bin.weight.value() * excess(bin)).sum::<f64>() / total;
        let squares: f64 = self.held().map(|bin| bin.squares.value() * (excess(bin) - mean).powi(2)).sum();
        Some(Estimate { value, std_error: sqrt(squares) / total / tail })
    }

    /// The smallest figure that is exceeded with a probability of at most `1 - level`: value at risk, if
    /// the figure is a loss. `None` without paths.
    pub fn quantile(&self, level: f64) -> Option<f64> {
        let mut below = 0.0;
        let points = self.points();
        let reached = points.iter().find(|point| {
            below += point.probability;
            // A sum of many probabilities may end a little below one.
            below >= level - 1e-12
        });
        reached.or(points.last()).map(|point| point.value)
    }

    /// The mean of the worst `1 - level` of the distribution (expected shortfall, if the figure is a
    /// loss): `1 / (1 - level) x integral of the quantile from level to 1`. `None` without paths.
    pub fn tail_mean(&self, level: f64) -> Option<f64> {
        let tail = (1.0 - level).max(f64::MIN_POSITIVE);
        let (mut left, mut sum) = (tail, 0.0);
        let points = self.points();
        for point in points.iter().rev() {
            let part = point.probability.min(left);
            sum += part * point.value;
            left -= part;
        }
        (!points.is_empty()).then(|| sum / (tail - left.max(0.0)))
    }
}

/// In files only the bins that hold something, by number.
#[derive(Serialize, Deserialize)]
struct Sparse {
    bins: usize,
    held: BTreeMap<usize, Bin>,
}

impl Serialize for Distribution {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let held = self.bins.iter().copied().enumerate().filter(|(_, bin)| *bin != Bin::default());
        Sparse { bins: self.bins.len(), held: held.collect() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sparse = Sparse::deserialize(deserializer)?;
        if !(1..=1_000_000).contains(&sparse.bins) {
            return Err(serde::de::Error::custom("a number of bins from 1 to 1000000"));
        }
        let mut bins = vec![Bin::default(); sparse.bins];
        for (place, bin) in sparse.held {
            *bins.get_mut(place).ok_or_else(|| serde::de::Error::custom("a bin beyond the last"))? = bin;
        }
        Ok(Distribution { bins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_tails_by_hand() {
        // Nine paths lose nothing, one loses 0.25: the 90% quantile is 0, the 95% one 0.25.
        let mut losses = Distribution::new(10);
        (0..9).for_each(|_| losses.add(0.0, 1.0, 0.1));
        losses.add(0.25, 1.0, 0.1);
        assert_eq!(losses.quantile(0.9), Some(0.0));
        assert_eq!(losses.quantile(0.95), Some(0.25));
        // Worst tenth: 0.25. Worst fifth: half of it 0.25.
        assert!((losses.tail_mean(0.9).unwrap() - 0.25).abs() < 1e-9);
        assert!((losses.tail_mean(0.8).unwrap() - 0.125).abs() < 1e-9);
        let json = serde_json::to_string(&losses).unwrap();
        assert_eq!(serde_json::from_str::<Distribution>(&json).unwrap(), losses);
        assert_eq!(Distribution::new(3).quantile(0.5), None);
    }

    /// A hundred figures 0.005, 0.015, ...: the median's error in closed form is sqrt(.5 x .5 / 100) = 0.05 of the
    /// distribution, here of the unit interval. The worst half: `(x - .5)+` has mean 1/8 and second moment 1/24, so the
    /// tail's error is 2 sqrt((1/24 - 1/64) / 100).
    #[test]
    fn errors_of_quantiles_and_tails() {
        let mut even = Distribution::new(1_000);
        (0..100).for_each(|i| even.add((f64::from(i) + 0.5) / 100.0, 1.0, 1e-3));
        let median = even.quantile_estimate(0.5).unwrap();
        assert!((median.value - 0.495).abs() < 1e-9 && (median.std_error - 0.05).abs() < 1e-9, "{median:?}");
        let tail = even.tail_mean_estimate(0.5).unwrap();
        let expected = 2.0 * ((1.0 / 24.0 - 1.0 / 64.0) / 100.0_f64).sqrt();
        assert!((tail.value - 0.75).abs() < 1e-9, "{tail:?}");
        assert!((tail.std_error / expected - 1.0).abs() < 0.02, "{tail:?} {expected}");
        // Two paths of half the weight know no more than one of the whole.
        let mut light = Distribution::new(1_000);
        (0..100).for_each(|i| light.add((f64::from(i) + 0.5) / 100.0, 0.5, 1e-3));
        assert!((light.quantile_estimate(0.5).unwrap().std_error - 0.05).abs() < 1e-9);
    }
}
