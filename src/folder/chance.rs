//! A folder's world of chance: random states of the world by its risk model, Monte Carlo.

use super::parts::kept;
use super::{Collateral, Folder, ScriptOf};
use crate::collection::{Periods, ReportedLine};
use crate::curve::{Compounding, DiscountCurve};
use crate::error::{Error, Problem, Problems};
use crate::pool::Pool;
use crate::scenario::{Draws, Generator, Risk, Scenario, Script, Shift};
use crate::study::simulation::{DiscountSpreads, Simulation};
use crate::tape::{Document, FileFormat, RowFormat};
use crate::valuation::pricing_curve;

impl Folder {
    /// Random states of the world around a scenario, by the folder's risk model.
    ///
    /// # Errors
    /// [`Error::Input`] if the folder has no `risk.toml`, or with all that is wrong in it; as
    /// [`Folder::scenario`].
    pub fn generator(&self, scenario: &str, draws: Draws) -> Result<Generator, Error> {
        let mut script = self.script(scenario)?;
        self.hurry(&mut script.value, draws.shift);
        self.generator_around(self.resolve(&script.value, &script)?, draws)
    }

    /// [`Folder::generator`] around what `script_of` makes of the scenario.
    pub(crate) fn generator_as(
        &self,
        scenario: &str,
        draws: Draws,
        script_of: &ScriptOf<'_>,
    ) -> Result<Generator, Error> {
        let mut script = script_of(self, scenario)?;
        self.hurry(&mut script, draws.shift);
        self.generator_around(self.scripted(&script)?, draws)
    }

    /// Random states of the world around a scripted one.
    fn generator_around(&self, base: Scenario, draws: Draws) -> Result<Generator, Error> {
        let Some(risk) = self.risk()? else {
            let (found, expected) = ("no such file".to_owned(), "a risk model to draw paths from".to_owned());
            let problem =
                Problem { file: Risk::NAME.to_owned(), line: 0, field: String::new(), found, expected };
            return Err(Error::Input(Problems::from(vec![problem])));
        };
        let discount = pricing_curve(&self.deal)?;
        risk.value.resolve(&self.pool, base, &discount, draws, &risk)
    }

    /// Lets generations come as much faster as the shift says, where the pool knows chips.
    fn hurry(&self, script: &mut Script, shift: Shift) {
        if let Shift::Cadence(speed) = shift
            && self.pool.chips().is_some()
        {
            script.hurry_generations(speed);
        }
    }

    /// A Monte Carlo of the whole deal around a scenario.
    ///
    /// Under historical probabilities each note is discounted at the curve and the spread at which the
    /// scenario alone is worth its quoted price; under risk-neutral ones at the curve itself, for defaults
    /// are then priced by their probability.
    ///
    /// # Errors
    /// As [`Folder::generator`], [`Folder::value`] and [`Simulation::new`].
    pub fn simulation(&self, scenario: &str, draws: Draws) -> Result<Simulation<'_>, Error> {
        self.simulation_at(scenario, draws, &DiscountSpreads::default())
    }

    /// [`Folder::simulation`] with paths discounted at spreads that are stated.
    ///
    /// # Errors
    /// As [`Folder::simulation`]; [`Error::Input`] if a spread is stated for a note that is not there,
    /// [`Error::Argument`] if one is out of bounds.
    pub fn simulation_at(
        &self,
        scenario: &str,
        draws: Draws,
        spreads: &DiscountSpreads,
    ) -> Result<Simulation<'_>, Error> {
        self.simulation_as(scenario, draws, spreads, &|folder, scenario| Ok(folder.script(scenario)?.value))
    }

    /// [`Folder::simulation_at`] around what `script_of` makes of the scenario, of this deal and of all below.
    pub(crate) fn simulation_as(
        &self,
        scenario: &str,
        draws: Draws,
        spreads: &DiscountSpreads,
        script_of: &ScriptOf<'_>,
    ) -> Result<Simulation<'_>, Error> {
        let quoted = || Ok(self.value(scenario)?.notes);
        let spreads = |measure| spreads.of(&self.deal, measure, quoted);
        if self.collateral.is_some() {
            return Simulation::nested(self, scenario, draws, script_of, spreads);
        }
        let periods = self.drawn_periods()?;
        let script = self.script(scenario)?;
        if let Some(id) = script.value.curves.keys().next() {
            let expected = "none: paths run on the deal's own curves".to_owned();
            let problem =
                script.problem(&format!("curves.{id}"), "a curve that stands in".to_owned(), expected);
            return Err(Error::Input(Problems::from(vec![problem])));
        }
        let generator = self.generator_as(scenario, draws, script_of)?;
        let spreads = spreads(generator.measure())?;
        let (deal, program, pool) = (&self.deal, &self.program, &self.pool);
        Simulation::on_pool(deal, program, pool, periods, generator, scenario, &spreads)
    }

    /// The periods over which paths are drawn.
    ///
    /// # Errors
    /// [`Error::Input`] if the folder has reports.
    pub(crate) fn drawn_periods(&self) -> Result<&Periods, Error> {
        let Some(periods) = self.periods.as_ref().filter(|_| self.reports.is_none()) else {
            let expected =
                "no reports: paths are drawn from the tape alone (state the last report as an opening)";
            let (file, found) = (ReportedLine::NAME.to_owned(), "reported collections".to_owned());
            let problem =
                Problem { file, line: 0, field: String::new(), found, expected: expected.to_owned() };
            return Err(Error::Input(Problems::from(vec![problem])));
        };
        Ok(periods)
    }

    /// Whether any pool of the deal, or of the deals whose notes it holds, has a catalogue of chips.
    pub(crate) fn has_chips(&self) -> bool {
        let below = || self.collateral.iter().flat_map(Collateral::deals);
        self.pool.chips().is_some() || below().any(|deal| deal.folder().has_chips())
    }
}

/// Everything wrong with a risk model beyond its form: names, bounds, probabilities.
pub(super) fn check_against(pool: &Pool, risk: &Document<Risk>, problems: &mut Problems) {
    // Any curve serves to see whether spreads are sound; the deal may have none.
    if let Ok(discount) = DiscountCurve::flat(pool.cut_off_date(), 0.0, Compounding::Continuous) {
        let calm = Scenario::calm(pool, 12);
        let resolved = risk.value.resolve(pool, calm, &discount, Draws::default(), risk);
        kept(Risk::NAME, resolved, problems);
    }
}
