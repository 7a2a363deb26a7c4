//! Leases of chips: contracted cash summed once, corrected for the contracts that are lost, and what becomes of chips
//! that come back.

use super::chip_path::{ChipPath, Claim, Return, Sale};
use super::chip_value::{ChipValuation, Margin};
use super::column::ChipColumns;
use super::largest::{Top, counts, rank, sums};
use super::periods::Periods;
use super::term::cents;
use super::{Collections, put};
use crate::asset::straight_line_book_value;
use crate::error::Error;
use crate::money::Money;
use crate::pool::{ChipTerms, Pool};
use crate::scenario::Scenario;
use crate::scenario::compute::{CHIP_TAIL_MONTHS, OperatingTerms};

/// The leases of chips of a pool over the payment periods of a deal.
#[derive(Clone, Debug)]
pub(super) struct ChipBook {
    columns: ChipColumns,
    /// By lease.
    valuations: Vec<ChipValuation>,
    /// Depreciated cost: `lease * periods + period`.
    book: Vec<i64>,
    /// Contracted rent still to come, discounted, by the same.
    contracted: Vec<i64>,
    /// Rent of a full month, by the same: what is in force at a period's end.
    roll: Vec<i64>,
    /// All contracted rent by month.
    rent: Vec<i64>,
}

/// The measures that cost something to compute and may not be needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChipMeasures {
    /// What chips are worth on every payment date.
    pub valued: bool,
    /// The largest tenants' parts of the rent roll.
    pub largest_tenants: bool,
}

/// Scratch that is reused from scenario to scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct ChipScratch {
    /// Value per chip of the fleet as it started, one lease's: by month.
    pub values: Vec<f64>,
    pub sales: Vec<Sale>,
    pub claims: Vec<Claim>,
    /// Rent in force by tenant, on one payment date.
    pub rolls: Vec<i64>,
}

impl ChipBook {
    /// # Errors
    /// [`Error::Overflow`] if all contracted rent passes what 64 bits hold.
    pub fn new(pool: &Pool, periods: &Periods, columns: ChipColumns) -> Result<ChipBook, Error> {
        let overflow = || Error::Overflow { place: "rent of chips", period: 0 };
        let leases = &pool.chip_terms;
        let mut rent = vec![0_i64; periods.months()];
        let mut total = 0_i64;
        for lease in leases {
            for (cell, &owed) in rent.iter_mut().skip(lease.first as usize).zip(&lease.rents) {
                *cell = cell.checked_add(owed).ok_or_else(overflow)?;
                total = total.checked_add(owed).ok_or_else(overflow)?;
            }
        }
        let months = periods.months() + CHIP_TAIL_MONTHS;
        // The terms of running are the scenario's; of these only the share at work and the discount are used.
        let operating = OperatingTerms::default();
        let valuation = |lease: &ChipTerms| {
            let (rate, age) = (lease.value_discount_rate, lease.age_months);
            ChipValuation::new(&lease.rates, &operating, lease.survival, rate, age, months)
        };
        let valuations = leases.iter().map(valuation).collect::<Result<Vec<_>, Error>>()?;
        let mut book = ChipBook {
            columns,
            valuations,
            book: Vec::with_capacity(leases.len() * periods.len()),
            contracted: Vec::with_capacity(leases.len() * periods.len()),
            roll: Vec::with_capacity(leases.len() * periods.len()),
            rent,
        };
        for lease in leases {
            book.measure(lease, periods)?;
        }
        Ok(book)
    }

    /// Measures of one lease that no scenario changes while its contract stands.
    fn measure(&mut self, lease: &ChipTerms, periods: &Periods) -> Result<(), Error> {
        let v = libm::exp(-libm::log1p(lease.contract_discount_rate) / 12.0);
        for period in 0..periods.len() {
            let past = periods.collected(period).end as u32;
            let age = lease.age_years(past);
            // Fleets yet to come are not on the books.
            let owned = past >= lease.in_service();
            let cost = if owned { lease.cost } else { 0.0 };
            self.book.push(cents(straight_line_book_value(cost, lease.book_life_years, age.max(0.0))?));
            // sum of rent_m v^(m - now), rent being due at the start of its month
            let first = past.saturating_sub(lease.first).min(lease.rents.len() as u32);
            let sum =
                lease.rents[first as usize..].iter().rev().fold(0.0, |rest, &rent| rent as f64 + v * rest);
            let wait = (lease.first + first).saturating_sub(past);
            self.contracted.push(cents(sum * libm::pow(v, f64::from(wait))));
            let in_force = past.checked_sub(1).and_then(|last| last.checked_sub(lease.first));
            let roll = in_force.and_then(|k| lease.rents.get(k as usize)).copied().unwrap_or(0);
            self.roll.push(roll);
        }
        Ok(())
    }

    /// Adds what the leases and the chips pay in a scenario, and measures them.
    ///
    /// # Errors
    /// [`Error::Argument`] if the scenario has no price of compute; [`Error::Overflow`] if an amount passes what
    /// 64 bits hold.
    pub fn collect(
        &self,
        pool: &Pool,
        scenario: &Scenario,
        periods: &Periods,
        asked: ChipMeasures,
        scratch: &mut ChipScratch,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let months = periods.months() + CHIP_TAIL_MONTHS;
        let expected = "a price of compute to the end of the chips' lives: a scenario resolved for this pool";
        let found = scenario.compute_price.len();
        Error::unless(found >= months, "scenario.compute_price", found as f64, expected)?;
        let Some(outlook) = &scenario.compute else {
            return Err(Error::Argument { argument: "scenario.compute", found: 0.0, expected });
        };
        let price = &scenario.compute_price[..months];
        if let Some(&found) = price.iter().find(|level| !level.is_finite()) {
            return Err(Error::Argument { argument: "scenario.compute_price", found, expected: "finite" });
        }
        for (month, &rent) in self.rent.iter().enumerate() {
            if let Some(period) = periods.of_month(month) {
                put(into, period, self.columns.rent, rent)?;
            }
        }
        scratch.sales.clear();
        scratch.claims.clear();
        scratch.values.resize(months, 0.0);
        let operating = outlook.operating();
        let minor = pool.currency().minor_per_major() as f64;
        for (index, lease) in pool.chip_terms.iter().enumerate() {
            let margin = Margin::new(&lease.rates, &operating);
            let path = ChipPath { lease, margin, columns: self.columns, periods, scenario, price, minor };
            let back = path.comes_back();
            if asked.valued || back.month < periods.months() as u32 {
                let power = &scenario.power_price;
                self.valuations[index].values_on(&margin, price, power, &mut scratch.values)?;
            }
            let gone = path.run(back, self.valuations[index].working(), scratch, into)?;
            self.measures(index, &path, back, gone, asked.valued, scratch, into)?;
        }
        if asked.largest_tenants {
            self.largest_tenants(pool, scenario, periods, scratch, into);
        }
        self.settle(periods, scratch, into)?;
        self.income(scenario.net_cash_flow_haircut, into)
    }

    /// The measures of one lease: its contract stands until it is lost, its chips are owned until they are gone.
    #[expect(clippy::too_many_arguments, reason = "one lease's whole state")]
    fn measures(
        &self,
        index: usize,
        path: &ChipPath<'_>,
        back: Return,
        gone: u32,
        valued: bool,
        scratch: &ChipScratch,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let (columns, count) = (self.columns, path.periods.len());
        let working = self.valuations[index].working();
        for period in 0..count {
            let (past, place) = (path.periods.collected(period).end as u32, index * count + period);
            // A loss shows with the first month whose rent is missed, as for buildings.
            if past <= back.lost {
                put(into, period, columns.rent_roll, self.roll[place])?;
                put(into, period, columns.contracted_value, self.contracted[place])?;
            }
            if past > gone {
                continue;
            }
            put(into, period, columns.book_value, self.book[place])?;
            if valued && past >= path.lease.in_service() {
                let value = cents(path.minor * path.fleet_value(past, back.month, working, &scratch.values));
                put(into, period, columns.chip_value, value)?;
                put(into, period, columns.asset_value, value)?;
            }
        }
        Ok(())
    }

    /// The largest and the five largest tenants' part of the rent in force at each period's end.
    fn largest_tenants(
        &self,
        pool: &Pool,
        scenario: &Scenario,
        periods: &Periods,
        scratch: &mut ChipScratch,
        into: &mut Collections,
    ) {
        for period in 0..periods.len() {
            let past = periods.collected(period).end as u32;
            scratch.rolls.clear();
            scratch.rolls.resize(pool.tenants().len(), 0);
            for (index, lease) in pool.chip_terms.iter().enumerate() {
                if past <= Return::of(lease, scenario).lost {
                    scratch.rolls[lease.tenant] += self.roll[index * periods.len() + period];
                }
            }
            let mut top = Top::default();
            let of_tenants = pool.tenants().iter().zip(&scratch.rolls).filter(|(tenant, _)| counts(tenant));
            of_tenants.for_each(|(_, &roll)| rank(&mut top, roll));
            let row = into.row_mut(period);
            (row[self.columns.top_tenant_rent], row[self.columns.top_five_rent]) = sums(&top);
        }
    }

    /// Sells what came back, and then claims what the sale leaves of the rent.
    fn settle(
        &self,
        periods: &Periods,
        scratch: &mut ChipScratch,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let ChipScratch { sales, claims, .. } = scratch;
        for sale in sales.iter() {
            // Chips of a generation that are sold in one month meet one market.
            let like =
                sales.iter().filter(|other| other.month == sale.month && other.generation == sale.generation);
            let at_once = if sale.terms.depth_chips.is_some() {
                like.map(|other| other.chips).sum()
            } else {
                sale.chips
            };
            let all = sale.terms.proceeds(sale.value, at_once)?;
            let proceeds = if at_once > 0.0 { cents(all * (sale.chips / at_once)) } else { 0 };
            if let Some(period) = periods.of_month(sale.month as usize) {
                put(into, period, self.columns.sale_proceeds, proceeds)?;
            }
            if let Some(claim) = sale.claim.and_then(|claim| claims.get_mut(claim)) {
                claim.mitigated = proceeds;
            }
        }
        for claim in claims.iter() {
            let rest = claim.rest.saturating_sub(claim.mitigated).max(0);
            if let Some(period) = periods.of_month(claim.month as usize) {
                put(into, period, self.columns.recoveries, cents(rest as f64 * claim.recovery_rate))?;
            }
        }
        Ok(())
    }

    /// Net operating income, after an agency's haircut that is taken out of rent; no more than there is.
    fn income(&self, haircut: f64, into: &mut Collections) -> Result<(), Error> {
        let columns = self.columns;
        for period in 0..into.periods() {
            let overflow = Error::Overflow { place: "noi", period: period + 1 };
            let row = into.row_mut(period);
            let income = row[columns.rent].checked_add(row[columns.guarantor_payments]);
            let income = income.and_then(|income| income.checked_sub(row[columns.expenses]));
            let income = income.ok_or(overflow)?.minor();
            let cut = cents(income.max(0) as f64 * haircut.clamp(0.0, 1.0)).min(row[columns.rent].minor());
            row[columns.rent] = Money::from_minor(row[columns.rent].minor() - cut);
            row[columns.noi] = Money::from_minor(income - cut);
        }
        Ok(())
    }
}
