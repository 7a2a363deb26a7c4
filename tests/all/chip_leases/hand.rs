//! A lease of 100 chips on paper: over 24 months of collections and 180 after them a chip that earns 365 a month and
//! never fails is worth 365 x (204 - m) at the start of month m, undiscounted.

use super::{FLAT, cash, column, fleet, lease, one_generation, pool, total};
use leasefall::Currency;
use leasefall::asset::{ChipLease, EndOfTerm, FailuresBorneBy, Remarketing, Tenant, TenantKind, TenantsFile};
use leasefall::collection::{measure, source};
use leasefall::pool::{InMemory, Pool};
use rust_decimal::Decimal;

const DEFAULT: &str = r#"
[assumptions]
recovery_lag_months = 4
[[events]]
kind = "tenant_default"
tenant = "cloud"
at = 2026-07-01
recovery_rate = 0.4
"#;

fn chips() -> leasefall::asset::ChipsFile {
    one_generation(&fleet("f", 100, ""))
}

#[test]
fn a_lease_that_is_kept_pays_its_rent_and_the_chips_are_sold() {
    let found = cash(&pool(vec![lease("L", "f")], chips()), FLAT);
    let rent = column(&found, source::RENT);
    assert_eq!(rent[..12], [5_000_000; 12]);
    assert_eq!(rent[12..], [0; 12]);
    // Back in January 2027, sold in month 15: 365 x 189 = 68,985 each, a fifth off, 100 chips into a market of 1,000.
    let sold = column(&found, source::SALE_PROCEEDS);
    assert_eq!(sold[15], (68_985.0 * 0.8 * 100.0 * 0.95 * 100.0) as i64);
    assert_eq!(sold[15], 524_286_000);
    assert_eq!(found.total_cash().unwrap().minor(), 12 * 5_000_000 + 524_286_000);
    // At the end of January: 203 months of 365 for each; 11 rents to come; one sixtieth of the cost written off.
    let first = |name: &str| column(&found, name)[0];
    assert_eq!(first(measure::CHIP_VALUE), 203 * 365 * 100 * 100);
    assert_eq!(first(measure::ASSET_VALUE), first(measure::CHIP_VALUE));
    assert_eq!(first(measure::CONTRACTED_VALUE), 11 * 5_000_000);
    assert_eq!(first(measure::BOOK_VALUE), 219_000_000 / 60 * 59);
    assert_eq!(first(measure::RENT_ROLL), 5_000_000);
    assert_eq!(first(measure::NOI), 5_000_000);
    // Sold in month 15, they are gone at its end.
    for name in [measure::CHIP_VALUE, measure::BOOK_VALUE] {
        let values = column(&found, name);
        assert!(values[14] > 0 && values[15] == 0, "{name}");
    }
}

#[test]
fn a_contract_is_worth_its_rent_discounted() {
    let mut own = lease("L", "f");
    own.contract_discount_rate = Some(Decimal::new(12, 2));
    let found = cash(&pool(vec![own], chips()), FLAT);
    // At the end of October: rents of 1 November, now, and 1 December, a month away.
    let expected = 50_000.0 * (1.0 + 1.12_f64.powf(-1.0 / 12.0));
    assert_eq!(column(&found, measure::CONTRACTED_VALUE)[9], (expected * 100.0).round() as i64);
}

#[test]
fn a_default_in_july_ends_the_contract_and_the_chips_are_sold_in_october() {
    let mut own = lease("L", "f");
    own.security_deposit_usd = Some(Decimal::from(20_000));
    let pool = pool(vec![own], chips());
    let found = cash(&pool, &(DEFAULT.to_owned() + FLAT));
    assert_eq!(total(&found, source::RENT), 6 * 5_000_000);
    // 365 x 195 = 71,175 in month 9.
    assert_eq!(column(&found, source::SALE_PROCEEDS)[9], (71_175.0 * 0.8 * 95.0 * 100.0) as i64);
    // The deposit; the sale brings more than the 280,000 of rent that are left to claim.
    let recovered = column(&found, source::RECOVERIES);
    assert_eq!((recovered[6], recovered.iter().sum::<i64>()), (2_000_000, 2_000_000));
    assert_eq!(column(&found, measure::CONTRACTED_VALUE)[6..], [0; 18]);
}

#[test]
fn a_default_before_delivery_leaves_chips_to_sell_once_they_are_there() {
    let mut own = lease("L", "f");
    (own.commencement, own.expiration) = ("2026-07-01".parse().unwrap(), "2027-06-30".parse().unwrap());
    let chips = one_generation(&fleet("f", 100, "").replace("2025-12-31", "2026-06-30"));
    let early = DEFAULT.replace("2026-07-01", "2026-03-01");
    let found = cash(&pool(vec![own], chips), &(early + FLAT));
    assert_eq!(total(&found, source::RENT), 0);
    // Delivered in July, sold in October: 365 x 195 = 71,175 each, a fifth off, 100 chips into a market of 1,000.
    let sold = column(&found, source::SALE_PROCEEDS);
    assert_eq!((sold[9], sold.iter().sum::<i64>()), (540_930_000, 540_930_000));
}

#[test]
fn worthless_chips_leave_the_claim() {
    let mut own = lease("L", "f");
    own.security_deposit_usd = Some(Decimal::from(20_000));
    let crash = "[[events]]\nkind = \"compute_price\"\nat = 2026-03-01\nchange = -0.9\n";
    let text = DEFAULT.to_owned() + crash + FLAT;
    let found = cash(&pool(vec![own], chips()), &text);
    assert_eq!(total(&found, source::SALE_PROCEEDS), 0);
    // Six rents of 50,000 less the deposit are 280,000, of which the estate pays 0.4 four months later.
    let recovered = column(&found, source::RECOVERIES);
    assert_eq!((recovered[6], recovered[10]), (2_000_000, 11_200_000));
    // The books do not know.
    assert_eq!(column(&found, measure::CHIP_VALUE)[2], 0);
    assert_eq!(column(&found, measure::BOOK_VALUE)[2], 219_000_000 / 60 * 57);
}

#[test]
fn a_guarantor_pays_until_it_fails_too() {
    let mut own = lease("L", "f");
    own.guarantor = Some("parent".into());
    let pool = pool(vec![own], chips());
    let found = cash(&pool, &(DEFAULT.to_owned() + FLAT));
    assert_eq!(
        (total(&found, source::RENT), total(&found, source::GUARANTOR_PAYMENTS)),
        (30_000_000, 30_000_000)
    );
    assert_eq!(column(&found, source::SALE_PROCEEDS)[15], 524_286_000, "back at the end of the term");
    let both = "[[events]]\nkind = \"tenant_default\"\ntenant = \"parent\"\nat = 2026-10-01\n";
    let found = cash(&pool, &(DEFAULT.to_owned() + both + FLAT));
    assert_eq!(
        (total(&found, source::RENT), total(&found, source::GUARANTOR_PAYMENTS)),
        (30_000_000, 15_000_000)
    );
    assert!(column(&found, source::SALE_PROCEEDS)[12] > 0, "back in October");
}

#[test]
fn chips_that_come_back_are_let_by_the_hour() {
    let mut own = lease("L", "f");
    own.remarketing = Remarketing::Relet;
    own.remarketing_months = Some(2);
    let found = cash(&pool(vec![own], chips()), FLAT);
    let (rent, costs) = (column(&found, source::RENT), column(&found, measure::EXPENSES));
    assert_eq!(rent[12..14], [0; 2]);
    // 730 h x 0.70 x 100 chips; 73 of power and 73 of opex each.
    assert_eq!(rent[14..], [5_110_000; 10]);
    assert_eq!(costs[14..], [1_460_000; 10]);
    assert_eq!(column(&found, measure::NOI)[14..], [3_650_000; 10]);
    assert_eq!(total(&found, measure::EXPENSES), 14_600_000, "the tenant bears them before");
    assert_eq!(column(&found, measure::RENT_ROLL)[14], 0, "no contract");
}

#[test]
fn the_tenant_buys_what_is_worth_its_price() {
    // Worth 365 x 192 x 100 = 7,008,000 in January 2027.
    for (price, paid, month) in [(7_008_000, 700_800_000, 12), (7_008_001, 524_286_000, 15)] {
        let mut own = lease("L", "f");
        own.end_of_term = EndOfTerm::PurchaseOption;
        own.purchase_price_usd = Some(Decimal::from(price));
        let sold = column(&cash(&pool(vec![own], chips()), FLAT), source::SALE_PROCEEDS);
        assert_eq!((sold[month], sold.iter().sum::<i64>()), (paid, paid));
    }
    let mut own = lease("L", "f");
    own.end_of_term = EndOfTerm::FairMarketValue;
    let sold = column(&cash(&pool(vec![own], chips()), FLAT), source::SALE_PROCEEDS);
    assert_eq!(sold[12], 700_800_000);
}

#[test]
fn days_of_a_month_owe_their_part() {
    let mut own = lease("L", "f");
    own.commencement = super::day("2026-01-17");
    own.expiration = super::day("2026-02-14");
    let rent = column(&cash(&pool(vec![own], chips()), FLAT), source::RENT);
    // 15 of 31 days of 50,000, and half of February.
    assert_eq!(rent[..3], [2_419_355, 2_500_000, 0]);
}

#[test]
fn failures_are_the_tenants_or_cost_the_owner_rent() {
    let failing = || one_generation(&fleet("f", 100, "").replace("failure_rate = 0", "failure_rate = 0.12"));
    let kept = cash(&pool(vec![lease("L", "f")], failing()), FLAT);
    assert_eq!(total(&kept, source::RENT), 60_000_000);
    let mut own = lease("L", "f");
    own.failures = FailuresBorneBy::Owner;
    let shrinking = cash(&pool(vec![own], failing()), FLAT);
    let rent = column(&shrinking, source::RENT);
    // e^-0.01 a month, from the day of service on.
    for (month, &owed) in rent[..12].iter().enumerate() {
        assert_eq!(owed, (5_000_000.0 * (-0.01 * month as f64).exp()).round() as i64);
    }
    let sold = |found| total(found, source::SALE_PROCEEDS) as f64;
    // Returned whole and idle for three months, against fifteen months of failures: q (1 - q / 2,000).
    let (whole, left) = (100.0 * (-0.03_f64).exp(), 100.0 * (-0.15_f64).exp());
    let ratio = left * (1.0 - left / 2_000.0) / (whole * (1.0 - whole / 2_000.0));
    assert!((sold(&shrinking) / sold(&kept) - ratio).abs() < 1e-8);
}

/// The largest tenants' rents: cloud has two leases, 80,000 in all, until it stops in July; a hundred small customers, entered
/// as one, are nobody's concentration.
#[test]
fn the_largest_tenants_are_measured() {
    let kinds =
        [("cloud", TenantKind::Neocloud), ("parent", TenantKind::AiLab), ("many", TenantKind::Granular)];
    let tenant = |(id, kind)| Tenant { kind, ..Tenant::new(id) };
    let tenants = TenantsFile { tenants: kinds.map(tenant).to_vec() };
    let own = |id: &str, tenant: &str, rent: u32| ChipLease {
        tenant: tenant.into(),
        rent_usd_per_month: Some(Decimal::from(rent)),
        ..lease(id, id)
    };
    let leases = vec![
        own("a", "cloud", 50_000),
        own("b", "parent", 60_000),
        own("c", "cloud", 30_000),
        own("d", "many", 100_000),
    ];
    let fleets: String = ["a", "b", "c", "d"].map(|id| fleet(id, 100, "")).concat();
    let day = super::day("2025-12-31");
    let pool =
        Pool::of_chips(Currency::USD, day, tenants, one_generation(&fleets), leases, &InMemory).unwrap();
    let concentration = pool.concentration().unwrap();
    assert_eq!(concentration.annualized_base_rent, leasefall::Money::from_minor(12 * 24_000_000));
    assert_eq!(
        (concentration.top_tenant_rent_share, concentration.top_five_rent_share),
        (1.0 / 3.0, 14.0 / 24.0)
    );
    assert!((concentration.remaining_term_years - 365.0 / 365.25).abs() < 1e-12);
    let found = cash(&pool, &(DEFAULT.to_owned() + FLAT));
    let of = |name: &str| column(&found, name);
    assert_eq!(of(measure::RENT_ROLL)[5..8], [24_000_000, 16_000_000, 16_000_000]);
    assert_eq!(of(measure::TOP_TENANT_RENT)[5..8], [8_000_000, 6_000_000, 6_000_000]);
    assert_eq!(of(measure::TOP_FIVE_RENT)[5..8], [14_000_000, 6_000_000, 6_000_000]);
    assert_eq!(of(measure::TOP_TENANT_RENT)[12], 0, "the leases are over");
}

/// Deposit and letter of credit go to lost rent, no further than it goes; a lease that is assumed loses nothing.
#[test]
fn security_is_drawn_and_an_assumed_lease_is_kept() {
    let mut own = lease("L", "f");
    own.security_deposit_usd = Some(Decimal::from(20_000));
    own.letter_of_credit_usd = Some(Decimal::from(400_000));
    let pool = pool(vec![own], chips());
    let found = cash(&pool, &(DEFAULT.to_owned() + FLAT));
    // Six rents of 50,000 are lost, and 420,000 are held.
    assert_eq!(total(&found, source::RECOVERIES), 30_000_000);
    let assumed = DEFAULT.to_owned() + "outcome = \"assumed\"\n" + FLAT;
    assert_eq!(cash(&pool, &assumed), cash(&pool, FLAT));
}
