//! Where each note begins and ends to lose: attachment and detachment points.

use crate::collection::{Collections, measure};
use crate::deal::{Allocation, Deal, Note, Pay};
use crate::money::Money;
use crate::waterfall::Program;

/// Who stands above whom, and how thick each class is, where the run starts.
#[derive(Clone, Debug, PartialEq)]
pub struct CapitalStructure {
    /// What stands behind the notes: the value of the assets or the balance of the loans, and the cash in the
    /// issuer's accounts; `None` if the collections measure neither.
    pub collateral: Option<Money>,
    /// The balance of all notes.
    pub notes: Money,
    /// The notes, in the deal's order.
    pub layers: Vec<Layer>,
}

/// One note of a [`CapitalStructure`]. Notes that share interest in proportion are one layer's parts and have
/// the same points.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The class.
    pub note: String,
    /// The rating at issue.
    pub rating: Option<String>,
    /// The balance where the run starts.
    pub balance: Money,
    /// The place from the top, from 0, equal for notes of one layer.
    pub rank: usize,
    /// Shares of the notes' balance lost at which this one begins and ends to lose.
    pub loss_of_notes: Points,
    /// Shares of the collateral lost at which it does; those of the notes where no collateral is measured.
    pub loss_of_collateral: Points,
}

/// Where a layer begins to lose, and where nothing of it is left, as shares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Points {
    /// Everything below it, over the whole.
    pub attachment: f64,
    /// Itself and everything below it, over the whole.
    pub detachment: f64,
}

impl CapitalStructure {
    /// The structure of a deal. Collateral is what the deal states as measured at the cut-off date, or else
    /// what the first payment date's collections measure.
    ///
    /// `attachment = (whole - balances of this rank and above) / whole`,
    /// `detachment = (whole - balances above) / whole`, the whole being the collateral, or the notes where they
    /// are more. What of the collateral is not owed to notes loses first.
    pub fn new(deal: &Deal, program: &Program, collections: &Collections) -> CapitalStructure {
        let ranks = ranks(deal);
        let balances: Vec<Money> = (0..deal.notes.len()).map(|note| program.opening_balance(note)).collect();
        let notes: Money = balances.iter().copied().sum();
        let collateral = collateral(deal, collections);
        let whole = collateral.map_or(notes, |collateral| collateral.max(notes));
        let layer = |(index, note): (usize, &Note)| {
            let owed = |counts: &dyn Fn(usize) -> bool| -> f64 {
                let counted = balances.iter().zip(&ranks).filter(|(_, rank)| counts(**rank));
                counted.map(|(balance, _)| balance.minor() as f64).sum()
            };
            let above = owed(&|rank| rank < ranks[index]);
            let through = owed(&|rank| rank <= ranks[index]);
            let points = |whole: Money| {
                let whole = (whole.minor() as f64).max(1.0);
                Points { attachment: (whole - through) / whole, detachment: (whole - above) / whole }
            };
            Layer {
                note: note.id.clone(),
                rating: note.rating.clone(),
                balance: balances[index],
                rank: ranks[index],
                loss_of_notes: points(notes),
                loss_of_collateral: points(whole),
            }
        };
        let layers = deal.notes.iter().enumerate().map(layer).collect();
        CapitalStructure { collateral, notes, layers }
    }

    /// What of the collateral is not owed to notes, as a share of it: what loses first.
    pub fn equity(&self) -> f64 {
        self.layers.iter().map(|layer| layer.loss_of_collateral.attachment).fold(1.0, f64::min)
    }
}

/// Where each note begins and ends to lose, as shares of the balance of all notes.
pub(crate) fn points_of_notes(deal: &Deal, program: &Program) -> Vec<Points> {
    let unmeasured = Collections::empty(deal.currency, program.layout().clone(), 0);
    let structure = CapitalStructure::new(deal, program, &unmeasured);
    structure.layers.into_iter().map(|layer| layer.loss_of_notes).collect()
}

/// The place of each note from the top: one for notes that any step pays interest in proportion.
fn ranks(deal: &Deal) -> Vec<usize> {
    let index = |id: &String| deal.notes.iter().position(|note| note.id == *id);
    let steps = deal.phases.iter().flat_map(|phase| &phase.steps);
    let shared = steps.filter(|step| step.pay == Pay::Interest && step.allocation != Allocation::Sequential);
    let mut first: Vec<usize> = (0..deal.notes.len()).collect();
    for step in shared {
        let notes: Vec<usize> = step.notes.iter().filter_map(index).collect();
        let groups: Vec<usize> = notes.iter().map(|&note| first[note]).collect();
        let Some(&least) = groups.iter().min() else { continue };
        for group in first.iter_mut().filter(|group| groups.contains(group)) {
            *group = least;
        }
    }
    // Ranks without gaps: how many groups begin above.
    let above = |group: usize| (0..group).filter(|&note| first[note] == note).count();
    first.iter().map(|&group| above(group)).collect()
}

fn collateral(deal: &Deal, collections: &Collections) -> Option<Money> {
    let value = |name: &str| {
        let stated = deal.opening_measures.get(name).and_then(|&amount| deal.currency.money(amount));
        stated.or_else(|| {
            let column = collections.layout().column(name)?;
            (collections.periods() > 0).then(|| collections.row(0)[column])
        })
    };
    let measured: Vec<Money> =
        [measure::ASSET_VALUE, measure::POOL_BALANCE].into_iter().filter_map(value).collect();
    let cash = deal.accounts.iter().filter_map(|account| deal.currency.money(account.opening_balance));
    let assets: Money = measured.iter().copied().sum();
    (!assets.is_zero()).then(|| assets + cash.sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::Layout;

    #[test]
    fn seventy_twenty_five_on_a_hundred() {
        let deal: Deal = toml::from_str(
            r#"
            name = "On paper"
            currency = "USD"
            cut_off_date = "2025-12-31"
            closing_date = "2026-01-25"
            payments = { frequency = "monthly", first_date = "2026-02-25" }
            notes = [
                { id = "A-1", rating = "AAA", original_balance = "30.00", coupon = "0", day_count = "30/360", legal_final = "2026-04-25" },
                { id = "A-2", original_balance = "40.00", coupon = "0", day_count = "30/360", legal_final = "2026-04-25" },
                { id = "B", original_balance = "20.00", coupon = "0", day_count = "30/360", legal_final = "2026-04-25" },
            ]
            accounts = [{ id = "collection", opening_balance = "2.00" }]
            opening_measures = { asset_value = "98.00" }
            phases = [{ id = "normal", steps = [
                { id = "interest", pay = "interest", notes = ["A-1", "A-2"], allocation = "pro_rata" },
                { id = "interest_b", pay = "interest", notes = ["B"] },
            ] }]
            "#,
        )
        .unwrap();
        let layout = Layout::leases();
        let program = Program::compile(&deal, &layout).unwrap();
        let collections = Collections::empty(deal.currency, layout, 3);
        let structure = CapitalStructure::new(&deal, &program, &collections);
        assert_eq!(
            (structure.collateral, structure.notes),
            (Some(Money::from_minor(10_000)), Money::from_minor(9_000))
        );
        let close = |found: Points, attachment: f64, detachment: f64| {
            let off = (found.attachment - attachment).abs() + (found.detachment - detachment).abs();
            assert!(off < 1e-15, "{found:?}");
        };
        // 10.00 of equity, B 20.00 above it, both A on top with 70.00.
        for (layer, attachment, detachment, rank) in [(0, 0.3, 1.0, 0), (1, 0.3, 1.0, 0), (2, 0.1, 0.3, 1)] {
            close(structure.layers[layer].loss_of_collateral, attachment, detachment);
            assert_eq!(structure.layers[layer].rank, rank);
        }
        close(structure.layers[2].loss_of_notes, 0.0, 2.0 / 9.0);
        close(structure.layers[0].loss_of_notes, 2.0 / 9.0, 1.0);
        assert!((structure.equity() - 0.1).abs() < 1e-15);

        let mut unmeasured = deal.clone();
        unmeasured.opening_measures.clear();
        let structure = CapitalStructure::new(&unmeasured, &program, &collections);
        assert_eq!(structure.collateral, None);
        assert_eq!(structure.layers[2].loss_of_collateral, structure.layers[2].loss_of_notes);
    }
}
