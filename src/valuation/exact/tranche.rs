//! Tranches: slices of a pool's loss, what they lose and what premium that is worth.

use super::pool::ReferencePool;
use crate::credit::{Measure, PaymentConvention, PremiumLegs};
use crate::curve::DiscountCurve;
use crate::error::{Error, SolveError};

/// A slice of the losses of a pool, between two fractions of its notional.
///
/// It loses `min(max(L - attachment, 0), width)` of a loss `L`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tranche {
    attachment: f64,
    detachment: f64,
}

impl Tranche {
    /// In loss units: what is below is rounding of the attachment point, not a loss of the tranche.
    pub(super) const ROUNDING: f64 = 1e-7;

    /// Losses between `attachment` and `detachment`, fractions of the pool's notional.
    ///
    /// # Errors
    /// [`Error::Argument`] unless `0 <= attachment < detachment <= 1`.
    pub fn new(attachment: f64, detachment: f64) -> Result<Tranche, Error> {
        if !(0.0..1.0).contains(&attachment) {
            let expected = "a fraction from 0 to below 1";
            return Err(Error::Argument { argument: "attachment", found: attachment, expected });
        }
        if !(detachment > attachment && detachment <= 1.0) {
            let expected = "a fraction above the attachment, at most 1";
            return Err(Error::Argument { argument: "detachment", found: detachment, expected });
        }
        Ok(Tranche { attachment, detachment })
    }

    /// Adjacent tranches from 0 to 1, cut at the given fractions.
    ///
    /// ```
    /// use leasefall::valuation::exact::Tranche;
    /// let tranches = Tranche::stack(&[0.03, 0.06, 0.10])?;
    /// assert_eq!(tranches.len(), 4);
    /// assert_eq!((tranches[3].attachment(), tranches[3].detachment()), (0.10, 1.0));
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] unless the cuts rise from above 0 to below 1.
    pub fn stack(cuts: &[f64]) -> Result<Vec<Tranche>, Error> {
        let lower = std::iter::once(0.0).chain(cuts.iter().copied());
        let upper = cuts.iter().copied().chain(std::iter::once(1.0));
        lower.zip(upper).map(|(attachment, detachment)| Tranche::new(attachment, detachment)).collect()
    }

    /// The fraction of the pool lost before the tranche loses.
    pub fn attachment(&self) -> f64 {
        self.attachment
    }

    /// The fraction of the pool lost when the tranche has lost everything.
    pub fn detachment(&self) -> f64 {
        self.detachment
    }

    /// Detachment less attachment.
    pub fn width(&self) -> f64 {
        self.detachment - self.attachment
    }

    /// The loss of the tranche, a fraction of the pool, at a pool loss of this fraction.
    pub fn loss_of(&self, pool_loss: f64) -> f64 {
        (pool_loss - self.attachment).clamp(0.0, self.width())
    }

    /// Attachment and detachment in units, of which the notional has so many. The most senior tranche takes
    /// all that is left, also where whole units pass the notional by a part of one.
    pub(super) fn in_units(&self, units: f64) -> (f64, f64) {
        let high = if self.detachment < 1.0 { self.detachment * units } else { f64::INFINITY };
        (self.attachment * units, high)
    }
}

/// What a tranche loses by a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrancheLoss {
    /// Expected loss, a fraction of the tranche's own notional.
    pub expected_loss: f64,
    /// The probability that it has lost anything.
    pub probability_of_loss: f64,
}

/// A tranche valued to a maturity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TranchePrice {
    /// Which.
    pub tranche: Tranche,
    /// The measure of the default curves: a spread under historical ones is an actuarial, not a market's.
    pub measure: Measure,
    /// What is lost by the maturity.
    pub loss: TrancheLoss,
    /// Both legs, per 1 of the tranche's notional.
    pub legs: PremiumLegs,
}

impl TranchePrice {
    /// The premium a year, a fraction of the tranche's balance, that is worth the losses.
    ///
    /// # Errors
    /// [`SolveError::NotFinite`] if no premium is ever paid.
    pub fn spread(&self) -> Result<f64, SolveError> {
        self.legs.spread()
    }
}

impl ReferencePool {
    /// What each tranche loses by a date, cheaper than the whole distribution: it is computed only as far as
    /// the highest point that lies below the largest possible loss.
    ///
    /// # Errors
    /// [`Error::Solve`] if an integral does not settle.
    pub fn tranche_losses(&self, tranches: &[Tranche], years: f64) -> Result<Vec<TrancheLoss>, Error> {
        let scale = self.notional() / self.loss_unit();
        let largest = self.most_units();
        let points = tranches.iter().flat_map(|tranche| <[f64; 2]>::from(tranche.in_units(scale)));
        let inner = points.filter(|&point| point < largest as f64);
        // Entries up to the point itself: what lies beyond enters through the complement.
        let cap = inner.fold(0.0, f64::max).ceil() as usize;
        let probabilities = self.units_distribution(years, cap.min(largest))?;
        let below = Below {
            probabilities: &probabilities,
            largest,
            expected: self.expected_loss(years) / self.loss_unit(),
        };
        let loss = |tranche: &Tranche| {
            let (low, high) = tranche.in_units(scale);
            let lost = (below.expected_up_to(high) - below.expected_up_to(low)).max(0.0);
            let expected_loss = lost / (tranche.width() * scale);
            TrancheLoss { expected_loss, probability_of_loss: below.probability_above(low) }
        };
        Ok(tranches.iter().map(loss).collect())
    }

    /// Each tranche's legs and loss to a maturity. The tranche's balance falls by its losses; recoveries do
    /// not amortize the most senior one.
    ///
    /// ```
    /// use leasefall::credit::{
    ///     Copula, Correlation, DefaultCurve, Loadings, Measure, PaymentConvention, Recovery,
    /// };
    /// use leasefall::valuation::exact::{ReferenceEntity, ReferencePool, Tranche};
    /// use leasefall::{Date, DiscountCurve, curve::Compounding};
    /// // 100 names, hazard 1%, recovery 40%, correlation .3, five years, rate 5%: Gibson (2004), whose
    /// // equity tranche is worth 1507 basis points.
    /// let name = ReferenceEntity {
    ///     notional: 10.0,
    ///     recovery: Recovery::Fixed(0.4),
    ///     curve: DefaultCurve::flat(Measure::RiskNeutral, 0.01)?,
    ///     loadings: Loadings::one(Correlation::new(0.3)?.loading()?),
    /// };
    /// let pool = ReferencePool::new(Copula::Gaussian, &vec![name; 100])?;
    /// let today = Date::from_ymd_opt(2026, 11, 20).unwrap();
    /// let discount = DiscountCurve::flat(today, 0.05, Compounding::Continuous)?;
    /// let equity = Tranche::new(0.0, 0.03)?;
    /// let price = pool.price_tranches(&[equity], 5.0, &discount, &PaymentConvention::PERIOD_END)?;
    /// assert!((price[0].spread()? * 1e4 - 1507.0).abs() < 0.5);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if the maturity makes no schedule; [`Error::Solve`] if an integral does not settle.
    pub fn price_tranches(
        &self,
        tranches: &[Tranche],
        maturity_years: f64,
        discount: &DiscountCurve,
        convention: &PaymentConvention,
    ) -> Result<Vec<TranchePrice>, Error> {
        price(tranches, self.measure(), maturity_years, discount, convention, |years| {
            self.tranche_losses(tranches, years)
        })
    }
}

/// Prices from the tranches' losses at each period end.
pub(super) fn price(
    tranches: &[Tranche],
    measure: Measure,
    maturity_years: f64,
    discount: &DiscountCurve,
    convention: &PaymentConvention,
    losses: impl FnMut(f64) -> Result<Vec<TrancheLoss>, Error>,
) -> Result<Vec<TranchePrice>, Error> {
    let ends = convention.period_ends(maturity_years)?;
    let by_date: Vec<Vec<TrancheLoss>> = ends.into_iter().map(losses).collect::<Result<_, _>>()?;
    let one = |index: usize| {
        let mut lost = by_date.iter().map(|losses| losses[index].expected_loss);
        let legs = convention.legs(maturity_years, discount, |_| {
            let lost = lost.next().unwrap_or(f64::NAN);
            (lost, lost)
        })?;
        // A schedule has at least one period.
        let loss = by_date[by_date.len() - 1][index];
        Ok(TranchePrice { tranche: tranches[index], measure, loss, legs })
    };
    (0..tranches.len()).map(one).collect()
}

/// The lower part of a distribution in units, and its mean.
struct Below<'a> {
    probabilities: &'a [f64],
    largest: usize,
    expected: f64,
}

impl Below<'_> {
    /// `E[min(L, point)]`, the point within the computed part or beyond the largest loss.
    fn expected_up_to(&self, point: f64) -> f64 {
        if point >= self.largest as f64 {
            return self.expected;
        }
        let (mut sum, mut mass) = (0.0, 0.0);
        for (units, p) in self.probabilities.iter().enumerate() {
            if units as f64 >= point {
                break;
            }
            sum += units as f64 * p;
            mass += p;
        }
        sum + point * (1.0 - mass)
    }

    /// `P(L > point)`.
    fn probability_above(&self, point: f64) -> f64 {
        if point >= self.largest as f64 {
            return 0.0;
        }
        let within = |(units, _): &(usize, &f64)| *units as f64 <= point + Tranche::ROUNDING;
        let mass: f64 = self.probabilities.iter().enumerate().take_while(within).map(|(_, p)| p).sum();
        (1.0 - mass).clamp(0.0, 1.0)
    }
}
