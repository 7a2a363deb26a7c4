//! The fixtures that own chips.

use leasefall::collection::{Workspace, measure, source};
use leasefall::folder::Folder;
use leasefall::scenario::Draws;

fn folder(deal: &str) -> Folder {
    let path = format!("{}/fixtures/deals/{deal}", env!("CARGO_MANIFEST_DIR"));
    Folder::open(path).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn valor_is_what_was_published() {
    let folder = folder("valor-compute-2026");
    let (lease, note) = (&folder.pool().chip_leases()[0], &folder.deal().notes[0]);
    assert_eq!(lease.cost_usd, 5_400_000_000_u64.into());
    // 3.5bn is 65% of 5.4bn.
    assert_eq!((note.original_balance / lease.cost_usd).round_dp(2), rust_decimal::Decimal::new(65, 2));
    let base = folder.collections("base").unwrap();
    assert_eq!(super::total(&base, source::RENT), 60 * 11_350_000_000);
    for (scenario, whole) in [("base", true), ("faster_cadence", true), ("ai_fails", false)] {
        let run = folder.run(scenario).unwrap();
        assert_eq!(run.note(0).last().unwrap().balance_close.is_zero(), whole, "{scenario}");
    }
    let value = |scenario| super::column(&folder.collections(scenario).unwrap(), measure::CHIP_VALUE)[23];
    assert!(value("base") > value("faster_cadence") && value("faster_cadence") > value("ai_fails"));
}

/// Law 10 on a deal that owns chips: without volatility and default every path is the script, cent for cent.
#[test]
fn without_chance_a_path_is_the_script() {
    let folder = folder("valor-compute-2026");
    let mut risk = folder.risk().unwrap().unwrap();
    risk.value.obligors.clear();
    let compute = risk.value.compute.as_mut().unwrap();
    (compute.volatility, compute.cadence_volatility) = (0.into(), 0.into());
    let curve = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    for name in ["base", "faster_cadence", "ai_fails"] {
        let base = folder.scenario(name).unwrap();
        let generator = risk.value.resolve(folder.pool(), base, &curve, Draws::default(), &risk).unwrap();
        let periods = folder.periods().unwrap();
        let projection = leasefall::collection::Projection::new(folder.pool(), periods).unwrap();
        let (mut world, mut workspace) = (generator.world(), Workspace::default());
        let scripted = folder.collections(name).unwrap();
        let mut drawn = projection.empty();
        for path in 0..3 {
            generator.draw(path, folder.months(), &mut world);
            projection.collect_into(&world.scenario, &mut workspace, &mut drawn).unwrap();
            assert_eq!(drawn, scripted, "{name}");
        }
    }
}
