//! The system around the deals: a sparse network cleared.

use criterion::{Criterion, criterion_group, criterion_main};
use leasefall::study::system::{Claim, Claims, Recovery, Vector};
use leasefall::{Money, Ratio};
use std::hint::black_box;

/// Parties with five claims each on others, of up to ten million dollars, and assets of up to three million: nearly half
/// cannot pay.
fn sparse(parties: usize) -> (Claims, Vec<Money>) {
    let mut state = 1_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut claims = Vec::with_capacity(5 * parties);
    for debtor in 0..parties {
        for _ in 0..5 {
            let creditor = (debtor + 1 + next(parties as u64 - 1) as usize) % parties;
            let amount = Money::from_minor(next(1_000_000_000) as i64);
            claims.push(Claim { debtor, creditor, class: 0, amount });
        }
    }
    let assets = (0..parties).map(|_| Money::from_minor(next(300_000_000) as i64)).collect();
    (Claims::new(parties, claims).expect("claims"), assets)
}

fn clearing(c: &mut Criterion) {
    let mut group = c.benchmark_group("clearing 10,000 parties, 50,000 claims");
    let (claims, assets) = sparse(10_000);
    let half = Ratio::new(1, 2).expect("a half");
    let costly = Recovery { assets: half, claims: half };
    let cases = [
        ("without costs of default, greatest", Recovery::FULL, Vector::Greatest),
        ("without costs of default, least", Recovery::FULL, Vector::Least),
        ("half lost in default, greatest", costly, Vector::Greatest),
        ("half lost in default, least", costly, Vector::Least),
    ];
    for (name, recovery, vector) in cases {
        group.bench_function(name, |b| {
            b.iter(|| claims.clear(black_box(&assets), recovery, vector).expect("a clearing"));
        });
    }
    group.finish();
}

criterion_group!(benches, clearing);
criterion_main!(benches);
