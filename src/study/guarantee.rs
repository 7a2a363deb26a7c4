//! Residual value guarantees against the value path: what they pay if tenants leave at each end of a term.

use super::stress::shortfall;
use crate::collection::guarantee_calls;
use crate::error::Error;
use crate::folder::Folder;
use crate::money::Money;
use crate::scenario::{Departure, Renewal};
use crate::time::Date;
use crate::waterfall::NoteRow;

/// One end of a term in one scenario: all tenants whose leases have a residual value guarantee stay until then, and leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuaranteeExit {
    /// The scenario whose values count.
    pub scenario: String,
    /// The first day on which a tenant is gone.
    pub exit: Date,
    /// Leases that end so; fewer than have a guarantee where tenant and guarantor are bankrupt, or a site is sold, before.
    pub leases: usize,
    /// What the premises are guaranteed to be worth.
    pub guaranteed: Money,
    /// What they are worth on the scenario's path, tenants gone.
    pub property_value: Money,
    /// The most that guarantors pay; `None` if one has no limit.
    pub cap: Option<Money>,
    /// What they pay: of each lease what value lacks, up to its cap.
    pub paid: Money,
    /// Balance of all notes before the first payment date on or after the exit.
    pub notes_outstanding: Money,
    /// Their balance after the payment date that distributes the last of what is paid.
    pub notes_after: Money,
    /// What the notes then lack if the premises fetch their value: `max(0, notes after - property value)`.
    pub shortfall: Money,
    /// Principal of all notes that is never paid if the premises are not sold but let again, as the scenario has it.
    pub principal_shortfall: Money,
}

/// The exits of a scenario, in order of time, up to the first at which nothing is guaranteed any more; none where no lease on tape has a guarantee.
///
/// Tenants exercise their options up to the exit whatever the market, and none from it on: the question is what the
/// guarantee is worth then, not whether they go.
///
/// # Errors
/// As [`Folder::run`].
pub fn guarantee_exits(folder: &Folder, scenario: &str) -> Result<Vec<GuaranteeExit>, Error> {
    let pool = folder.pool();
    let Some(periods) =
        folder.periods().filter(|_| pool.lease_terms.iter().any(|terms| terms.guaranteed_value.is_some()))
    else {
        return Ok(Vec::new());
    };
    let (base, program) = (folder.scenario(scenario)?, folder.program_in(scenario)?);
    // Payment dates that are reported come before those that are projected.
    let reported = folder.program().schedule().periods().len().saturating_sub(periods.len());
    let options = pool.lease_terms.iter().map(|terms| terms.options).max().unwrap_or(0);
    let mut exits = Vec::new();
    let mut ran_out = false;
    for used in 0..=options {
        let (mut state, mut first, mut guaranteed) = (base.clone(), None, 0_i64);
        for (terms, rollover) in pool.lease_terms.iter().zip(&mut state.rollovers) {
            let Some(guarantee) = &terms.guaranteed_value else { continue };
            let end =
                terms.rent.end.saturating_add(used.min(terms.options).saturating_mul(terms.option_months));
            (rollover.renewal, rollover.departure) = (Renewal::Until(end), Departure::AtExpiration);
            if used <= terms.options && (end as usize) < periods.months() {
                first = Some(first.map_or(end, |earlier: u32| earlier.min(end)));
                guaranteed = guaranteed.saturating_add(guarantee.at(end));
            }
        }
        let Some(first) = first.filter(|_| guaranteed > 0 || !ran_out) else { break };
        ran_out = guaranteed == 0;
        let gone = pool.first_month() + first as i32;
        // Leases with fewer options left before.
        let mut calls = guarantee_calls(pool, &state, periods)?;
        calls.retain(|call| call.month >= gone);
        let run = folder.run_through(&program, &state)?;
        let notes = 0..folder.deal().notes.len();
        // Balance of all notes around a payment date: nothing once they are redeemed.
        let balance = |period: usize, of: fn(&NoteRow) -> Money| -> Money {
            let rows = notes.clone().filter(|_| period < run.periods());
            rows.map(|note| of(run.row(period, note))).sum()
        };
        let opened = periods.of_month(first as usize).map(|period| period + reported);
        let last = calls.iter().map(|call| call.period + reported).chain(opened).max();
        let sum =
            |amount: fn(&crate::collection::GuaranteeCall) -> Money| calls.iter().map(&amount).sum::<Money>();
        let (property_value, paid) = (sum(|call| call.property_value), sum(|call| call.paid));
        let notes_after = last.map_or(Money::ZERO, |period| balance(period, |row| row.balance_close));
        exits.push(GuaranteeExit {
            scenario: scenario.to_owned(),
            exit: gone.first_day(),
            leases: calls.len(),
            guaranteed: sum(|call| call.guaranteed),
            property_value,
            cap: calls.iter().map(|call| call.cap).sum(),
            paid,
            notes_outstanding: opened.map_or(Money::ZERO, |period| balance(period, |row| row.balance_open)),
            notes_after,
            shortfall: (notes_after - property_value).max(Money::ZERO),
            principal_shortfall: notes.clone().map(|note| shortfall(&run, note).principal).sum(),
        });
    }
    Ok(exits)
}
