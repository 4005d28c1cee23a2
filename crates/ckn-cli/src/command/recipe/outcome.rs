//! What a training leaves: the model with its card, and an exit code.

use std::collections::BTreeMap;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::solver::Termination;
use ckn::interpret::held_out_anchors;
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
    let outputs = match config.loss {
        Loss::Multinomial => (0..fitted.heads.len()).map(|class| class.to_string()).collect(),
        _ => data.tasks().to_vec(),
    };
    let mut card = card(training, outputs, fitted.epochs.get(fitted.best), data, hashes);
    // Evidence of single anchors is that of one task of two classes.
    if config.loss != Loss::Multinomial && config.loss != Loss::Squared && data.tasks().is_empty() {
        let records = &fitted.validation;
        let model = Model::with_heads(fitted.network.clone(), fitted.heads.clone(), card.clone())?;
        card.held_out = held_out_anchors(&model, data.sequences().view(), data.labels(), records)?;
    }
    if config.choose_l2 {
        card.measured.insert("l2".to_owned(), fitted.l2);
    }
    Ok(Model::with_heads(fitted.network.clone(), fitted.heads.clone(), card)?)
}

/// The model of a training of a network after DeepBind.
pub fn deepbind(
    fitted: &FittedDeepBind,
    data: &LabelledSequences,
    hashes: BTreeMap<String, String>,
) -> anyhow::Result<DeepBindModel> {
    let settings = &fitted.settings;
    let training = Training { loss: settings.loss, seed: settings.seed, settings: serde_json::to_value(settings)? };
    let card = card(training, Vec::new(), fitted.epochs.get(fitted.best), data, hashes);
    Ok(DeepBindModel::new(fitted.network.clone(), card)?)
}

/// What a card says of the training.
pub struct Training {
    pub loss: Loss,
    pub seed: u64,
    pub settings: serde_json::Value,
}

/// The card of a model.
pub fn card(
    training: Training,
    outputs: Vec<String>,
    best: Option<&EpochRecord>,
    data: &LabelledSequences,
    hashes: BTreeMap<String, String>,
) -> ModelCard {
    let alphabet = data.sequences().alphabet();
    let measured = [
        ("validation_loss".to_owned(), best.map(|epoch| epoch.validation_loss)),
        ("validation_auroc".to_owned(), best.and_then(|epoch| epoch.validation_auroc)),
    ];
    let task_aurocs = best.map_or(&[][..], |epoch| &epoch.task_aurocs);
    let by_task =
        data.tasks().iter().zip(task_aurocs).map(|(task, auroc)| (format!("validation_auroc:{task}"), *auroc));
    ModelCard {
        alphabet: alphabet.name().to_owned(),
        letters: alphabet.letters().to_owned(),
        loss: training.loss,
        outputs,
        pad_short: data.is_padded(),
        seed: training.seed,
        lengths: Lengths::of(data.sequences().view()),
        data: hashes,
        training: training.settings,
        measured: measured.into_iter().chain(by_task).filter_map(|(name, value)| Some((name, value?))).collect(),
        held_out: None,
    }
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
            heads: vec![LinearHead::new(vec![0.0], 0.0).unwrap()],
            epochs: Vec::new(),
            best: 0,
            reason,
            head_termination,
            l2: 0.1,
            validation: Vec::new(),
        };
        assert_eq!(status(&fitted(StopReason::Epochs, Termination::GradientSmall)), exit::DONE);
        assert_eq!(status(&fitted(StopReason::EarlyStop, Termination::IterationLimit)), exit::NOT_CONVERGED);
        assert_eq!(status(&fitted(StopReason::Interrupted, Termination::IterationLimit)), exit::INTERRUPTED);
    }
}
