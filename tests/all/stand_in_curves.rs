//! A scenario whose `curves` put one curve in another's place is the deal with that curve: in every study that
//! turns something up until a note breaks.

use crate::sponsor::copy;
use leasefall::folder::Folder;
use leasefall::study::overview::loss_curve;
use leasefall::study::{Stress, stress};
use std::fs;
use std::path::{Path, PathBuf};

struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SCENARIO: &str = "dear_money";

/// Compass with a class B that floats on a curve of 6.45% or of 9%, and a scenario without refinancing in which the
/// other curve may stand in.
fn compass(place: &Place, name: &str, rate: &str, stands_in: bool) -> Folder {
    let folder = place.0.join(name);
    copy(Path::new("fixtures/deals/compass-red-oak"), &folder);
    let replace = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
        fs::write(folder.join(file), text.replace(from, to)).unwrap();
    };
    replace("deal.toml", "coupon = 0.0645", "floating = { curve = \"money\", margin = 0 }");
    let mut deal = fs::read_to_string(folder.join("deal.toml")).unwrap();
    for (id, rate) in [("money", rate), ("dear", "0.09")] {
        deal += &format!(
            "\n[[curves]]\nid = \"{id}\"\nkind = \"forward\"\npoints = [{{ date = 2020-01-01, value = {rate} }}]\n"
        );
    }
    fs::write(folder.join("deal.toml"), deal).unwrap();
    let curves = if stands_in { "curves = { money = \"dear\" }\n" } else { "" };
    let script = format!("description = \"no refinancing\"\n{curves}[refinancing]\ngranted = false\n");
    fs::write(folder.join(format!("scenarios/{SCENARIO}.toml")), script).unwrap();
    Folder::open(&folder).unwrap()
}

#[test]
fn a_curve_that_stands_in_is_the_curve_of_every_study() {
    let name = format!("leasefall-curves-{}", std::process::id());
    let place = Place(std::env::temp_dir().join(name));
    let stressed = |folder: &Folder| stress(folder, &[SCENARIO.to_owned()], SCENARIO).unwrap();
    let stood_in = compass(&place, "stood-in", "0.0645", true);
    let found = stressed(&stood_in);
    let of = |folder: &Folder, stress: &Stress| {
        let Stress { breaches, break_evens, limits, crossings, .. } = stress.clone();
        (breaches, break_evens, limits, crossings, loss_curve(folder, SCENARIO).unwrap())
    };
    let dear = compass(&place, "dear", "0.09", false);
    assert_eq!(of(&stood_in, &found), of(&dear, &stressed(&dear)));
    // The curve matters to all of them.
    let cheap = compass(&place, "cheap", "0.0645", false);
    let other = stressed(&cheap);
    assert_ne!(other.break_evens, found.break_evens);
    assert_ne!(other.limits, found.limits);
    assert_ne!(other.crossings, found.crossings);
    assert_ne!(loss_curve(&cheap, SCENARIO).unwrap(), loss_curve(&stood_in, SCENARIO).unwrap());
}
