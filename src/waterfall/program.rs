//! A deal resolved once into a flat program over indices. Nothing in it depends on the collections.

use super::amount::Amount;
use super::ledger::Party;
use super::multiplier::Multiplier;
use crate::collection::Layout;
use crate::money::{Currency, Money};
use crate::ratio::Ratio;
use crate::time::{Date, PaymentSchedule};

/// A compiled deal: run it on as many [`Collections`](crate::collection::Collections) as you like.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) currency: Currency,
    pub(crate) layout: Layout,
    pub(crate) schedule: PaymentSchedule,
    pub(crate) payments_a_year: u32,
    /// How account earnings are rounded.
    pub(crate) parties: Parties,
    pub(crate) notes: Vec<NoteTerms>,
    /// Whether any note is drawn after closing.
    pub(crate) draws: bool,
    /// Whether any note pays in kind at times.
    pub(crate) pays_in_kind: bool,
    /// Whether a note has an available funds cap.
    pub(crate) caps_interest: bool,
    pub(crate) accounts: Vec<AccountTerms>,
    /// The account where cash arrives, by index.
    pub(crate) collection: usize,
    /// For each source of the layout, the account it is paid into.
    pub(crate) deposits: Vec<Party>,
    pub(crate) fees: Vec<FeeTerms>,
    pub(crate) schedules: Vec<Vec<Money>>,
    pub(crate) amounts: Vec<Amount>,
    pub(crate) triggers: Vec<TriggerTerms>,
    pub(crate) phases: Vec<PhaseTerms>,
    /// Notes are called when balance < this share of the original.
    pub(crate) clean_up_call: Option<Ratio>,
    pub(crate) columns: Columns,
    /// The columns that formulas and expenses refer to.
    pub(crate) read: Vec<u16>,
    /// Whether a formula refers to what a step has paid.
    pub(crate) reads_paid: bool,
    /// A row of collections that have ended.
    pub(crate) nothing: Vec<Money>,
    /// The columns whose running totals formulas refer to.
    pub(crate) totals: Vec<u16>,
    /// A row of measures before the first.
    pub(crate) measures_at_cut_off: Vec<Money>,
    /// Where the run starts: nothing unpaid at closing, or what a seasoned deal's last report says.
    pub(crate) start: Start,
    /// The most things of a kind whose amounts could be added up, and the largest of the program's own amounts.
    pub(crate) terms: usize,
    pub(crate) largest: i64,
    pub(crate) names: Names,
}

/// What is unpaid, active and counted before the first payment date that is run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    pub(crate) notes: Vec<NoteStart>,
    /// What is due of each fee.
    pub(crate) fees: Vec<Money>,
    pub(crate) expenses: Money,
    /// A bit for each active trigger.
    pub(crate) active: u64,
    /// By slot of the running totals.
    pub(crate) totals: Vec<Money>,
}

/// What a note is owed before the first payment date that is run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NoteStart {
    pub(crate) balance: Money,
    pub(crate) interest_shortfall: Money,
    pub(crate) post_ard_interest_unpaid: Money,
    pub(crate) principal_shortfall: Money,
    pub(crate) written_down: Money,
}

/// The ids of things, by index, for reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) notes: Vec<String>,
    pub(crate) triggers: Vec<String>,
    pub(crate) events: Vec<String>,
}

/// Who takes part in the ledger: accounts, then sources, then payees.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parties {
    pub(crate) names: Vec<String>,
    pub(crate) accounts: usize,
    pub(crate) sources: usize,
    /// The sources after those of the layout.
    pub(crate) opening: Party,
    pub(crate) draws: Party,
    pub(crate) earnings: Party,
    pub(crate) redemption: Party,
    /// The payees that always are.
    pub(crate) expenses: Party,
    pub(crate) issuer: Party,
    /// The first note's payee; the others follow.
    pub(crate) first_note: Party,
}

impl Parties {
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn account(&self, account: usize) -> Party {
        Party(account as u16)
    }

    pub(crate) fn note(&self, note: usize) -> Party {
        Party(self.first_note.0 + note as u16)
    }

    /// The ledger's party of a source of the layout.
    pub(crate) fn source(&self, source: usize) -> Party {
        Party((self.accounts + source) as u16)
    }

    pub(crate) fn first_payee(&self) -> usize {
        self.accounts + self.sources
    }
}

/// Columns of the layout that the machine itself reads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) expenses: Option<u16>,
}

#[derive(Clone, Debug)]
pub(crate) struct NoteTerms {
    pub(crate) original: Money,
    /// The most it can be drawn to; of a term note, its original balance.
    pub(crate) commitment: Money,
    /// Draws by period; empty where there are none.
    pub(crate) draws: Vec<Money>,
    pub(crate) draw_account: Party,
    pub(crate) rates: Vec<PeriodRate>,
    /// Extra interest by period, after the anticipated repayment date; empty where there is none.
    pub(crate) post_ard: Vec<Option<PostArdRate>>,
    /// Coupons a year, by period.
    pub(crate) annual: Vec<Multiplier>,
    /// Whether interest runs between adjusted dates.
    pub(crate) adjusted: bool,
    /// The first day of the first period's accrual, where it is neither closing nor a payment date.
    pub(crate) accrues_from: Option<Date>,
    /// Pieces for each of which interest is rounded; rates are those of one piece.
    pub(crate) pieces: i64,
    pub(crate) interest_on_shortfall: bool,
    /// Principal falling due by period; empty where there is none.
    pub(crate) scheduled: Vec<Money>,
    /// The first period on whose date the whole balance is owed.
    pub(crate) legal_final: usize,
    pub(crate) pay_in_kind: Option<Conditions>,
    /// Premium per unit prepaid, by period; empty where there is none.
    pub(crate) make_whole: Vec<Multiplier>,
    pub(crate) funds_cap: Option<FundsCap>,
}

/// Interest of a period is at most the note's balance x `interest` / `balance`.
#[derive(Clone, Debug)]
pub(crate) struct FundsCap {
    pub(crate) interest: Amount,
    pub(crate) balance: Amount,
}

/// What a unit of balance earns in one period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeriodRate {
    /// Coupon x year fraction.
    pub(crate) interest: Multiplier,
    /// Whether that is the same as in the period before.
    pub(crate) as_before: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PostArdRate {
    /// Extra rate x year fraction, on the balance.
    pub(crate) on_balance: Multiplier,
    /// On extra interest unpaid: coupon and extra rate together.
    pub(crate) on_unpaid: Multiplier,
}

#[derive(Clone, Debug)]
pub(crate) struct AccountTerms {
    pub(crate) opening: Money,
    pub(crate) target: Option<Amount>,
    /// What a unit earns, by period; empty where it earns nothing.
    pub(crate) earnings: Vec<Multiplier>,
}

#[derive(Clone, Debug)]
pub(crate) struct FeeTerms {
    pub(crate) payee: Party,
    pub(crate) accrual: FeeAccrual,
    pub(crate) cap: Option<Amount>,
    /// Whether the cap is refilled on a period's date; empty where it is on every one.
    pub(crate) cap_refills: Vec<bool>,
}

#[derive(Clone, Debug)]
pub(crate) enum FeeAccrual {
    Amount(Amount),
    Rate { of: Amount, by_period: Vec<Multiplier> },
}

/// Triggers that must and must not be active, as bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Conditions {
    pub(crate) on: u64,
    pub(crate) off: u64,
}

impl Conditions {
    /// Whether they always hold.
    #[inline(always)]
    pub(crate) fn is_empty(self) -> bool {
        self.on | self.off == 0
    }

    #[inline]
    pub(crate) fn hold(self, active: u64) -> bool {
        active & self.on == self.on && active & self.off == 0
    }

    /// Whether any one of the conditions holds.
    #[inline]
    pub(crate) fn any_hold(self, active: u64) -> bool {
        active & self.on != 0 || !active & self.off != 0
    }
}

#[derive(Clone, Debug)]
pub(crate) struct TriggerTerms {
    pub(crate) test: TestTerms,
    /// Payment dates in a row that cure; `None`: never.
    pub(crate) cure_after: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) enum TestTerms {
    Dscr {
        notes: Box<[u16]>,
        noi: u16,
        periods: usize,
        constant: Option<Ratio>,
        level: Level,
    },
    Ratio {
        numerator: Box<Amount>,
        denominator: Box<Amount>,
        level: Level,
    },
    /// Active from a period on.
    From(usize),
    /// Active from a period on while the note is outstanding; any of them.
    NoteFrom(Box<[(u16, usize)]>),
    PaidInFull(Box<[u16]>),
    InterestShortfall(Box<[u16]>),
    /// Active from when an event has happened, by index of the event's name.
    Event(u16),
    All(Conditions),
    Any(Conditions),
}

/// Which side of a level is a breach, and the level that counts as passing while the breach lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    pub(crate) below: bool,
    pub(crate) breach: Ratio,
    pub(crate) cure: Ratio,
}

#[derive(Clone, Debug)]
pub(crate) struct PhaseTerms {
    pub(crate) name: String,
    pub(crate) when: Conditions,
    pub(crate) steps: Vec<StepTerms>,
}

#[derive(Clone, Debug)]
pub(crate) struct StepTerms {
    pub(crate) name: String,
    pub(crate) when: Conditions,
    pub(crate) from: Box<[Party]>,
    pub(crate) limit: Option<Amount>,
    pub(crate) pay: PayTerms,
}

#[derive(Clone, Debug)]
pub(crate) enum PayTerms {
    Expenses,
    Fees {
        fees: Box<[u16]>,
        above_cap: bool,
        pro_rata: bool,
    },
    Notes {
        claim: NoteClaim,
        notes: Box<[u16]>,
        pro_rata: bool,
        /// Shared by balances after the last payment date, not by what is due.
        by_opening: bool,
    },
    /// Into an account, up to its target or without bound.
    Deposit {
        account: Party,
        to_target: bool,
    },
    Payee(Party),
    WriteDown {
        notes: Box<[u16]>,
        pro_rata: bool,
    },
    WriteUp {
        notes: Box<[u16]>,
        pro_rata: bool,
    },
}

impl PayTerms {
    /// Whether without cash nothing happens.
    pub(crate) fn moves_cash(&self) -> bool {
        !matches!(self, PayTerms::WriteDown { .. } | PayTerms::WriteUp { .. })
    }
}

/// What a step pays on a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteClaim {
    Interest,
    PostArdInterest,
    ScheduledPrincipal,
    Principal,
    MakeWhole,
}

impl Program {
    /// Every formula of the deal.
    pub(crate) fn formulas(&self) -> impl Iterator<Item = &Amount> {
        let fees = self.fees.iter().flat_map(|fee| {
            let (FeeAccrual::Amount(accrual) | FeeAccrual::Rate { of: accrual, .. }) = &fee.accrual;
            std::iter::once(accrual).chain(&fee.cap)
        });
        let tests = self.triggers.iter().filter_map(|trigger| match &trigger.test {
            TestTerms::Ratio { numerator, denominator, .. } => Some([&**numerator, &**denominator]),
            _ => None,
        });
        let steps = self.phases.iter().flat_map(|phase| &phase.steps);
        let caps = self.notes.iter().filter_map(|note| note.funds_cap.as_ref());
        fees.chain(caps.flat_map(|cap| [&cap.interest, &cap.balance]))
            .chain(self.accounts.iter().filter_map(|account| account.target.as_ref()))
            .chain(&self.amounts)
            .chain(tests.flatten())
            .chain(steps.filter_map(|step| step.limit.as_ref()))
    }

    /// The payment dates.
    pub fn schedule(&self) -> &PaymentSchedule {
        &self.schedule
    }

    /// Payment dates a year.
    pub fn payments_a_year(&self) -> usize {
        self.payments_a_year as usize
    }

    /// The currency of every amount.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What collections must look like to be run.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether the waterfall reads a measure: in a formula, a test, or as expenses. What is not read need
    /// not be computed ([`Projection::computing`](crate::collection::Projection::computing)).
    pub fn reads(&self, measure: &str) -> bool {
        let Some(column) = self.layout.column(measure).map(|column| column as u16) else { return false };
        let tested =
            |trigger: &TriggerTerms| matches!(&trigger.test, TestTerms::Dscr { noi, .. } if *noi == column);
        self.read.contains(&column) || self.triggers.iter().any(tested)
    }

    /// A note's balance at closing.
    ///
    /// # Panics
    /// If there is no such note.
    pub fn original_balance(&self, note: usize) -> Money {
        self.notes[note].original
    }

    /// The most a note can be drawn to; of a term note, its balance at closing.
    ///
    /// # Panics
    /// If there is no such note.
    pub fn commitment(&self, note: usize) -> Money {
        self.notes[note].commitment
    }

    /// A note's balance before the first payment date that is run: at closing, or where the deal opens.
    ///
    /// # Panics
    /// If there is no such note.
    pub fn opening_balance(&self, note: usize) -> Money {
        self.start.notes[note].balance
    }

    /// The dates between which a note's interest of a period runs, both counted from 0.
    ///
    /// # Panics
    /// If there is no such note or period.
    pub fn accrual(&self, note: usize, period: usize) -> (Date, Date) {
        let terms = &self.notes[note];
        let (start, end) = self.schedule.accrual(period, terms.adjusted);
        (terms.accrues_from.filter(|_| period == 0).unwrap_or(start), end)
    }

    /// A note's coupon a year in a period, both counted from 0.
    ///
    /// # Panics
    /// If there is no such note or period.
    pub fn coupon(&self, note: usize, period: usize) -> Ratio {
        self.notes[note].annual[period].ratio()
    }

    /// The notes' ids, in the deal's order.
    pub fn notes(&self) -> &[String] {
        &self.names.notes
    }

    /// The triggers' ids, in the deal's order.
    pub fn triggers(&self) -> &[String] {
        &self.names.triggers
    }

    /// The issuer's accounts, in the deal's order.
    pub fn accounts(&self) -> &[String] {
        &self.parties.names[..self.parties.accounts]
    }

    /// Who is paid: the notes in the deal's order, then everybody else.
    pub fn payees(&self) -> &[String] {
        &self.parties.names[self.parties.first_payee()..]
    }
}
