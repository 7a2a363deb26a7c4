//! From sums over paths to figures with standard errors.

use super::block::{Block, NoteSums, Sums};
use super::control_sums::Figure;
use super::distribution::DistributionPoint;
use super::moments::Moments;
use super::regression::Regression;
use crate::credit::Rating;
use crate::error::Error;
use crate::valuation::rating::{implied_by_expected_loss, implied_by_historical_default};
use libm::sqrt;

/// A Monte Carlo figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error: the true figure lies within 1.96 of them with a probability of about 95%. Not a
    /// number with fewer than two independent paths (or replicates).
    pub std_error: f64,
}

impl Estimate {
    /// Nothing, where there is nothing to estimate from.
    const NONE: Estimate = Estimate { value: 0.0, std_error: f64::NAN };
}

/// What paths say about one note. Losses are shares of the original balance.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteEstimates {
    /// Present value at closing per 100 of original balance, accrued interest included; of a note undrawn at the start
    /// per 100 of its commitment, what is drawn deducted, which is no price.
    pub price: Estimate,
    /// Expected principal never paid.
    pub expected_loss: Estimate,
    /// Probability that any principal is never paid.
    pub default_probability: Estimate,
    /// Probability that interest is late or never paid.
    pub interest_shortfall_probability: Estimate,
    /// Expected loss, given one; `None` if no path has one.
    pub loss_given_loss: Option<Estimate>,
    /// Probability that a balance is left after the anticipated repayment date; `None` if the note has none.
    pub ard_missed_probability: Option<Estimate>,
    /// Weighted average life of principal in years, of paths that pay any; `None` if no path does.
    pub wal_years: Option<Estimate>,
    /// Losses that are exceeded with a probability of at most 5, 1 and 0.1%.
    pub value_at_risk: [Quantile; 3],
    /// 5, 50 and 95% quantiles of the average life.
    pub wal_quantiles: [Option<Estimate>; 3],
    /// Average lives with their probabilities, of paths that pay any principal, shortest first.
    pub wal_distribution: Vec<DistributionPoint>,
    /// Probability of a first loss of any kind (interest missed, a write-down, principal overdue) in each year of
    /// payment dates, the first from closing.
    pub first_loss_by_year: Vec<Estimate>,
    /// Median payment date, from 0, of the first loss, of paths that have one.
    pub first_loss_median: Option<usize>,
    /// The rating that the expected loss implies over the average life; `None` without one.
    pub implied_rating: Option<Rating>,
    /// The rating that the default probability implies over the average life; `None` without one.
    pub implied_rating_by_default: Option<Rating>,
    /// Losses with their probabilities, smallest first.
    pub loss_distribution: Vec<DistributionPoint>,
}

/// A quantile of the loss, and the mean of what lies beyond it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The level: 0.99.
    pub level: f64,
    /// Value at risk. Errors of quantiles and tails take paths as independent, which overstates those of a scrambled
    /// sequence.
    pub value_at_risk: Estimate,
    /// Expected shortfall: the mean of the worst `1 - level`.
    pub expected_shortfall: Estimate,
}

/// What paths say about every note.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationEstimates {
    /// Paths that were run.
    pub paths: u64,
    /// Expected principal never paid of all notes together, a share of their balance at the start.
    pub expected_loss: Estimate,
    /// That loss with its probabilities, smallest first.
    pub loss_distribution: Vec<DistributionPoint>,
    /// The notes, in the deal's order.
    pub notes: Vec<NoteEstimates>,
}

impl Block {
    /// The figures, with their standard errors. `None` if there is no path.
    ///
    /// Independent paths: `sqrt(variance / paths)`. Replicates of a scrambled sequence: the standard
    /// deviation of their means over the square root of their number, for paths within one are not
    /// independent.
    pub fn estimates(&self) -> Option<SimulationEstimates> {
        let all = self.pooled().filter(|all| all.paths > 0)?;
        let regression = Regression::new(&all, &self.controls, self.header.tilt != 0.0);
        let means = Means { block: self, all: &all, regression };
        let notes = (0..all.notes.len()).map(|note| self.note(&means, note)).collect();
        let expected_loss = means.of_place(Figure::PresentValue.place(all.notes.len()));
        Some(SimulationEstimates {
            paths: all.paths,
            expected_loss,
            loss_distribution: self.losses.points(),
            notes,
        })
    }

    fn note(&self, means: &Means<'_>, note: usize) -> NoteEstimates {
        let (all, mean) = (means.all, |figure: Figure| means.of_place(figure.place(note)));
        let price = mean(Figure::PresentValue);
        let (loss, lost) = (mean(Figure::Loss), mean(Figure::Lost));
        let wal_years = self.average_life(all, note);
        let horizon = wal_years.map(|life| life.value);
        let implied = |table: fn(f64, f64) -> Result<Rating, Error>, figure: &Estimate| {
            table(figure.value.clamp(0.0, 1.0), horizon?).ok()
        };
        let spread = &self.distributions[note];
        let in_year = |sums: &Moments| {
            let std_error = sqrt(sums.variance(all.paths) / all.paths as f64);
            Estimate { value: sums.mean(all.paths), std_error }
        };
        let quantile = |level| Quantile {
            level,
            value_at_risk: spread.loss.quantile_estimate(level).unwrap_or(Estimate::NONE),
            expected_shortfall: spread.loss.tail_mean_estimate(level).unwrap_or(Estimate::NONE),
        };
        NoteEstimates {
            price: Estimate { value: 100.0 * price.value, std_error: 100.0 * price.std_error },
            expected_loss: loss,
            default_probability: lost,
            interest_shortfall_probability: mean(Figure::InterestMissed),
            loss_given_loss: self.loss_given_loss(all, note),
            ard_missed_probability: self.header.notes[note].has_ard.then(|| mean(Figure::ArdMissed)),
            wal_years,
            value_at_risk: [0.95, 0.99, 0.999].map(quantile),
            wal_quantiles: [0.05, 0.5, 0.95].map(|level| spread.life.quantile_estimate(level)),
            wal_distribution: spread.life.points(),
            first_loss_by_year: spread
                .first_loss_by_year(self.header.payments_a_year)
                .iter()
                .map(in_year)
                .collect(),
            first_loss_median: spread.first_loss_median(),
            implied_rating: implied(implied_by_expected_loss, &loss),
            implied_rating_by_default: implied(implied_by_historical_default, &lost),
            loss_distribution: spread.loss.points(),
        }
    }
}

/// Means over the paths of a block, corrected by control variates if there are any.
struct Means<'b> {
    block: &'b Block,
    all: &'b Sums,
    regression: Option<Regression>,
}

impl Means<'_> {
    fn of_place(&self, place: usize) -> Estimate {
        match &self.regression {
            Some(regression) => regression.corrected(self.block, self.all, place, moments),
            None => self.plain(place),
        }
    }

    fn plain(&self, place: usize) -> Estimate {
        let (all, figure) = (self.all, |sums| moments(sums, place));
        let moments = figure(all);
        let value = moments.mean(all.paths);
        if self.block.replicates.len() == 1 {
            let std_error = sqrt(moments.variance(all.paths) / all.paths as f64);
            return Estimate { value, std_error: if all.paths > 1 { std_error } else { f64::NAN } };
        }
        let means: Vec<f64> = self
            .block
            .replicates
            .iter()
            .filter(|sums| sums.paths > 0)
            .map(|sums| figure(sums).mean(sums.paths))
            .collect();
        Estimate { value, std_error: error_of_mean(&means) }
    }
}

/// The sums of a figure by its place; after the notes' comes the loss of all together.
fn moments(sums: &Sums, place: usize) -> &Moments {
    let Some((note, figure)) = Figure::at(place, sums.notes.len()) else { return &sums.loss };
    let NoteSums { present_value, loss, lost, interest_missed, ard_missed, .. } = &sums.notes[note];
    match figure {
        Figure::PresentValue => present_value,
        Figure::Loss => loss,
        Figure::Lost => lost,
        Figure::InterestMissed => interest_missed,
        Figure::ArdMissed => ard_missed,
    }
}

/// The standard error of the mean of independent, equally good figures.
pub(super) fn error_of_mean(figures: &[f64]) -> f64 {
    let n = figures.len() as f64;
    let mean = figures.iter().sum::<f64>() / n;
    let squares: f64 = figures.iter().map(|x| (x - mean) * (x - mean)).sum();
    sqrt(squares / (n - 1.0) / n)
}

impl Block {
    /// `E[loss] / P(loss)`.
    fn loss_given_loss(&self, all: &Sums, note: usize) -> Option<Estimate> {
        let parts = |sums: &Sums| {
            let note = &sums.notes[note];
            [note.loss.sum(), note.lost.sum()]
        };
        let NoteSums { loss, lost, loss_lost, .. } = &all.notes[note];
        self.ratio(all, parts, [loss.second_moment(), loss_lost.value(), lost.second_moment()])
    }

    /// The mean over paths on which principal is paid.
    fn average_life(&self, all: &Sums, note: usize) -> Option<Estimate> {
        let parts = |sums: &Sums| {
            let note = &sums.notes[note];
            [note.life.sum(), note.life_paths.sum()]
        };
        let NoteSums { life, life_paths, life_weight, .. } = &all.notes[note];
        self.ratio(all, parts, [life.second_moment(), life_weight.value(), life_paths.second_moment()])
    }

    /// A ratio `r` of two sums `x` and `y` over paths, its error by the delta method, from paths
    ///
    /// ```text
    /// error^2 = (sum x^2 - 2 r sum x y + r^2 sum y^2) / (sum y)^2
    /// ```
    ///
    /// or from the spread of `(x - r y) / mean y` over replicates. `squares` are the three sums of products.
    fn ratio(&self, all: &Sums, parts: impl Fn(&Sums) -> [f64; 2], squares: [f64; 3]) -> Option<Estimate> {
        let [x, y] = parts(all);
        if y <= 0.0 {
            return None;
        }
        let value = x / y;
        if self.replicates.len() == 1 {
            let [xx, xy, yy] = squares;
            let left = (xx - 2.0 * value * xy + value * value * yy).max(0.0);
            let std_error = if all.paths > 1 { sqrt(left) / y } else { f64::NAN };
            return Some(Estimate { value, std_error });
        }
        let mean = y / all.paths as f64;
        let residual = |sums: &Sums| {
            let [x, y] = parts(sums);
            (x - value * y) / sums.paths as f64 / mean
        };
        let residuals: Vec<f64> =
            self.replicates.iter().filter(|sums| sums.paths > 0).map(residual).collect();
        Some(Estimate { value, std_error: error_of_mean(&residuals) })
    }
}
