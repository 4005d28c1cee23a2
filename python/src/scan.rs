//! The windows of a genome that a model scores above a threshold.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ckn::bio::Alphabet;
use ckn::bio::io::{Genome, Span, sample_pieces, window_spans};
use ckn::core::pooling::Strands;
use ckn::core::seed::Seed;
use ckn::interpret::{Joining, Peak, ScanEvent, ScanSettings, calibrate, calibration_windows, scan_genome};
use ckn::model::{Model, ScannedStrands, Scanner};
use ckn_cli::embedded::{Usage, alphabet_of, parse_length, parse_rate, parse_region, window_of};
use numpy::PyArray1;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::compute::compute;
use crate::sequences::Sequences;

/// What is asked about a genome.
pub(crate) struct ScanQuestion {
    pub(crate) model: Arc<Model>,
    pub(crate) threshold: Option<f64>,
    pub(crate) fpr: Option<f64>,
    pub(crate) region: Option<String>,
    pub(crate) length: Option<usize>,
    pub(crate) strands: Option<String>,
    pub(crate) seed: u64,
}

/// What was found.
struct Found {
    peaks: Vec<Peak>,
    length: u64,
    stranded: bool,
    threshold: f64,
}

impl ScanQuestion {
    /// The answer as columns: one row for each run of windows above the threshold that overlap.
    pub(crate) fn ask<'py>(
        self,
        py: Python<'py>,
        threads: Option<usize>,
        genome: Sequences,
    ) -> PyResult<Bound<'py, PyDict>> {
        let flag = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&flag);
        let found = compute(py, threads, Some(Arc::clone(&flag)), move || self.scan(genome, &watched));
        if flag.load(Ordering::Relaxed) {
            return Err(PyKeyboardInterrupt::new_err(()));
        }
        let Found { peaks, length, stranded, threshold } = found?;
        let columns = PyDict::new(py);
        let numbers =
            |value: fn(&Peak, u64) -> u64| PyArray1::from_iter(py, peaks.iter().map(|peak| value(peak, length)));
        columns.set_item("chrom", peaks.iter().map(|peak| &*peak.id).collect::<Vec<_>>())?;
        columns.set_item("start", numbers(|peak, _| peak.first))?;
        columns.set_item("end", numbers(|peak, length| peak.last + length))?;
        columns.set_item("score", PyArray1::from_iter(py, peaks.iter().map(|peak| peak.best.score)))?;
        let strand = |peak: &Peak| match (stranded, peak.best.reverse) {
            (false, _) => ".",
            (true, false) => "+",
            (true, true) => "-",
        };
        columns.set_item("strand", peaks.iter().map(strand).collect::<Vec<_>>())?;
        columns.set_item("peak_start", numbers(|peak, _| peak.best.start))?;
        columns.set_item("peak_end", numbers(|peak, length| peak.best.start + length))?;
        columns.set_item("threshold", threshold)?;
        Ok(columns)
    }

    fn scan(self, given: Sequences, interrupted: &AtomicBool) -> anyhow::Result<Found> {
        let (model, alphabet) = (&*self.model, alphabet_of(self.model.card())?);
        if self.threshold.is_some_and(f64::is_nan) {
            return Err(Usage("threshold is not a number".into()).into());
        }
        if self.threshold.is_some() && self.fpr.is_some() {
            return Err(Usage("fpr finds a threshold: give one of both".into()).into());
        }
        let asked = self.length.map(|letters| parse_length(&letters.to_string())).transpose().map_err(Usage)?;
        let window = window_of(model.card(), asked, "length")?;
        let scanner = Scanner::new(model, alphabet.table(), window, self.strands(model, alphabet)?)?;
        // Removed when it goes.
        let (path, _written) = match given {
            Sequences::File(path) => (path, None),
            Sequences::Memory(sequences) => {
                let mut file = tempfile::Builder::new().suffix(".fa").tempfile()?;
                for (record, id) in sequences.ids().iter().enumerate() {
                    writeln!(file, ">{id}\n{}", sequences.decode(record))?;
                }
                file.flush()?;
                (file.path().to_owned(), Some(file))
            }
        };
        let genome = Genome::open(&path, alphabet)?;
        let (threshold, spans) = self.prepare(&scanner, &genome)?;
        let settings = ScanSettings { threshold, joining: Joining::Overlapping, spans };
        let mut peaks = Vec::new();
        scan_genome(&scanner, &genome, settings, |event| match event {
            ScanEvent::Peak(peak) => {
                peaks.push(peak.clone());
                anyhow::Ok(())
            }
            ScanEvent::Progress { .. } if interrupted.load(Ordering::Relaxed) => {
                Err(ckn::core::Error::Interrupted.into())
            }
            ScanEvent::Progress { .. } => Ok(()),
        })?;
        Ok(Found { peaks, length: window as u64, stranded: scanner.is_stranded(), threshold })
    }

    fn strands(&self, model: &Model, alphabet: Alphabet) -> anyhow::Result<ScannedStrands> {
        let both = match self.strands.as_deref() {
            Some(_) if model.strands() != Strands::Forward => {
                return Err(Usage("the model reads both strands by itself: drop strands".into()).into());
            }
            Some("both") => true,
            Some("forward") => false,
            Some(other) => return Err(Usage(format!("strands are both or forward, and not `{other}`")).into()),
            None => alphabet == Alphabet::Dna,
        };
        Ok(if both { ScannedStrands::Both } else { ScannedStrands::Forward })
    }

    /// The threshold, and the windows that are scanned: `None` for all.
    fn prepare(&self, scanner: &Scanner<'_>, genome: &Genome) -> anyhow::Result<(f64, Option<Vec<Span>>)> {
        let (length, seed) = (scanner.length(), Seed(self.seed));
        let rate = self.fpr.map(|rate| parse_rate(&rate.to_string())).transpose().map_err(Usage)?;
        let region = self.region.as_deref().map(parse_region).transpose().map_err(Usage)?;
        if region.is_none() && rate.is_none() {
            return Ok((self.threshold.unwrap_or(0.0), None));
        }
        let mut threshold = self.threshold.unwrap_or(0.0);
        let sample = sample_pieces(genome, length, rate.map_or(0, calibration_windows), seed)?;
        if let Some(rate) = rate {
            let found = calibrate(scanner, &sample.pieces, rate, seed)?;
            let none = || ckn::bio::Error::NoWindow { file: genome.file().clone(), length };
            threshold = found.ok_or_else(none)?.threshold;
        }
        let records = genome.records().unwrap_or(sample.records);
        let spans = region.map(|region| window_spans(genome, &records, length, Some(&region), None)).transpose()?;
        Ok((threshold, spans))
    }
}
