//! One assumption moved, all others as they are.

use super::figure::Figure;
use super::holders::Holders;
use super::outcome::Outcome;
use rust_decimal::Decimal;

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
    /// The earnings in sales that are not paid times this, at most all.
    LostSalesMargin(f64),
    /// The distance of the shocks' factors from 1 times this.
    Shocks(f64),
    /// Changes of assets' prices times this.
    AssetChanges(f64),
    /// The rise of unemployment times this.
    Unemployment(f64),
    /// By how much each point of unemployment raises defaults, times this, at most all.
    DefaultsPerPoint(f64),
    /// Refinancing stays open wherever the deals' own scenarios leave it so.
    RefinancingOpen,
    /// Every deal is as its base scenario says, but for what the network brings.
    DealsAsBase,
}

fn decimal(value: f64) -> Decimal {
    Decimal::from_f64_retain(value).unwrap_or_default().round_dp(9)
}

fn scaled(figure: &mut Figure, factor: f64, within: std::ops::RangeInclusive<Decimal>) {
    let value = figure.value.checked_mul(decimal(factor)).unwrap_or(*within.end());
    figure.value = value.clamp(*within.start(), *within.end());
}

/// An outcome with assumptions moved.
pub(super) fn moved(mut outcome: Outcome, levers: &[Lever]) -> Outcome {
    let (none, all) = (Decimal::ZERO, Decimal::ONE);
    for lever in levers {
        let terms = &mut outcome.defaults;
        match *lever {
            Lever::LettersOfIntent(counted) => outcome.letters_of_intent = counted,
            Lever::DefaultLeaves(share) => {
                terms.assets_left.value = decimal(share);
                terms.claims_left.value = decimal(share);
            }
            Lever::LossOnDefault(factor) => {
                scaled(&mut terms.equity_loss, factor, none..=all);
                scaled(&mut terms.private_credit_loss, factor, none..=all);
            }
            Lever::LostSalesMargin(factor) => scaled(&mut terms.lost_sales_margin, factor, none..=all),
            Lever::Shocks(factor) => {
                let given =
                    outcome.shocks.iter_mut().flat_map(|shock| [&mut shock.funding, &mut shock.operating]);
                for figure in given.flatten() {
                    let moved = (figure.value - all).checked_mul(decimal(factor));
                    figure.value =
                        moved.and_then(|moved| all.checked_add(moved)).unwrap_or(figure.value).max(none);
                }
            }
            Lever::AssetChanges(factor) => {
                for change in &mut outcome.assets {
                    scaled(&mut change.change, factor, -all..=Decimal::MAX);
                }
            }
            Lever::Unemployment(factor) => {
                if let Some(terms) = &mut outcome.unemployment {
                    scaled(&mut terms.rise_points, factor, none..=Decimal::ONE_HUNDRED);
                }
            }
            Lever::DefaultsPerPoint(factor) => {
                if let Some(terms) = &mut outcome.unemployment {
                    scaled(&mut terms.defaults_per_point, factor, none..=all);
                }
            }
            Lever::RefinancingOpen => {
                outcome.deals.iter_mut().for_each(|deal| deal.refinancing_closed = false);
            }
            Lever::DealsAsBase => outcome.deals.clear(),
            Lever::PriceImpact(_) | Lever::Debt(_) => {}
        }
    }
    outcome
}

/// Holders with assumptions moved.
pub(super) fn moved_holders(holders: &Holders, levers: &[Lever]) -> Holders {
    levers.iter().fold(holders.clone(), |holders, lever| match *lever {
        Lever::PriceImpact(factor) => holders.with_impact(factor),
        Lever::Debt(factor) => holders.with_debt(factor),
        _ => holders,
    })
}
