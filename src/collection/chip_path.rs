//! One lease of chips along one path: its term, its default, and what its chips bring when they are back.

use super::Periods;
use super::chip_book::ChipScratch;
use super::chip_sale::Liquidation;
use super::chip_value::Margin;
use super::column::ChipColumns;
use super::term::cents;
use super::{Collections, put};
use crate::asset::{EndOfTerm, FailuresBorneBy, Remarketing};
use crate::error::Error;
use crate::pool::ChipTerms;
use crate::scenario::{Obligation, Scenario};

/// A lease, and what it meets.
#[derive(Clone, Copy)]
pub(super) struct ChipPath<'a> {
    pub lease: &'a ChipTerms,
    pub margin: Margin,
    pub columns: ChipColumns,
    pub periods: &'a Periods,
    pub scenario: &'a Scenario,
    /// Price of compute by month, as far as chips are valued.
    pub price: &'a [f64],
    /// Minor units of a dollar.
    pub minor: f64,
}

/// When chips come back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Return {
    /// The month from whose start the owner has them.
    pub month: u32,
    /// The first month that the tenant does not pay; `u32::MAX` if it pays all.
    pub unpaid: u32,
    /// The first month that nobody pays; `u32::MAX` if the contract is kept to its end.
    pub lost: u32,
}

impl Return {
    /// Of a lease in a scenario.
    pub fn of(lease: &ChipTerms, scenario: &Scenario) -> Return {
        let end = lease.end();
        let kept = Return { month: end, unpaid: u32::MAX, lost: u32::MAX };
        let Some(default) = struck(scenario, lease.tenant).filter(|default| default.month < end) else {
            return kept;
        };
        let unpaid = default.month;
        let lost = match lease.guarantor {
            None => unpaid,
            Some(guarantor) => struck(scenario, guarantor).map_or(u32::MAX, |other| other.month.max(unpaid)),
        };
        if lost >= end {
            return Return { unpaid, ..kept };
        }
        // Chips that are yet to be delivered come to the owner then.
        Return { month: lost.max(lease.in_service()), unpaid, lost }
    }
}

/// The default of an obligor whose leases are rejected.
fn struck(scenario: &Scenario, obligor: usize) -> Option<&Obligation> {
    scenario.defaults.get(obligor)?.as_ref().filter(|default| default.rejected)
}

/// Chips to be sold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sale {
    pub month: u32,
    pub generation: usize,
    pub chips: f64,
    /// What a working one is worth to who runs it, in minor units.
    pub value: f64,
    pub terms: Liquidation,
    /// The claim that the proceeds reduce.
    pub claim: Option<usize>,
}

/// What the owner claims of a tenant's estate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub month: u32,
    /// Rent lost, less deposit and letter of credit.
    pub rest: i64,
    /// What the chips bring in its place.
    pub mitigated: i64,
    pub recovery_rate: f64,
}

impl ChipPath<'_> {
    fn struck(&self, obligor: usize) -> Option<&Obligation> {
        struck(self.scenario, obligor)
    }

    /// When the chips come back: at the end of the term, or once neither tenant nor guarantor pays.
    pub fn comes_back(&self) -> Return {
        Return::of(self.lease, self.scenario)
    }

    /// Corrects the rent that the collections hold and adds what follows it; returns the month in which the chips
    /// are sold, `u32::MAX` if they are kept. `values` of the scratch are read only if the chips are back before the
    /// last payment date.
    pub fn run(
        &self,
        back: Return,
        working: &[f64],
        scratch: &mut ChipScratch,
        into: &mut Collections,
    ) -> Result<u32, Error> {
        self.unpaid_rent(back, into)?;
        let claim = self.claim(back, scratch, into)?;
        if back.month >= self.periods.months() as u32 {
            return Ok(u32::MAX);
        }
        let tenant_lives = back.unpaid == u32::MAX;
        let value = cents(self.minor * self.fleet_value(back.month, back.month, working, &scratch.values));
        let price = match self.lease.end_of_term {
            EndOfTerm::PurchaseOption if tenant_lives && value >= self.lease.purchase_price => {
                Some(self.lease.purchase_price)
            }
            EndOfTerm::FairMarketValue if tenant_lives => Some(value),
            _ => None,
        };
        if let (Some(price), Some(period)) = (price, self.periods.of_month(back.month as usize)) {
            put(into, period, self.columns.sale_proceeds, price)?;
            return Ok(back.month);
        }
        let from = back.month.saturating_add(self.lease.remarketing_months);
        match self.lease.remarketing {
            Remarketing::Relet => {
                let mitigated = self.relet(from, back.month, &scratch.values, into)?;
                if let Some(claim) = claim.and_then(|claim| scratch.claims.get_mut(claim)) {
                    claim.mitigated = mitigated;
                }
                Ok(u32::MAX)
            }
            Remarketing::Sell => {
                if from < working.len() as u32 {
                    let chips = self.lease.chips * self.share(from, back.month);
                    let value = self.minor * unit_value(from, working, &scratch.values);
                    let discount = self.lease.sale_discount;
                    let terms = Liquidation { discount, depth_chips: self.lease.sale_depth_chips };
                    let generation = self.lease.generation;
                    scratch.sales.push(Sale { month: from, generation, chips, value, terms, claim });
                }
                Ok(from)
            }
        }
    }

    /// Takes away the rent that the tenant does not pay, and adds what its guarantor pays of it.
    fn unpaid_rent(&self, back: Return, into: &mut Collections) -> Result<(), Error> {
        let months = self.lease.first..self.lease.end();
        for (month, &rent) in months.zip(&self.lease.rents).filter(|&(month, _)| month >= back.unpaid) {
            let Some(period) = self.periods.of_month(month as usize) else { break };
            put(into, period, self.columns.rent, -rent)?;
            if month < back.lost {
                put(into, period, self.columns.guarantor_payments, rent)?;
            }
        }
        Ok(())
    }

    /// Applies deposit and letter of credit to the rent that is lost, and notes the claim for the rest.
    ///
    /// The cap of 11 U.S.C. 502(b)(6) is for real property: the owner of chips claims all lost rent, less what the
    /// chips bring (UCC 2A-527 to 529).
    fn claim(
        &self,
        back: Return,
        scratch: &mut ChipScratch,
        into: &mut Collections,
    ) -> Result<Option<usize>, Error> {
        let (lease, lost) = (self.lease, back.lost);
        let Some(default) = self.struck(lease.tenant).filter(|_| lost < u32::MAX) else { return Ok(None) };
        let paid = lost.saturating_sub(lease.first).min(lease.rents.len() as u32) as usize;
        // A part of what the whole pool owes, which fits.
        let rest: i64 = lease.rents[paid..].iter().sum();
        let security = lease.security.min(rest);
        if let Some(period) = self.periods.of_month(lost as usize) {
            put(into, period, self.columns.recoveries, security)?;
        }
        let recovery_rate = default.recovery_rate.unwrap_or(0.0).clamp(0.0, 1.0);
        let month = lost.saturating_add(default.recovery_lag_months);
        scratch.claims.push(Claim { month, rest: rest - security, mitigated: 0, recovery_rate });
        Ok(Some(scratch.claims.len() - 1))
    }

    /// Lets the chips by the hour at the price of compute until they no longer pay; returns what that brings beyond
    /// its cost in the rest of the lease's term, by which the owner's claim is less.
    fn relet(&self, from: u32, back: u32, values: &[f64], into: &mut Collections) -> Result<i64, Error> {
        let mut in_term = 0_i64;
        for month in from..self.periods.months() as u32 {
            let place = month as usize;
            let Some(period) = self.periods.of_month(place).filter(|_| values[place] > 0.0) else { break };
            let chips = self.minor * self.lease.chips * self.share(month, back);
            let power = &self.scenario.power_price;
            let power = power.get(place).or(power.last()).copied().unwrap_or(1.0);
            let (rent, cost) = (self.margin.revenue_usd(self.price[place]), self.margin.running_usd(power));
            let (rent, cost) = (cents(chips * rent), cents(chips * cost));
            put(into, period, self.columns.rent, rent)?;
            put(into, period, self.columns.expenses, cost)?;
            if month < self.lease.end() {
                in_term = in_term.saturating_add(rent.saturating_sub(cost));
            }
        }
        Ok(in_term.max(0))
    }

    /// Share of the fleet that works at the start of a month: all of it while the tenant makes failures good, and from
    /// its return on as it then ages.
    fn share(&self, month: u32, back: u32) -> f64 {
        let unaided = self.lease.unaided_share(month);
        match self.lease.failures {
            FailuresBorneBy::Owner => unaided,
            FailuresBorneBy::Tenant if month <= back => 1.0,
            FailuresBorneBy::Tenant => match self.lease.unaided_share(back) {
                whole if whole > 0.0 => unaided / whole,
                _ => 0.0,
            },
        }
    }

    /// What the fleet is worth to one who runs it from the start of a month on, in dollars.
    pub fn fleet_value(&self, month: u32, back: u32, working: &[f64], values: &[f64]) -> f64 {
        self.lease.chips * self.share(month, back) * unit_value(month, working, values)
    }
}

/// Value of a chip that works at the start of a month, in dollars.
fn unit_value(month: u32, working: &[f64], values: &[f64]) -> f64 {
    let Some((&value, &working)) = values.get(month as usize).zip(working.get(month as usize)) else {
        return 0.0;
    };
    // Before its service a fleet is worth what it will be, discounted.
    if working > 0.0 { value / working } else { value }
}
