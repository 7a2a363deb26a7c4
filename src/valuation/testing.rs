//! Notes for the tests of this module. A bullet's face is 100,000,000.00: its price per 100 is in millions.

use super::{NoteFlow, NoteFlows};
use crate::money::{Currency, Money};
use crate::time::{Date, DayCount};
use chrono::Months;
use proptest::prelude::*;

pub(super) const FACE: i64 = 10_000_000_000;

pub(super) fn date(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd_opt(year, month, day).unwrap()
}

/// Principal by period, in minor units; interest is `coupon_e6` millionths of the opening balance a period.
pub(super) fn amortizing(
    start: Date,
    months: u32,
    coupon_e6: i64,
    day_count: DayCount,
    principal: &[i64],
) -> NoteFlows {
    let mut balance: i64 = principal.iter().sum();
    let original_balance = Money::from_minor(balance);
    let mut flows = Vec::new();
    for (index, &paid) in (0..).zip(principal) {
        let accrual_end = start + Months::new(months * (index + 1));
        flows.push(NoteFlow {
            payment_date: accrual_end,
            accrual_start: start + Months::new(months * index),
            accrual_end,
            balance_open: Money::from_minor(balance),
            interest: Money::from_minor((i128::from(balance) * i128::from(coupon_e6) / 1_000_000) as i64),
            principal: Money::from_minor(paid),
        });
        balance -= paid;
    }
    NoteFlows::new(Currency::USD, day_count, original_balance, flows).unwrap()
}

/// Equal coupons, all principal with the last.
pub(super) fn bullet(
    start: Date,
    months: u32,
    periods: usize,
    coupon_e6: i64,
    day_count: DayCount,
) -> NoteFlows {
    let mut principal = vec![0; periods];
    if let Some(last) = principal.last_mut() {
        *last = FACE;
    }
    amortizing(start, months, coupon_e6, day_count, &principal)
}

/// The same note with every flow changed.
pub(super) fn remade(note: &NoteFlows, change: impl FnMut(&mut NoteFlow)) -> NoteFlows {
    let mut flows = note.flows().to_vec();
    flows.iter_mut().for_each(change);
    NoteFlows::new(note.currency(), note.day_count(), note.original_balance(), flows).unwrap()
}

#[track_caller]
pub(super) fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected} within {tolerance:e}");
}

/// Random notes: monthly to annual, 1 to 60 periods, any amortization, any day count, and a settlement
/// date before the last payment.
pub(super) fn any_note() -> impl Strategy<Value = (NoteFlows, Date)> {
    let months = prop::sample::select(vec![1_u32, 3, 6, 12]);
    let day_count = prop::sample::select(DayCount::ALL.to_vec());
    let principal = prop::collection::vec(0_i64..5_000_000_000, 1..60);
    (months, day_count, 0_i64..80_000, principal, 1_i64..5_000_000_000, 0_i64..10_000).prop_map(
        |(months, day_count, coupon_e6, mut principal, last, offset)| {
            principal.push(last);
            let note = amortizing(date(2026, 3, 31), months, coupon_e6, day_count, &principal);
            let life = 30 * i64::from(months) * principal.len() as i64;
            (note, date(2026, 3, 31) + chrono::TimeDelta::days(offset % (life * 9 / 10)))
        },
    )
}
