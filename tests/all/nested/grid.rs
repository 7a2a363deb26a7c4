//! The CDO and CDO squared over a grid of loadings and default probabilities: the exact engine against a sum of
//! binomials, to four decimals of a per cent. The root of .20 is the published case by asset correlation.

use leasefall::credit::Loading;
use leasefall::study::Resecuritization;

/// `P(N = n)` of 100 bonds with a loading on one normal factor: the factor in steps of 0.005 from -9 to 9, where the
/// trapezoidal rule is exact to rounding.
fn counts(default_probability: f64, loading: f64) -> Vec<f64> {
    let barrier = leasefall::math::normal::inverse_cdf(default_probability);
    let step = 0.005;
    let mut counts = vec![0.0; 101];
    for k in -1_800..=1_800 {
        let factor = f64::from(k) * step;
        let weight = step * (-0.5 * factor * factor).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let x = (barrier - loading * factor) / (1.0 - loading * loading).sqrt();
        let (p, q) = (leasefall::math::normal::cdf(x), leasefall::math::normal::cdf(-x));
        // Binomial in logarithms: (100 over n) p^n q^(100 - n).
        let mut choose = 0.0;
        for (n, count) in counts.iter_mut().enumerate() {
            *count += weight * (choose + n as f64 * p.ln() + (100 - n) as f64 * q.ln()).exp();
            choose += ((100 - n) as f64 / (n + 1) as f64).ln();
        }
    }
    counts
}

/// Probability of loss and expected loss of 0-6, 6-12 and 12-100, losses being whole multiples of a unit.
fn tranches(losses: &[f64], unit: f64) -> [(f64, f64); 3] {
    [(0.0, 0.06), (0.06, 0.12), (0.12, 1.0)].map(|(from, to)| {
        let part = |n: usize| ((n as f64 * unit - from) / (to - from)).clamp(0.0, 1.0);
        // A loss that is the attachment but for rounding is none.
        let hit = |n: usize| f64::from(u8::from(n as f64 * unit > from + 1e-9));
        let sum = |of: &dyn Fn(usize) -> f64| losses.iter().enumerate().map(|(n, p)| p * of(n)).sum();
        (sum(&hit), sum(&part))
    })
}

#[test]
fn a_sum_of_binomials_agrees_to_four_decimals() {
    for default_probability in [0.02, 0.05, 0.10] {
        for loading in [0.0, 0.10, 0.20, 0.40, 0.2_f64.sqrt(), 0.60, 0.80] {
            let counts = counts(default_probability, loading);
            // A mezzanine of 6 loses half a bond at a time, from the thirteenth default on: twelfths of itself.
            let mut mezzanine = [0.0; 13];
            counts.iter().enumerate().for_each(|(n, p)| mezzanine[n.clamp(12, 24) - 12] += p);
            let mut forty = vec![1.0];
            for _ in 0..40 {
                let mut next = vec![0.0; forty.len() + 12];
                for (i, a) in forty.iter().enumerate() {
                    mezzanine.iter().enumerate().for_each(|(j, b)| next[i + j] += a * b);
                }
                forty = next;
            }
            let exact = [tranches(&counts, 0.005), tranches(&forty, 1.0 / 480.0)];
            let correlation = Loading::new(loading).unwrap().correlation();
            let study = Resecuritization {
                default_probability,
                ..Resecuritization::coval_jurek_stafford(correlation)
            };
            let found = study.losses().unwrap();
            for (found, exact) in [found.pool, found.cdo].iter().flatten().zip(exact.iter().flatten()) {
                let apart =
                    (found.probability_of_loss - exact.0).abs().max((found.expected_loss - exact.1).abs());
                assert!(apart < 5e-7, "{default_probability} {loading}: {found:?} {exact:?}");
            }
        }
    }
}
