//! The assets as files: `sites.toml`, `tenants.toml`, `leases.csv`.

use super::{Assets, Locate, Pool};
use crate::asset::{Lease, SitesFile, TenantsFile};
use crate::error::{Error, Problem, Problems};
use crate::money::Currency;
use crate::tape::{
    DOCUMENT_LIMIT, Document, FileFormat, RowFormat, TABLE_LIMIT, Table, read_document, read_table, read_text,
};
use crate::time::Date;
use std::path::Path;

/// The files that describe a deal's assets, read but not yet checked against each other.
#[derive(Clone, Debug)]
pub struct AssetFiles {
    /// `sites.toml`.
    pub sites: Document<SitesFile>,
    /// `tenants.toml`.
    pub tenants: Document<TenantsFile>,
    /// `leases.csv`.
    pub leases: Table<Lease>,
}

impl AssetFiles {
    /// The files of a deal's folder.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if one cannot be read, [`Error::Input`] with what is wrong in all three.
    pub fn open(folder: &Path) -> Result<AssetFiles, Error> {
        let text = |name: &str, limit| read_text(&folder.join(name), name, limit);
        let sites = text(SitesFile::NAME, DOCUMENT_LIMIT)?;
        let tenants = text(TenantsFile::NAME, DOCUMENT_LIMIT)?;
        let leases = text(<Lease as RowFormat>::NAME, TABLE_LIMIT)?;
        AssetFiles::read(&sites, &tenants, &leases)
    }

    /// The files from their texts.
    ///
    /// # Errors
    /// [`Error::Input`] with what is wrong in all three; a lease tape without leases is wrong too.
    pub fn read(sites: &str, tenants: &str, leases: &str) -> Result<AssetFiles, Error> {
        let sites = read_document::<SitesFile>(SitesFile::NAME, sites);
        let tenants = read_document::<TenantsFile>(TenantsFile::NAME, tenants);
        let leases = read_table::<Lease>(<Lease as RowFormat>::NAME, leases).and_then(|table| {
            let empty = table.rows.is_empty();
            let problem = || table.problem(0, "", "no lease", "at least one");
            if empty { Err(Problems::from(vec![problem()])) } else { Ok(table) }
        });
        match (sites, tenants, leases) {
            (Ok(sites), Ok(tenants), Ok(leases)) => Ok(AssetFiles { sites, tenants, leases }),
            (sites, tenants, leases) => {
                let mut problems = Problems::new();
                [sites.err(), tenants.err(), leases.err()]
                    .into_iter()
                    .flatten()
                    .for_each(|found| problems.extend(found));
                Err(Error::Input(problems.none_or(()).err().unwrap_or_default()))
            }
        }
    }

    /// The pool that the files make.
    ///
    /// # Errors
    /// As [`Pool::new`], with files and lines.
    pub fn pool(&self, currency: Currency, cut_off_date: Date) -> Result<Pool, Error> {
        let assets = Assets {
            sites: self.sites.value.clone(),
            tenants: self.tenants.value.clone(),
            leases: self.leases.rows.clone(),
        };
        Pool::new(currency, cut_off_date, assets, self)
    }
}

impl Locate for AssetFiles {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        let row = path.strip_prefix("leases[").and_then(|rest| rest.split_once("]."));
        match row.and_then(|(index, field)| Some((index.parse::<usize>().ok()?, field))) {
            Some((row, field)) => self.leases.problem(row, field, found, expected),
            None if path.starts_with("tenants") => self.tenants.problem(path, found, expected),
            None => self.sites.problem(path, found, expected),
        }
    }
}

/// A scenario's file knows where its fields stand.
impl<T> Locate for Document<T> {
    fn problem(&self, path: &str, found: String, expected: String) -> Problem {
        Document::problem(self, path, found, expected)
    }
}
