//! How much each figure moves when one thing in the model does, on the same random numbers.

use super::{Block, DiscountSpreads, Estimate, Simulation};
use crate::error::Error;
use crate::folder::Folder;
use crate::scenario::{Draws, Shift};
use std::ops::Range;

/// Stretches of paths whose differences are compared to find their error.
const BATCHES: u64 = 32;

/// What is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Something in the model of risk or in the scenario.
    Model(Shift),
    /// Every note's discount spread, by so many basis points.
    SpreadBp(f64),
}

impl Move {
    /// Whether there is anything in the folder that it moves.
    fn applies_to(self, folder: &Folder) -> bool {
        !matches!(self, Move::Model(Shift::Cadence(_))) || folder.has_chips()
    }
}

/// The moves of [`sensitivities`], by name.
pub const SHIFTS: [(&str, Move); 6] = [
    ("default intensities x 1.1", Move::Model(Shift::Hazard(1.1))),
    ("asset correlation + 0.01", Move::Model(Shift::Correlation(0.01))),
    ("recovery rates - 0.10", Move::Model(Shift::Recovery(-0.10))),
    ("rent volatility x 1.1", Move::Model(Shift::RentVolatility(1.1))),
    ("chip generations x 1.1 as fast", Move::Model(Shift::Cadence(1.1))),
    ("discount spread + 1 bp", Move::SpreadBp(1.0)),
];

/// What one move does to each note.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// What is moved.
    pub name: &'static str,
    /// The notes, in the deal's order.
    pub notes: Vec<NoteSensitivity>,
}

/// What one move does to one note: the figure after less the figure before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteSensitivity {
    /// Present value per 100 of original balance.
    pub price: Estimate,
    /// Expected principal never paid, a share of the original balance.
    pub expected_loss: Estimate,
    /// Probability that any principal is never paid.
    pub default_probability: Estimate,
}

/// Runs the same paths on the model as it is and on each moved one. Chips are moved only where there are any.
///
/// The draws are common, so that a difference has a far smaller error than either figure. Its error comes
/// from the spread of the differences over 32 stretches of paths; with fewer than 32 paths there is none.
///
/// # Errors
/// As [`Folder::simulation_at`] and [`Simulation::block`].
pub fn sensitivities(
    folder: &Folder,
    scenario: &str,
    draws: Draws,
    spreads: &DiscountSpreads,
    paths: Range<u64>,
) -> Result<Vec<Sensitivity>, Error> {
    let base = batches(&folder.simulation_at(scenario, draws, spreads)?, &paths)?;
    let moved = |&(name, by): &(&'static str, Move)| {
        let simulation = match by {
            Move::Model(shift) => folder.simulation_at(scenario, Draws { shift, ..draws }, spreads)?,
            Move::SpreadBp(shift_bp) => folder.simulation_at(scenario, draws, &spreads.moved(shift_bp))?,
        };
        let after = batches(&simulation, &paths)?;
        let notes = (0..folder.deal().notes.len()).map(|note| difference(&base, &after, note)).collect();
        Ok(Sensitivity { name, notes })
    };
    SHIFTS.iter().filter(|(_, by)| by.applies_to(folder)).map(moved).collect()
}

fn batches(simulation: &Simulation<'_>, paths: &Range<u64>) -> Result<Vec<Block>, Error> {
    let width = (paths.end.saturating_sub(paths.start) / BATCHES).max(1);
    let mut blocks = Vec::new();
    let mut from = paths.start;
    while from < paths.end {
        // The last one takes what is left over.
        let left = paths.end - from;
        let to = if left < 2 * width { paths.end } else { from + width };
        blocks.push(simulation.run(from..to, |_| true)?);
        from = to;
    }
    Ok(blocks)
}

fn difference(before: &[Block], after: &[Block], note: usize) -> NoteSensitivity {
    let figures = |block: &Block| {
        let paths = block.path_count() as f64;
        let found = block.estimates().map(|estimates| {
            let note = &estimates.notes[note];
            [note.price.value, note.expected_loss.value, note.default_probability.value]
        });
        (paths, found.unwrap_or_default())
    };
    let pairs: Vec<(f64, [f64; 3])> = before
        .iter()
        .zip(after)
        .map(|(before, after)| {
            let ((paths, before), (_, after)) = (figures(before), figures(after));
            (paths, std::array::from_fn(|i| after[i] - before[i]))
        })
        .collect();
    let estimate = |figure: usize| {
        let paths: f64 = pairs.iter().map(|(paths, _)| paths).sum();
        let value = pairs.iter().map(|(paths, moves)| paths * moves[figure]).sum::<f64>() / paths;
        // Weighted by paths: Var(mean) = sum w^2 (x - mean)^2 x n / (n - 1), w = paths / all.
        let n = pairs.len() as f64;
        let squares: f64 =
            pairs.iter().map(|(own, moves)| (own / paths * (moves[figure] - value)).powi(2)).sum();
        Estimate { value, std_error: libm::sqrt(squares * n / (n - 1.0)) }
    };
    NoteSensitivity { price: estimate(0), expected_loss: estimate(1), default_probability: estimate(2) }
}
