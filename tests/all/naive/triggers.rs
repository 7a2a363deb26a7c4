//! Triggers and conditions.

use super::World;
use super::arithmetic::{decimal, rounded, whole};
use leasefall::Rounding;
use leasefall::collection::measure;
use leasefall::deal::{Note, Test, Trigger, When};
use rust_decimal::Decimal;

impl World<'_> {
    pub(super) fn holds(&self, when: &When) -> bool {
        when.conditions().all(|(id, active)| self.triggers[id].active == active)
    }

    pub(super) fn breached(&self, trigger: &Trigger, level: Option<Decimal>) -> bool {
        let nominal = self.nominal().1;
        let per_year = i128::from(self.deal.payments.frequency.per_year());
        let level = |own: &Decimal| decimal(level.unwrap_or(*own));
        let outstanding = |note: &Note| self.balance(&note.id) > 0;
        match &trigger.test {
            Test::Dscr { notes, below, average_months, constant } => {
                let wanted = *average_months as usize / self.deal.payments.frequency.months() as usize;
                let count = wanted.clamp(1, self.date - self.first + 1);
                let noi: i128 =
                    (self.date + 1 - count..=self.date).map(|d| self.measure(measure::NOI, d)).sum();
                let income = whole(noi) / whole(count as i128) * whole(per_year);
                let chosen = self.chosen(notes);
                let service: i128 = match constant {
                    Some(constant) => {
                        let balance: i128 = chosen.iter().map(|note| self.balance(&note.id)).sum();
                        rounded(&(whole(balance) * decimal(*constant)), Rounding::HalfEven)
                    }
                    None => chosen.iter().map(|note| self.debt_service(note, per_year)).sum(),
                };
                income < level(below) * whole(service)
            }
            Test::Ltv { notes, above } => {
                whole(self.balances(notes))
                    > level(above) * whole(self.measure(measure::ASSET_VALUE, self.date))
            }
            Test::Oc { notes, below, collateral } => {
                whole(self.value(collateral)) < level(below) * whole(self.balances(notes))
            }
            Test::Ic { notes, below, income } => {
                let income = match income {
                    Some(formula) => self.value(formula),
                    None => self.measure(measure::NOI, self.date),
                };
                let accrued: i128 = self
                    .chosen(notes)
                    .iter()
                    .map(|note| self.notes[note.id.as_str()].row.interest_accrued)
                    .sum();
                whole(income) < level(below) * whole(accrued)
            }
            Test::Ratio { numerator, denominator, below, above } => {
                let (over, under) = (whole(self.value(numerator)), whole(self.value(denominator)));
                match (below, above) {
                    (Some(below), _) => over < level(below) * under,
                    (_, Some(above)) => over > level(above) * under,
                    _ => false,
                }
            }
            Test::Concentration { largest, above } => {
                let name = if *largest == 1 { measure::TOP_TENANT_RENT } else { measure::TOP_FIVE_RENT };
                let roll = self.measure(measure::RENT_ROLL, self.date);
                whole(self.measure(name, self.date)) > level(above) * whole(roll)
            }
            Test::OnOrAfter { date } => nominal >= *date,
            Test::AfterArd { notes } => self.chosen(notes).into_iter().any(|note| {
                note.anticipated_repayment_date.is_some_and(|ard| nominal > ard) && outstanding(note)
            }),
            Test::PaidInFull { notes } => !self.chosen(notes).into_iter().any(outstanding),
            Test::InterestShortfall { notes } => self.chosen(notes).into_iter().any(|note| {
                let state = &self.notes[note.id.as_str()];
                state.interest_due - state.row.interest_accrued > 0
            }),
            Test::UnpaidAtLegalFinal { notes } => {
                self.chosen(notes).into_iter().any(|note| nominal > note.legal_final && outstanding(note))
            }
            Test::Event { event } => self
                .collections
                .event_period(event)
                .is_some_and(|happened| happened <= self.date - self.first),
            Test::All { of } => self.holds(of),
            Test::Any { of } => of.conditions().any(|(id, active)| self.triggers[id].active == active),
        }
    }

    /// A year's debt service of a note: balance x current rate, and this date's part of its schedule.
    pub(super) fn debt_service(&self, note: &Note, per_year: i128) -> i128 {
        let interest = whole(self.balance(&note.id)) * decimal(self.current_rate(note).fraction());
        rounded(&interest, Rounding::HalfEven) + self.notes[note.id.as_str()].scheduled_part * per_year
    }
}
