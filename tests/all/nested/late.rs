//! Notes that are paid late on some paths, long after most paths have ended.

use super::{Place, once};
use leasefall::folder::Folder;
use leasefall::scenario::Draws;

/// The deal of [`once`], paid each year from 2027 to 2036.
fn yearly(notes: [u64; 3]) -> String {
    once(notes)
        .replace("first_date = 2031", "first_date = 2027")
        .replace("legal_final = 2031", "legal_final = 2036")
}

/// One loan, due after a year. If its obligor fails, with one half, all of it is recovered four years later: no note
/// loses anything, and half the paths of each copy end after a year, half after five.
#[test]
fn what_is_paid_late_is_paid() {
    let place = Place::new();
    let risk = "measure = \"historical\"\n[[obligors]]\n\
        default = { kind = \"cumulative\", points = [{ years = 1, probability = 0.5 }] }\n";
    place.pool("abs", 1, [5_000, 3_000, 2_000], risk);
    place.write("abs/deal.toml", &yearly([5_000, 3_000, 2_000]));
    let header = "loan_id,obligor,balance,rate,amortization,payment_frequency,payments_remaining,\
        recovery_rate,recovery_lag_months\n";
    place.write("abs/loans.csv", &format!("{header}l0,t0,10000,0,interest_only,annual,1,1,48\n"));
    place.holder("cdo", [50_000, 30_000, 20_000], "../abs,mezzanine,2500,40\n", None);
    place.write("cdo/deal.toml", &yearly([50_000, 30_000, 20_000]));
    let folder = Folder::open(place.path("cdo")).unwrap();
    let simulation = folder.simulation("base", Draws::default()).unwrap();
    let found = simulation.block(0..300).unwrap().estimates().unwrap();
    for note in &found.notes {
        assert_eq!((note.expected_loss.value, note.default_probability.value), (0.0, 0.0));
    }
    // Of 40 copies some 20 pay after a year, which redeems half of the deal, and the rest after five: the senior half waits
    // only where fewer than 20 pay, for a share of itself; the equity always.
    let wal = [0, 1, 2].map(|note| found.notes[note].wal_years.unwrap().value);
    assert!((1.0..1.6).contains(&wal[0]) && wal[1] > 4.0 && (wal[2] - 5.0).abs() < 0.02, "{wal:?}");
}
