//! 2008 and today side by side: arithmetic by hand, published fragility, sentences that follow from numbers.

use leasefall::Error;
use leasefall::folder::Folder;
use leasefall::study::compare_2008::{
    Arrival, Comparison, Finding, Fixtures, Imposed, LifeLink, Settings, Wrong, compare_2008,
};
use std::sync::LazyLock;

fn fixtures() -> Fixtures {
    Fixtures::open(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"), &[])
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Few paths: what is tested here is not their error.
static COMPARISON: LazyLock<Comparison> =
    LazyLock::new(|| compare_2008(&fixtures(), Settings { paths: 40, seed: 1 }).unwrap());

fn near(found: f64, exact: f64, within: f64) {
    assert!((found - exact).abs() < within, "{found} for {exact}");
}

/// 38.4% of 881,499,701 are 338,495,885; 182,029,701 stand below the seniors, who lose the other 156,466,184 of
/// their 699,470,000: 22.37%.
#[test]
fn the_last_forecast_by_hand() {
    let lines = COMPARISON.what_happened.forecasts.iter().filter(|line| line.deal == "gsamp-2006-nc2");
    let last: Vec<_> = lines.filter(|line| line.pool_loss > 0.35).collect();
    assert_eq!(last.len(), 16);
    for line in last {
        if line.note.starts_with('A') {
            near(line.arithmetic, 156_466_184.2 / 699_470_000.0, 1e-9);
        } else {
            near(line.arithmetic, 1.0, 1e-12);
            near(line.loss, 1.0, 1e-12);
        }
    }
}

/// At a pool loss of 5% M-9 (3.1 to 3.9%) is gone and M-8 (3.9 to 5.15%) lacks (5 - 3.9) / 1.25 of itself; the CDO holds
/// 9.1 of M-8 and 5.8 of M-9 in 25 of each trust.
#[test]
fn the_notes_of_notes_by_hand() {
    let losses = COMPARISON.losses.iter().find(|losses| losses.deal == "mezz-abs-cdo-2006").unwrap();
    let point = losses.points.iter().find(|point| (point.pool_loss - 0.05).abs() < 1e-12).unwrap();
    let pool = 881_499_701.0;
    let below_m9 = pool
        - (699_470_000.0
            + 35_700_000.0
            + 28_649_000.0
            + 16_748_000.0
            + 14_986_000.0
            + 14_545_000.0
            + 13_663_000.0
            + 12_341_000.0
            + 11_019_000.0
            + 7_052_000.0);
    let m8 = (0.05 * pool - below_m9 - 7_052_000.0) / 11_019_000.0;
    near(m8, 0.88, 0.01);
    let collateral = (9.1 * m8 + 5.8) / 25.0;
    // 310 of A-1 above 190 of 500.
    near(point.arithmetic[0], ((collateral - 0.38) / 0.62).clamp(0.0, 1.0), 1e-9);
    // A-2 65, B 50, C 30 and D 25 below it: 145 to 190 and so on down to 20.
    near(point.arithmetic[1], ((collateral * 500.0 - 125.0) / 65.0).clamp(0.0, 1.0), 1e-9);
    near(point.arithmetic[4], 1.0, 1e-12);
    assert_eq!(losses.imposed, Imposed::Below);
}

/// The run at the forecast's own loss is the forecast's scenario, cent for cent, and no loss loses nothing.
#[test]
fn the_grid_is_the_scenarios() {
    for losses in &COMPARISON.losses {
        assert_eq!(losses.points.len(), 13);
        // The finer arithmetic has the grid's own points among its quarters of a per cent.
        assert_eq!(losses.arithmetic.len(), 241);
        for (point, finer) in losses.points.iter().zip(losses.arithmetic.iter().step_by(20)) {
            near(finer.pool_loss, point.pool_loss, 1e-12);
            finer.losses.iter().zip(&point.arithmetic).for_each(|(one, other)| near(*one, *other, 1e-9));
        }
        let first = &losses.points[0];
        assert!(first.arithmetic.iter().all(|loss| *loss == 0.0), "{}", losses.deal);
        if losses.imposed == Imposed::LossTiming {
            assert!(first.run.as_ref().unwrap().iter().all(|loss| *loss == 0.0), "{}", losses.deal);
        }
        for pair in losses.points.windows(2) {
            for (one, other) in pair[0].arithmetic.iter().zip(&pair[1].arithmetic) {
                assert!(one <= other, "{}", losses.deal);
            }
        }
    }
}

/// The effective number of the subprime pool, from its file: loans of a line alike.
#[test]
fn effective_numbers_from_the_tape() {
    let text = std::fs::read_to_string("fixtures/deals/gsamp-2006-nc2/rep_lines.csv").unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let (mut squares, mut whole) = (0.0, 0.0);
    for cells in rows.map(|row| row.split(',').collect::<Vec<_>>()) {
        let (loans, balance): (f64, f64) = (cells[2].parse().unwrap(), cells[3].parse().unwrap());
        squares += balance * balance / loans;
        whole += balance;
    }
    let of = |id: &str| COMPARISON.structures.iter().find(|deal| deal.deal == id).unwrap();
    let subprime = of("gsamp-2006-nc2");
    near(subprime.obligors.effective, whole * whole / squares, 1e-6);
    assert_eq!(subprime.obligors.number, 3_949.0);
    assert_eq!(subprime.arrival.mainly, Arrival::Diffused);
    // One tenant each.
    for id in ["compass-red-oak", "beignet-2049", "valor-compute-2026"] {
        near(of(id).obligors.effective, 1.0, 1e-12);
        assert_eq!(of(id).arrival.mainly, Arrival::LargestDefault, "{id}");
    }
    // Twenty trusts of such loans, alike.
    near(of("mezz-abs-cdo-2006").obligors.effective, 20.0 * subprime.obligors.effective, 1e-6);
    // The stack of the deal as `CapitalStructure` and the published table have it.
    near(subprime.classes[0].subordination, 0.2065, 5e-5);
    near(subprime.ltv, 0.986, 5e-5);
}

/// The exact engine's part is the published study, as `docs/resecuritization.md` tables it.
#[test]
fn the_published_cdo_loses_its_notches() {
    let lost = |deal: &str, note: &str, wrong| {
        let deal = format!("{deal} of Coval, Jurek and Stafford");
        let class =
            COMPARISON.fragility.iter().find(|class| class.deal == deal && class.note == note).unwrap();
        class.moved(wrong).unwrap().notches_lost
    };
    let of = |wrong| {
        [("CDO", "mezzanine"), ("CDO", "senior"), ("CDO squared", "mezzanine"), ("CDO squared", "senior")]
            .map(|(deal, note)| lost(deal, note, wrong))
    };
    assert_eq!(of(Wrong::DefaultsDouble), [5, 3, 7, 11]);
    assert_eq!(of(Wrong::CorrelationEighty), [2, 6, 6, 7]);
}

/// A fifth of every claim less leaves more of it unpaid, on common random numbers on every path.
#[test]
fn lower_recoveries_lose_more() {
    let junior = COMPARISON.fragility.iter().find(|class| class.note == "B-2").unwrap();
    let after = junior.moved(Wrong::RecoveryTwentyPointsLower).unwrap().after;
    assert!(after.expected_loss.value > junior.base.expected_loss.value, "{after:?}");
}

/// At 38.4% nothing is left of any class below GSAMP's seniors. Of today's below the top, in millions, Flexential's C (225,
/// up to 34.6%) and Compass's B (328, up to 30.2%) are gone; Flexential's two B (175, up to 41.1%) and Aligned's (150, up
/// to 41.3%) are not.
#[test]
fn what_the_last_forecast_leaves_by_hand() {
    let found = COMPARISON.verdict.iter().find_map(|sentence| match sentence.finding {
        Finding::WipedOut { pool_loss, subprime_share, data_center_share } => {
            Some([pool_loss, subprime_share, data_center_share])
        }
        _ => None,
    });
    let [pool_loss, subprime, data_center] = found.unwrap();
    near(pool_loss, 0.384, 1e-12);
    near(subprime, 1.0, 1e-12);
    near(data_center, (225.0 + 328.0) / (225.0 + 328.0 + 175.0 + 150.0), 1e-9);
}

/// A new lender of a deal on notes lends so much of the balance of the notes held on that date.
#[test]
fn a_deal_on_notes_is_refinanced_on_their_balance() {
    let risk = "measure = \"historical\"\nfactors = [\"house_prices\"]\n";
    let deals = ["gsamp-2006-nc2", "mezz-abs-cdo-2006"];
    let root = with_risk("refinanced", &deals, "mezz-abs-cdo-2006", risk);
    let scenario = "[refinancing]\nat = 2008-11-10\nmax_ltv = 0.6\n";
    std::fs::write(root.join("mezz-abs-cdo-2006/scenarios/refinanced.toml"), scenario).unwrap();
    let folder = Folder::open(root.join("mezz-abs-cdo-2006")).unwrap();
    let collections = folder.collections("refinanced").unwrap();
    let granted = collections.refinancing().unwrap();
    // The ninth payment date of November 2006 and every quarter.
    assert_eq!(granted.period, 8);
    let column = collections.layout().column(leasefall::collection::measure::POOL_BALANCE).unwrap();
    let balance = collections.row(8)[column].minor();
    assert!(balance > 0 && (granted.limit.minor() as f64 - 0.6 * balance as f64).abs() <= 0.5);
    std::fs::remove_dir_all(root).unwrap();
}

/// Every deal has its line of fragility. A tenant that falls with its guarantor has nobody to correlate with.
#[test]
fn one_firm_has_nobody_to_correlate_with() {
    let class = |id: &str| COMPARISON.fragility.iter().find(|class| class.deal == id);
    for structure in &COMPARISON.structures {
        assert!(class(&structure.deal).is_some(), "{}", structure.deal);
    }
    for id in ["compass-red-oak", "beignet-2049", "valor-compute-2026"] {
        for wrong in [Wrong::CorrelationTwenty, Wrong::CorrelationEighty] {
            assert!(class(id).unwrap().moved(wrong).is_none(), "{id}");
        }
        for wrong in [Wrong::DefaultsDouble, Wrong::RecoveryTwentyPointsLower, Wrong::ChipLifeYearShorter] {
            assert!(class(id).unwrap().moved(wrong).is_some(), "{id}");
        }
    }
    for id in ["gsamp-2006-nc2", "flexential-2021-1", "dc-mezz-cdo-2026"] {
        assert!(class(id).unwrap().moved(Wrong::CorrelationEighty).is_some(), "{id}");
    }
}

/// Where six years are believed and six it is, nothing happens to rents: the deal runs as if chips were nothing to it.
#[test]
fn the_believed_life_moves_nothing() {
    let folder = Folder::open("fixtures/deals/flexential-2021-1").unwrap();
    let run = folder.run("no_refinancing").unwrap();
    let lines = COMPARISON.what_happened.chip_lives.iter().filter(|line| line.deal == "flexential-2021-1");
    let mut seen = 0;
    for line in lines.filter(|line| line.link == LifeLink::RentsOneForOne) {
        let note = folder.deal().notes.iter().position(|note| note.id == line.note).unwrap();
        let left = run.note(note).last().unwrap().balance_close;
        assert_eq!((line.lives[0].years, line.lives[0].loss == 0.0), (6, left.is_zero()), "{}", line.note);
        for pair in line.lives.windows(2) {
            assert!(pair[1].years < pair[0].years);
        }
        seen += 1;
    }
    assert_eq!(seen, folder.deal().notes.len());
}

/// Each sentence is what its finding says, no more; another number turns it round.
#[test]
fn sentences_follow_from_their_numbers() {
    assert!(COMPARISON.verdict.len() >= 10, "{}", COMPARISON.verdict.len());
    for sentence in &COMPARISON.verdict {
        assert_eq!(&sentence.finding.clone().sentence(), sentence);
        let mut turned = sentence.finding.clone();
        let holds = sentence.likeness_holds == Some(true);
        match &mut turned {
            Finding::ThinMezzanine { subprime, data_center } | Finding::Cushion { subprime, data_center } => {
                data_center.share = if holds { 2.0 * subprime.share } else { subprime.share };
            }
            Finding::Diversification { subprime_effective, data_center_effective, .. } => {
                *data_center_effective = if holds { 1.0 } else { *subprime_effective };
            }
            Finding::Arrival { data_center_deals, alike, .. } => {
                *alike = if holds { 0 } else { *data_center_deals };
            }
            Finding::Tenor { data_center_contract_years, data_center_legal_final_years, .. } => {
                let covers = *data_center_contract_years >= 0.9 * *data_center_legal_final_years;
                *data_center_contract_years = if covers { 0.0 } else { *data_center_legal_final_years };
            }
            Finding::Cliff { subprime, data_center } => {
                let wide = 2.0 * (subprime.to - subprime.from);
                data_center.to = data_center.from + if holds { wide + 0.01 } else { 0.0 };
            }
            Finding::TwiceTheDefaults { subprime, data_center }
            | Finding::SharedFactor { subprime, data_center }
            | Finding::YearOfChips { subprime, data_center } => {
                data_center.lost = if holds { 0 } else { subprime.most.max(1) };
                (data_center.least, data_center.most) = (data_center.lost, data_center.lost);
            }
            Finding::WipedOut { data_center_share, .. } => {
                *data_center_share = if holds { 0.0 } else { 1.0 };
            }
            Finding::Believed { losing, classes, .. } => *losing = if holds { 0 } else { *classes },
            Finding::Time { data_center_arithmetic, data_center_run, .. } => {
                let helps = data_center_run < data_center_arithmetic;
                *data_center_run =
                    if helps { *data_center_arithmetic } else { *data_center_arithmetic - 0.01 };
            }
            other => panic!("{other:?}"),
        }
        let turned = turned.sentence();
        assert_ne!(turned.likeness_holds, sentence.likeness_holds, "{sentence:?}");
        assert_ne!(turned.text, sentence.text);
    }
}

/// The range within the error is that of the rating after, in the tables; the rating before stands as estimated.
#[test]
fn notches_have_the_range_of_their_class() {
    let mut open = 0;
    for sentence in &COMPARISON.verdict {
        let (Finding::TwiceTheDefaults { data_center: found, .. }
        | Finding::SharedFactor { data_center: found, .. }
        | Finding::YearOfChips { data_center: found, .. }) = &sentence.finding
        else {
            continue;
        };
        let wrong = match sentence.finding {
            Finding::TwiceTheDefaults { .. } => Wrong::DefaultsDouble,
            Finding::SharedFactor { .. } => Wrong::CorrelationEighty,
            _ => Wrong::ChipLifeYearShorter,
        };
        let class = format!("dc-mezz-cdo-2026 {}", found.note);
        assert_eq!(found.deal, class);
        let class = COMPARISON
            .fragility
            .iter()
            .find(|known| known.deal == "dc-mezz-cdo-2026" && known.note == found.note)
            .unwrap();
        let after = class.moved(wrong).unwrap().after;
        let lost = |after| found.before.notches_between(after);
        assert_eq!(
            (found.least, found.lost, found.most),
            (lost(after.best), lost(after.implied), lost(after.worst))
        );
        assert!(found.least <= found.lost && found.lost <= found.most);
        open += usize::from(sentence.likeness_holds.is_none());
    }
    // Eight paths of the deal on notes decide nothing about a class that is AAA.
    assert!(open >= 2, "{open}");
}

/// A loss that the pool's vectors draw: the class above which most paths stop loses on some paths and not on others.
#[test]
fn the_subprime_deal_is_drawn() {
    let junior = COMPARISON.fragility.iter().find(|class| class.note == "B-2").unwrap();
    let probability = junior.base.default_probability.value;
    assert!(probability > 0.0 && probability < 0.6, "{probability}");
    let doubled = junior.moved(Wrong::DefaultsDouble).unwrap();
    // Common random numbers: more defaults on every path.
    assert!(doubled.after.default_probability.value >= probability);
    assert!(doubled.notches_lost > 0);
}

#[test]
fn json_has_its_keys_and_the_table_its_parts() {
    let json = serde_json::to_value(&*COMPARISON).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["fragility", "losses", "settings", "structures", "verdict", "what_happened"]);
    let structure = &json["structures"][0];
    for key in
        ["deal", "era", "assets", "collateral", "ltv", "classes", "obligors", "contract_years", "arrival"]
    {
        assert!(!structure[key].is_null(), "{key}");
    }
    assert_eq!(structure["era"], "subprime");
    assert_eq!(json["verdict"][0]["finding"]["topic"], "thin_mezzanine");
    assert!(json["verdict"][0]["finding"]["subprime"]["share"].is_number());
    assert!(json["fragility"][0]["base"]["expected_loss"]["std_error"].is_null());
}

#[test]
fn fixtures_that_are_not_there_are_one_clear_error() {
    let Err(Error::Input(problems)) = Fixtures::open("/nowhere", &[]) else { panic!("no error") };
    assert_eq!(problems.as_slice().len(), 1);
    let text = problems.to_string();
    assert!(text.contains("no such folder") && text.contains("--fixtures"), "{text}");
    let own = ["fixtures/deals/nothing".into()];
    assert!(Fixtures::open("fixtures", &own).is_err());
}

/// A deal of one's own takes the place of the data-center deals.
#[test]
fn a_deal_of_ones_own() {
    let own = ["fixtures/deals/forty-tenants".into()];
    let fixtures = Fixtures::open("fixtures", &own).unwrap();
    let ids: Vec<&str> = fixtures.deals().iter().map(|deal| deal.id.as_str()).collect();
    assert_eq!(ids, ["gsamp-2006-nc2", "mezz-abs-cdo-2006", "forty-tenants"]);
}

/// A copy of a fixture's folder with another `risk.toml`, beside copies of what it stands on.
fn with_risk(name: &str, deals: &[&str], changed: &str, risk: &str) -> std::path::PathBuf {
    let root = std::env::temp_dir().join(format!("leasefall-compare-{name}-{}", std::process::id()));
    for deal in deals {
        let (from, to) = (std::path::Path::new("fixtures/deals").join(deal), root.join(deal));
        std::fs::create_dir_all(to.join("scenarios")).unwrap();
        for folder in ["", "scenarios"] {
            for entry in std::fs::read_dir(from.join(folder)).unwrap().map(Result::unwrap) {
                if entry.path().is_file() {
                    std::fs::copy(entry.path(), to.join(folder).join(entry.file_name())).unwrap();
                }
            }
        }
    }
    std::fs::write(root.join(changed).join("risk.toml"), risk).unwrap();
    root
}

/// Law 10 for lines: without loadings every path is the scripted one, cent for cent.
#[test]
fn lines_without_loadings_are_as_scripted() {
    let risk = "measure = \"historical\"\nfactors = [\"house_prices\"]\n[[lines]]\nseverity_loading = 0.5\n";
    let root = with_risk("still", &["gsamp-2006-nc2"], "gsamp-2006-nc2", risk);
    let folder = Folder::open(root.join("gsamp-2006-nc2")).unwrap();
    let simulation = folder.simulation("base", leasefall::scenario::Draws::default()).unwrap();
    let found = simulation.block(0..16).unwrap().estimates().unwrap();
    for (note, value) in found.notes.iter().zip(folder.value("base").unwrap().notes) {
        assert_eq!(note.price.std_error, 0.0);
        let price = value.measures.as_ref().unwrap().dirty_price;
        near(note.price.value, price, 2e-4);
    }
    std::fs::remove_dir_all(root).unwrap();
}

/// What pools share is invisible in each of them and decides the CDO: with house prices of their own, twenty trusts hardly
/// lose enough of their BBB notes together; with one house price they do.
#[test]
fn shared_house_prices_reach_the_senior_of_the_cdo() {
    let deals = ["gsamp-2006-nc2", "mezz-abs-cdo-2006"];
    let senior = |factors: &str| {
        let risk = format!("measure = \"historical\"\nfactors = [{factors}]\n");
        let root =
            with_risk(if factors.is_empty() { "own" } else { "shared" }, &deals, "mezz-abs-cdo-2006", &risk);
        let folder = Folder::open(root.join("mezz-abs-cdo-2006")).unwrap();
        let simulation =
            folder.simulation("base", leasefall::scenario::Draws { seed: 1, ..Default::default() });
        let found = simulation.unwrap().block(0..64).unwrap().estimates().unwrap();
        std::fs::remove_dir_all(root).unwrap();
        found.notes[0].expected_loss.value
    };
    let (own, shared) = (senior(""), senior("\"house_prices\""));
    assert!(own < 0.002 && shared > 10.0 * own, "{own} {shared}");
}

/// The folder's mistakes in `[[lines]]` are told with their places, all at once.
#[test]
fn wrong_lines_are_told() {
    let risk = "measure = \"historical\"\nfactors = [\"house_prices\"]\n[[lines]]\ngroups = [\"III\"]\n\
                loadings = [{ factor = \"rain\", loading = 0.5 }]\nprepayment_loading = 1\n[[lines]]\n[[lines]]\n";
    let root = with_risk("wrong", &["gsamp-2006-nc2"], "gsamp-2006-nc2", risk);
    let text = Folder::check(root.join("gsamp-2006-nc2")).unwrap().to_string();
    for part in [
        "lines[0].groups[0]",
        "`III`",
        "lines[0].loadings[0].factor",
        "lines[0].prepayment_loading",
        "lines[2]",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    std::fs::remove_dir_all(root).unwrap();
}

/// The tables that the page shows are printed so; those that depend on the number of paths are not compared.
#[test]
fn the_page_shows_what_is_printed() {
    use leasefall::report::{Compare2008Report, Report, Table};
    let page = std::fs::read_to_string("docs/compare_2008.md").unwrap();
    let tables: Vec<String> =
        Compare2008Report::new(COMPARISON.clone()).tables().iter().map(Table::text).collect();
    let shown: Vec<&str> =
        page.split("```text\n").skip(1).filter_map(|part| part.split("```").next()).collect();
    let fixed: Vec<&&str> =
        shown.iter().filter(|text| !text.starts_with("(c)") && !text.starts_with("(e)")).collect();
    assert!(fixed.len() >= 6 && shown.len() == fixed.len() + 2, "{} of {}", fixed.len(), shown.len());
    for text in fixed {
        assert!(tables.iter().any(|table| table == *text), "not printed so:\n{text}");
    }
}
