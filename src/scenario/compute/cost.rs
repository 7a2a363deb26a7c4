//! What an hour of work costs in the long run on a generation of chips.

use crate::asset::ChipRates;
use crate::error::Error;

/// Hours of a month: 8,760 / 12, as for the power of leases.
pub const HOURS_PER_MONTH: f64 = 730.0;

/// What it takes to run chips. The defaults are argued in `docs/model.md`, "Chips".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperatingTerms {
    /// Share of hours for which the chip is let.
    pub utilisation: f64,
    /// Power drawn over rated power, on average.
    pub load_factor: f64,
    /// Power usage effectiveness of the hall.
    pub pue: f64,
    /// Price of power in dollars per kWh.
    pub power_price_usd_per_kwh: f64,
    /// Space, staff, network and maintenance in dollars per rated kW and month.
    pub opex_usd_per_kw_month: f64,
}

impl Default for OperatingTerms {
    fn default() -> Self {
        OperatingTerms {
            utilisation: 0.8,
            load_factor: 0.8,
            pue: 1.3,
            power_price_usd_per_kwh: 0.07,
            opex_usd_per_kw_month: 150.0,
        }
    }
}

impl OperatingTerms {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let share = "above 0 and at most 1";
        let holds = self.utilisation > 0.0 && self.utilisation <= 1.0;
        Error::unless(holds, "utilisation", self.utilisation, share)?;
        let holds = (0.0..=1.0).contains(&self.load_factor);
        Error::unless(holds, "load_factor", self.load_factor, "from 0 to 1")?;
        let holds = self.pue.is_finite() && self.pue >= 1.0;
        Error::unless(holds, "pue", self.pue, "finite and at least 1")?;
        not_negative("power_price_usd_per_kwh", self.power_price_usd_per_kwh)?;
        not_negative("opex_usd_per_kw_month", self.opex_usd_per_kw_month)
    }

    /// Power of a chip of so many rated kW in dollars a month.
    pub(crate) fn power_usd_per_month(&self, kw: f64) -> f64 {
        kw * self.load_factor * self.pue * self.power_price_usd_per_kwh * HOURS_PER_MONTH
    }
}

pub(crate) fn not_negative(argument: &'static str, found: f64) -> Result<(), Error> {
    Error::unless(found.is_finite() && found >= 0.0, argument, found, "finite and at least 0")
}

/// What an owner must earn, beside what it takes to run the chips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostTerms {
    /// Return on the capital a year, compounded monthly from `(1 + r)^(1/12)`.
    pub required_return: f64,
    /// Years in which the capital must come back.
    pub recovery_years: f64,
    /// Growth a year, continuously compounded, at which owners expect the capital part of rent to change over
    /// those years: below 0, for newer chips will undercut this one.
    pub rent_drift: f64,
    /// What it takes to run the chips.
    pub operating: OperatingTerms,
}

impl Default for CostTerms {
    fn default() -> Self {
        CostTerms {
            required_return: 0.12,
            recovery_years: 5.0,
            // -ln 2 / 2.07: work per dollar doubles in 2.07 years (Epoch 2022, GPUs used for machine learning).
            rent_drift: -0.335,
            operating: OperatingTerms::default(),
        }
    }
}

/// Long-run cost of a unit of work in dollars per H100-hour, by what it goes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LongRunCost {
    /// Return of and on the price of the system.
    pub capital: f64,
    /// Power.
    pub power: f64,
    /// Space, staff, network, maintenance.
    pub opex: f64,
}

impl LongRunCost {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.capital + self.power + self.opex
    }

    /// The cost of a chip that does so many times the work per dollar of its price and per watt. Power and
    /// operating cost are counted by the kW, so both fall with work per watt.
    pub fn improved(&self, per_dollar: f64, per_watt: f64) -> LongRunCost {
        LongRunCost {
            capital: self.capital / per_dollar,
            power: self.power / per_watt,
            opex: self.opex / per_watt,
        }
    }
}

/// Long-run cost of a generation: the price at which a new chip just earns its keep,
/// `(capital recovery + power x PUE + opex) / (work x utilisation)`.
///
/// Capital recovery is the first month's payment `c` of `n` that change by `q = e^(drift / 12)` a month, end
/// each month and are worth the price of the system at the required return, `v = (1 + r)^(-1/12)`:
/// `price = c v (1 - (v q)^n) / (1 - v q)`. With drift 0 it is the level annuity; with falling rents the early
/// ones must be higher, as in [`fixed_rent`](crate::scenario::fixed_rent).
///
/// ```
/// use leasefall::asset::ChipRates;
/// use leasefall::scenario::compute::{CostTerms, OperatingTerms, long_run_cost};
/// let chip = ChipRates { h100_equivalents: 2.0, kw: 1.0, system_price_usd: 43_800.0 };
/// let operating = OperatingTerms { utilisation: 1.0, load_factor: 1.0, pue: 1.0,
///     power_price_usd_per_kwh: 0.10, opex_usd_per_kw_month: 73.0 };
/// let terms = CostTerms { required_return: 0.0, recovery_years: 5.0, rent_drift: 0.0, operating };
/// let cost = long_run_cost(&chip, &terms)?;
/// assert!((cost.capital - 0.50).abs() < 1e-12); // 43,800 / 60 months / 730 h = 1.00 an hour, for 2 units
/// assert!((cost.power - 0.05).abs() < 1e-12);   // 1 kWh
/// assert!((cost.opex - 0.05).abs() < 1e-12);    // 73 / 730
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] for a figure outside its meaning: work not above 0, utilisation above 1, PUE below 1,
/// an amount below 0.
pub fn long_run_cost(chip: &ChipRates, terms: &CostTerms) -> Result<LongRunCost, Error> {
    check_rates(chip)?;
    terms.operating.check()?;
    not_negative("required_return", terms.required_return)?;
    let holds = terms.recovery_years.is_finite() && terms.recovery_years > 0.0;
    Error::unless(holds, "recovery_years", terms.recovery_years, "finite and above 0")?;
    Error::unless(terms.rent_drift.is_finite(), "rent_drift", terms.rent_drift, "finite")?;
    let recovery = capital_recovery(terms);
    Error::unless(recovery.is_finite(), "capital_recovery", recovery, "within the range of a double")?;
    let sold = chip.h100_equivalents * terms.operating.utilisation * HOURS_PER_MONTH;
    Ok(LongRunCost {
        capital: chip.system_price_usd * recovery / sold,
        power: terms.operating.power_usd_per_month(chip.kw) / sold,
        opex: chip.kw * terms.operating.opex_usd_per_kw_month / sold,
    })
}

/// The first month's payment for each dollar of price: `(1 - v q) / (v (1 - (v q)^n))`, and `1 / (v n)` where
/// `v q = 1`.
fn capital_recovery(terms: &CostTerms) -> f64 {
    let months = 12.0 * terms.recovery_years;
    let log_v = -libm::log1p(terms.required_return) / 12.0;
    let log_vq = log_v + terms.rent_drift / 12.0;
    let payments = if log_vq == 0.0 { months } else { libm::expm1(months * log_vq) / libm::expm1(log_vq) };
    1.0 / (libm::exp(log_v) * payments)
}

pub(crate) fn check_rates(chip: &ChipRates) -> Result<(), Error> {
    let holds = chip.h100_equivalents.is_finite() && chip.h100_equivalents > 0.0;
    Error::unless(holds, "h100_equivalents", chip.h100_equivalents, "finite and above 0")?;
    not_negative("kw", chip.kw)?;
    not_negative("system_price_usd", chip.system_price_usd)
}
