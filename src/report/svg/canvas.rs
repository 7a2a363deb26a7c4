//! Elements of SVG as text.

use std::fmt::Write;

/// On which side of its point a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A growing drawing. Writing to a string cannot fail.
#[derive(Clone, Debug, Default)]
pub(super) struct Canvas {
    text: String,
}

/// Text as it stands between tags and within quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // What XML does not allow.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => safe.push(letter),
        }
    }
    safe
}

/// A coordinate to a tenth of a pixel, without a zero after the point.
pub(super) fn pixel(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let tenths = (value * 10.0).round();
    // No minus before nothing.
    let tenths = if tenths == 0.0 { 0.0 } else { tenths };
    let text = format!("{:.1}", tenths / 10.0);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

impl Canvas {
    pub fn open(&mut self, width: f64, height: f64, class: &str, id: &str, title: &str, description: &str) {
        let (id, width, height) = (escaped(id), pixel(width), pixel(height));
        let _ = write!(
            self.text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot {class}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title>\
             <desc id=\"{id}-d\">{}</desc>",
            escaped(title),
            escaped(description)
        );
    }

    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// What follows is drawn from a place on, until the group is closed.
    pub fn open_at(&mut self, (x, y): (f64, f64)) {
        let _ = write!(self.text, "<g transform=\"translate({} {})\">", pixel(x), pixel(y));
    }

    pub fn close_group(&mut self) {
        self.text.push_str("</g>");
    }

    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(pixel);
        let _ =
            write!(self.text, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
    }

    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(pixel);
        let _ = write!(
            self.text,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        );
    }

    pub fn dot(&mut self, class: &str, (x, y): (f64, f64)) {
        let [x, y] = [x, y].map(pixel);
        let _ = write!(self.text, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>");
    }

    pub fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let [x, y, radius] = [x, y, radius].map(pixel);
        let _ = write!(self.text, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>");
    }

    /// A quadratic curve of a width: from, control point, to.
    pub fn curve(&mut self, class: &str, points: [(f64, f64); 3], width: f64) {
        let [from, control, to] = points.map(|(x, y)| format!("{} {}", pixel(x), pixel(y)));
        let width = pixel(width);
        let _ = write!(
            self.text,
            "<path class=\"{class}\" stroke-width=\"{width}\" d=\"M{from}Q{control} {to}\"/>"
        );
    }

    /// A path through points, closed or not; points on one level between two others are left out.
    pub fn path(&mut self, class: &str, points: &[(f64, f64)], closed: bool) {
        if points.is_empty() {
            return;
        }
        let points: Vec<(String, String)> = points.iter().map(|&(x, y)| (pixel(x), pixel(y))).collect();
        let _ = write!(self.text, "<path class=\"{class}\" d=\"");
        for (index, (x, y)) in points.iter().enumerate() {
            let level = |other: Option<&(String, String)>| other.is_some_and(|(_, level)| level == y);
            let between = index > 0 && level(points.get(index - 1)) && level(points.get(index + 1));
            if !between {
                let _ = write!(self.text, "{}{x} {y}", if index == 0 { "M" } else { "L" });
            }
        }
        self.text.push_str(if closed { "Z\"/>" } else { "\"/>" });
    }

    pub fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, text) = (pixel(x), pixel(y), escaped(text));
        let _ = write!(self.text, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>");
    }

    pub fn close(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_text_are_safe() {
        let found = [0.04, -0.04, 12.34, 5.0, f64::NAN, -3.06].map(pixel);
        assert_eq!(found, ["0", "0", "12.3", "5", "0", "-3.1"]);
        assert_eq!(escaped("a<b & \"c\">\u{1}"), "a&lt;b &amp; &quot;c&quot;&gt;");
    }

    #[test]
    fn a_level_stretch_keeps_its_ends() {
        let mut canvas = Canvas::default();
        canvas.path("l", &[(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (3.0, 4.0)], false);
        assert_eq!(canvas.into_text(), "<path class=\"l\" d=\"M0 1L2 1L3 4\"/>");
    }
}
