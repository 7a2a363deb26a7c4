//! What each note loses as the pool's collections fall short.

use crate::error::Error;
use crate::folder::Folder;
use crate::money::Money;
use crate::study::stress::{cut_by, shortfall};
use crate::waterfall::Run;

/// Cuts, in basis points apart.
const STEP_BP: i64 = 100;

/// The loss of every note by how much of all collections is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct LossCurve {
    /// The scenario whose collections are cut, its refinancing left out.
    pub scenario: String,
    /// From no cut to all of it.
    pub points: Vec<CutPoint>,
}

/// One cut.
#[derive(Clone, Debug, PartialEq)]
pub struct CutPoint {
    /// The share of every source of cash, on every date after the last report, that is lost.
    pub cut: f64,
    /// Principal that each note is never paid, as a share of its balance at the start, later draws and
    /// capitalized interest; nothing of one that has none.
    pub losses: Vec<f64>,
    /// Principal that all notes are never paid, as a share of the same.
    pub loss: f64,
}

impl LossCurve {
    /// Whether some note loses less at a deeper cut, as one does when the cut trips a trigger that turns cash to
    /// it.
    pub fn falls(&self) -> bool {
        let less =
            |pair: &[CutPoint]| pair[0].losses.iter().zip(&pair[1].losses).any(|(now, next)| next < now);
        self.points.windows(2).any(less)
    }
}

/// Runs the waterfall on a scenario's collections less 0%, 1%, 2%, ... 100%.
///
/// The notes live on what the pool pays: a refinancing that the scenario grants is left out. `None` if
/// everything is reported and nothing projected.
///
/// # Errors
/// As [`Folder::run`].
pub fn loss_curve(folder: &Folder, scenario: &str) -> Result<Option<LossCurve>, Error> {
    if folder.months() == 0 {
        return Ok(None);
    }
    let mut collections = folder.collections(scenario)?;
    collections.set_refinancing(None);
    let reported = folder.reports().map_or(0, |reports| reports.collections().periods());
    let program = folder.program_in(scenario)?;
    let notes = program.notes().len();
    let balances: Vec<Money> = (0..notes).map(|note| program.opening_balance(note)).collect();
    let mut run = Run::for_program(&program);
    let mut points = Vec::new();
    for cut in (0..=10_000 / STEP_BP).map(|step| step * STEP_BP) {
        program.run_into(&cut_by(&collections, reported, cut)?, &mut run)?;
        let lost: Vec<f64> = (0..notes).map(|note| shortfall(&run, note).principal.minor() as f64).collect();
        let size = |note: usize| {
            // Law 2: what can be lost is original + draws + capitalized interest.
            let added: Money = run.note(note).map(|row| row.drawn + row.interest_capitalized).sum();
            (balances[note] + added).minor() as f64
        };
        let sizes: Vec<f64> = (0..notes).map(size).collect();
        points.push(CutPoint {
            cut: cut as f64 / 1e4,
            losses: lost.iter().zip(&sizes).map(|(lost, size)| lost / size.max(1.0)).collect(),
            loss: lost.iter().sum::<f64>() / sizes.iter().sum::<f64>().max(1.0),
        });
    }
    Ok(Some(LossCurve { scenario: scenario.to_owned(), points }))
}
