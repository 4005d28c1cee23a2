mod deepbind;
mod engine;
mod learning;
mod network;
pub mod outcome;

use std::path::{Path, PathBuf};
use std::time::Instant;

use ckn::bio::Alphabet;
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::model::{AnyModel, Network};
use ckn::train::{EpochRecord, StopReason, TrainingData, Trial};
use clap::Args;

use self::deepbind::{DeepBindArguments, Kind};
use self::engine::{ChosenEngine, EngineArguments};
use self::learning::LearningArguments;
use self::network::NetworkArguments;
use crate::exit::Usage;
use crate::input::{
    Mode, NegativesArguments, Source, TaskArguments, TrainingSet, Unasked, check_labels, check_lengths, hashes,
};
use crate::names::alphabet;
use crate::output::{check_apart, check_free, check_replaceable, save_model, write_results};
use crate::progress::Progress;
use crate::run_record::{Host, RunRecord, Seconds, Versions, path_beside};
use crate::talk::say;

/// Train a network on labelled sequences
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Where only positives are given (--seq with Bound = 1 throughout, --pos alone, or --bed), negatives are made by shuffling them,
with their dinucleotide counts kept; --negatives genome draws windows of the genome instead, from the chromosomes that have
intervals, outside all of them, without unknown letters, and with the GC content of each positive. A quarter of the sequences is held out to choose the epoch; never use test data here.

Several tasks (--tasks, --task) share the anchor points; each has a head of its own, and all count alike. Several classes
(--loss multinomial) are numbered from 0 in the column `label`.

Prints a table of one row, or one for each task (model, records, positives, negatives, best_epoch, validation_loss, validation_auroc, seconds).
Beside MODEL, MODEL.run.json records versions, settings, hashes of the data, and every epoch. Ctrl-C writes the best epoch
so far.

Examples:
  ckn train --seq ELK1_AC.seq.gz --mode top --out elk1.ckn
  ckn train --pos bound.fa.gz --neg unbound.fa.gz --strands max --out model.ckn
  ckn train --bed peaks.narrowPeak.gz --genome hg38.2bit --window 101 --negatives genome --out model.ckn
  ckn train --tsv peptides.tsv --alphabet protein --width 6 --out peptides.ckn
  ckn train --tsv affinities.tsv --loss squared --out affinities.ckn
  ckn train --pos bound.fa --filters 64,16 --width 12,3 --sigma 0.3,0.6 --out deep.ckn
  ckn train --task HepG2=hepg2.fa --task H1=h1.fa --strands max --out usf1.ckn
  ckn train --tasks accessibility.tsv --class-weight balanced --out tissues.ckn
  ckn train --pos bound.fa --filters 256 --unsupervised --standardise --out many.ckn
  ckn train --pos bound.fa --model deepbind --out baseline.ckn

With mean pooling on few sequences, weaken the penalty: --pooling mean --l2 1e-6."
)]
pub struct Train {
    #[command(flatten, next_help_heading = "Data")]
    source: Source,
    #[command(flatten, next_help_heading = "Data")]
    tasks: TaskArguments,
    /// Rows of a DeepBind table [default: all]
    #[arg(long, help_heading = "Data", value_enum)]
    mode: Option<Mode>,
    /// Accept several sequences of the same name in a file
    #[arg(long, help_heading = "Data")]
    allow_duplicates: bool,
    /// Alphabet of the sequences
    #[arg(long, help_heading = "Data", default_value = "dna", value_parser = alphabet())]
    alphabet: Alphabet,
    /// Sequences that are too short for the network; the model treats its own input alike
    #[arg(long, value_enum, default_value_t = Short::Refuse, help_heading = "Data")]
    short: Short,
    #[command(flatten, next_help_heading = "Data")]
    negatives: NegativesArguments,
    /// Kind of the model
    #[arg(long, value_enum, default_value_t = Kind::Ckn, help_heading = "Model")]
    model: Kind,
    #[command(flatten)]
    deepbind: DeepBindArguments,
    #[command(flatten)]
    network: NetworkArguments,
    #[command(flatten)]
    learning: LearningArguments,
    #[command(flatten)]
    engine: EngineArguments,
    /// Root of every random stream: the same seed gives the same model file
    #[arg(long, help_heading = "Running", default_value_t = 0)]
    seed: u64,
    /// Threads; all cores by default, and the model does not depend on it
    #[arg(long, help_heading = "Running", value_parser = super::parse_threads)]
    threads: Option<usize>,
    /// File of the trained model
    #[arg(long, value_name = "MODEL", help_heading = "Output")]
    out: PathBuf,
    /// Also write id, label and score of every training sequence
    #[arg(long, value_name = "TSV", help_heading = "Output")]
    scores: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// No progress on standard error
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
    /// Names of the options that were given.
    #[arg(skip)]
    pub given: Vec<String>,
}

/// What is done about sequences that are too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Short {
    /// Stop, and name the first
    Refuse,
    /// Lengthen them by unknown letters
    Pad,
}

impl Train {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        self.check_inputs()?;
        self.check_outputs()?;
        match self.model {
            Kind::Ckn => self.run_ckn(),
            Kind::Deepbind => self.run_deepbind(),
        }
    }

    fn run_ckn(&self) -> anyhow::Result<u8> {
        self.deepbind.refuse()?;
        let engine = self.engine.choose()?;
        let config = self.learning.config(self.seed)?;
        let network = self.network.config(self.alphabet)?;
        self.greet(&engine);

        let mut seconds = Seconds::default();
        let start = Instant::now();
        let hashes = if self.tasks.given() { hashes(self.tasks.files())? } else { self.source.hashes()? };
        let mut data = self.read(config.loss)?;
        if self.short == Short::Pad {
            data.pad(network.shortest_sequence());
        }
        check_lengths(&data.sequences, network.shortest_sequence())?;
        seconds.reading = start.elapsed().as_secs_f64();

        let start = Instant::now();
        let network = Network::random(network, &mut Seed(self.seed).stream("network"))?;
        let mut progress = Progress::new(self.quiet);
        let training = TrainingData { view: data.sequences.view(), labels: &data.labels, tasks: data.task_count() };
        let fitted = engine.fit(config, training, network, &mut progress)?;
        seconds.training = start.elapsed().as_secs_f64();

        let start = Instant::now();
        let model = outcome::model(&fitted, &config, &data, hashes)?.into();
        let trained = Trained {
            model: &model,
            epochs: &fitted.epochs,
            best: fitted.best,
            reason: fitted.reason,
            calibration: &[],
            engine: &engine,
            network: serde_json::to_value(fitted.network.config())?,
        };
        self.write(trained, &data, seconds, start, &progress.seconds)?;
        Ok(outcome::status(&fitted))
    }

    /// Says what computes.
    fn greet(&self, engine: &ChosenEngine) {
        if !self.quiet {
            let threads = rayon::current_num_threads();
            let (name, device) = (engine.name(), engine.device());
            say(format_args!("engine {name} on {device}, threads {threads}, seed {}", self.seed));
        }
    }

    /// Writes the model, its record, scores where they are asked for, and the summary.
    fn write(
        &self,
        trained: Trained<'_>,
        data: &TrainingSet,
        mut seconds: Seconds,
        start: Instant,
        epoch_seconds: &[f64],
    ) -> anyhow::Result<()> {
        let scores = match &self.scores {
            Some(path) => Some((path, super::predict::scores(trained.model, &data.sequences)?)),
            None => None,
        };
        seconds.scoring = start.elapsed().as_secs_f64();
        save_model(trained.model, &self.out, self.force)?;
        let (epochs, best, card) = (trained.epochs, trained.best, trained.model.card());
        self.record(trained, data, seconds, epoch_seconds)?;
        if let Some((path, scores)) = scores {
            write_results(Some(path), self.force, |out| outcome::write_scores(out, data, card, &scores))?;
        }
        write_results(None, false, |out| {
            outcome::write_summary(out, &self.out, (epochs, best), data, card.loss, seconds.total())
        })
    }

    /// Checks, before any work, that everything can be written.
    fn check_outputs(&self) -> anyhow::Result<()> {
        let record = path_beside(&self.out);
        check_replaceable(&self.out)?;
        for path in [Some(&self.out), Some(&record), self.scores.as_ref()].into_iter().flatten() {
            check_free(path, self.force)?;
            check_apart(path, self.source.paths().chain(self.tasks.files().map(|(_, path)| path)))?;
        }
        match &self.scores {
            Some(scores) => check_apart(scores, [self.out.as_path(), record.as_path()]),
            None => Ok(()),
        }
    }

    /// Checks, before any work, that there is one kind of input, and that standard input is read once.
    fn check_inputs(&self) -> anyhow::Result<()> {
        if !self.tasks.given() {
            return self.source.check();
        }
        if self.tasks.files().filter(|(_, path)| *path == Path::new("-")).count() > 1 {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        self.negatives.refuse("--tasks and --task")
    }

    /// Reads the data, and makes negatives where there are none.
    fn read(&self, loss: Loss) -> anyhow::Result<TrainingSet> {
        if self.tasks.given() {
            if loss == Loss::Multinomial {
                return Err(Usage("--loss multinomial has classes, not tasks: give --tsv".into()).into());
            }
            let data = TrainingSet::from(self.tasks.read(self.alphabet, self.allow_duplicates, self.seed)?);
            data.check_labels(loss, "; for measurements, use --loss squared")?;
            data.check_classes(loss)?;
            return Ok(data);
        }
        if self.mode.is_some() && self.source.seq.is_none() {
            return Err(Usage("--mode picks rows of a DeepBind table: it goes with --seq".into()).into());
        }
        self.negatives.check(Unasked::Shuffle, self.source.intervals.genome.is_some())?;
        let loaded = self.source.read(self.alphabet, self.mode.unwrap_or(Mode::All), self.allow_duplicates)?;
        check_labels(&loaded.data, loss, "; for measurements, use --loss squared")?;
        let loaded = self.negatives.add(loaded, self.seed, Unasked::Shuffle)?;
        if !self.quiet {
            loaded.notes.iter().for_each(say);
        }
        Ok(loaded.data.into())
    }

    fn record(
        &self,
        trained: Trained<'_>,
        data: &TrainingSet,
        seconds: Seconds,
        epoch_seconds: &[f64],
    ) -> anyhow::Result<()> {
        let card = trained.model.card();
        RunRecord {
            versions: Versions::of_this_program(),
            host: Host::of_this_run(),
            command: std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect(),
            engine: trained.engine.name(),
            device: &trained.engine.device(),
            threads: rayon::current_num_threads(),
            seed: self.seed,
            seconds,
            data: card.data.clone(),
            records: data.sequences.len(),
            unknown_letters: data.sequences.unknown_count(),
            network: trained.network,
            training: card.training.clone(),
            calibration: trained.calibration,
            stopped: trained.reason,
            best_epoch: trained.best,
            epochs: trained.epochs,
            epoch_seconds,
        }
        .save(&self.out, self.force)
    }
}

/// What a training of either kind leaves.
struct Trained<'a> {
    model: &'a AnyModel,
    epochs: &'a [EpochRecord],
    best: usize,
    reason: StopReason,
    calibration: &'a [Trial],
    engine: &'a ChosenEngine,
    network: serde_json::Value,
}
