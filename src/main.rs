//! The command line: reads arguments, asks the library, prints. No arithmetic here.
#![forbid(unsafe_code)]

mod page;
mod watch;

use clap::{Args, Parser, Subcommand, ValueEnum};
use leasefall::folder::{BASE, Folder, schemas};
use leasefall::report::{
    CashflowsReport, CheckReport, Compare2008Report, ExplainReport, PriceReport, ReconcileReport, Report,
    SensitivityLine, SimulatedPriceReport, SimulationReport, StressReport, SystemReport, Table,
};
use leasefall::scenario::Draws;
use leasefall::study::compare_2008::{Fixtures, Settings as Comparing, compare_2008};
use leasefall::study::simulation::{Block, DiscountSpreads, Simulation, StatedSpread};
use leasefall::study::system::{Chance as Odds, System};
use leasefall::tape::FileFormat;
use leasefall::{Error, study};
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Prices securitizations of data-center leases: tape to waterfall to tranche price, every cent conserved.
#[derive(Parser)]
#[command(name = "leasefall", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Price, yield, spread, life and shortfall of every note.
    Price {
        /// The deal's folder.
        deal: PathBuf,
        /// A scenario of the folder.
        #[arg(long, default_value = BASE)]
        scenario: String,
        /// Monte Carlo around the scenario by the folder's `risk.toml`: a number of paths, or a range `A..B`.
        #[arg(long, value_parser = paths)]
        paths: Option<Range<u64>>,
        #[command(flatten)]
        chance: Chance,
        #[command(flatten)]
        discounting: Discounting,
        /// Stops as soon as the standard error of every note's expected loss is at most this (0.0001 is a basis
        /// point).
        #[arg(long, value_name = "ERROR", requires = "paths")]
        target_error: Option<f64>,
        /// Adds the distribution of losses to the JSON.
        #[arg(long, requires = "paths")]
        distributions: bool,
        /// What moves in the risk model do to every note, on the same random numbers.
        #[arg(long, requires = "paths")]
        sensitivities: bool,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Runs a range of paths and writes their sums: one shard of a Monte Carlo.
    Simulate {
        /// The deal's folder.
        deal: PathBuf,
        /// A scenario of the folder.
        #[arg(long, default_value = BASE)]
        scenario: String,
        /// The paths: a number, or a range `A..B`.
        #[arg(long, value_parser = paths)]
        paths: Range<u64>,
        #[command(flatten)]
        chance: Chance,
        #[command(flatten)]
        discounting: Discounting,
        /// The file to write.
        #[arg(long, value_name = "BLOCK")]
        out: PathBuf,
    },
    /// Merges shards of one Monte Carlo into the whole, byte for byte.
    Merge {
        /// Files that `simulate` wrote.
        #[arg(required = true, value_name = "BLOCK")]
        blocks: Vec<PathBuf>,
        /// Writes the merged block to a file too.
        #[arg(long, value_name = "BLOCK")]
        out: Option<PathBuf>,
        /// Adds the distribution of losses to the JSON.
        #[arg(long)]
        distributions: bool,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Every note on every payment date, and the ledger.
    Cashflows {
        /// The deal's folder.
        deal: PathBuf,
        /// A scenario of the folder.
        #[arg(long, default_value = BASE)]
        scenario: String,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        /// Explain one payment date, counted from 1: which step paid what, from where, and what was short.
        #[arg(long, value_name = "PERIOD")]
        explain: Option<usize>,
        /// Explain only this payee, note or account.
        #[arg(long, value_name = "NAME", requires = "explain")]
        payee: Option<String>,
    },
    /// All errors of the deal's files at once. Exit status 1 if there is any.
    Check {
        /// The deal's folder.
        deal: PathBuf,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// The JSON Schema of a file.
    Schema {
        /// Which file.
        #[arg(long, value_enum, default_value = "deal")]
        file: File,
    },
    /// Scenarios side by side, and how much less cash each note can bear.
    Stress {
        /// The deal's folder.
        deal: PathBuf,
        /// Only these scenarios; all of the folder if none is named.
        #[arg(long)]
        scenario: Vec<String>,
        /// The scenario whose collections are cut for the break-evens; `no_refinancing`, or else the first
        /// without a refinancing.
        #[arg(long, value_name = "SCENARIO")]
        break_even: Option<String>,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// The deal on one page: an HTML file with charts that opens without a network.
    Report {
        /// The deal's folder.
        deal: PathBuf,
        /// The file to write.
        #[arg(long, value_name = "FILE.html")]
        out: PathBuf,
        /// A scenario of the folder.
        #[arg(long, default_value = BASE)]
        scenario: String,
        /// Adds what chance does, by the folder's `risk.toml`: a number of paths, or a range `A..B`.
        #[arg(long, value_parser = paths)]
        paths: Option<Range<u64>>,
        /// Everything random follows from it.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Threads; all cores if not said. Results do not depend on it.
        #[arg(long)]
        threads: Option<usize>,
    },
    /// The system around the deals: each note and each holder in every outcome, and by which way losses came.
    System {
        /// The folder of commitments, holders and outcomes.
        #[arg(default_value = "fixtures/system")]
        folder: PathBuf,
        /// Adds the table with one assumption moved at a time.
        #[arg(long)]
        sensitivities: bool,
        /// Adds joint tails over random paths around an outcome: a number of paths, or a range `A..B`.
        #[arg(long, value_parser = paths)]
        paths: Option<Range<u64>>,
        /// The outcome around which paths vary.
        #[arg(long, default_value = BASE, requires = "paths")]
        outcome: String,
        /// Everything random follows from it.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Threads; all cores if not said. Results do not depend on it.
        #[arg(long, requires = "paths")]
        threads: Option<usize>,
        /// Writes a page with the network drawn, which opens without a network, in place of printing.
        #[arg(long, value_name = "FILE.html", conflicts_with = "format")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Today's deals against those of 2006 on one engine: structures, losses, fragility, what happened, and where the
    /// likeness holds.
    #[command(name = "compare-2008")]
    Compare2008 {
        /// Folders of deals to compare with 2006's; the fixtures' data-center deals unless given.
        #[arg(value_name = "DEAL")]
        deals: Vec<PathBuf>,
        /// The project's fixtures: `deals/` with the deals of 2006, `published/` with what followed.
        #[arg(long, value_name = "FOLDER", default_value = "fixtures")]
        fixtures: PathBuf,
        /// Paths of each Monte Carlo; deals on notes run a fifth of them.
        #[arg(long, default_value_t = Comparing::default().paths, value_parser = clap::value_parser!(u64).range(2..))]
        paths: u64,
        /// Everything random follows from it.
        #[arg(long, default_value_t = Comparing::default().seed)]
        seed: u64,
        /// Threads; all cores if not said. Results do not depend on it.
        #[arg(long)]
        threads: Option<usize>,
        /// Writes a page with charts, which opens without a network, in place of printing.
        #[arg(long, value_name = "FILE.html", conflicts_with = "format")]
        out: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Computed against a trustee's printed lines, to the cent. Exit status 1 if any is off.
    Reconcile {
        /// The deal's folder.
        deal: PathBuf,
        /// The printed lines: a CSV table, or a TOML document.
        #[arg(long, value_name = "FILE")]
        statement: PathBuf,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// How paths are drawn.
#[derive(Args, Clone, Copy)]
struct Chance {
    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; all cores if not said. Results do not depend on it.
    #[arg(long)]
    threads: Option<usize>,
    /// Draws systematic factors from so many independently scrambled Sobol' sequences.
    #[arg(long, value_name = "REPLICATES")]
    sobol: Option<usize>,
    /// Importance sampling: moves the first factor by so many standard deviations (-2 for senior notes).
    #[arg(long, value_name = "DEVIATIONS", default_value_t = 0.0, allow_negative_numbers = true)]
    tilt: f64,
    /// Corrects figures by control variates: what the paths' defaults differ from their exact distribution.
    #[arg(long)]
    control_variates: bool,
}

/// How paths are discounted.
#[derive(Args, Clone)]
struct Discounting {
    /// Discounts paths at the deal's curve and this spread in basis points, continuously compounded: for every note
    /// (`--spread 150`) or for one (`--spread A=120`), again for others. If not said, at the spread at which the
    /// scenario alone is worth the note's quote (historical probabilities) or at the curve (risk-neutral ones).
    #[arg(long, value_name = "[NOTE=]BP", value_parser = spread, allow_negative_numbers = true, requires = "paths")]
    spread: Vec<StatedSpread>,
}

impl Discounting {
    fn spreads(self) -> DiscountSpreads {
        DiscountSpreads { stated: self.spread, ..DiscountSpreads::default() }
    }
}

/// `BP`, or `NOTE=BP`.
fn spread(text: &str) -> Result<StatedSpread, String> {
    let (note, number) = text.rsplit_once('=').map_or((None, text), |(note, number)| (Some(note), number));
    let spread_bp = number
        .trim()
        .parse::<f64>()
        .map_err(|_| format!("`{number}`: expected basis points, such as 150"))?;
    if !spread_bp.is_finite() {
        return Err(format!("`{number}`: expected a finite number of basis points"));
    }
    Ok(StatedSpread { note: note.map(|note| note.trim().to_owned()), spread_bp })
}

impl Chance {
    fn simulation<'a>(
        self,
        folder: &'a Folder,
        scenario: &str,
        spreads: &DiscountSpreads,
    ) -> Result<Simulation<'a>, Error> {
        let simulation = folder.simulation_at(scenario, self.draws(), spreads)?;
        if self.control_variates { simulation.with_control_variates() } else { Ok(simulation) }
    }

    fn draws(self) -> Draws {
        Draws { seed: self.seed, sobol_replicates: self.sobol, tilt: self.tilt, ..Draws::default() }
    }
}

/// `N`, or `A..B` with the first path and the one after the last.
fn paths(text: &str) -> Result<Range<u64>, String> {
    let number =
        |text: &str| text.replace('_', "").parse::<u64>().map_err(|error| format!("`{text}`: {error}"));
    let range = match text.split_once("..") {
        Some((from, to)) => number(from)?..number(to)?,
        None => 0..number(text)?,
    };
    if range.is_empty() {
        Err("no path: give a number above zero, or A..B with A below B".to_owned())
    } else {
        Ok(range)
    }
}

/// How results are shown.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// The files that have a schema.
#[derive(Clone, Copy, ValueEnum)]
enum File {
    Deal,
    Sites,
    Tenants,
    Scenario,
    Risk,
    Chips,
    Statement,
    Commitments,
    Holders,
    Outcome,
}

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
        Command::Schema { file } => {
            let name = match file {
                File::Deal => "deal",
                File::Sites => "sites",
                File::Tenants => "tenants",
                File::Scenario => "scenario",
                File::Risk => "risk",
                File::Chips => "chips",
                File::Commitments => return done(study::system::CommitmentsFile::SCHEMA.to_owned()),
                File::Holders => return done(study::system::HoldersFile::SCHEMA.to_owned()),
                File::Outcome => return done(study::system::Outcome::SCHEMA.to_owned()),
                File::Statement => return done(study::StatementFile::SCHEMA.to_owned()),
            };
            let schema = schemas().into_iter().find(|(known, _)| *known == name);
            done(schema.map_or(String::new(), |(_, text)| text.to_owned()))
        }
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
