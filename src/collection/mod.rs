//! Collections: what a pool pays in one state of the world, by period and source.
//!
//! This is all that the waterfall sees of the assets. A row per payment period holds the cash that
//! arrived in the collection period before it, by named source, and the measures that fees, tests and
//! formulas refer to. Projected from leases and loans or read from a servicer's report, it is the same object.

mod chip_book;
mod chip_path;
mod chip_sale;
mod chip_value;
mod column;
mod contracted;
mod guarantee;
mod largest;
mod lease_book;
mod loan;
#[cfg(test)]
mod loan_tests;
mod periods;
mod project;
#[cfg(test)]
mod random_tests;
mod rep_line;
mod reported;
#[cfg(test)]
mod sale_tests;
mod share;
mod tally;
mod term;
#[cfg(test)]
mod tests;
mod value;
mod walk;

pub use chip_sale::Liquidation;
pub use chip_value::{BookGap, ChipValuation, book_less_economic};
pub(crate) use column::NoteColumns;
pub use contracted::{ContractedRent, contracted_rents};
pub use guarantee::{GuaranteeCall, guarantee_calls};
pub use periods::Periods;
pub use project::{Projection, Workspace, collect};
pub use reported::{Observed, ReportNames, ReportedLine, Reports};
pub use share::Share;

use crate::error::Error;
use crate::money::{Currency, Money};
use crate::pool::Pool;
use std::sync::Arc;

/// Names of the cash sources that a pool pays.
pub mod source {
    /// Contract rent, after free rent and ramps, including renewal and re-let rent, and what chips let by the hour
    /// bring.
    pub const RENT: &str = "rent";
    /// Tenants' reimbursement of power and operating costs under their leases.
    pub const REIMBURSEMENTS: &str = "reimbursements";
    /// Fees paid for early termination.
    pub const TERMINATION_FEES: &str = "termination_fees";
    /// Rent paid by a guarantor in place of its tenant.
    pub const GUARANTOR_PAYMENTS: &str = "guarantor_payments";
    /// Claims paid by a bankrupt tenant's estate, deposits and letters of credit applied, and what is
    /// recovered of loans in default.
    pub const RECOVERIES: &str = "recoveries";
    /// Payments under residual value guarantees.
    pub const RESIDUAL_VALUE_GUARANTEE: &str = "residual_value_guarantee";
    /// Net proceeds of property and chips sold.
    pub const SALE_PROCEEDS: &str = "sale_proceeds";
    /// Interest on loans, and on notes held.
    pub const INTEREST: &str = "interest";
    /// Principal of loans, as scheduled, and of notes held.
    pub const PRINCIPAL: &str = "principal";
    /// Principal of representative lines paid before it is due.
    pub const PREPAYMENTS: &str = "prepayments";
}

/// Names of the measures that accompany the cash of a pool. All are amounts of money.
pub mod measure {
    /// Operating costs, power, taxes, re-letting costs and refit capex that fell due: a claim on the waterfall.
    pub const EXPENSES: &str = "expenses";
    /// Net operating income: rent and reimbursements and guarantor payments less recurring operating costs.
    pub const NOI: &str = "noi";
    /// Appraised value of the sites at the end of the collection period; of a deal that owns chips, `chip_value`.
    pub const ASSET_VALUE: &str = "asset_value";
    /// Balance of the loans that pay, or of the notes held, at the end of the collection period.
    pub const POOL_BALANCE: &str = "pool_balance";
    /// Balance of the loans that stopped paying in the period, less what is recovered of them; of notes held
    /// what is written down, less what is written up.
    pub const REALIZED_LOSS: &str = "realized_loss";
    /// Balance of representative lines that is 60 days or more delinquent or in liquidation, at the end of the
    /// collection period.
    pub const DELINQUENT_BALANCE: &str = "delinquent_balance";
    /// Contract rent in force at the end of the collection period, a month's worth.
    pub const RENT_ROLL: &str = "rent_roll";
    /// The part of the rent roll that the largest tenant pays.
    pub const TOP_TENANT_RENT: &str = "top_tenant_rent";
    /// The part of the rent roll that the five largest tenants pay.
    pub const TOP_FIVE_RENT: &str = "top_five_rent";
    /// What the chips that the deal owns are worth to one who runs them, at the end of the collection period.
    pub const CHIP_VALUE: &str = "chip_value";
    /// Cost of these chips less straight-line depreciation.
    pub const BOOK_VALUE: &str = "book_value";
    /// Rent still to come under leases of chips, discounted at the rate that the tape states.
    pub const CONTRACTED_VALUE: &str = "contracted_value";
}

/// What the columns of [`Collections`] are: cash sources first, measures after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    // Shared, so that comparing the layout of collections with that of their projection compares pointers.
    sources: Arc<[String]>,
    measures: Arc<[String]>,
}

/// What a pool of leases pays.
const LEASE_SOURCES: [&str; 7] = [
    source::RENT,
    source::REIMBURSEMENTS,
    source::TERMINATION_FEES,
    source::GUARANTOR_PAYMENTS,
    source::RECOVERIES,
    source::RESIDUAL_VALUE_GUARANTEE,
    source::SALE_PROCEEDS,
];

/// What is measured of a pool of leases, and of a pool of leases and loans.
const LEASE_MEASURES: [&str; 8] = [
    measure::EXPENSES,
    measure::NOI,
    measure::ASSET_VALUE,
    measure::POOL_BALANCE,
    measure::REALIZED_LOSS,
    measure::RENT_ROLL,
    measure::TOP_TENANT_RENT,
    measure::TOP_FIVE_RENT,
];

impl Layout {
    /// A layout with these names, in this order.
    pub fn new<S: Into<String>>(
        sources: impl IntoIterator<Item = S>,
        measures: impl IntoIterator<Item = S>,
    ) -> Layout {
        Layout {
            sources: sources.into_iter().map(Into::into).collect(),
            measures: measures.into_iter().map(Into::into).collect(),
        }
    }

    /// The layout of this pool's collections: [`Layout::leases`], [`Layout::loans`],
    /// [`Layout::leases_and_loans`] or [`Layout::chips`], and [`Layout::with_rep_lines`] if it has such lines, which
    /// count as loans. Sites count as leases do, for they cost and are worth something unlet.
    pub fn of(pool: &Pool) -> Layout {
        if !pool.chip_leases().is_empty() {
            return Layout::chips();
        }
        let lines = !pool.rep_lines().is_empty();
        let loans = lines || !pool.loans().is_empty();
        let leases = !pool.leases().is_empty() || !pool.sites().is_empty();
        let layout = match (leases, loans) {
            (_, false) => Layout::leases(),
            (false, true) => Layout::loans(),
            (true, true) => Layout::leases_and_loans(),
        };
        if lines { layout.with_rep_lines() } else { layout }
    }

    /// This layout with the columns of representative lines after its own: the source `prepayments` and the
    /// measure `delinquent_balance`.
    pub fn with_rep_lines(self) -> Layout {
        self.with(&[source::PREPAYMENTS.to_owned()], &[measure::DELINQUENT_BALANCE.to_owned()])
    }

    /// The layout of every pool of leases alone.
    pub fn leases() -> Layout {
        Layout::new(LEASE_SOURCES, LEASE_MEASURES)
    }

    /// The layout of every pool of loans alone: `interest`, `principal` and `recoveries`, measured by
    /// `pool_balance` and `realized_loss`.
    pub fn loans() -> Layout {
        Layout::new(
            [source::INTEREST, source::PRINCIPAL, source::RECOVERIES],
            [measure::POOL_BALANCE, measure::REALIZED_LOSS],
        )
    }

    /// The layout of every pool of other deals' notes: `interest` and `principal`, measured by `pool_balance`
    /// and `realized_loss`.
    pub fn notes() -> Layout {
        Layout::new([source::INTEREST, source::PRINCIPAL], [measure::POOL_BALANCE, measure::REALIZED_LOSS])
    }

    /// The layout of every pool of both: that of leases, and the sources of loans after its own.
    pub fn leases_and_loans() -> Layout {
        Layout::new(LEASE_SOURCES.into_iter().chain([source::INTEREST, source::PRINCIPAL]), LEASE_MEASURES)
    }

    /// The layout of every pool of leases of chips.
    pub fn chips() -> Layout {
        Layout::new(
            [source::RENT, source::GUARANTOR_PAYMENTS, source::RECOVERIES, source::SALE_PROCEEDS],
            [
                measure::EXPENSES,
                measure::NOI,
                measure::ASSET_VALUE,
                measure::RENT_ROLL,
                measure::TOP_TENANT_RENT,
                measure::TOP_FIVE_RENT,
                measure::CHIP_VALUE,
                measure::BOOK_VALUE,
                measure::CONTRACTED_VALUE,
            ],
        )
    }

    /// This layout with more names after its own; a name that it has is not added again.
    ///
    /// ```
    /// use leasefall::collection::Layout;
    /// let layout = Layout::new(["rent"], ["noi"]).with(&["advances".into()], &["noi".into()]);
    /// assert_eq!((layout.sources().len(), layout.measures().len()), (2, 1));
    /// ```
    pub fn with(self, sources: &[String], measures: &[String]) -> Layout {
        let (mut all_sources, mut all_measures) = (self.sources.to_vec(), self.measures.to_vec());
        for name in sources {
            if !all_sources.contains(name) && !all_measures.contains(name) {
                all_sources.push(name.clone());
            }
        }
        for name in measures {
            if !all_sources.contains(name) && !all_measures.contains(name) {
                all_measures.push(name.clone());
            }
        }
        Layout::new(all_sources, all_measures)
    }

    /// The names of the cash sources; source `i` is column `i`.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The names of the measures; measure `i` is column `sources().len() + i`.
    pub fn measures(&self) -> &[String] {
        &self.measures
    }

    /// The column of a source or a measure.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.sources.iter().chain(self.measures.iter()).position(|n| n == name)
    }

    /// Columns in all.
    pub fn width(&self) -> usize {
        self.sources.len() + self.measures.len()
    }
}

/// A refinancing granted by the scenario: on this period's payment date a new lender repays every note,
/// if what it takes is within what it will lend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refinancing {
    /// The payment period, from 0.
    pub period: usize,
    /// The most the new lender advances.
    pub limit: Money,
}

/// Cash by source and measures, one row per payment period.
#[derive(Debug, PartialEq)]
pub struct Collections {
    currency: Currency,
    layout: Layout,
    rows: Vec<Money>,
    refinancing: Option<Refinancing>,
    events: Vec<(String, usize)>,
}

impl Clone for Collections {
    fn clone(&self) -> Collections {
        Collections {
            layout: self.layout.clone(),
            rows: self.rows.clone(),
            events: self.events.clone(),
            ..*self
        }
    }

    // Into the memory that is there: paths in step fill lanes that are left over with another's cash.
    fn clone_from(&mut self, other: &Collections) {
        let Collections { currency, layout, rows, refinancing, events } = other;
        (self.currency, self.refinancing) = (*currency, *refinancing);
        self.layout.clone_from(layout);
        self.rows.clone_from(rows);
        self.events.clone_from(events);
    }
}

impl Collections {
    /// Nothing collected over `periods` payment periods.
    pub fn empty(currency: Currency, layout: Layout, periods: usize) -> Collections {
        let rows = vec![Money::ZERO; layout.width() * periods];
        Collections { currency, layout, rows, refinancing: None, events: Vec::new() }
    }

    /// The currency of every amount.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What the columns are.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Payment periods covered.
    pub fn periods(&self) -> usize {
        self.rows.len() / self.layout.width().max(1)
    }

    /// One period's columns.
    #[inline]
    pub fn row(&self, period: usize) -> &[Money] {
        let width = self.layout.width();
        &self.rows[period * width..(period + 1) * width]
    }

    /// One period's columns, to fill.
    #[inline]
    pub fn row_mut(&mut self, period: usize) -> &mut [Money] {
        let width = self.layout.width();
        &mut self.rows[period * width..(period + 1) * width]
    }

    /// Every cell, period by period, each as wide as the layout.
    #[inline]
    pub(crate) fn cells(&self) -> &[Money] {
        &self.rows
    }

    /// Every period's columns, to fill.
    #[inline]
    fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, Money> {
        self.rows.chunks_exact_mut(self.layout.width().max(1))
    }

    /// The same collections with the columns of another layout, by name.
    pub fn in_layout(&self, layout: Layout) -> Collections {
        let mut into = Collections::empty(self.currency, layout, self.periods());
        self.copy_into(&mut into, 0);
        into
    }

    /// Copies rows, refinancing and events into collections of another layout, `later` periods on.
    fn copy_into(&self, into: &mut Collections, later: usize) {
        let names = self.layout.sources().iter().chain(self.layout.measures());
        let columns: Vec<Option<usize>> = names.map(|name| into.layout.column(name)).collect();
        for period in 0..self.periods() {
            let row = into.row_mut(period + later);
            for (&amount, column) in self.row(period).iter().zip(&columns) {
                if let Some(column) = *column {
                    row[column] = amount;
                }
            }
        }
        into.refinancing =
            self.refinancing.map(|granted| Refinancing { period: granted.period + later, ..granted });
        into.events.extend(self.events.iter().map(|(name, period)| (name.clone(), period + later)));
    }

    /// No cash and no measure; refinancing and events stay.
    pub(crate) fn clear_rows(&mut self) {
        self.rows.fill(Money::ZERO);
    }

    /// Nothing collected, and no event.
    fn reset(&mut self) {
        self.rows.fill(Money::ZERO);
        self.refinancing = None;
        self.events.clear();
    }

    /// The refinancing that the scenario grants, if any.
    pub fn refinancing(&self) -> Option<Refinancing> {
        self.refinancing
    }

    /// Grants a refinancing.
    pub fn set_refinancing(&mut self, refinancing: Option<Refinancing>) {
        self.refinancing = refinancing;
    }

    /// The first payment period in which a named event (say `manager_default`) has happened.
    pub fn event_period(&self, name: &str) -> Option<usize> {
        self.events.iter().filter(|(n, _)| n == name).map(|&(_, period)| period).min()
    }

    /// Records that a named event has happened from this payment period on.
    pub fn set_event(&mut self, name: impl Into<String>, period: usize) {
        self.events.push((name.into(), period));
    }

    /// All cash of all periods and sources.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the total passes 64 bits, [`Error::Argument`] if a source pays a negative amount.
    pub fn total_cash(&self) -> Result<Money, Error> {
        let mut total = Money::ZERO;
        for period in 0..self.periods() {
            for &cash in &self.row(period)[..self.layout.sources.len()] {
                if cash < Money::ZERO {
                    let found = cash.minor() as f64;
                    return Err(Error::Argument {
                        argument: "collections",
                        found,
                        expected: "no negative cash",
                    });
                }
                let overflow = Error::Overflow { place: "collections", period: period + 1 };
                total = total.checked_add(cash).ok_or(overflow)?;
            }
        }
        Ok(total)
    }
}

/// Adds an amount to a cell.
#[inline]
fn put(into: &mut Collections, period: usize, column: usize, amount: i64) -> Result<(), Error> {
    let cell = &mut into.row_mut(period)[column];
    match cell.checked_add(Money::from_minor(amount)) {
        Some(sum) => {
            *cell = sum;
            Ok(())
        }
        None => Err(Error::Overflow { place: "collections", period: period + 1 }),
    }
}
