//! Random numbers, one by one and in bulk.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leasefall::math::random::Stream;
use std::hint::black_box;

const DRAWS: usize = 1_024;

fn random(c: &mut Criterion) {
    let mut group = c.benchmark_group("random");
    group.throughput(Throughput::Elements(DRAWS as u64));
    let mut bits = vec![0; DRAWS];
    let mut values = vec![0.0; DRAWS];
    let mut stream = Stream::new(1, 2, 3);
    group.bench_function("u64", |b| b.iter(|| bits.iter_mut().for_each(|value| *value = stream.u64())));
    group.bench_function("fill_u64", |b| b.iter(|| stream.fill_u64(black_box(&mut bits))));
    group.bench_function("fill_uniform", |b| b.iter(|| stream.fill_uniform(black_box(&mut values))));
    group.bench_function("normal", |b| {
        b.iter(|| values.iter_mut().for_each(|value| *value = stream.normal()))
    });
    group.bench_function("fill_normal", |b| b.iter(|| stream.fill_normal(black_box(&mut values))));
    group.bench_function("first u64 of a path", |b| {
        b.iter(|| (0..DRAWS as u64).fold(0, |sum, path| sum ^ Stream::new(1, path, 3).u64()))
    });
    group.finish();
}

criterion_group!(benches, random);
criterion_main!(benches);
