//! Outcomes run through the system: both sides of the coin, who defaults and where it is said, households, joint tails.

use leasefall::Money;
use leasefall::study::system::{AssetKind, Chance, Lever, Status, System, SystemResult};
use std::fs;
use std::path::PathBuf;

const FOLDER: &str = "fixtures/system";

#[test]
fn both_sides_of_the_coin() {
    let system = System::open(FOLDER).unwrap();
    let base = system.run("base", &[]).unwrap();
    assert!(base.cascade.defaulted.iter().all(Option::is_none));
    assert!(base.notes.iter().all(|note| note.losses.total().abs() < 1e-9));
    assert!(base.groups.iter().all(|group| group.losses.total().abs() < 1.0));

    let fails = system.run("ai_fails", &[]).unwrap();
    let year = |id: &str| fails.cascade.defaulted[system.network().party_index(id).unwrap()];
    // Laboratories, then neoclouds; what is bound to neither stands.
    assert!(year("openai").is_some() && year("coreweave") > year("openai"), "{:?}", fails.cascade.defaulted);
    assert_eq!((year("microsoft"), year("meta")), (None, None));
    let succeeds = system.run("ai_succeeds", &[]).unwrap();
    assert!(succeeds.cascade.defaulted.iter().all(Option::is_none));
    let insurers = |result: &leasefall::study::system::SystemResult| {
        result.groups.iter().find(|group| group.id == "insurers").unwrap().losses
    };
    assert!(
        insurers(&fails).ring > 0.0
            && insurers(&fails).price_impact > 0.0
            && insurers(&fails).households == 0.0
    );
    assert!(insurers(&succeeds).households > 0.0 && insurers(&succeeds).ring == 0.0);
    for result in [&fails, &succeeds] {
        assert!(insurers(result).total() > 0.0, "{}", result.outcome);
        for (group, loss) in result.groups.iter().zip(&result.sale.groups) {
            // The ways in which losses came add up to what holders lost.
            assert!((group.losses.first() - loss.first).abs() < 1e-3 * (1.0 + loss.first.abs() * 1e-9));
            assert!((group.equity - group.losses.total() - group.equity_after).abs() < 1e-6 * group.assets);
        }
    }
}

/// The ring's part is what the ring does: without shocks to parties it is nothing, in every note.
#[test]
fn levers_move_what_they_name() {
    let system = System::open(FOLDER).unwrap();
    let run = |lever: Lever| system.run("ai_fails", &[lever]).unwrap();
    let calm = run(Lever::Shocks(0.0));
    assert!(calm.notes.iter().all(|note| note.losses.ring == 0.0));
    assert!(calm.groups.iter().all(|group| group.losses.ring == 0.0));
    let as_stated = system.run("ai_fails", &[]).unwrap();
    assert!(as_stated.notes.iter().any(|note| note.losses.ring != 0.0));
    let still = run(Lever::PriceImpact(0.0));
    assert!(still.notes.iter().all(|note| note.losses.price_impact == 0.0));
    let both: Vec<f64> = still.notes.iter().map(|note| note.losses.first()).collect();
    assert_eq!(both, as_stated.notes.iter().map(|note| note.losses.first()).collect::<Vec<_>>());
    // The letters bring money into the network: less is left unpaid.
    let lost = |result: &leasefall::study::system::SystemResult| {
        let bound = |(k, _): &(usize, &Money)| system.network().commitments()[*k].status == Status::Binding;
        result.cascade.lost.iter().enumerate().filter(bound).map(|(_, lost)| *lost).sum::<Money>()
    };
    assert!(lost(&run(Lever::LettersOfIntent(true))) < lost(&as_stated));
}

/// A copy of the fixture's system with other outcomes, its deals where they are or in a folder of its own.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Copy {
        let folder = std::env::temp_dir().join(format!("leasefall-system-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let copy = Copy(folder);
        for file in ["commitments-2026.toml", "holders-2026.toml", "base.toml"] {
            fs::copy(format!("{FOLDER}/{file}"), copy.0.join(file)).unwrap();
        }
        let deals = fs::canonicalize("fixtures/deals").unwrap();
        copy.edit("holders-2026.toml", "\"../deals\"", &format!("{:?}", deals.display().to_string()));
        copy
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.join(file)).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(self.0.join(file), text.replace(from, to)).unwrap();
    }

    fn outcome(&self, name: &str, text: &str) {
        fs::write(self.0.join(format!("{name}.toml")), format!("description = \"{name}\"\n{text}")).unwrap();
    }

    fn open(&self) -> System {
        System::open(&self.0).unwrap_or_else(|error| panic!("{error}"))
    }

    fn refused(&self) -> String {
        System::open(&self.0).unwrap_err().to_string()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Cuts the laboratory's means from 2027 on, so that it cannot pay in 2027.
const LAB_FAILS: &str = "[[shocks]]\nparties = [\"openai\"]\nfrom = 2027\n\
    funding = { value = 0, source = \"\", mark = \"assumption\" }\noperating = { value = 0.1, source = \"\", mark = \"assumption\" }\n";

/// Without a refinancing, so that a default is felt.
const CLOSED: &str = "[[deals]]\ndeal = \"forty-tenants\"\nrefinancing_closed = true\n";

fn tenant_default(date: &str) -> String {
    format!(
        "{CLOSED}[[deals.events]]\nkind = \"tenant_default\"\ntenant = \"tenant_04\"\n\
         at = {date}\nrecovery_rate = 0.2\n"
    )
}

/// Whatever of the two comes first is the one default: what the scenario says in or before the year in which the network
/// brings it counts as the outcome's own, a later one gives way to the network's, and nothing is lost twice.
#[test]
fn a_party_defaults_once_whoever_says_so() {
    let copy = Copy::new("once");
    copy.outcome("network", &format!("{LAB_FAILS}{CLOSED}"));
    copy.outcome("scenario", &tenant_default("2027-01-01"));
    copy.outcome("both", &format!("{LAB_FAILS}{}", tenant_default("2027-01-01")));
    copy.outcome("later", &format!("{LAB_FAILS}{}", tenant_default("2029-01-01")));
    copy.outcome("earlier", &format!("{LAB_FAILS}{}", tenant_default("2026-06-01")));
    copy.outcome("never", &tenant_default("2050-01-01"));
    let system = copy.open();
    let lab = system.network().party_index("openai").unwrap();
    let run = |name: &str| system.run(name, &[]).unwrap();
    let year = |result: &SystemResult| result.cascade.defaulted[lab];
    let lost = |result: &SystemResult| -> Vec<f64> {
        result.notes.iter().filter(|n| n.deal == "forty-tenants").map(|n| n.losses.first()).collect()
    };
    let ring = |result: &SystemResult| -> f64 {
        let notes = result.notes.iter().filter(|note| note.deal == "forty-tenants");
        notes.map(|note| note.losses.ring.abs()).sum()
    };
    let (network, scenario, both) = (run("network"), run("scenario"), run("both"));
    assert_eq!([year(&network), year(&scenario), year(&both)], [Some(1); 3]);
    assert!(ring(&network) > 0.0 && lost(&network).iter().any(|lost| *lost != 0.0));
    // Said by the scenario too, in the same month and on the same terms, it is lost once, by the outcome itself.
    assert_eq!(lost(&both), lost(&network));
    // Others who fail with it are other tenants; this one's loss has moved from the ring to the outcome.
    assert!(ring(&both) < ring(&network), "{} {}", ring(&both), ring(&network));
    // A shock from outside to a party that could have paid: it pays nobody after.
    assert_eq!(scenario.cascade.years[1][lab].assets, scenario.cascade.years[0][lab].equity);
    let oracle = scenario.parties.iter().find(|party| party.party == "oracle").unwrap();
    assert!(oracle.share_loss > 0.05, "{oracle:?}");
    // A later one gives way to the network's.
    assert_eq!((year(&run("later")), lost(&run("later"))), (Some(1), lost(&network)));
    // An earlier one brings the party down before.
    assert_eq!(year(&run("earlier")), Some(0));
    // After the last year of the network it is the deal's alone.
    assert_eq!((year(&run("never")), ring(&run("never"))), (None, 0.0));
}

/// The default of a chip deal's tenant, in its own scenario, is that of a laboratory of the network.
#[test]
fn a_scenario_of_a_deal_strikes_the_party_behind_its_tenant() {
    let system = System::open(FOLDER).unwrap();
    let fails = system.run("ai_fails", &[]).unwrap();
    let lab = system.network().party_index("xai").unwrap();
    assert_eq!(fails.scripted[lab], Some(2));
    assert_eq!(fails.cascade.defaulted[lab], Some(2));
    let calm = system.run("ai_fails", &[Lever::DealsAsBase]).unwrap();
    assert_eq!((calm.scripted[lab], calm.cascade.defaulted[lab]), (None, None));
}

/// Notes on household credit carry the loss of jobs to those who hold them, beside loans to households held outright.
#[test]
fn household_notes_reach_balance_sheets_and_add_up() {
    let system = System::open(FOLDER).unwrap();
    let result = system.run("ai_succeeds", &[]).unwrap();
    let holders = system.holders();
    for (group, found) in result.groups.iter().enumerate() {
        let mut expected = 0.0;
        for (asset, terms) in holders.assets().iter().enumerate() {
            let share = match terms.kind {
                // Six points at 1.2% each.
                AssetKind::HouseholdCredit => 0.072,
                AssetKind::Note if terms.deal.as_deref() == Some("gsamp-2006-nc2") => {
                    let note = result
                        .notes
                        .iter()
                        .find(|n| n.deal == "gsamp-2006-nc2" && Some(&n.class) == terms.class.as_ref());
                    let losses = note.unwrap().losses;
                    assert_eq!(losses.ring, 0.0);
                    losses.households
                }
                _ => 0.0,
            };
            expected += share * holders.holding(group, asset);
        }
        assert!((found.losses.households - expected).abs() <= 1e-9 * found.assets, "{}", found.id);
        let total =
            found.losses.direct + found.losses.ring + found.losses.households + found.losses.price_impact;
        assert!((found.equity - found.equity_after - total).abs() <= 1e-9 * found.assets, "{}", found.id);
        // Every group but the private-equity funds holds some.
        assert_eq!(
            found.losses.households > 1e-4 * found.equity,
            found.id != "private_equity_funds",
            "{}",
            found.id
        );
    }
}

/// What came through the ring, asset by asset: shares by the value of what they are of, loans by who defaults, each of
/// what the outcome itself has left.
#[test]
fn the_rings_part_is_that_of_shares_and_loans() {
    let system = System::open(FOLDER).unwrap();
    let (network, holders) = (system.network(), system.holders());
    let result = system.run("ai_fails", &[]).unwrap();
    let change = |asset: &str| match asset {
        "tech_equity" => 0.45,
        "neocloud_equity" | "lab_equity" => 0.6,
        _ => 0.0,
    };
    for (group, found) in result.groups.iter().enumerate() {
        let mut expected = 0.0;
        for (asset, terms) in
            holders.assets().iter().enumerate().filter(|(_, terms)| !terms.parties.is_empty())
        {
            let index = |id: &String| network.party_index(id).unwrap();
            let lost = if terms.kind == AssetKind::Equity {
                let (mut lost, mut all) = (0.0, 0.0);
                for party in terms.parties.iter().map(index) {
                    let worth = result.parties[party].equity.unwrap();
                    lost += worth * result.parties[party].share_loss;
                    all += worth;
                }
                lost / all
            } else {
                let dead = terms.parties.iter().filter(|id| result.cascade.defaulted[index(id)].is_some());
                0.5 * dead.count() as f64 / terms.parties.len() as f64
            };
            expected += holders.holding(group, asset) * (1.0 - change(&terms.id)) * lost;
        }
        for (asset, terms) in
            holders.assets().iter().enumerate().filter(|(_, terms)| terms.kind == AssetKind::Note)
        {
            let is_this = |note: &&leasefall::study::system::NoteResult| {
                Some(&note.deal) == terms.deal.as_ref() && Some(&note.class) == terms.class.as_ref()
            };
            expected +=
                holders.holding(group, asset) * result.notes.iter().find(is_this).unwrap().losses.ring;
        }
        assert!((found.losses.ring - expected).abs() <= 1e-9 * found.assets, "{} {expected}", found.id);
    }
    // Half of household credit is gone already: of the rest 7.2%.
    let copy = Copy::new("order");
    let figure = |value: &str| format!("{{ value = {value}, source = \"\", mark = \"assumption\" }}");
    let (half, rise, point) = (figure("-0.5"), figure("6"), figure("0.012"));
    copy.outcome(
        "half",
        &format!(
            "assets = [{{ asset = \"household_credit\", change = {half} }}]\n\
             unemployment = {{ rise_points = {rise}, defaults_per_point = {point}, loss_per_point = {point} }}\n"
        ),
    );
    let system = copy.open();
    let result = system.run("half", &[]).unwrap();
    let asset = system.holders().asset_index("household_credit").unwrap();
    for (group, found) in result.groups.iter().enumerate() {
        let held = system.holders().holding(group, asset);
        assert!((found.losses.direct - 0.5 * held).abs() <= 1e-9 * found.assets);
        assert!((found.losses.households - 0.036 * held).abs() <= 1e-9 * found.assets, "{}", found.id);
    }
}

/// What a folder that is none of a system lacks, and names that lead nowhere, all at once.
#[test]
fn a_wrong_folder_and_wrong_names_are_told() {
    let said = System::open("fixtures/deals/forty-tenants").unwrap_err().to_string();
    for part in [
        "the folder of a deal",
        "commitments*.toml",
        "holders*.toml",
        "no outcome",
        "leasefall schema --file holders",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let said = System::open("fixtures/nowhere").unwrap_err().to_string();
    assert!(said.contains("no such file or folder"), "{said}");
    let copy = Copy::new("names");
    fs::write(copy.0.join("holders-old.toml"), "").unwrap();
    assert!(copy.refused().contains("holders-2026.toml and holders-old.toml"), "{}", copy.refused());
    fs::remove_file(copy.0.join("holders-old.toml")).unwrap();
    copy.edit("holders-2026.toml", "class = \"M-7\"", "class = \"M-77\"");
    copy.edit("commitments-2026.toml", "\"tenant_10\"", "\"tenant_100\"");
    let said = copy.refused();
    assert!(said.contains("`M-77`") && said.contains("a class of gsamp-2006-nc2: A-1"), "{said}");
    assert!(said.contains("`tenant_100`") && said.contains("commitments-2026.toml:"), "{said}");
    copy.edit("holders-2026.toml", "class = \"M-77\"", "class = \"M-7\"");
    copy.edit("commitments-2026.toml", "\"tenant_100\"", "\"tenant_10\"");
    copy.outcome(
        "wrong",
        "deals = [{ deal = \"beignet-2049\", scenario = \"ai_wins\" }, { deal = \"nowhere\" }]\n\
         assets = [{ asset = \"cash\", change = { value = -2, source = \"\", mark = \"assumption\" } }]\n",
    );
    let said = copy.open().run("wrong", &[]).unwrap_err().to_string();
    for part in
        ["`ai_wins`", "a scenario of beignet-2049: base", "`nowhere`", "assets[0].change.value: found -2"]
    {
        assert!(said.contains(part), "{said}");
    }
    let said = copy.open().run("absent", &[]).unwrap_err().to_string();
    assert!(said.contains("no outcome `absent`, expected one of base, wrong"), "{said}");
}

/// Ranges merge into the whole; the counts are those of the margins.
#[test]
fn joint_tails_merge_and_stay_within_their_margins() {
    let system = System::open(FOLDER).unwrap();
    let run = |paths| system.joint_tails("ai_fails", Chance::default(), paths).unwrap();
    let whole = run(0..12);
    let mut parts = run(0..5);
    parts.merge(&run(5..12));
    assert_eq!(whole, parts);
    assert_eq!(whole.paths, 12);
    let groups = whole.groups.len();
    for (k, &both) in whole.both.iter().enumerate() {
        let (note, group) = (whole.note_failures[k / groups], whole.group_failures[k % groups]);
        assert!(both <= note.min(group) && both + whole.paths >= note + group);
    }
    assert!(whole.note_failures.iter().any(|&count| count > 0));
}

/// Counts are whole numbers and a path is a function of its number: one thread or three give the same bytes, and so does
/// stopping in between and going on.
#[test]
fn threads_do_not_change_joint_tails() {
    let folder = ["system", "--outcome", "ai_fails", "--seed", "7", "--format", "json", "--paths"];
    let bytes = |paths: &str, threads: &str| {
        let mut command = assert_cmd::Command::cargo_bin("leasefall").unwrap();
        command.args(folder).args([paths, "--threads", threads]).output().unwrap().stdout
    };
    // More than a wave, so that threads meet more than once.
    let one = bytes("150", "1");
    assert!(one.len() > 10_000);
    assert!(one == bytes("150", "3"), "bytes differ");
    let system = System::open(FOLDER).unwrap();
    let chance = Chance { seed: 7, ..Chance::default() };
    let mut asked = Vec::new();
    let stopped = system.joint_tails_while("ai_fails", chance, 0..150, |done| {
        asked.push(done.paths);
        false
    });
    let mut stopped = stopped.unwrap();
    assert_eq!((asked, stopped.paths), (vec![128], 128));
    stopped.merge(&system.joint_tails("ai_fails", chance, 128..150).unwrap());
    assert_eq!(stopped, system.joint_tails("ai_fails", chance, 0..150).unwrap());
}

/// A deal beside a twin of itself: what is a deal's own is drawn twice, what is a party's is not drawn at all, and AI
/// demand moves the parties' means.
#[test]
fn what_is_a_deals_own_and_what_is_not() {
    let copy = Copy::new("twin");
    let deals = copy.0.join("deals");
    crate::sponsor::copy("fixtures/deals".as_ref(), &deals);
    crate::sponsor::copy("fixtures/deals/forty-tenants".as_ref(), &deals.join("twin"));
    fs::copy(format!("{FOLDER}/holders-2026.toml"), copy.0.join("holders-2026.toml")).unwrap();
    copy.edit("holders-2026.toml", "\"../deals\"", "\"deals\"");
    let closed = format!("{CLOSED}[[deals]]\ndeal = \"twin\"\nrefinancing_closed = true\n");
    copy.outcome("closed", &closed);
    let tails = |means_volatility: f64| {
        let chance = Chance { means_volatility, note_loss: 0.02, ..Chance::default() };
        copy.open().joint_tails("closed", chance, 0..60).unwrap()
    };
    let failures = |tails: &leasefall::study::system::JointTails, deal: &str| -> Vec<u64> {
        let of = tails.notes.iter().zip(&tails.note_failures).filter(|((name, _), _)| name == deal);
        of.map(|(_, count)| *count).collect()
    };
    let calm = tails(0.0);
    let (first, second) = (failures(&calm, "forty-tenants"), failures(&calm, "twin"));
    assert!(first.iter().any(|count| (1..60).contains(count)), "{first:?}");
    assert_ne!(first, second);
    // The laboratory behind `tenant_04` would fail at once by its own draw: it is set aside.
    let risk = "deals/forty-tenants/risk.toml";
    copy.edit(
        risk,
        "tenants = [\"tenant_04\", ",
        "tenants = [\"tenant_04\"]\ndefault = { kind = \"hazard\", hazard = 9.0 }\n\
        [[obligors]]\ntenants = [",
    );
    assert_eq!(tails(0.0), calm);
    // Where demand moves what laboratories raise and earn, they fail on some paths, and so do their landlords' notes.
    assert_ne!(failures(&tails(3.0), "forty-tenants"), first);
}
