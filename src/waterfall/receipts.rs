//! What a holder of notes collects: one deal's payments become another deal's collections.

use super::lanes::Lanes;
use super::multiplier::Multiplier;
use super::paths::{Observe, PaymentDate};
use super::program::Program;
use super::whole::Whole;
use crate::collection::{Collections, Layout, NoteColumns, Share};
use crate::error::Error;
use crate::money::{Money, Rounding};
use crate::ratio::Ratio;
use crate::time::Date;
use std::ops::{ControlFlow, Range};

/// The notes of one deal that another deal holds, and the payment date on which the holder distributes
/// what each payment date of theirs brings.
///
/// A payment of the notes is collected on the holder's first payment date on or after its own; both dates
/// are nominal, as everywhere. What notes paid up to the holder's cut-off date is not the holder's, and
/// what they pay after its last payment date it never distributes.
///
/// ```
/// use leasefall::collection::{Collections, Layout};
/// use leasefall::deal::Deal;
/// use leasefall::tape::read_document;
/// use leasefall::waterfall::{Holdings, Paths, Program, Receipts};
/// use leasefall::{Currency, Date, Error, Money};
///
/// let deal = read_document::<Deal>("deal.toml", r#"
///     name = "One note"
///     currency = "USD"
///     cut_off_date = 2025-12-31
///     closing_date = 2026-01-25
///     payments = { frequency = "monthly", first_date = 2026-02-25 }
///     notes = [
///         { id = "B", original_balance = 1_000, coupon = 0.12, day_count = "30/360", legal_final = 2026-03-25 },
///     ]
///     accounts = [{ id = "collection" }]
///     phases = [{ id = "normal", steps = [
///         { id = "interest", pay = "interest", notes = ["B"] },
///         { id = "principal", pay = "principal", notes = ["B"] },
///     ] }]
/// "#)?.value;
/// let layout = Layout::new(["rent"], []);
/// let program = Program::compile(&deal, &layout)?;
/// let mut rent = Collections::empty(Currency::USD, layout, 2);
/// rent.row_mut(0)[0] = Money::from_minor(410_00);
///
/// // A quarter of the note is held by a deal that pays once, in April.
/// let day = |m, d| Date::from_ymd_opt(2026, m, d).unwrap();
/// let held = [(0, Money::from_minor(250_00))];
/// let holdings = Holdings::new(&program, &held, day(1, 25), &[day(4, 10)])?;
/// let mut receipts = Receipts::<1>::new(&holdings);
/// program.run_paths(&[&rent], &mut Paths::default(), &mut receipts)?;
/// let mut collected = Collections::empty(Currency::USD, Layout::notes(), 1);
/// receipts.add_to(0, 1, &mut collected)?;
/// // Interest of 10.00 and 400.00 of principal in February, nothing more: 600.00 are lost in March.
/// let quarter = [2_50, 100_00, 0, 150_00].map(Money::from_minor);
/// assert_eq!(collected.row(0), quarter);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Holdings {
    held: Vec<Held>,
    /// By payment date of the notes.
    collected: Vec<Collected>,
    /// Payment dates of the holder.
    periods: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    note: usize,
    share: Share,
    /// The share, and what others hold, to be taken of many amounts at once, rounded down.
    own: Multiplier,
    others: Multiplier,
    /// Of the original balance repaid before the first payment date that is run.
    repaid: Money,
    balance: Money,
}

impl Held {
    /// [`Share::of_cash`] on every path.
    #[inline(always)]
    fn of_cash<const L: usize, N: Whole>(&self, all: Lanes<L, N>) -> Lanes<L, N> {
        if self.own.is_short(&all) {
            return N::products(&self.own, all);
        }
        all.map(|amount| N::from_minor(self.share.of_cash(Money::from_minor(amount.minor())).minor()))
    }

    /// [`Share::of_loss`] on every path: what the others' part, rounded down, leaves.
    #[inline(always)]
    fn of_loss<const L: usize, N: Whole>(&self, all: Lanes<L, N>) -> Lanes<L, N> {
        if self.others.is_short(&all) {
            return all - N::products(&self.others, all);
        }
        all.map(|amount| N::from_minor(self.share.of_loss(Money::from_minor(amount.minor())).minor()))
    }
}

/// When the holder distributes a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collected {
    BeforeCutOff,
    On(usize),
    Never,
}

/// One kind of payment of one note along `L` paths: all of it so far, and the holder's part.
#[derive(Clone, Copy, Debug)]
struct Sum<const L: usize, N: Whole> {
    all: Lanes<L, N>,
    held: Lanes<L, N>,
}

impl<const L: usize, N: Whole> Sum<L, N> {
    fn new(all: Money, held: Money) -> Sum<L, N> {
        Sum { all: Lanes::splat(all), held: Lanes::splat(held) }
    }

    /// Moves to another total; the change of the holder's part. Most totals stand still on most dates.
    #[inline(always)]
    fn change(&mut self, all: Lanes<L, N>, part: impl FnOnce(Lanes<L, N>) -> Lanes<L, N>) -> Lanes<L, N> {
        if self.all.same(&all) {
            return Lanes::ZERO;
        }
        self.all = all;
        let held = part(all);
        let change = held.with(self.held, N::saturating_minus);
        self.held = held;
        change
    }
}

/// One note along `L` paths, in the order of a [`Row`].
type Sums<const L: usize, N> = [Sum<L, N>; 4];

/// What one payment date of the holder collects: interest, principal, change of balance, loss.
type Row<const L: usize, N> = [Lanes<L, N>; 4];

impl Holdings {
    /// `held` are notes of the program, counted from 0, and the original balance held of each; the dates
    /// are the holder's nominal payment dates, in order.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such note, it is drawn after closing, an amount is nothing or more than
    /// the note's original balance, or there is no payment date.
    pub fn new(
        program: &Program,
        held: &[(usize, Money)],
        cut_off_date: Date,
        payment_dates: &[Date],
    ) -> Result<Holdings, Error> {
        Error::unless(!payment_dates.is_empty(), "payment dates of the holder", 0.0, "at least one")?;
        let known = program.notes().len();
        let of = |&(note, amount): &(usize, Money)| {
            Error::unless(note < known, "note held", note as f64, "a note of the program")?;
            let term = program.notes[note].draws.is_empty();
            Error::unless(term, "note held", note as f64, "a note that is not drawn after closing")?;
            let (original, balance) = (program.original_balance(note), program.opening_balance(note));
            let share = Share::new(amount, original)?;
            let (own, of) = share.parts();
            let multiplier = |part| {
                let ratio = Ratio::new(i128::from(part), i128::from(of));
                let ratio = ratio.ok_or(Error::Overflow { place: "notes held", period: 0 })?;
                Ok::<_, Error>(Multiplier::new(ratio, Rounding::Down))
            };
            let (own, others) = (multiplier(own)?, multiplier(of - own)?);
            let repaid = original.checked_sub(balance).filter(|&repaid| repaid > Money::ZERO);
            let repaid = repaid.unwrap_or(Money::ZERO);
            Ok(Held { note, share, own, others, repaid, balance })
        };
        let collected = |date: Date| match payment_dates.partition_point(|&own| own < date) {
            _ if date <= cut_off_date => Collected::BeforeCutOff,
            period if period < payment_dates.len() => Collected::On(period),
            _ => Collected::Never,
        };
        let dates = program.schedule().periods().iter();
        Ok(Holdings {
            held: held.iter().map(of).collect::<Result<_, Error>>()?,
            collected: dates.map(|period| collected(period.accrual_end)).collect(),
            periods: payment_dates.len(),
        })
    }
}

/// The observer that collects for a holder of notes, on `L` paths. Used again, it allocates nothing.
#[derive(Clone, Debug)]
pub struct Receipts<'h, const L: usize, N: Whole = i64> {
    holdings: &'h Holdings,
    sums: Vec<Sums<L, N>>,
    rows: Vec<Row<L, N>>,
    /// Rows from the first on that anything has been added to.
    touched: usize,
    /// Payment dates of the notes to be seen.
    dates: usize,
    settled: [bool; L],
}

impl<'h, const L: usize, N: Whole> Receipts<'h, L, N> {
    /// Ready for `L` paths over all payment dates.
    pub fn new(holdings: &'h Holdings) -> Receipts<'h, L, N> {
        let mut receipts = Receipts {
            holdings,
            sums: Vec::with_capacity(holdings.held.len()),
            rows: vec![[Lanes::ZERO; 4]; holdings.periods],
            touched: 0,
            dates: 0,
            settled: [false; L],
        };
        receipts.start(holdings.collected.len());
        receipts
    }

    /// Begins `L` other paths, to be seen for so many of the notes' payment dates.
    pub(crate) fn start(&mut self, dates: usize) {
        self.rows[..self.touched].fill([Lanes::ZERO; 4]);
        self.touched = 1;
        self.sums.clear();
        self.dates = dates;
        self.settled = [false; L];
        for held in &self.holdings.held {
            let balance = held.share.of_loss(held.balance);
            self.sums.push([
                Sum::new(Money::ZERO, Money::ZERO),
                Sum::new(held.repaid, held.share.of_cash(held.repaid)),
                Sum::new(held.balance, balance),
                Sum::new(Money::ZERO, Money::ZERO),
            ]);
            // What is held at the cut-off date stands in the first row; later rows have the changes.
            self.rows[0][BALANCE] = self.rows[0][BALANCE].saturating_add(Lanes::splat(balance));
        }
    }

    /// Whether nothing more could have happened to any note held, on one path, after the last date seen.
    pub(crate) fn is_settled(&self, lane: usize) -> bool {
        self.settled[lane]
    }

    /// Adds what one path brought, so many times over, to collections of the holder's, one row per payment
    /// date of its.
    ///
    /// # Errors
    /// [`Error::Argument`] if the collections have no columns for notes ([`Layout::notes`]) or are of other
    /// payment dates; [`Error::Overflow`] if an amount passes 64 bits.
    ///
    /// # Panics
    /// If there is no such path.
    pub fn add_to(&self, lane: usize, times: u32, into: &mut Collections) -> Result<(), Error> {
        self.add_all_to(lane..lane + 1, times, into)
    }

    /// [`Receipts::add_to`] of several paths at once: copies of a deal on one path of the holder's.
    pub(crate) fn add_all_to(
        &self,
        lanes: Range<usize>,
        times: u32,
        into: &mut Collections,
    ) -> Result<(), Error> {
        let columns = columns(into.layout())?;
        let (found, expected) = (into.periods() as f64, "the payment dates of the holder");
        Error::unless(into.periods() == self.rows.len(), "periods of the collections", found, expected)?;
        let mut balance = N::ZERO;
        for period in 0..self.rows.len() {
            // After the last row touched only a balance goes on.
            if period >= self.touched && balance == N::ZERO {
                break;
            }
            let sum = |amounts: &Lanes<L, N>| {
                amounts.units()[lanes.clone()].iter().fold(N::ZERO, |sum, &unit| sum.saturating_plus(unit))
            };
            // By reference: a row is long, and few lanes of it may be read.
            let [interest, principal, balances, lost] = &self.rows[period];
            balance = balance.saturating_plus(sum(balances));
            let cells = [
                (columns.interest, sum(interest)),
                (columns.principal, sum(principal)),
                (columns.pool_balance, balance),
                (columns.realized_loss, sum(lost)),
            ];
            let cash = into.row_mut(period);
            for (column, amount) in cells {
                if amount == N::ZERO {
                    continue;
                }
                let amount = amount.minor().checked_mul(i64::from(times)).map(Money::from_minor);
                let sum = amount.and_then(|amount| cash[column].checked_add(amount));
                let overflow = || Error::Overflow { place: "notes held", period: period + 1 };
                cash[column] = sum.ok_or_else(overflow)?;
            }
        }
        Ok(())
    }
}

/// The place of the balance in a row.
const BALANCE: usize = 2;

fn columns(layout: &Layout) -> Result<NoteColumns, Error> {
    let expected = "columns for notes held";
    let missing = || Error::Argument { argument: "columns", found: layout.width() as f64, expected };
    NoteColumns::of(layout).ok_or_else(missing)
}

impl<const L: usize, N: Whole> Observe<L, N> for Receipts<'_, L, N> {
    fn payment_date(&mut self, date: &PaymentDate<'_, L, N>) -> ControlFlow<()> {
        let open = take_in(self, date);
        if date.period() + 1 < self.dates && !open.is_zero() {
            return ControlFlow::Continue(());
        }
        self.settled = std::array::from_fn(|lane| open.lane(lane).is_zero() || !date.alive(lane));
        ControlFlow::Break(())
    }
}

/// Adds what one payment date brought; the most that is still owed on any note held.
#[cfg_attr(
    feature = "simd",
    multiversion::multiversion(targets(
        "x86_64+avx512f+avx512dq+avx512bw+avx512vl+avx512vbmi2",
        "x86_64+avx2"
    ))
)]
fn take_in<const L: usize, N: Whole>(
    receipts: &mut Receipts<'_, L, N>,
    date: &PaymentDate<'_, L, N>,
) -> Lanes<L, N> {
    let period = date.period();
    let last = period + 1 == receipts.holdings.collected.len();
    let collected = receipts.holdings.collected.get(period).copied().unwrap_or(Collected::Never);
    let mut open = Lanes::ZERO;
    let row = match collected {
        Collected::On(period) => period,
        Collected::BeforeCutOff | Collected::Never => 0,
    };
    receipts.touched = receipts.touched.max(row + 1);
    for (sums, held) in receipts.sums.iter_mut().zip(&receipts.holdings.held) {
        let note = date.note(held.note);
        let interest = note.interest_paid + note.post_ard_interest_paid + note.make_whole_paid;
        let interest = sums[0].all.saturating_add(interest);
        let principal = sums[1].all.saturating_add(note.principal_paid);
        let mut lost = sums[3].all.saturating_add(note.written_down - note.written_up);
        let mut balance = note.balance_close;
        if last {
            // What is outstanding after the last payment date is never paid.
            lost = lost.saturating_add(balance);
            balance = Lanes::ZERO;
        }
        let changes = [
            sums[0].change(interest, |all| held.of_cash(all)),
            sums[1].change(principal, |all| held.of_cash(all)),
            sums[2].change(balance, |all| held.of_loss(all)),
            sums[3].change(lost, |all| held.of_loss(all)),
        ];
        for (kind, change) in changes.into_iter().enumerate() {
            let counts = match collected {
                Collected::On(_) => true,
                Collected::BeforeCutOff => kind == BALANCE,
                Collected::Never => false,
            };
            if counts && !change.is_zero() {
                receipts.rows[row][kind] = receipts.rows[row][kind].saturating_add(change);
            }
        }
        // What could still be paid or restored; none of it is negative.
        let restorable = date.state.notes[held.note].written_down;
        for owed in [balance, note.interest_shortfall, note.post_ard_interest_unpaid, restorable] {
            open = open.max(owed);
        }
    }
    open
}
