//! Reports are another maker of collections: copied from a projection they give its run, and a projection
//! goes on where they end.

use super::Scratch;
use crate::fast;
use crate::random::{cases, config};
use leasefall::collection::{Collections, ReportNames, ReportedLine, Reports};
use leasefall::folder::Folder;
use leasefall::tape::read_table;
use leasefall::time::PaymentSchedule;
use leasefall::waterfall::Program;
use leasefall::{Error, Money};
use proptest::prelude::*;

/// Collections as a report would have them.
fn as_reports(collections: &Collections, schedule: &PaymentSchedule) -> String {
    let mut text = "payment_date,item,value\n".to_owned();
    let layout = collections.layout();
    for (period, dates) in schedule.periods().iter().enumerate() {
        // As scheduled and as paid by turns, where that is no other date of the schedule.
        let paid = dates.payment_date;
        let clear = schedule.period_on(paid) == Some(period);
        let date = if period % 2 == 0 && clear { paid } else { dates.accrual_end };
        for (name, amount) in layout.sources().iter().chain(layout.measures()).zip(collections.row(period)) {
            text += &format!("{date},{name},{}\n", collections.currency().decimal(*amount));
        }
    }
    text
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn reports_copied_from_collections_give_the_same_run(case in cases()) {
        let program = Program::compile(&case.deal, case.collections.layout()).unwrap();
        let text = as_reports(&case.collections, program.schedule());
        let table = read_table::<ReportedLine>("collections.csv", &text);
        // Amounts beyond what a file may state are no report.
        prop_assume!(table.is_ok());
        let names = ReportNames { layout: case.collections.layout(), notes: &[], curves: &[] };
        let reports = Reports::read(&table.unwrap(), case.deal.currency, program.schedule(), names);
        prop_assume!(reports.is_ok());
        let reports = reports.unwrap();
        let mut reported = reports.collections().clone();
        for period in 0..reported.periods() {
            prop_assert_eq!(reported.row(period), case.collections.row(period));
        }
        reported.set_refinancing(case.collections.refinancing());
        if let Some(period) = case.collections.event_period("manager_default") {
            reported.set_event("manager_default", period);
        }
        let again = Program::compile_observed(&case.deal, reported.layout(), 0.0, reports.observed()).unwrap();
        match (program.run(&case.collections), again.run(&reported)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(
                fast::read(&program, &case.deal, &one), fast::read(&again, &case.deal, &other)
            ),
            (Err(Error::Overflow { .. }), Err(Error::Overflow { .. })) => {}
            (one, other) => prop_assert!(false, "{:?} {:?}", one.err(), other.err()),
        }
    }
}

const SITES: &str = r#"markets = [{ id = "metro", market_rent_usd_per_kw_month = 100.00 }]
sites = [{ id = "s1", market = "metro", phases = [{ kw = 1000, commencement = 2020-01-01 }], cap_rate = 0.08 }]
"#;
const TENANTS: &str = "tenants = [{ id = \"cloud\" }]\n";
const LEASES: &str = "lease_id,tenant,site,kw,rent_usd_per_kw_month,commencement,expiration\n\
                      L1,cloud,s1,1000,100.00,2020-01-01,2039-12-31\n";
const DEAL: &str = r#"name = "History, then projection"
currency = "USD"
cut_off_date = 2026-03-31
closing_date = 2026-01-15
payments = { frequency = "monthly", first_date = 2026-02-25 }
reported = { sources = ["advances"], measures = ["delinquent"] }
notes = [{ id = "A", original_balance = 1_000_000, coupon = 0.12, day_count = "30/360", legal_final = 2026-07-25 }]
accounts = [{ id = "collection" }]
triggers = [{ id = "late", test = { kind = "ratio", numerator = "open(delinquent)", denominator = "1.00", above = 0 } }]
phases = [{ id = "normal", steps = [
    { id = "interest", pay = "interest", notes = ["A"] },
    { id = "principal", pay = "principal", notes = ["A"] },
] }]
"#;
const REPORTS: &str = "payment_date,item,value\n\
                       2026-02-25,rent,90000.00\n\
                       2026-03-25,rent,80000.00\n\
                       2026-03-25,advances,5000.00\n\
                       2026-04-25,rent,95000.00\n\
                       2026-04-25,delinquent,1.00\n";

fn with_tape(deal: &str, reports: &str) -> Scratch {
    let files = [("sites.toml", SITES), ("tenants.toml", TENANTS), ("leases.csv", LEASES)];
    let scratch = Scratch::new(&files);
    scratch.write("deal.toml", deal);
    scratch.write("collections.csv", reports);
    scratch
}

/// Closing to 25 February is 40 days of 30/360, 13,333.33 of interest; after it the coupon is 1% a month.
/// 1,000,000.00 - (90,000.00 - 13,333.33) = 923,333.33; less 85,000.00 - 9,233.33 is 847,566.66; less
/// 95,000.00 - 8,475.67 is 761,042.33. From May on the lease pays 100,000.00 a month: less 100,000.00 -
/// 7,610.42 is 668,652.75.
#[test]
fn projection_goes_on_where_reports_end() {
    let scratch = with_tape(DEAL, REPORTS);
    let folder = Folder::open(scratch.path()).unwrap();
    let run = folder.run("base").unwrap();
    let closes: Vec<i64> = run.note(0).take(4).map(|row| row.balance_close.minor()).collect();
    assert_eq!(closes, [92_333_333, 84_756_666, 76_104_233, 66_865_275]);
    assert_eq!((run.periods(), folder.months()), (6, 3));
    // What the last report says is what the first projected date looks back on.
    let late: Vec<bool> = (0..6).map(|period| run.trigger_active(period, 0)).collect();
    assert_eq!(late, [false, false, false, true, false, false]);
    assert_eq!(run.conservation(folder.program()).difference, Money::ZERO);
    // A default in May strikes the projected months alone: June and July collect nothing.
    std::fs::create_dir(scratch.path().join("scenarios")).unwrap();
    scratch.write(
        "scenarios/out.toml",
        "events = [{ kind = \"tenant_default\", tenant = \"cloud\", at = 2026-05-01, reletting = { relet = false } }]\n",
    );
    let out = folder.run("out").unwrap();
    let closes: Vec<i64> = out.note(0).map(|row| row.balance_close.minor()).collect();
    assert_eq!(closes[..4], [92_333_333, 84_756_666, 76_104_233, 66_865_275]);
    assert_eq!(closes[4..], [66_865_275, 66_865_275]);
}

#[test]
fn months_are_neither_lost_nor_counted_twice() {
    for (cut_off, field) in [("2026-02-28", "2026-02-28"), ("2026-04-30", "2026-04-30")] {
        let deal = DEAL.replace("cut_off_date = 2026-03-31", &format!("cut_off_date = {cut_off}"));
        let mistakes = with_tape(&deal, REPORTS).mistakes();
        assert!(mistakes.contains("cut_off_date"), "{mistakes}");
        assert!(mistakes.contains(&format!("found {field}")), "{mistakes}");
    }
    // The first of a month is as good as the last of the one before.
    let deal = DEAL.replace("cut_off_date = 2026-03-31", "cut_off_date = 2026-04-01");
    assert_eq!(with_tape(&deal, REPORTS).mistakes(), "");
}

/// The whole life of a real deal, written as reports: the same run with the tape and without it.
#[test]
fn a_projection_written_as_reports_is_the_same_deal() {
    let source = std::path::Path::new("fixtures/deals/compass-red-oak");
    let projected = Folder::open(source).unwrap();
    let collections = projected.collections("no_refinancing").unwrap();
    let one = projected.program().run(&collections).unwrap();
    let scratch = Scratch::new(&[]);
    std::fs::copy(source.join("deal.toml"), scratch.path().join("deal.toml")).unwrap();
    scratch.write("collections.csv", &as_reports(&collections, projected.program().schedule()));
    for with_tape in [false, true] {
        if with_tape {
            for file in ["sites.toml", "tenants.toml", "leases.csv"] {
                std::fs::copy(source.join(file), scratch.path().join(file)).unwrap();
            }
        }
        let folder = Folder::open(scratch.path()).unwrap();
        let other = folder.run("base").unwrap();
        let read = |folder: &Folder, run| fast::read(folder.program(), folder.deal(), run);
        assert_eq!(read(&projected, &one), read(&folder, &other));
    }
}

/// A seasoned deal with its tape goes on from its opening: of 800,000.00 the first month pays 8,000.00 of
/// interest, and 92,000.00 of the lease's 100,000.00 is principal.
#[test]
fn a_seasoned_deal_is_projected_from_its_opening() {
    let opening = "[opening]\ndate = 2026-04-25\nnotes = [{ id = \"A\", balance = 800_000 }]\n";
    let scratch = with_tape(&format!("{DEAL}{opening}"), REPORTS);
    std::fs::remove_file(scratch.path().join("collections.csv")).unwrap();
    let folder = Folder::open(scratch.path()).unwrap();
    let run = folder.run("base").unwrap();
    assert_eq!(run.row(0, 0).interest_paid, Money::from_minor(800_000));
    assert_eq!(run.row(0, 0).balance_close, Money::from_minor(70_800_000));
    assert_eq!((run.periods(), folder.deal().start_date().to_string().as_str()), (3, "2026-04-25"));
}
