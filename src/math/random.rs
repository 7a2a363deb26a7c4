//! Streams of random numbers by name: Philox4x32-10, a function of a counter and a key, without state to seed.
//!
//! A draw depends on the seed, the path, the purpose and its place in the stream, and on nothing else: not on
//! what was drawn before, by whom, in which thread or batch. Opening a stream costs nothing, and distinct streams
//! of one seed never share a block, since path and purpose are part of the counter.
//!
//! **The numbers of a stream do not change between versions of this crate.** Results that somebody has published
//! must come out again.
//!
//! Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).

use super::normal;

/// Random numbers for one purpose on one path.
///
/// ```
/// use leasefall::math::random::Stream;
/// let mut stream = Stream::new(2026, 7, 0);
/// let first = stream.u64();
/// let second = stream.u64();
/// assert_ne!(first, second);
///
/// // Another opening of the same stream starts again; a place in it can be read at once.
/// assert_eq!(Stream::new(2026, 7, 0).u64(), first);
/// let mut later = Stream::new(2026, 7, 0);
/// later.seek(1);
/// assert_eq!(later.u64(), second);
/// assert_ne!(Stream::new(2026, 8, 0).u64(), first);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    /// Words 1 to 3 of every counter of the stream; word 0 counts blocks.
    name: [u32; 3],
    /// Draws made, from which the next block and half follow.
    position: u64,
    /// The second half of the last block, for the draw at an odd position.
    spare: u64,
}

impl Stream {
    /// Opens the stream of a seed, a path and a purpose. Each of the three may be any number: seeds that follow
    /// one another give streams as unlike as any others.
    #[inline]
    pub const fn new(seed: u64, path: u64, purpose: u32) -> Stream {
        Stream {
            key: [seed as u32, (seed >> 32) as u32],
            name: [purpose, path as u32, (path >> 32) as u32],
            position: 0,
            spare: 0,
        }
    }

    /// Draws made so far, or skipped by [`Stream::seek`].
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Goes to a place in the stream: the next draw is number `position`, counted from 0.
    pub fn seek(&mut self, position: u64) {
        self.position = position;
        if position % 2 == 1 {
            self.spare = halves(self.block(position / 2))[1];
        }
    }

    /// 64 random bits. A stream repeats after 2^33 draws.
    #[inline]
    pub fn u64(&mut self) -> u64 {
        let place = self.position;
        self.position = place.wrapping_add(1);
        if place % 2 == 1 {
            return self.spare;
        }
        let [first, second] = halves(self.block(place / 2));
        self.spare = second;
        first
    }

    /// A number between 0 and 1, both excluded: an odd multiple of 2^-53, so that `u` and `1 - u` are equally
    /// likely and exact. One draw.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        to_uniform(self.u64())
    }

    /// A standard normal number: [`normal::inverse_cdf`] of [`Stream::uniform`], within 8.21 of zero. One draw.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal::inverse_cdf(self.uniform())
    }

    /// Fills a slice with what as many calls of [`Stream::u64`] would give, faster.
    pub fn fill_u64(&mut self, values: &mut [u64]) {
        self.fill(values, |bits| bits, bits_of_blocks);
    }

    /// Fills a slice with what as many calls of [`Stream::uniform`] would give, faster.
    pub fn fill_uniform(&mut self, values: &mut [f64]) {
        self.fill(values, to_uniform, uniforms_of_blocks);
    }

    /// Fills a slice with what as many calls of [`Stream::normal`] would give, faster.
    ///
    /// ```
    /// use leasefall::math::random::Stream;
    /// let mut several = [0.0; 3];
    /// Stream::new(1, 0, 0).fill_normal(&mut several);
    /// let mut stream = Stream::new(1, 0, 0);
    /// assert_eq!(several, [stream.normal(), stream.normal(), stream.normal()]);
    /// ```
    pub fn fill_normal(&mut self, values: &mut [f64]) {
        self.fill_uniform(values);
        normal::inverse_cdf_in_place(values);
    }

    fn fill<T: Copy + Default>(
        &mut self,
        mut values: &mut [T],
        of_bits: impl Fn(u64) -> T,
        of_blocks: impl Fn(&Stream, &mut [[T; 2 * LANES]]),
    ) {
        if self.position % 2 == 1
            && let Some((first, rest)) = std::mem::take(&mut values).split_first_mut()
        {
            *first = of_bits(self.u64());
            values = rest;
        }
        let (chunks, rest) = values.as_chunks_mut();
        of_blocks(self, chunks);
        self.position = self.position.wrapping_add((2 * LANES * chunks.len()) as u64);
        // All lanes cost what a dozen draws one by one do.
        if rest.len() < 12 {
            rest.iter_mut().for_each(|value| *value = of_bits(self.u64()));
        } else {
            let mut more = [[T::default(); 2 * LANES]];
            of_blocks(self, &mut more);
            let taken = rest.len();
            rest.copy_from_slice(&more[0][..taken]);
            self.seek(self.position.wrapping_add(taken as u64));
        }
    }

    #[inline]
    fn block(&self, index: u64) -> [u32; 4] {
        let [purpose, low, high] = self.name;
        philox4x32([index as u32, purpose, low, high], self.key)
    }
}

/// Draws from a stream's position on, which is even.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn bits_of_blocks(stream: &Stream, chunks: &mut [[u64; 2 * LANES]]) {
    fill_chunks(stream, chunks, |bits| bits);
}

/// [`bits_of_blocks`] as uniforms.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn uniforms_of_blocks(stream: &Stream, chunks: &mut [[f64; 2 * LANES]]) {
    fill_chunks(stream, chunks, to_uniform);
}

#[inline(always)]
fn fill_chunks<T>(stream: &Stream, chunks: &mut [[T; 2 * LANES]], of_bits: impl Fn(u64) -> T) {
    let mut index = stream.position / 2;
    for chunk in chunks {
        let [even, odd] = blocks(stream, index);
        index = index.wrapping_add(LANES as u64);
        for (pair, (first, second)) in chunk.chunks_exact_mut(2).zip(even.into_iter().zip(odd)) {
            pair[0] = of_bits(first);
            pair[1] = of_bits(second);
        }
    }
}

/// [`LANES`] blocks of a stream from `index` on: the first halves of all, then the second.
///
/// A word stands in the low half of 64 bits, and what a product leaves in the upper half stays there unread.
/// So the inner loop is eight vector instructions, which the compiler finds at this number of lanes.
#[inline(always)]
fn blocks(stream: &Stream, index: u64) -> [[u64; LANES]; 2] {
    let [mut w1, mut w2, mut w3] = stream.name.map(|word| [u64::from(word); LANES]);
    let mut w0 = [index; LANES];
    for (lane, word) in (0..).zip(&mut w0) {
        *word = word.wrapping_add(lane);
    }
    let mut key = stream.key;
    for _ in 0..ROUNDS {
        let [k0, k1] = key.map(u64::from);
        for lane in 0..LANES {
            let a = MULTIPLIERS[0] * (w0[lane] & LOW);
            let b = MULTIPLIERS[1] * (w2[lane] & LOW);
            w0[lane] = (b >> 32) ^ w1[lane] ^ k0;
            w1[lane] = b;
            w2[lane] = (a >> 32) ^ w3[lane] ^ k1;
            w3[lane] = a;
        }
        key = next_key(key);
    }
    for lane in 0..LANES {
        w0[lane] = (w0[lane] & LOW) | (w1[lane] << 32);
        w2[lane] = (w2[lane] & LOW) | (w3[lane] << 32);
    }
    [w0, w2]
}

/// Blocks worked on at once when a slice is filled.
const LANES: usize = 16;
const ROUNDS: usize = 10;
const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const LOW: u64 = u32::MAX as u64;

/// The block of 128 random bits that Philox4x32-10 makes of a counter and a key.
///
/// ```
/// use leasefall::math::random::philox4x32;
/// // The first of the authors' known answers.
/// assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
#[inline]
pub const fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let (mut words, mut key) = (counter, key);
    let mut rounds = 0;
    while rounds < ROUNDS {
        words = round(words, key);
        key = next_key(key);
        rounds += 1;
    }
    words
}

/// One round: two 32 x 32 bit products, their halves crossed with the other words and the key.
#[inline(always)]
const fn round(words: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let a = MULTIPLIERS[0] * words[0] as u64;
    let b = MULTIPLIERS[1] * words[2] as u64;
    [(b >> 32) as u32 ^ words[1] ^ key[0], b as u32, (a >> 32) as u32 ^ words[3] ^ key[1], a as u32]
}

/// Weyl steps by the golden ratio and by the square root of 3, less 1.
#[inline(always)]
const fn next_key(key: [u32; 2]) -> [u32; 2] {
    [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)]
}

#[inline(always)]
const fn halves(words: [u32; 4]) -> [u64; 2] {
    [words[0] as u64 | (words[1] as u64) << 32, words[2] as u64 | (words[3] as u64) << 32]
}

/// `(2k + 1) / 2^53` of the upper 52 bits `k`. With 53 bits and a half the largest would round to 1.
#[inline(always)]
fn to_uniform(bits: u64) -> f64 {
    // `k` as the mantissa of a number from 1 to 2; the subtraction is exact, and cheaper than a conversion.
    f64::from_bits(0x3FF0_0000_0000_0000 | bits >> 12) - (1.0 - f64::EPSILON / 2.0)
}

#[cfg(test)]
#[path = "random_tests.rs"]
mod tests;
