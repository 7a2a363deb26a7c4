//! `leasefall cashflows`: every note on every payment date, and the ledger.

use super::price::ConservationLine;
use super::{Align, Report, Table, decimal, records};
use crate::deal::Deal;
use crate::money::{Currency, Money};
use crate::time::Date;
use crate::waterfall::{Program, Run};
use serde::Serialize;

/// Every note on every payment date, and what each party of the ledger paid in or received.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CashflowsReport {
    /// The deal's name.
    pub deal: String,
    /// The scenario's name.
    pub scenario: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// Notes by payment date.
    pub notes: Vec<NotePeriod>,
    /// The ledger by payment date.
    pub ledger: Vec<LedgerLine>,
    /// Cash in against cash out.
    pub conservation: ConservationLine,
}

/// One note on one payment date.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotePeriod {
    /// The class.
    pub note: String,
    /// The payment date, counted from 1.
    pub period: usize,
    /// The payment date, adjusted.
    pub payment_date: Date,
    /// The phase that was run.
    pub phase: String,
    /// Balance before.
    pub balance_open: String,
    /// Drawn.
    pub drawn: String,
    /// Interest added to the balance.
    pub interest_capitalized: String,
    /// Interest due.
    pub interest_due: String,
    /// Interest paid.
    pub interest_paid: String,
    /// Interest carried over.
    pub interest_shortfall: String,
    /// Extra interest paid.
    pub post_ard_interest_paid: String,
    /// Principal paid.
    pub principal_paid: String,
    /// Make-whole premium paid.
    pub make_whole_paid: String,
    /// Written down.
    pub written_down: String,
    /// Written up.
    pub written_up: String,
    /// Balance after.
    pub balance_close: String,
}

/// One party of the ledger on one payment date.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LedgerLine {
    /// The payment date, counted from 1.
    pub period: usize,
    /// The payment date, adjusted.
    pub payment_date: Date,
    /// `source`, `account` or `payee`.
    pub kind: &'static str,
    /// The party.
    pub name: String,
    /// What a source paid in or a payee received on the date; what an account holds after it.
    pub amount: String,
}

impl CashflowsReport {
    /// The report of a run.
    pub fn new(deal: &Deal, scenario: impl Into<String>, program: &Program, run: &Run) -> CashflowsReport {
        let currency = deal.currency;
        let money = |amount: Money| decimal(currency, amount);
        let periods = program.schedule().periods();
        let mut notes = Vec::new();
        for (index, note) in deal.notes.iter().enumerate() {
            for (period, row) in run.note(index).enumerate() {
                notes.push(NotePeriod {
                    note: note.id.clone(),
                    period: period + 1,
                    payment_date: periods[period].payment_date,
                    phase: run.phase(program, period).to_owned(),
                    balance_open: money(row.balance_open),
                    drawn: money(row.drawn),
                    interest_capitalized: money(row.interest_capitalized),
                    interest_due: money(row.interest_due),
                    interest_paid: money(row.interest_paid),
                    interest_shortfall: money(row.interest_shortfall),
                    post_ard_interest_paid: money(row.post_ard_interest_paid),
                    principal_paid: money(row.principal_paid),
                    make_whole_paid: money(row.make_whole_paid),
                    written_down: money(row.written_down),
                    written_up: money(row.written_up),
                    balance_close: money(row.balance_close),
                });
            }
        }
        let ledger = (0..run.periods())
            .flat_map(|period| {
                run.ledger_of(program, period).map(move |(kind, name, amount)| LedgerLine {
                    period: period + 1,
                    payment_date: periods[period].payment_date,
                    kind,
                    name: name.to_owned(),
                    amount: money(amount),
                })
            })
            .collect();
        CashflowsReport {
            deal: deal.name.clone(),
            scenario: scenario.into(),
            currency,
            notes,
            ledger,
            conservation: ConservationLine::new(currency, &run.conservation(program)),
        }
    }
}

impl Report for CashflowsReport {
    fn csv(&self) -> String {
        [records(&self.notes), records(&self.ledger)]
            .into_iter()
            .filter(|list| !list.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn tables(&self) -> Vec<Table> {
        use Align::{Left, Right};
        let mut tables = Vec::new();
        let columns = [
            ("note", Left),
            ("#", Right),
            ("date", Left),
            ("phase", Left),
            ("open", Right),
            ("drawn", Right),
            ("interest due", Right),
            ("interest paid", Right),
            ("interest short", Right),
            ("extra interest", Right),
            ("capitalised", Right),
            ("principal", Right),
            ("premium", Right),
            ("written down", Right),
            ("written up", Right),
            ("close", Right),
        ];
        let title = format!("{}, scenario {}: notes, {}", self.deal, self.scenario, self.currency);
        let mut table = Table::new(title, &columns);
        for line in &self.notes {
            table.row([
                line.note.clone(),
                line.period.to_string(),
                line.payment_date.to_string(),
                line.phase.clone(),
                line.balance_open.clone(),
                line.drawn.clone(),
                line.interest_due.clone(),
                line.interest_paid.clone(),
                line.interest_shortfall.clone(),
                line.post_ard_interest_paid.clone(),
                line.interest_capitalized.clone(),
                line.principal_paid.clone(),
                line.make_whole_paid.clone(),
                line.written_down.clone(),
                line.written_up.clone(),
                line.balance_close.clone(),
            ]);
        }
        tables.push(table);
        let columns = [("#", Right), ("date", Left), ("kind", Left), ("party", Left), ("amount", Right)];
        let mut table = Table::new("Ledger: paid in, held after, received", &columns);
        for line in &self.ledger {
            table.row([
                line.period.to_string(),
                line.payment_date.to_string(),
                line.kind.to_owned(),
                line.name.clone(),
                line.amount.clone(),
            ]);
        }
        let cash = &self.conservation;
        let (sources, uses, difference) = (&cash.sources, &cash.uses, &cash.difference);
        table.note(format!("Every cent: in {sources}, out {uses}, difference {difference}."));
        tables.push(table);
        tables
    }
}
