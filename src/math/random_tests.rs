//! Streams: the authors' known answers, one result by every way of drawing, and statistics with fixed seeds.
//!
//! The bounds of the statistics are quantiles of the statistic's own law at 1e-6, so that a sound generator passes
//! at any seed and a broken one does not.

use super::*;
use proptest::prelude::*;

/// Random123, tests/kat_vectors (read), lines `philox4x32 10`: counter, key, answer.
#[test]
fn known_answers() {
    let known = [
        ([0; 4], [0; 2], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]),
        ([u32::MAX; 4], [u32::MAX; 2], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]),
        (
            [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
            [0xa4093822, 0x299f31d0],
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
        ),
    ];
    for (counter, key, answer) in known {
        assert_eq!(philox4x32(counter, key), answer);
    }
}

/// The third known answer through a stream: its counter names block 0x243f6a88 of a path and a purpose.
#[test]
fn a_stream_is_philox_with_its_name_in_the_counter() {
    let mut stream = Stream::new(0x299f31d0_a4093822, 0x03707344_13198a2e, 0x85a308d3);
    stream.seek(2 * 0x243f6a88);
    assert_eq!(stream.u64(), 0x94fdcceb_d16cfe09);
    assert_eq!(stream.u64(), 0x24126ea1_5001e420);
}

/// These never change: see the module's promise. Seed 0, path 0, purpose 0 opens with the first known answer.
#[test]
fn published_numbers_stay() {
    let mut stream = Stream::new(0, 0, 0);
    assert_eq!([stream.u64(), stream.u64()], [0xe169c58d_6627e8d5, 0x9b00dbd8_bc57ac4c]);
    stream.seek(0);
    let uniform = stream.uniform();
    assert_eq!(uniform, ((0xe169c58d_6627e8d5_u64 >> 11) | 1) as f64 / 9_007_199_254_740_992.0);
    stream.seek(0);
    assert!((normal::cdf(stream.normal()) - uniform).abs() < 1e-15);
}

#[test]
fn uniforms_never_reach_the_ends() {
    assert_eq!(to_uniform(0), (0.5_f64).powi(53));
    assert_eq!(to_uniform(u64::MAX), 1.0 - (0.5_f64).powi(53));
    assert!(normal::inverse_cdf(to_uniform(0)) > -8.21);
    assert_eq!(normal::inverse_cdf(to_uniform(0)), -normal::inverse_cdf(to_uniform(u64::MAX)));
}

proptest! {
    /// One by one, in bulk, cut anywhere, or sought: the same numbers.
    #[test]
    fn every_way_of_drawing_gives_the_same(
        name in any::<(u64, u64, u32)>(),
        start in any::<u64>(),
        cuts in proptest::collection::vec(0_usize..150, 0..6),
    ) {
        let mut single = Stream::new(name.0, name.1, name.2);
        let mut bulk = single.clone();
        single.seek(start);
        bulk.seek(start);
        for (index, length) in cuts.into_iter().enumerate() {
            let before = single.position();
            let mut values = vec![0.0; length];
            match index % 3 {
                0 => {
                    let mut bits = vec![0; length];
                    bulk.fill_u64(&mut bits);
                    for value in bits {
                        prop_assert_eq!(value, single.u64());
                    }
                }
                1 => {
                    bulk.fill_uniform(&mut values);
                    for value in values {
                        prop_assert_eq!(value, single.uniform());
                    }
                }
                _ => {
                    bulk.fill_normal(&mut values);
                    for value in values {
                        prop_assert_eq!(value.to_bits(), single.normal().to_bits());
                    }
                }
            }
            prop_assert_eq!(single.position(), before.wrapping_add(length as u64));
            prop_assert_eq!(bulk.position(), single.position());
        }
    }

    /// Names that differ anywhere give different blocks: for one seed, always.
    #[test]
    fn names_do_not_collide(seed in any::<u64>(), a in any::<(u64, u32)>(), b in any::<(u64, u32)>()) {
        prop_assume!(a != b);
        let [mut first, mut second] = [a, b].map(|name| Stream::new(seed, name.0, name.1));
        prop_assert_ne!([first.u64(), first.u64()], [second.u64(), second.u64()]);
    }
}

/// Pearson's statistic against equal cells, as a standard normal by Wilson and Hilferty's cube root.
fn chi_square_score(counts: &[u32]) -> f64 {
    let total: u32 = counts.iter().sum();
    let expected = f64::from(total) / counts.len() as f64;
    let statistic: f64 = counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    let freedom = (counts.len() - 1) as f64;
    ((statistic / freedom).cbrt() - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)).sqrt()
}

/// Two-sided at 1e-6.
const FAR: f64 = 4.9;

/// Streams that differ in one coordinate by one: the neighbours that a simulation uses.
fn neighbours() -> [[Stream; 2]; 4] {
    let base = Stream::new(42, 1_000, 3);
    [
        [base.clone(), Stream::new(43, 1_000, 3)],
        [base.clone(), Stream::new(42, 1_001, 3)],
        [base.clone(), Stream::new(42, 1_000, 4)],
        [base, Stream::new(42, 1_000 + (1 << 32), 3)],
    ]
}

#[test]
fn pairs_of_neighbouring_streams_fill_the_square_evenly() {
    for [mut first, mut second] in neighbours() {
        let mut counts = vec![0; 32 * 32];
        let mut serial = vec![0; 32 * 32];
        let mut last = first.clone().uniform();
        for _ in 0..100_000 {
            let (u, v) = (first.uniform(), second.uniform());
            counts[(u * 32.0) as usize * 32 + (v * 32.0) as usize] += 1;
            serial[(last * 32.0) as usize * 32 + (u * 32.0) as usize] += 1;
            last = u;
        }
        for score in [chi_square_score(&counts), chi_square_score(&serial)] {
            assert!(score.abs() < FAR, "{score}");
        }
    }
}

/// The first draw of each path: what a simulation with one number a path sees.
#[test]
fn first_draws_across_paths_are_uniform_and_uncorrelated() {
    let paths = 100_000;
    let mut counts = vec![0; 1_024];
    let mut product = 0.0;
    let mut last = 0.5;
    for path in 0..paths {
        let uniform = Stream::new(9, path, 0).uniform();
        counts[(uniform * 1_024.0) as usize] += 1;
        product += (uniform - 0.5) * (last - 0.5) * 12.0;
        last = uniform;
    }
    assert!(chi_square_score(&counts).abs() < FAR);
    assert!((product / (paths as f64).sqrt()).abs() < FAR);
}

/// Moments 1 to 4 of a normal have variances 1, 2, 15 and 96 about 0, 1, 0 and 3; products of two streams 1.
#[test]
fn normals_have_the_moments_of_the_normal_and_streams_do_not_correlate() {
    let draws = 200_000;
    let scale = f64::from(draws).sqrt();
    for [mut first, mut second] in neighbours() {
        let mut sums = [0.0; 5];
        for _ in 0..draws {
            let (x, y) = (first.normal(), second.normal());
            let terms = [x, x * x - 1.0, x.powi(3), x.powi(4) - 3.0, x * y];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        }
        for (sum, variance) in sums.iter().zip([1.0, 2.0, 15.0, 96.0, 1.0_f64]) {
            let score = sum / scale / variance.sqrt();
            assert!(score.abs() < FAR, "{sums:?}");
        }
    }
}

/// Every bit is one half the time and changes with its neighbour half the time.
#[test]
fn bits_are_fair() {
    let draws = 50_000;
    let mut stream = Stream::new(5, 5, 5);
    let (mut ones, mut same) = ([0_i32; 64], [0_i32; 64]);
    for _ in 0..draws {
        let bits = stream.u64();
        let shifted = bits ^ bits.rotate_left(1);
        for bit in 0..64 {
            ones[bit] += (bits >> bit & 1) as i32;
            same[bit] += (shifted >> bit & 1) as i32;
        }
    }
    for count in ones.into_iter().chain(same) {
        let score = f64::from(2 * count - draws) / f64::from(draws).sqrt();
        assert!(score.abs() < FAR, "{score}");
    }
}
