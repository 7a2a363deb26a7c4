//! Phases and steps: which fields each kind of payment takes, and what they name.

use super::Resolver;
use super::amount::Place;
use crate::deal::{Allocation, Pay, Phase, Step};
use crate::waterfall::program::{NoteClaim, PayTerms, PhaseTerms, StepTerms};

impl Resolver<'_> {
    pub(super) fn phases(&self) -> Option<Vec<PhaseTerms>> {
        let phases: Vec<Option<PhaseTerms>> =
            self.deal.phases.iter().enumerate().map(|(i, phase)| self.phase(i, phase)).collect();
        if let Some((last, phase)) = self.deal.phases.iter().enumerate().next_back()
            && !phase.when.is_empty()
        {
            let expected = "no conditions on the last phase: it runs when no other does";
            self.problem(format!("phases[{last}].when"), "conditions", expected);
        }
        phases.into_iter().collect()
    }

    fn phase(&self, i: usize, phase: &Phase) -> Option<PhaseTerms> {
        let when = self.conditions(&format!("phases[{i}].when"), &phase.when, usize::MAX);
        if phase.steps.len() > 1_000 {
            self.problem(format!("phases[{i}].steps"), phase.steps.len().to_string(), "at most 1000");
            return None;
        }
        let steps: Vec<Option<StepTerms>> = (0..phase.steps.len())
            .map(|k| self.step(&format!("phases[{i}].steps[{k}]"), &phase.steps[k], &phase.steps[..k]))
            .collect();
        let steps = steps.into_iter().collect::<Option<_>>()?;
        Some(PhaseTerms { name: phase.id.clone(), when, steps })
    }

    fn step(&self, field: &str, step: &Step, before: &[Step]) -> Option<StepTerms> {
        let when = self.conditions(&format!("{field}.when"), &step.when, usize::MAX);
        let from = match step.from.as_slice() {
            // That a deal lacks the account is said once, not at every step.
            [] => self.find_account(super::COLLECTION).map(|party| [party.0].into()),
            ids => self.distinct(&format!("{field}.from"), ids, |field, id| {
                self.account(field, id).map(|party| party.0)
            }),
        };
        let limit = step
            .amount
            .as_ref()
            .map(|formula| self.amount(&format!("{field}.amount"), formula, Place::Steps { before }));
        self.check_fields(field, step);
        let pay = self.pay(field, step);
        let limit = match limit {
            Some(limit) => Some(limit?),
            None => None,
        };
        let from = from?.iter().map(|&index| crate::waterfall::ledger::Party(index)).collect();
        Some(StepTerms { name: step.id.clone(), when, from, limit, pay: pay? })
    }

    /// Fields that a kind of payment needs must be there; fields that it does not take must not.
    fn check_fields(&self, field: &str, step: &Step) {
        let takes: &[&str] = match step.pay {
            Pay::Expenses => &[],
            Pay::Fees | Pay::FeesAboveCap => &["fees", "allocation"],
            Pay::Interest
            | Pay::PostArdInterest
            | Pay::ScheduledPrincipal
            | Pay::Principal
            | Pay::MakeWhole => &["notes", "allocation"],
            Pay::Deposit => &["account"],
            Pay::Payee => &["payee"],
            Pay::WriteDown | Pay::WriteUp => &["notes", "allocation", "amount"],
        };
        let cashless = matches!(step.pay, Pay::WriteDown | Pay::WriteUp);
        let given = [
            ("notes", !step.notes.is_empty(), true),
            ("fees", !step.fees.is_empty(), true),
            ("account", step.account.is_some(), true),
            ("payee", step.payee.is_some(), true),
            ("allocation", step.allocation != Allocation::Sequential, false),
            ("from", cashless && !step.from.is_empty(), false),
            ("amount", step.amount.is_some(), cashless),
        ];
        if step.allocation == Allocation::ProRataOpening && !takes_opening(step.pay) {
            let expected = "`sequential` or `pro_rata`; by opening balance notes are paid, no more";
            self.problem(format!("{field}.allocation"), "`pro_rata_opening`", expected);
        }
        for (name, given, needed) in given {
            let taken = takes.contains(&name) || (name == "amount" && !cashless);
            if given && !taken {
                let (found, expected) =
                    (format!("`{name}`, which this kind of step does not take"), "it left out");
                self.problem(format!("{field}.{name}"), found, expected);
            }
            if !given && needed && takes.contains(&name) {
                self.problem(
                    format!("{field}.{name}"),
                    "nothing",
                    format!("`{name}`, which this kind of step needs"),
                );
            }
        }
    }

    fn pay(&self, field: &str, step: &Step) -> Option<PayTerms> {
        let pro_rata = step.allocation == Allocation::ProRata;
        let by_opening = step.allocation == Allocation::ProRataOpening;
        let notes =
            || self.distinct(&format!("{field}.notes"), &step.notes, |field, id| self.note_index(field, id));
        let claim = |claim| notes().map(|notes| PayTerms::Notes { claim, notes, pro_rata, by_opening });
        let fees = |above_cap| {
            let ids = || self.deal.fees.iter().map(|fee| fee.id.as_str());
            self.distinct(&format!("{field}.fees"), &step.fees, |field, id| {
                self.find(field, id, "fee", ids())
            })
            .map(|fees| PayTerms::Fees { fees, above_cap, pro_rata })
        };
        match step.pay {
            Pay::Expenses => Some(PayTerms::Expenses),
            Pay::Fees => fees(false),
            Pay::FeesAboveCap => fees(true),
            Pay::Interest => claim(NoteClaim::Interest),
            Pay::PostArdInterest => claim(NoteClaim::PostArdInterest),
            Pay::ScheduledPrincipal => claim(NoteClaim::ScheduledPrincipal),
            Pay::Principal => claim(NoteClaim::Principal),
            Pay::MakeWhole => claim(NoteClaim::MakeWhole),
            Pay::Deposit => {
                let id = step.account.as_ref()?;
                let account = self.account(&format!("{field}.account"), id)?;
                if step.from.contains(id) || (step.from.is_empty() && id == super::COLLECTION) {
                    self.problem(
                        format!("{field}.account"),
                        format!("`{id}`"),
                        "an account it is not paid from",
                    );
                }
                let has_target = self.deal.accounts[account.index()].target.is_some();
                Some(PayTerms::Deposit { account, to_target: has_target && step.amount.is_none() })
            }
            Pay::Payee => step.payee.as_ref().and_then(|name| self.payee(name)).map(PayTerms::Payee),
            Pay::WriteDown => notes().map(|notes| PayTerms::WriteDown { notes, pro_rata }),
            Pay::WriteUp => notes().map(|notes| PayTerms::WriteUp { notes, pro_rata }),
        }
    }
}

/// Whether a kind of payment can be shared by balances after the last payment date.
fn takes_opening(pay: Pay) -> bool {
    use Pay::{Interest, MakeWhole, PostArdInterest, Principal, ScheduledPrincipal};
    matches!(pay, Interest | PostArdInterest | ScheduledPrincipal | Principal | MakeWhole)
}
