//! Representative lines along a random path: the large-pool limit of loans that share factors.

use super::law::Law;
use crate::credit::Latent;
use crate::math::normal;
use crate::scenario::LinePath;
use libm::sqrt;

/// Lines with like terms and like scripted speeds, in one world.
///
/// A line is so many loans that their own parts average out. A loan of the line defaults by month `t` with the
/// scripted probability `F(t)`; the time at which it does is a latent variable that loads on the factors, as an
/// obligor's is. Once the factors `Y` are known, so is the share that has defaulted (Vasicek 1991, month by month):
///
/// ```text
/// F(t | Y) = P(latent <= barrier(F(t)) | Y)          E F(t | Y) = F(t), whatever the loadings
/// severity(Y)   = N((N^-1(severity)   - c S) / sqrt(1 - c^2))    S = sum a Y / |a|, a standard normal
/// prepayment(Y) = N((N^-1(prepayment) + b S) / sqrt(1 - b^2))
/// delinquent(Y) = N((N^-1(delinquent) - |a| S) / sqrt(1 - |a|^2))
/// ```
///
/// Each of these keeps its scripted expectation in every month; a loss, being default times severity, is expected
/// to be more than scripted by their covariance.
#[derive(Clone, Debug)]
pub(super) struct LineClass {
    /// Places of the lines in the pool.
    pub lines: Vec<usize>,
    latent: Latent,
    /// Weights of the factors in `S`.
    direction: Box<[f64]>,
    /// Barriers of what has defaulted by each month, of monthly rates and of a timing; empty if none does.
    rated: Vec<f64>,
    timed: Vec<f64>,
    severity: Probit,
    prepayment: Probit,
    delinquent: Probit,
}

/// A share by month that moves with `S`.
#[derive(Clone, Debug)]
struct Probit {
    /// `N^-1(share)`.
    quantiles: Vec<f64>,
    loading: f64,
}

impl Probit {
    fn new(shares: &[f64], loading: f64) -> Probit {
        Probit {
            quantiles: shares.iter().map(|&share| quantile(share, normal::inverse_cdf)).collect(),
            loading,
        }
    }

    /// `N((N^-1(share) - loading S) / sqrt(1 - loading^2))` by month.
    fn fill(&self, systematic: f64, months: usize, path: &mut [f64]) {
        if self.loading == 0.0 {
            return;
        }
        let own = sqrt(1.0 - self.loading * self.loading);
        let given = |quantile: f64| {
            certain(quantile).unwrap_or_else(|| normal::cdf((quantile - self.loading * systematic) / own))
        };
        each(&self.quantiles[..months], given, |month, share| path[month] = share);
    }
}

/// Calls `into` with what `given` makes of each barrier; of equal neighbours, once.
fn each(barriers: &[f64], given: impl Fn(f64) -> f64, mut into: impl FnMut(usize, f64)) {
    let (mut last, mut share) = (f64::NEG_INFINITY, 0.0);
    for (month, &barrier) in barriers.iter().enumerate() {
        if barrier != last {
            (last, share) = (barrier, given(barrier));
        }
        into(month, share);
    }
}

/// The quantile of a share, infinite where it is certain.
fn quantile(share: f64, inverse: impl Fn(f64) -> f64) -> f64 {
    match share {
        share if share <= 0.0 => f64::NEG_INFINITY,
        share if share >= 1.0 => f64::INFINITY,
        share => inverse(share),
    }
}

/// What no factor moves: nothing, and all.
fn certain(quantile: f64) -> Option<f64> {
    quantile.is_infinite().then_some(if quantile > 0.0 { 1.0 } else { 0.0 })
}

/// What a model says of lines of a class, once checked.
pub(super) struct LineModel {
    pub latent: Latent,
    pub loadings: Box<[f64]>,
    pub severity_loading: f64,
    pub prepayment_loading: f64,
    /// Every hazard of default times this.
    pub hazard_multiple: f64,
    /// Added to every recovery.
    pub recovery_shift: f64,
}

impl LineClass {
    /// A class around the scripted path of its lines, which it moves as the model's shifts say.
    pub fn new(model: LineModel, lines: Vec<usize>, scripted: &mut [LinePath]) -> LineClass {
        let LineModel { latent, loadings, hazard_multiple, recovery_shift, .. } = model;
        for &line in &lines {
            shift(&mut scripted[line], hazard_multiple, recovery_shift);
        }
        let path = lines.first().map(|&line| &scripted[line]);
        let (rates, timing) =
            path.map_or((&[][..], &[][..]), |path| (&path.default, &path.default_of_cut_off));
        let barrier = |share: f64| quantile(share, |share| latent.barrier(share));
        let barriers = |shares: Vec<f64>| -> Vec<f64> {
            let none = shares.last().is_none_or(|&last| last <= 0.0);
            if none { Vec::new() } else { shares.into_iter().map(barrier).collect() }
        };
        let length = sqrt(loadings.iter().map(|a| a * a).sum());
        let probit = |of: fn(&LinePath) -> &Vec<f64>, loading| {
            Probit::new(path.map_or(&[][..], |path| of(path)), loading)
        };
        LineClass {
            rated: barriers(by_rates(rates)),
            timed: barriers(by_timing(timing)),
            severity: probit(|path| &path.severity, model.severity_loading),
            prepayment: probit(|path| &path.prepayment, -model.prepayment_loading),
            // With loadings of one the share would be all or nothing.
            delinquent: probit(|path| &path.delinquent, length.min(0.999)),
            direction: loadings.iter().map(|a| if length > 0.0 { a / length } else { 0.0 }).collect(),
            lines,
            latent,
        }
    }

    /// Whether the factors move anything.
    pub fn moves(&self) -> bool {
        self.direction.iter().any(|&weight| weight != 0.0)
    }

    /// Draws the class's lines for the first `months` months. `normals` are the factors as standard normals.
    pub fn draw(&self, law: &Law, normals: &[f64], mixing: f64, months: usize, lines: &mut [LinePath]) {
        let Some((&first, others)) = self.lines.split_first() else { return };
        let months = months.min(lines[first].severity.len());
        let weights = self.direction.iter().zip(normals);
        let systematic: f64 = weights.map(|(weight, normal)| weight * normal).sum();
        let loadings = self.latent.loadings().as_slice().iter().zip(normals);
        let of_latent: f64 = loadings.map(|(a, &normal)| a.value() * law.factor(normal)).sum();
        let given = |barrier: f64| {
            certain(barrier).unwrap_or_else(|| self.latent.probability_given(barrier, of_latent, mixing))
        };
        let path = &mut lines[first];
        self.severity.fill(systematic, months, &mut path.severity);
        self.prepayment.fill(systematic, months, &mut path.prepayment);
        self.delinquent.fill(systematic, months, &mut path.delinquent);
        let mut before = 0.0;
        if !self.rated.is_empty() {
            each(&self.rated[..months], given, |month, share| {
                // Of those still there, the share that defaults: (F(t) - F(t-1)) / (1 - F(t-1)).
                let left = 1.0 - before;
                path.default[month] =
                    if left > 0.0 { ((share - before) / left).clamp(0.0, 1.0) } else { 0.0 };
                before = share;
            });
        }
        before = 0.0;
        if !self.timed.is_empty() {
            each(&self.timed[..months], given, |month, share| {
                path.default_of_cut_off[month] = (share - before).max(0.0);
                before = share;
            });
        }
        for &line in others {
            copy(first, line, months, lines);
        }
    }
}

/// Gives a line the speeds of another for the first months.
fn copy(from: usize, to: usize, months: usize, lines: &mut [LinePath]) {
    let (low, high) = lines.split_at_mut(from.max(to));
    let (from, to) = if from < to { (&low[from], &mut high[0]) } else { (&high[0], &mut low[to]) };
    to.severity[..months].copy_from_slice(&from.severity[..months]);
    to.prepayment[..months].copy_from_slice(&from.prepayment[..months]);
    to.delinquent[..months].copy_from_slice(&from.delinquent[..months]);
    to.default[..months].copy_from_slice(&from.default[..months]);
    to.default_of_cut_off[..months].copy_from_slice(&from.default_of_cut_off[..months]);
}

/// What has defaulted by the end of each month at monthly rates, were nothing prepaid: `1 - prod (1 - rate)`.
fn by_rates(rates: &[f64]) -> Vec<f64> {
    let mut left = 1.0;
    rates
        .iter()
        .map(|rate| {
            left *= 1.0 - rate;
            1.0 - left
        })
        .collect()
}

/// The same of shares of the balance at the cut-off date.
fn by_timing(shares: &[f64]) -> Vec<f64> {
    let mut sum = 0.0_f64;
    shares
        .iter()
        .map(|share| {
            sum += share;
            sum.min(1.0)
        })
        .collect()
}

/// Moves a scripted path: hazards times a multiple, recoveries by a shift.
fn shift(path: &mut LinePath, hazard_multiple: f64, recovery_shift: f64) {
    if recovery_shift != 0.0 {
        path.severity
            .iter_mut()
            .for_each(|severity| *severity = (*severity - recovery_shift).clamp(0.0, 1.0));
    }
    if hazard_multiple == 1.0 {
        return;
    }
    // 1 - (1 - p)^m is the probability at m times the hazard.
    let more = |share: f64| 1.0 - libm::pow(1.0 - share, hazard_multiple);
    path.default.iter_mut().for_each(|rate| *rate = more(*rate));
    let totals = by_timing(&path.default_of_cut_off);
    let mut before = 0.0;
    for (share, total) in path.default_of_cut_off.iter_mut().zip(totals) {
        let total = more(total);
        *share = total - before;
        before = total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::{Copula, Loading, Loadings};

    fn scripted(months: usize) -> LinePath {
        LinePath {
            rates: Vec::new(),
            prepayment: vec![0.02; months],
            default: vec![0.01; months],
            default_of_cut_off: vec![0.005; months],
            severity: vec![0.4; months],
            delinquent: vec![0.1; months],
            recovery_lag_months: 0,
            advances: true,
        }
    }

    fn class(loadings: [f64; 2], lines: &mut [LinePath], hazard_multiple: f64) -> LineClass {
        let each: Vec<Loading> = loadings.iter().map(|&a| Loading::new(a).unwrap()).collect();
        let latent = Copula::Gaussian.latent(&Loadings::new(&each).unwrap()).unwrap();
        let model = LineModel {
            latent,
            loadings: loadings.into(),
            severity_loading: 0.2,
            prepayment_loading: 0.3,
            hazard_multiple,
            recovery_shift: 0.0,
        };
        LineClass::new(model, (0..lines.len()).collect(), lines)
    }

    /// Law 7 for lines: what has defaulted by a month, severities and speeds keep their scripted expectation. The
    /// factors are integrated out on a grid of their normal quantiles.
    #[test]
    fn expectations_do_not_depend_on_loadings() {
        let months = 36;
        for loadings in [[0.4, 0.2], [0.1, 0.0], [0.6, 0.6]] {
            let mut base = vec![scripted(months); 2];
            let class = class(loadings, &mut base, 1.0);
            let n = 400;
            let mut sums = [0.0; 5];
            for i in 0..n * n {
                let at = |k: usize| normal::inverse_cdf((k as f64 + 0.5) / n as f64);
                let mut lines = base.clone();
                class.draw(&Law::Normal, &[at(i / n), at(i % n)], 1.0, months, &mut lines);
                let path = &lines[1];
                sums[0] += 1.0 - path.default.iter().map(|rate| 1.0 - rate).product::<f64>();
                sums[1] += path.default_of_cut_off.iter().sum::<f64>();
                sums[2] += path.severity[7];
                sums[3] += path.prepayment[7];
                sums[4] += path.delinquent[7];
            }
            let exact = [1.0 - 0.99_f64.powi(36), 0.18, 0.4, 0.02, 0.1];
            for (sum, exact) in sums.iter().zip(exact) {
                let mean = sum / (n * n) as f64;
                assert!((mean - exact).abs() < 2e-4, "{loadings:?}: {mean} for {exact}");
            }
        }
    }

    /// A bad world by hand: F = 0.18 is a barrier of -0.91537; with loadings .4 and .2 and both factors at -2,
    /// N((-0.91537 + 1.2) / sqrt(0.8)) = N(0.31823) = 0.62484.
    #[test]
    fn a_bad_world_by_hand() {
        let mut base = vec![scripted(36)];
        let class = class([0.4, 0.2], &mut base, 1.0);
        let mut lines = base.clone();
        class.draw(&Law::Normal, &[-2.0, -2.0], 1.0, 36, &mut lines);
        let defaulted: f64 = lines[0].default_of_cut_off.iter().sum();
        assert!((defaulted - 0.62484).abs() < 1e-5, "{defaulted}");
        // S = -2 x 0.6 / sqrt(0.2) = -2.68328: N((-0.25335 + 0.2 x 2.68328) / sqrt(0.96)) = N(0.28914) = 0.61376.
        assert!((lines[0].severity[0] - 0.61376).abs() < 1e-5, "{}", lines[0].severity[0]);
        assert!(lines[0].prepayment[0] < 0.02 && lines[0].delinquent[0] > 0.1);
    }

    /// Twice the hazard: of 18% that default, 1 - 0.82^2 = 32.76%.
    #[test]
    fn twice_the_hazard() {
        let mut base = vec![scripted(36)];
        class([0.0, 0.0], &mut base, 2.0);
        assert!((base[0].default_of_cut_off.iter().sum::<f64>() - 0.3276).abs() < 1e-12);
        assert!((base[0].default[0] - 0.0199).abs() < 1e-12);
    }
}
