//! Leases of chips: checked against tenants and fleets, and resolved to the units of the projection.

use super::{Locate, expected_id, first_collected_month};
use crate::asset::{
    ChipLease, ChipRates, ChipsFile, EndOfTerm, FailuresBorneBy, Fleet, Remarketing, Survival, TenantsFile,
};
use crate::error::{Error, Problems};
use crate::money::{Currency, Money, Rounding};
use crate::ratio::Ratio;
use crate::time::{Date, Month};
use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::{HashMap, HashSet};

/// The longest lease of chips, in months.
const MONTHS: i32 = 1_200;

/// A lease of chips as the projection sees it. Months are counted from the first collected month, which is 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ChipTerms {
    pub tenant: usize,
    pub guarantor: Option<usize>,
    /// The generation, an index of the catalogue: chips of one compete in the market when they are sold.
    pub generation: usize,
    pub rates: ChipRates,
    pub survival: Survival,
    pub chips: f64,
    /// Months in service at month 0; below 0 if the fleet is yet to come.
    pub age_months: i32,
    pub cost: f64,
    pub book_life_years: f64,
    /// The first month in which rent is due; `rents[k]` is that of month `first + k`, in minor units.
    pub first: u32,
    pub rents: Vec<i64>,
    pub failures: FailuresBorneBy,
    pub end_of_term: EndOfTerm,
    /// In minor units.
    pub purchase_price: i64,
    pub remarketing: Remarketing,
    pub remarketing_months: u32,
    pub sale_discount: f64,
    pub sale_depth_chips: Option<f64>,
    pub contract_discount_rate: f64,
    pub value_discount_rate: f64,
    /// Deposit and letter of credit.
    pub security: i64,
}

impl ChipTerms {
    /// The month after the last one of the lease.
    pub fn end(&self) -> u32 {
        self.first + self.rents.len() as u32
    }

    /// The month in which the fleet goes into service, 0 if it is.
    pub fn in_service(&self) -> u32 {
        (-self.age_months).max(0) as u32
    }

    /// Age of the fleet at the start of a month, in years; below 0 before its service.
    pub fn age_years(&self, month: u32) -> f64 {
        (f64::from(self.age_months) + f64::from(month)) / 12.0
    }

    /// Share of the fleet that works at the start of a month if nobody but its replacement makes failures good.
    pub fn unaided_share(&self, month: u32) -> f64 {
        self.survival.working_share(self.age_years(month).max(0.0))
    }
}

/// The terms of every lease, or every problem.
pub(super) fn resolve(
    currency: Currency,
    cut_off: Date,
    tenants: &TenantsFile,
    chips: &ChipsFile,
    leases: &[ChipLease],
    places: &dyn Locate,
) -> Result<Vec<ChipTerms>, Error> {
    let first_month = first_collected_month(cut_off);
    let ids = tenants.tenants.iter().enumerate().map(|(i, tenant)| (tenant.id.as_str(), i)).collect();
    let mut check = Check { currency, first_month, tenants, ids, chips, places, problems: Problems::new() };
    let (mut seen, mut let_fleets) = (HashSet::new(), HashSet::new());
    let mut terms = Vec::with_capacity(leases.len());
    for (i, lease) in leases.iter().enumerate() {
        let at = |field: &str| format!("chip_leases[{i}].{field}");
        if lease.lease_id.is_empty() || !seen.insert(&lease.lease_id) {
            check.fail(&at("lease_id"), format!("`{}`", lease.lease_id), "an id of its own");
        }
        if !let_fleets.insert(&lease.fleet) {
            check.fail(&at("fleet"), format!("`{}` again", lease.fleet), "a fleet that no other lease lets");
        }
        terms.extend(check.lease(&at, lease));
    }
    check.problems.or(terms)
}

struct Check<'a> {
    currency: Currency,
    first_month: Month,
    tenants: &'a TenantsFile,
    ids: HashMap<&'a str, usize>,
    chips: &'a ChipsFile,
    places: &'a dyn Locate,
    problems: Problems,
}

impl Check<'_> {
    fn fail(&mut self, path: &str, found: impl ToString, expected: impl Into<String>) {
        self.problems.push(self.places.problem(path, found.to_string(), expected.into()));
    }

    /// A number within bounds, or what stands for a blank one.
    fn number(&mut self, path: &str, value: Option<Decimal>, blank: f64, (low, high): (Decimal, i64)) -> f64 {
        let Some(value) = value else { return blank };
        if value < low || value > high.into() {
            self.fail(path, value, format!("{low} to {high}"));
        }
        model(value)
    }

    /// An amount in minor units; 0 where it is blank or wrong.
    fn amount(&mut self, path: &str, value: Option<Decimal>) -> i64 {
        let Some(value) = value else { return 0 };
        let money = self.currency.money(value).filter(|money| *money >= Money::ZERO);
        if money.is_none() {
            let digits = self.currency.digits();
            let expected = format!("an amount from 0 with at most {digits} decimals, below ten trillion");
            self.fail(path, value, expected);
        }
        money.map_or(0, Money::minor)
    }

    fn obligor(&mut self, path: &str, id: &str) -> Option<usize> {
        let found = self.ids.get(id).copied();
        if found.is_none() {
            let known = expected_id("tenant", self.ids.keys().copied());
            self.fail(path, format!("`{id}`"), known);
        }
        found
    }

    fn lease(&mut self, at: &dyn Fn(&str) -> String, lease: &ChipLease) -> Option<ChipTerms> {
        let tenant = self.obligor(&at("tenant"), &lease.tenant);
        let own = lease.guarantor.as_deref();
        if own == Some(&lease.tenant) {
            self.fail(&at("guarantor"), format!("`{}`, the tenant itself", lease.tenant), "another obligor");
        }
        let inherited =
            tenant.and_then(|t| Some((at("tenant"), self.tenants.tenants[t].guarantor.as_deref()?)));
        let guarantor = own.map(|id| (at("guarantor"), id)).or(inherited);
        let guarantor = guarantor.and_then(|(path, id)| self.obligor(&path, id));
        let cost = self.amount(&at("cost_usd"), Some(lease.cost_usd)) as f64;
        let purchase_price = self.purchase_price(at, lease);
        let security = self.amount(&at("security_deposit_usd"), lease.security_deposit_usd)
            + self.amount(&at("letter_of_credit_usd"), lease.letter_of_credit_usd);
        if let Some(months) = lease.remarketing_months.filter(|&months| months > 120) {
            self.fail(&at("remarketing_months"), months, "0 to 120");
        }
        let none = Decimal::ZERO;
        let least = Decimal::new(1, 2);
        let sale_discount = self.number(&at("sale_discount"), lease.sale_discount, 0.2, (none, 1));
        let depth = (Decimal::ONE, 1_000_000_000);
        let sale_depth_chips =
            lease.sale_depth_chips.map(|chips| self.number(&at("sale_depth_chips"), Some(chips), 1.0, depth));
        let book_life_years = self.number(&at("book_life_years"), lease.book_life_years, 6.0, (least, 100));
        let contract = lease.contract_discount_rate;
        let contract_discount_rate = self.number(&at("contract_discount_rate"), contract, 0.10, (none, 1));
        let value_discount_rate =
            self.number(&at("value_discount_rate"), lease.value_discount_rate, 0.12, (none, 1));
        let fleet = self.fleet(at, lease);
        let dates = self.dates(at, lease, fleet.as_ref().map(|(fleet, _)| fleet.in_service));
        let rent = self.rent(at, lease, fleet.as_ref().map(|(fleet, _)| fleet.count));
        let ((), (fleet, generation)) = (dates?, fleet?);
        let mut terms = ChipTerms {
            tenant: tenant?,
            guarantor,
            generation,
            rates: self.chips.generations[generation].rates(),
            survival: fleet.survival(),
            chips: f64::from(fleet.count),
            age_months: self.first_month - first_collected_month(fleet.in_service),
            cost,
            book_life_years,
            first: (Month::of(lease.commencement) - self.first_month).max(0) as u32,
            rents: Vec::new(),
            failures: lease.failures,
            end_of_term: lease.end_of_term,
            purchase_price,
            remarketing: lease.remarketing,
            remarketing_months: lease.remarketing_months.unwrap_or(3),
            sale_discount,
            sale_depth_chips,
            contract_discount_rate,
            value_discount_rate,
            security,
        };
        terms.rents = self.rents(lease, &terms, rent?);
        Some(terms)
    }

    fn purchase_price(&mut self, at: &dyn Fn(&str) -> String, lease: &ChipLease) -> i64 {
        let path = at("purchase_price_usd");
        match (lease.end_of_term, lease.purchase_price_usd) {
            (EndOfTerm::PurchaseOption, None) => {
                self.fail(&path, "blank", "a price, as there is an option to buy");
            }
            (EndOfTerm::Return | EndOfTerm::FairMarketValue, Some(price)) => {
                self.fail(&path, price, "blank, as there is no option to buy at a price");
            }
            _ => {}
        }
        self.amount(&path, lease.purchase_price_usd)
    }

    fn fleet(&mut self, at: &dyn Fn(&str) -> String, lease: &ChipLease) -> Option<(Fleet, usize)> {
        let fleet = self.chips.fleets.iter().find(|fleet| fleet.id == lease.fleet);
        let Some(fleet) = fleet else {
            let known = expected_id("fleet", self.chips.fleets.iter().map(|fleet| fleet.id.as_str()));
            self.fail(&at("fleet"), format!("`{}`", lease.fleet), known);
            return None;
        };
        let generation = self.chips.generations.iter().position(|known| known.id == fleet.generation)?;
        Some((fleet.clone(), generation))
    }

    fn dates(&mut self, at: &dyn Fn(&str) -> String, lease: &ChipLease, service: Option<Date>) -> Option<()> {
        let (from, to) = (lease.commencement, lease.expiration);
        let known = self.problems.as_slice().len();
        for (field, date) in [("commencement", from), ("expiration", to)] {
            if !(1900..=2200).contains(&date.year()) {
                self.fail(&at(field), date, "a date from 1900 to 2200");
            }
        }
        let first = self.first_month.first_day();
        if to <= from {
            self.fail(&at("expiration"), to, format!("a date after commencement, {from}"));
        } else if to < first {
            self.fail(&at("expiration"), to, format!("{first} or later, the first collected day"));
        } else if Month::of(to) - Month::of(from) > MONTHS {
            self.fail(&at("expiration"), to, "at most 1200 months after commencement");
        }
        if let Some(service) = service.filter(|&service| service > from) {
            let expected = format!("{service} or later, when the fleet goes into service");
            self.fail(&at("commencement"), from, expected);
        }
        (self.problems.as_slice().len() == known).then_some(())
    }

    /// Rent of the whole fleet a month.
    fn rent(&mut self, at: &dyn Fn(&str) -> String, lease: &ChipLease, count: Option<u32>) -> Option<Money> {
        let (field, rent) = match (lease.rent_usd_per_chip_month, lease.rent_usd_per_month) {
            (Some(rent), None) => ("rent_usd_per_chip_month", rent.checked_mul(count?.into())),
            (None, Some(rent)) => ("rent_usd_per_month", Some(rent)),
            (stated, _) => {
                let found = if stated.is_some() { "both" } else { "neither" };
                let expected = "one of rent_usd_per_chip_month and rent_usd_per_month";
                self.fail(&at("rent_usd_per_month"), found, expected);
                return None;
            }
        };
        // Per chip a rent may have more decimals than the fleet's.
        let money = rent.and_then(|rent| {
            let digits = self.currency.digits();
            let rounded =
                rent.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointNearestEven);
            self.currency.money(rounded).filter(|money| *money >= Money::ZERO)
        });
        if money.is_none() {
            let found = lease.rent_usd_per_chip_month.or(lease.rent_usd_per_month).unwrap_or_default();
            self.fail(&at(field), found, "a rent from 0, of the fleet below ten trillion a month");
        }
        money
    }

    /// Rent by month: a month cut by a date owes its days over the days of the month, half-even; chips that the owner
    /// does not make good owe none.
    fn rents(&self, lease: &ChipLease, terms: &ChipTerms, monthly: Money) -> Vec<i64> {
        let last = Month::of(lease.expiration) - self.first_month;
        let months = terms.first as i32..=last;
        let rent = |month: i32| {
            let calendar = self.first_month + month;
            let from = lease.commencement.max(calendar.first_day());
            let to = lease.expiration.min(calendar.last_day());
            let days = i128::from((to - from).num_days() + 1);
            let owed = Ratio::new(days, calendar.days().into())
                .and_then(|part| part.of(monthly, Rounding::HalfEven))
                .map_or(0, Money::minor);
            match terms.failures {
                FailuresBorneBy::Tenant => owed,
                FailuresBorneBy::Owner => {
                    (owed as f64 * terms.unaided_share(month as u32)).round_ties_even() as i64
                }
            }
        };
        months.map(rent).collect()
    }
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}
