//! The explain trace: which step paid what, from where, and what was short.

use super::lanes::Lanes;
use super::ledger::Party;
use super::program::Program;
use super::reading::TestReading;
use super::whole::Whole;
use crate::money::Money;

/// Listens to a run of `L` paths. The silent listener costs nothing.
pub(crate) trait Trace<const L: usize, N: Whole = i64> {
    /// Whether claims that are paid nothing matter to the listener.
    const HEARS_NOTHING_PAID: bool = true;
    /// Whether the ratios that triggers test matter to the listener.
    const HEARS_TESTS: bool = false;
    /// A payment date begins.
    fn period(&mut self, _period: usize, _phase: &str) {}
    /// A step begins.
    fn step(&mut self, _name: &str) {}
    /// Cash moved.
    fn moved(&mut self, _from: Party, _to: Party, _amount: Lanes<L, N>) {}
    /// A claim was met with so much of what it could be; `owed` if the rest is then short.
    fn paid(&mut self, _to: Party, _claim: Lanes<L, N>, _amount: Lanes<L, N>, _owed: bool) {}
    /// A balance was written down or up by so much of what could be.
    fn adjusted(&mut self, _note: Party, _bound: Lanes<L, N>, _amount: Lanes<L, N>) {}
    /// A trigger compared a numerator over a denominator with its level.
    fn tested(&mut self, _period: usize, _trigger: usize, _numerator: [i128; L], _denominator: [i128; L]) {}
}

/// Hears nothing.
pub(crate) struct Silent;

impl<const L: usize, N: Whole> Trace<L, N> for Silent {
    const HEARS_NOTHING_PAID: bool = false;
}

/// One line of an explained run: on a payment date, a step met a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The payment date, counted from 0.
    pub period: usize,
    /// The phase that was run; `cash in` and `redemption` are not of the deal's own.
    pub phase: String,
    /// The step.
    pub step: String,
    /// Who was to be paid: a note, an account, a payee.
    pub to: String,
    /// What was due; of principal beyond the schedule the balance, of a write-down what could be written
    /// down; `None` where there is no bound.
    pub claim: Option<Money>,
    /// What was paid.
    pub paid: Money,
    /// Due and not paid.
    pub short: Money,
    /// Where the cash came from. Empty for write-downs and write-ups, which move none.
    pub from: Vec<(String, Money)>,
}

/// Keeps everything, with names, and the ratios that triggers tested.
pub(crate) struct Explain<'a> {
    program: &'a Program,
    period: usize,
    phase: String,
    step: String,
    moved: Vec<(String, Money)>,
    pub(crate) lines: Vec<Explanation>,
    pub(crate) readings: Vec<TestReading>,
}

impl<'a> Explain<'a> {
    pub(crate) fn new(program: &'a Program) -> Explain<'a> {
        let (phase, step) = (String::new(), String::new());
        let (moved, lines, readings) = (Vec::new(), Vec::new(), Vec::new());
        Explain { program, period: 0, phase, step, moved, lines, readings }
    }

    fn name(&self, party: Party) -> String {
        self.program.parties.names[party.index()].clone()
    }

    fn line(&mut self, to: Party, claim: Money, paid: Money, owed: bool) {
        let unbounded = claim.minor() == i64::MAX;
        self.lines.push(Explanation {
            period: self.period,
            phase: self.phase.clone(),
            step: self.step.clone(),
            to: self.name(to),
            claim: (!unbounded).then_some(claim),
            paid,
            short: if owed && !unbounded { claim - paid } else { Money::ZERO },
            from: std::mem::take(&mut self.moved),
        });
    }
}

impl Trace<1> for Explain<'_> {
    const HEARS_TESTS: bool = true;

    fn period(&mut self, period: usize, phase: &str) {
        self.period = period;
        self.phase = phase.to_owned();
    }

    fn step(&mut self, name: &str) {
        self.step = name.to_owned();
        self.moved.clear();
    }

    fn moved(&mut self, from: Party, _to: Party, amount: Lanes<1>) {
        let name = self.name(from);
        self.moved.push((name, amount.lane(0)));
    }

    fn paid(&mut self, to: Party, claim: Lanes<1>, amount: Lanes<1>, owed: bool) {
        self.line(to, claim.lane(0), amount.lane(0), owed);
    }

    fn adjusted(&mut self, note: Party, bound: Lanes<1>, amount: Lanes<1>) {
        self.line(note, bound.lane(0), amount.lane(0), false);
    }

    fn tested(&mut self, period: usize, trigger: usize, numerator: [i128; 1], denominator: [i128; 1]) {
        let ([numerator], [denominator]) = (numerator, denominator);
        self.readings.push(TestReading { period, trigger, numerator, denominator });
    }
}
