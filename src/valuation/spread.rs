//! Spread over a curve.

use super::cash::{TimedCash, balance};
use super::flows::NoteFlows;
use super::price::ZSpread;
use super::search;
use crate::curve::{Compounding, DiscountCurve};
use crate::error::SolveError;
use crate::time::Date;

/// The constant spread over the curve's zero rates at which [`dirty_price`](super::dirty_price) is the
/// price given; a fraction a year, in the compounding given (Fabozzi, *Fixed Income Mathematics*:
/// zero-volatility spread). The market's default is semiannual for bonds; continuous is this crate's.
///
/// It assumes the projected cash: a callable or defaultable note's z-spread pays for those risks too.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::curve::{Compounding, DiscountCurve};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, z_spread};
/// // 100 in one year of 365 days, price exp(-0.07), curve 5%: 2% of spread.
/// let date = |y| Date::from_ymd_opt(y, 1, 1).unwrap();
/// let flow = NoteFlow {
///     payment_date: date(2027),
///     accrual_start: date(2026),
///     accrual_end: date(2027),
///     balance_open: Money::from_minor(100_00),
///     interest: Money::ZERO,
///     principal: Money::from_minor(100_00),
/// };
/// let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), vec![flow])?;
/// let curve = DiscountCurve::flat(date(2026), 0.05, Compounding::Continuous)?;
/// let price = 100.0 * f64::exp(-0.07);
/// let spread = z_spread(&note, date(2026), price, &curve, Compounding::Continuous)?;
/// assert!((spread.rate - 0.02).abs() < 1e-12);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`SolveError::NoCashFlows`] when nothing is paid after settlement, [`SolveError::NoBalance`] when
/// nothing is outstanding, [`SolveError::NotFinite`] for a price or a curve that is not a number,
/// [`SolveError::NotBracketed`] when no spread gives the price.
pub fn z_spread(
    note: &NoteFlows,
    settlement: Date,
    dirty_price: f64,
    curve: &DiscountCurve,
    compounding: Compounding,
) -> Result<ZSpread, SolveError> {
    let quantity = "z_spread";
    let balance = balance(note, settlement, quantity)?;
    let cash = TimedCash::on_curve(note, settlement, curve, compounding);
    if cash.is_empty() {
        return Err(SolveError::NoCashFlows { quantity });
    }
    let price = |rate| 100.0 * cash.value(rate) / balance;
    let rate = search::falling_above(quantity, cash.lowest_rate(), dirty_price, price)?;
    Ok(ZSpread { rate, compounding })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::time::DayCount;
    use crate::valuation::dirty_price;
    use crate::valuation::testing::{any_note, bullet, close, date, remade};
    use proptest::prelude::*;

    const COMPOUNDINGS: [Compounding; 5] = [
        Compounding::Continuous,
        Compounding::Annual,
        Compounding::Semiannual,
        Compounding::Monthly,
        Compounding::Simple,
    ];

    fn curve() -> DiscountCurve {
        DiscountCurve::flat(date(2026, 1, 1), 0.04, Compounding::Continuous).unwrap()
    }

    #[test]
    fn on_a_flat_curve_the_spread_is_the_difference_of_rates() {
        // One payment in ten years: 5% semiannual less the curve's 2 (exp(0.02) - 1), both act/365F.
        let note = bullet(date(2026, 1, 1), 120, 1, 0, DayCount::Act365Fixed);
        let years: f64 = 3652.0 / 365.0;
        let price = 100.0 * 1.025_f64.powf(-2.0 * years);
        let spread = z_spread(&note, date(2026, 1, 1), price, &curve(), Compounding::Semiannual).unwrap();
        close(spread.rate, 0.05 - 2.0 * (0.02_f64.exp() - 1.0), 1e-13);
    }

    #[test]
    fn what_has_no_spread_says_why() {
        let note = bullet(date(2026, 1, 1), 6, 4, 30_000, DayCount::Thirty360);
        for compounding in COMPOUNDINGS {
            let at = |note: &NoteFlows, price| z_spread(note, date(2026, 1, 1), price, &curve(), compounding);
            assert!(matches!(at(&note, 0.0), Err(SolveError::NotBracketed { .. })));
            assert!(matches!(at(&note, f64::INFINITY), Err(SolveError::NotFinite { .. })));
            let unpaid = remade(&note, |flow| (flow.interest, flow.principal) = (Money::ZERO, Money::ZERO));
            assert_eq!(at(&unpaid, 90.0), Err(SolveError::NoCashFlows { quantity: "z_spread" }));
            let written_off = remade(&note, |flow| flow.balance_open = Money::ZERO);
            assert_eq!(at(&written_off, 90.0), Err(SolveError::NoBalance { quantity: "z_spread" }));
        }
    }

    proptest! {
        #[test]
        fn a_note_priced_off_the_curve_has_no_spread((note, day) in any_note(), rates in prop::array::uniform4(-0.01_f64..0.15)) {
            let points: Vec<(f64, f64)> = [0.5, 2.0, 7.0, 30.0].into_iter().zip(rates).collect();
            let curve = DiscountCurve::from_zero_rates(date(2026, 1, 1), &points, Compounding::Continuous).unwrap();
            let price = dirty_price(&note, day, &curve, ZSpread::NONE).unwrap();
            for compounding in COMPOUNDINGS {
                let spread = z_spread(&note, day, price, &curve, compounding).unwrap();
                prop_assert!(spread.rate.abs() < 1e-10, "{:?}", spread);
            }
        }

        #[test]
        fn price_and_spread_are_inverse((note, day) in any_note(), rate in -0.1_f64..0.5) {
            for compounding in COMPOUNDINGS {
                let price = dirty_price(&note, day, &curve(), ZSpread { rate, compounding }).unwrap();
                let spread = z_spread(&note, day, price, &curve(), compounding).unwrap();
                let again = dirty_price(&note, day, &curve(), spread).unwrap();
                prop_assert!((again - price).abs() <= 1e-10 * price.max(1.0), "{} {}", price, again);
            }
        }
    }
}
