//! What is chosen and what was read, and how to make the page again.

use super::super::{Align, Table, shown};
use super::{SystemPage, word};
use crate::Currency;
use crate::folder::BASE;
use crate::study::system::{Outcome, YearAmount};
use rust_decimal::Decimal;

/// The crate that computed everything.
const PROGRAM: &str = concat!("leasefall ", env!("CARGO_PKG_VERSION"));

pub(super) fn foot(draws: Option<(u64, u64)>) -> String {
    let draws = draws.map_or(String::new(), |(paths, seed)| format!(", {paths} paths, seed {seed}"));
    format!(
        "{PROGRAM}{draws}. Outcomes are assumed states of the world, not forecasts of any firm's. Not investment advice."
    )
}

pub(super) fn run(page: &SystemPage<'_>) -> Table {
    let mut table = Table::new("The run", &[("what", Align::Left), ("value", Align::Left)]);
    let mut row = |what: &str, value: String| table.row([what.to_owned(), value]);
    row("program", PROGRAM.to_owned());
    let outcomes: Vec<&str> = page.results.iter().map(|result| result.outcome.as_str()).collect();
    row("outcomes", outcomes.join(", "));
    match page.draws {
        Some((paths, seed)) => {
            row("paths", paths.to_string());
            row("seed", seed.to_string());
        }
        None => row("paths", "none: the outcomes alone".to_owned()),
    }
    table
}

/// The assumptions, file by file.
pub(super) fn tables(page: &SystemPage<'_>, outcomes: &[(String, Outcome)]) -> Vec<Table> {
    vec![page.report.assumed(), worlds(outcomes), parties(page), promises(page), assets(page), groups(page)]
}

/// In which world each deal is run.
fn worlds(outcomes: &[(String, Outcome)]) -> Table {
    let columns = ["outcome", "deal", "scenario", "refinancing", "jobs lost", "events beside"]
        .map(|name| (name, Align::Left));
    let mut table = Table::new("Scenarios of the deals", &columns);
    for (name, outcome) in outcomes {
        for deal in &outcome.deals {
            let jobs = outcome.unemployment.as_ref().filter(|_| deal.households);
            let jobs = jobs.map(|jobs| format!("defaults x {}", jobs.default_multiple().round_dp(3)));
            let closed = if deal.refinancing_closed { "closed" } else { "as the scenario says" };
            table.row([
                name.clone(),
                deal.deal.clone(),
                deal.scenario.clone().unwrap_or_else(|| BASE.to_owned()),
                closed.to_owned(),
                jobs.unwrap_or_else(|| "-".to_owned()),
                deal.events.len().to_string(),
            ]);
        }
    }
    table.note("A deal not named is as its base scenario says.");
    table
}

fn parties(page: &SystemPage<'_>) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("party", Left),
        ("kind", Left),
        ("cash, USD", Right),
        ("operations, USD bn by year", Left),
        ("funding, USD bn by year", Left),
        ("mark", Left),
        ("source", Left),
    ];
    let mut table = Table::new("What parties have from outside the network", &columns);
    let years = |amounts: &[YearAmount]| {
        let bn = |amount: Decimal| (amount / Decimal::from(1_000_000_000)).round_dp(2).normalize();
        let all: Vec<String> =
            amounts.iter().map(|entry| format!("{}: {}", entry.year, bn(entry.amount_usd))).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    };
    for party in page.system.network().parties() {
        table.row([
            party.name.clone().unwrap_or_else(|| party.id.clone()),
            word(party.kind),
            shown(Currency::USD, &party.cash_usd.to_string()),
            years(&party.operating),
            years(&party.funding),
            word(party.mark),
            party.source.clone(),
        ]);
    }
    table.note("A year without an entry has the amount of the last one before it.");
    table
}

fn promises(page: &SystemPage<'_>) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("from", Left),
        ("to", Left),
        ("kind", Left),
        ("status", Left),
        ("announced", Left),
        ("amount, USD bn", Right),
        ("mark", Left),
        ("paid", Left),
        ("mark of the years", Left),
        ("source", Left),
    ];
    let mut table = Table::new("What parties have promised", &columns);
    for promise in page.system.network().commitments() {
        let billions = |amount: Decimal| (amount / Decimal::from(1_000_000_000)).round_dp(3).normalize();
        let paid = match (promise.level, promise.schedule.as_slice()) {
            (Some(years), _) => format!("{} to {}", years.from, years.to),
            (None, [first, .., last]) => format!("{} to {}, year by year", first.year, last.year),
            (None, [only]) => only.year.to_string(),
            (None, []) => "-".to_owned(),
        };
        table.row([
            promise.from.clone(),
            promise.to.clone(),
            word(promise.kind),
            word(promise.status),
            promise.date.to_string(),
            promise.amount_usd.map_or("not public".to_owned(), |amount| billions(amount).to_string()),
            word(promise.mark),
            paid,
            word(promise.schedule_mark),
            promise.source.clone(),
        ]);
    }
    table.note("What is not public moves no money.");
    table
}

fn assets(page: &SystemPage<'_>) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("asset", Left),
        ("kind", Left),
        ("price impact of a billion sold", Right),
        ("mark", Left),
        ("source", Left),
    ];
    let mut table = Table::new("What holders hold", &columns);
    for asset in page.system.holders().assets() {
        let percent = (asset.impact_per_usd_bn * Decimal::ONE_HUNDRED).normalize();
        table.row([
            asset.id.clone(),
            word(asset.kind),
            format!("{percent}%"),
            word(asset.mark),
            asset.source.clone(),
        ]);
    }
    table
}

fn groups(page: &SystemPage<'_>) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("holder", Left),
        ("assets, USD", Right),
        ("debt, USD", Right),
        ("rule", Left),
        ("mark", Left),
        ("source", Left),
    ];
    let mut table = Table::new("Balance sheets and rules", &columns);
    for group in page.system.holders().groups() {
        let total: Decimal = group.holdings.iter().map(|holding| holding.amount_usd).sum();
        let rule = serde_json::to_value(group.rule).unwrap_or_default();
        let rule = rule.get("kind").and_then(|kind| kind.as_str()).map(super::words).unwrap_or_default();
        table.row([
            group.name.clone().unwrap_or_else(|| group.id.clone()),
            shown(Currency::USD, &total.to_string()),
            shown(Currency::USD, &group.debt_usd.to_string()),
            rule,
            word(group.mark),
            group.source.clone(),
        ]);
    }
    table
}
