//! Yield to the projected cash, and what follows from it: durations, convexity, DV01.

use super::cash::{TimedCash, balance, finite, step};
use super::flows::{NoteFlow, NoteFlows};
use super::price::accrued_per_100;
use super::risk::BASIS_POINT;
use super::search;
use crate::curve::Compounding;
use crate::error::SolveError;
use crate::time::{Date, DayCount};

/// How a yield compounds and how it counts time.
///
/// With `t` in years and `m` compounding periods a year a payment is discounted by `(1 + y / m)^(-m t)`,
/// also in the first, broken period: the street convention (as opposed to the US Treasury's own, which is
/// simple in the broken period).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YieldConvention {
    /// How often the yield compounds.
    pub compounding: Compounding,
    /// How years to a payment are counted.
    pub time: YieldTime,
}

impl YieldConvention {
    /// Bond-equivalent yield: semiannual compounding whatever the payment frequency, 30/360. For monthly
    /// cash it is `2 x ((1 + monthly yield)^6 - 1)` (Fabozzi), the market's quote for ABS and MBS.
    pub const BOND_EQUIVALENT: YieldConvention = YieldConvention {
        compounding: Compounding::Semiannual,
        time: YieldTime::DayCount(DayCount::Thirty360),
    };
    /// Monthly compounding, 30/360: the mortgage yield.
    pub const MONTHLY: YieldConvention =
        YieldConvention { compounding: Compounding::Monthly, time: YieldTime::DayCount(DayCount::Thirty360) };
    /// Annual compounding, 30/360: the effective annual yield.
    pub const ANNUAL: YieldConvention =
        YieldConvention { compounding: Compounding::Annual, time: YieldTime::DayCount(DayCount::Thirty360) };
}

/// How a yield counts the years from settlement to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YieldTime {
    /// The day count's year fraction from settlement to the payment date.
    DayCount(DayCount),
    /// Accrual periods: the part of the current one still to run, by the note's own day count, plus one
    /// for each that follows, over periods a year. Takes each payment as made when its accrual period
    /// ends. With an actual day count it is the ICMA rule, and that of the spreadsheet functions `PRICE`
    /// and `YIELD`.
    Periods {
        /// Accrual periods a year: 2 for semiannual coupons. Zero counts as one.
        per_year: u32,
    },
}

/// Dirty price per 100 of the balance at settlement at a yield:
/// `P = 100 / balance x sum(cash_i x (1 + y / m)^(-m t_i))`.
///
/// # Errors
/// [`SolveError::NoCashFlows`] and [`SolveError::NoBalance`] when nothing is left to price;
/// [`SolveError::NotFinite`] for a yield of `-m` or below, or one that takes the price past any double.
pub fn dirty_price_at_yield(
    note: &NoteFlows,
    settlement: Date,
    yield_rate: f64,
    convention: YieldConvention,
) -> Result<f64, SolveError> {
    let balance = balance(note, settlement, "price")?;
    let cash = timed_cash(note, settlement, convention);
    finite(100.0 * cash.value(yield_rate) / balance, "price")
}

/// Clean price per 100 of the balance at settlement at a yield: [`dirty_price_at_yield`] less
/// [`accrued_per_100`].
///
/// # Errors
/// As [`dirty_price_at_yield`].
pub fn clean_price_at_yield(
    note: &NoteFlows,
    settlement: Date,
    yield_rate: f64,
    convention: YieldConvention,
) -> Result<f64, SolveError> {
    Ok(dirty_price_at_yield(note, settlement, yield_rate, convention)? - accrued_per_100(note, settlement)?)
}

/// The yield at which [`dirty_price_at_yield`] is the price given.
///
/// It is negative when the cash adds up to less than the price, and unique as long as no payment is
/// negative.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, YieldConvention, yield_at_dirty_price};
/// // 106.09 in one year for 100: 3% each half-year, 6% bond-equivalent.
/// let date = |y| Date::from_ymd_opt(y, 1, 1).unwrap();
/// let flow = NoteFlow {
///     payment_date: date(2027),
///     accrual_start: date(2026),
///     accrual_end: date(2027),
///     balance_open: Money::from_minor(100_00),
///     interest: Money::from_minor(6_09),
///     principal: Money::from_minor(100_00),
/// };
/// let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), vec![flow])?;
/// let bond_equivalent = yield_at_dirty_price(&note, date(2026), 100.0, YieldConvention::BOND_EQUIVALENT)?;
/// assert!((bond_equivalent - 0.06).abs() < 1e-12);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`SolveError::NoCashFlows`] when nothing is paid after settlement, [`SolveError::NoBalance`] when
/// nothing is outstanding, [`SolveError::NotFinite`] for a price that is not a number,
/// [`SolveError::NotBracketed`] when no yield gives the price: one of zero or less, say.
pub fn yield_at_dirty_price(
    note: &NoteFlows,
    settlement: Date,
    dirty_price: f64,
    convention: YieldConvention,
) -> Result<f64, SolveError> {
    let balance = balance(note, settlement, "yield")?;
    let cash = timed_cash(note, settlement, convention);
    if cash.is_empty() {
        return Err(SolveError::NoCashFlows { quantity: "yield" });
    }
    let price = |rate| 100.0 * cash.value(rate) / balance;
    search::falling_above("yield", cash.lowest_rate(), dirty_price, price)
}

/// The yield at which [`clean_price_at_yield`] is the price given.
///
/// # Errors
/// As [`yield_at_dirty_price`].
pub fn yield_at_clean_price(
    note: &NoteFlows,
    settlement: Date,
    clean_price: f64,
    convention: YieldConvention,
) -> Result<f64, SolveError> {
    yield_at_dirty_price(note, settlement, clean_price + accrued_per_100(note, settlement)?, convention)
}

/// A yield and the price's sensitivities to it, the cash held fixed.
///
/// ```
/// # use leasefall::{Currency, Error, Money};
/// # use leasefall::time::{Date, DayCount};
/// # use leasefall::valuation::{NoteFlow, NoteFlows, YieldConvention, YieldMeasures};
/// # let date = |y| Date::from_ymd_opt(y, 1, 1).unwrap();
/// # let flow = NoteFlow {
/// #     payment_date: date(2028),
/// #     accrual_start: date(2026),
/// #     accrual_end: date(2028),
/// #     balance_open: Money::from_minor(100_00),
/// #     interest: Money::ZERO,
/// #     principal: Money::from_minor(100_00),
/// # };
/// # let note = NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), vec![flow])?;
/// // 100 in two years at 25% a year: price 64, durations 2 and 2 / 1.25, convexity 2 x 3 / 1.25^2.
/// let measures = YieldMeasures::at_yield(&note, date(2026), 0.25, YieldConvention::ANNUAL)?;
/// assert!((measures.dirty_price - 64.0).abs() < 1e-12);
/// assert!((measures.macaulay_duration - 2.0).abs() < 1e-12);
/// assert!((measures.modified_duration - 1.6).abs() < 1e-12);
/// assert!((measures.convexity - 3.84).abs() < 1e-12);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YieldMeasures {
    /// The yield, in the convention asked for.
    pub yield_rate: f64,
    /// Dirty price per 100 of balance at that yield.
    pub dirty_price: f64,
    /// Years: `D = sum(t_i PV_i) / sum(PV_i)` (Macaulay 1938).
    pub macaulay_duration: f64,
    /// Years: `-(dP/dy) / P`, which is `D / (1 + y / m)`, and `D` for a continuous yield (Fabozzi, *Bond
    /// Markets*, ch. 4; Tuckman, *Fixed Income Securities*, ch. 4).
    pub modified_duration: f64,
    /// Years squared: `(d2P/dy2) / P = sum(t_i (t_i + 1/m) PV_i) / (P (1 + y/m)^2)` (the same). Some
    /// sources print a hundredth or half of it.
    pub convexity: f64,
    /// Fall of the price per 100 for one basis point of yield: `modified_duration x P / 10,000`.
    pub dv01: f64,
}

impl YieldMeasures {
    /// The measures of a note at a yield.
    ///
    /// # Errors
    /// As [`dirty_price_at_yield`]; and [`SolveError::NoCashFlows`] when the cash after settlement is worth
    /// nothing.
    pub fn at_yield(
        note: &NoteFlows,
        settlement: Date,
        yield_rate: f64,
        convention: YieldConvention,
    ) -> Result<YieldMeasures, SolveError> {
        let dirty_price = dirty_price_at_yield(note, settlement, yield_rate, convention)?;
        let cash = timed_cash(note, settlement, convention);
        let (mut total, mut timed, mut first, mut second) = (0.0, 0.0, 0.0, 0.0);
        for (payment, value) in cash.discounted(yield_rate) {
            let years = payment.years;
            let step = step(convention.compounding, years);
            let growth = 1.0 + yield_rate * step;
            total += value;
            timed += years * value;
            // -dPV/dy and d2PV/dy2 of one payment.
            first += years * value / growth;
            second += years * (years + step) * value / (growth * growth);
        }
        if total == 0.0 {
            return Err(SolveError::NoCashFlows { quantity: "duration" });
        }
        let macaulay_duration = finite(timed / total, "duration")?;
        let modified_duration = finite(first / total, "duration")?;
        let convexity = finite(second / total, "convexity")?;
        let dv01 = finite(modified_duration * dirty_price * BASIS_POINT, "dv01")?;
        Ok(YieldMeasures { yield_rate, dirty_price, macaulay_duration, modified_duration, convexity, dv01 })
    }
}

/// The cash after settlement at the times that the convention counts.
fn timed_cash(note: &NoteFlows, settlement: Date, convention: YieldConvention) -> TimedCash {
    // Periods gone by, the current one's part included: more than one only under a payment delay.
    let gone = note
        .after(settlement)
        .iter()
        .take_while(|flow| flow.accrual_start < settlement)
        .map(|flow| flow.accrued_fraction(settlement, note.day_count()).to_f64())
        .sum::<f64>();
    let years = |index: usize, flow: &NoteFlow| match convention.time {
        YieldTime::DayCount(day_count) => day_count.year_fraction(settlement, flow.payment_date).to_f64(),
        YieldTime::Periods { per_year } => {
            (((index + 1) as f64 - gone) / f64::from(per_year.max(1))).max(0.0)
        }
    };
    TimedCash::at_times(note, settlement, years, convention.compounding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::valuation::testing::{amortizing, any_note, bullet, close, date, remade};
    use proptest::prelude::*;

    const SEMIANNUAL_PERIODS: YieldConvention =
        YieldConvention { compounding: Compounding::Semiannual, time: YieldTime::Periods { per_year: 2 } };
    const CONTINUOUS_PERIODS: YieldConvention =
        YieldConvention { compounding: Compounding::Continuous, ..SEMIANNUAL_PERIODS };

    /// Microsoft's documentation of PRICE, YIELD, DURATION and MDURATION prints these examples.
    #[test]
    fn spreadsheet_functions_are_reproduced_to_every_printed_digit() {
        for convention in [YieldConvention::BOND_EQUIVALENT, SEMIANNUAL_PERIODS] {
            // 5.75% semiannual, 30/360, settled 15 February 2008.
            let settlement = date(2008, 2, 15);
            let note = bullet(date(2007, 11, 15), 6, 20, 28_750, DayCount::Thirty360);
            let price = clean_price_at_yield(&note, settlement, 0.065, convention).unwrap();
            close(price, 94.634_361_62, 5e-9);
            let note = bullet(date(2007, 11, 15), 6, 18, 28_750, DayCount::Thirty360);
            close(yield_at_clean_price(&note, settlement, 95.042_87, convention).unwrap(), 0.065, 5e-8);
        }
        // Basis 1 (actual/actual), settled on a coupon date: whole periods.
        let note = bullet(date(2018, 7, 1), 6, 59, 40_000, DayCount::ActActIsda);
        let long = YieldMeasures::at_yield(&note, date(2018, 7, 1), 0.09, SEMIANNUAL_PERIODS).unwrap();
        close(long.macaulay_duration, 10.919_145_3, 5e-8);
        let note = bullet(date(2008, 1, 1), 6, 16, 40_000, DayCount::ActActIsda);
        let short = YieldMeasures::at_yield(&note, date(2008, 1, 1), 0.09, SEMIANNUAL_PERIODS).unwrap();
        close(short.modified_duration, 5.735_67, 5e-6);
    }

    /// 8% gilt of 7 June 2021, settled cum coupon on 29 May 2013: Bloomberg's figures, as printed in
    /// QuantLib's test of bonds (testExCouponGilt). ICMA actual/actual.
    #[test]
    fn a_gilt_matches_the_terminal() {
        let settlement = date(2013, 5, 29);
        let note = bullet(date(2012, 12, 7), 6, 17, 40_000, DayCount::Act365Fixed);
        close(accrued_per_100(&note, settlement).unwrap(), 3.802_197_802, 5e-10);
        let rate = yield_at_clean_price(&note, settlement, 103.0, SEMIANNUAL_PERIODS).unwrap();
        // The terminal stops its search within 1e-10 of the root.
        close(rate, 0.074_951_805_93, 1e-10);
        let measures = YieldMeasures::at_yield(&note, settlement, rate, SEMIANNUAL_PERIODS).unwrap();
        close(measures.modified_duration, 5.676_044_458, 1e-9);
        close(measures.convexity, 42.153_148_59, 1e-8);
        close(measures.dv01, 0.060_621_402_3, 1e-10);
    }

    /// QuantLib, test-suite/bonds.cpp, testCached: two bonds settled 23 November 2004, ICMA
    /// actual/actual, tolerance as there.
    #[test]
    fn cached_bonds_match_quantlib() {
        let settlement = date(2004, 11, 23);
        let first = bullet(date(2004, 10, 31), 6, 4, 12_500, DayCount::Act365Fixed);
        let second = bullet(date(2004, 11, 15), 6, 10, 17_500, DayCount::Act365Fixed);
        let price = |note, rate| clean_price_at_yield(note, settlement, rate, SEMIANNUAL_PERIODS).unwrap();
        close(price(&first, 0.029_25), 99.204_505, 1e-6);
        close(price(&second, 0.035_69), 99.687_192, 1e-6);
        let rate =
            |note, price, convention| yield_at_clean_price(note, settlement, price, convention).unwrap();
        close(rate(&first, 99.203_125, SEMIANNUAL_PERIODS), 0.029_257, 1e-6);
        close(rate(&second, 99.6875, SEMIANNUAL_PERIODS), 0.035_689, 1e-6);
        close(rate(&first, 99.203_125, CONTINUOUS_PERIODS), 0.029_045, 1e-6);
        close(rate(&second, 99.6875, CONTINUOUS_PERIODS), 0.035_375, 1e-6);
    }

    #[test]
    fn closed_forms() {
        let start = date(2026, 1, 1);
        // Five years of 8% at 10%, annual: table of Masaryk University's course MPF_AFIN, 2012.
        let bond = bullet(start, 12, 5, 80_000, DayCount::Thirty360);
        let at_ten = YieldMeasures::at_yield(&bond, start, 0.1, YieldConvention::ANNUAL).unwrap();
        close(at_ten.dirty_price, 92.418_426_46, 5e-9);
        close(at_ten.macaulay_duration, 4.281_412_086, 5e-10);
        close(at_ten.modified_duration, 3.892_192_805, 5e-10);
        close(at_ten.convexity, 20.097_315_36, 5e-9);
        // At par on a payment date the yield is the coupon.
        for day in [start, date(2028, 1, 1)] {
            close(yield_at_clean_price(&bond, day, 100.0, YieldConvention::ANNUAL).unwrap(), 0.08, 1e-13);
        }
        // Zero coupon, ten years at 6% bond-equivalent: 1.03^-20, duration 10, modified 10 / 1.03.
        let zero = bullet(start, 120, 1, 0, DayCount::Thirty360);
        let at_six = YieldMeasures::at_yield(&zero, start, 0.06, YieldConvention::BOND_EQUIVALENT).unwrap();
        close(at_six.dirty_price, 100.0 * 1.03_f64.powi(-20), 1e-12);
        close(at_six.macaulay_duration, 10.0, 1e-12);
        close(at_six.modified_duration, 10.0 / 1.03, 1e-12);
        // 360 months of interest alone at 6% monthly: annuity (1 - 1.005^-360) / 0.005 of 0.5.
        let annuity =
            remade(&bullet(start, 1, 360, 5_000, DayCount::Thirty360), |flow| flow.principal = Money::ZERO);
        let price = dirty_price_at_yield(&annuity, start, 0.06, YieldConvention::MONTHLY).unwrap();
        close(price, 100.0 * (1.0 - 1.005_f64.powi(-360)), 1e-11);
        // A thousand years of 6% at 8% is a perpetuity: c / y, duration 1 / y, convexity 2 / y^2.
        let perpetuity = remade(&bullet(start, 12, 1000, 60_000, DayCount::Thirty360), |flow| {
            flow.principal = Money::ZERO
        });
        let at_eight = YieldMeasures::at_yield(&perpetuity, start, 0.08, YieldConvention::ANNUAL).unwrap();
        close(at_eight.dirty_price, 75.0, 1e-10);
        close(at_eight.modified_duration, 12.5, 1e-10);
        close(at_eight.convexity, 312.5, 1e-8);
    }

    #[test]
    fn one_yield_in_three_conventions() {
        // Monthly cash at 0.5% a month: 6% monthly, 2 (1.005^6 - 1) bond-equivalent, 1.005^12 - 1 a year.
        let note = amortizing(date(2026, 1, 1), 1, 5_000, DayCount::Thirty360, &[1_000_000_000; 24]);
        let rate = |c| yield_at_clean_price(&note, date(2026, 1, 1), 100.0, c).unwrap();
        // Cents of the interest payments round in the ninth digit.
        close(rate(YieldConvention::MONTHLY), 0.06, 1e-9);
        close(rate(YieldConvention::BOND_EQUIVALENT), 2.0 * (1.005_f64.powi(6) - 1.0), 1e-9);
        close(rate(YieldConvention::ANNUAL), 1.005_f64.powi(12) - 1.0, 1e-9);
    }

    #[test]
    fn what_has_no_yield_says_why() {
        let start = date(2026, 1, 1);
        let note = bullet(start, 6, 4, 30_000, DayCount::Thirty360);
        let at = |note: &NoteFlows, day, price| {
            yield_at_dirty_price(note, day, price, YieldConvention::BOND_EQUIVALENT)
        };
        assert_eq!(at(&note, date(2028, 1, 1), 100.0), Err(SolveError::NoCashFlows { quantity: "yield" }));
        let unpaid = remade(&note, |flow| (flow.interest, flow.principal) = (Money::ZERO, Money::ZERO));
        assert_eq!(at(&unpaid, start, 100.0), Err(SolveError::NoCashFlows { quantity: "yield" }));
        let written_off = remade(&note, |flow| flow.balance_open = Money::ZERO);
        assert_eq!(at(&written_off, start, 100.0), Err(SolveError::NoBalance { quantity: "yield" }));
        assert!(matches!(at(&note, start, 0.0), Err(SolveError::NotBracketed { .. })));
        assert!(matches!(at(&note, start, -5.0), Err(SolveError::NotBracketed { .. })));
        assert!(matches!(at(&note, start, f64::NAN), Err(SolveError::NotFinite { .. })));
        // 112 of cash for 150: a yield below zero.
        assert!(at(&note, start, 150.0).unwrap() < 0.0);
        let below = dirty_price_at_yield(&note, start, -2.0, YieldConvention::BOND_EQUIVALENT);
        assert_eq!(below, Err(SolveError::NotFinite { quantity: "price" }));
    }

    proptest! {
        #[test]
        fn price_and_yield_are_inverse((note, day) in any_note(), rate in -0.2_f64..1.0) {
            for convention in [
                YieldConvention::BOND_EQUIVALENT, YieldConvention::MONTHLY, YieldConvention::ANNUAL, CONTINUOUS_PERIODS,
            ] {
                let price = clean_price_at_yield(&note, day, rate, convention).unwrap();
                let duration = YieldMeasures::at_yield(&note, day, rate, convention).unwrap().modified_duration;
                if duration == 0.0 {
                    // 30 to 31 of a month is no time by 30/360: every yield gives the same price.
                    continue;
                }
                let back = yield_at_clean_price(&note, day, price, convention).unwrap();
                let again = clean_price_at_yield(&note, day, back, convention).unwrap();
                prop_assert!((again - price).abs() <= 1e-10 * price.abs().max(1.0), "{} {}", price, again);
                // A price of 16 digits tells yields apart to 1e-15 over the duration.
                prop_assert!((back - rate).abs() < 1e-10_f64.max(1e-13 / duration), "{} {}", rate, back);
            }
        }

        #[test]
        fn price_falls_as_yield_rises((note, day) in any_note(), rate in -0.2_f64..1.0, rise in 1e-6_f64..0.5) {
            let price = |rate| dirty_price_at_yield(&note, day, rate, YieldConvention::BOND_EQUIVALENT).unwrap();
            prop_assert!(price(rate + rise) <= price(rate));
        }

        /// Central differences: error of order h^2, and of rounding over h.
        #[test]
        fn durations_are_the_slopes_of_price((note, day) in any_note(), rate in -0.02_f64..0.3) {
            for convention in [YieldConvention::BOND_EQUIVALENT, YieldConvention::MONTHLY, CONTINUOUS_PERIODS] {
                let price = |rate| dirty_price_at_yield(&note, day, rate, convention).unwrap();
                let measures = YieldMeasures::at_yield(&note, day, rate, convention).unwrap();
                let h = 1e-5;
                let slope = (price(rate - h) - price(rate + h)) / (2.0 * h) / price(rate);
                prop_assert!((measures.modified_duration - slope).abs() < 1e-6 * slope.max(1.0));
                let h = 1e-4;
                let bend = (price(rate - h) + price(rate + h) - 2.0 * price(rate)) / (h * h) / price(rate);
                prop_assert!((measures.convexity - bend).abs() < 1e-4 * bend.max(1.0));
            }
        }
    }
}
