//! Roots of an equation in one unknown: Brent's method, with and without a bracket to start from.

use crate::error::SolveError;
use std::ops::RangeInclusive;

/// Evaluations after which a search gives up. Bisection alone needs about 60 for a full bracket of `f64`;
/// Brent's method can need a few times as many on the worst functions.
const MAX_STEPS: u32 = 200;

/// The `x` between `low` and `high` with `f(x) = target`, to within `tolerance` in `x` (and never finer
/// than a few units in the last place of `x`).
///
/// Brent's method (*Algorithms for Minimization without Derivatives*, 1973, chapter 4): inverse quadratic
/// interpolation where it helps, bisection where it does not; `f` must be continuous. `quantity` names the
/// unknown in errors.
///
/// ```
/// use leasefall::math::root::brent;
/// let root = brent("x", |x| x * x, 0.0, 2.0, 2.0, 1e-15)?;
/// assert!((root - 2.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), leasefall::SolveError>(())
/// ```
///
/// # Errors
/// [`SolveError::NotBracketed`] if `f - target` has the same sign, or is no number, at the ends;
/// [`SolveError::NoConvergence`] if the steps run out or `f` stops being a number on the way.
pub fn brent(
    quantity: &'static str,
    mut f: impl FnMut(f64) -> f64,
    low: f64,
    high: f64,
    target: f64,
    tolerance: f64,
) -> Result<f64, SolveError> {
    let mut evaluate = |x| Point { x, gap: f(x) - target };
    let (a, b) = (evaluate(low), evaluate(high));
    if !a.is_opposite(b) {
        return Err(not_bracketed(quantity, a, b, target));
    }
    search(quantity, evaluate, a, b, tolerance)
}

/// [`brent`] from a first guess of a bracket: while it holds no root it is widened, each time at the end
/// nearer the target, by 1.6 times its width, within `limits`.
///
/// ```
/// use leasefall::math::root::bracket_then_brent;
/// let root = bracket_then_brent("x", |x: f64| x.exp(), (0.0, 0.1), -50.0..=50.0, 1000.0, 1e-14)?;
/// assert!((root - 1000.0_f64.ln()).abs() < 1e-13);
/// # Ok::<(), leasefall::SolveError>(())
/// ```
///
/// # Errors
/// [`SolveError::NotBracketed`], with the values at the widest bracket tried, if there is none within the
/// limits or `f` is no number there; otherwise as [`brent`].
pub fn bracket_then_brent(
    quantity: &'static str,
    mut f: impl FnMut(f64) -> f64,
    guess: (f64, f64),
    limits: RangeInclusive<f64>,
    target: f64,
    tolerance: f64,
) -> Result<f64, SolveError> {
    const WIDENING: f64 = 1.6;
    let mut evaluate = |x| Point { x, gap: f(x) - target };
    let (floor, ceiling) = (*limits.start(), *limits.end());
    let mut low = evaluate(guess.0.min(guess.1).max(floor));
    let mut high = evaluate(guess.0.max(guess.1).min(ceiling));
    if low.is_opposite(high) {
        return search(quantity, evaluate, low, high, tolerance);
    }
    for _ in 0..MAX_STEPS {
        let (can_fall, can_rise) = (low.x > floor, high.x < ceiling);
        if !(can_fall || can_rise) || low.gap.is_nan() || high.gap.is_nan() {
            break;
        }
        let step = WIDENING * (high.x - low.x).max(f64::EPSILON);
        // The new stretch alone is the bracket: the old one is known to hold no change of sign.
        let (old, new) = if can_fall && (!can_rise || low.gap.abs() < high.gap.abs()) {
            (low, evaluate((low.x - step).max(floor)))
        } else {
            (high, evaluate((high.x + step).min(ceiling)))
        };
        if old.is_opposite(new) {
            return search(quantity, evaluate, old, new, tolerance);
        }
        if new.x < old.x { low = new } else { high = new }
    }
    Err(not_bracketed(quantity, low, high, target))
}

/// A place and how far the function is from the target there.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    gap: f64,
}

impl Point {
    /// Whether a root lies between the two, or at one of them.
    fn is_opposite(self, other: Point) -> bool {
        let opposite = (self.gap < 0.0 && other.gap > 0.0) || (self.gap > 0.0 && other.gap < 0.0);
        opposite || (self.gap == 0.0 && !other.gap.is_nan()) || (other.gap == 0.0 && !self.gap.is_nan())
    }
}

fn not_bracketed(quantity: &'static str, low: Point, high: Point, target: f64) -> SolveError {
    let (at_low, at_high) = (low.gap + target, high.gap + target);
    SolveError::NotBracketed { quantity, low: low.x, high: high.x, target, at_low, at_high }
}

/// Brent's `zero` between two points of opposite sign. `best` is the latest and nearest, `before` the one
/// before it, `across` the other side of the root.
fn search(
    quantity: &'static str,
    mut evaluate: impl FnMut(f64) -> Point,
    first: Point,
    second: Point,
    tolerance: f64,
) -> Result<f64, SolveError> {
    if first.gap == 0.0 {
        return Ok(first.x);
    }
    let (mut before, mut best, mut across) = (first, second, first);
    let mut step = best.x - before.x;
    let mut step_before = step;
    let mut iterations = 0;
    loop {
        if (best.gap > 0.0) == (across.gap > 0.0) && best.gap != 0.0 {
            across = before;
            step = best.x - before.x;
            step_before = step;
        }
        if across.gap.abs() < best.gap.abs() {
            (before, best, across) = (best, across, best);
        }
        let finest = 2.0 * f64::EPSILON * best.x.abs() + 0.5 * tolerance.max(0.0);
        let half = 0.5 * (across.x - best.x);
        if half.abs() <= finest || best.gap == 0.0 {
            return Ok(best.x);
        }
        if iterations == MAX_STEPS || best.gap.is_nan() {
            return Err(SolveError::NoConvergence { quantity, iterations, error: 2.0 * half.abs() });
        }
        iterations += 1;
        match interpolated_step(before, best, across, half) {
            // Accept only steps well inside the bracket and shrinking faster than bisection would.
            Some(guess)
                if step_before.abs() >= finest
                    && guess * half.signum() < 1.5 * half.abs() - 0.5 * finest
                    && guess.abs() < 0.5 * step_before.abs() =>
            {
                (step_before, step) = (step, guess);
            }
            _ => (step_before, step) = (half, half),
        }
        before = best;
        best = evaluate(best.x + if step.abs() > finest { step } else { finest.copysign(half) });
    }
}

/// The step from `best` by inverse quadratic interpolation through three points, by the secant through
/// two; `None` if it leads away from the other side.
fn interpolated_step(before: Point, best: Point, across: Point, half: f64) -> Option<f64> {
    if before.gap.abs() <= best.gap.abs() {
        return None;
    }
    let s = best.gap / before.gap;
    let (p, q) = if before.x == across.x {
        (2.0 * half * s, 1.0 - s)
    } else {
        let (q, r) = (before.gap / across.gap, best.gap / across.gap);
        let p = s * (2.0 * half * q * (q - r) - (best.x - before.x) * (r - 1.0));
        (p, (q - 1.0) * (r - 1.0) * (s - 1.0))
    };
    let step = -p / q;
    (step.is_finite() && step * half > 0.0).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A function, a bracket and the root in it.
    type Case = (fn(f64) -> f64, f64, f64, f64);

    #[test]
    fn known_roots_are_found_in_few_evaluations() {
        let cases: [Case; 5] = [
            (|x| x.cos() - x, 0.0, 1.0, 0.739_085_133_215_160_6),
            // Wallis, 1685.
            (|x| x * x * x - 2.0 * x - 5.0, 2.0, 3.0, 2.094_551_481_542_326_6),
            (|x| (-x).exp() - x, 0.0, 1.0, 0.567_143_290_409_784),
            (|x| x.ln() - 1.0, 0.1, 100.0, std::f64::consts::E),
            (|x| 1.0 / (x - 0.3) + 6.0, -10.0, 0.299, 0.3 - 1.0 / 6.0),
        ];
        for (f, low, high, root) in cases {
            for (from, to) in [(low, high), (high, low)] {
                let mut evaluations = 0;
                let count = |x| {
                    evaluations += 1;
                    f(x)
                };
                let found = brent("x", count, from, to, 0.0, 1e-15).unwrap();
                assert!((found - root).abs() < 4e-15, "{found} for {root}");
                assert!(evaluations <= 25, "{evaluations} evaluations for {root}");
            }
        }
    }

    #[test]
    fn roots_of_high_order_and_jumps_end_too() {
        let flat = brent("x", |x: f64| (x - 1.0).powi(9), 0.0, 3.0, 0.0, 1e-12).unwrap();
        assert!((flat - 1.0).abs() < 1e-3, "{flat}");
        // A step has no root; the place of the sign change is the best answer there is.
        let jump = brent("x", |x| if x < 0.7 { -1.0 } else { 1.0 }, 0.0, 1.0, 0.0, 1e-12).unwrap();
        assert!((jump - 0.7).abs() < 1e-11);
        assert_eq!(brent("x", |x| x, 0.0, 1.0, 0.0, 1e-12), Ok(0.0));
        assert_eq!(brent("x", |x| x, -1.0, 0.0, 0.0, 1e-12), Ok(0.0));
    }

    #[test]
    fn failures_say_what_was_found() {
        let none = brent("yield", |x| x * x + 1.0, 0.0, 2.0, 0.5, 1e-12);
        let quantity = "yield";
        let expected = SolveError::NotBracketed {
            quantity,
            low: 0.0,
            high: 2.0,
            target: 0.5,
            at_low: 1.0,
            at_high: 5.0,
        };
        assert_eq!(none, Err(expected));
        assert!(matches!(
            brent("x", |_| f64::NAN, 0.0, 1.0, 0.0, 1e-12),
            Err(SolveError::NotBracketed { .. })
        ));
        let gap = |x: f64| if x.abs() < 0.5 { f64::NAN } else { x };
        assert!(matches!(brent("x", gap, -1.0, 1.0, 0.0, 1e-12), Err(SolveError::NoConvergence { .. })));
    }

    #[test]
    fn a_bracket_is_widened_within_its_limits_only() {
        let cube = |x: f64| x * x * x;
        for target in [-1e6_f64, -8.0, 0.001, 27.0, 1e6] {
            let root = bracket_then_brent("x", cube, (0.5, 0.6), -1e3..=1e3, target, 1e-13).unwrap();
            assert!((root - target.cbrt()).abs() < 1e-12, "{target}: {root}");
        }
        let beyond = bracket_then_brent("x", cube, (0.5, 0.6), 0.0..=2.0, 27.0, 1e-13);
        let at_ends = SolveError::NotBracketed {
            quantity: "x",
            low: 0.0,
            high: 2.0,
            target: 27.0,
            at_low: 0.0,
            at_high: 8.0,
        };
        assert_eq!(beyond, Err(at_ends));
    }

    proptest! {
        #[test]
        fn any_root_of_a_monotone_function_is_found(
            root in -50.0_f64..50.0, power in 0_i32..4, width in 0.01_f64..1e4,
        ) {
            let f = |x: f64| (x - root).powi(2 * power + 1) + (x - root);
            let found = brent("x", f, root - width, root + 0.7 * width, 0.0, 1e-12).unwrap();
            prop_assert!((found - root).abs() < 1e-11);
        }

        #[test]
        fn no_numbers_make_it_panic(
            low in any::<f64>(), high in any::<f64>(), target in any::<f64>(), tolerance in any::<f64>(),
        ) {
            let _ = brent("x", |x| x, low, high, target, tolerance);
            let _ = bracket_then_brent("x", |x| x, (low, high), high..=low, target, tolerance);
            let _ = bracket_then_brent("x", |x| x * x, (low, high), -1e9..=1e9, target, tolerance);
        }
    }
}
