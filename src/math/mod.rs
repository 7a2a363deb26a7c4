//! Numerical methods, without a word of finance: exponentials, the normal distribution and roots of equations.

pub mod exp;
pub mod normal;
pub mod root;
