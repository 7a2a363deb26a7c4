//! What every page keeps: well formed, self-contained, each chart with words and figures behind it, the same bytes.

use super::{deals, leasefall, page, temporary};
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;
use std::path::Path;

/// A page is written so that it is XML too.
pub fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(html, options).unwrap_or_else(|error| panic!("{error}"))
}

pub fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect()
}

pub fn named<'a, 'i>(node: Node<'a, 'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |n| n.tag_name().name() == name)
}

pub fn has_class(node: &Node<'_, '_>, class: &str) -> bool {
    node.attribute("class").is_some_and(|classes| classes.split(' ').any(|c| c == class))
}

/// The table with this caption: its header, and its rows.
pub fn table(document: &Document<'_>, caption: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let found = named(document.root(), "table")
        .find(|table| named(*table, "caption").any(|c| text(c).starts_with(caption)))
        .unwrap_or_else(|| panic!("no table `{caption}`"));
    let cells = |row: Node<'_, '_>| row.children().filter(Node::is_element).map(text).collect();
    let mut rows: Vec<Vec<String>> = named(found, "tr").map(cells).collect();
    (rows.remove(0), rows)
}

#[test]
fn every_deal_has_a_sound_page() {
    for (deal, paths) in deals() {
        let name = deal.display().to_string();
        check(&name, &page(&deal, &[]));
        if let Some(paths) = paths {
            check(&name, &page(&deal, &["--paths", &paths.to_string()]));
        }
    }
}

/// What every page keeps.
pub fn check(name: &str, html: &str) {
    let document = parsed(html);
    let root = document.root();
    for bad in ["NaN", "inf%", ">inf<"] {
        assert!(!html.contains(bad), "{name}: {bad}");
    }
    let mut ids = BTreeSet::new();
    for node in root.descendants().filter(Node::is_element) {
        assert!(!["script", "link", "img", "iframe"].contains(&node.tag_name().name()), "{name}");
        for attribute in node.attributes() {
            let value = attribute.value();
            match attribute.name() {
                "id" => assert!(ids.insert(value.to_owned()), "{name}: {value} twice"),
                "href" => assert!(value.starts_with('#'), "{name}: {value}"),
                "src" | "style" | "onload" | "onclick" => panic!("{name}: {attribute:?}"),
                _ => {}
            }
        }
    }
    for link in named(root, "a").filter_map(|a| a.attribute("href")) {
        assert!(ids.contains(&link[1..]), "{name}: {link}");
    }
    let figures: Vec<Node<'_, '_>> = named(root, "figure").collect();
    assert!(figures.len() >= 4, "{name}: {} charts", figures.len());
    figures.into_iter().for_each(|figure| check_chart(name, figure));
}

/// Alternative text on both drawings, axes with titles, and a table whose rows are as wide as its header.
fn check_chart(name: &str, figure: Node<'_, '_>) {
    let drawings: Vec<Node<'_, '_>> = named(figure, "svg").filter(|svg| has_class(svg, "plot")).collect();
    assert_eq!(drawings.len(), 2, "{name}");
    for svg in drawings {
        assert_eq!(svg.attribute("role"), Some("img"), "{name}");
        let labels: Vec<&str> = svg.attribute("aria-labelledby").unwrap().split(' ').collect();
        for (label, kind) in labels.iter().zip(["title", "desc"]) {
            let words = svg.children().find(|node| node.attribute("id") == Some(label)).unwrap();
            assert_eq!(words.tag_name().name(), kind);
            assert!(text(words).len() > 5, "{name}: {}", text(words));
        }
        let titles = named(svg, "text").filter(|node| has_class(node, "title")).map(text).collect::<Vec<_>>();
        assert!(!titles.is_empty() && titles.iter().all(|title| title.len() > 3), "{name}: {titles:?}");
        let inked =
            svg.descendants().filter(|node| ["path", "rect", "circle"].contains(&node.tag_name().name()));
        let said = named(figure, "p").any(|p| text(p).starts_with("Nothing is drawn"));
        assert!(said != (inked.count() > 0), "{name}: {titles:?}");
    }
    let details = named(figure, "details").next().unwrap();
    let widths: BTreeSet<usize> =
        named(details, "tr").map(|row| row.children().filter(Node::is_element).count()).collect();
    assert_eq!(widths.len(), 1, "{name}: {widths:?}");
    assert!(named(details, "tr").count() > 1, "{name}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let deal = Path::new("fixtures/deals/forty-tenants");
    let make = |threads: &str| page(deal, &["--paths", "300", "--seed", "7", "--threads", threads]);
    let first = make("1");
    assert_eq!(first, make("2"));
    assert_ne!(first, page(deal, &["--paths", "300", "--seed", "8"]));
}

#[test]
fn what_cannot_be_reported_says_why() {
    let folder = temporary("refused");
    let out = folder.join("page.html");
    let refused = |arguments: &[&str], said: &str| {
        let assert =
            leasefall().arg("report").args(arguments).arg("--out").arg(&out).assert().code(1).stdout("");
        let error = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        assert!(error.contains(said) && !out.exists(), "{error}");
    };
    refused(&["no-such-deal"], "no-such-deal");
    refused(&["fixtures/deals/forty-tenants", "--scenario", "none"], "no scenario `none`");
    let still = folder.join("still");
    std::fs::create_dir(&still).unwrap();
    for file in ["deal.toml", "tenants.toml", "loans.csv"] {
        std::fs::copy(Path::new("fixtures/deals/baseline-wf").join(file), still.join(file)).unwrap();
    }
    refused(&[still.to_str().unwrap(), "--paths", "10"], "risk.toml");
    refused(&["fixtures/replay/valet-2005-1", "--paths", "10"], "collections.csv");
    let there = folder.join("no-folder").join("page.html");
    let deal = "fixtures/deals/forty-tenants";
    leasefall().args(["report", deal, "--out"]).arg(&there).assert().code(1);
    leasefall().args(["report", deal]).assert().code(2);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn names_cannot_break_out_of_the_page() {
    let deal = std::fs::read_to_string("fixtures/deals/baseline-wf/deal.toml").unwrap();
    let folder = temporary("names");
    let from = Path::new("fixtures/deals/baseline-wf");
    for file in ["tenants.toml", "loans.csv", "risk.toml"] {
        std::fs::copy(from.join(file), folder.join(file)).unwrap();
    }
    let (first, rest) = deal.split_once("name = \"").unwrap();
    let (_, rest) = rest.split_once('"').unwrap();
    std::fs::write(
        folder.join("deal.toml"),
        format!("{first}name = \"</title><script>alert(1)</script> & \\\"x\\\"\"{rest}"),
    )
    .unwrap();
    let html = page(&folder, &[]);
    check("names", &html);
    let document = parsed(&html);
    assert_eq!(
        text(named(document.root(), "h1").next().unwrap()),
        "</title><script>alert(1)</script> & \"x\""
    );
    std::fs::remove_dir_all(folder).unwrap();
}
