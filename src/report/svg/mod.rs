//! Charts as SVG, written by hand: an element writer, axes with round ticks, a few kinds of marks.
//!
//! A [`Plot`] is data and titles. [`Plot::draw`] lays it out at a [`Size`] and scales it to pixels; nothing else
//! is computed. Colours are classes that the page's style sheet fills in, so that one drawing serves light and
//! dark. The same plot gives the same bytes.

mod canvas;
mod layers;
mod marks;
mod network;
mod panels;
mod plot;
mod rows;
mod scale;

pub(crate) use canvas::escaped;
pub use layers::{LayerPlot, LayerRow};
pub use network::{NetworkLink, NetworkNode, NetworkPlot};
pub use panels::PanelPlot;
pub use plot::{Axis, AxisKind, Ink, Mark, Series, XyPlot};
pub use rows::{BarRow, RowPlot};
pub use scale::{MoneyUnit, years};

use canvas::Canvas;

/// What can be drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Plot {
    /// Marks between a horizontal and a vertical axis.
    Xy(XyPlot),
    /// Plots below each other that share their horizontal axis.
    Panels(PanelPlot),
    /// Rows with a bar each between two points of one axis: a capital structure.
    Layers(LayerPlot),
    /// Rows with a stacked bar each.
    Rows(RowPlot),
    /// Nodes on an ellipse and arrows between them.
    Network(NetworkPlot),
}

/// How large a drawing is, in pixels of the screen it is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// For a desktop column and for paper.
    Wide,
    /// For a phone.
    Narrow,
}

impl Size {
    fn width(self) -> f64 {
        match self {
            Size::Wide => 640.0,
            Size::Narrow => 350.0,
        }
    }

    fn height(self) -> f64 {
        match self {
            Size::Wide => 340.0,
            Size::Narrow => 280.0,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Size::Wide => "wide",
            Size::Narrow => "narrow",
        }
    }
}

/// What a legend says of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The series.
    pub series: Series,
    /// Whether it is a line; if not, it fills.
    pub is_line: bool,
}

impl Plot {
    /// The drawing as an `svg` element with a title and a description that screen readers read. `id` is
    /// unique on the page.
    pub fn draw(&self, size: Size, id: &str, title: &str, description: &str) -> String {
        let (body, height) = match self {
            Plot::Xy(plot) => (plot.body(size), size.height()),
            Plot::Panels(plot) => (plot.body(size), plot.height(size)),
            Plot::Layers(plot) => (plot.body(size), plot.height()),
            Plot::Rows(plot) => (plot.body(size), plot.height()),
            Plot::Network(plot) => (plot.body(size), plot.height(size)),
        };
        let mut canvas = Canvas::default();
        canvas.open(size.width(), height, size.class(), id, title, description);
        canvas.raw(&body);
        canvas.close()
    }

    /// The series that a legend names, each once, in the order of the marks.
    pub fn keys(&self) -> Vec<Key> {
        match self {
            Plot::Xy(plot) => plot.keys(),
            Plot::Panels(plot) => plot.keys(),
            Plot::Rows(plot) => plot.keys(),
            Plot::Network(plot) => plot.keys.clone(),
            Plot::Layers(_) => Vec::new(),
        }
    }
}
