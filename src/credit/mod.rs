//! When obligors default, how their defaults hang together, and what is recovered.
//!
//! | Question | Answer |
//! |---|---|
//! | How likely is default by a date, and under which measure? | [`DefaultCurve`], [`Measure`] |
//! | How do defaults depend on each other? | [`Copula`], [`Loadings`], [`Latent`] |
//! | What is recovered? | [`Recovery`], [`RandomRecovery`] |
//! | When are losses and premium paid? | [`PaymentConvention`] |
//!
//! An obligor has one latent variable for life, `X = a_1 M_1 + ... + a_K M_K + b Z`, with common factors `M`,
//! its own part `Z` and `b = sqrt(1 - sum a^2)`. It defaults at the time at which its curve reaches the
//! probability `F(X)`, so that a low latent means an early default and every obligor keeps its own default
//! probabilities whatever the dependence (Li, *Journal of Fixed Income* 9, 2000).

mod convention;
mod curve;
mod dependence;
mod latent;
mod recovery;

pub use convention::{LossPaid, PaymentConvention, PremiumLegs, PremiumOn};
pub use curve::{DefaultCurve, Measure};
pub use dependence::{Copula, Correlation, Loading, Loadings};
pub use latent::Latent;
pub use recovery::{RandomRecovery, Recovery};
