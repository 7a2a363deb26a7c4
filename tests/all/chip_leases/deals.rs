//! The fixtures that own chips.

use leasefall::collection::{Projection, Workspace, measure, source};
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
        let projection = Projection::new(folder.pool(), periods).unwrap();
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

/// Recovery is worst when defaults cluster: on a drawn path on which the tenant fails, the chips are sold at what that path's
/// price of compute makes them worth, by the formulas of the docs computed here once more.
#[test]
fn chips_are_sold_at_the_value_of_the_drawn_path() {
    let folder = folder("valor-compute-2026");
    let (pool, base) = (folder.pool(), folder.scenario("base").unwrap());
    let risk = folder.risk().unwrap().unwrap();
    let curve = leasefall::valuation::pricing_curve(folder.deal()).unwrap();
    let generator = risk.value.resolve(pool, base, &curve, Draws::default(), &risk).unwrap();
    let projection = Projection::new(pool, folder.periods().unwrap()).unwrap();
    let (mut world, mut workspace, mut drawn) = (generator.world(), Workspace::default(), projection.empty());
    let sold = drawn.layout().column(source::SALE_PROCEEDS).unwrap();
    let (mut defaults, mut low, mut high) = (0, f64::INFINITY, 0.0_f64);
    for path in 0..200 {
        generator.draw(path, folder.months(), &mut world);
        let Some(default) = &world.scenario.defaults[0] else { continue };
        // The lease ends after sixty months; six more pass before a sale, the last of which is collected in month 71.
        let month = default.month as usize + 6;
        if default.month >= 60 || month >= folder.months() {
            continue;
        }
        projection.collect_into(&world.scenario, &mut workspace, &mut drawn).unwrap();
        // A chip's margin: 730 h x 2.527 H100s x 0.8 of the price, less 1.6667 kW x (730 x 0.8 x 1.3 x 0.07 + 150).
        let work = (2_500.0 / 989.0 * 5_000.0 / 1_979.0_f64).sqrt();
        let kw = 1.6667;
        let running = kw * (730.0 * 0.8 * 1.3 * 0.07 + 150.0);
        let monthly = 1.12_f64.powf(-1.0 / 12.0);
        let prices = &world.scenario.compute_price;
        // Chips go into service in the first month; 4% a year of those left fail.
        let left = |at: usize| (-0.04 * at as f64 / 12.0).exp();
        let mut value = vec![0.0_f64; folder.months() + 181];
        for at in (0..folder.months() + 180).rev() {
            let margin = 730.0 * work * 0.8 * prices[at] - running;
            value[at] = (monthly * (left(at) * margin + value[at + 1])).max(0.0);
        }
        let dead = value[..=month].contains(&0.0);
        let each = if dead { 0.0 } else { value[month] / left(month) };
        // The tenant makes failures good; for the six months until they are sold nobody does.
        let (chips, depth) = (114_336.0 * left(6), 1_000_000.0);
        let proceeds = each * 0.8 * chips * (1.0 - chips / (2.0 * depth));
        let paid: f64 =
            (0..drawn.periods()).map(|period| drawn.row(period)[sold].minor() as f64 / 100.0).sum();
        assert!((paid - proceeds).abs() <= 1e-9 * proceeds + 0.01, "path {path}: {paid} {proceeds}");
        (defaults, low, high) = (defaults + 1, low.min(paid), high.max(paid));
    }
    assert!(defaults > 20 && high > 3.0 * low, "{defaults} defaults, {low} to {high}");
}
