//! `leasefall cashflows --explain`: which step paid what from where on one payment date, and what was short.

use super::{Align, Report, Table, decimal, shown};
use crate::deal::Deal;
use crate::error::{Error, Problem, Problems};
use crate::money::Currency;
use crate::time::Date;
use crate::waterfall::{Explanation, Program, Run};
use serde::Serialize;
use std::collections::BTreeSet;

/// One payment date, step by step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainReport {
    /// The deal's name.
    pub deal: String,
    /// The scenario's name.
    pub scenario: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// The payment date, counted from 1.
    pub period: usize,
    /// The payment date, adjusted.
    pub payment_date: Date,
    /// The phase that was run.
    pub phase: String,
    /// Triggers that were active, by id.
    pub triggers: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<ExplainLine>,
}

/// One step and one claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainLine {
    /// The step.
    pub step: String,
    /// Who was to be paid.
    pub to: String,
    /// What was due; of principal beyond the schedule the balance; `null` where there is no bound.
    pub claim: Option<String>,
    /// What was paid.
    pub paid: String,
    /// Due and not paid.
    pub short: String,
    /// The accounts that paid, and how much each.
    pub from: Vec<(String, String)>,
}

impl ExplainLine {
    pub(super) fn new(currency: Currency, line: &Explanation) -> ExplainLine {
        let money = |amount| decimal(currency, amount);
        ExplainLine {
            step: line.step.clone(),
            to: line.to.clone(),
            claim: line.claim.map(money),
            paid: money(line.paid),
            short: money(line.short),
            from: line.from.iter().map(|(account, amount)| (account.clone(), money(*amount))).collect(),
        }
    }
}

impl ExplainReport {
    /// The report of one payment date, counted from 1, for everybody or one payee.
    ///
    /// # Errors
    /// [`Error::Argument`] if the run has no such payment date; [`Error::Input`] if no step of it ever pays
    /// the payee.
    pub fn new(
        deal: &Deal,
        scenario: impl Into<String>,
        program: &Program,
        run: &Run,
        lines: &[Explanation],
        period: usize,
        payee: Option<String>,
    ) -> Result<ExplainReport, Error> {
        let Some(index) = period.checked_sub(1).filter(|&index| index < run.periods()) else {
            let expected = "a payment date of the run, counted from 1";
            return Err(Error::Argument { argument: "period", found: period as f64, expected });
        };
        if let Some(payee) = &payee
            && lines.iter().all(|line| line.to != *payee)
        {
            let known: BTreeSet<&str> = lines.iter().map(|line| line.to.as_str()).collect();
            return Err(Error::Input(Problems::from(vec![Problem {
                file: "payee".to_owned(),
                line: 0,
                field: String::new(),
                found: format!("`{payee}`, whom no step pays"),
                expected: format!("one of {}", known.into_iter().collect::<Vec<_>>().join(", ")),
            }])));
        }
        let chosen = lines
            .iter()
            .filter(|line| line.period == index && payee.as_ref().is_none_or(|payee| *payee == line.to));
        let steps = chosen.map(|line| ExplainLine::new(deal.currency, line));
        let active = (0..program.triggers().len()).filter(|&trigger| run.trigger_active(index, trigger));
        Ok(ExplainReport {
            deal: deal.name.clone(),
            scenario: scenario.into(),
            currency: deal.currency,
            period,
            payment_date: program.schedule().periods()[index].payment_date,
            phase: run.phase(program, index).to_owned(),
            triggers: active.map(|trigger| program.triggers()[trigger].clone()).collect(),
            steps: steps.collect(),
        })
    }
}

impl Report for ExplainReport {
    fn tables(&self) -> Vec<Table> {
        use Align::{Left, Right};
        let title = format!(
            "{}, scenario {}, payment date {} ({}), phase {}, {}",
            self.deal, self.scenario, self.period, self.payment_date, self.phase, self.currency
        );
        let columns = [
            ("step", Left),
            ("to", Left),
            ("claim", Right),
            ("paid", Right),
            ("short", Right),
            ("from", Left),
        ];
        let mut table = Table::new(title, &columns);
        for line in &self.steps {
            let shown = |text: &String| shown(self.currency, text);
            let from: Vec<String> =
                line.from.iter().map(|(account, amount)| format!("{account} {}", shown(amount))).collect();
            table.row([
                line.step.clone(),
                line.to.clone(),
                line.claim.as_ref().map_or_else(|| "no bound".to_owned(), shown),
                shown(&line.paid),
                shown(&line.short),
                from.join(" + "),
            ]);
        }
        if !self.triggers.is_empty() {
            table.note(format!("Active triggers: {}.", self.triggers.join(", ")));
        }
        vec![table]
    }
}
