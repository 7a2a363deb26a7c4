//! What the network is made of: rings, backlogs that rest on promises, concentration.

use super::network::{Network, Promises};
use crate::money::{Currency, Money};
use petgraph::algo::{all_simple_paths, tarjan_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, HashSet};
use std::hash::RandomState;

/// Money that returns to where it started: an elementary cycle of payments.
#[derive(Clone, Debug, PartialEq)]
pub struct Ring {
    /// The parties, by index, each paying the next and the last the first.
    pub parties: Vec<usize>,
    /// For each party, its commitments to the next, by index.
    pub commitments: Vec<Vec<usize>>,
    /// What can go all the way round: the least of the sums promised from one to the next.
    pub flow: Money,
}

/// Rings of a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rings {
    /// The shortest first.
    pub rings: Vec<Ring>,
    /// Whether these are all. A dense network has more rings than can be listed.
    pub complete: bool,
}

/// What others owe a firm for goods, services and rent, and what that rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// The firm, by index.
    pub party: usize,
    /// Owed to it over the years of the network.
    pub amount: Money,
    /// Of this, what its customers cannot pay from cash and operations of their own.
    pub unfunded: f64,
    /// Of the unfunded part, what rests on money that others in the network have promised the customers: equity,
    /// purchases, rent.
    pub on_promises: f64,
    /// The customer that owes most, and its share.
    pub largest: Option<(usize, f64)>,
    /// Sum of the squared shares of customers (Herfindahl and Hirschman): 1 is a single one.
    pub concentration: f64,
}

/// Rings that are listed at most.
const MOST_RINGS: usize = 1_000;
/// Parties of a ring at most.
const MOST_PARTIES: usize = 8;

impl Network {
    /// Every ring of payments among the promises counted, up to eight parties, a thousand at most.
    pub fn rings(&self, promises: Promises) -> Rings {
        let mut between: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (index, edge) in self.edges.iter().enumerate().filter(|&(index, _)| self.pays(index, promises)) {
            between.entry((edge.from, edge.to)).or_default().push(index);
        }
        let mut graph = DiGraph::<(), ()>::new();
        let nodes: Vec<NodeIndex> = (0..self.parties.len()).map(|_| graph.add_node(())).collect();
        for &(from, to) in between.keys() {
            graph.add_edge(nodes[from], nodes[to], ());
        }
        let mut found = Rings { rings: Vec::new(), complete: true };
        for component in tarjan_scc(&graph).into_iter().filter(|component| component.len() > 1) {
            self.rings_within(&graph, &component, &between, &mut found);
        }
        found.rings.sort_by(|a, b| (a.parties.len(), &a.parties).cmp(&(b.parties.len(), &b.parties)));
        found
    }

    /// A ring is found once, from its first party: a simple path through later parties back to it.
    fn rings_within(
        &self,
        graph: &DiGraph<(), ()>,
        component: &[NodeIndex],
        between: &BTreeMap<(usize, usize), Vec<usize>>,
        found: &mut Rings,
    ) {
        let members: HashSet<NodeIndex> = component.iter().copied().collect();
        for &first in component {
            let later = graph.filter_map(
                |node, ()| (members.contains(&node) && node >= first).then_some(node),
                |_, ()| Some(()),
            );
            // Indices of the part differ from those of the whole: a map keeps both.
            let place = |node: NodeIndex| later.node_indices().find(|&at| later[at] == node);
            for last in graph.neighbors_directed(first, petgraph::Direction::Incoming) {
                let (Some(from), Some(to)) = (place(first), place(last)) else { continue };
                let paths = all_simple_paths::<Vec<NodeIndex>, _, RandomState>(
                    &later,
                    from,
                    to,
                    0,
                    Some(MOST_PARTIES - 2),
                );
                for path in paths {
                    if found.rings.len() == MOST_RINGS {
                        found.complete = false;
                        return;
                    }
                    let parties: Vec<usize> = path.iter().map(|&node| later[node].index()).collect();
                    found.rings.push(self.ring(parties, between));
                }
            }
        }
    }

    fn ring(&self, parties: Vec<usize>, between: &BTreeMap<(usize, usize), Vec<usize>>) -> Ring {
        let next = parties.iter().cycle().skip(1);
        let commitments: Vec<Vec<usize>> = parties
            .iter()
            .zip(next)
            .map(|(&from, &to)| between.get(&(from, to)).cloned().unwrap_or_default())
            .collect();
        let sum = |list: &Vec<usize>| list.iter().map(|&index| self.due(index)).sum::<Money>();
        let flow = commitments.iter().map(sum).min().unwrap_or_default();
        Ring { parties, commitments, flow }
    }

    /// The backlog of every firm that has one, and what it rests on.
    ///
    /// Over the years of the network, a customer with means `M` of its own (cash, and operations where they
    /// bring money) that has promised `O` leaves `u = max(0, O - M)` unfunded; of that, promises of others to it
    /// cover `min(u, promised)`. Both fall on its creditors in proportion to what it has promised them: a first
    /// look along one link, which clearing follows to the end.
    pub fn backlogs(&self, promises: Promises) -> Vec<Backlog> {
        let model = |money: Money| money.to_model(Currency::USD);
        let counted: Vec<usize> = (0..self.edges.len()).filter(|&index| self.pays(index, promises)).collect();
        let sum = |of: &dyn Fn(usize) -> bool| {
            counted.iter().filter(|&&index| of(index)).map(|&index| model(self.due(index))).sum::<f64>()
        };
        let rests = |party: usize| {
            let means = &self.parties[party];
            let running: f64 = means.operating.iter().map(|&amount| model(amount)).sum();
            let own = model(means.cash) + running.max(0.0);
            let promised = sum(&|index| self.edges[index].from == party) + (-running).max(0.0);
            let unfunded = (promised - own).max(0.0);
            let covered = unfunded.min(sum(&|index| self.edges[index].to == party));
            let share = |part: f64| if promised > 0.0 { part / promised } else { 0.0 };
            (share(unfunded), share(covered))
        };
        let rests: Vec<(f64, f64)> = (0..self.parties.len()).map(rests).collect();
        let mut found = Vec::new();
        for party in 0..self.parties.len() {
            let mut customers: BTreeMap<usize, Money> = BTreeMap::new();
            for &index in &counted {
                if self.edges[index].to == party && self.commitments()[index].kind.is_backlog() {
                    *customers.entry(self.edges[index].from).or_default() += self.due(index);
                }
            }
            let amount: Money = customers.values().copied().sum();
            if amount.is_zero() {
                continue;
            }
            let share = |part: &Money| model(*part) / model(amount);
            found.push(Backlog {
                party,
                amount,
                unfunded: customers.iter().map(|(&from, part)| model(*part) * rests[from].0).sum(),
                on_promises: customers.iter().map(|(&from, part)| model(*part) * rests[from].1).sum(),
                largest: customers
                    .iter()
                    .max_by_key(|(_, part)| **part)
                    .map(|(&from, part)| (from, share(part))),
                concentration: customers.values().map(|part| share(part) * share(part)).sum(),
            });
        }
        found
    }
}
