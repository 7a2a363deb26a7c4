//! Who can pay whom: clearing vectors of a network of claims, to the cent.

use super::apportion::apportion;
use crate::error::{Error, SolveError};
use crate::money::{Money, Rounding};
use crate::ratio::{Ratio, divide_rounded};
use std::collections::VecDeque;

/// A claim of one party on another that falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who owes, as an index.
    pub debtor: usize,
    /// Who is owed, as an index.
    pub creditor: usize,
    /// Its rank: a debtor pays class 0 in full before class 1 gets anything. Within a class, pro rata.
    pub class: u32,
    /// What is due.
    pub amount: Money,
}

/// What is left of a defaulting party's means for its creditors (Rogers and Veraart 2013): the share of its
/// own assets and of what it is paid by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// `a`: of its own assets, from 0 to 1.
    pub assets: Ratio,
    /// `b`: of what others pay it, from 0 to 1.
    pub claims: Ratio,
}

impl Recovery {
    /// Default costs nothing (Eisenberg and Noe 2001).
    pub const FULL: Recovery = Recovery { assets: Ratio::ONE, claims: Ratio::ONE };
}

/// Which of the clearing vectors: where default is costly, or money only circles, there may be many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Vector {
    /// Everybody is paid as much as in any clearing: found from all claims paid, downwards.
    #[default]
    Greatest,
    /// Everybody is paid as little as in any clearing: found from no claim paid, upwards.
    Least,
}

/// The claims between a number of parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    claims: Vec<Claim>,
    /// For each party, its debts as indices of claims, by class and then in the order given.
    debts: Vec<Vec<usize>>,
    owed: Vec<Money>,
}

/// What everybody pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearing {
    /// Paid on each claim, in the order of the claims.
    pub payments: Vec<Money>,
    /// The parties.
    pub parties: Vec<Cleared>,
    /// How often a party's payments were computed.
    pub updates: u64,
}

/// One party's account: `assets + received = paid + equity + cost`, and `paid + shortfall` is what it owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Its means from outside.
    pub assets: Money,
    /// Paid to it by others.
    pub received: Money,
    /// Paid by it to others.
    pub paid: Money,
    /// What it owes and does not pay: above zero means default.
    pub shortfall: Money,
    /// What is left to it; nothing after a default.
    pub equity: Money,
    /// Lost to the default itself.
    pub cost: Money,
}

impl Cleared {
    /// Whether the party cannot pay all it owes.
    pub fn defaulted(&self) -> bool {
        self.shortfall > Money::ZERO
    }
}

/// Payments computed for parties until a network is given up: no real one comes near.
const MOST_UPDATES: u64 = 50_000_000;

impl Claims {
    /// The claims between `parties` parties, counted from 0.
    ///
    /// # Errors
    /// [`Error::Argument`] if a claim names no party, is on its own creditor or is negative;
    /// [`Error::Overflow`] if all claims together pass 64 bits.
    pub fn new(parties: usize, claims: Vec<Claim>) -> Result<Claims, Error> {
        let mut debts = vec![Vec::new(); parties];
        let mut owed = vec![Money::ZERO; parties];
        let mut total = Money::ZERO;
        for (index, claim) in claims.iter().enumerate() {
            for found in [claim.debtor, claim.creditor] {
                Error::unless(found < parties, "party", found as f64, "an index of a party")?;
            }
            let expected = "a party other than the debtor";
            Error::unless(claim.debtor != claim.creditor, "creditor", claim.creditor as f64, expected)?;
            let found = claim.amount.minor() as f64;
            Error::unless(claim.amount >= Money::ZERO, "amount", found, "at least 0")?;
            total = total.checked_add(claim.amount).ok_or(OVERFLOW)?;
            owed[claim.debtor] += claim.amount;
            debts[claim.debtor].push(index);
        }
        for list in &mut debts {
            list.sort_by_key(|&index| claims[index].class);
        }
        Ok(Claims { claims, debts, owed })
    }

    /// The claims, in the order given.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Clears: a party pays all it owes if its assets and what it is paid suffice, else what is left of them
    /// after the costs of default, class by class.
    ///
    /// ```text
    /// p_i = owed_i                     if e_i + received_i >= owed_i
    ///     = a e_i + b received_i       else             (half a cent to even)
    /// ```
    ///
    /// (Eisenberg and Noe 2001 for `a = b = 1`; Rogers and Veraart 2013, section 3.) What a party pays a class in
    /// part is split by the method of Sainte-Lague, in which no creditor is paid less when there is more to
    /// pay: payments then rise with payments, in whole cents, and a greatest and a least clearing exist
    /// exactly (Tarski). Both are reached, not approached.
    ///
    /// ```
    /// use leasefall::study::system::{Claim, Claims, Recovery, Vector};
    /// use leasefall::Money;
    /// // 0 has 10, 1 and 2 have 0.50 each; 0 owes 1 a hundred, 1 owes 2 a hundred.
    /// let claim = |debtor, creditor| Claim { debtor, creditor, class: 0, amount: Money::from_minor(100_00) };
    /// let claims = Claims::new(3, vec![claim(0, 1), claim(1, 2)])?;
    /// let assets = [10_00, 50, 50].map(Money::from_minor);
    /// let cleared = claims.clear(&assets, Recovery::FULL, Vector::Greatest)?;
    /// assert_eq!(cleared.payments, [10_00, 10_50].map(Money::from_minor));
    /// assert_eq!(cleared.parties[2].equity, Money::from_minor(11_00));
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if there is not one amount of assets, at least zero, to each party, or a recovery is
    /// not from 0 to 1; [`Error::Overflow`] if assets and claims together pass 64 bits; [`Error::Solve`] if
    /// payments still move after fifty million steps.
    pub fn clear(&self, assets: &[Money], recovery: Recovery, vector: Vector) -> Result<Clearing, Error> {
        self.check(assets, recovery)?;
        let mut state = State::new(self, assets, recovery, vector);
        let updates = state.settle()?;
        let parties = (0..self.owed.len()).map(|party| state.cleared(party)).collect();
        Ok(Clearing { payments: state.payments, parties, updates })
    }

    fn check(&self, assets: &[Money], recovery: Recovery) -> Result<(), Error> {
        let parties = self.owed.len();
        Error::unless(assets.len() == parties, "assets", assets.len() as f64, "one amount to each party")?;
        let mut total: Money = self.owed.iter().copied().sum();
        for &amount in assets {
            Error::unless(amount >= Money::ZERO, "assets", amount.minor() as f64, "at least 0")?;
            total = total.checked_add(amount).ok_or(OVERFLOW)?;
        }
        for share in [recovery.assets, recovery.claims] {
            let within = (0..=share.denominator()).contains(&share.numerator());
            Error::unless(within, "recovery", share.to_f64(), "from 0 to 1")?;
        }
        Ok(())
    }
}

const OVERFLOW: Error = Error::Overflow { place: "a clearing", period: 0 };

/// Payments on their way to a clearing, in one direction only.
struct State<'c> {
    claims: &'c Claims,
    assets: &'c [Money],
    recovery: Recovery,
    payments: Vec<Money>,
    received: Vec<Money>,
    paid: Vec<Money>,
    weights: Vec<i64>,
    parts: Vec<i64>,
}

impl<'c> State<'c> {
    fn new(claims: &'c Claims, assets: &'c [Money], recovery: Recovery, vector: Vector) -> State<'c> {
        let parties = claims.owed.len();
        let start = |claim: &Claim| match vector {
            Vector::Greatest => claim.amount,
            Vector::Least => Money::ZERO,
        };
        let payments: Vec<Money> = claims.claims.iter().map(start).collect();
        let (mut received, mut paid) = (vec![Money::ZERO; parties], vec![Money::ZERO; parties]);
        for (claim, &payment) in claims.claims.iter().zip(&payments) {
            received[claim.creditor] += payment;
            paid[claim.debtor] += payment;
        }
        State { claims, assets, recovery, payments, received, paid, weights: Vec::new(), parts: Vec::new() }
    }

    /// Every party whose receipts moved pays anew, first come first served, until nothing moves. The order
    /// does not matter: payments move one way, and stop at the same vector.
    fn settle(&mut self) -> Result<u64, Error> {
        let mut waiting: VecDeque<usize> = (0..self.claims.owed.len()).collect();
        let mut queued = vec![true; self.claims.owed.len()];
        let mut updates = 0;
        while let Some(party) = waiting.pop_front() {
            queued[party] = false;
            updates += 1;
            if updates > MOST_UPDATES {
                let quantity = "clearing vector";
                let error = (self.paid[party] - self.payable(party)).minor().abs() as f64;
                let iterations = MOST_UPDATES as u32;
                return Err(Error::Solve(SolveError::NoConvergence { quantity, iterations, error }));
            }
            let payable = self.payable(party);
            if payable == self.paid[party] {
                continue;
            }
            self.pay(party, payable, |creditor| {
                if !std::mem::replace(&mut queued[creditor], true) {
                    waiting.push_back(creditor);
                }
            });
        }
        Ok(updates)
    }

    /// What a party pays, given what it is paid.
    fn payable(&self, party: usize) -> Money {
        let (owed, assets, received) = (self.claims.owed[party], self.assets[party], self.received[party]);
        if assets + received >= owed {
            return owed;
        }
        // a e + b received, over the common denominator, rounded once.
        let Recovery { assets: a, claims: b } = self.recovery;
        let (a_below, b_below) = (i128::from(a.denominator()), i128::from(b.denominator()));
        let term = |amount: Money, share: Ratio| i128::from(amount.minor()) * i128::from(share.numerator());
        let exact = match (a == Ratio::ONE, b == Ratio::ONE) {
            (true, true) => return assets + received,
            _ if a_below == b_below => {
                divide_rounded(term(assets, a) + term(received, b), a_below, Rounding::HalfEven)
            }
            _ => {
                let sum = term(assets, a).checked_mul(b_below).zip(term(received, b).checked_mul(a_below));
                let sum = sum.and_then(|(left, right)| left.checked_add(right));
                sum.and_then(|sum| divide_rounded(sum, a_below * b_below, Rounding::HalfEven))
            }
        };
        // Terms of recoveries that pass 128 bits are rounded one by one.
        let apart = || {
            let left = a.of(assets, Rounding::Down).unwrap_or(Money::ZERO);
            left + b.of(received, Rounding::Down).unwrap_or(Money::ZERO)
        };
        exact.map_or_else(apart, Money::from_minor).min(assets + received)
    }

    /// Pays the party's debts, class by class, and tells of every creditor whose payment changed.
    fn pay(&mut self, party: usize, total: Money, mut changed: impl FnMut(usize)) {
        let all = &self.claims.claims;
        let mut left = total.minor();
        for class in self.claims.debts[party].chunk_by(|&a, &b| all[a].class == all[b].class) {
            self.weights.clear();
            self.weights.extend(class.iter().map(|&index| all[index].amount.minor()));
            self.parts.clear();
            self.parts.resize(class.len(), 0);
            let owed: i64 = self.weights.iter().sum();
            apportion(left.min(owed), &self.weights, &mut self.parts);
            left -= left.min(owed);
            for (&index, &part) in class.iter().zip(&self.parts) {
                let part = Money::from_minor(part);
                let before = std::mem::replace(&mut self.payments[index], part);
                if before != part {
                    self.received[all[index].creditor] += part - before;
                    changed(all[index].creditor);
                }
            }
        }
        self.paid[party] = total;
    }

    fn cleared(&self, party: usize) -> Cleared {
        let (assets, received, paid) = (self.assets[party], self.received[party], self.paid[party]);
        let shortfall = self.claims.owed[party] - paid;
        let left = assets + received - paid;
        let (equity, cost) = if shortfall.is_zero() { (left, Money::ZERO) } else { (Money::ZERO, left) };
        Cleared { assets, received, paid, shortfall, equity, cost }
    }
}
