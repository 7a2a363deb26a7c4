//! What each party pays of what it has promised.

use super::super::page::Chart;
use super::super::svg::{Axis, BarRow, Ink, Plot, RowPlot, Series};
use super::super::{Align, Table, grouped};
use crate::Currency;
use crate::money::Money;
use crate::study::system::{Party, PartyFlow, System, SystemResult};

fn name(party: &Party) -> String {
    party.name.clone().unwrap_or_else(|| party.id.clone())
}

fn billions(amount: Money) -> f64 {
    amount.to_model(Currency::USD) / 1e9
}

/// None where everything is paid.
pub(super) fn chart(system: &System, result: &SystemResult) -> Option<Chart> {
    let network = system.network();
    let flows = network.flows(result);
    let lost: Money = flows.iter().map(|flow| flow.unpaid).sum();
    if lost.is_zero() {
        return None;
    }
    let paid: Money = flows.iter().map(|flow| flow.paid).sum();
    let mut order: Vec<usize> =
        (0..flows.len()).filter(|&party| !(flows[party].paid + flows[party].unpaid).is_zero()).collect();
    order.sort_by_key(|&party| std::cmp::Reverse(flows[party].paid + flows[party].unpaid));
    let row = |&party: &usize| {
        let flow = flows[party];
        let year = result.cascade.defaulted[party].map(|year| usize::from(network.first_year()) + year);
        let fails = year.map_or(String::new(), |year| format!(", cannot pay from {year}"));
        BarRow {
            name: name(&network.parties()[party]) + &fails,
            remark: format!("{:.1} of {:.1} bn", billions(flow.paid), billions(flow.paid + flow.unpaid)),
            figures: vec![billions(flow.paid), billions(flow.unpaid)],
        }
    };
    let mut table = Table::new(format!("Paid and unpaid in {}, USD", result.outcome), &COLUMNS[1..]);
    for &party in &order {
        table.row(cells(&network.parties()[party], &flows[party]));
    }
    Some(Chart {
        title: format!("Paid and unpaid in {}, USD bn", result.outcome),
        description: format!(
            "What each party pays of what it has promised others of the network from {} to {}: {:.1} billion dollars \
             are paid and {:.1} billion are not, because who was to pay could not or a default ended the contract.",
            network.first_year(),
            network.last_year(),
            billions(paid),
            billions(lost)
        ),
        plot: Plot::Rows(RowPlot {
            axis: Axis::number("Due in the network's years, USD bn"),
            parts: vec![Series::new("Paid", Ink::Accent), Series::new("Not paid", Ink::Warning)],
            rows: order.iter().map(row).collect(),
        }),
        notes: Vec::new(),
        table,
    })
}

const COLUMNS: [(&str, Align); 6] = [
    ("outcome", Align::Left),
    ("party", Align::Left),
    ("paid", Align::Right),
    ("not paid", Align::Right),
    ("received", Align::Right),
    ("not received", Align::Right),
];

fn cells(party: &Party, flow: &PartyFlow) -> [String; 5] {
    let money = |amount| grouped(Currency::USD, amount);
    [name(party), money(flow.paid), money(flow.unpaid), money(flow.received), money(flow.missed)]
}

/// Every party in every outcome.
pub(super) fn table(system: &System, results: &[SystemResult]) -> Table {
    let mut table = Table::new("Money between parties, USD, all outcomes", &COLUMNS);
    for result in results {
        for (party, flow) in system.network().parties().iter().zip(system.network().flows(result)) {
            table.row([result.outcome.clone()].into_iter().chain(cells(party, &flow)));
        }
    }
    table.note("Over the years of the network; running costs and money from outside it are not in here.");
    table
}
