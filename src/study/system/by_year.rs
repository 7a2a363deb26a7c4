//! The network cleared year by year: defaults end contracts, and so move on.

use super::clearing::{Claim, Claims, Cleared, Recovery, Vector};
use super::commitments::{CommitmentKind, PartyKind};
use super::network::{Network, Promises};
use crate::error::Error;
use crate::money::Money;

/// How a network is cleared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Which promises count.
    pub promises: Promises,
    /// What is left of a defaulting party's means.
    pub recovery: Recovery,
    /// Which clearing vector.
    pub vector: Vector,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { promises: Promises::Binding, recovery: Recovery::FULL, vector: Vector::Greatest }
    }
}

/// What parties have from outside the network, by party and year, and who fails for reasons outside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Means {
    /// `party * years + year`: what operations outside the network bring.
    pub operating: Vec<Money>,
    /// `party * years + year`: what is raised outside the network.
    pub funding: Vec<Money>,
    /// For each party, the year, counted from 0, in which it fails whatever its means: a default that comes from
    /// outside the network.
    pub fails: Vec<Option<usize>>,
}

/// A network's years.
#[derive(Clone, Debug, PartialEq)]
pub struct Cascade {
    /// For each year, each party's account.
    pub years: Vec<Vec<Cleared>>,
    /// For each party, the year, counted from 0, in which it could not pay.
    pub defaulted: Vec<Option<usize>>,
    /// For each commitment, what was paid on it over the years.
    pub paid: Vec<Money>,
    /// For each commitment, what was due and not paid, or ended with a party's default.
    pub lost: Vec<Money>,
}

impl Network {
    /// What the file says parties have from outside.
    pub fn means(&self) -> Means {
        let all = |of: fn(&super::network::PartyMeans) -> &Vec<Money>| {
            self.parties.iter().flat_map(|party| of(party).iter().copied()).collect()
        };
        Means {
            operating: all(|party| &party.operating),
            funding: all(|party| &party.funding),
            fails: vec![None; self.parties.len()],
        }
    }

    /// Clears every year in turn. A party has what is left of the year before, what it raises and what its
    /// operations bring; where those cost money, the cost is owed outside the network and paid first.
    ///
    /// A party that cannot pay in full is in default from then on: its promises to others and theirs to it end,
    /// and it has no operations. What a guarantee or backstop covers and the year left unpaid is owed by the
    /// guarantor a year later, up to what the promise comes to.
    ///
    /// A party that fails for reasons outside the network ([`Means::fails`]) has no operations and raises nothing
    /// in that year: it pays what it can of the cash left from the year before, and is in default. It fails in
    /// that year or, if the network is earlier, when it cannot pay: once, whichever is first.
    ///
    /// # Errors
    /// As [`Claims::new`] and [`Claims::clear`]; [`Error::Argument`] if the means are not those of this network.
    pub fn cascade(&self, means: &Means, terms: Terms) -> Result<Cascade, Error> {
        let (parties, years) = (self.parties.len(), self.years());
        for list in [&means.operating, &means.funding] {
            let expected = "one amount to each party and year";
            Error::unless(list.len() == parties * years, "means", list.len() as f64, expected)?;
        }
        Error::unless(means.fails.len() == parties, "fails", means.fails.len() as f64, "one to each party")?;
        let mut state = Years {
            network: self,
            terms,
            cash: self.parties.iter().map(|party| party.cash).collect(),
            called: vec![Money::ZERO; self.edges.len()],
            room: self.edges.iter().map(|edge| edge.due.iter().copied().sum()).collect(),
            cascade: Cascade {
                years: Vec::with_capacity(years),
                defaulted: vec![None; parties],
                paid: vec![Money::ZERO; self.edges.len()],
                lost: vec![Money::ZERO; self.edges.len()],
            },
        };
        for year in 0..years {
            state.clear(year, means)?;
        }
        Ok(state.cascade)
    }

    /// The parties of a kind, by index.
    pub fn of_kind(&self, kind: PartyKind) -> impl Iterator<Item = usize> {
        self.parties().iter().enumerate().filter(move |(_, party)| party.kind == kind).map(|(index, _)| index)
    }
}

/// A cascade under way.
struct Years<'n> {
    network: &'n Network,
    terms: Terms,
    cash: Vec<Money>,
    /// Called on each guarantee for this year.
    called: Vec<Money>,
    /// What each guarantee has left.
    room: Vec<Money>,
    cascade: Cascade,
}

impl Years<'_> {
    fn clear(&mut self, year: usize, means: &Means) -> Result<(), Error> {
        let (parties, years) = (self.network.parties.len(), self.network.years());
        let outside = parties;
        let (mut claims, mut of) = (Vec::new(), Vec::new());
        let mut assets = vec![Money::ZERO; parties + 1];
        for party in (0..parties).filter(|&party| self.cascade.defaulted[party].is_none()) {
            let (operating, funding) = match means.fails[party] == Some(year) {
                true => (Money::ZERO, Money::ZERO),
                false => (means.operating[party * years + year], means.funding[party * years + year]),
            };
            assets[party] = self.cash[party] + funding + operating.max(Money::ZERO);
            if operating < Money::ZERO {
                claims.push(Claim { debtor: party, creditor: outside, class: 0, amount: -operating });
                of.push(None);
            }
        }
        for (index, edge) in self.network.edges.iter().enumerate() {
            let contingent = self.network.commitments()[index].kind.is_contingent();
            let counted = self.network.pays(index, self.terms.promises);
            let due = match contingent {
                true => std::mem::take(&mut self.called[index]),
                false if counted => edge.due[year],
                false => Money::ZERO,
            };
            let dead = |party: usize| self.cascade.defaulted[party].is_some();
            if dead(edge.from) || (dead(edge.to) && !contingent) {
                self.cascade.lost[index] += due;
            } else if !due.is_zero() {
                // Running costs come before every promise.
                claims.push(Claim {
                    debtor: edge.from,
                    creditor: edge.to,
                    class: edge.class + 1,
                    amount: due,
                });
                of.push(Some(index));
            }
        }
        let cleared = Claims::new(parties + 1, claims)?;
        let result = cleared.clear(&assets, self.terms.recovery, self.terms.vector)?;
        for ((claim, &payment), index) in cleared.claims().iter().zip(&result.payments).zip(of) {
            if let Some(index) = index {
                self.cascade.paid[index] += payment;
                self.cascade.lost[index] += claim.amount - payment;
            }
        }
        for party in 0..parties {
            let found = result.parties[party];
            self.cash[party] = found.equity;
            let fails = found.defaulted() || means.fails[party] == Some(year);
            if fails && self.cascade.defaulted[party].is_none() {
                self.cascade.defaulted[party] = Some(year);
            }
        }
        self.call(year, cleared.claims(), &result.payments);
        self.cascade.years.push(result.parties[..parties].to_vec());
        Ok(())
    }

    /// What the year's failures call on guarantees for the next year.
    fn call(&mut self, year: usize, claims: &[Claim], payments: &[Money]) {
        for (index, guarantee) in self.network.edges.iter().enumerate() {
            let commitment = &self.network.commitments()[index];
            if !commitment.kind.is_contingent() || !self.terms.promises.include(commitment.status) {
                continue;
            }
            let covered = |debtor: usize, creditor: usize| {
                creditor == guarantee.to
                    && debtor != guarantee.from
                    && guarantee.covers.is_none_or(|covers| covers == debtor)
            };
            let short: Money = claims
                .iter()
                .zip(payments)
                .filter(|(claim, _)| claim.creditor < self.network.parties.len())
                .filter(|(claim, _)| covered(claim.debtor, claim.creditor))
                .map(|(claim, &payment)| claim.amount - payment)
                .sum();
            // Contracts that a default has ended are as much unpaid.
            let ended: Money = (0..self.network.edges.len())
                .filter(|&k| self.network.pays(k, self.terms.promises))
                .filter(|&k| covered(self.network.edges[k].from, self.network.edges[k].to))
                .filter(|&k| self.cascade.defaulted[self.network.edges[k].from].is_some_and(|y| y < year))
                .filter(|&k| {
                    matches!(
                        self.network.commitments()[k].kind,
                        CommitmentKind::Purchase | CommitmentKind::Lease
                    )
                })
                .map(|k| self.network.edges[k].due[year])
                .sum();
            let called = (short + ended).min(self.room[index]);
            self.called[index] = called;
            self.room[index] -= called;
        }
    }
}
