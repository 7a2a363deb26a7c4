//! The laws that every run obeys, tried on random deals. Sizes and counts as in `random`.

use crate::fast;
use crate::outcome::Outcome;
use crate::random::{Case, cases, config};
use leasefall::collection::{Layout, measure};
use leasefall::deal::{Allocation, CapPeriod, Deal, Formula, Pay, Phase, Step, When};
use leasefall::waterfall::{Explanation, Program, Run};
use leasefall::{Error, Money};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(config())]

    /// On each date, all that came in so far is what went out and what the accounts hold.
    #[test]
    fn cash_is_conserved_on_every_date(case in cases()) {
        let (program, run) = run(&case)?;
        let layout = case.collections.layout();
        let mut collected = vec![0; layout.sources().len()];
        for date in 0..run.periods() {
            let accounts = 0..case.deal.accounts.len();
            let held: i64 = accounts.map(|a| run.account_close(&program, date, a).minor()).sum();
            let sources: Vec<(&str, Money)> = run.sources(&program, date).collect();
            let payees: Vec<(&str, Money)> = run.payees(&program, date).collect();
            let total = |all: &[(&str, Money)]| all.iter().map(|(_, amount)| amount.minor()).sum::<i64>();
            prop_assert_eq!(total(&sources), total(&payees) + held, "date {}", date);
            for (column, name) in layout.sources().iter().enumerate() {
                collected[column] += case.collections.row(date)[column].minor();
                let named: i64 = sources.iter().filter(|(n, _)| n == name).map(|(_, a)| a.minor()).sum();
                prop_assert_eq!(named, collected[column], "{} on date {}", name, date);
            }
            for (index, note) in case.deal.notes.iter().enumerate() {
                let cash: i64 = run.note(index).take(date + 1).map(|row| row.cash().minor()).sum();
                prop_assert_eq!(payees[index].1.minor(), cash, "{} on date {}", &note.id, date);
            }
        }
        let conservation = run.conservation(&program);
        prop_assert_eq!(conservation.sources, conservation.uses);
        prop_assert_eq!(conservation.difference, Money::ZERO);
    }

    /// Nothing is negative, no claim is overpaid, and each balance is what its movements make it.
    #[test]
    fn balances_are_what_their_movements_make_them(case in cases()) {
        let outcome = outcome(&case)?;
        for note in &case.deal.notes {
            let mut open = minor(&case.deal, note.original_balance);
            let (mut carried, mut down) = (0, 0);
            let opening = case.deal.opening.iter().flat_map(|opening| &opening.notes);
            if let Some(opening) = opening.into_iter().find(|opening| opening.id == note.id) {
                open = minor(&case.deal, opening.balance);
                carried = minor(&case.deal, opening.interest_shortfall);
                down = minor(&case.deal, opening.written_down);
            }
            for period in &outcome.periods {
                let row = &period.notes[&note.id];
                prop_assert_eq!(row.balance_open, open);
                let added = row.draws + row.capitalized + row.written_up;
                prop_assert_eq!(open + added - row.principal_paid - row.written_down, row.balance_close);
                prop_assert_eq!(row.interest_due, carried + row.interest_accrued - row.capitalized);
                prop_assert_eq!(row.interest_due - row.interest_paid, row.interest_shortfall);
                prop_assert!(row.principal_shortfall <= row.balance_close);
                down += row.written_down - row.written_up;
                prop_assert!(down >= 0, "no more is written up than was written down");
                let all = [
                    row.balance_open, row.draws, row.interest_accrued, row.capitalized, row.interest_due,
                    row.interest_paid, row.interest_shortfall, row.post_ard_interest_paid,
                    row.post_ard_interest_unpaid, row.principal_paid, row.principal_shortfall,
                    row.make_whole_paid, row.written_down, row.written_up, row.balance_close,
                ];
                prop_assert!(all.iter().all(|amount| *amount >= 0), "{:?}", row);
                (open, carried) = (row.balance_close, row.interest_shortfall);
            }
        }
        for period in &outcome.periods {
            prop_assert!(period.accounts.values().chain(period.payees.values()).all(|held| *held >= 0));
        }
    }

    /// In a sequential step nobody is paid while somebody before is short; in a pro rata step each is
    /// paid in proportion within a cent. Cash comes from the step's own accounts, as much as was paid.
    #[test]
    fn steps_pay_in_their_order(case in cases()) {
        let (program, _) = run(&case)?;
        let (_, lines) = program.explain(&case.collections).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut groups: BTreeMap<(usize, &str, &str), Vec<&Explanation>> = BTreeMap::new();
        for line in &lines {
            groups.entry((line.period, &line.phase, &line.step)).or_default().push(line);
        }
        for ((period, phase, step), lines) in groups {
            let phase = case.deal.phases.iter().find(|p| p.id == phase);
            let Some(step) = phase.and_then(|p| p.steps.iter().find(|s| s.id == step)) else { continue };
            let place = format!("date {period}, step {}: {lines:?}", step.id);
            for line in &lines {
                let default = ["collection".to_owned()];
                let from: &[String] = if step.from.is_empty() { &default } else { &step.from };
                let moved: i64 = line.from.iter().map(|(_, amount)| amount.minor()).sum();
                let cashless = matches!(step.pay, Pay::WriteDown | Pay::WriteUp);
                prop_assert_eq!(moved, if cashless { 0 } else { line.paid.minor() }, "{}", place);
                prop_assert!(line.from.iter().all(|(id, _)| from.contains(id)), "{}", place);
                if let Some(claim) = line.claim {
                    let owed = !matches!(step.pay, Pay::Principal | Pay::WriteDown | Pay::WriteUp);
                    let short = if owed { claim - line.paid } else { Money::ZERO };
                    prop_assert!(line.paid >= Money::ZERO && line.paid <= claim, "{}", place);
                    prop_assert_eq!(short, line.short, "{}", place);
                }
            }
            let dues: Option<Vec<i128>> =
                lines.iter().map(|line| line.claim.map(|claim| i128::from(claim.minor()))).collect();
            let Some(dues) = dues else { continue };
            let paid = |index: usize| i128::from(lines[index].paid.minor());
            let (due, paid_in_all) = (dues.iter().sum::<i128>(), (0..lines.len()).map(paid).sum::<i128>());
            for (index, line) in lines.iter().enumerate() {
                match step.allocation {
                    Allocation::Sequential => {
                        let short_before = (0..index).any(|before| paid(before) < dues[before]);
                        prop_assert!(line.paid == Money::ZERO || !short_before, "{}", place);
                    }
                    Allocation::ProRataOpening => {}
                    Allocation::ProRata => {
                        let off = paid(index) * due - paid_in_all * dues[index];
                        prop_assert!(due == 0 || off.abs() < due, "{}", place);
                    }
                }
            }
        }
    }

    /// More cash never leaves a note with a higher balance, more unpaid interest or more extra interest
    /// owed, on any date, and never leaves an account lower. This holds for steps of kind `expenses`,
    /// `fees`, `interest`, `post_ard_interest`, `deposit`, `scheduled_principal`, `principal` and `payee`
    /// in sequence, without conditions and with amounts, targets and caps that do not depend on the state.
    ///
    /// It does not hold for premiums (prepaying costs more), write-downs, what a trigger turns, later draws
    /// (what was due by schedule, is repaid and drawn again, is no longer due by schedule), and caps of a
    /// calendar year (fees paid late in one year use up less of the next year's cap).
    #[test]
    fn more_cash_makes_no_note_worse_off(
        case in cases(), turbo in any::<bool>(), at in any::<usize>(), more in 1_i64..100_000_000_000,
    ) {
        let poor = plain(&case, turbo, 1);
        let mut rich = poor.clone();
        let cell = &mut rich.collections.row_mut(at % poor.collections.periods())[at % 7];
        *cell += Money::from_minor(more);
        let (poor, rich) = (outcome(&poor)?, outcome(&rich)?);
        for (date, (poor, rich)) in poor.periods.iter().zip(&rich.periods).enumerate() {
            for (id, with) in &rich.notes {
                let without = &poor.notes[id];
                let owed = |row: &crate::outcome::NoteRow| {
                    (row.balance_close, row.interest_shortfall, row.post_ard_interest_unpaid)
                };
                let (a, b) = (owed(with), owed(without));
                prop_assert!(a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2, "date {}, {}: {:?} {:?}", date, id, a, b);
            }
            for (id, held) in &rich.accounts {
                prop_assert!(*held >= poor.accounts[id], "date {}, {}", date, id);
            }
        }
    }

    /// A deal and its cash k times the size comes to k times the result. Each rounding may be off by
    /// (k + 1) units between the two; sequential payments pass an error of the state on without enlarging
    /// it (what is left and what is unpaid are the two sides of one difference), and interest enlarges
    /// it by the greatest rate. So the sum of all errors grows as e' = e (1 + rate) + roundings x (k + 1).
    #[test]
    fn size_does_not_matter(case in cases(), turbo in any::<bool>(), k in 2_i64..50) {
        let case = moderate(&case);
        let (one, many) = (plain(&case, turbo, 1), plain(&case, turbo, k));
        let roundings = (5 * one.deal.notes.len() + one.deal.accounts.len()) as f64;
        let rate = greatest_rate(&one.deal);
        let program = compile(&one)?;
        let (one, many) = (outcome(&one)?, outcome(&many)?);
        let (mut error, mut so_far) = (0.0, 0.0);
        for (date, (one, many)) in one.periods.iter().zip(&many.periods).enumerate() {
            let period = program.schedule().periods()[date];
            let days = period.accrual_end.signed_duration_since(period.accrual_start).num_days() + 10;
            error = error * (1.0 + rate * days as f64 / 360.0) + roundings * (k + 1) as f64;
            so_far += 2.0 * error;
            let near = |one: i128, many: i128, error: f64| ((many - one * i128::from(k)) as f64).abs() <= error;
            for (id, row) in &one.notes {
                let other = &many.notes[id];
                prop_assert!(near(row.balance_close, other.balance_close, error), "date {}, {}", date, id);
                prop_assert!(near(row.interest_shortfall, other.interest_shortfall, error), "date {}, {}", date, id);
                prop_assert!(near(row.interest_paid, other.interest_paid, 2.0 * error), "date {}, {}", date, id);
            }
            for (id, held) in &one.accounts {
                prop_assert!(near(*held, many.accounts[id], error), "date {}, {}", date, id);
            }
            for (name, paid) in &one.payees {
                prop_assert!(near(*paid, many.payees.get(name).copied().unwrap_or(0), so_far), "{}", name);
            }
        }
    }

    /// Losses taken by the notes on a date are the loss of the pool, as far as there are balances.
    #[test]
    fn losses_of_the_notes_are_those_of_the_pool(mut case in cases(), pro_rata in any::<bool>()) {
        let notes: Vec<String> = case.deal.notes.iter().rev().map(|note| note.id.clone()).collect();
        for phase in &mut case.deal.phases {
            phase.steps.retain(|step| step.pay != Pay::WriteDown);
            phase.steps.push(Step {
                notes: notes.clone(),
                amount: Some(Formula::new(measure::REALIZED_LOSS)),
                allocation: if pro_rata { Allocation::ProRata } else { Allocation::Sequential },
                ..step("losses", Pay::WriteDown)
            });
        }
        let outcome = outcome(&case)?;
        let column = case.collections.layout().column(measure::REALIZED_LOSS).expect("a measure");
        for (date, period) in outcome.periods.iter().enumerate().filter(|(_, p)| p.phase != "redemption") {
            let loss = i128::from(case.collections.row(date)[column].minor()).max(0);
            let taken: i128 = period.notes.values().map(|row| row.written_down).sum();
            let left: i128 = period.notes.values().map(|row| row.balance_close).sum();
            prop_assert_eq!(taken, loss.min(taken + left), "date {}", date);
        }
    }

    /// A deal written to a file and read again is the same deal.
    #[test]
    fn a_deal_file_round_trips(case in cases()) {
        let text = toml::to_string(&case.deal).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let again: Deal = toml::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(again, case.deal);
    }

    /// A result that is used again is as good as a new one.
    #[test]
    fn a_reused_result_remembers_nothing(case in cases(), factor in 0_i64..4) {
        let (program, fresh) = run(&case)?;
        let mut other = case.collections.clone();
        other.set_refinancing(None);
        for period in 0..other.periods() {
            for cell in other.row_mut(period) {
                *cell = Money::from_minor(cell.minor() / 4 * factor);
            }
        }
        let mut used = Run::for_program(&program);
        if program.run_into(&other, &mut used).is_ok() {
            program.run_into(&case.collections, &mut used).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(fast::read(&program, &case.deal, &used), fast::read(&program, &case.deal, &fresh));
        }
    }

    /// Damaged files give errors, not panics: lines lost, doubled, swapped, numbers replaced.
    #[test]
    fn damage_is_refused_or_survived(case in cases(), damage in prop::collection::vec((any::<u16>(), 0_u8..8), 1..4)) {
        let text = toml::to_string(&case.deal).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, kind) in damage {
            let at = at as usize % lines.len();
            let value = |new: &str| match lines[at].split_once(" = ") {
                Some((key, _)) => format!("{key} = {new}"),
                None => lines[at].clone(),
            };
            match kind {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at].clone()),
                2 => lines[at] = value("\"-1\""),
                3 => lines[at] = value("\"79228162514264337593543950335\""),
                4 => lines[at] = value("nan"),
                5 => lines[at] = value("\"collection\""),
                6 => lines[at] = value("\"9999-12-31\""),
                _ => lines[at] = value("[]"),
            }
            if lines.is_empty() {
                return Ok(());
            }
        }
        if let Ok(deal) = toml::from_str::<Deal>(&lines.join("\n"))
            && let Ok(program) = Program::compile(&deal, &Layout::leases())
        {
            let _ = program.run(&case.collections);
        }
    }
}

// ---- runs ----

fn compile(case: &Case) -> Result<Program, TestCaseError> {
    Program::compile(&case.deal, case.collections.layout())
        .map_err(|error| TestCaseError::fail(error.to_string()))
}

/// Amounts past 64 bits are refused by the run; such cases show nothing here.
fn run(case: &Case) -> Result<(Program, Run), TestCaseError> {
    let program = compile(case)?;
    match program.run(&case.collections) {
        Ok(run) => Ok((program, run)),
        Err(Error::Overflow { .. }) => Err(TestCaseError::reject("an amount passes 64 bits")),
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    }
}

fn outcome(case: &Case) -> Result<Outcome, TestCaseError> {
    let (program, run) = run(case)?;
    Ok(fast::read(&program, &case.deal, &run))
}

fn minor(deal: &Deal, amount: Decimal) -> i128 {
    deal.currency.money(amount).map_or(0, |money| i128::from(money.minor()))
}

// ---- deals without conditions ----

/// The same notes (without later draws), accounts and cash, `k` times the size, under one sequential priority of payments with
/// constant fees, caps and targets.
fn plain(case: &Case, turbo: bool, k: i64) -> Case {
    let times = Decimal::from(k);
    let Case { mut deal, mut collections } = case.clone();
    deal.triggers.clear();
    deal.amounts.clear();
    deal.clean_up_call = None;
    deal.opening_measures.clear();
    deal.opening = None;
    for schedule in &mut deal.schedules {
        schedule.entries.iter_mut().for_each(|entry| entry.amount *= times);
    }
    for note in &mut deal.notes {
        note.original_balance *= times;
        note.commitment = note.commitment.map(|commitment| commitment * times);
        // What is repaid can be drawn again, but is then no longer due by schedule.
        note.draws.clear();
        note.pay_in_kind = note.pay_in_kind.is_some().then(When::default);
        note.make_whole = None;
        (note.denomination, note.accrues_from) = (None, None);
        note.available_funds_cap = None;
    }
    for account in &mut deal.accounts {
        // The opening balance, twice: something to fill, of the right size.
        let target = account.target.is_some() && account.id != "collection";
        account.opening_balance *= times;
        account.target = target.then(|| Formula::new((account.opening_balance * Decimal::TWO).to_string()));
    }
    for (index, fee) in deal.fees.iter_mut().enumerate() {
        fee.amount = Some(Formula::new(format!("{}", (index as i64 + 1) * 1_000 * k)));
        (fee.rate, fee.of, fee.day_count, fee.accrual) = (None, None, None, None);
        fee.cap_period = CapPeriod::PaymentDate;
        fee.cap = fee.cap.is_some().then(|| Formula::new(format!("{}", 1_500 * k)));
    }
    deal.phases =
        vec![Phase { id: "only".to_owned(), when: When::default(), steps: plain_steps(&deal, turbo) }];
    collections.set_refinancing(None);
    for period in 0..collections.periods() {
        for cell in collections.row_mut(period) {
            *cell = Money::from_minor(cell.minor().saturating_mul(k));
        }
    }
    Case { deal, collections }
}

fn plain_steps(deal: &Deal, turbo: bool) -> Vec<Step> {
    let notes: Vec<String> = deal.notes.iter().map(|note| note.id.clone()).collect();
    let fees: Vec<String> = deal.fees.iter().map(|fee| fee.id.clone()).collect();
    let both = match deal.accounts.get(1) {
        Some(second) => vec!["collection".to_owned(), second.id.clone()],
        None => Vec::new(),
    };
    let to_notes = |id: &str, pay| Step { notes: notes.clone(), from: both.clone(), ..step(id, pay) };
    let mut steps = vec![step("expenses", Pay::Expenses)];
    if !fees.is_empty() {
        steps.push(Step { fees: fees.clone(), ..step("fees", Pay::Fees) });
    }
    steps.push(to_notes("interest", Pay::Interest));
    if let Some(second) = deal.accounts.get(1) {
        steps.push(Step { account: Some(second.id.clone()), ..step("reserve", Pay::Deposit) });
    }
    steps.push(to_notes("scheduled", Pay::ScheduledPrincipal));
    if turbo {
        steps.push(Step { from: Vec::new(), ..to_notes("turbo", Pay::Principal) });
    }
    steps.push(Step { from: Vec::new(), ..to_notes("extra", Pay::PostArdInterest) });
    if !fees.is_empty() {
        steps.push(Step { fees, ..step("above_caps", Pay::FeesAboveCap) });
    }
    steps.push(Step { payee: Some("issuer".to_owned()), ..step("residual", Pay::Payee) });
    steps
}

fn step(id: &str, pay: Pay) -> Step {
    Step {
        id: id.to_owned(),
        pay,
        from: Vec::new(),
        when: When::default(),
        notes: Vec::new(),
        fees: Vec::new(),
        account: None,
        payee: None,
        allocation: Allocation::Sequential,
        amount: None,
    }
}

/// The same with no amount above a two-hundredth of the most that a file may state: room to be scaled.
fn moderate(case: &Case) -> Case {
    let Case { mut deal, mut collections } = case.clone();
    let most = Money::from_minor(Money::LIMIT.minor() / 200);
    let bound = deal.currency.decimal(most);
    for schedule in &mut deal.schedules {
        schedule.entries.iter_mut().for_each(|entry| entry.amount = entry.amount.min(bound));
    }
    for note in &mut deal.notes {
        note.original_balance = note.original_balance.min(bound);
        note.commitment = note.commitment.map(|commitment| commitment.min(bound));
        note.denomination = None;
    }
    for account in &mut deal.accounts {
        account.opening_balance = account.opening_balance.min(bound);
    }
    for period in 0..collections.periods() {
        for cell in collections.row_mut(period) {
            *cell = (*cell).clamp(-most, most);
        }
    }
    Case { deal, collections }
}

/// The most that anything accrues a year; the random index path is below 6%.
fn greatest_rate(deal: &Deal) -> f64 {
    let notes = deal.notes.iter().map(|note| {
        let coupon = match (&note.coupon, &note.floating) {
            (Some(coupon), _) => coupon.to_f64(),
            (None, Some(floating)) => 0.06 + floating.margin.to_f64(),
            (None, None) => 0.0,
        };
        coupon + note.post_ard_rate.map_or(0.0, |rate| rate.to_f64())
    });
    let accounts = deal.accounts.iter().filter_map(|account| account.earnings_rate).map(|rate| rate.to_f64());
    let rates: Vec<f64> = notes.chain(accounts).collect();
    rates.into_iter().fold(0.0, f64::max)
}

/// A business-day rule may move the end of the first accrual before its start: refused, for interest would be
/// negative.
#[test]
fn an_accrual_that_ends_before_it_starts_is_refused() {
    let deal = |from: &str| {
        let text = format!(
            r#"
            name = "Dated"
            currency = "USD"
            cut_off_date = "2024-04-01"
            closing_date = "2024-04-01"
            payments = {{ frequency = "monthly", first_date = "2024-05-26", business_day = "preceding", calendar = "weekends" }}
            notes = [{{ id = "A", original_balance = "34.29", coupon = "0.0525", day_count = "act/360", accrues_from = "{from}", legal_final = "2024-05-26" }}]
            accounts = [{{ id = "collection" }}]
            phases = [{{ id = "p", steps = [{{ id = "i", pay = "interest", notes = ["A"] }}] }}]
            "#
        );
        toml::from_str::<Deal>(&text).unwrap()
    };
    // 26 May 2024 is a Sunday: paid on Friday the 24th, which ends the accrual.
    let layout = Layout::leases();
    assert!(Program::compile(&deal("2024-05-23"), &layout).is_ok());
    let found = Program::compile(&deal("2024-05-24"), &layout).unwrap_err().to_string();
    assert!(found.contains("notes[0].accrues_from: found 2024-05-24, expected a date before"), "{found}");
}
