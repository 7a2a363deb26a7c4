//! What a note's cash is worth, and how that worth moves: price, yield, spread, life, durations.
//!
//! Everything starts from [`NoteFlows`], the cash one note is paid, and a settlement date. Cash is exact
//! up to [`NoteFlow::cash`]; from there on figures are model values (`f64`).
//!
//! | Question | Answer |
//! |---|---|
//! | What is it worth on a curve? | [`present_value`], [`dirty_price`], [`clean_price`], [`accrued_interest`] |
//! | What does a buyer earn at a price? | [`yield_at_clean_price`], [`z_spread`], [`discount_margin`] |
//! | When does principal come back? | [`wal_years`], [`principal_window`], [`expected_final`] |
//! | How does the price move? | [`YieldMeasures`], [`CurveRisk`], [`cs01`] |
//! | What rating does its loss or default probability imply? | [`rating`] |
//! | What must a bank hold against it? | [`capital`] |
//! | Where does each note begin and end to lose? | [`CapitalStructure`] |
//! | All of it at once | [`NoteMeasures`] |
//! | What do pools and tranches lose by chance, without simulation? | [`exact`] |
//!
//! Conventions that hold throughout:
//!
//! * A price is per 100 of the balance outstanding at settlement, so it is comparable after pay-downs.
//! * Rates, yields and spreads are fractions a year: `0.0125` is 125 basis points.
//! * Cash paid on the settlement date belongs to the seller.
//! * A DV01 or CS01 is positive when the price falls as rates or spreads rise.
//! * Nothing returns a `NaN`: what cannot be computed is a [`SolveError`](crate::SolveError) with its reason.

#[cfg(feature = "chance")]
pub mod capital;
#[cfg(feature = "chance")]
pub mod exact;
pub mod flows;
pub mod life;
pub mod margin;
pub mod market;
pub mod measures;
pub mod price;
pub mod rating;
pub mod risk;
pub mod spread;
pub mod yields;

mod cash;
mod deal;
mod search;
mod structure;
#[cfg(test)]
mod testing;

pub use deal::{DealValuation, NoteValuation, note_flows, pricing_curve, value_deal};
pub use flows::{NoteFlow, NoteFlows};
pub use life::{PrincipalWindow, expected_final, principal_window, wal_years};
pub use margin::{dirty_price_at_margin, discount_margin};
pub use market::{Conventions, Market, Pricing};
pub use measures::{NoteMeasures, SpreadMeasures};
pub use price::{ZSpread, accrued_interest, accrued_per_100, clean_price, dirty_price, present_value};
pub use risk::{BASIS_POINT, CurveRisk, cs01, curve_risk, curve_risk_reprojected};
pub use spread::z_spread;
pub(crate) use structure::points_of_notes;
pub use structure::{CapitalStructure, Layer, Points};
pub use yields::{
    YieldConvention, YieldMeasures, YieldTime, clean_price_at_yield, dirty_price_at_yield,
    yield_at_clean_price, yield_at_dirty_price,
};
