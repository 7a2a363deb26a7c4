//! A sponsor that fails in the network: its manager is replaced, its equity cure is lost, and nobody refinances at the
//! anticipated repayment date. Each is seen in the cash of the deal, and the system's prices are those of a scenario that
//! says the same by hand.

use leasefall::Money;
use leasefall::folder::Folder;
use leasefall::study::system::System;
use leasefall::valuation::{NoteValuation, ZSpread};
use leasefall::waterfall::Run;
use std::fs;
use std::path::{Path, PathBuf};

const DEAL: &str = "forty-tenants";

/// The fixture's system beside a copy of its deals, of which one has a back-up manager and an equity cure.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copies a folder with what is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What the sponsor stands ready to pay in is an account: what is not drawn is its own, and goes back to it when the cure
/// ends a month before the anticipated repayment date, or to its estate when it fails.
const TERMS: &str = r#"
[[accounts]]
id = "equity_cure"
opening_balance = 20_000_000

[[fees]]
id = "backup_manager"
amount = "if(manager_default, 200_000, 0)"

[[triggers]]
id = "sponsor_default"
test = { kind = "event", event = "sponsor_default" }
cure = { kind = "never" }

[[triggers]]
id = "cure_ended"
test = { kind = "on_or_after", date = 2030-12-25 }

[[triggers]]
id = "cure_over"
test = { kind = "any", of = ["sponsor_default", "cure_ended"] }
"#;

const CURE_OVER: &str = "[[phases.steps]]\nid = \"cure_over\"\npay = \"payee\"\npayee = \"sponsor\"\nfrom = [\"equity_cure\"]\n\
    when = [\"cure_over\"]\n\n";

/// Half the tenants leave in 2028 and the space stays empty: interest is short. A lender who asks for nothing.
fn hard(events: &str, granted: bool) -> String {
    let mut text = String::from("description = \"hard\"\n");
    for tenant in 20..40 {
        text += &format!(
            "[[events]]\nkind = \"tenant_default\"\ntenant = \"tenant_{tenant}\"\nat = 2028-01-01\nreletting = {{ relet = false }}\n"
        );
    }
    format!("{text}{events}[refinancing]\ngranted = {granted}\nmax_ltv = 10\n")
}

impl Place {
    fn new() -> Place {
        let place = Place(std::env::temp_dir().join(format!("leasefall-sponsor-{}", std::process::id())));
        copy(Path::new("fixtures/deals"), &place.0.join("deals"));
        copy(Path::new("fixtures/system"), &place.0.join("system"));
        for outcome in ["ai_fails", "ai_succeeds"] {
            fs::remove_file(place.0.join(format!("system/{outcome}.toml"))).unwrap();
        }
        let deal = place.0.join("deals").join(DEAL);
        let text = fs::read_to_string(deal.join("deal.toml")).unwrap();
        let text = text
            .replace(
                "[[phases.steps]]\nid = \"fees\"",
                &format!("{CURE_OVER}[[phases.steps]]\nid = \"fees\""),
            )
            .replace("fees = [\"trustee\"", "fees = [\"trustee\", \"backup_manager\"")
            .replace(
                "\"liquidity_reserve\"]\n\n[[phases.steps]]\nid = \"reserve\"",
                "\"equity_cure\", \"liquidity_reserve\"]\n\n[[phases.steps]]\nid = \"reserve\"",
            )
            .replace(
                "\"cash_trap\", \"liquidity_reserve\"]",
                "\"cash_trap\", \"equity_cure\", \"liquidity_reserve\"]",
            );
        fs::write(deal.join("deal.toml"), text + TERMS).unwrap();
        place.scenario("hard", &hard("", true));
        // Six hundred million a year to lenders, all that the sponsor's fund has each year.
        let file = place.0.join("system/commitments-2026.toml");
        let text = fs::read_to_string(&file).unwrap();
        let loan = "amount_usd = 2_500_000_000\nstatus = \"binding\"\ndate = 2025-12-31\nlevel = { from = 2026, to = 2030 }";
        assert!(text.contains(loan));
        let larger = loan.replace("2_500", "4_200").replace("2030", "2032");
        fs::write(&file, text.replace(loan, &larger)).unwrap();
        for (name, from) in [("early", Some(2027)), ("late", Some(2032)), ("stands", None)] {
            let none = "{ value = 0, source = \"\", mark = \"assumption\" }";
            let shock = from.map_or(String::new(), |from| {
                format!("[[shocks]]\nparties = [\"sponsor_fund\"]\nfrom = {from}\nfunding = {none}\noperating = {none}\n")
            });
            let text = format!(
                "description = \"{name}\"\n{shock}[[deals]]\ndeal = \"{DEAL}\"\nscenario = \"hard\"\n"
            );
            fs::write(place.0.join(format!("system/{name}.toml")), text).unwrap();
        }
        place
    }

    fn scenario(&self, name: &str, text: &str) {
        fs::write(self.0.join("deals").join(DEAL).join(format!("scenarios/{name}.toml")), text).unwrap();
    }

    fn folder(&self) -> Folder {
        Folder::open(self.0.join("deals").join(DEAL)).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Received by a payee up to the payment date of a month of 2027, 2028 and so on: the first is that of February 2026.
fn received(folder: &Folder, run: &Run, payee: &str, year: usize, month: usize) -> Money {
    let period = (year - 2026) * 12 + month - 2;
    run.payees(folder.program(), period)
        .find(|(name, _)| *name == payee)
        .map_or(Money::ZERO, |(_, amount)| amount)
}

fn shortfall(run: &Run) -> Money {
    (0..5).flat_map(|note| run.note(note)).map(|row| row.interest_shortfall).max().unwrap()
}

fn dollars(amount: i64) -> Money {
    Money::from_minor(amount * 100)
}

#[test]
fn a_failed_sponsor_is_replaced_cures_nothing_and_refinances_nothing() {
    let place = Place::new();
    let sponsor = "[[events]]\nkind = \"sponsor_default\"\nat = 2027-01-01\n";
    let manager = "[[events]]\nkind = \"manager_default\"\nat = 2027-01-01\n";
    place.scenario("manager", &hard(manager, true));
    place.scenario("cure", &hard(sponsor, true));
    place.scenario("closed", &hard("", false));
    place.scenario("all", &hard(&format!("{sponsor}{manager}"), false));
    let folder = place.folder();
    let run = |name: &str| folder.run(name).unwrap_or_else(|error| panic!("{error}"));

    // It stands: no back-up manager, the cure bridges the first months of 2028, and a lender repays all in January 2031.
    let stands = run("hard");
    assert_eq!(received(&folder, &stands, "backup_manager", 2030, 1), Money::ZERO);
    assert_eq!(received(&folder, &stands, "sponsor", 2030, 1), Money::ZERO);
    assert!(stands.redeemed() && stands.periods() == 60);

    // Its manager is replaced: 200,000 a month from January 2027 on.
    let replaced = run("manager");
    assert_eq!(received(&folder, &replaced, "backup_manager", 2026, 12), Money::ZERO);
    assert_eq!(received(&folder, &replaced, "backup_manager", 2027, 12), dollars(12 * 200_000));

    // Its cure is lost: twenty million go to its estate, and interest is short sooner and by more.
    let cured = run("cure");
    assert_eq!(received(&folder, &cured, "sponsor", 2027, 1), dollars(20_000_000));
    let first_short = |run: &Run| {
        (0..5).filter_map(|note| run.note(note).position(|row| !row.interest_shortfall.is_zero())).min()
    };
    assert!(
        first_short(&cured).is_some() && first_short(&cured) < first_short(&stands).or(Some(60)),
        "{:?}",
        first_short(&cured)
    );
    assert!(shortfall(&cured) > shortfall(&stands));

    // Nobody refinances: the notes are outstanding after their anticipated repayment date.
    let closed = run("closed");
    assert!(!closed.redeemed() || closed.periods() > 60);
    assert!(!closed.row(60, 4).balance_close.is_zero());

    // The network brings all three, and nothing else.
    let system = System::open(place.0.join("system")).unwrap_or_else(|error| panic!("{error}"));
    let fund = system.network().party_index("sponsor_fund").unwrap();
    let spreads: Vec<ZSpread> =
        folder.value("base").unwrap().notes.iter().map(NoteValuation::z_spread).collect();
    let prices = |name: &str| folder.prices(&run(name), &spreads).unwrap();
    let base = prices("base");
    for (outcome, year, by_hand) in [("early", Some(1), "all"), ("stands", None, "hard")] {
        let result = system.run(outcome, &[]).unwrap();
        assert_eq!(result.cascade.defaulted[fund], year, "{outcome}");
        let found: Vec<f64> =
            result.notes.iter().filter(|n| n.deal == DEAL).map(|n| n.losses.first()).collect();
        let expected =
            base.iter().zip(prices(by_hand)).map(|(base, price)| 1.0 - price.unwrap() / base.unwrap());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{outcome}: {found} {expected}");
        }
    }
    // After the notes are repaid its failure is nothing to them.
    let late = system.run("late", &[]).unwrap();
    assert_eq!(late.cascade.defaulted[fund], Some(6));
    assert!(late.notes.iter().all(|note| note.losses.ring == 0.0));
    let early = system.run("early", &[]).unwrap();
    assert!(early.notes.iter().any(|note| note.losses.ring > 0.01));
}
