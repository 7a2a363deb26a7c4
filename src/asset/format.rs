//! How the records are read from the files of the tape.

use super::lease::{EscalatorKind, Lease, Product, RenewalRent, Structure};
use super::loan::{Loan, LoanAmortization};
use super::rep_line::RepLine;
use super::steps::{DatedAmounts, InvalidSteps, Ramp};
use super::{NoteHolding, SitesFile, TenantsFile};
use crate::tape::{Cell, Column, FileFormat, Row, RowFormat};
use crate::time::Frequency;

impl FileFormat for SitesFile {
    const NAME: &'static str = "sites.toml";
    const SCHEMA: &'static str = include_str!("../../docs/schema/sites.json");
}

impl FileFormat for TenantsFile {
    const NAME: &'static str = "tenants.toml";
    const SCHEMA: &'static str = include_str!("../../docs/schema/tenants.json");
}

impl Cell for Ramp {
    const EXPECTED: &'static str = "shares of rent by month, as in 0:0.5;12:1";
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_: InvalidSteps| Self::EXPECTED)
    }
}

impl Cell for DatedAmounts {
    const EXPECTED: &'static str = "amounts by date, as in 2029-06-30:1000000;2045-06-30:0";
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_: InvalidSteps| Self::EXPECTED)
    }
}

const PRODUCTS: [(&str, Product); 2] = [("building", Product::Building), ("chip", Product::Chip)];
const ESCALATORS: [(&str, EscalatorKind); 3] =
    [("none", EscalatorKind::None), ("fixed", EscalatorKind::Fixed), ("cpi", EscalatorKind::Cpi)];
const STRUCTURES: [(&str, Structure); 3] = [
    ("nnn", Structure::Nnn),
    ("modified_gross", Structure::ModifiedGross),
    ("modified_gross_electricity", Structure::ModifiedGrossElectricity),
];
const RENEWAL_RENTS: [(&str, RenewalRent); 3] =
    [("same", RenewalRent::Same), ("market", RenewalRent::Market), ("lesser", RenewalRent::Lesser)];
const AMORTIZATIONS: [(&str, LoanAmortization); 3] = [
    ("level_pay", LoanAmortization::LevelPay),
    ("equal_principal", LoanAmortization::EqualPrincipal),
    ("interest_only", LoanAmortization::InterestOnly),
];
const FREQUENCIES: [(&str, Frequency); 4] = [
    ("monthly", Frequency::Monthly),
    ("quarterly", Frequency::Quarterly),
    ("semiannual", Frequency::Semiannual),
    ("annual", Frequency::Annual),
];

impl RowFormat for Lease {
    const NAME: &'static str = "leases.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("lease_id"),
        Column::optional("product"),
        Column::required("tenant"),
        Column::required("site"),
        Column::optional("hall"),
        Column::required("kw"),
        Column::required("rent_usd_per_kw_month"),
        Column::required("commencement"),
        Column::required("expiration"),
        Column::optional("escalator"),
        Column::optional("escalator_rate"),
        Column::optional("cpi_floor"),
        Column::optional("cpi_cap"),
        Column::optional("free_rent_months"),
        Column::optional("ramp"),
        Column::optional("structure"),
        Column::optional("opex_pass_through"),
        Column::optional("power_pass_through"),
        Column::optional("load_factor"),
        Column::optional("renewal_options"),
        Column::optional("renewal_months"),
        Column::optional("renewal_notice_months"),
        Column::optional("renewal_rent"),
        Column::optional("renewal_rent_factor"),
        Column::optional("early_termination_date"),
        Column::optional("termination_fee_months"),
        Column::optional("termination_fee"),
        Column::optional("rvg_amount"),
        Column::optional("rvg_cap"),
        Column::optional("rvg_schedule"),
        Column::optional("guarantor"),
        Column::optional("security_deposit"),
        Column::optional("letter_of_credit"),
        Column::optional("note"),
    ];

    fn from_row(row: &mut Row<'_>) -> Lease {
        Lease {
            lease_id: row.required("lease_id"),
            product: row.optional_one_of("product", &PRODUCTS).unwrap_or_default(),
            tenant: row.required("tenant"),
            site: row.required("site"),
            hall: row.optional("hall"),
            kw: row.required("kw"),
            rent_usd_per_kw_month: row.required("rent_usd_per_kw_month"),
            commencement: row.required("commencement"),
            expiration: row.required("expiration"),
            escalator: row.optional_one_of("escalator", &ESCALATORS).unwrap_or_default(),
            escalator_rate: row.optional("escalator_rate"),
            cpi_floor: row.optional("cpi_floor"),
            cpi_cap: row.optional("cpi_cap"),
            free_rent_months: row.optional("free_rent_months"),
            ramp: row.optional("ramp"),
            structure: row.optional_one_of("structure", &STRUCTURES).unwrap_or_default(),
            opex_pass_through: row.optional("opex_pass_through"),
            power_pass_through: row.optional("power_pass_through"),
            load_factor: row.optional("load_factor"),
            renewal_options: row.optional("renewal_options"),
            renewal_months: row.optional("renewal_months"),
            renewal_notice_months: row.optional("renewal_notice_months"),
            renewal_rent: row.optional_one_of("renewal_rent", &RENEWAL_RENTS).unwrap_or_default(),
            renewal_rent_factor: row.optional("renewal_rent_factor"),
            early_termination_date: row.optional("early_termination_date"),
            termination_fee_months: row.optional("termination_fee_months"),
            termination_fee: row.optional("termination_fee"),
            rvg_amount: row.optional("rvg_amount"),
            rvg_cap: row.optional("rvg_cap"),
            rvg_schedule: row.optional("rvg_schedule"),
            guarantor: row.optional("guarantor"),
            security_deposit: row.optional("security_deposit"),
            letter_of_credit: row.optional("letter_of_credit"),
            note: row.optional("note"),
        }
    }
}

impl RowFormat for Loan {
    const NAME: &'static str = "loans.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("loan_id"),
        Column::required("obligor"),
        Column::required("balance"),
        Column::required("rate"),
        Column::optional("amortization"),
        Column::required("payment_frequency"),
        Column::required("payments_remaining"),
        Column::optional("recovery_rate"),
        Column::optional("recovery_lag_months"),
        Column::optional("note"),
    ];

    fn from_row(row: &mut Row<'_>) -> Loan {
        Loan {
            loan_id: row.required("loan_id"),
            obligor: row.required("obligor"),
            balance: row.required("balance"),
            rate: row.required("rate"),
            amortization: row.optional_one_of("amortization", &AMORTIZATIONS).unwrap_or_default(),
            payment_frequency: row.one_of("payment_frequency", &FREQUENCIES),
            payments_remaining: row.required("payments_remaining"),
            recovery_rate: row.optional("recovery_rate"),
            recovery_lag_months: row.optional("recovery_lag_months"),
            note: row.optional("note"),
        }
    }
}

impl RowFormat for RepLine {
    const NAME: &'static str = "rep_lines.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("line_id"),
        Column::optional("group"),
        Column::optional("loans"),
        Column::required("balance"),
        Column::required("rate"),
        Column::optional("index"),
        Column::optional("margin"),
        Column::optional("fixed_months"),
        Column::optional("reset_months"),
        Column::optional("lookback_months"),
        Column::optional("initial_cap"),
        Column::optional("periodic_cap"),
        Column::optional("rate_ceiling"),
        Column::optional("rate_floor"),
        Column::optional("age_months"),
        Column::required("remaining_months"),
        Column::optional("amortization_months"),
        Column::optional("interest_only_months"),
        Column::optional("note"),
    ];

    fn from_row(row: &mut Row<'_>) -> RepLine {
        RepLine {
            line_id: row.required("line_id"),
            group: row.optional("group"),
            loans: row.optional("loans"),
            balance: row.required("balance"),
            rate: row.required("rate"),
            index: row.optional("index"),
            margin: row.optional("margin"),
            fixed_months: row.optional("fixed_months"),
            reset_months: row.optional("reset_months"),
            lookback_months: row.optional("lookback_months"),
            initial_cap: row.optional("initial_cap"),
            periodic_cap: row.optional("periodic_cap"),
            rate_ceiling: row.optional("rate_ceiling"),
            rate_floor: row.optional("rate_floor"),
            age_months: row.optional("age_months"),
            remaining_months: row.required("remaining_months"),
            amortization_months: row.optional("amortization_months"),
            interest_only_months: row.optional("interest_only_months"),
            note: row.optional("note"),
        }
    }
}

impl RowFormat for NoteHolding {
    const NAME: &'static str = "collateral.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("deal"),
        Column::required("note_id"),
        Column::required("amount"),
        Column::optional("copies"),
        Column::optional("scenario"),
        Column::optional("rating"),
        Column::optional("note"),
    ];

    fn from_row(row: &mut Row<'_>) -> NoteHolding {
        NoteHolding {
            deal: row.required("deal"),
            note_id: row.required("note_id"),
            amount: row.positive("amount"),
            copies: row.optional_in("copies", 1..=10_000),
            scenario: row.optional("scenario"),
            rating: row.optional("rating"),
            note: row.optional("note"),
        }
    }
}
