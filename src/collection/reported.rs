//! Collections as a trustee reports them: history in place of projection, or before it.

use super::{Collections, Layout};
use crate::error::Problems;
use crate::money::{Currency, Money};
use crate::rate::Rate;
use crate::tape::{Column, Row, RowFormat, Table};
use crate::time::{Date, PaymentSchedule};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};

/// One line of `collections.csv`: what a report says of one payment date under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedLine {
    /// The payment date, as scheduled or as paid.
    pub payment_date: Date,
    /// A source of cash, a measure, `fixing(CURVE)` or `days(NOTE)`.
    pub item: String,
    /// An amount, a rate a year as a fraction, or a number of days.
    pub value: Decimal,
    /// For people: where it is printed.
    pub note: Option<String>,
}

impl RowFormat for ReportedLine {
    const NAME: &'static str = "collections.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("payment_date"),
        Column::required("item"),
        Column::required("value"),
        Column::optional("note"),
    ];

    fn from_row(row: &mut Row<'_>) -> Self {
        ReportedLine {
            payment_date: row.required("payment_date"),
            item: row.required("item"),
            value: row.required("value"),
            note: row.optional("note"),
        }
    }
}

/// What was observed in place of what curves and calendars say, and how far history reaches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// The nominal payment date of the last report; none if nothing is reported.
    pub last_report: Option<Date>,
    /// Whether nothing is known after the last report, so that a run ends there.
    pub ends: bool,
    fixings: BTreeMap<String, BTreeMap<Date, Rate>>,
    days: BTreeMap<String, BTreeMap<Date, u32>>,
}

impl Observed {
    /// Nothing but how far history reaches.
    pub fn up_to(last_report: Option<Date>) -> Observed {
        Observed { last_report, ..Observed::default() }
    }

    /// The fixing of an index curve for the accrual period that ends on a nominal payment date.
    pub fn fixing(&self, curve: &str, payment_date: Date) -> Option<Rate> {
        self.fixings.get(curve)?.get(&payment_date).copied()
    }

    /// The days for which a note's interest ran up to a nominal payment date.
    pub fn days(&self, note: &str, payment_date: Date) -> Option<u32> {
        self.days.get(note)?.get(&payment_date).copied()
    }

    /// Records a fixing. Returns what was recorded before.
    pub fn set_fixing(&mut self, curve: impl Into<String>, payment_date: Date, rate: Rate) -> Option<Rate> {
        self.fixings.entry(curve.into()).or_default().insert(payment_date, rate)
    }

    /// Records the days of an accrual. Returns what was recorded before.
    pub fn set_days(&mut self, note: impl Into<String>, payment_date: Date, days: u32) -> Option<u32> {
        self.days.entry(note.into()).or_default().insert(payment_date, days)
    }
}

/// The names that the lines of a report may use.
#[derive(Clone, Copy, Debug)]
pub struct ReportNames<'a> {
    /// What the columns of the collections are.
    pub layout: &'a Layout,
    /// The notes, of which `days(...)` may be reported.
    pub notes: &'a [&'a str],
    /// The curves, of which `fixing(...)` may be reported.
    pub curves: &'a [&'a str],
}

/// Reported history: a row of collections for each payment date from the first on.
///
/// ```
/// use leasefall::collection::{Layout, ReportNames, ReportedLine, Reports};
/// use leasefall::tape::read_table;
/// use leasefall::time::{BusinessDayRule, Calendar, Frequency, PaymentSchedule};
/// use leasefall::{Currency, Date, Money};
///
/// let day = |m, d| Date::from_ymd_opt(2005, m, d).unwrap();
/// let (rule, calendar) = (BusinessDayRule::Following, Calendar::UsBank);
/// let schedule =
///     PaymentSchedule::new(day(3, 3), day(3, 20), day(6, 20), Frequency::Monthly, None, rule, calendar)?;
/// let lines = "payment_date,item,value\n\
///     2005-03-21,principal,74244777.11\n\
///     2005-03-21,days(A-1),18\n\
///     2005-04-20,principal,33870898.01\n";
/// let table = read_table::<ReportedLine>("collections.csv", lines).unwrap();
/// let layout = Layout::new(["principal"], []);
/// let names = ReportNames { layout: &layout, notes: &["A-1"], curves: &[] };
/// let reports = Reports::read(&table, Currency::USD, &schedule, names)?;
/// assert_eq!(reports.collections().row(1), [Money::from_minor(33_870_898_01)]);
/// // 20 March 2005 is a Sunday: the report names the Monday, the schedule the Sunday.
/// assert_eq!(reports.observed().days("A-1", day(3, 20)), Some(18));
/// # Ok::<(), leasefall::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Reports {
    collections: Collections,
    observed: Observed,
}

impl Reports {
    /// The reports of a table, on the payment dates of a schedule from its first on.
    ///
    /// # Errors
    /// Every line whose date is no payment date, whose item is unknown or said twice, or whose value is not
    /// what its item takes; every payment date that is left out before the last.
    pub fn read(
        table: &Table<ReportedLine>,
        currency: Currency,
        schedule: &PaymentSchedule,
        names: ReportNames<'_>,
    ) -> Result<Reports, Problems> {
        let mut reader = Reader {
            table,
            currency,
            schedule,
            names,
            problems: Problems::new(),
            rows: Vec::new(),
            observed: Observed::default(),
            seen: BTreeSet::new(),
        };
        for row in 0..table.rows.len() {
            reader.line(row);
        }
        reader.every_date();
        let Reader { problems, rows, mut observed, .. } = reader;
        let mut collections = Collections::empty(currency, names.layout.clone(), rows.len());
        for (period, row) in rows.iter().enumerate() {
            collections.row_mut(period).copy_from_slice(row);
        }
        observed.last_report = rows.len().checked_sub(1).map(|last| schedule.periods()[last].accrual_end);
        problems.none_or(Reports { collections, observed })
    }

    /// What was collected, payment date by payment date.
    pub fn collections(&self) -> &Collections {
        &self.collections
    }

    /// Fixings and days, and the date of the last report.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// Says whether nothing is known after the last report.
    pub fn set_ends(&mut self, ends: bool) {
        self.observed.ends = ends;
    }

    /// The reports, and after them what is projected: the first projected period follows the last report.
    /// Columns go by name; what is projected and not in the layout of the reports is left out.
    pub fn followed_by(&self, projected: &Collections) -> Collections {
        let (layout, reported) = (self.collections.layout(), self.collections.periods());
        let currency = self.collections.currency();
        let mut all = Collections::empty(currency, layout.clone(), reported + projected.periods());
        for period in 0..reported {
            all.row_mut(period).copy_from_slice(self.collections.row(period));
        }
        projected.copy_into(&mut all, reported);
        all
    }
}

struct Reader<'a> {
    table: &'a Table<ReportedLine>,
    currency: Currency,
    schedule: &'a PaymentSchedule,
    names: ReportNames<'a>,
    problems: Problems,
    rows: Vec<Vec<Money>>,
    observed: Observed,
    seen: BTreeSet<(usize, String)>,
}

impl Reader<'_> {
    fn problem(&mut self, row: usize, field: &str, found: String, expected: String) {
        self.problems.push(self.table.problem(row, field, found, expected));
    }

    fn line(&mut self, row: usize) {
        let line = &self.table.rows[row];
        let Some(period) = self.schedule.period_on(line.payment_date) else {
            let periods = self.schedule.periods();
            let near = periods.partition_point(|period| period.accrual_end < line.payment_date);
            let near = periods[near.min(periods.len() - 1)];
            let expected = match near.payment_date == near.accrual_end {
                true => format!("a payment date, such as {}", near.payment_date),
                false => format!("a payment date, such as {} ({})", near.payment_date, near.accrual_end),
            };
            return self.problem(row, "payment_date", line.payment_date.to_string(), expected);
        };
        if !self.seen.insert((period, line.item.clone())) {
            let found = format!("`{}` of {} again", line.item, line.payment_date);
            return self.problem(row, "item", found, "each item once a payment date".to_owned());
        }
        if self.rows.len() <= period {
            self.rows.resize(period + 1, vec![Money::ZERO; self.names.layout.width()]);
        }
        let nominal = self.schedule.periods()[period].accrual_end;
        match within(&line.item, "fixing") {
            Some(curve) => self.fixing(row, curve, nominal),
            None => match within(&line.item, "days") {
                Some(note) => self.days(row, note, nominal),
                None => self.amount(row, period),
            },
        }
    }

    fn amount(&mut self, row: usize, period: usize) {
        let line = &self.table.rows[row];
        let Some(column) = self.names.layout.column(&line.item) else {
            let known = self.names.layout.sources().iter().chain(self.names.layout.measures());
            let known: Vec<&str> = known.map(String::as_str).collect();
            let expected = format!("one of {}, fixing(CURVE) or days(NOTE)", known.join(", "));
            return self.problem(row, "item", format!("`{}`", line.item), expected);
        };
        let amount = self.currency.money(line.value);
        let cash = column < self.names.layout.sources().len();
        match amount.filter(|&amount| !cash || amount >= Money::ZERO) {
            Some(amount) => self.rows[period][column] = amount,
            None => {
                let sign = if cash { "not below zero, " } else { "" };
                let digits = self.currency.digits();
                let expected =
                    format!("an amount {sign}of at most {digits} decimals and ten trillion in size");
                self.problem(row, "value", line.value.to_string(), expected);
            }
        }
    }

    fn fixing(&mut self, row: usize, curve: &str, nominal: Date) {
        if !self.known(row, curve, "curve", self.names.curves) {
            return;
        }
        let value = self.table.rows[row].value;
        if value.abs() > Decimal::ONE {
            let expected = "a rate from -1 to 1: 0.05 is 5%".to_owned();
            return self.problem(row, "value", value.to_string(), expected);
        }
        self.observed.set_fixing(curve, nominal, Rate::new(value));
    }

    fn days(&mut self, row: usize, note: &str, nominal: Date) {
        if !self.known(row, note, "note", self.names.notes) {
            return;
        }
        let value = self.table.rows[row].value;
        match value.to_u32().filter(|&days| Decimal::from(days) == value && days <= 36_600) {
            Some(days) => {
                self.observed.set_days(note, nominal, days);
            }
            None => {
                let expected = "a whole number of days, up to 36600".to_owned();
                self.problem(row, "value", value.to_string(), expected);
            }
        }
    }

    fn known(&mut self, row: usize, id: &str, kind: &str, ids: &[&str]) -> bool {
        let known = ids.contains(&id);
        if !known {
            let expected = match ids {
                [] => format!("the id of a {kind}; the deal has none"),
                _ => format!("the id of a {kind}: {}", ids.join(", ")),
            };
            self.problem(row, "item", format!("`{id}`"), expected);
        }
        known
    }

    /// A payment date without a line is a report that is lost, not one of nothing.
    fn every_date(&mut self) {
        let reported: BTreeSet<usize> = self.seen.iter().map(|(period, _)| *period).collect();
        for period in (0..self.rows.len()).filter(|period| !reported.contains(period)) {
            let date = self.schedule.periods()[period].payment_date;
            let found = format!("no line for {date}");
            let expected = "at least one for each payment date up to the last report".to_owned();
            self.problem(usize::MAX, "payment_date", found, expected);
        }
        if self.table.rows.is_empty() {
            self.problem(usize::MAX, "", "no line".to_owned(), "at least one".to_owned());
        }
    }
}

/// `A-1` of `days(A-1)`.
fn within<'t>(item: &'t str, function: &str) -> Option<&'t str> {
    item.strip_prefix(function)?.trim_start().strip_prefix('(')?.strip_suffix(')').map(str::trim)
}
