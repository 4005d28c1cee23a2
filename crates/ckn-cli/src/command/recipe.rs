//! What is trained, on what, and how: the options that every command has that trains.

mod auto;
mod deepbind;
mod engine;
mod learning;
mod network;
pub mod outcome;

pub use self::auto::Chosen;

use std::collections::BTreeMap;
use std::path::Path;

use ckn::bio::Alphabet;
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::model::{AnyModel, CheckedConfig, DeepBindConfig, Network};
use ckn::train::auto::{AutoSettings, Found};
use ckn::train::{
    CheckedDeepBindSettings, CheckedTrainConfig, EpochRecord, StopReason, TrainingData, Trial, train_deepbind,
};
use clap::Args;

use self::auto::AutoArguments;
use self::deepbind::{DeepBindArguments, Kind};
use self::engine::{Asked, ChosenEngine, EngineArguments};
use self::learning::LearningArguments;
use self::network::NetworkArguments;
use crate::exit::{self, Usage};
use crate::input::{
    Mode, NegativesArguments, Source, TaskArguments, TrainingSet, Unasked, check_labels, check_lengths, hashes,
};
use crate::names::alphabet;
use crate::progress::Progress;
use crate::talk::say;

/// Data, model, learning and what computes.
#[derive(Debug, Args)]
pub struct Recipe {
    #[command(flatten, next_help_heading = "Data")]
    pub source: Source,
    #[command(flatten, next_help_heading = "Data")]
    pub tasks: TaskArguments,
    /// Rows of a DeepBind table [default: all]
    #[arg(long, help_heading = "Data", value_enum)]
    mode: Option<Mode>,
    /// Accept several sequences of the same name in a file
    #[arg(long, help_heading = "Data")]
    allow_duplicates: bool,
    /// Alphabet of the sequences
    #[arg(long, help_heading = "Data", default_value = "dna", value_parser = alphabet())]
    pub alphabet: Alphabet,
    /// Sequences that are too short for the network; the model treats its own input alike
    #[arg(long, value_enum, default_value_t = Short::Refuse, help_heading = "Data")]
    short: Short,
    #[command(flatten, next_help_heading = "Data")]
    negatives: NegativesArguments,
    /// Kind of the model
    #[arg(long, value_enum, default_value_t = Kind::Ckn, help_heading = "Model")]
    model: Kind,
    #[command(flatten)]
    auto: AutoArguments,
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
    pub seed: u64,
    /// Threads; all cores by default, and the model does not depend on it
    #[arg(long, help_heading = "Running", value_parser = super::parse_threads)]
    threads: Option<usize>,
    /// No progress on standard error
    #[arg(long, short, help_heading = "Output")]
    pub quiet: bool,
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

/// A recipe whose options fit each other, ready to be followed.
pub struct Plan {
    pub engine: ChosenEngine,
    method: Method,
}

enum Method {
    Ckn { network: CheckedConfig, learning: CheckedTrainConfig },
    DeepBind { network: DeepBindConfig, learning: CheckedDeepBindSettings },
    Auto(AutoSettings),
}

/// What a training of either kind leaves.
pub struct Trained {
    pub model: AnyModel,
    pub epochs: Vec<EpochRecord>,
    pub best: usize,
    pub reason: StopReason,
    pub calibration: Vec<Trial>,
    /// Records that the epoch was chosen by; none where that is not told.
    pub validation: Vec<usize>,
    /// What a search found.
    pub auto: Option<Chosen>,
    /// The exit code.
    pub status: u8,
}

impl Recipe {
    /// Sets the threads, and checks all options before any work; says what will compute.
    pub fn plan(&self) -> anyhow::Result<Plan> {
        super::set_threads(self.threads)?;
        self.check_inputs()?;
        let (method, engine) = match self.model {
            _ if self.auto.auto => (Method::Auto(self.auto_settings()?), ChosenEngine::Slices),
            _ if self.auto.budget.is_some() => {
                return Err(Usage("--budget is that of a search: add --auto, or drop it".into()).into());
            }
            Kind::Ckn => {
                self.deepbind.refuse()?;
                let learning = self.learning.config(self.seed)?;
                let asked = Asked { gradients: learning.epochs > 0, bandwidths: learning.learn_sigma };
                let engine = self.engine.choose(asked)?;
                (Method::Ckn { network: self.network.config(self.alphabet)?, learning }, engine)
            }
            Kind::Deepbind => {
                self.refuse_of_kernel_networks()?;
                let (learning, network) = (self.deepbind_settings()?, self.deepbind_config()?);
                let asked = Asked { gradients: learning.epochs > 0, bandwidths: false };
                (Method::DeepBind { network, learning }, self.engine.choose(asked)?)
            }
        };
        if !self.quiet {
            let threads = rayon::current_num_threads();
            let (name, device) = (engine.name(), engine.device());
            say(format_args!("engine {name} on {device}, threads {threads}, seed {}", self.seed));
        }
        Ok(Plan { engine, method })
    }

    /// The paths of all files that are read.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.source.paths().chain(self.tasks.files().map(|(_, path)| path))
    }

    /// SHA-256 of each file that is read, by its role.
    pub fn hashes(&self) -> anyhow::Result<BTreeMap<String, String>> {
        if self.tasks.given() { hashes(self.tasks.files()) } else { self.source.hashes() }
    }

    /// Reads the data, makes negatives where there are none, and lengthens what is too short if asked to.
    pub fn read(&self, plan: &Plan) -> anyhow::Result<TrainingSet> {
        let (loss, shortest) = match &plan.method {
            Method::Ckn { network, learning } => (learning.loss, network.shortest_sequence()),
            Method::DeepBind { learning, .. } => (learning.loss, 1),
            Method::Auto(_) => (Loss::Logistic, 1),
        };
        let mut data = self.read_labelled(loss)?;
        if self.short == Short::Pad {
            data.pad(shortest);
        }
        check_lengths(&data.sequences, shortest)?;
        Ok(data)
    }

    fn read_labelled(&self, loss: Loss) -> anyhow::Result<TrainingSet> {
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
        let unasked = if self.auto.auto { Unasked::ShuffleOften } else { Unasked::Shuffle };
        self.negatives.check(unasked, self.source.intervals.genome.is_some())?;
        let loaded = self.source.read(self.alphabet, self.mode.unwrap_or(Mode::All), self.allow_duplicates)?;
        check_labels(&loaded.data, loss, "; for measurements, use --loss squared")?;
        let loaded = self.negatives.add(loaded, self.seed, unasked)?;
        if !self.quiet {
            loaded.notes.iter().for_each(say);
        }
        Ok(loaded.into())
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

    /// Has the model chosen inside the training data.
    pub fn choose_model(&mut self) {
        self.auto.auto = true;
    }

    /// Whether the model is chosen inside the training data.
    pub fn is_auto(&self) -> bool {
        self.auto.auto
    }

    fn is_given(&self, id: &str) -> bool {
        self.given.iter().any(|given| given == id)
    }
}

impl Plan {
    /// Loss of the scores.
    pub fn loss(&self) -> Loss {
        match &self.method {
            Method::Ckn { learning, .. } => learning.loss,
            Method::DeepBind { learning, .. } => learning.loss,
            Method::Auto(_) => Loss::Logistic,
        }
    }

    /// The network's settings, for the record.
    pub fn network(&self) -> serde_json::Result<serde_json::Value> {
        match &self.method {
            Method::Ckn { network, .. } => serde_json::to_value(&**network),
            Method::DeepBind { network, .. } => serde_json::to_value(network),
            Method::Auto(_) => Ok(serde_json::Value::Null),
        }
    }

    /// Tries candidates on some data, without training what is chosen; nothing where nothing is chosen.
    pub fn search(&self, data: &TrainingSet, progress: &mut Progress) -> anyhow::Result<Option<Found>> {
        match &self.method {
            Method::Auto(settings) => auto::try_out(settings, data, progress).map(Some),
            _ => Ok(None),
        }
    }

    /// Trains on some data.
    pub fn fit(
        &self,
        data: &TrainingSet,
        hashes: BTreeMap<String, String>,
        progress: &mut Progress,
    ) -> anyhow::Result<Trained> {
        match &self.method {
            Method::Ckn { network, learning } => {
                let network = Network::random(network.clone(), &mut Seed(learning.seed).stream("network"))?;
                let view = data.sequences.view();
                let training = TrainingData { view, labels: &data.labels, tasks: data.task_count() };
                let fitted = self.engine.fit(*learning, training, network, progress)?;
                Ok(Trained {
                    status: outcome::status(&fitted),
                    epochs: fitted.epochs.clone(),
                    best: fitted.best,
                    reason: fitted.reason,
                    calibration: Vec::new(),
                    validation: fitted.validation.clone(),
                    auto: None,
                    model: outcome::model(fitted, learning, data, &hashes)?.into(),
                })
            }
            Method::DeepBind { network, learning } => {
                let training = TrainingData::of_one_task(data.sequences.view(), &data.labels);
                let (learning, network) = (*learning, network.check()?);
                let fitted = train_deepbind(learning, network, &self.engine.deepbind(), training, progress)?;
                let interrupted = fitted.reason == StopReason::Interrupted;
                Ok(Trained {
                    status: if interrupted { exit::INTERRUPTED } else { exit::DONE },
                    epochs: fitted.epochs.clone(),
                    best: fitted.best,
                    reason: fitted.reason,
                    calibration: fitted.trials.clone(),
                    validation: Vec::new(),
                    auto: None,
                    model: fitted.into_model(outcome::provenance(data, &hashes))?.into(),
                })
            }
            Method::Auto(settings) => auto::fit(settings, data, &hashes, progress),
        }
    }
}
