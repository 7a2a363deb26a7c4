//! Forecasts that came true late, prices that knew, and the mirror for chips.

use super::super::Compare2008Report;
use super::super::compare_2008::{forecast_table, life_table};
use super::super::page::Chart;
use super::super::svg::{Axis, BarRow, Ink, Mark, Plot, RowPlot, Series, XyPlot, years};
use crate::study::compare_2008::{ChipLifeLine, ForecastLine, LifeLink, WhatHappened};

/// The entries of a list by a key, in the order in which keys first appear.
fn grouped<'a, T, K: PartialEq>(list: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<(K, Vec<&'a T>)> {
    let mut groups: Vec<(K, Vec<&T>)> = Vec::new();
    for entry in list {
        let of = key(entry);
        match groups.iter_mut().find(|(known, _)| *known == of) {
            Some((_, entries)) => entries.push(entry),
            None => groups.push((of, vec![entry])),
        }
    }
    groups
}

/// One chart a deal of 2006: what each class loses as the forecast moves.
pub(super) fn forecasts(happened: &WhatHappened) -> Vec<Chart> {
    let deals = grouped(&happened.forecasts, |line| line.deal.as_str());
    deals.into_iter().map(|(deal, lines)| forecast(deal, &lines)).collect()
}

fn forecast(deal: &str, lines: &[&ForecastLine]) -> Chart {
    let mut dates: Vec<(f64, f64)> = Vec::new();
    let mut notes: Vec<&str> = Vec::new();
    for line in lines {
        // Two forecasts of one day: the higher one.
        let at = years(line.date);
        match dates.iter_mut().find(|(date, _)| *date == at) {
            Some((_, loss)) => *loss = loss.max(line.pool_loss),
            None => dates.push((at, line.pool_loss)),
        }
        if !notes.contains(&line.note.as_str()) {
            notes.push(&line.note);
        }
    }
    dates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let line = |(place, note): (usize, &&str)| {
        let at = |&(date, loss): &(f64, f64)| {
            let found =
                lines.iter().find(|l| l.note == **note && years(l.date) == date && l.pool_loss == loss);
            (date, found.map(|line| 100.0 * line.loss))
        };
        Mark::Line {
            series: Series::new(*note, Ink::Place(place, notes.len())),
            points: dates.iter().map(at).collect(),
        }
    };
    let posts = dates.iter().map(|&(x, loss)| Mark::Post { x, label: format!("pool {:.1}%", 100.0 * loss) });
    Chart {
        title: format!("{deal} as forecasts rose"),
        description: format!(
            "Principal that each class of {deal} is never paid when the pool's loss is what was forecast at that date; of \
             two forecasts of one day the higher. Dotted lines: the forecast."
        ),
        plot: Plot::Xy(XyPlot {
            x: Axis { title: "Date of the forecast".to_owned(), ..Axis::dates() },
            y: Axis::percent("Principal lost, share of the class").reaching(100.0),
            marks: notes.iter().enumerate().map(line).chain(posts).collect(),
        }),
        notes: Vec::new(),
        table: forecast_table(deal, lines),
    }
}

/// What the market had taken off notes of 2006 and 2007 by 27 April 2010; none if no price is at hand.
pub(super) fn abx(report: &Compare2008Report) -> Option<Chart> {
    let prices = &report.comparison().what_happened.abx;
    let rows = prices.iter().map(|price| BarRow {
        name: format!("{} {}", price.series, price.class),
        remark: format!("price {:.2}", price.price),
        figures: vec![price.price, 100.0 - price.price],
    });
    (!prices.is_empty()).then(|| Chart {
        title: "ABX.HE prices of 27 April 2010".to_owned(),
        description: "What the market paid for 100 of notes like these, by series and rating at issue: a series is the \
                      half year in which its twenty deals closed or the one before."
            .to_owned(),
        plot: Plot::Rows(RowPlot {
            axis: Axis::number("Per 100 of balance").reaching(100.0),
            parts: vec![Series::new("Price", Ink::Accent), Series::new("Taken off", Ink::Soft)],
            rows: rows.collect(),
        }),
        notes: Vec::new(),
        table: report.abx_table(),
    })
}

/// A chart for each deal and way in which a shorter life of chips reaches it, where some class loses.
pub(super) fn lives(happened: &WhatHappened) -> Vec<Chart> {
    let groups = grouped(&happened.chip_lives, |line| (line.deal.as_str(), line.link));
    let loses =
        |lines: &[&ChipLifeLine]| lines.iter().flat_map(|line| &line.lives).any(|life| life.loss > 0.0);
    groups
        .into_iter()
        .filter(|(_, lines)| loses(lines))
        .map(|((deal, link), lines)| life(deal, link, &lines))
        .collect()
}

fn life(deal: &str, link: LifeLink, lines: &[&ChipLifeLine]) -> Chart {
    let through = match link {
        LifeLink::RentsByAQuarter => "rents follow by a quarter",
        LifeLink::RentsOneForOne => "rents follow one for one",
        LifeLink::LesseeFails => "the lessee fails in year 2",
    };
    let line = |(place, line): (usize, &&ChipLifeLine)| Mark::Line {
        series: Series::new(&line.note, Ink::Place(place, lines.len())),
        points: line.lives.iter().map(|life| (life.years as f64, Some(100.0 * life.loss))).collect(),
    };
    let own: Vec<ChipLifeLine> = lines.iter().map(|&line| line.clone()).collect();
    Chart {
        title: format!("{deal} as chips live less, {through}"),
        description: format!(
            "Principal that each class of {deal} is never paid when chips live less than the six years believed, nobody \
             refinances, and {through}."
        ),
        plot: Plot::Xy(XyPlot {
            x: Axis { from_zero: false, ..Axis::number("Economic life of a new chip, years") },
            y: Axis::percent("Principal lost, share of the class").reaching(100.0),
            marks: lines.iter().enumerate().map(line).collect(),
        }),
        notes: Vec::new(),
        table: life_table(&own),
    }
}
