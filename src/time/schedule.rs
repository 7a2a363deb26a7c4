//! Payment schedules: the periods over which a note accrues and the dates on which it pays.

use super::{BusinessDayRule, Calendar, Date, Month};
use crate::error::Error;
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// How often a note pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    Semiannual,
    /// Every year.
    Annual,
}

impl Frequency {
    /// Months in a period: 1, 3, 6 or 12.
    pub const fn months(self) -> i32 {
        match self {
            Frequency::Monthly => 1,
            Frequency::Quarterly => 3,
            Frequency::Semiannual => 6,
            Frequency::Annual => 12,
        }
    }

    /// Periods in a year: 12, 4, 2 or 1.
    pub const fn per_year(self) -> u32 {
        12 / self.months() as u32
    }
}

/// One period of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentPeriod {
    /// The nominal first day of accrual: the closing date, or the roll date before.
    pub accrual_start: Date,
    /// The nominal day on which accrual ends, itself not included: the roll date.
    pub accrual_end: Date,
    /// The business day on which the period is paid: `accrual_end`, adjusted.
    pub payment_date: Date,
}

/// The periods of a note from closing to its last date, in order and without gaps: each accrual starts
/// where the one before ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentSchedule {
    closing_date: Date,
    periods: Vec<PaymentPeriod>,
}

impl PaymentSchedule {
    /// The most periods that a schedule may have: 100 years of months.
    pub const MAX_PERIODS: usize = 1_200;

    /// Periods that end on the first payment date and then every `frequency` on the roll day, up to
    /// `last_date` included.
    ///
    /// The first period runs from closing, short or long. The roll day is `day_of_month` or else the
    /// day of the first payment date; in a month too short it is the last day, and the months after are
    /// not affected: from 31 January on, 28 February, 31 March. A note that pays at month ends from a
    /// short month needs `day_of_month` 31. If `last_date` is not a roll date, a short last period ends
    /// there.
    ///
    /// ```
    /// use leasefall::Date;
    /// use leasefall::time::{BusinessDayRule, Calendar, Frequency, PaymentSchedule};
    ///
    /// let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
    /// let (closing, first, last) = (day(2026, 10, 14), day(2026, 11, 25), day(2027, 1, 25));
    /// let schedule = PaymentSchedule::new(
    ///     closing, first, last, Frequency::Monthly, None, BusinessDayRule::Following, Calendar::UsBank,
    /// )?;
    /// let paid: Vec<String> = schedule.periods().iter().map(|p| p.payment_date.to_string()).collect();
    /// assert_eq!(paid, ["2026-11-25", "2026-12-28", "2027-01-25"]); // Christmas is a Friday
    /// assert_eq!(schedule.periods()[0].accrual_start, closing);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DateArgument`] unless `closing_date < first_payment_date <= last_date`, or if there are more
    /// than [`PaymentSchedule::MAX_PERIODS`] periods; [`Error::Argument`] if `day_of_month` is not 1 to 31.
    pub fn new(
        closing_date: Date,
        first_payment_date: Date,
        last_date: Date,
        frequency: Frequency,
        day_of_month: Option<u32>,
        rule: BusinessDayRule,
        calendar: Calendar,
    ) -> Result<PaymentSchedule, Error> {
        require_order(closing_date, first_payment_date, last_date)?;
        let roll_day = day_of_month.unwrap_or(first_payment_date.day());
        if !(1..=31).contains(&roll_day) {
            let found = f64::from(roll_day);
            return Err(Error::Argument { argument: "day_of_month", found, expected: "1 to 31" });
        }
        let step = frequency.months();
        let mut roll_month = Month::of(first_payment_date);
        let (mut start, mut end) = (closing_date, first_payment_date);
        let mut periods = Vec::new();
        loop {
            let payment_date = rule.adjust(end, calendar);
            periods.push(PaymentPeriod { accrual_start: start, accrual_end: end, payment_date });
            if end >= last_date {
                return Ok(PaymentSchedule { closing_date, periods });
            }
            if periods.len() == Self::MAX_PERIODS {
                return Err(Error::DateArgument {
                    argument: "last_date",
                    found: last_date,
                    expected: "within 1,200 periods of closing_date",
                    bound: closing_date,
                });
            }
            // Each roll date is found from its month, not from the roll date before, so that a short
            // month does not pull the later ones with it.
            roll_month += step;
            let roll_date = roll_month.day(roll_day);
            // Months saturate where dates end; what is left there is a last short period.
            let next = if roll_date > end { roll_date.min(last_date) } else { last_date };
            (start, end) = (end, next);
        }
    }

    /// The periods, at least one.
    pub fn periods(&self) -> &[PaymentPeriod] {
        &self.periods
    }

    /// The number of periods, at least one.
    #[expect(clippy::len_without_is_empty, reason = "a schedule is never empty")]
    pub fn len(&self) -> usize {
        self.periods.len()
    }

    /// These periods alone: those of a seasoned deal, or of a history that ends. Accrual between payment
    /// dates starts with the date on which the period before was paid.
    ///
    /// `None` if no period is left.
    pub fn part(&self, periods: std::ops::Range<usize>) -> Option<PaymentSchedule> {
        let kept = self.periods.get(periods.clone()).filter(|kept| !kept.is_empty())?;
        let before = periods.start.checked_sub(1).and_then(|before| self.periods.get(before));
        let closing_date =
            before.map_or(self.closing_date, |before| before.payment_date.max(self.closing_date));
        Some(PaymentSchedule { closing_date, periods: kept.to_vec() })
    }

    /// The period that is paid on a date, counted from 0: its nominal date, or the date as adjusted.
    pub fn period_on(&self, date: Date) -> Option<usize> {
        let nominal = self.periods.iter().position(|period| period.accrual_end == date);
        nominal.or_else(|| self.periods.iter().position(|period| period.payment_date == date))
    }

    /// The date before the first period: closing, or of a [`PaymentSchedule::part`] the payment date before it.
    pub fn closing_date(&self) -> Date {
        self.closing_date
    }

    /// Start and end of the accrual of period `index` (from 0) when it runs from payment date to payment
    /// date, the first from closing: the convention of most floating-rate notes. Never negative: should
    /// the rule move the first payment before closing, the first accrual is empty.
    ///
    /// # Panics
    /// If there is no such period, as indexing does.
    pub fn adjusted_accrual(&self, index: usize) -> (Date, Date) {
        let start = match index.checked_sub(1) {
            Some(before) => self.periods[before].payment_date.max(self.closing_date),
            None => self.closing_date,
        };
        (start, self.periods[index].payment_date.max(start))
    }
}

impl PaymentSchedule {
    /// Start and end of the accrual of period `index` (from 0), between nominal or adjusted dates.
    pub(crate) fn accrual(&self, index: usize, adjusted: bool) -> (Date, Date) {
        match adjusted {
            true => self.adjusted_accrual(index),
            false => (self.periods[index].accrual_start, self.periods[index].accrual_end),
        }
    }
}

fn require_order(closing_date: Date, first_payment_date: Date, last_date: Date) -> Result<(), Error> {
    if first_payment_date <= closing_date {
        return Err(Error::DateArgument {
            argument: "first_payment_date",
            found: first_payment_date,
            expected: "after closing_date",
            bound: closing_date,
        });
    }
    if last_date < first_payment_date {
        return Err(Error::DateArgument {
            argument: "last_date",
            found: last_date,
            expected: "on or after first_payment_date",
            bound: first_payment_date,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn monthly(closing: &str, first: &str, last: &str, day: Option<u32>) -> Result<PaymentSchedule, Error> {
        let [closing, first, last] = [closing, first, last].map(|text| text.parse().unwrap());
        let (rule, calendar) = (BusinessDayRule::Following, Calendar::UsBank);
        PaymentSchedule::new(closing, first, last, Frequency::Monthly, day, rule, calendar)
    }

    fn ends(schedule: &PaymentSchedule) -> Vec<String> {
        schedule.periods().iter().map(|period| period.accrual_end.to_string()).collect()
    }

    #[test]
    fn month_ends_do_not_drift() {
        let schedule = monthly("2027-01-01", "2027-01-31", "2027-05-31", None).unwrap();
        assert_eq!(ends(&schedule), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]);
        let schedule = monthly("2027-02-01", "2027-02-28", "2027-04-30", Some(31)).unwrap();
        assert_eq!(ends(&schedule), ["2027-02-28", "2027-03-31", "2027-04-30"]);
    }

    #[test]
    fn a_last_date_off_the_roll_makes_a_short_period() {
        let schedule = monthly("2026-10-14", "2026-11-25", "2027-01-10", None).unwrap();
        assert_eq!(ends(&schedule), ["2026-11-25", "2026-12-25", "2027-01-10"]);
        // One date is both first and last.
        assert_eq!(monthly("2026-10-14", "2026-11-25", "2026-11-25", None).unwrap().len(), 1);
    }

    #[test]
    fn adjusted_accrual_runs_from_payment_to_payment() {
        let schedule = monthly("2026-09-14", "2026-10-25", "2026-12-25", None).unwrap();
        let accruals = [0, 1, 2].map(|index| schedule.adjusted_accrual(index));
        let text = accruals.map(|(start, end)| format!("{start}/{end}"));
        assert_eq!(text, ["2026-09-14/2026-10-26", "2026-10-26/2026-11-25", "2026-11-25/2026-12-28"]);
    }

    #[test]
    fn dates_out_of_order_and_endless_schedules_are_refused() {
        let order = monthly("2026-11-25", "2026-11-25", "2027-11-25", None).unwrap_err();
        let text = "first_payment_date is 2026-11-25, expected after closing_date 2026-11-25";
        assert_eq!(order.to_string(), text);
        assert!(matches!(
            monthly("2026-01-01", "2026-02-01", "2026-01-31", None),
            Err(Error::DateArgument { .. })
        ));
        let endless = monthly("2026-01-01", "2026-02-01", "2126-02-01", None).unwrap_err();
        let text = "last_date is 2126-02-01, expected within 1,200 periods of closing_date 2026-01-01";
        assert_eq!(endless.to_string(), text);
        assert_eq!(monthly("2026-01-01", "2026-02-01", "2126-01-01", None).unwrap().len(), 1_200);
        for day in [0, 32] {
            assert!(matches!(
                monthly("2026-01-01", "2026-02-01", "2026-03-01", Some(day)),
                Err(Error::Argument { .. })
            ));
        }
    }

    #[test]
    fn a_schedule_may_end_where_dates_end() {
        let first = super::super::add_months(Date::MAX, -1);
        let new = |frequency| {
            let (rule, calendar) = (BusinessDayRule::Following, Calendar::Weekends);
            PaymentSchedule::new(Date::MIN, first, Date::MAX, frequency, Some(1), rule, calendar)
        };
        assert_eq!(new(Frequency::Annual).unwrap().periods().last().unwrap().accrual_end, Date::MAX);
        assert_eq!(new(Frequency::Monthly).unwrap().periods().last().unwrap().accrual_end, Date::MAX);
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_gap(
            closing in 700_000_i32..800_000, to_first in 1_i32..400, to_last in 0_i32..20_000,
            day in prop::option::of(1_u32..=31), months in 0_usize..4, rule in 0_usize..5,
        ) {
            let date = |days: i32| Date::from_num_days_from_ce_opt(days).unwrap();
            use BusinessDayRule::*;
            use Frequency::*;
            let frequency = [Monthly, Quarterly, Semiannual, Annual][months];
            let rule = [Unadjusted, Following, ModifiedFollowing, Preceding, ModifiedPreceding][rule];
            let (first, last) = (date(closing + to_first), date(closing + to_first + to_last));
            let closing = date(closing);
            let schedule =
                PaymentSchedule::new(closing, first, last, frequency, day, rule, Calendar::UsBank).unwrap();
            let periods = schedule.periods();
            prop_assert_eq!((periods[0].accrual_start, periods[0].accrual_end), (closing, first));
            prop_assert_eq!(periods[periods.len() - 1].accrual_end, last);
            prop_assert!(periods.iter().all(|period| period.accrual_start < period.accrual_end));
            for (index, pair) in periods.windows(2).enumerate() {
                prop_assert_eq!(pair[0].accrual_end, pair[1].accrual_start);
                prop_assert!(pair[0].payment_date <= pair[1].payment_date);
                prop_assert_eq!(schedule.adjusted_accrual(index).1, schedule.adjusted_accrual(index + 1).0);
            }
        }
    }
}
