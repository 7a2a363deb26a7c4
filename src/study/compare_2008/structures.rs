//! (a) Structures side by side.

use super::arithmetic::{Slices, stack};
use super::deals::{Assets, ComparedDeal, Era};
use crate::asset::TenantKind;
use crate::error::Error;
use crate::folder::{BASE, Folder};
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// A deal's structure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DealStructure {
    /// The folder's name.
    pub deal: String,
    /// The deal's name.
    pub name: String,
    /// What it stands on in the end.
    pub era: Era,
    /// Its own collateral.
    pub assets: Assets,
    /// Balance of the loans or notes, value of the sites (as complete) or chips, and cash in the issuer's accounts but what
    /// is yet to build the sites, major units.
    pub collateral: f64,
    /// Balance of the notes, major units.
    pub notes: f64,
    /// Notes over collateral.
    pub ltv: f64,
    /// The classes, from the top.
    pub classes: Vec<ClassLine>,
    /// Who owes what the pool collects.
    pub obligors: Obligors,
    /// Years left of the pool's contracts, options left out, weighted by rent or balance.
    pub contract_years: f64,
    /// Years from the cut-off date until the base scenario has repaid every note; `None` if it does not.
    pub base_repayment_years: Option<f64>,
    /// Years from the cut-off date to the last legal final.
    pub legal_final_years: f64,
    /// How losses arrive.
    pub arrival: LossArrival,
}

/// A class as a slice of the collateral.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassLine {
    /// The class.
    pub note: String,
    /// The rating at issue.
    pub rating: Option<String>,
    /// Balance, major units.
    pub balance: f64,
    /// Subordination: the share of the collateral below the class, lost before it loses.
    pub subordination: f64,
    /// The share of the collateral lost when nothing of the class is left.
    pub detachment: f64,
    /// The loss of every pool at the bottom at which the class begins to lose: the subordination itself but for notes
    /// of notes. `None` if it never does.
    pub first_loss_at: Option<f64>,
    /// The loss of every pool at the bottom that leaves nothing of it.
    pub all_lost_at: Option<f64>,
}

/// Who owes what the pool collects. Shares are of rent, of cost (chips) or of balance; those of a deal on notes are of
/// what its notes stand on. A representative line is as many obligors as it has loans, alike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Obligors {
    /// How many are named or counted; small customers that are entered as one are not.
    pub number: f64,
    /// One over the sum of squared shares.
    pub effective: f64,
    /// The largest one's share.
    pub largest: f64,
    /// The five largest ones' share.
    pub top_five: f64,
}

/// By which way a pool's losses mostly come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// As vectors of speeds over many small loans or customers.
    Diffused,
    /// When contracts end and are not renewed.
    NonRenewal,
    /// With the default of the largest obligor.
    LargestDefault,
}

/// How much of a pool is exposed to each way of losing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LossArrival {
    /// Share in representative lines, or with tenants that are many small ones.
    pub diffused: f64,
    /// Share under contracts that end before the base scenario has repaid the notes.
    pub non_renewal: f64,
    /// Share of the largest obligor.
    pub largest_default: f64,
    /// The largest of the three.
    pub mainly: Arrival,
}

impl DealStructure {
    /// The structure of a deal.
    ///
    /// # Errors
    /// As [`Folder::run`].
    pub fn new(deal: &ComparedDeal) -> Result<DealStructure, Error> {
        let (folder, terms) = (&deal.folder, deal.folder.deal());
        let structure = stack(folder)?;
        let major = |amount: crate::Money| terms.currency.decimal(amount).to_f64().unwrap_or(0.0);
        let collateral = structure.collateral.unwrap_or(structure.notes);
        let slices = Slices::new(folder)?;
        let mut classes: Vec<(usize, ClassLine)> = Vec::new();
        for (index, layer) in structure.layers.iter().enumerate() {
            let (first_loss_at, all_lost_at) = slices.reach(index);
            let line = ClassLine {
                note: layer.note.clone(),
                rating: layer.rating.clone(),
                balance: major(layer.balance),
                subordination: layer.loss_of_collateral.attachment,
                detachment: layer.loss_of_collateral.detachment,
                first_loss_at,
                all_lost_at,
            };
            classes.push((layer.rank, line));
        }
        classes.sort_by_key(|(rank, _)| *rank);
        let repaid = repaid_in_base(folder)?;
        let pool = Profile::of(folder, repaid)?;
        let years = |date: Date| (date - terms.cut_off_date).num_days() as f64 / 365.25;
        let legal_final = terms.notes.iter().map(|note| note.legal_final).max();
        Ok(DealStructure {
            deal: deal.id.clone(),
            name: terms.name.clone(),
            era: deal.era,
            assets: deal.assets,
            collateral: major(collateral),
            notes: major(structure.notes),
            ltv: structure.notes.minor() as f64 / (collateral.minor() as f64).max(1.0),
            classes: classes.into_iter().map(|(_, line)| line).collect(),
            obligors: pool.obligors(),
            contract_years: pool.contract_years,
            base_repayment_years: repaid.map(years),
            legal_final_years: legal_final.map_or(0.0, years),
            arrival: pool.arrival(),
        })
    }
}

/// The payment date on which the base scenario has repaid every note.
fn repaid_in_base(folder: &Folder) -> Result<Option<Date>, Error> {
    let run = folder.run(BASE)?;
    let notes = folder.deal().notes.len();
    let owed = |period: &usize| (0..notes).any(|note| !run.row(*period, note).balance_close.is_zero());
    let first = (0..run.periods()).rev().find(owed).map_or(0, |last| last + 1);
    let dates = folder.program().schedule().periods();
    Ok(dates.get(first).filter(|_| first < run.periods()).map(|period| period.payment_date))
}

/// So many obligors alike.
#[derive(Clone, Copy, Debug)]
struct Alike {
    /// Share of each.
    share: f64,
    count: f64,
}

/// A pool as its structure needs it.
#[derive(Clone, Debug, Default)]
struct Profile {
    obligors: Vec<Alike>,
    contract_years: f64,
    diffused: f64,
    ending: f64,
}

impl Profile {
    /// A pool whose notes are repaid on a date.
    fn of(folder: &Folder, repaid: Option<Date>) -> Result<Profile, Error> {
        let Some(collateral) = folder.collateral() else { return Ok(Profile::own(folder, repaid)) };
        let held = |deal: &crate::folder::InnerDeal| -> f64 {
            f64::from(deal.copies()) * deal.notes().iter().map(|(_, held)| held.minor() as f64).sum::<f64>()
        };
        let all: f64 = collateral.deals().iter().map(held).sum();
        let mut profile = Profile::default();
        for deal in collateral.deals() {
            let (below, weight) = (Profile::of(deal.folder(), repaid)?, held(deal) / all);
            let copies = f64::from(deal.copies());
            let scaled =
                |alike: Alike| Alike { share: alike.share * weight / copies, count: alike.count * copies };
            profile.obligors.extend(below.obligors.into_iter().map(scaled));
            profile.contract_years += weight * below.contract_years;
            profile.diffused += weight * below.diffused;
            profile.ending += weight * below.ending;
        }
        Ok(profile)
    }

    fn own(folder: &Folder, repaid: Option<Date>) -> Profile {
        let pool = folder.pool();
        let cut_off = pool.cut_off_date();
        let years = |date: Date| (date - cut_off).num_days() as f64 / 365.25;
        // Who owes, weight, years left, whether it is many small ones.
        let mut owed: Vec<(&str, f64, f64)> = Vec::new();
        for lease in pool.leases() {
            owed.push((
                &lease.tenant,
                model(lease.kw * lease.rent_usd_per_kw_month),
                years(lease.expiration),
            ));
        }
        for lease in pool.chip_leases() {
            owed.push((&lease.tenant, model(lease.cost_usd), years(lease.expiration)));
        }
        for loan in pool.loans() {
            let months =
                f64::from(loan.payments_remaining) * 12.0 / f64::from(loan.payment_frequency.per_year());
            owed.push((&loan.obligor, model(loan.balance), months / 12.0));
        }
        let lines = pool.rep_lines();
        let in_lines: f64 = lines.iter().map(|line| model(line.balance)).sum();
        let whole = owed.iter().map(|(_, weight, _)| weight).sum::<f64>() + in_lines;
        let granular = |id: &str| {
            let tenant = pool.tenant_index(id).map(|index| &pool.tenants()[index]);
            tenant.is_some_and(|tenant| tenant.kind == TenantKind::Granular)
        };
        // A sum of nothing is -0.
        let mut profile = Profile { diffused: in_lines / whole + 0.0, ..Profile::default() };
        let horizon = repaid.map_or(f64::INFINITY, years);
        for tenant in pool.tenants() {
            let weight: f64 =
                owed.iter().filter(|(id, ..)| *id == tenant.id).map(|(_, weight, _)| weight).sum();
            match granular(&tenant.id) {
                true => profile.diffused += weight / whole,
                false if weight > 0.0 => profile.obligors.push(Alike { share: weight / whole, count: 1.0 }),
                false => {}
            }
        }
        for &(_, weight, left) in &owed {
            profile.contract_years += weight / whole * left;
            profile.ending += if left < horizon { weight / whole } else { 0.0 };
        }
        for line in lines {
            let (share, count) = (model(line.balance) / whole, f64::from(line.loans.unwrap_or(1)).max(1.0));
            let left = f64::from(line.remaining_months) / 12.0;
            profile.obligors.push(Alike { share: share / count, count });
            profile.contract_years += share * left;
            profile.ending += if left < horizon { share } else { 0.0 };
        }
        profile
    }

    fn obligors(&self) -> Obligors {
        let mut sorted = self.obligors.clone();
        sorted.sort_by(|one, other| other.share.total_cmp(&one.share));
        let top = |mut places: f64| {
            let mut sum = 0.0;
            for alike in &sorted {
                let taken = alike.count.min(places);
                sum += taken * alike.share;
                places -= taken;
            }
            sum
        };
        // 1 / sum of squared shares (Herfindahl).
        let squares: f64 = sorted.iter().map(|alike| alike.count * alike.share * alike.share).sum();
        Obligors {
            number: sorted.iter().map(|alike| alike.count).sum(),
            effective: if squares > 0.0 { 1.0 / squares } else { 0.0 },
            largest: top(1.0),
            top_five: top(5.0),
        }
    }

    fn arrival(&self) -> LossArrival {
        let largest_default = self.obligors().largest;
        let ways = [
            (Arrival::Diffused, self.diffused),
            (Arrival::NonRenewal, self.ending),
            (Arrival::LargestDefault, largest_default),
        ];
        // Of equal shares the later: one default takes at once what an expiry takes in time.
        let mainly = ways.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
        LossArrival {
            diffused: self.diffused,
            non_renewal: self.ending,
            largest_default,
            mainly: mainly.map_or(Arrival::Diffused, |(way, _)| way),
        }
    }
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two obligors of 30% and one of 40%: squares .09 + .09 + .16 = .34, so 2.94 effective ones.
    #[test]
    fn effective_numbers_by_hand() {
        let alike = |share, count| Alike { share, count };
        let profile = Profile { obligors: vec![alike(0.3, 2.0), alike(0.4, 1.0)], ..Profile::default() };
        let found = profile.obligors();
        assert!((found.effective - 1.0 / 0.34).abs() < 1e-12);
        assert_eq!((found.number, found.largest), (3.0, 0.4));
        assert!((found.top_five - 1.0).abs() < 1e-12);
        // A thousand loans alike are a thousand.
        let profile = Profile { obligors: vec![alike(0.001, 1000.0)], ..Profile::default() };
        assert!((profile.obligors().effective - 1000.0).abs() < 1e-9);
        assert!((profile.obligors().top_five - 0.005).abs() < 1e-15);
        assert_eq!(profile.arrival().mainly, Arrival::LargestDefault);
    }
}
