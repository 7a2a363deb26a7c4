//! A note: what is owed to one class, and when.

use super::{Formula, When};
use crate::money::Rounding;
use crate::rate::Rate;
use crate::time::{Date, DayCount};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One class of notes. Its coupon is either fixed (`coupon`) or floating (`floating`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The class: `A-2`.
    pub id: String,
    /// The rating at issue, as the agency writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<String>,
    /// Term or variable funding.
    #[serde(default)]
    pub kind: NoteKind,
    /// The balance at closing; of a variable funding note, what is drawn then.
    pub original_balance: Decimal,
    /// The most a variable funding note can be drawn to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Decimal>,
    /// Later draws of a variable funding note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<DatedAmount>,
    /// The account that draws are paid into; `collection` if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw_account: Option<String>,
    /// The fixed rate a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<Rate>,
    /// The floating rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floating: Option<Floating>,
    /// How days count.
    pub day_count: DayCount,
    /// Whether interest runs between the nominal or the adjusted payment dates. Nominal if not said for
    /// the 30/360 family, adjusted for the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accrual: Option<Accrual>,
    /// The date from which the first period's interest runs, if it is not closing: a dated date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accrues_from: Option<Date>,
    /// How interest is rounded to the minor unit. As the deal says, if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The piece that holders own, as 1000: interest is rounded for one piece of the original balance and
    /// paid as often as there are pieces. The whole class if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denomination: Option<Decimal>,
    /// Whether unpaid interest bears interest at the note's rate. Yes if not said.
    #[serde(default = "yes")]
    pub interest_on_shortfall: bool,
    /// The date on which repayment is expected. Missing it is no default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anticipated_repayment_date: Option<Date>,
    /// The extra rate a year after the anticipated repayment date, owed apart and paid by its own step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_ard_rate: Option<Rate>,
    /// Limits the interest of each period to what the pool earns; what is above it is owed apart, as extra
    /// interest is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_funds_cap: Option<AvailableFundsCap>,
    /// The date on which the balance is owed in full.
    pub legal_final: Date,
    /// Principal that falls due by schedule. None if not said: interest only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amortization: Option<Amortization>,
    /// While these hold, the period's interest is added to the balance instead of falling due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_in_kind: Option<When>,
    /// The premium owed on principal paid early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make_whole: Option<MakeWhole>,
    /// How the note is priced. At par if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
}

fn yes() -> bool {
    true
}

/// Whether a note is issued once or drawn as needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Issued in full at closing.
    #[default]
    Term,
    /// Drawn and repaid up to a commitment.
    VariableFunding,
}

/// Between which dates interest runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Accrual {
    /// The nominal dates, holidays or not.
    Nominal,
    /// The dates on which payment is made.
    Adjusted,
}

/// An amount on a date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DatedAmount {
    /// The date.
    pub date: Date,
    /// The amount.
    pub amount: Decimal,
}

/// A coupon of an index plus a margin, set on the first day of each accrual period for that period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Floating {
    /// The curve that gives the index, by id.
    pub curve: String,
    /// The margin over it.
    pub margin: Rate,
    /// The least the whole coupon can be. Zero if not said.
    #[serde(default)]
    pub floor: Rate,
    /// The most the whole coupon can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Rate>,
}

/// A cap on a coupon: the rate at which the pool's net interest pays on a balance, as of the net weighted
/// average coupon (net WAC) of loans.
///
/// The interest that the balance of the note earns in a period is at most `balance of the note x interest /
/// balance`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AvailableFundsCap {
    /// The interest that is there to pay: `collections(interest) - 0.0005 * open(pool_balance)`.
    pub interest: Formula,
    /// The balance that earns it: `open(pool_balance)`. While it is zero there is no cap.
    pub balance: Formula,
}

/// Principal that falls due by schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Amortization {
    /// The amounts of a schedule of the deal.
    Schedule {
        /// Its id.
        schedule: String,
    },
    /// A share of the original balance a year, in equal parts, from the first payment date on or after `from`.
    Percent {
        /// The share a year: 0.01.
        per_year: Factor,
        /// The first date; from closing if not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Date>,
    },
    /// Level payments of interest and principal that repay the original balance from the first payment
    /// date on or after `from` through the last on or before `to`, at the fixed coupon.
    Level {
        /// The first date.
        from: Date,
        /// The last date; the legal final if not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
    },
}

use crate::rate::Factor;

/// A premium on principal paid before a date: the present value of the interest forgone to that date at
/// the reinvestment rate, less the principal, but not below zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MakeWhole {
    /// The first date on which prepayment is free.
    pub until: Date,
    /// The rate a year at which forgone payments are discounted, compounded as often as the note pays.
    pub reinvestment_rate: Rate,
}

/// How a note is priced: one of the three is given, the others follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pricing {
    /// A clean price per 100 of balance.
    Price {
        /// The price.
        price: Decimal,
    },
    /// A spread over the pricing curve, in basis points, continuously compounded.
    ZSpread {
        /// Basis points.
        basis_points: Decimal,
    },
    /// A yield a year, compounded as often as the note pays.
    Yield {
        /// The yield.
        rate: Rate,
    },
}
