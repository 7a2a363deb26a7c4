//! Dates, calendar months, day counts, holidays and payment schedules.
//!
//! Every function is total: a result beyond the range of [`Date`] (years -262,143 to 262,142) is the
//! end of that range, never a panic.
//!
//! ```
//! use leasefall::Date;
//! use leasefall::time::{BusinessDayRule, Calendar, DayCount};
//!
//! let day = |y, m, d| Date::from_ymd_opt(y, m, d).unwrap();
//! // The 25th of October 2026 is a Sunday: the note pays on Monday.
//! let payment = BusinessDayRule::Following.adjust(day(2026, 10, 25), Calendar::UsBank);
//! assert_eq!(payment, day(2026, 10, 26));
//! // One month of 30/360 is one twelfth of a year, exactly.
//! let month = DayCount::Thirty360.year_fraction(day(2026, 10, 25), day(2026, 11, 25));
//! assert_eq!((month.numerator(), month.denominator()), (1, 12));
//! ```

mod business_day;
mod calendar;
mod day_count;
mod month;
mod schedule;

pub use business_day::BusinessDayRule;
pub use calendar::Calendar;
pub use day_count::{DayCount, UnknownDayCount};
pub use month::{InvalidMonth, Month, add_months, months_between};
pub use schedule::{Frequency, PaymentPeriod, PaymentSchedule};

/// A calendar date without a time zone.
pub type Date = chrono::NaiveDate;
