//! Options that say how the network learns.

use ckn::core::loss::Loss;
use ckn::train::{CheckedTrainConfig, ClassWeight, Selection, TrainConfig};
use clap::Args;

use crate::exit::Usage;
use crate::names::named;

const LOSSES: &[(&str, &str)] = &[
    ("logistic", "two classes; scores are log-odds"),
    ("squared-hinge", "two classes; scores are margins"),
    ("squared", "measurements: labels may be any number"),
    ("multinomial", "several classes: labels are 0, 1, 2, …; one score a class"),
];

const SELECTIONS: &[(&str, &str)] = &[
    ("moved", "anchor points after a pass, with the head they moved under, as the authors' code does"),
    ("refitted", "anchor points before a pass, with the head fitted for them"),
];

#[derive(Debug, Args)]
#[command(next_help_heading = "Learning")]
pub struct LearningArguments {
    /// Loss of a score and a label
    #[arg(long, default_value = "logistic", value_parser = named::<Loss>(LOSSES))]
    pub loss: Loss,
    /// Penalty A of the weights in Σ losses + (A/2)‖w‖²; with --unsupervised, `auto` chooses it on the held-out part
    #[arg(long, value_name = "A|auto", default_value = "0.1", value_parser = penalty)]
    l2: Penalty,
    /// Weight of positives, that of negatives being 1; `balanced` gives both classes the same weight as a whole
    #[arg(long, value_name = "NUMBER|balanced", default_value = "1", value_parser = class_weight)]
    class_weight: ClassWeight,
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
    #[arg(long)]
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
    patches: usize,
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
        (_, Ok(weight)) if weight > 0.0 && weight.is_finite() => Ok(ClassWeight::Positives(weight)),
        _ => Err("a number above 0, or `balanced`; to leave a class out, leave its sequences out".to_owned()),
    }
}

impl LearningArguments {
    /// The settings of the training.
    pub fn config(&self, seed: u64) -> anyhow::Result<CheckedTrainConfig> {
        let defaults = TrainConfig::default();
        let epochs = if self.unsupervised { 0 } else { self.epochs };
        if epochs == 0 {
            let of_moving_anchors = [
                ("--learn-sigma", self.learn_sigma),
                ("--batch", self.batch.is_some()),
                ("--learning-rate", self.learning_rate.is_some()),
                ("--patience", self.patience.is_some()),
                ("--early-stop", self.early_stop.is_some()),
            ];
            if let Some((name, _)) = of_moving_anchors.into_iter().find(|(_, given)| *given) {
                return Err(Usage(format!("{name} has no effect on anchor points that do not move: drop it")).into());
            }
        }
        if !matches!(self.loss, Loss::Logistic | Loss::SquaredHinge) && self.class_weight != ClassWeight::Positives(1.0)
        {
            return Err(
                Usage("--class-weight weighs two classes: it goes with the losses of two classes".into()).into()
            );
        }
        if self.l2 == Penalty::Chosen && epochs > 0 {
            let message = "--l2 auto fits many heads to anchor points that do not move: add --unsupervised";
            return Err(Usage(message.into()).into());
        }
        let config = TrainConfig {
            loss: self.loss,
            l2: if let Penalty::Fixed(l2) = self.l2 { l2 } else { defaults.l2 },
            choose_l2: self.l2 == Penalty::Chosen,
            class_weight: self.class_weight,
            learn_sigma: self.learn_sigma,
            epochs,
            batch: self.batch.unwrap_or(defaults.batch),
            learning_rate: self.learning_rate.unwrap_or(defaults.learning_rate),
            patience: self.patience.unwrap_or(defaults.patience),
            early_stop: self.early_stop,
            validation: self.validation,
            selection: self.selection,
            patches: self.patches,
            refit: !self.no_refit,
            standardise: self.standardise,
            seed,
        };
        Ok(config.check()?)
    }
}
