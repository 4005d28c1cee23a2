//! A machine on an exact kernel: options, training.

use std::collections::BTreeMap;

use ckn::bio::{Alphabet, LabelledSequences};
use ckn::core::pooling::Strands;
use ckn::model::SequenceKernel;
use ckn::train::{ExactSettings, PenaltyTrial, StopReason, TrainingData, default_kernel, train_exact};
use clap::Args;

use super::learning::LearningArguments;
use super::{Recipe, Trained, Way, outcome};
use crate::command::given::{Given, effects};
use crate::exit::{self, Usage};
use crate::names::{profile, profile_name};
use crate::progress::Progress;
use crate::talk::say;

#[derive(Debug, Args)]
#[command(next_help_heading = "Only with --model exact (of both strands of DNA, or --strands forward)")]
pub struct ExactArguments {
    /// What two windows are worth: gapped:WIDTH,LETTERS[,MISMATCHES] (gapped k-mers: LETTERS of WIDTH must agree, pairs of more
    /// mismatches count nothing) or exponential:WIDTH,SIGMA; with @PLACES at the end, places count: windows that stand some
    /// letters apart, each counted from the middle of its sequence, are worth exp(-letters²/(2 PLACES²)) of what they were, as
    /// for promoters and splice sites (gapped:6,4@0.5). Given several times, the kernels are added up [default: gapped:11,7, of
    /// protein exponential:4,0.5; narrower for shorter sequences]
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    profile: Vec<SequenceKernel>,
}

impl ExactArguments {
    pub(super) fn check(&self, given: &Given, way: Way) -> Result<(), Usage> {
        effects!(given, self; ; profile => way.chosen().or(way.of_exact()))
    }

    /// Refuses windows that no sequence is as long as.
    pub(super) fn check_lengths(&self, data: &LabelledSequences) -> Result<(), Usage> {
        let longest = data.sequences().iter().map(<[u8]>::len).max().unwrap_or(0);
        match self.profile.iter().find(|kernel| kernel.width > longest) {
            None => Ok(()),
            Some(kernel) => {
                let (name, width) = (profile_name(kernel), kernel.width);
                Err(Usage(format!(
                    "--profile {name} compares windows of {width} letters, and the longest sequence has {longest}: choose \
                     a narrower one"
                )))
            }
        }
    }
}

impl Recipe {
    /// Whether windows are compared on both strands: what binds RNA reads the strand that there is.
    pub(super) fn compares_both_strands(&self) -> bool {
        self.alphabet.has_complement() && self.alphabet != Alphabet::Rna
    }

    /// The settings of a machine; its kernel follows from the data where none is named.
    pub(super) fn exact_settings(&self) -> anyhow::Result<ExactSettings> {
        let LearningArguments { class_weight, .. } = self.learning;
        let loss = self.learning.loss();
        let both = self.compares_both_strands() && self.network.strands != Some(Strands::Forward);
        let settings = ExactSettings::new(self.exact.profile.clone(), both);
        Ok(ExactSettings { loss, class_weight, l2: self.learning.penalty()?, seed: self.seed, ..settings })
    }
}

/// Trains a machine.
pub(super) fn fit(
    settings: &ExactSettings,
    data: &LabelledSequences,
    hashes: &BTreeMap<String, String>,
    progress: &mut Progress,
) -> anyhow::Result<Trained> {
    let view = data.sequences().view();
    let mut settings = settings.clone();
    if settings.kernels.is_empty() {
        let kernel = default_kernel(view);
        progress.note(format_args!("kernel {}", profile_name(&kernel)));
        settings.kernels.push(kernel);
    }
    let width = settings.kernels.iter().map(|kernel| kernel.width).min().unwrap_or(1);
    let short = data.sequences().iter().filter(|tokens| tokens.len() < width).count();
    if short > 0 {
        progress.note(format_args!(
            "{short} sequences are shorter than {width} letters: the score of such sequences is the intercept"
        ));
    }
    let training = TrainingData { view, labels: data.labels(), tasks: data.task_count() };
    let fitted = train_exact(&settings, training, data.families(), progress)?;
    progress.note(format_args!(
        "penalty {}, {} steps; the model holds {} of {} sequences",
        fitted.l2,
        fitted.steps,
        fitted.machine.config().support,
        view.len()
    ));
    let status = match fitted.reason {
        StopReason::Interrupted => exit::INTERRUPTED,
        _ if !fitted.converged => {
            say("the solver did not converge, and the result was written as it is: raise --l2");
            exit::NOT_CONVERGED
        }
        _ => exit::DONE,
    };
    Ok(Trained {
        status,
        epochs: Vec::new(),
        best: 0,
        reason: fitted.reason,
        calibration: Vec::new(),
        penalties: fitted.trials.clone(),
        grid: Vec::new(),
        validation: Vec::new(),
        left_out: fitted.left_out.clone(),
        auto: None,
        model: fitted.into_model(outcome::provenance(data, hashes))?,
    })
}

/// The trial that was chosen.
pub fn kept(penalties: &[PenaltyTrial]) -> Option<&PenaltyTrial> {
    penalties.iter().find(|trial| trial.chosen)
}
