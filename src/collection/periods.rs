//! Which calendar months each payment date distributes.

use crate::asset::MAX_MONTHS;
use crate::error::Error;
use crate::pool::first_collected_month;
use crate::time::{Date, Month};

/// The collection periods of a deal: whole calendar months, mapped to payment dates.
///
/// A payment date in month `m` distributes what was collected through the end of month `m - 1` since the
/// payment before, the first since the cut-off date. Months are counted from the first that begins on or
/// after the cut-off date, which is 0.
///
/// ```
/// use leasefall::collection::Periods;
/// use leasefall::Date;
/// let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
/// let periods = Periods::new(day(2026, 10, 31), &[day(2026, 12, 28), day(2027, 1, 25)])?;
/// assert_eq!(periods.collected(0), 0..1); // November
/// assert_eq!(periods.collected(1), 1..2); // December
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Periods {
    first_month: Month,
    payment_dates: Vec<Date>,
    /// The month after the last one that each payment distributes.
    ends: Vec<u32>,
    /// The period that distributes each month.
    of_month: Vec<u32>,
    /// For each month up to the horizon, the first period whose last month is that one or later.
    reaching: Vec<u32>,
}

impl Periods {
    /// The collection periods of payment dates in order.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no payment date, they do not rise, the first is not after the
    /// cut-off date, or the last is more than 300 years away.
    pub fn new(cut_off_date: Date, payment_dates: &[Date]) -> Result<Periods, Error> {
        let first_month = first_collected_month(cut_off_date);
        let rising = payment_dates.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || payment_dates.first().is_none_or(|&first| first <= cut_off_date) {
            let found = payment_dates.len() as f64;
            let expected = "one or more in rising order, after the cut-off date";
            return Err(Error::Argument { argument: "payment_dates", found, expected });
        }
        let ends: Vec<u32> =
            payment_dates.iter().map(|&date| (Month::of(date) - first_month).max(0) as u32).collect();
        let months = ends.last().copied().unwrap_or(0);
        if months > MAX_MONTHS {
            let (found, expected) = (f64::from(months), "at most 3600");
            return Err(Error::Argument { argument: "months to the last payment date", found, expected });
        }
        let mut of_month = Vec::with_capacity(months as usize);
        for (period, &end) in ends.iter().enumerate() {
            of_month.resize(end as usize, period as u32);
        }
        let last_months: Vec<u32> = ends.iter().map(|&end| end.saturating_sub(1)).collect();
        let reaching =
            (0..=months).map(|month| last_months.partition_point(|&last| last < month) as u32).collect();
        Ok(Periods { first_month, payment_dates: payment_dates.to_vec(), ends, of_month, reaching })
    }

    /// The number of payment dates, at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is always a payment date")]
    pub fn len(&self) -> usize {
        self.payment_dates.len()
    }

    /// The first payment dates only; all of them if there are no more.
    pub fn first(&self, payment_dates: usize) -> Periods {
        let kept = payment_dates.clamp(1, self.len());
        let months = self.ends[kept - 1];
        let mut first = self.clone();
        first.payment_dates.truncate(kept);
        first.ends.truncate(kept);
        first.of_month.truncate(months as usize);
        first.reaching.truncate(months as usize + 1);
        first.reaching.iter_mut().for_each(|period| *period = (*period).min(kept as u32));
        first
    }

    /// The calendar month that is month 0.
    pub fn first_month(&self) -> Month {
        self.first_month
    }

    /// Months collected in all.
    pub fn months(&self) -> usize {
        self.of_month.len()
    }

    /// The payment dates.
    pub fn payment_dates(&self) -> &[Date] {
        &self.payment_dates
    }

    /// The months that a period (from 0) distributes; none if there is no such period.
    pub fn collected(&self, period: usize) -> std::ops::Range<usize> {
        let end = self.ends.get(period).copied().unwrap_or(0) as usize;
        let start = period.checked_sub(1).and_then(|p| self.ends.get(p)).copied().unwrap_or(0) as usize;
        start.min(end)..end
    }

    /// The first period whose payment date is on or after a date.
    pub fn on_or_after(&self, date: Date) -> Option<usize> {
        let period = self.payment_dates.partition_point(|&paid| paid < date);
        (period < self.payment_dates.len()).then_some(period)
    }

    /// The period that distributes a month, if any does.
    pub fn of_month(&self, month: usize) -> Option<usize> {
        self.of_month.get(month).map(|&period| period as usize)
    }

    /// The month whose end is the end of a collection period (0 if it has no month yet).
    pub(crate) fn last_month(&self, period: usize) -> usize {
        self.ends.get(period).copied().unwrap_or(0).saturating_sub(1) as usize
    }

    /// The first period whose last month is `month` or later, or the number of periods.
    #[inline]
    pub(crate) fn reaching(&self, month: u32) -> u32 {
        self.reaching.get(month as usize).copied().unwrap_or(self.ends.len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_dates_distribute_the_months_before_them() {
        let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
        // Quarterly, the first short: from 15 November nothing but December before January.
        let dates = [day(2027, 1, 25), day(2027, 4, 26), day(2027, 4, 30), day(2027, 7, 26)];
        let periods = Periods::new(day(2026, 11, 15), &dates).unwrap();
        let collected: Vec<_> = (0..5).map(|p| periods.collected(p)).collect();
        assert_eq!(collected, [0..1, 1..4, 4..4, 4..7, 0..0]);
        assert_eq!((0..8).map(|m| periods.of_month(m)).collect::<Vec<_>>()[3..5], [Some(1), Some(3)]);
        assert_eq!(periods.of_month(7), None);
        // A month is seen by the first period whose last month is not before it.
        assert_eq!((0..9).map(|m| periods.reaching(m)).collect::<Vec<_>>(), [0, 1, 1, 1, 3, 3, 3, 4, 4]);
        assert_eq!(periods.first(2), Periods::new(day(2026, 11, 15), &dates[..2]).unwrap());
        assert_eq!(periods.first(9), periods);
        assert_eq!(periods.on_or_after(day(2027, 4, 26)), Some(1));
        assert_eq!(periods.on_or_after(day(2028, 1, 1)), None);
        assert!(Periods::new(day(2027, 1, 25), &dates).is_err());
        assert!(Periods::new(day(2026, 1, 1), &[]).is_err());
    }
}
