//! Numerical methods, without a word of finance: the normal distribution, roots of equations, streams of random
//! numbers, Sobol's sequence.

pub mod normal;
pub mod random;
pub mod root;
pub mod sobol;
