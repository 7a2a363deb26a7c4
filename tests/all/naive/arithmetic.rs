//! Exact fractions, rounding, and sharing by largest remainder.

use leasefall::Rounding;
use leasefall::deal::Allocation;
use leasefall::time::{Date, DayCount};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

pub(super) type Fraction = BigRational;

/// What each receives when at most `most` is paid.
pub(super) fn shares(most: i128, dues: &[i128], allocation: Allocation) -> Vec<i128> {
    let total: i128 = dues.iter().sum();
    let paid = most.min(total);
    match allocation {
        Allocation::Sequential => {
            let mut left = paid;
            let mut next = |due: &i128| {
                let part = left.min(*due);
                left -= part;
                part
            };
            dues.iter().map(&mut next).collect()
        }
        Allocation::ProRata => largest_remainder(paid, dues),
        Allocation::ProRataOpening => unreachable!("shared by balances, not by what is due"),
    }
}

/// What each receives in proportion to its weight, but never more than is due to it.
pub(super) fn shares_by(most: i128, dues: &[i128], weights: &[i128]) -> Vec<i128> {
    let mut left = most.min(dues.iter().sum());
    let mut parts: Vec<Option<i128>> = vec![None; dues.len()];
    loop {
        let open: Vec<usize> = (0..dues.len()).filter(|&i| parts[i].is_none()).collect();
        let by_due = open.iter().all(|&i| weights[i] == 0);
        let open_weights: Vec<i128> =
            open.iter().map(|&i| if by_due { dues[i] } else { weights[i] }).collect();
        let total: i128 = open_weights.iter().sum();
        let passes = |k: &usize| total > 0 && left * open_weights[*k] > dues[open[*k]] * total;
        let settled: Vec<usize> = (0..open.len()).filter(passes).map(|k| open[k]).collect();
        if settled.is_empty() {
            for (&i, part) in open.iter().zip(largest_remainder(left, &open_weights)) {
                parts[i] = Some(part);
            }
            return parts.into_iter().map(|part| part.expect("a part for each")).collect();
        }
        for i in settled {
            parts[i] = Some(dues[i]);
            left -= dues[i];
        }
    }
}

/// Floor shares, then a unit each to the largest remainders, the earlier first on ties.
pub(super) fn largest_remainder(paid: i128, weights: &[i128]) -> Vec<i128> {
    let total: i128 = weights.iter().sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<Fraction> = weights.iter().map(|w| whole(paid) * whole(*w) / whole(total)).collect();
    let mut parts: Vec<i128> = exact.iter().map(|share| rounded(share, Rounding::Down)).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| (exact[i].fract(), std::cmp::Reverse(i)));
    let left = paid - parts.iter().sum::<i128>();
    for &i in order.iter().rev().take(left as usize) {
        parts[i] += 1;
    }
    parts
}

/// Balances of an annuity after 0, 1, ..., `count` payments, each rounded half-even.
pub(super) fn annuity_balances(original: i128, rate: &Fraction, count: usize) -> Vec<i128> {
    let growth = Fraction::one() + rate;
    let mut powers = vec![Fraction::one()];
    for k in 0..count {
        powers.push(&powers[k] * &growth);
    }
    let exact = |k: usize| match rate.is_zero() {
        true => whole(original) * whole((count - k) as i128) / whole(count as i128),
        // B_k = B_0 (g^N - g^k) / (g^N - 1)
        false => whole(original) * (&powers[count] - &powers[k]) / (&powers[count] - &powers[0]),
    };
    (0..=count).map(|k| if count == 0 { 0 } else { rounded(&exact(k), Rounding::HalfEven) }).collect()
}

pub(super) fn year_fraction(day_count: DayCount, start: Date, end: Date) -> Fraction {
    let fraction = day_count.year_fraction(start, end);
    whole(i128::from(fraction.numerator())) / whole(i128::from(fraction.denominator()))
}

pub(super) fn whole(number: i128) -> Fraction {
    Fraction::from_integer(BigInt::from(number))
}

pub(super) fn decimal(number: Decimal) -> Fraction {
    Fraction::new(BigInt::from(number.mantissa()), BigInt::from(10).pow(number.scale()))
}

pub(super) fn rounded(exact: &Fraction, rounding: Rounding) -> i128 {
    let half = Fraction::new(BigInt::from(1), BigInt::from(2));
    let toward_zero = exact.trunc();
    let rest = exact.fract().abs();
    let odd = !(&toward_zero * &half).is_integer();
    let away = match rounding {
        Rounding::Down => false,
        Rounding::HalfUp => rest >= half,
        Rounding::HalfEven => rest > half || (rest == half && odd),
    };
    let unit = if away { exact.signum() } else { Fraction::zero() };
    (toward_zero + unit).to_integer().to_i128().expect("an amount below 128 bits")
}

#[test]
fn rounding_and_sharing_are_those_of_the_page() {
    let tenths = |n: i128| whole(n) / whole(10);
    let round = |n: i128, rounding| rounded(&tenths(n), rounding);
    assert_eq!([5, 15, 25, -5, -15, 26].map(|n| round(n, Rounding::HalfEven)), [0, 2, 2, 0, -2, 3]);
    assert_eq!([4, 5, 15, -5, -15].map(|n| round(n, Rounding::HalfUp)), [0, 1, 2, -1, -2]);
    assert_eq!([9, 19, -19].map(|n| round(n, Rounding::Down)), [0, 1, -1]);
    assert_eq!(largest_remainder(10, &[1, 2, 4]), [1, 3, 6]);
    assert_eq!(largest_remainder(100, &[1, 1, 1]), [34, 33, 33]);
    // 1,000.00 at 1% a month in three payments of 340.02: 669.98, 336.66, 0.
    assert_eq!(annuity_balances(3_825, &tenths(0), 6), [3_825, 3_188, 2_550, 1_912, 1_275, 638, 0]);
    assert_eq!(annuity_balances(100_000, &(whole(1) / whole(100)), 3), [100_000, 66_998, 33_666, 0]);
}
