//! Published examples of clearing and forced sales, from `fixtures/published/clearing-and-fire-sales.csv`.

use leasefall::study::system::{Claim, Claims, Holders, Recovery, Vector};
use leasefall::{Money, Ratio};
use std::collections::BTreeMap;

/// A unit of the examples, in cents: large, so that limits are whole.
const UNIT: i64 = 100_000_000;

fn units(amount: Money) -> f64 {
    amount.minor() as f64 / UNIT as f64
}

fn claim(debtor: usize, creditor: usize, tenths: i64) -> Claim {
    Claim { debtor, creditor, class: 0, amount: Money::from_minor(tenths * UNIT / 10) }
}

#[test]
fn published_examples_come_out() {
    let mut figures = BTreeMap::new();
    let two = Claims::new(2, vec![claim(0, 1, 22), claim(1, 0, 22)]).unwrap();
    let half = Ratio::new(1, 2).unwrap();
    for (cost, recovery) in
        [("half_lost", Recovery { assets: half, claims: half }), ("nothing_lost", Recovery::FULL)]
    {
        for (name, vector) in [("greatest", Vector::Greatest), ("least", Vector::Least)] {
            let cleared = two.clear(&[Money::from_minor(UNIT); 2], recovery, vector).unwrap();
            assert_eq!(cleared.payments[0], cleared.payments[1]);
            figures.insert(format!("rogers_veraart.{cost}.{name}"), units(cleared.payments[0]));
        }
    }
    let chain = Claims::new(3, vec![claim(0, 1, 1000), claim(1, 2, 1000)]).unwrap();
    let assets = [10 * UNIT, UNIT / 2, UNIT / 2].map(Money::from_minor);
    for vector in [Vector::Greatest, Vector::Least] {
        let cleared = chain.clear(&assets, Recovery::FULL, vector).unwrap();
        for (name, party) in ["first", "second", "third"].iter().zip(&cleared.parties) {
            figures.insert(format!("chain.{name}_pays"), units(party.paid));
        }
        figures.insert("chain.third_keeps".to_owned(), units(cleared.parties[2].equity));
    }
    vulnerable_banks(&mut figures);

    let path = "fixtures/published/clearing-and-fire-sales.csv";
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let (value, tolerance): (f64, f64) = (record[1].parse().unwrap(), record[2].parse().unwrap());
        let found = figures.get(&record[0]).unwrap_or_else(|| panic!("no {}", &record[0]));
        assert!((found - value).abs() <= tolerance, "{}: {found} {value}", &record[0]);
        rows += 1;
    }
    assert_eq!(rows, figures.len());
}

/// The closed first round, and its parts in the rounds: what is sold, and by how much prices fall.
fn vulnerable_banks(figures: &mut BTreeMap<String, f64>) {
    let asset = |id: &str, impact: &str| {
        format!(
            "[[assets]]\nid = \"{id}\"\nkind = \"other_credit\"\nimpact_per_usd_bn = {impact}\nsource = \"\"\n\
             mark = \"assumption\"\n"
        )
    };
    let bank = |id: &str, debt: i64, x: i64, y: i64| {
        format!(
            "[[groups]]\nid = \"{id}\"\ndebt_usd = {debt}_000_000_000\nrule = {{ kind = \"leverage_target\" }}\n\
             holdings = [{{ asset = \"x\", amount_usd = {x}_000_000_000 }}, {{ asset = \"y\", amount_usd = {y}_000_000_000 }}]\n\
             source = \"\"\nmark = \"assumption\"\n"
        )
    };
    let text = format!(
        "deals = \".\"\n{}{}{}{}",
        asset("x", "0.002"),
        asset("y", "0.001"),
        bank("a", 90, 60, 40),
        bank("b", 30, 10, 40)
    );
    let holders = Holders::read("holders.toml", &text).unwrap();
    let falls = [0.01, 0.03];
    let found = holders.vulnerability(&falls).unwrap();
    figures.insert("glt.aggregate_vulnerability".to_owned(), found.aggregate);
    for (k, (part, own)) in found.contributions.iter().zip(&found.indirect).enumerate() {
        figures.insert(format!("glt.contribution.{k}"), *part);
        figures.insert(format!("glt.indirect_vulnerability.{k}"), *own);
    }
    // Without price impact one round is all: B A M f.
    let calm = holders.with_impact(0.0).fire_sale(&falls).unwrap();
    assert_eq!(calm.rounds.len(), 1);
    figures.insert("glt.sold".to_owned(), calm.rounds[0] / 1e9);
    // Each price fall alone, from what holders of one asset lose: 1' A M with all the weight on it.
    for (k, id) in ["x", "y"].iter().enumerate() {
        let other = if k == 0 { ("\"y\"", "0.001") } else { ("\"x\"", "0.002") };
        let alone = text.replacen(
            &format!("id = {}\nkind = \"other_credit\"\nimpact_per_usd_bn = {}", other.0, other.1),
            &format!("id = {}\nkind = \"other_credit\"\nimpact_per_usd_bn = 0", other.0),
            1,
        );
        let found = Holders::read("holders.toml", &alone).unwrap().vulnerability(&falls).unwrap();
        let held = if *id == "x" { 70.0 } else { 80.0 };
        figures.insert(format!("glt.price_fall.{k}"), found.aggregate * 30.0 / held);
    }
}
