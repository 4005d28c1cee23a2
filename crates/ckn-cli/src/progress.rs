//! Progress of a training, on standard error.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ckn::train::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows epochs as a bar on a terminal, as a line now and then elsewhere, and stops the training on Ctrl-C.
pub struct Progress {
    quiet: bool,
    bar: Option<ProgressBar>,
    last_line: Instant,
    started: Instant,
    interrupted: Arc<AtomicBool>,
    epochs: usize,
    /// Name of the engine, as the trainer said it.
    pub engine: String,
    /// Seconds since the start, at each epoch.
    pub seconds: Vec<f64>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

impl Progress {
    pub fn new(quiet: bool) -> Self {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        // A second handler cannot be set; without one Ctrl-C simply ends the program, and nothing is half-written.
        let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
        let now = Instant::now();
        Self {
            quiet,
            bar: None,
            last_line: now,
            started: now,
            interrupted,
            epochs: 0,
            engine: String::new(),
            seconds: Vec::new(),
        }
    }

    fn start_bar(&mut self) {
        if self.quiet || !std::io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new(self.epochs as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} epoch {pos}/{len} {msg} {eta} left") {
            bar.set_style(style);
        }
        self.bar = Some(bar);
    }
}

impl Observer for Progress {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Started { engine, training, validation, epochs } => {
                self.engine = engine.to_owned();
                self.epochs = epochs;
                if !self.quiet {
                    eprintln!("ckn: {engine}; {training} records to fit on, {validation} to choose the epoch by");
                }
            }
            Event::Anchors { layer, patches, iterations, cosine } => {
                if !self.quiet {
                    eprintln!(
                        "ckn: anchors of layer {layer}: k-means on {patches} patches, {iterations} iterations, mean cosine {cosine:.3}"
                    );
                }
                self.start_bar();
            }
            Event::Epoch(record) => {
                self.seconds.push(self.started.elapsed().as_secs_f64());
                let message = format!("validation loss {:.4}", record.validation_loss);
                if let Some(bar) = &self.bar {
                    bar.set_position(record.epoch as u64);
                    bar.set_message(message);
                } else if !self.quiet && (self.last_line.elapsed() > BETWEEN_LINES || record.epoch == self.epochs) {
                    self.last_line = Instant::now();
                    eprintln!("ckn: epoch {}/{}, {message}", record.epoch, self.epochs);
                }
            }
            Event::Batch { .. } => {}
            Event::Finished(_) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
        if self.interrupted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
