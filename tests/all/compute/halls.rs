//! Halls that racks outgrow (amounts in cents): rents, renewals, refits and values by hand, and nothing where nothing is said.

use super::{assets, catalogue, day, pool, scenario, script, two_generations};
use leasefall::asset::{ChipsFile, RenewalRent, Survival};
use leasefall::collection::{ChipValuation, Collections, Periods, collect, source};
use leasefall::curve::{Compounding, DiscountCurve};
use leasefall::deal::Deal;
use leasefall::folder::Folder;
use leasefall::pool::{Assets, InMemory, Pool};
use leasefall::scenario::Draws;
use leasefall::scenario::compute::OperatingTerms;
use leasefall::waterfall::Program;
use leasefall::{Currency, Money};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Month by month for ten years.
pub fn periods(pool: &Pool) -> Periods {
    let dates: Vec<_> =
        (1..=120).map(|n: u32| leasefall::time::add_months(day("2026-01-01"), n as i32)).collect();
    Periods::new(pool.cut_off_date(), &dates).unwrap()
}

fn collected(pool: &Pool, text: &str) -> Collections {
    collect(pool, &scenario(pool, text), &periods(pool)).unwrap()
}

fn column(collections: &Collections, name: &str, period: usize) -> i64 {
    collections.row(period)[collections.layout().column(name).unwrap()].minor()
}

const HALLS: &str = "[compute]\ncadence_months = 1200\n[compute.halls]\nrent_discount = 0.4\n";

/// From January 2029 halls must supply 160 kW a rack; this one has 40. A tenant without an option stays at 70% of
/// market rent: 1 - 0.4 x 3/4.
#[test]
fn a_hall_that_does_not_fit_rents_for_less() {
    let pool = pool(Some(two_generations()));
    let (full, less) = (collected(&pool, "description = \"\""), collected(&pool, HALLS));
    let rent = |c: &Collections, period| column(c, source::RENT, period);
    assert_eq!((rent(&full, 35), rent(&full, 36)), (10_000_000, 10_000_000));
    assert_eq!((rent(&less, 35), rent(&less, 36)), (10_000_000, 8_200_000)); // 600 x 70 + 400 x 100
}

/// Let again after a year of downtime, in January 2030: refitted from 40 to 100 kW a rack at 20 dollars a kW and
/// step, 600 kW x 60 x 20 = 720,000; rent 1 - 0.4 x (1 - 100/160) = 85% of market, three months of it in cost.
#[test]
fn a_refit_costs_and_rents() {
    let pool = pool(Some(two_generations()));
    let leave = "[[events]]\nkind = \"non_renewal\"\nselect = { leases = [\"L1\"] }\n";
    let refit = "refit_to_kw_per_rack = 100\nrefit_usd_per_kw_per_rack_kw = 20\n";
    let found = collected(&pool, &format!("{HALLS}{refit}{leave}"));
    assert_eq!(column(&found, source::RENT, 47), 4_000_000);
    assert_eq!(column(&found, source::RENT, 48), 9_100_000); // 600 x 85 + 400 x 100
    assert_eq!(column(&found, "expenses", 48), 72_000_000 + 3 * 5_100_000);
    // A hall that fits already needs none.
    let dense = refit.replace("100", "40");
    let found = collected(&pool, &format!("{HALLS}{dense}{leave}"));
    assert_eq!(column(&found, "expenses", 48), 3 * 4_200_000);
}

fn with_option(switching: &str, months: u32) -> (Pool, String) {
    let mut assets = assets();
    let lease = &mut assets.leases[0];
    lease.renewal_options = Some(1);
    lease.renewal_months = Some(months);
    lease.renewal_rent = RenewalRent::Same;
    let pool = Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap();
    let pool = pool.with_chips(two_generations(), &InMemory).unwrap();
    (pool, format!("[assumptions]\nswitching_cost = {switching}\n{HALLS}"))
}

/// An option at 100 against a market of 70 for this hall: it is taken where leaving costs three sevenths.
#[test]
fn a_tenant_leaves_a_hall_that_does_not_fit() {
    let rent = |(pool, text): (Pool, String)| column(&collected(&pool, &text), source::RENT, 36);
    assert_eq!(rent(with_option("0.43", 60)), 10_000_000); // 70 x 1.43 = 100.10
    assert_eq!(rent(with_option("0.42", 60)), 4_000_000); // 70 x 1.42 = 99.40
}

/// Space not let is valued at half of its market rent: 600 kW x 35 more, at 12 a year over 8%.
#[test]
fn values_see_the_fit() {
    let pool = pool(Some(two_generations()));
    let leave = "[[events]]\nkind = \"non_renewal\"\nselect = { leases = [\"L1\"] }\n";
    let value = |text: &str| column(&collected(&pool, &format!("{text}{leave}")), "asset_value", 40);
    assert_eq!(value(HALLS), (4_000_000 + 2_100_000) * 12 * 100 / 8);
    assert_eq!(value(""), (4_000_000 + 3_000_000) * 12 * 100 / 8);
}

/// A catalogue alone moves no cent of any deal, whatever the cadence; nor does a hall discount where sites
/// do not say how dense they are, or all fit.
#[test]
fn nothing_moves_unless_it_is_said() {
    for deal in ["flexential-2021-1", "aligned-2021-1", "compass-red-oak", "beignet-2049", "forty-tenants"] {
        let folder = Folder::open(format!("fixtures/deals/{deal}")).unwrap();
        let with = |chips: Option<ChipsFile>, text: &str| {
            let pool = folder.pool().clone();
            let pool = chips.map_or(pool.clone(), |chips| pool.with_chips(chips, &InMemory).unwrap());
            let document = script(text);
            let scenario = document.resolve(&pool, folder.months(), None, &InMemory).unwrap();
            collect(&pool, &scenario, folder.periods().unwrap()).unwrap()
        };
        let events = "[[events]]\nkind = \"market_rent\"\nat = 2030-01-01\nchange = -0.3\n";
        let fast = format!("[compute]\ncadence_speed = 4\nscarcity_start = -1\n{events}");
        let without = with(None, events);
        assert_eq!(with(Some(catalogue()), events), without, "{deal}");
        assert_eq!(with(Some(catalogue()), &fast), without, "{deal}");
    }
    let mut assets: Assets = assets();
    assets.sites.sites[0].hall_density_kw_per_rack = None;
    let unknown = Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap();
    let unknown = unknown.with_chips(two_generations(), &InMemory).unwrap();
    assert_eq!(collected(&unknown, HALLS), collected(&pool(None), "description = \"\""));
}

/// A pool may collect more when chips come faster, through its tenants' decisions: one who would have stayed ten years
/// at a flat 100 leaves a hall that fits worse, and the space is let into rising rents. Market rent grows 15% a year:
/// 152 in January 2029, when the option is due. Where racks need 101 kW by then the hall commands 0.638 of it, 97.1,
/// and times 1.1 that is above 100; where they need 160 it commands 0.55, 83.7, and times 1.1 that is below.
#[test]
fn decisions_may_gain_from_a_faster_cadence() {
    let (pool, _) = with_option("0.1", 120);
    let at = |speed: &str| {
        collected(
            &pool,
            &format!(
                "[growth]\nmarket_rent = 0.15\n[assumptions]\ndowntime_months = 6\n\
             [compute]\ncadence_months = 1200\ncadence_speed = {speed}\nhalls = {{ rent_discount = 0.6 }}"
            ),
        )
    };
    let (slow, fast) = (at("0.6"), at("2"));
    assert_eq!(column(&slow, source::RENT, 36), 10_000_000, "stays");
    assert_eq!(column(&fast, source::RENT, 36), 4_000_000, "leaves");
    assert!(fast.total_cash().unwrap() > slow.total_cash().unwrap());
}

/// A building lease is not depreciated on a chip's clock: with chips that are worth nothing after a few years, rent
/// and value of a building let beyond the horizon do not move by a cent.
#[test]
fn buildings_do_not_die_with_chips() {
    let pool = outlasting();
    let fast = "[compute]\ncadence_speed = 10\nmarket_rent_elasticity = 1\nhalls = { rent_discount = 1 }";
    let price = scenario(&pool, fast).compute_price;
    let chip = catalogue().generations.iter().find(|generation| generation.id == "gb200").unwrap().rates();
    let (terms, survival) = (OperatingTerms::default(), Survival::unreplaced(0.04));
    let valuation = ChipValuation::new(&chip, &terms, survival, 0.12, 0, 120).unwrap();
    let death = valuation.values(&price, &[], &mut [0.0; 120]).unwrap();
    assert!(death.is_some_and(|month| month < 60), "{death:?}");
    let found = collected(&pool, fast);
    for period in 0..120 {
        assert_eq!(column(&found, source::RENT, period), 10_000_000);
        assert_eq!(column(&found, "asset_value", period), 10_000_000 * 12 * 100 / 8);
    }
}

/// [`assets`] let until 2045.
fn outlasting() -> Pool {
    let mut assets = assets();
    assets.leases.iter_mut().for_each(|lease| lease.expiration = day("2045-12-31"));
    let pool = Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap();
    pool.with_chips(catalogue(), &InMemory).unwrap()
}

/// Two classes with a test of value that chips could trip, over ten years.
fn notes() -> Deal {
    let text = r#"
        name = "Outlasting"
        currency = "USD"
        cut_off_date = "2025-12-31"
        closing_date = "2026-01-01"
        payments = { frequency = "monthly", first_date = "2026-02-01" }
        notes = [
            { id = "A", original_balance = 8_000_000, coupon = 0.05, day_count = "30/360", legal_final = "2036-01-01" },
            { id = "B", original_balance = 2_000_000, coupon = 0.08, day_count = "30/360", legal_final = "2036-01-01" },
        ]
        accounts = [{ id = "collection" }]
        triggers = [{ id = "short", test = { kind = "ltv", above = 0.70 } }]
        [[phases]]
        id = "all"
        steps = [
            { id = "interest_a", pay = "interest", notes = ["A"] },
            { id = "interest_b", pay = "interest", notes = ["B"] },
            { id = "turbo", pay = "principal", notes = ["A"], when = ["short"] },
            { id = "principal", pay = "scheduled_principal", notes = ["A", "B"] },
            { id = "rest", pay = "payee", payee = "issuer" },
        ]
    "#;
    toml::from_str(text).unwrap()
}

/// Nor do they move along random paths of compute, while market rents are not drawn and no tenant can default.
#[test]
fn long_leases_do_not_see_random_chips() {
    let pool = outlasting();
    let linked = "[compute]\nmarket_rent_elasticity = 1\nhalls = { rent_discount = 0.5 }";
    let text = "measure = \"historical\"\nfactors = [\"ai_demand\"]\n[[obligors]]\ndefault = { kind = \"hazard\", hazard = 0 }\n\
                [compute]\nvolatility = 0.85\ncadence_volatility = 0.5\nai_demand_correlation = 0.5";
    let risk = crate::simulation::risk(text);
    let curve = DiscountCurve::flat(day("2025-12-31"), 0.04, Compounding::Continuous).unwrap();
    let base = scenario(&pool, linked);
    let generator = risk.value.resolve(&pool, base.clone(), &curve, Draws::default(), &risk).unwrap();
    let expected = collected(&pool, "description = \"\"");
    let program = Program::compile(&notes(), expected.layout()).unwrap();
    let scripted = program.run(&expected).unwrap();
    let mut world = generator.world();
    for path in 0..50 {
        generator.draw(path, 120, &mut world);
        assert_ne!(world.scenario.compute_price, base.compute_price);
        let run = program.run(&collect(&pool, &world.scenario, &periods(&pool)).unwrap()).unwrap();
        assert!((0..2).all(|note| run.note(note).eq(scripted.note(note))), "path {path}");
    }
}

proptest! {
    #![proptest_config(crate::random::config())]

    /// What leases that outlive the horizon pay, and so every note on them, does not move by a cent with chips, while
    /// tenants cannot default.
    #[test]
    fn long_leases_do_not_see_chips(
        speed in 50..20_000_i64, elasticity in 0..50_i64, discount in 0..=100_i64, change in -99..500_i64,
    ) {
        let pool = outlasting();
        let text = format!(
            "[compute]\ncadence_speed = {}\nmarket_rent_elasticity = {}\nhalls = {{ rent_discount = {} }}\n\
             [[events]]\nkind = \"compute_price\"\nat = 2027-01-01\nchange = {}",
            speed as f64 / 1e3, elasticity as f64 / 10.0, discount as f64 / 100.0, change as f64 / 100.0,
        );
        let (with, without) = (collected(&pool, &text), collected(&pool, "description = \"\""));
        prop_assert_eq!(&with, &without);
        let program = Program::compile(&notes(), with.layout()).unwrap();
        let (with, without) = (program.run(&with).unwrap(), program.run(&without).unwrap());
        for note in 0..2 {
            prop_assert!(with.note(note).eq(without.note(note)));
        }
    }

    /// A faster cadence never raises the rent at which any space is let, any value or the pool's cash, while
    /// tenants' decisions stand and nobody refits. (A refit is an investment: a landlord who sees denser racks
    /// sooner builds a denser hall, which then fits for longer. `docs/obsolescence.md` has a case.)
    #[test]
    fn rent_of_new_leases_never_rises(
        speed in 50..3_000_i64, faster in 0..3_000_i64, discount in 0..=100_i64, elasticity in 0..20_i64,
 density in 5..300_u32, term in 1..120_u32, downtime in 0..30_u32,
        growth in -10..15_i64,
    ) {
        let mut assets = assets();
        assets.sites.sites[0].hall_density_kw_per_rack = Some(Decimal::from(density));
        let pool = Pool::new(Currency::USD, day("2025-12-31"), assets, &InMemory).unwrap();
        let pool = pool.with_chips(catalogue(), &InMemory).unwrap();
        let at = |speed: i64| collected(&pool, &format!(
            "[growth]\nmarket_rent = {}\n[assumptions]\nrelet_term_months = {term}\ndowntime_months = {downtime}\n\
             [compute]\ncadence_speed = {}\nmarket_rent_elasticity = {}\n\
             [compute.halls]\nrent_discount = {}\n\
             [[events]]\nkind = \"non_renewal\"\nfrom = 2028-06-01",
            growth as f64 / 100.0, speed as f64 / 1e3, elasticity as f64 / 10.0, discount as f64 / 100.0,
        ));
        let (slow, fast) = (at(speed), at(speed + faster));
        // Prices of two scenarios are sums of steps in another order, and may differ in the last bit where they are the same:
        // so a modelled rent, rounded by itself, by a cent. Only the lease that ends in 2028 is followed by such rents; what a cent
        // of monthly rent is worth at 8% is 12 / 0.08, and value is rounded once more.
        let (mut modelled, mut sums) = (0, [0_i64; 2]);
        for period in 0..120 {
            let rents = [&fast, &slow].map(|found| column(found, source::RENT, period));
            let own = i64::from(period >= 36 && rents.iter().any(|&rent| rent > 4_000_000));
            prop_assert!(rents[0] <= rents[1] + own, "{} {:?}", period, rents);
            let values = [&fast, &slow].map(|found| column(found, "asset_value", period));
            let bound = own * 12 * 100 / 8 + i64::from(period >= 36);
            prop_assert!(values[0] <= values[1] + bound, "{} {:?}", period, values);
            modelled += own;
            (sums[0], sums[1]) = (sums[0] + rents[0], sums[1] + rents[1]);
        }
        prop_assert!(sums[0] <= sums[1] + modelled);
        let most = slow.total_cash().unwrap() + Money::from_minor(modelled);
        prop_assert!(fast.total_cash().unwrap() <= most);
    }
}
