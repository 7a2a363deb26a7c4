//! Leases: contractual cash summed once, corrected for what a scenario changes.

use super::column::LeaseColumns;
use super::largest::{Top, counts, rank, sums};
use super::tally::{Tally, run};
use super::term::{Rents, cents, part};
use super::value::{Books, Reference, SiteCosts, SitePath, SiteUses, running_costs, site_values};
use super::walk::{Walk, add_tape_term};
use super::{Collections, Periods, put};
use crate::error::Error;
use crate::money::Money;
use crate::pool::Pool;
use crate::scenario::{Departure, Scenario};

/// The leases of a pool over the payment periods of a deal, and the sites that they are in.
#[derive(Clone, Debug)]
pub(super) struct LeaseBook {
    columns: LeaseColumns,
    /// The terms on the tape, except those whose rent follows the CPI.
    base: Tally,
    references: Vec<Reference>,
    /// Months covered, at least one.
    months: usize,
    /// Each site's own cost inflation: `site * months + month`.
    inflation: Vec<f64>,
    /// What running each site then costs, in minor units.
    running: Vec<i64>,
    /// The largest of each, by site.
    most: Vec<(f64, i64)>,
}

/// The measures that cost something to compute and may not be needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeaseMeasures {
    /// Asset value on every payment date, not only where a sale, a refinancing or a guarantee asks for it.
    pub asset_value: bool,
    /// The largest tenants' parts of the rent roll.
    pub largest_tenants: bool,
}

/// What leases are collected from, in and over: the pool and the periods that the book was made for.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub pool: &'a Pool,
    pub scenario: &'a Scenario,
    pub periods: &'a Periods,
}

/// Scratch that is reused from scenario to scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct LeaseScratch {
    pub tally: Tally,
    /// Value by site and period, in minor units.
    pub values: Vec<f64>,
    /// The periods on which sites are valued.
    valued: Vec<bool>,
    /// The sale of each site, if it is sold before the horizon.
    sales: Vec<Option<SiteSale>>,
    site_costs: SiteCosts,
    top: Vec<Top>,
}

/// A site sold on a payment date.
#[derive(Clone, Copy, Debug, PartialEq)]
struct SiteSale {
    period: usize,
    /// Share of the price.
    cost: f64,
}

impl LeaseBook {
    /// Books the leases of a pool.
    pub fn new(pool: &Pool, periods: &Periods, columns: LeaseColumns) -> LeaseBook {
        let months = periods.months().max(1);
        let mut base =
            Tally::new(periods.months(), periods.len(), pool.site_terms.len(), pool.tenants().len());
        for terms in &pool.lease_terms {
            let rents = Rents { terms, cpi: &[] };
            if !rents.is_cpi() {
                add_tape_term(&mut base, periods, &rents, 0, 1);
            }
        }
        let (references, inflation) = (references(pool), inflation(pool, months));
        let mut running = Vec::with_capacity(inflation.len());
        for (site, inflation) in pool.site_terms.iter().zip(inflation.chunks(months)) {
            running.extend(running_costs(site, inflation));
        }
        let peak = |(inflation, running): (&[f64], &[i64])| {
            let highest = inflation.iter().copied().fold(0.0, f64::max);
            (highest, running.iter().copied().max().unwrap_or(0))
        };
        let most = inflation.chunks(months).zip(running.chunks(months)).map(peak).collect();
        LeaseBook { columns, base, references, months, inflation, running, most }
    }

    /// Adds what the leases pay in a scenario, what the sites cost and what they are worth.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an amount passes what 64 bits hold.
    pub fn collect(
        &self,
        on: Path<'_>,
        asked: LeaseMeasures,
        scratch: &mut LeaseScratch,
        into: &mut Collections,
    ) -> Result<(), Error> {
        self.tally(on, asked, scratch);
        if scratch.tally.bound.is_nan() || scratch.tally.bound >= 9e18 {
            return Err(Error::Overflow { place: "lease amounts", period: 0 });
        }
        self.cash(on.periods, scratch, into)?;
        self.costs(on, scratch, into)?;
        self.haircut(on.scenario.net_cash_flow_haircut, into);
        self.values(on, asked, scratch, into)?;
        if asked.largest_tenants {
            self.largest_tenants(on.pool, scratch, into);
        }
        Ok(())
    }

    /// All leases, each where it differs from the base.
    fn tally(&self, on: Path<'_>, asked: LeaseMeasures, scratch: &mut LeaseScratch) {
        let Path { pool, scenario, periods } = on;
        let horizon = periods.months() as u32;
        let LeaseScratch { tally, sales, .. } = scratch;
        tally.copy_from(&self.base, asked.largest_tenants);
        find_sales(on, sales);
        for (index, lease) in pool.lease_terms.iter().enumerate() {
            let rollover = scenario.rollovers[index];
            let stop = stop(sales[lease.site], periods);
            let rents = Rents { terms: lease, cpi: &scenario.cpi };
            let cpi = rents.is_cpi();
            let unusual = cpi
                || scenario.defaults[lease.tenant].is_some()
                || (rollover.departure == Departure::Early && lease.early.is_some());
            if !unusual && stop == horizon && lease.rent.end >= horizon {
                continue;
            }
            if cpi {
                add_tape_term(tally, periods, &rents, 0, 1);
            }
            walk(on, index, stop).run(tally);
        }
    }

    fn cash(&self, periods: &Periods, scratch: &LeaseScratch, into: &mut Collections) -> Result<(), Error> {
        let tally = &scratch.tally;
        let by_month =
            [(self.columns.rent, &tally.rent), (self.columns.guarantor_payments, &tally.guarantor)];
        for (column, diff) in by_month {
            let mut fits = Ok(());
            run(diff, |month, cash| {
                if cash != 0
                    && let Some(period) = periods.of_month(month)
                    && fits.is_ok()
                {
                    fits = put(into, period, column, cash);
                }
            });
            fits?;
        }
        let by_period = [
            (self.columns.termination_fees, &tally.fees),
            (self.columns.recoveries, &tally.recoveries),
            (self.columns.expenses, &tally.reletting),
        ];
        for (column, amounts) in by_period {
            for (period, &amount) in amounts.iter().enumerate().filter(|&(_, &amount)| amount != 0) {
                put(into, period, column, amount)?;
            }
        }
        run(&tally.roll, |period, roll| {
            into.row_mut(period)[self.columns.rent_roll] = Money::from_minor(roll)
        });
        for period in 0..periods.len() {
            let row = into.row(period);
            let income = row[self.columns.rent].checked_add(row[self.columns.guarantor_payments]);
            let income = income.ok_or_else(|| Error::Overflow { place: "noi", period: period + 1 })?;
            into.row_mut(period)[self.columns.noi] = income;
        }
        Ok(())
    }

    fn costs(&self, on: Path<'_>, scratch: &mut LeaseScratch, into: &mut Collections) -> Result<(), Error> {
        let LeaseScratch { tally, site_costs, sales, .. } = scratch;
        site_costs.clear(self.months);
        for (index, &sale) in sales.iter().enumerate() {
            let range = tally.site_months(index);
            let uses = SiteUses {
                opex: &tally.opex[range.clone()],
                load: &tally.load[range.clone()],
                load_reimbursed: &tally.load_reimbursed[range],
            };
            site_costs.add(self.path(index, on), uses, stop(sale, on.periods) as usize);
        }
        for (month, (&expenses, &reimbursed)) in
            site_costs.expenses.iter().zip(&site_costs.reimbursed).enumerate()
        {
            let Some(period) = on.periods.of_month(month) else { continue };
            let row = into.row_mut(period);
            let LeaseColumns { expenses: spent, reimbursements, noi, .. } = self.columns;
            let net = reimbursed.saturating_sub(expenses);
            for (column, amount) in [(spent, expenses), (reimbursements, reimbursed), (noi, net)] {
                let sum = row[column].checked_add(Money::from_minor(amount));
                row[column] =
                    sum.ok_or_else(|| Error::Overflow { place: "collections", period: period + 1 })?;
            }
        }
        Ok(())
    }

    /// Takes a share of each period's net operating income out of its rent, as agencies do; no more than there is.
    fn haircut(&self, share: f64, into: &mut Collections) {
        if share <= 0.0 {
            return;
        }
        for period in 0..into.periods() {
            let row = into.row_mut(period);
            let cut = cents(row[self.columns.noi].minor() as f64 * share.min(1.0))
                .min(row[self.columns.rent].minor());
            row[self.columns.rent] = Money::from_minor(row[self.columns.rent].minor() - cut);
            row[self.columns.noi] = Money::from_minor(row[self.columns.noi].minor().saturating_sub(cut));
        }
    }

    fn path<'s>(&'s self, index: usize, on: Path<'s>) -> SitePath<'s> {
        let months = index * self.months..(index + 1) * self.months;
        let (inflation, running) = (&self.inflation[months.clone()], &self.running[months]);
        let (site, most) = (&on.pool.site_terms[index], self.most[index]);
        SitePath { index, site, inflation, running, most, scenario: on.scenario }
    }

    fn values(
        &self,
        on: Path<'_>,
        asked: LeaseMeasures,
        scratch: &mut LeaseScratch,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let Path { pool, periods, .. } = on;
        let (count, sites) = (periods.len(), pool.site_terms.len());
        scratch.values.resize(count * sites, 0.0);
        Self::valued(on, asked, scratch);
        for index in 0..sites {
            let values = &mut scratch.values[index * count..(index + 1) * count];
            let path = self.path(index, on);
            let valued = &scratch.valued;
            site_values(path, periods, &scratch.tally, self.references[index], valued, values);
            for (period, &value) in values.iter().enumerate().filter(|&(period, _)| valued[period]) {
                match scratch.sales[index] {
                    Some(sale) if sale.period == period => {
                        let proceeds = cents(value * (1.0 - sale.cost.clamp(0.0, 1.0)));
                        put(into, period, self.columns.sale_proceeds, proceeds)?;
                    }
                    Some(sale) if sale.period < period => {}
                    _ => put(into, period, self.columns.asset_value, cents(value))?,
                }
            }
        }
        for claim in &scratch.tally.claims {
            let value = scratch.values.get(claim.site * count + claim.period).copied().unwrap_or(0.0);
            let (_, paid) = claim.settle(value);
            put(into, claim.period, self.columns.residual_value_guarantee, paid)?;
        }
        Ok(())
    }

    /// Finds the periods whose asset value is needed.
    fn valued(on: Path<'_>, asked: LeaseMeasures, scratch: &mut LeaseScratch) {
        let Path { scenario, periods, .. } = on;
        scratch.valued.clear();
        scratch.valued.resize(periods.len(), asked.asset_value);
        if asked.asset_value {
            return;
        }
        let LeaseScratch { sales, tally, valued, .. } = scratch;
        let refinanced = scenario.refinancing.and_then(|(date, _)| periods.on_or_after(date));
        let asked = sales.iter().flatten().map(|sale| sale.period).chain(refinanced);
        for period in asked.chain(tally.claims.iter().map(|claim| claim.period)) {
            valued[period] = true;
        }
    }

    /// The largest and the five largest tenants' part of the rent in force at each period's end.
    fn largest_tenants(&self, pool: &Pool, scratch: &mut LeaseScratch, into: &mut Collections) {
        scratch.top.clear();
        scratch.top.resize(into.periods(), [0; 5]);
        let tally = &scratch.tally;
        for (index, tenant) in pool.tenants().iter().enumerate() {
            if counts(tenant) {
                run(&tally.tenant_roll[tally.periods_of(index)], |period, roll| {
                    rank(&mut scratch.top[period], roll);
                });
            }
        }
        for (period, top) in scratch.top.iter().enumerate() {
            let row = into.row_mut(period);
            (row[self.columns.top_tenant_rent], row[self.columns.top_five_rent]) = sums(top);
        }
    }
}

/// A lease along a path, until the month from which its site is sold.
fn walk(on: Path<'_>, index: usize, stop: u32) -> Walk<'_> {
    let Path { pool, scenario, periods } = on;
    let (lease, rollover, currency) = (&pool.lease_terms[index], scenario.rollovers[index], pool.currency());
    let rents = Rents { terms: lease, cpi: &scenario.cpi };
    Walk {
        periods,
        scenario,
        currency,
        index,
        lease,
        site: &pool.site_terms[lease.site],
        rollover,
        stop,
        rents,
    }
}

/// The month from which a site is sold, or the horizon.
fn stop(sale: Option<SiteSale>, periods: &Periods) -> u32 {
    sale.map_or(periods.months(), |sale| periods.collected(sale.period).end) as u32
}

/// Which sites are sold when: on their dates, or some time after the last of their leases is rejected, whichever is first.
fn find_sales(on: Path<'_>, sales: &mut Vec<Option<SiteSale>>) {
    let Path { scenario, periods, .. } = on;
    let dated = |&(date, cost)| Some(SiteSale { period: periods.on_or_after(date)?, cost });
    sales.clear();
    sales.extend(scenario.sales.iter().map(|sale| sale.as_ref().and_then(dated)));
    for (site, sale) in sales.iter_mut().enumerate() {
        let Some((months, cost)) = scenario.sales_after_rejection[site] else { continue };
        let Some(month) = all_rejected(on, site) else { continue };
        let Some(period) = periods.of_month(month.saturating_add(months) as usize) else { continue };
        if sale.is_none_or(|sale| period < sale.period) {
            *sale = Some(SiteSale { period, cost });
        }
    }
}

/// The month in which the last of a site's leases is rejected; `None` if it has none, or any of them is not.
fn all_rejected(on: Path<'_>, site: usize) -> Option<u32> {
    let mut last = None;
    for (index, lease) in on.pool.lease_terms.iter().enumerate() {
        if lease.site == site {
            last = last.max(Some(walk(on, index, u32::MAX).rejected()?));
        }
    }
    last
}

/// What each site lets at the cut-off date.
fn references(pool: &Pool) -> Vec<Reference> {
    let mut books: Vec<Books> =
        pool.site_terms.iter().map(|_| Books { roll: 0.0, space: 0, opex: 0, load: 0 }).collect();
    for terms in pool.lease_terms.iter().filter(|terms| terms.signed_from == 0) {
        let books = &mut books[terms.site];
        // Whole cents, so that the sum does not depend on the order.
        books.roll += terms.rent.base.round();
        books.space += terms.space_mw;
        books.opex += part(terms.space_mw, terms.opex_share);
        books.load += terms.load_mw - part(terms.load_mw, terms.power_share);
    }
    pool.site_terms.iter().zip(&books).map(|(site, books)| Reference::new(site, books)).collect()
}

/// Each site's own cost level by month over that at the cut-off date.
fn inflation(pool: &Pool, months: usize) -> Vec<f64> {
    let mut inflation = Vec::with_capacity(months * pool.site_terms.len());
    for site in &pool.site_terms {
        let monthly = libm::pow(1.0 + site.cost_inflation, 1.0 / 12.0);
        let mut level = 1.0;
        for _ in 0..months {
            inflation.push(level);
            level *= monthly;
        }
    }
    inflation
}
