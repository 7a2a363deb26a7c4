//! A network: nodes on an ellipse, each with its words beside it, and curved arrows between them.
//!
//! Places follow from the order of the nodes and their sides alone: each side runs down from the top, a row a node, so
//! that no two labels meet at any width.

use super::canvas::{Anchor, Canvas};
use super::plot::{Ink, LINE};
use super::scale::text_width;
use super::{Key, Size};

/// Nodes and the arrows between them.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkPlot {
    /// What widths and areas measure, below the drawing.
    pub title: String,
    /// The nodes; those that belong together follow each other.
    pub nodes: Vec<NetworkNode>,
    /// The arrows, first ones below.
    pub links: Vec<NetworkLink>,
    /// The legend.
    pub keys: Vec<Key>,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkNode {
    /// Its name.
    pub name: String,
    /// Below it in small.
    pub remark: String,
    /// Its area.
    pub size: f64,
    /// Its colour.
    pub ink: Ink,
    /// Whether it stands on the left side.
    pub is_left: bool,
}

/// An arrow from one node to another.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkLink {
    /// From which node.
    pub from: usize,
    /// To which.
    pub to: usize,
    /// Its width.
    pub size: f64,
    /// Its colour.
    pub ink: Ink,
    /// How it is dashed: 0 not at all, 1 dashed, 2 dotted.
    pub dash: u8,
    /// Whether it is marked by a band below it.
    pub is_marked: bool,
}

type Point = (f64, f64);

/// Room for the words on each side, widest and thinnest line, largest and smallest node.
struct Measures {
    words: f64,
    widest: f64,
    largest: f64,
}

const THINNEST: f64 = 1.1;
const SMALLEST: f64 = 3.0;
/// Lines of a name.
const NAME_LINES: usize = 2;
/// Width of the band below a marked arrow, beyond the arrow's own.
const BAND: f64 = 7.0;

impl Measures {
    fn of(size: Size) -> Measures {
        match size {
            Size::Wide => Measures { words: 152.0, widest: 13.0, largest: 14.0 },
            Size::Narrow => Measures { words: 104.0, widest: 9.0, largest: 10.0 },
        }
    }
}

/// A node that has its place.
struct Placed {
    at: Point,
    radius: f64,
    words: Vec<String>,
    remarks: Vec<String>,
}

impl NetworkPlot {
    pub(super) fn height(&self, size: Size) -> f64 {
        let row = row_height(&self.nodes, &Measures::of(size));
        row * self.rows() as f64 + 2.0 * LINE
    }

    /// Rows of the longer side.
    fn rows(&self) -> usize {
        [true, false].map(|side| self.on_side(side)).into_iter().max().unwrap_or(0).max(1)
    }

    fn on_side(&self, is_left: bool) -> usize {
        self.nodes.iter().filter(|node| node.is_left == is_left).count()
    }

    pub(super) fn body(&self, size: Size) -> String {
        let measures = Measures::of(size);
        let placed = self.placed(size, &measures);
        let width = size.width();
        let centre = (width / 2.0, (self.height(size) - 2.0 * LINE) / 2.0);
        let mut canvas = Canvas::default();
        let arrows = self.arrows(&placed, centre, &measures);
        for (link, arrow) in self.links.iter().zip(&arrows).filter(|(link, _)| link.is_marked) {
            let class = format!("arc k-{}", Ink::Soft.name());
            arrow.draw_line(&mut canvas, &class, self.line_width(link, &measures) + BAND);
        }
        for (link, arrow) in self.links.iter().zip(&arrows) {
            let class = format!("arc k-{} d{}", link.ink.name(), link.dash);
            arrow.draw_line(&mut canvas, &class, self.line_width(link, &measures));
            canvas.path(&format!("area {}", link.ink.fill()), &arrow.head, true);
        }
        for (node, place) in self.nodes.iter().zip(&placed) {
            canvas.circle(&format!("area {}", node.ink.fill()), place.at, place.radius);
            place.draw_words(&mut canvas, node);
        }
        canvas.text("title", (0.0, self.height(size) - 6.0), Anchor::Start, &self.title);
        canvas.into_text()
    }

    fn placed(&self, size: Size, measures: &Measures) -> Vec<Placed> {
        let (rows, row) = (self.rows(), row_height(&self.nodes, measures));
        let largest = self.nodes.iter().map(|node| node.size).fold(0.0, f64::max);
        let half = size.width() / 2.0 - measures.words - measures.largest - 6.0;
        let place = |(index, node): (usize, &NetworkNode)| {
            let above = self.nodes[..index].iter().filter(|other| other.is_left == node.is_left).count();
            // Of the height, from 0 to 1: the shorter side has more room a row.
            let down = (above as f64 + 0.5) / self.on_side(node.is_left) as f64;
            // From -1 above to 1 below, short of the ends so that the ellipse keeps some width there.
            let height = 0.9 * (2.0 * down - 1.0);
            let out = half * libm::sqrt(1.0 - height * height);
            let x = size.width() / 2.0 + if node.is_left { -out } else { out };
            // Area in proportion.
            let share = if largest > 0.0 { libm::sqrt((node.size / largest).clamp(0.0, 1.0)) } else { 0.0 };
            Placed {
                at: (x, row * rows as f64 * down),
                radius: (measures.largest * share).max(SMALLEST),
                words: wrapped(&node.name, measures.words),
                remarks: remarks(node, measures),
            }
        };
        self.nodes.iter().enumerate().map(place).collect()
    }

    fn line_width(&self, link: &NetworkLink, measures: &Measures) -> f64 {
        let widest = self.links.iter().map(|link| link.size).fold(0.0, f64::max);
        if widest > 0.0 { (measures.widest * link.size / widest).max(THINNEST) } else { THINNEST }
    }

    fn arrows(&self, placed: &[Placed], centre: Point, measures: &Measures) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            let like = |other: &&NetworkLink| (other.from, other.to) == (link.from, link.to);
            let before = self.links[..index].iter().filter(like).count();
            let wide = self.line_width(link, measures);
            arrows.push(match (placed.get(link.from), placed.get(link.to)) {
                (Some(from), Some(to)) => Arrow::between(from, to, centre, wide, before),
                _ => Arrow::default(),
            });
        }
        arrows
    }
}

impl Placed {
    fn draw_words(&self, canvas: &mut Canvas, node: &NetworkNode) {
        let away = self.radius + 5.0;
        let (x, anchor) = match node.is_left {
            true => (self.at.0 - away, Anchor::End),
            false => (self.at.0 + away, Anchor::Start),
        };
        let lines = self.words.len() + self.remarks.len();
        let mut y = self.at.1 - WORDS * lines as f64 / 2.0 + 10.0;
        let words = self.words.iter().map(|text| ("label", text));
        for (class, text) in words.chain(self.remarks.iter().map(|text| ("tick", text))) {
            canvas.text(class, (x, y), anchor, text);
            y += WORDS;
        }
    }
}

fn remarks(node: &NetworkNode, measures: &Measures) -> Vec<String> {
    if node.remark.is_empty() { Vec::new() } else { wrapped(&node.remark, measures.words) }
}

/// Height of a line of a label.
const WORDS: f64 = 13.0;

/// A row holds the longest label and the largest node.
fn row_height(nodes: &[NetworkNode], measures: &Measures) -> f64 {
    let lines =
        |node: &NetworkNode| wrapped(&node.name, measures.words).len() + remarks(node, measures).len();
    let most = nodes.iter().map(lines).max().unwrap_or(1);
    (WORDS * most as f64 + 7.0).max(2.0 * measures.largest + 2.0)
}

/// A name in two lines at most, cut where it is longer.
fn wrapped(name: &str, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    // A space that does not break keeps a figure with its unit.
    for word in name.split(' ').filter(|word| !word.is_empty()) {
        let line = lines.len() - 1;
        let longer = match lines[line].as_str() {
            "" => word.to_owned(),
            text => format!("{text} {word}"),
        };
        if text_width(&longer) <= room || lines[line].is_empty() {
            lines[line] = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    let is_cut = lines.len() > NAME_LINES;
    lines.truncate(NAME_LINES);
    let last = lines.len() - 1;
    for (index, line) in lines.iter_mut().enumerate() {
        let ends = is_cut && index == last;
        if text_width(line) > room || ends {
            while !line.is_empty() && text_width(line) + text_width("m") > room {
                line.pop();
            }
            *line = format!("{}\u{2026}", line.trim_end());
        }
    }
    lines
}

/// A curve with its head.
#[derive(Default)]
struct Arrow {
    from: Point,
    control: Point,
    to: Point,
    head: Vec<Point>,
}

impl Arrow {
    /// From the edge of one node to that of another, drawn in towards the centre; arrows there and back, and several one
    /// way, part.
    fn between(from: &Placed, to: &Placed, centre: Point, wide: f64, before: usize) -> Arrow {
        let (a, b) = (from.at, to.at);
        let middle = ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let aside = 0.10 + 0.12 * before as f64;
        let control =
            (0.45 * middle.0 + 0.55 * centre.0 + aside * dy, 0.45 * middle.1 + 0.55 * centre.1 - aside * dx);
        let long = 5.0 + 0.9 * wide;
        let broad = 2.6 + 0.75 * wide;
        let back = toward(b, control);
        let tip = (b.0 + back.0 * (to.radius + 1.0), b.1 + back.1 * (to.radius + 1.0));
        let foot = (tip.0 + back.0 * long, tip.1 + back.1 * long);
        let head = vec![
            tip,
            (foot.0 - back.1 * broad, foot.1 + back.0 * broad),
            (foot.0 + back.1 * broad, foot.1 - back.0 * broad),
        ];
        let out = toward(a, control);
        let start = (a.0 + out.0 * from.radius, a.1 + out.1 * from.radius);
        Arrow { from: start, control, to: foot, head }
    }

    fn draw_line(&self, canvas: &mut Canvas, class: &str, width: f64) {
        canvas.curve(class, [self.from, self.control, self.to], width);
    }
}

/// The direction from one point to another, of length 1.
fn toward(from: Point, to: Point) -> Point {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let long = libm::sqrt(dx * dx + dy * dy);
    if long > 0.0 { (dx / long, dy / long) } else { (0.0, 0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_within_their_room() {
        assert_eq!(wrapped("OpenAI", 104.0), ["OpenAI"]);
        assert_eq!(wrapped("Chip vehicle leased to xAI", 170.0), ["Chip vehicle leased to", "xAI"]);
        let long = wrapped("Private-credit funds that lend to neoclouds and sponsors", 104.0);
        assert_eq!(long, ["Private-credit", "funds that\u{2026}"]);
        let one = wrapped(&"x".repeat(80), 104.0);
        assert!(one.len() == 1 && text_width(&one[0]) <= 110.0, "{one:?}");
        assert_eq!(wrapped("", 104.0), [""]);
        assert_eq!(wrapped("chip maker, 403\u{a0}bn", 104.0), ["chip maker,", "403\u{a0}bn"]);
    }

    #[test]
    fn an_arrow_ends_at_the_node() {
        let node = |at, radius| Placed { at, radius, words: Vec::new(), remarks: Vec::new() };
        let arrow = Arrow::between(&node((0.0, 0.0), 4.0), &node((100.0, 0.0), 9.0), (50.0, 0.0), 2.0, 0);
        let tip = arrow.head[0];
        let far = libm::hypot(tip.0 - 100.0, tip.1);
        assert!((far - 10.0).abs() < 1e-9, "{tip:?}");
    }
}
