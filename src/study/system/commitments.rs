//! Who has promised what to whom, as people write it: `commitments.toml`.

use super::figure::Figure;
use crate::tape::FileFormat;
use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// `commitments.toml`: parties, and what each has promised to another. Amounts are US dollars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommitmentsFile {
    /// What the network stands for, and where it comes from.
    #[serde(default)]
    pub description: String,
    /// The first year that is cleared.
    pub first_year: u16,
    /// Years that are cleared.
    pub years: u16,
    /// The parties.
    pub parties: Vec<Party>,
    /// The promises.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<Commitment>,
}

impl FileFormat for CommitmentsFile {
    const NAME: &'static str = "commitments.toml";
    const SCHEMA: &'static str = include_str!("../../../docs/schema/commitments.json");
}

/// A firm or fund.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The name by which commitments and outcomes refer to it.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What kind of firm it is.
    pub kind: PartyKind,
    /// Cash at the start of the first year.
    #[serde(default)]
    pub cash_usd: Decimal,
    /// Cash from everything outside the network, running costs paid, before any promise of the network; below zero:
    /// it must be found elsewhere, and is paid before any promise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operating: Vec<YearAmount>,
    /// New money raised from outside the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funding: Vec<YearAmount>,
    /// What its shares are worth, in dollars: what failures of others can cost them is measured against it. Not
    /// stated: they lose by its own default alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equity_usd: Option<Figure>,
    /// The part that it plays in deals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// Where the figures come from.
    pub source: String,
    /// How sure they are.
    pub mark: Mark,
}

/// An amount of a year. A year without an entry has that of the last one before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct YearAmount {
    /// The year.
    pub year: u16,
    /// Dollars.
    pub amount_usd: Decimal,
}

/// What kind of firm a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartyKind {
    /// Trains and serves models.
    AiLab,
    /// A public cloud of the largest size.
    Cloud,
    /// Makes accelerators.
    ChipMaker,
    /// Rents out accelerators.
    Neocloud,
    /// Builds data centers and owns what is left of their deals.
    Sponsor,
    /// Lends privately.
    PrivateCredit,
    /// The issuer of a deal, or a vehicle that owns chips.
    Spv,
    /// Any other investor.
    Investor,
}

/// The part that a party plays in a deal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Role {
    /// It pays rent: its default is that tenant's.
    Tenant {
        /// The deal, by the name of its folder.
        deal: String,
        /// The tenant of the deal.
        tenant: String,
    },
    /// It stands behind the deal: with it go its equity cures and the refinancing.
    Sponsor {
        /// The deal.
        deal: String,
    },
    /// It runs the sites and is replaced.
    Manager {
        /// The deal.
        deal: String,
    },
}

/// How sure a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Read in the source named.
    Read,
    /// Read in notes that relay a source.
    Relayed,
    /// Not read again.
    Memory,
    /// Arithmetic on figures read.
    Derived,
    /// A choice of ours.
    Assumption,
}

/// A promise: who is to pay is `from`, who is to be paid `to`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Its name.
    pub id: String,
    /// Who is to pay.
    pub from: String,
    /// Who is to be paid.
    pub to: String,
    /// What kind of promise it is.
    pub kind: CommitmentKind,
    /// What it comes to over its life; not stated: no amount is public, and it moves no money here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_usd: Option<Decimal>,
    /// How far it binds.
    pub status: Status,
    /// When it was made public.
    pub date: Date,
    /// When it is paid: in equal parts from the first year to the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Years>,
    /// When it is paid, year by year, in place of `level`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<YearAmount>,
    /// For a guarantee or backstop: whose failure to pay it answers for; anybody's, if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<String>,
    /// Its rank among what `from` owes, lowest first: loans and leases 0, purchases and guarantees 1, equity 2,
    /// unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// Where the amount comes from.
    pub source: String,
    /// How sure the amount is.
    pub mark: Mark,
    /// How sure the dates of payment are.
    pub schedule_mark: Mark,
}

/// First and last year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Years {
    /// First year.
    pub from: u16,
    /// Last year.
    pub to: u16,
}

/// What kind of promise a commitment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommitmentKind {
    /// To buy goods or services.
    Purchase,
    /// To put in equity.
    Equity,
    /// To pay a loan's interest and principal.
    Loan,
    /// To pay rent.
    Lease,
    /// To pay another's rent if it does not.
    LeaseGuarantee,
    /// To take capacity that others leave.
    CapacityBackstop,
    /// To issue shares at a price: no cash.
    Warrant,
}

impl CommitmentKind {
    /// Its rank unless the file says another.
    pub(super) fn class(self) -> u32 {
        match self {
            CommitmentKind::Loan | CommitmentKind::Lease => 0,
            CommitmentKind::Purchase | CommitmentKind::LeaseGuarantee | CommitmentKind::CapacityBackstop => 1,
            CommitmentKind::Equity | CommitmentKind::Warrant => 2,
        }
    }

    /// Whether it is paid only when somebody else fails.
    pub fn is_contingent(self) -> bool {
        matches!(self, CommitmentKind::LeaseGuarantee | CommitmentKind::CapacityBackstop)
    }

    /// Whether it is revenue of the one who is paid: its backlog.
    pub fn is_backlog(self) -> bool {
        matches!(self, CommitmentKind::Purchase | CommitmentKind::Lease)
    }
}

/// How far a promise binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A contract.
    Binding,
    /// An intention, announced.
    LetterOfIntent,
    /// Talked about.
    Proposed,
    /// No longer.
    Lapsed,
}
