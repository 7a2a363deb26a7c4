//! What a run of a deal came to, in a form that both waterfalls can be brought to and compared in.

use std::collections::{BTreeMap, BTreeSet};

/// A note on a payment date, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteRow {
    pub balance_open: i128,
    pub draws: i128,
    pub interest_accrued: i128,
    pub capitalized: i128,
    pub interest_due: i128,
    pub interest_paid: i128,
    pub interest_shortfall: i128,
    pub post_ard_interest_paid: i128,
    pub post_ard_interest_unpaid: i128,
    pub principal_paid: i128,
    pub principal_shortfall: i128,
    pub make_whole_paid: i128,
    pub written_down: i128,
    pub written_up: i128,
    pub balance_close: i128,
}

/// A payment date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Period {
    pub notes: BTreeMap<String, NoteRow>,
    pub accounts: BTreeMap<String, i128>,
    pub active: BTreeSet<String>,
    /// The phase that was run; `redemption` where the notes were redeemed.
    pub phase: String,
    /// What each payee outside the notes has received so far. Nobody who received nothing.
    pub payees: BTreeMap<String, i128>,
}

/// A deal's whole life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The payment dates, up to a redemption.
    pub periods: Vec<Period>,
    /// Opening balances of the accounts and all cash that came in.
    pub sources: i128,
    /// All cash that went out, and closing balances of the accounts.
    pub uses: i128,
}

impl Outcome {
    pub fn note(&self, period: usize, id: &str) -> &NoteRow {
        &self.periods[period].notes[id]
    }

    pub fn account(&self, period: usize, id: &str) -> i128 {
        self.periods[period].accounts[id]
    }

    /// What a payee outside the notes has received up to and on a payment date.
    pub fn payee(&self, period: usize, name: &str) -> i128 {
        self.periods[period].payees.get(name).copied().unwrap_or(0)
    }

    /// The ids of the triggers active on a payment date.
    pub fn active(&self, period: usize) -> Vec<&str> {
        self.periods[period].active.iter().map(String::as_str).collect()
    }
}
