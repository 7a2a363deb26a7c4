//! The committed JSON Schemas are those of the types. `LEASEFALL_BLESS=1 cargo test schema` rewrites them.

use leasefall::asset::{ChipsFile, SitesFile, TenantsFile};
use leasefall::deal::Deal;
use leasefall::scenario::{Risk, Script};
use leasefall::study::StatementFile;
use leasefall::study::system::{CommitmentsFile, HoldersFile, Outcome};
use leasefall::tape::FileFormat;
use schemars::JsonSchema;

fn is_current<T: FileFormat + JsonSchema>(file: &str) {
    let derived = serde_json::to_string_pretty(&schemars::schema_for!(T)).unwrap() + "\n";
    if std::env::var_os("LEASEFALL_BLESS").is_some() {
        std::fs::write(format!("docs/schema/{file}"), &derived).unwrap();
        return;
    }
    assert_eq!(
        T::SCHEMA,
        derived,
        "docs/schema/{file} is not what the types say: run with LEASEFALL_BLESS=1"
    );
}

#[test]
fn committed_schemas_are_current() {
    is_current::<Deal>("deal.json");
    is_current::<SitesFile>("sites.json");
    is_current::<TenantsFile>("tenants.json");
    is_current::<ChipsFile>("chips.json");
    is_current::<Script>("scenario.json");
    is_current::<Risk>("risk.json");
    is_current::<StatementFile>("statement.json");
    is_current::<CommitmentsFile>("commitments.json");
    is_current::<HoldersFile>("holders.json");
    is_current::<Outcome>("outcome.json");
}
