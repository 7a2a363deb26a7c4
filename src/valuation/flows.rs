//! The cash that one note is paid, period by period: all that valuation needs to know of a deal.

use crate::error::Error;
use crate::money::{Currency, Money};
use crate::ratio::Ratio;
use crate::time::{Date, DayCount};

/// What one note is paid for one accrual period, in cash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteFlow {
    /// The day the cash is paid.
    pub payment_date: Date,
    /// First day of the accrual period.
    pub accrual_start: Date,
    /// The day the accrual period ends; itself the first day of the next.
    pub accrual_end: Date,
    /// Balance (of an interest-only note: notional) on which the period's interest accrues.
    pub balance_open: Money,
    /// Interest paid in cash. Interest that is deferred, capitalised or short is not in it.
    pub interest: Money,
    /// Principal paid in cash; negative for a draw. Write-downs are not in it.
    pub principal: Money,
}

impl NoteFlow {
    /// Interest and principal together, in major units: the door from cash to model value.
    pub fn cash(&self, currency: Currency) -> f64 {
        self.interest.to_model(currency) + self.principal.to_model(currency)
    }

    /// The part of the accrual period that has passed on a date, exactly:
    /// `year_fraction(accrual_start, date) / year_fraction(accrual_start, accrual_end)`, at least 0, at
    /// most 1.
    pub fn accrued_fraction(&self, date: Date, day_count: DayCount) -> Ratio {
        if date <= self.accrual_start {
            return Ratio::ZERO;
        }
        if date >= self.accrual_end {
            return Ratio::ONE;
        }
        let passed = day_count.year_fraction(self.accrual_start, date);
        let whole = day_count.year_fraction(self.accrual_start, self.accrual_end);
        Ratio::new(
            i128::from(passed.numerator()) * i128::from(whole.denominator()),
            i128::from(passed.denominator()) * i128::from(whole.numerator()),
        )
        .unwrap_or(Ratio::ZERO)
    }
}

/// Every payment of one note, in date order. Balances are in the note's currency; the day count is the
/// one by which its interest accrues.
///
/// The flows may be those of one scenario, or of one path of many: nothing here knows where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteFlows {
    currency: Currency,
    day_count: DayCount,
    original_balance: Money,
    flows: Vec<NoteFlow>,
}

impl NoteFlows {
    /// The flows of a note, checked.
    ///
    /// An empty list is a note that is paid nothing, and is allowed.
    ///
    /// ```
    /// use leasefall::{Currency, Error, Money};
    /// use leasefall::time::{Date, DayCount};
    /// use leasefall::valuation::{NoteFlow, NoteFlows};
    ///
    /// let date = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
    /// let flow = NoteFlow {
    ///     payment_date: date(2026, 7, 1),
    ///     accrual_start: date(2026, 1, 1),
    ///     accrual_end: date(2026, 7, 1),
    ///     balance_open: Money::from_minor(100_00),
    ///     interest: Money::from_minor(3_00),
    ///     principal: Money::from_minor(100_00),
    /// };
    /// let note = |flows| NoteFlows::new(Currency::USD, DayCount::Thirty360, Money::from_minor(100_00), flows);
    /// assert_eq!(note(vec![flow])?.balance_at(date(2026, 3, 1)), Money::from_minor(100_00));
    /// assert!(matches!(note(vec![flow, flow]), Err(Error::DateArgument { argument: "payment_date", .. })));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DateArgument`] unless payment dates strictly rise, each accrual period ends after it starts
    /// and none starts before the one above it ends. [`Error::Argument`] for a negative balance.
    pub fn new(
        currency: Currency,
        day_count: DayCount,
        original_balance: Money,
        flows: Vec<NoteFlow>,
    ) -> Result<NoteFlows, Error> {
        let balance = |argument, amount: Money| {
            let error =
                Error::Argument { argument, found: amount.to_model(currency), expected: "at least 0" };
            if amount < Money::ZERO { Err(error) } else { Ok(()) }
        };
        balance("original_balance", original_balance)?;
        let mut above: Option<&NoteFlow> = None;
        for flow in &flows {
            balance("balance_open", flow.balance_open)?;
            if flow.accrual_end <= flow.accrual_start {
                let (found, bound) = (flow.accrual_end, flow.accrual_start);
                return Err(Error::DateArgument { argument: "accrual_end", found, expected: "after", bound });
            }
            if let Some(above) = above {
                let (found, bound) = (flow.payment_date, above.payment_date);
                if found <= bound {
                    return Err(Error::DateArgument {
                        argument: "payment_date",
                        found,
                        expected: "after",
                        bound,
                    });
                }
                let (found, bound) = (flow.accrual_start, above.accrual_end);
                if found < bound {
                    let expected = "on or after";
                    return Err(Error::DateArgument { argument: "accrual_start", found, expected, bound });
                }
            }
            above = Some(flow);
        }
        Ok(NoteFlows { currency, day_count, original_balance, flows })
    }

    /// The currency of every amount.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The day count by which interest accrues.
    pub fn day_count(&self) -> DayCount {
        self.day_count
    }

    /// The balance at closing.
    pub fn original_balance(&self) -> Money {
        self.original_balance
    }

    /// Every flow, in date order.
    pub fn flows(&self) -> &[NoteFlow] {
        &self.flows
    }

    /// The flows that a buyer settling on the date receives: those paid after it. A payment on the
    /// settlement date itself goes to the seller.
    pub fn after(&self, settlement: Date) -> &[NoteFlow] {
        &self.flows[self.flows.partition_point(|flow| flow.payment_date <= settlement)..]
    }

    /// The balance that a buyer settling on the date buys: the opening balance of the next payment's
    /// period; zero when no payment is left.
    pub fn balance_at(&self, settlement: Date) -> Money {
        self.after(settlement).first().map_or(Money::ZERO, |flow| flow.balance_open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::valuation::testing::{bullet, date};

    #[test]
    fn a_payment_on_the_settlement_date_is_the_sellers() {
        let note = bullet(date(2026, 1, 15), 6, 4, 30_000, DayCount::Thirty360);
        assert_eq!(note.after(date(2026, 7, 14)).len(), 4);
        assert_eq!(note.after(date(2026, 7, 15)).len(), 3);
        assert_eq!(note.after(date(2028, 1, 15)).len(), 0);
        assert_eq!(note.balance_at(date(2028, 1, 14)), note.original_balance());
        assert_eq!(note.balance_at(date(2028, 1, 15)), Money::ZERO);
    }

    #[test]
    fn dates_out_of_order_and_negative_balances_are_refused() {
        let note = bullet(date(2026, 1, 15), 6, 4, 30_000, DayCount::Thirty360);
        let remade = |change: fn(&mut Vec<NoteFlow>)| {
            let mut flows = note.flows().to_vec();
            change(&mut flows);
            NoteFlows::new(note.currency(), note.day_count(), note.original_balance(), flows)
        };
        assert!(remade(|_| ()).is_ok());
        assert!(remade(Vec::clear).is_ok());
        let wrong = |result| match result {
            Err(Error::DateArgument { argument, .. }) => argument,
            other => panic!("{other:?}"),
        };
        assert_eq!(wrong(remade(|f| f.swap(1, 2))), "payment_date");
        assert_eq!(wrong(remade(|f| f[1].accrual_end = f[1].accrual_start)), "accrual_end");
        assert_eq!(wrong(remade(|f| f[3].accrual_start = f[2].accrual_start)), "accrual_start");
        let negative = remade(|f| f[0].balance_open = Money::from_minor(-1));
        assert!(matches!(negative, Err(Error::Argument { argument: "balance_open", .. })));
    }

    #[test]
    fn the_accrued_fraction_is_exact_and_stays_in_its_period() {
        // 7 December 2012 to 29 May 2013: 173 of 182 days.
        let flow = bullet(date(2012, 12, 7), 6, 1, 40_000, DayCount::Act365Fixed).flows()[0];
        let on = |d| flow.accrued_fraction(d, DayCount::Act365Fixed);
        assert_eq!(on(date(2013, 5, 29)), Ratio::new(173, 182).unwrap());
        assert_eq!([on(date(2012, 1, 1)), on(date(2014, 1, 1))], [Ratio::ZERO, Ratio::ONE]);
    }
}
