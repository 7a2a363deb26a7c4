//! A table of text, shown in a terminal or written as CSV.

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A titled table of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    title: String,
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    /// An empty table.
    pub fn new(title: impl Into<String>, columns: &[(&str, Align)]) -> Table {
        Table {
            title: title.into(),
            columns: columns.iter().map(|&(name, align)| (name.to_owned(), align)).collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row; cells missing at its end are blank.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a remark below the table.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The columns: name and side.
    pub fn columns(&self) -> &[(String, Align)] {
        &self.columns
    }

    /// The remarks below.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// As CSV with a header row. Thousands separators are left out, so that figures are numbers.
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory cannot fail; rows are as wide as the header.
        let _ = writer.write_record(self.columns.iter().map(|(name, _)| name));
        for row in &self.rows {
            let cell = |(index, (_, align)): (usize, &(String, Align))| {
                let text = row.get(index).map_or("", String::as_str);
                if *align == Align::Right { text.replace(',', "") } else { text.to_owned() }
            };
            let _ = writer.write_record(self.columns.iter().enumerate().map(cell));
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    /// For a terminal: title, ruled columns, remarks.
    #[cfg(feature = "cli")]
    pub fn text(&self) -> String {
        use comfy_table::{Cell, CellAlignment, presets};
        let mut table = comfy_table::Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        let aligned = |text: &str, align: Align| {
            Cell::new(text).set_alignment(match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            })
        };
        table.set_header(self.columns.iter().map(|(name, align)| aligned(name, *align)));
        for row in &self.rows {
            let cells = self.columns.iter().enumerate();
            table
                .add_row(cells.map(|(i, (_, align))| aligned(row.get(i).map_or("", String::as_str), *align)));
        }
        let mut text = format!("{}\n", self.title);
        if !self.rows.is_empty() {
            text += &format!("{table}\n");
        }
        for note in &self.notes {
            text += &format!("{note}\n");
        }
        text
    }
}
