//! Contracted rent against market rent, and notes against what secures them: the lines that may cross.

use crate::collection::{ContractedRent, contracted_rents, measure};
use crate::error::Error;
use crate::folder::Folder;
use crate::money::Money;
use crate::time::Date;

/// Four lines over the payment dates of a scenario, and where two of them cross.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// The scenario.
    pub scenario: String,
    /// A point on each payment date until the notes are gone.
    pub points: Vec<CrossingPoint>,
    /// The first payment date on which leases of the tape owe more than their space would rent for.
    pub rent_above_market: Option<Date>,
    /// The first payment date on which the notes are owed more than the collateral is worth.
    pub notes_above_collateral: Option<Date>,
    /// Every payment date on which contracted rent passes market rent or falls back to it, while contracts run.
    pub rent_turns: Vec<Turn>,
    /// Every payment date on which the notes pass the collateral's value or fall back to it.
    pub note_turns: Vec<Turn>,
}

/// A payment date from which a line is above the other, or no longer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The payment date.
    pub date: Date,
    /// Whether the line is above from there on.
    pub above: bool,
    /// Whether it is the first payment date of all: then nothing has crossed, it was so from the start.
    pub from_start: bool,
}

impl CrossingPoint {
    /// Whether any contract of the tape is in force.
    pub fn has_contracts(&self) -> bool {
        !(self.contracted_rent.is_zero() && self.market_rent.is_zero())
    }
}

/// Where `above` begins and ends to hold; where it does not say, nothing turns.
fn turns(points: &[CrossingPoint], above: impl Fn(&CrossingPoint) -> Option<bool>) -> Vec<Turn> {
    let mut found: Vec<Turn> = Vec::new();
    for (place, point) in points.iter().enumerate() {
        let Some(is_above) = above(point) else { continue };
        if is_above != found.last().is_some_and(|turn| turn.above) {
            found.push(Turn { date: point.date, above: is_above, from_start: place == 0 });
        }
    }
    found
}

/// One payment date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossingPoint {
    /// The payment date.
    pub date: Date,
    /// A month's rent in force under the leases' terms on the tape.
    pub contracted_rent: Money,
    /// What the same space would rent for; what the same chips would earn by the hour, less power and operating cost.
    pub market_rent: Money,
    /// Balance of all notes after the payments.
    pub note_balance: Money,
    /// Value of sites or chips, and balance of loans that pay, at the end of the collection period.
    pub collateral_value: Money,
}

/// The lines of a scenario: contracted and market rent, notes and collateral. None where the deal has no leases, of
/// space or of chips, on tape, or reports are all there is.
///
/// # Errors
/// As [`Folder::run`].
pub fn crossing(folder: &Folder, scenario: &str) -> Result<Option<Crossing>, Error> {
    let pool = folder.pool();
    let is_let = !(pool.leases().is_empty() && pool.chip_leases().is_empty());
    let Some(periods) = folder.periods().filter(|_| is_let) else {
        return Ok(None);
    };
    let state = folder.scenario(scenario)?;
    let collections = folder.collections_in(&state)?;
    let run = folder.program_in(scenario)?.run(&collections)?;
    let dates = folder.program().schedule().periods();
    // What is reported comes before what is projected.
    let reported = dates.len().saturating_sub(periods.len());
    let columns = [measure::ASSET_VALUE, measure::POOL_BALANCE].map(|name| collections.layout().column(name));
    let rents = contracted_rents(folder.pool(), &state, periods);
    let mut points: Vec<CrossingPoint> = Vec::new();
    for (period, ContractedRent { contracted, market }) in rents.into_iter().enumerate() {
        let place = period + reported;
        if place >= run.periods() {
            break;
        }
        let row = collections.row(place);
        let balance: Money =
            (0..folder.deal().notes.len()).map(|note| run.row(place, note).balance_close).sum();
        points.push(CrossingPoint {
            date: dates[place].payment_date,
            contracted_rent: contracted,
            market_rent: market,
            note_balance: balance,
            collateral_value: columns.iter().flatten().map(|&column| row[column]).sum(),
        });
        if balance.is_zero() {
            break;
        }
    }
    let rent_turns =
        turns(&points, |point| point.has_contracts().then_some(point.contracted_rent > point.market_rent));
    let note_turns = turns(&points, |point| Some(point.note_balance > point.collateral_value));
    Ok(Some(Crossing {
        scenario: scenario.to_owned(),
        points,
        rent_above_market: rent_turns.first().map(|turn| turn.date),
        notes_above_collateral: note_turns.first().map(|turn| turn.date),
        rent_turns,
        note_turns,
    }))
}
