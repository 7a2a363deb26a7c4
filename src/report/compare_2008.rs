//! `leasefall compare-2008`: the five tables.

use super::table::{Align, Table};
use super::{Report, figure, percent};
use crate::study::compare_2008::{
    Arrival, ChipLifeLine, Comparison, DealLosses, DealStructure, Engine, ForecastLine, FragileClass,
    Imposed, LifeLink, Wrong,
};
use serde::Serialize;

/// A comparison with 2008 that can be shown. In JSON it is the [`Comparison`] itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Compare2008Report {
    comparison: Comparison,
}

impl Compare2008Report {
    /// The report of a comparison.
    pub fn new(comparison: Comparison) -> Compare2008Report {
        Compare2008Report { comparison }
    }

    /// The comparison.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }
}

impl Report for Compare2008Report {
    fn tables(&self) -> Vec<Table> {
        let Comparison { structures, losses, fragility, what_happened, verdict, .. } = &self.comparison;
        let mut tables = vec![structure_table(structures), class_table(structures)];
        tables.extend(losses.iter().map(loss_table));
        tables.push(fragility_table(fragility));
        let mut deals: Vec<&str> = what_happened.forecasts.iter().map(|line| line.deal.as_str()).collect();
        deals.dedup();
        for deal in deals {
            let lines: Vec<&ForecastLine> =
                what_happened.forecasts.iter().filter(|line| line.deal == deal).collect();
            tables.push(forecast_table(deal, &lines));
        }
        tables.push(self.outcome_table());
        tables.push(self.abx_table());
        tables.push(life_table(&what_happened.chip_lives));
        let mut table = Table::new(
            "(e) Where the likeness holds and where it breaks",
            &[("like 2006", Align::Left), ("because", Align::Left)],
        );
        for sentence in verdict {
            let word = match sentence.likeness_holds {
                Some(true) => "holds",
                Some(false) => "breaks",
                None => "open",
            };
            table.row([word.to_owned(), wrapped(&sentence.text)]);
        }
        tables.push(table);
        tables
    }
}

impl Compare2008Report {
    pub(super) fn outcome_table(&self) -> Table {
        let happened = &self.comparison.what_happened;
        let mut table = Table::new(
            "(d) What followed: ratings of the subprime deal's classes",
            &[
                ("class", Align::Left),
                ("at issue", Align::Left),
                ("became", Align::Left),
                ("on", Align::Left),
            ],
        );
        for outcome in &happened.outcomes {
            let at_issue = happened.forecasts.iter().find(|line| line.note == outcome.class);
            let rating = at_issue.and_then(|line| line.rating.clone()).unwrap_or_else(|| "-".to_owned());
            table.row([outcome.class.clone(), rating, outcome.rating.clone(), outcome.date.to_string()]);
        }
        table
    }

    pub(super) fn abx_table(&self) -> Table {
        let prices = &self.comparison.what_happened.abx;
        let mut classes: Vec<&str> = Vec::new();
        let mut series: Vec<&str> = Vec::new();
        for price in prices {
            if !classes.contains(&price.class.as_str()) {
                classes.push(&price.class);
            }
            if !series.contains(&price.series.as_str()) {
                series.push(&price.series);
            }
        }
        let mut columns = vec![("class", Align::Left)];
        columns.extend(series.iter().map(|series| (*series, Align::Right)));
        let mut table = Table::new("(d) What followed: ABX.HE prices of 27 April 2010, per 100", &columns);
        for class in classes {
            let at = |series: &&str| {
                figure(prices.iter().find(|p| p.class == class && p.series == *series).map(|p| p.price), 2)
            };
            table.row(std::iter::once(class.to_owned()).chain(series.iter().map(at)));
        }
        table
    }
}

/// Text in lines of at most so many characters, broken between words.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 110;
    let (mut lines, mut length) = (String::new(), 0);
    for word in text.split(' ') {
        let word_length = word.chars().count();
        if length > 0 {
            let fits = length + 1 + word_length <= WIDTH;
            lines.push(if fits { ' ' } else { '\n' });
            length = if fits { length + 1 } else { 0 };
        }
        lines.push_str(word);
        length += word_length;
    }
    lines
}

pub(super) fn structure_table(structures: &[DealStructure]) -> Table {
    let mut columns = vec![("", Align::Left)];
    columns.extend(structures.iter().map(|deal| (deal.deal.as_str(), Align::Right)));
    let mut table = Table::new("(a) Structures side by side", &columns);
    let mut row = |name: &str, cell: &dyn Fn(&DealStructure) -> String| {
        table.row(std::iter::once(name.to_owned()).chain(structures.iter().map(cell)));
    };
    row("collateral, m", &|deal| format!("{:.0}", deal.collateral / 1e6));
    row("notes, m", &|deal| format!("{:.0}", deal.notes / 1e6));
    row("loan to value", &|deal| percent(Some(deal.ltv), 1));
    row("obligors by name", &|deal| format!("{:.0}", deal.obligors.number));
    row("effective number", &|deal| format!("{:.1}", deal.obligors.effective));
    row("largest", &|deal| percent(Some(deal.obligors.largest), 2));
    row("top five", &|deal| percent(Some(deal.obligors.top_five), 1));
    row("contracts, years", &|deal| format!("{:.1}", deal.contract_years));
    row("notes repaid in base, years", &|deal| figure(deal.base_repayment_years, 1));
    row("legal final, years", &|deal| format!("{:.1}", deal.legal_final_years));
    row("losses mainly arrive", &|deal| {
        match deal.arrival.mainly {
            Arrival::Diffused => "diffused",
            Arrival::NonRenewal => "non-renewal",
            Arrival::LargestDefault => "one default",
        }
        .to_owned()
    });
    row("  diffused", &|deal| percent(Some(deal.arrival.diffused), 0));
    row("  contracts end first", &|deal| percent(Some(deal.arrival.non_renewal), 0));
    row("  largest obligor", &|deal| percent(Some(deal.arrival.largest_default), 0));
    table.note("Effective number: one over the sum of squared shares, of which crowds of small tenants have none. Contracts end first: before the base scenario has repaid the notes.");
    table
}

pub(super) fn class_table(structures: &[DealStructure]) -> Table {
    let mut table = Table::new(
        "(a) Subordination by rating, per cent of the collateral, and the loss of every pool at the bottom that a class meets",
        &[
            ("deal", Align::Left),
            ("class", Align::Left),
            ("rating", Align::Left),
            ("balance, m", Align::Right),
            ("width", Align::Right),
            ("below it", Align::Right),
            ("first cent at", Align::Right),
            ("nothing left at", Align::Right),
        ],
    );
    for deal in structures {
        for class in &deal.classes {
            table.row([
                deal.deal.clone(),
                class.note.clone(),
                class.rating.clone().unwrap_or_else(|| "-".to_owned()),
                format!("{:.1}", class.balance / 1e6),
                percent(Some(class.detachment - class.subordination), 2),
                percent(Some(class.subordination), 2),
                percent(class.first_loss_at, 1),
                percent(class.all_lost_at, 1),
            ]);
        }
    }
    table
}

pub(super) fn loss_table(losses: &DealLosses) -> Table {
    let grid: Vec<String> =
        losses.points.iter().map(|point| format!("{:.0}%", 100.0 * point.pool_loss)).collect();
    let mut columns = vec![("class", Align::Left), ("by", Align::Left)];
    columns.extend(grid.iter().map(|loss| (loss.as_str(), Align::Right)));
    let mut table = Table::new(
        format!("(b) {}: loss of each class in per cent as its pool loses", losses.deal),
        &columns,
    );
    for (index, note) in losses.notes.iter().enumerate() {
        let share = |share: f64| format!("{:.1}", 100.0 * share);
        let arithmetic = losses.points.iter().map(|point| share(point.arithmetic[index]));
        table.row([note.clone(), "arithmetic".to_owned()].into_iter().chain(arithmetic));
        if losses.imposed != Imposed::Nothing {
            let run = losses
                .points
                .iter()
                .map(|point| point.run.as_ref().map_or("-".to_owned(), |run| share(run[index])));
            table.row([note.clone(), "run".to_owned()].into_iter().chain(run));
        }
    }
    if losses.points.iter().any(|point| point.run_pool_loss.is_some()) {
        let lost = |loss: Option<f64>| figure(loss.map(|loss| 100.0 * loss), 1);
        let pool = losses.points.iter().map(|point| lost(point.run_pool_loss));
        table.row(["pool".to_owned(), "run".to_owned()].into_iter().chain(pool));
    }
    table.note(match losses.imposed {
        Imposed::LossTiming => format!(
            "Run: lifetime loss of `{}` scaled; its timing, severities and prepayments stay.",
            losses.scenario
        ),
        Imposed::IncomeHaircut => format!(
            "Run: that share of net operating income, hence of value, is missing in `{}`; nobody refinances.",
            losses.scenario
        ),
        Imposed::Below => {
            "Run: every deal below loses that share of its pool, each in its own way.".to_owned()
        }
        Imposed::Nothing => "No run: nothing to scale.".to_owned(),
    });
    table
}

pub(super) fn fragility_table(classes: &[FragileClass]) -> Table {
    let mut table = Table::new(
        "(c) Fragility: what one wrong figure takes",
        &[
            ("deal", Align::Left),
            ("class", Align::Left),
            ("rating", Align::Left),
            ("P(loss)", Align::Right),
            ("expected loss", Align::Right),
            ("implied", Align::Left),
            ("defaults x 2", Align::Left),
            ("corr. to .20", Align::Left),
            (".20 to .80", Align::Left),
            ("recovery -20", Align::Left),
            ("chips -1y", Align::Left),
            ("1 for 1", Align::Left),
        ],
    );
    for class in classes {
        let figure = |figure: crate::study::compare_2008::Figure, decimals: usize| {
            let value = format!("{:.decimals$}", 100.0 * figure.value);
            // One path has no error to tell.
            figure
                .std_error
                .filter(|error| error.is_finite())
                .map_or(format!("{value}%"), |error| format!("{value} +-{:.decimals$}%", 100.0 * error))
        };
        let range = |moved: &crate::study::compare_2008::Moved| match moved.best == moved.worst {
            true => moved.implied.to_string(),
            false => format!("{} ({} to {})", moved.implied, moved.best, moved.worst),
        };
        let cell = |wrong: Wrong| {
            class
                .moved(wrong)
                .map_or("-".to_owned(), |moved| format!("{}, {}", moved.after.implied, moved.notches_lost))
        };
        let decimals = if class.engine == Engine::Exact { 4 } else { 2 };
        let head = [
            class.deal.clone(),
            class.note.clone(),
            class.rating.clone().unwrap_or_else(|| "-".to_owned()),
            figure(class.base.default_probability, decimals),
            figure(class.base.expected_loss, decimals),
            range(&class.base),
        ];
        table.row(head.into_iter().chain(Wrong::ALL.map(cell)));
    }
    table.note("Implied: by Moody's idealized expected losses over the base's average life; in brackets within 1.96 standard errors.");
    table.note("Cases: the implied rating after, notches lost; from .20 to .80 against .20. Common random numbers. Deals on notes run a fifth of the paths.");
    table.note("Chips -1y: they live a year less and market rents follow by a quarter of the departure of the price of compute; 1 for 1: one for one.");
    table
}

pub(super) fn forecast_table(deal: &str, lines: &[&ForecastLine]) -> Table {
    let mut heads: Vec<(chrono::NaiveDate, &str, f64)> = Vec::new();
    let mut notes: Vec<&str> = Vec::new();
    for line in lines {
        if !heads.contains(&(line.date, line.agency.as_str(), line.pool_loss)) {
            heads.push((line.date, &line.agency, line.pool_loss));
        }
        if !notes.contains(&line.note.as_str()) {
            notes.push(&line.note);
        }
    }
    let names: Vec<String> = heads
        .iter()
        .map(|(date, agency, loss)| format!("{agency} {} {:.1}%", date.format("%Y-%m"), 100.0 * loss))
        .collect();
    let mut columns = vec![("class", Align::Left), ("rating", Align::Left)];
    columns.extend(names.iter().map(|name| (name.as_str(), Align::Right)));
    columns.push(("arithmetic, last", Align::Right));
    let mut table = Table::new(format!("(d) {deal}: principal lost under each forecast, per cent"), &columns);
    for note in notes {
        let of: Vec<&&ForecastLine> = lines.iter().filter(|line| line.note == note).collect();
        let rating = of.first().and_then(|line| line.rating.clone()).unwrap_or_else(|| "-".to_owned());
        let losses = of.iter().map(|line| format!("{:.1}", 100.0 * line.loss));
        let last = of.last().map_or("-".to_owned(), |line| format!("{:.1}", 100.0 * line.arithmetic));
        table.row([note.to_owned(), rating].into_iter().chain(losses).chain([last]));
    }
    table
}

pub(super) fn life_table(lines: &[ChipLifeLine]) -> Table {
    let years: Vec<String> = lines
        .first()
        .map_or(&[][..], |line| &line.lives)
        .iter()
        .map(|life| format!("{} years", life.years))
        .collect();
    let mut columns = vec![
        ("deal", Align::Left),
        ("class", Align::Left),
        ("rating", Align::Left),
        ("through", Align::Left),
    ];
    columns.extend(years.iter().map(|name| (name.as_str(), Align::Right)));
    let mut table = Table::new(
        "(d) The mirror: chips believed to live 6 years live less. Principal lost in per cent, price",
        &columns,
    );
    for line in lines {
        let through = match line.link {
            LifeLink::RentsByAQuarter => "rents, a quarter",
            LifeLink::RentsOneForOne => "rents, one for one",
            LifeLink::LesseeFails => "lessee fails, year 2",
        };
        let cells =
            line.lives.iter().map(|life| format!("{:.1}, {}", 100.0 * life.loss, figure(life.price, 1)));
        let head = [
            line.deal.clone(),
            line.note.clone(),
            line.rating.clone().unwrap_or_else(|| "-".to_owned()),
            through.to_owned(),
        ];
        table.row(head.into_iter().chain(cells));
    }
    table.note(
        "Nobody refinances. Rents have a life of six years in them; prices at the base scenario's spread.",
    );
    table
}
