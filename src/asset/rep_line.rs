//! One representative line: a row of `rep_lines.csv`, many loans as one.

use crate::curve::ForwardCurve;
use crate::time::Month;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Many like loans as one, as a row of `rep_lines.csv` states it: the fields are the columns.
///
/// It pays monthly in arrears and repays its balance level over its amortization term. How much of it
/// prepays and defaults is the scenario's to say, as shares of what is left: a line has no obligor.
///
/// A coupon is fixed, or fixed first and then reset: with `index`, the rate from month `fixed_months` of the
/// loans' age on is index plus margin, set every `reset_months`, within `initial_cap` of the first rate at
/// the first reset, within `periodic_cap` of the one before at later ones, and always from `rate_floor` to
/// `rate_ceiling`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RepLine {
    /// Its name, unique in the tape.
    pub line_id: String,
    /// What scenarios may address several lines by: a loan group, a product.
    pub group: Option<String>,
    /// How many loans it stands for.
    pub loans: Option<u32>,
    /// Principal outstanding at the cut-off date, in major units.
    pub balance: Decimal,
    /// Interest a year at the cut-off date, as a fraction.
    pub rate: Decimal,
    /// The forward curve of the deal that the rate follows after its fixed months; blank: fixed for life.
    pub index: Option<String>,
    /// Added to the index, a year.
    pub margin: Option<Decimal>,
    /// Months from origination for which `rate` holds: 24 of a 2/28.
    pub fixed_months: Option<u32>,
    /// Months between resets; blank: 6.
    pub reset_months: Option<u32>,
    /// Months before a reset at which the index is read; blank: 1.
    pub lookback_months: Option<u32>,
    /// The most that the first reset moves the rate; blank: no limit.
    pub initial_cap: Option<Decimal>,
    /// The most that a later reset moves the rate; blank: no limit.
    pub periodic_cap: Option<Decimal>,
    /// The most the rate can be; blank: no limit.
    pub rate_ceiling: Option<Decimal>,
    /// The least the rate can be after a reset; blank: 0.
    pub rate_floor: Option<Decimal>,
    /// Months since origination at the cut-off date; blank: 0.
    pub age_months: Option<u32>,
    /// Payments left, of which the last repays what is left (a balloon if the amortization term is longer).
    pub remaining_months: u32,
    /// Months over which level payments would repay the balance; blank: `remaining_months`.
    pub amortization_months: Option<u32>,
    /// Months from origination without scheduled principal; blank: 0.
    pub interest_only_months: Option<u32>,
    /// A remark for people, say where the figures come from. Enters nothing.
    pub note: Option<String>,
}

impl RepLine {
    /// A fixed-rate, level-pay line.
    pub fn new(
        line_id: impl Into<String>,
        balance: Decimal,
        rate: Decimal,
        remaining_months: u32,
    ) -> RepLine {
        RepLine {
            line_id: line_id.into(),
            group: None,
            loans: None,
            balance,
            rate,
            index: None,
            margin: None,
            fixed_months: None,
            reset_months: None,
            lookback_months: None,
            initial_cap: None,
            periodic_cap: None,
            rate_ceiling: None,
            rate_floor: None,
            age_months: None,
            remaining_months,
            amortization_months: None,
            interest_only_months: None,
            note: None,
        }
    }

    /// The rate a year at which each of the first `months` months after the cut-off date earns interest.
    /// Month 0 is the first collected month; `index` is read `lookback_months` before a reset, on the first
    /// of the month. Without an index the rate stays.
    ///
    /// ```
    /// use leasefall::asset::RepLine;
    /// use leasefall::{Date, Rate, curve::ForwardCurve, time::Month};
    /// use rust_decimal::Decimal;
    /// let percent = |n| Decimal::new(n, 2);
    /// // Two months of 7% are left of the fixed term; then 5% + 6% = 11%, within 3% of 7% at first: 10%; a
    /// // month later the index of 5% gives 11%, within 1.5% of 10%.
    /// let mut line = RepLine::new("arm", 100.into(), percent(7), 360);
    /// (line.index, line.margin) = (Some("libor".into()), Some(percent(6)));
    /// (line.fixed_months, line.age_months, line.reset_months) = (Some(24), Some(22), Some(1));
    /// (line.initial_cap, line.periodic_cap) = (Some(percent(3)), Some(Decimal::new(15, 3)));
    /// let start = Date::from_ymd_opt(2006, 1, 1).unwrap();
    /// let libor = ForwardCurve::new(vec![(start, Rate::new(percent(5)))])?;
    /// let rates = line.rates(Month::new(2006, 6).unwrap(), 4, Some(&libor));
    /// assert_eq!(rates, [percent(7), percent(7), percent(10), percent(11)]);
    /// # Ok::<(), leasefall::curve::CurveProblem>(())
    /// ```
    pub fn rates(&self, first_month: Month, months: usize, index: Option<&ForwardCurve>) -> Vec<Decimal> {
        let mut rates = Vec::with_capacity(months);
        let (age, fixed) = (self.age_months.unwrap_or(0), self.fixed_months.unwrap_or(0));
        let every = self.reset_months.unwrap_or(6).max(1);
        let (mut rate, mut first) = (self.rate, true);
        for month in 0..months as u32 {
            let since = (age + month).checked_sub(fixed);
            // Resets that fell before the cut-off date are in the rate of the tape.
            let resets = since.is_some_and(|since| since % every == 0) && (month > 0 || age <= fixed);
            if let (true, Some(index)) = (resets, index) {
                let read = first_month + (month as i32 - self.lookback_months.unwrap_or(1) as i32);
                let full = index.rate_on(read.first_day()).fraction();
                let full = full.saturating_add(self.margin.unwrap_or_default());
                let cap = if first && age <= fixed { self.initial_cap } else { self.periodic_cap };
                let near = match cap {
                    Some(cap) => full.clamp(rate - cap, rate + cap),
                    None => full,
                };
                let floor = self.rate_floor.unwrap_or_default();
                rate = near.max(floor).min(self.rate_ceiling.unwrap_or(Decimal::ONE));
                first = false;
            }
            rates.push(rate);
        }
        rates
    }
}
