//! When losses are paid and what premium is paid on: the terms of a credit default swap or a tranche.

use crate::curve::DiscountCurve;
use crate::error::{Error, SolveError};

/// When the losses of a period are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LossPaid {
    /// In the middle of the period in which they arise.
    MidPeriod,
    /// At its end.
    PeriodEnd,
}

/// What a period's premium is paid on, at the end of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PremiumOn {
    /// The balance at the start of the period: what is lost in the period still earns it.
    BalanceStart,
    /// The balance at the end: what is lost in the period earns nothing.
    BalanceEnd,
    /// The balance at the end and, when losses are paid, half a period's premium on what was lost: accrual
    /// on default.
    BalanceEndAndAccrued,
    /// The mean of both balances, all at the end of the period.
    BalanceAverage,
}

/// When premium and losses are paid. Part of the contract: between two of these, the spread of an equity
/// tranche moves by a percent or more.
///
/// Times are in years; periods are equal and end at the maturity, the first one shorter if it does not
/// divide evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentConvention {
    /// Periods a year.
    pub payments_per_year: u32,
    /// When losses are paid.
    pub loss_paid: LossPaid,
    /// What premium is paid on.
    pub premium_on: PremiumOn,
}

impl PaymentConvention {
    /// Quarterly, losses in the middle of the period with accrued premium: Hull and White, *Journal of
    /// Derivatives* 12 (2004), and the usual model of credit default swaps.
    pub const MID_PERIOD_ACCRUED: PaymentConvention = PaymentConvention {
        payments_per_year: 4,
        loss_paid: LossPaid::MidPeriod,
        premium_on: PremiumOn::BalanceEndAndAccrued,
    };

    /// Quarterly, losses at the end of the period, premium on the balance left then: Gibson, *Understanding
    /// the Risk of Synthetic CDOs* (2004).
    pub const PERIOD_END: PaymentConvention = PaymentConvention {
        payments_per_year: 4,
        loss_paid: LossPaid::PeriodEnd,
        premium_on: PremiumOn::BalanceEnd,
    };

    /// Quarterly, losses at the end of the period, premium on the balance at its start, as a note pays
    /// interest on its opening balance.
    pub const PERIOD_START: PaymentConvention =
        PaymentConvention { premium_on: PremiumOn::BalanceStart, ..PaymentConvention::PERIOD_END };

    /// The ends of the periods, in years, the last at the maturity.
    ///
    /// # Errors
    /// [`Error::Argument`] if the maturity is not above 0 or makes more than 100,000 periods, or there are no
    /// payments a year.
    pub fn period_ends(&self, maturity_years: f64) -> Result<Vec<f64>, Error> {
        let count = self.check(maturity_years)?;
        let per_year = f64::from(self.payments_per_year);
        let end = |index: u32| maturity_years - f64::from(count - 1 - index) / per_year;
        Ok((0..count).map(end).collect())
    }

    /// The number of periods.
    pub(crate) fn check(&self, maturity_years: f64) -> Result<u32, Error> {
        const MOST: f64 = 100_000.0;
        let periods = maturity_years * f64::from(self.payments_per_year);
        // A last sliver of a period is rounding of the maturity.
        let count = (periods - 1e-9).ceil();
        if !(maturity_years > 0.0 && (1.0..=MOST).contains(&count)) {
            let expected = "a time above 0 that makes from 1 to 100,000 periods";
            return Err(Error::Argument { argument: "maturity_years", found: maturity_years, expected });
        }
        Ok(count as u32)
    }

    /// Both legs on a balance of 1, valued at time 0. `lost(t)` gives the losses paid up to `t` and the part
    /// of the balance gone by then (more than the loss where recovery reduces the balance too).
    ///
    /// ```
    /// use leasefall::credit::PaymentConvention;
    /// use leasefall::{Date, DiscountCurve, curve::Compounding};
    /// let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
    /// let discount = DiscountCurve::flat(today, 0.0, Compounding::Continuous)?;
    /// // 10% is lost in the second of two years, paid yearly, premium on what is left at the end.
    /// let terms = PaymentConvention { payments_per_year: 1, ..PaymentConvention::PERIOD_END };
    /// let legs = terms.legs(2.0, &discount, |t| if t < 1.5 { (0.0, 0.0) } else { (0.1, 0.1) })?;
    /// assert!((legs.protection - 0.1).abs() < 1e-15);
    /// assert!((legs.premium_per_unit - (1.0 + 0.9)).abs() < 1e-15);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`PaymentConvention::period_ends`].
    pub fn legs(
        &self,
        maturity_years: f64,
        discount: &DiscountCurve,
        mut lost: impl FnMut(f64) -> (f64, f64),
    ) -> Result<PremiumLegs, Error> {
        let ends = self.period_ends(maturity_years)?;
        let (mut start, mut before) = (0.0, (0.0, 0.0));
        let mut legs = PremiumLegs { protection: 0.0, premium_per_unit: 0.0 };
        for end in ends {
            let after = lost(end);
            legs.add(self, discount, (start, end), before, after);
            (start, before) = (end, after);
        }
        Ok(legs)
    }
}

/// The values at time 0 of what is paid for losses and of a premium of 1 a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PremiumLegs {
    /// Present value of the losses.
    pub protection: f64,
    /// Present value of a premium of 1 a year on the balance.
    pub premium_per_unit: f64,
}

impl PremiumLegs {
    /// The premium a year that is worth the losses: `protection / premium_per_unit`.
    ///
    /// # Errors
    /// [`SolveError::NotFinite`] if no premium is ever paid.
    pub fn spread(&self) -> Result<f64, SolveError> {
        let spread = self.protection / self.premium_per_unit;
        if spread.is_finite() { Ok(spread) } else { Err(SolveError::NotFinite { quantity: "spread" }) }
    }

    /// One period, from what was lost before it to what is lost after.
    fn add(
        &mut self,
        convention: &PaymentConvention,
        discount: &DiscountCurve,
        (start, end): (f64, f64),
        (loss_before, gone_before): (f64, f64),
        (loss_after, gone_after): (f64, f64),
    ) {
        let length = end - start;
        let loss_time = match convention.loss_paid {
            LossPaid::MidPeriod => 0.5 * (start + end),
            LossPaid::PeriodEnd => end,
        };
        let (at_loss, at_end) = (discount.at_years(loss_time), discount.at_years(end));
        self.protection += at_loss * (loss_after - loss_before);
        let gone = gone_after - gone_before;
        // The balance that earns, and what the lost part earned until the middle of the period.
        self.premium_per_unit += length
            * match convention.premium_on {
                PremiumOn::BalanceStart => at_end * (1.0 - gone_before),
                PremiumOn::BalanceEnd => at_end * (1.0 - gone_after),
                PremiumOn::BalanceEndAndAccrued => at_end * (1.0 - gone_after) + 0.5 * at_loss * gone,
                PremiumOn::BalanceAverage => at_end * (1.0 - gone_after + 0.5 * gone),
            };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_at_the_maturity() {
        let quarterly = PaymentConvention::PERIOD_END;
        let ends = quarterly.period_ends(5.0).unwrap();
        assert_eq!((ends.len(), ends[0], ends[19]), (20, 0.25, 5.0));
        // A year and a month: a first period of a month, then four quarters.
        let stub = quarterly.period_ends(1.0 + 1.0 / 12.0).unwrap();
        assert_eq!(stub.len(), 5);
        assert!((stub[0] - 1.0 / 12.0).abs() < 1e-15);
        for maturity in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(quarterly.period_ends(maturity).is_err());
        }
        assert!(PaymentConvention { payments_per_year: 0, ..quarterly }.period_ends(5.0).is_err());
    }
}
