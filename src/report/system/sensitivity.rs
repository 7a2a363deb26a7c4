//! One assumption moved at a time, and all of them listed.

use crate::Currency;
use crate::error::Error;
use crate::study::system::{Lever, Mark, StatedFigure, System, SystemResult};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// An assumption moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemSensitivityLine {
    /// The outcome.
    pub outcome: String,
    /// What is moved.
    pub assumption: &'static str,
    /// Parties that cannot pay.
    pub defaults: usize,
    /// Dollars promised in the network and not paid, or ended with a default.
    pub unpaid: f64,
    /// Mean loss of the notes, in shares of their prices.
    pub notes: f64,
    /// Dollars lost by all holders.
    pub holders: f64,
    /// Of this, through households.
    pub households: f64,
    /// Of this, through others' sales.
    pub price_impact: f64,
}

/// A figure that a file states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssumptionLine {
    /// The outcome; empty for figures of commitments and holders, which all outcomes share.
    pub outcome: String,
    /// The file.
    pub file: String,
    /// What the figure is of: parties, an asset; empty where its place says all.
    pub of: String,
    /// Where in its file.
    pub place: String,
    /// The figure.
    pub value: f64,
    /// How sure it is.
    pub mark: Mark,
    /// Where it comes from.
    pub source: String,
}

/// The assumptions that are moved one at a time, and their names.
pub(super) const LEVERS: [(&str, &[Lever]); 21] = [
    ("as stated", &[]),
    ("letters of intent count", &[Lever::LettersOfIntent(true)]),
    ("default leaves half of a party's means", &[Lever::DefaultLeaves(0.5)]),
    ("losses on default halved", &[Lever::LossOnDefault(0.5)]),
    ("losses on default times 1.5, at most all", &[Lever::LossOnDefault(1.5)]),
    ("earnings in sales not paid halved", &[Lever::LostSalesMargin(0.5)]),
    ("earnings in sales not paid doubled", &[Lever::LostSalesMargin(2.0)]),
    ("shocks to parties halved", &[Lever::Shocks(0.5)]),
    ("no shocks to parties", &[Lever::Shocks(0.0)]),
    ("price impact halved", &[Lever::PriceImpact(0.5)]),
    ("price impact doubled", &[Lever::PriceImpact(2.0)]),
    ("no price impact", &[Lever::PriceImpact(0.0)]),
    ("holders' debt down by a tenth", &[Lever::Debt(0.9)]),
    ("changes of asset prices halved", &[Lever::AssetChanges(0.5)]),
    ("refinancing open", &[Lever::RefinancingOpen]),
    ("deals as in their base scenarios", &[Lever::DealsAsBase]),
    ("no rise of unemployment", &[Lever::Unemployment(0.0)]),
    ("rise of unemployment halved", &[Lever::Unemployment(0.5)]),
    ("rise of unemployment doubled", &[Lever::Unemployment(2.0)]),
    ("defaults with each point of unemployment halved", &[Lever::DefaultsPerPoint(0.5)]),
    ("defaults with each point of unemployment doubled", &[Lever::DefaultsPerPoint(2.0)]),
];

pub(super) fn sensitivity(assumption: &'static str, result: &SystemResult) -> SystemSensitivityLine {
    let notes: Vec<f64> = result
        .notes
        .iter()
        .filter(|note| note.base_price.is_some())
        .map(|note| note.losses.total())
        .collect();
    SystemSensitivityLine {
        outcome: result.outcome.clone(),
        assumption,
        defaults: result.cascade.defaulted.iter().flatten().count(),
        unpaid: result.cascade.lost.iter().map(|lost| lost.to_model(Currency::USD)).sum(),
        notes: notes.iter().sum::<f64>() / notes.len().max(1) as f64,
        holders: result.groups.iter().map(|group| group.losses.total()).sum(),
        households: result.groups.iter().map(|group| group.losses.households).sum(),
        price_impact: result.groups.iter().map(|group| group.losses.price_impact).sum(),
    }
}

/// Every figure that the outcomes, the file of commitments and that of holders state.
pub(super) fn assumptions(system: &System, names: &[String]) -> Result<Vec<AssumptionLine>, Error> {
    let mut lines = Vec::new();
    for name in names {
        let outcome = system.outcome(name)?.value;
        let line = |stated: StatedFigure<'_>| AssumptionLine {
            outcome: name.clone(),
            file: format!("{name}.toml"),
            of: stated.of,
            place: stated.place,
            value: stated.figure.value.to_f64().unwrap_or(f64::NAN),
            mark: stated.figure.mark,
            source: stated.figure.source.clone(),
        };
        lines.extend(outcome.figures().into_iter().map(line));
    }
    lines.extend(super::stated::of_the_network(system));
    lines.extend(super::stated::of_the_holders(system));
    Ok(lines)
}
