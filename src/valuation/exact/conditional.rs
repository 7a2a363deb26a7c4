//! The distribution of losses in whole units: given the factors by recursion, then with them integrated out.

use super::factor::{FactorLaw, mixed};
use super::plan::Plan;
use super::unit::WholeUnits;
use crate::credit::{Copula, Latent};
use crate::error::SolveError;

/// Names of one latent, curve and recovery, at one date.
#[derive(Clone, Debug)]
pub(super) struct Class<'a> {
    pub(super) latent: &'a Latent,
    /// The barrier of each recovery, falling: at or below it that recovery or a worse one.
    pub(super) barriers: Vec<f64>,
}

/// One name: its class and its loss for each recovery of the class.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) class: usize,
    pub(super) losses: Vec<WholeUnits>,
}

/// A pool at one date.
#[derive(Debug)]
pub(super) struct Engine<'a> {
    pub(super) copula: Copula,
    pub(super) factor: FactorLaw,
    pub(super) classes: Vec<Class<'a>>,
    pub(super) names: &'a [Name],
}

impl Engine<'_> {
    /// The probabilities of losing 0, 1, ..., `cap` units; larger losses are left out.
    pub(super) fn distribution(&self, plan: &Plan, cap: usize) -> Result<Vec<f64>, SolveError> {
        let systematic = vec![0.0; self.classes.len()];
        mixed(self.copula, cap + 1, |mixing, out| self.given(plan, &systematic, mixing, out))
    }

    /// The same given the multiplier of the latents and, per class, what the known factors add to them.
    pub(super) fn given(
        &self,
        plan: &Plan,
        systematic: &[f64],
        mixing: f64,
        out: &mut [f64],
    ) -> Result<(), SolveError> {
        self.independent(&plan.independent, systematic, mixing, out);
        let mut shifted = systematic.to_vec();
        for group in &plan.groups {
            let jumps = self.jumps(&group.given, group.factor, systematic, mixing);
            let part = self.factor.expectation(out.len(), &jumps, |m, values| {
                for ((sum, known), class) in shifted.iter_mut().zip(systematic).zip(&self.classes) {
                    *sum = known + class.loading(group.factor) * m;
                }
                self.given(&group.given, &shifted, mixing, values)
            })?;
            convolve(out, &part);
        }
        Ok(())
    }

    /// Names that default independently: each in turn either does not default, and the distribution stays,
    /// or does, and it moves up by the loss (Andersen, Sidenius and Basu). Names alike are added at once.
    fn independent(&self, names: &[usize], systematic: &[f64], mixing: f64, out: &mut [f64]) {
        out.fill(0.0);
        out[0] = 1.0;
        let mut room = vec![0.0; out.len()];
        let mut outcomes = Outcomes { class: usize::MAX, probabilities: Vec::new(), defaulted: 0.0 };
        let mut most = 0;
        for alike in names.chunk_by(|&a, &b| self.names[a] == self.names[b]) {
            let name = &self.names[alike[0]];
            outcomes.of(name.class, &self.classes[name.class], systematic[name.class], mixing);
            let top = name.losses.iter().map(|loss| loss.most()).max().unwrap_or(0);
            if let (Some(units), true) = (name.whole_units(), alike.len() >= 8) {
                binomial(alike.len(), units, outcomes.defaulted, &mut room);
                most = (most + alike.len() * top).min(out.len() - 1);
                convolve(&mut out[..=most], &room[..=most]);
                continue;
            }
            for _ in alike {
                most = (most + top).min(out.len() - 1);
                room[..=most].copy_from_slice(&out[..=most]);
                outcomes.add(name, &room[..=most], &mut out[..=most]);
            }
        }
    }

    /// Where conditional default probabilities jump in the factor: names without an own part, once this is
    /// their last factor, default for certain on one side of `(barrier / mixing - systematic) / loading`.
    fn jumps(&self, given: &Plan, factor: usize, systematic: &[f64], mixing: f64) -> Vec<f64> {
        let mut jumps = Vec::new();
        let mut last = usize::MAX;
        for &index in &given.independent {
            let class = self.names[index].class;
            let Class { latent, barriers } = &self.classes[class];
            if class != last && latent.loadings().own_weight() == 0.0 {
                let loading = self.classes[class].loading(factor);
                jumps.extend(barriers.iter().map(|c| (c / mixing - systematic[class]) / loading));
            }
            last = class;
        }
        jumps.sort_by(f64::total_cmp);
        jumps.dedup();
        jumps
    }
}

impl Class<'_> {
    pub(super) fn loading(&self, factor: usize) -> f64 {
        self.latent.loadings().as_slice().get(factor).map_or(0.0, |loading| loading.value())
    }
}

impl Name {
    /// The loss, if there is only one and it is a whole number of units above 0.
    fn whole_units(&self) -> Option<usize> {
        match self.losses[..] {
            [WholeUnits { units, above }] if above == 0.0 && units > 0 => Some(units),
            _ => None,
        }
    }
}

/// The conditional probability of each recovery of a class; names of one class stand together, so that it
/// is computed once.
struct Outcomes {
    class: usize,
    probabilities: Vec<f64>,
    defaulted: f64,
}

impl Outcomes {
    fn of(&mut self, index: usize, class: &Class<'_>, systematic: f64, mixing: f64) {
        if self.class == index {
            return;
        }
        self.class = index;
        let at_most = |barrier: &f64| class.latent.probability_given(*barrier, systematic, mixing);
        self.probabilities.clear();
        self.probabilities.extend(class.barriers.iter().map(at_most));
        self.defaulted = self.probabilities[0];
        for level in 1..self.probabilities.len() {
            self.probabilities[level - 1] -= self.probabilities[level];
        }
    }

    /// One more name: from the distribution `before` it to that after.
    fn add(&self, name: &Name, before: &[f64], after: &mut [f64]) {
        if let Some(units) = name.whole_units() {
            // The usual case in one pass: it is the innermost loop of the engine.
            let (p, q) = (self.defaulted, 1.0 - self.defaulted);
            let least = units.min(after.len());
            after[..least].iter_mut().for_each(|probability| *probability *= q);
            let stays = after[least..].iter_mut();
            stays.zip(before).for_each(|(probability, below)| *probability = *probability * q + p * below);
            return;
        }
        after.iter_mut().for_each(|probability| *probability *= 1.0 - self.defaulted);
        for (loss, &probability) in name.losses.iter().zip(&self.probabilities) {
            shift(after, before, loss.units, probability * (1.0 - loss.above));
            if loss.above > 0.0 {
                shift(after, before, loss.units + 1, probability * loss.above);
            }
        }
    }
}

/// The distribution of the loss of `count` names alike, `units` each:
/// `P(k) = count! / (k! (count - k)!) p^k (1 - p)^(count - k)`.
fn binomial(count: usize, units: usize, p: f64, out: &mut [f64]) {
    out.fill(0.0);
    let top = (count * units).min(out.len() - 1) / units;
    if p <= 0.0 || p >= 1.0 {
        let all = if p <= 0.0 { 0 } else { count };
        if let Some(certain) = out.get_mut(all * units) {
            *certain = 1.0;
        }
        return;
    }
    let mut probability = libm::exp(count as f64 * libm::log1p(-p));
    if probability > 1e-280 {
        let odds = p / (1.0 - p);
        for k in 0..=top {
            out[k * units] = probability;
            probability *= odds * (count - k) as f64 / (k + 1) as f64;
        }
        return;
    }
    // In logarithms where (1 - p)^count is less than the least double.
    let (log_p, log_q) = (libm::log(p), libm::log1p(-p));
    let mut log_choose = 0.0;
    for k in 0..=top {
        out[k * units] = libm::exp(log_choose + k as f64 * log_p + (count - k) as f64 * log_q);
        log_choose += libm::log((count - k) as f64 / (k + 1) as f64);
    }
}

/// Adds a distribution moved up by some units, times a probability; what moves past the end is left out.
#[inline]
fn shift(out: &mut [f64], before: &[f64], units: usize, probability: f64) {
    if let Some(moved) = out.get_mut(units..) {
        for (sum, mass) in moved.iter_mut().zip(before) {
            *sum += probability * mass;
        }
    }
}

/// The distribution of the sum of two independent losses, in place, up to the length of the first.
pub(super) fn convolve(sum: &mut [f64], part: &[f64]) {
    if sum.is_empty() {
        return;
    }
    if sum[0] == 1.0 {
        // A probability of 1 for no loss: the sum is the part.
        let length = sum.len().min(part.len());
        sum.fill(0.0);
        sum[..length].copy_from_slice(&part[..length]);
        return;
    }
    let highest = sum.iter().rposition(|&mass| mass != 0.0).unwrap_or(0);
    let before = sum[..=highest].to_vec();
    sum.fill(0.0);
    for (units, &probability) in part.iter().enumerate() {
        shift(sum, &before, units, probability);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moments of the binomial distribution, also where its lower end is below the least double.
    #[test]
    fn binomials_have_their_moments() {
        for (count, p) in [(10, 0.3), (400, 0.02), (400, 0.9), (3_000, 0.5), (50, 1e-9), (7, 0.0), (7, 1.0)] {
            let mut out = vec![0.0; 2 * count + 1];
            binomial(count, 2, p, &mut out);
            let moment = |power: i32| -> f64 {
                out.iter().enumerate().map(|(units, q)| (0.5 * units as f64).powi(power) * q).sum()
            };
            let (mean, square) = (count as f64 * p, count as f64 * p * (1.0 - p));
            assert!((moment(0) - 1.0).abs() < 1e-11, "{count} {p} {}", moment(0));
            assert!((moment(1) - mean).abs() < 1e-11 * (1.0 + mean));
            assert!((moment(2) - mean * mean - square).abs() < 1e-10 * (1.0 + mean * mean));
            // A shorter room holds the lower part of the same.
            let mut short = vec![0.0; count];
            binomial(count, 2, p, &mut short);
            assert_eq!(short, out[..count]);
        }
    }

    #[test]
    fn sums_of_losses_are_convolutions_cut_at_the_end() {
        let mut sum = vec![0.5, 0.5, 0.0];
        convolve(&mut sum, &[0.25, 0.5, 0.25]);
        assert_eq!(sum, [0.125, 0.375, 0.375]);
        let mut nothing = vec![1.0, 0.0];
        convolve(&mut nothing, &[0.25, 0.5, 0.25]);
        assert_eq!(nothing, [0.25, 0.5]);
    }
}
