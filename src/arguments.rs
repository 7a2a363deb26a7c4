//! What may be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use leasefall::Error;
use leasefall::folder::{BASE, Folder};
use leasefall::scenario::Draws;
use leasefall::study::compare_2008::Settings as Comparing;
use leasefall::study::simulation::{DiscountSpreads, Simulation, StatedSpread};
use std::ops::Range;
use std::path::PathBuf;

/// Prices securitizations of data-center leases: tape to waterfall to tranche price, every cent conserved.
#[derive(Parser)]
#[command(name = "leasefall", version, about, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
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
pub struct Chance {
    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads; all cores if not said. Results do not depend on it.
    #[arg(long)]
    pub threads: Option<usize>,
    /// Draws systematic factors from so many independently scrambled Sobol' sequences.
    #[arg(long, value_name = "REPLICATES")]
    pub sobol: Option<usize>,
    /// Importance sampling: moves the first factor by so many standard deviations (-2 for senior notes).
    #[arg(long, value_name = "DEVIATIONS", default_value_t = 0.0, allow_negative_numbers = true)]
    pub tilt: f64,
    /// Corrects figures by control variates: what the paths' defaults differ from their exact distribution.
    #[arg(long)]
    pub control_variates: bool,
}

/// How paths are discounted.
#[derive(Args, Clone)]
pub struct Discounting {
    /// Discounts paths at the deal's curve and this spread in basis points, continuously compounded: for every note
    /// (`--spread 150`) or for one (`--spread A=120`), again for others. If not said, at the spread at which the
    /// scenario alone is worth the note's quote (historical probabilities) or at the curve (risk-neutral ones).
    #[arg(long, value_name = "[NOTE=]BP", value_parser = spread, allow_negative_numbers = true, requires = "paths")]
    spread: Vec<StatedSpread>,
}

impl Discounting {
    pub fn spreads(self) -> DiscountSpreads {
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
    pub fn simulation<'a>(
        self,
        folder: &'a Folder,
        scenario: &str,
        spreads: &DiscountSpreads,
    ) -> Result<Simulation<'a>, Error> {
        let simulation = folder.simulation_at(scenario, self.draws(), spreads)?;
        if self.control_variates { simulation.with_control_variates() } else { Ok(simulation) }
    }

    pub fn draws(self) -> Draws {
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
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// The files that have a schema.
#[derive(Clone, Copy, ValueEnum)]
pub enum File {
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
