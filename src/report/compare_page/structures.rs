//! Structures as slices of the collateral, and how few owe.

use super::super::page::Chart;
use super::super::svg::{Axis, BarRow, Ink, Plot, RowPlot, Series};
use super::super::{Align, Table};
use crate::credit::Rating;
use crate::study::compare_2008::{ClassLine, DealStructure};

/// From what loses first to what loses last.
const SLICES: [(&str, Ink); 7] = [
    ("Equity, loses first", Ink::Neutral),
    ("Not rated", Ink::Soft),
    ("BB and below", Ink::Shade(15)),
    ("BBB", Ink::Shade(12)),
    ("A", Ink::Shade(9)),
    ("AA", Ink::Shade(5)),
    ("AAA", Ink::Shade(1)),
];

/// The slice that a class is part of.
fn slice(class: &ClassLine) -> usize {
    let Some(text) = &class.rating else { return 1 };
    // Some agencies say (high) and (low) where others say + and -.
    let plain = text.split([' ', '(']).next().unwrap_or_default();
    let Ok(rating) = plain.parse::<Rating>() else { return 1 };
    match rating.sp().trim_end_matches(['+', '-']) {
        "AAA" => 6,
        "AA" => 5,
        "A" => 4,
        "BBB" => 3,
        _ => 2,
    }
}

pub(super) fn classes(structures: &[DealStructure]) -> Chart {
    let row = |deal: &DealStructure| {
        let whole = deal.collateral.max(deal.notes).max(1.0);
        let mut figures = vec![0.0; SLICES.len()];
        figures[0] = 100.0 * (1.0 - deal.notes / whole);
        for class in &deal.classes {
            figures[slice(class)] += 100.0 * class.balance / whole;
        }
        BarRow { name: deal.deal.clone(), remark: format!("LTV {:.1}%", 100.0 * deal.ltv), figures }
    };
    let rows: Vec<BarRow> = structures.iter().map(row).collect();
    let mut columns = vec![("deal", Align::Left)];
    columns.extend(SLICES.iter().map(|&(name, _)| (name, Align::Right)));
    let mut table = Table::new("Share of the collateral by category of rating", &columns);
    for row in &rows {
        let cells = row.figures.iter().map(|share| format!("{share:.2}%"));
        table.row([row.name.clone()].into_iter().chain(cells));
    }
    Chart {
        title: "Slices of the collateral by rating".to_owned(),
        description: "Each deal's collateral cut into what belongs to nobody's notes and to notes by their rating at issue. \
                      Losses come from the left: a slice begins to lose where it begins."
            .to_owned(),
        plot: Plot::Rows(RowPlot {
            axis: Axis::percent("Loss, share of the collateral").reaching(100.0),
            parts: SLICES.iter().map(|&(name, ink)| Series::new(name, ink)).collect(),
            rows,
        }),
        notes: Vec::new(),
        table,
    }
}

pub(super) fn obligors(structures: &[DealStructure]) -> Chart {
    let mut table = Table::new(
        "Who owes what the pool collects",
        &[
            ("deal", Align::Left),
            ("obligors", Align::Right),
            ("effective number", Align::Right),
            ("largest", Align::Right),
            ("five largest", Align::Right),
        ],
    );
    let mut rows = Vec::new();
    for deal in structures {
        let of = &deal.obligors;
        let percent = |share: f64| format!("{:.2}%", 100.0 * share);
        table.row([
            deal.deal.clone(),
            format!("{:.0}", of.number),
            format!("{:.1}", of.effective),
            percent(of.largest),
            percent(of.top_five),
        ]);
        rows.push(BarRow {
            name: deal.deal.clone(),
            remark: format!("worth {:.1} alike, of {:.0}", of.effective, of.number),
            figures: vec![100.0 * of.largest, 100.0 * (of.top_five - of.largest).max(0.0)],
        });
    }
    Chart {
        title: "How few owe".to_owned(),
        description: "Share of rent, cost or balance that the largest obligor and the five largest owe; to the right, how \
                      many obligors alike the pool is worth, one over the sum of squared shares."
            .to_owned(),
        plot: Plot::Rows(RowPlot {
            axis: Axis::percent("Share of what the pool collects").reaching(100.0),
            parts: vec![
                Series::new("The largest", Ink::Warning),
                Series::new("The next four", Ink::Accent),
            ],
            rows,
        }),
        notes: unnamed(structures).into_iter().collect(),
        table,
    }
}

/// Where a pool is worth more obligors alike than it names, says why.
fn unnamed(structures: &[DealStructure]) -> Option<String> {
    let more = |deal: &&DealStructure| deal.obligors.effective > deal.obligors.number;
    let deals: Vec<&str> = structures.iter().filter(more).map(|deal| deal.deal.as_str()).collect();
    (!deals.is_empty()).then(|| {
        format!(
            "Small customers entered as one tenant are spread over so many that they add nothing to the squared shares: \
             that is how a pool can be worth more obligors than it names ({}).",
            deals.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_fall_into_slices() {
        let class = |rating: Option<&str>| ClassLine {
            note: "A".to_owned(),
            rating: rating.map(str::to_owned),
            balance: 1.0,
            subordination: 0.0,
            detachment: 1.0,
            first_loss_at: None,
            all_lost_at: None,
        };
        let found = [Some("AAA"), Some("AA-"), Some("A (low)"), Some("Baa2"), Some("BB+"), None]
            .map(|rating| SLICES[slice(&class(rating))].0);
        assert_eq!(found, ["AAA", "AA", "A", "BBB", "BB and below", "Not rated"]);
    }
}
