//! The liabilities as data: notes, accounts, fees, triggers and ordered steps.
//!
//! A [`Deal`] is what `deal.toml` says, no more: ids are text, amounts are decimals, formulas are
//! unparsed. [`crate::waterfall`] resolves all of it once into a program over indices. What each field
//! does is told in `docs/deal.md`.

mod formula;
mod note;
mod opening;
mod step;
mod trigger;

pub use crate::asset::Mark;
pub use formula::{Expression, Formula, FormulaError};
pub use note::{
    Accrual, Amortization, AvailableFundsCap, DatedAmount, Floating, MakeWhole, Note, NoteKind, Pricing,
};
pub use opening::{Opening, OpeningNote, Reported};
pub use step::{Allocation, Pay, Phase, Step};
pub use trigger::{Cure, Test, Trigger, When};

use crate::curve::CurveTerms;
use crate::error::Error;
use crate::money::{Currency, Rounding};
use crate::rate::{Factor, Rate};
use crate::time::{BusinessDayRule, Calendar, Date, DayCount, Frequency, PaymentSchedule};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A deal's terms, as `deal.toml` states them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Deal {
    /// The deal's name.
    pub name: String,
    /// What it is, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The one currency of every amount.
    pub currency: Currency,
    /// Cash collected after this date belongs to the noteholders.
    pub cut_off_date: Date,
    /// The date from which the notes accrue.
    pub closing_date: Date,
    /// When the notes pay.
    pub payments: Payments,
    /// How interest, fees, earnings and formulas are rounded to the minor unit, where the note or the fee
    /// does not say otherwise.
    #[serde(default, skip_serializing_if = "is_half_even")]
    pub rounding: Rounding,
    /// Where a seasoned deal stands: the run starts after this date instead of at closing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// The names under which `collections.csv` reports cash and measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
    /// The notes, most senior first.
    pub notes: Vec<Note>,
    /// The accounts. One of them is `collection`, where cash arrives unless `deposits` says otherwise.
    pub accounts: Vec<Account>,
    /// Which account a source of cash is paid into, where it is not `collection`: `sale_proceeds = "principal"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deposits: BTreeMap<String, String>,
    /// The fees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// Dated amounts that formulas refer to as `schedule(id)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// Amounts fixed on each determination date, before any step, that formulas refer to as `amount(id)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<NamedAmount>,
    /// The triggers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// The priorities of payments. On each payment date the first whose `when` holds is run.
    pub phases: Vec<Phase>,
    /// The redemption of all notes when few are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean_up_call: Option<CleanUpCall>,
    /// Measures of the pool at the cut-off date, for formulas that look one period back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub opening_measures: BTreeMap<String, Decimal>,
    /// The curves that coupons float on and notes are priced on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<CurveTerms>,
    /// The curve that the notes are priced on, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing_curve: Option<String>,
    /// Where the figures come from, one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provenance: Vec<Provenance>,
}

/// When the notes pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Payments {
    /// How often.
    pub frequency: Frequency,
    /// The first payment date, before adjustment. The first period runs from closing and may be a stub.
    pub first_date: Date,
    /// The day of the month, if it is not that of the first date (31 for month ends).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
    /// What happens on a holiday.
    #[serde(default)]
    pub business_day: BusinessDayRule,
    /// Whose holidays.
    #[serde(default)]
    pub calendar: Calendar,
}

/// An account of the issuer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// What it holds at closing.
    #[serde(default)]
    pub opening_balance: Decimal,
    /// What it should hold. A deposit without an amount tops it up to this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Formula>,
    /// What its balance earns a year, paid into the account on each payment date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earnings_rate: Option<Rate>,
    /// How days count for the earnings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earnings_day_count: Option<DayCount>,
}

/// A fee. It is either an `amount` each payment date or a `rate` a year `of` something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Its id.
    pub id: String,
    /// Who is paid; the fee's own id if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// The amount due on each payment date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Formula>,
    /// The rate a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// What the rate is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Formula>,
    /// How days count for the rate. 30/360 if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_count: Option<DayCount>,
    /// Whether the fee of a rate runs between the nominal or the adjusted payment dates. Nominal if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accrual: Option<Accrual>,
    /// How the fee is rounded to the minor unit. As the deal says, if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The most that steps of kind `fees` pay; what is above it waits for a step of kind `fees_above_cap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Formula>,
    /// What the cap limits: each payment date, or each calendar year.
    #[serde(default)]
    pub cap_period: CapPeriod,
}

/// The time over which a fee's cap counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CapPeriod {
    /// One payment date.
    #[default]
    PaymentDate,
    /// The payment dates of one calendar year together.
    CalendarYear,
}

/// Dated amounts: a target balance, a scheduled payment, a construction budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its id.
    pub id: String,
    /// Whether an amount holds until the next date (a target) or only on its own (a payment).
    #[serde(default)]
    pub holds: bool,
    /// The amounts, by date. A date between two payment dates counts for the later one.
    pub entries: Vec<DatedAmount>,
}

/// A formula with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NamedAmount {
    /// Its id.
    pub id: String,
    /// The formula. It may refer to amounts above it.
    pub formula: Formula,
}

/// The right to redeem all notes once few are left. It is assumed to be used at the first chance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CleanUpCall {
    /// The notes are called when their balance is below this share of the original: 0.10.
    pub below: Factor,
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The figure or group of figures: `notes.A-2.coupon`.
    pub figure: String,
    /// Published, reconstructed or assumed.
    pub mark: Mark,
    /// The source of a published figure, the aim of a reconstructed one, the reason of an assumed one.
    pub source: String,
}

impl Deal {
    /// The date from which a run starts: the last report's payment date of a seasoned deal, else closing.
    pub fn start_date(&self) -> Date {
        self.opening.as_ref().map_or(self.closing_date, |opening| opening.date)
    }

    /// Every payment date from closing to the last legal final, whether a run starts later or not.
    ///
    /// # Errors
    /// As [`PaymentSchedule::new`]; a deal without notes pays on its first date alone.
    pub fn payment_schedule(&self) -> Result<PaymentSchedule, Error> {
        let last = self.notes.iter().map(|note| note.legal_final).max();
        let payments = &self.payments;
        PaymentSchedule::new(
            self.closing_date,
            payments.first_date,
            last.unwrap_or(payments.first_date),
            payments.frequency,
            payments.day,
            payments.business_day,
            payments.calendar,
        )
    }
}

fn is_half_even(rounding: &Rounding) -> bool {
    *rounding == Rounding::HalfEven
}

impl crate::tape::FileFormat for Deal {
    const NAME: &'static str = "deal.toml";
    const SCHEMA: &'static str = include_str!("../../docs/schema/deal.json");
}
