//! From a deal's terms to a program. Everything wrong with the terms is found in one pass.

mod amount;
mod bounds;
mod fee;
mod note;
mod opening;
mod parties;
mod step;
mod trigger;

use super::amount::{Amount, Quantity};
use super::ledger::Party;
use super::program::{Columns, Conditions, Names, Parties, Program};
use crate::collection::{Layout, Observed, measure};
use crate::curve::{Curve, CurveKind};
use crate::deal::{Deal, Schedule, When};
use crate::error::{Error, Problem, Problems};
use crate::money::Money;
use crate::ratio::Ratio;
use crate::time::{Date, PaymentSchedule};
use amount::Place;
use rust_decimal::Decimal;
use std::cell::RefCell;

impl Program {
    /// Compiles a deal for collections of a layout.
    ///
    /// # Errors
    /// Every problem of the terms at once: ids that name nothing, formulas that are none, dates out of
    /// order, terms that contradict each other. The field of each is its path in the deal file; lines are
    /// unknown here.
    pub fn compile(deal: &Deal, layout: &Layout) -> Result<Program, Problems> {
        Program::compile_shifted(deal, layout, 0.0)
    }

    /// [`Program::compile`] with the curves that coupons float on moved up by `shift` a year: a discount
    /// curve by a continuously compounded rate, an index path by the rate itself.
    ///
    /// # Errors
    /// As [`Program::compile`].
    pub fn compile_shifted(deal: &Deal, layout: &Layout, shift: f64) -> Result<Program, Problems> {
        Program::compile_observed(deal, layout, shift, &Observed::default())
    }

    /// [`Program::compile_shifted`] with what was observed in place of what curves and calendars say:
    /// index fixings, days of interest, and where history ends.
    ///
    /// # Errors
    /// As [`Program::compile`].
    pub fn compile_observed(
        deal: &Deal,
        layout: &Layout,
        shift: f64,
        observed: &Observed,
    ) -> Result<Program, Problems> {
        let problems = RefCell::new(Problems::new());
        let resolver = Resolver::new(deal, layout, shift, observed, &problems);
        let program = resolver.program();
        let mut found = problems.into_inner();
        match program {
            Some(program) if found.is_empty() => return Ok(program),
            // What passes 64 bits is not everywhere told apart; it is never passed over.
            None if found.is_empty() => found.push(Problem {
                file: FILE.to_owned(),
                line: 0,
                field: String::new(),
                found: "figures too large or too fine to compute with".to_owned(),
                expected: "amounts of at most ten trillion in all, rates of fewer digits".to_owned(),
            }),
            _ => {}
        }
        Err(found)
    }
}

/// What compilation knows: the deal, its payment dates, and who takes part.
struct Resolver<'a> {
    deal: &'a Deal,
    layout: &'a Layout,
    observed: &'a Observed,
    problems: &'a RefCell<Problems>,
    schedule: Option<PaymentSchedule>,
    sizes_hold: bool,
    parties: Parties,
    curves: Vec<Option<Curve>>,
    totals: RefCell<Vec<u16>>,
    events: RefCell<Vec<String>>,
}

impl<'a> Resolver<'a> {
    fn new(
        deal: &'a Deal,
        layout: &'a Layout,
        shift: f64,
        observed: &'a Observed,
        problems: &'a RefCell<Problems>,
    ) -> Resolver<'a> {
        let mut resolver = Resolver {
            deal,
            layout,
            observed,
            problems,
            schedule: None,
            sizes_hold: false,
            parties: Parties::default(),
            curves: Vec::new(),
            totals: RefCell::default(),
            events: RefCell::default(),
        };
        resolver.sizes_hold = resolver.check_sizes();
        resolver.parties = resolver.resolve_parties();
        resolver.schedule = resolver.payment_schedule();
        resolver.curves = resolver.build_curves(shift);
        resolver
    }

    fn problem(&self, field: impl Into<String>, found: impl Into<String>, expected: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            file: FILE.to_owned(),
            line: 0,
            field: field.into(),
            found: found.into(),
            expected: expected.into(),
        });
    }

    fn program(&self) -> Option<Program> {
        let deal = self.deal;
        if !self.sizes_hold {
            return None;
        }
        self.check_ids();
        self.check_opening_accounts();
        let notes = deal.notes.iter().enumerate().map(|(i, note)| self.note(i, note)).collect::<Vec<_>>();
        let triggers =
            deal.triggers.iter().enumerate().map(|(i, trigger)| self.trigger(i, trigger)).collect::<Vec<_>>();
        let fees = deal.fees.iter().enumerate().map(|(i, fee)| self.fee(i, fee)).collect::<Vec<_>>();
        let accounts = self.accounts();
        let amounts = deal
            .amounts
            .iter()
            .enumerate()
            .map(|(i, amount)| {
                self.amount(&format!("amounts[{i}].formula"), &amount.formula, Place::Amounts { above: i })
            })
            .collect::<Vec<_>>();
        let phases = self.phases();
        let (deposits, measures_at_cut_off) = (self.deposits(), self.measures_at_cut_off());
        let schedules =
            deal.schedules.iter().enumerate().map(|(i, s)| self.dated_amounts(i, s)).collect::<Vec<_>>();
        let clean_up_call = deal.clean_up_call.as_ref().and_then(|call| {
            self.ratio_within("clean_up_call.below", call.below.decimal(), Decimal::ZERO, Decimal::ONE)
        });
        let start = self.start();
        // Only now may what is missing end it: every part has been looked at.
        let mut program = Program {
            currency: deal.currency,
            layout: self.layout.clone(),
            payments_a_year: deal.payments.frequency.per_year(),
            schedule: self.schedule.clone()?,
            parties: self.parties.clone(),
            draws: deal.notes.iter().any(|note| !note.draws.is_empty()),
            pays_in_kind: deal.notes.iter().any(|note| note.pay_in_kind.is_some()),
            caps_interest: deal.notes.iter().any(|note| note.available_funds_cap.is_some()),
            notes: notes.into_iter().collect::<Option<_>>()?,
            accounts: accounts?,
            collection: deal.accounts.iter().position(|account| account.id == COLLECTION)?,
            deposits: deposits?,
            fees: fees.into_iter().collect::<Option<_>>()?,
            schedules: schedules.into_iter().collect::<Option<_>>()?,
            amounts: amounts.into_iter().collect::<Option<_>>()?,
            triggers: triggers.into_iter().collect::<Option<_>>()?,
            phases: phases?,
            clean_up_call,
            columns: Columns { expenses: self.column(measure::EXPENSES) },
            read: Vec::new(),
            reads_paid: false,
            nothing: vec![Money::ZERO; self.layout.width()],
            totals: self.totals.borrow().clone(),
            measures_at_cut_off: measures_at_cut_off?,
            start: start?,
            terms: 0,
            largest: 0,
            names: Names {
                notes: deal.notes.iter().map(|note| note.id.clone()).collect(),
                triggers: deal.triggers.iter().map(|trigger| trigger.id.clone()).collect(),
                events: self.events.borrow().clone(),
            },
        };
        let quantities = || program.formulas().flat_map(Amount::quantities);
        let mut read: Vec<u16> = quantities().flat_map(Quantity::columns).copied().collect();
        read.extend(program.totals.iter().chain(&program.columns.expenses));
        read.sort_unstable();
        read.dedup();
        let reads_paid = quantities().any(|quantity| matches!(quantity, Quantity::Paid(_)));
        (program.read, program.reads_paid) = (read, reads_paid);
        let mut program = self.part(program)?;
        (program.terms, program.largest) = (bounds::terms(&program), bounds::largest(&program));
        Some(program)
    }

    /// Indices are 16 bits and triggers are bits of one word. Returns whether indices hold.
    fn check_sizes(&self) -> bool {
        let deal = self.deal;
        let steps = deal.phases.iter().map(|phase| phase.steps.len()).sum();
        let limits = [
            ("notes", deal.notes.len(), 1, 1_000),
            ("accounts", deal.accounts.len(), 1, 1_000),
            ("fees", deal.fees.len(), 0, 1_000),
            ("schedules", deal.schedules.len(), 0, 1_000),
            ("amounts", deal.amounts.len(), 0, 1_000),
            ("triggers", deal.triggers.len(), 0, 64),
            ("phases", deal.phases.len(), 1, 100),
            ("phases.steps", steps, 0, 10_000),
            ("curves", deal.curves.len(), 0, 100),
        ];
        for (field, count, least, most) in limits {
            if !(least..=most).contains(&count) {
                self.problem(field, format!("{count}"), format!("{least} to {most} of them"));
            }
        }
        limits.iter().all(|&(_, count, _, most)| count <= most.max(1_000))
    }

    fn payment_schedule(&self) -> Option<PaymentSchedule> {
        let (deal, payments) = (self.deal, &self.deal.payments);
        let last = deal.notes.iter().map(|note| note.legal_final).max()?;
        self.check_cut_off();
        match deal.payment_schedule() {
            Ok(schedule) => return Some(schedule),
            Err(Error::DateArgument { argument: "first_payment_date", found, .. }) => {
                let expected = format!(
                    "a date after closing_date, {}, and not after the last legal_final, {last}",
                    deal.closing_date
                );
                self.problem("payments.first_date", found.to_string(), expected);
            }
            Err(Error::DateArgument { found, bound, .. }) if found < payments.first_date => {
                self.problem(
                    "payments.first_date",
                    bound.to_string(),
                    format!("a date up to {found}, the last legal_final"),
                );
            }
            Err(Error::DateArgument { found, .. }) => {
                let most = PaymentSchedule::MAX_PERIODS;
                let found = format!("more than {most} payment dates up to the last legal_final, {found}");
                self.problem("payments.frequency", found, format!("at most {most} of them"));
            }
            Err(_) => {
                let day = payments.day.unwrap_or_default();
                self.problem("payments.day", day.to_string(), "1 to 31");
            }
        }
        None
    }

    fn build_curves(&self, shift: f64) -> Vec<Option<Curve>> {
        let build = |(i, terms): (usize, &crate::curve::CurveTerms)| {
            terms
                .build(self.deal.start_date())
                .map(|curve| if shift == 0.0 { curve } else { curve.shifted(shift) })
                .map_err(|problem| {
                    let problem = problem.in_file(FILE, 0, &format!("curves[{i}]"));
                    self.problems.borrow_mut().push(problem);
                })
                .ok()
        };
        let curves = self.deal.curves.iter().enumerate().map(build).collect();
        if let Some(id) = &self.deal.pricing_curve {
            let kind = self.curve("pricing_curve", id).map(|index| self.deal.curves[index].kind);
            if kind == Some(CurveKind::Forward) {
                let expected = "the id of a curve that discounts (zero, discount, par or flat)";
                self.problem("pricing_curve", format!("`{id}`, a forward curve"), expected);
            }
        }
        curves
    }

    /// A schedule's amounts by payment date, checked.
    fn dated_amounts(&self, i: usize, schedule: &Schedule) -> Option<Vec<Money>> {
        for (k, entry) in schedule.entries.iter().enumerate() {
            let field = format!("schedules[{i}].entries[{k}]");
            if k > 0 && entry.date <= schedule.entries[k - 1].date {
                let expected =
                    format!("a date after that of the entry before, {}", schedule.entries[k - 1].date);
                self.problem(format!("{field}.date"), entry.date.to_string(), expected);
            }
            self.positive_money(&format!("{field}.amount"), entry.amount);
        }
        self.amounts_by_period(schedule)
    }

    /// A schedule's amounts by payment date; what is wrong with it is said once, where it stands.
    fn amounts_by_period(&self, schedule: &Schedule) -> Option<Vec<Money>> {
        let mut amounts = vec![Money::ZERO; self.schedule.as_ref()?.len()];
        for entry in &schedule.entries {
            let amount = self.deal.currency.money(entry.amount)?;
            let Some(period) = self.period_of(entry.date) else { continue };
            if schedule.holds {
                amounts[period..].fill(amount);
            } else {
                amounts[period] = amounts[period].checked_add(amount)?;
            }
        }
        Some(amounts)
    }

    fn deposits(&self) -> Option<Vec<Party>> {
        for (source, account) in &self.deal.deposits {
            if !self.layout.sources().contains(source) {
                let expected = format!("one of {}", self.layout.sources().join(", "));
                self.problem(format!("deposits.{source}"), format!("source `{source}`"), expected);
            }
            self.account(&format!("deposits.{source}"), account);
        }
        let account = |source: &String| {
            let id = self.deal.deposits.get(source).map_or(COLLECTION, String::as_str);
            self.find_account(id)
        };
        self.layout.sources().iter().map(account).collect()
    }

    fn measures_at_cut_off(&self) -> Option<Vec<Money>> {
        let mut row = vec![Money::ZERO; self.layout.width()];
        for (name, &value) in &self.deal.opening_measures {
            let field = format!("opening_measures.{name}");
            let column = self.layout.column(name).filter(|&c| c >= self.layout.sources().len());
            match column {
                // A figure that is no money is a problem, which ends the program.
                Some(column) => row[column] = self.money(&field, value).unwrap_or(Money::ZERO),
                None => {
                    let expected = format!("one of {}", self.layout.measures().join(", "));
                    self.problem(field, format!("measure `{name}`"), expected);
                }
            }
        }
        Some(row)
    }

    // What the parts share.

    fn column(&self, name: &str) -> Option<u16> {
        self.layout.column(name).map(|column| column as u16)
    }

    fn nominal_dates(&self) -> impl Iterator<Item = Date> {
        self.schedule.iter().flat_map(|schedule| schedule.periods()).map(|period| period.accrual_end)
    }

    /// The first period whose nominal payment date is on or after a date.
    fn period_of(&self, date: Date) -> Option<usize> {
        self.nominal_dates().position(|nominal| nominal >= date)
    }

    /// The first period whose nominal payment date is after a date; past the last if none is.
    fn period_after(&self, date: Date) -> usize {
        self.nominal_dates().take_while(|&nominal| nominal <= date).count()
    }

    /// A rate between -100% and 100% with at most ten decimals.
    fn rate_value(&self, field: &str, value: Decimal) -> Option<Decimal> {
        let value = value.normalize();
        if value.scale() > 10 || value < Decimal::NEGATIVE_ONE || value > Decimal::ONE {
            let expected = "a fraction a year from -1 to 1 (0.05 is 5%) with at most ten decimals";
            self.problem(field, value.to_string(), expected);
            return None;
        }
        Some(value)
    }

    fn ratio_within(&self, field: &str, value: Decimal, least: Decimal, most: Decimal) -> Option<Ratio> {
        let value = value.normalize();
        let ratio =
            Ratio::from_decimal(value).filter(|_| value >= least && value <= most && value.scale() <= 10);
        if ratio.is_none() {
            let expected = format!("a number from {least} to {most} with at most ten decimals");
            self.problem(field, value.to_string(), expected);
        }
        ratio
    }

    fn money(&self, field: &str, value: Decimal) -> Option<Money> {
        let money = self.deal.currency.money(value);
        if money.is_none() {
            let digits = self.deal.currency.digits();
            let expected = format!("an amount of at most {digits} decimals and ten trillion in size");
            self.problem(field, value.to_string(), expected);
        }
        money
    }

    fn positive_money(&self, field: &str, value: Decimal) -> Option<Money> {
        let money = self.money(field, value)?;
        if money < Money::ZERO {
            self.problem(field, value.to_string(), "an amount not below zero");
            return None;
        }
        Some(money)
    }

    fn note_index(&self, field: &str, id: &str) -> Option<u16> {
        self.find(field, id, "note", self.deal.notes.iter().map(|note| note.id.as_str()))
    }

    /// These notes; all, if none is named.
    fn note_indices(&self, field: &str, ids: &[String]) -> Option<Box<[u16]>> {
        if ids.is_empty() {
            return Some((0..self.deal.notes.len() as u16).collect());
        }
        self.distinct(field, ids, |field, id| self.note_index(field, id))
    }

    /// The indices of the ids of a list, none of them twice.
    fn distinct(
        &self,
        field: &str,
        ids: &[String],
        index: impl Fn(&str, &str) -> Option<u16>,
    ) -> Option<Box<[u16]>> {
        self.distinct_at(|k| format!("{field}[{k}]"), ids, index)
    }

    /// [`Resolver::distinct`], with the field of each id.
    fn distinct_at(
        &self,
        field: impl Fn(usize) -> String,
        ids: &[String],
        index: impl Fn(&str, &str) -> Option<u16>,
    ) -> Option<Box<[u16]>> {
        let mut all = Vec::new();
        let mut complete = true;
        for (k, id) in ids.iter().enumerate() {
            match index(&field(k), id) {
                Some(found) if all.contains(&found) => {
                    self.problem(field(k), format!("`{id}` again"), "each id once");
                }
                Some(found) => all.push(found),
                None => complete = false,
            }
        }
        complete.then(|| all.into_boxed_slice())
    }

    fn account(&self, field: &str, id: &str) -> Option<Party> {
        let ids = self.deal.accounts.iter().map(|account| account.id.as_str());
        self.find(field, id, "account", ids).map(Party)
    }

    fn find_account(&self, id: &str) -> Option<Party> {
        self.deal.accounts.iter().position(|account| account.id == id).map(|index| Party(index as u16))
    }

    fn curve(&self, field: &str, id: &str) -> Option<usize> {
        self.find(field, id, "curve", self.deal.curves.iter().map(|curve| curve.id.as_str())).map(usize::from)
    }

    fn find<'b>(
        &self,
        field: &str,
        id: &str,
        kind: &str,
        mut ids: impl Iterator<Item = &'b str> + Clone,
    ) -> Option<u16> {
        let all = ids.clone();
        let found = ids.position(|candidate| candidate == id);
        if found.is_none() {
            self.unknown(field, id, kind, &all.collect::<Vec<_>>());
        }
        found.map(|index| index as u16)
    }

    fn unknown(&self, field: &str, id: &str, kind: &str, known: &[&str]) {
        let article = if kind.starts_with('a') { "an" } else { "a" };
        let expected = match known.len() {
            0 if kind.ends_with("above") => format!("the id of {article} {kind}; there is none"),
            0 => format!("the id of {article} {kind}; the deal has none"),
            _ => format!("the id of {article} {kind}: {}", known.join(", ")),
        };
        self.problem(field, format!("`{id}`"), expected);
    }

    /// Conditions as bits. Triggers from `before` on are out of reach.
    fn conditions(&self, field: &str, when: &When, before: usize) -> Conditions {
        let mut conditions = Conditions::default();
        let triggers = &self.deal.triggers[..before.min(self.deal.triggers.len())];
        let kind = if triggers.len() < self.deal.triggers.len() { "trigger above" } else { "trigger" };
        for (k, (id, on)) in when.conditions().enumerate() {
            let ids = triggers.iter().map(|trigger| trigger.id.as_str());
            if let Some(index) = self.find(&format!("{field}[{k}]"), id, kind, ids)
                && index < 64
            {
                *(if on { &mut conditions.on } else { &mut conditions.off }) |= 1 << index;
            }
        }
        conditions
    }
}

/// Which of some fields that exclude each other are given: "both `coupon` and `floating`".
fn given_fields(fields: &[(&str, bool)]) -> String {
    let given: Vec<String> =
        fields.iter().filter(|(_, given)| *given).map(|(f, _)| format!("`{f}`")).collect();
    match given.as_slice() {
        [] => "none of them".to_owned(),
        [only] => format!("{only} alone"),
        several => format!("{} together", several.join(" and ")),
    }
}

/// The file that problems name.
const FILE: &str = "deal.toml";
/// The account where cash arrives.
const COLLECTION: &str = "collection";
