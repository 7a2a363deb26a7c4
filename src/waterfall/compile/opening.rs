//! Where a run starts and ends: at closing or at a seasoned deal's last report, at the last legal final or
//! where history ends.

use super::Resolver;
use crate::money::Money;
use crate::waterfall::program::{NoteStart, Program, Start, TestTerms};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::ops::Range;

impl Resolver<'_> {
    /// What is unpaid, active and counted before the first payment date that is run.
    pub(super) fn start(&self) -> Option<Start> {
        let deal = self.deal;
        let closing = |note: &crate::deal::Note| {
            let balance = deal.currency.money(note.original_balance)?;
            Some(NoteStart { balance, ..NoteStart::default() })
        };
        let mut start = Start {
            notes: deal.notes.iter().map(closing).collect::<Option<_>>()?,
            fees: vec![Money::ZERO; deal.fees.len()],
            totals: vec![Money::ZERO; self.totals.borrow().len()],
            ..Start::default()
        };
        let Some(opening) = &deal.opening else { return Some(start) };
        let mut complete = true;
        let mut known = Vec::new();
        for (k, note) in opening.notes.iter().enumerate() {
            let field = |name: &str| format!("opening.notes[{k}].{name}");
            let index = self.note_index(&field("id"), &note.id);
            if known.contains(&note.id.as_str()) {
                self.problem(field("id"), format!("`{}` again", note.id), "each note once");
            }
            known.push(&note.id);
            let money = |name: &str, amount: Decimal| self.positive_money(&field(name), amount);
            let found = (|| {
                Some(NoteStart {
                    balance: money("balance", note.balance)?,
                    interest_shortfall: money("interest_shortfall", note.interest_shortfall)?,
                    post_ard_interest_unpaid: money(
                        "post_ard_interest_unpaid",
                        note.post_ard_interest_unpaid,
                    )?,
                    principal_shortfall: money("principal_shortfall", note.principal_shortfall)?,
                    written_down: money("written_down", note.written_down)?,
                })
            })();
            if let Some(index) = index
                && deal.notes[usize::from(index)].post_ard_rate.is_none()
                && deal.notes[usize::from(index)].available_funds_cap.is_none()
                && !note.post_ard_interest_unpaid.is_zero()
            {
                let found = note.post_ard_interest_unpaid.to_string();
                self.problem(
                    field("post_ard_interest_unpaid"),
                    found,
                    "none on a note without `post_ard_rate` or `available_funds_cap`",
                );
            }
            if note.principal_shortfall > note.balance {
                let expected = format!("at most the balance, {}", note.balance);
                self.problem(field("principal_shortfall"), note.principal_shortfall.to_string(), expected);
            }
            match index.zip(found) {
                Some((index, found)) => start.notes[usize::from(index)] = found,
                None => complete = false,
            }
        }
        let fees = || deal.fees.iter().map(|fee| fee.id.as_str());
        for (index, due) in self.amounts_by_id("fees", "fee", &opening.fees, fees) {
            start.fees[index] = due;
        }
        // Only what a formula totals has a slot.
        let measures = || self.layout.measures().iter().map(String::as_str);
        for (index, total) in self.amounts_by_id("totals", "measure", &opening.totals, measures) {
            let column = (self.layout.sources().len() + index) as u16;
            let slot = self.totals.borrow().iter().position(|&totalled| totalled == column);
            if let Some(slot) = slot {
                start.totals[slot] = total;
            }
        }
        start.expenses = self.positive_money("opening.expenses", opening.expenses)?;
        let triggers = || deal.triggers.iter().map(|trigger| trigger.id.as_str());
        for (k, id) in opening.active.iter().enumerate() {
            if let Some(trigger) = self.find(&format!("opening.active[{k}]"), id, "trigger", triggers()) {
                start.active |= 1_u64.checked_shl(u32::from(trigger)).unwrap_or(0);
            }
        }
        complete.then_some(start)
    }

    /// What an account holds before the first payment date that is run.
    pub(super) fn opening_balance(&self, i: usize) -> Option<Money> {
        let account = &self.deal.accounts[i];
        let closing = self.positive_money(&format!("accounts[{i}].opening_balance"), account.opening_balance);
        match self.deal.opening.as_ref().and_then(|opening| opening.accounts.get(&account.id)) {
            Some(&held) => self.positive_money(&format!("opening.accounts.{}", account.id), held),
            None => closing,
        }
    }

    /// Every account that the opening names is one.
    pub(super) fn check_opening_accounts(&self) {
        let ids = || self.deal.accounts.iter().map(|account| account.id.as_str());
        for id in self.deal.opening.iter().flat_map(|opening| opening.accounts.keys()) {
            self.find(&format!("opening.accounts.{id}"), id, "account", ids());
        }
    }

    fn amounts_by_id<'b, I: Iterator<Item = &'b str> + Clone>(
        &self,
        table: &str,
        kind: &str,
        amounts: &BTreeMap<String, Decimal>,
        ids: impl Fn() -> I,
    ) -> Vec<(usize, Money)> {
        let amounts = amounts.iter().filter_map(|(id, &amount)| {
            let field = format!("opening.{table}.{id}");
            let index = self.find(&field, id, kind, ids())?;
            Some((usize::from(index), self.positive_money(&field, amount)?))
        });
        amounts.collect()
    }

    /// Cash collected after the cut-off date is projected, and distributed after what came before it.
    pub(super) fn check_cut_off(&self) {
        // A first payment that is moved back may be paid before closing.
        let (deal, start) = (self.deal, self.deal.start_date().max(self.deal.closing_date));
        let last = self.observed.last_report.map_or(start, |report| report.max(start));
        if deal.cut_off_date > last {
            let which = match (&deal.opening, self.observed.last_report) {
                (None, None) => "closing_date",
                (_, Some(_)) => "the last report",
                (Some(_), None) => "opening.date",
            };
            let expected = format!("a date not after {which}, {last}");
            self.problem("cut_off_date", deal.cut_off_date.to_string(), expected);
        }
    }

    /// The payment dates that are run.
    fn run_periods(&self) -> Option<Range<usize>> {
        let schedule = self.schedule.as_ref()?;
        let first = match &self.deal.opening {
            None => 0,
            Some(opening) => match schedule.period_on(opening.date) {
                Some(period) if period + 1 < schedule.len() => period + 1,
                _ => {
                    let expected = "a payment date of the deal before its last";
                    self.problem("opening.date", opening.date.to_string(), expected);
                    return None;
                }
            },
        };
        let end = match self.observed.last_report.filter(|_| self.observed.ends) {
            Some(last) => self.period_after(last),
            None => schedule.len(),
        };
        Some(first..end.max(first + 1))
    }

    /// The program of the payment dates that are run. What is known by period moves with them.
    pub(super) fn part(&self, mut program: Program) -> Option<Program> {
        let periods = self.run_periods()?;
        let first = periods.start;
        program.schedule = program.schedule.part(periods)?;
        if first == 0 {
            return Some(program);
        }
        for note in &mut program.notes {
            skip(&mut note.draws, first);
            skip(&mut note.rates, first);
            skip(&mut note.post_ard, first);
            skip(&mut note.annual, first);
            skip(&mut note.scheduled, first);
            skip(&mut note.make_whole, first);
            note.legal_final = note.legal_final.saturating_sub(first);
            note.accrues_from = None;
        }
        for account in &mut program.accounts {
            skip(&mut account.earnings, first);
        }
        for fee in &mut program.fees {
            if let crate::waterfall::program::FeeAccrual::Rate { by_period, .. } = &mut fee.accrual {
                skip(by_period, first);
            }
            skip(&mut fee.cap_refills, first);
            // What was paid under this year's cap before the opening is not known.
            if let Some(refills) = fee.cap_refills.first_mut() {
                *refills = true;
            }
        }
        for schedule in &mut program.schedules {
            skip(schedule, first);
        }
        for trigger in &mut program.triggers {
            match &mut trigger.test {
                TestTerms::From(period) => *period = period.saturating_sub(first),
                TestTerms::NoteFrom(notes) => {
                    notes.iter_mut().for_each(|(_, period)| *period = period.saturating_sub(first));
                }
                _ => {}
            }
        }
        Some(program)
    }
}

fn skip<T>(by_period: &mut Vec<T>, periods: usize) {
    by_period.drain(..periods.min(by_period.len()));
}
