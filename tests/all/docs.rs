//! The deals that the pages show are deals: each reads, runs and conserves, in every scenario shown.

use leasefall::Money;
use leasefall::folder::Folder;
use std::fs;
use std::path::PathBuf;

/// The blocks of a page whose fence opens with these words, without the words after them.
fn blocks<'a>(page: &'a str, fence: &str) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for part in page.split("\n```").skip(1) {
        if let Some((head, body)) = part.split_once('\n')
            && let Some(rest) = head.strip_prefix(fence)
        {
            found.push((rest.trim(), body));
        }
    }
    found
}

#[test]
fn every_deal_of_the_pages_runs() {
    let cookbook = fs::read_to_string("docs/cookbook.md").unwrap();
    let page = fs::read_to_string("docs/deal.md").unwrap();
    let folder: PathBuf = std::env::temp_dir().join(format!("leasefall-docs-{}", std::process::id()));
    fs::create_dir_all(folder.join("scenarios")).unwrap();
    for (fence, file) in
        [("toml sites", "sites.toml"), ("toml tenants", "tenants.toml"), ("csv leases", "leases.csv")]
    {
        fs::write(folder.join(file), blocks(&cookbook, fence)[0].1).unwrap();
    }
    for (name, text) in blocks(&cookbook, "toml scenario").into_iter().filter(|(name, _)| !name.is_empty()) {
        fs::write(folder.join(format!("scenarios/{name}.toml")), text).unwrap();
    }
    let deals = [blocks(&cookbook, "toml deal"), blocks(&page, "toml deal")].concat();
    assert!(deals.len() >= 15, "{} deals on the pages", deals.len());
    for (_, text) in deals {
        fs::write(folder.join("deal.toml"), text).unwrap();
        let deal = Folder::open(&folder).unwrap_or_else(|error| panic!("{error}\n{text}"));
        for name in deal.scenario_names().unwrap() {
            // A scenario without a date of its own needs a deal with an anticipated repayment date.
            if name == "refinanced" && deal.anticipated_repayment_date().is_none() {
                continue;
            }
            let run = deal.run(&name).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
            assert_eq!(run.conservation(deal.program()).difference, Money::ZERO);
        }
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_readme_shows_what_the_command_prints() {
    let readme = fs::read_to_string("README.md").unwrap();
    let shown = blocks(&readme, "text")[0].1;
    let printed = assert_cmd::Command::cargo_bin("leasefall")
        .unwrap()
        .args(["price", "fixtures/deals/flexential-2021-1"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap().trim_end(), shown.trim_end());
}

/// Every command of the README's tour runs on the deal that its first command prices.
#[test]
fn the_commands_of_the_readme_run() {
    let readme = fs::read_to_string("README.md").unwrap();
    let shell = blocks(&readme, "sh").into_iter().flat_map(|(_, block)| block.lines());
    let tour = shell.filter_map(|line| line.strip_prefix("leasefall "));
    let commands: Vec<&str> = tour.map(|line| line.split('#').next().unwrap_or(line).trim()).collect();
    assert!(commands.len() >= 7, "{commands:?}");
    for command in commands {
        let words = command.split_whitespace();
        let written = std::env::temp_dir().join(format!("leasefall-tour-{}.html", std::process::id()));
        let words = words.map(|word| match word {
            "DEAL" => "fixtures/deals/flexential-2021-1",
            "report.html" => written.to_str().unwrap(),
            _ => word,
        });
        assert_cmd::Command::cargo_bin("leasefall").unwrap().args(words).assert().success();
        // Only the report writes a file.
        assert_eq!(fs::remove_file(&written).is_ok(), command.contains("--out"), "{command}");
    }
}
