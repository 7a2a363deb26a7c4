//! A scenario as people write it: `scenarios/<name>.toml`.

use super::compute::ComputeTerms;
use super::performance::{HousePrice, PerformanceTerms};
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `scenarios/<name>.toml`: growth, assumptions and dated events. The empty script is the base case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What the scenario stands for.
    #[serde(default)]
    pub description: String,
    /// Steady growth a year.
    #[serde(default)]
    pub growth: Growth,
    /// How leases roll over, and other assumptions of the model.
    #[serde(default)]
    pub assumptions: Assumptions,
    /// Chips, their price and what it does to buildings; for deals with a `chips.toml`, every term at its default
    /// if not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<ComputeTerms>,
    /// What happens, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Sites sold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sales: Vec<SaleTerms>,
    /// A new lender repays the notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refinancing: Option<RefinancingTerms>,
    /// Forward curves of the deal that stand in for others of it, in coupons and in the rates of lines:
    /// `libor = "libor_realized"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub curves: BTreeMap<String, String>,
    /// The level of house prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub house_prices: Vec<HousePrice>,
    /// How representative lines perform.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performance: Vec<PerformanceTerms>,
}

/// Growth a year, as fractions, compounded monthly from the cut-off date. Events change it later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Growth {
    /// Of the consumer price index; 0.02 unless stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpi: Option<Decimal>,
    /// Of market rent in every market, in place of `market_rent_growth` of `sites.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market_rent: Option<Decimal>,
    /// Of the power price; 0 unless stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_price: Option<Decimal>,
    /// Of operating cost, property tax and ground rent, on top of each site's `cost_inflation`; 0 unless
    /// stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<Decimal>,
}

/// Assumptions about leases that end. Each default is argued in `docs/model.md`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Assumptions {
    /// A tenant renews while the renewal rent is at most market rent x (1 + this).
    pub switching_cost: Decimal,
    /// Whether a living tenant without options left stays, at market rent, for `relet_term_months`.
    pub stay_without_option: bool,
    /// Months without rent between a tenant's leaving and the next rent.
    pub downtime_months: u32,
    /// Commissions and fit-out of a new letting, in months of the new rent.
    pub reletting_cost_months: Decimal,
    /// Capital cost of refitting the hall for the next tenant, per kW.
    pub refit_usd_per_kw: Decimal,
    /// New rent as a share of market rent.
    pub relet_rent_share: Decimal,
    /// Length of a new lease.
    pub relet_term_months: u32,
    /// Rise a year of a new lease's rent, as a fraction.
    pub relet_escalator: Decimal,
    /// Months after a rejection until the estate pays the landlord's claim.
    pub recovery_lag_months: u32,
    /// The share of market rent that a valuation credits to space not let.
    pub vacancy_credit: Decimal,
    /// Share of each collection period's net operating income that does not come in: an agency's haircut.
    pub net_cash_flow_haircut: Decimal,
}

impl Default for Assumptions {
    fn default() -> Self {
        Assumptions {
            switching_cost: Decimal::new(10, 2),
            stay_without_option: true,
            downtime_months: 12,
            reletting_cost_months: Decimal::new(3, 0),
            refit_usd_per_kw: Decimal::ZERO,
            relet_rent_share: Decimal::ONE,
            relet_term_months: 60,
            relet_escalator: Decimal::new(2, 2),
            recovery_lag_months: 12,
            vacancy_credit: Decimal::new(5, 1),
            net_cash_flow_haircut: Decimal::ZERO,
        }
    }
}

/// Which leases an event strikes: those that match every list given. None given: all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Select {
    /// Ids of leases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leases: Vec<String>,
    /// Ids of tenants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// Ids of sites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// Ids of markets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub markets: Vec<String>,
}

/// What becomes of space that a tenant leaves. A field not given is the scenario's assumption.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RelettingTerms {
    /// Whether it is ever let again; true unless stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relet: Option<bool>,
    /// See [`Assumptions::downtime_months`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime_months: Option<u32>,
    /// See [`Assumptions::reletting_cost_months`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reletting_cost_months: Option<Decimal>,
    /// See [`Assumptions::refit_usd_per_kw`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refit_usd_per_kw: Option<Decimal>,
    /// See [`Assumptions::relet_rent_share`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relet_rent_share: Option<Decimal>,
}

/// What a bankrupt tenant does with its leases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BankruptcyOutcome {
    /// Keeps them and pays on, arrears cured: no cash is lost.
    Assumed,
    /// Gives them up: rent stops and the landlord has a capped claim.
    #[default]
    Rejected,
}

/// Something that happens. Where a date is asked for, it acts on the first month that begins on or after
/// it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// An obligor defaults: as tenant on its leases, as guarantor on its guarantees.
    TenantDefault {
        /// Id of the tenant or guarantor.
        tenant: String,
        /// When.
        at: Date,
        /// What it does with its leases.
        #[serde(default)]
        outcome: BankruptcyOutcome,
        /// Share of the landlord's claim that the estate pays, 0 unless stated; and of the balance of its
        /// loans that is recovered, each loan's own rate unless stated.
        #[serde(default)]
        recovery_rate: Option<Decimal>,
        /// What becomes of the space.
        #[serde(default)]
        reletting: RelettingTerms,
    },
    /// Leases are not renewed at any end of term from the date on (always, without a date).
    NonRenewal {
        /// Which leases.
        #[serde(default)]
        select: Select,
        /// From when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Date>,
    },
    /// Options are exercised whatever the market rent is.
    Renewal {
        /// Which leases.
        #[serde(default)]
        select: Select,
    },
    /// Tenants that may terminate early do.
    EarlyTermination {
        /// Which leases; those without the right are left alone.
        #[serde(default)]
        select: Select,
    },
    /// Space that tenants leave at the end of a term is let on these terms.
    Reletting {
        /// Which leases.
        #[serde(default)]
        select: Select,
        /// The terms.
        reletting: RelettingTerms,
    },
    /// Market rent changes by a fraction at a date, or grows at another rate from then on, or both.
    MarketRent {
        /// When.
        at: Date,
        /// Ids of markets; none: all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        markets: Vec<String>,
        /// The jump: -0.3 takes three tenths off.
        #[serde(default)]
        change: Decimal,
        /// Growth a year from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        growth: Option<Decimal>,
    },
    /// The consumer price index grows at another rate.
    Cpi {
        /// When.
        at: Date,
        /// Growth a year from then on.
        growth: Decimal,
    },
    /// The power price changes by a fraction at a date, or grows at another rate from then on, or both.
    PowerPrice {
        /// When.
        at: Date,
        /// The jump.
        #[serde(default)]
        change: Decimal,
        /// Growth a year from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        growth: Option<Decimal>,
    },
    /// Operating cost, property tax and ground rent change by a fraction at a date, or grow at another
    /// rate, on top of each site's own.
    Costs {
        /// When.
        at: Date,
        /// The jump.
        #[serde(default)]
        change: Decimal,
        /// Growth a year from then on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        growth: Option<Decimal>,
    },
    /// The price of compute changes by a fraction at a date, or grows at another rate from then on beside its own
    /// fall, or both. For deals with a `chips.toml`.
    ComputePrice {
        /// When.
        at: Date,
        /// The jump.
        #[serde(default)]
        change: Decimal,
        /// Growth a year from then on, on top of what generations do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        growth: Option<Decimal>,
    },
    /// A shortage (above 0) or glut (below) of compute: its price changes by a fraction at a date and returns at
    /// the speed of `scarcity_mean_reversion`. For deals with a `chips.toml`.
    Scarcity {
        /// When.
        at: Date,
        /// The jump.
        change: Decimal,
    },
    /// The cap rate of every site is this much above its own from the date on.
    CapRate {
        /// When.
        at: Date,
        /// The shift, as a fraction a year: 0.01 is 100 basis points.
        shift: Decimal,
    },
    /// The appraised value of every site selected is multiplied from the date on.
    Appraisal {
        /// When.
        at: Date,
        /// Ids of sites; none: all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sites: Vec<String>,
        /// The multiplier: 0.61 for the largest published haircut of 39%.
        factor: Decimal,
    },
    /// The manager defaults. The waterfall sees it as the event `manager_default`.
    ManagerDefault {
        /// When.
        at: Date,
    },
    /// The sponsor defaults. The waterfall sees it as the event `sponsor_default`.
    SponsorDefault {
        /// When.
        at: Date,
    },
    /// Any other event that the deal's triggers name.
    Named {
        /// The name.
        name: String,
        /// When.
        at: Date,
    },
}

/// Sites sold at their value at that time, less costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaleTerms {
    /// Ids of sites; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// When; not stated: the deal's earliest anticipated repayment date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Date>,
    /// In place of `at`: so many months after the last of a site's leases is rejected in a bankruptcy. A site of which
    /// any lease stands or ends in another way is not sold; one let again meanwhile is sold with its new leases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_after_rejection: Option<u32>,
    /// Whether a buyer is found; false states that the sale was sought and refused.
    #[serde(default = "yes")]
    pub granted: bool,
    /// Costs of the sale as a share of the price; 0.02 unless stated.
    #[serde(default = "two_percent")]
    pub cost: Decimal,
}

/// A refinancing of all notes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefinancingTerms {
    /// When; not stated: the deal's earliest anticipated repayment date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Date>,
    /// Whether a lender is found.
    #[serde(default = "yes")]
    pub granted: bool,
    /// The most that the lender advances as a share of asset value; 0.7 unless stated.
    #[serde(default = "seven_tenths")]
    pub max_ltv: Decimal,
}

fn yes() -> bool {
    true
}

fn two_percent() -> Decimal {
    Decimal::new(2, 2)
}

/// The class A loan to value to which Stack, Aligned and Sabey limit themselves.
fn seven_tenths() -> Decimal {
    Decimal::new(7, 1)
}

impl crate::tape::FileFormat for Script {
    const NAME: &'static str = "base.toml";
    const SCHEMA: &'static str = include_str!("../../docs/schema/scenario.json");
}

impl Script {
    /// The same world with generations of chips so many times as fast after the cut-off date, within the bounds of
    /// `cadence_speed`.
    pub(crate) fn hurry_generations(&mut self, speed: f64) {
        let terms = self.compute.get_or_insert_default();
        let moved = Decimal::from_f64(speed).and_then(|speed| terms.cadence_speed.checked_mul(speed));
        let (least, most) = (Decimal::new(5, 2), Decimal::from(20));
        terms.cadence_speed = moved.map_or(terms.cadence_speed, |moved| moved.clamp(least, most));
    }
}
