//! Mistakes planted line for line, so that lines keep their numbers: each is reported where it stands.

use super::folder::{DEAL, FILES, L1, L2, L3, LEASES, SCENARIO, Temporary};
use leasefall::folder::Folder;
use leasefall::{Error, Problem};
use std::collections::BTreeSet;

const BAD_L1: &str = "L1,cloud,dal1,h9,600,125.00,fixed,,,2033-12-31,2022-01-01";
const BAD_L2: &str = "L1,nobody,nowhere,,0,140.50,,0.02,somebody,2024-03-01,2024-02-28";

/// A mistake: in which file, the line that is replaced, by what; the field at fault, and words of the
/// problem's text.
type Mistake = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// A text with one of its lines replaced, and the number of that line.
fn replaced(text: &str, line: &str, by: &str) -> (String, usize) {
    let hits: Vec<usize> =
        text.lines().enumerate().filter(|(_, l)| l.trim() == line).map(|(i, _)| i).collect();
    let [hit] = hits[..] else { panic!("`{line}` stands on {} lines", hits.len()) };
    let lines: Vec<&str> = text.lines().enumerate().map(|(i, l)| if i == hit { by } else { l }).collect();
    (lines.join("\n") + "\n", hit + 1)
}

/// Plants all of the mistakes in one folder; each must be reported, and nothing else.
fn all_at_once(mistakes: &[Mistake]) {
    let folder = Temporary::new("deal");
    let mut expected = BTreeSet::new();
    let mut texts: Vec<(&str, String)> = FILES.iter().map(|&(f, text)| (f, text.to_owned())).collect();
    for &(file, line, by, field, _) in mistakes {
        // One line may hold several mistakes: it is replaced once.
        let sound = FILES.iter().find(|(known, _)| *known == file).unwrap().1;
        let (_, number) = replaced(sound, line, by);
        let (_, text) = texts.iter_mut().find(|(known, _)| *known == file).unwrap();
        if !text.lines().any(|known| known == by) {
            *text = replaced(text, line, by).0;
        }
        expected.insert(format!("{file}:{number}: {field}"));
    }
    texts.iter().for_each(|(file, text)| folder.write(file, text));
    let problems = folder.problems();
    for place in &expected {
        assert!(folder.places().contains(place), "not reported: {place}\n{}", shown(&problems));
    }
    for &(file, _, _, field, words) in mistakes {
        let said =
            problems.iter().any(|p| p.file == file && p.field == field && p.to_string().contains(words));
        assert!(said, "{file}: {field}: `{words}` is not said\n{}", shown(&problems));
    }
    assert_eq!(folder.places(), expected, "too much is reported\n{}", shown(&problems));
    assert!(problems.is_sorted(), "not in order\n{}", shown(&problems));
    // To open a folder is not to read its scenarios; else both say the same.
    match Folder::open(folder.path()) {
        Ok(_) => assert!(mistakes.iter().all(|mistake| mistake.0.starts_with("scenarios"))),
        Err(Error::Input(found)) => assert!(found.as_slice().iter().all(|found| problems.contains(found))),
        Err(other) => panic!("{other}"),
    }
}

/// Plants one mistake, which may have several consequences: it must be among what is reported.
fn reported(file: &str, line: &str, by: &str, field: &str, words: &str) {
    let folder = Temporary::new("deal");
    let text = FILES.iter().find(|(known, _)| *known == file).unwrap().1;
    let (edited, number) = replaced(text, line, by);
    folder.write(file, edited);
    let problems = folder.problems();
    // What is wrong with a whole table is said where it begins.
    let table = field.ends_with(']');
    let said = problems.iter().any(|p| {
        p.file == file && (p.line == number || table) && p.field == field && p.to_string().contains(words)
    });
    assert!(said, "{file}:{number}: {field}: `{words}`, but\n{}", shown(&problems));
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}\n")).collect()
}

#[test]
fn the_folder_itself_is_sound() {
    let folder = Temporary::new("deal");
    assert_eq!(shown(&folder.problems()), "");
    let opened = Folder::open(folder.path()).unwrap();
    for scenario in opened.scenario_names().unwrap() {
        let valuation = opened.value(&scenario).unwrap();
        assert_eq!(valuation.conservation.difference, leasefall::Money::ZERO);
    }
}

#[test]
#[rustfmt::skip]
fn mistakes_of_form_in_every_file() {
    all_at_once(&[
        ("deal.toml", "name = \"Tiny\"", "name = 7", "name", "found the number `7`, expected text"),
        ("deal.toml", "currency = \"USD\"", "currency = \"dollars\"", "currency", "`dollars`"),
        ("deal.toml", "cut_off_date = 2025-12-31", "cut_off_date = \"2025-12-32\"", "cut_off_date",
            "calendar"),
        ("deal.toml", "closing_date = 2026-01-15", "closing_date = 2026-01-15T10:00:00", "closing_date",
            "date"),
        ("deal.toml", "clean_up_call = { below = 0.05 }", "clean_up_call = {}", "clean_up_call.below",
            "nothing"),
        ("deal.toml", "coupon = 0.05", "copon = 0.05", "notes[0].copon", "closest `coupon`"),
        ("deal.toml", "day_count = \"30/360\"", "day_count = \"30/365\"", "notes[0].day_count",
            "closest `30/360`"),
        ("deal.toml", "post_ard_rate = 0.03", "post_ard_rate = nan", "notes[0].post_ard_rate", "finite"),
        ("deal.toml", "commitment = 3_000_000", "commitment = inf", "notes[1].commitment", "finite"),
        ("deal.toml", "original_balance = 1_000_000", "original_balance = 1e30",
            "notes[1].original_balance", "10^15"),
        ("deal.toml", "pay_in_kind = [\"trapped\"]", "pay_in_kind = true", "notes[1].pay_in_kind", "a list"),
        ("deal.toml", "pricing = { kind = \"z_spread\", basis_points = 250 }",
            "pricing = { kind = \"z-spread\", basis_points = 250 }", "notes[1].pricing.kind",
            "closest `z_spread`"),
        ("deal.toml", "earnings_rate = 0.01", "earnings_rate = 0.01234567891", "accounts[1].earnings_rate",
            "10 decimals"),
        ("deal.toml", "rate = 0.001", "rate = \"0,1\"", "fees[1].rate", "thousands separators"),
        ("deal.toml", "test = { kind = \"event\", event = \"manager_default\" }",
            "test = { kind = \"event\", evnt = \"manager_default\" }", "triggers[1].test.evnt", "`event`"),
        ("deal.toml", "{ id = \"trap\", pay = \"deposit\", account = \"trap\" },",
            "{ id = \"trap\", pay = \"depost\", account = \"trap\" },", "phases[0].steps[3].pay",
            "closest `deposit`"),
        ("deal.toml", "{ id = \"costs\", pay = \"expenses\" }, # first", "{ pay = \"expenses\" },",
            "phases[1].steps[0].id", "nothing"),
        ("sites.toml", "pue = 1.4", "pue = \"14%\"", "sites[0].pue", "a fraction"),
        ("sites.toml", "cap_rate = 0.07", "caprate = 0.07", "sites[1].caprate", "closest `cap_rate`"),
        ("sites.toml", "phases = [{ kw = 500, commencement = 2024-07-01 }]",
            "phases = [{ kw = 500, commencement = 2024 }]", "sites[1].phases[0].commencement", "date"),
        ("tenants.toml", "kind = \"hyperscaler\"", "kind = \"hyperscalar\"", "tenants[0].kind",
            "closest `hyperscaler`"),
        ("tenants.toml", "rating = \"AA\"", "rating = 2", "tenants[1].rating", "text"),
        ("leases.csv", L1, "L1,cloud,dal1,h1,600 kW,125.00,fixed,0.02,,2022-01-01,2033-12-31", "kw",
            "`600 kW`"),
        ("leases.csv", L2, "L2,bank,dal1,,300,$140.50,,,parent,2024-03-01,2029-02-28",
            "rent_usd_per_kw_month", "currency sign"),
        ("leases.csv", L3, "L3,cloud,dal2,,500,118.25,none,,,2025-01-01,31/12/2034", "expiration",
            "YYYY-MM-DD"),
        ("scenarios/stress.toml", "recovery_rate = 0.35", "recovery_rate = \"a third\"",
            "events[0].recovery_rate", "number"),
        ("scenarios/stress.toml", "kind = \"non_renewal\"", "kind = \"nonrenewal\"", "events[2].kind",
            "`non_renewal`"),
        ("scenarios/stress.toml", "granted = false", "granted = \"no\"", "sales[0].granted",
            "`true` or `false`"),
    ]);
}

#[test]
#[rustfmt::skip]
fn mistakes_of_meaning_in_every_file() {
    all_at_once(&[
        ("deal.toml", "pricing_curve = \"treasury\"", "pricing_curve = \"gilts\"", "pricing_curve",
            "treasury, sofr"),
        ("deal.toml", "deposits = { sale_proceeds = \"reserve\" }",
            "deposits = { sale_proceeds = \"vault\" }", "deposits.sale_proceeds",
            "collection, reserve, trap"),
        ("deal.toml", "opening_measures = { noi = 0 }", "opening_measures = { ebitda = 0 }",
            "opening_measures.ebitda", "noi"),
        ("deal.toml", "original_balance = 8_000_000.00", "original_balance = 8_000_000.005",
            "notes[0].original_balance", "at most 2 decimals"),
        ("deal.toml", "coupon = 0.05", "coupon = -0.05", "notes[0].coupon", "not below zero"),
        ("deal.toml", "anticipated_repayment_date = 2031-01-25", "anticipated_repayment_date = 2041-01-25",
            "notes[0].anticipated_repayment_date", "legal final"),
        ("deal.toml", "amortization = { kind = \"schedule\", schedule = \"planned\" }",
            "amortization = { kind = \"schedule\", schedule = \"plan\" }", "notes[0].amortization.schedule",
            "planned"),
        ("deal.toml", "draws = [{ date = 2027-04-25, amount = 500_000 }]",
            "draws = [{ date = 2047-04-25, amount = 500_000 }]", "notes[1].draws[0].date",
            "last payment date"),
        ("deal.toml", "draw_account = \"reserve\"", "draw_account = \"reserves\"", "notes[1].draw_account",
            "reserve, trap"),
        ("deal.toml", "floating = { curve = \"sofr\", margin = 0.02, floor = 0.0, cap = 0.12 }",
            "floating = { curve = \"libor\", margin = 0.02 }", "notes[1].floating.curve", "sofr"),
        ("deal.toml", "pay_in_kind = [\"trapped\"]", "pay_in_kind = [\"not traped\"]",
            "notes[1].pay_in_kind[0]", "low_dscr"),
        ("deal.toml", "target = \"2 * interest_accrued(A)\"", "target = \"2 * interest_accrued(A\"",
            "accounts[1].target", "the end at character 23"),
        ("deal.toml", "earnings_rate = 0.01", "earnings_rate = -0.01", "accounts[1].earnings_rate",
            "not below zero"),
        ("deal.toml", "cap = 10_000", "cap = \"10_000 * balance(A) * noi\"", "fees[0].cap", "`*` at character 21"),
        ("deal.toml", "of = \"balance()\"", "of = \"balance(C)\"", "fees[1].of", "A, B"),
        ("deal.toml",
            "entries = [{ date = 2030-01-25, amount = 100_000 }, { date = 2031-01-25, amount = 200_000.50 }]",
            "entries = [{ date = 2030-01-25, amount = 100_000 }, { date = 2029-01-25, amount = 200_000 }]",
            "schedules[0].entries[1].date", "the entry before"),
        ("deal.toml", "formula = \"max(0, account(collection) - 1_000)\"",
            "formula = \"max(0, cash(collection))\"", "amounts[0].formula", "`cash`"),
        ("deal.toml", "test = { kind = \"dscr\", below = 1.2, average_months = 3 }",
            "test = { kind = \"dscr\", below = 1.2, average_months = 4 }",
            "triggers[0].test.average_months", "multiple of 3"),
        ("deal.toml", "cure = { kind = \"passing\", payment_dates = 2, level = 1.3 }",
            "cure = { kind = \"passing\", payment_dates = 2, level = 1.1 }", "triggers[0].cure.level",
            "strict"),
        ("deal.toml", "test = { kind = \"any\", of = [\"low_dscr\", \"manager_gone\"] }",
            "test = { kind = \"any\", of = [\"low_dscr\", \"late\"] }", "triggers[2].test.of[1]",
            "trigger above"),
        ("deal.toml", "test = { kind = \"after_ard\", notes = [\"A\"] }",
            "test = { kind = \"after_ard\", notes = [\"B\"] }", "triggers[3].test.notes",
            "anticipated_repayment_date"),
        ("deal.toml", "when = [\"trapped\", \"not late\"]", "when = [\"trapped\", \"not lat\"]",
            "phases[0].when[1]", "late"),
        ("deal.toml", "{ id = \"fees\", pay = \"fees\", fees = [\"trustee\", \"servicer\"] },",
            "{ id = \"fees\", pay = \"fees\", fees = [\"trustee\", \"surveyor\"] },",
            "phases[0].steps[1].fees[1]", "servicer"),
        ("deal.toml",
            "{ id = \"interest\", pay = \"interest\", notes = [\"A\", \"B\"], from = [\"collection\", \"reserve\"] },",
            "{ id = \"interest\", pay = \"interest\", notes = [\"A\", \"C\"], from = [\"collection\"] },",
            "phases[0].steps[2].notes[1]", "`C`"),
        ("deal.toml", "{ id = \"trap\", pay = \"deposit\", account = \"trap\" },",
            "{ id = \"trap\", pay = \"deposit\", account = \"trap\", from = [\"trap\"] },",
            "phases[0].steps[3].account", "not paid from"),
        ("deal.toml", "{ id = \"planned\", pay = \"scheduled_principal\", notes = [\"A\", \"B\"] },",
            "{ id = \"planned\", pay = \"scheduled_principal\", notes = [\"A\", \"A\"] },",
            "phases[1].steps[3].notes[1]", "again"),
        ("deal.toml", "{ id = \"reserve\", pay = \"deposit\", account = \"reserve\" },",
            "{ id = \"reserve\", pay = \"deposit\", account = \"reserve\", payee = \"x\" },",
            "phases[1].steps[4].payee", "does not take"),
        ("deal.toml",
            "{ id = \"spared\", pay = \"principal\", notes = [\"A\", \"B\"], amount = \"min(amount(spare), 2 * paid(interest))\" },",
            "{ id = \"spared\", pay = \"principal\", notes = [\"A\", \"B\"], amount = \"paid(turbo)\" },",
            "phases[1].steps[5].amount", "step above"),
        ("deal.toml", "{ id = \"premium\", pay = \"make_whole\", notes = [\"A\"] },",
            "{ id = \"premium\", pay = \"make_whole\" },", "phases[1].steps[7].notes", "needs"),
        ("deal.toml", "{ id = \"rest\", pay = \"payee\", payee = \"issuer\" },",
            "{ id = \"rest\", pay = \"payee\", payee = \"A\" },", "phases[1].steps[8].payee", "note"),
        ("sites.toml", "market_rent_growth = 0.02", "market_rent_growth = 2",
            "markets[0].market_rent_growth", "0.5"),
        ("sites.toml", "market = \"dallas\" # of dal2", "market = \"houston\"", "sites[1].market", "dallas"),
        ("sites.toml", "pue = 1.4", "pue = 0.4", "sites[0].pue", "1 to 5"),
        ("sites.toml", "appraised_value = 9_000_000", "appraised_value = -1", "sites[0].appraised_value",
            "0 or more"),
        ("sites.toml", "power_price_usd_per_kwh = 0.06", "power_price_usd_per_kwh = 60",
            "sites[1].power_price_usd_per_kwh", "10"),
        ("tenants.toml", "guarantor = \"parent\"", "guarantor = \"grandparent\"", "tenants[0].guarantor",
            "parent"),
        ("tenants.toml", "id = \"bank\"", "id = \" bank\"", "tenants[2].id", "blanks"),
        ("leases.csv", L1, BAD_L1, "hall", "`dal1`"),
        ("leases.csv", L2, BAD_L2, "lease_id", "again"),
        // One lease, several mistakes.
        ("leases.csv", L1, BAD_L1, "escalator_rate", "fixed"),
        ("leases.csv", L1, BAD_L1, "expiration", "after commencement"),
        ("leases.csv", L2, BAD_L2, "tenant", "bank, cloud, parent"),
        ("leases.csv", L2, BAD_L2, "site", "dal1, dal2"),
        ("leases.csv", L2, BAD_L2, "kw", "above 0"),
        ("leases.csv", L2, BAD_L2, "escalator_rate", "not fixed"),
        ("leases.csv", L2, BAD_L2, "guarantor", "parent"),
        ("leases.csv", L2, BAD_L2, "expiration", "after commencement"),
    ]);
}

#[test]
#[rustfmt::skip]
fn mistakes_across_leases_and_files() {
    const HALL: &str = "L2,bank,dal1,h1,500,140.50,,,parent,2024-03-01,2029-02-28";
    const POWER: &str = "L3,cloud,dal2,,500.5,118.25,none,,,2025-01-01,2034-12-31";
    const HALLS: &str = "halls = [{ id = \"h1\", kw = 600 }]";
    const TWICE: &str = "halls = [{ id = \"h1\", kw = 600 }, { id = \"h1\", kw = 0 }]";
    all_at_once(&[
        // The hall is let twice, and the sites are let beyond what they have.
        ("leases.csv", L2, HALL, "commencement", "`L1` has hall `h1`"),
        ("leases.csv", L2, HALL, "kw", "100 kW too many"),
        ("leases.csv", L3, POWER, "kw", "0.5 kW too many"),
        ("tenants.toml", "guarantor = \"parent\"", "guarantor = \"cloud\"", "tenants[0].guarantor", "itself"),
        ("sites.toml", HALLS, TWICE, "sites[0].halls[1].id", "once"),
        ("sites.toml", HALLS, TWICE, "sites[0].halls[1].kw", "above 0"),
    ]);
}

#[test]
fn a_scenario_is_checked_beside_a_deal_that_is_wrong() {
    // The form of a scenario even without a tape to look names up in; the names where there is one.
    all_at_once(&[
        ("deal.toml", "currency = \"USD\"", "currency = 1", "currency", "found the number `1`"),
        ("scenarios/stress.toml", "cost = 0.03", "costs = 0.03", "sales[0].costs", "closest `cost`"),
    ]);
    all_at_once(&[
        ("deal.toml", "coupon = 0.05", "coupon = 50", "notes[0].coupon", "-1 to 1 "),
        ("scenarios/stress.toml", "tenant = \"cloud\"", "tenant = \"clout\"", "events[0].tenant", "cloud"),
    ]);
}

#[test]
#[rustfmt::skip]
fn mistakes_of_meaning_in_a_scenario() {
    const FILE: &str = "scenarios/stress.toml";
    const SELECT: &str = "select = { sites = [\"dal1\"], leases = [\"L2\"], tenants = [\"bank\"] }";
    const NOBODY: &str = "select = { sites = [\"dal9\"], leases = [\"L9\"], tenants = [\"savings bank\"] }";
    all_at_once(&[
        (FILE, "growth = { cpi = 0.025 }", "growth = { cpi = 25 }", "growth.cpi", "0.5"),
        (FILE, "assumptions = { downtime_months = 9 }", "assumptions = { relet_term_months = 0 }",
            "assumptions.relet_term_months", "1 to"),
        (FILE, "tenant = \"cloud\"", "tenant = \"clout\"", "events[0].tenant", "bank, cloud, parent"),
        (FILE, "recovery_rate = 0.35", "recovery_rate = 35", "events[0].recovery_rate", "0 to 1"),
        (FILE, "markets = [\"dallas\"]", "markets = [\"dallas\", \"austin\"]", "events[1].markets[1]",
            "dallas"),
        (FILE, "change = -0.3", "change = -1.3", "events[1].change", "-1"),
        (FILE, SELECT, NOBODY, "events[2].select.sites[0]", "dal1, dal2"),
        (FILE, SELECT, NOBODY, "events[2].select.leases[0]", "L1, L2, L3"),
        (FILE, SELECT, NOBODY, "events[2].select.tenants[0]", "bank"),
        (FILE, "sites = [\"dal2\"]", "sites = [\"dal3\"]", "sales[0].sites[0]", "dal2"),
        (FILE, "cost = 0.03", "cost = 3", "sales[0].cost", "0 to 1"),
    ]);
    let again =
        format!("{SCENARIO}\n[[events]]\nkind = \"tenant_default\"\ntenant = \"cloud\"\nat = 2030-01-01\n");
    let folder = Temporary::new("deal");
    folder.write(FILE, again);
    let problems = folder.problems();
    assert_eq!(
        shown(&problems),
        "  scenarios/stress.toml:33: events[4].tenant: found `cloud` again, expected one default of each obligor\n"
    );
}

/// Mistakes that would drown others, each in a folder of its own.
#[test]
#[rustfmt::skip]
fn contradictions_in_the_deal() {
    let reported = |line, by, field, words| reported("deal.toml", line, by, field, words);
    let coupon = "coupon = 0.05";
    reported(coupon, "coupon = 1.1", "notes[0].coupon", "-1 to 1 ");
    reported(coupon, "coupon = 0.05; floating = 1", "", "newline");
    reported("legal_final = 2036-01-25 # of A", "legal_final = 2026-03-25",
        "notes[0].legal_final", "not before the first");
    reported("legal_final = 2036-01-25 # of A", "legal_final = 2026-02-30", "", "invalid date");
    reported("original_balance = 1_000_000", "original_balance = 5_000_000",
        "notes[1].original_balance", "at most the commitment, 3000000");
        reported("id = \"reserve\"", "id = \"collection\"", "accounts[1].id", "again");
    reported("payee = \"manager\"", "payee = \"A\"", "fees[1].payee", "the id of a note");
    reported("payee = \"manager\"", "payee = \"reserve\"", "fees[1].payee", "the id of an account");
    reported("pricing_curve = \"treasury\"", "pricing_curve = \"sofr\"", "pricing_curve", "discounts");
    reported("of = \"balance()\"", "of = \"balance() + 79228162514264337593543950335\"",
        "fees[1].of", "fewer digits");
    reported("of = \"balance()\"", "of = \"0.1234567890123456789 * balance()\"", "fees[1].of", "character 1");
    reported("of = \"balance()\"", "of = \"paid(interest)\"", "fees[1].of", "only in steps");
    reported("of = \"balance()\"", "of = \"balance(A, A)\"", "fees[1].of", "`A` again");
    reported("of = \"balance()\"", "of = \"\"", "fees[1].of", "the end at character 1");
    reported("of = \"balance()\"", "of = 0.001", "fees[1].of", "at most 2 decimals");
    reported("rate = 0.001", "amount = 5", "fees[1]", "`amount` and `of` together");
    reported("of = \"balance()\"", "", "fees[1]", "`rate` alone");
    reported("target = \"2 * interest_accrued(A)\"", "target = \"target(reserve)\"",
        "accounts[1].target", "only in");
    reported("target = \"2 * interest_accrued(A)\"", "target = \"noi / 0\"",
        "accounts[1].target", "not zero");
    reported("test = { kind = \"event\", event = \"manager_default\" }", "test = { kind = \"ratio\", numerator = \"noi\", denominator = \"expenses\" }",
        "triggers[1].test", "none of them");
    reported("test = { kind = \"event\", event = \"manager_default\" }", "test = { kind = \"ratio\", numerator = \"if(trapped, noi, 0)\", denominator = \"noi\", above = 1 }",
        "triggers[1].test.numerator", "trigger above");
    
}

#[test]
fn both_coupons_and_none() {
    let folder = Temporary::new("deal");
    folder.write(
        "deal.toml",
        DEAL.replace("coupon = 0.05", "coupon = 0.05\nfloating = { curve = \"sofr\", margin = 0 }"),
    );
    let expected = "  deal.toml:11: notes[0]: found `coupon` and `floating` together, expected either `coupon` or `floating`\n";
    assert_eq!(shown(&folder.problems()), expected);
    folder.write("deal.toml", DEAL.replace("coupon = 0.05", ""));
    assert_eq!(
        shown(&folder.problems()),
        expected.replace("`coupon` and `floating` together", "none of them")
    );
}

#[test]
fn the_last_phase_has_no_conditions() {
    let folder = Temporary::new("deal");
    folder.write("deal.toml", DEAL.replace("id = \"normal\"", "id = \"normal\"\nwhen = [\"late\"]"));
    assert_eq!(folder.places(), ["deal.toml:106: phases[1].when".to_owned()].into());
}

#[test]
fn draws_on_a_term_note() {
    let folder = Temporary::new("deal");
    folder.write("deal.toml", DEAL.replace("kind = \"variable_funding\"", ""));
    let places = ["26: notes[1].commitment", "27: notes[1].draws", "28: notes[1].draw_account"];
    assert_eq!(folder.places(), places.map(|place| format!("deal.toml:{place}")).into());
    assert!(folder.problems().iter().all(|p| p.expected.contains("`kind = \"variable_funding\"`")));
}

#[test]
fn payments_without_a_calendar_do_not_hide_the_rest() {
    let folder = Temporary::new("deal");
    for (first, field) in
        [("2026-01-15", "first_date"), ("2036-04-25", "first_date"), ("2026-04-25, day = 40", "day")]
    {
        let deal = DEAL.replace("first_date = 2026-04-25", &format!("first_date = {first}"));
        folder.write("deal.toml", deal.replace("account = \"trap\"", "account = \"trapp\""));
        let places = folder.places();
        assert!(places.contains(&format!("deal.toml:6: payments.{field}")), "{places:?}");
        assert!(places.contains("deal.toml:101: phases[0].steps[3].account"), "{places:?}");
    }
}

#[test]
fn too_much_of_everything() {
    let folder = Temporary::new("deal");
    let triggers: String = (0..61)
        .map(|i| {
            format!("[[triggers]]\nid = \"t{i}\"\ntest = {{ kind = \"on_or_after\", date = 2030-01-01 }}\n")
        })
        .collect();
    folder.write("deal.toml", format!("{DEAL}{triggers}"));
    let problems = folder.problems();
    assert_eq!(problems.len(), 1, "{}", shown(&problems));
    assert_eq!((problems[0].field.as_str(), problems[0].found.as_str()), ("triggers", "65"));
    // More steps than a ledger has places for their payees: refused, and not after minutes.
    let steps: String =
        (0..70_000).map(|i| format!("{{id=\"s{i}\",pay=\"payee\",payee=\"p{i}\"}},")).collect();
    let phases: String = steps
        .split_inclusive("},")
        .collect::<Vec<_>>()
        .chunks(1_000)
        .enumerate()
        .map(|(i, steps)| format!("[[phases]]\nid = \"p{i}\"\nsteps = [{}]\n", steps.concat()))
        .collect();
    folder.write("deal.toml", format!("{}{phases}", &DEAL[..DEAL.find("[[phases]]").unwrap()]));
    let problems = folder.problems();
    assert_eq!(problems.len(), 1, "{}", shown(&problems));
    assert_eq!((problems[0].field.as_str(), problems[0].found.as_str()), ("phases.steps", "70000"));
}

#[test]
fn files_that_are_no_files() {
    let folder = Temporary::new("deal");
    folder.remove("sites.toml");
    folder.write("tenants.toml", "");
    folder.stretch("leases.csv", 300_000_000);
    folder.write("scenarios/stress.toml", b"description = \"caf\xe9\"\n");
    std::fs::create_dir(folder.path().join("scenarios/odd.toml")).unwrap();
    folder.stretch("deal.toml", 100_000_000);
    let expected = [
        "deal.toml: found 100000000 bytes or more, expected at most 4194304 bytes",
        "leases.csv: found 300000000 bytes or more, expected at most 268435456 bytes",
        "scenarios/odd.toml: found a folder, expected a file",
        "scenarios/stress.toml:1: found the byte 0xe9, which is not UTF-8, expected text in UTF-8",
        "sites.toml: found no such file or folder, expected a file that can be read",
        "tenants.toml: found an empty file, expected content",
    ];
    let found: Vec<String> = folder.problems().iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
    // Within its limit, a file of nothing is still no table.
    folder.stretch("leases.csv", 100_000_000);
    assert!(
        folder.problems().iter().any(|problem| problem.file == "leases.csv" && problem.found.len() < 200)
    );
}

#[test]
fn files_with_too_little_in_them() {
    let of = |file: &str, text: &str| {
        let folder = Temporary::new("deal");
        folder.write(file, text);
        shown(&folder.problems())
    };
    let header = LEASES.lines().next().unwrap();
    assert_eq!(of("leases.csv", header), "  leases.csv: found no lease, expected at least one row\n");
    assert_eq!(
        of("leases.csv", &format!("{header}\n,,,,,,,,,,\n")),
        "  leases.csv:2: found only empty cells, expected a row, or no line\n"
    );
    assert!(of("leases.csv", "# nothing\n").contains("no header row"));
    assert!(of("leases.csv", "a,b\n1,2\n").contains("no known column"));
    assert!(of("deal.toml", "# nothing\n").contains("deal.toml: notes: found nothing"));
    assert!(of("sites.toml", "markets = []\nsites = []\n").contains("there is none"));
    assert!(of("tenants.toml", "tenants = []\n").contains("leases.csv:3: tenant: found `cloud`"));
    // A scenario may say nothing at all, but then with a word.
    assert_eq!(of("scenarios/stress.toml", "# the base case\n"), "");
    // Windows line ends and a byte order mark change nothing.
    for (file, text) in FILES {
        assert_eq!(of(file, &format!("\u{feff}{}", text.replace('\n', "\r\n"))), "", "{file}");
    }
}
