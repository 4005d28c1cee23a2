//! What a training leaves: the model with its card, and an exit code.

use std::collections::BTreeMap;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::solver::Termination;
use ckn::interpret::held_out_anchors;
use ckn::model::Model;
use ckn::train::{CheckedTrainConfig, Fitted, Provenance, StopReason};

use super::Trained;
use crate::exit;
use crate::talk::say;

/// AUROC below which a network has found next to nothing, of at least so many records held out.
const NEAR_CHANCE: f64 = 0.6;
const FEWEST: usize = 20;

/// What the training of a network leaves.
pub fn trained(
    fitted: Fitted,
    config: &CheckedTrainConfig,
    data: &LabelledSequences,
    hashes: &BTreeMap<String, String>,
) -> anyhow::Result<Trained> {
    Ok(Trained {
        status: status(&fitted),
        epochs: fitted.epochs.clone(),
        best: fitted.best,
        reason: fitted.reason,
        calibration: Vec::new(),
        penalties: Vec::new(),
        grid: Vec::new(),
        validation: fitted.validation.clone(),
        left_out: None,
        auto: None,
        model: model(fitted, config, data, hashes)?,
    })
}

/// The model of a training, with a card that says where it comes from, and what its anchors are worth by themselves.
pub fn model(
    fitted: Fitted,
    config: &CheckedTrainConfig,
    data: &LabelledSequences,
    hashes: &BTreeMap<String, String>,
) -> anyhow::Result<Model> {
    warn_of_chance(&fitted);
    let validation = fitted.validation.clone();
    let model = fitted.into_model(config, provenance(data, hashes))?;
    // Evidence of single anchors is that of one task of two classes.
    if config.loss == Loss::Multinomial || config.loss == Loss::Squared || !data.tasks().is_empty() {
        return Ok(model);
    }
    with_evidence(model, data, &validation)
}

/// Says where a training got nowhere: its labels may say nothing, or it started in a bad place.
fn warn_of_chance(fitted: &Fitted) {
    let reached = fitted.epochs.get(fitted.best).and_then(|epoch| epoch.validation_auroc);
    if let Some(auroc) = reached.filter(|auroc| *auroc < NEAR_CHANCE)
        && fitted.validation.len() >= FEWEST
    {
        say(format_args!(
            "AUROC {auroc:.3} on the records held out is near chance (0.5): the network found next to nothing. On long sequences \
             that depends on where a training starts: try another --seed or --pooling mean, or leave out the options of a \
             network, and a model is chosen"
        ));
    }
}

/// A network with what its anchors are worth by themselves on the records that chose its epoch; any other model as it is.
pub fn with_evidence(model: Model, data: &LabelledSequences, validation: &[usize]) -> anyhow::Result<Model> {
    let Some(network) = model.network().filter(|_| !validation.is_empty()) else { return Ok(model) };
    let held_out = held_out_anchors(network, data.sequences().view(), data.labels(), validation)?;
    Ok(model.with_held_out(held_out)?)
}

/// What a card says of the data.
pub fn provenance<'a>(data: &'a LabelledSequences, files: &'a BTreeMap<String, String>) -> Provenance<'a> {
    let alphabet = data.sequences().alphabet();
    Provenance {
        view: data.sequences().view(),
        alphabet: alphabet.name(),
        letters: alphabet.letters(),
        tasks: data.tasks(),
        classes: data.classes(),
        pad_short: data.is_padded(),
        files,
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
            gap_decay: 0.0,
            letter_similarity: Vec::new(),
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
