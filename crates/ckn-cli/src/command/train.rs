use std::path::PathBuf;
use std::time::Instant;

use ckn::bio::{Alphabet, LabelledSequences};
use ckn::burn::DeviceChoice;
use ckn::core::kernel::DotProductKernel;
use ckn::core::loss::Loss;
use ckn::core::pooling::{Border, Pooling, Strands};
use ckn::core::seed::Seed;
use ckn::core::solver::Termination;
use ckn::core::whitening::Regularisation;
use ckn::model::{LayerConfig, Lengths, Model, ModelCard, Network, NetworkConfig};
use ckn::train::{Engine, Fitted, ReferenceEngine, SliceEngine, StopReason, TrainConfig, Trainer, TrainingData};
use clap::{Args, ValueEnum};

use crate::exit::{self, Usage};
use crate::input::{Mode, Shuffles, Source};
use crate::output::{check_free, write_results};
use crate::progress::Progress;
use crate::run_record::{RunRecord, path_beside};

/// Train a network on labelled sequences
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "\
Where only positives are given (--seq with Bound = 1 throughout, or --pos alone), negatives are made by shuffling them, with
their dinucleotide counts kept. A quarter of the records is held out to choose the epoch; never use test data here.

Prints a table of one row (model, records, positives, negatives, best_epoch, validation_loss, validation_auroc, seconds).
Beside MODEL, MODEL.run.json records versions, settings, hashes of the data, and every epoch.

Examples:
  ckn train --seq ELK1_AC.seq.gz --mode top --out elk1.ckn
  ckn train --pos bound.fa.gz --neg unbound.fa.gz --strands max --out model.ckn
  ckn train --tsv peptides.tsv --alphabet protein --width 6 --out peptides.ckn
  ckn train --pos bound.fa --filters 64,16 --width 12,3 --sigma 0.3,0.6 --out deep.ckn
  ckn train --pos bound.fa --filters 256 --unsupervised --standardise --out many.ckn

With mean pooling on few sequences, weaken the penalty: --pooling mean --l2 1e-6."
)]
pub struct Train {
    #[command(flatten)]
    source: Source,
    /// File of the trained model
    #[arg(long, value_name = "MODEL")]
    out: PathBuf,
    /// Rows of a DeepBind table: top (the first 500, the strongest peaks) or all [default: all]
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// dna, rna or protein
    #[arg(long, default_value = "dna")]
    alphabet: Alphabet,
    /// Anchor points (filters) of each layer
    #[arg(long, value_delimiter = ',', default_value = "16")]
    filters: Vec<usize>,
    /// Patch width of each layer: letters (bp), then positions of the map
    #[arg(long, value_delimiter = ',', default_value = "12")]
    width: Vec<usize>,
    /// Bandwidth of each layer's exponential kernel: smaller tolerates fewer mismatches
    #[arg(long, value_delimiter = ',', default_value = "0.3")]
    sigma: Vec<f64>,
    /// Stride of the pooling between layers
    #[arg(long, default_value_t = 2)]
    subsampling: usize,
    /// Kernel between patches: exponential, polynomial:DEGREE, arc-cosine:ORDER (0 or 1), linear
    #[arg(long, default_value = "exponential", value_parser = parse_kernel)]
    kernel: KernelChoice,
    /// Pooling over positions: max (the best site counts), mean (all count), sum
    #[arg(long, default_value = "max", value_parser = parse_pooling)]
    pooling: Pooling,
    /// Strands: forward, max (the better one counts) or mean of the sequence and its reverse complement
    #[arg(long, default_value = "forward", value_parser = parse_strands)]
    strands: Strands,
    /// Windows: valid (inside the sequence) or same (one a letter, padded with zeros)
    #[arg(long, default_value = "valid", value_parser = parse_border)]
    border: Border,
    /// Inverse root: shift (exact gradient) or reference (as the authors' code)
    #[arg(long, value_enum, default_value_t = RegularisationChoice::Shift)]
    regularisation: RegularisationChoice,
    /// Its ε [default: 0.001 for shift, 0.01 for reference]
    #[arg(long)]
    epsilon: Option<f64>,
    /// Loss: logistic, squared-hinge, or squared (labels may be any number)
    #[arg(long, default_value = "logistic", value_parser = parse_loss)]
    loss: Loss,
    /// Penalty A of the weights in Σ losses + (A/2)‖w‖²
    #[arg(long, default_value_t = 0.1)]
    l2: f64,
    /// Passes over the data
    #[arg(long, default_value_t = 100)]
    epochs: usize,
    /// Keep the k-means anchors: the same as --epochs 0
    #[arg(long, conflicts_with = "epochs")]
    unsupervised: bool,
    /// Records of a minibatch
    #[arg(long, default_value_t = 128)]
    batch: usize,
    /// First learning rate of Adam on the anchors
    #[arg(long, default_value_t = 0.1)]
    learning_rate: f64,
    /// Epochs without a lower validation loss before the learning rate is halved
    #[arg(long, default_value_t = 4)]
    patience: usize,
    /// Stop after this many epochs without a lower validation loss [default: never]
    #[arg(long, value_name = "EPOCHS")]
    early_stop: Option<usize>,
    /// Part of the records held out to choose the epoch
    #[arg(long, default_value_t = 0.25)]
    validation: f64,
    /// Refit the head on all records, for the anchors of the best epoch
    #[arg(long)]
    refit: bool,
    /// Penalise the weights of standardised embeddings
    #[arg(long)]
    standardise: bool,
    /// Most patches that k-means sees
    #[arg(long, default_value_t = 100_000)]
    patches: usize,
    /// Shuffles of each positive, where negatives are made
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1000))]
    shuffles: u32,
    /// Letters of the words whose counts shuffles keep
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=12))]
    shuffle_k: u8,
    /// Root of every random stream: the same seed gives the same model file
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; all cores by default, and the model does not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
    /// How gradients are computed: slices (k-mer tables; one layer, CPU), reference (one-hot tensors), or the faster one
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    engine: EngineChoice,
    /// Device of the reference engine: auto, cpu, flex, ndarray, gpu, gpu:N; see ckn doctor
    #[arg(long, default_value = "auto")]
    device: String,
    /// Also write id, label and score of every training record
    #[arg(long, value_name = "TSV")]
    scores: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// No progress on standard error
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RegularisationChoice {
    Shift,
    Reference,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineChoice {
    Auto,
    Slices,
    Reference,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum KernelChoice {
    Exponential,
    Fixed(DotProductKernel),
}

fn parse_kernel(text: &str) -> Result<KernelChoice, String> {
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a whole number"));
    match text.split_once(':') {
        None if text == "exponential" => Ok(KernelChoice::Exponential),
        None if text == "linear" => Ok(KernelChoice::Fixed(DotProductKernel::Linear)),
        Some(("polynomial", degree)) => {
            Ok(KernelChoice::Fixed(DotProductKernel::Polynomial { degree: number(degree)? }))
        }
        Some(("arc-cosine", order)) => Ok(KernelChoice::Fixed(DotProductKernel::ArcCosine { order: number(order)? })),
        _ => Err("kernels are exponential, polynomial:DEGREE, arc-cosine:ORDER and linear".into()),
    }
}

/// Parses one of the names of a library's enum, spelt as in its files.
fn parse_name<T: serde::de::DeserializeOwned>(text: &str, names: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|_| format!("it must be one of {names}"))
}

fn parse_pooling(text: &str) -> Result<Pooling, String> {
    parse_name(text, "max, mean, sum")
}

fn parse_strands(text: &str) -> Result<Strands, String> {
    parse_name(text, "forward, max, mean")
}

fn parse_border(text: &str) -> Result<Border, String> {
    parse_name(text, "valid, same")
}

fn parse_loss(text: &str) -> Result<Loss, String> {
    parse_name(text, "logistic, squared-hinge, squared")
}

impl Train {
    pub fn run(self) -> anyhow::Result<u8> {
        let start = Instant::now();
        super::set_threads(self.threads)?;
        check_free(&self.out, self.force)?;
        check_free(&path_beside(&self.out), true)?;
        if let Some(scores) = &self.scores {
            check_free(scores, self.force)?;
        }
        let device: DeviceChoice = self.device.parse()?;
        let config = self.train_config();
        let checked = config.check()?;
        let network = self.network_config()?.check()?;
        if self.strands != Strands::Forward && !self.alphabet.has_complement() {
            let message = format!("{} has no complement: use --strands forward", self.alphabet);
            return Err(Usage(message).into());
        }
        let shuffles =
            Shuffles { per_sequence: self.shuffles as usize, k: usize::from(self.shuffle_k), seed: self.seed };
        if self.mode.is_some() && self.source.seq.is_none() {
            return Err(Usage("--mode picks rows of a DeepBind table: it goes with --seq".into()).into());
        }
        let data = self.source.read(self.alphabet, self.mode.unwrap_or(Mode::All), Some(shuffles))?;
        data.sequences().check_min_length(network.shortest_sequence())?;
        let network = Network::random(network, &mut Seed(self.seed).stream("network"))?;
        let mut progress = Progress::new(self.quiet);
        let fitted = self.fit(checked, &data, network, device, &mut progress)?;
        let model = self.model(&fitted, &config, &data)?;
        let scores = super::predict::scores(&model, data.sequences())?;
        self.write(&model, &fitted, &data, &scores, &config, &progress, start)?;
        Ok(match (fitted.reason, fitted.head_termination) {
            (StopReason::Interrupted, _) => exit::INTERRUPTED,
            (_, Termination::IterationLimit | Termination::NotFinite { .. }) => {
                eprintln!("ckn: the head did not converge ({}): raise --l2", fitted.head_termination);
                exit::NOT_CONVERGED
            }
            _ => exit::DONE,
        })
    }

    fn train_config(&self) -> TrainConfig {
        TrainConfig {
            loss: self.loss,
            l2: self.l2,
            epochs: if self.unsupervised { 0 } else { self.epochs },
            batch: self.batch,
            learning_rate: self.learning_rate,
            patience: self.patience,
            early_stop: self.early_stop,
            validation: self.validation,
            patches: self.patches,
            refit: self.refit,
            standardise: self.standardise,
            seed: self.seed,
        }
    }

    fn network_config(&self) -> anyhow::Result<NetworkConfig> {
        let depth = self.filters.len();
        for (name, length) in [("--width", self.width.len()), ("--sigma", self.sigma.len())] {
            if length != depth && !(name == "--sigma" && length == 1) {
                let message = format!("--filters names {depth} layers and {name} {length}: give one value a layer");
                return Err(Usage(message).into());
            }
        }
        let layers = (0..depth).map(|layer| LayerConfig {
            filters: self.filters[layer],
            width: self.width[layer],
            kernel: match self.kernel {
                KernelChoice::Fixed(kernel) => kernel,
                KernelChoice::Exponential => {
                    DotProductKernel::Exponential { sigma: self.sigma.get(layer).copied().unwrap_or(self.sigma[0]) }
                }
            },
            subsampling: if layer + 1 == depth { 1 } else { self.subsampling },
        });
        Ok(NetworkConfig {
            letters: self.alphabet.letter_count(),
            layers: layers.collect(),
            pooling: self.pooling,
            strands: self.strands,
            border: self.border,
            regularisation: match self.regularisation {
                RegularisationChoice::Shift => Regularisation::Shift { epsilon: self.epsilon.unwrap_or(1e-3) },
                RegularisationChoice::Reference => Regularisation::Reference { epsilon: self.epsilon.unwrap_or(1e-2) },
            },
        })
    }

    fn fit(
        &self,
        config: ckn::train::CheckedTrainConfig,
        data: &LabelledSequences,
        network: Network,
        device: DeviceChoice,
        progress: &mut Progress,
    ) -> anyhow::Result<Fitted> {
        fn with<E: Engine>(
            engine: &E,
            config: ckn::train::CheckedTrainConfig,
            data: TrainingData<'_>,
            network: Network,
            progress: &mut Progress,
        ) -> anyhow::Result<Fitted> {
            Ok(Trainer::init(config, engine, data, network, progress)?.run(progress)?)
        }
        let training = TrainingData { view: data.sequences().view(), labels: data.labels() };
        let on_cpu = matches!(device, DeviceChoice::Auto | DeviceChoice::Cpu);
        let slices = match self.engine {
            EngineChoice::Auto => network.layers().len() == 1 && on_cpu,
            EngineChoice::Slices if !on_cpu => {
                let message = format!("the slice engine runs on the CPU: drop --device {}", self.device);
                return Err(Usage(message).into());
            }
            EngineChoice::Slices => true,
            EngineChoice::Reference => false,
        };
        if slices {
            with(&SliceEngine::new(training.view, &network)?, config, training, network, progress)
        } else {
            let device = device.open()?;
            with(&ReferenceEngine::new(training.view, &network, &device)?, config, training, network, progress)
        }
    }

    fn model(&self, fitted: &Fitted, config: &TrainConfig, data: &LabelledSequences) -> anyhow::Result<Model> {
        let best = fitted.epochs.get(fitted.best);
        let measured = [
            ("validation_loss", best.map(|epoch| epoch.validation_loss)),
            ("validation_auroc", best.and_then(|epoch| epoch.validation_auroc)),
        ];
        let card = ModelCard {
            alphabet: self.alphabet.name().to_owned(),
            letters: self.alphabet.letters().to_owned(),
            loss: self.loss,
            seed: self.seed,
            data: self.source.hashes()?,
            lengths: Lengths::of(data.sequences().view()),
            training: serde_json::to_value(config)?,
            measured: measured.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        };
        Ok(Model::new(fitted.network.clone(), fitted.head.clone(), card)?)
    }

    fn write(
        &self,
        model: &Model,
        fitted: &Fitted,
        data: &LabelledSequences,
        scores: &[f64],
        config: &TrainConfig,
        progress: &Progress,
        start: Instant,
    ) -> anyhow::Result<()> {
        model.save(&self.out, self.force)?;
        let seconds = start.elapsed().as_secs_f64();
        RunRecord {
            version: env!("CARGO_PKG_VERSION"),
            command: std::env::args().collect(),
            engine: &progress.engine,
            threads: rayon::current_num_threads(),
            seconds,
            data: model.card().data.clone(),
            records: data.len(),
            unknown_letters: data.sequences().unknown_count(),
            network: serde_json::to_value(model.network().config())?,
            training: serde_json::to_value(config)?,
            stopped: fitted.reason,
            best_epoch: fitted.best,
            epochs: &fitted.epochs,
            epoch_seconds: &progress.seconds,
        }
        .save(&self.out)?;
        if let Some(path) = &self.scores {
            write_results(Some(path), self.force, |out| {
                writeln!(out, "id\tlabel\tscore")?;
                for ((id, label), score) in data.sequences().ids().iter().zip(data.labels()).zip(scores) {
                    writeln!(out, "{id}\t{label}\t{score}")?;
                }
                Ok(())
            })?;
        }
        let best = &fitted.epochs[fitted.best];
        let positives = data.labels().iter().filter(|&&label| label > 0.5).count();
        write_results(None, false, |out| {
            writeln!(
                out,
                "model\trecords\tpositives\tnegatives\tbest_epoch\tvalidation_loss\tvalidation_auroc\tseconds"
            )?;
            let auroc = best.validation_auroc.map_or("NA".to_owned(), |value| format!("{value:.4}"));
            let negatives = data.len() - positives;
            let (path, epoch, loss) = (self.out.display(), best.epoch, best.validation_loss);
            writeln!(
                out,
                "{path}\t{}\t{positives}\t{negatives}\t{epoch}\t{loss:.4}\t{auroc}\t{seconds:.1}",
                data.len()
            )?;
            Ok(())
        })
    }
}
