//! What every class loses as its pool loses: by arithmetic and run.

use super::super::compare_2008::loss_table;
use super::super::page::Chart;
use super::super::svg::{Axis, Ink, Mark, PanelPlot, Plot, Series, XyPlot};
use crate::study::compare_2008::{DealLosses, LossPoint};

pub(super) fn chart(losses: &DealLosses) -> Chart {
    let count = losses.notes.len();
    let panel = |title: &str, points: &dyn Fn(usize) -> Vec<(f64, Option<f64>)>| XyPlot {
        x: Axis::percent("Loss of the pool"),
        y: Axis::percent(title).reaching(100.0),
        marks: (0..count)
            .map(|note| Mark::Line {
                series: Series::new(&losses.notes[note], Ink::Place(note, count)),
                points: points(note),
            })
            .collect(),
    };
    let percent = |pool_loss: f64, loss: Option<&f64>| (100.0 * pool_loss, loss.map(|loss| 100.0 * loss));
    let mut panels = vec![panel("Arithmetic: loss of the class", &|note| {
        losses.arithmetic.iter().map(|point| percent(point.pool_loss, point.losses.get(note))).collect()
    })];
    let mut notes = Vec::new();
    if losses.points.iter().any(|point| point.run.is_some()) {
        let run = |point: &LossPoint, note: usize| point.run.as_ref().and_then(|run| run.get(note)).copied();
        panels.push(panel("Run: principal never paid", &|note| {
            let at = |point: &LossPoint| percent(point.pool_loss, run(point, note).as_ref());
            losses.points.iter().map(at).collect()
        }));
        notes.push("Run at every 5% of pool loss, straight lines between.".to_owned());
        let falls = |note| losses.points.windows(2).any(|pair| run(&pair[1], note) < run(&pair[0], note));
        if (0..count).any(falls) {
            notes.push(
                "Where a curve falls, the deeper loss trips a trigger sooner, and more of what is left goes to principal."
                    .to_owned(),
            );
        }
    }
    Chart {
        title: losses.deal.clone(),
        description: format!(
            "Loss of each class of {} as its pool, or for a deal on notes every pool below, loses 0 to 60%.",
            losses.deal
        ),
        plot: Plot::Panels(PanelPlot { panels }),
        notes,
        table: loss_table(losses),
    }
}
