//! Time.

use std::time::{Duration, Instant};

/// Shorter than this, a clock's reading says little.
const ENOUGH: Duration = Duration::from_millis(20);

/// Seconds of one run of some work, which runs again until there is enough to measure; and what the last run returned.
pub fn seconds_of<R>(mut work: impl FnMut() -> anyhow::Result<R>) -> anyhow::Result<(f64, R)> {
    let start = Instant::now();
    let mut runs = 0.0;
    loop {
        let result = work()?;
        runs += 1.0;
        let elapsed = start.elapsed();
        if elapsed >= ENOUGH {
            return Ok((elapsed.as_secs_f64() / runs, result));
        }
    }
}
