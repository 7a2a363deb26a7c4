//! Triggers: tests of the deal's state on each determination date, and how a breach is cured.

use super::Formula;
use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A named test with a memory: active from the payment date on which it is breached until it is cured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Its id.
    pub id: String,
    /// What is tested.
    pub test: Test,
    /// How a breach ends.
    #[serde(default)]
    pub cure: Cure,
}

/// How a breach ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Cure {
    /// When the test has been passed on `payment_dates` in a row, at the cure level if there is one.
    Passing {
        /// How many in a row.
        #[serde(default = "one")]
        payment_dates: u32,
        /// The level that counts as passing while the breach lasts; the test's own if not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Decimal>,
    },
    /// It does not.
    Never {},
}

fn one() -> u32 {
    1
}

fn three() -> u32 {
    3
}

impl Default for Cure {
    fn default() -> Self {
        Cure::Passing { payment_dates: 1, level: None }
    }
}

/// What a trigger tests. Ratios are compared exactly, by cross-multiplication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// Debt service coverage: net operating income over the debt service of the notes, both a year's worth.
    Dscr {
        /// The notes whose debt service counts; all if empty.
        #[serde(default)]
        notes: Vec<String>,
        /// Breached below this.
        below: Decimal,
        /// Months of income averaged, a multiple of the payment period.
        #[serde(default = "three")]
        average_months: u32,
        /// Debt service as a constant share of the balance a year, instead of coupons and scheduled principal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        constant: Option<Decimal>,
    },
    /// Loan to value: balance of the notes over the appraised value of the assets.
    Ltv {
        /// The notes that count; all if empty.
        #[serde(default)]
        notes: Vec<String>,
        /// Breached above this.
        above: Decimal,
    },
    /// Overcollateralization: collateral over balance of the notes.
    Oc {
        /// The notes that count; all if empty.
        #[serde(default)]
        notes: Vec<String>,
        /// Breached below this.
        below: Decimal,
        /// The collateral: `pool_balance` of loans, `asset_value` of leases, with cash if the deal counts it.
        collateral: Formula,
    },
    /// Interest coverage: income over the interest accrued on the notes this period.
    Ic {
        /// The notes that count; all if empty.
        #[serde(default)]
        notes: Vec<String>,
        /// Breached below this.
        below: Decimal,
        /// The income; `noi` if not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        income: Option<Formula>,
    },
    /// One amount over another. Give one of `below` and `above`.
    Ratio {
        /// The numerator.
        numerator: Formula,
        /// The denominator.
        denominator: Formula,
        /// Breached below this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        below: Option<Decimal>,
        /// Breached above this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        above: Option<Decimal>,
    },
    /// The share of the rent roll that the largest tenants pay.
    Concentration {
        /// 1 or 5 largest tenants.
        largest: u32,
        /// Breached above this share.
        above: Decimal,
    },
    /// Active on payment dates on or after a date.
    OnOrAfter {
        /// The date.
        date: Date,
    },
    /// Active on payment dates after a note's anticipated repayment date while the note is outstanding.
    AfterArd {
        /// The notes; any of them.
        notes: Vec<String>,
    },
    /// Active once none of the notes is outstanding.
    PaidInFull {
        /// The notes; all if empty.
        #[serde(default)]
        notes: Vec<String>,
    },
    /// Active from the payment date after one on which interest due on the notes was left unpaid.
    InterestShortfall {
        /// The notes; any of them.
        notes: Vec<String>,
    },
    /// Active from the payment date after a note's legal final while the note is outstanding.
    UnpaidAtLegalFinal {
        /// The notes; any of them. All if empty.
        #[serde(default)]
        notes: Vec<String>,
    },
    /// Active from when the scenario says that something happened: `manager_default`.
    Event {
        /// The event's name.
        event: String,
    },
    /// Active while all the conditions hold.
    All {
        /// Triggers above this one.
        of: When,
    },
    /// Active while any of the conditions holds.
    Any {
        /// Triggers above this one.
        of: When,
    },
}

/// Conditions that must all hold: trigger ids, each perhaps after `not `. An empty list always holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct When(pub Vec<String>);

impl When {
    /// Whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each condition as a trigger id and whether the trigger must be active.
    pub fn conditions(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().map(|text| match text.trim().strip_prefix("not ") {
            Some(id) => (id.trim(), false),
            None => (text.trim(), true),
        })
    }
}
