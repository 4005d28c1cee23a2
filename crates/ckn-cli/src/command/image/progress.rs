//! Progress of a training on images, on standard error.

use std::fmt::Display;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ckn::train::image::ImageEvent;
use ckn::train::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::progress::interruption;
use crate::talk::say;

/// Time between two lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// A line for each step, a bar with images a second on a terminal, and an end on Ctrl-C.
pub struct Progress {
    quiet: bool,
    interrupted: Arc<AtomicBool>,
    bar: Option<ProgressBar>,
    /// When the run of images began that is shown.
    since: Instant,
    last_line: Instant,
}

impl Progress {
    pub fn new(quiet: bool) -> Self {
        let interrupted =
            interruption("interrupted: ending, with the best pass if there was one; once more to stop at once");
        let now = Instant::now();
        Self { quiet, interrupted, bar: None, since: now, last_line: now }
    }

    /// Says something, unless nothing is to be said.
    pub fn note(&self, message: impl Display) {
        if self.quiet {
            return;
        }
        match &self.bar {
            Some(bar) => bar.suspend(|| say(message)),
            None => say(message),
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self, what: &str, done: usize, of: usize) {
        if self.quiet {
            return;
        }
        if done == 0 {
            (self.since, self.last_line) = (Instant::now(), Instant::now());
            self.finish();
            return;
        }
        let rate = done as f64 / self.since.elapsed().as_secs_f64().max(1e-9);
        let message = format!("{what}: {done} of {of} images, {rate:.0} images/s");
        if std::io::stderr().is_terminal() {
            let bar = self.bar.get_or_insert_with(|| {
                let bar = ProgressBar::new(of as u64);
                if let Ok(style) = ProgressStyle::with_template("{bar:10} {msg}, {eta} left") {
                    bar.set_style(style);
                }
                bar
            });
            bar.set_position(done as u64);
            bar.set_message(message);
        } else if self.last_line.elapsed() > BETWEEN_LINES || (done >= of && self.since.elapsed() > BETWEEN_LINES / 10)
        {
            self.last_line = Instant::now();
            say(message);
        }
        if done >= of {
            self.finish();
        }
    }
}

impl Observer for Progress {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        let Event::Image(event) = event else { return ControlFlow::Continue(()) };
        match event {
            ImageEvent::Layer { branch, layer, patches, sigma, errors } => {
                let sigma = sigma.map(|sigma| format!(", sigma {sigma:.4}")).unwrap_or_default();
                let errors = errors
                    .map(|(first, last)| format!(", error of the kernel {first:.2e} to {last:.2e}"))
                    .unwrap_or_default();
                self.note(format_args!("branch {branch}, layer {layer}: {patches} patches{sigma}{errors}"));
            }
            ImageEvent::Embedded { done, of } => self.show("embedding", done, of),
            ImageEvent::Batch { epoch, done, of } => self.show(&format!("pass {epoch}"), done, of),
            ImageEvent::Cost(trial) => {
                let best = if trial.best { ", best so far" } else { "" };
                self.note(format_args!(
                    "C {}: error on images held out {:.3} %, smoothed {:.3} %{best}",
                    trial.cost, trial.error, trial.smoothed_error
                ));
            }
            ImageEvent::Epoch(record) => {
                let restored = if record.restored { ", objective rose: anchors put back, rate halved" } else { "" };
                let best = if record.best { ", best so far" } else { "" };
                self.note(format_args!(
                    "pass {}: objective {:.5}, error on images held out {:.3} %{best}{restored}",
                    record.epoch, record.training_objective, record.held_out_error
                ));
            }
            ImageEvent::Fitted { cost, converged } => {
                let failed = if converged { "" } else { ", not converged" };
                self.note(format_args!("machine on all images, C {cost}{failed}"));
            }
            _ => {}
        }
        if self.interrupted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
