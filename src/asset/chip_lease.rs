//! One lease of chips: a row of `chip_leases.csv`.

use crate::tape::{Column, Row, RowFormat};
use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A triple-net lease of a fleet that the deal owns, as a row of `chip_leases.csv` states it: the fields are the
/// columns. Its rent is flat. The tenant bears power, space and upkeep while it has the chips; once they are back,
/// the owner does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChipLease {
    /// Its name, unique in the tape.
    pub lease_id: String,
    /// Who pays, an id of `tenants.toml`.
    pub tenant: String,
    /// What is let, the id of a [`Fleet`](super::Fleet) of `chips.toml`: all of it, and by no other lease.
    pub fleet: String,
    /// What the owner paid for the fleet, in dollars.
    pub cost_usd: Decimal,
    /// Rent per chip of the fleet and month; this or `rent_usd_per_month`.
    pub rent_usd_per_chip_month: Option<Decimal>,
    /// Rent of the whole fleet a month; this or `rent_usd_per_chip_month`.
    pub rent_usd_per_month: Option<Decimal>,
    /// First day.
    pub commencement: Date,
    /// Last day, itself included.
    pub expiration: Date,
    /// Who makes good chips that fail while they are let.
    #[serde(default)]
    pub failures: FailuresBorneBy,
    /// What the tenant may do with the chips when the lease ends.
    #[serde(default)]
    pub end_of_term: EndOfTerm,
    /// The price at which the tenant may buy the fleet.
    pub purchase_price_usd: Option<Decimal>,
    /// What the owner does with chips that come back.
    #[serde(default)]
    pub remarketing: Remarketing,
    /// Months from their coming back to the price paid for them or their first rent; blank: 3.
    pub remarketing_months: Option<u32>,
    /// Share of value lost in a sale; blank: 0.2.
    pub sale_discount: Option<Decimal>,
    /// Chips of the generation whose sale in one month would drive the price to nothing; blank: no limit.
    pub sale_depth_chips: Option<Decimal>,
    /// Years over which the books write the cost off, in a straight line; blank: 6.
    pub book_life_years: Option<Decimal>,
    /// Rate a year at which contracted rent is discounted; blank: 0.10.
    pub contract_discount_rate: Option<Decimal>,
    /// Rate a year at which what chips earn is discounted to their value; blank: 0.12.
    pub value_discount_rate: Option<Decimal>,
    /// Who guarantees the rent, an id of `tenants.toml`; blank: the tenant's guarantor, if any.
    pub guarantor: Option<String>,
    /// Cash held from the tenant; blank: 0.
    pub security_deposit_usd: Option<Decimal>,
    /// Letter of credit held from the tenant's bank; blank: 0.
    pub letter_of_credit_usd: Option<Decimal>,
    /// A remark for people, say where the figures come from. Enters nothing.
    pub note: Option<String>,
}

/// Who makes good chips that fail while they are let.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailuresBorneBy {
    /// The tenant, as a triple-net lease has it: the fleet comes back whole and the rent is due in full.
    #[default]
    Tenant,
    /// The owner: the fleet shrinks as its failure rate and replacement say, and the rent with it.
    Owner,
}

/// What the tenant may do with the chips when the lease ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndOfTerm {
    /// It returns them.
    #[default]
    Return,
    /// It may buy them at `purchase_price_usd`, and does if they are worth that.
    PurchaseOption,
    /// It buys them at what they are worth.
    FairMarketValue,
}

/// What the owner does with chips that come back, at the end of a lease or after a default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remarketing {
    /// Sells them, at a discount and into a market of limited depth.
    #[default]
    Sell,
    /// Lets them by the hour at the price of compute, and runs them, until they no longer pay.
    Relet,
}

impl ChipLease {
    /// A lease of a fleet at a flat rent a month, chips returned and sold, with every other term absent.
    pub fn new(
        lease_id: impl Into<String>,
        tenant: impl Into<String>,
        fleet: impl Into<String>,
        cost_usd: Decimal,
        rent_usd_per_month: Decimal,
        commencement: Date,
        expiration: Date,
    ) -> ChipLease {
        ChipLease {
            lease_id: lease_id.into(),
            tenant: tenant.into(),
            fleet: fleet.into(),
            cost_usd,
            rent_usd_per_chip_month: None,
            rent_usd_per_month: Some(rent_usd_per_month),
            commencement,
            expiration,
            failures: FailuresBorneBy::default(),
            end_of_term: EndOfTerm::default(),
            purchase_price_usd: None,
            remarketing: Remarketing::default(),
            remarketing_months: None,
            sale_discount: None,
            sale_depth_chips: None,
            book_life_years: None,
            contract_discount_rate: None,
            value_discount_rate: None,
            guarantor: None,
            security_deposit_usd: None,
            letter_of_credit_usd: None,
            note: None,
        }
    }
}

const FAILURES: [(&str, FailuresBorneBy); 2] =
    [("tenant", FailuresBorneBy::Tenant), ("owner", FailuresBorneBy::Owner)];
const ENDS: [(&str, EndOfTerm); 3] = [
    ("return", EndOfTerm::Return),
    ("purchase_option", EndOfTerm::PurchaseOption),
    ("fair_market_value", EndOfTerm::FairMarketValue),
];
const REMARKETINGS: [(&str, Remarketing); 2] = [("sell", Remarketing::Sell), ("relet", Remarketing::Relet)];

impl RowFormat for ChipLease {
    const NAME: &'static str = "chip_leases.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("lease_id"),
        Column::required("tenant"),
        Column::required("fleet"),
        Column::required("cost_usd"),
        Column::optional("rent_usd_per_chip_month"),
        Column::optional("rent_usd_per_month"),
        Column::required("commencement"),
        Column::required("expiration"),
        Column::optional("failures"),
        Column::optional("end_of_term"),
        Column::optional("purchase_price_usd"),
        Column::optional("remarketing"),
        Column::optional("remarketing_months"),
        Column::optional("sale_discount"),
        Column::optional("sale_depth_chips"),
        Column::optional("book_life_years"),
        Column::optional("contract_discount_rate"),
        Column::optional("value_discount_rate"),
        Column::optional("guarantor"),
        Column::optional("security_deposit_usd"),
        Column::optional("letter_of_credit_usd"),
        Column::optional("note"),
    ];

    fn from_row(row: &mut Row<'_>) -> ChipLease {
        ChipLease {
            lease_id: row.required("lease_id"),
            tenant: row.required("tenant"),
            fleet: row.required("fleet"),
            cost_usd: row.required("cost_usd"),
            rent_usd_per_chip_month: row.optional("rent_usd_per_chip_month"),
            rent_usd_per_month: row.optional("rent_usd_per_month"),
            commencement: row.required("commencement"),
            expiration: row.required("expiration"),
            failures: row.optional_one_of("failures", &FAILURES).unwrap_or_default(),
            end_of_term: row.optional_one_of("end_of_term", &ENDS).unwrap_or_default(),
            purchase_price_usd: row.optional("purchase_price_usd"),
            remarketing: row.optional_one_of("remarketing", &REMARKETINGS).unwrap_or_default(),
            remarketing_months: row.optional("remarketing_months"),
            sale_discount: row.optional("sale_discount"),
            sale_depth_chips: row.optional("sale_depth_chips"),
            book_life_years: row.optional("book_life_years"),
            contract_discount_rate: row.optional("contract_discount_rate"),
            value_discount_rate: row.optional("value_discount_rate"),
            guarantor: row.optional("guarantor"),
            security_deposit_usd: row.optional("security_deposit_usd"),
            letter_of_credit_usd: row.optional("letter_of_credit_usd"),
            note: row.optional("note"),
        }
    }
}
