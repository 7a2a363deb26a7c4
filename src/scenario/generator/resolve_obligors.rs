//! From what a risk model says of obligors to groups that default together.

use super::defaults::{Class, Covered, Defaults, Group, Member, barriers};
use super::law::Law;
use super::resolve::{Resolver, Shift, model};
use crate::credit::{
    Copula, DefaultCurve, Loading, Loadings, Measure, PaymentConvention, RandomRecovery, Rating, historical,
};
use crate::error::Error;
use crate::pool::expected_id;
use crate::scenario::risk::{DefaultTerms, ObligorTerms};
use crate::scenario::script::BankruptcyOutcome;
use crate::scenario::{Coverage, CoverageHazard, Obligation, Reletting};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn defaults(&mut self, copula: Copula) -> Defaults {
        let years = self.base.months as f64 / 12.0;
        let entries = self.entries();
        // Groups in order of their first member in the pool, so that entries may be reordered freely.
        let mut by_group: BTreeMap<(usize, String), Group> = BTreeMap::new();
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        for (tenant, entry) in entries.into_iter().enumerate().filter_map(|(t, e)| Some((t, e?))) {
            let terms = &self.risk.obligors[entry];
            let path = format!("obligors[{entry}]");
            let Some(member) = self.member(&path, terms, tenant, years) else { continue };
            let loadings = self.loadings(&path, &terms.loadings);
            let name =
                terms.group.clone().unwrap_or_else(|| format!("\u{0}{}", self.pool.tenants()[tenant].id));
            let place = *first.entry(name.clone()).or_insert(tenant);
            let group = by_group.entry((place, name)).or_insert_with(|| Group {
                place: 0,
                loadings: loadings.clone(),
                members: Vec::new(),
            });
            if group.loadings != loadings {
                self.fail(&format!("{path}.loadings"), "other loadings", "one set of loadings in a group");
            }
            group.members.push(member);
        }
        let grouped: Vec<Group> = by_group.into_values().collect();
        let mut members = grouped.iter().flat_map(|group| &group.members);
        let follow_coverage = members.any(|member| member.covered.is_some());
        // Figures out of bounds were reported; a copula that cannot be built is only theirs.
        let law = Law::new(copula).unwrap_or(Law::Normal);
        let (classes, groups) = match classes(grouped, &copula, self.base.months) {
            Ok(classes) => classes,
            Err(error) => {
                if self.problems.is_empty() {
                    self.fail("copula", error, "a copula that can be tabulated");
                }
                Default::default()
            }
        };
        Defaults {
            law,
            factors: self.risk.factors.len(),
            classes,
            groups,
            scripted: self.base.defaults.clone(),
            horizon_months: self.base.months as u32,
            follow_coverage,
        }
    }

    /// For each tenant the entry that names it, or the one that names none.
    fn entries(&mut self) -> Vec<Option<usize>> {
        let mut entries = vec![None; self.pool.tenants().len()];
        let mut rest = None;
        for (entry, terms) in self.risk.obligors.iter().enumerate() {
            if terms.tenants.is_empty() && rest.replace(entry).is_some() {
                let path = format!("obligors[{entry}].tenants");
                self.fail(&path, "none again", "one entry at most for all other tenants");
            }
            for (i, id) in terms.tenants.iter().enumerate() {
                let path = format!("obligors[{entry}].tenants[{i}]");
                match self.pool.tenant_index(id) {
                    None => {
                        let ids = self.pool.tenants().iter().map(|tenant| tenant.id.as_str());
                        let expected = expected_id("tenant", ids);
                        self.fail(&path, format!("`{id}`"), &expected);
                    }
                    Some(tenant) if entries[tenant].is_some() => {
                        self.fail(&path, format!("`{id}` again"), "each obligor once");
                    }
                    Some(tenant) => entries[tenant] = Some(entry),
                }
            }
        }
        entries.into_iter().map(|entry| entry.or(rest)).collect()
    }

    fn member(&mut self, path: &str, terms: &ObligorTerms, tenant: usize, years: f64) -> Option<Member> {
        let curve = self.curve(&format!("{path}.default"), &terms.default, tenant)?;
        let rate = |rate| self.within(&format!("{path}.recovery_rate"), rate, Decimal::ZERO, Decimal::ONE);
        let recovery_rate = terms.recovery_rate.map(rate);
        let moved = match self.shift {
            Shift::Recovery(shift) => shift,
            _ => 0.0,
        };
        let of_loans = || (moved != 0.0).then(|| self.recovery_of_loans(tenant)).flatten();
        let recovery_rate = recovery_rate.or_else(of_loans).map(|rate| (rate + moved).clamp(0.0, 1.0));
        let curve = match self.shift {
            Shift::Hazard(multiple) => curve.with_hazard_multiple(multiple).unwrap_or(curve),
            _ => curve,
        };
        let mut points: Vec<(f64, f64)> = Vec::new();
        for point in &terms.random_recovery {
            let rate = (model(point.rate) + moved).clamp(0.0, 1.0);
            match points.last_mut() {
                // Rates moved to a bound are one.
                Some(last) if moved != 0.0 && last.0 == rate => last.1 += model(point.probability),
                _ => points.push((rate, model(point.probability))),
            }
        }
        let recovery = match points.as_slice() {
            [] => None,
            points => match RandomRecovery::new(points) {
                Ok(recovery) => Some(recovery),
                Err(error) => {
                    let expected = "falling rates from 0 to 1 with probabilities that sum to 1";
                    self.fail(&format!("{path}.random_recovery"), error, expected);
                    None
                }
            },
        };
        let obligation = Obligation {
            month: 0,
            rejected: terms.outcome == BankruptcyOutcome::Rejected,
            recovery_rate,
            recovery_lag_months: self.base.recovery_lag_months,
            reletting: self.reletting(terms),
        };
        let covered = self.covered(tenant, &curve);
        // With coverage, the most that a path can make of it: who is above it survives on every path.
        let most = covered.as_ref().map_or(1.0, |covered| covered.hazard.most);
        let by_horizon = match &covered {
            None => curve.default_probability(years),
            Some(_) => -libm::expm1(-most * curve.cumulative_hazard(years)),
        };
        Some(Member { tenant, by_horizon, curve, obligation, recovery, covered, barriers: None })
    }

    /// The mean recovery rate, by balance, of the loans of an obligor; `None` if it has none.
    fn recovery_of_loans(&self, obligor: usize) -> Option<f64> {
        let loans = self.pool.loan_terms.iter().filter(|loan| loan.obligor == obligor);
        let (sum, balance) = loans.fold((0.0, 0.0), |(sum, all), loan| {
            let balance = loan.balance as f64;
            (sum + balance * loan.recovery_rate.to_f64(), all + balance)
        });
        (balance > 0.0).then(|| sum / balance)
    }

    /// What raises a tenant's intensity, where the model asks for it and the tenant says what it earns.
    fn covered(&mut self, tenant: usize, curve: &DefaultCurve) -> Option<Covered> {
        let terms = self.risk.coverage.as_ref()?;
        self.base.compute.as_ref()?;
        let coverage = Coverage::of_tenant(self.pool, tenant)?;
        let hazard = CoverageHazard {
            threshold: model(terms.threshold),
            elasticity: model(terms.elasticity),
            most: model(terms.most),
        };
        let total = |month: usize| curve.cumulative_hazard(month as f64 / 12.0);
        let hazards = (0..self.base.months).map(|month| total(month + 1) - total(month)).collect();
        Some(Covered { coverage, hazard, hazards })
    }

    pub(super) fn coverage_terms(&mut self) {
        let Some(terms) = &self.risk.coverage else { return };
        if self.pool.chips().is_none() {
            self.fail("coverage", "a table", "nothing of coverage, as the deal has no chips.toml");
        }
        let (least, ten) = (Decimal::new(1, 2), Decimal::TEN);
        self.within("coverage.threshold", terms.threshold, least, 100.into());
        self.within("coverage.elasticity", terms.elasticity, Decimal::ZERO, ten);
        self.within("coverage.most", terms.most, Decimal::ONE, 1_000.into());
    }

    /// The scenario's own terms, where the obligor's do not say otherwise.
    fn reletting(&self, terms: &ObligorTerms) -> Option<Reletting> {
        let base = self.base.reletting?;
        let own = &terms.reletting;
        own.relet.unwrap_or(true).then(|| Reletting {
            downtime_months: own.downtime_months.unwrap_or(base.downtime_months),
            cost_months: own.reletting_cost_months.map_or(base.cost_months, model),
            refit_per_kw: own.refit_usd_per_kw.map_or(base.refit_per_kw, model),
            rent_share: own.relet_rent_share.map_or(base.rent_share, model),
        })
    }

    fn curve(&mut self, path: &str, terms: &DefaultTerms, tenant: usize) -> Option<DefaultCurve> {
        let measure = self.risk.measure;
        let other = match terms {
            DefaultTerms::Rating { .. } => measure != Measure::Historical,
            DefaultTerms::Spread { .. } => measure != Measure::RiskNeutral,
            DefaultTerms::Hazard { .. } | DefaultTerms::Cumulative { .. } => false,
        };
        if other {
            self.fail(path, "a curve of the other measure", &format!("a {measure} curve, as the model is"));
        }
        let built = match terms {
            DefaultTerms::Rating { rating } => {
                let own = self.pool.tenants()[tenant].rating.clone();
                let Some(text) = rating.clone().or(own) else {
                    let found = format!("no rating of `{}`", self.pool.tenants()[tenant].id);
                    self.fail(path, found, "a rating, here or in tenants.toml");
                    return None;
                };
                let Ok(rating) = text.parse::<Rating>() else {
                    self.fail(path, format!("`{text}`"), "a rating such as BBB+ or Baa1");
                    return None;
                };
                let points: Vec<(f64, f64)> =
                    historical::YEARS.iter().copied().zip(historical::cumulative(rating)).collect();
                DefaultCurve::from_probabilities(measure, &points)
            }
            DefaultTerms::Hazard { hazard } => DefaultCurve::flat(measure, model(*hazard)),
            DefaultTerms::Cumulative { points } => {
                let points: Vec<(f64, f64)> =
                    points.iter().map(|p| (model(p.years), model(p.probability))).collect();
                DefaultCurve::from_probabilities(measure, &points)
            }
            DefaultTerms::Spread { points, recovery_rate } => {
                let points: Vec<(f64, f64)> =
                    points.iter().map(|p| (model(p.years), model(p.spread_bp) / 1e4)).collect();
                let convention = PaymentConvention::MID_PERIOD_ACCRUED;
                DefaultCurve::from_spreads(&points, model(*recovery_rate), self.discount, &convention)
            }
        };
        match built {
            Ok(curve) => Some(curve),
            Err(error) => {
                self.fail(path, error, "a default term structure");
                None
            }
        }
    }
}

/// Groups in classes of like loadings and like probability of a default by the horizon.
fn classes(groups: Vec<Group>, copula: &Copula, months: usize) -> Result<(Vec<Class>, Vec<Group>), Error> {
    let key = |group: &Group| -> Vec<u64> {
        group.loadings.iter().chain([&group.by_horizon()]).map(|value| value.to_bits()).collect()
    };
    let mut groups: Vec<Group> =
        groups.into_iter().enumerate().map(|(place, group)| Group { place, ..group }).collect();
    // Stable: within a class groups keep the order of the pool.
    groups.sort_by_cached_key(key);
    let mut classes: Vec<Class> = Vec::new();
    let mut last: Option<Vec<u64>> = None;
    // Members of a class have one curve as a rule.
    let mut known: Vec<(DefaultCurve, Arc<[f64]>)> = Vec::new();
    for (index, group) in groups.iter_mut().enumerate() {
        let own = Some(key(group));
        if own != last {
            let each: Result<Vec<Loading>, Error> =
                group.loadings.iter().map(|&loading| Loading::new(loading)).collect();
            let latent = copula.latent(&Loadings::new(&each?)?)?;
            let barrier = latent.barrier(group.by_horizon());
            classes.push(Class { latent, barrier, groups: index..index });
            last = own;
            known.clear();
        }
        let Some(class) = classes.last_mut() else { continue };
        class.groups.end = index + 1;
        if !class.latent.is_normal() {
            continue;
        }
        for member in group.members.iter_mut().filter(|member| member.covered.is_none()) {
            let same = known.iter().find(|(curve, _)| *curve == member.curve);
            let barriers = match same {
                Some((_, barriers)) => barriers.clone(),
                None => barriers(&class.latent, &member.curve, months),
            };
            if same.is_none() {
                known.push((member.curve.clone(), barriers.clone()));
            }
            member.barriers = Some(barriers);
        }
    }
    Ok((classes, groups))
}
