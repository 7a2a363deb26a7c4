//! Tests of the deal and figures of the world, over time.

use super::super::page::Chart;
use super::super::svg::{Axis, AxisKind, Ink, Mark, Plot, Series, XyPlot, years};
use super::super::{Align, Table};
use super::with_error;
use crate::study::overview::{CoveragePath, CoverageTest, Fan, FanPoint};
use crate::time::Date;

/// What is more than so many times the highest level is not drawn: a coverage has no bound as notes are repaid.
const HIGHEST: f64 = 4.0;

pub(super) fn coverage(path: &CoveragePath, dates: &[Date], owed: usize) -> Chart {
    let (name, unit, scale) = match path.test {
        CoverageTest::Dscr => ("Debt service coverage (DSCR)", "DSCR, times", 1.0),
        CoverageTest::Ltv => ("Loan to value (LTV)", "Loan over value", 100.0),
        CoverageTest::Oc => ("Overcollateralization (OC)", "OC ratio, times", 1.0),
        CoverageTest::Ic => ("Interest coverage (IC)", "IC, times", 1.0),
        CoverageTest::Concentration => ("Rent of the largest tenants", "Share of rent", 100.0),
        CoverageTest::Ratio => ("Ratio tested", "Ratio, times", 1.0),
    };
    // What a ratio of the deal's own is, its triggers' names say.
    let triggers = path.levels.iter().map(|(trigger, _)| trigger.as_str());
    let notes = match path.test {
        CoverageTest::Ratio => format!(" by {}", triggers.collect::<Vec<_>>().join(", ")),
        _ if path.notes.is_empty() => String::new(),
        _ => format!(", {}", path.notes.join(", ")),
    };
    let highest = path.levels.iter().map(|(_, level)| level.breach.max(level.cure)).fold(0.0, f64::max);
    let drawn = |value: Option<f64>| value.filter(|value| *value <= HIGHEST * highest).map(|v| scale * v);
    let beyond = path.values.iter().flatten().any(|value| *value > HIGHEST * highest);
    let values = dates.iter().zip(&path.values).take(owed);
    let points: Vec<_> = values.map(|(&date, &value)| (years(date), drawn(value))).collect();
    let nothing = points.iter().all(|(_, value)| value.is_none());
    let mut marks = vec![Mark::Line { series: Series::new(name, Ink::Accent), points }];
    let shown =
        |value: f64| if scale > 1.0 { format!("{:.1}%", scale * value) } else { format!("{value:.2}") };
    for (trigger, level) in &path.levels {
        let side = if level.below { "below" } else { "above" };
        let cure = if level.cure == level.breach {
            String::new()
        } else {
            format!(", cured at {}", shown(level.cure))
        };
        let label = format!("{trigger}: {side} {}{cure}", shown(level.breach));
        marks.push(Mark::Level { y: scale * level.breach, label, is_label_under: level.below });
    }
    let mut table =
        Table::new(format!("{name}{notes}"), &[("payment date", Align::Left), ("value", Align::Right)]);
    for (date, value) in dates.iter().zip(&path.values) {
        table.row([date.to_string(), value.map_or("-".to_owned(), |value| shown4(value, scale))]);
    }
    let percent = scale > 1.0;
    Chart {
        title: format!("{name}{notes}"),
        description:
            "The ratio on each determination date, as the triggers test it, and the levels that they \
                      compare it with (dashed)."
                .to_owned(),
        plot: Plot::Xy(XyPlot {
            x: Axis::dates(),
            y: if percent {
                Axis::percent(unit)
            } else {
                Axis { kind: AxisKind::Number, ..Axis::number(unit) }
            },
            marks,
        }),
        notes: match (beyond, nothing) {
            (true, _) => vec![format!("Above {} only in the table.", shown(HIGHEST * highest))],
            (false, true) => vec!["Nothing is drawn, for the ratio exists on no date.".to_owned()],
            (false, false) => Vec::new(),
        },
        table,
    }
}

fn shown4(value: f64, scale: f64) -> String {
    if scale > 1.0 { format!("{:.2}%", scale * value) } else { format!("{value:.4}") }
}

pub(super) fn fan(fan: &Fan) -> Chart {
    let between = |low: usize, high: usize| {
        let points = fan.points.iter().filter_map(|point| {
            let quantiles = point.quantiles.as_ref()?;
            Some((years(point.date), quantiles[low].value, quantiles[high].value))
        });
        points.collect::<Vec<_>>()
    };
    let percent = |level: usize| format!("{:.0}%", 100.0 * fan.levels[level]);
    let mut marks = Vec::new();
    let mut description = format!("{} as scripted", fan.name);
    if fan.paths > 0 {
        for (low, high, ink) in [(0, 4, Ink::Soft), (1, 3, Ink::Accent)] {
            let name = format!("{} to {} of paths", percent(low), percent(high));
            marks.push(Mark::Band { series: Series::new(name, ink), points: between(low, high) });
        }
        marks.push(line("Median", Ink::Main, fan, |point| {
            point.quantiles.map(|quantiles| quantiles[2].value)
        }));
        description += &format!(", and its spread over {} paths", fan.paths);
    }
    marks.push(line("Scripted", Ink::Dotted, fan, |point| Some(point.scripted)));
    Chart {
        title: format!("{}, {}", fan.name, fan.unit),
        description: description + ", on the first day of each sixth month.",
        plot: Plot::Xy(XyPlot {
            x: Axis { title: "Month".to_owned(), ..Axis::dates() },
            y: Axis::number(&fan.unit),
            marks,
        }),
        notes: Vec::new(),
        table: fan_table(fan),
    }
}

fn line(name: &str, ink: Ink, fan: &Fan, value: impl Fn(&FanPoint) -> Option<f64>) -> Mark {
    let points = fan.points.iter().map(|point| (years(point.date), value(point))).collect();
    Mark::Line { series: Series::new(name, ink), points }
}

fn fan_table(fan: &Fan) -> Table {
    let mut columns = vec![("month".to_owned(), Align::Left), ("scripted".to_owned(), Align::Right)];
    if fan.paths > 0 {
        columns.extend(fan.levels.iter().map(|level| (format!("{:.0}%", 100.0 * level), Align::Right)));
    }
    let columns: Vec<(&str, Align)> = columns.iter().map(|(name, align)| (name.as_str(), *align)).collect();
    let mut table = Table::new(format!("{}, {}", fan.name, fan.unit), &columns);
    for point in &fan.points {
        let quantiles = point.quantiles.iter().flatten();
        let cells = quantiles.map(|quantile| with_error(quantile.value, quantile.std_error, 2));
        let head = [point.date.format("%Y-%m").to_string(), format!("{:.2}", point.scripted)];
        table.row(head.into_iter().chain(cells));
    }
    if fan.paths > 0 {
        table.note(format!("{} paths; after \u{b1}, one standard error.", fan.paths));
    }
    table
}
