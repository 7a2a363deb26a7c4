//! Cents in proportion, so that nobody gets less when there is more to share.

/// Splits `total` in proportion to `weights` by the method of Sainte-Lague (Webster): the cents go one by
/// one to the claim with the greatest `weight / (2 x cents so far + 1)`, the earlier on ties.
///
/// Largest remainder, which splits cash elsewhere, can take a cent from a claim when there is one more to
/// share (the paradox of Alabama, 1880); then a network need not have a greatest clearing. By divisors it
/// cannot. A total of all weights gives each its weight, so no smaller one gives a claim more than it asks.
///
/// Weights must not be negative, and the total at most their sum.
pub(super) fn apportion(total: i64, weights: &[i64], parts: &mut [i64]) {
    let sum: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if sum == 0 {
        parts.fill(0);
        return;
    }
    // The exact shares, halves up: what the method gives for the sum they happen to have.
    let mut left = i128::from(total);
    for (part, &weight) in parts.iter_mut().zip(weights) {
        *part = ((2 * i128::from(total) * i128::from(weight) + sum) / (2 * sum)) as i64;
        left -= i128::from(*part);
    }
    while left > 0 {
        let Some(next) = best(weights, parts) else { return };
        parts[next] += 1;
        left -= 1;
    }
    while left < 0 {
        let Some(last) = worst(weights, parts) else { return };
        parts[last] -= 1;
        left += 1;
    }
}

/// The claim whose next cent stands first, earlier ones before later ones.
fn best(weights: &[i64], parts: &[i64]) -> Option<usize> {
    let key = |index: usize| (i128::from(weights[index]), 2 * i128::from(parts[index]) + 1);
    (0..weights.len()).reduce(|best, index| {
        let ((w, d), (best_w, best_d)) = (key(index), key(best));
        if w * best_d > best_w * d { index } else { best }
    })
}

/// The claim whose last cent stands last, later ones before earlier ones.
fn worst(weights: &[i64], parts: &[i64]) -> Option<usize> {
    let key = |index: usize| (i128::from(weights[index]), 2 * i128::from(parts[index]) - 1);
    (0..weights.len()).filter(|&index| parts[index] > 0).reduce(|worst, index| {
        let ((w, d), (worst_w, worst_d)) = (key(index), key(worst));
        if w * worst_d <= worst_w * d { index } else { worst }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(total: i64, weights: &[i64]) -> Vec<i64> {
        let mut parts = vec![0; weights.len()];
        apportion(total, weights, &mut parts);
        parts
    }

    #[test]
    fn the_method_by_hand() {
        // Quotients of 53, 24, 23: 53, 17.67, 10.6, 7.57; 24, 8; 23, 7.67. Seven cents: 53, 24, 23, 17.67,
        // 10.6, 8 and 7.67.
        assert_eq!(parts(7, &[53, 24, 23]), [3, 2, 2]);
        assert_eq!(parts(1, &[1, 1, 1]), [1, 0, 0]);
        assert_eq!(parts(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(parts(0, &[0, 0]), [0, 0]);
    }

    proptest! {
        /// One by one, as the method is defined.
        #[test]
        fn cents_handed_out_singly_give_the_same(
            weights in prop::collection::vec(0_i64..60, 1..7), share in 0.0..=1.0_f64,
        ) {
            let sum: i64 = weights.iter().sum();
            let total = (sum as f64 * share) as i64;
            let mut singly = vec![0; weights.len()];
            for _ in 0..total {
                let mut next = 0;
                for index in 1..weights.len() {
                    if weights[index] * (2 * singly[next] + 1) > weights[next] * (2 * singly[index] + 1) {
                        next = index;
                    }
                }
                singly[next] += 1;
            }
            prop_assert_eq!(parts(total, &weights), singly);
        }

        #[test]
        fn more_to_share_gives_nobody_less_and_nobody_more_than_its_claim(
            weights in prop::collection::vec(0_i64..1_000_000_000_000, 1..20), share in 0.0..1.0_f64,
        ) {
            let sum: i64 = weights.iter().sum();
            let total = ((sum as f64 * share) as i64).min(sum);
            let these = parts(total, &weights);
            prop_assert_eq!(these.iter().sum::<i64>(), total);
            prop_assert!(these.iter().zip(&weights).all(|(part, weight)| (0..=*weight).contains(part)));
            if total < sum {
                let more = parts(total + 1, &weights);
                prop_assert!(these.iter().zip(&more).all(|(less, more)| less <= more));
            }
            prop_assert_eq!(parts(sum, &weights), weights);
        }
    }
}
