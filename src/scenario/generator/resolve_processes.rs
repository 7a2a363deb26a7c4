//! From what a risk model says of market rents and compute to processes around the scripted paths.

use super::compute::ComputeProcess;
use super::rents::RentProcess;
use super::resolve::{Resolver, Shift, model};
use crate::pool::expected_id;
use crate::scenario::compute::Scarcity;
use crate::scenario::risk::MarketRentTerms;
use rust_decimal::Decimal;

impl Resolver<'_> {
    pub(super) fn rents(&mut self) -> Vec<RentProcess> {
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

    pub(super) fn compute(&mut self) -> Option<ComputeProcess> {
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
