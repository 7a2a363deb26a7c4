//! Who loses how much, and by which way.

use super::super::page::Chart;
use super::super::svg::{Axis, BarRow, Ink, Plot, RowPlot, Series};
use super::super::{Align, Table};
use crate::study::system::{Losses, System, SystemResult};

/// Less than a tenth of a basis point is not told as a loss.
const LEAST: f64 = 1e-5;

/// One loser: its name, what shares are of, and its losses in shares.
struct Line {
    name: String,
    of: String,
    losses: Losses,
}

/// The holders with equity; none if nobody gains or loses.
pub(super) fn holders(system: &System, result: &SystemResult) -> Option<Chart> {
    let lines = result.groups.iter().filter(|group| group.equity > 0.0).map(|group| {
        let terms = system.holders().groups().iter().find(|terms| terms.id == group.id);
        let Losses { direct, ring, households, price_impact } = group.losses;
        Line {
            name: terms.and_then(|terms| terms.name.clone()).unwrap_or_else(|| group.id.replace('_', " ")),
            of: format!("{:.1}", group.equity / 1e9),
            losses: Losses {
                direct: direct / group.equity,
                ring: ring / group.equity,
                households: households / group.equity,
                price_impact: price_impact / group.equity,
            },
        }
    });
    let outcome = &result.outcome;
    chart(
        lines.collect(),
        format!("Holders in {outcome}: share of equity lost"),
        "What each group of holders loses, as a share of its equity at the start, by the way in which it came. To the \
         left of nothing: gains. One figure where the first round is all.",
        ("equity, USD bn", "Lost, share of equity"),
    )
}

/// The notes with a price that gain or lose; none if none does.
pub(super) fn notes(result: &SystemResult) -> Option<Chart> {
    let moved = result.notes.iter().filter(|note| {
        let Losses { direct, ring, households, price_impact } = note.losses;
        note.base_price.is_some() && [direct, ring, households, price_impact].iter().any(|p| p.abs() > LEAST)
    });
    let lines = moved.map(|note| Line {
        name: format!("{} {}", note.deal, note.class),
        of: note.base_price.map_or("-".to_owned(), |price| format!("{price:.3}")),
        losses: note.losses,
    });
    let outcome = &result.outcome;
    chart(
        lines.collect(),
        format!("Notes in {outcome}: share of price lost"),
        "What each note loses of its price at closing in its deal's base scenario, at the spread that it has there, by \
         the way in which it came. Notes that lose nothing are left out. To the left of nothing: gains. One \
         figure where the first round is all.",
        ("price per 100", "Lost, share of price"),
    )
}

fn chart(lines: Vec<Line>, title: String, description: &str, (of, axis): (&str, &str)) -> Option<Chart> {
    if lines.iter().all(|line| line.losses.total().abs() < LEAST && line.losses.first().abs() < LEAST) {
        return None;
    }
    let row = |line: &Line| {
        let Losses { direct, ring, households, price_impact } = line.losses;
        BarRow {
            name: line.name.clone(),
            remark: {
                let (first, last) = (percent(line.losses.first()), percent(line.losses.total()));
                if first == last { last } else { format!("{first} first, {last} final") }
            },
            figures: [direct, ring, households, price_impact].map(|share| 100.0 * share).to_vec(),
        }
    };
    Some(Chart {
        description: description.to_owned(),
        plot: Plot::Rows(RowPlot {
            axis: Axis::percent(axis),
            parts: vec![
                Series::new("The outcome itself", Ink::Shade(1)),
                Series::new("Ring", Ink::Warning),
                Series::new("Households", Ink::Shade(15)),
                Series::new("Price impact", Ink::Accent),
            ],
            rows: lines.iter().map(row).collect(),
        }),
        notes: Vec::new(),
        table: table(&title, of, &lines),
        title,
    })
}

fn table(title: &str, of: &str, lines: &[Line]) -> Table {
    let shares = ["first round", "final", "itself", "ring", "households", "price impact"];
    let mut columns = vec![("", Align::Left), (of, Align::Right)];
    columns.extend(shares.map(|name| (name, Align::Right)));
    columns[0].0 = "who";
    let mut table = Table::new(title, &columns);
    for line in lines {
        let Losses { direct, ring, households, price_impact } = line.losses;
        let shares = [line.losses.first(), line.losses.total(), direct, ring, households, price_impact];
        table.row([line.name.clone(), line.of.clone()].into_iter().chain(shares.map(percent)));
    }
    table
}

/// Per cent, nothing being no more than nothing.
fn percent(share: f64) -> String {
    let text = format!("{:.2}%", 100.0 * share);
    if text == "-0.00%" { "0.00%".to_owned() } else { text }
}
