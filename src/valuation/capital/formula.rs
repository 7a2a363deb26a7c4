//! The supervisory formula that SEC-IRBA, SEC-SA and the SSFA share.

use super::{Bound, FULL, RiskWeight, Tranche, fraction, positive};
use crate::Error;

/// The risk weight of a tranche before floors and caps.
///
/// ```text
/// a = -1 / (p K_A)    u = D - K_A    l = max(A - K_A, 0)
/// K_SSFA = (e^(a u) - e^(a l)) / (a (u - l))
/// RW = 1250%                                                              if D <= K_A
///      12.5 K_SSFA                                                        if A >= K_A
///      1250% (K_A - A) / (D - A) + 12.5 K_SSFA (D - K_A) / (D - A)        between
/// ```
///
/// Below `K_A` capital is all of the exposure; above it capital thins out exponentially, and `p` says how slowly:
/// the whole stack holds `K_A (1 + p)`, less a tail that never fits, instead of `K_A`.
///
/// Source: CRE41; Regulation (EU) 575/2013, article 261; 12 CFR 217.43.
///
/// # Errors
/// [`Error::Argument`] unless `k_a` is from 0 to 1 and `p` finite and above 0.
///
/// ```
/// use leasefall::valuation::capital::{Bound, Seniority, Tranche, formula::supervisory_risk_weight};
/// // 8% of the pool at 1,250%, and p K_A = 4% more spread thin above: 12% of capital is a weight of 150%.
/// let whole = Tranche::new(0.0, 1.0, Seniority::Senior)?;
/// let weight = supervisory_risk_weight(whole, 0.08, 0.5)?;
/// assert!((weight.risk_weight - 1.5).abs() < 1e-9);
/// assert_eq!(weight.bound, Bound::StraddlesPoolCapital);
/// # Ok::<(), leasefall::Error>(())
/// ```
pub fn supervisory_risk_weight(tranche: Tranche, k_a: f64, p: f64) -> Result<RiskWeight, Error> {
    Ok(weigh(tranche, fraction("k_a", k_a)?, positive("p", p)?))
}

/// [`supervisory_risk_weight`] of a capital from 0 to 1 and a positive `p`.
pub(super) fn weigh(tranche: Tranche, k_a: f64, p: f64) -> RiskWeight {
    let (attachment, detachment) = (tranche.attachment(), tranche.detachment());
    let (risk_weight, bound) = if detachment <= k_a {
        (FULL, Bound::BelowPoolCapital)
    } else if attachment >= k_a {
        (FULL * thinning(attachment - k_a, tranche.thickness(), p * k_a), Bound::AbovePoolCapital)
    } else {
        let above = detachment - k_a;
        let capital = (k_a - attachment) + above * thinning(0.0, above, p * k_a);
        (FULL * (capital / tranche.thickness()).min(1.0), Bound::StraddlesPoolCapital)
    };
    RiskWeight { risk_weight, unbounded: risk_weight, bound }
}

/// `K_SSFA`: the mean of `e^(-x / scale)` from `from` over `width`, `scale` being `p K_A = -1 / a`.
///
/// `e^(a l) (1 - e^(a (u - l))) / (-a (u - l))` is the rule's expression without its cancellation.
fn thinning(from: f64, width: f64, scale: f64) -> f64 {
    if scale == 0.0 {
        return 0.0; // A pool without capital: the limit.
    }
    let lengths = width / scale;
    if lengths == 0.0 {
        return libm::exp(-from / scale); // Too thin to tell from a point.
    }
    libm::exp(-from / scale) * -libm::expm1(-lengths) / lengths
}
