//! What a loan pays if nothing goes wrong.

use super::loan::{Loan, LoanAmortization};
use crate::money::{Currency, Money, Rounding};
use crate::ratio::Ratio;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// One payment of a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanPayment {
    /// Interest on the balance before the payment.
    pub interest: Money,
    /// Principal repaid.
    pub principal: Money,
    /// Balance after the payment.
    pub balance_close: Money,
}

impl Loan {
    /// The payments that are left, in order, to the cent.
    ///
    /// Interest is balance x rate / payments a year, rounded half-even. The principal of a level-pay loan is
    /// what its payment leaves after interest; the payment, rounded half-even once, is
    /// `balance x i / (1 - (1 + i)^-n)`, `i` the rate a period and `n` the number of payments. Of a loan of
    /// equal principal the balance after `k` of `n` payments is `balance x (n - k) / n`, rounded half-even.
    /// The last payment repays what is left, so principal sums to the balance.
    ///
    /// `None` if the balance is not a whole number of minor units up to [`Money::LIMIT`], or the rate is
    /// negative or an amount passes what can be computed exactly.
    ///
    /// ```
    /// use leasefall::{Currency, Money};
    /// use leasefall::asset::Loan;
    /// use leasefall::time::Frequency;
    /// use rust_decimal::Decimal;
    /// // 1,000.00 at 8% in two half-yearly payments of 1,000 x 0.04 / (1 - 1.04^-2) = 530.196... each:
    /// // interest 40.00 and principal 490.20, then interest 509.80 x 0.04 = 20.39 and the rest, 509.80.
    /// let balance = Decimal::new(1_000, 0);
    /// let loan = Loan::new("L1", "obligor", balance, Decimal::new(8, 2), Frequency::Semiannual, 2);
    /// let payments = loan.payments(Currency::USD).unwrap();
    /// let parts: Vec<_> = payments.iter().map(|p| (p.interest.minor(), p.principal.minor())).collect();
    /// assert_eq!(parts, [(4_000, 49_020), (2_039, 50_980)]);
    /// assert_eq!(payments[1].balance_close, Money::ZERO);
    /// ```
    pub fn payments(&self, currency: Currency) -> Option<Vec<LoanPayment>> {
        let (original, count) = (currency.money(self.balance)?, self.payments_remaining);
        let per_year = self.payment_frequency.per_year();
        if self.rate.is_sign_negative() && !self.rate.is_zero() {
            return None;
        }
        let period_rate =
            Ratio::from_decimal(self.rate)?.checked_mul(Ratio::new(1, i128::from(per_year))?)?;
        let level = match self.amortization {
            LoanAmortization::LevelPay => level_payment(original, self.rate, per_year, count)?,
            _ => 0,
        };
        let mut payments = Vec::with_capacity(count as usize);
        let mut open = original;
        for left in (0..count).rev() {
            // interest = balance x rate / payments a year
            let interest = period_rate.of(open, Rounding::HalfEven)?;
            let close = match self.amortization {
                _ if left == 0 => 0,
                LoanAmortization::InterestOnly => open.minor(),
                LoanAmortization::EqualPrincipal => {
                    let share = Ratio::new(i128::from(left), i128::from(count))?;
                    share.of(original, Rounding::HalfEven)?.minor()
                }
                LoanAmortization::LevelPay => {
                    let principal = level.checked_sub(interest.minor())?;
                    open.minor() - principal.clamp(0, open.minor())
                }
            };
            let balance_close = Money::from_minor(close);
            let principal = open.checked_sub(balance_close)?;
            payments.push(LoanPayment { interest, principal, balance_close });
            open = balance_close;
        }
        Some(payments)
    }
}

/// `balance x i / (1 - v^n)`, `v = 1 / (1 + i)`, in 28 digits, rounded half-even to the minor unit.
fn level_payment(balance: Money, rate: Decimal, per_year: u32, count: u32) -> Option<i64> {
    let (whole, payments) = (Decimal::from(balance.minor()), Decimal::from(count));
    let payment = if rate.is_zero() {
        whole.checked_div(payments)?
    } else {
        let period_rate = rate.checked_div(per_year.into())?;
        let v = Decimal::ONE.checked_div(Decimal::ONE.checked_add(period_rate)?)?;
        let mut power = Decimal::ONE;
        for _ in 0..count {
            power = power.checked_mul(v)?;
        }
        // 1 - v^n is the interest on the annuity's value: divided last, to keep the digits of small rates.
        whole.checked_mul(period_rate)?.checked_div(Decimal::ONE - power)?
    };
    payment.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven).to_i64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Frequency;

    fn cents(loan: &Loan) -> Vec<[i64; 3]> {
        let payments = loan.payments(Currency::USD).unwrap();
        payments.iter().map(|p| [p.interest, p.principal, p.balance_close].map(Money::minor)).collect()
    }

    #[test]
    fn three_ways_to_repay_twelve_hundred() {
        let mut loan = Loan::new("L", "o", 1_200.into(), Decimal::new(12, 2), Frequency::Monthly, 3);
        // 1,200 x 0.01 / (1 - 1.01^-3) = 12 / 0.02940985... = 408.0265...: 408.03.
        // Interest 12.00, 8.04 (803.97 x 0.01 = 8.0397), 4.04 (403.98 x 0.01); the last repays 403.98.
        let level = [[1_200, 39_603, 80_397], [804, 39_999, 40_398], [404, 40_398, 0]];
        assert_eq!(cents(&loan), level);
        loan.amortization = LoanAmortization::EqualPrincipal;
        assert_eq!(cents(&loan), [[1_200, 40_000, 80_000], [800, 40_000, 40_000], [400, 40_000, 0]]);
        loan.amortization = LoanAmortization::InterestOnly;
        assert_eq!(cents(&loan), [[1_200, 0, 120_000], [1_200, 0, 120_000], [1_200, 120_000, 0]]);
    }

    #[test]
    fn parts_that_do_not_divide_are_rounded_half_even_and_still_sum() {
        let mut loan = Loan::new("L", "o", Decimal::new(1_000, 2), Decimal::ZERO, Frequency::Quarterly, 3);
        // 10.00 / 3 = 3.333...: 3.33, 3.33 and the rest.
        assert_eq!(cents(&loan), [[0, 333, 667], [0, 333, 334], [0, 334, 0]]);
        loan.amortization = LoanAmortization::EqualPrincipal;
        // 10.00 x 2/3 = 6.67, x 1/3 = 3.33.
        assert_eq!(cents(&loan), [[0, 333, 667], [0, 334, 333], [0, 333, 0]]);
        // Two cents at 100% in four quarters: interest 0.5 and 0.5, half-even to 0; 2 x 0.25 / (1 - 1.25^-4)
        // = 0.847 is one cent.
        let tiny = Loan::new("L", "o", Decimal::new(2, 2), Decimal::ONE, Frequency::Quarterly, 4);
        assert_eq!(cents(&tiny), [[0, 1, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0]]);
    }

    #[test]
    fn a_published_annuity() {
        // The textbook mortgage: 100,000 over 360 months at 6% pays 599.55 a month.
        let loan = Loan::new("L", "o", 100_000.into(), Decimal::new(6, 2), Frequency::Monthly, 360);
        let payments = loan.payments(Currency::USD).unwrap();
        assert!(payments[..359].iter().all(|p| (p.interest + p.principal).minor() == 59_955));
        assert_eq!(payments.iter().map(|p| p.principal).sum::<Money>(), Money::from_minor(10_000_000));
        // The last makes good what rounding left: half a cent of payment and half a cent of interest a month,
        // compounded, are below 2 x 0.5 x (1.005^360 - 1) / 0.005 = 1,005 cents.
        let last = payments[359].interest + payments[359].principal;
        assert!((last.minor() - 59_955).abs() < 1_005, "{last:?}");
    }

    #[test]
    fn what_cannot_be_paid_is_refused() {
        let loan = |balance, rate| Loan::new("L", "o", balance, rate, Frequency::Monthly, 12);
        assert_eq!(loan(Decimal::new(1, 3), Decimal::ZERO).payments(Currency::USD), None);
        assert_eq!(loan(Decimal::ONE, Decimal::new(-1, 2)).payments(Currency::USD), None);
        assert_eq!(loan(Decimal::ONE, Decimal::ONE).payments(Currency::USD).unwrap().len(), 12);
    }
}
