//! How many amounts a program may have to add up, and how large its own are: whether lanes of doubles hold them.

use super::super::amount::{Amount, Quantity};
use super::super::program::Program;
use crate::money::Money;

/// The most things of a kind whose amounts could be added up: notes, columns, steps and the like.
pub(super) fn terms(program: &Program) -> usize {
    let named = program.formulas().flat_map(Amount::quantities).map(|quantity| match quantity {
        Quantity::Columns(indices)
        | Quantity::Accounts(indices)
        | Quantity::Fees(indices)
        | Quantity::Paid(indices)
        | Quantity::Notes(_, indices) => indices.len(),
        _ => 1,
    });
    let steps = program.phases.iter().map(|phase| phase.steps.len());
    let counts = [program.notes.len(), program.accounts.len(), program.fees.len(), program.layout.width()];
    named.chain(steps).chain(counts).max().unwrap_or(0)
}

/// The largest of the program's own amounts, in minor units.
pub(super) fn largest(program: &Program) -> i64 {
    let start = &program.start;
    let owed = start.notes.iter().flat_map(|note| {
        [
            note.balance,
            note.interest_shortfall,
            note.post_ard_interest_unpaid,
            note.principal_shortfall,
            note.written_down,
        ]
    });
    let constants = program.formulas().filter_map(|amount| match amount {
        Amount::Constant(amount) => Some(*amount),
        _ => None,
    });
    let notes = program.notes.iter();
    let notes = notes.flat_map(|note| {
        let by_period = note.draws.iter().chain(&note.scheduled).copied();
        by_period.chain([note.original, note.commitment])
    });
    let accounts = program.accounts.iter().map(|account| account.opening);
    let fixed = start.fees.iter().chain(&start.totals).chain([&start.expenses]).copied();
    let read = program.measures_at_cut_off.iter().chain(program.schedules.iter().flatten()).copied();
    let all = owed.chain(constants).chain(notes).chain(accounts).chain(fixed).chain(read);
    all.map(|amount: Money| amount.minor().saturating_abs()).max().unwrap_or(0)
}
