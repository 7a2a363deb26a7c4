//! What is owned, and what is owed if nothing goes wrong: sites, tenants, leases, loans, chips.
//!
//! The types here are the records of `sites.toml`, `tenants.toml`, `chips.toml`, `leases.csv`, `chip_leases.csv` and `loans.csv`,
//! field by field (see `docs/tape.md`). They hold what people wrote, as decimals; the pool checks them against
//! each other and turns them into cash. Chips are read on their own, by [`read_chips`]: they drive scenarios.

mod amortization;
mod chip;
mod chip_lease;
mod depreciation;
mod figure;
mod fleet;
mod format;
mod lease;
mod loan;
mod note_holding;
mod rent;
mod rep_line;
mod site;
mod steps;
mod tenant;

pub use amortization::LoanPayment;
pub(crate) use chip::check_chips;
pub use chip::{
    ChipRates, ChipsFile, Generation, H100_DENSE_8BIT_TFLOPS, H100_DENSE_16BIT_TFLOPS, read_chips,
};
pub use chip_lease::{ChipLease, EndOfTerm, FailuresBorneBy, Remarketing};
pub use depreciation::{
    BEA_COMPUTING_RATE, BEA_ELECTRICAL_RATE, BEA_PC_VALUE, bea_pc_value, geometric_book_value,
    straight_line_book_value, straight_line_charge, understated_depreciation, yearly_value_loss,
};
pub use figure::{Figure, Mark};
pub use fleet::{Fleet, Replacement, Survival};
pub use lease::{EscalatorKind, Lease, Product, RenewalRent, Structure};
pub use loan::{Loan, LoanAmortization};
pub use note_holding::NoteHolding;
pub use rent::RentStep;
pub(crate) use rent::{MAX_MONTHS, RentTerms, rent_steps};
pub use rep_line::RepLine;
pub use site::{Hall, Market, Phase, Site, SitesFile, Tenure};
pub use steps::{DatedAmounts, InvalidSteps, Ramp};
pub use tenant::{ComputeRevenue, Tenant, TenantKind, TenantsFile};
