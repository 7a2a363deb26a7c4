//! What is chosen and what was read, and how to make the page again.

use super::super::{Align, Table, shown};
use super::{SystemPage, word};
use crate::Currency;
use crate::study::system::{Outcome, PartyKind, YearAmount};
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
    vec![chosen(outcomes), parties(page), assets(page), groups(page)]
}

/// What the outcomes' files say.
fn chosen(outcomes: &[(String, Outcome)]) -> Table {
    use Align::{Left, Right};
    let columns = [("outcome", Left), ("what", Left), ("of", Left), ("value", Right)];
    let mut table = Table::new("What the outcomes assume", &columns);
    for (name, outcome) in outcomes {
        let mut row = |what: &str, of: String, value: String| {
            table.row([name.clone(), what.to_owned(), of, value]);
        };
        let counted = if outcome.letters_of_intent { "yes" } else { "no" };
        row("letters of intent count", String::new(), counted.to_owned());
        let terms = &outcome.defaults;
        for (what, share) in [
            ("left of a defaulting party's assets", terms.assets_left),
            ("left of what others pay it", terms.claims_left),
            ("lost on shares in it", terms.equity_loss),
            ("lost on private loans to it", terms.private_credit_loss),
            ("paid by its estate on a landlord's claim", terms.landlord_recovery),
        ] {
            row(what, String::new(), share.normalize().to_string());
        }
        for shock in &outcome.shocks {
            let kinds = shock.kinds.iter().map(|&kind: &PartyKind| word(kind));
            let who: Vec<String> = shock.parties.iter().cloned().chain(kinds).collect();
            for (what, factor) in [("funding times", shock.funding), ("operations times", shock.operating)] {
                if let Some(factor) = factor {
                    let of = format!("{}, from {}", who.join(", "), shock.from);
                    row(what, of, factor.normalize().to_string());
                }
            }
        }
        for deal in &outcome.deals {
            row("scenario", deal.deal.clone(), deal.scenario.clone().unwrap_or_else(|| "base".to_owned()));
            if deal.refinancing_closed {
                row("refinancing", deal.deal.clone(), "closed".to_owned());
            }
            if !deal.events.is_empty() {
                row("events beside", deal.deal.clone(), deal.events.len().to_string());
            }
        }
        for change in &outcome.assets {
            let percent = (change.change * Decimal::ONE_HUNDRED).normalize();
            row("change of price", change.asset.clone(), format!("{percent}%"));
        }
        if let Some(terms) = outcome.unemployment {
            row("rise of unemployment, points", String::new(), terms.rise_points.normalize().to_string());
            let loss = (terms.loss_per_point * Decimal::ONE_HUNDRED).normalize();
            row("household credit lost for each point", String::new(), format!("{loss}%"));
        }
    }
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
