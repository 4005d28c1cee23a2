//! Many jobs, a few at a time.

use std::fmt::Display;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Runs every job and returns the outcomes in the order of the jobs; the first failure ends all of them.
pub(crate) fn run_all<J: Display + Sync, O: Display + Send>(
    jobs: &[J],
    at_a_time: usize,
    run: impl Fn(&J) -> anyhow::Result<O> + Sync,
) -> anyhow::Result<Vec<O>> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let outcomes = Mutex::new(Vec::with_capacity(jobs.len()));
    std::thread::scope(|scope| {
        for _ in 0..at_a_time.min(jobs.len()) {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    let outcome = run(job);
                    match &outcome {
                        Ok(outcome) => {
                            let number = done.fetch_add(1, Ordering::Relaxed) + 1;
                            eprintln!("[{number}/{}] {job}: {outcome}", jobs.len());
                        }
                        Err(_) => failed.store(true, Ordering::Relaxed),
                    }
                    outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
