//! One lease: a row of `leases.csv`.

use super::steps::{DatedAmounts, Ramp};
use crate::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A lease, as a row of `leases.csv` states it: the fields are the columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lease {
    /// Its name, unique in the tape.
    pub lease_id: String,
    /// What is let.
    #[serde(default)]
    pub product: Product,
    /// Who pays, an id of `tenants.toml`.
    pub tenant: String,
    /// Where, an id of `sites.toml`.
    pub site: String,
    /// The hall, an id among the site's halls; blank when the lease shares one.
    pub hall: Option<String>,
    /// Critical IT load let, in kW.
    pub kw: Decimal,
    /// Base rent per kW and month at the cut-off date, or at commencement if that is later.
    pub rent_usd_per_kw_month: Decimal,
    /// First day.
    pub commencement: Date,
    /// Last day of the term in force, itself included.
    pub expiration: Date,
    /// How the rent rises on anniversaries of the commencement.
    #[serde(default)]
    pub escalator: EscalatorKind,
    /// The rise a year of a fixed escalator, as a fraction.
    pub escalator_rate: Option<Decimal>,
    /// The least rise a year of a CPI escalator, as a fraction; blank: 0.
    pub cpi_floor: Option<Decimal>,
    /// The greatest rise a year of a CPI escalator, as a fraction; blank: none.
    pub cpi_cap: Option<Decimal>,
    /// Months from commencement in which no base rent is due; blank: 0.
    pub free_rent_months: Option<u32>,
    /// The share of the rent that is due, by month from commencement; blank: all of it.
    pub ramp: Option<Ramp>,
    /// Which costs the tenant bears.
    #[serde(default)]
    pub structure: Structure,
    /// The share of its part of operating cost and property tax that the tenant reimburses; blank: by
    /// the structure.
    pub opex_pass_through: Option<Decimal>,
    /// The share of the cost of its power that the tenant reimburses; blank: by the structure.
    pub power_pass_through: Option<Decimal>,
    /// Average IT load over contracted kW; blank: 0.7.
    pub load_factor: Option<Decimal>,
    /// Renewal options left; blank: 0.
    pub renewal_options: Option<u32>,
    /// Length of each renewal term.
    pub renewal_months: Option<u32>,
    /// Notice before the term ends by which an option must be exercised; blank: 0.
    pub renewal_notice_months: Option<u32>,
    /// What rent a renewal starts at.
    #[serde(default)]
    pub renewal_rent: RenewalRent,
    /// Multiplies the rent that the rule gives; blank: 1.
    pub renewal_rent_factor: Option<Decimal>,
    /// The last day if the tenant's right to terminate early is exercised; blank: no such right.
    pub early_termination_date: Option<Date>,
    /// The fee for early termination in months of the rent then in force.
    pub termination_fee_months: Option<Decimal>,
    /// The fee for early termination as an amount, in addition.
    pub termination_fee: Option<Decimal>,
    /// The value that the tenant guarantees the premises to have when it leaves.
    pub rvg_amount: Option<Decimal>,
    /// The most that the tenant pays under that guarantee; blank: no limit.
    pub rvg_cap: Option<Decimal>,
    /// The guaranteed value from each date on, in place of `rvg_amount`.
    pub rvg_schedule: Option<DatedAmounts>,
    /// Who guarantees the rent, an id of `tenants.toml`; blank: the tenant's guarantor, if any.
    pub guarantor: Option<String>,
    /// Cash held from the tenant; blank: 0.
    pub security_deposit: Option<Decimal>,
    /// Letter of credit held from the tenant's bank; blank: 0.
    pub letter_of_credit: Option<Decimal>,
    /// A remark for people, say where the figures come from. Enters nothing.
    pub note: Option<String>,
}

impl Lease {
    /// A triple-net lease of flat rent, with every other term absent.
    pub fn new(
        lease_id: impl Into<String>,
        tenant: impl Into<String>,
        site: impl Into<String>,
        kw: Decimal,
        rent_usd_per_kw_month: Decimal,
        commencement: Date,
        expiration: Date,
    ) -> Lease {
        Lease {
            lease_id: lease_id.into(),
            product: Product::default(),
            tenant: tenant.into(),
            site: site.into(),
            hall: None,
            kw,
            rent_usd_per_kw_month,
            commencement,
            expiration,
            escalator: EscalatorKind::default(),
            escalator_rate: None,
            cpi_floor: None,
            cpi_cap: None,
            free_rent_months: None,
            ramp: None,
            structure: Structure::default(),
            opex_pass_through: None,
            power_pass_through: None,
            load_factor: None,
            renewal_options: None,
            renewal_months: None,
            renewal_notice_months: None,
            renewal_rent: RenewalRent::default(),
            renewal_rent_factor: None,
            early_termination_date: None,
            termination_fee_months: None,
            termination_fee: None,
            rvg_amount: None,
            rvg_cap: None,
            rvg_schedule: None,
            guarantor: None,
            security_deposit: None,
            letter_of_credit: None,
            note: None,
        }
    }

    /// The share of operating cost and property tax that the tenant reimburses.
    pub fn opex_share(&self) -> Decimal {
        self.opex_pass_through.unwrap_or(match self.structure {
            Structure::Nnn => Decimal::ONE,
            Structure::ModifiedGross | Structure::ModifiedGrossElectricity => Decimal::ZERO,
        })
    }

    /// The share of the cost of its power that the tenant reimburses.
    pub fn power_share(&self) -> Decimal {
        self.power_pass_through.unwrap_or(match self.structure {
            Structure::Nnn | Structure::ModifiedGrossElectricity => Decimal::ONE,
            Structure::ModifiedGross => Decimal::ZERO,
        })
    }

    /// Average IT load over contracted kW.
    pub fn load(&self) -> Decimal {
        // 60 to 80% are usual; AI training runs at the upper end.
        self.load_factor.unwrap_or(Decimal::new(7, 1))
    }
}

/// What a lease lets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Powered space. The tenant owns the chips in it.
    #[default]
    Building,
    /// The chips themselves. Refused here: such leases are rows of `chip_leases.csv`.
    Chip,
}

/// How the rent rises on each anniversary of the commencement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EscalatorKind {
    /// Not at all.
    #[default]
    None,
    /// By `escalator_rate`.
    Fixed,
    /// By the rise of the CPI over the twelve months before, within `cpi_floor` and `cpi_cap`.
    Cpi,
}

/// Which costs the tenant bears beside its rent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// Triple net: its share of operating cost and property tax, and its power.
    #[default]
    Nnn,
    /// None: the rent covers them and the landlord bears their rise.
    ModifiedGross,
    /// Its power; the landlord bears the rest.
    ModifiedGrossElectricity,
}

/// What rent a renewal starts at, before `renewal_rent_factor`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RenewalRent {
    /// The rent that the lease's own escalator leads to.
    #[default]
    Same,
    /// The market rent of the site at that time.
    Market,
    /// The lesser of the two.
    Lesser,
}
