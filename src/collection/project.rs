//! Pool x scenario -> collections.

use super::chip_book::{ChipBook, ChipMeasures, ChipScratch};
use super::column::{ChipColumns, LeaseColumns, LineColumns, LoanColumns};
use super::lease_book::{LeaseBook, LeaseMeasures, LeaseScratch, Path};
use super::loan::{LoanBook, LoanScratch};
use super::rep_line::{LineBook, LineScratch};
use super::term::cents;
use super::{Collections, Layout, Periods, Refinancing, measure};
use crate::error::Error;
use crate::money::Money;
use crate::pool::Pool;
use crate::scenario::Scenario;

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
    /// Months covered, at least one.
    months: usize,
    computes: Computes,
    leases: Option<LeaseBook>,
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
    pub(super) leases: LeaseScratch,
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
        let periods = periods.clone();
        let months = periods.months().max(1);
        let computes = Computes { asset_value: true, largest_tenants: true, chip_value: true };
        let layout = Layout::of(pool);
        let leases = LeaseColumns::of(&layout).map(|columns| LeaseBook::new(pool, &periods, columns));
        let loan_columns = LoanColumns::of(&layout);
        let loans = loan_columns.map(|columns| LoanBook::new(pool, &periods, columns)).transpose()?;
        let chip_columns = ChipColumns::of(&layout);
        let chips = chip_columns.map(|columns| ChipBook::new(pool, &periods, columns)).transpose()?;
        let lines = loan_columns
            .zip(LineColumns::of(&layout))
            .map(|(loans, columns)| LineBook::new(pool, loans, columns));
        Ok(Projection { pool, layout, periods, months, computes, leases, loans, chips, lines })
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
        if let Some(leases) = &self.leases {
            let Computes { asset_value, largest_tenants, .. } = self.computes;
            let asked = LeaseMeasures { asset_value, largest_tenants };
            let on = Path { pool: self.pool, scenario, periods: &self.periods };
            leases.collect(on, asked, &mut workspace.leases, into)?;
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
