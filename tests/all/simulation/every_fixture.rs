//! Law 10 on real deals: with nothing random in its risk model, every scenario of every fixture is drawn cent for cent.

use super::{draw, seeded};
use crate::sponsor::copy;
use leasefall::collection::collect;
use leasefall::folder::Folder;
use std::fs;
use std::path::{Path, PathBuf};

struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The fixtures, copied, with risk models in which nobody defaults and nothing moves.
fn still_fixtures() -> Place {
    let place = Place(std::env::temp_dir().join(format!("leasefall-still-{}", std::process::id())));
    copy(Path::new("fixtures/deals"), &place.0);
    for folder in folders(&place) {
        let file = folder.join("risk.toml");
        if let Ok(text) = fs::read_to_string(&file) {
            fs::write(file, text.lines().map(still).collect::<Vec<_>>().join("\n")).unwrap();
        }
    }
    place
}

/// A line of a risk model without chance.
fn still(line: &str) -> String {
    let (field, _) = line.split_once('=').unwrap_or((line, ""));
    match field.trim() {
        "default" => "default = { kind = \"hazard\", hazard = 0 }".to_owned(),
        "loadings" => "loadings = []".to_owned(),
        "volatility" | "cadence_volatility" | "severity_loading" | "prepayment_loading" => {
            format!("{field}= 0")
        }
        _ => line.to_owned(),
    }
}

fn folders(place: &Place) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(&place.0).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn nothing_random_is_the_script() {
    let place = still_fixtures();
    let mut compared = 0;
    for path in folders(&place) {
        let folder = Folder::open(&path).unwrap();
        simulated(&folder);
        // Deals on notes draw the worlds of the deals below them, each of which is compared here.
        if folder.collateral().is_some() {
            continue;
        }
        for name in folder.scenario_names().unwrap() {
            // Paths run on the deal's own curves.
            if !folder.script(&name).unwrap().value.curves.is_empty() {
                continue;
            }
            let scripted = folder.scenario(&name).unwrap();
            let generator = folder.generator(&name, seeded(9)).unwrap();
            let mut world = generator.world();
            let wanted = folder.run(&name).unwrap();
            for path in 0..3 {
                draw(&generator, path, &mut world);
                let at = format!("{} {name}, path {path}", folder.deal().name);
                assert_eq!(world.scenario, scripted, "{at}");
                let collections = collect(folder.pool(), &world.scenario, folder.periods().unwrap()).unwrap();
                let run = folder.program().run(&collections).unwrap();
                for note in 0..folder.deal().notes.len() {
                    assert!(run.note(note).eq(wanted.note(note)), "{at}, note {note}");
                }
            }
            compared += 1;
        }
    }
    assert!(compared >= 40, "{compared} scenarios");
}

/// The simulation, in its lanes, of the base scenario: each path is worth the scripted run and loses what it loses.
fn simulated(folder: &Folder) {
    let simulation = folder.simulation("base", seeded(9)).unwrap();
    let estimates = simulation.block(0..40).unwrap().estimates().unwrap();
    let run = folder.run("base").unwrap();
    for (note, found) in estimates.notes.iter().enumerate() {
        let at = format!("{} note {note}", folder.deal().name);
        let rows: Vec<_> = run.note(note).collect();
        let written: i64 = rows.iter().map(|row| (row.written_down - row.written_up).minor()).sum();
        let lost = (rows[rows.len() - 1].balance_close.minor() + written) as f64;
        let scale = folder.program().original_balance(note).minor() as f64;
        assert!((found.expected_loss.value * scale - lost).abs() < 0.5, "{at}: {lost}");
        assert!(found.expected_loss.std_error * scale < 0.5, "{at}");
        assert!(found.price.std_error < 1e-9, "{at}: {:?}", found.price);
    }
}
