//! Break-evens, haircuts and crossings of the rebuilt deals, checked by running what they say.

use super::{catalogue, script};
use leasefall::asset::{ChipsFile, read_chips};
use leasefall::collection::{collect, measure, source};
use leasefall::folder::Folder;
use leasefall::pool::InMemory;
use leasefall::scenario::{Event, Script};
use leasefall::study::{Stressor, crossing, limits};
use leasefall::waterfall::Run;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use std::fs;

const DEALS: [&str; 4] = ["flexential-2021-1", "aligned-2021-1", "compass-red-oak", "beignet-2049"];

fn folder(deal: &str) -> Folder {
    Folder::open(format!("{}/fixtures/deals/{deal}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn run(folder: &Folder, script: &Script) -> Run {
    let scenario = folder.resolve(script, &InMemory).unwrap();
    let cash = collect(folder.pool(), &scenario, folder.periods().unwrap()).unwrap();
    folder.program().run(&cash).unwrap()
}

/// Interest and principal in full: nothing owed after the last payment date, nothing written down.
fn in_full(run: &Run, note: usize) -> bool {
    let last = run.note(note).last().unwrap();
    let lost: i64 = run.note(note).map(|row| row.written_down.minor() - row.written_up.minor()).sum();
    last.balance_close.is_zero() && last.interest_shortfall.is_zero() && lost == 0
}

/// At `borne` a note is paid in full and at `broken` it is not: the scenario is written anew and run.
#[test]
fn break_evens_are_where_they_say() {
    for deal in DEALS {
        let folder = folder(deal);
        let name = folder.break_even_scenario().unwrap();
        let base = folder.script(&name).unwrap().value;
        let found = limits(&folder, &name).unwrap();
        assert_eq!(found.len(), 3 * folder.deal().notes.len());
        for limit in found {
            let note = folder.deal().notes.iter().position(|note| note.id == limit.note).unwrap();
            let at = |point: f64| {
                let mut script = base.clone();
                match limit.stressor {
                    Stressor::MarketRentFall => script.events.push(Event::MarketRent {
                        at: folder.pool().first_month().first_day(),
                        markets: Vec::new(),
                        change: -Decimal::from_f64(point).unwrap().round_dp(4),
                        growth: None,
                    }),
                    Stressor::NonRenewal => {
                        // The leases that make this share of the kW, largest first.
                        let mut leases: Vec<_> = folder.pool().leases().iter().collect();
                        leases.sort_by_key(|lease| (std::cmp::Reverse(lease.kw), lease.lease_id.clone()));
                        let all: Decimal = leases.iter().map(|lease| lease.kw).sum();
                        let mut left = Decimal::from_f64(point).unwrap() * all - Decimal::new(1, 3);
                        let mut select = leasefall::scenario::Select::default();
                        for lease in leases {
                            if left > Decimal::ZERO {
                                select.leases.push(lease.lease_id.clone());
                                left -= lease.kw;
                            }
                        }
                        if !select.leases.is_empty() {
                            script.events.push(Event::NonRenewal { select, from: None });
                        }
                    }
                    _ => {
                        let mut terms = script.compute.take().unwrap_or_default();
                        terms.market_rent_elasticity = Decimal::ONE;
                        terms.cadence_speed = Decimal::from_f64(point).unwrap().round_dp(2);
                        script.compute = Some(terms);
                    }
                }
                in_full(&run(&folder, &script), note)
            };
            println!("{deal} {limit:?}");
            assert!(limit.borne.is_none_or(at), "{deal}: {limit:?}");
            assert!(limit.broken.is_none_or(|point| !at(point)), "{deal}: {limit:?}");
            match limit.broken {
                Some(broken) => assert!(limit.borne.is_none_or(|borne| borne < broken), "{limit:?}"),
                None => assert_eq!(limit.borne, Some(limit.tried_to)),
            }
        }
    }
}

/// Deals on chips, in `base` and where their tenant fails: how much cheaper compute may get and how much faster
/// generations may come. The scenario is written anew and run at both ends.
#[test]
fn break_evens_of_chips_are_where_they_say() {
    for (deal, broken) in [("valor-compute-2026", true), ("gpu-ddtl-2024", false)] {
        let folder = folder(deal);
        for name in ["base", "tenant_default"] {
            let base = folder.script(name).unwrap().value;
            let found = limits(&folder, name).unwrap();
            let what: Vec<Stressor> = found.iter().map(|limit| limit.stressor).collect();
            assert_eq!(what, [Stressor::CadenceSpeed, Stressor::ComputePriceFall], "{deal}");
            for limit in &found {
                let at = |point: f64| {
                    let mut script = base.clone();
                    let point = Decimal::from_f64(point).unwrap();
                    if limit.stressor == Stressor::CadenceSpeed {
                        let mut terms = script.compute.take().unwrap_or_default();
                        terms.cadence_speed = point.round_dp(2);
                        script.compute = Some(terms);
                    } else {
                        let (at, change) = (folder.pool().first_month().first_day(), -point.round_dp(4));
                        script.events.push(Event::ComputePrice { at, change, growth: None });
                    }
                    in_full(&run(&folder, &script), 0)
                };
                println!("{deal} {limit:?}");
                assert!(limit.borne.is_none_or(at), "{deal}: {limit:?}");
                assert!(limit.broken.is_none_or(|point| !at(point)), "{deal}: {limit:?}");
            }
            // While the lease is kept its rent pays the notes, whatever compute fetches.
            let kept = name == "base" && found.iter().all(|limit| limit.borne == Some(limit.tried_to));
            let fails = found.iter().all(|limit| limit.broken.is_some() && limit.borne.is_some() == broken);
            assert!(kept || name != "base" && fails, "{deal} {name}: {found:?}");
        }
    }
}

/// The catalogue beside each deal is that of the market's fixture.
#[test]
fn deals_share_the_catalogue() {
    for deal in DEALS {
        let text = fs::read_to_string(format!("fixtures/deals/{deal}/chips.toml")).unwrap();
        let chips: ChipsFile = read_chips("chips.toml", &text).unwrap();
        assert_eq!(chips, catalogue(), "{deal}");
    }
}

/// Each scenario of chips and agencies is there, runs in `fixtures.rs`, and marks its figures.
#[test]
fn scenarios_mark_their_figures() {
    let names = [
        "faster_cadence",
        "plateau",
        "ai_fails",
        "ai_succeeds",
        "fibre_2001",
        "railways_1845",
        "agency_haircuts_21",
        "agency_haircuts_27",
        "agency_haircuts_39",
    ];
    for deal in DEALS {
        for name in names {
            let text = fs::read_to_string(format!("fixtures/deals/{deal}/scenarios/{name}.toml")).unwrap();
            let comments: String = text.lines().filter(|line| line.starts_with('#')).collect();
            assert!(comments.contains("published;") || comments.contains("assumed"), "{deal}/{name}");
            assert!(comments.contains("assumed state of the world, not a forecast"), "{deal}/{name}");
        }
    }
}

/// An agency's haircut takes its share of each period's net operating income out of rent, to the cent, and
/// leaves rents in force alone.
#[test]
fn haircuts_take_their_share() {
    for deal in DEALS {
        let folder = folder(deal);
        let cash = |haircut: &str| {
            let text = format!("[assumptions]\nnet_cash_flow_haircut = {haircut}");
            folder.collections_in(&folder.resolve(&script(&text), &InMemory).unwrap()).unwrap()
        };
        let (whole, cut) = (cash("0"), cash("0.2"));
        let column = |name: &str| whole.layout().column(name).unwrap();
        for period in 0..whole.periods() {
            let of =
                |name: &str| (whole.row(period)[column(name)].minor(), cut.row(period)[column(name)].minor());
            let (noi, less) = of(measure::NOI);
            let (rent, paid) = of(source::RENT);
            assert_eq!(noi - less, rent - paid, "{deal}");
            assert!(noi <= 0 || (less - (noi as f64 * 0.8).round() as i64).abs() <= 1 || paid == 0, "{deal}");
            let same = of(measure::RENT_ROLL);
            assert_eq!(same.0, same.1);
        }
    }
}

/// Lines by hand where they are known: contracts are over market from the month in which rents are cut, notes over
/// collateral from the appraisal that halves it.
#[test]
fn lines_cross_where_the_scenario_says() {
    let compass = folder("compass-red-oak");
    let base = crossing(&compass, "base").unwrap().unwrap();
    let fibre = crossing(&compass, "fibre_2001").unwrap().unwrap();
    assert!(
        fibre.rent_above_market.is_some() && fibre.rent_above_market >= Some("2028-01-01".parse().unwrap())
    );
    assert!(fibre.rent_above_market <= Some("2028-02-28".parse().unwrap()));
    let halved = crossing(&compass, "railways_1845").unwrap().unwrap();
    assert!(halved.notes_above_collateral >= Some("2028-01-01".parse().unwrap()));
    assert_eq!(base.notes_above_collateral, None);
    // One point a payment date, each what the run and the collections say.
    let (cash, run) = (compass.collections("base").unwrap(), compass.run("base").unwrap());
    let value = cash.layout().column(measure::ASSET_VALUE).unwrap();
    for (period, point) in base.points.iter().enumerate() {
        assert_eq!(point.collateral_value, cash.row(period)[value]);
        let balance: i64 =
            (0..compass.deal().notes.len()).map(|note| run.row(period, note).balance_close.minor()).sum();
        assert_eq!(point.note_balance.minor(), balance);
    }
    // While every lease of the tape runs its first term, contracted rent is the roll.
    let roll = cash.layout().column(measure::RENT_ROLL).unwrap();
    assert_eq!(base.points[0].contracted_rent, cash.row(0)[roll]);
}

/// A senior note may gain from a faster cadence, through triggers: Aligned's, not refinanced and with rents and halls
/// linked to chips, is owed 71 million less in the end at six times the speed than at four, while the pool collects
/// less and class B loses more. Cash is trapped and principal paid from months earlier. `docs/obsolescence.md`.
#[test]
fn a_senior_note_may_gain_from_a_faster_cadence() {
    let folder = folder("aligned-2021-1");
    let at = |speed: u32| {
        let script = script(&format!(
            "[compute]\ncadence_speed = {speed}\nmarket_rent_elasticity = 0.5\nhalls = {{ rent_discount = 0.4 }}\n\
             [refinancing]\ngranted = false"
        ));
        let cash = folder.collections_in(&folder.resolve(&script, &InMemory).unwrap()).unwrap();
        let run = folder.program().run(&cash).unwrap();
        let left = |note: usize| run.note(note).last().unwrap().balance_close.minor();
        let early =
            folder.program().triggers().iter().position(|id| id == "dscr_early_amortization").unwrap();
        let first = (0..run.periods()).find(|&period| run.trigger_active(period, early)).unwrap();
        (cash.total_cash().unwrap(), left(1), left(2), first)
    };
    let (four, six) = (at(4), at(6));
    assert_eq!(folder.deal().notes[1].id, "A-2");
    assert!(six.0 < four.0, "the pool collects less");
    assert!(six.1 < four.1, "class A-2 is owed less");
    assert!(six.2 > four.2, "class B is owed more");
    assert!(six.3 < four.3, "the trigger trips sooner");
}
