//! From a script, which names things, to a scenario, which indexes them.

mod compute;

use super::script::{BankruptcyOutcome, Event, RelettingTerms, SaleTerms, Script, Select};
use super::state::{Departure, Obligation, Reletting, Renewal, Scenario};
use crate::error::{Error, Problems};
use crate::pool::{Locate, Pool, expected_id, first_collected_month};
use crate::time::Date;
use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::HashSet;

impl Script {
    /// The state of the world that this script describes for a pool over `months` months.
    ///
    /// `anticipated_repayment_date` is the deal's earliest, for sales and refinancings without a date of
    /// their own. Paths compound monthly from the cut-off date: month `m` of a steady growth `g` stands at
    /// `(1 + g)^(m / 12)`, and a change at a date acts from the first month that begins on or after it.
    ///
    /// # Errors
    /// [`Error::Input`] with every problem: ids that lead nowhere, figures out of bounds, a second default
    /// of one obligor, a sale or refinancing that needs an anticipated repayment date and has none.
    pub fn resolve(
        &self,
        pool: &Pool,
        months: usize,
        anticipated_repayment_date: Option<Date>,
        places: &dyn Locate,
    ) -> Result<Scenario, Error> {
        let problems = Problems::new();
        let mut scenario = Scenario::calm(pool, months);
        let terms = &self.assumptions;
        scenario.switching_cost = model(terms.switching_cost);
        scenario.stay_without_option = terms.stay_without_option;
        scenario.relet_term_months = terms.relet_term_months;
        scenario.relet_escalator = model(terms.relet_escalator);
        scenario.vacancy_credit = model(terms.vacancy_credit);
        scenario.net_cash_flow_haircut = model(terms.net_cash_flow_haircut);
        scenario.recovery_lag_months = terms.recovery_lag_months;
        let mut resolver =
            Resolver { script: self, pool, places, problems, ard: anticipated_repayment_date, scenario };
        resolver.assumptions();
        resolver.paths();
        resolver.compute();
        for (i, event) in self.events.iter().enumerate() {
            resolver.event(i, event);
        }
        for (i, sale) in self.sales.iter().enumerate() {
            resolver.sale(i, sale);
        }
        resolver.refinancing();
        resolver.performance();
        resolver.coverage_defaults();
        resolver.problems.or(resolver.scenario)
    }
}

pub(super) struct Resolver<'a> {
    pub(super) script: &'a Script,
    pub(super) pool: &'a Pool,
    places: &'a dyn Locate,
    problems: Problems,
    ard: Option<Date>,
    pub(super) scenario: Scenario,
}

impl Resolver<'_> {
    pub(super) fn fail(&mut self, path: &str, found: impl ToString, expected: &str) {
        self.problems.push(self.places.problem(path, found.to_string(), expected.to_owned()));
    }

    pub(super) fn range(&mut self, path: &str, value: Decimal, low: Decimal, high: Decimal) {
        if value < low || value > high {
            self.fail(path, value, &format!("{low} to {high}"));
        }
    }

    fn growth(&mut self, path: &str, value: Option<Decimal>) {
        let half = Decimal::new(5, 1);
        if let Some(value) = value.filter(|value| value.abs() > half) {
            self.fail(path, value, "-0.5 to 0.5, a fraction: 0.02 is 2%");
        }
    }

    pub(super) fn month_count(&mut self, path: &str, value: u32, low: u32) {
        if !(low..=1_200).contains(&value) {
            self.fail(path, value, &format!("{low} to 1200"));
        }
    }

    /// The first month that begins on or after a date, from 0.
    pub(super) fn month(&mut self, path: &str, date: Date) -> u32 {
        if !(1900..=2200).contains(&date.year()) {
            self.fail(path, date, "a date from 1900 to 2200");
            return u32::MAX;
        }
        (first_collected_month(date) - self.pool.first_month()).max(0) as u32
    }

    fn assumptions(&mut self) {
        let terms = &self.script.assumptions;
        let at = |field: &str| format!("assumptions.{field}");
        let half = Decimal::new(5, 1);
        let bounded = [
            ("switching_cost", terms.switching_cost, 10),
            ("vacancy_credit", terms.vacancy_credit, 1),
            ("net_cash_flow_haircut", terms.net_cash_flow_haircut, 1),
        ];
        for (field, value, high) in bounded {
            self.range(&at(field), value, Decimal::ZERO, high.into());
        }
        self.range(&at("relet_escalator"), terms.relet_escalator, -half, half);
        self.month_count(&at("relet_term_months"), terms.relet_term_months, 1);
        self.month_count(&at("recovery_lag_months"), terms.recovery_lag_months, 0);
        let base = self.reletting("assumptions", &RelettingTerms::default());
        self.scenario.reletting = base;
        for rollover in &mut self.scenario.rollovers {
            rollover.reletting = base;
        }
    }

    fn reletting(&mut self, path: &str, terms: &RelettingTerms) -> Option<Reletting> {
        let base = &self.script.assumptions;
        let downtime_months = terms.downtime_months.unwrap_or(base.downtime_months);
        let cost_months = terms.reletting_cost_months.unwrap_or(base.reletting_cost_months);
        let refit = terms.refit_usd_per_kw.unwrap_or(base.refit_usd_per_kw);
        let rent_share = terms.relet_rent_share.unwrap_or(base.relet_rent_share);
        self.month_count(&format!("{path}.downtime_months"), downtime_months, 0);
        let bounded = [
            ("reletting_cost_months", cost_months, 120),
            ("refit_usd_per_kw", refit, 1_000_000),
            ("relet_rent_share", rent_share, 10),
        ];
        for (field, value, high) in bounded {
            self.range(&format!("{path}.{field}"), value, Decimal::ZERO, high.into());
        }
        terms.relet.unwrap_or(true).then(|| Reletting {
            downtime_months,
            cost_months: model(cost_months),
            refit_per_kw: model(refit),
            rent_share: model(rent_share),
        })
    }

    /// Builds every path from steady growth and the changes that events make.
    fn paths(&mut self) {
        let growth = self.script.growth.clone();
        let stated = [
            ("growth.cpi", growth.cpi),
            ("growth.market_rent", growth.market_rent),
            ("growth.power_price", growth.power_price),
            ("growth.costs", growth.costs),
        ];
        for (path, value) in stated {
            self.growth(path, value);
        }
        let months = self.scenario.months;
        let markets = self.pool.markets().len();
        let own = self.pool.markets().iter().map(|market| market.market_rent_growth);
        let mut rents: Vec<Vec<Change>> =
            own.map(|own| vec![Change::start(growth.market_rent.unwrap_or(own))]).collect();
        let cpi_growth = growth.cpi.unwrap_or(Decimal::new(2, 2));
        let mut cpi = vec![Change::start(cpi_growth)];
        let mut power = vec![Change::start(growth.power_price.unwrap_or_default())];
        let mut costs = vec![Change::start(growth.costs.unwrap_or_default())];
        for (i, event) in self.script.events.iter().enumerate() {
            let at = |field: &str| format!("events[{i}].{field}");
            match event {
                Event::MarketRent { at: date, markets: ids, change, growth } => {
                    let change = self.change(&at, *date, *change, *growth);
                    let struck = self.market_ids(&at("markets"), ids);
                    for market in (0..markets).filter(|m| ids.is_empty() || struck.contains(m)) {
                        rents[market].push(change);
                    }
                }
                Event::Cpi { at: date, growth } => {
                    cpi.push(self.change(&at, *date, Decimal::ZERO, Some(*growth)));
                }
                Event::PowerPrice { at: date, change, growth } => {
                    power.push(self.change(&at, *date, *change, *growth));
                }
                Event::Costs { at: date, change, growth } => {
                    costs.push(self.change(&at, *date, *change, *growth));
                }
                _ => {}
            }
        }
        for (market, changes) in rents.iter_mut().enumerate() {
            path(changes, &mut self.scenario.market_rent[market * months..(market + 1) * months]);
        }
        path(&mut power, &mut self.scenario.power_price);
        path(&mut costs, &mut self.scenario.costs);
        path(&mut cpi, &mut self.scenario.cpi[12..]);
        // The year before the cut-off date rose at the first rate.
        let monthly = monthly(model(cpi_growth));
        let mut level = 1.0;
        for value in self.scenario.cpi[..12].iter_mut().rev() {
            level /= monthly;
            *value = level;
        }
    }

    fn change(
        &mut self,
        at: &dyn Fn(&str) -> String,
        date: Date,
        change: Decimal,
        growth: Option<Decimal>,
    ) -> Change {
        self.range(&at("change"), change, Decimal::NEGATIVE_ONE, Decimal::TEN);
        self.growth(&at("growth"), growth);
        Change { month: self.month(&at("at"), date), jump: 1.0 + model(change), growth: growth.map(model) }
    }

    fn event(&mut self, i: usize, event: &Event) {
        let at = |field: &str| format!("events[{i}].{field}");
        match event {
            Event::TenantDefault { tenant, at: date, outcome, recovery_rate, reletting } => {
                if let Some(rate) = *recovery_rate {
                    self.range(&at("recovery_rate"), rate, Decimal::ZERO, Decimal::ONE);
                }
                let obligation = Obligation {
                    month: self.month(&at("at"), *date),
                    rejected: *outcome == BankruptcyOutcome::Rejected,
                    recovery_rate: recovery_rate.map(model),
                    recovery_lag_months: self.script.assumptions.recovery_lag_months,
                    reletting: self.reletting(&at("reletting"), reletting),
                };
                match self.pool.tenant_index(tenant) {
                    None => {
                        let expected = self.tenant_id();
                        self.fail(&at("tenant"), format!("`{tenant}`"), &expected);
                    }
                    Some(index) if self.scenario.defaults[index].is_some() => {
                        self.fail(&at("tenant"), format!("`{tenant}` again"), "one default of each obligor");
                    }
                    Some(index) => self.scenario.defaults[index] = Some(obligation),
                }
            }
            Event::NonRenewal { select, from } => {
                let month = from.map_or(0, |date| self.month(&at("from"), date));
                for lease in self.select(&at("select"), select) {
                    self.scenario.rollovers[lease].renewal = Renewal::NotFrom(month);
                }
            }
            Event::Renewal { select } => {
                for lease in self.select(&at("select"), select) {
                    self.scenario.rollovers[lease].renewal = Renewal::Always;
                }
            }
            Event::EarlyTermination { select } => {
                for lease in self.select(&at("select"), select) {
                    self.scenario.rollovers[lease].departure = Departure::Early;
                }
            }
            Event::Reletting { select, reletting } => {
                let reletting = self.reletting(&at("reletting"), reletting);
                for lease in self.select(&at("select"), select) {
                    self.scenario.rollovers[lease].reletting = reletting;
                }
            }
            Event::CapRate { at: date, shift } => {
                self.range(&at("shift"), *shift, Decimal::NEGATIVE_ONE, Decimal::ONE);
                let from = (self.month(&at("at"), *date) as usize).min(self.scenario.months);
                self.scenario.cap_rate_shift[from..].fill(model(*shift));
            }
            Event::Appraisal { at: date, sites, factor } => {
                self.range(&at("factor"), *factor, Decimal::ZERO, Decimal::TEN);
                let (months, month) = (self.scenario.months, self.month(&at("at"), *date) as usize);
                let struck = self.site_ids(&at("sites"), sites);
                for site in (0..self.pool.sites().len()).filter(|s| sites.is_empty() || struck.contains(s)) {
                    let path = &mut self.scenario.appraisal[site * months..(site + 1) * months];
                    path[month.min(months)..].iter_mut().for_each(|value| *value *= model(*factor));
                }
            }
            Event::ManagerDefault { at } => self.scenario.events.push(("manager_default".to_owned(), *at)),
            Event::SponsorDefault { at } => self.scenario.events.push(("sponsor_default".to_owned(), *at)),
            Event::Named { name, at } => self.scenario.events.push((name.clone(), *at)),
            Event::MarketRent { .. }
            | Event::Cpi { .. }
            | Event::PowerPrice { .. }
            | Event::Costs { .. }
            | Event::ComputePrice { .. }
            | Event::Scarcity { .. } => {}
        }
    }

    fn sale(&mut self, i: usize, sale: &SaleTerms) {
        let at = |field: &str| format!("sales[{i}].{field}");
        self.range(&at("cost"), sale.cost, Decimal::ZERO, Decimal::ONE);
        let struck = self.site_ids(&at("sites"), &sale.sites);
        let struck = move |site: &usize| sale.sites.is_empty() || struck.contains(site);
        let (sites, cost) = (0..self.pool.sites().len(), model(sale.cost));
        if let Some(months) = sale.months_after_rejection {
            let field = at("months_after_rejection");
            if sale.at.is_some() {
                self.fail(&field, "`at` as well", "either a date or months after a rejection");
            }
            self.range(&field, Decimal::from(months), Decimal::ZERO, Decimal::from(1_200));
            for site in sites.filter(|site| sale.granted && struck(site)) {
                let sold = &mut self.scenario.sales_after_rejection[site];
                *sold = sold.filter(|(earlier, _)| *earlier <= months).or(Some((months, cost)));
            }
            return;
        }
        let Some(date) = self.date_or_ard(&at("at"), sale.at) else { return };
        for site in sites.filter(|site| sale.granted && struck(site)) {
            let sold = &mut self.scenario.sales[site];
            *sold = sold.filter(|(earlier, _)| *earlier <= date).or(Some((date, cost)));
        }
    }

    fn refinancing(&mut self) {
        let Some(terms) = &self.script.refinancing else { return };
        self.range("refinancing.max_ltv", terms.max_ltv, Decimal::ZERO, Decimal::TEN);
        if let Some(date) = self.date_or_ard("refinancing.at", terms.at) {
            self.scenario.refinancing = terms.granted.then(|| (date, model(terms.max_ltv)));
        }
    }

    fn date_or_ard(&mut self, path: &str, date: Option<Date>) -> Option<Date> {
        let date = date.or(self.ard);
        if date.is_none() {
            self.fail(path, "no date", "a date, as the deal has no anticipated repayment date");
        }
        date
    }

    /// The leases that match every list given.
    fn select(&mut self, path: &str, select: &Select) -> Vec<usize> {
        let pool = self.pool;
        for (i, id) in select.leases.iter().enumerate() {
            if pool.lease_index(id).is_none() {
                let expected = expected_id("lease", pool.leases().iter().map(|l| l.lease_id.as_str()));
                self.fail(&format!("{path}.leases[{i}]"), format!("`{id}`"), &expected);
            }
        }
        for (i, id) in select.tenants.iter().enumerate() {
            if pool.tenant_index(id).is_none() {
                let expected = self.tenant_id();
                self.fail(&format!("{path}.tenants[{i}]"), format!("`{id}`"), &expected);
            }
        }
        let sites = self.site_ids(&format!("{path}.sites"), &select.sites);
        let markets = self.market_ids(&format!("{path}.markets"), &select.markets);
        let leases: HashSet<&str> = select.leases.iter().map(String::as_str).collect();
        let tenants: HashSet<&str> = select.tenants.iter().map(String::as_str).collect();
        let matches = |i: &usize| {
            let (lease, terms) = (&pool.leases()[*i], &pool.lease_terms[*i]);
            (leases.is_empty() || leases.contains(lease.lease_id.as_str()))
                && (tenants.is_empty() || tenants.contains(lease.tenant.as_str()))
                && (select.sites.is_empty() || sites.contains(&terms.site))
                && (select.markets.is_empty() || markets.contains(&pool.site_terms[terms.site].market))
        };
        (0..pool.leases().len()).filter(matches).collect()
    }

    fn site_ids(&mut self, path: &str, ids: &[String]) -> HashSet<usize> {
        let found: Vec<Option<usize>> = ids.iter().map(|id| self.pool.site_index(id)).collect();
        let expected = expected_id("site", self.pool.sites().iter().map(|site| site.id.as_str()));
        self.known(path, &expected, ids, found)
    }

    fn tenant_id(&self) -> String {
        expected_id("tenant", self.pool.tenants().iter().map(|tenant| tenant.id.as_str()))
    }

    fn market_ids(&mut self, path: &str, ids: &[String]) -> HashSet<usize> {
        let found: Vec<Option<usize>> = ids.iter().map(|id| self.pool.market_index(id)).collect();
        let expected = expected_id("market", self.pool.markets().iter().map(|market| market.id.as_str()));
        self.known(path, &expected, ids, found)
    }

    fn known(
        &mut self,
        path: &str,
        expected: &str,
        ids: &[String],
        found: Vec<Option<usize>>,
    ) -> HashSet<usize> {
        for (i, (id, index)) in ids.iter().zip(&found).enumerate() {
            if index.is_none() {
                self.fail(&format!("{path}[{i}]"), format!("`{id}`"), expected);
            }
        }
        found.into_iter().flatten().collect()
    }
}

/// From a month on: a jump, and another growth if one is given.
#[derive(Clone, Copy)]
struct Change {
    month: u32,
    jump: f64,
    growth: Option<f64>,
}

impl Change {
    fn start(growth: Decimal) -> Change {
        Change { month: 0, jump: 1.0, growth: Some(model(growth)) }
    }
}

/// Fills a path that starts at 1 in month 0 and grows monthly, changes in order of time.
fn path(changes: &mut [Change], path: &mut [f64]) {
    changes.sort_by_key(|change| change.month);
    let (mut level, mut factor, mut next) = (1.0, 1.0, 0);
    for (month, value) in path.iter_mut().enumerate() {
        while let Some(change) = changes.get(next).filter(|change| change.month as usize <= month) {
            level *= change.jump;
            factor = change.growth.map_or(factor, monthly);
            next += 1;
        }
        *value = level;
        level *= factor;
    }
}

/// The monthly factor of a growth a year.
fn monthly(growth: f64) -> f64 {
    if growth == 0.0 { 1.0 } else { libm::pow(1.0 + growth, 1.0 / 12.0) }
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}
