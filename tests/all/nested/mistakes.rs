//! What is wrong with a deal on notes is said, with the files' names, all at once.

use super::Place;
use leasefall::folder::Folder;

const QUIET: &str = "measure = \"historical\"\n";

fn refused(place: &Place, deal: &str) -> String {
    let error = Folder::open(place.path(deal)).unwrap_err().to_string();
    // Checking says no less.
    assert_eq!(Folder::check(place.path(deal)).unwrap().to_string(), error);
    error
}

#[test]
fn a_circle_is_told_from_file_to_file() {
    let place = Place::new();
    place.holder("a", [1_000, 500, 500], "../b,senior,1000,1\n", None);
    place.holder("b", [1_000, 500, 500], "../c,senior,1000,1\n", None);
    place.holder("c", [1_000, 500, 500], "../b,senior,1000,1\n", None);
    assert_eq!(
        refused(&place, "a"),
        "../b/../c/collateral.csv:2: deal: found a circle: b/collateral.csv -> c/collateral.csv -> \
         b/collateral.csv, expected deals that do not hold notes of themselves"
    );
    place.holder("d", [1_000, 500, 500], ".,senior,1000,1\n", None);
    assert!(refused(&place, "d").contains("a circle: d/collateral.csv -> d/collateral.csv"));
}

#[test]
fn every_row_is_checked() {
    let place = Place::new();
    place.pool("abs", 10, [50_000, 30_000, 20_000], QUIET);
    let rows = "../abs,mezzanine,30000.01,1\n../abs,junior,1,1\n../abs,equity,1,2\n../abs,mezzanine,1,1\n\
                ../none,senior,1,1\n";
    place.holder("cdo", [1_000, 500, 500], rows, None);
    let found = refused(&place, "cdo");
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 4, "{found}");
    assert!(lines[0].contains(":2: amount: found 30000.01") && lines[0].contains("30000.00"), "{found}");
    assert!(lines[1].contains(":3: note_id: found `junior`"), "{found}");
    assert!(lines[2].contains(":4: deal: found other copies"), "{found}");
    assert!(lines[3].contains(":6: deal: found ../none: no such file or folder"), "{found}");
    place.holder("twice", [1_000, 500, 500], "../abs,equity,1,1\n../abs,equity,2,1\n", None);
    assert!(refused(&place, "twice").contains(":3: note_id: found `equity` again"));
}

/// 300 copies of a deal on 400: 300 x (1 + 400) deals.
#[test]
fn too_many_deals_are_counted_through_all_tiers() {
    let place = Place::new();
    place.pool("abs", 10, [50_000, 30_000, 20_000], QUIET);
    place.holder("cdo", [1_000, 500, 500], "../abs,equity,5,400\n", None);
    place.holder("top", [1_000, 500, 500], "../cdo,equity,5,300\n", None);
    let found = refused(&place, "top");
    assert!(found.contains("120300 deals in all") && found.contains("at most 100000"), "{found}");
}

#[test]
fn what_is_wrong_below_is_told_under_its_own_name() {
    let place = Place::new();
    place.pool("abs", 10, [50_000, 30_000, 20_000], QUIET);
    place.write("abs/tenants.toml", "[[tenants]]\nid = \"t0\"\nrent = 3\n");
    place.holder("cdo", [1_000, 500, 500], "../abs,equity,1000,1\n", None);
    assert!(refused(&place, "cdo").starts_with("../abs/tenants.toml:3: tenants[0].rent"));
    // A scenario is read when it is asked for; checking looks at it too.
    place.pool("abs", 10, [50_000, 30_000, 20_000], QUIET);
    place.write("abs/scenarios/odd.toml", "descripion = \"\"\n");
    let folder = Folder::open(place.path("cdo")).unwrap();
    let found = Folder::check(place.path("cdo")).unwrap().to_string();
    assert!(found.starts_with("../abs/scenarios/odd.toml:1: descripion"), "{found}");
    assert!(folder.value("base").is_ok() && folder.value("odd").is_err());
    let error = folder.value("none").unwrap_err().to_string();
    assert!(error.contains("no scenario `none`"), "{error}");
}

#[test]
fn notes_are_the_whole_collateral() {
    let place = Place::new();
    place.pool("abs", 10, [50_000, 30_000, 20_000], QUIET);
    place.pool("cdo", 10, [50_000, 30_000, 20_000], QUIET);
    place.holder("cdo", [1_000, 500, 500], "../abs,equity,1000,1\n", None);
    let found = refused(&place, "cdo");
    assert!(found.contains("loans.csv: found a file beside collateral.csv"), "{found}");
}

#[test]
fn measures_do_not_mix_and_obligors_belong_below() {
    let place = Place::new();
    place.pool("abs", 10, [50_000, 30_000, 20_000], QUIET);
    let risk = "measure = \"risk_neutral\"\n";
    place.holder("cdo", [1_000, 500, 500], "../abs,equity,1000,1\n", Some(risk));
    let folder = Folder::open(place.path("cdo")).unwrap();
    let error = folder.simulation("base", Default::default()).unwrap_err().to_string();
    assert!(error.contains("the two measures do not mix"), "{error}");
    let risk = "measure = \"historical\"\n[[obligors]]\ndefault = { kind = \"hazard\", hazard = 0.1 }\n";
    place.write("cdo/risk.toml", risk);
    let found = Folder::check(place.path("cdo")).unwrap().to_string();
    assert!(found.contains("risk.toml:2: obligors"), "{found}");
    std::fs::remove_file(place.path("abs/risk.toml")).unwrap();
    place.write("cdo/risk.toml", QUIET);
    let error = folder.simulation("base", Default::default()).unwrap_err().to_string();
    assert!(error.starts_with("../abs/risk.toml: found no such file"), "{error}");
}

/// A row may say which scenario its deal runs, whatever is asked for.
#[test]
fn a_row_may_name_its_scenario() {
    let place = Place::new();
    place.pool("abs", 10, [50_000, 30_000, 20_000], QUIET);
    place.write(
        "abs/scenarios/bad.toml",
        "[[events]]\nkind = \"tenant_default\"\ntenant = \"t1\"\nat = 2027-01-01\noutcome = \"rejected\"\n",
    );
    place.holder("cdo", [10_000, 5_000, 5_000], "", None);
    let principal = |row: &str, scenario: &str| {
        place.write("cdo/collateral.csv", &format!("deal,note_id,amount,scenario\n{row}\n"));
        let folder = Folder::open(place.path("cdo")).unwrap();
        folder.collections(scenario).unwrap().row(0)[1].minor()
    };
    assert_eq!(principal("../abs,equity,20000,", "base"), 20_000_00);
    assert_eq!(principal("../abs,equity,20000,", "bad"), 10_000_00);
    assert_eq!(principal("../abs,equity,20000,bad", "base"), 10_000_00);
    place.write("cdo/collateral.csv", "deal,note_id,amount,scenario\n../abs,equity,20000,worse\n");
    assert!(
        refused(&place, "cdo").contains(":2: scenario: found no scenario `worse`, expected one of base, bad")
    );
}
