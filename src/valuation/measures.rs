//! Every measure of one note at one quote.

use super::cash::{balance, finite};
use super::flows::{NoteFlow, NoteFlows};
use super::life::{PrincipalWindow, expected_final, principal_window, wal_years};
use super::margin::{dirty_price_at_margin, discount_margin};
use super::market::{Market, Pricing};
use super::price::{ZSpread, accrued_interest, accrued_per_100, dirty_price};
use super::risk::{CurveRisk, cs01, curve_risk, curve_risk_reprojected};
use super::spread::z_spread;
use super::yields::{YieldMeasures, dirty_price_at_yield, yield_at_dirty_price};
use crate::curve::Curve;
use crate::error::{Error, SolveError};
use crate::money::Money;
use crate::rate::Rate;
use crate::time::Date;

/// The measures that rest on the spread over the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpreadMeasures {
    /// The spread over the curve.
    pub z_spread: ZSpread,
    /// Fall of the price per 100 for one basis point of spread, the cash held fixed.
    pub cs01: f64,
    /// Sensitivities to the curve.
    pub curve: CurveRisk,
}

/// Everything measured of one note at one quote.
///
/// A measure that does not exist keeps its reason: a note that will be paid nothing has a price of zero
/// and no yield, one whose principal is never paid has no average life.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteMeasures {
    /// The day for which the figures hold.
    pub settlement: Date,
    /// Balance at settlement: the base of every price.
    pub balance: Money,
    /// Dirty price per 100 of balance.
    pub dirty_price: f64,
    /// Clean price per 100 of balance.
    pub clean_price: f64,
    /// Interest accrued to settlement.
    pub accrued_interest: Money,
    /// What the buyer pays, in major units: `dirty_price x balance / 100`.
    pub market_value: f64,
    /// Yield, its durations and convexity.
    pub yields: Result<YieldMeasures, SolveError>,
    /// Spread over the curve, and sensitivities to both.
    pub spreads: Result<SpreadMeasures, SolveError>,
    /// Margin over the index; `None` when the market has none.
    pub discount_margin: Option<Result<f64, SolveError>>,
    /// Weighted average life in years; `None` when no principal is paid.
    pub wal_years: Option<f64>,
    /// First and last date of principal; `None` when none is paid.
    pub principal_window: Option<PrincipalWindow>,
    /// The date that repays the note in full; `None` when the cash does not.
    pub expected_final: Option<Date>,
}

impl NoteMeasures {
    /// Measures a note whose cash does not change with the curve.
    ///
    /// ```
    /// # use leasefall::{Currency, Error, Money};
    /// # use leasefall::curve::{Compounding, DiscountCurve};
    /// # use leasefall::time::{Date, DayCount};
    /// # use leasefall::valuation::{Market, NoteFlow, NoteFlows, NoteMeasures, Pricing};
    /// // At par on its closing date a note yields its coupon: 3% a half-year, 6% bond-equivalent.
    /// let date = |y, m| Date::from_ymd_opt(y, m, 1).unwrap();
    /// let flow = |accrual_start, accrual_end, principal| NoteFlow {
    ///     payment_date: accrual_end,
    ///     accrual_start,
    ///     accrual_end,
    ///     balance_open: Money::from_minor(100_00),
    ///     interest: Money::from_minor(3_00),
    ///     principal: Money::from_minor(principal),
    /// };
    /// let flows = vec![flow(date(2026, 1), date(2026, 7), 0), flow(date(2026, 7), date(2027, 1), 100_00)];
    /// let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), flows)?;
    /// let curve = DiscountCurve::flat(date(2026, 1), 0.04, Compounding::Continuous)?;
    /// let measures = NoteMeasures::new(&note, &Market::new(date(2026, 1), &curve), Pricing::CleanPrice(100.0))?;
    /// assert!((measures.yields?.yield_rate - 0.06).abs() < 1e-12);
    /// assert_eq!(measures.wal_years, Some(1.0));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// When the quote gives no price: [`SolveError::NoCashFlows`] or [`SolveError::NoBalance`] for a note
    /// with nothing left, [`SolveError::NotFinite`] for a quote outside its domain, [`Error::Argument`]
    /// for a discount margin without an index. [`Error::Overflow`] from [`accrued_interest`].
    pub fn new(note: &NoteFlows, market: &Market<'_>, pricing: Pricing) -> Result<NoteMeasures, Error> {
        NoteMeasures::with_risk(note, market, pricing, |spread| {
            let shift = market.conventions.curve_shift;
            Ok(curve_risk(note, market.settlement, market.curve, spread, shift)?)
        })
    }

    /// Measures a note whose cash is projected anew on each shifted curve, as
    /// [`curve_risk_reprojected`] describes. The rest is measured on `note`.
    ///
    /// # Errors
    /// As [`NoteMeasures::new`], and whatever `project` returns that is not a [`SolveError`].
    pub fn reprojected(
        note: &NoteFlows,
        market: &Market<'_>,
        pricing: Pricing,
        mut project: impl FnMut(f64) -> Result<NoteFlows, Error>,
    ) -> Result<NoteMeasures, Error> {
        NoteMeasures::with_risk(note, market, pricing, |spread| {
            let shift = market.conventions.curve_shift;
            curve_risk_reprojected(market.settlement, market.curve, spread, shift, &mut project)
        })
    }

    fn with_risk(
        note: &NoteFlows,
        market: &Market<'_>,
        pricing: Pricing,
        mut risk: impl FnMut(ZSpread) -> Result<CurveRisk, Error>,
    ) -> Result<NoteMeasures, Error> {
        let Market { settlement, curve, conventions, index } = *market;
        let balance_model = balance(note, settlement, "price")?;
        let accrued = accrued_per_100(note, settlement)?;
        let dirty_price = finite(price_of(note, market, pricing)?, "price")?;

        let yield_rate = match pricing {
            Pricing::Yield(rate) => Ok(rate),
            _ => yield_at_dirty_price(note, settlement, dirty_price, conventions.yield_convention),
        };
        let at_yield = |rate| YieldMeasures::at_yield(note, settlement, rate, conventions.yield_convention);
        let spread = match pricing {
            Pricing::ZSpread(rate) => Ok(ZSpread { rate, compounding: conventions.spread_compounding }),
            _ => z_spread(note, settlement, dirty_price, curve, conventions.spread_compounding),
        };
        let mut at_spread = |z_spread| {
            let cs01 = cs01(note, settlement, curve, z_spread)?;
            Ok(SpreadMeasures { z_spread, cs01, curve: risk(z_spread)? })
        };
        let margin = |index| match pricing {
            Pricing::DiscountMargin(margin) => Ok(margin),
            _ => discount_margin(note, settlement, dirty_price, index_rates(index, note)),
        };
        Ok(NoteMeasures {
            settlement,
            balance: note.balance_at(settlement),
            dirty_price,
            clean_price: dirty_price - accrued,
            accrued_interest: accrued_interest(note, settlement)?,
            market_value: finite(dirty_price / 100.0 * balance_model, "market value")?,
            yields: yield_rate.and_then(at_yield),
            spreads: unsolved(spread.map_err(Error::from).and_then(&mut at_spread))?,
            discount_margin: index.map(margin),
            wal_years: wal_years(note, settlement, conventions.wal_day_count),
            principal_window: principal_window(note, settlement),
            expected_final: expected_final(note, settlement),
        })
    }
}

/// The dirty price that a quote gives.
fn price_of(note: &NoteFlows, market: &Market<'_>, pricing: Pricing) -> Result<f64, Error> {
    let Market { settlement, curve, conventions, index } = *market;
    Ok(match pricing {
        Pricing::DirtyPrice(price) => price,
        Pricing::CleanPrice(price) => price + accrued_per_100(note, settlement)?,
        Pricing::Yield(rate) => dirty_price_at_yield(note, settlement, rate, conventions.yield_convention)?,
        Pricing::ZSpread(rate) => {
            let spread = ZSpread { rate, compounding: conventions.spread_compounding };
            dirty_price(note, settlement, curve, spread)?
        }
        Pricing::DiscountMargin(found) => {
            let expected = "a quote of a market with an index";
            let index = index.ok_or(Error::Argument { argument: "discount_margin", found, expected })?;
            dirty_price_at_margin(note, settlement, found, index_rates(index, note))?
        }
    })
}

/// The index rate of each flow's accrual period; NaN where the curve gives none.
fn index_rates<'a>(index: &'a Curve, note: &NoteFlows) -> impl Fn(&NoteFlow) -> f64 + 'a {
    let day_count = note.day_count();
    move |flow| {
        index.index_rate(flow.accrual_start, flow.accrual_end, day_count).map_or(f64::NAN, Rate::to_f64)
    }
}

/// A measure without a solution is a finding; any other error ends the measuring.
fn unsolved<T>(result: Result<T, Error>) -> Result<Result<T, SolveError>, Error> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Solve(reason)) => Ok(Err(reason)),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Compounding, DiscountCurve, ForwardCurve};
    use crate::money::Currency;
    use crate::time::DayCount;
    use crate::valuation::Conventions;
    use crate::valuation::testing::{any_note, bullet, close, date, remade};
    use proptest::prelude::*;

    fn curve() -> DiscountCurve {
        DiscountCurve::flat(date(2026, 1, 1), 0.04, Compounding::Continuous).unwrap()
    }

    fn flat_index(rate_e7: i64) -> Curve {
        let rate = Rate::new(rust_decimal::Decimal::new(rate_e7, 7));
        Curve::Forward(ForwardCurve::new(vec![(date(2026, 1, 1), rate)]).unwrap())
    }

    #[test]
    fn one_note_from_every_quote() {
        let (curve, index) = (curve(), flat_index(300_000));
        let note = bullet(date(2026, 1, 1), 6, 10, 30_000, DayCount::Thirty360);
        let market = Market { index: Some(&index), ..Market::new(date(2026, 2, 15), &curve) };
        let from = |pricing| NoteMeasures::new(&note, &market, pricing).unwrap();
        let quoted = from(Pricing::CleanPrice(98.5));
        close(quoted.dirty_price - quoted.clean_price, 3.0 * 44.0 / 180.0, 1e-12);
        close(quoted.market_value, quoted.dirty_price * 1e6, 1e-6);
        let (yields, spreads) = (quoted.yields.clone().unwrap(), quoted.spreads.clone().unwrap());
        let margin = quoted.discount_margin.clone().unwrap().unwrap();
        for other in [
            from(Pricing::DirtyPrice(quoted.dirty_price)),
            from(Pricing::Yield(yields.yield_rate)),
            from(Pricing::ZSpread(spreads.z_spread.rate)),
            from(Pricing::DiscountMargin(margin)),
        ] {
            close(other.clean_price, 98.5, 1e-11);
            close(other.yields.unwrap().yield_rate, yields.yield_rate, 1e-13);
            close(other.spreads.unwrap().z_spread.rate, spreads.z_spread.rate, 1e-13);
            close(other.discount_margin.unwrap().unwrap(), margin, 1e-13);
        }
        assert_eq!(quoted.expected_final, Some(date(2031, 1, 1)));
        close(spreads.curve.effective_duration, yields.macaulay_duration, 0.01);
    }

    #[test]
    fn a_total_loss_has_a_price_and_no_yield() {
        let curve = curve();
        let market = Market::new(date(2026, 2, 15), &curve);
        let note = bullet(date(2026, 1, 1), 6, 10, 30_000, DayCount::Thirty360);
        let unpaid = remade(&note, |flow| (flow.interest, flow.principal) = (Money::ZERO, Money::ZERO));
        let measures = NoteMeasures::new(&unpaid, &market, Pricing::ZSpread(0.02)).unwrap();
        assert_eq!((measures.dirty_price, measures.market_value), (0.0, 0.0));
        assert_eq!(measures.yields, Err(SolveError::NoCashFlows { quantity: "yield" }));
        assert!(matches!(measures.spreads, Err(SolveError::NoCashFlows { .. })));
        assert_eq!(
            (measures.wal_years, measures.principal_window, measures.expected_final),
            (None, None, None)
        );
        assert_eq!(measures.discount_margin, None);
    }

    #[test]
    fn nothing_left_or_no_index_is_an_error() {
        let curve = curve();
        let note = bullet(date(2026, 1, 1), 6, 2, 30_000, DayCount::Thirty360);
        let at = |note: &NoteFlows, day, pricing| NoteMeasures::new(note, &Market::new(day, &curve), pricing);
        let paid_off = at(&note, date(2027, 1, 1), Pricing::CleanPrice(100.0));
        assert_eq!(paid_off, Err(SolveError::NoCashFlows { quantity: "price" }.into()));
        let written_off = remade(&note, |flow| flow.balance_open = Money::ZERO);
        let gone = at(&written_off, date(2026, 2, 1), Pricing::CleanPrice(100.0));
        assert_eq!(gone, Err(SolveError::NoBalance { quantity: "price" }.into()));
        let fixed = at(&note, date(2026, 2, 1), Pricing::DiscountMargin(0.01));
        assert!(matches!(fixed, Err(Error::Argument { argument: "discount_margin", .. })));
        let empty = NoteFlows::new(Currency::USD, DayCount::Act360, Money::ZERO, Vec::new()).unwrap();
        assert!(at(&empty, date(2026, 2, 1), Pricing::Yield(0.05)).is_err());
    }

    #[test]
    fn reprojection_reaches_only_the_curve_risk() {
        let curve = curve();
        let market = Market::new(date(2026, 1, 1), &curve);
        let note = bullet(date(2026, 1, 1), 6, 10, 30_000, DayCount::Thirty360);
        let fixed = NoteMeasures::new(&note, &market, Pricing::CleanPrice(99.0)).unwrap();
        let same = NoteMeasures::reprojected(&note, &market, Pricing::CleanPrice(99.0), |_| Ok(note.clone()));
        assert_eq!(same.unwrap(), fixed);
        let fault = Error::Overflow { place: "projection", period: 3 };
        let failed =
            NoteMeasures::reprojected(&note, &market, Pricing::CleanPrice(99.0), |_| Err(fault.clone()));
        assert_eq!(failed, Err(fault));
    }

    fn any_pricing() -> impl Strategy<Value = Pricing> {
        let quote = prop_oneof![any::<f64>(), -2.0_f64..2.0, 0.0_f64..200.0];
        (quote, 0..5).prop_map(|(quote, kind)| match kind {
            0 => Pricing::CleanPrice(quote),
            1 => Pricing::DirtyPrice(quote),
            2 => Pricing::Yield(quote),
            3 => Pricing::ZSpread(quote),
            _ => Pricing::DiscountMargin(quote),
        })
    }

    proptest! {
        #[test]
        fn no_input_panics_and_no_figure_is_a_nan(
            (note, day) in any_note(),
            pricing in any_pricing(),
            amounts in prop::collection::vec((any::<i64>(), any::<i64>(), 0..=i64::MAX), 60),
            wild in any::<bool>(),
            index_e7 in prop_oneof![any::<i64>(), -10_000_000_i64..10_000_000],
            curve_shift in prop_oneof![any::<f64>(), 1e-5_f64..0.1],
        ) {
            let mut amounts = amounts.into_iter();
            let note = if wild {
                remade(&note, |flow| {
                    let (interest, principal, balance) = amounts.next().unwrap_or_default();
                    flow.interest = Money::from_minor(interest);
                    flow.principal = Money::from_minor(principal);
                    flow.balance_open = Money::from_minor(balance);
                })
            } else {
                note
            };
            let (curve, index) = (curve(), flat_index(index_e7));
            let conventions = Conventions { curve_shift, ..Conventions::default() };
            let market = Market { index: Some(&index), conventions, ..Market::new(day, &curve) };
            if let Ok(measures) = NoteMeasures::new(&note, &market, pricing) {
                let mut figures = vec![measures.dirty_price, measures.clean_price, measures.market_value];
                figures.extend(measures.wal_years);
                figures.extend(measures.discount_margin.and_then(Result::ok));
                if let Ok(y) = measures.yields {
                    figures.extend([y.yield_rate, y.dirty_price, y.macaulay_duration, y.modified_duration, y.convexity, y.dv01]);
                }
                if let Ok(s) = measures.spreads {
                    figures.extend([s.z_spread.rate, s.cs01]);
                    figures.extend([s.curve.effective_duration, s.curve.effective_convexity, s.curve.dv01]);
                }
                prop_assert!(figures.iter().all(|figure| figure.is_finite()), "{:?}", figures);
            }
        }
    }
}
