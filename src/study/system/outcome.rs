//! A way in which it ends, as people write it: a file that drives every stage.

use super::commitments::PartyKind;
use super::figure::Figure;
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

/// What a default costs, each figure from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DefaultTerms {
    /// What is left of a defaulting party's own assets.
    pub assets_left: Figure,
    /// What is left of what others pay it.
    pub claims_left: Figure,
    /// What shares in it lose.
    pub equity_loss: Figure,
    /// What private loans to it lose.
    pub private_credit_loss: Figure,
    /// What its estate pays on a landlord's claim.
    pub landlord_recovery: Figure,
    /// What of a purchase or rent that is not paid would have been earned by whom it was promised to; the rest
    /// are costs that it then does not have. See [`super::Network::equity_losses`].
    pub lost_sales_margin: Figure,
}

impl Default for DefaultTerms {
    fn default() -> DefaultTerms {
        let figure = |hundredths, source| Figure::assumed(Decimal::new(hundredths, 2), source);
        DefaultTerms {
            assets_left: figure(100, "default costs nothing, as in Eisenberg and Noe 2001"),
            claims_left: figure(100, "default costs nothing, as in Eisenberg and Noe 2001"),
            equity_loss: figure(100, "shares come after every creditor"),
            private_credit_loss: figure(50, "a senior loan to a firm without other assets"),
            landlord_recovery: figure(20, "an unsecured claim"),
            lost_sales_margin: figure(25, "near the operating margin of a large firm"),
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
    pub funding: Option<Figure>,
    /// Multiplies what operations bring; where they cost, the cost stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating: Option<Figure>,
}

/// The world of one deal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DealScenario {
    /// The deal, by the name of its folder.
    pub deal: String,
    /// A scenario of its folder, whose file says where its figures come from; its base scenario if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What happens beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Whether nobody lends to repay the notes.
    #[serde(default)]
    pub refinancing_closed: bool,
    /// Whether its pool is households', or that of deals of which it holds notes: unemployment then multiplies the
    /// default vectors of the scenario, and what that adds came through households.
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
    pub change: Figure,
}

/// Jobs lost, and what households then do not pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unemployment {
    /// Rise of the rate, in percentage points.
    pub rise_points: Figure,
    /// By which fraction each point raises the defaults of households' pools, point upon point: 0.1 makes six points
    /// 1.1^6. See [`Unemployment::default_multiple`].
    pub defaults_per_point: Figure,
    /// What household credit held outright loses, as a fraction, with each point.
    pub loss_per_point: Figure,
}

/// A figure of an outcome and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedFigure<'o> {
    /// Where in the file: `shocks[0].funding`.
    pub place: String,
    /// What it is of: parties, an asset; empty where its place says all.
    pub of: String,
    /// The figure.
    pub figure: &'o Figure,
}

impl Outcome {
    /// Every figure of the outcome with its place in the file.
    pub fn figures(&self) -> Vec<StatedFigure<'_>> {
        let stated = |place: String, of: String, figure| StatedFigure { place, of, figure };
        let terms = &self.defaults;
        let mut figures: Vec<StatedFigure<'_>> = [
            ("assets_left", &terms.assets_left),
            ("claims_left", &terms.claims_left),
            ("equity_loss", &terms.equity_loss),
            ("private_credit_loss", &terms.private_credit_loss),
            ("landlord_recovery", &terms.landlord_recovery),
            ("lost_sales_margin", &terms.lost_sales_margin),
        ]
        .map(|(field, figure)| stated(format!("defaults.{field}"), String::new(), figure))
        .into();
        for (k, shock) in self.shocks.iter().enumerate() {
            let named = [("funding", &shock.funding), ("operating", &shock.operating)];
            let given = named.into_iter().filter_map(|(field, figure)| Some((field, figure.as_ref()?)));
            figures.extend(given.map(|(f, figure)| stated(format!("shocks[{k}].{f}"), shock.whom(), figure)));
        }
        for (k, change) in self.assets.iter().enumerate() {
            figures.push(stated(format!("assets[{k}].change"), change.asset.clone(), &change.change));
        }
        if let Some(terms) = &self.unemployment {
            let place = |field| format!("unemployment.{field}");
            figures.push(stated(place("rise_points"), String::new(), &terms.rise_points));
            figures.push(stated(place("defaults_per_point"), String::new(), &terms.defaults_per_point));
            figures.push(stated(place("loss_per_point"), String::new(), &terms.loss_per_point));
        }
        figures
    }
}

impl Shock {
    /// Whom it strikes and from when: `ai_lab from 2027`.
    fn whom(&self) -> String {
        let kind = |kind: &PartyKind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned);
        let mut names: Vec<String> = self.kinds.iter().filter_map(kind).collect();
        names.extend(self.parties.iter().cloned());
        format!("{} from {}", names.join(", "), self.from)
    }
}
