//! A sound folder of two notes and three leases, in a place of its own.

use leasefall::Problem;
use leasefall::folder::Folder;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

pub const DEAL: &str = r#"name = "Tiny"
currency = "USD"
cut_off_date = 2025-12-31
closing_date = 2026-01-15
pricing_curve = "treasury"
payments = { frequency = "quarterly", first_date = 2026-04-25, business_day = "following", calendar = "us_bank" }
deposits = { sale_proceeds = "reserve" }
opening_measures = { noi = 0 }
clean_up_call = { below = 0.05 }

[[notes]]
id = "A"
original_balance = 8_000_000.00
coupon = 0.05
day_count = "30/360"
anticipated_repayment_date = 2031-01-25
post_ard_rate = 0.03
legal_final = 2036-01-25 # of A
amortization = { kind = "schedule", schedule = "planned" }
make_whole = { until = 2028-01-25, reinvestment_rate = 0.04 }

[[notes]]
id = "B"
kind = "variable_funding"
original_balance = 1_000_000
commitment = 3_000_000
draws = [{ date = 2027-04-25, amount = 500_000 }]
draw_account = "reserve"
floating = { curve = "sofr", margin = 0.02, floor = 0.0, cap = 0.12 }
day_count = "act/360"
legal_final = 2036-01-25 # of B
pay_in_kind = ["trapped"]
pricing = { kind = "z_spread", basis_points = 250 }

[[accounts]]
id = "collection"

[[accounts]]
id = "reserve"
opening_balance = 100_000
target = "2 * interest_accrued(A)"
earnings_rate = 0.01

[[accounts]]
id = "trap"

[[fees]]
id = "trustee"
amount = 2_500
cap = 10_000

[[fees]]
id = "servicer"
payee = "manager"
rate = 0.001
of = "balance()"

[[schedules]]
id = "planned"
entries = [{ date = 2030-01-25, amount = 100_000 }, { date = 2031-01-25, amount = 200_000.50 }]

[[amounts]]
id = "spare"
formula = "max(0, account(collection) - 1_000)"

[[triggers]]
id = "low_dscr"
test = { kind = "dscr", below = 1.2, average_months = 3 }
cure = { kind = "passing", payment_dates = 2, level = 1.3 }

[[triggers]]
id = "manager_gone"
test = { kind = "event", event = "manager_default" }

[[triggers]]
id = "trapped"
test = { kind = "any", of = ["low_dscr", "manager_gone"] }

[[triggers]]
id = "late"
test = { kind = "after_ard", notes = ["A"] }

[[curves]]
id = "treasury"
kind = "zero"
compounding = "continuous"
points = [{ years = 1, value = 0.04 }, { years = 10, value = 0.045 }]

[[curves]]
id = "sofr"
kind = "forward"
points = [{ date = 2026-01-01, value = 0.04 }, { date = 2028-01-01, value = 0.035 }]

[[phases]]
id = "trapping"
when = ["trapped", "not late"]
steps = [
    { id = "costs", pay = "expenses" },
    { id = "fees", pay = "fees", fees = ["trustee", "servicer"] },
    { id = "interest", pay = "interest", notes = ["A", "B"], from = ["collection", "reserve"] },
    { id = "trap", pay = "deposit", account = "trap" },
]

[[phases]]
id = "normal"
steps = [
    { id = "costs", pay = "expenses" }, # first
    { id = "fees", pay = "fees", fees = ["trustee", "servicer"], allocation = "pro_rata" },
    { id = "interest", pay = "interest", notes = ["A", "B"], from = ["collection", "reserve"], allocation = "pro_rata" },
    { id = "planned", pay = "scheduled_principal", notes = ["A", "B"] },
    { id = "reserve", pay = "deposit", account = "reserve" },
    { id = "spared", pay = "principal", notes = ["A", "B"], amount = "min(amount(spare), 2 * paid(interest))" },
    { id = "turbo", pay = "principal", notes = ["A", "B"], when = ["late"] },
    { id = "premium", pay = "make_whole", notes = ["A"] },
    { id = "rest", pay = "payee", payee = "issuer" },
]
"#;

pub const SITES: &str = r#"[[markets]]
id = "dallas"
market_rent_usd_per_kw_month = 130.00
market_rent_growth = 0.02

[[sites]]
id = "dal1"
market = "dallas" # of dal1
pue = 1.4
appraised_value = 9_000_000
opex_usd_per_kw_month = 15.00
cap_rate = 0.065
phases = [{ kw = 1000, commencement = 2020-01-01 }]
halls = [{ id = "h1", kw = 600 }]

[[sites]]
id = "dal2"
market = "dallas" # of dal2
power_price_usd_per_kwh = 0.06
cap_rate = 0.07
phases = [{ kw = 500, commencement = 2024-07-01 }]
"#;

pub const TENANTS: &str = r#"[[tenants]]
id = "cloud"
kind = "hyperscaler"
guarantor = "parent"

[[tenants]]
id = "parent"
rating = "AA"

[[tenants]]
id = "bank"
"#;

pub const LEASES: &str = "\
lease_id,tenant,site,hall,kw,rent_usd_per_kw_month,escalator,escalator_rate,guarantor,commencement,expiration
# Three leases of two tenants.
L1,cloud,dal1,h1,600,125.00,fixed,0.02,,2022-01-01,2033-12-31
L2,bank,dal1,,300,140.50,,,parent,2024-03-01,2029-02-28
L3,cloud,dal2,,500,118.25,none,,,2025-01-01,2034-12-31
";

pub const L1: &str = "L1,cloud,dal1,h1,600,125.00,fixed,0.02,,2022-01-01,2033-12-31";
pub const L2: &str = "L2,bank,dal1,,300,140.50,,,parent,2024-03-01,2029-02-28";
pub const L3: &str = "L3,cloud,dal2,,500,118.25,none,,,2025-01-01,2034-12-31";

pub const SCENARIO: &str = r#"description = "Cloud gives up its halls"
growth = { cpi = 0.025 }
assumptions = { downtime_months = 9 }

[[events]]
kind = "tenant_default"
tenant = "cloud"
at = 2028-03-01
outcome = "rejected"
recovery_rate = 0.35

[[events]]
kind = "market_rent"
markets = ["dallas"]
change = -0.3
at = 2028-01-01

[[events]]
kind = "non_renewal"
select = { sites = ["dal1"], leases = ["L2"], tenants = ["bank"] }

[[events]]
kind = "manager_default"
at = 2027-06-30

[[sales]]
cost = 0.03
sites = ["dal2"]
granted = false
"#;

/// The sound folder's files.
pub const FILES: [(&str, &str); 5] = [
    ("deal.toml", DEAL),
    ("sites.toml", SITES),
    ("tenants.toml", TENANTS),
    ("leases.csv", LEASES),
    ("scenarios/stress.toml", SCENARIO),
];

/// A deal's folder that is removed when it is dropped.
pub struct Temporary(PathBuf);

impl Temporary {
    /// The sound folder, under a path that ends in `name`.
    pub fn new(name: &str) -> Temporary {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let unique = format!("leasefall-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Temporary(std::env::temp_dir().join(unique).join(name));
        std::fs::create_dir_all(folder.path().join("scenarios")).unwrap();
        FILES.iter().for_each(|(file, text)| folder.write(file, text));
        folder
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(file), bytes).unwrap();
    }

    /// Makes the file so many bytes of nothing, which take no room on the disk.
    pub fn stretch(&self, file: &str, bytes: u64) {
        std::fs::File::create(self.0.join(file)).unwrap().set_len(bytes).unwrap();
    }

    pub fn remove(&self, file: &str) {
        std::fs::remove_file(self.0.join(file)).unwrap();
    }

    pub fn problems(&self) -> Vec<Problem> {
        Folder::check(self.path()).unwrap().as_slice().to_vec()
    }

    /// The problems as `file:line: field`.
    pub fn places(&self) -> BTreeSet<String> {
        self.problems().iter().map(|p| format!("{}:{}: {}", p.file, p.line, p.field)).collect()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = self.0.parent().map(std::fs::remove_dir_all);
    }
}
