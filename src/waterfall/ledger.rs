//! The double-entry ledger. One primitive moves money; nothing else changes a balance.

use crate::error::Error;
use crate::money::Money;

/// An index into the ledger: an account of the issuer, a source of cash, or a payee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Party(pub(crate) u16);

impl Party {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Balances of all parties. Accounts come first and are never negative; a source's balance is minus what
/// it has paid in; a payee's is what it has received. They always sum to zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    balances: Vec<Money>,
    accounts: usize,
}

impl Ledger {
    /// All parties at nothing.
    pub(crate) fn reset(&mut self, accounts: usize, parties: usize) {
        self.balances.clear();
        self.balances.resize(parties, Money::ZERO);
        self.accounts = accounts;
    }

    #[inline]
    pub(crate) fn balance(&self, party: Party) -> Money {
        self.balances[party.index()]
    }

    pub(crate) fn balances(&self) -> &[Money] {
        &self.balances
    }

    /// What is in all accounts of the issuer.
    pub(crate) fn cash(&self) -> Money {
        self.balances[..self.accounts].iter().copied().sum()
    }

    /// Moves `amount` from one party to another.
    #[inline]
    pub(crate) fn transfer(&mut self, from: Party, to: Party, amount: Money) {
        debug_assert!(amount >= Money::ZERO, "a transfer is never negative");
        self.balances[from.index()] -= amount;
        self.balances[to.index()] += amount;
        debug_assert!(
            from.index() >= self.accounts || self.balances[from.index()] >= Money::ZERO,
            "an account is never overdrawn"
        );
    }

    /// [`Ledger::transfer`] of new cash, refused if what has come in so far passes a quarter of 64 bits.
    /// Every other sum of balances is bounded by what has come in.
    #[inline]
    pub(crate) fn receive(
        &mut self,
        source: Party,
        to: Party,
        amount: Money,
        period: usize,
    ) -> Result<(), Error> {
        const BOUND: i64 = i64::MAX / 4;
        let paid_in = -self.balances[source.index()].minor();
        let held = self.balances[to.index()].minor();
        if !(0..=BOUND).contains(&amount.minor()) || paid_in.max(held) > BOUND - amount.minor() {
            return Err(Error::Overflow { place: "cash received", period: period + 1 });
        }
        self.transfer(source, to, amount);
        Ok(())
    }
}
