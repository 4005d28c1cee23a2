//! Heads of all tasks, or of all classes, for anchors that stand still.

use ckn_core::head::{HeadConfig, fit_head, fit_multinomial};
use ckn_core::loss::Loss;
use ckn_core::pooling::Strands;
use ckn_core::solver::{Lbfgs, Termination};
use ckn_model::LinearHead;

use crate::targets::{Targets, mean_loss};
use crate::{Error, TrainConfig};

/// Heads of all outputs, fitted to the same embeddings.
#[derive(Debug, Clone)]
pub(crate) struct FittedHeads {
    pub(crate) heads: Vec<LinearHead>,
    pub(crate) mean_loss: f64,
    pub(crate) iterations: usize,
    pub(crate) termination: Termination,
}

/// The heads for the embeddings of some records, from a warm start. Tasks have nothing in common but the embeddings: each is
/// a problem of its own, on the records that it labels.
///
/// # Shapes
/// embeddings `[records, strands, dimension]`, start one a task or a class.
pub(crate) fn fit_heads(
    targets: &Targets<'_>,
    config: &TrainConfig,
    strands: Strands,
    embeddings: &[f32],
    start: &[LinearHead],
    records: &[usize],
    l2: f64,
) -> Result<FittedHeads, Error> {
    let head_config = |task: usize| HeadConfig {
        loss: config.loss,
        positive_weight: targets.positive_weight(task),
        l2,
        strands,
        standardise: config.standardise,
        solver: Lbfgs::default(),
    };
    if config.loss == Loss::Multinomial {
        let labels: Vec<f64> = records.iter().filter_map(|&record| targets.label(record, 0)).collect();
        let start: Vec<(&[f64], f64)> = start.iter().map(|head| (head.weights(), head.intercept())).collect();
        let fitted = fit_multinomial(embeddings, &labels, &start, &head_config(0))?;
        let heads = fitted.heads.into_iter().map(|(weights, intercept)| LinearHead::new(weights, intercept));
        return Ok(FittedHeads {
            heads: heads.collect::<Result<_, _>>()?,
            mean_loss: fitted.mean_loss,
            iterations: fitted.iterations,
            termination: fitted.termination,
        });
    }
    let row = embeddings.len() / records.len().max(1);
    let (mut heads, mut losses, mut iterations) = (Vec::new(), Vec::new(), 0);
    let mut termination = Termination::GradientSmall;
    for (task, start) in start.iter().enumerate() {
        let labelled =
            || records.iter().enumerate().filter_map(|(at, &record)| Some((at, targets.label(record, task)?)));
        let labels: Vec<f64> = labelled().map(|(_, label)| label).collect();
        if labels.is_empty() {
            // All its labels were held out: nothing to fit on.
            heads.push(start.clone());
            continue;
        }
        let own: Vec<f32>;
        let embeddings = if labels.len() == records.len() {
            embeddings
        } else {
            own = labelled().flat_map(|(at, _)| &embeddings[at * row..(at + 1) * row]).copied().collect();
            &own
        };
        let fitted = fit_head(embeddings, &labels, (start.weights(), start.intercept()), &head_config(task))?;
        heads.push(LinearHead::new(fitted.weights, fitted.intercept)?);
        losses.push((fitted.mean_loss, 1));
        iterations += fitted.iterations;
        // One that did not converge is what a reader should hear of.
        if task == 0 || matches!(fitted.termination, Termination::IterationLimit | Termination::NotFinite { .. }) {
            termination = fitted.termination;
        }
    }
    Ok(FittedHeads { heads, mean_loss: mean_loss(&losses), iterations, termination })
}
