//! Cash on a time line: what price, yield and spread have in common.

use super::flows::{NoteFlow, NoteFlows};
use crate::curve::{Compounding, DiscountCurve};
use crate::error::SolveError;
use crate::time::{Date, DayCount};

/// The cash after settlement, to be discounted at one rate, or one spread over zero rates, in one
/// compounding. A curve is read once, however many spreads are tried.
pub(super) struct TimedCash {
    compounding: Compounding,
    payments: Vec<Payment>,
}

/// One payment that is not zero.
#[derive(Clone, Copy)]
pub(super) struct Payment {
    /// Years from settlement.
    pub(super) years: f64,
    /// Major units.
    pub(super) cash: f64,
    /// The zero rate from settlement under the spread, in the compounding; zero for a yield.
    zero_rate: f64,
}

impl TimedCash {
    /// With a curve's zero rates from settlement; time is act/365F.
    pub(super) fn on_curve(
        note: &NoteFlows,
        settlement: Date,
        curve: &DiscountCurve,
        compounding: Compounding,
    ) -> TimedCash {
        let at_settlement = curve.discount_factor(settlement);
        let payment = |flow: &NoteFlow| {
            let years = DayCount::Act365Fixed.year_fraction(settlement, flow.payment_date).to_f64();
            // Paid after settlement, so that `years` is not zero.
            let continuous = -libm::log(curve.discount_factor(flow.payment_date) / at_settlement) / years;
            let zero_rate = compounding.from_continuous(continuous, years);
            Payment { years, cash: flow.cash(note.currency()), zero_rate }
        };
        TimedCash::new(compounding, note.after(settlement).iter().map(payment))
    }

    /// With no zero rates, for a yield; `years` gives the time to the n-th payment, from 0.
    pub(super) fn at_times(
        note: &NoteFlows,
        settlement: Date,
        years: impl Fn(usize, &NoteFlow) -> f64,
        compounding: Compounding,
    ) -> TimedCash {
        let payment = |(index, flow): (usize, &NoteFlow)| Payment {
            years: years(index, flow),
            cash: flow.cash(note.currency()),
            zero_rate: 0.0,
        };
        TimedCash::new(compounding, note.after(settlement).iter().enumerate().map(payment))
    }

    fn new(compounding: Compounding, payments: impl Iterator<Item = Payment>) -> TimedCash {
        TimedCash { compounding, payments: payments.filter(|payment| payment.cash != 0.0).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.payments.is_empty()
    }

    /// Each payment with its present value at a rate.
    pub(super) fn discounted(&self, rate: f64) -> impl Iterator<Item = (Payment, f64)> + '_ {
        self.payments.iter().map(move |payment| {
            let force = self.compounding.to_continuous(payment.zero_rate + rate, payment.years);
            (*payment, payment.cash * libm::exp(-force * payment.years))
        })
    }

    /// Present value at a rate; infinite or NaN at and below [`TimedCash::lowest_rate`].
    pub(super) fn value(&self, rate: f64) -> f64 {
        self.discounted(rate).map(|(_, value)| value).sum()
    }

    /// The rate at which some payment's growth over a compounding period is zero.
    pub(super) fn lowest_rate(&self) -> f64 {
        let lowest = |payment: &Payment| match step(self.compounding, payment.years) {
            0.0 => f64::NEG_INFINITY,
            step => -1.0 / step - payment.zero_rate,
        };
        self.payments.iter().map(lowest).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The compounding period in years: `1 / m`; zero for continuous, all the time there is for simple.
pub(super) fn step(compounding: Compounding, years: f64) -> f64 {
    match (compounding, compounding.per_year()) {
        (_, Some(m)) => 1.0 / f64::from(m),
        (Compounding::Simple, None) => years,
        _ => 0.0,
    }
}

/// The balance at settlement in major units, or why there is none.
pub(super) fn balance(note: &NoteFlows, settlement: Date, quantity: &'static str) -> Result<f64, SolveError> {
    if note.after(settlement).is_empty() {
        return Err(SolveError::NoCashFlows { quantity });
    }
    let balance = note.balance_at(settlement);
    if balance.is_zero() {
        return Err(SolveError::NoBalance { quantity });
    }
    Ok(balance.to_model(note.currency()))
}

/// The value, unless it is infinite or not a number.
pub(super) fn finite(value: f64, quantity: &'static str) -> Result<f64, SolveError> {
    if value.is_finite() { Ok(value) } else { Err(SolveError::NotFinite { quantity }) }
}
