//! Deals small enough to follow on paper. Every figure stands in the comment beside it; both waterfalls
//! must come to it.
//!
//! All pay monthly on the 25th from 2026-02-25 and count 30/360, so a coupon of 12% is 1% a date.

mod ends;
mod payments;
mod structure;
mod subprime;
mod terms;

use crate::outcome::Outcome;
use crate::{fast, naive};
use leasefall::collection::{Collections, Layout};
use leasefall::deal::Deal;
use leasefall::{Currency, Money};
use rust_decimal::Decimal;

/// The deal of these sections, closed on 2026-01-25.
fn deal(sections: &str) -> Deal {
    deal_closed("2026-01-25", "2026-02-25", sections)
}

fn deal_closed(closing: &str, first: &str, sections: &str) -> Deal {
    let head = format!(
        r#"
        name = "On paper"
        currency = "USD"
        cut_off_date = "2025-12-31"
        closing_date = "{closing}"
        payments = {{ frequency = "monthly", first_date = "{first}" }}
        "#
    );
    toml::from_str(&(head + sections)).expect("a deal")
}

/// What arrives: on each date, amounts by source or measure, as `rent 15.00, noi 12.00`.
fn arriving(deal: &Deal, dates: &[&str]) -> Collections {
    let periods = naive::schedule(deal).len();
    assert_eq!(periods, dates.len(), "a line of collections for each payment date");
    let mut collections = Collections::empty(Currency::USD, Layout::leases(), periods);
    for (period, line) in dates.iter().enumerate() {
        for entry in line.split(", ").filter(|entry| !entry.is_empty()) {
            let (name, amount) = entry.split_once(' ').expect("a name and an amount");
            let column = collections.layout().column(name).expect("a source or a measure");
            collections.row_mut(period)[column] = money(amount);
        }
    }
    collections
}

fn money(text: &str) -> Money {
    let amount: Decimal = text.parse().expect("an amount");
    Currency::USD.money(amount).expect("whole cents")
}

/// Runs both waterfalls, which must agree in everything and conserve cash.
fn run(deal: &Deal, collections: &Collections) -> Outcome {
    let slow = naive::run(deal, &naive::schedule(deal), collections);
    let fast = fast::run(deal, collections).expect("a valid deal");
    assert_eq!(slow, fast);
    assert_eq!(fast.sources, fast.uses);
    fast
}

fn text(cents: i128) -> String {
    Decimal::from_i128_with_scale(cents, 2).to_string()
}

/// A note on a date, counted from 1: balance before, interest accrued, interest paid, interest still due,
/// principal paid, balance after.
fn note(outcome: &Outcome, date: usize, id: &str) -> String {
    let row = outcome.note(date - 1, id);
    let figures = [
        row.balance_open,
        row.interest_accrued,
        row.interest_paid,
        row.interest_shortfall,
        row.principal_paid,
        row.balance_close,
    ];
    figures.map(text).join(" ")
}

/// What a payee outside the notes has received up to and on a date, counted from 1.
fn paid(outcome: &Outcome, date: usize, payee: &str) -> String {
    text(outcome.payee(date - 1, payee))
}

fn account(outcome: &Outcome, date: usize, id: &str) -> String {
    text(outcome.account(date - 1, id))
}
