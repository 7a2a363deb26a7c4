//! One loan: a row of `loans.csv`.

use crate::time::Frequency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A loan, as a row of `loans.csv` states it: the fields are the columns.
///
/// It pays in arrears: the first of its remaining payments is due at the end of the first payment period
/// after the cut-off date, so a quarterly loan first pays at the end of the third collected month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Loan {
    /// Its name, unique in the tape.
    pub loan_id: String,
    /// Who owes it, an id of `tenants.toml`.
    pub obligor: String,
    /// Principal outstanding at the cut-off date, in major units.
    pub balance: Decimal,
    /// Interest a year, as a fraction.
    pub rate: Decimal,
    /// How the balance is repaid.
    #[serde(default)]
    pub amortization: LoanAmortization,
    /// How often it pays.
    pub payment_frequency: Frequency,
    /// Payments that are left.
    pub payments_remaining: u32,
    /// Share of the balance that is recovered after a default; blank: 0.
    pub recovery_rate: Option<Decimal>,
    /// Months from the first missed payment to the recovery; blank: 0, with the payment that is missed.
    pub recovery_lag_months: Option<u32>,
    /// A remark for people, say where the figures come from. Enters nothing.
    pub note: Option<String>,
}

/// How a loan repays its balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LoanAmortization {
    /// An annuity: interest and principal together are the same amount on every payment date.
    #[default]
    LevelPay,
    /// The same principal on every payment date, and interest on what is left.
    EqualPrincipal,
    /// Interest alone, and the whole balance with the last payment (a bullet).
    InterestOnly,
}

impl Loan {
    /// A level-pay loan of which nothing is recovered.
    pub fn new(
        loan_id: impl Into<String>,
        obligor: impl Into<String>,
        balance: Decimal,
        rate: Decimal,
        payment_frequency: Frequency,
        payments_remaining: u32,
    ) -> Loan {
        Loan {
            loan_id: loan_id.into(),
            obligor: obligor.into(),
            balance,
            rate,
            amortization: LoanAmortization::default(),
            payment_frequency,
            payments_remaining,
            recovery_rate: None,
            recovery_lag_months: None,
            note: None,
        }
    }
}
