//! What sites cost and what they are worth along a path.

use super::Periods;
use super::tally::Tally;
use super::term::{cents, small_cents};
use crate::money::Money;
use crate::pool::SiteTerms;
use crate::scenario::Scenario;

/// Hours in an average month: 8,760 / 12.
const HOURS: f64 = 730.0;
/// Milliwatts in a kilowatt.
const MILLIWATTS: f64 = 1e6;
/// No cap rate is taken below ten basis points, whatever the shift.
const LEAST_CAP_RATE: f64 = 0.001;

/// A site along a path.
#[derive(Clone, Copy)]
pub(super) struct SitePath<'a> {
    pub index: usize,
    pub site: &'a SiteTerms,
    /// The site's own cost inflation by month.
    pub inflation: &'a [f64],
    /// What running the site costs by month while the scenario's cost index is one.
    pub running: &'a [i64],
    /// The largest of each.
    pub most: (f64, i64),
    pub scenario: &'a Scenario,
}

impl SitePath<'_> {
    /// Cost level in a month over that at the cut-off date.
    fn cost_level(&self, month: usize) -> f64 {
        self.inflation[month] * self.scenario.costs[month]
    }
}

/// What all sites cost by month, in minor units.
#[derive(Clone, Debug, Default)]
pub(super) struct SiteCosts {
    pub expenses: Vec<i64>,
    pub reimbursed: Vec<i64>,
    /// No sum is greater in size, of those that were added up without a look at each.
    bound: f64,
}

impl SiteCosts {
    /// Nothing yet, in any month.
    pub fn clear(&mut self, months: usize) {
        self.bound = 0.0;
        for amounts in [&mut self.expenses, &mut self.reimbursed] {
            amounts.clear();
            amounts.resize(months, 0);
        }
    }

    /// Adds a site's costs of every month before `stop`.
    ///
    /// Operating cost = kW ready x opex; property tax and ground rent 1/12 a year from the first phase on; all
    /// three x the site's inflation x the scenario's cost index. Power = kW in use x PUE x 730 x price. Tenants
    /// reimburse operating cost and tax on their kW, and power, at their shares. Each is rounded once.
    pub fn add(&mut self, path: SitePath, uses: SiteUses, stop: usize) {
        let SitePath { site, scenario, .. } = path;
        let stop = stop.min(path.inflation.len()).min(self.expenses.len()).min(uses.opex.len());
        let per_kw = site.opex_per_kw_month + per(site.tax_per_month, site.total_kw);
        let kwh_price = site.pue * HOURS * site.power_per_kwh / MILLIWATTS;
        let calm = scenario.costs[..stop].iter().fold(true, |calm, &costs| calm & (costs == 1.0));
        let mut used = Used::default();
        let mut month = 0;
        while month < stop {
            used.add(&uses, month);
            let price = scenario.power_price[month];
            // Uses and the price of power stand still in most months, and so does its cost.
            let moves = |&next: &usize| uses.change(next) || scenario.power_price[next] != price;
            let end = (month + 1..stop).find(moves).unwrap_or(stop);
            let power = used.power(kwh_price * price);
            let opex_kw = used.opex as f64 / MILLIWATTS;
            let (highest, running) = path.most;
            let spent = running as f64 + power.spent as f64;
            let most = spent.max(opex_kw * per_kw * highest + power.reimbursed as f64);
            self.bound += most;
            let few = calm && most < Money::LIMIT.minor() as f64 && self.bound < 9e18;
            let sums = self.expenses[month..end].iter_mut().zip(&mut self.reimbursed[month..end]);
            let months = sums.zip(path.inflation[month..end].iter().zip(&path.running[month..end]));
            if few {
                for ((expenses, reimbursed), (&level, &running)) in months {
                    let paid_back = small_cents(opex_kw * (per_kw * level)).wrapping_add(power.reimbursed);
                    *expenses = expenses.wrapping_add(running.wrapping_add(power.spent));
                    *reimbursed = reimbursed.wrapping_add(paid_back);
                }
            } else {
                for (((expenses, reimbursed), (&inflation, &running)), month) in months.zip(month..) {
                    let level = inflation * scenario.costs[month];
                    let running = match scenario.costs[month] == 1.0 {
                        true => running,
                        false => running_cost(site, ready_kw(site, month), level),
                    };
                    let paid_back = cents(opex_kw * (per_kw * level)).saturating_add(power.reimbursed);
                    *expenses = expenses.saturating_add(running.saturating_add(power.spent));
                    *reimbursed = reimbursed.saturating_add(paid_back);
                }
            }
            month = end;
        }
    }
}

/// What is in use at a site in a month: running sums of [`SiteUses`].
#[derive(Default)]
struct Used {
    opex: i64,
    load: i64,
    load_reimbursed: i64,
}

impl Used {
    /// Moves on to a month.
    fn add(&mut self, uses: &SiteUses, month: usize) {
        self.opex = self.opex.wrapping_add(uses.opex[month]);
        self.load = self.load.wrapping_add(uses.load[month]);
        self.load_reimbursed = self.load_reimbursed.wrapping_add(uses.load_reimbursed[month]);
    }

    fn power(&self, price: f64) -> Power {
        let spent = cents(self.load as f64 * price);
        let same = self.load_reimbursed == self.load;
        let reimbursed = if same { spent } else { cents(self.load_reimbursed as f64 * price) };
        Power { spent, reimbursed }
    }
}

/// What a site's power costs in a month, at a price per milliwatt-month, and what tenants pay back of it.
struct Power {
    spent: i64,
    reimbursed: i64,
}

/// Operating cost of the kW ready, and tax and ground rent once any is, in a month at a cost level.
fn running_cost(site: &SiteTerms, ready: f64, level: f64) -> i64 {
    let fixed = if ready > 0.0 { site.tax_per_month + site.ground_rent_per_month } else { 0.0 };
    cents((ready * site.opex_per_kw_month + fixed) * level)
}

/// [`running_cost`] of every month at the site's own inflation.
pub(super) fn running_costs<'a>(site: &'a SiteTerms, inflation: &'a [f64]) -> impl Iterator<Item = i64> + 'a {
    let cost = move |(month, &level)| running_cost(site, ready_kw(site, month), level);
    inflation.iter().enumerate().map(cost)
}

/// kW ready in a month.
fn ready_kw(site: &SiteTerms, month: usize) -> f64 {
    let begun = site.ready_kw.partition_point(|&(from, _)| from as usize <= month);
    begun.checked_sub(1).map_or(0.0, |last| site.ready_kw[last].1)
}

/// One site's uses, as differences by month.
#[derive(Clone, Copy)]
pub(super) struct SiteUses<'a> {
    pub opex: &'a [i64],
    pub load: &'a [i64],
    pub load_reimbursed: &'a [i64],
}

impl SiteUses<'_> {
    /// Whether anything is otherwise in a month than in the one before.
    #[inline]
    fn change(&self, month: usize) -> bool {
        self.opex[month] | self.load[month] | self.load_reimbursed[month] != 0
    }
}

/// The site's value at the end of each collection period that is `valued`, in minor units, into `values`.
/// Of the others it is zero.
///
/// ```text
/// stabilised income = 12 x (rent of signed leases + credit x market rent x kW not let - costs borne)
/// value = appraised value x income / income at cut-off x cap rate / (cap rate + shift) x appraisal factor
/// ```
///
/// Market rent is that of halls as dense as the site's were built: refits pay for themselves or not, and a valuation
/// counts neither side. Without an appraisal, value is income over the cap rate; where income at cut-off is not positive, the
/// appraised value moves with market rent instead.
pub(super) fn site_values(
    path: SitePath,
    periods: &Periods,
    tally: &Tally,
    reference: Reference,
    valued: &[bool],
    values: &mut [f64],
) {
    let SitePath { index, site, scenario, .. } = path;
    let range = tally.periods_of(index);
    let (rolls, spaces) = (&tally.signed_roll[range.clone()], &tally.signed_space[range.clone()]);
    let (opexes, loads) = (&tally.signed_opex[range.clone()], &tally.signed_load[range]);
    let reference_income = reference.income(scenario.vacancy_credit);
    let (mut roll, mut space, mut opex, mut load) = (0_i64, 0_i64, 0_i64, 0_i64);
    let mut summed = 0;
    values.fill(0.0);
    for period in (0..values.len()).filter(|&period| valued[period]) {
        let changes = summed..period + 1;
        roll = plus(roll, &rolls[changes.clone()]);
        space = plus(space, &spaces[changes.clone()]);
        opex = plus(opex, &opexes[changes.clone()]);
        load = plus(load, &loads[changes]);
        summed = period + 1;
        let month = periods.last_month(period);
        let fits = scenario.hall_rent_share(site.hall_density_kw, month);
        let market = scenario.market_rent[site.market * scenario.months + month] * fits;
        let level = path.cost_level(month);
        let books = Books { roll: roll as f64, space, opex, load };
        let income = books.income(site, market, level, scenario.power_price[month], scenario.vacancy_credit);
        let shifted = (site.cap_rate + scenario.cap_rate_shift[month]).max(LEAST_CAP_RATE);
        let value = match site.appraised_value {
            None => income / shifted,
            Some(appraised) => {
                let moved = if reference_income > 0.0 { income / reference_income } else { market };
                appraised * moved * site.cap_rate / shifted
            }
        };
        values[period] = (value * scenario.appraisal[index * scenario.months + month]).max(0.0);
    }
}

/// A step function's level after more changes.
fn plus(level: i64, changes: &[i64]) -> i64 {
    changes.iter().fold(level, |level, change| level.wrapping_add(*change))
}

/// A site's state for a valuation.
pub(super) struct Books {
    pub roll: f64,
    pub space: i64,
    pub opex: i64,
    pub load: i64,
}

impl Books {
    /// Stabilised income a year.
    fn income(&self, site: &SiteTerms, market: f64, level: f64, power: f64, credit: f64) -> f64 {
        let empty = (site.total_kw - self.space as f64 / MILLIWATTS).max(0.0);
        let vacant = credit * site.market_rent_per_kw * market * empty;
        12.0 * (self.roll + vacant - self.costs(site, level, power))
    }

    /// Costs a month that no tenant reimburses, all phases ready.
    fn costs(&self, site: &SiteTerms, level: f64, power: f64) -> f64 {
        let reimbursed = self.opex as f64 / MILLIWATTS;
        let per_kw = site.opex_per_kw_month + per(site.tax_per_month, site.total_kw);
        let running = (site.total_kw - reimbursed) * per_kw + site.ground_rent_per_month;
        running * level + self.load as f64 / MILLIWATTS * site.pue * HOURS * site.power_per_kwh * power
    }
}

/// Stabilised income at the cut-off date on the tape's own figures: what the appraisal saw.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reference {
    /// With no credit for empty space, and what full credit adds.
    base: f64,
    credit: f64,
}

impl Reference {
    pub fn new(site: &SiteTerms, books: &Books) -> Reference {
        let base = books.income(site, 1.0, 1.0, 1.0, 0.0);
        Reference { base, credit: books.income(site, 1.0, 1.0, 1.0, 1.0) - base }
    }

    fn income(self, credit: f64) -> f64 {
        self.base + credit * self.credit
    }
}

fn per(amount: f64, kw: f64) -> f64 {
    if kw > 0.0 { amount / kw } else { 0.0 }
}
