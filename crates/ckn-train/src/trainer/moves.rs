//! How anchors and bandwidths move while the heads stand still.

use std::ops::{ControlFlow, Range};

use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_model::LinearHead;
use rand::seq::SliceRandom;

use super::Trainer;
use crate::{Engine, Error, Event, Observer, Pass};

/// Learning rate of the bandwidths' logarithms, as a part of that of the anchors.
const SIGMA_RATE: f64 = 0.1;
/// Bandwidths that are learnt stay inside: below, a kernel sees equal patches only; above, nothing but their norms.
const SIGMA_RANGE: (f64, f64) = (0.05, 5.0);

impl<E: Engine> Trainer<'_, E> {
    /// One pass of Adam over minibatches, the heads fixed.
    pub(super) fn move_anchors(&mut self, epoch: usize, observer: &mut dyn Observer) -> Result<ControlFlow<()>, Error> {
        let mut order = self.split.training.clone();
        order.shuffle(&mut Seed(self.config.seed).stream_at("batches", epoch as u64));
        let shares = self.shares(order.len());
        if !self.config.learn_sigma {
            let pass = Pass {
                order: &order,
                batch: self.config.batch,
                heads: &self.heads,
                learning_rate: self.learning_rate,
                targets: &self.targets,
                shares: &shares,
            };
            let mut progress = |done| observer.observe(Event::Batch { done, of: order.len() });
            let (network, optimisers) = (&mut self.network, &mut self.optimisers);
            if let Some(flow) = self.engine.descend(network, optimisers, &pass, &mut progress)? {
                return Ok(flow);
            }
        }
        let mut done = 0;
        for batch in order.chunks(self.config.batch) {
            let (heads, targets, shares) = (&self.heads, &self.targets, &shares);
            let strands = self.network.config().strands;
            let upstream = |range: Range<usize>, embeddings: &[f32], gradient: &mut [f32]| {
                let row = embeddings.len() / range.len();
                let (mut scores, mut slopes) = (vec![0.0; heads.len()], vec![0.0; heads.len()]);
                let records = embeddings.chunks_exact(row).zip(gradient.chunks_exact_mut(row));
                for ((embedding, gradient), &record) in records.zip(&batch[range]) {
                    scores.iter_mut().zip(heads).for_each(|(score, head)| *score = head.score(embedding, strands));
                    targets.slopes(record, &scores, shares, &mut slopes);
                    for (head, slope) in heads.iter().zip(&slopes) {
                        add_by_embedding(head, embedding, strands, slope / batch.len() as f64, gradient);
                    }
                }
            };
            let gradient = self.engine.pull_back(&self.network, batch, &upstream)?;
            for (layer, gradient) in gradient.anchors.iter().enumerate() {
                let mut anchors = self.network.layers()[layer].anchors().to_vec();
                self.optimisers[layer].step(&mut anchors, gradient, self.learning_rate);
                self.network.set_anchors(layer, &anchors)?;
            }
            if self.config.learn_sigma {
                let by_sigma = gradient.sigma.ok_or_else(|| Error::Bandwidth { engine: self.engine.name() })?;
                self.move_sigmas(&by_sigma)?;
            }
            done += batch.len();
            if observer.observe(Event::Batch { done, of: order.len() }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What a label of each task counts in a batch: every task counts alike.
    fn shares(&self, records: usize) -> Vec<f64> {
        let tasks = self.targets.tasks();
        let count = |task: usize| {
            self.split.training.iter().filter(|&&record| self.targets.label(record, task).is_some()).count().max(1)
        };
        (0..tasks).map(|task| records as f64 / (tasks * count(task)) as f64).collect()
    }

    /// A step of Adam on the logarithms of the bandwidths, which keeps them positive.
    fn move_sigmas(&mut self, by_sigma: &[f64]) -> Result<(), Error> {
        let sigmas: Vec<f64> =
            self.network.layers().iter().map(|layer| layer.kernel().sigma().unwrap_or(1.0)).collect();
        let gradient: Vec<f32> = by_sigma.iter().zip(&sigmas).map(|(slope, sigma)| (slope * sigma) as f32).collect();
        let mut logarithms: Vec<f32> = sigmas.iter().map(|sigma| sigma.ln() as f32).collect();
        self.sigma_optimiser.step(&mut logarithms, &gradient, SIGMA_RATE * self.learning_rate);
        for (layer, logarithm) in logarithms.iter().enumerate() {
            let sigma = f64::from(*logarithm).exp().clamp(SIGMA_RANGE.0, SIGMA_RANGE.1);
            self.network.set_sigma(layer, sigma)?;
        }
        Ok(())
    }
}

/// Adds the gradient of `slope · f` by a record's embeddings `[strands, dimension]`.
fn add_by_embedding(head: &LinearHead, embedding: &[f32], strands: Strands, slope: f64, gradient: &mut [f32]) {
    let dimension = head.weights().len();
    let (forward, reverse) = embedding.split_at(dimension);
    // Without a reverse strand its share is zero.
    let reverse = if reverse.is_empty() { f64::NEG_INFINITY } else { head.strand_score(reverse) };
    let shares = strands.shares(head.strand_score(forward), reverse);
    for (strand, share) in gradient.chunks_exact_mut(dimension).zip(shares) {
        for (slot, weight) in strand.iter_mut().zip(head.weights()) {
            *slot += (slope * share * weight) as f32;
        }
    }
}
