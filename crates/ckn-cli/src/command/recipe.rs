//! What is trained, on what, and how: the options that every command has that trains.

mod auto;
mod checkpoint;
mod deepbind;
mod doubts;
mod engine;
mod exact;
mod grid;
mod labels;
mod learning;
mod network;
mod open;
pub mod outcome;
mod plan;
mod reading;
mod skew;
mod unlabelled;
mod way;

pub use self::auto::Chosen;
pub use self::checkpoint::{Checkpoint, CheckpointArguments};
pub use self::exact::kept;
pub use self::plan::{Plan, Trained};
pub use self::way::Way;

use std::collections::BTreeMap;
use std::path::Path;

use ckn::bio::Alphabet;
use ckn::train::{Start, TrainConfig};
use clap::Args;

use self::auto::AutoArguments;
use self::deepbind::DeepBindArguments;
use self::engine::{Asked, ChosenEngine, EngineArguments};
use self::exact::ExactArguments;
use self::learning::LearningArguments;
use self::network::NetworkArguments;
use self::plan::Method;
use self::way::Kind;
use super::given::{Given, effects};
use crate::exit::Usage;
use crate::input::{Mode, NegativesArguments, Source, TaskArguments, Unasked, hashes};
use crate::names::alphabet;
use crate::talk::say;

/// Data, model, learning and what computes.
#[derive(Debug, Args)]
pub struct Recipe {
    #[command(flatten)]
    given: Given,
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
    /// Kind of the model [default: chosen by --effort, or network where an option of networks is given]
    #[arg(long, value_enum, help_heading = "Model")]
    model: Option<Kind>,
    #[command(flatten)]
    auto: AutoArguments,
    #[command(flatten)]
    deepbind: DeepBindArguments,
    #[command(flatten)]
    exact: ExactArguments,
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
}

/// What is done about sequences that are too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Short {
    /// Stop, and name the first
    Refuse,
    /// Lengthen them by unknown letters
    Pad,
}

/// Role of the file that anchor points are taken from.
const ANCHORS: &str = "anchors";

const STILL_ENGINE: &str = "has no effect on anchor points that do not move, which k-mer tables embed: drop it";

impl Recipe {
    /// Sets the threads, and checks all options before any work; says what will compute.
    pub fn plan(&self) -> anyhow::Result<Plan> {
        super::set_threads(self.threads)?;
        self.check_inputs()?;
        let (method, engine) = match self.way() {
            Way::Auto => (Method::Open, ChosenEngine::Slices),
            Way::Exact => (Method::Exact(self.exact_settings()?), ChosenEngine::Slices),
            Way::Ckn if self.network.is_grid() => {
                let (networks, learning) = (self.network.configs(self.alphabet)?, self.learning.config(self.seed)?);
                let asked = Asked { gradients: learning.epochs > 0, bandwidths: learning.learn_sigma };
                let engine = self.engine.choose(asked, networks.last())?;
                (Method::Grid { networks, learning }, engine)
            }
            Way::Ckn => {
                let start = self.network.given(self.alphabet)?;
                let network = match &start {
                    Some(start) => start.config().clone(),
                    None => self.one_network()?,
                };
                let learning = self.learning.config(self.seed)?;
                let learning = match start {
                    Some(_) => TrainConfig { start: Start::Given, ..*learning }.check()?,
                    None => learning,
                };
                if learning.learn_sigma && network.layers.iter().all(|layer| layer.kernel.sigma().is_none()) {
                    let message =
                        "--learn-sigma moves the bandwidth of the exponential kernel: this network has none, drop it";
                    return Err(Usage(message.into()).into());
                }
                let asked = Asked { gradients: learning.epochs > 0, bandwidths: learning.learn_sigma };
                let engine = self.engine.choose(asked, Some(&network))?;
                (Method::Ckn { network, start, learning }, engine)
            }
            Way::DeepBind => {
                let (learning, network) = (self.deepbind_settings()?, self.deepbind_config()?);
                let asked = Asked { gradients: learning.epochs > 0, bandwidths: false };
                (Method::DeepBind { network, learning }, self.engine.choose(asked, None)?)
            }
        };
        if !self.quiet {
            let threads = rayon::current_num_threads();
            let (name, device) = (engine.name(), engine.device());
            say(format_args!("engine {name} on {device}, threads {threads}, seed {}", self.seed));
            self.why_a_network().iter().for_each(say);
        }
        Ok(Plan { engine, method })
    }

    /// Why a training keeps no state to go on from, if it keeps none.
    pub fn keeps_no_state(&self) -> Option<&'static str> {
        match self.way() {
            Way::Ckn if self.learning.is_still() => Some("has no effect on anchor points that do not move: drop it"),
            Way::Ckn if self.network.is_grid() => {
                Some("belongs to one training, and --width auto and --sigma auto make several: drop it")
            }
            Way::Ckn => None,
            _ => {
                Some("belongs to networks that are trained by themselves: drop it, or name a network (--model network)")
            }
        }
    }

    /// The paths of all files that are read.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.source.paths().chain(self.tasks.files().map(|(_, path)| path)).chain(self.network.anchors.as_deref())
    }

    /// Whether a file of sequences is named.
    pub fn names_sequences(&self) -> bool {
        self.source.paths().next().is_some() || self.tasks.files().next().is_some()
    }

    /// SHA-256 of each file that is read, by its role.
    pub fn hashes(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut found = if self.tasks.given() { hashes(self.tasks.files()) } else { self.source.hashes() }?;
        found.extend(hashes(self.network.anchors.iter().map(|path| (ANCHORS.to_owned(), path.as_path())))?);
        Ok(found)
    }

    /// Checks, before any work, that there is one kind of input, and that standard input is read once.
    fn check_inputs(&self) -> anyhow::Result<()> {
        if !self.tasks.given() {
            return self.source.check();
        }
        if self.tasks.files().filter(|(_, path)| *path == Path::new("-")).count() > 1 {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        Ok(())
    }

    /// Refuses options that have no effect on this way to a model.
    pub fn check(&self, given: &Given, way: Way) -> Result<(), Usage> {
        let chosen = way.chosen();
        let padded = (self.network.is_grid() && self.short == Short::Pad).then_some(
            "pad goes with a width that is given: --width auto tries those that all sequences are long enough for",
        );
        effects!(given, self;
            source, tasks, negatives, auto, deepbind, exact, network, learning, engine;
            given, allow_duplicates, alphabet, seed, threads, quiet => None::<&str>;
            mode => self.source.seq.is_none().then_some("picks rows of a DeepBind table: it goes with --seq");
            short => chosen.or(way.of_kernels()).or(way.of_windows()).or(padded);
            model => chosen;
        )?;
        self.source.check_effects(given)?;
        self.tasks.check_effects(given, way.of_kernels())?;
        let tasks = self.of_tasks().then_some("has no effect on --tasks and --task: drop it");
        self.negatives.check(given, self.unasked(way), self.source.intervals.genome.is_some(), tasks)?;
        self.auto.check(given, way)?;
        self.deepbind.check(given, way, self.learning.is_still())?;
        self.exact.check(given, way)?;
        self.network.check(given, way, self.alphabet)?;
        let engine = self.engine.is_slices();
        let bandwidth = (self.network.has_bandwidth(), engine);
        let anchors = self.network.anchors.is_some();
        self.learning.check(given, way, self.deepbind.draws(), bandwidth, anchors)?;
        let still = way == Way::Ckn && self.learning.is_still() && !engine;
        self.engine.check(given, chosen.or(way.of_networks()).or(still.then_some(STILL_ENGINE)))
    }

    /// Whether there are several tasks.
    fn of_tasks(&self) -> bool {
        self.tasks.given() || self.source.memory.as_ref().is_some_and(|data| !data.tasks().is_empty())
    }

    fn unasked(&self, way: Way) -> Unasked {
        if way == Way::Auto { self.unasked_of_search() } else { Unasked::Shuffle }
    }
}
