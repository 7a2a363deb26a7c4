//! The contractual rent of a lease, month by month, exact to the cent.
//!
//! Year `n` after the cut-off date owes `kw x rate x (1 + e)^n x ramp share` a month, formed in decimals
//! and rounded half-even once per lease and month. A month cut by a date (commencement, expiration,
//! anniversary, ramp step, end of free rent) owes each part by its days over the days of the month.
//!
//! Months are counted from the first collected month, which is 0.

use super::lease::{EscalatorKind, Lease, RenewalRent};
use crate::money::{Currency, Money};
use crate::time::{Date, Month, add_months};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The last month that is ever projected: 300 years.
pub(crate) const MAX_MONTHS: u32 = 3_600;

/// A monthly amount owed over consecutive months.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RentStep {
    /// The first month.
    pub from: u32,
    /// The month after the last.
    pub to: u32,
    /// Owed each month.
    pub amount: Money,
    /// The same in minor units before rounding, and before any CPI escalation.
    pub(crate) exact: f64,
    /// Anniversaries since the cut-off date, for a CPI escalator.
    pub(crate) year: u32,
}

/// Space and power in use over consecutive months, in milliwatts so that they add exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UseStep {
    pub from: u32,
    pub to: u32,
    pub space_mw: i64,
    pub load_mw: i64,
}

/// What a lease owes if nothing goes wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RentTerms {
    /// Cash rent over the term in force, month by month in steps, without gaps in order.
    pub cash: Vec<RentStep>,
    /// Rent in force at each month's end, whatever is free or ramped.
    pub roll: Vec<RentStep>,
    pub uses: Vec<UseStep>,
    /// Rent of each renewal term in turn, for leases whose renewal rent is known in advance.
    pub options: Vec<Vec<RentStep>>,
    /// Full rent a month at the tape's rate, in minor units.
    pub base: f64,
    /// The first month in which the lease has days, the month after the last one, and the first month
    /// whose end it does not reach.
    pub first: u32,
    pub end: u32,
    pub roll_end: u32,
    /// Days of the month of expiration that are left after it, over the days of that month.
    pub stub: Option<(u32, u32)>,
    /// Months after `first_month` of the first whole month on or after the next anniversary, from which
    /// anniversaries follow every 12.
    pub first_anniversary: u32,
}

/// The terms of a lease, or `None` if an amount passes what a file may state.
pub(crate) fn rent_steps(
    lease: &Lease,
    cut_off: Date,
    first_month: Month,
    currency: Currency,
) -> Option<RentTerms> {
    let from = lease.commencement.max(first_month.first_day());
    let past = lease.expiration.succ_opt()?;
    if past <= from {
        return None;
    }
    let clock = Clock { first_month };
    let base = cut_off.max(lease.commencement);
    let anniversaries = anniversaries(lease.commencement, base, past);
    let cpi = lease.escalator == EscalatorKind::Cpi;
    // A CPI escalator acts in whole months, since its amount is known only along a path.
    let steps_on: Vec<Date> = anniversaries
        .iter()
        .map(|&date| if cpi { clock.whole_month(date).first_day() } else { date })
        .collect();
    let mut full = FullRent::new(lease, currency)?;
    let free_until = add_months(lease.commencement, lease.free_rent_months.unwrap_or(0) as i32);
    let ramp = lease.ramp.as_ref().map(|ramp| ramp.steps()).unwrap_or_default();
    let ramp_dates: Vec<Date> =
        ramp.iter().map(|&(month, _)| add_months(lease.commencement, month as i32)).collect();
    let share_on = |date: Date| {
        let after = ramp_dates.partition_point(|&d| d <= date);
        ramp.get(after.saturating_sub(1)).map_or(Decimal::ONE, |&(_, share)| share)
    };

    let mut cuts: Vec<Date> = steps_on.iter().chain(&ramp_dates).copied().chain([free_until, past]).collect();
    cuts.retain(|&date| date > from && date <= past);
    cuts.sort_unstable();
    cuts.dedup();

    let mut cash = Builder::new(clock);
    let mut space = Builder::new(clock);
    let mut load = Builder::new(clock);
    let megawatt = Decimal::from(1_000_000);
    let space_mw = lease.kw.checked_mul(megawatt)?;
    let load_mw = space_mw.checked_mul(lease.load())?;
    let mut start = from;
    for &cut in &cuts {
        let year = steps_on.partition_point(|&date| date <= start) as u32;
        let share = share_on(start);
        let due = if start < free_until {
            Decimal::ZERO
        } else {
            full.year(if cpi { 0 } else { year })?.checked_mul(share)?
        };
        cash.piece(start, cut, due, year)?;
        space.piece(start, cut, space_mw, 0)?;
        load.piece(start, cut, load_mw.checked_mul(share)?, 0)?;
        start = cut;
    }

    let end = clock.index(Month::of(lease.expiration)) + 1;
    let last = Month::of(lease.expiration);
    let stub_days = (last.last_day() - lease.expiration).num_days() as u32;
    let roll_end = if stub_days == 0 { end } else { end - 1 };
    let first = clock.index(Month::of(from));
    // The first month that begins on or after the next anniversary, in or after the term.
    let first_anniversary = clock.index(clock.whole_month(next_anniversary(lease.commencement, base)));
    let roll = roll_steps(&mut full, &clock, &steps_on, first, roll_end, cpi)?;
    let options = match lease.renewal_rent {
        RenewalRent::Market => Vec::new(),
        _ if cpi => Vec::new(),
        RenewalRent::Same | RenewalRent::Lesser => option_steps(lease, &mut full, end, first_anniversary)?,
    };
    Some(RentTerms {
        base: full.year(0)?.to_f64()?,
        cash: cash.finish()?,
        roll,
        uses: merge_uses(&space.finish()?, &load.finish()?),
        options,
        first,
        end,
        roll_end,
        stub: (stub_days > 0).then_some((stub_days, last.days())),
        first_anniversary,
    })
}

/// Full rent by year, `kw x rate x (1 + e)^n` in minor units, each year formed once.
struct FullRent {
    years: Vec<Decimal>,
    growth: Decimal,
}

impl FullRent {
    fn new(lease: &Lease, currency: Currency) -> Option<FullRent> {
        let growth = match lease.escalator {
            EscalatorKind::Fixed => Decimal::ONE.checked_add(lease.escalator_rate.unwrap_or_default())?,
            EscalatorKind::None | EscalatorKind::Cpi => Decimal::ONE,
        };
        let minor = Decimal::from(currency.minor_per_major());
        let first = lease.kw.checked_mul(lease.rent_usd_per_kw_month)?.checked_mul(minor)?;
        Some(FullRent { years: vec![within_limit(first)?], growth })
    }

    fn year(&mut self, n: u32) -> Option<Decimal> {
        while self.years.len() <= n as usize {
            let next = self.years.last()?.checked_mul(self.growth)?;
            self.years.push(within_limit(next)?);
        }
        self.years.get(n as usize).copied()
    }
}

/// Months counted from the first collected one.
#[derive(Clone, Copy)]
struct Clock {
    first_month: Month,
}

impl Clock {
    fn index(&self, month: Month) -> u32 {
        (month - self.first_month).max(0) as u32
    }

    /// The first month that begins on or after a date.
    fn whole_month(&self, date: Date) -> Month {
        let month = Month::of(date);
        if date == month.first_day() { month } else { month + 1 }
    }
}

fn within_limit(amount: Decimal) -> Option<Decimal> {
    (amount <= Decimal::from(Money::LIMIT.minor())).then_some(amount)
}

/// The first anniversary after `base`.
fn next_anniversary(commencement: Date, base: Date) -> Date {
    let years = ((Month::of(base) - Month::of(commencement)) / 12).max(1);
    let date = add_months(commencement, 12 * years);
    if date > base { date } else { add_months(commencement, 12 * (years + 1)) }
}

/// The anniversaries after `base` and before `past`.
fn anniversaries(commencement: Date, base: Date, past: Date) -> Vec<Date> {
    let first = next_anniversary(commencement, base);
    let years = (Month::of(first) - Month::of(commencement)) / 12;
    let dates = (years..).map(|n| add_months(commencement, 12 * n));
    dates.take_while(|&date| date < past && date < Date::MAX).collect()
}

/// Collects pieces of days into monthly steps, each month rounded once.
struct Builder {
    clock: Clock,
    steps: Vec<RentStep>,
    /// A month cut by a date: amount x days so far, the days of the month, and the year of the first part.
    open: Option<(Month, Decimal, u32)>,
}

impl Builder {
    fn new(clock: Clock) -> Builder {
        Builder { clock, steps: Vec::new(), open: None }
    }

    /// `monthly` is owed a month from `start` until the day before `end`.
    fn piece(&mut self, start: Date, end: Date, monthly: Decimal, year: u32) -> Option<()> {
        let mut day = start;
        while day < end {
            let month = Month::of(day);
            let next = (month + 1).first_day();
            if day == month.first_day() && next <= end {
                self.close()?;
                let last = Month::of(end);
                self.push(self.clock.index(month), self.clock.index(last), monthly, year)?;
                day = last.first_day();
                continue;
            }
            if self.open.is_some_and(|(open, _, _)| open != month) {
                self.close()?;
            }
            let until = end.min(next);
            let part = monthly.checked_mul(Decimal::from((until - day).num_days()))?;
            let (_, sum, first_year) = self.open.unwrap_or((month, Decimal::ZERO, year));
            self.open = Some((month, sum.checked_add(part)?, first_year));
            day = until;
        }
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        if let Some((month, sum, year)) = self.open.take() {
            let index = self.clock.index(month);
            self.push(index, index + 1, sum.checked_div(Decimal::from(month.days()))?, year)?;
        }
        Some(())
    }

    fn push(&mut self, from: u32, to: u32, monthly: Decimal, year: u32) -> Option<()> {
        self.steps.push(step(from, to, monthly, year)?);
        Some(())
    }

    fn finish(mut self) -> Option<Vec<RentStep>> {
        self.close()?;
        Some(self.steps)
    }
}

fn step(from: u32, to: u32, monthly: Decimal, year: u32) -> Option<RentStep> {
    // Decimal::round is half-even.
    let amount = Money::from_minor(monthly.round().to_i64()?);
    Some(RentStep { from, to, amount, exact: monthly.to_f64()?, year })
}

fn roll_steps(
    full: &mut FullRent,
    clock: &Clock,
    steps_on: &[Date],
    first: u32,
    roll_end: u32,
    cpi: bool,
) -> Option<Vec<RentStep>> {
    let mut steps = Vec::with_capacity(steps_on.len() + 1);
    let mut from = first;
    for (year, to) in steps_on.iter().map(|&date| clock.index(Month::of(date))).chain([roll_end]).enumerate()
    {
        let to = to.min(roll_end);
        if to > from {
            steps.push(step(from, to, full.year(if cpi { 0 } else { year as u32 })?, year as u32)?);
            from = to;
        }
    }
    Some(steps)
}

/// Renewal terms at the rent that the escalator leads to, times the factor once per renewal.
fn option_steps(
    lease: &Lease,
    full: &mut FullRent,
    end: u32,
    first_anniversary: u32,
) -> Option<Vec<Vec<RentStep>>> {
    let (count, months) = (lease.renewal_options.unwrap_or(0), lease.renewal_months.unwrap_or(0));
    let factor = lease.renewal_rent_factor.unwrap_or(Decimal::ONE);
    let mut options = Vec::new();
    let (mut start, mut scale) = (end, Decimal::ONE);
    for _ in 0..count {
        if months == 0 || start >= MAX_MONTHS {
            break;
        }
        scale = scale.checked_mul(factor)?;
        let past = start + months;
        let mut steps = Vec::new();
        let mut from = start;
        while from < past {
            // Anniversaries up to and including `from`.
            let year = if from < first_anniversary { 0 } else { 1 + (from - first_anniversary) / 12 };
            let to = past.min(first_anniversary + 12 * year);
            let monthly = within_limit(full.year(year)?.checked_mul(scale)?)?;
            steps.push(step(from, to, monthly, year)?);
            from = to;
        }
        options.push(steps);
        start = past;
    }
    Some(options)
}

/// Space has no ramp, so its steps are no finer than those of the load.
fn merge_uses(space: &[RentStep], load: &[RentStep]) -> Vec<UseStep> {
    let mut uses = Vec::with_capacity(load.len() + 2);
    let (mut s, mut l) = (0, 0);
    let mut from = space.first().map_or(0, |step| step.from);
    while let (Some(in_space), Some(in_load)) = (space.get(s), load.get(l)) {
        let to = in_space.to.min(in_load.to);
        uses.push(UseStep { from, to, space_mw: in_space.amount.minor(), load_mw: in_load.amount.minor() });
        s += usize::from(in_space.to == to);
        l += usize::from(in_load.to == to);
        from = to;
    }
    uses
}
