//! When obligors default, how their defaults hang together, and what is recovered.
//!
//! | Question | Answer |
//! |---|---|
//! | Where on the scale? | [`Rating`], written as either agency writes it |
//! | How often did such names default? | [`historical`]: S&P's corporates, 1981-2019 |
//! | What loss does Moody's let the rating stand for? | [`idealized`] |
//! | How likely is default by a date, and under which measure? | [`DefaultCurve`], [`Measure`] |
//! | How do defaults depend on each other? | [`Copula`], [`Loadings`], [`Latent`] |
//! | What is recovered? | [`Recovery`], [`RandomRecovery`] |
//! | When are losses and premium paid? | [`PaymentConvention`] |
//!
//! An obligor has one latent variable for life, `X = a_1 M_1 + ... + a_K M_K + b Z`, with common factors `M`,
//! its own part `Z` and `b = sqrt(1 - sum a^2)`. It defaults at the time at which its curve reaches the
//! probability `F(X)`, so that a low latent means an early default and every obligor keeps its own default
//! probabilities whatever the dependence (Li, *Journal of Fixed Income* 9, 2000).

pub mod historical;
pub mod idealized;

mod convention;
mod curve;
#[cfg(feature = "chance")]
mod dependence;
#[cfg(feature = "chance")]
mod latent;
mod rating;
#[cfg(feature = "chance")]
mod recovery;

pub use convention::{LossPaid, PaymentConvention, PremiumLegs, PremiumOn};
pub use curve::{DefaultCurve, Measure};
#[cfg(feature = "chance")]
pub use dependence::{Copula, Correlation, Loading, Loadings};
#[cfg(feature = "chance")]
pub use latent::Latent;
pub use rating::{Rating, UnknownRating};
#[cfg(feature = "chance")]
pub use recovery::{RandomRecovery, Recovery};
