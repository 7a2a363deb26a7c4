//! How long a chip lives at a cadence, and the cadence at which it lives so long.

use crate::asset::{Generation, Survival};
use crate::collection::ChipValuation;
use crate::error::Error;
use crate::folder::Folder;
use crate::scenario::compute::{ComputeOutlook, ComputeTerms};
use rust_decimal::Decimal;

/// Months over which a chip is valued for its life.
const LIFE_MONTHS: usize = 360;
/// The speeds between which a life is looked for, in hundredths.
const SPEEDS: (u32, u32) = (5, 2_000);

/// Economic life in months of the newest generation released by the cut-off date, bought then, on the price of
/// compute of these terms: the shut-down recursion of [`ChipValuation`] at the return that owners require. `None` if
/// it outlives thirty years, or the deal says nothing of chips.
///
/// # Errors
/// [`Error::Argument`] if a figure of the terms is outside its meaning.
pub(in crate::study) fn chip_life_months(
    folder: &Folder,
    terms: &ComputeTerms,
) -> Result<Option<usize>, Error> {
    let pool = folder.pool();
    let generations = pool.chips().map_or(&[][..], |chips| &chips.generations);
    let origin = pool.first_month().first_day();
    let released = generations.iter().filter(|generation| generation.release.value <= origin);
    let newest = released.max_by_key(|generation| generation.release.value);
    let Some(rates) = newest.or(generations.first()).map(Generation::rates) else { return Ok(None) };
    let outlook = ComputeOutlook::new(generations, origin, LIFE_MONTHS, terms, &[])?;
    let (mut price, mut value) = (vec![0.0; LIFE_MONTHS], vec![0.0; LIFE_MONTHS]);
    outlook.price_into(&mut price)?;
    let (cost, survival) = (terms.cost(), Survival::unreplaced(0.04));
    let valuation =
        ChipValuation::new(&rates, &cost.operating, survival, cost.required_return, 0, LIFE_MONTHS)?;
    valuation.values(&price, &[], &mut value)
}

/// The slowest `cadence_speed`, to the hundredth, at which chips live at most so many months; `None` if they live
/// longer at twenty times the catalogue's. Bisection: a faster cadence lengthens no life.
pub(super) fn cadence_for_life(
    folder: &Folder,
    terms: &ComputeTerms,
    months: usize,
) -> Result<Option<Decimal>, Error> {
    let speed = |hundredths: u32| Decimal::new(i64::from(hundredths), 2);
    let short = |hundredths: u32| -> Result<bool, Error> {
        let terms = ComputeTerms { cadence_speed: speed(hundredths), ..terms.clone() };
        Ok(chip_life_months(folder, &terms)?.is_some_and(|life| life <= months))
    };
    let (mut low, mut high) = SPEEDS;
    if !short(high)? {
        return Ok(None);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if short(middle)? { high = middle } else { low = middle }
    }
    Ok(Some(speed(high)))
}
