//! What chips fetch when many must be sold at once.

use crate::error::Error;

/// How a forced sale of chips goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Liquidation {
    /// Share of value lost on each chip: removal, testing, a dealer's margin.
    pub discount: f64,
    /// Chips of the kind whose sale at once would drive the price to nothing; `None` for a market of any depth.
    pub depth_chips: Option<f64>,
}

impl Default for Liquidation {
    /// A fifth below value, in a deep market; see `docs/model.md`, "Chips".
    fn default() -> Self {
        Liquidation { discount: 0.20, depth_chips: None }
    }
}

impl Liquidation {
    /// Proceeds of so many chips, each of this value to an owner who runs it.
    ///
    /// Price falls in a straight line with the number sold, from `p = value x (1 - discount)` for the first chip
    /// to nothing at the market's depth `D`; each chip is sold at the price it meets, so `q` chips bring
    ///
    /// ```text
    /// p q (1 - q / (2 D)),    q = min(chips, D)
    /// ```
    ///
    /// More chips never bring less: what the market will not take stays unsold.
    ///
    /// ```
    /// use leasefall::collection::Liquidation;
    /// let sale = Liquidation { discount: 0.25, depth_chips: Some(1_000.0) };
    /// // 200 chips of 40: 30 for the first, 24 for the last.
    /// assert_eq!(sale.proceeds(40.0, 200.0)?, 200.0 * 27.0);
    /// assert_eq!(sale.proceeds(40.0, 5_000.0)?, 15_000.0); // half of 30 x 1,000
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] unless value and chips are finite and at least 0, the discount from 0 to 1 and the
    /// depth above 0.
    pub fn proceeds(&self, value_usd_per_chip: f64, chips: f64) -> Result<f64, Error> {
        let expected = "finite and at least 0";
        let holds = value_usd_per_chip.is_finite() && value_usd_per_chip >= 0.0;
        Error::unless(holds, "value_usd_per_chip", value_usd_per_chip, expected)?;
        Error::unless(chips.is_finite() && chips >= 0.0, "chips", chips, expected)?;
        Error::unless((0.0..=1.0).contains(&self.discount), "discount", self.discount, "from 0 to 1")?;
        let price = value_usd_per_chip * (1.0 - self.discount);
        let Some(depth) = self.depth_chips else { return Ok(price * chips) };
        Error::unless(depth > 0.0 && !depth.is_nan(), "depth_chips", depth, "above 0")?;
        let sold = chips.min(depth);
        Ok(price * sold * (1.0 - sold / (2.0 * depth)))
    }
}
