//! The form of a curve in a file.

use super::{Compounding, Curve, CurveProblem, DiscountCurve, ForwardCurve};
use crate::rate::Rate;
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// A curve as a file states it.
///
/// ```
/// use leasefall::{Date, curve::{Curve, CurveTerms}};
/// let terms: CurveTerms = serde_json::from_str(r#"{
///     "id": "treasury", "kind": "par",
///     "points": [{ "years": "0.5", "value": "0.0380" }, { "years": "2", "value": "0.0361" }]
/// }"#).unwrap();
/// let curve = terms.build(Date::from_ymd_opt(2026, 11, 20).unwrap())?;
/// assert!(curve.as_discount().is_some_and(|curve| curve.at_years(2.0) < 0.932));
/// # Ok::<(), leasefall::curve::CurveProblem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CurveTerms {
    /// The name by which the deal refers to the curve.
    pub id: String,
    /// What the values of the points are.
    pub kind: CurveKind,
    /// How the rates compound: required for `zero` and `flat`, absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compounding: Option<Compounding>,
    /// The points, in order of time; exactly one for `flat`.
    pub points: Vec<CurvePoint>,
}

/// What the values of a curve's points are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Zero rates: see [`DiscountCurve::from_zero_rates`].
    Zero,
    /// Discount factors: see [`DiscountCurve::from_discount_factors`].
    Discount,
    /// Par yields of Treasuries: see [`DiscountCurve::from_par_yields`]. Times in years.
    Par,
    /// One rate for all times, in one point without a time: see [`DiscountCurve::flat`].
    Flat,
    /// The index rate from each date on: see [`ForwardCurve`]. Times as dates.
    Forward,
}

/// One point of a curve: a time, in years or as a date, and a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CurvePoint {
    /// Years of 365 days from the reference date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<Decimal>,
    /// The date, instead of years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// A rate a year as a fraction (0.0416 is 4.16%), or a discount factor.
    pub value: Decimal,
}

impl CurveTerms {
    /// The curve that the terms state, discounting to `reference_date`.
    ///
    /// # Errors
    /// The first [`CurveProblem`], whose field is a path within these terms: `points[3].value`.
    pub fn build(&self, reference_date: Date) -> Result<Curve, CurveProblem> {
        let compounding = self.checked_compounding()?;
        let discount = match self.kind {
            CurveKind::Forward => return self.index_path().map(Curve::Forward),
            CurveKind::Flat => DiscountCurve::flat(reference_date, self.flat_rate()?, compounding)?,
            CurveKind::Zero => {
                let points = self.times_and_values(reference_date)?;
                DiscountCurve::from_zero_rates(reference_date, &points, compounding)?
            }
            CurveKind::Discount => {
                let points = self.times_and_values(reference_date)?;
                DiscountCurve::from_discount_factors(reference_date, &points)?
            }
            CurveKind::Par => {
                self.refuse_dates()?;
                let points = self.times_and_values(reference_date)?;
                DiscountCurve::from_par_yields(reference_date, &points)?
            }
        };
        Ok(Curve::Discount(discount))
    }

    /// The compounding where it is needed; kinds with a convention of their own must not state one, lest
    /// it be thought to count.
    fn checked_compounding(&self) -> Result<Compounding, CurveProblem> {
        match (self.kind, self.compounding) {
            (CurveKind::Zero | CurveKind::Flat, Some(compounding)) => Ok(compounding),
            (CurveKind::Zero | CurveKind::Flat, None) => {
                let expected = "continuous, annual, semiannual, quarterly, monthly or simple";
                Err(CurveProblem::new("compounding", "nothing", expected))
            }
            (_, None) => Ok(Compounding::Continuous),
            (_, Some(_)) => {
                let expected = "none, since only zero and flat curves state how rates compound";
                Err(CurveProblem::new("compounding", "a compounding", expected))
            }
        }
    }

    fn flat_rate(&self) -> Result<f64, CurveProblem> {
        let [point] = self.points.as_slice() else {
            let found = format!("{} points", self.points.len());
            return Err(CurveProblem::new("points", found, "exactly one point for a flat curve"));
        };
        const NO_TIME: &str = "no time on the point of a flat curve";
        match (point.years, point.date) {
            (None, None) => Ok(model_value(point.value)),
            (Some(years), _) => Err(CurveProblem::at_point(0, "years", years, NO_TIME)),
            (None, Some(date)) => Err(CurveProblem::at_point(0, "date", date, NO_TIME)),
        }
    }

    fn index_path(&self) -> Result<ForwardCurve, CurveProblem> {
        let step = |(index, point): (usize, &CurvePoint)| match (point.date, point.years) {
            (Some(date), None) => Ok((date, Rate::new(point.value))),
            (_, Some(years)) => {
                Err(CurveProblem::at_point(index, "years", years, "a date on a forward curve, and no years"))
            }
            (None, None) => Err(CurveProblem::at_point(index, "date", "nothing", "a date")),
        };
        ForwardCurve::new(self.points.iter().enumerate().map(step).collect::<Result<_, _>>()?)
    }

    fn refuse_dates(&self) -> Result<(), CurveProblem> {
        match self.points.iter().enumerate().find_map(|(index, point)| Some((index, point.date?))) {
            Some((index, date)) => Err(CurveProblem::at_point(index, "date", date, "years for a par yield")),
            None => Ok(()),
        }
    }

    /// Each point's time and value, the times in order. The curves check the order as well, but only here
    /// is it known whether a date or years were written.
    fn times_and_values(&self, reference_date: Date) -> Result<Vec<(f64, f64)>, CurveProblem> {
        let mut points = Vec::with_capacity(self.points.len());
        let mut before = 0.0;
        for (index, point) in self.points.iter().enumerate() {
            let time = match (point.years, point.date) {
                (Some(years), None) => model_value(years),
                (None, Some(date)) => date.signed_duration_since(reference_date).num_days() as f64 / 365.0,
                (Some(_), Some(date)) => {
                    return Err(CurveProblem::at_point(index, "date", date, "years or a date, not both"));
                }
                (None, None) => {
                    return Err(CurveProblem::at_point(index, "years", "nothing", "years or a date"));
                }
            };
            if let (Some(date), true) = (point.date, time <= before) {
                let expected = if index == 0 {
                    "a date after the reference date"
                } else {
                    "a date after that of the point before"
                };
                return Err(CurveProblem::at_point(index, "date", date, expected));
            }
            points.push((time, model_value(point.value)));
            before = time;
        }
        Ok(points)
    }
}

fn model_value(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> Date {
        Date::from_ymd_opt(2026, 11, 20).unwrap()
    }

    fn terms(toml: &str) -> CurveTerms {
        toml::from_str(toml).unwrap()
    }

    fn problem(toml: &str) -> String {
        terms(toml).build(today()).unwrap_err().to_string()
    }

    #[test]
    fn every_kind_builds() {
        let flat = terms("id = 'x'\nkind = 'flat'\ncompounding = 'annual'\npoints = [{ value = '0.05' }]");
        let flat = flat.build(today()).unwrap();
        assert!((flat.as_discount().unwrap().at_years(1.0) - 1.0 / 1.05).abs() < 1e-15);

        let zero = "id = 'x'\nkind = 'zero'\ncompounding = 'continuous'\n\
            points = [{ years = '1', value = '0.04' }, { date = '2028-11-19', value = '0.05' }]";
        let zero = terms(zero).build(today()).unwrap();
        // 2028 is a leap year: 730 days end on 19 November.
        assert!((zero.as_discount().unwrap().at_years(2.0) - (-0.1_f64).exp()).abs() < 1e-15);

        let discount = terms("id = 'x'\nkind = 'discount'\npoints = [{ years = '2', value = '0.9' }]");
        let discount = discount.build(today()).unwrap();
        assert!((discount.as_discount().unwrap().at_years(1.0) - 0.9_f64.sqrt()).abs() < 1e-15);

        let forward = "id = 'sofr'\nkind = 'forward'\n\
            points = [{ date = '2026-11-20', value = '0.0388' }, { date = '2027-01-20', value = '0.036' }]";
        let forward = terms(forward).build(today()).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        let rate = forward.index_rate(day("2026-12-25"), day("2027-01-25"), crate::time::DayCount::Act360);
        assert_eq!(rate, Some(Rate::new(Decimal::new(388, 4))));
    }

    #[test]
    fn a_problem_names_its_point_and_field() {
        let zero =
            |points: &str| problem(&format!("id='x'\nkind='zero'\ncompounding='annual'\npoints={points}"));
        let rows = [
            (zero("[]"), "points: found none, expected at least one point"),
            (
                zero("[{years='1',value='0.04'},{years='1',value='0.05'}]"),
                "points[1].years: found 1, expected a time above that of the point before",
            ),
            (
                zero("[{date='2026-11-20',value='0.04'}]"),
                "points[0].date: found 2026-11-20, expected a date after the reference date",
            ),
            (zero("[{value='0.04'}]"), "points[0].years: found nothing, expected years or a date"),
            (
                zero("[{years='1',value='-1'}]"),
                "points[0].value: found -1, expected a rate that leaves a positive discount factor",
            ),
            (
                problem("id='x'\nkind='discount'\npoints=[{years='1',value='0'}]"),
                "points[0].value: found 0, expected a discount factor above 0",
            ),
            (
                problem("id='x'\nkind='par'\npoints=[{years='0.75',value='0.04'}]"),
                "points[0].years: found 0.75, expected at most half a year, or a whole number of half years \
                 up to 100 years",
            ),
            (
                problem("id='x'\nkind='zero'\npoints=[{years='1',value='0.04'}]"),
                "compounding: found nothing, expected continuous, annual, semiannual, quarterly, monthly or \
                 simple",
            ),
            (
                problem("id='x'\nkind='forward'\npoints=[{years='1',value='0.04'}]"),
                "points[0].years: found 1, expected a date on a forward curve, and no years",
            ),
            (
                problem("id='x'\nkind='flat'\ncompounding='annual'\npoints=[{years='1',value='0.04'}]"),
                "points[0].years: found 1, expected no time on the point of a flat curve",
            ),
        ];
        for (found, expected) in rows {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn terms_round_trip_and_unknown_fields_are_refused() {
        let text = "id = 'x'\nkind = 'par'\npoints = [{ years = '0.5', value = '0.0380' }]";
        let read = terms(text);
        assert_eq!(toml::from_str::<CurveTerms>(&toml::to_string(&read).unwrap()).unwrap(), read);
        assert!(toml::from_str::<CurveTerms>(&format!("{text}\nname = 'y'")).is_err());
    }

    #[test]
    fn a_bare_number_means_what_is_written() {
        let bare = terms("id = 'x'\nkind = 'par'\npoints = [{ years = 2, value = 0.0361 }]");
        assert_eq!(bare.points[0].value, Decimal::new(361, 4));
        assert_eq!(bare.points[0].years, Some(Decimal::TWO));
    }

    fn any_point() -> impl Strategy<Value = CurvePoint> {
        let decimal =
            || (any::<i64>(), 0_u32..=28).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale));
        let date = any::<Option<i32>>().prop_map(|days| days.and_then(Date::from_num_days_from_ce_opt));
        let parts = (prop::option::of(decimal()), date, decimal());
        parts.prop_map(|(years, date, value)| CurvePoint { years, date, value })
    }

    proptest! {
        #[test]
        fn no_points_make_a_build_panic(
            kind in 0_usize..5, compounding in 0_usize..7, points in prop::collection::vec(any_point(), 0..5),
        ) {
            let kind = ["zero", "discount", "par", "flat", "forward"][kind];
            let kind = serde_json::from_value(kind.into()).unwrap();
            use Compounding::*;
            let all = [Continuous, Annual, Semiannual, Quarterly, Monthly, Simple];
            let compounding = all.get(compounding).copied();
            let terms = CurveTerms { id: String::new(), kind, compounding, points };
            if let Ok(curve) = terms.build(today()) {
                curve.index_rate(Date::MIN, Date::MAX, crate::time::DayCount::Act360);
                curve.index_rate(today(), today(), crate::time::DayCount::Thirty360);
            }
        }
    }
}
