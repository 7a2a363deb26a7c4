//! Who pays the rent: the records of `tenants.toml`.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// `tenants.toml`: tenants and guarantors, each an obligor that may default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantsFile {
    /// Tenants, and guarantors that are not tenants themselves.
    pub tenants: Vec<Tenant>,
}

/// An obligor: a tenant, a guarantor, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The name by which leases, other tenants and scenarios refer to it.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What kind of business it is.
    #[serde(default)]
    pub kind: TenantKind,
    /// Its industry, in the user's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// Its rating on the long-term scale, `AA-`. Without one it counts as unrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<String>,
    /// The obligor that guarantees every lease of this tenant that names no guarantor of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarantor: Option<String>,
    /// What it earns with chips in the space that it leases; matters only where scenarios or the risk model ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_revenue: Option<ComputeRevenue>,
}

/// What a tenant earns with its chips, per kW of critical IT load that it leases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ComputeRevenue {
    /// Work done in an hour per kW, in hours of an H100: 0.78 for H100s at 1.275 kW with their systems.
    pub h100_equivalents_per_kw: Decimal,
    /// Share of hours sold; 0.8 unless stated.
    #[serde(default = "four_fifths")]
    pub utilisation: Decimal,
    /// What it pays before rent for power, staff and the chips themselves, per kW and month.
    #[serde(default)]
    pub other_costs_usd_per_kw_month: Decimal,
}

/// As in the long-run cost of compute.
fn four_fifths() -> Decimal {
    Decimal::new(8, 1)
}

/// What kind of business a tenant is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TenantKind {
    /// Runs a public cloud of the largest size.
    Hyperscaler,
    /// Trains and serves models of its own.
    AiLab,
    /// Rents out accelerators.
    Neocloud,
    /// Uses the space for its own business.
    #[default]
    Enterprise,
    /// Sublets the space to many customers.
    Colocation,
    /// Carries traffic.
    Network,
    /// A public body.
    Government,
    /// Many small customers entered as one.
    Granular,
}

impl Tenant {
    /// An enterprise without rating or guarantor.
    pub fn new(id: impl Into<String>) -> Tenant {
        Tenant {
            id: id.into(),
            name: None,
            kind: TenantKind::default(),
            sector: None,
            rating: None,
            guarantor: None,
            compute_revenue: None,
        }
    }
}
