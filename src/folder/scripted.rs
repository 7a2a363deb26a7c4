//! A folder's deal in a scenario that no file of its own describes.

use super::{Folder, no_tape};
use crate::collection::collect;
use crate::curve::CurveTerms;
use crate::deal::Deal;
use crate::error::{Error, Problems};
use crate::pool::{InMemory, Locate, expected_id};
use crate::scenario::{Scenario, Script};
use crate::valuation::{ZSpread, clean_price, note_flows, pricing_curve};
use crate::waterfall::{Program, Run};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The script of a deal, or of one below it, in a scenario of a name.
pub(crate) type ScriptOf<'s> = dyn Fn(&Folder, &str) -> Result<Script, Error> + 's;

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

    /// The deal with curves that stand in for others.
    pub(super) fn deal_with(
        &self,
        curves: &BTreeMap<String, String>,
        places: &dyn Locate,
    ) -> Result<Cow<'_, Deal>, Error> {
        if curves.is_empty() {
            return Ok(Cow::Borrowed(&self.deal));
        }
        let mut deal = self.deal.clone();
        for (id, stand_in) in curves {
            let place = |wanted: &str| {
                self.deal.curves.iter().position(|curve| curve.id == wanted).ok_or_else(|| {
                    let expected = expected_id("curve", self.deal.curves.iter().map(|c| c.id.as_str()));
                    let problem = places.problem(&format!("curves.{id}"), format!("`{wanted}`"), expected);
                    Error::Input(Problems::from(vec![problem]))
                })
            };
            let (place, stand_in) = (place(id)?, place(stand_in)?);
            deal.curves[place] = CurveTerms { id: id.clone(), ..self.deal.curves[stand_in].clone() };
        }
        Ok(Cow::Owned(deal))
    }

    /// The waterfall with curves that stand in for others.
    pub(super) fn program_with(
        &self,
        curves: &BTreeMap<String, String>,
        places: &dyn Locate,
    ) -> Result<Cow<'_, Program>, Error> {
        match self.deal_with(curves, places)? {
            Cow::Borrowed(_) => Ok(Cow::Borrowed(&self.program)),
            Cow::Owned(deal) => {
                let observed = self.reports.as_ref().map(|reports| reports.observed().clone());
                let layout = self.program.layout();
                Ok(Cow::Owned(Program::compile_observed(&deal, layout, 0.0, &observed.unwrap_or_default())?))
            }
        }
    }
}
