//! The capital structure: who loses from where to where.

use super::super::page::Chart;
use super::super::svg::{LayerPlot, LayerRow, MoneyUnit, Plot};
use super::super::{Align, Table, grouped};
use super::{Ink, ink};
use crate::money::{Currency, Money};
use crate::valuation::CapitalStructure;

pub(super) fn chart(currency: Currency, structure: &CapitalStructure) -> Chart {
    let unit = MoneyUnit::of(currency, structure.notes.to_model(currency));
    let amount = |money: Money| format!("{:.1}", money.to_model(currency) / unit.size);
    let row = |(place, layer): (usize, &crate::valuation::Layer)| LayerRow {
        name: layer.note.clone(),
        remark: layer.rating.clone().unwrap_or_else(|| "not rated".to_owned()),
        from: 100.0 * layer.loss_of_collateral.attachment,
        to: if layer.balance.is_zero() {
            100.0 * layer.loss_of_collateral.attachment
        } else {
            100.0 * layer.loss_of_collateral.detachment
        },
        amount: amount(layer.balance),
        ink: ink(place, structure.layers.len()),
    };
    let mut rows: Vec<LayerRow> = structure.layers.iter().enumerate().map(row).collect();
    let of = if structure.collateral.is_some() { "collateral" } else { "the notes' balance" };
    if let Some(collateral) = structure.collateral.filter(|&collateral| collateral > structure.notes) {
        rows.push(LayerRow {
            name: "Equity".to_owned(),
            remark: "loses first".to_owned(),
            from: 0.0,
            to: 100.0 * structure.equity(),
            amount: amount(collateral - structure.notes),
            ink: Ink::Neutral,
        });
    }
    Chart {
        title: format!("Capital structure, {}", unit.name),
        description: format!(
            "Each class with its rating at issue, the share of {of} lost at which it begins and ends to lose, and \
             its balance. Classes that share interest in proportion have the same points."
        ),
        plot: Plot::Layers(LayerPlot { title: format!("Loss, share of {of}"), rows }),
        notes: Vec::new(),
        table: table(currency, structure),
    }
}

fn table(currency: Currency, structure: &CapitalStructure) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("class", Left),
        ("rating", Left),
        ("balance", Right),
        ("attaches, of collateral", Right),
        ("detaches, of collateral", Right),
        ("attaches, of notes", Right),
        ("detaches, of notes", Right),
    ];
    let mut table = Table::new(format!("Capital structure, {currency}"), &columns);
    for layer in &structure.layers {
        let share = |share: f64| format!("{:.4}%", 100.0 * share);
        let (collateral, notes) = (layer.loss_of_collateral, layer.loss_of_notes);
        table.row([
            layer.note.clone(),
            layer.rating.clone().unwrap_or_default(),
            grouped(currency, layer.balance),
            share(collateral.attachment),
            share(collateral.detachment),
            share(notes.attachment),
            share(notes.detachment),
        ]);
    }
    let measured = match structure.collateral {
        Some(collateral) => format!("Collateral and cash {}.", grouped(currency, collateral)),
        None => "No collateral is measured: shares of collateral are those of the notes.".to_owned(),
    };
    table.note(format!("Notes {}. {measured}", grouped(currency, structure.notes)));
    table
}
