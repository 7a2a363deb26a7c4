//! Defaults between the deals and the network, each in one place: what a scenario says goes into the network, what
//! the network brings goes into the deals, and nobody fails twice.

use super::by_year::Cascade;
use super::commitments::Role;
use super::jobs::lose_jobs;
use super::lever::Lever;
use super::open::{DealBase, System};
use super::outcome::{DealScenario, Outcome, Unemployment};
use crate::error::Error;
use crate::folder::BASE;
use crate::scenario::{BankruptcyOutcome, Event, RelettingTerms, Script};
use crate::tape::Document;
use crate::time::Date;
use chrono::Datelike;
use rust_decimal::Decimal;

/// A deal in an outcome, before the network.
#[derive(Clone)]
pub(super) struct DealWorld<'s> {
    pub name: &'s str,
    pub base: &'s DealBase,
    /// The scenario's name.
    pub scenario: String,
    /// What it says, and what the outcome adds, but for jobs lost.
    pub itself: Document<Script>,
    /// The same with jobs lost.
    pub script: Document<Script>,
    /// Whether the outcome says anything of the deal.
    pub named: bool,
    /// What unemployment multiplies the defaults of its pool by, if that is households'.
    pub default_multiple: Option<Decimal>,
}

impl<'s> DealWorld<'s> {
    pub fn new(
        name: &'s str,
        base: &'s DealBase,
        outcome: &Outcome,
        levers: &[Lever],
    ) -> Result<DealWorld<'s>, Error> {
        let terms = outcome.deals.iter().find(|terms| terms.deal == name);
        let scenario = terms.and_then(|terms| terms.scenario.as_deref()).unwrap_or(BASE).to_owned();
        let mut itself = base.folder.script(&scenario)?;
        if let Some(DealScenario { events, refinancing_closed, .. }) = terms {
            itself.value.events.extend(events.iter().cloned());
            if *refinancing_closed {
                close(&mut itself.value);
            }
        }
        if levers.contains(&Lever::RefinancingOpen) {
            itself.value.refinancing = base.folder.script(BASE)?.value.refinancing;
        }
        let jobs = outcome.unemployment.as_ref().filter(|_| terms.is_some_and(|terms| terms.households));
        let default_multiple = jobs.map(Unemployment::default_multiple);
        let mut script = itself.clone();
        default_multiple.iter().for_each(|&multiple| lose_jobs(&mut script.value, multiple));
        Ok(DealWorld { name, base, scenario, itself, script, named: terms.is_some(), default_multiple })
    }
}

impl System {
    /// For each party the first year in which a deal's scenario says that it fails, as tenant, sponsor or manager:
    /// a shock from outside the network. What befell it before the network's first year counts as in that year;
    /// what comes after its last year is the deal's alone.
    pub(super) fn scripted_failures(&self, worlds: &[DealWorld<'_>]) -> Vec<Option<usize>> {
        let party = |party: &super::Party| {
            let said = |role: &Role| {
                let world = worlds.iter().find(|world| world.name == deal_of(role))?;
                self.year(scripted(role, &world.script.value)?)
            };
            party.roles.iter().filter_map(said).min()
        };
        self.network.parties().iter().map(party).collect()
    }

    /// The script with what the network brings. What it says itself of a party is left as it says if that is in the
    /// year of the party's default or before; a later one gives way, for the party has failed by then.
    pub(super) fn after_defaults(
        &self,
        world: &DealWorld<'_>,
        landlord_recovery: Decimal,
        cascade: &Cascade,
    ) -> Script {
        let folder = &world.base.folder;
        let mut script = world.script.value.clone();
        for (party, defaulted) in self.network.parties().iter().zip(&cascade.defaulted) {
            let Some((year, at)) = defaulted.and_then(|year| Some((year, self.date(year)?))) else {
                continue;
            };
            // What befell a party before the deal's cut-off date is in its tape.
            let at = at.max(folder.deal().cut_off_date);
            for role in party.roles.iter().filter(|role| deal_of(role) == world.name) {
                if let Some(said) = scripted(role, &script) {
                    if self.year(said).is_some_and(|said| said <= year) {
                        continue;
                    }
                    script.events.retain(|event| failure(role, event).is_none());
                }
                match role {
                    Role::Tenant { tenant, .. } => script.events.push(Event::TenantDefault {
                        tenant: tenant.clone(),
                        at,
                        outcome: BankruptcyOutcome::Rejected,
                        recovery_rate: Some(landlord_recovery),
                        reletting: RelettingTerms::default(),
                    }),
                    Role::Sponsor { .. } => {
                        script.events.push(Event::SponsorDefault { at });
                        let asked = script.refinancing.as_ref().and_then(|terms| terms.at);
                        if asked.or(folder.anticipated_repayment_date()).is_some_and(|date| date >= at) {
                            close(&mut script);
                        }
                    }
                    Role::Manager { .. } => script.events.push(Event::ManagerDefault { at }),
                }
            }
        }
        script
    }

    /// The first day of a year of the network, counted from 0.
    fn date(&self, year: usize) -> Option<Date> {
        Date::from_ymd_opt(i32::from(self.network.first_year()) + i32::try_from(year).ok()?, 1, 1)
    }

    /// The year of the network, counted from 0, in which a date falls; none after the last.
    fn year(&self, date: Date) -> Option<usize> {
        let year = (date.year() - i32::from(self.network.first_year())).max(0);
        usize::try_from(year).ok().filter(|&year| year < self.network.years())
    }
}

/// The first failure of a party in its role that a script says.
fn scripted(role: &Role, script: &Script) -> Option<Date> {
    script.events.iter().filter_map(|event| failure(role, event)).min()
}

/// When an event is the failure of a party in its role.
fn failure(role: &Role, event: &Event) -> Option<Date> {
    match (role, event) {
        (Role::Tenant { tenant, .. }, Event::TenantDefault { tenant: struck, at, .. }) => {
            (tenant == struck).then_some(*at)
        }
        (Role::Sponsor { .. }, Event::SponsorDefault { at }) => Some(*at),
        (Role::Manager { .. }, Event::ManagerDefault { at }) => Some(*at),
        _ => None,
    }
}

/// The deal in which a role is played.
pub(super) fn deal_of(role: &Role) -> &str {
    match role {
        Role::Tenant { deal, .. } | Role::Sponsor { deal } | Role::Manager { deal } => deal,
    }
}

/// A script without a refinancing has none to close.
fn close(script: &mut Script) {
    if let Some(terms) = &mut script.refinancing {
        terms.granted = false;
    }
}
