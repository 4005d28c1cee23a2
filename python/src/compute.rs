//! Work beside the interpreter: in a pool of threads, with the lock of the interpreter free, and an ear for Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use ckn_cli::embedded::{default_limit, guarded};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::{exception, setting};

/// Time between two looks at whether Ctrl-C was pressed.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// As the thread that a program begins with has it.
const STACK: usize = 8 << 20;
const MOST_THREADS: usize = 1024;

/// The pool of all cores, and the process that its threads belong to: none of them lives on in a fork.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

fn pool(threads: usize) -> anyhow::Result<ThreadPool> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build();
    pool.context("threads cannot be started")
}

fn pool_of_all_cores() -> anyhow::Result<Arc<ThreadPool>> {
    let process = std::process::id();
    let mut shared = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    match shared.take() {
        Some((owner, pool)) if owner == process => Ok(Arc::clone(&shared.insert((owner, pool)).1)),
        before => {
            // To end threads that are not there would wait for ever.
            std::mem::forget(before);
            Ok(Arc::clone(&shared.insert((process, Arc::new(pool(0)?))).1))
        }
    }
}

/// Does work on so many threads (all cores by default) and waits for it, while other threads of the interpreter go on.
///
/// Ctrl-C sets the flag of work that has one, and waits for what it leaves; a second one, or the first of other work, raises
/// `KeyboardInterrupt` at once, and nobody waits for the work.
///
/// # Errors
/// What the work says, as an exception; its panics as `ckn.InternalError`.
pub(crate) fn compute<R: Send + 'static>(
    py: Python<'_>,
    threads: Option<usize>,
    flag: Option<Arc<AtomicBool>>,
    work: impl FnOnce() -> anyhow::Result<R> + Send + 'static,
) -> PyResult<R> {
    let pool = match threads {
        // Asked by a function that hears a training, which waits for it on a thread of the shared pool: the last one, it may be.
        None if rayon::current_thread_index().is_some() => pool(0).map(Arc::new),
        None => pool_of_all_cores(),
        Some(threads) if (1..=MOST_THREADS).contains(&threads) => pool(threads).map(Arc::new),
        Some(_) => return Err(setting(py, format!("a number of threads is between 1 and {MOST_THREADS}"))),
    };
    let pool = pool.map_err(|error| exception(py, &error))?;
    let (sender, receiver) = channel();
    py.detach(move || {
        ckn::core::set_memory_limit(default_limit());
        pool.spawn(move || {
            // Nobody listens any more after a second Ctrl-C.
            let _ = sender.send(guarded(work));
        });
        loop {
            match receiver.recv_timeout(BETWEEN_LOOKS) {
                Ok(done) => return done.map_err(|error| Python::attach(|py| exception(py, &error))),
                Err(RecvTimeoutError::Disconnected) => {
                    let error = anyhow::anyhow!("the computation ended without a result");
                    return Err(Python::attach(|py| exception(py, &error)));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(pressed) = Python::attach(|py| py.check_signals()) {
                        let first = flag.as_ref().is_some_and(|flag| !flag.swap(true, Ordering::Relaxed));
                        if !first {
                            return Err(pressed);
                        }
                    }
                }
            }
        }
    })
}

/// A computation that panics, by which a test sees that the interpreter outlives one.
#[pyfunction]
pub(crate) fn broken_computation(py: Python<'_>, message: String) -> PyResult<()> {
    #[expect(clippy::panic, reason = "it is what this is for")]
    compute(py, None, None, move || panic!("{message}"))
}
