//! The unit in which losses are counted.

/// Losses are counted in at most this many units for the largest single loss when they have no common
/// measure.
const FINEST: f64 = 200.0;

/// Most units of the largest loss at which a common measure is still used.
const MOST: f64 = 2_000.0;

/// The unit for losses of these amounts: their greatest common measure, if it is not too fine, else the
/// largest over 200. 0 amounts are left out; 1 if nothing is left.
pub(super) fn loss_unit(amounts: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = amounts.clone().fold(0.0, f64::max);
    if largest == 0.0 {
        return 1.0;
    }
    let unit = amounts.filter(|&amount| amount > 0.0).fold(0.0, |unit, amount| common(unit, amount, largest));
    if largest / unit <= MOST { unit } else { largest / FINEST }
}

/// Euclid's algorithm on amounts that are whole multiples of something up to rounding.
fn common(a: f64, b: f64, largest: f64) -> f64 {
    let (mut a, mut b) = (a.max(b), a.min(b));
    while b > 1e-9 * largest {
        let rest = a % b;
        // A rest that rounding has left just below a whole multiple is none.
        let rest = if b - rest < 1e-9 * largest { 0.0 } else { rest };
        (a, b) = (b, rest);
    }
    a
}

/// A loss as whole units: `units`, or with the probability `above` one more, so that its mean is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WholeUnits {
    pub(super) units: usize,
    pub(super) above: f64,
}

impl WholeUnits {
    pub(super) fn new(amount: f64, unit: f64) -> WholeUnits {
        let count = amount / unit;
        let nearest = count.round();
        if (count - nearest).abs() < 1e-9 * nearest.max(1.0) {
            return WholeUnits { units: nearest as usize, above: 0.0 };
        }
        WholeUnits { units: count.floor() as usize, above: count - count.floor() }
    }

    /// The largest loss.
    pub(super) fn most(self) -> usize {
        self.units + usize::from(self.above > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(amounts: &[f64]) -> f64 {
        loss_unit(amounts.iter().copied())
    }

    #[test]
    fn units_are_common_measures() {
        assert_eq!(unit(&[0.6, 0.6]), 0.6);
        assert!((unit(&[0.6, 0.9, 0.0, 1.5]) - 0.3).abs() < 1e-12);
        assert!((unit(&[6.0 * 0.1, 6.0 * 0.7, 6.0 * 0.3]) - 0.6).abs() < 1e-12);
        assert_eq!(unit(&[0.0]), 1.0);
        assert_eq!(unit(&[]), 1.0);
        // No common measure: the largest over 200.
        assert_eq!(unit(&[1.0, std::f64::consts::FRAC_1_SQRT_2]), 1.0 / 200.0);
    }

    #[test]
    fn splits_keep_the_mean() {
        let split = WholeUnits::new(1.3, 0.5);
        assert_eq!((split.units, split.most()), (2, 3));
        assert!((0.5 * (split.units as f64 + split.above) - 1.3).abs() < 1e-15);
        assert_eq!(WholeUnits::new(3.0 * 0.1, 0.1), WholeUnits { units: 3, above: 0.0 });
        assert_eq!(WholeUnits::new(0.0, 0.1), WholeUnits { units: 0, above: 0.0 });
    }
}
