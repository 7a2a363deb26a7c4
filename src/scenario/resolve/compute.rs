//! Chips in a scenario: the price of compute, rack density, and market rent where it follows them.

use super::{Change, Resolver, model, path};
use crate::asset::Generation;
use crate::error::Error;
use crate::scenario::compute::{ComputeOutlook, ComputeTerms};
use crate::scenario::script::Event;
use crate::scenario::{Coverage, Obligation};
use rust_decimal::Decimal;
use std::sync::Arc;

/// Months beyond the last payment date over which chips that the deal owns may still be worth something: a chip
/// bought at the end of the catalogue dies after 102 (`docs/obsolescence.md`).
const CHIP_TAIL_MONTHS: usize = 180;

impl Resolver<'_> {
    /// Fills the scenario's price of compute and rack density. A deal without chips has neither.
    pub(super) fn compute(&mut self) {
        let Some(chips) = self.pool.chips() else { return self.no_chips() };
        let usual = ComputeTerms::default();
        let terms = self.script.compute.as_ref().unwrap_or(&usual);
        for (field, value, low, high) in terms.bounded() {
            self.range(&format!("compute.{field}"), value, low, high);
        }
        let tail = if chips.fleets.is_empty() { 0 } else { CHIP_TAIL_MONTHS };
        let shift = self.compute_events(terms, self.scenario.months + tail);
        if !self.problems.is_empty() {
            return;
        }
        if let Err(error) = self.fill_compute(&chips.generations, terms, &shift) {
            self.fail("compute", error, "figures from which a price of compute follows");
        }
    }

    /// Defaults of tenants whose coverage fails, where the scenario asks; those that events state stand if earlier.
    pub(super) fn coverage_defaults(&mut self) {
        let terms = self.script.compute.as_ref().and_then(|terms| terms.coverage_default.as_ref());
        let Some(terms) = terms.filter(|_| self.scenario.compute.is_some()) else { return };
        for tenant in 0..self.pool.tenants().len() {
            let Some(coverage) = Coverage::of_tenant(self.pool, tenant) else { continue };
            let Some(month) = coverage.first_failure(&self.scenario, model(terms.floor), terms.months) else {
                continue;
            };
            let obligation = Obligation {
                month,
                rejected: true,
                recovery_rate: terms.recovery_rate.map(model),
                recovery_lag_months: self.scenario.recovery_lag_months,
                reletting: self.scenario.reletting,
            };
            let stated = self.scenario.defaults[tenant].filter(|stated| stated.month <= month);
            self.scenario.defaults[tenant] = Some(stated.unwrap_or(obligation));
        }
    }

    fn no_chips(&mut self) {
        let expected = "nothing of compute, as the deal has no chips.toml";
        if self.script.compute.is_some() {
            self.fail("compute", "a table", expected);
        }
        for (i, event) in self.script.events.iter().enumerate() {
            if matches!(event, Event::ComputePrice { .. } | Event::Scarcity { .. }) {
                self.fail(&format!("events[{i}].kind"), "an event of compute", expected);
            }
        }
    }

    /// What events add to the logarithm of price, by month.
    fn compute_events(&mut self, terms: &ComputeTerms, months: usize) -> Vec<f64> {
        // A price that falls to nothing has no logarithm.
        let (least, most) = (Decimal::new(-99, 2), Decimal::TEN);
        let mut changes = vec![Change::start(Decimal::ZERO)];
        let mut shortages: Vec<(u32, f64)> = Vec::new();
        for (i, event) in self.script.events.iter().enumerate() {
            let at = |field: &str| format!("events[{i}].{field}");
            match event {
                Event::ComputePrice { at: date, change, growth } => {
                    self.range(&at("change"), *change, least, most);
                    self.growth(&at("growth"), *growth);
                    let (month, growth) = (self.month(&at("at"), *date), growth.map(model));
                    changes.push(Change { month, jump: 1.0 + model(*change), growth });
                }
                Event::Scarcity { at: date, change } => {
                    self.range(&at("change"), *change, least, most);
                    shortages.push((self.month(&at("at"), *date), libm::log1p(model(*change))));
                }
                _ => {}
            }
        }
        let mut shift = vec![1.0; months];
        path(&mut changes, &mut shift);
        shift.iter_mut().for_each(|level| *level = libm::log(*level));
        let decay = model(terms.scarcity_mean_reversion) / 12.0;
        for (from, jump) in shortages {
            for (since, level) in shift.iter_mut().skip(from as usize).enumerate() {
                *level += jump * libm::exp(-decay * since as f64);
            }
        }
        shift
    }

    fn fill_compute(
        &mut self,
        generations: &[Generation],
        terms: &ComputeTerms,
        shift: &[f64],
    ) -> Result<(), Error> {
        let origin = self.pool.first_month().first_day();
        let outlook = ComputeOutlook::new(generations, origin, shift.len(), terms, shift)?;
        let mut price = vec![0.0; shift.len()];
        outlook.price_into(&mut price)?;
        let mut density = vec![0.0; shift.len()];
        outlook.rack_density_into(&mut density)?;
        let elasticity = outlook.market_rent_elasticity();
        if elasticity > 0.0 {
            let expected = ComputeOutlook::new(generations, origin, shift.len(), &terms.expected(), &[])?;
            let mut usual = vec![0.0; shift.len()];
            expected.price_into(&mut usual)?;
            let months = self.scenario.months;
            for rents in self.scenario.market_rent.chunks_mut(months.max(1)) {
                for (rent, (price, usual)) in rents.iter_mut().zip(price.iter().zip(&usual)) {
                    *rent *= libm::pow(price / usual, elasticity);
                }
            }
        }
        self.scenario.compute_price = price;
        self.scenario.rack_density_kw = density;
        self.scenario.compute = Some(Arc::new(outlook));
        Ok(())
    }
}
