//! Throwaway.
#![allow(missing_docs)]
use crate::error::Error;
use crate::math::normal;
#[derive(Clone, Debug)]
pub struct DefaultCurve(Vec<(f64, f64)>);
impl DefaultCurve {
    pub fn from_cumulative(points: &[(f64, f64)]) -> Result<Self, Error> {
        let mut last = (0.0, 0.0);
        let mut v = vec![];
        for &(t, p) in points {
            let h = -libm::log1p(-p);
            v.push((t, (h - last.1) / (t - last.0)));
            last = (t, h);
        }
        Ok(DefaultCurve(v))
    }
    pub fn flat(h: f64) -> Result<Self, Error> {
        Ok(DefaultCurve(vec![(1e9, h)]))
    }
    pub fn from_spreads(points: &[(f64, f64)], r: f64) -> Result<Self, Error> {
        Ok(DefaultCurve(points.iter().map(|&(t, s)| (t, s / (1.0 - r))).collect()))
    }
    pub fn default_probability(&self, years: f64) -> f64 {
        let (mut from, mut sum) = (0.0, 0.0);
        for (i, &(to, h)) in self.0.iter().enumerate() {
            let to = if i + 1 == self.0.len() { f64::MAX } else { to };
            sum += h * (years.min(to) - from).max(0.0);
            from = to;
        }
        -libm::expm1(-sum)
    }
    pub fn time_of(&self, p: f64) -> f64 {
        let mut left = -libm::log1p(-p);
        let mut from = 0.0;
        for (i, &(to, h)) in self.0.iter().enumerate() {
            if left <= h * (to - from) || i + 1 == self.0.len() {
                return from + left / h;
            }
            left -= h * (to - from);
            from = to;
        }
        f64::INFINITY
    }
}
#[derive(Clone, Debug)]
pub enum Copula {
    Gaussian,
}
impl Copula {
    pub fn student_t(_: f64) -> Option<Self> { None }
    pub fn double_t(_: f64, _: f64) -> Option<Self> { None }
    pub fn factor(&self, n: f64) -> f64 { n }
    pub fn mixing(&self, _: f64) -> f64 { 1.0 }
    pub fn residual_cdf(&self, x: f64) -> f64 { normal::cdf(x) }
    pub fn residual(&self, u: f64) -> f64 { normal::inverse_cdf(u) }
    pub fn cdf(&self, x: f64) -> f64 { normal::cdf(x) }
    pub fn inverse(&self, _: &[f64], p: f64) -> f64 { normal::inverse_cdf(p) }
}
#[derive(Clone, Debug)]
pub struct RandomRecovery;
impl RandomRecovery {
    pub fn new(_: &[(f64, f64)]) -> Result<Self, Error> { Ok(RandomRecovery) }
    pub fn rate(&self, _: f64, _: f64) -> f64 { 0.0 }
}
