//! The largest tenants' parts of the rent in force.

use crate::asset::{Tenant, TenantKind};
use crate::money::Money;

/// The five largest rents, largest first.
pub(super) type Top = [i64; 5];

/// Whether a tenant counts among the largest: many small customers entered as one do not.
pub(super) fn counts(tenant: &Tenant) -> bool {
    tenant.kind != TenantKind::Granular
}

/// Puts a tenant's rent in its place among the five, if it has one.
pub(super) fn rank(top: &mut Top, rent: i64) {
    if rent > top[4] {
        // Sinks to its place, largest first.
        top[4] = rent;
        for place in (1..5).rev() {
            if top[place] > top[place - 1] {
                top.swap(place, place - 1);
            }
        }
    }
}

/// The largest rent and the five largest, which are parts of one total that fits.
pub(super) fn sums(top: &Top) -> (Money, Money) {
    (Money::from_minor(top[0]), Money::from_minor(top.iter().fold(0, |a, &b| a.saturating_add(b))))
}
