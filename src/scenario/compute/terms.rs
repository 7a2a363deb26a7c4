//! What a scenario file may say of chips: its table `[compute]`.

use super::{Cadence, CostTerms, OperatingTerms, Scarcity};
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// `[compute]` of a scenario: what running chips costs, how fast they are bettered, how scarce they are, and
/// what that does to buildings. For deals with a `chips.toml`. Each default is argued in `docs/model.md`, "Chips".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ComputeTerms {
    /// Share of hours for which a chip is let.
    pub utilisation: Decimal,
    /// Power drawn over rated power, on average.
    pub load_factor: Decimal,
    /// Power usage effectiveness of halls for chips.
    pub pue: Decimal,
    /// Price of power in dollars per kWh.
    pub power_price_usd_per_kwh: Decimal,
    /// Space, staff, network and maintenance in dollars per rated kW and month.
    pub opex_usd_per_kw_month: Decimal,
    /// Return that an owner of chips must earn, a year.
    pub required_return: Decimal,
    /// Years in which the price of a chip must come back.
    pub recovery_years: Decimal,
    /// Growth a year, continuously compounded, that owners expect of the capital part of rent.
    pub rent_drift: Decimal,
    /// Months from a generation's arrival until it alone sets price and rack density.
    pub adoption_months: Decimal,
    /// Months between two generations after the catalogue's last.
    pub cadence_months: Decimal,
    /// Every generation that arrives after the cut-off date, catalogued or not, comes in its time from then over
    /// this: 2 is twice as fast.
    pub cadence_speed: Decimal,
    /// The `cadence_speed` that market rents already have in them: they move by what the price of compute departs
    /// from its path at this speed.
    pub expected_cadence_speed: Decimal,
    /// Work per dollar of a future generation over the one before.
    pub work_per_dollar: Decimal,
    /// Work per watt of a future generation over the one before.
    pub work_per_watt: Decimal,
    /// Rack density of a future generation over the one before.
    pub rack_density_growth: Decimal,
    /// No generation arrives from this date on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plateau_from: Option<Date>,
    /// Logarithm of the price of compute over its long-run cost at the cut-off date: 0.5 is a shortage.
    pub scarcity_start: Decimal,
    /// Where that logarithm returns to.
    pub scarcity_level: Decimal,
    /// Speed a year at which it does.
    pub scarcity_mean_reversion: Decimal,
    /// Market rent moves by this per cent for each per cent by which the price of compute departs from its path
    /// without `cadence_*`, plateau, scarcity and events of the scenario; 0: not at all.
    pub market_rent_elasticity: Decimal,
    /// With it, tenants whose coverage stays below a floor default; not, unless stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage_default: Option<CoverageDefaultTerms>,
    /// What halls lose that supply less power per rack than the newest chips need.
    pub halls: HallTerms,
}

/// Tenants with `compute_revenue` default after so many months in a row in which it does not cover their rent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CoverageDefaultTerms {
    /// The coverage below which a month counts.
    pub floor: Decimal,
    /// How many months in a row.
    pub months: u32,
    /// Share of the landlord's claim that the estate pays; nothing unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_rate: Option<Decimal>,
}

impl Default for ComputeTerms {
    fn default() -> Self {
        ComputeTerms {
            utilisation: Decimal::new(8, 1),
            load_factor: Decimal::new(8, 1),
            pue: Decimal::new(13, 1),
            power_price_usd_per_kwh: Decimal::new(7, 2),
            opex_usd_per_kw_month: Decimal::new(150, 0),
            required_return: Decimal::new(12, 2),
            recovery_years: Decimal::new(5, 0),
            rent_drift: Decimal::new(-335, 3),
            adoption_months: Decimal::new(24, 0),
            cadence_months: Decimal::new(24, 0),
            cadence_speed: Decimal::ONE,
            expected_cadence_speed: Decimal::ONE,
            work_per_dollar: Decimal::new(195, 2),
            work_per_watt: Decimal::new(17, 1),
            rack_density_growth: Decimal::new(13, 1),
            plateau_from: None,
            scarcity_start: Decimal::ZERO,
            scarcity_level: Decimal::ZERO,
            scarcity_mean_reversion: Decimal::new(4, 0),
            market_rent_elasticity: Decimal::ZERO,
            coverage_default: None,
            halls: HallTerms::default(),
        }
    }
}

/// Halls built for less power per rack than the newest chips need. By default they lose nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HallTerms {
    /// Share of market rent lost by a hall that supplies nothing of the density needed; in proportion to
    /// what is missing.
    pub rent_discount: Decimal,
    /// With it the landlord refits a hall at each re-letting, up to this density in kW per rack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refit_to_kw_per_rack: Option<Decimal>,
    /// Cost of a refit per kW of the hall and for each kW per rack added.
    pub refit_usd_per_kw_per_rack_kw: Decimal,
}

impl ComputeTerms {
    /// Every figure by its field, with the least and the most that it may be.
    pub(crate) fn bounded(&self) -> Vec<(&'static str, Decimal, Decimal, Decimal)> {
        let milli = |n: i64| Decimal::new(n, 3);
        let whole = |n: i64| Decimal::new(n, 0);
        let (none, one) = (Decimal::ZERO, Decimal::ONE);
        let mut bounded = vec![
            ("utilisation", self.utilisation, milli(1), one),
            ("load_factor", self.load_factor, none, one),
            ("pue", self.pue, one, whole(10)),
            ("power_price_usd_per_kwh", self.power_price_usd_per_kwh, none, whole(10)),
            ("opex_usd_per_kw_month", self.opex_usd_per_kw_month, none, whole(100_000)),
            ("required_return", self.required_return, none, whole(2)),
            ("recovery_years", self.recovery_years, milli(100), whole(50)),
            ("rent_drift", self.rent_drift, whole(-3), whole(3)),
            ("adoption_months", self.adoption_months, none, whole(240)),
            ("cadence_months", self.cadence_months, whole(3), whole(1_200)),
            ("cadence_speed", self.cadence_speed, milli(50), whole(20)),
            ("expected_cadence_speed", self.expected_cadence_speed, milli(50), whole(20)),
            ("work_per_dollar", self.work_per_dollar, one, whole(10)),
            ("work_per_watt", self.work_per_watt, one, whole(10)),
            ("rack_density_growth", self.rack_density_growth, one, whole(10)),
            ("scarcity_start", self.scarcity_start, whole(-3), whole(3)),
            ("scarcity_level", self.scarcity_level, whole(-3), whole(3)),
            ("scarcity_mean_reversion", self.scarcity_mean_reversion, none, whole(50)),
            ("market_rent_elasticity", self.market_rent_elasticity, none, whole(5)),
            ("halls.rent_discount", self.halls.rent_discount, none, one),
        ];
        let cost = self.halls.refit_usd_per_kw_per_rack_kw;
        bounded.push(("halls.refit_usd_per_kw_per_rack_kw", cost, none, whole(100_000)));
        if let Some(terms) = &self.coverage_default {
            bounded.push(("coverage_default.floor", terms.floor, whole(-100), whole(100)));
            bounded.push(("coverage_default.months", terms.months.into(), one, whole(1_200)));
            bounded
                .extend(terms.recovery_rate.map(|rate| ("coverage_default.recovery_rate", rate, none, one)));
        }
        if let Some(to) = self.halls.refit_to_kw_per_rack {
            bounded.push(("halls.refit_to_kw_per_rack", to, milli(1), whole(100_000)));
        }
        bounded
    }

    /// What it takes to run chips.
    pub fn operating(&self) -> OperatingTerms {
        OperatingTerms {
            utilisation: model(self.utilisation),
            load_factor: model(self.load_factor),
            pue: model(self.pue),
            power_price_usd_per_kwh: model(self.power_price_usd_per_kwh),
            opex_usd_per_kw_month: model(self.opex_usd_per_kw_month),
        }
    }

    /// What an owner of chips must earn.
    pub fn cost(&self) -> CostTerms {
        CostTerms {
            required_return: model(self.required_return),
            recovery_years: model(self.recovery_years),
            rent_drift: model(self.rent_drift),
            operating: self.operating(),
        }
    }

    /// The rhythm of generations after the catalogue, before `cadence_speed`.
    pub fn cadence(&self) -> Cadence {
        Cadence {
            months: model(self.cadence_months),
            gap_log_deviation: 0.0,
            work_per_dollar: model(self.work_per_dollar),
            work_per_watt: model(self.work_per_watt),
        }
    }

    /// Scarcity without chance.
    pub fn scarcity(&self) -> Scarcity {
        Scarcity {
            mean_reversion: model(self.scarcity_mean_reversion),
            level: model(self.scarcity_level),
            volatility: 0.0,
        }
    }

    /// The same chips in a world where generations come as expected and nothing is scarce: what
    /// `market_rent_elasticity` measures departures from.
    pub(crate) fn expected(&self) -> ComputeTerms {
        let usual = ComputeTerms::default();
        ComputeTerms {
            cadence_months: usual.cadence_months,
            cadence_speed: self.expected_cadence_speed,
            plateau_from: None,
            scarcity_start: usual.scarcity_start,
            scarcity_level: usual.scarcity_level,
            ..self.clone()
        }
    }
}

/// A number of a file as a model value.
pub(super) fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_calibration() {
        let terms = ComputeTerms::default();
        assert_eq!(terms.cost(), CostTerms::default());
        assert_eq!(terms.cadence(), Cadence::default());
        let scarcity = Scarcity { volatility: 0.0, ..Scarcity::default() };
        assert_eq!(terms.scarcity(), scarcity);
        assert_eq!(model(terms.adoption_months), super::super::Frontier::ADOPTION_MONTHS);
        assert_eq!(terms.expected(), terms);
        let within = |(_, value, low, high): (&str, Decimal, Decimal, Decimal)| low <= value && value <= high;
        assert!(terms.bounded().into_iter().all(within));
    }
}
