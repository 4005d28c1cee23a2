//! All anchors together, with labels: the machine fitted exactly, then one pass of a gradient method, in turn (Mairal 2016,
//! section 3, with the gradient of the erratum).

use std::ops::ControlFlow;

use ckn_core::image::{ImageNetwork, ImageTape, LayerGradient, Maps};
use ckn_core::seed::Seed;
use ckn_core::svm::{FeatureMoments, FittedSvm, Svm, SvmConfig, SvmProblem, fit_svm};
use ckn_model::image::LearnedScaling;
use rand::RngExt;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::cost::wrong_of;
use super::descent::Descent;
use super::trainer::embed;
use super::{ImageEpoch, ImageEvent, SupervisedConfig};
use crate::{Error, Observer};

/// Parts of a minibatch: their gradients are added in order, so that the number of threads changes nothing.
const TASKS: usize = 8;

/// One in so many images without a loss takes part all the same.
const REACTIVATED: u32 = 10;

/// Tolerance of the machine between passes, whose objectives are compared: well below what a pass gains.
const HEAD_TOLERANCE: f64 = 1e-7;

/// What a training with labels is told.
pub(super) struct Lesson<'a, M> {
    pub(super) maps: &'a M,
    pub(super) classes: &'a [u32],
    pub(super) class_count: usize,
    /// Images that are learned from, and those that choose the pass.
    pub(super) training: &'a [u32],
    pub(super) held_out: &'a [u32],
    pub(super) cost: f64,
    pub(super) config: SupervisedConfig,
    pub(super) seed: Seed,
}

/// The machine of some anchors, and what it is worth.
struct Judged {
    scaling: LearnedScaling,
    machine: FittedSvm,
    /// Mean objective on the training part.
    objective: f64,
    /// Error on the images held out, in per cent.
    error: f64,
    /// Images of the training part with a loss.
    active: Vec<u32>,
}

/// What passes leave.
pub(super) struct Taught {
    /// The best by the error on the images held out.
    pub(super) network: ImageNetwork<f32>,
    pub(super) epochs: Vec<ImageEpoch>,
    /// Whether the observer ended them.
    pub(super) ended: ControlFlow<()>,
}

impl<M: Maps> Lesson<'_, M> {
    /// Trains the anchors of a network.
    pub(super) fn train(&self, start: ImageNetwork<f32>, observer: &mut dyn Observer) -> Result<Taught, Error> {
        let mut network = start;
        let mut judged = self.judge(&network, &Svm::zeros(self.class_count, network.output().size()), observer)?;
        let mut rate = self.config.learning_rate;
        let mut epochs = vec![self.record(0, &judged, rate, false, true)];
        let mut best = (network.clone(), judged.error);
        let mut without = 0;
        if observer.observe(ImageEvent::Epoch(&epochs[0]).into()).is_break() {
            return Ok(Taught { network: best.0, epochs, ended: ControlFlow::Break(()) });
        }
        let mut ended = ControlFlow::Continue(());
        for epoch in 1..=self.config.epochs {
            let before = network.clone();
            ended = self.pass(&mut network, &judged, rate, epoch, observer)?;
            if ended.is_break() {
                break;
            }
            let next = match self.judge(&network, &judged.machine.machine, observer) {
                // The pass is lost, what went before it is not.
                Err(Error::Interrupted) => {
                    ended = ControlFlow::Break(());
                    break;
                }
                next => next?,
            };
            let restored = next.objective > judged.objective;
            let improved = next.error < best.1;
            if improved {
                best = (network.clone(), next.error);
                without = 0;
            } else {
                without += 1;
            }
            if restored {
                rate /= 2.0;
                network = before;
            }
            epochs.push(self.record(epoch, &next, rate, restored, improved));
            if !restored {
                judged = next;
            }
            let record = &epochs[epochs.len() - 1];
            ended = observer.observe(ImageEvent::Epoch(record).into());
            if ended.is_break() || without >= self.config.patience {
                break;
            }
        }
        Ok(Taught { network: best.0, epochs, ended })
    }

    fn record(&self, epoch: usize, judged: &Judged, learning_rate: f64, restored: bool, best: bool) -> ImageEpoch {
        let (training_objective, held_out_error) = (judged.objective, judged.error);
        ImageEpoch { epoch, training_objective, held_out_error, learning_rate, restored, best }
    }

    /// Fits the machine for the anchors as they are.
    fn judge(&self, network: &ImageNetwork<f32>, start: &Svm, observer: &mut dyn Observer) -> Result<Judged, Error> {
        let dimension = network.output().size();
        let mut features = embed(network, self.maps, observer)?;
        let scaling = LearnedScaling::of(&features, dimension);
        scaling.apply(&mut features);
        let Self { classes, class_count, training, held_out, cost, .. } = *self;
        let moments = &FeatureMoments::of(&features, dimension)?;
        let problem = SvmProblem { features: &features, dimension, classes, class_count, rows: training, moments };
        let config = SvmConfig { cost, tolerance: HEAD_TOLERANCE, ..SvmConfig::default() };
        let machine = fit_svm(problem, start, config)?;
        let (wrong, _) = wrong_of(&machine.machine, problem, held_out)?;
        let scores = machine.machine.scores(&features, training)?;
        let active = training
            .iter()
            .zip(scores.chunks_exact(class_count))
            .filter(|(row, scores)| {
                let own = classes[**row as usize];
                scores.iter().zip(0..).any(|(&score, class)| sign(class, own) * score < 1.0)
            })
            .map(|(&row, _)| row)
            .collect();
        let objective = machine.objective / (cost * training.len() as f64);
        Ok(Judged { scaling, machine, objective, error: 100.0 * wrong as f64 / held_out.len().max(1) as f64, active })
    }

    /// One pass over minibatches, with the machine fixed.
    fn pass(
        &self,
        network: &mut ImageNetwork<f32>,
        judged: &Judged,
        rate: f64,
        epoch: usize,
        observer: &mut dyn Observer,
    ) -> Result<ControlFlow<()>, Error> {
        let mut random = self.seed.stream_at("minibatches", epoch as u64);
        let mut order: Vec<u32> = if self.config.active_set && self.config.augmentation.is_none() {
            let active: std::collections::BTreeSet<u32> = judged.active.iter().copied().collect();
            let takes_part = |row: &&u32| active.contains(row) || random.random_range(0..REACTIVATED) == 0;
            self.training.iter().filter(takes_part).copied().collect()
        } else {
            self.training.to_vec()
        };
        order.shuffle(&mut random);
        let mut descents: Vec<Descent> =
            network.parameters().iter().map(|layer| Descent::new(self.config.optimiser, layer.filters.len())).collect();
        let weights = scaled_weights(judged);
        let mut done = 0;
        for (batch, rows) in order.chunks(self.config.batch).enumerate() {
            let event = ImageEvent::Batch { epoch, done, of: order.len() };
            if batch % 8 == 0 && observer.observe(event.into()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            let gradient = self.gradient(network, judged, &weights, rows, epoch)?;
            for (at, (layer, descent)) in gradient.iter().zip(&mut descents).enumerate() {
                let parameters = &network.parameters()[at];
                let mut anchors = parameters.filters.clone();
                let size = anchors.len() / parameters.spec.filters;
                descent.step(&mut anchors, &layer.anchors, size, rate);
                network.set_anchors(at, &anchors)?;
            }
            done += rows.len();
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Gradient of the mean loss of a minibatch by the anchors of all layers.
    fn gradient(
        &self,
        network: &ImageNetwork<f32>,
        judged: &Judged,
        weights: &[f32],
        rows: &[u32],
        epoch: usize,
    ) -> Result<Vec<LayerGradient>, Error> {
        let (size, dimension) = (self.maps.shape().size(), network.output().size());
        let per_task = rows.len().div_ceil(TASKS);
        let intercepts = &judged.machine.machine.intercepts;
        let streams = self.seed.child(&format!("augmentation/{epoch}"));
        let parts = rows.par_chunks(per_task).map(|rows| {
            let mut sum = network.zero_gradient();
            let (mut map, mut scratch, mut tape) = (vec![0.0; size], vec![0.0; size], ImageTape::default());
            let mut upstream = vec![0.0; dimension];
            for &row in rows {
                if self.config.augmentation.is_none() {
                    self.maps.write_map(row as usize, &mut map);
                } else {
                    let mut random = streams.stream_at("images", u64::from(row));
                    self.config.augmentation.write(self.maps, row as usize, &mut random, &mut scratch, &mut map);
                }
                network.forward(&map, &mut tape)?;
                upstream.fill(0.0);
                let mut lossy = false;
                let own = self.classes[row as usize];
                for (class, (weights, &intercept)) in (0..).zip(weights.chunks_exact(dimension).zip(intercepts)) {
                    let centred = tape.output().iter().zip(&judged.scaling.mean).zip(weights);
                    let score: f32 = centred.map(|((&x, &mean), &w)| (x - mean) * w).sum::<f32>() + intercept as f32;
                    let sign = sign(class, own);
                    let slope = -2.0 * sign * (1.0 - sign * score).max(0.0);
                    if slope != 0.0 {
                        lossy = true;
                        upstream.iter_mut().zip(weights).for_each(|(slot, &w)| *slot += slope * w);
                    }
                }
                if lossy {
                    network.pull_back(&mut tape, &upstream, &mut sum)?;
                }
            }
            Ok(sum)
        });
        let parts = parts.collect::<Result<Vec<_>, Error>>()?;
        let mut sum = network.zero_gradient();
        parts.iter().for_each(|part| sum.add(part));
        let mut layers = network.finish(&sum)?;
        let scale = 1.0 / rows.len() as f64;
        layers.iter_mut().for_each(|layer| layer.anchors.iter_mut().for_each(|slot| *slot *= scale));
        Ok(layers)
    }
}

/// Weights by which embeddings are multiplied as they come, `[classes, dimension]`.
fn scaled_weights(judged: &Judged) -> Vec<f32> {
    judged.machine.machine.weights.iter().map(|&weight| (weight * judged.scaling.scale) as f32).collect()
}

fn sign(class: u32, own: u32) -> f32 {
    if class == own { 1.0 } else { -1.0 }
}
