//! Chance as people write it: `risk.toml`. What varies around a scripted scenario, and how much.

use super::script::{BankruptcyOutcome, RelettingTerms};
use crate::credit::Measure;
use crate::tape::FileFormat;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The factor that drives compute prices and market rents beside defaults.
pub const AI_DEMAND: &str = "ai_demand";

/// `risk.toml`: who may default, what they share, and how market rents vary. What it does not name does
/// not vary: it is as the scripted scenario says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// What the model stands for, and where its figures come from.
    #[serde(default)]
    pub description: String,
    /// Whether default probabilities are those that happened or those that markets price.
    pub measure: Measure,
    /// How latent variables depend on each other.
    #[serde(default)]
    pub copula: CopulaTerms,
    /// Ids of the systematic factors, independent of each other. `ai_demand` also drives market rents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<String>,
    /// Who may default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obligors: Vec<ObligorTerms>,
    /// How representative lines perform as the factors move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineRiskTerms>,
    /// How market rents vary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub market_rents: Vec<MarketRentTerms>,
    /// How the price of compute and the dates of generations vary, for deals with a `chips.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute: Option<ComputeRiskTerms>,
    /// Whether tenants default more as what they earn with chips no longer covers their rent; not, unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageTerms>,
}

impl FileFormat for Risk {
    const NAME: &'static str = "risk.toml";
    const SCHEMA: &'static str = include_str!("../../docs/schema/risk.json");
}

/// The joint law of the latent variables. A default time is the time at which the obligor's default curve
/// reaches the probability of its latent variable; there is one latent per obligor, for life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CopulaTerms {
    /// Normal factors and residuals.
    #[default]
    Gaussian,
    /// All latents over one root of a chi-square over its degrees of freedom: joint extremes.
    StudentT {
        /// Degrees of freedom.
        degrees_of_freedom: Decimal,
    },
    /// Student factors and Student residuals, each scaled to unit variance (Hull and White 2004).
    DoubleT {
        /// Degrees of freedom of the factors, above 2.
        factor_degrees_of_freedom: Decimal,
        /// Degrees of freedom of the residuals, above 2.
        residual_degrees_of_freedom: Decimal,
    },
}

/// One or more obligors with like terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ObligorTerms {
    /// Ids of tenants and guarantors; none: every one that no other entry names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// A name shared by firms of one group: they have one latent variable, so a group falls together as
    /// far as its members' default probabilities allow. Each obligor is its own group if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// When they default.
    pub default: DefaultTerms,
    /// Loadings on the factors. Not correlations: two obligors with one loading `a` on one factor have an
    /// asset correlation of `a^2`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loadings: Vec<LoadingTerms>,
    /// What they do with their leases.
    #[serde(default)]
    pub outcome: BankruptcyOutcome,
    /// Share of the landlord's claim that the estate pays, nothing unless stated; and of a loan's balance,
    /// the loan's own rate unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_rate: Option<Decimal>,
    /// A random recovery rate in place of `recovery_rate`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub random_recovery: Vec<RecoveryPoint>,
    /// What becomes of the space.
    #[serde(default)]
    pub reletting: RelettingTerms,
}

/// How lines of `rep_lines.csv` perform once the factors are known: each is many loans whose default times load on
/// the factors. Expectations of defaults, severities and speeds are the scripted ones whatever the loadings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LineRiskTerms {
    /// Ids of lines; with neither lines nor groups, every line that no other entry names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Groups of lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Loadings of a loan's default time: two loans of the line have an asset correlation of the sum of their squares.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loadings: Vec<LoadingTerms>,
    /// How far severities rise as the factors that loans load on fall, as a loading from 0 to 0.99; 0 unless stated.
    pub severity_loading: Decimal,
    /// How far prepayments fall with them; 0 unless stated.
    pub prepayment_loading: Decimal,
}

/// A default term structure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DefaultTerms {
    /// Of the tenant's rating, or of the one given, by the historical table of corporate defaults.
    Rating {
        /// The rating; of `tenants.toml` if not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rating: Option<String>,
    },
    /// A constant intensity a year.
    Hazard {
        /// The intensity.
        hazard: Decimal,
    },
    /// Cumulative probabilities of default.
    Cumulative {
        /// By years, rising.
        points: Vec<CumulativePoint>,
    },
    /// Implied by credit spreads: `hazard = spread / (1 - recovery)` between the points.
    Spread {
        /// By years, rising.
        points: Vec<SpreadPoint>,
        /// The recovery rate that the spreads assume.
        recovery_rate: Decimal,
    },
}

/// A cumulative probability of default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CumulativePoint {
    /// Years from the cut-off date.
    pub years: Decimal,
    /// Probability of default by then.
    pub probability: Decimal,
}

/// A credit spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpreadPoint {
    /// Maturity in years.
    pub years: Decimal,
    /// Spread in basis points a year.
    pub spread_bp: Decimal,
}

/// A loading on a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoadingTerms {
    /// The factor's id.
    pub factor: String,
    /// From -1 to 1; an obligor's squares sum to at most 1.
    pub loading: Decimal,
}

/// A value that a random recovery rate takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryPoint {
    /// The recovery rate.
    pub rate: Decimal,
    /// Its probability.
    pub probability: Decimal,
}

/// How market rents vary around the scripted path, in logarithms, by an Ornstein-Uhlenbeck process whose
/// expectation is the scripted path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarketRentTerms {
    /// Ids of markets; none: every one that no other entry names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub markets: Vec<String>,
    /// Standard deviation of a year's log change.
    pub volatility: Decimal,
    /// Pull back to the scripted path, a year; 0: a random walk.
    #[serde(default)]
    pub mean_reversion: Decimal,
    /// Correlation of the changes with those of AI demand.
    #[serde(default)]
    pub ai_demand_correlation: Decimal,
}

/// How the price of compute varies around the scripted path, in logarithms, by an Ornstein-Uhlenbeck process whose
/// median is the scripted path, and when the generations after the catalogue arrive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ComputeRiskTerms {
    /// Standard deviation of scarcity per square root of a year; 0.85 is the calibrated one.
    pub volatility: Decimal,
    /// Pull back to the scripted path, a year; the scenario's `scarcity_mean_reversion` unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_reversion: Option<Decimal>,
    /// Correlation of a year's shocks with the changes of AI demand.
    #[serde(default)]
    pub ai_demand_correlation: Decimal,
    /// Standard deviation of the logarithm of the time between two generations after the catalogue; its mean is the
    /// scenario's.
    #[serde(default)]
    pub cadence_volatility: Decimal,
}

/// Default intensities that rise as coverage falls: those of tenants with `compute_revenue`, in deals with a
/// `chips.toml`. They are then no longer the marginal ones of the tenants' own curves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CoverageTerms {
    /// Coverage of rent from which on nothing is added.
    pub threshold: Decimal,
    /// Below, the intensity is multiplied by (threshold / coverage) to this power.
    pub elasticity: Decimal,
    /// The most by which it is multiplied.
    pub most: Decimal,
}
