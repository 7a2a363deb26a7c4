//! Rows with a stacked bar each: a name and a remark above, parts to the right of nothing, what is below nothing to
//! the left.

use super::canvas::{Anchor, Canvas};
use super::plot::{Axis, LINE, Series};
use super::scale::{Scale, text_width, thinned, tick_labels};
use super::{Key, Size};

/// Stacked bars that lie, each with its words above it.
#[derive(Clone, Debug, PartialEq)]
pub struct RowPlot {
    /// What the bars measure; always from nothing.
    pub axis: Axis,
    /// The parts, first ones next to nothing.
    pub parts: Vec<Series>,
    /// The rows, first on top.
    pub rows: Vec<BarRow>,
}

/// One row of a [`RowPlot`].
#[derive(Clone, Debug, PartialEq)]
pub struct BarRow {
    /// What it is.
    pub name: String,
    /// At the right end: its sum in words.
    pub remark: String,
    /// A figure for each part.
    pub figures: Vec<f64>,
}

const ROW: f64 = 32.0;
const BAR: f64 = 11.0;

impl RowPlot {
    pub(super) fn height(&self) -> f64 {
        ROW * self.rows.len() as f64 + 44.0
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.parts.iter().map(|series| Key { series: series.clone(), is_line: false }).collect()
    }

    pub(super) fn body(&self, size: Size) -> String {
        let width = size.width();
        let (low, high) = self.range();
        let all = self.axis.ticks(low, high, if size == Size::Wide { 8 } else { 4 });
        let x = Scale { low: all[0], high: all[all.len() - 1], from: 2.0, to: width - 2.0 };
        let base = ROW * self.rows.len() as f64 + 4.0;
        let mut canvas = Canvas::default();
        for &tick in &all {
            canvas.line("grid", (x.at(tick), 0.0), (x.at(tick), base));
        }
        // Before the words, whose outline in the colour of the paper keeps it off them.
        canvas.line("axis", (x.at(0.0), 0.0), (x.at(0.0), base));
        for (tick, label) in thinned(&all, &tick_labels(&all, self.axis.suffix()), &x) {
            let half = text_width(&label) / 2.0;
            let middle = x.at(tick).min(width - half).max(half);
            canvas.text("tick", (middle, base + LINE), Anchor::Middle, &label);
        }
        canvas.text("title", (0.0, base + 34.0), Anchor::Start, &self.axis.title);
        for (index, row) in self.rows.iter().enumerate() {
            let top = ROW * index as f64;
            let room = width - text_width(&row.remark) - 12.0;
            canvas.text("label", (0.0, top + 14.0), Anchor::Start, &cut(&row.name, room));
            canvas.text("tick", (width, top + 14.0), Anchor::End, &row.remark);
            self.bar(&mut canvas, row, &x, top + 18.0);
        }
        canvas.into_text()
    }

    fn bar(&self, canvas: &mut Canvas, row: &BarRow, x: &Scale, top: f64) {
        let (mut above, mut below) = (0.0, 0.0);
        for (series, &figure) in self.parts.iter().zip(&row.figures) {
            let end = if figure < 0.0 { &mut below } else { &mut above };
            let (from, to) = (x.at(*end), x.at(*end + figure));
            *end += figure;
            if figure.is_finite() && figure != 0.0 {
                let class = format!("area {}", series.ink.fill());
                canvas.rect(&class, (from.min(to), top), ((to - from).abs(), BAR));
            }
        }
    }

    /// From the deepest sum below nothing to the highest above.
    fn range(&self) -> (f64, f64) {
        let sum = |row: &BarRow, sign: f64| {
            row.figures.iter().map(|figure| sign * figure).filter(|f| f.is_finite() && *f > 0.0).sum::<f64>()
        };
        let high = self.rows.iter().map(|row| sum(row, 1.0)).chain(self.axis.reach).fold(0.0, f64::max);
        let low = -self.rows.iter().map(|row| sum(row, -1.0)).fold(0.0, f64::max);
        // Less than a pixel of a percent to the left is no reason for an axis there.
        let low = if -low < 2e-3 * high { 0.0 } else { low };
        if high > low { (low, high) } else { (low, low + 1.0) }
    }
}

/// A text cut to its room before its last word, which tells a deal's classes apart; through all of it if that word alone
/// is too wide.
fn cut(text: &str, room: f64) -> String {
    if text_width(text) <= room {
        return text.to_owned();
    }
    let (mut short, last) =
        text.rsplit_once(' ').map_or((text.to_owned(), ""), |(head, last)| (head.to_owned(), last));
    let mut tail = if last.is_empty() { String::new() } else { format!(" {last}") };
    if text_width(&tail) + 2.0 * text_width("m") > room {
        (short, tail) = (text.to_owned(), String::new());
    }
    while !short.is_empty() && text_width(&short) + text_width("m") + text_width(&tail) > room {
        short.pop();
    }
    format!("{}\u{2026}{tail}", short.trim_end_matches([' ', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_too_wide_keeps_its_last_word() {
        let room = text_width("flexential-2021-1 B");
        assert_eq!(cut("flexential-2021-1 B", room), "flexential-2021-1 B");
        let cuts = ["A-2", "2021-2-A-2"].map(|class| cut(&format!("flexential-2021-1 {class}"), room));
        assert!(cuts[0].ends_with("\u{2026} A-2") && cuts[1].ends_with("\u{2026} 2021-2-A-2"), "{cuts:?}");
        assert!(cuts.iter().all(|cut| text_width(cut) <= room), "{cuts:?}");
        let one = cut("abcdefghijklmnopqrstuvwxyz", room);
        assert!(one.ends_with('\u{2026}') && text_width(&one) <= room, "{one}");
    }
}
