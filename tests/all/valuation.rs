//! Valuation of whole deals: what a hand calculation or an identity says of the notes of a run.

use leasefall::collection::{Collections, Layout};
use leasefall::curve::Compounding;
use leasefall::deal::Deal;
use leasefall::tape::read_document;
use leasefall::valuation::{DealValuation, ZSpread, note_flows, present_value, pricing_curve, value_deal};
use leasefall::waterfall::{Program, Run};
use leasefall::{Currency, Money};

const DEAL: &str = r#"
name = "Fixed, floating and what is left"
currency = "USD"
cut_off_date = 2025-12-31
closing_date = 2026-01-25
pricing_curve = "swap"
payments = { frequency = "monthly", first_date = 2026-02-25 }
notes = [
    { id = "F", original_balance = 50_000_000, floating = { curve = "swap", margin = 0.02 }, day_count = "act/360", legal_final = 2031-01-25 },
    { id = "A", original_balance = 50_000_000, coupon = 0.06, day_count = "30/360", legal_final = 2031-01-25 },
]
accounts = [{ id = "collection" }]
phases = [{ id = "normal", steps = [
    { id = "interest", pay = "interest", notes = ["F", "A"], allocation = "pro_rata" },
    { id = "principal", pay = "scheduled_principal", notes = ["F", "A"], allocation = "pro_rata" },
    { id = "residual", pay = "payee", payee = "issuer" },
] }]
curves = [{ id = "swap", kind = "flat", compounding = "continuous", points = [{ value = 0.04 }] }]
"#;

/// Interest enough on every date, and the principal of both notes on the last.
fn valued(principal_on_the_last_date: i64) -> (Deal, Program, Run, DealValuation) {
    let deal = read_document::<Deal>("deal.toml", DEAL).unwrap().value;
    let program = Program::compile(&deal, &Layout::leases()).unwrap();
    let mut collections = Collections::empty(Currency::USD, Layout::leases(), program.schedule().len());
    for period in 0..collections.periods() {
        collections.row_mut(period)[0] = Money::from_minor(60_000_000);
    }
    let last = collections.periods() - 1;
    collections.row_mut(last)[0] += Money::from_minor(principal_on_the_last_date);
    let run = program.run(&collections).unwrap();
    let value = value_deal(&deal, &program, &run, |shift| {
        let program = Program::compile_shifted(&deal, &Layout::leases(), shift)?;
        let run = program.run(&collections)?;
        Ok((program, run))
    });
    (deal, program, run, value.unwrap())
}

/// A floating note at par has its margin for discount margin, and hardly any effective duration: its coupon
/// moves with the curve. A fixed one at par yields its coupon and has the duration of its annuity.
#[test]
fn at_par_margins_are_margins_and_yields_are_coupons() {
    let (_, _, _, value) = valued(10_000_000_000);
    let floater = value.notes[0].measures.as_ref().unwrap();
    let margin = floater.discount_margin.as_ref().unwrap().as_ref().unwrap();
    assert!((margin - 0.02).abs() < 1e-6, "{margin}");
    let duration = floater.spreads.as_ref().unwrap().curve.effective_duration;
    assert!(duration.abs() < 0.15, "{duration}");
    let fixed = value.notes[1].measures.as_ref().unwrap();
    let yields = fixed.yields.as_ref().unwrap();
    assert!((yields.yield_rate - 0.06).abs() < 1e-9, "{}", yields.yield_rate);
    // (1 - v^60) / r, v = 1 / 1.005, r = 0.06: the modified duration of a bond at par.
    let closed_form = (1.0 - 1.005_f64.powi(-60)) / 0.06;
    assert!((yields.modified_duration - closed_form).abs() < 1e-6, "{}", yields.modified_duration);
    assert!((fixed.wal_years.unwrap() - 5.0).abs() < 0.01);
    assert_eq!(value.notes[1].principal_shortfall, Money::ZERO);
}

/// Law 6: the notes' present values at one curve are the present value of the cash that was paid on them.
#[test]
fn present_values_of_the_notes_add_up() {
    let (deal, program, run, _) = valued(4_000_000_000);
    let curve = pricing_curve(&deal).unwrap();
    let spread = ZSpread { rate: 0.0125, compounding: Compounding::Continuous };
    let parts: f64 = (0..2)
        .map(|note| {
            let flows = note_flows(&deal, &program, &run, note).unwrap();
            present_value(&flows, deal.closing_date, &curve, spread).unwrap()
        })
        .sum();
    let mut whole = 0.0;
    for (period, dates) in program.schedule().periods().iter().enumerate() {
        let cash = run.row(period, 0).cash() + run.row(period, 1).cash();
        // e^-(0.04 + 0.0125) t, t in years of 365 days.
        let years = (dates.payment_date - deal.closing_date).num_days() as f64 / 365.0;
        whole += cash.to_model(Currency::USD) * (-0.0525 * years).exp();
    }
    assert!((parts - whole).abs() < 1e-6 * whole, "{parts} {whole}");
}

/// What was not paid is said: 100 million owed, 40 million and the last date's interest margin came.
#[test]
fn shortfalls_are_what_is_left_owing() {
    let (_, _, run, value) = valued(4_000_000_000);
    let left: Money = value.notes.iter().map(|note| note.principal_shortfall).sum();
    let paid: Money = value.notes.iter().map(|note| note.principal_paid).sum();
    assert_eq!(left + paid, Money::from_minor(10_000_000_000));
    assert!(paid > Money::from_minor(4_000_000_000) && left > Money::from_minor(5_900_000_000));
    assert_eq!(run.row(run.periods() - 1, 1).balance_close, value.notes[1].principal_shortfall);
}
