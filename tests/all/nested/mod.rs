//! Deals on notes of other deals: arithmetic by hand, conservation, dependence within and between pools,
//! and what is refused.

#![expect(clippy::inconsistent_digit_grouping, reason = "cents stand apart from dollars")]

mod conservation;
mod dependence;
mod grid;
mod hull;
mod late;
mod mistakes;
mod published;
mod size;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Folders of deals beside each other, removed at the end.
pub struct Place(PathBuf);

impl Place {
    pub fn new() -> Place {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("leasefall-nested-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let place = Place(std::env::temp_dir().join(name));
        fs::create_dir_all(&place.0).unwrap();
        place
    }

    pub fn path(&self, deal: &str) -> PathBuf {
        self.0.join(deal)
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A fixture's files, one of them changed by replacing text.
    pub fn copy(&self, fixture: &str, deal: &str, file: &str, from: &str, to: &str) {
        let folder = Path::new("fixtures/deals").join(fixture);
        for name in ["deal.toml", "loans.csv", "tenants.toml", "risk.toml", "collateral.csv"] {
            if let Ok(text) = fs::read_to_string(folder.join(name)) {
                let changed = text.replace(from, to);
                assert!(name != file || changed != text, "{name} has no {from}");
                self.write(&format!("{deal}/{name}"), if name == file { &changed } else { &text });
            }
        }
    }

    /// A pool of loans of 10,000.00 that bear no interest, of which nothing is recovered, all due after five years,
    /// cut into three notes that are paid once.
    pub fn pool(&self, deal: &str, loans: usize, notes: [u64; 3], risk: &str) {
        self.write(&format!("{deal}/deal.toml"), &once(notes));
        let (mut rows, mut tenants) = (String::new(), String::new());
        for i in 0..loans {
            rows += &format!("l{i},t{i},10000,0,interest_only,annual,5\n");
            tenants += &format!("[[tenants]]\nid = \"t{i}\"\n");
        }
        let header = "loan_id,obligor,balance,rate,amortization,payment_frequency,payments_remaining\n";
        self.write(&format!("{deal}/loans.csv"), &format!("{header}{rows}"));
        self.write(&format!("{deal}/tenants.toml"), &tenants);
        self.write(&format!("{deal}/risk.toml"), risk);
    }

    /// A deal on notes of others, paid once.
    pub fn holder(&self, deal: &str, notes: [u64; 3], rows: &str, risk: Option<&str>) {
        self.write(&format!("{deal}/deal.toml"), &once(notes));
        self.write(&format!("{deal}/collateral.csv"), &format!("deal,note_id,amount,copies\n{rows}"));
        if let Some(risk) = risk {
            self.write(&format!("{deal}/risk.toml"), risk);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Three notes without interest, paid in order on 1 January 2031.
fn once(notes: [u64; 3]) -> String {
    let mut text =
        "name = \"Once\"\ncurrency = \"USD\"\ncut_off_date = 2025-12-31\nclosing_date = 2026-01-01\n\
        pricing_curve = \"flat\"\npayments = { frequency = \"annual\", first_date = 2031-01-01 }\n"
            .to_owned();
    for (id, balance) in ["senior", "mezzanine", "equity"].iter().zip(notes) {
        text += &format!(
            "[[notes]]\nid = \"{id}\"\noriginal_balance = {balance}\ncoupon = 0\nday_count = \"30/360\"\n\
             legal_final = 2031-01-01\npricing = {{ kind = \"z_spread\", basis_points = 0 }}\n"
        );
    }
    text + "[[accounts]]\nid = \"collection\"\n[[phases]]\nid = \"end\"\nsteps = [\n\
        { id = \"principal\", pay = \"principal\", notes = [\"senior\", \"mezzanine\", \"equity\"] },\n\
        { id = \"residual\", pay = \"payee\", payee = \"issuer\" },\n]\n\
        [[curves]]\nid = \"flat\"\nkind = \"flat\"\ncompounding = \"continuous\"\npoints = [{ value = 0 }]\n"
}
