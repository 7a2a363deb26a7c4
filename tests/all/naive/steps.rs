//! Steps, and every movement of cash.

use super::arithmetic::{shares, shares_by};
use super::{FeeState, NoteState, World};
use leasefall::deal::{Allocation, Pay, Step};

impl<'a> World<'a> {
    /// What the step paid.
    pub(super) fn step(&mut self, step: &'a Step) -> i128 {
        let from: Vec<&str> = match step.from.is_empty() {
            true => vec!["collection"],
            false => step.from.iter().map(String::as_str).collect(),
        };
        let limit = step.amount.as_ref().map(|amount| self.value(amount).max(0));
        let cash: i128 = from.iter().map(|id| self.accounts[id]).sum();
        let most = limit.map_or(cash, |limit| cash.min(limit));

        match step.pay {
            Pay::Expenses => {
                let paid = most.min(self.expenses_due);
                self.expenses_due -= paid;
                self.withdraw(&from, paid);
                self.pay_out("expenses", paid);
                paid
            }
            Pay::Fees | Pay::FeesAboveCap => {
                let within = step.pay == Pay::Fees;
                let dues: Vec<i128> =
                    step.fees.iter().map(|id| self.fees[id.as_str()].due_part(within)).collect();
                let parts = shares(most, &dues, step.allocation);
                for (id, &paid) in step.fees.iter().zip(&parts) {
                    let state = self.fees.get_mut(id.as_str()).expect("a fee");
                    state.due -= paid;
                    if within {
                        state.paid_within_cap += paid;
                    }
                    let fee = self.deal.fees.iter().find(|fee| fee.id == *id).expect("a fee");
                    self.withdraw(&from, paid);
                    self.pay_out(fee.payee.as_ref().unwrap_or(&fee.id), paid);
                }
                parts.iter().sum()
            }
            Pay::Interest
            | Pay::PostArdInterest
            | Pay::ScheduledPrincipal
            | Pay::Principal
            | Pay::MakeWhole => {
                let dues: Vec<i128> = step.notes.iter().map(|id| self.claim(step.pay, id)).collect();
                let opening = |id: &String| -> i128 { self.notes[id.as_str()].row.balance_open };
                let parts = match step.allocation {
                    Allocation::ProRataOpening => {
                        shares_by(most, &dues, &step.notes.iter().map(opening).collect::<Vec<_>>())
                    }
                    other => shares(most, &dues, other),
                };
                for (id, &paid) in step.notes.iter().zip(&parts) {
                    self.notes.get_mut(id.as_str()).expect("a note").pay(step.pay, paid);
                }
                let paid = parts.iter().sum();
                self.withdraw(&from, paid);
                self.outcome.uses += paid;
                paid
            }
            Pay::Deposit => {
                let account = step.account.as_deref().expect("an account");
                let paid = match self.targets.get(account) {
                    Some(target) if limit.is_none() => most.min((target - self.accounts[account]).max(0)),
                    _ => most,
                };
                self.withdraw(&from, paid);
                *self.accounts.get_mut(account).expect("an account") += paid;
                paid
            }
            Pay::Payee => {
                self.withdraw(&from, most);
                self.pay_out(step.payee.as_deref().expect("a payee"), most);
                most
            }
            Pay::WriteDown | Pay::WriteUp => {
                let dues: Vec<i128> = step.notes.iter().map(|id| self.claim(step.pay, id)).collect();
                let parts = shares(limit.expect("an amount"), &dues, step.allocation);
                for (id, &part) in step.notes.iter().zip(&parts) {
                    self.notes.get_mut(id.as_str()).expect("a note").pay(step.pay, part);
                }
                parts.iter().sum()
            }
        }
    }

    /// What a step of this kind could pay on a note at most.
    pub(super) fn claim(&self, pay: Pay, id: &str) -> i128 {
        let state = &self.notes[id];
        match pay {
            Pay::Interest => state.interest_due,
            Pay::PostArdInterest => state.post_ard_due,
            Pay::ScheduledPrincipal => state.scheduled_due.min(state.balance),
            Pay::Principal | Pay::WriteDown => state.balance,
            Pay::WriteUp => state.written_down,
            Pay::MakeWhole => self.premium(self.note(id), state.prepaid) - state.row.make_whole_paid,
            _ => 0,
        }
    }

    pub(super) fn receive(&mut self, account: &str, cash: i128) {
        assert!(cash >= 0, "cash in is never negative");
        *self.accounts.get_mut(account).expect("an account") += cash;
        self.outcome.sources += cash;
    }

    pub(super) fn withdraw(&mut self, from: &[&str], mut amount: i128) {
        for id in from {
            let balance = self.accounts.get_mut(*id).expect("an account");
            let taken = amount.min(*balance);
            *balance -= taken;
            amount -= taken;
        }
        assert_eq!(amount, 0, "no more is paid than is there");
    }

    pub(super) fn pay_out(&mut self, payee: &str, amount: i128) {
        if amount != 0 {
            *self.payees.entry(payee.to_owned()).or_default() += amount;
        }
        self.outcome.uses += amount;
    }
}

impl NoteState {
    pub(super) fn pay(&mut self, pay: Pay, amount: i128) {
        match pay {
            Pay::Interest => {
                self.interest_due -= amount;
                self.row.interest_paid += amount;
            }
            Pay::PostArdInterest => {
                self.post_ard_due -= amount;
                self.row.post_ard_interest_paid += amount;
            }
            Pay::ScheduledPrincipal | Pay::Principal => {
                self.balance -= amount;
                self.scheduled_due = (self.scheduled_due - amount).max(0);
                self.row.principal_paid += amount;
                if pay == Pay::Principal {
                    self.prepaid += amount;
                }
            }
            Pay::MakeWhole => self.row.make_whole_paid += amount,
            Pay::WriteDown => {
                self.balance -= amount;
                self.written_down += amount;
                self.row.written_down += amount;
            }
            Pay::WriteUp => {
                self.balance += amount;
                self.written_down -= amount;
                self.row.written_up += amount;
            }
            _ => {}
        }
    }
}

impl FeeState {
    /// What is due within what is left of the cap, or beyond it.
    pub(super) fn due_part(&self, within: bool) -> i128 {
        let within_cap = match self.cap {
            Some(cap) => self.due.min((cap - self.paid_within_cap).max(0)),
            None => self.due,
        };
        if within { within_cap } else { self.due - within_cap }
    }
}
