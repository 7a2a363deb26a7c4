//! What is drawn is what the table behind it says: places and lengths of marks, read from the drawing.

use super::page::{has_class, named, parsed, table, text};
use super::studies::comparison;
use super::{leasefall, page};
use roxmltree::{Document, Node};
use std::path::Path;

/// The wide drawing of the chart with this title.
fn drawing<'a, 'i>(document: &'a Document<'i>, title: &str) -> Node<'a, 'i> {
    let figure = named(document.root(), "figure")
        .find(|figure| named(*figure, "h3").any(|heading| text(heading).starts_with(title)))
        .unwrap_or_else(|| panic!("no chart `{title}`"));
    named(figure, "svg").find(|svg| has_class(svg, "wide")).unwrap()
}

/// A number of an element.
fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// Start and length of each bar of a colour, from the top.
fn bars(svg: Node<'_, '_>, colour: &str) -> Vec<(f64, f64)> {
    let found = named(svg, "rect").filter(|rect| has_class(rect, colour));
    found.map(|rect| (number(rect, "x"), number(rect, "width"))).collect()
}

/// A per cent of a table.
fn percent(cell: &str) -> f64 {
    cell.trim_end_matches('%').parse().unwrap()
}

/// The largest obligor and the next four lie end to end, as long as their shares.
#[test]
fn rows_are_as_long_as_their_figures() {
    let document = parsed(comparison());
    let svg = drawing(&document, "How few owe");
    let (_, rows) = table(&document, "Who owes what the pool collects");
    let (largest, next) = (bars(svg, "f-warning"), bars(svg, "f-accent"));
    // Aligned, the last row: 19.92% and 62.1% of five.
    let row = rows.last().unwrap();
    let (first, five) = (percent(&row[3]), percent(&row[4]));
    assert!(row[0] == "aligned-2021-1" && five > 2.0 * first, "{row:?}");
    let ((start, one), (middle, four)) = (*largest.last().unwrap(), *next.last().unwrap());
    assert!((middle - start - one).abs() < 0.2, "{start} {one} {middle}");
    assert!((four / one - (five - first) / first).abs() < 0.02, "{four} {one}");
}

/// Each price of the ABX and what was taken off it are the whole width, the price its share of it.
#[test]
fn prices_are_parts_of_a_hundred() {
    let document = parsed(comparison());
    let svg = drawing(&document, "ABX.HE prices");
    let (paid, lost) = (bars(svg, "f-accent"), bars(svg, "f-soft"));
    assert!(paid.len() >= 20 && paid.len() == lost.len(), "{} {}", paid.len(), lost.len());
    let whole = paid[0].1 + lost[0].1;
    let remarks: Vec<f64> = named(svg, "text")
        .filter_map(|node| text(node).strip_prefix("price ").and_then(|price| price.parse().ok()))
        .collect();
    for ((paid, lost), price) in paid.iter().zip(&lost).zip(remarks) {
        assert!((paid.1 + lost.1 - whole).abs() < 0.3, "{paid:?} {lost:?}");
        assert!((100.0 * paid.1 / whole - price).abs() < 0.1, "{paid:?} {price}");
    }
}

/// Attachment points of forty tenants, shares of 1,805 million of notes: below A-1 945, below A-2 585, below B 300,
/// below C the 115 of D.
#[test]
fn attachment_points_are_shares_of_the_notes() {
    let html = page(Path::new("fixtures/deals/forty-tenants"), &["--paths", "2000"]);
    let document = parsed(&html);
    let svg = drawing(&document, "Distribution of losses");
    let labels: Vec<String> = named(svg, "text").map(text).collect();
    for label in ["A-1 52.4%", "A-2 32.4%", "B 16.6%", "C 6.4%", "D 0.0%"] {
        assert!(labels.iter().any(|found| found == label), "{label}: {labels:?}");
    }
}

/// Lower and upper end of an area on its last date, in pixels.
fn last_ends(svg: Node<'_, '_>, colour: &str) -> (f64, f64) {
    let path = named(svg, "path").find(|path| has_class(path, colour)).unwrap();
    let points: Vec<(f64, f64)> = path
        .attribute("d")
        .unwrap()
        .trim_matches(['M', 'Z'])
        .split('L')
        .map(|point| {
            let (x, y) = point.split_once(' ').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        })
        .collect();
    let last = points.iter().map(|point| point.0).fold(f64::MIN, f64::max);
    let ends: Vec<f64> = points.iter().filter(|point| point.0 == last).map(|point| point.1).collect();
    (ends.iter().copied().fold(f64::MIN, f64::max), ends.iter().copied().fold(f64::MAX, f64::min))
}

/// The bands of a fan end where the quantiles of its last month are: the scale read off the wide band holds for the
/// narrow one.
#[test]
fn a_fan_ends_at_its_quantiles() {
    let html = page(Path::new("fixtures/deals/beignet-2049"), &["--paths", "500"]);
    let document = parsed(&html);
    let svg = drawing(&document, "Market rent");
    let (head, rows) = table(&document, "Market rent");
    let last = rows.last().unwrap();
    let at = |level: &str| -> f64 {
        let column = head.iter().position(|name| name == level).unwrap();
        last[column].split(' ').next().unwrap().parse().unwrap()
    };
    let (wide, narrow) = (last_ends(svg, "f-soft"), last_ends(svg, "f-accent"));
    let scale = (wide.0 - wide.1) / (at("95%") - at("5%"));
    assert!((narrow.0 - (wide.0 - scale * (at("25%") - at("5%")))).abs() < 0.3, "{narrow:?} {wide:?}");
    assert!((narrow.1 - (wide.1 + scale * (at("95%") - at("75%")))).abs() < 0.3, "{narrow:?} {wide:?}");
    // Every sixth month from November 2025 on while notes are owed, until May 2049.
    assert_eq!(last[0], "2048-11");
}

/// A class of which five per cent of the pool is many times the width is gone between two of its own points, not in
/// one long slope from nothing: M-9 of GSAMP from 3.1 to 3.9%.
#[test]
fn thin_classes_are_cliffs() {
    let printed = leasefall()
        .args(["compare-2008", "fixtures/deals/aligned-2021-1", "--paths", "10", "--format", "json"])
        .output()
        .unwrap();
    let found: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    let deal = &found["losses"][0];
    let place = deal["notes"].as_array().unwrap().iter().position(|note| note == "M-9").unwrap();
    let at = |quarter: usize| deal["arithmetic"][quarter]["losses"][place].as_f64().unwrap();
    // 3.0% and 4.0% of the pool, in quarters of a per cent.
    assert_eq!((at(12), at(16)), (0.0, 1.0));
    assert!(at(13) > 0.1 && at(14) > at(13) && at(15) < 1.0);
}
