//! What every class loses as its pool loses: by arithmetic and run.

use super::super::compare_2008::loss_table;
use super::super::page::Chart;
use super::super::svg::{Axis, Ink, Mark, PanelPlot, Plot, Series, XyPlot};
use crate::study::compare_2008::{DealLosses, LossPoint};

pub(super) fn chart(losses: &DealLosses) -> Chart {
    let count = losses.notes.len();
    let panel = |title: &str, loss: &dyn Fn(&LossPoint, usize) -> Option<f64>| XyPlot {
        x: Axis::percent("Loss of the pool"),
        y: Axis::percent(title).reaching(100.0),
        marks: (0..count)
            .map(|note| Mark::Line {
                series: Series::new(&losses.notes[note], Ink::Place(note, count)),
                points: losses
                    .points
                    .iter()
                    .map(|point| (100.0 * point.pool_loss, loss(point, note).map(|loss| 100.0 * loss)))
                    .collect(),
            })
            .collect(),
    };
    let mut panels =
        vec![panel("Arithmetic: loss of the class", &|point, note| point.arithmetic.get(note).copied())];
    if losses.points.iter().any(|point| point.run.is_some()) {
        panels.push(panel("Run: principal never paid", &|point, note| {
            point.run.as_ref().and_then(|run| run.get(note)).copied()
        }));
    }
    Chart {
        title: losses.deal.clone(),
        description: format!(
            "Loss of each class of {} as its pool, or for a deal on notes every pool below, loses 0 to 60%.",
            losses.deal
        ),
        plot: Plot::Panels(PanelPlot { panels }),
        notes: Vec::new(),
        table: loss_table(losses),
    }
}
