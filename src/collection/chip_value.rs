//! What chips are worth: the rest of what they earn, if their owner stops when they no longer pay.

use crate::asset::{ChipRates, Survival, straight_line_book_value};
use crate::error::Error;
use crate::scenario::compute::{HOURS_PER_MONTH, OperatingTerms};

/// Valuation of one kind of chip, in service from a month on, with all that no path changes computed once.
///
/// ```text
/// margin = hours x work x price of compute x utilisation - power - operating cost    (a working chip, a month)
/// W_m    = max(0, d (n_m margin_m + W_{m+1}))                      (a chip of the fleet, at the start of month m)
/// ```
///
/// with monthly discount factor `d` and `n_m` the share of the fleet at work. The `max` is the right to shut down
/// for good; on a known path the recursion finds the best date to. A chip dies economically in the first
/// month with `W = 0` and is worth nothing from then on, whatever prices do later: it has been scrapped. Cash
/// of a month counts at its end. Beyond the path nothing is earned, so a path must be long enough.
///
/// ```
/// use leasefall::asset::{ChipRates, Survival};
/// use leasefall::collection::ChipValuation;
/// use leasefall::scenario::compute::OperatingTerms;
/// // One H100-hour an hour, 1 kW: 730 x price less 73 of power (10 cents a kWh) a month.
/// let chip = ChipRates { h100_equivalents: 1.0, kw: 1.0, system_price_usd: 1_000.0 };
/// let operating = OperatingTerms { utilisation: 1.0, load_factor: 1.0, pue: 1.0,
///     power_price_usd_per_kwh: 0.10, opex_usd_per_kw_month: 0.0 };
/// let valuation = ChipValuation::new(&chip, &operating, Survival::unreplaced(0.0), 0.0, 0, 4)?;
/// let mut value = [0.0; 4];
/// let death = valuation.values(&[0.30, 0.20, 0.08, 0.05], &[], &mut value)?;
/// // Margins 146, 73, -14.60, -36.50: it stops in the third month.
/// assert!((value[0] - 219.0).abs() < 1e-9 && (value[1] - 73.0).abs() < 1e-9);
/// assert_eq!((value[2], value[3], death), (0.0, 0.0, Some(2)));
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ChipValuation {
    margin: Margin,
    /// Discount factor of a month.
    discount: f64,
    /// Share of the fleet at work by month; 0 before service.
    working: Vec<f64>,
}

impl ChipValuation {
    /// A chip that runs on these terms and has been in service for `age_months` at month 0 of the path (it
    /// goes into service later, if negative), over paths of `months` months, discounted at `discount_rate`
    /// a year: `(1 + r)^(-1/12)` a month.
    ///
    /// # Errors
    /// [`Error::Argument`] for a figure outside its meaning.
    pub fn new(
        chip: &ChipRates,
        operating: &OperatingTerms,
        survival: Survival,
        discount_rate: f64,
        age_months: i32,
        months: usize,
    ) -> Result<ChipValuation, Error> {
        crate::scenario::compute::check_rates(chip)?;
        operating.check()?;
        let expected = "finite and at least 0";
        let not_negative = |argument, found: f64| {
            Error::unless(found.is_finite() && found >= 0.0, argument, found, expected)
        };
        not_negative("failure_rate", survival.failure_rate)?;
        not_negative("warranty_years", survival.warranty_years)?;
        not_negative("spares", survival.spares)?;
        let holds = discount_rate.is_finite() && discount_rate > -1.0;
        Error::unless(holds, "discount_rate", discount_rate, "finite and above -1")?;
        let age = |month: usize| f64::from(age_months) + month as f64;
        let working = (0..months).map(age).map(|age| match age {
            age if age < 0.0 => 0.0,
            age => survival.working_share(age / 12.0),
        });
        Ok(ChipValuation {
            margin: Margin::new(chip, operating),
            discount: libm::exp(-libm::log1p(discount_rate) / 12.0),
            working: working.collect(),
        })
    }

    /// Months of the paths that it takes.
    pub fn months(&self) -> usize {
        self.working.len()
    }

    /// Share of the fleet at work in each month: a value divided by it is that of a chip that still works.
    pub fn working(&self) -> &[f64] {
        &self.working
    }

    /// What a working chip earns in a month beyond its cost, at a price of compute in dollars per H100-hour
    /// and a power price relative to the operating terms'.
    #[inline]
    pub fn margin_usd(&self, compute_price: f64, power_index: f64) -> f64 {
        self.margin.earned_usd(compute_price, power_index)
    }

    /// The price of compute in dollars per H100-hour at which a working chip just pays for its running.
    pub fn shut_down_price(&self, power_index: f64) -> f64 {
        self.margin.running_usd(power_index) / self.margin.revenue_usd(1.0)
    }

    /// Value at the start of each month, per chip of the fleet at the start, written over `out`; returns the
    /// month of economic death, `None` if the chip outlives the path.
    ///
    /// `power` is the power price by month relative to the operating terms', or empty for no change. Allocates
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Argument`] unless the paths and `out` have as many months as the valuation, and what they
    /// hold is finite.
    pub fn values(
        &self,
        compute_price: &[f64],
        power: &[f64],
        out: &mut [f64],
    ) -> Result<Option<usize>, Error> {
        self.check_length(out.len())?;
        self.check_path(compute_price, power)?;
        self.values_on(&self.margin, compute_price, power, out)
    }

    /// [`ChipValuation::values`] on other terms of running, for paths already seen to be finite and as long as the
    /// valuation; the power price stays at its last where its path is shorter.
    pub(super) fn values_on(
        &self,
        margin: &Margin,
        compute_price: &[f64],
        power: &[f64],
        out: &mut [f64],
    ) -> Result<Option<usize>, Error> {
        let mut rest = 0.0_f64;
        for month in (0..self.months()).rev() {
            let cash = self.cash(margin, compute_price, power, month);
            rest = (self.discount * (cash + rest)).max(0.0);
            out[month] = rest;
        }
        Error::unless(rest.is_finite(), "compute_price", rest, "a path with a finite value")?;
        let death = out.iter().position(|&value| value == 0.0);
        if let Some(month) = death {
            // A price that recovers later finds the chip scrapped.
            out[month..].fill(0.0);
        }
        Ok(death)
    }

    /// Value at month 0, per chip, of running for so many months whatever happens, and then stopping.
    ///
    /// # Errors
    /// As [`ChipValuation::values`].
    pub fn committed_value(&self, compute_price: &[f64], power: &[f64], months: usize) -> Result<f64, Error> {
        self.check_path(compute_price, power)?;
        let months = months.min(self.months());
        let value = (0..months).rev().fold(0.0, |rest, month| {
            self.discount * (self.cash(&self.margin, compute_price, power, month) + rest)
        });
        Error::unless(value.is_finite(), "compute_price", value, "a path with a finite value")?;
        Ok(value)
    }

    /// What the right to shut down adds at month 0 to running to the end of the path; never below 0.
    ///
    /// # Errors
    /// As [`ChipValuation::values`], which `workspace` serves as `out`.
    pub fn shut_down_option(
        &self,
        compute_price: &[f64],
        power: &[f64],
        workspace: &mut [f64],
    ) -> Result<f64, Error> {
        self.values(compute_price, power, workspace)?;
        let value = workspace.first().copied().unwrap_or(0.0);
        Ok(value - self.committed_value(compute_price, power, self.months())?)
    }

    /// Expected cash of a month per chip of the fleet at the start.
    #[inline]
    fn cash(&self, margin: &Margin, compute_price: &[f64], power: &[f64], month: usize) -> f64 {
        let index = power.get(month).or(power.last()).copied().unwrap_or(1.0);
        self.working[month] * margin.earned_usd(compute_price[month], index)
    }

    fn check_length(&self, found: usize) -> Result<(), Error> {
        let expected = "as many months as the valuation";
        Error::unless(found == self.months(), "months", found as f64, expected)
    }

    fn check_path(&self, compute_price: &[f64], power: &[f64]) -> Result<(), Error> {
        self.check_length(compute_price.len())?;
        if !power.is_empty() {
            self.check_length(power.len())?;
        }
        for (argument, path) in [("compute_price", compute_price), ("power", power)] {
            if let Some(&found) = path.iter().find(|level| !level.is_finite()) {
                return Err(Error::Argument { argument, found, expected: "finite" });
            }
        }
        Ok(())
    }
}

/// What a working chip brings and costs in a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Margin {
    /// Revenue of a month for each dollar of the price of compute.
    revenue_per_price: f64,
    power_usd: f64,
    opex_usd: f64,
}

impl Margin {
    pub fn new(chip: &ChipRates, operating: &OperatingTerms) -> Margin {
        Margin {
            revenue_per_price: HOURS_PER_MONTH * chip.h100_equivalents * operating.utilisation,
            power_usd: operating.power_usd_per_month(chip.kw),
            opex_usd: chip.kw * operating.opex_usd_per_kw_month,
        }
    }

    /// At a price of compute in dollars per H100-hour.
    #[inline]
    pub fn revenue_usd(&self, compute_price: f64) -> f64 {
        self.revenue_per_price * compute_price
    }

    /// Power and operating cost, at a power price relative to the operating terms'.
    #[inline]
    pub fn running_usd(&self, power_index: f64) -> f64 {
        self.power_usd * power_index + self.opex_usd
    }

    #[inline]
    fn earned_usd(&self, compute_price: f64, power_index: f64) -> f64 {
        self.revenue_per_price * compute_price - self.power_usd * power_index - self.opex_usd
    }
}

/// Book value beside economic value, for one accounting life.
#[derive(Clone, Debug, PartialEq)]
pub struct BookGap {
    /// The accounting life, straight-line without salvage.
    pub life_years: f64,
    /// Book value less economic value at ages 0, 1, 2, ... years: above 0 the books overstate.
    pub gap_by_year: Vec<f64>,
}

impl BookGap {
    /// The widest overstatement and the age in years at which it stands; 0 at 0 if there is none.
    pub fn widest(&self) -> (usize, f64) {
        let ages = self.gap_by_year.iter().copied().enumerate();
        ages.fold((0, 0.0), |widest, at| if at.1 > widest.1 { at } else { widest })
    }
}

/// Book value less economic value of a chip bought for `cost_usd` at month 0, at each whole year of the values
/// (by month, as [`ChipValuation::values`] writes them), for each accounting life.
///
/// ```
/// use leasefall::collection::book_less_economic;
/// // Bought for 64; worth 20 after a year and nothing after two; written off over 4 years.
/// let value: Vec<f64> = (0..25).map(|m| [64.0, 20.0, 0.0][m / 12]).collect();
/// let gaps = book_less_economic(64.0, &value, &[4.0])?;
/// assert_eq!(gaps[0].gap_by_year, [0.0, 28.0, 32.0]); // books 64, 48, 32
/// assert_eq!(gaps[0].widest(), (2, 32.0));
/// # Ok::<(), leasefall::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless the cost is finite and at least 0 and each life finite and above 0.
pub fn book_less_economic(cost_usd: f64, values: &[f64], lives_years: &[f64]) -> Result<Vec<BookGap>, Error> {
    let gaps = lives_years.iter().map(|&life_years| {
        let ages = values.iter().step_by(12).enumerate();
        let gap = |(age, value): (usize, &f64)| {
            Ok(straight_line_book_value(cost_usd, life_years, age as f64)? - value)
        };
        Ok(BookGap { life_years, gap_by_year: ages.map(gap).collect::<Result<_, Error>>()? })
    });
    gaps.collect()
}
