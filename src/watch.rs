//! Long work while a person watches: progress with time left, an end on Ctrl-C.

use leasefall::Error;
use leasefall::study::simulation::{Block, Simulation};
use leasefall::study::system::{Chance, JointTails, System};
use std::io::{IsTerminal, Write};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Long work under watch: what of it is done is shown while a person looks on, and Ctrl-C ends it early.
struct Watch {
    stop: Arc<AtomicBool>,
    started: Instant,
    all: u64,
    is_watched: bool,
}

impl Watch {
    fn new(paths: &Range<u64>) -> Watch {
        let stop = Arc::new(AtomicBool::new(false));
        let pressed = Arc::clone(&stop);
        // Without a handler Ctrl-C ends the program, as it does everywhere.
        let _ = ctrlc::set_handler(move || pressed.store(true, Ordering::Relaxed));
        let all = paths.end.saturating_sub(paths.start);
        Watch { stop, started: Instant::now(), all, is_watched: std::io::stderr().is_terminal() }
    }

    /// Whether to go on after so many paths.
    fn goes_on(&self, done: u64) -> bool {
        if self.is_watched {
            show(done, self.all, self.started);
        }
        !self.stop.load(Ordering::Relaxed)
    }

    /// Clears the line, and says so if the work was ended early.
    fn end(&self, done: u64) {
        if self.is_watched {
            eprint!("\r\x1b[K");
        }
        if self.stop.load(Ordering::Relaxed) {
            eprintln!("stopped after {done} of {} paths", self.all);
        }
    }
}

/// Runs paths until all are done, every expected loss is known well enough, or Ctrl-C is pressed: then what
/// has been done is returned.
pub fn run(
    simulation: &Simulation<'_>,
    paths: Range<u64>,
    threads: Option<usize>,
    target_error: Option<f64>,
) -> Result<Block, Error> {
    let watch = Watch::new(&paths);
    let go_on = |done: &Block| {
        watch.goes_on(done.path_count()) && target_error.is_none_or(|target| !is_known(done, target))
    };
    let block = on_threads(threads, || simulation.run(paths, go_on))?;
    watch.end(block.path_count());
    Ok(block)
}

/// The same for joint tails around an outcome of a system.
pub fn joint_tails(
    system: &System,
    outcome: &str,
    chance: Chance,
    paths: Range<u64>,
    threads: Option<usize>,
) -> Result<JointTails, Error> {
    let watch = Watch::new(&paths);
    let go_on = |done: &JointTails| watch.goes_on(done.paths);
    let tails = on_threads(threads, || system.joint_tails_while(outcome, chance, paths, go_on))?;
    watch.end(tails.paths);
    Ok(tails)
}

/// Runs work on so many threads, or on all cores.
pub fn on_threads<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    #[cfg(feature = "parallel")]
    if let Some(pool) = threads.and_then(|n| rayon::ThreadPoolBuilder::new().num_threads(n).build().ok()) {
        return pool.install(work);
    }
    let _ = threads;
    work()
}

fn is_known(done: &Block, target: f64) -> bool {
    let estimates = done.estimates();
    estimates.is_some_and(|found| found.notes.iter().all(|note| note.expected_loss.std_error <= target))
}

fn show(done: u64, all: u64, started: Instant) {
    let passed = started.elapsed().as_secs_f64();
    let left = passed * (all - done) as f64 / done.max(1) as f64;
    eprint!("\r\x1b[K{done} of {all} paths, {left:.0} s left");
    let _ = std::io::stderr().flush();
}
