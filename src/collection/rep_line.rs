//! Representative lines: monthly cash of many loans as one, by speeds.

use super::column::{LineColumns, LoanColumns};
use super::periods::Periods;
use super::term::cents;
use super::{Collections, put};
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::pool::Pool;
use crate::ratio::Ratio;
use crate::scenario::{LinePath, Scenario};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The representative lines of a pool over the payment periods of a deal.
#[derive(Clone, Debug)]
pub(super) struct LineBook {
    loans: LoanColumns,
    columns: LineColumns,
    lines: Vec<BookedLine>,
}

/// A line as the projection sees it; months from the cut-off date.
#[derive(Clone, Copy, Debug)]
struct BookedLine {
    balance: i64,
    remaining: u32,
    amortization: u32,
    interest_only: u32,
}

/// What a line owes and holds in one month, minor units.
#[derive(Clone, Copy, Debug, Default)]
struct MonthCash {
    interest: i64,
    scheduled: i64,
    prepaid: i64,
    recovered: i64,
    lost: i64,
    /// Balances at the month's end: all, and delinquent 60 days or more with what is in liquidation.
    balance: i64,
    delinquent: i64,
}

/// Scratch that is reused from line to line: balances by the month in which they are liquidated.
#[derive(Clone, Debug, Default)]
pub(super) struct LineScratch {
    liquidated: Vec<i64>,
}

impl LineBook {
    /// Books the lines of a pool.
    pub fn new(pool: &Pool, loans: LoanColumns, columns: LineColumns) -> LineBook {
        let booked = |line: &crate::asset::RepLine| {
            let age = line.age_months.unwrap_or(0);
            BookedLine {
                balance: pool.currency().money(line.balance).map_or(0, Money::minor),
                remaining: line.remaining_months,
                amortization: line.amortization_months.unwrap_or(line.remaining_months),
                interest_only: line.interest_only_months.unwrap_or(0).saturating_sub(age),
            }
        };
        LineBook { loans, columns, lines: pool.rep_lines().iter().map(booked).collect() }
    }

    /// Adds what the lines pay in a scenario.
    ///
    /// # Errors
    /// [`Error::Overflow`] if an amount passes what 64 bits hold.
    pub fn collect(
        &self,
        scenario: &Scenario,
        periods: &Periods,
        scratch: &mut LineScratch,
        into: &mut Collections,
    ) -> Result<(), Error> {
        for (line, path) in self.lines.iter().zip(&scenario.lines) {
            line.run(path, periods.months(), scratch, |month, cash| {
                let Some(period) = periods.of_month(month) else { return Ok(()) };
                put(into, period, self.loans.interest, cash.interest)?;
                put(into, period, self.loans.principal, cash.scheduled)?;
                put(into, period, self.columns.prepayments, cash.prepaid)?;
                put(into, period, self.loans.recoveries, cash.recovered)?;
                put(into, period, self.loans.realized_loss, cash.lost)?;
                if month + 1 == periods.collected(period).end {
                    put(into, period, self.loans.pool_balance, cash.balance)?;
                    put(into, period, self.columns.delinquent_balance, cash.delinquent)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl BookedLine {
    /// Month by month: defaults, of what is left scheduled principal, of what is left prepayments; then what
    /// defaulted `recovery_lag_months` before is liquidated.
    fn run(
        &self,
        path: &LinePath,
        months: usize,
        scratch: &mut LineScratch,
        mut each: impl FnMut(usize, MonthCash) -> Result<(), Error>,
    ) -> Result<(), Error> {
        scratch.liquidated.clear();
        scratch.liquidated.resize(months, 0);
        let (mut paying, mut defaulted) = (self.balance, 0_i64);
        let mut monthly = MonthlyRate::default();
        for month in 0..months {
            let open = paying;
            let mut cash = MonthCash::default();
            // default = MDR x balance that pays + a share of the balance at the cut-off date
            let rated = paying as f64 * path.default[month];
            let timed = self.balance as f64 * path.default_of_cut_off[month];
            let default = cents(rated + timed).min(paying);
            let liquidated = month + path.recovery_lag_months as usize;
            if let Some(later) = scratch.liquidated.get_mut(liquidated) {
                *later += default;
            }
            paying -= default;
            // Without advances, delinquent loans and defaulted ones pay nothing while they are so.
            let current = if path.advances { 1.0 } else { 1.0 - path.delinquent[month] };
            let bears = if path.advances { open + defaulted } else { cents(paying as f64 * current) };
            // interest = balance x rate / 12, half-even
            cash.interest = monthly.of(path.rates[month], bears).ok_or_else(|| overflow(month))?;
            cash.scheduled = self.scheduled(paying, month as u32, &monthly, current);
            // prepaid = SMM x (balance - defaults - scheduled principal), SIFMA SF-5
            let left = paying - cash.scheduled;
            cash.prepaid = cents(left as f64 * path.prepayment[month]).min(left);
            paying = left - cash.prepaid;
            defaulted += default;
            let liquidated = scratch.liquidated[month];
            // recovered = (1 - severity) x what is liquidated
            cash.recovered = cents(liquidated as f64 * (1.0 - path.severity[month])).min(liquidated);
            cash.lost = liquidated - cash.recovered;
            defaulted -= liquidated;
            cash.balance = paying + defaulted;
            cash.delinquent = cents(paying as f64 * path.delinquent[month]).min(paying) + defaulted;
            each(month, cash)?;
            if paying == 0 && defaulted == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Scheduled principal of the balance that pays: level payments over what is left of the amortization
    /// term, `balance x i / ((1 + i)^n - 1)`; all of it with the last payment.
    fn scheduled(&self, paying: i64, month: u32, monthly: &MonthlyRate, current: f64) -> i64 {
        if month + 1 >= self.remaining {
            return paying;
        }
        if month < self.interest_only {
            return 0;
        }
        let left = f64::from(self.amortization.saturating_sub(month).max(1));
        let i = monthly.model;
        let share = if i > 0.0 { i / libm::expm1(left * libm::log1p(i)) } else { 1.0 / left };
        cents(paying as f64 * share * current).min(paying)
    }
}

/// A rate a year, as what a month earns.
#[derive(Clone, Copy, Debug, Default)]
struct MonthlyRate {
    annual: Option<Decimal>,
    exact: Option<Ratio>,
    model: f64,
}

impl MonthlyRate {
    /// A month's interest on a balance; `None` if it passes what can be computed exactly.
    fn of(&mut self, annual: Decimal, balance: i64) -> Option<i64> {
        if self.annual != Some(annual) {
            let exact = Ratio::from_decimal(annual).and_then(|rate| rate.checked_mul(Ratio::new(1, 12)?));
            let model = annual.to_f64().unwrap_or(0.0) / 12.0;
            *self = MonthlyRate { annual: Some(annual), exact, model };
        }
        self.exact?.of(Money::from_minor(balance), Rounding::HalfEven).map(Money::minor)
    }
}

fn overflow(month: usize) -> Error {
    Error::Overflow { place: "interest of a representative line", period: month + 1 }
}
