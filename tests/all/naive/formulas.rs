//! Formulas and the quantities they name.

use super::arithmetic::{Fraction, decimal, rounded, whole};
use super::{NoteState, World};
use leasefall::Rounding;
use leasefall::deal::{Expression, Formula};
use num_traits::Zero;
use std::collections::BTreeMap;

impl World<'_> {
    pub(super) fn value(&self, formula: &Formula) -> i128 {
        self.value_rounded(formula, self.deal.rounding)
    }

    pub(super) fn value_rounded(&self, formula: &Formula, rounding: Rounding) -> i128 {
        let expression = formula.parse().expect("a valid formula");
        rounded(&self.exact(&expression), rounding)
    }

    pub(super) fn exact(&self, expression: &Expression) -> Fraction {
        let all = |terms: &[Expression]| terms.iter().map(|term| self.exact(term)).collect::<Vec<_>>();
        match expression {
            Expression::Number(number) => {
                decimal(*number) * whole(i128::from(self.deal.currency.minor_per_major()))
            }
            Expression::Quantity { name, of, .. } => whole(self.quantity(name, of)),
            Expression::Sum(terms) => all(terms).into_iter().fold(Fraction::zero(), |sum, term| sum + term),
            Expression::Times(factor, inner) => decimal(*factor) * self.exact(inner),
            Expression::Over(inner, divisor) => self.exact(inner) / decimal(*divisor),
            Expression::Min(terms) => all(terms).into_iter().min().expect("a term"),
            Expression::Max(terms) => all(terms).into_iter().max().expect("a term"),
            Expression::If(trigger, then, otherwise) => {
                self.exact(if self.triggers[trigger.as_str()].active { then } else { otherwise })
            }
            Expression::Rounded { inner, rounding, to } => {
                let multiple = whole(to.map_or(1, |to| self.minor(to)));
                whole(rounded(&(self.exact(inner) / &multiple), *rounding)) * multiple
            }
            _ => unreachable!("an expression that the page does not tell"),
        }
    }

    pub(super) fn quantity(&self, name: &str, of: &[String]) -> i128 {
        let notes = |get: &dyn Fn(&NoteState) -> i128| -> i128 {
            self.chosen(of).iter().map(|note| get(&self.notes[note.id.as_str()])).sum()
        };
        let sum = |map: &BTreeMap<&str, i128>| -> i128 {
            of.iter().map(|id| map.get(id.as_str()).copied().unwrap_or(0)).sum()
        };
        match name {
            "collections" => {
                let (layout, row) = (self.collections.layout(), self.collections.row(self.date - self.first));
                let counts = |source: &String| of.is_empty() || of.contains(source);
                let columns = layout.sources().iter().zip(row).filter(|(source, _)| counts(source));
                columns.map(|(_, cash)| i128::from(cash.minor())).sum()
            }
            "open" if self.date > self.first => self.measure(&of[0], self.date - 1),
            "open" => self.deal.opening_measures.get(&of[0]).map_or(0, |amount| self.minor(*amount)),
            "total" => {
                let opening = self.deal.opening.as_ref().and_then(|opening| opening.totals.get(&of[0]));
                let opening = opening.map_or(0, |amount| self.minor(*amount));
                opening + (self.first..=self.date).map(|date| self.measure(&of[0], date)).sum::<i128>()
            }
            "balance" => notes(&|state| state.balance),
            "balance_open" => notes(&|state| state.row.balance_open),
            "original_balance" => self.chosen(of).iter().map(|note| self.minor(note.original_balance)).sum(),
            "undrawn" => {
                let with_commitment =
                    self.chosen(of).into_iter().filter_map(|note| Some((note, note.commitment?)));
                with_commitment
                    .map(|(note, commitment)| (self.minor(commitment) - self.balance(&note.id)).max(0))
                    .sum()
            }
            "interest_accrued" => notes(&|state| state.row.interest_accrued),
            "interest_due" => notes(&|state| state.interest_due),
            "scheduled_principal" => notes(&|state| state.scheduled_due.min(state.balance)),
            "post_ard_interest" => notes(&|state| state.post_ard_due),
            "written_down" => notes(&|state| state.written_down),
            "principal_paid" => notes(&|state| state.row.principal_paid),
            "schedule" => self.scheduled(&of[0], self.date),
            "account" => sum(&self.accounts),
            "target" => sum(&self.targets),
            "excess" => (self.accounts[of[0].as_str()] - self.targets[of[0].as_str()]).max(0),
            "fee" => of.iter().map(|id| self.fees[id.as_str()].due).sum(),
            "amount" => sum(&self.amounts),
            "paid" => sum(&self.paid_by_step),
            measure => self.measure(measure, self.date),
        }
    }

    pub(super) fn measure(&self, name: &str, date: usize) -> i128 {
        let column = self.collections.layout().column(name).expect("a measure");
        i128::from(self.collections.row(date - self.first)[column].minor())
    }
}
