//! What is owned, and what is owed if nothing goes wrong: sites, tenants, leases, loans.
//!
//! The types here are the records of `sites.toml`, `tenants.toml`, `leases.csv` and `loans.csv`, field by
//! field (see `docs/tape.md`). They hold what people wrote, as decimals; the pool checks them against
//! each other and turns them into cash.

mod amortization;
mod format;
mod lease;
mod loan;
mod rent;
mod site;
mod steps;
mod tenant;

pub use amortization::LoanPayment;
pub use lease::{EscalatorKind, Lease, Product, RenewalRent, Structure};
pub use loan::{Loan, LoanAmortization};
pub use rent::RentStep;
pub(crate) use rent::{MAX_MONTHS, RentTerms, rent_steps};
pub use site::{Hall, Market, Phase, Site, SitesFile, Tenure};
pub use steps::{DatedAmounts, InvalidSteps, Ramp};
pub use tenant::{Tenant, TenantKind, TenantsFile};
