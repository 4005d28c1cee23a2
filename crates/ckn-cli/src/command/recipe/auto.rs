//! A model that is chosen inside the training data: options, search, training.

use std::collections::BTreeMap;
use std::time::Duration;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::model::ModelCard;
use ckn::train::auto::{AutoData, AutoSettings, AutoTrial, Effort, Found, search};
use ckn::train::{Error, StopReason};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Recipe, Trained, Way, outcome};
use crate::command::given::{Given, effects};
use crate::exit::{self, Usage};
use crate::input::Unasked;
use crate::progress::Progress;

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub struct AutoArguments {
    /// How much is tried to choose a model inside the training data, by cross-validation, where no option of a model is given
    /// [default: quick]
    #[arg(long, value_enum, conflicts_with = "auto")]
    effort: Option<EffortChoice>,
    /// The same as --effort thorough
    #[arg(long)]
    auto: bool,
    /// Time of the choice and the training: what is not done by then is left [default: none]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    budget: Option<Duration>,
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EffortChoice {
    /// An exact kernel and a network, or both: a few seconds to a minute
    Quick,
    /// Five candidates; also writes MODEL.trials.tsv: a minute or several
    Standard,
    /// Every candidate, on more sequences; also writes MODEL.trials.tsv: minutes
    Thorough,
}

impl From<EffortChoice> for Effort {
    fn from(choice: EffortChoice) -> Self {
        match choice {
            EffortChoice::Quick => Self::Quick,
            EffortChoice::Standard => Self::Standard,
            EffortChoice::Thorough => Self::Thorough,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "a number of seconds, at least 0".to_owned())
}

impl AutoArguments {
    /// Whether a search was asked for by name.
    pub(super) fn is_asked(&self) -> bool {
        self.auto || self.effort.is_some()
    }

    /// Asks for a search, of all candidates where nothing else is said.
    pub(super) fn ask(&mut self) {
        self.auto |= self.effort.is_none();
    }

    pub(super) fn effort(&self) -> Effort {
        match self.effort {
            _ if self.auto => Effort::Thorough,
            Some(effort) => effort.into(),
            None => Effort::Quick,
        }
    }

    pub(super) fn check(&self, given: &Given, way: Way) -> Result<(), Usage> {
        let of_search = "is that of a search: add --auto or --effort in place of the options of a model, or drop it";
        effects!(given, self; effort, auto; budget => (way != Way::Auto).then_some(of_search))
    }

    /// The settings of a search on some data.
    pub(super) fn settings(&self, family: ckn::train::auto::Family, seed: u64) -> AutoSettings {
        AutoSettings { budget: self.budget, seed, ..AutoSettings::new(self.effort(), family) }
    }
}

impl Recipe {
    /// Negatives of a search where none are asked for.
    pub(super) fn unasked_of_search(&self) -> Unasked {
        let (all, each) = self.auto.effort().negatives();
        Unasked::ShuffleOften { each, all }
    }

    /// Whether the table of trials is written beside the model, and not into its record alone.
    pub fn writes_trials(&self) -> bool {
        self.way() == Way::Auto && self.auto.effort() != Effort::Quick
    }
}

/// What a search found, beside the model.
pub struct Chosen {
    pub trials: Vec<AutoTrial>,
    /// AUROC of the model on the folds left out.
    pub auroc: f64,
}

/// Tries the candidates.
pub(super) fn try_out(
    settings: &AutoSettings,
    data: &LabelledSequences,
    progress: &mut Progress,
) -> anyhow::Result<Found> {
    let training = AutoData { view: data.sequences().view(), labels: data.labels(), groups: data.families() };
    let found = search(training, settings, progress)?;
    if found.too_wide > 0 {
        progress.note(format_args!("{} candidates are wider than the sequences, and are not tried", found.too_wide));
    }
    if found.cut_short {
        progress.note("the search was ended before its last candidate: the outcome is that of those that were tried");
    }
    progress.note(in_words(&found));
    Ok(found)
}

/// What was chosen, and why.
fn in_words(found: &Found) -> String {
    let name = |trial: &AutoTrial| format!("{} ({:.4})", trial.candidate, trial.auroc);
    let members: Vec<String> = found.trials.iter().filter(|trial| trial.chosen).map(name).collect();
    let others = || found.trials.iter().filter(|trial| !trial.chosen);
    let what = match &members[..] {
        [only] => format!("chose {only}"),
        several => format!("chose the average of {}, {:.4}", several.join(" and "), found.auroc),
    };
    let best = others().max_by(|one, other| one.auroc.total_cmp(&other.auroc)).map(name);
    let than = match (best, others().count()) {
        (None, _) => String::new(),
        (Some(only), 1) => format!(", rather than {only}"),
        (Some(best), count) => format!(", rather than {count} others, the best of them {best}"),
    };
    format!("{what}{than}, by the AUROC on left-out folds of {} sequences", found.judged_on)
}

/// Searches, and trains what was chosen.
pub(super) fn fit(
    settings: &AutoSettings,
    data: &LabelledSequences,
    hashes: &BTreeMap<String, String>,
    progress: &mut Progress,
) -> anyhow::Result<Trained> {
    let training = AutoData { view: data.sequences().view(), labels: data.labels(), groups: data.families() };
    let found = try_out(settings, data, progress)?;
    let members: Vec<&str> =
        found.trials.iter().filter(|trial| trial.chosen).map(|trial| trial.candidate.as_str()).collect();
    let fitted = found.fit(training, progress)?;
    if fitted.of_folds > 0 {
        progress.note(format_args!(
            "{} of its members were not trained on all sequences in time: they are the mean of those that were judged",
            fitted.of_folds
        ));
    }
    for network in fitted.networks.iter().filter(|network| network.reached.len() > 1) {
        let each: Vec<String> = network.reached.iter().map(|auroc| format!("{auroc:.3}")).collect();
        progress.note(format_args!(
            "the training of a network depends on where it starts: AUROC {} on what was left out; the highest was kept",
            each.join(", ")
        ));
    }
    let provenance = outcome::provenance(data, hashes);
    let cards = |part: &str, auroc: Option<f64>| {
        let of_search = json!({
            "auto": true,
            "part": part,
            "folds": settings.folds,
            "candidates": found.trials.len(),
            "cut_short": found.cut_short,
            "of_folds": fitted.of_folds,
            "members": members,
        });
        let card = provenance.card(Loss::Logistic, settings.seed, &of_search)?;
        let measured = auroc.map(|auroc| ("validation_auroc".to_owned(), auroc)).into_iter().collect();
        Ok::<_, Error>(ModelCard { measured, ..card })
    };
    let validation = match (&fitted.machines[..], &fitted.networks[..]) {
        ([], [only]) => only.validation.clone(),
        _ => Vec::new(),
    };
    let model = outcome::with_evidence(fitted.clone().into_model(&found, cards)?, data, &validation)?;
    Ok(Trained {
        model,
        epochs: Vec::new(),
        best: 0,
        reason: if progress.interrupted() { StopReason::Interrupted } else { StopReason::Epochs },
        calibration: Vec::new(),
        penalties: Vec::new(),
        grid: Vec::new(),
        validation,
        left_out: Some(found.left_out),
        auto: Some(Chosen { trials: found.trials, auroc: found.auroc }),
        status: if progress.interrupted() { exit::INTERRUPTED } else { exit::DONE },
    })
}
