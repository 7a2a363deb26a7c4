//! Straight arithmetic: a loss of the pool written down from the bottom, through notes of notes.

use crate::error::Error;
use crate::folder::{BASE, Folder};
use crate::study::overview::capital_structure;
use crate::valuation::{CapitalStructure, Points};

/// A deal's classes as slices of what it stands on, and of what that stands on.
#[derive(Clone, Debug)]
pub(super) struct Slices {
    points: Vec<Points>,
    /// Deals whose notes are the collateral, and what is held of each: note and share of the collateral.
    held: Vec<(Slices, Vec<(usize, f64)>)>,
}

impl Slices {
    pub fn new(folder: &Folder) -> Result<Slices, Error> {
        let structure = stack(folder)?;
        let deals = folder.collateral().map_or(&[][..], |collateral| collateral.deals());
        let amounts = |deal: &crate::folder::InnerDeal| {
            let copies = f64::from(deal.copies());
            deal.notes().iter().map(|&(note, held)| (note, copies * held.minor() as f64)).collect::<Vec<_>>()
        };
        let all: f64 = deals.iter().flat_map(amounts).map(|(_, held)| held).sum();
        let held = deals.iter().map(|deal| {
            let shares = amounts(deal).into_iter().map(|(note, held)| (note, held / all)).collect();
            Ok((Slices::new(deal.folder())?, shares))
        });
        Ok(Slices {
            points: structure.layers.iter().map(|layer| layer.loss_of_collateral).collect(),
            held: held.collect::<Result<_, Error>>()?,
        })
    }

    /// What each class loses, a share of itself, when every pool at the bottom loses this share:
    /// `min(max(L - attachment, 0), width) / width`.
    pub fn losses(&self, pool_loss: f64) -> Vec<f64> {
        let own = self.collateral_loss(pool_loss);
        let loss = |points: &Points| {
            let width = points.detachment - points.attachment;
            if width > 0.0 { ((own - points.attachment) / width).clamp(0.0, 1.0) } else { 0.0 }
        };
        self.points.iter().map(loss).collect()
    }

    /// What the deal's own collateral loses when every pool at the bottom loses this share.
    pub fn collateral_loss(&self, pool_loss: f64) -> f64 {
        if self.held.is_empty() {
            return pool_loss;
        }
        let of = |(slices, shares): &(Slices, Vec<(usize, f64)>)| -> f64 {
            let losses = slices.losses(pool_loss);
            shares.iter().map(|&(note, share)| share * losses[note]).sum()
        };
        self.held.iter().map(of).sum()
    }

    /// The least pool loss at which a class loses, and at which nothing of it is left; `None` if it never comes to
    /// that. Found by bisection: losses rise with the pool's.
    pub fn reach(&self, note: usize) -> (Option<f64>, Option<f64>) {
        let first = |reached: &dyn Fn(f64) -> bool| {
            if !reached(1.0) {
                return None;
            }
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..50 {
                let middle = 0.5 * (low + high);
                if reached(middle) { high = middle } else { low = middle }
            }
            Some(high)
        };
        let loss = |pool_loss: f64| self.losses(pool_loss)[note];
        // A hair above nothing and below all: what rounding leaves of a slice is none.
        (first(&|pool_loss| loss(pool_loss) > 1e-9), first(&|pool_loss| loss(pool_loss) > 1.0 - 1e-9))
    }
}

/// A deal's capital structure at the start of its base scenario.
pub(super) fn stack(folder: &Folder) -> Result<CapitalStructure, Error> {
    Ok(capital_structure(folder, &folder.collections(BASE)?))
}
