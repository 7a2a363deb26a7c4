//! An outcome run through everything: network, deals, holders.

use super::by_year::{Cascade, Means, Terms};
use super::clearing::{Recovery, Vector};
use super::commitments::Role;
use super::fire_sale::FireSale;
use super::holders::{AssetKind, Holders};
use super::network::{Network, Promises};
use super::outcome::{DealScenario, Outcome};
use crate::error::{Error, Problem, Problems};
use crate::folder::{BASE, Folder};
use crate::money::{Money, Rounding};
use crate::ratio::Ratio;
use crate::scenario::{BankruptcyOutcome, Event, RelettingTerms, Script};
use crate::tape::{DOCUMENT_LIMIT, Document, read_document, read_text};
use crate::time::Date;
use crate::valuation::{NoteValuation, ZSpread};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The way in which a loss came.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Losses {
    /// From what the outcome says itself: rents, renewals, refinancing, prices.
    pub direct: f64,
    /// From parties that could not pay: tenants, sponsors, borrowers, shares in them.
    pub ring: f64,
    /// From households that lost their jobs.
    pub households: f64,
    /// From others' sales.
    pub price_impact: f64,
}

impl Losses {
    /// What was lost before anybody sold.
    pub fn first(&self) -> f64 {
        self.direct + self.ring + self.households
    }

    /// All of it.
    pub fn total(&self) -> f64 {
        self.first() + self.price_impact
    }
}

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
    /// The network, year by year.
    pub cascade: Cascade,
    /// The sales.
    pub sale: FireSale,
}

/// One assumption moved, all others as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lever {
    /// Letters of intent count as contracts, or not.
    LettersOfIntent(bool),
    /// What is left of a defaulting party's means, both kinds.
    DefaultLeaves(f64),
    /// Every price impact times this.
    PriceImpact(f64),
    /// Every group's debt times this.
    Debt(f64),
    /// Losses on shares in and loans to a defaulting party times this, at most all.
    LossOnDefault(f64),
    /// The distance of the shocks' factors from 1 times this.
    Shocks(f64),
    /// Changes of assets' prices times this.
    AssetChanges(f64),
    /// The rise of unemployment times this.
    Unemployment(f64),
    /// Refinancing stays open wherever the deals' own scenarios leave it so.
    RefinancingOpen,
    /// Every deal is as its base scenario says, but for what the network brings.
    DealsAsBase,
}

/// The network, the holders and the deals of one place.
#[derive(Clone, Debug)]
pub struct System {
    pub(super) path: PathBuf,
    pub(super) network: Network,
    pub(super) holders: Holders,
    pub(super) deals: BTreeMap<String, DealBase>,
}

/// A deal and its base.
#[derive(Clone, Debug)]
pub(super) struct DealBase {
    pub folder: Folder,
    pub spreads: Vec<ZSpread>,
    pub prices: Vec<Option<f64>>,
}

impl DealBase {
    /// Prices of the notes as a script says; of a deal on notes of others, as its deals' scenario of that name does.
    pub fn prices_in(&self, script: &Script, scenario: &str) -> Result<Vec<Option<f64>>, Error> {
        let run = match self.folder.collateral() {
            Some(_) => self.folder.run(scenario)?,
            None => self.folder.run_in(&self.folder.scripted(script)?)?,
        };
        self.folder.prices(&run, &self.spreads)
    }

    /// What a note has lost of its base price, as a share of it.
    pub fn fall(&self, note: usize, price: Option<f64>) -> f64 {
        match (self.prices[note], price) {
            (Some(base), Some(price)) if base > 0.0 => 1.0 - price / base,
            _ => 0.0,
        }
    }
}

impl System {
    /// Reads a folder: one file whose name starts with `commitments`, one with `holders`, and beside them
    /// outcomes. The deals are those that either names and that are there.
    ///
    /// # Errors
    /// [`Error::Unreadable`], or [`Error::Input`] with all that is wrong in the first file that has something wrong.
    pub fn open(path: impl AsRef<Path>) -> Result<System, Error> {
        let path = path.as_ref().to_path_buf();
        let files = toml_files(&path)?;
        let file = |start: &'static str| {
            let found = files.iter().find(|name| name.starts_with(start));
            found.map(|name| path.join(name)).ok_or_else(|| missing(&format!("{start}.toml")))
        };
        let network = Network::open(file("commitments")?)?;
        let holders = Holders::open(file("holders")?)?;
        let mut system = System { path, network, holders, deals: BTreeMap::new() };
        system.open_deals()?;
        Ok(system)
    }

    fn open_deals(&mut self) -> Result<(), Error> {
        let root = self.path.join(self.holders.deals());
        let mut names: Vec<String> =
            self.holders.assets().iter().filter_map(|asset| asset.deal.clone()).collect();
        names.extend(
            self.network.parties().iter().flat_map(|party| &party.roles).map(|role| deal_of(role).to_owned()),
        );
        for name in self.outcome_names()? {
            names.extend(self.outcome(&name)?.value.deals.into_iter().map(|deal| deal.deal));
        }
        names.sort();
        names.dedup();
        for name in names.into_iter().filter(|name| root.join(name).is_dir()) {
            let folder = Folder::open(root.join(&name))?;
            let value = folder.value(BASE)?;
            let spreads: Vec<ZSpread> = value.notes.iter().map(NoteValuation::z_spread).collect();
            let prices = folder.prices(&folder.run(BASE)?, &spreads)?;
            self.deals.insert(name, DealBase { folder, spreads, prices });
        }
        Ok(())
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The holders.
    pub fn holders(&self) -> &Holders {
        &self.holders
    }

    /// The names of the outcomes, `base` first.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the folder cannot be listed.
    pub fn outcome_names(&self) -> Result<Vec<String>, Error> {
        let files = toml_files(&self.path)?;
        let is_outcome = |name: &&String| !name.starts_with("commitments") && !name.starts_with("holders");
        let mut names: Vec<String> = files
            .iter()
            .filter(is_outcome)
            .filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned()))
            .collect();
        names.sort_by_key(|name| name != BASE);
        Ok(names)
    }

    /// What an outcome's file says.
    ///
    /// # Errors
    /// [`Error::Unreadable`], or [`Error::Input`] with all that is wrong in it, names that lead nowhere included.
    pub fn outcome(&self, name: &str) -> Result<Document<Outcome>, Error> {
        let file = format!("{name}.toml");
        let document =
            read_document::<Outcome>(&file, &read_text(&self.path.join(&file), &file, DOCUMENT_LIMIT)?)?;
        let mut problems = Problems::new();
        for (k, shock) in document.value.shocks.iter().enumerate() {
            for (j, id) in
                shock.parties.iter().enumerate().filter(|(_, id)| self.network.party_index(id).is_none())
            {
                problems.push(document.problem(
                    &format!("shocks[{k}].parties[{j}]"),
                    format!("`{id}`"),
                    "the id of a party",
                ));
            }
        }
        for (k, change) in document.value.assets.iter().enumerate() {
            let asset = self.holders.asset_index(&change.asset).map(|index| &self.holders.assets()[index]);
            if asset.is_none_or(|asset| asset.kind == AssetKind::Note) {
                let expected = "an asset that is no note";
                problems.push(document.problem(
                    &format!("assets[{k}].asset"),
                    format!("`{}`", change.asset),
                    expected,
                ));
            }
            if change.change < -Decimal::ONE {
                problems.push(document.problem(
                    &format!("assets[{k}].change"),
                    change.change.to_string(),
                    "-1 or more",
                ));
            }
        }
        problems.or(document)
    }

    /// Runs an outcome, with assumptions moved.
    ///
    /// The network is cleared first. Each deal is then run three times: in its base, in the outcome's scenario,
    /// and in that with the defaults of its tenants, sponsor and manager that the network brings; what the last
    /// adds came through the ring. A tenant that is a party of the network defaults by the network alone: a
    /// scenario that says it defaults too is an error.
    ///
    /// # Errors
    /// As [`System::outcome`], [`Network::cascade`], [`Folder::run`] and [`Holders::fire_sale`].
    pub fn run(&self, name: &str, levers: &[Lever]) -> Result<SystemResult, Error> {
        let document = self.outcome(name)?;
        let outcome = moved(document.value.clone(), levers);
        let cascade = self.network.cascade(&self.shocked(&outcome), terms(&outcome))?;
        let mut notes = Vec::new();
        for (deal, base) in &self.deals {
            notes.extend(self.notes(deal, base, &outcome, &cascade, name)?);
        }
        if let Some(absent) =
            outcome.deals.iter().find(|deal| !deal.where_present && !self.deals.contains_key(&deal.deal))
        {
            return Err(input(
                format!("{name}.toml"),
                "deals",
                format!("`{}`", absent.deal),
                "a folder of a deal",
            ));
        }
        self.result(name, &outcome, notes, cascade, levers)
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
                for year in from..years {
                    let place = index * years + year;
                    if let Some(factor) = shock.funding {
                        means.funding[place] = times(means.funding[place], factor);
                    }
                    if let Some(factor) = shock.operating.filter(|_| means.operating[place] > Money::ZERO) {
                        means.operating[place] = times(means.operating[place], factor);
                    }
                }
            }
        }
        means
    }

    fn notes(
        &self,
        deal: &str,
        base: &DealBase,
        outcome: &Outcome,
        cascade: &Cascade,
        name: &str,
    ) -> Result<Vec<NoteResult>, Error> {
        let terms = outcome.deals.iter().find(|terms| terms.deal == deal);
        let scenario = terms.and_then(|terms| terms.scenario.as_deref()).unwrap_or(BASE);
        let script = self.script(base, terms)?;
        self.refuse_two_defaults(deal, &script, name)?;
        let households = terms.is_some_and(|terms| terms.households);
        let direct = match terms {
            Some(_) => base.prices_in(&script, scenario)?,
            None => base.prices.clone(),
        };
        let after = self.after_defaults(deal, script.clone(), outcome, cascade, base);
        let ring = match after == script {
            true => direct.clone(),
            false => base.prices_in(&after, scenario)?,
        };
        let notes = base.folder.deal().notes.iter().enumerate().map(|(note, terms)| {
            let own = base.fall(note, direct[note]);
            let (direct, households) = if households { (0.0, own) } else { (own, 0.0) };
            let losses =
                Losses { direct, households, ring: base.fall(note, ring[note]) - own, price_impact: 0.0 };
            let class = terms.id.clone();
            NoteResult { deal: deal.to_owned(), class, base_price: base.prices[note], losses }
        });
        Ok(notes.collect())
    }

    pub(super) fn script(&self, base: &DealBase, terms: Option<&DealScenario>) -> Result<Script, Error> {
        let name = terms.and_then(|terms| terms.scenario.as_deref()).unwrap_or(BASE);
        let mut script = base.folder.script(name)?.value;
        if let Some(terms) = terms {
            script.events.extend(terms.events.iter().cloned());
            if terms.refinancing_closed {
                close(&mut script);
            }
        }
        Ok(script)
    }

    /// Contagion stands in place of a scripted default, never on top of it.
    pub(super) fn refuse_two_defaults(&self, deal: &str, script: &Script, name: &str) -> Result<(), Error> {
        for event in &script.events {
            if let Event::TenantDefault { tenant, .. } = event
                && self.network.tenants_of(deal).any(|(_, party)| party == tenant)
            {
                let found = format!("a scripted default of `{tenant}`, a party of the network");
                return Err(input(
                    format!("{name}.toml"),
                    "deals",
                    found,
                    "its default from the network alone",
                ));
            }
        }
        Ok(())
    }

    /// The script with what the network brings.
    pub(super) fn after_defaults(
        &self,
        deal: &str,
        mut script: Script,
        outcome: &Outcome,
        cascade: &Cascade,
        base: &DealBase,
    ) -> Script {
        for (index, party) in self.network.parties().iter().enumerate() {
            let Some(at) = cascade.defaulted[index].and_then(|year| self.date(year)) else { continue };
            // What befell a party before the deal's cut-off date is in its tape.
            let at = at.max(base.folder.deal().cut_off_date);
            for role in party.roles.iter().filter(|role| deal_of(role) == deal) {
                match role {
                    Role::Tenant { tenant, .. } => script.events.push(Event::TenantDefault {
                        tenant: tenant.clone(),
                        at,
                        outcome: BankruptcyOutcome::Rejected,
                        recovery_rate: Some(outcome.defaults.landlord_recovery),
                        reletting: RelettingTerms::default(),
                    }),
                    Role::Sponsor { .. } => {
                        script.events.push(Event::SponsorDefault { at });
                        let asked = script.refinancing.as_ref().and_then(|terms| terms.at);
                        if asked.or(base.folder.anticipated_repayment_date()).is_some_and(|date| date >= at) {
                            close(&mut script);
                        }
                    }
                    Role::Manager { .. } => script.events.push(Event::ManagerDefault { at }),
                }
            }
        }
        script
    }

    /// The first day of a year of the network, counted from 0.
    fn date(&self, year: usize) -> Option<Date> {
        Date::from_ymd_opt(i32::from(self.network.first_year()) + i32::try_from(year).ok()?, 1, 1)
    }

    fn result(
        &self,
        name: &str,
        outcome: &Outcome,
        mut notes: Vec<NoteResult>,
        cascade: Cascade,
        levers: &[Lever],
    ) -> Result<SystemResult, Error> {
        let by_asset: Vec<Losses> = (0..self.holders.assets().len())
            .map(|asset| self.asset_losses(asset, outcome, &notes, &cascade))
            .collect();
        let falls: Vec<f64> = by_asset.iter().map(|losses| losses.first().min(1.0)).collect();
        let holders = levers.iter().fold(self.holders.clone(), |holders, lever| match *lever {
            Lever::PriceImpact(factor) => holders.with_impact(factor),
            Lever::Debt(factor) => holders.with_debt(factor),
            _ => holders,
        });
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
        Ok(SystemResult { outcome: name.to_owned(), notes, groups: groups.collect(), cascade, sale })
    }

    /// First losses of an asset, as shares of its price.
    pub(super) fn asset_losses(
        &self,
        asset: usize,
        outcome: &Outcome,
        notes: &[NoteResult],
        cascade: &Cascade,
    ) -> Losses {
        let terms = &self.holders.assets()[asset];
        if terms.kind == AssetKind::Note {
            let is_this = |note: &&NoteResult| {
                terms.deal.as_deref() == Some(&note.deal) && terms.class.as_deref() == Some(&note.class)
            };
            return notes.iter().find(is_this).map_or(Losses::default(), |note| note.losses);
        }
        let change = outcome.assets.iter().find(|change| change.asset == terms.id);
        let direct = change.map_or(0.0, |change| -model(change.change));
        // What has gone cannot go again: each later loss takes its share of what the earlier left.
        let mut left = 1.0 - direct;
        let dead = terms.parties.iter().filter(|id| {
            self.network.party_index(id).is_some_and(|party| cascade.defaulted[party].is_some())
        });
        let share = match terms.parties.len() {
            0 => 0.0,
            all => dead.count() as f64 / all as f64,
        };
        let loss = match terms.kind {
            AssetKind::Equity => model(outcome.defaults.equity_loss),
            AssetKind::PrivateCredit => model(outcome.defaults.private_credit_loss),
            _ => 0.0,
        };
        let ring = left * share * loss;
        left -= ring;
        let unemployment = outcome.unemployment.filter(|_| terms.kind == AssetKind::HouseholdCredit);
        let lost = unemployment.map_or(0.0, |terms| model(terms.rise_points) * model(terms.loss_per_point));
        Losses { direct, ring, households: left * lost.clamp(0.0, 1.0), price_impact: 0.0 }
    }
}

pub(super) fn terms(outcome: &Outcome) -> Terms {
    let share = |value: Decimal| Ratio::from_decimal(value).unwrap_or(Ratio::ONE);
    let promises = if outcome.letters_of_intent { Promises::WithLettersOfIntent } else { Promises::Binding };
    let recovery =
        Recovery { assets: share(outcome.defaults.assets_left), claims: share(outcome.defaults.claims_left) };
    Terms { promises, recovery, vector: Vector::Greatest }
}

fn moved(mut outcome: Outcome, levers: &[Lever]) -> Outcome {
    let decimal = |value: f64| Decimal::from_f64_retain(value).unwrap_or_default().round_dp(9);
    for lever in levers {
        match *lever {
            Lever::LettersOfIntent(counted) => outcome.letters_of_intent = counted,
            Lever::DefaultLeaves(share) => {
                outcome.defaults.assets_left = decimal(share);
                outcome.defaults.claims_left = decimal(share);
            }
            Lever::LossOnDefault(factor) => {
                let terms = &mut outcome.defaults;
                terms.equity_loss = (terms.equity_loss * decimal(factor)).min(Decimal::ONE);
                terms.private_credit_loss = (terms.private_credit_loss * decimal(factor)).min(Decimal::ONE);
            }
            Lever::Shocks(factor) => {
                let moved = |value: Decimal| {
                    (Decimal::ONE + (value - Decimal::ONE) * decimal(factor)).max(Decimal::ZERO)
                };
                for shock in &mut outcome.shocks {
                    shock.funding = shock.funding.map(moved);
                    shock.operating = shock.operating.map(moved);
                }
            }
            Lever::AssetChanges(factor) => {
                for change in &mut outcome.assets {
                    change.change = (change.change * decimal(factor)).max(-Decimal::ONE);
                }
            }
            Lever::Unemployment(factor) => {
                if let Some(terms) = &mut outcome.unemployment {
                    terms.rise_points *= decimal(factor);
                }
            }
            Lever::RefinancingOpen => {
                outcome.deals.iter_mut().for_each(|deal| deal.refinancing_closed = false)
            }
            Lever::DealsAsBase => outcome.deals.clear(),
            Lever::PriceImpact(_) | Lever::Debt(_) => {}
        }
    }
    outcome
}

/// A script without a refinancing has none to close.
fn close(script: &mut Script) {
    if let Some(terms) = &mut script.refinancing {
        terms.granted = false;
    }
}

fn times(amount: Money, factor: Decimal) -> Money {
    // Factors of a file are short decimals; one that no ratio can hold changes nothing.
    Ratio::from_decimal(factor).and_then(|factor| factor.of(amount, Rounding::HalfEven)).unwrap_or(amount)
}

fn deal_of(role: &Role) -> &str {
    match role {
        Role::Tenant { deal, .. } | Role::Sponsor { deal } | Role::Manager { deal } => deal,
    }
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

fn toml_files(path: &Path) -> Result<Vec<String>, Error> {
    let unreadable =
        |error: std::io::Error| Error::Unreadable { path: path.display().to_string(), kind: error.kind() };
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    Ok(names)
}

fn missing(file: &str) -> Error {
    input(file.to_owned(), "", "no such file".to_owned(), "the file of a system")
}

fn input(file: String, field: &str, found: String, expected: &str) -> Error {
    let problem = Problem { file, line: 0, field: field.to_owned(), found, expected: expected.to_owned() };
    Error::Input(Problems::from(vec![problem]))
}
