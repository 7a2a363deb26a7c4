//! Broken folders: every mistake is reported at once, with file, line and field, and nothing panics.

mod bytes;
mod folder;
mod mistakes;

pub use folder::Temporary;
