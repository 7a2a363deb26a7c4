//! Where a seasoned deal stands, and the names under which its trustee reports.

use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a deal owes and holds after one of its payment dates: the last line of a trustee's report.
///
/// What is not listed stands as at closing: a note at its original balance, an account at its
/// `opening_balance`, nothing unpaid. Measures of the last period are `opening_measures`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The payment date after which this holds, as scheduled or as paid. The run starts with the next one.
    pub date: Date,
    /// The notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<OpeningNote>,
    /// What each account holds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<String, Decimal>,
    /// What is unpaid of each fee.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fees: BTreeMap<String, Decimal>,
    /// What is unpaid of operating costs.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub expenses: Decimal,
    /// Triggers that were active.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub active: Vec<String>,
    /// What `total(...)` of a measure has come to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub totals: BTreeMap<String, Decimal>,
}

/// What a note is owed after a payment date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpeningNote {
    /// The note.
    pub id: String,
    /// Its balance.
    pub balance: Decimal,
    /// Interest due and unpaid.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub interest_shortfall: Decimal,
    /// Extra interest after the anticipated repayment date, unpaid.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub post_ard_interest_unpaid: Decimal,
    /// Scheduled principal due and unpaid.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub principal_shortfall: Decimal,
    /// Written down and not restored.
    #[serde(default, skip_serializing_if = "Decimal::is_zero")]
    pub written_down: Decimal,
}

/// The columns of collections that are reported, not projected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reported {
    /// Sources of cash: each pays into its account of `deposits`, or into `collection`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Amounts that are no cash: balances of the pool, a distributable amount, losses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<String>,
}
