//! A second waterfall, slow and plain, written from `docs/deal.md` alone: the fast one must agree with it
//! to the cent. Amounts are whole minor units in 128 bits, found by name; everything between two roundings
//! is an exact fraction of any length.

use crate::outcome::{NoteRow, Outcome, Period};
use leasefall::collection::{Collections, measure};
use leasefall::deal::{
    Accrual, Allocation, Amortization, CapPeriod, Cure, Deal, Expression, Fee, Formula, Note, NoteKind, Pay,
    Step, Test, Trigger, When,
};
use leasefall::time::{Date, DayCount, PaymentSchedule};
use leasefall::{Rate, Rounding};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

type Fraction = BigRational;

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

/// The whole life of a deal. The deal must be valid; the collections must have a row per payment date.
pub fn run(deal: &Deal, schedule: &PaymentSchedule, collections: &Collections) -> Outcome {
    let mut world = World::at_closing(deal, schedule, collections);
    for date in 0..schedule.len() {
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
            let balance = world.minor(note.original_balance);
            world.notes.insert(&note.id, NoteState { balance, ..NoteState::default() });
            let parts = world.amortization(note);
            world.amortizations.insert(&note.id, parts);
        }
        for account in &deal.accounts {
            let balance = world.minor(account.opening_balance);
            world.accounts.insert(&account.id, balance);
            world.outcome.sources += balance;
        }
        for fee in &deal.fees {
            world.fees.insert(&fee.id, FeeState::default());
        }
        for trigger in &deal.triggers {
            world.triggers.insert(&trigger.id, TriggerState::default());
        }
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
                self.receive(&account.id, rounded(&earned, Rounding::HalfEven));
            }
        }
        let collections = self.collections;
        for (column, source) in collections.layout().sources().iter().enumerate() {
            let account = deal.deposits.get(source).map_or("collection", String::as_str);
            let cash = i128::from(collections.row(self.date)[column].minor());
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
                (Some(rate), Some(ard)) if self.nominal().0 >= ard => decimal(rate.fraction()),
                _ => Fraction::zero(),
            };
            let state = self.notes.get_mut(note.id.as_str()).expect("a note");
            let of =
                |amount: i128, rate: &Fraction| rounded(&(whole(amount) * rate * &fraction), note.rounding);
            let mut accrued = of(state.balance, &coupon);
            let mut accrued_extra = of(state.balance, &extra);
            if note.interest_on_shortfall {
                accrued += of(state.interest_due, &coupon);
                accrued_extra += of(state.post_ard_due, &(coupon + extra));
            }
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
        self.expenses_due += self.measure(measure::EXPENSES, self.date).max(0);
        let deal = self.deal;
        for fee in &deal.fees {
            let amount = self.fee_amount(fee).max(0);
            let cap = fee.cap.as_ref().map(|cap| self.value(cap).max(0));
            let new_cap_period = match fee.cap_period {
                CapPeriod::PaymentDate => true,
                CapPeriod::CalendarYear => self.date == 0 || self.year(self.date) != self.year(self.date - 1),
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
            return self.value(amount);
        }
        let rate = decimal(fee.rate.expect("a rate").fraction());
        let of = whole(self.value(fee.of.as_ref().expect("what the rate is of")));
        let fraction = self.nominal_fraction(fee.day_count.unwrap_or(DayCount::Thirty360));
        rounded(&(of * rate * fraction), Rounding::HalfEven)
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
        let refinancing = self.collections.refinancing().filter(|granted| granted.period == self.date);
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

    // ---- steps ----

    /// What the step paid.
    fn step(&mut self, step: &'a Step) -> i128 {
        let from: Vec<&str> = match step.from.is_empty() {
            true => vec!["collection"],
            false => step.from.iter().map(String::as_str).collect(),
        };
        let limit = step.amount.as_ref().map(|amount| self.value(amount).max(0));
        let cash: i128 = from.iter().map(|id| self.accounts[id]).sum();
        let most = limit.map_or(cash, |limit| cash.min(limit));

        match step.pay {
            Pay::Expenses => {
                let paid = most.min(self.expenses_due);
                self.expenses_due -= paid;
                self.withdraw(&from, paid);
                self.pay_out("expenses", paid);
                paid
            }
            Pay::Fees | Pay::FeesAboveCap => {
                let within = step.pay == Pay::Fees;
                let dues: Vec<i128> =
                    step.fees.iter().map(|id| self.fees[id.as_str()].due_part(within)).collect();
                let parts = shares(most, &dues, step.allocation);
                for (id, &paid) in step.fees.iter().zip(&parts) {
                    let state = self.fees.get_mut(id.as_str()).expect("a fee");
                    state.due -= paid;
                    if within {
                        state.paid_within_cap += paid;
                    }
                    let fee = self.deal.fees.iter().find(|fee| fee.id == *id).expect("a fee");
                    self.withdraw(&from, paid);
                    self.pay_out(fee.payee.as_ref().unwrap_or(&fee.id), paid);
                }
                parts.iter().sum()
            }
            Pay::Interest
            | Pay::PostArdInterest
            | Pay::ScheduledPrincipal
            | Pay::Principal
            | Pay::MakeWhole => {
                let dues: Vec<i128> = step.notes.iter().map(|id| self.claim(step.pay, id)).collect();
                let parts = shares(most, &dues, step.allocation);
                for (id, &paid) in step.notes.iter().zip(&parts) {
                    self.notes.get_mut(id.as_str()).expect("a note").pay(step.pay, paid);
                }
                let paid = parts.iter().sum();
                self.withdraw(&from, paid);
                self.outcome.uses += paid;
                paid
            }
            Pay::Deposit => {
                let account = step.account.as_deref().expect("an account");
                let paid = match self.targets.get(account) {
                    Some(target) if limit.is_none() => most.min((target - self.accounts[account]).max(0)),
                    _ => most,
                };
                self.withdraw(&from, paid);
                *self.accounts.get_mut(account).expect("an account") += paid;
                paid
            }
            Pay::Payee => {
                self.withdraw(&from, most);
                self.pay_out(step.payee.as_deref().expect("a payee"), most);
                most
            }
            Pay::WriteDown | Pay::WriteUp => {
                let dues: Vec<i128> = step.notes.iter().map(|id| self.claim(step.pay, id)).collect();
                let parts = shares(limit.expect("an amount"), &dues, step.allocation);
                for (id, &part) in step.notes.iter().zip(&parts) {
                    self.notes.get_mut(id.as_str()).expect("a note").pay(step.pay, part);
                }
                parts.iter().sum()
            }
        }
    }

    /// What a step of this kind could pay on a note at most.
    fn claim(&self, pay: Pay, id: &str) -> i128 {
        let state = &self.notes[id];
        match pay {
            Pay::Interest => state.interest_due,
            Pay::PostArdInterest => state.post_ard_due,
            Pay::ScheduledPrincipal => state.scheduled_due.min(state.balance),
            Pay::Principal | Pay::WriteDown => state.balance,
            Pay::WriteUp => state.written_down,
            Pay::MakeWhole => self.premium(self.note(id), state.prepaid) - state.row.make_whole_paid,
            _ => 0,
        }
    }

    fn receive(&mut self, account: &str, cash: i128) {
        assert!(cash >= 0, "cash in is never negative");
        *self.accounts.get_mut(account).expect("an account") += cash;
        self.outcome.sources += cash;
    }

    fn withdraw(&mut self, from: &[&str], mut amount: i128) {
        for id in from {
            let balance = self.accounts.get_mut(*id).expect("an account");
            let taken = amount.min(*balance);
            *balance -= taken;
            amount -= taken;
        }
        assert_eq!(amount, 0, "no more is paid than is there");
    }

    fn pay_out(&mut self, payee: &str, amount: i128) {
        if amount != 0 {
            *self.payees.entry(payee.to_owned()).or_default() += amount;
        }
        self.outcome.uses += amount;
    }

    // ---- triggers ----

    fn holds(&self, when: &When) -> bool {
        when.conditions().all(|(id, active)| self.triggers[id].active == active)
    }

    fn breached(&self, trigger: &Trigger, level: Option<Decimal>) -> bool {
        let nominal = self.nominal().1;
        let per_year = i128::from(self.deal.payments.frequency.per_year());
        let level = |own: &Decimal| decimal(level.unwrap_or(*own));
        let outstanding = |note: &Note| self.balance(&note.id) > 0;
        match &trigger.test {
            Test::Dscr { notes, below, average_months, constant } => {
                let wanted = *average_months as usize / self.deal.payments.frequency.months() as usize;
                let count = wanted.clamp(1, self.date + 1);
                let noi: i128 =
                    (self.date + 1 - count..=self.date).map(|d| self.measure(measure::NOI, d)).sum();
                let income = whole(noi) / whole(count as i128) * whole(per_year);
                let chosen = self.chosen(notes);
                let service: i128 = match constant {
                    Some(constant) => {
                        let balance: i128 = chosen.iter().map(|note| self.balance(&note.id)).sum();
                        rounded(&(whole(balance) * decimal(*constant)), Rounding::HalfEven)
                    }
                    None => chosen.iter().map(|note| self.debt_service(note, per_year)).sum(),
                };
                income < level(below) * whole(service)
            }
            Test::Ltv { notes, above } => {
                whole(self.balances(notes))
                    > level(above) * whole(self.measure(measure::ASSET_VALUE, self.date))
            }
            Test::Oc { notes, below, collateral } => {
                whole(self.value(collateral)) < level(below) * whole(self.balances(notes))
            }
            Test::Ic { notes, below, income } => {
                let income = match income {
                    Some(formula) => self.value(formula),
                    None => self.measure(measure::NOI, self.date),
                };
                let accrued: i128 = self
                    .chosen(notes)
                    .iter()
                    .map(|note| self.notes[note.id.as_str()].row.interest_accrued)
                    .sum();
                whole(income) < level(below) * whole(accrued)
            }
            Test::Ratio { numerator, denominator, below, above } => {
                let (over, under) = (whole(self.value(numerator)), whole(self.value(denominator)));
                match (below, above) {
                    (Some(below), _) => over < level(below) * under,
                    (_, Some(above)) => over > level(above) * under,
                    _ => false,
                }
            }
            Test::Concentration { largest, above } => {
                let name = if *largest == 1 { measure::TOP_TENANT_RENT } else { measure::TOP_FIVE_RENT };
                let roll = self.measure(measure::RENT_ROLL, self.date);
                whole(self.measure(name, self.date)) > level(above) * whole(roll)
            }
            Test::OnOrAfter { date } => nominal >= *date,
            Test::AfterArd { notes } => self.chosen(notes).into_iter().any(|note| {
                note.anticipated_repayment_date.is_some_and(|ard| nominal > ard) && outstanding(note)
            }),
            Test::PaidInFull { notes } => !self.chosen(notes).into_iter().any(outstanding),
            Test::InterestShortfall { notes } => self.chosen(notes).into_iter().any(|note| {
                let state = &self.notes[note.id.as_str()];
                state.interest_due - state.row.interest_accrued > 0
            }),
            Test::UnpaidAtLegalFinal { notes } => {
                self.chosen(notes).into_iter().any(|note| nominal > note.legal_final && outstanding(note))
            }
            Test::Event { event } => {
                self.collections.event_period(event).is_some_and(|happened| happened <= self.date)
            }
            Test::All { of } => self.holds(of),
            Test::Any { of } => of.conditions().any(|(id, active)| self.triggers[id].active == active),
        }
    }

    /// A year's debt service of a note: balance x current rate, and this date's part of its schedule.
    fn debt_service(&self, note: &Note, per_year: i128) -> i128 {
        let interest = whole(self.balance(&note.id)) * decimal(self.current_rate(note).fraction());
        rounded(&interest, Rounding::HalfEven) + self.notes[note.id.as_str()].scheduled_part * per_year
    }

    // ---- formulas ----

    fn value(&self, formula: &Formula) -> i128 {
        let expression = formula.parse().expect("a valid formula");
        rounded(&self.exact(&expression), Rounding::HalfEven)
    }

    fn exact(&self, expression: &Expression) -> Fraction {
        let all = |terms: &[Expression]| terms.iter().map(|term| self.exact(term)).collect::<Vec<_>>();
        match expression {
            Expression::Number(number) => {
                decimal(*number) * whole(i128::from(self.deal.currency.minor_per_major()))
            }
            Expression::Quantity { name, of, .. } => whole(self.quantity(name, of)),
            Expression::Sum(terms) => all(terms).into_iter().fold(Fraction::zero(), |sum, term| sum + term),
            Expression::Times(factor, inner) => decimal(*factor) * self.exact(inner),
            Expression::Over(inner, divisor) => self.exact(inner) / decimal(*divisor),
            Expression::Min(terms) => all(terms).into_iter().min().expect("a term"),
            Expression::Max(terms) => all(terms).into_iter().max().expect("a term"),
            Expression::If(trigger, then, otherwise) => {
                self.exact(if self.triggers[trigger.as_str()].active { then } else { otherwise })
            }
            _ => unreachable!("an expression that the page does not tell"),
        }
    }

    fn quantity(&self, name: &str, of: &[String]) -> i128 {
        let notes = |get: &dyn Fn(&NoteState) -> i128| -> i128 {
            self.chosen(of).iter().map(|note| get(&self.notes[note.id.as_str()])).sum()
        };
        let sum = |map: &BTreeMap<&str, i128>| -> i128 {
            of.iter().map(|id| map.get(id.as_str()).copied().unwrap_or(0)).sum()
        };
        match name {
            "collections" => {
                let (layout, row) = (self.collections.layout(), self.collections.row(self.date));
                let counts = |source: &String| of.is_empty() || of.contains(source);
                let columns = layout.sources().iter().zip(row).filter(|(source, _)| counts(source));
                columns.map(|(_, cash)| i128::from(cash.minor())).sum()
            }
            "open" if self.date > 0 => self.measure(&of[0], self.date - 1),
            "open" => self.deal.opening_measures.get(&of[0]).map_or(0, |amount| self.minor(*amount)),
            "total" => (0..=self.date).map(|date| self.measure(&of[0], date)).sum(),
            "balance" => notes(&|state| state.balance),
            "balance_open" => notes(&|state| state.row.balance_open),
            "original_balance" => self.chosen(of).iter().map(|note| self.minor(note.original_balance)).sum(),
            "undrawn" => {
                let with_commitment =
                    self.chosen(of).into_iter().filter_map(|note| Some((note, note.commitment?)));
                with_commitment
                    .map(|(note, commitment)| (self.minor(commitment) - self.balance(&note.id)).max(0))
                    .sum()
            }
            "interest_accrued" => notes(&|state| state.row.interest_accrued),
            "interest_due" => notes(&|state| state.interest_due),
            "scheduled_principal" => notes(&|state| state.scheduled_due.min(state.balance)),
            "post_ard_interest" => notes(&|state| state.post_ard_due),
            "written_down" => notes(&|state| state.written_down),
            "principal_paid" => notes(&|state| state.row.principal_paid),
            "schedule" => self.scheduled(&of[0], self.date),
            "account" => sum(&self.accounts),
            "target" => sum(&self.targets),
            "excess" => (self.accounts[of[0].as_str()] - self.targets[of[0].as_str()]).max(0),
            "fee" => of.iter().map(|id| self.fees[id.as_str()].due).sum(),
            "amount" => sum(&self.amounts),
            "paid" => sum(&self.paid_by_step),
            measure => self.measure(measure, self.date),
        }
    }

    fn measure(&self, name: &str, date: usize) -> i128 {
        let column = self.collections.layout().column(name).expect("a measure");
        i128::from(self.collections.row(date)[column].minor())
    }

    // ---- notes, rates and dates ----

    fn note(&self, id: &str) -> &'a Note {
        self.deal.notes.iter().find(|note| note.id == id).expect("a note")
    }

    /// These notes, or all if none is named.
    fn chosen(&self, ids: &[String]) -> Vec<&'a Note> {
        match ids.is_empty() {
            true => self.deal.notes.iter().collect(),
            false => ids.iter().map(|id| self.note(id)).collect(),
        }
    }

    fn balance(&self, id: &str) -> i128 {
        self.notes[id].balance
    }

    fn balances(&self, ids: &[String]) -> i128 {
        self.chosen(ids).iter().map(|note| self.balance(&note.id)).sum()
    }

    /// The day after which the period runs, and its payment date, both nominal.
    fn nominal(&self) -> (Date, Date) {
        let period = self.schedule.periods()[self.date];
        (period.accrual_start, period.accrual_end)
    }

    fn year(&self, date: usize) -> String {
        self.schedule.periods()[date].accrual_end.format("%Y").to_string()
    }

    fn nominal_fraction(&self, day_count: DayCount) -> Fraction {
        let (start, end) = self.nominal();
        year_fraction(day_count, start, end)
    }

    fn accrual_dates(&self, note: &Note) -> (Date, Date) {
        let nominal = matches!(note.day_count, DayCount::Thirty360 | DayCount::ThirtyE360);
        match note.accrual.unwrap_or(if nominal { Accrual::Nominal } else { Accrual::Adjusted }) {
            Accrual::Nominal => self.nominal(),
            Accrual::Adjusted => self.schedule.adjusted_accrual(self.date),
        }
    }

    fn accrual_fraction(&self, note: &Note) -> Fraction {
        let (start, end) = self.accrual_dates(note);
        year_fraction(note.day_count, start, end)
    }

    fn current_rate(&self, note: &Note) -> Rate {
        if let Some(coupon) = note.coupon {
            return coupon;
        }
        let floating = note.floating.as_ref().expect("a coupon or a floating rate");
        let terms = self.deal.curves.iter().find(|curve| curve.id == floating.curve).expect("a curve");
        let curve = terms.build(self.deal.closing_date).expect("a valid curve");
        let (start, end) = self.accrual_dates(note);
        let index = curve.index_rate(start, end, note.day_count).expect("a forward rate");
        let rate = (index.fraction() + floating.margin.fraction()).max(floating.floor.fraction());
        Rate::new(floating.cap.map_or(rate, |cap| rate.min(cap.fraction())))
    }

    /// Each date's part of the note's amortization.
    fn amortization(&self, note: &Note) -> Vec<i128> {
        let ends: Vec<Date> = self.schedule.periods().iter().map(|period| period.accrual_end).collect();
        let original = self.minor(note.original_balance);
        let per_year = whole(i128::from(self.deal.payments.frequency.per_year()));
        match &note.amortization {
            None => vec![0; ends.len()],
            Some(Amortization::Schedule { schedule }) => {
                (0..ends.len()).map(|date| self.scheduled(schedule, date)).collect()
            }
            Some(Amortization::Percent { per_year: share, from }) => {
                let part = whole(original) * decimal(share.decimal()) / per_year;
                let part = rounded(&part, Rounding::HalfEven);
                let falls_due = |end: &Date| from.is_none_or(|from| *end >= from);
                ends.iter().map(|end| if falls_due(end) { part } else { 0 }).collect()
            }
            Some(Amortization::Level { from, to }) => {
                let counts = |end: &Date| end >= from && *end <= to.unwrap_or(note.legal_final);
                let count = ends.iter().filter(|end| counts(end)).count();
                let coupon = decimal(note.coupon.expect("a fixed coupon").fraction());
                let balances = annuity_balances(original, &(coupon / per_year), count);
                let mut paid = 0;
                let mut next = |end: &Date| {
                    if !counts(end) {
                        return 0;
                    }
                    paid += 1;
                    balances[paid - 1] - balances[paid]
                };
                ends.iter().map(&mut next).collect()
            }
        }
    }

    /// A schedule's amount on a payment date.
    fn scheduled(&self, id: &str, date: usize) -> i128 {
        let schedule = self.deal.schedules.iter().find(|schedule| schedule.id == id).expect("a schedule");
        let period = self.schedule.periods()[date];
        let (after, up_to) = (period.accrual_start, period.accrual_end);
        if schedule.holds {
            let reached = schedule.entries.iter().filter(|entry| entry.date <= up_to);
            return reached.max_by_key(|entry| entry.date).map_or(0, |entry| self.minor(entry.amount));
        }
        let now = schedule.entries.iter().filter(|entry| entry.date > after && entry.date <= up_to);
        now.map(|entry| self.minor(entry.amount)).sum()
    }

    /// The make-whole premium on principal paid on this date.
    fn premium(&self, note: &Note, principal: i128) -> i128 {
        let Some(terms) = &note.make_whole else { return 0 };
        if principal == 0 || self.nominal().1 >= terms.until {
            return 0;
        }
        let per_year = whole(i128::from(self.deal.payments.frequency.per_year()));
        let coupon = decimal(self.current_rate(note).fraction()) / &per_year;
        let one = Fraction::one();
        let v = &one / (&one + decimal(terms.reinvestment_rate.fraction()) / &per_year);
        let mut discount = one.clone();
        let mut forgone = Fraction::zero();
        for later in &self.schedule.periods()[self.date + 1..] {
            discount *= &v;
            forgone += &coupon * &discount;
            if later.accrual_end >= terms.until {
                break;
            }
        }
        let factor = (forgone + discount - one).max(Fraction::zero());
        let ten_decimals = whole(10_i128.pow(10));
        let factor = whole(rounded(&(factor * &ten_decimals), Rounding::HalfEven)) / ten_decimals;
        rounded(&(whole(principal) * factor), Rounding::HalfEven)
    }

    /// An amount in a file, in minor units.
    fn minor(&self, amount: Decimal) -> i128 {
        let minor = decimal(amount) * whole(i128::from(self.deal.currency.minor_per_major()));
        assert!(minor.is_integer(), "{amount} has a fraction of the minor unit");
        rounded(&minor, Rounding::Down)
    }
}

impl NoteState {
    fn pay(&mut self, pay: Pay, amount: i128) {
        match pay {
            Pay::Interest => {
                self.interest_due -= amount;
                self.row.interest_paid += amount;
            }
            Pay::PostArdInterest => {
                self.post_ard_due -= amount;
                self.row.post_ard_interest_paid += amount;
            }
            Pay::ScheduledPrincipal | Pay::Principal => {
                self.balance -= amount;
                self.scheduled_due = (self.scheduled_due - amount).max(0);
                self.row.principal_paid += amount;
                if pay == Pay::Principal {
                    self.prepaid += amount;
                }
            }
            Pay::MakeWhole => self.row.make_whole_paid += amount,
            Pay::WriteDown => {
                self.balance -= amount;
                self.written_down += amount;
                self.row.written_down += amount;
            }
            Pay::WriteUp => {
                self.balance += amount;
                self.written_down -= amount;
                self.row.written_up += amount;
            }
            _ => {}
        }
    }
}

impl FeeState {
    /// What is due within what is left of the cap, or beyond it.
    fn due_part(&self, within: bool) -> i128 {
        let within_cap = match self.cap {
            Some(cap) => self.due.min((cap - self.paid_within_cap).max(0)),
            None => self.due,
        };
        if within { within_cap } else { self.due - within_cap }
    }
}

// ---- arithmetic ----

/// What each receives when at most `most` is paid.
fn shares(most: i128, dues: &[i128], allocation: Allocation) -> Vec<i128> {
    let total: i128 = dues.iter().sum();
    let paid = most.min(total);
    match allocation {
        Allocation::Sequential => {
            let mut left = paid;
            let mut next = |due: &i128| {
                let part = left.min(*due);
                left -= part;
                part
            };
            dues.iter().map(&mut next).collect()
        }
        Allocation::ProRata => largest_remainder(paid, dues),
    }
}

/// Floor shares, then a unit each to the largest remainders, the earlier first on ties.
fn largest_remainder(paid: i128, weights: &[i128]) -> Vec<i128> {
    let total: i128 = weights.iter().sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<Fraction> = weights.iter().map(|w| whole(paid) * whole(*w) / whole(total)).collect();
    let mut parts: Vec<i128> = exact.iter().map(|share| rounded(share, Rounding::Down)).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| (exact[i].fract(), std::cmp::Reverse(i)));
    let left = paid - parts.iter().sum::<i128>();
    for &i in order.iter().rev().take(left as usize) {
        parts[i] += 1;
    }
    parts
}

/// Balances of an annuity after 0, 1, ..., `count` payments, each rounded half-even.
fn annuity_balances(original: i128, rate: &Fraction, count: usize) -> Vec<i128> {
    let growth = Fraction::one() + rate;
    let mut powers = vec![Fraction::one()];
    for k in 0..count {
        powers.push(&powers[k] * &growth);
    }
    let exact = |k: usize| match rate.is_zero() {
        true => whole(original) * whole((count - k) as i128) / whole(count as i128),
        // B_k = B_0 (g^N - g^k) / (g^N - 1)
        false => whole(original) * (&powers[count] - &powers[k]) / (&powers[count] - &powers[0]),
    };
    (0..=count).map(|k| if count == 0 { 0 } else { rounded(&exact(k), Rounding::HalfEven) }).collect()
}

fn year_fraction(day_count: DayCount, start: Date, end: Date) -> Fraction {
    let fraction = day_count.year_fraction(start, end);
    whole(i128::from(fraction.numerator())) / whole(i128::from(fraction.denominator()))
}

fn whole(number: i128) -> Fraction {
    Fraction::from_integer(BigInt::from(number))
}

fn decimal(number: Decimal) -> Fraction {
    Fraction::new(BigInt::from(number.mantissa()), BigInt::from(10).pow(number.scale()))
}

fn rounded(exact: &Fraction, rounding: Rounding) -> i128 {
    let half = Fraction::new(BigInt::from(1), BigInt::from(2));
    let toward_zero = exact.trunc();
    let rest = exact.fract().abs();
    let odd = !(&toward_zero * &half).is_integer();
    let away = match rounding {
        Rounding::Down => false,
        Rounding::HalfUp => rest >= half,
        Rounding::HalfEven => rest > half || (rest == half && odd),
    };
    let unit = if away { exact.signum() } else { Fraction::zero() };
    (toward_zero + unit).to_integer().to_i128().expect("an amount below 128 bits")
}

#[test]
fn rounding_and_sharing_are_those_of_the_page() {
    let tenths = |n: i128| whole(n) / whole(10);
    let round = |n: i128, rounding| rounded(&tenths(n), rounding);
    assert_eq!([5, 15, 25, -5, -15, 26].map(|n| round(n, Rounding::HalfEven)), [0, 2, 2, 0, -2, 3]);
    assert_eq!([4, 5, 15, -5, -15].map(|n| round(n, Rounding::HalfUp)), [0, 1, 2, -1, -2]);
    assert_eq!([9, 19, -19].map(|n| round(n, Rounding::Down)), [0, 1, -1]);
    assert_eq!(largest_remainder(10, &[1, 2, 4]), [1, 3, 6]);
    assert_eq!(largest_remainder(100, &[1, 1, 1]), [34, 33, 33]);
    // 1,000.00 at 1% a month in three payments of 340.02: 669.98, 336.66, 0.
    assert_eq!(annuity_balances(3_825, &tenths(0), 6), [3_825, 3_188, 2_550, 1_912, 1_275, 638, 0]);
    assert_eq!(annuity_balances(100_000, &(whole(1) / whole(100)), 3), [100_000, 66_998, 33_666, 0]);
}
