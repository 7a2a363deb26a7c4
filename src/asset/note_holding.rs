//! One holding of another deal's note: a row of `collateral.csv`.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A note of another deal that is collateral, as a row of `collateral.csv` states it: the fields are the
/// columns. Rows that name the same deal hold notes of one and the same deal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteHolding {
    /// The folder of the deal that issued the note, relative to this file's folder.
    pub deal: String,
    /// The note, an id of that deal.
    pub note_id: String,
    /// Original balance held, in major units: at most the note's own.
    pub amount: Decimal,
    /// Deals of this kind that are held, alike and of different obligors; blank: 1.
    pub copies: Option<u32>,
    /// The scenario that the deal runs, whatever the one asked for; blank: that of the same name if it has
    /// one, else its base.
    pub scenario: Option<String>,
    /// The note's rating when it was bought. Enters nothing.
    pub rating: Option<String>,
    /// A remark for people, say where the figures come from. Enters nothing.
    pub note: Option<String>,
}
