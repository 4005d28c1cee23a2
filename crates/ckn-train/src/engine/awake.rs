//! Threads that stay awake between minibatches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Longest wait for the next minibatch: several times the work between two of them.
const IDLE: Duration = Duration::from_micros(500);

/// Longest stay of a keeper, after which it is called again: no other user of the pool waits longer for its thread.
const STAY: Duration = Duration::from_millis(5);

/// Keeps the threads of the calling thread's pool from falling asleep between parallel sections that follow one another
/// within [`IDLE`]: waking a thread takes as long as its share of a minibatch.
///
/// It changes when a thread works, never on what: results are the same without it.
#[derive(Debug)]
pub(super) struct AwakeThreads {
    state: Arc<State>,
    /// Processors at hand: asking takes as long as a part of a minibatch.
    processors: usize,
}

#[derive(Debug, Default)]
struct State {
    keepers: AtomicUsize,
    stop: AtomicBool,
}

impl AwakeThreads {
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        Self { state: Arc::default(), processors }
    }

    /// Calls keepers, unless there still are some, the caller is outside the pool, or threads share processors.
    pub(super) fn ensure(&self) {
        let threads = rayon::current_num_threads();
        let Some(caller) = rayon::current_thread_index() else { return };
        if threads == 1 || threads > self.processors || self.state.keepers.load(Ordering::Acquire) > 0 {
            return;
        }
        self.state.keepers.store(threads - 1, Ordering::Release);
        let state = Arc::clone(&self.state);
        rayon::spawn_broadcast(move |thread| {
            if thread.index() != caller {
                state.keep();
                state.keepers.fetch_sub(1, Ordering::Release);
            }
        });
    }
}

impl Drop for AwakeThreads {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::Release);
    }
}

impl State {
    /// Works for whoever has work, until there is none for too long.
    fn keep(&self) {
        let start = Instant::now();
        let mut worked = start;
        while !self.stop.load(Ordering::Acquire) {
            if rayon::yield_now() == Some(rayon::Yield::Executed) {
                worked = Instant::now();
            } else if worked.elapsed() > IDLE || start.elapsed() > STAY {
                return;
            }
            std::hint::spin_loop();
        }
    }
}
