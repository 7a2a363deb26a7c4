//! Triggers: every ratio test becomes one amount over another.

use super::Resolver;
use super::amount::Place;
use crate::collection::measure;
use crate::deal::{Cure, Formula, Test, Trigger};
use crate::ratio::Ratio;
use crate::waterfall::amount::{Amount, NoteField, Quantity};
use crate::waterfall::program::{Level, TestTerms, TriggerTerms};
use rust_decimal::Decimal;

impl Resolver<'_> {
    pub(super) fn trigger(&self, i: usize, trigger: &Trigger) -> Option<TriggerTerms> {
        let cure_after = match trigger.cure {
            Cure::Never {} => None,
            Cure::Passing { payment_dates: 0, .. } => {
                self.problem(format!("triggers[{i}].cure.payment_dates"), "0", "1 or more");
                None
            }
            Cure::Passing { payment_dates, .. } => Some(payment_dates),
        };
        Some(TriggerTerms { test: self.test(i, trigger)?, cure_after })
    }

    fn test(&self, i: usize, trigger: &Trigger) -> Option<TestTerms> {
        let field = |name: &str| format!("triggers[{i}].test.{name}");
        let notes = |ids: &[String]| self.note_indices(&field("notes"), ids);
        let of_notes =
            |which, ids: &[String]| notes(ids).map(|notes| Amount::Plain(Quantity::Notes(which, notes)));
        let formula = |name: &str, formula: Option<&Formula>, default: &str| match formula {
            Some(formula) => self.amount(&field(name), formula, Place::Triggers { above: i }),
            None => self.amount(&field(name), &Formula::new(default), Place::Triggers { above: i }),
        };
        let below = |value: Decimal| self.level(i, trigger, "below", value, true);
        let above = |value: Decimal| self.level(i, trigger, "above", value, false);
        let ratio = |numerator: Option<Amount>, denominator: Option<Amount>, level: Option<Level>| {
            let (numerator, denominator) = (Box::new(numerator?), Box::new(denominator?));
            Some(TestTerms::Ratio { numerator, denominator, level: level? })
        };
        match &trigger.test {
            Test::Dscr { notes: ids, below: value, average_months, constant } => {
                let (notes, level) = (notes(ids), below(*value));
                let constant = match constant {
                    Some(value) => {
                        self.ratio_within(&field("constant"), *value, Decimal::ZERO, Decimal::TEN).map(Some)
                    }
                    None => Some(None),
                };
                let noi = self.column(measure::NOI);
                if noi.is_none() {
                    self.problem(field("kind"), "`dscr` on collections without `noi`", "another test");
                }
                let months = self.deal.payments.frequency.months() as u32;
                if *average_months == 0 || average_months % months != 0 {
                    let expected = format!("a multiple of {months} months");
                    self.problem(field("average_months"), average_months.to_string(), expected);
                }
                let periods = (average_months / months).max(1) as usize;
                Some(TestTerms::Dscr {
                    notes: notes?,
                    noi: noi?,
                    periods,
                    constant: constant?,
                    level: level?,
                })
            }
            Test::Ltv { notes: ids, above: value } => {
                let value_of_assets = formula("kind", None, measure::ASSET_VALUE);
                ratio(of_notes(NoteField::Balance, ids), value_of_assets, above(*value))
            }
            Test::Oc { notes: ids, below: value, collateral } => {
                let collateral = formula("collateral", Some(collateral), "0");
                ratio(collateral, of_notes(NoteField::Balance, ids), below(*value))
            }
            Test::Ic { notes: ids, below: value, income } => {
                let income = formula("income", income.as_ref(), measure::NOI);
                ratio(income, of_notes(NoteField::InterestAccrued, ids), below(*value))
            }
            Test::Ratio { numerator, denominator, below: low, above: high } => {
                let level = match (low, high) {
                    (Some(value), None) => below(*value),
                    (None, Some(value)) => above(*value),
                    _ => {
                        let found =
                            super::given_fields(&[("below", low.is_some()), ("above", high.is_some())]);
                        self.problem(format!("triggers[{i}].test"), found, "either `below` or `above`");
                        None
                    }
                };
                let numerator = formula("numerator", Some(numerator), "0");
                ratio(numerator, formula("denominator", Some(denominator), "0"), level)
            }
            Test::Concentration { largest, above: value } => {
                let rent = match largest {
                    1 => measure::TOP_TENANT_RENT,
                    5 => measure::TOP_FIVE_RENT,
                    _ => {
                        self.problem(field("largest"), largest.to_string(), "1 or 5");
                        return None;
                    }
                };
                let rent = formula("largest", None, rent);
                ratio(rent, formula("kind", None, measure::RENT_ROLL), above(*value))
            }
            Test::OnOrAfter { date } => {
                Some(TestTerms::From(self.period_of(*date).unwrap_or(self.schedule.as_ref()?.len())))
            }
            Test::AfterArd { notes: ids } => {
                self.some_notes(i, ids);
                let notes = notes(ids)?;
                let after = |&note: &u16| {
                    let ard = self.deal.notes[usize::from(note)].anticipated_repayment_date;
                    if ard.is_none() {
                        let id = self.deal.notes[usize::from(note)].id.clone();
                        let expected = "notes with an `anticipated_repayment_date`";
                        self.problem(field("notes"), format!("`{id}`"), expected);
                    }
                    Some((note, self.period_after(ard?)))
                };
                notes.iter().map(after).collect::<Option<_>>().map(TestTerms::NoteFrom)
            }
            Test::UnpaidAtLegalFinal { notes: ids } => {
                let after =
                    |&note: &u16| (note, self.period_after(self.deal.notes[usize::from(note)].legal_final));
                Some(TestTerms::NoteFrom(notes(ids)?.iter().map(after).collect()))
            }
            Test::PaidInFull { notes: ids } => notes(ids).map(TestTerms::PaidInFull),
            Test::InterestShortfall { notes: ids } => {
                self.some_notes(i, ids);
                notes(ids).map(TestTerms::InterestShortfall)
            }
            Test::Event { event } => {
                let mut events = self.events.borrow_mut();
                let index = events.iter().position(|known| known == event).unwrap_or_else(|| {
                    events.push(event.clone());
                    events.len() - 1
                });
                Some(TestTerms::Event(index as u16))
            }
            Test::All { of } => Some(TestTerms::All(self.conditions(&field("of"), of, i))),
            Test::Any { of } => Some(TestTerms::Any(self.conditions(&field("of"), of, i))),
        }
    }

    fn some_notes(&self, i: usize, ids: &[String]) {
        if ids.is_empty() {
            self.problem(format!("triggers[{i}].test.notes"), "none", "at least one note");
        }
    }

    fn level(&self, i: usize, trigger: &Trigger, name: &str, value: Decimal, below: bool) -> Option<Level> {
        let level = |field: &str, value: Decimal| -> Option<Ratio> {
            self.ratio_within(field, value, Decimal::ZERO, Decimal::from(1_000_000))
        };
        let breach = level(&format!("triggers[{i}].test.{name}"), value)?;
        let cure = match trigger.cure {
            Cure::Passing { level: Some(cured), .. } => {
                let field = format!("triggers[{i}].cure.level");
                if (below && cured < value) || (!below && cured > value) {
                    let expected = "a level at least as strict as the test's";
                    self.problem(field.clone(), cured.to_string(), expected);
                }
                level(&field, cured)?
            }
            _ => breach,
        };
        Some(Level { below, breach, cure })
    }
}
