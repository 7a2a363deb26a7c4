//! What a tape of chips may not say, all of it said at once.

use super::{day, fleet, lease, one_generation, pool};
use leasefall::asset::{EndOfTerm, Tenant, TenantsFile};
use leasefall::collection::collect;
use leasefall::pool::{InMemory, Pool};
use leasefall::scenario::Scenario;
use leasefall::{Currency, Error};
use rust_decimal::Decimal;

#[test]
fn every_mistake_is_reported_at_once() {
    let chips = one_generation(&(fleet("f", 100, "") + &fleet("g", 100, "")));
    let mut first = lease("L", "f");
    first.tenant = "nobody".into();
    first.rent_usd_per_chip_month = Some(Decimal::ONE);
    let mut second = lease("L", "f");
    second.end_of_term = EndOfTerm::PurchaseOption;
    second.sale_discount = Some(Decimal::TWO);
    let mut third = lease("M", "h");
    third.purchase_price_usd = Some(Decimal::ONE);
    third.guarantor = Some("cloud".into());
    let mut fourth = lease("N", "g");
    fourth.commencement = day("2025-12-01");
    fourth.expiration = day("2025-11-01");
    fourth.remarketing_months = Some(121);
    let tenants = TenantsFile { tenants: vec![Tenant::new("cloud")] };
    let leases = vec![first, second, third, fourth];
    let error =
        Pool::of_chips(Currency::USD, day("2025-12-31"), tenants, chips, leases, &InMemory).unwrap_err();
    let Error::Input(problems) = error else { panic!("{error}") };
    let mut found: Vec<String> = problems.as_slice().iter().map(|problem| problem.field.clone()).collect();
    found.sort();
    let mut expected = [
        (0, "tenant"),
        (0, "rent_usd_per_month"),
        (1, "lease_id"),
        (1, "fleet"),
        (1, "purchase_price_usd"),
        (1, "sale_discount"),
        (2, "fleet"),
        (2, "purchase_price_usd"),
        (2, "guarantor"),
        (3, "commencement"),
        (3, "expiration"),
        (3, "remarketing_months"),
    ]
    .map(|(row, field)| format!("chip_leases[{row}].{field}"));
    expected.sort();
    assert_eq!(found, expected);
    assert!(problems.as_slice().iter().all(|problem| problem.file == "chip_leases.csv"));
}

#[test]
fn chips_need_a_price_of_compute() {
    let pool = pool(vec![lease("L", "f")], one_generation(&fleet("f", 100, "")));
    let error = collect(&pool, &Scenario::calm(&pool, 24), &super::periods()).unwrap_err();
    assert!(matches!(error, Error::Argument { argument: "scenario.compute_price", .. }), "{error}");
}

/// Buildings and chips in one folder are refused where the files are read.
#[test]
fn a_folder_of_chips_holds_nothing_else() {
    let to = std::env::temp_dir().join(format!("leasefall_chips_beside_{}", std::process::id()));
    let from = format!("{}/fixtures/deals/valor-compute-2026", env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir_all(&to).unwrap();
    for file in ["deal.toml", "tenants.toml", "chips.toml", "chip_leases.csv"] {
        std::fs::copy(format!("{from}/{file}"), to.join(file)).unwrap();
    }
    assert!(leasefall::folder::Folder::check(&to).unwrap().is_empty());
    std::fs::write(to.join("loans.csv"), "loan_id\n").unwrap();
    let problems = leasefall::folder::Folder::check(&to).unwrap();
    std::fs::remove_dir_all(&to).unwrap();
    let problem = &problems.as_slice()[0];
    assert_eq!(
        (problem.file.as_str(), problem.found.as_str()),
        ("loans.csv", "a file beside chip_leases.csv")
    );
}
