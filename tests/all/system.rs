//! The system around the deals: network, holders, outcomes.

use leasefall::study::system::{
    CommitmentKind, End, Holders, Network, Promises, Recovery, ShareTerms, Status, Terms, Vector,
};
use leasefall::{Money, Ratio};
use proptest::prelude::*;

fn fixture() -> Network {
    Network::open("fixtures/system/commitments-2026.toml").unwrap()
}

fn bn(amount: i64) -> Money {
    Money::from_minor(amount * 100_000_000_000)
}

/// A binding commitment from 2026 to 2028 in equal parts.
fn commitment(from: &str, to: &str, kind: &str, amount: u32) -> String {
    format!(
        "[[commitments]]\nid = \"{from}{to}\"\nfrom = \"{from}\"\nto = \"{to}\"\nkind = \"{kind}\"\n\
         amount_usd = {amount}\nstatus = \"binding\"\ndate = 2025-01-01\nlevel = {{ from = 2026, to = 2028 }}\n\
         source = \"\"\nmark = \"assumption\"\nschedule_mark = \"assumption\"\n"
    )
}

/// Four parties; `a` has 10 in 2026 and 4 a year after and owes `b` 30 over 2026 to 2028, `b` owes `c` 8 a year, `g` has
/// 100.
fn chain(extra: &str) -> Network {
    let party = |id: &str, kind: &str, means: &str| {
        format!(
            "[[parties]]\nid = \"{id}\"\nkind = \"{kind}\"\n{means}\nsource = \"\"\nmark = \"assumption\"\n"
        )
    };
    let text = [
        "first_year = 2026\nyears = 3\n",
        &party(
            "a",
            "ai_lab",
            "operating = [{ year = 2026, amount_usd = 10 }, { year = 2027, amount_usd = 4 }]",
        ),
        &party("b", "neocloud", "equity_usd = { value = 40, source = \"\", mark = \"assumption\" }"),
        &party("c", "chip_maker", "equity_usd = { value = 50, source = \"\", mark = \"assumption\" }"),
        &party(
            "g",
            "cloud",
            "cash_usd = 100\nequity_usd = { value = 4, source = \"\", mark = \"assumption\" }",
        ),
        &commitment("a", "b", "purchase", 30),
        &commitment("b", "c", "purchase", 24),
        extra,
    ]
    .concat();
    Network::read("chain.toml", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// By hand. 2026: `a` pays 10, `b` pays 8 and keeps 2. 2027: `a` has 4 of 10; `b` has 2 + 4 of 8: both
/// default. 2028: nobody is left to pay: 10 and 8 are lost with the contracts.
#[test]
fn a_default_moves_on_year_by_year() {
    let network = chain("");
    let cascade = network.cascade(&network.means(), Terms::default()).unwrap();
    assert_eq!(cascade.defaulted, [Some(1), Some(1), None, None]);
    let dollars = |list: &[Money]| list.iter().map(|m| m.minor() / 100).collect::<Vec<_>>();
    assert_eq!(dollars(&cascade.paid), [14, 14]);
    assert_eq!(dollars(&cascade.lost), [16, 10]);
    assert_eq!(cascade.years[2][2].equity, Money::from_minor(14_00));
}

/// By hand. The backstop answers a year later: 2027 leaves `b` 6 short of its customer, but `b` has fallen the
/// same year, and the call of at most 5 comes to an estate. With 2 of means of its own `b` lives on:
/// 2027: 2 + 2 + 4 = 8, paid in full. 2028: 5 from `g`, 8 owed: default with 3 unpaid.
#[test]
fn a_backstop_is_called_a_year_later_up_to_its_amount() {
    let network = chain(&commitment("g", "b", "capacity_backstop", 5));
    let mut means = network.means();
    means.funding[network.party_index("b").unwrap() * 3] = Money::from_minor(2_00);
    let cascade = network.cascade(&means, Terms::default()).unwrap();
    assert_eq!(cascade.defaulted, [Some(1), Some(2), None, None]);
    assert_eq!(cascade.paid[2], Money::from_minor(5_00));
    assert_eq!(cascade.years[2][1].shortfall, Money::from_minor(3_00));
    assert_eq!(cascade.years[2][3].equity, Money::from_minor(95_00));
}

/// By hand. `a` has 4 of 10 in 2026: the backstop of 8 is called for 6 a year later. The contract has ended with `a`, so 10
/// more are missing in 2027: called for the 2 that are left of it, not for 8 again.
#[test]
fn a_backstop_pays_its_amount_once() {
    let network = chain(&commitment("g", "b", "capacity_backstop", 8));
    let mut means = network.means();
    means.operating[0] = Money::from_minor(4_00);
    let cascade = network.cascade(&means, Terms::default()).unwrap();
    assert_eq!(cascade.defaulted[0], Some(0));
    let received: Vec<i64> = cascade.years.iter().map(|year| year[1].received.minor()).collect();
    assert_eq!((received, cascade.paid[2]), (vec![4_00, 6_00, 2_00], Money::from_minor(8_00)));
}

/// By hand. `h` has 10, costs of 8 and a loan of 10 due: costs come before any promise, so the lender gets 2, not five ninths.
#[test]
fn running_costs_come_before_any_promise() {
    let party = "[[parties]]\nid = \"h\"\nkind = \"neocloud\"\ncash_usd = 10\nsource = \"\"\nmark = \"assumption\"\n\
        operating = [{ year = 2026, amount_usd = -8 }]\n";
    let network = chain(&format!("{party}{}", commitment("h", "c", "loan", 30)));
    let cascade = network.cascade(&network.means(), Terms::default()).unwrap();
    assert_eq!((cascade.paid[2], cascade.defaulted[4]), (Money::from_minor(2_00), Some(0)));
}

/// By hand. `a` fails in 2027 whatever its means: no income, no cash, so it pays nothing where it had paid 4. With 2 of
/// its own `b` has 2 + 2 of 8 and falls with it. Failing in 2026 costs all 30; a failure in 2028, after its own, is none.
#[test]
fn a_failure_from_outside_is_the_earlier_of_two() {
    let network = chain("");
    let run = |year: usize| {
        let mut means = network.means();
        means.funding[network.party_index("b").unwrap() * 3] = Money::from_minor(2_00);
        means.fails[0] = Some(year);
        network.cascade(&means, Terms::default()).unwrap()
    };
    let dollars = |list: &[Money]| list.iter().map(|m| m.minor() / 100).collect::<Vec<_>>();
    assert_eq!((run(1).defaulted[0], dollars(&run(1).paid)), (Some(1), vec![10, 12]));
    assert_eq!((run(0).defaulted[0], dollars(&run(0).lost)), (Some(0), vec![30, 22]));
    let mut means = network.means();
    means.funding[network.party_index("b").unwrap() * 3] = Money::from_minor(2_00);
    assert_eq!(run(2), network.cascade(&means, Terms::default()).unwrap());
    means.fails.pop();
    assert!(network.cascade(&means, Terms::default()).is_err());
}

/// By hand, a margin of a half. As in the chain above `a` leaves 16 of 30 unpaid, `b` 10 of 24. `b` bears 8 of its 40, and
/// defaults: all. `c` bears 5 of 50. `g` pays nothing without a backstop.
#[test]
fn shares_lose_by_the_size_of_what_is_not_paid() {
    let network = chain("");
    let cascade = network.cascade(&network.means(), Terms::default()).unwrap();
    let losses = network.equity_losses(&cascade, ShareTerms { lost_sales_margin: 0.5, on_default: 0.9 });
    let found: Vec<_> =
        losses.iter().map(|loss| (loss.cost, loss.borne, loss.beyond, loss.share_loss)).collect();
    assert_eq!(
        found,
        [(0.0, 0.0, 0.0, 0.9), (8.0, 8.0, 0.0, 0.9), (5.0, 5.0, 0.0, 0.1), (0.0, 0.0, 0.0, 0.0)]
    );
    // A backstop of 5 comes in 2028 to the estate of `b`: 5 from `g`, whose equity is 4, a half of it to `b`.
    let network = chain(&commitment("g", "b", "capacity_backstop", 5));
    let cascade = network.cascade(&network.means(), Terms::default()).unwrap();
    assert_eq!(cascade.paid[2], Money::from_minor(5_00));
    let losses = network.equity_losses(&cascade, ShareTerms { lost_sales_margin: 0.5, on_default: 0.1 });
    assert_eq!((losses[1].cost, losses[1].share_loss), (5.5, 5.5 / 40.0));
    assert_eq!(
        (losses[3].cost, losses[3].borne, losses[3].beyond, losses[3].share_loss),
        (5.0, 4.0, 1.0, 1.0)
    );
    // Without a margin sales are lost for nothing; what a guarantor pays stays lost.
    let none = network.equity_losses(&cascade, ShareTerms { lost_sales_margin: 0.0, on_default: 0.0 });
    assert_eq!(none.iter().map(|loss| loss.cost).collect::<Vec<_>>(), [0.0, 0.0, 0.0, 5.0]);
}

/// What is paid into the network leaves it: means = equity at the end + running costs + costs of default.
#[test]
fn every_year_of_the_fixture_conserves_cash() {
    let network = fixture();
    let means = network.means();
    for recovery in [Recovery::FULL, Recovery { assets: Ratio::new(1, 2).unwrap(), claims: Ratio::ONE }] {
        for promises in [Promises::Binding, Promises::WithLettersOfIntent] {
            let mut starved = means.clone();
            starved.funding.iter_mut().for_each(|amount| *amount = Money::ZERO);
            let terms = Terms { promises, recovery, vector: Vector::Greatest };
            let cascade = network.cascade(&starved, terms).unwrap();
            assert!(cascade.defaulted.iter().flatten().count() > 0);
            let (mut in_flow, mut out_flow) = (Money::ZERO, Money::ZERO);
            for (k, party) in cascade.years.iter().flat_map(|year| year.iter().enumerate()) {
                assert_eq!(party.assets + party.received, party.paid + party.equity + party.cost, "{k}");
                in_flow += party.received;
                out_flow += party.paid;
            }
            let paid: Money = cascade.paid.iter().copied().sum();
            // Running costs are paid to nobody in the network.
            assert!(out_flow >= in_flow);
            assert_eq!(in_flow, paid);
        }
    }
}

#[test]
fn in_the_base_everybody_pays() {
    let network = fixture();
    let cascade = network.cascade(&network.means(), Terms::default()).unwrap();
    for (party, defaulted) in network.parties().iter().zip(&cascade.defaulted) {
        assert_eq!(*defaulted, None, "{}", party.id);
    }
    assert!(cascade.lost.iter().all(|lost| lost.is_zero()));
}

/// The letter of intent of 2025 between the chip maker and the laboratory, later called never a commitment.
#[test]
fn a_letter_of_intent_changes_nothing_until_it_is_counted() {
    let text = std::fs::read_to_string("fixtures/system/commitments-2026.toml").unwrap();
    let network = fixture();
    let letter = network.commitments().iter().position(|c| c.id == "nvidia_openai_letter").unwrap();
    assert_eq!(network.commitments()[letter].status, Status::LetterOfIntent);
    assert_eq!(network.due(letter), bn(100));
    // The same file without the letter.
    let start = text.find("[[commitments]]\nid = \"nvidia_openai_letter\"").unwrap();
    let end = start + text[start + 1..].find("[[commitments]]").unwrap() + 1;
    let without = Network::read("without.toml", &[&text[..start], &text[end..]].concat()).unwrap();
    let mut means = network.means();
    let lab = network.party_index("openai").unwrap();
    for year in 1..network.years() {
        for amount in [&mut means.funding[lab * 7 + year], &mut means.operating[lab * 7 + year]] {
            *amount = Money::from_minor(amount.minor() / 2);
        }
    }
    let run = |network: &Network, promises| {
        network.cascade(&means, Terms { promises, ..Terms::default() }).unwrap()
    };
    let (with, gone) = (run(&network, Promises::Binding), run(&without, Promises::Binding));
    assert_eq!((&with.years, &with.defaulted), (&gone.years, &gone.defaulted));
    assert_eq!(network.rings(Promises::Binding).rings.len(), without.rings(Promises::Binding).rings.len());
    assert_eq!(network.backlogs(Promises::Binding), without.backlogs(Promises::Binding));
    // Counted, it carries the laboratory further.
    let counted = run(&network, Promises::WithLettersOfIntent);
    assert!(with.defaulted[lab].is_some());
    assert!(
        counted.defaulted[lab].is_none_or(|year| Some(year) > with.defaulted[lab]),
        "{:?}",
        counted.defaulted[lab]
    );
}

/// When the laboratory fails with less and less of its means from 2027 on, letters counted and not: the table of
/// docs/system.md.
#[test]
fn what_the_letters_change_when_counted() {
    let network = fixture();
    let lab = network.party_index("openai").unwrap();
    let year = |tenths: i64, promises: Promises| {
        let mut means = network.means();
        for year in 1..network.years() {
            for amount in [&mut means.funding[lab * 7 + year], &mut means.operating[lab * 7 + year]] {
                *amount = Money::from_minor(amount.minor() / 10 * tenths);
            }
        }
        let cascade = network.cascade(&means, Terms { promises, ..Terms::default() }).unwrap();
        cascade.defaulted[lab].map_or("never".to_owned(), |year| (2026 + year).to_string())
    };
    let page = std::fs::read_to_string("docs/system.md").unwrap();
    for tenths in 1..=10 {
        let [bound, counted] =
            [Promises::Binding, Promises::WithLettersOfIntent].map(|promises| year(tenths, promises));
        let row = format!("| {tenths} tenths | {bound} | {counted} |");
        assert!(page.contains(&row), "{row}");
    }
    // Rings stay what they are: no letter closes one, or widens the narrowest link.
    let rings = |promises| -> Vec<_> {
        network.rings(promises).rings.into_iter().map(|ring| (ring.parties, ring.flow)).collect()
    };
    assert_eq!(rings(Promises::Binding), rings(Promises::WithLettersOfIntent));
    // The letters are promises of the laboratory too: more of Oracle's backlog rests on others.
    let oracle = |promises| {
        let backlogs = network.backlogs(promises);
        let own = backlogs.iter().find(|backlog| network.parties()[backlog.party].id == "oracle").unwrap();
        (own.unfunded / 300e9 * 1e3).round()
    };
    assert_eq!((oracle(Promises::Binding), oracle(Promises::WithLettersOfIntent)), (69.0, 96.0));
}

/// Money that returns: laboratory, cloud, chip maker and back; the article's ring.
#[test]
fn the_rings_of_the_fixture() {
    let network = fixture();
    let names = |promises| -> Vec<String> {
        let rings = network.rings(promises);
        assert!(rings.complete);
        let name = |&party: &usize| network.parties()[party].id.clone();
        rings.rings.iter().map(|ring| ring.parties.iter().map(name).collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(names(Promises::Binding), ["anthropic microsoft", "openai oracle nvidia"]);
    let ring = &network.rings(Promises::Binding).rings[1];
    let kinds: Vec<CommitmentKind> =
        ring.commitments.iter().map(|list| network.commitments()[list[0]].kind).collect();
    assert_eq!(kinds, [CommitmentKind::Purchase, CommitmentKind::Purchase, CommitmentKind::Equity]);
    // Two of three years of 40 billion are to come: the narrowest link. 300 and 30 are wider.
    assert_eq!(ring.flow, Money::from_minor(2_666_666_666_666));
}

/// Of four parties that all owe each other: 6 rings of two, 8 of three, 6 of four.
#[test]
fn a_full_network_has_as_many_rings_as_counted() {
    let mut text = String::from("first_year = 2026\nyears = 3\n");
    for party in 0..4 {
        text += &format!(
            "[[parties]]\nid = \"p{party}\"\nkind = \"cloud\"\nsource = \"\"\nmark = \"assumption\"\n"
        );
    }
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))).filter(|(from, to)| from != to)
    {
        text += &commitment(&format!("p{from}"), &format!("p{to}"), "purchase", 3);
    }
    let rings = Network::read("full.toml", &text).unwrap().rings(Promises::Binding).rings;
    let of = |count| rings.iter().filter(|ring| ring.parties.len() == count).count();
    assert_eq!((of(2), of(3), of(4), rings.len()), (6, 8, 6, 20));
}

#[test]
fn everything_wrong_in_a_network_is_said_at_once() {
    let text = chain_text_with_mistakes();
    let said = Network::read("commitments.toml", &text).unwrap_err().to_string();
    for words in [
        "parties[1].id",
        "commitments[0].from",
        "commitments[0].amount_usd",
        "commitments[1].to",
        "commitments[1].schedule",
    ] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
}

/// Whatever a file says, sums stay far from 64 bits: a single amount may be ten trillion dollars, all together 23,058 trillion.
#[test]
fn amounts_that_no_sum_could_hold_are_refused() {
    let read = |count: usize, amount: &str| {
        let promises: String = (0..count)
            .map(|k| commitment("a", "b", "purchase", 3).replace("\"ab\"", &format!("\"{k}\"")))
            .collect();
        let party =
            |id: &str| format!("{{ id = \"{id}\", kind = \"cloud\", source = \"\", mark = \"read\" }}");
        let text = format!(
            "first_year = 2026\nyears = 3\nparties = [{}, {}]\n{}",
            party("a"),
            party("b"),
            promises.replace("amount_usd = 3", &format!("amount_usd = {amount}"))
        );
        Network::read("commitments.toml", &text)
    };
    let said = read(1, "10_000_000_000_000.01").unwrap_err().to_string();
    assert!(said.contains("from 0 to 10000000000000"), "{said}");
    let network = read(2305, "10_000_000_000_000").unwrap();
    let cascade = network.cascade(&network.means(), Terms::default()).unwrap();
    assert_eq!(cascade.lost.iter().copied().sum::<Money>(), bn(2305 * 10_000));
    let said = read(2306, "10_000_000_000_000").unwrap_err().to_string();
    assert!(said.contains("23060000000000000 dollars in all"), "{said}");
}

fn chain_text_with_mistakes() -> String {
    let party = "{ id = \"a\", kind = \"cloud\", source = \"\", mark = \"read\" }";
    let common = "kind = \"purchase\"\nstatus = \"binding\"\ndate = 2026-01-01\nsource = \"\"\nmark = \"read\"\nschedule_mark = \"read\"\n";
    format!(
        "first_year = 2026\nyears = 2\nparties = [{party}, {party}]\n\
         [[commitments]]\nid = \"x\"\nfrom = \"nobody\"\nto = \"a\"\namount_usd = -1\n{common}\
         [[commitments]]\nid = \"y\"\nfrom = \"a\"\nto = \"a\"\namount_usd = 5\nschedule = [{{ year = 2026, amount_usd = 4 }}]\n{common}"
    )
}

/// Holders from plain numbers: `(rule, debt, holdings)` by group, impacts by asset.
fn holders(impacts: &[f64], groups: &[(&str, f64, Vec<f64>)]) -> Holders {
    let mut text = String::from("deals = \".\"\n");
    for (k, impact) in impacts.iter().enumerate() {
        text += &format!(
            "[[assets]]\nid = \"x{k}\"\nkind = \"other_credit\"\nimpact_per_usd_bn = {impact:.8}\nsource = \"\"\nmark = \"assumption\"\n"
        );
    }
    for (k, (rule, debt, holdings)) in groups.iter().enumerate() {
        text += &format!(
            "[[groups]]\nid = \"g{k}\"\ndebt_usd = {:.0}\nrule = {rule}\nsource = \"\"\nmark = \"assumption\"\nholdings = [",
            debt * 1e9
        );
        for (asset, amount) in holdings.iter().enumerate() {
            text += &format!("{{ asset = \"x{asset}\", amount_usd = {:.0} }}, ", amount * 1e9);
        }
        text += "]\n";
    }
    Holders::read("holders.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const TARGET: &str = "{ kind = \"leverage_target\" }";

/// `1' A M Lambda M' B A M f / E` as matrices, each product written out.
fn vulnerability(a: &[Vec<f64>], debt: &[f64], impact: &[f64], f: &[f64]) -> (f64, Vec<f64>) {
    let total: Vec<f64> = a.iter().map(|row| row.iter().sum()).collect();
    let equity: Vec<f64> = total.iter().zip(debt).map(|(a, d)| a - d).collect();
    let m: Vec<Vec<f64>> = a
        .iter()
        .zip(&total)
        .map(|(row, total)| row.iter().map(|x| if *total > 0.0 { x / total } else { 0.0 }).collect())
        .collect();
    let diagonal = |v: &[f64]| -> Vec<Vec<f64>> {
        (0..v.len()).map(|i| (0..v.len()).map(|j| if i == j { v[i] } else { 0.0 }).collect()).collect()
    };
    let times = |x: &[Vec<f64>], y: &[Vec<f64>]| -> Vec<Vec<f64>> {
        x.iter()
            .map(|row| (0..y[0].len()).map(|j| row.iter().zip(y).map(|(x, y)| x * y[j]).sum()).collect())
            .collect()
    };
    let transposed: Vec<Vec<f64>> = (0..impact.len()).map(|k| m.iter().map(|row| row[k]).collect()).collect();
    let b: Vec<f64> = debt.iter().zip(&equity).map(|(d, e)| d / e).collect();
    let column: Vec<Vec<f64>> = f.iter().map(|&x| vec![x]).collect();
    let ones = vec![vec![1.0; a.len()]];
    let left = [diagonal(&total), m.clone(), diagonal(impact), transposed, diagonal(&b), diagonal(&total)]
        .iter()
        .fold(ones, |product, next| times(&product, next));
    let r = times(&m, &column);
    let all: f64 = equity.iter().sum();
    let parts: Vec<f64> = left[0].iter().zip(&r).map(|(l, r)| l * r[0] / all).collect();
    (parts.iter().sum(), parts)
}

fn books() -> impl Strategy<Value = (Vec<f64>, Vec<Vec<f64>>, Vec<f64>, Vec<f64>)> {
    (1_usize..5, 1_usize..5).prop_flat_map(|(groups, assets)| {
        let whole = |most: i32| (0..most).prop_map(f64::from);
        (
            prop::collection::vec(whole(50).prop_map(|n| n * 1e-5), assets),
            prop::collection::vec(prop::collection::vec(whole(400).prop_map(|n| n + 1.0), assets), groups),
            prop::collection::vec(whole(95).prop_map(|n| n / 100.0), groups),
            prop::collection::vec(whole(60).prop_map(|n| n / 100.0), assets),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("LEASEFALL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64),
        ..ProptestConfig::default()
    })]

    #[test]
    fn vulnerability_is_the_matrix_product((impacts, a, leverage, falls) in books()) {
        let debt: Vec<f64> = a.iter().zip(&leverage).map(|(row, l)| (row.iter().sum::<f64>() * l).floor()).collect();
        let groups: Vec<_> = a.iter().zip(&debt).map(|(row, debt)| (TARGET, *debt, row.clone())).collect();
        let found = holders(&impacts, &groups).vulnerability(&falls).unwrap();
        let (aggregate, parts) = vulnerability(&a, &debt, &impacts, &falls);
        let near = |x: f64, y: f64| (x - y).abs() <= 1e-12 * (1.0 + y.abs());
        prop_assert!(near(found.aggregate, aggregate), "{} {aggregate}", found.aggregate);
        prop_assert!(found.contributions.iter().zip(&parts).all(|(x, y)| near(*x, *y)));
        prop_assert!(near(found.contributions.iter().sum(), found.aggregate));
    }

    #[test]
    fn laws_of_forced_sales(
        (impacts, a, leverage, falls) in books(), rules in prop::collection::vec(0_usize..5, 4),
    ) {
        let names = [
            TARGET,
            "{ kind = \"margin_call\", maintenance = 0.2 }",
            "{ kind = \"redemption\", sensitivity = 0.4 }",
            "{ kind = \"rating_forced_sale\", threshold = 0.1, share = 0.5 }",
            "{ kind = \"hold\" }",
        ];
        let groups: Vec<_> = a
            .iter()
            .enumerate()
            .map(|(k, row)| (names[rules[k]], (row.iter().sum::<f64>() * leverage[k]).floor(), row.clone()))
            .collect();
        let book = holders(&impacts, &groups);
        let sale = book.fire_sale(&falls).unwrap();
        prop_assert!(sale.end != End::TooManyRounds);
        for (price, first) in sale.prices.iter().zip(&sale.first_prices) {
            prop_assert!(*price >= 0.0 && price <= first);
        }
        for (k, loss) in sale.groups.iter().enumerate() {
            // What is lost is what equity lost; by asset it adds up.
            let left = book.equity_of(k) - loss.first - loss.price_impact;
            prop_assert!((loss.equity - left).abs() < 1e-6 * book.assets_of(k), "{} {left}", loss.equity);
            let by_asset: f64 = loss.impact_by_asset.iter().sum();
            prop_assert!((by_asset - loss.price_impact).abs() <= 1e-9 * book.assets_of(k));
            prop_assert!(loss.first >= 0.0 && loss.price_impact >= 0.0);
        }
        // No price impact: what sales cost is nothing.
        let calm = book.with_impact(0.0).fire_sale(&falls).unwrap();
        prop_assert!(calm.groups.iter().all(|loss| loss.price_impact == 0.0));
        prop_assert_eq!(&calm.prices, &calm.first_prices);
    }

    #[test]
    fn without_leverage_there_is_no_second_round((impacts, a, _, falls) in books(), margin in any::<bool>()) {
        let rule = if margin { "{ kind = \"margin_call\", maintenance = 0.5 }" } else { TARGET };
        let groups: Vec<_> = a.iter().map(|row| (rule, 0.0, row.clone())).collect();
        let sale = holders(&impacts, &groups).fire_sale(&falls).unwrap();
        prop_assert!(sale.rounds.is_empty());
        prop_assert_eq!((&sale.prices, sale.end), (&sale.first_prices, End::AtRest));
    }
}

/// By hand, assets 100, debt 90, a fall of 1%: assets 99, equity 9; the target of 9 asks for assets of 90,
/// so 9 are sold. At 0.001 a billion the price falls by 0.9%: all 99 lose 0.891, equity 8.109. Then assets are
/// 90 x 0.991 = 89.19 against a target of 81.09: 8.1 are sold, and so on.
#[test]
fn the_first_rounds_by_hand() {
    let book = holders(&[0.001], &[(TARGET, 90.0, vec![100.0])]);
    let sale = book.fire_sale(&[0.01]).unwrap();
    assert!((sale.rounds[0] / 1e9 - 9.0).abs() < 1e-9);
    assert!((sale.rounds[1] / 1e9 - 8.1).abs() < 1e-9, "{}", sale.rounds[1]);
    // Margin: equity of 9 on 99 is above 5%, nothing is sold; below 10%, down to 9 / 10% = 90.
    let margin = |share: &str| {
        let rule = format!("{{ kind = \"margin_call\", maintenance = {share} }}");
        let sale = holders(&[0.0], &[(rule.as_str(), 90.0, vec![100.0])]).fire_sale(&[0.01]).unwrap();
        sale.rounds.first().map_or(0.0, |sold| sold / 1e9)
    };
    assert_eq!(margin("0.05"), 0.0);
    assert!((margin("0.1") - 9.0).abs() < 1e-9);
    // Redemptions: half of what was lost, 0.5, and no more without price impact.
    let redeemed = holders(&[0.0], &[("{ kind = \"redemption\", sensitivity = 0.5 }", 0.0, vec![100.0])]);
    assert!((redeemed.fire_sale(&[0.01]).unwrap().rounds.iter().sum::<f64>() / 1e9 - 0.5).abs() < 1e-9);
}

/// By hand: 10 in cash and 90 of a thing, debt 90. The thing falls by 1%: equity 9.1, 8.1 must go, and cash has it: no price
/// moves. By 2%: equity 8.2 of 98.2, 16.2 must go, 10 in cash and 6.2 of the thing, which at 0.001 a billion falls by 0.62%.
#[test]
fn cash_goes_first() {
    let asset = |id: &str, kind: &str, impact: &str| {
        format!(
            "[[assets]]\nid = \"{id}\"\nkind = \"{kind}\"\nimpact_per_usd_bn = {impact}\nsource = \"\"\nmark = \"assumption\"\n"
        )
    };
    let text = format!(
        "deals = \".\"\n{}{}[[groups]]\nid = \"g\"\ndebt_usd = 90_000_000_000\nrule = {TARGET}\nsource = \"\"\n\
         mark = \"assumption\"\nholdings = [{{ asset = \"x\", amount_usd = 90_000_000_000 }}, \
         {{ asset = \"cash\", amount_usd = 10_000_000_000 }}]\n",
        asset("x", "other_credit", "0.001"),
        asset("cash", "cash", "0")
    );
    let book = Holders::read("holders.toml", &text).unwrap();
    let calm = book.fire_sale(&[0.01, 0.0]).unwrap();
    assert_eq!((calm.rounds.len(), calm.prices[0]), (1, 0.99));
    assert!((calm.rounds[0] / 1e9 - 8.1).abs() < 1e-9);
    let sale = book.fire_sale(&[0.02, 0.0]).unwrap();
    assert!((sale.rounds[0] / 1e9 - 16.2).abs() < 1e-9);
    let after = 0.98 * (1.0 - 0.0062);
    assert!(sale.prices[0] <= after + 1e-12 && sale.prices[0] > 0.98 * after, "{}", sale.prices[0]);
}

/// By hand: 100 with a debt of 90 fall by a fifth: equity is gone, all 80 must go. At 0.02 a billion that is a fall of 160%:
/// the price is nothing, not less, and 90 are owed.
#[test]
fn a_price_falls_to_nothing_and_no_further() {
    let sale = holders(&[0.02], &[(TARGET, 90.0, vec![100.0])]).fire_sale(&[0.2]).unwrap();
    assert_eq!(sale.prices, [0.0]);
    let loss = &sale.groups[0];
    assert_eq!(
        (loss.first / 1e9, loss.price_impact / 1e9, loss.sold, loss.equity / 1e9),
        (20.0, 80.0, 0.0, -90.0)
    );
    assert_eq!(sale.end, End::SoldOut);
}
