//! A model that is chosen inside the training data: options, search, training.

use std::collections::BTreeMap;
use std::time::Duration;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::model::{Model, ModelCard};
use ckn::train::auto::{AutoData, AutoSettings, AutoTrial, Candidate, Found, search};
use ckn::train::{Error, Ignore, StopReason};
use clap::Args;
use serde_json::json;

use super::{Recipe, Trained, Way, outcome};
use crate::command::given::{Given, effects};
use crate::exit::{self, Usage};
use crate::progress::Progress;

#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub struct AutoArguments {
    /// Choose the model by cross-validation inside the training data, among machines on exact kernels and networks, and
    /// average the best; writes MODEL.trials.tsv and a network of few anchor points, MODEL.few.ckn, too
    #[arg(long)]
    pub auto: bool,
    /// With --auto: begin no other candidate after this time [default: none]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub budget: Option<Duration>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "a number of seconds, at least 0".to_owned())
}

impl AutoArguments {
    pub(super) fn check(&self, given: &Given, way: Way) -> Result<(), Usage> {
        effects!(given, self; auto;
            budget => (way != Way::Auto).then_some("is that of a search: add --auto, or drop it"))
    }
}

impl Recipe {
    /// The settings of the search.
    pub(super) fn auto_settings(&self) -> AutoSettings {
        let alphabet = self.alphabet;
        let defaults = AutoSettings::new(alphabet.letter_count(), alphabet.has_complement());
        AutoSettings { budget: self.auto.budget, seed: self.seed, ..defaults }
    }
}

/// What a search found, beside the model.
pub struct Chosen {
    pub trials: Vec<AutoTrial>,
    /// AUROC of the model on the folds left out.
    pub auroc: f64,
    /// A network of few anchor points that was taught the model's scores.
    pub few_anchors: Model,
}

/// Letters of the shortest sequence that a candidate can see.
pub(super) fn shortest(settings: &AutoSettings) -> usize {
    settings.candidates.iter().map(Candidate::shortest).min().unwrap_or(1)
}

/// Tries the candidates.
pub(super) fn try_out(
    settings: &AutoSettings,
    data: &LabelledSequences,
    progress: &mut Progress,
) -> anyhow::Result<Found> {
    let training = AutoData { view: data.sequences().view(), labels: data.labels(), groups: data.families() };
    let settings = AutoSettings { shortest: Some(data.shortest()), ..settings.clone() };
    let found = search(training, &settings, progress)?;
    if found.too_wide > 0 {
        let (wide, shortest) = (found.too_wide, data.shortest());
        progress.note(format_args!(
            "{wide} candidates look at more than {shortest} letters, those of the shortest sequence, and are not tried"
        ));
    }
    if found.cut_short {
        progress.note("the search was ended before its last candidate: the outcome is that of those that were tried");
    }
    Ok(found)
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
    let provenance = outcome::provenance(data, hashes);
    let cards = |part: &str, auroc: Option<f64>| {
        let of_search = json!({
            "auto": true,
            "part": part,
            "folds": settings.folds,
            "candidates": found.trials.len(),
            "cut_short": found.cut_short,
            "members": members,
        });
        let card = provenance.card(Loss::Logistic, settings.seed, &of_search)?;
        let measured = auroc.map(|auroc| ("validation_auroc".to_owned(), auroc)).into_iter().collect();
        Ok::<_, Error>(ModelCard { measured, ..card })
    };
    // What was chosen is trained to its end, interrupted or not: a network that has not learnt is not what was judged. Ctrl-C
    // once more ends the program.
    let model = found.fit(training, &mut Ignore)?.into_model(&found, cards)?;
    let few = found.few_anchors(training, &mut Ignore)?;
    progress.note(format_args!(
        "a network of {} anchor points says what the model says: AUROC {:.4} on a fold it was not taught, the model {:.4}",
        few.network.dimension(),
        few.auroc,
        few.model_auroc
    ));
    let card = cards("few anchors", Some(few.auroc))?;
    let few_anchors = few.into_model(card)?;
    Ok(Trained {
        model,
        epochs: Vec::new(),
        best: 0,
        reason: if progress.interrupted() { StopReason::Interrupted } else { StopReason::Epochs },
        calibration: Vec::new(),
        penalties: Vec::new(),
        validation: Vec::new(),
        auto: Some(Chosen { trials: found.trials, auroc: found.auroc, few_anchors }),
        status: if progress.interrupted() { exit::INTERRUPTED } else { exit::DONE },
    })
}
