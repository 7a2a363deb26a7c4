//! Who pays the rent: the records of `tenants.toml`.

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
        }
    }
}
