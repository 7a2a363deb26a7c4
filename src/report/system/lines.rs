//! Results as lines of the report.

use super::{BacklogLine, DefaultLine, PartyLine, RingLine, SaleLine, SystemLine};
use crate::Currency;
use crate::report::decimal;
use crate::study::system::{Backlog, End, Losses, PartyLoss, Ring, System, SystemResult};

pub(super) fn lines(result: &SystemResult) -> Vec<SystemLine> {
    let line = |kind, deal: &str, name: &str, base: Option<f64>, losses: Losses, of: f64| SystemLine {
        outcome: result.outcome.clone(),
        kind,
        deal: deal.to_owned(),
        name: name.to_owned(),
        base,
        first: losses.first() / of,
        total: losses.total() / of,
        direct: losses.direct / of,
        ring: losses.ring / of,
        households: losses.households / of,
        price_impact: losses.price_impact / of,
    };
    let notes = result
        .notes
        .iter()
        .filter(|note| note.base_price.is_some())
        .map(|note| line("note", &note.deal, &note.class, note.base_price, note.losses, 1.0));
    let groups = result
        .groups
        .iter()
        .filter(|group| group.equity > 0.0)
        .map(|group| line("holder", "", &group.id, Some(group.equity), group.losses, group.equity));
    notes.chain(groups).collect()
}

pub(super) fn defaults(system: &System, result: &SystemResult) -> Vec<DefaultLine> {
    let network = system.network();
    let line = |(party, year): (usize, &Option<usize>)| {
        let year = (*year)?;
        let shortfall = result.cascade.years[year][party].shortfall;
        Some(DefaultLine {
            outcome: result.outcome.clone(),
            party: network.parties()[party].id.clone(),
            year: usize::from(network.first_year()) + year,
            shortfall: decimal(Currency::USD, shortfall),
            cause: if result.scripted[party] == Some(year) { "scenario" } else { "network" },
        })
    };
    result.cascade.defaulted.iter().enumerate().filter_map(line).collect()
}

pub(super) fn parties(result: &SystemResult) -> Vec<PartyLine> {
    let struck = result.parties.iter().filter(|party| party.cost > 0.0);
    let line = |party: &PartyLoss| PartyLine {
        outcome: result.outcome.clone(),
        party: party.party.clone(),
        cost: party.cost,
        equity: party.equity,
        beyond: party.beyond,
        share_loss: party.share_loss,
    };
    struck.map(line).collect()
}

pub(super) fn sales(result: &SystemResult) -> SaleLine {
    SaleLine {
        outcome: result.outcome.clone(),
        rounds: result.sale.rounds.len(),
        sold: result.sale.rounds.iter().sum(),
        end: match result.sale.end {
            End::AtRest => "at_rest",
            End::SoldOut => "sold_out",
            End::TooManyRounds => "too_many_rounds",
        },
    }
}

pub(super) fn ring_line(system: &System, ring: &Ring) -> RingLine {
    let network = system.network();
    let mut words = String::new();
    for (party, commitments) in ring.parties.iter().zip(&ring.commitments) {
        let mut kinds: Vec<String> =
            commitments.iter().map(|&index| word(network.commitments()[index].kind)).collect();
        kinds.dedup();
        words.push_str(&format!("{} -{}-> ", network.parties()[*party].id, kinds.join("+")));
    }
    words.push_str(&network.parties()[ring.parties[0]].id);
    RingLine { ring: words, flow: decimal(Currency::USD, ring.flow) }
}

/// The word of a file for it.
pub(super) fn word(kind: impl serde::Serialize) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(super) fn backlog_line(system: &System, backlog: &Backlog) -> BacklogLine {
    let parties = system.network().parties();
    let amount = backlog.amount.to_model(Currency::USD);
    BacklogLine {
        party: parties[backlog.party].id.clone(),
        backlog: decimal(Currency::USD, backlog.amount),
        unfunded: backlog.unfunded / amount,
        on_promises: backlog.on_promises / amount,
        largest: backlog.largest.map_or(String::new(), |(party, _)| parties[party].id.clone()),
        largest_share: backlog.largest.map_or(0.0, |(_, share)| share),
        concentration: backlog.concentration,
    }
}
