//! From a risk model, which names things, to a generator, which indexes them.

use super::Generator;
use super::compute::ComputeProcess;
use super::defaults::{Class, Covered, Defaults, Group, Member, barriers};
use super::law::Law;
use super::rents::RentProcess;
use super::sampling::Sampling;
use crate::credit::{
    Copula, DefaultCurve, Loading, Loadings, Measure, PaymentConvention, RandomRecovery, Rating, historical,
};
use crate::curve::DiscountCurve;
use crate::error::{Error, Problems};
use crate::pool::{Locate, Pool, expected_id};
use crate::scenario::compute::Scarcity;
use crate::scenario::risk::{
    AI_DEMAND, CopulaTerms, DefaultTerms, LoadingTerms, MarketRentTerms, ObligorTerms, Risk,
};
use crate::scenario::script::BankruptcyOutcome;
use crate::scenario::{Coverage, CoverageHazard, Obligation, Reletting, Scenario};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How random draws are made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Draws {
    /// Everything random follows from it.
    pub seed: u64,
    /// `Some(r)`: factors from `r` independently scrambled Sobol' sequences.
    pub sobol_replicates: Option<usize>,
    /// Importance sampling: moves the first factor by so many standard deviations.
    pub tilt: f64,
    /// What is moved in the model; the same draws are made.
    pub shift: Shift,
}

/// One thing moved in a risk model, for sensitivities by common random numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Shift {
    /// Nothing.
    #[default]
    None,
    /// Every hazard rate times this.
    Hazard(f64),
    /// Added to the asset correlation of like obligors: loadings times `sqrt((sum a^2 + shift) / sum a^2)`.
    /// Obligors without loadings keep none.
    Correlation(f64),
    /// The asset correlation of like obligors, whatever it was: loadings times `sqrt(level / sum a^2)`, so that what of
    /// it is shared with other pools keeps its part. Obligors without loadings keep none.
    CorrelationTo(f64),
    /// Added to every recovery rate, within 0 and 1: of claims on tenants, and of loans. Loans of one obligor then
    /// recover at their mean by balance.
    Recovery(f64),
    /// Every volatility of market rents times this.
    RentVolatility(f64),
    /// Chip generations after the cut-off date come so many times as fast: the scenario's `cadence_speed` times
    /// this. What the scenario alone is worth stays, and with it the spread at which paths are discounted.
    Cadence(f64),
}

impl Risk {
    /// A generator of random states of the world around a scripted one. `discount` discounts the swaps
    /// whose spreads give default probabilities.
    ///
    /// # Errors
    /// [`Error::Input`] with every problem: ids that lead nowhere, obligors named twice, loadings whose
    /// squares pass one, probabilities out of order, a default curve of the other measure; [`Error::Argument`]
    /// if the draws are out of bounds.
    pub fn resolve(
        &self,
        pool: &Pool,
        base: Scenario,
        discount: &DiscountCurve,
        draws: Draws,
        places: &dyn Locate,
    ) -> Result<Generator, Error> {
        let mut resolver = Resolver {
            risk: self,
            pool,
            base: &base,
            discount,
            shift: draws.shift,
            places,
            problems: Problems::new(),
        };
        resolver.factors();
        resolver.coverage_terms();
        let copula = resolver.copula();
        let defaults = resolver.defaults(copula);
        let lines = resolver.lines(copula);
        let rents = resolver.rents();
        let compute = resolver.compute().map(Box::new);
        let Resolver { problems, .. } = resolver;
        let ai_demand = self.factors.iter().position(|id| id == AI_DEMAND);
        problems.or(())?;
        let sampling = Sampling::new(self.factors.len(), draws.sobol_replicates, draws.tilt, draws.seed)?;
        let (measure, factors) = (self.measure, self.factors.len());
        let base = Scenario { lines: lines.scripted, ..base };
        Ok(Generator {
            base,
            measure,
            own_seed: draws.seed,
            draws,
            sampling,
            factors,
            ai_demand,
            copula,
            defaults,
            lines: lines.classes,
            rents,
            compute,
        })
    }
}

pub(super) struct Resolver<'a> {
    pub(super) risk: &'a Risk,
    pub(super) pool: &'a Pool,
    pub(super) base: &'a Scenario,
    discount: &'a DiscountCurve,
    pub(super) shift: Shift,
    places: &'a dyn Locate,
    problems: Problems,
}

impl Resolver<'_> {
    pub(super) fn fail(&mut self, path: &str, found: impl ToString, expected: &str) {
        self.problems.push(self.places.problem(path, found.to_string(), expected.to_owned()));
    }

    pub(super) fn problem_count(&self) -> usize {
        self.problems.as_slice().len()
    }

    pub(super) fn within(&mut self, path: &str, value: Decimal, low: Decimal, high: Decimal) -> f64 {
        if value < low || value > high {
            self.fail(path, value, &format!("{low} to {high}"));
        }
        model(value)
    }

    fn factors(&mut self) {
        for (i, id) in self.risk.factors.iter().enumerate() {
            if self.risk.factors[..i].contains(id) {
                self.fail(&format!("factors[{i}]"), format!("`{id}` again"), "each factor once");
            }
        }
    }

    fn copula(&mut self) -> Copula {
        let (two, most) = (Decimal::new(201, 2), Decimal::ONE_THOUSAND);
        match self.risk.copula {
            CopulaTerms::Gaussian => Copula::Gaussian,
            CopulaTerms::StudentT { degrees_of_freedom: dof } => {
                Copula::StudentT { dof: self.within("copula.degrees_of_freedom", dof, Decimal::ONE, most) }
            }
            CopulaTerms::DoubleT { factor_degrees_of_freedom: factor, residual_degrees_of_freedom: own } => {
                Copula::DoubleT {
                    dof_common: self.within("copula.factor_degrees_of_freedom", factor, two, most),
                    dof_own: self.within("copula.residual_degrees_of_freedom", own, two, most),
                }
            }
        }
    }

    fn defaults(&mut self, copula: Copula) -> Defaults {
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

    fn coverage_terms(&mut self) {
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

    pub(super) fn loadings(&mut self, path: &str, terms: &[LoadingTerms]) -> Box<[f64]> {
        let mut loadings = vec![0.0; self.risk.factors.len()];
        for (i, term) in terms.iter().enumerate() {
            let at = format!("{path}.loadings[{i}]");
            let loading =
                self.within(&format!("{at}.loading"), term.loading, Decimal::NEGATIVE_ONE, Decimal::ONE);
            match self.risk.factors.iter().position(|id| *id == term.factor) {
                Some(factor) => loadings[factor] += loading,
                None => {
                    let expected = expected_id("factor", self.risk.factors.iter().map(String::as_str));
                    self.fail(&format!("{at}.factor"), format!("`{}`", term.factor), &expected);
                }
            }
        }
        let squares: f64 = loadings.iter().map(|a| a * a).sum();
        if squares > 1.0 + 1e-12 {
            self.fail(&format!("{path}.loadings"), squares, "loadings whose squares sum to at most 1");
        }
        let moved = match self.shift {
            Shift::Correlation(shift) => squares + shift,
            Shift::CorrelationTo(level) => level,
            _ => squares,
        };
        if moved != squares && squares > 0.0 {
            let moved = moved.clamp(0.0, 1.0);
            loadings.iter_mut().for_each(|loading| *loading *= libm::sqrt(moved / squares));
        }
        loadings.into()
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

    fn rents(&mut self) -> Vec<RentProcess> {
        let mut rents: Vec<Option<RentProcess>> = vec![None; self.pool.markets().len()];
        let mut rest: Option<&MarketRentTerms> = None;
        for (i, terms) in self.risk.market_rents.iter().enumerate() {
            let path = format!("market_rents[{i}]");
            self.within(&format!("{path}.volatility"), terms.volatility, Decimal::ZERO, Decimal::TWO);
            self.within(&format!("{path}.mean_reversion"), terms.mean_reversion, Decimal::ZERO, Decimal::TEN);
            self.within(
                &format!("{path}.ai_demand_correlation"),
                terms.ai_demand_correlation,
                Decimal::NEGATIVE_ONE,
                Decimal::ONE,
            );
            if terms.markets.is_empty() && rest.replace(terms).is_some() {
                self.fail(
                    &format!("{path}.markets"),
                    "none again",
                    "one entry at most for all other markets",
                );
            }
            for (j, id) in terms.markets.iter().enumerate() {
                match self.pool.market_index(id) {
                    Some(market) if rents[market].is_none() => {
                        rents[market] = Some(self.process(market, terms));
                    }
                    Some(_) => self.fail(
                        &format!("{path}.markets[{j}]"),
                        format!("`{id}` again"),
                        "each market once",
                    ),
                    None => {
                        let ids = self.pool.markets().iter().map(|market| market.id.as_str());
                        let expected = expected_id("market", ids);
                        self.fail(&format!("{path}.markets[{j}]"), format!("`{id}`"), &expected);
                    }
                }
            }
        }
        if let Some(terms) = rest {
            for (market, process) in rents.iter_mut().enumerate().filter(|(_, process)| process.is_none()) {
                *process = Some(self.process(market, terms));
            }
        }
        rents.into_iter().flatten().collect()
    }

    fn compute(&mut self) -> Option<ComputeProcess> {
        let terms = self.risk.compute.as_ref()?;
        if self.pool.chips().is_none() {
            self.fail("compute", "a table", "nothing of compute, as the deal has no chips.toml");
        }
        let (zero, one) = (Decimal::ZERO, Decimal::ONE);
        let volatility = self.within("compute.volatility", terms.volatility, zero, 5.into());
        let own = terms.mean_reversion;
        let own = own.map(|value| self.within("compute.mean_reversion", value, zero, 50.into()));
        let path = "compute.ai_demand_correlation";
        let correlation = self.within(path, terms.ai_demand_correlation, -one, one);
        let gaps = self.within("compute.cadence_volatility", terms.cadence_volatility, zero, Decimal::TWO);
        let outlook = self.base.compute.clone()?;
        let mean_reversion = own.unwrap_or(outlook.scarcity().mean_reversion);
        let shocks = Scarcity { mean_reversion, level: 0.0, volatility };
        match ComputeProcess::new(outlook, &shocks, correlation, gaps) {
            Ok(process) => Some(process),
            // Told above.
            Err(_) if !self.problems.is_empty() => None,
            Err(error) => {
                self.fail("compute", error, "a process of the price of compute");
                None
            }
        }
    }

    fn process(&self, market: usize, terms: &MarketRentTerms) -> RentProcess {
        let volatility = match self.shift {
            Shift::RentVolatility(multiple) => multiple * model(terms.volatility),
            _ => model(terms.volatility),
        };
        let pull = model(terms.mean_reversion);
        RentProcess::new(market, volatility, pull, model(terms.ai_demand_correlation), self.base.months)
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

pub(super) fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}
