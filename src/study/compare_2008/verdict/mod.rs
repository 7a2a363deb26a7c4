//! (e) Where the likeness holds and where it breaks: sentences that follow from their numbers.

mod facts;

pub(super) use facts::sentences;

use super::structures::Arrival;
use super::what_happened::percent;
use crate::credit::Rating;
use serde::Serialize;

/// A sentence of the verdict, made of its finding alone: another number, another sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sentence {
    /// Whether today is like 2006 in this; `None` where paths are too few to say.
    pub likeness_holds: Option<bool>,
    /// The sentence.
    pub text: String,
    /// Its numbers.
    pub finding: Finding,
}

/// What a sentence is made of. Shares are fractions.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "topic", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// How thick the thinnest class of the BBB category is. Like 2006 if below twice the width.
    ThinMezzanine {
        /// The class of 2006, and its share of the pool.
        subprime: ClassShare,
        /// Today's.
        data_center: ClassShare,
    },
    /// What is below the lowest class of the BBB category. Like 2006 if less than twice as much.
    Cushion {
        /// The class of 2006, and its subordination.
        subprime: ClassShare,
        /// Today's thinnest cushion.
        data_center: ClassShare,
    },
    /// How many obligors alike a pool is worth. Like 2006 if at least a tenth as many.
    Diversification {
        /// The pool of 2006.
        subprime_effective: f64,
        /// The deal of today that is worth most.
        data_center: String,
        /// How many that is.
        data_center_effective: f64,
        /// Share of its five largest.
        top_five: f64,
    },
    /// How losses arrive. Like 2006 if mainly the same way in most deals.
    Arrival {
        /// In the pool of 2006.
        subprime: Arrival,
        /// Deals of today on assets.
        data_center_deals: usize,
        /// Of them those in which losses mainly arrive the same way.
        alike: usize,
    },
    /// Contracts against notes. Like 2006 if contracts last until the last legal final in most deals.
    Tenor {
        /// Years left of the loans of 2006.
        subprime_contract_years: f64,
        /// Years to the legal final of their notes.
        subprime_legal_final_years: f64,
        /// The deal of today whose contracts end soonest against its notes.
        data_center: String,
        /// Years left of its leases.
        data_center_contract_years: f64,
        /// Years to the legal final of its notes.
        data_center_legal_final_years: f64,
    },
    /// Notes pooled and cut again: how near the first cent and the last of the top class are. Like 2006 if within
    /// twice the distance.
    Cliff {
        /// The top class of the CDO of 2006: pool losses at its first cent and when nothing is left.
        subprime: Stretch,
        /// Today's.
        data_center: Stretch,
    },
    /// Notches that the top class of the CDO loses as default intensities double. Like 2006 if at least half as many;
    /// open where the error of the estimates reaches to both sides of that.
    TwiceTheDefaults {
        /// Notches of 2006's.
        subprime: Notches,
        /// Today's.
        data_center: Notches,
    },
    /// The same as the correlation goes from .20 to .80.
    SharedFactor {
        /// Notches of 2006's.
        subprime: Notches,
        /// Today's.
        data_center: Notches,
    },
    /// What the last forecast wipes out below the top, by arithmetic. Like 2006 if at least half as much of it.
    WipedOut {
        /// The last forecast's loss.
        pool_loss: f64,
        /// Share of the classes below the top of 2006 of which nothing is left.
        subprime_share: f64,
        /// Share of those of today.
        data_center_share: f64,
    },
    /// How far the first belief was from the last. Like 2006 if the same error in the life of chips costs some class
    /// a hundredth of itself or more.
    Believed {
        /// The first forecast.
        first_forecast: f64,
        /// The last.
        last_forecast: f64,
        /// Chip life believed, years.
        believed_years: f64,
        /// The life that is shorter by the same factor.
        same_error_years: f64,
        /// The life run that is next above, years.
        run_years: usize,
        /// Classes of today's deals, rents following chips one for one.
        classes: usize,
        /// Of them those that lose a hundredth of themselves or more.
        losing: usize,
    },
    /// Time: what the waterfall leaves unpaid of all classes against straight arithmetic when the pool loses 40%. Like
    /// 2006 if it is less in both, or more in both.
    Time {
        /// Share of the notes of 2006 lost by arithmetic.
        subprime_arithmetic: f64,
        /// In the run.
        subprime_run: f64,
        /// Share of the notes of today's deals on assets lost by arithmetic, balance by balance.
        data_center_arithmetic: f64,
        /// In the run.
        data_center_run: f64,
    },
    /// What a year of chip life is worth beside twice the defaults of 2006, in notches of the CDOs' top classes. Like 2006
    /// if at least half as many.
    YearOfChips {
        /// The top class of 2006 as default intensities double.
        subprime: Notches,
        /// Today's as chips live a year less, rents following by a quarter.
        data_center: Notches,
    },
}

/// A class and a share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassShare {
    /// The folder's name.
    pub deal: String,
    /// The class.
    pub note: String,
    /// The share.
    pub share: f64,
}

/// A class and the pool losses between which it is lost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// The folder's name.
    pub deal: String,
    /// The class.
    pub note: String,
    /// Pool loss at the first cent.
    pub from: f64,
    /// Pool loss when nothing is left.
    pub to: f64,
}

/// A class and what it loses of its rating.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notches {
    /// The folder's name.
    pub deal: String,
    /// The class.
    pub note: String,
    /// The rating that its expected loss implies before.
    pub before: Rating,
    /// After.
    pub after: Rating,
    /// Notches lost.
    pub lost: i32,
    /// The fewest, to the best rating after within 1.96 standard errors.
    pub least: i32,
    /// The most, to the worst.
    pub most: i32,
}

impl Notches {
    /// Whether this class, today's, is as fragile as one of 2006: loses notches, and at least half as many. `None` if the
    /// errors of the two reach to both sides of the rule.
    fn as_fragile_as(&self, subprime: &Notches) -> Option<bool> {
        let holds = |own: i32, theirs: i32| own > 0 && 2 * own >= theirs;
        let sure = holds(self.least, subprime.most);
        (sure || !holds(self.most, subprime.least)).then_some(sure)
    }

    /// `from AA to A (3 notches, 2 to 4 within the error)`.
    fn told(&self) -> String {
        let Notches { before, after, lost, least, most, .. } = self;
        let unit = if *lost == 1 { "notch" } else { "notches" };
        if least == most {
            return format!("from {before} to {after} ({lost} {unit})");
        }
        format!("from {before} to {after} ({lost} {unit}, {least} to {most} within the error)")
    }
}

impl Finding {
    /// Whether today is like 2006 in this, by the rule of the variant; `None` where paths are too few to say.
    pub fn likeness_holds(&self) -> Option<bool> {
        Some(match self {
            Finding::ThinMezzanine { subprime, data_center } => data_center.share < 2.0 * subprime.share,
            Finding::Cushion { subprime, data_center } => data_center.share < 2.0 * subprime.share,
            Finding::Diversification { subprime_effective, data_center_effective, .. } => {
                10.0 * data_center_effective >= *subprime_effective
            }
            Finding::Arrival { data_center_deals, alike, .. } => 2 * alike > *data_center_deals,
            Finding::Tenor {
                subprime_contract_years,
                subprime_legal_final_years,
                data_center_contract_years,
                data_center_legal_final_years,
                ..
            } => {
                let covers = |contract: f64, final_: f64| contract >= 0.9 * final_;
                covers(*subprime_contract_years, *subprime_legal_final_years)
                    == covers(*data_center_contract_years, *data_center_legal_final_years)
            }
            Finding::Cliff { subprime, data_center } => {
                data_center.to - data_center.from < 2.0 * (subprime.to - subprime.from)
            }
            Finding::TwiceTheDefaults { subprime, data_center }
            | Finding::SharedFactor { subprime, data_center }
            | Finding::YearOfChips { subprime, data_center } => return data_center.as_fragile_as(subprime),
            Finding::WipedOut { subprime_share, data_center_share, .. } => {
                2.0 * data_center_share >= *subprime_share
            }
            Finding::Believed { losing, .. } => *losing > 0,
            Finding::Time { subprime_arithmetic, subprime_run, data_center_arithmetic, data_center_run } => {
                (subprime_run < subprime_arithmetic) == (data_center_run < data_center_arithmetic)
            }
        })
    }

    /// The sentence with its verdict.
    pub fn sentence(self) -> Sentence {
        let likeness_holds = self.likeness_holds();
        Sentence { likeness_holds, text: self.text(likeness_holds), finding: self }
    }

    fn text(&self, holds: Option<bool>) -> String {
        let or = |yes: &'static str, no: &'static str| match holds {
            Some(true) => yes,
            Some(false) => no,
            None => "too few paths to say",
        };
        let p = |share: f64| format!("{}%", percent(share));
        match self {
            Finding::ThinMezzanine { subprime, data_center } => format!(
                "The thinnest BBB class of 2006 ({} {}) is {} of its pool, today's ({} {}) {}: {}.",
                subprime.deal,
                subprime.note,
                p(subprime.share),
                data_center.deal,
                data_center.note,
                p(data_center.share),
                or("one step of the pool takes either whole", "a slice, where that one was a line"),
            ),
            Finding::Cushion { subprime, data_center } => format!(
                "Below the lowest BBB class of 2006 ({} {}) stands {} of the pool, below today's ({} {}) {} of the value: {}.",
                subprime.deal,
                subprime.note,
                p(subprime.share),
                data_center.deal,
                data_center.note,
                p(data_center.share),
                or("as little", "not the same cushion, if the value is what it is said to be"),
            ),
            Finding::Diversification { subprime_effective, data_center, data_center_effective, top_five } => {
                format!(
                    "The pool of 2006 is worth {subprime_effective:.0} obligors alike, {data_center} {data_center_effective:.1}, \
                 its five largest {}: {}.",
                    p(*top_five),
                    or("the law of large numbers is leaned on in both", "no law of large numbers to lean on"),
                )
            }
            Finding::Arrival { subprime, data_center_deals, alike } => format!(
                "Losses of 2006 arrive {}; so they do in {alike} of {data_center_deals} deals of today: {}.",
                match subprime {
                    Arrival::Diffused => "diffused over many loans",
                    Arrival::NonRenewal => "as contracts end",
                    Arrival::LargestDefault => "with one obligor",
                },
                or("the same way", "elsewhere as leases end or with one tenant"),
            ),
            Finding::Tenor {
                subprime_contract_years,
                subprime_legal_final_years,
                data_center,
                data_center_contract_years,
                data_center_legal_final_years,
            } => format!(
                "Loans of 2006 last {subprime_contract_years:.1} years for notes of {subprime_legal_final_years:.1}, leases of {data_center} \
                 {data_center_contract_years:.1} for {data_center_legal_final_years:.1}: {}.",
                or("contracts and notes stand alike", "what pays the notes is not yet signed"),
            ),
            Finding::Cliff { subprime, data_center } => format!(
                "The top class of {} loses its first cent at a pool loss of {} and its last at {}, that of {} at {} and {}: {}.",
                subprime.deal,
                p(subprime.from),
                p(subprime.to),
                data_center.deal,
                p(data_center.from),
                p(data_center.to),
                or("the same cliff, further out or not", "a slope, where that one was a cliff"),
            ),
            Finding::TwiceTheDefaults { subprime, data_center } => format!(
                "Twice the defaults take {} {}, {} {}: {}.",
                subprime.deal,
                subprime.told(),
                data_center.deal,
                data_center.told(),
                or("as fragile", "not as fragile"),
            ),
            Finding::SharedFactor { subprime, data_center } => format!(
                "A correlation of .80 for .20 takes {} {}, {} {}: {}.",
                subprime.deal,
                subprime.told(),
                data_center.deal,
                data_center.told(),
                or(
                    "both stand on one factor being small",
                    "today's stands on few names, not on their independence"
                ),
            ),
            Finding::WipedOut { pool_loss, subprime_share, data_center_share } => format!(
                "A loss of {} leaves nothing of {} of what stood below the top in 2006, and of {} today: {}.",
                p(*pool_loss),
                p(*subprime_share),
                p(*data_center_share),
                or("the same would be lost", "the same loss would not do it"),
            ),
            Finding::Believed {
                first_forecast,
                last_forecast,
                believed_years,
                same_error_years,
                run_years,
                classes,
                losing,
            } => format!(
                "Forecasts of the loss went from {} to {} in two years; the same error takes a chip life of {believed_years:.0} years to \
                 {same_error_years:.1}. At {run_years} years, rents following chips one for one, {losing} of {classes} classes lose a \
                 hundredth or more: {}.",
                p(*first_forecast),
                p(*last_forecast),
                or("an error of that size is one of capital", "an error of that size is borne"),
            ),
            Finding::Time { subprime_arithmetic, subprime_run, data_center_arithmetic, data_center_run } => {
                format!(
                    "When the pool loses 40%, arithmetic takes {} of the notes of 2006 and the run {}; of today's {} and {}: {}.",
                    p(*subprime_arithmetic),
                    p(*subprime_run),
                    p(*data_center_arithmetic),
                    p(*data_center_run),
                    match (holds == Some(true), data_center_run < data_center_arithmetic) {
                        (true, true) => "cash flow bears part of it in both",
                        (true, false) => "cash flow bears none of it in either",
                        (false, true) => "cash flow bears part of it today and did not then",
                        (false, false) =>
                            "excess spread bore part of it then, and income that falls short adds to it today",
                    },
                )
            }
            Finding::YearOfChips { subprime, data_center } => format!(
                "Chips that live a year less, rents following by a quarter, take {} {}, as twice the defaults take {} {}: {}.",
                data_center.deal,
                data_center.told(),
                subprime.deal,
                subprime.told(),
                or("one figure, as fragile", "that figure is not it"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cliff(to: f64) -> Finding {
        let stretch = |from, to| Stretch { deal: "cdo".into(), note: "A".into(), from, to };
        Finding::Cliff { subprime: stretch(0.04, 0.06), data_center: stretch(0.30, to) }
    }

    /// Another number, another verdict and another sentence.
    #[test]
    fn a_sentence_flips_with_its_number() {
        let (like, unlike) = (cliff(0.33).sentence(), cliff(0.35).sentence());
        assert!(
            like.likeness_holds == Some(true)
                && like.text.contains("33%")
                && like.text.contains("same cliff"),
            "{like:?}"
        );
        assert!(
            unlike.likeness_holds == Some(false)
                && unlike.text.contains("35%")
                && unlike.text.contains("a slope"),
            "{unlike:?}"
        );

        let wiped = |data_center_share| Finding::WipedOut {
            pool_loss: 0.384,
            subprime_share: 1.0,
            data_center_share,
        };
        assert_eq!([0.5, 0.49].map(|share| wiped(share).likeness_holds()), [Some(true), Some(false)]);
        let spread = |data_center_effective| Finding::Diversification {
            subprime_effective: 3_000.0,
            data_center: "d".into(),
            data_center_effective,
            top_five: 0.6,
        };
        assert_eq!([300.0, 20.0].map(|alike| spread(alike).likeness_holds()), [Some(true), Some(false)]);
        let time = |data_center_run| Finding::Time {
            subprime_arithmetic: 0.4,
            subprime_run: 0.3,
            data_center_arithmetic: 0.1,
            data_center_run,
        };
        assert_eq!([0.09, 0.1].map(|run| time(run).likeness_holds()), [Some(true), Some(false)]);
        assert_ne!(time(0.09).sentence().text, time(0.11).sentence().text);
    }

    /// Seven notches of 2006, surely five to eight: today is as fragile from four on, and not below three.
    #[test]
    fn a_verdict_waits_for_paths_enough() {
        let lost = |least, lost, most| Notches {
            deal: "cdo A".into(),
            note: "A".into(),
            before: Rating::Aaa,
            after: Rating::Aaa,
            lost,
            least,
            most,
        };
        let found = |data_center| Finding::TwiceTheDefaults { subprime: lost(5, 7, 8), data_center };
        let holds = |least, most| found(lost(least, least, most)).likeness_holds();
        assert_eq!(holds(4, 9), Some(true));
        assert_eq!(holds(3, 4), None);
        assert_eq!(holds(0, 11), None);
        assert_eq!(holds(-2, 2), Some(false));
        let text = found(lost(0, 0, 11)).sentence().text;
        assert!(text.ends_with("(0 notches, 0 to 11 within the error): too few paths to say."), "{text}");
        let sure = found(lost(1, 1, 1)).sentence().text;
        assert!(sure.ends_with("from AAA to AAA (1 notch): not as fragile."), "{sure}");
    }
}
