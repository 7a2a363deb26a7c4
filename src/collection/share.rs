//! What one holder gets of what a note pays to all.

use crate::error::Error;
use crate::money::Money;

/// The part of a note that is held, exactly: so many cents of original balance out of so many.
///
/// What the holder has received so far is the share of what the note has paid so far to all, rounded down;
/// what it receives on a date is the rise. The others have what is left, which is never negative, and when
/// the note has repaid its original balance the holder has repaid its own, to the cent. What is lost is
/// rounded up, so that principal and losses of the whole add up to the amount held.
///
/// ```
/// use leasefall::collection::Share;
/// use leasefall::Money;
/// // A third of a note of 3.00 that repays 1.00 three times: 33, 33 and 34 cents.
/// let share = Share::new(Money::from_minor(1_00), Money::from_minor(3_00))?;
/// let paid = [0, 1_00, 2_00, 3_00].map(|all| share.of_cash(Money::from_minor(all)).minor());
/// assert_eq!(paid, [0, 33, 66, 1_00]);
/// // 2.00 repaid and 1.00 lost: 66 and 34 cents.
/// assert_eq!(share.of_loss(Money::from_minor(1_00)).minor(), 34);
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    held: i64,
    of: i64,
}

impl Share {
    /// The share that an original balance held is of a note's.
    ///
    /// # Errors
    /// [`Error::Argument`] unless the amount is above nothing and at most the note's own.
    pub fn new(held: Money, note: Money) -> Result<Share, Error> {
        let (found, expected) = (held.minor() as f64, "an amount above 0 and at most the note's");
        Error::unless(held > Money::ZERO && held <= note, "amount held", found, expected)?;
        let common = common_divisor(held.minor(), note.minor());
        Ok(Share { held: held.minor() / common, of: note.minor() / common })
    }

    /// What is held, and of what, in lowest terms.
    pub(crate) fn parts(self) -> (i64, i64) {
        (self.held, self.of)
    }

    /// The holder's part of all cash paid so far: rounded down.
    #[inline]
    pub fn of_cash(self, paid: Money) -> Money {
        Money::from_minor(self.floor(paid.minor()))
    }

    /// The holder's part of all principal lost so far, or of a balance: rounded up.
    #[inline]
    pub fn of_loss(self, lost: Money) -> Money {
        // ceil(x) = -floor(-x)
        Money::from_minor(self.floor(lost.minor().saturating_neg()).saturating_neg())
    }

    #[inline]
    fn floor(self, amount: i64) -> i64 {
        if self.held == self.of || amount == 0 {
            return amount;
        }
        match amount.checked_mul(self.held) {
            Some(product) => product.div_euclid(self.of),
            // The share is at most one, so that the quotient fits.
            None => (i128::from(amount) * i128::from(self.held)).div_euclid(i128::from(self.of)) as i64,
        }
    }
}

/// The greatest common divisor of two positive numbers.
fn common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_checked() {
        let share = |held, note| Share::new(Money::from_minor(held), Money::from_minor(note));
        assert!(share(0, 10).is_err() && share(11, 10).is_err() && share(-1, 10).is_err());
        assert!(share(10, 10).is_ok() && share(0, 0).is_err());
    }

    proptest! {
        /// Holder and others share every cent, on every date, and a note that repays and loses all of its
        /// balance has repaid and lost all of the amount held.
        #[test]
        fn nothing_is_lost_between_holder_and_others(
            held in 1_i64..1_000_000_000_000_000,
            more in 0_i64..1_000_000_000_000_000,
            payments in prop::collection::vec(0_i64..1_000_000_000_000, 1..20),
            cut in 0.0_f64..1.0,
        ) {
            let note = held + more;
            let share = Share::new(Money::from_minor(held), Money::from_minor(note)).unwrap();
            let (mut all, mut mine) = (0, 0);
            for payment in payments {
                all += payment;
                let now = share.of_cash(Money::from_minor(all)).minor();
                prop_assert!(now >= mine && now - mine <= payment);
                prop_assert!(now <= all);
                mine = now;
            }
            let lost = (cut * note as f64) as i64;
            let repaid = note - lost;
            let parts = share.of_cash(Money::from_minor(repaid)) + share.of_loss(Money::from_minor(lost));
            prop_assert_eq!(parts.minor(), held);
        }
    }
}
