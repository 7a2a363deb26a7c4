//! Where a note is valued, by which conventions, and from what quote.

use super::yields::YieldConvention;
use crate::curve::{Compounding, Curve, DiscountCurve};
use crate::time::{Date, DayCount};

/// What is known of a note's value; the rest follows from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pricing {
    /// Clean price per 100 of balance.
    CleanPrice(f64),
    /// Dirty price per 100 of balance.
    DirtyPrice(f64),
    /// Yield, in [`Conventions::yield_convention`].
    Yield(f64),
    /// Spread over the curve, in [`Conventions::spread_compounding`].
    ZSpread(f64),
    /// Margin over the index; needs [`Market::index`].
    DiscountMargin(f64),
}

/// How measures are quoted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conventions {
    /// Of the yield and its durations.
    pub yield_convention: YieldConvention,
    /// Of the spread over the curve.
    pub spread_compounding: Compounding,
    /// Of the weighted average life.
    pub wal_day_count: DayCount,
    /// The move of the curve, up and down, for effective durations and DV01; a fraction.
    pub curve_shift: f64,
}

impl Default for Conventions {
    /// Bond-equivalent yield, continuous spread, WAL in calendar time (act/365F), curve moves of 25 basis
    /// points.
    fn default() -> Self {
        Conventions {
            yield_convention: YieldConvention::BOND_EQUIVALENT,
            spread_compounding: Compounding::Continuous,
            wal_day_count: DayCount::Act365Fixed,
            curve_shift: 0.0025,
        }
    }
}

/// Where and when a note is valued.
#[derive(Clone, Copy, Debug)]
pub struct Market<'a> {
    /// The day the buyer pays and from which cash is theirs.
    pub settlement: Date,
    /// The curve that discounts.
    pub curve: &'a DiscountCurve,
    /// How measures are quoted.
    pub conventions: Conventions,
    /// The curve of a floating-rate note's index: forward rates, or a path that holds the fixings of periods
    /// already begun.
    pub index: Option<&'a Curve>,
}

impl<'a> Market<'a> {
    /// A market with the default conventions and no index.
    pub fn new(settlement: Date, curve: &'a DiscountCurve) -> Market<'a> {
        Market { settlement, curve, conventions: Conventions::default(), index: None }
    }
}
