//! The one unknown of a price: a rate at which falling present value meets a target.

use crate::error::SolveError;
use crate::math::root::bracket_then_brent;

/// Absolute tolerance on a rate: far below a price's last digit.
const TOLERANCE: f64 = 1e-15;

/// The rate at which `value`, falling in the rate, is `target`. Every rate is allowed.
pub(super) fn falling(
    quantity: &'static str,
    target: f64,
    value: impl Fn(f64) -> f64,
) -> Result<f64, SolveError> {
    let guess = (0.0, 0.1);
    check(quantity, guess, target, &value)?;
    // A million per cent either way: a cent on the dollar repaid tomorrow lies within.
    bracket_then_brent(quantity, value, guess, -1e4..=1e4, target, TOLERANCE)
}

/// The rate above `floor` at which `value`, falling in the rate and unbounded toward the floor, is
/// `target`.
pub(super) fn falling_above(
    quantity: &'static str,
    floor: f64,
    target: f64,
    value: impl Fn(f64) -> f64,
) -> Result<f64, SolveError> {
    if floor == f64::NEG_INFINITY {
        return falling(quantity, target, value);
    }
    if !floor.is_finite() {
        return Err(SolveError::NotFinite { quantity });
    }
    let low = f64::max(0.0, floor + 1e-4);
    check(quantity, (low, low + 0.1), target, &value)?;
    // In the logarithm of the distance to the floor every point is in the domain.
    let rate = |log_distance: f64| floor + libm::exp(log_distance);
    let log_distance = |rate: f64| libm::log(rate - floor);
    let guess = (log_distance(low), log_distance(low + 0.1));
    let (nearest, farthest) = (log_distance(low) - 30.0, log_distance(low) + 30.0);
    bracket_then_brent(quantity, |u| value(rate(u)), guess, nearest..=farthest, target, TOLERANCE)
        .map(rate)
        .map_err(|error| match error {
            SolveError::NotBracketed { quantity, low, high, target, at_low, at_high } => {
                SolveError::NotBracketed {
                    quantity,
                    low: rate(low),
                    high: rate(high),
                    target,
                    at_low,
                    at_high,
                }
            }
            other => other,
        })
}

/// Refuses what the search could only answer with nonsense. A target of zero would be met where the
/// value falls below the smallest double.
fn check(
    quantity: &'static str,
    (low, high): (f64, f64),
    target: f64,
    value: impl Fn(f64) -> f64,
) -> Result<(), SolveError> {
    let (at_low, at_high) = (value(low), value(high));
    if !(target.is_finite() && at_low.is_finite() && at_high.is_finite()) {
        return Err(SolveError::NotFinite { quantity });
    }
    if target <= 0.0 {
        return Err(SolveError::NotBracketed { quantity, low, high, target, at_low, at_high });
    }
    Ok(())
}
