//! Who loses what: as collections fall short, and by chance.

use super::super::page::Chart;
use super::super::svg::{Axis, Ink, Mark, Plot, Series, XyPlot};
use super::super::{Align, Table};
use super::{ink, with_error};
use crate::study::overview::{LossCurve, LossHistogram};
use crate::valuation::CapitalStructure;

pub(super) fn curve(structure: &CapitalStructure, curve: &LossCurve) -> Chart {
    let count = structure.layers.len();
    let shown: Vec<usize> = (0..count).filter(|&note| !structure.layers[note].balance.is_zero()).collect();
    let mut columns = vec![("collections lost", Align::Right)];
    columns.extend(shown.iter().map(|&note| (structure.layers[note].note.as_str(), Align::Right)));
    columns.push(("all notes", Align::Right));
    let title = format!("Principal never paid, share of balance, scenario {}", curve.scenario);
    let mut table = Table::new(title, &columns);
    for point in &curve.points {
        let losses = shown.iter().map(|&note| point.losses[note]).chain([point.loss]);
        let cells = [point.cut].into_iter().chain(losses);
        table.row(cells.map(|share| format!("{:.2}%", 100.0 * share)));
    }
    let line = |name: &str, ink: Ink, loss: &dyn Fn(&crate::study::overview::CutPoint) -> f64| Mark::Line {
        series: Series::new(name, ink),
        points: curve.points.iter().map(|point| (100.0 * point.cut, Some(100.0 * loss(point)))).collect(),
    };
    let mut marks: Vec<Mark> = shown
        .iter()
        .map(|&note| line(&structure.layers[note].note, ink(note, count), &|point| point.losses[note]))
        .collect();
    if shown.len() > 1 {
        marks.push(line("All notes", Ink::Main, &|point| point.loss));
    }
    Chart {
        title: "Loss of each note as the pool pays less".to_owned(),
        description: format!(
            "Principal that each note is never paid when that share of every collection of scenario {} is lost and \
             nobody refinances, run through the whole waterfall.",
            curve.scenario
        ),
        plot: Plot::Xy(XyPlot {
            x: Axis::percent("Collections lost"),
            y: Axis::percent("Principal lost, share of balance").reaching(100.0),
            marks,
        }),
        notes: match (shown.is_empty(), curve.falls()) {
            (true, _) => vec!["Nothing is drawn, for no note has a balance at the start.".to_owned()],
            (false, true) => vec![FALLS.to_owned()],
            (false, false) => Vec::new(),
        },
        table,
    }
}

/// Why a curve may fall.
const FALLS: &str =
    "Where a curve falls, the deeper cut trips a trigger sooner, and more of what is left goes to principal.";

pub(super) fn histogram(structure: &CapitalStructure, found: &LossHistogram) -> Chart {
    let columns = [("loss from", Align::Right), ("to", Align::Right), ("probability", Align::Right)];
    let mut table = Table::new("Loss of all notes together, share of their balance", &columns);
    table.row(["0%".to_owned(), "0%".to_owned(), probability(&found.none)]);
    for bucket in &found.buckets {
        table.row([
            format!("{:.1}%", 100.0 * bucket.from),
            format!("{:.1}%", 100.0 * bucket.to),
            probability(&bucket.probability),
        ]);
    }
    table.note(format!("{} paths; after \u{b1}, one standard error.", found.paths));
    let percent = |figure: fn(&crate::study::simulation::Estimate) -> f64| -> Vec<f64> {
        found.buckets.iter().map(|bucket| 100.0 * figure(&bucket.probability)).collect()
    };
    let bars = Mark::Bars {
        edges: found.buckets.iter().map(|bucket| (100.0 * bucket.from, 100.0 * bucket.to)).collect(),
        layers: vec![(
            Series::new("Probability, with one standard error", Ink::Accent),
            percent(|p| p.value),
        )],
        errors: percent(|p| p.std_error),
    };
    let largest = found.buckets.last().map_or(0.0, |bucket| bucket.to);
    let (posts, reach) = attachments(structure, largest);
    let expected = with_error(100.0 * found.expected.value, 100.0 * found.expected.std_error, 3);
    Chart {
        title: "Distribution of losses, with attachment points".to_owned(),
        description: format!(
            "Probability of each range of loss of all notes together, in per cent of their balance. No loss has a \
             probability of {} and is not drawn. Dotted lines: where each class begins to lose if losses go from \
             the bottom up.",
            probability(&found.none)
        ),
        plot: Plot::Xy(XyPlot {
            x: Axis::percent("Loss of all notes, share of balance").reaching(100.0 * reach),
            y: Axis::percent("Probability"),
            marks: [bars].into_iter().chain(posts).collect(),
        }),
        notes: vec![format!("Expected loss {expected}% of the notes' balance; {} paths.", found.paths)],
        table,
    }
}

/// A line where each layer begins to lose, up to the first that no path reaches, and where that is.
fn attachments(structure: &CapitalStructure, largest: f64) -> (Vec<Mark>, f64) {
    let mut layers: Vec<(f64, String)> = Vec::new();
    let mut rank = None;
    for layer in structure.layers.iter().filter(|layer| !layer.balance.is_zero()) {
        match layers.last_mut().filter(|_| rank == Some(layer.rank)) {
            Some((_, names)) => *names = format!("{names}, {}", layer.note),
            None => layers.push((layer.loss_of_notes.attachment, layer.note.clone())),
        }
        rank = Some(layer.rank);
    }
    let next = layers.iter().map(|layer| layer.0).filter(|&at| at >= largest).fold(1.0, f64::min);
    let reach = largest.max(if next < 1.0 { next } else { 0.0 });
    let within = layers.into_iter().filter(|layer| layer.0 <= reach);
    let post = |(at, names)| Mark::Post { x: 100.0 * at, label: format!("{names} {:.1}%", 100.0 * at) };
    (within.map(post).collect(), reach * 1.02)
}

fn probability(estimate: &crate::study::simulation::Estimate) -> String {
    with_error(100.0 * estimate.value, 100.0 * estimate.std_error, 3) + "%"
}
