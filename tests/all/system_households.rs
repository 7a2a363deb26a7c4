//! Jobs lost in the system: from a rise of unemployment through the default vectors of households' pools to who holds them.

use crate::sponsor::copy;
use leasefall::folder::Folder;
use leasefall::study::system::{Lever, NoteResult, System, SystemResult};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

const FOLDER: &str = "fixtures/system";
const POOL: &str = "gsamp-2006-nc2";
const ON_POOLS: &str = "mezz-abs-cdo-2006";

static SYSTEM: LazyLock<System> = LazyLock::new(|| System::open(FOLDER).unwrap());

fn run(levers: &[Lever]) -> SystemResult {
    SYSTEM.run("ai_succeeds", levers).unwrap()
}

fn of<'r>(result: &'r SystemResult, deal: &str) -> Vec<&'r NoteResult> {
    result.notes.iter().filter(|note| note.deal == deal).collect()
}

fn households(result: &SystemResult) -> f64 {
    result.groups.iter().map(|group| group.losses.households).sum()
}

/// A place for a system of its own: `system` beside `deals`.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let place =
            Place(std::env::temp_dir().join(format!("leasefall-households-{name}-{}", std::process::id())));
        copy("fixtures/deals".as_ref(), &place.0.join("deals"));
        copy(FOLDER.as_ref(), &place.0.join("system"));
        place
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.join(file)).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(self.0.join(file), text.replacen(from, to, 1)).unwrap();
    }

    fn refused(&self) -> String {
        let system = System::open(self.0.join("system")).unwrap();
        system.run("ai_succeeds", &[]).unwrap_err().to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A second way to the same prices: the deal's own file with its default rates multiplied by hand, 1.1^6 = 1.771561, and
/// the deal priced by itself. The deal on such notes sees its twenty trusts by the same file.
#[test]
fn the_prices_are_those_of_a_file_with_the_rates_written_out() {
    let found = run(&[]);
    let place = Place::new("rates");
    let scenario = format!("deals/{POOL}/scenarios/ai_succeeds.toml");
    for (month, rate, multiplied) in [
        (12, "0.04", "0.07086244"),
        (24, "0.07", "0.12400927"),
        (48, "0.07", "0.12400927"),
        (72, "0.04", "0.07086244"),
        (120, "0.02", "0.03543122"),
    ] {
        let point = |rate: &str| format!("{{ month = {month}, value = {rate} }}");
        place.edit(&scenario, &point(rate), &point(multiplied));
    }
    let mut most = 0.0_f64;
    for deal in [POOL, ON_POOLS] {
        let folder = Folder::open(place.0.join("deals").join(deal)).unwrap();
        let base = folder.value("base").unwrap();
        let spreads: Vec<_> = base.notes.iter().map(leasefall::valuation::NoteValuation::z_spread).collect();
        let prices = |scenario: &str| folder.prices(&folder.run(scenario).unwrap(), &spreads).unwrap();
        let (base, hit) = (prices("base"), prices("ai_succeeds"));
        for (note, (base, hit)) in of(&found, deal).iter().zip(base.iter().zip(hit)) {
            let expected = 1.0 - hit.unwrap() / base.unwrap();
            let losses = note.losses;
            assert!((losses.first() - expected).abs() < 1e-9, "{deal} {} {losses:?} {expected}", note.class);
            assert_eq!(losses.ring, 0.0);
            most = most.max(losses.households);
        }
    }
    assert!(most > 0.5, "{most}");
}

/// No rise, no part of households; what the outcome says itself does not hang on jobs. More points and more defaults with each
/// point cost the deal on mezzanine notes more, and holders too.
#[test]
fn unemployment_is_a_lever() {
    let none = run(&[Lever::Unemployment(0.0)]);
    assert!(none.notes.iter().all(|note| note.losses.households == 0.0));
    assert_eq!(households(&none), 0.0);
    let lost = |result: &SystemResult, deal: &str| -> f64 {
        of(result, deal).iter().map(|note| note.losses.households).sum()
    };
    for lever in [Lever::Unemployment, Lever::DefaultsPerPoint] {
        let results = [0.5, 1.0, 2.0].map(|factor| run(&[lever(factor)]));
        for result in &results {
            for (note, calm) in result.notes.iter().zip(&none.notes) {
                assert_eq!(note.losses.direct, calm.losses.direct, "{} {}", note.deal, note.class);
            }
        }
        for pair in results.windows(2) {
            assert!(lost(&pair[0], POOL) < lost(&pair[1], POOL));
            assert!(lost(&pair[0], ON_POOLS) < lost(&pair[1], ON_POOLS));
            assert!(households(&pair[0]) < households(&pair[1]));
        }
        assert!(lost(&results[0], POOL) > 0.0);
    }
    // Without more defaults a point costs loans held outright alone: 7.2% of them.
    let outright = run(&[Lever::DefaultsPerPoint(0.0)]);
    assert!(of(&outright, POOL).iter().all(|note| note.losses.households == 0.0));
    assert!(households(&outright) > 0.0 && households(&outright) < households(&run(&[])));
    // As many points as make defaults a hundred times as many are more than enough.
    assert!(lost(&run(&[Lever::Unemployment(100.0)]), POOL) > lost(&run(&[]), POOL));
}

/// On random paths a pool of households has its jobs lost too: a mezzanine note fails on more of them than without.
#[test]
fn random_paths_lose_jobs_too() {
    let failures = |place: &Place| -> u64 {
        let system = System::open(place.0.join("system")).unwrap();
        let tails = system.joint_tails("ai_succeeds", Default::default(), 0..12).unwrap();
        let notes = tails.notes.iter().zip(&tails.note_failures);
        notes.filter(|((deal, class), _)| deal == POOL && class == "M-4").map(|(_, count)| *count).sum()
    };
    let place = Place::new("paths");
    let with = failures(&place);
    place.edit("system/ai_succeeds.toml", "rise_points = { value = 6", "rise_points = { value = 0");
    let without = failures(&place);
    assert!(without < with, "{without} {with}");
}

/// A pool of households without a rise of unemployment, or without defaults that it could move, is told.
#[test]
fn what_unemployment_cannot_move_is_told() {
    let place = Place::new("told");
    let file = "system/ai_succeeds.toml";
    place.edit(file, "deal = \"beignet-2049\"\n", "deal = \"beignet-2049\"\nhouseholds = true\n");
    let said = place.refused();
    assert!(said.contains("no default vector in `ai_succeeds` of beignet-2049"), "{said}");
    let text = fs::read_to_string(place.0.join(file)).unwrap();
    let start = text.find("\n[unemployment]\n").unwrap();
    fs::write(place.0.join(file), &text[..start]).unwrap();
    let said = place.refused();
    assert_eq!(said.matches("found no rise of unemployment").count(), 3, "{said}");
}
