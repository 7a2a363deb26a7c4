//! GSAMP 2006-NC2: the structure as published, the laws on it, and loss forecasts run through it.

use crate::outcome::Outcome;
use crate::random::config;
use crate::rep_lines::speeds;
use crate::{fast, naive};
use leasefall::Money;
use leasefall::collection::{Collections, collect, measure, source};
use leasefall::folder::{BASE, Folder};
use leasefall::pool::InMemory;
use leasefall::scenario::Script;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::sync::LazyLock;

static GSAMP: LazyLock<Folder> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/deals/gsamp-2006-nc2");
    Folder::open(path).unwrap_or_else(|error| panic!("{error}"))
});

/// Dollars of the pool at the cut-off date.
const POOL: i64 = 881_499_701;
const SENIORS: usize = 5;

#[test]
fn the_folder_is_in_order() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/deals/gsamp-2006-nc2");
    let problems = Folder::check(path).unwrap();
    assert!(problems.is_empty(), "{problems}");
    let lines = GSAMP.pool().rep_lines();
    assert_eq!(lines.iter().map(|line| line.balance).sum::<Decimal>(), Decimal::from(POOL));
    assert_eq!(lines.iter().filter_map(|line| line.loans).sum::<u32>(), 3_949);
}

#[derive(serde::Deserialize)]
struct Class {
    class: String,
    width: Decimal,
    subordination: Decimal,
    rating: String,
}

/// Every class is as wide, and has as much below it, as is printed: per cent of the pool to two decimals.
#[test]
fn widths_and_subordination_are_as_published() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/published/gsamp-2006-nc2.csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let classes: Vec<Class> = reader.deserialize().map(Result::unwrap).collect();
    let notes = &GSAMP.deal().notes;
    assert_eq!((classes.len(), notes.len()), (17, 16));
    let pool = Decimal::from(POOL);
    let percent = |amount: Decimal| (amount * Decimal::ONE_HUNDRED / pool).round_dp(2);
    let mut below = pool;
    for (index, class) in classes.iter().enumerate() {
        // Class X owns what the notes do not.
        let width = notes.get(index).map_or(below, |note| note.original_balance);
        assert_eq!(percent(width), class.width, "{}", class.class);
        if let Some(note) = notes.get(index) {
            assert_eq!((&note.id, note.rating.as_deref()), (&class.class, Some(class.rating.as_str())));
        }
        below -= width;
        // The seniors share theirs: rank alike, within A-2 only time differs.
        if index + 1 >= SENIORS {
            assert_eq!(percent(below), class.subordination, "{}", class.class);
        }
    }
    assert!(classes[..SENIORS].iter().all(|class| class.subordination == Decimal::new(2_065, 2)));
}

fn sum(collections: &Collections, names: &[&str]) -> i64 {
    let columns = names.iter().map(|name| collections.layout().column(name).unwrap());
    columns.map(|c| (0..collections.periods()).map(|p| collections.row(p)[c].minor()).sum::<i64>()).sum()
}

fn closing_balance(collections: &Collections) -> i64 {
    let column = collections.layout().column(measure::POOL_BALANCE).unwrap();
    collections.row(collections.periods() - 1)[column].minor()
}

/// What each class lost of its principal, in cents: written down, or left at legal final.
fn losses(scenario: &str) -> Vec<i64> {
    let run = GSAMP.run(scenario).unwrap();
    assert_eq!(run.conservation(GSAMP.program()).difference, Money::ZERO);
    let lost = |(index, note): (usize, &leasefall::deal::Note)| {
        let paid: i64 = run.note(index).map(|row| row.principal_paid.minor()).sum();
        leasefall::Currency::USD.money(note.original_balance).unwrap().minor() - paid
    };
    GSAMP.deal().notes.iter().enumerate().map(lost).collect()
}

fn originals() -> Vec<i64> {
    let minor =
        |note: &leasefall::deal::Note| leasefall::Currency::USD.money(note.original_balance).unwrap().minor();
    GSAMP.deal().notes.iter().map(minor).collect()
}

#[test]
fn every_scenario_runs_and_loses_what_it_says() {
    let forecasts = [
        ("base", 0.055),
        ("moodys_2008_01", 0.16),
        ("sp_2008_01", 0.19),
        ("moodys_2008_09", 0.22),
        ("moodys_2009_02", 0.30),
        ("moodys_2010_01", 0.384),
        ("arithmetic", 0.384),
    ];
    let names = GSAMP.scenario_names().unwrap();
    // Three are no forecasts: what was realized, a fall of house prices, and households in the system of docs/system.md.
    assert_eq!(names.len(), forecasts.len() + 3);
    for other in ["realized", "house_prices_fall", "ai_succeeds"] {
        assert!(GSAMP.value(other).unwrap().conservation.difference.is_zero(), "{other}");
    }
    for (name, forecast) in forecasts {
        let collections = GSAMP.collections(name).unwrap();
        let share = sum(&collections, &[measure::REALIZED_LOSS]) as f64 / (POOL as f64 * 100.0);
        // Each month's default and recovery of eleven lines is rounded: far below a millionth of the pool.
        assert!((share - forecast).abs() < 1e-6, "{name}: {share}");
        assert!(GSAMP.value(name).unwrap().conservation.difference.is_zero(), "{name}");
    }
}

#[test]
fn in_the_base_case_nobody_loses_and_the_deal_steps_down() {
    assert!(losses(BASE).iter().all(|&loss| loss == 0), "{:?}", losses(BASE));
    let run = GSAMP.run(BASE).unwrap();
    let released = GSAMP.deal().triggers.iter().position(|trigger| trigger.id == "released").unwrap();
    let first = (0..run.periods()).find(|&period| run.trigger_active(period, released));
    assert_eq!(first, Some(35), "month 36");
}

/// 38.4% of the pool less 1.40% of overcollateralization: every M and B class, 19.25%, is gone, and the rest,
/// 17.75% of the pool, is the seniors'. To the cent, for principal pays principal alone here.
#[test]
fn straight_arithmetic_reaches_the_seniors() {
    let collections = GSAMP.collections("arithmetic").unwrap();
    let (lost, originals) = (losses("arithmetic"), originals());
    assert_eq!(lost[SENIORS..], originals[SENIORS..]);
    assert_eq!(closing_balance(&collections), 0);
    let overcollateralization = POOL * 100 - originals.iter().sum::<i64>();
    let subordinate: i64 = originals[SENIORS..].iter().sum();
    let seniors: i64 = lost[..SENIORS].iter().sum();
    let pool_loss = sum(&collections, &[measure::REALIZED_LOSS]);
    assert_eq!(seniors, pool_loss - overcollateralization - subordinate);
    let share = seniors as f64 / (POOL as f64 * 100.0);
    assert!((share - 0.1775).abs() < 5e-5, "{share}");
}

/// The same loss with excess spread and prepayment: every M and B class is still wiped out, and the seniors
/// lose less, for excess spread takes losses first.
#[test]
fn the_forecast_of_january_2010_wipes_out_every_m_and_b_class() {
    let (lost, originals) = (losses("moodys_2010_01"), originals());
    for (class, (lost, original)) in lost[SENIORS..].iter().zip(&originals[SENIORS..]).enumerate() {
        // What a class is paid while excess spread covers losses is not principal lost.
        assert_eq!(lost, original, "{}", GSAMP.deal().notes[SENIORS + class].id);
    }
    let seniors = |lost: &[i64]| lost[..SENIORS].iter().sum::<i64>();
    assert!(seniors(&lost) > 0 && seniors(&lost) < seniors(&losses("arithmetic")), "{lost:?}");
}

#[test]
fn worse_forecasts_hurt_every_class_more() {
    let names = ["moodys_2008_01", "sp_2008_01", "moodys_2008_09", "moodys_2009_02", "moodys_2010_01"];
    let all: Vec<Vec<i64>> = names.iter().map(|name| losses(name)).collect();
    let subordinates = |lost: &[i64]| lost.iter().sum::<i64>();
    for pair in all.windows(2) {
        assert!(subordinates(&pair[0]) < subordinates(&pair[1]), "{all:?}");
    }
}

/// Loss of each class in per cent of its original balance, by scenario: the rows of the page.
fn table() -> Vec<String> {
    let names = [
        "base",
        "moodys_2008_01",
        "sp_2008_01",
        "moodys_2008_09",
        "moodys_2009_02",
        "moodys_2010_01",
        "arithmetic",
    ];
    let all: Vec<Vec<i64>> = names.iter().map(|name| losses(name)).collect();
    let originals = originals();
    let notes = GSAMP.deal().notes.iter().enumerate();
    let rows = notes.map(|(index, note)| {
        let shares =
            all.iter().map(|lost| format!(" {:.1} |", lost[index] as f64 / originals[index] as f64 * 100.0));
        format!("| {} |{}", note.id, shares.collect::<String>())
    });
    rows.collect()
}

#[test]
fn the_page_says_what_the_deal_does() {
    let page = include_str!("../../docs/subprime.md");
    let rows = table();
    for row in &rows {
        assert!(page.contains(row.as_str()), "docs/subprime.md lacks a row of\n{}", rows.join("\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 20 + 1, ..config() })]

    /// Laws 1, 2 and 6 on the whole deal under any speeds, and the naive waterfall agrees to the cent, date by
    /// date.
    #[test]
    fn the_laws_hold_under_any_speeds(script in speeds(), spread in any::<bool>()) {
        let mut script: Script = toml::from_str(&script).unwrap();
        if !spread {
            let at = GSAMP.deal().cut_off_date;
            script.events.push(leasefall::scenario::Event::Named { name: "no_excess_spread".into(), at });
        }
        let scenario = script.resolve(GSAMP.pool(), GSAMP.months(), None, &InMemory).unwrap();
        let collections = collect(GSAMP.pool(), &scenario, GSAMP.periods().unwrap()).unwrap();
        let run = GSAMP.program().run(&collections).unwrap();
        let conservation = run.conservation(GSAMP.program());
        prop_assert_eq!(conservation.difference, Money::ZERO);
        let cash = [source::INTEREST, source::PRINCIPAL, source::PREPAYMENTS, source::RECOVERIES];
        prop_assert_eq!(conservation.sources.minor(), sum(&collections, &cash));

        let outcome = fast::read(GSAMP.program(), GSAMP.deal(), &run);
        let slow = naive::run(GSAMP.deal(), &naive::schedule(GSAMP.deal()), &collections);
        agree(&outcome, &slow)?;
        for (index, note) in GSAMP.deal().notes.iter().enumerate() {
            let rows = || run.note(index);
            let paid: i64 = rows().map(|row| row.principal_paid.minor() + row.written_down.minor()).sum();
            let left = rows().last().unwrap().balance_close.minor();
            prop_assert_eq!(paid + left, originals()[index], "{}", note.id);
            prop_assert!(rows().all(|row| row.balance_close >= Money::ZERO && row.written_up.is_zero()));
        }
    }
}

fn agree(fast: &Outcome, slow: &Outcome) -> Result<(), TestCaseError> {
    for (date, (fast, slow)) in fast.periods.iter().zip(&slow.periods).enumerate() {
        for (id, row) in &slow.notes {
            prop_assert_eq!(row, &fast.notes[id], "date {}, {}", date, id);
        }
        prop_assert_eq!(&slow.accounts, &fast.accounts, "date {}", date);
        prop_assert_eq!(&slow.active, &fast.active, "date {}", date);
        prop_assert_eq!(&slow.payees, &fast.payees, "date {}", date);
    }
    prop_assert_eq!(fast.periods.len(), slow.periods.len());
    Ok(())
}
