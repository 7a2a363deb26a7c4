//! Notches lost when one figure is wrong.

use super::super::page::Chart;
use super::super::svg::{Axis, BarRow, Ink, Plot, RowPlot, Series};
use super::super::{Align, Table};
use crate::study::compare_2008::{FragileClass, Wrong};

/// What is drawn; the table has every case.
const DRAWN: [(Wrong, &str); 4] = [
    (Wrong::DefaultsDouble, "Notches lost when defaults double"),
    (Wrong::CorrelationEighty, "Notches lost when correlation is .80, not .20"),
    (Wrong::ChipLifeYearShorter, "Notches lost when chips live a year less, rents following by a quarter"),
    (Wrong::ChipLifeYearShorterOneForOne, "Notches lost when chips live a year less, rents one for one"),
];

/// A chart for each case in which some class moves.
pub(super) fn charts(classes: &[FragileClass]) -> Vec<Chart> {
    DRAWN.iter().filter_map(|&(wrong, title)| chart(classes, wrong, title)).collect()
}

fn chart(classes: &[FragileClass], wrong: Wrong, title: &str) -> Option<Chart> {
    let columns = [("deal", Align::Left), ("class", Align::Left), ("rating implied after", Align::Left)];
    let mut table = Table::new(title, &[&columns[..], &[("notches lost", Align::Right)]].concat());
    let mut rows = Vec::new();
    for class in classes {
        let Some(moved) = class.moved(wrong) else { continue };
        let after = moved.after.implied.to_string();
        table.row([class.deal.clone(), class.note.clone(), after.clone(), moved.notches_lost.to_string()]);
        if moved.notches_lost != 0 {
            rows.push(BarRow {
                name: format!("{} {}", class.deal, class.note),
                remark: format!("{}, to {after}", moved.notches_lost),
                figures: vec![f64::from(moved.notches_lost)],
            });
        }
    }
    let still = match table.rows().len() - rows.len() {
        0 => String::new(),
        1 => " One class that does not move is left out.".to_owned(),
        still => format!(" {still} classes that do not move are left out."),
    };
    (!rows.is_empty()).then(|| Chart {
        title: title.to_owned(),
        description: format!(
            "Steps down the rating scale that a class's expected loss implies when this one figure of the model is \
             wrong.{still}"
        ),
        plot: Plot::Rows(RowPlot {
            axis: Axis::count("Notches lost"),
            parts: vec![Series::new("Notches lost", Ink::Accent)],
            rows,
        }),
        notes: Vec::new(),
        table,
    })
}
