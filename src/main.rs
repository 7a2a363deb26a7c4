//! The command line: reads arguments, asks the library, prints. No arithmetic here.
#![forbid(unsafe_code)]

mod arguments;
mod page;
mod watch;

use arguments::{Arguments, Command, File, Format};
use clap::Parser;
use leasefall::folder::{Folder, schemas};
use leasefall::report::{
    CashflowsReport, CheckReport, Compare2008Report, ExplainReport, PriceReport, ReconcileReport, Report,
    SensitivityLine, SimulatedPriceReport, SimulationReport, StressReport, SystemReport, Table,
};
use leasefall::scenario::Draws;
use leasefall::study::compare_2008::{Fixtures, Settings as Comparing, compare_2008};
use leasefall::study::simulation::Block;
use leasefall::study::system::{Chance as Odds, System};
use leasefall::tape::FileFormat;
use leasefall::{Error, study};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match answer(Arguments::parse().command) {
        Ok((text, code)) => match std::io::stdout().write_all(text.as_bytes()) {
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                eprintln!("leasefall: {error}");
                ExitCode::FAILURE
            }
            _ => code,
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(command: Command) -> Result<(String, ExitCode), Error> {
    let done = |text| Ok((text, ExitCode::SUCCESS));
    match command {
        Command::Price {
            deal,
            scenario,
            paths,
            chance,
            discounting,
            target_error,
            distributions,
            sensitivities,
            format,
        } => {
            let folder = Folder::open(deal)?;
            let value = folder.value(&scenario)?;
            let price = PriceReport::new(&folder.deal().name, &scenario, folder.deal().currency, &value);
            let Some(paths) = paths else { return done(shown(&price, format)) };
            let spreads = discounting.spreads();
            let simulation = chance.simulation(&folder, &scenario, &spreads)?;
            let block = watch::run(&simulation, paths.clone(), chance.threads, target_error)?;
            let Some(simulation) = SimulationReport::new(&block, distributions) else {
                return done(shown(&price, format));
            };
            let mut lines = Vec::new();
            if sensitivities {
                let draws = chance.draws();
                let work = || study::simulation::sensitivities(&folder, &scenario, draws, &spreads, paths);
                lines =
                    SensitivityLine::all(folder.program().notes(), &watch::on_threads(chance.threads, work)?);
            }
            done(shown(&SimulatedPriceReport { price, simulation, sensitivities: lines }, format))
        }
        Command::Simulate { deal, scenario, paths, chance, discounting, out } => {
            let folder = Folder::open(deal)?;
            let simulation = chance.simulation(&folder, &scenario, &discounting.spreads())?;
            let block = watch::run(&simulation, paths, chance.threads, None)?;
            write_block(&out, &block)?;
            done(String::new())
        }
        Command::Merge { blocks, out, distributions, format } => {
            let merged = merged(&blocks)?;
            if let (Some(out), Some(block)) = (out, &merged) {
                write_block(&out, block)?;
            }
            let report = merged.and_then(|block| SimulationReport::new(&block, distributions));
            done(report.map_or(String::new(), |report| shown(&report, format)))
        }
        Command::Cashflows { deal, scenario, format, explain: Some(period), payee } => {
            let folder = Folder::open(deal)?;
            let (run, lines) = folder.explain(&scenario)?;
            let report =
                ExplainReport::new(folder.deal(), scenario, folder.program(), &run, &lines, period, payee);
            done(shown(&report?, format))
        }
        Command::Cashflows { deal, scenario, format, .. } => {
            let folder = Folder::open(deal)?;
            let run = folder.run(&scenario)?;
            done(shown(&CashflowsReport::new(folder.deal(), scenario, folder.program(), &run), format))
        }
        Command::Check { deal, format } => {
            let report = CheckReport::new(Folder::check(deal)?);
            let code = if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            Ok((shown(&report, format), code))
        }
        Command::Schema { file } => done(schema(file).to_owned()),
        Command::Report { deal, out, scenario, paths, seed, threads } => {
            let folder = Folder::open(deal)?;
            let draws = Draws { seed, ..Draws::default() };
            let chance = paths.map(|paths| page::Chance { paths, draws, threads });
            page::write(&out, &page::html(&folder, &scenario, chance.as_ref())?)?;
            done(String::new())
        }
        Command::System { folder, sensitivities, paths, outcome, seed, threads, out, format } => {
            let system = System::open(folder)?;
            let mut report = SystemReport::new(&system, sensitivities)?;
            let mut draws = None;
            if let Some(paths) = paths {
                let odds = Odds { seed, ..Odds::default() };
                let tails = watch::joint_tails(&system, &outcome, odds, paths, threads)?;
                // Fewer than asked for if Ctrl-C was pressed.
                draws = Some((tails.paths, seed));
                report = report.with_joint_tails(&outcome, odds, &tails);
            }
            if let Some(out) = out {
                page::write(&out, &page::system(&system, &report, draws)?)?;
                return done(String::new());
            }
            done(shown(&report, format))
        }
        Command::Compare2008 { deals, fixtures, paths, seed, threads, out, format } => {
            let fixtures = Fixtures::open(fixtures, &deals)?;
            let compare = || compare_2008(&fixtures, Comparing { paths, seed });
            let comparison = watch::on_threads(threads, compare)?;
            let report = Compare2008Report::new(comparison);
            if let Some(out) = out {
                page::write(&out, &page::compare_2008(&fixtures, &report)?)?;
                return done(String::new());
            }
            done(shown(&report, format))
        }
        Command::Reconcile { deal, statement, format } => {
            let folder = Folder::open(deal)?;
            let statement = study::Statement::open(statement)?;
            let found = study::reconcile(&folder, &statement)?;
            let code = if found.ties() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            Ok((shown(&ReconcileReport::new(folder.deal(), statement.name(), &found), format), code))
        }
        Command::Stress { deal, scenario, break_even, format } => {
            let folder = Folder::open(deal)?;
            let names = if scenario.is_empty() { folder.scenario_names()? } else { scenario };
            let cut = break_even.map_or_else(|| folder.break_even_scenario(), Ok)?;
            let stress = study::stress(&folder, &names, &cut)?;
            done(shown(&StressReport::new(&folder.deal().name, folder.deal().currency, &stress), format))
        }
    }
}

fn schema(file: File) -> &'static str {
    let name = match file {
        File::Deal => "deal",
        File::Sites => "sites",
        File::Tenants => "tenants",
        File::Scenario => "scenario",
        File::Risk => "risk",
        File::Chips => "chips",
        File::Commitments => return study::system::CommitmentsFile::SCHEMA,
        File::Holders => return study::system::HoldersFile::SCHEMA,
        File::Outcome => return study::system::Outcome::SCHEMA,
        File::Statement => return study::StatementFile::SCHEMA,
    };
    schemas().into_iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

fn merged(files: &[PathBuf]) -> Result<Option<Block>, Error> {
    let mut whole: Option<Block> = None;
    for file in files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::Unreadable { path: name.clone(), kind: error.kind() })?;
        let block = Block::from_json(&name, &text)?;
        match &mut whole {
            None => whole = Some(block),
            Some(whole) => whole.merge(&block)?,
        }
    }
    Ok(whole)
}

fn write_block(path: &Path, block: &Block) -> Result<(), Error> {
    std::fs::write(path, block.json())
        .map_err(|error| Error::Unwritable { path: path.display().to_string(), kind: error.kind() })
}

fn shown(report: &impl Report, format: Format) -> String {
    match format {
        Format::Table => report.tables().iter().map(Table::text).collect::<Vec<_>>().join("\n"),
        Format::Json => report.json(),
        Format::Csv => report.csv(),
    }
}
