//! Loans: scheduled cash summed once, corrected for the loans whose obligors default.

use super::Collections;
use super::column::LoanColumns;
use super::periods::Periods;
use super::term::cents;
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::pool::Pool;
use crate::ratio::Ratio;
use crate::scenario::Scenario;

/// The loans of a pool over the payment periods of a deal, as scheduled.
///
/// Loans that pay equally often are one [`Ladder`]: sums by payment. A loan that stops paying takes its
/// remaining payments out of its ladder's sums, so a scenario costs what its defaults cost.
#[derive(Clone, Debug)]
pub(super) struct LoanBook {
    columns: LoanColumns,
    loans: Vec<BookedLoan>,
    ladders: Vec<Ladder>,
    /// Scheduled, by loan and payment, those collected by the last payment date.
    payments: Vec<Payment>,
    /// What is recovered of the balance, at the loan's own rate, if that payment is the first one missed.
    recoveries: Vec<i64>,
    /// Sums of the payments by ladder and payment.
    base: Sums,
}

/// Interest of a payment, and the balance after it; in minor units. Side by side, so that a loan is taken out of
/// the sums in one pass.
type Payment = [i64; 2];

/// A loan's place in the book.
#[derive(Clone, Copy, Debug)]
struct BookedLoan {
    obligor: usize,
    ladder: usize,
    balance: i64,
    /// Its first payment in the arrays by loan and payment, and how many follow.
    first: usize,
    payments: usize,
    recovery_lag_months: u32,
}

/// Loans that pay on the same dates.
#[derive(Clone, Debug)]
struct Ladder {
    months_apart: u32,
    /// Balance of all its loans at the cut-off date.
    balance: i64,
    /// Its first rung in the arrays by ladder and payment.
    first: usize,
    /// The period that distributes each payment.
    periods: Vec<u32>,
    /// How many payments were due by the end of each period.
    due: Vec<u32>,
}

/// By ladder and payment.
#[derive(Clone, Debug, Default)]
struct Sums {
    /// Payments of the loans that pay.
    payments: Vec<Payment>,
    /// Balance of the loans of which this is the first payment missed.
    defaulted: Vec<i64>,
}

/// Scratch that is reused from scenario to scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct LoanScratch {
    sums: Sums,
    /// By period.
    recovered: Vec<i64>,
    lost: Vec<i64>,
}

impl LoanBook {
    /// Books the loans of a pool.
    ///
    /// # Errors
    /// [`Error::Overflow`] if the balances, or all the interest, pass what 64 bits hold.
    pub fn new(pool: &Pool, periods: &Periods, columns: LoanColumns) -> Result<LoanBook, Error> {
        let overflow = || Error::Overflow { place: "loan amounts", period: 0 };
        let base = Sums::default();
        let mut book = LoanBook {
            columns,
            loans: Vec::with_capacity(pool.loan_terms.len()),
            ladders: ladders(pool, periods),
            payments: Vec::new(),
            recoveries: Vec::new(),
            base,
        };
        book.base.resize(book.ladders.iter().map(|ladder| ladder.periods.len()).sum());
        let mut total = 0_i64;
        for (loan, terms) in pool.loans().iter().zip(&pool.loan_terms) {
            let payments = loan.payments(pool.currency()).ok_or_else(overflow)?;
            let place = book.ladders.iter().position(|ladder| ladder.months_apart == terms.months_apart);
            let ladder = place.unwrap_or(0);
            let rungs = &mut book.ladders[ladder];
            total = total.checked_add(terms.balance).ok_or_else(overflow)?;
            rungs.balance += terms.balance;
            let first = book.payments.len();
            let mut open = terms.balance;
            let collected = payments.len().min(rungs.periods.len());
            for (payment, rung) in payments[..collected].iter().zip(rungs.first..) {
                let (interest, close) = (payment.interest.minor(), payment.balance_close.minor());
                total = total.checked_add(interest).ok_or_else(overflow)?;
                let [all_interest, all_close] = &mut book.base.payments[rung];
                (*all_interest, *all_close) = (*all_interest + interest, *all_close + close);
                book.payments.push([interest, close]);
                book.recoveries.push(recovery(open, terms.recovery_rate).ok_or_else(overflow)?);
                open = close;
            }
            book.loans.push(BookedLoan {
                obligor: terms.obligor,
                ladder,
                balance: terms.balance,
                first,
                payments: collected,
                recovery_lag_months: terms.recovery_lag_months,
            });
        }
        Ok(book)
    }

    /// Adds what the loans pay in a scenario.
    ///
    /// # Errors
    /// [`Error::Overflow`] if recoveries pass what 64 bits hold with those of leases.
    pub fn collect(
        &self,
        scenario: &Scenario,
        periods: &Periods,
        scratch: &mut LoanScratch,
        into: &mut Collections,
    ) -> Result<(), Error> {
        scratch.start(&self.base, periods.len());
        for loan in &self.loans {
            let Some(default) = &scenario.defaults[loan.obligor] else { continue };
            if default.rejected {
                self.default(loan, default.month, default.recovery_rate, periods, scratch);
            }
        }
        for ladder in &self.ladders {
            ladder.pay(&scratch.sums, self.columns, into);
        }
        let recovered = scratch.recovered.iter().zip(&scratch.lost);
        for (period, (row, (&recovered, &lost))) in into.rows_mut().zip(recovered).enumerate() {
            let cell = &mut row[self.columns.recoveries];
            let overflow = || Error::Overflow { place: "collections", period: period + 1 };
            *cell = cell.checked_add(Money::from_minor(recovered)).ok_or_else(overflow)?;
            row[self.columns.realized_loss] = Money::from_minor(lost);
        }
        Ok(())
    }

    /// Takes a loan out of the sums from the first payment that it misses.
    fn default(
        &self,
        loan: &BookedLoan,
        month: u32,
        stated_rate: Option<f64>,
        periods: &Periods,
        scratch: &mut LoanScratch,
    ) {
        let ladder = &self.ladders[loan.ladder];
        // The obligor fails in month - 1. A payment due at the end of month m is made if m < month - 1; the
        // payments, counted from 1, are due at the ends of months k x apart - 1.
        let made = (month.saturating_sub(1) / ladder.months_apart) as usize;
        if made >= loan.payments {
            return;
        }
        let (missed, end) = (loan.first + made, loan.first + loan.payments);
        let rung = ladder.first + made;
        take_out(&mut scratch.sums.payments[rung..], &self.payments[missed..end]);
        let outstanding = if made == 0 { loan.balance } else { self.payments[missed - 1][1] };
        scratch.sums.defaulted[rung] += outstanding;
        // What comes after the last payment date is lost.
        let recovery = match stated_rate {
            Some(rate) => cents(outstanding as f64 * rate).min(outstanding),
            None => self.recoveries[missed],
        };
        let due_month = (made as u32 + 1) * ladder.months_apart - 1;
        let paid = periods.of_month((due_month + loan.recovery_lag_months) as usize);
        if let Some(period) = paid {
            scratch.recovered[period] += recovery;
        }
        scratch.lost[ladder.periods[made] as usize] += outstanding - paid.map_or(0, |_| recovery);
    }
}

impl Ladder {
    fn pay(&self, sums: &Sums, columns: LoanColumns, into: &mut Collections) {
        let rungs = self.first..self.first + self.periods.len();
        let (payments, defaulted) = (&sums.payments[rungs.clone()], &sums.defaulted[rungs]);
        // A date distributes the payments that fell due since the one before; `periods` and `due` say the same.
        let mut payments = payments.iter().zip(defaulted);
        let (mut open, mut paid) = (self.balance, 0);
        for (row, &due) in into.rows_mut().zip(&self.due) {
            for (&[interest, close], &defaulted) in payments.by_ref().take((due - paid) as usize) {
                // principal = balance before - balance that defaults - balance after
                let principal = open - defaulted - close;
                row[columns.interest] = plus(row[columns.interest], interest);
                row[columns.principal] = plus(row[columns.principal], principal);
                open = close;
            }
            paid = due;
            row[columns.pool_balance] = plus(row[columns.pool_balance], open);
        }
    }
}

impl Sums {
    fn resize(&mut self, rungs: usize) {
        self.payments.resize(rungs, [0; 2]);
        self.defaulted.resize(rungs, 0);
    }
}

impl LoanScratch {
    fn start(&mut self, base: &Sums, periods: usize) {
        self.sums.payments.clone_from(&base.payments);
        self.sums.defaulted.clone_from(&base.defaulted);
        for by_period in [&mut self.recovered, &mut self.lost] {
            by_period.clear();
            by_period.resize(periods, 0);
        }
    }
}

/// One ladder for each distance between payments.
fn ladders(pool: &Pool, periods: &Periods) -> Vec<Ladder> {
    let mut ladders: Vec<Ladder> = Vec::new();
    let mut first = 0;
    for terms in &pool.loan_terms {
        let apart = terms.months_apart;
        if ladders.iter().any(|ladder| ladder.months_apart == apart) {
            continue;
        }
        let due_months = (1..).map(|payment| (payment * apart - 1) as usize);
        let of_payment: Vec<u32> =
            due_months.map_while(|month| periods.of_month(month)).map(|period| period as u32).collect();
        let due = (0..periods.len()).map(|period| periods.collected(period).end as u32 / apart).collect();
        let rungs = of_payment.len();
        ladders.push(Ladder { months_apart: apart, balance: 0, first, periods: of_payment, due });
        first += rungs;
    }
    ladders
}

/// `recovery rate x balance`, half-even.
fn recovery(balance: i64, rate: Ratio) -> Option<i64> {
    rate.of(Money::from_minor(balance), Rounding::HalfEven).map(Money::minor)
}

/// Takes a loan's payments out of the sums.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn take_out(sums: &mut [Payment], payments: &[Payment]) {
    for (sum, part) in sums.as_flattened_mut().iter_mut().zip(payments.as_flattened()) {
        *sum -= part;
    }
}

/// A sum that [`LoanBook::new`] has seen to fit.
#[inline]
fn plus(cell: Money, amount: i64) -> Money {
    Money::from_minor(cell.minor() + amount)
}
