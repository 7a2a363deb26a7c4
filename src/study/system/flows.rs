//! Money between parties in an outcome: promised, paid, and not.

use super::network::Network;
use super::run::SystemResult;
use crate::money::Money;

/// What one party owed and was owed over the years of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartyFlow {
    /// Paid by it to others of the network.
    pub paid: Money,
    /// Due from it and not paid, or ended with a default, its own or the other's.
    pub unpaid: Money,
    /// Paid to it by others of the network.
    pub received: Money,
    /// Due to it and not paid, or ended with a default.
    pub missed: Money,
}

impl Network {
    /// What each party paid and received in an outcome; the sums over parties of paid and received are equal, as are
    /// those of unpaid and missed.
    pub fn flows(&self, result: &SystemResult) -> Vec<PartyFlow> {
        let mut flows = vec![PartyFlow::default(); self.parties().len()];
        for (edge, (&paid, &lost)) in
            self.edges.iter().zip(result.cascade.paid.iter().zip(&result.cascade.lost))
        {
            flows[edge.from].paid += paid;
            flows[edge.from].unpaid += lost;
            flows[edge.to].received += paid;
            flows[edge.to].missed += lost;
        }
        flows
    }
}
