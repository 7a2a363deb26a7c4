//! Broken folders: every mistake is reported at once, with file, line and field, and nothing panics.

mod bytes;
mod folder;
mod loans;
mod mistakes;

pub use folder::Temporary;
