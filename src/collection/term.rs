//! Terms of a lease along one path: the term of the tape, renewals, new leases.

use crate::asset::{RenewalRent, RentStep};
use crate::money::Money;
use crate::pool::{Escalator, LeaseTerms};

/// A model amount as cash: rounded half-even to the minor unit, never negative.
#[inline]
pub(super) fn cents(amount: f64) -> i64 {
    if amount < Money::LIMIT.minor() as f64 { small_cents(amount) } else { amount.max(0.0) as i64 }
}

/// [`cents`] of an amount within [`Money::LIMIT`]. Added to 1.5 x 2^52 an amount below 2^51 is a whole number, rounded by
/// the addition itself, and stands in the low bits.
#[inline]
pub(super) fn small_cents(amount: f64) -> i64 {
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    (amount.max(0.0) + WHOLE).to_bits() as i64 - WHOLE.to_bits() as i64
}

/// `amount x share`, half-even.
#[inline]
pub(super) fn part(amount: i64, share: f64) -> i64 {
    (amount as f64 * share).round_ties_even() as i64
}

/// `amount x numerator / denominator`, half-even; the denominator is the days of a month.
pub(super) fn days_of(amount: i64, (numerator, denominator): (u32, u32)) -> i64 {
    let product = i128::from(amount) * i128::from(numerator);
    crate::ratio::divide_rounded(product, i128::from(denominator.max(1)), crate::Rounding::HalfEven)
        .unwrap_or(0)
}

/// A stretch of months at one contract.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub from: u32,
    /// The month after the last.
    pub end: u32,
    pub rent: Rent,
}

/// Where the rent of a term comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rent {
    /// The term in force on the tape.
    Tape,
    /// A renewal whose rent the tape fixes: which one, from 0.
    Option(usize),
    /// A rent that met the market or follows the CPI.
    Model(Model),
}

/// A rent from a model: minor units a month at the start, its escalator, and the month of its first
/// step, from which steps follow every twelve months.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model {
    pub monthly: f64,
    pub escalator: Escalator,
    pub first_step: u32,
}

/// A renewal on offer.
pub(super) struct RenewalTerm {
    pub term: Term,
    /// Its rent at the start, in minor units a month.
    pub rent: f64,
    /// Whether the market set it.
    pub at_market: bool,
}

/// Rents of one lease along one path.
pub(super) struct Rents<'a> {
    pub terms: &'a LeaseTerms,
    /// Consumer prices from twelve months before month 0.
    pub cpi: &'a [f64],
}

impl Rents<'_> {
    /// The multiple by which rent steps in a month.
    fn growth(&self, escalator: Escalator, month: u32) -> f64 {
        match escalator {
            Escalator::Fixed(rate) => 1.0 + rate,
            Escalator::Cpi { floor, cap } => {
                // Past the end of the path prices go on as in its last year.
                let now = (month as usize + 12).min(self.cpi.len().saturating_sub(1));
                let rise = match (self.cpi.get(now), self.cpi.get(now.saturating_sub(12))) {
                    (Some(&now), Some(&before)) if before > 0.0 => now / before - 1.0,
                    _ => 0.0,
                };
                // Not `clamp`, which panics on a floor above the cap.
                1.0 + rise.max(floor).min(cap)
            }
        }
    }

    /// The cumulative CPI step after so many anniversaries; 1 for other escalators, whose steps hold it.
    fn cpi_factor(&self, year: u32) -> f64 {
        match self.terms.escalator {
            Escalator::Fixed(_) => 1.0,
            cpi => (0..year).map(|n| self.growth(cpi, self.terms.rent.first_anniversary + 12 * n)).product(),
        }
    }

    pub fn is_cpi(&self) -> bool {
        matches!(self.terms.escalator, Escalator::Cpi { .. })
    }

    /// Cash rent of a term between two months, as (from, to, a month's rent).
    pub fn cash(&self, term: &Term, from: u32, to: u32, each: &mut impl FnMut(u32, u32, i64)) {
        match term.rent {
            Rent::Tape => self.tape(&self.terms.rent.cash, from, to, each),
            _ => self.roll(term, from, to, each),
        }
    }

    /// Rent in force in a term between two months, whatever is free or ramped.
    pub fn roll(&self, term: &Term, from: u32, to: u32, each: &mut impl FnMut(u32, u32, i64)) {
        match term.rent {
            Rent::Tape => self.tape(&self.terms.rent.roll, from, to, each),
            Rent::Option(k) => {
                let steps = self.terms.rent.options.get(k).map(Vec::as_slice).unwrap_or_default();
                self.tape(steps, from, to, each);
            }
            Rent::Model(model) => {
                self.model(term, model, from, to, &mut |a, b, amount| each(a, b, cents(amount)));
            }
        }
    }

    /// Rents of a model term before rounding.
    fn model(&self, term: &Term, model: Model, from: u32, to: u32, each: &mut impl FnMut(u32, u32, f64)) {
        let Model { monthly, escalator, first_step } = model;
        let (mut amount, mut start, mut step) = (monthly, term.from, first_step.max(term.from + 1));
        let to = to.min(term.end);
        while start < to {
            let end = step.min(to);
            if end > from {
                each(start.max(from), end, amount);
            }
            amount *= self.growth(escalator, step);
            (start, step) = (end, step + 12);
        }
    }

    fn tape(&self, steps: &[RentStep], from: u32, to: u32, each: &mut impl FnMut(u32, u32, i64)) {
        let cpi = self.is_cpi();
        for step in steps.iter().filter(|step| step.to > from && step.from < to) {
            let amount =
                if cpi { cents(step.exact * self.cpi_factor(step.year)) } else { step.amount.minor() };
            each(step.from.max(from), step.to.min(to), amount);
        }
    }

    /// All cash rent of a term between two months.
    pub fn total(&self, term: &Term, from: u32, to: u32) -> i128 {
        let mut sum = 0;
        self.cash(term, from, to, &mut |a, b, amount| sum += i128::from(amount) * i128::from(b - a));
        sum
    }

    /// Rent at the start of a term, in minor units before rounding.
    pub fn starting_rent(&self, term: &Term) -> f64 {
        match term.rent {
            Rent::Model(model) => model.monthly,
            Rent::Tape | Rent::Option(_) => self.rate_in(term, term.from),
        }
    }

    /// Rent in force in a month of a term, in minor units before rounding where a model gives it.
    fn rate_in(&self, term: &Term, month: u32) -> f64 {
        let mut rate = 0.0;
        match term.rent {
            Rent::Model(model) => {
                self.model(term, model, month, month + 1, &mut |_, _, amount| rate = amount)
            }
            Rent::Tape | Rent::Option(_) => {
                let steps = match term.rent {
                    Rent::Option(k) => self.terms.rent.options.get(k).map(Vec::as_slice).unwrap_or_default(),
                    _ => &self.terms.rent.roll,
                };
                let step = steps.iter().rev().find(|step| step.from <= month).or(steps.first());
                rate = step.map_or(self.terms.rent.base, |step| step.exact * self.cpi_factor(step.year));
            }
        }
        rate
    }

    /// Rent in force in a month of the term on the tape, rounded.
    pub fn tape_rent(&self, term: &Term, month: u32) -> i64 {
        cents(self.rate_in(term, month))
    }

    /// The renewal that follows a term as option `k`, given market rent at its start.
    pub fn renewal(&self, term: &Term, k: usize, market: f64) -> RenewalTerm {
        let (from, terms) = (term.end, self.terms);
        let end = from.saturating_add(terms.option_months);
        let escalator = terms.escalator;
        let monthly = market * terms.renewal_factor;
        let rent = Rent::Model(Model { monthly, escalator, first_step: from + 12 });
        let at_market = RenewalTerm { term: Term { from, end, rent }, rent: monthly, at_market: true };
        if terms.renewal_rent == RenewalRent::Market {
            return at_market;
        }
        let on_tape = matches!(term.rent, Rent::Tape | Rent::Option(_));
        let known = terms.rent.options.get(k).and_then(|steps| steps.first()).filter(|_| on_tape);
        let same = match known {
            Some(step) => {
                let next = Term { from, end, rent: Rent::Option(k) };
                RenewalTerm { term: next, rent: step.exact, at_market: false }
            }
            None => self.running_on(term, end),
        };
        if terms.renewal_rent == RenewalRent::Lesser && at_market.rent < same.rent { at_market } else { same }
    }

    /// The escalator runs on from a term whose rent only the path knows.
    fn running_on(&self, term: &Term, end: u32) -> RenewalTerm {
        let (from, escalator) = (term.end, self.terms.escalator);
        let anniversary = match term.rent {
            Rent::Model(model) => model.first_step.max(term.from + 1),
            _ => self.terms.rent.first_anniversary,
        };
        // Anniversaries from `from` on, the first of which may be `from` itself.
        let passed = from.saturating_sub(anniversary).div_ceil(12);
        let next = anniversary + 12 * passed;
        let rate = self.rate_in(term, from.saturating_sub(1)) * self.terms.renewal_factor;
        let (monthly, first_step) =
            if next == from { (rate * self.growth(escalator, from), from + 12) } else { (rate, next) };
        let rent = Rent::Model(Model { monthly, escalator, first_step });
        RenewalTerm { term: Term { from, end, rent }, rent: monthly, at_market: false }
    }
}
