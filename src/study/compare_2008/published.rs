//! What was printed of 2008: forecasts, index prices, ratings.

use crate::error::Error;
use crate::tape::{Column, Row, RowFormat, TABLE_LIMIT, Table, read_table, read_text};
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use std::path::Path;

/// A forecast of what subprime pools of 2006 would lose over their lives: a row of
/// `loss-forecasts-2006-vintage.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LossForecast {
    /// When it was made.
    pub date: Date,
    /// By whom.
    pub agency: String,
    /// The lower end, a share of the original balance.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The scenario of the subprime deal that runs the middle.
    pub scenario: String,
}

/// The price of an ABX.HE index: a row of `abx-he-2010-04-27.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbxPrice {
    /// The series: `06-2`.
    pub series: String,
    /// The rating at issue of the notes in it.
    pub class: String,
    /// Per 100.
    pub price: f64,
}

/// What a class's rating became: a row of `gsamp-2006-nc2-outcome.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatingOutcome {
    /// The class.
    pub class: String,
    /// When it was announced.
    pub date: Date,
    /// The rating.
    pub rating: String,
}

/// The files that are read.
pub(super) const FILES: [&str; 3] = [LossForecast::NAME, AbxPrice::NAME, RatingOutcome::NAME];

/// All of it.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub forecasts: Vec<LossForecast>,
    pub abx: Vec<AbxPrice>,
    pub outcomes: Vec<RatingOutcome>,
}

impl Published {
    pub fn open(folder: &Path) -> Result<Published, Error> {
        Ok(Published { forecasts: rows(folder)?, abx: rows(folder)?, outcomes: rows(folder)? })
    }
}

fn rows<T: RowFormat>(folder: &Path) -> Result<Vec<T>, Error> {
    let text = read_text(&folder.join(T::NAME), T::NAME, TABLE_LIMIT)?;
    let table: Table<T> = read_table(T::NAME, &text)?;
    Ok(table.rows)
}

impl RowFormat for LossForecast {
    const NAME: &'static str = "loss-forecasts-2006-vintage.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("date"),
        Column::required("agency"),
        Column::required("low_percent"),
        Column::required("high_percent"),
        Column::required("scenario"),
        Column::required("mark"),
    ];

    fn from_row(row: &mut Row<'_>) -> LossForecast {
        let forecast = LossForecast {
            date: row.required("date"),
            agency: row.required("agency"),
            low: share(row.required_in("low_percent", Decimal::ZERO..=Decimal::ONE_HUNDRED)),
            high: share(row.required_in("high_percent", Decimal::ZERO..=Decimal::ONE_HUNDRED)),
            scenario: row.required("scenario"),
        };
        row.required::<String>("mark");
        forecast
    }
}

impl RowFormat for AbxPrice {
    const NAME: &'static str = "abx-he-2010-04-27.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("series"),
        Column::required("class"),
        Column::required("price"),
        Column::required("mark"),
    ];

    fn from_row(row: &mut Row<'_>) -> AbxPrice {
        let price = AbxPrice {
            series: row.required("series"),
            class: row.required("class"),
            price: row.not_negative("price").to_f64().unwrap_or(0.0),
        };
        row.required::<String>("mark");
        price
    }
}

impl RowFormat for RatingOutcome {
    const NAME: &'static str = "gsamp-2006-nc2-outcome.csv";
    const COLUMNS: &'static [Column] = &[
        Column::required("class"),
        Column::required("date"),
        Column::required("rating"),
        Column::required("mark"),
    ];

    fn from_row(row: &mut Row<'_>) -> RatingOutcome {
        let outcome = RatingOutcome {
            class: row.required("class"),
            date: row.required("date"),
            rating: row.required("rating"),
        };
        row.required::<String>("mark");
        outcome
    }
}

/// Per cent as a fraction, divided before it becomes a model value: 38.4 is the nearest double to 0.384.
fn share(percent: Decimal) -> f64 {
    (percent / Decimal::ONE_HUNDRED).to_f64().unwrap_or(0.0)
}
