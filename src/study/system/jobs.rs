//! From jobs lost to loans not paid: what a rise of unemployment does to the default vectors of households' pools.

use super::outcome::Unemployment;
use crate::error::Error;
use crate::folder::Folder;
use crate::scenario::Script;
use libm::pow;
use rust_decimal::Decimal;

/// Most by which defaults are multiplied: more is a mistake in units.
const MOST: Decimal = Decimal::ONE_HUNDRED;

impl Unemployment {
    /// What the default vectors of households' pools are multiplied by, at most a hundred:
    ///
    /// ```text
    /// (1 + d)^u,  d = defaults_per_point, u = rise_points
    /// ```
    ///
    /// Each point multiplies the hazard, as in the proportional hazards that mortgage studies estimate (Foote,
    /// Gerardi, Goette and Willen 2009), from the first month and for good: jobs that are replaced do not come back.
    ///
    /// ```
    /// use leasefall::study::system::{Figure, Unemployment};
    /// let figure = |value| Figure::assumed(value, "by hand");
    /// // A tenth more with each of two points: 1.1 x 1.1.
    /// let jobs = Unemployment {
    ///     rise_points: figure(2.into()),
    ///     defaults_per_point: figure("0.1".parse().unwrap()),
    ///     loss_per_point: figure(0.into()),
    /// };
    /// assert_eq!(jobs.default_multiple(), "1.21".parse().unwrap());
    /// ```
    pub fn default_multiple(&self) -> Decimal {
        let multiple = pow(1.0 + self.defaults_per_point.model(), self.rise_points.model());
        Decimal::from_f64_retain(multiple).map_or(MOST, |multiple| multiple.round_dp(9).normalize().min(MOST))
    }
}

/// Multiplies every default vector of a script. What the vectors assume besides stays.
pub(super) fn lose_jobs(script: &mut Script, multiple: Decimal) {
    for default in script.performance.iter_mut().filter_map(|terms| terms.default.as_mut()) {
        let stated = default.multiple.unwrap_or(Decimal::ONE);
        default.multiple = Some(stated.checked_mul(multiple).unwrap_or(MOST).min(MOST));
    }
}

/// Whether a deal in a scenario, or one of which it holds notes, has default vectors that unemployment can move.
pub(super) fn has_defaults(folder: &Folder, scenario: &str) -> Result<bool, Error> {
    let Some(collateral) = folder.collateral() else {
        return Ok(folder.script(scenario)?.value.performance.iter().any(|terms| terms.default.is_some()));
    };
    for deal in collateral.deals() {
        if has_defaults(deal.folder(), &deal.scenario(scenario)?)? {
            return Ok(true);
        }
    }
    Ok(false)
}
