mod help;
mod lines;
mod motifs;
pub mod record;
pub(super) mod sites;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ckn::bio::Alphabet;
use ckn::bio::io::{Genome, RecordRange, Shard, Span, sample_pieces, window_spans};
use ckn::core::pooling::Strands;
use ckn::core::seed::Seed;
use ckn::interpret::{ScanEvent, ScanSettings, ScanTally, calibrate, calibration_windows, scan_genome};
use ckn::model::{Model, ScannedStrands, Scanner};
use clap::Args;

pub use self::lines::parse_region;
use self::lines::{Format, parse_shard};
use self::motifs::MotifArguments;
pub use self::motifs::parse_p;
use self::record::{ScanRecord, Scanned, both, hash_of_file, hash_of_records, region_text};
use super::explained::{no_output, window_of};
use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::input::load_model;
use crate::names::StrandsChoice;
use crate::output::{check_free, write_results};
use crate::progress::interrupt_flag;
use crate::run_record::{command_line, path_beside};

/// Score every window of a genome by a model, or by motifs, and write the hits
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    allow_missing_positional = true,
    after_help = help::AFTER
)]
pub struct Scan {
    /// The model, as `ckn train` wrote it
    #[arg(required_unless_present = "motifs")]
    model: Option<PathBuf>,
    /// Genome: FASTA, plain or gzipped, or 2bit; `-` is standard input
    genome: PathBuf,
    /// File of the hits, beside which HITS.run.json is written; standard output by default
    #[arg(long, value_name = "HITS")]
    out: Option<PathBuf>,
    /// The output whose scores count, of a model of several tasks or classes
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    /// Report windows that score above this [default: 0, where bound and unbound are equally likely]
    #[arg(long, value_name = "T", conflicts_with = "fpr")]
    threshold: Option<f64>,
    /// Report windows above the score that this share of windows exceed in shuffled sequence (1e-6 to 0.5)
    #[arg(long, value_name = "F", value_parser = parse_rate)]
    fpr: Option<f64>,
    /// bed or bedgraph
    #[arg(long, value_enum, default_value_t = Format::Bed)]
    format: Format,
    /// Only windows inside NAME or NAME:START-END
    #[arg(long, value_parser = parse_region)]
    region: Option<RecordRange>,
    /// Only part I of N of the windows
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    shard: Option<Shard>,
    /// Letters of a window [default: those of the training sequences, if they have one length]
    #[arg(long, value_parser = parse_length)]
    length: Option<usize>,
    /// Strands, for motifs or a model of --strands forward [default: both for DNA, forward for RNA and protein]
    #[arg(long, value_enum)]
    strands: Option<StrandsChoice>,
    /// Root of the random streams of --fpr
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; all cores by default, and the hits do not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// No messages on standard error
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    motifs: MotifArguments,
}

/// What is known before the first window is scored.
struct Prepared {
    threshold: f64,
    /// SHA-256 of the records of the genome, where a part of it is scanned.
    records: Option<String>,
    /// The windows of this run: `None` for all.
    spans: Option<Vec<Span>>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// The run was stopped from outside.
#[derive(Debug, thiserror::Error)]
#[error("interrupted: nothing was written")]
struct Interrupted;

/// Parses a false-positive rate.
pub fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (1e-6..=0.5).contains(&rate) => Ok(rate),
        _ => Err("a false-positive rate is between 1e-6 and 0.5".into()),
    }
}

/// Parses the length of a window.
pub fn parse_length(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(length) if (1..=1_000_000).contains(&length) => Ok(length),
        _ => Err("the length of a window is between 1 and 1000000".into()),
    }
}

impl Effects for Scan {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        let of_model = self.motifs.motifs.is_some().then_some("has no effect on --motifs: drop it");
        effects!(given, self; model, genome, out, strands, threads, force, quiet, motifs;
            output, threshold, fpr, format, region, shard, length => of_model;
            seed => of_model.or(self.fpr.is_none().then_some("is the root of the random streams of --fpr: drop it, or add --fpr")))?;
        self.motifs.check_effects(given)
    }
}

impl Scan {
    /// The model of the output that counts.
    fn chosen(&self, model: Model) -> anyhow::Result<Model> {
        let (Some(name), Some(path)) = (&self.output, &self.model) else { return Ok(model) };
        model.output(name).ok_or_else(|| no_output(model.card(), path, name))
    }

    pub fn run(self) -> anyhow::Result<u8> {
        let start = Instant::now();
        super::set_threads(self.threads)?;
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_free(&path_beside(out), true)?;
        }
        if self.threshold.is_some_and(f64::is_nan) {
            return Err(Usage("--threshold is not a number".into()).into());
        }
        let Some(model) = &self.model else { return self.run_motifs(start) };
        let path = model;
        let chosen = self.chosen(load_model(path, [])?)?;
        let model = &chosen;
        let alphabet = super::predict::alphabet_of(model.card())?;
        let strands = self.strands(model, alphabet)?;
        let length = window_of(model.card(), self.length, "--length")?;
        let scanner = Scanner::new(model, alphabet.table(), length, strands)?;
        let genome = Genome::open(&self.genome, alphabet)?;
        let Prepared { threshold, records, spans } = self.prepare(&scanner, &genome)?;
        let tally = match self.write(&scanner, &genome, threshold, spans) {
            Err(error) if error.is::<Interrupted>() => {
                crate::talk::say(&error);
                return Ok(exit::INTERRUPTED);
            }
            tally => tally?,
        };
        let seconds = start.elapsed().as_secs_f64();
        if let Some(out) = &self.out {
            let record = ScanRecord {
                command: command_line(),
                threads: rayon::current_num_threads(),
                seconds,
                fpr: self.fpr,
                seed: self.seed,
                scan: Scanned {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    model: hash_of_file(path)?,
                    output: self.output.clone(),
                    both_strands: both(strands),
                    genome: records,
                    region: self.region.as_ref().map(region_text),
                    window: scanner.length(),
                    threshold: Some(threshold).filter(|threshold| threshold.is_finite()),
                    format: self.format,
                },
                shard: self.shard.map(Into::into),
                windows: tally.windows,
                lines: tally.peaks,
                hits: hash_of_file(out)?,
            };
            record::save(&record, out)?;
        }
        self.say(|| {
            let ScanTally { windows, peaks: lines, .. } = tally;
            let millions = windows as f64 / 1e6;
            format!("{windows} windows in {seconds:.2} s ({:.1} million/s); {lines} lines", millions / seconds)
        });
        if tally.short_records > 0 {
            self.say(|| format!("{} records are shorter than a window and were left out", tally.short_records));
        }
        Ok(exit::DONE)
    }

    fn say(&self, message: impl FnOnce() -> String) {
        if !self.quiet {
            crate::talk::say(message());
        }
    }

    fn strands(&self, model: &Model, alphabet: Alphabet) -> anyhow::Result<ScannedStrands> {
        let both = match self.strands {
            Some(_) if model.strands() != Strands::Forward => {
                return Err(Usage("the model reads both strands by itself: drop --strands".into()).into());
            }
            Some(choice) => choice == StrandsChoice::Both,
            None => alphabet == Alphabet::Dna,
        };
        Ok(if both { ScannedStrands::Both } else { ScannedStrands::Forward })
    }

    fn prepare(&self, scanner: &Scanner<'_>, genome: &Genome) -> anyhow::Result<Prepared> {
        let part = self.region.is_some() || self.shard.is_some();
        if !genome.is_file() && (part || self.fpr.is_some()) {
            let message = "a pipe, such as standard input, is read once: --region, --shard and --fpr need a file";
            return Err(Usage(message.into()).into());
        }
        let (length, seed) = (scanner.length(), Seed(self.seed));
        let mut records = if part { genome.records() } else { None };
        let mut threshold = self.threshold.unwrap_or(0.0);
        if self.fpr.is_some() || (part && records.is_none()) {
            let wanted = self.fpr.map_or(0, calibration_windows);
            let sample = sample_pieces(genome, length, wanted, seed)?;
            if let Some(rate) = self.fpr {
                let found = calibrate(scanner, &sample.pieces, rate, seed)?;
                let found = found.ok_or_else(|| ckn::bio::Error::NoWindow { file: genome.file().clone(), length })?;
                threshold = found.threshold;
                self.say(|| {
                    format!(
                        "threshold {threshold:.4}: exceeded by {rate} of {} windows of shuffled sequence",
                        found.windows
                    )
                });
            }
            records.get_or_insert(sample.records);
        }
        let records = records.filter(|_| part);
        let spans = |records: &Vec<_>| window_spans(genome, records, length, self.region.as_ref(), self.shard);
        let spans = records.as_ref().map(spans).transpose()?;
        Ok(Prepared { threshold, records: records.as_deref().map(hash_of_records), spans })
    }

    fn write(
        &self,
        scanner: &Scanner<'_>,
        genome: &Genome,
        threshold: f64,
        spans: Option<Vec<Span>>,
    ) -> anyhow::Result<ScanTally> {
        let (interrupted, mut tally) = (interrupt_flag(), ScanTally::default());
        let settings = ScanSettings { threshold, joining: self.format.joining(), spans };
        let (length, stranded) = (scanner.length(), scanner.is_stranded());
        write_results(self.out.as_deref(), self.force, |out| {
            let (started, mut last_line) = (Instant::now(), Instant::now());
            tally = scan_genome(scanner, genome, settings, |event| {
                match event {
                    ScanEvent::Peak(peak) => self.format.write(peak, length, stranded, out)?,
                    ScanEvent::Progress { .. } if interrupted.load(Ordering::Relaxed) => return Err(Interrupted.into()),
                    ScanEvent::Progress { tile, letters } if last_line.elapsed() > BETWEEN_LINES => {
                        last_line = Instant::now();
                        let rate = letters as f64 / 1e6 / started.elapsed().as_secs_f64();
                        let (place, millions) = (format!("{}:{}", tile.id, tile.start), letters / 1_000_000);
                        self.say(|| format!("{place}, {millions} million letters, {rate:.0} million/s"));
                    }
                    ScanEvent::Progress { .. } => {}
                }
                anyhow::Ok(())
            })?;
            Ok(())
        })?;
        Ok(tally)
    }
}
