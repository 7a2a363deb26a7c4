//! Formulas: names resolved, constants made whole, one common denominator at the end.

use super::Resolver;
use crate::deal::{Expression, Formula, Step};
use crate::waterfall::amount::{Amount, Computed, NoteField, Op, Quantity, STACK};
use rust_decimal::Decimal;

/// Where a formula stands, which says what it may look at.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Triggers { above: usize },
    Fees,
    Targets,
    Amounts { above: usize },
    Steps { before: &'a [Step] },
}

impl Place<'_> {
    fn rank(self) -> u8 {
        match self {
            Place::Triggers { .. } => 0,
            Place::Fees => 1,
            Place::Targets => 2,
            Place::Amounts { .. } => 3,
            Place::Steps { .. } => 4,
        }
    }
}

/// Operations whose result is a value times `scale`, and the stack they need.
struct Scaled {
    ops: Vec<Op>,
    scale: i128,
    stack: usize,
}

/// Denominators stay below this, so that amounts of 64 bits keep room.
const SCALE_LIMIT: i128 = 1_000_000_000_000_000_000;

/// One formula being compiled.
struct Compiler<'r, 'a> {
    resolver: &'r Resolver<'a>,
    field: &'r str,
    place: Place<'r>,
}

impl Resolver<'_> {
    pub(super) fn amount(&self, field: &str, formula: &Formula, place: Place<'_>) -> Option<Amount> {
        let expression = formula
            .parse()
            .map_err(|error| {
                let found = format!("`{formula}` with {} at character {}", error.found, error.at + 1);
                self.problem(field, found, error.expected);
            })
            .ok()?;
        let compiler = Compiler { resolver: self, field, place };
        match &expression {
            Expression::Number(value) => self.money(field, *value).map(Amount::Constant),
            Expression::Quantity { name, of, called } => {
                compiler.quantity(name, of, *called).map(Amount::Plain)
            }
            other => {
                let Scaled { ops, scale, stack } = compiler.compile(other)?;
                if stack > STACK {
                    self.problem(field, format!("`{formula}`"), "a formula of fewer nested terms");
                    return None;
                }
                Some(Amount::Computed(Computed::new(ops, scale, self.deal.rounding)))
            }
        }
    }
}

impl Compiler<'_, '_> {
    fn problem(&self, found: String, expected: String) {
        self.resolver.problem(self.field, found, expected);
    }

    fn compile(&self, expression: &Expression) -> Option<Scaled> {
        match expression {
            Expression::Number(value) => {
                let units = Decimal::from(self.resolver.deal.currency.minor_per_major());
                let Some(minor) = value.checked_mul(units) else { return self.too_fine() };
                let (numerator, scale) = self.fraction(minor)?;
                Some(Scaled { ops: vec![Op::Constant(numerator)], scale, stack: 1 })
            }
            Expression::Quantity { name, of, called } => {
                let quantity = self.quantity(name, of, *called)?;
                Some(Scaled { ops: vec![Op::Quantity(quantity)], scale: 1, stack: 1 })
            }
            Expression::Times(factor, inner) => {
                let (numerator, denominator) = self.fraction(*factor)?;
                self.compile(inner)?.multiplied(numerator, denominator).or_else(|| self.too_fine())
            }
            Expression::Over(inner, divisor) => {
                let (numerator, denominator) = self.fraction(*divisor)?;
                let sign = numerator.signum();
                self.compile(inner)?
                    .multiplied(sign * denominator, numerator.abs())
                    .or_else(|| self.too_fine())
            }
            Expression::Sum(terms) => self.combine(terms, || Op::Add),
            Expression::Min(terms) => self.combine(terms, || Op::Min),
            Expression::Max(terms) => self.combine(terms, || Op::Max),
            Expression::Rounded { inner, rounding, to } => {
                let inner = self.compile(inner);
                let multiple = match to {
                    Some(to) => i128::from(self.resolver.money(self.field, *to)?.minor()),
                    None => 1,
                };
                let Scaled { mut ops, scale, stack } = inner?;
                ops.push(Op::Round { scale, multiple, rounding: *rounding });
                Some(Scaled { ops, scale: 1, stack })
            }
            Expression::If(trigger, then, otherwise) => {
                let triggers = &self.resolver.deal.triggers;
                // A trigger's own formula sees the triggers that were evaluated before it.
                let above = match self.place {
                    Place::Triggers { above } => above,
                    _ => triggers.len(),
                };
                let ids = triggers[..above].iter().map(|trigger| trigger.id.as_str());
                let kind = if above < triggers.len() { "trigger above" } else { "trigger" };
                let trigger = self.resolver.find(self.field, trigger, kind, ids);
                let (then, otherwise) = (self.compile(then), self.compile(otherwise));
                let trigger = trigger?;
                self.join(vec![then?, otherwise?], || Op::Choose(trigger))
            }
        }
    }

    /// A decimal as a fraction of whole numbers.
    fn fraction(&self, value: Decimal) -> Option<(i128, i128)> {
        let value = value.normalize();
        let scale = 10_i128.checked_pow(value.scale()).filter(|&scale| scale < SCALE_LIMIT);
        if scale.is_none() || value.mantissa().abs() > SCALE_LIMIT {
            self.problem(value.to_string(), "a constant of fewer digits".into());
            return None;
        }
        scale.map(|scale| (value.mantissa(), scale))
    }

    fn too_fine(&self) -> Option<Scaled> {
        self.problem("a product of long constants".into(), "constants of fewer digits".into());
        None
    }

    fn combine(&self, terms: &[Expression], op: fn() -> Op) -> Option<Scaled> {
        // Every term is compiled, so that every problem is found.
        let terms: Vec<Option<Scaled>> = terms.iter().map(|term| self.compile(term)).collect();
        self.join(terms.into_iter().collect::<Option<Vec<_>>>()?, op)
    }

    /// Terms on one denominator, joined pair by pair.
    fn join(&self, terms: Vec<Scaled>, op: impl Fn() -> Op) -> Option<Scaled> {
        let mut scale = 1;
        for term in &terms {
            scale = least_common_multiple(scale, term.scale).or_else(|| self.too_fine().map(|_| 0))?;
        }
        let mut joined = Scaled { ops: Vec::new(), scale, stack: 0 };
        for (index, term) in terms.into_iter().enumerate() {
            joined.stack = joined.stack.max(term.stack + usize::from(index > 0));
            joined.ops.extend(term.ops);
            if scale != term.scale {
                joined.ops.push(Op::Multiply(scale / term.scale));
            }
            if index > 0 {
                joined.ops.push(op());
            }
        }
        Some(joined)
    }

    fn quantity(&self, name: &str, of: &[String], called: bool) -> Option<Quantity> {
        let resolver = self.resolver;
        let layout = resolver.layout;
        let first_measure = layout.sources().len();
        if !called {
            let column = layout.column(name).filter(|&column| column >= first_measure);
            return match column {
                Some(column) => Some(Quantity::Columns([column as u16].into())),
                None => self.unknown(name),
            };
        }
        let note = |field| {
            let named = match of {
                [] => resolver.note_indices(self.field, of),
                _ => self.indices(of, |id| resolver.note_index(self.field, id)),
            };
            named.map(|notes| Quantity::Notes(field, notes))
        };
        let measure = |wanted: &str| {
            let measures = layout.measures().iter().map(String::as_str);
            resolver.find(self.field, wanted, "measure", measures).map(|m| first_measure as u16 + m)
        };
        let accounts = || resolver.deal.accounts.iter().map(|account| account.id.as_str());
        match name {
            "collections" if of.is_empty() => Some(Quantity::Columns((0..first_measure as u16).collect())),
            "collections" => {
                let sources = || layout.sources().iter().map(String::as_str);
                self.indices(of, |id| resolver.find(self.field, id, "source", sources()))
                    .map(Quantity::Columns)
            }
            "open" => Some(Quantity::Open(measure(self.only(name, of)?)?)),
            "total" => {
                let column = measure(self.only(name, of)?)?;
                let mut totals = resolver.totals.borrow_mut();
                let slot = totals.iter().position(|&known| known == column).unwrap_or_else(|| {
                    totals.push(column);
                    totals.len() - 1
                });
                Some(Quantity::Total(slot as u16))
            }
            "balance" => note(NoteField::Balance),
            "balance_open" => note(NoteField::BalanceOpen),
            "original_balance" => note(NoteField::Original),
            "undrawn" => note(NoteField::Undrawn),
            "interest_accrued" => note(NoteField::InterestAccrued),
            "interest_due" => note(NoteField::InterestDue),
            "scheduled_principal" => note(NoteField::ScheduledPrincipal),
            "post_ard_interest" => note(NoteField::PostArdInterest),
            "written_down" => note(NoteField::WrittenDown),
            "principal_paid" => self.from(4, name)?.then(|| note(NoteField::PrincipalPaid))?,
            "schedule" => {
                let schedules = resolver.deal.schedules.iter().map(|schedule| schedule.id.as_str());
                resolver.find(self.field, self.only(name, of)?, "schedule", schedules).map(Quantity::Schedule)
            }
            "account" => self
                .indices(of, |id| resolver.find(self.field, id, "account", accounts()))
                .map(Quantity::Accounts),
            "target" | "excess" => {
                self.from(3, name)?;
                let account = resolver.find(self.field, self.only(name, of)?, "account", accounts())?;
                if resolver.deal.accounts[usize::from(account)].target.is_none() {
                    self.problem(
                        format!("`{name}` of an account without a target"),
                        "an account with one".into(),
                    );
                    return None;
                }
                Some(if name == "target" { Quantity::Target(account) } else { Quantity::Excess(account) })
            }
            "fee" => {
                self.from(3, name)?;
                let fees = || resolver.deal.fees.iter().map(|fee| fee.id.as_str());
                self.indices(of, |id| resolver.find(self.field, id, "fee", fees())).map(Quantity::Fees)
            }
            "amount" => {
                self.from(3, name)?;
                let above = match self.place {
                    Place::Amounts { above } => above,
                    _ => resolver.deal.amounts.len(),
                };
                let amounts = resolver.deal.amounts[..above].iter().map(|amount| amount.id.as_str());
                resolver.find(self.field, self.only(name, of)?, "amount above", amounts).map(Quantity::Fixed)
            }
            "paid" => {
                self.from(4, name)?;
                let Place::Steps { before } = self.place else { return None };
                let steps = || before.iter().map(|step| step.id.as_str());
                self.indices(of, |id| resolver.find(self.field, id, "step above", steps()))
                    .map(Quantity::Paid)
            }
            _ => self.unknown(name),
        }
    }

    fn unknown(&self, name: &str) -> Option<Quantity> {
        let measures = self.resolver.layout.measures().join(", ");
        let expected = format!(
            "a quantity: collections(), balance(), account(ID), and others with brackets; or a measure: {measures}"
        );
        self.problem(format!("`{name}`"), expected);
        None
    }

    /// Whether a quantity is known by the time this formula is evaluated.
    fn from(&self, rank: u8, name: &str) -> Option<bool> {
        if self.place.rank() < rank {
            let places = ["a trigger", "a fee", "a target", "an amount", "a step"];
            let place = places[usize::from(self.place.rank())];
            let known = match rank {
                4 => "steps, where it is first known",
                _ => "amounts and steps, where it is first known",
            };
            self.problem(format!("`{name}` in the formula of {place}"), format!("it only in {known}"));
            return None;
        }
        Some(true)
    }

    fn only<'i>(&self, name: &str, of: &'i [String]) -> Option<&'i str> {
        match of {
            [id] => Some(id),
            _ => {
                self.problem(format!("`{name}` of {} ids", of.len()), "one id".into());
                None
            }
        }
    }

    fn indices(&self, of: &[String], index: impl Fn(&str) -> Option<u16>) -> Option<Box<[u16]>> {
        if of.is_empty() {
            self.problem("no id".into(), "at least one id".into());
            return None;
        }
        self.resolver.distinct_at(|_| self.field.to_owned(), of, |_, id| index(id))
    }
}

impl Scaled {
    /// The value times `numerator / denominator`; `None` if the denominator grows too large.
    fn multiplied(mut self, numerator: i128, denominator: i128) -> Option<Scaled> {
        let divisor = greatest_common_divisor(numerator.abs(), denominator);
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        self.scale = self.scale.checked_mul(denominator).filter(|&scale| scale < SCALE_LIMIT)?;
        if numerator != 1 {
            self.ops.push(Op::Multiply(numerator));
        }
        Some(self)
    }
}

fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn least_common_multiple(a: i128, b: i128) -> Option<i128> {
    (a / greatest_common_divisor(a, b)).checked_mul(b).filter(|&multiple| multiple < SCALE_LIMIT)
}
