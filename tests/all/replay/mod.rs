//! Reported history: real statements that tie, planted errors that are found, and history that agrees with
//! projection.

mod history;
mod lines;
mod planted;
mod statements;

use leasefall::folder::Folder;
use leasefall::study::{Reconciliation, Statement, reconcile};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder of its own, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(files: &[(&str, &str)]) -> Scratch {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let unique =
            format!("leasefall-replay-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let scratch = Scratch(std::env::temp_dir().join(unique));
        std::fs::create_dir_all(&scratch.0).unwrap();
        files.iter().for_each(|(file, text)| scratch.write(file, text));
        scratch
    }

    /// A copy of a fixture.
    fn of(fixture: &str) -> Scratch {
        let scratch = Scratch::new(&[]);
        for entry in std::fs::read_dir(fixture_path(fixture)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), scratch.0.join(entry.file_name())).unwrap();
        }
        scratch
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).unwrap();
    }

    /// Replaces a piece of a file that stands there once.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.0.join(file)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        self.write(file, &text.replace(from, to));
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn reconciled(&self, statement: &str) -> Reconciliation {
        reconciled(&self.0, statement)
    }

    /// What is wrong with its files.
    fn mistakes(&self) -> String {
        Folder::open(&self.0).map_or_else(|error| error.to_string(), |_| String::new())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/replay").join(name)
}

fn reconciled(folder: &Path, statement: &str) -> Reconciliation {
    let open = Folder::open(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let statement = Statement::open(folder.join(statement)).unwrap_or_else(|error| panic!("{error}"));
    reconcile(&open, &statement).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}
