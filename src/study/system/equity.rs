//! What failures in the network cost the shares of its parties, by size.

use super::by_year::Cascade;
use super::commitments::CommitmentKind;
use super::network::Network;
use crate::money::{Currency, Money};
use rust_decimal::prelude::ToPrimitive;

/// What failures of others cost a party, and what it does to its shares. Dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyLoss {
    /// The party.
    pub party: String,
    /// What its shares were worth; none if the file does not say.
    pub equity: Option<f64>,
    /// What failures of others cost it over the years of the network.
    pub cost: f64,
    /// Of this, what its equity bears.
    pub borne: f64,
    /// Of this, what is more than its equity: its creditors'. All of it where no equity is stated.
    pub beyond: f64,
    /// What its shares lose, as a fraction: `borne / equity`, and on a default of its own what the outcome says, if
    /// that is more.
    pub share_loss: f64,
}

/// How failures reach shares. Fractions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareTerms {
    /// What of a purchase or rent that is not paid would have been earned.
    pub lost_sales_margin: f64,
    /// What shares in a defaulting party lose.
    pub on_default: f64,
}

impl Network {
    /// What failures cost the shares of each party, in the order of the parties.
    ///
    /// ```text
    /// cost_i  = m x (purchases and rents not paid to i) + loans not paid to i
    ///         + guarantees and backstops that i paid - m x (those paid to i), at least 0
    /// share_i = max(min(1, cost_i / equity_i), on_default if i defaults)
    /// ```
    ///
    /// `m` is the margin: what is not sold need not be made. The relative loss of equity, what is not paid over the
    /// equity of whom it was owed, at most all of it, is that of linear DebtRank (Bardoscia, Battiston, Caccioli and
    /// Caldarelli 2015), but on payments that the clearing finds missing, not on expected ones; what equity that was
    /// promised and never came would have earned is not counted. Years are added up without discount.
    ///
    /// ```
    /// use leasefall::study::system::{Network, ShareTerms, Terms};
    /// // `lab` has nothing of the 100 it owes `cloud`, whose shares are worth 200: a quarter of 100 over 200.
    /// let network = Network::read("commitments.toml", r#"
    ///     first_year = 2026
    ///     years = 1
    ///     parties = [
    ///         { id = "lab", kind = "ai_lab", source = "", mark = "assumption" },
    ///         { id = "cloud", kind = "cloud", source = "", mark = "assumption",
    ///           equity_usd = { value = 200, source = "", mark = "assumption" } },
    ///     ]
    ///     commitments = [{ id = "sale", from = "lab", to = "cloud", kind = "purchase", amount_usd = 100,
    ///         level = { from = 2026, to = 2026 }, status = "binding", date = 2025-01-01,
    ///         source = "", mark = "assumption", schedule_mark = "assumption" }]
    /// "#)?;
    /// let cascade = network.cascade(&network.means(), Terms::default())?;
    /// let terms = ShareTerms { lost_sales_margin: 0.25, on_default: 1.0 };
    /// let losses = network.equity_losses(&cascade, terms);
    /// assert_eq!((losses[0].share_loss, losses[1].share_loss), (1.0, 0.125));
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    pub fn equity_losses(&self, cascade: &Cascade, terms: ShareTerms) -> Vec<PartyLoss> {
        let mut costs = vec![0.0; self.parties.len()];
        let dollars = |amount: &Money| amount.to_model(Currency::USD);
        let ends = self.edges.iter().zip(cascade.paid.iter().zip(&cascade.lost));
        for ((edge, (paid, lost)), promise) in ends.zip(self.commitments()) {
            match promise.kind {
                CommitmentKind::Purchase | CommitmentKind::Lease => {
                    costs[edge.to] += terms.lost_sales_margin * dollars(lost);
                }
                CommitmentKind::Loan => costs[edge.to] += dollars(lost),
                CommitmentKind::LeaseGuarantee | CommitmentKind::CapacityBackstop => {
                    costs[edge.from] += dollars(paid);
                    costs[edge.to] -= terms.lost_sales_margin * dollars(paid);
                }
                CommitmentKind::Equity | CommitmentKind::Warrant => {}
            }
        }
        let parties = self.parties().iter().zip(costs).enumerate();
        let loss = |(index, (party, cost)): (usize, (&super::Party, f64))| {
            let cost = cost.max(0.0);
            let equity = party.equity_usd.as_ref().and_then(|figure| figure.value.to_f64());
            let borne = cost.min(equity.unwrap_or(0.0));
            let by_size = equity.filter(|equity| *equity > 0.0).map_or(0.0, |equity| borne / equity);
            let on_default = cascade.defaulted[index].map_or(0.0, |_| terms.on_default);
            PartyLoss {
                party: party.id.clone(),
                equity,
                cost,
                borne,
                beyond: cost - borne,
                share_loss: by_size.max(on_default),
            }
        };
        parties.map(loss).collect()
    }
}
