//! Monte Carlo over the whole deal: every path draws a state of the world, collects, runs the compiled
//! waterfall in exact cents, and values what each note was paid.
//!
//! A [`Simulation`] is a deal, a pool, a scripted scenario and a risk model, compiled once.
//! [`Simulation::block`] is a pure function from a range of paths to a [`Block`] of sums; blocks merge, in
//! any order, into exactly the block of all their paths, so any scheduler can spread the work.
//! [`Block::estimates`] turns sums into figures with standard errors.

mod block;
mod distribution;
mod estimate;
mod moments;
mod note;
mod path;
mod sensitivity;
mod worker;

pub use block::{Block, Header, NoteHeader};
pub use distribution::{Distribution, DistributionPoint};
pub use estimate::{Estimate, NoteEstimates, SimulationEstimates};
pub use path::NoteOutcome;
pub use sensitivity::{NoteSensitivity, SHIFTS, Sensitivity, sensitivities};

use crate::collection::{Periods, Projection, Workspace};
use crate::deal::Deal;
use crate::error::Error;
use crate::pool::Pool;
use crate::scenario::Generator;
use crate::valuation::{ZSpread, pricing_curve};
use crate::waterfall::Program;
use note::NoteTerms;
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
    generator: Generator,
    /// The pool over the first payment dates only, and over all of them: most paths are over long before
    /// the last date.
    projections: Vec<Projection<'a>>,
    notes: Vec<NoteTerms>,
    header: Header,
    fingerprint: String,
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
        let curve = pricing_curve(deal)?;
        let projection = |periods: &Periods| -> Result<Projection<'a>, Error> {
            Ok(Projection::new(pool, periods)?.computing(|measure| program.reads(measure)))
        };
        let whole = projection(periods)?;
        let stretch = stretch(program, &whole, &generator)?;
        let mut projections = Vec::new();
        if stretch < periods.len() {
            projections.push(projection(&periods.first(stretch))?);
        }
        projections.push(whole);
        let notes = NoteTerms::all(deal, program, &curve, spreads);
        let header = header(deal, scenario, &generator, spreads);
        let parts =
            [format!("{deal:?}"), format!("{pool:?}"), format!("{generator:?}"), format!("{notes:?}")];
        Ok(Simulation { program, generator, projections, notes, header, fingerprint: fingerprint(&parts) })
    }

    /// The sums over a range of paths, on this thread: a pure function of the range.
    ///
    /// # Errors
    /// As [`Projection::collect_into`] and [`Program::run_into`].
    pub fn block(&self, paths: Range<u64>) -> Result<Block, Error> {
        let mut block = self.no_paths();
        Worker::new(self).record(paths, &mut block)?;
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

    fn no_paths(&self) -> Block {
        let periods = self.program.schedule().periods().len();
        Block::new(&self.fingerprint, &self.header, periods)
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
            || Worker::new(self),
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

fn header(deal: &Deal, scenario: &str, generator: &Generator, spreads: &[ZSpread]) -> Header {
    let note = |(note, spread): (&crate::deal::Note, &ZSpread)| NoteHeader {
        id: note.id.clone(),
        rating: note.rating.clone(),
        discount_spread_bp: 1e4 * spread.rate,
    };
    let draws = generator.draws();
    Header {
        deal: deal.name.clone(),
        scenario: scenario.to_owned(),
        measure: generator.measure(),
        seed: draws.seed,
        replicates: generator.replicates(),
        tilt: draws.tilt,
        notes: deal.notes.iter().zip(spreads).map(note).collect(),
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
