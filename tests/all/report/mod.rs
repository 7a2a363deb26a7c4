//! The report: its page read as XML by another program's parser and by a browser, its figures against the other
//! commands'.

mod browser;
mod crossing;
mod drawn;
mod figures;
mod page;
mod studies;
mod undrawn;

use std::path::{Path, PathBuf};

/// Every deal of the fixtures, and for how many paths its page is made; none where it has no risk model.
fn deals() -> Vec<(PathBuf, Option<u64>)> {
    let mut found = Vec::new();
    for group in ["fixtures/deals", "fixtures/replay"] {
        for entry in std::fs::read_dir(group).unwrap() {
            let path = entry.unwrap().path();
            if path.join("deal.toml").is_file() {
                let paths = path.join("risk.toml").is_file().then_some(400);
                found.push((path, paths));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 14, "{found:?}");
    found
}

fn leasefall() -> assert_cmd::Command {
    assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("leasefall"))
}

/// The page of a deal, with more arguments.
fn page(deal: &Path, arguments: &[&str]) -> String {
    let out = temporary("page").join("page.html");
    leasefall().arg("report").arg(deal).arg("--out").arg(&out).args(arguments).assert().success().stdout("");
    let html = std::fs::read_to_string(&out).unwrap();
    std::fs::remove_dir_all(out.parent().unwrap()).unwrap();
    html
}

/// A new folder that the test removes.
fn temporary(name: &str) -> PathBuf {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let unique = format!("leasefall-{name}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(unique);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
