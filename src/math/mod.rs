//! Numerical methods, without a word of finance: the normal distribution and roots of equations.

pub mod normal;
pub mod root;
