//! The rebuilt deals hit what is published about them.
//!
//! The expected figures stand in `fixtures/published/<deal>.csv`, each with its source; here is what each
//! of them means. A row without a tolerance is compared as text.

use leasefall::asset::{ChipLease, Lease, Structure};
use leasefall::collection::measure;
use leasefall::deal::{Deal, Note};
use leasefall::folder::{BASE, Folder};
use leasefall::{Date, Error};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeSet;

const DEALS: [&str; 4] = ["flexential-2021-1", "aligned-2021-1", "compass-red-oak", "beignet-2049"];
/// Deals that own chips in place of buildings.
const CHIP_DEALS: [&str; 2] = ["valor-compute-2026", "gpu-ddtl-2024"];

fn all_deals() -> impl Iterator<Item = &'static str> {
    DEALS.into_iter().chain(CHIP_DEALS)
}

/// A figure as computed from a folder.
#[derive(Debug)]
enum Found {
    Number(f64),
    Text(String),
}

#[derive(serde::Deserialize)]
struct Published {
    figure: String,
    value: String,
    tolerance: Option<Decimal>,
    mark: String,
    source: String,
}

fn folder(deal: &str) -> Folder {
    let path = format!("{}/fixtures/deals/{deal}", env!("CARGO_MANIFEST_DIR"));
    match Folder::open(path) {
        Ok(folder) => folder,
        Err(error) => panic!("{deal}: {error}"),
    }
}

fn published(deal: &str) -> Vec<Published> {
    let path = format!("{}/fixtures/published/{deal}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[track_caller]
fn hits(deal: &str) {
    let folder = folder(deal);
    let rows = published(deal);
    assert!(rows.len() >= 10, "{deal}: {} published figures", rows.len());
    for row in rows {
        assert!(["read", "relayed", "derived"].contains(&row.mark.as_str()), "{}", row.figure);
        assert!(!row.source.is_empty(), "{}", row.figure);
        let found = figure(&folder, &row.figure);
        let hit = match (&found, row.tolerance) {
            (Found::Text(text), None) => *text == row.value,
            (Found::Number(number), Some(tolerance)) => {
                let value: f64 = row.value.parse().unwrap();
                // A figure of which every digit is published is compared to the last bit of its sum.
                (number - value).abs() <= tolerance.to_f64().unwrap().max(value.abs() * 1e-12)
            }
            _ => false,
        };
        let (figure, value, source) = (&row.figure, &row.value, &row.source);
        assert!(hit, "{deal}: {figure} is {found:?}, published {value} +- {:?} ({source})", row.tolerance);
    }
}

#[test]
fn flexential_2021_1_hits_what_is_published() {
    hits("flexential-2021-1");
}

#[test]
fn aligned_2021_1_hits_what_is_published() {
    hits("aligned-2021-1");
}

#[test]
fn compass_red_oak_hits_what_is_published() {
    hits("compass-red-oak");
}

#[test]
fn beignet_2049_hits_what_is_published() {
    hits("beignet-2049");
}

#[test]
fn valor_compute_2026_hits_what_is_published() {
    hits("valor-compute-2026");
}

#[test]
fn gpu_ddtl_2024_hits_what_is_published() {
    hits("gpu-ddtl-2024");
}

#[test]
fn base_cases_are_quiet_and_whole() -> Result<(), Error> {
    // What the calendar brings.
    let expected = |trigger: &str| ["operations", "availability_ended"].contains(&trigger);
    for deal in all_deals() {
        let folder = folder(deal);
        let value = folder.value(BASE)?;
        assert!(value.conservation.difference.is_zero(), "{deal}");
        for note in &value.notes {
            assert!(note.principal_shortfall.is_zero() && note.interest_shortfall.is_zero(), "{deal}");
        }
        let amortizing = folder.deal().notes.iter().any(|note| note.anticipated_repayment_date.is_none());
        assert_eq!(value.redeemed.is_some(), !amortizing, "{deal}: repaid at the anticipated date");
        let run = folder.run(BASE)?;
        for period in 0..run.periods() {
            let active = folder.deal().triggers.iter().enumerate();
            let active: Vec<&str> = active
                .filter(|&(index, trigger)| run.trigger_active(period, index) && !expected(&trigger.id))
                .map(|(_, trigger)| trigger.id.as_str())
                .collect();
            assert_eq!(active, Vec::<&str>::new(), "{deal}, payment date {}", period + 1);
        }
    }
    Ok(())
}

#[test]
fn every_scenario_runs_and_conserves() -> Result<(), Error> {
    for deal in all_deals() {
        let folder = folder(deal);
        let names = folder.scenario_names()?;
        assert!(names.len() >= if DEALS.contains(&deal) { 8 } else { 4 }, "{deal}: {names:?}");
        for name in names {
            let value = folder.value(&name)?;
            assert!(value.conservation.difference.is_zero(), "{deal}, {name}");
            assert!(!folder.script(&name)?.value.description.is_empty(), "{deal}, {name}");
        }
    }
    Ok(())
}

#[test]
fn every_figure_says_where_it_comes_from() {
    for deal in all_deals() {
        let folder = folder(deal);
        let buildings = DEALS.contains(&deal);
        assert!(folder.deal().provenance.len() >= if buildings { 15 } else { 10 }, "{deal}");
        let tape = if buildings { ["sites.toml", "leases.csv"] } else { ["chips.toml", "chip_leases.csv"] };
        for file in ["deal.toml", "tenants.toml"].into_iter().chain(tape) {
            let path = format!("{}/fixtures/deals/{deal}/{file}", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).unwrap();
            let head: String = text.lines().take_while(|line| line.starts_with('#')).collect();
            assert!(head.contains("reconstructed tape, not the issuer's data"), "{deal}/{file}");
        }
    }
}

/// What a figure's name means.
fn figure(folder: &Folder, name: &str) -> Found {
    let (subject, rest) = name.split_once('.').unwrap_or(("whole", name));
    let found = match subject {
        "notes" => rest.rsplit_once('.').and_then(|(id, field)| note_figure(folder.deal(), id, field)),
        "debt" => debt_figure(folder, rest),
        "sites" => site_figure(folder, rest),
        "leases" => lease_figure(folder, rest),
        "chips" => chip_figure(folder, rest),
        "deal" => Some(Found::Text(match rest {
            "closing_month" => folder.deal().closing_date.format("%Y-%m").to_string(),
            _ => folder.deal().closing_date.to_string(),
        })),
        "base" => base_figure(folder, rest),
        _ => match name {
            "income" => Some(Found::Number(income(folder))),
            "income_over_rent" => Some(Found::Number(income(folder) / year_rent(&in_force(folder)))),
            _ => None,
        },
    };
    found.unwrap_or_else(|| panic!("no figure `{name}`"))
}

fn note_figure(deal: &Deal, id: &str, field: &str) -> Option<Found> {
    let note = deal.notes.iter().find(|note| note.id == id)?;
    Some(match field {
        "balance" => Found::Number(model(note.original_balance)),
        "commitment" => Found::Number(model(note.commitment?)),
        "coupon" => Found::Number(note.coupon?.to_f64()),
        "margin" => Found::Number(note.floating.as_ref()?.margin.to_f64()),
        "rating" => Found::Text(note.rating.clone()?),
        "legal_final" => Found::Text(note.legal_final.to_string()),
        "legal_final_month" => Found::Text(note.legal_final.format("%Y-%m").to_string()),
        "day_count" => Found::Text(format!("{:?}", note.day_count)),
        "years_to_ard" => Found::Number(years(deal.closing_date, note.anticipated_repayment_date?)),
        _ => return None,
    })
}

fn debt_figure(folder: &Folder, name: &str) -> Option<Found> {
    let deal = folder.deal();
    let balances = |notes: &[&Note]| notes.iter().map(|note| model(note.original_balance)).sum::<f64>();
    let all: Vec<&Note> = deal.notes.iter().collect();
    let class_a: Vec<&Note> = deal.notes.iter().filter(|note| note.id.starts_with("A-")).collect();
    let (debt, value) = (balances(&all), appraised_value(folder));
    let coupons: f64 =
        all.iter().filter_map(|note| Some(note.coupon?.to_f64() * model(note.original_balance))).sum();
    let with_commitments: f64 =
        all.iter().map(|note| model(note.commitment.unwrap_or(note.original_balance))).sum();
    Some(Found::Number(match name {
        "with_commitments" => with_commitments,
        "average_coupon" => coupons / debt,
        "ltv" => debt / value,
        "ltv_class_a" => balances(&class_a) / value,
        "ltv_with_commitments" => with_commitments / value,
        "yield" => income(folder) / debt,
        "coverage" => income(folder) / coupons,
        "payments_a_year" => f64::from(deal.payments.frequency.per_year()),
        "z_spread_bp" => {
            let value = folder.value(BASE).unwrap();
            value.notes[0].measures.as_ref().ok()?.spreads.as_ref().ok()?.z_spread.rate * 1e4
        }
        // The schedule is level in 30/360 quarters of 90 days: interest of a quarter and its principal.
        "level_payment" => {
            let run = folder.run(BASE).unwrap();
            let row = run.note(0).find(|row| !row.principal_paid.is_zero())?;
            let interest = row.balance_open.to_model(deal.currency) * deal.notes[0].coupon?.to_f64() / 4.0;
            interest + row.principal_paid.to_model(deal.currency)
        }
        "share_of_capital" => {
            let equity = deal.accounts.iter().find(|account| account.id == "equity_commitment")?;
            debt / (debt + model(equity.opening_balance))
        }
        _ => return None,
    }))
}

fn site_figure(folder: &Folder, name: &str) -> Option<Found> {
    let (pool, cut_off) = (folder.pool(), folder.pool().cut_off_date());
    let phases = || pool.sites().iter().flat_map(|site| &site.phases);
    Some(Found::Number(match name {
        "count" => pool.sites().len() as f64,
        "markets" => pool.sites().iter().map(|site| &site.market).collect::<BTreeSet<_>>().len() as f64,
        "built_kw" => model(phases().filter(|phase| phase.commencement <= cut_off).map(|p| p.kw).sum()),
        "all_kw" => model(phases().map(|phase| phase.kw).sum()),
        "kw_each" => {
            return all_same(pool.sites().iter().map(|s| model(s.phases.iter().map(|p| p.kw).sum())));
        }
        "appraised_value" => appraised_value(folder),
        _ => return None,
    }))
}

fn lease_figure(folder: &Folder, name: &str) -> Option<Found> {
    let pool = folder.pool();
    let concentration = pool.concentration().ok()?;
    let (all, now) = (pool.leases().iter().collect::<Vec<_>>(), in_force(folder));
    let kw = |leases: &[&Lease]| model(leases.iter().map(|lease| lease.kw).sum());
    let months =
        |lease: &Lease| f64::from(lease.renewal_options.unwrap_or(0) * lease.renewal_months.unwrap_or(0));
    let each = |value: &dyn Fn(&Lease) -> f64| all_same(all.iter().map(|lease| value(lease)));
    let first = all.first()?;
    Some(Found::Number(match name {
        "count" => all.len() as f64,
        "in_force_kw" => kw(&now),
        "let_share" => match site_figure(folder, "built_kw")? {
            Found::Number(built) => kw(&now) / built,
            Found::Text(_) => return None,
        },
        "in_force_rent_per_kw_month" => year_rent(&now) / 12.0 / kw(&now),
        "annualised_rent" => concentration.annualized_base_rent.to_model(pool.currency()),
        "remaining_years" => concentration.remaining_term_years,
        "top_tenant_share" => concentration.top_tenant_rent_share,
        "top_tenant_rating" => {
            let tenant = pool.tenants().get(pool.tenant_index(&first.tenant)?)?;
            return Some(Found::Text(tenant.rating.clone()?));
        }
        "structure" => {
            assert!(all.iter().all(|lease| lease.structure == first.structure));
            let text = if first.structure == Structure::Nnn { "nnn" } else { "modified_gross" };
            assert_ne!(first.structure, Structure::ModifiedGrossElectricity);
            return Some(Found::Text(text.to_owned()));
        }
        // Terms end within a month of the anniversary.
        "term_years" => {
            return each(&|lease| (years(lease.commencement, lease.expiration) * 10.0).round() / 10.0);
        }
        "term_years_with_options" => {
            return each(&|lease| {
                let term = years(lease.commencement, lease.expiration) + months(lease) / 12.0;
                (term * 10.0).round() / 10.0
            });
        }
        "expiration_year" => return each(&|lease| year(lease.expiration)),
        "first_year" => return each(&|lease| year(lease.commencement)),
        "renewal_options" => return each(&|lease| f64::from(lease.renewal_options.unwrap_or(0))),
        "escalator_rate" => return each(&|lease| model(lease.escalator_rate.unwrap_or_default())),
        // The fee's amount over a month of the lease's operating cost and property tax.
        "opex_element_months" => {
            return each(&|lease| {
                let site = &pool.sites()[pool.site_index(&lease.site).unwrap()];
                let site_kw: Decimal = site.phases.iter().map(|phase| phase.kw).sum();
                let tax = site.property_tax_per_year / Decimal::from(12) * lease.kw / site_kw;
                let month = site.opex_usd_per_kw_month * lease.kw + tax;
                (model(lease.termination_fee.unwrap_or_default() / month) * 1e6).round() / 1e6
            });
        }
        "initial_commitment" => {
            let rent = |lease: &&&Lease| years(lease.commencement, lease.expiration) * year_rent(&[**lease]);
            all.iter().map(|lease| rent(&lease)).sum()
        }
        "rvg_cap" => model(all.iter().filter_map(|lease| lease.rvg_cap).sum()),
        "rvg_years" => {
            return each(&|lease| {
                let steps = lease.rvg_schedule.as_ref().map_or(&[][..], |schedule| schedule.steps());
                let over = steps.iter().find(|(_, amount)| amount.is_zero()).map(|&(date, _)| date);
                over.map_or(0.0, |date| (years(lease.commencement, date) * 100.0).round() / 100.0)
            });
        }
        // Rent of 30 years, paid in the middle of each, at 7.75%, with the 2% rise of every lease.
        "npv_at_7_75_percent_over_value" => {
            let (rent, growth) = (year_rent(&now), 1.0 + model(first.escalator_rate?));
            let years = 0..30;
            let value = years.map(|t| rent * growth.powi(t) / 1.0775_f64.powf(f64::from(t) + 0.5));
            value.sum::<f64>() / appraised_value(folder)
        }
        _ => return None,
    }))
}

/// Of leases of chips: all of one kind.
fn chip_figure(folder: &Folder, name: &str) -> Option<Found> {
    let (pool, deal) = (folder.pool(), folder.deal());
    let (leases, fleets) = (pool.chip_leases(), &pool.chips()?.fleets);
    let cost: f64 = leases.iter().map(|lease| model(lease.cost_usd)).sum();
    let racks: f64 = fleets.iter().map(|fleet| f64::from(fleet.count) / 72.0).sum();
    let each = |value: &dyn Fn(&ChipLease) -> f64| all_same(leases.iter().map(value));
    Some(Found::Number(match name {
        "cost" => cost,
        "debt_share_of_cost" => {
            deal.notes.iter().map(|note| model(note.original_balance)).sum::<f64>() / cost
        }
        "racks_of_72" => racks,
        "cost_per_rack_of_72" => cost / racks,
        "tenants" => leases.iter().map(|lease| &lease.tenant).collect::<BTreeSet<_>>().len() as f64,
        "generations" => {
            let all: BTreeSet<&str> = fleets.iter().map(|fleet| fleet.generation.as_str()).collect();
            return Some(Found::Text(all.into_iter().collect::<Vec<_>>().join(" ")));
        }
        "failures" => {
            assert!(leases.iter().all(|lease| lease.failures == leases[0].failures));
            return Some(Found::Text(format!("{:?}", leases[0].failures)));
        }
        "term_years" => {
            return each(&|lease| (years(lease.commencement, lease.expiration) * 10.0).round() / 10.0);
        }
        "book_life_years" => return each(&|lease| model(lease.book_life_years.unwrap_or_default())),
        "contract_discount_rate" => {
            return each(&|lease| model(lease.contract_discount_rate.unwrap_or_default()));
        }
        _ => return None,
    }))
}

fn base_figure(folder: &Folder, name: &str) -> Option<Found> {
    let (deal, run) = (folder.deal(), folder.run(BASE).ok()?);
    let last = run.periods() - 1;
    if let Some(day) = name.strip_prefix("balance.") {
        let day: Date = day.parse().ok()?;
        let dates = folder.program().schedule().periods();
        let past = dates.iter().rposition(|date| date.payment_date <= day)?;
        let balance = |note: usize| run.row(past, note).balance_close.to_model(deal.currency);
        return Some(Found::Number((0..deal.notes.len()).map(balance).sum()));
    }
    let paid = |(_, amount): (&str, leasefall::Money)| Found::Number(amount.to_model(deal.currency));
    match name {
        "first_coupon" => {
            let coupon = folder.program().coupon(0, 0);
            Some(Found::Number(coupon.to_f64()))
        }
        "earnings" => run.sources(folder.program(), last).find(|(source, _)| *source == "earnings").map(paid),
        "contributions_after_closing" => {
            let payee = "joint_venture_construction";
            run.payees(folder.program(), last).find(|(name, _)| *name == payee).map(paid)
        }
        _ => None,
    }
}

/// Income of the first payment period's months, a year's worth.
fn income(folder: &Folder) -> f64 {
    let collections = folder.collections(BASE).unwrap();
    let column = collections.layout().column(measure::NOI).unwrap();
    let a_year = f64::from(folder.deal().payments.frequency.per_year());
    collections.row(0)[column].to_model(folder.deal().currency) * a_year
}

fn in_force(folder: &Folder) -> Vec<&Lease> {
    let cut_off = folder.pool().cut_off_date();
    folder.pool().leases().iter().filter(|lease| lease.commencement <= cut_off).collect()
}

fn year_rent(leases: &[&Lease]) -> f64 {
    let month: Decimal = leases.iter().map(|lease| lease.kw * lease.rent_usd_per_kw_month).sum();
    model(month * Decimal::from(12))
}

fn appraised_value(folder: &Folder) -> f64 {
    model(folder.pool().sites().iter().filter_map(|site| site.appraised_value).sum())
}

fn all_same(mut values: impl Iterator<Item = f64>) -> Option<Found> {
    let first = values.next()?;
    assert!(values.all(|value| value == first), "the same for all");
    Some(Found::Number(first))
}

/// From a first day to a last day, itself included.
fn years(from: Date, to: Date) -> f64 {
    (to - from).num_days() as f64 / 365.25
}

fn year(date: Date) -> f64 {
    f64::from(chrono::Datelike::year(&date))
}

fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap()
}
