//! What becomes of a payment date that is not a business day.

use super::{Calendar, Date};
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// How a date that is no business day is moved (2006 ISDA Definitions, 4.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BusinessDayRule {
    /// Not at all.
    #[default]
    Unadjusted,
    /// To the next business day.
    Following,
    /// To the next business day, unless that is in another month: then to the one before.
    ModifiedFollowing,
    /// To the business day before.
    Preceding,
    /// To the business day before, unless that is in another month: then to the next.
    ModifiedPreceding,
}

impl BusinessDayRule {
    /// The business day on which a payment due on `date` is made. A later date is never moved before an
    /// earlier one. Where the range of [`Date`] ends first, the last date in that direction.
    ///
    /// ```
    /// use leasefall::{Date, time::{BusinessDayRule, Calendar}};
    /// // 31 January 2026 is a Saturday.
    /// let due = Date::from_ymd_opt(2026, 1, 31).unwrap();
    /// let paid = |rule: BusinessDayRule| rule.adjust(due, Calendar::UsBank).to_string();
    /// assert_eq!(paid(BusinessDayRule::Following), "2026-02-02");
    /// assert_eq!(paid(BusinessDayRule::ModifiedFollowing), "2026-01-30");
    /// ```
    pub fn adjust(self, date: Date, calendar: Calendar) -> Date {
        let next = || first_business_day(date, calendar, |day| day.succ_opt());
        let previous = || first_business_day(date, calendar, |day| day.pred_opt());
        let within_month = |moved: Date| moved.month() == date.month();
        match self {
            BusinessDayRule::Unadjusted => date,
            BusinessDayRule::Following => next(),
            BusinessDayRule::Preceding => previous(),
            BusinessDayRule::ModifiedFollowing => {
                Some(next()).filter(|&d| within_month(d)).unwrap_or_else(previous)
            }
            BusinessDayRule::ModifiedPreceding => {
                Some(previous()).filter(|&d| within_month(d)).unwrap_or_else(next)
            }
        }
    }
}

/// The first business day from `date` on, step by step. No calendar closes for two weeks, so this ends.
fn first_business_day(date: Date, calendar: Calendar, step: impl Fn(Date) -> Option<Date>) -> Date {
    let mut day = date;
    while !calendar.is_business_day(day) {
        match step(day) {
            Some(next) => day = next,
            None => break,
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: [BusinessDayRule; 5] = [
        BusinessDayRule::Unadjusted,
        BusinessDayRule::Following,
        BusinessDayRule::ModifiedFollowing,
        BusinessDayRule::Preceding,
        BusinessDayRule::ModifiedPreceding,
    ];

    #[test]
    fn each_rule_moves_its_own_way() {
        let paid =
            |date: &str| RULES.map(|rule| rule.adjust(date.parse().unwrap(), Calendar::UsBank).to_string());
        // Christmas of 2027 is a Saturday, not observed; Sunday follows.
        let christmas = ["2027-12-25", "2027-12-27", "2027-12-27", "2027-12-24", "2027-12-24"];
        assert_eq!(paid("2027-12-25"), christmas);
        // Sunday 1 November 2026: the business day before is in October.
        let november = ["2026-11-01", "2026-11-02", "2026-11-02", "2026-10-30", "2026-11-02"];
        assert_eq!(paid("2026-11-01"), november);
        // Sunday 31 May 2026: the business day after is in June.
        assert_eq!(
            paid("2026-05-31"),
            ["2026-05-31", "2026-06-01", "2026-05-29", "2026-05-29", "2026-05-29"]
        );
    }

    #[test]
    fn the_ends_of_the_range_of_dates_do_not_panic() {
        for rule in RULES {
            for calendar in [Calendar::Weekends, Calendar::UsBank, Calendar::UsSettlement, Calendar::Target] {
                rule.adjust(Date::MIN, calendar);
                rule.adjust(Date::MAX, calendar);
            }
        }
    }

    proptest! {
        #[test]
        fn adjusting_keeps_order_and_lands_on_a_business_day(day in 700_000_i32..780_000) {
            let date = Date::from_num_days_from_ce_opt(day).unwrap();
            let after = date.succ_opt().unwrap();
            for rule in RULES {
                let paid = rule.adjust(date, Calendar::UsBank);
                prop_assert!(paid <= rule.adjust(after, Calendar::UsBank));
                prop_assert!(rule == BusinessDayRule::Unadjusted || Calendar::UsBank.is_business_day(paid));
            }
        }
    }
}
