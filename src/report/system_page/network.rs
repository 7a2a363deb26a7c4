//! The network drawn: parties by kind, promises by kind and status, rings marked.

use super::super::page::Chart;
use super::super::svg::{Ink, Key, NetworkLink, NetworkNode, NetworkPlot, Plot, Series};
use super::super::{Align, Table, shown};
use super::{SystemPage, word};
use crate::Currency;
use crate::study::system::{Commitment, CommitmentKind, Network, PartyKind, Promises, Status};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeSet;

/// The commitments that are part of some ring of binding promises.
fn in_rings(network: &Network) -> BTreeSet<usize> {
    let rings = network.rings(Promises::Binding).rings;
    rings.into_iter().flat_map(|ring| ring.commitments).flatten().collect()
}

/// Dollars as announced; what is due in the network's years where no sum was.
fn amount(network: &Network, index: usize, promise: &Commitment) -> f64 {
    let due = network.due(index).to_model(Currency::USD);
    promise.amount_usd.as_ref().and_then(Decimal::to_f64).unwrap_or(due)
}

fn billions(dollars: f64) -> String {
    let billions = dollars / 1e9;
    if billions >= 99.5 { format!("{billions:.0} bn") } else { format!("{billions:.1} bn") }
}

/// On the left who rents, builds and borrows; on the right who sells, lends and invests: most money crosses.
fn is_left(kind: PartyKind) -> bool {
    matches!(kind, PartyKind::AiLab | PartyKind::Neocloud | PartyKind::Sponsor | PartyKind::Spv)
}

fn ink(kind: CommitmentKind) -> Ink {
    match kind {
        CommitmentKind::Purchase => Ink::Accent,
        CommitmentKind::Equity => Ink::Shade(9),
        CommitmentKind::Loan => Ink::Shade(15),
        CommitmentKind::Lease => Ink::Shade(3),
        CommitmentKind::LeaseGuarantee | CommitmentKind::CapacityBackstop => Ink::Main,
        _ => Ink::Neutral,
    }
}

fn dash(status: Status) -> u8 {
    match status {
        Status::Binding => 0,
        Status::LetterOfIntent => 1,
        _ => 2,
    }
}

/// What the picture shows, in words.
pub(super) fn sentences(page: &SystemPage<'_>) -> Vec<String> {
    let network = page.system.network();
    let sum = |status: Status| -> f64 {
        let promises = network.commitments().iter().enumerate();
        promises.filter(|(_, p)| p.status == status).map(|(index, p)| amount(network, index, p)).sum()
    };
    let mut found = vec![format!(
        "Binding promises come to {}, letters of intent to {}, proposals to {}, as announced; only binding ones count \
         unless an outcome says otherwise.",
        billions(sum(Status::Binding)),
        billions(sum(Status::LetterOfIntent)),
        billions(sum(Status::Proposed))
    )];
    found.push(match page.report.rings.len() {
        0 => "No money returns to where it started: there is no ring of binding promises.".to_owned(),
        count => format!(
            "Money returns to where it started in {count} ring{} of binding promises{}.",
            if count == 1 { "" } else { "s" },
            if page.report.rings_complete { "" } else { ", and there are more than can be listed" }
        ),
    });
    found
}

pub(super) fn chart(page: &SystemPage<'_>) -> Chart {
    let network = page.system.network();
    let marked = in_rings(network);
    // Kinds follow each other, and within one those who promise most.
    let promised: Vec<f64> = (0..network.parties().len())
        .map(|party| {
            let own = network.commitments().iter().enumerate();
            let own = own.filter(|(_, promise)| network.party_index(&promise.from) == Some(party));
            own.map(|(index, promise)| amount(network, index, promise)).sum()
        })
        .collect();
    let mut order: Vec<usize> = (0..promised.len()).collect();
    order.sort_by(|&a, &b| {
        let kind = |party: usize| network.parties()[party].kind;
        kind(a).cmp(&kind(b)).then(promised[b].total_cmp(&promised[a])).then(a.cmp(&b))
    });
    let place = |id: &str| {
        let party = network.party_index(id)?;
        order.iter().position(|&other| other == party)
    };
    let fails = |party: usize| page.results.iter().any(|result| result.cascade.defaulted[party].is_some());
    let node = |&party: &usize| {
        let terms = &network.parties()[party];
        let sum = if promised[party] > 0.0 {
            format!(", {}", billions(promised[party]).replace(' ', "\u{a0}"))
        } else {
            String::new()
        };
        NetworkNode {
            name: terms.name.clone().unwrap_or_else(|| terms.id.clone()),
            remark: word(terms.kind) + &sum,
            size: promised[party],
            ink: if fails(party) { Ink::Warning } else { Ink::Neutral },
            is_left: is_left(terms.kind),
        }
    };
    let mut links: Vec<NetworkLink> = Vec::new();
    for (index, promise) in network.commitments().iter().enumerate() {
        if let (Some(from), Some(to)) = (place(&promise.from), place(&promise.to)) {
            links.push(NetworkLink {
                from,
                to,
                size: amount(network, index, promise),
                ink: ink(promise.kind),
                dash: dash(promise.status),
                is_marked: marked.contains(&index),
            });
        }
    }
    // Broad ones below.
    links.sort_by(|a, b| b.size.total_cmp(&a.size));
    Chart {
        title: "The network of commitments".to_owned(),
        description: describe(network),
        plot: Plot::Network(NetworkPlot {
            title: "Width and area: dollars promised, as announced".to_owned(),
            nodes: order.iter().map(node).collect(),
            keys: keys(network, &links, page.results.len() > 1),
            links,
        }),
        notes: vec![
            "On the left who rents, builds and borrows, on the right who sells, lends and invests; under each name what \
             it is and what it has promised in all. The thinnest arrows are promises without a \
             public amount, or too small to show."
                .to_owned(),
        ],
        table: table(network, &marked),
    }
}

/// The picture for who cannot see it.
fn describe(network: &Network) -> String {
    let mut largest: Vec<(f64, &Commitment)> = network
        .commitments()
        .iter()
        .enumerate()
        .map(|(index, promise)| (amount(network, index, promise), promise))
        .collect();
    largest.sort_by(|a, b| b.0.total_cmp(&a.0));
    let name = |id: &str| {
        let party = network.party_index(id).map(|party| &network.parties()[party]);
        party.and_then(|party| party.name.clone()).unwrap_or_else(|| id.to_owned())
    };
    let told = |(dollars, promise): &(f64, &Commitment)| {
        let (from, to) = (name(&promise.from), name(&promise.to));
        format!("{from} to {to} ({}, {}, {})", word(promise.kind), word(promise.status), billions(*dollars))
    };
    let largest: Vec<String> = largest.iter().take(4).map(told).collect();
    format!(
        "{} parties and {} promises; each arrow runs from who is to pay to who is to be paid. The largest: {}.",
        network.parties().len(),
        network.commitments().len(),
        largest.join("; ")
    )
}

/// What is in the picture, and only that.
fn keys(network: &Network, links: &[NetworkLink], several: bool) -> Vec<Key> {
    use CommitmentKind::{CapacityBackstop, Equity, Lease, LeaseGuarantee, Loan, Purchase, Warrant};
    let key = |name: &str, ink: Ink, is_line: bool| Key { series: Series::new(name, ink), is_line };
    let has = |kinds: &[CommitmentKind]| network.commitments().iter().any(|p| kinds.contains(&p.kind));
    let solid: [(&str, &[CommitmentKind]); 6] = [
        ("Purchase", &[Purchase]),
        ("Equity", &[Equity]),
        ("Loan", &[Loan]),
        ("Lease", &[Lease]),
        ("Guarantee or backstop", &[LeaseGuarantee, CapacityBackstop]),
        ("Warrant", &[Warrant]),
    ];
    let mut keys: Vec<Key> = Vec::new();
    for (name, kinds) in solid {
        if has(kinds) {
            keys.push(key(name, ink(kinds[0]), false));
        }
    }
    for (name, line, dashed) in [
        ("Binding", Ink::Main, 0),
        ("Letter of intent", Ink::Dashed, 1),
        ("Proposed or lapsed", Ink::Dotted, 2),
    ] {
        if links.iter().any(|link| link.dash == dashed) {
            keys.push(key(name, line, true));
        }
    }
    if links.iter().any(|link| link.is_marked) {
        keys.push(key("In a ring of binding promises", Ink::Soft, false));
    }
    let fails = if several { "Party that cannot pay in some outcome" } else { "Party that cannot pay" };
    keys.push(key(fails, Ink::Warning, false));
    keys.push(key("Other party", Ink::Neutral, false));
    keys
}

fn table(network: &Network, marked: &BTreeSet<usize>) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("from", Left),
        ("to", Left),
        ("kind", Left),
        ("status", Left),
        ("announced", Left),
        ("USD as announced", Right),
        ("USD due in these years", Right),
        ("in a ring", Left),
        ("mark", Left),
        ("source", Left),
    ];
    let mut table = Table::new("Promises", &columns);
    for (index, promise) in network.commitments().iter().enumerate() {
        let announced = promise
            .amount_usd
            .map_or("not public".to_owned(), |amount| shown(Currency::USD, &amount.to_string()));
        table.row([
            promise.from.clone(),
            promise.to.clone(),
            word(promise.kind),
            word(promise.status),
            promise.date.to_string(),
            announced,
            super::super::grouped(Currency::USD, network.due(index)),
            if marked.contains(&index) { "yes" } else { "" }.to_owned(),
            word(promise.mark),
            promise.source.clone(),
        ]);
    }
    table
}
