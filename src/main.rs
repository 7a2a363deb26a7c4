//! The command line: reads arguments, asks the library, prints. No arithmetic here.
#![forbid(unsafe_code)]

use clap::{Parser, Subcommand, ValueEnum};
use leasefall::folder::{BASE, Folder, schemas};
use leasefall::report::{
    CashflowsReport, CheckReport, ExplainReport, PriceReport, ReconcileReport, Report, StressReport, Table,
};
use leasefall::tape::FileFormat;
use leasefall::{Error, study};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
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

/// The files of a deal's folder that have a schema.
#[derive(Clone, Copy, ValueEnum)]
enum File {
    Deal,
    Sites,
    Tenants,
    Scenario,
    Statement,
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
        Command::Price { deal, scenario, format } => {
            let folder = Folder::open(deal)?;
            let value = folder.value(&scenario)?;
            done(shown(
                &PriceReport::new(&folder.deal().name, scenario, folder.deal().currency, &value),
                format,
            ))
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
                File::Statement => return done(study::StatementFile::SCHEMA.to_owned()),
            };
            let schema = schemas().into_iter().find(|(known, _)| *known == name);
            done(schema.map_or(String::new(), |(_, text)| text.to_owned()))
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

fn shown(report: &impl Report, format: Format) -> String {
    match format {
        Format::Table => report.tables().iter().map(Table::text).collect::<Vec<_>>().join("\n"),
        Format::Json => report.json(),
        Format::Csv => report.csv(),
    }
}
