//! Notes: rates, scheduled principal and premiums by period.

use super::Resolver;
use super::amount::Place;
use crate::deal::{Accrual, Amortization, Floating, MakeWhole, Note, NoteKind, Pricing};
use crate::money::{Money, Rounding};
use crate::rate::Rate;
use crate::ratio::Ratio;
use crate::time::{Date, DayCount};
use crate::waterfall::ledger::Party;
use crate::waterfall::multiplier::Multiplier;
use crate::waterfall::program::{FundsCap, NoteTerms, PeriodRate, PostArdRate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

impl Resolver<'_> {
    pub(super) fn note(&self, i: usize, note: &Note) -> Option<NoteTerms> {
        let field = |name: &str| format!("notes[{i}].{name}");
        let original = self.positive_money(&field("original_balance"), note.original_balance);
        let (commitment, draws, draw_account) = self.funding(i, note, original);
        let pieces = self.pieces(i, note, original);
        let annual = self.annual_rates(i, note);
        let post_ard = annual.as_ref().and_then(|annual| self.post_ard_rates(i, note, annual, pieces?));
        let rates = annual.as_ref().and_then(|annual| self.rates(i, note, annual, pieces?));
        self.dated(i, note);
        let scheduled = self.amortization(i, note, original.unwrap_or(Money::ZERO));
        let make_whole = match (&note.make_whole, &annual) {
            (Some(terms), Some(annual)) => self.make_whole(i, terms, annual),
            _ => Some(Vec::new()),
        };
        let annual = annual.and_then(|annual| {
            let prepared = |rate: &Rate| {
                Some(Multiplier::new(Ratio::from_decimal(rate.fraction())?, Rounding::HalfEven))
            };
            annual.iter().map(prepared).collect::<Option<Vec<_>>>()
        });
        let pay_in_kind =
            note.pay_in_kind.as_ref().map(|when| self.conditions(&field("pay_in_kind"), when, usize::MAX));
        let funds_cap = self.funds_cap(i, note);
        self.pricing(i, note);
        if note.legal_final < self.deal.payments.first_date {
            self.problem(
                field("legal_final"),
                note.legal_final.to_string(),
                "a date not before the first payment",
            );
        }
        if let Some(ard) = note.anticipated_repayment_date
            && (ard > note.legal_final || ard < self.deal.payments.first_date)
        {
            let expected = "a date from the first payment to the legal final";
            self.problem(field("anticipated_repayment_date"), ard.to_string(), expected);
        }
        Some(NoteTerms {
            original: original?,
            commitment: commitment?,
            draws: draws?,
            draw_account: draw_account?,
            rates: rates?,
            post_ard: post_ard?,
            annual: annual?,
            adjusted: accrual_of(note) == Accrual::Adjusted,
            accrues_from: note.accrues_from,
            pieces: pieces?,
            interest_on_shortfall: note.interest_on_shortfall,
            scheduled: scheduled?,
            legal_final: self.period_of(note.legal_final)?,
            pay_in_kind,
            make_whole: make_whole?,
            funds_cap: funds_cap?,
        })
    }

    /// The formulas of a cap; the outer `None` if one is wrong.
    fn funds_cap(&self, i: usize, note: &Note) -> Option<Option<FundsCap>> {
        let Some(cap) = &note.available_funds_cap else { return Some(None) };
        let field = |name: &str| format!("notes[{i}].available_funds_cap{name}");
        if note.post_ard_rate.is_some() {
            let expected = "either a `post_ard_rate` or a cap: both owe extra interest";
            self.problem(field(""), "a cap beside a `post_ard_rate`", expected);
        }
        let interest = self.amount(&field(".interest"), &cap.interest, Place::Fees);
        let balance = self.amount(&field(".balance"), &cap.balance, Place::Fees);
        Some(Some(FundsCap { interest: interest?, balance: balance? }))
    }

    /// Figures within which a price can be told from a slip of the pen.
    fn pricing(&self, i: usize, note: &Note) {
        let field = |name: &str| format!("notes[{i}].pricing.{name}");
        match &note.pricing {
            Some(Pricing::Price { price }) if *price <= Decimal::ZERO || *price > Decimal::from(10_000) => {
                self.problem(
                    field("price"),
                    price.to_string(),
                    "a price per 100 of balance, above 0 and up to 10000",
                );
            }
            Some(Pricing::ZSpread { basis_points }) if basis_points.abs() > Decimal::from(100_000) => {
                let expected = "basis points, -100000 to 100000";
                self.problem(field("basis_points"), basis_points.to_string(), expected);
            }
            Some(Pricing::ZSpread { .. }) if self.deal.pricing_curve.is_none() => {
                let expected = "a `pricing_curve` of the deal that the spread is over";
                self.problem(format!("notes[{i}].pricing"), "a spread over no curve", expected);
            }
            Some(Pricing::Yield { rate })
                if self.rate_value(&field("rate"), rate.fraction()) == Some(Decimal::NEGATIVE_ONE) =>
            {
                self.problem(field("rate"), "-1", "a yield above -1");
            }
            _ => {}
        }
    }

    /// Commitment, draws by period, and the account they are paid into.
    fn funding(
        &self,
        i: usize,
        note: &Note,
        original: Option<Money>,
    ) -> (Option<Money>, Option<Vec<Money>>, Option<Party>) {
        let field = |name: &str| format!("notes[{i}].{name}");
        let account = match &note.draw_account {
            Some(id) => self.account(&field("draw_account"), id),
            None => self.find_account(super::COLLECTION),
        };
        if note.kind == NoteKind::Term {
            for (name, given) in [
                ("commitment", note.commitment.is_some()),
                ("draws", !note.draws.is_empty()),
                ("draw_account", note.draw_account.is_some()),
            ] {
                if given {
                    let expected = "none on a term note; `kind = \"variable_funding\"` takes it";
                    self.problem(field(name), format!("`{name}`"), expected);
                }
            }
            return (original, Some(Vec::new()), account);
        }
        let Some(commitment) = note.commitment else {
            self.problem(field("commitment"), "nothing", "the most that a variable funding note is drawn to");
            return (None, self.draws(i, note), account);
        };
        let commitment = self.positive_money(&field("commitment"), commitment);
        if commitment.zip(original).is_some_and(|(commitment, original)| original > commitment) {
            let found = note.original_balance.to_string();
            let expected = format!("at most the commitment, {}", note.commitment.unwrap_or_default());
            self.problem(field("original_balance"), found, expected);
        }
        (commitment, self.draws(i, note), account)
    }

    fn draws(&self, i: usize, note: &Note) -> Option<Vec<Money>> {
        if note.draws.is_empty() {
            return Some(Vec::new());
        }
        let mut draws = vec![Money::ZERO; self.schedule.as_ref()?.len()];
        let mut complete = true;
        for (k, draw) in note.draws.iter().enumerate() {
            let field = format!("notes[{i}].draws[{k}]");
            let amount = self.positive_money(&format!("{field}.amount"), draw.amount);
            let period = self.period_of(draw.date).filter(|_| draw.date > self.deal.closing_date);
            if period.is_none() {
                let expected = "a date after closing and up to the last payment date";
                self.problem(format!("{field}.date"), draw.date.to_string(), expected);
            }
            match amount.zip(period).and_then(|(a, p)| Some((p, draws[p].checked_add(a)?))) {
                Some((period, sum)) => draws[period] = sum,
                None => complete = false,
            }
        }
        complete.then_some(draws)
    }

    /// The coupon a year of each period.
    fn annual_rates(&self, i: usize, note: &Note) -> Option<Vec<Rate>> {
        let field = |name: &str| format!("notes[{i}].{name}");
        let periods = self.schedule.as_ref()?.len();
        match (note.coupon, &note.floating) {
            (Some(coupon), None) => {
                let coupon = self.rate_value(&field("coupon"), coupon.fraction())?;
                if coupon < Decimal::ZERO {
                    self.problem(field("coupon"), coupon.to_string(), "a rate not below zero");
                    return None;
                }
                Some(vec![Rate::new(coupon); periods])
            }
            (None, Some(floating)) => self.floating_rates(i, note, floating),
            _ => {
                let given = [("coupon", note.coupon.is_some()), ("floating", note.floating.is_some())];
                let found = super::given_fields(&given);
                self.problem(format!("notes[{i}]"), found, "either `coupon` or `floating`");
                None
            }
        }
    }

    fn floating_rates(&self, i: usize, note: &Note, floating: &Floating) -> Option<Vec<Rate>> {
        let field = |name: &str| format!("notes[{i}].floating.{name}");
        let margin = self.rate_value(&field("margin"), floating.margin.fraction());
        let floor = self.rate_value(&field("floor"), floating.floor.fraction());
        let cap = match floating.cap {
            Some(cap) => self.rate_value(&field("cap"), cap.fraction()),
            None => Some(Decimal::TEN),
        };
        let curve = self.curve(&field("curve"), &floating.curve);
        let (margin, floor, cap) = (margin?, floor?, cap?);
        if floor < Decimal::ZERO || cap < floor {
            self.problem(field("floor"), floor.to_string(), "a rate not below zero nor above the cap");
            return None;
        }
        let curve = self.curves.get(curve?)?.as_ref()?;
        let mut rates = Vec::new();
        for period in 0..self.schedule.as_ref()?.len() {
            let (start, end) = self.accrual(note, period)?;
            let nominal = self.schedule.as_ref()?.periods()[period].accrual_end;
            let fixed = self.observed.fixing(&floating.curve, nominal);
            let Some(index) = fixed.or_else(|| curve.index_rate(start, end, note.day_count)) else {
                self.problem(
                    field("curve"),
                    format!("no forward rate from {start} to {end}"),
                    "a longer curve",
                );
                return None;
            };
            // An absurd curve gives a rate past ten decimals of room; the cap bounds it.
            let rate = index.fraction().checked_add(margin)?.clamp(floor, cap);
            rates.push(Rate::new(rate.normalize()));
        }
        Some(rates)
    }

    /// Into how many pieces holders' denomination cuts the class.
    fn pieces(&self, i: usize, note: &Note, original: Option<Money>) -> Option<i64> {
        let Some(denomination) = note.denomination else { return Some(1) };
        let field = format!("notes[{i}].denomination");
        let piece = self.positive_money(&field, denomination)?.minor();
        let whole = original?.minor();
        if piece == 0 || whole == 0 || whole % piece != 0 {
            let expected = format!("an amount that divides the original balance, {}", note.original_balance);
            self.problem(field, denomination.to_string(), expected);
            return None;
        }
        Some(whole / piece)
    }

    fn dated(&self, i: usize, note: &Note) {
        // The end may be moved before the first payment date by the business-day rule.
        let Some((start, end)) = self.accrual(note, 0) else { return };
        if note.accrues_from.is_some() && start >= end {
            let expected = format!("a date before the first accrual ends, {end}");
            self.problem(format!("notes[{i}].accrues_from"), start.to_string(), expected);
        }
    }

    fn rates(&self, i: usize, note: &Note, annual: &[Rate], pieces: i64) -> Option<Vec<PeriodRate>> {
        let mut rates = Vec::with_capacity(annual.len());
        let piece = Ratio::new(1, i128::from(pieces))?;
        for (period, &coupon) in annual.iter().enumerate() {
            let interest = coupon.over(self.year_fraction(i, note, period)?)?.checked_mul(piece)?;
            let interest = Multiplier::new(interest, self.rounding(note));
            let as_before = rates.last().is_some_and(|before: &PeriodRate| before.interest == interest);
            rates.push(PeriodRate { interest, as_before });
        }
        Some(rates)
    }

    fn rounding(&self, note: &Note) -> Rounding {
        note.rounding.unwrap_or(self.deal.rounding)
    }

    /// Extra interest after the anticipated repayment date.
    fn post_ard_rates(
        &self,
        i: usize,
        note: &Note,
        annual: &[Rate],
        pieces: i64,
    ) -> Option<Vec<Option<PostArdRate>>> {
        let Some(rate) = note.post_ard_rate else { return Some(Vec::new()) };
        let field = format!("notes[{i}].post_ard_rate");
        if note.anticipated_repayment_date.is_none() {
            self.problem(field.clone(), "one without a date", "an `anticipated_repayment_date` too");
        }
        if rate.fraction() < Decimal::ZERO {
            self.problem(field.clone(), rate.fraction().to_string(), "a rate not below zero");
        }
        let extra = Rate::new(self.rate_value(&field, rate.fraction())?);
        let schedule = self.schedule.as_ref()?;
        let mut rates = Vec::with_capacity(annual.len());
        for (period, &coupon) in annual.iter().enumerate() {
            let fraction = self.year_fraction(i, note, period)?;
            let piece = Ratio::new(1, i128::from(pieces))?;
            let late = note
                .anticipated_repayment_date
                .is_some_and(|ard| schedule.periods()[period].accrual_start >= ard);
            if !late {
                rates.push(None);
                continue;
            }
            let both = Rate::new(coupon.fraction().checked_add(extra.fraction())?);
            let prepared = |rate: Rate| {
                Some(Multiplier::new(rate.over(fraction)?.checked_mul(piece)?, self.rounding(note)))
            };
            rates.push(Some(PostArdRate { on_balance: prepared(extra)?, on_unpaid: prepared(both)? }));
        }
        Some(rates)
    }

    /// The part of a year for which a period's interest runs: by reported days, or by the calendar.
    fn year_fraction(&self, i: usize, note: &Note, period: usize) -> Option<Ratio> {
        let nominal = self.schedule.as_ref()?.periods()[period].accrual_end;
        let Some(days) = self.observed.days(&note.id, nominal) else {
            let (start, end) = self.accrual(note, period)?;
            return Some(note.day_count.year_fraction(start, end));
        };
        let year = match note.day_count {
            DayCount::Thirty360 | DayCount::ThirtyE360 | DayCount::Act360 => 360,
            DayCount::Act365Fixed => 365,
            DayCount::ActActIsda => {
                let found = format!("{days} days reported for {nominal}");
                let expected = "a day count whose year has one length, 360 or 365 days";
                self.problem(format!("notes[{i}].day_count"), found, expected);
                return None;
            }
        };
        Ratio::new(i128::from(days), year)
    }

    fn accrual(&self, note: &Note, period: usize) -> Option<(Date, Date)> {
        let schedule = self.schedule.as_ref()?;
        let (start, end) = schedule.accrual(period, accrual_of(note) == Accrual::Adjusted);
        Some((note.accrues_from.filter(|_| period == 0).unwrap_or(start), end))
    }

    /// Principal falling due by period.
    fn amortization(&self, i: usize, note: &Note, original: Money) -> Option<Vec<Money>> {
        let field = |name: &str| format!("notes[{i}].amortization.{name}");
        let periods = self.schedule.as_ref()?.len();
        match &note.amortization {
            None => Some(Vec::new()),
            Some(Amortization::Schedule { schedule }) => {
                let schedules = self.deal.schedules.iter().map(|schedule| schedule.id.as_str());
                let index = self.find(&field("schedule"), schedule, "schedule", schedules)?;
                let schedule = self.deal.schedules.get(usize::from(index))?;
                if schedule.holds {
                    self.problem(field("schedule"), "a schedule that holds", "one of payments");
                    return None;
                }
                self.amounts_by_period(schedule)
            }
            Some(Amortization::Percent { per_year, from }) => {
                let share =
                    self.ratio_within(&field("per_year"), per_year.decimal(), Decimal::ZERO, Decimal::TEN)?;
                let per_date =
                    share.checked_mul(Ratio::new(1, self.deal.payments.frequency.per_year().into())?)?;
                let amount = per_date.of(original, Rounding::HalfEven)?;
                let first = from.map_or(Some(0), |date| self.period_of(date)).unwrap_or(periods);
                Some((0..periods).map(|p| if p < first { Money::ZERO } else { amount }).collect())
            }
            Some(Amortization::Level { from, to }) => {
                let Some(coupon) = note.coupon else {
                    self.problem(format!("notes[{i}].amortization"), "a floating coupon", "a fixed one");
                    return None;
                };
                let (first, end) = (self.period_of(*from), self.period_after(to.unwrap_or(note.legal_final)));
                let Some(first) = first.filter(|&first| first < end) else {
                    self.problem(field("from"), from.to_string(), "a date before `to` and the legal final");
                    return None;
                };
                let rate = coupon.fraction().checked_div(self.deal.payments.frequency.per_year().into())?;
                level_payments(original, rate, end - first).map(|parts| {
                    let before = std::iter::repeat_n(Money::ZERO, first);
                    before.chain(parts).chain(std::iter::repeat_n(Money::ZERO, periods - end)).collect()
                })
            }
        }
    }

    /// Premium per unit prepaid on each payment date.
    fn make_whole(&self, i: usize, terms: &MakeWhole, annual: &[Rate]) -> Option<Vec<Multiplier>> {
        let field = |name: &str| format!("notes[{i}].make_whole.{name}");
        let rate = self.rate_value(&field("reinvestment_rate"), terms.reinvestment_rate.fraction())?;
        let a_year = f64::from(self.deal.payments.frequency.per_year());
        let growth = 1.0 + rate.to_f64()? / a_year;
        if growth <= 0.0 {
            self.problem(field("reinvestment_rate"), rate.to_string(), "a rate above -100% a period");
            return None;
        }
        let last = self.period_of(terms.until).unwrap_or(annual.len().saturating_sub(1));
        let mut factors = Vec::with_capacity(last);
        for (period, coupon) in annual.iter().enumerate().take(last) {
            // coupon / n x (v + v^2 + ... + v^m) + v^m - 1, v = 1 / growth, m payment dates to go.
            let remaining = (last - period) as i32;
            let annuity: f64 = (1..=remaining).map(|k| growth.powi(-k)).sum();
            let premium = coupon.to_f64() / a_year * annuity + growth.powi(-remaining) - 1.0;
            let premium = (premium.max(0.0) * 1e10).round_ties_even();
            if premium > 1e15 {
                self.problem(field("reinvestment_rate"), rate.to_string(), "a rate that bounds the premium");
                return None;
            }
            let factor = Ratio::new(premium as i128, 10_000_000_000)?;
            factors.push(Multiplier::new(factor, Rounding::HalfEven));
        }
        Some(factors)
    }
}

/// Between which dates a note's interest runs.
fn accrual_of(note: &Note) -> Accrual {
    note.accrual.unwrap_or(match note.day_count {
        DayCount::Thirty360 | DayCount::ThirtyE360 => Accrual::Nominal,
        _ => Accrual::Adjusted,
    })
}

/// Principal of level payments: the fall of `original x (1 - v^(N-k)) / (1 - v^N)`, each balance rounded.
fn level_payments(original: Money, rate: Decimal, payments: usize) -> Option<Vec<Money>> {
    let count = Decimal::from(payments as u64);
    let whole = Decimal::from(original.minor());
    let v = Decimal::ONE.checked_div(Decimal::ONE.checked_add(rate)?)?;
    let mut powers = vec![Decimal::ONE];
    for k in 0..payments {
        powers.push(powers[k].checked_mul(v)?);
    }
    let balance = |k: usize| -> Option<Money> {
        // Multiplied before divided: at a rate of zero the quotient, and so a tie, is exact.
        let (left, all) = if rate.is_zero() {
            (Decimal::from((payments - k) as u64), count)
        } else {
            (Decimal::ONE - powers[payments - k], Decimal::ONE - powers[payments])
        };
        let balance = whole.checked_mul(left)?.checked_div(all)?;
        balance.round_dp(0).to_i64().map(Money::from_minor)
    };
    let mut open = original;
    let mut parts = Vec::with_capacity(payments);
    for k in 1..=payments {
        let close = balance(k)?;
        parts.push(open - close);
        open = close;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_payments_repay_the_balance_and_are_level() {
        // 1,200.00 at 1% a period over 12: payment 106.62 (annuity factor 11.2550774735).
        let parts = level_payments(Money::from_minor(120_000), Decimal::new(1, 2), 12).unwrap();
        assert_eq!(parts.iter().copied().sum::<Money>(), Money::from_minor(120_000));
        assert_eq!(parts[0], Money::from_minor(9_462)); // 106.62 less interest of 12.00
        let mut balance = 120_000;
        for part in parts {
            let payment = balance as f64 * 0.01 + part.minor() as f64;
            assert!((payment - 10_661.85).abs() < 1.0, "{payment}");
            balance -= part.minor();
        }
        let equal = level_payments(Money::from_minor(100), Decimal::ZERO, 4).unwrap();
        assert_eq!(equal, [25; 4].map(Money::from_minor));
    }
}
