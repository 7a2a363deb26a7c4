//! Several paths in step are, path by path, the runs of one.

use crate::random::{Case, cases, config, modest_cases};
use leasefall::collection::{Collections, Refinancing};
use leasefall::waterfall::{NoteRow, Observe, Paths, PaymentDate, Program, Whole};
use leasefall::{Error, Money};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::ops::ControlFlow;

const L: usize = 16;

/// How one path's collections differ from those of the case.
#[derive(Clone, Debug)]
struct Fate {
    percent: i64,
    /// Payment dates of which anything is collected.
    dates: usize,
    refinancing: Option<(usize, i64)>,
    event: Option<usize>,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let percent = prop_oneof![3 => Just(100_i64), 1 => Just(0), 4 => 0_i64..400];
    let dates = prop_oneof![2 => Just(usize::MAX), 1 => 0_usize..12];
    let refinancing = prop::option::weighted(0.4, (0_usize..8, prop_oneof![Just(i64::MAX), 0..1_i64 << 40]));
    let fate = (percent, dates, refinancing, prop::option::of(0_usize..8))
        .prop_map(|(percent, dates, refinancing, event)| Fate { percent, dates, refinancing, event });
    prop::collection::vec(fate, L)
}

/// The case's collections with another fate: other cash, other measures, other events.
fn collections(case: &Case, fate: &Fate) -> Collections {
    let base = &case.collections;
    let periods = base.periods().min(fate.dates);
    let mut path = Collections::empty(base.currency(), base.layout().clone(), periods);
    for period in 0..periods {
        for (cell, amount) in path.row_mut(period).iter_mut().zip(base.row(period)) {
            let changed = i128::from(amount.minor()) * i128::from(fate.percent) / 100;
            *cell = Money::from_minor(changed.clamp(i64::MIN.into(), i64::MAX.into()) as i64);
        }
    }
    let granted = fate.refinancing.map(|(period, limit)| (period, Money::from_minor(limit)));
    path.set_refinancing(granted.map(|(period, limit)| Refinancing { period, limit }));
    if let Some(period) = fate.event {
        path.set_event("manager_default", period);
    }
    path
}

/// One path on one date, as far as it can be seen from outside.
#[derive(Clone, Debug, PartialEq)]
struct Date {
    notes: Vec<NoteRow>,
    accounts: Vec<Money>,
    payees: Vec<Money>,
    active: Vec<bool>,
    phase: String,
}

struct Record<'a> {
    program: &'a Program,
    dates: [Vec<Date>; L],
    ended: bool,
}

impl<N: Whole> Observe<L, N> for Record<'_> {
    fn payment_date(&mut self, date: &PaymentDate<'_, L, N>) -> ControlFlow<()> {
        let program = self.program;
        for (lane, dates) in self.dates.iter_mut().enumerate() {
            let notes: Vec<NoteRow> = (0..program.notes().len()).map(|n| date.note(n).lane(lane)).collect();
            if !date.alive(lane) {
                // A path that has ended stands still.
                self.ended = true;
                assert!(notes.iter().all(|row| *row == NoteRow::default()), "{notes:?}");
                let last = dates.last().expect("a path ends on a date");
                assert_eq!(last.phase, "redemption");
                for (payee, received) in last.payees.iter().enumerate() {
                    assert_eq!(date.received(payee).lane(lane), *received);
                }
                continue;
            }
            assert_eq!(dates.len(), date.period());
            let accounts = 0..program.accounts().len();
            let payees = 0..program.payees().len();
            dates.push(Date {
                notes,
                accounts: accounts.map(|a| date.account_close(a).lane(lane)).collect(),
                payees: payees.map(|p| date.received(p).lane(lane)).collect(),
                active: (0..program.triggers().len()).map(|t| date.trigger_active(lane, t)).collect(),
                phase: date.phase(lane).to_owned(),
            });
        }
        ControlFlow::Continue(())
    }
}

fn one_by_one(program: &Program, collections: &Collections) -> Result<Vec<Date>, Error> {
    let run = program.run(collections)?;
    let date = |date: usize| Date {
        notes: (0..program.notes().len()).map(|note| *run.row(date, note)).collect(),
        accounts: (0..program.accounts().len()).map(|a| run.account_close(program, date, a)).collect(),
        payees: run.payees(program, date).map(|(_, amount)| amount).collect(),
        active: (0..program.triggers().len()).map(|t| run.trigger_active(date, t)).collect(),
        phase: run.phase(program, date).to_owned(),
    };
    Ok((0..run.periods()).map(date).collect())
}

/// All paths in step; the paths' dates, and whether one ended before another.
fn in_step<N: Whole>(program: &Program, paths: &[Collections]) -> Result<([Vec<Date>; L], bool), Error> {
    let refer: [&Collections; L] = std::array::from_fn(|lane| &paths[lane]);
    let mut record = Record { program, dates: Default::default(), ended: false };
    let mut workspace = Paths::<L, N>::default();
    // Twice, so that what the first run leaves behind is there to be forgotten.
    program.run_paths(&refer, &mut workspace, &mut record)?;
    record.dates = Default::default();
    program.run_paths(&refer, &mut workspace, &mut record)?;
    Ok((record.dates, record.ended))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn in_step_or_one_by_one_the_same_cents(case in cases(), fates in fates()) {
        let program = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
        let paths: Vec<Collections> = fates.iter().map(|fate| collections(&case, fate)).collect();
        let singles: Result<Vec<_>, Error> = paths.iter().map(|path| one_by_one(&program, path)).collect();
        match (in_step::<i64>(&program, &paths), singles) {
            (Ok((together, _)), Ok(singles)) => {
                for (lane, single) in singles.iter().enumerate() {
                    prop_assert_eq!(&together[lane], single, "path {}", lane);
                }
            }
            // An error of one path is one of them all, and there is none else.
            (together, singles) => prop_assert_eq!(together.is_err(), singles.is_err()),
        }
    }
}

proptest! {
    #![proptest_config(config())]

    /// In doubles a run gives the cents of integers, or refuses.
    #[test]
    fn in_doubles_the_same_cents(case in prop_oneof![3 => modest_cases().boxed(), 1 => cases().boxed()], fates in fates()) {
        let program = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
        let paths: Vec<Collections> = fates.iter().map(|fate| collections(&case, fate)).collect();
        let singles: Result<Vec<_>, Error> = paths.iter().map(|path| one_by_one(&program, path)).collect();
        match (in_step::<f64>(&program, &paths), singles) {
            (Ok((together, _)), Ok(singles)) => {
                for (lane, single) in singles.iter().enumerate() {
                    prop_assert_eq!(&together[lane], single, "path {}", lane);
                }
            }
            (Ok(_), Err(error)) => return Err(TestCaseError::fail(format!("only integers: {error}"))),
            (Err(error), singles) => {
                let too_large = matches!(error, Error::Overflow { .. });
                prop_assert!(too_large || singles.is_err(), "{error}");
            }
        }
    }
}

/// Doubles do not refuse deals of a size that markets see, or the property above would say little.
#[test]
fn doubles_hold_modest_deals() {
    let mut runner = TestRunner::deterministic();
    let (mut tried, mut held) = (0, 0);
    for _ in 0..400 {
        let case = modest_cases().new_tree(&mut runner).expect("a case").current();
        let fates = fates().new_tree(&mut runner).expect("fates").current();
        let program = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
        let paths: Vec<Collections> = fates.iter().map(|fate| collections(&case, fate)).collect();
        let fits = in_step::<f64>(&program, &paths);
        if paths.iter().all(|path| program.run(path).is_ok()) {
            (tried, held) = (tried + 1, held + u32::from(fits.is_ok()));
        }
    }
    println!("doubles hold {held} of {tried}");
    assert!(tried >= 300 && held * 100 >= tried * 99);
}

/// The paths of the property above part: in dates, in phases, in triggers.
#[test]
fn paths_part() {
    let mut runner = TestRunner::deterministic();
    let (mut ended, mut phases, mut triggers, mut errors) = (0, 0, 0, 0);
    for _ in 0..400 {
        let case = cases().new_tree(&mut runner).expect("a case").current();
        let fates = fates().new_tree(&mut runner).expect("fates").current();
        let program = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
        let paths: Vec<Collections> = fates.iter().map(|fate| collections(&case, fate)).collect();
        let Ok((dates, some_ended)) = in_step::<i64>(&program, &paths) else {
            errors += 1;
            continue;
        };
        let differ = |of: fn(&Date, &Date) -> bool| {
            dates.iter().any(|path| path.iter().zip(&dates[0]).any(|(mine, its)| of(mine, its)))
        };
        ended += u32::from(some_ended);
        phases += u32::from(differ(|mine, its| mine.phase != its.phase));
        triggers += u32::from(differ(|mine, its| mine.active != its.active));
    }
    println!("ended {ended}, phases {phases}, triggers {triggers}, errors {errors}");
    assert!(ended >= 40 && phases >= 40 && triggers >= 40 && errors <= 100);
}

/// Ends the run on a date.
struct Until(usize, usize);

impl Observe<1> for Until {
    fn payment_date(&mut self, date: &PaymentDate<'_, 1>) -> ControlFlow<()> {
        self.1 += 1;
        if date.period() == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn an_observer_that_has_seen_enough_ends_the_run() {
    let mut runner = TestRunner::deterministic();
    let case = loop {
        let case = cases().new_tree(&mut runner).expect("a case").current();
        let whole = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
        if whole.run(&case.collections).is_ok_and(|run| run.periods() > 4) {
            break case;
        }
    };
    let program = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
    let mut until = Until(2, 0);
    program.run_paths(&[&case.collections], &mut Paths::default(), &mut until).expect("it runs");
    assert_eq!(until.1, 3);
}
