//! Losses of pools and tranches without simulation: closed forms and exact recursions.
//!
//! | Question | Answer |
//! |---|---|
//! | How are the losses of a pool of unlike names distributed? | [`ReferencePool::loss_distribution`] |
//! | How many default? | [`ReferencePool::default_counts`] |
//! | What does a tranche lose, and how likely? | [`ReferencePool::tranche_losses`], [`TrancheLoss`] |
//! | What premium is a tranche worth? | [`ReferencePool::price_tranches`], [`TranchePrice`] |
//! | And the nth default? | [`ReferencePool::nth_to_default_spreads`] |
//! | What of a pool of tranches (CDO squared)? | [`SquaredPool`] |
//! | And of infinitely many like names? | [`LargePool`] |
//!
//! Given the common factors defaults are independent, and the distribution of the loss in whole
//! [loss units](ReferencePool::loss_unit) is built name by name (Andersen, Sidenius and Basu, *Risk*, 2003).
//! The factors are then integrated out by adaptive Gauss-Kronrod rules, those that only part of the pool
//! depends on inside those that all depend on, so that sectors cost a sum and not a product. Nothing is
//! random: results are good to about 1e-9 of the notional, and every name keeps its own default probability
//! and expected loss under every copula.

mod conditional;
mod distribution;
mod factor;
mod large_pool;
mod nth;
mod plan;
mod pool;
mod squared;
mod tranche;
mod unit;

pub use distribution::LossDistribution;
pub use large_pool::LargePool;
pub use pool::{ReferenceEntity, ReferencePool};
pub use squared::{InnerPool, SquaredPool};
pub use tranche::{Tranche, TrancheLoss, TranchePrice};
