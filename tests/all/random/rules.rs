//! Triggers, phases and steps.

use super::build::{Builder, EVENT, distinct};
use super::formulas::Place;
use super::spec::{Arithmetic, StepSpec};
use leasefall::collection::measure;
use leasefall::deal::{Allocation, Cure, Formula, Pay, Phase, Step, Test, Trigger, When};
use leasefall::time::Frequency;
use rust_decimal::Decimal;

impl Builder<'_> {
    pub(super) fn trigger(&mut self, index: usize, frequency: Frequency) -> Trigger {
        self.triggers = index;
        let spec = &self.spec.triggers[index];
        let level = Decimal::new(i64::from(spec.level), 3);
        let notes = self.some_notes(&spec.notes);
        let a_note = if notes.is_empty() { self.some_notes(&[0]) } else { notes.clone() };
        let mut coverage = Some(true);
        let kind = match spec.kind % 14 {
            kind @ 11.. if index == 0 => kind % 11,
            kind => kind,
        };
        let (first, second) = &spec.formulas;
        let maybe = |this: &mut Self, formula: &Arithmetic| {
            spec.date.is_multiple_of(2).then(|| this.formula(formula, Place::Trigger))
        };
        let test = match kind {
            0 => Test::Dscr {
                notes,
                below: level,
                average_months: frequency.months() as u32 * (1 + u32::from(spec.date % 4)),
                constant: spec.date.is_multiple_of(3).then(|| Decimal::new(i64::from(spec.date % 200), 3)),
            },
            1 => {
                coverage = Some(false);
                Test::Ltv { notes, above: level }
            }
            2 => Test::Oc { notes, below: level, collateral: self.formula(first, Place::Trigger) },
            3 => Test::Ic { notes, below: level, income: maybe(self, first) },
            4 => {
                let is_below = spec.date.is_multiple_of(2);
                coverage = Some(is_below);
                Test::Ratio {
                    numerator: self.formula(first, Place::Trigger),
                    denominator: self.formula(second, Place::Trigger),
                    below: is_below.then_some(level),
                    above: (!is_below).then_some(level),
                }
            }
            5 => {
                coverage = Some(false);
                Test::Concentration { largest: if spec.date.is_multiple_of(2) { 1 } else { 5 }, above: level }
            }
            kind => {
                coverage = None;
                match kind {
                    6 => Test::OnOrAfter { date: self.date(spec.date) },
                    7 => {
                        let with_ard = |id: &String| {
                            let index: usize = id[1..].parse().expect("a number");
                            self.spec.notes[index].ard.is_some()
                        };
                        match a_note.into_iter().filter(with_ard).collect::<Vec<_>>() {
                            notes if notes.is_empty() => Test::OnOrAfter { date: self.date(spec.date) },
                            notes => Test::AfterArd { notes },
                        }
                    }
                    8 => Test::PaidInFull { notes },
                    9 => Test::InterestShortfall { notes: a_note },
                    10 => match spec.date % 2 {
                        0 => Test::UnpaidAtLegalFinal { notes },
                        _ => Test::Event { event: EVENT.to_owned() },
                    },
                    11 => Test::All { of: self.when(&spec.of) },
                    _ => Test::Any { of: self.when(&spec.of) },
                }
            }
        };
        // A cure level is at least as strict as the test's own.
        let stricter = |by: u16| match coverage {
            Some(true) => Some(level + Decimal::new(i64::from(by), 3)),
            Some(false) => Some((level - Decimal::new(i64::from(by), 3)).max(Decimal::new(1, 3)).min(level)),
            None => None,
        };
        let cure = match spec.cure {
            (0, ..) => Cure::Never {},
            (_, payment_dates, level) => Cure::Passing { payment_dates, level: level.and_then(stricter) },
        };
        Trigger { id: format!("t{index}"), test, cure }
    }

    pub(super) fn phase(&mut self, index: usize, last: bool) -> Phase {
        let (conditions, steps) = &self.spec.phases[index];
        self.steps.clear();
        let mut phase = Phase { id: format!("p{index}"), when: When::default(), steps: Vec::new() };
        if !last {
            phase.when = self.when(conditions);
        }
        for (number, spec) in steps.iter().enumerate() {
            let step = self.step(&format!("e{number}"), spec);
            if !matches!(step.pay, Pay::WriteDown | Pay::WriteUp) {
                self.steps.push(step.id.clone());
            }
            phase.steps.push(step);
        }
        phase
    }

    pub(super) fn step(&mut self, id: &str, spec: &StepSpec) -> Step {
        let pay = match spec.pay % 24 {
            0 => Pay::Expenses,
            1 | 2 if !self.spec.fees.is_empty() => Pay::Fees,
            3 if !self.spec.fees.is_empty() => Pay::FeesAboveCap,
            4..=7 => Pay::Interest,
            8 => Pay::PostArdInterest,
            9 | 10 => Pay::ScheduledPrincipal,
            11..=14 => Pay::Principal,
            15 => Pay::MakeWhole,
            16..=18 => Pay::Deposit,
            19 => Pay::Payee,
            20 | 21 => Pay::WriteDown,
            22 => Pay::WriteUp,
            _ => Pay::Interest,
        };
        let moves_cash = !matches!(pay, Pay::WriteDown | Pay::WriteUp);
        let pays_notes = matches!(
            pay,
            Pay::Interest
                | Pay::PostArdInterest
                | Pay::ScheduledPrincipal
                | Pay::Principal
                | Pay::MakeWhole
                | Pay::WriteDown
                | Pay::WriteUp
        );
        let pays_fees = matches!(pay, Pay::Fees | Pay::FeesAboveCap);
        let to = self.account_id(spec.to);
        let mut from = distinct(spec.from.iter().map(|n| self.account_id(*n)));
        let mut account = None;
        if pay == Pay::Deposit {
            from.retain(|id| *id != to);
            if from.is_empty() && to == "collection" {
                // With a single account there is nowhere else to take cash from.
                if self.spec.accounts.len() == 1 {
                    return self.step(id, &StepSpec { pay: 4, ..spec.clone() });
                }
                from.push("a1".to_owned());
            }
            account = Some(to);
        }
        let amount = match (&spec.amount, moves_cash) {
            (Some(amount), _) => Some(self.formula(amount, Place::Step)),
            (None, true) => None,
            (None, false) => Some(Formula::new(measure::REALIZED_LOSS)),
        };
        Step {
            id: id.to_owned(),
            pay,
            from: if moves_cash { from } else { Vec::new() },
            when: self.when(&spec.when),
            notes: if pays_notes { self.some_notes(&spec.of) } else { Vec::new() },
            fees: match pays_fees {
                true => distinct(spec.of.iter().map(|n| format!("f{}", *n as usize % self.spec.fees.len()))),
                false => Vec::new(),
            },
            account,
            payee: (pay == Pay::Payee)
                .then(|| ["issuer", "agent", "contractor"][spec.to as usize % 3].to_owned()),
            allocation: match spec.allocation {
                0 | 1 if pays_notes || pays_fees => Allocation::ProRata,
                2 if pays_notes && moves_cash => Allocation::ProRataOpening,
                _ => Allocation::Sequential,
            },
            amount,
        }
    }
}
