//! The published points; evenness before and after scrambling; convergence.

use super::*;
use proptest::prelude::*;

const PUBLISHED: &str = include_str!("../../../fixtures/published/sobol_joe_kuo.csv");

const SCRAMBLES: [Scramble; 4] =
    [Scramble::None, Scramble::Shift { seed: 3 }, Scramble::Owen { seed: 3 }, Scramble::Owen { seed: 4 }];

fn sobol(dimensions: usize, scramble: Scramble) -> Sobol {
    Sobol::new(dimensions, scramble).unwrap()
}

#[test]
fn points_are_those_published() {
    let sequence = sobol(128, Scramble::None);
    let mut rows = PUBLISHED.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(','));
    let indices: Vec<u32> = rows.next().unwrap().skip(1).map(|cell| cell.parse().unwrap()).collect();
    let mut dimensions = 0;
    for (dimension, row) in rows.enumerate() {
        for (&index, cell) in indices.iter().zip(row.skip(1)) {
            let published: u32 = cell.parse().unwrap();
            assert_eq!(sequence.bits(index, dimension), published, "point {index}, dimension {dimension}");
        }
        dimensions += 1;
    }
    assert_eq!((dimensions, indices.len()), (128, 13));
}

/// Every 2^k points from a multiple of 2^k have one in each interval of width 2^-k, in every dimension.
#[test]
fn each_dimension_is_stratified_whatever_the_scramble() {
    for scramble in SCRAMBLES {
        let sequence = sobol(128, scramble);
        for dimension in 0..128 {
            for (power, block) in [(1, 5_u32), (4, 0), (4, 9), (9, 2), (10, 0), (10, 777)] {
                let mut seen = vec![false; 1 << power];
                for index in 0..1_u32 << power {
                    let interval = sequence.bits((block << power) + index, dimension) >> (32 - power);
                    assert!(
                        !std::mem::replace(&mut seen[interval as usize], true),
                        "{scramble:?} {dimension}"
                    );
                }
            }
        }
    }
}

/// The first two dimensions are a (0, 2)-sequence: one point in each rectangle of area 2^-k, whatever its shape.
#[test]
fn the_first_two_dimensions_are_stratified_together() {
    for scramble in SCRAMBLES {
        let sequence = sobol(2, scramble);
        for (power, block) in [(6, 0_u32), (6, 3), (9, 1)] {
            for wide in 0..=power {
                let high = power - wide;
                let mut seen = vec![false; 1 << power];
                for index in (0..1_u32 << power).map(|index| (block << power) + index) {
                    let part = |dimension, bits| (u64::from(sequence.bits(index, dimension)) << bits) >> 32;
                    let cell = (part(0, wide) << high) + part(1, high);
                    assert!(!std::mem::replace(&mut seen[cell as usize], true), "{scramble:?} {wide} {high}");
                }
            }
        }
    }
}

proptest! {
    /// Owen's condition: what happens to the upper bits does not depend on those below.
    #[test]
    fn scrambling_is_nested(bits in any::<u32>(), low in any::<u32>(), kept in 1_u32..32, key in any::<u32>()) {
        let other = bits ^ (low >> kept);
        prop_assert_eq!(nested(bits, key) >> (32 - kept), nested(other, key) >> (32 - kept));
        prop_assert!((nested(bits, key) == nested(other, key)) == (bits == other));
    }

    #[test]
    fn points_lie_inside(index in any::<u32>(), seed in any::<u64>()) {
        for scramble in [Scramble::None, Scramble::Shift { seed }, Scramble::Owen { seed }] {
            let mut point = [f64::NAN; 5];
            sobol(4, scramble).point_into(index, &mut point);
            prop_assert!(point[..4].iter().all(|&u| u > 0.0 && u < 1.0));
            prop_assert!(point[4].is_nan());
        }
    }
}

/// Over seeds a scrambled coordinate is uniform: 2,000 seeds, mean and square against their own errors, 1e-6.
#[test]
fn one_point_over_seeds_is_uniform() {
    for owen in [false, true] {
        for index in [0, 1, 7, 1_000] {
            let (mut first, mut second) = (0.0, 0.0);
            for seed in 0..2_000 {
                let scramble = if owen { Scramble::Owen { seed } } else { Scramble::Shift { seed } };
                let mut point = [0.0; 3];
                sobol(3, scramble).point_into(index, &mut point);
                first += point[2] - 0.5;
                second += (point[2] - 0.5) * (point[1] - 0.5);
            }
            // Variances 1/12 and 1/144.
            let count = 2_000_f64;
            assert!((first / (count / 12.0).sqrt()).abs() < 4.9, "{owen} {index}");
            assert!((second / (count / 144.0).sqrt()).abs() < 4.9, "{owen} {index}");
        }
    }
}

/// The root mean square error, over 32 seeds, of the mean of `prod (1 + (x_j - 1/2) / j)`, which is 1.
fn error<P: FnMut(u32, &mut [f64])>(count: u32, points: impl Fn(u64) -> P) -> f64 {
    let mut squares = 0.0;
    for seed in 0..32 {
        let mut write = points(seed);
        let mut sum = 0.0;
        for index in 0..count {
            let mut point = [0.0; 8];
            write(index, &mut point);
            let factors = (1..).zip(point).map(|(j, x)| 1.0 + (x - 0.5) / f64::from(j));
            sum += factors.product::<f64>() - 1.0;
        }
        squares += (sum / f64::from(count)).powi(2) / 32.0;
    }
    squares.sqrt()
}

/// From 256 to 4,096 points, 16 times as many, random points gain a factor of 4, shifted ones nearly 16 and
/// scrambled ones nearly 64.
#[test]
fn a_smooth_integral_converges_faster_than_by_chance() {
    let random = |seed| {
        let mut stream = Stream::new(seed, 0, 0);
        move |_: u32, point: &mut [f64]| stream.fill_uniform(point)
    };
    let with = |scramble| {
        let sequence = sobol(8, scramble);
        move |index: u32, point: &mut [f64]| sequence.point_into(index, point)
    };
    let by_chance = [256, 4_096].map(|count| error(count, random));
    let shifted = [256, 4_096].map(|count| error(count, |seed| with(Scramble::Shift { seed })));
    let owen = [256, 4_096].map(|count| error(count, |seed| with(Scramble::Owen { seed })));
    let gain = |errors: [f64; 2]| errors[0] / errors[1];
    assert!((2.0..8.0).contains(&gain(by_chance)), "{by_chance:?}");
    assert!(gain(shifted) > 8.0, "{shifted:?}");
    assert!(gain(owen) > 24.0, "{owen:?}");
    assert!(owen[1] < by_chance[1] / 50.0, "{owen:?} {by_chance:?}");
}

#[test]
fn dimensions_are_checked() {
    assert_eq!(sobol(128, Scramble::None).dimensions(), Sobol::MAX_DIMENSIONS);
    for wrong in [0, 129, usize::MAX] {
        assert!(matches!(Sobol::new(wrong, Scramble::None), Err(Error::Argument { .. })), "{wrong}");
    }
    assert_eq!(sobol(1, Scramble::None).bits(5, 1), 0);
}
