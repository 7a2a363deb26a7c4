//! Sums in the making: monthly amounts as differences, so that a rent owed for five years costs two writes.
//!
//! Everything is a whole number, so the order in which leases add themselves does not matter.

use super::term::cents;

/// A step function under construction: `diff[m]` is the change from month `m - 1` to `m`.
///
/// Additions wrap and the running sum unwraps them: only the sums themselves must fit 64 bits, which
/// [`Tally::bound`] watches.
#[inline]
pub(super) fn add(diff: &mut [i64], from: u32, to: u32, amount: i64) {
    let last = diff.len() - 1;
    let (from, to) = ((from as usize).min(last), (to as usize).min(last));
    diff[from] = diff[from].wrapping_add(amount);
    diff[to] = diff[to].wrapping_sub(amount);
}

/// The value of a step function at each of its places, given to `each`.
#[inline]
pub(super) fn run(diff: &[i64], mut each: impl FnMut(usize, i64)) {
    let mut level = 0_i64;
    for (place, change) in diff[..diff.len() - 1].iter().enumerate() {
        level = level.wrapping_add(*change);
        each(place, level);
    }
}

/// A residual value guarantee that is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct GuaranteeClaim {
    pub lease: usize,
    pub site: usize,
    /// From whose start the tenant is gone.
    pub month: u32,
    pub period: usize,
    pub guaranteed: i64,
    pub cap: i64,
    /// The lease's part of the site.
    pub share: f64,
}

impl GuaranteeClaim {
    /// What the premises are worth, and what the guarantee pays, of a site of this value.
    ///
    /// ```text
    /// paid = min(cap, max(0, guaranteed value - site value x lease kW / site kW))
    /// ```
    pub fn settle(&self, site_value: f64) -> (i64, i64) {
        let worth = cents(site_value * self.share);
        (worth, self.guaranteed.saturating_sub(worth).clamp(0, self.cap.max(0)))
    }
}

/// What the leases of a pool add up to. All step functions have one place more than they need.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub months: usize,
    pub periods: usize,
    /// By month.
    pub rent: Vec<i64>,
    pub guarantor: Vec<i64>,
    /// By site and month, milliwatts: space whose operating cost is reimbursed, power used, power whose
    /// cost is reimbursed.
    pub opex: Vec<i64>,
    pub load: Vec<i64>,
    pub load_reimbursed: Vec<i64>,
    /// By period: rent in force at its end, in all and by tenant.
    pub roll: Vec<i64>,
    pub tenant_roll: Vec<i64>,
    /// By site and period, what a valuation sees (signed leases from the start): rent, space let, space
    /// whose operating cost is reimbursed, power that the landlord bears.
    pub signed_roll: Vec<i64>,
    pub signed_space: Vec<i64>,
    pub signed_opex: Vec<i64>,
    pub signed_load: Vec<i64>,
    /// By period, plain amounts.
    pub fees: Vec<i64>,
    pub recoveries: Vec<i64>,
    pub reletting: Vec<i64>,
    pub claims: Vec<GuaranteeClaim>,
    /// No sum of this tally is greater in size.
    pub bound: f64,
}

impl Tally {
    pub fn new(months: usize, periods: usize, sites: usize, tenants: usize) -> Tally {
        let (by_month, by_period) = (months + 1, periods + 1);
        Tally {
            months,
            periods,
            rent: vec![0; by_month],
            guarantor: vec![0; by_month],
            opex: vec![0; sites * by_month],
            load: vec![0; sites * by_month],
            load_reimbursed: vec![0; sites * by_month],
            roll: vec![0; by_period],
            tenant_roll: vec![0; tenants * by_period],
            signed_roll: vec![0; sites * by_period],
            signed_space: vec![0; sites * by_period],
            signed_opex: vec![0; sites * by_period],
            signed_load: vec![0; sites * by_period],
            fees: vec![0; periods],
            recoveries: vec![0; periods],
            reletting: vec![0; periods],
            claims: Vec::new(),
            bound: 0.0,
        }
    }

    /// Becomes a copy of another tally, without allocation when the sizes agree; of rent by tenant only if
    /// that is asked for.
    pub fn copy_from(&mut self, other: &Tally, by_tenant: bool) {
        self.months = other.months;
        self.periods = other.periods;
        self.rent.clone_from(&other.rent);
        self.guarantor.clone_from(&other.guarantor);
        self.opex.clone_from(&other.opex);
        self.load.clone_from(&other.load);
        self.load_reimbursed.clone_from(&other.load_reimbursed);
        self.roll.clone_from(&other.roll);
        if by_tenant || self.tenant_roll.len() != other.tenant_roll.len() {
            self.tenant_roll.clone_from(&other.tenant_roll);
        }
        self.signed_roll.clone_from(&other.signed_roll);
        self.signed_space.clone_from(&other.signed_space);
        self.signed_opex.clone_from(&other.signed_opex);
        self.signed_load.clone_from(&other.signed_load);
        self.fees.clone_from(&other.fees);
        self.recoveries.clone_from(&other.recoveries);
        self.reletting.clone_from(&other.reletting);
        self.claims.clone_from(&other.claims);
        self.bound = other.bound;
    }

    /// One site's part of an array by site and month.
    pub fn site_months(&self, site: usize) -> std::ops::Range<usize> {
        site * (self.months + 1)..(site + 1) * (self.months + 1)
    }

    /// One site's (or tenant's) part of an array by site (or tenant) and period.
    pub fn periods_of(&self, index: usize) -> std::ops::Range<usize> {
        index * (self.periods + 1)..(index + 1) * (self.periods + 1)
    }
}
