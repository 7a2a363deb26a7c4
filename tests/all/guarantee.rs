//! Residual value guarantees: the law by hand, and Beignet's against the value path.

use crate::compute::{assets, day, scenario};
use leasefall::collection::{GuaranteeCall, collect, guarantee_calls, source};
use leasefall::folder::Folder;
use leasefall::pool::{InMemory, Pool};
use leasefall::study::guarantee_exits;
use leasefall::{Currency, Money};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// The one lease that leaves has 600 of the site's 1,000 kW; the other, 400 kW at 100, stays.
fn pool(guaranteed: i64, cap: Option<i64>) -> Pool {
    let mut assets = assets();
    let lease = &mut assets.leases[0];
    lease.rvg_amount = Some(Decimal::new(guaranteed, 2));
    lease.rvg_cap = cap.map(|cap| Decimal::new(cap, 2));
    Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap()
}

proptest! {
    #![proptest_config(crate::random::config())]

    /// The guarantee pays what value lacks, up to its cap. Market rents move by `change` in 2027; the tenant leaves at the end
    /// of 2028 and half of market rent is credited to its 600 kW:
    ///
    /// ```text
    /// site value = 12 x (400 x 100 + 0.5 x 600 x 100 x (1 + change)) / 8% = 6.0m + 4.5m x (1 + change)
    /// premises   = 0.6 of it
    /// ```
    #[test]
    fn it_pays_what_value_lacks_up_to_its_cap(
        guaranteed in 0..2_000_000_000_i64, cap in proptest::option::of(0..1_000_000_000_i64), points in -9_900..20_000_i64,
    ) {
        let pool = pool(guaranteed, cap);
        let change = Decimal::new(points, 4);
        let text = format!(
            "[[events]]\nkind = \"market_rent\"\nat = 2027-01-01\nchange = {change}\n\
             [[events]]\nkind = \"non_renewal\"\nselect = {{ leases = [\"L1\"] }}\n"
        );
        let (state, periods) = (scenario(&pool, &text), crate::compute::periods(&pool));
        let calls = guarantee_calls(&pool, &state, &periods).unwrap();
        // In cents: 0.6 x (600,000,000 + 450,000,000 (1 + change)).
        let worth = 360_000_000 + 27_000 * (10_000 + points);
        let paid = (guaranteed - worth).max(0).min(cap.unwrap_or(i64::MAX));
        let expected = GuaranteeCall {
            lease: 0,
            month: leasefall::time::Month::of(day("2029-01-01")),
            period: 36,
            guaranteed: Money::from_minor(guaranteed),
            property_value: Money::from_minor(worth),
            cap: cap.map(Money::from_minor),
            paid: Money::from_minor(paid),
        };
        prop_assert_eq!(calls, vec![expected]);
        let cash = collect(&pool, &state, &periods).unwrap();
        let column = cash.layout().column(source::RESIDUAL_VALUE_GUARANTEE).unwrap();
        let column: Vec<i64> = (0..cash.periods()).map(|period| cash.row(period)[column].minor()).collect();
        prop_assert_eq!(column[36], paid);
        prop_assert_eq!(column.iter().sum::<i64>(), paid);
    }
}

/// Beignet: what is guaranteed at the end of a term is the notes then outstanding, each building's share, up to the next thousand;
/// so they are whole at every exit of sixteen years while Meta stands, whatever the scenario, and only then.
#[test]
fn beignet_is_guaranteed_what_its_notes_are_owed() {
    let folder = Folder::open("fixtures/deals/beignet-2049").unwrap();
    let leases = folder.pool().leases();
    let all_kw: Decimal = leases.iter().map(|lease| lease.kw).sum();
    let run = folder.run("base").unwrap();
    let dates = folder.program().schedule().periods();
    for scenario in folder.scenario_names().unwrap() {
        let exits = guarantee_exits(&folder, &scenario).unwrap();
        let years: Vec<String> = exits.iter().map(|exit| exit.exit.to_string()).collect();
        assert_eq!(years, ["2033-01-01", "2037-01-01", "2041-01-01", "2045-01-01"], "{scenario}");
        for (place, exit) in exits.iter().enumerate() {
            let gone = exit.leases == 0;
            assert_eq!(
                gone,
                matches!(scenario.as_str(), "sale" | "tenant_default") && place > 0,
                "{scenario}"
            );
            let covered = place < 3 && !gone;
            assert_eq!(exit.guaranteed.is_zero(), gone || place == 3, "{scenario}");
            assert!(!covered || exit.shortfall.is_zero(), "{scenario}, {}: {:?}", exit.exit, exit.shortfall);
            assert!(
                exit.paid <= exit.cap.unwrap()
                    && (exit.paid.is_zero() || exit.paid + exit.property_value >= exit.guaranteed)
            );
        }
    }
    // On the base path nothing is prepaid before.
    let rows: Vec<_> = run.note(0).collect();
    for (index, lease) in leases.iter().enumerate() {
        let schedule = lease.rvg_schedule.as_ref().unwrap();
        for years in [4, 8, 12] {
            let exit = leasefall::time::add_months(lease.commencement, 12 * years);
            let owed = rows[dates.iter().position(|date| date.accrual_end >= exit).unwrap()].balance_open;
            let guaranteed = schedule.steps().iter().rev().find(|(from, _)| *from <= exit).unwrap().1;
            let share = Decimal::new(owed.minor(), 2) * lease.kw / all_kw;
            let above = guaranteed - share;
            assert!(
                above >= Decimal::ZERO && above < Decimal::from(1_000),
                "{index} {exit}: {guaranteed} {share}"
            );
        }
    }
}
