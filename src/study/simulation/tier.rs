//! Deals within deals, path by path: each runs its own waterfall, paths in step, and its notes' cash
//! becomes the collections of the deal above.

use super::source::{InnerSource, NotesSource, PoolSource, Source};
use super::worker::LANES;
use crate::collection::{Collections, Projection, Workspace};
use crate::error::Error;
use crate::scenario::{Place, World, own_factors, pool_seed};
use crate::waterfall::{Holdings, Paths, Program, Receipts};
use std::ops::Range;

/// Paths that go through a deal before the next one is looked at: enough to fill the lanes, few enough that
/// their collections stay in the cache.
pub(super) const BATCH: usize = 128;

/// Paths on their way through deals within deals.
#[derive(Clone, Copy)]
pub(super) struct Batch<'p> {
    pub paths: &'p [u64],
    /// The factors known, `width` for each path.
    pub known: &'p [f64],
    pub width: usize,
    /// For each factor known the seed of the deal that it belongs to.
    pub seeds: &'p [u64],
    /// The seed of the outermost deal.
    pub mixing: u64,
}

/// A deal on notes.
pub(super) struct NotesTier<'s> {
    source: &'s NotesSource<'s>,
    inner: Vec<InnerTier<'s>>,
    /// For each path of a batch what the deal collects.
    collections: Vec<Collections>,
    /// The factors known to the deals below.
    known: Vec<f64>,
    seeds: Vec<u64>,
}

/// A deal of which notes are held. Copies follow each other through it.
struct InnerTier<'s> {
    source: &'s InnerSource<'s>,
    receivers: Receivers<'s>,
    feed: Feed<'s>,
}

enum Feed<'s> {
    Pool(Box<PoolFeed<'s>>),
    Notes(NotesTier<'s>),
}

/// What a deal on leases or loans draws and collects in.
struct PoolFeed<'s> {
    source: &'s PoolSource<'s>,
    world: World,
    workspace: Workspace,
    /// For each stretch of payment dates, its paths.
    stretches: Vec<Stretch>,
}

/// Paths that are to be run as far as one stretch of payment dates goes.
struct Stretch {
    collections: [Collections; LANES],
    /// Seeds of copies, and places in the batch: paths of several copies run in step.
    waiting: Vec<(u64, usize)>,
}

impl<'s> NotesTier<'s> {
    pub fn new(source: &'s NotesSource<'s>) -> NotesTier<'s> {
        NotesTier {
            source,
            inner: source.inner.iter().map(InnerTier::new).collect(),
            collections: vec![source.empty.clone(); BATCH],
            known: Vec::new(),
            seeds: Vec::new(),
        }
    }

    /// Runs the deals below on a batch of at most [`BATCH`] paths. `above` is the seed that the seeds of deals
    /// below are drawn from, `own` that of this deal's factors.
    pub fn fill(&mut self, batch: &Batch<'_>, above: u64, own: u64) -> Result<(), Error> {
        let NotesTier { source, inner, collections, known, seeds } = self;
        for into in &mut collections[..batch.paths.len()] {
            into.clear_rows();
        }
        let below = match source.factors {
            0 => *batch,
            more => {
                share(batch, own, more, known, seeds);
                Batch { known, width: batch.width + more, seeds, ..*batch }
            }
        };
        for tier in inner {
            tier.deliver(&below, above, collections)?;
        }
        for into in &mut collections[..batch.paths.len()] {
            source.events.grant(into);
        }
        Ok(())
    }

    /// Paths' collections from a place in the batch on; lanes beyond the last repeat it, unseen.
    pub fn lanes(&self, from: usize, count: usize) -> [&Collections; LANES] {
        std::array::from_fn(|lane| &self.collections[from + lane.min(count - 1)])
    }
}

/// Adds a deal's own factors to those that are known.
fn share(batch: &Batch<'_>, own: u64, more: usize, known: &mut Vec<f64>, seeds: &mut Vec<u64>) {
    let width = batch.width + more;
    known.clear();
    known.resize(batch.paths.len() * width, 0.0);
    for ((place, &path), factors) in batch.paths.iter().enumerate().zip(known.chunks_exact_mut(width)) {
        let (given, drawn) = factors.split_at_mut(batch.width);
        given.copy_from_slice(&batch.known[place * batch.width..(place + 1) * batch.width]);
        own_factors(own, path, drawn);
    }
    seeds.clear();
    seeds.extend_from_slice(batch.seeds);
    seeds.resize(width, own);
}

impl<'s> InnerTier<'s> {
    fn new(source: &'s InnerSource<'s>) -> InnerTier<'s> {
        let feed = match &source.source {
            Source::Pool(pool) => Feed::Pool(Box::new(PoolFeed::new(pool))),
            Source::Notes(notes) => Feed::Notes(NotesTier::new(notes)),
        };
        InnerTier { source, receivers: Receivers::new(source.holdings), feed }
    }

    /// Adds what the notes held bring to the collections of the deal above, for each path of a batch.
    fn deliver(&mut self, batch: &Batch<'_>, above: u64, into: &mut [Collections]) -> Result<(), Error> {
        let InnerTier { source, receivers, feed } = self;
        match feed {
            Feed::Pool(pool) => {
                let mut run = PoolRun { source, receivers, batch, into };
                pool.run(above, &mut run)?;
                pool.finish(&mut run)
            }
            Feed::Notes(tier) => {
                for &place in &source.places {
                    let seed = pool_seed(above, place);
                    // What stands below a copy is the copy's own.
                    let above = if source.places.len() > 1 { seed } else { above };
                    tier.fill(batch, above, seed)?;
                    for from in (0..batch.paths.len()).step_by(LANES) {
                        let count = (batch.paths.len() - from).min(LANES);
                        let lanes = tier.lanes(from, count);
                        let fits = receivers.run(source.program, &lanes);
                        for (lane, collections) in lanes.into_iter().enumerate().take(count) {
                            let from_path = receivers.path(fits, lane, source.program, collections)?;
                            from_path.add_to(&mut into[from + lane])?;
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

/// Who receives what notes pay on paths in step, which run in doubles, and on paths one by one, which run in
/// integers.
struct Receivers<'s> {
    paths: Paths<LANES, f64>,
    receipts: Receipts<'s, LANES, f64>,
    one_path: Paths<1>,
    receipts_of_one: Receipts<'s, 1>,
}

/// What was received on one path.
enum Received<'r, 's> {
    InStep(&'r Receipts<'s, LANES, f64>, usize),
    Alone(&'r Receipts<'s, 1>),
}

impl<'s> Receivers<'s> {
    fn new(holdings: &'s Holdings) -> Receivers<'s> {
        Receivers {
            paths: Paths::default(),
            receipts: Receipts::new(holdings),
            one_path: Paths::default(),
            receipts_of_one: Receipts::new(holdings),
        }
    }

    /// Runs paths in step; says whether they could be.
    fn run(&mut self, program: &Program, collections: &[&Collections; LANES]) -> bool {
        self.receipts.start(collections[0].periods());
        program.run_paths(collections, &mut self.paths, &mut self.receipts).is_ok()
    }

    /// Whether nothing more could have happened on any of these paths, which ran in step.
    fn are_settled(&self, mut lanes: Range<usize>) -> bool {
        lanes.all(|lane| self.receipts.is_settled(lane))
    }

    /// One of them; where they could not run in step, by itself.
    fn path(
        &mut self,
        fits: bool,
        lane: usize,
        program: &Program,
        collections: &Collections,
    ) -> Result<Received<'_, 's>, Error> {
        if fits {
            return Ok(Received::InStep(&self.receipts, lane));
        }
        self.receipts_of_one.start(collections.periods());
        program.run_paths(&[collections], &mut self.one_path, &mut self.receipts_of_one)?;
        Ok(Received::Alone(&self.receipts_of_one))
    }
}

impl Received<'_, '_> {
    fn is_settled(&self) -> bool {
        match self {
            Received::InStep(receipts, lane) => receipts.is_settled(*lane),
            Received::Alone(receipts) => receipts.is_settled(0),
        }
    }

    fn add_to(&self, into: &mut Collections) -> Result<(), Error> {
        match self {
            Received::InStep(receipts, lane) => receipts.add_to(*lane, 1, into),
            Received::Alone(receipts) => receipts.add_to(0, 1, into),
        }
    }
}

/// One deal with its copies on one batch of paths.
struct PoolRun<'r, 's> {
    source: &'r InnerSource<'s>,
    receivers: &'r mut Receivers<'s>,
    batch: &'r Batch<'r>,
    into: &'r mut [Collections],
}

impl<'s> PoolFeed<'s> {
    fn new(source: &'s PoolSource<'s>) -> PoolFeed<'s> {
        let stretch = |projection: &Projection<'_>| Stretch {
            collections: std::array::from_fn(|_| projection.empty()),
            waiting: Vec::with_capacity(2 * LANES),
        };
        PoolFeed {
            source,
            world: source.generator.world(),
            workspace: Workspace::default(),
            stretches: source.projections.iter().map(stretch).collect(),
        }
    }

    /// All copies on each path, so that what they bring can be added up before it is added to the holder's; some may
    /// be left waiting.
    fn run(&mut self, above: u64, run: &mut PoolRun<'_, '_>) -> Result<(), Error> {
        let places = &run.source.places;
        let paths = 0..run.batch.paths.len();
        for (at, &place) in paths.flat_map(|at| places.iter().map(move |place| (at, place))) {
            self.stretches[0].waiting.push((pool_seed(above, place), at));
            for stretch in 0..self.stretches.len() {
                if self.stretches[stretch].waiting.len() >= LANES {
                    self.stretch(stretch, run)?;
                }
            }
        }
        Ok(())
    }

    /// The paths that are left.
    fn finish(&mut self, run: &mut PoolRun<'_, '_>) -> Result<(), Error> {
        for stretch in 0..self.stretches.len() {
            while !self.stretches[stretch].waiting.is_empty() {
                self.stretch(stretch, run)?;
            }
        }
        Ok(())
    }

    /// Runs the first paths that wait for a stretch. Those on which a note held is not settled at its end wait
    /// for the next, which starts them anew.
    fn stretch(&mut self, stretch: usize, run: &mut PoolRun<'_, '_>) -> Result<(), Error> {
        let (these, next) = self.stretches.split_at_mut(stretch + 1);
        let Some(Stretch { collections, waiting }) = these.last_mut() else { return Ok(()) };
        let count = waiting.len().min(LANES);
        let projection = &self.source.projections[stretch];
        for lane in 0..LANES {
            // Lanes beyond the last path repeat the first, unseen.
            let Some(&(seed, at)) = waiting[..count].get(lane) else {
                let (first, rest) = collections.split_at_mut(lane);
                rest[0].clone_from(&first[0]);
                continue;
            };
            let batch = run.batch;
            let place = Place {
                seed,
                mixing: batch.mixing,
                demand: run.source.demand.map_or(seed, |known| batch.seeds[known]),
                given: &run.source.given,
                known: &batch.known[at * batch.width..(at + 1) * batch.width],
            };
            self.source.generator.draw_at(batch.paths[at], projection.months(), &place, &mut self.world);
            projection.collect_into(&self.world.scenario, &mut self.workspace, &mut collections[lane])?;
        }
        let collections: &[Collections; LANES] = collections;
        let program = run.source.program;
        let fits = run.receivers.run(program, &collections.each_ref());
        let mut done = 0;
        for copies in waiting[..count].chunk_by(|(_, at), (_, next)| at == next) {
            let lanes = done..done + copies.len();
            done = lanes.end;
            if fits && (next.is_empty() || run.receivers.are_settled(lanes.clone())) {
                run.receivers.receipts.add_all_to(lanes, 1, &mut run.into[copies[0].1])?;
                continue;
            }
            for (lane, &(seed, at)) in lanes.zip(copies) {
                let received = run.receivers.path(fits, lane, program, &collections[lane])?;
                match next.first_mut() {
                    Some(next) if !received.is_settled() => next.waiting.push((seed, at)),
                    _ => received.add_to(&mut run.into[at])?,
                }
            }
        }
        waiting.drain(..count);
        Ok(())
    }
}
