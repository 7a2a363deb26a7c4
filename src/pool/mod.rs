//! The collateral: sites, tenants, leases and loans checked against each other, and what each owes month
//! by month if nothing goes wrong.

mod check;
mod chip_lease;
mod concentration;
mod terms;

pub(crate) use check::expected_id;
pub(crate) use chip_lease::ChipTerms;
pub use concentration::Concentration;
pub(crate) use terms::{EarlyTermination, Escalator, LeaseTerms, LoanTerms, SiteTerms};

use crate::asset::{
    ChipLease, ChipsFile, Lease, Loan, Market, RepLine, Site, SitesFile, Tenant, TenantsFile,
};
use crate::curve::ForwardCurve;
use crate::error::{Error, Problem};
use crate::money::Currency;
use crate::time::{Date, Month};
use chrono::Datelike;
use std::collections::BTreeMap;

/// What the tape says about the assets, before any check across records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assets {
    /// Markets and sites.
    pub sites: SitesFile,
    /// Tenants and guarantors.
    pub tenants: TenantsFile,
    /// The leases.
    pub leases: Vec<Lease>,
    /// The loans.
    pub loans: Vec<Loan>,
    /// The representative lines.
    pub rep_lines: Vec<RepLine>,
    /// The index curves that lines may float on, by id: the deal's forward curves.
    pub indices: BTreeMap<String, ForwardCurve>,
}

/// Knows where the records of the assets stand in their files.
///
/// A path is `sites[2].pue`, `markets[0].id`, `tenants[4].guarantor`, `leases[17].expiration`,
/// `chip_leases[1].fleet` or `loans[3].rate`, each counted from 0 within its file.
pub trait Locate {
    /// A problem with the value at a path.
    fn problem(&self, path: &str, found: String, expected: String) -> Problem;
}

/// Paths as they are, without lines: for assets that were made in memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct InMemory;

impl Locate for InMemory {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        let file = match path.split(['[', '.']).next() {
            Some("markets" | "sites") => "sites.toml",
            Some("tenants") => "tenants.toml",
            Some("leases") => "leases.csv",
            Some("loans") => "loans.csv",
            Some("chip_leases") => "chip_leases.csv",
            Some("rep_lines") => "rep_lines.csv",
            Some("generations" | "fleets") => "chips.toml",
            _ => "scenario",
        };
        Problem { file: file.to_owned(), line: 0, field: path.to_owned(), found, expected }
    }
}

/// The collateral of a deal at its cut-off date. Immutable; every id in it leads somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    currency: Currency,
    cut_off_date: Date,
    assets: Assets,
    chips: Option<ChipsFile>,
    chip_leases: Vec<ChipLease>,
    pub(crate) site_terms: Vec<SiteTerms>,
    pub(crate) lease_terms: Vec<LeaseTerms>,
    pub(crate) loan_terms: Vec<LoanTerms>,
    pub(crate) chip_terms: Vec<ChipTerms>,
}

impl Pool {
    /// The pool that these assets make, once every check has passed.
    ///
    /// A pool of neither leases nor loans is legal here (it collects nothing); the tape refuses empty tables.
    ///
    /// # Errors
    /// [`Error::Input`] with every problem: ids that are missing, repeated or lead nowhere, dates out of
    /// order, figures out of bounds, two leases in one hall at a time, more kW let than a site has ready.
    pub fn new(
        currency: Currency,
        cut_off_date: Date,
        assets: Assets,
        places: &dyn Locate,
    ) -> Result<Pool, Error> {
        let first_month = first_collected_month(cut_off_date);
        let problems = check::check(currency, cut_off_date, first_month, &assets, places);
        problems.or(())?;
        let (site_terms, lease_terms) = terms::resolve(currency, cut_off_date, first_month, &assets, places)?;
        let loan_terms = terms::loan_terms(currency, &assets);
        let (chips, chip_leases, chip_terms) = (None, Vec::new(), Vec::new());
        Ok(Pool {
            currency,
            cut_off_date,
            assets,
            chips,
            chip_leases,
            site_terms,
            lease_terms,
            loan_terms,
            chip_terms,
        })
    }

    /// The pool of a deal that owns chips and leases them. It holds nothing else: buildings are worth their income
    /// at a cap rate and last, chips are worth what is left of them, and one asset value of both would say neither.
    /// Amounts are dollars.
    ///
    /// # Errors
    /// [`Error::Input`] with every problem: ids that are repeated or lead nowhere, dates out of order, figures out
    /// of bounds, a fleet let twice.
    pub fn of_chips(
        currency: Currency,
        cut_off_date: Date,
        tenants: TenantsFile,
        chips: ChipsFile,
        leases: Vec<ChipLease>,
        places: &dyn Locate,
    ) -> Result<Pool, Error> {
        let terms = chip_lease::resolve(currency, cut_off_date, &tenants, &chips, &leases, places);
        let pool = Pool::new(currency, cut_off_date, Assets { tenants, ..Assets::default() }, places);
        let (pool, terms) = match (pool, terms) {
            (Err(Error::Input(mut problems)), Err(Error::Input(more))) => {
                problems.extend(more);
                return Err(Error::Input(problems));
            }
            (pool, terms) => (pool?, terms?),
        };
        Ok(Pool { chip_leases: leases, chip_terms: terms, ..pool.with_chips(chips, places)? })
    }

    /// The same pool beside a catalogue of chips, and with the fleets that the file lists.
    ///
    /// # Errors
    /// [`Error::Input`] with every fleet that stands in a site or hall that the pool does not have.
    pub fn with_chips(self, chips: ChipsFile, places: &dyn Locate) -> Result<Pool, Error> {
        check::chips(&self.assets, &chips, places).or(())?;
        Ok(Pool { chips: Some(chips), ..self })
    }

    /// The currency of every amount.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The date from which collections belong to the notes.
    pub fn cut_off_date(&self) -> Date {
        self.cut_off_date
    }

    /// The first month whose rent belongs to the notes: the first that begins on or after the cut-off date.
    pub fn first_month(&self) -> Month {
        first_collected_month(self.cut_off_date)
    }

    /// The rental markets.
    pub fn markets(&self) -> &[Market] {
        &self.assets.sites.markets
    }

    /// The sites.
    pub fn sites(&self) -> &[Site] {
        &self.assets.sites.sites
    }

    /// The tenants and guarantors.
    pub fn tenants(&self) -> &[Tenant] {
        &self.assets.tenants.tenants
    }

    /// The generations of chips that the world has, and the fleets of the deal; `None` if it says nothing of chips.
    pub fn chips(&self) -> Option<&ChipsFile> {
        self.chips.as_ref()
    }

    /// The leases, in the order of the tape.
    pub fn leases(&self) -> &[Lease] {
        &self.assets.leases
    }

    /// The leases of chips, in the order of the tape.
    pub fn chip_leases(&self) -> &[ChipLease] {
        &self.chip_leases
    }

    /// The loans, in the order of the tape.
    pub fn loans(&self) -> &[Loan] {
        &self.assets.loans
    }

    /// The representative lines, in the order of the tape.
    pub fn rep_lines(&self) -> &[RepLine] {
        &self.assets.rep_lines
    }

    /// The index curve of an id, if there is one.
    pub fn index(&self, id: &str) -> Option<&ForwardCurve> {
        self.assets.indices.get(id)
    }

    /// The ids of the index curves.
    pub(crate) fn index_ids(&self) -> impl Iterator<Item = &str> {
        self.assets.indices.keys().map(String::as_str)
    }

    /// The index of a market.
    pub fn market_index(&self, id: &str) -> Option<usize> {
        self.markets().iter().position(|market| market.id == id)
    }

    /// The index of a site.
    pub fn site_index(&self, id: &str) -> Option<usize> {
        self.sites().iter().position(|site| site.id == id)
    }

    /// The index of a tenant or guarantor.
    pub fn tenant_index(&self, id: &str) -> Option<usize> {
        self.tenants().iter().position(|tenant| tenant.id == id)
    }

    /// The index of a lease.
    pub fn lease_index(&self, id: &str) -> Option<usize> {
        self.leases().iter().position(|lease| lease.lease_id == id)
    }

    /// The index of a loan.
    pub fn loan_index(&self, id: &str) -> Option<usize> {
        self.loans().iter().position(|loan| loan.loan_id == id)
    }
}

/// The first month that begins on or after a date.
pub(crate) fn first_collected_month(cut_off_date: Date) -> Month {
    let month = Month::of(cut_off_date);
    if cut_off_date.day() == 1 { month } else { month + 1 }
}
