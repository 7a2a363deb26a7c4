//! A way in which it ends, as people write it: a file that drives every stage.

use super::commitments::PartyKind;
use crate::scenario::Event;
use crate::tape::FileFormat;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An outcome: what it does to parties, deals and prices. Every figure of it is a choice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What it stands for.
    pub description: String,
    /// Whether letters of intent count as contracts.
    #[serde(default)]
    pub letters_of_intent: bool,
    /// Costs of default, and losses that follow one.
    #[serde(default)]
    pub defaults: DefaultTerms,
    /// What parties have from outside the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shocks: Vec<Shock>,
    /// The scenario of each deal; a deal not named is as its base scenario says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deals: Vec<DealScenario>,
    /// Prices of assets that are no notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<AssetChange>,
    /// Jobs lost, and what households then do not pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unemployment: Option<Unemployment>,
}

impl FileFormat for Outcome {
    const NAME: &'static str = "base.toml";
    const SCHEMA: &'static str = include_str!("../../../docs/schema/outcome.json");
}

/// What a default costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DefaultTerms {
    /// What is left of a defaulting party's own assets.
    pub assets_left: Decimal,
    /// What is left of what others pay it.
    pub claims_left: Decimal,
    /// What shares in it lose.
    pub equity_loss: Decimal,
    /// What private loans to it lose.
    pub private_credit_loss: Decimal,
    /// What its estate pays on a landlord's claim.
    pub landlord_recovery: Decimal,
}

impl Default for DefaultTerms {
    fn default() -> DefaultTerms {
        DefaultTerms {
            assets_left: Decimal::ONE,
            claims_left: Decimal::ONE,
            equity_loss: Decimal::ONE,
            private_credit_loss: Decimal::new(50, 2),
            landlord_recovery: Decimal::new(20, 2),
        }
    }
}

/// What parties have from outside the network, times a factor from a year on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shock {
    /// Ids of parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<String>,
    /// Kinds of parties, beside those named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<PartyKind>,
    /// From which year.
    pub from: u16,
    /// Multiplies what is raised outside the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<Decimal>,
    /// Multiplies what operations bring; where they cost, the cost stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating: Option<Decimal>,
}

/// The world of one deal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DealScenario {
    /// The deal, by the name of its folder.
    pub deal: String,
    /// A scenario of its folder; its base scenario if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What happens beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Whether nobody lends to repay the notes.
    #[serde(default)]
    pub refinancing_closed: bool,
    /// Whether the deal's pool is households', so that its notes' losses came through them.
    #[serde(default)]
    pub households: bool,
    /// Whether the outcome does without the deal where there is no such folder.
    #[serde(default)]
    pub where_present: bool,
}

/// A change of an asset's price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssetChange {
    /// The asset.
    pub asset: String,
    /// The change: -0.3 takes three tenths off.
    pub change: Decimal,
}

/// Jobs lost, and what households then do not pay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unemployment {
    /// Rise of the rate, in percentage points.
    pub rise_points: Decimal,
    /// What household credit loses, as a fraction, with each point.
    pub loss_per_point: Decimal,
}
