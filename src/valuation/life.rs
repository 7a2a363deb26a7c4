//! When principal comes back.

use super::flows::NoteFlows;
use crate::time::{Date, DayCount};

/// Weighted average life in years from settlement: the mean time to a dollar of principal,
///
/// `WAL = sum(principal_i x t_i) / sum(principal_i)`, `t_i = year_fraction(settlement, payment_date_i)`
///
/// over payments after settlement (Fabozzi, *Handbook of Fixed Income Securities*, mortgage-backed
/// securities). Principal that is written down never comes back and has no weight; nor have draws.
///
/// The day count is the caller's: [`DayCount::Act365Fixed`] for calendar time, as
/// [`Conventions::default`](super::Conventions) has it, or [`DayCount::Thirty360`] where, as in
/// prospectus tables, months count as equal.
///
/// `None` when no principal is paid after settlement.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, wal_years};
/// // 60.00 back after one year, 40.00 after two: 0.6 x 1 + 0.4 x 2 = 1.4 years.
/// let date = |y| Date::from_ymd_opt(y, 1, 1).unwrap();
/// let flow = |year, balance, principal| NoteFlow {
///     payment_date: date(year),
///     accrual_start: date(year - 1),
///     accrual_end: date(year),
///     balance_open: Money::from_minor(balance),
///     interest: Money::ZERO,
///     principal: Money::from_minor(principal),
/// };
/// let flows = vec![flow(2027, 100_00, 60_00), flow(2028, 40_00, 40_00)];
/// let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), flows)?;
/// assert_eq!(wal_years(&note, date(2026), DayCount::Thirty360), Some(1.4));
/// assert_eq!(wal_years(&note, date(2028), DayCount::Thirty360), None);
/// # Ok::<(), Error>(())
/// ```
pub fn wal_years(note: &NoteFlows, settlement: Date, day_count: DayCount) -> Option<f64> {
    let (mut weighted, mut total) = (0.0, 0.0);
    for flow in note.after(settlement) {
        let principal = flow.principal.to_model(note.currency()).max(0.0);
        weighted += principal * day_count.year_fraction(settlement, flow.payment_date).to_f64();
        total += principal;
    }
    (total > 0.0).then(|| weighted / total)
}

/// The first and last dates on which principal is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrincipalWindow {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

/// The span of dates on which principal is paid after settlement; `None` when none is.
///
/// A bullet's window is one day: `first == last`.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, principal_window};
/// # let date = |y| Date::from_ymd_opt(y, 1, 1).unwrap();
/// # let flow = NoteFlow {
/// #     payment_date: date(2027),
/// #     accrual_start: date(2026),
/// #     accrual_end: date(2027),
/// #     balance_open: Money::from_minor(100_00),
/// #     interest: Money::from_minor(5_00),
/// #     principal: Money::from_minor(100_00),
/// # };
/// # let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), vec![flow])?;
/// let window = principal_window(&note, date(2026)).unwrap();
/// assert_eq!((window.first, window.last), (date(2027), date(2027)));
/// assert_eq!(principal_window(&note, date(2027)), None);
/// # Ok::<(), Error>(())
/// ```
pub fn principal_window(note: &NoteFlows, settlement: Date) -> Option<PrincipalWindow> {
    let mut paying = note.after(settlement).iter().filter(|flow| flow.principal.minor() > 0);
    let first = paying.next()?.payment_date;
    Some(PrincipalWindow { first, last: paying.next_back().map_or(first, |flow| flow.payment_date) })
}

/// The date on which principal payments take the note's balance to zero for good: the expected final
/// payment date in the scenario of the flows.
///
/// `None` when the flows end with a balance still outstanding, or the last of the balance is written
/// down rather than paid, or no payment is left after settlement.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, expected_final};
/// # let date = |y| Date::from_ymd_opt(y, 1, 1).unwrap();
/// # let flow = NoteFlow {
/// #     payment_date: date(2027),
/// #     accrual_start: date(2026),
/// #     accrual_end: date(2027),
/// #     balance_open: Money::from_minor(100_00),
/// #     interest: Money::from_minor(5_00),
/// #     principal: Money::from_minor(100_00),
/// # };
/// # let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), vec![flow])?;
/// assert_eq!(expected_final(&note, date(2026)), Some(date(2027)));
/// assert_eq!(expected_final(&note, date(2027)), None);
/// # Ok::<(), Error>(())
/// ```
pub fn expected_final(note: &NoteFlows, settlement: Date) -> Option<Date> {
    let last = note.after(settlement).iter().rfind(|flow| flow.balance_open.minor() > 0)?;
    (last.principal >= last.balance_open).then_some(last.payment_date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::valuation::testing::{amortizing, bullet, close, date, remade};

    #[test]
    fn a_bullet_lives_to_its_last_day() {
        let note = bullet(date(2026, 1, 1), 6, 10, 30_000, DayCount::Thirty360);
        assert_eq!(wal_years(&note, date(2026, 1, 1), DayCount::Thirty360), Some(5.0));
        // 2028 is a leap year: 1,826 days.
        let calendar = wal_years(&note, date(2026, 1, 1), DayCount::Act365Fixed).unwrap();
        close(calendar, 1826.0 / 365.0, 1e-14);
        let window = principal_window(&note, date(2026, 1, 1)).unwrap();
        assert_eq!(window, PrincipalWindow { first: date(2031, 1, 1), last: date(2031, 1, 1) });
        assert_eq!(expected_final(&note, date(2026, 1, 1)), Some(date(2031, 1, 1)));
    }

    #[test]
    fn level_principal_lives_half_its_term_and_half_a_period() {
        // n equal payments at 1..n months: (n + 1) / 2 months.
        let note = amortizing(date(2026, 1, 1), 1, 5_000, DayCount::Thirty360, &[1_000_000; 60]);
        close(wal_years(&note, date(2026, 1, 1), DayCount::Thirty360).unwrap(), 61.0 / 24.0, 1e-13);
        // A year later 48 payments are left.
        close(wal_years(&note, date(2027, 1, 1), DayCount::Thirty360).unwrap(), 49.0 / 24.0, 1e-13);
        let window = principal_window(&note, date(2027, 1, 1)).unwrap();
        assert_eq!((window.first, window.last), (date(2027, 2, 1), date(2031, 1, 1)));
    }

    #[test]
    fn a_note_that_is_not_repaid_has_no_final_date() {
        let note = bullet(date(2026, 1, 1), 6, 4, 30_000, DayCount::Thirty360);
        let short = remade(&note, |flow| flow.principal -= Money::from_minor(1));
        assert_eq!(expected_final(&short, date(2026, 1, 1)), None);
        let unpaid = remade(&note, |flow| flow.principal = Money::ZERO.min(flow.principal));
        assert_eq!(wal_years(&unpaid, date(2026, 1, 1), DayCount::Thirty360), None);
        assert_eq!(principal_window(&unpaid, date(2026, 1, 1)), None);
        assert_eq!(expected_final(&note, date(2028, 1, 1)), None);
    }
}
