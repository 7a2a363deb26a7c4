//! Contracts against the market and notes against collateral: by hand, as printed, and as drawn.

use super::page::{named, parsed, table, text};
use super::{leasefall, page, temporary};
use leasefall::folder::Folder;
use leasefall::study::{Turn, crossing};
use std::path::Path;

const DEALS: [&str; 5] =
    ["flexential-2021-1", "aligned-2021-1", "compass-red-oak", "beignet-2049", "valor-compute-2026"];

/// Every rebuilt deal has the picture, in every scenario; its years are those of the study.
#[test]
fn every_deal_has_the_picture() {
    let mut crossed = 0;
    for deal in DEALS {
        let path = Path::new("fixtures/deals").join(deal);
        let folder = Folder::open(&path).unwrap();
        for scenario in ["base", "ai_fails"] {
            let html = page(&path, &["--scenario", scenario]);
            let document = parsed(&html);
            let figure = named(document.root(), "figure")
                .find(|figure| {
                    named(*figure, "h3").any(|h| text(h).starts_with("Contracts against the market"))
                })
                .unwrap_or_else(|| panic!("{deal} {scenario}"));
            let legend: Vec<String> = named(figure, "li").map(text).collect();
            assert_eq!(legend.len(), 4, "{deal}: {legend:?}");
            let found = crossing(&folder, scenario).unwrap().unwrap();
            for (name, turns) in [("Contracted rent", &found.rent_turns), ("Notes", &found.note_turns)] {
                let line = legend.iter().find(|line| line.starts_with(name)).unwrap();
                match turns.first() {
                    None => assert_eq!(*line, format!("{name}, never above")),
                    Some(turn) => {
                        assert!(
                            line.contains(&turn.date.format("%Y").to_string()),
                            "{deal}: {line} {turn:?}"
                        );
                        crossed += 1;
                    }
                }
            }
            let said: Vec<String> = named(document.root(), "p").map(text).collect();
            let date = found.rent_above_market.map_or("do not cross".to_owned(), |date| date.to_string());
            assert!(
                said.iter().any(|p| p.starts_with("Contracted rent") && p.contains(&date)),
                "{deal}: {date}"
            );
            let (_, rows) = table(&document, "Contracts and market, notes and collateral");
            assert_eq!(rows.len(), found.points.len());
        }
    }
    assert!(crossed >= 8, "{crossed}");
}

/// One chip for ever at 0.70 an hour: 365 a month after power and cost, 36,500 for a hundred. A rent of 30,000 is below
/// it; from the day that compute is a tenth cheaper a chip earns 460 - 146 = 314 and the rent of 33,000 is above.
#[test]
fn chips_by_hand() {
    let folder = temporary("crossing");
    let figure = |name: &str, value: &str| {
        format!("{name} = {{ value = {value}, mark = \"assumed\", source = \"test\" }}\n")
    };
    let chips = "[[generations]]\nid = \"only\"\n".to_owned()
        + &figure("release", "2025-12-01")
        + &figure("dense_16bit_tflops", "989")
        + &figure("chip_watts", "700")
        + &figure("system_overhead_watts", "300")
        + &figure("system_price_usd", "21900")
        + &figure("rack_density_kw", "40")
        + "[[fleets]]\nid = \"f\"\ngeneration = \"only\"\ncount = 100\nin_service = 2025-12-31\nfailure_rate = 0\n";
    let terms = "description = \"flat\"\n[compute]\nutilisation = 1\nload_factor = 1\npue = 1\n\
                 power_price_usd_per_kwh = 0.10\nopex_usd_per_kw_month = 73\nrequired_return = 0\n\
                 recovery_years = 5\nrent_drift = 0\nplateau_from = 2026-02-01\n";
    let leases = "lease_id,tenant,fleet,cost_usd,rent_usd_per_month,commencement,expiration,end_of_term,remarketing,book_life_years\n\
                  L,t,f,2190000,33000,2026-01-01,2028-12-31,return,sell,5\n";
    let deal = std::fs::read_to_string("fixtures/deals/valor-compute-2026/deal.toml").unwrap();
    let deal = deal
        .split("# Where the figures come from")
        .next()
        .unwrap()
        .replace("original_balance = 3_500_000_000", "original_balance = 1_000_000")
        .replace("amount = 100_000", "amount = 0")
        .replace("2026-01-15", "2025-12-31");
    let tenants = "[[tenants]]\nid = \"t\"\nname = \"T\"\n";
    std::fs::create_dir(folder.join("scenarios")).unwrap();
    let event = "\n[[events]]\nkind = \"compute_price\"\nat = 2027-01-01\nchange = -0.10\n";
    for (name, text) in [
        ("deal.toml", deal.as_str()),
        ("chips.toml", &chips),
        ("chip_leases.csv", leases),
        ("tenants.toml", tenants),
        ("scenarios/base.toml", terms),
        ("scenarios/cheaper.toml", &format!("{terms}{event}")),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let opened = Folder::open(&folder).unwrap_or_else(|error| panic!("{error}"));
    let base = crossing(&opened, "base").unwrap().unwrap();
    for point in base.points.iter().filter(|point| point.date <= "2029-01-31".parse().unwrap()) {
        assert_eq!((point.contracted_rent.minor(), point.market_rent.minor()), (3_300_000, 3_650_000));
    }
    assert_eq!(base.rent_turns, []);
    let cheaper = crossing(&opened, "cheaper").unwrap().unwrap();
    // January's collections are paid in February. Rent falls by a tenth of 0.70 x 730 = 51.10 a chip.
    let paid: leasefall::Date = "2027-02-22".parse().unwrap();
    assert_eq!(cheaper.rent_turns, [Turn { date: paid, above: true, from_start: false }]);
    let point = cheaper.points.iter().find(|point| point.date == paid).unwrap();
    assert_eq!(point.market_rent.minor(), 3_139_000);
    std::fs::remove_dir_all(folder).unwrap();
}

/// `stress` says what the picture says.
#[test]
fn stress_prints_when_lines_cross() {
    let output = leasefall()
        .args(["stress", "fixtures/deals/valor-compute-2026", "--scenario", "base", "--scenario", "ai_fails"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let folder = Folder::open("fixtures/deals/valor-compute-2026").unwrap();
    let lines: Vec<&str> = printed.split("When lines cross").nth(1).unwrap().lines().collect();
    for scenario in ["base", "ai_fails"] {
        let line = lines.iter().find(|line| line.starts_with(&format!("| {scenario} "))).unwrap();
        let found = crossing(&folder, scenario).unwrap().unwrap();
        for date in [found.rent_above_market, found.notes_above_collateral] {
            let said = date.map_or("do not cross".to_owned(), |date| date.to_string());
            assert!(line.contains(&said), "{line}: {said}");
        }
    }
}

/// The table of `docs/obsolescence.md` is what the study says.
#[test]
fn the_page_says_when_lines_cross() {
    let text = std::fs::read_to_string("docs/obsolescence.md").unwrap();
    let table = text.split("| deal | contracts: `base`").nth(1).unwrap();
    for deal in DEALS {
        let row = table.lines().find(|line| line.starts_with(&format!("| {deal} |"))).unwrap();
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).skip(1).collect();
        let folder = Folder::open(Path::new("fixtures/deals").join(deal)).unwrap();
        for (place, scenario) in ["base", "faster_cadence", "ai_fails"].into_iter().enumerate() {
            let found = crossing(&folder, scenario).unwrap().unwrap();
            let said = |turns: &[Turn]| match turns.first() {
                None => "do not cross".to_owned(),
                Some(turn) if turn.from_start => "from the start".to_owned(),
                Some(turn) => turn.date.format("%Y").to_string(),
            };
            assert_eq!(
                [cells[place], cells[place + 3]],
                [said(&found.rent_turns), said(&found.note_turns)],
                "{deal} {scenario}"
            );
        }
    }
}
