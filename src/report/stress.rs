//! `leasefall stress`: scenarios side by side, and how much less cash each note can bear.

use super::{Align, Report, Table, figure, percent, records, shown};
use crate::money::{Currency, Money};
use crate::study::{Crossing, GuaranteeExit, Limit, Stress, Stressor, Turn};
use crate::time::Date;
use serde::Serialize;

/// Scenarios side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StressReport {
    /// The deal's name.
    pub deal: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// A line per scenario and note.
    pub lines: Vec<StressLine>,
    /// The triggers that were active, by scenario.
    pub triggers: Vec<BreachLine>,
    /// How much less cash each note can bear.
    pub break_evens: Vec<BreakEvenLine>,
    /// How far rents may fall, tenants leave and chips hurry.
    pub limits: Vec<LimitLine>,
    /// When rents and values cross what is contracted and owed, by scenario.
    pub crossings: Vec<CrossingLine>,
    /// What residual value guarantees pay if tenants leave, by scenario and end of term.
    pub guarantees: Vec<GuaranteeLine>,
}

/// One note in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StressLine {
    /// The scenario's name.
    pub scenario: String,
    /// The class.
    pub note: String,
    /// Value per 100 of balance at the base scenario's spread.
    pub value: Option<f64>,
    /// Weighted average life of principal, in years.
    pub wal_years: Option<f64>,
    /// Principal never paid.
    pub principal_shortfall: String,
    /// Interest due and unpaid at the end.
    pub interest_shortfall: String,
}

/// A trigger that was active in a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BreachLine {
    /// The scenario's name.
    pub scenario: String,
    /// The trigger.
    pub trigger: String,
    /// The first payment date on which it was active.
    pub first: Date,
    /// Payment dates on which it was active.
    pub payment_dates: usize,
}

/// How much less cash a note can bear.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BreakEvenLine {
    /// The class.
    pub note: String,
    /// The scenario whose cash is cut.
    pub scenario: String,
    /// The greatest share of all collections that can be missing with interest and principal paid in full
    /// by the end; `null` if they are not even with all of it.
    pub collections_cut: Option<f64>,
}

/// When lines cross in a scenario; `null` where they do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrossingLine {
    /// The scenario's name.
    pub scenario: String,
    /// The first payment date on which leases of the tape owe more than their space would rent for.
    pub rent_above_market: Option<Date>,
    /// Whether that is the first payment date of all: nothing crossed, it was so from the start.
    pub rent_above_from_start: bool,
    /// The first payment date on which the notes are owed more than the collateral is worth.
    pub notes_above_collateral: Option<Date>,
    /// Whether that is the first payment date of all.
    pub notes_above_from_start: bool,
}

impl CrossingLine {
    fn new(crossing: &Crossing) -> CrossingLine {
        let from_start = |turns: &[Turn]| turns.first().is_some_and(|turn| turn.from_start);
        CrossingLine {
            scenario: crossing.scenario.clone(),
            rent_above_market: crossing.rent_above_market,
            rent_above_from_start: from_start(&crossing.rent_turns),
            notes_above_collateral: crossing.notes_above_collateral,
            notes_above_from_start: from_start(&crossing.note_turns),
        }
    }

    fn table(lines: &[CrossingLine]) -> Table {
        use Align::{Left, Right};
        let columns =
            [("scenario", Left), ("contracts above market", Right), ("notes above collateral", Right)];
        let mut table = Table::new("When lines cross", &columns);
        let words = |date: Option<Date>, from_start: bool| match date {
            None => "do not cross".to_owned(),
            Some(date) if from_start => format!("{date}, from the start"),
            Some(date) => date.to_string(),
        };
        for line in lines {
            let rent = words(line.rent_above_market, line.rent_above_from_start);
            let notes = words(line.notes_above_collateral, line.notes_above_from_start);
            table.row([line.scenario.clone(), rent, notes]);
        }
        table.note("First payment date, until the notes are gone. Contracts: a month's rent of the leases on the tape against the same space at market, or the same chips by the hour less power and operating cost. Picture: leasefall report.");
        table
    }
}

/// What residual value guarantees pay if all tenants that owe one leave at an end of their terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuaranteeLine {
    /// The scenario's name.
    pub scenario: String,
    /// The first day on which a tenant is gone.
    pub exit: Date,
    /// Leases that end so.
    pub leases: usize,
    /// What the premises are guaranteed to be worth.
    pub guaranteed: String,
    /// What they are worth in the scenario, tenants gone.
    pub property_value: String,
    /// The most that is paid; `null` without a limit.
    pub cap: Option<String>,
    /// What is paid.
    pub paid: String,
    /// Balance of all notes before it is.
    pub notes_outstanding: String,
    /// Their balance after it.
    pub notes_after: String,
    /// What the notes then lack if the premises fetch their value.
    pub shortfall: String,
    /// Principal never paid if they are let again instead.
    pub principal_shortfall: String,
}

impl GuaranteeLine {
    fn new(exit: &GuaranteeExit, currency: Currency) -> GuaranteeLine {
        let money = |amount: Money| super::decimal(currency, amount);
        GuaranteeLine {
            scenario: exit.scenario.clone(),
            exit: exit.exit,
            leases: exit.leases,
            guaranteed: money(exit.guaranteed),
            property_value: money(exit.property_value),
            cap: exit.cap.map(money),
            paid: money(exit.paid),
            notes_outstanding: money(exit.notes_outstanding),
            notes_after: money(exit.notes_after),
            shortfall: money(exit.shortfall),
            principal_shortfall: money(exit.principal_shortfall),
        }
    }

    fn table(lines: &[GuaranteeLine], currency: Currency) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("scenario", Left),
            ("tenants leave", Left),
            ("guaranteed", Right),
            ("property value", Right),
            ("cap", Right),
            ("paid", Right),
            ("notes before", Right),
            ("notes after", Right),
            ("shortfall", Right),
            ("principal short", Right),
        ];
        let mut table = Table::new("Residual value guarantees: what they pay if tenants leave", &columns);
        for line in lines {
            let of_call = |text: &String| match line.leases {
                0 => "-".to_owned(),
                _ => shown(currency, text),
            };
            table.row([
                line.scenario.clone(),
                line.exit.to_string(),
                of_call(&line.guaranteed),
                of_call(&line.property_value),
                line.cap.as_ref().map_or("none".to_owned(), of_call),
                of_call(&line.paid),
                shown(currency, &line.notes_outstanding),
                shown(currency, &line.notes_after),
                of_call(&line.shortfall),
                shown(currency, &line.principal_shortfall),
            ]);
        }
        table.note("Tenants stay to the date, whatever the market, and leave. Paid: what value lacks of what is guaranteed, up to the cap, lease by lease. Notes: before and after the payment dates of it. Shortfall: what they then lack if the premises fetch their value; principal short: if these are let again. A dash: no guarantee is left, after a bankruptcy or a sale.");
        table
    }
}

/// How far one thing may go before a note loses a cent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitLine {
    /// The class.
    pub note: String,
    /// The scenario that is changed.
    pub scenario: String,
    /// `market_rent_fall` (a share), `non_renewal` (share of kW), `cadence_speed` (a multiple) or `compute_price_fall`
    /// (a share).
    pub stressor: &'static str,
    /// The farthest point at which the note is paid in full; `null` if not even unchanged.
    pub borne: Option<f64>,
    /// The next point, at which it is not; `null` if it bears all that was tried.
    pub broken: Option<f64>,
    /// The farthest point tried.
    pub tried_to: f64,
    /// For `cadence_speed`, the economic life in months of a new chip at `borne`; `null` over thirty years.
    pub chip_life_months: Option<usize>,
}

impl LimitLine {
    fn new(limit: &Limit) -> LimitLine {
        let stressor = match limit.stressor {
            Stressor::MarketRentFall => "market_rent_fall",
            Stressor::NonRenewal => "non_renewal",
            Stressor::CadenceSpeed => "cadence_speed",
            Stressor::ComputePriceFall => "compute_price_fall",
        };
        LimitLine {
            note: limit.note.clone(),
            scenario: limit.scenario.clone(),
            stressor,
            borne: limit.borne,
            broken: limit.broken,
            tried_to: limit.tried_to,
            chip_life_months: limit.chip_life_months,
        }
    }

    /// What is turned up, for people; how far it may go; and at what it breaks.
    fn cells(&self) -> [String; 5] {
        let shares = self.stressor != "cadence_speed";
        let point = |value: f64| if shares { percent(Some(value), 2) } else { format!("{value:.2} x") };
        let name = match self.stressor {
            "market_rent_fall" => "market rents fall by",
            "non_renewal" => "of kW not renewed, largest first",
            "compute_price_fall" => "compute gets cheaper by",
            _ => "generations come faster",
        };
        let broken = match (self.borne, self.broken) {
            (Some(_), None) => format!("none up to {}", point(self.tried_to)),
            (_, broken) => broken.map_or("-".to_owned(), point),
        };
        let life =
            self.chip_life_months.map_or("-".to_owned(), |months| format!("{:.1}", months as f64 / 12.0));
        [self.note.clone(), name.to_owned(), self.borne.map_or("-".to_owned(), point), broken, life]
    }

    fn table(lines: &[LimitLine], scenario: &str) -> Table {
        use Align::{Left, Right};
        let columns = [
            ("class", Left),
            ("what", Left),
            ("borne", Right),
            ("breaks at", Right),
            ("chip life, years", Right),
        ];
        let mut table = Table::new(format!("Break-even in {scenario}: how far one thing may go"), &columns);
        lines.iter().for_each(|line| table.row(line.cells()));
        table.note("Interest and principal in full by the last payment date at `borne`, a cent lost at `breaks at`; both were run. A dash: not even unchanged.");
        if lines.iter().any(|line| line.stressor == "cadence_speed") {
            table.note("Cadence: if the scenario links no building to chips, market rents follow the price of compute one for one. Chip life: of the newest chip at the cut-off date, at `borne`.");
        }
        table
    }
}

impl StressReport {
    /// The report of a stress study.
    pub fn new(deal: impl Into<String>, currency: Currency, stress: &Stress) -> StressReport {
        let money = |amount: Money| super::decimal(currency, amount);
        let lines = stress.outcomes.iter().map(|outcome| StressLine {
            scenario: outcome.scenario.clone(),
            note: outcome.note.clone(),
            value: outcome.value,
            wal_years: outcome.wal_years,
            principal_shortfall: money(outcome.principal_shortfall),
            interest_shortfall: money(outcome.interest_shortfall),
        });
        let triggers = stress.breaches.iter().map(|breach| BreachLine {
            scenario: breach.scenario.clone(),
            trigger: breach.trigger.clone(),
            first: breach.first,
            payment_dates: breach.payment_dates,
        });
        let break_evens = stress.break_evens.iter().map(|found| BreakEvenLine {
            note: found.note.clone(),
            scenario: found.scenario.clone(),
            collections_cut: found.collections_cut,
        });
        StressReport {
            deal: deal.into(),
            currency,
            lines: lines.collect(),
            triggers: triggers.collect(),
            break_evens: break_evens.collect(),
            limits: stress.limits.iter().map(LimitLine::new).collect(),
            crossings: stress.crossings.iter().map(CrossingLine::new).collect(),
            guarantees: stress.guarantees.iter().map(|exit| GuaranteeLine::new(exit, currency)).collect(),
        }
    }
}

impl Report for StressReport {
    fn csv(&self) -> String {
        [
            records(&self.lines),
            records(&self.triggers),
            records(&self.break_evens),
            records(&self.limits),
            records(&self.crossings),
            records(&self.guarantees),
        ]
        .into_iter()
        .filter(|list| !list.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
    }

    fn tables(&self) -> Vec<Table> {
        use Align::{Left, Right};
        let columns = [
            ("scenario", Left),
            ("class", Left),
            ("value", Right),
            ("WAL years", Right),
            ("principal short", Right),
            ("interest short", Right),
        ];
        let mut outcomes =
            Table::new(format!("{}: scenarios side by side, {}", self.deal, self.currency), &columns);
        let shown = |text: &String| shown(self.currency, text);
        for line in &self.lines {
            outcomes.row([
                line.scenario.clone(),
                line.note.clone(),
                figure(line.value, 3),
                figure(line.wal_years, 2),
                shown(&line.principal_shortfall),
                shown(&line.interest_shortfall),
            ]);
        }
        outcomes.note("Value: per 100 of balance at closing, at the note's spread in the base scenario.");
        let columns =
            [("scenario", Left), ("trigger", Left), ("first active", Left), ("payment dates", Right)];
        let mut triggers = Table::new("Triggers: when they were active", &columns);
        for line in &self.triggers {
            triggers.row([
                line.scenario.clone(),
                line.trigger.clone(),
                line.first.to_string(),
                line.payment_dates.to_string(),
            ]);
        }
        let columns = [("class", Left), ("scenario", Left), ("collections cut", Right)];
        let mut cuts = Table::new("Break-even: the cut of all collections that each note bears", &columns);
        for line in &self.break_evens {
            cuts.row([line.note.clone(), line.scenario.clone(), percent(line.collections_cut, 2)]);
        }
        cuts.note("Interest and principal are paid in full by the last payment date up to this cut. A dash: not even uncut.");
        let mut tables = vec![outcomes, triggers, cuts];
        for lines in self.limits.chunk_by(|one, next| one.scenario == next.scenario) {
            tables.extend(lines.first().map(|first| LimitLine::table(lines, &first.scenario)));
        }
        if !self.crossings.is_empty() {
            tables.push(CrossingLine::table(&self.crossings));
        }
        if !self.guarantees.is_empty() {
            tables.push(GuaranteeLine::table(&self.guarantees, self.currency));
        }
        tables
    }
}
