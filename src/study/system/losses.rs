//! Losses by the way in which they came, and what an asset loses before anybody sells.

use super::equity::PartyLoss;
use super::holders::{AssetKind, AssetTerms, Holders};
use super::network::Network;
use super::outcome::Outcome;
use super::run::NoteResult;

/// The way in which a loss came.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Losses {
    /// From what the outcome says itself: rents, renewals, refinancing, prices.
    pub direct: f64,
    /// From parties that could not pay: tenants, sponsors, borrowers, shares in them.
    pub ring: f64,
    /// From households that lost their jobs: loans to them, and what the rise of unemployment adds to the defaults of
    /// their pools.
    pub households: f64,
    /// From others' sales.
    pub price_impact: f64,
}

impl Losses {
    /// What was lost before anybody sold.
    pub fn first(&self) -> f64 {
        self.direct + self.ring + self.households
    }

    /// All of it.
    pub fn total(&self) -> f64 {
        self.first() + self.price_impact
    }
}

/// What an outcome and its network do to assets.
pub(super) struct FirstLosses<'o> {
    pub network: &'o Network,
    pub outcome: &'o Outcome,
    /// In the order of the parties.
    pub parties: &'o [PartyLoss],
    pub defaulted: &'o [Option<usize>],
    pub notes: &'o [NoteResult],
}

impl FirstLosses<'_> {
    /// Of every asset.
    pub fn all(&self, holders: &Holders) -> Vec<Losses> {
        holders.assets().iter().map(|asset| self.of(asset)).collect()
    }

    /// Of one asset, as shares of its price.
    pub fn of(&self, terms: &AssetTerms) -> Losses {
        if terms.kind == AssetKind::Note {
            let is_this = |note: &&NoteResult| {
                terms.deal.as_deref() == Some(&note.deal) && terms.class.as_deref() == Some(&note.class)
            };
            return self.notes.iter().find(is_this).map_or(Losses::default(), |note| note.losses);
        }
        let change = self.outcome.assets.iter().find(|change| change.asset == terms.id);
        let direct = change.map_or(0.0, |change| -change.change.model());
        // What has gone cannot go again: each later loss takes its share of what the earlier left.
        let mut left = 1.0 - direct;
        let ring = left
            * match terms.kind {
                AssetKind::Equity => self.shares(terms),
                AssetKind::PrivateCredit => {
                    self.defaulted_part(terms) * self.outcome.defaults.private_credit_loss.model()
                }
                _ => 0.0,
            };
        left -= ring;
        let unemployment =
            self.outcome.unemployment.as_ref().filter(|_| terms.kind == AssetKind::HouseholdCredit);
        // What a point costs, times the points, at most all.
        let lost = unemployment
            .map_or(0.0, |terms| terms.rise_points.model() * terms.loss_per_point.model())
            .clamp(0.0, 1.0);
        Losses { direct, ring, households: left * lost, price_impact: 0.0 }
    }

    fn parties<'a>(&'a self, terms: &'a AssetTerms) -> impl Iterator<Item = usize> + 'a {
        terms.parties.iter().filter_map(|id| self.network.party_index(id))
    }

    /// What shares in several parties lose, weighted by what the parties' shares are worth, or equally if that is
    /// not stated of each:
    ///
    /// ```text
    /// sum of w_i share_i,   w_i = equity_i / sum of equity
    /// ```
    fn shares(&self, terms: &AssetTerms) -> f64 {
        let equity: Option<Vec<f64>> =
            self.parties(terms).map(|party| self.parties[party].equity.filter(|e| *e > 0.0)).collect();
        let lost: Vec<f64> = self.parties(terms).map(|party| self.parties[party].share_loss).collect();
        let weights = equity.unwrap_or_else(|| vec![1.0; lost.len()]);
        let all: f64 = weights.iter().sum();
        let sum: f64 = weights.iter().zip(&lost).map(|(weight, lost)| weight * lost).sum();
        if all > 0.0 { sum / all } else { 0.0 }
    }

    /// The part of the borrowers, equally counted, that are in default.
    fn defaulted_part(&self, terms: &AssetTerms) -> f64 {
        let dead = self.parties(terms).filter(|&party| self.defaulted[party].is_some()).count();
        dead as f64 / terms.parties.len().max(1) as f64
    }
}
