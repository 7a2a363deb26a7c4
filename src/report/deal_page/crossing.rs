//! Contracts against the market, and notes against what secures them: two pairs of lines, and when they cross.

use super::super::page::Chart;
use super::super::svg::{Axis, Ink, Mark, MoneyUnit, PanelPlot, Plot, Series, XyPlot, years};
use super::super::{Align, Table, grouped};
use crate::money::{Currency, Money};
use crate::study::{Crossing, CrossingPoint, Turn};
use chrono::Datelike;

/// Stretches that are told one by one; lines that cross by the season have many.
const TOLD: usize = 3;

/// What crosses when, in words.
pub(super) fn sentences(found: &Crossing) -> [String; 2] {
    let rents = when(&found.rent_turns, |turn| turn.date.to_string());
    let notes = when(&found.note_turns, |turn| turn.date.to_string());
    [
        match found.rent_turns.is_empty() {
            true => {
                "Contracted rent and market rent do not cross: contracts are never above the market.".into()
            }
            false => format!("Contracted rent is above market rent {rents}."),
        },
        match found.note_turns.is_empty() {
            true => {
                "Notes and collateral do not cross: the notes are never owed more than it is worth.".into()
            }
            false => format!("The notes are owed more than the collateral is worth {notes}."),
        },
    ]
}

/// From when to when: `from 2028 to 2031`.
fn when(turns: &[Turn], shown: impl Fn(&Turn) -> String) -> String {
    let mut words = String::new();
    for stretch in turns.chunks(2).take(TOLD) {
        let from = shown(&stretch[0]);
        let to = stretch.get(1).map(&shown);
        words += if words.is_empty() { "" } else { ", again " };
        words += &match (stretch[0].from_start, to) {
            (true, None) => format!("from the start ({from})"),
            (true, Some(to)) => format!("from the start ({from}) to {to}"),
            (false, None) => format!("from {from}"),
            (false, Some(to)) if to == from => format!("in {from}"),
            (false, Some(to)) => format!("from {from} to {to}"),
        };
    }
    let rest = turns.len().saturating_sub(2 * TOLD);
    if rest > 0 { format!("{words}, and crosses {rest} more times") } else { words }
}

/// Turns by the year: one back and up again within a year is none.
fn by_year(turns: &[Turn]) -> Vec<Turn> {
    let mut found: Vec<Turn> = Vec::new();
    for turn in turns {
        match found.last() {
            Some(last) if turn.above && last.date.year() == turn.date.year() => drop(found.pop()),
            _ => found.push(*turn),
        }
    }
    found
}

pub(super) fn chart(currency: Currency, found: &Crossing) -> Chart {
    let (rent_turns, note_turns) = (by_year(&found.rent_turns), by_year(&found.note_turns));
    let above = |name: &str, turns: &[Turn]| match turns {
        [] => format!("{name}, never above"),
        _ => format!("{name}, above {}", when(turns, |turn: &Turn| turn.date.year().to_string())),
    };
    let rents = Pair {
        of: "Rent a month",
        upper: (above("Contracted rent", &rent_turns), |p| rent(p, p.contracted_rent)),
        lower: ("Market rent".to_owned(), |p| rent(p, p.market_rent)),
        turns: &rent_turns,
        inks: [Ink::Place(0, 16), Ink::Place(13, 16)],
    };
    let balances = Pair {
        of: "Balance and value",
        upper: (above("Notes", &note_turns), |p| Some(p.note_balance)),
        lower: ("Collateral value".to_owned(), |p| Some(p.collateral_value)),
        turns: &note_turns,
        inks: [Ink::Place(8, 16), Ink::Accent],
    };
    Chart {
        title: "Contracts against the market, notes against collateral".to_owned(),
        description: format!(
            "On each payment date of scenario {} until the notes are gone: above, a month's rent in force under the \
             contracts on the tape, options left out, and what the market would pay for the same, until the last of \
             them ends; below, the balance of all notes and the value of what secures them, which for \
             buildings follows rent in force and so steps where a rent is set anew. Dotted lines: where one passes the other.",
            found.scenario
        ),
        plot: Plot::Panels(PanelPlot {
            panels: vec![rents.panel(currency, &found.points), balances.panel(currency, &found.points)],
        }),
        notes: Vec::new(),
        table: table(currency, found),
    }
}

/// Rent while there are contracts.
fn rent(point: &CrossingPoint, amount: Money) -> Option<Money> {
    point.has_contracts().then_some(amount)
}

/// The figure of a line on a payment date.
type Figure = fn(&CrossingPoint) -> Option<Money>;

/// Two lines, of which one may pass the other.
struct Pair<'a> {
    of: &'static str,
    upper: (String, Figure),
    lower: (String, Figure),
    turns: &'a [Turn],
    inks: [Ink; 2],
}

impl Pair<'_> {
    fn panel(&self, currency: Currency, points: &[CrossingPoint]) -> XyPlot {
        let model = |amount: Option<Money>| amount.map(|amount| amount.to_model(currency));
        let both = points.iter().flat_map(|point| [(self.upper.1)(point), (self.lower.1)(point)]);
        let unit = MoneyUnit::of(currency, both.filter_map(model).fold(0.0, f64::max));
        let line = |(name, figure): &(String, Figure), ink: Ink| Mark::Line {
            series: Series::new(name.clone(), ink),
            points: points
                .iter()
                .map(|point| (years(point.date), model(figure(point)).map(|amount| amount / unit.size)))
                .collect(),
        };
        let post = |turn: &Turn| Mark::Post {
            x: years(turn.date),
            label: format!("{} {}", turn.date.year(), if turn.above { "above" } else { "no longer" }),
        };
        let crossed = self.turns.iter().filter(|turn| !turn.from_start).take(2 * TOLD).map(post);
        let marks = [line(&self.upper, self.inks[0]), line(&self.lower, self.inks[1])];
        XyPlot {
            x: Axis::dates(),
            y: Axis::number(format!("{}, {}", self.of, unit.name)),
            marks: marks.into_iter().chain(crossed).collect(),
        }
    }
}

fn table(currency: Currency, found: &Crossing) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("payment date", Left),
        ("contracted rent, month", Right),
        ("market rent, month", Right),
        ("notes", Right),
        ("collateral", Right),
    ];
    let mut table = Table::new(format!("Contracts and market, notes and collateral, {currency}"), &columns);
    for point in &found.points {
        table.row([
            point.date.to_string(),
            grouped(currency, point.contracted_rent),
            grouped(currency, point.market_rent),
            grouped(currency, point.note_balance),
            grouped(currency, point.collateral_value),
        ]);
    }
    table.note("Contracts: leases on the tape while their term runs, options left out, whoever pays. Market: the same space in its hall as it is; the same chips by the hour, less power and operating cost.");
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_in_words() {
        let turn = |date: &str, above, from_start| Turn { date: date.parse().unwrap(), above, from_start };
        let year = |turn: &Turn| turn.date.year().to_string();
        assert_eq!(when(&[turn("2028-01-20", true, false)], year), "from 2028");
        let back = [turn("2026-01-20", true, true), turn("2029-01-20", false, false)];
        assert_eq!(when(&back, year), "from the start (2026) to 2029");
        let often: Vec<Turn> =
            (0..8).map(|k| turn(&format!("20{}-01-20", 30 + k), k % 2 == 0, false)).collect();
        let told =
            "from 2030 to 2031, again from 2032 to 2033, again from 2034 to 2035, and crosses 2 more times";
        assert_eq!(when(&often, year), told);
        assert_eq!(
            when(&[turn("2030-01-20", true, false), turn("2030-04-20", false, false)], year),
            "in 2030"
        );
    }

    #[test]
    fn a_dip_within_a_year_is_no_turn_of_years() {
        let turn = |date: &str, above| Turn { date: date.parse().unwrap(), above, from_start: false };
        let turns = [
            turn("2025-01-27", true),
            turn("2039-05-25", false),
            turn("2039-06-27", true),
            turn("2039-07-25", false),
        ];
        assert_eq!(by_year(&turns), [turns[0], turns[3]]);
        assert_eq!(by_year(&turns[..2]), turns[..2]);
    }
}
