//! The network that a file of commitments makes, checked, with its amounts by year.

use super::commitments::{Commitment, CommitmentKind, CommitmentsFile, Party, Role, Status, YearAmount};
use crate::error::{Error, Problem, Problems};
use crate::money::{Currency, Money};
use crate::tape::{DOCUMENT_LIMIT, Document, read_document, read_text};
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::path::Path;

/// Parties and the promises between them, every name of which leads somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    file: CommitmentsFile,
    pub(super) parties: Vec<PartyMeans>,
    pub(super) edges: Vec<Edge>,
}

/// A party's means, by year of the network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PartyMeans {
    pub cash: Money,
    pub operating: Vec<Money>,
    pub funding: Vec<Money>,
}

/// A commitment between parties by index.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub covers: Option<usize>,
    pub class: u32,
    /// Due in each year of the network.
    pub due: Vec<Money>,
}

/// Which promises are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Promises {
    /// Contracts only.
    #[default]
    Binding,
    /// Letters of intent as if they were contracts.
    WithLettersOfIntent,
}

impl Promises {
    /// Whether a promise of this status is counted. What is proposed or lapsed never is.
    pub fn include(self, status: Status) -> bool {
        match status {
            Status::Binding => true,
            Status::LetterOfIntent => self == Promises::WithLettersOfIntent,
            Status::Proposed | Status::Lapsed => false,
        }
    }
}

impl Network {
    /// Reads a file of commitments.
    ///
    /// # Errors
    /// [`Error::Unreadable`], or [`Error::Input`] with all that is wrong in the file.
    pub fn open(path: impl AsRef<Path>) -> Result<Network, Error> {
        let path = path.as_ref();
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Network::read(&name, &read_text(path, &name, DOCUMENT_LIMIT)?)
    }

    /// [`Network::open`] from a text; `name` is what problems call it.
    ///
    /// # Errors
    /// [`Error::Input`] with all that is wrong in it.
    pub fn read(name: &str, text: &str) -> Result<Network, Error> {
        let document = read_document::<CommitmentsFile>(name, text)?;
        Checked { document: &document, problems: Problems::new(), total: 0 }.network()
    }

    /// The parties, in the order of the file.
    pub fn parties(&self) -> &[Party] {
        &self.file.parties
    }

    /// The commitments, in the order of the file.
    pub fn commitments(&self) -> &[Commitment] {
        &self.file.commitments
    }

    /// The index of a party.
    pub fn party_index(&self, id: &str) -> Option<usize> {
        self.file.parties.iter().position(|party| party.id == id)
    }

    /// What the network stands for, and where it comes from.
    pub fn description(&self) -> &str {
        &self.file.description
    }

    /// The last year that is cleared.
    pub fn last_year(&self) -> u16 {
        self.file.first_year.saturating_add(self.file.years.saturating_sub(1))
    }

    /// The first year that is cleared.
    pub fn first_year(&self) -> u16 {
        self.file.first_year
    }

    /// Years that are cleared.
    pub fn years(&self) -> usize {
        usize::from(self.file.years)
    }

    /// The tenants of a deal that are parties: party and tenant.
    pub fn tenants_of<'n>(&'n self, deal: &'n str) -> impl Iterator<Item = (usize, &'n str)> {
        self.parties().iter().enumerate().flat_map(move |(index, party)| {
            party.roles.iter().filter_map(move |role| match role {
                Role::Tenant { deal: of, tenant } if of == deal => Some((index, tenant.as_str())),
                _ => None,
            })
        })
    }

    /// What a commitment comes to in the years of the network.
    pub fn due(&self, commitment: usize) -> Money {
        self.edges.get(commitment).map_or(Money::ZERO, |edge| edge.due.iter().copied().sum())
    }

    /// Whether a commitment is counted and moves money without anybody failing.
    pub(super) fn pays(&self, commitment: usize, promises: Promises) -> bool {
        let found = &self.file.commitments[commitment];
        promises.include(found.status)
            && !found.kind.is_contingent()
            && found.kind != CommitmentKind::Warrant
            && !self.due(commitment).is_zero()
    }
}

/// A file under check.
struct Checked<'d> {
    document: &'d Document<CommitmentsFile>,
    problems: Problems,
    /// All amounts so far, in cents.
    total: i128,
}

/// Cents that all amounts of a network may come to: no sum of a clearing is then near 64 bits.
const MOST_CENTS: i128 = i64::MAX as i128 / 4;

impl Checked<'_> {
    fn network(mut self) -> Result<Network, Error> {
        let file = &self.document.value;
        let mut index = HashMap::new();
        for (k, party) in file.parties.iter().enumerate() {
            if index.insert(party.id.as_str(), k).is_some() {
                self.note(format!("parties[{k}].id"), format!("`{}` again", party.id), "an id of its own");
            }
        }
        // A century: beyond, schedules are mistakes.
        if !(1..=100).contains(&file.years) {
            self.note("years".to_owned(), file.years.to_string(), "from 1 to 100");
            return Err(Error::Input(self.problems));
        }
        let parties = file.parties.iter().enumerate().map(|(k, party)| PartyMeans {
            cash: self.money(&format!("parties[{k}].cash_usd"), party.cash_usd, false, 1),
            operating: self.carried(&format!("parties[{k}].operating"), &party.operating),
            funding: self.carried(&format!("parties[{k}].funding"), &party.funding),
        });
        let parties: Vec<PartyMeans> = parties.collect();
        let mut edges = Vec::new();
        let mut names = HashMap::new();
        for (k, commitment) in file.commitments.iter().enumerate() {
            if names.insert(commitment.id.as_str(), k).is_some() {
                self.note(
                    format!("commitments[{k}].id"),
                    format!("`{}` again", commitment.id),
                    "an id of its own",
                );
            }
            let mut party = |field: &str, id: &str| {
                let known = index.get(id).copied();
                if known.is_none() {
                    self.note(format!("commitments[{k}].{field}"), format!("`{id}`"), "the id of a party");
                }
                known
            };
            let ends = party("from", &commitment.from).zip(party("to", &commitment.to));
            let covers = commitment.covers.as_deref().and_then(|id| party("covers", id));
            if commitment.from == commitment.to {
                self.note(
                    format!("commitments[{k}].to"),
                    format!("`{}`", commitment.to),
                    "a party other than `from`",
                );
            }
            let due = self.due(k, commitment);
            let class = commitment.class.map_or(commitment.kind.class(), u32::from);
            edges.extend(ends.map(|(from, to)| Edge { from, to, covers, class, due }));
        }
        if self.total > MOST_CENTS {
            let expected = format!("{} dollars at most", MOST_CENTS / 100);
            self.note("commitments".to_owned(), format!("{} dollars in all", self.total / 100), &expected);
        }
        self.problems.or(())?;
        Ok(Network { file: file.clone(), parties, edges })
    }

    /// What is due in each year.
    fn due(&mut self, k: usize, commitment: &Commitment) -> Vec<Money> {
        let (first, years) = (self.document.value.first_year, usize::from(self.document.value.years));
        let mut due = vec![Money::ZERO; years];
        let place =
            |year: u16| usize::from(year.checked_sub(first)?).lt(&years).then(|| usize::from(year - first));
        let path = format!("commitments[{k}]");
        let total =
            commitment.amount_usd.map(|amount| self.money(&format!("{path}.amount_usd"), amount, false, 1));
        match (commitment.level, commitment.schedule.as_slice(), total) {
            (Some(_), [_, ..], _) => {
                self.note(format!("{path}.level"), "a schedule beside it".to_owned(), "one of the two");
            }
            (Some(Years { from, to }), [], Some(total)) if from <= to => {
                // Equal parts; cents left over fall into the first years.
                let parts = total.split(&vec![1; usize::from(to - from) + 1]);
                for (year, part) in (from..=to).zip(parts) {
                    if let Some(place) = place(year) {
                        due[place] += part;
                    }
                }
            }
            (Some(Years { from, to }), [], Some(_)) => {
                self.note(format!("{path}.level.to"), to.to_string(), &format!("{from} or later"));
            }
            (None, entries, _) => {
                let mut sum = Decimal::ZERO;
                for (j, entry) in entries.iter().enumerate() {
                    let amount =
                        self.money(&format!("{path}.schedule[{j}].amount_usd"), entry.amount_usd, false, 1);
                    sum += entry.amount_usd;
                    if let Some(place) = place(entry.year) {
                        due[place] += amount;
                    }
                }
                if let Some(amount) =
                    commitment.amount_usd.filter(|&amount| !entries.is_empty() && amount != sum)
                {
                    let expected = format!("{amount}, the amount of the commitment");
                    self.note(format!("{path}.schedule"), format!("{sum} in all"), &expected);
                }
            }
            (Some(_), [], None) => {}
        }
        due
    }

    /// Amounts by year, each carried on until the next.
    fn carried(&mut self, path: &str, amounts: &[YearAmount]) -> Vec<Money> {
        let (first, years) = (self.document.value.first_year, self.document.value.years);
        for (k, pair) in amounts.windows(2).enumerate() {
            if pair[1].year <= pair[0].year {
                let expected = format!("a year after {}", pair[0].year);
                self.note(format!("{path}[{}].year", k + 1), pair[1].year.to_string(), &expected);
            }
        }
        let amounts: Vec<(u16, Money)> = amounts
            .iter()
            .enumerate()
            .map(|(k, entry)| {
                (entry.year, self.money(&format!("{path}[{k}].amount_usd"), entry.amount_usd, true, years))
            })
            .collect();
        let on = |year: u16| amounts.iter().rev().find(|(from, _)| *from <= year);
        (0..years).map(|k| on(first.saturating_add(k)).map_or(Money::ZERO, |(_, amount)| *amount)).collect()
    }

    /// An amount that counts so many times at most in the years of the network.
    fn money(&mut self, path: &str, amount: Decimal, signed: bool, times: u16) -> Money {
        let money = Currency::USD.money(amount).filter(|&money| signed || money >= Money::ZERO);
        if let Some(money) = money {
            self.total += i128::from(money.minor()).abs() * i128::from(times);
            return money;
        }
        let most = Currency::USD.decimal(Money::LIMIT).normalize();
        let least = if signed { -most } else { Decimal::ZERO };
        self.note(path.to_owned(), amount.to_string(), &format!("dollars and cents, from {least} to {most}"));
        Money::ZERO
    }

    fn note(&mut self, path: String, found: String, expected: &str) {
        let problem: Problem = self.document.problem(&path, found, expected);
        self.problems.push(problem);
    }
}

use super::commitments::Years;
