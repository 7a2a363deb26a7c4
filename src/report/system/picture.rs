//! The network as nodes and arrows, for drawing.

use crate::Currency;
use crate::study::system::{Commitment, CommitmentKind, Party, Status, System, SystemResult};
use serde::Serialize;

/// The network as nodes and arrows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NetworkPicture {
    /// The parties.
    pub nodes: Vec<PictureNode>,
    /// The promises that have an amount.
    pub arrows: Vec<PictureArrow>,
}

/// A party in the picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureNode {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For each outcome, the year in which it cannot pay.
    pub defaulted: Vec<Option<usize>>,
}

/// A promise in the picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureArrow {
    /// Who is to pay, as an index of nodes.
    pub from: usize,
    /// Who is to be paid.
    pub to: usize,
    /// What kind of promise it is.
    pub kind: CommitmentKind,
    /// How far it binds.
    pub status: Status,
    /// Dollars over the years of the network.
    pub amount: f64,
}

pub(super) fn picture(system: &System, results: &[SystemResult]) -> NetworkPicture {
    let network = system.network();
    let first = usize::from(network.first_year());
    let node = |(index, party): (usize, &Party)| PictureNode {
        id: party.id.clone(),
        name: party.name.clone().unwrap_or_else(|| party.id.clone()),
        defaulted: results.iter().map(|result| Some(first + result.cascade.defaulted[index]?)).collect(),
    };
    let arrow = |(index, promise): (usize, &Commitment)| {
        Some(PictureArrow {
            from: network.party_index(&promise.from)?,
            to: network.party_index(&promise.to)?,
            kind: promise.kind,
            status: promise.status,
            amount: Some(network.due(index).to_model(Currency::USD)).filter(|amount| *amount > 0.0)?,
        })
    };
    NetworkPicture {
        nodes: network.parties().iter().enumerate().map(node).collect(),
        arrows: network.commitments().iter().enumerate().filter_map(arrow).collect(),
    }
}
