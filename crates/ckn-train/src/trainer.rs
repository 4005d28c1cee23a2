//! The alternating optimiser.

use std::ops::{ControlFlow, Range};

use ckn_core::head::{FittedHead, HeadConfig, fit_head};
use ckn_core::metrics::auroc;
use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_core::solver::{Lbfgs, Termination};
use ckn_model::{LinearHead, Network};
use rand::seq::SliceRandom;
use serde::Serialize;

use crate::adam::Adam;
use crate::anchors::place_anchors;
use crate::plateau::Plateau;
use crate::{
    CheckedTrainConfig, Engine, EpochRecord, Error, Event, Observer, Selection, Split, TrainingData, split_validation,
};

/// Why a training stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// All epochs are done.
    Epochs,
    /// The validation loss did not fall for the epochs of `early_stop`.
    EarlyStop,
    /// The observer asked to stop.
    Interrupted,
}

/// What a training found: one consistent pair of anchors and head.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The network of the best epoch.
    pub network: Network,
    /// Its head.
    pub head: LinearHead,
    /// Every epoch, the k-means start first.
    pub epochs: Vec<EpochRecord>,
    /// The epoch that is kept: an index of `epochs`.
    pub best: usize,
    /// Why the training stopped.
    pub reason: StopReason,
    /// Why the solver of the kept head stopped.
    pub head_termination: Termination,
}

/// Alternates between the head (convex, for fixed anchors) and the anchors (one pass of Adam, for a fixed head).
///
/// An epoch is judged by the validation loss of the very pair that is kept ([`Selection`]).
#[derive(Debug)]
pub struct Trainer<'a, E> {
    config: CheckedTrainConfig,
    engine: &'a mut E,
    labels: &'a [f64],
    split: Split,
    network: Network,
    head: LinearHead,
    /// Why the solver of the head stopped.
    termination: Termination,
    optimisers: Vec<Adam>,
    plateau: Plateau,
    learning_rate: f64,
    epochs: Vec<EpochRecord>,
    best: Option<Best>,
}

#[derive(Debug, Clone)]
struct Best {
    epoch: usize,
    network: Network,
    head: LinearHead,
    termination: Termination,
}

impl<'a, E: Engine> Trainer<'a, E> {
    /// Splits the data and places the anchors: the state before the first epoch.
    ///
    /// # Errors
    /// [`Error::Labels`], [`Error::Classes`], [`Error::NoWindow`]; labels that the loss does not know.
    pub fn init(
        config: CheckedTrainConfig,
        engine: &'a mut E,
        data: TrainingData<'a>,
        mut network: Network,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        if data.labels.len() != data.view.len() {
            return Err(Error::Labels { labels: data.labels.len(), sequences: data.view.len() });
        }
        for &label in data.labels {
            config.loss.check_label(label, 2)?;
        }
        let seed = Seed(config.seed);
        let split = split_validation(data.labels, config.loss.is_classification(), config.validation, seed)?;
        // An interruption is seen again at the first epoch, which leaves a usable model.
        let _ = observer.observe(Event::Started {
            engine: &engine.name(),
            training: split.training.len(),
            validation: split.validation.len(),
            epochs: config.epochs,
        });
        let _ = place_anchors(&mut network, data.view, &split.training, config.patches, seed, observer)?;
        let optimisers = network.layers().iter().map(|layer| Adam::new(layer.anchors().len())).collect();
        let head = LinearHead::new(vec![0.0; network.dimension()], 0.0)?;
        Ok(Self {
            plateau: Plateau::new(config.patience),
            learning_rate: config.learning_rate,
            config,
            engine,
            labels: data.labels,
            split,
            network,
            head,
            termination: Termination::GradientSmall,
            optimisers,
            epochs: Vec::new(),
            best: None,
        })
    }

    /// Fits the head for the present anchors, judges the pair, and unless this was the last epoch moves the anchors.
    ///
    /// `Break` says why there is no next step.
    ///
    /// # Errors
    /// Failures of the inverse root, the head's input, or the device.
    pub fn step(&mut self, observer: &mut dyn Observer) -> Result<ControlFlow<StopReason>, Error> {
        let record = self.judge()?;
        if observer.observe(Event::Epoch(&record)).is_break() {
            return Ok(ControlFlow::Break(StopReason::Interrupted));
        }
        if record.epoch >= self.config.epochs {
            return Ok(ControlFlow::Break(StopReason::Epochs));
        }
        let since_best = record.epoch - self.best.as_ref().map_or(0, |best| best.epoch);
        if self.config.early_stop.is_some_and(|limit| since_best >= limit) {
            return Ok(ControlFlow::Break(StopReason::EarlyStop));
        }
        if record.epoch > 0 || self.config.selection == Selection::Refitted {
            self.learning_rate = self.plateau.after(record.validation_loss, self.learning_rate);
        }
        Ok(match self.move_anchors(record.epoch, observer)? {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(StopReason::Interrupted),
        })
    }

    /// Runs all steps and keeps the best epoch.
    ///
    /// # Errors
    /// Those of [`Self::step`].
    pub fn run(mut self, observer: &mut dyn Observer) -> Result<Fitted, Error> {
        let reason = loop {
            if let ControlFlow::Break(reason) = self.step(observer)? {
                break reason;
            }
        };
        let _ = observer.observe(Event::Finished(reason));
        self.finish(reason)
    }

    fn finish(mut self, reason: StopReason) -> Result<Fitted, Error> {
        let Some(mut best) = self.best.clone() else {
            return Err(ckn_core::Error::Empty { what: "the list of epochs" }.into());
        };
        if self.config.refit {
            let all: Vec<usize> = (0..self.labels.len()).collect();
            let fitted = self.fit(&best.network, &best.head, &all)?;
            best.head = LinearHead::new(fitted.weights, fitted.intercept)?;
            best.termination = fitted.termination;
        }
        Ok(Fitted {
            network: best.network,
            head: best.head,
            epochs: self.epochs,
            best: best.epoch,
            reason,
            head_termination: best.termination,
        })
    }

    fn row(&self) -> usize {
        self.network.dimension() * self.network.config().strands.count()
    }

    fn embed(&mut self, network: &Network, records: &[usize]) -> Result<Vec<f32>, Error> {
        let mut embeddings = vec![0.0; records.len() * self.row()];
        self.engine.embed(network, records, &mut embeddings)?;
        Ok(embeddings)
    }

    /// The head for some records, from a warm start.
    fn fit(&mut self, network: &Network, start: &LinearHead, records: &[usize]) -> Result<FittedHead, Error> {
        let embeddings = self.embed(network, records)?;
        let labels: Vec<f64> = records.iter().map(|&record| self.labels[record]).collect();
        let config = HeadConfig {
            loss: self.config.loss,
            l2: self.config.l2,
            strands: network.config().strands,
            standardise: self.config.standardise,
            solver: Lbfgs::default(),
        };
        Ok(fit_head(&embeddings, &labels, (start.weights(), start.intercept()), &config)?)
    }

    /// Fits the head for the present anchors and judges the pair that [`Selection`] names.
    fn judge(&mut self) -> Result<EpochRecord, Error> {
        let epoch = self.epochs.len();
        let network = self.network.clone();
        let moved_under = (self.head.clone(), self.termination);
        let training = std::mem::take(&mut self.split.training);
        let fitted = self.fit(&network, &moved_under.0, &training);
        self.split.training = training;
        let fitted = fitted?;
        self.head = LinearHead::new(fitted.weights, fitted.intercept)?;
        self.termination = fitted.termination;
        let (head, termination) = match self.config.selection {
            Selection::Moved if epoch > 0 => moved_under,
            Selection::Moved | Selection::Refitted => (self.head.clone(), self.termination),
        };
        let (validation_loss, validation_auroc) = self.validate(&network, &head)?;
        let lowest = match (&self.best, self.config.selection) {
            // The k-means start is a candidate only where nothing moved.
            (None, _) | (Some(Best { epoch: 0, .. }), Selection::Moved) => f64::INFINITY,
            (Some(best), _) => self.epochs[best.epoch].validation_loss,
        };
        let best = validation_loss < lowest || self.best.is_none();
        if best {
            self.best = Some(Best { epoch, network, head, termination });
        }
        let record = EpochRecord {
            epoch,
            training_loss: fitted.mean_loss,
            validation_loss,
            validation_auroc,
            learning_rate: self.learning_rate,
            head_iterations: fitted.iterations,
            head_termination: Some(fitted.termination),
            best,
        };
        self.epochs.push(record);
        Ok(record)
    }

    /// Mean loss on the validation part, and its AUROC where labels are classes.
    fn validate(&mut self, network: &Network, head: &LinearHead) -> Result<(f64, Option<f64>), Error> {
        let validation = std::mem::take(&mut self.split.validation);
        let embeddings = self.embed(network, &validation);
        self.split.validation = validation;
        let strands = network.config().strands;
        let scores: Vec<f64> = embeddings?.chunks_exact(self.row()).map(|record| head.score(record, strands)).collect();
        let labels: Vec<f64> = self.split.validation.iter().map(|&record| self.labels[record]).collect();
        let losses = scores.iter().zip(&labels).map(|(&score, &label)| self.config.loss.value(score, label));
        let loss = losses.sum::<f64>() / labels.len() as f64;
        let classes = self.config.loss.is_classification();
        Ok((loss, if classes { auroc(&scores, &labels).value() } else { None }))
    }

    /// One pass of Adam over minibatches, the head fixed.
    fn move_anchors(&mut self, epoch: usize, observer: &mut dyn Observer) -> Result<ControlFlow<()>, Error> {
        let mut order = self.split.training.clone();
        order.shuffle(&mut Seed(self.config.seed).stream_at("batches", epoch as u64));
        let mut done = 0;
        for batch in order.chunks(self.config.batch) {
            let (head, labels, loss) = (&self.head, self.labels, self.config.loss);
            let strands = self.network.config().strands;
            let upstream = |range: Range<usize>, embeddings: &[f32], gradient: &mut [f32]| {
                let row = embeddings.len() / range.len();
                let records = embeddings.chunks_exact(row).zip(gradient.chunks_exact_mut(row));
                for ((embedding, gradient), &record) in records.zip(&batch[range]) {
                    let slope = loss.derivative(head.score(embedding, strands), labels[record]) / batch.len() as f64;
                    by_embedding(head, embedding, strands, slope, gradient);
                }
            };
            let gradients = self.engine.pull_back(&self.network, batch, &upstream)?;
            for (layer, gradient) in gradients.iter().enumerate() {
                let mut anchors = self.network.layers()[layer].anchors().to_vec();
                self.optimisers[layer].step(&mut anchors, gradient, self.learning_rate);
                self.network.set_anchors(layer, &anchors)?;
            }
            done += batch.len();
            if observer.observe(Event::Batch { done, of: order.len() }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Gradient of `slope · f` by a record's embeddings `[strands, dimension]`.
fn by_embedding(head: &LinearHead, embedding: &[f32], strands: Strands, slope: f64, gradient: &mut [f32]) {
    let dimension = head.weights().len();
    let shares: [f64; 2] = match strands {
        Strands::Forward => [1.0, 0.0],
        Strands::Mean => [0.5, 0.5],
        Strands::Max => {
            let (forward, reverse) = embedding.split_at(dimension);
            if head.strand_score(reverse) > head.strand_score(forward) { [0.0, 1.0] } else { [1.0, 0.0] }
        }
    };
    for (strand, share) in gradient.chunks_exact_mut(dimension).zip(shares) {
        for (slot, weight) in strand.iter_mut().zip(head.weights()) {
            *slot = (slope * share * weight) as f32;
        }
    }
}
