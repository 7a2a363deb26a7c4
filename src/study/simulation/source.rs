//! Where the collections of a simulated deal come from: a pool, or notes of other deals, to any depth.

use super::stretch;
use crate::collection::{Collections, Periods, Projection};
use crate::credit::Measure;
use crate::error::{Error, Problems};
use crate::folder::{Folder, InnerDeal, NoteEvents, ScriptOf, check_risk};
use crate::pool::Pool;
use crate::scenario::{Draws, Generator};
use crate::waterfall::{Holdings, Program};

/// What brings a deal's collections on a path.
#[derive(Clone, Debug)]
pub(super) enum Source<'a> {
    Pool(Box<PoolSource<'a>>),
    Notes(NotesSource<'a>),
}

/// Leases and loans.
#[derive(Clone, Debug)]
pub(super) struct PoolSource<'a> {
    pub pool: &'a Pool,
    pub generator: Generator,
    /// The pool over the first payment dates only, and over all of them: most paths are over long before
    /// the last date.
    pub projections: Vec<Projection<'a>>,
}

/// Notes of other deals.
#[derive(Clone, Debug)]
pub(super) struct NotesSource<'a> {
    pub inner: Vec<InnerSource<'a>>,
    /// Factors that the deals below share, and that no deal above declares: drawn for this deal.
    pub factors: usize,
    /// Collections without cash, with the scenario's events.
    pub empty: Collections,
    pub events: NoteEvents,
}

/// One deal of which notes are held, or several alike.
#[derive(Clone, Debug)]
pub(super) struct InnerSource<'a> {
    pub program: &'a Program,
    pub holdings: &'a Holdings,
    /// For each copy the place that its seed is drawn at.
    pub places: Vec<u64>,
    /// Factors of its pool that a deal above declares: their place among the pool's and among those known.
    pub given: Vec<(usize, usize)>,
    /// The known factor that is AI demand.
    pub demand: Option<usize>,
    pub source: Source<'a>,
}

impl<'a> PoolSource<'a> {
    pub fn new(
        program: &'a Program,
        pool: &'a Pool,
        periods: &Periods,
        generator: Generator,
    ) -> Result<PoolSource<'a>, Error> {
        let projection = |periods: &Periods| -> Result<Projection<'a>, Error> {
            Ok(Projection::new(pool, periods)?.computing(|measure| program.reads(measure)))
        };
        let whole = projection(periods)?;
        let stretch = stretch(program, &whole, &generator)?;
        let mut projections = Vec::new();
        if stretch < periods.len() {
            projections.push(projection(&periods.first(stretch))?);
        }
        projections.push(whole);
        Ok(PoolSource { pool, generator, projections })
    }
}

/// Builds the sources of a deal on notes, outermost first.
pub(super) struct Builder<'b> {
    pub draws: Draws,
    script_of: &'b ScriptOf<'b>,
    measure: Option<Measure>,
    /// What tells this simulation from others.
    pub parts: Vec<String>,
}

impl<'b> Builder<'b> {
    pub fn new(draws: Draws, script_of: &'b ScriptOf<'b>) -> Builder<'b> {
        // Only what all pools share is sampled otherwise than path by path.
        let draws = Draws { sobol_replicates: None, tilt: 0.0, ..draws };
        Builder { draws, script_of, measure: None, parts: Vec::new() }
    }

    /// The probabilities that all pools state; historical where nothing states any.
    pub fn measure(&self) -> Measure {
        self.measure.unwrap_or(Measure::Historical)
    }

    fn measured(&mut self, found: Measure) -> Result<(), Error> {
        self.measure.get_or_insert(found).check(found)
    }

    /// The names of the factors that a deal's own file declares for the deals below.
    pub fn declared(&mut self, folder: &Folder) -> Result<Vec<String>, Error> {
        let Some(risk) = folder.risk()? else { return Ok(Vec::new()) };
        let mut problems = Problems::new();
        check_risk(&risk, &mut problems);
        problems.or(())?;
        self.measured(risk.value.measure)?;
        Ok(risk.value.factors)
    }

    /// The source of a deal on notes. `known` are the factors that deals above declare and, of the
    /// outermost deal, its own; `name` is the deal's folder as seen from the outermost one's.
    pub fn notes<'a>(
        &mut self,
        folder: &'a Folder,
        deals: &'a [InnerDeal],
        scenario: &str,
        name: &[String],
        known: &[String],
    ) -> Result<NotesSource<'a>, Error> {
        let mut names = known.to_vec();
        for factor in self.declared(folder)? {
            if !names.contains(&factor) {
                names.push(factor);
            }
        }
        let events = folder.note_events(scenario)?;
        // What is wrong below is told under the deal's own folder.
        let inner = deals
            .iter()
            .map(|deal| self.inner(deal, scenario, name, &names).map_err(|error| deal.locate(error)));
        Ok(NotesSource {
            inner: inner.collect::<Result<_, _>>()?,
            factors: names.len() - known.len(),
            empty: events.empty(folder),
            events,
        })
    }

    fn inner<'a>(
        &mut self,
        deal: &'a InnerDeal,
        scenario: &str,
        above: &[String],
        known: &[String],
    ) -> Result<InnerSource<'a>, Error> {
        let (folder, scenario) = (deal.folder(), deal.scenario(scenario)?);
        let name = below(above, deal.path());
        let (mut given, mut demand) = (Vec::new(), None);
        let source = match folder.collateral() {
            Some(collateral) => {
                Source::Notes(self.notes(folder, collateral.deals(), &scenario, &name, known)?)
            }
            None => {
                let (pool, generator) = self.pool(folder, &scenario)?;
                let factors = folder.risk()?.map(|risk| risk.value.factors).unwrap_or_default();
                let place = |factor: &String| known.iter().position(|name| name == factor);
                given =
                    factors.iter().enumerate().filter_map(|(own, name)| Some((own, place(name)?))).collect();
                let of =
                    |own: usize| given.iter().find(|&&(factor, _)| factor == own).map(|&(_, known)| known);
                demand = generator.ai_demand().and_then(of);
                Source::Pool(Box::new(PoolSource::new(folder.program(), folder.pool(), pool, generator)?))
            }
        };
        let whole = name.join("/");
        self.parts.push(format!("{whole} {:?} {} {:?}", folder.deal(), deal.copies(), deal.holdings()));
        let copies = deal.copies();
        let places = (1..=copies).map(|copy| match copies {
            1 => place_of(&whole),
            _ => place_of(&format!("{whole}#{copy}")),
        });
        Ok(InnerSource {
            program: folder.program(),
            holdings: deal.holdings(),
            places: places.collect(),
            given,
            demand,
            source,
        })
    }

    /// The periods and the generator of a deal on leases or loans.
    fn pool<'a>(&mut self, folder: &'a Folder, scenario: &str) -> Result<(&'a Periods, Generator), Error> {
        let periods = folder.drawn_periods()?;
        let generator = folder.generator_as(scenario, self.draws, self.script_of)?;
        self.measured(generator.measure())?;
        self.parts.push(format!("{:?} {generator:?}", folder.pool()));
        Ok((periods, generator))
    }
}

/// A folder as seen from the outermost one: `../a` below `cdos/b` is `cdos/a`.
fn below(above: &[String], path: &str) -> Vec<String> {
    let mut name = above.to_vec();
    for part in path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
        match name.last() {
            Some(last) if part == ".." && last != ".." => {
                name.pop();
            }
            _ => name.push(part.to_owned()),
        }
    }
    name
}

/// A place for a name: FNV-1a over 64 bits.
fn place_of(name: &str) -> u64 {
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_name_from_wherever_it_is_reached() {
        let name = |path| below(&[], path);
        assert_eq!(below(&name("../cdo-a"), "../pool"), name("../pool"));
        assert_eq!(below(&name("../cdo-a"), "../cdo-b/../pool"), name("../pool/."));
        assert_eq!(below(&name("../../x"), "../y").join("/"), "../../y");
        assert_ne!(place_of("../pool#1"), place_of("../pool#2"));
    }
}
