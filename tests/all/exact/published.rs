//! Tables that others published, from `fixtures/published`.

use super::{correlated, five_percent, hull_white, loaded, name, pool_of};
use leasefall::credit::{
    Copula, Correlation, Loadings, PaymentConvention, PremiumOn, RandomRecovery, Recovery,
};
use leasefall::valuation::exact::{
    InnerPool, LargePool, LossDistribution, ReferencePool, SquaredPool, Tranche, TrancheLoss,
};
use std::collections::BTreeMap;
use std::f64::consts::E;

/// Computed figures by the names that the tables use.
type Figures = BTreeMap<String, f64>;

/// Compares every row of a table with the computed figure of its name, and misses none.
fn compare(table: &str, computed: &Figures) {
    let path = format!("fixtures/published/{table}.csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let (value, tolerance): (f64, f64) = (record[1].parse().unwrap(), record[2].parse().unwrap());
        let found = computed.get(&record[0]).unwrap_or_else(|| panic!("{table}: no {}", &record[0]));
        let distance = (found - value).abs();
        // The tolerance of half a digit is met by the rounded figure itself: room for binary fractions.
        assert!(distance <= tolerance * (1.0 + 1e-9) + 1e-15, "{table} {}: {found} {value}", &record[0]);
        rows += 1;
    }
    assert!(rows >= 5 && rows == computed.len(), "{table}: {rows} rows, {} figures", computed.len());
}

const THREE: [&str; 3] = ["junior", "mezzanine", "senior"];

#[test]
fn coval_jurek_stafford() {
    let mut figures = Figures::new();
    let bond = |loadings| name(0.10, 0.0, loadings);
    let mut cut = |case: &str, losses: &LossDistribution, cuts: &[f64], names: &[&str]| {
        for (tranche, name) in Tranche::stack(cuts).unwrap().iter().zip(names) {
            let loss = losses.tranche_loss(tranche);
            figures.insert(format!("{case}.{name}.probability"), loss.probability_of_loss);
        }
    };
    let two = pool_of(Copula::Gaussian, 2, bond(Loadings::none()));
    cut("two_bonds", &two.loss_distribution(5.0).unwrap(), &[0.5], &["junior", "senior"]);
    let together = pool_of(Copula::Gaussian, 2, bond(loaded(&[1.0]))).loss_distribution(5.0).unwrap();
    cut("two_bonds.correlation_1", &together, &[0.5], &["junior", "senior"]);
    let three = pool_of(Copula::Gaussian, 3, bond(Loadings::none())).loss_distribution(5.0).unwrap();
    cut("three_bonds", &three, &[1.0 / 3.0, 2.0 / 3.0], &THREE);
    let juniors = InnerPool { pool: two, tranche: Tranche::new(0.0, 0.5).unwrap(), count: 2 };
    let squared = SquaredPool::new(&[juniors], 0).unwrap().loss_distribution(5.0).unwrap();
    cut("two_juniors", &squared, &[0.5], &["", "senior"]);
    figures.remove("two_juniors..probability");

    for (case, loadings) in [("loading", loaded(&[0.20])), ("correlation", correlated(0.20))] {
        let pool = pool_of(Copula::Gaussian, 100, name(0.05, 0.5, loadings));
        let tranches = Tranche::stack(&[0.06, 0.12]).unwrap();
        let cdo = pool.tranche_losses(&tranches, 5.0).unwrap();
        let mezzanine = InnerPool { pool, tranche: tranches[1], count: 40 };
        let squared = SquaredPool::new(&[mezzanine], 0).unwrap().loss_distribution(5.0).unwrap();
        for (index, name) in THREE.iter().enumerate() {
            let mut insert = |kind: &str, loss: TrancheLoss| {
                figures.insert(format!("{kind}.{case}.{name}.probability"), loss.probability_of_loss);
                figures.insert(format!("{kind}.{case}.{name}.payoff"), 1.0 - loss.expected_loss);
            };
            insert("cdo", cdo[index]);
            insert("cdo2", squared.tranche_loss(&tranches[index]));
        }
    }
    // The paper's own figures are those of the loading.
    for figure in [
        "cdo junior probability",
        "cdo junior payoff",
        "cdo mezzanine probability",
        "cdo2 junior probability",
        "cdo2 junior payoff",
    ] {
        let (kind, rest) = figure.split_once(' ').unwrap();
        let rest = rest.replace(' ', ".");
        let value = figures[&format!("{kind}.loading.{rest}")];
        figures.insert(format!("{kind}.paper.{rest}"), value);
    }
    compare("coval-jurek-stafford-2009", &figures);
}

/// 100 names by Hull and White, four tranches, in basis points.
fn cdo(figures: &mut Figures, case: &str, copula: Copula, correlation: f64, terms: &PaymentConvention) {
    let pool = pool_of(copula, 100, hull_white(correlated(correlation)));
    let tranches = Tranche::stack(&[0.03, 0.06, 0.10]).unwrap();
    let prices = pool.price_tranches(&tranches, 5.0, &five_percent(), terms).unwrap();
    for (price, name) in prices.iter().zip(["0_3", "3_6", "6_10", "10_100"]) {
        figures.insert(format!("{case}.{name}"), price.spread().unwrap() * 1e4);
    }
}

#[test]
fn hull_white_2004() {
    let mut figures = Figures::new();
    let accrued = PaymentConvention::MID_PERIOD_ACCRUED;
    let unaccrued = PaymentConvention { premium_on: PremiumOn::BalanceEnd, ..accrued };
    let double_t = Copula::DoubleT { dof_common: 5.0, dof_own: 5.0 };
    for (case, copula, correlation) in [
        ("cdo.10.inf_inf", Copula::Gaussian, 0.1),
        ("cdo.30.inf_inf", Copula::Gaussian, 0.3),
        ("cdo.30.5_5", double_t, 0.3),
    ] {
        cdo(&mut figures, &format!("{case}.accrued"), copula, correlation, &accrued);
        cdo(&mut figures, &format!("{case}.printed"), copula, correlation, &accrued);
    }
    cdo(&mut figures, "cdo.30.inf_inf.unaccrued", Copula::Gaussian, 0.3, &unaccrued);
    let ten = pool_of(Copula::Gaussian, 10, hull_white(correlated(0.3)));
    let spreads = ten.nth_to_default_spreads(5.0, &five_percent(), &accrued).unwrap();
    for (index, spread) in spreads.iter().enumerate() {
        figures.insert(format!("nth.{}", index + 1), spread * 1e4);
    }
    let hundred = pool_of(Copula::Gaussian, 100, hull_white(correlated(0.3)));
    let counts = hundred.default_counts(5.0).unwrap();
    for (count, probability) in counts.iter().take(6).enumerate() {
        figures.insert(format!("counts.{count}"), *probability);
    }
    for least in [20, 50] {
        figures.insert(format!("counts.{least}_or_more"), counts[least..].iter().sum());
    }
    compare("hull-white-2004", &figures);
}

#[test]
fn gibson_2004() {
    let mut figures = Figures::new();
    let mut names = vec![hull_white(correlated(0.3)); 100];
    names.iter_mut().for_each(|name| name.notional = 10.0);
    let pool = ReferencePool::new(Copula::Gaussian, &names).unwrap();
    let tranches = Tranche::stack(&[0.03, 0.10]).unwrap();
    let price = |terms| pool.price_tranches(&tranches, 5.0, &five_percent(), terms).unwrap();
    for (price, name) in price(&PaymentConvention::PERIOD_END).iter().zip(["0_3", "3_10", "10_100"]) {
        figures.insert(format!("{name}.spread"), price.spread().unwrap() * 1e4);
        let width = price.tranche.width() * pool.notional();
        figures.insert(format!("{name}.expected_loss"), price.loss.expected_loss * width);
        figures.insert(format!("{name}.probability"), price.loss.probability_of_loss);
    }
    figures.insert("pool.expected_loss".into(), pool.loss_distribution(5.0).unwrap().expected_loss());
    let mid_period = price(&PaymentConvention::MID_PERIOD_ACCRUED)[0].spread().unwrap();
    figures.insert("0_3.spread.mid_period".into(), mid_period * 1e4);
    compare("gibson-2004", &figures);
}

#[test]
fn vasicek_large_pool() {
    let pool = LargePool::new(0.05, Correlation::new(0.2).unwrap(), 1.0).unwrap();
    let mut figures = Figures::new();
    for (name, level) in [("95", 0.95), ("99", 0.99), ("99.9", 0.999)] {
        figures.insert(format!("quantile.{name}"), pool.quantile(level).unwrap());
    }
    figures.insert("expected_excess.12".into(), pool.expected_excess(0.12));
    figures.insert("variance".into(), pool.variance());
    compare("vasicek-large-pool", &figures);
}

#[test]
fn krekel_2008() {
    let tranches: Vec<Tranche> =
        [(0.0, 0.03), (0.03, 0.07), (0.07, 0.10), (0.10, 0.15), (0.15, 0.30), (0.30, 0.60)]
            .map(|(low, high)| Tranche::new(low, high).unwrap())
            .to_vec();
    let grid = RandomRecovery::new(&[(0.6, 0.4), (0.4, 0.3), (0.2, 0.2), (0.0, 0.1)]).unwrap();
    let random = super::ReferenceEntity { recovery: Recovery::Random(grid), ..hull_white(correlated(0.3)) };
    let fixed = pool_of(Copula::Gaussian, 100, hull_white(correlated(0.3)));
    let random = pool_of(Copula::Gaussian, 100, random);
    let mut figures = Figures::new();
    let losses = fixed.tranche_losses(&tranches, 5.0).unwrap();
    for (loss, name) in losses.iter().zip(["0_3", "3_7", "7_10", "10_15", "15_30", "30_60"]) {
        figures.insert(name.into(), loss.expected_loss);
    }
    let pool_loss =
        |pool: &ReferencePool| pool.loss_distribution(5.0).unwrap().expected_loss() / pool.notional();
    figures.insert("pool".into(), pool_loss(&fixed));
    compare("krekel-2008", &figures);
    // Randomness moves losses from equity to senior, and leaves the pool's and the count of defaults alone.
    assert!((pool_loss(&random) - 0.6 * (1.0 - E.powf(-0.05))).abs() < 1e-10);
    let moved = random.tranche_losses(&tranches, 5.0).unwrap();
    assert!(moved[0].expected_loss < losses[0].expected_loss - 0.01);
    assert!(moved[4].expected_loss > 1.2 * losses[4].expected_loss);
    assert!(moved[5].expected_loss > 2.0 * losses[5].expected_loss);
    let counts = |pool: &ReferencePool| pool.default_counts(5.0).unwrap();
    let apart = counts(&random).iter().zip(counts(&fixed)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart < 1e-13, "{apart}");
}
