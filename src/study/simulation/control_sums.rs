//! Sums of control variates over paths, and of their products with the figures.

use super::moments::{Moments, Squares};
use super::path::NoteOutcome;
use serde::{Deserialize, Serialize};

/// Which of a note's figures is corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    PresentValue,
    Loss,
    Lost,
    InterestMissed,
    ArdMissed,
}

impl Figure {
    const ALL: [Figure; Figure::COUNT] =
        [Figure::PresentValue, Figure::Loss, Figure::Lost, Figure::InterestMissed, Figure::ArdMissed];
    const COUNT: usize = 5;

    /// Its place among the figures of all notes; that of the loss of all notes together comes after the last note.
    pub const fn place(self, note: usize) -> usize {
        Figure::COUNT * note + self as usize
    }

    /// The note and the figure at a place; `None` beyond the last note.
    pub fn at(place: usize, notes: usize) -> Option<(usize, Figure)> {
        let note = place / Figure::COUNT;
        (note < notes).then(|| (note, Figure::ALL[place % Figure::COUNT]))
    }
}

/// What is known exactly of a control variate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Its mean.
    pub mean: f64,
    /// The probability that it is not zero.
    pub chance: f64,
}

/// Sums over the paths of one replicate; each control is taken times the path's weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ControlSums {
    /// Paths on which the control is not zero.
    pub hits: Vec<u64>,
    pub values: Vec<Moments>,
    /// Products of control `j` with each before it, row by row: a triangle.
    products: Vec<Squares>,
    /// Products with the figures, by [`Figure::place`], each with all controls.
    with: Vec<Squares>,
}

impl ControlSums {
    pub fn new(controls: usize, notes: usize) -> ControlSums {
        ControlSums {
            hits: vec![0; controls],
            values: vec![Moments::default(); controls],
            products: vec![Squares::default(); triangle(controls)],
            with: vec![Squares::default(); controls * (Figure::COUNT * notes + 1)],
        }
    }

    /// Whether there is a sum for each of so many controls and notes.
    pub fn is_of(&self, controls: usize, notes: usize) -> bool {
        self.hits.len() == controls
            && self.values.len() == controls
            && self.products.len() == triangle(controls)
            && self.with.len() == controls * (Figure::COUNT * notes + 1)
    }

    /// Adds one path. What is zero on it, as most slices are, costs a comparison.
    pub fn add(&mut self, weight: f64, values: &[f64], notes: &[NoteOutcome], loss: f64) {
        for (j, &value) in values.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            self.hits[j] += 1;
            self.values[j].add(weight * value);
            let row = &mut self.products[triangle(j)..triangle(j + 1)];
            for (sum, &other) in row.iter_mut().zip(values).filter(|(_, other)| **other != 0.0) {
                sum.add(weight * value, weight * other);
            }
        }
        for (note, outcome) in notes.iter().enumerate() {
            let mark = |is: bool| if is { weight } else { 0.0 };
            for (figure, value) in [
                (Figure::PresentValue, 1.0 + weight * (outcome.present_value - 1.0)),
                (Figure::Loss, weight * outcome.loss),
                (Figure::Lost, mark(outcome.loss > 0.0)),
                (Figure::InterestMissed, mark(outcome.interest_missed)),
                (Figure::ArdMissed, mark(outcome.ard_missed)),
            ] {
                self.product(figure.place(note), value, weight, values);
            }
        }
        self.product(Figure::COUNT * notes.len(), weight * loss, weight, values);
    }

    fn product(&mut self, place: usize, figure: f64, weight: f64, values: &[f64]) {
        if figure == 0.0 {
            return;
        }
        let row = &mut self.with[place * values.len()..(place + 1) * values.len()];
        for (sum, &value) in row.iter_mut().zip(values).filter(|(_, value)| **value != 0.0) {
            sum.add(figure, weight * value);
        }
    }

    /// Adds another block's sums.
    pub fn merge(&mut self, other: &ControlSums) {
        self.hits.iter_mut().zip(&other.hits).for_each(|(sum, more)| *sum += more);
        self.values.iter_mut().zip(&other.values).for_each(|(sum, more)| sum.merge(more));
        self.products.iter_mut().zip(&other.products).for_each(|(sum, more)| sum.merge(more));
        self.with.iter_mut().zip(&other.with).for_each(|(sum, more)| sum.merge(more));
    }

    /// The sum of products of two controls.
    pub fn product_of(&self, one: usize, other: usize) -> f64 {
        match one.cmp(&other) {
            std::cmp::Ordering::Equal => self.values[one].second_moment(),
            std::cmp::Ordering::Greater => self.products[triangle(one) + other].value(),
            std::cmp::Ordering::Less => self.products[triangle(other) + one].value(),
        }
    }

    /// The sum of products of a figure, by its place, with a control.
    pub fn product_with(&self, place: usize, control: usize) -> f64 {
        self.with[place * self.hits.len() + control].value()
    }
}

/// Entries of a triangle of so many rows, the first of which is empty.
const fn triangle(rows: usize) -> usize {
    rows * rows.saturating_sub(1) / 2
}
