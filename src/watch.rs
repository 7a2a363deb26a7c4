//! Long work while a person watches: progress with time left, an end on Ctrl-C.

use leasefall::Error;
use leasefall::study::simulation::{Block, Simulation};
use std::io::{IsTerminal, Write};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Runs paths until all are done, every expected loss is known well enough, or Ctrl-C is pressed: then what
/// has been done is returned.
pub fn run(
    simulation: &Simulation<'_>,
    paths: Range<u64>,
    threads: Option<usize>,
    target_error: Option<f64>,
) -> Result<Block, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let pressed = Arc::clone(&stop);
    // Without a handler Ctrl-C ends the program, as it does everywhere.
    let _ = ctrlc::set_handler(move || pressed.store(true, Ordering::Relaxed));
    let (started, all) = (Instant::now(), paths.end - paths.start);
    let watched = std::io::stderr().is_terminal();
    let go_on = |done: &Block| {
        if watched {
            show(done.path_count(), all, started);
        }
        !stop.load(Ordering::Relaxed) && target_error.is_none_or(|target| !is_known(done, target))
    };
    let block = on_threads(threads, || simulation.run(paths, go_on))?;
    if watched {
        eprint!("\r\x1b[K");
    }
    if stop.load(Ordering::Relaxed) {
        eprintln!("stopped after {} of {all} paths", block.path_count());
    }
    Ok(block)
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
