//! A page that a browser opens on its own: sections of text, figures, charts and tables in one HTML file.
//!
//! Nothing is loaded and nothing is run: the style sheet is inside, charts are inline SVG, tables open without a
//! script. A page holds what it is given; it knows no clock, so equal pages are equal bytes.

use super::svg::{Key, Plot, Size, escaped};
use super::{Align, Table};
use std::fmt::Write;

/// The style sheet of every page.
const STYLE: &str = include_str!("page.css");
/// Rows above which a table scrolls by itself.
const TALL: usize = 24;

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// A line or two below the title.
    pub summary: Vec<String>,
    /// What is read first: a name and its figure each.
    pub facts: Vec<(String, String)>,
    /// The sections, in order.
    pub sections: Vec<Section>,
    /// What stands at the foot.
    pub foot: String,
}

/// A part of a [`Page`] under its own heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What it holds, in order.
    pub blocks: Vec<Block>,
}

/// What a [`Section`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table that is always shown.
    Table(Table),
    /// A table that opens on demand.
    Folded(Table),
    /// A chart. Charts that follow each other stand side by side where there is room.
    Chart(Chart),
}

/// A plot with what makes it readable without seeing it: a description, remarks, and its figures as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The title.
    pub title: String,
    /// What it shows, in a sentence or two: read aloud in place of the picture.
    pub description: String,
    /// The picture.
    pub plot: Plot,
    /// Remarks below the picture.
    pub notes: Vec<String>,
    /// The figures behind it.
    pub table: Table,
}

impl Section {
    /// An empty section.
    pub fn new(title: impl Into<String>) -> Section {
        Section { title: title.into(), blocks: Vec::new() }
    }

    /// Adds a paragraph.
    pub fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }
}

impl Page {
    /// The page as HTML, whole and self-contained.
    ///
    /// ```
    /// use leasefall::report::page::{Page, Section};
    /// let mut section = Section::new("Cash");
    /// section.text("In < out?");
    /// let page = Page { title: "Two notes".into(), sections: vec![section], ..Page::default() };
    /// let html = page.html();
    /// assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<h2 id=\"s1\">Cash</h2>"));
    /// assert!(html.contains("<p>In &lt; out?</p>") && !html.contains("<script"));
    /// ```
    pub fn html(&self) -> String {
        let mut html = String::new();
        let title = escaped(&self.title);
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            html,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
        );
        for line in &self.summary {
            let _ = writeln!(html, "<p class=\"pale\">{}</p>", escaped(line));
        }
        self.facts(&mut html);
        self.contents(&mut html);
        html.push_str("</header>\n<main>\n");
        for (index, section) in self.sections.iter().enumerate() {
            section.html(&mut html, index + 1);
        }
        let _ = write!(html, "</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n", escaped(&self.foot));
        html
    }

    fn facts(&self, html: &mut String) {
        if self.facts.is_empty() {
            return;
        }
        html.push_str("<dl class=\"facts\">\n");
        for (name, figure) in &self.facts {
            let _ = writeln!(html, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(figure));
        }
        html.push_str("</dl>\n");
    }

    fn contents(&self, html: &mut String) {
        html.push_str("<nav aria-label=\"Sections\"><ul>\n");
        for (index, section) in self.sections.iter().enumerate() {
            let _ = writeln!(html, "<li><a href=\"#s{}\">{}</a></li>", index + 1, escaped(&section.title));
        }
        html.push_str("</ul></nav>\n");
    }
}

impl Section {
    fn html(&self, html: &mut String, number: usize) {
        let _ = writeln!(html, "<section>\n<h2 id=\"s{number}\">{}</h2>", escaped(&self.title));
        let mut in_charts = false;
        for (index, block) in self.blocks.iter().enumerate() {
            let is_chart = matches!(block, Block::Chart(_));
            if is_chart != in_charts {
                html.push_str(if is_chart { "<div class=\"charts\">\n" } else { "</div>\n" });
                in_charts = is_chart;
            }
            match block {
                Block::Text(text) => {
                    let _ = writeln!(html, "<p>{}</p>", escaped(text));
                }
                Block::Table(table) => write_table(html, table),
                Block::Folded(table) => write_folded(html, table),
                Block::Chart(chart) => chart.html(html, &format!("s{number}c{}", index + 1)),
            }
        }
        html.push_str(if in_charts { "</div>\n</section>\n" } else { "</section>\n" });
    }
}

impl Chart {
    fn html(&self, html: &mut String, id: &str) {
        let (title, description) = (escaped(&self.title), escaped(&self.description));
        let class = if matches!(self.plot, Plot::Panels(_)) { " class=\"panels\"" } else { "" };
        let _ = writeln!(
            html,
            "<figure id=\"{id}\"{class}>\n<figcaption><h3>{title}</h3><p>{description}</p></figcaption>"
        );
        write_keys(html, &self.plot.keys());
        for size in [Size::Wide, Size::Narrow] {
            let id = match size {
                Size::Wide => format!("{id}w"),
                Size::Narrow => format!("{id}n"),
            };
            html.push_str(&self.plot.draw(size, &id, &self.title, &self.description));
        }
        for note in &self.notes {
            let _ = writeln!(html, "<p class=\"remark\">{}</p>", escaped(note));
        }
        write_folded(html, &self.table);
        html.push_str("</figure>\n");
    }
}

fn write_keys(html: &mut String, keys: &[Key]) {
    if keys.is_empty() {
        return;
    }
    html.push_str("<ul class=\"keys\">\n");
    for Key { series, is_line } in keys {
        let swatch = match is_line {
            true => format!("<line class=\"{}\" x1=\"0\" y1=\"6\" x2=\"26\" y2=\"6\"/>", series.ink.line()),
            false => format!("<rect class=\"{}\" x=\"7\" width=\"12\" height=\"12\"/>", series.ink.fill()),
        };
        let _ = writeln!(
            html,
            "<li><svg width=\"26\" height=\"12\" aria-hidden=\"true\">{swatch}</svg>{}</li>",
            escaped(&series.name)
        );
    }
    html.push_str("</ul>\n");
}

fn write_folded(html: &mut String, table: &Table) {
    let _ = writeln!(html, "<details>\n<summary>Table: {}</summary>", escaped(table.title()));
    write_table(html, table);
    html.push_str("</details>\n");
}

fn write_table(html: &mut String, table: &Table) {
    let tall = if table.rows().len() > TALL { " tall" } else { "" };
    let title = escaped(table.title());
    let _ = write!(
        html,
        "<div class=\"scroll{tall}\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\
         <table>\n<caption>{title}</caption>\n<thead><tr>"
    );
    for (name, align) in table.columns() {
        let class = if *align == Align::Right { " class=\"number\"" } else { "" };
        let _ = write!(html, "<th scope=\"col\"{class}>{}</th>", escaped(name));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in table.rows() {
        html.push_str("<tr>");
        for (index, (_, align)) in table.columns().iter().enumerate() {
            let cell = row.get(index).map_or("", String::as_str);
            let class = match align {
                Align::Right => " class=\"number\"",
                Align::Left if cell.chars().count() > LONG => " class=\"text\"",
                Align::Left => "",
            };
            let _ = write!(html, "<td{class}>{}</td>", escaped(cell));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    for note in table.notes() {
        let _ = writeln!(html, "<p class=\"remark\">{}</p>", escaped(note));
    }
}

/// Letters above which a cell's text is broken into lines.
const LONG: usize = 70;
