//! Checks of records and across records. Every failure is a problem; none stops the others.

use super::{Assets, Locate};
use crate::asset::{ChipsFile, EscalatorKind, Lease, Product, RepLine, Site};
use crate::error::Problems;
use crate::money::Currency;
use crate::time::{Date, Month};
use chrono::Datelike;
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::fmt::Display;

/// The most months that a term may count.
const MONTHS: u32 = 1_200;

pub(super) fn check(
    currency: Currency,
    cut_off: Date,
    first_month: Month,
    assets: &Assets,
    places: &dyn Locate,
) -> Problems {
    let mut check = Check { currency, places, problems: Problems::new() };
    check.date("cut_off_date", cut_off);
    let markets = check.markets(assets);
    let tenants = check.tenants(assets);
    let sites = check.sites(assets, &markets);
    check.leases(assets, first_month, &tenants, &sites);
    check.loans(assets, &tenants);
    check.rep_lines(assets);
    check.halls(assets, &sites);
    check.capacity(assets, cut_off, &sites);
    check.problems
}

/// Fleets stand in sites and halls of the pool.
pub(super) fn chips(assets: &Assets, chips: &ChipsFile, places: &dyn Locate) -> Problems {
    let mut problems = Problems::new();
    for (i, fleet) in chips.fleets.iter().enumerate() {
        let mut fail = |field: &str, found: &str, expected: String| {
            let (path, found) = (format!("fleets[{i}].{field}"), format!("`{found}`"));
            problems.push(places.problem(&path, found, expected));
        };
        let sites = &assets.sites.sites;
        let site = fleet.site.as_ref().map(|id| (id, sites.iter().find(|site| site.id == *id)));
        if let Some((id, None)) = site {
            fail("site", id, expected_id("site", sites.iter().map(|site| site.id.as_str())));
        }
        match (&fleet.hall, site) {
            (Some(hall), Some((id, Some(site)))) if site.halls.iter().all(|known| known.id != *hall) => {
                fail("hall", hall, format!("a hall of the site `{id}`"));
            }
            (Some(hall), None) => fail("hall", hall, "a site beside it".to_owned()),
            _ => {}
        }
    }
    problems
}

struct Check<'a> {
    currency: Currency,
    places: &'a dyn Locate,
    problems: Problems,
}

impl Check<'_> {
    fn fail(&mut self, path: &str, found: impl Display, expected: impl Into<String>) {
        self.problems.push(self.places.problem(path, found.to_string(), expected.into()));
    }

    fn within(&mut self, path: &str, value: Decimal, low: Decimal, high: Decimal) {
        if value < low || value > high {
            self.fail(path, value, format!("{low} to {high}"));
        }
    }

    fn range(&mut self, path: &str, value: Option<Decimal>, low: i64, high: i64) {
        if let Some(value) = value {
            self.within(path, value, low.into(), high.into());
        }
    }

    /// A fraction of a loan's balance, with as many decimals as its payments are computed from.
    fn share(&mut self, path: &str, value: Option<Decimal>) {
        self.range(path, value, 0, 1);
        if let Some(value) = value.filter(|value| value.normalize().scale() > 10) {
            self.fail(path, value, "a number with at most 10 decimals");
        }
    }

    fn growth(&mut self, path: &str, value: Option<Decimal>) {
        let half = Decimal::new(5, 1);
        if let Some(value) = value.filter(|value| value.abs() > half) {
            self.fail(path, value, "-0.5 to 0.5, a fraction: 0.02 is 2%");
        }
    }

    fn positive(&mut self, path: &str, value: Decimal, high: i64) {
        if value <= Decimal::ZERO || value > high.into() {
            self.fail(path, value, format!("above 0, to {high}"));
        }
    }

    fn amount(&mut self, path: &str, value: Option<Decimal>) {
        let Some(value) = value else { return };
        if value < Decimal::ZERO {
            self.fail(path, value, "0 or more");
        } else if self.currency.money(value).is_none() {
            let digits = self.currency.digits();
            self.fail(path, value, format!("an amount of at most {digits} decimals, below ten trillion"));
        }
    }

    fn months(&mut self, path: &str, value: Option<u32>, low: u32, high: u32) {
        if let Some(value) = value.filter(|v| !(low..=high).contains(v)) {
            self.fail(path, value, format!("{low} to {high}"));
        }
    }

    fn date(&mut self, path: &str, date: Date) {
        if !(1900..=2200).contains(&date.year()) {
            self.fail(path, date, "a date from 1900 to 2200");
        }
    }

    /// Indices by id; empty and repeated ids are problems.
    fn ids<'a>(&mut self, list: &str, field: &str, ids: impl Iterator<Item = &'a str>) -> Ids<'a> {
        let mut index = HashMap::new();
        for (i, id) in ids.enumerate() {
            let path = format!("{list}[{i}].{field}");
            if id.is_empty() || id.trim() != id {
                self.fail(&path, format!("`{id}`"), "an id without blanks around it");
            }
            if index.contains_key(id) {
                self.fail(&path, format!("`{id}` again"), "an id that appears once");
            } else {
                index.insert(id, i);
            }
        }
        index
    }

    fn known(&mut self, path: &str, id: &str, ids: &Ids, what: &str) {
        if !ids.contains_key(id) {
            self.fail(path, format!("`{id}`"), expected_id(what, ids.keys().copied()));
        }
    }

    fn markets<'a>(&mut self, assets: &'a Assets) -> Ids<'a> {
        let markets = &assets.sites.markets;
        for (i, market) in markets.iter().enumerate() {
            let at = |field: &str| format!("markets[{i}].{field}");
            let rent = Some(market.market_rent_usd_per_kw_month);
            self.range(&at("market_rent_usd_per_kw_month"), rent, 0, 100_000);
            self.growth(&at("market_rent_growth"), Some(market.market_rent_growth));
        }
        self.ids("markets", "id", markets.iter().map(|market| market.id.as_str()))
    }

    fn tenants<'a>(&mut self, assets: &'a Assets) -> Ids<'a> {
        let tenants = &assets.tenants.tenants;
        let ids = self.ids("tenants", "id", tenants.iter().map(|tenant| tenant.id.as_str()));
        for (i, tenant) in tenants.iter().enumerate() {
            if let Some(terms) = &tenant.compute_revenue {
                let at = |field: &str| format!("tenants[{i}].compute_revenue.{field}");
                let work = Some(terms.h100_equivalents_per_kw);
                self.range(&at("h100_equivalents_per_kw"), work, 0, 1_000);
                self.range(&at("utilisation"), Some(terms.utilisation), 0, 1);
                let other = Some(terms.other_costs_usd_per_kw_month);
                self.range(&at("other_costs_usd_per_kw_month"), other, 0, 1_000_000);
            }
            let Some(guarantor) = tenant.guarantor.as_deref() else { continue };
            let path = format!("tenants[{i}].guarantor");
            self.known(&path, guarantor, &ids, "tenant");
            if guarantor == tenant.id {
                self.fail(&path, format!("`{guarantor}`, the tenant itself"), "another obligor");
            }
        }
        ids
    }

    fn sites<'a>(&mut self, assets: &'a Assets, markets: &Ids) -> Ids<'a> {
        let sites = &assets.sites.sites;
        for (i, site) in sites.iter().enumerate() {
            self.site(i, site, markets);
        }
        self.ids("sites", "id", sites.iter().map(|site| site.id.as_str()))
    }

    fn site(&mut self, i: usize, site: &Site, markets: &Ids) {
        let at = |field: &str| format!("sites[{i}].{field}");
        self.known(&at("market"), &site.market, markets, "market");
        if site.phases.is_empty() {
            self.fail(&at("phases"), "none", "at least one phase");
        }
        for (p, phase) in site.phases.iter().enumerate() {
            self.positive(&at(&format!("phases[{p}].kw")), phase.kw, 10_000_000);
            self.date(&at(&format!("phases[{p}].commencement")), phase.commencement);
        }
        for (h, hall) in site.halls.iter().enumerate() {
            self.positive(&at(&format!("halls[{h}].kw")), hall.kw, 10_000_000);
        }
        self.ids(&at("halls"), "id", site.halls.iter().map(|hall| hall.id.as_str()));
        if let Some(density) = site.hall_density_kw_per_rack {
            self.positive(&at("hall_density_kw_per_rack"), density, 100_000);
        }
        self.range(&at("pue"), Some(site.pue), 1, 5);
        self.positive(&at("cap_rate"), site.cap_rate, 1);
        self.range(&at("opex_usd_per_kw_month"), Some(site.opex_usd_per_kw_month), 0, 100_000);
        self.range(&at("power_price_usd_per_kwh"), Some(site.power_price_usd_per_kwh), 0, 10);
        self.range(&at("market_rent_usd_per_kw_month"), site.market_rent_usd_per_kw_month, 0, 100_000);
        self.growth(&at("cost_inflation"), Some(site.cost_inflation));
        self.amount(&at("build_cost"), site.build_cost);
        self.amount(&at("appraised_value"), site.appraised_value);
        self.amount(&at("property_tax_per_year"), Some(site.property_tax_per_year));
        self.amount(&at("ground_rent_per_year"), Some(site.ground_rent_per_year));
    }

    fn leases(&mut self, assets: &Assets, first_month: Month, tenants: &Ids, sites: &Ids) {
        for (i, lease) in assets.leases.iter().enumerate() {
            let at = |field: &str| format!("leases[{i}].{field}");
            self.known(&at("tenant"), &lease.tenant, tenants, "tenant");
            self.known(&at("site"), &lease.site, sites, "site");
            if let Some(guarantor) = &lease.guarantor {
                self.known(&at("guarantor"), guarantor, tenants, "tenant");
                if *guarantor == lease.tenant {
                    self.fail(
                        &at("guarantor"),
                        format!("`{guarantor}`, the tenant itself"),
                        "another obligor",
                    );
                }
            }
            if lease.product == Product::Chip {
                self.fail(&at("product"), "chip", "building: leases of chips stand in chip_leases.csv");
            }
            self.lease_dates(&at, lease, first_month);
            self.lease_rent(&at, lease);
            self.lease_rights(&at, lease);
        }
        self.ids("leases", "lease_id", assets.leases.iter().map(|lease| lease.lease_id.as_str()));
    }

    fn lease_dates(&mut self, at: &dyn Fn(&str) -> String, lease: &Lease, first_month: Month) {
        self.date(&at("commencement"), lease.commencement);
        self.date(&at("expiration"), lease.expiration);
        if lease.expiration <= lease.commencement {
            let expected = format!("a date after commencement, {}", lease.commencement);
            self.fail(&at("expiration"), lease.expiration, expected);
        } else if lease.expiration < first_month.first_day() {
            let expected = format!("{} or later, the first collected day", first_month.first_day());
            self.fail(&at("expiration"), lease.expiration, expected);
        }
        let first = lease.commencement.max(first_month.first_day());
        if let Some(date) = lease.early_termination_date.filter(|&d| d <= first || d >= lease.expiration) {
            let expected = format!("a date after {first} and before {}", lease.expiration);
            self.fail(&at("early_termination_date"), date, expected);
        }
    }

    fn lease_rent(&mut self, at: &dyn Fn(&str) -> String, lease: &Lease) {
        self.positive(&at("kw"), lease.kw, 10_000_000);
        self.range(&at("rent_usd_per_kw_month"), Some(lease.rent_usd_per_kw_month), 0, 100_000);
        self.growth(&at("escalator_rate"), lease.escalator_rate);
        self.growth(&at("cpi_floor"), lease.cpi_floor);
        self.growth(&at("cpi_cap"), lease.cpi_cap);
        let fixed = lease.escalator == EscalatorKind::Fixed;
        match lease.escalator_rate {
            None if fixed => self.fail(&at("escalator_rate"), "blank", "a rate, as the escalator is fixed"),
            Some(rate) if !fixed => {
                self.fail(&at("escalator_rate"), rate, "blank, as the escalator is not fixed");
            }
            _ => {}
        }
        let collar = [("cpi_floor", lease.cpi_floor), ("cpi_cap", lease.cpi_cap)];
        if lease.escalator != EscalatorKind::Cpi {
            for (field, value) in collar.into_iter().filter_map(|(f, v)| Some((f, v?))) {
                self.fail(&at(field), value, "blank, as the escalator is not cpi");
            }
        } else if let Some(cap) = lease.cpi_cap.filter(|&cap| cap < lease.cpi_floor.unwrap_or_default()) {
            self.fail(&at("cpi_cap"), cap, "at least the floor");
        }
        self.months(&at("free_rent_months"), lease.free_rent_months, 0, MONTHS);
        self.range(&at("opex_pass_through"), lease.opex_pass_through, 0, 1);
        self.range(&at("power_pass_through"), lease.power_pass_through, 0, 1);
        self.range(&at("load_factor"), lease.load_factor, 0, 1);
        self.amount(&at("security_deposit"), lease.security_deposit);
        self.amount(&at("letter_of_credit"), lease.letter_of_credit);
    }

    fn lease_rights(&mut self, at: &dyn Fn(&str) -> String, lease: &Lease) {
        self.months(&at("renewal_options"), lease.renewal_options, 0, 100);
        self.months(&at("renewal_months"), lease.renewal_months, 1, MONTHS);
        self.months(&at("renewal_notice_months"), lease.renewal_notice_months, 0, 120);
        self.range(&at("renewal_rent_factor"), lease.renewal_rent_factor, 0, 10);
        match (lease.renewal_options.unwrap_or(0), lease.renewal_months) {
            (1.., None) => self.fail(&at("renewal_months"), "blank", "a length, as there are options"),
            (0, Some(months)) => {
                self.fail(&at("renewal_months"), months, "blank, as there are no options");
            }
            _ => {}
        }
        self.range(&at("termination_fee_months"), lease.termination_fee_months, 0, MONTHS.into());
        self.amount(&at("termination_fee"), lease.termination_fee);
        let fees = [
            ("termination_fee_months", lease.termination_fee_months),
            ("termination_fee", lease.termination_fee),
        ];
        if lease.early_termination_date.is_none() {
            for (field, value) in fees.into_iter().filter_map(|(f, v)| Some((f, v?))) {
                self.fail(&at(field), value, "blank, as there is no early_termination_date");
            }
        }
        self.amount(&at("rvg_amount"), lease.rvg_amount);
        self.amount(&at("rvg_cap"), lease.rvg_cap);
        for &(_, amount) in lease.rvg_schedule.iter().flat_map(|schedule| schedule.steps()) {
            self.amount(&at("rvg_schedule"), Some(amount));
        }
        match (lease.rvg_amount, &lease.rvg_schedule, lease.rvg_cap) {
            (Some(amount), Some(_), _) => self.fail(&at("rvg_amount"), amount, "blank beside a schedule"),
            (None, None, Some(cap)) => self.fail(&at("rvg_cap"), cap, "blank without a guaranteed value"),
            _ => {}
        }
    }

    fn loans(&mut self, assets: &Assets, tenants: &Ids) {
        for (i, loan) in assets.loans.iter().enumerate() {
            let at = |field: &str| format!("loans[{i}].{field}");
            self.known(&at("obligor"), &loan.obligor, tenants, "tenant");
            if loan.balance.is_zero() {
                self.fail(&at("balance"), loan.balance, "above 0");
            }
            self.amount(&at("balance"), Some(loan.balance));
            self.share(&at("rate"), Some(loan.rate));
            self.share(&at("recovery_rate"), loan.recovery_rate);
            self.months(&at("recovery_lag_months"), loan.recovery_lag_months, 0, MONTHS);
            let most = MONTHS / loan.payment_frequency.months() as u32;
            self.months(&at("payments_remaining"), Some(loan.payments_remaining), 1, most);
        }
        self.ids("loans", "loan_id", assets.loans.iter().map(|loan| loan.loan_id.as_str()));
    }

    fn rep_lines(&mut self, assets: &Assets) {
        for (i, line) in assets.rep_lines.iter().enumerate() {
            let at = |field: &str| format!("rep_lines[{i}].{field}");
            if line.balance.is_zero() {
                self.fail(&at("balance"), line.balance, "above 0");
            }
            self.amount(&at("balance"), Some(line.balance));
            self.share(&at("rate"), Some(line.rate));
            self.months(&at("remaining_months"), Some(line.remaining_months), 1, MONTHS);
            self.months(&at("age_months"), line.age_months, 0, MONTHS);
            self.months(&at("interest_only_months"), line.interest_only_months, 0, MONTHS);
            self.months(&at("amortization_months"), line.amortization_months, line.remaining_months, MONTHS);
            self.floating(&at, line, assets);
        }
        self.ids("rep_lines", "line_id", assets.rep_lines.iter().map(|line| line.line_id.as_str()));
    }

    /// What belongs to a rate that is reset is there with an index and not without.
    fn floating(&mut self, at: &dyn Fn(&str) -> String, line: &RepLine, assets: &Assets) {
        let shares = [
            ("margin", line.margin),
            ("initial_cap", line.initial_cap),
            ("periodic_cap", line.periodic_cap),
            ("rate_ceiling", line.rate_ceiling),
            ("rate_floor", line.rate_floor),
        ];
        let counts = [
            ("fixed_months", line.fixed_months, 0),
            ("reset_months", line.reset_months, 1),
            ("lookback_months", line.lookback_months, 0),
        ];
        for (field, value) in shares {
            self.share(&at(field), value);
        }
        for (field, value, low) in counts {
            self.months(&at(field), value, low, MONTHS);
        }
        let Some(index) = &line.index else {
            let given = shares.iter().filter(|(_, value)| value.is_some()).map(|(field, _)| field);
            let counted = counts.iter().filter(|(_, value, _)| value.is_some()).map(|(field, ..)| field);
            for field in given.chain(counted) {
                self.fail(&at(field), format!("`{field}`"), "blank without an `index`");
            }
            return;
        };
        if !assets.indices.contains_key(index) {
            let expected = expected_id("forward curve", assets.indices.keys().map(String::as_str));
            self.fail(&at("index"), format!("`{index}`"), expected);
        }
        if line.rate_floor.zip(line.rate_ceiling).is_some_and(|(floor, ceiling)| floor > ceiling) {
            self.fail(&at("rate_floor"), line.rate_floor.unwrap_or_default(), "at most the `rate_ceiling`");
        }
    }

    fn halls(&mut self, assets: &Assets, sites: &Ids) {
        let mut of_hall: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (i, lease) in assets.leases.iter().enumerate() {
            let site = sites.get(lease.site.as_str()).and_then(|&s| assets.sites.sites.get(s));
            let (Some(site), Some(hall)) = (site, lease.hall.as_deref()) else { continue };
            let path = format!("leases[{i}].hall");
            let Some(known) = site.halls.iter().find(|h| h.id == hall) else {
                self.fail(&path, format!("`{hall}`"), format!("a hall of the site `{}`", site.id));
                continue;
            };
            if lease.kw > known.kw {
                self.fail(
                    &format!("leases[{i}].kw"),
                    lease.kw,
                    format!("at most the hall's {} kW", known.kw),
                );
            }
            of_hall.entry((&lease.site, hall)).or_default().push(i);
        }
        for ((_, hall), mut indices) in of_hall {
            indices.sort_by_key(|&i| (assets.leases[i].commencement, i));
            // The lease that holds the hall longest so far.
            let mut holder = indices[0];
            for &i in &indices[1..] {
                let (lease, held) = (&assets.leases[i], &assets.leases[holder]);
                if lease.commencement <= held.expiration {
                    let found =
                        format!("{}, while `{}` has hall `{hall}`", lease.commencement, held.lease_id);
                    let expected = format!("a date after {}", held.expiration);
                    self.fail(&format!("leases[{i}].commencement"), found, expected);
                }
                if lease.expiration > held.expiration {
                    holder = i;
                }
            }
        }
    }

    /// Sweeps each site's days of change: what is let may never pass what is ready.
    fn capacity(&mut self, assets: &Assets, cut_off: Date, sites: &Ids) {
        // (day, kW ready + or let -, the lease that takes it)
        let mut changes: Vec<Vec<(Date, Decimal, Option<usize>)>> = assets
            .sites
            .sites
            .iter()
            .map(|site| site.phases.iter().map(|p| (p.commencement, p.kw, None)).collect())
            .collect();
        for (i, lease) in assets.leases.iter().enumerate() {
            let site = sites.get(lease.site.as_str()).and_then(|&s| changes.get_mut(s));
            let (Some(site), Some(past)) = (site, lease.expiration.succ_opt()) else { continue };
            let from = lease.commencement.max(cut_off);
            if lease.kw > Decimal::ZERO && from < past {
                site.push((from, -lease.kw, Some(i)));
                site.push((past, lease.kw, None));
            }
        }
        for (site, mut changes) in assets.sites.sites.iter().zip(changes) {
            changes.sort_by_key(|&(day, _, lease)| (day, lease));
            let mut spare = Decimal::ZERO;
            for (day, change, lease) in changes {
                spare = spare.saturating_add(change);
                let Some(lease) = lease else { continue };
                if spare < Decimal::ZERO {
                    let over = -spare;
                    let found = format!("{} kW, {over} kW too many on {day}", -change);
                    let expected = format!("no more than the site `{}` has ready and unlet", site.id);
                    self.fail(&format!("leases[{lease}].kw"), found, expected);
                }
            }
        }
    }
}

type Ids<'a> = HashMap<&'a str, usize>;

/// Names the ids if they are few.
pub(crate) fn expected_id<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = ids.collect();
    names.sort_unstable();
    match names.len() {
        0 => format!("the id of a {what} (there is none)"),
        1..=8 => format!("the id of a {what}: {}", names.join(", ")),
        n => format!("the id of one of the {n} {what}s"),
    }
}
