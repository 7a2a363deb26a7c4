//! Random deals that are valid by construction, and random collections for them.
//!
//! Strategies draw small plain values; [`build`] turns them into a deal, reading every reference modulo
//! what there is to refer to. So whatever proptest cuts away while shrinking, the deal stays valid.

use crate::naive;
use chrono::TimeDelta;
use leasefall::collection::{Collections, Layout, Refinancing, measure, source};
use leasefall::curve::{Compounding, CurveKind, CurvePoint, CurveTerms};
use leasefall::deal::{
    Account, Accrual, Allocation, Amortization, CapPeriod, CleanUpCall, Cure, DatedAmount, Deal, Expression,
    Fee, Floating, Formula, MakeWhole, NamedAmount, Note, NoteKind, Pay, Payments, Phase, Schedule, Step,
    Test, Trigger, When,
};
use leasefall::time::{BusinessDayRule, Calendar, Date, DayCount, Frequency, add_months};
use leasefall::{Currency, Factor, Money, Rate, Rounding};
use proptest::array::{uniform7, uniform8};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt;

/// A deal and what it collects.
#[derive(Clone)]
pub struct Case {
    pub deal: Deal,
    pub collections: Collections,
}

/// As a person would write it down: the deal file, and what is not zero in the collections.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", toml::to_string(&self.deal).unwrap_or_else(|error| error.to_string()))?;
        let layout = self.collections.layout();
        for period in 0..self.collections.periods() {
            let names = layout.sources().iter().chain(layout.measures());
            let cells = names.zip(self.collections.row(period)).filter(|(_, cell)| !cell.is_zero());
            let cells: Vec<String> = cells.map(|(name, cell)| format!("{name} {}", cell.minor())).collect();
            writeln!(f, "# period {period}: {}", cells.join(", "))?;
        }
        write!(
            f,
            "# {:?}, {EVENT}: {:?}",
            self.collections.refinancing(),
            self.collections.event_period(EVENT)
        )
    }
}

/// Any deal.
pub fn cases() -> impl Strategy<Value = Case> {
    spec().prop_map(|spec| build(&spec))
}

/// How many cases a property is tried on: `LEASEFALL_CASES`, or 1,000.
pub fn config() -> ProptestConfig {
    let cases = std::env::var("LEASEFALL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    ProptestConfig { cases, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() }
}

/// An amount: its kind and a number that says how much of it.
type Size = (u8, u32);

#[derive(Clone, Debug)]
pub struct Spec {
    terms: TermsSpec,
    notes: Vec<NoteSpec>,
    accounts: Vec<AccountSpec>,
    fees: Vec<FeeSpec>,
    schedules: [Vec<(u16, Size)>; 2],
    amounts: Vec<Arithmetic>,
    triggers: Vec<TriggerSpec>,
    phases: Vec<(Conditions, Vec<StepSpec>)>,
    call_below: Option<u16>,
    world: WorldSpec,
}

#[derive(Clone, Debug)]
struct TermsSpec {
    scale: u8,
    yen: bool,
    frequency: u8,
    closing: u16,
    to_first: u8,
    day: Option<u32>,
    calendar: (u8, u8),
    periods: u8,
    stub: u8,
}

#[derive(Clone, Debug)]
struct NoteSpec {
    balance: Size,
    rate: u32,
    floating: Option<(u8, u32, Option<u32>)>,
    days: (u8, Option<bool>, u8),
    bears_on_shortfall: bool,
    ard: Option<(u16, Option<u32>)>,
    legal_final: u16,
    amortization: Option<(u8, u16, u16)>,
    pay_in_kind: Option<Conditions>,
    make_whole: Option<(u16, u32)>,
    variable: Option<(Size, Vec<(u16, Size)>, u8)>,
}

#[derive(Clone, Debug)]
struct AccountSpec {
    opening: Size,
    target: Option<Arithmetic>,
    earnings: Option<(u32, Option<u8>)>,
}

#[derive(Clone, Debug)]
struct FeeSpec {
    formula: Arithmetic,
    rate: Option<(u32, Option<u8>)>,
    payee: Option<u8>,
    cap: Option<Arithmetic>,
    by_year: bool,
}

type Conditions = Vec<(u8, bool)>;

#[derive(Clone, Debug)]
struct TriggerSpec {
    kind: u8,
    notes: Vec<u8>,
    level: u16,
    formulas: (Arithmetic, Arithmetic),
    date: u16,
    of: Conditions,
    cure: (u8, u32, Option<u16>),
}

#[derive(Clone, Debug)]
struct StepSpec {
    pay: u8,
    from: Vec<u8>,
    when: Conditions,
    of: Vec<u8>,
    pro_rata: bool,
    amount: Option<Arithmetic>,
    to: u8,
}

#[derive(Clone, Debug)]
struct WorldSpec {
    rows: Vec<([Size; 7], [(bool, Size); 8])>,
    opening_measures: bool,
    event: Option<u8>,
    refinancing: Option<(u8, Size)>,
    deposits: Option<(u8, u8)>,
}

/// A formula, before it knows what it may refer to.
#[derive(Clone, Debug)]
enum Arithmetic {
    Amount(Size),
    Quantity(u8, Vec<u8>),
    Add(Box<Arithmetic>, Box<Arithmetic>),
    Subtract(Box<Arithmetic>, Box<Arithmetic>),
    Times(i16, Box<Arithmetic>),
    Over(Box<Arithmetic>, u8),
    Least(Vec<Arithmetic>),
    Greatest(Vec<Arithmetic>),
    If(u8, Box<Arithmetic>, Box<Arithmetic>),
}

// ---- strategies ----

fn size() -> impl Strategy<Value = Size> {
    (prop_oneof![2 => Just(0_u8), 1 => Just(1), 9 => Just(2), 1 => Just(3)], any::<u32>())
}

/// Mostly positive, seldom absurd.
fn balance() -> impl Strategy<Value = Size> {
    (prop_oneof![1 => Just(0_u8), 1 => Just(1), 20 => Just(2), 1 => Just(3)], any::<u32>())
}

/// Millionths: none, round, or any up to a fifth.
fn rate() -> impl Strategy<Value = u32> {
    prop_oneof![1 => Just(0), 3 => (0_u32..60).prop_map(|n| n * 2_500), 2 => 0_u32..200_000]
}

fn conditions() -> impl Strategy<Value = Conditions> {
    prop_oneof![3 => Just(Vec::new()), 1 => vec((any::<u8>(), any::<bool>()), 1..3)]
}

fn arithmetic() -> impl Strategy<Value = Arithmetic> {
    let leaf = prop_oneof![
        1 => size().prop_map(Arithmetic::Amount),
        3 => (any::<u8>(), vec(any::<u8>(), 1..4)).prop_map(|(which, of)| Arithmetic::Quantity(which, of)),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        let pair = || (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            2 => pair().prop_map(|(a, b)| Arithmetic::Add(a, b)),
            2 => pair().prop_map(|(a, b)| Arithmetic::Subtract(a, b)),
            3 => (-500_i16..3_000, inner.clone()).prop_map(|(by, a)| Arithmetic::Times(by, Box::new(a))),
            1 => (inner.clone(), 1_u8..13).prop_map(|(a, by)| Arithmetic::Over(Box::new(a), by)),
            1 => vec(inner.clone(), 1..4).prop_map(Arithmetic::Least),
            1 => vec(inner.clone(), 1..4).prop_map(Arithmetic::Greatest),
            1 => (any::<u8>(), pair()).prop_map(|(t, (a, b))| Arithmetic::If(t, a, b)),
        ]
    })
}

fn terms() -> impl Strategy<Value = TermsSpec> {
    let schedule = (0_u8..4, 0_u16..1_500, 1_u8..120, of(1_u32..32), (0_u8..5, 0_u8..5));
    let periods = prop_oneof![4 => 1_u8..8, 3 => 1_u8..25, 1 => 1_u8..61];
    (0_u8..6, weighted(0.1, Just(())), schedule, periods, prop_oneof![3 => Just(0_u8), 1 => 1_u8..27])
        .prop_map(|(scale, yen, (frequency, closing, to_first, day, calendar), periods, stub)| TermsSpec {
            scale,
            yen: yen.is_some(),
            frequency,
            closing,
            to_first,
            day,
            calendar,
            periods,
            stub,
        })
}

fn note() -> impl Strategy<Value = NoteSpec> {
    let coupon = (rate(), weighted(0.2, (any::<u8>(), rate(), of(rate()))));
    let days = (0_u8..5, weighted(0.3, any::<bool>()), 0_u8..3);
    let dates = (of((any::<u16>(), of(rate()))), any::<u16>());
    let owed = (weighted(0.5, (any::<u8>(), any::<u16>(), any::<u16>())), weighted(0.15, conditions()));
    let variable = (size(), vec((any::<u16>(), size()), 0..4), any::<u8>());
    let extras = (weighted(0.3, (any::<u16>(), rate())), weighted(0.2, variable));
    (balance(), coupon, days, any::<bool>(), dates, owed, extras).prop_map(
        |(
            balance,
            (rate, floating),
            days,
            bears,
            (ard, legal_final),
            (amortization, pay_in_kind),
            extras,
        )| {
            let (make_whole, variable) = extras;
            NoteSpec {
                balance,
                rate,
                floating,
                days,
                bears_on_shortfall: bears,
                ard,
                legal_final,
                amortization,
                pay_in_kind,
                make_whole,
                variable,
            }
        },
    )
}

fn account() -> impl Strategy<Value = AccountSpec> {
    (size(), of(arithmetic()), weighted(0.3, (0_u32..50_000, of(0_u8..5))))
        .prop_map(|(opening, target, earnings)| AccountSpec { opening, target, earnings })
}

fn fee() -> impl Strategy<Value = FeeSpec> {
    (arithmetic(), of((rate(), of(0_u8..5))), of(any::<u8>()), of(arithmetic()), any::<bool>())
        .prop_map(|(formula, rate, payee, cap, by_year)| FeeSpec { formula, rate, payee, cap, by_year })
}

fn trigger() -> impl Strategy<Value = TriggerSpec> {
    let cure = (0_u8..4, 1_u32..4, of(0_u16..1_000));
    let conditions = vec((any::<u8>(), any::<bool>()), 1..4);
    let notes = vec(any::<u8>(), 0..4);
    (any::<u8>(), notes, 0_u16..2_500, (arithmetic(), arithmetic()), any::<u16>(), conditions, cure).prop_map(
        |(kind, notes, level, formulas, date, of, cure)| TriggerSpec {
            kind,
            notes,
            level,
            formulas,
            date,
            of,
            cure,
        },
    )
}

fn step() -> impl Strategy<Value = StepSpec> {
    let claims = (0_u8..24, vec(any::<u8>(), 1..7));
    let from = prop_oneof![1 => Just(Vec::new()), 1 => vec(any::<u8>(), 1..4)];
    (claims, from, conditions(), any::<bool>(), weighted(0.25, arithmetic()), any::<u8>()).prop_map(
        |((pay, of), from, when, pro_rata, amount, to)| StepSpec {
            pay,
            from,
            when,
            of,
            pro_rata,
            amount,
            to,
        },
    )
}

fn world() -> impl Strategy<Value = WorldSpec> {
    let cash = prop_oneof![1 => Just((0_u8, 0_u32)), 1 => size()];
    let row = (uniform7(cash), uniform8((weighted(0.1, Just(())).prop_map(|n| n.is_some()), size())));
    (
        vec(row, 1..7),
        any::<bool>(),
        of(any::<u8>()),
        weighted(0.15, (any::<u8>(), size())),
        of(any::<(u8, u8)>()),
    )
        .prop_map(|(rows, opening_measures, event, refinancing, deposits)| WorldSpec {
            rows,
            opening_measures,
            event,
            refinancing,
            deposits,
        })
}

fn spec() -> impl Strategy<Value = Spec> {
    let liabilities = (vec(note(), 1..7), vec(account(), 1..6), vec(fee(), 0..4));
    let entries = || vec((any::<u16>(), size()), 0..6);
    let steps = prop_oneof![2 => vec(step(), 1..9), 1 => vec(step(), 1..26)];
    let phases = vec((conditions(), steps), 1..5);
    let rules = (vec(arithmetic(), 0..4), vec(trigger(), 0..6), phases, weighted(0.2, 0_u16..1_000));
    (terms(), liabilities, [entries(), entries()], rules, world()).prop_map(
        |(terms, (notes, accounts, fees), schedules, (amounts, triggers, phases, call_below), world)| Spec {
            terms,
            notes,
            accounts,
            fees,
            schedules,
            amounts,
            triggers,
            phases,
            call_below,
            world,
        },
    )
}

// ---- from a spec to a deal ----

const MEASURES: [&str; 8] = [
    measure::EXPENSES,
    measure::NOI,
    measure::ASSET_VALUE,
    measure::POOL_BALANCE,
    measure::REALIZED_LOSS,
    measure::RENT_ROLL,
    measure::TOP_TENANT_RENT,
    measure::TOP_FIVE_RENT,
];

const SOURCES: [&str; 7] = [
    source::RENT,
    source::REIMBURSEMENTS,
    source::TERMINATION_FEES,
    source::GUARANTOR_PAYMENTS,
    source::RECOVERIES,
    source::RESIDUAL_VALUE_GUARANTEE,
    source::SALE_PROCEEDS,
];

const EVENT: &str = "manager_default";

/// Where a formula stands, which says what it may refer to.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Place {
    Trigger,
    Fee,
    Target,
    Amount,
    Step,
}

struct Builder<'a> {
    spec: &'a Spec,
    currency: Currency,
    closing: Date,
    first: Date,
    last: Date,
    /// Triggers that may be referred to by now.
    triggers: usize,
    /// Named amounts that may be referred to by now.
    amounts: usize,
    /// Steps of the phase that stand above.
    steps: Vec<String>,
}

pub fn build(spec: &Spec) -> Case {
    let terms = &spec.terms;
    let frequencies = [Frequency::Monthly, Frequency::Quarterly, Frequency::Semiannual, Frequency::Annual];
    let frequency = frequencies[terms.frequency as usize % 4];
    let day = |n: i64| Date::from_ymd_opt(2024, 1, 1).expect("a date") + TimeDelta::days(n);
    let closing = day(i64::from(terms.closing));
    let first = closing + TimeDelta::days(i64::from(terms.to_first.max(1)));
    let last = add_months(first, frequency.months() * (i32::from(terms.periods.max(1)) - 1))
        + TimeDelta::days(i64::from(terms.stub));
    let last = last.max(first + TimeDelta::days(1));
    let currency = if terms.yen { Currency::JPY } else { Currency::USD };
    let (triggers, amounts) = (spec.triggers.len(), spec.amounts.len());
    let mut builder = Builder { spec, currency, closing, first, last, triggers, amounts, steps: Vec::new() };
    let deal = builder.deal(frequency);
    let collections = builder.collections(&deal);
    Case { deal, collections }
}

impl Builder<'_> {
    fn deal(&mut self, frequency: Frequency) -> Deal {
        let (spec, terms) = (self.spec, &self.spec.terms);
        let rules = [
            BusinessDayRule::Unadjusted,
            BusinessDayRule::Following,
            BusinessDayRule::ModifiedFollowing,
            BusinessDayRule::Preceding,
            BusinessDayRule::ModifiedPreceding,
        ];
        let calendars =
            [Calendar::None, Calendar::Weekends, Calendar::UsBank, Calendar::UsSettlement, Calendar::Target];
        let payments = Payments {
            frequency,
            first_date: self.first,
            day: terms.day,
            business_day: rules[terms.calendar.0 as usize % 5],
            calendar: calendars[terms.calendar.1 as usize % 5],
        };
        let triggers = (0..spec.triggers.len()).map(|index| self.trigger(index, frequency)).collect();
        self.triggers = spec.triggers.len();
        let amounts = (0..spec.amounts.len()).map(|index| self.amount(index)).collect();
        self.amounts = spec.amounts.len();
        let count = spec.phases.len();
        let phases = (0..count).map(|index| self.phase(index, index + 1 == count)).collect();
        let mut deposits = BTreeMap::new();
        if let Some((source, account)) = spec.world.deposits {
            deposits.insert(SOURCES[source as usize % 7].to_owned(), self.account_id(account));
        }
        let mut opening_measures = BTreeMap::new();
        if spec.world.opening_measures {
            opening_measures.insert(measure::POOL_BALANCE.to_owned(), self.decimal(self.minor((2, 1 << 31))));
        }
        Deal {
            name: "Random".to_owned(),
            description: String::new(),
            currency: self.currency,
            cut_off_date: self.closing,
            closing_date: self.closing,
            payments,
            notes: (0..spec.notes.len()).map(|index| self.note(index)).collect(),
            accounts: (0..spec.accounts.len()).map(|index| self.account(index)).collect(),
            deposits,
            fees: (0..spec.fees.len()).map(|index| self.fee(index)).collect(),
            schedules: vec![self.schedule("s0", false, 0), self.schedule("s1", true, 1)],
            amounts,
            triggers,
            phases,
            clean_up_call: spec
                .call_below
                .map(|n| CleanUpCall { below: Factor::new(Decimal::new(i64::from(n), 3)) }),
            opening_measures,
            curves: if spec.notes.iter().any(|note| note.floating.is_some()) { curves() } else { Vec::new() },
            pricing_curve: None,
            provenance: Vec::new(),
        }
    }

    fn collections(&self, deal: &Deal) -> Collections {
        let (world, periods) = (&self.spec.world, naive::schedule(deal).len());
        let mut collections = Collections::empty(self.currency, Layout::leases(), periods);
        for period in 0..periods {
            let (cash, measures) = &world.rows[period % world.rows.len()];
            let row = collections.row_mut(period);
            for (cell, size) in row.iter_mut().zip(cash) {
                *cell = Money::from_minor(self.minor(*size) / 8);
            }
            for (cell, (negative, size)) in row[7..].iter_mut().zip(measures) {
                let amount = self.minor(*size);
                *cell = Money::from_minor(if *negative { -amount } else { amount });
            }
            // Expenses and operating income are of the size of the cash, values of that of the notes.
            for column in [7, 8] {
                row[column] = Money::from_minor(row[column].minor() / 8);
            }
        }
        if let Some((period, limit)) = world.refinancing {
            let limit = Money::from_minor(self.minor(limit).saturating_mul(3));
            collections.set_refinancing(Some(Refinancing { period: period as usize % periods, limit }));
        }
        if let Some(period) = world.event {
            collections.set_event(EVENT, period as usize % periods);
        }
        collections
    }

    fn note(&mut self, index: usize) -> Note {
        let spec = &self.spec.notes[index];
        let original = self.minor(spec.balance);
        // The last note lives as long as the deal.
        let legal_final = match index + 1 == self.spec.notes.len() {
            true => self.last,
            false => self.date(spec.legal_final).max(self.first + TimeDelta::days(1)),
        };
        let mut floating = None;
        if let Some((curve, margin, cap)) = spec.floating {
            floating = Some(Floating {
                curve: format!("c{}", curve % 2),
                margin: millionths(margin),
                floor: millionths(margin / 3),
                cap: cap.map(|cap| millionths(cap + margin / 3)),
            });
        }
        let level = spec.floating.is_none();
        let amortization = spec.amortization.map(|(kind, from, to)| match kind % 3 {
            0 => Amortization::Schedule { schedule: "s0".to_owned() },
            1 => Amortization::Percent {
                per_year: Factor::new(Decimal::new(i64::from(to % 500), 3)),
                from: (from % 2 == 0).then(|| self.date(from)),
            },
            _ if level => Amortization::Level {
                from: self.first.min(legal_final),
                to: (to % 2 == 0).then(|| self.date(to).clamp(self.first, legal_final)),
            },
            _ => Amortization::Schedule { schedule: "s0".to_owned() },
        });
        let mut note = Note {
            id: format!("N{index}"),
            rating: None,
            kind: NoteKind::Term,
            original_balance: self.decimal(original),
            commitment: None,
            draws: Vec::new(),
            draw_account: None,
            coupon: spec.floating.is_none().then(|| millionths(spec.rate)),
            floating,
            day_count: DayCount::ALL[spec.days.0 as usize % 5],
            accrual: spec.days.1.map(|n| if n { Accrual::Nominal } else { Accrual::Adjusted }),
            rounding: [Rounding::HalfEven, Rounding::HalfUp, Rounding::Down][spec.days.2 as usize % 3],
            interest_on_shortfall: spec.bears_on_shortfall,
            anticipated_repayment_date: None,
            post_ard_rate: None,
            legal_final,
            amortization,
            pay_in_kind: spec.pay_in_kind.as_ref().map(|conditions| self.when(conditions)),
            make_whole: spec.make_whole.map(|(until, rate)| MakeWhole {
                until: self.date(until).clamp(self.first, legal_final),
                reinvestment_rate: millionths(rate),
            }),
            pricing: None,
        };
        if let Some((date, rate)) = spec.ard {
            note.anticipated_repayment_date = Some(self.date(date).clamp(self.first, legal_final));
            note.post_ard_rate = rate.map(millionths);
        }
        if let Some((more, draws, account)) = &spec.variable {
            let mut draws: Vec<DatedAmount> = draws
                .iter()
                .map(|(date, size)| DatedAmount {
                    date: self.date(*date),
                    amount: self.decimal(self.minor(*size) / 4),
                })
                .collect();
            draws.sort_by_key(|draw| draw.date);
            draws.retain(|draw| draw.amount > Decimal::ZERO);
            note.kind = NoteKind::VariableFunding;
            let commitment = (original + self.minor(*more)).clamp(1, Money::LIMIT.minor());
            note.commitment = Some(self.decimal(commitment));
            note.draws = draws;
            note.draw_account = (account % 2 == 0).then(|| self.account_id(account / 2));
        }
        note
    }

    fn account(&mut self, index: usize) -> Account {
        let spec = &self.spec.accounts[index];
        Account {
            id: self.account_id(index as u8),
            opening_balance: self.decimal(self.minor(spec.opening) / 4),
            target: spec.target.as_ref().map(|target| self.formula(target, Place::Target)),
            earnings_rate: spec.earnings.map(|(rate, _)| millionths(rate)),
            earnings_day_count: spec
                .earnings
                .and_then(|(_, days)| days)
                .map(|n| DayCount::ALL[n as usize % 5]),
        }
    }

    fn fee(&mut self, index: usize) -> Fee {
        let spec = &self.spec.fees[index];
        let formula = self.formula(&spec.formula, Place::Fee);
        let by_rate = spec.rate.is_some();
        Fee {
            id: format!("f{index}"),
            payee: spec.payee.map(|n| ["agent", "bank", "issuer"][n as usize % 3].to_owned()),
            amount: (!by_rate).then(|| formula.clone()),
            rate: spec.rate.map(|(rate, _)| millionths(rate)),
            of: by_rate.then_some(formula),
            day_count: spec.rate.and_then(|(_, days)| days).map(|n| DayCount::ALL[n as usize % 5]),
            cap: spec.cap.as_ref().map(|cap| self.formula(cap, Place::Fee)),
            cap_period: match spec.cap.is_some() && spec.by_year {
                true => CapPeriod::CalendarYear,
                false => CapPeriod::PaymentDate,
            },
        }
    }

    fn schedule(&self, id: &str, holds: bool, index: usize) -> Schedule {
        let entries = self.spec.schedules[index].iter();
        let dated: BTreeMap<Date, Decimal> =
            entries.map(|(date, size)| (self.date(*date), self.decimal(self.minor(*size) / 4))).collect();
        let entries = dated.into_iter().map(|(date, amount)| DatedAmount { date, amount }).collect();
        Schedule { id: id.to_owned(), holds, entries }
    }

    fn amount(&mut self, index: usize) -> NamedAmount {
        self.amounts = index;
        NamedAmount {
            id: format!("m{index}"),
            formula: self.formula(&self.spec.amounts[index], Place::Amount),
        }
    }

    fn trigger(&mut self, index: usize, frequency: Frequency) -> Trigger {
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
            (spec.date % 2 == 0).then(|| this.formula(formula, Place::Trigger))
        };
        let test = match kind {
            0 => Test::Dscr {
                notes,
                below: level,
                average_months: frequency.months() as u32 * (1 + u32::from(spec.date % 4)),
                constant: (spec.date % 3 == 0).then(|| Decimal::new(i64::from(spec.date % 200), 3)),
            },
            1 => {
                coverage = Some(false);
                Test::Ltv { notes, above: level }
            }
            2 => Test::Oc { notes, below: level, collateral: self.formula(first, Place::Trigger) },
            3 => Test::Ic { notes, below: level, income: maybe(self, first) },
            4 => {
                let is_below = spec.date % 2 == 0;
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
                Test::Concentration { largest: if spec.date % 2 == 0 { 1 } else { 5 }, above: level }
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

    fn phase(&mut self, index: usize, last: bool) -> Phase {
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

    fn step(&mut self, id: &str, spec: &StepSpec) -> Step {
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
            allocation: match spec.pro_rata && (pays_notes || pays_fees) {
                true => Allocation::ProRata,
                false => Allocation::Sequential,
            },
            amount,
        }
    }

    fn formula(&self, arithmetic: &Arithmetic, place: Place) -> Formula {
        Formula::new(self.text(arithmetic, place))
    }

    fn text(&self, arithmetic: &Arithmetic, place: Place) -> String {
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
            Arithmetic::Greatest(all) => format!("max({})", list(all)),
            Arithmetic::If(trigger, a, b) => match self.triggers {
                0 => text(a),
                count => format!("if(t{}, {}, {})", *trigger as usize % count, text(a), text(b)),
            },
        }
    }

    fn quantity(&self, which: u8, of: &[u8], place: Place) -> String {
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

    fn when(&self, conditions: &[(u8, bool)]) -> When {
        if self.triggers == 0 {
            return When::default();
        }
        let text = |(trigger, active): &(u8, bool)| {
            format!("{}t{}", if *active { "" } else { "not " }, *trigger as usize % self.triggers)
        };
        // Each trigger once: no list contradicts itself.
        let mut seen = Vec::new();
        let mut first = |(trigger, _): &&(u8, bool)| {
            let trigger = *trigger as usize % self.triggers;
            let new = !seen.contains(&trigger);
            seen.push(trigger);
            new
        };
        When(conditions.iter().filter(|condition| first(condition)).map(text).collect())
    }

    fn some_notes(&self, of: &[u8]) -> Vec<String> {
        distinct(of.iter().map(|n| format!("N{}", *n as usize % self.spec.notes.len())))
    }

    fn account_id(&self, n: u8) -> String {
        match n as usize % self.spec.accounts.len() {
            0 => "collection".to_owned(),
            n => format!("a{n}"),
        }
    }

    /// A date after closing and not after the last payment date.
    fn date(&self, at: u16) -> Date {
        let span = self.last.signed_duration_since(self.closing).num_days();
        self.closing + TimeDelta::days(1 + (span - 1) * i64::from(at) / i64::from(u16::MAX))
    }

    /// Nothing, a few units, a part of the deal's scale, or a part of the most that a file may state.
    fn minor(&self, (kind, much): Size) -> i64 {
        let part = |of: i64| (i128::from(of) * i128::from(much) / i128::from(u32::MAX)) as i64;
        let scale = [100, 10_000, 1_000_000, 100_000_000, 50_000_000_000, 100_000_000_000_000];
        match kind {
            0 => 0,
            1 => i64::from(much % 200),
            2 => part(scale[self.spec.terms.scale as usize % 6]),
            _ => part(Money::LIMIT.minor()),
        }
    }

    fn decimal(&self, minor: i64) -> Decimal {
        self.currency.decimal(Money::from_minor(minor))
    }
}

fn is_constant(formula: &str) -> bool {
    matches!(Formula::new(formula).parse(), Ok(Expression::Number(_)))
}

fn distinct(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

fn millionths(n: u32) -> Rate {
    Rate::new(Decimal::new(i64::from(n), 6).normalize())
}

/// An index path and a flat discount curve.
fn curves() -> Vec<CurveTerms> {
    let date = |text: &str| Some(text.parse().expect("a date"));
    let point = |date, value| CurvePoint { years: None, date, value };
    let path = vec![
        point(date("2024-01-01"), Decimal::new(530, 4)),
        point(date("2026-02-14"), Decimal::new(4_315_725, 8)),
        point(date("2028-07-01"), Decimal::new(-12, 4)),
    ];
    let flat = vec![point(None, Decimal::new(375, 4))];
    vec![
        CurveTerms { id: "c0".to_owned(), kind: CurveKind::Forward, compounding: None, points: path },
        CurveTerms {
            id: "c1".to_owned(),
            kind: CurveKind::Flat,
            compounding: Some(Compounding::Continuous),
            points: flat,
        },
    ]
}
