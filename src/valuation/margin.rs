//! Discount margin of a floating-rate note.

use super::cash::{balance, finite};
use super::flows::{NoteFlow, NoteFlows};
use super::search;
use crate::error::SolveError;
use crate::time::Date;

/// The margin over the index at which [`dirty_price_at_margin`] is the price given; a fraction a year.
///
/// `index` gives the index rate assumed for a flow's period: a constant for the textbook's margin, the
/// curve's forward rates for one in line with the projection (Fabozzi, *Fixed Income Analysis*: discount
/// margin, "effective margin"). At a price of par on a reset date it is the quoted margin.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, discount_margin};
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
/// // 105 in one year for 100, the index at 3%: a margin of 2%.
/// let margin = discount_margin(&note, date(2026), 100.0, |_| 0.03)?;
/// assert!((margin - 0.02).abs() < 1e-12);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`SolveError::NoCashFlows`] when nothing is paid after settlement, [`SolveError::NoBalance`] when
/// nothing is outstanding, [`SolveError::NotFinite`] for a price or an index that is not a number,
/// [`SolveError::NotBracketed`] when no margin gives the price.
pub fn discount_margin(
    note: &NoteFlows,
    settlement: Date,
    dirty_price: f64,
    index: impl Fn(&NoteFlow) -> f64,
) -> Result<f64, SolveError> {
    let quantity = "discount_margin";
    let balance = balance(note, settlement, quantity)?;
    let periods = IndexedCash::new(note, settlement, index);
    if periods.0.iter().all(|period| period.cash == 0.0) {
        return Err(SolveError::NoCashFlows { quantity });
    }
    let value = |margin| 100.0 * periods.value(margin) / balance;
    search::falling_above(quantity, periods.lowest_margin(), dirty_price, value)
}

/// Dirty price per 100 of the balance at settlement at a discount margin: simple interest at index plus
/// margin in each period, by the note's day count,
///
/// `P = 100 / balance x sum(cash_i / prod(j <= i)(1 + (index_j + margin) x fraction_j))`,
///
/// the first period from settlement to the first payment, each other from payment to payment.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, dirty_price_at_margin};
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
/// // 105 in one year, index and margin 5% together: par.
/// let price = dirty_price_at_margin(&note, date(2026), 0.02, |_| 0.03)?;
/// assert!((price - 100.0).abs() < 1e-12);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`SolveError::NoCashFlows`] and [`SolveError::NoBalance`] when nothing is left to price;
/// [`SolveError::NotFinite`] when index plus margin takes a period's growth to zero or below.
pub fn dirty_price_at_margin(
    note: &NoteFlows,
    settlement: Date,
    margin: f64,
    index: impl Fn(&NoteFlow) -> f64,
) -> Result<f64, SolveError> {
    let balance = balance(note, settlement, "price")?;
    finite(100.0 * IndexedCash::new(note, settlement, index).value(margin) / balance, "price")
}

/// The periods from payment to payment after settlement.
struct IndexedCash(Vec<IndexedPeriod>);

struct IndexedPeriod {
    cash: f64,
    index: f64,
    year_fraction: f64,
}

impl IndexedCash {
    fn new(note: &NoteFlows, settlement: Date, index: impl Fn(&NoteFlow) -> f64) -> IndexedCash {
        let mut start = settlement;
        let period = |flow: &NoteFlow| {
            let year_fraction = note.day_count().year_fraction(start, flow.payment_date).to_f64();
            start = flow.payment_date;
            IndexedPeriod { cash: flow.cash(note.currency()), index: index(flow), year_fraction }
        };
        IndexedCash(note.after(settlement).iter().map(period).collect())
    }

    /// Present value at a margin; NaN outside the domain.
    fn value(&self, margin: f64) -> f64 {
        let (mut factor, mut total) = (1.0, 0.0);
        for period in &self.0 {
            let growth = 1.0 + (period.index + margin) * period.year_fraction;
            if growth.is_nan() || growth <= 0.0 {
                return f64::NAN;
            }
            factor /= growth;
            total += period.cash * factor;
        }
        total
    }

    /// The margin at which some period's growth is zero: the largest of `-1 / fraction - index`.
    fn lowest_margin(&self) -> f64 {
        let lowest = |period: &IndexedPeriod| -1.0 / period.year_fraction - period.index;
        let accruing = self.0.iter().filter(|period| period.year_fraction > 0.0);
        accruing.map(lowest).fold(f64::NEG_INFINITY, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::time::DayCount;
    use crate::valuation::testing::{any_note, bullet, close, date, remade};
    use proptest::prelude::*;

    /// Six-year floater, index 10%, quoted margin 80 basis points, semiannual: Fabozzi and Mann,
    /// *Introduction to Fixed Income Analytics*, price by assumed margin.
    #[test]
    fn the_textbook_table_of_prices_by_margin() {
        let note = bullet(date(2026, 1, 1), 6, 12, 54_000, DayCount::Thirty360);
        let table = [(80.0, 100.0), (84.0, 99.8269), (88.0, 99.6541), (96.0, 99.3098), (100.0, 99.1381)];
        for (basis_points, printed) in table {
            let price = dirty_price_at_margin(&note, date(2026, 1, 1), basis_points * 1e-4, |_| 0.1).unwrap();
            close(price, printed, 5e-5);
            let margin = discount_margin(&note, date(2026, 1, 1), printed, |_| 0.1).unwrap();
            close(margin, basis_points * 1e-4, 2e-7);
        }
    }

    #[test]
    fn at_par_on_a_reset_date_the_margin_is_the_quoted_one() {
        // Index 3%, 4%, 5%, ...; each coupon pays index plus 1.5%.
        let index =
            |flow: &NoteFlow| 0.03 + 0.01 * f64::from(chrono::Datelike::year(&flow.accrual_start) - 2026);
        let note = remade(&bullet(date(2026, 1, 1), 12, 5, 0, DayCount::Thirty360), |flow| {
            let coupon = (index(flow) + 0.015) * flow.balance_open.minor() as f64;
            flow.interest = Money::from_minor(coupon.round() as i64);
        });
        close(discount_margin(&note, date(2026, 1, 1), 100.0, index).unwrap(), 0.015, 1e-11);
        close(discount_margin(&note, date(2028, 1, 1), 100.0, index).unwrap(), 0.015, 1e-11);
    }

    #[test]
    fn margins_outside_the_domain_are_refused() {
        let note = bullet(date(2026, 1, 1), 6, 12, 54_000, DayCount::Thirty360);
        let day = date(2026, 1, 1);
        let finite = SolveError::NotFinite { quantity: "price" };
        assert_eq!(dirty_price_at_margin(&note, day, -2.2, |_| 0.1), Err(finite));
        assert!(discount_margin(&note, day, 100.0, |_| f64::NAN).is_err());
        assert!(discount_margin(&note, day, 0.0, |_| 0.1).is_err());
        assert!(discount_margin(&note, date(2099, 1, 1), 100.0, |_| 0.1).is_err());
        // Twice the cash that is ever paid: far below zero, yet found.
        let margin = discount_margin(&note, day, 400.0, |_| 0.1).unwrap();
        close(dirty_price_at_margin(&note, day, margin, |_| 0.1).unwrap(), 400.0, 1e-9);
    }

    proptest! {
        #[test]
        fn price_and_margin_are_inverse((note, day) in any_note(), margin in -0.1_f64..0.5) {
            let price = dirty_price_at_margin(&note, day, margin, |_| 0.03).unwrap();
            if dirty_price_at_margin(&note, day, margin + 0.01, |_| 0.03).unwrap() == price {
                // 30 to 31 of a month is no time by 30/360: every margin gives the same price.
                return Ok(());
            }
            let found = discount_margin(&note, day, price, |_| 0.03).unwrap();
            let again = dirty_price_at_margin(&note, day, found, |_| 0.03).unwrap();
            prop_assert!((again - price).abs() <= 1e-10 * price.max(1.0));
        }
    }
}
