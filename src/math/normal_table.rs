//! The inverse of the normal distribution by table: fast where millions of numbers are drawn.
//!
//! The smaller of `p` and `1 - p` names a piece by its exponent and leading five bits; on each piece
//! `z / (p - 1/2)` is a polynomial of degree 7 through the values of [`inverse_cdf`] at Chebyshev's nodes. A piece
//! is a sixty-fourth of its distance from zero, where the function is singular, so that the polynomial is as good as
//! the values are. No branch for the tails, no logarithm, root or quotient.

use super::normal::inverse_cdf;
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Binades of the table: from 2^-21 to one half, all but one uniform number in a million.
const BINADES: usize = 20;
/// Pieces of equal width in a binade.
const PIECES: usize = 32;
/// Bits of a double below those that name its piece.
const WITHIN: u32 = 52 - PIECES.ilog2();
/// The bits that name the first piece: those of 2^-21.
const FIRST: u64 = (1_023 - (BINADES as u64 + 1)) << PIECES.ilog2();
/// Coefficients of a piece, the constant term first: 64 bytes, one line of a cache.
const TERMS: usize = 8;

/// Ratios `z / (p - 1/2)` by the distance from the middle of each piece.
pub(super) struct Table(Vec<[f64; TERMS]>);

impl Table {
    /// The one table, made when it is first asked for.
    pub fn shared() -> &'static Table {
        static TABLE: LazyLock<Table> =
            LazyLock::new(|| Table((0..BINADES * PIECES).map(|index| piece(FIRST + index as u64)).collect()));
        &TABLE
    }

    /// [`inverse_cdf`] of each value.
    pub fn invert_in_place(&self, values: &mut [f64]) {
        for value in values {
            *value = self.invert(*value);
        }
    }

    /// [`inverse_cdf`] of a value.
    #[inline]
    pub fn invert(&self, p: f64) -> f64 {
        let tail = p.min(1.0 - p);
        let bits = tail.to_bits();
        // One half itself, what lies deeper in the tails and what is no probability are in no piece.
        let Some(coefficients) = self.0.get((bits >> WITHIN).wrapping_sub(FIRST) as usize) else {
            return inverse_cdf(p);
        };
        let middle = f64::from_bits(bits >> WITHIN << WITHIN | 1 << (WITHIN - 1));
        let x = tail - middle;
        let ratio = coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient);
        (p - 0.5) * ratio
    }
}

/// The piece of the numbers whose leading bits are these.
fn piece(leading: u64) -> [f64; TERMS] {
    let [from, to] = [leading, leading + 1].map(|bits| f64::from_bits(bits << WITHIN));
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    let ratio = |p: f64| inverse_cdf(p) / (p - 0.5);
    // What is interpolated is small beside the ratio in the middle, so that rounding is too.
    let constant = ratio(middle);
    let angle = |node: usize| PI * (node as f64 + 0.5) / TERMS as f64;
    let values: [f64; TERMS] =
        std::array::from_fn(|node| ratio(middle + half * libm::cos(angle(node))) - constant);
    let mut powers = [0.0; TERMS];
    let (mut chebyshev, mut next) = ([0.0; TERMS], [0.0; TERMS]);
    (chebyshev[0], next[1]) = (1.0, 1.0);
    for k in 0..TERMS {
        // c_k = 2/n sum f(cos a) cos(k a), half of it for k = 0
        let sum: f64 = (0..TERMS).map(|node| values[node] * libm::cos(k as f64 * angle(node))).sum();
        let coefficient = sum * if k == 0 { 1.0 } else { 2.0 } / TERMS as f64;
        for (power, part) in powers.iter_mut().zip(chebyshev) {
            *power += coefficient * part;
        }
        // T_(k+1) = 2 x T_k - T_(k-1)
        let after = std::array::from_fn(|power| {
            let shifted = if power > 0 { next[power - 1] } else { 0.0 };
            2.0 * shifted - chebyshev[power]
        });
        (chebyshev, next) = (next, after);
    }
    powers[0] += constant;
    let mut scale = 1.0;
    for power in &mut powers {
        *power *= scale;
        scale /= half;
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second method: the rational functions of AS 241, which the table is made of only at its nodes.
    #[test]
    fn pieces_agree_with_the_rational_functions_between_their_nodes() {
        let table = Table::shared();
        for (index, place) in (0..BINADES * PIECES).flat_map(|index| (0..16).map(move |place| (index, place)))
        {
            let bits = ((FIRST + index as u64) << WITHIN) + ((2 * place + 1) << (WITHIN - 5));
            for p in [f64::from_bits(bits), 1.0 - f64::from_bits(bits)] {
                let (found, expected) = (table.invert(p), inverse_cdf(p));
                assert!((found / expected - 1.0).abs() < 1.5e-15, "{p}: {found} {expected}");
            }
        }
    }

    #[test]
    fn pieces_meet() {
        let table = Table::shared();
        for index in 1..BINADES * PIECES {
            let edge = f64::from_bits((FIRST + index as u64) << WITHIN);
            let before = f64::from_bits(edge.to_bits() - 1);
            // The ratio moves by less than the distance between two doubles there.
            let [at, below] = [edge, before].map(|p| table.invert(p) / (p - 0.5));
            assert!((at / below - 1.0).abs() < 1.5e-15, "{edge}: {at} {below}");
        }
    }

    #[test]
    fn what_is_in_no_piece_is_as_before() {
        let table = Table::shared();
        for p in [0.0, 0.5, 1.0, 1e-300, 1e-8, -0.1, 1.5, f64::INFINITY] {
            assert_eq!(table.invert(p).to_bits(), inverse_cdf(p).to_bits(), "{p}");
        }
        assert!(table.invert(f64::NAN).is_nan());
        // Both tails are one function.
        assert_eq!(table.invert(0.25), -table.invert(0.75));
    }
}
