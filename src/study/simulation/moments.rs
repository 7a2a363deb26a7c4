//! Sums that add up to the same bits in any order.
//!
//! Floating-point addition is not associative: blocks of paths merged in another order would differ in
//! their last digits. So each path's figure is rounded once to a multiple of 2^-32 and summed as a whole
//! number. A rounding error of 1e-10 a path is far below any standard error.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Units in one: 2^32.
const UNIT: f64 = 4_294_967_296.0;
/// Larger figures of one path count as this. Squares of half a million such figures still fit 128 bits, and of
/// figures about one as many as there are paths.
const LARGEST: f64 = 4_194_304.0;

/// A figure of one path in units of 2^-32. Not a number counts as nothing.
#[inline]
fn units(value: f64) -> i128 {
    i128::from((value.clamp(-LARGEST, LARGEST) * UNIT).round_ties_even() as i64)
}

/// A sum over paths, exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExactSum(i128);

impl ExactSum {
    /// Adds one path's figure.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.0 += units(value);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &ExactSum) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// The sum.
    pub fn value(self) -> f64 {
        self.0 as f64 / UNIT
    }
}

/// The sum of a figure and of its square over paths, exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    sum: ExactSum,
    squares: Squares,
}

/// A sum of products of two figures, in units of 2^-64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Squares(i128);

impl Squares {
    /// Adds the product of two figures of one path.
    #[inline]
    pub fn add(&mut self, left: f64, right: f64) {
        self.0 = self.0.saturating_add(units(left) * units(right));
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Squares) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// The sum.
    pub fn value(self) -> f64 {
        self.0 as f64 / (UNIT * UNIT)
    }
}

impl Moments {
    /// Adds one path's figure.
    #[inline]
    pub fn add(&mut self, value: f64) {
        let units = units(value);
        self.sum.0 += units;
        self.squares.0 = self.squares.0.saturating_add(units * units);
    }

    /// Adds another block's sums.
    pub fn merge(&mut self, other: &Moments) {
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// The sum.
    pub fn sum(&self) -> f64 {
        self.sum.value()
    }

    /// The sum of squares.
    pub fn second_moment(&self) -> f64 {
        self.squares.value()
    }

    /// The mean over a number of paths; not a number if there is none.
    pub fn mean(&self, paths: u64) -> f64 {
        self.sum() / paths as f64
    }

    /// The variance of one path's figure, unbiased: `(sum x^2 - n mean^2) / (n - 1)`.
    pub fn variance(&self, paths: u64) -> f64 {
        let (n, mean) = (paths as f64, self.mean(paths));
        ((self.squares.value() - n * mean * mean) / (n - 1.0)).max(0.0)
    }
}

// Whole numbers of 128 bits are text in JSON: few readers keep that many digits of a number.
fn text<S: Serializer>(value: i128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value)
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

macro_rules! as_text {
    ($type:ident) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                text(self.0, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                number(deserializer).map($type)
            }
        }
    };
}

as_text!(ExactSum);
as_text!(Squares);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mean_and_variance_of_four_figures() {
        // 1, 2, 3, 6: mean 3, squares about it 4 + 1 + 0 + 9 = 14, over 3.
        let mut moments = Moments::default();
        [1.0, 2.0, 3.0, 6.0].into_iter().for_each(|x| moments.add(x));
        assert_eq!(moments.mean(4), 3.0);
        assert!((moments.variance(4) - 14.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_number_counts_as_nothing() {
        let mut moments = Moments::default();
        moments.add(f64::NAN);
        assert_eq!(moments, Moments::default());
    }

    proptest! {
        #[test]
        fn the_order_of_addition_leaves_no_trace(
            figures in prop::collection::vec(-1e6..1e6, 1..50),
            cut in 0_usize..50,
        ) {
            let all = |figures: &[f64]| {
                let mut moments = Moments::default();
                figures.iter().for_each(|&x| moments.add(x));
                moments
            };
            let (left, right) = figures.split_at(cut.min(figures.len()));
            let mut merged = all(right);
            merged.merge(&all(left));
            prop_assert_eq!(merged, all(&figures));
            let json = serde_json::to_string(&merged).unwrap();
            prop_assert_eq!(serde_json::from_str::<Moments>(&json).unwrap(), merged);
        }
    }
}
