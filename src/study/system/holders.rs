//! Who holds what, with what leverage, and what it must do when it loses: `holders.toml`.

use super::commitments::Mark;
use crate::error::{Error, Problem, Problems};
use crate::tape::{DOCUMENT_LIMIT, Document, FileFormat, read_document, read_text};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// `holders.toml`: assets and the groups that hold them. Amounts are US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HoldersFile {
    /// What the groups stand for, and where the figures come from.
    #[serde(default)]
    pub description: String,
    /// Where the folders of the deals are, seen from this file's folder.
    pub deals: String,
    /// What is held.
    pub assets: Vec<AssetTerms>,
    /// Who holds it.
    pub groups: Vec<GroupTerms>,
}

impl FileFormat for HoldersFile {
    const NAME: &'static str = "holders.toml";
    const SCHEMA: &'static str = include_str!("../../../docs/schema/holders.json");
}

/// Something held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssetTerms {
    /// The name by which groups and outcomes refer to it.
    pub id: String,
    /// What it is, and so what moves its price first.
    pub kind: AssetKind,
    /// Of a note: its deal, by the name of its folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<String>,
    /// Of a note: its class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Of equity and private credit: the parties of the network whose it is, each for an equal part; none: no
    /// party's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<String>,
    /// Fall of the price, as a fraction, when a billion dollars of it are sold; 0: any amount can be sold.
    pub impact_per_usd_bn: Decimal,
    /// Where the impact comes from.
    pub source: String,
    /// How sure it is.
    pub mark: Mark,
}

/// What an asset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssetKind {
    /// A note of a deal: its value in the outcome's scenario.
    Note,
    /// Shares: the outcome says how far they fall, and a default in the network takes more.
    Equity,
    /// Buildings and land.
    Property,
    /// Loans to households: the outcome's unemployment.
    HouseholdCredit,
    /// Loans to parties of the network: what they do not pay.
    PrivateCredit,
    /// All other credit.
    OtherCredit,
    /// Money: nothing moves it.
    Cash,
}

/// Holders of one kind as one balance sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupTerms {
    /// The name by which outcomes refer to it.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it holds.
    pub holdings: Vec<Holding>,
    /// What it owes on these holdings: its equity is the rest.
    #[serde(default)]
    pub debt_usd: Decimal,
    /// What it must do when it loses.
    pub rule: Rule,
    /// Where the figures come from.
    pub source: String,
    /// How sure they are.
    pub mark: Mark,
}

/// An asset of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// The asset.
    pub asset: String,
    /// Dollars at the start.
    pub amount_usd: Decimal,
}

/// What a group does when it loses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Sells until debt over equity is what it was at the start.
    LeverageTarget {},
    /// Sells nothing while equity is this share of assets or more; below, until it is again.
    MarginCall {
        /// The share.
        maintenance: Decimal,
    },
    /// Its investors take out this much for each unit lost, as a share of what it held at the start.
    Redemption {
        /// Sensitivity of redemptions to losses.
        sensitivity: Decimal,
    },
    /// Sells this share of any note that has lost as much as the threshold, once.
    RatingForcedSale {
        /// The loss, as a fraction, that counts as a downgrade.
        threshold: Decimal,
        /// The share of the holding that must go.
        share: Decimal,
    },
    /// Sells nothing.
    Hold {},
}

/// Holders, checked, as matrices in dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct Holders {
    file: HoldersFile,
    /// `group * assets + asset`: holdings at the start, in dollars.
    pub(super) holdings: Vec<f64>,
    pub(super) debt: Vec<f64>,
    /// Fall of each asset's price for each dollar sold.
    pub(super) impact: Vec<f64>,
}

impl Holders {
    /// Reads a file of holders.
    ///
    /// # Errors
    /// [`Error::Unreadable`], or [`Error::Input`] with all that is wrong in the file.
    pub fn open(path: impl AsRef<Path>) -> Result<Holders, Error> {
        let path = path.as_ref();
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Holders::read(&name, &read_text(path, &name, DOCUMENT_LIMIT)?)
    }

    /// [`Holders::open`] from a text; `name` is what problems call it.
    ///
    /// # Errors
    /// [`Error::Input`] with all that is wrong in it.
    pub fn read(name: &str, text: &str) -> Result<Holders, Error> {
        checked(&read_document::<HoldersFile>(name, text)?)
    }

    /// Where the folders of the deals are, seen from the file's folder.
    pub fn deals(&self) -> &str {
        &self.file.deals
    }

    /// The assets, in the order of the file.
    pub fn assets(&self) -> &[AssetTerms] {
        &self.file.assets
    }

    /// The groups, in the order of the file.
    pub fn groups(&self) -> &[GroupTerms] {
        &self.file.groups
    }

    /// The index of an asset.
    pub fn asset_index(&self, id: &str) -> Option<usize> {
        self.file.assets.iter().position(|asset| asset.id == id)
    }

    /// A group's holding of an asset at the start, in dollars.
    pub fn holding(&self, group: usize, asset: usize) -> f64 {
        self.holdings[group * self.file.assets.len() + asset]
    }

    /// A group's assets at the start, in dollars.
    pub fn assets_of(&self, group: usize) -> f64 {
        let count = self.file.assets.len();
        self.holdings[group * count..(group + 1) * count].iter().sum()
    }

    /// A group's equity at the start, in dollars.
    pub fn equity_of(&self, group: usize) -> f64 {
        self.assets_of(group) - self.debt[group]
    }

    /// The same holders with every price impact times a factor.
    pub fn with_impact(&self, factor: f64) -> Holders {
        Holders { impact: self.impact.iter().map(|impact| impact * factor).collect(), ..self.clone() }
    }

    /// The same holdings with the debt of every group times a factor.
    pub fn with_debt(&self, factor: f64) -> Holders {
        Holders { debt: self.debt.iter().map(|debt| debt * factor).collect(), ..self.clone() }
    }
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

fn checked(document: &Document<HoldersFile>) -> Result<Holders, Error> {
    let file = &document.value;
    let mut problems = Problems::new();
    let mut note = |path: String, found: String, expected: &str| {
        let problem: Problem = document.problem(&path, found, expected);
        problems.push(problem);
    };
    let mut index = HashMap::new();
    for (k, asset) in file.assets.iter().enumerate() {
        if index.insert(asset.id.as_str(), k).is_some() {
            note(format!("assets[{k}].id"), format!("`{}` again", asset.id), "an id of its own");
        }
        let is_note = asset.kind == AssetKind::Note;
        if is_note != (asset.deal.is_some() && asset.class.is_some()) {
            let expected = if is_note { "a deal and a class" } else { "deal and class of notes only" };
            note(format!("assets[{k}].kind"), format!("{:?}", asset.kind), expected);
        }
        if asset.impact_per_usd_bn < Decimal::ZERO {
            note(format!("assets[{k}].impact_per_usd_bn"), asset.impact_per_usd_bn.to_string(), "at least 0");
        }
    }
    let count = file.assets.len();
    let mut holdings = vec![0.0; count * file.groups.len()];
    let mut groups = HashMap::new();
    for (g, group) in file.groups.iter().enumerate() {
        if groups.insert(group.id.as_str(), g).is_some() {
            note(format!("groups[{g}].id"), format!("`{}` again", group.id), "an id of its own");
        }
        let mut assets = Decimal::ZERO;
        for (k, holding) in group.holdings.iter().enumerate() {
            let path = format!("groups[{g}].holdings[{k}]");
            match index.get(holding.asset.as_str()) {
                Some(asset) => holdings[g * count + asset] += model(holding.amount_usd),
                None => note(format!("{path}.asset"), format!("`{}`", holding.asset), "the id of an asset"),
            }
            if holding.amount_usd < Decimal::ZERO {
                note(format!("{path}.amount_usd"), holding.amount_usd.to_string(), "at least 0");
            }
            assets += holding.amount_usd;
        }
        if group.debt_usd < Decimal::ZERO || group.debt_usd > assets {
            let expected = format!("from 0 to {assets}, the holdings");
            note(format!("groups[{g}].debt_usd"), group.debt_usd.to_string(), &expected);
        }
        let shares = match group.rule {
            Rule::MarginCall { maintenance } => vec![("maintenance", maintenance)],
            Rule::Redemption { sensitivity } => vec![("sensitivity", sensitivity / Decimal::from(10))],
            Rule::RatingForcedSale { threshold, share } => vec![("threshold", threshold), ("share", share)],
            Rule::LeverageTarget {} | Rule::Hold {} => Vec::new(),
        };
        for (field, share) in shares {
            if !(Decimal::ZERO..=Decimal::ONE).contains(&share) {
                let expected = if field == "sensitivity" { "from 0 to 10" } else { "from 0 to 1" };
                note(format!("groups[{g}].rule.{field}"), share.to_string(), expected);
            }
        }
    }
    problems.or(())?;
    Ok(Holders {
        holdings,
        debt: file.groups.iter().map(|group| model(group.debt_usd)).collect(),
        impact: file.assets.iter().map(|asset| model(asset.impact_per_usd_bn) / 1e9).collect(),
        file: file.clone(),
    })
}
