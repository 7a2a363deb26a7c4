//! A folder's deal in a scenario that no file of its own describes.

use super::{Folder, no_tape};
use crate::collection::collect;
use crate::error::Error;
use crate::pool::InMemory;
use crate::scenario::{Scenario, Script};
use crate::valuation::{ZSpread, clean_price, note_flows, pricing_curve};
use crate::waterfall::Run;

impl Folder {
    /// The state of the world that a script describes.
    ///
    /// # Errors
    /// As [`Folder::scenario`].
    pub fn scripted(&self, script: &Script) -> Result<Scenario, Error> {
        if !self.has_tape {
            return Err(no_tape());
        }
        script.resolve(&self.pool, self.months(), self.anticipated_repayment_date(), &InMemory)
    }

    /// The waterfall, run on what the pool pays in a state of the world, after what is reported.
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub fn run_in(&self, scenario: &Scenario) -> Result<Run, Error> {
        let Some(periods) = &self.periods else { return Err(no_tape()) };
        let projected = collect(&self.pool, scenario, periods)?;
        let collections = match &self.reports {
            Some(reports) => reports.followed_by(&projected),
            None if projected.layout() == self.program.layout() => projected,
            None => projected.in_layout(self.program.layout().clone()),
        };
        self.program.run(&collections)
    }

    /// Clean price per 100 of every note on what a run paid it, at the spread given for each; none where a note
    /// has no balance to price.
    ///
    /// # Errors
    /// [`Error::Input`] if the deal has no pricing curve; as [`note_flows`].
    pub fn prices(&self, run: &Run, spreads: &[ZSpread]) -> Result<Vec<Option<f64>>, Error> {
        let curve = pricing_curve(&self.deal)?;
        let mut prices = Vec::with_capacity(spreads.len());
        for (note, &spread) in spreads.iter().enumerate() {
            let flows = note_flows(&self.deal, &self.program, run, note)?;
            prices.push(clean_price(&flows, self.deal.start_date(), &curve, spread).ok());
        }
        Ok(prices)
    }
}
