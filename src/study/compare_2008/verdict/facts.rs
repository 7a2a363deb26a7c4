//! The numbers of the verdict, looked up in the tables.

use super::super::deals::{Assets, Era};
use super::super::fragility::{FragileClass, Wrong};
use super::super::losses::DealLosses;
use super::super::structures::{ClassLine, DealStructure};
use super::super::what_happened::{LifeLink, WhatHappened};
use super::{ClassShare, Finding, Notches, Sentence, Stretch};
use crate::credit::Rating;

/// The sentences that follow from the tables; one whose numbers are missing is left out.
pub(in crate::study::compare_2008) fn sentences(
    structures: &[DealStructure],
    losses: &[DealLosses],
    fragility: &[FragileClass],
    happened: &WhatHappened,
) -> Vec<Sentence> {
    let facts = Facts { structures, losses, fragility, happened };
    let found = [
        facts.thin_mezzanine(),
        facts.cushion(),
        facts.diversification(),
        facts.arrival(),
        facts.tenor(),
        facts.cliff(),
        facts.notches(Wrong::DefaultsDouble),
        facts.notches(Wrong::CorrelationEighty),
        facts.year_of_chips(),
        facts.wiped_out(),
        facts.believed(),
        facts.time(),
    ];
    found.into_iter().flatten().map(Finding::sentence).collect()
}

struct Facts<'a> {
    structures: &'a [DealStructure],
    losses: &'a [DealLosses],
    fragility: &'a [FragileClass],
    happened: &'a WhatHappened,
}

impl Facts<'_> {
    /// Deals of an era that stand on assets, not on notes.
    fn on_assets(&self, era: Era) -> impl Iterator<Item = &DealStructure> {
        self.structures.iter().filter(move |deal| deal.era == era && deal.assets != Assets::Notes)
    }

    fn on_notes(&self, era: Era) -> Option<&DealStructure> {
        self.structures.iter().find(|deal| deal.era == era && deal.assets == Assets::Notes)
    }

    /// Of an era's classes of the BBB category, the one with the least of a figure.
    fn least_bbb(&self, era: Era, figure: fn(&ClassLine) -> f64) -> Option<ClassShare> {
        let is_bbb = |class: &&ClassLine| {
            let rating = class.rating.as_deref().and_then(|text| text.parse::<Rating>().ok());
            rating.is_some_and(|rating| (Rating::Baa1..=Rating::Baa3).contains(&rating))
                && class.balance > 0.0
        };
        let classes = self
            .on_assets(era)
            .flat_map(|deal| deal.classes.iter().filter(is_bbb).map(move |class| (deal, class)));
        let least = classes.min_by(|one, other| figure(one.1).total_cmp(&figure(other.1)));
        least.map(|(deal, class)| ClassShare {
            deal: deal.deal.clone(),
            note: class.note.clone(),
            share: figure(class),
        })
    }

    fn thin_mezzanine(&self) -> Option<Finding> {
        let width = |class: &ClassLine| class.detachment - class.subordination;
        Some(Finding::ThinMezzanine {
            subprime: self.least_bbb(Era::Subprime, width)?,
            data_center: self.least_bbb(Era::DataCenter, width)?,
        })
    }

    fn cushion(&self) -> Option<Finding> {
        let below = |class: &ClassLine| class.subordination;
        Some(Finding::Cushion {
            subprime: self.least_bbb(Era::Subprime, below)?,
            data_center: self.least_bbb(Era::DataCenter, below)?,
        })
    }

    fn diversification(&self) -> Option<Finding> {
        let most = self
            .on_assets(Era::DataCenter)
            .max_by(|one, other| one.obligors.effective.total_cmp(&other.obligors.effective))?;
        Some(Finding::Diversification {
            subprime_effective: self.on_assets(Era::Subprime).next()?.obligors.effective,
            data_center: most.deal.clone(),
            data_center_effective: most.obligors.effective,
            top_five: most.obligors.top_five,
        })
    }

    fn arrival(&self) -> Option<Finding> {
        let subprime = self.on_assets(Era::Subprime).next()?.arrival.mainly;
        let alike = self.on_assets(Era::DataCenter).filter(|deal| deal.arrival.mainly == subprime).count();
        Some(Finding::Arrival { subprime, data_center_deals: self.on_assets(Era::DataCenter).count(), alike })
    }

    fn tenor(&self) -> Option<Finding> {
        let subprime = self.on_assets(Era::Subprime).next()?;
        let part = |deal: &&DealStructure| deal.contract_years / deal.legal_final_years.max(0.1);
        let soonest =
            self.on_assets(Era::DataCenter).min_by(|one, other| part(one).total_cmp(&part(other)))?;
        Some(Finding::Tenor {
            subprime_contract_years: subprime.contract_years,
            subprime_legal_final_years: subprime.legal_final_years,
            data_center: soonest.deal.clone(),
            data_center_contract_years: soonest.contract_years,
            data_center_legal_final_years: soonest.legal_final_years,
        })
    }

    fn cliff(&self) -> Option<Finding> {
        let stretch = |era| {
            let deal = self.on_notes(era)?;
            let top = deal.classes.first()?;
            Some(Stretch {
                deal: deal.deal.clone(),
                note: top.note.clone(),
                from: top.first_loss_at?,
                to: top.all_lost_at?,
            })
        };
        Some(Finding::Cliff { subprime: stretch(Era::Subprime)?, data_center: stretch(Era::DataCenter)? })
    }

    /// What the top class of an era's deal on notes loses of its rating.
    fn top_notches(&self, era: Era, wrong: Wrong) -> Option<Notches> {
        let deal = self.on_notes(era)?;
        let top = self.fragility.iter().find(|class| class.deal == deal.deal)?;
        let moved = top.moved(wrong)?;
        let before = match moved.against {
            Some(against) => top.moved(against)?.after.implied,
            None => top.base.implied,
        };
        let to = |after: Rating| before.notches_between(after);
        let after = moved.after;
        Some(Notches {
            deal: format!("{} {}", top.deal, top.note),
            note: top.note.clone(),
            before,
            after: after.implied,
            lost: moved.notches_lost,
            least: to(after.best),
            most: to(after.worst),
        })
    }

    fn notches(&self, wrong: Wrong) -> Option<Finding> {
        let (subprime, data_center) =
            (self.top_notches(Era::Subprime, wrong)?, self.top_notches(Era::DataCenter, wrong)?);
        Some(match wrong {
            Wrong::CorrelationEighty => Finding::SharedFactor { subprime, data_center },
            _ => Finding::TwiceTheDefaults { subprime, data_center },
        })
    }

    fn year_of_chips(&self) -> Option<Finding> {
        Some(Finding::YearOfChips {
            subprime: self.top_notches(Era::Subprime, Wrong::DefaultsDouble)?,
            data_center: self.top_notches(Era::DataCenter, Wrong::ChipLifeYearShorter)?,
        })
    }

    fn wiped_out(&self) -> Option<Finding> {
        let pool_loss = self.happened.forecasts.iter().map(|line| line.pool_loss).reduce(f64::max)?;
        let share = |era| {
            let below = self.on_assets(era).flat_map(|deal| {
                let top = deal.classes.first().map_or(0.0, |class| class.subordination);
                deal.classes.iter().filter(move |class| class.subordination < top)
            });
            let (mut all, mut gone) = (0.0, 0.0);
            for class in below {
                all += class.balance;
                gone += if class.detachment <= pool_loss { class.balance } else { 0.0 };
            }
            (all > 0.0).then(|| gone / all)
        };
        Some(Finding::WipedOut {
            pool_loss,
            subprime_share: share(Era::Subprime)?,
            data_center_share: share(Era::DataCenter)?,
        })
    }

    fn believed(&self) -> Option<Finding> {
        let first = self.happened.forecasts.iter().min_by_key(|line| line.date)?.date;
        let last = self.happened.forecasts.iter().max_by_key(|line| line.date)?.date;
        let least = |date| {
            self.happened
                .forecasts
                .iter()
                .filter(|line| line.date == date)
                .map(|line| line.pool_loss)
                .reduce(f64::min)
        };
        let (first_forecast, last_forecast) = (least(first)?, least(last)?);
        let lines: Vec<_> =
            self.happened.chip_lives.iter().filter(|line| line.link != LifeLink::RentsByAQuarter).collect();
        let believed = lines.first()?.lives.first()?.years;
        let same_error_years = believed as f64 * first_forecast / last_forecast;
        // The life that was run next above the one that is meant.
        let run_years = lines
            .first()?
            .lives
            .iter()
            .map(|life| life.years)
            .filter(|&years| years as f64 >= same_error_years)
            .min()?;
        let losing = lines
            .iter()
            .filter(|line| line.lives.iter().any(|life| life.years == run_years && life.loss >= 0.01));
        Some(Finding::Believed {
            first_forecast,
            last_forecast,
            believed_years: believed as f64,
            same_error_years,
            run_years,
            classes: lines.len(),
            losing: losing.count(),
        })
    }

    fn time(&self) -> Option<Finding> {
        // Share of an era's notes lost by arithmetic and in the run.
        let lost = |era| {
            let (mut run, mut arithmetic, mut all) = (0.0, 0.0, 0.0);
            for deal in self.on_assets(era) {
                let table = self.losses.iter().find(|table| table.deal == deal.deal)?;
                let point = table.points.iter().find(|point| (point.pool_loss - 0.40).abs() < 1e-9)?;
                let Some(ran) = &point.run else { continue };
                for (index, note) in table.notes.iter().enumerate() {
                    let class = deal.classes.iter().find(|class| class.note == *note);
                    let balance = class.map_or(0.0, |class| class.balance);
                    run += ran[index] * balance;
                    arithmetic += point.arithmetic[index] * balance;
                    all += balance;
                }
            }
            (all > 0.0).then(|| (arithmetic / all, run / all))
        };
        let (subprime_arithmetic, subprime_run) = lost(Era::Subprime)?;
        let (data_center_arithmetic, data_center_run) = lost(Era::DataCenter)?;
        Some(Finding::Time { subprime_arithmetic, subprime_run, data_center_arithmetic, data_center_run })
    }
}
