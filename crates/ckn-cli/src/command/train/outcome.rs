//! What a training leaves: the model, its record, scores, a summary, an exit code.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::solver::Termination;
use ckn::model::{DeepBindModel, Lengths, Model, ModelCard};
use ckn::train::{CheckedTrainConfig, EpochRecord, Fitted, FittedDeepBind, StopReason};

use crate::exit;
use crate::talk::say;

/// The model of a training, with a card that says where it comes from.
pub fn model(
    fitted: &Fitted,
    config: &CheckedTrainConfig,
    data: &LabelledSequences,
    hashes: BTreeMap<String, String>,
) -> anyhow::Result<Model> {
    let training = Training { loss: config.loss, seed: config.seed, settings: serde_json::to_value(config)? };
    let card = card(training, fitted.epochs.get(fitted.best), data, hashes);
    Ok(Model::new(fitted.network.clone(), fitted.head.clone(), card)?)
}

/// The model of a training of a network after DeepBind.
pub fn deepbind(
    fitted: &FittedDeepBind,
    data: &LabelledSequences,
    hashes: BTreeMap<String, String>,
) -> anyhow::Result<DeepBindModel> {
    let settings = &fitted.settings;
    let training = Training { loss: settings.loss, seed: settings.seed, settings: serde_json::to_value(settings)? };
    let card = card(training, fitted.epochs.get(fitted.best), data, hashes);
    Ok(DeepBindModel::new(fitted.network.clone(), card)?)
}

struct Training {
    loss: Loss,
    seed: u64,
    settings: serde_json::Value,
}

fn card(
    training: Training,
    best: Option<&EpochRecord>,
    data: &LabelledSequences,
    hashes: BTreeMap<String, String>,
) -> ModelCard {
    let alphabet = data.sequences().alphabet();
    let measured = [
        ("validation_loss", best.map(|epoch| epoch.validation_loss)),
        ("validation_auroc", best.and_then(|epoch| epoch.validation_auroc)),
    ];
    ModelCard {
        alphabet: alphabet.name().to_owned(),
        letters: alphabet.letters().to_owned(),
        loss: training.loss,
        seed: training.seed,
        lengths: Lengths::of(data.sequences().view()),
        data: hashes,
        training: training.settings,
        measured: measured.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
    }
}

/// Writes id, label and score of every training sequence.
pub fn write_scores(out: &mut dyn Write, data: &LabelledSequences, scores: &[f64]) -> anyhow::Result<()> {
    writeln!(out, "id\tlabel\tscore")?;
    for ((id, label), score) in data.sequences().ids().iter().zip(data.labels()).zip(scores) {
        writeln!(out, "{id}\t{label}\t{score}")?;
    }
    Ok(())
}

/// Writes the summary: a table of one row.
pub fn write_summary(
    out: &mut dyn Write,
    path: &Path,
    (epochs, kept): (&[EpochRecord], usize),
    data: &LabelledSequences,
    loss: Loss,
    seconds: f64,
) -> anyhow::Result<()> {
    let cell = |value: Option<String>| value.unwrap_or_else(|| "NA".to_owned());
    let positives = data.labels().iter().filter(|&&label| label > 0.5).count();
    // Measurements have no classes.
    let count = |records: usize| cell(loss.is_classification().then(|| records.to_string()));
    let best = epochs.get(kept);
    writeln!(out, "model\trecords\tpositives\tnegatives\tbest_epoch\tvalidation_loss\tvalidation_auroc\tseconds")?;
    writeln!(
        out,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{seconds:.1}",
        path.display(),
        data.len(),
        count(positives),
        count(data.len() - positives),
        kept,
        cell(best.map(|epoch| format!("{:.4}", epoch.validation_loss))),
        cell(best.and_then(|epoch| epoch.validation_auroc).map(|auroc| format!("{auroc:.4}"))),
    )?;
    Ok(())
}

/// The exit code of a training whose result was written.
pub fn status(fitted: &Fitted) -> u8 {
    match (fitted.reason, fitted.head_termination) {
        (StopReason::Interrupted, _) => exit::INTERRUPTED,
        (_, Termination::IterationLimit | Termination::NotFinite { .. }) => {
            say("the head did not converge, and the result was written as it is: raise --l2");
            exit::NOT_CONVERGED
        }
        _ => exit::DONE,
    }
}

#[cfg(test)]
mod tests {
    use ckn::core::kernel::DotProductKernel;
    use ckn::core::seed::Seed;
    use ckn::prelude::*;

    use super::*;

    #[test]
    fn the_exit_code_says_how_the_training_ended() {
        let config = NetworkConfig {
            letters: 4,
            layers: vec![LayerConfig { filters: 1, width: 2, kernel: DotProductKernel::Linear, subsampling: 1 }],
            pooling: Pooling::Max,
            strands: Strands::Forward,
            border: Border::Valid,
            regularisation: Regularisation::Shift { epsilon: 1e-3 },
        };
        let fitted = |reason, head_termination| Fitted {
            network: Network::random(config.clone().check().unwrap(), &mut Seed(0).stream("network")).unwrap(),
            head: LinearHead::new(vec![0.0], 0.0).unwrap(),
            epochs: Vec::new(),
            best: 0,
            reason,
            head_termination,
        };
        assert_eq!(status(&fitted(StopReason::Epochs, Termination::GradientSmall)), exit::DONE);
        assert_eq!(status(&fitted(StopReason::EarlyStop, Termination::IterationLimit)), exit::NOT_CONVERGED);
        assert_eq!(status(&fitted(StopReason::Interrupted, Termination::IterationLimit)), exit::INTERRUPTED);
    }
}
