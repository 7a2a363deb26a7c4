//! Control variates: functions of a path's defaults whose means are known exactly.
//!
//! Obligors are weighed by what the pool has on them, in whole units; the weights of those that have failed by a date
//! sum to a loss `L` whose distribution under the model's own copula and factors the exact recursion gives. The
//! controls are slices of it, `min(max(L - a, 0), b - a) / (b - a)` between cuts at its quantiles: losses of
//! synthetic tranches. A regression on them is a broken line in `L`, steep where the note begins to lose.

use super::control_sums::Known;
use super::source::PoolSource;
use crate::credit::{DefaultCurve, RandomRecovery, Recovery};
use crate::error::Error;
use crate::pool::Pool;
use crate::scenario::{Generator, Obligation, ObligorGroup};
use crate::valuation::exact::{ReferenceEntity, ReferencePool, Tranche, TrancheLoss};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Obligors that count, the largest; more would cost the exact recursion more than they tell.
const MOST_OBLIGORS: usize = 250;
/// Units into which what the pool has on all of them is cut.
const UNITS: f64 = 600.0;
/// Parts of the time to the horizon at whose ends losses are counted: early defaults hurt more than late ones.
const DATES: [f64; 2] = [0.5, 1.0];
/// Probabilities with which the loss stays at or below the cuts.
const LEVELS: [f64; 10] = [0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9997];

/// Control variates of one simulation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ControlVariates {
    /// For each tenant the units lost if it defaults; none, if it does not count.
    units: Vec<u32>,
    dates: Vec<Counted>,
    /// What is known of each, in the order of the values; under importance sampling the last is the weight.
    known: Vec<Known>,
}

/// Losses counted up to one month.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    /// The last month whose missed payment counts.
    month: u32,
    /// Where slices end, in units, rising; the first begins at none.
    cuts: Vec<f64>,
}

impl ControlVariates {
    /// The controls of a pool and its generator, up to the month to which most paths are projected.
    ///
    /// # Errors
    /// [`Error::Argument`] if nothing can default or intensities follow the path; [`Error::Solve`] if an integral
    /// does not settle.
    pub fn new(source: &PoolSource<'_>) -> Result<ControlVariates, Error> {
        let generator = &source.generator;
        let months = source.projections.first().map_or(0, |projection| projection.months());
        let Some(groups) = generator.obligor_groups() else {
            let expected = "none, for default intensities follow the price of compute on each path";
            return Err(Error::Argument { argument: "control_variates", found: 1.0, expected });
        };
        let units = units(source.pool, generator, &groups, months);
        let (mut dates, mut known) = (Vec::new(), Vec::new());
        for part in DATES {
            let month = (part * months as f64).round() as u32;
            let entities = entities(&groups, &units, f64::from(month) / 12.0, generator)?;
            if entities.is_empty() {
                continue;
            }
            let exact = ReferencePool::new(generator.copula(), &entities)?;
            let losses = exact.loss_distribution(f64::from(month) / 12.0)?;
            let all = losses.notional();
            let mut cuts: Vec<f64> = Vec::new();
            for level in LEVELS {
                cuts.push(losses.quantile(level)?);
            }
            cuts.push(all);
            cuts.dedup_by(|next, last| *next <= *last + 0.5);
            cuts.retain(|&cut| cut > 0.5);
            for (slice, &to) in cuts.iter().enumerate() {
                let from = if slice > 0 { cuts[slice - 1] } else { 0.0 };
                let tranche = Tranche::new(from / all, (to / all).min(1.0))?;
                let TrancheLoss { expected_loss, probability_of_loss } = losses.tranche_loss(&tranche);
                known.push(Known { mean: expected_loss, chance: probability_of_loss });
            }
            dates.push(Counted { month, cuts });
        }
        if dates.is_empty() {
            let expected = "none, for no obligor defaults by chance";
            return Err(Error::Argument { argument: "control_variates", found: 1.0, expected });
        }
        // Likelihood ratios average one.
        if generator.draws().tilt != 0.0 {
            known.push(Known { mean: 1.0, chance: 1.0 });
        }
        Ok(ControlVariates { units, dates, known })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// What is known of each.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// The controls of a path with these defaults.
    pub fn evaluate(&self, defaults: &[Option<Obligation>], values: &mut [f64]) {
        let mut values = values.iter_mut();
        for date in &self.dates {
            let lost: u32 = self
                .units
                .iter()
                .zip(defaults)
                .filter(|(_, default)| default.is_some_and(|default| default.month <= date.month))
                .map(|(units, _)| units)
                .sum();
            let (lost, mut from) = (f64::from(lost), 0.0);
            for (&to, value) in date.cuts.iter().zip(&mut values) {
                *value = ((lost - from) / (to - from)).clamp(0.0, 1.0);
                from = to;
            }
        }
        values.for_each(|value| *value = 1.0);
    }
}

/// Units by tenant: rent contracted up to the horizon, and what loans do not recover. Tenants that the script lets
/// default count for nothing, for the script may come first.
fn units(pool: &Pool, generator: &Generator, groups: &[ObligorGroup<'_>], months: usize) -> Vec<u32> {
    let mut exposure = vec![0.0; pool.tenants().len()];
    for (lease, terms) in pool.leases().iter().zip(&pool.lease_terms) {
        let term = (lease.expiration - pool.cut_off_date()).num_days() as f64 / 365.25 * 12.0;
        let rent = model(lease.kw) * model(lease.rent_usd_per_kw_month);
        exposure[terms.tenant] += 100.0 * rent * term.clamp(0.0, months as f64);
    }
    for terms in &pool.chip_terms {
        let due = terms.rents.iter().take((months as u32).saturating_sub(terms.first) as usize);
        exposure[terms.tenant] += due.map(|&rent| rent as f64).sum::<f64>();
    }
    for terms in &pool.loan_terms {
        exposure[terms.obligor] += terms.balance as f64 * (1.0 - terms.recovery_rate.to_f64());
    }
    let scripted = &generator.base().defaults;
    let random = groups.iter().flat_map(|(_, members)| members).map(|&(tenant, _)| tenant);
    let mut counted: Vec<usize> =
        random.filter(|&tenant| scripted[tenant].is_none() && exposure[tenant] > 0.0).collect();
    counted.sort_by(|&a, &b| exposure[b].total_cmp(&exposure[a]).then(a.cmp(&b)));
    counted.truncate(MOST_OBLIGORS);
    let all: f64 = counted.iter().map(|&tenant| exposure[tenant]).sum();
    let mut units = vec![0; exposure.len()];
    for tenant in counted {
        units[tenant] = (UNITS * exposure[tenant] / all).round().max(1.0) as u32;
    }
    units
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

/// One name for each group. Of firms that share a latent the weaker fails first: the group is one name that fails
/// with the weakest, and loses the more the deeper the latent lies.
fn entities(
    groups: &[ObligorGroup<'_>],
    units: &[u32],
    years: f64,
    generator: &Generator,
) -> Result<Vec<ReferenceEntity>, Error> {
    let mut entities = Vec::with_capacity(groups.len());
    for (loadings, members) in groups {
        let mut members: Vec<(f64, u32)> = members
            .iter()
            .map(|&(tenant, curve)| (curve.default_probability(years), units[tenant]))
            .filter(|&(probability, units)| probability > 0.0 && units > 0)
            .collect();
        members.sort_by(|one, other| other.0.total_cmp(&one.0));
        let Some(&(weakest, _)) = members.first() else { continue };
        let all: u32 = members.iter().map(|(_, units)| units).sum();
        // Of the times at which the weakest has failed, the share at which exactly the first k have.
        let (mut lost, mut levels) = (0, Vec::new());
        for (place, &(probability, units)) in members.iter().enumerate() {
            lost += units;
            let next = members.get(place + 1).map_or(0.0, |&(next, _)| next);
            if probability > next {
                levels.push((1.0 - f64::from(lost) / f64::from(all), (probability - next) / weakest));
            }
        }
        let recovery = match levels.as_slice() {
            [_] => Recovery::Fixed(0.0),
            levels => Recovery::Random(RandomRecovery::new(levels)?),
        };
        entities.push(ReferenceEntity {
            notional: f64::from(all),
            recovery,
            curve: DefaultCurve::from_probabilities(generator.measure(), &[(years, weakest)])?,
            loadings: (*loadings).clone(),
        });
    }
    Ok(entities)
}
