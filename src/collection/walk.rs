//! One lease along one path: its term, then renewals, default, leaving, new leases.

use super::Periods;
use super::tally::{GuaranteeClaim, Tally, add};
use super::term::{Model, Rent, Rents, Term, cents, days_of, part};
use crate::money::Currency;
use crate::pool::{EarlyTermination, Escalator, LeaseTerms, SiteTerms};
use crate::scenario::{Departure, Obligation, Reletting, Renewal, Rollover, Scenario};

/// Adds a lease to a tally.
pub(super) struct Walk<'a> {
    pub periods: &'a Periods,
    pub scenario: &'a Scenario,
    pub currency: Currency,
    /// The lease's place in the tape.
    pub index: usize,
    pub lease: &'a LeaseTerms,
    pub site: &'a SiteTerms,
    pub rollover: Rollover,
    /// The month from which the site is sold, or the horizon.
    pub stop: u32,
    pub rents: Rents<'a>,
}

/// Until when a lease is paid for.
#[derive(Clone, Copy)]
struct Fate<'a> {
    /// The tenant stops paying.
    default: u32,
    /// The guarantor, if any, stops too; `u32::MAX` if it never does.
    rejected: u32,
    obligation: &'a Obligation,
}

/// Adds the term on the tape between two months (`sign` 1), or takes it away (-1).
pub(super) fn add_tape_term(tally: &mut Tally, periods: &Periods, rents: &Rents, from: u32, sign: i64) {
    let lease = rents.terms;
    let term = Term { from: lease.rent.first, end: lease.rent.end, rent: Rent::Tape };
    let forever = u32::MAX;
    rents.cash(&term, from, forever, &mut |a, b, amount| add(&mut tally.rent, a, b, sign * amount));
    let by_month = tally.site_months(lease.site);
    for step in lease.rent.uses.iter().filter(|step| step.to > from) {
        let a = step.from.max(from);
        let opex = part(step.space_mw, lease.opex_share);
        let reimbursed = part(step.load_mw, lease.power_share);
        add(&mut tally.opex[by_month.clone()], a, step.to, sign * opex);
        add(&mut tally.load[by_month.clone()], a, step.to, sign * step.load_mw);
        add(&mut tally.load_reimbursed[by_month.clone()], a, step.to, sign * reimbursed);
    }
    // Rent at a period's end, and what a valuation sees: signed leases count before they begin.
    let (of_tenant, by_period) = (tally.periods_of(lease.tenant), tally.periods_of(lease.site));
    let first = lease.rent.roll.first().map_or(u32::MAX, |step| step.from);
    let mut most = 0;
    rents.roll(&term, 0, forever, &mut |a, b, amount| {
        most = most.max(amount);
        let (start, end) = (periods.reaching(a.max(from)), periods.reaching(b.max(from)));
        add(&mut tally.roll, start, end, sign * amount);
        add(&mut tally.tenant_roll[of_tenant.clone()], start, end, sign * amount);
        let signed = if a == first { lease.signed_from } else { a };
        let start = periods.reaching(signed.max(from));
        add(&mut tally.signed_roll[by_period.clone()], start, end, sign * amount);
    });
    let (start, end) =
        (periods.reaching(lease.signed_from.max(from)), periods.reaching(lease.rent.roll_end.max(from)));
    add_signed(tally, lease, start, end, sign);
    if sign > 0 {
        tally.bound += most as f64;
    }
}

fn add_signed(tally: &mut Tally, lease: &LeaseTerms, start: u32, end: u32, sign: i64) {
    let by_period = tally.periods_of(lease.site);
    let borne = lease.load_mw - part(lease.load_mw, lease.power_share);
    add(&mut tally.signed_space[by_period.clone()], start, end, sign * lease.space_mw);
    add(&mut tally.signed_opex[by_period.clone()], start, end, sign * part(lease.space_mw, lease.opex_share));
    add(&mut tally.signed_load[by_period], start, end, sign * borne);
}

impl Walk<'_> {
    /// Corrects the tape's term, which the tally already holds, and adds all that follows it.
    pub fn run(&self, tally: &mut Tally) {
        let lease = self.lease;
        let fate = self.fate();
        let mut term = Term { from: lease.rent.first, end: lease.rent.end, rent: Rent::Tape };
        if term.from >= self.stop {
            add_tape_term(tally, self.periods, &self.rents, self.stop, -1);
            return;
        }
        let mut options_used = 0;
        loop {
            if let Some(early) = self.early(&term, fate) {
                return self.leave_early(tally, &term, early);
            }
            if let Some(fate) = fate.filter(|fate| fate.default < term.end) {
                return self.default(tally, &term, fate);
            }
            if term.end >= self.stop {
                return self.cut(tally, &term, self.stop);
            }
            let Some(next) = self.next_term(&term, &mut options_used) else {
                self.call_guarantee(tally, term.end);
                return self.relet(tally, term.end, self.rollover.reletting);
            };
            self.add(tally, &next, Some(lease.tenant), fate);
            if matches!(term.rent, Rent::Tape) {
                self.add_stub(tally, &next);
            }
            term = next;
        }
    }

    /// The month in which a bankrupt tenant gives the lease up; `None` if it ends in any other way.
    pub fn rejected(&self) -> Option<u32> {
        let fate = self.fate()?;
        let mut term = Term { from: self.lease.rent.first, end: self.lease.rent.end, rent: Rent::Tape };
        let mut options_used = 0;
        while fate.default >= term.end {
            if self.early(&term, Some(fate)).is_some() {
                return None;
            }
            term = self.next_term(&term, &mut options_used)?;
        }
        let stays = self.early(&term, Some(fate)).is_none() && fate.rejected < term.end;
        stays.then_some(fate.rejected)
    }

    /// The right to leave early, if it is used before a default.
    fn early(&self, term: &Term, fate: Option<Fate>) -> Option<EarlyTermination> {
        self.lease.early.filter(|early| {
            matches!(term.rent, Rent::Tape)
                && self.rollover.departure == Departure::Early
                && fate.is_none_or(|fate| early.month < fate.default)
        })
    }

    fn fate(&self) -> Option<Fate<'_>> {
        let struck = |obligor: usize| {
            self.scenario.defaults.get(obligor).and_then(|d| d.as_ref()).filter(|d| d.rejected)
        };
        let obligation = struck(self.lease.tenant)?;
        let rejected = match self.lease.guarantor {
            None => obligation.month,
            Some(guarantor) => struck(guarantor).map_or(u32::MAX, |d| d.month.max(obligation.month)),
        };
        Some(Fate { default: obligation.month, rejected, obligation })
    }

    /// Market rent of the lease's space in a month, in minor units, in a hall of this density.
    fn market_rent(&self, month: u32, density: Option<f64>) -> f64 {
        let months = self.scenario.months;
        let place = self.site.market * months + (month as usize).min(months.saturating_sub(1));
        let index = self.scenario.market_rent.get(place).copied().unwrap_or(1.0);
        let fits = self.scenario.hall_rent_share(density, month as usize);
        self.site.market_rent_per_kw * self.lease.kw * index * fits
    }

    /// What follows a term whose tenant lives, or `None` if it leaves.
    fn next_term(&self, term: &Term, options_used: &mut u32) -> Option<Term> {
        let (start, hall) = (term.end, self.site.hall_density_kw);
        if matches!(self.rollover.renewal, Renewal::NotFrom(month) | Renewal::Until(month) if start >= month)
        {
            return None;
        }
        if *options_used < self.lease.options {
            let next = self.rents.renewal(term, *options_used as usize, self.market_rent(start, hall));
            // Exercised while renewal rent <= market rent x (1 + switching cost), both as known when
            // notice is due; a rent set by the market moves with it. Market rent is that of this hall, so a
            // tenant leaves one that no longer fits.
            let market = self.market_rent(start.saturating_sub(self.lease.notice_months), hall);
            let rent = if next.at_market { market * self.lease.renewal_factor } else { next.rent };
            if matches!(self.rollover.renewal, Renewal::Always | Renewal::Until(_))
                || rent <= market * (1.0 + self.scenario.switching_cost)
            {
                *options_used += 1;
                return Some(next.term);
            }
            return None;
        }
        self.scenario.stay_without_option.then(|| self.letting(start, hall, 1.0))
    }

    /// A new contract at a share of market rent.
    fn letting(&self, from: u32, density: Option<f64>, share: f64) -> Term {
        let monthly = self.market_rent(from, density) * share;
        let escalator = Escalator::Fixed(self.scenario.relet_escalator);
        let end = from.saturating_add(self.scenario.relet_term_months.max(1));
        Term { from, end, rent: Rent::Model(Model { monthly, escalator, first_step: from + 12 }) }
    }

    /// Adds a term that follows the tape's, up to what ends it.
    fn add(&self, tally: &mut Tally, term: &Term, tenant: Option<usize>, fate: Option<Fate>) {
        let rejected = fate.filter(|fate| fate.default < term.end).map_or(u32::MAX, |fate| fate.rejected);
        let end = term.end.min(self.stop).min(rejected);
        let lease = self.lease;
        let mut most = 0;
        self.rents.roll(term, term.from, end, &mut |a, b, amount| {
            most = most.max(amount);
            add(&mut tally.rent, a, b, amount);
            let (start, end) = (self.periods.reaching(a), self.periods.reaching(b));
            self.add_roll(tally, tenant, start, end, amount);
        });
        tally.bound += most as f64;
        if end <= term.from {
            return;
        }
        let by_month = tally.site_months(lease.site);
        let opex = part(lease.space_mw, lease.opex_share);
        add(&mut tally.opex[by_month.clone()], term.from, end, opex);
        add(&mut tally.load[by_month.clone()], term.from, end, lease.load_mw);
        let reimbursed = part(lease.load_mw, lease.power_share);
        add(&mut tally.load_reimbursed[by_month], term.from, end, reimbursed);
        add_signed(tally, lease, self.periods.reaching(term.from), self.periods.reaching(end), 1);
    }

    fn add_roll(&self, tally: &mut Tally, tenant: Option<usize>, start: u32, end: u32, amount: i64) {
        add(&mut tally.roll, start, end, amount);
        if let Some(tenant) = tenant {
            let of_tenant = tally.periods_of(tenant);
            add(&mut tally.tenant_roll[of_tenant], start, end, amount);
        }
        let by_period = tally.periods_of(self.lease.site);
        add(&mut tally.signed_roll[by_period], start, end, amount);
    }

    /// The days between a mid-month expiration and the month's end, at the renewal's rent.
    fn add_stub(&self, tally: &mut Tally, next: &Term) {
        let (Some(stub), lease) = (self.lease.rent.stub, self.lease) else { return };
        let month = next.from - 1;
        let monthly = self.rents.starting_rent(next);
        let first = cents(monthly);
        let days = f64::from(stub.0) / f64::from(stub.1.max(1));
        add(&mut tally.rent, month, next.from, cents(monthly * days));
        tally.bound += first as f64;
        let by_month = tally.site_months(lease.site);
        let opex = days_of(part(lease.space_mw, lease.opex_share), stub);
        let load = days_of(lease.load_mw, stub);
        add(&mut tally.opex[by_month.clone()], month, next.from, opex);
        add(&mut tally.load[by_month.clone()], month, next.from, load);
        add(&mut tally.load_reimbursed[by_month], month, next.from, part(load, lease.power_share));
        let (start, end) = (self.periods.reaching(month), self.periods.reaching(next.from));
        self.add_roll(tally, Some(lease.tenant), start, end, first);
        add_signed(tally, lease, start, end, 1);
    }

    /// Takes away what the tally holds of a term from a month on.
    fn cut(&self, tally: &mut Tally, term: &Term, from: u32) {
        if matches!(term.rent, Rent::Tape) && from < term.end {
            add_tape_term(tally, self.periods, &self.rents, from, -1);
        }
    }

    fn default(&self, tally: &mut Tally, term: &Term, fate: Fate) {
        let Fate { default, rejected, obligation } = fate;
        // The guarantor pays in the tenant's place while it lives.
        let (from, to) = (default.max(term.from), rejected.min(term.end).min(self.stop));
        self.rents.cash(term, from, to.max(from), &mut |a, b, amount| {
            add(&mut tally.rent, a, b, -amount);
            add(&mut tally.guarantor, a, b, amount);
        });
        if rejected >= term.end {
            // Performed to the end, then vacated.
            if term.end >= self.stop {
                return self.cut(tally, term, self.stop);
            }
            self.call_guarantee(tally, term.end);
            return self.relet(tally, term.end, obligation.reletting);
        }
        self.cut(tally, term, rejected.min(self.stop));
        if rejected < self.stop {
            self.claim(tally, term, rejected, obligation);
            // Space that the lease had not yet taken is free no earlier than it would have been taken.
            let downtime = obligation.reletting.map_or(0, |terms| terms.downtime_months);
            let empty_from = rejected.max(term.from.saturating_sub(downtime));
            self.relet(tally, empty_from, obligation.reletting);
        }
    }

    /// The landlord's claim for a rejected lease, 11 U.S.C. 502(b)(6): the greater of the next year's rent
    /// and 15% of the remaining rent, that not above the next three years'; deposit and letter of credit
    /// are applied first, the estate pays its rate of the rest.
    fn claim(&self, tally: &mut Tally, term: &Term, rejected: u32, obligation: &Obligation) {
        let from = rejected.max(term.from);
        let remaining = self.rents.total(term, from, term.end);
        let years = |n: u32| self.rents.total(term, from, from.saturating_add(12 * n));
        let fifteen = (remaining * 3 + 10) / 20;
        let cap = years(1).max(fifteen.min(years(3)));
        let security = i128::from(self.lease.security).min(remaining);
        let rest = cap - security.min(cap);
        let paid = rest as f64 * obligation.recovery_rate.unwrap_or(0.0).clamp(0.0, 1.0);
        self.lump(tally, Lump::Recovery, rejected, security as f64);
        self.lump(tally, Lump::Recovery, rejected.saturating_add(obligation.recovery_lag_months), paid);
    }

    fn leave_early(&self, tally: &mut Tally, term: &Term, early: EarlyTermination) {
        let past = early.month + 1;
        // The days of the month after the last one are not owed.
        let mut owed = 0;
        self.rents.cash(term, early.month, past, &mut |_, _, amount| owed = amount);
        if early.month < self.stop {
            add(&mut tally.rent, early.month, past, -days_of(owed, early.unused));
        }
        self.cut(tally, term, past.min(self.stop));
        if early.month >= self.stop {
            return;
        }
        let fee = early.fee as f64 + early.fee_months * self.rents.tape_rent(term, early.month) as f64;
        self.lump(tally, Lump::Fee, early.month, fee);
        self.call_guarantee(tally, past);
        self.relet(tally, past, self.rollover.reletting);
    }

    /// The tenant guarantees what the premises are worth when it leaves.
    fn call_guarantee(&self, tally: &mut Tally, month: u32) {
        let Some(guaranteed) = &self.lease.guaranteed_value else { return };
        let Some(period) = self.periods.of_month(month as usize).filter(|_| month < self.stop) else {
            return;
        };
        let share = if self.site.total_kw > 0.0 { self.lease.kw / self.site.total_kw } else { 0.0 };
        let (amount, cap) = (guaranteed.at(month), guaranteed.cap);
        let (lease, site) = (self.index, self.lease.site);
        tally.claims.push(GuaranteeClaim { lease, site, month, period, guaranteed: amount, cap, share });
    }

    /// Lets the space again from the month in which it falls empty to the end.
    fn relet(&self, tally: &mut Tally, empty_from: u32, reletting: Option<Reletting>) {
        let Some(terms) = reletting else { return };
        let minor_kw = self.lease.kw * self.currency.minor_per_major() as f64;
        let mut density = self.site.hall_density_kw;
        let mut start = empty_from.saturating_add(terms.downtime_months);
        while start < self.stop {
            let (refitted, densifying_per_kw) = self.scenario.refitted(density, start as usize);
            density = refitted;
            let refit = (terms.refit_per_kw + densifying_per_kw) * minor_kw;
            let term = self.letting(start, density, terms.rent_share);
            let rent = self.market_rent(start, density) * terms.rent_share;
            self.lump(tally, Lump::Reletting, start, terms.cost_months * rent + refit);
            self.add(tally, &term, None, None);
            start = term.end;
            while self.scenario.stay_without_option && start < self.stop {
                let stay = self.letting(start, density, terms.rent_share);
                self.add(tally, &stay, None, None);
                start = stay.end;
            }
            start = start.saturating_add(terms.downtime_months);
        }
    }

    fn lump(&self, tally: &mut Tally, kind: Lump, month: u32, amount: f64) {
        let Some(period) = self.periods.of_month(month as usize) else { return };
        let amount = cents(amount);
        tally.bound += amount as f64;
        let by_period = match kind {
            Lump::Fee => &mut tally.fees,
            Lump::Recovery => &mut tally.recoveries,
            Lump::Reletting => &mut tally.reletting,
        };
        by_period[period] = by_period[period].wrapping_add(amount);
    }
}

enum Lump {
    Fee,
    Recovery,
    Reletting,
}
