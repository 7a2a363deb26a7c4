//! Clearing vectors: published examples, the laws on random networks, and a second method in `f64`.

use leasefall::study::system::{Claim, Claims, Clearing, Recovery, Vector};
use leasefall::{Money, Ratio};
use proptest::prelude::*;

fn money(minor: i64) -> Money {
    Money::from_minor(minor)
}

fn claim(debtor: usize, creditor: usize, amount: i64) -> Claim {
    Claim { debtor, creditor, class: 0, amount: money(amount) }
}

fn half() -> Recovery {
    let half = Ratio::new(1, 2).unwrap();
    Recovery { assets: half, claims: half }
}

fn cases() -> ProptestConfig {
    let asked = std::env::var("LEASEFALL_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(64_u32), ..ProptestConfig::default() }
}

/// A closed ring without assets: anything up to full payment clears. Eisenberg and Noe exclude it by
/// regularity; the greatest vector pays all, the least nothing.
#[test]
fn a_ring_without_means_has_many_clearings() {
    let claims = Claims::new(3, vec![claim(0, 1, 70), claim(1, 2, 70), claim(2, 0, 70)]).unwrap();
    let paid = |assets: [i64; 3], vector| {
        claims.clear(&assets.map(Money::from_minor), Recovery::FULL, vector).unwrap().payments[0].minor()
    };
    assert_eq!((paid([0; 3], Vector::Greatest), paid([0; 3], Vector::Least)), (70, 0));
    // One cent anywhere in the ring, and the clearing is unique.
    assert_eq!((paid([0, 1, 0], Vector::Greatest), paid([0, 1, 0], Vector::Least)), (70, 70));
}

/// By hand. 0 has one cent and owes 1 and 2 a dollar each; 1 owes 0 a dollar. In real numbers 0 has 1 + x / 2 = x: two cents,
/// and one clearing. In whole ones two clear, for the odd cent goes to 1 and comes back: 0 pays 1 and 1 of its 2, or 2 and 1 of
/// its 3. So cash everywhere makes the clearing unique up to the rounding of cents, not to the cent.
#[test]
fn a_split_cent_can_circle() {
    let claims = Claims::new(3, vec![claim(0, 1, 1_00), claim(0, 2, 1_00), claim(1, 0, 1_00)]).unwrap();
    let paid = |vector| {
        let cleared = claims.clear(&[money(1), money(0), money(0)], Recovery::FULL, vector).unwrap();
        cleared.payments.iter().map(|payment| payment.minor()).collect::<Vec<_>>()
    };
    assert_eq!((paid(Vector::Least), paid(Vector::Greatest)), (vec![1, 1, 1], vec![2, 1, 2]));
}

/// By hand: of one cent owed to two alike, the claim that stands first gets it, whoever's it is.
#[test]
fn an_odd_cent_goes_by_the_order_of_claims_not_of_labels() {
    for (first, second) in [(1, 2), (2, 1)] {
        let claims = Claims::new(3, vec![claim(0, first, 5), claim(0, second, 5)]).unwrap();
        let cleared =
            claims.clear(&[money(1), money(0), money(0)], Recovery::FULL, Vector::Greatest).unwrap();
        assert_eq!(cleared.payments, [money(1), money(0)]);
    }
}

/// By hand: 0 has 50.00 and owes 30 first, then 40 and 60 in one class: 30 in full, and 20 as 8 and 12.
#[test]
fn senior_claims_are_paid_first() {
    let class = |creditor, class, amount| Claim { debtor: 0, creditor, class, amount: money(amount) };
    let claims = Claims::new(4, vec![class(2, 1, 40_00), class(1, 0, 30_00), class(3, 1, 60_00)]).unwrap();
    let assets = [50_00, 0, 0, 0].map(Money::from_minor);
    let cleared = claims.clear(&assets, Recovery::FULL, Vector::Greatest).unwrap();
    assert_eq!(cleared.payments, [8_00, 30_00, 12_00].map(Money::from_minor));
    assert_eq!(cleared.parties[0].shortfall, money(80_00));
}

#[test]
fn what_makes_no_network_is_refused() {
    assert!(Claims::new(2, vec![claim(0, 2, 1)]).is_err());
    assert!(Claims::new(2, vec![claim(1, 1, 1)]).is_err());
    assert!(Claims::new(2, vec![claim(0, 1, -1)]).is_err());
    assert!(Claims::new(2, vec![claim(0, 1, i64::MAX), claim(1, 0, 1)]).is_err());
    let claims = Claims::new(2, vec![claim(0, 1, 1)]).unwrap();
    let clear = |assets: &[Money], recovery| claims.clear(assets, recovery, Vector::Greatest);
    assert!(clear(&[money(1)], Recovery::FULL).is_err());
    assert!(clear(&[money(1), money(-1)], Recovery::FULL).is_err());
    assert!(clear(&[money(1), money(i64::MAX)], Recovery::FULL).is_err());
    let over = Recovery { assets: Ratio::new(3, 2).unwrap(), claims: Ratio::ONE };
    assert!(clear(&[money(1), money(1)], over).is_err());
}

#[derive(Clone, Debug)]
struct Network {
    parties: usize,
    claims: Vec<Claim>,
    assets: Vec<Money>,
}

impl Network {
    fn clear(&self, recovery: Recovery, vector: Vector) -> Clearing {
        let claims = Claims::new(self.parties, self.claims.clone()).unwrap();
        claims.clear(&self.assets, recovery, vector).unwrap()
    }
}

/// Of two to two hundred parties: half of them at most ten, where every shape comes up, one in eight any number.
fn networks(classes: u32) -> impl Strategy<Value = Network> {
    let sizes = prop_oneof![4 => 2_usize..=10, 3 => 2_usize..=50, 1 => 2_usize..=200];
    sizes.prop_flat_map(move |parties| {
        // A few cents too, where splits leave odd ones.
        let amounts = prop_oneof![3 => 0_i64..1_000_000, 1 => 0_i64..6];
        let claims =
            (0..parties, 1..parties, 0..classes, amounts).prop_map(move |(debtor, step, class, amount)| {
                Claim { debtor, creditor: (debtor + step) % parties, class, amount: money(amount) }
            });
        let assets = prop_oneof![Just(0_i64), 0_i64..500_000];
        (prop::collection::vec(claims, 0..4 * parties), prop::collection::vec(assets, parties)).prop_map(
            move |(claims, assets)| Network {
                parties,
                claims,
                assets: assets.into_iter().map(Money::from_minor).collect(),
            },
        )
    })
}

fn recoveries() -> impl Strategy<Value = Recovery> {
    let share = || (0_i128..=20).prop_map(|n| Ratio::new(n, 20).unwrap());
    prop_oneof![
        Just(Recovery::FULL),
        (share(), share()).prop_map(|(assets, claims)| Recovery { assets, claims })
    ]
}

/// Every law that a clearing must obey, read off the result alone.
fn obeys_the_laws(network: &Network, recovery: Recovery, cleared: &Clearing) -> Result<(), TestCaseError> {
    let (mut received, mut paid, mut owed) =
        (vec![0_i64; network.parties], vec![0_i64; network.parties], vec![0_i64; network.parties]);
    for (claim, payment) in network.claims.iter().zip(&cleared.payments) {
        prop_assert!(*payment >= Money::ZERO && *payment <= claim.amount);
        received[claim.creditor] += payment.minor();
        paid[claim.debtor] += payment.minor();
        owed[claim.debtor] += claim.amount.minor();
    }
    for (party, found) in cleared.parties.iter().enumerate() {
        let means = network.assets[party].minor() + received[party];
        prop_assert_eq!((found.received.minor(), found.paid.minor()), (received[party], paid[party]));
        // Conservation, to the cent; nobody pays more than it has.
        prop_assert_eq!(means, paid[party] + found.equity.minor() + found.cost.minor());
        prop_assert_eq!(owed[party], paid[party] + found.shortfall.minor());
        prop_assert!(found.equity >= Money::ZERO && found.cost >= Money::ZERO);
        // Limited liability and priority of debt: all is paid, or nothing but costs is left.
        prop_assert_eq!(found.defaulted(), means < owed[party]);
        if found.defaulted() {
            prop_assert_eq!(found.equity, Money::ZERO);
            let exact = network.assets[party].minor() as f64 * recovery.assets.to_f64()
                + received[party] as f64 * recovery.claims.to_f64();
            prop_assert!((paid[party] as f64 - exact).abs() <= 0.5 + 1e-6);
        } else {
            prop_assert_eq!(found.cost, Money::ZERO);
        }
        // Seniority: below a class that is short, nothing.
        let mine = || network.claims.iter().zip(&cleared.payments).filter(|(c, _)| c.debtor == party);
        if let Some(short) = mine().filter(|(c, p)| **p < c.amount).map(|(c, _)| c.class).min() {
            prop_assert!(mine().all(|(c, p)| c.class <= short || p.is_zero()));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn laws_of_clearing(network in networks(3), recovery in recoveries()) {
        let greatest = network.clear(recovery, Vector::Greatest);
        let least = network.clear(recovery, Vector::Least);
        obeys_the_laws(&network, recovery, &greatest)?;
        obeys_the_laws(&network, recovery, &least)?;
        for (most, fewest) in greatest.payments.iter().zip(&least.payments) {
            prop_assert!(most >= fewest);
        }
    }

    #[test]
    fn more_assets_pay_nobody_less(
        network in networks(2), recovery in recoveries(), gift in (any::<prop::sample::Index>(), 1_i64..300_000),
    ) {
        let mut richer = network.clone();
        let lucky = gift.0.index(network.parties);
        richer.assets[lucky] += money(gift.1);
        for vector in [Vector::Greatest, Vector::Least] {
            let (before, after) = (network.clear(recovery, vector), richer.clear(recovery, vector));
            for (less, more) in before.payments.iter().zip(&after.payments) {
                prop_assert!(less <= more);
            }
        }
    }

    #[test]
    fn labels_do_not_matter(
        network in networks(2), recovery in recoveries(),
        pair in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let (a, b) = (pair.0.index(network.parties), pair.1.index(network.parties));
        let swapped = |party: usize| if party == a { b } else if party == b { a } else { party };
        let mut other = network.clone();
        other.assets.swap(a, b);
        for claim in &mut other.claims {
            (claim.debtor, claim.creditor) = (swapped(claim.debtor), swapped(claim.creditor));
        }
        for vector in [Vector::Greatest, Vector::Least] {
            let (here, there) = (network.clear(recovery, vector), other.clear(recovery, vector));
            prop_assert_eq!(&here.payments, &there.payments);
            for party in 0..network.parties {
                prop_assert_eq!(here.parties[party], there.parties[swapped(party)]);
            }
        }
    }

    /// Who owes one other at most splits nothing, and no cent is rounded. With a cent or more everywhere and no costs of
    /// default there is then one clearing (Eisenberg and Noe 2001, theorem 2: every set of debtors is reached by cash).
    #[test]
    fn with_cash_everywhere_and_nothing_to_split_the_clearing_is_unique(network in networks(1)) {
        let mut network = network;
        let mut owes = vec![false; network.parties];
        network.claims.retain(|claim| !std::mem::replace(&mut owes[claim.debtor], true));
        network.assets.iter_mut().for_each(|assets| *assets += money(1));
        let of = |vector| network.clear(Recovery::FULL, vector).payments;
        prop_assert_eq!(of(Vector::Greatest), of(Vector::Least));
    }

    /// Without costs of default the real-valued clearing is continuous and rises with assets. Whole cents
    /// move what a party receives by at most `slack`, so real clearings with that much more and less on
    /// either side enclose the one in cents. With assets everywhere the real one is unique, and the same
    /// enclosure holds greatest and least.
    #[test]
    fn a_second_method_encloses_the_cents(network in networks(1)) {
        let mut network = network;
        // By divisors a payment is off its exact share by at most half a cent for each claim of its class.
        let mut debts = vec![0_usize; network.parties];
        for claim in &network.claims {
            debts[claim.debtor] += 1;
        }
        let mut slack = vec![0.0; network.parties];
        for claim in &network.claims {
            slack[claim.creditor] += 0.5 * debts[claim.debtor] as f64;
        }
        for (assets, slack) in network.assets.iter_mut().zip(&slack) {
            *assets += money(1 + slack.ceil() as i64);
        }
        let shifted = |sign: f64| -> Vec<f64> {
            network.assets.iter().zip(&slack).map(|(assets, slack)| assets.minor() as f64 + sign * slack).collect()
        };
        let (below, above) = (real_clearing(&network, &shifted(-1.0)), real_clearing(&network, &shifted(1.0)));
        for vector in [Vector::Greatest, Vector::Least] {
            for (party, found) in network.clear(Recovery::FULL, vector).parties.iter().enumerate() {
                let paid = found.paid.minor() as f64;
                prop_assert!(below[party] - 1e-3 <= paid && paid <= above[party] + 1e-3, "{party}: {paid} outside {} to {}", below[party], above[party]);
            }
        }
    }
}

/// Eisenberg and Noe in `f64` by fictitious defaults: who cannot pay is found in rounds, and in each the
/// payments of the defaulted solve a linear system, here by Gaussian elimination.
fn real_clearing(network: &Network, assets: &[f64]) -> Vec<f64> {
    let n = network.parties;
    let mut due = vec![vec![0.0; n]; n];
    for claim in &network.claims {
        due[claim.debtor][claim.creditor] += claim.amount.minor() as f64;
    }
    let owed: Vec<f64> = due.iter().map(|row| row.iter().sum()).collect();
    let share = |from: usize, to: usize| if owed[from] > 0.0 { due[from][to] / owed[from] } else { 0.0 };
    let mut paid = owed.clone();
    let mut defaulted = vec![false; n];
    loop {
        let short = |i: usize| {
            let means = assets[i] + (0..n).map(|j| share(j, i) * paid[j]).sum::<f64>();
            means < owed[i] - 1e-7
        };
        let more: Vec<usize> = (0..n).filter(|&i| !defaulted[i] && short(i)).collect();
        if more.is_empty() {
            return paid;
        }
        more.iter().for_each(|&i| defaulted[i] = true);
        let set: Vec<usize> = (0..n).filter(|&i| defaulted[i]).collect();
        let mut system: Vec<Vec<f64>> = Vec::new();
        for &i in &set {
            let mut row: Vec<f64> = set.iter().map(|&j| f64::from(u8::from(i == j)) - share(j, i)).collect();
            let solvent = (0..n).filter(|&j| !defaulted[j]);
            row.push(assets[i] + solvent.map(|j| share(j, i) * owed[j]).sum::<f64>());
            system.push(row);
        }
        for (&i, value) in set.iter().zip(solved(system)) {
            paid[i] = value;
        }
    }
}

/// Gaussian elimination. Networks are sparse: rows without the column are passed over.
fn solved(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rows.len();
    for column in 0..n {
        let pivot =
            (column..n).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs())).unwrap();
        rows.swap(column, pivot);
        let (above, below) = rows.split_at_mut(column + 1);
        let pivot = &above[column];
        for row in below.iter_mut().filter(|row| row[column] != 0.0) {
            let factor = row[column] / pivot[column];
            for (value, above) in row.iter_mut().zip(pivot).skip(column) {
                *value -= factor * above;
            }
        }
    }
    let mut found = vec![0.0; n];
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|column| rows[row][column] * found[column]).sum();
        found[row] = (rows[row][n] - known) / rows[row][row];
    }
    found
}

/// Ten thousand parties, five claims each.
pub fn sparse(parties: usize) -> (Claims, Vec<Money>) {
    let mut state = 1_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut claims = Vec::new();
    for debtor in 0..parties {
        for _ in 0..5 {
            let creditor = (debtor + 1 + next(parties as u64 - 1) as usize) % parties;
            claims.push(claim(debtor, creditor, next(1_000_000_000) as i64));
        }
    }
    let assets = (0..parties).map(|_| money(next(300_000_000) as i64)).collect();
    (Claims::new(parties, claims).unwrap(), assets)
}

/// A steady count in place of a clock: a release build makes several million updates a second.
#[test]
fn ten_thousand_parties_clear_in_few_steps() {
    let (claims, assets) = sparse(10_000);
    let cleared = claims.clear(&assets, half(), Vector::Greatest).unwrap();
    let defaults = cleared.parties.iter().filter(|party| party.defaulted()).count();
    assert!(defaults > 1_000, "{defaults} defaults");
    assert!(cleared.updates < 1_000_000, "{} updates", cleared.updates);
    let least = claims.clear(&assets, Recovery::FULL, Vector::Least).unwrap();
    let greatest = claims.clear(&assets, Recovery::FULL, Vector::Greatest).unwrap();
    assert!(least.updates.max(greatest.updates) < 2_000_000, "{} {}", least.updates, greatest.updates);
}
