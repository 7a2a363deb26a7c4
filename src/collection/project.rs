//! Pool x scenario -> collections.

use super::chip_book::{ChipBook, ChipMeasures, ChipScratch};
use super::column::{ChipColumns, LeaseColumns, LineColumns, LoanColumns};
use super::largest::{Top, counts, rank, sums};
use super::loan::{LoanBook, LoanScratch};
use super::rep_line::{LineBook, LineScratch};
use super::tally::{Tally, run};
use super::term::{Rents, cents};
use super::value::{Books, Reference, SiteCosts, SitePath, SiteUses, running_costs, site_values};
use super::walk::{Walk, add_tape_term};
use super::{Collections, Layout, Periods, Refinancing, measure, put};
use crate::error::Error;
use crate::money::Money;
use crate::pool::Pool;
use crate::scenario::{Departure, Scenario};

/// What a pool pays in a scenario, by payment period: the one-off form of [`Projection::collect`].
///
/// # Errors
/// As [`Projection::new`] and [`Projection::collect`].
pub fn collect(pool: &Pool, scenario: &Scenario, periods: &Periods) -> Result<Collections, Error> {
    Projection::new(pool, periods)?.collect(scenario, &mut Workspace::default())
}

/// A pool prepared for many scenarios over the same periods.
///
/// Contractual cash is summed once; a scenario then costs what its events and its ends of terms cost.
#[derive(Clone, Debug)]
pub struct Projection<'a> {
    pool: &'a Pool,
    layout: Layout,
    periods: Periods,
    /// The terms on the tape, except those whose rent follows the CPI.
    base: Tally,
    references: Vec<Reference>,
    /// Each site's own cost inflation: `site * months + month`.
    inflation: Vec<f64>,
    /// What running each site then costs, in minor units.
    running: Vec<i64>,
    /// Months covered, at least one.
    months: usize,
    computes: Computes,
    /// Where leases write; `None` for a pool of loans alone.
    lease_columns: Option<LeaseColumns>,
    loans: Option<LoanBook>,
    chips: Option<ChipBook>,
    lines: Option<LineBook>,
}

/// The measures that cost something to compute and may not be needed.
#[derive(Clone, Copy, Debug)]
struct Computes {
    /// Asset value on every payment date, not only where a sale, a refinancing or a guarantee asks for it.
    asset_value: bool,
    /// The largest tenants' parts of the rent roll.
    largest_tenants: bool,
    /// What chips are worth on every payment date.
    chip_value: bool,
}

/// Scratch that is reused from scenario to scenario.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    pub(super) tally: Tally,
    /// Value by site and period, in minor units.
    pub(super) values: Vec<f64>,
    /// The periods on which sites are valued.
    valued: Vec<bool>,
    /// The month from which each site is sold.
    stops: Vec<u32>,
    site_costs: SiteCosts,
    top: Vec<Top>,
    loans: LoanScratch,
    chips: ChipScratch,
    lines: LineScratch,
}

impl<'a> Projection<'a> {
    /// Prepares a pool.
    ///
    /// # Errors
    /// [`Error::Argument`] if the periods start in another month than the pool; [`Error::Overflow`] if the
    /// loans' balances and interest pass what 64 bits hold.
    pub fn new(pool: &'a Pool, periods: &Periods) -> Result<Projection<'a>, Error> {
        if pool.first_month() != periods.first_month() {
            let found = f64::from(periods.first_month() - pool.first_month());
            let expected = "0: the same cut-off date";
            return Err(Error::Argument { argument: "months from pool to periods", found, expected });
        }
        let months = periods.months().max(1);
        let mut base =
            Tally::new(periods.months(), periods.len(), pool.site_terms.len(), pool.tenants().len());
        for terms in &pool.lease_terms {
            let rents = Rents { terms, cpi: &[] };
            if !rents.is_cpi() {
                add_tape_term(&mut base, periods, &rents, 0, 1);
            }
        }
        let mut books: Vec<Books> =
            pool.site_terms.iter().map(|_| Books { roll: 0.0, space: 0, opex: 0, load: 0 }).collect();
        for terms in pool.lease_terms.iter().filter(|terms| terms.signed_from == 0) {
            let books = &mut books[terms.site];
            // Whole cents, so that the sum does not depend on the order.
            books.roll += terms.rent.base.round();
            books.space += terms.space_mw;
            books.opex += super::term::part(terms.space_mw, terms.opex_share);
            books.load += terms.load_mw - super::term::part(terms.load_mw, terms.power_share);
        }
        let references =
            pool.site_terms.iter().zip(&books).map(|(site, books)| Reference::new(site, books)).collect();
        let mut inflation = Vec::with_capacity(months * pool.site_terms.len());
        for site in &pool.site_terms {
            let monthly = libm::pow(1.0 + site.cost_inflation, 1.0 / 12.0);
            let mut level = 1.0;
            for _ in 0..months {
                inflation.push(level);
                level *= monthly;
            }
        }
        let mut running = Vec::with_capacity(inflation.len());
        for (site, inflation) in pool.site_terms.iter().zip(inflation.chunks(months)) {
            running.extend(running_costs(site, inflation));
        }
        let periods = periods.clone();
        let computes = Computes { asset_value: true, largest_tenants: true, chip_value: true };
        let layout = Layout::of(pool);
        let lease_columns = LeaseColumns::of(&layout);
        let loan_columns = LoanColumns::of(&layout);
        let loans = loan_columns.map(|columns| LoanBook::new(pool, &periods, columns)).transpose()?;
        let chip_columns = ChipColumns::of(&layout);
        let chips = chip_columns.map(|columns| ChipBook::new(pool, &periods, columns)).transpose()?;
        let lines = loan_columns
            .zip(LineColumns::of(&layout))
            .map(|(loans, columns)| LineBook::new(pool, loans, columns));
        Ok(Projection {
            pool,
            periods,
            base,
            references,
            inflation,
            running,
            months,
            computes,
            layout,
            lease_columns,
            loans,
            chips,
            lines,
        })
    }

    /// The same projection without the measures that nobody reads, for many scenarios and one program:
    /// `projection.computing(|measure| program.reads(measure))`. Measures left out are zero.
    pub fn computing(mut self, reads: impl Fn(&str) -> bool) -> Projection<'a> {
        let largest_tenants = reads(measure::TOP_TENANT_RENT) || reads(measure::TOP_FIVE_RENT);
        let asset_value = reads(measure::ASSET_VALUE);
        let chip_value = asset_value || reads(measure::CHIP_VALUE);
        self.computes = Computes { asset_value, largest_tenants, chip_value };
        self
    }

    /// What the pool pays in a scenario.
    ///
    /// # Errors
    /// As [`Projection::collect_into`].
    pub fn collect(&self, scenario: &Scenario, workspace: &mut Workspace) -> Result<Collections, Error> {
        let mut collections = self.empty();
        self.collect_into(scenario, workspace, &mut collections)?;
        Ok(collections)
    }

    /// Collections of this projection's shape, with nothing in them.
    pub fn empty(&self) -> Collections {
        Collections::empty(self.pool.currency(), self.layout.clone(), self.periods.len())
    }

    /// Months that the projection covers.
    pub fn months(&self) -> usize {
        self.months
    }

    /// What the pool pays in a scenario, into collections made by an earlier [`Projection::collect`].
    ///
    /// # Errors
    /// [`Error::Argument`] if the scenario is for another pool or too short, or the collections have
    /// another layout; [`Error::Overflow`] if an amount passes what 64 bits hold.
    pub fn collect_into(
        &self,
        scenario: &Scenario,
        workspace: &mut Workspace,
        into: &mut Collections,
    ) -> Result<(), Error> {
        self.check(scenario, into)?;
        into.reset();
        if let Some(columns) = &self.lease_columns {
            self.leases(columns, scenario, workspace, into)?;
        }
        if let Some(loans) = &self.loans {
            loans.collect(scenario, &self.periods, &mut workspace.loans, into)?;
        }
        if let Some(chips) = &self.chips {
            let valued = self.computes.chip_value || scenario.refinancing.is_some();
            let asked = ChipMeasures { valued, largest_tenants: self.computes.largest_tenants };
            chips.collect(self.pool, scenario, &self.periods, asked, &mut workspace.chips, into)?;
        }
        if let Some(lines) = &self.lines {
            lines.collect(scenario, &self.periods, &mut workspace.lines, into)?;
        }
        self.events(scenario, into);
        Ok(())
    }

    fn leases(
        &self,
        columns: &LeaseColumns,
        scenario: &Scenario,
        workspace: &mut Workspace,
        into: &mut Collections,
    ) -> Result<(), Error> {
        self.tally(scenario, workspace);
        if workspace.tally.bound.is_nan() || workspace.tally.bound >= 9e18 {
            return Err(Error::Overflow { place: "lease amounts", period: 0 });
        }
        self.cash(columns, workspace, into)?;
        self.costs(columns, scenario, workspace, into)?;
        self.haircut(columns, scenario.net_cash_flow_haircut, into);
        self.values(columns, scenario, workspace, into)?;
        if self.computes.largest_tenants {
            self.largest_tenants(columns, workspace, into);
        }
        Ok(())
    }

    fn check(&self, scenario: &Scenario, into: &Collections) -> Result<(), Error> {
        if !scenario.fits(self.pool) || scenario.months < self.months {
            let (found, expected) =
                (scenario.months as f64, "a scenario resolved for this pool and its periods");
            return Err(Error::Argument { argument: "scenario.months", found, expected });
        }
        if into.periods() != self.periods.len() || *into.layout() != self.layout {
            let (found, expected) = (into.periods() as f64, "collections of this pool and its periods");
            return Err(Error::Argument { argument: "collections.periods", found, expected });
        }
        Ok(())
    }

    /// All leases, each where it differs from the base.
    fn tally(&self, scenario: &Scenario, workspace: &mut Workspace) {
        let horizon = self.periods.months() as u32;
        let tally = &mut workspace.tally;
        tally.copy_from(&self.base, self.computes.largest_tenants);
        let sold = |sale: &Option<(crate::Date, f64)>| {
            let period = sale.and_then(|(date, _)| self.periods.on_or_after(date));
            period.map_or(horizon, |p| self.periods.collected(p).end as u32)
        };
        workspace.stops.clear();
        workspace.stops.extend(scenario.sales.iter().map(sold));
        for (index, lease) in self.pool.lease_terms.iter().enumerate() {
            let rollover = scenario.rollovers[index];
            let stop = workspace.stops[lease.site];
            let rents = Rents { terms: lease, cpi: &scenario.cpi };
            let cpi = rents.is_cpi();
            let unusual = cpi
                || scenario.defaults[lease.tenant].is_some()
                || (rollover.departure == Departure::Early && lease.early.is_some());
            if !unusual && stop == horizon && lease.rent.end >= horizon {
                continue;
            }
            if cpi {
                add_tape_term(tally, &self.periods, &rents, 0, 1);
            }
            let (periods, currency) = (&self.periods, self.pool.currency());
            let site = &self.pool.site_terms[lease.site];
            Walk { periods, scenario, currency, index, lease, site, rollover, stop, rents }.run(tally);
        }
    }

    fn cash(
        &self,
        columns: &LeaseColumns,
        workspace: &Workspace,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let tally = &workspace.tally;
        let by_month = [(columns.rent, &tally.rent), (columns.guarantor_payments, &tally.guarantor)];
        for (column, diff) in by_month {
            let mut fits = Ok(());
            run(diff, |month, cash| {
                if let Some(period) = self.periods.of_month(month) {
                    fits = fits.clone().and(put(into, period, column, cash));
                }
            });
            fits?;
        }
        let by_period = [
            (columns.termination_fees, &tally.fees),
            (columns.recoveries, &tally.recoveries),
            (columns.expenses, &tally.reletting),
        ];
        for (column, amounts) in by_period {
            for (period, &amount) in amounts.iter().enumerate() {
                put(into, period, column, amount)?;
            }
        }
        run(&tally.roll, |period, roll| into.row_mut(period)[columns.rent_roll] = Money::from_minor(roll));
        for period in 0..self.periods.len() {
            let row = into.row(period);
            let income = row[columns.rent].checked_add(row[columns.guarantor_payments]);
            let income = income.ok_or(Error::Overflow { place: "noi", period: period + 1 })?;
            into.row_mut(period)[columns.noi] = income;
        }
        Ok(())
    }

    fn costs(
        &self,
        columns: &LeaseColumns,
        scenario: &Scenario,
        workspace: &mut Workspace,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let Workspace { tally, site_costs, stops, .. } = workspace;
        site_costs.clear(self.months);
        for (index, &stop) in stops.iter().enumerate() {
            let range = tally.site_months(index);
            let uses = SiteUses {
                opex: &tally.opex[range.clone()],
                load: &tally.load[range.clone()],
                load_reimbursed: &tally.load_reimbursed[range],
            };
            site_costs.add(self.path(index, scenario), uses, stop as usize);
        }
        for (month, (&expenses, &reimbursed)) in
            site_costs.expenses.iter().zip(&site_costs.reimbursed).enumerate()
        {
            let Some(period) = self.periods.of_month(month) else { continue };
            put(into, period, columns.expenses, expenses)?;
            put(into, period, columns.reimbursements, reimbursed)?;
            put(into, period, columns.noi, reimbursed.saturating_sub(expenses))?;
        }
        Ok(())
    }

    /// Takes a share of each period's net operating income out of its rent, as agencies do; no more than there is.
    fn haircut(&self, columns: &LeaseColumns, share: f64, into: &mut Collections) {
        if share <= 0.0 {
            return;
        }
        for period in 0..self.periods.len() {
            let row = into.row_mut(period);
            let cut = cents(row[columns.noi].minor() as f64 * share.min(1.0)).min(row[columns.rent].minor());
            row[columns.rent] = Money::from_minor(row[columns.rent].minor() - cut);
            row[columns.noi] = Money::from_minor(row[columns.noi].minor().saturating_sub(cut));
        }
    }

    fn path<'s>(&'s self, index: usize, scenario: &'s Scenario) -> SitePath<'s> {
        let months = index * self.months..(index + 1) * self.months;
        let (inflation, running) = (&self.inflation[months.clone()], &self.running[months]);
        SitePath { index, site: &self.pool.site_terms[index], inflation, running, scenario }
    }

    fn values(
        &self,
        columns: &LeaseColumns,
        scenario: &Scenario,
        workspace: &mut Workspace,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let (count, sites) = (self.periods.len(), self.pool.site_terms.len());
        workspace.values.resize(count * sites, 0.0);
        self.valued(scenario, workspace);
        for index in 0..sites {
            let values = &mut workspace.values[index * count..(index + 1) * count];
            let path = self.path(index, scenario);
            let valued = &workspace.valued;
            site_values(path, &self.periods, &workspace.tally, self.references[index], valued, values);
            let sale = scenario.sales[index];
            let sold = sale.and_then(|(date, cost)| Some((self.periods.on_or_after(date)?, cost)));
            for (period, &value) in values.iter().enumerate() {
                match sold {
                    Some((sale, cost)) if sale == period => {
                        let proceeds = cents(value * (1.0 - cost.clamp(0.0, 1.0)));
                        put(into, period, columns.sale_proceeds, proceeds)?;
                    }
                    Some((sale, _)) if sale < period => {}
                    _ => put(into, period, columns.asset_value, cents(value))?,
                }
            }
        }
        for claim in &workspace.tally.claims {
            let value = workspace.values.get(claim.site * count + claim.period).copied().unwrap_or(0.0);
            let (_, paid) = claim.settle(value);
            put(into, claim.period, columns.residual_value_guarantee, paid)?;
        }
        Ok(())
    }

    /// Finds the periods whose asset value is needed.
    fn valued(&self, scenario: &Scenario, workspace: &mut Workspace) {
        workspace.valued.clear();
        workspace.valued.resize(self.periods.len(), self.computes.asset_value);
        if self.computes.asset_value {
            return;
        }
        let sales = scenario.sales.iter().flatten().map(|&(date, _)| date);
        let dates = sales.chain(scenario.refinancing.map(|(date, _)| date));
        let asked = dates.filter_map(|date| self.periods.on_or_after(date));
        for period in asked.chain(workspace.tally.claims.iter().map(|claim| claim.period)) {
            workspace.valued[period] = true;
        }
    }

    /// The largest and the five largest tenants' part of the rent in force at each period's end.
    fn largest_tenants(&self, columns: &LeaseColumns, workspace: &mut Workspace, into: &mut Collections) {
        workspace.top.clear();
        workspace.top.resize(self.periods.len(), [0; 5]);
        let tally = &workspace.tally;
        for (index, tenant) in self.pool.tenants().iter().enumerate() {
            if counts(tenant) {
                run(&tally.tenant_roll[tally.periods_of(index)], |period, roll| {
                    rank(&mut workspace.top[period], roll);
                });
            }
        }
        for (period, top) in workspace.top.iter().enumerate() {
            let row = into.row_mut(period);
            (row[columns.top_tenant_rent], row[columns.top_five_rent]) = sums(top);
        }
    }

    fn events(&self, scenario: &Scenario, into: &mut Collections) {
        for (name, date) in &scenario.events {
            let Some(period) = self.periods.on_or_after(*date) else { continue };
            // Only the first of a name counts.
            if into.event_period(name).is_none_or(|earlier| period < earlier) {
                into.set_event(name.clone(), period);
            }
        }
        let granted = scenario.refinancing;
        let refinancing = granted.and_then(|(date, ltv)| Some((self.periods.on_or_after(date)?, ltv)));
        into.set_refinancing(refinancing.map(|(period, ltv)| {
            // What a new lender lends against: the sites' value and the balance of the loans that pay.
            let columns = [measure::ASSET_VALUE, measure::POOL_BALANCE].map(|name| self.layout.column(name));
            let value: f64 = columns.iter().flatten().map(|&c| into.row(period)[c].minor() as f64).sum();
            Refinancing { period, limit: Money::from_minor(cents(value * ltv)) }
        }));
    }
}
