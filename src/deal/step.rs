//! Steps: who is paid, in which order, from which accounts.

use super::{Formula, When};
use serde::{Deserialize, Serialize};

/// A priority of payments that is run while its conditions hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its id: `normal`, `amortizing`, `post_default`.
    pub id: String,
    /// When it is run. The last phase has no conditions.
    #[serde(default, skip_serializing_if = "When::is_empty")]
    pub when: When,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One step. Which fields it takes depends on what it pays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its id, unique within its phase.
    pub id: String,
    /// What it pays.
    pub pay: Pay,
    /// The accounts that pay, in order; `collection` if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// The step is skipped unless these hold.
    #[serde(default, skip_serializing_if = "When::is_empty")]
    pub when: When,
    /// The notes paid, written down or written up, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The fees paid, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<String>,
    /// The account that a deposit goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Who receives a payment outside the deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// How several notes or fees share what is not enough for all.
    #[serde(default)]
    pub allocation: Allocation,
    /// The most that the step pays in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Formula>,
}

/// What a step pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pay {
    /// The pool's operating costs that are due.
    Expenses,
    /// Fees due, within their caps.
    Fees,
    /// Fees due, above their caps.
    FeesAboveCap,
    /// Interest due on notes, with what earlier payment dates left unpaid.
    Interest,
    /// Extra interest after the anticipated repayment date.
    PostArdInterest,
    /// Principal due by schedule or at legal final, with what earlier payment dates left unpaid.
    ScheduledPrincipal,
    /// Principal, due or not.
    Principal,
    /// Make-whole premiums on principal that earlier steps paid today.
    MakeWhole,
    /// Cash into an account.
    Deposit,
    /// Cash to somebody outside: the issuer's residual, a contractor, a hedge counterparty.
    Payee,
    /// No cash: the balance of notes is reduced by a loss.
    WriteDown,
    /// No cash: what was written down is restored.
    WriteUp,
}

/// How several notes or fees share a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Allocation {
    /// In the order given, each in full before the next.
    #[default]
    Sequential,
    /// In proportion to what is due to each.
    ProRata,
    /// In proportion to the balances after the last payment date. Who is due less than that share gets what
    /// is due, and the others share the rest.
    ProRataOpening,
}
