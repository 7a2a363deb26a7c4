//! Accounts and fees: what they earn and cost, period by period.

use super::amount::Place;
use super::{Resolver, given_fields};
use crate::deal::{Accrual, CapPeriod, Fee, Formula};
use crate::money::Rounding;
use crate::rate::Rate;
use crate::time::DayCount;
use crate::waterfall::multiplier::Multiplier;
use crate::waterfall::program::{AccountTerms, FeeAccrual, FeeTerms};
use chrono::Datelike;
use rust_decimal::Decimal;

impl Resolver<'_> {
    pub(super) fn accounts(&self) -> Option<Vec<AccountTerms>> {
        let deal = self.deal;
        let accounts = deal.accounts.iter().enumerate().map(|(i, account)| {
            let field = |name: &str| format!("accounts[{i}].{name}");
            let opening = self.opening_balance(i);
            let target = match &account.target {
                Some(formula) => self.amount(&field("target"), formula, Place::Targets).map(Some),
                None => Some(None),
            };
            let day_count = account.earnings_day_count.unwrap_or(DayCount::Act360);
            let earnings = match account.earnings_rate {
                Some(rate) if rate.fraction() < Decimal::ZERO => {
                    self.problem(
                        field("earnings_rate"),
                        rate.fraction().to_string(),
                        "a rate not below zero",
                    );
                    None
                }
                Some(rate) => {
                    let rounding = self.deal.rounding;
                    self.ratios(&field("earnings_rate"), rate, day_count, Accrual::Nominal, rounding)
                }
                None => Some(Vec::new()),
            };
            Some(AccountTerms { opening: opening?, target: target?, earnings: earnings? })
        });
        accounts.collect::<Vec<_>>().into_iter().collect()
    }

    pub(super) fn fee(&self, i: usize, fee: &Fee) -> Option<FeeTerms> {
        let field = |name: &str| format!("fees[{i}].{name}");
        let formula = |name: &str, formula: &Formula| self.amount(&field(name), formula, Place::Fees);
        let rounding = fee.rounding.unwrap_or(self.deal.rounding);
        let accrual = match (&fee.amount, fee.rate, &fee.of) {
            (Some(amount), None, None) => {
                if fee.accrual.is_some() {
                    let expected = "none on a fee without a rate";
                    self.problem(field("accrual"), "`accrual`", expected);
                }
                formula("amount", amount).map(|amount| FeeAccrual::Amount(amount.rounded_by(rounding)))
            }
            (None, Some(rate), Some(of)) => {
                let day_count = fee.day_count.unwrap_or(DayCount::Thirty360);
                let accrual = fee.accrual.unwrap_or(Accrual::Nominal);
                let by_period = self.ratios(&field("rate"), rate, day_count, accrual, rounding);
                formula("of", of).zip(by_period).map(|(of, by_period)| FeeAccrual::Rate { of, by_period })
            }
            _ => {
                let given = [
                    ("amount", fee.amount.is_some()),
                    ("rate", fee.rate.is_some()),
                    ("of", fee.of.is_some()),
                ];
                self.problem(
                    format!("fees[{i}]"),
                    given_fields(&given),
                    "either `amount`, or `rate` and `of`",
                );
                None
            }
        };
        let cap = match &fee.cap {
            Some(cap) => Some(formula("cap", cap)?),
            None => None,
        };
        let cap_refills = match fee.cap_period {
            CapPeriod::PaymentDate => Vec::new(),
            CapPeriod::CalendarYear => self.first_in_year(),
        };
        let payee = self.payee(fee.payee.as_ref().unwrap_or(&fee.id))?;
        Some(FeeTerms { payee, accrual: accrual?, cap, cap_refills })
    }

    /// Whether each payment date is the first of its calendar year.
    fn first_in_year(&self) -> Vec<bool> {
        let mut year = i32::MIN;
        self.nominal_dates()
            .map(|date| {
                let first = date.year() != year;
                year = date.year();
                first
            })
            .collect()
    }

    /// Rate x year fraction of each accrual.
    fn ratios(
        &self,
        field: &str,
        rate: Rate,
        day_count: DayCount,
        accrual: Accrual,
        rounding: Rounding,
    ) -> Option<Vec<Multiplier>> {
        let rate = Rate::new(self.rate_value(field, rate.fraction())?);
        let schedule = self.schedule.as_ref()?;
        let ratios = (0..schedule.len()).map(|period| {
            let (start, end) = schedule.accrual(period, accrual == Accrual::Adjusted);
            Some(Multiplier::new(rate.over(day_count.year_fraction(start, end))?, rounding))
        });
        let ratios: Option<Vec<_>> = ratios.collect();
        if ratios.is_none() {
            self.problem(field, rate.fraction().to_string(), "a rate of fewer digits");
        }
        ratios
    }
}
