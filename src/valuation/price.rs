//! Price from a discount curve, and accrued interest.

use super::cash::{TimedCash, balance, finite};
use super::flows::NoteFlows;
use crate::curve::{Compounding, DiscountCurve};
use crate::error::{Error, SolveError};
use crate::money::{Money, Rounding};
use crate::time::Date;

/// A constant spread over every zero rate of a curve, and how it compounds.
///
/// With `t` the years from settlement (act/365F), `D(t)` the curve's discount factor from settlement and
/// `s` the rate, a payment is discounted by
///
/// * continuous: `D(t) x exp(-s t)`;
/// * `m` times a year: `(1 + (z(t) + s) / m)^(-m t)`, where `z(t) = m (D(t)^(-1/(m t)) - 1)` is the
///   curve's own zero rate in that compounding;
/// * simple: `1 / (1 + (z(t) + s) t)`, likewise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZSpread {
    /// The spread, a fraction a year.
    pub rate: f64,
    /// How the zero rates, and so the spread, compound.
    pub compounding: Compounding,
}

impl ZSpread {
    /// The curve itself.
    pub const NONE: ZSpread = ZSpread::continuous(0.0);

    /// A continuously compounded spread.
    pub const fn continuous(rate: f64) -> ZSpread {
        ZSpread { rate, compounding: Compounding::Continuous }
    }
}

/// Present value at settlement of the cash paid after it, in major units of the note's currency:
///
/// `PV = sum(cash_i x D(settlement, payment_date_i; spread))`, with the discount factors of [`ZSpread`].
///
/// Present values of several notes at one curve and no spread add up to the present value of their
/// combined cash. A note that is paid nothing is worth nothing.
///
/// # Errors
/// [`SolveError::NotFinite`] when the spread takes growth over a compounding period to zero or below, or the curve or the
/// spread is not finite.
pub fn present_value(
    note: &NoteFlows,
    settlement: Date,
    curve: &DiscountCurve,
    spread: ZSpread,
) -> Result<f64, SolveError> {
    let cash = TimedCash::on_curve(note, settlement, curve, spread.compounding);
    finite(cash.value(spread.rate), "present value")
}

/// Price with accrued interest per 100 of the balance at settlement: `100 x PV / balance`.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::curve::{Compounding, DiscountCurve};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, ZSpread, dirty_price};
/// // 103 in one year of 365 days at 5% continuous and 1% of spread: 103 exp(-0.06) = 97.0017...
/// let date = |y| Date::from_ymd_opt(y, 1, 1).unwrap();
/// let flow = NoteFlow {
///     payment_date: date(2027),
///     accrual_start: date(2026),
///     accrual_end: date(2027),
///     balance_open: Money::from_minor(100_00),
///     interest: Money::from_minor(3_00),
///     principal: Money::from_minor(100_00),
/// };
/// let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), vec![flow])?;
/// let curve = DiscountCurve::flat(date(2026), 0.05, Compounding::Continuous)?;
/// let price = dirty_price(&note, date(2026), &curve, ZSpread::continuous(0.01))?;
/// assert!((price - 103.0 * f64::exp(-0.06)).abs() < 1e-12);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`SolveError::NoCashFlows`] and [`SolveError::NoBalance`] when nothing is left to price, else as
/// [`present_value`].
pub fn dirty_price(
    note: &NoteFlows,
    settlement: Date,
    curve: &DiscountCurve,
    spread: ZSpread,
) -> Result<f64, SolveError> {
    let balance = balance(note, settlement, "price")?;
    finite(100.0 * present_value(note, settlement, curve, spread)? / balance, "price")
}

/// Price without accrued interest per 100 of the balance at settlement:
/// [`dirty_price`] - [`accrued_per_100`].
///
/// # Errors
/// As [`dirty_price`].
pub fn clean_price(
    note: &NoteFlows,
    settlement: Date,
    curve: &DiscountCurve,
    spread: ZSpread,
) -> Result<f64, SolveError> {
    Ok(dirty_price(note, settlement, curve, spread)? - accrued_per_100(note, settlement)?)
}

/// Interest accrued to settlement, as cash: each coming interest payment times the part of its accrual
/// period that has passed ([`NoteFlow::accrued_fraction`](super::NoteFlow::accrued_fraction)), exact and
/// rounded once, half to even.
///
/// It accrues the interest that will be paid, so a note whose interest is deferred or short accrues only
/// what it gets. With a payment delay, settlement between accrual end and payment accrues the whole of
/// the unpaid period and part of the next: the buyer receives both.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, accrued_interest};
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
/// // 5.00 a year, 30/360: 44 of 360 days to 15 February are 0.6111...
/// let settlement = Date::from_ymd_opt(2026, 2, 15).unwrap();
/// assert_eq!(accrued_interest(&note, settlement)?, Money::from_minor(61));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`Error::Overflow`] when the sum passes 64 bits.
pub fn accrued_interest(note: &NoteFlows, settlement: Date) -> Result<Money, Error> {
    let overflow = Error::Overflow { place: "accrued interest", period: 0 };
    note.after(settlement)
        .iter()
        .take_while(|flow| flow.accrual_start < settlement)
        .try_fold(Money::ZERO, |sum, flow| {
            let fraction = flow.accrued_fraction(settlement, note.day_count());
            sum.checked_add(fraction.of(flow.interest, Rounding::HalfEven)?)
        })
        .ok_or(overflow)
}

/// Accrued interest per 100 of the balance at settlement, before rounding to the minor unit.
///
/// # Errors
/// [`SolveError::NoCashFlows`] and [`SolveError::NoBalance`] when nothing is left to price.
pub fn accrued_per_100(note: &NoteFlows, settlement: Date) -> Result<f64, SolveError> {
    let balance = balance(note, settlement, "accrued interest")?;
    let accrued: f64 = note
        .after(settlement)
        .iter()
        .take_while(|flow| flow.accrual_start < settlement)
        .map(|flow| {
            let fraction = flow.accrued_fraction(settlement, note.day_count());
            flow.interest.to_model(note.currency()) * fraction.to_f64()
        })
        .sum();
    Ok(100.0 * accrued / balance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::time::DayCount;
    use crate::valuation::testing::{FACE, any_note, bullet, close, date, remade};
    use crate::valuation::{NoteFlow, yield_at_clean_price};
    use proptest::prelude::*;

    /// QuantLib's bond tests: 3% continuous, act/360, from 22 November 2004; here as act/365F.
    fn flat_curve() -> DiscountCurve {
        DiscountCurve::flat(date(2004, 11, 22), 0.03 * 365.0 / 360.0, Compounding::Continuous).unwrap()
    }

    fn clean(note: &NoteFlows, settlement: Date) -> f64 {
        clean_price(note, settlement, &flat_curve(), ZSpread::NONE).unwrap()
    }

    /// QuantLib, test-suite/bonds.cpp, testCached: prices on the curve, tolerance as there.
    #[test]
    fn cached_curve_prices_match_quantlib() {
        let settlement = date(2004, 11, 23);
        let first = bullet(date(2004, 10, 31), 6, 4, 12_500, DayCount::Act365Fixed);
        close(clean(&first, settlement), 98.943_393, 1e-6);
        let second = bullet(date(2004, 11, 15), 6, 10, 17_500, DayCount::Act365Fixed);
        close(clean(&second, settlement), 101.986_794, 1e-6);
    }

    /// QuantLib, testCachedZero and testCachedFixed: issued and settled 30 November 2004, payments moved
    /// off holidays (30 May 2005 is Memorial Day, 30 November 2008 a Sunday), accrual dates not.
    #[test]
    fn cached_zero_and_fixed_bonds_match_quantlib() {
        let start = date(2004, 11, 30);
        let adjusted = |day| match day {
            day if day == date(2005, 5, 30) => date(2005, 5, 31),
            day if day == date(2008, 11, 30) => date(2008, 11, 28),
            day => day,
        };
        let bond = |months, periods, coupon_e6| {
            let note = bullet(start, months, periods, coupon_e6, DayCount::Thirty360);
            remade(&note, |flow| flow.payment_date = adjusted(flow.payment_date))
        };
        close(clean(&bond(48, 1, 0), start), 88.551_726, 1e-6);
        close(clean(&bond(36, 1, 0), start), 91.278_949, 1e-6);
        close(clean(&bond(24, 1, 0), start), 94.098_006, 1e-6);
        close(clean(&bond(6, 8, 14_375), start), 99.298_100, 1e-6);
        // Coupons of 2.875%, 3%, 3.125% and 3.25% for a half-year each, the last for the rest.
        let steps = [2_875, 3_000, 3_125, 3_250];
        let mut period = 0;
        let stepped = remade(&bond(6, 8, 0), |flow| {
            flow.interest = Money::from_minor(FACE / 200_000 * steps[period.min(3)]);
            period += 1;
        });
        close(clean(&stepped, start), 100.334_149, 1e-6);
    }

    #[test]
    fn accrued_interest_is_exact_and_rounded_once() {
        // 30/360: 90 of 180 days of 2,875,000.00; act/act: 173 of 182 days of 4,000,000.00.
        let note = bullet(date(2007, 11, 15), 6, 20, 28_750, DayCount::Thirty360);
        assert_eq!(accrued_interest(&note, date(2008, 2, 15)), Ok(Money::from_minor(143_750_000)));
        let gilt = bullet(date(2012, 12, 7), 6, 17, 40_000, DayCount::Act365Fixed);
        assert_eq!(accrued_interest(&gilt, date(2013, 5, 29)), Ok(Money::from_minor(380_219_780)));
        assert_eq!(accrued_interest(&gilt, date(2013, 6, 7)), Ok(Money::ZERO));
        assert_eq!(accrued_interest(&gilt, date(2050, 6, 7)), Ok(Money::ZERO));
        let absurd = remade(&gilt, |flow| {
            flow.interest = Money::from_minor(i64::MAX);
            flow.payment_date = flow.payment_date + chrono::Months::new(12);
        });
        assert!(matches!(accrued_interest(&absurd, date(2014, 6, 1)), Err(Error::Overflow { .. })));
    }

    #[test]
    fn a_payment_delay_leaves_the_buyer_two_periods() {
        // Paid 24 days after accrual; settled 10 days into the second month: 1 + 10/30 months of 0.5%.
        let note = remade(&bullet(date(2026, 1, 1), 1, 12, 5_000, DayCount::Thirty360), |flow| {
            flow.payment_date += chrono::TimeDelta::days(24);
        });
        close(accrued_per_100(&note, date(2026, 2, 11)).unwrap(), 0.5 * (1.0 + 10.0 / 30.0), 1e-12);
    }

    #[test]
    fn nothing_left_is_an_error_and_a_total_loss_a_price_of_zero() {
        let note = bullet(date(2004, 11, 30), 6, 4, 30_000, DayCount::Thirty360);
        let price = |note: &NoteFlows, day| dirty_price(note, day, &flat_curve(), ZSpread::NONE);
        let day = date(2005, 1, 1);
        assert_eq!(price(&note, date(2006, 11, 30)), Err(SolveError::NoCashFlows { quantity: "price" }));
        let written_off = remade(&note, |flow| flow.balance_open = Money::ZERO);
        assert_eq!(price(&written_off, day), Err(SolveError::NoBalance { quantity: "price" }));
        let unpaid = remade(&note, |flow| (flow.interest, flow.principal) = (Money::ZERO, Money::ZERO));
        assert_eq!(price(&unpaid, day), Ok(0.0));
        let spread = ZSpread { rate: -3.0, compounding: Compounding::Semiannual };
        assert!(matches!(dirty_price(&note, day, &flat_curve(), spread), Err(SolveError::NotFinite { .. })));
    }

    /// A flat curve is a yield: continuous act/365F of the same rate.
    #[test]
    fn a_flat_curve_prices_as_its_own_yield() {
        use crate::valuation::{YieldConvention, YieldTime};
        let note = bullet(date(2004, 11, 30), 6, 9, 30_000, DayCount::Thirty360);
        let convention = YieldConvention {
            compounding: Compounding::Continuous,
            time: YieldTime::DayCount(DayCount::Act365Fixed),
        };
        let day = date(2005, 1, 17);
        let price = clean_price(&note, day, &flat_curve(), ZSpread::continuous(0.01)).unwrap();
        let rate = yield_at_clean_price(&note, day, price, convention).unwrap();
        close(rate, 0.03 * 365.0 / 360.0 + 0.01, 1e-13);
    }

    proptest! {
        /// Notes paid on the same dates: the value of the whole is the sum of the values of its parts.
        #[test]
        fn present_values_add_up((note, day) in any_note(), share in 0_i64..=100, rate in -0.02_f64..0.2) {
            let curve = DiscountCurve::flat(date(2026, 3, 31), rate, Compounding::Continuous).unwrap();
            let part = |weight: fn(i64) -> i64| {
                let cut = |amount: Money| amount.split(&[weight(share), weight(100 - share)])[0];
                remade(&note, |flow: &mut NoteFlow| {
                    (flow.interest, flow.principal) = (cut(flow.interest), cut(flow.principal));
                })
            };
            let senior = part(|weight| weight);
            let mut paid = senior.flows().iter();
            let junior = remade(&note, |flow| {
                let senior = paid.next().unwrap();
                (flow.interest, flow.principal) = (flow.interest - senior.interest, flow.principal - senior.principal);
            });
            let value = |note| present_value(note, day, &curve, ZSpread::NONE).unwrap();
            let whole = value(&note);
            prop_assert!((value(&senior) + value(&junior) - whole).abs() <= 1e-12 * whole.max(1.0));
        }

        #[test]
        fn price_falls_as_the_spread_rises((note, day) in any_note(), rate in -0.2_f64..0.5, rise in 1e-6_f64..0.5) {
            let curve = DiscountCurve::flat(date(2026, 3, 31), 0.04, Compounding::Continuous).unwrap();
            for compounding in [Compounding::Continuous, Compounding::Monthly, Compounding::Annual] {
                let price = |rate| dirty_price(&note, day, &curve, ZSpread { rate, compounding }).unwrap();
                prop_assert!(price(rate + rise) < price(rate));
            }
        }

        /// `accrued_interest` is the unrounded figure to half a minor unit.
        #[test]
        fn accrued_cash_and_accrued_per_100_agree((note, day) in any_note()) {
            let cash = accrued_interest(&note, day).unwrap().to_model(Currency::USD);
            let balance = note.balance_at(day).to_model(Currency::USD);
            if balance > 0.0 {
                let per_100 = accrued_per_100(&note, day).unwrap();
                prop_assert!((per_100 * balance / 100.0 - cash).abs() < 0.005_001);
            }
        }
    }
}
