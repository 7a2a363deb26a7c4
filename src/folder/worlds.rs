//! A deal and the deals below it in worlds that no file describes.

use super::{Collateral, Folder, NoteEvents, ScriptOf};
use crate::collection::Collections;
use crate::error::Error;
use crate::pool::InMemory;
use crate::waterfall::{Paths, Receipts, Run};

impl Folder {
    /// What the deal collects where it and every deal below follow the script that `script_of` makes of a scenario.
    ///
    /// # Errors
    /// As [`Folder::collections`].
    pub(crate) fn collections_as(
        &self,
        scenario: &str,
        script_of: &ScriptOf<'_>,
    ) -> Result<Collections, Error> {
        let script = script_of(self, scenario)?;
        let Some(collateral) = &self.collateral else {
            return self.collections_in(&self.scripted(&script)?);
        };
        let events = NoteEvents::new(&self.scripted(&script)?, self.periods.as_ref());
        let mut into = events.empty(self);
        for deal in Collateral::deals(collateral) {
            let (folder, scenario) = (deal.folder(), deal.scenario(scenario)?);
            let collections = folder.collections_as(&scenario, script_of)?;
            let program = folder.program_with(&script_of(folder, &scenario)?.curves, &InMemory)?;
            let mut receipts = Receipts::<1>::new(deal.holdings());
            program.run_paths(&[&collections], &mut Paths::default(), &mut receipts)?;
            receipts.add_to(0, deal.copies(), &mut into)?;
        }
        events.grant(&mut into);
        Ok(into)
    }

    /// The waterfall on [`Folder::collections_as`].
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub(crate) fn run_as(&self, scenario: &str, script_of: &ScriptOf<'_>) -> Result<Run, Error> {
        let collections = self.collections_as(scenario, script_of)?;
        self.program_with(&script_of(self, scenario)?.curves, &InMemory)?.run(&collections)
    }
}
