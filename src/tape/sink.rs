//! The problems of one file: kept, counted, and capped.

use crate::error::{Problem, Problems};

/// Problems of one file that are shown; the rest are counted.
const SHOWN: usize = 1_000;

/// Problems of one file that are kept before they are sorted: a bound on memory.
const KEPT: usize = 20_000;

/// Where a reader puts what is wrong with its file.
pub(super) struct Sink {
    file: String,
    kept: Vec<Problem>,
    uncounted: usize,
}

impl Sink {
    pub fn new(file: &str) -> Sink {
        Sink { file: file.to_owned(), kept: Vec::new(), uncounted: 0 }
    }

    /// Adds a problem; `words` gives `found` and `expected` if it is kept.
    pub fn push(&mut self, line: usize, field: &str, words: impl FnOnce() -> (String, String)) {
        if self.kept.len() >= KEPT {
            self.uncounted += 1;
            return;
        }
        self.keep(line, field, words());
    }

    // Apart, for `push` is compiled once for each place that has something to say.
    fn keep(&mut self, line: usize, field: &str, (found, expected): (String, String)) {
        let (file, field) = (self.file.clone(), field.to_owned());
        self.kept.push(Problem { file, line, field, found, expected });
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds all of another sink.
    pub fn absorb(&mut self, other: Sink) {
        let room = KEPT.saturating_sub(self.kept.len()).min(other.kept.len());
        self.uncounted += other.uncounted + other.kept.len() - room;
        self.kept.extend(other.kept.into_iter().take(room));
    }

    /// The lines that have a problem.
    pub fn lines(&self) -> impl Iterator<Item = usize> {
        self.kept.iter().map(|problem| problem.line)
    }

    /// Sorted and without repeats; those past the first thousand become one last line that counts them.
    pub fn into_problems(mut self) -> Problems {
        self.kept.sort();
        self.kept.dedup();
        let left_out = self.kept.len().saturating_sub(SHOWN) + self.uncounted;
        if left_out > 0 && self.kept.len() > SHOWN {
            let more = Problem {
                file: self.file.clone(),
                line: self.kept[SHOWN].line,
                // Sorts after every field name of its line.
                field: "…".to_owned(),
                found: format!("{left_out} more problems from here on"),
                expected: "none".to_owned(),
            };
            self.kept.truncate(SHOWN);
            self.kept.push(more);
        }
        self.kept.into()
    }
}
