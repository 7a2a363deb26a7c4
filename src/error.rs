//! Errors, by whose fault they are: the files', the caller's, the market's (no solution exists), or the
//! size of the numbers.

use std::fmt;
use thiserror::Error;

/// What can go wrong, grouped by who has to act.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The files are wrong: every problem found, in file and line order. Whoever wrote them acts.
    #[error(transparent)]
    Input(#[from] Problems),
    /// A file could not be read at all. Whoever runs the program acts.
    #[error("cannot read {path}: {}", reason(*kind))]
    Unreadable {
        /// The path as given.
        path: String,
        /// The operating system's reason.
        kind: std::io::ErrorKind,
    },
    /// A file could not be written. Whoever runs the program acts.
    #[error("cannot write {path}: {}", reason(*kind))]
    Unwritable {
        /// The path as given.
        path: String,
        /// The operating system's reason.
        kind: std::io::ErrorKind,
    },
    /// An argument is outside the function's domain. The calling code acts.
    #[error("{argument} is {found}, expected {expected}")]
    Argument {
        /// The argument's name.
        argument: &'static str,
        /// What it was.
        found: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A date is not where it must be, measured against another. The calling code acts.
    #[error("{argument} is {found}, expected {expected} {bound}")]
    DateArgument {
        /// The argument's name.
        argument: &'static str,
        /// What it was.
        found: crate::time::Date,
        /// Its place: `after closing_date`.
        expected: &'static str,
        /// The date that it is measured against.
        bound: crate::time::Date,
    },
    /// Default probabilities of two measures meet where one is needed. The calling code acts.
    #[error("a {found} default curve stands among {expected} ones: the two measures do not mix")]
    Measure {
        /// The measure of the others.
        expected: crate::credit::Measure,
        /// The measure of this one.
        found: crate::credit::Measure,
    },
    /// The points of a curve do not make one. Whoever wrote them acts.
    #[error(transparent)]
    Curve(#[from] crate::curve::CurveProblem),
    /// An equation has no solution, or none was found. Says why.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// An amount passed 64 bits of minor units (92 quadrillion dollars): the inputs are absurd.
    #[error("an amount passes 64 bits of minor units in {place}, period {period}")]
    Overflow {
        /// What was being computed.
        place: &'static str,
        /// The period, counted from 1; 0 before the first.
        period: usize,
    },
}

impl Error {
    /// [`Error::Argument`] unless `holds`.
    pub(crate) fn unless(
        holds: bool,
        argument: &'static str,
        found: f64,
        expected: &'static str,
    ) -> Result<(), Error> {
        if holds { Ok(()) } else { Err(Error::Argument { argument, found, expected }) }
    }
}

/// Why a file cannot be read, in the words of those who look for files.
pub(crate) fn reason(kind: std::io::ErrorKind) -> String {
    match kind {
        std::io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        std::io::ErrorKind::NotADirectory => "not a folder".to_owned(),
        other => other.to_string(),
    }
}

/// Why an equation was not solved.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SolveError {
    /// The function has the same sign at both ends of the bracket.
    #[error(
        "no {quantity} between {low} and {high} gives {target}: at the ends it would be {at_low} and {at_high}"
    )]
    NotBracketed {
        /// The unknown: `yield`, `z_spread`.
        quantity: &'static str,
        /// Low end.
        low: f64,
        /// High end.
        high: f64,
        /// The value asked for.
        target: f64,
        /// Value at the low end.
        at_low: f64,
        /// Value at the high end.
        at_high: f64,
    },
    /// The iteration ended without the tolerance being met.
    #[error("the search for {quantity} stopped after {iterations} steps, {error:e} away")]
    NoConvergence {
        /// The unknown.
        quantity: &'static str,
        /// Steps taken.
        iterations: u32,
        /// Width left.
        error: f64,
    },
    /// There is nothing to solve for: no cash flow after the settlement date.
    #[error("no {quantity}: no cash is paid after the settlement date")]
    NoCashFlows {
        /// The unknown.
        quantity: &'static str,
    },
    /// The note has no balance at the settlement date (paid off, written to zero, or not yet drawn): a
    /// figure per 100 of balance has no base.
    #[error("no {quantity}: no balance is outstanding at the settlement date")]
    NoBalance {
        /// The unknown.
        quantity: &'static str,
    },
    /// The inputs lead outside the formula's domain, or past the range of a double.
    #[error("the {quantity} is not a finite number at these inputs")]
    NotFinite {
        /// The unknown.
        quantity: &'static str,
    },
}

/// One thing wrong in one place of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as the reader knows it: `deal.toml`.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The field: `notes[2].coupon`, `rent_usd_per_kw_month`; empty when the whole line or file is meant.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": ")?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

/// Every problem of a set of files, sorted by file and line. Never empty inside an [`Error::Input`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Problems::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: Problems) {
        self.0.extend(other.0);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems.
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    /// `Ok(value)` if nothing is wrong, else every problem, sorted and without repeats.
    ///
    /// # Errors
    /// [`Error::Input`] when there is at least one problem.
    pub fn or<T>(self, value: T) -> Result<T, Error> {
        Ok(self.none_or(value)?)
    }

    /// [`Problems::or`] for a reader whose only fault can be its file.
    ///
    /// # Errors
    /// The problems themselves, when there is at least one.
    pub fn none_or<T>(mut self, value: T) -> Result<T, Problems> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort();
        self.0.dedup();
        Err(self)
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        Problems(problems)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
