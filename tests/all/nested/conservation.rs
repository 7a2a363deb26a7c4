//! No cent is lost between a note and its holders, over random deals, shares and dates.

use super::Place;
use crate::random::{cases, config};
use leasefall::collection::{Collections, Layout};
use leasefall::folder::Folder;
use leasefall::waterfall::{Holdings, Paths, Program, Receipts};
use leasefall::{Date, Money};
use proptest::prelude::*;

/// All that a holder collects by column, over its dates.
fn collected(
    program: &Program,
    collections: &Collections,
    held: &[(usize, Money)],
    dates: &[Date],
) -> Option<Collections> {
    let holdings = Holdings::new(program, held, Date::MIN, dates).unwrap();
    let mut receipts = Receipts::<1>::new(&holdings);
    program.run_paths(&[collections], &mut Paths::default(), &mut receipts).ok()?;
    let mut into = Collections::empty(collections.currency(), Layout::notes(), dates.len());
    receipts.add_to(0, 1, &mut into).ok()?;
    Some(into)
}

fn total(collections: &Collections, column: usize) -> i128 {
    (0..collections.periods()).map(|period| i128::from(collections.row(period)[column].minor())).sum()
}

proptest! {
    #![proptest_config(config())]

    /// A holder and whoever holds the rest share what a note pays: the holder never more than its part, less
    /// than a cent less of each kind of payment, and all of it if it holds all.
    #[test]
    fn holders_share_every_cent(
        case in cases(),
        note in 0_usize..8,
        part in 1_i64..1_000,
        dates in 1_usize..5,
    ) {
        let program = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
        let note = note % program.notes().len();
        let original = program.original_balance(note).minor();
        prop_assume!(original > 0 && case.deal.notes[note].draws.is_empty());
        let Ok(run) = program.run(&case.collections) else { return Ok(()) };
        let held = (i128::from(original) * i128::from(part) / 1_000).max(1) as i64;
        // Some of the deal's own dates, the last among them.
        let all: Vec<Date> = program.schedule().periods().iter().map(|period| period.accrual_end).collect();
        let own: Vec<Date> = all.iter().rev().step_by(dates).rev().copied().collect();
        let rows: Vec<_> = run.note(note).copied().collect();
        let sum = |of: &dyn Fn(&leasefall::waterfall::NoteRow) -> Money| -> i128 {
            rows.iter().map(|row| i128::from(of(row).minor())).sum()
        };
        let interest = sum(&|row| row.interest_paid + row.post_ard_interest_paid + row.make_whole_paid);
        let principal = sum(&|row| row.principal_paid);
        // What is outstanding at the end is lost; a redemption leaves nothing.
        let left = rows.last().map_or(0, |row| i128::from(row.balance_close.minor()));
        let lost = sum(&|row| row.written_down - row.written_up) + left;
        // Sums of rows beyond 64 bits are nobody's money.
        prop_assume!(interest < i128::from(i64::MAX / 4) && principal < i128::from(i64::MAX / 4));
        let Some(whole) = collected(&program, &case.collections, &[(note, Money::from_minor(original))], &own)
        else { return Ok(()) };
        prop_assert_eq!([0, 1, 3].map(|column| total(&whole, column)), [interest, principal, lost]);
        let Some(mine) = collected(&program, &case.collections, &[(note, Money::from_minor(held))], &own)
        else { return Ok(()) };
        for period in 0..own.len() {
            for column in [0, 1] {
                let (own, all) = (mine.row(period)[column], whole.row(period)[column]);
                prop_assert!(own >= Money::ZERO && own <= all, "{} of {}", own.minor(), all.minor());
            }
        }
        let (held, original) = (i128::from(held), i128::from(original));
        // A seasoned note has repaid a part before.
        let repaid = (original - i128::from(program.opening_balance(note).minor())).max(0);
        for (column, before, all) in [(0, 0, interest), (1, repaid, principal)] {
            let part = |paid: i128| (paid * held).div_euclid(original);
            prop_assert_eq!(total(&mine, column), part(before + all) - part(before));
        }
        prop_assert_eq!(total(&mine, 3), -(-lost * held).div_euclid(original));
        // Of a note without interest added to it, repaid and lost make the amount held.
        let flat = rows.iter().all(|row| row.interest_capitalized.is_zero() && row.drawn.is_zero());
        if flat && case.deal.opening.is_none() {
            prop_assert_eq!(total(&mine, 1) + total(&mine, 3), held);
        }
        prop_assert_eq!(mine.row(own.len() - 1)[2], Money::ZERO);
    }
}

/// Three deals deep and in odd shares: what the notes held are paid is what the deal above collects, copy by copy.
#[test]
fn cash_adds_up_from_the_loans_to_the_top() {
    let place = Place::new();
    let quiet = "measure = \"historical\"\n";
    place.pool("abs", 30, [200_000, 70_000, 30_000], quiet);
    let event = |i: usize| {
        format!(
            "[[events]]\nkind = \"tenant_default\"\ntenant = \"t{i}\"\nat = 2027-01-01\noutcome = \"rejected\"\n"
        )
    };
    place.write("abs/scenarios/bad.toml", &(0..7).map(event).collect::<String>());
    place.holder("cdo", [30_000, 20_000, 11_111], "../abs,mezzanine,33333,1\n../abs,equity,27778,1\n", None);
    place.holder("top", [10_000, 10_000, 7_777], "../cdo,mezzanine,9259,3\n", None);
    let top = Folder::open(place.path("top")).unwrap();
    for scenario in ["base", "bad"] {
        let cdo = top.collateral().unwrap().deals()[0].folder();
        let abs = cdo.collateral().unwrap().deals()[0].folder();
        let (abs_run, cdo_run, top_run) =
            (abs.run(scenario).unwrap(), cdo.run(scenario).unwrap(), top.run(scenario).unwrap());
        let part =
            |paid: Money, held: i64, of: i64| i128::from(paid.minor()) * i128::from(held) / i128::from(of);
        let paid = |run: &leasefall::waterfall::Run, note: usize| run.row(0, note).principal_paid;
        let into_cdo = part(paid(&abs_run, 1), 33_333, 70_000) + part(paid(&abs_run, 2), 27_778, 30_000);
        assert_eq!(i128::from(cdo_run.conservation(cdo.program()).sources.minor()), into_cdo, "{scenario}");
        let into_top = 3 * part(paid(&cdo_run, 1), 9_259, 20_000);
        assert_eq!(i128::from(top_run.conservation(top.program()).sources.minor()), into_top, "{scenario}");
        for (folder, run) in [(abs, &abs_run), (cdo, &cdo_run), (&top, &top_run)] {
            assert_eq!(run.conservation(folder.program()).difference, Money::ZERO);
        }
    }
    // 70,000 lost of the pool: 30,000 the equity's, 40,000 of the mezzanine's 70,000.
    let cdo = top.collateral().unwrap().deals()[0].folder();
    let row = cdo.collections("bad").unwrap().row(0).to_vec();
    // 33,333 x 3 / 7 = 14,285.571..., the cents rounded down; the losses up.
    assert_eq!(row, [0, 14_285_57, 0, 19_047_43 + 27_778_00].map(Money::from_minor));
}
