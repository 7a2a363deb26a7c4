//! What is promised to allocate no memory allocates none. Counted for each thread by itself, so that tests
//! beside this one do not matter.

use crate::random::cases;
use leasefall::collection::Collections;
use leasefall::waterfall::{Lanes, Observe, Paths, PaymentDate, Program, Run};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ops::ControlFlow;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations_of(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// Adds up what the first note is paid.
struct Paid<const L: usize>(Lanes<L>);

impl<const L: usize> Observe<L> for Paid<L> {
    fn payment_date(&mut self, date: &PaymentDate<'_, L>) -> ControlFlow<()> {
        self.0 += date.note(0).cash();
        ControlFlow::Continue(())
    }
}

#[test]
fn a_second_run_allocates_nothing() {
    assert!(allocations_of(|| drop(vec![1, 2, 3])) > 0, "allocations are counted");
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let case = cases().new_tree(&mut runner).expect("a case").current();
        let program = Program::compile(&case.deal, case.collections.layout()).expect("a valid deal");
        let mut run = Run::for_program(&program);
        let first = program.run_into(&case.collections, &mut run);
        let again = allocations_of(|| assert_eq!(program.run_into(&case.collections, &mut run), first));
        assert_eq!(again, 0, "{case:?}");

        let paths: [&Collections; 8] = [&case.collections; 8];
        let (mut workspace, mut paid) = (Paths::default(), Paid(Lanes::ZERO));
        let first = program.run_paths(&paths, &mut workspace, &mut paid);
        paid.0 = Lanes::ZERO;
        let again = allocations_of(|| {
            assert_eq!(program.run_paths(&paths, &mut workspace, &mut paid), first);
        });
        assert_eq!(again, 0, "{case:?}");
    }
}

/// Paths allocate nothing: the block and the first paths do, and what grows with the rarest path seen so far
/// (a list of defaults, say), never more than a handful of times.
#[test]
fn simulated_paths_allocate_nothing() {
    let folder = leasefall::folder::Folder::open("fixtures/deals/forty-tenants").unwrap();
    let draws = leasefall::scenario::Draws { seed: 3, ..Default::default() };
    let simulation = folder.simulation("base", draws).unwrap();
    let of = |paths| allocations_of(|| drop(simulation.block(0..paths).unwrap()));
    let counts: Vec<u64> = [400, 1_000, 2_000, 4_000].into_iter().map(of).collect();
    assert_eq!(counts[0], counts[3], "{counts:?}");
}

/// The same of deals within deals: more batches cost no more memory.
#[test]
fn nested_paths_allocate_nothing() {
    assert_eq!(grown("cjs-cdo-squared"), 0);
    assert_eq!(grown("mezz-abs-cdo-2006"), 0);
}

/// How many allocations 512 paths take more than 128.
fn grown(deal: &str) -> u64 {
    let folder = leasefall::folder::Folder::open(format!("fixtures/deals/{deal}")).unwrap();
    let simulation = folder.simulation("base", leasefall::scenario::Draws::default()).unwrap();
    let [few, many] = [128, 512].map(|paths| allocations_of(|| drop(simulation.block(0..paths).unwrap())));
    many - few
}

/// Drawing a state of the world allocates nothing, chips and generations included; what grows with the rarest path
/// seen so far is grown first.
#[test]
fn drawn_scenarios_allocate_nothing() {
    let generator = crate::simulation::compute::everything(leasefall::scenario::Draws::default());
    let mut world = generator.world();
    let months = generator.base().months;
    let mut draw = |paths: std::ops::Range<u64>| {
        allocations_of(|| {
            paths.for_each(|path| {
                generator.draw(path, months, &mut world);
            })
        })
    };
    draw(0..500);
    assert_eq!(draw(0..500), 0);
}
