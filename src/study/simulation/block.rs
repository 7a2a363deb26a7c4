//! What a range of paths left behind: sums that merge, in any order, into exactly those of the whole.

use super::control_sums::{ControlSums, Known};
use super::discounting::SpreadSource;
use super::distribution::Distribution;
use super::moments::{Moments, Squares};
use super::path::NoteOutcome;
use crate::credit::Measure;
use crate::error::{Error, Problem};
use serde::{Deserialize, Serialize};

/// Bins of the distribution of losses over (0, 1].
const LOSS_BINS: usize = 1_000;
/// Width of a bin of losses: a thousandth of the original balance.
pub(super) const LOSS_WIDTH: f64 = 1e-3;
/// Bins of the distribution of average lives.
const LIFE_BINS: usize = 480;
/// Width of a bin of average lives: a month.
pub(super) const LIFE_WIDTH: f64 = 1.0 / 12.0;

/// Whose paths a block holds: what a reader of the figures must know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The deal's name.
    pub deal: String,
    /// The scripted scenario around which paths vary.
    pub scenario: String,
    /// Which default probabilities these are.
    pub measure: Measure,
    /// Everything random follows from it.
    pub seed: u64,
    /// Replicates of a scrambled sequence; 1 if paths are independent.
    pub replicates: usize,
    /// Importance sampling: the first factor was moved by so many standard deviations.
    pub tilt: f64,
    /// Control variates by which figures are corrected; 0 without.
    pub control_variates: usize,
    /// Payment dates in a year.
    pub payments_a_year: usize,
    /// The notes, in the deal's order.
    pub notes: Vec<NoteHeader>,
}

/// A note of a [`Header`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoteHeader {
    /// The class.
    pub id: String,
    /// The rating at issue.
    pub rating: Option<String>,
    /// Share of all notes' balance at the start that is lost before this one loses, by rank.
    pub attachment: f64,
    /// Share of it that is lost when this one has lost everything.
    pub detachment: f64,
    /// Spread over the curve at which paths are discounted, in basis points.
    pub discount_spread_bp: f64,
    /// Whether nothing is outstanding where the paths start: then there is no balance to price.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undrawn: bool,
    /// Whether it has an anticipated repayment date that can be missed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_ard: bool,
    /// Where that spread comes from.
    pub discount_spread_source: SpreadSource,
}

/// Mergeable sums over a set of paths of one simulation.
///
/// A pure function of the simulation and the paths: the same bytes whatever the threads, the batches and
/// the order in which parts were merged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The format of the file.
    pub(super) version: u32,
    /// What the deal, its pool, scenario, risk model and options add up to; blocks of other ones do not merge.
    pub(super) fingerprint: String,
    pub(super) header: Header,
    /// The paths, as ranges from the first to before the last, in order, none touching the next.
    pub(super) paths: Vec<(u64, u64)>,
    /// What is known exactly of the control variates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) controls: Vec<Known>,
    /// By replicate; one if paths are independent.
    pub(super) replicates: Vec<Sums>,
    /// By note.
    pub(super) distributions: Vec<Distributions>,
    /// Principal never paid of all notes together, over their balance at the start.
    pub(super) losses: Distribution,
}

/// Sums over the paths of one replicate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub paths: u64,
    /// Likelihood ratios.
    pub weight: Moments,
    /// Principal lost of all notes together over their balance at the start, times the path's weight.
    pub loss: Moments,
    /// By note.
    pub notes: Vec<NoteSums>,
    /// With control variates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controls: Option<ControlSums>,
}

/// Sums of one note, each figure times the path's weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct NoteSums {
    /// Present value over original balance: what it is above par times the weight, and par.
    pub present_value: Moments,
    /// Principal lost over original balance.
    pub loss: Moments,
    /// Whether any principal is lost.
    pub lost: Moments,
    /// Whether any interest is late or lost.
    pub interest_missed: Moments,
    /// Whether a balance is left after the anticipated repayment date.
    pub ard_missed: Moments,
    /// Weighted average life, of paths on which principal is paid.
    pub life: Moments,
    pub life_paths: Moments,
    /// Loss times its incidence, and life times weight: for the errors of ratios.
    pub loss_lost: Squares,
    pub life_weight: Squares,
}

/// How one note's figures are spread over all paths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Distributions {
    pub loss: Distribution,
    pub life: Distribution,
    /// Probability weight of the first loss by payment date, counted from 0.
    pub first_loss: Vec<Moments>,
}

impl Block {
    pub(super) const VERSION: u32 = 3;

    /// No paths yet.
    pub(super) fn new(fingerprint: &str, header: &Header, periods: usize, controls: &[Known]) -> Block {
        let notes = header.notes.len();
        let (weight, loss) = (Moments::default(), Moments::default());
        let control_sums = (!controls.is_empty()).then(|| ControlSums::new(controls.len(), notes));
        let notes_sums = vec![NoteSums::default(); notes];
        let sums = Sums { paths: 0, weight, loss, notes: notes_sums, controls: control_sums };
        let distributions = Distributions {
            loss: Distribution::new(LOSS_BINS),
            life: Distribution::new(LIFE_BINS),
            first_loss: vec![Moments::default(); periods],
        };
        Block {
            version: Block::VERSION,
            fingerprint: fingerprint.to_owned(),
            header: header.clone(),
            paths: Vec::new(),
            controls: controls.to_vec(),
            replicates: vec![sums; header.replicates],
            distributions: vec![distributions; notes],
            losses: Distribution::new(LOSS_BINS),
        }
    }

    /// The block as JSON: equal blocks give equal bytes.
    pub fn json(&self) -> String {
        // Strings, numbers and lists of them, which JSON always holds.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// A block from the JSON of [`Block::json`].
    ///
    /// # Errors
    /// [`Error::Input`] if the text is no block of this version; `name` is what the problem calls the file.
    pub fn from_json(name: &str, text: &str) -> Result<Block, Error> {
        let problem = |found: String, line: usize| {
            let (file, expected) = (name.to_owned(), "a block that `leasefall simulate` wrote".to_owned());
            Error::Input(vec![Problem { file, line, field: String::new(), found, expected }].into())
        };
        let block: Block =
            serde_json::from_str(text).map_err(|error| problem(error.to_string(), error.line()))?;
        let notes = block.header.notes.len();
        let whole = block.version == Block::VERSION
            && block.distributions.len() == notes
            && block.replicates.len() == block.header.replicates
            && block.replicates.iter().all(|sums| sums.notes.len() == notes)
            && block.controls.len() == block.header.control_variates
            && block.replicates.iter().all(|sums| match &sums.controls {
                Some(controls) => controls.is_of(block.controls.len(), notes),
                None => block.controls.is_empty(),
            })
            && block.replicates.iter().map(|sums| sums.paths).sum::<u64>() == block.path_count()
            && joined(block.paths.clone()).is_ok_and(|joined| joined == block.paths);
        if whole { Ok(block) } else { Err(problem(format!("version {}, not whole", block.version), 0)) }
    }

    /// Whose paths these are.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The paths, as ranges from the first to before the last.
    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.paths
    }

    /// The number of paths.
    pub fn path_count(&self) -> u64 {
        self.paths.iter().map(|&(from, to)| to.saturating_sub(from)).sum()
    }

    /// Says which paths are about to be added.
    pub(super) fn claim(&mut self, paths: &std::ops::Range<u64>) {
        if paths.start < paths.end {
            self.paths.push((paths.start, paths.end));
        }
    }

    /// Adds one path: what it meant for each note, and the loss of all together.
    pub(super) fn record(&mut self, replicate: usize, weight: f64, notes: &[NoteOutcome], loss: f64) {
        let sums = &mut self.replicates[replicate];
        sums.paths += 1;
        sums.weight.add(weight);
        sums.loss.add(weight * loss);
        self.losses.add(loss, weight, LOSS_WIDTH);
        for ((sums, distributions), note) in sums.notes.iter_mut().zip(&mut self.distributions).zip(notes) {
            sums.add(weight, note);
            distributions.add(weight, note);
        }
    }

    /// Adds the control variates of a path that was recorded.
    pub(super) fn record_controls(
        &mut self,
        replicate: usize,
        weight: f64,
        values: &[f64],
        notes: &[NoteOutcome],
        loss: f64,
    ) {
        if let Some(sums) = &mut self.replicates[replicate].controls {
            sums.add(weight, values, notes, loss);
        }
    }

    /// Adds the paths of another block of the same simulation.
    ///
    /// # Errors
    /// [`Error::Argument`] if the other is of another simulation, or holds a path that this one holds.
    pub fn merge(&mut self, other: &Block) -> Result<(), Error> {
        self.same_simulation(other)?;
        let mut paths = self.paths.clone();
        paths.extend_from_slice(&other.paths);
        self.paths = joined(paths)?;
        for (sums, other) in self.replicates.iter_mut().zip(&other.replicates) {
            sums.merge(other);
        }
        for (sums, other) in self.distributions.iter_mut().zip(&other.distributions) {
            sums.merge(other);
        }
        self.losses.merge(&other.losses);
        Ok(())
    }

    fn same_simulation(&self, other: &Block) -> Result<(), Error> {
        let alike = self.version == other.version
            && self.fingerprint == other.fingerprint
            && self.header == other.header
            && self.controls == other.controls
            && self.replicates.len() == other.replicates.len()
            && self.distributions.len() == other.distributions.len();
        if alike {
            return Ok(());
        }
        let argument = "the block that begins with path";
        let expected = "one of the same deal, scenario, risk model, seed and options";
        Err(Error::Argument { argument, found: other.paths.first().map_or(0.0, |r| r.0 as f64), expected })
    }

    /// All replicates as one.
    pub(super) fn pooled(&self) -> Option<Sums> {
        let (first, rest) = self.replicates.split_first()?;
        let mut all = first.clone();
        rest.iter().for_each(|sums| all.merge(sums));
        Some(all)
    }
}

/// Ranges in order, those that touch made one.
fn joined(mut paths: Vec<(u64, u64)>) -> Result<Vec<(u64, u64)>, Error> {
    paths.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::with_capacity(paths.len());
    for (from, to) in paths {
        match joined.last_mut() {
            Some(last) if from < last.1 => {
                let expected = "a path that no other block holds";
                return Err(Error::Argument { argument: "path", found: from as f64, expected });
            }
            Some(last) if from == last.1 => last.1 = to,
            _ => joined.push((from, to)),
        }
    }
    Ok(joined)
}

impl Sums {
    fn merge(&mut self, other: &Sums) {
        self.paths += other.paths;
        self.weight.merge(&other.weight);
        self.loss.merge(&other.loss);
        for (sums, other) in self.notes.iter_mut().zip(&other.notes) {
            sums.merge(other);
        }
        if let (Some(sums), Some(other)) = (&mut self.controls, &other.controls) {
            sums.merge(other);
        }
    }
}

impl NoteSums {
    #[inline]
    fn add(&mut self, weight: f64, note: &NoteOutcome) {
        // Weights average one: what is common to all paths need not carry their noise.
        self.present_value.add(1.0 + weight * (note.present_value - 1.0));
        if note.loss > 0.0 {
            self.loss.add(weight * note.loss);
            self.lost.add(weight);
            self.loss_lost.add(weight * note.loss, weight);
        }
        if note.interest_missed {
            self.interest_missed.add(weight);
        }
        if note.ard_missed {
            self.ard_missed.add(weight);
        }
        if let Some(life) = note.life {
            self.life.add(weight * life);
            self.life_paths.add(weight);
            self.life_weight.add(weight * life, weight);
        }
    }

    fn merge(&mut self, other: &NoteSums) {
        self.present_value.merge(&other.present_value);
        self.loss.merge(&other.loss);
        self.lost.merge(&other.lost);
        self.interest_missed.merge(&other.interest_missed);
        self.ard_missed.merge(&other.ard_missed);
        self.life.merge(&other.life);
        self.life_paths.merge(&other.life_paths);
        self.loss_lost.merge(&other.loss_lost);
        self.life_weight.merge(&other.life_weight);
    }
}

impl Distributions {
    #[inline]
    fn add(&mut self, weight: f64, note: &NoteOutcome) {
        self.loss.add(note.loss, weight, LOSS_WIDTH);
        if let Some(life) = note.life {
            self.life.add(life, weight, LIFE_WIDTH);
        }
        if let Some(sum) = note.first_loss.and_then(|period| self.first_loss.get_mut(period)) {
            sum.add(weight);
        }
    }

    fn merge(&mut self, other: &Distributions) {
        self.loss.merge(&other.loss);
        self.life.merge(&other.life);
        for (sum, other) in self.first_loss.iter_mut().zip(&other.first_loss) {
            sum.merge(other);
        }
    }
}

impl Distributions {
    /// Sums of the first losses by year of so many payment dates.
    pub(super) fn first_loss_by_year(&self, payments_a_year: usize) -> Vec<Moments> {
        let year = |sums: &[Moments]| {
            // A path has one first loss: squares of a year are those of its dates.
            let mut all = Moments::default();
            sums.iter().for_each(|sum| all.merge(sum));
            all
        };
        self.first_loss.chunks(payments_a_year.max(1)).map(year).collect()
    }

    /// The payment date by which half of the paths that have a first loss have had it.
    pub(super) fn first_loss_median(&self) -> Option<usize> {
        let total: f64 = self.first_loss.iter().map(Moments::sum).sum();
        let mut passed = 0.0;
        self.first_loss.iter().position(|sum| {
            passed += sum.sum();
            total > 0.0 && passed >= 0.5 * total
        })
    }
}
