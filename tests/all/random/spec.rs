//! The plain values that are drawn, and how.

use proptest::array::{uniform7, uniform8};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;

/// An amount: its kind and a number that says how much of it.
pub(super) type Size = (u8, u32);

#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) terms: TermsSpec,
    pub(super) notes: Vec<NoteSpec>,
    pub(super) accounts: Vec<AccountSpec>,
    pub(super) fees: Vec<FeeSpec>,
    pub(super) schedules: [Vec<(u16, Size)>; 2],
    pub(super) amounts: Vec<Arithmetic>,
    pub(super) triggers: Vec<TriggerSpec>,
    pub(super) phases: Vec<(Conditions, Vec<StepSpec>)>,
    pub(super) call_below: Option<u16>,
    pub(super) world: WorldSpec,
}

#[derive(Clone, Debug)]
pub(super) struct TermsSpec {
    pub(super) scale: u8,
    /// Whether amounts stay below a billion of the currency.
    pub(super) modest: bool,
    pub(super) yen: bool,
    pub(super) frequency: u8,
    pub(super) closing: u16,
    pub(super) to_first: u8,
    pub(super) day: Option<u32>,
    pub(super) calendar: (u8, u8),
    pub(super) periods: u8,
    pub(super) stub: u8,
    pub(super) rounding: u8,
    /// After which payment date a seasoned deal opens, and whether that is told as it was paid.
    pub(super) opening: Option<(u8, bool)>,
}

#[derive(Clone, Debug)]
pub(super) struct NoteSpec {
    pub(super) balance: Size,
    pub(super) rate: u32,
    pub(super) floating: Option<(u8, u32, Option<u32>)>,
    pub(super) days: (u8, Option<bool>, u8),
    pub(super) bears_on_shortfall: bool,
    pub(super) ard: Option<(u16, Option<u32>)>,
    pub(super) legal_final: u16,
    pub(super) amortization: Option<(u8, u16, u16)>,
    pub(super) pay_in_kind: Option<Conditions>,
    pub(super) make_whole: Option<(u16, u32)>,
    pub(super) variable: Option<VariableSpec>,
    /// Days from the dated date to the first payment date.
    pub(super) dated: Option<u8>,
    /// Holders' pieces.
    pub(super) pieces: Option<u8>,
    /// What a seasoned deal's opening says: balance, and unpaid interest, extra interest, principal, loss.
    pub(super) opening: Option<[Size; 5]>,
    /// Interest and balance of an available funds cap.
    pub(super) funds_cap: Option<(Arithmetic, Arithmetic)>,
}

#[derive(Clone, Debug)]
pub(super) struct AccountSpec {
    pub(super) opening: Size,
    pub(super) target: Option<Arithmetic>,
    pub(super) earnings: Option<(u32, Option<u8>)>,
}

#[derive(Clone, Debug)]
pub(super) struct FeeSpec {
    pub(super) formula: Arithmetic,
    pub(super) rate: Option<(u32, Option<u8>)>,
    pub(super) payee: Option<u8>,
    pub(super) cap: Option<Arithmetic>,
    pub(super) by_year: bool,
}

pub(super) type Conditions = Vec<(u8, bool)>;

/// What can be drawn beyond the original balance, the draws, and the account.
pub(super) type VariableSpec = (Size, Vec<(u16, Size)>, u8);

/// Cash by source, and measures, each perhaps negative.
pub(super) type RowSpec = ([Size; 7], [(bool, Size); 8]);

#[derive(Clone, Debug)]
pub(super) struct TriggerSpec {
    pub(super) kind: u8,
    pub(super) notes: Vec<u8>,
    pub(super) level: u16,
    pub(super) formulas: (Arithmetic, Arithmetic),
    pub(super) date: u16,
    pub(super) of: Conditions,
    pub(super) cure: (u8, u32, Option<u16>),
}

#[derive(Clone, Debug)]
pub(super) struct StepSpec {
    pub(super) pay: u8,
    pub(super) from: Vec<u8>,
    pub(super) when: Conditions,
    pub(super) of: Vec<u8>,
    /// Sequential, pro rata, pro rata by opening balance.
    pub(super) allocation: u8,
    pub(super) amount: Option<Arithmetic>,
    pub(super) to: u8,
}

#[derive(Clone, Debug)]
pub(super) struct WorldSpec {
    pub(super) rows: Vec<RowSpec>,
    pub(super) opening_measures: bool,
    pub(super) event: Option<u8>,
    pub(super) refinancing: Option<(u8, Size)>,
    pub(super) deposits: Option<(u8, u8)>,
}

/// A formula, before it knows what it may refer to.
#[derive(Clone, Debug)]
pub(super) enum Arithmetic {
    Amount(Size),
    Quantity(u8, Vec<u8>),
    Add(Box<Arithmetic>, Box<Arithmetic>),
    Subtract(Box<Arithmetic>, Box<Arithmetic>),
    Times(i16, Box<Arithmetic>),
    Over(Box<Arithmetic>, u8),
    Least(Vec<Arithmetic>),
    Greatest(Vec<Arithmetic>),
    If(u8, Box<Arithmetic>, Box<Arithmetic>),
    /// How, and to which multiple.
    Rounded(u8, Option<u16>, Box<Arithmetic>),
}

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
            2 => vec(inner.clone(), 1..4).prop_map(Arithmetic::Greatest),
            1 => (any::<u8>(), pair()).prop_map(|(t, (a, b))| Arithmetic::If(t, a, b)),
            1 => (any::<u8>(), of(any::<u16>()), inner.clone())
                .prop_map(|(how, to, a)| Arithmetic::Rounded(how, to, Box::new(a))),
        ]
    })
}

fn terms() -> impl Strategy<Value = TermsSpec> {
    let schedule = (0_u8..4, 0_u16..1_500, 1_u8..120, of(1_u32..32), (0_u8..5, 0_u8..5));
    let periods = prop_oneof![4 => 1_u8..8, 3 => 1_u8..25, 1 => 1_u8..61];
    let stub = prop_oneof![3 => Just(0_u8), 1 => 1_u8..27];
    let more = (0_u8..3, weighted(0.25, any::<(u8, bool)>()));
    (0_u8..6, weighted(0.1, Just(())), schedule, periods, stub, more).prop_map(
        |(scale, yen, (frequency, closing, to_first, day, calendar), periods, stub, (rounding, opening))| {
            TermsSpec {
                scale,
                modest: false,
                yen: yen.is_some(),
                frequency,
                closing,
                to_first,
                day,
                calendar,
                periods,
                stub,
                rounding,
                opening,
            }
        },
    )
}

fn note() -> impl Strategy<Value = NoteSpec> {
    let coupon = (rate(), weighted(0.2, (any::<u8>(), rate(), of(rate()))));
    let days = (0_u8..5, weighted(0.3, any::<bool>()), 0_u8..4);
    let dates = (of((any::<u16>(), of(rate()))), any::<u16>());
    let owed = (weighted(0.5, (any::<u8>(), any::<u16>(), any::<u16>())), weighted(0.15, conditions()));
    let variable = (size(), vec((any::<u16>(), size()), 0..4), any::<u8>());
    let dated = (weighted(0.2, any::<u8>()), weighted(0.2, any::<u8>()));
    let opening = of((balance(), size(), size(), size(), size()).prop_map(|(a, b, c, d, e)| [a, b, c, d, e]));
    let funds_cap = weighted(0.25, (arithmetic(), arithmetic()));
    let extras = (weighted(0.3, (any::<u16>(), rate())), weighted(0.2, variable), dated, opening, funds_cap);
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
            let (make_whole, variable, (dated, pieces), opening, funds_cap) = extras;
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
                dated,
                pieces,
                opening,
                funds_cap,
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
    (claims, from, conditions(), 0_u8..6, weighted(0.25, arithmetic()), any::<u8>()).prop_map(
        |((pay, of), from, when, allocation, amount, to)| StepSpec {
            pay,
            from,
            when,
            of,
            allocation,
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

pub(super) fn spec() -> impl Strategy<Value = Spec> {
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
