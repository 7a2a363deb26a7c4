//! Paths, one after the other, without allocation.

use super::Simulation;
use super::block::Block;
use super::note::NoteTally;
use super::path::NoteOutcome;
use crate::collection::{Collections, Projection, Workspace};
use crate::error::Error;
use crate::scenario::World;
use crate::waterfall::Run;
use std::ops::Range;

/// What one thread reuses from path to path.
pub(super) struct Worker<'s> {
    simulation: &'s Simulation<'s>,
    world: World,
    workspace: Workspace,
    /// For each stretch of periods.
    collections: Vec<Collections>,
    run: Run,
    tallies: Vec<NoteTally>,
    outcomes: Vec<NoteOutcome>,
}

impl<'s> Worker<'s> {
    pub fn new(simulation: &'s Simulation<'s>) -> Worker<'s> {
        let notes = simulation.notes.len();
        Worker {
            simulation,
            world: simulation.generator.world(),
            workspace: Workspace::default(),
            collections: simulation.projections.iter().map(Projection::empty).collect(),
            run: Run::for_program(simulation.program),
            tallies: vec![NoteTally::default(); notes],
            outcomes: vec![NoteOutcome::default(); notes],
        }
    }

    /// Adds a range of paths to a block.
    pub fn record(&mut self, paths: Range<u64>, block: &mut Block) -> Result<(), Error> {
        block.claim(&paths);
        let replicates = self.simulation.generator.replicates() as u64;
        for path in paths {
            let weight = self.path(path)?;
            block.record((path % replicates) as usize, weight, &self.outcomes);
        }
        Ok(())
    }

    /// Runs one path into `outcomes` and returns its weight.
    fn path(&mut self, path: u64) -> Result<f64, Error> {
        let simulation = self.simulation;
        let last = simulation.projections.len() - 1;
        let mut weight = 1.0;
        for (stretch, projection) in simulation.projections.iter().enumerate() {
            weight = simulation.generator.draw(path, projection.months(), &mut self.world);
            let collections = &mut self.collections[stretch];
            projection.collect_into(&self.world.scenario, &mut self.workspace, collections)?;
            simulation.program.run_into(collections, &mut self.run)?;
            let periods = collections.periods();
            if stretch == last || self.is_over(periods) {
                break;
            }
        }
        self.tally();
        Ok(weight)
    }
}

impl Worker<'_> {
    /// Whether nothing more can happen to any note after so many payment dates.
    fn is_over(&self, periods: usize) -> bool {
        let paid = |note: usize| {
            let row = self.run.row(periods - 1, note);
            row.balance_close.is_zero() && row.interest_shortfall.is_zero()
        };
        self.run.periods() <= periods || (periods > 0 && (0..self.tallies.len()).all(paid))
    }

    fn tally(&mut self) {
        self.tallies.fill(NoteTally::default());
        for period in 0..self.run.periods() {
            for (note, (tally, terms)) in self.tallies.iter_mut().zip(&self.simulation.notes).enumerate() {
                tally.payment(terms, period, self.run.row(period, note));
            }
        }
        for ((outcome, tally), terms) in
            self.outcomes.iter_mut().zip(&self.tallies).zip(&self.simulation.notes)
        {
            *outcome = tally.outcome(terms);
        }
    }
}
