//! Bytes on disk to text: only regular files, only UTF-8, only up to a stated size.

use crate::error::{Error, Problem};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The largest TOML document read: 4 MiB. The largest deal file by hand is a few hundred kilobytes.
pub const DOCUMENT_LIMIT: usize = 4 << 20;

/// The largest CSV table read: 256 MiB, about a million leases.
pub const TABLE_LIMIT: usize = 256 << 20;

/// A file's text. `name` is what problems call it.
///
/// # Errors
/// [`Error::Unreadable`] if the system does not give the file; [`Error::Input`] if it is not a regular
/// file, is larger than `limit` bytes (it is then not read), or is not UTF-8 (the problem names the line).
pub fn read_text(path: &Path, name: &str, limit: usize) -> Result<String, Error> {
    let unreadable =
        |error: std::io::Error| Error::Unreadable { path: path.display().to_string(), kind: error.kind() };
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        let found = if metadata.is_dir() { "a folder" } else { "a device or pipe" };
        return Err(whole_file(name, found.to_owned(), "a file".to_owned()));
    }
    let too_large = |bytes: u64| {
        let found = format!("{bytes} bytes or more");
        whole_file(name, found, format!("at most {limit} bytes"))
    };
    if metadata.len() > limit as u64 {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // The file may grow while it is read.
    let read = File::open(path).and_then(|file| file.take(limit as u64 + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() > limit => Err(too_large(bytes.len() as u64)),
        Ok(_) => utf8(bytes, name),
        Err(error) if error.kind() == ErrorKind::OutOfMemory => Err(too_large(metadata.len())),
        Err(error) => Err(unreadable(error)),
    }
}

fn utf8(bytes: Vec<u8>, name: &str) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| {
        let (bytes, at) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let mut problems = crate::Problems::new();
        problems.push(Problem {
            file: name.to_owned(),
            line: 1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count(),
            field: String::new(),
            found: format!("the byte {:#04x}, which is not UTF-8", bytes[at]),
            expected: "text in UTF-8".to_owned(),
        });
        Error::Input(problems)
    })
}

fn whole_file(name: &str, found: String, expected: String) -> Error {
    Error::Input(vec![problem_of_file(name, found, expected)].into())
}

fn problem_of_file(name: &str, found: String, expected: String) -> Problem {
    Problem { file: name.to_owned(), line: 0, field: String::new(), found, expected }
}

/// The text without its byte order mark, if there is something in it and it is within the limit.
pub(super) fn content<'t>(name: &str, text: &'t str, limit: usize) -> Result<&'t str, Problem> {
    if text.len() > limit {
        let found = format!("{} bytes", text.len());
        return Err(problem_of_file(name, found, format!("at most {limit} bytes")));
    }
    let content = text.strip_prefix('\u{feff}').unwrap_or(text);
    if content.trim().is_empty() {
        return Err(problem_of_file(name, "an empty file".to_owned(), "content".to_owned()));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(name: &str, bytes: &[u8], limit: usize) -> Result<String, Error> {
        let path = std::env::temp_dir().join(format!("leasefall-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let result = read_text(&path, name, limit);
        std::fs::remove_file(&path).unwrap();
        result
    }

    #[test]
    fn files_that_are_not_text() {
        assert_eq!(reading("fine", b"a = 1\r\n", 10).unwrap(), "a = 1\r\n");
        let problem = reading("latin1", b"a = 1\nb = \"caf\xe9\"\n", 100).unwrap_err();
        let expected = "latin1:2: found the byte 0xe9, which is not UTF-8, expected text in UTF-8";
        assert_eq!(problem.to_string(), expected);
        let folder = read_text(&std::env::temp_dir(), "deal.toml", 10).unwrap_err();
        assert_eq!(folder.to_string(), "deal.toml: found a folder, expected a file");
        let absent = read_text(Path::new("no/such/deal.toml"), "deal.toml", 10).unwrap_err();
        assert_eq!(
            absent,
            Error::Unreadable { path: "no/such/deal.toml".to_owned(), kind: ErrorKind::NotFound }
        );
    }

    #[test]
    fn a_hundred_megabytes_are_not_read() {
        let path = std::env::temp_dir().join(format!("leasefall-{}-sparse", std::process::id()));
        File::create(&path).unwrap().set_len(100_000_000).unwrap();
        let problem = read_text(&path, "deal.toml", DOCUMENT_LIMIT).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(
            problem.to_string(),
            "deal.toml: found 100000000 bytes or more, expected at most 4194304 bytes"
        );
    }

    #[test]
    fn byte_order_marks_and_empty_texts() {
        assert_eq!(content("x", "\u{feff}a = 1", 100).unwrap(), "a = 1");
        assert!(content("x", "\u{feff} \r\n", 100).is_err());
        assert!(content("x", "", 100).is_err());
        assert!(content("x", "abc", 2).is_err());
    }
}
