//! Paths of a deal on notes of other deals, without allocation.

use super::Simulation;
use super::block::Block;
use super::note::Watchers;
use super::source::NotesSource;
use super::tier::{BATCH, Batch, NotesTier};
use super::worker::LANES;
use crate::error::Error;
use crate::scenario::SharedFactors;
use std::ops::Range;

/// What one thread reuses from path to path.
pub(super) struct NestedWorker<'s> {
    simulation: &'s Simulation<'s>,
    shared: &'s SharedFactors,
    width: usize,
    tier: NotesTier<'s>,
    /// Of one batch.
    numbers: Vec<u64>,
    known: Vec<f64>,
    weights: Vec<f64>,
    seeds: Vec<u64>,
    watchers: Watchers<'s>,
}

impl<'s> NestedWorker<'s> {
    pub fn new(
        simulation: &'s Simulation<'s>,
        source: &'s NotesSource<'s>,
        shared: &'s SharedFactors,
        width: usize,
    ) -> NestedWorker<'s> {
        NestedWorker {
            simulation,
            shared,
            width,
            tier: NotesTier::new(source),
            numbers: Vec::with_capacity(BATCH),
            known: vec![0.0; BATCH * width],
            weights: vec![0.0; BATCH],
            seeds: vec![shared.draws().seed; width],
            watchers: Watchers::new(&simulation.notes),
        }
    }

    /// Adds a range of paths to a block.
    pub fn record(&mut self, paths: Range<u64>, block: &mut Block) -> Result<(), Error> {
        block.claim(&paths);
        let mut from = paths.start;
        while from < paths.end {
            let to = from.saturating_add(BATCH as u64).min(paths.end);
            self.numbers.clear();
            self.numbers.extend(from..to);
            self.run(block)?;
            from = to;
        }
        Ok(())
    }

    fn run(&mut self, block: &mut Block) -> Result<(), Error> {
        let width = self.width;
        for (place, &path) in self.numbers.iter().enumerate() {
            let factors = &mut self.known[place * width..(place + 1) * width];
            self.weights[place] = self.shared.draw(path, factors);
        }
        let seed = self.shared.draws().seed;
        let batch =
            Batch { paths: &self.numbers, known: &self.known, width, seeds: &self.seeds, mixing: seed };
        self.tier.fill(&batch, seed, seed)?;
        let program = self.simulation.program;
        let replicates = self.shared.replicates() as u64;
        for from in (0..self.numbers.len()).step_by(LANES) {
            let count = (self.numbers.len() - from).min(LANES);
            let lanes = self.tier.lanes(from, count);
            let fits = self.watchers.run(program, &lanes);
            for (lane, collections) in lanes.into_iter().enumerate().take(count) {
                let replicate = (self.numbers[from + lane] % replicates) as usize;
                let (_, loss, outcomes) = match fits {
                    true => self.watchers.path(lane),
                    false => self.watchers.alone(program, collections)?,
                };
                block.record(replicate, self.weights[from + lane], outcomes, loss);
            }
        }
        Ok(())
    }
}
