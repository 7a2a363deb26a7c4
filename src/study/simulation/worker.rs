//! Paths, several in step, without allocation.

use super::Simulation;
use super::block::Block;
use super::note::Watchers;
use super::source::PoolSource;
use crate::collection::{Collections, Projection, Workspace};
use crate::error::Error;
use crate::scenario::World;
use std::ops::Range;

/// Paths that run in step. Results do not depend on it.
pub(super) const LANES: usize = 16;

/// What one thread reuses from path to path.
pub(super) struct Worker<'s> {
    simulation: &'s Simulation<'s>,
    source: &'s PoolSource<'s>,
    world: World,
    workspace: Workspace,
    /// For each stretch of payment dates, its paths.
    stretches: Vec<Stretch>,
    watchers: Watchers<'s>,
    /// Control variates, lane by lane.
    controls: Vec<f64>,
}

/// Paths that are to be run as far as one stretch of payment dates goes.
struct Stretch {
    collections: [Collections; LANES],
    waiting: Vec<u64>,
}

impl<'s> Worker<'s> {
    pub fn new(simulation: &'s Simulation<'s>, source: &'s PoolSource<'s>) -> Worker<'s> {
        let stretch = |projection: &Projection| Stretch {
            collections: std::array::from_fn(|_| projection.empty()),
            // What is left of one stretch may join as many that wait for the next.
            waiting: Vec::with_capacity(2 * LANES),
        };
        Worker {
            simulation,
            source,
            world: source.generator.world(),
            workspace: Workspace::default(),
            stretches: source.projections.iter().map(stretch).collect(),
            watchers: Watchers::new(&simulation.notes),
            controls: vec![0.0; LANES * simulation.header.control_variates],
        }
    }

    /// Adds a range of paths to a block.
    pub fn record(&mut self, paths: Range<u64>, block: &mut Block) -> Result<(), Error> {
        block.claim(&paths);
        for path in paths {
            self.stretches[0].waiting.push(path);
            for stretch in 0..self.stretches.len() {
                if self.stretches[stretch].waiting.len() >= LANES {
                    self.run(stretch, block)?;
                }
            }
        }
        for stretch in 0..self.stretches.len() {
            while !self.stretches[stretch].waiting.is_empty() {
                self.run(stretch, block)?;
            }
        }
        Ok(())
    }

    /// Runs the first paths that wait for a stretch. Those whose notes are not settled at its end wait for the
    /// next, which starts them anew: a draw is a function of the path's number.
    fn run(&mut self, stretch: usize, block: &mut Block) -> Result<(), Error> {
        let (simulation, source) = (self.simulation, self.source);
        let (these, next) = self.stretches.split_at_mut(stretch + 1);
        let Some(Stretch { collections, waiting }) = these.last_mut() else { return Ok(()) };
        let count = waiting.len().min(LANES);
        if count == 0 {
            return Ok(());
        }
        let projection = &source.projections[stretch];
        let mut weights = [0.0; LANES];
        for lane in 0..LANES {
            // Lanes beyond the last path repeat the first, unseen.
            let Some(&path) = waiting[..count].get(lane) else {
                let (first, rest) = collections.split_at_mut(lane);
                rest[0].clone_from(&first[0]);
                continue;
            };
            weights[lane] = source.generator.draw(path, projection.months(), &mut self.world);
            projection.collect_into(&self.world.scenario, &mut self.workspace, &mut collections[lane])?;
            if let Some(controls) = &simulation.controls {
                let width = controls.len();
                let values = &mut self.controls[lane * width..(lane + 1) * width];
                controls.evaluate(&self.world.scenario.defaults, values);
            }
        }
        let collections: &[Collections; LANES] = collections;
        let fits = self.watchers.run(simulation.program, &collections.each_ref());
        let replicates = source.generator.replicates() as u64;
        for (lane, &path) in waiting[..count].iter().enumerate() {
            let (settled, loss, outcomes) = match fits {
                true => self.watchers.path(lane),
                false => self.watchers.alone(simulation.program, &collections[lane])?,
            };
            match next.first_mut() {
                Some(next) if !settled => next.waiting.push(path),
                _ => {
                    let replicate = (path % replicates) as usize;
                    block.record(replicate, weights[lane], outcomes, loss);
                    let width = simulation.header.control_variates;
                    if width > 0 {
                        let values = &self.controls[lane * width..(lane + 1) * width];
                        block.record_controls(replicate, weights[lane], values, outcomes, loss);
                    }
                }
            }
        }
        waiting.drain(..count);
        Ok(())
    }
}
