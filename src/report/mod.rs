//! Reports: results as tables for people, JSON for programs, CSV for spreadsheets. Nothing is computed here.
//!
//! A [`Report`] is a serializable value that can also be shown as [`Table`]s. In JSON, numbers are
//! numbers, money is a decimal string (`"1225000000.00"`), what does not exist is `null`.

mod cashflows;
mod check;
mod compare_2008;
mod compare_page;
mod deal_page;
mod explain;
pub mod page;
mod price;
mod reconcile;
mod simulation;
mod stress;
pub mod svg;
mod system;
mod system_page;
mod table;

pub use cashflows::{CashflowsReport, LedgerLine, NotePeriod};
pub use check::{CheckReport, ProblemLine};
pub use compare_2008::Compare2008Report;
pub use compare_page::Compare2008Page;
pub use deal_page::{DealPage, InputFile, RunRecord};
pub use explain::{ExplainLine, ExplainReport};
pub use price::{ConservationLine, NoteLine, PriceReport};
pub use reconcile::{AccrualLine, PartingLine, ReconcileLine, ReconcileReport};
pub use simulation::{SensitivityLine, SimulatedNote, SimulatedPriceReport, SimulationReport};
pub use stress::{
    BreachLine, BreakEvenLine, CrossingLine, GuaranteeLine, LimitLine, StressLine, StressReport,
};
pub use system::{
    AssumptionLine, BacklogLine, DefaultLine, JointLine, NetworkPicture, PartyLine, PictureArrow,
    PictureNode, RingLine, SaleLine, SystemLine, SystemReport, SystemSensitivityLine,
};
pub use system_page::SystemPage;
pub use table::{Align, Table};

use crate::money::{Currency, Money};
use serde::Serialize;

/// A result that can be shown.
pub trait Report: Serialize {
    /// As tables, in reading order.
    fn tables(&self) -> Vec<Table>;

    /// As JSON, indented, with a line break at the end.
    fn json(&self) -> String {
        // The reports hold strings, numbers and lists of them, which JSON always holds.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// As CSV: the lists of the report one after the other, a blank line between two, the columns named as
    /// in JSON and the figures unrounded; where a list is not flat, the tables.
    fn csv(&self) -> String {
        self.tables().iter().map(Table::csv).collect::<Vec<_>>().join("\n")
    }
}

/// Flat records as CSV, the columns named as in JSON.
fn records<T: Serialize>(lines: &[T]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        // Writing flat records to memory cannot fail.
        let _ = writer.serialize(line);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Money as JSON has it: `1225000000.00`.
fn decimal(currency: Currency, amount: Money) -> String {
    currency.decimal(amount).to_string()
}

/// Money as people read it: `1,225,000,000.00`.
fn grouped(currency: Currency, amount: Money) -> String {
    let text = decimal(currency, amount);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
}

/// Money of a report as people read it.
fn shown(currency: Currency, text: &str) -> String {
    let amount = text.parse().ok().and_then(|value| currency.money(value));
    amount.map_or_else(|| text.to_owned(), |amount| grouped(currency, amount))
}

/// A figure, or a dash where there is none.
fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.decimals$}"))
}

/// A fraction as per cent, or a dash.
fn percent(value: Option<f64>, decimals: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{:.decimals$}%", value * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_by_thousands() {
        let shown = |minor| grouped(Currency::USD, Money::from_minor(minor));
        assert_eq!(
            [shown(0), shown(-5), shown(99_999), shown(-123_456_789)],
            ["0.00", "-0.05", "999.99", "-1,234,567.89"]
        );
        assert_eq!(grouped(Currency::JPY, Money::from_minor(1_000)), "1,000");
    }
}
