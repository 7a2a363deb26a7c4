//! Every note of a deal, measured on the cash that one run paid it.

use super::{
    Conventions, Market, NoteFlow, NoteFlows, NoteMeasures, Pricing, YieldConvention, YieldTime, ZSpread,
};
use crate::curve::{Compounding, Curve, DiscountCurve};
use crate::deal::{self, Deal, Note};
use crate::error::{Error, Problem, Problems};
use crate::money::Money;
use crate::time::{Date, DayCount, Frequency};
use crate::waterfall::{Conservation, Program, Run};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A deal's notes, measured.
#[derive(Clone, Debug, PartialEq)]
pub struct DealValuation {
    /// The day for which the figures hold: closing, or the opening of a seasoned deal.
    pub as_of: Date,
    /// The notes, in the deal's order.
    pub notes: Vec<NoteValuation>,
    /// Cash in against cash out.
    pub conservation: Conservation,
    /// Whether the notes were redeemed by refinancing or call, and on which date.
    pub redeemed: Option<Date>,
}

/// One note: what it was paid, and what that is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteValuation {
    /// The class.
    pub id: String,
    /// The rating at issue.
    pub rating: Option<String>,
    /// Balance at closing.
    pub original_balance: Money,
    /// Coupon a year of the first period.
    pub coupon: f64,
    /// All interest paid over life, extra interest and premiums included.
    pub interest_paid: Money,
    /// All principal paid over life.
    pub principal_paid: Money,
    /// Interest due and unpaid after the last payment date, extra interest left out.
    pub interest_shortfall: Money,
    /// Principal never paid: outstanding after the last payment date, and written down for good.
    pub principal_shortfall: Money,
    /// Price, yield, spread, life and the rest; or why the note has none.
    pub measures: Result<NoteMeasures, Error>,
}

impl NoteValuation {
    /// The spread over the curve that the quote stands for; none where it could not be found.
    pub fn z_spread(&self) -> ZSpread {
        let spreads = self.measures.as_ref().ok().and_then(|measures| measures.spreads.as_ref().ok());
        spreads.map_or(ZSpread::NONE, |spreads| spreads.z_spread)
    }
}

/// Measures every note of a run at its own quote.
///
/// `project` runs the deal again with the index curves moved up by so much a year (continuously
/// compounded); it is called for notes whose coupon floats, for their effective duration.
///
/// # Errors
/// [`Error::Input`] if the deal has no discount curve to price on; whatever `project` returns.
pub fn value_deal(
    deal: &Deal,
    program: &Program,
    run: &Run,
    mut project: impl FnMut(f64) -> Result<(Program, Run), Error>,
) -> Result<DealValuation, Error> {
    let as_of = deal.start_date();
    let curve = pricing_curve(deal)?;
    let conventions = Conventions { yield_convention: convention(deal), ..Conventions::default() };
    let mut notes = Vec::with_capacity(deal.notes.len());
    for (index, note) in deal.notes.iter().enumerate() {
        let flows = note_flows(deal, program, run, index)?;
        let floating = note.floating.as_ref().and_then(|terms| built(deal, &terms.curve));
        let market = Market { settlement: as_of, curve: &curve, conventions, index: floating.as_ref() };
        let pricing = quote(note);
        let measured = if floating.is_some() {
            NoteMeasures::reprojected(&flows, &market, pricing, |shift| {
                let (program, run) = project(shift)?;
                note_flows(deal, &program, &run, index)
            })
        } else {
            NoteMeasures::new(&flows, &market, pricing)
        };
        notes.push(note_valuation(note, program, run, index, measured));
    }
    let last = run.periods().checked_sub(1);
    let redeemed = last.filter(|_| run.redeemed()).map(|p| program.schedule().periods()[p].payment_date);
    Ok(DealValuation { as_of, notes, conservation: run.conservation(program), redeemed })
}

/// The cash that a run paid one note, draws as negative principal, premiums and extra interest as interest.
///
/// # Errors
/// As [`NoteFlows::new`].
///
/// # Panics
/// If there is no such note.
pub fn note_flows(deal: &Deal, program: &Program, run: &Run, note: usize) -> Result<NoteFlows, Error> {
    let periods = program.schedule().periods();
    let flows = run.note(note).enumerate().map(|(period, row)| {
        let (accrual_start, accrual_end) = program.accrual(note, period);
        NoteFlow {
            payment_date: periods[period].payment_date,
            accrual_start,
            accrual_end,
            balance_open: row.balance_open,
            interest: row.interest_paid + row.post_ard_interest_paid + row.make_whole_paid,
            principal: row.principal_paid - row.drawn,
        }
    });
    let original = program.opening_balance(note);
    NoteFlows::new(deal.currency, deal.notes[note].day_count, original, flows.collect())
}

/// The discount curve that the deal's notes are priced on, as of closing or the opening of a seasoned deal.
///
/// # Errors
/// [`Error::Input`] if the deal names none, or one that is no discount curve.
pub fn pricing_curve(deal: &Deal) -> Result<DiscountCurve, Error> {
    let curve = deal.pricing_curve.as_deref().and_then(|id| built(deal, id));
    if let Some(curve) = curve.as_ref().and_then(Curve::as_discount) {
        return Ok(curve.clone());
    }
    let found = deal.pricing_curve.as_ref().map_or("nothing".to_owned(), |id| format!("`{id}`"));
    Err(Error::Input(Problems::from(vec![Problem {
        file: "deal.toml".to_owned(),
        line: 0,
        field: "pricing_curve".to_owned(),
        found,
        expected: "the id of a curve that discounts (zero, discount, par or flat)".to_owned(),
    }])))
}

fn built(deal: &Deal, id: &str) -> Option<Curve> {
    deal.curves.iter().find(|curve| curve.id == id)?.build(deal.start_date()).ok()
}

/// Yields compound as often as the notes pay, on 30/360 time.
fn convention(deal: &Deal) -> YieldConvention {
    let compounding = match deal.payments.frequency {
        Frequency::Monthly => Compounding::Monthly,
        Frequency::Quarterly => Compounding::Quarterly,
        Frequency::Semiannual => Compounding::Semiannual,
        Frequency::Annual => Compounding::Annual,
    };
    YieldConvention { compounding, time: YieldTime::DayCount(DayCount::Thirty360) }
}

fn quote(note: &Note) -> Pricing {
    let number = |value: Decimal| value.to_f64().unwrap_or(f64::NAN);
    match &note.pricing {
        None => Pricing::CleanPrice(100.0),
        Some(deal::Pricing::Price { price }) => Pricing::CleanPrice(number(*price)),
        Some(deal::Pricing::ZSpread { basis_points }) => Pricing::ZSpread(number(*basis_points) / 1e4),
        Some(deal::Pricing::Yield { rate }) => Pricing::Yield(rate.to_f64()),
    }
}

fn note_valuation(
    note: &Note,
    program: &Program,
    run: &Run,
    index: usize,
    measures: Result<NoteMeasures, Error>,
) -> NoteValuation {
    let rows = || run.note(index);
    let last = rows().last();
    let lost: Money = rows().map(|row| row.written_down - row.written_up).sum();
    NoteValuation {
        id: note.id.clone(),
        rating: note.rating.clone(),
        original_balance: program.original_balance(index),
        coupon: program.coupon(index, 0).to_f64(),
        interest_paid: rows().map(|r| r.interest_paid + r.post_ard_interest_paid + r.make_whole_paid).sum(),
        principal_paid: rows().map(|row| row.principal_paid).sum(),
        interest_shortfall: last.map_or(Money::ZERO, |row| row.interest_shortfall),
        principal_shortfall: last.map_or(Money::ZERO, |row| row.balance_close) + lost,
        measures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::{Collections, Layout, source};

    #[test]
    fn draws_premiums_and_losses_are_told_apart() {
        let deal: Deal = toml::from_str(
            r#"
            name = "On paper"
            currency = "USD"
            cut_off_date = "2025-12-31"
            closing_date = "2026-01-25"
            pricing_curve = "flat"
            payments = { frequency = "monthly", first_date = "2026-02-25" }
            notes = [
                { id = "V", kind = "variable_funding", original_balance = "400.00", commitment = "1000.00", coupon = "0.12", day_count = "30/360", legal_final = "2026-04-25", draws = [{ date = "2026-02-10", amount = "300.00" }], draw_account = "build", make_whole = { until = "2026-03-25", reinvestment_rate = "0" } },
                { id = "B", original_balance = "100.00", coupon = "0", day_count = "30/360", legal_final = "2026-04-25" },
            ]
            accounts = [{ id = "collection" }, { id = "build" }]
            schedules = [
                { id = "loss", entries = [{ date = "2026-02-25", amount = "50.00" }] },
                { id = "gain", entries = [{ date = "2026-03-25", amount = "20.00" }] },
            ]
            phases = [{ id = "normal", steps = [
                { id = "interest", pay = "interest", notes = ["V"] },
                { id = "prepay", pay = "principal", notes = ["V"], amount = "200.00" },
                { id = "premium", pay = "make_whole", notes = ["V"] },
                { id = "down", pay = "write_down", notes = ["B"], amount = "schedule(loss)" },
                { id = "up", pay = "write_up", notes = ["B"], amount = "schedule(gain)" },
            ] }]
            curves = [{ id = "flat", kind = "flat", compounding = "continuous", points = [{ value = "0.04" }] }]
            "#,
        )
        .unwrap();
        let program = Program::compile(&deal, &Layout::leases()).unwrap();
        let mut collections = Collections::empty(deal.currency, Layout::leases(), 3);
        let rent = collections.layout().column(source::RENT).unwrap();
        collections.row_mut(0)[rent] = Money::from_minor(20_600);
        collections.row_mut(1)[rent] = Money::from_minor(10_000);
        let run = program.run(&collections).unwrap();

        // First: interest 4.00 on 400.00, 300.00 drawn, 200.00 prepaid, and 1% of it as premium, 2.00.
        let flows = note_flows(&deal, &program, &run, 0).unwrap();
        let first = &flows.flows()[0];
        assert_eq!((first.interest.minor(), first.principal.minor()), (600, -10_000));
        // Second: 5.00 on 500.00, and 95.00. Third: 4.05 on 405.00, and neither is paid.
        let value = value_deal(&deal, &program, &run, |_| unreachable!("no coupon floats")).unwrap();
        let figures = |n: usize| {
            let note = &value.notes[n];
            [note.interest_paid, note.principal_paid, note.interest_shortfall, note.principal_shortfall]
                .map(Money::minor)
        };
        assert_eq!(figures(0), [1_100, 29_500, 405, 40_500]);
        // 70.00 outstanding, and 50.00 - 20.00 written down for good.
        assert_eq!(figures(1), [0, 0, 0, 10_000]);
    }
}
