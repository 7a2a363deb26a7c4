//! `leasefall price`: what each note is worth and was paid.

use super::{Align, Report, Table, decimal, figure, percent, records, shown};
use crate::money::{Currency, Money};
use crate::time::Date;
use crate::valuation::{DealValuation, NoteValuation};
use crate::waterfall::Conservation;
use serde::Serialize;

/// What each note is worth in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriceReport {
    /// The deal's name.
    pub deal: String,
    /// The scenario's name.
    pub scenario: String,
    /// The day for which the figures hold.
    pub as_of: Date,
    /// The currency of every amount.
    pub currency: Currency,
    /// The date of redemption by refinancing or call; `null` if there was none.
    pub redeemed: Option<Date>,
    /// The notes, in the deal's order.
    pub notes: Vec<NoteLine>,
    /// Cash in against cash out.
    pub conservation: ConservationLine,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoteLine {
    /// The class.
    pub id: String,
    /// The rating at issue.
    pub rating: Option<String>,
    /// Balance at closing.
    pub original_balance: String,
    /// Coupon a year of the first period, as a fraction.
    pub coupon: f64,
    /// Clean price per 100 of balance.
    pub price: Option<f64>,
    /// Dirty price per 100 of balance.
    pub dirty_price: Option<f64>,
    /// Yield a year as a fraction, compounded as often as the note pays.
    #[serde(rename = "yield")]
    pub yield_rate: Option<f64>,
    /// Spread over the pricing curve in basis points, continuously compounded.
    pub z_spread_bp: Option<f64>,
    /// Margin over the index in basis points, for floating notes.
    pub discount_margin_bp: Option<f64>,
    /// Weighted average life of principal, in years.
    pub wal_years: Option<f64>,
    /// First date of principal.
    pub principal_first: Option<Date>,
    /// Last date of principal.
    pub principal_last: Option<Date>,
    /// Macaulay duration in years.
    pub macaulay_duration: Option<f64>,
    /// Modified duration in years.
    pub modified_duration: Option<f64>,
    /// Effective duration in years: curve moved, coupons that float projected anew.
    pub effective_duration: Option<f64>,
    /// Convexity at the yield.
    pub convexity: Option<f64>,
    /// Fall of the price per 100 for one basis point of yield.
    pub dv01: Option<f64>,
    /// Fall of the price per 100 for one basis point of spread.
    pub cs01: Option<f64>,
    /// All interest paid.
    pub interest_paid: String,
    /// All principal paid.
    pub principal_paid: String,
    /// Principal never paid.
    pub principal_shortfall: String,
    /// Interest due and unpaid at the end.
    pub interest_shortfall: String,
    /// Why figures are missing, if any are.
    pub missing: Option<String>,
}

/// Cash in against cash out, as decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConservationLine {
    /// What came in.
    pub sources: String,
    /// What went out, and what the accounts hold at the end.
    pub uses: String,
    /// The one less the other.
    pub difference: String,
}

impl ConservationLine {
    /// From the exact amounts.
    pub fn new(currency: Currency, conservation: &Conservation) -> ConservationLine {
        let text = |amount: Money| decimal(currency, amount);
        ConservationLine {
            sources: text(conservation.sources),
            uses: text(conservation.uses),
            difference: text(conservation.difference),
        }
    }
}

impl PriceReport {
    /// The report of a valuation.
    pub fn new(
        deal: impl Into<String>,
        scenario: impl Into<String>,
        currency: Currency,
        value: &DealValuation,
    ) -> PriceReport {
        PriceReport {
            deal: deal.into(),
            scenario: scenario.into(),
            as_of: value.as_of,
            currency,
            redeemed: value.redeemed,
            notes: value.notes.iter().map(|note| NoteLine::new(currency, note)).collect(),
            conservation: ConservationLine::new(currency, &value.conservation),
        }
    }
}

impl NoteLine {
    /// The line of one note.
    pub fn new(currency: Currency, note: &NoteValuation) -> NoteLine {
        let measures = note.measures.as_ref().ok();
        let yields = measures.and_then(|m| m.yields.as_ref().ok());
        let spreads = measures.and_then(|m| m.spreads.as_ref().ok());
        let margin =
            measures.and_then(|m| m.discount_margin.as_ref()).and_then(|margin| margin.as_ref().ok());
        let window = measures.and_then(|m| m.principal_window);
        let missing = match &note.measures {
            Err(error) => Some(error.to_string()),
            Ok(m) => m.yields.as_ref().err().or(m.spreads.as_ref().err()).map(ToString::to_string),
        };
        NoteLine {
            id: note.id.clone(),
            rating: note.rating.clone(),
            original_balance: decimal(currency, note.original_balance),
            coupon: note.coupon,
            price: measures.map(|m| m.clean_price),
            dirty_price: measures.map(|m| m.dirty_price),
            yield_rate: yields.map(|y| y.yield_rate),
            z_spread_bp: spreads.map(|s| s.z_spread.rate * 1e4),
            discount_margin_bp: margin.map(|margin| margin * 1e4),
            wal_years: measures.and_then(|m| m.wal_years),
            principal_first: window.map(|w| w.first),
            principal_last: window.map(|w| w.last),
            macaulay_duration: yields.map(|y| y.macaulay_duration),
            modified_duration: yields.map(|y| y.modified_duration),
            effective_duration: spreads.map(|s| s.curve.effective_duration),
            convexity: yields.map(|y| y.convexity),
            dv01: yields.map(|y| y.dv01),
            cs01: spreads.map(|s| s.cs01),
            interest_paid: decimal(currency, note.interest_paid),
            principal_paid: decimal(currency, note.principal_paid),
            principal_shortfall: decimal(currency, note.principal_shortfall),
            interest_shortfall: decimal(currency, note.interest_shortfall),
            missing,
        }
    }
}

impl Report for PriceReport {
    fn csv(&self) -> String {
        records(&self.notes)
    }

    fn tables(&self) -> Vec<Table> {
        use Align::{Left, Right};
        let title =
            format!("{}, scenario {}, as of {}, {}", self.deal, self.scenario, self.as_of, self.currency);
        let columns = [
            ("class", Left),
            ("rating", Left),
            ("balance", Right),
            ("coupon", Right),
            ("price", Right),
            ("yield", Right),
            ("z-spread bp", Right),
            ("WAL years", Right),
            ("mod. dur.", Right),
            ("principal window", Left),
            ("principal short", Right),
            ("interest short", Right),
        ];
        let mut table = Table::new(title, &columns);
        let shown = |text: &String| shown(self.currency, text);
        for note in &self.notes {
            let window = match (note.principal_first, note.principal_last) {
                (Some(first), Some(last)) if first != last => {
                    format!("{} to {}", first.format("%Y-%m"), last.format("%Y-%m"))
                }
                (Some(first), _) => first.format("%Y-%m").to_string(),
                _ => "-".to_owned(),
            };
            table.row([
                note.id.clone(),
                note.rating.clone().unwrap_or_default(),
                shown(&note.original_balance),
                percent(Some(note.coupon), 3),
                figure(note.price, 4),
                percent(note.yield_rate, 3),
                figure(note.z_spread_bp, 1),
                figure(note.wal_years, 2),
                figure(note.modified_duration, 2),
                window,
                shown(&note.principal_shortfall),
                shown(&note.interest_shortfall),
            ]);
        }
        for note in &self.notes {
            if let Some(reason) = &note.missing {
                table.note(format!("{}: {reason}", note.id));
            }
        }
        if let Some(date) = self.redeemed {
            table.note(format!("All notes redeemed on {date}."));
        }
        let cash = &self.conservation;
        let [sources, uses, difference] = [&cash.sources, &cash.uses, &cash.difference].map(shown);
        table.note(format!("Every cent: in {sources}, out {uses}, difference {difference}."));
        vec![table]
    }
}
