//! `leasefall price --paths`, `leasefall merge`: what paths say about every note, with standard errors.

use super::{Align, PriceReport, Report, Table, figure, percent, records};
use crate::study::simulation::{
    Block, DistributionPoint, Estimate, Header, NoteEstimates, NoteHeader, NoteSensitivity, Sensitivity,
    SpreadSource,
};
use serde::Serialize;

/// What a Monte Carlo run says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimulationReport {
    /// Whose paths they are.
    #[serde(flatten)]
    pub header: Header,
    /// Paths in all.
    pub paths: u64,
    /// The paths, as ranges from the first to before the last.
    pub ranges: Vec<(u64, u64)>,
    /// Expected principal never paid of all notes together, a share of their balance at the start.
    pub expected_loss: f64,
    /// Its standard error.
    pub expected_loss_std_error: Option<f64>,
    /// That loss and its probabilities, smallest first; the notes' attachment points cut it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loss_distribution: Vec<(f64, f64)>,
    /// The notes, in the deal's order.
    pub notes: Vec<SimulatedNote>,
}

/// One note. Losses are shares of the original balance; a standard error that does not exist is `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each standard error belongs to the figure above it")]
pub struct SimulatedNote {
    /// The class.
    pub id: String,
    /// The rating at issue.
    pub rating: Option<String>,
    /// Shares of all notes' balance lost at which this one begins and ends to lose, by rank.
    pub attachment: f64,
    pub detachment: f64,
    /// Spread over the curve at which paths are discounted, in basis points.
    pub discount_spread_bp: f64,
    /// Where that spread comes from: `scenario`, `curve` or `stated`.
    pub discount_spread_source: SpreadSource,
    /// Mean present value per 100 of original balance, accrued interest included; `null` where nothing is outstanding at
    /// the start.
    pub expected_price: Option<f64>,
    pub expected_price_std_error: Option<f64>,
    /// Expected principal never paid.
    pub expected_loss: f64,
    pub expected_loss_std_error: Option<f64>,
    /// Probability that any principal is never paid.
    pub default_probability: f64,
    pub default_probability_std_error: Option<f64>,
    /// Probability that interest is late or never paid.
    pub interest_shortfall_probability: f64,
    pub interest_shortfall_probability_std_error: Option<f64>,
    /// Probability that a balance is left after the anticipated repayment date; `null` if the note has none.
    pub ard_missed_probability: Option<f64>,
    pub ard_missed_probability_std_error: Option<f64>,
    /// Expected loss given any; `null` if no path has one.
    pub loss_given_loss: Option<f64>,
    pub loss_given_loss_std_error: Option<f64>,
    /// The loss exceeded with a probability of at most 5%.
    pub value_at_risk_95: f64,
    pub value_at_risk_95_std_error: Option<f64>,
    pub value_at_risk_99: f64,
    pub value_at_risk_99_std_error: Option<f64>,
    pub value_at_risk_999: f64,
    pub value_at_risk_999_std_error: Option<f64>,
    /// Mean of the worst 5% of losses.
    pub expected_shortfall_95: f64,
    pub expected_shortfall_95_std_error: Option<f64>,
    pub expected_shortfall_99: f64,
    pub expected_shortfall_99_std_error: Option<f64>,
    pub expected_shortfall_999: f64,
    pub expected_shortfall_999_std_error: Option<f64>,
    /// Weighted average life of principal in years, of paths that pay any.
    pub expected_wal_years: Option<f64>,
    pub expected_wal_years_std_error: Option<f64>,
    /// Quantiles of the average life.
    pub wal_years_05: Option<f64>,
    pub wal_years_05_std_error: Option<f64>,
    pub wal_years_50: Option<f64>,
    pub wal_years_50_std_error: Option<f64>,
    pub wal_years_95: Option<f64>,
    pub wal_years_95_std_error: Option<f64>,
    /// Median payment date, from 1, of the first loss of any kind, of paths that have one.
    pub first_loss_period: Option<usize>,
    /// The rating whose idealized expected loss over the average life bears `expected_loss`.
    pub implied_rating: Option<String>,
    /// The rating whose historical default probability over the average life bears `default_probability`.
    pub implied_rating_by_default: Option<String>,
    /// Losses and their probabilities, smallest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loss_distribution: Vec<(f64, f64)>,
    /// Average lives in years and their probabilities, of paths that pay any principal, shortest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wal_distribution: Vec<(f64, f64)>,
    /// Probability of the first loss of any kind in each year of payment dates, and its standard error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_loss_by_year: Vec<(f64, Option<f64>)>,
}

impl SimulationReport {
    /// The report of a block; of its loss distributions too, if asked for. `None` without paths.
    pub fn new(block: &Block, with_distributions: bool) -> Option<SimulationReport> {
        let header = block.header().clone();
        let estimates = block.estimates()?;
        let pairs = header.notes.iter().zip(&estimates.notes);
        let notes = pairs.map(|(note, found)| SimulatedNote::new(note, found, with_distributions)).collect();
        let loss = &estimates.expected_loss;
        let points = estimates.loss_distribution.iter().map(|point| (point.value, point.probability));
        Some(SimulationReport {
            paths: estimates.paths,
            ranges: block.ranges().to_vec(),
            expected_loss: loss.value,
            expected_loss_std_error: error(loss),
            loss_distribution: if with_distributions { points.collect() } else { Vec::new() },
            notes,
            header,
        })
    }
}

impl SimulatedNote {
    fn new(note: &NoteHeader, found: &NoteEstimates, with_distribution: bool) -> SimulatedNote {
        let price = Some(&found.price).filter(|_| !note.undrawn);
        let points = |points: &[DistributionPoint]| -> Vec<(f64, f64)> {
            let shown = if with_distribution { points } else { &[] };
            shown.iter().map(|point| (point.value, point.probability)).collect()
        };
        let years = found.first_loss_by_year.iter().filter(|_| with_distribution);
        let [var_95, var_99, var_999] = &found.value_at_risk;
        SimulatedNote {
            id: note.id.clone(),
            rating: note.rating.clone(),
            attachment: note.attachment,
            detachment: note.detachment,
            discount_spread_bp: note.discount_spread_bp,
            discount_spread_source: note.discount_spread_source,
            expected_price: price.map(|price| price.value),
            expected_price_std_error: price.and_then(error),
            expected_loss: found.expected_loss.value,
            expected_loss_std_error: error(&found.expected_loss),
            default_probability: found.default_probability.value,
            default_probability_std_error: error(&found.default_probability),
            interest_shortfall_probability: found.interest_shortfall_probability.value,
            interest_shortfall_probability_std_error: error(&found.interest_shortfall_probability),
            ard_missed_probability: found.ard_missed_probability.map(|estimate| estimate.value),
            ard_missed_probability_std_error: found.ard_missed_probability.as_ref().and_then(error),
            loss_given_loss: found.loss_given_loss.map(|estimate| estimate.value),
            loss_given_loss_std_error: found.loss_given_loss.as_ref().and_then(error),
            value_at_risk_95: var_95.value_at_risk.value,
            value_at_risk_95_std_error: error(&var_95.value_at_risk),
            value_at_risk_99: var_99.value_at_risk.value,
            value_at_risk_99_std_error: error(&var_99.value_at_risk),
            value_at_risk_999: var_999.value_at_risk.value,
            value_at_risk_999_std_error: error(&var_999.value_at_risk),
            expected_shortfall_95: var_95.expected_shortfall.value,
            expected_shortfall_95_std_error: error(&var_95.expected_shortfall),
            expected_shortfall_99: var_99.expected_shortfall.value,
            expected_shortfall_99_std_error: error(&var_99.expected_shortfall),
            expected_shortfall_999: var_999.expected_shortfall.value,
            expected_shortfall_999_std_error: error(&var_999.expected_shortfall),
            expected_wal_years: found.wal_years.map(|estimate| estimate.value),
            expected_wal_years_std_error: found.wal_years.as_ref().and_then(error),
            wal_years_05: found.wal_quantiles[0].map(|estimate| estimate.value),
            wal_years_05_std_error: found.wal_quantiles[0].as_ref().and_then(error),
            wal_years_50: found.wal_quantiles[1].map(|estimate| estimate.value),
            wal_years_50_std_error: found.wal_quantiles[1].as_ref().and_then(error),
            wal_years_95: found.wal_quantiles[2].map(|estimate| estimate.value),
            wal_years_95_std_error: found.wal_quantiles[2].as_ref().and_then(error),
            first_loss_period: found.first_loss_median.map(|period| period + 1),
            implied_rating: found.implied_rating.map(|rating| rating.to_string()),
            implied_rating_by_default: found.implied_rating_by_default.map(|rating| rating.to_string()),
            loss_distribution: points(&found.loss_distribution),
            wal_distribution: points(&found.wal_distribution),
            first_loss_by_year: years.map(|year| (year.value, error(year))).collect(),
        }
    }
}

/// The error, where there is one.
fn error(estimate: &Estimate) -> Option<f64> {
    Some(estimate.std_error).filter(|error| error.is_finite())
}

/// What one move in the risk model does to one note: figures after less figures before.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each standard error belongs to the figure above it")]
pub struct SensitivityLine {
    /// What is moved.
    pub moved: String,
    /// The class.
    pub note: String,
    /// Change of the present value per 100 of original balance.
    pub price: f64,
    pub price_std_error: f64,
    /// Change of the expected loss, a share of the original balance.
    pub expected_loss: f64,
    pub expected_loss_std_error: f64,
    /// Change of the probability of any loss of principal.
    pub default_probability: f64,
    pub default_probability_std_error: f64,
}

impl SensitivityLine {
    /// The lines of a study, move by move.
    pub fn all(notes: &[String], study: &[Sensitivity]) -> Vec<SensitivityLine> {
        let line = |name: &str, note: &String, found: &NoteSensitivity| SensitivityLine {
            moved: name.to_owned(),
            note: note.clone(),
            price: found.price.value,
            price_std_error: found.price.std_error,
            expected_loss: found.expected_loss.value,
            expected_loss_std_error: found.expected_loss.std_error,
            default_probability: found.default_probability.value,
            default_probability_std_error: found.default_probability.std_error,
        };
        let of = |study: &Sensitivity| -> Vec<SensitivityLine> {
            notes.iter().zip(&study.notes).map(|(note, found)| line(study.name, note, found)).collect()
        };
        study.iter().flat_map(of).collect()
    }
}

/// What a deal is worth in one scenario, and what paths around it say: one line a note.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedPriceReport {
    /// In the scenario itself.
    pub price: PriceReport,
    /// Around it.
    pub simulation: SimulationReport,
    /// What moves in the model do; empty if that was not asked for.
    pub sensitivities: Vec<SensitivityLine>,
}

impl Serialize for SimulatedPriceReport {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        use serde_json::{Value, to_value};
        let mut price = to_value(&self.price).map_err(S::Error::custom)?;
        let mut simulation = to_value(&self.simulation).map_err(S::Error::custom)?;
        let notes = simulation.as_object_mut().and_then(|object| object.remove("notes")).unwrap_or_default();
        if let Some(Value::Array(lines)) = price.get_mut("notes") {
            for (line, note) in lines.iter_mut().zip(notes.as_array().into_iter().flatten()) {
                if let (Value::Object(line), Value::Object(note)) = (line, note) {
                    line.extend(note.clone());
                }
            }
        }
        if let Value::Object(price) = &mut price {
            price.insert("simulation".to_owned(), simulation);
            if !self.sensitivities.is_empty() {
                let lines = to_value(&self.sensitivities).map_err(S::Error::custom)?;
                price.insert("sensitivities".to_owned(), lines);
            }
        }
        price.serialize(serializer)
    }
}

impl Report for SimulatedPriceReport {
    fn csv(&self) -> String {
        let lists = [self.price.csv(), self.simulation.csv(), records(&self.sensitivities)];
        lists.into_iter().filter(|list| !list.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn tables(&self) -> Vec<Table> {
        let mut tables = self.price.tables();
        tables.extend(self.simulation.tables());
        if !self.sensitivities.is_empty() {
            tables.push(sensitivity_table(&self.sensitivities));
        }
        tables
    }
}

fn sensitivity_table(lines: &[SensitivityLine]) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("moved", Left),
        ("class", Left),
        ("price", Right),
        ("expected loss bp", Right),
        ("P(loss) bp", Right),
    ];
    let mut table = Table::new("Sensitivities on common random numbers: after less before", &columns);
    let both = |value: f64, error: f64, decimals: usize| format!("{value:.decimals$} +-{error:.decimals$}");
    for line in lines {
        table.row([
            line.moved.clone(),
            line.note.clone(),
            both(line.price, line.price_std_error, 4),
            both(1e4 * line.expected_loss, 1e4 * line.expected_loss_std_error, 2),
            both(1e4 * line.default_probability, 1e4 * line.default_probability_std_error, 2),
        ]);
    }
    table
}

/// At what paths are discounted, note by note, and why.
fn discounting(notes: &[NoteHeader]) -> String {
    let each = notes.iter().map(|note| {
        let why = match note.discount_spread_source {
            SpreadSource::Scenario => "",
            SpreadSource::Curve => " (curve)",
            SpreadSource::Stated => " (stated)",
        };
        format!("{} {:.1}{why}", note.id, note.discount_spread_bp)
    });
    let each: Vec<String> = each.collect();
    let quoted = notes.iter().any(|note| note.discount_spread_source == SpreadSource::Scenario);
    let why = if quoted { "; not stated: at which the scenario alone is worth the quote" } else { "" };
    format!("Discounted at the deal's curve and a spread, in bp: {}{why}.", each.join(", "))
}

impl Report for SimulationReport {
    fn csv(&self) -> String {
        let flat: Vec<SimulatedNote> = self
            .notes
            .iter()
            .map(|note| SimulatedNote {
                loss_distribution: Vec::new(),
                wal_distribution: Vec::new(),
                first_loss_by_year: Vec::new(),
                ..note.clone()
            })
            .collect();
        records(&flat)
    }

    fn tables(&self) -> Vec<Table> {
        use Align::{Left, Right};
        let header = &self.header;
        let title = format!(
            "{}: {} paths around scenario {}, seed {}, {} probabilities",
            header.deal, self.paths, header.scenario, header.seed, header.measure
        );
        let columns = [
            ("class", Left),
            ("rating", Left),
            ("price", Right),
            ("expected loss", Right),
            ("P(loss)", Right),
            ("P(late interest)", Right),
            ("P(ARD missed)", Right),
            ("loss given loss", Right),
            ("VaR 99%", Right),
            ("ES 99%", Right),
            ("WAL years", Right),
            ("implied", Left),
        ];
        let mut table = Table::new(title, &columns);
        for note in &self.notes {
            let both = |value: f64, error: Option<f64>, decimals: usize| {
                let error = error.map_or(String::new(), |error| format!(" +-{error:.decimals$}"));
                format!("{value:.decimals$}{error}")
            };
            let share =
                |value: f64, error: Option<f64>| both(100.0 * value, error.map(|e| 100.0 * e), 3) + "%";
            table.row([
                note.id.clone(),
                note.rating.clone().unwrap_or_default(),
                note.expected_price
                    .map_or("-".to_owned(), |price| both(price, note.expected_price_std_error, 3)),
                share(note.expected_loss, note.expected_loss_std_error),
                share(note.default_probability, note.default_probability_std_error),
                share(note.interest_shortfall_probability, note.interest_shortfall_probability_std_error),
                note.ard_missed_probability
                    .map_or("-".to_owned(), |p| share(p, note.ard_missed_probability_std_error)),
                percent(note.loss_given_loss, 1),
                percent(Some(note.value_at_risk_99), 1),
                percent(Some(note.expected_shortfall_99), 1),
                figure(note.expected_wal_years, 2),
                note.implied_rating.clone().unwrap_or_default(),
            ]);
        }
        table.note("After +-: one standard error. Losses are shares of the original balance.");
        table.note(discounting(&header.notes));
        if header.control_variates > 0 {
            table.note(format!(
                "Prices, losses and probabilities corrected by up to {} control variates with exact means.",
                header.control_variates
            ));
        }
        if header.replicates == 1
            && header.tilt == 0.0
            && self.notes.iter().any(|n| n.default_probability == 0.0)
        {
            table.note(format!(
                "A probability of 0 is that of {} paths of which none counts: it is below {:.1e} with 95% confidence.",
                self.paths,
                // (1 - p)^n = 5%: p is about 3 / n.
                3.0 / self.paths as f64
            ));
        }
        if self.ranges.len() > 1 {
            table.note(format!("Paths {:?}: not one stretch.", self.ranges));
        }
        vec![table]
    }
}
