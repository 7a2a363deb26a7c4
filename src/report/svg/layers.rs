//! A capital structure: a row a class, its bar between two points of one axis of per cent.

use super::Size;
use super::canvas::{Anchor, Canvas};
use super::plot::Ink;
use super::scale::{Scale, text_width, thinned, tick_labels, ticks};

/// Rows with a bar each.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerPlot {
    /// What the axis measures, in per cent.
    pub title: String,
    /// The rows, first on top.
    pub rows: Vec<LayerRow>,
}

/// One row of a [`LayerPlot`].
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// The class.
    pub name: String,
    /// Below it in small: the rating.
    pub remark: String,
    /// Where the bar begins, in per cent.
    pub from: f64,
    /// Where it ends, in per cent.
    pub to: f64,
    /// To the right of it: how much it is.
    pub amount: String,
    /// Its colour.
    pub ink: Ink,
}

impl LayerRow {
    fn span(&self) -> String {
        if self.to > self.from { format!("{:.1}\u{2013}{:.1}%", self.from, self.to) } else { "-".to_owned() }
    }
}

/// Height of a row: two lines of text.
const ROW: f64 = 36.0;
/// Letters of a name that are shown; the table has it whole.
const LETTERS: usize = 14;

impl LayerPlot {
    pub(super) fn height(&self) -> f64 {
        ROW * self.rows.len() as f64 + 46.0
    }

    pub(super) fn body(&self, size: Size) -> String {
        let width = size.width();
        let names: Vec<String> = self.rows.iter().map(|row| short(&row.name)).collect();
        let room =
            |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text_width(text)).fold(0.0, f64::max);
        let left = room(&mut names.iter().chain(self.rows.iter().map(|row| &row.remark))) + 8.0;
        let spans: Vec<String> = self.rows.iter().map(LayerRow::span).collect();
        let right = room(&mut self.rows.iter().map(|row| &row.amount).chain(&spans)) + 8.0;
        let x = Scale { low: 0.0, high: 100.0, from: left, to: width - right };
        let base = ROW * self.rows.len() as f64 + 4.0;
        let mut canvas = Canvas::default();
        let all = ticks(0.0, 100.0, 5);
        for &tick in &all {
            canvas.line("grid", (x.at(tick), 0.0), (x.at(tick), base));
        }
        for (tick, label) in thinned(&all, &tick_labels(&all, "%"), &x) {
            canvas.text("tick", (x.at(tick), base + 15.0), Anchor::Middle, &label);
        }
        canvas.text("title", (left, base + 34.0), Anchor::Start, &self.title);
        for (index, ((row, name), span)) in self.rows.iter().zip(&names).zip(&spans).enumerate() {
            let top = ROW * index as f64;
            canvas.text("label", (0.0, top + 14.0), Anchor::Start, name);
            canvas.text("tick", (0.0, top + 28.0), Anchor::Start, &row.remark);
            let class = format!("area {}", row.ink.fill());
            let wide = x.at(row.to) - x.at(row.from);
            // A layer too thin to see keeps two pixels.
            let wide = if row.to > row.from { wide.max(2.0) } else { 0.0 };
            canvas.rect(&class, (x.at(row.from), top + 5.0), (wide, ROW - 12.0));
            canvas.text("label", (width, top + 14.0), Anchor::End, &row.amount);
            canvas.text("tick", (width, top + 28.0), Anchor::End, span);
        }
        canvas.into_text()
    }
}

fn short(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    name.chars().take(LETTERS - 1).chain(['\u{2026}']).collect()
}
