//! Numerical methods, without a word of finance: exponentials, the normal and Student distributions in one and
//! two dimensions and in sums, integrals, roots of equations, streams of random numbers, Sobol's sequence.

pub mod bivariate;
pub mod exp;
pub mod normal;
pub mod quadrature;
pub mod random;
pub mod root;
pub mod sobol;
pub mod student;
pub mod student_sum;
