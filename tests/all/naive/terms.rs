//! What the terms of notes, schedules and dates come to.

use super::World;
use super::arithmetic::{Fraction, annuity_balances, decimal, rounded, whole, year_fraction};
use leasefall::deal::{Accrual, Amortization, Note};
use leasefall::time::{Date, DayCount};
use leasefall::{Rate, Rounding};
use num_traits::{One, Zero};
use rust_decimal::Decimal;

impl<'a> World<'a> {
    pub(super) fn note(&self, id: &str) -> &'a Note {
        self.deal.notes.iter().find(|note| note.id == id).expect("a note")
    }

    /// These notes, or all if none is named.
    pub(super) fn chosen(&self, ids: &[String]) -> Vec<&'a Note> {
        match ids.is_empty() {
            true => self.deal.notes.iter().collect(),
            false => ids.iter().map(|id| self.note(id)).collect(),
        }
    }

    pub(super) fn balance(&self, id: &str) -> i128 {
        self.notes[id].balance
    }

    pub(super) fn balances(&self, ids: &[String]) -> i128 {
        self.chosen(ids).iter().map(|note| self.balance(&note.id)).sum()
    }

    /// The day after which the period runs, and its payment date, both nominal.
    pub(super) fn nominal(&self) -> (Date, Date) {
        let period = self.schedule.periods()[self.date];
        (period.accrual_start, period.accrual_end)
    }

    pub(super) fn year(&self, date: usize) -> String {
        self.schedule.periods()[date].accrual_end.format("%Y").to_string()
    }

    pub(super) fn nominal_fraction(&self, day_count: DayCount) -> Fraction {
        let (start, end) = self.nominal();
        year_fraction(day_count, start, end)
    }

    pub(super) fn accrual_dates(&self, note: &Note) -> (Date, Date) {
        let nominal = matches!(note.day_count, DayCount::Thirty360 | DayCount::ThirtyE360);
        let (start, end) =
            match note.accrual.unwrap_or(if nominal { Accrual::Nominal } else { Accrual::Adjusted }) {
                Accrual::Nominal => self.nominal(),
                Accrual::Adjusted => self.schedule.adjusted_accrual(self.date),
            };
        (note.accrues_from.filter(|_| self.date == 0).unwrap_or(start), end)
    }

    pub(super) fn accrual_fraction(&self, note: &Note) -> Fraction {
        let (start, end) = self.accrual_dates(note);
        year_fraction(note.day_count, start, end)
    }

    pub(super) fn current_rate(&self, note: &Note) -> Rate {
        if let Some(coupon) = note.coupon {
            return coupon;
        }
        let floating = note.floating.as_ref().expect("a coupon or a floating rate");
        let terms = self.deal.curves.iter().find(|curve| curve.id == floating.curve).expect("a curve");
        let curve = terms.build(self.deal.start_date()).expect("a valid curve");
        let (start, end) = self.accrual_dates(note);
        let index = curve.index_rate(start, end, note.day_count).expect("a forward rate");
        let rate = (index.fraction() + floating.margin.fraction()).max(floating.floor.fraction());
        Rate::new(floating.cap.map_or(rate, |cap| rate.min(cap.fraction())))
    }

    /// Each date's part of the note's amortization.
    pub(super) fn amortization(&self, note: &Note) -> Vec<i128> {
        let ends: Vec<Date> = self.schedule.periods().iter().map(|period| period.accrual_end).collect();
        let original = self.minor(note.original_balance);
        let per_year = whole(i128::from(self.deal.payments.frequency.per_year()));
        match &note.amortization {
            None => vec![0; ends.len()],
            Some(Amortization::Schedule { schedule }) => {
                (0..ends.len()).map(|date| self.scheduled(schedule, date)).collect()
            }
            Some(Amortization::Percent { per_year: share, from }) => {
                let part = whole(original) * decimal(share.decimal()) / per_year;
                let part = rounded(&part, Rounding::HalfEven);
                let falls_due = |end: &Date| from.is_none_or(|from| *end >= from);
                ends.iter().map(|end| if falls_due(end) { part } else { 0 }).collect()
            }
            Some(Amortization::Level { from, to }) => {
                let counts = |end: &Date| end >= from && *end <= to.unwrap_or(note.legal_final);
                let count = ends.iter().filter(|end| counts(end)).count();
                let coupon = decimal(note.coupon.expect("a fixed coupon").fraction());
                let balances = annuity_balances(original, &(coupon / per_year), count);
                let mut paid = 0;
                let mut next = |end: &Date| {
                    if !counts(end) {
                        return 0;
                    }
                    paid += 1;
                    balances[paid - 1] - balances[paid]
                };
                ends.iter().map(&mut next).collect()
            }
        }
    }

    /// A schedule's amount on a payment date.
    pub(super) fn scheduled(&self, id: &str, date: usize) -> i128 {
        let schedule = self.deal.schedules.iter().find(|schedule| schedule.id == id).expect("a schedule");
        let period = self.schedule.periods()[date];
        let (after, up_to) = (period.accrual_start, period.accrual_end);
        if schedule.holds {
            let reached = schedule.entries.iter().filter(|entry| entry.date <= up_to);
            return reached.max_by_key(|entry| entry.date).map_or(0, |entry| self.minor(entry.amount));
        }
        let now = schedule.entries.iter().filter(|entry| entry.date > after && entry.date <= up_to);
        now.map(|entry| self.minor(entry.amount)).sum()
    }

    /// The make-whole premium on principal paid on this date.
    pub(super) fn premium(&self, note: &Note, principal: i128) -> i128 {
        let Some(terms) = &note.make_whole else { return 0 };
        if principal == 0 || self.nominal().1 >= terms.until {
            return 0;
        }
        let per_year = whole(i128::from(self.deal.payments.frequency.per_year()));
        let coupon = decimal(self.current_rate(note).fraction()) / &per_year;
        let one = Fraction::one();
        let v = &one / (&one + decimal(terms.reinvestment_rate.fraction()) / &per_year);
        let mut discount = one.clone();
        let mut forgone = Fraction::zero();
        for later in &self.schedule.periods()[self.date + 1..] {
            discount *= &v;
            forgone += &coupon * &discount;
            if later.accrual_end >= terms.until {
                break;
            }
        }
        let factor = (forgone + discount - one).max(Fraction::zero());
        let ten_decimals = whole(10_i128.pow(10));
        let factor = whole(rounded(&(factor * &ten_decimals), Rounding::HalfEven)) / ten_decimals;
        rounded(&(whole(principal) * factor), Rounding::HalfEven)
    }

    /// An amount in a file, in minor units.
    pub(super) fn minor(&self, amount: Decimal) -> i128 {
        let minor = decimal(amount) * whole(i128::from(self.deal.currency.minor_per_major()));
        assert!(minor.is_integer(), "{amount} has a fraction of the minor unit");
        rounded(&minor, Rounding::Down)
    }
}
