//! How likely an obligor is to fail: ratings, and the tables that give a rating its figures.
//!
//! | Question | Answer |
//! |---|---|
//! | Where on the scale? | [`Rating`], written as either agency writes it |
//! | How often did such names default? | [`historical`]: S&P's corporates, 1981-2019 |
//! | What loss does Moody's let the rating stand for? | [`idealized`] |
//!
//! Historical and idealized figures are physical probabilities. Those implied by spreads are several times
//! higher, since a spread also pays for risk; the two never stand in for one another here.

pub mod historical;
pub mod idealized;

mod convention;
mod curve;
mod dependence;
mod latent;
mod rating;
mod recovery;

pub use convention::{LossPaid, PaymentConvention, PremiumLegs, PremiumOn};
pub use curve::{DefaultCurve, Measure};
pub use dependence::{Copula, Correlation, Loading, Loadings};
pub use latent::Latent;
pub use recovery::{RandomRecovery, Recovery};
pub use rating::{Rating, UnknownRating};
