//! What the validation part says of anchors and heads.

use ckn_core::metrics::auroc;
use ckn_core::pooling::Strands;
use ckn_model::LinearHead;

use crate::targets::{Targets, mean_loss};

/// Losses and AUROCs on the validation part.
pub(crate) struct Judged {
    pub(crate) loss: f64,
    pub(crate) auroc: Option<f64>,
    pub(crate) task_aurocs: Vec<Option<f64>>,
}

impl Judged {
    /// Judges heads by the embeddings of the validation part, `[records, strands, dimension]`.
    pub(crate) fn new(
        targets: &Targets<'_>,
        strands: Strands,
        embeddings: &[f32],
        records: &[usize],
        heads: &[LinearHead],
    ) -> Self {
        let row = embeddings.len() / records.len().max(1);
        let mut sums = vec![(0.0, 0); targets.tasks()];
        let mut scores = vec![0.0; heads.len()];
        let mut by_task = vec![(Vec::new(), Vec::new()); targets.tasks()];
        for (embedding, &record) in embeddings.chunks_exact(row.max(1)).zip(records) {
            scores.iter_mut().zip(heads).for_each(|(score, head)| *score = head.score(embedding, strands));
            targets.add_losses(record, &scores, &mut sums);
            for (task, ((known, labels), score)) in by_task.iter_mut().zip(&scores).enumerate() {
                if let Some(label) = targets.label(record, task) {
                    known.push(*score);
                    labels.push(label);
                }
            }
        }
        let curve = |(scores, labels): &(Vec<f64>, Vec<f64>)| auroc(scores, labels).value();
        let aurocs: Vec<Option<f64>> =
            if targets.is_binary() { by_task.iter().map(curve).collect() } else { Vec::new() };
        let defined: Vec<f64> = aurocs.iter().copied().flatten().collect();
        let mean = defined.iter().sum::<f64>() / defined.len() as f64;
        Self {
            loss: targets.reported(mean_loss(&sums)),
            auroc: (!defined.is_empty()).then_some(mean),
            task_aurocs: if aurocs.len() > 1 { aurocs } else { Vec::new() },
        }
    }
}
