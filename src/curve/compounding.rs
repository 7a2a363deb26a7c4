//! How a quoted rate compounds.

use serde::{Deserialize, Serialize};

/// How often the interest of a quoted rate earns interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Compounding {
    /// At every instant: a unit grows to `exp(r t)`.
    Continuous,
    /// Once a year: `(1 + r)^t`.
    Annual,
    /// Twice a year, as bonds are quoted: `(1 + r/2)^(2t)`.
    Semiannual,
    /// Four times a year.
    Quarterly,
    /// Every month.
    Monthly,
    /// Never, as money markets are quoted: `1 + r t`.
    Simple,
}

impl Compounding {
    /// Compoundings a year; `None` for continuous and simple.
    pub const fn per_year(self) -> Option<u32> {
        match self {
            Compounding::Continuous | Compounding::Simple => None,
            Compounding::Annual => Some(1),
            Compounding::Semiannual => Some(2),
            Compounding::Quarterly => Some(4),
            Compounding::Monthly => Some(12),
        }
    }

    /// The continuously compounded rate that grows as much in `t` years as `rate` does: `m ln(1 + r/m)`,
    /// or `ln(1 + r t) / t` if simple.
    ///
    /// NaN or minus infinity if the rate loses everything (`-m` a year or less).
    ///
    /// ```
    /// use leasefall::curve::Compounding;
    /// assert!((Compounding::Semiannual.to_continuous(0.05, 3.0) - 2.0 * 1.025_f64.ln()).abs() < 1e-15);
    /// ```
    pub fn to_continuous(self, rate: f64, t: f64) -> f64 {
        match (self, self.per_year()) {
            (_, Some(m)) => f64::from(m) * libm::log1p(rate / f64::from(m)),
            (Compounding::Simple, _) if t != 0.0 => libm::log1p(rate * t) / t,
            _ => rate,
        }
    }

    /// The rate quoted this way that grows as much in `t` years as a continuously compounded `rate`: the
    /// inverse of [`Compounding::to_continuous`].
    pub fn from_continuous(self, rate: f64, t: f64) -> f64 {
        match (self, self.per_year()) {
            (_, Some(m)) => f64::from(m) * libm::expm1(rate / f64::from(m)),
            (Compounding::Simple, _) if t != 0.0 => libm::expm1(rate * t) / t,
            _ => rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Compounding; 6] = [
        Compounding::Continuous,
        Compounding::Annual,
        Compounding::Semiannual,
        Compounding::Quarterly,
        Compounding::Monthly,
        Compounding::Simple,
    ];

    #[test]
    fn growth_is_that_of_the_definition() {
        let growth = ALL.map(|quote| (quote.to_continuous(0.06, 2.5) * 2.5).exp());
        let defined = [
            (0.06_f64 * 2.5).exp(),
            1.06_f64.powf(2.5),
            1.03_f64.powf(5.0),
            1.015_f64.powf(10.0),
            1.005_f64.powf(30.0),
            1.0 + 0.06 * 2.5,
        ];
        for (found, expected) in growth.iter().zip(defined) {
            assert!((found / expected - 1.0).abs() < 1e-14);
        }
    }

    proptest! {
        #[test]
        fn quotes_convert_both_ways(rate in -0.02_f64..0.5, t in 0.0_f64..40.0) {
            for quote in ALL {
                let there = quote.to_continuous(rate, t);
                prop_assert!((quote.from_continuous(there, t) - rate).abs() < 1e-13);
            }
        }
    }
}
