//! Laws of collections over random pools and scenarios.
//!
//! `LEASEFALL_CASES` sets the number of cases of each (1,000 by default).

use super::*;
use crate::asset::*;
use crate::pool::{Assets, InMemory, Pool};
use crate::scenario::{
    BankruptcyOutcome, Event, RefinancingTerms, RelettingTerms, SaleTerms, Script, Select,
};
use crate::time::{Date, Month, add_months};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn cases() -> ProptestConfig {
    let cases = std::env::var("LEASEFALL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn columns() -> column::LeaseColumns {
    column::LeaseColumns::of(&Layout::leases()).unwrap()
}

fn cut_off() -> Date {
    Date::from_ymd_opt(2026, 10, 31).unwrap()
}

fn dec(mantissa: i64, scale: u32) -> Decimal {
    Decimal::new(mantissa, scale)
}

/// Two sites in two markets, four tenants of which the last backs the third.
fn assets(leases: Vec<Lease>) -> Assets {
    let market = |id: &str, rent| Market {
        id: id.to_owned(),
        name: None,
        market_rent_usd_per_kw_month: dec(rent, 0),
        market_rent_growth: dec(3, 2),
    };
    let site = |id: &str, market: &str, appraised_value| {
        let start = Date::from_ymd_opt(2015, 1, 1).unwrap();
        let mut site = Site::new(id, market, dec(10_000_000, 0), start, dec(7, 2));
        site.appraised_value = appraised_value;
        site.opex_usd_per_kw_month = dec(17, 3);
        site.property_tax_per_year = dec(123_456_789, 2);
        site.ground_rent_per_year = dec(1_000_001, 2);
        site.power_price_usd_per_kwh = dec(68, 3);
        site.cost_inflation = dec(25, 3);
        site
    };
    let mut tenants: Vec<Tenant> = ["t0", "t1", "t2", "t3"].into_iter().map(Tenant::new).collect();
    tenants[2].guarantor = Some("t3".to_owned());
    Assets {
        sites: SitesFile {
            markets: vec![market("m0", 130), market("m1", 95)],
            sites: vec![site("s0", "m0", Some(dec(900_000_000, 0))), site("s1", "m1", None)],
        },
        tenants: TenantsFile { tenants },
        leases,
        ..Assets::default()
    }
}

prop_compose! {
    fn lease()(
        (tenant, site) in (0..3_u8, 0..2_u8),
        (kw, rent) in (1..100_000_000_i64, 0..300_000_i64),
        (start, days) in (-4_000..3_000_i64, 2..6_000_i64),
        (escalator, rate) in (0..3_u8, -300..600_i64),
        (free, ramp, structure) in (0..9_u32, prop::option::of((1..30_u32, 0..100_i64)), 0..3_u8),
        (options, months, notice, rule, factor) in (0..4_u32, 1..90_u32, 0..24_u32, 0..3_u8, 500..1_500_i64),
        (early, fee_months, deposit) in (prop::option::of(1..6_000_i64), 0..24_i64, 0..1_000_000_000_i64),
        rvg in prop::option::of((0..90_000_000_000_i64, prop::option::of(0..90_000_000_000_i64))),
        (load, pass) in (0..1_001_i64, prop::option::of(0..101_i64)),
    ) -> Lease {
        let commencement = cut_off() + chrono::Duration::days(start);
        let expiration = (commencement + chrono::Duration::days(days)).max(Date::from_ymd_opt(2026, 11, 1).unwrap());
        let mut lease = Lease::new(
            "L", format!("t{tenant}"), format!("s{site}"), dec(kw, 3), dec(rent, 3), commencement, expiration,
        );
        match escalator {
            0 => {}
            1 => {
                lease.escalator = EscalatorKind::Fixed;
                lease.escalator_rate = Some(dec(rate, 4));
            }
            _ => {
                lease.escalator = EscalatorKind::Cpi;
                lease.cpi_floor = Some(dec(rate.min(100), 4));
                lease.cpi_cap = Some(dec(rate.max(100), 4));
            }
        }
        lease.free_rent_months = Some(free);
        lease.ramp = ramp.map(|(month, share)| Ramp::new(vec![(0, dec(share, 2)), (month, Decimal::ONE)]).unwrap());
        lease.structure =
            [Structure::Nnn, Structure::ModifiedGross, Structure::ModifiedGrossElectricity][structure as usize];
        lease.opex_pass_through = pass.map(|p| dec(p, 2));
        lease.load_factor = Some(dec(load, 3));
        lease.renewal_options = Some(options);
        lease.renewal_months = (options > 0).then_some(months);
        lease.renewal_notice_months = Some(notice);
        lease.renewal_rent = [RenewalRent::Same, RenewalRent::Market, RenewalRent::Lesser][rule as usize];
        lease.renewal_rent_factor = Some(dec(factor, 3));
        lease.early_termination_date = early
            .map(|d| commencement + chrono::Duration::days(d))
            .filter(|&d| d < expiration && d > Date::from_ymd_opt(2026, 11, 1).unwrap());
        lease.termination_fee_months = lease.early_termination_date.map(|_| dec(fee_months, 0));
        lease.security_deposit = Some(dec(deposit, 2));
        (lease.rvg_amount, lease.rvg_cap) =
            rvg.map_or((None, None), |(amount, cap)| (Some(dec(amount, 2)), cap.map(|c| dec(c, 2))));
        lease
    }
}

fn leases() -> impl Strategy<Value = Vec<Lease>> {
    prop::collection::vec(lease(), 0..12).prop_map(|mut leases| {
        leases.iter_mut().enumerate().for_each(|(i, lease)| lease.lease_id = format!("L{i}"));
        leases
    })
}

prop_compose! {
    fn script()(
        defaults in prop::collection::btree_map(0..4_u8, (0..4_000_i64, any::<bool>(), 0..101_i64, any::<bool>()), 0..4),
        (leave, renew, early) in (prop::option::of(0..4_000_i64), any::<bool>(), any::<bool>()),
        (fall, fall_at, cpi) in (-100..50_i64, 0..4_000_i64, -300..900_i64),
        (downtime, share, refit, stay) in (0..40_u32, 0..150_i64, 0..4_000_i64, any::<bool>()),
        (sale, after_rejection, refinance) in (prop::option::of(0..5_000_i64), prop::option::of(0..40_u32), any::<bool>()),
    ) -> Script {
        let after = |days: i64| cut_off() + chrono::Duration::days(days);
        let mut script = Script::default();
        script.growth.cpi = Some(dec(cpi, 4));
        script.assumptions.downtime_months = downtime;
        script.assumptions.relet_rent_share = dec(share, 2);
        script.assumptions.refit_usd_per_kw = dec(refit, 0);
        script.assumptions.stay_without_option = stay;
        for (tenant, (at, rejected, recovery, relet)) in defaults {
            script.events.push(Event::TenantDefault {
                tenant: format!("t{tenant}"),
                at: after(at),
                outcome: if rejected { BankruptcyOutcome::Rejected } else { BankruptcyOutcome::Assumed },
                recovery_rate: Some(dec(recovery, 2)),
                reletting: RelettingTerms { relet: Some(relet), ..RelettingTerms::default() },
            });
        }
        let select = Select { sites: vec!["s0".to_owned()], ..Select::default() };
        if renew {
            script.events.push(Event::Renewal { select: Select::default() });
        }
        script.events.extend(leave.map(|d| Event::NonRenewal { select, from: Some(after(d)) }));
        if early {
            script.events.push(Event::EarlyTermination { select: Select::default() });
        }
        let markets = vec!["m1".to_owned()];
        script.events.push(Event::MarketRent { at: after(fall_at), markets, change: dec(fall, 2), growth: None });
        let sites = vec!["s1".to_owned()];
        let terms = |at, months_after_rejection, sites| SaleTerms {
            sites, at, months_after_rejection, granted: true, cost: dec(2, 2),
        };
        script.sales.extend(sale.map(|d| terms(Some(after(d)), None, sites)));
        script.sales.extend(after_rejection.map(|months| terms(None, Some(months), Vec::new())));
        script.refinancing =
            refinance.then(|| RefinancingTerms { at: None, granted: true, max_ltv: dec(7, 1) });
        script
    }
}

/// Monthly or quarterly payments over `months` months.
fn periods(months: i32, every: i32) -> Periods {
    let first = Month::of(add_months(cut_off(), 1));
    let dates: Vec<Date> = (1..=months / every).map(|n| (first + n * every).day(25)).collect();
    Periods::new(cut_off(), &dates).unwrap()
}

fn pool(leases: Vec<Lease>) -> Pool {
    Pool::new(Currency::USD, cut_off(), assets(leases), &InMemory).unwrap()
}

fn collected(pool: &Pool, script: &Script, periods: &Periods) -> Collections {
    let ard = Some(Date::from_ymd_opt(2031, 10, 25).unwrap());
    let scenario = script.resolve(pool, periods.months(), ard, &InMemory).unwrap();
    collect(pool, &scenario, periods).unwrap()
}

/// Minor units by period and column, sources and measures.
fn cells(collections: &Collections) -> Vec<Vec<i64>> {
    let row = |p| collections.row(p).iter().map(|m| m.minor()).collect();
    (0..collections.periods()).map(row).collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn cash_is_never_negative_and_the_order_of_leases_does_not_matter(
        leases in leases(), script in script(), every in prop::sample::select(vec![1, 3]), turn in 0..12_usize,
    ) {
        let periods = periods(180, every);
        let straight = collected(&pool(leases.clone()), &script, &periods);
        prop_assert!(straight.total_cash().is_ok());
        let expenses = straight.layout().column(measure::EXPENSES).unwrap();
        let value = straight.layout().column(measure::ASSET_VALUE).unwrap();
        for row in cells(&straight) {
            prop_assert!(row[expenses] >= 0 && row[value] >= 0);
            prop_assert!(row[columns().rent_roll] >= row[columns().top_five_rent]);
            prop_assert!(row[columns().top_five_rent] >= row[columns().top_tenant_rent]);
        }
        let mut turned = leases;
        turned.reverse();
        let count = turned.len().max(1);
        turned.rotate_left(turn % count);
        prop_assert_eq!(collected(&pool(turned), &script, &periods), straight);
    }

    /// What a lease collects alone is what it adds to a pool, so the precomputed base and its corrections agree.
    #[test]
    fn rents_of_a_pool_are_the_sum_of_its_leases(leases in leases(), script in script()) {
        let periods = periods(120, 1);
        let mut script = script;
        // Whether these sell a site hangs on all of its leases.
        script.sales.retain(|sale| sale.months_after_rejection.is_none());
        let whole = cells(&collected(&pool(leases.clone()), &script, &periods));
        let mut sum = vec![vec![0; 15]; whole.len()];
        for lease in leases {
            for (row, alone) in sum.iter_mut().zip(cells(&collected(&pool(vec![lease]), &script, &periods))) {
                row.iter_mut().zip(alone).for_each(|(cell, amount)| *cell += amount);
            }
        }
        let additive = [
            columns().rent, columns().guarantor_payments, columns().termination_fees, columns().recoveries, columns().rent_roll,
        ];
        for (sum, whole) in sum.iter().zip(&whole) {
            for column in additive {
                prop_assert_eq!(sum[column], whole[column]);
            }
        }
    }

    #[test]
    fn a_lease_split_in_two_pays_the_same_within_a_cent_each(lease in lease(), script in script()) {
        let periods = periods(120, 1);
        let mut lease = lease;
        lease.kw = (lease.kw * dec(2, 0)).round_dp(2);
        lease.kw = lease.kw.max(dec(2, 2));
        // Amounts per lease are split with it.
        lease.security_deposit = None;
        (lease.rvg_amount, lease.rvg_cap) = (None, None);
        let mut half = lease.clone();
        half.kw = lease.kw / dec(2, 0);
        let mut other = half.clone();
        other.lease_id = "M".to_owned();
        let whole = cells(&collected(&pool(vec![lease]), &script, &periods));
        let halves = cells(&collected(&pool(vec![half, other]), &script, &periods));
        for (whole, halves) in whole.iter().zip(&halves) {
            for (name, column) in [("rent", columns().rent), ("guarantor", columns().guarantor_payments)] {
                prop_assert!((whole[column] - halves[column]).abs() <= 2, "{} {:?} {:?}", name, whole, halves);
            }
            // Site by site, at most a unit of power and one of operating cost.
            prop_assert!((whole[columns().reimbursements] - halves[columns().reimbursements]).abs() <= 2);
        }
    }

    #[test]
    fn rent_scales(lease in lease(), script in script()) {
        // Thrice the kW pays thrice the rent, within the rounding of each month and its stub.
        let periods = periods(120, 1);
        let mut triple = lease.clone();
        triple.kw *= dec(3, 0);
        let one = cells(&collected(&pool(vec![lease]), &script, &periods));
        let three = cells(&collected(&pool(vec![triple]), &script, &periods));
        for (one, three) in one.iter().zip(&three) {
            let off = |column: usize| (three[column] - 3 * one[column]).abs();
            prop_assert!(off(columns().rent) <= 4 && off(columns().guarantor_payments) <= 4, "{:?} {:?}", one, three);
        }
    }

    #[test]
    fn more_rent_never_collects_less(lease in lease(), more in 1..100_000_i64) {
        // The renewal test is the one place where a higher rent can lose a tenant: it is set aside.
        let script = Script {
            events: vec![Event::Renewal { select: Select::default() }],
            ..Script::default()
        };
        // So is `lesser`, where a lower rent runs on to its next anniversary and a higher one starts afresh
        // at market rent.
        let mut lease = lease;
        if lease.renewal_rent == RenewalRent::Lesser {
            lease.renewal_rent = RenewalRent::Same;
        }
        let periods = periods(180, 1);
        let mut dearer = lease.clone();
        dearer.rent_usd_per_kw_month += dec(more, 3);
        let less = cells(&collected(&pool(vec![lease]), &script, &periods));
        let more = cells(&collected(&pool(vec![dearer]), &script, &periods));
        for (less, more) in less.iter().zip(&more) {
            prop_assert!(more[columns().rent] >= less[columns().rent]);
        }
    }

    #[test]
    fn a_workspace_leaves_no_trace(leases in leases(), first in script(), second in script()) {
        let (pool, periods) = (pool(leases), periods(120, 3));
        let projection = Projection::new(&pool, &periods).unwrap();
        let mut workspace = Workspace::default();
        let resolve = |script: &Script| script.resolve(&pool, 120, Some(cut_off()), &InMemory).unwrap();
        let mut into = projection.collect(&resolve(&first), &mut workspace).unwrap();
        projection.collect_into(&resolve(&second), &mut workspace, &mut into).unwrap();
        prop_assert_eq!(into, collect(&pool, &resolve(&second), &periods).unwrap());
    }
}

#[test]
fn absurd_amounts_are_errors() {
    let start = Date::from_ymd_opt(2026, 1, 1).unwrap();
    let end = Date::from_ymd_opt(2199, 12, 31).unwrap();
    let mut lease = Lease::new("L", "t0", "s0", dec(10_000_000, 0), dec(100_000, 0), start, end);
    lease.escalator = EscalatorKind::Fixed;
    lease.escalator_rate = Some(dec(5, 1));
    let problems = Pool::new(Currency::USD, cut_off(), assets(vec![lease]), &InMemory).unwrap_err();
    assert!(problems.to_string().contains("leases[0].rent_usd_per_kw_month"), "{problems}");
}
