//! An outcome run through everything: network, deals, holders.

use super::by_year::{Cascade, Means, Terms};
use super::clearing::{Recovery, Vector};
use super::contagion::DealWorld;
use super::equity::{PartyLoss, ShareTerms};
use super::figure::Figure;
use super::fire_sale::FireSale;
use super::lever::{Lever, moved, moved_holders};
use super::losses::{FirstLosses, Losses};
use super::network::Promises;
use super::open::System;
use super::outcome::Outcome;
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::Ratio;
use rust_decimal::Decimal;

/// One note in an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteResult {
    /// The deal, by the name of its folder.
    pub deal: String,
    /// The class.
    pub class: String,
    /// Clean price per 100 in the deal's base scenario; none for a note without balance.
    pub base_price: Option<f64>,
    /// Losses as shares of that price; below zero where the note gains.
    pub losses: Losses,
}

/// One group of holders in an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupResult {
    /// The group.
    pub id: String,
    /// Assets at the start, in dollars.
    pub assets: f64,
    /// Equity at the start, in dollars.
    pub equity: f64,
    /// Losses in dollars.
    pub losses: Losses,
    /// Equity at the end, in dollars: with what investors took out.
    pub equity_after: f64,
    /// Dollars sold.
    pub sold: f64,
}

/// An outcome, run.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemResult {
    /// Its name.
    pub outcome: String,
    /// Every note of every deal.
    pub notes: Vec<NoteResult>,
    /// Every group of holders.
    pub groups: Vec<GroupResult>,
    /// Every party of the network: what failures cost its shares.
    pub parties: Vec<PartyLoss>,
    /// For each party the year of the network, counted from 0, in which a deal's scenario says that it fails: a shock
    /// from outside, which the cascade takes up.
    pub scripted: Vec<Option<usize>>,
    /// The network, year by year.
    pub cascade: Cascade,
    /// The sales.
    pub sale: FireSale,
}

impl System {
    /// Runs an outcome, with assumptions moved.
    ///
    /// The network is cleared first: with what the outcome does to its parties, and with the failures of parties
    /// that the deals' scenarios say, as shocks from outside. Each deal is then run in its base, in the outcome's
    /// scenario, in that with the default vectors of households' pools multiplied by the rise of unemployment, and
    /// with the defaults of its tenants, sponsor and manager that the network brings; what each step adds came by
    /// its way: the outcome itself, households, the ring. A party fails once, in the network and in every deal: in
    /// the first year in which a scenario says so or it cannot pay.
    ///
    /// # Errors
    /// As [`System::outcome`], [`super::Network::cascade`], [`crate::folder::Folder::run`] and
    /// [`super::Holders::fire_sale`].
    pub fn run(&self, name: &str, levers: &[Lever]) -> Result<SystemResult, Error> {
        let document = self.outcome(name)?;
        let outcome = moved(document.value, levers);
        let worlds = self.worlds(&outcome, levers)?;
        let scripted = self.scripted_failures(&worlds);
        let means = Means { fails: scripted.clone(), ..self.shocked(&outcome) };
        let cascade = self.network.cascade(&means, terms(&outcome))?;
        let mut notes = Vec::new();
        for world in &worlds {
            notes.extend(self.notes(world, &outcome, &cascade)?);
        }
        let mut result = self.result(name, &outcome, notes, cascade, levers)?;
        result.scripted = scripted;
        Ok(result)
    }

    /// Every deal as an outcome says.
    pub(super) fn worlds(&self, outcome: &Outcome, levers: &[Lever]) -> Result<Vec<DealWorld<'_>>, Error> {
        self.deals.iter().map(|(name, base)| DealWorld::new(name, base, outcome, levers)).collect()
    }

    /// The network's means after the outcome's shocks.
    pub(super) fn shocked(&self, outcome: &Outcome) -> Means {
        let (mut means, years) = (self.network.means(), self.network.years());
        for shock in &outcome.shocks {
            let from = usize::from(shock.from.saturating_sub(self.network.first_year()));
            for (index, party) in self.network.parties().iter().enumerate() {
                if !shock.parties.contains(&party.id) && !shock.kinds.contains(&party.kind) {
                    continue;
                }
                for place in (from..years).map(|year| index * years + year) {
                    if let Some(factor) = &shock.funding {
                        means.funding[place] = times(means.funding[place], factor);
                    }
                    if let Some(factor) =
                        shock.operating.as_ref().filter(|_| means.operating[place] > Money::ZERO)
                    {
                        means.operating[place] = times(means.operating[place], factor);
                    }
                }
            }
        }
        means
    }

    fn notes(
        &self,
        world: &DealWorld<'_>,
        outcome: &Outcome,
        cascade: &Cascade,
    ) -> Result<Vec<NoteResult>, Error> {
        let base = world.base;
        let prices = |script, multiple| base.prices_in(world.name, script, &world.scenario, multiple);
        // Step by step, each on top of the one before: the outcome itself, jobs lost, the network's defaults.
        let direct = match world.named {
            true => prices(&world.itself, None)?,
            false => base.prices.clone(),
        };
        let jobless = match world.default_multiple {
            Some(_) => prices(&world.script, world.default_multiple)?,
            None => direct.clone(),
        };
        let after = self.after_defaults(world, outcome.defaults.landlord_recovery.value, cascade);
        let ring = match after == world.script.value {
            true => jobless.clone(),
            false => {
                let mut script = world.script.clone();
                script.value = after;
                prices(&script, world.default_multiple)?
            }
        };
        let notes = base.folder.deal().notes.iter().enumerate().map(|(note, terms)| {
            let [direct, jobless, ring] =
                [&direct, &jobless, &ring].map(|prices| base.fall(note, prices[note]));
            NoteResult {
                deal: world.name.to_owned(),
                class: terms.id.clone(),
                base_price: base.prices[note],
                losses: Losses {
                    direct,
                    households: jobless - direct,
                    ring: ring - jobless,
                    price_impact: 0.0,
                },
            }
        });
        Ok(notes.collect())
    }

    fn result(
        &self,
        name: &str,
        outcome: &Outcome,
        mut notes: Vec<NoteResult>,
        cascade: Cascade,
        levers: &[Lever],
    ) -> Result<SystemResult, Error> {
        let parties = self.network.equity_losses(&cascade, share_terms(outcome));
        let (network, defaulted) = (&self.network, cascade.defaulted.as_slice());
        let first = FirstLosses { network, outcome, parties: &parties, defaulted, notes: &notes };
        let by_asset = first.all(&self.holders);
        let falls: Vec<f64> = by_asset.iter().map(|losses| losses.first().min(1.0)).collect();
        let holders = moved_holders(&self.holders, levers);
        let sale = holders.fire_sale(&falls)?;
        for note in &mut notes {
            let held = self.holders.assets().iter().position(|asset| {
                asset.deal.as_deref() == Some(&note.deal) && asset.class.as_deref() == Some(&note.class)
            });
            if let Some(asset) = held {
                note.losses.price_impact = sale.first_prices[asset] - sale.prices[asset];
            }
        }
        let groups = holders.groups().iter().enumerate().map(|(group, terms)| {
            let mut losses = Losses { price_impact: sale.groups[group].price_impact, ..Losses::default() };
            for (asset, of) in by_asset.iter().enumerate() {
                let held = holders.holding(group, asset);
                losses.direct += held * of.direct;
                losses.ring += held * of.ring;
                losses.households += held * of.households;
            }
            GroupResult {
                id: terms.id.clone(),
                assets: holders.assets_of(group),
                equity: holders.equity_of(group),
                losses,
                equity_after: sale.groups[group].equity,
                sold: sale.groups[group].sold,
            }
        });
        let groups = groups.collect();
        Ok(SystemResult {
            outcome: name.to_owned(),
            notes,
            groups,
            parties,
            scripted: Vec::new(),
            cascade,
            sale,
        })
    }
}

/// How an outcome clears its network.
pub(super) fn terms(outcome: &Outcome) -> Terms {
    let share = |figure: &Figure| Ratio::from_decimal(figure.value).unwrap_or(Ratio::ONE);
    let promises = if outcome.letters_of_intent { Promises::WithLettersOfIntent } else { Promises::Binding };
    let recovery = Recovery {
        assets: share(&outcome.defaults.assets_left),
        claims: share(&outcome.defaults.claims_left),
    };
    Terms { promises, recovery, vector: Vector::Greatest }
}

/// How failures reach shares in an outcome.
pub(super) fn share_terms(outcome: &Outcome) -> ShareTerms {
    ShareTerms {
        lost_sales_margin: outcome.defaults.lost_sales_margin.model(),
        on_default: outcome.defaults.equity_loss.model(),
    }
}

fn times(amount: Money, factor: &Figure) -> Money {
    // Factors of a file are short decimals; one that no ratio can hold changes nothing.
    let of = |factor: Decimal| Ratio::from_decimal(factor)?.of(amount, Rounding::HalfEven);
    of(factor.value).unwrap_or(amount)
}
