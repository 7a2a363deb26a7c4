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
}

/// One payment date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossingPoint {
    /// The payment date.
    pub date: Date,
    /// A month's rent in force under the leases' terms on the tape.
    pub contracted_rent: Money,
    /// What the same space would rent for.
    pub market_rent: Money,
    /// Balance of all notes after the payments.
    pub note_balance: Money,
    /// Value of sites, and balance of loans that pay, at the end of the collection period.
    pub collateral_value: Money,
}

/// The lines of a scenario: contracted and market rent, notes and collateral. None where the deal has no leases on
/// tape, or reports are all there is.
///
/// # Errors
/// As [`Folder::run`].
pub fn crossing(folder: &Folder, scenario: &str) -> Result<Option<Crossing>, Error> {
    let Some(periods) = folder.periods().filter(|_| !folder.pool().leases().is_empty()) else {
        return Ok(None);
    };
    let state = folder.scenario(scenario)?;
    let collections = folder.collections_in(&state)?;
    let run = folder.program().run(&collections)?;
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
    let first =
        |holds: fn(&CrossingPoint) -> bool| points.iter().find(|point| holds(point)).map(|point| point.date);
    let rent_above_market = first(|point| point.contracted_rent > point.market_rent);
    let notes_above_collateral = first(|point| point.note_balance > point.collateral_value);
    Ok(Some(Crossing { scenario: scenario.to_owned(), points, rent_above_market, notes_above_collateral }))
}
