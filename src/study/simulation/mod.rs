//! Monte Carlo over the whole deal: every path draws a state of the world, collects, runs the compiled
//! waterfall in exact cents, and values what each note was paid.
//!
//! A [`Simulation`] is a deal, a pool, a scripted scenario and a risk model, compiled once.
//! [`Simulation::block`] is a pure function from a range of paths to a [`Block`] of sums; blocks merge, in
//! any order, into exactly the block of all their paths, so any scheduler can spread the work.
//! [`Block::estimates`] turns sums into figures with standard errors.

mod block;
mod control;
mod control_sums;
mod discounting;
mod distribution;
mod estimate;
mod moments;
mod nested_worker;
mod note;
mod path;
mod regression;
mod sensitivity;
mod source;
mod tier;
mod worker;

pub use block::{Block, Header, NoteHeader};
pub use discounting::{DiscountSpreads, SpreadSource, StatedSpread};
pub use distribution::{Distribution, DistributionPoint};
pub use estimate::{Estimate, NoteEstimates, SimulationEstimates};
pub use path::NoteOutcome;
pub use sensitivity::{Move, NoteSensitivity, SHIFTS, Sensitivity, sensitivities};

use crate::collection::{Periods, Projection, Workspace};
use crate::credit::Measure;
use crate::deal::{Deal, Note};
use crate::error::Error;
use crate::folder::{Collateral, Folder, ScriptOf};
use crate::pool::Pool;
use crate::scenario::{Draws, Generator, SharedFactors};
use crate::valuation::{Points, ZSpread, points_of_notes, pricing_curve};
use crate::waterfall::Program;
use control::ControlVariates;
use nested_worker::NestedWorker;
use note::NoteTerms;
use source::{Builder, NotesSource, PoolSource};
use std::ops::Range;
use worker::Worker;

/// Paths of one piece of work.
const PIECE: u64 = 1_024;
/// Paths between two looks at the clock, the standard error and the person who waits.
const WAVE: u64 = 32 * PIECE;

/// A deal ready for any number of paths.
#[derive(Clone, Debug)]
pub struct Simulation<'a> {
    program: &'a Program,
    root: Root<'a>,
    notes: Vec<NoteTerms>,
    header: Header,
    fingerprint: String,
    controls: Option<ControlVariates>,
}

/// Where the deal's own collections come from.
#[derive(Clone, Debug)]
enum Root<'a> {
    Pool(Box<PoolSource<'a>>),
    Notes(Box<NotesRoot<'a>>),
}

/// A deal on notes, and the factors that all deals below share.
#[derive(Clone, Debug)]
struct NotesRoot<'a> {
    source: NotesSource<'a>,
    shared: SharedFactors,
    /// How many they are.
    width: usize,
}

/// What one thread works with.
enum AnyWorker<'s> {
    Pool(Box<Worker<'s>>),
    Notes(Box<NestedWorker<'s>>),
}

impl AnyWorker<'_> {
    fn record(&mut self, paths: Range<u64>, block: &mut Block) -> Result<(), Error> {
        match self {
            AnyWorker::Pool(worker) => worker.record(paths, block),
            AnyWorker::Notes(worker) => worker.record(paths, block),
        }
    }
}

impl Root<'_> {
    fn draws(&self) -> Draws {
        match self {
            Root::Pool(source) => source.generator.draws(),
            Root::Notes(root) => root.shared.draws(),
        }
    }

    fn replicates(&self) -> usize {
        match self {
            Root::Pool(source) => source.generator.replicates(),
            Root::Notes(root) => root.shared.replicates(),
        }
    }
}

impl<'a> Simulation<'a> {
    /// Puts a simulation together: `periods` are the deal's collection periods. Each note is discounted at the deal's pricing curve and its own spread.
    ///
    /// # Errors
    /// [`Error::Input`] if the deal has no pricing curve; as [`Projection::collect`] and [`Program::run`].
    pub fn new(
        deal: &Deal,
        program: &'a Program,
        pool: &'a Pool,
        periods: &Periods,
        generator: Generator,
        scenario: &str,
        spreads: &[ZSpread],
    ) -> Result<Simulation<'a>, Error> {
        let spreads: Vec<_> = spreads.iter().map(|spread| (*spread, SpreadSource::Stated)).collect();
        Simulation::on_pool(deal, program, pool, periods, generator, scenario, &spreads)
    }

    /// A simulation of a deal on leases or loans at spreads that say where they come from.
    ///
    /// # Errors
    /// As [`Simulation::new`].
    pub(crate) fn on_pool(
        deal: &Deal,
        program: &'a Program,
        pool: &'a Pool,
        periods: &Periods,
        generator: Generator,
        scenario: &str,
        spreads: &[(ZSpread, SpreadSource)],
    ) -> Result<Simulation<'a>, Error> {
        let measure = generator.measure();
        let parts = [format!("{pool:?}"), format!("{generator:?}")];
        let source = Box::new(PoolSource::new(program, pool, periods, generator)?);
        Simulation::put_together(deal, program, scenario, (spreads, measure), Root::Pool(source), &parts)
    }

    /// A simulation of a deal on notes of other deals, each drawn and run beside it. `spreads` are found for the
    /// measure that the deals' risk models state.
    ///
    /// # Errors
    /// As [`Folder::simulation`].
    pub(crate) fn nested(
        folder: &'a Folder,
        scenario: &str,
        draws: Draws,
        script_of: &ScriptOf<'_>,
        spreads: impl FnOnce(Measure) -> Result<Vec<(ZSpread, SpreadSource)>, Error>,
    ) -> Result<Simulation<'a>, Error> {
        let mut builder = Builder::new(draws, script_of);
        let known = builder.declared(folder)?;
        let shared = SharedFactors::new(known.len(), draws)?;
        let deals = folder.collateral().map_or(&[][..], Collateral::deals);
        let source = builder.notes(folder, deals, scenario, &[], &known)?;
        let measure = builder.measure();
        let mut parts = builder.parts;
        parts.push(format!("{known:?} {shared:?} {:?}", source.events));
        let root = Root::Notes(Box::new(NotesRoot { source, shared, width: known.len() }));
        let spreads = spreads(measure)?;
        Simulation::put_together(folder.deal(), folder.program(), scenario, (&spreads, measure), root, &parts)
    }

    fn put_together(
        deal: &Deal,
        program: &'a Program,
        scenario: &str,
        (spreads, measure): (&[(ZSpread, SpreadSource)], Measure),
        root: Root<'a>,
        parts: &[String],
    ) -> Result<Simulation<'a>, Error> {
        let curve = pricing_curve(deal)?;
        let notes = NoteTerms::all(deal, program, &curve, spreads);
        let mut header = header(deal, program, scenario, &root, (spreads, measure));
        for (note, terms) in header.notes.iter_mut().zip(&notes) {
            note.undrawn = terms.opening <= 0.0;
            note.has_ard = terms.ard.is_some();
        }
        let mut all = vec![format!("{deal:?}")];
        all.extend_from_slice(parts);
        all.push(format!("{notes:?}"));
        Ok(Simulation { program, root, notes, header, fingerprint: fingerprint(&all), controls: None })
    }

    /// The same simulation with control variates: figures are corrected by what the paths' defaults differ from
    /// their exact distribution, which the recursion of [`exact`](crate::valuation::exact) gives. Expectations
    /// stay, errors shrink.
    ///
    /// # Errors
    /// [`Error::Argument`] if the deal stands on notes of other deals, no obligor may default, or default
    /// intensities follow the path (`[coverage]` of `risk.toml`): then no exact distribution is at hand.
    /// [`Error::Solve`] if its integrals do not settle.
    pub fn with_control_variates(self) -> Result<Simulation<'a>, Error> {
        let Root::Pool(source) = &self.root else {
            let expected = "none, for the deal stands on notes of other deals";
            return Err(Error::Argument { argument: "control_variates", found: 1.0, expected });
        };
        let controls = ControlVariates::new(source)?;
        let fingerprint = fingerprint(&[self.fingerprint, format!("{controls:?}")]);
        let header = Header { control_variates: controls.len(), ..self.header };
        Ok(Simulation { controls: Some(controls), fingerprint, header, ..self })
    }

    /// The sums over a range of paths, on this thread: a pure function of the range.
    ///
    /// # Errors
    /// As [`Projection::collect_into`] and [`Program::run_into`].
    pub fn block(&self, paths: Range<u64>) -> Result<Block, Error> {
        let mut block = self.no_paths();
        self.worker().record(paths, &mut block)?;
        Ok(block)
    }

    /// The sums over a range of paths, on all threads at hand, as long as `go_on` says so. It is asked now
    /// and then with what has been done so far: a stretch of paths from the first on, whatever the threads.
    ///
    /// # Errors
    /// As [`Simulation::block`].
    pub fn run(&self, paths: Range<u64>, mut go_on: impl FnMut(&Block) -> bool) -> Result<Block, Error> {
        let mut done = self.no_paths();
        let mut from = paths.start;
        while from < paths.end {
            let to = from.saturating_add(WAVE).min(paths.end);
            done.merge(&self.wave(from..to)?)?;
            from = to;
            if !go_on(&done) {
                break;
            }
        }
        Ok(done)
    }

    fn worker(&self) -> AnyWorker<'_> {
        match &self.root {
            Root::Pool(source) => AnyWorker::Pool(Box::new(Worker::new(self, source))),
            Root::Notes(root) => {
                let NotesRoot { source, shared, width } = &**root;
                AnyWorker::Notes(Box::new(NestedWorker::new(self, source, shared, *width)))
            }
        }
    }

    fn no_paths(&self) -> Block {
        let periods = self.program.schedule().periods().len();
        let controls = self.controls.as_ref().map_or(&[][..], ControlVariates::known);
        Block::new(&self.fingerprint, &self.header, periods, controls)
    }

    #[cfg(feature = "parallel")]
    fn wave(&self, paths: Range<u64>) -> Result<Block, Error> {
        use rayon::prelude::*;
        let pieces: Vec<Range<u64>> = pieces(paths).collect();
        let merged = |left: Result<Block, Error>, right: Result<Block, Error>| {
            let mut left = left?;
            left.merge(&right?)?;
            Ok(left)
        };
        let blocks = pieces.into_par_iter().map_init(
            || self.worker(),
            |worker, piece| {
                let mut block = self.no_paths();
                worker.record(piece, &mut block)?;
                Ok(block)
            },
        );
        blocks.reduce(|| Ok(self.no_paths()), merged)
    }

    #[cfg(not(feature = "parallel"))]
    fn wave(&self, paths: Range<u64>) -> Result<Block, Error> {
        self.block(paths)
    }
}

/// Payment dates after which the notes of the scripted scenario are repaid, and a year: as many as most
/// paths need.
fn stretch(program: &Program, whole: &Projection<'_>, generator: &Generator) -> Result<usize, Error> {
    let run = program.run(&whole.collect(generator.base(), &mut Workspace::default())?)?;
    let owed = |period: &usize| {
        (0..program.notes().len()).any(|note| !run.row(*period, note).balance_close.is_zero())
    };
    let last = (0..run.periods()).rev().find(owed).map_or(0, |period| period + 1);
    Ok(last + program.payments_a_year())
}

#[cfg(feature = "parallel")]
fn pieces(paths: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = paths.end;
    let piece = move |from: u64| from..from.saturating_add(PIECE).min(end);
    paths.step_by(PIECE as usize).map(piece)
}

fn header(
    deal: &Deal,
    program: &Program,
    scenario: &str,
    root: &Root<'_>,
    (spreads, measure): (&[(ZSpread, SpreadSource)], Measure),
) -> Header {
    let points = points_of_notes(deal, program);
    let note = |((note, (spread, source)), points): ((&Note, &(ZSpread, SpreadSource)), Points)| NoteHeader {
        id: note.id.clone(),
        rating: note.rating.clone(),
        attachment: points.attachment,
        detachment: points.detachment,
        discount_spread_bp: 1e4 * spread.rate,
        undrawn: false,
        has_ard: false,
        discount_spread_source: *source,
    };
    let draws = root.draws();
    Header {
        deal: deal.name.clone(),
        scenario: scenario.to_owned(),
        measure,
        seed: draws.seed,
        replicates: root.replicates(),
        tilt: draws.tilt,
        control_variates: 0,
        payments_a_year: program.payments_a_year(),
        notes: deal.notes.iter().zip(spreads).zip(points).map(note).collect(),
    }
}

/// FNV-1a over 128 bits: tells blocks of different simulations apart. Not a defence against anyone.
fn fingerprint(parts: &[String]) -> String {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    }
    format!("{hash:032x}")
}
