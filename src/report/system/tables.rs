//! The report as tables for people.

use super::lines::word;
use super::{SystemLine, SystemReport, SystemSensitivityLine};
use crate::Currency;
use crate::report::table::{Align, Table};
use crate::report::{figure, shown};

/// Per cent with a sign that says loss, without a negative zero.
fn lost(share: f64) -> String {
    let text = format!("{:.2}%", share * 100.0);
    if text == "-0.00%" { "0.00%".to_owned() } else { text }
}

fn billions(amount: f64) -> String {
    let text = format!("{:.1}", amount / 1e9);
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

impl SystemReport {
    /// The one table: notes and holders down, outcomes beside each other.
    pub(in crate::report) fn losses(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("note or holder", Left),
            ("base", Right),
            ("first round", Right),
            ("final", Right),
            ("itself", Right),
            ("ring", Right),
            ("households", Right),
            ("price impact", Right),
        ];
        let mut table = Table::new("Lost by each note and each holder", &columns);
        let mut still: Vec<&str> = self.lines.iter().map(|line| line.outcome.as_str()).collect();
        still.dedup();
        // Below what a table shows, and what rounding of floats leaves.
        let moves = |line: &&SystemLine| line.first.abs() > 1e-9 || line.total.abs() > 1e-9;
        still.retain(|outcome| !self.lines.iter().filter(moves).any(|line| line.outcome == *outcome));
        for line in self.lines.iter().filter(|line| !still.contains(&line.outcome.as_str())) {
            let (name, base) = match line.kind {
                "note" => (format!("{} {}", line.deal, line.name), figure(line.base, 3)),
                _ => (line.name.clone(), line.base.map_or("-".to_owned(), billions)),
            };
            let parts = [line.first, line.total, line.direct, line.ring, line.households, line.price_impact];
            let mut row = vec![line.outcome.clone(), name, base];
            row.extend(parts.map(lost));
            table.row(row);
        }
        for outcome in still {
            table.note(format!("{outcome}: no note and no holder loses or gains anything."));
        }
        table.note("Notes: of the price per 100 in their base scenario at closing. Holders: of equity, in billions of dollars; negative: a gain.");
        table
    }

    pub(in crate::report) fn failures(&self) -> Table {
        use Align::{Left, Right};
        let mut table = Table::new(
            "Parties in default",
            &[("outcome", Left), ("party", Left), ("year", Right), ("unpaid", Right), ("by", Left)],
        );
        for line in &self.defaults {
            let shortfall = shown(Currency::USD, &line.shortfall);
            table.row([
                line.outcome.clone(),
                line.party.clone(),
                line.year.to_string(),
                shortfall,
                line.cause.to_owned(),
            ]);
        }
        if self.defaults.is_empty() {
            table.note("None.");
        }
        for sale in &self.sales {
            table.note(format!(
                "{}: {} rounds of sales, {} billion dollars, {}.",
                sale.outcome,
                sale.rounds,
                billions(sale.sold),
                sale.end.replace('_', " ")
            ));
        }
        table
    }

    pub(in crate::report) fn shares(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("party", Left),
            ("cost, bn", Right),
            ("equity, bn", Right),
            ("beyond equity, bn", Right),
            ("shares lose", Right),
        ];
        let mut table = Table::new("What failures of others cost parties", &columns);
        for line in &self.parties {
            table.row([
                line.outcome.clone(),
                line.party.clone(),
                billions(line.cost),
                line.equity.map_or("-".to_owned(), billions),
                billions(line.beyond),
                lost(line.share_loss),
            ]);
        }
        if self.parties.is_empty() {
            table.note("Nothing.");
        }
        table
    }

    pub(in crate::report) fn assumed(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("figure", Left),
            ("of", Left),
            ("value", Right),
            ("mark", Left),
            ("source", Left),
        ];
        let mut table = Table::new("What the outcomes assume", &columns);
        for line in self.assumptions.iter().filter(|line| !line.outcome.is_empty()) {
            table.row([
                line.outcome.clone(),
                line.place.clone(),
                line.of.clone(),
                line.value.to_string(),
                word(line.mark),
                line.source.clone(),
            ]);
        }
        for (file, count) in self.marked() {
            table.note(format!("{file}: {count}; the JSON lists them."));
        }
        table.note("Figures of deals and of their scenarios are marked in their folders.");
        table
    }

    /// The files that all outcomes share, and how many of their figures have which mark.
    fn marked(&self) -> Vec<(String, String)> {
        let mut files: Vec<(String, Vec<(String, usize)>)> = Vec::new();
        for line in self.assumptions.iter().filter(|line| line.outcome.is_empty()) {
            if files.last().is_none_or(|(file, _)| *file != line.file) {
                files.push((line.file.clone(), Vec::new()));
            }
            let (mark, Some((_, marks))) = (word(line.mark), files.last_mut()) else { continue };
            match marks.iter_mut().find(|(known, _)| *known == mark) {
                Some((_, count)) => *count += 1,
                None => marks.push((mark, 1)),
            }
        }
        let told = |marks: Vec<(String, usize)>| {
            marks.iter().map(|(mark, count)| format!("{count} {mark}")).collect::<Vec<_>>().join(", ")
        };
        files.into_iter().map(|(file, marks)| (file, told(marks))).collect()
    }

    pub(in crate::report) fn network(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("backlog of", Left),
            ("dollars", Right),
            ("unfunded", Right),
            ("on promises", Right),
            ("largest customer", Left),
            ("its share", Right),
            ("concentration", Right),
        ];
        let mut table = Table::new("Binding backlogs and what they rest on", &columns);
        for line in &self.backlogs {
            table.row([
                line.party.clone(),
                shown(Currency::USD, &line.backlog),
                lost(line.unfunded),
                lost(line.on_promises),
                line.largest.clone(),
                lost(line.largest_share),
                format!("{:.3}", line.concentration),
            ]);
        }
        if self.backlogs.is_empty() {
            table.note("No backlog.");
        }
        if self.rings.is_empty() {
            table.note("No ring of binding promises.");
        }
        for ring in &self.rings {
            table.note(format!("Ring: {}: {}.", ring.ring, shown(Currency::USD, &ring.flow)));
        }
        table
    }

    pub(in crate::report) fn together(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("note", Left),
            ("holder", Left),
            ("note fails", Right),
            ("holder fails", Right),
            ("both", Right),
            ("error", Right),
        ];
        let mut table = Table::new("Failing together, over random paths", &columns);
        for line in self.joint.iter().filter(|line| line.note_fails > 0.0 && line.holder_fails > 0.0) {
            table.row([
                line.outcome.clone(),
                format!("{} {}", line.deal, line.class),
                line.holder.clone(),
                lost(line.note_fails),
                lost(line.holder_fails),
                lost(line.both),
                lost(line.both_error),
            ]);
        }
        table.note("Shown where both ever fail; the JSON has all.");
        if let Some(chance) = &self.chance {
            table.note(format!(
                "A note fails that loses {:.0}% of its price, a holder whose equity is below zero. AI demand moves the \
                 logarithm of what laboratories and neoclouds raise and earn by {}, of shares by {} a standard \
                 deviation: chosen, as is every figure of risk.toml of the deals that is marked so.",
                100.0 * chance.note_loss, chance.means_volatility, chance.equity_volatility
            ));
        }
        table
    }

    pub(in crate::report) fn moved(&self) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("outcome", Left),
            ("assumption", Left),
            ("defaults", Right),
            ("unpaid, bn", Right),
            ("notes lose", Right),
            ("holders lose, bn", Right),
            ("by households, bn", Right),
            ("by price impact, bn", Right),
        ];
        let mut table = Table::new("One assumption moved at a time", &columns);
        // An outcome in which nothing is lost whatever is moved has nothing to tell.
        let moves = |line: &&SystemSensitivityLine| {
            line.defaults > 0 || line.notes.abs() > 1e-9 || line.holders.abs() > 1.0
        };
        let shown =
            |outcome: &str| self.sensitivities.iter().filter(moves).any(|line| line.outcome == outcome);
        for line in self.sensitivities.iter().filter(|line| shown(&line.outcome)) {
            table.row([
                line.outcome.clone(),
                line.assumption.to_owned(),
                line.defaults.to_string(),
                billions(line.unpaid),
                lost(line.notes),
                billions(line.holders),
                billions(line.households),
                billions(line.price_impact),
            ]);
        }
        table
    }
}
