//! Progress of a training, on standard error.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ckn::train::{EpochRecord, Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::exit;
use crate::talk::{is_heard, say};

/// Shows a bar on a terminal and a line now and then elsewhere, and stops the training on Ctrl-C.
pub struct Progress {
    quiet: bool,
    bar: Option<ProgressBar>,
    interrupted: Arc<AtomicBool>,
    started: Instant,
    /// When the anchors began to move.
    moving: Instant,
    last_line: Instant,
    epochs: usize,
    /// Records of an epoch.
    records: usize,
    /// Epochs that are done.
    epoch: usize,
    validation_loss: f64,
    /// The epoch of the lowest validation loss, and that loss.
    best: (usize, f64),
    /// Seconds since the training began, at each epoch; the first is the k-means start.
    pub seconds: Vec<f64>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// A flag that Ctrl-C sets, and the signals TERM and HUP.
pub fn interrupt_flag() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    // A second handler cannot be set; without one Ctrl-C ends the program at once.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    for signal in ending_signals() {
        let _ = signal_hook::flag::register(signal, Arc::clone(&interrupted));
    }
    interrupted
}

/// The signals by which batch systems and terminals ask a program to end: TERM, and HUP unless it is to be ignored, as under nohup.
fn ending_signals() -> impl Iterator<Item = i32> {
    std::iter::once(signal_hook::consts::SIGTERM).chain(hangup())
}

/// Where there are no terminals that hang up.
#[cfg(not(unix))]
fn hangup() -> Option<i32> {
    None
}

/// HUP, unless it is to be ignored.
#[cfg(unix)]
fn hangup() -> Option<i32> {
    let ignored = || {
        // The lowest bit is that of the first signal, HUP.
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?.trim().to_owned();
        Some(u64::from_str_radix(&mask, 16).ok()? & 1 == 1)
    };
    // Where the system does not say, HUP keeps its meaning.
    (ignored() == Some(false)).then_some(signal_hook::consts::SIGHUP)
}

/// A flag that Ctrl-C sets, saying a message, and the signals TERM and HUP; a second one ends the program.
pub fn interruption(message: &'static str) -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    // A second handler cannot be set; without one Ctrl-C simply ends the program, and nothing is half-written.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
        say(message);
    });
    let status = i32::from(exit::INTERRUPTED);
    for signal in ending_signals() {
        let _ = signal_hook::flag::register_conditional_shutdown(signal, status, Arc::clone(&interrupted));
        let _ = signal_hook::flag::register(signal, Arc::clone(&interrupted));
    }
    interrupted
}

impl Progress {
    pub fn new(quiet: bool) -> Self {
        let message = "interrupted: finishing with the best so far; once more to stop at once";
        Self::stopped_by(interruption(message), quiet)
    }

    /// Stops the training once a flag is set.
    pub fn stopped_by(interrupted: Arc<AtomicBool>, quiet: bool) -> Self {
        let now = Instant::now();
        Self {
            quiet,
            bar: None,
            interrupted,
            started: now,
            moving: now,
            last_line: now,
            epochs: 0,
            records: 0,
            epoch: 0,
            validation_loss: f64::NAN,
            best: (0, f64::NAN),
            seconds: Vec::new(),
        }
    }

    /// Says something, unless nothing is to be said.
    pub fn note(&self, message: impl std::fmt::Display) {
        if !self.quiet {
            say(message);
        }
    }

    /// Whether nothing is said.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether Ctrl-C was pressed.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    fn start_bar(&mut self) {
        self.moving = Instant::now();
        self.last_line = self.moving;
        if self.quiet || self.epochs == 0 || is_heard() || !std::io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new((self.epochs * self.records) as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:10} {msg}, {eta} left") {
            bar.set_style(style);
        }
        self.bar = Some(bar);
    }

    /// Shows that `done` records of the present epoch are done; as a line only now and then, unless it is `due`.
    fn show(&mut self, done: usize, due: bool) {
        if let Some(bar) = &self.bar {
            bar.set_position((self.epoch * self.records + done) as u64);
            bar.set_message(self.state(done));
        } else if !self.quiet && (due || self.last_line.elapsed() > BETWEEN_LINES) {
            self.last_line = Instant::now();
            say(self.state(done));
        }
    }

    fn state(&self, done: usize) -> String {
        let all = self.epoch * self.records + done;
        let speed = all as f64 / self.moving.elapsed().as_secs_f64();
        // A bar shows this itself.
        let within = match self.bar {
            None if done > 0 => format!(" + {:.0} %", 100.0 * done as f64 / self.records as f64),
            _ => String::new(),
        };
        let speed = if all > 0 { format!(", {speed:.0} sequences/s") } else { String::new() };
        format!("epoch {}/{}{within}, validation loss {:.4}{speed}", self.epoch, self.epochs, self.validation_loss)
    }

    fn epoch(&mut self, record: &EpochRecord) {
        if self.seconds.is_empty() {
            self.start_bar();
        }
        self.seconds.push(self.started.elapsed().as_secs_f64());
        (self.epoch, self.validation_loss) = (record.epoch, record.validation_loss);
        if record.best {
            self.best = (record.epoch, record.validation_loss);
        }
        self.show(0, record.epoch == self.epochs);
    }
}

impl Observer for Progress {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Started { training, validation, epochs, .. } => {
                (self.started, self.epochs, self.records) = (Instant::now(), epochs, training);
                (self.epoch, self.validation_loss, self.best) = (0, f64::NAN, (0, f64::NAN));
                self.seconds.clear();
                if !self.quiet {
                    say(format_args!("{training} sequences to fit on, {validation} to choose the epoch by"));
                }
            }
            Event::Anchors { layer, patches, iterations, cosine } if !self.quiet => say(format_args!(
                "anchors of layer {layer}: k-means on {patches} patches, {iterations} iterations, mean cosine {cosine:.3}"
            )),
            Event::Epoch(record) => self.epoch(record),
            // After the last a training of its own follows.
            Event::Calibration { trial, of, loss, best }
                if !self.quiet && (trial == of || self.last_line.elapsed() > BETWEEN_LINES) =>
            {
                self.last_line = Instant::now();
                say(format_args!("calibration {trial}/{of}, loss {loss:.4}, lowest {best:.4}"));
            }
            Event::Trial { trial, of, best, left } => {
                let (number, name, auroc, seconds) = (trial.trial, &trial.candidate, trial.auroc, trial.seconds);
                let left = left.map(|left| format!("; {left:.0} s of the budget left")).unwrap_or_default();
                self.note(format_args!(
                    "trial {number}/{of}, {name}: AUROC {auroc:.4} left out, highest {best:.4}, {seconds:.1} s{left}"
                ));
            }
            Event::Penalty { trial, of } => {
                let worth = match trial.auroc {
                    Some(auroc) => format!("AUROC {auroc:.4}"),
                    None => format!("loss {:.4}", trial.loss),
                };
                self.note(format_args!("penalty {} ({}/{of} at most): {worth} left out", trial.l2, trial.trial));
            }
            Event::Batch { done, of } if done < of => self.show(done, false),
            Event::Finished(_) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                if !self.quiet {
                    let (epoch, loss) = self.best;
                    say(format_args!("kept epoch {epoch}, of the lowest validation loss, {loss:.4}"));
                }
            }
            // Of images, which have a progress of their own, occasions to stop, and what is not worth a line.
            _ => {}
        }
        if self.interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
