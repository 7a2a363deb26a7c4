//! Who defaults on a path, and when.

use super::law::Law;
use super::{Seeds, purpose};
use crate::credit::{DefaultCurve, Latent, RandomRecovery};
use crate::math::random::Stream;
use crate::scenario::{Coverage, CoverageHazard, Obligation};
use std::sync::Arc;

const TWO_TO_32: f64 = 4_294_967_296.0;

/// Default times of a pool's obligors by a copula: one latent variable per group of obligors, for life.
///
/// ```text
/// X = sum a_k M_k + sqrt(1 - sum a_k^2) Z      (over a common root of chi-square / dof: Student)
/// default time = the time by which the default curve reaches F(X)
/// ```
///
/// Nearly all obligors outlive the horizon, so a group's residual is first only compared, as a uniform,
/// with the conditional probability of a default by the horizon; that is computed once for all groups of
/// like loadings and default probability. The latents of those that are struck are made of their residuals together,
/// and a latent's month is looked up among those that the curve reaches by each month.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    pub law: Law,
    pub factors: usize,
    /// Groups of one class stand together.
    pub classes: Vec<Class>,
    pub groups: Vec<Group>,
    /// For each tenant, the scripted default that stands where chance strikes none.
    pub scripted: Vec<Option<Obligation>>,
    pub horizon_months: u32,
    /// Whether any member's intensity follows the price of compute.
    pub follow_coverage: bool,
}

/// Groups of like loadings and default probability.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub latent: Latent,
    /// The latent variable at or below which a member defaults by the horizon.
    pub barrier: f64,
    /// The groups, by index.
    pub groups: std::ops::Range<usize>,
}

/// Obligors that share a latent variable.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Its place among all groups in the order of the pool: which of the path's residuals is its own.
    pub place: usize,
    pub loadings: Box<[f64]>,
    pub members: Vec<Member>,
}

impl Group {
    /// Probability that any member defaults by the horizon: the weakest one's, for all share a latent.
    pub fn by_horizon(&self) -> f64 {
        self.members.iter().map(|member| member.by_horizon).fold(0.0, f64::max)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub tenant: usize,
    pub curve: DefaultCurve,
    /// Probability of default by the horizon.
    pub by_horizon: f64,
    /// What a default means; its month is drawn.
    pub obligation: Obligation,
    pub recovery: Option<RandomRecovery>,
    /// What raises its intensity along a path, if anything does.
    pub covered: Option<Covered>,
    /// For each month up to the horizon the latent at or below which it defaults by then, where the latent is normal.
    pub barriers: Option<Arc<[f64]>>,
}

impl Member {
    /// The first month unpaid after a default at this latent, if it is within the horizon; of one whose intensity
    /// the path raises, nothing yet.
    fn month(&self, latent: f64, class: &Class) -> u32 {
        match &self.barriers {
            Some(barriers) => barriers.partition_point(|barrier| *barrier < latent) as u32,
            None if self.covered.is_some() => u32::MAX,
            None => first_unpaid(self.curve.time_of(class.latent.uniform(latent))),
        }
    }
}

/// The latent at or below which the default curve is reached by each month: at `k` by the end of `k` months.
pub(super) fn barriers(latent: &Latent, curve: &DefaultCurve, horizon_months: usize) -> Arc<[f64]> {
    let by = |month: usize| latent.barrier(curve.default_probability(month as f64 / 12.0));
    (0..=horizon_months).map(by).collect()
}

/// A tenant whose default intensity rises as its coverage falls.
#[derive(Clone, Debug)]
pub(super) struct Covered {
    pub coverage: Coverage,
    pub hazard: CoverageHazard,
    /// Its own curve's cumulative intensity over each month.
    pub hazards: Vec<f64>,
}

impl Covered {
    /// The first month unpaid after a default at this level of the tenant's distribution, and its probability of a
    /// default by the horizon along the path: intensities times what coverage makes of them, month by month.
    fn strike(&self, level: f64, compute_price: &[f64]) -> (Option<u32>, f64) {
        // -ln(1 - level), the exponential variable that the cumulative intensity must reach.
        let reach = -libm::log1p(-level);
        let (mut total, mut month) = (0.0, None);
        for (index, (hazard, &price)) in self.hazards.iter().zip(compute_price).enumerate() {
            total += hazard * self.hazard.multiple(self.coverage.at(price));
            if month.is_none() && total >= reach {
                month = Some(index as u32 + 1);
            }
        }
        (month, -libm::expm1(-total))
    }
}

/// Reused from path to path.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    /// The factors under the copula's own law.
    factors: Vec<f64>,
    /// The residuals, as 32-bit uniforms, two to a word.
    residuals: Vec<u64>,
    /// Room for every group; those hit on this path come first.
    hits: Vec<Hit>,
    /// The residuals of those hit, as uniforms; then as own parts, then as latents.
    own: Vec<f64>,
    /// For each member of the groups hit, the first month unpaid by its default curve.
    months: Vec<u32>,
    struck: Vec<usize>,
}

/// A group whose residual reaches a default by the horizon.
#[derive(Clone, Copy, Debug, Default)]
struct Hit {
    class: usize,
    group: usize,
    systematic: f64,
}

impl Defaults {
    pub fn scratch(&self) -> Scratch {
        let members = self.groups.iter().map(|group| group.members.len()).sum();
        Scratch {
            factors: vec![0.0; self.factors],
            residuals: vec![0; self.groups.len().div_ceil(2)],
            hits: vec![Hit::default(); self.groups.len()],
            own: vec![0.0; self.groups.len()],
            months: Vec::with_capacity(members),
            struck: Vec::with_capacity(members),
        }
    }

    /// The copula's mixing variable on a path.
    pub fn mixing(&self, seeds: Seeds, path: u64) -> f64 {
        self.law.mixing(&mut Stream::new(seeds.mixing, path, purpose::MIXING))
    }

    /// Draws a path's defaults. `normals` are the systematic factors as standard normals.
    pub fn draw(
        &self,
        seeds: Seeds,
        path: u64,
        normals: &[f64],
        scratch: &mut Scratch,
        compute_price: &[f64],
        defaults: &mut [Option<Obligation>],
    ) {
        for tenant in scratch.struck.drain(..) {
            defaults[tenant] = self.scripted[tenant];
        }
        if self.groups.is_empty() {
            return;
        }
        for (factor, &normal) in scratch.factors.iter_mut().zip(normals) {
            *factor = self.law.factor(normal);
        }
        let mixing = self.mixing(seeds, path);
        Stream::new(seeds.own, path, purpose::RESIDUALS).fill_u64(&mut scratch.residuals);
        let Scratch { factors, residuals, hits, own, months, struck } = scratch;
        let mut count = 0;
        for (index, class) in self.classes.iter().enumerate() {
            let systematic = class.latent.systematic(factors);
            let line = class.latent.probability_given(class.barrier, systematic, mixing);
            // A word stands for the middle of its interval: it is at most `line` if (word + 1/2) / 2^32 is.
            let edge = line * TWO_TO_32 - 0.5;
            for group in class.groups.clone() {
                let word = f64::from(word(residuals, self.groups[group].place));
                // Written whether hit or not, and kept by the count: no processor guesses who defaults.
                (hits[count], own[count]) =
                    (Hit { class: index, group, systematic }, (word + 0.5) / TWO_TO_32);
                count += usize::from(word <= edge);
            }
        }
        let (hits, own) = (&hits[..count], &mut own[..count]);
        self.law.own_in_place(own);
        months.clear();
        for (hit, own) in hits.iter().zip(&mut *own) {
            let class = &self.classes[hit.class];
            *own = class.latent.value(hit.systematic, *own, mixing);
            // Looked up for all before any strikes: one look-up need not wait for the last.
            months.extend(self.groups[hit.group].members.iter().map(|member| member.month(*own, class)));
        }
        let mut months = months.iter();
        for (hit, &latent) in hits.iter().zip(&*own) {
            let class = &self.classes[hit.class];
            for (member, &month) in self.groups[hit.group].members.iter().zip(months.by_ref()) {
                let Some((month, recovery_rate)) = self.strike(class, member, month, latent, compute_price)
                else {
                    continue;
                };
                let default = &mut defaults[member.tenant];
                match self.scripted[member.tenant] {
                    // What the script says happens earlier stands.
                    Some(scripted) if scripted.month <= month => *default = Some(scripted),
                    // In place: moved about in pieces, it is waited for.
                    _ => {
                        let drawn = default.insert(member.obligation);
                        (drawn.month, drawn.recovery_rate) = (month, recovery_rate);
                    }
                }
                struck.push(member.tenant);
            }
        }
    }

    /// When a member whose group's latent variable takes this value defaults, if it does, and what is recovered;
    /// `month` is that of its default curve.
    #[inline]
    fn strike(
        &self,
        class: &Class,
        member: &Member,
        month: u32,
        latent: f64,
        compute_price: &[f64],
    ) -> Option<(u32, Option<f64>)> {
        let (month, by_horizon) = match &member.covered {
            None => (month, member.by_horizon),
            Some(covered) => {
                let level = class.latent.uniform(latent);
                if level > member.by_horizon {
                    return None;
                }
                let (month, by_horizon) = covered.strike(level, compute_price);
                (month?, by_horizon)
            }
        };
        if month > self.horizon_months {
            return None;
        }
        let recovery_rate = match &member.recovery {
            Some(recovery) => Some(recovery.given((class.latent.uniform(latent) / by_horizon).min(1.0))),
            None => member.obligation.recovery_rate,
        };
        Some((month, recovery_rate))
    }
}

/// The group's residual: 32 random bits.
#[inline]
fn word(residuals: &[u64], place: usize) -> u32 {
    (residuals[place / 2] >> (32 * (place % 2))) as u32
}

/// The first month whose rent a default after so many years leaves unpaid: the first that begins on or after
/// it. Month 0 begins at time 0.
fn first_unpaid(years: f64) -> u32 {
    (12.0 * years).ceil().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::{Copula, Loading, Loadings, Measure};
    use proptest::prelude::*;

    #[test]
    fn a_default_stops_the_rent_of_the_next_month() {
        // At once; in the middle of month 0; on the first day of month 3; late in month 3.
        assert_eq!([0.0, 0.5 / 12.0, 0.25, 0.33].map(first_unpaid), [0, 1, 3, 4]);
        assert_eq!(first_unpaid(f64::INFINITY), u32::MAX);
    }

    #[test]
    fn two_residuals_share_a_word() {
        let residuals = [0x0000_0001_8000_0000, 7];
        assert_eq!([0, 1, 2, 3].map(|place| word(&residuals, place)), [0x8000_0000, 1, 7, 0]);
    }

    proptest! {
        /// The month looked up is the one that the default curve gives, but where rounding decides.
        #[test]
        fn barriers_find_the_month_of_the_curve(
            loading in -0.95_f64..0.95,
            first in 0.0_f64..0.4,
            second in 0.0_f64..0.4,
            z in -6.0_f64..3.0,
        ) {
            let points = [(0.9, first), (4.0, first + second)];
            let curve = DefaultCurve::from_probabilities(Measure::Historical, &points).unwrap();
            let loadings = Loadings::new(&[Loading::new(loading).unwrap()]).unwrap();
            let latent = Copula::Gaussian.latent(&loadings).unwrap();
            prop_assert!(latent.is_normal());
            let barriers = barriers(&latent, &curve, 84);
            prop_assume!(barriers.iter().all(|barrier| (barrier - z).abs() > 1e-9));
            let month = barriers.partition_point(|barrier| *barrier < z) as u32;
            prop_assert_eq!(month, first_unpaid(curve.time_of(latent.uniform(z))).min(85));
        }
    }
}
