//! The H100's published rents against the model's 90% band, and what chips are then worth.
//!
//! The picture goes to standard output, the figures to standard error:
//! `cargo run --example h100_band > docs/h100_band.svg`.

use leasefall::asset::{ChipsFile, Generation, Survival, read_chips, straight_line_book_value};
use leasefall::collection::ChipValuation;
use leasefall::scenario::compute::{
    Arrival, Cadence, Calibration, ComputePrice, CostTerms, Frontier, Observation, Scarcity,
    calibrate_scarcity, long_run_cost,
};
use leasefall::{Date, Error};
use std::fmt::Write;
use std::fs;

/// Months from July 2023 that the picture shows.
const MONTHS: usize = 61;

/// A published rent.
struct Rent {
    date: Date,
    usd: f64,
    fitted: bool,
}

fn main() -> Result<(), Error> {
    let origin = Date::from_ymd_opt(2023, 7, 1).unwrap_or_default();
    let chips = catalogue()?;
    let rents = rents();
    let terms = CostTerms::default();
    let (frontier, arrivals) = Frontier::of_generations(&chips.generations, origin, &terms)?;
    eprintln!("adoption  reversion (se)   level (se)     volatility (se)  half-life, months");
    for adoption_months in [12.0, 18.0, 24.0, 36.0] {
        let found = calibrate(&Frontier { adoption_months, ..frontier }, &arrivals, &rents, origin)?;
        print_calibration(adoption_months, &found);
    }
    let found = calibrate(&frontier, &arrivals, &rents, origin)?;
    let mut path = [0.0; MONTHS];
    frontier.fill(&arrivals, &mut path)?;
    let start = rents[0].usd.ln() - path[0];
    let law = ComputePrice::new(&path, &found.scarcity, start)?;
    let mut band = Band::default();
    law.quantile(0.05, &mut band.low)?;
    law.quantile(0.95, &mut band.high)?;
    law.scripted(&mut band.median)?;
    band.frontier = path.map(f64::exp);
    println!("{}", picture(&band, &rents, origin));
    for (name, months) in [("base, a generation in 24 months", 24.0), ("faster, one in 12 months", 12.0)] {
        let cadence = Cadence { months, ..Cadence::default() };
        for (id, bought) in [("h100", (2022, 10)), ("gb200", (2026, 1))] {
            let bought = Date::from_ymd_opt(bought.0, bought.1, 1).unwrap_or_default();
            print_value(name, &chips, id, bought, &cadence)?;
        }
    }
    Ok(())
}

fn file(path: &str) -> String {
    let path = format!("{}/fixtures/market/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap_or_default()
}

fn catalogue() -> Result<ChipsFile, Error> {
    Ok(read_chips("chips.toml", &file("chips.toml"))?)
}

fn rents() -> Vec<Rent> {
    let text = file("h100_rental.csv");
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let rents = lines.filter_map(|line| {
        let mut cells = line.split(',');
        let (date, usd, usage) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Rent { date: date.parse().ok()?, usd: usd.parse().ok()?, fitted: usage == "fit" })
    });
    rents.collect()
}

fn calibrate(
    frontier: &Frontier,
    arrivals: &[Arrival],
    rents: &[Rent],
    origin: Date,
) -> Result<Calibration, Error> {
    let fitted = rents.iter().filter(|rent| rent.fitted).map(|rent| {
        let month = Frontier::months_from(origin, rent.date);
        let scarcity = rent.usd.ln() - frontier.log_cost_at(arrivals, month);
        Observation { years: month / 12.0, scarcity }
    });
    calibrate_scarcity(&fitted.collect::<Vec<_>>(), 0.05..=100.0)
}

fn print_calibration(adoption_months: f64, found: &Calibration) {
    let Scarcity { mean_reversion, level, volatility } = found.scarcity;
    let half_life = 12.0 * found.scarcity.half_life_years();
    match found.standard_errors {
        Some(se) => eprintln!(
            "{adoption_months:>8}  {mean_reversion:.2} ({:.2})     {level:+.2} ({:.2})   {volatility:.2} ({:.2})      {half_life:.1}",
            se.mean_reversion, se.level, se.volatility
        ),
        None => eprintln!(
            "{adoption_months:>8}  {mean_reversion:.2}  {level:+.2}  {volatility:.2}  {half_life:.1}"
        ),
    }
}

/// Value by age beside the books, on the path without shocks from a start at long-run cost.
fn print_value(
    name: &str,
    chips: &ChipsFile,
    id: &str,
    bought: Date,
    cadence: &Cadence,
) -> Result<(), Error> {
    let terms = CostTerms::default();
    let found = |id: &str| chips.generations.iter().find(|generation| generation.id == id);
    let (Some(chip), Some(last)) = (found(id), found("rubin_ultra")) else { return Ok(()) };
    let (frontier, mut arrivals) = Frontier::of_generations(&chips.generations, bought, &terms)?;
    arrivals.extend(successors(last, bought, cadence, &terms)?);
    let mut path = [0.0; 240];
    frontier.fill(&arrivals, &mut path)?;
    let (mut price, mut value) = ([0.0; 240], [0.0; 240]);
    let scarcity = Scarcity::default();
    ComputePrice::new(&path, &scarcity, scarcity.level)?.scripted(&mut price)?;
    let survival = Survival::unreplaced(0.04);
    let rates = chip.rates();
    let valuation =
        ChipValuation::new(&rates, &terms.operating, survival, terms.required_return, 0, price.len())?;
    let death = valuation.values(&price, &[], &mut value)?;
    eprintln!("\n{id} bought {bought}, {name}: dies in month {death:?}");
    eprintln!("age  price of compute  value    book at 6, 5, 4, 3 years");
    for age in 0..=6_usize {
        let book = |life| straight_line_book_value(rates.system_price_usd, life, age as f64).unwrap_or(0.0);
        let books = [6.0, 5.0, 4.0, 3.0].map(book).map(|book| format!("{book:.0}")).join(" ");
        eprintln!("{age:>3}  {:>16.2}  {:>7.0}  {books}", price[12 * age], value[12 * age]);
    }
    Ok(())
}

fn successors(
    last: &Generation,
    origin: Date,
    cadence: &Cadence,
    terms: &CostTerms,
) -> Result<Vec<Arrival>, Error> {
    let cost = long_run_cost(&last.rates(), terms)?;
    cadence.successors(Frontier::months_from(origin, last.release.value), &cost, 20)
}

/// What is drawn, by month.
struct Band {
    low: [f64; MONTHS],
    high: [f64; MONTHS],
    median: [f64; MONTHS],
    frontier: [f64; MONTHS],
}

impl Default for Band {
    fn default() -> Self {
        Band { low: [0.0; MONTHS], high: [0.0; MONTHS], median: [0.0; MONTHS], frontier: [0.0; MONTHS] }
    }
}

const LEFT: f64 = 64.0;
const RIGHT: f64 = 640.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 380.0;
/// The axis of prices, in dollars, logarithmic.
const CHEAPEST: f64 = 0.5;
const DEAREST: f64 = 16.0;

fn x(month: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * month / (MONTHS - 1) as f64
}

fn y(usd: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * (usd / CHEAPEST).ln() / (DEAREST / CHEAPEST).ln()
}

fn line(path: &[f64; MONTHS]) -> String {
    let points = path.iter().enumerate();
    points.map(|(month, &usd)| format!("{:.1},{:.1} ", x(month as f64), y(usd))).collect()
}

fn picture(band: &Band, rents: &[Rent], origin: Date) -> String {
    let mut svg = String::from(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 440" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#333">
<rect width="800" height="440" fill="#fff"/>
<text x="16" y="24" font-size="15" font-weight="bold">What an hour of an H100 rents for</text>
<text x="16" y="42" fill="#666">Dollars, logarithmic. Published rents and the model's 90% band from the first of them, as calibrated.</text>
"##,
    );
    axes(&mut svg);
    let back: Vec<String> = line(&band.low).split_whitespace().rev().map(str::to_owned).collect();
    let parts = [
        format!(r##"<polygon points="{}{}" fill="#cfe0f1"/>"##, line(&band.high), back.join(" ")),
        format!(
            r##"<polyline points="{}" fill="none" stroke="#2f6ea5" stroke-width="2"/>"##,
            line(&band.median)
        ),
        format!(
            r##"<polyline points="{}" fill="none" stroke="#777" stroke-width="1.5" stroke-dasharray="5 4"/>"##,
            line(&band.frontier)
        ),
        // The whole year's range, of which the first point is the geometric midpoint.
        format!(
            r##"<line x1="{0:.1}" y1="{1:.1}" x2="{0:.1}" y2="{2:.1}" stroke="#b3402a" stroke-width="1.5"/>"##,
            x(0.0),
            y(7.0),
            y(12.0)
        ),
    ];
    for part in parts {
        let _ = writeln!(svg, "{part}");
    }
    for rent in rents {
        let (cx, cy) = (x(Frontier::months_from(origin, rent.date)), y(rent.usd));
        let fill = if rent.fitted { "#b3402a" } else { "#fff" };
        let _ = writeln!(
            svg,
            r##"<circle cx="{cx:.1}" cy="{cy:.1}" r="4" fill="{fill}" stroke="#b3402a" stroke-width="1.5"/>"##
        );
    }
    labels(&mut svg, band);
    svg.push_str("</svg>");
    svg
}

fn axes(svg: &mut String) {
    for usd in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0] {
        let at = y(usd);
        let _ = writeln!(
            svg,
            r##"<line x1="{LEFT}" y1="{at:.1}" x2="{RIGHT}" y2="{at:.1}" stroke="#e4e4e4"/><text x="{:.1}" y="{:.1}" text-anchor="end">{usd}</text>"##,
            LEFT - 8.0,
            at + 4.0
        );
    }
    for (year, month) in [(2024, 6.0), (2025, 18.0), (2026, 30.0), (2027, 42.0), (2028, 54.0)] {
        let _ = writeln!(
            svg,
            r##"<line x1="{0:.1}" y1="{BOTTOM}" x2="{0:.1}" y2="{1:.1}" stroke="#999"/><text x="{0:.1}" y="{2:.1}" text-anchor="middle">{year}</text>"##,
            x(month),
            BOTTOM + 5.0,
            BOTTOM + 20.0
        );
    }
}

fn labels(svg: &mut String, band: &Band) {
    let last = MONTHS - 1;
    let side = [
        (band.high[last], "#5b8db8", "95%"),
        (band.median[last] * 0.93, "#2f6ea5", "median path"),
        (band.frontier[last] * 1.08, "#666", "long-run cost"),
        (band.low[last], "#5b8db8", "5%"),
    ];
    for (usd, colour, text) in side {
        let _ = writeln!(
            svg,
            r##"<text x="{:.1}" y="{:.1}" fill="{colour}">{text}</text>"##,
            RIGHT + 8.0,
            y(usd) + 4.0
        );
    }
    let _ = writeln!(
        svg,
        r##"<circle cx="{0:.1}" cy="414" r="4" fill="#b3402a"/><text x="{1:.1}" y="418">rents fitted (bar: the range of 2023)</text><circle cx="{2:.1}" cy="414" r="4" fill="#fff" stroke="#b3402a" stroke-width="1.5"/><text x="{3:.1}" y="418">rents not fitted</text>"##,
        LEFT + 4.0,
        LEFT + 16.0,
        LEFT + 260.0,
        LEFT + 272.0
    );
}
