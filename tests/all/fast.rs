//! The crate's own waterfall, brought to the common form.

use crate::outcome::{NoteRow, Outcome, Period};
use leasefall::collection::Collections;
use leasefall::deal::Deal;
use leasefall::waterfall::{Program, Run};
use leasefall::{Error, Money};

/// The deal compiled for the collections' layout, and run on them.
pub fn run(deal: &Deal, collections: &Collections) -> Result<Outcome, Error> {
    let program = Program::compile(deal, collections.layout())?;
    let run = program.run(collections)?;
    Ok(read(&program, deal, &run))
}

/// A run read through its public interface.
pub fn read(program: &Program, deal: &Deal, run: &Run) -> Outcome {
    let mut outcome = Outcome::default();
    for date in 0..run.periods() {
        let mut period = Period { phase: run.phase(program, date).to_owned(), ..Period::default() };
        for (index, note) in deal.notes.iter().enumerate() {
            let row = run.row(date, index);
            let row = NoteRow {
                balance_open: minor(row.balance_open),
                draws: minor(row.drawn),
                interest_accrued: minor(row.interest_accrued),
                capitalized: minor(row.interest_capitalized),
                interest_due: minor(row.interest_due),
                interest_paid: minor(row.interest_paid),
                interest_shortfall: minor(row.interest_shortfall),
                post_ard_interest_paid: minor(row.post_ard_interest_paid),
                post_ard_interest_unpaid: minor(row.post_ard_interest_unpaid),
                principal_paid: minor(row.principal_paid),
                principal_shortfall: minor(row.principal_shortfall),
                make_whole_paid: minor(row.make_whole_paid),
                written_down: minor(row.written_down),
                written_up: minor(row.written_up),
                balance_close: minor(row.balance_close),
            };
            period.notes.insert(note.id.clone(), row);
        }
        for (index, id) in program.accounts().iter().enumerate() {
            period.accounts.insert(id.clone(), minor(run.account_close(program, date, index)));
        }
        for (index, id) in program.triggers().iter().enumerate() {
            if run.trigger_active(date, index) {
                period.active.insert(id.clone());
            }
        }
        // The notes come first among the payees; their cash is in their rows.
        for (name, paid) in run.payees(program, date).skip(deal.notes.len()) {
            if paid != Money::ZERO {
                *period.payees.entry(name.to_owned()).or_default() += minor(paid);
            }
        }
        outcome.periods.push(period);
    }
    let conservation = run.conservation(program);
    outcome.sources = minor(conservation.sources);
    outcome.uses = minor(conservation.uses);
    outcome
}

fn minor(amount: Money) -> i128 {
    i128::from(amount.minor())
}
