//! Monte Carlo over the whole deal: the laws of chance, and figures against a slower way to them.

mod baseline;
pub mod compute;
mod controls;
mod defaults;
mod every_fixture;
mod exact;
mod paths;
mod rents;

use leasefall::folder::Folder;
use leasefall::scenario::{Draws, Generator, Risk, World};
use leasefall::tape::{Document, read_document};
use std::sync::OnceLock;

/// The fixture of forty tenants, read once.
pub fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| Folder::open("fixtures/deals/forty-tenants").unwrap())
}

pub fn risk(text: &str) -> Document<Risk> {
    read_document("risk.toml", text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A generator around the fixture's base scenario by another risk model.
pub fn generator(text: &str, draws: Draws) -> Generator {
    let folder = folder();
    let discount = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    let risk = risk(text);
    risk.value.resolve(folder.pool(), folder.scenario("base").unwrap(), &discount, draws, &risk).unwrap()
}

/// Draws a path over the whole life.
pub fn draw(generator: &Generator, path: u64, world: &mut World) -> f64 {
    generator.draw(path, generator.base().months, world)
}

pub fn seeded(seed: u64) -> Draws {
    Draws { seed, ..Draws::default() }
}

/// Paths of a test: so many, times `LEASEFALL_CASES` over a thousand where that is set.
pub fn paths(usual: u64) -> u64 {
    let cases = std::env::var("LEASEFALL_CASES").ok().and_then(|text| text.parse::<u64>().ok());
    cases.map_or(usual, |cases| usual * cases.max(1_000) / 1_000)
}
