//! Options that say how the network learns.

use ckn::core::loss::Loss;
use ckn::train::{CheckedTrainConfig, ClassWeight, Selection, TrainConfig};
use clap::Args;

use super::Way;
use super::deepbind::DRAWN;
use crate::command::given::{Given, effects};
use crate::exit::Usage;
use crate::names::named;

const LOSSES: &[(&str, &str)] = &[
    ("logistic", "two classes; scores are log-odds"),
    ("squared-hinge", "two classes; scores are margins"),
    ("squared", "measurements: labels may be any number"),
    ("multinomial", "several classes: labels are names, or 0, 1, 2, …; one score a class"),
];

const SELECTIONS: &[(&str, &str)] = &[
    ("moved", "anchor points after a pass, with the head they moved under, as the authors' code does"),
    ("refitted", "anchor points before a pass, with the head fitted for them"),
];

#[derive(Debug, Args)]
#[command(next_help_heading = "Learning")]
pub struct LearningArguments {
    /// Loss of a score and a label [default: logistic; where nothing but the data is given, what the labels say]
    #[arg(long, value_parser = named::<Loss>(LOSSES))]
    pub loss: Option<Loss>,
    /// Penalty A of the weights in Σ losses + (A/2)‖w‖²; `auto` chooses it on the held-out part, before any anchor point moves,
    /// and with --model exact by cross-validation [default: 0.1; with --model exact auto]
    #[arg(long, value_name = "A|auto", value_parser = penalty)]
    l2: Option<Penalty>,
    /// Weight of positives, that of negatives being 1; `balanced` gives both classes the same weight as a whole
    #[arg(long, value_name = "NUMBER|balanced", default_value = "1", value_parser = class_weight)]
    pub class_weight: ClassWeight,
    /// Let the bandwidths move, too, from where --sigma puts them
    #[arg(long)]
    learn_sigma: bool,
    /// Passes over the data with the anchor points moving
    #[arg(long, default_value_t = 100)]
    pub epochs: usize,
    /// Keep the anchor points of k-means: the same as --epochs 0
    #[arg(long, conflicts_with = "epochs")]
    unsupervised: bool,
    /// Sequences of a minibatch [default: 128]
    #[arg(long)]
    pub batch: Option<usize>,
    /// First learning rate of Adam on the anchor points [default: 0.1]
    #[arg(long, visible_alias = "lr")]
    pub learning_rate: Option<f64>,
    /// Epochs without a lower validation loss before the learning rate is halved [default: 4]
    #[arg(long, value_name = "EPOCHS")]
    pub patience: Option<usize>,
    /// Stop after this many epochs without a lower validation loss [default: never]
    #[arg(long, value_name = "EPOCHS")]
    pub early_stop: Option<usize>,
    /// Part of the sequences held out to choose the epoch
    #[arg(long, default_value_t = 0.25)]
    pub validation: f64,
    /// Pair of anchor points and head that an epoch is judged by and kept with
    #[arg(long, default_value = "moved", value_parser = named::<Selection>(SELECTIONS))]
    selection: Selection,
    /// Keep the head of the best epoch: do not refit it on all sequences, those held out included
    #[arg(long)]
    no_refit: bool,
    /// Penalise the weights of standardised embeddings
    #[arg(long)]
    standardise: bool,
    /// Most patches that k-means sees
    #[arg(long, default_value_t = 100_000)]
    pub patches: usize,
}

/// How strongly weights are penalised.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Penalty {
    Fixed(f64),
    Chosen,
}

fn penalty(text: &str) -> Result<Penalty, String> {
    match (text, text.parse::<f64>()) {
        ("auto", _) => Ok(Penalty::Chosen),
        (_, Ok(l2)) if l2 >= 0.0 && l2.is_finite() => Ok(Penalty::Fixed(l2)),
        _ => Err("a number, at least 0, or `auto`".to_owned()),
    }
}

fn class_weight(text: &str) -> Result<ClassWeight, String> {
    match (text, text.parse::<f64>()) {
        ("balanced", _) => Ok(ClassWeight::Balanced),
        (_, Ok(weight)) if (1e-9..=1e9).contains(&weight) => Ok(ClassWeight::Positives(weight)),
        _ => {
            Err("a number between 1e-9 and 1e9, or `balanced`; to leave a class out, leave its sequences out"
                .to_owned())
        }
    }
}

/// Why an option of the passes has no effect where there are none.
pub(super) const STILL: &str = "has no effect on anchor points that do not move: drop it";

impl LearningArguments {
    /// The loss.
    pub fn loss(&self) -> Loss {
        self.loss.unwrap_or(Loss::Logistic)
    }

    /// The option, if one was given, that only a network of one's own has a use for.
    pub(super) fn names_a_network(&self, given: &Given) -> Option<String> {
        let names = |id: &str| match id {
            "loss" => self.loss == Some(Loss::SquaredHinge),
            _ => given.has(id),
        };
        let group = Self::augment_args(clap::Command::new("learning"));
        let mut fields = group.get_arguments().map(|option| option.get_id().as_str());
        fields.find(|&field| names(field)).map(str::to_owned)
    }

    /// Whether the anchor points stay where they are at the start.
    pub fn is_still(&self) -> bool {
        self.unsupervised || self.epochs == 0
    }

    /// Refuses options without effect. The calibration of the other kind draws, or not; bandwidths are there, and an engine that
    /// has their gradient; anchor points are given, and there is no k-means.
    pub(super) fn check(
        &self,
        given: &Given,
        way: Way,
        draws: bool,
        bandwidth: (bool, bool),
        anchors: bool,
    ) -> Result<(), Usage> {
        let (chosen, of_any) = (way.chosen(), way.chosen().or(way.of_networks()));
        let (of_networks, of_kernels) = (chosen.or(way.of_kernel_networks()), chosen.or(way.of_kernels()));
        let still = self.is_still().then_some(STILL);
        let drawn = (way == Way::DeepBind && draws).then_some(DRAWN);
        let two_classes = match self.loss() {
            Loss::Logistic | Loss::SquaredHinge => None,
            _ => Some("weighs two classes: it goes with the losses of two classes"),
        };
        let no_bandwidth = match bandwidth {
            (false, _) => Some("moves the bandwidth of the exponential kernel: this kernel has none, drop it"),
            (_, false) => Some(
                "needs the gradient by the bandwidth, which tensors do not compute: drop it, or --engine and --device",
            ),
            (true, true) => None,
        };
        effects!(given, self; ;
            loss => chosen.filter(|_| self.loss == Some(Loss::SquaredHinge));
            epochs, validation => of_any;
            unsupervised, no_refit, standardise => of_networks;
            patches => of_networks.or(anchors.then_some("is of k-means, in place of which --anchors is: drop it"));
            l2 => of_kernels;
            class_weight => of_kernels.or(two_classes);
            learn_sigma => of_networks.or(still).or(no_bandwidth);
            selection => of_networks.or(still);
            batch, patience, early_stop => of_any.or(still);
            learning_rate => of_any.or(drawn).or(still))
    }

    /// The penalty of a machine.
    pub(super) fn penalty(&self) -> Result<ckn::train::Penalty, Usage> {
        match self.l2 {
            None | Some(Penalty::Chosen) => Ok(ckn::train::Penalty::Auto),
            Some(Penalty::Fixed(l2)) if l2 > 0.0 => Ok(ckn::train::Penalty::Value(l2)),
            Some(Penalty::Fixed(l2)) => {
                Err(Usage(format!("--l2 {l2}: with --model exact it must be above 0, or auto")))
            }
        }
    }

    /// The settings of the training.
    pub fn config(&self, seed: u64) -> anyhow::Result<CheckedTrainConfig> {
        let defaults = TrainConfig::default();
        let config = TrainConfig {
            loss: self.loss(),
            l2: if let Some(Penalty::Fixed(l2)) = self.l2 { l2 } else { defaults.l2 },
            choose_l2: self.l2 == Some(Penalty::Chosen),
            class_weight: self.class_weight,
            learn_sigma: self.learn_sigma,
            epochs: if self.unsupervised { 0 } else { self.epochs },
            batch: self.batch.unwrap_or(defaults.batch),
            learning_rate: self.learning_rate.unwrap_or(defaults.learning_rate),
            patience: self.patience.unwrap_or(defaults.patience),
            early_stop: self.early_stop,
            validation: self.validation,
            selection: self.selection,
            start: defaults.start,
            patches: self.patches,
            refit: !self.no_refit,
            standardise: self.standardise,
            seed,
        };
        Ok(config.check()?)
    }
}
