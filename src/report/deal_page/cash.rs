//! What the notes are paid and what is left of them, over time.

use super::super::page::Chart;
use super::super::svg::{Axis, Mark, MoneyUnit, Plot, Series, XyPlot, years};
use super::super::{Align, Table, grouped};
use super::{Ink, ink};
use crate::deal::Deal;
use crate::money::Money;
use crate::study::overview::Overview;
use crate::time::Date;
use crate::waterfall::NoteRow;
use chrono::Datelike;

pub(super) fn charts(deal: &Deal, overview: &Overview) -> Vec<Chart> {
    let columns = Columns { deal, overview };
    vec![columns.interest(), columns.principal(), columns.balances()]
}

/// The notes of a deal, as the columns of charts and tables.
struct Columns<'a> {
    deal: &'a Deal,
    overview: &'a Overview,
}

/// Interest, extra interest and premiums.
fn interest(row: &NoteRow) -> Money {
    row.interest_paid + row.post_ard_interest_paid + row.make_whole_paid
}

impl Columns<'_> {
    fn series(&self, note: usize) -> Series {
        Series::new(&self.deal.notes[note].id, ink(note, self.deal.notes.len()))
    }

    /// One stacked series a note, in a unit fit for the largest stack, lowest the most senior.
    fn stacked(&self, amounts: &[Vec<Money>]) -> (MoneyUnit, Vec<(Series, Vec<f64>)>) {
        self.stacked_beside(amounts, &[])
    }

    /// The same in a unit that what stands beside fits where nothing is stacked.
    fn stacked_beside(
        &self,
        amounts: &[Vec<Money>],
        beside: &[Option<Money>],
    ) -> (MoneyUnit, Vec<(Series, Vec<f64>)>) {
        let currency = self.deal.currency;
        let largest = amounts.iter().map(|row| row.iter().map(|m| m.to_model(currency)).sum::<f64>());
        let mut largest = largest.fold(0.0, f64::max);
        if largest <= 0.0 {
            largest = beside.iter().flatten().map(|amount| amount.to_model(currency)).fold(0.0, f64::max);
        }
        let unit = MoneyUnit::of(currency, largest);
        let layer = |note: usize| {
            let figures = amounts.iter().map(|row| row[note].to_model(currency) / unit.size).collect();
            (self.series(note), figures)
        };
        let layers = (0..self.deal.notes.len()).map(layer).collect();
        (unit, layers)
    }

    /// By payment date and note, something of each row.
    fn by_date(&self, amount: fn(&NoteRow) -> Money) -> Vec<Vec<Money>> {
        let run = &self.overview.run;
        let of =
            |period: usize| (0..self.deal.notes.len()).map(|note| amount(run.row(period, note))).collect();
        (0..run.periods()).map(of).collect()
    }

    fn table(&self, title: &str, first: &str, kinds: &[&str], last: Option<&str>) -> Table {
        let mut columns = vec![(first.to_owned(), Align::Left)];
        for note in &self.deal.notes {
            columns.extend(kinds.iter().map(|kind| (format!("{}{kind}", note.id), Align::Right)));
        }
        columns.extend(last.map(|name| (name.to_owned(), Align::Right)));
        let columns: Vec<(&str, Align)> =
            columns.iter().map(|(name, align)| (name.as_str(), *align)).collect();
        Table::new(format!("{title}, {}", self.deal.currency), &columns)
    }

    fn shown(&self, amount: Money) -> String {
        grouped(self.deal.currency, amount)
    }

    fn interest(&self) -> Chart {
        let amounts = self.by_date(interest);
        let (unit, layers) = self.stacked(&amounts);
        let mut table =
            self.table("Paid by payment date", "payment date", &[" interest", " principal"], None);
        for (period, date) in self.overview.dates.iter().enumerate() {
            let paid = (0..self.deal.notes.len()).flat_map(|note| {
                let row = self.overview.run.row(period, note);
                [self.shown(interest(row)), self.shown(row.principal_paid)]
            });
            table.row([date.to_string()].into_iter().chain(paid));
        }
        table.note(
            "Interest with extra interest after the anticipated repayment date and make-whole premiums.",
        );
        Chart {
            title: "Interest paid, by note".to_owned(),
            description:
                "Interest that each note is paid on each payment date, stacked, the most senior lowest."
                    .to_owned(),
            plot: Plot::Xy(XyPlot {
                x: Axis::dates(),
                y: Axis::number(format!("Interest a payment date, {}", unit.name)),
                marks: vec![over_time(&self.overview.dates[..self.overview.owed_dates], layers)],
            }),
            notes: remark(&amounts),
            table,
        }
    }

    fn principal(&self) -> Chart {
        let by_year = &self.overview.principal_by_year;
        let amounts: Vec<Vec<Money>> = by_year.values().cloned().collect();
        let last = self.overview.dates[..self.overview.owed_dates].last();
        let drawn = |year: &i32| last.is_some_and(|last| *year <= last.year());
        let count = by_year.keys().filter(|year| drawn(year)).count();
        let (unit, layers) = self.stacked(&amounts[..count]);
        let mut table = self.table("Principal paid by calendar year", "year", &[""], Some("all notes"));
        for (year, paid) in by_year {
            let cells = paid.iter().copied().chain([paid.iter().copied().sum()]);
            table.row([year.to_string()].into_iter().chain(cells.map(|amount| self.shown(amount))));
        }
        // Around the year's tick, so that a bar stands above its own label.
        let edges = by_year
            .keys()
            .filter(|year| drawn(year))
            .map(|&year| (f64::from(year) - 0.5, f64::from(year) + 0.5))
            .collect();
        Chart {
            title: "Principal paid, by note and calendar year".to_owned(),
            description:
                "Principal that each note is paid in each calendar year, stacked, the most senior lowest."
                    .to_owned(),
            plot: Plot::Xy(XyPlot {
                x: Axis { title: "Calendar year".to_owned(), ..Axis::dates() },
                y: Axis::number(format!("Principal a year, {}", unit.name)),
                marks: vec![Mark::Bars { edges, layers, errors: Vec::new() }],
            }),
            notes: remark(&amounts),
            table,
        }
    }

    fn balances(&self) -> Chart {
        let (overview, currency) = (self.overview, self.deal.currency);
        let start = overview.structure.layers.iter().map(|layer| layer.balance).collect();
        let amounts: Vec<Vec<Money>> =
            [start].into_iter().chain(self.by_date(|row| row.balance_close)).collect();
        let owed = overview.owed_dates;
        let (unit, layers) = self.stacked_beside(&amounts[..=owed], &overview.collateral);
        let dates: Vec<Date> =
            [self.deal.start_date()].into_iter().chain(overview.dates.iter().copied()).collect();
        let measured = overview.collateral.iter().any(|value| value.is_some_and(|value| !value.is_zero()));
        let mut marks = vec![over_time(&dates[..=owed], layers)];
        let last = measured.then_some("assets and loans");
        let mut table = self.table("Balances after each payment date", "date", &[""], last);
        for (row, date) in dates.iter().enumerate() {
            let mut cells = vec![date.to_string()];
            cells.extend(amounts[row].iter().map(|&amount| self.shown(amount)));
            if measured {
                let value = row.checked_sub(1).and_then(|period| overview.collateral[period]);
                cells.push(value.map_or("-".to_owned(), |value| self.shown(value)));
            }
            table.row(cells);
        }
        let mut description = "Balance of each note after each payment date, stacked".to_owned();
        if measured {
            let value = |value: Money| value.to_model(currency) / unit.size;
            let points = overview.dates.iter().zip(&overview.collateral).take(owed);
            let points = points.map(|(&date, found)| (years(date), found.map(value))).collect();
            let name = "Value of assets, balance of loans";
            marks.push(Mark::Line { series: Series::new(name, Ink::Main), points });
            description += ", against the appraised value of the assets and the balance of the loans";
        }
        Chart {
            title: match measured {
                true => "Balances against collateral value".to_owned(),
                false => "Balances".to_owned(),
            },
            description: description + ".",
            plot: Plot::Xy(XyPlot {
                x: Axis::dates(),
                y: Axis::number(format!("Balance, {}", unit.name)),
                marks,
            }),
            notes: if measured { Vec::new() } else { remark(&amounts) },
            table,
        }
    }
}

/// Says why there is nothing to see, where there is nothing.
fn remark(amounts: &[Vec<Money>]) -> Vec<String> {
    match amounts.iter().flatten().all(|amount| amount.is_zero()) {
        true => vec!["Nothing is drawn, for all figures are zero.".to_owned()],
        false => Vec::new(),
    }
}

/// Stacked areas over dates; bars where there are too few dates for an area.
fn over_time(dates: &[Date], layers: Vec<(Series, Vec<f64>)>) -> Mark {
    let x: Vec<f64> = dates.iter().map(|&date| years(date)).collect();
    if x.len() > 2 {
        return Mark::Areas { x, layers };
    }
    // Ten days to each side.
    let edges = x.iter().map(|x| (x - 10.0 / 365.0, x + 10.0 / 365.0)).collect();
    Mark::Bars { edges, layers, errors: Vec::new() }
}
