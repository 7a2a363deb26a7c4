//! From a spec to a deal and its collections.

use super::Case;
use super::formulas::Place;
use super::spec::{NoteSpec, Size, Spec};
use crate::naive;
use chrono::TimeDelta;
use leasefall::collection::{Collections, Layout, Refinancing, measure, source};
use leasefall::curve::{Compounding, CurveKind, CurvePoint, CurveTerms};
use leasefall::deal::{
    Account, Accrual, Amortization, AvailableFundsCap, CapPeriod, CleanUpCall, DatedAmount, Deal, Fee,
    Floating, MakeWhole, NamedAmount, Note, NoteKind, Opening, OpeningNote, Payments, Schedule,
};
use leasefall::time::{BusinessDayRule, Calendar, Date, DayCount, Frequency, add_months};
use leasefall::{Currency, Factor, Money, Rate, Rounding};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

pub(super) const MEASURES: [&str; 8] = [
    measure::EXPENSES,
    measure::NOI,
    measure::ASSET_VALUE,
    measure::POOL_BALANCE,
    measure::REALIZED_LOSS,
    measure::RENT_ROLL,
    measure::TOP_TENANT_RENT,
    measure::TOP_FIVE_RENT,
];

pub(super) const SOURCES: [&str; 7] = [
    source::RENT,
    source::REIMBURSEMENTS,
    source::TERMINATION_FEES,
    source::GUARANTOR_PAYMENTS,
    source::RECOVERIES,
    source::RESIDUAL_VALUE_GUARANTEE,
    source::SALE_PROCEEDS,
];

const ROUNDINGS: [Rounding; 3] = [Rounding::HalfEven, Rounding::HalfUp, Rounding::Down];

pub(super) const EVENT: &str = "manager_default";

pub(super) struct Builder<'a> {
    pub(super) spec: &'a Spec,
    pub(super) currency: Currency,
    pub(super) closing: Date,
    pub(super) first: Date,
    pub(super) last: Date,
    /// Triggers that may be referred to by now.
    pub(super) triggers: usize,
    /// Named amounts that may be referred to by now.
    pub(super) amounts: usize,
    /// Steps of the phase that stand above.
    pub(super) steps: Vec<String>,
}

pub(super) fn build(spec: &Spec) -> Case {
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
    let mut deal = builder.deal(frequency);
    deal.opening = builder.opening(&deal);
    let collections = builder.collections(&deal);
    Case { deal, collections }
}

impl Builder<'_> {
    pub(super) fn deal(&mut self, frequency: Frequency) -> Deal {
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
            rounding: ROUNDINGS[terms.rounding as usize % 3],
            opening: None,
            reported: None,
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

    pub(super) fn collections(&self, deal: &Deal) -> Collections {
        let (world, periods) = (&self.spec.world, naive::payment_dates(deal).len());
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

    pub(super) fn note(&mut self, index: usize) -> Note {
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
            accrues_from: spec.dated.map(|days| self.first - TimeDelta::days(5 + i64::from(days))),
            rounding: ROUNDINGS.get(spec.days.2 as usize % 4).copied(),
            denomination: self.denomination(spec.pieces, original),
            interest_on_shortfall: spec.bears_on_shortfall,
            anticipated_repayment_date: None,
            post_ard_rate: None,
            available_funds_cap: None,
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
        if let Some((interest, balance)) = spec.funds_cap.as_ref().filter(|_| note.post_ard_rate.is_none()) {
            let [interest, balance] = [interest, balance].map(|formula| self.formula(formula, Place::Fee));
            note.available_funds_cap = Some(AvailableFundsCap { interest, balance });
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

    /// What a seasoned deal owes and holds after one of its payment dates but the last.
    fn opening(&self, deal: &Deal) -> Option<Opening> {
        let (after, as_paid) = self.spec.terms.opening?;
        let schedule = naive::schedule(deal);
        let last = schedule.periods().len().checked_sub(2)?;
        let period = schedule.periods()[after as usize % (last + 1)];
        let date = if as_paid { period.payment_date } else { period.accrual_end };
        // A date that is both one period's as scheduled and another's as paid means the former.
        let found = schedule.periods().iter().position(|period| period.accrual_end == date);
        if found.is_some_and(|found| found > last) {
            return None;
        }
        let money = |size: (u8, u32), part: i64| self.decimal(self.minor(size) / part);
        let note = |(index, spec): (usize, &NoteSpec)| {
            let [balance, interest, extra, principal, lost] = spec.opening?;
            Some(OpeningNote {
                id: format!("N{index}"),
                balance: money(balance, 1),
                interest_shortfall: money(interest, 64),
                post_ard_interest_unpaid: match (spec.ard, &spec.funds_cap) {
                    (Some((_, Some(_))), _) | (_, Some(_)) => money(extra, 64),
                    _ => Decimal::ZERO,
                },
                principal_shortfall: money(principal, 16).min(money(balance, 1)),
                written_down: money(lost, 8),
            })
        };
        let spec = self.spec;
        let nth = |n: usize| spec.notes[n % spec.notes.len()].balance;
        Some(Opening {
            date,
            notes: spec.notes.iter().enumerate().filter_map(note).collect(),
            accounts: BTreeMap::from([(self.account_id(after), money(nth(0), 4))]),
            fees: deal.fees.first().map(|fee| (fee.id.clone(), money(nth(1), 256))).into_iter().collect(),
            expenses: money(nth(2), 256),
            active: deal.triggers.iter().skip(after as usize % 3).map(|trigger| trigger.id.clone()).collect(),
            totals: BTreeMap::from([(MEASURES[after as usize % 8].to_owned(), money(nth(3), 4))]),
        })
    }

    /// A piece that divides the balance: it of the wanted number of pieces, or the whole.
    fn denomination(&self, pieces: Option<u8>, original: i64) -> Option<Decimal> {
        let pieces = i64::from(pieces?) + 1;
        let divides = original > 0 && original % pieces == 0;
        Some(self.decimal(if divides { original / pieces } else { original })).filter(|_| original > 0)
    }

    pub(super) fn account(&mut self, index: usize) -> Account {
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

    pub(super) fn fee(&mut self, index: usize) -> Fee {
        let spec = &self.spec.fees[index];
        let formula = self.formula(&spec.formula, Place::Fee);
        let by_rate = spec.rate.is_some();
        Fee {
            id: format!("f{index}"),
            payee: spec.payee.map(|n| ["agent", "bank", "issuer"][n as usize % 3].to_owned()),
            amount: (!by_rate).then(|| formula.clone()),
            rate: spec.rate.map(|(rate, _)| millionths(rate)),
            of: by_rate.then_some(formula),
            accrual: spec.payee.filter(|_| by_rate).map(|n| match n % 2 {
                0 => Accrual::Nominal,
                _ => Accrual::Adjusted,
            }),
            rounding: spec.by_year.then_some(Rounding::HalfUp),
            day_count: spec.rate.and_then(|(_, days)| days).map(|n| DayCount::ALL[n as usize % 5]),
            cap: spec.cap.as_ref().map(|cap| self.formula(cap, Place::Fee)),
            cap_period: match spec.cap.is_some() && spec.by_year {
                true => CapPeriod::CalendarYear,
                false => CapPeriod::PaymentDate,
            },
        }
    }

    pub(super) fn schedule(&self, id: &str, holds: bool, index: usize) -> Schedule {
        let entries = self.spec.schedules[index].iter();
        let dated: BTreeMap<Date, Decimal> =
            entries.map(|(date, size)| (self.date(*date), self.decimal(self.minor(*size) / 4))).collect();
        let entries = dated.into_iter().map(|(date, amount)| DatedAmount { date, amount }).collect();
        Schedule { id: id.to_owned(), holds, entries }
    }

    pub(super) fn amount(&mut self, index: usize) -> NamedAmount {
        self.amounts = index;
        NamedAmount {
            id: format!("m{index}"),
            formula: self.formula(&self.spec.amounts[index], Place::Amount),
        }
    }

    pub(super) fn account_id(&self, n: u8) -> String {
        match n as usize % self.spec.accounts.len() {
            0 => "collection".to_owned(),
            n => format!("a{n}"),
        }
    }

    /// A date after closing and not after the last payment date.
    pub(super) fn date(&self, at: u16) -> Date {
        let span = self.last.signed_duration_since(self.closing).num_days();
        self.closing + TimeDelta::days(1 + (span - 1) * i64::from(at) / i64::from(u16::MAX))
    }

    /// Nothing, a few units, a part of the deal's scale, or a part of the most that a file may state.
    pub(super) fn minor(&self, (kind, much): Size) -> i64 {
        let part = |of: i64| (i128::from(of) * i128::from(much) / i128::from(u32::MAX)) as i64;
        let scale = [100, 10_000, 1_000_000, 100_000_000, 50_000_000_000, 100_000_000_000_000];
        let terms = &self.spec.terms;
        match kind {
            0 => 0,
            1 => i64::from(much % 200),
            _ if terms.modest => part(scale[terms.scale as usize % 5]),
            2 => part(scale[terms.scale as usize % 6]),
            _ => part(Money::LIMIT.minor()),
        }
    }

    pub(super) fn decimal(&self, minor: i64) -> Decimal {
        self.currency.decimal(Money::from_minor(minor))
    }
}

pub(super) fn distinct(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

pub(super) fn millionths(n: u32) -> Rate {
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
