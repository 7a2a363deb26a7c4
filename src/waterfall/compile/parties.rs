//! Who takes part: accounts, sources and payees, each with one place in the ledger; ids are unique.

use super::{COLLECTION, Resolver};
use crate::deal::Pay;
use crate::waterfall::ledger::Party;
use crate::waterfall::program::Parties;
use std::collections::HashSet;

/// Words that a measure or a source may not be: functions of formulas, and sources that always are.
const RESERVED: [&str; 10] = [
    "min",
    "max",
    "if",
    "half_even",
    "half_up",
    "down",
    "opening_balances",
    "draws",
    "earnings",
    "redemption",
];
/// The payee of operating costs.
const EXPENSES: &str = "expenses";
/// The payee of what is left when notes are redeemed.
const ISSUER: &str = "issuer";

impl Resolver<'_> {
    pub(super) fn resolve_parties(&self) -> Parties {
        let deal = self.deal;
        let mut names: Vec<String> = deal.accounts.iter().map(|account| account.id.clone()).collect();
        let accounts = names.len();
        names.extend(self.layout.sources().iter().cloned());
        let [opening, draws, earnings, redemption] =
            ["opening_balances", "draws", "earnings", "redemption"].map(|name| add(&mut names, name));
        let sources = names.len() - accounts;
        let first_note = Party(names.len() as u16);
        names.extend(deal.notes.iter().map(|note| note.id.clone()));
        // Payees other than notes go by name: two fees may have one payee.
        let first = names.len();
        let expenses = add(&mut names, EXPENSES);
        let issuer = add(&mut names, ISSUER);
        let fees = deal.fees.iter().map(|fee| fee.payee.as_ref().unwrap_or(&fee.id));
        let steps = deal.phases.iter().flat_map(|phase| &phase.steps).filter_map(|step| step.payee.as_ref());
        let mut known: HashSet<String> = names[first..].iter().cloned().collect();
        for name in fees.chain(steps) {
            if known.insert(name.clone()) {
                names.push(name.clone());
            }
        }
        Parties {
            names,
            accounts,
            sources,
            opening,
            draws,
            earnings,
            redemption,
            expenses,
            issuer,
            first_note,
        }
    }

    /// The party of a payee other than a note.
    pub(super) fn payee(&self, name: &str) -> Option<Party> {
        let first = self.parties.expenses.index();
        let payees = self.parties.names.get(first..)?;
        payees.iter().position(|known| known == name).map(|index| Party((first + index) as u16))
    }

    /// Every id says one thing, and formulas can spell it.
    pub(super) fn check_ids(&self) {
        let deal = self.deal;
        self.unique("notes", deal.notes.iter().map(|note| note.id.as_str()));
        self.unique("accounts", deal.accounts.iter().map(|account| account.id.as_str()));
        self.unique("fees", deal.fees.iter().map(|fee| fee.id.as_str()));
        self.unique("schedules", deal.schedules.iter().map(|schedule| schedule.id.as_str()));
        self.unique("amounts", deal.amounts.iter().map(|amount| amount.id.as_str()));
        self.unique("triggers", deal.triggers.iter().map(|trigger| trigger.id.as_str()));
        self.unique("curves", deal.curves.iter().map(|curve| curve.id.as_str()));
        self.unique("phases", deal.phases.iter().map(|phase| phase.id.as_str()));
        for (i, phase) in deal.phases.iter().enumerate() {
            self.unique(&format!("phases[{i}].steps"), phase.steps.iter().map(|step| step.id.as_str()));
        }
        self.check_reported();
        if !deal.accounts.iter().any(|account| account.id == COLLECTION) {
            self.problem("accounts", "no account `collection`", "one with that id: cash arrives there");
        }
        for (i, phase) in deal.phases.iter().enumerate() {
            for (k, step) in phase.steps.iter().enumerate().filter(|(_, step)| step.pay == Pay::Payee) {
                self.outside(&format!("phases[{i}].steps[{k}].payee"), step.payee.as_deref());
            }
        }
        for (i, fee) in deal.fees.iter().enumerate() {
            match &fee.payee {
                Some(payee) => self.outside(&format!("fees[{i}].payee"), Some(payee)),
                None => self.outside(&format!("fees[{i}].id"), Some(&fee.id)),
            }
        }
    }

    /// Reported names are words that formulas can spell, each for one thing.
    fn check_reported(&self) {
        let Some(reported) = &self.deal.reported else { return };
        let mut seen = HashSet::new();
        let (sources, measures) = (self.layout.sources(), self.layout.measures());
        let tables = [("sources", &reported.sources, measures), ("measures", &reported.measures, sources)];
        for (table, names, others) in tables {
            for (k, name) in names.iter().enumerate() {
                let field = format!("reported.{table}[{k}]");
                let word = name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                if !word || RESERVED.contains(&name.as_str()) {
                    let expected = "a word of letters, digits and underscores that formulas do not use";
                    self.problem(field, format!("`{name}`"), expected);
                } else if !seen.insert(name) {
                    self.problem(field, format!("`{name}` again"), "each name once");
                } else if others.contains(name) {
                    let kind = if table == "sources" { "a measure" } else { "a source" };
                    let expected = "a name that a lease pool does not use for something else";
                    self.problem(field, format!("`{name}`, {kind} of the lease pool"), expected);
                }
            }
        }
    }

    /// A payee is outside the deal: cash to one that bears the name of a note would look like the note's.
    fn outside(&self, field: &str, payee: Option<&str>) {
        let Some(payee) = payee else { return };
        if payee.is_empty() || payee.trim() != payee {
            self.problem(field, format!("`{payee}`"), "a name without blanks around it");
        }
        if self.deal.notes.iter().any(|note| note.id == payee) {
            let expected = "somebody outside the deal; steps of kind interest and principal pay notes";
            self.problem(field, format!("`{payee}`, the id of a note"), expected);
        }
        if self.deal.accounts.iter().any(|account| account.id == payee) {
            let expected = "somebody outside the deal; a step of kind deposit pays into an account";
            self.problem(field, format!("`{payee}`, the id of an account"), expected);
        }
    }

    fn unique<'b>(&self, field: &str, ids: impl Iterator<Item = &'b str>) {
        let mut seen = HashSet::new();
        for (i, id) in ids.enumerate() {
            let spelled = !id.is_empty() && !id.contains([',', ' ', '(', ')']) && id.trim() == id;
            if !spelled {
                self.problem(
                    format!("{field}[{i}].id"),
                    format!("`{id}`"),
                    "an id without blanks, commas or brackets",
                );
            }
            if !seen.insert(id) {
                self.problem(format!("{field}[{i}].id"), format!("`{id}` again"), "an id of its own");
            }
        }
    }
}

fn add(names: &mut Vec<String>, name: &str) -> Party {
    names.push(name.to_owned());
    Party((names.len() - 1) as u16)
}
