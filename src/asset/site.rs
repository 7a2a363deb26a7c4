//! Data centers and the markets they stand in: the records of `sites.toml`.

use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// `sites.toml`: the markets and the sites of a deal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SitesFile {
    /// The rental markets in which the sites stand.
    pub markets: Vec<Market>,
    /// The data centers.
    pub sites: Vec<Site>,
}

/// A rental market: a region whose rents move together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// The name by which sites and scenarios refer to it.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Market rent at the cut-off date, per kW of critical IT load and month.
    pub market_rent_usd_per_kw_month: Decimal,
    /// Growth of market rent a year, as a fraction, unless a scenario says otherwise.
    #[serde(default)]
    pub market_rent_growth: Decimal,
}

/// A data center.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The name by which leases and scenarios refer to it.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The [`Market`] whose rent it commands.
    pub market: String,
    /// Who built it and holds the equity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<String>,
    /// Owned, or held under a ground or building lease.
    #[serde(default)]
    pub tenure: Tenure,
    /// Critical IT capacity and when each part of it is ready. At least one.
    pub phases: Vec<Phase>,
    /// The halls that leases may name. A hall takes one lease at a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub halls: Vec<Hall>,
    /// Power per rack for which the halls are built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hall_density_kw_per_rack: Option<Decimal>,
    /// Power usage effectiveness: power drawn from the grid over power used by the IT load.
    #[serde(default = "default_pue")]
    pub pue: Decimal,
    /// What it cost to build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_cost: Option<Decimal>,
    /// Appraised value at the cut-off date; without it the value is stabilised income over the cap rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appraised_value: Option<Decimal>,
    /// Yield at which stabilised income is capitalised, as a fraction a year.
    pub cap_rate: Decimal,
    /// Operating cost other than power and property tax, per commenced kW and month, let or not.
    #[serde(default)]
    pub opex_usd_per_kw_month: Decimal,
    /// Property tax and insurance a year, for the whole site.
    #[serde(default)]
    pub property_tax_per_year: Decimal,
    /// Rent that the issuer itself pays for the ground or building a year (leasehold).
    #[serde(default)]
    pub ground_rent_per_year: Decimal,
    /// Price of power at the cut-off date.
    #[serde(default)]
    pub power_price_usd_per_kwh: Decimal,
    /// Growth a year, as a fraction, of operating cost, property tax and ground rent.
    #[serde(default)]
    pub cost_inflation: Decimal,
    /// Market rent of this site at the cut-off date, where it differs from its market's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_rent_usd_per_kw_month: Option<Decimal>,
}

/// Critical IT capacity that is ready from a date.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Critical IT load in kW that this phase adds.
    pub kw: Decimal,
    /// The day from which it can be used.
    pub commencement: Date,
}

/// A data hall, let as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hall {
    /// The name by which leases refer to it, unique within its site.
    pub id: String,
    /// Critical IT load in kW.
    pub kw: Decimal,
}

/// How the issuer holds a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tenure {
    /// Land and building are the issuer's.
    #[default]
    Owned,
    /// The issuer is itself a tenant: income but no sale value.
    Leasehold,
}

/// 1.5, the design PUE of DataBank HYPER 2025-1 and near the industry's mean of 1.54 to 1.58.
fn default_pue() -> Decimal {
    Decimal::new(15, 1)
}

impl Site {
    /// A site of one phase, ready on a date, with every other term at its default.
    pub fn new(
        id: impl Into<String>,
        market: impl Into<String>,
        kw: Decimal,
        commencement: Date,
        cap_rate: Decimal,
    ) -> Site {
        Site {
            id: id.into(),
            name: None,
            market: market.into(),
            sponsor: None,
            tenure: Tenure::Owned,
            phases: vec![Phase { kw, commencement }],
            halls: Vec::new(),
            hall_density_kw_per_rack: None,
            pue: default_pue(),
            build_cost: None,
            appraised_value: None,
            cap_rate,
            opex_usd_per_kw_month: Decimal::ZERO,
            property_tax_per_year: Decimal::ZERO,
            ground_rent_per_year: Decimal::ZERO,
            power_price_usd_per_kwh: Decimal::ZERO,
            cost_inflation: Decimal::ZERO,
            market_rent_usd_per_kw_month: None,
        }
    }
}
