//! The double-entry ledger. One primitive moves money; nothing else changes a balance.

use super::lanes::Lanes;
use super::whole::Whole;
use crate::error::Error;

/// An index into the ledger: an account of the issuer, a source of cash, or a payee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Party(pub(crate) u16);

impl Party {
    #[inline(always)]
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Balances of all parties on each path. Accounts come first and are never negative; a source's balance is
/// minus what it has paid in; a payee's is what it has received. On every path they always sum to zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger<const L: usize, N: Whole> {
    balances: Vec<Lanes<L, N>>,
    accounts: usize,
    /// All that has come in.
    received: Lanes<L, N>,
}

impl<const L: usize, N: Whole> Ledger<L, N> {
    /// All parties at nothing.
    pub(crate) fn reset(&mut self, accounts: usize, parties: usize) {
        self.balances.clear();
        self.balances.resize(parties, Lanes::ZERO);
        self.accounts = accounts;
        self.received = Lanes::ZERO;
    }

    #[inline(always)]
    pub(crate) fn balance(&self, party: Party) -> Lanes<L, N> {
        self.balances[party.index()]
    }

    pub(crate) fn balances(&self) -> &[Lanes<L, N>] {
        &self.balances
    }

    /// What is in all accounts of the issuer.
    pub(crate) fn cash(&self) -> Lanes<L, N> {
        self.balances[..self.accounts].iter().fold(Lanes::ZERO, |sum, &balance| sum + balance)
    }

    /// Moves an amount from one party to another, path by path.
    #[inline(always)]
    pub(crate) fn transfer(&mut self, from: Party, to: Party, amount: Lanes<L, N>) {
        debug_assert!(!amount.any_negative(), "a transfer is never negative");
        self.balances[from.index()] -= amount;
        self.balances[to.index()] += amount;
        debug_assert!(
            from.index() >= self.accounts || !self.balances[from.index()].any_negative(),
            "an account is never overdrawn"
        );
    }

    /// [`Ledger::transfer`] of new cash, refused if all that has come in passes [`Whole::CASH`]. Every
    /// balance is bounded by what has come in. The amount is not negative.
    #[inline(always)]
    pub(crate) fn receive(
        &mut self,
        source: Party,
        to: Party,
        amount: Lanes<L, N>,
        period: usize,
    ) -> Result<(), Error> {
        let received = self.received.add_to_check(amount);
        if received.beyond(N::CASH) {
            return Err(Error::Overflow { place: "cash received", period: period + 1 });
        }
        self.received = received;
        self.transfer(source, to, amount);
        Ok(())
    }
}
