//! Marks, scaled to pixels.

use super::canvas::{Anchor, Canvas};
use super::plot::{Frame, LINE, Mark};
use super::scale::{Scale, text_width};

/// Rows of post labels at most; what finds no room is told by the table.
const POST_ROWS: usize = 4;

/// Where a post's label stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PostLabel {
    pub row: usize,
    x: f64,
    text: String,
}

/// The figures of a mark along the vertical axis.
pub(super) fn heights(mark: &Mark) -> Vec<f64> {
    match mark {
        Mark::Areas { x, layers } => stacks(layers.iter().map(|(_, figures)| figures), x.len()),
        Mark::Bars { edges, layers, errors } => {
            let stacks = stacks(layers.iter().map(|(_, figures)| figures), edges.len());
            let error = |place: usize| errors.get(place).copied().unwrap_or(0.0);
            stacks.iter().enumerate().map(|(place, stack)| stack + error(place)).collect()
        }
        Mark::Line { points, .. } => points.iter().filter_map(|&(_, figure)| figure).collect(),
        Mark::Band { points, .. } => points.iter().flat_map(|&(_, low, high)| [low, high]).collect(),
        Mark::Level { y, .. } => vec![*y],
        Mark::Post { .. } => Vec::new(),
    }
}

/// The figures of a mark along the horizontal axis.
pub(super) fn places(mark: &Mark) -> Vec<f64> {
    match mark {
        Mark::Areas { x, .. } => x.clone(),
        Mark::Bars { edges, .. } => edges.iter().flat_map(|&(from, to)| [from, to]).collect(),
        Mark::Line { points, .. } => points.iter().map(|&(x, _)| x).collect(),
        Mark::Band { points, .. } => points.iter().map(|&(x, ..)| x).collect(),
        Mark::Post { .. } | Mark::Level { .. } => Vec::new(),
    }
}

fn stacks<'a>(layers: impl Iterator<Item = &'a Vec<f64>>, places: usize) -> Vec<f64> {
    layers.fold(vec![0.0; places], |mut sums, figures| {
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        sums
    })
}

/// Rows for the labels of posts, so that none meets another: each takes the first row with room.
pub(super) fn posts(marks: &[Mark], x: &Scale) -> Vec<PostLabel> {
    let mut found: Vec<(f64, &String)> = Vec::new();
    for mark in marks {
        if let Mark::Post { x, label } = mark {
            found.push((*x, label));
        }
    }
    found.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut ends = [f64::NEG_INFINITY; POST_ROWS];
    let mut placed = Vec::new();
    for (value, text) in found {
        let (at, wide) = (x.at(value), text_width(text));
        if !(x.low..=x.high).contains(&value) {
            continue;
        }
        // To the right of its line, or so far left that it stays inside.
        let start = (at + 3.0).min(x.to + 12.0 - wide).max(0.0);
        if let Some(row) = ends.iter().position(|&end| end + 6.0 <= start) {
            ends[row] = start + wide;
            placed.push(PostLabel { row, x: start, text: text.clone() });
        }
    }
    placed
}

/// Everything, first marks below; labels last.
pub(super) fn draw(canvas: &mut Canvas, marks: &[Mark], frame: &Frame, posts: &[PostLabel]) {
    for mark in marks {
        match mark {
            Mark::Areas { x, layers } => areas(canvas, x, layers, frame),
            Mark::Bars { edges, layers, errors } => bars(canvas, edges, layers, errors, frame),
            Mark::Line { series, points } => line(canvas, &series.ink.line(), points, frame),
            Mark::Band { series, points } => band(canvas, &series.ink.fill(), points, frame),
            Mark::Level { y, .. } => {
                let y = frame.y.at(*y);
                canvas.line("l k-warning d1", (frame.x.from, y), (frame.x.to, y));
            }
            Mark::Post { x, .. } if (frame.x.low..=frame.x.high).contains(x) => {
                let x = frame.x.at(*x);
                canvas.line("post", (x, frame.y.from), (x, frame.y.to - LINE * 0.2));
            }
            Mark::Post { .. } => {}
        }
    }
    for post in posts {
        let y = frame.y.to - 5.0 - LINE * post.row as f64;
        canvas.text("tick", (post.x, y), Anchor::Start, &post.text);
    }
    levels(canvas, marks, frame);
}

/// Layers above which the edges between them are fine: thick ones would be all that is seen of thin layers.
const MANY: usize = 8;

/// The class of a layer with an edge in the colour of the paper.
fn edged(layers: usize) -> &'static str {
    if layers > MANY { "area fine" } else { "area" }
}

fn areas(canvas: &mut Canvas, x: &[f64], layers: &[(super::Series, Vec<f64>)], frame: &Frame) {
    let mut base = vec![0.0; x.len()];
    for (series, figures) in layers {
        let top: Vec<f64> = base.iter().zip(figures).map(|(base, figure)| base + figure).collect();
        let at = |(&x, &y): (&f64, &f64)| (frame.x.at(x), frame.y.at(y));
        let mut outline: Vec<(f64, f64)> = x.iter().zip(&top).map(at).collect();
        outline.extend(x.iter().zip(&base).rev().map(at));
        if figures.iter().any(|&figure| figure != 0.0) {
            canvas.path(&format!("{} {}", edged(layers.len()), series.ink.fill()), &outline, true);
        }
        base = top;
    }
}

fn bars(
    canvas: &mut Canvas,
    edges: &[(f64, f64)],
    layers: &[(super::Series, Vec<f64>)],
    errors: &[f64],
    frame: &Frame,
) {
    for (place, &(from, to)) in edges.iter().enumerate() {
        let (left, right) = (frame.x.at(from), frame.x.at(to));
        let gap = (0.12 * (right - left)).min(4.0);
        let mut base = 0.0;
        for (series, figures) in layers {
            let figure = figures.get(place).copied().unwrap_or(0.0);
            let (low, high) = (frame.y.at(base), frame.y.at(base + figure));
            if figure != 0.0 {
                let class = format!("{} {}", edged(layers.len()), series.ink.fill());
                canvas.rect(
                    &class,
                    (left + gap, high.min(low)),
                    (right - left - 2.0 * gap, (low - high).abs()),
                );
            }
            base += figure;
        }
        if let Some(&error) = errors.get(place).filter(|&&error| error > 0.0) {
            let middle = (left + right) / 2.0;
            let (low, high) = (frame.y.at((base - error).max(frame.y.low)), frame.y.at(base + error));
            canvas.line("whisker", (middle, low), (middle, high));
            for y in [low, high] {
                canvas.line("whisker", (middle - 3.0, y), (middle + 3.0, y));
            }
        }
    }
}

fn line(canvas: &mut Canvas, class: &str, points: &[(f64, Option<f64>)], frame: &Frame) {
    let scaled =
        |&(x, y): &(f64, Option<f64>)| y.filter(|y| y.is_finite()).map(|y| (frame.x.at(x), frame.y.at(y)));
    let all: Vec<Option<(f64, f64)>> = points.iter().map(scaled).collect();
    for stretch in all.split(Option::is_none) {
        let stretch: Vec<(f64, f64)> = stretch.iter().copied().flatten().collect();
        match stretch.as_slice() {
            [] => {}
            [alone] => canvas.dot(&class.replace("l k-", "f-"), *alone),
            stretch => canvas.path(class, stretch, false),
        }
    }
}

fn band(canvas: &mut Canvas, class: &str, points: &[(f64, f64, f64)], frame: &Frame) {
    let upper = points.iter().map(|&(x, _, high)| (frame.x.at(x), frame.y.at(high)));
    let lower = points.iter().rev().map(|&(x, low, _)| (frame.x.at(x), frame.y.at(low)));
    canvas.path(class, &upper.chain(lower).collect::<Vec<_>>(), true);
}

/// Labels of levels at the right, moved apart where they would meet.
fn levels(canvas: &mut Canvas, marks: &[Mark], frame: &Frame) {
    let mut labels: Vec<(f64, &String)> = Vec::new();
    for mark in marks {
        if let Mark::Level { y, label, is_label_under } = mark {
            let at = frame.y.at(*y);
            // Under the line too where there is no room above it.
            let under = *is_label_under || at - 4.0 < frame.y.to + LINE - 3.0;
            labels.push((if under { at + LINE - 2.0 } else { at - 4.0 }, label));
        }
    }
    labels.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut free = frame.y.to + LINE - 3.0;
    for label in &mut labels {
        label.0 = label.0.max(free);
        free = label.0 + LINE;
    }
    let mut free = frame.y.from - 3.0;
    for label in labels.iter_mut().rev() {
        label.0 = label.0.min(free);
        free = label.0 - LINE;
    }
    for (y, label) in labels {
        canvas.text("level", (frame.x.to - 2.0, y), Anchor::End, label);
    }
}
