//! Leases small enough to follow on paper.

use super::*;
use crate::asset::{Lease, SitesFile, TenantsFile};
use crate::pool::{Assets, InMemory, Pool};
use crate::scenario::Script;
use crate::tape::{read_document, read_table};
use crate::time::{Date, Month};

/// One market at 100 a kW-month, flat; one site of 10,000 kW whose costs are 100,000 + 10,000 a month.
const SITES: &str = r#"
[[markets]]
id = "m"
market_rent_usd_per_kw_month = 100

[[sites]]
id = "s"
market = "m"
phases = [{ kw = 10000, commencement = "2020-01-01" }]
pue = 1.5
appraised_value = 100000000
cap_rate = 0.08
opex_usd_per_kw_month = 10
property_tax_per_year = 120000
power_price_usd_per_kwh = 0.10
"#;

const TENANTS: &str = r#"
[[tenants]]
id = "t"
[[tenants]]
id = "g"
[[tenants]]
id = "backed"
guarantor = "g"
"#;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn assets(sites: &str, tenants: &str, leases: &str) -> Assets {
    Assets {
        sites: read_document::<SitesFile>("sites.toml", sites).unwrap().value,
        tenants: read_document::<TenantsFile>("tenants.toml", tenants).unwrap().value,
        leases: read_table::<Lease>("leases.csv", leases).unwrap().rows,
        ..Assets::default()
    }
}

pub(super) fn pool(leases: &str) -> Pool {
    let assets = assets(SITES, TENANTS, leases);
    Pool::new(Currency::USD, day("2026-12-31"), assets, &InMemory).unwrap()
}

/// Monthly payments on the 25th; row `m` is what month `m` collected, the first being January 2027.
pub(super) fn run(pool: &Pool, script: &str, months: i32) -> Collections {
    let first = pool.first_month();
    let dates: Vec<Date> = (1..=months).map(|m| (first + m).day(25)).collect();
    let periods = Periods::new(pool.cut_off_date(), &dates).unwrap();
    // An empty file is a problem; the description makes it the base case.
    let script = read_document::<Script>("base.toml", &format!("description = \"\"\n{script}")).unwrap();
    let ard = Some(day("2028-01-25"));
    let scenario = script.value.resolve(pool, periods.months(), ard, &script).unwrap();
    collect(pool, &scenario, &periods).unwrap()
}

pub(super) fn column_of(collections: &Collections, name: &str) -> Vec<String> {
    let column = collections.layout().column(name).unwrap();
    let cell = |period| collections.currency().decimal(collections.row(period)[column]).to_string();
    (0..collections.periods()).map(cell).collect()
}

/// The cell of a month written `2027-01`.
pub(super) fn at(collections: &Collections, name: &str, month: &str) -> String {
    let first: Month = "2027-01".parse().unwrap();
    let index = month.parse::<Month>().unwrap() - first;
    column_of(collections, name)[index as usize].clone()
}

#[test]
fn the_reference_page_is_right() {
    let page = include_str!("../../docs/tape.md");
    let block = |fence: &str, n: usize| {
        let start = page.match_indices(fence).nth(n).unwrap().0 + fence.len();
        page[start..].split("```").next().unwrap()
    };
    let assets = assets(block("```toml\n", 0), block("```toml\n", 1), block("```csv\n", 0));
    let pool = Pool::new(Currency::USD, day("2026-10-31"), assets, &InMemory).unwrap();
    let first = pool.first_month();
    let dates: Vec<Date> = (1..=66).map(|m| (first + m).day(25)).collect();
    let periods = Periods::new(pool.cut_off_date(), &dates).unwrap();
    let script = read_document::<Script>("x.toml", block("```toml\n", 2)).unwrap();
    let scenario = script.value.resolve(&pool, 66, Some(day("2031-10-25")), &script);
    collect(&pool, &scenario.unwrap(), &periods).unwrap();

    let base = Script::default().resolve(&pool, 66, None, &InMemory).unwrap();
    let paid = collect(&pool, &base, &periods).unwrap();
    let rent = column_of(&paid, source::RENT);
    // L1 720,000.00, 734,400.00 from 2027, 749,088.00 from 2028; L2 added from March 2027.
    assert_eq!(rent[..5], ["720000.00", "720000.00", "734400.00", "734400.00", "835045.16"]);
    assert_eq!(rent[5], "929400.00");
    assert_eq!(rent[14], "1044733.16"); // 749,088.00 + 295,645.16
    assert_eq!(rent[15], "1139088.00"); // 749,088.00 + 390,000.00
    // Power of November 2026 at the site's PUE and price; nothing else is reimbursed yet.
    assert_eq!(column_of(&paid, source::REIMBURSEMENTS)[0], "321667.20");
    // 24,000 x 18.00 + 3,600,000 / 12 + power
    assert_eq!(column_of(&paid, measure::EXPENSES)[0], "1053667.20");
}

#[test]
fn a_cpi_escalator_stays_in_its_collar() {
    let header =
        "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,escalator,cpi_floor,cpi_cap";
    let pool = pool(&format!("{header}\nL,t,s,1000,100,2025-07-01,2031-06-30,cpi,0.01,0.03"));
    let hot = run(&pool, "[growth]\ncpi = 0.05", 36);
    let rent = |month| at(&hot, source::RENT, month);
    assert_eq!([rent("2027-06"), rent("2027-07")], ["100000.00", "103000.00"]);
    assert_eq!(rent("2028-07"), "106090.00");
    // Deflation from 2028: 3% in July 2027, the floor in July 2029.
    let script = "growth = { cpi = 0.05 }\n[[events]]\nkind = \"cpi\"\nat = \"2027-07-01\"\ngrowth = -0.02";
    let cold = run(&pool, script, 36);
    assert_eq!(at(&cold, source::RENT, "2028-07"), "104030.00"); // 103,000 x 1.01
}

#[test]
fn structures_share_costs() {
    // Expenses 10,000 x 10 + 120,000/12 + power 1,000 x 0.7 x 1.5 x 730 x 0.10 = 110,000 + 76,650.
    // Triple net gives back 1,000 x 10 + 10,000 x 1/10 + 76,650.
    for (structure, reimbursed) in
        [("nnn", "87650.00"), ("modified_gross", "0.00"), ("modified_gross_electricity", "76650.00")]
    {
        let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,structure";
        let pool = pool(&format!("{header}\nL,t,s,1000,100,2025-01-01,2031-12-31,{structure}"));
        let paid = run(&pool, "", 2);
        assert_eq!(column_of(&paid, source::REIMBURSEMENTS), [reimbursed; 2]);
        assert_eq!(column_of(&paid, measure::EXPENSES), ["186650.00"; 2]);
        assert_eq!(column_of(&paid, measure::RENT_ROLL), ["100000.00"; 2]);
    }
}

#[test]
fn tenants_renew_while_it_costs_less_than_moving() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,renewal_options,renewal_months";
    // 110 is within 10% of market rent 100: renewed at its own rent, then stays at market rent.
    let stays = pool(&format!("{header}\nL,t,s,1000,110,2023-01-01,2027-06-30,1,12"));
    let paid = run(&stays, "", 30);
    let rent = |month| at(&paid, source::RENT, month);
    assert_eq!([rent("2028-06"), rent("2028-07"), rent("2029-06")], ["110000.00", "100000.00", "100000.00"]);
    // The stay rises 2% on its own anniversary.
    let long = run(&stays, "", 31);
    assert_eq!(at(&long, source::RENT, "2029-07"), "102000.00");
    // 111 is not: a year empty, three months' new rent as cost, then market rent.
    let leaves = pool(&format!("{header}\nL,t,s,1000,111,2023-01-01,2027-06-30,1,12"));
    let paid = run(&leaves, "", 24);
    let rent = |month| at(&paid, source::RENT, month);
    assert_eq!([rent("2027-06"), rent("2027-07"), rent("2028-06")], ["111000.00", "0.00", "0.00"]);
    assert_eq!(rent("2028-07"), "100000.00");
    // 110,000 running + 300,000 + power again
    assert_eq!(at(&paid, measure::EXPENSES, "2028-07"), "486650.00");
    assert_eq!(at(&paid, measure::NOI, "2028-07"), "1000.00"); // 100,000 + 87,650 - 186,650
    // A new tenant is nobody's concentration.
    assert_eq!(at(&paid, measure::RENT_ROLL, "2028-07"), "100000.00");
    assert_eq!(at(&paid, measure::TOP_TENANT_RENT, "2028-07"), "0.00");
    // Events overrule the comparison.
    let forced = run(&leaves, "[[events]]\nkind = \"renewal\"", 12);
    assert_eq!(at(&forced, source::RENT, "2027-07"), "111000.00");
    let refused = run(&stays, "[[events]]\nkind = \"non_renewal\"\nselect = { tenants = [\"t\"] }", 12);
    assert_eq!(at(&refused, source::RENT, "2027-07"), "0.00");
}

#[test]
fn renewals_are_decided_at_notice_and_priced_with_their_factor() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,renewal_options,renewal_months";
    // Market rent falls from 100 to 70 in May. Decided in June, 110 is more than 77: the tenant leaves.
    let fall = "[[events]]\nkind = \"market_rent\"\nat = \"2027-05-01\"\nchange = -0.3";
    let late = pool(&format!("{header}\nL,t,s,1000,110,2023-01-01,2027-06-30,1,12"));
    assert_eq!(at(&run(&late, fall, 12), source::RENT, "2027-07"), "0.00");
    // Decided three months before, when the market stood at 100, it renews.
    let early = pool(&format!("{header},renewal_notice_months\nL,t,s,1000,110,2023-01-01,2027-06-30,1,12,3"));
    assert_eq!(at(&run(&early, fall, 12), source::RENT, "2027-07"), "110000.00");
    // 95% of the market's 100 is 95 a kW.
    let columns = format!("{header},renewal_rent,renewal_rent_factor");
    let share = pool(&format!("{columns}\nL,t,s,1000,93,2023-01-01,2027-06-30,1,12,market,0.95"));
    assert_eq!(at(&run(&share, "", 12), source::RENT, "2027-07"), "95000.00");
    // The same rent and 5% more: 93 x 1.05.
    let more = pool(&format!("{columns}\nL,t,s,1000,93,2023-01-01,2027-06-30,1,12,same,1.05"));
    assert_eq!(at(&run(&more, "", 12), source::RENT, "2027-07"), "97650.00");
}

#[test]
fn empty_space_is_valued_at_its_credit_of_market_rent() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
    let pool = pool(&format!("{header}\nL,t,s,1000,100,2023-01-01,2035-12-31"));
    // A month: 100,000 of rent, half of 100 on 9,000 kW empty, less 110,000 of cost of which the tenant bears
    // 11,000: 451,000. Market rent doubled, the empty space counts 900,000: 901,000.
    let doubled = "[[events]]\nkind = \"market_rent\"\nat = \"2027-03-01\"\nchange = 1.0";
    let paid = run(&pool, doubled, 6);
    assert_eq!(at(&paid, measure::ASSET_VALUE, "2027-02"), "100000000.00");
    // 100,000,000 x 901 / 451
    assert_eq!(at(&paid, measure::ASSET_VALUE, "2027-03"), "199778270.51");
}

#[test]
fn a_mid_month_expiration_owes_the_rest_at_the_renewal_rent() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,renewal_options,renewal_months,renewal_rent";
    let pool = pool(&format!("{header}\nL,t,s,1000,93,2023-04-11,2027-04-10,1,24,market"));
    let paid = run(&pool, "", 6);
    // April: 93,000 x 10/30 + 100,000 x 20/30 = 31,000.00 + 66,666.67
    let expected = ["93000.00", "93000.00", "93000.00", "97666.67", "100000.00", "100000.00"];
    assert_eq!(column_of(&paid, source::RENT), expected);
    assert_eq!(at(&paid, measure::RENT_ROLL, "2027-04"), "100000.00");
    assert_eq!(at(&paid, measure::EXPENSES, "2027-04"), "186650.00");
}

#[test]
fn early_termination_pays_its_fee() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,early_termination_date,termination_fee_months,termination_fee";
    let pool = pool(&format!("{header}\nL,t,s,1000,100,2023-01-01,2031-12-31,2027-03-15,6,50000"));
    assert_eq!(at(&run(&pool, "", 12), source::RENT, "2027-04"), "100000.00");
    let paid = run(&pool, "[[events]]\nkind = \"early_termination\"", 12);
    assert_eq!(column_of(&paid, source::RENT)[1..4], ["100000.00", "48387.10", "0.00"]); // 15 of 31 days
    assert_eq!(at(&paid, source::TERMINATION_FEES, "2027-03"), "650000.00");
}

#[test]
fn a_residual_value_guarantee_pays_up_to_its_cap() {
    // Income at cut-off 12 x 1,000,000 (triple net) stands for 100m. Empty, with half of market rent
    // credited: 12 x (500,000 - 110,000) = 4.68m, so 39m. Guaranteed 80m: 41m short.
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,rvg_amount,rvg_cap";
    for (cap, paid) in [("30000000", "30000000.00"), ("", "41000000.00")] {
        let pool = pool(&format!("{header}\nL,t,s,10000,100,2023-01-01,2027-06-30,80000000,{cap}"));
        let script = "assumptions = { downtime_months = 24 }\n[[events]]\nkind = \"non_renewal\"";
        let collected = run(&pool, script, 12);
        assert_eq!(at(&collected, measure::ASSET_VALUE, "2027-06"), "100000000.00");
        assert_eq!(at(&collected, measure::ASSET_VALUE, "2027-07"), "39000000.00");
        assert_eq!(at(&collected, source::RESIDUAL_VALUE_GUARANTEE, "2027-07"), paid);
        let stays = run(&pool, "", 12);
        assert_eq!(at(&stays, source::RESIDUAL_VALUE_GUARANTEE, "2027-07"), "0.00");
    }
}

pub(super) const DEFAULT: &str = r#"
[[events]]
kind = "tenant_default"
tenant = "t"
at = "2028-01-01"
recovery_rate = 0.4
reletting = { downtime_months = 6, relet_rent_share = 0.8 }
"#;

#[test]
fn a_rejected_lease_leaves_a_capped_claim() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,security_deposit,letter_of_credit";
    let pool = pool(&format!("{header}\nL,t,s,1000,100,2023-01-01,2034-12-31,150000,50000"));
    let paid = run(&pool, DEFAULT, 30);
    let rent = |month| at(&paid, source::RENT, month);
    assert_eq!([rent("2027-12"), rent("2028-01"), rent("2028-06")], ["100000.00", "0.00", "0.00"]);
    assert_eq!(rent("2028-07"), "80000.00");
    // 84 months remain, 8.4m: 15% is 1.26m, above one year's 1.2m and below three years' 3.6m.
    // Security 0.2m first; 40% of 1.06m a year later.
    assert_eq!(at(&paid, source::RECOVERIES, "2028-01"), "200000.00");
    assert_eq!(at(&paid, source::RECOVERIES, "2029-01"), "424000.00");
    // Empty: 110,000. New lease: three months of 80,000, and power again.
    assert_eq!(at(&paid, measure::EXPENSES, "2028-06"), "110000.00");
    assert_eq!(at(&paid, measure::EXPENSES, "2028-07"), "426650.00");
    // Assumed: nothing is lost.
    let assumed = DEFAULT.replace("recovery_rate = 0.4", "outcome = \"assumed\"");
    assert_eq!(run(&pool, &assumed, 30), run(&pool, "", 30));
}

#[test]
fn a_claim_stops_at_three_years_and_security_at_what_is_owed() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,letter_of_credit";
    // 300 months remain, 30m: 15% is 4.5m, above three years' 3.6m. 40% of that a year later.
    let long = pool(&format!("{header}\nL,t,s,1000,100,2023-01-01,2052-12-31,"));
    assert_eq!(at(&run(&long, DEFAULT, 26), source::RECOVERIES, "2029-01"), "1440000.00");
    // Three months remain, 0.3m: no more is drawn of 0.5m, and nothing is left to claim.
    let short = pool(&format!("{header}\nL,t,s,1000,100,2023-01-01,2028-03-31,500000"));
    let paid = run(&short, DEFAULT, 26);
    assert_eq!(at(&paid, source::RECOVERIES, "2028-01"), "300000.00");
    assert_eq!(at(&paid, source::RECOVERIES, "2029-01"), "0.00");
}

#[test]
fn space_rejected_before_its_lease_begins_is_let_when_that_would_have_begun() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
    let pool = pool(&format!("{header}\nL,t,s,1000,100,2028-07-01,2034-12-31"));
    let paid = run(&pool, &DEFAULT.replace("2028-01-01", "2027-02-01"), 30);
    // 78 months, 7.8m: 15% is 1.17m, below one year's 1.2m. 40% of that a year after the rejection.
    assert_eq!(at(&paid, source::RECOVERIES, "2027-02"), "0.00");
    assert_eq!(at(&paid, source::RECOVERIES, "2028-02"), "480000.00");
    // Six months of looking for a tenant are over before the space is there to let, in July 2028.
    let rent = |month| at(&paid, source::RENT, month);
    assert_eq!([rent("2027-08"), rent("2028-06"), rent("2028-07")], ["0.00", "0.00", "80000.00"]);
    assert_eq!(at(&paid, measure::EXPENSES, "2028-07"), "426650.00");
}

#[test]
fn space_stands_empty_between_new_leases() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
    let pool = pool(&format!("{header}\nL,t,s,1000,100,2023-01-01,2034-12-31"));
    let default = r#"
        [[events]]
        kind = "tenant_default"
        tenant = "t"
        at = "2028-01-01"
        recovery_rate = 0
        reletting = { downtime_months = 2, relet_rent_share = 0.8, reletting_cost_months = 0, refit_usd_per_kw = 5 }
    "#;
    // Two months empty, six let at 80, and again; the refit of 1,000 kW is 5,000.
    let leaves = format!("assumptions = {{ relet_term_months = 6, stay_without_option = false }}\n{default}");
    let paid = run(&pool, &leaves, 24);
    assert_eq!(column_of(&paid, source::RENT)[13..15], ["0.00", "80000.00"]);
    assert_eq!(column_of(&paid, source::RENT)[19..23], ["80000.00", "0.00", "0.00", "80000.00"]);
    // 110,000 running + 76,650 power + 5,000
    assert_eq!(at(&paid, measure::EXPENSES, "2028-03"), "191650.00");
    // A tenant that stays leaves no gap.
    let stays = format!("assumptions = {{ relet_term_months = 6 }}\n{default}");
    assert_eq!(column_of(&run(&pool, &stays, 24), source::RENT)[19..23], ["80000.00"; 4]);
}

#[test]
fn a_guarantor_that_failed_first_leaves_the_tenant_paying() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
    let pool = pool(&format!("{header}\nL,backed,s,1000,100,2023-01-01,2034-12-31"));
    let default = |who: &str, at: &str| {
        format!(
            "[[events]]\nkind = \"tenant_default\"\ntenant = \"{who}\"\nat = \"{at}\"\nrecovery_rate = 0\n"
        )
    };
    let paid = run(&pool, &(default("g", "2027-02-01") + &default("backed", "2027-05-01")), 8);
    assert_eq!(column_of(&paid, source::RENT)[1..5], ["100000.00", "100000.00", "100000.00", "0.00"]);
    assert_eq!(column_of(&paid, source::GUARANTOR_PAYMENTS), ["0.00"; 8]);
}

#[test]
fn a_residual_value_guarantee_is_for_the_lease_s_part_of_the_site() {
    // Half of the site leaves. Income 12 x (500,000 + half of market rent on 5,000 kW, 250,000, - costs of
    // 5,000 kW, 55,000) = 8.34m of 12m: worth 69.5m. The lease's half is 34.75m, 5.25m short of 40m.
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,rvg_amount";
    let pool = pool(&format!(
        "{header}\nL,t,s,5000,100,2023-01-01,2027-06-30,40000000\nM,g,s,5000,100,2023-01-01,2034-12-31,"
    ));
    let script = "assumptions = { downtime_months = 24 }\n[[events]]\nkind = \"non_renewal\"";
    let paid = run(&pool, script, 12);
    assert_eq!(at(&paid, measure::ASSET_VALUE, "2027-07"), "69500000.00");
    assert_eq!(at(&paid, source::RESIDUAL_VALUE_GUARANTEE, "2027-07"), "5250000.00");
}

#[test]
fn a_guarantor_pays_while_it_lives() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
    let pool = pool(&format!("{header}\nL,backed,s,1000,100,2023-01-01,2028-12-31"));
    let default = |who: &str, at: &str| {
        format!(
            "[[events]]\nkind = \"tenant_default\"\ntenant = \"{who}\"\nat = \"{at}\"\nrecovery_rate = 1\n"
        )
    };
    let guaranteed = run(&pool, &default("backed", "2027-03-02"), 30);
    let total = |collections: &Collections, name| {
        let column = collections.layout().column(name).unwrap();
        (0..collections.periods()).map(|p| collections.row(p)[column]).sum::<Money>().minor()
    };
    // April 2027 to December 2028 is the guarantor's: 21 months. Then the space falls empty for a year.
    assert_eq!(total(&guaranteed, source::RENT), 3 * 10_000_000);
    assert_eq!(total(&guaranteed, source::GUARANTOR_PAYMENTS), 21 * 10_000_000);
    assert_eq!(total(&guaranteed, source::RECOVERIES), 0);
    // Both default: the claim arises when the guarantor fails, with 18 months left: one year's rent.
    let both = default("backed", "2027-03-02") + &default("g", "2027-07-01");
    let both = run(&pool, &both, 30);
    assert_eq!(total(&both, source::GUARANTOR_PAYMENTS), 3 * 10_000_000);
    assert_eq!(at(&both, source::RECOVERIES, "2028-07"), "1200000.00");
    assert_eq!(at(&both, source::RENT, "2028-07"), "100000.00");
}

#[test]
fn sites_are_sold_and_notes_refinanced_at_the_ard() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
    let pool = pool(&format!("{header}\nL,t,s,10000,100,2023-01-01,2034-12-31"));
    // The payment of 25 January 2028 distributes December 2027, row 11.
    let sold = run(&pool, "[[sales]]\ncost = 0.01", 14);
    assert_eq!(column_of(&sold, source::SALE_PROCEEDS)[10..13], ["0.00", "99000000.00", "0.00"]);
    assert_eq!(column_of(&sold, measure::ASSET_VALUE)[10..13], ["100000000.00", "0.00", "0.00"]);
    assert_eq!(column_of(&sold, source::RENT)[10..13], ["1000000.00", "1000000.00", "0.00"]);
    assert_eq!(column_of(&sold, measure::EXPENSES)[12], "0.00");
    assert_eq!(column_of(&sold, measure::TOP_TENANT_RENT)[10..13], ["1000000.00", "1000000.00", "0.00"]);
    assert_eq!(run(&pool, "[[sales]]\ngranted = false", 14), run(&pool, "", 14));
    // Values: a fifth off in the appraisal, cap rate 8% to 10%.
    let script = r#"
        [refinancing]
        max_ltv = 0.5
        [[events]]
        kind = "appraisal"
        at = "2027-06-01"
        factor = 0.8
        [[events]]
        kind = "cap_rate"
        at = "2027-06-01"
        shift = 0.02
        [[events]]
        kind = "manager_default"
        at = "2027-04-01"
    "#;
    let refinanced = run(&pool, script, 14);
    let limit = Money::from_minor(3_200_000_000); // half of 100m x 0.8 x 0.08/0.10
    assert_eq!(refinanced.refinancing(), Some(Refinancing { period: 11, limit }));
    assert_eq!(refinanced.event_period("manager_default"), Some(2)); // paid 25 April
}

#[test]
fn every_mistake_is_named() {
    let leases = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,escalator,hall,product\n\
                  A,t,s,6000,100,2025-01-01,2030-12-31,fixed,,\n\
                  A,x,s,6000,100,2025-01-01,2024-12-31,,h9,chip\n\
                  B,t,y,-5,100,2025-01-01,2031-12-31,,,\n\
                  C,t,s,5000,100,2027-01-01,2031-12-31,,,\n";
    let assets = assets(SITES, TENANTS, leases);
    let found = Pool::new(Currency::USD, day("2026-12-31"), assets, &InMemory);
    let problems = found.unwrap_err().to_string();
    for part in [
        "leases[0].escalator_rate: found blank",
        "leases[1].lease_id: found `A` again",
        "leases[1].tenant: found `x`, expected the id of a tenant: backed, g, t",
        "leases[1].expiration: found 2024-12-31",
        "leases[1].hall: found `h9`",
        "leases[1].product: found chip",
        "leases[2].site: found `y`",
        "leases[2].kw: found -5",
        "leases[3].kw: found 5000 kW, 1000 kW too many on 2027-01-01",
    ] {
        assert!(problems.contains(part), "{part} not in\n{problems}");
    }
    assert_eq!(problems.lines().count(), 9, "{problems}");
    let script =
        "[[events]]\nkind = \"tenant_default\"\ntenant = \"z\"\nat = \"2028-01-01\"\nrecovery_rate = 2";
    let script = read_document::<Script>("bad.toml", script).unwrap();
    let pool = pool(
        "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration\nL,t,s,1,1,2023-01-01,2034-12-31",
    );
    let problems = script.value.resolve(&pool, 12, None, &script).unwrap_err().to_string();
    assert!(problems.contains("bad.toml:3: events[0].tenant: found `z`"), "{problems}");
    assert!(problems.contains("bad.toml:5: events[0].recovery_rate: found 2"), "{problems}");
}

#[test]
fn concentrations_weigh_by_rent() {
    let header = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration";
    let pool = pool(&format!(
        "{header}\nA,t,s,6000,100,2023-01-01,2031-12-31\nB,g,s,2000,100,2023-01-01,2027-12-31"
    ));
    let c = pool.concentration().unwrap();
    assert_eq!(c.annualized_base_rent, Money::from_minor(960_000_000));
    assert_eq!((c.leased_share, c.top_tenant_rent_share, c.top_five_kw_share), (0.8, 0.75, 1.0));
    assert_eq!((c.hhi, c.rent_per_kw_month), (0.625, 100.0));
    // 1,826 and 365 days, three to one.
    assert!((c.remaining_term_years - (0.75 * 1826.0 + 0.25 * 365.0) / 365.25).abs() < 1e-12);
}

/// 10,000 kW at 10, and 10,000 of tax, are 110,000 a month; a rise of costs by one half makes them 165,000.
#[test]
fn a_rise_of_costs_raises_what_the_site_costs_to_run() {
    let pool = pool(
        "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration,structure\n\
         L1,t,s,1000,100,2026-01-01,2036-12-31,nnn\n",
    );
    let script = "[[events]]\nkind = \"costs\"\nat = \"2027-03-01\"\nchange = 0.5\n";
    let (calm, dear) = (run(&pool, "", 4), run(&pool, script, 4));
    let expenses = |collections: &Collections, month| -> f64 {
        at(collections, measure::EXPENSES, month).parse().unwrap()
    };
    for month in ["2027-01", "2027-02"] {
        assert_eq!(expenses(&dear, month), expenses(&calm, month));
    }
    for month in ["2027-03", "2027-04"] {
        assert_eq!(expenses(&dear, month) - expenses(&calm, month), 55_000.0);
    }
}
