//! Pages of `report`, `system` and `compare-2008`: puts together what they show, and writes them.

use crate::watch;
use leasefall::Error;
use leasefall::folder::Folder;
use leasefall::report::{
    Compare2008Page, Compare2008Report, DealPage, InputFile, PriceReport, RunRecord, SimulationReport,
    SystemPage, SystemReport,
};
use leasefall::scenario::Draws;
use leasefall::study::compare_2008::Fixtures;
use leasefall::study::crossing;
use leasefall::study::overview::{LossHistogram, Overview, compute_price, loss_curve, market_rent};
use leasefall::study::system::System;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::Path;

/// The paths of a report, and how they are drawn.
pub struct Chance {
    pub paths: Range<u64>,
    pub draws: Draws,
    pub threads: Option<usize>,
}

/// The page of a deal as HTML.
pub fn html(folder: &Folder, scenario: &str, chance: Option<&Chance>) -> Result<String, Error> {
    let deal = folder.deal();
    let overview = Overview::new(folder, scenario)?;
    let price =
        folder.value(scenario).map(|value| PriceReport::new(&deal.name, scenario, deal.currency, &value));
    let loss_curve = loss_curve(folder, scenario)?;
    let draws = chance.map(|chance| (chance.draws, chance.paths.end - chance.paths.start));
    let fans = [market_rent(folder, scenario, draws)?, compute_price(folder, scenario, draws)?];
    let fans: Vec<_> = fans.into_iter().flatten().collect();
    let crossing = crossing(folder, scenario)?;
    let mut simulated = None;
    if let Some(Chance { paths, draws, threads }) = chance {
        let simulation = folder.simulation(scenario, *draws)?;
        let block = watch::run(&simulation, paths.clone(), *threads, None)?;
        let histogram = block.estimates().as_ref().map(LossHistogram::new);
        simulated = SimulationReport::new(&block, false).zip(histogram);
    }
    let script = folder.script(scenario)?;
    let page = DealPage {
        deal,
        scenario_description: &script.value.description,
        overview: &overview,
        price: price.as_ref(),
        loss_curve: loss_curve.as_ref(),
        simulation: simulated.as_ref().map(|(report, histogram)| (report, histogram)),
        fans: &fans,
        crossing: crossing.as_ref(),
        record: &RunRecord {
            scenario: scenario.to_owned(),
            risk: chance.and(folder.risk()?).map(|risk| risk.value.description),
            draws: draws.map(|(draws, paths)| (paths, draws.seed)),
            files: files(folder, scenario)?,
        },
    };
    Ok(page.page().html())
}

/// Writes a page.
pub fn write(path: &Path, html: &str) -> Result<(), Error> {
    std::fs::write(path, html)
        .map_err(|error| Error::Unwritable { path: path.display().to_string(), kind: error.kind() })
}

/// The page of a system as HTML; `draws` are paths and seed of its joint tails.
pub fn system(system: &System, report: &SystemReport, draws: Option<(u64, u64)>) -> Result<String, Error> {
    let names = system.outcome_names()?;
    let results = names.iter().map(|name| system.run(name, &[])).collect::<Result<Vec<_>, _>>()?;
    let file = |(name, path): (String, std::path::PathBuf)| {
        let unreadable = |error: std::io::Error| Error::Unreadable {
            path: path.display().to_string(),
            kind: error.kind(),
        };
        Ok(input_file(name, &std::fs::read(&path).map_err(unreadable)?))
    };
    let files = system.files()?.into_iter().map(file).collect::<Result<Vec<_>, Error>>()?;
    Ok(SystemPage { system, results: &results, report, files: &files, draws }.page()?.html())
}

/// The page of a comparison with 2008 as HTML.
pub fn compare_2008(fixtures: &Fixtures, report: &Compare2008Report) -> Result<String, Error> {
    let files =
        fixtures.files()?.into_iter().map(|(name, bytes)| input_file(name, &bytes)).collect::<Vec<_>>();
    Ok(Compare2008Page { report, files: &files }.page().html())
}

fn files(folder: &Folder, scenario: &str) -> Result<Vec<InputFile>, Error> {
    let file = |name: String| {
        let bytes = folder.bytes(&name)?;
        Ok(input_file(name, &bytes))
    };
    folder.files(scenario)?.into_iter().map(file).collect()
}

fn input_file(name: String, bytes: &[u8]) -> InputFile {
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    InputFile { name, bytes: bytes.len(), sha256 }
}
