//! A plot of marks between two axes.

use super::canvas::{Anchor, Canvas};
use super::scale::{Scale, date_ticks, text_width, thinned, tick_labels, ticks, whole_ticks};
use super::{Key, Size, marks};

/// Marks between a horizontal and a vertical axis.
#[derive(Clone, Debug, PartialEq)]
pub struct XyPlot {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, first things below.
    pub marks: Vec<Mark>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it measures, with its unit: `Balance, USD m`.
    pub title: String,
    /// What its figures are.
    pub kind: AxisKind,
    /// Whether it reaches to nothing.
    pub from_zero: bool,
    /// How far it reaches at least.
    pub reach: Option<f64>,
}

/// What the figures of an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisKind {
    /// Plain figures.
    Number,
    /// Whole figures: how many of something.
    Count,
    /// Per cent.
    Percent,
    /// Years, as a date has: 2026.5.
    Date,
}

impl Axis {
    /// An axis of payment dates.
    pub fn dates() -> Axis {
        Axis { title: "Payment date".to_owned(), kind: AxisKind::Date, from_zero: false, reach: None }
    }

    /// An axis of plain figures from nothing up.
    pub fn number(title: impl Into<String>) -> Axis {
        Axis { title: title.into(), kind: AxisKind::Number, from_zero: true, reach: None }
    }

    /// An axis of counts from nothing up.
    pub fn count(title: impl Into<String>) -> Axis {
        Axis { title: title.into(), kind: AxisKind::Count, from_zero: true, reach: None }
    }

    /// An axis of per cent from nothing up.
    pub fn percent(title: impl Into<String>) -> Axis {
        Axis { title: title.into(), kind: AxisKind::Percent, from_zero: true, reach: None }
    }

    /// The axis, reaching at least so far.
    #[must_use]
    pub fn reaching(self, figure: f64) -> Axis {
        Axis { reach: Some(figure), ..self }
    }

    /// Round steps, about so many, from one figure to another.
    pub(super) fn ticks(&self, low: f64, high: f64, about: usize) -> Vec<f64> {
        match self.kind {
            AxisKind::Count => whole_ticks(low, high, about),
            _ => ticks(low, high, about),
        }
    }

    pub(super) fn suffix(&self) -> &'static str {
        if self.kind == AxisKind::Percent { "%" } else { "" }
    }
}

/// What a series is called, and how it is coloured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its colour.
    pub ink: Ink,
}

impl Series {
    /// A series.
    pub fn new(name: impl Into<String>, ink: Ink) -> Series {
        Series { name: name.into(), ink }
    }
}

/// Colours by what they mean. The style sheet has them for light and for dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// A place in an order, from 0, of so many: dark to light, told apart by lightness alone.
    Place(usize, usize),
    /// That of text.
    Main,
    /// One colour that stands out.
    Accent,
    /// A level that must not be crossed.
    Warning,
    /// A paler accent, for a wide band.
    Soft,
    /// What is not a note.
    Neutral,
    /// That of text, as a dotted line.
    Dotted,
    /// That of text, as a dashed line.
    Dashed,
    /// One of sixteen shades from dark to light; as a line, not dashed.
    Shade(usize),
}

/// Shades that the style sheet has for an order.
const SHADES: usize = 16;

impl Ink {
    /// The colour's part of a class name.
    pub(crate) fn name(self) -> String {
        match self {
            Ink::Place(place, of) => format!("s{}", (place * (SHADES - 1) / (of.max(2) - 1)).min(SHADES - 1)),
            Ink::Main | Ink::Dotted | Ink::Dashed => "main".to_owned(),
            Ink::Shade(shade) => format!("s{}", shade.min(SHADES - 1)),
            Ink::Accent => "accent".to_owned(),
            Ink::Warning => "warning".to_owned(),
            Ink::Soft => "soft".to_owned(),
            Ink::Neutral => "neutral".to_owned(),
        }
    }

    /// The class of a line: neighbours in an order differ in their dashes too.
    pub(crate) fn line(self) -> String {
        let dash = match self {
            Ink::Place(place, _) => place % 4,
            Ink::Warning | Ink::Dashed => 1,
            Ink::Dotted => 2,
            _ => 0,
        };
        format!("l k-{} d{dash}", self.name())
    }

    /// The class of an area.
    pub(crate) fn fill(self) -> String {
        format!("f-{}", self.name())
    }
}

/// What is drawn. Figures are those of the axes; what is not finite is not drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Areas stacked from the axis up: at each `x` one figure a series.
    Areas {
        /// Places.
        x: Vec<f64>,
        /// The series, lowest first, each as long as `x`.
        layers: Vec<(Series, Vec<f64>)>,
    },
    /// Bars stacked from the axis up, with an error bar on each stack if there is an error.
    Bars {
        /// Where each bar begins and ends.
        edges: Vec<(f64, f64)>,
        /// The series, lowest first, each as long as `edges`.
        layers: Vec<(Series, Vec<f64>)>,
        /// Standard errors of the stacks; empty if they have none.
        errors: Vec<f64>,
    },
    /// A line, broken where there is no figure.
    Line {
        /// The series.
        series: Series,
        /// Place and figure.
        points: Vec<(f64, Option<f64>)>,
    },
    /// The room between two lines.
    Band {
        /// The series.
        series: Series,
        /// Place, lower and upper figure.
        points: Vec<(f64, f64, f64)>,
    },
    /// A horizontal line with its own label.
    Level {
        /// Where.
        y: f64,
        /// What it is.
        label: String,
        /// Whether the label stands under the line, where figures are not to be.
        is_label_under: bool,
    },
    /// A vertical line with its own label.
    Post {
        /// Where.
        x: f64,
        /// What it is.
        label: String,
    },
}

/// The room that marks are drawn in.
pub(super) struct Frame {
    pub x: Scale,
    pub y: Scale,
}

/// Height of a line of text.
pub(super) const LINE: f64 = 15.0;
/// Ticks of the vertical axis, about.
const ROWS: usize = 5;

impl XyPlot {
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        let mut add = |series: &Series, is_line: bool| {
            if !keys.iter().any(|key| key.series.name == series.name) {
                keys.push(Key { series: series.clone(), is_line });
            }
        };
        for mark in &self.marks {
            match mark {
                Mark::Areas { layers, .. } | Mark::Bars { layers, .. } => {
                    layers.iter().for_each(|(series, _)| add(series, false));
                }
                Mark::Band { series, .. } => add(series, false),
                Mark::Line { series, .. } => add(series, true),
                Mark::Level { .. } | Mark::Post { .. } => {}
            }
        }
        keys
    }

    pub(super) fn body(&self, size: Size) -> String {
        let (width, height) = (size.width(), size.height());
        let (low, high) = range(&self.marks, marks::heights, &self.y);
        let rows = self.y.ticks(low, high, ROWS);
        let labels = tick_labels(&rows, self.y.suffix());
        let left = labels.iter().map(|label| text_width(label)).fold(0.0, f64::max) + 8.0;
        let (first, last) = range(&self.marks, marks::places, &self.x);
        let x = Scale { low: first, high: last, from: left, to: width - 16.0 };
        let posts = marks::posts(&self.marks, &x);
        // The title of the axis, and rows of labels of posts.
        let top = 24.0 + LINE * posts.iter().map(|post| post.row + 1).max().unwrap_or(0) as f64;
        let y = Scale { low: rows[0], high: rows[rows.len() - 1], from: height - 38.0, to: top };
        let frame = Frame { x, y };
        let mut canvas = Canvas::default();
        canvas.text("title", (0.0, 12.0), Anchor::Start, &self.y.title);
        for (&row, label) in rows.iter().zip(&labels) {
            canvas.line("grid", (x.from, y.at(row)), (x.to, y.at(row)));
            canvas.text("tick", (left - 6.0, y.at(row) + 4.0), Anchor::End, label);
        }
        self.horizontal_axis(&mut canvas, &frame, height);
        marks::draw(&mut canvas, &self.marks, &frame, &posts);
        canvas.into_text()
    }

    fn horizontal_axis(&self, canvas: &mut Canvas, frame: &Frame, height: f64) {
        let (x, base) = (&frame.x, frame.y.from);
        let found = match self.x.kind {
            AxisKind::Date => date_ticks(x),
            _ => {
                let all: Vec<f64> = self.x.ticks(x.low, x.high, 10);
                let within: Vec<f64> =
                    all.into_iter().filter(|&tick| tick <= x.high * (1.0 + 1e-9)).collect();
                thinned(&within, &tick_labels(&within, self.x.suffix()), x)
            }
        };
        canvas.line("axis", (x.from, base), (x.to, base));
        for (value, label) in &found {
            let at = x.at(*value);
            canvas.line("axis", (at, base), (at, base + 4.0));
            // A label at the right end would leave the drawing.
            let half = text_width(label) / 2.0;
            let middle = at.min(x.to + 16.0 - half).max(half);
            canvas.text("tick", (middle, base + 17.0), Anchor::Middle, label);
        }
        canvas.text("title", (x.to + 12.0, height - 4.0), Anchor::End, &self.x.title);
    }
}

/// The least and the greatest figure of the marks, never equal.
fn range(marks: &[Mark], figures: fn(&Mark) -> Vec<f64>, axis: &Axis) -> (f64, f64) {
    let all = marks.iter().flat_map(figures).chain(axis.reach).filter(|figure| figure.is_finite());
    let (low, high) =
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let (low, high) = if axis.from_zero { (low.min(0.0), high.max(0.0)) } else { (low, high) };
    if high > low { (low, high) } else { (low, low + low.abs().max(1.0) * 1e-3 + f64::from(low == 0.0)) }
}
