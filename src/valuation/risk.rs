//! How a price moves when the curve or the spread moves.

use super::cash::{TimedCash, balance, finite};
use super::flows::NoteFlows;
use super::price::{ZSpread, present_value};
use crate::curve::DiscountCurve;
use crate::error::{Error, SolveError};
use crate::time::Date;

/// One basis point, as a fraction.
pub const BASIS_POINT: f64 = 1e-4;

/// The price's sensitivities to a parallel shift of the curve's continuously compounded zero rates, the
/// spread over it held fixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveRisk {
    /// Years: `(P(-h) - P(+h)) / (2 h P(0))` (Fabozzi, *Bond Markets*, ch. 4).
    pub effective_duration: f64,
    /// Years squared: `(P(-h) + P(+h) - 2 P(0)) / (h^2 P(0))` (Tuckman, ch. 4; Fabozzi prints half).
    pub effective_convexity: f64,
    /// Fall of the price per 100 for one basis point: `(P(-h) - P(+h)) / (2 h) / 10,000` (Tuckman).
    pub dv01: f64,
}

/// The curve risk of cash that does not change when rates do.
///
/// `shift` is `h`, a fraction: one basis point ([`BASIS_POINT`]) to 25.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::curve::{Compounding, DiscountCurve};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, ZSpread, BASIS_POINT, curve_risk};
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
/// // One payment in a year of 365 days, worth 105 exp(-0.05 - h): duration and convexity of one.
/// let curve = DiscountCurve::flat(date(2026), 0.05, Compounding::Continuous)?;
/// let risk = curve_risk(&note, date(2026), &curve, ZSpread::NONE, BASIS_POINT)?;
/// assert!((risk.effective_duration - 1.0).abs() < 1e-7);
/// assert!((risk.effective_convexity - 1.0).abs() < 1e-6);
/// assert!((risk.dv01 - 105.0 * f64::exp(-0.05) / 10_000.0).abs() < 1e-9);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`SolveError::NoCashFlows`], [`SolveError::NoBalance`] when nothing is left to price or its price is
/// zero; [`SolveError::NotFinite`] when a shifted price is not finite, as for a shift of zero.
pub fn curve_risk(
    note: &NoteFlows,
    settlement: Date,
    curve: &DiscountCurve,
    spread: ZSpread,
    shift: f64,
) -> Result<CurveRisk, SolveError> {
    let balance = balance(note, settlement, "curve risk")?;
    let value = |shift| present_value(note, settlement, &curve.shifted(shift), spread);
    CurveRisk::from_values(value(-shift)?, value(0.0)?, value(shift)?, shift, balance)
}

/// The curve risk of cash that is projected anew on each shifted curve: floating coupons, prepayments,
/// triggers.
///
/// `project` is called with `-h`, `0` and `+h` and gives the note's cash when the curve's zero rates have
/// moved by that much. Cash is whole cents, so a very small shift measures rounding: 25 basis points is a
/// good `shift` for duration, and convexity wants no less.
///
/// # Errors
/// What `project` returns; else as [`curve_risk`].
pub fn curve_risk_reprojected(
    settlement: Date,
    curve: &DiscountCurve,
    spread: ZSpread,
    shift: f64,
    mut project: impl FnMut(f64) -> Result<NoteFlows, Error>,
) -> Result<CurveRisk, Error> {
    let unmoved = project(0.0)?;
    let balance = balance(&unmoved, settlement, "curve risk")?;
    let base = present_value(&unmoved, settlement, curve, spread)?;
    let down = present_value(&project(-shift)?, settlement, &curve.shifted(-shift), spread)?;
    let up = present_value(&project(shift)?, settlement, &curve.shifted(shift), spread)?;
    Ok(CurveRisk::from_values(down, base, up, shift, balance)?)
}

impl CurveRisk {
    /// From present values with the curve shifted down, not at all, and up.
    fn from_values(down: f64, base: f64, up: f64, shift: f64, balance: f64) -> Result<CurveRisk, SolveError> {
        if base == 0.0 {
            return Err(SolveError::NoCashFlows { quantity: "effective duration" });
        }
        let slope = (down - up) / (2.0 * shift);
        Ok(CurveRisk {
            effective_duration: finite(slope / base, "effective duration")?,
            effective_convexity: finite(
                (down + up - 2.0 * base) / (shift * shift * base),
                "effective convexity",
            )?,
            dv01: finite(100.0 / balance * slope * BASIS_POINT, "dv01")?,
        })
    }
}

/// Fall of the price per 100 of balance for one basis point of spread, the cash held fixed:
/// `CS01 = (P(s - 1bp) - P(s + 1bp)) / 2`.
///
/// For a continuous spread it equals the DV01 of fixed cash.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::curve::{Compounding, DiscountCurve};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, ZSpread, cs01};
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
/// // 105 in a year of 365 days at 5% and 2%: 105 exp(-0.07) x 0.0001 = 0.00979.
/// let curve = DiscountCurve::flat(date(2026), 0.05, Compounding::Continuous)?;
/// let cs01 = cs01(&note, date(2026), &curve, ZSpread::continuous(0.02))?;
/// assert!((cs01 - 105.0 * f64::exp(-0.07) / 10_000.0).abs() < 1e-9);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`SolveError::NoCashFlows`], [`SolveError::NoBalance`] when nothing is left to price;
/// [`SolveError::NotFinite`] outside the spread's domain.
pub fn cs01(
    note: &NoteFlows,
    settlement: Date,
    curve: &DiscountCurve,
    spread: ZSpread,
) -> Result<f64, SolveError> {
    let balance = balance(note, settlement, "cs01")?;
    let cash = TimedCash::on_curve(note, settlement, curve, spread.compounding);
    let value = |shift| cash.value(spread.rate + shift);
    finite(100.0 / balance * (value(-BASIS_POINT) - value(BASIS_POINT)) / 2.0, "cs01")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Compounding;
    use crate::money::Money;
    use crate::time::DayCount;
    use crate::valuation::testing::{any_note, bullet, close, date, remade};
    use crate::valuation::{YieldConvention, dirty_price_at_yield};
    use proptest::prelude::*;

    fn curve(rate: f64) -> DiscountCurve {
        DiscountCurve::flat(date(2026, 1, 1), rate, Compounding::Continuous).unwrap()
    }

    /// 9% of twenty years at 6%, and 20 basis points either way: Fabozzi, *Bond Markets*, ch. 4, prints
    /// 134.6722, 137.5888 and 131.8439, from which follow a duration of 10.66 and a convexity of 163.92
    /// (81.96 where halved).
    #[test]
    fn the_textbook_effective_duration() {
        let start = date(2026, 1, 1);
        let note = bullet(start, 6, 40, 45_000, DayCount::Thirty360);
        let price =
            |rate| dirty_price_at_yield(&note, start, rate, YieldConvention::BOND_EQUIVALENT).unwrap();
        close(price(0.06), 134.6722, 5e-5);
        close(price(0.058), 137.5888, 5e-5);
        close(price(0.062), 131.8439, 5e-5);
        let risk = CurveRisk::from_values(137.5888, 134.6722, 131.8439, 0.002, 100.0).unwrap();
        close(risk.effective_duration, 10.66, 0.005);
        close(risk.effective_convexity, 163.92, 0.005);
    }

    #[test]
    fn a_zero_on_a_flat_curve_lives_as_long_as_it_lasts() {
        // P = exp(-r t): duration sinh(h t) / h, convexity 2 (cosh(h t) - 1) / h^2, which tend to t, t^2.
        let note = bullet(date(2026, 1, 1), 120, 1, 0, DayCount::Thirty360);
        let years: f64 = 3652.0 / 365.0;
        for h in [BASIS_POINT, 0.0025] {
            let risk = curve_risk(&note, date(2026, 1, 1), &curve(0.04), ZSpread::NONE, h).unwrap();
            close(risk.effective_duration, (h * years).sinh() / h, 1e-9);
            close(risk.effective_convexity, 2.0 * ((h * years).cosh() - 1.0) / (h * h), 1e-6);
            let price = 100.0 * (-0.04 * years).exp();
            close(risk.dv01, risk.effective_duration * price * 1e-4, 1e-12);
        }
    }

    #[test]
    fn a_floater_has_the_duration_of_its_next_payment() {
        // Each coupon is the forward interest of its period, so the note is worth par whatever the rate:
        // effective duration near zero on a reset date, though its cash, held fixed, has one of years.
        let start = date(2026, 1, 1);
        let fixed = bullet(start, 3, 20, 0, DayCount::Act360);
        let project = |shift: f64| -> Result<NoteFlows, Error> {
            let growth = |flow: &super::super::NoteFlow| {
                let days = (flow.accrual_end - flow.accrual_start).num_days() as f64;
                ((0.04 + shift) * days / 365.0).exp_m1()
            };
            Ok(remade(&fixed, |flow| {
                let interest = growth(flow) * flow.balance_open.minor() as f64;
                flow.interest = Money::from_minor(interest.round() as i64);
            }))
        };
        let floating = curve_risk_reprojected(start, &curve(0.04), ZSpread::NONE, 0.0025, project).unwrap();
        close(floating.effective_duration, 0.0, 1e-6);
        close(floating.dv01, 0.0, 1e-8);
        let held = curve_risk(&project(0.0).unwrap(), start, &curve(0.04), ZSpread::NONE, 0.0025).unwrap();
        assert!(held.effective_duration > 4.0);
        // Between reset dates the coming coupon is set: 31 days to the payment of 1 April.
        let set = project(0.0).unwrap().flows()[0].interest;
        let project_from_reset = |shift: f64| {
            Ok(remade(&project(shift)?, |flow| {
                if flow.accrual_start == start {
                    flow.interest = set;
                }
            }))
        };
        let (day, curve) = (date(2026, 3, 1), curve(0.04));
        let midway = curve_risk_reprojected(day, &curve, ZSpread::NONE, 0.0025, project_from_reset).unwrap();
        close(midway.effective_duration, 31.0 / 365.0, 1e-6);
    }

    #[test]
    fn no_balance_no_cash_no_shift() {
        let start = date(2026, 1, 1);
        let note = bullet(start, 6, 4, 30_000, DayCount::Thirty360);
        let risk = |note: &NoteFlows, shift| curve_risk(note, start, &curve(0.04), ZSpread::NONE, shift);
        assert!(matches!(risk(&note, 0.0), Err(SolveError::NotFinite { .. })));
        let unpaid = remade(&note, |flow| (flow.interest, flow.principal) = (Money::ZERO, Money::ZERO));
        assert!(matches!(risk(&unpaid, 0.01), Err(SolveError::NoCashFlows { .. })));
        let written_off = remade(&note, |flow| flow.balance_open = Money::ZERO);
        assert!(matches!(risk(&written_off, 0.01), Err(SolveError::NoBalance { .. })));
    }

    proptest! {
        #[test]
        fn fixed_cash_moves_alike_with_curve_and_spread((note, day) in any_note(), rate in -0.01_f64..0.2, spread in -0.01_f64..0.1) {
            prop_assume!(!note.balance_at(day).is_zero());
            let spread = ZSpread::continuous(spread);
            let risk = curve_risk(&note, day, &curve(rate), spread, BASIS_POINT).unwrap();
            let cs01 = cs01(&note, day, &curve(rate), spread).unwrap();
            prop_assert!((risk.dv01 - cs01).abs() <= 1e-9 * cs01.abs().max(1.0));
        }
    }
}
