//! Figures of commitments and holders with their marks: assumptions that all outcomes share.

use super::AssumptionLine;
use crate::Currency;
use crate::study::system::{Commitment, GroupTerms, Mark, Party, Rule, System, YearAmount};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Makes lines of one entry of a file.
struct Entry<'a> {
    file: &'a str,
    /// Where in the file: `parties[3]`.
    path: String,
    of: &'a str,
    mark: Mark,
    source: &'a str,
}

impl Entry<'_> {
    fn line(&self, field: &str, value: Decimal) -> AssumptionLine {
        self.marked(field, value.to_f64().unwrap_or(f64::NAN), self.mark, self.source)
    }

    fn marked(&self, field: &str, value: f64, mark: Mark, source: &str) -> AssumptionLine {
        AssumptionLine {
            outcome: String::new(),
            file: self.file.to_owned(),
            of: self.of.to_owned(),
            place: format!("{}.{field}", self.path),
            value,
            mark,
            source: source.to_owned(),
        }
    }
}

/// Means of parties; amounts of promises, and what of them falls into the years of the network.
pub(super) fn of_the_network(system: &System) -> Vec<AssumptionLine> {
    let (network, [file, _]) = (system.network(), system.part_names());
    let mut lines = Vec::new();
    for (k, party) in network.parties().iter().enumerate() {
        lines.extend(party_lines(file, k, party));
    }
    for (k, promise) in network.commitments().iter().enumerate() {
        let Commitment { id, mark, source, .. } = promise;
        let entry = Entry { file, path: format!("commitments[{k}]"), of: id, mark: *mark, source };
        let Some(amount) = promise.amount_usd else { continue };
        lines.push(entry.line("amount_usd", amount));
        let (field, when) = match promise.level {
            Some(years) => ("level", format!("in equal parts from {} to {}", years.from, years.to)),
            None => ("schedule", "year by year".to_owned()),
        };
        let due = network.due(k).to_model(Currency::USD);
        lines.push(entry.marked(field, due, promise.schedule_mark, &when));
    }
    lines
}

fn party_lines(file: &str, k: usize, party: &Party) -> Vec<AssumptionLine> {
    let Party { id, mark, source, .. } = party;
    let entry = Entry { file, path: format!("parties[{k}]"), of: id, mark: *mark, source };
    let mut lines = vec![entry.line("cash_usd", party.cash_usd)];
    let mut years = |field: &str, amounts: &[YearAmount]| {
        let line = |amount: &YearAmount| entry.line(&format!("{field}.{}", amount.year), amount.amount_usd);
        lines.extend(amounts.iter().map(line));
    };
    years("operating", &party.operating);
    years("funding", &party.funding);
    if let Some(worth) = &party.equity_usd {
        let value = worth.value.to_f64().unwrap_or(f64::NAN);
        lines.push(entry.marked("equity_usd", value, worth.mark, &worth.source));
    }
    lines
}

/// Price impacts, holdings, debt and rules.
pub(super) fn of_the_holders(system: &System) -> Vec<AssumptionLine> {
    let (holders, [_, file]) = (system.holders(), system.part_names());
    let mut lines = Vec::new();
    for (k, asset) in holders.assets().iter().enumerate() {
        let (path, of) = (format!("assets[{k}]"), asset.id.as_str());
        let entry = Entry { file, path, of, mark: asset.mark, source: &asset.source };
        lines.push(entry.line("impact_per_usd_bn", asset.impact_per_usd_bn));
    }
    for (k, group) in holders.groups().iter().enumerate() {
        let GroupTerms { id, mark, source, .. } = group;
        let entry = Entry { file, path: format!("groups[{k}]"), of: id, mark: *mark, source };
        for holding in &group.holdings {
            lines.push(entry.line(&format!("holdings.{}", holding.asset), holding.amount_usd));
        }
        lines.push(entry.line("debt_usd", group.debt_usd));
        let figures = match group.rule {
            Rule::MarginCall { maintenance } => vec![("maintenance", maintenance)],
            Rule::Redemption { sensitivity } => vec![("sensitivity", sensitivity)],
            Rule::RatingForcedSale { threshold, share } => vec![("threshold", threshold), ("share", share)],
            Rule::LeverageTarget {} | Rule::Hold {} => Vec::new(),
        };
        lines.extend(figures.into_iter().map(|(field, value)| entry.line(&format!("rule.{field}"), value)));
    }
    lines
}
