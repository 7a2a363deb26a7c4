//! `leasefall check`: everything wrong with a deal's files.

use super::{Align, Report, Table};
use crate::error::Problems;
use serde::Serialize;

/// Everything wrong with a deal's files, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// What is wrong, by file and line.
    pub problems: Vec<ProblemLine>,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProblemLine {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
    /// The field; empty for the whole line or file.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

impl CheckReport {
    /// The report of a check.
    pub fn new(problems: Problems) -> CheckReport {
        let line = |problem: &crate::Problem| ProblemLine {
            file: problem.file.clone(),
            line: problem.line,
            field: problem.field.clone(),
            found: problem.found.clone(),
            expected: problem.expected.clone(),
        };
        CheckReport { ok: problems.is_empty(), problems: problems.as_slice().iter().map(line).collect() }
    }
}

impl Report for CheckReport {
    fn tables(&self) -> Vec<Table> {
        use Align::{Left, Right};
        let title = match self.problems.len() {
            0 => "Nothing is wrong.".to_owned(),
            1 => "1 problem".to_owned(),
            count => format!("{count} problems"),
        };
        let columns = [("file", Left), ("line", Right), ("field", Left), ("found", Left), ("expected", Left)];
        let mut table = Table::new(title, &columns);
        for line in &self.problems {
            table.row([
                line.file.clone(),
                line.line.to_string(),
                line.field.clone(),
                line.found.clone(),
                line.expected.clone(),
            ]);
        }
        vec![table]
    }
}
