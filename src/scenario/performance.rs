//! What representative lines do in a scenario: speeds, severity, delinquency, house prices.

use super::resolve::Resolver;
use super::speed::{CountedFrom, DefaultUnit, PrepaymentUnit, VectorPoint, value_at};
use crate::asset::RepLine;
use crate::pool::{Pool, expected_id};
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// How lines of `rep_lines.csv` perform. Of entries that strike one line the last counts, whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PerformanceTerms {
    /// Ids of lines; with neither lines nor groups, all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Groups of lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Voluntary prepayments; none unless stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepayment: Option<PrepaymentTerms>,
    /// Defaults; none unless stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<DefaultVectorTerms>,
    /// Share of a defaulted balance that is lost, by month of liquidation after the cut-off date.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub severity: Vec<VectorPoint>,
    /// Months from default to liquidation.
    pub recovery_lag_months: u32,
    /// Share of the balance that pays which is delinquent 60 days or more, by month after the cut-off date.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delinquent: Vec<VectorPoint>,
    /// Whether the servicer advances what delinquent and defaulted loans owe until they are liquidated;
    /// severity is then after its reimbursement. Yes unless stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advances: Option<bool>,
    /// Elasticity of defaults to house prices: defaults x level^-this. 0 unless stated.
    pub default_elasticity: Decimal,
    /// Elasticity of recoveries to house prices: (1 - severity) x level^this. 0 unless stated.
    pub recovery_elasticity: Decimal,
}

/// Prepayment speeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepaymentTerms {
    /// What the values are.
    pub unit: PrepaymentUnit,
    /// What months are counted from.
    #[serde(default)]
    pub counted_from: CountedFrom,
    /// The values.
    pub points: Vec<VectorPoint>,
    /// Multiplies the values; 1 unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple: Option<Decimal>,
}

/// Default speeds, or a timing of losses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DefaultVectorTerms {
    /// What the values are.
    pub unit: DefaultUnit,
    /// What months are counted from; a timing of losses, always from the cut-off date.
    #[serde(default)]
    pub counted_from: CountedFrom,
    /// The values.
    pub points: Vec<VectorPoint>,
    /// Multiplies the values; 1 unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple: Option<Decimal>,
    /// Of a timing of losses: the share of the balance at the cut-off date that is lost in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime_loss: Option<Decimal>,
}

/// The level of house prices from a date on, 1 at the cut-off date; straight between dates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HousePrice {
    /// The date.
    pub date: Date,
    /// The level over that of the cut-off date.
    pub level: Decimal,
}

/// One representative line in one state of the world, month by month from the first collected one.
#[derive(Clone, Debug, PartialEq)]
pub struct LinePath {
    /// Interest a year.
    pub rates: Vec<Decimal>,
    /// Single monthly mortality: the share of what neither defaults nor is scheduled that prepays.
    pub prepayment: Vec<f64>,
    /// Monthly default rate: the share of the balance that pays which defaults.
    pub default: Vec<f64>,
    /// Defaults besides as a share of the balance at the cut-off date, of a timing of losses.
    pub default_of_cut_off: Vec<f64>,
    /// The share lost of what is liquidated.
    pub severity: Vec<f64>,
    /// The share of the balance that pays which is delinquent 60 days or more.
    pub delinquent: Vec<f64>,
    /// Months from default to liquidation.
    pub recovery_lag_months: u32,
    /// Whether the servicer advances.
    pub advances: bool,
}

impl LinePath {
    /// No prepayment, no default.
    pub(super) fn calm(pool: &Pool, line: &RepLine, months: usize, index: Option<&str>) -> LinePath {
        let curve = index.and_then(|id| pool.index(id));
        LinePath {
            rates: line.rates(pool.first_month(), months, curve),
            prepayment: vec![0.0; months],
            default: vec![0.0; months],
            default_of_cut_off: vec![0.0; months],
            severity: vec![0.0; months],
            delinquent: vec![0.0; months],
            recovery_lag_months: 0,
            advances: true,
        }
    }

    pub(super) fn is_of(&self, months: usize) -> bool {
        let [a, b, c, d, e] =
            [&self.prepayment, &self.default, &self.default_of_cut_off, &self.severity, &self.delinquent];
        self.rates.len() == months && [a, b, c, d, e].into_iter().all(|path| path.len() == months)
    }
}

impl Resolver<'_> {
    pub(super) fn performance(&mut self) {
        let (pool, script) = (self.pool, self.script);
        for (curve, stand_in) in &script.curves {
            for id in [curve, stand_in] {
                if pool.index(id).is_none() {
                    let expected = expected_id("forward curve", pool.index_ids());
                    self.fail(&format!("curves.{curve}"), format!("`{id}`"), &expected);
                }
            }
        }
        let levels = self.house_prices();
        self.scenario.lines.clear();
        for line in pool.rep_lines() {
            let index = line.index.as_ref().map(|id| script.curves.get(id).unwrap_or(id).as_str());
            self.scenario.lines.push(LinePath::calm(pool, line, self.scenario.months, index));
        }
        for (i, terms) in script.performance.iter().enumerate() {
            let path = format!("performance[{i}]");
            self.checked(&path, terms);
            for (index, line) in pool.rep_lines().iter().enumerate() {
                let named = terms.lines.contains(&line.line_id)
                    || line.group.as_ref().is_some_and(|group| terms.groups.contains(group));
                if named || (terms.lines.is_empty() && terms.groups.is_empty()) {
                    terms.fill(line.age_months.unwrap_or(0), &levels, &mut self.scenario.lines[index]);
                }
            }
        }
    }

    /// The level of house prices by month.
    fn house_prices(&mut self) -> Vec<f64> {
        let mut points = vec![(0, 1.0)];
        for (i, price) in self.script.house_prices.iter().enumerate() {
            let at = |field: &str| format!("house_prices[{i}].{field}");
            self.range(&at("level"), price.level, Decimal::new(1, 2), Decimal::ONE_HUNDRED);
            let month = self.month(&at("date"), price.date).saturating_add(1);
            if month <= points[points.len() - 1].0 {
                self.fail(&at("date"), price.date, "a date in a later month than the one before");
                continue;
            }
            points.push((month, model(price.level)));
        }
        (1..=self.scenario.months as u32).map(|month| value_at(&points, month)).collect()
    }

    fn checked(&mut self, path: &str, terms: &PerformanceTerms) {
        let at = |field: &str| format!("{path}.{field}");
        let pool = self.pool;
        for (i, id) in terms.lines.iter().enumerate() {
            if !pool.rep_lines().iter().any(|line| line.line_id == *id) {
                let expected = expected_id("line", pool.rep_lines().iter().map(|line| line.line_id.as_str()));
                self.fail(&at(&format!("lines[{i}]")), format!("`{id}`"), &expected);
            }
        }
        for (i, group) in terms.groups.iter().enumerate() {
            if !pool.rep_lines().iter().any(|line| line.group.as_ref() == Some(group)) {
                self.fail(&at(&format!("groups[{i}]")), format!("`{group}`"), "a group of rep_lines.csv");
            }
        }
        self.vector(&at("severity"), &terms.severity, Decimal::ONE);
        self.vector(&at("delinquent"), &terms.delinquent, Decimal::ONE);
        self.month_count(&at("recovery_lag_months"), terms.recovery_lag_months, 0);
        self.range(&at("default_elasticity"), terms.default_elasticity, Decimal::ZERO, Decimal::TEN);
        self.range(&at("recovery_elasticity"), terms.recovery_elasticity, Decimal::ZERO, Decimal::TEN);
        if let Some(speed) = &terms.prepayment {
            let high = if speed.unit == PrepaymentUnit::Psa { Decimal::ONE_HUNDRED } else { Decimal::ONE };
            self.vector(&at("prepayment.points"), &speed.points, high);
            self.range(
                &at("prepayment.multiple"),
                speed.multiple.unwrap_or_default(),
                Decimal::ZERO,
                100.into(),
            );
        }
        if let Some(speed) = &terms.default {
            self.default_terms(&at("default"), speed, &terms.severity);
        }
    }

    fn default_terms(&mut self, path: &str, speed: &DefaultVectorTerms, severity: &[VectorPoint]) {
        let high = if speed.unit == DefaultUnit::Sda { 1_000.into() } else { Decimal::ONE };
        self.vector(&format!("{path}.points"), &speed.points, high);
        self.range(
            &format!("{path}.multiple"),
            speed.multiple.unwrap_or_default(),
            Decimal::ZERO,
            100.into(),
        );
        let timing = speed.unit == DefaultUnit::LossTiming;
        match speed.lifetime_loss {
            Some(loss) if timing => {
                self.range(&format!("{path}.lifetime_loss"), loss, Decimal::ZERO, Decimal::ONE)
            }
            Some(loss) => self.fail(
                &format!("{path}.lifetime_loss"),
                loss,
                "none beside a speed; `unit = \"loss_timing\"` takes it",
            ),
            None if timing => {
                self.fail(&format!("{path}.lifetime_loss"), "nothing", "the share that is lost in all")
            }
            None => {}
        }
        if timing && (severity.is_empty() || severity.iter().any(|point| point.value <= Decimal::ZERO)) {
            self.fail(
                &format!("{path}.unit"),
                "losses without a severity",
                "a `severity` above 0 in every month",
            );
        }
        if timing && speed.points.windows(2).any(|pair| pair[1].value < pair[0].value) {
            self.fail(&format!("{path}.points"), "shares that fall", "cumulative shares, rising");
        }
    }

    fn vector(&mut self, path: &str, points: &[VectorPoint], high: Decimal) {
        for (i, point) in points.iter().enumerate() {
            self.range(&format!("{path}[{i}].value"), point.value, Decimal::ZERO, high);
            let before = i.checked_sub(1).map_or(0, |before| points[before].month);
            if point.month <= before || point.month > 1_200 {
                let expected = format!("a month from {} to 1200", before + 1);
                self.fail(&format!("{path}[{i}].month"), point.month, &expected);
            }
        }
    }
}

impl PerformanceTerms {
    /// Fills a line's path. Problems of the terms have been reported; what they leave is bounded.
    fn fill(&self, age: u32, house_prices: &[f64], path: &mut LinePath) {
        let severity = series(&self.severity);
        let delinquent = series(&self.delinquent);
        let (down, up) = (model(self.default_elasticity), model(self.recovery_elasticity));
        path.recovery_lag_months = self.recovery_lag_months;
        path.advances = self.advances.unwrap_or(true);
        for (index, &level) in house_prices.iter().enumerate() {
            let month = index as u32 + 1;
            // defaults x H^-e_d; recovery (1 - s) x H^e_r
            let more = libm::pow(level, -down);
            let recovered = (1.0 - value_at(&severity, month)) * libm::pow(level, up);
            path.severity[index] = (1.0 - recovered).clamp(0.0, 1.0);
            path.delinquent[index] = (value_at(&delinquent, month) * more).clamp(0.0, 1.0);
            path.prepayment[index] = self.prepayment.as_ref().map_or(0.0, |speed| speed.smm(age, month));
            path.default[index] =
                self.default.as_ref().map_or(0.0, |speed| (speed.mdr(age, month) * more).clamp(0.0, 1.0));
            path.default_of_cut_off[index] = 0.0;
        }
        if let Some(speed) = &self.default {
            speed.time_losses(house_prices, down, self.recovery_lag_months, path);
        }
    }
}

impl PrepaymentTerms {
    fn smm(&self, age: u32, month: u32) -> f64 {
        let of_age = age.saturating_add(month);
        let counted = if self.counted_from == CountedFrom::Origination { of_age } else { month };
        let value = value_at(&series(&self.points), counted) * self.multiple.map_or(1.0, model);
        self.unit.smm(value, of_age)
    }
}

impl DefaultVectorTerms {
    fn mdr(&self, age: u32, month: u32) -> f64 {
        let of_age = age.saturating_add(month);
        let counted = if self.counted_from == CountedFrom::Origination { of_age } else { month };
        let value = value_at(&series(&self.points), counted) * self.multiple.map_or(1.0, model);
        self.unit.mdr(value, of_age)
    }

    /// Defaults that make the losses of a timing: `lifetime loss x the month's share / severity` of the
    /// balance at the cut-off date, where the severity is that of the month of liquidation.
    fn time_losses(&self, house_prices: &[f64], elasticity: f64, lag: u32, path: &mut LinePath) {
        let (DefaultUnit::LossTiming, Some(lifetime)) = (self.unit, self.lifetime_loss) else { return };
        let lifetime = model(lifetime) * self.multiple.map_or(1.0, model);
        // A timing starts from nothing lost.
        let mut points = vec![(0, 0.0)];
        points.extend(series(&self.points));
        for (index, &level) in house_prices.iter().enumerate() {
            let month = index as u32 + 1;
            let share = value_at(&points, month) - value_at(&points, month - 1);
            let liquidated = (index + lag as usize).min(house_prices.len() - 1);
            let severity = path.severity[liquidated];
            if severity > 0.0 {
                let more = libm::pow(level, -elasticity);
                path.default_of_cut_off[index] = (lifetime * share / severity * more).clamp(0.0, 1.0);
            }
        }
    }
}

fn series(points: &[VectorPoint]) -> Vec<(u32, f64)> {
    let mut series: Vec<(u32, f64)> = points.iter().map(|point| (point.month, model(point.value))).collect();
    series.sort_by_key(|&(month, _)| month);
    series.dedup_by_key(|&mut (month, _)| month);
    series
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}
