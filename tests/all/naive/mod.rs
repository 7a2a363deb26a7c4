//! A second waterfall, slow and plain, written from `docs/deal.md` alone: the fast one must agree with it
//! to the cent. Amounts are whole minor units in 128 bits, found by name; everything between two roundings
//! is an exact fraction of any length.

mod arithmetic;
mod formulas;
mod steps;
mod terms;
mod triggers;

use crate::outcome::{NoteRow, Outcome, Period};
use arithmetic::{Fraction, decimal, rounded, whole, year_fraction};
use leasefall::Rounding;
use leasefall::collection::{Collections, measure};
use leasefall::deal::{Accrual, CapPeriod, Cure, Deal, Fee, NoteKind};
use leasefall::time::{DayCount, PaymentSchedule};
use std::collections::BTreeMap;

/// The payment dates of a deal.
pub fn schedule(deal: &Deal) -> PaymentSchedule {
    let last = deal.notes.iter().map(|note| note.legal_final).max().expect("a note");
    let terms = &deal.payments;
    PaymentSchedule::new(
        deal.closing_date,
        terms.first_date,
        last,
        terms.frequency,
        terms.day,
        terms.business_day,
        terms.calendar,
    )
    .expect("dates in order")
}

/// The payment dates that are run: all, or of a seasoned deal those after its opening.
pub fn payment_dates(deal: &Deal) -> std::ops::Range<usize> {
    let schedule = schedule(deal);
    let opening = deal.opening.as_ref().map(|opening| opening.date);
    let last = schedule.periods().iter().position(|period| Some(period.accrual_end) == opening);
    let last = last.or(schedule.periods().iter().position(|period| Some(period.payment_date) == opening));
    last.map_or(0, |last| last + 1)..schedule.len()
}

/// The whole life of a deal. The deal must be valid; the collections must have a row per payment date.
pub fn run(deal: &Deal, schedule: &PaymentSchedule, collections: &Collections) -> Outcome {
    let mut world = World::at_closing(deal, schedule, collections);
    for date in payment_dates(deal) {
        world.payment_date(date);
        if world.ended {
            break;
        }
    }
    world.outcome.uses += world.accounts.values().sum::<i128>();
    world.outcome
}

#[derive(Default)]
struct NoteState {
    balance: i128,
    interest_due: i128,
    post_ard_due: i128,
    /// Interest that the balance alone earned.
    earned: i128,
    /// What is due of the amortization or at legal final; what counts is this but never above the balance.
    scheduled_due: i128,
    /// This date's part of the amortization alone.
    scheduled_part: i128,
    written_down: i128,
    /// Principal that steps of kind `principal` paid on this date.
    prepaid: i128,
    row: NoteRow,
}

#[derive(Default)]
struct FeeState {
    due: i128,
    cap: Option<i128>,
    /// What steps of kind `fees` paid in the cap's period.
    paid_within_cap: i128,
}

#[derive(Default)]
struct TriggerState {
    active: bool,
    passed_in_a_row: u32,
}

struct World<'a> {
    deal: &'a Deal,
    schedule: &'a PaymentSchedule,
    collections: &'a Collections,
    /// The first payment date that is run; the collections begin with it.
    first: usize,
    date: usize,
    ended: bool,
    notes: BTreeMap<&'a str, NoteState>,
    accounts: BTreeMap<&'a str, i128>,
    fees: BTreeMap<&'a str, FeeState>,
    expenses_due: i128,
    triggers: BTreeMap<&'a str, TriggerState>,
    targets: BTreeMap<&'a str, i128>,
    amounts: BTreeMap<&'a str, i128>,
    paid_by_step: BTreeMap<&'a str, i128>,
    amortizations: BTreeMap<&'a str, Vec<i128>>,
    payees: BTreeMap<String, i128>,
    outcome: Outcome,
}

impl<'a> World<'a> {
    fn at_closing(deal: &'a Deal, schedule: &'a PaymentSchedule, collections: &'a Collections) -> World<'a> {
        let mut world = World {
            deal,
            schedule,
            collections,
            first: payment_dates(deal).start,
            date: 0,
            ended: false,
            notes: BTreeMap::new(),
            accounts: BTreeMap::new(),
            fees: BTreeMap::new(),
            expenses_due: 0,
            triggers: BTreeMap::new(),
            targets: BTreeMap::new(),
            amounts: BTreeMap::new(),
            paid_by_step: BTreeMap::new(),
            amortizations: BTreeMap::new(),
            payees: BTreeMap::new(),
            outcome: Outcome::default(),
        };
        for note in &deal.notes {
            let mut state = NoteState { balance: world.minor(note.original_balance), ..NoteState::default() };
            let opening = deal.opening.iter().flat_map(|opening| &opening.notes).find(|o| o.id == note.id);
            if let Some(opening) = opening {
                state.balance = world.minor(opening.balance);
                state.interest_due = world.minor(opening.interest_shortfall);
                state.post_ard_due = world.minor(opening.post_ard_interest_unpaid);
                state.scheduled_due = world.minor(opening.principal_shortfall);
                state.written_down = world.minor(opening.written_down);
            }
            world.notes.insert(&note.id, state);
            let parts = world.amortization(note);
            world.amortizations.insert(&note.id, parts);
        }
        for account in &deal.accounts {
            let opening = deal.opening.as_ref().and_then(|opening| opening.accounts.get(&account.id));
            let balance = world.minor(*opening.unwrap_or(&account.opening_balance));
            world.accounts.insert(&account.id, balance);
            world.outcome.sources += balance;
        }
        for fee in &deal.fees {
            let opening = deal.opening.as_ref().and_then(|opening| opening.fees.get(&fee.id));
            let due = opening.map_or(0, |due| world.minor(*due));
            world.fees.insert(&fee.id, FeeState { due, ..FeeState::default() });
        }
        for trigger in &deal.triggers {
            let active = deal.opening.as_ref().is_some_and(|opening| opening.active.contains(&trigger.id));
            world.triggers.insert(&trigger.id, TriggerState { active, ..TriggerState::default() });
        }
        world.expenses_due = deal.opening.as_ref().map_or(0, |opening| world.minor(opening.expenses));
        world
    }

    // ---- a payment date, in the order of the page ----

    fn payment_date(&mut self, date: usize) {
        self.date = date;
        for state in self.notes.values_mut() {
            state.row = NoteRow { balance_open: state.balance, ..NoteRow::default() };
            state.prepaid = 0;
        }
        self.cash_in();
        self.accrue_interest();
        self.draw();
        self.schedule_principal();
        self.evaluate_triggers();
        self.cap_interest();
        self.pay_in_kind();
        self.expenses_and_fees();
        for state in self.notes.values_mut() {
            state.row.interest_due = state.interest_due;
        }
        let phase = if self.redeem() {
            "redemption".to_owned()
        } else {
            self.fix_amounts();
            self.run_phase()
        };
        self.carry_shortfalls();

        let mut period = Period { phase, payees: self.payees.clone(), ..Period::default() };
        for (id, state) in &mut self.notes {
            state.row.balance_close = state.balance;
            state.row.interest_shortfall = state.interest_due;
            state.row.post_ard_interest_unpaid = state.post_ard_due;
            state.row.principal_shortfall = state.scheduled_due;
            period.notes.insert((*id).to_owned(), state.row.clone());
        }
        for (id, balance) in &self.accounts {
            period.accounts.insert((*id).to_owned(), *balance);
        }
        for (id, state) in &self.triggers {
            if state.active {
                period.active.insert((*id).to_owned());
            }
        }
        self.outcome.periods.push(period);
    }

    /// 1. Cash in.
    fn cash_in(&mut self) {
        let deal = self.deal;
        for account in &deal.accounts {
            if let Some(rate) = account.earnings_rate {
                let days = account.earnings_day_count.unwrap_or(DayCount::Act360);
                let earned = whole(self.accounts[account.id.as_str()])
                    * decimal(rate.fraction())
                    * self.nominal_fraction(days);
                self.receive(&account.id, rounded(&earned, deal.rounding));
            }
        }
        let collections = self.collections;
        for (column, source) in collections.layout().sources().iter().enumerate() {
            let account = deal.deposits.get(source).map_or("collection", String::as_str);
            let cash = i128::from(collections.row(self.date - self.first)[column].minor());
            self.receive(account, cash);
        }
    }

    /// 2. Interest accrues on the balance and on what was carried over.
    fn accrue_interest(&mut self) {
        let deal = self.deal;
        for note in &deal.notes {
            let coupon = decimal(self.current_rate(note).fraction());
            let fraction = self.accrual_fraction(note);
            let extra = match (note.post_ard_rate, note.anticipated_repayment_date) {
                (Some(rate), Some(ard)) if self.nominal().0 >= ard => Some(decimal(rate.fraction())),
                _ => None,
            };
            let pieces =
                note.denomination.map_or(1, |piece| self.minor(note.original_balance) / self.minor(piece));
            let rounding = note.rounding.unwrap_or(deal.rounding);
            let state = self.notes.get_mut(note.id.as_str()).expect("a note");
            let of = |amount: i128, rate: &Fraction| {
                pieces * rounded(&(whole(amount) * rate * &fraction / whole(pieces)), rounding)
            };
            let mut accrued = of(state.balance, &coupon);
            let earned = accrued;
            let mut accrued_extra = extra.as_ref().map_or(0, |extra| of(state.balance, extra));
            if note.interest_on_shortfall {
                accrued += of(state.interest_due, &coupon);
                accrued_extra += extra.map_or(0, |extra| of(state.post_ard_due, &(coupon + extra)));
            }
            state.earned = earned;
            state.interest_due += accrued;
            state.row.interest_accrued = accrued;
            state.post_ard_due += accrued_extra;
        }
    }

    /// 1 and 2. Draws: cash to the account, and to the balance once interest has accrued.
    fn draw(&mut self) {
        let deal = self.deal;
        let (after, up_to) = self.nominal();
        for note in deal.notes.iter().filter(|note| note.kind == NoteKind::VariableFunding) {
            let asked = note.draws.iter().filter(|draw| draw.date > after && draw.date <= up_to);
            let asked: i128 = asked.map(|draw| self.minor(draw.amount)).sum();
            let undrawn = self.minor(note.commitment.expect("a commitment")) - self.balance(&note.id);
            let drawn = asked.min(undrawn).max(0);
            let state = self.notes.get_mut(note.id.as_str()).expect("a note");
            state.balance += drawn;
            state.row.draws = drawn;
            self.receive(note.draw_account.as_deref().unwrap_or("collection"), drawn);
        }
    }

    /// 3. Scheduled principal falls due.
    fn schedule_principal(&mut self) {
        let nominal = self.nominal().1;
        for note in &self.deal.notes {
            let part = self.amortizations[note.id.as_str()][self.date];
            let state = self.notes.get_mut(note.id.as_str()).expect("a note");
            state.scheduled_part = part.min(state.balance);
            let due = if nominal >= note.legal_final { state.balance } else { state.scheduled_due + part };
            state.scheduled_due = due.min(state.balance);
        }
    }

    /// 4. Triggers, in file order.
    fn evaluate_triggers(&mut self) {
        let deal = self.deal;
        for trigger in &deal.triggers {
            let active = self.triggers[trigger.id.as_str()].active;
            let level = match &trigger.cure {
                Cure::Passing { level: Some(level), .. } if active => Some(*level),
                _ => None,
            };
            let breached = self.breached(trigger, level);
            let state = self.triggers.get_mut(trigger.id.as_str()).expect("a trigger");
            if breached {
                *state = TriggerState { active: true, passed_in_a_row: 0 };
            } else if state.active {
                state.passed_in_a_row += 1;
                match trigger.cure {
                    Cure::Passing { payment_dates, .. } if state.passed_in_a_row >= payment_dates => {
                        *state = TriggerState::default();
                    }
                    _ => {}
                }
            }
        }
    }

    /// 5. What a balance earned above its cap is owed apart.
    fn cap_interest(&mut self) {
        let deal = self.deal;
        for note in &deal.notes {
            let Some(cap) = &note.available_funds_cap else { continue };
            let (funds, earning) = (self.value(&cap.interest).max(0), self.value(&cap.balance).max(0));
            let coupon = decimal(self.current_rate(note).fraction());
            let fraction = self.accrual_fraction(note);
            let pieces =
                note.denomination.map_or(1, |piece| self.minor(note.original_balance) / self.minor(piece));
            let state = self.notes.get_mut(note.id.as_str()).expect("a note");
            let mut extra = 0;
            if note.interest_on_shortfall {
                let rounding = note.rounding.unwrap_or(deal.rounding);
                let exact = whole(state.post_ard_due) * coupon * fraction / whole(pieces);
                extra += pieces * rounded(&exact, rounding);
            }
            if earning > 0 {
                let most = whole(state.row.balance_open) * whole(funds) / whole(earning);
                let excess = (state.earned - rounded(&most, Rounding::HalfEven)).max(0);
                state.interest_due -= excess;
                state.row.interest_accrued -= excess;
                extra += excess;
            }
            state.post_ard_due += extra;
        }
    }

    /// 5. Pay in kind.
    fn pay_in_kind(&mut self) {
        let (deal, nominal) = (self.deal, self.nominal().1);
        for note in &deal.notes {
            if note.pay_in_kind.as_ref().is_some_and(|when| self.holds(when)) {
                let state = self.notes.get_mut(note.id.as_str()).expect("a note");
                let accrued = state.row.interest_accrued;
                state.row.capitalized = accrued;
                state.balance += accrued;
                state.interest_due -= accrued;
                if nominal >= note.legal_final {
                    state.scheduled_due = state.balance;
                }
            }
        }
    }

    /// 6. Expenses and fees fall due.
    fn expenses_and_fees(&mut self) {
        // A pool of loans has no such measure.
        if self.collections.layout().column(measure::EXPENSES).is_some() {
            self.expenses_due += self.measure(measure::EXPENSES, self.date).max(0);
        }
        let deal = self.deal;
        for fee in &deal.fees {
            let amount = self.fee_amount(fee).max(0);
            let cap = fee.cap.as_ref().map(|cap| self.value(cap).max(0));
            let new_cap_period = match fee.cap_period {
                CapPeriod::PaymentDate => true,
                CapPeriod::CalendarYear => {
                    self.date == self.first || self.year(self.date) != self.year(self.date - 1)
                }
            };
            let state = self.fees.get_mut(fee.id.as_str()).expect("a fee");
            state.due += amount;
            if new_cap_period {
                state.cap = cap;
                state.paid_within_cap = 0;
            }
        }
    }

    fn fee_amount(&self, fee: &Fee) -> i128 {
        if let Some(amount) = &fee.amount {
            return self.value_rounded(amount, fee.rounding.unwrap_or(self.deal.rounding));
        }
        let rate = decimal(fee.rate.expect("a rate").fraction());
        let of = whole(self.value(fee.of.as_ref().expect("what the rate is of")));
        let (start, end) = match fee.accrual {
            Some(Accrual::Adjusted) => self.schedule.adjusted_accrual(self.date),
            _ => self.nominal(),
        };
        let fraction = year_fraction(fee.day_count.unwrap_or(DayCount::Thirty360), start, end);
        rounded(&(of * rate * fraction), fee.rounding.unwrap_or(self.deal.rounding))
    }

    /// 7. Redemption. Whether the deal has ended.
    fn redeem(&mut self) -> bool {
        let deal = self.deal;
        let called = deal.clean_up_call.as_ref().is_some_and(|call| {
            let balance: i128 = self.notes.values().map(|state| state.balance).sum();
            let original: i128 = deal.notes.iter().map(|note| self.minor(note.original_balance)).sum();
            balance > 0 && whole(balance) < decimal(call.below.decimal()) * whole(original)
        });
        let premiums: Vec<i128> =
            deal.notes.iter().map(|note| self.premium(note, self.balance(&note.id))).collect();
        let claims = self.expenses_due
            + self.fees.values().map(|fee| fee.due).sum::<i128>()
            + self.notes.values().map(|n| n.interest_due + n.post_ard_due + n.balance).sum::<i128>()
            + premiums.iter().sum::<i128>();
        let missing = (claims - self.accounts.values().sum::<i128>()).max(0);
        let refinancing =
            self.collections.refinancing().filter(|granted| granted.period == self.date - self.first);
        let refinanced = refinancing.is_some_and(|granted| missing <= i128::from(granted.limit.minor()));
        if !called && !refinanced {
            return false;
        }

        self.receive("collection", missing);
        let from: Vec<&str> = deal.accounts.iter().map(|account| account.id.as_str()).collect();
        let expenses = std::mem::take(&mut self.expenses_due);
        self.withdraw(&from, expenses);
        self.pay_out("expenses", expenses);
        for fee in &deal.fees {
            let due = std::mem::take(&mut self.fees.get_mut(fee.id.as_str()).expect("a fee").due);
            self.withdraw(&from, due);
            self.pay_out(fee.payee.as_ref().unwrap_or(&fee.id), due);
        }
        for (note, premium) in deal.notes.iter().zip(premiums) {
            let state = self.notes.get_mut(note.id.as_str()).expect("a note");
            let paid = state.interest_due + state.post_ard_due + state.balance + premium;
            state.row.interest_paid = std::mem::take(&mut state.interest_due);
            state.row.post_ard_interest_paid = std::mem::take(&mut state.post_ard_due);
            state.row.principal_paid = std::mem::take(&mut state.balance);
            state.row.make_whole_paid = premium;
            self.withdraw(&from, paid);
            self.outcome.uses += paid;
        }
        let left = self.accounts.values().sum();
        self.withdraw(&from, left);
        self.pay_out("issuer", left);
        self.ended = true;
        true
    }

    /// 8. Targets and amounts, in file order.
    fn fix_amounts(&mut self) {
        let deal = self.deal;
        self.targets.clear();
        self.amounts.clear();
        for account in &deal.accounts {
            if let Some(target) = &account.target {
                let target = self.value(target).max(0);
                self.targets.insert(&account.id, target);
            }
        }
        for amount in &deal.amounts {
            let value = self.value(&amount.formula);
            self.amounts.insert(&amount.id, value);
        }
    }

    /// 9. The steps of the first phase whose conditions hold.
    fn run_phase(&mut self) -> String {
        let deal = self.deal;
        let phase = deal.phases.iter().find(|phase| self.holds(&phase.when)).expect("a phase that holds");
        self.paid_by_step.clear();
        for step in &phase.steps {
            if self.holds(&step.when) {
                let paid = self.step(step);
                self.paid_by_step.insert(&step.id, paid);
            }
        }
        phase.id.clone()
    }

    /// 10. What is still due is carried over.
    fn carry_shortfalls(&mut self) {
        for state in self.notes.values_mut() {
            state.scheduled_due = state.scheduled_due.min(state.balance);
        }
    }
}
