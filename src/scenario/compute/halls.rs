//! What a hall loses that was built for less power per rack than the newest chips need.

/// How halls fare on market rent and refits as racks grow denser.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HallFit {
    /// Share of market rent lost by a hall that supplies nothing of the density needed.
    pub rent_discount: f64,
    /// A refit at each re-letting, if the landlord makes any.
    pub refit: Option<Refit>,
}

/// A landlord's refits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refit {
    /// The densest that a hall can be made, in kW per rack.
    pub to_kw_per_rack: f64,
    /// Cost per kW of the hall and for each kW per rack added, in major units.
    pub usd_per_kw_per_rack_kw: f64,
}

impl HallFit {
    /// Market rent that a hall commands over that of one that fits:
    /// `1 - discount x max(0, 1 - density / required)`. Never rises with what is required.
    ///
    /// ```
    /// use leasefall::scenario::compute::HallFit;
    /// let halls = HallFit { rent_discount: 0.4, refit: None };
    /// assert!((halls.rent_share(30.0, 120.0) - 0.7).abs() < 1e-15); // three quarters are missing
    /// assert_eq!(halls.rent_share(120.0, 120.0), 1.0);
    /// ```
    #[inline]
    pub fn rent_share(&self, kw_per_rack: f64, required_kw_per_rack: f64) -> f64 {
        if kw_per_rack >= required_kw_per_rack {
            return 1.0;
        }
        1.0 - self.rent_discount * (1.0 - kw_per_rack / required_kw_per_rack)
    }

    /// The density of a hall after it is let again, and the cost per kW of making it so.
    ///
    /// Cost is in proportion to what is added, so that a refit in two steps costs what one does, and dearer
    /// needs never make the sum of all refits cheaper.
    ///
    /// ```
    /// use leasefall::scenario::compute::{HallFit, Refit};
    /// let refit = Some(Refit { to_kw_per_rack: 100.0, usd_per_kw_per_rack_kw: 20.0 });
    /// let halls = HallFit { rent_discount: 0.4, refit };
    /// assert_eq!(halls.refitted(40.0, 60.0), (60.0, 400.0));
    /// assert_eq!(halls.refitted(60.0, 120.0), (100.0, 800.0)); // as far as it goes
    /// assert_eq!(halls.refitted(60.0, 50.0), (60.0, 0.0));
    /// ```
    pub fn refitted(&self, kw_per_rack: f64, required_kw_per_rack: f64) -> (f64, f64) {
        match self.refit {
            Some(refit) => {
                let density = kw_per_rack.max(required_kw_per_rack.min(refit.to_kw_per_rack));
                (density, (density - kw_per_rack) * refit.usd_per_kw_per_rack_kw)
            }
            None => (kw_per_rack, 0.0),
        }
    }
}
