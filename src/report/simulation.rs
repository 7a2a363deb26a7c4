//! `leasefall price --paths`, `leasefall merge`: what paths say about every note, with standard errors.

use super::{Align, PriceReport, Report, Table, figure, percent, records};
use crate::study::simulation::{
    Block, Estimate, Header, NoteEstimates, NoteHeader, NoteSensitivity, Sensitivity,
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
    /// Spread over the curve at which paths are discounted, in basis points.
    pub discount_spread_bp: f64,
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
    /// Probability that a balance is left after the anticipated repayment date.
    pub ard_missed_probability: f64,
    pub ard_missed_probability_std_error: Option<f64>,
    /// Expected loss given any; `null` if no path has one.
    pub loss_given_loss: Option<f64>,
    pub loss_given_loss_std_error: Option<f64>,
    /// The loss exceeded with a probability of at most 5%.
    pub value_at_risk_95: f64,
    pub value_at_risk_99: f64,
    pub value_at_risk_999: f64,
    /// Mean of the worst 5% of losses.
    pub expected_shortfall_95: f64,
    pub expected_shortfall_99: f64,
    pub expected_shortfall_999: f64,
    /// Weighted average life of principal in years, of paths that pay any.
    pub expected_wal_years: Option<f64>,
    pub expected_wal_years_std_error: Option<f64>,
    /// Quantiles of the average life.
    pub wal_years_05: Option<f64>,
    pub wal_years_50: Option<f64>,
    pub wal_years_95: Option<f64>,
    /// Median payment date, from 1, of the first loss of any kind, of paths that have one.
    pub first_loss_period: Option<usize>,
    /// The rating whose idealized expected loss over the average life bears `expected_loss`.
    pub implied_rating: Option<String>,
    /// The rating whose historical default probability over the average life bears `default_probability`.
    pub implied_rating_by_default: Option<String>,
    /// Losses and their probabilities, smallest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loss_distribution: Vec<(f64, f64)>,
}

impl SimulationReport {
    /// The report of a block; of its loss distributions too, if asked for. `None` without paths.
    pub fn new(block: &Block, with_distributions: bool) -> Option<SimulationReport> {
        let header = block.header().clone();
        let estimates = block.estimates()?;
        let pairs = header.notes.iter().zip(&estimates.notes);
        let notes = pairs.map(|(note, found)| SimulatedNote::new(note, found, with_distributions)).collect();
        Some(SimulationReport { paths: estimates.paths, ranges: block.ranges().to_vec(), notes, header })
    }
}

impl SimulatedNote {
    fn new(note: &NoteHeader, found: &NoteEstimates, with_distribution: bool) -> SimulatedNote {
        let error = |estimate: &Estimate| Some(estimate.std_error).filter(|error| error.is_finite());
        let price = Some(&found.price).filter(|_| !note.undrawn);
        let points = found.loss_distribution.iter().map(|point| (point.value, point.probability));
        let [var_95, var_99, var_999] = &found.value_at_risk;
        SimulatedNote {
            id: note.id.clone(),
            rating: note.rating.clone(),
            discount_spread_bp: note.discount_spread_bp,
            expected_price: price.map(|price| price.value),
            expected_price_std_error: price.and_then(error),
            expected_loss: found.expected_loss.value,
            expected_loss_std_error: error(&found.expected_loss),
            default_probability: found.default_probability.value,
            default_probability_std_error: error(&found.default_probability),
            interest_shortfall_probability: found.interest_shortfall_probability.value,
            interest_shortfall_probability_std_error: error(&found.interest_shortfall_probability),
            ard_missed_probability: found.ard_missed_probability.value,
            ard_missed_probability_std_error: error(&found.ard_missed_probability),
            loss_given_loss: found.loss_given_loss.map(|estimate| estimate.value),
            loss_given_loss_std_error: found.loss_given_loss.as_ref().and_then(error),
            value_at_risk_95: var_95.value_at_risk,
            value_at_risk_99: var_99.value_at_risk,
            value_at_risk_999: var_999.value_at_risk,
            expected_shortfall_95: var_95.expected_shortfall,
            expected_shortfall_99: var_99.expected_shortfall,
            expected_shortfall_999: var_999.expected_shortfall,
            expected_wal_years: found.wal_years.map(|estimate| estimate.value),
            expected_wal_years_std_error: found.wal_years.as_ref().and_then(error),
            wal_years_05: found.wal_quantiles[0],
            wal_years_50: found.wal_quantiles[1],
            wal_years_95: found.wal_quantiles[2],
            first_loss_period: found.first_loss_median.map(|period| period + 1),
            implied_rating: found.implied_rating.map(|rating| rating.to_string()),
            implied_rating_by_default: found.implied_rating_by_default.map(|rating| rating.to_string()),
            loss_distribution: if with_distribution { points.collect() } else { Vec::new() },
        }
    }
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

impl Report for SimulationReport {
    fn csv(&self) -> String {
        let flat: Vec<SimulatedNote> = self
            .notes
            .iter()
            .map(|note| SimulatedNote { loss_distribution: Vec::new(), ..note.clone() })
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
                share(note.ard_missed_probability, note.ard_missed_probability_std_error),
                percent(note.loss_given_loss, 1),
                percent(Some(note.value_at_risk_99), 1),
                percent(Some(note.expected_shortfall_99), 1),
                figure(note.expected_wal_years, 2),
                note.implied_rating.clone().unwrap_or_default(),
            ]);
        }
        table.note("After +-: one standard error. Losses are shares of the original balance.");
        if self.ranges.len() > 1 {
            table.note(format!("Paths {:?}: not one stretch.", self.ranges));
        }
        vec![table]
    }
}
