//! Notes without a balance at the start: a delayed draw, an undrawn variable funding note.

use super::page::{check, parsed, table};
use super::{page, temporary};

/// The chip lease's deal with its note not drawn at closing: alone, and beside one that is. Nothing is divided by zero,
/// in the scenario and by chance.
#[test]
fn a_note_that_is_not_drawn_has_a_page() {
    let fixture = std::path::Path::new("fixtures/deals/valor-compute-2026");
    let text = std::fs::read_to_string(fixture.join("deal.toml")).unwrap();
    let alone = text
        .replace("original_balance = 3_500_000_000", "original_balance = 0")
        .replace("amortization = { kind = \"level\", from = 2026-03-20, to = 2031-02-20 }\n", "")
        .replace(" + scheduled_principal(notes)", "")
        .replace("pay = \"scheduled_principal\"", "pay = \"principal\"");
    let second = "\n[[notes]]\nid = \"late\"\noriginal_balance = 0\ncoupon = 0.10\nday_count = \"30/360\"\n\
                  legal_final = 2032-02-20\n\n[[accounts]]\nid = \"collection\"\n";
    let beside = text.replace("\n[[accounts]]\nid = \"collection\"\n", second);
    assert_ne!((&alone, &beside), (&text, &text));
    for (name, deal) in [("alone", alone), ("beside", beside)] {
        let folder = temporary(name);
        std::fs::create_dir(folder.join("scenarios")).unwrap();
        for file in ["chips.toml", "chip_leases.csv", "tenants.toml", "risk.toml", "scenarios/base.toml"] {
            std::fs::copy(fixture.join(file), folder.join(file)).unwrap();
        }
        std::fs::write(folder.join("deal.toml"), deal).unwrap();
        for arguments in [&[][..], &["--paths", "50"]] {
            let html = page(&folder, arguments);
            check(name, &html);
            let document = parsed(&html);
            let (head, rows) = table(&document, "Capital structure, USD");
            assert_eq!(rows.len(), if name == "alone" { 1 } else { 2 });
            let place = head.iter().position(|column| column == "balance").unwrap();
            assert_eq!(rows.last().unwrap()[place], "0.00");
            assert!(!html.contains("width=\"-"), "{name}: a width below nothing");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
