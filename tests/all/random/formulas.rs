//! Formulas as text, and what they may refer to.

use super::build::{Builder, MEASURES, SOURCES, distinct};
use super::spec::Arithmetic;
use leasefall::deal::{Expression, Formula, When};
use rust_decimal::Decimal;

/// Where a formula stands, which says what it may refer to.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Place {
    Trigger,
    Fee,
    Target,
    Amount,
    Step,
}

impl Builder<'_> {
    pub(super) fn formula(&self, arithmetic: &Arithmetic, place: Place) -> Formula {
        Formula::new(self.text(arithmetic, place))
    }

    pub(super) fn text(&self, arithmetic: &Arithmetic, place: Place) -> String {
        let text = |inner: &Arithmetic| self.text(inner, place);
        let list = |all: &[Arithmetic]| all.iter().map(text).collect::<Vec<_>>().join(", ");
        match arithmetic {
            Arithmetic::Amount(size) => self.decimal(self.minor(*size) / 16).to_string(),
            Arithmetic::Quantity(which, of) => self.quantity(*which, of, place),
            Arithmetic::Add(a, b) => format!("{} + {}", text(a), text(b)),
            Arithmetic::Subtract(a, b) => format!("{} - ({})", text(a), text(b)),
            // Constants are folded, and an amount may not have a fraction of the minor unit.
            Arithmetic::Times(_, a) if is_constant(&text(a)) => text(a),
            Arithmetic::Times(by, a) => format!("({}) * ({})", Decimal::new(i64::from(*by), 3), text(a)),
            Arithmetic::Over(a, by) => format!("({}) / {by}", text(a)),
            Arithmetic::Least(all) => format!("min({})", list(all)),
            // The floor at nothing, which is common, runs by a way of its own.
            Arithmetic::Greatest(all) if all.len() == 1 => format!("max({}, 0)", list(all)),
            Arithmetic::Greatest(all) => format!("max({})", list(all)),
            Arithmetic::Rounded(how, to, a) => {
                let function = ["half_even", "half_up", "down"][*how as usize % 3];
                match to {
                    Some(to) => format!("{function}({}, {})", text(a), self.decimal(1 + i64::from(*to))),
                    None => format!("{function}({})", text(a)),
                }
            }
            Arithmetic::If(trigger, a, b) => match self.triggers {
                0 => text(a),
                count => format!("if(t{}, {}, {})", *trigger as usize % count, text(a), text(b)),
            },
        }
    }

    pub(super) fn quantity(&self, which: u8, of: &[u8], place: Place) -> String {
        let nth = |n: usize| of[n % of.len()] as usize;
        let measure = MEASURES[nth(0) % 8];
        let notes = self.some_notes(of).join(", ");
        let accounts = distinct(of.iter().map(|n| self.account_id(*n))).join(", ");
        let with_target: Vec<String> = (0..self.spec.accounts.len())
            .filter(|&n| self.spec.accounts[n].target.is_some())
            .map(|n| self.account_id(n as u8))
            .collect();
        let variable: Vec<String> = (0..self.spec.notes.len())
            .filter(|&n| self.spec.notes[n].variable.is_some())
            .map(|n| format!("N{n}"))
            .collect();
        let last = match place {
            Place::Trigger | Place::Fee | Place::Target => 20,
            Place::Amount => 24,
            Place::Step => 27,
        };
        match which as usize % last {
            0 => "collections()".to_owned(),
            1 => format!(
                "collections({})",
                distinct(of.iter().map(|n| SOURCES[*n as usize % 7].to_owned())).join(", ")
            ),
            2 | 3 => measure.to_owned(),
            4 => format!("open({measure})"),
            5 => format!("total({measure})"),
            6 => "balance()".to_owned(),
            7 | 8 => format!("balance({notes})"),
            9 => format!("balance_open({notes})"),
            10 => format!("original_balance({notes})"),
            11 if !variable.is_empty() => format!("undrawn({})", variable[nth(0) % variable.len()]),
            12 => format!("interest_accrued({notes})"),
            13 => format!("interest_due({notes})"),
            14 => format!("scheduled_principal({notes})"),
            15 => format!("post_ard_interest({notes})"),
            16 => format!("written_down({notes})"),
            17 => format!("schedule(s{})", nth(0) % 2),
            18 | 19 => format!("account({accounts})"),
            20 if !with_target.is_empty() => format!("target({})", with_target[nth(0) % with_target.len()]),
            21 if !with_target.is_empty() => format!("excess({})", with_target[nth(0) % with_target.len()]),
            22 if !self.spec.fees.is_empty() => format!("fee(f{})", nth(0) % self.spec.fees.len()),
            23 if self.amounts > 0 => format!("amount(m{})", nth(0) % self.amounts),
            24 => format!("principal_paid({notes})"),
            25 | 26 if !self.steps.is_empty() => {
                format!(
                    "paid({})",
                    distinct(of.iter().map(|n| self.steps[*n as usize % self.steps.len()].clone()))
                        .join(", ")
                )
            }
            _ => format!("balance({notes})"),
        }
    }

    pub(super) fn when(&self, conditions: &[(u8, bool)]) -> When {
        if self.triggers == 0 {
            return When::default();
        }
        let text = |(trigger, active): &(u8, bool)| {
            format!("{}t{}", if *active { "" } else { "not " }, *trigger as usize % self.triggers)
        };
        When(conditions.iter().map(text).collect())
    }

    pub(super) fn some_notes(&self, of: &[u8]) -> Vec<String> {
        distinct(of.iter().map(|n| format!("N{}", *n as usize % self.spec.notes.len())))
    }
}

fn is_constant(formula: &str) -> bool {
    matches!(Formula::new(formula).parse(), Ok(Expression::Number(_)))
}
