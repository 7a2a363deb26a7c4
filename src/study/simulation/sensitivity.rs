//! How much each figure moves when one thing in the model does, on the same random numbers.

use super::{Block, Estimate, Simulation};
use crate::error::Error;
use crate::folder::Folder;
use crate::scenario::{Draws, Shift};
use std::ops::Range;

/// Stretches of paths whose differences are compared to find their error.
const BATCHES: u64 = 32;

/// What is moved.
pub const SHIFTS: [(&str, Shift); 4] = [
    ("default intensities x 1.1", Shift::Hazard(1.1)),
    ("asset correlation + 0.01", Shift::Correlation(0.01)),
    ("recovery rates - 0.10", Shift::Recovery(-0.10)),
    ("rent volatility x 1.1", Shift::RentVolatility(1.1)),
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

/// Runs the same paths on the model as it is and on each moved one.
///
/// The draws are common, so that a difference has a far smaller error than either figure. Its error comes
/// from the spread of the differences over 32 stretches of paths; with fewer than 32 paths there is none.
///
/// # Errors
/// As [`Folder::simulation`] and [`Simulation::block`].
pub fn sensitivities(
    folder: &Folder,
    scenario: &str,
    draws: Draws,
    paths: Range<u64>,
) -> Result<Vec<Sensitivity>, Error> {
    let base = batches(&folder.simulation(scenario, draws)?, &paths)?;
    let moved = |&(name, shift): &(&'static str, Shift)| {
        let simulation = folder.simulation(scenario, Draws { shift, ..draws })?;
        let after = batches(&simulation, &paths)?;
        let notes = (0..folder.deal().notes.len()).map(|note| difference(&base, &after, note)).collect();
        Ok(Sensitivity { name, notes })
    };
    SHIFTS.iter().map(moved).collect()
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
